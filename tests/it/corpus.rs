//! Promise 10: nothing that a file holds can stop the daemon. Files that are as bad as files get,
//! made here from a seed: patterns that cost parsers most, trouble of each notation, and good
//! articles that were cut, doubled, spliced and sprinkled with bytes.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::dice::Dice;
use crate::kit::{CONFIG, Daemon, Site, figure, report, said};

/// What cost some CommonMark parser more than it should (its own pathological tests, and others).
fn pathological() -> Vec<String> {
    let n = 10_000;
    let around = |left: &str, middle: &str, right: &str| left.repeat(n) + middle + &right.repeat(n);
    let mut references = String::new();
    for number in 0..n {
        writeln!(references, "[{number}]: /{number}").unwrap();
    }
    let mut backticks = String::new();
    for length in 1..250 {
        backticks += &format!("e{}", "`".repeat(length));
    }
    vec![
        around("*a **a ", "b", " a** a*"),
        around("", "", "a**"),
        around("", "", "_a"),
        around("", "", "[a"),
        around("[", "a", "]"),
        around("", "", "[a](<b"),
        around("", "", "![[]()"),
        around("", "", "*a_ "),
        around("**x [a*b**c*](d) ", "", ""),
        around("> ", "a", ""),
        around("* ", "a", ""),
        around("", "", "&#x"),
        around("", "", "<!--"),
        around("", "", "<?"),
        around("", "", "<!A "),
        around("", "", "<![CDATA["),
        around("", "", "<a href=\""),
        around("<div>\n", "x", "</div>\n"),
        around("<b>", "x", ""),
        around("<table><tr><td>", "x", ""),
        around("<svg><math>", "x", ""),
        around("", "", "a|"),
        "|a".repeat(2_000) + "|\n" + &"|-".repeat(2_000) + "|\n" + &"|b".repeat(2_000),
        around("", "", "\\[a\\]"),
        around("", "", "a<"),
        "~".repeat(n),
        "- \n".repeat(n),
        "    ".repeat(n),
        "\t>".repeat(n),
        references.clone() + &"[1][2]".repeat(n),
        backticks,
        "[^1]: a\n".repeat(n),
        "{{< x ".repeat(n),
        "{% if a %}".repeat(n),
        "<X a={".repeat(n),
        "a\n===\n".repeat(n),
        "[a]: ".to_string() + &"<".repeat(n),
        "\u{0}".repeat(n),
        "\u{202E}\u{FEFF}\u{2028}".repeat(3_000),
        "\r".repeat(n),
        "http://".repeat(n),
        "a@b.".repeat(n),
        format!("<p {}>x</p>", (0..n).map(|at| format!("a{at}=b ")).collect::<String>()),
        format!("<p title=\"{}\">x</p>", "&amp;".repeat(n)),
    ]
}

/// Front matter that is wrong, odd, or a trap.
fn front_matters() -> Vec<String> {
    let laughs = (0..20).fold("a0: &a0 x\n".to_string(), |text, at| {
        let next = at + 1;
        text + &format!("a{next}: &a{next} [{}]\n", vec![format!("*a{at}"); 10].join(", "))
    });
    let yaml = [
        laughs.as_str(),
        "a: *nothing",
        "&a a: &a b",
        "<<: *x",
        "<<: [1, 2]",
        "title: [",
        "title: {a: b",
        "title: 'x",
        "title: \"x",
        "\ttitle: x",
        "title:\n\t- x",
        "title: x\n title: y",
        "title: x\ntitle: y",
        "? [a, b]\n: c",
        "? \n: ",
        "!!binary title: x",
        "title: !!binary \"====\"",
        "title: !<tag:x> y",
        "%YAML 9.9\n---\ntitle: x",
        "--- |\n x",
        "title: |5\n x",
        "title: >-\n",
        "title: 0x1F",
        "title: .inf",
        "title: ~",
        "title: 99999999999999999999999999",
        "date: 2024-02-30",
        "date: 0000-00-00",
        "date: 99999-01-01",
        "date: [2024]",
        "date: {a: b}",
        "date: 2024-01-01T99:99:99+99:99",
        "tags: {a: {b: {c: [d]}}}",
        "categories: [[[[[[a]]]]]]",
        "draft: maybe",
        "title: \"\\u{D800}\"",
        "title: \"\\uD800\"",
        "title: \"\\x\"",
        "- a\n- b",
        "just words",
        "42",
        "null",
        "",
        "#",
        "a: b: c: d",
        "title: a\n...\nmore: b",
        "title: @x",
        "title: `x`",
        "title: %x",
        "{title: x}",
        "[a]: b",
        "'a': b\n'a': c",
        "title: \u{85}x",
        "\u{feff}title: x",
        "title: x\u{0}",
        "id: [1]",
        "url: {a: 1}",
        "aliases: 7",
        "weight: x",
    ];
    let toml = [
        "title = ",
        "title = 'x",
        "[a",
        "[[a]]\n[a]",
        "a = 1\na = 2",
        "a.b = 1\na = 2",
        "date = 2024-02-30",
        "x = 99999999999999999999",
        "x = \"\\uD800\"",
        "= x",
        "a = {b = 1",
        "a = [1, \"x\"",
        "title = 7",
        "[title]",
    ];
    let json = [
        "{\"title\": }",
        "{\"title\": \"x\"",
        "{\"a\": \"\\ud800\"}",
        "{\"title\": [[[[]]]]}",
        "{}",
        "{\"title\": 1e999}",
        "{\"title\": \"x\",}",
        "{'title': 'x'}",
    ];
    let deep = "[".repeat(20_000);
    let mut all: Vec<String> =
        yaml.iter().map(|text| format!("---\n{text}\n---\n\nA body.\n")).collect();
    all.extend(yaml.iter().map(|text| format!("---\n{text}\n")));
    all.extend(toml.iter().map(|text| format!("+++\n{text}\n+++\n\nA body.\n")));
    all.extend(json.iter().map(|text| format!("{text}\n\nA body.\n")));
    all.push(format!("---\na: {deep}\n---\n\nx\n"));
    all.push(format!("+++\na = {deep}\n+++\n\nx\n"));
    all.push(format!("{{\"a\": {deep}}}\n\nx\n"));
    all.push(format!("---\n{}---\n\nx\n", "a:\n ".repeat(5_000)));
    all
}

const GOOD: &[(&str, &str)] = &[
    (
        "md",
        "---\ntitle: \"A title\"\ndate: 2024-01-02 10:00:00 +07:00\ntags: [a, b]\ncategories:\n  - News\n  - World\n---\n\n# Heading\n\nSome *words* with a [link](other.md) and an ![image](a.png).\n\n```rust\nfn main() {}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    ),
    (
        "md",
        "+++\ntitle = \"Another\"\ndate = 2024-01-02T00:00:00Z\n[taxonomies]\ntags = [\"x\"]\n+++\n\nText, <b>HTML</b> & more.\n\n> A quotation\n\n<!--more-->\n\nThe rest.[^1]\n\n[^1]: A note.\n",
    ),
    ("md", "{\n  \"title\": \"JSON\",\n  \"date\": \"2024-01-02\"\n}\n\nA body of JSON's.\n"),
    (
        "html",
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>A page - Site</title><meta property=\"og:title\" content=\"A page\"><script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\"headline\":\"A page\",\"datePublished\":\"2024-01-02\"}</script></head><body><nav><a href=/>Home</a></nav><article><h1>A page</h1><p>First paragraph with enough words to be read as the body of an article.</p><p>Second paragraph, &eacute;t&eacute;, with more of them.</p></article><footer>Foot</footer></body></html>",
    ),
    (
        "txt",
        "A TITLE OF A TEXT\n\nBy Somebody\n2 January 2024\n\nThe first paragraph of a text has some sentences. They end with full stops.\n\nThe second one, too, goes on for a while, and ends.\n",
    ),
];

/// The name of a kind of file, and bytes that were a good article.
fn mutated(dice: &mut Dice) -> (&'static str, Vec<u8>) {
    let (kind, text) = GOOD[dice.throw(GOOD.len())];
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.throw(5) {
        let at = dice.throw(bytes.len());
        match dice.throw(7) {
            0 => bytes.truncate(at),
            1 => {
                let (_, other) = GOOD[dice.throw(GOOD.len())];
                let from = dice.throw(other.len());
                bytes.splice(at..at, other.as_bytes()[from..].iter().copied());
            }
            2 => {
                let end = (at + dice.throw(40)).min(bytes.len());
                let part = bytes[at..end].repeat(1 + dice.throw(200));
                bytes.splice(at..at, part);
            }
            3 => drop(bytes.drain(at..(at + dice.throw(30)).min(bytes.len()))),
            4 => bytes
                .insert(at, [0, 0xFF, 0x80, 0xC0, b'\r', b'"', b'<', b'&', b'\t'][dice.throw(9)]),
            5 => bytes.splice(at..at, [0xEF, 0xBB, 0xBF]).for_each(drop),
            _ if bytes.is_empty() => {}
            _ => {
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 1 << dice.throw(8);
            }
        }
    }
    if dice.throw(20) == 0 {
        let units = String::from_utf8_lossy(&bytes).encode_utf16().collect::<Vec<_>>();
        bytes = [0xFF, 0xFE]
            .into_iter()
            .chain(units.iter().flat_map(|unit| unit.to_le_bytes()))
            .collect();
    }
    (kind, bytes)
}

/// YAML's own test suite, each case between the marks of a front matter. Those of which nothing is
/// said are read as they were meant: a tab, or a continuation, that is not indented as it must be.
const YAML: &str = include_str!("../vectors/yaml.json");
const LENIENT: &[&str] = &["4EJS", "9C9N", "DK95-01", "QB6E", "Y79Y-000"];

/// Path → the case's text; the right ones in one folder, the wrong ones in another.
fn yaml() -> BTreeMap<String, String> {
    let suite: serde_json::Value = serde_json::from_str(YAML).unwrap();
    let mut files = BTreeMap::new();
    for folder in ["right", "wrong"] {
        for (name, text) in suite[folder].as_object().unwrap() {
            let text = text.as_str().unwrap();
            // Its own mark at the start would end the front matter.
            let text = text.strip_prefix("---\n").unwrap_or(text);
            let path = format!("yaml/{folder}/{}.md", name.replace('/', "-"));
            files.insert(path, format!("---\n{text}\n---\n\nThe body of {name}.\n"));
        }
    }
    files
}

/// Path → bytes, from a seed.
fn corpus(count: usize) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let head = "---\ntitle: P\ndate: 2024-01-01\n---\n\n";
    for (number, text) in pathological().into_iter().enumerate() {
        files.insert(format!("pathological/{number}.md"), format!("{head}{text}\n").into_bytes());
        files.insert(format!("pathological/{number}.html"), text.clone().into_bytes());
        files.insert(format!("pathological/{number}.txt"), text.into_bytes());
    }
    for (number, text) in front_matters().into_iter().enumerate() {
        files.insert(format!("front/{number}.md"), text.clone().into_bytes());
        files.insert(format!("front/{number}.html"), text.into_bytes());
    }
    files.extend(yaml().into_iter().map(|(path, text)| (path, text.into_bytes())));
    let mut dice = Dice::new(1);
    for number in files.len()..count.max(files.len() + 1) {
        let (kind, bytes) = mutated(&mut dice);
        files.insert(format!("mutated/{}/{number}.{kind}", number % 10), bytes);
    }
    files
}

fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// By parsers of other makes.
fn check_feeds(site: &Site) -> usize {
    let mut count = 0;
    for (path, bytes) in crate::kit::tree(&site.path("feeds")) {
        let text = std::str::from_utf8(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
        if path.ends_with(".json") {
            serde_json::from_str::<serde_json::Value>(text)
                .unwrap_or_else(|error| panic!("{path}: {error}"));
        } else if path.ends_with(".rss") || path.ends_with(".atom") {
            assert!(text.chars().all(is_legal), "{path}: a character that XML has not");
            roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            feed_rs::parser::parse(&bytes[..]).unwrap_or_else(|error| panic!("{path}: {error}"));
            count += 1;
        }
    }
    count
}

/// What was said of files, each line once; a line that came twice is a failure.
fn told_once(said: &str) -> usize {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    let is_of = |line: &str| ["front/", "yaml/", "mutated/"].iter().any(|at| line.contains(at));
    for line in said.lines().filter(|line| is_of(line)) {
        // Of a daemon's line, what comes after its time.
        let line =
            line.split_once("Z  WARN ").or(line.split_once("Z ERROR ")).map_or(line, |l| l.1);
        *lines.entry(line).or_default() += 1;
    }
    let twice: Vec<_> = lines.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "told twice: {twice:#?}");
    lines.len()
}

#[test]
fn thousands_of_bad_files() {
    let config = format!("{CONFIG}\n[feeds]\nentries = \"all\"\nmax_bytes = 1000000000\n");
    let site = Site::with_config(&config);
    site.article("good.md", "Good", "2024-05-05");
    let files = corpus(figure(2_000, 20_000));
    for (path, bytes) in &files {
        site.write(path, bytes);
    }
    let output = site.run(&["build"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in ["panicked", "fault of syndic's own"] {
        assert!(!said.contains(word), "{word}: {said}");
    }
    let told = told_once(&said);
    assert!(told > 100, "hardly anything was told of: {said}");
    for (path, word) in [("front/5.md", "front/5.md"), ("front/8.md", "front/8.md")] {
        assert!(said.contains(word), "nothing is said of {path}: {said}");
    }
    let lenient = |path: &str| LENIENT.iter().any(|name| path.contains(name));
    for path in yaml().into_keys().filter(|path| path.contains("wrong")) {
        assert_ne!(said.contains(&path), lenient(&path), "{path}: {said}");
    }
    let titles = crate::kit::titles(&site.feed("all.json"));
    assert!(titles.iter().any(|title| title == "Good"));
    let feeds = check_feeds(&site);
    report(&format!(
        "{} bad files, {} articles made of them, {told} problems told, {feeds} XML feeds valid",
        files.len(),
        titles.len()
    ));
}

/// A running daemon takes them one by one, and tells of each once.
#[test]
fn a_daemon_outlives_bad_files() {
    let config = format!("{CONFIG}\n[content]\nrescan = 1\n[feeds]\nentries = \"all\"\n");
    let site = Site::with_config(&config);
    site.article("good.md", "Good", "2024-05-05");
    let daemon = site.serve();
    let alive = |daemon: &Daemon, number: usize| {
        let title = format!("Good {number}");
        site.article("good.md", &title, "2024-05-05");
        daemon.until(&title, |daemon| {
            let response = daemon.get("/all.json");
            String::from_utf8_lossy(&response.body).contains(&format!("{title}\""))
        });
    };
    let files = corpus(figure(600, 3_000));
    for (number, (path, bytes)) in files.iter().enumerate().filter(|(at, _)| at % 5 == 0) {
        match number % 2 {
            0 => site.write(path, bytes),
            _ => {
                site.write(".saving", bytes);
                site.rename(".saving", path);
            }
        }
        if number % 50 == 0 {
            alive(&daemon, number);
        }
    }
    alive(&daemon, 1_000_000);
    let said = daemon.said();
    assert!(!said.contains("panicked") && !said.contains("fault of syndic's own"), "{said}");
    let told = told_once(&said);
    assert!(told > 20, "{said}");
    daemon.stop();
    check_feeds(&site);
}
