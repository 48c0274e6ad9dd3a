//! A page's title: its headings against what it declares, with the site's name taken off.

use dom_query::{Document, NodeRef};
use serde_json::Value;

use super::furniture::names_of;
use super::linked::text_of;
use super::metadata::Meta;
use crate::article::fields::one_line;

/// The heading that the page's own title repeats, else what the page declares.
pub fn title(
    document: &Document,
    meta: &Meta,
    linked: Option<&Value>,
    site: Option<&str>,
) -> Option<String> {
    let whole = short(one_line(&document.select_single("title").text()));
    let told = short(meta.find(&["og:title", "twitter:title"]).unwrap_or_default());
    let headline = linked.and_then(|linked| text_of(linked, "headline"));
    let headline = short(headline.unwrap_or_default());
    let of_address =
        meta.find(&["og:url"]).or_else(|| meta.attribute("link[rel=canonical]", "href"));
    let host = of_address.as_deref().and_then(|url| url.split('/').nth(2)).unwrap_or("");
    let site = Site { name: site.map(letters), host: letters(host.trim_start_matches("www.")) };
    let said = [headline, told.clone(), whole.clone()].into_iter().filter(|text| !text.is_empty());
    let said: Vec<String> = said.collect();
    let known: Vec<String> = said.iter().map(|text| site.taken_off(text)).collect();
    let headings = |names: &str| -> Vec<String> {
        let nodes = document.select(names);
        let nodes = nodes.nodes().iter().take(60);
        let nodes = nodes.filter(|node| !is_masthead(node) && !is_unseen(node));
        let texts = nodes.map(without_kicker);
        let fits =
            |text: &String| (1..=400).contains(&text.chars().count()) && !site.is_named(text);
        texts.filter(fits).collect()
    };
    let first = headings("h1");
    let is_said = |heading: &&String| said.iter().any(|said| same(said, heading));
    let whole_heading = first.iter().find(is_said).cloned();
    let parts = parts(&whole);
    let is_first_part = |heading: &&String| {
        parts.len() > 1 && letters(heading).len() >= 8 && same(parts[0], heading)
    };
    let is_later_part = |heading: &String| parts[1..].iter().any(|part| same(part, heading));
    whole_heading
        .or_else(|| {
            let lesser = if first.is_empty() { headings("h2, h3") } else { Vec::new() };
            let of_said = |said: &String| lesser.iter().find(|heading| same(said, heading));
            said.iter().find_map(of_said).cloned()
        })
        .or_else(|| first.iter().find(is_first_part).cloned())
        .or_else(|| {
            // The site's name is its first heading, the article's is a lesser one.
            first
                .iter()
                .any(is_later_part)
                .then(|| headings("h2, h3"))?
                .iter()
                .find(is_first_part)
                .cloned()
        })
        .or_else(|| told_by(&first, &known))
        .or_else(|| {
            let lesser = headings("h2, h3");
            let of_part = |part: &&str| lesser.iter().find(|heading| same(part, heading));
            parts.iter().filter(|part| letters(part).len() >= 8).find_map(of_part).cloned()
        })
        .or_else(|| first.iter().find(|heading| is_like(heading, &known)).cloned())
        .or_else(|| match first.as_slice() {
            [only] if letters(only).chars().count() >= 4 && !is_later_part(only) => {
                Some(only.clone())
            }
            _ => None,
        })
        .or_else(|| match (first.is_empty() && told.is_empty(), headings("h2").as_slice()) {
            (true, [only]) if only.split_whitespace().count() >= 2 => Some(only.clone()),
            _ => None,
        })
        .or_else(|| known.into_iter().next())
        .or_else(|| super::heading_of(document))
}

/// Longer titles are none: what follows is not looked at.
fn short(mut title: String) -> String {
    const LONGEST: usize = 1_000;
    let end = title.char_indices().nth(LONGEST).map_or(title.len(), |(at, _)| at);
    title.truncate(end);
    title
}

/// Whether a heading is the site's own, which leads to its front page.
fn is_masthead(heading: &NodeRef) -> bool {
    const NAMES: [&str; 8] = [
        "sitetitle",
        "sitename",
        "blogtitle",
        "blogname",
        "logo",
        "brand",
        "siteheading",
        "masthead",
    ];
    let is_home = |node: &NodeRef| {
        let link = node.attr("href").unwrap_or_default();
        let path = link
            .split_once("://")
            .map_or(&*link, |(_, rest)| rest.split_once('/').map_or("/", |(_, path)| path));
        node.node_name().is_some_and(|name| &*name == "a")
            && (path == "/" || (path.is_empty() && link.contains("://")))
    };
    names_of(heading).any(|name| NAMES.contains(&name.as_str()))
        || heading.descendants_it().any(|node| is_home(&node))
        || heading.ancestors_it(Some(2)).any(|node| is_home(&node))
}

/// Whether a heading is for those who do not see the page, to whom it may say anything.
fn is_unseen(heading: &NodeRef) -> bool {
    names_of(heading).any(|name| matches!(&*name, "sronly" | "screenreader" | "visuallyhidden"))
}

/// Parts of class names that mark a line which stands above a headline, within its heading.
const KICKERS: [&str; 15] = [
    "dachzeile",
    "eyebrow",
    "hidden",
    "kicker",
    "label",
    "overline",
    "prefix",
    "roofline",
    "spitzmarke",
    "sronly",
    "supertitle",
    "titleheader",
    "toptitle",
    "topic",
    "topline",
];

/// A heading's text, of which a kicker, a date or a line below is no part.
fn without_kicker(heading: &NodeRef) -> String {
    let whole = one_line(&heading.text());
    let is_aside = |node: &NodeRef| {
        let is_tag =
            |name: &str| matches!(name, "style" | "script" | "template" | "time" | "small");
        node.node_name().is_some_and(|name| is_tag(&name))
            || node.attr("aria-hidden").is_some_and(|hidden| &*hidden == "true")
            || names_of(node).any(|name| KICKERS.contains(&name.as_str()))
    };
    let mut rest = String::new();
    let mut open = heading.children_it(false).collect::<Vec<_>>();
    open.reverse();
    while let Some(node) = open.pop() {
        if node.is_text() {
            rest.push_str(&node.text());
        } else if node.is_element() && !is_aside(&node) {
            open.extend(node.children_it(true));
        }
    }
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || ":|–—-·".contains(c));
    let rest = one_line(rest);
    if letters(&rest).len() >= 8 { rest } else { whole }
}

/// The heading that the page's own title repeats, or the part of it that does.
fn told_by(headings: &[String], known: &[String]) -> Option<String> {
    let same_as = |heading: &&String| known.iter().any(|known| same(known, heading));
    if let Some(heading) = headings.iter().find(same_as) {
        return Some(heading.clone());
    }
    for heading in headings {
        let own = letters(heading);
        for known in known {
            let other = letters(known);
            let enough = own.len() * 3 >= other.len() || other.starts_with(&own);
            if other.contains(&own) && own.len() >= 8 && enough {
                return Some(heading.clone());
            }
            // A line above the title proper, within one heading; what follows is its own.
            if own.contains(&other) && other.len() >= 12 && other.len() * 3 >= own.len() {
                let is_longer = own.starts_with(&other)
                    && !MARKS[..4].iter().any(|mark| heading.contains(mark));
                return Some(if is_longer { heading.clone() } else { known.clone() });
            }
        }
    }
    None
}

/// Whether a heading shares most of its words with the page's own title.
fn is_like(heading: &str, known: &[String]) -> bool {
    let words = |text: &str| -> Vec<String> {
        let text = text.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2);
        words.map(str::to_string).collect()
    };
    let own = words(heading);
    known.iter().any(|known| {
        let other = words(known);
        let shared = own.iter().filter(|word| other.contains(word)).count();
        shared * 2 > own.len() && own.len() > 1
    })
}

pub fn letters(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn same(a: &str, b: &str) -> bool {
    letters(a) == letters(b)
}

const MARKS: [&str; 14] = [
    " | ",
    " - ",
    " – ",
    " — ",
    " » ",
    " › ",
    " · ",
    " :: ",
    " : ",
    " * ",
    "｜",
    "│",
    "_",
    "\u{a0}|\u{a0}",
];

fn parts(title: &str) -> Vec<&str> {
    MARKS.iter().fold(vec![title], |parts, mark| {
        parts.into_iter().flat_map(|part| part.split(mark)).map(str::trim).collect()
    })
}

/// What tells the site's name, in letters and digits only.
struct Site {
    name: Option<String>,
    host: String,
}

impl Site {
    fn is_named(&self, text: &str) -> bool {
        let text = letters(text);
        !text.is_empty()
            && (self.name.as_ref() == Some(&text)
                || (text.len() >= 3 && self.host.starts_with(&text))
                || (self.host.len() >= 5 && text.starts_with(&self.host)))
    }

    /// `Title | Site` → `Title`: a last part, or a first one, that names the site.
    fn taken_off(&self, title: &str) -> String {
        let mut rest = title.to_string();
        let last = |rest: &str| {
            let found = MARKS.iter().filter_map(|mark| Some((rest.rfind(mark)?, *mark)));
            found.chain(eastern_dash(rest)).max_by_key(|(at, _)| *at)
        };
        while let Some((at, mark)) = last(&rest) {
            let (before, after) = (rest[..at].trim(), rest[at + mark.len()..].trim());
            let long = before.chars().count();
            let short = after.split_whitespace().count() <= 4 && after.chars().count() <= long;
            let is_bar = match mark {
                " - " | " – " | " — " | " · " | " : " | " * " => false,
                // Chinese titles have it between their parts, others within a name.
                "_" => after.starts_with(|c: char| c.is_alphabetic() && !c.is_ascii()),
                _ => true,
            };
            if before.is_empty() || !(self.is_named(after) || (short && is_bar)) {
                break;
            }
            rest = before.to_string();
        }
        let first = MARKS.iter().filter_map(|mark| rest.split_once(mark));
        match first.min_by_key(|(before, _)| before.len()) {
            Some((before, after)) if self.is_named(before) && !after.trim().is_empty() => {
                after.trim().to_string()
            }
            _ => rest,
        }
    }
}

/// A dash between words that are written without spaces.
fn eastern_dash(title: &str) -> Option<(usize, &'static str)> {
    let at = title.rfind('-')?;
    let is_han = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{ffef}');
    let (before, after) = (title[..at].trim_end_matches('-'), &title[at + 1..]);
    (before.ends_with(is_han) && after.chars().all(is_han)).then_some((before.len(), "-"))
}

#[cfg(test)]
mod tests {
    use super::super::metadata::declared;
    use super::*;

    #[test]
    fn titles_lose_the_name_of_the_site() {
        for (title, site, host, expected) in [
            ("A day at sea | The Paper", None, "", "A day at sea"),
            ("A day at sea - The Paper", Some("The Paper"), "", "A day at sea"),
            ("A day - paper.example", None, "www.paper.example", "A day"),
            ("The Paper: A day", Some("The Paper"), "", "The Paper: A day"),
            ("The Paper - A day", Some("The Paper"), "", "A day"),
            ("Then - and now", None, "paper.example", "Then - and now"),
            ("What is a snake_case name", None, "", "What is a snake_case name"),
            ("3 < 4 * 5", None, "", "3 < 4 * 5"),
            ("旧书交换会_港报", None, "", "旧书交换会"),
            ("港口的旧书交换会！--港报", None, "", "港口的旧书交换会！"),
            ("Back-to-school | Sea-Paper", None, "", "Back-to-school"),
        ] {
            let host = letters(host.trim_start_matches("www."));
            let site = Site { name: site.map(letters), host };
            assert_eq!(site.taken_off(title), expected, "{title}");
        }
    }

    #[test]
    fn the_heading_that_the_title_repeats_is_the_title() {
        let page = |html: &str| declared(&Document::from(html)).title;
        let html = "<title>News: A day at sea | Paper</title><h1>Paper</h1><h1>A day at sea</h1>";
        assert_eq!(page(html).as_deref(), Some("A day at sea"));
        assert_eq!(page("<h2>Only this</h2>").as_deref(), Some("Only this"));
        let html = "<title>Mine | theirs</title><h1>Mine | theirs</h1>";
        assert_eq!(page(html).as_deref(), Some("Mine | theirs"));
    }

    #[test]
    fn a_kicker_is_no_part_of_the_title() {
        let page = |html: &str| declared(&Document::from(html)).title;
        let html = "<title>At sea: A day without wind</title><h1><span class=story__kicker>At sea\
                    </span><span class=mark>: </span>A day <b>without</b> wind</h1>";
        assert_eq!(page(html).as_deref(), Some("A day without wind"));
        let html = "<meta property=og:title content='A day without wind'><h1>A day without wind\
                    <br><small><time>2 May</time> in <a>Sea</a></small></h1>";
        assert_eq!(page(html).as_deref(), Some("A day without wind"));
        let html = "<title>A day without wind - Paper</title><h1><span class=entry__toptitle>At \
                    sea</span> A day without wind</h1><h2 class=sr-only>Top of the page</h2>";
        assert_eq!(page(html).as_deref(), Some("A day without wind"));
        let html = "<title>A day</title><h1 class=kicker><span class=label>A day</span></h1>";
        assert_eq!(page(html).as_deref(), Some("A day"));
    }
}
