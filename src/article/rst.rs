//! reStructuredText: title and fields at a file's beginning, and a body's HTML, as docutils reads
//! them (reStructuredText Markup Specification). Markup that it would complain of is text here; of
//! directives and roles that are not known, what stands in them is shown. What only a program could
//! say (included files, indexes) is left out.

mod blocks;
mod directives;
mod inline;
mod lists;
mod references;
mod tables;

use super::blocks::text_of;
use super::flavour::Forms;
use super::front_matter::{self, Fault, Field, FrontMatter, Value};
use super::markdown::Resolve;
use super::markup::expanded;
use blocks::{Style, Walk, title_at};
use references::References;

/// Blank lines, comments and the like before a title, at most.
const MAX_LINES: usize = 400;

/// Fenced front matter, as some generators want it, or what reStructuredText has of its own.
pub fn open(text: &str, forms: Forms) -> Result<(Option<FrontMatter>, usize), Fault> {
    let first: Vec<&str> = text.lines().take(3).map(str::trim_end).collect();
    // A title of three characters, or fewer, has lines like a fence over and under it.
    if title_at(&first).is_none()
        && let Some((matter, end)) = front_matter::fenced(text, forms)?
    {
        return Ok((Some(matter), end));
    }
    Ok(beginning(text))
}

/// What stands before the body: the title, if it is the document's and not a section's, and the
/// fields under it; and where the body begins. Nikola's fields are comments (`.. title: …`).
fn beginning(text: &str) -> (Option<FrontMatter>, usize) {
    let lines: Vec<&str> = text.lines().take(MAX_LINES).collect();
    let mut opening = Opening { text, lines, fields: Vec::new(), body: 0 };
    let mut at = 0;
    while let Some(line) = opening.lines.get(at).map(|line| line.trim_end()) {
        at = if line.is_empty() {
            at + 1
        } else if let Some((key, value)) = comment_field(line) {
            opening.take(key, value, at)
        } else if line == ".." || line.starts_with(".. ") {
            if directives::is_shown(line) {
                break;
            }
            at + 1 + opening.indented(at + 1)
        } else if let Some(next) = opening.title(at) {
            next
        } else if let Some((name, value)) = lists::field(line) {
            let more = opening.indented(at + 1);
            let mut value = value.to_string();
            for line in &opening.lines[at + 1..at + 1 + more] {
                let (between, line) = match line.trim().strip_prefix("- ") {
                    Some(item) if !value.is_empty() => (", ", item),
                    Some(item) => ("", item),
                    None => (" ", line.trim()),
                };
                value = format!("{value}{between}{line}").trim().to_string();
            }
            opening.take(name, &value, at) + more
        } else {
            break;
        };
    }
    let Opening { fields, body, .. } = opening;
    let body_at = text.split_inclusive('\n').take(body).map(str::len).sum();
    ((!fields.is_empty()).then_some(FrontMatter { fields }), body_at)
}

struct Opening<'a> {
    text: &'a str,
    lines: Vec<&'a str>,
    fields: Vec<Field>,
    /// The line that the body begins with.
    body: usize,
}

impl Opening<'_> {
    /// A field of the line `at`; returns the next one.
    fn take(&mut self, key: &str, value: &str, at: usize) -> usize {
        let marked = value.contains(['*', '`', '|', '\\']) && matches!(key, "title" | "summary");
        let value = if marked { plain(value) } else { value.to_string() };
        let field =
            Field { key: key.to_lowercase(), line: at as u32 + 1, value: Value::Scalar(value) };
        self.fields.push(field);
        self.body = self.body.max(at + 1 + self.indented(at + 1));
        at + 1
    }

    /// The document's title, of which there is one, or a subtitle: that one is told by the fields
    /// that follow it, and nobody asks for it.
    fn title(&mut self, at: usize) -> Option<usize> {
        let lines: Vec<&str> = self.lines[at..].iter().map(|line| line.trim_end()).collect();
        let title = title_at(&lines)?;
        let after = self.text.lines().skip(at + title.lines).map(str::trim_end);
        if is_used(title.style, after) {
            return None;
        }
        if let Some(first) = self.fields.last() {
            let next = lines[title.lines..].iter().find(|line| !line.is_empty());
            let is_subtitle = first.key == "title" && self.fields.len() == 1;
            let has_fields = next.is_some_and(|line| lists::field(line).is_some());
            return (is_subtitle && has_fields).then_some(at + title.lines);
        }
        self.take("title", &plain(title.text), at);
        self.body = at + title.lines;
        Some(self.body)
    }

    /// How many lines from one on are indented.
    fn indented(&self, from: usize) -> usize {
        let lines = self.lines.iter().skip(from);
        lines.take_while(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty()).count()
    }
}

/// Whether some later section has a title of this style.
fn is_used<'a>(style: Style, lines: impl Iterator<Item = &'a str>) -> bool {
    let mut window: [&str; 3] = [""; 3];
    lines.chain([""]).any(|line| {
        window = [window[1], window[2], line];
        title_at(&window).is_some_and(|title| title.style == style && !title.text.is_empty())
    })
}

/// `.. title: A title`, one of the fields that articles have.
fn comment_field(line: &str) -> Option<(&str, &str)> {
    const KEYS: &[&str] = &[
        "title",
        "slug",
        "date",
        "updated",
        "tags",
        "category",
        "link",
        "description",
        "author",
        "status",
        "type",
        "author_email",
        "previewimage",
        "nocomments",
        "hidetitle",
    ];
    let (key, value) = line.strip_prefix(".. ")?.split_once(':')?;
    (KEYS.contains(&key) && !value.starts_with(':')).then(|| (key, value.trim()))
}

/// Text with the marks of its inline markup taken away.
fn plain(text: &str) -> String {
    let references = References::default();
    let mut walk = Walk::new(&references, &|_| None);
    walk.inline(text);
    text_of(&walk.html).unwrap_or_else(|| text.to_string())
}

/// The first title in a body.
pub fn first_heading(body: &str) -> Option<String> {
    let lines: Vec<&str> = body.lines().map(str::trim_end).collect();
    let found = (0..lines.len()).find_map(|at| title_at(&lines[at..]));
    found.map(|title| plain(title.text))
}

/// Converts a body. What it refers to may be defined anywhere in the `whole` file.
pub fn to_html(body: &str, whole: &str, resolve: Resolve) -> String {
    let whole = expanded(whole);
    let references = References::of(&whole.lines().collect::<Vec<_>>());
    let body = expanded(body);
    let mut walk = Walk::new(&references, resolve);
    walk.blocks(&body.lines().collect::<Vec<_>>());
    walk.html
}

#[cfg(test)]
mod tests;
