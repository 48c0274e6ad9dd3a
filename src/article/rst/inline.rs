//! Markup within a paragraph.

use quick_xml::escape::escape;

use super::super::markup::{Scan, address_at};
use super::blocks::Walk;
use super::directives::{Parts, image};
use super::references::{Substitution, normal};

/// What may stand before a mark that opens, besides white space.
fn may_precede(c: Option<char>) -> bool {
    c.is_none_or(|c| {
        c.is_whitespace() || "'\"([{<-/:".contains(c) || (!c.is_ascii() && !c.is_alphanumeric())
    })
}

/// What may stand behind a mark that closes, besides white space.
fn may_follow(c: Option<char>) -> bool {
    c.is_none_or(|c| {
        c.is_whitespace()
            || "'\")]}>-/:.,;!?\\".contains(c)
            || (!c.is_ascii() && !c.is_alphanumeric())
    })
}

/// Whether a mark between these two is quoted, and means itself.
fn is_quoted(before: Option<char>, after: Option<char>) -> bool {
    let pair = before.zip(after);
    pair.is_some_and(|pair| {
        matches!(
            pair,
            ('"', '"') | ('\'', '\'') | ('(', ')') | ('[', ']') | ('{', '}') | ('<', '>')
        )
    })
}

fn is_in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '+')
}

/// Characters of a role's name, of a label, and of a name that is referred to without quotes, at
/// most: beyond, each of many would be looked at again and again.
const MAX_ROLE: usize = 40;
const MAX_NAME: usize = 200;
/// Substitutions within each other, and names that links give.
const MAX_SUBSTITUTING: usize = 4;
const MAX_NAMED: usize = 1_000;

/// `:role:` behind what it is about.
fn role_behind(after: &str) -> Option<&str> {
    let rest = after.strip_prefix(':')?;
    let end = rest.char_indices().take(MAX_ROLE).find(|(_, c)| *c == ':')?.0;
    let role = &rest[..end];
    (!role.is_empty() && role.chars().all(is_in_name)).then_some(role)
}

/// A mark and what it makes of the text between two of it.
const MARKS: [(&str, &str); 3] = [("**", "strong"), ("``", "code"), ("*", "em")];

/// Whether a mark at this place opens something.
fn opens(scan: &Scan, mark: &str) -> bool {
    let before = scan.before();
    let after = scan.rest()[mark.len()..].chars().next();
    may_precede(before) && after.is_some_and(|c| !c.is_whitespace()) && !is_quoted(before, after)
}

/// What stands between the mark at this place and the one that closes it.
fn inside<'t>(
    scan: &mut Scan<'t>,
    mark: &'static str,
    ends: impl Fn(&str) -> bool,
) -> Option<&'t str> {
    scan.inside(mark.len(), mark, |before, after| {
        !before.is_whitespace() && (mark == "``" || before != '\\') && ends(after)
    })
}

impl Walk<'_> {
    /// Writes a text with its markup.
    pub fn inline(&mut self, text: &str) {
        let mut scan = Scan::new(text);
        while let Some(c) = scan.next() {
            let taken = match c {
                '\\' => self.escaped(&mut scan),
                '*' => self.marked(&mut scan),
                '`' if scan.rest().starts_with("``") => self.marked(&mut scan),
                '`' if opens(&scan, "`") => {
                    let start = scan.at;
                    self.interpreted(&mut scan, "", start)
                }
                ':' => self.role(&mut scan),
                '|' => self.substituted(&mut scan),
                '[' => self.footnote(&mut scan),
                '_' => self.reference(&mut scan),
                'h' | 'f' | 'm' => self.address(&mut scan),
                _ => None,
            };
            scan.pass(taken);
        }
        self.flush(&scan, text.len());
    }

    /// Writes what stands before a place as it is.
    fn flush(&mut self, scan: &Scan, to: usize) {
        self.html.push_str(&escape(&scan.text[scan.open..to]));
    }

    /// Text without markup, but with escapes.
    fn unescaped(&mut self, text: &str) {
        let mut chars = text.chars();
        let mut plain = String::with_capacity(text.len());
        while let Some(c) = chars.next() {
            match c {
                '\\' => plain.extend(chars.next().filter(|c| !c.is_whitespace())),
                c => plain.push(c),
            }
        }
        self.html.push_str(&escape(&plain));
    }

    fn escaped(&mut self, scan: &mut Scan) -> Option<usize> {
        self.flush(scan, scan.at);
        let next = scan.rest()[1..].chars().next();
        // White space that is escaped only keeps apart what stands around it.
        if let Some(c) = next.filter(|c| !c.is_whitespace()) {
            self.html.push_str(&escape(c.to_string()));
        }
        Some(1 + next.map_or(0, char::len_utf8))
    }

    fn marked(&mut self, scan: &mut Scan) -> Option<usize> {
        let (mark, element) = MARKS.into_iter().find(|(mark, _)| scan.rest().starts_with(mark))?;
        if !opens(scan, mark) {
            return None;
        }
        let inner = inside(scan, mark, |after| may_follow(after.chars().next()))?;
        self.flush(scan, scan.at);
        self.element(element, inner);
        Some(inner.len() + 2 * mark.len())
    }

    fn element(&mut self, element: &str, inner: &str) {
        self.html.extend(["<", element, ">"]);
        match element {
            "code" => self.html.push_str(&escape(inner)),
            _ => self.unescaped(inner),
        }
        self.html.extend(["</", element, ">"]);
    }

    /// `` :role:`text` ``
    fn role(&mut self, scan: &mut Scan) -> Option<usize> {
        let named = &scan.rest()[1..];
        let end = named.char_indices().take(MAX_ROLE).find(|(_, c)| !is_in_name(*c))?.0;
        let role = named[..end].strip_suffix(':').filter(|role| !role.is_empty())?;
        (named[end..].starts_with('`') && may_precede(scan.before())).then_some(())?;
        let start = scan.at;
        scan.at += role.len() + 2;
        let taken = self.interpreted(scan, role, start);
        scan.at = start;
        taken.map(|bytes| role.len() + 2 + bytes)
    }

    /// What stands in backquotes: a reference, or a text with a role.
    fn interpreted(&mut self, scan: &mut Scan, role: &str, start: usize) -> Option<usize> {
        let ends = |after: &str| {
            let after = after.strip_prefix("__").or(after.strip_prefix('_')).unwrap_or(after);
            may_follow(after.chars().next())
        };
        let inner = inside(scan, "`", ends)?;
        let after = &scan.rest()[inner.len() + 2..];
        self.flush(scan, start);
        let own = role_behind(after);
        let more = if after.starts_with("__") && role.is_empty() {
            self.link(inner, true);
            2
        } else if after.starts_with('_') && role.is_empty() {
            self.link(inner, false);
            1
        } else if let Some(suffix) = own.filter(|_| role.is_empty()) {
            self.with_role(suffix, inner);
            suffix.len() + 2
        } else {
            self.with_role(role, inner);
            0
        };
        Some(inner.len() + 2 + more)
    }

    fn with_role(&mut self, role: &str, inner: &str) {
        match role.rsplit(':').next().unwrap_or("") {
            "" | "emphasis" | "title" | "title-reference" | "t" | "cite" => {
                self.element("em", inner);
            }
            "strong" => self.element("strong", inner),
            "code" | "literal" | "math" | "kbd" | "command" | "file" | "samp" | "option" => {
                self.element("code", inner);
            }
            "sub" | "subscript" => self.element("sub", inner),
            "sup" | "superscript" => self.element("sup", inner),
            "pep" | "pep-reference" => self.numbered("PEP", inner, "https://peps.python.org/pep-"),
            "rfc" | "rfc-reference" => {
                self.numbered("RFC", inner, "https://www.rfc-editor.org/rfc/rfc");
            }
            // What it writes is of another format, or of a program's own.
            "raw" | "raw-html" | "html" | "raw-latex" | "index" => {}
            // Sphinx: `text <target>`, and `~` before what is shown in short.
            _ => {
                let shown = inner.split_once('<').map_or(inner, |(text, _)| text).trim_end();
                self.unescaped(
                    if shown.is_empty() { inner } else { shown }.trim_start_matches('~'),
                );
            }
        }
    }

    /// A document of a series, perhaps with a place in it.
    fn numbered(&mut self, series: &str, inner: &str, address: &str) {
        let number = inner.split('#').next().unwrap_or("").trim();
        let Ok(of) = number.parse::<u32>() else { return self.unescaped(inner) };
        let address = match series {
            "PEP" => format!("{address}{of:04}/"),
            _ => format!("{address}{of}"),
        };
        self.anchor(&format!("{series} {number}"), Some(&address));
    }

    /// `` `text <address>`_ `` or `` `name`_ ``
    fn link(&mut self, inner: &str, anonymous: bool) {
        let embedded = inner.strip_suffix('>').and_then(|rest| rest.rsplit_once('<'));
        let (text, address) = match embedded {
            Some((text, address)) => {
                let address: String = address.split_whitespace().collect();
                let text = text.trim_end();
                let known = address.strip_suffix('_').and_then(|name| self.address_of(name));
                let to = known.unwrap_or_else(|| address.replace('\\', ""));
                if !anonymous && self.named.len() < MAX_NAMED {
                    self.named.insert(normal(text), to.clone());
                }
                (if text.is_empty() { address } else { text.to_string() }, Some(to))
            }
            None if anonymous => (inner.to_string(), self.next_anonymous()),
            None => (inner.to_string(), self.address_of(inner)),
        };
        self.anchor(&text, address.as_deref());
    }

    fn next_anonymous(&mut self) -> Option<String> {
        let address = self.references.anonymous(self.anonymous).map(String::from);
        self.anonymous += 1;
        address
    }

    /// Where a name leads, while there is room for what is defined once and stands again and again.
    pub fn address_of(&mut self, name: &str) -> Option<String> {
        let own = self.references.address(name).map(String::from);
        let address = own.or_else(|| self.named.get(&normal(name)).cloned())?;
        self.has_room(address.len()).then_some(address)
    }

    fn has_room(&mut self, bytes: usize) -> bool {
        let left = self.room.checked_sub(bytes);
        self.room = left.unwrap_or(self.room);
        left.is_some()
    }

    /// A link; only its text, where it leads to a place in the text.
    pub fn anchor(&mut self, text: &str, address: Option<&str>) {
        let Some(address) = address else { return self.unescaped(text) };
        let address = (self.resolve)(address).unwrap_or_else(|| address.to_string());
        self.html.extend(["<a href=\"", &escape(&address), "\">"]);
        self.unescaped(text);
        self.html.push_str("</a>");
    }

    /// `name_` or `name__`, of which the name was passed already.
    fn reference(&mut self, scan: &mut Scan) -> Option<usize> {
        let from = scan.text.ceil_char_boundary(scan.at.saturating_sub(MAX_NAME));
        let passed = &scan.text[scan.open.max(from)..scan.at];
        let name_at = passed.trim_end_matches(is_in_name).len();
        let name = passed[name_at..].trim_start_matches(|c: char| !c.is_alphanumeric());
        if !name.ends_with(char::is_alphanumeric) {
            return None;
        }
        let start = scan.at - name.len();
        let marks = if scan.rest().starts_with("__") { 2 } else { 1 };
        let after = scan.rest()[marks..].chars().next();
        if !may_follow(after) || !may_precede(scan.text[..start].chars().next_back()) {
            return None;
        }
        let address = match marks {
            2 => Some(self.next_anonymous()?),
            _ => Some(self.address_of(name)?),
        };
        self.flush(scan, start);
        self.anchor(name, address.as_deref());
        Some(marks)
    }

    /// `[1]_`, `[#]_`, `[CIT2002]_`
    fn footnote(&mut self, scan: &mut Scan) -> Option<usize> {
        let labelled = &scan.rest()[1..];
        let is_label = |c: char| is_in_name(c) || matches!(c, '#' | '*');
        let end = labelled.char_indices().take(MAX_NAME).find(|(_, c)| !is_label(*c))?.0;
        let label = &labelled[..end];
        let after = labelled[end..].strip_prefix("]_")?;
        (!label.is_empty() && may_precede(scan.before()) && may_follow(after.chars().next()))
            .then_some(())?;
        self.flush(scan, scan.at);
        let label = self.references.label(label, &mut self.cited);
        self.html.extend(["<sup>[", &escape(&label), "]</sup>"]);
        Some(scan.rest().len() - after.len())
    }

    fn substituted(&mut self, scan: &mut Scan) -> Option<usize> {
        opens(scan, "|").then_some(())?;
        let (name, _) = scan.rest()[1..].split_once('|')?;
        let found = self.references.substitution(name)?;
        self.flush(scan, scan.at);
        let size = match found {
            Substitution::Text(text) | Substitution::Html(text) => text.len(),
            Substitution::Image(lines) => lines.iter().map(String::len).sum(),
        };
        let after = &scan.rest()[name.len() + 2..];
        let marks = after.len() - after.trim_start_matches('_').len();
        // One that stands in itself would go on for ever.
        if self.substituting == MAX_SUBSTITUTING || !self.has_room(size + 1) {
            self.unescaped(name);
            return Some(name.len() + 2 + marks);
        }
        let address = if marks > 0 { self.address_of(name) } else { None };
        if let Some(address) = &address {
            self.html.extend(["<a href=\"", &escape(address), "\">"]);
        }
        self.substituting += 1;
        match found {
            Substitution::Text(text) => self.inline(text),
            Substitution::Html(html) => self.html.push_str(html),
            Substitution::Image(lines) => {
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                image(self, lines[0], &Parts::of(&lines[1..]));
            }
        }
        self.substituting -= 1;
        if address.is_some() {
            self.html.push_str("</a>");
        }
        Some(name.len() + 2 + marks)
    }

    /// An address that stands in the text as it is.
    fn address(&mut self, scan: &mut Scan) -> Option<usize> {
        may_precede(scan.before()).then_some(())?;
        let url = address_at(scan.rest(), "<>\"`\\]}")?;
        self.flush(scan, scan.at);
        let shown = url.strip_prefix("mailto:").unwrap_or(url);
        self.html.extend(["<a href=\"", &escape(url), "\">", &escape(shown), "</a>"]);
        Some(url.len())
    }
}
