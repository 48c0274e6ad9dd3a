//! Atom 1.0 (RFC 4287).

use std::collections::BTreeMap;

use atom_syndication as atom;
use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{Category, Content, FixedDateTime, Generator, Link, Text};
use chrono::DateTime;
use jiff::ZonedDateTime;

use super::{Format, rfc3339, xml};
use crate::article::Person;
use crate::feed::{By, Entry, Feed, Site};

pub fn render(feed: &Feed, site: &Site, sheet: &mut Vec<u8>) {
    // Every entry names its author or the feed does (RFC 4287, 4.1.1); where nobody is known,
    // the site is.
    let author = site
        .author
        .clone()
        .unwrap_or_else(|| Person { name: site.title.clone(), ..Person::default() });
    let document = atom::Feed {
        title: Text::plain(feed.title.clone()),
        id: feed.id.clone(),
        updated: date(&feed.updated),
        authors: vec![person(&author)],
        generator: Some(Generator { value: "syndic".into(), ..Generator::default() }),
        links: vec![
            link("self", Format::Atom.url(feed, site), Some("application/atom+xml")),
            link("alternate", site.url.clone(), Some("text/html")),
        ],
        logo: site.logo.clone(),
        rights: site.rights.clone().map(Text::plain),
        subtitle: Some(Text::plain(feed.description.clone())),
        entries: feed.entries.iter().map(|entry| self::entry(entry, feed, site)).collect(),
        namespaces: xml::namespaces(&[("media", xml::MEDIA)]),
        lang: feed.language.clone(),
        ..atom::Feed::default()
    };
    sheet.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let config = atom::WriteConfig { write_document_declaration: false, indent_size: Some(1) };
    document.write_with_config(sheet, config).expect("writing to memory does not fail");
}

fn entry(entry: &Entry, feed: &Feed, site: &Site) -> atom::Entry {
    let lang = entry.language.clone().filter(|language| feed.language.as_ref() != Some(language));
    let text = |value: &str| Text { lang: lang.clone(), ..Text::plain(value.to_string()) };
    let categories = entry.categories.iter().map(|term| Category {
        term: term.slug.clone(),
        scheme: Some(format!("{}{}/", site.feeds_url, By::Category.word())),
        label: Some(term.name.clone()),
    });
    let tags = entry.other_tags().map(|tag| Category { term: tag.clone(), ..Category::default() });
    let enclosures = entry.enclosures.iter().map(|file| Link {
        length: file.length.map(|length| length.to_string()),
        ..link("enclosure", file.url.clone(), Some(&file.media_type))
    });
    atom::Entry {
        title: text(&entry.title),
        id: entry.id.clone(),
        updated: date(&entry.updated),
        published: Some(date(&entry.published)),
        authors: entry.authors.iter().map(person).collect(),
        categories: categories.chain(tags).collect(),
        links: std::iter::once(link("alternate", entry.link.clone(), Some("text/html")))
            .chain(enclosures)
            .collect(),
        summary: (!entry.summary.is_empty()).then(|| text(&entry.summary)),
        content: entry.content.clone().map(|html| Content {
            value: Some(html),
            content_type: Some("html".into()),
            lang: lang.clone(),
            ..Content::default()
        }),
        extensions: entry.image.as_deref().map(thumbnail).unwrap_or_default(),
        ..atom::Entry::default()
    }
}

fn link(rel: &str, href: String, media_type: Option<&str>) -> Link {
    Link { rel: rel.into(), href, mime_type: media_type.map(str::to_string), ..Link::default() }
}

fn person(person: &Person) -> atom::Person {
    atom::Person {
        name: person.name.clone(),
        email: person.email.clone(),
        uri: person.url.clone(),
        ..atom::Person::default()
    }
}

fn date(at: &ZonedDateTime) -> FixedDateTime {
    DateTime::parse_from_rfc3339(&rfc3339(at)).unwrap_or_default()
}

/// The crate writes the attributes of extensions as they are, so they come escaped.
fn thumbnail(url: &str) -> ExtensionMap {
    let extension = Extension {
        name: "media:thumbnail".into(),
        attrs: BTreeMap::from([("url".to_string(), xml::escape(url).into_owned())]),
        ..Extension::default()
    };
    let element = BTreeMap::from([("thumbnail".to_string(), vec![extension])]);
    BTreeMap::from([("media".to_string(), element)])
}
