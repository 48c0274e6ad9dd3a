//! Lists: of items, counted, of callouts, and of descriptions. What belongs together is told by
//! its mark, not by how far it is indented.

use super::super::markup::unwrap_paragraph;
use super::blocks::{Walk, is_comment};
use super::delimiters::{Delimiters, is_delimiter};
use super::meta::{Meta, is_meta};

/// What marks the items of one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Bullet(String),
    Number(String),
    Callout,
    Term(String),
}

pub struct Item<'a> {
    mark: Mark,
    term: &'a str,
    text: &'a str,
    number: Option<u32>,
}

pub fn marker(line: &str) -> Option<Item<'_>> {
    let bare = line.trim_start();
    let (word, rest) = bare.split_once(' ').unwrap_or((bare, ""));
    let text = rest.trim();
    let found = |mark, number| Some(Item { mark, term: "", text, number });
    let repeats = |c: char| word.len() <= 5 && word.chars().all(|own| own == c);
    if !text.is_empty() && !word.is_empty() {
        if matches!(word, "-" | "•") || repeats('*') {
            return found(Mark::Bullet(word.to_string()), None);
        }
        if repeats('.') {
            return found(Mark::Number(word.to_string()), None);
        }
        if let Some(label) = word.strip_suffix('.') {
            let is_number =
                !label.is_empty() && label.len() < 9 && label.bytes().all(|b| b.is_ascii_digit());
            let is_letter = label.len() == 1 && label.bytes().all(|b| b.is_ascii_alphabetic());
            if is_number || is_letter {
                let kind = if is_number { "1" } else { "a" };
                return found(Mark::Number(kind.into()), label.parse().ok());
            }
        }
        if let Some(label) = word.strip_suffix(')')
            && !label.is_empty()
            && label.len() < 8
            && label.bytes().all(|b| b"ivxIVX".contains(&b))
        {
            return found(Mark::Number("i".into()), None);
        }
        let called = word.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        if called.is_some_and(|label| label == "." || label.parse::<u32>().is_ok()) {
            return found(Mark::Callout, None);
        }
    }
    described(bare)
}

/// `term:: text`
fn described(bare: &str) -> Option<Item<'_>> {
    if bare.starts_with("//") || bare.starts_with('[') && bare.ends_with(']') {
        return None;
    }
    let mut from = 0;
    while let Some(at) = bare[from..].find([':', ';']).map(|at| from + at) {
        let c = bare.as_bytes()[at];
        let marks = bare[at..].bytes().take_while(|byte| *byte == c).count();
        let after = &bare[at + marks..];
        let fits = if c == b':' { (2..=4).contains(&marks) } else { marks == 2 };
        if fits && at > 0 && (after.is_empty() || after.starts_with(' ')) {
            let mark = Mark::Term(bare[at..at + marks].to_string());
            return Some(Item { mark, term: bare[..at].trim(), text: after.trim(), number: None });
        }
        from = at + marks;
    }
    None
}

impl Walk<'_> {
    /// Writes a list; returns where what follows it begins. `around` are the marks of the lists
    /// that it stands in.
    pub fn list(
        &mut self,
        lines: &[&str],
        mut at: usize,
        delimiters: &Delimiters,
        around: &mut Vec<Mark>,
        meta: &Meta,
    ) -> usize {
        let Some(first) = lines.get(at).and_then(|line| marker(line)) else { return at };
        let close = match &first.mark {
            Mark::Bullet(_) => "ul",
            Mark::Number(_) | Mark::Callout => "ol",
            Mark::Term(_) => "dl",
        };
        let said = meta.list.named("start").and_then(|number| number.parse().ok());
        let start = said.or(first.number).filter(|number| *number != 1);
        let start = start.map_or(String::new(), |number| format!(" start=\"{number}\""));
        self.html.extend(["<", close, &start, ">\n"]);
        around.push(first.mark.clone());
        while let Some(item) = lines.get(at).and_then(|line| marker(line)) {
            if item.mark != first.mark {
                break;
            }
            let (end, goes_on) = self.item(&item, lines, at + 1, delimiters, around);
            at = end;
            if !goes_on {
                break;
            }
        }
        around.pop();
        self.html.extend(["</", close, ">\n"]);
        at
    }

    /// An item with what is attached to it; returns where the next begins, and whether the list may
    /// go on there.
    fn item(
        &mut self,
        item: &Item,
        lines: &[&str],
        mut at: usize,
        delimiters: &Delimiters,
        around: &mut Vec<Mark>,
    ) -> (usize, bool) {
        let is_term = matches!(item.mark, Mark::Term(_));
        let mut text = checked(item.text);
        if is_term {
            self.html.push_str("<dt>");
            self.inline(item.term);
            self.html.push_str("</dt>\n");
            // Its text may stand below it; another term may, too.
            let below = lines[at..].iter().position(|line| !line.is_empty() && !is_comment(line));
            if text.is_empty()
                && let Some(below) = below.map(|below| at + below)
                && !begins(lines[below])
            {
                at = below;
            }
        }
        while let Some(line) = lines.get(at).filter(|line| !line.is_empty() && !begins(line)) {
            if !is_comment(line) {
                text = if text.is_empty() { line.trim().into() } else { text + "\n" + line.trim() };
            }
            at += 1;
        }
        let name = if is_term { "dd" } else { "li" };
        self.html.extend(["<", name, ">"]);
        let start = self.html.len();
        if !text.is_empty() {
            self.html.push_str("<p>");
            self.inline(&text);
            self.html.push_str("</p>\n");
        }
        let (end, goes_on) = self.attached(lines, at, delimiters, around);
        unwrap_paragraph(&mut self.html, start);
        // A term that shares the text of the next one.
        let is_empty = is_term && self.html.len() == start;
        match is_empty {
            true => self.html.truncate(start - name.len() - 2),
            false => self.html.extend(["</", name, ">\n"]),
        }
        (end, goes_on)
    }

    fn attached(
        &mut self,
        lines: &[&str],
        mut at: usize,
        delimiters: &Delimiters,
        around: &mut Vec<Mark>,
    ) -> (usize, bool) {
        loop {
            let blank = lines[at..].iter().take_while(|line| line.is_empty() || is_comment(line));
            let next = at + blank.count();
            let Some(line) = lines.get(next) else { return (next, false) };
            if *line == "+" {
                // Behind a blank line it speaks of the list around this one.
                if next > at && around.len() > 1 {
                    return (next, false);
                }
                at = self.within_item(lines, next + 1, delimiters);
                continue;
            }
            // Attributes of a list that stands in this one.
            let metas = lines[next..].iter().take_while(|line| is_meta(line)).count();
            let found = lines.get(next + metas).and_then(|line| marker(line));
            match found {
                Some(item) if metas == 0 && around.last() == Some(&item.mark) => {
                    return (next, true);
                }
                // Attributes behind a blank line are those of a list of its own.
                Some(_) if metas > 0 && next > at => return (at, false),
                Some(item) if around.contains(&item.mark) => return (next, metas == 0),
                Some(_) if around.len() < MAX_AROUND => {
                    let mut meta = Meta::default();
                    for line in &lines[next..next + metas] {
                        self.takes(line, &mut meta);
                    }
                    at = self.list(lines, next + metas, delimiters, around, &meta);
                }
                _ if metas == 0 && line.starts_with(' ') && next > at => {
                    at = self.within_item(lines, next, delimiters);
                }
                _ => return (next, false),
            }
        }
    }

    fn within_item(&mut self, lines: &[&str], at: usize, delimiters: &Delimiters) -> usize {
        let listed = std::mem::replace(&mut self.listed, true);
        let end = self.next(lines, at, delimiters);
        self.listed = listed;
        end
    }
}

/// Lists within lists.
const MAX_AROUND: usize = 12;

/// Whether a line ends the text of an item.
fn begins(line: &str) -> bool {
    line == "+"
        || is_delimiter(line)
        || marker(line).is_some()
        || is_meta(line) && line.starts_with('[')
}

fn checked(text: &str) -> String {
    let boxes = [("[ ] ", "☐ "), ("[x] ", "☑ "), ("[X] ", "☑ "), ("[*] ", "☑ ")];
    let found = boxes.into_iter().find_map(|(written, shown)| {
        text.strip_prefix(written).map(|rest| format!("{shown}{rest}"))
    });
    found.unwrap_or_else(|| text.to_string())
}
