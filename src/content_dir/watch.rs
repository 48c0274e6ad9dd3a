//! File events, as hints. What an event says happened is not believed; that something happened
//! at its path is.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::Identity;
use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind};
use notify::{Config, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Written and closed, moved, or removed: ready to be looked at.
    Settled(PathBuf),
    /// Created or written, perhaps not for the last time.
    Open(PathBuf),
    /// Something that no path tells.
    Everything,
    /// The kernel's queue was full.
    Lost,
}

impl Tick {
    /// The path it is about, if it is about one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Tick::Settled(path) | Tick::Open(path) => Some(path),
            Tick::Everything | Tick::Lost => None,
        }
    }
}

/// Watches folders, each by itself, as long as it lives: what is not to be read is not watched
/// either, and a folder is watched before it is looked into, so that nothing falls between.
pub struct Watch {
    watcher: RecommendedWatcher,
    folders: HashMap<PathBuf, Identity>,
    paths: HashMap<Identity, PathBuf>,
    /// Folders that stay watched though no look enters them.
    pinned: HashSet<PathBuf>,
    /// Why some folder is not watched.
    blind: Option<String>,
}

impl Watch {
    pub fn new(tell: impl Fn(Tick) + Send + 'static) -> Result<Watch, String> {
        let on_event = move |event: notify::Result<Event>| match event {
            Ok(event) => ticks(event, &tell),
            Err(_) => tell(Tick::Everything),
        };
        let watcher = RecommendedWatcher::new(on_event, Config::default());
        let watcher = watcher.map_err(|error| said(&error))?;
        let (folders, paths, pinned) = (HashMap::new(), HashMap::new(), HashSet::new());
        Ok(Watch { watcher, folders, paths, pinned, blind: None })
    }

    /// Watches a folder; `true` if this very folder was not watched before, and is now.
    pub fn add(&mut self, path: &Path, identity: Identity) -> bool {
        if self.blind.is_some() || self.folders.get(path) == Some(&identity) {
            return false;
        }
        // The kernel knows folders, not names: one that was renamed is watched under its old name,
        // and one that took another's place is not watched at all.
        if let Some(old) = self.paths.get(&identity).cloned() {
            self.remove(&old);
        }
        self.remove(path);
        match self.watcher.watch(path, RecursiveMode::NonRecursive) {
            Ok(()) => {
                self.folders.insert(path.to_path_buf(), identity);
                self.paths.insert(identity, path.to_path_buf());
            }
            // It has gone since: its parent's events tell.
            Err(error) if is_gone(&error) => {}
            Err(error) => self.blind = Some(said(&error)),
        }
        self.folders.contains_key(path)
    }

    /// Watches a folder for good; `false` if it cannot be watched.
    pub fn pin(&mut self, path: &Path, identity: Identity) -> bool {
        self.pinned.insert(path.to_path_buf());
        self.add(path, identity);
        self.folders.contains_key(path)
    }

    fn remove(&mut self, path: &Path) {
        if let Some(identity) = self.folders.remove(path) {
            self.paths.remove(&identity);
            // The kernel may have dropped it with the folder.
            let _ = self.watcher.unwatch(path);
        }
    }

    /// After a look at everything: forgets the folders that were not there.
    pub fn keep(&mut self, seen: &HashSet<PathBuf>) {
        let is_gone = |path: &&PathBuf| !seen.contains(*path) && !self.pinned.contains(*path);
        let gone: Vec<PathBuf> = self.folders.keys().filter(is_gone).cloned().collect();
        for path in gone {
            self.remove(&path);
        }
    }

    /// Why not all folders are watched, if so; the next look tries again.
    pub fn take_blind(&mut self) -> Option<String> {
        self.blind.take()
    }
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

fn said(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "no inotify watches left (raise fs.inotify.max_user_watches)".into()
        }
        ErrorKind::Io(error)
            if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) =>
        {
            "no inotify instances left (raise fs.inotify.max_user_instances)".into()
        }
        _ => error.to_string(),
    }
}

fn ticks(event: Event, tell: &impl Fn(Tick)) {
    if event.need_rescan() {
        return tell(Tick::Lost);
    }
    let tick: fn(PathBuf) -> Tick = match event.kind {
        // The scan's own reads are events too; only a writer's close matters.
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Tick::Settled,
        EventKind::Access(_) => return,
        EventKind::Create(CreateKind::Folder) => Tick::Settled,
        EventKind::Create(_) => Tick::Open,
        EventKind::Modify(ModifyKind::Name(_) | ModifyKind::Metadata(_)) => Tick::Settled,
        EventKind::Modify(_) => Tick::Open,
        EventKind::Remove(RemoveKind::Folder | RemoveKind::File | RemoveKind::Any) => Tick::Settled,
        _ => return tell(Tick::Everything),
    };
    for path in event.paths {
        tell(tick(path));
    }
}
