//! What an address in a program is made of: a text with `{{ … }}` for what is not known before an
//! entry is. `id`, `below` (without its first folder), `path` (with its slug in its folder), `title`,
//! `field NAME`, `field NAME or id`, `collection`, `language`, `site`, `url`; `guess` where a
//! function makes it of the entry.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::program::{Tokens, is, item, items, word};
use crate::article::literals::{Token, hole_end, words};

/// Expressions within one another that are followed, and of one program altogether.
const MAX_DEPTH: usize = 8;
const MAX_FOLLOWED: usize = 2_000;
/// Bytes of an address.
const MAX_ADDRESS: usize = 1_000;
/// Tokens of a type, and of what is taken apart.
const MAX_TYPE: usize = 60;

/// What stands in an address for something that only the program knows.
pub const UNKNOWN: &str = "{{ computed }}";

/// Calls that leave an address as it is, but for how it is written.
const PLAIN_CALLS: &[&str] =
    &["String", "encodeURI", "encodeURIComponent", "decodeURI", "decodeURIComponent"];

/// A program, with what its names stand for.
pub struct Code<'t> {
    tokens: Tokens<'t>,
    /// Where that begins which a name is set to once.
    constants: HashMap<&'t str, usize>,
    /// Names of what changes, or is taken out of what a call gives.
    made: HashSet<&'t str>,
    /// Names of what stands behind an id's first folder: `const [lang, ...slug] = x.id.split('/')`.
    rests: HashSet<&'t str>,
    left: Cell<usize>,
}

impl<'t> Code<'t> {
    pub fn new(tokens: Tokens<'t>) -> Code<'t> {
        let mut code = Code {
            tokens,
            constants: HashMap::new(),
            made: HashSet::new(),
            rests: HashSet::new(),
            left: Cell::new(MAX_FOLLOWED),
        };
        for (at, (token, _)) in tokens.iter().enumerate() {
            match word(token) {
                Some("const") => code.set(at + 1, true),
                Some("let" | "var") => code.set(at + 1, false),
                _ => {}
            }
        }
        code
    }

    /// What is declared here, by one name or several.
    fn set(&mut self, at: usize, is_constant: bool) {
        let tokens = self.tokens;
        let behind = &tokens[at.min(tokens.len())..];
        let behind = &behind[..behind.len().min(MAX_TYPE)];
        let Some(equals) = behind.iter().position(|(token, _)| is(token, '=')) else { return };
        let value = at + equals + 1;
        let names: Vec<&str> = match &behind[..equals] {
            [(Token::Word(name), _)] => vec![name],
            [(Token::Word(name), _), (Token::Mark(':'), _), ..] => vec![name],
            [(Token::Mark('{' | '['), _), parts @ ..] => {
                if let [.., (Token::Mark('.'), _), (Token::Word(rest), _), (Token::Mark(']'), _)] =
                    parts
                    && let Some((Token::Word(call), _)) = tokens.get(value)
                    && [".id.split", ".slug.split"].iter().any(|split| call.ends_with(split))
                {
                    self.rests.insert(rest);
                }
                let is_call = |tokens: Tokens| {
                    matches!(tokens, [(Token::Word(word), _), (next, _), ..]
                    if word == "await" || is(next, '('))
                };
                if is_call(&tokens[value..]) {
                    self.made.extend(parts.iter().filter_map(|(token, _)| word(token)));
                }
                return;
            }
            _ => return,
        };
        for name in names {
            match is_constant {
                true => drop(self.constants.entry(name).or_insert(value)),
                false => drop(self.made.insert(name)),
            }
        }
    }

    /// What a constant is set to.
    pub fn constant(&self, name: &str) -> Option<Tokens<'t>> {
        Some(item(&self.tokens[*self.constants.get(name)?..]))
    }

    pub fn expression(&self, value: Tokens) -> String {
        let address = self.follow(value, 0);
        if address.len() > MAX_ADDRESS { UNKNOWN.to_string() } else { address }
    }

    fn follow(&self, value: Tokens, depth: usize) -> String {
        let left = self.left.get().saturating_sub(1);
        self.left.set(left);
        if depth > MAX_DEPTH || left == 0 {
            return UNKNOWN.to_string();
        }
        let known = |value: Tokens| self.follow(value, depth + 1);
        match value {
            [(Token::Text(text), _)] => text.clone(),
            [(Token::Template(text), _)] => self.filled(text, depth),
            [(Token::Word(own), _)] => self.hole(own, depth),
            [
                own @ ..,
                (Token::Mark('.'), _),
                (Token::Word(call), _),
                (Token::Mark('('), _),
                (Token::Mark(')'), _),
            ] => written(call, known(own)),
            [(Token::Word(own), _), (Token::Mark('('), _), (Token::Mark(')'), _)]
                if let Some((own, call)) = own.rsplit_once('.') =>
            {
                written(call, self.hole(own, depth))
            }
            // `a!`, `a as string`
            [own, (Token::Mark('!'), _)] => known(std::slice::from_ref(own)),
            [own, (Token::Word(with), _), ..] if with == "as" => known(std::slice::from_ref(own)),
            [(Token::Mark('('), _), inner @ .., (Token::Mark(')'), _)] if is_whole(inner) => {
                known(inner)
            }
            [(Token::Word(call), _), (Token::Mark('('), _), args @ .., (Token::Mark(')'), _)]
                if is_whole(args) =>
            {
                self.called(call, args, depth)
            }
            _ => self.joined(value, depth),
        }
    }

    fn called(&self, call: &str, args: Tokens, depth: usize) -> String {
        if PLAIN_CALLS.contains(&call) {
            return self.follow(args, depth + 1);
        }
        if let Some(own) = call.strip_suffix(".replace") {
            return replaced(self.hole(own, depth), args);
        }
        match (call.strip_suffix(".join"), args) {
            (Some(name), [(Token::Text(by), _)]) if by == "/" && self.rests.contains(name) => {
                "{{ below }}".to_string()
            }
            _ => made(call, &items(args)),
        }
    }

    /// `"a" + b + "c"`; of `a || b` and `a ?? b` what is one entry's name either way.
    fn joined(&self, value: Tokens, depth: usize) -> String {
        let choices = parted(value, &['|', '?'], 2);
        if choices.len() > 1 {
            let choices: Vec<String> =
                choices.into_iter().map(|part| self.follow(part, depth + 1)).collect();
            return chosen(&choices);
        }
        let parts = parted(value, &['+'], 1);
        if parts.len() == 1 {
            return UNKNOWN.to_string();
        }
        let parts = parts.into_iter().map(|part| self.follow(part, depth + 1));
        let joined: String = parts.collect();
        if joined.len() > MAX_ADDRESS { UNKNOWN.to_string() } else { joined }
    }

    fn filled(&self, text: &str, depth: usize) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let Some(length) = hole_end(&rest[at..]).filter(|_| filled.len() <= MAX_ADDRESS) else {
                return UNKNOWN.to_string();
            };
            let end = at + length;
            filled.push_str(&rest[..at]);
            let inner = words(&rest[at + 2..end - 1]);
            // Without the mark of a line that begins.
            filled.push_str(&self.follow(&inner[1..], depth + 1));
            rest = &rest[end..];
        }
        filled + rest
    }

    fn hole(&self, own: &str, depth: usize) -> String {
        let parts: Vec<&str> = own.split('.').collect();
        let last = parts.last().copied().unwrap_or("");
        let hole = match parts.as_slice() {
            [_, "data", "slug"] | [_, "slug" | "id"] => "id".to_string(),
            [_, "data" | "frontmatter", name] => format!("field {}", name.to_lowercase()),
            [_, "collection"] => "collection".to_string(),
            [_, "url"] => "url".to_string(),
            ["undefined" | "null"] => return String::new(),
            _ if matches!(last, "lang" | "locale" | "language") => "language".to_string(),
            [name] if let Some(value) = self.constant(name) => {
                match self.follow(value, depth + 1) {
                    unknown if unknown == UNKNOWN && is_site(name) => "site".to_string(),
                    known => return known,
                }
            }
            [name] if self.made.contains(name) => return UNKNOWN.to_string(),
            _ if is_site(last) => "site".to_string(),
            // Taken out of the entry.
            ["slug" | "id"] => "id".to_string(),
            _ => return UNKNOWN.to_string(),
        };
        format!("{{{{ {hole} }}}}")
    }
}

/// Whether brackets that open in some tokens close in them, and none closes that opened before.
fn is_whole(tokens: Tokens) -> bool {
    let mut open = 0_usize;
    tokens.iter().all(|(token, _)| {
        match token {
            Token::Mark('(' | '[' | '{') => open += 1,
            Token::Mark(')' | ']' | '}') if open == 0 => return false,
            Token::Mark(')' | ']' | '}') => open -= 1,
            _ => {}
        }
        true
    })
}

/// The parts between marks, each so many times in a row, outside of brackets.
fn parted<'v>(value: Tokens<'v>, marks: &[char], times: usize) -> Vec<Tokens<'v>> {
    let (mut parts, mut start, mut open) = (Vec::new(), 0, 0_usize);
    let mut at = 0;
    while at < value.len() {
        match &value[at].0 {
            Token::Mark('(' | '[' | '{') => open += 1,
            Token::Mark(')' | ']' | '}') => open = open.saturating_sub(1),
            Token::Mark(mark) if open == 0 && marks.contains(mark) => {
                let row = value[at..].iter().take(times);
                if row.filter(|(token, _)| is(token, *mark)).count() == times {
                    parts.push(&value[start..at]);
                    at += times - 1;
                    start = at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&value[start..]);
    parts
}

/// What is the same whichever of some is taken.
fn chosen(choices: &[String]) -> String {
    let (first, others) = (&choices[0], &choices[1..]);
    match others {
        _ if others.iter().all(|other| other == first) => first.clone(),
        [other] if first.starts_with("{{ field ") && other == "{{ id }}" => {
            first.replace(" }}", " or id }}")
        }
        _ if others.iter().all(|other| other.is_empty()) => first.clone(),
        _ => UNKNOWN.to_string(),
    }
}

/// What a method without arguments makes of it; ids are in lower case already.
fn written(call: &str, own: String) -> String {
    let is_lower = ["{{ id }}", "{{ below }}", "{{ language }}"].contains(&own.as_str());
    match call {
        "toString" | "trim" => own,
        "toLowerCase" if is_lower => own,
        _ => UNKNOWN.to_string(),
    }
}

/// What some function makes of an entry. Those of the theme AstroPaper are known: of now, which
/// gives the folders and the slug, and of old.
fn made(call: &str, args: &[Tokens]) -> String {
    let says = |at: usize, what: &str| match args.get(at) {
        Some([(Token::Word(arg), _)]) => arg.ends_with(what),
        _ => false,
    };
    let Some([(Token::Word(arg), _)]) = args.first() else { return UNKNOWN.to_string() };
    let is_entry = says(0, "id") || says(0, "slug") || !arg.contains('.');
    let hole = match call {
        "getPath" if says(0, "id") && says(1, "filePath") && says(2, "false") => "{{ path }}",
        "slugify" if arg == "data" || arg.ends_with(".data") => "{{ field postslug or title }}",
        "slugify" if arg == "title" || arg.ends_with(".data.title") => "{{ title }}",
        _ if is_entry && call.contains(char::is_uppercase) => "{{ guess }}",
        _ => UNKNOWN,
    };
    hole.to_string()
}

/// `id.replace(/\.mdx?$/, '')` leaves it as it is, ``id.replace(`${lang}/`, '')`` takes a folder off.
fn replaced(whole: String, args: Tokens) -> String {
    let by = items(args);
    let is_empty = |last: Tokens| matches!(last, [(Token::Text(text), _)] if text.is_empty());
    if by.len() != 2 || !is_empty(by[1]) || whole != "{{ id }}" {
        return UNKNOWN.to_string();
    }
    let is_extension = |pattern: &str| pattern.starts_with("\\.m");
    match by[0] {
        [(Token::Template(folder), _)] if folder.contains("lang") => "{{ below }}".to_string(),
        [(Token::Text(end), _)] if matches!(end.as_str(), ".md" | ".mdx") => whole,
        [(Token::Mark('/'), _), (Token::Word(pattern), _)] if is_extension(pattern) => whole,
        _ => UNKNOWN.to_string(),
    }
}

fn is_site(name: &str) -> bool {
    let name = name.to_lowercase();
    ["site", "base", "url", "website", "origin", "href", "domain"]
        .iter()
        .any(|end| name.ends_with(end))
}
