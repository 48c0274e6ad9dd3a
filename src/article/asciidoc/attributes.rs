//! What a document defines to be referred to, what is kept on a condition, and lists of attributes.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::HashMap;

use super::delimiters::is_verbatim;

/// Bytes that references to attributes may add, and of one value.
const MAX_ADDED: usize = 256 * 1024;
const MAX_VALUE: usize = 8 * 1024;
const MAX_DEFINED: usize = 2_000;
const MAX_NAME: usize = 60;

#[derive(Clone, Debug)]
pub struct Attributes {
    values: HashMap<String, String>,
    counters: RefCell<HashMap<String, u64>>,
    /// What may still be added.
    room: Cell<usize>,
}

/// Characters that have a name (AsciiDoc Language, Character Replacement Attributes); marks are
/// written so that they mark nothing.
const CHARACTERS: &[(&str, &str)] = &[
    ("blank", ""),
    ("empty", ""),
    ("sp", " "),
    ("nbsp", "\u{a0}"),
    ("zwsp", "\u{200b}"),
    ("wj", "\u{2060}"),
    ("apos", "'"),
    ("quot", "\""),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("deg", "°"),
    ("plus", "&#43;"),
    ("brvbar", "¦"),
    ("vbar", "|"),
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("startsb", "["),
    ("endsb", "]"),
    ("caret", "&#94;"),
    ("asterisk", "&#42;"),
    ("tilde", "&#126;"),
    ("backslash", "\\"),
    ("backtick", "&#96;"),
    ("two-colons", "::"),
    ("two-semicolons", ";;"),
    ("cpp", "C&#43;&#43;"),
    ("cxx", "C&#43;&#43;"),
    ("pp", "&#43;&#43;"),
];

impl Default for Attributes {
    fn default() -> Attributes {
        let known = ["asciidoctor", "backend-html5", "basebackend-html"];
        let mut values: HashMap<String, String> =
            known.iter().map(|name| (name.to_string(), String::new())).collect();
        let said = [
            ("backend", "html5"),
            ("figure-caption", "Figure"),
            ("table-caption", "Table"),
            ("example-caption", "Example"),
        ];
        values.extend(said.map(|(name, value)| (name.to_string(), value.to_string())));
        Attributes { values, counters: RefCell::default(), room: Cell::new(MAX_ADDED) }
    }
}

/// The name and the value of `:name: value`; `!` unsets it.
pub fn definition(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix(':')?.split_once(':')?;
    let bare = name.trim_matches('!');
    let fits = bare.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && bare.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        && (value.is_empty() || value.starts_with(' '));
    fits.then(|| (name, value.trim()))
}

impl Attributes {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn set(&mut self, name: &str, value: String) {
        let bare = name.trim_matches('!').to_lowercase();
        if bare.len() < name.len() {
            self.values.remove(&bare);
        } else if self.values.len() < MAX_DEFINED || self.values.contains_key(&bare) {
            let end = value.floor_char_boundary(MAX_VALUE);
            self.values.insert(bare, value[..end].to_string());
        }
    }

    /// A line that defines one; `false` where it does not.
    pub fn take(&mut self, line: &str) -> bool {
        let Some((name, value)) = definition(line) else { return false };
        let value = self.expand(value).into_owned();
        self.set(name, value);
        true
    }

    /// A text with the attributes that it refers to; such as are not known stay as they are.
    pub fn expand<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !text.contains('{') {
            return Cow::Borrowed(text);
        }
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            expanded.push_str(before);
            let end = after.bytes().take(MAX_NAME).position(|byte| byte == b'}');
            let name = end.map(|end| &after[..end]);
            // `\{name}` and `+{name}+` mean themselves.
            let quoted = before.ends_with('+') && !before.ends_with(" +");
            let escaped = before.ends_with('\\');
            match name.filter(|_| !quoted && !escaped).and_then(|name| self.value(name)) {
                Some(value) => {
                    expanded.push_str(&value);
                    rest = &after[end.unwrap_or(0) + 1..];
                }
                None => {
                    if escaped && name.is_some_and(|name| self.value(name).is_some()) {
                        expanded.pop();
                    }
                    expanded.push('{');
                    rest = after;
                }
            }
        }
        expanded.push_str(rest);
        Cow::Owned(expanded)
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some((kind, rest)) = name.split_once(':') {
            let mut counters = self.counters.borrow_mut();
            let counter = rest.split(':').next().unwrap_or("");
            let is_known = counters.contains_key(counter) || counters.len() < MAX_DEFINED;
            return match kind {
                "counter" | "counter2" if is_known => {
                    let number = counters.entry(counter.to_string()).or_default();
                    *number += 1;
                    Some(if kind == "counter" { number.to_string() } else { String::new() })
                }
                "set" => Some(String::new()),
                _ => None,
            };
        }
        if let Some(number) = self.counters.borrow().get(name) {
            return Some(number.to_string());
        }
        let known = self.get(&name.to_lowercase());
        let character = || CHARACTERS.iter().find(|(own, _)| *own == name).map(|(_, shown)| *shown);
        let value = known.or_else(character)?;
        self.spend(value.len()).then(|| value.to_string())
    }

    /// Whether so many bytes may still be added; then they are counted.
    pub fn spend(&self, bytes: usize) -> bool {
        let left = self.room.get().checked_sub(bytes);
        self.room.set(left.unwrap_or(self.room.get()));
        left.is_some()
    }
}

/// The lines that are kept: conditions hold, comments are left out, a definition that goes on in
/// the next line stands in one.
pub fn kept(text: &str, attributes: &Attributes) -> Vec<String> {
    let mut attributes = attributes.clone();
    let mut kept: Vec<String> = Vec::new();
    // Of each condition that is open, whether it holds.
    let mut open: Vec<bool> = Vec::new();
    // What stands as it is, up to the line that ends it.
    let mut verbatim = None::<&str>;
    let mut lines = text.lines().map(str::trim_end);
    while let Some(line) = lines.next() {
        let condition = line.ends_with(']').then(|| directive(line)).flatten();
        let holds = open.iter().all(|holds| *holds);
        match condition {
            Some(("endif", ..)) => drop(open.pop()),
            Some(("include", ..)) => {}
            Some((name, target, inside)) => {
                let is_met = is_met(name, target, inside, &attributes);
                if name == "ifeval" || inside.is_empty() {
                    open.push(is_met);
                } else if is_met && holds {
                    kept.push(inside.to_string());
                }
            }
            None if !holds => {}
            None => {
                verbatim = match verbatim {
                    Some(end) => Some(end).filter(|end| *end != line),
                    None => is_verbatim(line).then_some(line),
                };
                let escaped = line.strip_prefix('\\').filter(|rest| directive(rest).is_some());
                let mut line = escaped.unwrap_or(line).to_string();
                if verbatim.is_none() && line.starts_with(':') && definition(&line).is_some() {
                    while line.ends_with(" \\") && line.len() < MAX_VALUE {
                        line.truncate(line.len() - 1);
                        line.push_str(lines.next().unwrap_or("").trim());
                    }
                    attributes.take(&line);
                }
                kept.push(line);
            }
        }
    }
    kept
}

/// `ifdef::name[]`, `include::target[]`
pub fn directive(line: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = line.split_once("::")?;
    let is_known = ["ifdef", "ifndef", "ifeval", "endif", "include"].contains(&name);
    let (target, inside) = rest.strip_suffix(']')?.split_once('[').filter(|_| is_known)?;
    Some((name, target, inside))
}

fn is_met(name: &str, target: &str, inside: &str, attributes: &Attributes) -> bool {
    let is_set = |name: &str| attributes.get(&name.trim().to_lowercase()).is_some();
    match name {
        "ifdef" if target.contains('+') => target.split('+').all(is_set),
        "ifdef" => target.split(',').any(is_set),
        "ifndef" if target.contains('+') => !target.split('+').all(is_set),
        "ifndef" => !target.split(',').any(is_set),
        _ => {
            let bare =
                |text: &str| attributes.expand(text.trim().trim_matches(['"', '\''])).into_owned();
            const SIGNS: [&str; 6] = ["==", "!=", ">=", "<=", ">", "<"];
            let found = SIGNS.iter().find_map(|sign| Some((*sign, inside.split_once(sign)?)));
            let Some((sign, (a, b))) = found else { return false };
            let (a, b) = (bare(a), bare(b));
            let order = match (a.parse::<f64>(), b.parse::<f64>()) {
                (Ok(a), Ok(b)) => a.partial_cmp(&b),
                (Err(_), Err(_)) => Some(a.cmp(&b)),
                // A number and what is none.
                _ => None,
            };
            match sign {
                "==" => order == Some(Ordering::Equal),
                "!=" => order != Some(Ordering::Equal),
                ">=" => order.is_some_and(Ordering::is_ge),
                "<=" => order.is_some_and(Ordering::is_le),
                ">" => order.is_some_and(Ordering::is_gt),
                _ => order.is_some_and(Ordering::is_lt),
            }
        }
    }
}

/// What stands in brackets: `style#id.role%option,second,name="value"`.
#[derive(Clone, Debug, Default)]
pub struct AttributeList {
    pub positional: Vec<String>,
    pub named: Vec<(String, String)>,
}

impl AttributeList {
    pub fn of(text: &str) -> AttributeList {
        let mut list = AttributeList::default();
        for part in parts(text).into_iter().take(100) {
            let unquoted = |text: &str| {
                let text = text.trim();
                let bare = ['"', '\''].iter().find_map(|quote| {
                    text.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote))
                });
                bare.unwrap_or(text).replace("\\\"", "\"")
            };
            let is_name = |name: &str| {
                !name.is_empty()
                    && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
            };
            match part.split_once('=') {
                Some((name, value)) if is_name(name.trim()) => {
                    list.named.push((name.trim().to_lowercase(), unquoted(value)));
                }
                _ => list.positional.push(unquoted(part)),
            }
        }
        list
    }

    pub fn named(&self, name: &str) -> Option<&str> {
        self.named.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub fn at(&self, index: usize) -> Option<&str> {
        self.positional.get(index).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// What stands before the marks of an id, of roles and of options.
    pub fn style(&self) -> &str {
        let first = self.at(0).unwrap_or("");
        first.split(['#', '.', '%']).next().unwrap_or("")
    }

    pub fn id(&self) -> Option<&str> {
        let first = self.at(0).and_then(|first| first.split_once('#'));
        let short = first.and_then(|(_, rest)| rest.split(['.', '%']).next());
        self.named("id").or(short)
    }

    pub fn has_option(&self, option: &str) -> bool {
        let first = self.at(0).unwrap_or("");
        let said = [self.named("options"), self.named("opts")].into_iter().flatten();
        first.split('%').skip(1).any(|part| part.split(['#', '.']).next() == Some(option))
            || said.flat_map(|all| all.split(',')).any(|own| own.trim() == option)
    }
}

/// Parts between commas that do not stand in quotes.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut quote, mut start) = (None::<char>, 0);
    let mut before = ',';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open && before != '\\' => quote = None,
            (None, '"' | '\'') if matches!(before, ',' | '=') => quote = Some(c),
            (None, ',') => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        if !c.is_whitespace() {
            before = c;
        }
    }
    parts.push(&text[start..]);
    parts
}
