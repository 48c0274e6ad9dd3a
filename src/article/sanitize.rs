//! The one gate that all HTML passes: only what cannot act is let through, and every URL comes
//! out absolute.

mod simple;

use std::borrow::Cow;
use std::cell::RefCell;

use ammonia::{Builder, UrlRelative};
use memchr::memmem;
use url::Url;

use super::blocks::{Block, BlockKind, end_of_tag, split_at};
use super::{cost, unseen};

#[derive(Clone, Debug, Default)]
pub struct Clean {
    pub html: String,
    pub image: Option<String>,
}

thread_local! {
    // Its tables cost as much as an article to be cleaned.
    static GATE: RefCell<Builder<'static>> = RefCell::new(gate());
}

/// So often is a fragment read again until it stays as it is.
const MAX_PASSES: usize = 8;

fn gate() -> Builder<'static> {
    let mut gate = Builder::default();
    gate.link_rel(Some("noopener noreferrer"))
        .rm_tag_attributes("a", &["hreflang"])
        // Ammonia takes it for no address, and no reader shows it.
        .rm_tag_attributes("blockquote", &["cite"])
        .rm_tag_attributes("del", &["cite"])
        .rm_tag_attributes("ins", &["cite"])
        .rm_tag_attributes("q", &["cite"])
        .rm_tags(["map", "area"])
        // They play when somebody asks for it, and never by themselves.
        .add_tags(["video", "audio", "source"])
        .add_tag_attributes("video", &["src", "poster", "preload"])
        .add_tag_attributes("audio", &["src", "preload"])
        .add_tag_attributes("source", &["src", "type"])
        .set_tag_attribute_value("video", "controls", "")
        .set_tag_attribute_value("audio", "controls", "")
        // An address in an address, and what starts a program on the reader's machine.
        .rm_url_schemes(["url", "wtai", "ssh", "mx"])
        // What is shown only where something else is not; as text it would be tags to look at.
        .add_clean_content_tags(["noscript", "iframe", "noembed", "noframes"])
        .add_generic_attributes(["hidden", "style"])
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("video" | "audio", "preload") => Some(Cow::Borrowed("none")),
            // It would lead to the article itself.
            ("a", "href") | (_, "src") if value.trim().is_empty() => None,
            // A picture or a film comes from the web, or from beside the article.
            ("img" | "video" | "audio" | "source", "src") | ("video", "poster") => {
                let is_other = Url::parse(value).is_ok_and(|url| !url.scheme().starts_with("http"));
                (!is_other).then_some(Cow::Borrowed(value))
            }
            _ => unseen::marked(element, attribute, value),
        });
    gate
}

/// Sanitises a fragment; `base` is the address that its relative URLs are relative to.
pub fn clean(html: &str, base: &str) -> Result<Clean, String> {
    if let Some(reason) = cost::too_costly(html) {
        return Err(format!("{reason}; the body is left out"));
    }
    let base = Url::parse(base).map_err(|error| format!("no base for relative URLs: {error}"))?;
    let html = simple::clean(html, &base).map_or_else(|| by_gate(html, base), Ok)?;
    let image = first_image(&html);
    Ok(Clean { html, image })
}

fn by_gate(html: &str, base: Url) -> Result<String, String> {
    GATE.with_borrow_mut(|gate| {
        gate.url_relative(UrlRelative::RewriteWithBase(base));
        let mut html = pass(gate, html);
        if is_regular(&html) {
            return Ok(html);
        }
        // Readers parse it anew. Elements that were kept apart by others may then nest in another
        // way (mutation XSS), so what is given out is what a parser reads as it was written.
        for _ in 1..MAX_PASSES {
            let again = if html.contains('<') { pass(gate, &html) } else { html.clone() };
            if again == html {
                return Ok(html);
            }
            html = again;
        }
        Err("markup that is another one each time it is read; the body is left out".into())
    })
}

/// Elements that end a paragraph that is open.
const BLOCKS: &[&str] = &[
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "div",
    "dl",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "nav",
    "ol",
    "p",
    "pre",
    "summary",
    "ul",
];
/// Elements that have no end.
const VOID: &[&str] = &["img", "br", "hr", "wbr", "source"];

/// Whether written HTML nests as any parser nests it, for sure: where elements were taken out, a
/// tree may be left that reads as another one. Tables have rules of their own.
fn is_regular(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some((_, tag)) = split_at(rest, b'<') {
        let end = end_of_tag(tag);
        let (tag, after) = (&tag[..end], tag.get(end + 1..).unwrap_or(""));
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
            continue;
        }
        let name = tag.split(' ').next().unwrap_or("");
        let is_in = |others: &[&str]| open.iter().any(|name| others.contains(name));
        let fits = match name {
            "li" => matches!(open.last(), Some(&("ul" | "ol"))),
            "dt" | "dd" => open.last() == Some(&"dl"),
            // Where the gate itself writes it: an attribute that stood elsewhere would move.
            "a" => !is_in(&["a"]) && tag.ends_with(r#"rel="noopener noreferrer""#),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                !is_in(&["p", "h1", "h2", "h3", "h4", "h5", "h6"])
            }
            // Formatting that a block cuts is opened again behind it.
            name if BLOCKS.contains(&name) => !is_in(&["p", "a", "b", "i", "em", "strong", "code"]),
            name => {
                !name.starts_with('t') && !matches!(name, "caption" | "col" | "colgroup" | "ruby")
            }
        };
        if !fits {
            return false;
        }
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    open.is_empty()
}

fn pass(gate: &Builder, html: &str) -> String {
    with_first_lines(unseen::without(gate.clean(html).to_string()))
}

/// A parser takes a line feed after `<pre>` away; one that belongs to the text is written twice.
fn with_first_lines(html: String) -> String {
    if memmem::find(html.as_bytes(), b"<pre").is_none() {
        return html;
    }
    let mut pieces = html.split("<pre");
    let mut whole = pieces.next().unwrap_or("").to_string();
    for piece in pieces {
        let (tag, text) = piece.split_at((end_of_tag(piece) + 1).min(piece.len()));
        whole.extend(["<pre", tag, if text.starts_with('\n') { "\n" } else { "" }, text]);
    }
    whole
}

/// The first image of sanitised HTML, whose attributes are always quoted.
fn first_image(html: &str) -> Option<String> {
    memmem::find_iter(html.as_bytes(), b"<img ").find_map(|at| {
        let rest = &html[at..];
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
        check("<img src=\"ftp://e.example/i.png\">", "<img>");
        check("<a href=\"url:javascript:x\">a</a>", "<a rel=\"noopener noreferrer\">a</a>");
        check("<q cite=\"javascript:x\">a</q>", "<q>a</q>");
        check("<a href=\"\">a</a>", "<a rel=\"noopener noreferrer\">a</a>");
        check("<p><img src=\"\" alt=\"b\"></p>", "<p><img alt=\"b\"></p>");
        check("<img src=\"i.png\">", "<img src=\"https://a.example/x/i.png\">");
        check("<svg><script>x</script></svg><math><mi>y</mi></math>", "");
        check("<iframe src=//e.example>no frames</iframe>t", "t");
        check("<noscript><img src=i.png></noscript>t", "t");
        check(
            "<video src=v.mp4 autoplay onplay=x poster=p.png><source src=\"javascript:x\"></video>",
            "<video src=\"https://a.example/x/v.mp4\" poster=\"https://a.example/x/p.png\" \
             controls=\"\"><source></video>",
        );
        check(
            "<audio autoplay><source src=a.mp3 type=audio/mpeg></audio>",
            "<audio controls=\"\"><source src=\"https://a.example/x/a.mp3\" \
             type=\"audio/mpeg\"></audio>",
        );
    }

    #[test]
    fn is_the_same_when_it_is_read_again() {
        check("<pre>\n\n\na</pre>", "<pre>\n\n\na</pre>");
        check("<pre>\n\na</pre>", "<pre>\n\na</pre>");
        check("<pre title=\"<pre>\">\n\na</pre>", "<pre title=\"&lt;pre&gt;\">\n\na</pre>");
        let link = "<a rel=\"noopener noreferrer\">";
        check("<a>b<object><a>c</a></object></a>", &format!("{link}b</a>{link}c</a>"));
        check("<p>b<object><p>c</p></object></p>", "<p>b</p><p>c</p><p></p>");
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
