//! An edition: everything published at one moment, complete and never changed afterwards.

use std::collections::BTreeMap;
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
    /// Length of the identity bytes.
    pub length: usize,
    /// What an edition keeps in memory; the identity bytes are inflated from it when asked for.
    pub gzip: Bytes,
}

/// What was rendered and is to become a document.
#[derive(Clone, Debug)]
pub struct Rendered {
    pub path: String,
    pub bytes: Vec<u8>,
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
}

impl Document {
    pub fn new(rendered: &Rendered, stamp: Stamp) -> Document {
        Document {
            path: rendered.path.clone(),
            media_type: format::media_type(&rendered.path),
            hash: stamp.hash,
            last_modified: stamp.last_modified,
            length: rendered.bytes.len(),
            gzip: gzip(&rendered.bytes).into(),
        }
    }

    /// Half of the hash in hex, long enough for a validator.
    pub fn tag(&self) -> String {
        hex(&self.hash)[..32].to_string()
    }

    pub fn identity(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.length);
        flate2::read::GzDecoder::new(&self.gzip[..])
            .read_to_end(&mut bytes)
            .expect("inflates what it deflated itself");
        bytes
    }
}

impl Rendered {
    /// The stamp of these bytes at `now`, given the one before: unchanged bytes keep theirs, and
    /// changed ones get a later second, so that If-Modified-Since can tell them apart.
    pub fn stamp(&self, before: Option<&Stamp>, now: i64) -> Stamp {
        let hash = *blake3::hash(&self.bytes).as_bytes();
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
        for path in withdrawn {
            documents.remove(path);
        }
        for document in changed {
            documents.insert(document.path.clone(), Arc::new(document));
        }
        Edition { number, documents }
    }
}

/// Without a time in its header, so that equal documents make equal bytes.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::new(6);
    let mut encoder = flate2::GzBuilder::new().mtime(0).write(Vec::new(), level);
    encoder.write_all(bytes).expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail")
}

pub fn hex(hash: &Hash) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}
