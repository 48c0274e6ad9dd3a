//! MDX: script lines, components and expressions within Markdown (mdxjs.com).

use crate::article::verbatim::{Kinds, Verbatim};

/// Longer ones are no tags and no expressions that anybody wrote.
const LONGEST: usize = 16_384;

/// How much may be looked at in vain, so that no text costs its square.
struct Budget(usize);

impl Budget {
    fn take(&mut self, spent: usize) {
        self.0 = self.0.saturating_sub(spent);
    }

    fn reach(&self) -> usize {
        self.0.min(LONGEST)
    }
}

pub fn render(text: &str) -> String {
    let code = Verbatim::of(text, Kinds::Code);
    let mut lines = String::with_capacity(text.len());
    let mut at = 0;
    let mut script = Script::default();
    for line in text.split_inclusive('\n') {
        let in_code = code.has(at);
        if script.goes_on(line, in_code) {
        } else if in_code {
            if !is_for_the_highlighter(line) {
                lines.push_str(line);
            }
        } else {
            lines.push_str(&without_mark(line));
        }
        at += line.len();
    }
    super::outside_code(&lines, expressions)
}

/// `import` and `export` say nothing to readers, over as many lines as their brackets are open.
#[derive(Default)]
struct Script {
    open: usize,
    /// Within a text in backticks.
    quoted: bool,
    lines: usize,
    /// A paragraph is open: what begins so is a line of it.
    in_text: bool,
}

impl Script {
    /// What is longer has brackets that are never closed.
    const MOST_LINES: usize = 500;

    /// Whether a line is script.
    fn goes_on(&mut self, line: &str, in_code: bool) -> bool {
        let begins = !in_code
            && !self.in_text
            && (line.starts_with("import ") || line.starts_with("export "));
        if !(begins || self.open > 0 || self.quoted) {
            let bare = line.trim_start();
            self.in_text = !in_code && !bare.is_empty() && !bare.starts_with('#');
            return false;
        }
        self.lines += 1;
        if begins {
            *self = Script::default();
        } else if self.lines > Script::MOST_LINES {
            *self = Script::default();
            return false;
        }
        let mut quote: Option<char> = None;
        let mut before = ' ';
        for c in line.chars() {
            match (quote, c) {
                (Some(open), c) if c == open && before != '\\' => quote = None,
                (Some(_), _) => {}
                (None, '`') if before != '\\' => self.quoted = !self.quoted,
                (None, _) if self.quoted => {}
                // Not in `don't`.
                (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
                (None, '/') if before == '/' => break,
                (None, '{' | '(' | '[') => self.open += 1,
                (None, '}' | ')' | ']') => self.open = self.open.saturating_sub(1),
                _ => {}
            }
            before = c;
        }
        true
    }
}

/// `// highlight-next-line` stands in code, but is none of it (docusaurus.io/docs/markdown-features).
fn is_for_the_highlighter(line: &str) -> bool {
    let bare = line.trim();
    let opened = ["//", "#", "/*", "{/*", "<!--", "--", "%"].iter();
    let word = opened.filter_map(|mark| bare.strip_prefix(mark)).map(str::trim_start);
    let mut word = word.filter_map(|rest| rest.split_whitespace().next());
    word.any(|word| matches!(word, "highlight-next-line" | "highlight-start" | "highlight-end"))
}

/// Of `:::note[Title]` the title is shown.
fn without_mark(line: &str) -> String {
    let bare = line.trim_start();
    let Some(rest) = bare.strip_prefix(":::") else { return line.to_string() };
    let rest = rest.trim_start_matches(':');
    let title = match rest.split_once('[') {
        // A link may stand in it.
        Some((_, title)) => title.rsplit_once(']').map_or(title, |(title, _)| title),
        None => rest.trim().split_once(char::is_whitespace).map_or("", |(_, title)| title),
    };
    let title = title.trim().trim_matches(['{', '}']);
    if title.is_empty() { String::new() } else { format!("**{title}**\n\n") }
}

fn expressions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut budget = Budget(16 * text.len() + LONGEST);
    while let Some(at) = rest.find(['<', '{']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let used = if tail.starts_with('{') {
            let used = braced(tail, &mut budget);
            used.inspect(|used| out.push_str(&expression(&tail[1..used - 1])))
        } else {
            tag(tail, &mut out, &mut budget)
        };
        match used {
            Some(used) => rest = &tail[used..],
            None => {
                out.push_str(&tail[..1]);
                rest = &tail[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The length of a balanced `{…}` at the beginning of a text.
fn braced(text: &str, budget: &mut Budget) -> Option<usize> {
    let mut depth = 0;
    let mut quote: Option<char> = None;
    let reach = budget.reach();
    for (at, c) in text.char_indices().take_while(|(at, _)| *at < reach) {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    budget.take(reach.min(text.len()));
    None
}

/// What an expression shows, as far as it is written there.
fn expression(inside: &str) -> String {
    let bare = inside.trim();
    if let Some(comment) = bare.strip_prefix("/*").and_then(|bare| bare.strip_suffix("*/")) {
        let word = comment.trim();
        return if word == "truncate" { "<!-- truncate -->".into() } else { String::new() };
    }
    let quoted = ["\"", "'", "`"].iter().find_map(|quote| {
        bare.strip_prefix(quote)?.strip_suffix(quote).filter(|inner| !inner.contains(quote))
    });
    quoted.filter(|text| !text.contains("${")).unwrap_or("").to_string()
}

/// Elements in which MDX reads Markdown, and Markdown none without blank lines.
const BLOCKS: [&str; 9] =
    ["article", "aside", "center", "details", "div", "figcaption", "figure", "section", "summary"];

/// Those in which it does where the tag has a line of its own.
const ALONE: [&str; 12] =
    ["a", "b", "blockquote", "code", "em", "i", "li", "small", "span", "strong", "td", "th"];

fn stands_alone(before: &str, after: &str) -> bool {
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    before[line..].trim().is_empty()
        && after.lines().next().is_none_or(|rest| rest.trim().is_empty())
}

/// A tag between blank lines, as far in as the line that it stands in.
fn push_alone(tag: &str, out: &mut String) {
    let line = out.rfind('\n').map_or(0, |at| at + 1);
    let bare = out[line..].trim_start_matches([' ', '\t']);
    let indent = out[line..out.len() - bare.len()].to_string();
    out.extend(["\n\n", &indent, tag, "\n\n", &indent]);
}

/// A component's tag is left out; of an element's, the attributes that are no expressions stay.
/// Returns the tag's length.
fn tag(text: &str, out: &mut String, budget: &mut Budget) -> Option<usize> {
    let slash = usize::from(text[1..].starts_with('/'));
    let name_at = 1 + slash;
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let length = text[name_at..].find(|c| !is_part(c)).unwrap_or(text.len() - name_at);
    budget.take(length);
    let name = &text[name_at..name_at + length];
    // `<>` is a component too.
    let fragment = name.is_empty() && text[name_at..].starts_with('>');
    if name.is_empty() && !fragment {
        return None;
    }
    let component = fragment || name.contains('.') || name.starts_with(char::is_uppercase);
    // An address in angle brackets is none.
    if name.ends_with(':') {
        return None;
    }
    let mut kept = format!("<{}{name}", if slash == 1 { "/" } else { "" });
    let mut at = name_at + length;
    let reach = budget.reach();
    while at < text.len().min(reach) {
        let tail = &text[at..];
        let c = tail.chars().next()?;
        match c {
            '>' => {
                kept.push('>');
                let is_alone = ALONE.contains(&name) && stands_alone(out, &text[at + 1..]);
                match (BLOCKS.contains(&name) || is_alone) && !kept.ends_with("/>") {
                    _ if component => {}
                    true => push_alone(&kept, out),
                    false => out.push_str(&kept),
                }
                return Some(at + 1);
            }
            '{' => {
                let used = braced(tail, budget)?;
                take_expression(&mut kept, &tail[1..used - 1]);
                at += used;
            }
            '"' | '\'' => {
                let Some(end) = tail[1..].find(c).map(|end| end + 2) else { break };
                kept.push_str(&tail[..end]);
                at += end;
            }
            '<' => break,
            // No tag of Markdown's has a blank line in it.
            c if c.is_whitespace() => {
                if !kept.ends_with(' ') {
                    kept.push(' ');
                }
                at += c.len_utf8();
            }
            c => {
                kept.push(c);
                at += c.len_utf8();
            }
        }
    }
    budget.take(at);
    None
}

/// `src={require('./a.png').default}` names a file all the same; any other attribute goes.
fn take_expression(kept: &mut String, inside: &str) {
    let gap = kept.char_indices().rfind(|(_, c)| c.is_whitespace());
    let (gap_at, name_at) = gap.map_or((kept.len(), kept.len()), |(at, c)| (at, at + c.len_utf8()));
    let name = kept[name_at..].trim_end_matches('=').to_string();
    if kept.ends_with('=') && matches!(name.as_str(), "src" | "href" | "alt") {
        let file = inside.split(['\'', '"', '`']).nth(1);
        if let Some(file) = file.filter(|file| !file.is_empty() && !file.contains(['<', '>', '$']))
        {
            kept.push_str(&format!("\"{file}\""));
            return;
        }
    }
    kept.truncate(gap_at);
}
