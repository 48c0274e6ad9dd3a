//! RSS 2.0, with the extensions that readers use.

use std::collections::BTreeMap;

use jiff::ZonedDateTime;
use rss::extension::{Extension, ExtensionMap, dublincore::DublinCoreExtension};
use rss::{Category, Channel, Enclosure, Guid, Image, Item};

use super::{Format, xml};
use crate::feed::{Entry, Feed, Site};

pub fn render(feed: &Feed, site: &Site, sheet: &mut Vec<u8>) {
    let channel = Channel {
        title: feed.title.clone(),
        link: site.url.clone(),
        description: feed.description.clone(),
        language: feed.language.clone(),
        copyright: site.rights.clone(),
        last_build_date: Some(date(&feed.updated)),
        generator: Some("syndic".into()),
        docs: Some("https://www.rssboard.org/rss-specification".into()),
        ttl: Some(site.ttl.to_string()),
        image: site.logo.as_ref().map(|url| Image {
            url: url.clone(),
            title: feed.title.clone(),
            link: site.url.clone(),
            ..Image::default()
        }),
        items: feed.entries.iter().map(|entry| item(entry, site)).collect(),
        extensions: self_link(&Format::Rss.url(feed, site)),
        namespaces: xml::namespaces(&[
            ("atom", xml::ATOM),
            ("content", xml::CONTENT),
            ("dc", xml::DUBLIN_CORE),
            ("media", xml::MEDIA),
        ]),
        ..Channel::default()
    };
    channel.pretty_write_to(sheet, b' ', 1).expect("writing to memory does not fail");
}

fn item(entry: &Entry, site: &Site) -> Item {
    let creators: Vec<String> = match (entry.authors.as_slice(), &site.author) {
        ([], Some(author)) => vec![author.name.clone()],
        (authors, _) => authors.iter().map(|author| author.name.clone()).collect(),
    };
    let categories = entry.categories.iter().map(|term| Category {
        name: term.name.clone(),
        domain: Some(format!("{}category/", site.feeds_url)),
    });
    let tags = entry.other_tags().map(|tag| Category { name: tag.clone(), domain: None });
    Item {
        title: Some(entry.title.clone()),
        link: Some(entry.link.clone()),
        // What stands here is read as HTML.
        description: Some(xml::escape(&entry.summary).into_owned()).filter(|text| !text.is_empty()),
        categories: categories.chain(tags).collect(),
        // RSS 2.0 knows one enclosure for each item.
        enclosure: entry.enclosures.first().map(|file| Enclosure {
            url: file.url.clone(),
            length: file.length.unwrap_or(0).to_string(),
            mime_type: file.media_type.clone(),
        }),
        guid: Some(Guid { value: entry.id.clone(), permalink: false }),
        pub_date: Some(date(&entry.published)),
        content: entry.content.clone(),
        dublin_core_ext: (!creators.is_empty())
            .then(|| DublinCoreExtension { creators, ..DublinCoreExtension::default() }),
        extensions: entry.image.as_deref().map(image).unwrap_or_default(),
        ..Item::default()
    }
}

/// RFC 822 with a year of four digits, as the RSS specification asks.
fn date(at: &ZonedDateTime) -> String {
    jiff::fmt::rfc2822::to_string(at).unwrap_or_else(|_| "Thu, 1 Jan 1970 00:00:00 +0000".into())
}

fn self_link(url: &str) -> ExtensionMap {
    let attrs = [("href", url), ("rel", "self"), ("type", "application/rss+xml")];
    extensions("atom", vec![("link", attrs.to_vec())])
}

fn image(url: &str) -> ExtensionMap {
    let content = vec![("url", url), ("medium", "image")];
    extensions("media", vec![("content", content), ("thumbnail", vec![("url", url)])])
}

type Attributes<'a> = Vec<(&'a str, &'a str)>;

fn extensions(prefix: &str, elements: Vec<(&str, Attributes)>) -> ExtensionMap {
    let mut map: BTreeMap<String, Vec<Extension>> = BTreeMap::new();
    for (name, attrs) in elements {
        let extension = Extension {
            name: format!("{prefix}:{name}"),
            attrs: attrs.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
            ..Extension::default()
        };
        map.entry(name.to_string()).or_default().push(extension);
    }
    BTreeMap::from([(prefix.to_string(), map)])
}
