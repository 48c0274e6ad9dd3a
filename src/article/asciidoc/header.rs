//! A document's header: `= Title`, its authors, its revision, and attributes.

use super::super::front_matter::Value;
use super::attributes::{Attributes, definition, directive};
use super::meta::attributes_of;
use super::{plain, yaml};

/// Lines of a header, at most.
const MAX_LINES: usize = 400;

/// Attributes that say something of the article under their own name; others may be anything that
/// its text refers to.
const OWN: &[(&str, &str)] = &[
    ("date", "date"),
    ("revdate", "date"),
    ("docdate", "date"),
    ("author", "author"),
    ("authors", "author"),
    ("description", "description"),
    ("summary", "summary"),
    ("keywords", "keywords"),
    ("tags", "tags"),
    ("category", "category"),
    ("categories", "categories"),
    ("lang", "lang"),
];

/// What begins the names of attributes that are meant for a generator: Jekyll's and Antora's,
/// JBake's, Awestruct's.
const PREFIXES: &[&str] = &["page-", "jbake-", "awestruct-"];

/// What a header says of the article.
pub struct Said {
    /// With the lines that they stand in, from 0 on.
    pub fields: Vec<(String, Value, usize)>,
    /// What its text may refer to.
    pub attributes: Attributes,
    /// Bytes of the header.
    pub length: usize,
}

pub fn of(text: &str) -> Said {
    let mut header = Header::default();
    let mut lines = text.split_inclusive('\n').enumerate().take(MAX_LINES);
    let (mut at, mut end) = (0, 0);
    while let Some((number, line)) = lines.next() {
        at += line.len();
        let line = line.trim_end();
        if line.is_empty() {
            if header.title_at.is_some() {
                break;
            }
            continue;
        }
        if line == "////" {
            for (_, line) in lines.by_ref() {
                at += line.len();
                if line.trim_end() == "////" {
                    break;
                }
            }
        } else if line.starts_with("//")
            || directive(line).is_some()
            || (header.title_at.is_none() && attributes_of(line).is_some())
        {
            continue;
        } else if let Some((name, value)) = definition(line) {
            let mut value = value.to_string();
            while value.ends_with(" \\") {
                value.truncate(value.len() - 1);
                let Some((_, more)) = lines.next() else { break };
                at += more.len();
                value.push_str(more.trim());
            }
            header.attribute(name, value, number);
            end = at;
        } else if !header.line(line, number) {
            break;
        } else {
            end = at;
        }
    }
    let attributes = header.attributes.clone();
    Said { fields: header.fields(), attributes, length: end }
}

#[derive(Default)]
struct Header {
    title_at: Option<usize>,
    /// Lines under the title: its authors', its revision's, and attributes.
    below: usize,
    title: String,
    fields: Vec<(String, Value, usize)>,
    /// What generators are told counts more than what the document says of itself.
    told: Vec<(String, Value, usize)>,
    attributes: Attributes,
}

impl Header {
    /// A title, or a line under it; `false` for what is the body's.
    fn line(&mut self, line: &str, number: usize) -> bool {
        match self.title_at {
            None => {
                let title = line.strip_prefix("= ").or(line.strip_prefix("# "));
                let Some(title) = title.map(str::trim).filter(|title| !title.is_empty()) else {
                    return false;
                };
                (self.title_at, self.title) = (Some(number), title.to_string());
                self.attributes.set("doctitle", title.to_string());
                true
            }
            Some(_) if self.below == 0 && !line.starts_with(['[', '=', '.', ' ']) => {
                self.below = 1;
                let authors = self.attributes.expand(line);
                let names = authors_of(&authors);
                if let Some(first) = names.first() {
                    self.attributes.set("author", first.clone());
                }
                let address = authors.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
                if let Some((address, _)) = address {
                    self.attributes.set("email", address.trim().to_string());
                }
                self.fields.push(("author".into(), named(names), number));
                true
            }
            Some(_) if self.below == 1 && !line.starts_with(['[', '=', ' ']) => {
                self.below = 2;
                let line = self.attributes.expand(line).into_owned();
                let number_of = line.split([',', ':']).next().unwrap_or("").trim();
                let version = number_of.trim_start_matches(['v', 'V']);
                self.attributes.set("revnumber", version.to_string());
                if let Some(date) = revised(&line) {
                    self.attributes.set("revdate", date.clone());
                    self.fields.push(("date".into(), Value::Scalar(date), number));
                }
                true
            }
            Some(_) => false,
        }
    }

    fn attribute(&mut self, name: &str, value: String, number: usize) {
        let value = self.attributes.expand(&value).into_owned();
        self.attributes.set(name, value.clone());
        if self.title_at.is_some() {
            self.below = self.below.max(2);
        }
        let bare = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
        if let Some(bare) = bare.filter(|_| !value.is_empty()) {
            self.told.push((bare.to_lowercase(), yaml(&value), number));
        } else if let Some((_, field)) = OWN.iter().find(|(own, _)| *own == name) {
            let value = match *field {
                "author" => named(authors_of(&value)),
                _ => Value::Scalar(value),
            };
            self.fields.push((field.to_string(), value, number));
        }
    }

    /// Of several with one name the first counts.
    fn fields(self) -> Vec<(String, Value, usize)> {
        let mut all = self.told;
        all.extend(self.fields);
        if let Some(at) = self.title_at {
            let title = plain(&self.title, &self.attributes);
            all.push(("title".into(), Value::Scalar(title), at));
        }
        let mut fields: Vec<(String, Value, usize)> = Vec::new();
        for field in all {
            if !fields.iter().any(|(key, ..)| *key == field.0) {
                fields.push(field);
            }
        }
        fields
    }
}

fn authors_of(text: &str) -> Vec<String> {
    text.split(';').filter_map(author).collect()
}

fn named(names: Vec<String>) -> Value {
    Value::List(names.into_iter().map(Value::Scalar).collect())
}

/// `Given_Name Family <address>`
fn author(text: &str) -> Option<String> {
    let name = text.split('<').next().unwrap_or("").trim().replace('_', " ");
    (!name.is_empty()).then_some(name)
}

/// The date of `v1.2, 2024-03-12: A remark`.
fn revised(line: &str) -> Option<String> {
    let line = line.split_once(": ").map_or(line, |(before, _)| before);
    let is_number = |text: &str| {
        let bare = text.trim().trim_start_matches(['v', 'V']);
        !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let is_named = |text: &str| text.trim().starts_with(['v', 'V']);
    let date = match line.split_once(',') {
        Some((version, date)) if is_number(version) || is_named(version) => date,
        _ => line,
    };
    let date = date.trim().trim_end_matches(':');
    let is_version = date.starts_with(['v', 'V']);
    (!is_version && date.contains(|c: char| c.is_ascii_digit())).then(|| date.to_string())
}
