//! A document's bytes in the coding that a client gets. Gzip comes with an edition where the
//! document was asked for before; what else is asked for is made then and kept while there is room.

use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;

use super::negotiate::Coding;
use crate::article::Hash;
use crate::edition::{Document, Kept, gzip};

const BUDGET: usize = 32 * 1024 * 1024;
/// The best that Brotli has takes 49 ms for 30 KiB, and seconds for a megabyte.
const SMALL: usize = 64 * 1024;
/// 9 ms for 170 KiB.
const ZSTD_LEVEL: i32 = 12;

#[derive(Default)]
pub struct Codings {
    kept: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    bytes: HashMap<(Hash, Coding), Bytes>,
    order: VecDeque<(Hash, Coding)>,
    size: usize,
    /// What is being sent, too large to be kept: all who take it, however slowly, share it.
    under_way: HashMap<(Hash, Coding), Weak<Vec<u8>>>,
}

/// Bytes that last as long as somebody is sent them.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Codings {
    /// The bytes, if they are there.
    pub fn at_hand(&self, document: &Document, coding: Coding) -> Option<Bytes> {
        match (&document.kept, coding) {
            (Kept::Gzip(bytes), Coding::Gzip) | (Kept::Plain(bytes), Coding::Identity) => {
                Some(bytes.clone())
            }
            _ => self.lock().get(&(document.hash, coding)),
        }
    }

    /// Makes the bytes, and keeps them for the next one who asks.
    pub fn make(
        &self,
        document: &Document,
        coding: Coding,
        bytes_of: &dyn Fn(&Document) -> Option<Vec<u8>>,
    ) -> Option<Bytes> {
        let key = (document.hash, coding);
        // Somebody else may have had it made while this one waited.
        if let Some(bytes) = self.lock().get(&key) {
            return Some(bytes);
        }
        let identity = document.identity().or_else(|| bytes_of(document))?;
        Some(self.lock().keep(key, encode(identity, coding)?))
    }

    /// What a thread that panicked left is still a cache.
    fn lock(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Cache {
    fn get(&self, key: &(Hash, Coding)) -> Option<Bytes> {
        let kept = self.bytes.get(key).cloned();
        let under_way = || self.under_way.get(key).and_then(Weak::upgrade);
        kept.or_else(|| under_way().map(|shared| Bytes::from_owner(Shared(shared))))
    }

    fn keep(&mut self, key: (Hash, Coding), bytes: Vec<u8>) -> Bytes {
        // Several may have made it at once: one copy is enough.
        if let Some(bytes) = self.get(&key) {
            return bytes;
        }
        if bytes.len() > BUDGET / 4 {
            let shared = Arc::new(bytes);
            self.under_way.retain(|_, other| other.strong_count() > 0);
            self.under_way.insert(key, Arc::downgrade(&shared));
            return Bytes::from_owner(Shared(shared));
        }
        let bytes = Bytes::from(bytes);
        self.size += bytes.len();
        self.bytes.insert(key, bytes.clone());
        self.order.push_back(key);
        while self.size > BUDGET {
            let Some(oldest) = self.order.pop_front() else { break };
            self.size -= self.bytes.remove(&oldest).map_or(0, |bytes| bytes.len());
        }
        bytes
    }
}

/// `None` rather than half of it.
fn encode(identity: Vec<u8>, coding: Coding) -> Option<Vec<u8>> {
    let encoded = match coding {
        Coding::Identity => identity,
        Coding::Gzip => gzip(&identity),
        Coding::Zstd => zstd::bulk::compress(&identity, ZSTD_LEVEL).ok()?,
        Coding::Brotli => {
            let mut bytes = Vec::with_capacity(identity.len() / 3);
            let quality = if identity.len() <= SMALL { 11 } else { 9 };
            let mut writer = brotli::CompressorWriter::new(&mut bytes, 4096, quality, 22);
            writer.write_all(&identity).expect("writing to memory does not fail");
            drop(writer);
            bytes
        }
    };
    Some(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edition::Stamp;

    #[test]
    fn each_coding_is_made_once() {
        let bytes = b"text ".repeat(1_000);
        let stamp = Stamp::of(&bytes, None, 1);
        let at_hand = Document::new("all.rss", stamp, Kept::Plain(bytes.clone().into()));
        let elsewhere = Document::new("all.rss", stamp, Kept::Elsewhere);
        let codings = Codings::default();
        let nobody = |_: &Document| None;
        assert!(codings.make(&elsewhere, Coding::Gzip, &nobody).is_none());
        let there = |_: &Document| Some(bytes.clone());
        for coding in [Coding::Gzip, Coding::Brotli, Coding::Zstd, Coding::Identity] {
            let made = codings.make(&elsewhere, coding, &there).unwrap();
            let kept = codings.at_hand(&elsewhere, coding).unwrap();
            assert_eq!(made.as_ptr(), kept.as_ptr(), "{coding:?}");
            assert_eq!(codings.make(&at_hand, coding, &nobody), Some(made), "{coding:?}");
        }
    }

    #[test]
    fn what_is_too_large_to_be_kept_is_shared_while_it_is_sent() {
        let bytes = vec![b'x'; BUDGET / 4 + 1];
        let stamp = Stamp::of(&bytes, None, 1);
        let large = Document::new("all.rss", stamp, Kept::Elsewhere);
        let codings = Codings::default();
        let there = |_: &Document| Some(bytes.clone());
        let one = codings.make(&large, Coding::Identity, &there).unwrap();
        let two = codings.make(&large, Coding::Identity, &|_| None).unwrap();
        assert_eq!(one.as_ptr(), two.as_ptr());
        drop((one, two));
        // Of two that make it at the same time, the later one takes what the earlier one made.
        let earlier = std::cell::RefCell::new(None);
        let late = |_: &Document| {
            *earlier.borrow_mut() = codings.make(&large, Coding::Identity, &there);
            Some(bytes.clone())
        };
        let later = codings.make(&large, Coding::Identity, &late).unwrap();
        assert_eq!(earlier.take().unwrap().as_ptr(), later.as_ptr());
        drop(later);
        assert!(codings.at_hand(&large, Coding::Identity).is_none());
    }
}
