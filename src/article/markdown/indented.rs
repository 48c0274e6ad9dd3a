//! What stands four spaces in, where that is no code: Eleventy's Markdown has none of it, nor has MDX.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd, TextMergeStream};

use super::{Markdown, options};

/// So far in is text looked for, four spaces at a time.
const DEEPEST: u32 = 8;

/// Indented code as the Markdown that it would be further out.
pub fn as_text<'t>(
    events: impl Iterator<Item = Event<'t>> + 't,
    text: &str,
    dialect: Markdown,
) -> Box<dyn Iterator<Item = Event<'t>> + 't> {
    let is_indented = |text: &str| {
        let mut lines = text.lines();
        lines.any(|line| line.starts_with("    ") || line.starts_with('\t'))
    };
    if dialect.indented_code || !is_indented(text) {
        return Box::new(events);
    }
    let mut out = Vec::new();
    rewrite(events, dialect, 0, &mut out);
    Box::new(out.into_iter())
}

fn rewrite<'t>(
    events: impl Iterator<Item = Event<'t>>,
    dialect: Markdown,
    depth: u32,
    out: &mut Vec<Event<'t>>,
) {
    let mut inside: Option<String> = None;
    for event in events {
        match (&mut inside, event) {
            (None, Event::Start(Tag::CodeBlock(CodeBlockKind::Indented))) if depth < DEEPEST => {
                inside = Some(String::new());
            }
            (Some(text), Event::Text(more)) => text.push_str(&more),
            (Some(text), Event::End(TagEnd::CodeBlock)) => {
                let events = TextMergeStream::new(Parser::new_ext(text, options(dialect)));
                let mut inner = Vec::new();
                rewrite(events, dialect, depth + 1, &mut inner);
                out.extend(inner.into_iter().map(|event| event.into_static()));
                inside = None;
            }
            (_, event) => out.push(event),
        }
    }
}
