//! Markup within a paragraph.

use quick_xml::escape::escape;

use super::super::markup::{Scan, is_address};
use super::blocks::Walk;

/// Markup within markup.
const MAX_NESTING: usize = 8;
/// Bytes of what stands in brackets before a mark, and of a reference.
const MAX_ROLE: usize = 200;
const MAX_REFERENCE: usize = 1_000;
/// How far it is looked for what makes a mark of what a backslash stands before.
const MAX_ESCAPED: usize = 400;

/// Marks that may stand within a word, and such as may not, with what they make of the text
/// between two of them (AsciiDoc Language, Text and Punctuation).
const ANYWHERE: [(&str, &str); 6] =
    [("**", "strong"), ("__", "em"), ("``", "code"), ("##", "mark"), ("^", "sup"), ("~", "sub")];
const APART: [(&str, &str); 4] = [("*", "strong"), ("_", "em"), ("`", "code"), ("#", "mark")];

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a mark that may not stand within a word may open behind this.
fn may_precede(c: Option<char>) -> bool {
    c.is_none_or(|c| !is_word(c) && !matches!(c, ';' | ':' | '}'))
}

fn may_follow(after: &str) -> bool {
    after.chars().next().is_none_or(|c| !is_word(c))
}

/// How much of a text would be a mark, if it is one: told by what stands around it.
fn escaped_length(before: Option<char>, rest: &str) -> Option<usize> {
    let next = rest.chars().next()?;
    let (once, twice) = (next.len_utf8(), rest.starts_with(&format!("{next}{next}")));
    let closes = |from: usize| rest[from..].chars().skip(1).any(|c| c == next);
    let is_open = |from: usize| rest[from..].starts_with(|c: char| !c.is_whitespace());
    match next {
        '*' | '_' | '`' | '#' | '+' if twice => closes(2).then_some(2),
        '*' | '_' | '`' | '#' | '+' => {
            (may_precede(before) && is_open(1) && closes(1)).then_some(once)
        }
        '^' | '~' => (is_open(1) && closes(1)).then_some(once),
        '{' => rest.contains('}').then_some(once),
        '<' => {
            ["<<", "<-", "<=", "<http"].iter().any(|mark| rest.starts_with(mark)).then_some(once)
        }
        '(' => {
            ["((", "(C)", "(R)", "(TM)"].iter().any(|mark| rest.starts_with(mark)).then_some(once)
        }
        '[' => rest.starts_with("[[").then_some(once),
        '"' => rest.starts_with("\"`").then_some(once),
        '\'' => {
            let between = before.is_some_and(char::is_alphanumeric)
                && rest[1..].starts_with(char::is_alphabetic);
            (between || rest.starts_with("'`")).then_some(once)
        }
        '-' => (rest.starts_with("->") || (rest.starts_with("--") && !rest.starts_with("---")))
            .then_some(once),
        '.' => rest.starts_with("...").then_some(3),
        '=' => rest.starts_with("=>").then_some(once),
        '&' => rest.contains(';').then_some(once),
        _ => (super::macros::name_of(rest).is_some() && rest.contains(['[', '/'])).then_some(once),
    }
}

impl Walk<'_> {
    /// Writes a text with its markup.
    pub fn inline(&mut self, text: &str) {
        let expanded = self.attributes.expand(text).into_owned();
        self.marked(&expanded);
    }

    /// A text whose attributes were put in already.
    pub fn marked(&mut self, text: &str) {
        if self.nesting == MAX_NESTING {
            return self.html.push_str(&escape(text));
        }
        self.nesting += 1;
        let mut scan = Scan::new(text);
        while let Some(c) = scan.next() {
            let taken = match c {
                '\\' => self.escaped(&mut scan),
                '`' if scan.rest().starts_with("`'") => self.apostrophe(&mut scan),
                '*' | '_' | '`' | '#' | '^' | '~' => self.quoted(&mut scan),
                '[' => self.bracket(&mut scan),
                '+' => self.passed(&mut scan),
                '"' | '\'' => self.curly(&mut scan, c),
                '<' => self.reference(&mut scan).or_else(|| self.replaced(&mut scan)),
                '(' => self.indexed(&mut scan).or_else(|| self.replaced(&mut scan)),
                '-' | '.' | '=' => self.replaced(&mut scan),
                ' ' => self.broken(&mut scan),
                '&' => self.character(&mut scan),
                c if c.is_ascii_alphabetic() => self.inline_macro(&mut scan),
                _ => None,
            };
            scan.pass(taken);
        }
        self.flush(&scan);
        self.nesting -= 1;
    }

    /// Writes what stands before this place as it is.
    pub fn flush(&mut self, scan: &Scan) {
        let text = &scan.text[scan.open..scan.at];
        self.html.push_str(&if self.raw { text.into() } else { escape(text) });
    }

    /// A backslash before what would be markup is not shown.
    fn escaped(&mut self, scan: &mut Scan) -> Option<usize> {
        let before = scan.before();
        let rest = &scan.rest()[1..];
        let length = escaped_length(before, &rest[..rest.floor_char_boundary(MAX_ESCAPED)])?;
        self.flush(scan);
        self.html.push_str(&escape(&rest[..length]));
        Some(1 + length)
    }

    fn quoted(&mut self, scan: &mut Scan) -> Option<usize> {
        let before = scan.before();
        self.quoted_behind(scan, before, "")
    }

    /// A mark and what stands in it, behind a role perhaps.
    fn quoted_behind(
        &mut self,
        scan: &mut Scan,
        before: Option<char>,
        role: &str,
    ) -> Option<usize> {
        let rest = scan.rest();
        for (mark, element) in ANYWHERE.into_iter().filter(|(mark, _)| rest.starts_with(mark)) {
            // What is raised or lowered has no white space.
            let is_one = mark.len() == 1;
            let found = scan.inside(mark.len(), mark, |_, _| true);
            let fits = |inner: &&str| !(is_one && inner.contains(char::is_whitespace));
            if let Some(inner) = found.filter(fits) {
                self.flush(scan);
                self.element(element, role, inner);
                return Some(inner.len() + 2 * mark.len());
            }
        }
        let (mark, element) = APART.into_iter().find(|(mark, _)| rest.starts_with(mark))?;
        let is_code = mark == "`";
        let precedes = may_precede(before) && !(is_code && matches!(before, Some('"' | '\'')));
        let next = rest[1..].chars().next()?;
        if !precedes || next.is_whitespace() {
            return None;
        }
        let inner = scan.inside(1, mark, |before, after| {
            !before.is_whitespace()
                && before != '\\'
                && may_follow(after)
                && !(is_code && after.starts_with(['"', '\'', '`']))
        })?;
        self.flush(scan);
        self.element(element, role, inner);
        Some(inner.len() + 2)
    }

    fn element(&mut self, element: &str, role: &str, inner: &str) {
        let element = match role.trim_start_matches('.') {
            "line-through" => "del",
            "underline" => "u",
            _ if !role.is_empty() && element == "mark" => "span",
            _ => element,
        };
        self.html.extend(["<", element, ">"]);
        let between = |mark: &str| {
            let rest = inner.strip_prefix(mark)?.strip_suffix(mark)?;
            Some(rest).filter(|rest| !rest.is_empty())
        };
        match between("++").or(between("+")).filter(|_| element == "code") {
            Some(literal) => self.html.push_str(&escape(literal)),
            None => self.marked(inner),
        }
        self.html.extend(["</", element, ">"]);
    }

    /// `[role]#text#`, an anchor, an entry of a bibliography.
    fn bracket(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        let short = &rest[..rest.floor_char_boundary(MAX_ROLE)];
        if let Some(inner) = short.strip_prefix("[[[") {
            let inner = &inner[..inner.find("]]]")?];
            self.flush(scan);
            let shown = inner.rsplit(',').next().unwrap_or(inner).trim();
            self.html.extend(["[", &escape(shown), "]"]);
            return Some(inner.len() + 6);
        }
        if let Some(inner) = short.strip_prefix("[[") {
            let end = inner.find("]]")?;
            let fits = inner.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':');
            fits.then(|| self.flush(scan))?;
            return Some(end + 4);
        }
        let end = short.find(']')?;
        let role = &short[1..end];
        let after = &rest[end + 1..];
        if role.contains('[') || !after.starts_with(['*', '_', '`', '#', '^', '~', '+']) {
            return None;
        }
        let before = scan.before();
        self.flush(scan);
        let start = (scan.at, scan.open);
        scan.at += end + 1;
        scan.open = scan.at;
        let written = self.html.len();
        let taken = match after.starts_with('+') {
            true => self.passed(scan),
            false => self.quoted_behind(scan, before, role),
        };
        (scan.at, scan.open) = start;
        if taken.is_none() {
            // What was written so far stands before the bracket.
            self.html.truncate(written);
            scan.open = scan.at;
        }
        taken.map(|bytes| end + 1 + bytes)
    }

    /// `+as it is+`, `++anywhere++`, `+++HTML+++`
    fn passed(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        if rest.starts_with("+++") {
            let inner = scan.inside(3, "+++", |_, _| true)?;
            self.flush(scan);
            self.html.push_str(inner);
            return Some(inner.len() + 6);
        }
        if rest.starts_with("++") {
            let inner = scan.inside(2, "++", |_, _| true)?;
            self.flush(scan);
            self.html.push_str(&escape(inner));
            return Some(inner.len() + 4);
        }
        let next = rest[1..].chars().next()?;
        if !may_precede(scan.before()) || next.is_whitespace() {
            return None;
        }
        let ends = |before: char, after: &str| !before.is_whitespace() && may_follow(after);
        let inner = scan.inside(1, "+", ends)?;
        self.flush(scan);
        self.html.push_str(&escape(inner));
        Some(inner.len() + 2)
    }

    /// `` "`quoted`" ``, and an apostrophe.
    fn curly(&mut self, scan: &mut Scan, c: char) -> Option<usize> {
        let rest = scan.rest();
        let (mark, open, close) = match c {
            '"' => ("`\"", "“", "”"),
            _ => ("`'", "‘", "’"),
        };
        if rest[1..].starts_with('`') && may_precede(scan.before()) {
            let ends = |before: char, after: &str| !before.is_whitespace() && may_follow(after);
            let inner = scan.inside(2, mark, ends)?;
            self.flush(scan);
            self.html.push_str(open);
            self.marked(inner);
            self.html.push_str(close);
            return Some(inner.len() + 4);
        }
        let between = scan.before().is_some_and(char::is_alphanumeric)
            && rest[1..].starts_with(char::is_alphabetic);
        (c == '\'' && between).then(|| self.flush(scan))?;
        self.html.push('’');
        Some(1)
    }

    /// A backquote and a straight one.
    fn apostrophe(&mut self, scan: &mut Scan) -> Option<usize> {
        scan.before().filter(|c| c.is_alphanumeric())?;
        self.flush(scan);
        self.html.push('’');
        Some(2)
    }

    /// `<<id>>`, `<<id,text>>`, `<https://…>`
    fn reference(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        let rest = &rest[..rest.floor_char_boundary(MAX_REFERENCE)];
        if let Some(inner) = rest.strip_prefix("<<") {
            let inner = &inner[..inner.find(">>")?];
            let fits = !inner.is_empty() && !inner.contains('<');
            fits.then(|| self.flush(scan))?;
            let (target, text) = match inner.split_once(',') {
                Some((target, text)) => (target.trim(), Some(text.trim())),
                None => (inner.trim(), None),
            };
            self.cross(target, text);
            return Some(inner.len() + 4);
        }
        let inner = &rest[1..rest.find('>')?];
        is_address(inner).then(|| self.flush(scan))?;
        self.anchor(inner, inner.strip_prefix("mailto:").unwrap_or(inner));
        Some(inner.len() + 2)
    }

    /// `((shown in an index))`, `(((and not in the text)))`
    fn indexed(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        let rest = &rest[..rest.floor_char_boundary(MAX_ROLE)];
        let inner = rest.strip_prefix("((")?;
        let hidden = inner.starts_with('(');
        let mark = if hidden { ")))" } else { "))" };
        let inner = &inner[..inner.find(mark)?];
        let fits = !inner.is_empty() && hidden || !inner.contains('(');
        fits.then(|| self.flush(scan))?;
        if !hidden {
            self.marked(inner);
        }
        Some(2 + inner.len() + mark.len())
    }

    /// Dashes, dots, arrows and signs.
    fn replaced(&mut self, scan: &mut Scan) -> Option<usize> {
        const SIGNS: [(&str, &str); 8] = [
            ("(C)", "©"),
            ("(R)", "®"),
            ("(TM)", "™"),
            ("...", "…"),
            ("->", "→"),
            ("=>", "⇒"),
            ("<-", "←"),
            ("<=", "⇐"),
        ];
        let rest = scan.rest();
        if rest.starts_with("--") && !rest.starts_with("---") {
            let before = scan.before().is_some_and(is_word);
            let after = rest[2..].starts_with(is_word);
            (before && after).then(|| self.flush(scan))?;
            self.html.push_str("—\u{200b}");
            return Some(2);
        }
        let (written, shown) = SIGNS.into_iter().find(|(written, _)| rest.starts_with(written))?;
        self.flush(scan);
        self.html.push_str(shown);
        Some(written.len())
    }

    /// `&sect;` and `&#167;` are HTML's.
    fn character(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        let end = rest.bytes().take(32).position(|byte| byte == b';')?;
        let name = &rest[1..end];
        let fits = match name.strip_prefix('#') {
            Some(number) => {
                let digits = number.strip_prefix(['x', 'X']).unwrap_or(number);
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            None => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        };
        fits.then(|| self.flush(scan))?;
        self.html.push_str(&rest[..=end]);
        Some(end + 1)
    }

    /// A line's end that is kept, and a dash between words.
    fn broken(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        if rest.starts_with(" -- ") {
            self.flush(scan);
            self.html.push_str(" — ");
            return Some(4);
        }
        let after = rest.strip_prefix(" +")?;
        (after.is_empty() || after.starts_with('\n')).then(|| self.flush(scan))?;
        self.html.push_str("<br>");
        Some(2)
    }
}
