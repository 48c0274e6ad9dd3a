//! Every document, read by parsers that did not write it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kit::{CONFIG, Site, said, skip, tree};

/// A site with everything that makes feeds break.
fn hard_site() -> Site {
    let config = CONFIG.replace(
        "[server]",
        "language = \"en\"\nlogo = \"/logo.png?a=1&b=2\"\nrights = \"© <me> & you\"\n\
         author = { name = \"Site & Author\", email = \"s@test.example\", url = \"https://test.example/me\" }\n\
         description = \"A <b>description</b> & more\"\n[feeds]\nby = [\"category\", \"tag\"]\n[server]",
    );
    let site = Site::with_config(&config);
    site.write(
        "a & b/control.md",
        "---\ntitle: \"Bell \\u0007 and \\u000b tab, & <b>bold</b> ]]> end \\uFFFE\"\ndate: 2024-01-05\n\
         tags: [\"a&b\", \"<c>\"]\nauthor: \"A & B <ab@test.example>\"\nimage: /i.png?x=1&y=2\n\
         enclosure: {url: \"/e.mp3?x=1&y=2\", length: 12}\n---\n\
         Form feed \u{c} and escape \u{1b} in the text ]]> & <em>so on</em>.\n",
    );
    site.write("vi/t.md", "---\ntitle: Đời sống 👍 𝄞\ndate: 2024-01-04T10:00:00+09:00\nlang: vi\ncategory: Đời sống\nauthors: [{name: Một, url: 'https://test.example/mot'}, Hai]\n---\nNội dung.\n");
    site.write("plain.txt", "Plain title\n\nPlain <text> & more.\n");
    site.write("page.html", "<html lang=en><head><title>Page & title</title><meta name=date content=2023-05-06></head><body><article><p>One paragraph that is long enough to be taken for the article's own text, surely.</p></article></body></html>");
    site.article("empty-category/x.md", "X", "2024-01-01");
    site
}

fn documents() -> BTreeMap<String, String> {
    let site = hard_site();
    site.build(0);
    site.remove("empty-category/x.md");
    site.build(0);
    texts(&site.path("feeds"))
}

/// Strict XML, and one meaning in all formats: `feed-rs` reads of each feed what its JSON says.
fn judge(documents: &BTreeMap<String, String>) {
    let mut checked = 0;
    for (path, text) in documents {
        let Some((stem, extension)) = path.rsplit_once('.') else { continue };
        if matches!(extension, "rss" | "atom" | "opml") {
            let parsed = roxmltree::Document::parse(text);
            parsed.unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
        }
        if !matches!(extension, "rss" | "atom" | "json") || path.starts_with('.') {
            continue;
        }
        let feed =
            feed_rs::parser::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{path}: {e}"));
        let json: serde_json::Value =
            serde_json::from_str(&documents[&format!("{stem}.json")]).unwrap();
        let items = json["items"].as_array().unwrap();
        assert_eq!(feed.entries.len(), items.len(), "{path}");
        for (entry, item) in feed.entries.iter().zip(items) {
            let text = |key: &str| item[key].as_str().unwrap();
            let second = |key: &str| text(key).parse::<jiff::Timestamp>().unwrap().as_second();
            assert_eq!(entry.id, text("id"), "{path}");
            assert_eq!(entry.title.as_ref().unwrap().content, text("title"), "{path}");
            assert!(entry.links.iter().any(|link| link.href == text("url")), "{path}");
            assert_eq!(entry.published.unwrap().timestamp(), second("date_published"), "{path}");
            if extension != "rss" {
                assert_eq!(entry.updated.unwrap().timestamp(), second("date_modified"), "{path}");
            }
        }
        checked += 1;
    }
    assert!(checked >= 6, "{checked}");
}

/// libxml2, and feedparser, which many readers and planets are built on, read every feed.
fn judge_elsewhere(dir: &Path) {
    let named = |extensions: &[&str]| -> Vec<PathBuf> {
        let wanted = |path: &&String| {
            let parts = path.rsplit_once('.');
            !path.starts_with('.') && parts.is_some_and(|(_, name)| extensions.contains(&name))
        };
        tree(dir).keys().filter(wanted).map(|path| dir.join(path)).collect()
    };
    let runs = |program: &str, args: &[&str]| {
        Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
    };
    if runs("xmllint", &["--version"]) {
        let files = named(&["rss", "atom", "opml"]);
        let output = Command::new("xmllint").arg("--noout").args(files).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    } else {
        skip("xmllint is not on this machine");
    }
    if !runs("python3", &["-c", "import feedparser"]) {
        skip("feedparser is not on this machine");
        return;
    }
    let script = "import sys, json, feedparser\n\
        out = []\n\
        for path in sys.argv[1:]:\n\
        \x20   feed = feedparser.parse(path)\n\
        \x20   assert not feed.bozo, (path, feed.bozo_exception)\n\
        \x20   out.append([[e.id, e.title, e.link] for e in feed.entries])\n\
        print(json.dumps(out))\n";
    let read = |extension: &str| -> serde_json::Value {
        let output = Command::new("python3")
            .args(["-c", script])
            .args(named(&[extension]))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (rss, atom) = (read("rss"), read("atom"));
    assert_eq!(rss, atom);
    for (feed, path) in rss.as_array().unwrap().iter().zip(named(&["json"])) {
        let json: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(
            feed.as_array().unwrap().len(),
            json["items"].as_array().unwrap().len(),
            "{path:?}"
        );
    }
}

fn texts(dir: &Path) -> BTreeMap<String, String> {
    let files = tree(dir).into_iter();
    files.map(|(path, bytes)| (path, String::from_utf8(bytes).expect("UTF-8"))).collect()
}

#[test]
fn every_feed_of_the_hard_site_passes() {
    let site = hard_site();
    site.build(0);
    judge(&texts(&site.path("feeds")));
    judge_elsewhere(&site.path("feeds"));
}

#[test]
fn every_committed_feed_passes() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sites = vec![repository.to_path_buf()];
    let fixtures = std::fs::read_dir(repository.join("tests/sites")).unwrap();
    sites.extend(fixtures.map(|entry| entry.unwrap().path()));
    for site in sites {
        judge(&texts(&site.join("feeds")));
        judge_elsewhere(&site.join("feeds"));
    }
}

#[test]
fn rss_has_what_readers_use() {
    let documents = documents();
    let document = roxmltree::Document::parse(&documents["all.rss"]).unwrap();
    let channel = document.root_element().first_element_child().unwrap();
    let child = |node: roxmltree::Node, name: &str| {
        node.children()
            .find(|n| n.tag_name().name() == name)
            .and_then(|n| n.text())
            .map(str::to_string)
    };
    let own_link = document
        .descendants()
        .find(|node| node.has_tag_name(("http://www.w3.org/2005/Atom", "link")))
        .unwrap();
    assert_eq!(own_link.attribute("rel"), Some("self"));
    assert_eq!(own_link.attribute("href"), Some("http://localhost:0/all.rss"));
    assert_eq!(child(channel, "ttl").as_deref(), Some("5"));
    assert_eq!(child(channel, "language").as_deref(), Some("en"));
    assert_eq!(child(channel, "copyright").as_deref(), Some("© <me> & you"));
    let item = document
        .descendants()
        .find(|node| node.has_tag_name("item") && child(*node, "title").unwrap().contains("Bell"))
        .unwrap();
    assert_eq!(child(item, "title").unwrap(), "Bell and tab, & <b>bold</b> ]]> end");
    assert_eq!(child(item, "creator").as_deref(), Some("A & B"));
    let categories: Vec<_> = item
        .children()
        .filter(|node| node.has_tag_name("category"))
        .map(|node| (node.text().unwrap(), node.attribute("domain")))
        .collect();
    let domain = Some("http://localhost:0/category/");
    assert_eq!(categories, [("a & b", domain), ("a&b", None), ("<c>", None)]);
    let guid = item.children().find(|node| node.has_tag_name("guid")).unwrap();
    assert_eq!(guid.attribute("isPermaLink"), Some("false"));
    let enclosure = item.children().find(|node| node.has_tag_name("enclosure")).unwrap();
    assert_eq!(enclosure.attribute("url"), Some("https://test.example/e.mp3?x=1&y=2"));
    assert_eq!(enclosure.attribute("length"), Some("12"));
    assert_eq!(enclosure.attribute("type"), Some("audio/mpeg"));
    let thumbnail = item.children().find(|node| node.tag_name().name() == "thumbnail").unwrap();
    assert_eq!(thumbnail.attribute("url"), Some("https://test.example/i.png?x=1&y=2"));
    assert_eq!(child(item, "pubDate").as_deref(), Some("Fri, 5 Jan 2024 00:00:00 +0700"));
    assert!(child(item, "encoded").unwrap().contains("<em>so on</em>"));
    // Readers take it for HTML: a text is escaped once more than XML asks.
    assert!(child(item, "description").unwrap().contains("]]&gt; &amp; so on."));
}

#[test]
fn atom_follows_its_rules() {
    let documents = documents();
    const ATOM: &str = "http://www.w3.org/2005/Atom";
    let document = roxmltree::Document::parse(&documents["all.atom"]).unwrap();
    let feed = document.root_element();
    assert_eq!(feed.attribute(("http://www.w3.org/XML/1998/namespace", "lang")), Some("en"));
    let text = |node: roxmltree::Node, name: &str| {
        node.children()
            .find(|n| n.has_tag_name((ATOM, name)))
            .and_then(|n| n.text())
            .map(str::to_string)
    };
    assert_eq!(text(feed, "logo").as_deref(), Some("https://test.example/logo.png?a=1&b=2"));
    assert_eq!(text(feed, "id").as_deref(), Some("tag:test.example,2026:feed:all"));
    assert_eq!(text(feed, "rights").as_deref(), Some("© <me> & you"));
    assert_eq!(text(feed, "subtitle").as_deref(), Some("A <b>description</b> & more"));
    let rels: Vec<_> = feed
        .children()
        .filter(|node| node.has_tag_name((ATOM, "link")))
        .filter_map(|node| node.attribute("rel"))
        .collect();
    assert_eq!(rels, ["self", "alternate"]);
    let newest = feed
        .children()
        .filter(|node| node.has_tag_name((ATOM, "entry")))
        .filter_map(|entry| text(entry, "updated"))
        .map(|date| date.parse::<jiff::Timestamp>().unwrap())
        .max();
    let updated: jiff::Timestamp = text(feed, "updated").unwrap().parse().unwrap();
    assert!(updated >= newest.unwrap());
    let vietnamese = feed
        .children()
        .find(|node| {
            node.has_tag_name((ATOM, "entry")) && text(*node, "title").unwrap().contains("Đời")
        })
        .unwrap();
    assert_eq!(text(vietnamese, "summary").as_deref(), Some("Nội dung."));
    assert_eq!(text(vietnamese, "published").as_deref(), Some("2024-01-04T08:00:00+07:00"));
    let content = vietnamese.children().find(|node| node.has_tag_name((ATOM, "content"))).unwrap();
    assert_eq!(content.attribute("type"), Some("html"));
    assert_eq!(content.attribute(("http://www.w3.org/XML/1998/namespace", "lang")), Some("vi"));
    let category =
        vietnamese.children().find(|node| node.has_tag_name((ATOM, "category"))).unwrap();
    assert_eq!(category.attribute("term"), Some("doi-song"));
    assert_eq!(category.attribute("label"), Some("Đời sống"));
    let authors = vietnamese.children().filter(|node| node.has_tag_name((ATOM, "author")));
    assert_eq!(authors.count(), 2);
    // No two feeds share an id.
    let ids: Vec<String> = documents
        .iter()
        .filter(|(path, _)| path.ends_with(".atom"))
        .map(|(_, text_of)| {
            let document = roxmltree::Document::parse(text_of).unwrap();
            text(document.root_element(), "id").unwrap()
        })
        .collect();
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
}

#[test]
fn json_feed_has_what_readers_use() {
    let documents = documents();
    let feed: serde_json::Value = serde_json::from_str(&documents["all.json"]).unwrap();
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(feed["feed_url"], "http://localhost:0/all.json");
    assert_eq!(feed["icon"], "https://test.example/logo.png?a=1&b=2");
    assert_eq!(feed["authors"][0]["url"], "https://test.example/me");
    let item = |title: &str| {
        let items = feed["items"].as_array().unwrap().iter();
        items.clone().find(|item| item["title"].as_str().unwrap().contains(title)).unwrap()
    };
    let bell = item("Bell");
    assert_eq!(bell["tags"], serde_json::json!(["a & b", "a&b", "<c>"]));
    assert_eq!(bell["image"], "https://test.example/i.png?x=1&y=2");
    let attachment = &bell["attachments"][0];
    assert_eq!(attachment["url"], "https://test.example/e.mp3?x=1&y=2");
    assert_eq!(attachment["mime_type"], "audio/mpeg");
    assert_eq!(attachment["size_in_bytes"], 12);
    let vietnamese = item("Đời");
    assert_eq!(vietnamese["language"], "vi");
    let people =
        serde_json::json!([{"name": "Một", "url": "https://test.example/mot"}, {"name": "Hai"}]);
    assert_eq!(vietnamese["authors"], people);
}

#[test]
fn opml_lists_every_feed() {
    let documents = documents();
    let opml = roxmltree::Document::parse(&documents["feeds.opml"]).unwrap();
    let urls: Vec<&str> = opml
        .descendants()
        .filter(|node| node.has_tag_name("outline"))
        .map(|node| node.attribute("xmlUrl").unwrap())
        .collect();
    let feeds = documents.keys().filter(|path| path.ends_with(".atom")).count();
    assert_eq!(urls.len(), feeds);
    assert!(urls.contains(&"http://localhost:0/category/doi-song.atom"), "{urls:?}");
    // And so does the page for people, in every format, for readers to find too.
    let page = &documents["index.html"];
    let formats = [("rss", "rss+xml"), ("atom", "atom+xml"), ("json", "feed+json")];
    for url in urls {
        for (extension, media_type) in formats {
            let url = format!("{}.{extension}", url.strip_suffix(".atom").unwrap());
            let link = |line: &str| {
                line.starts_with("<link rel=\"alternate\"")
                    && line.contains(&format!("type=\"application/{media_type}\""))
                    && line.contains(&format!("href=\"{url}\""))
            };
            assert!(page.lines().any(link), "{url} is not in {page}");
            assert!(page.contains(&format!("<a href=\"{url}\">")), "{url} is not in {page}");
        }
    }
}
