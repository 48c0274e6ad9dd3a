//! `verify`: everything is read and printed again, from a copy of the ledger, and held against what
//! the ledger and `feeds/` have. Nothing is changed.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::state::{LastRun, State};
use super::{StartError, rehearse, scope};
use crate::config::Config;
use crate::content_dir::{ContentDir, Hint, Seen};
use crate::feed::Known;
use crate::feeds_dir::{self, FeedsDir};
use crate::ledger::{Ledger, LedgerError};

/// Where content, ledger and feeds do not agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    pub place: String,
    pub what: String,
}

#[derive(Debug, Default)]
pub struct Verified {
    pub articles: usize,
    pub documents: usize,
    pub drifts: BTreeSet<Drift>,
}

impl Verified {
    fn drift(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.drifts.insert(Drift { place: place.into(), what: what.into() });
    }
}

/// Beside a running daemon or without one.
pub fn verify(config: &Config) -> Result<Verified, StartError> {
    let mut verified = Verified::default();
    let io = |source| StartError::Io { path: config.state_dir.clone(), source };
    let copy = tempfile::tempdir().map_err(io)?;
    let mut ledger = match Ledger::copy(&config.state_dir, copy.path()) {
        Ok(Some(ledger)) => ledger,
        Ok(None) => {
            verified.drift("ledger", "there is none: nothing was published yet");
            return Ok(verified);
        }
        Err(error @ LedgerError::Damaged { .. }) => {
            verified.drift("ledger", error.to_string());
            return Ok(verified);
        }
        Err(error) => return Err(error.into()),
    };
    let feeds_dir = FeedsDir::open_read_only(&config.feeds.dir)?;
    check_files(config, &ledger, &feeds_dir, &mut verified)?;
    check_articles(config, &mut ledger, &mut verified)?;
    Ok(verified)
}

/// The files in `feeds/` against the stamps of the ledger.
fn check_files(
    config: &Config,
    ledger: &Ledger,
    feeds_dir: &FeedsDir,
    verified: &mut Verified,
) -> Result<(), LedgerError> {
    let edition = ledger.meta("edition")?.and_then(|number| number.parse().ok()).unwrap_or(0);
    if feeds_dir.edition() != edition {
        let there = feeds_dir.edition();
        verified.drift(
            config.feeds.dir.display().to_string(),
            format!("holds edition {there}, the ledger has {edition}"),
        );
    }
    for (path, stamp) in ledger.documents()? {
        verified.documents += 1;
        if feeds_dir::read_document(&config.feeds.dir, &path, &stamp.hash).is_none() {
            let place = config.feeds.dir.join(&path).display().to_string();
            verified.drift(place, "is not the document that was published");
        }
    }
    Ok(())
}

/// Articles and documents, made again, against those of the ledger.
fn check_articles(
    config: &Config,
    ledger: &mut Ledger,
    verified: &mut Verified,
) -> Result<(), LedgerError> {
    let now = Timestamp::now();
    let before = ledger.live()?;
    let documents: HashMap<_, _> = ledger.documents()?.into_iter().collect();
    // Bodies, too, are made again from their files.
    ledger.sweep_bodies(&HashMap::new())?;
    let (mut state, seen) = State::load(config, ledger, LastRun::default(), now)?;
    state.keep_only(&HashSet::new());
    let mut content = ContentDir::new(&config.content.dir, scope(config));
    let seen = seen.into_iter().map(|(path, _)| (path, Seen::NEVER)).collect();
    content.recall(seen, !before.is_empty());
    let look = content.scan(&Hint::All, false);
    if let Some(alarm) = &look.alarm {
        verified.drift(config.content.dir.display().to_string(), alarm.clone());
        return Ok(());
    }
    rehearse(config, &mut state, ledger, &content, look, false)?;
    verified.articles = before.len();
    let place = |path: &str| config.content.dir.join(path).display().to_string();
    let mut there = HashSet::new();
    for known in state.catalog.articles() {
        match before.get(&known.path) {
            None => verified.drift(place(&known.path), "is in no feed yet"),
            Some(before) => {
                if let Some(what) = difference(&before.known(), &known) {
                    verified.drift(place(&known.path), what);
                }
            }
        }
        there.insert(known.path);
    }
    for path in before.keys().filter(|path| !there.contains(*path)) {
        verified.drift(place(path), "is gone, and its entry is in the feeds");
    }
    for (path, stamp) in &state.stamps {
        if documents.get(path).is_none_or(|before| before.hash != stamp.hash) {
            verified.drift(path, "would be another document if it were made now");
        }
    }
    for path in documents.keys().filter(|path| !state.stamps.contains_key(*path)) {
        verified.drift(path, "would not be made now");
    }
    Ok(())
}

fn difference(before: &Known, now: &Known) -> Option<String> {
    if before.id != now.id {
        return Some(format!("is `{}` in the ledger, and would be `{}`", before.id, now.id));
    }
    if before.hash != now.hash {
        return Some("has changed since it was read".into());
    }
    let fields = |known: &Known| {
        let Known { head, link, published, updated, first_seen, .. } = known.clone();
        (head, link, published, updated, first_seen)
    };
    (fields(before) != fields(now)).then(|| "would have another entry if it were read now".into())
}
