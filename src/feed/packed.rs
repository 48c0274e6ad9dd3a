//! An article as it lies in memory and in the ledger: a few hundred bytes, of which the few that
//! indexes ask for stand where they are found without unpacking the rest.

use jiff::Timestamp;

use super::Known;
use crate::article::Hash;

/// Content's hash, inode, title's key, and whether the head was read from that very content.
const FIXED: usize = 32 + 8 + 8 + 1;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(Box<[u8]>);

impl Packed {
    pub fn of(known: &Known) -> Packed {
        let mut bytes = Vec::with_capacity(512);
        bytes.extend_from_slice(&known.hash);
        bytes.extend_from_slice(&inode_key(known.signature.inode));
        let said = known.published_said;
        let key = said.map_or([0; 8], |said| title_key(&known.head.title, said));
        bytes.extend_from_slice(&key);
        bytes.push(u8::from(known.good == known.hash));
        if known.good != known.hash {
            bytes.extend_from_slice(&known.good);
        }
        let bytes = postcard::to_extend(known, bytes).expect("writing to memory does not fail");
        Packed(bytes.into_boxed_slice())
    }

    /// Bytes that a ledger kept, with what they hold; `None` if they are none of ours.
    pub fn from_bytes(bytes: &[u8]) -> Option<(Packed, Known)> {
        let packed = Packed(bytes.into());
        packed.unpack().map(|known| (packed, known))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn known(&self) -> Known {
        self.unpack().expect("was packed here, or unpacked once when it came from the ledger")
    }

    fn unpack(&self) -> Option<Known> {
        let hash: Hash = self.0.get(..32)?.try_into().ok()?;
        let good = match self.0.get(FIXED - 1)? {
            0 => self.0.get(FIXED..FIXED + 32)?.try_into().ok()?,
            _ => hash,
        };
        let known: Known = postcard::from_bytes(self.0.get(self.start()..)?).ok()?;
        Some(Known { hash, good, ..known })
    }

    fn start(&self) -> usize {
        if self.0[FIXED - 1] == 0 { FIXED + 32 } else { FIXED }
    }

    pub fn hash(&self) -> &[u8] {
        &self.0[..32]
    }

    /// In bytes of some order.
    pub fn inode(&self) -> &[u8] {
        &self.0[32..40]
    }

    /// Of the title and the author's date; nothing where there is none.
    pub fn title_key(&self) -> &[u8] {
        let key = &self.0[40..48];
        if key == [0; 8] { &[] } else { key }
    }

    pub fn id(&self) -> &str {
        postcard::take_from_bytes(&self.0[self.start()..]).map_or("", |(id, _)| id)
    }

    pub fn path(&self) -> &str {
        let (_, path): (&str, &str) =
            postcard::take_from_bytes(&self.0[self.start()..]).map_or(("", ""), |(two, _)| two);
        path
    }
}

/// Tells a title with its date from others; never zeroes, which stand for an article without one.
pub fn title_key(title: &str, said: Timestamp) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(title.as_bytes()).update(&said.as_nanosecond().to_le_bytes());
    let mut key = [0; 8];
    key.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    key[0] |= 1;
    key
}

pub fn inode_key(inode: u64) -> [u8; 8] {
    inode.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Head, Signature};

    #[test]
    fn comes_out_as_it_went_in() {
        let known = Known {
            id: "tag:a.example,2026:a.md".into(),
            path: "a.md".into(),
            signature: Signature { inode: 7, size: 3, changed: -5, ..Signature::default() },
            hash: [1; 32],
            good: [1; 32],
            fingerprint: "f|m".into(),
            head: Head {
                title: "Đời sống".into(),
                expires: Some("2030-01-01T00:00:00.5Z".parse().unwrap()),
                categories: vec!["a/b".into()],
                ..Head::default()
            },
            published_said: Some(Timestamp::MIN),
            updated: Timestamp::MAX,
            ..Known::default()
        };
        for known in [Known { good: [2; 32], ..known.clone() }, known, Known::default()] {
            let packed = Packed::of(&known);
            let (again, unpacked) = Packed::from_bytes(packed.bytes()).expect("bytes of ours");
            assert_eq!((again.known(), &unpacked), (unpacked.clone(), &known));
            assert_eq!((packed.id(), packed.path()), (&*known.id, &*known.path));
            assert_eq!(packed.hash(), known.hash);
            assert_eq!(packed.inode(), inode_key(known.signature.inode));
        }
        for length in 0..FIXED + 4 {
            assert!(Packed::from_bytes(&vec![0; length]).is_none(), "{length}");
        }
    }
}
