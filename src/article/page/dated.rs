//! Everything on a page that may be its date of publication.

use std::cell::OnceCell;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use dom_query::{Document, NodeRef};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::furniture::names_of;
use super::is_plausible;
use super::lines::{Line, lines, lines_in};
use super::linked::text_of;
use super::metadata::Meta;
use crate::article::dates::{self, DateFault};
use crate::article::fields::one_line;
use crate::article::text::ends_sentence;

/// A date as the page has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    pub text: String,
    pub rule: &'static str,
    /// Written for programs: a whole date and nothing else.
    pub strict: bool,
}

/// What is known of a page when its dates are looked for.
pub struct About<'a> {
    pub document: &'a Document,
    pub meta: &'a Meta<'a>,
    /// The article of its JSON-LD.
    pub linked: Option<&'a Value>,
    /// The page itself in its JSON-LD.
    pub linked_page: Option<&'a Value>,
    /// The page as lines, once somebody asks for them.
    pub lines: OnceCell<Vec<Line>>,
    pub title: Option<&'a str>,
}

impl About<'_> {
    fn lines(&self) -> &[Line] {
        self.lines.get_or_init(|| lines(self.document))
    }
}

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

/// Words that a line begins with which tells when something was published.
const PUBLISHED: &[&str] = &[
    "published",
    "posted",
    "first published",
    "veröffentlicht",
    "veröffentlichung",
    "erschienen",
    "erstellt",
    "publié",
    "publicado",
    "publicada",
    "pubblicato",
    "gepubliceerd",
    "geplaatst",
    "publicerad",
    "publisert",
    "udgivet",
    "julkaistu",
    "opublikowano",
    "publikováno",
    "közzétéve",
    "publicat",
    "опубликовано",
    "опубліковано",
    "yayınlanma",
    "yayın tarihi",
    "ngày đăng",
    "đăng ngày",
    "diterbitkan",
    "发布",
    "發佈",
    "公開日",
    "投稿日",
    "掲載日",
    "입력",
    "نشر",
];

/// Words of lines that tell when something changed.
const CHANGED: &[&str] = &[
    "updated",
    "update:",
    "modified",
    "aktualisiert",
    "geändert",
    "änderung",
    "mis à jour",
    "actualizado",
    "actualizada",
    "atualizado",
    "aggiornato",
    "bijgewerkt",
    "uppdaterad",
    "oppdatert",
    "opdateret",
    "päivitetty",
    "zaktualizowano",
    "aktualizováno",
    "обновлено",
    "оновлено",
    "güncelleme",
    "cập nhật",
    "更新",
    "수정",
];

/// What may be the date of publication, what counts most first.
#[derive(Default)]
struct Candidates {
    dates: Vec<Dated>,
    /// One may be read in two ways, which decides what others may be.
    doubtful: bool,
    /// The last is one for certain: no other would be looked at.
    certain: bool,
}

impl Candidates {
    fn add(&mut self, text: Option<String>, rule: &'static str, strict: bool) {
        let Some(text) = text.filter(|text| text.chars().any(|c| c.is_numeric())) else { return };
        if self.certain || text.chars().count() > 300 {
            return;
        }
        let date = match strict {
            true => dates::parse(&text, &TimeZone::UTC, None),
            false => dates::find(&text, &TimeZone::UTC, None).ok_or(DateFault::NotADate),
        };
        self.doubtful |= match date {
            Ok(_) => false,
            Err(fault) => fault != DateFault::NotADate || dates::is_date_line(&text),
        };
        self.certain = !self.doubtful && date.is_ok_and(is_plausible);
        self.dates.push(Dated { text, rule, strict });
    }
}

/// Everything that may be the date of publication, what counts most first, until one is for
/// certain.
pub fn dates(about: &About) -> Vec<Dated> {
    let mut found = Candidates::default();
    for look in [said, told_to_programs, beside_the_heading, marked_as_times, in_lines] {
        look(about, &mut found);
        if found.certain {
            break;
        }
    }
    found.dates
}

/// In its JSON-LD and its `<meta>`.
fn said(about: &About, found: &mut Candidates) {
    let said = |key: &str| about.linked.and_then(|linked| text_of(linked, key));
    found.add(said("datePublished"), "page: JSON-LD", true);
    found.add(about.meta.find(DATE_META), "page: meta", true);
}

/// In attributes that programs read.
fn told_to_programs(about: &About, found: &mut Candidates) {
    let meta = about.meta;
    let said = |key: &str| about.linked.and_then(|linked| text_of(linked, key));
    let said_of_page = |key: &str| about.linked_page.and_then(|linked| text_of(linked, key));
    let microdata = "page: microdata";
    found.add(meta.attribute("[itemprop=\"uploadDate\"]", "content"), microdata, true);
    for name in ["schema:datePublished", "datePublished", "schema:dateCreated", "dc:date"] {
        let selector = format!("[property=\"{name}\"]");
        found.add(meta.attribute(&selector, "content"), "page: RDFa", true);
    }
    for name in ["content", "datetime", "title"] {
        found.add(meta.attribute("[itemprop=\"datePublished\"]", name), microdata, true);
    }
    found.add(said("dateCreated"), "page: JSON-LD", true);
    found.add(said_of_page("datePublished"), "page: JSON-LD", true);
    for text in
        times(meta, &["time[pubdate]", "time.published, time.entry-date, time[class*=publish]"])
    {
        found.add(text, "page: time", true);
    }
}

fn times(meta: &Meta, selectors: &[&str]) -> Vec<Option<String>> {
    let told = |selector: &&str| ["datetime", "title"].map(|name| meta.attribute(selector, name));
    selectors.iter().flat_map(told).collect()
}

fn beside_the_heading(about: &About, found: &mut Candidates) {
    let near = beside_heading(about);
    for line in near.iter().filter(|line| !line.aside && publication(&line.text).is_some()) {
        found.add(line.datetime.clone(), "page: time", true);
    }
    let marked = about.document.select_single("[itemprop=\"datePublished\"]");
    found.add(Some(one_line(&marked.text())), "page: microdata", false);
    for line in near.iter().filter(|line| !is_title(line, about.title) && tells_its_date(line)) {
        found.add(publication(&line.text).map(beginning), "page: beside its heading", false);
    }
    found.add(date_in_address(about.meta), "page: its address", true);
}

fn marked_as_times(about: &About, found: &mut Candidates) {
    for text in times(
        about.meta,
        &[
            "article time[datetime], main time[datetime], header time[datetime]",
            "time[datetime]",
            "abbr.published",
        ],
    ) {
        found.add(text, "page: time", true);
    }
    for selector in ["article time, main time", "time"] {
        let text = one_line(&about.document.select_single(selector).text());
        found.add(Some(text), "page: time", false);
    }
}

/// In what a reader sees, the likelier places first.
fn in_lines(about: &About, found: &mut Candidates) {
    let About { document, meta, .. } = about;
    for names in [DATE_NAMES, NEAR_NAMES] {
        for node in marked(document, names).into_iter().take(12) {
            for line in lines_in(&node) {
                found.add(publication(&line.text).map(str::to_string), "page: date line", false);
            }
        }
    }
    for line in about.lines().iter().filter(|line| line.text.len() <= 300) {
        let said = publication(&line.text).filter(|text| at_published(text) == Some(0));
        found.add(said.map(str::to_string), "page: date line", false);
    }
    let title = one_line(&document.select_single("title").text());
    for text in [meta.find(&["og:title"]), Some(title), meta.find(&["description"])] {
        found.add(text.map(|text| beginning(&text)), "page: before its title", false);
    }
    // When it changed last is better than nothing.
    for line in beside_heading(about).iter().filter(|line| publication(&line.text).is_none()) {
        found.add(Some(line.text.clone()), "page: beside its heading", false);
    }
    for name in [".published", ".updated"] {
        let selector = format!("{name}[title]");
        found.add(meta.attribute(&selector, "title"), "page: microformat", true);
    }
}

/// Where the first of some words begins, in the text's small letters.
fn first_of(words: &AhoCorasick, text: &str) -> Option<usize> {
    words.find(&text.to_lowercase()).map(|found| found.start())
}

fn any_of(words: &[&str]) -> AhoCorasick {
    let mut builder = AhoCorasick::builder();
    builder.match_kind(MatchKind::LeftmostFirst).build(words).expect("a few words")
}

fn at_published(text: &str) -> Option<usize> {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| any_of(PUBLISHED));
    first_of(&WORDS, text)
}

fn at_changed(text: &str) -> Option<usize> {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| any_of(CHANGED));
    first_of(&WORDS, text)
}

/// The part of a line that may tell when something was published rather than when it changed.
fn publication(text: &str) -> Option<&str> {
    let Some(changed) = at_changed(text) else { return Some(text) };
    let before = text.get(..changed).unwrap_or("");
    if before.chars().any(|c| c.is_numeric()) {
        return Some(before);
    }
    let published = at_published(text).filter(|at| *at > changed)?;
    text.get(published..)
}

/// `27.1.2022 - At the harbour …` → `27.1.2022`; a short line is its own beginning.
fn beginning(text: &str) -> String {
    const MARKS: [&str; 5] = [" - ", " – ", " — ", " | ", ": "];
    let first = MARKS.iter().filter_map(|mark| text.find(mark)).min();
    match first.and_then(|at| text.get(..at)) {
        Some(before) if before.chars().count() <= 40 && before.chars().any(char::is_numeric) => {
            before.to_string()
        }
        _ if text.chars().count() <= 140 => text.to_string(),
        _ => String::new(),
    }
}

fn is_title(line: &Line, title: Option<&str>) -> bool {
    line.heading.is_some() && title.is_some_and(|title| line.text.ends_with(title))
}

/// A sentence tells of some other day, unless it tells of the publication.
fn tells_its_date(line: &Line) -> bool {
    let text = line.text.as_str();
    !ends_sentence(text)
        || text.split_whitespace().count() <= 6
        || beginning(text) != text
        || at_published(text).is_some()
}

/// Short lines around the heading that is the title, else around the first one.
fn beside_heading<'a>(about: &'a About) -> Vec<&'a Line> {
    const REACH: usize = 8;
    let lines = about.lines();
    let heading = lines
        .iter()
        .position(|line| is_title(line, about.title))
        .or_else(|| lines.iter().position(|line| line.heading == Some(1)));
    let Some(heading) = heading else { return Vec::new() };
    let near = heading.saturating_sub(REACH / 2)..(heading + REACH).min(lines.len());
    lines[near].iter().filter(|line| line.text.len() >= 6 || line.datetime.is_some()).collect()
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

/// `/2019/11/20/` in the page's own address, or `/29-10-2021`.
fn date_in_address(meta: &Meta) -> Option<String> {
    let url = meta.attribute("link[rel=canonical]", "href").or_else(|| meta.find(&["og:url"]))?;
    let parts: Vec<&str> = url.split('/').skip(3).collect();
    let digits = |part: &str, count: std::ops::RangeInclusive<usize>| {
        count.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let in_folders = parts.windows(3).find_map(|parts| {
        let fits = digits(parts[0], 4..=4) && digits(parts[1], 1..=2) && digits(parts[2], 1..=2);
        fits.then(|| day(parts[0], parts[1], parts[2])).flatten()
    });
    in_folders.or_else(|| {
        let name = parts.last()?.split(['.', '?']).next()?;
        let date: Vec<&str> = name.split('-').collect();
        match date[..] {
            [day, month, year]
                if digits(year, 4..=4) && digits(month, 2..=2) && digits(day, 2..=2) =>
            {
                self::day(year, month, day)
            }
            [year, month, day, ..]
                if digits(year, 4..=4) && digits(month, 2..=2) && digits(day, 2..=2) =>
            {
                self::day(year, month, day)
            }
            _ => None,
        }
    })
}

/// Numbers that are a day of the calendar.
fn day(year: &str, month: &str, day: &str) -> Option<String> {
    let date = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    date.ok().map(|date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::metadata::declared;
    use super::*;

    fn loose(html: &str) -> Vec<String> {
        let page = declared(&Document::from(html));
        page.dates.into_iter().map(|date| date.text).collect()
    }

    #[test]
    fn a_sentence_tells_of_some_other_day() {
        let beside = |text: &str| loose(&format!("<body><h1>A day at sea</h1><div>{text}</div>"));
        assert!(beside("Doors open on 24 December 2030 at eight.").is_empty());
        assert_eq!(beside("24 December 2023 - At the harbour, doors open."), ["24 December 2023"]);
        assert_eq!(beside("Ann Other, 24 December 2023"), ["Ann Other, 24 December 2023"]);
        let html = "<title>17 May 1994 remembered</title><body><h1>17 May 1994 remembered</h1>";
        assert!(!loose(html).iter().any(|text| text == "17 May 1994"));
        assert_eq!(
            publication("Posted 3 May 2024, updated 4 May 2024"),
            Some("Posted 3 May 2024, ")
        );
        assert_eq!(publication("Updated 4 May 2024"), None);
    }

    #[test]
    fn addresses_tell_days_of_the_calendar() {
        let of = |address: &str| {
            let html = format!("<link rel=canonical href='https://a.example/{address}'>");
            loose(&html)
        };
        assert_eq!(of("2021/3/4/x"), ["2021-03-04"]);
        assert_eq!(of("news/29-10-2021"), ["2021-10-29"]);
        assert!(of("2021/13/45/x").is_empty());
    }
}
