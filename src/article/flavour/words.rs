//! Patterns of addresses and of file names: text with words in it, such as `:year`.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::slugify;

/// The next word of a pattern: what stands before it, the word, and what comes after.
pub fn next_word(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, tail) = pattern.split_once(':')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (word, after) = tail.split_at(tail.find(|c| !is_part(c)).unwrap_or(tail.len()));
    Some((before, word, after))
}

/// Puts our words into a generator's pattern, where the same word means something else.
pub fn translate_words(pattern: &str, words: &[(&str, &str)]) -> String {
    let mut translated = String::new();
    let mut rest = pattern;
    while let Some((before, word, after)) = next_word(rest) {
        let ours = words.iter().find(|(theirs, _)| *theirs == word).map_or(word, |(_, ours)| ours);
        translated.extend([before, ":", ours]);
        rest = after;
    }
    translated + rest
}

/// Longest value of a field in an address, in characters.
const MAX_PART: usize = 500;

/// What no address holds as it is (RFC 3986, 2.2 to 2.4), and what begins a pattern's words.
const NO_PART: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

/// A field's value as it stands in a pattern: no word of one, whatever it holds.
pub fn as_part(value: &str) -> String {
    let value: String = value.chars().take(MAX_PART).collect();
    utf8_percent_encode(&value, NO_PART).to_string()
}

/// The path of a post below the folder of posts; the whole path where it lies in none.
pub fn below_posts<'a>(page: &'a str, posts: Option<&str>) -> &'a str {
    let Some(posts) = posts else { return page };
    let below = page.split_once(posts).and_then(|(_, below)| below.strip_prefix('/'));
    below.unwrap_or(page)
}

/// How files are named, such as `:category/:year/:title` (Hexo, `new_post_name`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern {
    pattern: String,
}

/// Ways in which a name may fit a pattern that are tried; no more words of one are followed.
const MAX_TRIES: usize = 1_000;

impl NamePattern {
    pub fn of(pattern: &str) -> NamePattern {
        NamePattern { pattern: pattern.to_string() }
    }

    /// What the words stand for in a path below the folder of posts, without extension; nothing
    /// where it does not fit.
    pub fn parts<'a>(&'a self, path: &'a str) -> Vec<(&'a str, &'a str)> {
        let (mut found, mut tries) = (Vec::new(), MAX_TRIES);
        if fits(&self.pattern, path, &mut found, &mut tries) { found } else { Vec::new() }
    }

    /// The part of an address that a post's name gives.
    pub fn title(&self, path: &str) -> String {
        let parts = self.parts(path);
        let title = parts.iter().find(|(word, _)| *word == "title");
        title.map_or_else(|| slugify::hexo(path), |(_, title)| title.to_string())
    }
}

/// Each word takes as little as it can.
fn fits<'a>(
    pattern: &'a str,
    path: &'a str,
    found: &mut Vec<(&'a str, &'a str)>,
    tries: &mut usize,
) -> bool {
    let Some(left) = tries.checked_sub(1) else { return false };
    *tries = left;
    let Some((before, word, after)) = next_word(pattern) else { return pattern == path };
    let Some(path) = path.strip_prefix(before) else { return false };
    let digits = match word {
        "year" => Some(4..=4),
        "month" | "day" => Some(2..=2),
        "i_month" | "i_day" => Some(1..=2),
        _ => None,
    };
    let ends = path.char_indices().map(|(at, c)| at + c.len_utf8());
    for end in ends {
        let (taken, rest) = path.split_at(end);
        if let Some(digits) = &digits {
            if end > *digits.end() || !taken.bytes().all(|b| b.is_ascii_digit()) {
                return false;
            }
            if !digits.contains(&end) {
                continue;
            }
        }
        found.push((word, taken));
        if fits(after, rest, found, tries) {
            return true;
        }
        found.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_posts_are_taken_apart() {
        let check = |pattern: &str, path: &str, title: &str| {
            assert_eq!(NamePattern::of(pattern).title(path), title, "{pattern} {path}");
        };
        check(":title", "a/b", "a/b");
        check(":category/:year/:title", "c/2022/x", "x");
        check(":category/:year/:title", "c/d/2022/x/y", "x/y");
        check(":category/:year/:title", "c/x y", "c-x-y");
        check(":year-:month-:day-:title", "2022-01-02-x-y", "x-y");
        check(":year-:month-:day-:title", "2022-1-2-x", "2022-1-2-x");
        check(":i_month.:title", "1.é", "é");
        check(":lang/:title", "vi/x", "x");
        assert_eq!(NamePattern::of(":lang/:title").parts("vi/x")[0], ("lang", "vi"));
        for many in [":a:b:c:d:e:f:title/", &":a".repeat(4_000)] {
            assert!(NamePattern::of(many).parts(&"x".repeat(4_000)).is_empty());
        }
    }
}
