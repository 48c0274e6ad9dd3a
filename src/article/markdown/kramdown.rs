//! What kramdown, and Python's Markdown, read otherwise than CommonMark, put into its words.

use std::borrow::Cow;

/// The text as CommonMark reads what they mean.
pub fn as_common(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for step in [with_markdown_inside, without_attributes, with_html_apart, without_gaps_in_links] {
        if let Cow::Owned(changed) = step(&text) {
            text = Cow::Owned(changed);
        }
    }
    text
}

/// kramdown's attribute lists and extensions: `{: .class}`, `{:toc}`, `{::options /}`.
fn without_attributes(text: &str) -> Cow<'_, str> {
    if !text.contains("{:") {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut fenced = false;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            fenced = !fenced;
        }
        // The list item that a table of contents takes the place of.
        let next = lines.peek().map_or("", |next| next.trim());
        if !fenced && next == "{:toc}" && bare.starts_with(['*', '-', '+', '1']) {
            continue;
        }
        if fenced || !line.contains("{:") || line.starts_with("    ") || line.starts_with('\t') {
            kept.push_str(line);
            continue;
        }
        let mut rest = line;
        while let Some((before, tail)) = rest.split_once("{:") {
            let in_code = before.matches('`').count() % 2 == 1;
            let Some((_, after)) = tail.split_once('}') else { break };
            kept.push_str(before);
            if in_code {
                kept.push_str("{:");
                rest = tail;
            } else {
                rest = after;
            }
        }
        kept.push_str(rest);
    }
    Cow::Owned(kept)
}

/// kramdown ends a block of HTML where its element ends, CommonMark at an empty line: one is put
/// in, where text follows at once; and what stands far in after one would be code.
fn with_html_apart(text: &str) -> Cow<'_, str> {
    // Of those that begin a block of HTML for both (CommonMark 4.6, the sixth kind).
    #[rustfmt::skip]
    const BLOCKS: &[&str] = &[
        "article", "aside", "blockquote", "center", "details", "div", "figure", "footer", "header",
        "iframe", "nav", "ol", "p", "section", "table", "ul",
    ];
    if !text.contains(">\n") {
        return Cow::Borrowed(text);
    }
    let begins = |line: &str| {
        let tag = line.trim_start_matches(' ').strip_prefix('<')?;
        let is_code = line.starts_with("    ");
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
        BLOCKS.iter().find(|block| **block == name && !is_code).copied()
    };
    let mut kept = String::with_capacity(text.len() + 16);
    let (mut fenced, mut open, mut depth, mut in_pre) = (false, None, 0_usize, false);
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim();
        match open.is_some() && !in_pre && !fenced && bare.starts_with('<') {
            true => kept.push_str(line.trim_start_matches([' ', '\t'])),
            false => kept.push_str(line),
        }
        in_pre = match line.rfind("<pre") {
            Some(begins) => !line[begins..].contains("</pre"),
            None => in_pre && !line.contains("</pre"),
        };
        fenced ^= bare.starts_with("```") || bare.starts_with("~~~");
        if fenced {
            continue;
        }
        let Some(name) = open.or_else(|| begins(line)) else { continue };
        depth = (depth + line.matches(&format!("<{name}")).count())
            .saturating_sub(line.matches(&format!("</{name}")).count());
        open = (depth > 0).then_some(name);
        let follows = lines.peek().is_some_and(|next| !next.trim().is_empty());
        if open.is_none() && bare.ends_with('>') && follows {
            kept.push('\n');
        }
    }
    Cow::Owned(kept)
}

/// What stands in an element with `markdown="1"` is Markdown (kramdown, `parse_block_html`): to
/// CommonMark it is between empty lines, and does not stand in.
fn with_markdown_inside(text: &str) -> Cow<'_, str> {
    if !text.contains("markdown=") {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len() + 16);
    let mut fenced = false;
    // The elements that are open: their names, and whether Markdown stands in them.
    let mut open: Vec<(&str, usize)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        fenced ^= bare.starts_with("```") || bare.starts_with("~~~");
        if fenced {
            kept.push_str(line);
            continue;
        }
        if let Some((name, tag, rest)) = markdown_tag(bare) {
            let closing = format!("</{name}>");
            kept.push_str(&tag);
            kept.push_str("\n\n");
            match rest.strip_suffix(&closing) {
                Some(inside) => {
                    kept.push_str(&format!("{}\n\n{closing}\n\n", inside.trim()));
                }
                None => {
                    open.push((name, line.len() - line.trim_start().len()));
                    if !rest.is_empty() {
                        kept.push_str(&format!("{rest}\n"));
                    }
                }
            }
            continue;
        }
        match open.last() {
            Some((name, _)) if bare.starts_with("</") && bare[2..].starts_with(name) => {
                open.pop();
                kept.push_str(&format!("\n{bare}\n\n"));
            }
            Some(_) => kept.push_str(line.trim_start_matches([' ', '\t'])),
            None => kept.push_str(line),
        }
    }
    Cow::Owned(kept)
}

/// A line that begins with such a tag: the element's name, the tag without that mark, and the rest.
fn markdown_tag(line: &str) -> Option<(&str, String, &str)> {
    let (tag, rest) = line.strip_prefix('<')?.split_once('>')?;
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().filter(|n| !n.is_empty())?;
    let (before, after) = tag.split_once(" markdown=")?;
    let value = after.trim_start_matches(['"', '\'']);
    let value = ["1", "block", "span"].iter().find_map(|said| value.strip_prefix(said))?;
    let after = value.trim_start_matches(['"', '\'']);
    Some((name, format!("<{before}{after}>"), rest.trim()))
}

/// In characters: what is longer is none.
const LONGEST_ADDRESS: usize = 1_000;

/// Their addresses may have spaces in them.
fn without_gaps_in_links(text: &str) -> Cow<'_, str> {
    if !text.contains("](") {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let (mut done, mut line_start, mut fenced) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        let (start, bare) = (line_start, line.trim_start());
        line_start += line.len();
        fenced ^= bare.starts_with("```") || bare.starts_with("~~~");
        if fenced || line.starts_with("    ") || line.starts_with('\t') {
            continue;
        }
        let (mut from, mut ticks) = (0, 0);
        while let Some(open) = line[from..].find("](").map(|at| from + at + 2) {
            ticks += line[from..open].bytes().filter(|byte| *byte == b'`').count();
            let in_code = ticks % 2 == 1;
            from = open;
            let Some(end) = address_end(&line[open..]).filter(|_| !in_code) else { continue };
            let address = &line[open..open + end];
            if address.trim().contains(' ') && !address.trim_start().starts_with('<') {
                kept.push_str(&text[done..start + open]);
                kept.push_str(&address.trim().replace(' ', "%20"));
                done = start + open + end;
            }
            from = open + end;
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

    fn made(text: &str) -> String {
        let kramdown = Flavour::named("jekyll").unwrap().markdown;
        to_html(text, kramdown, &|_| None, &|url| Some(url.to_string())).replace('\n', "")
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
            assert_eq!(made(text), expected, "{text}");
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
            assert_eq!(made(text), expected, "{text}");
        }
    }

    #[test]
    fn kramdowns_html_ends_with_its_element() {
        let kramdown = Flavour::named("jekyll").unwrap().markdown;
        let check = |text: &str, expected: &str| {
            assert_eq!(
                to_html(text, kramdown, &|_| None, &|url| Some(url.to_string())).replace('\n', ""),
                expected,
                "{text}"
            );
        };
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
