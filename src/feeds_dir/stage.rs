//! Files that are written, durably, and not yet in their places. They are written by who made them,
//! so that no bytes wait; the disk is waited for by hands of its own, so that many files are on
//! their way to it at once while others are still being made.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::{FeedsDirError, TEMPORARY, at};

/// A disk takes many small files together in little more time than one.
const HANDS: usize = 8;
/// Files that wait for a hand, at most; each is open.
const WAITING: usize = 32;

/// A document's file, beside its place. It is removed if nobody puts it there.
pub(super) struct Written {
    pub path: String,
    // Thousands may be on their way at once: no descriptor is kept.
    pub file: tempfile::TempPath,
}

impl Written {
    pub fn new(dir: &Path, path: &str, bytes: &[u8]) -> Result<Written, FeedsDirError> {
        Sent::new(dir, path, bytes)?.arrive(dir)
    }
}

/// A document's file that may not be on the disk yet.
struct Sent {
    path: String,
    file: tempfile::NamedTempFile,
}

impl Sent {
    fn new(dir: &Path, path: &str, bytes: &[u8]) -> Result<Sent, FeedsDirError> {
        let place = dir.join(path);
        let folder = place.parent().unwrap_or(dir);
        std::fs::create_dir_all(folder).map_err(at(folder))?;
        // Other servers must be able to read it.
        let mode = std::fs::Permissions::from_mode(0o644);
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .permissions(mode)
            .tempfile_in(folder)
            .map_err(at(folder))?;
        file.write_all(bytes).map_err(at(&place))?;
        Ok(Sent { path: path.to_string(), file })
    }

    /// Waits until it is.
    fn arrive(self, dir: &Path) -> Result<Written, FeedsDirError> {
        let Sent { path, file } = self;
        file.as_file().sync_data().map_err(at(&dir.join(&path)))?;
        Ok(Written { path, file: file.into_temp_path() })
    }
}

/// All that was staged.
#[derive(Default)]
pub struct Staged {
    pub(super) files: Vec<Written>,
}

type Begun = Result<Sent, FeedsDirError>;

pub struct Stage {
    dir: PathBuf,
    tell: SyncSender<Begun>,
    hands: Vec<JoinHandle<Result<Vec<Written>, FeedsDirError>>>,
}

impl Stage {
    /// Hands that write files beside their places in a folder of feeds, for documents that are not
    /// kept in memory until they are published.
    pub fn new(dir: &Path) -> Stage {
        let (tell, sent) = sync_channel(WAITING);
        let sent = Arc::new(Mutex::new(sent));
        let hand = |_| {
            let (dir, sent) = (dir.to_path_buf(), sent.clone());
            std::thread::spawn(move || see_through(&dir, &sent))
        };
        Stage { dir: dir.to_path_buf(), tell, hands: (0..HANDS).map(hand).collect() }
    }

    /// Writes a document. What became of it, `end` tells.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        // Without a hand left to take it there is an error to be told.
        let _ = self.tell.send(Sent::new(&self.dir, path, bytes));
    }

    /// Waits until everything is on the disk.
    pub fn end(self) -> Result<Staged, FeedsDirError> {
        drop(self.tell);
        let mut staged = Staged::default();
        let done: Vec<_> = self.hands.into_iter().map(JoinHandle::join).collect();
        for files in done {
            staged.files.extend(files.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(staged)
    }
}

fn see_through(dir: &Path, sent: &Mutex<Receiver<Begun>>) -> Result<Vec<Written>, FeedsDirError> {
    let mut written = Vec::new();
    loop {
        let next = sent.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(begun) = next else { return Ok(written) };
        written.push(begun?.arrive(dir)?);
    }
}
