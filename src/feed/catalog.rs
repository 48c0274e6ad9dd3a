//! Who is in which feed, and in which order. One edit touches its own feeds and nothing else.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use jiff::Timestamp;

use super::names::Names;
use super::packed::{Packed, title_key};
use super::rules::Rule;
use super::{By, Known, Term};
use crate::article::{Hash, Head};

/// Where an article stands in every feed that it is in: newest first. Of one moment, those of the
/// lower id come first; the few that are shown are put in that order when they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    published: Reverse<(i64, i32)>,
    slot: Slot,
}

/// The number of an article, as long as the catalog lives.
type Slot = u32;

/// The shelf of the feed of everything.
const ALL: ShelfNumber = 0;

/// The number of a feed, as long as the catalog lives.
pub type ShelfNumber = u32;

#[derive(Clone, Debug)]
struct Shelf {
    path: String,
    places: BTreeSet<Place>,
}

/// An article with where it stands.
#[derive(Clone, Debug)]
struct Stand {
    packed: Packed,
    published: (i64, i32),
    /// None while it is not public.
    shelves: Box<[ShelfNumber]>,
}

/// What the catalog is told of the publisher's wishes.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub by: Vec<By>,
    pub rules: Vec<Rule>,
}

/// Feeds whose windows show a difference.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    pub touched: BTreeSet<ShelfNumber>,
    /// Those of them that lost an entry.
    pub left: BTreeSet<ShelfNumber>,
}

/// Articles by something that their packed bytes hold: numbers only, a few bytes each.
#[derive(Clone, Debug, Default)]
struct Index {
    slots: HashTable<Slot>,
}

#[derive(Clone, Debug, Default)]
pub struct Catalog {
    stands: Vec<Option<Stand>>,
    free: Vec<Slot>,
    by_id: Index,
    by_path: Index,
    by_hash: Index,
    by_inode: Index,
    by_title: Index,
    hasher: DefaultHashBuilder,
    shelves: Vec<Shelf>,
    /// Feed path → its shelf.
    numbers: BTreeMap<String, ShelfNumber>,
    /// Name → the shelves of its terms, those above it included.
    of_names: HashMap<By, HashMap<String, Vec<ShelfNumber>>>,
    /// When entries come or go by themselves.
    due: BTreeSet<(Timestamp, Slot)>,
    plan: Plan,
}

impl Catalog {
    pub fn new(plan: Plan, feeds: impl IntoIterator<Item = String>) -> Catalog {
        let mut catalog = Catalog { plan, ..Catalog::default() };
        catalog.shelf("all");
        for name in catalog.plan.rules.iter().map(|rule| rule.name.clone()).collect::<Vec<_>>() {
            catalog.shelf(&name);
        }
        for feed in feeds {
            catalog.shelf(&feed);
        }
        catalog
    }

    /// Makes room for so many more articles.
    pub fn expect(&mut self, articles: usize) {
        self.stands.reserve(articles);
        let packed = |slot: &Slot| &self.stands[*slot as usize].as_ref().expect("in use").packed;
        let hasher = &self.hasher;
        self.by_id.slots.reserve(articles, |slot| hasher.hash_one(packed(slot).id()));
        self.by_path.slots.reserve(articles, |slot| hasher.hash_one(packed(slot).path()));
        self.by_hash.slots.reserve(articles, |slot| hasher.hash_one(packed(slot).hash()));
        self.by_inode.slots.reserve(articles, |slot| hasher.hash_one(packed(slot).inode()));
        self.by_title.slots.reserve(articles, |slot| hasher.hash_one(packed(slot).title_key()));
    }

    // ── articles ──────────────────────────────────────────────────────────────────────────────

    pub fn get(&self, id: &str) -> Option<Known> {
        self.slot_of(id).map(|slot| self.packed(slot).known())
    }

    pub fn has(&self, id: &str) -> bool {
        self.slot_of(id).is_some()
    }

    pub fn at_path(&self, path: &str) -> Option<Known> {
        self.slot_at(path).map(|slot| self.packed(slot).known())
    }

    pub fn id_at(&self, path: &str) -> Option<&str> {
        self.slot_at(path).map(|slot| self.packed(slot).id())
    }

    pub fn hash_at(&self, path: &str) -> Option<&[u8]> {
        self.slot_at(path).map(|slot| self.packed(slot).hash())
    }

    /// The one article of this title and this date of the author's own; `None` if there are more.
    pub fn titled(&self, title: &str, said: Timestamp) -> Option<Known> {
        let key = title_key(title, said);
        let mut found =
            self.by_title.all(self.hash(&key), |slot| self.packed(slot).title_key() == key);
        let (Some(slot), None) = (found.next(), found.next()) else { return None };
        let known = self.packed(slot).known();
        (known.head.title == title && known.published_said == Some(said)).then_some(known)
    }

    /// Articles that hold some bytes; of very many only the first, by path.
    pub fn of_content(&self, hash: &Hash) -> Vec<Known> {
        const MANY: usize = 64;
        let found = self.by_hash.all(self.hash(&hash[..]), |slot| self.packed(slot).hash() == hash);
        let mut found: Vec<&Packed> = found.map(|slot| self.packed(slot)).collect();
        found.sort_by_key(|packed| packed.path());
        found.into_iter().take(MANY).map(Packed::known).collect()
    }

    /// Articles whose files have this number.
    pub fn of_inode(&self, inode: u64) -> Vec<Known> {
        let found = self.by_inode.all(self.hash(&inode), |slot| self.packed(slot).inode() == inode);
        found.map(|slot| self.packed(slot).known()).collect()
    }

    pub fn articles(&self) -> impl Iterator<Item = Known> {
        self.packed_articles().map(Packed::known)
    }

    pub fn packed_articles(&self) -> impl Iterator<Item = &Packed> {
        self.stands.iter().flatten().map(|stand| &stand.packed)
    }

    pub fn len(&self) -> usize {
        self.stands.len() - self.free.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn packed(&self, slot: Slot) -> &Packed {
        &self.stands[slot as usize].as_ref().expect("a slot in use").packed
    }

    fn slot_of(&self, id: &str) -> Option<Slot> {
        self.by_id.all(self.hash(id), |slot| self.packed(slot).id() == id).next()
    }

    fn slot_at(&self, path: &str) -> Option<Slot> {
        self.by_path.all(self.hash(path), |slot| self.packed(slot).path() == path).next()
    }

    fn hash<T: std::hash::Hash + ?Sized>(&self, value: &T) -> u64 {
        self.hasher.hash_one(value)
    }

    // ── feeds ─────────────────────────────────────────────────────────────────────────────────

    /// All feeds that there are, the empty ones too.
    pub fn feeds(&self) -> impl Iterator<Item = &str> {
        self.numbers.keys().map(String::as_str)
    }

    pub fn has_feed(&self, path: &str) -> bool {
        self.numbers.contains_key(path)
    }

    pub fn feed_of(&self, shelf: ShelfNumber) -> &str {
        &self.shelves[shelf as usize].path
    }

    /// The articles of a feed's window, in order.
    pub fn window(&self, feed: &str, size: usize) -> Vec<Known> {
        let Some(number) = self.numbers.get(feed) else { return Vec::new() };
        let mut shown: Vec<Place> = Vec::new();
        for place in &self.shelves[*number as usize].places {
            if shown.len() >= size
                && shown.last().is_none_or(|last| last.published < place.published)
            {
                break;
            }
            shown.push(*place);
        }
        shown.sort_by(|a, b| {
            let id = |place: &Place| self.packed(place.slot).id();
            a.published.cmp(&b.published).then_with(|| id(a).cmp(id(b)))
        });
        shown.into_iter().take(size).map(|place| self.packed(place.slot).known()).collect()
    }

    /// The feeds that an article stands in now.
    pub fn stands_in(&self, id: &str) -> impl Iterator<Item = &str> {
        let stand = self.slot_of(id).and_then(|slot| self.stands[slot as usize].as_ref());
        let shelves = stand.into_iter().flat_map(|stand| &stand.shelves);
        shelves.map(|number| self.feed_of(*number))
    }

    /// The feeds that an article stands in while it is public.
    pub fn feeds_for(&mut self, head: &Head, names: &mut Names) -> Vec<String> {
        let shelves = self.shelves_for(head, names);
        shelves.iter().map(|number| self.feed_of(*number).to_string()).collect()
    }

    fn shelf(&mut self, path: &str) -> ShelfNumber {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        let number = ShelfNumber::try_from(self.shelves.len()).expect("fewer than 2^32 feeds");
        self.shelves.push(Shelf { path: path.to_string(), places: BTreeSet::new() });
        self.numbers.insert(path.to_string(), number);
        number
    }

    fn shelves_for(&mut self, head: &Head, names: &mut Names) -> Vec<ShelfNumber> {
        let foreign = head.foreign;
        let mut shelves = if foreign { Vec::new() } else { vec![ALL] };
        for (by, name) in head.names() {
            if self.plan.by.contains(&by) && (!foreign || by == By::Language) {
                shelves.extend_from_slice(self.shelves_of(by, name, names));
            }
        }
        if !self.plan.rules.is_empty() {
            let terms = terms(head, names);
            let takes = self.plan.rules.iter().filter(|rule| rule.takes(&terms));
            for name in takes.map(|rule| rule.name.clone()).collect::<Vec<_>>() {
                shelves.push(self.shelf(&name));
            }
        }
        shelves.sort_unstable();
        shelves.dedup();
        shelves
    }

    /// A slug is given once, so what a name leads to never changes.
    fn shelves_of(&mut self, by: By, name: &str, names: &mut Names) -> &[ShelfNumber] {
        let known = self.of_names.get(&by).is_some_and(|names| names.contains_key(name));
        if !known {
            let terms = names.terms(by, name);
            let feeds = terms.iter().map(|term| format!("{}/{}", by.word(), term.slug));
            let numbers = feeds.map(|feed| self.shelf(&feed)).collect();
            self.of_names.entry(by).or_default().insert(name.to_string(), numbers);
        }
        &self.of_names[&by][name]
    }

    // ── filing ────────────────────────────────────────────────────────────────────────────────

    /// Files an article, new or changed, `packed` being the same; adds the feeds that show a difference to `moves`.
    pub fn file(
        &mut self,
        known: &Known,
        packed: Packed,
        names: &mut Names,
        now: Timestamp,
        window: &dyn Fn(&str) -> usize,
        moves: &mut Moves,
    ) {
        let before = self.slot_of(&known.id);
        let shown = before.map(|slot| self.lift(slot, window, moves)).unwrap_or_default();
        let slot = before.or_else(|| self.free.pop()).unwrap_or_else(|| {
            self.stands.push(None);
            Slot::try_from(self.stands.len() - 1).expect("fewer than 2^32 articles")
        });
        // Of two at one path, the one that was filed last is found there.
        if let Some(other) = self.slot_at(&known.path) {
            self.by_path.remove(self.hash(known.path.as_str()), other);
        }
        if !known.head.hidden
            && let Some(at) = known.next_change(now)
        {
            self.due.insert((at, slot));
        }
        let shelves = match known.is_public(now) {
            true => self.shelves_for(&known.head, names).into_boxed_slice(),
            false => Box::default(),
        };
        let published = (known.published.as_second(), known.published.subsec_nanosecond());
        let place = Place { published: Reverse(published), slot };
        moves.left.extend(shown.into_iter().filter(|number| !shelves.contains(number)));
        for number in &shelves {
            self.shelves[*number as usize].places.insert(place);
        }
        self.stands[slot as usize] = Some(Stand { packed, published, shelves: shelves.clone() });
        self.enter(slot);
        for number in shelves {
            if !moves.touched.contains(&number) && self.shows(number, &place, window) {
                moves.touched.insert(number);
            }
        }
    }

    /// Takes an article out; its ledger row stays.
    pub fn remove(
        &mut self,
        id: &str,
        window: &dyn Fn(&str) -> usize,
        moves: &mut Moves,
    ) -> Option<Known> {
        let slot = self.slot_of(id)?;
        let known = self.packed(slot).known();
        let shown = self.lift(slot, window, moves);
        moves.left.extend(shown);
        self.stands[slot as usize] = None;
        self.free.push(slot);
        Some(known)
    }

    /// Takes an article off its shelves and out of the indexes; returns where it was shown.
    fn lift(
        &mut self,
        slot: Slot,
        window: &dyn Fn(&str) -> usize,
        moves: &mut Moves,
    ) -> Vec<ShelfNumber> {
        let stand = self.stands[slot as usize].as_mut().expect("a slot in use");
        let mut shelves = std::mem::take(&mut stand.shelves).into_vec();
        let place = Place { published: Reverse(stand.published), slot };
        let all = shelves.clone();
        shelves.retain(|number| self.shows(*number, &place, window));
        moves.touched.extend(&shelves);
        for number in all {
            self.shelves[number as usize].places.remove(&place);
        }
        self.leave(slot);
        shelves
    }

    /// Whether a place is among the first of its feed, as many as its window shows.
    fn shows(&self, number: ShelfNumber, place: &Place, window: &dyn Fn(&str) -> usize) -> bool {
        let Shelf { path, places } = &self.shelves[number as usize];
        let window = window(path);
        if places.len() <= window {
            return true;
        }
        let Some(last) = window.checked_sub(1).and_then(|at| places.iter().nth(at)) else {
            return false;
        };
        if place.published != last.published {
            return place.published < last.published;
        }
        // Of the same moment: the lower id comes first.
        let id = self.packed(place.slot).id();
        let newer = places.range(..Place { slot: 0, ..*last }).count();
        let ties = places.range(Place { slot: 0, ..*last }..);
        let ties = ties.take_while(|tie| tie.published == last.published);
        newer + ties.filter(|tie| self.packed(tie.slot).id() < id).count() < window
    }

    fn enter(&mut self, slot: Slot) {
        self.index(slot, |index, hash, rehash| {
            index.slots.insert_unique(hash, slot, rehash);
        });
    }

    fn leave(&mut self, slot: Slot) {
        self.index(slot, |index, hash, _| index.remove(hash, slot));
    }

    fn index(&mut self, slot: Slot, change: impl Fn(&mut Index, u64, &dyn Fn(&Slot) -> u64)) {
        let (stands, hasher) = (&self.stands, &self.hasher);
        let packed = |slot: &Slot| &stands[*slot as usize].as_ref().expect("a slot in use").packed;
        let of = |index: &mut Index, hash: &dyn Fn(&Packed) -> u64| {
            change(index, hash(packed(&slot)), &|slot| hash(packed(slot)));
        };
        of(&mut self.by_id, &|packed| hasher.hash_one(packed.id()));
        of(&mut self.by_path, &|packed| hasher.hash_one(packed.path()));
        of(&mut self.by_hash, &|packed| hasher.hash_one(packed.hash()));
        of(&mut self.by_inode, &|packed| hasher.hash_one(packed.inode()));
        if packed(&slot).title_key() != 0 {
            of(&mut self.by_title, &|packed| hasher.hash_one(packed.title_key()));
        }
    }

    /// Articles whose hour has come; each must be filed again.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<Known> {
        let later = self.due.split_off(&(now + jiff::SignedDuration::from_nanos(1), 0));
        let due = std::mem::replace(&mut self.due, later);
        let slots: BTreeSet<Slot> = due.into_iter().map(|(_, slot)| slot).collect();
        let there = slots.iter().filter_map(|slot| self.stands[*slot as usize].as_ref());
        there.map(|stand| stand.packed.known()).collect()
    }

    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }
}

impl Index {
    fn all(&self, hash: u64, is: impl Fn(Slot) -> bool) -> impl Iterator<Item = Slot> {
        self.slots.iter_hash(hash).copied().filter(move |slot| is(*slot))
    }

    fn remove(&mut self, hash: u64, slot: Slot) {
        if let Ok(entry) = self.slots.find_entry(hash, |held| *held == slot) {
            entry.remove();
        }
    }
}

/// All terms of an article, those above nested categories included.
pub fn terms(head: &Head, names: &mut Names) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for (by, name) in head.names() {
        for term in &*names.terms(by, name) {
            if !terms.contains(term) {
                terms.push(term.clone());
            }
        }
    }
    terms
}
