//! Where a text of Markdown is shown as it stands: code in blocks and in lines, `<pre>`, comments.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

/// The ranges of a text that are no Markdown, in their order.
pub struct Verbatim(Vec<Range<usize>>);

/// What counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// Fences and code in lines: what templates leave alone.
    Code,
    /// Fences, `<pre>` and comments: what no element ends or begins in.
    Blocks,
    /// All of these, and what stands far in.
    All,
}

impl Verbatim {
    pub fn of(text: &str, kinds: Kinds) -> Verbatim {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut state = State::Text;
        // The paragraph under way, whose code may go over lines.
        let mut paragraph: Option<usize> = None;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let was = state;
            state = state.after(line, kinds != Kinds::Code);
            let is_far_in = line.starts_with("    ") || line.starts_with('\t');
            let is_code = was != State::Text
                || state != State::Text
                || (kinds == Kinds::All && is_far_in && paragraph.is_none());
            if is_code || line.trim().is_empty() {
                if let Some(begun) = paragraph.take().filter(|_| kinds != Kinds::Blocks) {
                    code_in_lines(text, begun..start, &mut ranges);
                }
            } else {
                paragraph.get_or_insert(start);
            }
            if is_code {
                ranges.push(start..at);
            }
        }
        if let Some(begun) = paragraph.filter(|_| kinds != Kinds::Blocks) {
            code_in_lines(text, begun..at, &mut ranges);
        }
        Verbatim(ranges)
    }

    /// In their order; what touches is not put together.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.0
    }

    /// Whether a place lies in one of them.
    pub fn has(&self, at: usize) -> bool {
        let next = self.0.partition_point(|range| range.end <= at);
        self.0.get(next).is_some_and(|range| range.start <= at)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// Until as many of the mark or more stand alone.
    Fence(char, usize),
    Pre,
    Comment,
}

impl State {
    fn after(self, line: &str, has_html: bool) -> State {
        let still = |from: usize, end: &str, state| match line[from..].contains(end) {
            true => State::Text,
            false => state,
        };
        match self {
            State::Fence(mark, length) => {
                let bare = line.trim();
                let ends = bare.len() >= length && bare.chars().all(|c| c == mark);
                if ends { State::Text } else { self }
            }
            State::Pre => still(0, "</pre", State::Pre),
            State::Comment => still(0, "-->", State::Comment),
            State::Text => match (fence(line), line.rfind("<pre"), line.rfind("<!--")) {
                (Some((mark, length)), ..) => State::Fence(mark, length),
                (_, Some(at), _) if has_html => still(at, "</pre", State::Pre),
                (_, _, Some(at)) if has_html => still(at, "-->", State::Comment),
                _ => State::Text,
            },
        }
    }
}

/// The fence that a line opens, perhaps as an item of lists (CommonMark 4.5).
fn fence(line: &str) -> Option<(char, usize)> {
    let mut bare = line.trim();
    loop {
        let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
        let item = bare.strip_prefix(['-', '*', '+', '>']).or_else(|| {
            bare[digits..].strip_prefix(['.', ')']).filter(|_| (1..=9).contains(&digits))
        });
        match item.filter(|rest| rest.starts_with(' ')) {
            Some(rest) => bare = rest.trim_start(),
            None => break,
        }
    }
    let mark = bare.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = bare.chars().take_while(|c| *c == mark).count();
    let told = &bare[length..];
    (length >= 3 && !(mark == '`' && told.contains('`'))).then_some((mark, length))
}

/// Code between runs of as many backticks (CommonMark 6.1).
fn code_in_lines(text: &str, within: Range<usize>, ranges: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut at = within.start;
    while let Some(found) = memchr::memchr(b'`', &bytes[at..within.end]) {
        let start = at + found;
        let length = bytes[start..within.end].iter().take_while(|byte| **byte == b'`').count();
        at = start + length;
        runs.push(start..at);
    }
    let mut of_length: HashMap<usize, VecDeque<usize>> = HashMap::new();
    for (number, run) in runs.iter().enumerate() {
        of_length.entry(run.len()).or_default().push_back(number);
    }
    let mut number = 0;
    while let Some(run) = runs.get(number) {
        let others = of_length.entry(run.len()).or_default();
        while others.front().is_some_and(|other| *other <= number) {
            others.pop_front();
        }
        match others.front() {
            Some(end) => {
                ranges.push(run.start..runs[*end].end);
                number = end + 1;
            }
            None => number += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verbatim is what stands between `«` and `»`.
    fn check(marked: &str, kinds: Kinds) {
        let text = marked.replace(['«', '»'], "");
        let verbatim = Verbatim::of(&text, kinds);
        let (mut at, mut inside) = (0, false);
        for c in marked.chars() {
            match c {
                '«' => inside = true,
                '»' => inside = false,
                c => {
                    assert_eq!(verbatim.has(at), inside, "{marked:?} at {at}");
                    at += c.len_utf8();
                }
            }
        }
    }

    #[test]
    fn code_is_found() {
        for marked in [
            "a «`b`» c ` d\n",
            "a «``b ` c``» d\n",
            "a «`b\nc`» d\n",
            "a `b\n\nc` d\n",
            "a\n\n«    b\n»\nc\n    d\n",
            "«```\n~~~\n»«```\n»b\n",
            "«- ````\n  ```\n  ````\n»b\n",
            "«1. ~~~ x\n   ~~~\n»b\n",
            "«``` js x```» b\n",
            "«<pre>\nb\n</pre>\n»b «`<`»\n",
            "«<!-- a\nb -->\n»c <!-- d --> e\n",
        ] {
            check(marked, Kinds::All);
        }
        check("<pre>\na «`b`» c\n</pre>\n    «`d`»\n\n«```\ne\n```\n»", Kinds::Code);
        check("a `b` c\n\n    d\n\n«```\ne\n```\n»", Kinds::Blocks);
    }
}
