//! Markup within a paragraph.

use html5ever::data::NAMED_ENTITIES;
use quick_xml::escape::escape;

use super::super::markup::{MAX_ADDRESS, Scan, address_at, is_address};
use super::blocks::Walk;

/// Markup within markup.
const MAX_NESTING: usize = 8;
/// Bytes of a link, of an address, and of other marks with an end.
const MAX_LINK: usize = 4_000;
const MAX_NAME: usize = 200;

/// A mark and what it makes of the text between two of it.
const MARKS: [(char, &str, &str); 6] = [
    ('*', "*", "strong"),
    ('/', "/", "em"),
    ('_', "_", "u"),
    ('+', "+", "del"),
    ('=', "=", "code"),
    ('~', "~", "code"),
];

/// Org's names of characters that HTML has not (`org-entities`); it has the others.
const ENTITIES: &[(&str, &str)] = &[
    ("dots", "…"),
    ("to", "→"),
    ("slash", "/"),
    ("under", "_"),
    ("equal", "="),
    ("tilde", "~"),
    ("check", "✓"),
    ("checkmark", "✓"),
    ("leq", "≤"),
    ("geq", "≥"),
    ("neq", "≠"),
];

fn entity(name: &str) -> Option<String> {
    if let Some((_, shown)) = ENTITIES.iter().find(|(own, _)| *own == name) {
        return Some(escape(*shown).into_owned());
    }
    let known = NAMED_ENTITIES.get(&format!("{name};")).filter(|(first, _)| *first != 0);
    known.map(|_| format!("&{name};"))
}

fn is_apart(c: char) -> bool {
    c.is_whitespace() || (!c.is_ascii() && !c.is_alphanumeric())
}

/// Whether emphasis may begin behind this.
fn may_precede(c: Option<char>) -> bool {
    c.is_none_or(|c| is_apart(c) || "-({'\"".contains(c))
}

/// Whether emphasis may end before this.
fn may_follow(after: &str) -> bool {
    after.chars().next().is_none_or(|c| is_apart(c) || "-.,;:!?')}\"[\\".contains(c))
}

fn is_image(target: &str) -> bool {
    let (_, extension) = target.rsplit_once('.').unwrap_or(("", ""));
    ["png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "bmp", "tiff"]
        .iter()
        .any(|own| own.eq_ignore_ascii_case(extension))
}

impl Walk<'_> {
    /// Writes a text with its markup.
    pub fn inline(&mut self, text: &str) {
        if self.nesting == MAX_NESTING {
            return self.html.push_str(&escape(text));
        }
        self.nesting += 1;
        let mut scan = Scan::new(text);
        while let Some(c) = scan.next() {
            let taken = match c {
                '*' | '/' | '_' | '+' | '=' | '~' => {
                    self.emphasis(&mut scan, c).or_else(|| self.script(&mut scan, c))
                }
                '^' => self.script(&mut scan, c),
                '[' => self.bracket(&mut scan),
                '<' => self.angle(&mut scan),
                '\\' => self.backslash(&mut scan),
                '{' => self.expand(&mut scan),
                '@' => self.export(&mut scan),
                's' => self.source(&mut scan),
                'h' | 'f' | 'm' => self.address(&mut scan),
                '-' | '.' => self.special(&mut scan),
                '$' => self.math(&mut scan),
                _ => None,
            };
            scan.pass(taken);
        }
        self.flush(&scan);
        self.nesting -= 1;
    }

    /// Writes what stands before this place as it is.
    fn flush(&mut self, scan: &Scan) {
        self.html.push_str(&escape(&scan.text[scan.open..scan.at]));
    }

    fn emphasis(&mut self, scan: &mut Scan, c: char) -> Option<usize> {
        let (_, mark, element) = MARKS.into_iter().find(|(own, ..)| *own == c)?;
        let next = scan.rest()[1..].chars().next()?;
        if !may_precede(scan.before()) || next.is_whitespace() {
            return None;
        }
        let ends = |before: char, after: &str| !before.is_whitespace() && may_follow(after);
        let inner = scan.inside(1, mark, ends)?;
        self.flush(scan);
        self.html.extend(["<", element, ">"]);
        match element {
            "code" => self.html.push_str(&escape(inner)),
            _ => self.inline(inner),
        }
        self.html.extend(["</", element, ">"]);
        Some(inner.len() + 2)
    }

    /// `x_{2}` and `x^{2}`
    fn script(&mut self, scan: &mut Scan, c: char) -> Option<usize> {
        let element = match c {
            '_' => "sub",
            '^' => "sup",
            _ => return None,
        };
        scan.before().filter(|c| !c.is_whitespace())?;
        let rest = scan.rest()[1..].strip_prefix('{')?;
        let end = rest.bytes().take(MAX_NAME).position(|byte| byte == b'}')?;
        self.flush(scan);
        self.html.extend(["<", element, ">"]);
        self.inline(&rest[..end]);
        self.html.extend(["</", element, ">"]);
        Some(end + 3)
    }

    fn bracket(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        let rest = &rest[..rest.floor_char_boundary(MAX_LINK)];
        if let Some(note) = rest.strip_prefix("[fn:") {
            return self.reference(scan, note);
        }
        let inner = rest.strip_prefix("[[")?;
        let inner = &inner[..inner.find("]]")?];
        self.flush(scan);
        let (target, text) = match inner.split_once("][") {
            Some((target, text)) => (target, Some(text.trim())),
            None => (inner, None),
        };
        self.link(target.trim(), text.filter(|text| !text.is_empty()));
        Some(inner.len() + 4)
    }

    /// `[fn:label]`, `[fn:label:text]`, `[fn::text]`
    fn reference(&mut self, scan: &mut Scan, note: &str) -> Option<usize> {
        let mut depth = 1;
        let end = note.bytes().position(|byte| {
            depth += i32::from(byte == b'[') - i32::from(byte == b']');
            depth == 0
        })?;
        let (label, text) = match note[..end].split_once(':') {
            Some((label, text)) => (label, Some(text)),
            None => (&note[..end], None),
        };
        self.flush(scan);
        let number = self.cite(label, text);
        self.html.push_str(&format!("<sup>[{number}]</sup>"));
        Some(end + 5)
    }

    fn link(&mut self, target: &str, text: Option<&str>) {
        let written = target;
        let target = self.address_of(target);
        let Some(target) = target else {
            // A place in this file, or in a program.
            return self.inline(text.unwrap_or(written.trim_start_matches(['*', '#'])));
        };
        let bare = |address: &str| address.strip_prefix("file:").unwrap_or(address).to_string();
        let resolved = (self.resolve)(&target).unwrap_or(target);
        match text {
            None if is_image(&resolved) => {
                self.html.extend(["<img src=\"", &escape(&resolved), "\" alt=\"\">"]);
            }
            None => {
                let shown = escape(bare(written));
                self.html.extend(["<a href=\"", &escape(&resolved), "\">", &shown, "</a>"]);
            }
            Some(text) => {
                self.html.extend(["<a href=\"", &escape(&resolved), "\">"]);
                let address = text.strip_prefix("file:").unwrap_or(text);
                match is_image(address) && !address.contains(char::is_whitespace) {
                    true => self.html.extend(["<img src=\"", &escape(address), "\" alt=\"\">"]),
                    false => self.inline(text),
                }
                self.html.push_str("</a>");
            }
        }
    }

    /// Where a link leads, if it leads out of this file.
    fn address_of(&mut self, target: &str) -> Option<String> {
        if target.starts_with(['#', '*']) {
            return None;
        }
        if let Some(path) = target.strip_prefix("file:").or(target.strip_prefix("attachment:")) {
            // `file.org::*Headline`
            return Some(path.split("::").next().unwrap_or(path).to_string());
        }
        if let Some((name, rest)) = target.split_once(':') {
            if let Some(pattern) = self.abbreviations.get(name) {
                let left = self.room.checked_sub(pattern.len())?;
                self.room = left;
                return Some(match pattern.contains("%s") {
                    true => pattern.replacen("%s", rest, 1),
                    false => format!("{pattern}{rest}"),
                });
            }
            if name == "doi" {
                return Some(format!("https://doi.org/{rest}"));
            }
            let is_known = rest.starts_with("//") || ["mailto", "tel", "news"].contains(&name);
            return is_known.then(|| target.to_string());
        }
        // Anything else that is no path is text to be searched for.
        let is_path = target.starts_with(['.', '/', '~']) || target.contains(['/', '.']);
        let is_one = !target.contains(' ') || is_image(target);
        (is_path && is_one).then(|| target.to_string())
    }

    /// `<https://…>`, `<<target>>`, `<<<radio target>>>`
    fn angle(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        let rest = &rest[..rest.floor_char_boundary(MAX_ADDRESS)];
        if let Some(inner) = rest.strip_prefix("<<") {
            let end = inner.find(">>")?;
            let radio = inner[..end].strip_prefix('<');
            self.flush(scan);
            self.html.push_str(&escape(radio.unwrap_or("")));
            return Some(end + 4 + usize::from(radio.is_some()));
        }
        let inner = &rest[1..rest.find('>')?];
        is_address(inner).then_some(())?;
        self.flush(scan);
        self.html.extend(["<a href=\"", &escape(inner), "\">", &escape(inner), "</a>"]);
        Some(inner.len() + 2)
    }

    /// A line's end that is kept, or a character's name.
    fn backslash(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = &scan.rest()[1..];
        if let Some(after) = rest.strip_prefix('\\') {
            let is_end = after.is_empty() || after.starts_with('\n');
            is_end.then(|| self.flush(scan))?;
            self.html.push_str("<br>");
            return Some(2);
        }
        if rest.starts_with(['(', '[']) {
            return self.math(scan);
        }
        let length = rest.bytes().take(20).take_while(u8::is_ascii_alphabetic).count();
        let shown = entity(&rest[..length])?;
        self.flush(scan);
        self.html.push_str(&shown);
        let braces = if rest[length..].starts_with("{}") { 2 } else { 0 };
        Some(1 + length + braces)
    }

    /// LaTeX, as it stands.
    fn math(&mut self, scan: &mut Scan) -> Option<usize> {
        const PAIRS: [(&str, &str); 4] = [("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$")];
        let rest = scan.rest();
        let (open, mark) = PAIRS.into_iter().find(|(open, _)| rest.starts_with(open))?;
        let is_money = |after: Option<char>| after.is_none_or(char::is_whitespace);
        if open == "$" && (!may_precede(scan.before()) || is_money(rest[1..].chars().next())) {
            return None;
        }
        let ends = |before: char, after: &str| {
            mark != "$" || (!before.is_whitespace() && may_follow(after))
        };
        let inner = scan.inside(open.len(), mark, ends)?;
        self.flush(scan);
        let length = open.len() + inner.len() + mark.len();
        self.html.push_str(&escape(&rest[..length]));
        Some(length)
    }

    /// `{{{macro(argument,…)}}}`
    fn expand(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        let inner = rest[..rest.floor_char_boundary(MAX_LINK)].strip_prefix("{{{")?;
        let inner = &inner[..inner.find("}}}")?];
        let (name, arguments) = match inner.split_once('(') {
            Some((name, arguments)) => (name, arguments.strip_suffix(')').unwrap_or(arguments)),
            None => (inner, ""),
        };
        self.flush(scan);
        let known = self.macros.get(name).filter(|text| text.len() <= self.room);
        if let Some(mut text) = known.cloned() {
            for (at, argument) in arguments.split(',').enumerate().take(9) {
                // Many of them in a text could multiply a long one.
                let is_few = text.matches(&format!("${}", at + 1)).count() <= 20;
                if is_few {
                    text = text.replace(&format!("${}", at + 1), argument.trim());
                }
            }
            if let Some(left) = self.room.checked_sub(text.len()) {
                self.room = left;
                self.inline(&text);
            }
        }
        Some(inner.len() + 6)
    }

    /// `@@html:<b>@@`
    fn export(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        let inner = rest[..rest.floor_char_boundary(MAX_LINK)].strip_prefix("@@")?;
        let inner = &inner[..inner.find("@@")?];
        let (format, text) = inner.split_once(':')?;
        format.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(())?;
        self.flush(scan);
        if format == "html" {
            self.html.push_str(text);
        }
        Some(inner.len() + 4)
    }

    /// `src_python[options]{code}`
    fn source(&mut self, scan: &mut Scan) -> Option<usize> {
        let named = scan.rest().strip_prefix("src_").filter(|_| may_precede(scan.before()))?;
        let name = named.bytes().take(MAX_NAME).take_while(u8::is_ascii_alphanumeric).count();
        let mut rest = &named[name..];
        if rest.starts_with('[') {
            let end = rest.bytes().take(MAX_NAME).position(|byte| byte == b']')?;
            rest = &rest[end + 1..];
        }
        let code = rest.strip_prefix('{')?;
        let end = code.bytes().take(MAX_NAME).position(|byte| byte == b'}')?;
        self.flush(scan);
        self.html.extend(["<code>", &escape(&code[..end]), "</code>"]);
        Some(scan.rest().len() - code.len() + end + 1)
    }

    /// Dashes and dots.
    fn special(&mut self, scan: &mut Scan) -> Option<usize> {
        const STRINGS: [(&str, &str); 3] = [("---", "—"), ("--", "–"), ("...", "…")];
        let rest = scan.rest();
        let (written, shown) = STRINGS.into_iter().find(|(own, _)| rest.starts_with(own))?;
        let next = rest.as_bytes().get(written.len());
        // A row of them, or an option of a command, is none.
        let is_row = scan.before() == written.chars().next() || next == rest.as_bytes().first();
        let is_option = written == "--" && scan.before().is_none_or(char::is_whitespace);
        (!is_row && !is_option).then_some(())?;
        self.flush(scan);
        self.html.push_str(shown);
        Some(written.len())
    }

    /// An address that stands in the text as it is.
    fn address(&mut self, scan: &mut Scan) -> Option<usize> {
        scan.before().is_none_or(|c| !c.is_alphanumeric()).then_some(())?;
        let url = address_at(scan.rest(), "<>\"[]{}")?;
        self.flush(scan);
        self.html.extend(["<a href=\"", &escape(url), "\">", &escape(url), "</a>"]);
        Some(url.len())
    }
}
