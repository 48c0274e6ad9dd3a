//! JSON Feed 1.1.

use serde::Serialize;

use super::{Format, rfc3339};
use crate::article::Person;
use crate::feed::{Entry, Feed, Site};

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: String,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'a str>,
    /// One of the two contents must be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
}

pub fn render(feed: &Feed, site: &Site, sheet: &mut Vec<u8>) {
    let document = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: &site.url,
        feed_url: Format::Json.url(feed, site),
        description: &feed.description,
        icon: site.logo.as_deref(),
        authors: site.author.iter().map(author).collect(),
        language: feed.language.as_deref(),
        items: feed.entries.iter().map(item).collect(),
    };
    serde_json::to_writer_pretty(sheet, &document).expect("strings and lists only");
}

fn item(entry: &Entry) -> Item<'_> {
    let categories = entry.categories.iter().map(|term| term.name.as_str());
    let mut tags: Vec<&str> = categories.chain(entry.tags.iter().map(String::as_str)).collect();
    let mut seen = std::collections::HashSet::new();
    tags.retain(|tag| seen.insert(*tag));
    Item {
        id: &entry.id,
        url: &entry.link,
        title: &entry.title,
        content_html: entry.content.as_deref(),
        content_text: entry.content.is_none().then_some(entry.summary.as_str()),
        summary: &entry.summary,
        image: entry.image.as_deref(),
        date_published: rfc3339(&entry.published),
        date_modified: rfc3339(&entry.updated),
        authors: entry.authors.iter().map(author).collect(),
        tags,
        language: entry.language.as_deref(),
        attachments: entry
            .enclosures
            .iter()
            .map(|file| Attachment {
                url: &file.url,
                mime_type: &file.media_type,
                size_in_bytes: file.length,
            })
            .collect(),
    }
}

fn author(person: &Person) -> Author<'_> {
    let mail = person.email.as_ref().map(|email| format!("mailto:{email}"));
    Author { name: &person.name, url: person.url.clone().or(mail) }
}
