//! Blocks that stand in many texts of one folder: what the scraper took from the page and not from
//! the article. What stands there once more is known by its bytes alone, whatever the language.

use std::collections::{HashMap, HashSet};

use super::{Piece, ends_sentence, is_body};
use crate::article::people::marked_name;
use crate::article::summary::width;
use crate::article::{Conventions, Kind, Source, dates, open};

/// So many texts of a folder are looked at; the same ones wherever the folder lies, and all but
/// the same after one more came.
const SAMPLE: usize = 64;
/// A block that stands in so many of them is the site's.
const MANY: usize = 3;

/// More blocks of one text are not looked at.
const MOST: usize = 10_000;

/// The first bytes of a block's hash.
type Mark = u64;

/// What a folder's texts have in common.
#[derive(Clone, Debug, Default)]
pub struct Furniture {
    marks: HashSet<Mark>,
}

impl Furniture {
    /// Of a folder's texts, those that are looked at.
    pub fn sample(mut paths: Vec<String>) -> Vec<String> {
        if paths.len() > SAMPLE {
            paths.sort_by_cached_key(|path| mark(path));
            paths.truncate(SAMPLE);
        }
        paths
    }

    pub fn of(texts: impl Iterator<Item = Marks>) -> Furniture {
        let mut counts: HashMap<Mark, usize> = HashMap::new();
        for mark in texts.flat_map(|text| text.0) {
            *counts.entry(mark).or_default() += 1;
        }
        let many = counts.into_iter().filter(|(_, count)| *count >= MANY);
        Furniture { marks: many.map(|(mark, _)| mark).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Tells one state of it from another.
    pub fn digest(&self) -> String {
        let mut marks: Vec<Mark> = self.marks.iter().copied().collect();
        marks.sort_unstable();
        let mut hasher = blake3::Hasher::new();
        for mark in marks {
            hasher.update(&mark.to_le_bytes());
        }
        hasher.finalize().to_hex()[..8].to_string()
    }

    /// The numbers of a text's blocks that are furniture.
    pub(super) fn among(&self, pieces: &[Piece]) -> Vec<u32> {
        if self.is_empty() {
            return Vec::new();
        }
        // Articles of one day, or by one author, say so in the same words.
        let is_said_of =
            |piece: &Piece| dates::is_date_line(&piece.text) || marked_name(&piece.text).is_some();
        let mut own: Vec<bool> = pieces
            .iter()
            .map(|piece| !self.marks.contains(&mark(&piece.text)) || is_said_of(piece))
            .collect();
        spare_headings(&mut own, pieces);
        // Copies of one article have everything in common, and lists many of their lines.
        let mut left = (0..pieces.len()).filter(|at| own[*at] && !is_said_of(&pieces[*at]));
        if !left.clone().any(|at| is_body(&pieces[at])) {
            return Vec::new();
        }
        // Articles may have one title, such as that of a column.
        if let Some(first) = left.next()
            && is_body(&pieces[first])
            && let Some(title) =
                (0..first).rev().find(|at| !own[*at] && !ends_sentence(&pieces[*at].text))
        {
            own[title] = true;
        }
        let others = (0..pieces.len()).filter(|at| !own[*at]);
        others.filter_map(|at| u32::try_from(at).ok()).collect()
    }
}

/// A short block or two between the article's own are headings that it shares with others, such as
/// those of recipes; furniture stands together, at an end, or is a whole sentence.
fn spare_headings(own: &mut [bool], pieces: &[Piece]) {
    const FEW: usize = 2;
    let mut at = 0;
    while at < own.len() {
        let end = (at..own.len()).find(|end| own[*end]).unwrap_or(own.len());
        let run = at..end;
        let is_prose = |at: usize| width(&pieces[at].text) >= 60 && ends_sentence(&pieces[at].text);
        let is_inside = at > 0 && end < own.len();
        if run.len() <= FEW && is_inside && !run.clone().any(is_prose) {
            own[run].fill(true);
        }
        at = end + 1;
    }
}

/// What a text's blocks are known by, each once.
pub struct Marks(HashSet<Mark>);

impl Marks {
    /// None of a text with front matter: all of that is the article's.
    pub fn of(source: Source, conventions: &Conventions) -> Marks {
        match open(source, conventions, &mut Vec::new()) {
            Ok(opened) if opened.kind == Kind::Text && opened.matter.is_none() => {
                let pieces = super::pieces(opened.body());
                Marks(pieces.iter().take(MOST).map(|piece| mark(&piece.text)).collect())
            }
            _ => Marks(HashSet::new()),
        }
    }
}

fn mark(text: &str) -> Mark {
    let hash = blake3::hash(text.as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    Mark::from_le_bytes([a, b, c, d, e, f, g, h])
}
