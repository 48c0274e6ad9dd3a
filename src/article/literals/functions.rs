//! What a config's functions and calls give, where they do no more than name texts or fill one.

use super::Token;
use crate::article::front_matter::{Field, Value};

/// The methods whose arguments are kept, as they are called on a site's config.
const CALLS: &[&str] = &[
    ".addFilter",
    ".addLayoutAlias",
    ".addLiquidFilter",
    ".addNunjucksFilter",
    ".ignores.add",
    ".setIncludesDirectory",
    ".setInputDirectory",
    ".setLayoutsDirectory",
    ".setUseGitIgnore",
];
/// The texts of a call that are kept, and what is looked through for them.
const MAX_TEXTS: usize = 32;
const MAX_CALL: usize = 2_000;

/// What a function gives that does no more than fill a text: `` ({ page }) => `/a/${page.x}/` ``
/// as `/a/{{ page.x }}/`.
pub(super) fn template(function: &[(Token, u32)]) -> Option<String> {
    let function = match function {
        [(Token::Mark(':'), _), rest @ ..] => rest,
        all => all,
    };
    let marks = |at: usize| match function.get(at) {
        Some((Token::Mark(mark), _)) => *mark,
        _ => ' ',
    };
    let mut open = 0_usize;
    // Behind its arguments, in brackets or one alone.
    let end = (0..function.len()).find(|at| {
        match marks(*at) {
            '(' | '{' => open += 1,
            ')' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        open == 0 && (marks(*at) == ')' || marks(at + 1) == '=')
    })?;
    // What the data is called; it may be taken apart instead.
    let data = match &function[..=end] {
        [(Token::Word(name), _)] => name,
        [.., (Token::Mark('('), _), (Token::Word(name), _), (Token::Mark(')'), _)] => name,
        _ => "",
    };
    let arrow = marks(end + 1) == '=' && marks(end + 2) == '>';
    let body = &function[if arrow { end + 3 } else { end + 1 }..];
    let (text, ends) = match body {
        [(Token::Text(text) | Token::Template(text), _), ends @ ..] if arrow => (text, ends),
        [
            (Token::Mark('{'), _),
            (Token::Word(word), _),
            (Token::Text(text) | Token::Template(text), _),
            ends @ ..,
        ] if word == "return" => (text, ends),
        _ => return None,
    };
    let is_all = ends.iter().all(|(token, _)| matches!(token, Token::Mark(';' | '}' | ',')));
    is_all.then(|| filled(text, data))
}

/// `${data.page.x}` as `{{ page.x }}`, where `data` is what the function is given, and
/// `${this.slugify(title)}` as `{{ title | slugify }}`.
fn filled(text: &str, data: &str) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once("${") {
        let Some((expression, after)) = tail.split_once('}') else { break };
        let bare = |name: &str| {
            let name = name.trim();
            let inner = name.strip_prefix(data).and_then(|name| name.strip_prefix('.'));
            inner.unwrap_or(name).to_string()
        };
        let expression = expression.trim();
        let call = expression.strip_prefix("this.").and_then(|call| {
            let (filter, argument) = call.strip_suffix(')')?.split_once('(')?;
            Some(format!("{} | {filter}", bare(argument)))
        });
        let expression = call.unwrap_or_else(|| bare(expression));
        filled.push_str(&format!("{before}{{{{ {expression} }}}}"));
        rest = after;
    }
    filled + rest
}

/// The call that begins here, if it is one of those that are kept.
pub(super) fn call(tokens: &[(Token, u32)]) -> Option<Field> {
    let [(Token::Word(name), line), (Token::Mark('('), _), rest @ ..] = tokens else { return None };
    let method = CALLS.iter().find(|method| name.ends_with(**method))?;
    let mut open = 0_usize;
    let mut texts = Vec::new();
    for (token, _) in rest.iter().take(MAX_CALL) {
        match token {
            Token::Mark('[' | '(' | '{') => open += 1,
            Token::Mark(']' | ')' | '}') if open == 0 => break,
            Token::Mark(']' | ')' | '}') => open -= 1,
            Token::Text(text) => texts.push(Value::Scalar(text.clone())),
            Token::Word(word) if matches!(word.as_str(), "true" | "false") => {
                texts.push(Value::Scalar(word.clone()));
            }
            _ => {}
        }
    }
    texts.truncate(MAX_TEXTS);
    let key = format!("{}()", method.trim_start_matches('.').to_lowercase());
    Some(Field { key, line: *line, value: Value::List(texts) })
}

#[cfg(test)]
mod tests {
    use crate::article::declared::text;
    use crate::article::literals::{COMPUTED, javascript};

    #[test]
    fn functions_that_fill_a_text_are_templates() {
        for (function, expected) in [
            ("permalink: ({ page }) => `/t/${page.fileSlug}/`", Some("/t/{{ page.fileSlug }}/")),
            ("permalink: data => `/${data.page.fileSlug}/`, a: 1", Some("/{{ page.fileSlug }}/")),
            (
                "permalink: function ({ title }) { return `/${this.slugify(title)}/`; }",
                Some("/{{ title | slugify }}/"),
            ),
            ("permalink(d) { return '/a/' }", Some("/a/")),
            ("permalink: (d) => { return `/${d.x}` }", Some("/{{ x }}")),
            ("permalink: (d) => d.x ? `/a/` : `/b/`", None),
            ("permalink: (d) => { const x = 1; return `/${x}/`; }", None),
            ("permalink: (d) => { if (d) return `/a/`; return `/b/`; }", None),
            ("permalink: (d) => f(d)", None),
            ("permalink: f", None),
            ("permalink: async () => `/a/`.b", None),
        ] {
            let fields = javascript(&format!("export default {{ {function} }};")).unwrap();
            let made = text(&fields, &["permalink"]);
            assert_eq!(made.as_deref(), expected.or(Some(COMPUTED)), "{function}");
        }
    }
}
