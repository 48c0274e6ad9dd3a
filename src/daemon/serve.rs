//! `serve`: turns, one after the other, on one thread; HTTP beside it.

mod publish;
mod pulse;
mod recovery;
mod reload;
mod tend;
mod vigil;
mod watching;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use bytes::Bytes;
use jiff::Timestamp;
use rayon::prelude::*;
use tokio::sync::watch;

use super::adopt;
use super::begin::{LastEdition, begin};
use super::copier::{Copied, Copier};
use super::manner::Manner;
use super::outside::{bind, raise_descriptor_limit, routes, runtime, start_servers, tell_systemd};
use super::requests::{self, Accepted};
use super::state::State;
use super::tell::{BLIND, Told};
use super::{Opened, StartError, open, require_content, scope, site_memory};
use crate::config::{Address, Config};
use crate::content_dir::{self, ContentDir, Hint, Pending, Tick, Watch};
use crate::edition::{Edition, Kept, gzip};
use crate::feeds_dir::{self, Stage};
use crate::http::{self, Front};
use crate::ledger::{Ledger, LedgerError};
use crate::lock::Lock;
use pulse::Pulse;
use vigil::Vigil;
use watching::watch_content;

/// A file must be missing this long, and still be at a second look, before its article goes.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between attempts at what failed.
const RETRY: Duration = Duration::from_secs(2);

/// Documents of one turn that are kept at hand, and are copied after they are on the wire; further
/// ones go to the disk first.
const FEW: usize = 100;

/// What wakes the daemon.
pub(super) enum Wake {
    Tick(Tick),
    /// A disk was mounted or unmounted, perhaps where the content lies.
    Mounts,
    /// The config file may have changed.
    Config,
    /// SIGHUP
    Reload,
    Requests,
    /// An edition was copied to `feeds/`, or was not.
    Copied(Copied),
    /// The file of a document is not as it should be.
    Damaged(String),
    /// A thread that serves readers is no more.
    ServerEnded,
    Stop,
}

pub fn serve(config: Config) -> Result<(), StartError> {
    raise_descriptor_limit();
    let opened = open(&config)?;
    require_content(&config, &opened.ledger)?;
    if !requests::take(&config.state_dir).all {
        site_memory::require(&config, &opened.ledger)?;
    }
    let runtime = runtime()?;
    let (listeners, places) = runtime.block_on(bind(&config))?;
    let (wake, wakes) = channel();
    let front = Arc::new(Front::new(routes(&config), bytes_of(&config, wake.clone())));
    let (stop, stopped) = watch::channel(false);
    let servers = start_servers(runtime, listeners, &front, &stopped, &wake)?;
    let mut daemon = Daemon::start(config, opened, front, wake)?;
    for place in places {
        eprintln!("listening on {place}");
    }
    tell_systemd(true);
    let ended = daemon.run(&wakes);
    tell_systemd(false);
    // Readers with a request under way get their answer; the locks go last.
    let _ = stop.send(true);
    for server in servers {
        let _ = server.join();
    }
    for address in &daemon.config.server.listen {
        if let Address::Unix(path) = address {
            let _ = std::fs::remove_file(path);
        }
    }
    drop(daemon);
    ended
}

/// How readers' threads come to the bytes of a document that is not at hand.
fn bytes_of(config: &Config, wake: Sender<Wake>) -> http::BytesOf {
    let dir = config.feeds.dir.clone();
    Box::new(move |document, tell| {
        let bytes = feeds_dir::read_document(&dir, &document.path, &document.hash);
        if bytes.is_none() && tell {
            let _ = wake.send(Wake::Damaged(document.path.clone()));
        }
        bytes
    })
}

struct Daemon {
    config: Config,
    copier: Copier,
    ledger: Ledger,
    state: State,
    content: ContentDir,
    edition: Arc<Edition>,
    front: Arc<Front>,
    wake: Sender<Wake>,
    pending: Pending,
    pulse: Pulse,
    vigil: Vigil,
    /// Of the folders around it: the content's parent, the config's, the requests'.
    watches: Vec<Watch>,
    next_scan: Instant,
    /// The copy in `feeds/` is behind the wire, and is tried again then.
    behind: Option<Instant>,
    reload: Option<Instant>,
    /// Where files of the generator's lie or may lie, as far as they are watched.
    site_folders: BTreeMap<PathBuf, content_dir::Identity>,
    /// The names that they are watched for.
    site_names: Arc<ArcSwap<Vec<String>>>,
    /// Since when one of them is away.
    site_away: Option<Instant>,
    /// As last read; `None` when it is to be taken up whatever it holds.
    config_text: Option<String>,
    told: Told,
    /// Documents that are no more, and of which readers do not know yet.
    withdrawn: Vec<String>,
    /// Something may be to be swept out, or to be put back.
    untidy: bool,
    /// The last edition that `feeds/` holds.
    copied: u64,
    /// The last attempt to copy one failed.
    failing: bool,
    /// Many documents at once are written to the disk first; not where that failed.
    staging: bool,
    /// The last turn could not be recorded.
    unrecorded: bool,
    /// The ledger is damaged, and closed.
    damaged: bool,
    /// What the config says now has a fault, and is not in force.
    faulty_config: bool,
    /// The look under way has no cause but that it was time for one.
    by_itself: bool,
    _locks: [Lock; 2],
}

impl Daemon {
    fn start(
        config: Config,
        opened: Opened,
        front: Arc<Front>,
        wake: Sender<Wake>,
    ) -> Result<Daemon, StartError> {
        let Opened { mut ledger, mut feeds_dir, _locks } = opened;
        let mut vigil = Vigil::new(&config.state_dir);
        let watch = watch_content(&wake, &mut vigil);
        let blind = watch.as_ref().err().cloned();
        let now = Timestamp::now();
        // The files of the last run are served until the first turn is done.
        let (mut edition, mut copied) = (Arc::default(), 0);
        let mut show = |last: &LastEdition| {
            (edition, copied) = (Arc::new(last.edition()), last.copied);
            if last.is_whole() {
                front.edition.store(Some(edition.clone()));
            }
        };
        let mut content = ContentDir::new(&config.content.dir, scope(&config));
        content.watch(watch.ok());
        let begun = begin(&config, &mut ledger, &mut feeds_dir, content, now, &mut show)?;
        let (state, content) = begun;
        let tell = wake.clone();
        let copier = Copier::new(feeds_dir, move |copied| drop(tell.send(Wake::Copied(copied))));
        let mut daemon = Daemon {
            copier,
            ledger,
            state,
            content,
            edition,
            pulse: Pulse::new(front.clone()),
            front,
            wake,
            pending: Pending::default(),
            vigil,
            watches: Vec::new(),
            next_scan: Instant::now(),
            behind: None,
            reload: None,
            site_folders: BTreeMap::new(),
            site_names: Arc::default(),
            site_away: None,
            config_text: std::fs::read_to_string(&config.path).ok(),
            told: Told::default(),
            withdrawn: Vec::new(),
            untidy: false,
            copied,
            failing: false,
            staging: true,
            unrecorded: false,
            damaged: false,
            faulty_config: false,
            by_itself: false,
            config,
            _locks,
        };
        if let Some(reason) = blind {
            daemon.told.blind(&reason);
        }
        let tell = daemon.wake.clone();
        content_dir::watch_mounts(move || drop(tell.send(Wake::Mounts)));
        daemon.watch_around();
        daemon.scan_all()?;
        // Whoever waits for the word that it listens finds the same on the disk.
        daemon.copier.wait();
        Ok(daemon)
    }

    fn run(&mut self, wakes: &Receiver<Wake>) -> Result<(), StartError> {
        if let Err(error) = self.tidy() {
            tracing::warn!(%error, "cannot tidy the ledger");
        }
        loop {
            self.tell_health();
            let wait = self.next_wake().saturating_duration_since(Instant::now());
            match wakes.recv_timeout(self.pulse.rest(wait)) {
                Ok(wake) => {
                    // A burst is one turn: whatever has come while the last one was busy.
                    for wake in std::iter::once(wake).chain(wakes.try_iter()) {
                        match wake {
                            Wake::Stop => return Ok(()),
                            Wake::ServerEnded => return Err(StartError::ServerEnded),
                            wake => self.heed(wake),
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            match self.do_what_is_due() {
                Ok(()) => self.unrecorded = false,
                Err(error) => {
                    tracing::error!(%error, "the last edition stays; trying again");
                    self.recover(&error);
                }
            }
            self.pulse.beat();
        }
    }

    fn next_wake(&self) -> Instant {
        let entry_due = self.state.next_due().map(|at| {
            let wait = at.duration_since(Timestamp::now());
            Instant::now() + Duration::try_from(wait).unwrap_or_default()
        });
        [self.pending.due(), self.vigil.due(), self.behind, self.reload, entry_due]
            .into_iter()
            .flatten()
            .fold(self.next_scan, Instant::min)
    }

    fn heed(&mut self, wake: Wake) {
        let now = Instant::now();
        match wake {
            Wake::Tick(tick) => {
                if self.vigil.hears(tick.path()) {
                    return;
                }
                if tick == Tick::Lost {
                    tracing::warn!("file events were lost; looking at everything");
                }
                self.pending.hear(tick, &self.content, now);
            }
            Wake::Mounts if !self.content.is_replaced() => {}
            Wake::Mounts | Wake::Requests => self.pending.everything(),
            Wake::Copied(copied) => self.heed_copied(copied),
            Wake::Damaged(path) => self.mend(path),
            // Editors write in several steps.
            Wake::Config => self.reload = Some(now + Duration::from_millis(200)),
            Wake::Reload => {
                self.config_text = None;
                self.reload = Some(now);
            }
            Wake::Stop | Wake::ServerEnded => {}
        }
    }

    fn do_what_is_due(&mut self) -> Result<(), LedgerError> {
        let now = Instant::now();
        if self.damaged {
            self.mend_ledger()?;
            let (state, content) = self.load_anew()?;
            self.replace(state, content);
        }
        if self.reload.is_some_and(|at| at <= now) {
            self.reload = None;
            self.reload_config()?;
        }
        if self.vigil.is_silent() {
            self.watch_anew();
        }
        let told = !self.pending.is_idle();
        match self.pending.take(now) {
            Some(Hint::All) => self.scan_all()?,
            _ if self.next_scan <= now => {
                self.reload_config()?;
                self.by_itself = !told;
                self.scan_all()?;
            }
            Some(hint) => self.turn(&hint)?,
            None if self.state.next_due().is_some_and(|at| at <= Timestamp::now()) => {
                self.turn(&Hint::Paths(BTreeSet::new()))?;
            }
            None => {}
        }
        if self.behind.is_some_and(|at| at <= Instant::now()) {
            self.copy();
        }
        self.tidy()
    }

    /// The slow beat: a look at everything, the watch renewed, what is not needed swept out.
    fn scan_all(&mut self) -> Result<(), LedgerError> {
        let start = Instant::now();
        if !self.content.is_watched() {
            self.watch();
        }
        self.turn(&Hint::All)?;
        self.untidy = true;
        let beat = self.config.content.rescan.max(start.elapsed() * 1_000);
        if self.content.is_watched() {
            self.vigil.touch();
        }
        self.next_scan = Instant::now() + jittered(beat);
        self.look_again_soon();
        Ok(())
    }

    /// Where events do not tell, or the content is away, the slow beat is too slow.
    fn look_again_soon(&mut self) {
        if self.is_blind() || self.told.is_alarmed() {
            self.next_scan = self.next_scan.min(Instant::now() + BLIND);
        }
    }

    /// What no reader waits for.
    fn tidy(&mut self) -> Result<(), LedgerError> {
        if std::mem::take(&mut self.untidy) {
            let misses_files = self.copier.feeds_dir().misses_files();
            if misses_files {
                self.restore_files();
            }
            let in_use = self.state.bodies_in_use(&self.config);
            self.state.recent.keep_only(&in_use);
            self.ledger.sweep_bodies(&in_use)?;
        }
        Ok(())
    }

    fn turn(&mut self, hint: &Hint) -> Result<(), LedgerError> {
        // What is let through must be looked at again, so only a look at everything lets it.
        let accepted = match hint {
            Hint::All => requests::take(&self.config.state_dir),
            Hint::Paths(_) => Accepted::default(),
        };
        let adopted = match hint {
            Hint::All => self.adopt()?,
            Hint::Paths(_) => Accepted::default(),
        };
        if !accepted.is_empty() {
            tracing::info!(
                all = accepted.all,
                paths = accepted.paths.len(),
                "held changes accepted"
            );
            for path in self.state.held.keys().filter(|path| accepted.lets(path)) {
                self.content.forget(path);
            }
        }
        let look = self.content.scan(hint, accepted.all);
        self.told.look(&look, self.content.is_watched());
        if std::mem::take(&mut self.by_itself) && self.vigil.is_surprised(&look) {
            self.watch_anew();
        }
        self.look_again_soon();
        let root = self.content.root().to_path_buf();
        let max_size = self.config.content.max_size;
        let (stage, kept, plain) = (OnceLock::new(), AtomicUsize::new(0), AtomicUsize::new(0));
        let dir = &self.config.feeds.dir;
        let documents = &self.edition.documents;
        let is_wanted = |path: &str| documents.get(path).is_some_and(|last| last.is_wanted());
        let put_aside = |path: &str, bytes: &[u8]| {
            let room = plain.fetch_add(bytes.len(), Relaxed) < publish::AT_HAND;
            match !self.staging || is_wanted(path) {
                true if !room => return Kept::Gzip(gzip(bytes).into()),
                true => return Kept::Plain(Bytes::copy_from_slice(bytes)),
                false if room && kept.fetch_add(1, Relaxed) < FEW => {
                    return Kept::Plain(Bytes::copy_from_slice(bytes));
                }
                false => {}
            }
            stage.get_or_init(|| Stage::new(dir)).put(path, bytes);
            Kept::Elsewhere
        };
        let manner = Manner {
            now: Timestamp::now(),
            read: &|path| content_dir::read(&root, path, max_size),
            texts: &|folder| self.content.texts(folder),
            progress: &|| self.pulse.beat(),
            stage: &put_aside,
            make_ready: &|printed| {
                printed.par_iter_mut().filter(|one| is_wanted(&one.path)).for_each(|one| {
                    if let Kept::Plain(bytes) = &one.kept {
                        one.kept = Kept::Gzip(gzip(bytes).into());
                    }
                });
            },
            patience: PATIENCE,
            blind: self.is_blind() && !look.whole,
            forgets: false,
            accepted: &|path| accepted.lets(path),
        };
        let alarmed = look.alarm.is_some();
        let (config, ledger) = (&self.config, &mut self.ledger);
        let turned = match hint {
            // Among the threads that share its work, so that a short one is not spent on waking
            // them; nothing in it waits for a thread that needs them, but a first look does.
            Hint::Paths(_) if !self.state.is_fresh() => {
                rayon::scope(|_| self.state.turn(config, ledger, look, &manner))?
            }
            _ => self.state.turn(config, ledger, look, &manner)?,
        };
        requests::done(&accepted);
        if !alarmed {
            requests::done(&adopted);
        }
        for (path, after) in &turned.again {
            self.content.forget(path);
            self.pending.later(root.join(path), Instant::now() + *after);
        }
        self.told.turned(&turned);
        match stage.into_inner().map(Stage::end).transpose() {
            Ok(staged) => self.publish(turned, staged),
            Err(error) => self.lose(&turned, &error),
        }
        Ok(())
    }

    /// Ids and dates that the publisher takes over from a former feed.
    fn adopt(&mut self) -> Result<Accepted, LedgerError> {
        let left = adopt::take_up(&self.config, &mut self.ledger)?;
        if left.taken == 0 {
            return Ok(left.requests);
        }
        let loaded = self.load_anew()?;
        self.replace(loaded.0, loaded.1);
        self.state.to_come = left.to_come;
        tracing::info!(entries = left.taken, "ids and dates taken over");
        Ok(left.requests)
    }
}

/// Spreads beats by a quarter to both sides, so that many daemons do not scan in step.
fn jittered(beat: Duration) -> Duration {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    beat.mul_f64(0.75 + f64::from(now.subsec_nanos() % 1_000) / 2_000.0)
}
