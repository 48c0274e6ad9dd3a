//! Articles by something that their packed bytes hold: a few bytes for each, and no second copy of
//! what they are found by.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::packed::Packed;

/// The number of an article, as long as the catalog lives.
pub type Slot = u32;

/// All articles, by their numbers.
#[derive(Clone, Debug)]
pub struct Slots<T> {
    used: Vec<Option<T>>,
    free: Vec<Slot>,
}

impl<T> Slots<T> {
    pub fn take(&mut self, value: T) -> Slot {
        if let Some(slot) = self.free.pop() {
            self.used[slot as usize] = Some(value);
            return slot;
        }
        self.used.push(Some(value));
        Slot::try_from(self.used.len() - 1).expect("fewer than 2^32 articles")
    }

    /// Makes room for so many articles.
    pub fn expect(&mut self, articles: usize) {
        self.used.reserve_exact(articles.saturating_sub(self.used.len()));
    }

    pub fn release(&mut self, slot: Slot) -> Option<T> {
        let value = self.used[slot as usize].take();
        self.free.push(slot);
        value
    }

    /// What a slot in use holds.
    pub fn at(&self, slot: Slot) -> &T {
        self.used[slot as usize].as_ref().expect("a slot in use")
    }

    pub fn at_mut(&mut self, slot: Slot) -> &mut T {
        self.used[slot as usize].as_mut().expect("a slot in use")
    }

    pub fn get(&self, slot: Slot) -> Option<&T> {
        self.used[slot as usize].as_ref()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Slot, &T)> {
        let numbered = self.used.iter().enumerate();
        numbered.filter_map(|(slot, value)| Some((slot as Slot, value.as_ref()?)))
    }

    pub fn len(&self) -> usize {
        self.used.len() - self.free.len()
    }
}

impl<T: AsRef<Packed>> Slots<T> {
    pub fn packed(&self, slot: Slot) -> &Packed {
        self.at(slot).as_ref()
    }
}

#[derive(Clone, Debug)]
pub struct Finder {
    /// What articles are found by; nothing where one is not to be found.
    key: fn(&Packed) -> &[u8],
    slots: HashTable<Slot>,
    hasher: DefaultHashBuilder,
}

impl<T> Default for Slots<T> {
    fn default() -> Slots<T> {
        Slots { used: Vec::new(), free: Vec::new() }
    }
}

impl Finder {
    pub fn by(key: fn(&Packed) -> &[u8]) -> Finder {
        Finder { key, slots: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }

    /// With all articles that there are.
    pub fn filled<T: AsRef<Packed>>(self, all: &Slots<T>) -> Finder {
        let mut finder = self;
        finder.expect(all, all.len());
        for (slot, _) in all.iter() {
            finder.add(all, slot);
        }
        finder
    }

    /// Makes room for so many articles.
    pub fn expect<T: AsRef<Packed>>(&mut self, all: &Slots<T>, articles: usize) {
        let Finder { key, slots, hasher } = self;
        let more = articles.saturating_sub(slots.len());
        slots.reserve(more, |slot| hasher.hash_one(key(all.packed(*slot))));
    }

    pub fn find<T: AsRef<Packed>>(&self, all: &Slots<T>, key: &[u8]) -> impl Iterator<Item = Slot> {
        let found = self.slots.iter_hash(self.hasher.hash_one(key)).copied();
        found.filter(move |slot| (self.key)(all.packed(*slot)) == key)
    }

    pub fn add<T: AsRef<Packed>>(&mut self, all: &Slots<T>, slot: Slot) {
        let Finder { key, slots, hasher } = self;
        let hash = |slot: &Slot| hasher.hash_one(key(all.packed(*slot)));
        if !key(all.packed(slot)).is_empty() {
            slots.insert_unique(hash(&slot), slot, hash);
        }
    }

    pub fn remove<T: AsRef<Packed>>(&mut self, all: &Slots<T>, slot: Slot) {
        let hash = self.hasher.hash_one((self.key)(all.packed(slot)));
        if let Ok(entry) = self.slots.find_entry(hash, |held| *held == slot) {
            entry.remove();
        }
    }
}
