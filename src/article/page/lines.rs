//! A page as lines of text, as a browser without style would set them.

use dom_query::{Document, NodeRef};

use crate::article::fields::one_line;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// It is an `h1` to `h4`, by number.
    pub heading: Option<u8>,
    /// Of a `<time>` in it.
    pub datetime: Option<String>,
    /// It stands in a menu, a sidebar or a footer, or in a list of links.
    pub aside: bool,
}

/// A page of more lines is read to here.
const MAX_LINES: usize = 20_000;

enum Step<'a> {
    Into(NodeRef<'a>, bool),
    Break,
}

/// All lines of a page, top to bottom; a heading is one line.
pub fn lines(document: &Document) -> Vec<Line> {
    document.select_single("body").nodes().first().map(lines_in).unwrap_or_default()
}

pub fn lines_in(node: &NodeRef) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut steps = vec![Step::Into(*node, false)];
    while let Some(step) = steps.pop()
        && lines.len() < MAX_LINES
    {
        let (node, aside) = match step {
            Step::Break => {
                close(&mut line, &mut lines);
                continue;
            }
            Step::Into(node, aside) => (node, aside),
        };
        if node.is_text() {
            line.text.push_str(&node.text());
            line.aside |= aside;
            continue;
        }
        let Some(name) = node.node_name() else { continue };
        if matches!(&*name, "script" | "style" | "noscript" | "template" | "svg" | "select") {
            continue;
        }
        if let Some(heading) = heading(&name) {
            close(&mut line, &mut lines);
            let text = node.text().to_string();
            close(&mut Line { text, heading: Some(heading), aside, ..line.clone() }, &mut lines);
            continue;
        }
        if &*name == "time" && line.datetime.is_none() {
            line.datetime = node.attr("datetime").map(|text| one_line(&text));
        }
        let breaks = !is_inline(&name);
        if breaks {
            close(&mut line, &mut lines);
            steps.push(Step::Break);
        }
        let aside = aside || matches!(&*name, "nav" | "aside" | "footer");
        let children: Vec<NodeRef> = node.children_it(true).collect();
        steps.extend(children.into_iter().map(|child| Step::Into(child, aside)));
    }
    close(&mut line, &mut lines);
    lines
}

fn close(line: &mut Line, lines: &mut Vec<Line>) {
    let mut done = std::mem::take(line);
    done.text = one_line(&done.text);
    if !done.text.is_empty() || done.datetime.is_some() {
        lines.push(done);
    }
}

fn heading(name: &str) -> Option<u8> {
    match name {
        "h1" => Some(1),
        "h2" => Some(2),
        "h3" => Some(3),
        "h4" => Some(4),
        _ => None,
    }
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "big"
            | "cite"
            | "code"
            | "data"
            | "em"
            | "font"
            | "i"
            | "img"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "nobr"
            | "q"
            | "s"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_lines() {
        let html = "<body><div><h1><p>A day</p> at sea</h1> <span>17.05.2021</span> by \
            <time datetime=2021-05-17>then</time><div>One<br>two</div></div>\
            <aside><p>more</p></aside><script>x</script>";
        let lines = lines(&Document::from(html));
        let shown: Vec<_> =
            lines.iter().map(|line| (line.text.as_str(), line.heading, line.aside)).collect();
        assert_eq!(
            shown,
            [
                ("A day at sea", Some(1), false),
                ("17.05.2021 by then", None, false),
                ("One", None, false),
                ("two", None, false),
                ("more", None, true),
            ]
        );
        assert_eq!(lines[1].datetime.as_deref(), Some("2021-05-17"));
    }
}
