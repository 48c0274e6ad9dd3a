//! Sections, paragraphs, delimited blocks, and what is told by its first line.

use std::collections::HashMap;

use quick_xml::escape::escape;

use super::super::markdown::Resolve;
use super::super::markup::{dedented, unwrap_paragraph};
use super::attributes::{AttributeList, Attributes};
use super::delimiters::{Delimiter, Delimiters, delimiter, is_delimiter};
use super::meta::{Meta, attributes_of};

/// Deeper than this, blocks within blocks are text.
const MAX_DEPTH: usize = 24;
/// Sections and blocks that can be referred to by name.
const MAX_NAMED: usize = 2_000;

/// Ends the summary.
const MORE: [&str; 3] = ["// more", "<!--more-->", "<!-- more -->"];

pub struct Walk<'a> {
    pub resolve: Resolve<'a>,
    pub html: String,
    pub attributes: Attributes,
    pub depth: usize,
    /// Markup within markup.
    pub nesting: usize,
    /// Footnotes, and those that have a name.
    pub noted: Vec<String>,
    pub note_names: HashMap<String, usize>,
    /// What ids show where nothing else is said.
    pub titles: HashMap<String, String>,
    /// Figures, tables and examples with a title, so far.
    counted: HashMap<&'static str, usize>,
    /// In an item of a list, where another one ends a paragraph.
    pub listed: bool,
    /// HTML's own characters mean themselves.
    pub raw: bool,
}

pub struct Section<'a> {
    pub level: usize,
    pub title: &'a str,
    lines: usize,
}

/// `== Title`, or a title with a line of marks under it.
pub fn section<'a>(lines: &[&'a str]) -> Option<Section<'a>> {
    let line = *lines.first()?;
    let mark = line.chars().next().filter(|c| matches!(c, '=' | '#'));
    if let Some(mark) = mark {
        let level = line.chars().take_while(|c| *c == mark).count();
        let title = line[level..].strip_prefix(' ').filter(|_| level <= 6)?.trim();
        return (!title.is_empty()).then_some(Section { level, title, lines: 1 });
    }
    let under = *lines.get(1)?;
    let mark = under.chars().next()?;
    let level = 1 + "=-~^+".find(mark)?;
    let (length, width) = (under.len(), line.chars().count());
    let fits = length >= 2
        && length.abs_diff(width) <= 1
        && under.chars().all(|c| c == mark)
        && line.contains(char::is_alphanumeric)
        && !line.starts_with([' ', '[', '.', '*', '-', '|'])
        && !is_delimiter(line);
    fits.then_some(Section { level, title: line, lines: 2 })
}

impl<'a> Walk<'a> {
    pub fn new(resolve: Resolve<'a>, attributes: Attributes) -> Walk<'a> {
        Walk {
            resolve,
            html: String::new(),
            attributes,
            depth: 0,
            nesting: 0,
            noted: Vec::new(),
            note_names: HashMap::new(),
            titles: HashMap::new(),
            counted: HashMap::new(),
            listed: false,
            raw: false,
        }
    }

    /// Notes what the ids of sections and blocks show.
    pub fn name_sections(&mut self, lines: &[&str]) {
        let mut meta = Meta::default();
        for (at, line) in lines.iter().enumerate() {
            if self.titles.len() >= MAX_NAMED {
                break;
            }
            if let Some(section) = section(&lines[at..]) {
                let title = section.title.to_string();
                let of_word = |c: char| if matches!(c, ' ' | '.' | '-') { '_' } else { c };
                let lower = title.to_lowercase();
                let kept = lower.chars().map(of_word).filter(|c| c.is_alphanumeric() || *c == '_');
                let own: String = std::iter::once('_').chain(kept).collect();
                self.titles.entry(title.clone()).or_insert(title.clone());
                self.titles.entry(own).or_insert(title.clone());
                meta.title = Some(title);
            } else if line.is_empty() || meta.take(line) {
                continue;
            }
            if let (Some(id), Some(title)) = (meta.list.id(), &meta.title) {
                self.titles.entry(id.to_string()).or_insert(title.clone());
            }
            meta = Meta::default();
        }
    }

    pub fn blocks(&mut self, lines: &[&str]) {
        if self.depth >= MAX_DEPTH {
            return self.literal(lines, "");
        }
        self.depth += 1;
        let listed = std::mem::take(&mut self.listed);
        let delimiters = Delimiters::of(lines);
        let mut at = 0;
        while at < lines.len() {
            at = self.next(lines, at, &delimiters);
        }
        self.listed = listed;
        self.depth -= 1;
    }

    /// Writes a block with what says something of it; returns where the next one begins.
    pub fn next(&mut self, lines: &[&str], mut at: usize, delimiters: &Delimiters) -> usize {
        let mut meta = Meta::default();
        while let Some(line) = lines.get(at) {
            if MORE.contains(line) {
                self.html.push_str("<!-- more -->\n");
            } else if !(line.is_empty() || is_comment(line) || self.takes(line, &mut meta)) {
                let count = self.block(lines, at, &meta, delimiters);
                return at + count.max(1);
            }
            at += 1;
        }
        at
    }

    pub fn takes(&mut self, line: &str, meta: &mut Meta) -> bool {
        if line.starts_with(':') && self.attributes.take(line) {
            return true;
        }
        match line.starts_with('[') {
            true => meta.take(&self.attributes.expand(line)),
            false => meta.take(line),
        }
    }

    /// Blocks within an element.
    pub fn within(&mut self, open: &str, lines: &[&str], close: &str) {
        self.html.push_str(open);
        self.blocks(lines);
        self.html.push_str(close);
    }

    fn block(&mut self, lines: &[&str], at: usize, meta: &Meta, delimiters: &Delimiters) -> usize {
        let line = lines[at];
        if let Some(section) = section(&lines[at..]) {
            let name = ["h1", "h2", "h3", "h4", "h5", "h6"][(section.level - 1).min(5)];
            self.html.extend(["<", name, ">"]);
            self.inline(section.title);
            self.html.extend(["</", name, ">\n"]);
            return section.lines;
        }
        if let Some(kind) = delimiter(line) {
            return self.delimited(kind, lines, at, meta, delimiters);
        }
        let is_rule = line.len() >= 3 && line.bytes().all(|byte| byte == b'\'');
        if is_rule || matches!(line, "---" | "- - -" | "***" | "* * *") {
            self.html.push_str("<hr>\n");
            return 1;
        }
        if line == "<<<" || line == "+" {
            return 1;
        }
        if self.depth < MAX_DEPTH && super::lists::marker(line).is_some() {
            self.titled(meta, None);
            self.depth += 1;
            let end = self.list(lines, at, delimiters, &mut Vec::new(), meta);
            self.depth -= 1;
            return end - at;
        }
        if self.block_macro(line, meta) {
            return 1;
        }
        self.paragraph(&lines[at..], meta)
    }

    /// The title of a block, if it has one.
    pub fn titled(&mut self, meta: &Meta, label: Option<&'static str>) {
        self.captioned("<p><strong>", meta, label, "</strong></p>\n");
    }

    /// Likewise, within an element of its own; some are numbered.
    pub fn captioned(&mut self, open: &str, meta: &Meta, label: Option<&'static str>, close: &str) {
        let Some(title) = &meta.title else { return };
        self.html.push_str(open);
        if let Some(label) = label {
            let name = format!("{}-caption", label.to_lowercase());
            let usual = self.attributes.get("caption").or(self.attributes.get(&name));
            let shown = match (meta.list.named("caption"), usual.filter(|said| !said.is_empty())) {
                (Some(own), _) => own.to_string(),
                (None, Some(usual)) => {
                    let number = self.counted.entry(label).or_default();
                    *number += 1;
                    format!("{usual} {number}. ")
                }
                _ => String::new(),
            };
            self.html.push_str(&escape(shown));
        }
        self.inline(title);
        self.html.push_str(close);
    }

    fn delimited(
        &mut self,
        kind: Delimiter,
        lines: &[&str],
        at: usize,
        meta: &Meta,
        delimiters: &Delimiters,
    ) -> usize {
        let mark = lines[at];
        let close = if kind == Delimiter::Fenced { "```" } else { mark };
        let end = delimiters.end(close, at, lines.len());
        let inner = &lines[at + 1..end];
        let style = meta.list.style();
        match kind {
            Delimiter::Comment => {}
            _ if style == "comment" => {}
            Delimiter::Table => self.table(mark, inner, meta),
            Delimiter::Fenced => {
                self.titled(meta, None);
                self.literal(
                    inner,
                    mark.trim_start_matches('`').split([',', ' ']).next().unwrap_or(""),
                );
            }
            Delimiter::Pass if style == "stem" || style.ends_with("math") => {
                self.literal(inner, "")
            }
            Delimiter::Pass => self.raw(inner),
            Delimiter::Listing | Delimiter::Literal => self.verbatim(style, inner, meta),
            Delimiter::Quote if style == "verse" => self.verse(inner, meta),
            Delimiter::Quote => self.quote(inner, meta),
            Delimiter::Open if is_verbatim(style) => self.verbatim(style, inner, meta),
            Delimiter::Open if style == "quote" => self.quote(inner, meta),
            Delimiter::Open if style == "verse" => self.verse(inner, meta),
            Delimiter::Open if style == "pass" => self.raw(inner),
            _ => match admonition(style) {
                Some(name) => self.admonition(name, inner, meta),
                None => {
                    let folds = meta.list.has_option("collapsible");
                    let is_counted = kind == Delimiter::Example && !folds;
                    self.titled(meta, is_counted.then_some("Example"));
                    self.blocks(inner);
                }
            },
        }
        (end + 1).min(lines.len()) - at
    }

    fn raw(&mut self, lines: &[&str]) {
        for line in lines {
            self.html.extend([line, "\n"]);
        }
    }

    fn verbatim(&mut self, style: &str, lines: &[&str], meta: &Meta) {
        self.titled(meta, None);
        if style == "verse" {
            return self.verse(lines, &Meta::default());
        }
        let is_source = style == "source" || (style.is_empty() && meta.list.at(1).is_some());
        let language = if is_source { meta.list.at(1) } else { None };
        let language = language.or(meta.list.named("language")).unwrap_or("").to_string();
        let said = meta.list.named("subs").unwrap_or("");
        let has = |name: &str| {
            let on = |part: &str| part.trim().trim_matches('+') == name;
            said.split(',').any(on)
        };
        if has("quotes") || has("q") || has("macros") || has("m") || has("normal") || has("n") {
            self.html.push_str("<pre><code>");
            for line in lines {
                self.inline(line);
                self.html.push('\n');
            }
            return self.html.push_str("</code></pre>\n");
        }
        if has("attributes") || has("a") {
            let lines: Vec<String> =
                lines.iter().map(|line| self.attributes.expand(line).into_owned()).collect();
            return self.literal(&lines.iter().map(String::as_str).collect::<Vec<_>>(), &language);
        }
        self.literal(lines, &language);
    }

    /// Lines as they stand; numbers in angle brackets refer to a list below them.
    pub fn literal(&mut self, lines: &[&str], language: &str) {
        match language {
            "" => self.html.push_str("<pre><code>"),
            name => self.html.extend(["<pre><code class=\"language-", &escape(name), "\">"]),
        }
        let end = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
        let blank = lines[..end].iter().take_while(|line| line.is_empty()).count();
        let mut called = 0;
        for line in &lines[blank..end] {
            let mut code = *line;
            let mut calls = String::new();
            while let Some((before, number)) = callout(code) {
                called += 1;
                let number = if number == "." { called.to_string() } else { number.to_string() };
                calls = format!("({number}){}{calls}", if calls.is_empty() { "" } else { " " });
                code = before;
            }
            let between = if calls.is_empty() { "" } else { " " };
            self.html.extend([&*escape(code), between, &calls, "\n"]);
        }
        self.html.push_str("</code></pre>\n");
    }

    fn verse(&mut self, lines: &[&str], meta: &Meta) {
        self.titled(meta, None);
        self.html.push_str("<blockquote>\n<p>");
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                self.html.push_str("<br>\n");
            }
            self.inline(line);
        }
        self.html.push_str("</p>\n");
        self.attributed(meta);
    }

    fn quote(&mut self, lines: &[&str], meta: &Meta) {
        self.titled(meta, None);
        self.within("<blockquote>\n", lines, "");
        self.attributed(meta);
    }

    /// Who said something, and where.
    fn attributed(&mut self, meta: &Meta) {
        let said = |name: &str, at: usize| meta.list.named(name).or(meta.list.at(at));
        let by = [said("attribution", 1), said("citetitle", 2)];
        let by: Vec<&str> = by.into_iter().flatten().collect();
        if !by.is_empty() {
            self.html.push_str("<p>— ");
            self.inline(&by.join(", "));
            self.html.push_str("</p>\n");
        }
        self.html.push_str("</blockquote>\n");
    }

    fn admonition(&mut self, name: &str, lines: &[&str], meta: &Meta) {
        self.html.extend(["<blockquote>\n<p><strong>", name, ":</strong></p>\n"]);
        self.titled(meta, None);
        self.blocks(lines);
        self.html.push_str("</blockquote>\n");
    }

    /// The lines of a text up to a blank one, or to what can be nothing but a block.
    fn paragraph(&mut self, lines: &[&str], meta: &Meta) -> usize {
        let ends = |line: &&&str| {
            line.is_empty()
                || is_delimiter(line)
                || MORE.contains(line)
                || attributes_of(line).is_some_and(|_| line.len() > 2)
                || (self.listed && (**line == "+" || super::lists::marker(line).is_some()))
        };
        let count = 1 + lines[1..].iter().take_while(|line| !ends(line)).count();
        let text = &lines[..count];
        let style = meta.list.style();
        if style == "comment" {
            return count;
        }
        if is_verbatim(style) {
            self.verbatim(style, text, meta);
        } else if style == "pass" {
            self.raw(text);
        } else if style == "verse" {
            self.verse(text, meta);
        } else if style == "quote" {
            self.quote(text, meta);
        } else if let Some(name) = admonition(style) {
            self.admonition(name, text, meta);
        } else if text[0].starts_with([' ', '\t']) && style != "normal" {
            self.titled(meta, None);
            self.literal(&dedented(text), "");
        } else if let Some((said, by)) = quotation(text) {
            let by = std::iter::once("").chain(by.splitn(2, ", ")).map(str::to_string);
            let list = AttributeList { positional: by.collect(), named: Vec::new() };
            let lines: Vec<&str> = said.iter().map(String::as_str).collect();
            self.quote(&lines, &Meta { list, title: meta.title.clone() });
        } else if text.iter().all(|line| line.starts_with("> ") || *line == ">") {
            let inner: Vec<&str> = text.iter().map(|line| line[1..].trim_start()).collect();
            self.quote(&inner, meta);
        } else {
            let (name, first) = admonished(text[0]);
            let mut joined = first.to_string();
            for line in text[1..].iter().filter(|line| !is_comment(line)) {
                joined = joined + "\n" + line.trim_start();
            }
            if let Some(name) = name {
                self.html.extend(["<blockquote>\n<p><strong>", name, ":</strong></p>\n"]);
            }
            self.titled(meta, None);
            let hard =
                meta.list.has_option("hardbreaks") || self.attributes.get("hardbreaks").is_some();
            self.html.push_str("<p>");
            self.inline(&if hard { joined.replace('\n', " +\n") } else { joined });
            self.html.push_str("</p>\n");
            self.html.push_str(if name.is_some() { "</blockquote>\n" } else { "" });
        }
        count
    }

    /// The footnotes that were written.
    pub fn notes(&mut self) {
        let mut at = 0;
        while let Some(text) = self.noted.get(at).cloned() {
            self.html.push_str(if at == 0 { "<hr>\n<ol>\n<li>" } else { "<li>" });
            let start = self.html.len();
            self.inline(&text);
            unwrap_paragraph(&mut self.html, start);
            self.html.push_str("</li>\n");
            at += 1;
        }
        self.html.push_str(if at > 0 { "</ol>\n" } else { "" });
    }
}

/// `"What was said."` with `-- Who, where` below it.
fn quotation<'t>(text: &[&'t str]) -> Option<(Vec<String>, &'t str)> {
    let (last, said) = text.split_last()?;
    let by = last.strip_prefix("-- ")?;
    let joined = said.join("\n");
    let inner = joined.strip_prefix('"')?.strip_suffix('"')?;
    Some((inner.lines().map(str::to_string).collect(), by.trim()))
}

/// `<1>` or `<!--1-->` at a line's end.
fn callout(line: &str) -> Option<(&str, &str)> {
    let bare = line.trim_end();
    let comment = bare.strip_suffix("-->").and_then(|rest| rest.rsplit_once("<!--"));
    let (before, number) = match comment {
        Some(found) => found,
        None => bare.strip_suffix('>')?.rsplit_once('<')?,
    };
    (number == "." || number.parse::<u8>().is_ok()).then(|| (before.trim_end(), number))
}

pub fn is_comment(line: &str) -> bool {
    line.starts_with("//") && !line.starts_with("///")
}

fn is_verbatim(style: &str) -> bool {
    ["source", "listing", "literal", "stem", "latexmath", "asciimath"].contains(&style)
}

fn admonition(style: &str) -> Option<&'static str> {
    Some(match style {
        "NOTE" => "Note",
        "TIP" => "Tip",
        "IMPORTANT" => "Important",
        "WARNING" => "Warning",
        "CAUTION" => "Caution",
        _ => return None,
    })
}

/// `NOTE: text`
fn admonished(line: &str) -> (Option<&'static str>, &str) {
    let found = line.split_once(": ").and_then(|(name, rest)| Some((admonition(name)?, rest)));
    found.map_or((None, line), |(name, rest)| (Some(name), rest.trim_start()))
}
