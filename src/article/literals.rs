//! The plain values in a config that is a program: Python's `NAME = "text"` and JavaScript's
//! `{ name: "text" }`. Nothing is run; what is no literal is passed over.

mod functions;
mod tokens;

use std::collections::HashMap;

use super::front_matter::{Fault, Field, Value};
use functions::{call, template};
pub(super) use tokens::{Token, hole_end};
use tokens::{Tongue, tokens, unclosed};

/// Nesting and values beyond which a config is no longer looked into.
const MAX_DEPTH: usize = 16;
const MAX_VALUES: usize = 5_000;
/// Stands for an address that a function makes, and for a folder that a variable names.
pub const COMPUTED: &str = "{{ computed }}";
/// Objects inside functions that are looked at, and calls.
const MAX_INNER: usize = 200;
/// One in which something is never closed is being written, or broken.
fn whole(tokens: Vec<(Token, u32)>) -> Result<Vec<(Token, u32)>, Fault> {
    match unclosed(&tokens) {
        Some(line) => {
            let message = "what opens here is never closed".to_string();
            Err(Fault::Syntax { line, message })
        }
        None => Ok(tokens),
    }
}

/// `NAME = value` at the margin.
pub fn python(text: &str) -> Result<Vec<Field>, Fault> {
    let tokens = whole(tokens(text, Tongue::Python))?;
    let mut fields = Vec::new();
    let constants = &Constants { texts: HashMap::new() };
    let mut reader = Reader { tokens: &tokens, constants, at: 0, values: 0 };
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
    Ok(fields)
}

/// The fields of all objects that are not inside another, one after another, and what constants
/// are set to, by their names; of `process.env.URL || "text"` the text. Of some calls, all texts
/// within: `.addFilter("a", x => f("b"))` is `addfilter(): [a, b]`.
pub fn javascript(text: &str) -> Result<Vec<Field>, Fault> {
    let tokens = program(text)?;
    let mut fields = Vec::new();
    let constants = &Constants::of(&tokens);
    let mut reader = Reader { tokens: &tokens, constants, at: 0, values: 0 };
    let is_keyword = |word: &str| matches!(word, "const" | "let" | "var");
    // Objects that a function returns are found by their names; what stands at the top counts more.
    let (mut inner, mut calls) = (Vec::new(), Vec::new());
    for at in 0..tokens.len() {
        if let [(Token::Word(name), line), (Token::Mark(':'), _), (Token::Mark('{'), _), ..] =
            &tokens[at..]
            && inner.len() < MAX_INNER
        {
            let mut reader = Reader { tokens: &tokens, constants, at: at + 2, values: 0 };
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
    Ok(inner)
}

/// The tokens of a JavaScript program, each with its line; the first is a margin.
pub(super) fn program(text: &str) -> Result<Vec<(Token, u32)>, Fault> {
    whole(words(text))
}

/// Likewise, of a part of one.
pub(super) fn words(text: &str) -> Vec<(Token, u32)> {
    tokens(text, Tongue::JavaScript)
}

/// Holes of one text that are filled, and how long it may become, in bytes.
const MAX_HOLES: usize = 32;
const MAX_FILLED: usize = 4_096;

/// The texts that names of a program stand for.
pub(super) struct Constants<'t> {
    texts: HashMap<&'t str, &'t str>,
}

impl<'t> Constants<'t> {
    pub fn of(program: &'t [(Token, u32)]) -> Constants<'t> {
        let mut texts = HashMap::new();
        for (at, three) in program.windows(3).enumerate() {
            if let [(Token::Word(name), _), (Token::Mark('='), _), (Token::Text(text), _)] = three {
                let is_whole = !matches!(program.get(at + 3), Some((Token::Mark('+' | '.'), _)));
                if is_whole {
                    texts.entry(name.as_str()).or_insert(text.as_str());
                }
            }
        }
        Constants { texts }
    }

    /// A text with its holes filled; `None` where anything else is to be filled in.
    pub fn fill(&self, text: &str) -> Option<String> {
        let mut filled = String::new();
        let mut rest = text;
        for _ in 0..MAX_HOLES {
            let Some((before, after)) = rest.split_once("${") else {
                filled.push_str(rest);
                return Some(filled);
            };
            let (name, after) = after.split_once('}')?;
            filled.push_str(before);
            filled.push_str(self.texts.get(name.trim())?);
            if filled.len() > MAX_FILLED {
                return None;
            }
            rest = after;
        }
        None
    }
}

struct Reader<'a> {
    tokens: &'a [(Token, u32)],
    constants: &'a Constants<'a>,
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
            Token::Template(text) => {
                let is_whole = self.peek() != Some(&Token::Mark('+'));
                self.constants.fill(&text).filter(|_| is_whole).map(Value::Scalar)
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
                "input" | "base" if is_made && value.is_none() => unknown(),
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
        )
        .unwrap();
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
        )
        .unwrap();
        assert_eq!(text(&fields, &["title"]).as_deref(), Some("Don't"));
        assert_eq!(text(&fields, &["url"]).as_deref(), Some("https://a.example"));
        assert_eq!(text(&fields, &["last"]).as_deref(), Some("true"));
        assert_eq!(text(&fields, &["name"]).as_deref(), Some("n"));
        assert_eq!(text(&fields, &["inner.kept"]).as_deref(), Some("k"));
        let fields = javascript(
            "const domain = 'a.example'\nexport default { site: `https://${domain}/x`, \
             other: `https://${process.env.HOST}/`, sum: `${domain}` + x, plain: 'Price ${domain}' }",
        )
        .unwrap();
        assert_eq!(text(&fields, &["sum"]), None);
        assert_eq!(text(&fields, &["plain"]).as_deref(), Some("Price ${domain}"));
        assert_eq!(text(&fields, &["site"]).as_deref(), Some("https://a.example/x"));
        assert_eq!(text(&fields, &["other"]), None);
        let fields = javascript(
            "const bare = (text) => text.replace(/^['\"/]|[/'\"]$/g, '') / 2 / 3;\n\
             export default { url: 'https://a.example' };",
        )
        .unwrap();
        assert_eq!(text(&fields, &["url"]).as_deref(), Some("https://a.example"));
    }

    #[test]
    fn what_is_never_closed_is_a_fault() {
        for (text, line) in [
            ("a = {\n b: 'c\n}", 2),
            ("a = [\n 1,\n", 1),
            ("\n/* a", 2),
            ("x = `a\n\n", 1),
            ("f(`${a}`", 1),
        ] {
            let fault = javascript(text).unwrap_err();
            assert!(
                matches!(&fault, Fault::Syntax { line: at, .. } if *at == line),
                "{text} {fault:?}"
            );
        }
        assert!(python("A = (\n 'x'\n").is_err() && python("A = \"\"\"\nx'\n").is_err());
        assert!(python("A = \"\"\"it's\"\"\"\nB = 'x'  # it's\n").is_ok());
        assert!(javascript("a = '' + \"```\" // it's\nb = /['\"]/").is_ok());
    }

    #[test]
    fn nothing_hangs() {
        for text in
            ["`${a.replace('{', '')}`; x = {", "${", "/[/[/["].map(|text| text.repeat(20_000))
        {
            let _ = (python(&text), javascript(&text));
        }
        for text in ["{{{{", "x = [", "'", "a = '''", "{a:{a:{a:", "({[", "a = {'b'"] {
            let _ = (python(text), javascript(text));
        }
        for (open, close) in [("{a:", "}"), ("[", "]"), ("a(", ")")] {
            let text = open.repeat(50_000) + &close.repeat(50_000);
            assert!(javascript(&text).is_ok() && python(&text).is_ok());
        }
    }
}
