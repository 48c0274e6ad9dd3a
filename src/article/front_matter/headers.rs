//! Front matter without a fence: `Title: …` lines up to the first blank one (Pelican,
//! MultiMarkdown), and Hexo's fields that only end with a fence.

use super::{Field, FrontMatter, MAX_BYTES, Value, json, yaml};
use crate::article::flavour::{Forms, Unfenced};

/// One of these must be among a text's first lines, or they are no headers.
const KNOWN: &[&str] = &[
    "title",
    "date",
    "author",
    "authors",
    "category",
    "categories",
    "tags",
    "slug",
    "summary",
    "status",
    "lang",
    "language",
    "modified",
    "keywords",
    "published",
    "subtitle",
    "description",
    "permalink",
    "url",
];

pub fn split(text: &str, forms: Forms) -> (Option<FrontMatter>, usize) {
    let none = (None, 0);
    let unfenced = forms.unfenced;
    match unfenced {
        Unfenced::Opener => opener_less(text, forms).unwrap_or(none),
        Unfenced::Headers => match fields(text, 1) {
            (fields, end) if !fields.is_empty() => (Some(FrontMatter { fields }), end),
            _ => none,
        },
        Unfenced::KnownHeaders => {
            let end = block_end(text);
            match fields(&text[..end], 1) {
                (fields, all) if all == end && is_known(&fields) => {
                    (Some(FrontMatter { fields }), end)
                }
                _ => none,
            }
        }
    }
}

/// A sentence may begin with a word and a colon; headers name fields, and mostly several.
fn is_known(fields: &[Field]) -> bool {
    let known = fields.iter().filter(|field| KNOWN.contains(&field.key.as_str())).count();
    fields.first().is_some_and(|field| KNOWN.contains(&field.key.as_str()))
        && known * 2 >= fields.len()
        && (fields.len() > 1 || fields[0].key == "title")
}

/// Where the first blank line, or a closing fence, ends, or the text.
fn block_end(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() || is_fence(line) || at > MAX_BYTES {
            break;
        }
    }
    at
}

fn is_fence(line: &str) -> bool {
    matches!(line.trim_end(), "---" | "...")
}

/// `Key: value` lines, and where they end: at a blank line or a fence, or before any other line.
/// Those that are indented by four continue the one before (Python-Markdown, `meta`).
pub fn fields(text: &str, first_line: u32) -> (Vec<Field>, usize) {
    let mut fields: Vec<Field> = Vec::new();
    let mut at = 0;
    for (line, number) in text.split_inclusive('\n').zip(first_line..) {
        if line.trim().is_empty() || is_fence(line) {
            return (fields, at + line.len());
        }
        if at > MAX_BYTES {
            break;
        }
        let continues = line.starts_with("    ") || line.starts_with('\t');
        if continues && let Some(Field { value: Value::Scalar(value), .. }) = fields.last_mut() {
            if !value.is_empty() {
                value.push(' ');
            }
            value.push_str(line.trim());
        } else if let Some((key, value)) = key_and_value(line) {
            let (key, value) = (key.to_lowercase(), Value::Scalar(value.to_string()));
            fields.push(Field { key, line: number, value });
        } else {
            break;
        }
        at += line.len();
    }
    (fields, at)
}

fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let key = key.trim();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    // `https://…` is no field.
    let fits = !key.is_empty() && key.len() <= 40 && key.chars().all(plain);
    (fits && !value.starts_with("//")).then(|| (key, value.trim()))
}

/// What ends such fields: three dashes or semicolons, or more.
fn closer(line: &str) -> Option<char> {
    let first = line.chars().next().filter(|c| matches!(c, '-' | ';'))?;
    (line.len() >= 3 && line.chars().all(|c| c == first)).then_some(first)
}

/// YAML up to `---`, or the members of a JSON object up to `;;;` (hexo-front-matter).
fn opener_less(text: &str, forms: Forms) -> Option<(Option<FrontMatter>, usize)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let bare = line.trim_end();
        let fields = match closer(bare).filter(|_| at > 0) {
            Some('-') => Some(yaml(&text[..at], 1, forms).ok()?),
            Some(_) => {
                let object = format!("{{{}}}", &text[..at]);
                Some(json(&object, 1, MAX_BYTES).ok()?.0)
            }
            None => None,
        };
        if let Some(fields) = fields {
            return is_known_or_more(&fields).then_some((Some(FrontMatter { fields }), end));
        }
        // A setext heading, or a thematic break, comes after text and not after fields.
        let is_field = bare.is_empty()
            || bare.starts_with(['"', ' ', '-', '#', '\t', ']', '[', '}'])
            || bare
                .split(':')
                .next()
                .is_some_and(|key| key.len() < bare.len() && !key.contains(' '));
        if !is_field || end > MAX_BYTES {
            return None;
        }
        at = end;
    }
    None
}

fn is_known_or_more(fields: &[Field]) -> bool {
    fields.iter().any(|field| KNOWN.contains(&field.key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(unfenced: Unfenced, text: &str, expected: Option<(&[(&str, &str)], &str)>) {
        let (matter, at) = split(text, Forms { unfenced, ..Forms::default() });
        let found = matter.map(|matter| {
            let fields = matter.fields.into_iter();
            fields
                .map(|field| (field.key, field.value.as_str().unwrap_or("").to_string()))
                .collect::<Vec<_>>()
        });
        let expected = expected.map(|(fields, body)| {
            assert_eq!(&text[at..], body, "{text}");
            fields.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn headers_need_no_fence() {
        let headers = Unfenced::Headers;
        check(
            headers,
            "Title: A: b\nx: k\n    l\n\nbody",
            Some((&[("title", "A: b"), ("x", "k l")], "body")),
        );
        check(headers, "Title: A\n  l\n\nbody", Some((&[("title", "A")], "  l\n\nbody")));
        check(headers, "Title: A\n---\nbody", Some((&[("title", "A")], "body")));
        check(headers, "Just text.\n\nbody", None);
        check(headers, "https://a.example/\n\nbody", None);
        let known = Unfenced::KnownHeaders;
        check(
            known,
            "Title: A\nDate: 2024-01-02\n\nbody",
            Some((&[("title", "A"), ("date", "2024-01-02")], "body")),
        );
        check(known, "Note: a thing\n\nbody", None);
        check(known, "Date: a thing\n\nbody", None);
        check(known, "Title: A\r\n\r\nbody", Some((&[("title", "A")], "body")));
    }

    #[test]
    fn an_opening_fence_may_be_missing() {
        let opener = Unfenced::Opener;
        check(
            opener,
            "title: A\ndate: 2013/7/13\n---\nbody",
            Some((&[("title", "A"), ("date", "2013/7/13")], "body")),
        );
        check(
            opener,
            "\"title\": \"A\",\n\"x\": 1\n;;;\nbody",
            Some((&[("title", "A"), ("x", "1")], "body")),
        );
        check(opener, "A heading\n---\nbody", None);
        check(opener, "title: A\nbody", None);
    }
}
