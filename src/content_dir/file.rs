//! One file: what tells it from another, what tells that it changed, and its bytes.

use std::fs::Metadata;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::SystemTime;

use rustix::buffer::spare_capacity;

use crate::article::Signature;

/// Device, inode and birth time: an inode alone is used again at once.
pub type Identity = (u64, u64, i64);

pub fn identity(metadata: &Metadata) -> Identity {
    let Signature { device, inode, born, .. } = signature(metadata);
    (device, inode, born)
}

pub fn signature(metadata: &Metadata) -> Signature {
    let born = metadata
        .created()
        .ok()
        .and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos() as i64);
    let nanos =
        |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
    Signature {
        device: metadata.dev(),
        inode: metadata.ino(),
        born,
        size: metadata.len(),
        modified: nanos(metadata.mtime(), metadata.mtime_nsec()),
        changed: nanos(metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// What is said of a file of so many bytes where at most `max` are read.
pub fn too_large(size: u64, max: u64) -> String {
    format!("{size} bytes, more than the {max} of `[content] max_size`; it is not read")
}

/// Reads one article's file, never more than `max` bytes, never blocking on what is no file, and
/// only if it stayed as it was while being read.
pub fn read(root: &Path, path: &str, max: u64) -> io::Result<(Vec<u8>, Signature)> {
    let full = root.join(path);
    for _ in 0..3 {
        let mut file = std::fs::OpenOptions::new()
            .read(true)
            .custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32)
            .open(&full)?;
        let before = file.metadata()?;
        if !before.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no regular file"));
        }
        let fits = |size: u64| match size > max {
            true => Err(io::Error::new(io::ErrorKind::FileTooLarge, too_large(size, max))),
            false => Ok(()),
        };
        fits(before.len())?;
        // One more than there should be, so that one call reads the file and finds its end.
        let room = usize::try_from(before.len()).unwrap_or(0) + 1;
        let mut bytes = Vec::with_capacity(room);
        let read = loop {
            match rustix::io::read(&file, spare_capacity(&mut bytes)) {
                Err(rustix::io::Errno::INTR) => {}
                read => break read?,
            }
        };
        if read as u64 != before.len() {
            (&mut file).take(max + 1 - read as u64).read_to_end(&mut bytes)?;
        }
        fits(bytes.len() as u64)?;
        let after = signature(&file.metadata()?);
        if after == signature(&before) && after.size == bytes.len() as u64 {
            return Ok((bytes, after));
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "being written"))
}
