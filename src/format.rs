//! Feeds → bytes. Each format is a plain projection of one [`Feed`]: what an entry is called,
//! holds and looks like was decided before.

pub mod atom;
pub mod index;
pub mod json;
pub mod opml;
pub mod rss;
pub mod xml;

use crate::feed::{Feed, Site};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Rss,
    Atom,
    Json,
}

pub const FORMATS: [Format; 3] = [Format::Rss, Format::Atom, Format::Json];

pub const OPML_TYPE: &str = "text/x-opml; charset=utf-8";
pub const HTML_TYPE: &str = "text/html; charset=utf-8";

impl Format {
    pub fn extension(self) -> &'static str {
        match self {
            Format::Rss => "rss",
            Format::Atom => "atom",
            Format::Json => "json",
        }
    }

    /// As in `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Rss => "application/rss+xml; charset=utf-8",
            Format::Atom => "application/atom+xml; charset=utf-8",
            Format::Json => "application/feed+json; charset=utf-8",
        }
    }

    pub fn path(self, feed: &Feed) -> String {
        format!("{}.{}", feed.path, self.extension())
    }

    /// Where the feed is found in this format: its `self` link.
    pub fn url(self, feed: &Feed, site: &Site) -> String {
        format!("{}{}", site.feeds_url, self.path(feed))
    }

    /// Writes a feed that `xml::clean` has passed.
    pub fn render(self, feed: &Feed, site: &Site) -> Vec<u8> {
        match self {
            Format::Rss => rss::render(feed, site),
            Format::Atom => atom::render(feed, site),
            Format::Json => json::render(feed, site),
        }
    }
}
