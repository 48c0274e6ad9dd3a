//! One daemon for one directory: a lock that ends with its process, however that ends.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock {
    _directory: File,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("{} is in use by {}; stop that one first, or give this one directories of its own", dir.display(), holder.map_or("another syndic".to_string(), |pid| format!("process {pid}")))]
    Held { dir: PathBuf, holder: Option<u32> },
    #[error("cannot use the directory {}: {source}", dir.display())]
    Open { dir: PathBuf, source: std::io::Error },
}

/// Locks a directory, which must exist.
pub fn hold(dir: &Path) -> Result<Lock, LockError> {
    let open = |source| LockError::Open { dir: dir.to_path_buf(), source };
    let directory = File::open(dir).map_err(open)?;
    match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Lock { _directory: directory }),
        Err(rustix::io::Errno::WOULDBLOCK) => {
            Err(LockError::Held { dir: dir.to_path_buf(), holder: holder(&directory) })
        }
        Err(error) => Err(open(error.into())),
    }
}

/// The process that holds the lock, where the system tells (Linux, proc_locks(5)).
fn holder(directory: &File) -> Option<u32> {
    let inode = directory.metadata().ok()?.ino();
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let file = fields.iter().find(|field| field.matches(':').count() == 2)?;
        let same = file.rsplit(':').next()?.parse() == Ok(inode);
        (same && fields.contains(&"FLOCK")).then(|| fields.get(4)?.parse().ok()).flatten()
    })
}
