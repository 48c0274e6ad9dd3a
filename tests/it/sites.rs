//! Real sites, against what their own generators put into their feeds.

use std::collections::BTreeSet;

use crate::kit::{Site, shared};

/// (link, title, second of publication), as the feed has them.
type Entries = Vec<(String, String, i64)>;

fn expected(path: &std::path::Path) -> Entries {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| entry[key].as_str().unwrap().to_string();
            let date = text("published");
            let at = jiff::fmt::rfc2822::parse(&date).map_or_else(
                |_| date.parse::<jiff::Timestamp>().unwrap(),
                |zoned| zoned.timestamp(),
            );
            (text("link"), text("title"), at.as_second())
        })
        .collect()
}

fn made(site: &Site, feed: &str) -> Entries {
    let feed = site.feed(feed);
    let items = feed["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap().to_string();
            let at: jiff::Timestamp = text("date_published").parse().unwrap();
            (text("url"), text("title"), at.as_second())
        })
        .collect()
}

#[test]
fn nodejs() {
    let Some(sample) = shared("sites/nodejs") else { return };
    let config = format!(
        "title = \"Node.js\"\nurl = \"https://nodejs.org/\"\n\
         [content]\ndir = {:?}\npermalink = \"/en/blog/:category/:slug\"\n\
         [feeds]\nentries = \"all\"\n",
        sample.join("content"),
    );
    let site = Site::with_config(&config);
    site.build(0);
    for (feed, entries) in [
        ("all.json", "entries.jsonl"),
        ("category/release.json", "entries-release.jsonl"),
        ("category/vulnerability.json", "entries-vulnerability.jsonl"),
    ] {
        let (made, expected) = (made(&site, feed), expected(&sample.join(entries)));
        let set = |entries: &Entries| entries.iter().cloned().collect::<BTreeSet<_>>();
        let (have, want) = (set(&made), set(&expected));
        let missing: Vec<_> = want.difference(&have).collect();
        let extra: Vec<_> = have.difference(&want).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{feed}\nmissing {missing:#?}\nextra {extra:#?}"
        );
        // The same order, but for entries of the same second.
        let times = |entries: &Entries| entries.iter().map(|entry| entry.2).collect::<Vec<_>>();
        assert_eq!(times(&made), times(&expected), "{feed}");
    }
    let folders = std::fs::read_dir(sample.join("content")).unwrap();
    for folder in folders.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir()) {
        let name = folder.file_name().into_string().unwrap();
        assert!(site.path(&format!("feeds/category/{name}.atom")).exists(), "{name}");
    }
}
