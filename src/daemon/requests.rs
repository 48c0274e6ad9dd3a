//! What commands leave for a running daemon, or for the next build: files in a folder of their
//! own below the state directory.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::StartError;
use super::adopt::Taken;

const FOLDER: &str = "requests";

/// Held changes that the publisher lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    pub all: bool,
    pub paths: BTreeSet<String>,
    files: Vec<PathBuf>,
}

impl Accepted {
    pub fn lets(&self, path: &str) -> bool {
        self.all || self.paths.contains(path)
    }

    pub fn is_empty(&self) -> bool {
        !self.all && self.paths.is_empty()
    }
}

pub fn folder(state_dir: &Path) -> PathBuf {
    state_dir.join(FOLDER)
}

/// Leaves a request: these paths, or everything where there are none.
pub fn leave(state_dir: &Path, paths: &[String]) -> Result<(), StartError> {
    let lines: String = paths.iter().map(|path| format!("{path}\n")).collect();
    write(state_dir, "accept", &lines)
}

fn write(state_dir: &Path, kind: &str, text: &str) -> Result<(), StartError> {
    let folder = folder(state_dir);
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |source| StartError::Io { path, source }
    };
    std::fs::create_dir_all(&folder).map_err(io(&folder))?;
    let mut file =
        tempfile::Builder::new().prefix(".tmp-").tempfile_in(&folder).map_err(io(&folder))?;
    file.write_all(text.as_bytes()).map_err(io(&folder))?;
    let name = format!("{kind}-{}-{}", std::process::id(), jiff::Timestamp::now().as_nanosecond());
    file.persist(folder.join(name)).map_err(|error| io(&folder)(error.error))?;
    Ok(())
}

/// Leaves ids and dates to be taken over.
pub fn leave_adoption(state_dir: &Path, taken: &[Taken]) -> Result<(), StartError> {
    let text = serde_json::to_string(taken).unwrap_or_default();
    write(state_dir, "adopt", &text)
}

/// Takes up what is to be taken over; the files are gone when `done` with them.
pub fn take_adoptions(state_dir: &Path) -> (Vec<Taken>, Accepted) {
    let (mut taken, mut files) = (Vec::new(), Accepted::default());
    let Ok(entries) = std::fs::read_dir(folder(state_dir)) else { return (taken, files) };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with("adopt-") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        files.files.push(entry.path());
        taken.extend(serde_json::from_str::<Vec<Taken>>(&text).unwrap_or_default());
    }
    (taken, files)
}

/// Forgets the requests that were carried out.
pub fn done(accepted: &Accepted) {
    for file in &accepted.files {
        let _ = std::fs::remove_file(file);
    }
}

/// Takes all requests up; they stay until they are `done`.
pub fn take(state_dir: &Path) -> Accepted {
    let mut accepted = Accepted::default();
    let Ok(entries) = std::fs::read_dir(folder(state_dir)) else { return accepted };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with("accept-") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        accepted.files.push(entry.path());
        if text.trim().is_empty() {
            accepted.all = true;
        }
        accepted.paths.extend(text.lines().map(str::to_string));
    }
    accepted
}
