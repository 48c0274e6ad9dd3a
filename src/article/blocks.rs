//! HTML → the blocks that a reader sees: what summaries are chosen from and plain text is made of.

use dom_query::{Document, NodeRef};

use super::sanitize::{self, same_words};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
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

/// Takes sanitised HTML apart; what is deeper than any author writes is read as one text.
pub fn blocks(html: &str) -> Vec<Block> {
    let document = Document::fragment(html);
    let mut walk = Walk { blocks: Vec::new(), run: String::new(), kind: BlockKind::Paragraph };
    walk.children(&document.root(), 0);
    walk.end();
    walk.blocks
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

struct Walk {
    blocks: Vec<Block>,
    run: String,
    kind: BlockKind,
}

impl Walk {
    fn children(&mut self, node: &NodeRef, depth: usize) {
        for child in node.children_it(false) {
            self.node(&child, depth + 1);
        }
    }

    fn node(&mut self, node: &NodeRef, depth: usize) {
        if node.is_text() {
            self.run.push_str(&node.text());
            return;
        }
        let Some(name) = node.node_name() else { return };
        if depth > 600 {
            self.run.push_str(&node.text());
            return;
        }
        let kind = match &*name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => BlockKind::Heading,
            "li" | "dt" | "dd" => BlockKind::Item,
            "figcaption" | "caption" => BlockKind::Caption,
            "td" | "th" => BlockKind::Cell,
            "pre" => BlockKind::Code,
            "p" | "div" | "blockquote" | "section" | "article" | "ul" | "ol" | "dl" | "table"
            | "tr" | "tbody" | "thead" | "figure" | "hr" | "main" | "header" | "footer"
            | "aside" | "nav" | "details" | "summary" | "center" => self.kind,
            "br" => {
                self.run.push('\n');
                return;
            }
            _ => {
                self.children(node, depth);
                return;
            }
        };
        self.end();
        let outer = std::mem::replace(&mut self.kind, kind);
        self.children(node, depth);
        self.end();
        self.kind = outer;
    }

    /// Closes the block that is open.
    fn end(&mut self) {
        let run = std::mem::take(&mut self.run);
        let text = if self.kind == BlockKind::Code {
            run.trim_matches('\n').trim_end().to_string()
        } else {
            run.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        if !text.is_empty() {
            self.blocks.push(Block { kind: self.kind, text });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(plain(&blocks("<h1>T!</h1><p>a</p><p>b</p>"), "t"), "a\n\nb");
    }
}
