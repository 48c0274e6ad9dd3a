//! Changes that look like an accident are set aside until the publisher says that they are meant:
//! most articles gone at once, or many old ones in the clothes of new ones.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::identify::Identified;
use super::state::State;
use super::turn::Course;
use crate::feed::Known;
use crate::ledger::Held;

/// More articles than this, and more than half of all, do not vanish without the publisher's word.
const FEW: usize = 20;
/// Fewer entries than this never make a flood.
const FLOOD: usize = 5;
const VANISHED: &str = "vanished together with most other articles";
const MOVED: &str = "many entries have another date";
const TWINS: &str = "many new entries look like known ones";
const TWIN: &str = "many new entries look like known ones, this one among them";

fn is_away(held: &Held) -> bool {
    matches!(held.reason.as_str(), VANISHED | TWIN)
}

impl State {
    /// Takes suspicious articles out of what is to be filed: new ones that stand at the address,
    /// or under the title and date, of an article that is known; and known ones whose date was
    /// moved. A few of them pass.
    pub(super) fn hold_flood(&mut self, identified: &mut Identified, course: &mut Course) {
        let manner = course.manner;
        let shown = course.window("all").min(self.catalog.len());
        let enough = FLOOD.max(shown.div_ceil(5));
        if identified.articles.len() < enough || self.catalog.is_empty() {
            return;
        }
        let suspects = self.suspicions(identified);
        let suspicious = |path: &str| suspects.contains_key(path) && !(manner.accepted)(path);
        let public = |known: &&Known| suspicious(&known.path) && known.is_public(manner.now);
        if identified.articles.iter().filter(public).count() < enough {
            return;
        }
        identified.articles.retain(|known| !suspicious(&known.path));
        for (path, (reason, twin)) in suspects {
            if (manner.accepted)(&path) {
                continue;
            }
            // The article whose clothes it wears must not leave meanwhile.
            let twin = twin.filter(|twin| *twin != path && self.missing.remove(twin).is_some());
            self.hold(path, reason, course);
            if let Some(twin) = twin {
                self.hold(twin, TWIN, course);
            }
        }
    }

    /// By path: why it is suspicious, and the path of the known article that it resembles.
    fn suspicions(
        &self,
        identified: &Identified,
    ) -> BTreeMap<String, (&'static str, Option<String>)> {
        let new = identified.articles.iter().filter(|known| identified.new.contains(&known.id));
        let (links, titles): (HashSet<&str>, HashSet<&str>) =
            new.map(|known| (known.link.as_str(), known.head.title.as_str())).unzip();
        // By address, and by title and date: only what the new ones may resemble.
        let mut by_link: HashMap<String, String> = HashMap::new();
        let mut by_title: HashMap<(String, Timestamp), String> = HashMap::new();
        if !links.is_empty() {
            for known in self.catalog.articles() {
                if titles.contains(known.head.title.as_str()) {
                    by_title.insert((known.head.title, known.published), known.path.clone());
                }
                if links.contains(known.link.as_str()) {
                    by_link.insert(known.link, known.path);
                }
            }
        }
        let mut suspects = BTreeMap::new();
        for known in &identified.articles {
            let reason = if identified.new.contains(&known.id) {
                let twin = by_link
                    .get(&known.link)
                    .or_else(|| by_title.get(&(known.head.title.clone(), known.published)));
                twin.map(|twin| (TWINS, Some(twin.clone())))
            } else {
                let before = self.catalog.get(&known.id);
                before
                    .filter(|before| before.published != known.published)
                    .map(|before| (MOVED, Some(before.path.clone())))
            };
            suspects.extend(reason.map(|reason| (known.path.clone(), reason)));
        }
        suspects
    }

    fn hold(&mut self, path: String, reason: &str, course: &mut Course) {
        let since = course.manner.now;
        let held = Held { path: path.clone(), reason: reason.to_string(), since };
        course.decisions.held.push(held.clone());
        course.turned.newly_held.push(held.clone());
        self.held.insert(path, held);
    }

    /// The hold of an article that was missed at a path; not that of a file that lies there now,
    /// which is still to be let through.
    pub(super) fn take_held_away(&mut self, path: &str) -> Option<Held> {
        self.held.get(path).is_some_and(is_away).then(|| self.held.remove(path)).flatten()
    }

    /// Paths whose files are away while their articles are held.
    pub(super) fn held_away(&self) -> impl Iterator<Item = String> {
        let away = self.held.values().filter(|held| is_away(held));
        away.map(|held| held.path.clone())
    }

    /// Paths of articles whose files are not there.
    pub(super) fn away(&self) -> impl Iterator<Item = String> {
        self.missing.keys().cloned().chain(self.held_away())
    }

    /// After a look at everything: a hold whose cause is no more ends by itself.
    pub(super) fn release_settled(&mut self, course: &mut Course) {
        let manner = course.manner;
        let settled = self.held.extract_if(.., |path, held| manner.is_there(path) == is_away(held));
        course.decisions.released.extend(settled.map(|(path, _)| path));
    }

    /// Articles that were there before the present ones went missing and still are: those that
    /// came with their going replace nothing.
    fn remaining(&self, course: &Course) -> usize {
        let since = self.missing.values().filter(|at| **at > Timestamp::UNIX_EPOCH).min();
        let before = *since.unwrap_or(&course.manner.now) - SignedDuration::from_secs(10);
        let away: BTreeSet<String> = self.held_away().collect();
        let remains = |known: &Known| {
            known.first_seen < before
                && !self.missing.contains_key(&known.path)
                && !away.contains(&known.path)
        };
        self.catalog.articles().filter(remains).count()
    }

    /// The paths that were missing long enough; too many at once are held instead.
    pub(super) fn take_missing(&mut self, course: &mut Course) -> Vec<String> {
        let manner = course.manner;
        let mut taken = Vec::new();
        let accepted = self.held.extract_if(.., |path, _| (manner.accepted)(path));
        for (path, _) in accepted {
            if !manner.is_there(&path) {
                taken.push(path.clone());
            }
            course.decisions.released.push(path);
        }
        let given_up = |path: &&String| self.is_given_up(path, manner);
        let given_up: Vec<String> = self.missing.keys().filter(given_up).cloned().collect();
        if given_up.is_empty() {
            return taken;
        }
        let vanished = self.missing.len() + self.held_away().count();
        let most = vanished > FEW && vanished > self.remaining(course);
        let suspicious = most || vanished >= self.catalog.len();
        let gone = match suspicious {
            // Those that are waited for still went with them: when some have come back by then, the
            // rest would be too few to be held.
            true => self.missing.keys().cloned().collect(),
            false => given_up,
        };
        for path in gone {
            self.missing.remove(&path);
            if suspicious && !(manner.accepted)(&path) {
                self.hold(path, VANISHED, course);
            } else {
                taken.push(path);
            }
        }
        taken
    }
}
