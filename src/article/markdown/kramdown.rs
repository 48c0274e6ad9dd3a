//! What kramdown, and Python's Markdown, read otherwise than CommonMark, put into its words.

use std::borrow::Cow;

use crate::article::verbatim::{Kinds, Verbatim};

/// Elements that begin a block of HTML for all of them (CommonMark 4.6, the sixth kind).
#[rustfmt::skip]
const BLOCKS: &[&str] = &[
    "article", "aside", "blockquote", "center", "details", "div", "figure", "footer", "header",
    "iframe", "nav", "ol", "p", "section", "table", "ul",
];

/// Elements of a text that never end: after so many none is looked for.
const MOST_OPEN: usize = 20;
/// Elements in one another whose Markdown is read.
const DEEPEST: usize = 8;

/// The text as CommonMark reads what they mean.
pub fn as_common(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    let inside: fn(&str) -> Cow<str> = |text| with_markdown_inside(text, DEEPEST);
    for step in [inside, without_attributes, with_html_apart, without_gaps_in_links] {
        if let Cow::Owned(changed) = step(&text) {
            text = Cow::Owned(changed);
        }
    }
    text
}

/// kramdown's attribute lists and extensions: `{: .class}`, `{:toc}`, `{::options /}`. What belongs
/// to nothing is text.
fn without_attributes(text: &str) -> Cow<'_, str> {
    if !text.contains("{:") {
        return Cow::Borrowed(text);
    }
    let verbatim = Verbatim::of(text, Kinds::All);
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        // The list item that a table of contents takes the place of.
        let next = lines.peek().map_or("", |next| next.trim());
        let is_item = line.trim_start().starts_with(['*', '-', '+', '1']);
        if next == "{:toc}" && is_item && !verbatim.has(start) {
            continue;
        }
        let mut done = 0;
        let mut closing = None;
        while let Some(open) = line[done..].find("{:").map(|open| done + open) {
            // The next brace of the line, looked for once.
            if closing.is_none_or(|end| end < open) {
                closing = line[open..].find('}').map(|end| open + end);
            }
            let Some(end) = closing else { break };
            let (before, after) = (line[..open].trim(), &line[end + 1..]);
            let is_extension = line[open + 2..].starts_with([':', '/']);
            let is_alone = before.is_empty() || after.trim().is_empty() && before.starts_with('#');
            let belongs = line[..open].ends_with([')', ']', '*', '_', '`', '>']);
            let goes = is_extension || is_alone || belongs;
            if !goes || verbatim.has(start + open) {
                kept.push_str(&line[done..open + 2]);
                done = open + 2;
            } else {
                kept.push_str(&line[done..open]);
                done = end + 1;
            }
        }
        kept.push_str(&line[done..]);
    }
    Cow::Owned(kept)
}

/// kramdown ends a block of HTML where its element ends, CommonMark at an empty line: one is put
/// in, where text follows at once; and what stands far in after one would be code.
fn with_html_apart(text: &str) -> Cow<'_, str> {
    if !text.contains(">\n") {
        return Cow::Borrowed(text);
    }
    let verbatim = Verbatim::of(text, Kinds::Blocks);
    let mut kept = String::with_capacity(text.len() + 16);
    let (mut at, mut open_to, mut unclosed) = (0, 0, 0);
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        let bare = line.trim();
        let is_inside = start < open_to && bare.starts_with('<') && !verbatim.has(start);
        match is_inside {
            true => kept.push_str(line.trim_start_matches([' ', '\t'])),
            false => kept.push_str(line),
        }
        if verbatim.has(start) && start >= open_to {
            continue;
        }
        if start >= open_to {
            let Some(name) = block_of(line).filter(|_| unclosed < MOST_OPEN) else { continue };
            match end_of(&text[start..], name, 0, |place| verbatim.has(start + place)) {
                Some(end) => open_to = start + end.end,
                None => unclosed += 1,
            }
        }
        let follows = lines.peek().is_some_and(|next| !next.trim().is_empty());
        if open_to > start && open_to <= at && bare.ends_with('>') && follows {
            kept.push('\n');
        }
    }
    Cow::Owned(kept)
}

/// The element of HTML that a line begins a block with.
fn block_of(line: &str) -> Option<&'static str> {
    if line.starts_with("    ") {
        return None;
    }
    let tag = line.trim_start_matches(' ').strip_prefix('<')?;
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    BLOCKS.iter().find(|block| **block == name).copied()
}

/// The tag that ends an element, in a text that begins with it, or of which `depth` are open.
fn end_of(
    text: &str,
    name: &str,
    mut depth: usize,
    is_apart: impl Fn(usize) -> bool,
) -> Option<std::ops::Range<usize>> {
    let is_name = |rest: &str| {
        rest.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '\t', '\n', '>', '/']))
    };
    for (at, _) in text.match_indices('<') {
        let rest = &text[at + 1..];
        if is_name(rest) && !is_apart(at) {
            depth += 1;
        } else if rest.strip_prefix('/').is_some_and(is_name) && !is_apart(at) {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at..at + 1 + rest.find('>')? + 1);
            }
        }
    }
    None
}

/// What stands in an element with `markdown="1"` is Markdown (kramdown, `parse_block_html`): to
/// CommonMark it is between empty lines, and does not stand in.
fn with_markdown_inside(text: &str, deepest: usize) -> Cow<'_, str> {
    if deepest == 0 || !text.contains("markdown=") {
        return Cow::Borrowed(text);
    }
    let verbatim = Verbatim::of(text, Kinds::All);
    let blocks = Verbatim::of(text, Kinds::Blocks);
    let mut kept = String::new();
    let (mut at, mut done, mut unclosed) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if start < done || verbatim.has(start) || unclosed == MOST_OPEN {
            continue;
        }
        let Some((name, tag, length)) = markdown_tag(line) else { continue };
        let inner = start + length;
        let Some(end) = end_of(&text[inner..], name, 1, |place| blocks.has(inner + place)) else {
            unclosed += 1;
            continue;
        };
        let inside = moved_out(&text[inner..inner + end.start]);
        let inside = with_markdown_inside(&inside, deepest - 1);
        kept.push_str(&text[done..start]);
        kept.push_str(&format!("{tag}\n\n{}\n\n</{name}>\n\n", inside.trim_matches('\n')));
        done = inner + end.end;
        // What follows in its line stands no further in.
        let rest = &text[done..];
        done += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }
    match done {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(kept + &text[done..]),
    }
}

/// A line that begins a block of HTML with such a tag: the element's name, the tag without that
/// mark, and how long both are in the line.
fn markdown_tag(line: &str) -> Option<(&'static str, String, usize)> {
    let name = block_of(line)?;
    let (tag, _) = line.split_once('>')?;
    let (before, after) = tag.split_once(" markdown=")?;
    let value = after.trim_start_matches(['"', '\'']);
    let value = ["1", "block", "span"].iter().find_map(|said| value.strip_prefix(said))?;
    let after = value.trim_start_matches(['"', '\'']);
    Some((name, format!("{}{after}>", before.trim_start()), tag.len() + 1))
}

/// Lines without what all of them stand in by.
fn moved_out(text: &str) -> String {
    let far_in = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let full = text.split_inclusive('\n').skip(1).filter(|line| !line.trim().is_empty());
    let least = full.map(far_in).min().unwrap_or(0);
    let lines = text.split_inclusive('\n').map(|line| &line[far_in(line).min(least)..]);
    lines.collect()
}

/// In characters: what is longer is none.
const LONGEST_ADDRESS: usize = 1_000;

/// Their addresses may have spaces in them.
fn without_gaps_in_links(text: &str) -> Cow<'_, str> {
    if !text.contains("](") {
        return Cow::Borrowed(text);
    }
    let verbatim = Verbatim::of(text, Kinds::All);
    let mut kept = String::new();
    let mut done = 0;
    for (at, _) in text.match_indices("](") {
        let open = at + 2;
        if open < done || verbatim.has(at) {
            continue;
        }
        let Some(end) = address_end(&text[open..]) else { continue };
        let address = text[open..open + end].trim();
        if address.contains(' ') && !address.starts_with('<') {
            kept.push_str(&text[done..open]);
            kept.push_str(&address.replace(' ', "%20"));
            done = open + end;
        }
    }
    match done {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(kept + &text[done..]),
    }
}

/// Where an address ends: before its title, or the parenthesis that closes it.
fn address_end(rest: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in rest.char_indices().take(LONGEST_ADDRESS) {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            '"' | '\'' if rest[..at].ends_with(' ') => return Some(rest[..at].trim_end().len()),
            '\n' | '`' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::to_html;
    use super::*;
    use crate::article::flavour::Flavour;

    fn check(text: &str, expected: &str) {
        let kramdown = Flavour::named("jekyll").unwrap().markdown;
        let html = to_html(text, kramdown, &|_| None, &|url| Some(url.to_string()));
        assert_eq!(html.replace('\n', ""), expected, "{text}");
    }

    #[test]
    fn markdown_may_stand_in_html() {
        for (text, expected) in [
            (
                "<figure markdown=\"1\">\n  ![](/a.jpg)\n  <b>x</b>\n</figure>\nb\n",
                "<figure><p><img src=\"/a.jpg\" alt=\"\" /><b>x</b></p></figure><p>b</p>",
            ),
            (
                "<div class='x' markdown='block' id=y>*a*</div>\n",
                "<div class='x' id=y><p><em>a</em></p></div>",
            ),
            (
                "<div markdown=1>\n<div markdown=1>\n*a*\n</div>\n\n*b*\n</div>",
                "<div><div><p><em>a</em></p></div><p><em>b</em></p></div>",
            ),
            ("<div markdown=\"0\">\n*a*\n</div>\n", "<div markdown=\"0\">*a*</div>"),
            ("```\n<div markdown=1>\n```\n", "<pre><code>&lt;div markdown=1&gt;</code></pre>"),
            ("<div markdown=1", "<div markdown=1"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn what_stands_in_html_keeps_its_form() {
        for (text, expected) in [
            (
                "<div markdown=\"1\">\n1. a\n\n   ```\n   x\n   ```\n\n   b\n</div>\n\nc *d*",
                "<div><ol><li><p>a</p><pre><code>x</code></pre><p>b</p></li></ol></div><p>c <em>d</em></p>",
            ),
            (
                "  <div markdown=\"1\">\n    - a\n      - b\n  </div>",
                "<div><ul><li>a<ul><li>b</li></ul></li></ul></div>",
            ),
            (
                "<div markdown=\"1\">\n<pre>\n  a\n    b\n</pre>\n</div>",
                "<div><pre>  a    b</pre></div>",
            ),
            (
                "<div markdown=\"1\">\n*a*</div> *b*",
                "<div><p><em>a</em></p></div><p><em>b</em></p>",
            ),
            (
                "<div markdown=\"1\">\n*a*\n\n- x\n  - y\n",
                "<div markdown=\"1\">*a*<ul><li>x<ul><li>y</li></ul></li></ul>",
            ),
            (
                "x\n\n    <div markdown=\"1\">\n    *a*\n    </div>",
                "<p>x</p><pre><code>&lt;div markdown=\"1\"&gt;*a*&lt;/div&gt;</code></pre>",
            ),
            (
                "````\n```\n<div markdown=1>\n```\n</div>\n````",
                "<pre><code>```&lt;div markdown=1&gt;```&lt;/div&gt;</code></pre>",
            ),
            (
                "<p><svg><path d=\"M0\"/></svg></p>\n\nSo:\n\n    <title>x</title>\n\nend",
                "<p><svg><path d=\"M0\"/></svg></p><p>So:</p><pre><code>&lt;title&gt;x&lt;/title&gt;</code></pre><p>end</p>",
            ),
            (
                "- ```\n  x\n  ```\n\n[c](/d e.pdf) and *f*{: .g}",
                "<ul><li><pre><code>x</code></pre></li></ul><p><a href=\"/d%20e.pdf\">c</a> and <em>f</em></p>",
            ),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn code_is_left_alone() {
        for (text, expected) in [
            ("`{:d} {:d}` {:e}", "`{:d} {:d}` {:e}"),
            ("``\"{:.2f}\".format(x)``", "``\"{:.2f}\".format(x)``"),
            ("see {:d} here", "see {:d} here"),
            ("<pre>\n{:x}\n</pre>", "<pre>\n{:x}\n</pre>"),
            ("``d[k](a, b)`` `a\n[a](b c)`", "``d[k](a, b)`` `a\n[a](b c)`"),
            ("<pre>\nf[i](a, b)\n</pre>", "<pre>\nf[i](a, b)\n</pre>"),
            ("~~~\n```\n~~~\n# a {: .b}", "~~~\n```\n~~~\n# a "),
            ("{::comment}a{:/comment}", "a"),
        ] {
            assert_eq!(as_common(text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_may_have_spaces() {
        for (text, expected) in [
            ("![a](/b c (d).jpg)", "<p><img src=\"/b%20c%20(d).jpg\" alt=\"a\" /></p>"),
            (
                "[a](b c \"d e\") [f](g)",
                "<p><a href=\"b%20c\" title=\"d e\">a</a> <a href=\"g\">f</a></p>",
            ),
            ("[a](<b c>) `[a](b c)`", "<p><a href=\"b%20c\">a</a> <code>[a](b c)</code></p>"),
            ("[a]( b )", "<p><a href=\"b\">a</a></p>"),
            ("[a](b c", "<p>[a](b c</p>"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn kramdowns_html_ends_with_its_element() {
        check("<div>\n a\n</div>\n*b*\n", "<div> a</div><p><em>b</em></p>");
        let table = "<table><tr><td>a</td></tr></table>";
        check("<table>\n\n    <tr>\n\n        <td>a</td>\n\n    </tr>\n</table>\n", table);
        let pre = "<div>\n<pre>\n    <b>\n</pre>\n    <i>\n</div>\n";
        check(pre, "<div><pre>    <b></pre><i></div>");
        check("<div><div>a</div>\n</div>\n*b*\n", "<div><div>a</div></div><p><em>b</em></p>");
        check("<div>a</div> *b*\nc\n", "<div>a</div> *b*c");
        check("```\n<div>\n</div>\nx\n```\n", "<pre><code>&lt;div&gt;&lt;/div&gt;x</code></pre>");
        let code = "<pre><code>&lt;/p&gt;x</code></pre>";
        check("<p>a\n\n```\n</p>\nx\n```\n", &format!("<p>a{code}"));
    }

    #[test]
    fn attribute_lists_are_left_out() {
        for (text, expected) in [
            ("a\n{: .x}\n", "a\n\n"),
            ("* TOC\n{:toc}\nb", "\nb"),
            ("[a](b){:target=\"_blank\"} c", "[a](b) c"),
            ("`{: .x}`", "`{: .x}`"),
            ("```\n{: .x}\n```", "```\n{: .x}\n```"),
        ] {
            assert_eq!(without_attributes(text), expected, "{text}");
        }
    }
}
