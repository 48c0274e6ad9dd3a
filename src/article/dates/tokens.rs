//! A date's numbers, words and marks.

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// Its value and how many digits it was written with.
    Number(i64, usize),
    /// In lower case.
    Word(String),
    Mark(char),
}

pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if let Some(first) = digit(c) {
            let (mut value, mut count) = (i64::from(first), 1);
            while let Some(next) = chars.peek().copied().and_then(digit) {
                chars.next();
                value = value.saturating_mul(10).saturating_add(i64::from(next));
                count += 1;
            }
            tokens.push(Token::Number(value, count));
        } else if is_syllable(c) {
            tokens.push(Token::Word(c.to_string()));
        } else if c.is_alphabetic() {
            let mut word = String::from(c);
            while let Some(next) = chars.next_if(|next| continues(&word, *next)) {
                word.push(next);
            }
            tokens.push(Token::Word(word.trim_end_matches('.').to_lowercase()));
        } else if !c.is_whitespace() && !is_mark_of_word(c) {
            tokens.push(Token::Mark(if c == '：' { ':' } else { c }));
        }
    }
    tokens
}

/// Characters that are words of their own.
fn is_syllable(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

fn continues(word: &str, next: char) -> bool {
    let thai = |c: char| ('\u{e00}'..='\u{e7f}').contains(&c);
    if next == '.' {
        // Thai abbreviations have dots within.
        return word.starts_with(thai);
    }
    (next.is_alphabetic() && !is_syllable(next)) || is_mark_of_word(next)
}

/// Vowel signs, tone marks and joiners, which are no letters of their own.
fn is_mark_of_word(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{5b0}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{93c}' | '\u{93e}'..='\u{94d}' | '\u{951}'..='\u{957}' | '\u{9bc}'..='\u{9cd}'
        | '\u{a3c}'..='\u{a4d}' | '\u{abc}'..='\u{acd}' | '\u{b3c}'..='\u{b57}'
        | '\u{bbe}'..='\u{bcd}' | '\u{c3e}'..='\u{c56}' | '\u{cbc}'..='\u{cd6}'
        | '\u{d3e}'..='\u{d4d}' | '\u{dca}'..='\u{ddf}' | '\u{e31}' | '\u{e34}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}' | '\u{102b}'..='\u{103e}' | '\u{17b6}'..='\u{17d3}'
        | '\u{200c}' | '\u{200d}' | '\u{2019}' | '\u{5f3}')
}

/// A decimal digit of any script.
pub fn digit(c: char) -> Option<u32> {
    const ZEROS: [u32; 15] = [
        0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50,
        0x1040, 0xff10,
    ];
    let code = c as u32;
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).map(|zero| code - zero)
}
