//! What is kept of an article, and what is made of it on demand.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Hash, Links, instant};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    pub name: String,
    pub email: Option<String>,
    pub url: Option<String>,
}

/// A file that comes with the entry, such as a podcast episode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Enclosure {
    pub url: String,
    /// Bytes; RSS readers want it, so 0 is written where it is unknown.
    pub length: Option<u64>,
    pub media_type: String,
}

/// What is kept in memory of every article.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Head {
    pub title: String,
    /// The author's own permanent link or path.
    pub link: Option<String>,
    pub slug: Option<String>,
    /// The path that its address is made from, where that is not the file's.
    pub page: Option<String>,
    pub id: Option<String>,
    /// Where the article was found before.
    pub aliases: Vec<String>,
    #[serde(with = "instant::option")]
    pub published: Option<Timestamp>,
    #[serde(with = "instant::option")]
    pub updated: Option<Timestamp>,
    #[serde(with = "instant::option")]
    pub expires: Option<Timestamp>,
    /// Draft, unlisted or withdrawn: known, but in no feed.
    pub hidden: bool,
    /// The day of its address, where that is not the one of `published`.
    #[serde(with = "instant::option")]
    pub dated: Option<Timestamp>,
    /// In another language than the site's: in the feeds of that language only.
    pub foreign: bool,
    /// The author calls the present change too small to move `updated`.
    pub minor: bool,
    pub authors: Vec<Person>,
    /// Each a path of names joined by `/`.
    pub categories: Vec<String>,
    pub tags: Vec<String>,
    pub language: Option<String>,
    pub image: Option<String>,
    pub enclosures: Vec<Enclosure>,
    pub summary: Option<String>,
    /// The numbers of a bare text's blocks that stand in many texts of its folder.
    pub furniture: Vec<u32>,
    /// XXH3 of title, author's summary, body source and enclosures: what a reader would
    /// notice. The file may change without it.
    pub meaning: Hash,
}

/// What is made only for entries inside some feed's window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Body {
    /// Sanitised HTML with absolute URLs only.
    pub html: String,
    /// The same as plain text, paragraphs separated by blank lines; only for who asks to see it.
    #[serde(skip)]
    pub text: String,
    pub summary: String,
    /// As the text tells it, where nobody names it.
    pub language: Option<String>,
    /// The first image of the body.
    pub image: Option<String>,
    /// The rule that gave the summary.
    pub summary_from: String,
    /// Files of other articles that links in it may name, with the addresses that they had.
    pub asked: BTreeMap<String, Option<String>>,
}

impl Body {
    /// Whether its links to other articles lead where these lead now.
    pub fn leads_as(&self, links: Links) -> bool {
        self.asked.iter().all(|(path, link)| links(path) == *link)
    }
}
