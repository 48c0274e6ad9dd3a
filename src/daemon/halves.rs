//! What may be the one half of a change waits for the other: a look at the folder can fall between
//! the two.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::identify::Identified;
use super::reading::Fresh;
use super::state::State;
use super::turn::Course;
use crate::article::Signature;
use crate::feed::Known;

/// A look waits this long for what was done beside what it saw, and all looks that follow on each
/// other together no longer than `LONGEST`.
const MOMENT: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

impl State {
    /// A new file that holds what another one holds, or has its title and date, may be the one half
    /// of a move: some programs copy before they delete, and some people edit in between. It waits
    /// until the other one would be missed, unless it was held and is let through: the publisher's
    /// word counts in one turn only.
    pub(super) fn let_copies_wait(&mut self, files: &mut Vec<Fresh>, course: &mut Course) {
        let manner = course.manner;
        let patience = SignedDuration::try_from(manner.patience).unwrap_or_default();
        if patience.is_zero() {
            return;
        }
        let since = std::mem::take(&mut self.copies);
        let (catalog, held, now) = (&self.catalog, &self.held, manner.now);
        let is_copy = |fresh: &Fresh| {
            let released = held.contains_key(&fresh.path) && (manner.accepted)(&fresh.path);
            !released
                && catalog.id_at(&fresh.path).is_none()
                && (catalog.of_content(&fresh.hash).iter().any(|known| manner.still_lies(known))
                    || fresh.titled_as(catalog).is_some_and(|known| manner.still_lies(&known)))
        };
        let (copies, others): (Vec<Fresh>, Vec<Fresh>) = files.drain(..).partition(is_copy);
        files.extend(others);
        for fresh in copies {
            let came = since.get(&fresh.path).copied().unwrap_or(now);
            if now.duration_since(came) >= patience {
                files.push(fresh);
                continue;
            }
            course.turned.again.push((fresh.path.clone(), manner.patience));
            self.copies.insert(fresh.path, came);
        }
        // Those of other looks still wait.
        for (path, came) in since {
            if now.duration_since(came) < patience {
                self.copies.entry(path).or_insert(came);
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Where an article would be given another file and another title because of its path alone,
    /// the file may be another article's, and its own lie where this look did not reach: they
    /// changed places. Then nothing of the look is decided yet. One at everything saw both, but
    /// where it met one file twice, it went by while that was moved.
    pub(super) fn waits_for_more(
        &mut self,
        identified: &Identified,
        files: &[Fresh],
        met_twice: Vec<String>,
        course: &mut Course,
    ) -> bool {
        let manner = course.manner;
        let promised = !self.adopted.is_empty() || !self.to_come.is_empty();
        if self.catalog.is_empty() || manner.patience.is_zero() || promised {
            return false;
        }
        let now = manner.now;
        // A clock that was put back lets it through.
        let waited = |since| Duration::try_from(now.duration_since(since)).unwrap_or(LONGEST);
        let mut since = std::mem::take(&mut self.usurpers);
        let mut usurpers = met_twice;
        if !course.whole {
            usurpers.extend(self.usurpers_among(identified));
        }
        let came: BTreeMap<String, Timestamp> = usurpers
            .into_iter()
            .map(|path| {
                let came = since.remove(&path).unwrap_or(now);
                (path, came)
            })
            .collect();
        let waits = came.values().any(|came| waited(*came) < MOMENT)
            && came.values().all(|came| waited(*came) < LONGEST);
        if waits {
            let paths = files.iter().map(|fresh| (fresh.path.clone(), MOMENT));
            course.turned.again.extend(paths);
            self.usurpers = came;
        }
        // Those of other looks still wait.
        since.retain(|_, came| waited(*came) < LONGEST);
        self.usurpers.extend(since);
        waits
    }

    fn usurpers_among(&self, identified: &Identified) -> Vec<String> {
        let usurps = |known: &&Known| {
            self.catalog.get(&known.id).is_some_and(|before| {
                before.path == known.path
                    && before.head.title != known.head.title
                    && !before.signature.same_file(&known.signature)
            })
        };
        identified.articles.iter().filter(usurps).map(|known| known.path.clone()).collect()
    }
}

/// The files that a look met.
#[derive(Default)]
pub(super) struct Met(HashSet<(u64, u64, i64)>);

impl Met {
    /// Whether it was met under another name. A hard link has one for good.
    pub fn again(&mut self, signature: &Signature) -> bool {
        let Signature { device, inode, born, .. } = *signature;
        inode != 0 && !self.0.insert((device, inode, born))
    }
}
