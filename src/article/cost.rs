//! What HTML would cost a tree builder, found by its tags alone. Tree builders are quadratic in
//! nesting, and mis-nested formatting multiplies elements: a small file could take all memory.

use std::cell::RefCell;

use dom_query::Document;
use html5ever::LocalName;
use html5ever::interface::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};

/// Browsers stop nesting at 512.
const MAX_DEPTH: usize = 512;
/// Elements that a parser would make besides those that are written.
const MAX_EXTRA: usize = 100_000;

/// Every element's depth, summed up: what looking through each element's descendants costs. The
/// largest of some thousand real pages, of 2 MB, comes to less than half.
const MAX_WORK: usize = 600_000;

const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// Opened again in every block that begins while they are open (HTML, 13.2.4.3).
const FORMATTING: &[&str] = &[
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];
/// A new one ends the one before.
const SELF_ENDING: &[&str] = &["p", "li", "dd", "dt", "option", "tr", "td", "th"];

/// Why a text must not be given to a tree builder, if it must not.
pub fn too_costly(html: &str) -> Option<String> {
    // So few can neither nest too deep nor multiply to too many.
    const FEW: usize = 500;
    memchr::memchr_iter(b'<', html.as_bytes()).nth(FEW)?;
    guarded(html, Tags).state.into_inner().reason
}

/// The tree of a page; why it must not be built, if it must not.
pub fn tree(html: &str) -> Result<Document, String> {
    let options = TreeBuilderOpts { scripting_enabled: false, ..Default::default() };
    let Guard { state, sink } = guarded(html, TreeBuilder::new(Document::default(), options));
    match state.into_inner().reason {
        None => Ok(sink.sink.finish()),
        Some(reason) => Err(reason),
    }
}

fn guarded<S: TokenSink>(html: &str, sink: S) -> Guard<S> {
    let guard = Guard { state: RefCell::default(), sink };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink
}

/// Counts what the tokens that pass it would cost, and lets none pass once that is too much.
struct Guard<S> {
    state: RefCell<State>,
    sink: S,
}

impl<S: TokenSink> TokenSink for Guard<S> {
    type Handle = S::Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<S::Handle> {
        let mut state = self.state.borrow_mut();
        if let (Token::TagToken(tag), None) = (&token, &state.reason) {
            match tag.kind {
                TagKind::StartTag => state.start(tag),
                TagKind::EndTag => state.end(&tag.name),
            }
        }
        match state.reason {
            None => self.sink.process_token(token, line),
            Some(_) => TokenSinkResult::Continue,
        }
    }

    fn end(&self) {
        self.sink.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.sink.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Builds nothing, but knows what holds no tags.
struct Tags;

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(Tag { kind: TagKind::StartTag, name, .. }) = token else {
            return TokenSinkResult::Continue;
        };
        match &*name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}

#[derive(Default)]
struct State {
    open: Vec<LocalName>,
    formatting: usize,
    extra: usize,
    work: usize,
    reason: Option<String>,
}

impl State {
    fn start(&mut self, tag: &Tag) {
        let name = &*tag.name;
        let foreign = || self.open.iter().any(|open| matches!(&**open, "svg" | "math"));
        self.work += self.open.len() + 1;
        if self.work > MAX_WORK {
            self.reason = Some("too many elements nested too deep".into());
        }
        if VOID.contains(&name) || (tag.self_closing && foreign()) {
            return;
        }
        if SELF_ENDING.contains(&name) && self.open.last() == Some(&tag.name) {
            self.open.pop();
        }
        if FORMATTING.contains(&name) {
            self.formatting += 1;
        } else {
            self.extra += self.formatting;
        }
        self.open.push(tag.name.clone());
        if self.open.len() > MAX_DEPTH {
            self.reason = Some(format!("elements nested deeper than {MAX_DEPTH}"));
        } else if self.extra > MAX_EXTRA {
            self.reason = Some("formatting that is opened and never closed".into());
        }
    }

    /// An end tag without its start ends nothing; formatting that it cuts off goes on.
    fn end(&mut self, name: &LocalName) {
        let Some(at) = self.open.iter().rposition(|open| open == name) else { return };
        if FORMATTING.contains(&&**name) {
            self.formatting = self.formatting.saturating_sub(1);
        }
        self.open.truncate(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, refused: bool) {
        let head: String = html.chars().take(60).collect();
        assert_eq!(too_costly(html).is_some(), refused, "{head}");
        assert_eq!(tree(html).is_err(), refused, "{head}");
    }

    #[test]
    fn costs() {
        check(&"<div>".repeat(600), true);
        check(&"<div></b>".repeat(600), true);
        check(&"<blockquote>".repeat(600), true);
        check(&"<div></div>".repeat(100_000), false);
        check(&"<p>a".repeat(100_000), false);
        check(&"<li>a".repeat(100_000), false);
        check(&format!("<svg>{}</svg>", "<path d='M0'/>".repeat(2_000)), false);
        check(&format!("<script>{}</script>", "if (i<n) x<y;".repeat(2_000)), false);
        check(&format!("<!-- {} -->", "<div>".repeat(2_000)), false);
        check(&format!("<font>{}</font>", "<p>a</p>".repeat(50_000)), false);
        let bomb: String = (0..500).map(|n| format!("<b id={n}>")).collect();
        check(&(bomb + &"<p>x".repeat(16_000)), true);
    }
}
