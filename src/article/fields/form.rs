//! One article's fields, its own and those that it inherits, and what became of each.

use jiff::{Timestamp, tz::TimeZone};

use super::{ALIASES, EXPIRES, PUBLISHED, UPDATED, one_line};
use crate::article::declared::Declared;
use crate::article::front_matter::{Field, Value};
use crate::article::{Conventions, Problem, Provenance, dates, templates};

/// Where generators let authors put fields of their own.
const NESTS: &[&str] = &["params", "extra", "taxonomies"];
/// What these would mean there is the author's own affair: dates, addresses and visibility are
/// said at the top.
#[rustfmt::skip]
const TOP_ONLY: &[&str] = &[
    "_build", "build", "date", "draft", "headless", "hidden", "minor", "path", "permalink",
    "private", "publish", "published", "slug", "status", "title", "unlisted", "url",
];

/// Fields that an article has from elsewhere: of its folder, or of the whole site.
#[derive(Clone, Debug)]
pub struct Inherited {
    /// The file that says so.
    pub origin: String,
    pub fields: Vec<Field>,
}

/// A field, and who said it.
#[derive(Clone, Copy)]
pub(in crate::article) struct Said<'a> {
    pub(super) field: &'a Field,
    origin: &'a str,
}

impl std::ops::Deref for Said<'_> {
    type Target = Field;

    fn deref(&self) -> &Field {
        self.field
    }
}

impl Said<'_> {
    pub(in crate::article) fn rule(&self) -> String {
        format!("{}: {}", self.origin, self.field.key)
    }
}

/// One file's fields, with where to write down what became of them.
pub(in crate::article) struct Form<'a> {
    /// Who says the article's own fields.
    own: &'a str,
    /// The article's own first, then what it inherits, nearest first; nests after their tables.
    tables: Vec<Table<'a>>,
    /// Of all keys that are there: most names that are asked for are not.
    keys: Sieve,
    pub(in crate::article) path: &'a str,
    pub(in crate::article) conventions: &'a Conventions,
    pub(in crate::article) from: &'a mut Provenance,
    pub(super) problems: &'a mut Vec<Problem>,
}

#[derive(Clone, Copy)]
struct Table<'a> {
    origin: &'a str,
    fields: &'a [Field],
    at_top: bool,
}

/// Tells of most strings that are not in a set that they are not.
#[derive(Clone, Copy, Default)]
struct Sieve(u64);

impl Sieve {
    fn bit(text: &str) -> u64 {
        let bytes = text.as_bytes();
        let (first, last) =
            (bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0));
        let mixed = usize::from(first) + 5 * usize::from(last) + 11 * bytes.len();
        1 << (mixed % 64)
    }

    fn add(&mut self, text: &str) {
        self.0 |= Sieve::bit(text);
    }

    fn may_hold(self, text: &str) -> bool {
        self.0 & Sieve::bit(text) != 0
    }
}

fn is_top_only(name: &str) -> bool {
    let is = |names: &[&str]| names.contains(&name);
    is(TOP_ONLY) || is(PUBLISHED) || is(UPDATED) || is(EXPIRES) || is(ALIASES)
}

impl<'a> Form<'a> {
    pub(super) fn new(
        own: (&'a str, &'a [Field]),
        inherited: &'a [Inherited],
        path: &'a str,
        conventions: &'a Conventions,
        from: &'a mut Provenance,
        problems: &'a mut Vec<Problem>,
    ) -> Form<'a> {
        let more = inherited.iter().map(|more| (more.origin.as_str(), more.fields.as_slice()));
        let mut tables = Vec::with_capacity(4);
        for (origin, fields) in std::iter::once(own).chain(more) {
            // What Eleventy computes counts more than what it computes from.
            let computed = fields.iter().find(|field| field.key == "eleventycomputed");
            if let Some(Value::Map(fields)) = computed.map(|field| &field.value) {
                tables.push(Table { origin, fields, at_top: true });
            }
            tables.push(Table { origin, fields, at_top: true });
            let nests = fields.iter().filter(|field| NESTS.contains(&field.key.as_str()));
            tables.extend(nests.filter_map(|nest| match &nest.value {
                Value::Map(fields) => Some(Table { origin, fields, at_top: false }),
                _ => None,
            }));
        }
        let mut keys = Sieve::default();
        for field in tables.iter().flat_map(|table| table.fields) {
            keys.add(&field.key);
        }
        Form { own: own.0, tables, keys, path, conventions, from, problems }
    }

    /// The first of `names` that is there, at the top or in a nest.
    pub(in crate::article) fn find(&self, names: &[&str]) -> Option<Said<'a>> {
        self.each(names).next()
    }

    /// All of `names` that are there, what counts most first.
    pub(in crate::article) fn all(&self, names: &[&str]) -> Vec<Said<'a>> {
        self.each(names).collect()
    }

    pub(super) fn each(&self, names: &[&str]) -> impl Iterator<Item = Said<'a>> {
        let any = names.iter().any(|name| self.keys.may_hold(name));
        let tables = if any { self.tables.as_slice() } else { &[] };
        tables.iter().flat_map(move |table| {
            let &Table { origin, fields, at_top } = table;
            let is_meant =
                move |name: &&&str| self.keys.may_hold(name) && (at_top || !is_top_only(name));
            names.iter().filter(is_meant).flat_map(move |name| {
                let found = fields.iter().rev().filter(move |field| field.key == *name);
                found.filter(|field| says(&field.value)).map(move |field| Said { field, origin })
            })
        })
    }

    pub(in crate::article) fn declared(&self) -> &'a Declared {
        &self.conventions.declared
    }

    pub(in crate::article) fn warn(&mut self, field: Said, message: String) {
        let (line, message) = self.placed(field, message);
        self.problems.push(Problem::warning(self.path, line, message));
    }

    /// A line of another file is none of this one: that file is named instead.
    fn placed(&self, field: Said, message: String) -> (Option<u32>, String) {
        match field.origin == self.own {
            true => (Some(field.line), message),
            false => (None, format!("{message} (said by {}:{})", field.origin, field.line)),
        }
    }

    pub(in crate::article) fn note(&mut self, what: &'static str, field: Said) {
        if self.from.is_kept() {
            self.from.set(what, field.rule());
        }
    }

    /// Likewise, and what else is there under some names is written down as lost.
    pub(in crate::article) fn note_among(
        &mut self,
        what: &'static str,
        field: Said,
        names: &[&str],
    ) {
        if !self.from.is_kept() {
            return;
        }
        self.note(what, field);
        for other in self.all(names) {
            if !std::ptr::eq(other.field, field.field)
                && let Some(text) = other.value.as_str()
            {
                self.from.lose(what, other.rule(), one_line(text));
            }
        }
    }

    pub(in crate::article) fn text(
        &mut self,
        what: &'static str,
        names: &[&str],
    ) -> Option<String> {
        let field = self.find(names)?;
        let text = match &field.value {
            Value::Scalar(text) => one_line(text),
            Value::List(items) => items.first().and_then(Value::as_str).map(one_line)?,
            _ => {
                self.warn(field, format!("`{}` is no text", field.key));
                return None;
            }
        };
        if text.is_empty() {
            return None;
        }
        self.note_among(what, field, names);
        Some(text)
    }

    /// Text for readers, without template marks.
    pub(in crate::article) fn prose(
        &mut self,
        what: &'static str,
        names: &[&str],
    ) -> Option<String> {
        let text = self.text(what, names)?;
        let notation = self.conventions.flavour.notation;
        let text = templates::render_line(&text, notation, self.declared());
        (!text.is_empty()).then_some(text)
    }

    pub(in crate::article) fn date(
        &mut self,
        what: &'static str,
        names: &[&str],
        zone: &TimeZone,
        order: &dates::Language,
    ) -> Option<Timestamp> {
        let field = self.each(names).find(|field| !is_no_date(field))?;
        let value = match (field.key.as_str(), &field.value) {
            // Docusaurus' `last_update: { date: …, author: … }`
            ("last_update", Value::Map(_)) => field.value.get("date")?,
            (_, value) => value,
        };
        let text = value.as_str().unwrap_or("");
        match order.tells(|language| dates::parse_field(text, zone, language)) {
            Ok(timestamp) => {
                self.note_among(what, field, names);
                Some(timestamp)
            }
            Err(fault) => {
                let shown: String = text.chars().take(60).collect();
                let message = format!("`{}: {shown}` {fault}", field.key);
                let (line, message) = self.placed(field, message);
                self.problems.push(Problem::error(self.path, line, message));
                None
            }
        }
    }

    pub(in crate::article) fn flag(&self, name: &str) -> Option<bool> {
        self.find(&[name])?.value.as_bool()
    }

    pub(in crate::article) fn word(&self, name: &str) -> Option<&'a str> {
        self.find(&[name])?.field.value.as_str()
    }
}

/// `published: true` is no date, but tells whether the article is to be seen; `Last Modified` and
/// its like are Eleventy's words for times that files have anyway.
pub(super) fn is_no_date(field: &Field) -> bool {
    let text = field.value.as_str().unwrap_or("");
    let is_flag = field.value.as_bool().is_some() && text.parse::<i64>().is_err();
    let words = ["last modified", "created", "git last modified", "git created"];
    is_flag || words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A field that was left blank says nothing.
fn says(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Scalar(text) => !text.trim().is_empty(),
        _ => true,
    }
}
