//! YAML, as far as fields are written in it, with a limit to what its aliases unfold to.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};

use super::{Fault, Field, Value, simple, syntax};
use crate::article::flavour::Forms;

/// Nodes, those that aliases repeat included, that one front matter may unfold to.
const MAX_NODES: usize = 10_000;
/// Bytes of text, likewise.
const MAX_UNFOLDED: usize = 1024 * 1024;
const MAX_DEPTH: usize = 32;

/// Collections under construction, innermost last.
struct Open {
    value: Value,
    anchor: usize,
    key: Option<(String, u32)>,
    line: u32,
}

#[derive(Default)]
struct Tree {
    forms: Forms,
    open: Vec<Open>,
    anchors: HashMap<usize, Value>,
    nodes: usize,
    bytes: usize,
    root: Option<Value>,
}

pub fn yaml(text: &str, first_line: u32, forms: Forms) -> Result<Vec<Field>, Fault> {
    if let Some(fields) = simple::fields(text, first_line, forms) {
        return Ok(fields);
    }
    match yaml_of(text, first_line, forms) {
        // YAML forbids tabs as indentation; authors do not know, and their generators forgive it.
        Err(fault) if text.contains("\n\t") => {
            let indented = |line: &str| {
                let bare = line.trim_start_matches('\t');
                format!("{}{bare}", "  ".repeat(line.len() - bare.len()))
            };
            let spaced: Vec<String> = text.lines().map(indented).collect();
            yaml_of(&spaced.join("\n"), first_line, forms).map_err(|_| fault)
        }
        read => read,
    }
}

pub fn yaml_of(text: &str, first_line: u32, forms: Forms) -> Result<Vec<Field>, Fault> {
    let mut tree = Tree { forms, ..Tree::default() };
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let line = error.marker().line() as u32 + first_line - 1;
            // The commonest slip of all: `title: One: the other`.
            let hint = match error.info().contains("mapping values are not allowed") {
                true => "; put a text that has a colon in quotes",
                false => "",
            };
            syntax(line, "YAML", format!("{}{hint}", error.info()))
        })?;
        let line = span.start.line() as u32 + first_line - 1;
        tree.take(event, line).map_err(|message| syntax(line, "YAML", message))?;
    }
    match tree.root {
        Some(Value::Map(fields)) => Ok(fields),
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(_) => Err(syntax(first_line, "YAML", "expected fields, such as `title: …`")),
    }
}

impl Tree {
    fn take(&mut self, event: Event<'_>, line: u32) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = match style {
                    ScalarStyle::Plain => plain(text, self.forms),
                    _ => Value::Scalar(text.into_owned()),
                };
                let size = size(&value);
                self.put(value, anchor, line, size)
            }
            Event::SequenceStart(_, anchor, _) => self.begin(Value::List(Vec::new()), anchor, line),
            Event::MappingStart(_, anchor, _) => self.begin(Value::Map(Vec::new()), anchor, line),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                self.put(open.value, open.anchor, open.line, (1, 0))
            }
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).ok_or("an alias without its anchor")?;
                self.afford(size(known))?;
                let value = self.anchors.get(&anchor).cloned().unwrap_or(Value::Null);
                self.put(value, 0, line, (0, 0))
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, value: Value, anchor: usize, line: u32) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH}"));
        }
        self.open.push(Open { value, anchor, key: None, line });
        Ok(())
    }

    fn afford(&mut self, (nodes, bytes): (usize, usize)) -> Result<(), String> {
        self.nodes += nodes;
        self.bytes += bytes;
        if self.nodes > MAX_NODES {
            return Err(format!("unfolds to more than {MAX_NODES} values"));
        }
        if self.bytes > MAX_UNFOLDED {
            return Err(format!("unfolds to more than {MAX_UNFOLDED} bytes"));
        }
        Ok(())
    }

    fn put(
        &mut self,
        value: Value,
        anchor: usize,
        line: u32,
        size: (usize, usize),
    ) -> Result<(), String> {
        self.afford(size)?;
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            None => {
                self.root.get_or_insert(value);
            }
            Some(Open { value: Value::List(items), .. }) => items.push(value),
            Some(Open { value: Value::Map(fields), key, .. }) => match key.take() {
                None => {
                    let name = match value {
                        Value::Scalar(name) => name,
                        _ => String::new(),
                    };
                    *key = Some((name, line));
                }
                Some((name, _)) if name == "<<" => merge(fields, value),
                Some((name, line)) => {
                    fields.push(Field { key: name.to_lowercase(), line, value });
                }
            },
            Some(_) => {}
        }
        Ok(())
    }
}

/// What an unquoted text says.
pub fn plain(text: Cow<str>, forms: Forms) -> Value {
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        time if forms.times_are_utc && is_time(time) => Value::Scalar(format!("{time} UTC")),
        _ => Value::Scalar(text.into_owned()),
    }
}

/// A moment with no zone, which YAML takes for UTC (YAML 1.1, `timestamp`).
fn is_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once([' ', 'T', 't']) else { return false };
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let of =
        |text: &str, mark: char| -> Vec<String> { text.split(mark).map(String::from).collect() };
    let (date, time) = (of(date, '-'), of(time.trim(), ':'));
    date.len() == 3
        && digits(&date[0], 4)
        && date[1..].iter().all(|part| digits(part, 2))
        && time.len() == 3
        && time[..2].iter().all(|part| digits(part, 2))
        && digits(time[2].split('.').next().unwrap_or(""), 2)
}

/// A merge key gives defaults: fields that are there already stay.
fn merge(fields: &mut Vec<Field>, value: Value) {
    match value {
        Value::Map(more) => fields.splice(0..0, more).for_each(drop),
        Value::List(items) => items.into_iter().rev().for_each(|item| merge(fields, item)),
        _ => {}
    }
}

/// Values and bytes of text.
fn size(value: &Value) -> (usize, usize) {
    let sum = |(nodes, bytes), (more_nodes, more_bytes)| (nodes + more_nodes, bytes + more_bytes);
    match value {
        Value::Null => (1, 0),
        Value::Scalar(text) => (1, text.len()),
        Value::List(items) => items.iter().map(size).fold((1, 0), sum),
        Value::Map(fields) => fields
            .iter()
            .map(|field| (0, field.key.len()))
            .chain(fields.iter().map(|field| size(&field.value)))
            .fold((1, 0), sum),
    }
}
