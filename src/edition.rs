//! An edition: everything published at one moment, complete and never changed afterwards.

use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::HeaderValue;

use crate::article::Hash;
use crate::format;

/// The file that says which files of a folder are an edition's: such a folder is nobody's content.
pub const MANIFEST: &str = ".syndic.json";

/// How a document's bytes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Coding {
    Identity,
    Gzip,
    Zstd,
    Brotli,
}

impl Coding {
    /// As in `Content-Encoding`; also the suffix of its validators.
    pub fn name(self) -> &'static str {
        match self {
            Coding::Identity => "identity",
            Coding::Gzip => "gzip",
            Coding::Zstd => "zstd",
            Coding::Brotli => "br",
        }
    }
}

/// The header fields that tell a document's version, as they are sent.
#[derive(Clone, Debug)]
pub struct Fields {
    /// The part that all its entity tags begin with: half of the hash in hex.
    pub tag: String,
    /// By coding, then that of the smallest gzip.
    etags: [HeaderValue; 5],
    pub last_modified: HeaderValue,
}

/// Behind those of the codings.
const BEST_GZIP: usize = 4;

impl Fields {
    fn of(hash: &Hash, last_modified: i64) -> Fields {
        let tag = hex(hash)[..32].to_string();
        let of = |suffix: &str| text(&format!("\"{tag}{suffix}\""));
        let seconds = u64::try_from(last_modified).unwrap_or(0);
        let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        Fields {
            etags: ["", "-gzip", "-zstd", "-br", "-gzip9"].map(of),
            last_modified: text(&httpdate::fmt_http_date(modified)),
            tag,
        }
    }

    pub fn etag(&self, coding: Coding) -> &HeaderValue {
        &self.etags[coding as usize]
    }

    /// Of the smallest gzip.
    pub fn best_gzip(&self) -> &HeaderValue {
        &self.etags[BEST_GZIP]
    }

    pub fn etags(&self) -> &[HeaderValue] {
        &self.etags
    }
}

fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("hex digits, words and dates are visible ASCII")
}

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
    pub kept: Kept,
    /// As small as gzip makes it, where there was time for that.
    best_gzip: OnceLock<Option<Bytes>>,
    /// Made when it is first asked for: most documents never are.
    fields: OnceLock<Box<Fields>>,
    /// How many more editions will have the one in its place ready for readers.
    wanted: Arc<AtomicU8>,
}

/// What is at hand of a document's bytes.
#[derive(Clone, Debug, Default)]
pub enum Kept {
    /// As most readers take them.
    Gzip(Bytes),
    /// As they are, until they are in the feeds' folder: nobody asked for them of late.
    Plain(Bytes),
    /// Nothing: they are in the feeds' folder.
    #[default]
    Elsewhere,
}

impl Kept {
    fn size(&self) -> usize {
        match self {
            // There may be two of them.
            Kept::Gzip(bytes) => 2 * bytes.len(),
            Kept::Plain(bytes) => bytes.len(),
            Kept::Elsewhere => 0,
        }
    }
}

/// A document that nobody asked for through so many editions is made ready for nobody.
const WANTED: u8 = 8;

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
    pub fn new(path: &str, stamp: Stamp, kept: Kept) -> Document {
        Document {
            path: path.to_string(),
            media_type: format::media_type(path),
            hash: stamp.hash,
            last_modified: stamp.last_modified,
            kept,
            best_gzip: OnceLock::new(),
            fields: OnceLock::new(),
            wanted: Arc::default(),
        }
    }

    /// A reader asks for it.
    pub fn ask(&self) {
        if self.wanted.load(Relaxed) != WANTED {
            self.wanted.store(WANTED, Relaxed);
        }
    }

    pub fn best_gzip(&self) -> Option<&Bytes> {
        self.best_gzip.get()?.as_ref()
    }

    /// Whether it is made ready for readers, and not yet as small as can be.
    pub fn can_improve(&self) -> bool {
        matches!(self.kept, Kept::Gzip(_)) && self.best_gzip.get().is_none()
    }

    /// Makes what readers get smaller, which takes several times as long: nobody waits for it.
    pub fn improve(&self) {
        if let Kept::Gzip(last) = &self.kept
            && let Some(bytes) = self.identity()
        {
            let best = gzip_at(&bytes, 9);
            let smaller = (best.len() < last.len()).then(|| best.into());
            let _ = self.best_gzip.set(smaller);
        }
    }

    /// Whether readers asked of late for what is in its place.
    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Relaxed) > 0
    }

    pub fn fields(&self) -> &Fields {
        self.fields.get_or_init(|| Box::new(Fields::of(&self.hash, self.last_modified)))
    }

    /// The identity bytes, where they are at hand.
    pub fn identity(&self) -> Option<Vec<u8>> {
        match &self.kept {
            Kept::Elsewhere => None,
            Kept::Plain(bytes) => Some(bytes.to_vec()),
            Kept::Gzip(gzip) => {
                let mut bytes = Vec::new();
                let mut decoder = flate2::read::GzDecoder::new(&gzip[..]);
                decoder.read_to_end(&mut bytes).expect("inflates what it deflated itself");
                Some(bytes)
            }
        }
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
        for path in withdrawn {
            at_hand -= documents.remove(path).map_or(0, |last| last.kept.size());
        }
        for document in changed {
            at_hand += document.kept.size();
            if let Some(last) = documents.get(&document.path) {
                at_hand -= last.kept.size();
                document.wanted.store(last.wanted.load(Relaxed).saturating_sub(1), Relaxed);
            }
            documents.insert(document.path.clone(), Arc::new(document));
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
            if document.kept.size() > 0 && !kept.contains(path.as_str()) {
                self.at_hand -= document.kept.size();
                let (kept, best_gzip) = (Kept::Elsewhere, OnceLock::new());
                *document = Arc::new(Document { kept, best_gzip, ..(**document).clone() });
            }
        }
        self
    }
}

/// What an edition waits for: a large document takes milliseconds, so that it is made smaller
/// afterwards.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    const LARGE: usize = 48 * 1024;
    gzip_at(bytes, if bytes.len() > LARGE { 3 } else { 6 })
}

/// Without a time in its header, so that equal documents make equal bytes.
fn gzip_at(bytes: &[u8], level: u32) -> Vec<u8> {
    let level = flate2::Compression::new(level);
    let mut encoder = flate2::GzBuilder::new().mtime(0).write(Vec::new(), level);
    encoder.write_all(bytes).expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail")
}

pub fn hex(hash: &Hash) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}
