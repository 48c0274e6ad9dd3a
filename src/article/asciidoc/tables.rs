//! Tables.

use super::super::markup::unwrap_paragraph;
use super::attributes::Attributes;
use super::blocks::{Walk, is_comment};
use super::meta::Meta;

const MAX_COLUMNS: usize = 200;
/// A cell may stand so often, and once more counts for so many bytes.
const MAX_REPEATED: usize = 100;
const COPY: usize = 64;
/// Bytes of a row whose values stand in quotes.
const MAX_RECORD: usize = 8 * 1024;

struct Cell<'a> {
    text: Vec<&'a str>,
    style: Option<char>,
    columns: usize,
    rows: usize,
}

/// What stands before a cell's bar: `3*`, `2.3+`, alignment, a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spec {
    repeated: usize,
    columns: usize,
    rows: usize,
    style: Option<char>,
}

const PLAIN: Spec = Spec { repeated: 1, columns: 1, rows: 1, style: None };

fn spec(text: &str) -> Option<Spec> {
    let mut spec = PLAIN;
    let mut rest = text;
    if let Some((number, after)) = text.split_once('*') {
        spec.repeated = number.parse().ok().filter(|number| (1..=MAX_REPEATED).contains(number))?;
        rest = after;
    } else if let Some((spans, after)) = text.split_once('+') {
        let (columns, rows) = spans.split_once('.').unwrap_or((spans, ""));
        let number = |text: &str| if text.is_empty() { Some(1) } else { text.parse().ok() };
        spec.columns = number(columns).filter(|number| *number <= MAX_COLUMNS)?;
        spec.rows = number(rows).filter(|number| *number <= 1_000)?;
        rest = after;
    }
    let rest = rest.trim_start_matches(['<', '^', '>', '.']);
    let mut styles = rest.chars();
    spec.style = styles.next();
    let fits = spec.style.is_none_or(|style| "adehlmsv".contains(style)) && styles.next().is_none();
    fits.then_some(spec)
}

/// The style of each column.
fn columns(said: &str) -> Vec<Option<char>> {
    if let Ok(count) = said.trim().parse::<usize>() {
        return vec![None; count.min(MAX_COLUMNS)];
    }
    let mut columns = Vec::new();
    for part in said.split([',', ';']) {
        let (count, rest) = part.trim().split_once('*').unwrap_or(("1", part.trim()));
        let style = rest.chars().last().filter(char::is_ascii_lowercase);
        let count: usize = count.parse().unwrap_or(1);
        let room = MAX_COLUMNS - columns.len();
        columns.extend(std::iter::repeat_n(style, count.min(room)));
    }
    columns
}

/// Cells with what their specs say, and how many of them stand in the first line.
fn cells<'a>(lines: &[&'a str], bar: char, attributes: &Attributes) -> (Vec<Cell<'a>>, usize) {
    let mut cells: Vec<Cell> = Vec::new();
    let (mut first, mut has_first) = (0, false);
    let mut next = PLAIN;
    for line in lines {
        let mut rest = *line;
        let mut from = 0;
        while let Some(at) = rest[from..].find(bar).map(|at| from + at) {
            let before = &rest[..at];
            if before.ends_with('\\') {
                from = at + 1;
                continue;
            }
            // The word before a bar may be its spec, where nothing else or white space precedes.
            let word = before.rsplit(' ').next().unwrap_or("");
            // Behind a bar it is text: `|a|b`.
            let is_apart = word.len() < before.len() || rest.len() == line.len();
            let own = spec(word).filter(|_| !word.is_empty() && is_apart);
            let text = if own.is_some() { &before[..before.len() - word.len()] } else { before };
            push(&mut cells, text, next, true, attributes);
            next = own.unwrap_or(PLAIN);
            // Copies add to the text, and may stand in copies.
            if !attributes.spend((next.repeated - 1) * COPY) {
                next.repeated = 1;
            }
            // What follows is the next cell's.
            cells.extend(std::iter::repeat_n((), next.repeated).map(|_| Cell {
                text: Vec::new(),
                style: next.style,
                columns: next.columns,
                rows: next.rows,
            }));
            rest = &rest[at + 1..];
            from = 0;
        }
        push(&mut cells, rest, next, false, attributes);
        if !has_first && !cells.is_empty() {
            first = cells.iter().map(|cell| cell.columns).sum();
            has_first = true;
        }
    }
    (cells, first)
}

/// Adds a piece of text to the last cell, and to those that repeat it.
fn push<'a>(
    cells: &mut [Cell<'a>],
    text: &'a str,
    spec: Spec,
    is_before_bar: bool,
    attributes: &Attributes,
) {
    if is_before_bar && text.trim().is_empty() {
        return;
    }
    let copies = if attributes.spend((spec.repeated - 1) * text.len()) { spec.repeated } else { 1 };
    for cell in cells.iter_mut().rev().take(copies) {
        cell.text.push(text);
    }
}

/// Values with something between them that may stand in quotes (RFC 4180).
fn values(line: &str, separator: char) -> Vec<String> {
    let mut values = vec![String::new()];
    let (mut quoted, mut before) = (false, separator);
    for c in line.chars() {
        match c {
            '"' if quoted || before == separator => quoted = !quoted,
            // Twice in quotes it means itself.
            '"' if before == '"' => {
                quoted = true;
                values.iter_mut().last().map(|value| value.push('"')).unwrap_or_default();
            }
            c if c == separator && !quoted => values.push(String::new()),
            c => values.iter_mut().last().map(|value| value.push(c)).unwrap_or_default(),
        }
        before = c;
    }
    values.iter().map(|value| value.trim().to_string()).collect()
}

impl Walk<'_> {
    pub fn table(&mut self, mark: &str, lines: &[&str], meta: &Meta) {
        let format = meta.list.named("format");
        let separator = meta.list.named("separator").and_then(|said| said.chars().next());
        let separated =
            matches!(format, Some("csv" | "dsv" | "tsv")) || mark.starts_with([',', ':']);
        if separated {
            let usual = match format {
                Some("dsv") => ':',
                Some("tsv") => '\t',
                None if mark.starts_with(':') => ':',
                _ => ',',
            };
            let has_head = meta.list.has_option("header")
                || (!lines.is_empty() && lines.get(1).is_some_and(|line| line.is_empty()));
            return self.separated(lines, separator.unwrap_or(usual), has_head, meta);
        }
        let bar = separator.unwrap_or(if mark.starts_with('!') { '!' } else { '|' });
        let begin = lines.iter().take_while(|line| line.is_empty()).count();
        let (cells, first) = cells(&lines[begin..], bar, &self.attributes);
        let columns = meta.list.named("cols").map(columns).unwrap_or_default();
        let width = if columns.is_empty() { first } else { columns.len() }.max(1);
        // A first line that a blank one parts from the others is the head.
        let is_apart = begin == 0 && lines.get(1).is_some_and(|line| line.is_empty());
        let has_head = meta.list.has_option("header")
            || (is_apart && first == width && !meta.list.has_option("noheader"));
        self.open_table(meta);
        // Columns that a cell of an earlier row reaches down to.
        let mut taken = vec![0_usize; width];
        let mut cells = cells.iter().peekable();
        let mut row = 0;
        while cells.peek().is_some() {
            // Rows that have nothing but cells of others.
            let least = taken.iter().min().copied().unwrap_or(0);
            taken.iter_mut().for_each(|left| *left -= least);
            self.html.push_str("<tr>");
            let mut at = 0;
            while at < width {
                if taken[at] > 0 {
                    taken[at] -= 1;
                    at += 1;
                    continue;
                }
                let Some(cell) = cells.next() else { break };
                let is_head = has_head && row == 0;
                let style = cell.style.or(columns.get(at).copied().flatten());
                self.cell(cell, if is_head { Some('h') } else { style });
                for column in taken.iter_mut().skip(at).take(cell.columns) {
                    *column = cell.rows.saturating_sub(1);
                }
                at += cell.columns.max(1);
            }
            self.html.push_str("</tr>\n");
            row += 1;
        }
        self.html.push_str("</table>\n");
    }

    fn open_table(&mut self, meta: &Meta) {
        self.html.push_str("<table>\n");
        self.captioned("<caption>", meta, Some("Table"), "</caption>\n");
    }

    /// One row in each line, or in several where quotes hold them together.
    fn separated(&mut self, lines: &[&str], separator: char, has_head: bool, meta: &Meta) {
        self.open_table(meta);
        let (mut row, mut record) = (0, String::new());
        for (at, line) in lines.iter().enumerate() {
            record.push_str(line);
            if record.matches('"').count() % 2 == 1
                && at + 1 < lines.len()
                && record.len() < MAX_RECORD
            {
                record.push('\n');
                continue;
            }
            if record.is_empty() {
                continue;
            }
            let name = if has_head && row == 0 { "th" } else { "td" };
            self.html.push_str("<tr>");
            for value in values(&std::mem::take(&mut record), separator) {
                self.html.extend(["<", name, ">"]);
                self.inline(&value);
                self.html.extend(["</", name, ">"]);
            }
            self.html.push_str("</tr>\n");
            row += 1;
        }
        self.html.push_str("</table>\n");
    }

    fn cell(&mut self, cell: &Cell, style: Option<char>) {
        let name = if style == Some('h') { "th" } else { "td" };
        self.html.extend(["<", name]);
        for (attribute, number) in [("colspan", cell.columns), ("rowspan", cell.rows)] {
            if number > 1 {
                self.html.push_str(&format!(" {attribute}=\"{number}\""));
            }
        }
        self.html.push('>');
        let start = self.html.len();
        let text: Vec<String> =
            cell.text.iter().map(|line| line.trim_end().replace("\\|", "|")).collect();
        let lines: Vec<&str> = text.iter().map(String::as_str).collect();
        match style {
            Some('a') => {
                let mut own = lines;
                own.iter_mut().take(1).for_each(|first| *first = first.trim_start());
                self.blocks(&own);
            }
            Some('l') => self.literal(&lines, ""),
            _ => {
                let (open, close) = match style {
                    Some('e') => ("<em>", "</em>"),
                    Some('s') => ("<strong>", "</strong>"),
                    Some('m') => ("<code>", "</code>"),
                    _ => ("", ""),
                };
                let lines: Vec<&str> = lines.into_iter().filter(|line| !is_comment(line)).collect();
                for paragraph in lines.split(|line| line.is_empty()).filter(|p| !p.is_empty()) {
                    self.html.extend(["<p>", open]);
                    let joined: Vec<&str> = paragraph.iter().map(|line| line.trim()).collect();
                    self.inline(&joined.join("\n"));
                    self.html.extend([close, "</p>\n"]);
                }
            }
        }
        unwrap_paragraph(&mut self.html, start);
        self.html.extend(["</", name, ">"]);
    }
}
