//! Which hinted paths are ready to be looked at. A file that was closed or moved is whole and
//! waits for nothing; one that is still open waits until it is quiet.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{ContentDir, Hint, Tick};

/// Without an event for this long, an open file is taken as it is.
const QUIET: Duration = Duration::from_millis(300);
/// A file that is written without pause is looked at all the same.
const LONGEST: Duration = Duration::from_secs(5);
/// So many paths at once are a checkout, a copy or a generator's run, not somebody who saves: they
/// are looked at together, once no more come, so that a feed is not published for each few of them.
const BURST: usize = 16;
const BURST_QUIET: Duration = Duration::from_millis(100);
/// More paths than this are found faster by one full scan.
const MANY: usize = 2_000;

#[derive(Clone, Copy, Debug)]
struct Wait {
    first: Instant,
    due: Instant,
}

#[derive(Debug, Default)]
pub struct Pending {
    waits: BTreeMap<PathBuf, Wait>,
    again: BTreeSet<(Instant, PathBuf)>,
    all: bool,
    /// When something came last.
    last: Option<Instant>,
    /// Since when more than a few wait.
    burst: Option<Instant>,
}

impl Pending {
    /// Everything must be looked at, at once.
    pub fn everything(&mut self) {
        self.all = true;
    }

    /// Takes an event to heart. One of the root itself, which may have gone or come, is about
    /// everything; one of what links lead through, about these too.
    pub fn hear(&mut self, tick: Tick, content: &ContentDir, now: Instant) {
        let (path, settled) = match tick {
            Tick::Settled(path) if path == content.root() => return self.everything(),
            Tick::Everything | Tick::Lost => return self.everything(),
            Tick::Settled(path) => (path, true),
            Tick::Open(path) => (path, false),
        };
        let links = content.links_through(&path).map(Path::to_path_buf);
        let itself = content.concerns(&path).then(|| path.clone());
        for path in links.chain(itself) {
            match settled {
                true => self.settled(path, now),
                false => self.open(path, now),
            }
        }
    }

    /// Nothing is to be looked at.
    pub fn is_idle(&self) -> bool {
        !self.all && self.waits.is_empty()
    }

    /// A path whose writer is done.
    pub fn settled(&mut self, path: PathBuf, now: Instant) {
        self.last = Some(now);
        self.waits.insert(path, Wait { first: now, due: now });
    }

    /// A path whose writer may still be at it.
    pub fn open(&mut self, path: PathBuf, now: Instant) {
        self.last = Some(now);
        let wait = self.waits.entry(path).or_insert(Wait { first: now, due: now + QUIET });
        if wait.due > now {
            wait.due = (now + QUIET).min(wait.first + LONGEST);
        }
    }

    /// Looks at a path again later.
    pub fn later(&mut self, path: PathBuf, at: Instant) {
        self.again.insert((at, path));
    }

    /// When something is next ready.
    pub fn due(&self) -> Option<Instant> {
        if self.all {
            return Some(Instant::now());
        }
        let waits = match self.end_of_burst() {
            Some(end) => Some(end),
            None => self.waits.values().map(|wait| wait.due).min(),
        };
        let again = self.again.first().map(|(at, _)| *at);
        [waits, again].into_iter().flatten().min()
    }

    /// While more than a few wait: until when they do.
    fn end_of_burst(&self) -> Option<Instant> {
        Some((self.last? + BURST_QUIET).min(self.burst? + LONGEST))
    }

    /// Takes what is ready.
    pub fn take(&mut self, now: Instant) -> Option<Hint> {
        let mut ready = BTreeSet::new();
        if self.waits.values().filter(|wait| wait.due <= now).count() >= BURST {
            self.burst.get_or_insert(now);
        }
        if self.all || self.end_of_burst().is_none_or(|end| end <= now) {
            self.burst = None;
            let due = self.waits.extract_if(.., |_, wait| wait.due <= now);
            ready.extend(due.map(|(path, _)| path));
        }
        while let Some((at, _)) = self.again.first()
            && *at <= now
        {
            ready.extend(self.again.pop_first().map(|(_, path)| path));
        }
        if self.all || ready.len() > MANY {
            self.all = false;
            return Some(Hint::All);
        }
        (!ready.is_empty()).then_some(Hint::Paths(ready))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_open_files_only() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let path = |name: &str| PathBuf::from(name);
        let hint = |name: &str| Some(Hint::Paths(BTreeSet::from([path(name)])));
        let mut pending = Pending::default();
        pending.settled(path("a"), at(0));
        assert_eq!(pending.take(at(0)), hint("a"));
        pending.open(path("b"), at(0));
        assert_eq!(pending.take(at(200)), None);
        pending.open(path("b"), at(200));
        assert_eq!(pending.take(at(400)), None);
        assert_eq!(pending.take(at(500)), hint("b"));
        // closed while waiting
        pending.open(path("c"), at(0));
        pending.settled(path("c"), at(10));
        assert_eq!(pending.take(at(10)), hint("c"));
        // written without pause
        for ms in (0..5_000).step_by(100) {
            pending.open(path("d"), at(ms));
            assert_eq!(pending.take(at(ms)), None);
        }
        assert_eq!(pending.take(at(5_000)), hint("d"));
        pending.everything();
        assert_eq!(pending.take(at(0)), Some(Hint::All));
        assert_eq!(pending.take(at(0)), None);
    }

    #[test]
    fn a_burst_is_looked_at_together() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut pending = Pending::default();
        let mut taken = Vec::new();
        // A file each millisecond, for seven seconds, and a turn that takes fifty.
        for ms in 0..7_000 {
            pending.settled(PathBuf::from(format!("{ms}")), at(ms));
            if ms % 50 == 0 && pending.due().is_some_and(|due| due <= at(ms)) {
                taken.extend(pending.take(at(ms)));
            }
        }
        let end = pending.due().expect("the rest waits");
        assert_eq!(end, at(6_999) + BURST_QUIET);
        taken.extend(pending.take(end));
        assert_eq!(pending.due(), None);
        let count = |hint: &Hint| match hint {
            Hint::All => MANY,
            Hint::Paths(paths) => paths.len(),
        };
        // The first one at once, the next ones when five seconds are over, the others at the end.
        assert_eq!(taken.iter().map(count).collect::<Vec<_>>(), [1, MANY, 1_949]);
    }
}
