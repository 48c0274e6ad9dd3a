//! The only module that knows all the parts. `build` is one turn without a watcher or a socket,
//! `check` stops after reading, `serve` takes turns for ever.

pub mod adopt;
mod begin;
pub mod check;
mod copier;
mod departures;
pub mod explain;
pub mod fetch;
mod first_look;
mod halves;
mod heirs;
mod hold;
pub mod identify;
mod inherit;
pub mod manner;
mod outside;
pub mod reading;
pub mod requests;
pub mod revise;
mod serve;
mod site_memory;
pub mod state;
mod tell;
pub mod turn;
mod unchanged;
pub mod verify;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::article::Problem;
use crate::config::{Config, ConfigError};
use crate::content_dir::{self, ContentDir, Hint, Look, Scope, Seen};
use crate::edition::Kept;
use crate::feeds_dir::{FeedsDir, FeedsDirError, Published, Stage};
use crate::ledger::{Held, Ledger, LedgerError};
use crate::lock::{self, Lock, LockError};
use begin::begin;
use manner::Manner;
use state::State;
use turn::Turned;

pub use serve::serve;

/// Why syndic cannot begin. Printed once, before anything listens.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    FeedsDir(#[from] FeedsDirError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("the content directory {} cannot be read: {source}\n(set `[content] dir` to the folder of your articles)", dir.display())]
    Content { dir: PathBuf, source: io::Error },
    #[error("cannot listen at {address}: {source}{}", if source.kind() == io::ErrorKind::AddrInUse { "\n(another program uses it; stop that one, or set `[server] listen`)" } else { "" })]
    Listen { address: String, source: io::Error },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("a syndic runs on these feeds with another state directory than {}\n(set `[state] dir` in the config, or $STATE_DIRECTORY as it is set for that one)", dir.display())]
    OtherState { dir: PathBuf },
    #[error(
        "{message}\n(links, titles and dates would change: put it right, or say `syndic accept` if it is meant)"
    )]
    Site { message: String },
    #[error("a thread that serves readers ended by a fault of syndic's own; start it again")]
    ServerEnded,
    #[error("{}: {message}", path.display())]
    NoArticle { path: PathBuf, message: String },
}

/// What a build came to.
pub struct Built {
    pub articles: usize,
    pub written: usize,
    pub unchanged: usize,
    pub problems: Vec<Problem>,
    pub held: Vec<Held>,
    pub alarm: Option<String>,
}

/// Both directories, locked and opened.
struct Opened {
    ledger: Ledger,
    feeds_dir: FeedsDir,
    _locks: [Lock; 2],
}

fn open(config: &Config) -> Result<Opened, StartError> {
    let ledger_dir = &config.state_dir;
    std::fs::create_dir_all(ledger_dir)
        .map_err(|source| StartError::Io { path: ledger_dir.clone(), source })?;
    let state_lock = lock::hold(ledger_dir)?;
    std::fs::create_dir_all(&config.feeds.dir)
        .map_err(|source| StartError::Io { path: config.feeds.dir.clone(), source })?;
    let feeds_lock = lock::hold(&config.feeds.dir)?;
    let ledger = Ledger::open_unchecked(ledger_dir)?;
    let feeds_dir = FeedsDir::open(&config.feeds.dir)?;
    Ok(Opened { ledger, feeds_dir, _locks: [state_lock, feeds_lock] })
}

/// A content directory that is not there at all is a mistake in the config, unless it was there
/// before: then its loss must not cost the feeds.
fn require_content(config: &Config, ledger: &Ledger) -> Result<(), StartError> {
    match std::fs::read_dir(&config.content.dir) {
        Err(source) if ledger.is_empty()? => {
            Err(StartError::Content { dir: config.content.dir.clone(), source })
        }
        _ => Ok(()),
    }
}

fn scope(config: &Config) -> Scope {
    let absolute = |dir: &Path| dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    Scope {
        conventions: config.conventions.clone(),
        include: config.content.include.clone(),
        exclude: config.content.exclude.clone(),
        apart: vec![absolute(&config.feeds.dir), absolute(&config.state_dir)],
        max_size: config.content.max_size,
    }
}

/// How far a build has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many files are to be read.
    Found(usize),
    /// One more was read.
    Read,
}

/// Writes what a plan takes over to the ledger, or leaves it for the daemon that holds the ledger.
/// Returns what was done.
pub fn carry_out(config: &Config, plan: &adopt::Plan) -> Result<&'static str, StartError> {
    std::fs::create_dir_all(&config.state_dir)
        .map_err(|source| StartError::Io { path: config.state_dir.clone(), source })?;
    match lock::hold(&config.state_dir) {
        Ok(_lock) => {
            plan.carry_out(config, &mut Ledger::open(&config.state_dir)?)?;
            Ok("taken over")
        }
        Err(LockError::Held { .. }) => {
            requests::leave_adoption(&config.state_dir, &plan.taken)?;
            Ok("left for the running daemon, which takes them over now")
        }
        Err(error) => Err(error.into()),
    }
}

/// Refuses where a daemon runs on these feeds with another state directory: what is said here
/// would reach nobody.
pub fn require_same_state(config: &Config) -> Result<(), StartError> {
    let is_held = |dir: &Path| matches!(lock::hold(dir), Err(LockError::Held { .. }));
    if is_held(&config.feeds.dir) && !is_held(&config.state_dir) {
        return Err(StartError::OtherState { dir: config.state_dir.clone() });
    }
    Ok(())
}

/// Why nothing is taken for removed at present, if so.
pub fn alarm(config: &Config, ledger: &Ledger) -> Result<Option<String>, LedgerError> {
    let live = ledger.live()?.into_values().map(|packed| packed.known());
    let seen = live.map(|known| (known.path.into(), Seen::of(&known.signature)));
    let mut content = ContentDir::new(&config.content.dir, scope(config));
    content.recall(seen.collect(), false);
    Ok(content.scan(&Hint::All, false).alarm)
}

pub fn build(config: &Config, progress: &(dyn Fn(Progress) + Sync)) -> Result<Built, StartError> {
    let Opened { mut ledger, mut feeds_dir, _locks } = open(config)?;
    require_content(config, &ledger)?;
    let now = Timestamp::now();
    let accepted = requests::take(&config.state_dir);
    if !accepted.all {
        site_memory::require(config, &ledger)?;
    }
    let left = adopt::take_up(config, &mut ledger)?;
    let content = match ledger.is_empty()? {
        true => ContentDir::for_one_look(&config.content.dir, scope(config)),
        false => ContentDir::new(&config.content.dir, scope(config)),
    };
    let begun = begin(config, &mut ledger, &mut feeds_dir, content, now, &mut |_| {})?;
    let (mut state, mut content) = begun;
    state.to_come = left.to_come;
    let look = content.scan(&Hint::All, accepted.all);
    progress(Progress::Found(look.edits.len()));
    let alarm = look.alarm.clone();
    let root = content.root().to_path_buf();
    let max_size = config.content.max_size;
    let stage = Stage::new(&config.feeds.dir);
    let manner = Manner {
        now,
        read: &|path| content_dir::read(&root, path, max_size),
        texts: &|folder| content.texts(folder),
        progress: &|| progress(Progress::Read),
        stage: &|path, bytes| {
            stage.put(path, bytes);
            Kept::Elsewhere
        },
        make_ready: &|_| {},
        patience: Duration::ZERO,
        blind: false,
        forgets: false,
        accepted: &|path| accepted.lets(path),
    };
    let is_first = state.is_fresh();
    let turned = state.turn(config, &mut ledger, look, &manner)?;
    requests::done(&accepted);
    if alarm.is_none() {
        requests::done(&left.requests);
    }
    let documents = state.stamps.iter().map(|(path, stamp)| (path.as_str(), &stamp.hash));
    let Published { written, in_the_way, .. } =
        feeds_dir.publish(turned.number, documents, stage.end()?, &|_| None)?;
    if !is_first {
        ledger.sweep_bodies(&state.bodies_in_use(config))?;
    }
    let mut problems = located(config, turned.problems);
    problems.extend(of_config(config, &state));
    problems.extend(in_the_way.iter().map(|path| {
        let path = config.feeds.dir.join(path).display().to_string();
        Problem::error(&path, None, IN_THE_WAY)
    }));
    sort(&mut problems);
    Ok(Built {
        articles: state.catalog.len(),
        written,
        unchanged: state.stamps.len() - written.min(state.stamps.len()),
        problems,
        held: state.held.into_values().collect(),
        alarm,
    })
}

/// What `init` writes, for the publisher to replace.
pub const EXAMPLE_URL: &str = "https://www.example.org/";

const IN_THE_WAY: &str = "not written by syndic, so it is left alone; move it away, or let \
    `[feeds] dir` name another directory";

/// Paths of articles as an editor opens them from here, not as the content directory has them.
fn located(config: &Config, problems: Vec<Problem>) -> Vec<Problem> {
    let dir = config.content.dir.strip_prefix(".").unwrap_or(&config.content.dir);
    let place = |path: String| dir.join(path).display().to_string();
    problems.into_iter().map(|problem| Problem { path: place(problem.path), ..problem }).collect()
}

/// What the config, or what follows from it, leaves to be mended.
fn of_config(config: &Config, state: &State) -> Vec<Problem> {
    let path = config.path.display().to_string();
    let warn = |message: String| Problem::warning(&path, None, message);
    let example = (config.site.url == EXAMPLE_URL).then(|| {
        warn(format!(
            "`url` is still {EXAMPLE_URL}: links lead there, and ids keep its name for good"
        ))
    });
    let numbered = state.numbered_names(config).into_iter().map(|(name, slug)| {
        warn(format!("`{name}` has the slug of another name; its feed is called `{slug}`"))
    });
    let unmade = config.feeds.named.keys().filter(|feed| !state.catalog.has_feed(feed));
    let unmade: BTreeSet<&String> = unmade.collect();
    let unmade = unmade.into_iter().map(|feed| {
        warn(format!(
            "`[feeds.\"{feed}\"]`: there is no such feed; `index.html` lists those there are"
        ))
    });
    let dir = config.content.dir.strip_prefix(".").unwrap_or(&config.content.dir);
    let dir = if dir.as_os_str().is_empty() { "." } else { &*dir.to_string_lossy() };
    let none = state.catalog.is_empty().then(|| {
        warn(format!(
            "no articles in {dir}; see `[content] dir`, `include` and `exclude`; `syndic explain FILE` \
             says why a file is none"
        ))
    });
    let of_site = config.sources.problems.iter().chain(&config.sources.doubts).cloned();
    example.into_iter().chain(numbered).chain(unmade).chain(none).chain(of_site).collect()
}

fn sort(problems: &mut Vec<Problem>) {
    problems.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
    problems.dedup();
}

/// A turn that nobody gets anything of: for what it makes of the content. `accepted` if nothing is
/// to be held back.
fn rehearse(
    config: &Config,
    state: &mut State,
    ledger: &mut Ledger,
    content: &ContentDir,
    look: Look,
    accepted: bool,
) -> Result<Turned, LedgerError> {
    let root = content.root();
    let manner = Manner {
        now: Timestamp::now(),
        read: &|path| content_dir::read(root, path, config.content.max_size),
        texts: &|folder| content.texts(folder),
        progress: &|| {},
        stage: &|_, _| Kept::Elsewhere,
        make_ready: &|_| {},
        patience: Duration::ZERO,
        blind: false,
        forgets: true,
        accepted: &|_| accepted,
    };
    state.turn(config, ledger, look, &manner)
}
