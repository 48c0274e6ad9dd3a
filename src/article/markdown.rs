//! Markdown → HTML, as GitHub reads it: tables, footnotes, strikethrough, task lists, bare URLs.

mod emoji;
mod indented;
mod kramdown;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};

use memchr::memmem;
use pulldown_cmark::{
    CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html,
};

pub use super::flavour::Markdown;

fn options(dialect: Markdown) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    options.set(Options::ENABLE_SMART_PUNCTUATION, dialect.typographer);
    options.set(Options::ENABLE_HEADING_ATTRIBUTES, dialect.heading_ids);
    options.set(Options::ENABLE_DEFINITION_LIST, dialect.definitions);
    options
}

/// Where a link to another file of the content leads; `None` for other addresses.
pub type Resolve<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where a picture is; `None` where nobody knows.
pub type Pictures<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Converts a body. What `links` gives stands in the place of a link's address; a picture that
/// nobody knows is left out, with the words that stand for it.
pub fn to_html(text: &str, dialect: Markdown, links: Resolve, pictures: Pictures) -> String {
    let text = if dialect.kramdown { kramdown::as_common(text) } else { Cow::Borrowed(text) };
    let mut html = String::with_capacity(text.len() + text.len() / 2);
    let any_left_out = Cell::new(false);
    let events = TextMergeStream::new(Parser::new_ext(&text, options(dialect)));
    let events = indented::as_text(events, &text, dialect);
    let events = with_links(with_pictures(events, pictures, &any_left_out), links);
    let events = emoji::with_signs(events, dialect.emoji);
    match text.contains("[^") {
        true => html::push_html(&mut html, with_notes_last(events)),
        false => html::push_html(&mut html, events),
    }
    if any_left_out.get() {
        html = html.replace("<p></p>\n", "");
    }
    html
}

/// Pictures where they are, and without those that nobody knows.
fn with_pictures<'t>(
    events: impl Iterator<Item = Event<'t>>,
    pictures: Pictures,
    any_left_out: &Cell<bool>,
) -> impl Iterator<Item = Event<'t>> {
    // How many are left out, one in another, and how many links are open.
    let (mut left_out, mut links) = (0_u32, 0_u32);
    events.filter_map(move |event| {
        links += u32::from(matches!(event, Event::Start(Tag::Link { .. })));
        links -= u32::from(matches!(event, Event::End(TagEnd::Link)));
        match event {
            Event::Start(Tag::Image { link_type, dest_url, title, id }) if left_out == 0 => {
                let Some(place) = pictures(&dest_url) else {
                    left_out = 1;
                    any_left_out.set(true);
                    return None;
                };
                let dest_url = CowStr::from(place);
                Some(Event::Start(Tag::Image { link_type, dest_url, title, id }))
            }
            event if left_out == 0 => Some(event),
            Event::Start(Tag::Image { .. }) => {
                left_out += 1;
                None
            }
            Event::End(TagEnd::Image) => {
                left_out -= 1;
                None
            }
            // Where a picture is all that a link has, its words stand for it.
            Event::Text(_) if links > 0 => Some(event),
            _ => None,
        }
    })
}

/// Links where they lead, and bare addresses as links.
fn with_links<'t>(
    events: impl Iterator<Item = Event<'t>>,
    links: Resolve,
) -> impl Iterator<Item = Event<'t>> {
    let mut inside = 0_u32;
    events.flat_map(move |event| {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => inside += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => inside -= 1,
            _ => {}
        }
        let (one, more) = match event {
            Event::Text(text) if inside == 0 && may_hold_url(&text) => (None, linkify(text)),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = links(&dest_url).map_or(dest_url, CowStr::from);
                (Some(Event::Start(Tag::Link { link_type, dest_url, title, id })), Vec::new())
            }
            // The sanitiser drops form controls, so the state becomes text.
            Event::TaskListMarker(done) => {
                let mark = if done { "☑ " } else { "☐ " };
                (Some(Event::Text(CowStr::Borrowed(mark))), Vec::new())
            }
            event => (Some(event), Vec::new()),
        };
        one.into_iter().chain(more)
    })
}

/// Wherever their authors put them, notes stand at the end; one that nothing refers to is left out,
/// and so is what defines one again.
fn with_notes_last<'t>(events: impl Iterator<Item = Event<'t>>) -> impl Iterator<Item = Event<'t>> {
    let mut text = Vec::new();
    let mut notes: Vec<(CowStr, Vec<Event>)> = Vec::new();
    let mut depth = 0_u32;
    for event in events {
        match &event {
            Event::Start(Tag::FootnoteDefinition(label)) => {
                if depth == 0 {
                    notes.push((label.clone(), Vec::new()));
                }
                depth += 1;
            }
            event if is_end_of_note(event) => depth -= 1,
            _ => {}
        }
        match notes.last_mut() {
            Some((_, note)) if depth > 0 || is_end_of_note(&event) => note.push(event),
            _ => text.push(event),
        }
    }
    let mut first: HashMap<CowStr, usize> = HashMap::new();
    for (at, (label, _)) in notes.iter().enumerate() {
        first.entry(label.clone()).or_insert(at);
    }
    // What is referred to by the text, and by what that refers to.
    let mut wanted = BTreeSet::new();
    let mut asked: Vec<CowStr> = text.iter().filter_map(reference).collect();
    while let Some(label) = asked.pop() {
        if let Some(at) = first.get(&label)
            && wanted.insert(*at)
        {
            asked.extend(notes[*at].1.iter().filter_map(reference));
        }
    }
    let kept = notes.into_iter().enumerate().filter(move |(at, _)| wanted.contains(at));
    text.into_iter().chain(kept.flat_map(|(_, (_, note))| note))
}

fn is_end_of_note(event: &Event) -> bool {
    matches!(event, Event::End(TagEnd::FootnoteDefinition))
}

fn reference<'t>(event: &Event<'t>) -> Option<CowStr<'t>> {
    match event {
        Event::FootnoteReference(label) => Some(label.clone()),
        _ => None,
    }
}

/// One line with curly quotes, dashes and dots in place of straight ones, and nothing else done.
pub fn with_smart_punctuation(line: &str) -> String {
    if !line.contains(['"', '\'', '-', '.']) {
        return line.to_string();
    }
    let is_mark = |c: char| c.is_ascii_punctuation() && !matches!(c, '"' | '\'' | '-' | '.');
    let mut escaped = String::with_capacity(line.len() + 8);
    // A digit and a dot, or a dash, would begin a list; behind it, a quote opens.
    escaped.push('(');
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if is_mark(c) {
            escaped.push('\\');
        }
        let opens = c == '\'' && before.is_whitespace() && opens_a_word(&line[at + 1..]);
        escaped.push(if opens { '‘' } else { c });
        before = c;
    }
    let mut smart = String::with_capacity(line.len());
    for event in Parser::new_ext(&escaped, Options::ENABLE_SMART_PUNCTUATION) {
        if let Event::Text(text) = event {
            smart.push_str(&text);
        }
    }
    smart.strip_prefix('(').unwrap_or(&smart).to_string()
}

/// kramdown's apostrophe before a word is an opening quote, but for `'80s` (`smart_quotes.rb`).
fn opens_a_word(rest: &str) -> bool {
    let decade = rest.strip_prefix(|c: char| c.is_ascii_digit());
    let decade = decade.and_then(|rest| rest.strip_prefix(|c: char| c.is_ascii_digit()));
    rest.starts_with(char::is_alphanumeric) && !decade.is_some_and(|rest| rest.starts_with('s'))
}

/// The text of the first `# heading`, or of a lesser one that stands before everything else.
pub fn first_heading(text: &str, dialect: Markdown) -> Option<String> {
    let mut heading: Option<String> = None;
    let mut wanted = false;
    let mut seen_text = false;
    for event in Parser::new_ext(text, options(dialect)) {
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

/// The first two paragraphs, headings aside, as plain text. What is a numbered list of one item to
/// Markdown is a line to its author: `3. November 2026`.
pub fn opening_lines(text: &str, dialect: Markdown) -> Vec<String> {
    // Enough for a title and two lines.
    let text = text.char_indices().nth(2_000).map_or(text, |(at, _)| &text[..at]);
    let (mut lines, mut line, mut number): (Vec<String>, Option<String>, _) = (vec![], None, None);
    let (mut heading, mut in_image) = (false, false);
    for event in Parser::new_ext(text, options(dialect)) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = true,
            Event::End(TagEnd::Heading(_)) => heading = false,
            Event::Start(Tag::List(Some(first))) if line.is_none() => number = Some(first),
            Event::Start(Tag::Item) if line.is_none() => line = Some(String::new()),
            Event::Start(Tag::Paragraph) if number.is_none() => line = Some(String::new()),
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Item) => {}
            Event::End(TagEnd::Paragraph) if number.is_none() => lines.extend(line.take()),
            Event::End(TagEnd::Paragraph) => {}
            Event::End(TagEnd::List(_)) => {
                let number = number.take().unwrap_or_default();
                lines.extend(line.take().map(|line| format!("{number}. {line}")));
            }
            Event::Start(Tag::Image { .. }) => in_image = true,
            Event::End(TagEnd::Image) => in_image = false,
            Event::Text(_) if in_image => {}
            Event::Text(text) | Event::Code(text) => {
                line.iter_mut().for_each(|line| line.push_str(&text));
            }
            Event::SoftBreak | Event::HardBreak => {
                line.iter_mut().for_each(|line| line.push(' '));
            }
            // A second item, too.
            Event::Start(Tag::Item) => break,
            Event::Start(_) if !heading && line.is_none() => break,
            _ => {}
        }
        if lines.len() == 2 {
            break;
        }
    }
    lines
}

/// Bare URLs become links (GitHub Flavored Markdown 6.9, `http`, `https` and `www.` only).
fn linkify(text: CowStr<'_>) -> Vec<Event<'_>> {
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

fn may_hold_url(text: &str) -> bool {
    let bytes = text.as_bytes();
    memmem::find(bytes, b"://").is_some() || memmem::find(bytes, b"www.").is_some()
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
pub fn trim_url(mut url: &str) -> &str {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::flavour::Flavour;

    fn check(text: &str, expected: &str) {
        let html =
            to_html(text, Flavour::plain().markdown, &|_| None, &|url| Some(url.to_string()));
        assert_eq!(html.trim_end(), expected, "{text}");
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
        let heading = |text| first_heading(text, Flavour::plain().markdown);
        assert_eq!(heading("# A `b` *c*\n\ntext").as_deref(), Some("A b c"));
        assert_eq!(heading("text\n\n## two\n\n# one").as_deref(), Some("one"));
        assert_eq!(heading("## two\n\ntext").as_deref(), Some("two"));
        assert_eq!(heading("text\n\n## two"), None);
    }

    #[test]
    fn notes_stand_at_the_end() {
        let html = to_html(
            "> a[^1]\n>\n> [^1]: b [^2]\n\nc\n\n[^2]: d\n[^1]: again\n[^no]: never\n\ne[^none]\n",
            Flavour::plain().markdown,
            &|_| None,
            &|_| None,
        );
        let at = |text: &str| html.find(text).unwrap();
        assert!(at(">c<") < at(">e") && at(">e") < at("b ") && at("b ") < at(">d<"), "{html}");
        assert!(at("</blockquote>") < at("b "), "{html}");
        assert!(!html.contains("again") && !html.contains("never"), "{html}");
    }

    #[test]
    fn quotes_become_curly() {
        for (line, expected) in [
            ("Jekyll's \"*new*\" life...", "Jekyll’s “*new*” life…"),
            ("1. It -- is", "1. It – is"),
            ("- a", "- a"),
            ("\"A line\"", "“A line”"),
            ("'A' of '07, the '80s", "‘A’ of ‘07, the ’80s"),
            ("<b> & [c](d)", "<b> & [c](d)"),
        ] {
            assert_eq!(with_smart_punctuation(line), expected);
        }
    }
}
