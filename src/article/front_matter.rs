//! The block of fields before a body: YAML between `---`, TOML between `+++`, a JSON object, or
//! lines of headers without a fence.
//! Every scalar is kept as it was written (`1.10` stays `1.10`), with the line of its key; what
//! it means is decided by the field that asks for it.

mod headers;
mod simple;
mod yaml;

use super::flavour::{Forms, Unfenced};
use super::{asciidoc, literals, org};
use yaml::yaml;

/// Front matter longer than this is no front matter.
const MAX_BYTES: usize = 64 * 1024;
/// Patterns of one list that are followed, and how long one is.
const MAX_LINES: usize = 1_000;
const MAX_LINE: usize = 200;

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
pub fn split(text: &str, forms: Forms) -> Result<(Option<FrontMatter>, usize), Fault> {
    let blank = text.len() - text.trim_start().len();
    if !forms.after_blank_lines || blank == 0 {
        return split_at_once(text, forms);
    }
    let lines = text[..blank].matches('\n').count() as u32;
    match split_at_once(&text[blank..], forms) {
        Ok((Some(matter), end)) => {
            let fields = moved_down(matter.fields, lines);
            Ok((Some(FrontMatter { fields }), blank + end))
        }
        Ok((None, _)) => Ok((None, 0)),
        Err(Fault::Syntax { line, message }) => Err(Fault::Syntax { line: line + lines, message }),
        Err(Fault::Unclosed) => Err(Fault::Unclosed),
    }
}

/// Of files whose markup has fields of its own: front matter only where a fence opens it.
pub fn fenced(text: &str, forms: Forms) -> Result<Option<(FrontMatter, usize)>, Fault> {
    if !["---", "+++", "{"].iter().any(|fence| text.starts_with(fence)) {
        return Ok(None);
    }
    let (matter, end) = split(text, Forms { unfenced: Unfenced::KnownHeaders, ..forms })?;
    Ok(matter.map(|matter| (matter, end)))
}

fn moved_down(fields: Vec<Field>, lines: u32) -> Vec<Field> {
    let moved = |field: Field| Field {
        line: field.line + lines,
        value: match field.value {
            Value::Map(fields) => Value::Map(moved_down(fields, lines)),
            value => value,
        },
        ..field
    };
    fields.into_iter().map(moved).collect()
}

fn split_at_once(text: &str, forms: Forms) -> Result<(Option<FrontMatter>, usize), Fault> {
    let first = text.lines().next().unwrap_or("").trim_end();
    let below = |closers: &'static [&'static str]| Fence {
        start: text.find('\n').map_or(text.len(), |at| at + 1),
        line: 2,
        closers,
        by_prefix: forms.long_fences,
    };
    match first {
        // A blank line ends them too.
        "---" if forms.unfenced == Unfenced::Headers => {
            let start = below(&[]).start;
            match headers::fields(&text[start..], 2) {
                (fields, _) if fields.is_empty() => Ok((None, 0)),
                (fields, end) => Ok((Some(FrontMatter { fields }), start + end)),
            }
        }
        "---" => below(&["---", "..."]).read(text, |text, line| yaml(text, line, forms)),
        "+++" => below(&["+++"]).read(text, toml_fields),
        // Hugo's fence may have a field behind it.
        field if field.starts_with("+++ ") && field.contains('=') => {
            let fence = Fence { start: 3, line: 1, ..below(&["+++"]) };
            fence.read(text, toml_fields)
        }
        "---json" => below(&["---"])
            .read(text, |text, line| json(text, line, MAX_BYTES).map(|(fields, _)| fields)),
        "---toml" => below(&["---"]).read(text, toml_fields),
        "---js" | "---javascript" => {
            let above = |line: u32| line - 1;
            below(&["---"]).read(text, |text, line| match literals::javascript(text) {
                Ok(fields) => Ok(moved_down(fields, above(line))),
                Err(Fault::Syntax { line: at, message }) => {
                    Err(Fault::Syntax { line: at + above(line), message })
                }
                unclosed => unclosed,
            })
        }
        dashes if forms.long_fences && is_long_fence(dashes) => {
            below(&["---"]).read(text, |text, line| yaml(text, line, forms))
        }
        _ if opens_json(text) => {
            let (fields, end) = json(text, 1, MAX_BYTES)?;
            Ok((Some(FrontMatter { fields }), end))
        }
        _ => Ok(headers::split(text, forms)),
    }
}

/// The fields of one of the site's own files, whose name tells its form.
pub fn fields_of(name: &str, text: &str) -> Result<Vec<Field>, Fault> {
    match name.rsplit('.').next().unwrap_or("") {
        // One line, the domain that GitHub Pages serves the site at.
        "CNAME" => {
            let value = Value::Scalar(text.lines().next().unwrap_or("").trim().to_string());
            Ok(vec![Field { key: "cname".into(), line: 1, value }])
        }
        "eleventyignore" | "gitignore" => Ok(lines(text)),
        "toml" => toml_fields(text, 1),
        "json" => json(text.trim_start(), 1, usize::MAX).map(|(fields, _)| fields),
        "yml" | "yaml" => yaml(text, 1, Forms::default()),
        "py" => literals::python(text),
        "js" | "mjs" | "cjs" | "ts" | "mts" => literals::javascript(text),
        "org" => Ok(org::open(text, Forms::default())?.0.unwrap_or_default().fields),
        "adoc" => Ok(asciidoc::open(text, Forms::default())?.0.unwrap_or_default().fields),
        _ => Ok(split(text, Forms::default())?.0.unwrap_or_default().fields),
    }
}

/// The lines of a list of patterns, without its comments.
fn lines(text: &str) -> Vec<Field> {
    let kept =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let kept = kept.filter(|line| line.len() <= MAX_LINE).take(MAX_LINES);
    let value = Value::List(kept.map(|line| Value::Scalar(line.to_string())).collect());
    vec![Field { key: "lines".into(), line: 1, value }]
}

/// Front matter between two lines.
struct Fence {
    /// Where its text begins, and in which line.
    start: usize,
    line: u32,
    closers: &'static [&'static str],
    /// Whatever begins with the first of them closes it.
    by_prefix: bool,
}

impl Fence {
    fn read(
        &self,
        text: &str,
        parse: impl Fn(&str, u32) -> Result<Vec<Field>, Fault>,
    ) -> Result<(Option<FrontMatter>, usize), Fault> {
        let mut at = self.start;
        for line in text[self.start..].split_inclusive('\n') {
            let bare = line.trim_end();
            let begins = self.by_prefix && bare.starts_with(self.closers[0]);
            if begins || self.closers.contains(&bare) {
                let fields = parse(&text[self.start..at], self.line)?;
                return Ok((Some(FrontMatter { fields }), at + line.len()));
            }
            at += line.len();
            if at - self.start > MAX_BYTES {
                break;
            }
        }
        // A line of dashes may also be a thematic break in a file without any front matter.
        let next = text[self.start..].lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        let key = next.split([':', '=']).next().unwrap_or("");
        let is_field = next.len() > key.len()
            && !key.trim().is_empty()
            && key.trim().chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if is_field || next.is_empty() { Err(Fault::Unclosed) } else { Ok((None, 0)) }
    }
}

fn is_long_fence(line: &str) -> bool {
    line.len() > 3 && line.bytes().all(|b| b == b'-')
}

fn opens_json(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('{') else { return false };
    matches!(rest.trim_start().chars().next(), Some('"' | '}'))
}

fn syntax(line: u32, format: &str, message: impl std::fmt::Display) -> Fault {
    Fault::Syntax { line, message: format!("bad {format} in the front matter: {message}") }
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

fn json(text: &str, first_line: u32, max_bytes: usize) -> Result<(Vec<Field>, usize), Fault> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    match stream.next() {
        Some(Ok(serde_json::Value::Object(_))) if stream.byte_offset() > max_bytes => {
            Err(syntax(first_line, "JSON", format!("longer than {max_bytes} bytes")))
        }
        Some(Ok(serde_json::Value::Object(map))) => {
            let line_of = |key: &str| {
                // Each is looked for from the beginning.
                if text.len() > MAX_BYTES {
                    return first_line;
                }
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

    fn open(text: &str) -> Result<(Option<FrontMatter>, usize), Fault> {
        split(text, Forms::default())
    }

    fn check(text: &str, key: &str, line: u32, value: &str, body: &str) {
        let (matter, at) = split(text, Forms::default()).unwrap();
        let matter = matter.expect(text);
        let field = matter.fields.iter().find(|field| field.key == key).expect(key);
        assert_eq!((field.line, field.value.as_str()), (line, Some(value)), "{text}");
        assert_eq!(&text[at..], body);
    }

    #[test]
    fn a_blank_line_ends_headers_that_a_fence_opens() {
        let forms = Forms { unfenced: Unfenced::Headers, ..Forms::default() };
        for (text, body) in [
            ("---\ntitle: A\n\nbody", "body"),
            ("---\ntitle: A\n---\nbody", "body"),
            ("---\n\nbody", "---\n\nbody"),
        ] {
            let (matter, at) = split(text, forms).unwrap();
            assert_eq!((&text[at..], matter.is_some()), (body, text.contains("title")), "{text}");
        }
    }

    #[test]
    fn reads_all_three_forms() {
        check("---\nTitle: 1.10\n---\nbody", "title", 2, "1.10", "body");
        check("---\na: 1\nb: no\n...\nbody", "b", 3, "no", "body");
        check("---\r\na: 'x: y'\r\n---\r\nbody", "a", 2, "x: y", "body");
        check("+++\n\ndate = 2024-01-02\n+++\nbody", "date", 3, "2024-01-02", "body");
        check("{\n\"title\": \"T\"\n}\nbody", "title", 2, "T", "\nbody");
        check("+++ title = \"T\"\nb = 1\n+++\nbody", "title", 1, "T", "body");
        check("---json\n{\"a\": 7}\n---\nbody", "a", 2, "7", "body");
        check("---\nbase: &b {x: 1}\nmore: *b\ny: 2\n---\n", "y", 4, "2", "");
    }

    #[test]
    fn reads_what_only_some_generators_write() {
        check("---toml\na = 7\n---\nbody", "a", 2, "7", "body");
        let of = |text: &str, forms: Forms| {
            let (matter, at) = split(text, forms).unwrap();
            matter.map(|matter| (matter.fields[0].line, text[at..].to_string()))
        };
        let late = Forms { after_blank_lines: true, ..Forms::default() };
        assert_eq!(of("\n \n---\na: 1\n---\nx", late), Some((4, "x".into())));
        assert_eq!(of("\n---\na: 1\n---\nx", Forms::default()), None);
        let long = Forms { long_fences: true, ..Forms::default() };
        assert_eq!(of("-----\na: 1\n-----\nx", long), Some((2, "x".into())));
        assert_eq!(of("---\na: 1\n-----\nx", long), Some((2, "x".into())));
        assert_eq!(of("------\na: 1\n---\nx", long), Some((2, "x".into())));
        let script = "---js\n{ title: 'T' }\n---\nx";
        assert_eq!(of(script, Forms::default()).map(|(_, body)| body), Some("x".into()));
    }

    #[test]
    fn times_without_a_zone_may_be_utc() {
        let forms = Forms { times_are_utc: true, ..Forms::default() };
        for (date, expected) in [
            ("2016-1-05 18:00:00", "2016-1-05 18:00:00 UTC"),
            ("'2016-01-05 18:00:00'", "2016-01-05 18:00:00"),
            ("2016-01-05 18:00", "2016-01-05 18:00"),
            ("2016-01-05 18:00:00 +0700", "2016-01-05 18:00:00 +0700"),
            ("2016-01-05", "2016-01-05"),
        ] {
            let (matter, _) = split(&format!("---\ndate: {date}\n---\n"), forms).unwrap();
            assert_eq!(matter.unwrap().fields[0].value.as_str(), Some(expected));
        }
    }

    #[test]
    fn tabs_are_forgiven() {
        check("---\ntags:\n\t- a\ntitle: x\n---\n", "title", 4, "x", "");
    }

    #[test]
    fn tells_what_is_wrong() {
        assert_eq!(open("---\ntitle: x\nbody"), Err(Fault::Unclosed));
        assert_eq!(open("+++\ntitle = 'x'\n"), Err(Fault::Unclosed));
        assert_eq!(open("---\n\nA thematic break.\n"), Ok((None, 0)));
        assert_eq!(open("Plain"), Ok((None, 0)));
        for (bad, at) in [("---\na: 1\nb: [\n---\n", 3..=4), ("+++\na = 1\nb = \n+++\n", 3..=3)] {
            match open(bad) {
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
        assert!(matches!(open(&bomb), Err(Fault::Syntax { .. })));
        let big = format!("---\na: &a {}\nb: [{}]\n---\n", "x".repeat(30_000), "*a,".repeat(5_000));
        assert!(matches!(open(&big), Err(Fault::Syntax { .. })));
        let deep = format!("---\na: {}\n---\n", "[".repeat(20_000));
        assert!(matches!(open(&deep), Err(Fault::Syntax { .. })));
    }
}
