//! The walk: all there is in some places of the content directory, looked at on all cores.

use std::collections::{BTreeMap, HashSet};
use std::fs::{DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use rayon::prelude::*;

use super::{ContentDir, Identity, Watch, file, is_temporary, links};
use crate::article::{Conventions, Kind, Problem, Signature, unread_kind};
use crate::edition::MANIFEST;

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 64;
/// Entries of a folder that one core looks at together.
const SOME: usize = 256;

/// What lies in some places of the content directory.
pub struct Found {
    /// When it was begun to look.
    pub at: SystemTime,
    /// The places that were looked at.
    pub keys: Vec<String>,
    /// In the order of their paths.
    pub files: Vec<(String, Signature)>,
    pub problems: Vec<Problem>,
    /// Something could not be looked at: nothing may be taken for removed.
    pub failed: bool,
    /// The folders that were entered, where they are watched.
    pub folders: HashSet<PathBuf>,
    /// The symbolic links that may be articles, and what each leads through.
    pub links: Vec<(String, Vec<PathBuf>)>,
    /// How many files are of a kind that is not read, and the first of them, by extension.
    pub unread: BTreeMap<&'static str, (String, usize)>,
}

impl Default for Found {
    fn default() -> Found {
        Found {
            at: SystemTime::UNIX_EPOCH,
            keys: Vec::new(),
            files: Vec::new(),
            problems: Vec::new(),
            failed: false,
            folders: HashSet::new(),
            links: Vec::new(),
            unread: BTreeMap::new(),
        }
    }
}

/// A folder to be walked.
struct Folder {
    path: PathBuf,
    key: String,
    identity: Identity,
    depth: usize,
}

impl Found {
    /// All of some, each moved once.
    fn add_all(&mut self, others: Vec<Found>) {
        self.files.reserve(others.iter().map(|other| other.files.len()).sum());
        others.into_iter().for_each(|other| self.add(other));
    }

    fn add(&mut self, other: Found) {
        match self.files.capacity() {
            0 => self.files = other.files,
            _ => self.files.extend(other.files),
        }
        self.problems.extend(other.problems);
        self.failed |= other.failed;
        self.folders.extend(other.folders);
        self.links.extend(other.links);
        for (kind, (path, count)) in other.unread {
            self.pass_over(kind, path, count);
        }
    }

    fn pass_over(&mut self, kind: &'static str, path: String, count: usize) {
        let (first, total) = self.unread.entry(kind).or_insert_with(|| (path.clone(), 0));
        *total += count;
        if path < *first {
            *first = path;
        }
    }

    /// An article that nobody reads should not be missed in silence.
    fn tell_of_unread(&mut self) {
        for (kind, (path, count)) in std::mem::take(&mut self.unread) {
            let others = match count {
                1 => String::new(),
                2 => ", as is 1 other".to_string(),
                count => format!(", as are {} others", count - 1),
            };
            let message = format!("`.{kind}` is not read{others}");
            self.problems.push(Problem::warning(&path, None, message));
        }
    }

    fn fail(&mut self, key: &str, error: &io::Error) {
        self.failed = true;
        let place = if key.is_empty() { "." } else { key };
        self.problems.push(Problem::error(place, None, format!("cannot be looked at: {error}")));
    }
}

impl ContentDir {
    pub(super) fn look_at_all(&mut self, places: &[PathBuf]) -> Found {
        let mut found = Found { at: SystemTime::now(), ..Found::default() };
        let watch = self.watch.take().map(Mutex::new);
        for place in places {
            let key = self.look_at(place, &mut found, watch.as_ref());
            found.keys.extend(key);
        }
        if found.keys.iter().any(String::is_empty) {
            found.tell_of_unread();
        }
        if let Some(watch) = &watch {
            self.watch_ways(&mut found, watch);
        }
        let links = std::mem::take(&mut found.links).into_iter();
        self.links.replace(places, links.map(|(key, way)| (self.root.join(key), way)));
        found.files.par_sort_unstable_by(|a, b| a.0.cmp(&b.0));
        found.files.dedup_by(|a, b| a.0 == b.0);
        self.watch = watch.map(|watch| watch.into_inner().unwrap_or_else(PoisonError::into_inner));
        found
    }

    /// Watches the folders that links lead through, which no walk may have entered.
    fn watch_ways(&self, found: &mut Found, watch: &Mutex<Watch>) {
        let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fresh = HashSet::new();
        for (_, way) in &found.links {
            for folder in way.iter().flat_map(|place| self.folders_of(place)) {
                if found.folders.insert(folder.to_path_buf())
                    && let Ok(metadata) = std::fs::symlink_metadata(folder)
                    && metadata.is_dir()
                    && watch.add(folder, file::identity(&metadata))
                {
                    fresh.insert(folder.to_path_buf());
                }
            }
        }
        drop(watch);
        // They were looked at before they were watched.
        let unsure = found.links.extract_if(.., |(_, way)| {
            way.iter().flat_map(|place| self.folders_of(place)).any(|at| fresh.contains(at))
        });
        let unsure: HashSet<String> = unsure.map(|(key, _)| key).collect();
        found.files.retain(|(key, _)| !unsure.contains(key));
        found.problems.retain(|problem| !unsure.contains(&problem.path));
        for key in unsure {
            if let Ok(metadata) = std::fs::symlink_metadata(self.root.join(&key)) {
                self.take(key, metadata, found);
            }
        }
    }

    /// The folders that a place lies in, up to the root; none where it lies elsewhere.
    fn folders_of<'a>(&'a self, place: &'a Path) -> impl Iterator<Item = &'a Path> {
        place.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.root))
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
                    || (self.enters(name, folder.is_empty())
                        && !self.bundles.has(place, &self.root))
                {
                    let depth = key.split('/').filter(|part| !part.is_empty()).count();
                    let identity = file::identity(&metadata);
                    let folder =
                        Folder { path: place.to_path_buf(), key: key.clone(), identity, depth };
                    found.add(self.walk(folder, watch));
                }
            }
            Ok(_) if self.bundles.has(place, &self.root) => {}
            Ok(metadata) => self.take(key.clone(), metadata, found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => found.fail(&key, &error),
        }
        Some(key)
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
            found.add_all(below.collect());
            found
        });
        found.add_all(looks.collect());
        found
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
        self.look_closer(entry, &name, folder, depth, found).unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                found.fail(&name, &error);
            }
            None
        })
    }

    /// The listing of a folder tells what kind of file each is, which is enough of most.
    fn look_closer(
        &self,
        entry: &DirEntry,
        name: &str,
        folder: &str,
        depth: usize,
        found: &mut Found,
    ) -> io::Result<Option<Folder>> {
        let kind = entry.file_type()?;
        let key = || if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") };
        let enters = || self.enters(name, folder.is_empty());
        if kind.is_dir() {
            if !enters() || depth >= MAX_DEPTH {
                return Ok(None);
            }
            let identity = file::identity(&entry.metadata()?);
            return Ok(Some(Folder { path: entry.path(), key: key(), identity, depth: depth + 1 }));
        }
        if let Some(key) = self.key_of_file(entry, folder, name, found) {
            let is_article = || self.takes(&key) && !self.is_folder_file(&key);
            // Then its state is asked for when it is read, and not before.
            if self.is_for_one_look && kind.is_file() && is_article() {
                found.files.push((key, Signature::default()));
            } else {
                self.take(key, entry.metadata()?, found);
            }
        } else if kind.is_symlink() && enters() {
            self.tell_of_folder(&entry.path(), found);
        } else if let Some(kind) = unread_kind(name)
            && self.would_be_read(&key())
        {
            found.pass_over(kind, key(), 1);
        }
        Ok(None)
    }

    /// Whether a file would be an article, if its kind were read.
    fn would_be_read(&self, key: &str) -> bool {
        let Conventions { root, flavour, declared, .. } = &self.scope.conventions;
        let location = root.locate(key, flavour, declared);
        self.is_in_scope(key)
            && location.is_some_and(|location| !flavour.is_site_page(&location.path))
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
            // The folder's own name may have been none.
            Some(_) if folder.contains('\u{FFFD}') => self.key(&entry.path(), found),
            Some(name) if folder.is_empty() => Some(name.to_string()),
            Some(name) => Some(format!("{folder}/{name}")),
            None => self.key(&entry.path(), found),
        }
    }

    fn take(&self, key: String, metadata: Metadata, found: &mut Found) {
        if !self.takes(&key) && !self.is_folder_file(&key) {
            return;
        }
        let metadata = if metadata.is_symlink() {
            let link = self.root.join(&key);
            found.links.push((key.clone(), links::way(&link)));
            match self.follow(&link) {
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
            let message = file::too_large(metadata.len(), self.scope.max_size);
            return found.problems.push(Problem::error(&key, None, message));
        }
        found.files.push((key, file::signature(&metadata)));
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
}
