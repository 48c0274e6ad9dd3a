//! A saved web page: the article's own part, and what the page says of itself.

mod dated;
mod furniture;
mod lines;
mod linked;
mod metadata;
mod title;

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_query::Document;
use dom_smoothie::Readability;
use jiff::{Timestamp, tz::TimeZone};

use super::dates::{self, DateFault, Either};
use super::fields::one_line;
use super::found::{Found, naive_zone};
use super::{Conventions, cost, language, people, text};
pub use dated::Dated;

#[derive(Clone, Debug, Default)]
pub struct Page {
    pub title: Option<String>,
    /// What may be its date, what counts most first; none after one that is for certain.
    pub dates: Vec<Dated>,
    pub modified: Option<String>,
    pub authors: Vec<String>,
    pub section: Option<String>,
    pub tags: Vec<String>,
    pub language: Option<String>,
    pub image: Option<String>,
    pub summary: Option<String>,
    /// The text that its JSON-LD has.
    linked_body: Option<String>,
    /// The article's own part, where that was asked; not sanitised.
    pub html: String,
    pub complaint: Option<String>,
}

/// A whole page rather than the fragment that a generator puts into its template.
pub fn is_document(text: &str) -> bool {
    let head: String = text.chars().take(2_000).collect::<String>().to_ascii_lowercase();
    // `<header` stands in fragments.
    let opens_head = |rest: &str| rest.starts_with(|c: char| c == '>' || c.is_ascii_whitespace());
    ["<html", "<!doctype html", "<body"].iter().any(|mark| head.contains(mark))
        || head.split("<head").skip(1).any(opens_head)
}

/// What a page says of itself, and what only its article's own part tells where it leaves that
/// open. What cannot be taken apart comes with a complaint.
pub fn read(html: &str, conventions: &Conventions) -> Page {
    let document = match cost::tree(html) {
        Ok(document) => document,
        Err(reason) => {
            let complaint = Some(format!("{reason}; the page is not read"));
            return Page { complaint, ..Page::default() };
        }
    };
    // dom_smoothie 0.19 slices inside characters of some titles: a panic here is one page's.
    let reading = || {
        let mut page = metadata::declared(&document);
        if page.leaves_open(conventions) {
            page.html = main_part(document, html, conventions, &mut page);
        }
        page
    };
    catch_unwind(AssertUnwindSafe(reading)).unwrap_or_else(|_| {
        let mut page = metadata::declared(&Document::from(html));
        page.html = whole(&Document::from(html));
        page.complaint = Some("the article could not be told from the page around it".into());
        page
    })
}

/// The HTML of the article's own part of a page, not sanitised.
pub fn article(html: &str, conventions: &Conventions) -> String {
    let Ok(document) = cost::tree(html) else { return String::new() };
    let mut page = Page { linked_body: metadata::linked_body(&document, html), ..Page::default() };
    let reading = || main_part(document, html, conventions, &mut page);
    catch_unwind(AssertUnwindSafe(reading)).unwrap_or_else(|_| whole(&Document::from(html)))
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

/// The article's own part; the page learns what else it tells.
fn main_part(document: Document, html: &str, conventions: &Conventions, page: &mut Page) -> String {
    if conventions.flavour.page_is_article {
        return whole(&document);
    }
    let paragraphs = furniture::paragraphs_width(&document);
    furniture::strip(&document);
    let boxed = boxed(&document);
    let mut content = main_content(document, page);
    let found = content.as_ref().map_or(0, furniture::text_width);
    // Where much less was found than there is, the template's names led astray.
    if found < ENOUGH || found * 3 < paragraphs {
        let document = Document::from(html);
        document.select("iframe, object, embed, script, style, noscript, template").remove();
        let other = main_content(document, page);
        if other.as_ref().map_or(0, furniture::text_width) > 2 * found {
            content = other;
        }
    }
    // Where advertisements part an article's box into many, one of these alone may have been found.
    if let (Some((width, boxed)), Some(found)) = (boxed, &content)
        && furniture::text_width(found) * 2 < width
    {
        let boxed = Document::from(boxed);
        furniture::drop_hidden(&boxed);
        let width = furniture::prose_width(&boxed.root());
        if furniture::text_width(found) * 2 < width && furniture::holds(&boxed, found) {
            content = Some(boxed);
        }
    }
    if let Some(content) = &content {
        furniture::tidy(content);
    }
    let found = content.as_ref().map_or(0, furniture::text_width);
    match (page.linked_body.take(), content) {
        (Some(body), _) if body.len() > ENOUGH && body.len() > 2 * found => text::plain_html(&body),
        (_, Some(content)) => content.select_single("body").inner_html().to_string(),
        _ => whole(&Document::from(html)),
    }
}

/// A page's one `article` that has text, and how wide its paragraphs are.
fn boxed(document: &Document) -> Option<(usize, String)> {
    let articles = document.select("article");
    let widths: Vec<usize> = articles.nodes().iter().map(furniture::prose_width).collect();
    let (width, article) = widths.iter().zip(articles.nodes()).max_by_key(|(width, _)| **width)?;
    if width * 5 <= widths.iter().sum::<usize>() * 4 {
        return None;
    }
    Some((*width, article.inner_html().to_string()))
}

/// So little text is no article on a page that has more.
const ENOUGH: usize = 250;

/// The main part of a page, by Mozilla's Readability.
fn main_content(document: Document, page: &mut Page) -> Option<Document> {
    furniture::drop_unseen(&document);
    let mut readability = Readability::with_document(document, None, None).ok()?;
    let article = readability.parse().ok()?;
    if page.title.is_none() {
        page.title = Some(one_line(&article.title)).filter(|title| !title.is_empty());
    }
    if page.authors.is_empty() {
        page.authors.extend(article.byline.and_then(|line| people::byline(&line)));
    }
    page.language = page.language.take().or(article.lang);
    page.image = page.image.take().or(article.image);
    Some(Document::from(article.content.to_string()))
}

/// The page's main part by its markup alone.
fn whole(document: &Document) -> String {
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
    /// Whether what the page does not say may be told by its article's own part.
    fn leaves_open(&self, conventions: &Conventions) -> bool {
        let is_named = conventions.language.is_some()
            || self.language.as_deref().and_then(language::tag).is_some();
        self.title.is_none() || self.authors.is_empty() || !is_named && self.asks_for_language()
    }

    /// Whether some date of it may be read in two ways.
    fn asks_for_language(&self) -> bool {
        let texts = self.dates.iter().map(|dated| &dated.text).chain(&self.modified);
        texts.into_iter().any(|text| {
            let [date, day_first, month_first] = [None, Some("en-GB"), Some("en-US")]
                .map(|language| dates::find(text, &TimeZone::UTC, language));
            day_first != date || month_first != date
        })
    }

    pub fn found(self, conventions: &Conventions) -> Found {
        let language = self.language.as_deref().and_then(language::tag);
        let named = language.clone().or_else(|| conventions.language.clone());
        let order = named.or_else(|| super::language::detect_in(&self.html));
        let order = order.as_deref();
        let (published, fault) = self.date(conventions, order);
        let zone = naive_zone(conventions);
        let updated =
            self.modified.as_deref().and_then(|text| dates::parse(text, &zone, order).ok());
        Found {
            title: self.title,
            opening: None,
            title_from: "page: title",
            published_from: published.as_ref().map_or("", |(_, rule)| rule),
            published: published.map(|(date, _)| date),
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
            complaint: self.complaint.or(fault),
        }
    }

    /// The first of its dates that is one, with the rule that gave it; else what is wrong with the
    /// first that was meant to be.
    fn date(
        &self,
        conventions: &Conventions,
        order: Option<&str>,
    ) -> (Option<(Timestamp, &'static str)>, Option<String>) {
        let zone = naive_zone(conventions);
        let mut fault = None;
        // What a line that can be read in two ways may mean: what is further off must not decide
        // against it.
        let mut either: Option<Either> = None;
        for dated in &self.dates {
            let found = match dates::find(&dated.text, &zone, order) {
                Some(date) if !dated.strict => Ok(date),
                None if !dated.strict && !dates::is_date_line(&dated.text) => continue,
                _ => dates::parse(&dated.text, &zone, order),
            };
            match found {
                Ok(date) if !is_plausible(date) => {}
                Ok(date) if either.is_none_or(|either| either.has(date)) => {
                    return (Some((date, dated.rule)), None);
                }
                Err(wrong) if wrong != DateFault::NotADate => {
                    either = either.or_else(|| dates::either(&dated.text, &zone, wrong));
                    if dated.strict || either.is_some() {
                        fault.get_or_insert(format!("`{}` {wrong}", dated.text));
                    }
                }
                _ => {}
            }
        }
        (None, fault)
    }
}

/// No page is older than the web, or from another age: such values are placeholders.
fn is_plausible(date: Timestamp) -> bool {
    const FIRST_PAGE: i64 = 662_688_000;
    const YEAR_2200: i64 = 7_258_118_400;
    (FIRST_PAGE..YEAR_2200).contains(&date.as_second())
}
