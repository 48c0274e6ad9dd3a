//! How a turn is to be taken: the clock, the folder and the way out as values.

use std::time::Duration;

use jiff::Timestamp;

use super::reading::{Read, Texts};
use super::turn::Printed;
use crate::edition::Kept;
use crate::feed::Known;

/// How a turn is to be taken.
pub struct Manner<'a> {
    pub now: Timestamp,
    pub read: Read<'a>,
    pub texts: Texts<'a>,
    pub progress: &'a (dyn Fn() + Sync),
    /// Takes a document's bytes, since those of an archive would fill the memory; gives back what
    /// is to be kept at hand.
    pub stage: &'a (dyn Fn(&str, &[u8]) -> Kept + Sync),
    /// Makes documents ready for who asks for them, while they are made to count.
    pub make_ready: &'a (dyn Fn(&mut [Printed]) + Sync),
    /// How long a file must be missing before its article is taken out.
    pub patience: Duration,
    /// Something may lie, without a word of it, where this look did not reach.
    pub blind: bool,
    /// Articles are filed, and nobody will ask the ledger for them.
    pub forgets: bool,
    /// Held changes that are let through: all, or those of some paths.
    pub accepted: &'a (dyn Fn(&str) -> bool + Sync),
}

impl Manner<'_> {
    /// Whether there is a file at a path; one that cannot be read is there.
    pub fn is_there(&self, path: &str) -> bool {
        !(self.read)(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    }

    /// Whether an article's file, or one with its content, is at its path.
    pub fn still_lies(&self, known: &Known) -> bool {
        match (self.read)(&known.path) {
            Ok((bytes, signature)) => {
                signature.same_file(&known.signature)
                    || *blake3::hash(&bytes).as_bytes() == known.hash
            }
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        }
    }
}
