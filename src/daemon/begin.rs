//! What a run begins with: what the ledger and `feeds/` tell of the last one.

use std::collections::{BTreeMap, HashSet};
use std::panic::resume_unwind;

use jiff::Timestamp;

use super::scope;
use super::state::{LastRun, SeenFiles, State};
use crate::config::Config;
use crate::content_dir::ContentDir;
use crate::edition::{Document, Edition, Kept, Stamp};
use crate::feeds_dir::FeedsDir;
use crate::ledger::{Ledger, LedgerError};

/// What the last run left: its state, and what it saw of the content.
struct Loaded {
    state: State,
    seen: SeenFiles,
    /// Articles were published from here before, whatever was seen.
    expected: bool,
}

/// What readers were given last.
pub(super) struct LastEdition {
    number: u64,
    /// The number of the edition in `feeds/`.
    pub copied: u64,
    stamps: BTreeMap<String, Stamp>,
    /// Documents that are as the last run left them.
    intact: HashSet<String>,
}

impl LastEdition {
    fn read(
        ledger: &Ledger,
        feeds_dir: &mut FeedsDir,
        last: &LastRun,
    ) -> Result<LastEdition, LedgerError> {
        let number = ledger.meta("edition")?.and_then(|number| number.parse().ok()).unwrap_or(0);
        let mut stamps: BTreeMap<String, Stamp> = ledger.documents()?.into_iter().collect();
        for (path, stamp) in &last.stamps {
            stamps.entry(path.clone()).or_insert(*stamp);
        }
        let intact = feeds_dir.intact(&stamps);
        Ok(LastEdition {
            number: last.edition.max(number),
            copied: feeds_dir.edition(),
            stamps,
            intact,
        })
    }

    /// Nothing is missing of it, and the ledger knows of nothing newer: nobody would be given an
    /// older one than before.
    pub fn is_whole(&self) -> bool {
        self.stamps.len() == self.intact.len()
            && !self.intact.is_empty()
            && self.copied == self.number
    }

    /// As far as it is there.
    pub fn edition(&self) -> Edition {
        let documents = self.stamps.iter().filter(|(path, _)| self.intact.contains(*path));
        let documents = documents.map(|(path, stamp)| Document::new(path, *stamp, Kept::Elsewhere));
        Edition::default().revise(self.number, documents.collect(), &[])
    }
}

fn load_state(
    config: &Config,
    ledger: &Ledger,
    last: LastRun,
    now: Timestamp,
) -> Result<Loaded, LedgerError> {
    // With a lost ledger, feeds that were published tell that there should be articles.
    let expected = !last.adopted.is_empty();
    let (state, seen) = State::load(config, ledger, last, now)?;
    Ok(Loaded { state, seen, expected })
}

/// The state and the content directory as the ledger has them now; of the documents only the
/// `intact` are there.
pub(super) fn load(
    config: &Config,
    ledger: &Ledger,
    feeds_dir: &FeedsDir,
    intact: &HashSet<String>,
    now: Timestamp,
) -> Result<(State, ContentDir), LedgerError> {
    let last = last_run(ledger, feeds_dir)?;
    let Loaded { mut state, seen, expected } = load_state(config, ledger, last, now)?;
    state.keep_only(intact);
    let mut content = ContentDir::new(&config.content.dir, scope(config));
    content.recall(seen, expected);
    Ok((state, content))
}

/// What a run begins with. What readers were given last is shown first, since they wait for it;
/// then the content is looked at, and the ledger checked, while it is read. A damaged one is
/// mended, and all is read again.
pub(super) fn begin(
    config: &Config,
    ledger: &mut Ledger,
    feeds_dir: &mut FeedsDir,
    mut content: ContentDir,
    now: Timestamp,
    show: &mut dyn FnMut(&LastEdition),
) -> Result<(State, ContentDir), LedgerError> {
    let mut read = |ledger: &Ledger| {
        let last = last_run(ledger, feeds_dir)?;
        let edition = LastEdition::read(ledger, feeds_dir, &last)?;
        show(&edition);
        Ok::<_, LedgerError>((last, edition))
    };
    let found = read(ledger).and_then(|(last, edition)| {
        let loaded = std::thread::scope(|scope| {
            scope.spawn(|| content.look_ahead());
            let check = scope.spawn(|| Ledger::check_beside(&config.state_dir));
            let loaded = load_state(config, ledger, last, now);
            check.join().unwrap_or_else(|panic| resume_unwind(panic)).and(loaded)
        })?;
        Ok((loaded, edition))
    });
    let (loaded, edition) = match found {
        Err(LedgerError::Damaged { what, .. }) => {
            // It must be closed first.
            *ledger = Ledger::in_memory()?;
            *ledger = Ledger::mend(&config.state_dir, &what)?;
            let (last, edition) = read(ledger)?;
            (load_state(config, ledger, last, now)?, edition)
        }
        found => found?,
    };
    let Loaded { mut state, seen, expected } = loaded;
    state.keep_only(&edition.intact);
    content.recall(seen, expected);
    Ok((state, content))
}

/// With a lost ledger, or one that lost rows, what the feeds tell.
pub(super) fn last_run(ledger: &Ledger, feeds_dir: &FeedsDir) -> Result<LastRun, LedgerError> {
    if !ledger.is_empty()? && !ledger.is_salvaged()? {
        return Ok(LastRun::default());
    }
    Ok(LastRun {
        edition: feeds_dir.edition(),
        adopted: feeds_dir.published(),
        stamps: feeds_dir.stamps(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content_dir::Hint;

    /// What was served before is shown before the content is looked at: a file that is written by
    /// whoever is shown it is found by the look.
    #[test]
    fn readers_need_not_wait_for_a_look_at_everything() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("config.toml", "title = \"A\"\nurl = \"https://a.example/\"\n");
        write("content/a.md", "---\ntitle: One\ndate: 2024-01-01\n---\n\nOne.\n");
        let config = Config::load(&dir.path().join("config.toml"), false).unwrap();
        super::super::build(&config, &|_| {}).unwrap();
        let mut ledger = Ledger::open(&config.state_dir).unwrap();
        let mut feeds_dir = FeedsDir::open(&config.feeds.dir).unwrap();
        let mut shown = Vec::new();
        let mut show = |last: &LastEdition| {
            assert!(last.is_whole());
            shown.extend(last.edition().documents.keys().map(|path| path.to_string()));
            write("content/b.md", "---\ntitle: Two\ndate: 2024-01-02\n---\n\nTwo.\n");
        };
        let now = Timestamp::now();
        let content = ContentDir::new(&config.content.dir, scope(&config));
        let begun = begin(&config, &mut ledger, &mut feeds_dir, content, now, &mut show);
        let (state, mut content) = begun.unwrap();
        assert!(shown.contains(&"all.rss".to_string()), "{shown:?}");
        assert!(state.lost.is_empty());
        let edits = content.scan(&Hint::All, false).edits;
        assert!(edits.iter().any(|edit| edit.path == "b.md"), "{edits:?}");
    }
}
