//! The words of a text in any script.

/// Scripts that put no spaces between words.
pub fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// Runs of letters and digits of one kind of script.
fn runs(text: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    // The small letters of the West first: what is a letter is looked up in tables for others.
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_alphanumeric() || c == '_';
    for word in text.split(|c: char| !is_part(c)) {
        if word.is_ascii() {
            runs.extend((!word.is_empty()).then_some(word));
            continue;
        }
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

/// About how many words a text has.
pub fn count(text: &str) -> usize {
    let size = |run: &str| if run.starts_with(is_unspaced) { run.chars().count() } else { 1 };
    runs(text).into_iter().map(size).sum::<usize>().max(1)
}
