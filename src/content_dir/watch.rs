//! File events, as hints. What an event says happened is not believed; that something happened
//! at its path is.

use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind};
use notify::{Config, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Written and closed, moved, or removed: ready to be looked at.
    Settled(PathBuf),
    /// Created or written, perhaps not for the last time.
    Open(PathBuf),
    /// A folder came.
    Folder(PathBuf),
    /// Something that no path tells, or the root itself.
    Everything,
    /// The kernel's queue was full.
    Lost,
    /// The system has no watches left: only looking from time to time helps.
    Blind(String),
}

impl Tick {
    /// The path it is about, if it is about one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Tick::Settled(path) | Tick::Open(path) | Tick::Folder(path) => Some(path),
            Tick::Everything | Tick::Lost | Tick::Blind(_) => None,
        }
    }
}

/// Watches as long as it lives.
pub struct Watch {
    _watcher: RecommendedWatcher,
}

/// Begins to watch a directory and all below it, or the directory alone.
pub fn watch(
    root: &Path,
    recursive: bool,
    tell: impl Fn(Tick) + Send + 'static,
) -> Result<Watch, String> {
    let own_root = root.to_path_buf();
    let on_event = move |event: notify::Result<Event>| match event {
        Ok(event) => ticks(event, &own_root, &tell),
        Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
            tell(Tick::Blind(out_of_watches()));
        }
        Err(_) => tell(Tick::Everything),
    };
    // Links to folders are not followed by the scan either.
    let config = Config::default().with_follow_symlinks(false);
    let mut watcher = RecommendedWatcher::new(on_event, config).map_err(|error| said(&error))?;
    let mode = if recursive { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
    watcher.watch(root, mode).map_err(|error| said(&error))?;
    Ok(Watch { _watcher: watcher })
}

fn said(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => out_of_watches(),
        ErrorKind::Io(error) if error.raw_os_error() == Some(24) => {
            "no inotify instances left (raise fs.inotify.max_user_instances)".into()
        }
        _ => error.to_string(),
    }
}

fn out_of_watches() -> String {
    "no inotify watches left (raise fs.inotify.max_user_watches)".into()
}

fn ticks(event: Event, root: &Path, tell: &impl Fn(Tick)) {
    if event.need_rescan() {
        return tell(Tick::Lost);
    }
    let tick: fn(PathBuf) -> Tick = match event.kind {
        // The scan's own reads are events too; only a writer's close matters.
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Tick::Settled,
        EventKind::Access(_) => return,
        EventKind::Create(CreateKind::Folder) => Tick::Folder,
        EventKind::Create(_) => Tick::Open,
        EventKind::Modify(ModifyKind::Name(_)) => moved,
        EventKind::Modify(ModifyKind::Metadata(_)) => Tick::Settled,
        EventKind::Modify(_) => Tick::Open,
        EventKind::Remove(RemoveKind::Folder | RemoveKind::File | RemoveKind::Any) => Tick::Settled,
        _ => return tell(Tick::Everything),
    };
    for path in event.paths {
        if path == root && matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(_)) {
            tell(Tick::Everything);
        } else {
            tell(tick(path));
        }
    }
}

/// A name that came may be a whole folder's.
fn moved(path: PathBuf) -> Tick {
    if path.is_dir() { Tick::Folder(path) } else { Tick::Settled(path) }
}
