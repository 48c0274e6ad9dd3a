//! Articles whose files are not where they were: missed for a while, then taken out, should they be
//! found nowhere.

use jiff::{SignedDuration, Timestamp};

use super::manner::Manner;
use super::state::State;
use super::turn::{Course, windows};
use crate::article::{Change, Edit};
use crate::feed::Known;

impl State {
    pub(super) fn miss_removed(&mut self, edits: &[Edit], course: &mut Course) {
        for edit in edits.iter().filter(|edit| edit.change == Change::Removed) {
            if self.catalog.id_at(&edit.path).is_none() {
                // What was held is no more.
                course.release(self.held.remove(&edit.path));
            }
            self.miss(&edit.path, course);
        }
    }

    /// A file is not there; its article goes if it still is not after a while.
    pub(super) fn miss(&mut self, path: &str, course: &mut Course) {
        if self.catalog.id_at(path).is_none() || self.held.contains_key(path) {
            return;
        }
        self.missing.entry(path.to_string()).or_insert(course.manner.now);
        if !course.manner.patience.is_zero() {
            course.turned.again.push((path.to_string(), course.manner.patience));
        }
    }

    /// Whether a file that is not there has been waited for long enough: as long as it may lie where
    /// nothing is watched, until all was looked at. One that is no article any more is not waited for.
    pub(super) fn is_given_up(&self, path: &str, manner: &Manner) -> bool {
        let patience = SignedDuration::try_from(manner.patience).unwrap_or_default();
        let waited = |since: &Timestamp| {
            *since == Timestamp::UNIX_EPOCH
                || !manner.blind && manner.now.duration_since(*since) >= patience
        };
        (manner.accepted)(path) || self.missing.get(path).is_some_and(waited)
    }

    /// Articles whose files were missing long enough are gone.
    pub(super) fn retire_missing(&mut self, course: &mut Course) {
        for path in self.take_missing(course) {
            let id = self.catalog.id_at(&path).map(String::from);
            id.into_iter().for_each(|id| self.retire(&id, course));
        }
    }

    /// Articles that found no other place for a while are gone.
    pub(super) fn retire_displaced(&mut self, course: &mut Course) {
        let (now, wait) = (course.manner.now, course.manner.patience);
        let patience = SignedDuration::try_from(wait).unwrap_or_default();
        for (id, since) in std::mem::take(&mut self.displaced) {
            if now.duration_since(since) >= patience && !course.manner.blind {
                self.retire(&id, course);
                continue;
            }
            if since == now {
                let path = self.catalog.get(&id).map(|known| known.path);
                course.turned.again.extend(path.map(|path| (path, wait)));
            }
            self.displaced.insert(id, since);
        }
    }

    /// Takes an article out; the ledger keeps its id, should it come back.
    fn retire(&mut self, id: &str, course: &mut Course) {
        let window = windows(course.config);
        if let Some(known) = self.catalog.remove(id, &window, &mut course.moves) {
            course.relinked.insert(known.path.clone());
            course.decisions.gone.push(Known { gone: true, ..known });
        }
    }
}
