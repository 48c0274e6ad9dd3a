//! A document's bytes in the coding that a client gets. Gzip is kept by the edition; the others
//! are made when first asked for and kept while there is room.

use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::sync::Mutex;

use bytes::Bytes;

use super::negotiate::Coding;
use crate::article::Hash;
use crate::edition::Document;

const BUDGET: usize = 32 * 1024 * 1024;
/// Smaller than gzip at a cost that a first request does not feel.
const BROTLI_QUALITY: u32 = 5;
const ZSTD_LEVEL: i32 = 9;

#[derive(Default)]
pub struct Codings {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    bytes: HashMap<(Hash, Coding), Bytes>,
    order: VecDeque<(Hash, Coding)>,
    size: usize,
}

impl Codings {
    pub fn get(&self, document: &Document, coding: Coding) -> Bytes {
        if coding == Coding::Gzip {
            return document.gzip.clone();
        }
        let key = (document.hash, coding);
        if let Some(bytes) = self.lock().bytes.get(&key) {
            return bytes.clone();
        }
        let bytes = Bytes::from(encode(document.identity(), coding));
        self.lock().keep(key, bytes.clone());
        bytes
    }

    /// What a thread that panicked left is still a cache.
    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, key: (Hash, Coding), bytes: Bytes) {
        if bytes.len() > BUDGET / 4 || self.bytes.contains_key(&key) {
            return;
        }
        self.size += bytes.len();
        self.bytes.insert(key, bytes);
        self.order.push_back(key);
        while self.size > BUDGET {
            let Some(oldest) = self.order.pop_front() else { break };
            self.size -= self.bytes.remove(&oldest).map_or(0, |bytes| bytes.len());
        }
    }
}

fn encode(identity: Vec<u8>, coding: Coding) -> Vec<u8> {
    match coding {
        Coding::Identity | Coding::Gzip => identity,
        Coding::Zstd => zstd::bulk::compress(&identity, ZSTD_LEVEL).unwrap_or_default(),
        Coding::Brotli => {
            let mut bytes = Vec::with_capacity(identity.len() / 3);
            let mut writer = brotli::CompressorWriter::new(&mut bytes, 4096, BROTLI_QUALITY, 22);
            writer.write_all(&identity).expect("writing to memory does not fail");
            drop(writer);
            bytes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edition::Rendered;

    #[test]
    fn each_coding_is_made_once() {
        let rendered = Rendered { path: "all.rss".into(), bytes: b"text ".repeat(1_000) };
        let document = Document::new(&rendered, rendered.stamp(None, 1));
        let codings = Codings::default();
        for coding in [Coding::Gzip, Coding::Brotli, Coding::Zstd] {
            let first = codings.get(&document, coding);
            assert_eq!(first.as_ptr(), codings.get(&document, coding).as_ptr(), "{coding:?}");
        }
    }
}
