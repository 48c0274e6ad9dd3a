//! Who wrote it.

use super::Person;
use super::fields::{Form, MAX_LIST, one_line};
use super::front_matter::Value;
use super::summary::width;

const AUTHORS: &[&str] = &["authors", "author", "creator", "byline"];

pub(super) fn authors(form: &mut Form) -> Vec<Person> {
    let Some(field) = form.find(AUTHORS) else { return Vec::new() };
    let people: Vec<Person> = match &field.value {
        Value::Scalar(text) if field.key == "authors" => {
            let mark = if text.contains(';') { ';' } else { ',' };
            text.split(mark).filter_map(named).collect()
        }
        Value::Scalar(text) => named(text).into_iter().collect(),
        Value::List(items) => items.iter().filter_map(person).take(MAX_LIST).collect(),
        map => person(map).into_iter().collect(),
    };
    let declared = form.declared();
    let people: Vec<Person> = people
        .into_iter()
        .map(|person| declared.person(&person.name).cloned().unwrap_or(person))
        .collect();
    if !people.is_empty() {
        form.note("authors", field);
    }
    people
}

pub(super) fn person(value: &Value) -> Option<Person> {
    if let Value::Scalar(text) = value {
        return named(text);
    }
    let text = |keys: &[&str]| {
        keys.iter().find_map(|key| value.get(key)).and_then(Value::as_str).map(one_line)
    };
    Some(Person {
        name: text(&["name", "display_name", "key", "title"])?,
        email: text(&["email", "mail"]),
        url: text(&["url", "uri", "link", "homepage"]),
    })
}

/// `Ada Nguyễn` or `Ada Nguyễn <ada@example.org>`.
pub fn named(text: &str) -> Option<Person> {
    let text = one_line(text);
    let (name, email) = match text.split_once('<') {
        Some((name, rest)) if rest.contains('@') => {
            (name.trim().to_string(), Some(rest.trim_end_matches('>').trim().to_string()))
        }
        _ => (text, None),
    };
    (!name.is_empty()).then_some(Person { name, email, url: None })
}

/// Words that announce an author, in lower case.
const MARKS: &[&str] = &[
    "by ",
    "written by ",
    "author:",
    "von ",
    "par ",
    "por ",
    "autor:",
    "auteur :",
    "di ",
    "door ",
    "av ",
    "af ",
    "oleh ",
    "penulis:",
    "tác giả:",
    "thực hiện:",
    "автор:",
    "текст:",
    "作者：",
    "作者:",
    "文：",
    "文／",
    "文/",
    "記者：",
    "記者:",
    "撰文：",
    "取材・文／",
    "글 ",
    "기자 ",
];

/// The name in a line that announces an author.
pub fn marked_name(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let mark = MARKS.iter().find(|mark| lower.starts_with(**mark))?;
    let name = text.get(mark.len()..)?.trim();
    looks_like_name(name).then(|| name.to_string())
}

/// The name in a byline, whatever else it tells: `By Ann Other, 12 May 2024`.
pub fn byline(text: &str) -> Option<String> {
    let text = one_line(text);
    let parts = text.split(['|', '•', '·', '\n']).flat_map(|part| part.split(" - "));
    parts.flat_map(|part| std::iter::once(part).chain(part.split(','))).find_map(|part| {
        let part = part.trim();
        marked_name(part).or_else(|| looks_like_name(part).then(|| part.to_string()))
    })
}

/// Two to five capitalised words, or two to eight ideographs, and nothing else.
pub fn looks_like_name(text: &str) -> bool {
    const PARTICLES: &[&str] = &[
        "van", "von", "de", "da", "di", "del", "der", "den", "la", "le", "bin", "y", "e", "and",
        "và", "&",
    ];
    if width(text) > 48 || text.is_empty() {
        return false;
    }
    let bare: Vec<char> =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '・' | '･' | '·')).collect();
    if bare.iter().all(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '々')) {
        return (2..=8).contains(&bare.len())
            && bare.iter().any(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'));
    }
    let words: Vec<&str> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let plain = text.chars().all(|c| {
        c.is_alphabetic()
            || matches!(c, ' ' | '.' | '\'' | '’' | '-' | ',' | '&')
            || ('\u{300}'..'\u{370}').contains(&c)
    });
    let capital = |word: &&str| {
        word.chars().next().is_some_and(|c| c.is_uppercase()) || PARTICLES.contains(word)
    };
    plain
        && (2..=7).contains(&words.len())
        && words.iter().all(capital)
        && words.iter().any(|word| word.chars().next().is_some_and(char::is_uppercase))
}
