//! Entries of feeds that another program made: RSS, Atom and JSON Feed, as far as readers know an
//! entry by it.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use jiff::{Timestamp, tz::TimeZone};
use quick_xml::events::Event;
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
    #[error("elements nested deeper than {MAX_DEPTH}")]
    TooDeep,
}

/// As deep as serde_json goes. The crates that read feeds call themselves for each level, and
/// would end the program.
const MAX_DEPTH: usize = 128;

/// Reads a feed, whichever it is.
pub fn entries(bytes: &[u8]) -> Result<Vec<Published>, ReadError> {
    let bytes = utf8(bytes);
    let bytes = bytes.trim_ascii_start();
    if bytes.starts_with(b"{") {
        return json(bytes);
    }
    if is_too_deep(bytes) {
        return Err(ReadError::TooDeep);
    }
    match root(bytes).as_deref() {
        Some("feed") => atom(bytes),
        Some("rss" | "RDF" | "channel") => rss(bytes),
        _ => Err(ReadError::NoFeed),
    }
}

/// Without a byte order mark, and in UTF-8: what the text itself says of its encoding, which is
/// true no more once it was decoded, is left out. Ids stay as they are, to the byte.
fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    let declaration =
        head.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let declared = declaration
        .and_then(|(said, _)| said.split_once("encoding=")?.1.split(['"', '\'']).nth(1))
        .and_then(|label| Encoding::for_label(label.as_bytes()));
    // What was read so far as bytes is not of words of two.
    let declared = declared.filter(|encoding| encoding.is_ascii_compatible());
    let Some(encoding) = Encoding::for_bom(bytes).map(|(encoding, _)| encoding).or(declared) else {
        return Cow::Borrowed(bytes);
    };
    if encoding == UTF_8 {
        return Cow::Borrowed(bytes);
    }
    let (text, ..) = encoding.decode(bytes);
    let text = match text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest.to_string(),
        None => text.into_owned(),
    };
    Cow::Owned(text.into_bytes())
}

/// The name of a document's first element, without its namespace.
fn root(bytes: &[u8]) -> Option<String> {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) | Event::Empty(element) => {
                return Some(String::from_utf8_lossy(element.local_name().as_ref()).into_owned());
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

fn is_too_deep(bytes: &[u8]) -> bool {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    reader.config_mut().check_end_names = false;
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
}

fn date(text: Option<&str>) -> Option<Timestamp> {
    dates::parse(text?, &TimeZone::UTC, Some("en")).ok()
}

fn filled(text: Option<&str>) -> Option<String> {
    text.map(one_line).filter(|text| !text.is_empty())
}

fn rss(bytes: &[u8]) -> Result<Vec<Published>, ReadError> {
    let channel = rss::Channel::read_from(bytes)?;
    let items = channel.items.into_iter().map(|item| {
        let link = filled(item.link.as_deref());
        let dublin_core = item.dublin_core_ext.and_then(|more| more.dates.into_iter().next());
        let id = filled(item.guid.as_ref().map(|guid| guid.value.as_str()));
        Published {
            // A reader knows an item without a guid by its link.
            id: id.or_else(|| link.clone()).unwrap_or_default(),
            link,
            title: one_line(item.title.as_deref().unwrap_or("")),
            published: date(item.pub_date.as_deref()).or_else(|| date(dublin_core.as_deref())),
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
            // Many feeds tell one date only.
            published: timestamp(entry.published.unwrap_or(entry.updated).to_rfc3339()),
            updated: timestamp(entry.updated.to_rfc3339()),
            id: one_line(&entry.id),
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
    id: Option<serde_json::Value>,
    url: Option<String>,
    title: Option<String>,
    date_published: Option<String>,
    date_modified: Option<String>,
}

fn json(bytes: &[u8]) -> Result<Vec<Published>, ReadError> {
    let feed: JsonFeed = serde_json::from_slice(bytes)?;
    let items = feed.items.into_iter().map(|item| Published {
        // A number is an id too (JSON Feed 1.1, `id`).
        id: match &item.id {
            Some(serde_json::Value::String(id)) => filled(Some(id)),
            Some(number @ serde_json::Value::Number(_)) => Some(number.to_string()),
            _ => None,
        }
        .or_else(|| filled(item.url.as_deref()))
        .unwrap_or_default(),
        link: filled(item.url.as_deref()),
        title: one_line(item.title.as_deref().unwrap_or("")),
        published: date(item.date_published.as_deref().or(item.date_modified.as_deref())),
        updated: date(item.date_modified.as_deref()),
    });
    Ok(items.filter(|entry| !entry.id.is_empty()).collect())
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
    fn what_nests_too_deep_is_refused() {
        for head in
            ["<rss version=\"2.0\"><channel>", "<feed xmlns=\"http://www.w3.org/2005/Atom\">"]
        {
            let deep = format!("{head}{}", "<x:a>".repeat(100_000));
            assert!(matches!(entries(deep.as_bytes()), Err(ReadError::TooDeep)), "{head}");
        }
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
        let utf16 = |feed: &str| -> Vec<u8> {
            let units = std::iter::once(0xFEFF).chain(feed.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        };
        let feed = "<?xml version='1.0' encoding='UTF-16'?><rss version='2.0'><channel><title>t\
            </title><link>l</link><description>d</description><item><title>Đà Nẵng</title>\
            <guid>g</guid></item></channel></rss>";
        assert_eq!(entries(&utf16(feed)).unwrap()[0].title, "Đà Nẵng");
        let latin = b"<?xml version='1.0' encoding='windows-1252'?><rss version='2.0'><channel>\
            <title>t</title><link>l</link><description>d</description><item><title>Caf\xe9\
            </title><guid>g</guid></item></channel></rss>";
        assert_eq!(entries(latin).unwrap()[0].title, "Café");
        // One date only; elements of other namespaces before the first item; no id.
        check(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><id>f</id>\
             <updated>2022-08-15T03:30:00Z</updated><entry><title>A &amp; B</title><id>g</id>\
             <link href='https://a.example/x'/><updated>2022-08-15T03:30:00Z</updated>\
             </entry></feed>",
            "g",
            link,
            "2022-08-15T03:30:00Z",
        );
        check(
            "<rss version='2.0' xmlns:feedburner='urn:f' xmlns:dc='http://purl.org/dc/elements/1.1/'>\
             <channel><title>t</title><link>l</link><description>d</description>\
             <feedburner:info uri='x'/><feedburner:feedFlare>y</feedburner:feedFlare>\
             <item><title>A &amp; B</title><link>https://a.example/x</link>\
             <dc:date>2022-08-15T10:30:00+07:00</dc:date></item></channel></rss>",
            link,
            link,
            "2022-08-15T03:30:00Z",
        );
        check(
            r#"{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": null,
             "url": "https://a.example/x", "title": "A & B",
             "date_modified": "2022-08-15T10:30:00+07:00"}, {"id": ""}]}"#,
            link,
            link,
            "2022-08-15T03:30:00Z",
        );
    }
}
