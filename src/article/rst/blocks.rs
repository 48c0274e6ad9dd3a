//! Paragraphs, sections, quotations, literal blocks, and what is told by its first line.

use std::collections::HashMap;

use quick_xml::escape::escape;

use super::super::markdown::Resolve;
use super::super::markup::{dedented, unwrap_paragraph};
use super::references::References;

/// Deeper than this, blocks within blocks are text.
const MAX_DEPTH: usize = 32;
/// Bytes that substitutions, and addresses that are defined elsewhere, may add.
const MAX_ADDED: usize = 64 * 1024;

/// How a section's title is marked: levels are told by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    mark: char,
    over: bool,
}

pub struct Title<'a> {
    pub text: &'a str,
    pub style: Style,
    pub lines: usize,
}

pub struct Walk<'a> {
    pub references: &'a References,
    pub resolve: Resolve<'a>,
    pub html: String,
    styles: Vec<Style>,
    depth: usize,
    pub anonymous: usize,
    /// Footnotes without a name, as they are referred to, and as they come.
    pub cited: usize,
    noted: usize,
    /// What may still be added.
    pub room: usize,
    /// Substitutions within substitutions.
    pub substituting: usize,
    /// Addresses that links in the text gave names to.
    pub named: HashMap<String, String>,
}

/// The mark of a line that is nothing but one mark again and again.
fn adornment(line: &str) -> Option<char> {
    let mark = line.chars().next().filter(char::is_ascii_punctuation)?;
    line.bytes().all(|byte| byte == mark as u8).then_some(mark)
}

/// A title with the line under it, and perhaps one over it.
pub fn title_at<'a>(lines: &[&'a str]) -> Option<Title<'a>> {
    let (first, second) = (*lines.first()?, *lines.get(1)?);
    let is_title = |text: &str, mark: &str| {
        // A short line under a long one is text, as docutils sees it.
        !text.is_empty() && (mark.len() >= 4 || mark.len() >= text.chars().count())
    };
    if let Some(mark) = adornment(first) {
        let under = *lines.get(2)?;
        let text = second.trim();
        let fits = under == first && adornment(text).is_none() && is_title(text, first);
        return fits.then_some(Title { text, style: Style { mark, over: true }, lines: 3 });
    }
    let mark = adornment(second).filter(|_| !matches!(second, "::" | ".."))?;
    let fits = !first.starts_with(' ') && !first.starts_with(".. ") && is_title(first, second);
    fits.then_some(Title { text: first, style: Style { mark, over: false }, lines: 2 })
}

/// How many lines from the first on are indented at least so far, or blank.
pub fn indented(lines: &[&str], by: usize) -> usize {
    let belongs = |line: &&&str| {
        line.is_empty() || (line.len() > by && line.bytes().take(by).all(|byte| byte == b' '))
    };
    lines.iter().take_while(belongs).count()
}

impl<'a> Walk<'a> {
    pub fn new(references: &'a References, resolve: Resolve<'a>) -> Walk<'a> {
        Walk {
            references,
            resolve,
            html: String::new(),
            styles: Vec::new(),
            depth: 0,
            anonymous: 0,
            cited: 0,
            noted: 0,
            room: MAX_ADDED,
            substituting: 0,
            named: HashMap::new(),
        }
    }

    pub fn blocks(&mut self, lines: &[&str]) {
        if self.depth == MAX_DEPTH {
            return self.literal(lines);
        }
        self.depth += 1;
        let mut at = 0;
        while at < lines.len() {
            at += self.block(&lines[at..]).max(1);
        }
        self.depth -= 1;
    }

    /// Blocks within an element; a paragraph that is alone there needs none of its own.
    pub fn within(&mut self, open: &str, lines: &[&str], close: &str) {
        self.html.push_str(open);
        let start = self.html.len();
        self.blocks(lines);
        unwrap_paragraph(&mut self.html, start);
        self.html.push_str(close);
    }

    /// Writes the first block of some lines; returns how many it has.
    fn block(&mut self, lines: &[&str]) -> usize {
        let line = lines[0];
        if line.is_empty() {
            return 1;
        }
        if line.starts_with(' ') {
            let count = indented(lines, 1);
            self.html.push_str("<blockquote>\n");
            self.blocks(&dedented(&lines[..count]));
            self.html.push_str("</blockquote>\n");
            return count;
        }
        let told = self
            .section(lines)
            .or_else(|| self.explicit(lines))
            .or_else(|| self.list(lines))
            .or_else(|| self.table(lines));
        told.unwrap_or_else(|| match lines.get(1) {
            Some(next) if next.starts_with(' ') => self.definitions(lines),
            _ => self.paragraph(lines),
        })
    }

    fn section(&mut self, lines: &[&str]) -> Option<usize> {
        if let Some(title) = title_at(lines) {
            let at = self.styles.iter().position(|style| *style == title.style);
            let at = at.unwrap_or_else(|| {
                self.styles.push(title.style);
                self.styles.len() - 1
            });
            let name = ["h2", "h3", "h4", "h5", "h6"][at.min(4)];
            self.html.extend(["<", name, ">"]);
            self.inline(title.text);
            self.html.extend(["</", name, ">\n"]);
            return Some(title.lines);
        }
        // A transition.
        let is_apart = lines.get(1).is_none_or(|next| next.is_empty());
        (is_apart && lines[0].len() >= 4 && adornment(lines[0]).is_some()).then(|| {
            self.html.push_str("<hr>\n");
            1
        })
    }

    /// What begins with two dots, and a target without a name.
    fn explicit(&mut self, lines: &[&str]) -> Option<usize> {
        let line = lines[0];
        if line.starts_with("__ ") {
            return Some(1);
        }
        let rest = if line == ".." { "" } else { line.strip_prefix(".. ")? }.trim_start();
        // Two dots alone are a comment that has no more.
        if rest.is_empty() && lines.get(1).is_none_or(|next| next.is_empty()) {
            return Some(1);
        }
        let count = 1 + indented(&lines[1..], 1);
        let mut content = dedented(&lines[1..count]);
        if count > 1 && lines[1].is_empty() {
            // It parts what follows from what stands in the first line: no options come then.
            content.insert(0, "");
        }
        if rest.starts_with(['_', '|']) {
            return Some(count);
        }
        if matches!(rest, "TEASER_END" | "more") {
            self.html.push_str("<!--more-->\n");
        } else if let Some((label, text)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            let label = self.references.label(label, &mut self.noted);
            // What stands in a list is no lead.
            self.html.extend(["<dl>\n<dt>[", &escape(&label), "]</dt>\n"]);
            let mut all = vec![text.trim_start()];
            all.extend(content);
            self.within("<dd>", &all, "</dd>\n</dl>\n");
        } else if let Some((name, argument)) = rest.split_once("::")
            && !name.is_empty()
            && !name.contains(char::is_whitespace)
            && (argument.is_empty() || argument.starts_with(' '))
        {
            self.directive(&name.to_lowercase(), argument.trim(), &content);
        }
        Some(count)
    }

    /// Lines up to a blank or an indented one. Two colons at their end say that a literal block
    /// follows.
    fn paragraph(&mut self, lines: &[&str]) -> usize {
        let ends = |line: &&str| line.is_empty() || line.starts_with(' ');
        let count = lines.iter().position(ends).unwrap_or(lines.len());
        let text = lines[..count].join("\n");
        let Some(before) = text.strip_suffix("::") else {
            self.text(&text);
            return count;
        };
        // Alone, or behind a space, the colons mean nothing else.
        match before.is_empty() || before.ends_with(char::is_whitespace) {
            true => self.text(before.trim_end()),
            false => self.text(&text[..text.len() - 1]),
        }
        let blank = lines[count..].iter().take_while(|line| line.is_empty()).count();
        let rest = &lines[count + blank..];
        let quoted = |mark: u8| {
            let is_quoted = |line: &&&str| line.as_bytes().first() == Some(&mark);
            rest.iter().take_while(is_quoted).count()
        };
        let literal = match rest.first().and_then(|line| line.bytes().next()) {
            Some(b' ') => indented(rest, 1),
            Some(mark) if mark.is_ascii_punctuation() && blank > 0 => quoted(mark),
            _ => return count,
        };
        self.literal(&dedented(&rest[..literal]));
        count + blank + literal
    }

    pub fn text(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.html.push_str("<p>");
            self.inline(text);
            self.html.push_str("</p>\n");
        }
    }

    /// Lines as they are.
    pub fn literal(&mut self, lines: &[&str]) {
        if !lines.is_empty() {
            self.html.extend(["<pre><code>", &escape(lines.join("\n")), "\n</code></pre>\n"]);
        }
    }
}
