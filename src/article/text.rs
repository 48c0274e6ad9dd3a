//! Bare text, as a scraper left it: one block per paragraph, nothing marked up, the article among
//! dates, captions, bylines and furniture. Told apart by shape alone (length, how a block ends,
//! where it stands, how far it is set apart, what stands twice), so that it works in any language.

use std::collections::HashMap;

use quick_xml::escape::partial_escape as escape;

use super::fields::one_line;
use super::found::{Found, naive_zone};
use super::people::{self, looks_like_name, marked_name};
use super::summary::width;
use super::{Conventions, dates, language};

#[derive(Clone, Debug, PartialEq)]
struct Piece {
    text: String,
    /// Blank lines before and after it.
    before: usize,
    after: usize,
}

#[derive(Clone, Debug, Default)]
pub struct TextArticle {
    pub title: Option<String>,
    pub published: Option<jiff::Timestamp>,
    pub author: Option<String>,
    pub language: Option<String>,
    /// The article's own paragraphs; a heading among them is marked.
    pub paragraphs: Vec<Paragraph>,
    pub complaint: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Paragraph {
    pub text: String,
    pub heading: bool,
}

impl TextArticle {
    pub fn found(self) -> Found {
        Found {
            title: self.title,
            title_from: "text: title line",
            published: self.published,
            published_from: "text: date line",
            authors: self.author.as_deref().and_then(people::named).into_iter().collect(),
            authors_from: "text: byline",
            language: self.language,
            language_from: "text: detected",
            complaint: self.complaint,
            ..Default::default()
        }
    }

    pub fn html(&self) -> String {
        let mut html = String::new();
        for paragraph in &self.paragraphs {
            let tag = if paragraph.heading { "h2" } else { "p" };
            html += &format!("<{tag}>{}</{tag}>\n", escape(&paragraph.text));
        }
        html
    }
}

/// Text that front matter already describes: every block is a paragraph.
pub fn plain_html(text: &str) -> String {
    pieces(text).iter().map(|piece| format!("<p>{}</p>\n", escape(&piece.text))).collect()
}

/// Finds the article in a text.
pub fn read(text: &str, conventions: &Conventions) -> TextArticle {
    let pieces = pieces(text);
    let Some((start, end)) = body_range(&pieces) else {
        return note(&pieces, conventions);
    };
    let weight: usize =
        pieces[start..=end].iter().filter(|p| is_body(p)).map(|p| width(&p.text)).sum();
    if weight < SETTLED {
        return note(&pieces, conventions);
    }
    let body: String =
        pieces[start..=end].iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join("\n");
    let language = language::detect(&body);
    let title = title(&pieces[..start], &body);
    let mut article = TextArticle {
        title: title.map(|at| pieces[at].text.clone()),
        author: byline(&pieces, start, end, title, &body),
        paragraphs: paragraphs(&pieces, start, end),
        language,
        ..Default::default()
    };
    let order = article.language.as_deref().or(conventions.language.as_deref());
    let rest = pieces[..start].iter().chain(&pieces[end + 1..]);
    for piece in rest.filter(|piece| dates::is_date_line(&piece.text)) {
        match dates::parse(&piece.text, &naive_zone(conventions), order) {
            Ok(date) => {
                article.published = Some(date);
                article.complaint = None;
                break;
            }
            Err(dates::DateFault::NotADate) => {}
            Err(fault) => article.complaint = Some(format!("`{}` {fault}", piece.text)),
        }
    }
    article
}

/// A text with no paragraphs to speak of, such as a list or a letter: its first line is the title,
/// and nothing of the rest is taken for furniture.
fn note(pieces: &[Piece], conventions: &Conventions) -> TextArticle {
    let mut rest = pieces.iter().peekable();
    let mut article = TextArticle::default();
    while let Some(piece) = rest.peek().filter(|piece| dates::is_date_line(&piece.text)) {
        let zone = naive_zone(conventions);
        let language = conventions.language.as_deref();
        article.published = dates::parse(&piece.text, &zone, language).ok().or(article.published);
        rest.next();
    }
    if pieces.len() > 1 {
        article.title = rest.next().map(|piece| piece.text.clone());
    }
    article.paragraphs =
        rest.map(|piece| Paragraph { text: piece.text.clone(), heading: false }).collect();
    article
}

// ── Pieces ────────────────────────────────────────────────────────────────────────────────────

/// Blocks are set apart by blank lines; in a text without any, every line is one.
fn pieces(text: &str) -> Vec<Piece> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !is_rule(line)).collect();
    let spaced = lines.iter().filter(|line| line.is_empty()).count() * 4 >= lines.len().max(1);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut block: Vec<&str> = Vec::new();
    let mut blank = 0;
    let mut close = |block: &mut Vec<&str>, before: usize| {
        if let Some(last) = pieces.last_mut() {
            last.after = before;
        }
        // Lines of one length, but for the last, are one paragraph that was broken by an editor.
        let full = &block[..block.len() - 1];
        let wrapped = !full.is_empty()
            && full.iter().all(|line| width(line) >= 50 && (spaced || width(line) <= 100));
        let texts: Vec<String> = if wrapped {
            vec![one_line(&block.join(" "))]
        } else {
            block.iter().map(|line| one_line(line)).collect()
        };
        for (at, text) in texts.into_iter().enumerate() {
            pieces.push(Piece { text, before: if at == 0 { before } else { 0 }, after: 0 });
        }
        block.clear();
    };
    let mut before = 0;
    for line in lines {
        if line.is_empty() {
            if !block.is_empty() {
                close(&mut block, before);
                blank = 0;
            }
            blank += 1;
        } else {
            if block.is_empty() {
                before = blank;
            }
            block.push(line);
        }
    }
    if !block.is_empty() {
        close(&mut block, before);
    }
    if let Some(last) = pieces.last_mut() {
        last.after = usize::MAX;
    }
    pieces
}

/// A line drawn with characters, as under a title.
fn is_rule(line: &str) -> bool {
    line.len() >= 3 && line.chars().all(|c| matches!(c, '=' | '-' | '*' | '_' | '~' | '+' | '#'))
}

/// Ends as a sentence ends, in any script.
pub(super) fn ends_sentence(text: &str) -> bool {
    let bare = text
        .trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', '」', '』', '）', '】', '“', ' ']);
    bare.ends_with([
        '.', '!', '?', '…', '。', '！', '？', '．', '।', '؟', '۔', '։', '።', '။', '។', ';', ':',
        '：',
    ])
}

/// `The old mill The old mill`: a caption that stands as text and as title of one image.
fn is_doubled(text: &str) -> bool {
    let bare: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    bare.len() >= 8 && bare.len().is_multiple_of(2) && {
        let (first, second) = bare.split_at(bare.len() / 2);
        first == second
    }
}

fn is_body(piece: &Piece) -> bool {
    let text = &piece.text;
    !is_doubled(text)
        && !dates::is_date_line(text)
        && ((ends_sentence(text) && width(text) >= 50) || width(text) >= 300)
}

/// So much in whole paragraphs is an article with whatever a page has around it; less is not told
/// from what is around it.
const SETTLED: usize = 300;

/// The first and the last paragraph of the article.
fn body_range(pieces: &[Piece]) -> Option<(usize, usize)> {
    let bodies: Vec<usize> = (0..pieces.len()).filter(|at| is_body(&pieces[*at])).collect();
    // A title may ask or exclaim; the first of several paragraphs rarely is one such line.
    let (first, bodies) = match bodies.as_slice() {
        [] => return None,
        [first, rest @ ..] if !rest.is_empty() && asks(&pieces[*first]) && *first <= 2 => {
            (rest[0], rest.to_vec())
        }
        [first, ..] => (*first, bodies.clone()),
    };
    let mut last = first;
    let mut weight = 0;
    for at in bodies {
        let between = &pieces[(last + 1).min(at)..at];
        let settled = weight >= SETTLED;
        if settled && (between.len() >= 3 || between.iter().any(set_apart_name)) {
            break;
        }
        weight += width(&pieces[at].text);
        last = at;
    }
    Some((first, last))
}

fn asks(piece: &Piece) -> bool {
    width(&piece.text) < 150 && piece.text.ends_with(['?', '!', '？', '！', '…'])
}

/// A name, with more room after it than before: the signature under an article.
fn set_apart_name(piece: &Piece) -> bool {
    piece.after > piece.before && looks_like_name(&piece.text)
}

fn paragraphs(pieces: &[Piece], start: usize, end: usize) -> Vec<Paragraph> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for piece in pieces {
        *counts.entry(&piece.text).or_default() += 1;
    }
    let stands_twice = |text: &str| counts.get(text).is_some_and(|count| *count > 1);
    pieces[start..=end]
        .iter()
        .filter_map(|piece| {
            let text = piece.text.clone();
            if is_body(piece) || (ends_sentence(&text) && width(&text) >= 12) {
                return Some(Paragraph { text, heading: false });
            }
            // What is left is a heading if it is as short as one, else a caption.
            let heading = width(&text) <= 50
                && width(&text) >= 6
                && !is_doubled(&text)
                && !stands_twice(&text)
                && !dates::is_date_line(&text);
            heading.then_some(Paragraph { text, heading: true })
        })
        .collect()
}

// ── Title and author ──────────────────────────────────────────────────────────────────────────

/// The block above the body that shares the most with it; of several that do, the first.
fn title(head: &[Piece], body: &str) -> Option<usize> {
    let body = body.to_lowercase();
    let eligible = |piece: &Piece| {
        let text = &piece.text;
        width(text) >= 12
            && width(text) <= 300
            && !dates::is_date_line(text)
            && !is_doubled(text)
            && marked_name(text).is_none()
    };
    let scores: Vec<(usize, f64)> = head
        .iter()
        .enumerate()
        .filter(|(_, piece)| eligible(piece))
        .map(|(at, piece)| (at, shared(&piece.text, &body)))
        .collect();
    let best = scores.iter().map(|(_, score)| *score).fold(0.0, f64::max);
    scores
        .iter()
        .find(|(_, score)| *score >= best * 0.6)
        .map(|(at, _)| *at)
        .or_else(|| (0..head.len()).find(|at| !dates::is_date_line(&head[*at].text)))
}

/// How much of a text's words, or of its pairs of ideographs, stand in the body too.
fn shared(text: &str, body: &str) -> f64 {
    let text = text.to_lowercase();
    let mut parts: Vec<String> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let chars: Vec<char> = word.chars().collect();
        if width(word) > chars.len() {
            parts.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
        } else if chars.len() >= 2 {
            parts.push(word.to_string());
        }
    }
    if parts.is_empty() {
        return 0.0;
    }
    parts.iter().filter(|part| body.contains(part.as_str())).count() as f64 / parts.len() as f64
}

/// The author: marked as one, else a name that stands alone right after the last paragraph.
fn byline(
    pieces: &[Piece],
    start: usize,
    end: usize,
    title: Option<usize>,
    body: &str,
) -> Option<String> {
    let tail_end = (end + 4).min(pieces.len());
    let near = pieces[..start].iter().enumerate().filter(|(at, _)| Some(*at) != title);
    let marked = near
        .map(|(_, piece)| piece)
        .chain(&pieces[end + 1..tail_end])
        .find_map(|piece| marked_name(&piece.text));
    if marked.is_some() {
        return marked;
    }
    let candidate = pieces.get(end + 1)?;
    let next = pieces.get(end + 2);
    let alone =
        candidate.after > candidate.before || next.is_none_or(|next| !looks_like_name(&next.text));
    // A common word is somewhere written small; a name is not.
    let common = candidate
        .text
        .split_whitespace()
        .map(str::to_lowercase)
        .any(|word| body.split(|c: char| !c.is_alphanumeric()).any(|other| other == word));
    let cased = candidate.text.chars().any(char::is_lowercase);
    (alone && looks_like_name(&candidate.text) && !(cased && common))
        .then(|| candidate.text.clone())
}
