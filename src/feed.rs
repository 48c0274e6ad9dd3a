//! What we syndicate. Every decision about an entry is made here, once; the formats only write
//! it down. Nothing here knows of files, of RSS or of HTTP.

pub mod adopt;
pub mod catalog;
mod finder;
pub mod id;
pub mod link;
pub mod names;
pub mod packed;
pub mod rules;
pub mod settle;

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::article::{Body, Enclosure, Hash, Head, Person, Signature, instant};
use link::absolute;

/// What feeds are made by, besides the one of everything and those by rule; the word is also the
/// first part of their paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    Category,
    Tag,
    Author,
    Language,
}

impl By {
    pub fn word(self) -> &'static str {
        match self {
            By::Category => "category",
            By::Tag => "tag",
            By::Author => "author",
            By::Language => "language",
        }
    }

    pub fn named(word: &str) -> Option<By> {
        [By::Category, By::Tag, By::Author, By::Language].into_iter().find(|by| by.word() == word)
    }
}

impl Head {
    /// What an article says of itself by which feeds are made.
    pub fn names(&self) -> impl Iterator<Item = (By, &str)> {
        let of = |by: By| move |name| (by, name);
        self.categories
            .iter()
            .map(String::as_str)
            .map(of(By::Category))
            .chain(self.tags.iter().map(String::as_str).map(of(By::Tag)))
            .chain(self.authors.iter().map(|person| person.name.as_str()).map(of(By::Author)))
            .chain(self.language.iter().map(String::as_str).map(of(By::Language)))
    }
}

/// The site that all feeds are of.
#[derive(Clone, Debug)]
pub struct Site {
    pub title: String,
    pub description: String,
    /// Where the articles are read; ends with a slash.
    pub url: String,
    /// Where readers find the feeds; ends with a slash.
    pub feeds_url: String,
    pub language: Option<String>,
    /// In which dates are written.
    pub timezone: TimeZone,
    pub author: Option<Person>,
    pub rights: Option<String>,
    pub logo: Option<String>,
    /// Minutes that readers may keep a feed.
    pub ttl: u32,
}

/// An article as it is known: its head, with what was decided about it for good.
/// [`packed::Packed`] is how it lies in memory and in the ledger.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub id: String,
    pub path: String,
    pub signature: Signature,
    /// Of the file's bytes as last seen; `good` of those that the head was read from.
    #[serde(skip)]
    pub hash: Hash,
    #[serde(skip)]
    pub good: Hash,
    /// What read the head; another means that it must be read again.
    pub fingerprint: String,
    pub head: Head,
    pub link: String,
    #[serde(with = "instant")]
    pub first_seen: Timestamp,
    #[serde(with = "instant")]
    pub published: Timestamp,
    /// The author's own date as last read, to see when the author moves it.
    #[serde(with = "instant::option")]
    pub published_said: Option<Timestamp>,
    #[serde(with = "instant")]
    pub updated: Timestamp,
    /// Readers may have seen it: it was in feeds once.
    pub announced: bool,
    /// Its file had problems when it was read: read it again at the next start, to tell them.
    pub troubled: bool,
    /// The file is no longer there; its id and dates are kept, should it come back.
    pub gone: bool,
}

impl Known {
    /// The instant at which the entry next comes or goes, if it still does.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        [Some(self.published), self.head.expires].into_iter().flatten().filter(|at| *at > now).min()
    }

    pub fn is_public(&self, now: Timestamp) -> bool {
        !self.gone
            && !self.head.hidden
            && self.published <= now
            && self.head.expires.is_none_or(|expires| expires > now)
    }

    /// Names the converted body: another content, title, link or way of reading makes another.
    pub fn body_key(&self, reader: &str) -> Hash {
        let mut hasher = blake3::Hasher::new();
        for part in [&self.good[..], self.link.as_bytes(), reader.as_bytes()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        for block in &self.head.furniture {
            hasher.update(&block.to_le_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

/// A category or tag of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub by: By,
    /// URL-safe, nested ones with `/`.
    pub slug: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub id: String,
    pub title: String,
    pub link: String,
    pub published: ZonedDateTime,
    pub updated: ZonedDateTime,
    pub authors: Vec<Person>,
    pub categories: Vec<Term>,
    pub tags: Vec<String>,
    pub language: Option<String>,
    pub image: Option<String>,
    pub enclosures: Vec<Enclosure>,
    pub summary: String,
    /// HTML; `None` where the feed carries summaries only.
    pub content: Option<String>,
}

impl Entry {
    /// Its tags that are not its categories too.
    pub fn other_tags(&self) -> impl Iterator<Item = &String> {
        let is_category = |tag: &String| self.categories.iter().any(|term| term.name == *tag);
        self.tags.iter().filter(move |tag| !is_category(tag))
    }

    pub fn new(known: &Known, body: &Body, terms: &[Term], site: &Site, full: bool) -> Entry {
        let head = &known.head;
        let zoned = |at: Timestamp| at.to_zoned_datetime(site.timezone.clone());
        let of = |by: By| terms.iter().filter(move |term| term.by == by);
        let image = head.image.as_deref().and_then(|image| absolute(image, &known.link));
        Entry {
            id: known.id.clone(),
            title: head.title.clone(),
            link: known.link.clone(),
            published: zoned(known.published),
            updated: zoned(known.updated.max(known.published)),
            authors: head
                .authors
                .iter()
                .map(|person| Person {
                    url: person.url.as_deref().and_then(|url| absolute(url, &known.link)),
                    ..person.clone()
                })
                .collect(),
            categories: of(By::Category).cloned().collect(),
            tags: of(By::Tag).map(|term| term.name.clone()).collect(),
            language: [&head.language, &body.language, &site.language]
                .into_iter()
                .find_map(Option::clone),
            image: image.or_else(|| body.image.clone()),
            enclosures: head
                .enclosures
                .iter()
                .filter_map(|enclosure| {
                    let url = absolute(&enclosure.url, &known.link)?;
                    Some(Enclosure { url, ..enclosure.clone() })
                })
                .collect(),
            summary: body.summary.clone(),
            content: (full && !body.html.trim().is_empty()).then(|| body.html.clone()),
        }
    }

    /// An upper bound of the bytes that the entry takes in any format.
    fn weight(&self, escaped: impl Fn(&str) -> usize) -> usize {
        let terms: usize = self.categories.iter().map(|term| 200 + term.name.len()).sum();
        1_500
            + escaped(&self.title)
            + 2 * escaped(&self.summary)
            + self.content.as_deref().map_or(0, escaped)
            + terms
            + 100 * (self.tags.len() + self.authors.len())
    }
}

#[derive(Clone, Debug)]
pub struct Feed {
    pub id: String,
    /// Without extension: `all`, `category/quan-5`.
    pub path: String,
    pub title: String,
    pub description: String,
    pub language: Option<String>,
    pub updated: ZonedDateTime,
    pub entries: Vec<Entry>,
}

impl Feed {
    /// About how many bytes it takes in any format.
    pub fn size(&self) -> usize {
        let of =
            |entry: &Entry| 1_500 + entry.content.as_ref().map_or(0, |html| html.len() * 5 / 4);
        2_000 + self.entries.iter().map(of).sum::<usize>()
    }

    /// Leaves out the oldest entries until the feed fits, but never the newest.
    pub fn cut_to(&mut self, max_bytes: usize) {
        let most: usize =
            self.entries.iter().map(|entry| entry.weight(|text| 6 * text.len())).sum();
        if 4_096 + most <= max_bytes {
            return;
        }
        let escaped = |text: &str| {
            // So few at once that they can be counted in a byte, many side by side.
            let count = |some: &[u8]| -> u8 {
                some.iter().map(|b| u8::from(matches!(b, b'<' | b'>' | b'&' | b'"'))).sum()
            };
            let escapes = text.as_bytes().chunks(128).map(count);
            text.len() + 5 * escapes.map(usize::from).sum::<usize>()
        };
        let mut total = 4_096;
        let kept = self.entries.iter().take_while(|entry| {
            total += entry.weight(escaped);
            total <= max_bytes
        });
        let kept = kept.count().max(1);
        self.entries.truncate(kept);
    }
}

/// How many entries a feed shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    Newest(usize),
    All,
}

impl Window {
    pub fn size(self) -> usize {
        match self {
            Window::Newest(count) => count,
            Window::All => usize::MAX,
        }
    }
}

/// What a feed is called and holds, as the config has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSettings {
    pub title: Option<String>,
    pub description: Option<String>,
    pub language: Option<String>,
    pub window: Window,
    /// Bytes, where the number of entries is not the publisher's own choice.
    pub max_bytes: Option<usize>,
    pub full_text: bool,
}
