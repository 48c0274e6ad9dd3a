//! The one gate that all HTML passes: only what cannot act is let through, and every URL comes
//! out absolute.

use std::borrow::Cow;
use std::cell::RefCell;

use ammonia::{Builder, UrlRelative};
use url::Url;

use super::blocks::{Block, BlockKind};
use super::{cost, pixels};

#[derive(Clone, Debug, Default)]
pub struct Clean {
    pub html: String,
    pub image: Option<String>,
}

thread_local! {
    // Its tables cost as much as an article to be cleaned.
    static GATE: RefCell<Builder<'static>> = RefCell::new(gate());
}

fn gate() -> Builder<'static> {
    let mut gate = Builder::default();
    // No reader shows where a quotation is from, and no scheme of it is looked at.
    for element in ["blockquote", "del", "ins", "q"] {
        gate.rm_tag_attributes(element, &["cite"]);
    }
    gate.link_rel(Some("noopener noreferrer"))
        .rm_tag_attributes("a", &["hreflang"])
        .rm_tags(["map", "area"])
        // Looked at below, and never let through.
        .add_tag_attributes("img", &["style", "hidden"])
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "style") => pixels::is_hidden(value).then_some(Cow::Borrowed(pixels::MARK)),
            ("img", "hidden") => Some(Cow::Borrowed(pixels::MARK)),
            _ => Some(Cow::Borrowed(value)),
        });
    gate
}

/// Sanitises a fragment; `base` is the address that its relative URLs are relative to.
pub fn clean(html: &str, base: &str) -> Result<Clean, String> {
    if let Some(reason) = cost::too_costly(html) {
        return Err(format!("{reason}; the body is left out"));
    }
    let base = Url::parse(base).map_err(|error| format!("no base for relative URLs: {error}"))?;
    let mut html = GATE.with_borrow_mut(|gate| {
        let gate = gate.url_relative(UrlRelative::RewriteWithBase(base));
        let once = gate.clean(html).to_string();
        // What a reader's parser makes of it must be what ours made.
        if is_regular(&once) { once } else { gate.clean(&once).to_string() }
    });
    keep_first_newlines(&mut html);
    let html = pixels::left_out(html);
    let image = first_image(&html);
    Ok(Clean { html, image })
}

/// Elements that end a paragraph that is open.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "ul",
    "ol",
    "dl",
    "table",
    "pre",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "article",
    "aside",
    "center",
    "details",
    "figcaption",
    "figure",
    "footer",
    "header",
    "hgroup",
    "nav",
    "summary",
];

/// Whether no paragraph of sanitised HTML holds what ends one: taking elements out may leave such
/// a tree, which as text is another one.
fn is_regular(html: &str) -> bool {
    let mut in_paragraph = false;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let ends = rest.starts_with('/');
        let name = rest.trim_start_matches('/');
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        match (name, ends) {
            ("p", true) if !in_paragraph => return false,
            ("p", true) => in_paragraph = false,
            (name, false) if in_paragraph && BLOCKS.contains(&name) => return false,
            ("p", false) => in_paragraph = true,
            _ => {}
        }
    }
    true
}

/// A parser drops a newline that follows `<pre>`: one that belongs to the text needs another.
fn keep_first_newlines(html: &mut String) {
    let mut from = 0;
    while let Some(at) = html[from..].find("<pre") {
        let start = from + at;
        let Some(end) = html[start..].find('>').map(|end| start + end + 1) else { return };
        if html[end..].starts_with('\n') {
            html.insert(end, '\n');
        }
        from = end;
    }
}

/// The first image of sanitised HTML, whose attributes are always quoted.
fn first_image(html: &str) -> Option<String> {
    html.split("<img ").skip(1).find_map(|rest| {
        let tag = &rest[..rest.find('>')?];
        let (_, value) = tag.split_once("src=\"")?;
        let src = value[..value.find('"')?].replace("&amp;", "&");
        src.starts_with("http").then_some(src)
    })
}

/// Leaves out a first heading that only repeats the title.
pub fn without_title(html: String, blocks: &[Block], title: &str) -> String {
    let repeats = blocks
        .first()
        .is_some_and(|block| block.kind == BlockKind::Heading && same_words(&block.text, title));
    let trimmed = html.trim_start();
    if repeats && let Some(level) = trimmed.strip_prefix("<h").and_then(|rest| rest.chars().next())
    {
        let close = format!("</h{level}>");
        if let Some(at) = trimmed.find(&close) {
            return trimmed[at + close.len()..].trim_start().to_string();
        }
    }
    html
}

pub fn same_words(a: &str, b: &str) -> bool {
    fn words(text: &str) -> impl Iterator<Item = String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !word.is_empty()).map(str::to_lowercase)
    }
    words(a).eq(words(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(clean(html, "https://a.example/x/").unwrap().html, expected, "{html}");
    }

    #[test]
    fn cleans() {
        check("<p onclick=x>a<script>b</script></p>", "<p>a</p>");
        check("<a href=\"javascript:x\">a</a>", "<a rel=\"noopener noreferrer\">a</a>");
        check("<img src=\"i.png\">", "<img src=\"https://a.example/x/i.png\">");
        check("<svg><script>x</script></svg><math><mi>y</mi></math>", "");
        check("<iframe src=//e.example></iframe>t", "t");
        check("<img src=/a.png style=\"border:0\">", "<img src=\"https://a.example/a.png\">");
        check("<q cite=javascript:x>a</q>", "<q>a</q>");
        check("<pre>\n\na</pre><pre>\nb</pre>", "<pre>\n\na</pre><pre>b</pre>");
        check("a<img src=/p.gif width=1 height=1>b", "ab");
        check("a<img src=/p.gif style='display: none'>b<img hidden src=/q.gif>c", "abc");
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(clean(&"<div>".repeat(100_000), "https://a.example/").is_err());
        assert!(clean(&"<blockquote>".repeat(100_000), "https://a.example/").is_err());
        assert!(clean(&"<p>".repeat(10_000), "https://a.example/").is_ok());
    }

    #[test]
    fn finds_the_first_image() {
        let clean =
            clean("<p><img alt=\"x\" src=\"/i.png?a=1&amp;b=2\"></p>", "https://a.example/");
        assert_eq!(clean.unwrap().image.as_deref(), Some("https://a.example/i.png?a=1&b=2"));
    }
}
