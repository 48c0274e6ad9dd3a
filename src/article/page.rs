//! A saved web page: the article's own part, and what the page says of itself.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_query::Document;
use dom_smoothie::Readability;

use super::fields::one_line;
use super::found::{Found, naive_zone};
use super::{Conventions, cost, dates, language, people};

#[derive(Clone, Debug, Default)]
pub struct Page {
    pub title: Option<String>,
    pub published: Option<String>,
    pub modified: Option<String>,
    pub authors: Vec<String>,
    pub section: Option<String>,
    pub tags: Vec<String>,
    pub language: Option<String>,
    pub image: Option<String>,
    pub summary: Option<String>,
    /// Not sanitised.
    pub html: String,
    pub complaint: Option<String>,
}

/// A whole page rather than the fragment that a generator puts into its template.
pub fn is_document(text: &str) -> bool {
    let head: String = text.chars().take(2_000).collect::<String>().to_ascii_lowercase();
    ["<html", "<!doctype html", "<head", "<body"].iter().any(|mark| head.contains(mark))
}

/// Reads a page. What cannot be taken apart is returned whole, with a complaint.
pub fn read(html: &str, conventions: &Conventions) -> Page {
    let _ = conventions;
    if let Some(reason) = cost::too_costly(html) {
        return Page {
            complaint: Some(format!("{reason}; the page is not read")),
            ..Page::default()
        };
    }
    // dom_smoothie 0.19 slices inside characters of some titles: a panic here is one page's.
    catch_unwind(AssertUnwindSafe(|| extract(html))).unwrap_or_else(|_| {
        let mut page = declared(&Document::from(html));
        page.html = whole(html);
        page.complaint = Some("the article could not be told from the page around it".into());
        page
    })
}

/// The first heading of a fragment, or of a page that names itself nowhere else.
pub fn first_heading(html: &str) -> Option<String> {
    if cost::too_costly(html).is_some() {
        return None;
    }
    heading_of(&Document::fragment(html))
}

fn heading_of(document: &Document) -> Option<String> {
    let heading = document.select_single("h1, h2, h3").text();
    Some(one_line(&heading)).filter(|heading| !heading.is_empty())
}

fn extract(html: &str) -> Page {
    let document = Document::from(html);
    document.select("iframe, object, embed").remove();
    let mut page = declared(&document);
    let Ok(mut readability) = Readability::with_document(document, None, None) else {
        page.html = whole(html);
        return page;
    };
    match readability.parse() {
        Ok(article) => {
            let title = one_line(&article.title);
            if !title.is_empty() {
                page.title = Some(title);
            }
            page.published = page.published.or(article.published_time);
            page.modified = page.modified.or(article.modified_time);
            if page.authors.is_empty() {
                page.authors.extend(article.byline.map(|byline| one_line(&byline)));
            }
            page.language = page.language.or(article.lang);
            page.image = page.image.or(article.image);
            page.html = article.content.to_string();
        }
        Err(_) => page.html = whole(html),
    }
    page
}

/// What the page's own markup declares.
fn declared(document: &Document) -> Page {
    let attribute = |selector: &str, name: &str| {
        document
            .select_single(selector)
            .attr(name)
            .map(|value| one_line(&value))
            .filter(|value| !value.is_empty())
    };
    let meta = |names: &[&str]| {
        names.iter().find_map(|name| {
            ["name", "property", "itemprop"]
                .iter()
                .find_map(|kind| attribute(&format!("meta[{kind}=\"{name}\" i]"), "content"))
        })
    };
    let title = one_line(&document.select_single("title").text());
    let split = |text: String| -> Vec<String> {
        text.split([',', ';']).map(one_line).filter(|part| !part.is_empty()).collect()
    };
    Page {
        title: meta(&["og:title"])
            .or(Some(title).filter(|title| !title.is_empty()))
            .or_else(|| heading_of(document)),
        published: meta(&["article:published_time", "datePublished", "date", "dc.date", "pubdate"])
            .or_else(|| attribute("[itemprop=\"datePublished\"]", "datetime"))
            .or_else(|| attribute("time[pubdate], article time[datetime]", "datetime"))
            .or_else(|| attribute("time[datetime]", "datetime")),
        modified: meta(&["article:modified_time", "dateModified", "modified"]),
        authors: meta(&["authors", "author", "article:author", "dc.creator"])
            .filter(|author| !author.contains("://"))
            .map(split)
            .unwrap_or_default(),
        section: meta(&["article:section", "category"]),
        tags: meta(&["tags", "article:tag", "keywords"]).map(split).unwrap_or_default(),
        language: attribute("html", "lang").or_else(|| meta(&["language", "og:locale"])),
        image: meta(&["og:image", "twitter:image"]),
        summary: meta(&["summary", "og:description", "description", "twitter:description"]),
        html: String::new(),
        complaint: None,
    }
}

/// The page's main part by its markup alone.
fn whole(html: &str) -> String {
    let document = Document::from(html);
    document
        .select(
            "script, style, noscript, template, nav, header, footer, aside, form, iframe, title",
        )
        .remove();
    ["article", "main", "body"]
        .iter()
        .find_map(|name| {
            let found = document.select_single(name);
            found.exists().then(|| found.inner_html().to_string())
        })
        .unwrap_or_default()
}

impl Page {
    pub fn found(self, conventions: &Conventions) -> Found {
        let language = self.language.as_deref().and_then(language::tag);
        let order = language.as_deref().or(conventions.language.as_deref());
        let zone = naive_zone(conventions);
        let mut complaint = self.complaint;
        let mut date = |text: Option<String>| {
            let text = text?;
            match dates::parse(&text, &zone, order) {
                Ok(date) => Some(date),
                Err(fault) => {
                    complaint.get_or_insert(format!("`{text}` {fault}"));
                    None
                }
            }
        };
        let published = date(self.published);
        let updated = date(self.modified);
        Found {
            title: self.title,
            title_from: "page: title",
            published,
            published_from: "page: date",
            updated,
            authors: self.authors.iter().filter_map(|name| people::named(name)).collect(),
            authors_from: "page: author",
            categories: self
                .section
                .as_deref()
                .and_then(super::fields::category_path)
                .into_iter()
                .collect(),
            tags: self.tags,
            language,
            language_from: "page: lang",
            image: self.image,
            summary: self.summary,
            complaint,
        }
    }
}
