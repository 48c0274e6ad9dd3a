//! Real sites, and small ones for the corners of each generator, against what their own generators
//! put into their feeds.

use std::collections::BTreeSet;
use std::path::Path;

use crate::kit::{Site, shared};

/// (link, title, second of publication), as the feed has them.
type Entries = Vec<(String, String, i64)>;

fn lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn second(date: &str) -> i64 {
    let at = jiff::fmt::rfc2822::parse(date)
        .map_or_else(|_| date.parse::<jiff::Timestamp>().unwrap(), |zoned| zoned.timestamp());
    at.as_second()
}

fn expected(path: &Path) -> Entries {
    lines(path)
        .iter()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap().replace("&amp;", "&");
            (text("link"), text("title"), second(&text("published")))
        })
        .collect()
}

fn made(site: &Site, feed: &str) -> Entries {
    let feed = site.feed(feed);
    let items = feed["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap().to_string();
            (text("url"), text("title"), second(&text("date_published")))
        })
        .collect()
}

/// The feed holds these entries, and no other.
fn compare(site: &Site, feed: &str, expected: &Entries) {
    let made = made(site, feed);
    let set = |entries: &Entries| entries.iter().cloned().collect::<BTreeSet<_>>();
    let (have, want) = (set(&made), set(expected));
    let missing: Vec<_> = want.difference(&have).collect();
    let extra: Vec<_> = have.difference(&want).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{feed}\nmissing {missing:#?}\nextra {extra:#?}"
    );
    // The same order, but for entries of the same second.
    let times = |entries: &Entries| entries.iter().map(|entry| entry.2).collect::<Vec<_>>();
    assert_eq!(times(&made), times(expected), "{feed}");
}

/// A site's own config says everything but what to read and how much to show.
fn built(dir: &Path, more: &str) -> Site {
    let config = format!("{more}[content]\ndir = {dir:?}\n[feeds]\nentries = \"all\"\n");
    let site = Site::with_config(&config);
    let output = site.run(&["build"]);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", crate::kit::said(&output));
    site
}

#[test]
fn jekyll() {
    let Some(sample) = shared("sites/jekyll") else { return };
    let site = built(&sample, "");
    compare(&site, "all.json", &expected(&sample.join("entries.jsonl")));
    compare(&site, "category/release.json", &expected(&sample.join("entries-release.jsonl")));
    let feed = site.feed("all.json");
    assert_eq!(feed["title"], "Jekyll • Simple, blog-aware, static sites");
    let summaries: std::collections::BTreeMap<&str, &str> = feed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["url"].as_str().unwrap(), item["summary"].as_str().unwrap_or("")))
        .collect();
    let entries = lines(&sample.join("entries.jsonl"));
    let told: Vec<_> = entries.iter().filter(|entry| entry["summary"].is_string()).collect();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let same = told.iter().filter(|entry| {
        words(entry["summary"].as_str().unwrap()) == summaries[entry["link"].as_str().unwrap()]
    });
    let same = same.count();
    assert!(same * 100 >= told.len() * 95, "{same} of {}", told.len());
}

#[test]
fn pelican() {
    let Some(sample) = shared("sites/twir") else { return };
    let site = built(&sample.join("content"), "");
    // The one article in reStructuredText.
    let is_read = |entry: &(String, String, i64)| !entry.0.ends_with("/state-of-rust-0.11.0/");
    for (feed, entries) in [
        ("all.json", "entries.jsonl"),
        ("category/rust.json", "entries-rust.jsonl"),
        ("category/misc.json", "entries-misc.jsonl"),
    ] {
        let entries = expected(&sample.join(entries)).into_iter().filter(is_read).collect();
        compare(&site, feed, &entries);
    }
    assert_eq!(site.feed("all.json")["authors"][0]["name"], "TWiR Contributors");
}

/// Small sites with one corner of their generator in each file, and what it made of them.
#[test]
fn corners_of_generators() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generators");
    for generator in
        ["hugo", "zola", "jekyll", "eleventy", "docusaurus", "hexo", "pelican", "astro"]
    {
        let dir = root.join(generator);
        // Eleventy's config says nothing of the site's address.
        let url = if generator == "eleventy" { "url = \"https://e.org/\"\n" } else { "" };
        let site = built(&dir, &format!("title = \"T\"\n{url}"));
        let output = site.run(&["check"]);
        let said = crate::kit::said(&output);
        assert!(said.contains(&format!("({generator} flavour)")), "{generator}: {said}");
        // Some generators write addresses as they are, others encoded.
        let bare = |(link, title, second): (String, String, i64)| {
            let link = link.replace("%20", " ").replace("%C3%89", "É");
            (link, title, second)
        };
        let mut have: Entries = made(&site, "all.json").into_iter().map(bare).collect();
        let want = expected(&dir.join("entries.jsonl"));
        let mut want: Entries = want.into_iter().map(bare).collect();
        have.sort();
        want.sort();
        assert_eq!(have, want, "{generator}");
    }
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
        compare(&site, feed, &expected(&sample.join(entries)));
    }
    let folders = std::fs::read_dir(sample.join("content")).unwrap();
    for folder in folders.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir()) {
        let name = folder.file_name().into_string().unwrap();
        assert!(site.path(&format!("feeds/category/{name}.atom")).exists(), "{name}");
    }
}
