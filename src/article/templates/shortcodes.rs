//! Hugo's and Zola's shortcodes.

use super::{Arguments, shown};
use crate::article::internal;

/// `{{< name … >}}` and `{{% name … %}}`
pub fn hugo(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut unclosed = 0;
    while let Some((at, close)) = next_hugo(rest) {
        let inside = &rest[at + 3..];
        let end = if unclosed < MOST_UNCLOSED { end_of(inside, close) } else { None };
        let Some(end) = end else {
            // What is never closed is no mark, but written about.
            unclosed += 1;
            out.push_str(&rest[..at + 3]);
            rest = inside;
            continue;
        };
        out.push_str(&rest[..at]);
        let body = &inside[..end];
        let (open, shut) = (&rest[at..at + 3], close);
        rest = &inside[end + close.len()..];
        // Written about rather than used.
        if let Some(shown) = body.strip_prefix("/*").and_then(|body| body.strip_suffix("*/")) {
            out.push_str(&format!("{open}{shown}{shut}"));
            continue;
        }
        let body = body.trim().trim_end_matches('/').trim();
        let (name, arguments) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
        match name {
            "highlight" | "code" => {
                let language = Arguments::of(arguments);
                out.push_str(&format!("\n```{}", language.at(0).unwrap_or("")));
            }
            "/highlight" | "/code" => out.push_str("\n```\n"),
            "ref" | "relref" => {
                let given = Arguments::of(arguments);
                if let Some(path) = given.at(0).or_else(|| given.get(&["path"])) {
                    out.push_str(&internal::mark(path));
                }
            }
            _ if name.starts_with('/') => {}
            _ => out.push_str(&shown(name, &Arguments::of(arguments), &out)),
        }
    }
    out.push_str(rest);
    out
}

fn next_hugo(text: &str) -> Option<(usize, &'static str)> {
    text.match_indices("{{").find_map(|(at, _)| match text.as_bytes().get(at + 2) {
        Some(b'<') => Some((at, ">}}")),
        Some(b'%') => Some((at, "%}}")),
        _ => None,
    })
}

/// After so many that are never closed no end is looked for any more: no text costs its square.
const MOST_UNCLOSED: usize = 100;
/// Longer ones are no tags that anybody wrote.
const LONGEST: usize = 8_192;

/// The end of a tag, outside its quoted texts.
fn end_of(text: &str, close: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    for (at, c) in text.char_indices().take_while(|(at, _)| *at < LONGEST) {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if text[at..].starts_with(close) => return Some(at),
            None if matches!(c, '"' | '`') => quote = Some(c),
            None => {}
        }
    }
    // A quote that never closes was none.
    text.char_indices()
        .take_while(|(at, _)| *at < LONGEST)
        .find(|(at, _)| text[*at..].starts_with(close))
        .map(|(at, _)| at)
}

/// `{{ name(…) }}` and `{% name(…) %}…{% end %}`
pub fn zola(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut unclosed = 0;
    while let Some(at) = rest.find('{') {
        let tail = &rest[at..];
        let close = match tail.as_bytes().get(1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            _ => {
                out.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
                continue;
            }
        };
        let inside = &tail[2..];
        let bare = inside.trim_start();
        let is_tag = bare.starts_with("/*") || is_call(bare) || is_end(bare);
        let is_tried = is_tag && unclosed < MOST_UNCLOSED;
        let Some(end) = is_tried.then(|| end_of(inside, close)).flatten() else {
            unclosed += usize::from(is_tag);
            out.push_str(&rest[..at + 2]);
            rest = inside;
            continue;
        };
        out.push_str(&rest[..at]);
        rest = &inside[end + 2..];
        let body = inside[..end].trim();
        if let Some(shown) = body.strip_prefix("/*").and_then(|body| body.strip_suffix("*/")) {
            out.push_str(&format!("{}{shown}{close}", &tail[..2]));
            continue;
        }
        if let Some((name, arguments)) = body.split_once('(') {
            let arguments = Arguments::of(arguments.trim_end_matches(')'));
            out.push_str(&shown(name.trim(), &arguments, &out));
        }
    }
    out.push_str(rest);
    out
}

/// `name()`, `name(key=…`: other calls are written about, in whatever language.
fn is_call(text: &str) -> bool {
    let name =
        |text: &str| text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let length = name(text);
    let Some(arguments) = text[length..].trim_start().strip_prefix('(') else { return false };
    let arguments = arguments.trim_start();
    let key = name(arguments);
    length > 0
        && (arguments.starts_with(')') || key > 0 && arguments[key..].trim_start().starts_with('='))
}

/// `end %}`, and not Tera's `endfor`.
fn is_end(text: &str) -> bool {
    let rest = text.strip_prefix("end").map(|rest| rest.trim_start_matches([' ', '-']));
    rest.is_some_and(|rest| rest.starts_with("%}"))
}
