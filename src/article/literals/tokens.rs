//! The tokens of Python and JavaScript, as far as plain values need them.

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Text(String),
    /// A text of JavaScript's that something is filled into, with its holes as they were written.
    Template(String),
    Word(String),
    Mark(char),
    /// A text or a comment that begins here is never closed.
    Unclosed,
    /// Python: a new line that begins at the margin.
    Margin,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Tongue {
    Python,
    JavaScript,
}

pub fn tokens(text: &str, tongue: Tongue) -> Vec<(Token, u32)> {
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
            if !rest[..end].ends_with("*/") {
                tokens.push((Token::Unclosed, line));
            }
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
            let (value, used, is_closed) = quoted(rest, c, tongue);
            if !is_closed {
                tokens.push((Token::Unclosed, line));
            }
            let is_filled = c == '`' && value.contains("${");
            let token = if is_filled { Token::Template(value) } else { Token::Text(value) };
            tokens.push((token, line));
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

/// A regular expression is no longer, in bytes.
const MAX_PATTERN: usize = 300;

/// How many bytes a regular expression at the beginning of `text` takes, if one may stand behind
/// these tokens.
fn pattern(text: &str, before: &[(Token, u32)]) -> Option<usize> {
    let may_stand = match before.last() {
        Some((Token::Mark(mark), _)) => !matches!(mark, ')' | ']' | '}'),
        Some((Token::Word(word), _)) => word == "return",
        _ => false,
    };
    if !may_stand {
        return None;
    }
    let line = text[..text.floor_char_boundary(MAX_PATTERN)].lines().next()?;
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

/// Where a text, a comment or a bracket opens that is never closed.
pub fn unclosed(tokens: &[(Token, u32)]) -> Option<u32> {
    let mut open = Vec::new();
    for (token, line) in tokens {
        match token {
            Token::Unclosed => return Some(*line),
            Token::Mark('(' | '[' | '{') => open.push(*line),
            Token::Mark(')' | ']' | '}') => drop(open.pop()),
            _ => {}
        }
    }
    open.pop()
}

/// A quoted text at the beginning of `text`, how many bytes it takes, and whether it is closed.
fn quoted(text: &str, quote: char, tongue: Tongue) -> (String, usize, bool) {
    let is_python = tongue == Tongue::Python;
    let mark = match quote {
        '"' if is_python && text.starts_with("\"\"\"") => "\"\"\"",
        '\'' if is_python && text.starts_with("'''") => "'''",
        '"' => "\"",
        '\'' => "'",
        _ => "`",
    };
    let mut value = String::new();
    let mut at = mark.len();
    while let Some(c) = text[at..].chars().next() {
        if text[at..].starts_with(mark) {
            return (value, at + mark.len(), true);
        }
        // What is filled in may hold such texts itself.
        if mark == "`"
            && text[at..].starts_with("${")
            && let Some(length) = hole_end(&text[at..])
        {
            let end = at + length;
            value.push_str(&text[at..end]);
            at = end;
            continue;
        }
        at += c.len_utf8();
        if c == '\n' && mark.len() == 1 && mark != "`" {
            return (value, at, false);
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
    (value, text.len(), false)
}

/// What is filled into a text is no longer, in bytes.
const MAX_HOLE: usize = 2_000;

/// Behind the bracket that closes a `${` at the beginning of `text`; texts within may hold others.
pub fn hole_end(text: &str) -> Option<usize> {
    let text = &text[..text.floor_char_boundary(MAX_HOLE)];
    let (mut open, mut inner) = (0_usize, Vec::new());
    let mut quote = None;
    for (at, c) in text.char_indices() {
        // In a template within, up to its next hole.
        let in_template = inner.last() == Some(&open);
        match c {
            _ if quote.is_some() => quote = quote.filter(|quote| *quote != c),
            '`' if in_template => drop(inner.pop()),
            '`' => inner.push(open),
            '\'' | '"' if !in_template => quote = Some(c),
            '{' => open += 1,
            '}' if open == 1 => return Some(at + 1),
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    None
}
