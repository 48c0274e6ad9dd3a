//! The one gate that all HTML passes: only what cannot act is let through, and every URL comes
//! out absolute.

use std::borrow::Cow;
use std::cell::RefCell;

use ammonia::{Builder, UrlRelative};
use url::Url;

use super::blocks::{Block, BlockKind};
use super::cost;

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
    gate.link_rel(Some("noopener noreferrer"))
        .rm_tag_attributes("a", &["hreflang"])
        .rm_tags(["map", "area"])
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            // Pixels that only count who reads.
            ("img", "width" | "height") if matches!(value.trim(), "0" | "1") => None,
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
    let html = GATE.with_borrow_mut(|gate| {
        gate.url_relative(UrlRelative::RewriteWithBase(base)).clean(html).to_string()
    });
    let image = first_image(&html);
    Ok(Clean { html, image })
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
