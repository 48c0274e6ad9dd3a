//! What a text defines to be referred to: targets of links and substitutions.

use std::collections::{HashMap, HashSet};

use super::super::markup::MAX_ADDRESS;

/// Names that lead to each other, at most.
const MAX_HOPS: usize = 8;

#[derive(Clone, Debug)]
enum Target {
    Address(String),
    Alias(String),
    /// A place in the text.
    Here,
}

#[derive(Clone, Debug)]
pub enum Substitution {
    Text(String),
    Html(String),
    /// A directive, with its lines.
    Image(Vec<String>),
}

#[derive(Clone, Debug, Default)]
pub struct References {
    targets: HashMap<String, Target>,
    /// Of links without a name, in their order.
    anonymous: Vec<String>,
    substitutions: HashMap<String, Substitution>,
    /// The numbers of footnotes that are numbered by themselves, by name, and of those without one.
    numbers: HashMap<String, usize>,
    unnamed: Vec<usize>,
    last: usize,
    /// Numbers that authors gave.
    manual: HashSet<usize>,
}

/// Names are the same whatever their case and white space.
pub fn normal(name: &str) -> String {
    name.replace('\\', "").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl References {
    pub fn of(lines: &[&str]) -> References {
        let manual = lines.iter().filter_map(|line| manual(line)).collect();
        let mut references = References { manual, ..References::default() };
        let mut waiting: Vec<String> = Vec::new();
        // What is indented deeper is literal.
        let mut literal = None;
        for (at, line) in lines.iter().enumerate() {
            let bare = line.trim_start();
            let indent = line.len() - bare.len();
            if bare.is_empty() || literal.is_some_and(|around| indent > around) {
                continue;
            }
            literal = is_before_literal(bare).then_some(indent);
            if let Some(rest) = bare.strip_prefix("__ ") {
                references.anonymous.push(address(rest, &[]));
                continue;
            }
            let Some(rest) = bare.strip_prefix(".. ") else {
                // A target without an address leads where the next one does.
                if indent == 0 {
                    references.targets.extend(waiting.drain(..).map(|name| (name, Target::Here)));
                }
                continue;
            };
            let more = below(&lines[at + 1..], indent);
            // A directive's content may stand behind a blank line.
            let content = match lines.get(at + 2..) {
                Some(behind) if lines[at + 1].is_empty() => below(behind, indent),
                _ => more,
            };
            if let Some(label) = rest.strip_prefix("[#").and_then(|rest| rest.split_once(']')) {
                references.number(label.0);
            } else if let Some(rest) = rest.trim_start().strip_prefix("__:") {
                references.anonymous.push(address(rest, more));
            } else if let Some((name, rest)) = target(rest.trim_start()) {
                let address = address(rest, more);
                waiting.push(name);
                if address.is_empty() {
                    continue;
                }
                let target = match address.strip_suffix('_') {
                    Some(alias) if !alias.contains("://") => {
                        Target::Alias(normal(alias.trim_matches('`')))
                    }
                    _ => Target::Address(address),
                };
                let same = waiting.drain(..).map(|name| (name, target.clone()));
                references.targets.extend(same);
            } else if let Some((name, what)) = substitution(rest.trim_start(), content) {
                references.substitutions.insert(name, what);
            }
        }
        references.targets.extend(waiting.into_iter().map(|name| (name, Target::Here)));
        references
    }

    fn number(&mut self, name: &str) {
        if self.numbers.contains_key(&normal(name)) {
            return;
        }
        let mut number = self.last + 1;
        while self.manual.contains(&number) {
            number += 1;
        }
        self.last = number;
        match name.is_empty() {
            true => self.unnamed.push(number),
            false => drop(self.numbers.insert(normal(name), number)),
        }
    }

    /// What a footnote is called: `#` and `#name` have numbers. `unnamed` counts those that were
    /// met.
    pub fn label(&self, label: &str, unnamed: &mut usize) -> String {
        let number = match label.strip_prefix('#') {
            Some("") => {
                *unnamed += 1;
                self.unnamed.get(*unnamed - 1)
            }
            Some(name) => self.numbers.get(&normal(name)),
            None => None,
        };
        number.map_or_else(|| label.trim_start_matches('#').to_string(), usize::to_string)
    }

    /// Where a name leads, if it leads out of the text.
    pub fn address(&self, name: &str) -> Option<&str> {
        let mut name = normal(name);
        for _ in 0..MAX_HOPS {
            match self.targets.get(&name)? {
                Target::Address(address) => return Some(address),
                Target::Alias(other) => name = other.clone(),
                Target::Here => return None,
            }
        }
        None
    }

    pub fn anonymous(&self, at: usize) -> Option<&str> {
        self.anonymous.get(at).map(String::as_str)
    }

    pub fn substitution(&self, name: &str) -> Option<&Substitution> {
        self.substitutions.get(&normal(name))
    }
}

/// The lines that belong to what begins at an indentation, up to a blank one.
fn below<'a, 'b>(lines: &'a [&'b str], indent: usize) -> &'a [&'b str] {
    let belongs = |line: &&str| {
        let bare = line.trim_start();
        !bare.is_empty() && line.len() - bare.len() > indent
    };
    let count = lines.iter().take(16).take_while(|line| belongs(line)).count();
    &lines[..count]
}

/// An address may go on in the next lines; white space in it means nothing.
fn address(rest: &str, more: &[&str]) -> String {
    let all = std::iter::once(rest).chain(more.iter().copied());
    let mut all: String = all.flat_map(str::split_whitespace).collect();
    all.truncate(all.floor_char_boundary(MAX_ADDRESS));
    all.trim_matches('`').replace('\\', "")
}

/// The number of a footnote that its author numbered.
fn manual(line: &str) -> Option<usize> {
    let (label, _) = line.trim_start().strip_prefix(".. [")?.split_once(']')?;
    label.parse().ok()
}

/// Whether what is indented below a line is as it stands.
fn is_before_literal(line: &str) -> bool {
    const LITERAL: [&str; 6] =
        ["code", "code-block", "sourcecode", "parsed-literal", "raw", "math"];
    match line.strip_prefix(".. ").map(|rest| rest.split_once("::")) {
        Some(Some((name, _))) => LITERAL.contains(&name.trim()),
        Some(None) => false,
        None => line.ends_with("::"),
    }
}

/// `_name: rest`, or a name in backquotes.
fn target(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix('_')?;
    if let Some(rest) = rest.strip_prefix('`') {
        let (name, rest) = rest.split_once('`')?;
        return Some((normal(name), rest.strip_prefix(':')?));
    }
    named(rest).map(|(name, rest)| (normal(name), rest))
}

/// The name that a colon ends, unless it is escaped or nothing parts it from what follows.
pub fn named(text: &str) -> Option<(&str, &str)> {
    const MAX_COLONS: usize = 8;
    let mut colons = text.match_indices(':').map(|(at, _)| at).take(MAX_COLONS);
    let at = colons.find(|at| {
        let (before, after) = (&text[..*at], &text[at + 1..]);
        !before.ends_with('\\') && (after.is_empty() || after.starts_with(' '))
    })?;
    (at > 0).then(|| (&text[..at], &text[at + 1..]))
}

/// `|name| replace:: text`, or an image.
fn substitution(text: &str, more: &[&str]) -> Option<(String, Substitution)> {
    let (name, rest) = text.strip_prefix('|')?.split_once('|')?;
    let (directive, rest) = rest.trim_start().split_once("::")?;
    let what = match directive {
        "replace" => {
            let all = std::iter::once(rest).chain(more.iter().copied()).map(str::trim);
            Substitution::Text(all.collect::<Vec<_>>().join(" ").trim().to_string())
        }
        "raw" if rest.trim() == "html" => {
            let options = |line: &&&str| line.trim_start().starts_with(':');
            let html = more.iter().skip_while(options).map(|line| line.trim());
            Substitution::Html(html.collect::<Vec<_>>().join(" ").trim().to_string())
        }
        "unicode" => Substitution::Text(characters(rest)),
        "image" => {
            let all = std::iter::once(rest.trim()).chain(more.iter().map(|line| line.trim()));
            Substitution::Image(all.map(String::from).collect())
        }
        _ => return None,
    };
    Some((normal(name), what))
}

/// Characters by their numbers (`U+00A9`, `0xA9`), and words as they are.
fn characters(text: &str) -> String {
    let character = |word: &str| {
        let number = ["U+", "0x", "x", "\\u", "\\x"].iter().find_map(|p| word.strip_prefix(p))?;
        u32::from_str_radix(number, 16).ok().and_then(char::from_u32).map(String::from)
    };
    let words = text.split_whitespace().take_while(|word| *word != "..");
    words.map(|word| character(word).unwrap_or_else(|| word.to_string())).collect()
}
