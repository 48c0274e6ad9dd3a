//! Files that are written, durably, and not yet in their places. A disk is waited for by hands of
//! its own, so that many files are on their way at once while others are still being made.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::{FeedsDirError, TEMPORARY, at};

/// A disk takes many small files together in little more time than one.
const HANDS: usize = 16;
/// Documents that wait for a hand, at most.
const WAITING: usize = 32;

/// A document's file, beside its place. It is removed if nobody puts it there.
pub(super) struct Written {
    pub path: String,
    // Thousands may be on their way at once: no descriptor is kept.
    pub file: tempfile::TempPath,
}

impl Written {
    pub fn new(dir: &Path, path: &str, bytes: &[u8]) -> Result<Written, FeedsDirError> {
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
        file.as_file().sync_data().map_err(at(&place))?;
        Ok(Written { path: path.to_string(), file: file.into_temp_path() })
    }
}

/// All that was staged.
#[derive(Default)]
pub struct Staged {
    pub(super) files: Vec<Written>,
}

type Sheet = (String, Vec<u8>);

pub struct Stage {
    tell: SyncSender<Sheet>,
    hands: Vec<JoinHandle<Result<Vec<Written>, FeedsDirError>>>,
}

impl Stage {
    /// Hands that write files beside their places in a folder of feeds, for documents that are not
    /// kept in memory until they are published.
    pub fn new(dir: &Path) -> Stage {
        let (tell, sheets) = sync_channel(WAITING);
        let sheets = Arc::new(Mutex::new(sheets));
        let hand = |_| {
            let (dir, sheets) = (dir.to_path_buf(), sheets.clone());
            std::thread::spawn(move || write_all(&dir, &sheets))
        };
        Stage { tell, hands: (0..HANDS).map(hand).collect() }
    }

    /// Takes a document's bytes. What became of them, `end` tells.
    pub fn put(&self, path: &str, bytes: Vec<u8>) {
        // Without a hand left to take it there is an error to be told.
        let _ = self.tell.send((path.to_string(), bytes));
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

fn write_all(dir: &Path, sheets: &Mutex<Receiver<Sheet>>) -> Result<Vec<Written>, FeedsDirError> {
    let mut written = Vec::new();
    loop {
        let next = sheets.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((path, bytes)) = next else { return Ok(written) };
        written.push(Written::new(dir, &path, &bytes)?);
    }
}
