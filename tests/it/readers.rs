//! What a reader makes of what it gets, by parsers of other makes than the program's.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::kit::{DEADLINE, Response};

/// Title → id.
pub type Entries = BTreeMap<String, String>;

pub const FEEDS: [&str; 3] = ["all.json", "all.rss", "all.atom"];

/// The entries of a feed; a feed that is none is a failure.
pub fn entries(path: &str, bytes: &[u8]) -> Entries {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{path} is torn"));
    if path.ends_with(".json") {
        let feed: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{path}: {e}"));
        return crate::kit::ids(&feed).into_iter().collect();
    }
    let feed = roxmltree::Document::parse(text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"));
    let named = |node: roxmltree::Node, names: &[&str]| {
        let child = node.children().find(|child| names.contains(&child.tag_name().name()));
        child.and_then(|child| child.text()).unwrap_or_default().to_string()
    };
    let items =
        feed.descendants().filter(|node| matches!(node.tag_name().name(), "item" | "entry"));
    items.map(|item| (named(item, &["title"]), named(item, &["guid", "id"]))).collect()
}

/// Asks for a feed. `None` if nobody answers, or the answer was cut short: a daemon that is killed
/// does either, and a reader takes it for no feed.
pub fn ask(address: &str, path: &str) -> Option<Response> {
    let stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(DEADLINE)).ok()?;
    ask_over(stream, path)
}

pub fn ask_over(mut stream: impl Read + Write, path: &str) -> Option<Response> {
    let request = format!("GET /{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let is_headed = answer.windows(4).any(|four| four == b"\r\n\r\n");
    let answer = is_headed.then(|| Response::parse(&answer))?;
    let length = answer.header("content-length").map(|length| length.parse::<usize>());
    (length.is_none() || length == Some(Ok(answer.body.len()))).then_some(answer)
}
