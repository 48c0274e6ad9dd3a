//! Who wrote it.

use super::Person;
use super::fields::{Form, MAX_LIST, one_line};
use super::front_matter::Value;

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
