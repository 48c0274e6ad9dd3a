//! `cargo bench --bench parts`: what the parts cost, each for one article of some 4 KB or one feed
//! of thirty. `read_and_hash` is what the least that one could do would cost: BLAKE3 of the file.
//! Nothing here decides whether a test passes; `cargo bench --bench table` measures the whole.

#[path = "../table/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "../table/dice.rs"]
mod dice;

use divan::{Bencher, black_box, counter::BytesCount};
use jiff::{Timestamp, tz::TimeZone};
use mimalloc::MiMalloc;
use syndic::article::flavour::Flavour;
use syndic::article::text::furniture::Furniture;
use syndic::article::{Body, Conventions, Folder, Head, Outcome, Source, read_body, read_head};
use syndic::edition;
use syndic::feed::packed::Packed;
use syndic::feed::{Entry, Feed, Known, Site};
use syndic::format::{FORMATS, Format};

#[global_allocator]
static GLOBAL: MiMalloc = MiMalloc;

fn main() {
    divan::main();
}

const LINK: &str = "https://bench.example/a/";

fn text() -> String {
    corpus::article(&mut dice::Dice::new(5), 3, 50)
}

/// A page as a browser saves it, with the article among other things.
fn page() -> String {
    let body = text();
    let (_, prose) = body.split_once("\n\n").expect("a body");
    let blocks: String = prose.split("\n\n").map(|text| format!("<p>{text}</p>\n")).collect();
    let menu: String =
        (0..40).map(|n| format!("<li><a href=/s/{n}>Section {n}</a></li>")).collect();
    format!(
        "<!doctype html><html lang=en><head><title>A title – Bench</title>\
         <meta property=article:published_time content=2026-01-02T03:04:05Z></head>\
         <body><nav><ul>{menu}</ul></nav><article><h1>A title</h1>{blocks}</article>\
         <footer><ul>{menu}</ul></footer></body></html>"
    )
}

/// As a scraper left it.
fn bare() -> String {
    let body = text();
    let (_, prose) = body.split_once("\n\n").expect("a body");
    format!("2 January 2026, 10:30\n\nA title of some words\n\n{prose}")
}

fn head_of(path: &str, text: &str) -> Head {
    let conventions = Conventions::of(Flavour::plain());
    let furniture = Furniture::default();
    let folder = Folder { defaults: &[], furniture: &furniture };
    let source = Source { path, bytes: text.as_bytes() };
    match read_head(source, &conventions, folder, false).outcome {
        Outcome::Article(head) => *head,
        other => panic!("{other:?}"),
    }
}

fn body_of(path: &str, text: &str, head: &Head) -> Body {
    let conventions = Conventions::of(Flavour::plain());
    let source = Source { path, bytes: text.as_bytes() };
    read_body(source, head, LINK, &|_| None, &conventions).0
}

#[divan::bench]
fn read_and_hash(bencher: Bencher) {
    let text = text();
    let bencher = bencher.counter(BytesCount::of_str(&text));
    bencher.bench_local(|| blake3::hash(black_box(text.as_bytes())));
}

const FILES: [&str; 3] = ["a.md", "a.html", "a.txt"];

fn text_of(path: &str) -> String {
    match path.rsplit('.').next() {
        Some("html") => page(),
        Some("txt") => bare(),
        _ => text(),
    }
}

#[divan::bench(args = FILES)]
fn head(bencher: Bencher, path: &str) {
    let text = text_of(path);
    let bencher = bencher.counter(BytesCount::of_str(&text));
    bencher.bench_local(|| head_of(path, black_box(&text)));
}

#[divan::bench(args = FILES)]
fn body(bencher: Bencher, path: &str) {
    let text = text_of(path);
    let head = head_of(path, &text);
    let bencher = bencher.counter(BytesCount::of_str(&text));
    bencher.bench_local(|| body_of(path, black_box(&text), &head));
}

fn known() -> Known {
    Known {
        id: "tag:bench.example,2026:000/a.md".into(),
        path: "000/a.md".into(),
        fingerprint: "0123456789abcdef".into(),
        link: LINK.into(),
        head: head_of("a.md", &text()),
        ..Known::default()
    }
}

#[divan::bench]
fn pack(bencher: Bencher) {
    let known = known();
    bencher.bench_local(|| Packed::of(black_box(&known)));
}

#[divan::bench]
fn unpack(bencher: Bencher) {
    let packed = Packed::of(&known());
    bencher.bench_local(|| black_box(&packed).known());
}

fn feed_of_thirty() -> (Feed, Site) {
    let site = Site {
        title: "Bench".into(),
        description: "Bench".into(),
        url: "https://bench.example/".into(),
        feeds_url: "https://bench.example/feeds/".into(),
        language: Some("vi".into()),
        timezone: TimeZone::UTC,
        author: None,
        rights: None,
        logo: None,
        ttl: 60,
    };
    let mut dice = dice::Dice::new(5);
    let entries = (0..30).map(|number| {
        let text = corpus::article(&mut dice, number, 50);
        let head = head_of("a.md", &text);
        let body = body_of("a.md", &text, &head);
        let known = Known { id: format!("{LINK}{number}"), link: LINK.into(), head, ..known() };
        Entry::new(&known, &body, &[], &site, true)
    });
    let feed = Feed {
        id: "tag:bench.example,2026:feed:all".into(),
        path: "all".into(),
        title: "Bench".into(),
        description: "Bench".into(),
        language: None,
        updated: Timestamp::UNIX_EPOCH.to_zoned_datetime(TimeZone::UTC),
        entries: entries.collect(),
    };
    (feed, site)
}

#[divan::bench(args = FORMATS)]
fn render(bencher: Bencher, format: Format) {
    let (feed, site) = feed_of_thirty();
    let mut sheet = Vec::new();
    format.render(&feed, &site, &mut sheet);
    bencher.counter(BytesCount::new(sheet.len())).bench_local(|| {
        sheet.clear();
        format.render(black_box(&feed), &site, &mut sheet);
    });
}

#[divan::bench]
fn gzip(bencher: Bencher) {
    let (feed, site) = feed_of_thirty();
    let mut bytes = Vec::new();
    Format::Rss.render(&feed, &site, &mut bytes);
    let bencher = bencher.counter(BytesCount::new(bytes.len()));
    bencher.bench_local(|| edition::gzip(black_box(&bytes)));
}
