//! Headlines, paragraphs, blocks between two keywords, and what is told by its first line.

use std::collections::HashMap;

use quick_xml::escape::escape;

use super::super::markdown::Resolve;
use super::super::markup::{dedented, unwrap_paragraph};

/// Deeper than this, blocks within blocks are text.
const MAX_DEPTH: usize = 32;
/// Bytes that macros and abbreviated addresses may add.
const MAX_ADDED: usize = 64 * 1024;
/// Macros and abbreviations, and bytes of one.
const MAX_DEFINED: usize = 1_000;
const MAX_DEFINITION: usize = 8 * 1024;
const MAX_NOTES: usize = 10_000;

pub struct Walk<'a> {
    pub resolve: Resolve<'a>,
    pub html: String,
    depth: usize,
    caption: Option<String>,
    /// Whether the last code says that its results are shown.
    has_results: bool,
    pub notes: Notes,
    pub macros: HashMap<String, String>,
    pub abbreviations: HashMap<String, String>,
    /// What may still be added.
    pub room: usize,
    /// Markup within markup.
    pub nesting: usize,
}

/// Footnotes, by label.
#[derive(Default)]
pub struct Notes {
    texts: HashMap<String, String>,
    /// As they are referred to, and the numbers that they have so.
    cited: Vec<String>,
    numbers: HashMap<String, usize>,
}

pub struct Headline<'a> {
    pub level: usize,
    pub text: &'a str,
    /// It and all below it are for the author only.
    hidden: bool,
}

/// `** TODO [#A] Its text :tag:other:`
pub fn headline(line: &str) -> Option<Headline<'_>> {
    let level = line.bytes().take_while(|byte| *byte == b'*').count();
    let rest = line[level..].strip_prefix(' ').filter(|_| level > 0)?;
    let mut text = rest.trim();
    let mut tags = "";
    if let Some((before, last)) = text.rsplit_once(char::is_whitespace)
        && last.len() > 2
        && last.starts_with(':')
        && last.ends_with(':')
        && last.chars().all(|c| c.is_alphanumeric() || ":_@#%".contains(c))
    {
        (text, tags) = (before.trim_end(), last);
    }
    for word in ["TODO ", "DONE "] {
        text = text.strip_prefix(word).map_or(text, str::trim_start);
    }
    if text.starts_with("[#") && text.as_bytes().get(3) == Some(&b']') {
        text = text[4..].trim_start();
    }
    let commented = text == "COMMENT" || text.starts_with("COMMENT ");
    let hides = |tag: &str| tag == "noexport" || tag == "ARCHIVE";
    let hidden = commented || tags.split(':').any(hides);
    Some(Headline { level, text, hidden })
}

/// The key and the value of `#+KEY: value`.
pub fn keyword(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.strip_prefix("#+")?.split_once(':')?;
    let fits = !key.is_empty() && !key.contains(char::is_whitespace);
    fits.then(|| (key, value.trim()))
}

/// The name of `:NAME:` that stands alone in its line.
pub fn drawer(line: &str) -> Option<&str> {
    let name = line.trim().strip_prefix(':')?.strip_suffix(':')?;
    let fits = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    (!name.is_empty() && name.chars().all(fits)).then_some(name)
}

/// Whether a drawer is for programs, and shown to nobody.
pub fn is_hidden(name: &str) -> bool {
    ["properties", "logbook"].iter().any(|own| own.eq_ignore_ascii_case(name))
}

pub fn after<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    let head = line.get(..start.len()).filter(|head| head.eq_ignore_ascii_case(start))?;
    Some(&line[head.len()..])
}

/// What a line ends, if it ends something: told by what begins such a thing.
fn closer(line: &str) -> Option<String> {
    let line = line.trim();
    if let Some(name) = after(line, "#+end_") {
        return Some(name.to_lowercase());
    }
    if line.eq_ignore_ascii_case(":end:") {
        return Some(":".into());
    }
    line.strip_prefix("\\end{").map(|name| format!("\\{name}"))
}

/// Where things end in some lines.
struct Closers(HashMap<String, Vec<usize>>);

impl Closers {
    fn of(lines: &[&str]) -> Closers {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, line) in lines.iter().enumerate() {
            if let Some(name) = closer(line) {
                places.entry(name).or_default().push(at);
            }
        }
        Closers(places)
    }

    fn next(&self, name: &str, from: usize) -> Option<usize> {
        let places = self.0.get(name)?;
        places.get(places.partition_point(|at| *at <= from)).copied()
    }
}

impl<'a> Walk<'a> {
    pub fn new(resolve: Resolve<'a>) -> Walk<'a> {
        Walk {
            resolve,
            html: String::new(),
            depth: 0,
            caption: None,
            has_results: true,
            notes: Notes::default(),
            macros: HashMap::new(),
            abbreviations: HashMap::new(),
            room: MAX_ADDED,
            nesting: 0,
        }
    }

    /// Macros, and abbreviations of addresses, wherever they are defined.
    pub fn define(&mut self, text: &str) {
        for (key, value) in text.lines().filter_map(|line| keyword(line.trim())) {
            let defined = match key.to_ascii_lowercase().as_str() {
                "macro" => &mut self.macros,
                "link" => &mut self.abbreviations,
                _ => continue,
            };
            if let Some((name, text)) = value.split_once(char::is_whitespace)
                && defined.len() < MAX_DEFINED
                && text.len() <= MAX_DEFINITION
            {
                defined.insert(name.to_string(), text.trim().to_string());
            }
        }
    }

    pub fn blocks(&mut self, lines: &[&str]) {
        if self.depth == MAX_DEPTH {
            return self.literal(lines, "");
        }
        self.depth += 1;
        let closers = Closers::of(lines);
        let mut at = 0;
        while at < lines.len() {
            let start = self.html.len();
            let caption = self.caption.take();
            at += self.block(lines, at, &closers).max(1);
            if self.html.len() == start {
                self.caption = self.caption.take().or(caption);
            } else if let Some(caption) = caption {
                self.html.insert_str(start, "<figure>\n");
                self.html.push_str("<figcaption>");
                self.inline(&caption);
                self.html.push_str("</figcaption>\n</figure>\n");
            }
        }
        self.depth -= 1;
    }

    /// Blocks within an element.
    pub fn within(&mut self, open: &str, lines: &[&str], close: &str) {
        self.html.push_str(open);
        let start = self.html.len();
        self.blocks(lines);
        unwrap_paragraph(&mut self.html, start);
        self.html.push_str(close);
    }

    /// Writes the block that begins at a line; returns how many lines it has.
    fn block(&mut self, lines: &[&str], at: usize, closers: &Closers) -> usize {
        let line = lines[at];
        let bare = line.trim_start();
        if bare.is_empty() {
            return 1;
        }
        if let Some(headline) = headline(line) {
            return self.headline(&headline, &lines[at..]);
        }
        let told = match bare.as_bytes()[0] {
            b'#' => self.hash(lines, at, closers),
            b':' => self.colon(lines, at, closers),
            b'|' => Some(self.table(&lines[at..])),
            b'-' if is_rule(bare) => {
                self.html.push_str("<hr>\n");
                Some(1)
            }
            b'[' if line.starts_with("[fn:") => self.note(&lines[at..]),
            b'\\' => self.environment(lines, at, closers),
            _ => None,
        };
        told.or_else(|| self.list(&lines[at..])).unwrap_or_else(|| self.paragraph(&lines[at..]))
    }

    fn headline(&mut self, headline: &Headline, lines: &[&str]) -> usize {
        if headline.hidden {
            let ends = |line: &&str| {
                super::headline(line).is_some_and(|next| next.level <= headline.level)
            };
            let below = lines[1..].iter().position(ends);
            return below.map_or(lines.len(), |at| at + 1);
        }
        let name = ["h2", "h3", "h4", "h5", "h6"][(headline.level - 1).min(4)];
        self.html.extend(["<", name, ">"]);
        self.inline(headline.text);
        self.html.extend(["</", name, ">\n"]);
        let is_plan = |line: &&&str| {
            ["SCHEDULED:", "DEADLINE:", "CLOSED:"].iter().any(|word| line.trim().starts_with(word))
        };
        1 + lines[1..].iter().take(1).filter(is_plan).count()
    }

    /// Comments, keywords, and blocks between two of them.
    fn hash(&mut self, lines: &[&str], at: usize, closers: &Closers) -> Option<usize> {
        let bare = lines[at].trim();
        if bare == "#" || bare.starts_with("# ") {
            if bare == super::MORE {
                self.html.push_str("<!-- more -->\n");
            }
            return Some(1);
        }
        if let Some(rest) = after(bare, "#+begin_") {
            let (name, options) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let name = name.to_lowercase();
            let Some(end) = closers.next(&name, at) else { return Some(1) };
            self.between(&name, options.trim(), &lines[at + 1..end]);
            return Some(end - at + 1);
        }
        // What ends nothing; of dynamic blocks (`#+begin:`) their content is shown.
        if after(bare, "#+end").is_some() {
            return Some(1);
        }
        let (key, value) = keyword(bare)?;
        let key = key.split('[').next().unwrap_or(key);
        match key.to_ascii_lowercase().as_str() {
            "caption" => self.caption = Some(value.to_string()),
            "html" => self.html.extend([value, "\n"]),
            "results" if !self.has_results && at + 1 < lines.len() => {
                self.has_results = true;
                let start = self.html.len();
                let count = self.block(lines, at + 1, closers);
                self.html.truncate(start);
                return Some(1 + count);
            }
            _ => {}
        }
        Some(1)
    }

    /// What stands between `#+begin_NAME` and `#+end_NAME`.
    fn between(&mut self, name: &str, options: &str, lines: &[&str]) {
        let first = options.split_whitespace().next().unwrap_or("");
        match name {
            "src" => {
                let mut words = options.split_whitespace().skip_while(|word| *word != ":exports");
                let exports = words.nth(1).unwrap_or("");
                self.has_results = !matches!(exports, "code" | "none");
                if !matches!(exports, "results" | "none") {
                    self.literal(lines, if first.starts_with([':', '-']) { "" } else { first });
                }
            }
            "example" => self.literal(lines, ""),
            "html" => self.raw(lines),
            "export" if first.eq_ignore_ascii_case("html") => self.raw(lines),
            "export" | "comment" | "latex" => {}
            "verse" => self.verse(lines),
            "quote" => {
                self.html.push_str("<blockquote>\n");
                self.blocks(&dedented(lines));
                self.html.push_str("</blockquote>\n");
            }
            _ => self.blocks(&dedented(lines)),
        }
    }

    fn raw(&mut self, lines: &[&str]) {
        for line in lines {
            self.html.extend([line, "\n"]);
        }
    }

    fn verse(&mut self, lines: &[&str]) {
        self.html.push_str("<p>");
        for (at, line) in dedented(lines).into_iter().enumerate() {
            if at > 0 {
                self.html.push_str("<br>\n");
            }
            self.inline(line);
        }
        self.html.push_str("</p>\n");
    }

    /// Lines as they stand; a comma keeps some from being markup.
    pub fn literal(&mut self, lines: &[&str], language: &str) {
        match language {
            "" => self.html.push_str("<pre><code>"),
            name => self.html.extend(["<pre><code class=\"language-", &escape(name), "\">"]),
        }
        for line in dedented(lines) {
            let bare = line.trim_start();
            let quoted = bare.strip_prefix(',').filter(|rest| {
                let rest = rest.trim_start_matches(',');
                rest.starts_with('*') || rest.starts_with("#+")
            });
            let indent = &line[..line.len() - bare.len()];
            self.html.extend([indent, &escape(quoted.unwrap_or(bare)), "\n"]);
        }
        self.html.push_str("</code></pre>\n");
    }

    /// Lines of fixed width, and drawers.
    fn colon(&mut self, lines: &[&str], at: usize, closers: &Closers) -> Option<usize> {
        let fixed = |line: &&str| {
            let bare = line.trim_start();
            bare == ":" || bare.starts_with(": ")
        };
        if fixed(&lines[at]) {
            let count = lines[at..].iter().take_while(|line| fixed(line)).count();
            let bare = |line: &&'_ str| line.trim_start()[1..].to_string();
            let texts: Vec<String> = lines[at..at + count].iter().map(bare).collect();
            self.literal(&texts.iter().map(String::as_str).collect::<Vec<_>>(), "");
            return Some(count);
        }
        let name = drawer(lines[at])?;
        let end = closers.next(":", at)?;
        if !is_hidden(name) {
            self.blocks(&lines[at + 1..end]);
        }
        Some(end - at + 1)
    }

    /// LaTeX, which a browser may know how to show.
    fn environment(&mut self, lines: &[&str], at: usize, closers: &Closers) -> Option<usize> {
        let name = lines[at].trim().strip_prefix("\\begin{")?.split_inclusive('}').next()?;
        let end = closers.next(&format!("\\{name}"), at)?;
        self.html.extend(["<p>", &escape(lines[at..=end].join("\n")), "</p>\n"]);
        Some(end - at + 1)
    }

    fn note(&mut self, lines: &[&str]) -> Option<usize> {
        let (label, text) = lines[0].strip_prefix("[fn:")?.split_once(']')?;
        let fits = !label.is_empty() && !label.contains([':', ' ']);
        fits.then_some(())?;
        // It ends with the next one, a headline, or two blank lines.
        let ends = |at: usize| {
            let line = lines[at];
            line.starts_with("[fn:")
                || headline(line).is_some()
                || (line.is_empty() && lines.get(at + 1).is_none_or(|next| next.is_empty()))
        };
        let count = (1..lines.len()).find(|at| ends(*at)).unwrap_or(lines.len());
        let more = lines[1..count].join("\n");
        self.notes.texts.entry(label.to_string()).or_insert(format!("{}\n{more}", text.trim()));
        Some(count)
    }

    /// The footnotes that were referred to.
    pub fn notes(&mut self) {
        let mut at = 0;
        while let Some(label) = self.notes.cited.get(at).cloned() {
            self.html.push_str(if at == 0 { "<hr>\n<ol>\n" } else { "" });
            let text = self.notes.texts.remove(&label).unwrap_or_default();
            self.within("<li>", &text.lines().collect::<Vec<_>>(), "</li>\n");
            at += 1;
        }
        self.html.push_str(if at > 0 { "</ol>\n" } else { "" });
    }

    /// The number of a footnote, by its label and by the text that may stand where it is referred
    /// to.
    pub fn cite(&mut self, label: &str, text: Option<&str>) -> usize {
        let label = match label {
            // No author can write such a one.
            "" => format!(" {}", self.notes.cited.len()),
            label => label.to_string(),
        };
        if let Some(text) = text {
            self.notes.texts.entry(label.clone()).or_insert(text.to_string());
        }
        if let Some(number) = self.notes.numbers.get(&label) {
            return *number;
        }
        if self.notes.cited.len() < MAX_NOTES {
            self.notes.cited.push(label.clone());
            self.notes.numbers.insert(label, self.notes.cited.len());
        }
        self.notes.cited.len()
    }

    fn paragraph(&mut self, lines: &[&str]) -> usize {
        let ends = |line: &&str| {
            let bare = line.trim_start();
            bare.is_empty()
                || begins_block(bare)
                || headline(line).is_some()
                || line.starts_with("[fn:") && line.contains(']')
                || bare.starts_with(": ")
                || bare.starts_with("\\begin{")
                || super::lists::bullet(line).is_some()
        };
        let count = 1 + lines[1..].iter().take_while(|line| !ends(line)).count();
        let text: Vec<&str> = lines[..count].iter().map(|line| line.trim()).collect();
        let text = text.join("\n");
        // What is an image alone is a paragraph, too.
        self.html.push_str("<p>");
        self.inline(&text);
        self.html.push_str("</p>\n");
        count
    }
}

fn is_rule(bare: &str) -> bool {
    bare.len() >= 5 && bare.bytes().all(|byte| byte == b'-')
}

fn begins_block(bare: &str) -> bool {
    bare.starts_with('|')
        || is_rule(bare)
        || bare == "#"
        || bare.starts_with("# ")
        || keyword(bare).is_some()
        || after(bare, "#+begin_").is_some()
        || after(bare, "#+end").is_some()
}
