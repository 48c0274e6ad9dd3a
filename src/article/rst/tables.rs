//! Tables: simple ones, whose columns are told by their borders, and grids.

use std::borrow::Cow;

use super::super::markup::dedented;
use super::super::summary::width;
use super::blocks::Walk;

/// Columns, at most.
const MAX_COLUMNS: usize = 64;

/// Lines of one row, and where its columns are.
struct Row<'a> {
    lines: Vec<&'a str>,
    columns: Vec<(usize, usize)>,
}

impl Walk<'_> {
    pub fn table(&mut self, lines: &[&str]) -> Option<usize> {
        if is_grid_border(lines[0]) {
            return self.grid(lines);
        }
        self.simple(lines)
    }

    /// Borders of `=`; the first column is never empty but where a row goes on.
    fn simple(&mut self, lines: &[&str]) -> Option<usize> {
        let columns = simple_columns(lines[0])?;
        let borders: Vec<usize> =
            (0..lines.len()).filter(|at| is_simple_border(lines[*at])).take(3).collect();
        // The last border is followed by a blank line; a middle one by the body.
        let ends = |at: &usize| lines.get(at + 1).is_none_or(|next| next.is_empty());
        let last = *borders.iter().skip(1).find(|at| ends(at))?;
        let middle = borders.get(1).copied().filter(|at| *at < last);
        self.html.push_str("<table>\n");
        let mut rows: Vec<Row> = Vec::new();
        let mut row: Vec<&str> = Vec::new();
        for (at, line) in lines.iter().enumerate().take(last + 1).skip(1) {
            let is_border = at == last || Some(at) == middle;
            // A line of dashes under a row says which of its columns are one.
            let is_span = line.starts_with('-') && line.bytes().all(|b| matches!(b, b'-' | b' '));
            let begins = is_border
                || is_span
                || !cell(line, columns[0], columns.len() == 1).trim().is_empty();
            if begins && !row.is_empty() {
                let spans = if is_span { runs(line) } else { None };
                let columns = spans.unwrap_or_else(|| columns.clone());
                rows.push(Row { lines: std::mem::take(&mut row), columns });
            }
            if is_border {
                self.rows(&rows, Some(at) == middle);
                rows.clear();
            } else if !is_span && (!line.is_empty() || !row.is_empty()) {
                row.push(line);
            }
        }
        self.html.push_str("</table>\n");
        Some(last + 1)
    }

    fn rows(&mut self, rows: &[Row], is_head: bool) {
        let (open, close) = if is_head { ("<th>", "</th>") } else { ("<td>", "</td>") };
        for Row { lines, columns } in rows {
            self.html.push_str("<tr>");
            for (at, column) in columns.iter().enumerate() {
                let is_last = at + 1 == columns.len();
                let cells: Vec<&str> =
                    lines.iter().map(|line| cell(line, *column, is_last)).collect();
                self.within(open, &dedented(&trimmed(&cells)), close);
            }
            self.html.push_str("</tr>\n");
        }
    }

    /// Borders of `+`, `-` and `|`; a cell may span columns, where no bar parts them.
    fn grid(&mut self, lines: &[&str]) -> Option<usize> {
        let count = lines.iter().take_while(|line| line.starts_with(['+', '|'])).count();
        let ends = grid_columns(lines[0]);
        if count < 3 || ends.len() > MAX_COLUMNS {
            return None;
        }
        let head = lines[..count].iter().position(|line| line.starts_with("+="));
        self.html.push_str("<table>\n");
        let mut row: Vec<Cow<str>> = Vec::new();
        for (at, line) in lines[..count].iter().enumerate().skip(1) {
            let is_border = line.bytes().all(|byte| matches!(byte, b'+' | b'-' | b'='));
            if !is_border {
                // Some of its cells end here, others go on: they stay together.
                row.push(without_borders(line));
                continue;
            }
            let is_head = head.is_some_and(|head| at <= head);
            let (open, close) = if is_head { ("<th>", "</th>") } else { ("<td>", "</td>") };
            self.html.push_str("<tr>");
            let mut from = 0;
            for end in &ends {
                let parted = row.iter().all(|line| line[byte_at(line, *end)..].starts_with('|'));
                if !parted && end != ends.last()? {
                    continue;
                }
                let cells: Vec<&str> =
                    row.iter().map(|line| chars_of(line, from + 1, *end)).collect();
                self.within(open, &dedented(&trimmed(&cells)), close);
                from = *end;
            }
            self.html.push_str("</tr>\n");
            row.clear();
        }
        self.html.push_str("</table>\n");
        Some(count)
    }
}

fn trimmed<'a>(cells: &[&'a str]) -> Vec<&'a str> {
    cells.iter().map(|cell| cell.trim_end()).collect()
}

fn is_grid_border(line: &str) -> bool {
    line.len() > 2
        && line.starts_with("+-")
        && line.ends_with('+')
        && line.bytes().all(|byte| matches!(byte, b'+' | b'-'))
}

/// Where the columns of a grid end.
fn grid_columns(border: &str) -> Vec<usize> {
    border.match_indices('+').skip(1).map(|(at, _)| at).collect()
}

fn is_simple_border(line: &str) -> bool {
    line.starts_with('=') && line.bytes().all(|byte| matches!(byte, b'=' | b' '))
}

/// Where the columns of a simple table begin and end; one with a single column is none.
fn simple_columns(border: &str) -> Option<Vec<(usize, usize)>> {
    (is_simple_border(border) && border.contains(' ')).then(|| runs(border)).flatten()
}

/// Where runs of one mark begin and end in a line.
fn runs(line: &str) -> Option<Vec<(usize, usize)>> {
    let mut runs = Vec::new();
    let mut at = 0;
    for run in line.split(' ') {
        if !run.is_empty() {
            runs.push((at, at + run.len()));
        }
        at += run.len() + 1;
    }
    (runs.len() <= MAX_COLUMNS).then_some(runs)
}

/// What stands in a column; the last one has no end.
fn cell(line: &str, (from, to): (usize, usize), is_last: bool) -> &str {
    chars_of(line, from, if is_last { usize::MAX } else { to })
}

/// What stands between two columns.
fn chars_of(line: &str, from: usize, to: usize) -> &str {
    let (start, end) = (byte_at(line, from), byte_at(line, to));
    &line[start..end.max(start)]
}

/// Where a column begins, or the line ends. Some characters take two.
fn byte_at(line: &str, column: usize) -> usize {
    let mut passed = 0;
    let mut buffer = [0; 4];
    let begins = |(_, c): &(usize, char)| {
        let is_there = passed >= column;
        passed += if c.is_ascii() { 1 } else { width(c.encode_utf8(&mut buffer)) };
        is_there
    };
    line.char_indices().find(begins).map_or(line.len(), |(at, _)| at)
}

/// A line with bars for crosses, and nothing for the borders between them.
fn without_borders(line: &str) -> Cow<'_, str> {
    if !line.contains('+') {
        return Cow::Borrowed(line);
    }
    let cells = line.split_inclusive(['+', '|']).map(|cell| {
        let inner = cell.trim_end_matches(['+', '|']);
        let is_border = inner.len() > 1 && inner.bytes().all(|byte| matches!(byte, b'-' | b'='));
        match is_border {
            true => format!("{}|", " ".repeat(inner.len())),
            false => cell.to_string(),
        }
    });
    let cells: String = cells.collect();
    Cow::Owned(match cells.strip_prefix('+') {
        Some(rest) => format!("|{rest}"),
        None => cells,
    })
}
