//! Promise 9: no script, style or tracker of an article reaches a reader. What passed the gate is
//! read by a parser of another make than the gate's own.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::kit::{CONFIG, Site, report, skip};

/// Reads a JSON list of fragments, and prints for each what in it could act, as html5lib sees it.
const JUDGE: &str = r#"
import json, re, sys
import html5lib
ACTIVE = set('''script style link meta base iframe frame frameset object embed applet form input
button select textarea svg math template noscript audio video source track portal param title
xml animate set foreignobject annotation-xml dialog keygen marquee slot'''.split())
URLS = set('href src action formaction data poster background cite longdesc usemap xlink:href ping srcset'.split())
def faults(node):
    for element in node.iter():
        if not isinstance(element.tag, str):
            yield 'comment' if element is not node else 'no element'
            continue
        name = element.tag.split('}')[-1].lower()
        if name in ACTIVE: yield 'element ' + name
        attributes = {str(k).split('}')[-1].lower(): v for k, v in element.attrib.items()}
        for key, value in attributes.items():
            if key.startswith('on') or key in ('style', 'srcdoc', 'ping', 'http-equiv', 'formaction', 'autofocus', 'hidden'):
                yield 'attribute ' + key
            if key in URLS:
                scheme = re.sub(r'[\x00-\x20\u00a0\u200b-\u200f\ufeff]', '', value).lower().split(':')[0] if ':' in value else ''
                if scheme not in ('', 'http', 'https', 'mailto', 'tel', 'ftp', 'xmpp', 'irc', 'magnet', 'geo',
                                  'news', 'nntp', 'sip', 'sips', 'sms', 'ssh', 'webcal', 'bitcoin', 'im',
                                  'mms', 'mumble', 'openpgp4fpr', 'svn', 'callto', 'feed', 'wtai', 'ircs', 'sftp', 'git', 'url'):
                    yield 'scheme ' + scheme
        if name == 'img':
            for side in ('width', 'height'):
                size = re.match(r'\s*([0-9.]+)\s*(px)?\s*$', attributes.get(side, ''))
                if size and float(size.group(1)) <= 1: yield 'pixel'
parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder('etree'), namespaceHTMLElements=False)
out = []
for fragment in json.load(sys.stdin):
    out.append(sorted(set(faults(parser.parseFragment(fragment, container='div')))))
json.dump(out, sys.stdout)
"#;

/// What each fragment has that could act; `None` where there is no second parser.
fn judge(fragments: &[String]) -> Option<Vec<Vec<String>>> {
    let mut child = Command::new("python3")
        .args(["-c", JUDGE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().unwrap();
    let text = serde_json::to_string(fragments).unwrap();
    let hand = std::thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let output = child.wait_with_output().unwrap();
    let _ = hand.join();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("No module named"), "{said}");
        skip("html5lib is not on this machine");
        return None;
    }
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn site(bodies: &[String]) -> Site {
    let site = Site::with_config(&format!(
        "{CONFIG}\n[feeds]\nentries = \"all\"\nmax_bytes = 1000000000\n"
    ));
    for (number, body) in bodies.iter().enumerate() {
        // Markdown lets HTML through as it is; pages are HTML as it is.
        let kind = if number.is_multiple_of(2) { "html" } else { "md" };
        let head = format!("---\ntitle: \"V{number}\"\ndate: 2024-01-01\n---\n\n");
        site.write(&format!("v{number}.{kind}"), format!("{head}Before.\n\n{body}\n"));
    }
    site
}

/// Number → what readers get as HTML: bodies and summaries.
fn published(site: &Site) -> BTreeMap<usize, Vec<String>> {
    let output = site.run(&["build", "-q"]);
    let said = crate::kit::said(&output);
    assert!(matches!(output.status.code(), Some(0 | 1)) && !said.contains("panicked"), "{said}");
    let number = |title: &str| title.trim_start_matches('V').parse::<usize>().unwrap();
    let mut all: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let feed = site.feed("all.json");
    for item in feed["items"].as_array().unwrap() {
        // Its `summary` is plain text (JSON Feed 1.1).
        let text = item["content_html"].as_str().unwrap_or("").to_string();
        all.entry(number(item["title"].as_str().unwrap())).or_default().push(text);
    }
    for path in ["all.atom", "all.rss"] {
        let text = std::fs::read_to_string(site.path("feeds").join(path)).unwrap();
        let feed = roxmltree::Document::parse(&text).unwrap();
        let items = feed.descendants().filter(|n| matches!(n.tag_name().name(), "item" | "entry"));
        for item in items {
            let text = |names: &[&str]| {
                let child = item.children().find(|n| names.contains(&n.tag_name().name()));
                // RSS has HTML in both; Atom says where it has.
                let is_html = |n: &roxmltree::Node| matches!(n.attribute("type"), Some("html"));
                let title = names == ["title"];
                let child = child.filter(|n| title || path == "all.rss" || is_html(n));
                child.and_then(|child| child.text()).unwrap_or("").to_string()
            };
            let texts = [text(&["content", "encoded"]), text(&["summary", "description"])];
            all.entry(number(&text(&["title"]))).or_default().extend(texts);
        }
    }
    all
}

#[test]
fn nothing_active_reaches_a_reader() {
    let lines = include_str!("../vectors/active.jsonl").lines();
    let vectors: Vec<String> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let Some(before) = judge(&vectors) else { return };
    let active = before.iter().filter(|faults| !faults.is_empty()).count();
    assert!(active > 1_000, "the vectors are not active: {active}");
    let published = published(&site(&vectors));
    assert!(published.len() > vectors.len() * 9 / 10, "{} are in the feeds", published.len());
    let texts: Vec<(usize, String)> = published
        .iter()
        .flat_map(|(number, texts)| texts.iter().map(|text| (*number, text.clone())))
        .collect();
    let judged = judge(&texts.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>()).unwrap();
    let faults: Vec<Value> = texts
        .iter()
        .zip(&judged)
        .filter(|(_, faults)| !faults.is_empty())
        .map(|((number, text), faults)| json!([vectors[*number], text, faults]))
        .collect();
    assert!(
        faults.is_empty(),
        "{}: {}",
        faults.len(),
        faults.iter().step_by(3).take(40).map(|fault| format!("{fault}\n")).collect::<String>()
    );
    // What came through is what comes through, another time.
    let once: Vec<String> = published.values().map(|texts| texts[0].clone()).collect();
    let mut changed = 0;
    for (number, html) in once.iter().enumerate() {
        let twice = syndic::article::sanitize::clean(html, "https://test.example/").unwrap().html;
        if twice != *html {
            changed += 1;
            eprintln!("{number}: {html:?}\n{twice:?}");
        }
    }
    assert_eq!(changed, 0, "the gate changes what has passed it");
    report(&format!(
        "{} vectors, {active} of them active before; {} bodies and summaries of three formats, 0 active",
        vectors.len(),
        texts.len()
    ));
}
