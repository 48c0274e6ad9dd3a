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

/// Nobody reads more at once, and each is shown with a look through the whole text.
const MOST_SHOWN: usize = 20;

/// Shows faults as a compiler would, with the offending text marked.
pub fn show(path: &Path, text: &str, faults: &[Fault], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let path = path.display().to_string();
    let shown = faults.iter().take(MOST_SHOWN).map(|fault| {
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
    let mut shown: Vec<String> = shown.collect();
    if let Some(more) = faults.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
        shown.push(format!("and {more} more"));
    }
    shown.join("\n\n")
}

fn within(span: &Range<usize>, text: &str) -> Range<usize> {
    let end = span.end.min(text.len());
    span.start.min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_shown_than_somebody_reads() {
        let faults = vec![Fault::new(0..1, "wrong", "mend it"); MOST_SHOWN];
        let shown = |faults: &[Fault]| show(Path::new("config.toml"), "a = 1\n", faults, false);
        assert!(!shown(&faults).contains(" more"));
        let many = [&faults[..], &faults[..3]].concat();
        assert!(shown(&many).ends_with("\n\nand 3 more"));
        assert_eq!(shown(&many).matches("wrong").count(), MOST_SHOWN);
    }
}
