//! Permalinks: where an article is read.

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::article::{Head, flavour, flavour::Flavour};

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
    pub timezone: &'a TimeZone,
    pub flavour: &'a Flavour,
    pub pattern: &'a str,
    /// The site's address, ending with a slash.
    pub base: &'a str,
}

/// The address of an article: the author's own, else by the pattern.
pub fn link(place: &Place) -> String {
    if let Some(own) = &place.head.link {
        if own.starts_with("http://") || own.starts_with("https://") {
            if let Ok(url) = Url::parse(own) {
                return url.to_string();
            }
        } else if !own.contains(char::is_whitespace) {
            return join(place.base, &encode_raw(own));
        }
    }
    join(place.base, &expand(place))
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
    folder: &'a str,
    /// The file's name, without its date where the flavour leaves it out.
    undated: &'a str,
    slug: &'a str,
    date: ZonedDateTime,
    categories: &'a [String],
}

/// What a word of a pattern stands for, in any generator.
fn word(name: &str) -> Option<fn(&Page) -> String> {
    Some(match name {
        "slug" | "title" => |page| encode_path(page.slug),
        "filename" | "name" | "basename" | "contentbasename" | "slugorfilename" => {
            |page| encode_path(page.undated)
        }
        "path" => |page| match page.folder {
            "" => encode_path(page.slug),
            folder => format!("{}/{}", encode_path(folder), encode_path(page.slug)),
        },
        "category" | "sections" => |page| encode_path(page.folder),
        "section" => |page| encode_path(page.folder.split('/').next().unwrap_or("")),
        "categories" => |page| {
            let names = page.categories.iter().map(|name| encode_path(&name.to_lowercase()));
            names.collect::<Vec<_>>().join("/")
        },
        "year" => |page| format!("{:04}", page.date.year()),
        "short_year" => |page| format!("{:02}", page.date.year().rem_euclid(100)),
        "month" => |page| format!("{:02}", page.date.month()),
        "i_month" => |page| page.date.month().to_string(),
        "day" => |page| format!("{:02}", page.date.day()),
        "i_day" => |page| page.date.day().to_string(),
        "hour" => |page| format!("{:02}", page.date.hour()),
        "minute" => |page| format!("{:02}", page.date.minute()),
        "second" => |page| format!("{:02}", page.date.second()),
        "y_day" | "yearday" => |page| format!("{:03}", page.date.day_of_year()),
        "output_ext" => |_| ".html".to_string(),
        _ => return None,
    })
}

/// Fills a pattern such as `/:year/:month/:slug/`.
fn expand(place: &Place) -> String {
    let page = flavour::page_path(place.path, place.flavour);
    let (folder, name) = page.rsplit_once('/').unwrap_or(("", page));
    let undated = match flavour::dated_name(name) {
        Some((_, rest)) if !place.flavour.date_in_slug && !rest.is_empty() => rest,
        _ => name,
    };
    let page = Page {
        folder,
        undated,
        slug: place.head.slug.as_deref().unwrap_or(undated),
        date: place.published.to_zoned_datetime(place.timezone.clone()),
        categories: &place.head.categories,
    };
    let mut filled = String::new();
    let mut rest = place.pattern;
    while let Some(at) = rest.find(':') {
        filled.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let length = tail.bytes().take_while(|b| b.is_ascii_lowercase() || *b == b'_').count();
        match word(&tail[..length]) {
            Some(text) => filled.push_str(&text(&page)),
            None => filled.push_str(&rest[at..at + 1 + length]),
        }
        rest = &tail[length..];
    }
    filled.push_str(rest);
    while filled.contains("//") {
        filled = filled.replace("//", "/");
    }
    filled
}

/// Names in a pattern that mean nothing, for the config to refuse.
pub fn unknown_words(pattern: &str) -> Vec<String> {
    pattern
        .split(':')
        .skip(1)
        .map(|tail| {
            tail.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>()
        })
        .filter(|name| word(name).is_none())
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
            timezone: &TimeZone::UTC,
            flavour: Flavour::plain(),
            pattern,
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
    }
}
