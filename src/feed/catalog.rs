//! Who is in which feed, and in which order. One edit touches its own feeds and nothing else.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};

use jiff::Timestamp;

use super::names::Names;
use super::rules::Rule;
use super::{By, Known, Term};

/// Newest first, then by id, so that the order never depends on chance.
type Place = (Reverse<Timestamp>, String);

#[derive(Clone, Debug, Default)]
struct Shelf {
    places: BTreeSet<Place>,
}

impl Shelf {
    /// Whether a place is, or would be, among the first `window`.
    fn shows(&self, place: &Place, window: usize) -> bool {
        window == usize::MAX
            || self.places.len() < window
            || window > 0 && self.places.iter().nth(window - 1).is_none_or(|last| place <= last)
    }
}

/// What the catalog is told of the publisher's wishes.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub by: Vec<By>,
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, Default)]
pub struct Catalog {
    articles: HashMap<String, Known>,
    by_path: HashMap<String, String>,
    /// Hash of title and author's date → ids.
    by_title: HashMap<u64, Vec<String>>,
    /// Feed path → its entries.
    shelves: BTreeMap<String, Shelf>,
    /// Id → the feeds it stands in, with its place.
    shelved: HashMap<String, (Place, Vec<String>)>,
    /// When entries come or go by themselves.
    due: BTreeSet<(Timestamp, String)>,
    plan: Plan,
}

impl Catalog {
    pub fn new(plan: Plan, feeds: impl IntoIterator<Item = String>) -> Catalog {
        let mut catalog = Catalog { plan, ..Catalog::default() };
        catalog.shelves.insert("all".into(), Shelf::default());
        for rule in &catalog.plan.rules {
            catalog.shelves.insert(rule.name.clone(), Shelf::default());
        }
        for feed in feeds {
            catalog.shelves.entry(feed).or_default();
        }
        catalog
    }

    pub fn get(&self, id: &str) -> Option<&Known> {
        self.articles.get(id)
    }

    pub fn at_path(&self, path: &str) -> Option<&Known> {
        self.by_path.get(path).and_then(|id| self.articles.get(id))
    }

    /// The one article of this title and this date of the author's own; `None` if there are more.
    pub fn titled(&self, title: &str, said: Timestamp) -> Option<&Known> {
        let ids = self.by_title.get(&title_key(title, said))?;
        let [id] = ids.as_slice() else { return None };
        let known = self.articles.get(id)?;
        (known.head.title == title && known.published_said == Some(said)).then_some(known)
    }

    pub fn articles(&self) -> impl Iterator<Item = &Known> {
        self.articles.values()
    }

    pub fn len(&self) -> usize {
        self.articles.len()
    }

    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// All feeds that there are, the empty ones too.
    pub fn feeds(&self) -> impl Iterator<Item = &str> {
        self.shelves.keys().map(String::as_str)
    }

    pub fn has_feed(&self, path: &str) -> bool {
        self.shelves.contains_key(path)
    }

    /// The articles of a feed's window, in order.
    pub fn window(&self, feed: &str, size: usize) -> impl Iterator<Item = &Known> {
        let places = self.shelves.get(feed).into_iter().flat_map(|shelf| &shelf.places);
        places.take(size).filter_map(|(_, id)| self.articles.get(id))
    }

    /// Files an article, new or changed; adds the feeds that show a difference to `touched`.
    pub fn file(
        &mut self,
        known: Known,
        names: &mut Names,
        now: Timestamp,
        window: &dyn Fn(&str) -> usize,
        touched: &mut BTreeSet<String>,
    ) {
        let id = known.id.clone();
        self.unshelve(&id, window, touched);
        if let Some(before) = self.articles.get(&id)
            && before.path != known.path
            && self.by_path.get(&before.path) == Some(&id)
        {
            self.by_path.remove(&before.path);
        }
        if !known.head.hidden
            && let Some(at) = known.next_change(now)
        {
            self.due.insert((at, id.clone()));
        }
        if known.is_public(now) {
            let terms = terms(&known, names);
            let feeds = self.feeds_of(&known, &terms);
            let place = (Reverse(known.published), id.clone());
            for feed in &feeds {
                let shelf = self.shelves.entry(feed.clone()).or_default();
                shelf.places.insert(place.clone());
                if shelf.shows(&place, window(feed)) {
                    touched.insert(feed.clone());
                }
            }
            self.shelved.insert(id.clone(), (place, feeds));
        }
        self.by_path.insert(known.path.clone(), id.clone());
        if let Some(said) = known.published_said {
            let key = title_key(&known.head.title, said);
            self.by_title.entry(key).or_default().push(id.clone());
        }
        if let Some(before) = self.articles.insert(id, known) {
            self.untitle(&before);
        }
    }

    /// Takes an article out; its ledger row stays.
    pub fn remove(
        &mut self,
        id: &str,
        window: &dyn Fn(&str) -> usize,
        touched: &mut BTreeSet<String>,
    ) -> Option<Known> {
        self.unshelve(id, window, touched);
        let known = self.articles.remove(id)?;
        self.untitle(&known);
        if self.by_path.get(&known.path).is_some_and(|holder| holder == id) {
            self.by_path.remove(&known.path);
        }
        Some(known)
    }

    /// Takes an article's former title out of the index, once.
    fn untitle(&mut self, known: &Known) {
        let Some(said) = known.published_said else { return };
        let key = title_key(&known.head.title, said);
        if let Some(ids) = self.by_title.get_mut(&key) {
            if let Some(at) = ids.iter().position(|id| *id == known.id) {
                ids.swap_remove(at);
            }
            if ids.is_empty() {
                self.by_title.remove(&key);
            }
        }
    }

    fn unshelve(
        &mut self,
        id: &str,
        window: &dyn Fn(&str) -> usize,
        touched: &mut BTreeSet<String>,
    ) {
        let Some((place, feeds)) = self.shelved.remove(id) else { return };
        for feed in feeds {
            if let Some(shelf) = self.shelves.get_mut(&feed) {
                if shelf.shows(&place, window(&feed)) {
                    touched.insert(feed);
                }
                shelf.places.remove(&place);
            }
        }
    }

    /// The feeds that an article stands in now.
    pub fn stands_in(&self, id: &str) -> impl Iterator<Item = &String> {
        self.shelved.get(id).into_iter().flat_map(|(_, feeds)| feeds)
    }

    /// The feeds that an article stands in while it is public.
    pub fn feeds_for(&self, known: &Known, names: &mut Names) -> Vec<String> {
        self.feeds_of(known, &terms(known, names))
    }

    fn feeds_of(&self, known: &Known, terms: &[Term]) -> Vec<String> {
        let foreign = known.head.foreign;
        let mut feeds = if foreign { Vec::new() } else { vec!["all".to_string()] };
        let wanted = terms.iter().filter(|term| {
            self.plan.by.contains(&term.by) && (!foreign || term.by == By::Language)
        });
        feeds.extend(wanted.map(|term| format!("{}/{}", term.by.word(), term.slug)));
        let rules = self.plan.rules.iter().filter(|rule| rule.takes(terms));
        feeds.extend(rules.map(|rule| rule.name.clone()));
        feeds.sort();
        feeds.dedup();
        feeds
    }

    /// Articles whose hour has come; each must be filed again.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<Known> {
        let later = self.due.split_off(&(now + jiff::SignedDuration::from_nanos(1), String::new()));
        let due = std::mem::replace(&mut self.due, later);
        let ids: BTreeSet<String> = due.into_iter().map(|(_, id)| id).collect();
        ids.iter().filter_map(|id| self.articles.get(id)).cloned().collect()
    }

    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }
}

fn title_key(title: &str, said: Timestamp) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    (title, said.as_nanosecond()).hash(&mut hasher);
    hasher.finish()
}

/// All terms of an article, those above nested categories included.
pub fn terms(known: &Known, names: &mut Names) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for (by, name) in known.head.names() {
        for term in names.terms(by, name) {
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
    }
    terms
}
