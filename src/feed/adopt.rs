//! Which article an entry of a former feed is: by its id, its address, or its title and date.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::Known;
use crate::article::{blocks, charset};

/// What a former feed tells of an entry.
#[derive(Clone, Copy, Debug)]
pub struct Former<'a> {
    pub id: &'a str,
    pub link: Option<&'a str>,
    pub title: &'a str,
    pub published: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// The article at this place in the list, and what told it.
    Is(usize, &'static str),
    /// None, and why.
    None(String),
}

/// Two dates further apart are of two articles, whatever their titles.
const SAME_TIME: SignedDuration = SignedDuration::from_hours(48);

/// Matches each entry to an article; no article is taken twice.
pub fn matches(entries: &[Former], articles: &[&Known]) -> Vec<Match> {
    let mut table = Table::new(entries, articles);
    table.pass("its id", |table, entry| table.by_id.get(entry.id).copied());
    table.pass("its address", |table, entry| {
        [entry.link, Some(entry.id)]
            .into_iter()
            .flatten()
            .find_map(|link| table.by_address.get(&address(link)?).copied())
    });
    table.pass("its path, at another address", |table, entry| {
        [entry.link, Some(entry.id)]
            .into_iter()
            .flatten()
            .find_map(|link| table.by_path.get(&path(link)?).copied().flatten())
            .filter(|at| !is_other(entry, table.articles[*at]))
    });
    table.pass("its title and date", |table, entry| {
        let mut near = table.titled(entry).filter(|at| is_near(entry, table.articles[*at]));
        let first = near.next()?;
        near.next().is_none().then_some(first)
    });
    table.pass("its title", |table, entry| {
        let mut titled = table.titled(entry);
        let only = titled.next().filter(|_| titled.next().is_none())?;
        let undated = entry.published.is_none() || table.articles[only].head.published.is_none();
        undated.then_some(only)
    });
    table
        .found
        .iter()
        .zip(entries)
        .map(|(found, entry)| match found {
            Some((at, rule)) => Match::Is(*at, rule),
            None => Match::None(table.reason(entry)),
        })
        .collect()
}

/// Whether both dates are of one article; an article's own date or none.
fn is_near(entry: &Former, article: &Known) -> bool {
    entry.published.is_some_and(|date| article.published.duration_since(date).abs() <= SAME_TIME)
}

/// Another title and another date: a site that moved may have another article at an old path.
fn is_other(entry: &Former, article: &Known) -> bool {
    let title = title_key(entry.title);
    let dated = entry.published.is_some() && article.head.published.is_some();
    !title.is_empty()
        && title != title_key(&article.head.title)
        && dated
        && !is_near(entry, article)
}

struct Table<'a> {
    entries: &'a [Former<'a>],
    articles: &'a [&'a Known],
    by_id: HashMap<&'a str, usize>,
    by_address: HashMap<String, usize>,
    /// `None` where several have it.
    by_path: HashMap<String, Option<usize>>,
    by_title: HashMap<String, Vec<usize>>,
    taken: HashSet<usize>,
    found: Vec<Option<(usize, &'static str)>>,
}

impl<'a> Table<'a> {
    fn new(entries: &'a [Former<'a>], articles: &'a [&'a Known]) -> Table<'a> {
        let mut table = Table {
            entries,
            articles,
            by_id: HashMap::new(),
            by_address: HashMap::new(),
            by_path: HashMap::new(),
            by_title: HashMap::new(),
            taken: HashSet::new(),
            found: vec![None; entries.len()],
        };
        for (at, known) in articles.iter().enumerate() {
            table.by_id.insert(&known.id, at);
            if let Some(own) = &known.head.id {
                table.by_id.entry(own).or_insert(at);
            }
            let aliases = known.head.aliases.iter().map(String::as_str);
            for link in std::iter::once(known.link.as_str()).chain(aliases) {
                if let Some(address) = address(link) {
                    table.by_address.entry(address).or_insert(at);
                }
                if let Some(path) = path(link) {
                    let same = |known: &mut Option<usize>| {
                        if *known != Some(at) {
                            *known = None;
                        }
                    };
                    table.by_path.entry(path).and_modify(same).or_insert(Some(at));
                }
            }
            let title = Some(title_key(&known.head.title)).filter(|title| !title.is_empty());
            if let Some(title) = title {
                table.by_title.entry(title).or_default().push(at);
            }
        }
        table
    }

    fn pass(&mut self, rule: &'static str, find: impl Fn(&Self, &Former<'a>) -> Option<usize>) {
        for at in 0..self.entries.len() {
            if self.found[at].is_some() {
                continue;
            }
            let found =
                find(self, &self.entries[at]).filter(|article| !self.taken.contains(article));
            if let Some(article) = found {
                self.taken.insert(article);
                self.found[at] = Some((article, rule));
            }
        }
    }

    /// Articles of its title that no entry has taken.
    fn titled(&self, entry: &Former) -> impl Iterator<Item = usize> {
        let titled = self.by_title.get(&title_key(entry.title)).map_or(&[][..], Vec::as_slice);
        titled.iter().copied().filter(|at| !self.taken.contains(at))
    }

    fn reason(&self, entry: &Former) -> String {
        let all = self.by_title.get(&title_key(entry.title)).map_or(0, Vec::len);
        match (all, self.titled(entry).count()) {
            (0, _) => "no article has its address or its title".into(),
            (_, 0) => "the article of its title is another entry's already".into(),
            (_, 1) => "an article has its title, but another date".into(),
            (_, count) => format!("{count} articles have its title, none its address"),
        }
    }
}

/// Without what changes when a site moves within its host: scheme, `www.`, a last slash.
fn address(link: &str) -> Option<String> {
    let (_, rest) = link.split_once("://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_lowercase();
    Some(format!("{}/{}", host.trim_start_matches("www."), bare(path)))
}

/// The path alone, which a site keeps when it moves to another host; none for the root.
fn path(link: &str) -> Option<String> {
    let path = match link.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => link.strip_prefix('/')?,
    };
    Some(bare(path)).filter(|path| !path.is_empty())
}

fn bare(path: &str) -> String {
    let path = path.split('#').next().unwrap_or(path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    // What tells where a reader came from is no part of the address.
    let is_told = |part: &&str| {
        let key = part.split('=').next().unwrap_or(part);
        !key.is_empty()
            && !key.starts_with("utm_")
            && !matches!(key, "ref" | "source" | "fbclid" | "gclid" | "mc_cid" | "mc_eid")
    };
    let query: Vec<&str> = query.split('&').filter(is_told).collect();
    let path = path.trim_matches('/');
    let path = path.strip_suffix("index.html").unwrap_or(path).trim_end_matches('/');
    let path = path.strip_suffix(".html").or(path.strip_suffix(".htm")).unwrap_or(path);
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let path = charset::compose(decoded).into_owned();
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

/// Letters and digits, without markup: some feeds hold titles as HTML.
fn title_key(title: &str) -> String {
    let text = title.contains(['<', '&']).then(|| blocks::text_of(title)).flatten();
    let title = charset::compose(Cow::Borrowed(text.as_deref().unwrap_or(title)));
    title.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Head;

    fn known(link: &str, title: &str, published: &str) -> Known {
        let mut known = Known::default();
        known.link = link.into();
        known.id = format!("tag:a.example,2026:{link}");
        known.published = published.parse().unwrap();
        known.head =
            Head { title: title.into(), published: Some(known.published), ..Head::default() };
        known
    }

    #[test]
    fn entries_find_their_articles() {
        let articles = [
            known("https://a.example/2024/one/", "One thing", "2024-01-02T00:00:00Z"),
            known("https://a.example/2024/two/", "Same", "2024-02-02T00:00:00Z"),
            known("https://a.example/2024/three/", "Same", "2024-03-02T00:00:00Z"),
        ];
        let articles: Vec<&Known> = articles.iter().collect();
        let check = |id: &str, link: Option<&str>, title: &str, date: Option<&str>, expected| {
            let published = date.map(|date| date.parse().unwrap());
            let found = &matches(&[Former { id, link, title, published }], &articles)[0];
            let found = match found {
                Match::Is(at, rule) => Some((*at, *rule)),
                Match::None(_) => None,
            };
            assert_eq!(found, expected, "{id} {link:?} {title}");
        };
        check("x", Some("http://www.a.example/2024/one"), "", None, Some((0, "its address")));
        check(
            "x",
            Some("https://b.example/2024/one.html"),
            "",
            None,
            Some((0, "its path, at another address")),
        );
        check("https://a.example/2024/two", None, "", None, Some((1, "its address")));
        check("x", None, "Same!", Some("2024-03-02T09:00:00Z"), Some((2, "its title and date")));
        check("x", None, "Same", None, None);
        check("x", None, "One thing", None, Some((0, "its title")));
        check("x", None, "One thing", Some("2020-01-01T00:00:00Z"), None);
        check("x", Some("https://a.example/"), "Other", None, None);
        // What was at an old path may be another article now.
        let moved = Some("https://b.example/2024/one");
        check("x", moved, "Other", Some("2020-01-01T00:00:00Z"), None);
        check(
            "x",
            moved,
            "Other",
            Some("2024-01-02T00:00:00Z"),
            Some((0, "its path, at another address")),
        );
        check(
            "x",
            moved,
            "One <b>thing</b>",
            Some("2020-01-01T00:00:00Z"),
            Some((0, "its path, at another address")),
        );
        check("x", None, "", None, None);
        // An article that another entry took does not make a title ambiguous.
        let same = |id, link, date: &'static str| Former {
            id,
            link,
            title: "Same",
            published: Some(date.parse().unwrap()),
        };
        let entries = [
            same("x", Some("https://a.example/2024/two"), "2024-02-02T00:00:00Z"),
            same("y", None, "2024-02-03T00:00:00Z"),
        ];
        let mut near = articles.clone();
        let third = known("https://a.example/2024/four/", "Same", "2024-02-02T10:00:00Z");
        near.push(&third);
        let found = matches(&entries, &near);
        assert_eq!(found[0], Match::Is(1, "its address"));
        assert_eq!(found[1], Match::Is(3, "its title and date"));
    }
}
