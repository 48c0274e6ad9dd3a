//! How generators turn names and titles into parts of an address.

use unicode_segmentation::UnicodeSegmentation;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slugify {
    /// As it is.
    Verbatim,
    Hugo,
    Jekyll,
    Zola,
    Pelican,
    Astro,
    Eleventy,
}

impl Slugify {
    /// A folder's or a file's name.
    pub fn name(self, name: &str) -> String {
        match self {
            Slugify::Hugo => hugo(name),
            Slugify::Zola => slug::slugify(name),
            Slugify::Astro => github(name),
            Slugify::Verbatim | Slugify::Jekyll | Slugify::Pelican | Slugify::Eleventy => {
                name.to_string()
            }
        }
    }

    /// A title.
    pub fn title(self, title: &str) -> String {
        match self {
            Slugify::Hugo => hugo_title(title),
            Slugify::Jekyll => jekyll(title, "").to_lowercase(),
            Slugify::Zola => slug::slugify(title),
            Slugify::Pelican => pelican(title),
            Slugify::Verbatim | Slugify::Astro => github(title),
            Slugify::Eleventy => eleventy(title).unwrap_or_else(|| github(title)),
        }
    }
}

/// Letters, digits and a few marks in lower case, runs of white space as one hyphen
/// (Hugo, `common/paths`: Sanitize).
fn hugo(text: &str) -> String {
    let mut slug = String::new();
    let mut gap = false;
    for c in text.chars() {
        let allowed = c.is_alphanumeric()
            || matches!(c, '.' | '/' | '\\' | '_' | '#' | '+' | '~' | '-' | '@')
            || is_mark(c);
        if allowed {
            if gap && c != '-' {
                slug.push('-');
            }
            gap = false;
            slug.extend(c.to_lowercase());
        } else if c.is_whitespace() && !slug.is_empty() && !slug.ends_with('-') {
            gap = true;
        }
    }
    slug
}

/// In titles slashes are hyphens, and a plus comes to be read as the space of an address.
fn hugo_title(title: &str) -> String {
    let slug = hugo(&title.replace(['/', '\\'], "-"));
    match slug.contains('+') {
        true => {
            let lead = if slug.starts_with('+') { "-" } else { "" };
            format!("{lead}{}", hugo(&slug.replace('+', " ")))
        }
        false => slug,
    }
}

/// A combining mark: it stands in no grapheme of its own.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && format!("a{c}").graphemes(true).count() == 1
}

/// Jekyll's modes of `slugify`: all but letters, digits and `kept` become hyphens.
pub fn jekyll(text: &str, kept: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || is_mark(c) || kept.contains(c) {
            slug.push(c);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_string()
}

/// What Jekyll's mode `pretty` keeps beside letters and digits.
pub const PRETTY: &str = "._~!$&'()+,;=@";

/// Letters without their marks, German ones as Germans write them without; `None` where a letter
/// is of an alphabet whose spelling each library has in a way of its own.
fn in_ascii(text: &str) -> Option<String> {
    let mut ascii = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ä' => ascii.push_str("ae"),
            'ö' => ascii.push_str("oe"),
            'ü' => ascii.push_str("ue"),
            'Ä' => ascii.push_str("Ae"),
            'Ö' => ascii.push_str("Oe"),
            'Ü' => ascii.push_str("Ue"),
            c => match latin(c) {
                Some(letters) => ascii.push_str(letters),
                None if has_own_spelling(c) => return None,
                None => ascii.push(c),
            },
        }
    }
    Some(ascii)
}

/// A Latin letter in ASCII.
fn latin(c: char) -> Option<&'static str> {
    let is_latin = matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    let is_letter = is_latin && !matches!(c, '×' | '÷');
    is_letter.then(|| deunicode::deunicode_char(c).map(str::trim)).flatten()
}

/// Greek to Arabic and its kin, Georgian.
fn has_own_spelling(c: char) -> bool {
    c.is_alphabetic() && matches!(c, '\u{370}'..='\u{7bf}' | '\u{10a0}'..='\u{10ff}')
}

/// Eleventy's filter `slugify` (@sindresorhus/slugify, without decamelize); `None` where nothing
/// sure can be made of a text.
pub fn eleventy(text: &str) -> Option<String> {
    let text = in_ascii(&text.replace('&', " and "))?.to_lowercase();
    let mut slug = String::new();
    for (at, c) in text.char_indices() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if matches!(c, '`' | '^' | '·' | '¨' | '´' | '¸' | '¯') || is_mark(c) {
            // Diacritics, by Unicode's word for them.
        } else if !is_contraction(&text, at) && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    Some(slug.trim_end_matches('-').to_string()).filter(|slug| !slug.is_empty())
}

/// An apostrophe within `don't` or `it's`.
fn is_contraction(text: &str, at: usize) -> bool {
    let before = text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    let mut rest = text[at..].chars();
    before
        && rest.next() == Some('\'')
        && matches!(rest.next(), Some('t' | 's'))
        && rest.next().is_none_or(char::is_whitespace)
}

/// Eleventy's older filter `slug` (npm's slugify, in lower case); `None` as above.
pub fn npm(text: &str) -> Option<String> {
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            '$' => plain.push_str("dollar"),
            '%' => plain.push_str("percent"),
            '&' => plain.push_str("and"),
            '<' => plain.push_str("less"),
            '>' => plain.push_str("greater"),
            '|' => plain.push_str("or"),
            '€' => plain.push_str("euro"),
            '£' => plain.push_str("pound"),
            '-' | '–' => plain.push(' '),
            '•' => plain.push('*'),
            '“' | '”' => plain.push('"'),
            '‘' | '’' => plain.push('\''),
            '…' => plain.push_str("..."),
            c if c.is_ascii_alphanumeric() || c.is_whitespace() => plain.push(c),
            '_' | '*' | '+' | '~' | '.' | '(' | ')' | '\'' | '"' | '!' | ':' | '@' => plain.push(c),
            c if has_own_spelling(c) => return None,
            c => plain.push_str(latin(c).unwrap_or_default()),
        }
    }
    let slug = plain.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase();
    Some(slug).filter(|slug| !slug.is_empty())
}

/// Likewise, without marks (npm's slugify, `strict`).
pub fn strict(text: &str) -> Option<String> {
    let slug = npm(text)?;
    let kept = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    Some(slug.chars().filter(kept).collect::<String>()).filter(|slug| !slug.is_empty())
}

/// Hexo's: marks taken off Latin letters, what is no letter or digit a hyphen.
pub fn hexo(text: &str) -> String {
    let bare = text.chars().map(|c| match c {
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            deunicode::deunicode_char(c).unwrap_or("")
        }
        _ => "",
    });
    let mut slug = String::new();
    for (c, ascii) in text.chars().zip(bare) {
        if !ascii.is_empty() {
            slug.push_str(ascii);
        } else if c.is_whitespace() || c.is_ascii_punctuation() {
            if !slug.ends_with('-') {
                slug.push('-');
            }
        } else if !c.is_control() {
            slug.push(c);
        }
    }
    slug.trim_matches('-').to_string()
}

/// Django's `slugify`: ASCII letters, digits and underscores, the rest left out or hyphens.
fn pelican(text: &str) -> String {
    let ascii = deunicode::deunicode(text);
    let mut slug = String::new();
    for c in ascii.trim().chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c.to_ascii_lowercase());
        } else if (c.is_whitespace() || c == '-') && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug
}

/// As GitHub makes anchors of headings: letters and digits of any script, each space a hyphen.
fn github(text: &str) -> String {
    let kept = text.trim().chars().filter_map(|c| match c {
        ' ' | '-' => Some('-'),
        '_' => Some('_'),
        c if c.is_alphanumeric() || is_mark(c) => Some(c),
        _ => None,
    });
    kept.collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generator_has_its_way() {
        for (way, title, expected) in [
            (Slugify::Hugo, "Hello, World & Co.", "hello-world-co."),
            (Slugify::Hugo, "Đời sống -- mới", "đời-sống--mới"),
            (Slugify::Hugo, "a + b", "a--b"),
            (Slugify::Hugo, "C++ rules", "c-rules"),
            (Slugify::Hugo, "+plus", "-plus"),
            (Slugify::Hugo, "a +b", "a-b"),
            (Slugify::Hugo, "c++", "c"),
            (Slugify::Hugo, "a / b", "a-b"),
            (Slugify::Hugo, "a // b/c", "a--b-c"),
            (Slugify::Jekyll, "The _config.yml file!", "the-config-yml-file"),
            (Slugify::Zola, "Đời sống", "doi-song"),
            (Slugify::Eleventy, "Don't & “won’t”: it's 9× über", "dont-and-won-t-its-9-ueber"),
            (Slugify::Eleventy, "Đời sống — `code`s 元", "doi-song-codes"),
            (Slugify::Eleventy, "a·b Résumé", "ab-resume"),
            (Slugify::Pelican, "The State of Rust 0.9", "the-state-of-rust-09"),
            (Slugify::Pelican, "Crème brûlée - a_b", "creme-brulee-a_b"),
            (Slugify::Astro, "What's new in 2.0?", "whats-new-in-20"),
        ] {
            assert_eq!(way.title(title), expected, "{way:?} {title}");
        }
        assert_eq!(jekyll("The _config.yml file", PRETTY), "The-_config.yml-file");
        assert_eq!(jekyll("3-2-10--and - more-", PRETTY), "3-2-10-and-more");
        assert_eq!(hexo("Crème & Brûlée!"), "Creme-Brulee");
        assert_eq!(hexo("前端 开发"), "前端-开发");
    }

    #[test]
    fn npms_way_keeps_some_marks() {
        for (title, expected) in [
            ("Writers! “One” – two", "writers!-\"one\"-two"),
            ("A & B: 50% off", "a-and-b:-50percent-off"),
            (" - x -- y ", "x-y"),
        ] {
            assert_eq!(npm(title).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_not_sure_is_not_made() {
        for title in ["Юля", "ψυχή", "مرحبا", "Հայ", "ქარ", "前端", ""] {
            assert_eq!((eleventy(title), npm(title)), (None, None), "{title}");
        }
    }
}
