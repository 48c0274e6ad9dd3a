//! Delimiters of blocks.

use std::collections::HashMap;

/// Where delimiters stand in some lines.
pub struct Delimiters<'l>(HashMap<&'l str, Vec<usize>>);

impl<'l> Delimiters<'l> {
    pub fn of(lines: &[&'l str]) -> Delimiters<'l> {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| delimiter(line).is_some()) {
            places.entry(line).or_default().push(at);
        }
        Delimiters(places)
    }

    /// Where a block ends that begins at a line; one that never does goes on to the end.
    pub fn end(&self, mark: &str, from: usize, lines: usize) -> usize {
        let places = self.0.get(mark).map_or(&[][..], Vec::as_slice);
        places.get(places.partition_point(|at| *at <= from)).copied().unwrap_or(lines)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    Comment,
    Listing,
    Literal,
    Example,
    Sidebar,
    Quote,
    Pass,
    Open,
    Table,
    /// Three backquotes and a language.
    Fenced,
}

pub fn delimiter(line: &str) -> Option<Delimiter> {
    let first = *line.as_bytes().first()?;
    if line.starts_with("```") {
        return Some(Delimiter::Fenced);
    }
    if let Some(marks) = line.strip_prefix(['|', ',', ':', '!'])
        && marks.len() >= 3
        && marks.bytes().all(|byte| byte == b'=')
    {
        return Some(Delimiter::Table);
    }
    if line == "--" {
        return Some(Delimiter::Open);
    }
    if line.len() < 4 || line.bytes().any(|byte| byte != first) {
        return None;
    }
    Some(match first {
        b'/' => Delimiter::Comment,
        b'-' => Delimiter::Listing,
        b'.' => Delimiter::Literal,
        b'=' => Delimiter::Example,
        b'*' => Delimiter::Sidebar,
        b'_' => Delimiter::Quote,
        b'+' => Delimiter::Pass,
        _ => return None,
    })
}

pub fn is_delimiter(line: &str) -> bool {
    delimiter(line).is_some()
}

/// Whether what follows such a line stands as it is.
pub fn is_verbatim(line: &str) -> bool {
    let kind = delimiter(line);
    matches!(
        kind,
        Some(Delimiter::Comment | Delimiter::Listing | Delimiter::Literal | Delimiter::Pass)
    )
}
