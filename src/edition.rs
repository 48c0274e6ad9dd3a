//! An edition: everything published at one moment, complete and never changed afterwards.

use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Write};
use std::sync::Arc;

use bytes::Bytes;

use crate::article::Hash;
use crate::format;

/// The file that says which files of a folder are an edition's: such a folder is nobody's content.
pub const MANIFEST: &str = ".syndic.json";

/// Rendered bytes with their validators.
#[derive(Clone, Debug)]
pub struct Document {
    /// As in URL and folder: `category/quan-5.rss`.
    pub path: String,
    pub media_type: &'static str,
    /// BLAKE3 of the identity bytes.
    pub hash: Hash,
    /// Unix seconds at which these bytes were first published; never goes back.
    pub last_modified: i64,
    /// Its bytes, where they are at hand; those of others are in the feeds' folder.
    pub gzip: Option<Bytes>,
}

/// What is remembered of a document: enough to tell whether new bytes differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub hash: Hash,
    pub last_modified: i64,
}

#[derive(Clone, Debug, Default)]
pub struct Edition {
    /// Counts up with every edition that differs from the one before.
    pub number: u64,
    pub documents: BTreeMap<String, Arc<Document>>,
    /// Bytes of documents, compressed.
    at_hand: usize,
}

impl Document {
    pub fn new(path: &str, stamp: Stamp, bytes: Option<&[u8]>) -> Document {
        Document {
            path: path.to_string(),
            media_type: format::media_type(path),
            hash: stamp.hash,
            last_modified: stamp.last_modified,
            gzip: bytes.map(|bytes| gzip(bytes).into()),
        }
    }

    /// Half of the hash in hex, long enough for a validator.
    pub fn tag(&self) -> String {
        hex(&self.hash)[..32].to_string()
    }

    /// The identity bytes, where they are at hand.
    pub fn identity(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut decoder = flate2::read::GzDecoder::new(&self.gzip.as_ref()?[..]);
        decoder.read_to_end(&mut bytes).expect("inflates what it deflated itself");
        Some(bytes)
    }
}

impl Stamp {
    /// Of some bytes at `now`, given the one before: unchanged bytes keep theirs, and changed ones
    /// get a later second, so that If-Modified-Since can tell them apart.
    pub fn of(bytes: &[u8], before: Option<&Stamp>, now: i64) -> Stamp {
        let hash = *blake3::hash(bytes).as_bytes();
        match before {
            Some(before) if before.hash == hash => *before,
            Some(before) => Stamp { hash, last_modified: now.max(before.last_modified + 1) },
            None => Stamp { hash, last_modified: now },
        }
    }
}

impl Edition {
    /// The next edition: `changed` documents replace those of the same path, `withdrawn` go.
    pub fn revise(&self, number: u64, changed: Vec<Document>, withdrawn: &[String]) -> Edition {
        let mut documents = self.documents.clone();
        let mut at_hand = self.at_hand;
        let size = |document: &Document| document.gzip.as_ref().map_or(0, Bytes::len);
        for path in withdrawn {
            at_hand -= documents.remove(path).map_or(0, |last| size(&last));
        }
        for document in changed {
            at_hand += size(&document);
            let last = documents.insert(document.path.clone(), Arc::new(document));
            at_hand -= last.map_or(0, |last| size(&last));
        }
        Edition { number, documents, at_hand }
    }

    /// How many bytes of documents it keeps.
    pub fn at_hand(&self) -> usize {
        self.at_hand
    }

    /// The same edition, which keeps the bytes of no other documents than these.
    pub fn with_only_at_hand<'a>(mut self, paths: impl Iterator<Item = &'a str>) -> Edition {
        let kept: HashSet<&str> = paths.collect();
        for (path, document) in &mut self.documents {
            if let Some(gzip) = document.gzip.as_ref().filter(|_| !kept.contains(path.as_str())) {
                self.at_hand -= gzip.len();
                *document = Arc::new(Document { gzip: None, ..(**document).clone() });
            }
        }
        self
    }
}

/// Without a time in its header, so that equal documents make equal bytes.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::new(6);
    let mut encoder = flate2::GzBuilder::new().mtime(0).write(Vec::new(), level);
    encoder.write_all(bytes).expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail")
}

pub fn hex(hash: &Hash) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}
