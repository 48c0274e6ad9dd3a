//! The plain values in a config that is a program: Python's `NAME = "text"` and JavaScript's
//! `{ name: "text" }`. Nothing is run; what is no literal is passed over.

mod functions;

use super::front_matter::{Field, Value};
use functions::{call, template};

/// Nesting and values beyond which a config is no longer looked into.
const MAX_DEPTH: usize = 16;
const MAX_VALUES: usize = 5_000;
/// Stands for an address that a function makes, and for a folder that a variable names.
pub const COMPUTED: &str = "{{ computed }}";
/// Objects inside functions that are looked at, and calls.
const MAX_INNER: usize = 200;
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Text(String),
    Word(String),
    Mark(char),
    /// Python: a new line that begins at the margin.
    Margin,
}

#[derive(Clone, Copy, PartialEq)]
enum Tongue {
    Python,
    JavaScript,
}

/// `NAME = value` at the margin.
pub fn python(text: &str) -> Vec<Field> {
    let tokens = tokens(text, Tongue::Python);
    let mut fields = Vec::new();
    let mut reader = Reader { tokens: &tokens, at: 0, values: 0 };
    while reader.at < tokens.len() {
        if let [(Token::Margin, _), (Token::Word(name), line), (Token::Mark('='), _), ..] =
            &tokens[reader.at..]
        {
            reader.at += 3;
            if let Some(value) = reader.value(0) {
                fields.push(Field { key: name.to_lowercase(), line: *line, value });
            }
        } else {
            reader.at += 1;
        }
    }
    fields
}

/// The fields of all objects that are not inside another, one after another, and what constants
/// are set to, by their names; of `process.env.URL || "text"` the text. Of some calls, all texts
/// within: `.addFilter("a", x => f("b"))` is `addfilter(): [a, b]`.
pub fn javascript(text: &str) -> Vec<Field> {
    let tokens = tokens(text, Tongue::JavaScript);
    let mut fields = Vec::new();
    let mut reader = Reader { tokens: &tokens, at: 0, values: 0 };
    let is_keyword = |word: &str| matches!(word, "const" | "let" | "var");
    // Objects that a function returns are found by their names; what stands at the top counts more.
    let (mut inner, mut calls) = (Vec::new(), Vec::new());
    for at in 0..tokens.len() {
        if let [(Token::Word(name), line), (Token::Mark(':'), _), (Token::Mark('{'), _), ..] =
            &tokens[at..]
            && inner.len() < MAX_INNER
        {
            let mut reader = Reader { tokens: &tokens, at: at + 2, values: 0 };
            let value = reader.value(MAX_DEPTH - 2);
            inner.extend(value.map(|value| Field { key: name.to_lowercase(), line: *line, value }));
        }
        if calls.len() < MAX_INNER {
            calls.extend(call(&tokens[at..]));
        }
    }
    while reader.at < tokens.len() {
        let exported = reader.at > 0 && tokens[reader.at - 1].0 == Token::Word("export".into());
        let constant = match &tokens[reader.at..] {
            [(Token::Word(word), _), (Token::Word(name), line), (Token::Mark('='), _), ..]
                if is_keyword(word) =>
            {
                reader.at += 3;
                Some((name.to_lowercase(), *line))
            }
            [(Token::Mark('{'), _), ..] => None,
            _ => {
                reader.at += 1;
                continue;
            }
        };
        let value = reader.value(0);
        // What is exported by a name is found by that name alone.
        if let Some(Value::Map(more)) = &value
            && !(exported && constant.is_some())
        {
            fields.extend(more.iter().cloned());
        }
        if let (Some((key, line)), Some(value)) = (constant, value) {
            fields.push(Field { key, line, value });
        }
    }
    inner.append(&mut fields);
    inner.append(&mut calls);
    inner
}

/// The tokens of a JavaScript program, each with its line; the first is a margin.
pub(super) fn words(text: &str) -> Vec<(Token, u32)> {
    tokens(text, Tongue::JavaScript)
}

/// A text whose holes are filled with constants of its program; `None` where anything else is to be
/// filled in.
pub(super) fn with_constants(text: &str, program: &[(Token, u32)]) -> Option<String> {
    let constant = |name: &str| {
        program.windows(4).find_map(|four| match four {
            [_, _, _, (Token::Mark('+' | '.'), _)] => None,
            [(Token::Word(own), _), (Token::Mark('='), _), (Token::Text(value), _), _]
                if own == name && !value.contains("${") =>
            {
                Some(value.as_str())
            }
            _ => None,
        })
    };
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        filled.push_str(&format!("{before}{}", constant(name.trim())?));
        rest = after;
    }
    Some(filled + rest)
}

struct Reader<'a> {
    tokens: &'a [(Token, u32)],
    at: usize,
    values: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn line(&self) -> u32 {
        self.tokens.get(self.at).map_or(0, |(_, line)| *line)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    /// The literal that begins here; `None`, and past its first token, where there is none.
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            self.at = self.tokens.len();
            return None;
        }
        match self.next()? {
            Token::Text(text) if text.contains("${") => {
                with_constants(&text, self.tokens).map(Value::Scalar)
            }
            Token::Text(mut text) => {
                // Python joins texts that follow each other.
                loop {
                    match &self.tokens[self.at.min(self.tokens.len())..] {
                        [(Token::Text(more), _), ..] => {
                            text.push_str(more);
                            self.at += 1;
                        }
                        [(Token::Mark('+'), _), (Token::Text(more), _), ..] => {
                            text.push_str(more);
                            self.at += 2;
                        }
                        // What is added is not known: neither is the whole.
                        [(Token::Mark('+'), _), ..] => return None,
                        _ => return Some(Value::Scalar(text)),
                    }
                }
            }
            Token::Word(word) => match word.as_str() {
                "None" | "null" | "undefined" => Some(Value::Null),
                "True" | "true" => Some(Value::Scalar("true".into())),
                "False" | "false" => Some(Value::Scalar("false".into())),
                number if number.starts_with(|c: char| c.is_ascii_digit()) => {
                    Some(Value::Scalar(number.to_string()))
                }
                _ => self.otherwise(),
            },
            Token::Mark('[') => Some(Value::List(self.items(']', depth))),
            Token::Mark('(') => Some(Value::List(self.items(')', depth))),
            Token::Mark('{') => Some(Value::Map(self.fields(depth))),
            _ => None,
        }
    }

    /// The text behind `||` or `??`: what holds where nothing else is set.
    fn otherwise(&mut self) -> Option<Value> {
        match &self.tokens[self.at.min(self.tokens.len())..] {
            [(Token::Mark(a), _), (Token::Mark(b), _), (Token::Text(text), _), ..]
                if a == b && matches!(a, '|' | '?') =>
            {
                self.at += 3;
                Some(Value::Scalar(text.clone()))
            }
            _ => None,
        }
    }

    fn items(&mut self, close: char, depth: usize) -> Vec<Value> {
        let mut items = Vec::new();
        while self.peek().is_some_and(|token| *token != Token::Mark(close)) {
            items.extend(self.value(depth + 1));
            self.skip_to_comma();
        }
        self.at += 1;
        items
    }

    fn fields(&mut self, depth: usize) -> Vec<Field> {
        let mut fields = Vec::new();
        while self.peek().is_some_and(|token| *token != Token::Mark('}')) {
            let line = self.line();
            let key = match self.next() {
                Some(Token::Word(word) | Token::Text(word)) => word.to_lowercase(),
                _ => String::new(),
            };
            let (mut value, mut is_function, mut is_made) = (None, false, false);
            let start = self.at;
            match self.peek() {
                Some(Token::Mark(':')) if !key.is_empty() => {
                    self.at += 1;
                    is_made = matches!(self.peek(), Some(Token::Word(_)));
                    value = self.value(depth + 1);
                    is_function = !matches!(value, Some(Value::Scalar(_) | Value::Null));
                }
                Some(Token::Mark('(')) => is_function = true,
                _ => {}
            }
            self.skip_to_comma();
            // What is made is not known, but should not be taken for the usual.
            let unknown = || Some(Value::Scalar(COMPUTED.into()));
            value = match key.as_str() {
                "permalink" if is_function => {
                    let made = template(&self.tokens[start..self.at.min(self.tokens.len())]);
                    made.map(Value::Scalar).or_else(unknown)
                }
                "input" if is_made && value.is_none() => unknown(),
                _ => value,
            };
            fields.extend(value.map(|value| Field { key, line, value }));
        }
        self.at += 1;
        fields
    }

    /// Past the comma that ends this item, or up to the bracket that ends them all.
    fn skip_to_comma(&mut self) {
        let mut open = 0_usize;
        while let Some(token) = self.peek() {
            match token {
                Token::Mark(',') if open == 0 => {
                    self.at += 1;
                    return;
                }
                Token::Mark('[' | '(' | '{') => open += 1,
                Token::Mark(']' | ')' | '}') if open == 0 => return,
                Token::Mark(']' | ')' | '}') => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }
}

fn tokens(text: &str, tongue: Tongue) -> Vec<(Token, u32)> {
    let mut tokens = vec![(Token::Margin, 1)];
    let mut line = 1;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let comment = match tongue {
            Tongue::Python => c == '#',
            Tongue::JavaScript => rest.starts_with("//"),
        };
        if comment {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if tongue == Tongue::JavaScript && rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            line += rest[..end].matches('\n').count() as u32;
            rest = &rest[end..];
        } else if c == '\n' {
            line += 1;
            if after.starts_with(|c: char| !c.is_whitespace()) && tongue == Tongue::Python {
                tokens.push((Token::Margin, line));
            }
            rest = after;
        } else if c == ';' && tongue == Tongue::Python {
            tokens.push((Token::Margin, line));
            rest = after.trim_start_matches([' ', '\t']);
        } else if tongue == Tongue::JavaScript
            && c == '/'
            && let Some(used) = pattern(rest, &tokens)
        {
            tokens.push((Token::Mark('/'), line));
            tokens.push((Token::Word(rest[1..used].to_string()), line));
            rest = &rest[used..];
        } else if matches!(c, '"' | '\'') || (c == '`' && tongue == Tongue::JavaScript) {
            let (value, used) = quoted(rest, c);
            tokens.push((Token::Text(value), line));
            line += rest[..used].matches('\n').count() as u32;
            rest = &rest[used..];
        } else if c.is_alphanumeric() || matches!(c, '_' | '$') {
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
            let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            // Python's `u"…"` and `r"…"`.
            let prefix = word.len() <= 2 && rest[end..].starts_with(['"', '\'']);
            if !prefix {
                tokens.push((Token::Word(word.to_string()), line));
            }
            rest = &rest[end..];
        } else {
            // Python's line goes on after a backslash.
            if !c.is_whitespace() && c != '\\' {
                tokens.push((Token::Mark(c), line));
            }
            rest = after;
        }
    }
    tokens
}

/// How many bytes a regular expression at the beginning of `text` takes, if one may stand behind
/// these tokens.
fn pattern(text: &str, before: &[(Token, u32)]) -> Option<usize> {
    let may_stand = match before.last() {
        Some((Token::Mark(mark), _)) => !matches!(mark, ')' | ']' | '}'),
        Some((Token::Word(word), _)) => word == "return",
        _ => false,
    };
    let line = text.lines().next().filter(|_| may_stand)?;
    let (mut escaped, mut in_class) = (false, false);
    let end = line.char_indices().skip(1).find_map(|(at, c)| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return Some(at),
            _ => {}
        }
        None
    })?;
    let flags = line[end + 1..].bytes().take_while(u8::is_ascii_alphabetic).count();
    Some(end + 1 + flags)
}

/// A quoted text at the beginning of `text`, and how many bytes it takes.
fn quoted(text: &str, quote: char) -> (String, usize) {
    let mark = match quote {
        '"' if text.starts_with("\"\"\"") => "\"\"\"",
        '\'' if text.starts_with("'''") => "'''",
        '"' => "\"",
        '\'' => "'",
        _ => "`",
    };
    let mut value = String::new();
    let mut at = mark.len();
    while let Some(c) = text[at..].chars().next() {
        if text[at..].starts_with(mark) {
            return (value, at + mark.len());
        }
        // What is filled in may hold such texts itself.
        if mark == "`" && text[at..].starts_with("${") {
            let end = at + hole_end(&text[at..]);
            value.push_str(&text[at..end]);
            at = end;
            continue;
        }
        at += c.len_utf8();
        if c == '\n' && mark.len() == 1 && mark != "`" {
            return (value, at);
        }
        if c != '\\' {
            value.push(c);
            continue;
        }
        let Some(escaped) = text[at..].chars().next() else { break };
        at += escaped.len_utf8();
        match escaped {
            'n' => value.push('\n'),
            't' => value.push('\t'),
            'u' => {
                let digits = text.get(at..at + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                if let Some(c) = digits.and_then(char::from_u32) {
                    value.push(c);
                    at += 4;
                }
            }
            '\n' => {}
            other => value.push(other),
        }
    }
    (value, text.len())
}

/// Behind the bracket that closes a `${` at the beginning of `text`, or behind all of it.
pub(super) fn hole_end(text: &str) -> usize {
    let (mut open, mut inner) = (0_usize, Vec::new());
    for (at, c) in text.char_indices() {
        let in_text = inner.last() == Some(&open);
        match c {
            // Texts within are followed as far as there are brackets around each.
            '`' if in_text => drop(inner.pop()),
            '`' => inner.push(open),
            '{' => open += 1,
            '}' if open == 1 => return at + 1,
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::declared::{find, text};

    #[test]
    fn python_literals() {
        let fields = python(
            "# c\nimport os\nSITENAME = u\"A 'b'\"\nif x:\n    SITENAME = 'no'\n\
             URL = 'https://a.example' if not T else 'x'\nN = ('a', 'b',)\nD = {'k': {'l': 1}}\n\
             BAD = os.path.join('x')\nLONG = \"\"\"one\ntwo\"\"\"\nLAST = 'z'; LATER = 'y'\n\
             SUM = 'a' + 'b' \\\n    + 'c'\nPART = 'a' + URL\nEND = 'e'\n",
        );
        let get = |key: &str| text(&fields, &[key]);
        assert_eq!(get("sitename").as_deref(), Some("A 'b'"));
        assert_eq!(get("url").as_deref(), Some("https://a.example"));
        assert_eq!(get("d.k.l").as_deref(), Some("1"));
        assert_eq!(get("sum").as_deref(), Some("abc"));
        assert_eq!((get("part"), get("end").as_deref()), (None, Some("e")));
        assert_eq!(get("bad"), None);
        assert_eq!(get("last").as_deref(), Some("z"));
        assert!(matches!(find(&fields, "n"), Some(Value::List(items)) if items.len() == 2));
        assert_eq!(get("later").as_deref(), Some("y"));
        assert_eq!(fields.last().unwrap().line, 16);
    }

    #[test]
    fn javascript_literals() {
        let fields = javascript(
            "import x from 'y';\n// { title: 'no' }\nconst NAME = 'n';\nexport default defineConfig({\n\
             title: \"Don\\u0027t\", url: `https://a.example`, f() { return 1 },\n\
             presets: [['classic', ({ blog: { path: 'b', n: 3 } })]], ...more, last: true });\n\
             export const inner = { title: 'no', kept: process.env.X || 'k' };",
        );
        assert_eq!(text(&fields, &["title"]).as_deref(), Some("Don't"));
        assert_eq!(text(&fields, &["url"]).as_deref(), Some("https://a.example"));
        assert_eq!(text(&fields, &["last"]).as_deref(), Some("true"));
        assert_eq!(text(&fields, &["name"]).as_deref(), Some("n"));
        assert_eq!(text(&fields, &["inner.kept"]).as_deref(), Some("k"));
        let fields = javascript(
            "const domain = 'a.example'\nexport default { site: `https://${domain}/x`, \
             other: `https://${process.env.HOST}/` }",
        );
        assert_eq!(text(&fields, &["site"]).as_deref(), Some("https://a.example/x"));
        assert_eq!(text(&fields, &["other"]), None);
        let fields = javascript(
            "const bare = (text) => text.replace(/^['\"/]|[/'\"]$/g, '') / 2 / 3;\n\
             export default { url: 'https://a.example' };",
        );
        assert_eq!(text(&fields, &["url"]).as_deref(), Some("https://a.example"));
    }

    #[test]
    fn nothing_hangs() {
        for text in ["{{{{", "x = [", "'", "a = '''", "{a:{a:{a:", "({[", "a = {'b'"] {
            python(text);
            javascript(text);
        }
        javascript(&"{a:".repeat(100_000));
    }
}
