//! Tables.

use super::blocks::Walk;

fn is_rule(row: &str) -> bool {
    row.starts_with("|-")
}

fn cells(row: &str) -> Vec<&str> {
    let inner = row.strip_prefix('|').unwrap_or(row);
    inner.strip_suffix('|').unwrap_or(inner).split('|').map(str::trim).collect()
}

/// A row that says how columns are shown: `| <l> | <10> |`
fn is_of_widths(row: &str) -> bool {
    let says = |cell: &&str| {
        let inner = cell.strip_prefix('<').and_then(|cell| cell.strip_suffix('>'));
        inner.is_some_and(|inner| {
            !inner.is_empty()
                && inner.chars().all(|c| c.is_ascii_digit() || matches!(c, 'l' | 'c' | 'r'))
        })
    };
    let cells = cells(row);
    cells.iter().any(says) && cells.iter().all(|cell| cell.is_empty() || says(cell))
}

impl Walk<'_> {
    pub fn table(&mut self, lines: &[&str]) -> usize {
        let rows = lines.iter().map(|line| line.trim());
        let rows: Vec<&str> = rows.take_while(|line| line.starts_with('|')).collect();
        let count = rows.len();
        let rows: Vec<&str> = rows.into_iter().filter(|row| !is_of_widths(row)).collect();
        // What stands above the first rule is the head, if something stands below it.
        let first = rows.iter().position(|row| !is_rule(row)).unwrap_or(0);
        let rule = rows.iter().skip(first).position(|row| is_rule(row)).map(|at| first + at);
        let head = rule.filter(|at| rows[*at..].iter().any(|row| !is_rule(row))).unwrap_or(0);
        self.html.push_str("<table>\n");
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| !is_rule(row)) {
            let name = if at < head { "th" } else { "td" };
            self.html.push_str("<tr>");
            for cell in cells(row) {
                self.html.extend(["<", name, ">"]);
                self.inline(cell);
                self.html.extend(["</", name, ">"]);
            }
            self.html.push_str("</tr>\n");
        }
        self.html.push_str("</table>\n");
        count
    }
}
