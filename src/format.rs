//! Feeds → bytes. Each format is a plain projection of one [`Feed`]: what an entry is called,
//! holds and looks like was decided before.

pub mod atom;
pub mod index;
pub mod json;
pub mod opml;
pub mod read;
pub mod rss;
pub mod xml;

use jiff::ZonedDateTime;

use crate::feed::{Feed, Site};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Rss,
    Atom,
    Json,
}

pub const FORMATS: [Format; 3] = [Format::Rss, Format::Atom, Format::Json];

/// The list of all feeds, for readers and for people.
pub const OPML: &str = "feeds.opml";
pub const INDEX: &str = "index.html";

/// As in `Content-Type`, by a document's path.
pub fn media_type(path: &str) -> &'static str {
    match path {
        OPML => "text/x-opml; charset=utf-8",
        INDEX => "text/html; charset=utf-8",
        _ => match Format::of(path) {
            Some((_, Format::Rss)) => "application/rss+xml; charset=utf-8",
            Some((_, Format::Atom)) => "application/atom+xml; charset=utf-8",
            Some((_, Format::Json)) => "application/feed+json; charset=utf-8",
            None => "application/octet-stream",
        },
    }
}

/// RFC 3339, to the second.
pub fn rfc3339(at: &ZonedDateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

impl Format {
    /// The feed and the format that a document's path names.
    pub fn of(path: &str) -> Option<(&str, Format)> {
        let (feed, extension) = path.rsplit_once('.')?;
        let format = FORMATS.into_iter().find(|format| format.extension() == extension)?;
        Some((feed, format))
    }

    pub fn extension(self) -> &'static str {
        match self {
            Format::Rss => "rss",
            Format::Atom => "atom",
            Format::Json => "json",
        }
    }

    pub fn path(self, feed: &Feed) -> String {
        format!("{}.{}", feed.path, self.extension())
    }

    /// Where the feed is found in this format: its `self` link.
    pub fn url(self, feed: &Feed, site: &Site) -> String {
        format!("{}{}", site.feeds_url, self.path(feed))
    }

    /// Writes a feed that `xml::clean` has passed to the end of a sheet.
    pub fn render(self, feed: &Feed, site: &Site, sheet: &mut Vec<u8>) {
        sheet.reserve(feed.size());
        match self {
            Format::Rss => rss::render(feed, site, sheet),
            Format::Atom => atom::render(feed, site, sheet),
            Format::Json => json::render(feed, site, sheet),
        }
        sheet.push(b'\n');
    }
}
