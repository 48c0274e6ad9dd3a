//! Lists of items, of definitions and of fields, and lines that keep their ends.

use super::super::markup::{dedented, indent};
use super::blocks::{Walk, indented};
use super::references::named;

/// The name and what follows of `:name: value`.
pub fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = named(line.strip_prefix(':')?)?;
    (!name.starts_with(' ') && !name.contains('`')).then(|| (name, value.trim()))
}

/// What begins an item of a list of descriptions: the markup of what is described, and what stands
/// behind it in its line.
type Described<'l> = fn(&[&'l str]) -> Option<(String, &'l str)>;

fn of_field<'l>(lines: &[&'l str]) -> Option<(String, &'l str)> {
    field(lines.first()?).map(|(name, value)| (name.to_string(), value))
}

/// `-a, --all=WHAT  Text`: two spaces part them, or a line's end.
fn of_option<'l>(lines: &[&'l str]) -> Option<(String, &'l str)> {
    let line = *lines.first()?;
    let (names, text) = line.split_once("  ").unwrap_or((line, ""));
    let is_name = |name: &str| {
        let bare = name.strip_prefix("--").or(name.strip_prefix('-')).or(name.strip_prefix('/'));
        bare.is_some_and(|bare| bare.starts_with(|c: char| c.is_ascii_alphanumeric()))
            && name.split(' ').count() <= 2
    };
    let goes_on = || lines.get(1).is_some_and(|next| next.starts_with(' '));
    let fits = names.split(", ").all(is_name) && (!text.trim().is_empty() || goes_on());
    fits.then(|| (format!("``{names}``"), text.trim()))
}

/// `term : class`, with what is indented below it.
fn of_term<'l>(lines: &[&'l str]) -> Option<(String, &'l str)> {
    let (line, next) = (*lines.first()?, lines.get(1)?);
    if line.is_empty() || line.starts_with(' ') || !next.starts_with(' ') {
        return None;
    }
    let classed = line.split_once(" : ").map(|(term, class)| format!("{term} ({class})"));
    Some((classed.unwrap_or_else(|| line.to_string()), ""))
}

/// How an item is marked, and where its text begins: in bytes, and in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bullet {
    mark: Mark,
    at: usize,
    column: usize,
    /// The mark and one space: lines of its text are indented so far at least.
    least: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Bullet(char),
    /// The kind of what counts, what closes it, and the number, if it is one.
    Number(Count, char, Option<u32>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    Digits,
    Lower,
    Upper,
    Auto,
}

impl Mark {
    /// Whether an item so marked goes on with a list.
    fn follows(self, last: Mark) -> bool {
        match (last, self) {
            (Mark::Bullet(a), Mark::Bullet(b)) => a == b,
            (Mark::Number(.., Some(a)), Mark::Number(Count::Digits, _, Some(b))) => {
                b == a.saturating_add(1)
            }
            (Mark::Number(a, end, _), Mark::Number(b, other, _)) => {
                end == other && (a == b || b == Count::Auto)
            }
            _ => false,
        }
    }
}

fn bullet(line: &str) -> Option<Bullet> {
    let mark = line.chars().next().filter(|c| "*+-•‣⁃".contains(*c));
    let (mark, bare) = match mark {
        Some(c) => (Mark::Bullet(c), c.len_utf8()),
        None => number(line)?,
    };
    let after = &line[bare..];
    let spaces = after.len() - after.trim_start_matches(' ').len();
    let columns = line[..bare].chars().count();
    (after.is_empty() || spaces > 0).then_some(Bullet {
        mark,
        at: bare + spaces,
        column: columns + spaces,
        least: columns + 1,
    })
}

/// `1.`, `(a)`, `iv)`, `#.`
fn number(line: &str) -> Option<(Mark, usize)> {
    let open = usize::from(line.starts_with('('));
    let rest = &line[open..];
    let end = rest.bytes().take(12).position(|byte| matches!(byte, b'.' | b')'))?;
    let (label, close) = (&rest[..end], rest.as_bytes()[end] as char);
    let is_all = |fits: fn(&u8) -> bool| !label.is_empty() && label.bytes().all(|b| fits(&b));
    let is_roman = |text: &str| text.bytes().all(|b| b"ivxlcdmIVXLCDM".contains(&b));
    let count = if label == "#" {
        Count::Auto
    } else if is_all(u8::is_ascii_digit) {
        Count::Digits
    } else if label.len() > 1 && !is_roman(label) {
        return None;
    } else if is_all(u8::is_ascii_lowercase) {
        Count::Lower
    } else if is_all(u8::is_ascii_uppercase) {
        Count::Upper
    } else {
        return None;
    };
    // A bracket that opens must be closed by one.
    let fits = open == 0 || close == ')';
    fits.then(|| (Mark::Number(count, close, label.parse().ok()), open + end + 1))
}

impl Walk<'_> {
    pub fn list<'l>(&mut self, lines: &[&'l str]) -> Option<usize> {
        let line = lines[0];
        if line.starts_with(">>> ") {
            let count = lines.iter().take_while(|line| !line.is_empty()).count();
            self.literal(&lines[..count]);
            return Some(count);
        }
        if line == "|" || line.starts_with("| ") {
            return Some(self.lines(lines));
        }
        let described = [of_field as Described<'l>, of_option as Described<'l>];
        match described.into_iter().find(|described| described(lines).is_some()) {
            Some(described) => Some(self.descriptions(lines, described)),
            None => self.items(lines),
        }
    }

    fn items(&mut self, lines: &[&str]) -> Option<usize> {
        let first = bullet(lines[0])?;
        if let Mark::Number(..) = first.mark
            && !is_list(lines, first)
        {
            return None;
        }
        let close = match first.mark {
            Mark::Bullet(_) => {
                self.html.push_str("<ul>\n");
                "</ul>\n"
            }
            Mark::Number(.., Some(number)) if number != 1 => {
                self.html.push_str(&format!("<ol start=\"{number}\">\n"));
                "</ol>\n"
            }
            Mark::Number(..) => {
                self.html.push_str("<ol>\n");
                "</ol>\n"
            }
        };
        let (mut at, mut last) = (0, None::<Mark>);
        while let Some(item) = lines.get(at).and_then(|line| bullet(line)) {
            if last.is_some_and(|last| !item.mark.follows(last)) {
                break;
            }
            let count = 1 + indented(&lines[at + 1..], item.least);
            let mut content = vec![&lines[at][item.at..]];
            content.extend(dedented_by(&lines[at + 1..at + count], item.column));
            self.within("<li>", &content, "</li>\n");
            at += count;
            last = Some(item.mark);
        }
        self.html.push_str(close);
        Some(at)
    }

    /// Terms, each with what is indented below it.
    pub fn definitions(&mut self, lines: &[&str]) -> usize {
        self.descriptions(lines, of_term)
    }

    fn descriptions<'l>(&mut self, lines: &[&'l str], described: Described<'l>) -> usize {
        self.html.push_str("<dl>\n");
        let mut at = 0;
        while let Some((name, text)) = described(&lines[at..]) {
            self.html.push_str("<dt>");
            self.inline(&name);
            self.html.push_str("</dt>\n");
            let count = indented(&lines[at + 1..], 1);
            let mut content = vec![text];
            content.extend(dedented(&lines[at + 1..at + 1 + count]));
            self.within("<dd>", &content, "</dd>\n");
            at += 1 + count;
        }
        self.html.push_str("</dl>\n");
        at
    }

    /// Lines that begin with a bar keep their ends; what is indented goes on with one.
    fn lines(&mut self, lines: &[&str]) -> usize {
        let mut at = 0;
        self.html.push_str("<p>");
        while let Some(text) = lines.get(at).and_then(|line| line.strip_prefix('|')) {
            let more = lines[at + 1..].iter().take_while(|line| line.starts_with(' ')).count();
            let mut line = text.trim().to_string();
            for more in &lines[at + 1..at + 1 + more] {
                line = format!("{line} {}", more.trim());
            }
            if at > 0 {
                self.html.push_str("<br>\n");
            }
            self.inline(&line);
            at += 1 + more;
        }
        self.html.push_str("</p>\n");
        at
    }
}

/// Lines without so much of their indentation.
fn dedented_by<'a>(lines: &[&'a str], by: usize) -> Vec<&'a str> {
    lines.iter().map(|line| &line[by.min(indent(line))..]).collect()
}

/// A line that begins with a number is a sentence, if the next one neither belongs to it nor is
/// another item.
fn is_list(lines: &[&str], first: Bullet) -> bool {
    lines.get(1).is_none_or(|next| {
        next.is_empty()
            || next.starts_with(' ')
            || bullet(next).is_some_and(|item| item.mark.follows(first.mark))
    })
}
