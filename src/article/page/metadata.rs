//! What a page says of itself: JSON-LD, OpenGraph and other `<meta>`, microdata, `<time>`, bylines,
//! and its dates.

use dom_query::{Document, NodeRef};
use serde_json::Value;

use super::Page;
use super::furniture::names_of;
use super::title::title;
use crate::article::fields::one_line;
use crate::article::people;

/// A date as the page has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    pub text: String,
    pub rule: &'static str,
    /// Written for programs: a whole date and nothing else.
    pub strict: bool,
}

/// JSON-LD longer than this is not read.
const MAX_JSON: usize = 512 * 1024;
/// Deepest value of it that is looked into.
const MAX_DEPTH: usize = 8;

pub fn declared(document: &Document) -> Page {
    let linked = linked(document);
    let meta = Meta { document };
    let split = |text: String| -> Vec<String> {
        text.split([',', ';']).map(one_line).filter(|part| !part.is_empty()).collect()
    };
    let site = meta.find(&["og:site_name", "application-name"]);
    let title = title(document, &meta, linked.as_ref(), site.as_deref());
    Page {
        dates: dates(document, &meta, linked.as_ref(), title.as_deref()),
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
            .or_else(|| linked.as_ref().and_then(|linked| text_of(linked, "inLanguage")))
            .or_else(|| meta.find(&["language", "og:locale", "content-language"])),
        image: meta.find(&["og:image", "twitter:image"]),
        linked_body: linked.as_ref().and_then(|linked| {
            let body = linked.get("articleBody")?.as_str()?;
            Some(unescaped(body).replace("\u{a0}", " "))
        }),
        summary: meta.find(&["summary", "og:description", "description", "twitter:description"]),
        ..Page::default()
    }
}

pub struct Meta<'a> {
    document: &'a Document,
}

impl Meta<'_> {
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let value = self.document.select_single(selector).attr(name)?;
        Some(one_line(&value)).filter(|value| !value.is_empty())
    }

    /// The first of some names that a `<meta>` has.
    pub fn find(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| {
            ["name", "property", "itemprop", "http-equiv"]
                .iter()
                .find_map(|kind| self.attribute(&format!("meta[{kind}=\"{name}\" i]"), "content"))
        })
    }
}

// ── JSON-LD ───────────────────────────────────────────────────────────────────────────────────

/// The article that the page's JSON-LD describes.
fn linked(document: &Document) -> Option<Value> {
    let scripts = document.select("script[type=\"application/ld+json\"]");
    scripts.nodes().iter().take(20).find_map(|script| {
        let text = script.text();
        if text.len() > MAX_JSON {
            return None;
        }
        // Line breaks within texts are forbidden, and common.
        let text = text.replace(['\n', '\r', '\t'], " ");
        article_in(serde_json::from_str(&text).ok()?, 0)
    })
}

fn article_in(value: Value, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value {
        Value::Array(items) => items.into_iter().find_map(|item| article_in(item, depth + 1)),
        Value::Object(mut object) => {
            let is_article = match object.get("@type") {
                Some(Value::String(kind)) => names_article(kind),
                Some(Value::Array(kinds)) => {
                    kinds.iter().filter_map(Value::as_str).any(names_article)
                }
                _ => false,
            };
            if is_article {
                return Some(Value::Object(object));
            }
            ["@graph", "mainEntity", "mainEntityOfPage", "itemListElement"]
                .iter()
                .find_map(|key| article_in(object.remove(*key)?, depth + 1))
        }
        _ => None,
    }
}

fn names_article(kind: &str) -> bool {
    kind.ends_with("Article") || kind.ends_with("Posting") || matches!(kind, "Report" | "Review")
}

pub fn text_of(value: &Value, key: &str) -> Option<String> {
    let text = match value.get(key)? {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.first()?.as_str()?.to_string(),
        _ => return None,
    };
    let text = one_line(&unescaped(&text));
    (!text.is_empty()).then_some(text)
}

/// Some pages write HTML's entities into their JSON.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_string();
    }
    Document::fragment(text).text().to_string()
}

fn names_in(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![one_line(&unescaped(name))],
        Value::Array(items) => items.iter().flat_map(names_in).collect(),
        object => text_of(object, "name").into_iter().collect(),
    }
}

// ── Dates ─────────────────────────────────────────────────────────────────────────────────────

const DATE_META: &[&str] = &[
    "article:published_time",
    "og:published_time",
    "datePublished",
    "article:published",
    "og:article:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "cXenseParse:recs:publishtime",
    "cXenseParse:publishtime",
    "publishdate",
    "publish-date",
    "publish_date",
    "published_time",
    "publication_date",
    "pubdate",
    "date",
    "dc.date",
    "dc.date.issued",
    "dc.date.created",
    "dcterms.date",
    "dcterms.created",
    "dcterms.issued",
    "prism.publicationDate",
    "article.published",
    "article_date_original",
    "displaydate",
    "originalpublicationdate",
    "timestamp",
    "creation_date",
    "created",
    "dateCreated",
    "citation_publication_date",
    "citation_date",
    "blogger.created",
    "last-modified-original",
    "release_date",
];

/// Parts of class names that mark a date.
const DATE_NAMES: &[&str] = &[
    "date",
    "published",
    "pubdate",
    "publish",
    "pubtime",
    "datetime",
    "timestamp",
    "time",
    "posted",
    "postdate",
    "dateline",
    "created",
    "datum",
    "fecha",
    "data",
    "posttime",
    "entrydate",
    "day",
    "publication",
];
/// Those that often hold one besides other things.
const NEAR_NAMES: &[&str] = &[
    "byline",
    "meta",
    "postmeta",
    "entrymeta",
    "info",
    "author",
    "submitted",
    "details",
    "subtitle",
    "source",
    "postinfo",
    "header",
    "headline",
    "top",
];

/// Everything that may be the date of publication, what counts most first.
fn dates(
    document: &Document,
    meta: &Meta,
    linked: Option<&Value>,
    title: Option<&str>,
) -> Vec<Dated> {
    let mut dates: Vec<Dated> = Vec::new();
    let mut add = |text: Option<String>, rule: &'static str, strict: bool| {
        if let Some(text) = text.filter(|text| text.chars().any(|c| c.is_numeric()))
            && text.chars().count() <= 300
        {
            dates.push(Dated { text, rule, strict });
        }
    };
    let said = |key: &str| linked.and_then(|linked| text_of(linked, key));
    add(said("datePublished"), "page: JSON-LD", true);
    add(meta.find(DATE_META), "page: meta", true);
    add(meta.attribute("[itemprop=\"uploadDate\"]", "content"), "page: microdata", true);
    for name in ["schema:datePublished", "datePublished", "schema:dateCreated", "dc:date"] {
        let selector = format!("[property=\"{name}\"]");
        add(meta.attribute(&selector, "content"), "page: RDFa", true);
    }
    for name in ["content", "datetime", "title"] {
        add(meta.attribute("[itemprop=\"datePublished\"]", name), "page: microdata", true);
    }
    add(said("dateCreated"), "page: JSON-LD", true);
    for selector in [
        "time[pubdate]",
        "time.published, time.entry-date, time[class*=publish]",
        "article time[datetime], main time[datetime], header time[datetime]",
        "time[datetime]",
        "abbr.published",
    ] {
        add(meta.attribute(selector, "datetime"), "page: time", true);
        add(meta.attribute(selector, "title"), "page: time", true);
    }
    let text = |selector: &str| Some(one_line(&document.select_single(selector).text()));
    add(text("[itemprop=\"datePublished\"]"), "page: microdata", false);
    add(text("article time, main time"), "page: time", false);
    add(text("time"), "page: time", false);
    for text in beside_heading(document, title) {
        add(Some(text), "page: beside its heading", false);
    }
    for names in [DATE_NAMES, NEAR_NAMES] {
        for node in marked(document, names).into_iter().take(12) {
            add(Some(one_line(&node.text())), "page: date line", false);
        }
    }
    add(date_in_address(meta), "page: its address", true);
    dates
}

/// Short lines around the heading that is the title, else around the first one.
fn beside_heading(document: &Document, title: Option<&str>) -> Vec<String> {
    const REACH: usize = 8;
    let leaves = super::furniture::leaves(document);
    let is_title = |leaf: &NodeRef| title.is_some_and(|title| one_line(&leaf.text()) == title);
    let is_heading = |leaf: &NodeRef, names: &[&str]| {
        leaf.node_name().is_some_and(|name| names.contains(&&*name))
    };
    let heading = leaves
        .iter()
        .position(|leaf| is_heading(leaf, &["h1", "h2", "h3", "h4"]) && is_title(leaf))
        .or_else(|| leaves.iter().position(|leaf| is_heading(leaf, &["h1"])));
    let Some(heading) = heading else { return Vec::new() };
    let near = heading.saturating_sub(REACH / 2)..(heading + REACH).min(leaves.len());
    let texts = leaves[near].iter().map(|leaf| one_line(&leaf.text()));
    let is_line = |text: &String| {
        (6..=140).contains(&text.chars().count())
            && text.chars().filter(|c| c.is_alphabetic()).count() <= 90
    };
    texts.filter(is_line).collect()
}

/// Elements whose class or id has one of some words in it, with little text.
fn marked<'a>(document: &'a Document, names: &[&str]) -> Vec<NodeRef<'a>> {
    let nodes = document.select("body [class], body [id]");
    let nodes = nodes.nodes().iter().filter(|node| {
        names_of(node).any(|name| {
            names.contains(&name.as_str())
                || (names == DATE_NAMES && (name.contains("date") || name.contains("datum")))
        }) && (6..=200).contains(&node.text().trim().chars().count())
    });
    nodes.cloned().collect()
}

/// `/2019/11/20/` in the page's own address.
fn date_in_address(meta: &Meta) -> Option<String> {
    let url = meta.attribute("link[rel=canonical]", "href").or_else(|| meta.find(&["og:url"]))?;
    let parts: Vec<&str> = url.split('/').collect();
    parts.windows(3).find_map(|parts| {
        let digits = |part: &str, count: std::ops::RangeInclusive<usize>| {
            count.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        let fits = digits(parts[0], 4..=4) && digits(parts[1], 1..=2) && digits(parts[2], 1..=2);
        fits.then(|| format!("{}-{}-{}", parts[0], parts[1], parts[2]))
    })
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
