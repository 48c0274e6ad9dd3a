//! Org: keywords at a file's beginning (`#+TITLE:`), and a body's HTML, as Org's own exporter and
//! Hugo's make it (Org Manual 9; Org Syntax). What only a program could say (included files,
//! results of code that are not in the file, citations) is left out.

mod blocks;
mod inline;
mod lists;
mod tables;

use super::flavour::Forms;
use super::front_matter::{self, Fault, Field, FrontMatter, Value};
use super::markdown::Resolve;
use super::markup::expanded;
use blocks::{Walk, drawer, headline, is_hidden, keyword};

/// Lines before the body, at most.
const MAX_LINES: usize = 400;

/// Keywords that stand for one text, however many lines it was written in.
const TEXTS: &[&str] = &["title", "subtitle", "description", "summary"];

/// Fenced front matter, as some generators take it, or Org's keywords.
pub fn open(text: &str, forms: Forms) -> Result<(Option<FrontMatter>, usize), Fault> {
    if let Some((matter, end)) = front_matter::fenced(text, forms)? {
        return Ok((Some(matter), end));
    }
    let mut fields: Vec<Field> = Vec::new();
    let (mut body, mut at) = (0, 0);
    let mut lines = text.split_inclusive('\n').enumerate().take(MAX_LINES);
    while let Some((number, line)) = lines.next() {
        at += line.len();
        let bare = line.trim();
        if let Some((key, value)) = keyword(bare).filter(|(key, _)| !is_of_text(key)) {
            take(&mut fields, key, value, number as u32 + 1, forms.plain_keywords);
            body = at;
        } else if drawer(bare).is_some_and(is_hidden) {
            // Properties of the whole file.
            for (_, line) in lines.by_ref() {
                at += line.len();
                if line.trim().eq_ignore_ascii_case(":end:") {
                    body = at;
                    break;
                }
            }
        } else if !(bare.is_empty() || bare == "#" || bare.starts_with("# ")) || bare == MORE {
            break;
        }
    }
    Ok(((!fields.is_empty()).then_some(FrontMatter { fields }), body))
}

/// Whether a keyword says something of what follows in the text, or is a part of it.
fn is_of_text(key: &str) -> bool {
    const OWN: [&str; 9] =
        ["caption", "html", "name", "results", "header", "headers", "include", "toc", "call"];
    let key = key.to_lowercase();
    key.starts_with("attr_") || OWN.contains(&key.split('[').next().unwrap_or(""))
}

/// Ends the summary (Hugo).
const MORE: &str = "# more";

/// One that stands again goes on with its text, or names another value (Hugo).
fn take(fields: &mut Vec<Field>, key: &str, value: &str, line: u32, as_written: bool) {
    let key = key.to_lowercase();
    let (key, listed) = match key.strip_suffix("[]") {
        Some(bare) => (bare.to_string(), true),
        None => (key, false),
    };
    let value = match key.as_str() {
        // For Org, not of the article.
        "options" | "startup" | "property" | "macro" | "link" | "todo" => return,
        // Which tags Emacs offers, and by which key.
        "tags" if !as_written && value.contains('(') => return,
        "filetags" if !as_written => list(value.split(':')),
        _ if listed => list(value.split_whitespace()),
        _ if key.ends_with("date") || key == "lastmod" => {
            let moment = moment(value);
            let is_day = as_written && value.starts_with(['<', '[']);
            let day = moment.split(' ').next().filter(|_| is_day).map(String::from);
            Value::Scalar(day.unwrap_or(moment))
        }
        _ if TEXTS.contains(&key.as_str()) && !as_written => Value::Scalar(plain(value)),
        _ => Value::Scalar(value.to_string()),
    };
    let key = if key == "filetags" && !as_written { "tags".to_string() } else { key };
    match fields.iter_mut().find(|field| field.key == key) {
        None => fields.push(Field { key, line, value }),
        Some(Field { value: Value::Scalar(known), .. }) if TEXTS.contains(&key.as_str()) => {
            if let Value::Scalar(more) = value {
                *known = format!("{known} {more}");
            }
        }
        Some(field) => {
            let known = std::mem::replace(&mut field.value, Value::Null);
            field.value = Value::List([known, value].into_iter().flat_map(values).collect());
        }
    }
}

fn list<'a>(values: impl Iterator<Item = &'a str>) -> Value {
    let values = values.map(str::trim).filter(|value| !value.is_empty());
    Value::List(values.map(|value| Value::Scalar(value.to_string())).collect())
}

fn values(value: Value) -> Vec<Value> {
    match value {
        Value::List(values) => values,
        value => vec![value],
    }
}

/// `<2024-03-12 Tue 10:30>` as `2024-03-12 10:30`: the name of a day may be of any language.
fn moment(value: &str) -> String {
    let inner = value
        .strip_prefix(['<', '['])
        .and_then(|rest| rest.split_once(['>', ']']))
        .map_or(value, |(inner, _)| inner);
    let is_day = |word: &str| word.starts_with(|c: char| c.is_alphabetic()) && inner.len() < 60;
    let mut words = inner.split_whitespace();
    let day = words.next().unwrap_or("");
    if !day.starts_with(|c: char| c.is_ascii_digit()) {
        return inner.to_string();
    }
    let rest: Vec<&str> = words.collect();
    let rest = match rest.as_slice() {
        [word, rest @ ..] if is_day(word) && day.contains('-') => rest,
        rest => rest,
    };
    std::iter::once(&day).chain(rest).copied().collect::<Vec<_>>().join(" ")
}

/// Text with the marks of its inline markup taken away.
fn plain(text: &str) -> String {
    if !text.contains(['*', '/', '=', '~', '[', '\\', '+', '_', '@', '{']) {
        return text.to_string();
    }
    let mut walk = Walk::new(&|_| None);
    walk.inline(text);
    super::blocks::text_of(&walk.html).unwrap_or_else(|| text.to_string())
}

/// The first headline of a body.
pub fn first_heading(body: &str) -> Option<String> {
    let found = body.lines().find_map(headline)?;
    Some(plain(found.text)).filter(|text| !text.is_empty())
}

/// Converts a body. What it refers to may be defined anywhere in the `whole` file.
pub fn to_html(body: &str, whole: &str, resolve: Resolve) -> String {
    let body = expanded(body);
    let mut walk = Walk::new(resolve);
    walk.define(whole);
    walk.blocks(&body.lines().collect::<Vec<_>>());
    walk.notes();
    walk.html
}

#[cfg(test)]
mod tests;
