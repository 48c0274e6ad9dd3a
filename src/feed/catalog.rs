//! Who is in which feed, and in which order. One edit touches its own feeds and nothing else.

mod named;
mod refill;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use hashbrown::DefaultHashBuilder;
use jiff::Timestamp;

use super::finder::{Finder, Slot, Slots};
use super::names::Names;
use super::packed::{Packed, inode_key, title_key};
use super::rules::Rule;
use super::{By, Known, Term};
use crate::article::{Hash, Head};

pub use refill::Refill;

/// Where an article stands in every feed that it is in: newest first. Of one moment, those of the
/// lower id come first; the few that are shown are put in that order when they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    moment: Moment,
    slot: Slot,
}

/// A moment, in the order of a feed: twelve bytes, of which an archive has millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    /// From the last moment that there is: seconds in two halves, then nanoseconds.
    until: [u32; 3],
}

impl Moment {
    fn of(at: Timestamp) -> Moment {
        let left = (Timestamp::MAX.as_second() - at.as_second()) as u64;
        // Within a second that began before 1970, too: a later one is less.
        let nanos = i64::from(i32::MAX) - i64::from(at.subsec_nanosecond());
        Moment { until: [(left >> 32) as u32, left as u32, nanos as u32] }
    }
}

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
    moment: Moment,
    /// None while it is not public.
    shelves: Box<[ShelfNumber]>,
}

impl AsRef<Packed> for Stand {
    fn as_ref(&self) -> &Packed {
        &self.packed
    }
}

/// What the catalog is told of the publisher's wishes.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub by: Vec<By>,
    pub rules: Vec<Rule>,
}

impl Plan {
    /// Whether what an article says of this kind decides in which feeds it stands.
    pub fn asks_for(&self, by: By) -> bool {
        self.by.contains(&by) || self.rules.iter().any(|rule| rule.asks_for(by))
    }
}

/// Feeds whose windows show a difference.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    pub touched: BTreeSet<ShelfNumber>,
    /// Those of them that lost an entry.
    pub left: BTreeSet<ShelfNumber>,
}

#[derive(Clone, Debug)]
pub struct Catalog {
    stands: Slots<Stand>,
    by_id: Finder,
    by_path: Finder,
    /// By content, inode, title: what only newcomers are held against, made when the first comes.
    for_newcomers: OnceLock<[Finder; 3]>,
    /// Made when the first link asks for a name.
    by_name: OnceLock<Finder>,
    shelves: Vec<Shelf>,
    /// Feed path → its shelf.
    numbers: BTreeMap<String, ShelfNumber>,
    /// Name → the shelves of its terms, those above it included.
    of_names: HashMap<By, HashMap<String, Vec<ShelfNumber>, DefaultHashBuilder>>,
    /// When entries come or go by themselves.
    due: BTreeSet<(Timestamp, Slot)>,
    plan: Plan,
}

impl Catalog {
    pub fn new(plan: Plan, feeds: impl IntoIterator<Item = String>) -> Catalog {
        let mut catalog = Catalog {
            stands: Slots::default(),
            by_id: Finder::by(|packed| packed.id().as_bytes()),
            by_path: Finder::by(|packed| packed.path().as_bytes()),
            for_newcomers: OnceLock::new(),
            by_name: OnceLock::new(),
            shelves: Vec::new(),
            numbers: BTreeMap::new(),
            of_names: HashMap::new(),
            due: BTreeSet::new(),
            plan,
        };
        catalog.shelf("all");
        for name in catalog.plan.rules.iter().map(|rule| rule.name.clone()).collect::<Vec<_>>() {
            catalog.shelf(&name);
        }
        for feed in feeds {
            catalog.shelf(&feed);
        }
        catalog
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

    /// The one article of this title and this date of the author's own; `None` if there are more.
    pub fn titled(&self, title: &str, said: Timestamp) -> Option<Known> {
        let [_, _, by_title] = self.for_newcomers();
        let key = title_key(title, said);
        let mut found = by_title.find(&self.stands, &key);
        let (Some(slot), None) = (found.next(), found.next()) else { return None };
        let known = self.packed(slot).known();
        (known.head.title == title && known.published_said == Some(said)).then_some(known)
    }

    /// Articles that hold some bytes; of very many only the first, by path.
    pub fn of_content(&self, hash: &Hash) -> Vec<Known> {
        const MANY: usize = 64;
        let [by_content, ..] = self.for_newcomers();
        let found = by_content.find(&self.stands, hash);
        let mut found: Vec<&Packed> = found.map(|slot| self.packed(slot)).collect();
        found.sort_by_key(|packed| packed.path());
        found.into_iter().take(MANY).map(Packed::known).collect()
    }

    /// Articles whose files have this number.
    pub fn of_inode(&self, inode: u64) -> Vec<Known> {
        let [_, by_inode, _] = self.for_newcomers();
        let key = inode_key(inode);
        let found: Vec<Slot> = by_inode.find(&self.stands, &key).collect();
        found.into_iter().map(|slot| self.packed(slot).known()).collect()
    }

    fn for_newcomers(&self) -> &[Finder; 3] {
        self.for_newcomers.get_or_init(|| {
            [
                Finder::by(Packed::hash).filled(&self.stands),
                Finder::by(Packed::inode).filled(&self.stands),
                Finder::by(Packed::title_key).filled(&self.stands),
            ]
        })
    }

    pub fn articles(&self) -> impl Iterator<Item = Known> {
        self.stands.iter().map(|(_, stand)| stand.packed.known())
    }

    pub fn len(&self) -> usize {
        self.stands.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn packed(&self, slot: Slot) -> &Packed {
        self.stands.packed(slot)
    }

    fn slot_of(&self, id: &str) -> Option<Slot> {
        self.by_id.find(&self.stands, id.as_bytes()).next()
    }

    fn slot_at(&self, path: &str) -> Option<Slot> {
        self.by_path.find(&self.stands, path.as_bytes()).next()
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
            if shown.len() >= size && shown.last().is_none_or(|last| last.moment < place.moment) {
                break;
            }
            shown.push(*place);
        }
        shown.sort_by(|a, b| {
            let id = |place: &Place| self.packed(place.slot).id();
            a.moment.cmp(&b.moment).then_with(|| id(a).cmp(id(b)))
        });
        shown.into_iter().take(size).map(|place| self.packed(place.slot).known()).collect()
    }

    /// The feeds that an article stands in now.
    pub fn stands_in(&self, id: &str) -> impl Iterator<Item = &str> {
        let stand = self.slot_of(id).map(|slot| self.stands.at(slot));
        let shelves = stand.into_iter().flat_map(|stand| &stand.shelves);
        shelves.map(|number| self.feed_of(*number))
    }

    /// The feeds that an article stands in while it is public.
    pub fn feeds_for(&mut self, head: &Head, names: &mut Names) -> Vec<String> {
        let shelves = self.shelves_for(head, names);
        shelves.iter().map(|number| self.feed_of(*number).to_string()).collect()
    }

    /// Whether an article is in the window of some feed.
    pub fn shows_article(&self, id: &str, window: &dyn Fn(&str) -> usize) -> bool {
        self.slot_of(id).is_some_and(|slot| {
            let Stand { moment, shelves, .. } = self.stands.at(slot);
            let place = Place { moment: *moment, slot };
            shelves.iter().any(|number| self.shows(*number, &place, window))
        })
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

    /// Makes room for so many articles.
    pub fn expect(&mut self, articles: usize) {
        self.stands.expect(articles);
        self.by_id.expect(&self.stands, articles);
        self.by_path.expect(&self.stands, articles);
    }

    // ── filing ────────────────────────────────────────────────────────────────────────────────

    /// Files an article, new or changed, `packed` being the same; adds the feeds that show a
    /// difference to `moves`.
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
        // Of two at one path, the one that was filed last is found there.
        if let Some(other) = self.slot_at(&known.path) {
            self.by_path.remove(&self.stands, other);
        }
        let stand = self.stand(known, packed, names, now);
        let (moment, shelves) = (stand.moment, stand.shelves.clone());
        let slot = match before {
            Some(slot) => {
                *self.stands.at_mut(slot) = stand;
                slot
            }
            None => self.stands.take(stand),
        };
        self.wait_for(known, slot, now);
        let place = Place { moment, slot };
        for number in &shelves {
            self.shelves[*number as usize].places.insert(place);
        }
        self.by_id.add(&self.stands, slot);
        self.by_path.add(&self.stands, slot);
        let more = self.for_newcomers.get_mut().into_iter().flatten();
        for finder in more.chain(self.by_name.get_mut()) {
            finder.add(&self.stands, slot);
        }
        moves.left.extend(shown.into_iter().filter(|number| !shelves.contains(number)));
        for number in shelves {
            if !moves.touched.contains(&number) && self.shows(number, &place, window) {
                moves.touched.insert(number);
            }
        }
    }

    fn stand(&mut self, known: &Known, packed: Packed, names: &mut Names, now: Timestamp) -> Stand {
        let shelves = match known.is_public(now) {
            true => self.shelves_for(&known.head, names).into_boxed_slice(),
            false => Box::default(),
        };
        Stand { packed, moment: Moment::of(known.published), shelves }
    }

    fn wait_for(&mut self, known: &Known, slot: Slot, now: Timestamp) {
        if !known.head.hidden
            && let Some(at) = known.next_change(now)
        {
            self.due.insert((at, slot));
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
        let shown = self.lift(slot, window, moves);
        moves.left.extend(shown);
        self.stands.release(slot).map(|stand| stand.packed.known())
    }

    /// Takes an article off its shelves and out of the finders; returns where it was shown.
    fn lift(
        &mut self,
        slot: Slot,
        window: &dyn Fn(&str) -> usize,
        moves: &mut Moves,
    ) -> Vec<ShelfNumber> {
        let stand = self.stands.at_mut(slot);
        let mut shelves = std::mem::take(&mut stand.shelves).into_vec();
        let place = Place { moment: stand.moment, slot };
        let all = shelves.clone();
        shelves.retain(|number| self.shows(*number, &place, window));
        moves.touched.extend(&shelves);
        for number in all {
            self.shelves[number as usize].places.remove(&place);
        }
        self.by_id.remove(&self.stands, slot);
        self.by_path.remove(&self.stands, slot);
        let more = self.for_newcomers.get_mut().into_iter().flatten();
        for finder in more.chain(self.by_name.get_mut()) {
            finder.remove(&self.stands, slot);
        }
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
        if place.moment != last.moment {
            return place.moment < last.moment;
        }
        // Of the same moment: the lower id comes first.
        let id = self.packed(place.slot).id();
        let newer = places.range(..Place { slot: 0, ..*last }).count();
        let ties = places.range(Place { slot: 0, ..*last }..);
        let ties = ties.take_while(|tie| tie.moment == last.moment);
        // Of very many at one moment, no more are looked at than it takes to know.
        let room = window.saturating_sub(newer);
        ties.filter(|tie| self.packed(tie.slot).id() < id).take(room).count() < room
    }

    /// Articles whose hour has come; each must be filed again.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<Known> {
        let later = self.due.split_off(&(now + jiff::SignedDuration::from_nanos(1), 0));
        let due = std::mem::replace(&mut self.due, later);
        let slots: BTreeSet<Slot> = due.into_iter().map(|(_, slot)| slot).collect();
        let there = slots.iter().filter_map(|slot| self.stands.get(*slot));
        there.map(|stand| stand.packed.known()).collect()
    }

    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
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
