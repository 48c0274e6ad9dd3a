//! What a page plays or shows of other places: frames become links, since no reader shows them, and
//! of films and sounds only what plays is kept, not the words for browsers that cannot.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use dom_query::Document;
use quick_xml::escape::escape;
use url::{ParseError, Url};

use super::fields::one_line;
use super::unseen;

static MARKS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).build(["<iframe", "<video", "<audio"]).expect("few words")
});

/// A fragment of HTML, not sanitised yet, as readers can show it.
pub fn as_readers_show(html: &str) -> Cow<'_, str> {
    if !MARKS.is_match(html) {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    // One that is never closed is not looked for again: no text costs its square.
    let mut unclosed: Vec<&str> = Vec::new();
    let mut behind = |text, name| {
        let found = if unclosed.contains(&name) { None } else { behind(text, name) };
        if found.is_none() {
            unclosed.push(name);
        }
        found
    };
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let is_tag = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
        if !rest[at + 1..].starts_with(is_tag) {
            out.push('<');
            rest = &rest[at + 1..];
            continue;
        }
        let (tag, after) = rest[at..].split_at(end_of_tag(&rest[at..]));
        rest = after;
        match name_of(tag).as_str() {
            "iframe" => {
                rest = behind(rest, "iframe").map_or(rest, |(_, rest)| rest);
                if let Some(link) = link_to(tag) {
                    let alone = stands_alone(&out);
                    out.extend([if alone { "<p>" } else { "" }, &link]);
                    out.push_str(if alone { "</p>" } else { "" });
                }
            }
            "video" | "audio" => {
                let name = if name_of(tag) == "video" { "video" } else { "audio" };
                let (inside, behind) = behind(rest, name).unwrap_or(("", rest));
                out.push_str(&player(tag, name, inside));
                rest = behind;
            }
            _ => out.push_str(tag),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The length of a tag, whose values may be quoted either way.
fn end_of_tag(text: &str) -> usize {
    if text.starts_with("<!--") {
        return text.find("-->").map_or(text.len(), |at| at + 3);
    }
    let mut quote: Option<u8> = None;
    let mut after_equals = false;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') if after_equals => quote = Some(byte),
            _ => {}
        }
        after_equals = byte == b'=' || (after_equals && byte.is_ascii_whitespace());
    }
    text.len()
}

fn name_of(tag: &str) -> String {
    let name = tag[1..].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    name.to_ascii_lowercase()
}

/// What stands in an element that is open, and what stands behind it.
fn behind<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let is_end =
        |tag: &str| tag.get(..name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name));
    let (at, _) = text.match_indices("</").find(|(at, _)| is_end(&text[at + 2..]))?;
    Some((&text[..at], &text[at + end_of_tag(&text[at..])..]))
}

fn sources(inside: &str) -> impl Iterator<Item = String> {
    let tags = inside.match_indices('<').map(|(at, _)| &inside[at..]);
    let tags = tags.filter(|tag| name_of(tag) == "source").take(MOST_SOURCES);
    tags.map(|tag| &tag[..end_of_tag(tag)]).filter_map(|tag| {
        let document = Document::fragment(format!("<video>{tag}</video>"));
        let found = document.select_single("source");
        let src = found.attr("src").filter(|src| is_of_the_web(src))?;
        let kind = found.attr("type").map(|kind| format!(" type=\"{}\"", escape(kind.trim())));
        Some(format!("<source src=\"{}\"{}>", escape(src.trim()), kind.unwrap_or_default()))
    })
}

/// No film comes in more forms.
const MOST_SOURCES: usize = 20;

/// Whether nothing but whole blocks stands before it.
fn stands_alone(before: &str) -> bool {
    const INLINE: [&str; 12] =
        ["p", "span", "a", "b", "strong", "i", "em", "small", "font", "u", "sub", "sup"];
    let before = before.trim_end();
    let Some(tag) = before.ends_with('>').then(|| before.rfind('<')).flatten() else {
        return before.is_empty();
    };
    let (tag, is_end) = match before[tag..].strip_prefix("</") {
        Some(name) => (name, true),
        None => (&before[tag + 1..], false),
    };
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    (is_end && name == "p") || !INLINE.contains(&name)
}

/// A film or a sound that is fetched, and plays, when somebody asks for it: what is fetched by itself
/// would count who reads. Nothing where there is nothing to play.
fn player(tag: &str, name: &str, inside: &str) -> String {
    let document = Document::fragment(tag);
    let found = document.select_single(name);
    let mut player = format!("<{name}");
    for key in ["src", "poster"] {
        let value = found.attr(key).filter(|value| is_of_the_web(value));
        if let Some(value) = value.filter(|_| key == "src" || name == "video") {
            player.extend([" ", key, "=\"", &escape(value.trim()), "\""]);
        }
    }
    let sources: String = sources(inside).collect();
    if sources.is_empty() && !player.contains(" src=") {
        return String::new();
    }
    player + " preload=\"none\" controls=\"\">" + &sources + &format!("</{name}>")
}

/// An address of the web, or one beside the article.
fn is_of_the_web(address: &str) -> bool {
    match Url::parse(address.trim()) {
        Ok(url) => matches!(url.scheme(), "http" | "https"),
        Err(error) => error == ParseError::RelativeUrlWithoutBase && !address.trim().is_empty(),
    }
}

/// `None` where nobody is to see it.
fn link_to(tag: &str) -> Option<String> {
    let document = Document::fragment(tag);
    let frame = document.select_single("iframe");
    let attribute = |name: &str| frame.attr(name).map(|value| value.trim().to_string());
    let is_tiny =
        |name: &str| matches!(attribute(name).as_deref(), Some("0" | "1" | "0px" | "1px"));
    let style = attribute("style").unwrap_or_default();
    let is_hidden = unseen::marked("div", "style", &style).is_some() || frame.has_attr("hidden");
    if is_hidden || is_tiny("width") || is_tiny("height") {
        return None;
    }
    let source = attribute("src").filter(|source| !source.starts_with("about:"));
    let source = source.or_else(|| attribute("data-src")).filter(|source| !source.is_empty())?;
    let whole = if source.starts_with("//") { format!("https:{source}") } else { source };
    let address = match Url::parse(&whole) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => return None,
        Ok(url) => page_of(&url).unwrap_or(whole),
        // Beside the article; it gets its host with the other links.
        Err(_) => whole,
    };
    let title = attribute("title").map(|title| one_line(&title));
    let title = title.filter(|title| !title.is_empty() && *title != "YouTube video player");
    let shown = title.unwrap_or_else(|| address.clone());
    Some(format!("<a href=\"{}\">{}</a>", escape(&address), escape(&shown)))
}

/// The page where people watch what a frame plays.
fn page_of(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_start_matches("www.");
    let mut parts = url.path_segments()?;
    let is_id = |id: &&str| {
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    match (host, parts.next()?) {
        ("youtube.com" | "youtube-nocookie.com", "embed") => {
            let id = parts.next().filter(is_id)?;
            let list = url.query_pairs().find(|(key, _)| key == "list");
            match (id, list) {
                ("videoseries", Some((_, list))) => {
                    Some(format!("https://www.youtube.com/playlist?list={list}"))
                }
                _ => Some(format!("https://www.youtube.com/watch?v={id}")),
            }
        }
        ("player.vimeo.com", "video") => {
            Some(format!("https://vimeo.com/{}", parts.next().filter(is_id)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(as_readers_show(html), expected, "{html}");
    }

    #[test]
    fn frames_become_links() {
        let watch = "https://www.youtube.com/watch?v=a-B_1";
        check(
            "<p>a</p>\n<iframe width=\"560\" src=\"https://www.youtube.com/embed/a-B_1?start=9\" \
             title=\"YouTube video player\" allowfullscreen></iframe>\n<p>b</p>",
            &format!("<p>a</p>\n<p><a href=\"{watch}\">{watch}</a></p>\n<p>b</p>"),
        );
        check(
            "<p>a <IFRAME src='//player.vimeo.com/video/12' title='A <day> > at sea'>no</IFRAME> b</p>",
            "<p>a <a href=\"https://vimeo.com/12\">A &lt;day&gt; &gt; at sea</a> b</p>",
        );
        check("<iframe src=\"/x.html\">", "<p><a href=\"/x.html\">/x.html</a></p>");
        check("<h2>a</h2><iframe src=/x></iframe>", "<h2>a</h2><p><a href=\"/x\">/x</a></p>");
        check("<b>a</b> <iframe src=/x></iframe>", "<b>a</b> <a href=\"/x\">/x</a>");
        for unseen in [
            "<iframe src=\"https://t.example/\" width=0 height=0></iframe>",
            "<iframe src=\"https://t.example/\" style=\"display:none\"></iframe>",
            "<iframe src=\"javascript:x\"></iframe>",
            "<iframe src=\"about:blank\"></iframe>",
            "<iframe srcdoc=\"<p>x\"></iframe>",
        ] {
            check(&format!("a{unseen}b"), "ab");
        }
        check(
            "<!-- <iframe src=x></iframe> --><p title=\"<iframe src=x>\">",
            "<!-- <iframe src=x></iframe> --><p title=\"<iframe src=x>\">",
        );
    }

    #[test]
    fn films_keep_what_plays() {
        check(
            "<video controls><source src=\"a.mp4\" type=\"video/mp4\">\nNot <a href=x>here</a>.</video>c",
            "<video preload=\"none\" controls=\"\"><source src=\"a.mp4\" type=\"video/mp4\"></video>c",
        );
        check(
            "<audio src=a.mp3>no sound</AUDIO> b",
            "<audio src=\"a.mp3\" preload=\"none\" controls=\"\"></audio> b",
        );
        check(
            "<video src=a poster='b.png' autoplay loop width=0>never",
            "<video src=\"a\" poster=\"b.png\" preload=\"none\" controls=\"\"></video>never",
        );
        check("a<audio src=data:x><source src='javascript:x'></audio><video>b", "ab");
    }
}
