//! Markdown → HTML, as GitHub reads it: tables, footnotes, strikethrough, task lists, bare URLs.

use std::borrow::Cow;

use pulldown_cmark::{
    CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html,
};

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
}

/// Converts a body. In MDX, what is script rather than text is left out first.
pub fn to_html(text: &str, mdx: bool) -> String {
    let text = if mdx { without_scripts(text) } else { Cow::Borrowed(text) };
    let mut html = String::with_capacity(text.len() + text.len() / 2);
    let mut inside = 0_u32;
    let events = TextMergeStream::new(Parser::new_ext(&text, options())).flat_map(|event| {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => inside += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => inside -= 1,
            _ => {}
        }
        match event {
            Event::Text(text) if inside == 0 => linkify(text),
            // The sanitiser drops form controls, so the state becomes text.
            Event::TaskListMarker(done) => {
                vec![Event::Text(CowStr::Borrowed(if done { "☑ " } else { "☐ " }))]
            }
            event => vec![event],
        }
    });
    html::push_html(&mut html, events);
    html
}

/// The text of the first `# heading`, or of a lesser one that stands before everything else.
pub fn first_heading(text: &str) -> Option<String> {
    let mut heading: Option<String> = None;
    let mut wanted = false;
    let mut seen_text = false;
    for event in Parser::new_ext(text, options()) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                wanted = level == HeadingLevel::H1 || !seen_text;
                if wanted {
                    heading = Some(String::new());
                }
            }
            Event::End(TagEnd::Heading(_)) if wanted => return heading,
            Event::Start(Tag::Paragraph) => seen_text = true,
            Event::Text(text) | Event::Code(text) if wanted => {
                heading.get_or_insert_default().push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak if wanted => {
                heading.get_or_insert_default().push(' ');
            }
            _ => {}
        }
    }
    None
}

/// Bare URLs become links (GitHub Flavored Markdown 6.9, `http`, `https` and `www.` only).
fn linkify(text: CowStr<'_>) -> Vec<Event<'_>> {
    if !text.contains("://") && !text.contains("www.") {
        return vec![Event::Text(text)];
    }
    let mut events = Vec::new();
    let mut rest: &str = &text;
    let mut at_boundary = true;
    while let Some((start, end)) = next_url(rest, at_boundary) {
        events.push(Event::Text(CowStr::from(rest[..start].to_string())));
        let url = &rest[start..end];
        let target =
            if url.starts_with("www.") { format!("http://{url}") } else { url.to_string() };
        events.push(Event::Start(Tag::Link {
            link_type: LinkType::Autolink,
            dest_url: target.into(),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        }));
        events.push(Event::Text(CowStr::from(url.to_string())));
        events.push(Event::End(TagEnd::Link));
        rest = &rest[end..];
        at_boundary = false;
    }
    events.push(Event::Text(CowStr::from(rest.to_string())));
    events
}

/// Longer ones are no addresses that anybody typed.
const LONGEST_URL: usize = 2_048;

fn next_url(text: &str, at_boundary: bool) -> Option<(usize, usize)> {
    for (start, _) in text.match_indices(['h', 'w']) {
        let tail = &text[start..];
        let Some(prefix) =
            ["https://", "http://", "www."].into_iter().find(|prefix| tail.starts_with(prefix))
        else {
            continue;
        };
        let bounded = match text[..start].chars().next_back() {
            None => at_boundary,
            Some(c) => c.is_whitespace() || matches!(c, '*' | '_' | '~' | '(' | '[' | '"' | '“'),
        };
        if !bounded {
            continue;
        }
        let length = tail
            .char_indices()
            .take_while(|(at, c)| *at <= LONGEST_URL && !c.is_whitespace() && *c != '<')
            .last()
            .map_or(0, |(at, c)| at + c.len_utf8());
        let url = trim_url(&tail[..length]);
        if length <= LONGEST_URL && url.len() > prefix.len() && url[prefix.len()..].contains('.') {
            return Some((start, start + url.len()));
        }
    }
    None
}

/// Punctuation that ends a sentence, and a bracket that the URL did not open, is not part of it.
fn trim_url(mut url: &str) -> &str {
    loop {
        let shorter =
            url.trim_end_matches(['?', '!', '.', ',', ':', '*', '_', '~', '\'', '"', '”']);
        let shorter = match shorter.strip_suffix(')') {
            Some(inner) if shorter.matches(')').count() > shorter.matches('(').count() => inner,
            _ => shorter,
        };
        if shorter.len() == url.len() {
            return url;
        }
        url = shorter;
    }
}

/// MDX: `import` and `export` lines outside code, and `{/* comments */}`, are no text.
fn without_scripts(text: &str) -> Cow<'_, str> {
    let mut kept = String::with_capacity(text.len());
    let mut fence: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        match fence {
            Some(mark) if bare.starts_with(mark) => fence = None,
            None if bare.starts_with("```") => fence = Some("```"),
            None if bare.starts_with("~~~") => fence = Some("~~~"),
            None if line.starts_with("import ") || line.starts_with("export ") => continue,
            _ => {}
        }
        if fence.is_none() && bare.starts_with("{/*") && bare.trim_end().ends_with("*/}") {
            let inner = bare.trim_end().trim_start_matches("{/*").trim_end_matches("*/}").trim();
            if inner == "truncate" {
                kept.push_str("<!-- truncate -->\n");
            }
            continue;
        }
        kept.push_str(line);
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(to_html(text, false).trim_end(), expected, "{text}");
    }

    #[test]
    fn bare_urls_become_links() {
        check(
            "see https://a.example/x_(y), and",
            "<p>see <a href=\"https://a.example/x_(y)\">https://a.example/x_(y)</a>, and</p>",
        );
        check("(www.a.example)", "<p>(<a href=\"http://www.a.example\">www.a.example</a>)</p>");
        check("`http://a.example`", "<p><code>http://a.example</code></p>");
        check("[x](http://a.example)", "<p><a href=\"http://a.example\">x</a></p>");
        check("xhttp://a.example", "<p>xhttp://a.example</p>");
        check("http://", "<p>http://</p>");
    }

    #[test]
    fn headings_give_titles() {
        assert_eq!(first_heading("# A `b` *c*\n\ntext").as_deref(), Some("A b c"));
        assert_eq!(first_heading("text\n\n## two\n\n# one").as_deref(), Some("one"));
        assert_eq!(first_heading("## two\n\ntext").as_deref(), Some("two"));
        assert_eq!(first_heading("text\n\n## two"), None);
    }

    #[test]
    fn mdx_scripts_are_left_out() {
        let html = to_html("import X from 'x'\n\nText.\n\n```js\nimport y\n```\n", true);
        assert!(!html.contains("from 'x'") && html.contains("import y"), "{html}");
    }
}
