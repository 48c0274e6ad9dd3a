//! A summary: what stands before the author's marker, else the author's own, else the lead, or the
//! sentence that says most. Plain text in whole sentences; cut inside one only where a single
//! sentence is far too long.

mod extract;

use extract::Pick;
use memchr::memmem;
use unicode_segmentation::UnicodeSegmentation;

use super::blocks::{Block, BlockKind};
use super::flavour::Flavour;
use super::{blocks, markdown, sanitize};

/// An author's own summary may be this many times longer than the wished length.
const OWN_FACTOR: usize = 4;

/// What the publisher wishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// In characters; those of Chinese, Japanese and Korean count double.
    pub length: usize,
    pub choice: Choice,
}

/// What a summary is, where the author gave none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Lead,
    /// The sentence that says most.
    Extract,
    /// The lead where it says something, else that sentence.
    Auto,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish { length: 300, choice: Choice::Lead }
    }
}

pub struct Sources<'a> {
    /// The blocks before a `<!-- more -->` marker.
    pub marked: Option<Vec<Block>>,
    pub author: Option<&'a str>,
    /// The blocks of the excerpt that the site's generator makes, if it makes any.
    pub excerpt: Option<Vec<Block>>,
    pub blocks: &'a [Block],
    pub title: &'a str,
    pub language: Option<&'a str>,
    pub wish: Wish,
}

/// Chooses; also says which rule gave the summary.
pub fn choose(sources: Sources) -> (String, String) {
    let Sources { marked, author, excerpt, blocks, title, language, wish: Wish { length, choice } } =
        sources;
    if let Some(marked) = marked {
        let text = paragraphs(&marked, title).collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            return (cut(&text, language, length * OWN_FACTOR), "marker".into());
        }
    }
    if let Some(author) = author {
        let text = plain(author);
        if !text.is_empty() {
            return (cut(&text, language, length * OWN_FACTOR), "author".into());
        }
    }
    if let Some(excerpt) = excerpt {
        let text = paragraphs(&excerpt, title).collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            return (cut(&text, language, length * OWN_FACTOR), "excerpt".into());
        }
    }
    let extracted = match choice {
        Choice::Lead => None,
        Choice::Extract => {
            let sentence = extract::extract(blocks, title, language, length);
            sentence.map(|sentence| (sentence, "extract"))
        }
        Choice::Auto => match extract::auto(blocks, title, language, length) {
            Some(Pick::Lead(lead)) => Some((lead, "lead")),
            Some(Pick::Sentence(sentence)) => Some((sentence, "extract")),
            None => None,
        },
    };
    let (summary, rule) =
        extracted.unwrap_or_else(|| (lead(paragraphs(blocks, title), language, length), "lead"));
    (summary, rule.into())
}

/// Splits HTML at the author's marker into what stands before it, and the whole without it.
pub fn split_marker(html: String) -> (Option<String>, String) {
    let mut from = 0;
    let next = |from: usize| memmem::find(&html.as_bytes()[from..], b"<!--").map(|at| from + at);
    while let Some(start) = next(from) {
        let inside = &html[start + 4..];
        // `<!-->` and `<!--->` are whole comments (HTML, 13.2.5.43).
        if inside.starts_with('>') || inside.starts_with("->") {
            from = start + 4;
            continue;
        }
        let Some(length) = inside.find("-->") else { break };
        let word = inside[..length].trim().to_ascii_lowercase();
        let end = start + 4 + length + 3;
        if matches!(word.as_str(), "more" | "excerpt" | "truncate" | "pelican_end_summary") {
            let before = html[..start].to_string();
            let whole = format!("{before}{}", &html[end..]);
            return (Some(before), whole);
        }
        from = end;
    }
    (None, html)
}

/// Plain text of a summary that may hold Markdown or HTML.
pub fn plain(text: &str) -> String {
    if !text.contains(['<', '*', '_', '`', '[', '&']) {
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let html = markdown::to_html(text, Flavour::plain().markdown, &|_| None, &|_| None);
    blocks::text_of(&html).unwrap_or_default()
}

/// The texts that a lead may be taken from: paragraphs from the first one that says something, and
/// where there are none, list items. Only as many are looked at as are asked for.
fn paragraphs<'a>(blocks: &'a [Block], title: &'a str) -> impl Iterator<Item = &'a str> {
    let of = move |kind: BlockKind| {
        let of_kind = blocks.iter().filter(move |block| block.kind == kind);
        of_kind
            .map(|block| strip_dateline(&block.text))
            .filter(move |text| !text.is_empty() && !sanitize::same_words(text, title))
    };
    let none = of(BlockKind::Paragraph).next().is_none();
    let kind = if none { BlockKind::Item } else { BlockKind::Paragraph };
    let before = if none { None } else { of(kind).position(says_something) };
    of(kind).skip(before.unwrap_or(0))
}

/// Tells a sentence from a caption, a date or a list of links.
fn says_something(text: &str) -> bool {
    let ends = text.trim_end_matches(['"', '”', '’', '»', ')', '」', '』', '）']);
    let terminated = ends.ends_with(['.', '!', '?', '…', '。', '！', '？', '।', '؟', ':', '：']);
    width(text) >= 80 || (terminated && width(text) >= 24)
}

fn lead<'a>(
    paragraphs: impl Iterator<Item = &'a str>,
    language: Option<&str>,
    length: usize,
) -> String {
    let mut lead = String::new();
    for text in paragraphs {
        if !lead.is_empty() && width(&lead) * 2 >= length {
            break;
        }
        let room = length.saturating_sub(width(&lead));
        if lead.is_empty() {
            lead = cut(text, language, length);
        } else if let Some(more) = whole_sentences(text, language, room) {
            lead.push(' ');
            lead.push_str(&more);
        } else {
            break;
        }
    }
    lead
}

/// As many whole sentences as fit, but at least one, unless that one is twice too long.
pub fn cut(text: &str, language: Option<&str>, length: usize) -> String {
    if width(text) <= length {
        return text.to_string();
    }
    // Finding sentences costs more than its length: only what may be needed is looked at.
    let text = match text.char_indices().nth(4 * length + 200) {
        Some((end, _)) => &text[..end],
        None => text,
    };
    if let Some(whole) = whole_sentences(text, language, length) {
        return whole;
    }
    match sentences(text, language).first() {
        Some(first) if width(first) <= length * 2 => first.trim().to_string(),
        _ => cut_at_word(text, length),
    }
}

fn whole_sentences(text: &str, language: Option<&str>, length: usize) -> Option<String> {
    let mut whole = String::new();
    for sentence in sentences(text, language) {
        if width(&whole) + width(sentence.trim_end()) > length {
            break;
        }
        whole.push_str(&sentence);
    }
    let whole = whole.trim();
    (!whole.is_empty()).then(|| whole.to_string())
}

/// Abbreviations that the segmenter's own lists lack and that no Vietnamese sentence ends with.
const VIETNAMESE: &[&str] =
    &["TS.", "GS.", "PGS.", "ThS.", "TP.", "Tp.", "BS.", "KS.", "NXB.", "Th.S.", "P.", "Q.", "St."];

/// Characters of a paragraph whose sentences are looked for: of marks and quotes without an end the
/// segmenter's time goes with the square.
const LONGEST: usize = 4_000;

fn sentences(paragraph: &str, language: Option<&str>) -> Vec<String> {
    let end = paragraph.char_indices().nth(LONGEST).map_or(paragraph.len(), |(end, _)| end);
    let text = &paragraph[..end];
    let language = language.unwrap_or("en").split('-').next().unwrap_or("en").to_lowercase();
    let mut merged: Vec<String> = Vec::new();
    for part in sentencex::segment(&language, text) {
        let joins = language == "vi"
            && merged.last().and_then(|last| last.split_whitespace().next_back()).is_some_and(
                |word| VIETNAMESE.iter().any(|abbreviation| word.ends_with(abbreviation)),
            );
        match merged.last_mut() {
            Some(last) if joins => last.push_str(part),
            _ => merged.push(part.to_string()),
        }
    }
    if end < paragraph.len() && merged.len() > 1 {
        // It goes on.
        merged.pop();
    }
    merged
}

fn cut_at_word(text: &str, length: usize) -> String {
    let mut kept = String::new();
    for word in text.split_word_bounds() {
        if width(&kept) + width(word) > length {
            break;
        }
        kept.push_str(word);
    }
    if kept.is_empty() {
        kept = text.graphemes(true).take(length).collect();
    }
    let hangs = |c: char| c.is_whitespace() || ",;:.!?-–—(«“\"'、，；：（「".contains(c);
    let kept = kept.trim_end_matches(hangs);
    format!("{kept}…")
}

/// Characters, those that are twice as wide and say twice as much counted double.
pub fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff00}'..='\u{ff60}' => 2,
            _ => 1,
        })
        .sum()
}

/// Leaves out where and for whom something was written: `(Agency) - `, `LONDON (Agency) — `,
/// `site.example – `, `【…】`.
pub fn strip_dateline(text: &str) -> &str {
    let text = text.trim();
    let after_dash = |rest: &'_ str| -> Option<usize> {
        let bare = rest.trim_start();
        let dash =
            bare.chars().next().filter(|c| matches!(c, '-' | '–' | '—' | '―' | '−' | ':'))?;
        let after = &bare[dash.len_utf8()..];
        let tail = after.trim_start_matches(['-', '–', '—', '―']).trim_start();
        (!tail.is_empty()).then(|| rest.len() - tail.len())
    };
    let end_of_bracket = |open_at: usize, close: char| {
        let inside = &text[open_at..];
        let end = inside.find(close)?;
        (inside[..end].chars().count() <= 60).then_some(open_at + end + close.len_utf8())
    };
    if let Some(open) = text.chars().next() {
        let close = match open {
            '(' => Some(')'),
            '（' => Some('）'),
            '[' => Some(']'),
            '【' => Some('】'),
            '［' => Some('］'),
            _ => None,
        };
        if let Some(close) = close
            && let Some(end) = end_of_bracket(0, close)
        {
            let rest = &text[end..];
            if let Some(skip) = after_dash(rest) {
                return &rest[skip..];
            }
            if matches!(open, '【' | '［') && !rest.trim().is_empty() {
                return rest.trim_start();
            }
            return text;
        }
    }
    let head_end = text.char_indices().nth(60).map_or(text.len(), |(at, _)| at);
    let head = &text[..head_end];
    // A bracket or a dash, of which all but the shortest begin with this byte.
    if memchr::memchr3(b'(', b'-', 0xE2, head.as_bytes()).is_none() {
        return text;
    }
    // LONDON (Agency) — …
    if let Some(open) = head.find(" (")
        && is_place(&head[..open])
        && let Some(end) = end_of_bracket(open, ')')
        && let Some(skip) = after_dash(&text[end..])
    {
        return &text[end + skip..];
    }
    // LONDON, 15 Aug — …  or  site.example – …
    let dash = [" — ", " – ", " - "].iter().filter_map(|dash| head.find(dash)).min();
    if let Some(dash) = dash {
        let before = &head[..dash];
        let first = before.split([' ', ',']).next().unwrap_or("");
        let shouted = first.chars().filter(|c| c.is_alphabetic()).count() >= 3
            && first.chars().all(|c| !c.is_lowercase());
        if is_host(before) || (shouted && is_place(before)) {
            return text[dash..].trim_start_matches([' ', '—', '–', '-']);
        }
    }
    text
}

fn is_place(text: &str) -> bool {
    !text.is_empty()
        && text.split_whitespace().count() <= 6
        && !text.contains(['.', '!', '?', ':', ';'])
        && text.split_whitespace().all(|word| {
            word.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric() || c == '/')
        })
}

fn is_host(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && text.split('.').count() >= 2
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datelines_are_left_out() {
        for (text, expected) in [
            ("(Agency.example) - The hall.", "The hall."),
            ("LONDON (Agency) — The hall.", "The hall."),
            ("LONDON, 15 August – The hall.", "The hall."),
            ("site.example – The hall.", "The hall."),
            ("【東京】会場に集まった。", "会場に集まった。"),
            ("（通信社）— 会場に集まった。", "会場に集まった。"),
            ("(Yes) it is.", "(Yes) it is."),
            ("Anna - her sister - came.", "Anna - her sister - came."),
            ("NATO said - and meant - it.", "NATO said - and meant - it."),
        ] {
            assert_eq!(strip_dateline(text), expected);
        }
    }

    #[test]
    fn sentences_stay_whole() {
        let text = "Dr. Smith came. He saw 3.5 things. Then he left for good.";
        assert_eq!(cut(text, Some("en"), 40), "Dr. Smith came. He saw 3.5 things.");
        assert_eq!(cut(text, Some("en"), 10), "Dr. Smith came.");
        assert_eq!(cut("一二三。四五六。七八九。", Some("ja"), 18), "一二三。四五六。");
        assert_eq!(
            cut("यह पहला वाक्य है। यह दूसरा है। यह तीसरा है।", Some("hi"), 32),
            "यह पहला वाक्य है। यह दूसरा है।"
        );
        assert_eq!(
            cut("هل جاء؟ نعم جاء اليوم. ثم ذهب بعيدا.", Some("ar"), 26),
            "هل جاء؟ نعم جاء اليوم."
        );
        assert_eq!(cut("「来た。」と言った。次の文です。", Some("ja"), 22), "「来た。」と言った。");
        let vietnamese = "TS. Nguyễn Văn A đến. GS. Lê B nói. Hết.";
        assert_eq!(cut(vietnamese, Some("vi"), 24), "TS. Nguyễn Văn A đến.");
        let long = "word ".repeat(200);
        let short = cut(long.trim(), Some("en"), 30);
        assert!(short.ends_with("word…") && short.len() < 35, "{short}");
        let lines = "A line of some words. ".repeat(300);
        assert!(
            sentences(&lines, Some("en")).iter().all(|line| line.trim() == "A line of some words.")
        );
        let flags = "👨‍👩‍👧‍👦".repeat(100);
        let short = cut(&flags, None, 20);
        let whole = short.strip_suffix('…').expect("a mark that it was cut");
        assert!(!whole.is_empty() && whole.replace("👨‍👩‍👧‍👦", "").is_empty(), "{short}");
    }

    #[test]
    fn markers_split() {
        let (before, whole) = split_marker("<p>a</p><!-- x --><!--More--><p>b</p>".into());
        assert_eq!(before.as_deref(), Some("<p>a</p><!-- x -->"));
        assert_eq!(whole, "<p>a</p><!-- x --><p>b</p>");
        for odd in ["a<!-->b", "a<!--->b", "a<!--", "<!--more--", "<!-->-->"] {
            assert_eq!(split_marker(odd.into()), (None, odd.to_string()));
        }
    }
}
