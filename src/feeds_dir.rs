//! The folder of feeds: a copy of the present edition, for static servers and for the next start.
//! Each file is replaced as a whole; the manifest, written last, says which files are ours.

mod stage;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::article::Hash;
use crate::edition::{MANIFEST, Stamp, hex};
use crate::feed::By;
use crate::feed::id::Adopted;

use stage::Written;
pub use stage::{Stage, Staged};

const TEMPORARY: &str = ".syndic-tmp-";

#[derive(Debug, thiserror::Error)]
#[error("feeds directory: {}: {source}", path.display())]
pub struct FeedsDirError {
    pub path: PathBuf,
    pub source: io::Error,
}

/// Which edition the folder holds, and the files that are ours with their hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    edition: u64,
    documents: BTreeMap<String, String>,
}

pub struct FeedsDir {
    dir: PathBuf,
    manifest: Manifest,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> FeedsDirError {
    move |source| FeedsDirError { path: path.to_path_buf(), source }
}

impl FeedsDir {
    /// Opens or makes the folder, and removes what a crash left half-written.
    pub fn open(dir: &Path) -> Result<FeedsDir, FeedsDirError> {
        std::fs::create_dir_all(dir).map_err(at(dir))?;
        let feeds_dir = FeedsDir::open_read_only(dir)?;
        feeds_dir.sweep();
        Ok(feeds_dir)
    }

    /// Looks at what the folder holds, if there is one.
    pub fn open_read_only(dir: &Path) -> Result<FeedsDir, FeedsDirError> {
        let path = dir.join(MANIFEST);
        let manifest: Manifest = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Manifest::default(),
            Err(error) => return Err(at(&path)(error)),
        };
        Ok(FeedsDir { dir: dir.to_path_buf(), manifest })
    }

    /// The edition that the folder holds; 0 where it holds none.
    pub fn edition(&self) -> u64 {
        self.manifest.edition
    }

    /// Removes what was half-written, here and in the folders that can only be ours: the manifest
    /// may never have been written.
    fn sweep(&self) {
        const DEEPEST: usize = 16;
        let kinds = [By::Category, By::Tag, By::Author, By::Language].map(By::word);
        let mut folders: Vec<(PathBuf, usize)> = vec![(self.dir.clone(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name();
                if name.to_string_lossy().starts_with(TEMPORARY) {
                    // Left where it is if it cannot be removed: it is in nobody's way.
                    let _ = std::fs::remove_file(entry.path());
                } else if depth < DEEPEST
                    && (depth > 0 || kinds.iter().any(|kind| name == *kind))
                    && entry.file_type().is_ok_and(|kind| kind.is_dir())
                {
                    folders.push((entry.path(), depth + 1));
                }
            }
        }
    }

    /// The documents whose files are as we left them and as the ledger knows them. The others
    /// count as not there: the next `publish` makes them good.
    pub fn intact(&mut self, stamps: &BTreeMap<String, Stamp>) -> HashSet<String> {
        let is_intact = |(path, stamp): &(&String, &Stamp)| {
            let ours = self.manifest.documents.get(*path);
            ours.is_some_and(|hash| *hash == hex(&stamp.hash))
                && read_document(&self.dir, path, &stamp.hash).is_some()
        };
        let intact: HashSet<String> =
            stamps.par_iter().filter(is_intact).map(|(path, _)| path.clone()).collect();
        for path in stamps.keys().filter(|path| !intact.contains(*path)) {
            // Still ours, should it have to be removed.
            self.manifest.documents.entry(path.clone()).and_modify(String::clear);
        }
        intact
    }

    /// The stamps of what an earlier run left, for a ledger that knows nothing.
    pub fn stamps(&self) -> BTreeMap<String, Stamp> {
        let stamp = |(path, hash): (&String, &String)| {
            let path_on_disk = self.dir.join(path);
            let bytes = std::fs::read(&path_on_disk).ok()?;
            let found = *blake3::hash(&bytes).as_bytes();
            let modified = std::fs::metadata(&path_on_disk).and_then(|m| m.modified()).ok()?;
            let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
            let last_modified = i64::try_from(since.as_secs()).ok()?;
            (hex(&found) == *hash).then(|| (path.clone(), Stamp { hash: found, last_modified }))
        };
        self.manifest.documents.iter().filter_map(stamp).collect()
    }

    /// Entries of the JSON feeds that an earlier run wrote, for a ledger that knows nothing.
    pub fn published(&self) -> Vec<Adopted> {
        let feeds = self.manifest.documents.keys().filter(|path| path.ends_with(".json"));
        let mut adopted: BTreeMap<String, Adopted> = BTreeMap::new();
        for path in feeds {
            let Ok(bytes) = std::fs::read(self.dir.join(path)) else { continue };
            let Ok(feed) = serde_json::from_slice::<JsonFeed>(&bytes) else { continue };
            for item in feed.items {
                adopted.insert(
                    item.id.clone(),
                    Adopted {
                        id: item.id,
                        link: item.url,
                        published: item.date_published.and_then(|date| date.parse().ok()),
                        updated: item.date_modified.and_then(|date| date.parse().ok()),
                    },
                );
            }
        }
        adopted.into_values().collect()
    }

    /// Brings the folder to an edition of these documents: some of them are staged, the bytes of
    /// others `at_hand`. Files of others that stand where ours should are left alone, and named.
    /// On an error the old files stay, and the next call tries again.
    pub fn publish<'a>(
        &mut self,
        edition: u64,
        documents: impl Iterator<Item = (&'a str, &'a Hash)>,
        staged: Staged,
        at_hand: &(dyn Fn(&str) -> Option<Vec<u8>> + Sync),
    ) -> Result<Published, FeedsDirError> {
        let mut wanted: BTreeMap<String, String> =
            documents.map(|(path, hash)| (path.to_string(), hex(hash))).collect();
        let strangers = wanted.iter().filter(|(path, hash)| self.is_strangers(path, hash));
        let in_the_way: Vec<String> = strangers.map(|(path, _)| path.clone()).collect();
        for path in &in_the_way {
            wanted.remove(path);
        }
        let mut next = Manifest { edition, documents: wanted };
        let stale =
            |path: &&String| self.manifest.documents.get(*path) != next.documents.get(*path);
        let mut changed: BTreeSet<String> = next.documents.keys().filter(stale).cloned().collect();
        if changed.is_empty() && next == self.manifest {
            return Ok(Published { edition, written: 0, in_the_way });
        }
        let mut written: Vec<Written> = staged.files;
        written.retain(|file| changed.remove(&file.path));
        let more = changed
            .par_iter()
            .filter_map(|path| at_hand(path).map(|bytes| Written::new(&self.dir, path, &bytes)));
        written.extend(more.collect::<Result<Vec<_>, _>>()?);
        for file in &written {
            changed.remove(&file.path);
        }
        for path in changed {
            // Not to be had: still ours, and not as it should be.
            next.documents.insert(path, String::new());
        }
        let count = written.len();
        self.replace(written)?;
        let gone =
            self.manifest.documents.keys().filter(|path| !next.documents.contains_key(*path));
        for path in gone {
            let path = self.dir.join(path);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(at(&path)(error));
                }
                _ => {}
            }
        }
        let mut bytes = serde_json::to_vec_pretty(&next).unwrap_or_default();
        bytes.push(b'\n');
        let manifest = Written::new(&self.dir, MANIFEST, &bytes)?;
        self.replace(vec![manifest])?;
        self.manifest = next;
        Ok(Published { edition, written: count, in_the_way })
    }

    /// Whether somebody removed files of ours: the next `publish` makes them good.
    pub fn misses_files(&mut self) -> bool {
        let mut misses = false;
        for (path, hash) in &mut self.manifest.documents {
            if !self.dir.join(path).is_file() {
                hash.clear();
                misses = true;
            }
        }
        misses
    }

    /// Documents whose files are not as they should be.
    pub fn missing(&self) -> Vec<String> {
        let missing = self.manifest.documents.iter().filter(|(_, hash)| hash.is_empty());
        missing.map(|(path, _)| path.clone()).collect()
    }

    /// The next `publish` makes this document's file good, whatever it holds.
    pub fn forget(&mut self, path: &str) {
        self.manifest.documents.entry(path.to_string()).and_modify(String::clear);
    }

    /// A file that we did not write and that is not by chance the one that we would write.
    fn is_strangers(&self, path: &str, hash: &str) -> bool {
        !self.manifest.documents.contains_key(path)
            && std::fs::read(self.dir.join(path))
                .is_ok_and(|bytes| hex(blake3::hash(&bytes).as_bytes()) != hash)
    }

    fn replace(&self, written: Vec<Written>) -> Result<(), FeedsDirError> {
        let mut folders = BTreeSet::new();
        for Written { path, file } in written {
            let place = self.dir.join(path);
            file.persist(&place).map_err(|error| at(&place)(error.error))?;
            folders.insert(place.parent().unwrap_or(&self.dir).to_path_buf());
        }
        for folder in folders {
            File::open(&folder).and_then(|dir| dir.sync_all()).map_err(at(&folder))?;
        }
        Ok(())
    }
}

/// What a publication came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    pub edition: u64,
    pub written: usize,
    /// Paths at which files lie that are not ours.
    pub in_the_way: Vec<String>,
}

/// The bytes of a document's file, if it is the one with this hash.
pub fn read_document(dir: &Path, path: &str, hash: &Hash) -> Option<Vec<u8>> {
    let bytes = std::fs::read(dir.join(path)).ok()?;
    (blake3::hash(&bytes).as_bytes() == hash).then_some(bytes)
}

#[derive(Deserialize)]
struct JsonFeed {
    items: Vec<JsonItem>,
}

#[derive(Deserialize)]
struct JsonItem {
    id: String,
    url: String,
    date_published: Option<String>,
    date_modified: Option<String>,
}
