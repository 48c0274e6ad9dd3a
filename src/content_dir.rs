//! The folder of articles. `scan` tells what differs from what was seen last, and is the truth;
//! `watch` only tells when to look.

mod bundle;
mod file;
mod pending;
mod watch;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use globset::GlobSet;
use rayon::prelude::*;

use crate::article::flavour::Flavour;
use crate::article::{Change, Conventions, Edit, Kind, Problem, Signature};
use crate::edition::MANIFEST;

use bundle::Bundles;
pub use file::{Identity, identity, read, signature};
pub use pending::Pending;
pub use watch::{Tick, Watch};

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 64;
/// Entries of a folder that one core looks at together.
const SOME: usize = 256;
/// A file changed this shortly before it was looked at may change again within one tick of the
/// file system's clock, unseen.
const RACY: Duration = Duration::from_millis(50);

/// Which files are looked at.
#[derive(Clone, Debug)]
pub struct Scope {
    pub conventions: Conventions,
    /// Empty: everything.
    pub include: GlobSet,
    pub exclude: GlobSet,
    /// Directories that are never entered, such as the feeds' own.
    pub apart: Vec<PathBuf>,
    /// Bytes of the largest article.
    pub max_size: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    All,
    /// Absolute paths of files and folders.
    Paths(BTreeSet<PathBuf>),
}

/// What a scan found.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub edits: Vec<Edit>,
    /// Files that give fields to the articles of their folder, written or removed.
    pub folder_files: Vec<String>,
    pub problems: Vec<Problem>,
    /// Why files that are missing must not be taken for removed: the last good state stands.
    pub alarm: Option<String>,
    /// It was a look at everything.
    pub whole: bool,
    /// Why not all folders are watched.
    pub blind: Option<String>,
}

pub struct ContentDir {
    configured: PathBuf,
    root: PathBuf,
    scope: Scope,
    bundles: Bundles,
    seen: BTreeMap<String, Signature>,
    /// Articles were published from here before, whatever `seen` says.
    expected: bool,
    /// Of the root, once it was seen.
    identity: Option<Identity>,
    watch: Option<Watch>,
}

impl ContentDir {
    /// `seen` is what an earlier run saw.
    pub fn new(
        root: &Path,
        scope: Scope,
        seen: impl IntoIterator<Item = (String, Signature)>,
        expected: bool,
    ) -> ContentDir {
        let configured = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
        let root = configured.canonicalize().unwrap_or_else(|_| configured.clone());
        let bundles = Bundles::of(&scope.conventions);
        let seen = seen.into_iter().collect();
        let (identity, watch) = (None, None);
        ContentDir { configured, root, scope, bundles, seen, expected, identity, watch }
    }

    /// Folders are watched from the next look on.
    pub fn watch(&mut self, watch: Option<Watch>) {
        self.watch = watch;
    }

    pub fn is_watched(&self) -> bool {
        self.watch.is_some()
    }

    pub fn take_watch(&mut self) -> Option<Watch> {
        self.watch.take()
    }

    /// As the config names it: perhaps a link, which may be switched to another folder.
    pub fn configured(&self) -> &Path {
        &self.configured
    }

    /// Follows the config's name to where it leads now.
    pub fn follow_root(&mut self) {
        if let Ok(root) = self.configured.canonicalize()
            && root != self.root
        {
            self.root = root;
            self.identity = None;
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Looks at a path again at the next scan, whatever its signature says.
    pub fn forget(&mut self, path: &str) {
        if let Some(signature) = self.seen.get_mut(path) {
            *signature = Signature { size: u64::MAX, ..Signature::default() };
        }
    }

    /// Whether an event at this path can have to do with an article.
    pub fn concerns(&self, path: &Path) -> bool {
        let Ok(relative) = path.strip_prefix(&self.root) else { return false };
        let Some(key) = relative.to_str() else { return true };
        if self.is_apart(path) || !self.may_enter(key) {
            return false;
        }
        let name = key.rsplit('/').next().unwrap_or(key);
        let prefix = format!("{key}/");
        Kind::of(name).is_some()
            || self.scope.conventions.is_folder_file(key)
            || !name.contains('.')
            || path.is_dir()
            || self.seen.range(prefix.clone()..).next().is_some_and(|(p, _)| p.starts_with(&prefix))
    }

    fn flavour(&self) -> &'static Flavour {
        self.scope.conventions.flavour
    }

    fn is_apart(&self, path: &Path) -> bool {
        self.scope.apart.iter().any(|apart| path.starts_with(apart))
    }

    /// `trusted`: the publisher says that an empty or missing folder is meant.
    pub fn scan(&mut self, hint: &Hint, trusted: bool) -> Look {
        let mut found = Found::default();
        if *hint == Hint::All {
            self.follow_root();
        }
        let identity = match std::fs::metadata(&self.root) {
            Ok(metadata) if metadata.is_dir() => identity(&metadata),
            Err(error) if trusted && error.kind() == io::ErrorKind::NotFound => (0, 0, 0),
            Ok(_) => return alarm(format!("{} is no directory", self.root.display())),
            Err(error) => {
                return alarm(format!(
                    "the content directory {} is gone: {error}",
                    self.root.display()
                ));
            }
        };
        let replaced = self.identity.is_some_and(|before| before != identity);
        let all = replaced || *hint == Hint::All || self.identity.is_none();
        self.identity = Some(identity);
        let places: Vec<PathBuf> = match hint {
            Hint::Paths(paths) if !all => {
                let inside = paths.iter().filter(|path| path.starts_with(&self.root));
                inside.map(|path| self.bundles.place(path, &self.root)).collect()
            }
            _ => vec![self.root.clone()],
        };
        let mut keys: Vec<String> = Vec::new();
        let watch = self.watch.take().map(Mutex::new);
        for place in &places {
            keys.extend(self.look_at(place, &mut found, watch.as_ref()));
        }
        found.files.par_sort_unstable_by(|a, b| a.0.cmp(&b.0));
        found.files.dedup_by(|a, b| a.0 == b.0);
        self.watch = watch.map(|watch| watch.into_inner().unwrap_or_else(PoisonError::into_inner));
        let blind = self.watch.as_mut().and_then(|watch| {
            if all {
                watch.keep(&found.folders);
            }
            watch.take_blind()
        });
        let mut missing = self.missing(&keys, &found.files);
        let alarm = if all
            && !trusted
            && found.files.is_empty()
            && (self.expected || !self.seen.is_empty())
        {
            Some(format!("{} is empty", self.root.display()))
        } else if found.failed {
            Some("not everything could be looked at".into())
        } else {
            None
        };
        // What is there but not to be read is not removed: it stays as it was.
        missing.retain(|path| !found.problems.iter().any(|problem| problem.path == *path));
        let edits = self.compare(found.files, missing, alarm.is_some());
        let (folder_files, edits): (Vec<Edit>, Vec<Edit>) =
            edits.into_iter().partition(|edit| self.scope.conventions.is_folder_file(&edit.path));
        let folder_files = folder_files.into_iter().map(|edit| edit.path).collect();
        Look { edits, folder_files, problems: found.problems, alarm, whole: all, blind }
    }

    /// Walks one place; returns its path relative to the root, if it is one to look at.
    fn look_at(
        &self,
        place: &Path,
        found: &mut Found,
        watch: Option<&Mutex<Watch>>,
    ) -> Option<String> {
        let key = self.key(place, found)?;
        if self.is_apart(place) || !self.may_enter(&key) {
            return None;
        }
        match std::fs::symlink_metadata(place) {
            Ok(metadata) if metadata.is_dir() => {
                let (folder, name) = key.rsplit_once('/').unwrap_or(("", &key));
                if key.is_empty()
                    || (self.flavour().enters(name, folder.is_empty())
                        && !self.bundles.has(place, &self.root))
                {
                    let depth = key.split('/').filter(|part| !part.is_empty()).count();
                    let identity = identity(&metadata);
                    let folder =
                        Folder { path: place.to_path_buf(), key: key.clone(), identity, depth };
                    found.add(self.walk(folder, watch));
                }
            }
            Ok(_) if self.bundles.has(place, &self.root) => {}
            Ok(metadata) => self.take(place, key.clone(), metadata, found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => found.fail(&key, &error),
        }
        Some(key)
    }

    /// What was seen at or below some places and is not among the files found, which are sorted.
    fn missing(&self, keys: &[String], files: &[(String, Signature)]) -> BTreeSet<String> {
        let is_found =
            |path: &String| files.binary_search_by(|(found, _)| found.cmp(path)).is_ok();
        let mut missing = BTreeSet::new();
        for key in keys {
            let prefix = if key.is_empty() { String::new() } else { format!("{key}/") };
            let below = self.seen.range(prefix.clone()..).map(|(path, _)| path);
            let below = below.take_while(|path| path.starts_with(&prefix));
            let own = self.seen.get_key_value(key).map(|(path, _)| path);
            missing.extend(own.into_iter().chain(below).filter(|path| !is_found(path)).cloned());
        }
        missing
    }

    /// Whether a file at this path, relative to the root, is read as an article.
    pub fn reads(&self, key: &str) -> bool {
        self.may_enter(key) && !self.is_apart(&self.root.join(key)) && self.takes(key)
    }

    /// Whether a file in a folder that is entered is read as an article.
    fn takes(&self, key: &str) -> bool {
        let name = key.rsplit('/').next().unwrap_or(key);
        Kind::of(name).is_some()
            && !is_temporary(name)
            && !self.scope.exclude.is_match(key)
            && (self.scope.include.is_empty() || self.scope.include.is_match(key))
            && self.scope.conventions.locate(key).is_some()
    }

    /// The texts that lie in a folder, as last seen.
    pub fn texts(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.seen
            .range(prefix.clone()..)
            .map_while(|(path, _)| path.strip_prefix(&prefix).map(|name| (path, name)))
            .filter(|(path, name)| !name.contains('/') && Kind::of(path) == Some(Kind::Text))
            .map(|(path, _)| path.clone())
            .collect()
    }

    /// Whether a file in a folder that is entered gives fields to its articles.
    fn is_folder_file(&self, key: &str) -> bool {
        let name = key.rsplit('/').next().unwrap_or(key);
        self.scope.conventions.is_folder_file(key) && !is_temporary(name)
    }

    /// Every folder on the way must be one that articles may lie in.
    fn may_enter(&self, key: &str) -> bool {
        let Some((folder, _)) = key.rsplit_once('/') else { return true };
        let mut at_root = true;
        folder.split('/').all(|part| {
            let enters = self.flavour().enters(part, at_root);
            at_root = false;
            enters
        })
    }

    /// The path relative to the root, with `/`; `None`, with a problem, if it is not UTF-8.
    fn key(&self, path: &Path, found: &mut Found) -> Option<String> {
        let relative = path.strip_prefix(&self.root).ok()?;
        match relative.to_str() {
            Some(text) => Some(text.to_string()),
            None => {
                let shown = relative.to_string_lossy();
                found.problems.push(Problem::error(
                    &shown,
                    None,
                    "the path is not UTF-8; rename it, until then it is not read",
                ));
                None
            }
        }
    }

    /// Looks at all there is in and below a folder, on all cores.
    fn walk(&self, folder: Folder, watch: Option<&Mutex<Watch>>) -> Found {
        let mut found = Found::default();
        let Folder { path, key, identity, depth } = folder;
        // Feeds that were written under another config are still feeds.
        if self.scope.apart.contains(&path) || path.join(MANIFEST).exists() {
            return found;
        }
        if let Some(watch) = watch {
            // Before anything in it is looked at.
            watch.lock().unwrap_or_else(PoisonError::into_inner).add(&path, identity);
            found.folders.insert(path.clone());
        }
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    found.fail(&key, &error);
                }
                return found;
            }
        };
        let mut inside: Vec<DirEntry> = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => inside.push(entry),
                Err(error) => found.fail(&key, &error),
            }
        }
        if !key.is_empty() {
            self.bundles.keep_index(&mut inside);
        }
        let looks = inside.par_chunks(SOME).map(|some| {
            let mut found = Found::default();
            let folders: Vec<Folder> = some
                .iter()
                .filter_map(|entry| self.look_into(entry, &key, depth, &mut found))
                .collect();
            let below = folders.into_par_iter().map(|folder| self.walk(folder, watch));
            found.add(below.reduce(Found::default, Found::and));
            found
        });
        found.and(looks.reduce(Found::default, Found::and))
    }

    /// Takes a file, or returns a folder that is to be walked.
    fn look_into(
        &self,
        entry: &DirEntry,
        folder: &str,
        depth: usize,
        found: &mut Found,
    ) -> Option<Folder> {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                found.fail(&name, &error);
                return None;
            }
        };
        let enters = || self.flavour().enters(&name, folder.is_empty());
        if metadata.is_dir() {
            let key = if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") };
            let identity = identity(&metadata);
            let deeper = Folder { path: entry.path(), key, identity, depth: depth + 1 };
            return (enters() && depth < MAX_DEPTH).then_some(deeper);
        }
        if let Some(key) = self.key_of_file(entry, folder, &name, found) {
            self.take(&entry.path(), key, metadata, found);
        } else if metadata.is_symlink() && enters() {
            self.tell_of_folder(&entry.path(), found);
        }
        None
    }

    /// Links to folders are not followed: they may lead out, or round in a circle.
    fn tell_of_folder(&self, path: &Path, found: &mut Found) {
        if !path.is_dir() || self.is_apart(&path.canonicalize().unwrap_or_default()) {
            return;
        }
        if let Some(key) = self.key(path, found) {
            let message = "a symbolic link to a folder; it is not followed";
            found.problems.push(Problem::warning(&key, None, message));
        }
    }

    /// Keys are made only for files that may be articles, or give fields to some: most others need
    /// no complaint.
    fn key_of_file(
        &self,
        entry: &DirEntry,
        folder: &str,
        name: &str,
        found: &mut Found,
    ) -> Option<String> {
        let gives_fields =
            || self.scope.conventions.folder_files_in(folder).any(|file| file == name);
        if is_temporary(name) || (Kind::of(name).is_none() && !gives_fields()) {
            return None;
        }
        match entry.file_name().to_str() {
            Some(name) if folder.is_empty() => Some(name.to_string()),
            Some(name) => Some(format!("{folder}/{name}")),
            None => self.key(&entry.path(), found),
        }
    }

    fn take(&self, path: &Path, key: String, metadata: Metadata, found: &mut Found) {
        if !self.takes(&key) && !self.is_folder_file(&key) {
            return;
        }
        let metadata = if metadata.is_symlink() {
            match self.follow(path) {
                Ok(metadata) => metadata,
                Err(message) => return found.problems.push(Problem::error(&key, None, message)),
            }
        } else {
            metadata
        };
        if !metadata.is_file() {
            let message = "no regular file (a pipe, socket or device); it is not read";
            return found.problems.push(Problem::error(&key, None, message));
        }
        if metadata.len() > self.scope.max_size {
            found.problems.push(Problem::error(
                &key,
                None,
                format!(
                    "{} bytes, more than the {} of `[content] max_size`; it is not read",
                    metadata.len(),
                    self.scope.max_size
                ),
            ));
            return;
        }
        found.files.push((key, signature(&metadata)));
    }

    /// A link may lead to a file inside the content directory, and nowhere else.
    fn follow(&self, path: &Path) -> Result<Metadata, String> {
        let target = path.canonicalize().map_err(|error| {
            if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
                "a symbolic link that leads round in a circle; it is not read".to_string()
            } else {
                format!("a symbolic link that leads nowhere: {error}")
            }
        })?;
        if !target.starts_with(&self.root) {
            return Err("a symbolic link out of the content directory; it is not read".into());
        }
        std::fs::metadata(&target).map_err(|error| error.to_string())
    }

    fn compare(
        &mut self,
        files: Vec<(String, Signature)>,
        missing: BTreeSet<String>,
        alarmed: bool,
    ) -> Vec<Edit> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut edits = Vec::new();
        if self.seen.is_empty() {
            // In their order, at once.
            self.seen = files.iter().map(|(path, _)| (path.clone(), Signature::default())).collect();
        }
        for (path, signature) in files {
            if self.seen.get(&path) == Some(&signature) {
                continue;
            }
            let age = now.as_nanos() as i64 - signature.changed;
            let racy = age < RACY.as_nanos() as i64;
            let kept = if racy { Signature { size: u64::MAX, ..signature } } else { signature };
            match self.seen.get_mut(&path) {
                Some(seen) => *seen = kept,
                None => drop(self.seen.insert(path.clone(), kept)),
            }
            edits.push(Edit { path, change: Change::Written(signature) });
        }
        if !alarmed {
            for path in missing {
                self.seen.remove(&path);
                edits.push(Edit { path, change: Change::Removed });
            }
        }
        edits.sort_by(|a, b| a.path.cmp(&b.path));
        edits
    }
}

fn alarm(reason: String) -> Look {
    Look { alarm: Some(reason), whole: true, ..Look::default() }
}

#[derive(Default)]
struct Found {
    files: Vec<(String, Signature)>,
    problems: Vec<Problem>,
    /// Something could not be looked at: nothing may be taken for removed.
    failed: bool,
    folders: HashSet<PathBuf>,
}

/// A folder to be walked.
struct Folder {
    path: PathBuf,
    key: String,
    identity: Identity,
    depth: usize,
}

impl Found {
    fn and(mut self, other: Found) -> Found {
        self.add(other);
        self
    }

    fn add(&mut self, other: Found) {
        self.files.extend(other.files);
        self.problems.extend(other.problems);
        self.failed |= other.failed;
        self.folders.extend(other.folders);
    }

    fn fail(&mut self, key: &str, error: &io::Error) {
        self.failed = true;
        let place = if key.is_empty() { "." } else { key };
        self.problems.push(Problem::error(place, None, format!("cannot be looked at: {error}")));
    }
}

/// Names that editors and tools use while they write.
fn is_temporary(name: &str) -> bool {
    name.starts_with('.') || name.starts_with('#') || name.ends_with('~') || name.starts_with("~$")
}
