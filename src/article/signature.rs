//! What tells one state of a file from another.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Longer than a tick of any file system's clock.
const RACY: Duration = Duration::from_millis(50);

/// What tells one state of a file from another without reading it. Times are nanoseconds since
/// 1970; 0 where the file system keeps none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signature {
    pub device: u64,
    pub inode: u64,
    pub born: i64,
    pub size: u64,
    pub modified: i64,
    pub changed: i64,
}

impl Signature {
    /// The same file, whatever it holds and wherever it lies. An inode alone proves nothing, since
    /// file systems reuse them at once: where there is no birth time, nothing is proven.
    pub fn same_file(&self, other: &Signature) -> bool {
        self.inode != 0
            && self.born != 0
            && (self.device, self.inode, self.born) == (other.device, other.inode, other.born)
    }

    /// Whether the file changed so short a time ago that it may change again within one tick of the
    /// file system's clock, and look the same.
    pub fn is_racy(&self, now: Timestamp) -> bool {
        let age = now.as_nanosecond() - i128::from(self.changed);
        age < RACY.as_nanos() as i128
    }

    /// As it is remembered: a racy one is never seen again, since no file with an article is empty
    /// (as git does, gitformat-index(5) and Documentation/technical/racy-git.txt).
    pub fn to_remember(self, now: Timestamp) -> Signature {
        if self.is_racy(now) { Signature { size: 0, ..self } } else { self }
    }

    pub fn modified(&self) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(self.modified)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_change_unseen_is_remembered_as_never_seen() {
        let now: Timestamp = "2026-01-01T00:00:01Z".parse().unwrap();
        let changed = |ago: i64| {
            let changed = now.as_nanosecond() as i64 - ago * 1_000_000;
            Signature { size: 7, changed, ..Signature::default() }
        };
        for ago in [-1_000, 0, 49] {
            assert_ne!(changed(ago).to_remember(now), changed(ago), "{ago} ms");
        }
        for ago in [50, 10_000] {
            assert_eq!(changed(ago).to_remember(now), changed(ago), "{ago} ms");
        }
    }
}
