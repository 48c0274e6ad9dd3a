//! What readers of lightweight markup have in common.

use super::markdown::trim_url;
use super::{Kind, Problem};

/// Tells of files that a text would have included: only what it says itself is read.
pub fn inclusions(kind: Kind, path: &str, whole: &str, body_at: usize) -> Option<Problem> {
    let marks: &[&str] = match kind {
        Kind::Rst => &[".. include::", ".. literalinclude::"],
        Kind::Org => &["#+include:"],
        Kind::AsciiDoc => &["include::"],
        Kind::Markdown | Kind::Html | Kind::Text => return None,
    };
    let includes = |line: &str| {
        let line = line.trim_start();
        let begins = |mark: &&str| {
            line.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark))
        };
        marks.iter().any(begins)
    };
    let above = whole[..body_at].lines().count();
    let mut found = whole[body_at..].lines().enumerate().filter(|(_, line)| includes(line));
    let (at, first) = found.next()?;
    let others = match found.count() {
        0 => String::new(),
        1 => ", nor is what another line includes".to_string(),
        count => format!(", nor is what {count} other lines include"),
    };
    let shown: String = first.trim().chars().take(80).collect();
    let message = format!("`{shown}` is left out: files that are included are not read{others}");
    Some(Problem::warning(path, Some((above + at + 1) as u32), message))
}

/// A text whose inline markup is gone through.
pub struct Scan<'t> {
    pub text: &'t str,
    pub at: usize,
    /// What is not written yet begins here.
    pub open: usize,
    /// Marks that close nowhere in the rest, so that they are not looked for again.
    unclosed: Vec<&'static str>,
}

impl<'t> Scan<'t> {
    pub fn new(text: &'t str) -> Scan<'t> {
        Scan { text, at: 0, open: 0, unclosed: Vec::new() }
    }

    pub fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The character at this place.
    pub fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Goes past what was taken for markup, which is written then, or else past one character.
    pub fn pass(&mut self, taken: Option<usize>) {
        match taken {
            Some(bytes) => {
                self.at += bytes;
                self.open = self.at;
            }
            None => self.at += self.next().map_or(0, char::len_utf8),
        }
    }

    pub fn before(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    /// What stands between a mark at this place, of so many bytes, and the one that closes it:
    /// told by the character before it and what stands behind it, the same way for each such mark.
    pub fn inside(
        &mut self,
        opening: usize,
        mark: &'static str,
        closes: impl Fn(char, &str) -> bool,
    ) -> Option<&'t str> {
        if self.unclosed.contains(&mark) {
            return None;
        }
        let inner = self.rest().get(opening..)?;
        let mut from = 0;
        while let Some(found) = inner[from..].find(mark) {
            let at = from + found;
            let before = inner[..at].chars().next_back();
            if before.is_some_and(|before| closes(before, &inner[at + mark.len()..])) {
                return Some(&inner[..at]);
            }
            from = at + 1;
        }
        self.unclosed.push(mark);
        None
    }
}

/// Bytes of an address.
pub const MAX_ADDRESS: usize = 2_000;

const SCHEMES: [&str; 4] = ["http://", "https://", "ftp://", "mailto:"];

/// Whether a text is an address, and nothing else.
pub fn is_address(text: &str) -> bool {
    SCHEMES.iter().any(|scheme| text.starts_with(scheme)) && !text.contains(char::is_whitespace)
}

/// The address that a text begins with; some characters end it besides white space.
pub fn address_at<'t>(text: &'t str, ends: &str) -> Option<&'t str> {
    let scheme = SCHEMES.into_iter().find(|scheme| text.starts_with(scheme))?;
    let text = &text[..text.floor_char_boundary(MAX_ADDRESS)];
    let is_end = |c: char| c.is_whitespace() || ends.contains(c);
    let url = trim_url(&text[..text.find(is_end).unwrap_or(text.len())]);
    (url.len() > scheme.len()).then_some(url)
}

/// Lines without the white space that all of them begin with, nor blank ones at their ends.
pub fn dedented<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let filled = lines.iter().filter(|line| !line.is_empty());
    let by = filled.map(|line| indent(line)).min().unwrap_or(0);
    let mut lines: Vec<&str> = lines.iter().map(|line| line.get(by..).unwrap_or("")).collect();
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
    lines.truncate(end);
    let blank = lines.iter().take_while(|line| line.is_empty()).count();
    lines.drain(..blank);
    lines
}

pub fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A paragraph that is alone in an element, which begins at `start`, needs none of its own.
pub fn unwrap_paragraph(html: &mut String, start: usize) {
    let alone = html[start..].strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>\n"));
    if let Some(alone) = alone.filter(|alone| !alone.contains("<p>")).map(String::from) {
        html.truncate(start);
        html.push_str(&alone);
    }
}

/// Tabs become spaces up to the next eighth column, lines end without white space.
pub fn expanded(text: &str) -> String {
    let mut expanded = String::with_capacity(text.len() + 64);
    for line in text.lines() {
        let mut column = 0;
        for c in line.trim_end().chars() {
            let width = if c == '\t' { 8 - column % 8 } else { 1 };
            match c {
                '\t' => expanded.extend(std::iter::repeat_n(' ', width)),
                c => expanded.push(c),
            }
            column += width;
        }
        expanded.push('\n');
    }
    expanded
}
