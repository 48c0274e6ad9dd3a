//! The one filter that every string passes before it is written, and the namespaces in use.

use std::borrow::Cow;
use std::collections::BTreeMap;

pub use quick_xml::escape::escape;

use crate::article::Person;
use crate::feed::Feed;

pub const ATOM: &str = "http://www.w3.org/2005/Atom";
pub const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
pub const CONTENT: &str = "http://purl.org/rss/1.0/modules/content/";
pub const MEDIA: &str = "http://search.yahoo.com/mrss/";

pub fn namespaces(used: &[(&str, &str)]) -> BTreeMap<String, String> {
    used.iter().map(|(prefix, uri)| (prefix.to_string(), uri.to_string())).collect()
}

/// Leaves out the characters that XML 1.0 cannot hold, escaped or not (section 2.2, `Char`).
/// One of them makes a whole feed unreadable, and no crate that writes XML removes them.
pub fn legal(text: &str) -> Cow<'_, str> {
    fn is_legal(c: char) -> bool {
        matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    }
    if is_plain(text) || (text.chars().all(is_legal) && !text.contains('\r')) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| is_legal(*c)).collect(),
    )
}

/// Told from bytes alone, many at once: no control character but tab and line feed, and nothing
/// near U+FFFE, whose bytes begin with 0xEF 0xBF.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let control = |byte: &u8| (*byte < 0x20) & (*byte != b'\t') & (*byte != b'\n');
    let controls = bytes.iter().fold(false, |any, byte| any | control(byte));
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    let odd = pairs.fold(false, |any, (a, b)| any | ((*a == 0xEF) & (*b == 0xBF)));
    !controls && !odd
}

/// Passes every string of a feed through the filter.
pub fn clean(feed: &mut Feed) {
    texts([&mut feed.id, &mut feed.title, &mut feed.description]);
    texts(&mut feed.language);
    for entry in &mut feed.entries {
        texts([&mut entry.id, &mut entry.title, &mut entry.link, &mut entry.summary]);
        texts(entry.content.iter_mut().chain(&mut entry.language).chain(&mut entry.image));
        texts(entry.categories.iter_mut().flat_map(|term| [&mut term.slug, &mut term.name]));
        texts(&mut entry.tags);
        texts(entry.enclosures.iter_mut().flat_map(|file| [&mut file.url, &mut file.media_type]));
        entry.authors.iter_mut().for_each(person);
    }
}

fn person(person: &mut Person) {
    texts([&mut person.name]);
    texts(person.email.iter_mut().chain(&mut person.url));
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a mut String>) {
    for text in texts {
        if let Cow::Owned(legal) = legal(text) {
            *text = legal;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illegal_characters_go() {
        for (text, expected) in [
            ("a\u{0}b\u{b}c\u{c}d\u{1f}e", "abcde"),
            ("\u{fffe}a\u{ffff}\u{fffd}", "a\u{fffd}"),
            ("tab\tline\r\nnext\rlast", "tab\tline\nnext\nlast"),
            ("Quận 𝄞 👍", "Quận 𝄞 👍"),
        ] {
            assert_eq!(legal(text), expected);
        }
    }
}
