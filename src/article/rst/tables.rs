//! Tables: simple ones, whose columns are told by their borders, and grids.

use super::blocks::{Walk, dedented};

/// Columns, at most.
const MAX_COLUMNS: usize = 64;

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
        let mut rows: Vec<Vec<&str>> = Vec::new();
        let mut row: Vec<&str> = Vec::new();
        for (at, line) in lines.iter().enumerate().take(last + 1).skip(1) {
            let is_border = at == last || Some(at) == middle;
            let is_span = line.starts_with('-') && line.bytes().all(|b| matches!(b, b'-' | b' '));
            let begins = is_border
                || is_span
                || !cell(line, columns[0], columns.len() == 1).trim().is_empty();
            if begins && !row.is_empty() {
                rows.push(std::mem::take(&mut row));
            }
            if is_border {
                self.rows(&rows, &columns, Some(at) == middle);
                rows.clear();
            } else if !is_span && !line.is_empty() {
                row.push(line);
            }
        }
        self.html.push_str("</table>\n");
        Some(last + 1)
    }

    fn rows(&mut self, rows: &[Vec<&str>], columns: &[(usize, usize)], is_head: bool) {
        let (open, close) = if is_head { ("<th>", "</th>") } else { ("<td>", "</td>") };
        for row in rows {
            self.html.push_str("<tr>");
            for (at, column) in columns.iter().enumerate() {
                let is_last = at + 1 == columns.len();
                let cells: Vec<&str> =
                    row.iter().map(|line| cell(line, *column, is_last)).collect();
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
        let mut row: Vec<&str> = Vec::new();
        for (at, line) in lines[..count].iter().enumerate().skip(1) {
            if !line.starts_with('+') {
                row.push(line);
                continue;
            }
            let is_head = head.is_some_and(|head| at <= head);
            let (open, close) = if is_head { ("<th>", "</th>") } else { ("<td>", "</td>") };
            self.html.push_str("<tr>");
            let mut from = 0;
            for end in &ends {
                let parted = row.iter().all(|line| line.chars().nth(*end) == Some('|'));
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
    if !is_simple_border(border) || !border.contains(' ') {
        return None;
    }
    let mut columns = Vec::new();
    let mut at = 0;
    for run in border.split(' ') {
        if !run.is_empty() {
            columns.push((at, at + run.len()));
        }
        at += run.len() + 1;
    }
    (columns.len() <= MAX_COLUMNS).then_some(columns)
}

/// What stands in a column; the last one has no end.
fn cell(line: &str, (from, to): (usize, usize), is_last: bool) -> &str {
    chars_of(line, from, if is_last { usize::MAX } else { to })
}

/// The characters between two columns.
fn chars_of(line: &str, from: usize, to: usize) -> &str {
    let mut ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    let start = ends.nth(from).unwrap_or(line.len());
    let count = to.saturating_sub(from);
    let end = if count == 0 { start } else { ends.nth(count - 1).unwrap_or(line.len()) };
    &line[start..end]
}
