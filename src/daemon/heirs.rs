//! Articles that were not edited and yet must be read again: they have something else from their
//! folders than when they were read.

use std::collections::{BTreeSet, HashSet};

use jiff::SignedDuration;

use super::inherit::{Inheritance, folder_of};
use super::manner::Manner;
use super::state::State;
use super::turn::Course;
use crate::article::{Change, Edit, Kind};
use crate::feed::Known;

impl State {
    /// Which folder files to take at their word: one that went may come back in a moment, as in a
    /// checkout, and what it said stands until then.
    pub(super) fn await_folder_files(
        &mut self,
        changed: Vec<String>,
        course: &mut Course,
    ) -> Vec<String> {
        let (now, wait) = (course.manner.now, course.manner.patience);
        let patience = SignedDuration::try_from(wait).unwrap_or_default();
        for path in &changed {
            self.awaited.entry(path.clone()).or_insert(now);
        }
        let mut settled = Vec::new();
        for (path, since) in std::mem::take(&mut self.awaited) {
            if course.manner.is_there(&path) || now.duration_since(since) >= patience {
                settled.push(path);
                continue;
            }
            if since == now {
                course.turned.again.push((path.clone(), wait));
            }
            self.awaited.insert(path, since);
        }
        settled
    }

    pub(super) fn heirs(
        &mut self,
        folder_files: &[String],
        edits: &[Edit],
        inheritance: &Inheritance,
        manner: &Manner,
    ) -> Vec<Edit> {
        let all = std::mem::take(&mut self.heirs_unchecked);
        let above: BTreeSet<&str> = folder_files.iter().map(|path| folder_of(path)).collect();
        let beside = self.folders_of_other_furniture(edits, inheritance, manner);
        if !all && above.is_empty() && beside.is_empty() {
            return Vec::new();
        }
        let is_below = |path: &str| {
            above.iter().any(|folder| {
                folder.is_empty()
                    || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
            })
        };
        let is_beside = |path: &str| is_text(path) && beside.contains(folder_of(path));
        let edited: HashSet<&str> = edits.iter().map(|edit| edit.path.as_str()).collect();
        self.catalog
            .articles()
            .filter(|known| !edited.contains(known.path.as_str()))
            .filter(|known| all || is_below(&known.path) || is_beside(&known.path))
            .filter(|known| !inheritance.is_unsure(&known.path) && is_stale(known, inheritance))
            .map(|known| Edit { path: known.path.clone(), change: Change::Written })
            .collect()
    }

    /// Folders whose texts have something else in common since some of them were edited or went.
    /// The few texts that this is found from tell it: all of a folder were read with the same.
    fn folders_of_other_furniture(
        &self,
        edits: &[Edit],
        inheritance: &Inheritance,
        manner: &Manner,
    ) -> HashSet<String> {
        let edited: HashSet<&str> = edits.iter().map(|edit| edit.path.as_str()).collect();
        let (gone, waiting): (Vec<String>, Vec<String>) =
            self.away().partition(|path| self.is_given_up(path, manner));
        let written = edits.iter().filter(|edit| edit.change != Change::Removed);
        let touched = written.map(|edit| &edit.path).chain(&gone).filter(|path| is_text(path));
        let mut folders: HashSet<&str> = touched.map(|path| folder_of(path)).collect();
        // What may come back changes nothing for those that stayed.
        for path in &waiting {
            folders.remove(folder_of(path));
        }
        let differs = |folder: &&str| {
            let sample = inheritance.sample(folder);
            let others = sample.iter().filter(|path| !edited.contains(path.as_str()));
            let mut others = others.filter_map(|path| self.catalog.at_path(path)).peekable();
            others.peek().is_none() || others.any(|known| is_stale(&known, inheritance))
        };
        folders.into_iter().filter(differs).map(String::from).collect()
    }
}

fn is_text(path: &str) -> bool {
    Kind::of(path) == Some(Kind::Text)
}

fn is_stale(known: &Known, inheritance: &Inheritance) -> bool {
    let base = known.fingerprint.split('|').next().unwrap_or("");
    inheritance.fingerprint(&known.path, base) != known.fingerprint
}
