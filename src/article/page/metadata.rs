//! What a page says of itself: JSON-LD, OpenGraph and other `<meta>`, bylines.

use std::cell::OnceCell;
use std::collections::HashMap;

use dom_query::Document;
use serde_json::Value;

use super::Page;
use super::dated::{About, dates};
use super::linked::{Linked, names_in, text_of, unescaped};
use super::title::title;
use crate::article::fields::one_line;
use crate::article::people;

pub fn declared(document: &Document) -> Page {
    let meta = Meta::of(document);
    let Linked { article: linked, page: linked_page } = Linked::of(document, &meta);
    let split = |text: String| -> Vec<String> {
        text.split([',', ';']).map(one_line).filter(|part| !part.is_empty()).collect()
    };
    let site = meta.find(&["og:site_name", "application-name"]);
    let title = title(document, &meta, linked.as_ref(), site.as_deref());
    Page {
        dates: dates(&About {
            document,
            meta: &meta,
            linked: linked.as_ref(),
            linked_page: linked_page.as_ref(),
            lines: OnceCell::new(),
            title: title.as_deref(),
        }),
        title,
        modified: linked
            .as_ref()
            .and_then(|linked| text_of(linked, "dateModified"))
            .or_else(|| meta.find(&["article:modified_time", "dateModified", "modified"])),
        authors: authors(document, &meta, linked.as_ref()),
        section: meta
            .find(&["article:section", "category"])
            .or_else(|| linked.as_ref().and_then(|linked| text_of(linked, "articleSection"))),
        tags: meta.find(&["tags", "article:tag", "keywords"]).map(split).unwrap_or_default(),
        language: meta
            .attribute("html", "lang")
            .or_else(|| meta.attribute("html", "xml:lang"))
            .or_else(|| linked.as_ref().and_then(|linked| text_of(linked, "inLanguage")))
            .or_else(|| meta.find(&["language", "og:locale", "content-language"])),
        image: meta.find(&["og:image", "twitter:image"]),
        linked_body: linked.as_ref().and_then(body_of),
        summary: meta.find(&["summary", "og:description", "description", "twitter:description"]),
        ..Page::default()
    }
}

/// The text of the article that a page's JSON-LD has.
pub fn linked_body(document: &Document, html: &str) -> Option<String> {
    html.contains("articleBody")
        .then(|| Linked::of(document, &Meta::of(document)))?
        .article
        .as_ref()
        .and_then(body_of)
}

fn body_of(linked: &Value) -> Option<String> {
    let body = linked.get("articleBody")?.as_str()?;
    Some(unescaped(body).replace("\u{a0}", " "))
}

pub struct Meta<'a> {
    document: &'a Document,
    /// By the place of its kind of name in `KINDS` and the name in lower case: what the first
    /// `<meta>` of that name says.
    said: HashMap<(usize, String), Option<String>>,
}

/// Attributes that hold a name, the likelier ones first.
const KINDS: [&str; 4] = ["name", "property", "itemprop", "http-equiv"];

impl Meta<'_> {
    pub fn of(document: &Document) -> Meta<'_> {
        let mut said = HashMap::new();
        for meta in document.select("meta").nodes() {
            for (kind, attribute) in KINDS.iter().enumerate() {
                let Some(name) = meta.attr(attribute) else { continue };
                said.entry((kind, name.to_ascii_lowercase())).or_insert_with(|| {
                    let content = meta.attr("content").map(|content| one_line(&content));
                    content.filter(|content| !content.is_empty())
                });
            }
        }
        Meta { document, said }
    }

    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let value = self.document.select_single(selector).attr(name)?;
        Some(one_line(&value)).filter(|value| !value.is_empty())
    }

    /// The first of some names that a `<meta>` has.
    pub fn find(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| {
            let said = |kind| self.said.get(&(kind, name.to_ascii_lowercase()))?.clone();
            (0..KINDS.len()).find_map(said)
        })
    }
}

// ── Authors ───────────────────────────────────────────────────────────────────────────────────

fn authors(document: &Document, meta: &Meta, linked: Option<&Value>) -> Vec<String> {
    let is_name = |name: &String| {
        (2..=80).contains(&name.chars().count()) && !name.contains("://") && !name.contains('@')
    };
    let linked = linked.and_then(|linked| linked.get("author")).map(names_in).unwrap_or_default();
    let linked: Vec<String> = linked.into_iter().filter(is_name).collect();
    if !linked.is_empty() {
        return linked;
    }
    let told = meta.find(&["authors", "author", "article:author", "parsely-author", "dc.creator"]);
    if let Some(told) = told.filter(|told| !told.contains("://")) {
        let names = told.split([',', ';']).map(one_line).filter(is_name).collect::<Vec<_>>();
        if !names.is_empty() {
            return names;
        }
    }
    let text = |selector: &str| {
        let found = document.select_single(selector);
        Some(one_line(&found.text())).filter(|text| !text.is_empty())
    };
    let marks = [
        "[itemprop=\"author\"] [itemprop=\"name\"]",
        "[itemprop=\"author\"]",
        "a[rel=\"author\"]",
        ".byline .author, .author .name, .author-name, .byline-name",
        ".byline, .author",
    ];
    let name = marks.iter().filter_map(|mark| text(mark)).find_map(|text| people::byline(&text));
    name.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linked_data_describes_the_article() {
        let html = r#"<script type="application/ld+json">{"@graph": [{"@type": "WebSite"},
            {"@type": ["NewsArticle"], "headline": "A &amp; B", "datePublished": "2024-05-06",
             "author": [{"name": "Ann Other"}, "Bo"]}]}</script><p>x"#;
        let page = declared(&Document::from(html));
        assert_eq!(page.title.as_deref(), Some("A & B"));
        assert_eq!(page.authors, ["Ann Other", "Bo"]);
        assert_eq!(page.dates[0].text, "2024-05-06");
    }
}
