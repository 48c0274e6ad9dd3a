//! How much each block of a text looks like the article's own: a weighted sum of what can be seen
//! without knowing the language, with its neighbours', put through the logistic function. The
//! weights were fitted on one half of a collection of news pages in some 25 languages, turned into
//! texts, and hold on the other half; `cargo bench --bench quality -- texts` measures them.

use std::collections::{HashMap, HashSet};

use super::Piece;
use crate::article::dates;
use crate::article::summary::width;

/// A stretch is worth taking while its blocks are at least this likely to be the article's.
const STRETCH: f64 = 0.42;
/// Within it, a block that is less likely is a caption, a link or an invitation.
pub const OWN: f64 = 0.45;

const BIAS: f64 = -1.56;

type Sight = fn(&Seen) -> f64;

/// What is seen of a block, each with its weight.
#[rustfmt::skip]
const WEIGHTS: [(Sight, f64); 26] = [
    // Its own shape.
    (|seen| flag(seen.width >= 40), 0.32),
    (|seen| flag(seen.width >= 160), 0.20),
    (|seen| seen.log_width.powi(3), 1.29),
    (|seen| (seen.commas.min(6) as f64) / 6.0, 1.23),
    (|seen| flag(seen.commas + seen.stops == 0), -0.22),
    (|seen| seen.title_case, -2.23),
    (|seen| flag(seen.ends_with_colon), 1.76),
    (|seen| flag(seen.width <= 12), -2.18),
    (|seen| flag(seen.ends_with_dots), -2.60),
    // Its words among all words of the text.
    (|seen| seen.common, 1.24),
    (|seen| seen.shared, 2.43),
    (|seen| seen.log_width * seen.common, 1.12),
    (|seen| seen.log_width * seen.shared, -1.97),
    (|seen| flag(seen.repeated), -1.58),
    // How much prose there is around it.
    (|seen| seen.near[0], 0.75),
    (|seen| seen.previous, 0.79),
    (|seen| seen.next, 0.71),
    (|seen| seen.near[2] * seen.end, 4.27),
    (|seen| seen.near[1] * seen.end, 3.19),
    (|seen| far(seen.since), -0.60),
    (|seen| far(seen.until), 0.07),
    (|seen| far(seen.since.min(seen.until)), -0.96),
    // Where it stands.
    (|seen| seen.position, -0.92),
    (|seen| seen.after_title, -0.94),
    (|seen| seen.prose_before * seen.end, -1.13),
    (|seen| seen.prose_after * seen.end, 0.53),
];

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn far(blocks: usize) -> f64 {
    blocks.min(12) as f64 / 12.0
}

#[derive(Default)]
struct Seen {
    width: usize,
    log_width: f64,
    /// 1 where it ends as a sentence does.
    end: f64,
    commas: usize,
    stops: usize,
    title_case: f64,
    ends_with_colon: bool,
    ends_with_dots: bool,
    repeated: bool,
    /// The share of its words that are among the text's most frequent.
    common: f64,
    /// Of the others, the share that also stands in long sentences.
    shared: f64,
    /// Prose within one, three and eight blocks on both sides.
    near: [f64; 3],
    previous: f64,
    next: f64,
    /// Blocks since the last long sentence, and until the next.
    since: usize,
    until: usize,
    /// Of all prose, up to here and from here on, to a limit.
    prose_before: f64,
    prose_after: f64,
    /// From 0 to 1.
    position: f64,
    after_title: f64,
}

/// How likely each block is the article's own, from 0 to 1.
pub fn weigh(pieces: &[Piece]) -> Vec<f64> {
    let mut seen = look(pieces);
    surroundings(&mut seen);
    let likely = seen.iter().map(|seen| {
        let sum: f64 = WEIGHTS.iter().map(|(value, weight)| value(seen) * weight).sum();
        1.0 / (1.0 + (-(sum + BIAS)).exp())
    });
    likely.collect()
}

/// The stretch of blocks that holds most of the article and least of anything else.
pub fn stretch(pieces: &[Piece], likely: &[f64]) -> Option<(usize, usize)> {
    let mut best: Option<(f64, usize, usize)> = None;
    let (mut sum, mut start) = (0.0, 0);
    for (at, piece) in pieces.iter().enumerate() {
        if sum <= 0.0 {
            (sum, start) = (0.0, at);
        }
        sum += (likely[at] - STRETCH) * token_count(&piece.text) as f64;
        if sum > 0.0 && best.is_none_or(|(most, ..)| sum > most) {
            best = Some((sum, start, at));
        }
    }
    best.map(|(_, start, end)| (start, end))
}

/// Scripts that put no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// Runs of letters and digits of one kind of script.
fn runs(text: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let kind = is_unspaced(first);
            let end = rest.find(|c| is_unspaced(c) != kind).unwrap_or(rest.len());
            runs.push(&rest[..end]);
            rest = &rest[end..];
        }
    }
    runs
}

/// Words in lower case; where none are set apart, pairs of characters.
pub fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let mut words = Vec::new();
    for run in runs(&text) {
        let letters: Vec<char> = run.chars().collect();
        if letters.len() > 1 && is_unspaced(letters[0]) {
            words.extend(letters.windows(2).map(|pair| pair.iter().collect::<String>()));
        } else {
            words.push(run.to_string());
        }
    }
    words
}

fn token_count(text: &str) -> usize {
    let size = |run: &str| if run.starts_with(is_unspaced) { run.chars().count() } else { 1 };
    runs(text).into_iter().map(size).sum::<usize>().max(1)
}

fn is_stop(c: char) -> bool {
    matches!(
        c,
        '.' | '!'
            | '?'
            | '…'
            | '。'
            | '！'
            | '？'
            | '．'
            | '।'
            | '؟'
            | '۔'
            | '։'
            | '።'
            | '။'
            | '។'
    )
}

fn ends(text: &str) -> bool {
    let closers = ['"', '\'', '”', '’', '»', ')', ']', '」', '』', '）', '】', '“', ' '];
    text.trim_end_matches(closers).ends_with(is_stop)
}

/// Each block by itself, and among the words of the whole text.
fn look(pieces: &[Piece]) -> Vec<Seen> {
    let all: Vec<Vec<String>> = pieces.iter().map(|piece| words(&piece.text)).collect();
    let common = most_common(&all);
    let mut long: HashSet<&str> = HashSet::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (piece, words) in pieces.iter().zip(&all) {
        *counts.entry(&piece.text).or_default() += 1;
        if width(&piece.text) >= 120 && ends(&piece.text) {
            long.extend(words.iter().map(String::as_str));
        }
    }
    let count = pieces.len().max(1) as f64;
    let mut seen: Vec<Seen> = Vec::with_capacity(pieces.len());
    for (at, (piece, words)) in pieces.iter().zip(&all).enumerate() {
        let text = piece.text.as_str();
        let width = width(text);
        let is_common = |word: &&String| common.contains(word.as_str());
        let rare = |word: &&String| {
            word.starts_with(is_unspaced) || (!is_common(word) && word.chars().count() > 2)
        };
        let rares: Vec<&String> = words.iter().filter(rare).collect();
        let shared = rares.iter().filter(|word| long.contains(word.as_str())).count();
        seen.push(Seen {
            width,
            log_width: (1.0 + width as f64).ln() / 6.0,
            end: flag(ends(text)),
            commas: text.matches([',', '،', '、', '，', ';', '；']).count(),
            stops: text.matches(is_stop).count(),
            title_case: title_case(text),
            ends_with_colon: text.ends_with([':', '：']),
            ends_with_dots: text.ends_with('…') || text.ends_with("..."),
            repeated: counts.get(text).is_some_and(|count| *count > 1),
            common: words.iter().filter(is_common).count() as f64 / words.len().max(1) as f64,
            shared: shared as f64 / rares.len().max(1) as f64,
            position: at as f64 / count,
            ..Seen::default()
        });
    }
    let from = title_of(pieces, &all, &seen).unwrap_or(0);
    for (at, seen) in seen.iter_mut().enumerate() {
        seen.after_title = at.saturating_sub(from).min(40) as f64 / 40.0;
    }
    seen
}

fn most_common(all: &[Vec<String>]) -> HashSet<&str> {
    const MANY: usize = 40;
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for (at, word) in all.iter().flatten().enumerate() {
        counts.entry(word).or_insert((0, at)).0 += 1;
    }
    let mut ranked: Vec<(&str, (usize, usize))> = counts.into_iter().collect();
    ranked.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.1.1.cmp(&b.1.1)));
    ranked.into_iter().take(MANY).map(|(word, _)| word).collect()
}

/// The share of words with a capital, in scripts that have any.
fn title_case(text: &str) -> f64 {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() < 2 || !text.chars().any(char::is_lowercase) {
        return 0.0;
    }
    words.iter().filter(|word| word.starts_with(char::is_uppercase)).count() as f64
        / words.len() as f64
}

/// The block, none too long, that shares most of its words with the long sentences, and stands
/// early.
fn title_of(pieces: &[Piece], words: &[Vec<String>], seen: &[Seen]) -> Option<usize> {
    let prose: Vec<f64> = seen.iter().map(prose).collect();
    let total: f64 = prose.iter().sum();
    let mut before = 0.0;
    let mut best: Option<(f64, usize)> = None;
    for (at, seen) in seen.iter().enumerate() {
        let after = ((total - before) / 4.0).min(1.0);
        before += prose[at];
        if !(20..=220).contains(&seen.width) || dates::is_date_line(&pieces[at].text) {
            continue;
        }
        let score = seen.shared * (words[at].len() as f64 / 6.0).min(1.0) - 0.3 * seen.end
            + 0.15 * after
            - 0.3 * seen.position;
        if best.is_none_or(|(most, _)| score > most + 1e-9) {
            best = Some((score, at));
        }
    }
    best.map(|(_, at)| at)
}

/// From 0 to 1: long blocks that end as sentences do.
fn prose(seen: &Seen) -> f64 {
    seen.width.min(400) as f64 / 400.0 * if seen.end > 0.0 { 1.0 } else { 0.2 }
}

fn surroundings(seen: &mut [Seen]) {
    let prose: Vec<f64> = seen.iter().map(prose).collect();
    let long: Vec<bool> = seen.iter().map(|seen| seen.end > 0.0 && seen.width >= 60).collect();
    let count = seen.len();
    let total: f64 = prose.iter().sum();
    let (mut before, mut since) = (0.0, usize::MAX);
    for at in 0..count {
        for (near, reach) in seen[at].near.iter_mut().zip([1_usize, 3, 8]) {
            let around = at.saturating_sub(reach)..(at + reach + 1).min(count);
            let sum: f64 = prose[around].iter().sum::<f64>() - prose[at];
            *near = sum / (2 * reach) as f64;
        }
        seen[at].previous = at.checked_sub(1).map_or(0.0, |before| prose[before]);
        seen[at].next = prose.get(at + 1).copied().unwrap_or(0.0);
        seen[at].prose_after = ((total - before) / 4.0).min(1.0);
        before += prose[at];
        seen[at].prose_before = (before / 4.0).min(1.0);
        seen[at].since = since;
        since = if long[at] { 0 } else { since.saturating_add(1) };
    }
    let mut until = usize::MAX;
    for at in (0..count).rev() {
        seen[at].until = until;
        until = if long[at] { 0 } else { until.saturating_add(1) };
    }
}
