//! Files that hold what they held: written anew, checked out again, or read in another way. Of an
//! archive of any size they are filed some at a time; only the others are in memory together.

use super::halves::Met;
use super::inherit::Inheritance;
use super::reading::{self, Fresh, SOME, Settled};
use super::state::{State, ground};
use super::turn::Course;
use crate::article::Edit;
use crate::feed::Known;
use crate::ledger::{Ledger, LedgerError};

impl State {
    /// Reads files, and files those that are what they were. Returns the others, and which of them
    /// this look met under another name too.
    pub(super) fn read_anew(
        &mut self,
        edits: &[Edit],
        inheritance: &Inheritance,
        ledger: &mut Ledger,
        course: &mut Course,
    ) -> Result<(Vec<Fresh>, Vec<String>), LedgerError> {
        let (mut others, mut met, mut met_twice) = (Vec::new(), Met::default(), Vec::new());
        for some in edits.chunks(SOME) {
            let (catalog, manner) = (&self.catalog, course.manner);
            let ground = ground(course.config);
            let heard = reading::heads(
                some,
                &|path| catalog.at_path(path),
                inheritance,
                // A draft whose folder says so must not be seen while the folder cannot say it.
                &|path| !self.fresh && inheritance.is_unsure(path),
                manner.read,
                &|fresh, before| {
                    if let Some(before) = before {
                        reading::settle_again(fresh, before, manner.now, &ground);
                    }
                },
                manner.progress,
            );
            let files = self.listen(heard, course);
            let second = files.iter().filter(|fresh| met.again(&fresh.signature));
            met_twice.extend(second.map(|fresh| fresh.path.clone()));
            others.extend(self.file_unchanged(files, ledger, course)?);
            if edits.len() > SOME && !course.decisions.articles.is_empty() {
                if !manner.forgets {
                    ledger.keep(&course.decisions.articles)?;
                }
                course.decisions.articles.clear();
                course.kept = true;
            }
        }
        Ok((others, met_twice))
    }

    /// Files what is its path's article beyond doubt; returns the others.
    fn file_unchanged(
        &mut self,
        files: Vec<Fresh>,
        ledger: &Ledger,
        course: &mut Course,
    ) -> Result<Vec<Fresh>, LedgerError> {
        let (mut unchanged, mut others) = (Vec::new(), Vec::new());
        for mut file in files {
            match file.settled.take() {
                Some(settled) if self.is_sure(&file, &settled, ledger)? => unchanged.push(*settled),
                Some(settled) => {
                    file.unsettle(*settled);
                    others.push(file);
                }
                None => others.push(file),
            }
        }
        self.give_names(unchanged.iter().map(|settled| &settled.known));
        for Settled { known, packed, .. } in unchanged {
            self.take_in(&known, packed, course);
        }
        Ok(others)
    }

    /// Whether a file is its path's article whatever else this look saw. Where it was another
    /// article's file before, it may be that one, moved here.
    fn is_sure(
        &self,
        file: &Fresh,
        settled: &Settled,
        ledger: &Ledger,
    ) -> Result<bool, LedgerError> {
        let known = &settled.known;
        if self.held.contains_key(&known.path) || self.displaced.contains_key(&known.id) {
            return Ok(false);
        }
        if settled.same_file {
            return Ok(true);
        }
        let mut of_file = self.catalog.of_inode(file.signature.inode);
        if ledger.has_gone()? {
            of_file.extend(ledger.gone_with_inode(file.signature.inode)?);
        }
        let is_other =
            |other: &Known| other.id != known.id && other.signature.same_file(&file.signature);
        Ok(!of_file.iter().any(is_other))
    }
}
