//! What an address in a program is made of: a text with `{{ … }}` for what is not known before an
//! entry is. `id`, `below` (without its first folder), `path` (with its slug in its folder), `title`,
//! `field NAME`, `field NAME or id`, `collection`, `language`, `site`, `url`; `guess` where a
//! function makes it of the entry.

use super::program::{Tokens, is, item, items, variable, word};
use crate::article::literals::{Token, hole_end, words};

/// Expressions within one another that are followed.
const MAX_DEPTH: usize = 8;

/// What stands in an address for something that only the program knows.
pub const UNKNOWN: &str = "{{ computed }}";

/// Calls that leave an address as it is, but for how it is written.
const PLAIN_CALLS: &[&str] =
    &["String", "encodeURI", "encodeURIComponent", "decodeURI", "decodeURIComponent"];

/// Methods that leave an id as it is.
const AS_IT_IS: &[&str] = &["toLowerCase", "toString", "trim"];

/// `program` is what the value stands in.
pub fn expression(value: Tokens, program: Tokens, depth: usize) -> String {
    if depth > MAX_DEPTH {
        return UNKNOWN.to_string();
    }
    let known = |value: Tokens| expression(value, program, depth + 1);
    match value {
        [(Token::Text(text), _)] => filled(text, program, depth),
        [(Token::Word(own), _)] => hole(own, program, depth),
        // `a.toLowerCase()`: ids are in lower case
        [
            own @ ..,
            (Token::Mark('.'), _),
            (Token::Word(call), _),
            (Token::Mark('('), _),
            (Token::Mark(')'), _),
        ] if AS_IT_IS.contains(&call.as_str()) => known(own),
        [(Token::Word(own), _), (Token::Mark('('), _), (Token::Mark(')'), _)]
            if let Some((own, call)) = own.rsplit_once('.')
                && AS_IT_IS.contains(&call) =>
        {
            hole(own, program, depth)
        }
        // `a!`, `a as string`
        [own, (Token::Mark('!'), _)] => known(std::slice::from_ref(own)),
        [own, (Token::Word(with), _), ..] if with == "as" => known(std::slice::from_ref(own)),
        [(Token::Mark('('), _), inner @ .., (Token::Mark(')'), _)] if item(inner) == inner => {
            known(inner)
        }
        [(Token::Word(call), _), (Token::Mark('('), _), args @ .., (Token::Mark(')'), _)]
            if PLAIN_CALLS.contains(&call.as_str()) && item(args) == args =>
        {
            known(args)
        }
        [(Token::Word(call), _), (Token::Mark('('), _), args @ ..]
            if call.ends_with(".replace") =>
        {
            replaced(hole(call.trim_end_matches(".replace"), program, depth), args)
        }
        [
            (Token::Word(call), _),
            (Token::Mark('('), _),
            (Token::Text(by), _),
            (Token::Mark(')'), _),
        ] if by == "/" && is_rest_of_id(program, call.trim_end_matches(".join")) => {
            "{{ below }}".to_string()
        }
        [(Token::Word(call), _), (Token::Mark('('), _), args @ .., (Token::Mark(')'), _)] => {
            made(call, &items(args), joined(value, program, depth))
        }
        _ => joined(value, program, depth),
    }
}

/// What some function makes of an entry. Those of the theme AstroPaper are known: of now, which
/// gives the folders and the slug, and of old.
fn made(call: &str, args: &[Tokens], otherwise: String) -> String {
    let says = |at: usize, what: &str| match args.get(at) {
        Some([(Token::Word(arg), _)]) => arg.ends_with(what),
        _ => false,
    };
    match args.first() {
        Some([(Token::Word(arg), _)]) if otherwise == UNKNOWN => {
            let is_entry = says(0, "id") || says(0, "slug") || !arg.contains('.');
            match call {
                "getPath" if says(0, "id") && says(1, "filePath") && says(2, "false") => {
                    "{{ path }}".to_string()
                }
                "slugify" if arg == "data" || arg.ends_with(".data") => {
                    "{{ field postslug or title }}".to_string()
                }
                "slugify" if arg == "title" || arg.ends_with(".data.title") => {
                    "{{ title }}".to_string()
                }
                _ if is_entry && call.contains(char::is_uppercase) => "{{ guess }}".to_string(),
                _ => otherwise,
            }
        }
        _ => otherwise,
    }
}

/// `const [lang, ...slug] = page.id.split('/')`
fn is_rest_of_id(program: Tokens, name: &str) -> bool {
    program.windows(5).any(|five| {
        let [(before, _), (rest, _), (close, _), (equals, _), (call, _)] = five else {
            return false;
        };
        let splits = |call: &str| call.ends_with(".id.split") || call.ends_with(".slug.split");
        is(before, '.')
            && word(rest) == Some(name)
            && is(close, ']')
            && is(equals, '=')
            && word(call).is_some_and(splits)
    })
}

/// `id.replace(/\.mdx?$/, '')` leaves it as it is, ``id.replace(`${lang}/`, '')`` takes a folder off.
fn replaced(whole: String, args: Tokens) -> String {
    let by = items(args);
    let ends = |last: Tokens| matches!(last, [(Token::Text(text), _), ..] if text.is_empty());
    let takes_off = by.len() == 2 && ends(by[1]);
    match by.first() {
        Some([(Token::Text(folder), _)]) if takes_off && folder.contains("lang") => {
            if whole == "{{ id }}" { "{{ below }}".to_string() } else { UNKNOWN.to_string() }
        }
        Some([(Token::Text(end), _)]) if takes_off && matches!(end.as_str(), ".md" | ".mdx") => {
            whole
        }
        Some([(Token::Mark('/'), _), pattern @ ..]) if takes_off => {
            let is_extension = |pattern: &str| pattern.starts_with("\\.m");
            let is_extension =
                pattern.iter().any(|(token, _)| word(token).is_some_and(is_extension));
            if is_extension { whole } else { UNKNOWN.to_string() }
        }
        _ => UNKNOWN.to_string(),
    }
}

/// `"a" + b + "c"`; of `a || b` and `a ?? b` what is one entry's name either way.
fn joined(value: Tokens, program: Tokens, depth: usize) -> String {
    let marks = |at: usize, mark: char| value.get(at).is_some_and(|(token, _)| is(token, mark));
    let mut open = 0_usize;
    let (mut parts, mut start, mut choices) = (Vec::new(), 0, false);
    let mut at = 0;
    while at < value.len() {
        match &value[at].0 {
            Token::Mark('(' | '[' | '{') => open += 1,
            Token::Mark(')' | ']' | '}') => open = open.saturating_sub(1),
            Token::Mark('+') if open == 0 => {
                parts.push(&value[start..at]);
                start = at + 1;
            }
            Token::Mark(mark @ ('|' | '?')) if open == 0 && marks(at + 1, *mark) => {
                parts.push(&value[start..at]);
                start = at + 2;
                (at, choices) = (at + 1, true);
            }
            _ => {}
        }
        at += 1;
    }
    if parts.is_empty() {
        return UNKNOWN.to_string();
    }
    parts.push(&value[start..]);
    let parts: Vec<String> =
        parts.into_iter().map(|part| expression(part, program, depth + 1)).collect();
    match choices {
        false => parts.concat(),
        true if parts.iter().all(|part| *part == parts[0]) => parts[0].clone(),
        true if parts.len() == 2 && parts[0].starts_with("{{ field ") && parts[1] == "{{ id }}" => {
            parts[0].replace(" }}", " or id }}")
        }
        true if parts[1..].iter().all(|part| !part.contains("{{")) => parts[0].clone(),
        true => UNKNOWN.to_string(),
    }
}

fn filled(text: &str, program: Tokens, depth: usize) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let end = at + hole_end(&rest[at..]);
        filled.push_str(&rest[..at]);
        let inner = words(rest[at + 2..end].trim_end_matches('}'));
        // Without the mark of a line that begins.
        filled.push_str(&expression(&inner[1..], program, depth + 1));
        rest = &rest[end..];
    }
    filled + rest
}

fn hole(own: &str, program: Tokens, depth: usize) -> String {
    let parts: Vec<&str> = own.split('.').collect();
    let last = parts.last().copied().unwrap_or("");
    let hole = match parts.as_slice() {
        [_, "data", "slug"] | [_, "slug" | "id"] => "id".to_string(),
        [_, "data" | "frontmatter", name] => format!("field {}", name.to_lowercase()),
        [_, "collection"] => "collection".to_string(),
        [_, "url"] => "url".to_string(),
        _ if matches!(last, "lang" | "locale" | "language") => "language".to_string(),
        ["undefined" | "null"] => return String::new(),
        _ if is_site(last) => "site".to_string(),
        [name] => match variable(program, name) {
            Some(value) => return expression(value, program, depth + 1),
            // Taken out of the entry.
            None if matches!(*name, "slug" | "id") => "id".to_string(),
            None => return UNKNOWN.to_string(),
        },
        _ => return UNKNOWN.to_string(),
    };
    format!("{{{{ {hole} }}}}")
}

fn is_site(name: &str) -> bool {
    let name = name.to_lowercase();
    ["site", "base", "url", "website", "origin", "href", "domain"]
        .iter()
        .any(|end| name.ends_with(end))
}
