//! What a text defines to be referred to: targets of links and substitutions.

use std::collections::HashMap;

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
}

/// Names are the same whatever their case and white space.
pub fn normal(name: &str) -> String {
    name.replace('\\', "").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl References {
    pub fn of(lines: &[&str]) -> References {
        let mut references = References::default();
        let mut waiting: Vec<String> = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let bare = line.trim_start();
            let indent = line.len() - bare.len();
            if let Some(rest) = bare.strip_prefix("__ ") {
                references.anonymous.push(address(rest, &[]));
                continue;
            }
            let Some(rest) = bare.strip_prefix(".. ") else {
                // A target without an address leads where the next one does.
                if !bare.is_empty() && indent == 0 {
                    references.targets.extend(waiting.drain(..).map(|name| (name, Target::Here)));
                }
                continue;
            };
            let more = below(&lines[at + 1..], indent);
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
            } else if let Some((name, what)) = substitution(rest.trim_start(), more) {
                references.substitutions.insert(name, what);
            }
        }
        references.targets.extend(waiting.into_iter().map(|name| (name, Target::Here)));
        references
    }

    fn number(&mut self, name: &str) {
        let number = self.numbers.len() + self.unnamed.len() + 1;
        match name.is_empty() {
            true => self.unnamed.push(number),
            false => drop(self.numbers.entry(normal(name)).or_insert(number)),
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
    all.flat_map(str::split_whitespace).collect::<String>().trim_matches('`').replace('\\', "")
}

/// `_name: rest`, or a name in backquotes.
fn target(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix('_')?;
    if let Some(rest) = rest.strip_prefix('`') {
        let (name, rest) = rest.split_once('`')?;
        return Some((normal(name), rest.strip_prefix(':')?));
    }
    let is_end = |at: usize| {
        let after = &rest[at + 1..];
        !rest[..at].ends_with('\\') && (after.is_empty() || after.starts_with(' '))
    };
    let at = rest.match_indices(':').map(|(at, _)| at).find(|at| is_end(*at))?;
    (at > 0).then(|| (normal(&rest[..at]), &rest[at + 1..]))
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
        "image" => {
            let all = std::iter::once(rest.trim()).chain(more.iter().map(|line| line.trim()));
            Substitution::Image(all.map(String::from).collect())
        }
        _ => return None,
    };
    Some((normal(name), what))
}
