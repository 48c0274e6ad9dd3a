//! HTML → the blocks that a reader sees: what summaries are chosen from and plain text is made of.

use super::sanitize::{self, same_words};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BlockKind {
    #[default]
    Paragraph,
    Heading,
    Item,
    Caption,
    Code,
    Cell,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub kind: BlockKind,
    pub text: String,
}

/// Takes sanitised HTML apart. What a sanitiser wrote is well-formed: tags are balanced, values
/// quoted, text escaped; so it is read as it stands, without a tree.
pub fn blocks(html: &str) -> Vec<Block> {
    let mut walk = Walk::default();
    let mut rest = html;
    while let Some((text, tag)) = split_at(rest, b'<') {
        walk.text(text);
        let end = end_of_tag(tag);
        match tag[..end].strip_prefix('/') {
            Some(name) => walk.close(name),
            None => walk.open(&tag[..end]),
        }
        rest = tag.get(end + 1..).unwrap_or("");
    }
    walk.text(rest);
    walk.end();
    walk.blocks
}

/// What stands before the first of an ASCII character, and after it.
pub fn split_at(text: &str, ascii: u8) -> Option<(&str, &str)> {
    let at = memchr::memchr(ascii, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// Where its `>` is; one inside a value is none.
pub fn end_of_tag(tag: &str) -> usize {
    let mut quoted = false;
    let is_end = |byte: u8| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    };
    tag.bytes().position(is_end).unwrap_or(tag.len())
}

/// What a fragment of HTML says, in one line; `None` where it cannot be taken apart.
pub fn text_of(html: &str) -> Option<String> {
    let clean = sanitize::clean(html, "https://localhost/").ok()?;
    let texts: Vec<String> = blocks(&clean.html).into_iter().map(|block| block.text).collect();
    Some(texts.join(" "))
}

/// Blocks as plain text, paragraphs separated by blank lines, without a heading that repeats the
/// title.
pub fn plain(blocks: &[Block], title: &str) -> String {
    let skip = blocks
        .first()
        .is_some_and(|first| first.kind == BlockKind::Heading && same_words(&first.text, title));
    let texts: Vec<&str> =
        blocks.iter().skip(usize::from(skip)).map(|block| block.text.as_str()).collect();
    texts.join("\n\n")
}

#[derive(Default)]
struct Walk<'a> {
    blocks: Vec<Block>,
    run: String,
    kind: BlockKind,
    /// Blocks that are open, each with the kind around it.
    around: Vec<(&'a str, BlockKind)>,
}

impl<'a> Walk<'a> {
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, after)) = split_at(rest, b'&') {
            self.run.push_str(before);
            let (c, after) = character(after);
            self.run.push(c);
            rest = after;
        }
        self.run.push_str(rest);
    }

    fn open(&mut self, tag: &'a str) {
        let name = name_of(tag);
        let kind = match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => BlockKind::Heading,
            "li" | "dt" | "dd" => BlockKind::Item,
            "figcaption" | "caption" => BlockKind::Caption,
            "td" | "th" => BlockKind::Cell,
            "pre" => BlockKind::Code,
            "br" => return self.run.push('\n'),
            "hr" => return self.end(),
            _ if is_block(name) => self.kind,
            _ => return,
        };
        self.end();
        self.around.push((name, self.kind));
        self.kind = kind;
    }

    fn close(&mut self, tag: &str) {
        let name = name_of(tag);
        if let Some(at) = self.around.iter().rposition(|(open, _)| *open == name) {
            self.end();
            self.kind = self.around[at].1;
            self.around.truncate(at);
        }
    }

    /// Closes the block that is open.
    fn end(&mut self) {
        let run = std::mem::take(&mut self.run);
        let text = if self.kind == BlockKind::Code {
            run.trim_matches('\n').trim_end().to_string()
        } else {
            in_one_line(&run)
        };
        if !text.is_empty() {
            self.blocks.push(Block { kind: self.kind, text });
        }
    }
}

fn in_one_line(run: &str) -> String {
    if has_single_spaces(run) {
        return run.trim_matches(' ').to_string();
    }
    let mut text = String::with_capacity(run.len());
    for word in run.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Whether all white space in a run is single spaces, told by its bytes, many at once. Where other
/// white space may begin (U+0085, U+00A0, U+1680, U+2000 to U+207F, U+3000 to U+303F), it is not
/// told.
fn has_single_spaces(run: &str) -> bool {
    let bytes = run.as_bytes();
    let control = bytes.iter().fold(false, |any, byte| any | (*byte < b' '));
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    let gap = pairs.fold(false, |any, (a, b)| {
        any | ((*a == b' ') & (*b == b' '))
            | ((*a == 0xC2) & ((*b == 0x85) | (*b == 0xA0)))
            | ((*a == 0xE1) & (*b == 0x9A))
            | ((*a == 0xE2) & ((*b == 0x80) | (*b == 0x81)))
            | ((*a == 0xE3) & (*b == 0x80))
    });
    !control && !gap
}

fn name_of(tag: &str) -> &str {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    &tag[..end]
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "blockquote"
            | "section"
            | "article"
            | "ul"
            | "ol"
            | "dl"
            | "table"
            | "tr"
            | "tbody"
            | "thead"
            | "figure"
            | "main"
            | "header"
            | "footer"
            | "aside"
            | "nav"
            | "details"
            | "summary"
            | "center"
    )
}

/// What stands after an `&`: one of the few references that a serialiser writes (HTML, 13.3), else
/// the `&` itself.
fn character(after: &str) -> (char, &str) {
    let known = [("amp;", '&'), ("lt;", '<'), ("gt;", '>'), ("nbsp;", '\u{a0}'), ("quot;", '"')];
    let found = known.iter().find_map(|(name, c)| Some((*c, after.strip_prefix(name)?)));
    found.unwrap_or(('&', after))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever stands beside it, white space of each kind is one space.
    #[test]
    fn white_space_is_single_spaces() {
        for c in (0..0x3100).filter_map(char::from_u32).chain(['\u{feff}', '\u{1f600}']) {
            for run in [format!("é{c}b"), format!(" a {c} "), format!("{c}{c}"), format!("{c}x y")]
            {
                let words: Vec<&str> = run.split_whitespace().collect();
                assert_eq!(in_one_line(&run), words.join(" "), "{run:?}");
            }
        }
    }

    #[test]
    fn takes_html_apart() {
        let html = "<h1>T</h1><p>a <b>b</b><br>c</p><ul><li>x</li><li><p>y</p></li></ul>\
                    <pre><code>1\n 2\n</code></pre><figure><img><figcaption>f</figcaption></figure>z";
        let found: Vec<_> = blocks(html).into_iter().map(|b| (b.kind, b.text)).collect();
        let expected = [
            (BlockKind::Heading, "T"),
            (BlockKind::Paragraph, "a b c"),
            (BlockKind::Item, "x"),
            (BlockKind::Item, "y"),
            (BlockKind::Code, "1\n 2"),
            (BlockKind::Caption, "f"),
            (BlockKind::Paragraph, "z"),
        ];
        assert_eq!(found, expected.map(|(kind, text)| (kind, text.to_string())));
        let odd = "<p title=\"a>b\">1 &amp;lt; 2&nbsp;&gt; 0 & 3</p><hr>4<p>5</div></p>6";
        let texts: Vec<_> = blocks(odd).into_iter().map(|block| block.text).collect();
        assert_eq!(texts, ["1 &lt; 2 > 0 & 3", "4", "5", "6"]);
        assert_eq!(plain(&blocks("<h1>T!</h1><p>a</p><p>b</p>"), "t"), "a\n\nb");
    }
}
