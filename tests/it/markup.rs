//! Promise 9: no script, style or tracker of an article reaches a reader.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use roxmltree::{Document, Node};
use serde_json::{Value, json};

use crate::kit::{CONFIG, Site, report, skip};

/// What html5lib sees in a fragment, which is none of the parsers that the product uses.
const JUDGE: &str = include_str!("markup.py");
/// Where it gives up: it asserts what markup of this kind does not keep.
const GIVEN_UP: &str = "?";

/// Addresses that no feed may hold.
const ADDRESSES: &[&str] = &[
    "javascript:alert(1)",
    " java\tscript:alert(1)",
    "JAVASCRIPT://x.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://evil.example/1",
    "view-source:https://evil.example/",
];

/// Markup that acts, or counts, in one program or another.
fn fragments() -> Vec<String> {
    let lines = include_str!("../vectors/active.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn site() -> Site {
    Site::with_config(&format!("{CONFIG}[feeds]\nentries = \"all\"\n"))
}

/// Of each fragment: what acts or counts in it, and how many images are to be seen.
struct Judgement {
    found: Vec<String>,
    images: usize,
}

/// `None` where html5lib is missing.
fn judge(fragments: &[&str]) -> Option<Vec<Judgement>> {
    let has = Command::new("python3").args(["-c", "import html5lib"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        skip("html5lib is not on this machine");
        return None;
    }
    let mut child = Command::new("python3")
        .args(["-c", JUDGE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It writes nothing before it has read all.
    let text = serde_json::to_vec(fragments).unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let judged: Vec<(Vec<String>, usize)> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(judged.len(), fragments.len());
    Some(judged.into_iter().map(|(found, images)| Judgement { found, images }).collect())
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// What readers of one format are given of an entry.
#[derive(Debug, Default, PartialEq)]
struct Shown {
    title: String,
    /// Plain text, but in RSS.
    summary: String,
    body: String,
}

type Entries = BTreeMap<String, Shown>;

fn json_entries(feed: &Value) -> Entries {
    let shown = |item: &Value| {
        let text = |key: &str| item[key].as_str().unwrap_or("").to_string();
        let shown =
            Shown { title: text("title"), summary: text("summary"), body: text("content_html") };
        (text("url"), shown)
    };
    feed["items"].as_array().unwrap().iter().map(shown).collect()
}

fn xml_entries(site: &Site, path: &str, names: [&str; 4]) -> Entries {
    let text = std::fs::read_to_string(site.path("feeds").join(path)).unwrap();
    let feed = Document::parse(&text).unwrap();
    let mut entries = Entries::new();
    for node in feed.descendants().filter(|node| node.tag_name().name() == names[0]) {
        let text = |name| child(node, name).and_then(|node| node.text()).unwrap_or("").to_string();
        let link = child(node, "link").unwrap();
        let link = link.attribute("href").or(link.text()).unwrap().to_string();
        assert_eq!(child(node, names[1]).unwrap().attribute("type"), None, "a title is plain text");
        let [_, title, summary, body] = names.map(text);
        entries.insert(link, Shown { title, summary, body });
    }
    entries
}

fn atom_entries(site: &Site) -> Entries {
    xml_entries(site, "all.atom", ["entry", "title", "summary", "content"])
}

fn rss_entries(site: &Site) -> Entries {
    xml_entries(site, "all.rss", ["item", "title", "description", "encoded"])
}

/// The bodies that a site shows, the same in each of its feeds, by address.
fn bodies(site: &Site) -> BTreeMap<String, String> {
    let json = json_entries(&site.feed("all.json"));
    for others in [atom_entries(site), rss_entries(site)] {
        assert_eq!(others.len(), json.len());
        for (link, shown) in &json {
            assert_eq!(others[link].body, shown.body, "{link}");
        }
    }
    json.into_iter().map(|(link, shown)| (link, shown.body)).collect()
}

fn front_matter(name: &str) -> String {
    format!("---\ntitle: Article {name}\ndate: 2024-01-01\n---\n")
}

/// The files that a fragment is the body of: all ways to read one.
fn files(at: usize, fragment: &str) -> [(String, String); 3] {
    let text = "A paragraph of some length, which is what makes an article of a page, or so they say, \
                and which has commas, too.";
    let page = format!(
        "<!doctype html><html><head><title>Page {at}</title><meta name=date content=2024-01-01>\
         </head><body><article><p>{text}</p>{fragment}<p>And more: {text}</p></article></body></html>"
    );
    let [html, markdown, page_name] = ["h", "m", "p"].map(|kind| format!("{kind}{at}"));
    [
        (format!("{html}.html"), front_matter(&html) + fragment),
        (format!("{markdown}.md"), front_matter(&markdown) + fragment),
        (format!("{page_name}.html"), page),
    ]
}

fn address(file: &str) -> String {
    format!("https://test.example/{}/", file.rsplit_once('.').unwrap().0)
}

#[test]
fn nothing_that_acts_or_counts_reaches_a_reader() {
    let fragments = fragments();
    let rendered = |fragment: &String| {
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(fragment));
        html
    };
    let marked: Vec<String> = fragments.iter().map(rendered).collect();
    let all: Vec<&str> = fragments.iter().chain(&marked).map(String::as_str).collect();
    let Some(before) = judge(&all) else { return };
    let (as_html, as_markdown) = before.split_at(fragments.len());
    let acts = |judgement: &Judgement| judgement.found.iter().any(|found| found != GIVEN_UP);
    let active = as_html.iter().zip(as_markdown).filter(|(a, b)| acts(a) || acts(b)).count();
    let site = site();
    for (at, fragment) in fragments.iter().enumerate() {
        for (name, text) in files(at, fragment) {
            site.write(&name, text);
        }
    }
    // A zero byte makes a file no article; that the others are read without a word is asserted.
    let zeros = fragments.iter().filter(|fragment| fragment.contains('\0')).count();
    let said = site.build(1);
    let told = said.lines().filter(|line| line.contains("there is a zero byte")).count();
    assert_eq!(told, 3 * zeros, "{said}");
    let bodies = bodies(&site);
    assert_eq!(bodies.len(), 3 * (fragments.len() - zeros));
    let cleaned: Vec<&str> = bodies.values().map(String::as_str).collect();
    let after = judge(&cleaned).unwrap();
    let after: BTreeMap<&String, &Judgement> = bodies.keys().zip(&after).collect();
    let mut wrong = Vec::new();
    for (at, fragment) in fragments.iter().enumerate() {
        for (name, _) in files(at, fragment) {
            let link = address(&name);
            let Some(judged) = after.get(&link) else { continue };
            let before = if name.ends_with(".md") { &as_markdown[at] } else { &as_html[at] };
            let counts = before.found.iter().any(|found| found.contains("not to be seen"));
            if !judged.found.is_empty() || (counts && judged.images > before.images) {
                wrong.push(format!(
                    "{name}: {fragment:?} → {:?}: {:?}",
                    bodies[&link], judged.found
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    report(&format!(
        "{} bodies of {} fragments; {active} of these act or count as they are",
        bodies.len(),
        fragments.len()
    ));
    // What is left is text that only broken readers would take for markup.
    assert!(active * 10 > fragments.len() * 8, "{active}");
    twice_is_once(&bodies);
}

/// What the gate let through passes it as it is: what it looked at is what a reader's parser sees.
fn twice_is_once(bodies: &BTreeMap<String, String>) {
    let again = site();
    for (link, body) in bodies {
        let name = link.trim_end_matches('/').rsplit('/').next().unwrap();
        again.write(&format!("{name}.html"), front_matter(name) + body);
    }
    again.build(0);
    let twice = self::bodies(&again);
    assert_eq!(twice.len(), bodies.len());
    let wrong = bodies.iter().filter(|(link, body)| twice[*link].trim() != body.trim());
    let wrong: Vec<_> = wrong.map(|(link, body)| format!("{body:?} → {:?}", twice[link])).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every address in a feed that a reader may follow or load.
fn addresses(site: &Site) -> Vec<String> {
    fn of_value(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| of_value(value, found)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        Value::String(text) if key.ends_with("url") || key == "image" => {
                            found.push(text.clone());
                        }
                        value => of_value(value, found),
                    }
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    of_value(&site.feed("all.json"), &mut found);
    for path in ["all.atom", "all.rss"] {
        let text = std::fs::read_to_string(site.path("feeds").join(path)).unwrap();
        let feed = Document::parse(&text).unwrap();
        for node in feed.descendants() {
            let named = node.attributes().filter(|a| ["href", "url"].contains(&a.name()));
            found.extend(named.map(|attribute| attribute.value().to_string()));
            if ["link", "uri", "comments"].contains(&node.tag_name().name()) {
                found.extend(node.text().map(str::to_string));
            }
        }
    }
    found.retain(|address| !address.trim().is_empty());
    found
}

/// Titles, summaries, names and addresses come from the same hands as bodies.
#[test]
fn fields_are_text_and_addresses_lead_to_the_web() {
    let fragments = fragments();
    let site = site();
    for (at, fragment) in fragments.iter().enumerate() {
        let bad = ADDRESSES[at % ADDRESSES.len()];
        let fields = json!({
            "title": fragment, "summary": fragment, "date": "2024-01-01", "tags": [fragment],
            "authors": [{"name": fragment, "url": bad}], "image": bad, "enclosure": {"url": bad},
        });
        site.write(&format!("t{at}.md"), format!("{fields}\n\nText.\n"));
    }
    site.run(&["build"]);
    let (json, atom, rss) =
        (json_entries(&site.feed("all.json")), atom_entries(&site), rss_entries(&site));
    assert_eq!(json.len(), fragments.len());
    for (link, shown) in &json {
        assert_eq!(atom[link].title, shown.title, "{link}");
        assert_eq!(rss[link].title, shown.title, "{link}");
        assert_eq!(atom[link].summary, shown.summary, "{link}");
    }
    let wrong: Vec<String> = addresses(&site)
        .into_iter()
        .filter(|address| !address.starts_with("https://") && !address.starts_with("http://"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    // The one field that readers take for HTML.
    let summaries: Vec<&str> = rss.values().map(|shown| shown.summary.as_str()).collect();
    let Some(judged) = judge(&summaries) else { return };
    for (summary, judged) in summaries.iter().zip(judged) {
        assert!(judged.found.is_empty(), "{summary:?}: {:?}", judged.found);
        assert_eq!(judged.images, 0, "{summary:?}");
    }
}

/// The page that lists the feeds names them as articles do.
#[test]
fn the_list_of_feeds_holds_no_markup_of_articles() {
    let page = |categories: &[String]| {
        let site = Site::new();
        for (at, category) in categories.iter().enumerate() {
            let fields = json!({"title": "T", "date": "2024-01-01", "category": category});
            site.write(&format!("c{at}.md"), format!("{fields}\n\nText.\n"));
        }
        site.run(&["build"]);
        std::fs::read_to_string(site.path("feeds/index.html")).unwrap()
    };
    let hostile: Vec<String> = fragments().into_iter().take(60).collect();
    let pages = [page(&["News".to_string()]), page(&hostile)];
    assert!(pages[1].contains("alert(1)"), "{}", pages[1]);
    let Some(judged) = judge(&pages.each_ref().map(String::as_str)) else { return };
    assert_eq!(judged[0].found, judged[1].found);
}
