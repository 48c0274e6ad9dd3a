//! The sentence that says most: for articles whose lead says nothing, such as lists, letters and
//! very long ones. Nothing but the article itself is looked at, so that no other article's change
//! moves its summary.
//!
//! A sentence scores by how much of the title it holds, how many of the article's own key words,
//! how early it stands, and how near it is to the length that authors give their summaries. The
//! constants were found on half of a collection of posts whose authors wrote a summary, and hold on
//! the other half; `cargo bench --bench quality -- summaries DIR` measures them again.

use std::collections::{BTreeMap, BTreeSet};

use unicode_segmentation::UnicodeSegmentation;

use super::{cut, sentences, width};
use crate::article::blocks::{Block, BlockKind};

const KEY_WORDS: usize = 10;
const KEY_WEIGHT: f64 = 0.5;
const LATER: f64 = 0.04;
/// Sentences after which it no longer matters how much later one stands.
const LATEST: usize = 20;
const LENGTH_WEIGHT: f64 = 0.05;
/// What authors write, in columns.
const USUAL_LENGTH: f64 = 130.0;
const OPEN_END: f64 = 0.1;
/// Sentences that are looked at; what comes later is no summary.
const MOST: usize = 400;

struct Sentence {
    text: String,
    /// Which paragraph it stands in.
    paragraph: usize,
    words: BTreeSet<String>,
    score: f64,
}

/// The lead up to its best sentence, if no other sentence of the article is better; else that one.
pub fn auto(blocks: &[Block], title: &str, language: Option<&str>, length: usize) -> Option<Pick> {
    let scored = scored(blocks, title, language);
    let best = best(&scored, length)?;
    let mut lead_length = 0;
    let lead = scored
        .iter()
        .take_while(|sentence| sentence.paragraph == scored[0].paragraph)
        .take_while(|sentence| {
            lead_length += width(&sentence.text) + 1;
            lead_length <= length + 1
        })
        .count();
    match highest(&scored[..lead]) {
        Some(said) if scored[said].score >= scored[best].score => {
            let texts = scored[..=said].iter().map(|sentence| sentence.text.as_str());
            Some(Pick::Lead(texts.collect::<Vec<_>>().join(" ")))
        }
        _ => Some(Pick::Sentence(scored[best].text.clone())),
    }
}

/// What was picked.
pub enum Pick {
    Lead(String),
    Sentence(String),
}

/// The best sentence of all.
pub fn extract(
    blocks: &[Block],
    title: &str,
    language: Option<&str>,
    length: usize,
) -> Option<String> {
    let scored = scored(blocks, title, language);
    let best = best(&scored, length).map(|at| scored[at].text.clone());
    best.or_else(|| Some(cut(&scored.first()?.text, language, length)))
}

fn best(scored: &[Sentence], length: usize) -> Option<usize> {
    let fitting = (0..scored.len()).filter(|at| width(&scored[*at].text) <= length);
    fitting.reduce(|best, at| if scored[at].score > scored[best].score { at } else { best })
}

/// The first of those with the highest score.
fn highest(scored: &[Sentence]) -> Option<usize> {
    (0..scored.len())
        .reduce(|best, at| if scored[at].score > scored[best].score { at } else { best })
}

fn scored(blocks: &[Block], title: &str, language: Option<&str>) -> Vec<Sentence> {
    let is_prose = |block: &&Block| matches!(block.kind, BlockKind::Paragraph | BlockKind::Item);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut all: Vec<(BlockKind, Sentence)> = Vec::new();
    for (paragraph, block) in blocks.iter().filter(is_prose).enumerate() {
        if all.len() >= MOST {
            break;
        }
        let text = super::strip_dateline(&block.text);
        for text in sentences(text, language) {
            let text = text.trim().to_string();
            let words = words(&text);
            for word in &words {
                *counts.entry(word.clone()).or_default() += 1;
            }
            let words = words.into_iter().collect();
            all.push((block.kind, Sentence { text, paragraph, words, score: 0.0 }));
        }
    }
    // Items count where there is nothing else.
    let has_paragraphs = all.iter().any(|(kind, _)| *kind == BlockKind::Paragraph);
    let mut sentences: Vec<Sentence> = all
        .into_iter()
        .filter(|(kind, sentence)| {
            (*kind == BlockKind::Paragraph || !has_paragraphs) && !sentence.text.is_empty()
        })
        .map(|(_, sentence)| sentence)
        .collect();
    let keys = key_words(&counts);
    let title: BTreeSet<String> = words(title).into_iter().collect();
    for (at, sentence) in sentences.iter_mut().enumerate() {
        sentence.score = score(sentence, at, &title, &keys);
    }
    sentences
}

fn score(sentence: &Sentence, at: usize, title: &BTreeSet<String>, keys: &[&String]) -> f64 {
    let shared = title.intersection(&sentence.words).count() as f64;
    let keyed = keys.iter().filter(|key| sentence.words.contains(**key)).count() as f64;
    let columns = width(&sentence.text).max(4) as f64;
    let open = sentence.text.ends_with([':', '：']);
    shared / title.len().max(1) as f64 + KEY_WEIGHT * keyed / KEY_WORDS as f64
        - LATER * at.min(LATEST) as f64
        - LENGTH_WEIGHT * (columns / USUAL_LENGTH).ln().powi(2)
        - if open { OPEN_END } else { 0.0 }
}

/// Words that come again, the longest and most frequent.
fn key_words(counts: &BTreeMap<String, usize>) -> Vec<&String> {
    let mut keys: Vec<(usize, &String)> = counts
        .iter()
        .filter(|(word, count)| **count > 1 && weight(word) >= 4)
        .map(|(word, count)| (count * weight(word), word))
        .collect();
    keys.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    keys.into_iter().take(KEY_WORDS).map(|(_, word)| word).collect()
}

fn weight(word: &str) -> usize {
    if word.chars().any(is_unspaced) { 4 } else { word.chars().count().min(10) }
}

/// Scripts that put no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Words of two letters and more; where none are set apart, pairs of characters.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in text.to_lowercase().split(|c: char| !c.is_alphanumeric() && c != '_') {
        let mut rest = run;
        while let Some(first) = rest.chars().next() {
            let unspaced = is_unspaced(first);
            let end = rest.find(|c| is_unspaced(c) != unspaced).unwrap_or(rest.len());
            let part = &rest[..end];
            rest = &rest[end..];
            let letters: Vec<char> = part.chars().collect();
            if unspaced && letters.len() > 1 {
                words.extend(letters.windows(2).map(|pair| pair.iter().collect::<String>()));
            } else if unspaced || part.graphemes(true).count() > 1 {
                words.push(part.to_string());
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs(texts: &[&str]) -> Vec<Block> {
        texts
            .iter()
            .map(|text| Block { kind: BlockKind::Paragraph, text: (*text).into() })
            .collect()
    }

    #[test]
    fn a_lead_that_says_something_stays() {
        let blocks = paragraphs(&[
            "The harbour of Oldport opens a second pier this spring. It took nine years.",
            "Ships had waited.",
        ]);
        match auto(&blocks, "Oldport harbour opens second pier", Some("en"), 300) {
            Some(Pick::Lead(lead)) => {
                assert_eq!(lead, "The harbour of Oldport opens a second pier this spring.");
            }
            _ => panic!("the lead is the best"),
        }
    }

    #[test]
    fn a_greeting_gives_way_to_what_says_more() {
        let blocks = paragraphs(&[
            "Hello everybody!",
            "I hope that you are well.",
            "The harbour of Oldport opens a second pier this spring, after nine years of building.",
        ]);
        match auto(&blocks, "Oldport harbour opens second pier", Some("en"), 300) {
            Some(Pick::Sentence(sentence)) => {
                assert!(sentence.starts_with("The harbour of Oldport"))
            }
            _ => panic!("another sentence is better than the lead"),
        }
    }

    #[test]
    fn texts_without_spaces_have_words_too() {
        assert_eq!(words("港口开放 pier"), ["港口", "口开", "开放", "pier"]);
        assert!(
            extract(
                &paragraphs(&["你好。", "旧港的第二码头今春开放。"]),
                "旧港码头开放",
                Some("zh"),
                300
            )
            .is_some_and(|text| text.starts_with("旧港"))
        );
        assert_eq!(extract(&[], "x", None, 300), None);
    }
}
