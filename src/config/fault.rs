//! What is wrong in a config file: the place, the fact, the mend.

use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Bytes of the file; `None` where something is missing.
    pub span: Option<Range<usize>>,
    pub message: String,
    pub help: Option<String>,
}

impl Fault {
    pub fn new(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault { span: Some(span), message: message.into(), help: Some(help.into()) }
    }

    pub fn missing(message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault { span: None, message: message.into(), help: Some(help.into()) }
    }
}

/// Shows faults as a compiler would, with the offending text marked.
pub fn show(path: &Path, text: &str, faults: &[Fault], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let path = path.display().to_string();
    let shown = faults.iter().map(|fault| {
        let title = Level::ERROR.primary_title(fault.message.as_str());
        let mut group = match &fault.span {
            Some(span) => title.element(
                Snippet::source(text)
                    .path(path.as_str())
                    .annotation(AnnotationKind::Primary.span(within(span, text))),
            ),
            None => {
                Group::with_title(title).element(annotate_snippets::Origin::path(path.as_str()))
            }
        };
        if let Some(help) = &fault.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    });
    shown.collect::<Vec<_>>().join("\n\n")
}

fn within(span: &Range<usize>, text: &str) -> Range<usize> {
    let end = span.end.min(text.len());
    span.start.min(end)..end
}
