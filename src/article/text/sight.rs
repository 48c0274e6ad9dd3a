//! What can be seen of each block of a text without knowing its language, in numbers.

use hashbrown::{HashMap, HashSet};

use super::Piece;
use super::words::{is_unspaced, words};
use crate::article::dates;
use crate::article::people;
use crate::article::summary::width;

/// How many numbers describe a block.
pub const SIGHTS: usize = 51;

pub type Sight = [f32; SIGHTS];

/// A block as it is compared with others.
struct Block<'a> {
    text: &'a str,
    words: Vec<String>,
    width: usize,
    ends: bool,
    kinds: Kinds,
}

/// How many characters of each kind a text has.
#[derive(Clone, Copy, Default)]
struct Kinds {
    all: usize,
    upper: usize,
    lower: usize,
    numeric: usize,
    commas: usize,
    stops: usize,
    quotes: usize,
    /// What menus and captions are written with.
    signs: usize,
}

impl Kinds {
    fn of(text: &str) -> Kinds {
        let mut kinds = Kinds::default();
        for c in text.chars() {
            kinds.all += 1;
            // Most characters are small letters or spaces, and nothing else.
            match c {
                ' ' => {}
                'a'..='z' => kinds.lower += 1,
                'A'..='Z' => kinds.upper += 1,
                '0'..='9' => kinds.numeric += 1,
                // Numbers of Rome, of either size.
                'Ⅰ'..='ⅿ' => {
                    kinds.lower += usize::from(c.is_lowercase());
                    kinds.upper += usize::from(c.is_uppercase());
                    kinds.numeric += 1;
                }
                c if c.is_lowercase() => kinds.lower += 1,
                c if c.is_uppercase() => kinds.upper += 1,
                c => {
                    kinds.numeric += usize::from(c.is_numeric());
                    kinds.commas += usize::from(matches!(c, ',' | '،' | '、' | '，' | ';' | '；'));
                    kinds.stops += usize::from(is_stop(c));
                    kinds.quotes += usize::from(matches!(
                        c,
                        '"' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『'
                    ));
                    kinds.signs += usize::from(matches!(
                        c,
                        '|' | '›' | '»' | '·' | '•' | '→' | '©' | '®' | '>' | '#' | '@' | '/'
                    ));
                }
            }
        }
        kinds
    }
}

impl Block<'_> {
    /// Long enough, and ended as a sentence is, to be some article's.
    fn is_prose(&self) -> bool {
        self.ends && self.width >= 120
    }
}

/// Describes every block.
pub fn look(pieces: &[Piece]) -> Vec<Sight> {
    let blocks: Vec<Block> = pieces
        .iter()
        .map(|piece| Block {
            text: &piece.text,
            words: words(&piece.text),
            width: width(&piece.text),
            ends: ends(&piece.text),
            kinds: Kinds::of(&piece.text),
        })
        .collect();
    let all = Whole::of(&blocks);
    let count = blocks.len().max(1) as f32;
    let (mut before, mut sights) = (0.0, Vec::with_capacity(blocks.len()));
    for (at, block) in blocks.iter().enumerate() {
        let mut sight = [0.0; SIGHTS];
        let mut next = 0;
        let mut see = |value: f32| {
            sight[next] = value;
            next += 1;
        };
        shape(block, &mut see);
        marks(block, &mut see);
        all.compare(at, block, &mut see);
        // Where it stands.
        let prose = prose(block);
        see(at as f32 / count);
        see((at as f32).min(60.0) / 60.0);
        see((count - at as f32).min(60.0) / 60.0);
        see((before / 4.0_f32).min(1.0));
        see(((all.prose - before - prose) / 4.0).min(1.0));
        see(before / all.prose.max(0.01));
        before += prose;
        see(count.ln() / 6.0);
        see((all.prose / 20.0).min(1.0));
        see(flag(at > all.title));
        see(at.abs_diff(all.title).min(40) as f32 / 40.0);
        let piece = &pieces[at];
        see(piece.before.min(3) as f32 / 3.0);
        see(piece.after.min(3) as f32 / 3.0);
        debug_assert_eq!(next, SIGHTS);
        sights.push(sight);
    }
    sights
}

fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}

fn share(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}

/// From 0 to 1: long blocks that end as sentences do.
fn prose(block: &Block) -> f32 {
    block.width.min(400) as f32 / 400.0 * if block.ends { 1.0 } else { 0.2 }
}

/// How long it is, and how it is written.
fn shape(block: &Block, see: &mut impl FnMut(f32)) {
    let (text, width, kinds) = (block.text, block.width, &block.kinds);
    see((1.0 + width as f32).ln() / 6.0);
    see(flag(width <= 12));
    see(flag(width >= 40));
    see(flag(width >= 120));
    see(flag(width >= 300));
    see(prose(block));
    see(share(block.words.len().min(60), 60));
    let letters = block.words.iter().map(|word| word.chars().count()).sum::<usize>();
    see((letters as f32 / block.words.len().max(1) as f32 / 10.0).min(1.5));
    see(share(kinds.upper, kinds.upper + kinds.lower));
    see(if kinds.lower == 0 { 0.0 } else { title_case(text) });
    see(share(kinds.numeric, kinds.all));
    let first = text.chars().next().unwrap_or(' ');
    see(flag(first.is_lowercase()));
    see(flag(first.is_numeric()));
    see(flag(!first.is_alphanumeric()));
}

/// Its punctuation, and what it may be by its marks.
fn marks(block: &Block, see: &mut impl FnMut(f32)) {
    let (text, kinds) = (block.text, &block.kinds);
    see(flag(block.ends));
    see(flag(text.ends_with([':', '：'])));
    see(flag(text.ends_with('…') || text.ends_with("...")));
    see(flag(text.trim_end_matches(CLOSERS).ends_with(['?', '!', '？', '！', '؟'])));
    let (commas, stops) = (kinds.commas, kinds.stops);
    see(share(commas.min(6), 6));
    see(share(stops.min(6), 6));
    see(share(commas + stops, block.words.len()).min(0.5) * 2.0);
    see(flag(kinds.quotes > 0));
    see(flag(kinds.signs > 0));
    see(flag(text.contains("://") || text.contains("www.") || text.contains('@')));
    see(flag(dates::is_date_line(text)));
    see(flag(people::marked_name(text).is_some()));
    see(flag(people::looks_like_name(text)));
}

/// What all blocks have in common.
struct Whole<'a> {
    /// The most frequent words.
    common: HashSet<&'a str>,
    /// In how many blocks of prose each word stands.
    in_prose: HashMap<&'a str, usize>,
    counts: HashMap<&'a str, usize>,
    /// Where each text stands first.
    first_at: HashMap<&'a str, usize>,
    /// How many blocks begin with the same word.
    firsts: HashMap<&'a str, usize>,
    prose: f32,
    /// The block that is most likely the title.
    title: usize,
    title_words: HashSet<&'a str>,
}

impl<'a> Whole<'a> {
    fn of(blocks: &'a [Block<'a>]) -> Whole<'a> {
        let mut whole = Whole {
            common: most_common(blocks),
            in_prose: HashMap::new(),
            counts: HashMap::new(),
            first_at: HashMap::new(),
            firsts: HashMap::new(),
            prose: blocks.iter().map(prose).sum(),
            title: 0,
            title_words: HashSet::new(),
        };
        for (at, block) in blocks.iter().enumerate() {
            whole.first_at.entry(block.text).or_insert(at);
            *whole.counts.entry(block.text).or_default() += 1;
            if let Some(first) = block.words.first() {
                *whole.firsts.entry(first).or_default() += 1;
            }
            if block.is_prose() {
                let words: HashSet<&str> = block.words.iter().map(String::as_str).collect();
                for word in words {
                    *whole.in_prose.entry(word).or_default() += 1;
                }
            }
        }
        if let Some(title) = whole.find_title(blocks) {
            whole.title = title;
            whole.title_words = blocks[title].words.iter().map(String::as_str).collect();
        }
        whole
    }

    fn is_rare(&self, word: &str) -> bool {
        word.starts_with(is_unspaced)
            || (!self.common.contains(word) && word.chars().nth(2).is_some())
    }

    /// Of its rare words, the share that stands in other blocks of prose too.
    fn shared(&self, block: &Block) -> f32 {
        let own = usize::from(block.is_prose());
        let rare = block.words.iter().filter(|word| self.is_rare(word));
        let (mut count, mut shared) = (0, 0);
        for word in rare {
            count += 1;
            let others = self.in_prose.get(word.as_str()).copied().unwrap_or(0);
            shared += usize::from(others > own);
        }
        share(shared, count)
    }

    fn compare(&self, at: usize, block: &Block, see: &mut impl FnMut(f32)) {
        let common = block.words.iter().filter(|word| self.common.contains(word.as_str())).count();
        see(share(common, block.words.len()));
        see(self.shared(block));
        let rare: Vec<&str> =
            block.words.iter().map(String::as_str).filter(|word| self.is_rare(word)).collect();
        let of_title = rare.iter().filter(|word| self.title_words.contains(*word)).count();
        see(if at == self.title { 0.0 } else { share(of_title, rare.len()) });
        let times = self.counts.get(block.text).copied().unwrap_or(1);
        see(flag(times > 1 && block.width < 120));
        see(flag(times > 1 && block.width >= 120));
        see(flag(self.first_at.get(block.text).is_some_and(|first| *first < at)));
        see(flag(credit(block.text)));
        let first = block.words.first().and_then(|first| self.firsts.get(first.as_str()));
        see((first.copied().unwrap_or(1).min(8) - 1) as f32 / 7.0);
        let doubled = super::is_doubled(block.text);
        see(flag(doubled));
        see((rare.len().min(20)) as f32 / 20.0);
        let distinct: HashSet<&str> = rare.iter().copied().collect();
        see(share(distinct.len(), rare.len()));
        see(flag(at == self.title));
    }

    /// The block, none too long, that shares most of its words with the long sentences, and stands
    /// early.
    fn find_title(&self, blocks: &[Block]) -> Option<usize> {
        let mut before = 0.0;
        let mut best: Option<(f32, usize)> = None;
        for (at, block) in blocks.iter().enumerate() {
            let after = ((self.prose - before) / 4.0).min(1.0);
            before += prose(block);
            if !(20..=220).contains(&block.width) || dates::is_date_line(block.text) {
                continue;
            }
            let score = self.shared(block) * (block.words.len() as f32 / 6.0).min(1.0)
                - 0.3 * flag(block.ends)
                + 0.15 * after
                - 0.3 * share(at, blocks.len());
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, at));
            }
        }
        best.map(|(_, at)| at)
    }
}

fn most_common<'a>(blocks: &'a [Block<'a>]) -> HashSet<&'a str> {
    const MANY: usize = 40;
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for (at, word) in blocks.iter().flat_map(|block| &block.words).enumerate() {
        counts.entry(word).or_insert((0, at)).0 += 1;
    }
    let mut ranked: Vec<(&str, (usize, usize))> = counts.into_iter().collect();
    ranked.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.1.1.cmp(&b.1.1)));
    ranked.into_iter().take(MANY).map(|(word, _)| word).collect()
}

/// Ends with a name in brackets, or after a slash or a mark of rights, as captions do.
fn credit(text: &str) -> bool {
    let tail: String = text.chars().rev().take(60).collect();
    let has = |mark: char| tail.contains(mark);
    has('©') || has('®') || (text.ends_with(')') && has('(')) || (has('/') && !text.contains("://"))
}

/// The share of words with a capital.
fn title_case(text: &str) -> f32 {
    let (mut words, mut capital) = (0, 0);
    for word in text.split_whitespace() {
        words += 1;
        capital += usize::from(word.starts_with(char::is_uppercase));
    }
    if words < 2 { 0.0 } else { share(capital, words) }
}

/// What may stand after the mark that ends a sentence.
pub const CLOSERS: [char; 13] =
    ['"', '\'', '”', '’', '»', ')', ']', '」', '』', '）', '】', '“', ' '];

/// Marks that end a sentence, in any script.
pub fn is_stop(c: char) -> bool {
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
    text.trim_end_matches(CLOSERS).ends_with(is_stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_those_of_unicode() {
        for c in (0..=0x10FFFF).filter_map(char::from_u32) {
            let kinds = Kinds::of(c.encode_utf8(&mut [0; 4]));
            let is = |count: usize| count == 1;
            assert_eq!(
                (is(kinds.lower), is(kinds.upper), is(kinds.numeric), is(kinds.stops)),
                (c.is_lowercase(), c.is_uppercase(), c.is_numeric(), is_stop(c)),
                "{c:?}"
            );
        }
        let kinds = Kinds::of("Ab 1, «c»; | ©.");
        assert_eq!((kinds.all, kinds.commas, kinds.quotes, kinds.signs), (15, 2, 2, 3));
    }
}
