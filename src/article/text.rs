//! Bare text, as a scraper left it: one block per paragraph, nothing marked up, the article among
//! dates, captions, bylines and furniture. Told apart by shape alone (length, how a block ends,
//! where it stands, how far it is set apart, what stands twice), so that it works in any language.

pub mod furniture;
mod sight;
mod weigh;
mod words;

use jiff::tz::TimeZone;
use quick_xml::escape::partial_escape as escape;

use super::fields::one_line;
use super::found::{Found, naive_zone};
use super::people::{self, looks_like_name, marked_name};
use super::summary::width;
use super::{Conventions, dates, language};
use furniture::Furniture;
use weigh::Likely;

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

/// The blocks of a text with what is seen of each, for the measurement of how they are told apart.
pub fn seen(text: &str) -> Vec<(String, Vec<f32>)> {
    let pieces = pieces(text);
    let sights = sight::look(&pieces).into_iter().map(|sight| sight.to_vec());
    pieces.into_iter().map(|piece| piece.text).zip(sights).collect()
}

/// The numbers of a text's blocks that other texts of its folder have too.
pub fn furniture(text: &str, furniture: &Furniture) -> Vec<u32> {
    furniture.among(&pieces(text))
}

/// Finds the article in a text; `furniture` are the numbers of blocks that are not its own.
pub fn read(text: &str, furniture: &[u32], conventions: &Conventions) -> TextArticle {
    let mut number = 0..;
    let mut pieces = pieces(text);
    pieces.retain(|_| number.next().is_none_or(|at| furniture.binary_search(&at).is_err()));
    if pieces.len() > MAX_BLOCKS {
        return note(&pieces, conventions);
    }
    let likely = weigh::weigh(&sight::look(&pieces));
    let counts: Vec<usize> = pieces.iter().map(|piece| words::count(&piece.text)).collect();
    let Some((start, end)) = weigh::stretch(&counts, &likely) else {
        return note(&pieces, conventions);
    };
    let mut own: Vec<usize> =
        (start..=end).filter(|at| is_own(&pieces[*at], likely[*at].own)).collect();
    // A name at its end is its author's.
    while let [.., _, last] = own[..]
        && is_name(&pieces[last].text)
    {
        own.pop();
    }
    // Some scripts, and some writers, end no sentence with a mark.
    let stopped = own.iter().filter(|at| ends_sentence(&pieces[**at].text)).count();
    let unstopped = stopped * 4 < own.len();
    let is_long = |at: usize| unstopped && width(&pieces[at].text) >= 50;
    let prose = own.iter().filter(|at| is_body(&pieces[**at]) || is_long(**at));
    if prose.map(|at| width(&pieces[*at].text)).sum::<usize>() < SETTLED {
        return note(&pieces, conventions);
    }
    let body: Vec<&str> = own.iter().map(|at| pieces[*at].text.as_str()).collect();
    let body = body.join("\n");
    let language = language::detect(&body);
    // A title and captions at its head are no paragraphs of it.
    let is_head = |at: &&usize| {
        let text = &pieces[**at].text;
        width(text) <= 220 && !ends_sentence(text) && !is_long(**at)
    };
    let heads = own.iter().take_while(is_head).count().min(own.len() - 1);
    let (first, last) = (own[heads], own[own.len() - 1]);
    let title = title(&pieces, &likely, first);
    let own = &own[heads..];
    let mut article = TextArticle {
        title: title.map(|at| pieces[at].text.clone()),
        author: byline(&pieces, first, last, title, &body),
        paragraphs: own.iter().map(|at| paragraph(&pieces[*at])).collect(),
        language,
        ..Default::default()
    };
    find_date(&mut article, &pieces, first, last, conventions);
    article
}

fn is_name(text: &str) -> bool {
    looks_like_name(text) || marked_name(text).is_some()
}

/// A text of more blocks is a list, or a book: nothing in it is furniture.
const MAX_BLOCKS: usize = 20_000;

/// Whether a block of the stretch is the article's own.
fn is_own(piece: &Piece, likely: f32) -> bool {
    likely > weigh::OWN && !is_doubled(&piece.text) && !dates::is_date_line(&piece.text)
}

fn paragraph(piece: &Piece) -> Paragraph {
    let heading = width(&piece.text) <= 100 && !ends_sentence(&piece.text);
    Paragraph { text: piece.text.clone(), heading }
}

/// The date that stands nearest before the article, else after it: what is further up is more
/// likely today's.
fn find_date(
    article: &mut TextArticle,
    pieces: &[Piece],
    first: usize,
    last: usize,
    conventions: &Conventions,
) {
    let language = article.language.clone().or_else(|| conventions.language.clone());
    let zone = naive_zone(conventions);
    let above = pieces[first.saturating_sub(ABOVE)..first].iter().rev();
    let below = pieces[last + 1..].iter().take(BELOW);
    // A sentence tells of some other day.
    let is_line = |piece: &&Piece| {
        let text = &piece.text;
        width(text) <= 160 && (!ends_sentence(text) || text.split_whitespace().count() <= 6)
    };
    // What a line that can be read in two ways may mean: what is further off must not decide
    // against it.
    let mut either: Option<dates::Either> = None;
    for piece in above.chain(below).filter(is_line) {
        if let Some(date) = dates::find(&piece.text, &zone, language.as_deref()) {
            if either.is_none_or(|either| either.has(date)) {
                article.published = Some(date);
                article.complaint = None;
                return;
            }
            continue;
        }
        if dates::is_date_line(&piece.text)
            && let Err(fault) = dates::parse(&piece.text, &zone, language.as_deref())
            && fault != dates::DateFault::NotADate
        {
            either = either.or_else(|| dates::either(&piece.text, &zone, fault));
            article.complaint.get_or_insert(format!("`{}` {fault}", piece.text));
        }
    }
}

/// How many blocks above the first paragraph, and below the last, its date may stand.
const ABOVE: usize = 60;
const BELOW: usize = 40;

/// A text with no paragraphs to speak of, such as a list or a letter: its first line is the title,
/// dates and a byline may stand around that, and nothing of the rest is taken for furniture.
fn note(pieces: &[Piece], conventions: &Conventions) -> TextArticle {
    let mut rest = pieces;
    let mut article = TextArticle::default();
    let said = pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join("\n");
    let language = language::detect(&said).or_else(|| conventions.language.clone());
    let skip_marked = |rest: &mut &[Piece], article: &mut TextArticle| {
        skip_marked(rest, article, &naive_zone(conventions), language.as_deref());
    };
    skip_marked(&mut rest, &mut article);
    if rest.len() > 1 {
        article.title = Some(rest[0].text.clone());
        rest = &rest[1..];
        skip_marked(&mut rest, &mut article);
    }
    let own = |piece: &Piece| Paragraph { text: piece.text.clone(), heading: false };
    article.paragraphs = rest.iter().map(own).collect();
    article
}

/// Date lines that can be read and marked bylines are no paragraphs, unless nothing else is left.
fn skip_marked(
    rest: &mut &[Piece],
    article: &mut TextArticle,
    zone: &TimeZone,
    language: Option<&str>,
) {
    while let [piece, others @ ..] = *rest
        && !others.is_empty()
    {
        let date =
            dates::is_date_line(&piece.text).then(|| dates::parse(&piece.text, zone, language));
        match (date, marked_name(&piece.text)) {
            (Some(Ok(date)), _) => article.published = article.published.or(Some(date)),
            (Some(Err(fault)), _) if fault != dates::DateFault::NotADate => {
                article.complaint.get_or_insert(format!("`{}` {fault}", piece.text));
            }
            (None, Some(name)) => article.author = article.author.take().or(Some(name)),
            _ => return,
        }
        *rest = others;
    }
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
pub fn ends_sentence(text: &str) -> bool {
    let is_end = |c: char| sight::is_stop(c) || matches!(c, ';' | ':' | '：');
    text.trim_end_matches(sight::CLOSERS).ends_with(is_end)
}

/// `The old mill The old mill`: a caption that stands as text and as title of one image.
fn is_doubled(text: &str) -> bool {
    let bare = || text.chars().filter(|c| !c.is_whitespace());
    let count = bare().count();
    count >= 8 && count.is_multiple_of(2) && bare().take(count / 2).eq(bare().skip(count / 2))
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

// ── Title and author ──────────────────────────────────────────────────────────────────────────

/// The block above the article that is likeliest its title.
fn title(pieces: &[Piece], likely: &[Likely], first: usize) -> Option<usize> {
    let eligible = |at: &usize| {
        let text = &pieces[*at].text;
        width(text) <= 300
            && !dates::is_date_line(text)
            && !is_doubled(text)
            && !text.contains("://")
            && marked_name(text).is_none()
    };
    (0..first).filter(eligible).max_by(|a, b| likely[*a].title.total_cmp(&likely[*b].title))
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
    // Before its words are looked for: a name has few.
    if !alone || !looks_like_name(&candidate.text) {
        return None;
    }
    // A common word is somewhere written small; a name is not.
    let common = candidate
        .text
        .split_whitespace()
        .map(str::to_lowercase)
        .any(|word| body.split(|c: char| !c.is_alphanumeric()).any(|other| other == word));
    let cased = candidate.text.chars().any(char::is_lowercase);
    (!(cased && common)).then(|| candidate.text.clone())
}
