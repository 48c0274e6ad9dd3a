//! What most Markdown comes to, sanitised without a parser: elements that cannot act, each as a
//! Markdown writer writes it, nested as any parser nests them. Whatever is not surely so is left to
//! the gate; a test holds this against it.

use url::{ParseError, Url};

use super::super::blocks::split_at;
use super::{VOID, is_regular};

/// Elements that are let through, where they have no attributes.
const PLAIN: &[&str] = &[
    "p",
    "em",
    "strong",
    "code",
    "li",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "blockquote",
    "del",
    "sup",
    "sub",
    "br",
    "hr",
];

/// As the gate would write it.
pub fn clean(html: &str, base: &Url) -> Option<String> {
    let control = |byte: u8| byte < b' ' && byte != b'\n' && byte != b'\t';
    if html.bytes().fold(false, |any, byte| any | control(byte)) {
        return None;
    }
    let mut clean = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some((before, tag)) = split_at(rest, b'<') {
        text(before, &mut clean)?;
        let (tag, after) = split_at(tag, b'>')?;
        match tag.strip_prefix('/') {
            Some(name) => end(name, &mut clean)?,
            None => start(tag, base, &mut clean)?,
        }
        // A parser takes it away.
        if tag == "pre" && after.starts_with('\n') {
            return None;
        }
        rest = after;
    }
    text(rest, &mut clean)?;
    is_regular(&clean).then_some(clean)
}

fn text(text: &str, clean: &mut String) -> Option<()> {
    // The first byte of a space that does not break: its last is that of `à` and others, too.
    let Some(odd) = memchr::memchr3(b'>', b'&', 0xC2, text.as_bytes()) else {
        clean.push_str(text);
        return Some(());
    };
    let odd = &text.as_bytes()[odd..];
    if memchr::memchr(b'>', odd).is_some() || !has_only(text, &["amp", "lt", "gt"]) {
        return None;
    }
    let mut pieces = text.split('\u{a0}');
    clean.push_str(pieces.next().unwrap_or(""));
    pieces.for_each(|piece| clean.extend(["&nbsp;", piece]));
    Some(())
}

/// Whether these are all the references in a text.
fn has_only(text: &str, references: &[&str]) -> bool {
    text.split('&').skip(1).all(|after| {
        let name = after.split_once(';').map(|(name, _)| name);
        name.is_some_and(|name| references.contains(&name))
    })
}

fn end(name: &str, clean: &mut String) -> Option<()> {
    let has_end = name == "a" || (PLAIN.contains(&name) && !VOID.contains(&name));
    has_end.then(|| clean.extend(["</", name, ">"]))
}

fn start(tag: &str, base: &Url, clean: &mut String) -> Option<()> {
    let Some((name, attributes)) = tag.split_once(' ') else {
        return PLAIN.contains(&tag).then(|| clean.extend(["<", tag, ">"]));
    };
    let mut rest = attributes;
    match name {
        "br" | "hr" => clean.extend(["<", name]),
        "a" => {
            let href = address(attribute(&mut rest, "href")?, base, &["http", "https", "mailto"])?;
            clean.extend(["<a href=\"", &href, "\""]);
            title(&mut rest, clean)?;
            clean.push_str(" rel=\"noopener noreferrer\"");
        }
        "img" => {
            let src = address(attribute(&mut rest, "src")?, base, &["http", "https"])?;
            let alt = attribute(&mut rest, "alt").filter(|alt| is_value(alt))?;
            clean.extend(["<img src=\"", &src, "\" alt=\"", alt, "\""]);
            title(&mut rest, clean)?;
        }
        "ol" => {
            let number = attribute(&mut rest, "start")?;
            let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| clean.extend(["<ol start=\"", number, "\""]))?;
        }
        // These go.
        "code" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            attribute(&mut rest, if name == "code" { "class" } else { "id" })?;
            clean.extend(["<", name]);
        }
        _ => return None,
    }
    clean.push('>');
    let is_whole = rest.is_empty() || (VOID.contains(&name) && rest == "/");
    is_whole.then_some(())
}

fn title(rest: &mut &str, clean: &mut String) -> Option<()> {
    if rest.starts_with("title") {
        let title = attribute(rest, "title").filter(|title| is_value(title))?;
        clean.extend([" title=\"", title, "\""]);
    }
    Some(())
}

/// The value of an attribute of this name that stands next, and what separates it from others.
fn attribute<'a>(rest: &mut &'a str, name: &str) -> Option<&'a str> {
    let (value, after) = rest.strip_prefix(name)?.strip_prefix("=\"")?.split_once('"')?;
    *rest = match after.strip_prefix(' ') {
        Some(after) if !after.is_empty() => after,
        Some(_) => return None,
        None if after.is_empty() => after,
        None => return None,
    };
    Some(value)
}

fn is_value(value: &str) -> bool {
    !value.contains(['\n', '\t', '\u{a0}']) && has_only(value, &["amp", "lt", "gt", "quot"])
}

/// An absolute address, as it stands in a value.
fn address(value: &str, base: &Url, schemes: &[&str]) -> Option<String> {
    let is_usual = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\'' | b'`' | b'\\');
    if value.is_empty() || !value.bytes().all(is_usual) || !has_only(value, &["amp"]) {
        return None;
    }
    let written = value.replace("&amp;", "&");
    let absolute = match Url::parse(&written) {
        Ok(url) => schemes.contains(&url.scheme()).then_some(written),
        Err(ParseError::RelativeUrlWithoutBase) => {
            let url = base.join(&written).ok()?;
            schemes.contains(&url.scheme()).then(|| url.into())
        }
        Err(_) => None,
    };
    absolute.map(|url: String| url.replace('&', "&amp;"))
}

#[cfg(test)]
mod tests {
    use super::super::by_gate;
    use super::*;
    use crate::article::flavour::Flavour;
    use crate::article::markdown;
    use crate::dice::Dice;

    fn base() -> Url {
        Url::parse("https://a.example/x/?y=1&z").unwrap()
    }

    #[test]
    fn what_markdown_comes_to_needs_no_parser() {
        let text = "# A *b* `c`\n\nd\u{a0}e & f < g  \nh ~~i~~\n\n- j\n- [k](l?m=1&n \"o & \\\"p\\\"\")\n\n\
            2. ![q\u{e9}](/r.png \"s\")\n3. **t**\n   > u\n\n---\n\n```rust\nfn v() -> W<X> {}\n```\n\n\
            https://y.example/?a=1&b=2 and [z](mailto:z@z.example), [#](#a)\n";
        let html = markdown::to_html(text, Flavour::plain().markdown, &|_| None, &|url| {
            Some(url.to_string())
        });
        let simple = clean(&html, &base());
        assert_eq!(simple, by_gate(&html, base()).ok(), "{html}");
        assert!(
            simple.unwrap().contains("href=\"https://a.example/x/l?m=1&amp;n\" title=\"o &amp;")
        );
    }

    /// Whatever is put together of what HTML is made of: where the gate is not asked, it says the
    /// same.
    #[test]
    fn the_gate_says_the_same() {
        #[rustfmt::skip]
        const USUAL: &[&str] = &[
            "<p>", "<p>", "<p>", "<em>", "<strong>", "<code>", "<ul>\n", "<ol>", "<li>", "<li>", "<h1>",
            "<h2 id=\"a\">", "<h6>", "<pre>", "<blockquote>\n", "<del>", "<sup>", "<sub>", "<hr />\n",
            "<br />\n", "<ol start=\"3\">", "<code class=\"language-x\">", "/", "/", "/", "/", "/", "/",
            "<a href=\"https://e.example/?a=1&amp;b\">", "<a href=\"/x\" title=\"t &quot;\">", "\n",
            "<a href=\"#\">", "<a href=\"mailto:x@e.example\">", "<a href=\"//e.example\">", "a", "b c",
            "<img src=\"i.png\" alt=\"a\" />", "<img src=\"https://e.example/i\" alt=\"\" title=\"&lt;\">",
            " ", "\t", "\u{a0}", "\u{e9}", "&amp;", "&lt;", "&gt;", "\"", "'", "`",
        ];
        #[rustfmt::skip]
        const ODD: &[&str] = &[
            "<p/>", "<P>", "</p >", "</em>", "</p>", "<a>", "<a href='x'>", "<a href=\"javascript:x\">",
            "<a href=\"a b\">", "<a href=\"\">", "<a href=\"?\u{e9}\">", "<a href=\"http://[x\">",
            "<a href=\"HTTP://E.example:80/../x\">", "<a href=\"JavaScript:x\">", "<a href=\"..\">",
            "<a href=\"x\" href=\"y\">", "<a href=\"x\" title=\"\u{a0}\">", "<a title=\"x\" href=\"y\">",
            "<img src=\"data:x\" alt=\"\">", "<img src=\"x\" alt=\"\" width=\"0\">", "<img alt=\"\">",
            "<ol start=\"x\">", "<code onclick=\"x\">", "<p style=\"display:none\">", "<p hidden=\"\">",
            "<script>", "</script>", "<style>", "<table>", "<tr>", "<td>", "<div>", "<svg>", "<math>",
            "<!-- c -->", "<p title=\"a>b\">", "<textarea>", "<option>", "<nobr>", "<s>", "<pre>\n", "<dl>",
            "&quot;", "&", "&#60;", "&ampx", "&nbsp;", ">", "<", "\0", "\r", "\u{c}", "\u{fffe}", "\u{7f}",
        ];
        let mut dice = Dice::new(0);
        let mut dice = |sides: usize| dice.throw(sides);
        let (mut simple, mut of_several) = (0, 0);
        for _ in 0..100_000 {
            let (mut html, mut open) = (String::new(), Vec::new());
            let close = |open: &mut Vec<&str>| open.pop().map(|name| format!("</{name}>"));
            for _ in 0..dice(14) {
                let part = match dice(24) {
                    0 => ODD[dice(ODD.len())],
                    _ => USUAL[dice(USUAL.len())],
                };
                if part == "/" {
                    html.extend(close(&mut open));
                    continue;
                }
                html.push_str(part);
                let tag = part.strip_prefix('<').filter(|tag| !tag.starts_with(['/', '!']));
                let name = tag.and_then(|tag| tag.split([' ', '>']).next());
                open.extend(name.filter(|name| !VOID.contains(name)));
            }
            while let Some(end) = close(&mut open).filter(|_| dice(40) > 0) {
                html.push_str(&end);
            }
            if let Some(clean) = clean(&html, &base()) {
                simple += 1;
                of_several += usize::from(clean.matches('<').count() > 4);
                assert_eq!(Ok(clean), by_gate(&html, base()), "{html:?}");
            }
        }
        assert!(simple > 20_000 && of_several > 5_000, "{simple} {of_several}");
    }
}
