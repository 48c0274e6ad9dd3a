//! The verb *fetch*: entries that are to be shown → their bodies.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::reading::{self, Read};
use super::state::State;
use super::turn::{Course, SOON, windows};
use crate::article::{Body, Conventions, Hash, Problem};
use crate::feed::Known;
use crate::feed::catalog::{Catalog, Moves};
use crate::feed::packed::Packed;
use crate::ledger::{Ledger, LedgerError};

/// Bodies that were shown of late: the next edit shows most of them again.
#[derive(Default)]
pub struct Recent {
    bodies: HashMap<Hash, Arc<Body>>,
    size: usize,
}

impl Recent {
    const MOST: usize = 8 * 1024 * 1024;
    /// Feeds, or edits, whose bodies are kept; of an archive, none is shown again soon.
    pub const FEW: usize = 8;

    /// Forgets those that the ledger keeps no more.
    pub fn keep_only(&mut self, in_use: &HashMap<Hash, Hash>) {
        self.bodies.retain(|key, _| in_use.contains_key(key));
    }

    pub fn keep(&mut self, bodies: &HashMap<Hash, Arc<Body>>) {
        for (key, body) in bodies {
            if self.bodies.insert(*key, body.clone()).is_none() {
                self.size += body.html.len() + body.summary.len() + 200;
            }
        }
        if self.size > Recent::MOST {
            *self = Recent::default();
        }
    }
}

/// Bodies, each by its key, and what was wrong with those that were read now.
#[derive(Default)]
pub struct Fetched {
    pub bodies: HashMap<Hash, Arc<Body>>,
    pub problems: Vec<Problem>,
}

/// The bodies of some articles: from the ledger, else from their files. Those that cannot be had
/// are not among them.
pub fn bodies(
    shown: &[&Known],
    conventions: &Conventions,
    catalog: &Catalog,
    recent: &Recent,
    ledger: &Ledger,
    read: Read,
) -> Result<Fetched, LedgerError> {
    let reader = reader(conventions);
    let links = |path: &str| catalog.at_path(path).map(|known| known.link);
    let mut fetched = Fetched::default();
    let bodies = &mut fetched.bodies;
    let mut wanted: BTreeMap<Hash, &Known> = BTreeMap::new();
    for known in shown {
        let key = known.body_key(&reader);
        if bodies.contains_key(&key) || wanted.contains_key(&key) {
            continue;
        }
        let kept = match recent.bodies.get(&key) {
            Some(body) => Some(body.clone()),
            None => ledger.body(&key)?.map(Arc::new),
        };
        if let Some(body) = kept.filter(|body| body.leads_as(&links)) {
            bodies.insert(key, body);
        } else {
            wanted.insert(key, known);
        }
    }
    let read_now: Vec<_> = wanted
        .par_iter()
        .map(|(key, known)| (*key, *known, reading::body(known, conventions, &links, read)))
        .collect();
    for (key, known, body) in read_now {
        if let Some((body, problems)) = body {
            fetched.problems.extend(problems);
            ledger.keep_body(&key, &known.good, &known.id, &body)?;
            bodies.insert(key, Arc::new(body));
        } else if let Some(last) = ledger.last_body(&known.good)? {
            // Broken or away: as it was last, if under other settings.
            bodies.insert(key, Arc::new(last));
        }
    }
    Ok(fetched)
}

/// What besides the file and the link shapes a body.
pub fn reader(conventions: &Conventions) -> String {
    format!("{} {:?}", conventions.fingerprint(), conventions.summary)
}

/// Articles fetched together.
const SOME: usize = 256;

impl State {
    /// Fetches what this turn's edits show. A file may be changed or taken away after its head was
    /// read: what was not read whole does not count.
    pub(super) fn fetch_edited(
        &mut self,
        ledger: &Ledger,
        course: &mut Course,
    ) -> Result<(), LedgerError> {
        // Of a first look there is nothing before to be shown instead.
        if self.fresh {
            return Ok(());
        }
        let edited = course.decisions.articles.iter().map(|packed| packed.id().to_string());
        let mut edited: BTreeSet<String> = edited.collect();
        // What is taken back may bring others into a window.
        loop {
            let unread = self.fetch_shown(&edited, ledger, course)?;
            if unread.is_empty() {
                return Ok(());
            }
            for known in &unread {
                edited.remove(&known.id);
            }
            self.take_back(unread, ledger, course)?;
        }
    }

    /// Returns those of these articles that are shown and whose bodies cannot be had.
    fn fetch_shown(
        &mut self,
        ids: &BTreeSet<String>,
        ledger: &Ledger,
        course: &mut Course,
    ) -> Result<Vec<Known>, LedgerError> {
        let (conventions, read) = (&course.config.conventions, course.manner.read);
        let reader = reader(conventions);
        let window = windows(course.config);
        let shown: Vec<&String> =
            ids.iter().filter(|id| self.catalog.shows_article(id, &window)).collect();
        let mut unread = Vec::new();
        for some in shown.chunks(SOME) {
            let some: Vec<Known> = some.iter().filter_map(|id| self.catalog.get(id)).collect();
            let listed: Vec<&Known> = some.iter().collect();
            let catalog = &self.catalog;
            let fetched = bodies(&listed, conventions, catalog, &self.recent, ledger, read)?;
            course.turned.problems.extend(fetched.problems);
            if shown.len() <= Recent::FEW {
                self.recent.keep(&fetched.bodies);
            }
            let has_body = |known: &Known| fetched.bodies.contains_key(&known.body_key(&reader));
            unread.extend(some.into_iter().filter(|known| !has_body(known)));
        }
        Ok(unread)
    }

    /// An article that was known is as it was, but for where it lies; a new one is not there yet.
    fn take_back(
        &mut self,
        unread: Vec<Known>,
        ledger: &Ledger,
        course: &mut Course,
    ) -> Result<(), LedgerError> {
        let ids: HashSet<&str> = unread.iter().map(|known| known.id.as_str()).collect();
        course.decisions.articles.retain(|packed| !ids.contains(packed.id()));
        let window = windows(course.config);
        // No reader saw what is taken back now: no feed loses it.
        let mut moves = Moves::default();
        for known in unread {
            course.turned.again.push((known.path.clone(), SOON));
            let Some(before) = ledger.of_id(&known.id)?.filter(|before| !before.gone) else {
                self.catalog.remove(&known.id, &window, &mut moves);
                continue;
            };
            let mut kept = Known { troubled: true, ..before };
            if kept.path != known.path {
                (kept.path, kept.signature, kept.hash) = (known.path, known.signature, known.hash);
            }
            self.file_unseen(&kept, &mut moves, course);
        }
        course.moves.touched.extend(moves.touched);
        Ok(())
    }

    /// Entries that are left out are read again: soon, or else by the next run.
    pub(super) fn read_again(&mut self, ids: &BTreeSet<String>, course: &mut Course) {
        // Their feeds were printed without them just now.
        let mut moves = Moves::default();
        for id in ids {
            let Some(known) = self.catalog.get(id) else { continue };
            // One that has no place of its own waits to be found elsewhere.
            if self.catalog.id_at(&known.path) != Some(&known.id) {
                continue;
            }
            course.turned.again.push((known.path.clone(), SOON));
            self.file_unseen(&Known { troubled: true, ..known }, &mut moves, course);
        }
    }

    /// Files an article for the ledger; what that moves is not what readers are shown.
    fn file_unseen(&mut self, known: &Known, moves: &mut Moves, course: &mut Course) {
        let (packed, window) = (Packed::of(known), windows(course.config));
        let (names, now) = (&mut self.names, course.manner.now);
        self.catalog.file(known, packed.clone(), names, now, &window, moves);
        course.decisions.articles.push(packed);
    }
}
