//! Delimiters of blocks.

use std::collections::HashMap;

/// Where delimiters stand in some lines.
pub struct Fences<'l>(HashMap<&'l str, Vec<usize>>);

impl<'l> Fences<'l> {
    pub fn of(lines: &[&'l str]) -> Fences<'l> {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| fence(line).is_some()) {
            places.entry(line).or_default().push(at);
        }
        Fences(places)
    }

    /// Where a block ends that begins at a line; one that never does goes on to the end.
    pub fn end(&self, mark: &str, from: usize, lines: usize) -> usize {
        let places = self.0.get(mark).map_or(&[][..], Vec::as_slice);
        places.get(places.partition_point(|at| *at <= from)).copied().unwrap_or(lines)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
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

pub fn fence(line: &str) -> Option<Fence> {
    let first = *line.as_bytes().first()?;
    if line.starts_with("```") {
        return Some(Fence::Fenced);
    }
    if let Some(marks) = line.strip_prefix(['|', ',', ':', '!'])
        && marks.len() >= 3
        && marks.bytes().all(|byte| byte == b'=')
    {
        return Some(Fence::Table);
    }
    if line == "--" {
        return Some(Fence::Open);
    }
    if line.len() < 4 || line.bytes().any(|byte| byte != first) {
        return None;
    }
    Some(match first {
        b'/' => Fence::Comment,
        b'-' => Fence::Listing,
        b'.' => Fence::Literal,
        b'=' => Fence::Example,
        b'*' => Fence::Sidebar,
        b'_' => Fence::Quote,
        b'+' => Fence::Pass,
        _ => return None,
    })
}

pub fn is_fence(line: &str) -> bool {
    fence(line).is_some()
}

/// Whether what follows such a line stands as it is.
pub fn is_verbatim(line: &str) -> bool {
    let kind = fence(line);
    matches!(kind, Some(Fence::Comment | Fence::Listing | Fence::Literal | Fence::Pass))
}
