//! Entries of feeds that another program made: RSS, Atom and JSON Feed, as far as readers know an
//! entry by it.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::article::dates;
use crate::article::fields::one_line;

/// An entry as it was published elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub id: String,
    pub link: Option<String>,
    pub title: String,
    pub published: Option<Timestamp>,
    pub updated: Option<Timestamp>,
}

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("no feed: neither RSS, nor Atom, nor JSON Feed")]
    NoFeed,
    #[error("bad RSS: {0}")]
    Rss(#[from] rss::Error),
    #[error("bad Atom: {0}")]
    Atom(#[from] atom_syndication::Error),
    #[error("bad JSON Feed: {0}")]
    Json(#[from] serde_json::Error),
}

/// Reads a feed, whichever it is.
pub fn entries(bytes: &[u8]) -> Result<Vec<Published>, ReadError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if bytes.starts_with(b"{") {
        return json(bytes);
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4_096)]).into_owned();
    if head.contains("<feed") {
        atom(bytes)
    } else if head.contains("<rss") || head.contains("<rdf:RDF") || head.contains("<channel") {
        rss(bytes)
    } else {
        Err(ReadError::NoFeed)
    }
}

fn date(text: Option<&str>) -> Option<Timestamp> {
    dates::parse(text?, &TimeZone::UTC, Some("en")).ok()
}

fn filled(text: Option<&str>) -> Option<String> {
    text.map(|text| text.trim().to_string()).filter(|text| !text.is_empty())
}

fn rss(bytes: &[u8]) -> Result<Vec<Published>, ReadError> {
    let channel = rss::Channel::read_from(bytes)?;
    let items = channel.items.into_iter().map(|item| {
        let link = filled(item.link.as_deref());
        let id = filled(item.guid.as_ref().map(|guid| guid.value.as_str()));
        Published {
            // A reader knows an item without a guid by its link.
            id: id.or_else(|| link.clone()).unwrap_or_default(),
            link,
            title: one_line(item.title.as_deref().unwrap_or("")),
            published: date(item.pub_date.as_deref()),
            updated: None,
        }
    });
    Ok(items.filter(|entry| !entry.id.is_empty()).collect())
}

fn atom(bytes: &[u8]) -> Result<Vec<Published>, ReadError> {
    let feed = atom_syndication::Feed::read_from(bytes)?;
    let entries = feed.entries.into_iter().map(|entry| {
        let alternate = entry.links.iter().find(|link| link.rel == "alternate");
        let timestamp = |text: String| date(Some(&text));
        Published {
            link: filled(alternate.or(entry.links.first()).map(|link| link.href.as_str())),
            title: one_line(&entry.title.value),
            published: entry.published.map(|date| date.to_rfc3339()).and_then(timestamp),
            updated: timestamp(entry.updated.to_rfc3339()),
            id: entry.id.trim().to_string(),
        }
    });
    Ok(entries.filter(|entry| !entry.id.is_empty()).collect())
}

#[derive(Deserialize)]
struct JsonFeed {
    items: Vec<JsonItem>,
}

#[derive(Deserialize)]
struct JsonItem {
    id: serde_json::Value,
    url: Option<String>,
    title: Option<String>,
    date_published: Option<String>,
    date_modified: Option<String>,
}

fn json(bytes: &[u8]) -> Result<Vec<Published>, ReadError> {
    let feed: JsonFeed = serde_json::from_slice(bytes)?;
    let items = feed.items.into_iter().map(|item| Published {
        // A number is an id too (JSON Feed 1.1, `id`).
        id: match item.id {
            serde_json::Value::String(id) => id,
            other => other.to_string(),
        },
        link: filled(item.url.as_deref()),
        title: one_line(item.title.as_deref().unwrap_or("")),
        published: date(item.date_published.as_deref()),
        updated: date(item.date_modified.as_deref()),
    });
    Ok(items.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(feed: &str, id: &str, link: &str, published: &str) {
        let entries = entries(feed.as_bytes()).unwrap();
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!((entry.id.as_str(), entry.title.as_str()), (id, "A & B"));
        assert_eq!(entry.link.as_deref(), Some(link));
        assert_eq!(entry.published.map(|date| date.to_string()).as_deref(), Some(published));
    }

    #[test]
    fn every_format_is_read() {
        let link = "https://a.example/x";
        check(
            "<?xml version='1.0'?><rss version='2.0'><channel><title>t</title><link>l</link>\
             <description>d</description><item><title>A &amp; B</title>\
             <link>https://a.example/x</link><guid>g</guid>\
             <pubDate>Mon, 15 Aug 2022 10:30:00 +0700</pubDate></item></channel></rss>",
            "g",
            link,
            "2022-08-15T03:30:00Z",
        );
        check(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><id>f</id>\
             <updated>2022-08-15T03:30:00Z</updated><entry><title>A &amp; B</title><id>g</id>\
             <link rel='alternate' href='https://a.example/x'/>\
             <published>2022-08-15T03:30:00Z</published>\
             <updated>2022-08-16T03:30:00Z</updated></entry></feed>",
            "g",
            link,
            "2022-08-15T03:30:00Z",
        );
        check(
            r#"{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": 7,
             "url": "https://a.example/x", "title": "A & B",
             "date_published": "2022-08-15T10:30:00+07:00"}]}"#,
            "7",
            link,
            "2022-08-15T03:30:00Z",
        );
        assert!(matches!(entries(b"<html>"), Err(ReadError::NoFeed)));
    }
}
