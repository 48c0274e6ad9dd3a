//! AsciiDoc: a document's header, and a body's HTML, as Asciidoctor makes it (AsciiDoc Language
//! Documentation). What only a program could say (included files, extensions) is left out.

mod attributes;
mod blocks;
mod delimiters;
mod header;
mod inline;
mod lists;
mod macros;
mod meta;
mod tables;

use super::flavour::Forms;
use super::front_matter::{self, Fault, Field, FrontMatter, Value};
use super::markdown::Resolve;
use attributes::{Attributes, kept};
use blocks::{Walk, section};

/// Fenced front matter, as some generators take it, or the document's header; both, where a header
/// follows.
pub fn open(text: &str, forms: Forms) -> Result<(Option<FrontMatter>, usize), Fault> {
    let (matter, start) = front_matter::fenced(text, forms)?.unwrap_or_default();
    let mut fields = matter.fields;
    let before = text[..start].matches('\n').count();
    let header = header::of(&text[start..]);
    for (key, value, line) in header.fields {
        // What stands in the front matter was said to the generator.
        if !fields.iter().any(|field| field.key == key) {
            fields.push(Field { key, line: (before + line + 1) as u32, value });
        }
    }
    let is_front_matter = start > 0 || !fields.is_empty();
    Ok((is_front_matter.then_some(FrontMatter { fields }), start + header.length))
}

/// A list or a text, as YAML has it (`:page-tags: [a, b]`).
fn yaml(text: &str) -> Value {
    let read = front_matter::fields_of("value.yaml", &format!("value: {text}\n"));
    let value = read.ok().and_then(|fields| fields.into_iter().next()).map(|field| field.value);
    value.unwrap_or_else(|| Value::Scalar(text.to_string()))
}

/// Text with the marks of its inline markup taken away.
fn plain(text: &str, attributes: &Attributes) -> String {
    let mut walk = Walk::new(&|_| None, attributes.clone());
    walk.inline(text);
    super::blocks::text_of(&walk.html).unwrap_or_else(|| text.to_string())
}

/// The first title of a section.
pub fn first_heading(body: &str) -> Option<String> {
    let lines: Vec<&str> = body.lines().map(str::trim_end).collect();
    let found = (0..lines.len()).find_map(|at| section(&lines[at..]))?;
    Some(plain(found.title, &Attributes::default())).filter(|text| !text.is_empty())
}

/// Converts a body; what stands before it defines attributes.
pub fn to_html(body: &str, head: &str, resolve: Resolve) -> String {
    let fenced = front_matter::fenced(head, Forms::default()).ok().flatten();
    let attributes = header::of(&head[fenced.map_or(0, |(_, end)| end)..]).attributes;
    let lines = kept(body, &attributes);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let mut walk = Walk::new(resolve, attributes);
    walk.name_sections(&lines);
    walk.blocks(&lines);
    walk.notes();
    walk.html
}

#[cfg(test)]
mod tests;
