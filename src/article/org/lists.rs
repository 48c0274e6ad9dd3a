//! Lists of items and of descriptions.

use super::super::markup::{dedented, indent};
use super::blocks::{Walk, after, headline};

pub struct Bullet<'a> {
    indent: usize,
    /// Counted, and from where, if the author says so.
    ordered: bool,
    start: Option<u32>,
    text: &'a str,
}

/// `- text`, `+ text`, `  * text`, `1. text`, `1) [@5] text`
pub fn bullet(line: &str) -> Option<Bullet<'_>> {
    let bare = line.trim_start_matches(' ');
    let indent = line.len() - bare.len();
    let digits = bare.bytes().take(9).take_while(u8::is_ascii_digit).count();
    let (ordered, mark) = match bare.as_bytes().get(digits)? {
        b'-' | b'+' if digits == 0 => (false, 1),
        b'*' if digits == 0 && indent > 0 => (false, 1),
        b'.' | b')' if digits > 0 => (true, digits + 1),
        _ => return None,
    };
    let rest = &bare[mark..];
    let text = match rest.strip_prefix(' ') {
        Some(text) => text.trim_start(),
        None if rest.is_empty() => "",
        None => return None,
    };
    let start = text.strip_prefix("[@").and_then(|rest| rest.split_once(']'));
    let (start, text) = match start.map(|(number, text)| (number.parse().ok(), text)) {
        Some((Some(number), text)) => (Some(number), text.trim_start()),
        _ => (None, text),
    };
    Some(Bullet { indent, ordered, start, text })
}

impl Walk<'_> {
    pub fn list(&mut self, lines: &[&str]) -> Option<usize> {
        let first = bullet(lines[0])?;
        let described = described(&first).is_some();
        let close = match (described, first.ordered) {
            (true, _) => {
                self.html.push_str("<dl>\n");
                "</dl>\n"
            }
            (_, false) => {
                self.html.push_str("<ul>\n");
                "</ul>\n"
            }
            _ => {
                let start = first.start.filter(|number| *number != 1);
                let start = start.map_or(String::new(), |number| format!(" start=\"{number}\""));
                self.html.extend(["<ol", &start, ">\n"]);
                "</ol>\n"
            }
        };
        let mut at = 0;
        while let Some(item) = lines.get(at).and_then(|line| bullet(line)) {
            if item.indent != first.indent || item.ordered != first.ordered {
                break;
            }
            let count = 1 + belonging(&lines[at + 1..], item.indent);
            self.item(&item, &lines[at + 1..at + count], described);
            at += count;
            // One blank line may stand between two items.
            let blank = lines.get(at).is_some_and(|line| line.is_empty());
            if blank && lines.get(at + 1).is_some_and(|next| bullet(next).is_some()) {
                at += 1;
            }
        }
        self.html.push_str(close);
        Some(at)
    }

    fn item(&mut self, item: &Bullet, more: &[&str], is_description: bool) {
        let mut text = item.text;
        if is_description {
            let (term, described) = described(item).unwrap_or((text, ""));
            self.html.push_str("<dt>");
            self.inline(term);
            self.html.push_str("</dt>\n");
            text = described;
        }
        let boxes = [("[ ]", "☐"), ("[X]", "☑"), ("[x]", "☑"), ("[-]", "☐")];
        let checked = boxes.into_iter().find_map(|(written, shown)| {
            let rest = text.strip_prefix(written)?;
            (rest.is_empty() || rest.starts_with(' ')).then(|| format!("{shown}{rest}"))
        });
        let text = checked.unwrap_or_else(|| text.to_string());
        let mut content = vec![text.as_str()];
        content.extend(dedented_more(more));
        match is_description {
            true => self.within("<dd>", &content, "</dd>\n"),
            false => self.within("<li>", &content, "</li>\n"),
        }
    }
}

/// Blank lines at the beginning part what follows from an item's first line.
fn dedented_more<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut content = dedented(lines);
    if lines.first().is_some_and(|line| line.is_empty()) {
        content.insert(0, "");
    }
    content
}

/// `- term :: its description`
fn described<'a>(item: &Bullet<'a>) -> Option<(&'a str, &'a str)> {
    if item.ordered {
        return None;
    }
    let (term, text) = item.text.split_once(" ::")?;
    (text.is_empty() || text.starts_with(' ')).then(|| (term.trim(), text.trim()))
}

/// How many lines belong to an item that is indented so far: two blank ones end it, but not within
/// a block.
fn belonging(lines: &[&str], by: usize) -> usize {
    let mut count = 0;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.is_empty() {
            if lines.get(at + 1).is_none_or(|next| next.is_empty()) {
                break;
            }
        } else if indent(line) > by && headline(line).is_none() {
            at += within_block(&lines[at..]).unwrap_or(0);
            count = at + 1;
        } else {
            break;
        }
        at += 1;
    }
    count
}

/// How far the end of a block is from its beginning, in lines.
fn within_block(lines: &[&str]) -> Option<usize> {
    let name = after(lines[0].trim_start(), "#+begin_")?.split_whitespace().next()?;
    let ends = |line: &&str| {
        let rest = after(line.trim(), "#+end_");
        rest.is_some_and(|rest| rest.eq_ignore_ascii_case(name))
    };
    lines.iter().take(MAX_BLOCK).position(ends)
}

/// Lines of a block in an item.
const MAX_BLOCK: usize = 2_000;
