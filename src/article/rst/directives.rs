//! Directives: what can be rendered plainly is, the rest is left out.

use quick_xml::escape::escape;

use super::super::markup::dedented;
use super::blocks::Walk;
use super::lists::field;

/// What only a page, or a program, has a use for.
const LEFT_OUT: &[&str] = &[
    "contents",
    "sectnum",
    "section-numbering",
    "include",
    "meta",
    "header",
    "footer",
    "target-notes",
    "default-role",
    "role",
    "highlight",
    "toctree",
    "index",
    "date",
    "class",
    "rst-class",
    "title",
    "post-list",
    "currentmodule",
    "tabularcolumns",
    "only",
];

/// Boxes, with the title that each has of its own.
const BOXES: &[(&str, &str)] = &[
    ("attention", "Attention"),
    ("caution", "Caution"),
    ("danger", "Danger"),
    ("error", "Error"),
    ("hint", "Hint"),
    ("important", "Important"),
    ("note", "Note"),
    ("tip", "Tip"),
    ("warning", "Warning"),
    ("seealso", "See also"),
];

/// Whether a line begins a directive that a reader sees something of.
pub fn is_shown(line: &str) -> bool {
    let name = line.trim_start_matches('.').trim_start().split_once("::").map(|(name, _)| name);
    let name = name.filter(|name| !name.contains(char::is_whitespace));
    name.is_some_and(|name| !LEFT_OUT.contains(&name.to_lowercase().as_str()))
}

/// Options at the beginning of a directive's content, and what follows them.
pub struct Parts<'a> {
    options: Vec<(&'a str, String)>,
    content: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    pub fn of(lines: &[&'a str]) -> Parts<'a> {
        let mut options: Vec<(&str, String)> = Vec::new();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            if let Some((name, value)) = field(line) {
                options.push((name, value.to_string()));
            } else if let (true, Some((_, value))) = (line.starts_with(' '), options.last_mut()) {
                *value = format!("{value} {}", line.trim());
            } else {
                break;
            }
            at += 1;
        }
        Parts { options, content: dedented(&lines[at..]) }
    }

    fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }
}

/// Lines with what stands in a directive's own line before them, if anything does.
fn with_first<'a>(argument: &'a str, content: &[&'a str]) -> Vec<&'a str> {
    let first = Some(argument).filter(|argument| !argument.is_empty());
    first.into_iter().chain(content.iter().copied()).collect()
}

/// An image, and where it leads.
pub fn image(walk: &mut Walk, address: &str, parts: &Parts) {
    let address = address.trim();
    let to = (walk.resolve)(address).unwrap_or_else(|| address.to_string());
    let target = parts.option("target").filter(|target| !target.is_empty());
    let target = target.map(|target| match target.strip_suffix('_') {
        Some(name) => walk.address_of(name.trim_matches('`')).unwrap_or_default(),
        None => (walk.resolve)(target).unwrap_or_else(|| target.to_string()),
    });
    let target = target.filter(|target| !target.is_empty());
    if let Some(target) = &target {
        walk.html.extend(["<a href=\"", &escape(target), "\">"]);
    }
    let alt = parts.option("alt").unwrap_or("");
    walk.html.extend(["<img src=\"", &escape(&to), "\" alt=\"", &escape(alt), "\">"]);
    if target.is_some() {
        walk.html.push_str("</a>");
    }
}

impl Walk<'_> {
    pub fn directive(&mut self, name: &str, argument: &str, lines: &[&str]) {
        let parts = Parts::of(lines);
        match name {
            _ if LEFT_OUT.contains(&name) => {}
            "image" => {
                self.html.push_str("<p>");
                image(self, argument, &parts);
                self.html.push_str("</p>\n");
            }
            "figure" => self.figure(argument, &parts),
            "math" | "parsed-literal" | "prompt" => {
                self.literal(&with_first(argument, &parts.content));
            }
            "code" | "code-block" | "sourcecode" | "highlight-block" | "productionlist"
            | "graphviz" | "listing" => self.literal(&parts.content),
            "csv-table" => {
                self.text(argument);
                let header = parts.option("header").unwrap_or("");
                self.literal(&with_first(header, &parts.content));
            }
            "raw" if argument.split_whitespace().any(|format| format == "html") => {
                for line in &parts.content {
                    self.html.extend([line, "\n"]);
                }
            }
            "raw" | "replace" | "unicode" => {}
            "rubric" | "centered" => {
                self.html.push_str("<p><strong>");
                self.inline(argument);
                self.html.push_str("</strong></p>\n");
            }
            "youtube" | "vimeo" => self.video(name, argument),
            "topic" | "sidebar" | "admonition" | "details" => self.boxed(argument, &parts.content),
            "table" | "list-table" | "versionadded" | "versionchanged" | "deprecated" | "todo" => {
                self.text(argument);
                self.blocks(&parts.content);
            }
            "epigraph" | "highlights" | "pull-quote" => {
                self.boxed("", &with_first(argument, &parts.content));
            }
            _ => match BOXES.iter().find(|(own, _)| *own == name) {
                Some((_, title)) => self.boxed(title, &with_first(argument, &parts.content)),
                // Not known, or one that only says how its content looks.
                None => self.blocks(&parts.content),
            },
        }
    }

    fn boxed(&mut self, title: &str, content: &[&str]) {
        self.html.push_str("<blockquote>\n");
        if !title.is_empty() {
            self.html.push_str("<p><strong>");
            self.inline(title);
            self.html.push_str("</strong></p>\n");
        }
        self.blocks(content);
        self.html.push_str("</blockquote>\n");
    }

    fn figure(&mut self, address: &str, parts: &Parts) {
        self.html.push_str("<figure>");
        image(self, address, parts);
        if !parts.content.is_empty() {
            self.within("<figcaption>", &parts.content, "</figcaption>");
        }
        self.html.push_str("</figure>\n");
    }

    /// A player is the site's own; a link is for everybody.
    fn video(&mut self, name: &str, number: &str) {
        let is_number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if number.is_empty() || !number.chars().all(is_number) {
            return;
        }
        let address = match name {
            "youtube" => format!("https://www.youtube.com/watch?v={number}"),
            _ => format!("https://vimeo.com/{number}"),
        };
        self.html.push_str("<p>");
        self.anchor(&address, Some(&address));
        self.html.push_str("</p>\n");
    }
}
