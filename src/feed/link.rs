//! Permalinks: where an article is read.

use jiff::{Timestamp, ZonedDateTime};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::article::declared::{Declared, Slugs};
use crate::article::flavour::location::{Location, dated_path};
use crate::article::flavour::slugify::{self, Slugify};
use crate::article::flavour::words;
use crate::article::flavour::{self, PathDate};
use crate::article::{Conventions, Head};

/// What a path segment holds unescaped (RFC 3986, 3.3: pchar).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');
const PATH: &AsciiSet = &SEGMENT.remove(b'/');

/// Percent-encodes a path, leaving its slashes.
pub fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// What a permalink is made from.
pub struct Place<'a> {
    pub path: &'a str,
    pub head: &'a Head,
    pub published: Timestamp,
    pub conventions: &'a Conventions,
    /// The publisher's own pattern.
    pub pattern: Option<&'a str>,
    /// The site's address, ending with a slash.
    pub base: &'a str,
}

impl<'a> Place<'a> {
    fn location(&self) -> Option<Location> {
        let Conventions { flavour, root, declared, .. } = self.conventions;
        root.locate(self.path, flavour, declared)
    }

    /// The path of its page, as its generator has it.
    fn page<'l>(&self, location: Option<&'l Location>) -> &'l str
    where
        'a: 'l,
    {
        match location {
            _ if self.head.page.is_some() => self.head.page.as_deref().unwrap_or(""),
            Some(location) => location.page(self.conventions.flavour),
            None => flavour::page_path(self.path, self.conventions.flavour),
        }
    }
}

/// The address of an article: the author's own, else by the pattern.
pub fn link(place: &Place) -> String {
    if let Some(own) = &place.head.link {
        if own.starts_with("http://") || own.starts_with("https://") {
            if let Ok(url) = Url::parse(own) {
                return url.to_string();
            }
        } else if has_words(own) {
            return join(place.base, &expand(place, Some(own)));
        } else if !own.contains(char::is_whitespace) || own.starts_with('/') {
            return join(place.base, &squeezed(encode_raw(own)));
        }
    }
    join(place.base, &expand(place, None))
}

/// Whether an author's own address is a pattern.
fn has_words(own: &str) -> bool {
    own.split('/').any(|part| part.starts_with(':')) && unknown_words(own).is_empty()
}

fn join(base: &str, path: &str) -> String {
    format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))
}

/// Encodes what must be in an address that the author may have encoded already.
pub fn encode_raw(path: &str) -> String {
    path.chars()
        .map(|c| match c {
            '%' | '/' | '?' | '#' | '[' | ']' => c.to_string(),
            c => utf8_percent_encode(c.encode_utf8(&mut [0; 4]), PATH).to_string(),
        })
        .collect()
}

/// What the words of a pattern are made of.
struct Page<'a> {
    head: &'a Head,
    folder: &'a str,
    /// The file's name, with and without its date.
    name: &'a str,
    undated: &'a str,
    /// The author's own slug, else the name as the flavour leaves it.
    slug: &'a str,
    /// The folders and the name below the folder of posts.
    below_posts: &'a str,
    page: &'a str,
    date: ZonedDateTime,
    way: Slugify,
    language: &'a str,
    declared: &'a Declared,
}

impl Page<'_> {
    fn own_slug(&self) -> Option<String> {
        self.head.slug.as_deref().map(|slug| encode_path(&self.way.name(slug)))
    }

    fn name(&self, name: &str) -> String {
        encode_path(&self.way.name(name))
    }

    /// The file's name without its date, whatever the flavour leaves of it.
    fn bare(&self) -> &str {
        let bare = flavour::dated_name(self.name).map(|(_, rest)| rest.trim_start_matches('_'));
        bare.filter(|rest| !rest.is_empty()).unwrap_or(self.name)
    }

    fn folder(&self) -> String {
        let way = if self.way == Slugify::Zola { Slugify::Verbatim } else { self.way };
        let parts = self.folder.split('/').map(|part| encode_path(&way.name(part)));
        parts.collect::<Vec<_>>().join("/")
    }

    /// The site's own for a category; keys are kept in lower case.
    fn category_slug(&self, name: &str) -> Option<&str> {
        self.declared.category_slugs.get(&name.to_lowercase()).map(String::as_str)
    }

    fn title_slug(&self) -> String {
        encode_path(&self.way.title(&self.head.title))
    }

    fn below(&self, name: String) -> String {
        if self.folder.is_empty() { name } else { format!("{}/{name}", self.folder()) }
    }

    fn format(&self, format: &str) -> String {
        self.date.strftime(format).to_string()
    }

    /// Astro: the author's own slug, else the path.
    fn id(&self, path: &str) -> String {
        match &self.head.slug {
            Some(slug) => encode_path(slug),
            None => path.split('/').map(|part| self.name(part)).collect::<Vec<_>>().join("/"),
        }
    }

    /// Its last part.
    fn entry_name(&self, name: &str) -> String {
        self.head.slug.as_deref().map_or_else(|| self.name(name), encode_path)
    }

    /// AstroPaper: below the folders that do not begin with an underscore.
    fn entry_path(&self) -> String {
        let folders = self.folder.split('/').filter(|part| !part.starts_with('_'));
        let parts = folders.map(|part| self.name(part));
        parts.chain([self.entry_name(self.name)]).collect::<Vec<_>>().join("/")
    }

    /// Docusaurus: a date in the path goes before everything else of it.
    fn dated_path(&self) -> String {
        if let Some(slug) = &self.head.slug {
            return encode_path(slug);
        }
        match dated_path(self.page) {
            Some(dated) => {
                let rest = format!("{}{}", dated.folder, dated.name);
                let path = [dated.written.as_str(), rest.trim_matches('/')].join("/");
                encode_path(path.trim_end_matches('/'))
            }
            None => encode_path(self.page),
        }
    }
}

/// What a word of a pattern stands for, in any generator.
fn word(name: &str) -> Option<fn(&Page) -> String> {
    let made: fn(&Page) -> String = match name {
        "slug" => |page| encode_path(page.slug),
        "title" => |page| encode_path(&slugify::jekyll(page.slug, slugify::PRETTY)),
        "filename" | "basename" | "contentbasename" => |page| page.name(page.undated),
        "name" => |page| page.name(page.name),
        "slug_low" => |page| encode_path(&slugify::jekyll(page.slug, "").to_lowercase()),
        "file_low" => |page| encode_path(&slugify::jekyll(page.undated, "").to_lowercase()),
        "title_slug" => |page| page.title_slug(),
        "slug_or_title" => |page| page.own_slug().unwrap_or_else(|| page.title_slug()),
        "slug_or_file" => |page| page.own_slug().unwrap_or_else(|| page.name(page.undated)),
        "slug_or_dated" => |page| page.own_slug().unwrap_or_else(|| page.name(page.name)),
        "slug_or_undated" => |page| page.entry_name(page.bare()),
        "undated_path" => |page| page.below(page.entry_name(page.bare())),
        "entry_path" => |page| page.entry_path(),
        "path" => |page| page.below(page.own_slug().unwrap_or_else(|| page.name(page.undated))),
        "id" => |page| page.id(page.page),
        "id_below" => |page| page.id(page.page.split_once('/').map_or(page.page, |(_, id)| id)),
        "dated_path" => |page| page.dated_path(),
        "below_posts" => |page| encode_path(page.below_posts),
        "folder" | "category" | "sections" => |page| page.folder(),
        "section" => |page| page.folder().split('/').next().unwrap_or("").to_string(),
        "categories" => |page| {
            let names = page.head.categories.iter();
            names.map(|name| encode_path(&name.to_lowercase())).collect::<Vec<_>>().join("/")
        },
        "category_slug" => |page| page.head.categories.first().map_or(String::new(), slugged),
        "slugified_categories" => |page| {
            let slug = |name: &String| encode_path(&slugify::jekyll(name, "").to_lowercase());
            page.head.categories.iter().map(slug).collect::<Vec<_>>().join("/")
        },
        "last_category" => |page| match page.head.categories.last() {
            Some(names) => {
                let slugs = names.split('/').map(|name| match page.category_slug(name) {
                    Some(slug) => encode_path(slug),
                    None => encode_path(&slugify::hexo(name)),
                });
                slugs.collect::<Vec<_>>().join("/")
            }
            None => {
                let usual = page.declared.default_category.as_deref();
                encode_path(usual.unwrap_or("uncategorized"))
            }
        },
        "author_slug" => {
            |page| page.head.authors.first().map_or(String::new(), |person| slugged(&person.name))
        }
        "lang" => |page| encode_path(page.language),
        "collection" => |_| "posts".to_string(),
        "output_ext" => |_| ".html".to_string(),
        _ => return date_word(name),
    };
    Some(made)
}

fn slugged(name: impl AsRef<str>) -> String {
    encode_path(&Slugify::Pelican.title(name.as_ref()))
}

fn date_word(name: &str) -> Option<fn(&Page) -> String> {
    Some(match name {
        "year" => |page| format!("{:04}", page.date.year()),
        "short_year" => |page| page.format("%y"),
        "month" => |page| page.format("%m"),
        "i_month" => |page| page.date.month().to_string(),
        "short_month" => |page| page.format("%b"),
        "long_month" => |page| page.format("%B"),
        "day" => |page| page.format("%d"),
        "i_day" => |page| page.date.day().to_string(),
        "short_day" => |page| page.format("%a"),
        "long_day" => |page| page.format("%A"),
        "week" => |page| page.format("%V"),
        "week_day" => |page| page.date.weekday().to_sunday_zero_offset().to_string(),
        "w_year" => |page| page.format("%G"),
        "w_day" => |page| page.date.weekday().to_monday_one_offset().to_string(),
        "hour" => |page| page.format("%H"),
        "minute" => |page| page.format("%M"),
        "second" => |page| page.format("%S"),
        "y_day" | "year_day" | "yearday" => |page| page.format("%j"),
        "timestamp" => |page| page.date.timestamp().as_second().to_string(),
        _ => return None,
    })
}

/// Fills a pattern such as `/:year/:month/:slug/`: the author's own, the publisher's, the site's,
/// or the flavour's.
fn expand(place: &Place, own: Option<&str>) -> String {
    let conventions = place.conventions;
    let flavour = conventions.flavour;
    let location = place.location();
    let page = place.page(location.as_ref());
    let (folder, name) = page.rsplit_once('/').unwrap_or(("", page));
    let dated = match flavour.path_date {
        _ if flavour.date_in_slug && !conventions.declared.dated_names => None,
        PathDate::Post => flavour::dated_post(name).map(|(_, rest)| rest),
        _ => flavour::dated_name(name).map(|(_, rest)| rest),
    };
    let undated = dated.filter(|rest| !rest.is_empty()).unwrap_or(name);
    let below_posts = words::below_posts(page, flavour.posts);
    let below_posts = match &conventions.declared.post_names {
        Some(names) => names.title(below_posts),
        None => {
            let name = below_posts.rfind('/').map_or(0, |at| at + 1);
            format!("{}{undated}", &below_posts[..name])
        }
    };
    let language = location.as_ref().and_then(|location| location.language.clone());
    let language = language.or_else(|| place.head.language.clone()).unwrap_or_default();
    let filled = fill(
        own.unwrap_or_else(|| pattern(place, folder)),
        &Page {
            head: place.head,
            folder,
            name,
            undated,
            slug: place.head.slug.as_deref().unwrap_or(undated),
            below_posts: &below_posts,
            page,
            date: place
                .head
                .dated
                .unwrap_or(place.published)
                .to_zoned_datetime(conventions.timezone.clone()),
            way: if conventions.declared.slugs == Some(Slugs::Verbatim) {
                Slugify::Verbatim
            } else {
                flavour.slugify
            },
            language: &language,
            declared: &conventions.declared,
        },
    );
    match location {
        Some(Location { prefix: Some(prefix), .. }) if own.is_none() => {
            format!("/{prefix}{filled}")
        }
        _ => filled,
    }
}

/// The pattern that gives an article's address where its author names none.
pub fn pattern_of<'a>(place: &Place<'a>) -> &'a str {
    let location = place.location();
    let page = place.page(location.as_ref());
    pattern(place, page.rsplit_once('/').map_or("", |(folder, _)| folder))
}

fn pattern<'a>(place: &Place<'a>, folder: &str) -> &'a str {
    let section = folder.split('/').next().unwrap_or("");
    let conventions = place.conventions;
    let foreign = place.head.language.is_some() && place.head.language != conventions.language;
    let others = conventions.declared.permalink_of_others.as_deref().filter(|_| foreign);
    place
        .pattern
        .or(others)
        .or_else(|| place.conventions.declared.permalink(section))
        .unwrap_or(place.conventions.flavour.permalink)
}

fn fill(pattern: &str, page: &Page) -> String {
    let mut filled = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(':') {
        filled.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let length = tail.bytes().take_while(|b| b.is_ascii_lowercase() || *b == b'_').count();
        // `:month_:day` names a month, and an underscore.
        let bare = tail[..length].trim_end_matches('_').len();
        let found = [length, bare]
            .into_iter()
            .find_map(|length| word(&tail[..length]).map(|text| (text, length)));
        match found {
            Some((text, length)) => {
                let (slice, after) = slice(&tail[length..]);
                let text = text(page);
                filled.push_str(&slice.map_or(text.clone(), |slice| part(&text, slice)));
                rest = after;
            }
            None => {
                filled.push(':');
                rest = tail;
            }
        }
    }
    filled.push_str(rest);
    let filled = squeezed(filled);
    if filled.starts_with('/') { filled } else { format!("/{filled}") }
}

/// Hugo's `[1:]` or `[last]` right after `:sections`, and what follows.
fn slice(rest: &str) -> (Option<&str>, &str) {
    let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match inside {
        Some((slice, after)) if slice.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':') => {
            (Some(slice), after)
        }
        _ => (None, rest),
    }
}

/// Some parts of a path: `0`, `last`, `1:`, `:last`, `1:3`.
fn part(path: &str, slice: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let at = |place: &str| match place {
        "last" => Some(parts.len() - 1),
        place => place.parse().ok(),
    };
    let range = match slice.split_once(':') {
        None => at(slice).map(|at| at..at + 1),
        Some((from, to)) => {
            let from = if from.is_empty() { Some(0) } else { at(from) };
            let to = if to.is_empty() { Some(parts.len()) } else { at(to) };
            from.zip(to).map(|(from, to)| from..to.min(parts.len()))
        }
    };
    range.and_then(|range| parts.get(range)).unwrap_or_default().join("/")
}

fn squeezed(mut path: String) -> String {
    while path.contains("//") {
        path = path.replace("//", "/");
    }
    path
}

/// Whether a pattern is made of titles.
pub fn has_title(pattern: &str) -> bool {
    [":title_slug", ":slug_or_title"].iter().any(|word| pattern.contains(word))
}

/// Whether a pattern is made of languages.
pub fn has_language(pattern: &str) -> bool {
    pattern.contains(":lang")
}

/// Words of a pattern that stand for nothing.
pub fn unknown_words(pattern: &str) -> Vec<&str> {
    let mut words = pattern.split(':');
    words.next();
    let letters = |c: char| c.is_ascii_lowercase() || c == '_';
    words
        .map(|tail| &tail[..tail.find(|c| !letters(c)).unwrap_or(tail.len())])
        .filter(|name| !name.is_empty())
        .filter(|name| word(name).is_none() && word(name.trim_end_matches('_')).is_none())
        .collect()
}

/// An absolute http(s) address of something that an article refers to.
pub fn absolute(reference: &str, link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?.join(reference.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::flavour::Flavour;

    fn check(pattern: &str, path: &str, own: Option<&str>, slug: Option<&str>, expected: &str) {
        let head = Head {
            link: own.map(str::to_string),
            slug: slug.map(str::to_string),
            ..Head::default()
        };
        let place = Place {
            path,
            head: &head,
            published: "2024-03-05T23:00:00Z".parse().unwrap(),
            conventions: &Conventions::of(Flavour::plain()),
            pattern: Some(pattern),
            base: "https://a.example/b/",
        };
        assert_eq!(link(&place), format!("https://a.example/{expected}"));
    }

    #[test]
    fn permalinks() {
        check("/:path/", "x/y.md", None, None, "b/x/y/");
        check("/:path/", "x/index.md", None, None, "b/x/");
        check("/en/:category/:slug", "release/v1.0.md", None, None, "b/en/release/v1.0");
        check("/:year/:month/:slug.html", "Đời sống/a b.md", None, None, "b/2024/03/a%20b.html");
        check("/:category/:slug/", "a.md", None, Some("s"), "b/s/");
        check("/:path/", "x/a.md", None, Some("s"), "b/x/s/");
        check("/:path/", "a.md", Some("/old/ü.html"), None, "b/old/%C3%BC.html");
        check("/:path/", "a.md", Some("https://a.example/z"), None, "z");
        check("/:sections[1:]/:slug/", "p/q/r/a.md", None, None, "b/q/r/a/");
        check("/:sections[last]/:slug/", "x/y/a.md", None, None, "b/y/a/");
        check("/:sections[:last]/:slug/", "x/y/a.md", None, None, "b/x/a/");
        check("/:sections[5]/:slug/", "x/a.md", None, None, "b/a/");
    }
}
