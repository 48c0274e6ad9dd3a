//! How near what was found is to what a person says is right.

use std::collections::{HashMap, HashSet};

#[derive(Default)]
pub struct Means {
    precision: f64,
    recall: f64,
    count: usize,
}

impl Means {
    pub fn add(&mut self, precision: f64, recall: f64) {
        self.precision += precision;
        self.recall += recall;
        self.count += 1;
    }

    pub fn count(&self) -> usize {
        self.count
    }
}

impl std::fmt::Display for Means {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.count.max(1) as f64;
        let (precision, recall) = (self.precision / count, self.recall / count);
        let f1 = 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE);
        write!(f, "F1 {f1:.3}, precision {precision:.3}, recall {recall:.3} over {}", self.count)
    }
}

/// Scripts that put no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || c == '_' {
            if is_unspaced(c) {
                tokens.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                tokens.push(c.to_string());
            } else {
                word.push(c);
            }
        } else {
            tokens.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
    }
    tokens.extend((!word.is_empty()).then_some(word));
    tokens
}

fn shingles(text: &str) -> HashMap<Vec<String>, usize> {
    let tokens = tokens(text);
    let mut shingles = HashMap::new();
    let size = 4.min(tokens.len().max(1));
    for shingle in tokens.windows(size) {
        *shingles.entry(shingle.to_vec()).or_default() += 1;
    }
    shingles
}

/// Precision and recall of the multiset of shingles.
pub fn shingle_scores(found: &str, gold: &str) -> (f64, f64) {
    let (found, gold) = (shingles(found), shingles(gold));
    let shared: usize =
        found.iter().map(|(shingle, count)| *count.min(gold.get(shingle).unwrap_or(&0))).sum();
    let share = |whole: &HashMap<Vec<String>, usize>| match whole.values().sum::<usize>() {
        0 => 0.0,
        whole => shared as f64 / whole as f64,
    };
    (share(&found), share(&gold))
}

/// Tells the blocks of a text that are in a body.
pub struct Own {
    shingles: HashMap<Vec<String>, usize>,
    lines: HashSet<String>,
}

impl Own {
    pub fn of(gold: &str) -> Own {
        Own { shingles: shingles(gold), lines: gold.lines().map(bare).collect() }
    }

    /// Whether most of a block is in the body, and how many tokens it has.
    pub fn of_block(&self, block: &str) -> (bool, usize) {
        let count = tokens(block).len();
        if count < 4 {
            return (self.lines.contains(&bare(block)), count);
        }
        let own = shingles(block);
        let shared = own.keys().filter(|shingle| self.shingles.contains_key(*shingle)).count();
        (shared * 2 >= own.len(), count)
    }
}

fn bare(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The same letters and digits, whatever stands between them.
pub fn same_title(found: &str, gold: &str) -> bool {
    bare(found) == bare(gold)
}

/// Or one of them is at least half of the other.
pub fn near_title(found: &str, gold: &str) -> bool {
    let (found, gold) = (bare(found), bare(gold));
    let (short, long) = if found.len() < gold.len() { (found, gold) } else { (gold, found) };
    !short.is_empty() && long.contains(&short) && short.len() * 2 >= long.len()
}

/// F1 of the longest common subsequence of words (Lin 2004, ROUGE-L).
pub fn rouge_l(found: &str, gold: &str) -> f64 {
    let lower = |text: &str| tokens(&text.to_lowercase());
    let (found, gold) = (lower(found), lower(gold));
    let mut row = vec![0_usize; gold.len() + 1];
    for word in &found {
        let mut diagonal = 0;
        for (at, other) in gold.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if word == other { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    let common = row[gold.len()] as f64;
    if common == 0.0 {
        return 0.0;
    }
    let (precision, recall) = (common / found.len() as f64, common / gold.len() as f64);
    2.0 * precision * recall / (precision + recall)
}
