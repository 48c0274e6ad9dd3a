//! The verb *fetch*: entries that are to be shown → their bodies.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::reading::{self, Read};
use super::state::State;
use super::turn::{Course, SOON, windows};
use crate::article::{Body, Conventions, Hash, Problem, faults};
use crate::feed::Known;
use crate::feed::catalog::{Catalog, Moves};
use crate::feed::packed::Packed;
use crate::ledger::{Ledger, LedgerError};

/// Bodies that were shown of late: the next edit shows most of them again.
#[derive(Default)]
pub struct Recent {
    bodies: Bodies,
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

    pub fn get(&self, key: &Hash) -> Option<Arc<Body>> {
        self.bodies.get(key).cloned()
    }

    pub fn keep(&mut self, bodies: &Bodies) {
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

/// Each by its key.
pub type Bodies = HashMap<Hash, Arc<Body>>;

/// What bodies are read from, on any thread.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    pub conventions: &'a Conventions,
    pub catalog: &'a Catalog,
    pub read: Read<'a>,
    /// What besides the file and the link shapes a body.
    pub reader: &'a str,
}

/// An article that is to be shown, with the key of its body.
pub struct Wanted {
    pub key: Hash,
    pub known: Known,
}

/// A body that was not at hand, and what its file gave.
pub struct Tried {
    key: Hash,
    good: Hash,
    id: String,
    body: Option<(Body, Vec<Problem>)>,
}

/// A body that was read from its file now, for the ledger to keep.
pub struct Made {
    key: Hash,
    good: Hash,
    id: String,
    body: Arc<Body>,
}

impl Files<'_> {
    pub fn want(&self, known: Known) -> Wanted {
        Wanted { key: known.body_key(self.reader), known }
    }

    fn link(&self, path: &str) -> Option<String> {
        self.catalog.asked_for(path).map(|known| known.link)
    }

    /// Reads those bodies of some articles that are not among these.
    pub fn read<'k>(&self, shown: impl Iterator<Item = &'k Wanted>, bodies: &Bodies) -> Vec<Tried> {
        let missed = shown.filter(|wanted| !bodies.contains_key(&wanted.key));
        let wanted: BTreeMap<Hash, &Known> = missed.map(|w| (w.key, &w.known)).collect();
        let links = |path: &str| self.link(path);
        let read = |(key, known): (&Hash, &&Known)| Tried {
            key: *key,
            good: known.good,
            id: known.id.clone(),
            body: reading::body(known, self.conventions, &links, self.read),
        };
        wanted.par_iter().map(read).collect()
    }
}

/// The bodies of some articles that are at hand: in memory, or in the ledger.
pub fn at_hand<'k>(
    shown: impl Iterator<Item = &'k Wanted>,
    in_memory: impl Fn(&Hash) -> Option<Arc<Body>>,
    files: &Files,
    ledger: &Ledger,
) -> Result<Bodies, LedgerError> {
    let (mut bodies, mut missed) = (Bodies::new(), HashSet::new());
    for key in shown.map(|wanted| wanted.key) {
        if bodies.contains_key(&key) || missed.contains(&key) {
            continue;
        }
        let kept = match in_memory(&key) {
            Some(body) => Some(body),
            None => ledger.body(&key)?.map(Arc::new),
        };
        match kept.filter(|body| body.leads_as(&|path| files.link(path))) {
            Some(body) => drop(bodies.insert(key, body)),
            None => drop(missed.insert(key)),
        }
    }
    Ok(bodies)
}

/// Adds what was read to the bodies at hand; what could not be had is left out. Returns what the
/// ledger is to keep, and what was wrong.
pub fn add(
    tried: Vec<Tried>,
    bodies: &mut Bodies,
    ledger: &Ledger,
) -> Result<(Vec<Made>, Vec<Problem>), LedgerError> {
    let (mut made, mut problems) = (Vec::new(), Vec::new());
    for Tried { key, good, id, body } in tried {
        if let Some((body, faults)) = body {
            let body = Arc::new(body);
            bodies.insert(key, body.clone());
            made.push(Made { key, good, id, body });
            problems.extend(faults);
        } else if let Some(last) = ledger.last_body(&good)? {
            // Broken or away: as it was last, if under other settings.
            bodies.insert(key, Arc::new(last));
        }
    }
    Ok((made, problems))
}

pub fn keep(made: &[Made], ledger: &Ledger) -> Result<(), LedgerError> {
    made.iter().try_for_each(|Made { key, good, id, body }| ledger.keep_body(key, good, id, body))
}

/// What is wrong with the bodies of all articles.
pub fn problems(catalog: &Catalog, conventions: &Conventions, read: Read) -> Vec<Problem> {
    let links = |path: &str| catalog.asked_for(path).map(|known| known.link);
    let mut problems = Vec::new();
    let mut articles = catalog.articles();
    loop {
        let some: Vec<Known> = articles.by_ref().take(SOME).collect();
        if some.is_empty() {
            return faults::told_once(problems);
        }
        let faults = some.par_iter().filter_map(|k| reading::faults(k, conventions, &links, read));
        problems.par_extend(faults.flatten_iter());
    }
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
        let reader = &reader(conventions);
        let files = Files { conventions, catalog: &self.catalog, read, reader };
        let window = windows(course.config);
        let shown: Vec<&String> =
            ids.iter().filter(|id| self.catalog.shows_article(id, &window)).collect();
        let mut unread = Vec::new();
        for some in shown.chunks(SOME) {
            let known = some.iter().filter_map(|id| self.catalog.get(id));
            let some: Vec<Wanted> = known.map(|known| files.want(known)).collect();
            let mut bodies = at_hand(some.iter(), |key| self.recent.get(key), &files, ledger)?;
            let tried = files.read(some.iter(), &bodies);
            let (made, problems) = add(tried, &mut bodies, ledger)?;
            keep(&made, ledger)?;
            course.turned.problems.extend(problems);
            if shown.len() <= Recent::FEW {
                self.recent.keep(&bodies);
            }
            let missed = some.into_iter().filter(|wanted| !bodies.contains_key(&wanted.key));
            unread.extend(missed.map(|wanted| wanted.known));
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
