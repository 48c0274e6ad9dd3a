//! `{% tag %}` and `{{ value }}`: Liquid, and Nunjucks, which looks the same.

use super::{Arguments, shown};
use crate::article::Kind;
use crate::article::declared::Declared;
use crate::article::internal;

/// Tags whose inside is program, not text.
const SILENT: &[&str] = &[
    "comment",
    "capture",
    "for",
    "tablerow",
    "schema",
    "javascript",
    "stylesheet",
    "style",
    "script",
    "macro",
    "setblock",
];

pub fn render(text: &str, declared: &Declared) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Ends that are not there are looked for once only, so that no text costs its square.
    let mut missing: Vec<String> = Vec::new();
    let mut unclosed: Vec<&str> = Vec::new();
    while let Some(at) = next_mark(rest) {
        let inside = &rest[at + 2..];
        let is_value = rest[at..].starts_with("{{");
        let close = if is_value { "}}" } else { "%}" };
        let end = if unclosed.contains(&close) { None } else { inside.find(close) };
        let Some(end) = end else {
            // What is never closed is no mark, but written about.
            if !unclosed.contains(&close) {
                unclosed.push(close);
            }
            out.push_str(&rest[..at + 2]);
            rest = inside;
            continue;
        };
        out.push_str(&rest[..at]);
        if is_value {
            out.push_str(&value(&inside[..end], declared));
            rest = &inside[end + 2..];
            continue;
        }
        let tag = inside[..end].trim_matches(['-', ' ', '\t', '\n', '\r']);
        let (name, arguments) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        rest = &inside[end + 2..];
        let closes = format!("end{name}");
        match name {
            "raw" | "verbatim" => {
                if let Some((inner, after)) = up_to(rest, &closes, &mut missing) {
                    out.push_str(inner);
                    rest = after;
                }
            }
            _ if SILENT.contains(&name) => {
                if let Some((_, after)) = up_to(rest, &closes, &mut missing) {
                    rest = after;
                }
            }
            "highlight" | "codeblock" | "code" => {
                let language = language_of(arguments);
                let (inner, after) = up_to(rest, &closes, &mut missing).unwrap_or((rest, ""));
                out.push_str(&format!("\n```{language}{}\n```\n", lined(inner)));
                rest = after;
            }
            _ => out.push_str(&tag_of(name, arguments, &out)),
        }
    }
    out.push_str(rest);
    out
}

fn next_mark(text: &str) -> Option<usize> {
    text.match_indices('{')
        .map(|(at, _)| at)
        .find(|at| matches!(text.as_bytes().get(at + 1), Some(b'{' | b'%')))
}

fn lined(inner: &str) -> String {
    if inner.starts_with(['\n', '\r']) { inner.to_string() } else { format!("\n{inner}") }
}

/// What stands before a closing tag, and after it.
fn up_to<'a>(text: &'a str, tag: &str, missing: &mut Vec<String>) -> Option<(&'a str, &'a str)> {
    if missing.iter().any(|known| known == tag) {
        return None;
    }
    for (at, _) in text.match_indices("{%") {
        let inside = &text[at + 2..];
        let bare = inside.trim_start_matches(['-', ' ', '\t']);
        if let Some(after) = bare.strip_prefix(tag)
            && let Some(end) = after.find("%}")
        {
            return Some((&text[..at], &after[end + 2..]));
        }
    }
    missing.push(tag.to_string());
    None
}

/// The language of a code block: Jekyll's first word, Hexo's `lang:js`.
fn language_of(arguments: &str) -> &str {
    let plain = |word: &&str| word.chars().all(|c| c.is_alphanumeric() || "+-#_.".contains(c));
    let words = || arguments.split_whitespace();
    words()
        .find_map(|word| word.strip_prefix("lang:"))
        .or_else(|| words().next())
        .map(|word| word.trim_matches(['"', '\'']))
        .filter(plain)
        .unwrap_or("")
}

fn tag_of(name: &str, arguments: &str, before: &str) -> String {
    let given = Arguments::of(arguments);
    match name {
        // Where another article is read; resolved once all are known.
        "post_url" | "link" | "post_path" if given.list.len() == 1 => {
            given.at(0).map_or(String::new(), internal::mark)
        }
        "post_link" => {
            let Some(path) = given.at(0) else { return String::new() };
            let shown = given.at(1).unwrap_or(path);
            format!("[{shown}]({})", internal::mark(path))
        }
        // Hexo: {% link text address [title] %}
        "link" => {
            let at = given.list.iter().position(|word| word.contains("://"));
            at.map_or(String::new(), |at| {
                format!("[{}]({})", given.list[..at].join(" "), given.list[at])
            })
        }
        "include" | "include_relative" | "include_cached" | "render" => {
            let file = given.at(0).unwrap_or("");
            let file = file.rsplit('/').next().and_then(|file| file.split('.').next());
            let file = file.unwrap_or("").to_string();
            let arguments = Arguments { list: Vec::new(), named: given.named };
            shown(&file, &arguments, before)
        }
        // A tag of the site's own, in the place of an address.
        _ if before.ends_with("](")
            && let ([file], []) = (given.list.as_slice(), given.named.as_slice())
            && Kind::of(file).is_some() =>
        {
            internal::mark(file)
        }
        _ => shown(name, &given, before),
    }
}

/// What a `{{ value }}` comes to: a text that is written there, or what the site says of itself.
fn value(expression: &str, declared: &Declared) -> String {
    let expression = expression.trim_matches(['-', ' ', '\t', '\n', '\r']);
    let mut filters = expression.split('|').map(str::trim);
    let base = filters.next().unwrap_or("");
    if filters.any(|filter| filter.starts_with("date")) {
        return String::new();
    }
    let quoted = ["\"", "'"].iter().find_map(|quote| {
        base.strip_prefix(quote)?.strip_suffix(quote).filter(|inner| !inner.contains(quote))
    });
    if let Some(text) = quoted {
        return text.to_string();
    }
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    match base {
        "site.url" | "metadata.url" => said(&declared.url).trim_end_matches('/').to_string(),
        "site.title" | "metadata.title" => said(&declared.title),
        "site.description" => said(&declared.description),
        _ => String::new(),
    }
}
