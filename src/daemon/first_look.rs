//! The first look at a content directory of which nothing is known.

use super::inherit::Inheritance;
use super::reading::{self, Fresh, SOME, Settled};
use super::state::{State, ground};
use super::turn::{Course, windows};
use crate::article::Edit;
use crate::ledger::{Ledger, LedgerError};

impl State {
    /// Where nothing is known yet there is nothing to be recognised: an archive of any size is
    /// filed some files at a time, while the next ones are read.
    pub(super) fn file_first(
        &mut self,
        edits: Vec<Edit>,
        inheritance: &Inheritance,
        ledger: &mut Ledger,
        course: &mut Course,
    ) -> Result<(), LedgerError> {
        let (read, progress, now) = (course.manner.read, course.manner.progress, course.manner.now);
        let (prefix, ground) = (self.prefix.clone(), ground(course.config));
        let settles = self.to_come.is_empty();
        let is_large = edits.len() > SOME;
        // Grown by halves, an archive of a million would be there twice for a moment.
        self.catalog.expect(edits.len());
        std::thread::scope(|scope| {
            let (tell, heard) = std::sync::mpsc::sync_channel(1);
            scope.spawn(move || {
                let mut edits = edits.into_iter();
                loop {
                    let some: Vec<Edit> = edits.by_ref().take(SOME).collect();
                    if some.is_empty() {
                        return;
                    }
                    let finish = |fresh: &mut Fresh, _| {
                        if settles {
                            reading::settle(fresh, &prefix, now, &ground);
                        }
                    };
                    let none = |_: &str| None;
                    let heads = reading::heads(
                        &some,
                        &none,
                        inheritance,
                        &|_| false,
                        read,
                        &finish,
                        progress,
                    );
                    if tell.send(heads).is_err() {
                        return;
                    }
                }
            });
            for heard in heard {
                let files = self.listen(heard, course);
                let files = self.file_new(files, course);
                let mut identified = self.identify(ledger, &files, course)?;
                course.turned.problems.append(&mut identified.problems);
                self.file(identified, course);
                if !course.manner.forgets {
                    ledger.keep(&course.decisions.articles)?;
                }
                course.decisions.articles.clear();
            }
            Ok::<_, LedgerError>(())
        })?;
        if is_large && self.names.numbered().next().is_some() {
            course.moves = self.name_anew(course.config, now);
        }
        Ok(())
    }

    /// Files what is new beyond doubt; returns the others.
    fn file_new(&mut self, files: Vec<Fresh>, course: &mut Course) -> Vec<Fresh> {
        let settled = files.iter().filter_map(|file| file.settled.as_deref());
        self.give_names(settled.map(|settled| &settled.known));
        let window = windows(course.config);
        let mut others = Vec::new();
        for mut file in files {
            let Some(settled) = file.settled.take().map(|settled| *settled) else {
                others.push(file);
                continue;
            };
            if self.catalog.has(&settled.known.id) {
                file.unsettle(settled);
                others.push(file);
                continue;
            }
            let Settled { known, packed, .. } = settled;
            let (names, moves, now) = (&mut self.names, &mut course.moves, course.manner.now);
            let for_ledger = (!course.manner.forgets).then(|| packed.clone());
            self.catalog.file(&known, packed, names, now, &window, moves);
            course.decisions.articles.extend(for_ledger);
            course.release(self.held.remove(&known.path));
        }
        others
    }
}
