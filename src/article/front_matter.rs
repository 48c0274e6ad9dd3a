//! The block of fields before a body: YAML between `---`, TOML between `+++`, or a JSON object.
//! Every scalar is kept as it was written (`1.10` stays `1.10`), with the line of its key; what
//! it means is decided by the field that asks for it.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};

/// Front matter longer than this is no front matter.
const MAX_BYTES: usize = 64 * 1024;
/// Nodes, those that aliases repeat included, that one front matter may unfold to.
const MAX_NODES: usize = 10_000;
/// Bytes of text, likewise.
const MAX_UNFOLDED: usize = 1024 * 1024;
const MAX_DEPTH: usize = 32;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Scalar(String),
    List(Vec<Value>),
    Map(Vec<Field>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// In lower case: generators disagree on case, authors do not mean anything by it.
    pub key: String,
    /// 1 is the file's first line.
    pub line: u32,
    pub value: Value,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontMatter {
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    Unclosed,
    Syntax { line: u32, message: String },
}

impl Value {
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Scalar(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(fields) => {
                fields.iter().rev().find(|field| field.key == key).map(|field| &field.value)
            }
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.as_str()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }
}

/// Finds the front matter; returns it with the byte at which the body begins.
pub fn split(text: &str) -> Result<(Option<FrontMatter>, usize), Fault> {
    let first = text.lines().next().unwrap_or("").trim_end();
    match first {
        "---" => fenced(text, &["---", "..."], yaml),
        "+++" => fenced(text, &["+++"], toml_fields),
        "---json" => {
            fenced(text, &["---"], |text, line| json(text, line).map(|(fields, _)| fields))
        }
        _ if opens_json(text) => {
            let (fields, end) = json(text, 1)?;
            Ok((Some(FrontMatter { fields }), end))
        }
        _ => Ok((None, 0)),
    }
}

fn fenced(
    text: &str,
    closers: &[&str],
    parse: impl Fn(&str, u32) -> Result<Vec<Field>, Fault>,
) -> Result<(Option<FrontMatter>, usize), Fault> {
    let start = text.find('\n').map_or(text.len(), |at| at + 1);
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if closers.contains(&line.trim_end()) {
            let fields = parse(&text[start..at], 2)?;
            return Ok((Some(FrontMatter { fields }), at + line.len()));
        }
        at += line.len();
        if at - start > MAX_BYTES {
            break;
        }
    }
    // A line of dashes may also be a thematic break in a file without any front matter.
    let next = text[start..].lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let key = next.split([':', '=']).next().unwrap_or("");
    let is_field = next.len() > key.len()
        && !key.trim().is_empty()
        && key.trim().chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if is_field || next.is_empty() { Err(Fault::Unclosed) } else { Ok((None, 0)) }
}

fn opens_json(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('{') else { return false };
    matches!(rest.trim_start().chars().next(), Some('"' | '}'))
}

fn syntax(line: u32, format: &str, message: impl std::fmt::Display) -> Fault {
    Fault::Syntax { line, message: format!("bad {format} in the front matter: {message}") }
}

// ── YAML ──────────────────────────────────────────────────────────────────────────────────────

/// Collections under construction, innermost last.
struct Open {
    value: Value,
    anchor: usize,
    key: Option<(String, u32)>,
    line: u32,
}

#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    anchors: HashMap<usize, Value>,
    nodes: usize,
    bytes: usize,
    root: Option<Value>,
}

fn yaml(text: &str, first_line: u32) -> Result<Vec<Field>, Fault> {
    let mut tree = Tree::default();
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let line = error.marker().line() as u32 + first_line - 1;
            syntax(line, "YAML", error.info())
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
                let null = style == ScalarStyle::Plain
                    && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = if null { Value::Null } else { Value::Scalar(text.into_owned()) };
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

// ── TOML and JSON ─────────────────────────────────────────────────────────────────────────────

fn toml_fields(text: &str, first_line: u32) -> Result<Vec<Field>, Fault> {
    let line_at =
        |at: usize| first_line + text[..at].bytes().filter(|b| *b == b'\n').count() as u32;
    let table = toml::de::DeTable::parse(text).map_err(|error| {
        syntax(line_at(error.span().map_or(0, |span| span.start)), "TOML", error.message())
    })?;
    Ok(toml_table(table.into_inner(), &line_at))
}

fn toml_table(table: toml::de::DeTable<'_>, line_at: &dyn Fn(usize) -> u32) -> Vec<Field> {
    table
        .into_iter()
        .map(|(key, value)| Field {
            line: line_at(key.span().start),
            key: key.get_ref().to_lowercase(),
            value: toml_value(value.into_inner(), line_at),
        })
        .collect()
}

fn toml_value(value: toml::de::DeValue<'_>, line_at: &dyn Fn(usize) -> u32) -> Value {
    use toml::de::DeValue;
    match value {
        DeValue::String(text) => Value::Scalar(text.into_owned()),
        DeValue::Integer(number) => Value::Scalar(number.as_str().to_string()),
        DeValue::Float(number) => Value::Scalar(number.as_str().to_string()),
        DeValue::Boolean(flag) => Value::Scalar(flag.to_string()),
        DeValue::Datetime(date) => Value::Scalar(date.to_string()),
        DeValue::Array(items) => Value::List(
            items.into_iter().map(|item| toml_value(item.into_inner(), line_at)).collect(),
        ),
        DeValue::Table(table) => Value::Map(toml_table(table, line_at)),
    }
}

fn json(text: &str, first_line: u32) -> Result<(Vec<Field>, usize), Fault> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    match stream.next() {
        Some(Ok(serde_json::Value::Object(_))) if stream.byte_offset() > MAX_BYTES => {
            Err(syntax(first_line, "JSON", format!("longer than {MAX_BYTES} bytes")))
        }
        Some(Ok(serde_json::Value::Object(map))) => {
            let line_of = |key: &str| {
                let quoted = format!("\"{key}\"");
                let at = text.find(&quoted).unwrap_or(0);
                first_line + text[..at].bytes().filter(|b| *b == b'\n').count() as u32
            };
            let fields = map
                .into_iter()
                .map(|(key, value)| Field {
                    line: line_of(&key),
                    key: key.to_lowercase(),
                    value: json_value(value),
                })
                .collect();
            Ok((fields, stream.byte_offset()))
        }
        Some(Ok(_)) => Err(syntax(first_line, "JSON", "expected an object")),
        Some(Err(error)) if error.is_eof() => Err(Fault::Unclosed),
        Some(Err(error)) => Err(syntax(error.line() as u32 + first_line - 1, "JSON", error)),
        None => Err(Fault::Unclosed),
    }
}

fn json_value(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Scalar(flag.to_string()),
        serde_json::Value::Number(number) => Value::Scalar(number.to_string()),
        serde_json::Value::String(text) => Value::Scalar(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(json_value).collect()),
        serde_json::Value::Object(map) => Value::Map(
            map.into_iter()
                .map(|(key, value)| Field {
                    key: key.to_lowercase(),
                    line: 0,
                    value: json_value(value),
                })
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, key: &str, line: u32, value: &str, body: &str) {
        let (matter, at) = split(text).unwrap();
        let matter = matter.expect(text);
        let field = matter.fields.iter().find(|field| field.key == key).expect(key);
        assert_eq!((field.line, field.value.as_str()), (line, Some(value)), "{text}");
        assert_eq!(&text[at..], body);
    }

    #[test]
    fn reads_all_three_forms() {
        check("---\nTitle: 1.10\n---\nbody", "title", 2, "1.10", "body");
        check("---\na: 1\nb: no\n...\nbody", "b", 3, "no", "body");
        check("---\r\na: 'x: y'\r\n---\r\nbody", "a", 2, "x: y", "body");
        check("+++\n\ndate = 2024-01-02\n+++\nbody", "date", 3, "2024-01-02", "body");
        check("{\n\"title\": \"T\"\n}\nbody", "title", 2, "T", "\nbody");
        check("---json\n{\"a\": 7}\n---\nbody", "a", 2, "7", "body");
        check("---\nbase: &b {x: 1}\nmore: *b\ny: 2\n---\n", "y", 4, "2", "");
    }

    #[test]
    fn tells_what_is_wrong() {
        assert_eq!(split("---\ntitle: x\nbody"), Err(Fault::Unclosed));
        assert_eq!(split("+++\ntitle = 'x'\n"), Err(Fault::Unclosed));
        assert_eq!(split("---\n\nA thematic break.\n"), Ok((None, 0)));
        assert_eq!(split("Plain"), Ok((None, 0)));
        for (bad, at) in [("---\na: 1\nb: [\n---\n", 3..=4), ("+++\na = 1\nb = \n+++\n", 3..=3)] {
            match split(bad) {
                Err(Fault::Syntax { line, .. }) => assert!(at.contains(&line), "{bad}: {line}"),
                other => panic!("{bad}: {other:?}"),
            }
        }
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = String::from("---\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for n in 1..10 {
            let list = vec![format!("*a{}", n - 1); 10].join(",");
            bomb += &format!("a{n}: &a{n} [{list}]\n");
        }
        bomb += "---\n";
        assert!(matches!(split(&bomb), Err(Fault::Syntax { .. })));
        let big = format!("---\na: &a {}\nb: [{}]\n---\n", "x".repeat(30_000), "*a,".repeat(5_000));
        assert!(matches!(split(&big), Err(Fault::Syntax { .. })));
        let deep = format!("---\na: {}\n---\n", "[".repeat(20_000));
        assert!(matches!(split(&deep), Err(Fault::Syntax { .. })));
    }
}
