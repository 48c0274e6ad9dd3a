//! Throws mutated inputs at every parser, for so many seconds each:
//!
//! ```text
//! cargo bench --bench fuzz            # 60 seconds each
//! cargo bench --bench fuzz -- 5
//! cargo bench --bench fuzz -- 60 front_matter SEED
//! ```
//!
//! No input may panic, take more than a second, or let the process grow beyond 256 MiB. The inputs
//! are what the repository's own sites hold, cut, doubled, spliced and sprinkled with what each
//! parser looks for, at most 64 KiB long. What fails is written to `target/fuzz/`, with its seed.

#[path = "../table/dice.rs"]
mod dice;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dice::Dice;
use jiff::tz::TimeZone;
use syndic::article::flavour::{FLAVOURS, Flavour, Forms, Unfenced};
use syndic::article::text::furniture::{Furniture, Marks};
use syndic::article::{Conventions, Folder, Outcome, Source};
use syndic::article::{charset, dates, front_matter, literals, read_body, read_head, templates};
use syndic::config::Config;
use syndic::edition::{Document, Edition, Kept, Stamp};
use syndic::feed::packed::Packed;
use syndic::format::read;
use syndic::http::heads::Heads;
use syndic::http::health::Health;
use syndic::http::respond::{self, Routes};

const LONGEST: usize = 64 * 1024;
const SLOWEST: Duration = Duration::from_secs(1);
const MOST_MEMORY: u64 = 256 * 1024 * 1024;

type Target = (&'static str, fn(&[u8]), &'static [&'static str]);

/// Each parser, and what it looks for.
const TARGETS: &[Target] = &[
    (
        "front_matter",
        front_matters,
        &[
            "---\n", "+++\n", "{\"a\":", "&a [*a]", "title: ", "\t- ", ";;;\n", "<<: *a", "[[",
            "\"\"\"", "Date: ",
        ],
    ),
    (
        "dates",
        all_dates,
        &[
            "2024-02-31",
            "T10:30",
            "+07:00",
            "令和4年",
            "15 août",
            "ago.",
            "GMT+",
            "٢٠٢٢",
            "tháng mười hai",
            "พ.ศ.",
            "31/2/",
            "下午",
        ],
    ),
    (
        "html",
        pages,
        &[
            "<div>",
            "<p>",
            "<!--",
            "-->",
            "<script type=application/ld+json>",
            "{\"@graph\":[",
            "<table><tr><td>",
            "<a href=\"",
            "<h1>",
            "&#x",
            "<time datetime=\"",
            "<svg><math>",
            "<meta charset=",
        ],
    ),
    (
        "text",
        texts,
        &["\n\n", "。", "By ", "©", "A sentence that ends here. ", "1/2/2024", "|", "…", "\r"],
    ),
    (
        "asciidoc",
        asciidocs,
        &[
            "\n== ",
            "\n----\n",
            "\n====\n",
            "\n|===\n",
            "\n[cols=\"9*,1a\"]\n",
            "\n[source,sh,subs=attributes]\n",
            "\n:a: {a}{a}\n",
            "{a}",
            "\n* ",
            "\n** ",
            "\n. ",
            "\na:: ",
            "\n+\n",
            "\nifdef::a[]\n",
            "\nendif::[]\n",
            "*a _b `c #d ^e^ ~f~ +g ",
            "<<a,",
            "https://a.example[",
            "image::a[",
            "footnote:[",
            "[.b]#",
            "2.3+|",
            "((",
            "\"`",
        ],
    ),
    (
        "org",
        orgs,
        &[
            "\n* ",
            "\n#+begin_src\n",
            "\n#+end_src\n",
            "\n#+BEGIN_QUOTE\n",
            "\n:PROPERTIES:\n",
            "\n:END:\n",
            "#+MACRO: a $1$1 {{{a($1)}}}\n",
            "{{{a(b)}}}",
            "[[",
            "][",
            "]]",
            "[fn:1] ",
            "[fn::",
            "*a /b _c +d =e ~f ",
            "\n  - ",
            "\n| a |",
            "\n#+CAPTION: a\n",
            "\\begin{a}\n",
            "$x",
            "@@html:",
        ],
    ),
    (
        "rst",
        rsts,
        &[
            "\n====\n",
            ".. |a| replace:: |a| |b|\n",
            ".. image:: a.png\n   :target: b_\n",
            ".. note::\n\n   ",
            "   ",
            "- ",
            "1. ",
            "::\n\n",
            "`a <b_>`_ ",
            "a__ ",
            "|a|",
            "*a **b ``c `d ",
            ":role:`",
            "[#a]_",
            "+--+--+\n|",
            "== ==\n",
            "http://a)))))",
            ":a: ",
        ],
    ),
    ("charset", bytes, &["\u{feff}", "\0", "charset=", "é", "Ệ"]),
    (
        "markdown",
        markdowns,
        &[
            "# ",
            "> ",
            "- ",
            "```",
            "[a](",
            "![",
            "|-|",
            "<!--more-->",
            "*_*",
            "{:",
            "{{< ",
            "{% raw %}",
            "<X a={",
            ":::",
            "import ",
        ],
    ),
    (
        "config",
        configs,
        &[
            "= '",
            "{ a: ",
            "[[",
            "u\"\"\"",
            "export default ",
            "defaults:\n",
            "//",
            "/*",
            "collections = { ",
            "params: { a: `${b.id}`",
            "link: ",
            ".replace(`${",
        ],
    ),
    (
        "feed",
        feeds,
        &[
            "<rss><channel><item>",
            "<feed xmlns=",
            "<entry>",
            "<![CDATA[",
            "{\"items\":[",
            "&amp;",
            "<guid>",
        ],
    ),
    (
        "request",
        requests,
        &[
            "GET /all.rss HTTP/1.1\n",
            "HEAD http://[::1]:80/feed HTTP/1.0\n",
            "Host: a.example\n",
            "If-None-Match: W/\"",
            "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\n",
            "If-Match: *\n",
            "Accept-Encoding: br;q=0.5, *;q=",
            "X-Forwarded-For: 127.0.0.1, ",
            "%2e%2e%2f",
            "Content-Length: 0\n",
        ],
    ),
    (
        "settings",
        settings,
        &[
            "title = \"T\"\n",
            "url = \"https://a.example/\"\n",
            "[server]\n",
            "listen = [\"127.0.0.1:0\", \"unix:/x\"]\n",
            "[feeds.\"category/",
            "[content]\nrescan = ",
            "moved = { a = \"b\" }\n",
            "permalink = \"/:year/",
            "\"\"\"",
        ],
    ),
    ("row", rows, &["\u{1}", "\0\0\0\0", "tag:a.example,2026:a.md", "2026-01-01T00:00:00Z"]),
];

fn lossy(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn front_matters(bytes: &[u8]) {
    let text = lossy(bytes);
    for unfenced in [Unfenced::KnownHeaders, Unfenced::Headers, Unfenced::Opener] {
        let long_fences = true;
        let forms = Forms {
            unfenced,
            times_are_utc: true,
            after_blank_lines: true,
            long_fences,
            ..Forms::default()
        };
        if let Ok((_, at)) = front_matter::split(&text, forms) {
            let _ = &text[at..];
        }
    }
}

fn all_dates(bytes: &[u8]) {
    let text = lossy(bytes);
    for line in text.lines().take(200) {
        for language in [None, Some("en"), Some("vi"), Some("th"), Some("ja")] {
            let _ = dates::parse(line, &TimeZone::UTC, language);
            let _ = dates::find(line, &TimeZone::UTC, language);
        }
        dates::is_date_line(line);
    }
}

fn article(name: &str, bytes: &[u8], flavour: &'static Flavour) {
    let conventions = Conventions::of(flavour);
    let source = Source { path: name, bytes };
    let furniture = Furniture::of([Marks::of(source, &conventions)].into_iter());
    let folder = Folder { defaults: &[], furniture: &furniture };
    let reading = read_head(source, &conventions, folder, true);
    if let Outcome::Article(head) = reading.outcome {
        let _ = read_body(source, &head, "https://a.example/x/", &|_| None, &conventions);
    }
}

fn pages(bytes: &[u8]) {
    article("a.html", bytes, Flavour::plain());
}

fn texts(bytes: &[u8]) {
    article("a.txt", bytes, Flavour::plain());
}

fn rsts(bytes: &[u8]) {
    article("a.rst", bytes, Flavour::plain());
}

fn orgs(bytes: &[u8]) {
    let flavour = if bytes.len().is_multiple_of(2) { "hugo" } else { "plain" };
    article("a.org", bytes, Flavour::named(flavour).unwrap_or(Flavour::plain()));
}

fn asciidocs(bytes: &[u8]) {
    article("a.adoc", bytes, Flavour::plain());
}

fn bytes(bytes: &[u8]) {
    let _ = charset::decode(bytes, true);
    let _ = charset::decode(bytes, false);
}

fn markdowns(bytes: &[u8]) {
    // One flavour an input, so that all have their turn.
    let flavour = &FLAVOURS[bytes.len() % FLAVOURS.len()];
    let name = if flavour.posts.is_some() { "_posts/2024-01-02-a.md" } else { "a.md" };
    article(name, bytes, flavour);
    let text = lossy(bytes);
    let _ = templates::render(&text, flavour.notation, &Default::default());
}

fn configs(bytes: &[u8]) {
    let text = lossy(bytes);
    let _ = (literals::python(&text), literals::javascript(&text));
    for (flavour, name) in FLAVOURS.iter().flat_map(|f| f.site_files.first().map(|name| (f, name)))
    {
        if let Ok(fields) = front_matter::fields_of(name, &text) {
            let file = syndic::article::declared::SiteFile { path: name.to_string(), fields };
            let _ = (flavour.declare)(&[file]);
        }
    }
    let programs = ["src/content.config.ts", "src/pages/rss.xml.js", "src/pages/[y]/[...a].astro"];
    let astro = Flavour::named("astro").expect("a row");
    let read = programs.map(|name| syndic::article::declared::SiteFile {
        path: name.to_string(),
        fields: (astro.read)(name, &text).unwrap_or_default(),
    });
    let _ = (astro.declare)(&read);
}

fn feeds(bytes: &[u8]) {
    let _ = read::entries(bytes);
}

/// The head of a request, as hyper would hand it over; what it takes apart before is its own.
fn requests(bytes: &[u8]) {
    let text = lossy(bytes);
    let mut lines = text.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let mut request = http::Request::builder()
        .method(first.next().unwrap_or_default())
        .uri(first.next().unwrap_or("/"));
    if first.next() == Some("HTTP/1.0") {
        request = request.version(http::Version::HTTP_10);
    }
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = http::HeaderValue::from_bytes(value.trim().as_bytes());
        if let (Ok(name), Ok(value)) = (http::HeaderName::from_bytes(name.as_bytes()), value) {
            request = request.header(name, value);
        }
    }
    let Ok(request) = request.body(()) else { return };
    let (parts, ()) = request.into_parts();
    let document = Document::new("all.rss", Stamp::of(b"a", None, 1), Kept::Plain("a".into()));
    let edition = Edition::default().revise(1, vec![document], &[]);
    let health = Health::new(Duration::from_secs(60));
    let routes = Routes {
        heads: Heads::new(&http::HeaderValue::from_static("no-cache"), true),
        cors: true,
        base: "/blog/".into(),
        gone: vec!["gone".into()],
        moved: [("old".into(), "all".into())].into(),
        trusted_proxies: vec!["127.0.0.0/8".parse().expect("a network")],
    };
    let answer = respond::respond(&parts, Some(&edition), &health, &routes, &|_, _| None);
    assert!(answer.head.status().as_u16() >= 200);
    let _ = respond::client(&parts, None, &routes);
}

fn settings(bytes: &[u8]) {
    if let Err(error) = Config::of(Path::new("config.toml"), &lossy(bytes), false) {
        // What is shown to a person is made, too.
        let _ = error.to_string();
    }
}

fn rows(bytes: &[u8]) {
    if let Some((packed, known)) = Packed::from_bytes(bytes) {
        assert_eq!((packed.id(), packed.path()), (&*known.id, &*known.path));
        let _ = (packed.hash(), packed.inode(), packed.title_key(), packed.known());
        let _ = Packed::of(&known);
    }
}

fn mutated(dice: &mut Dice, corpus: &[Vec<u8>], marks: &[&str]) -> Vec<u8> {
    let mut input = corpus[dice.throw(corpus.len())].clone();
    for _ in 0..=dice.throw(8) {
        let at = dice.throw(input.len() + 1);
        match dice.throw(8) {
            0 => input.truncate(at),
            1 if !input.is_empty() => {
                let at = at.min(input.len() - 1);
                input[at] = dice.throw(256) as u8;
            }
            2 => {
                let end = (at + dice.throw(200)).min(input.len());
                input.drain(at..end);
            }
            3 => {
                let end = (at + dice.throw(2_000)).min(input.len());
                let piece = input[at..end].to_vec();
                let to = dice.throw(input.len() + 1);
                input.splice(to..to, piece);
            }
            4 => {
                let other = &corpus[dice.throw(corpus.len())];
                let from = dice.throw(other.len() + 1);
                let piece = other[from..(from + dice.throw(4_000)).min(other.len())].to_vec();
                input.splice(at..at, piece);
            }
            5 => {
                // One mark over and over: what is nested, or never ends.
                let mark = marks[dice.throw(marks.len())];
                let times = 1 << dice.throw(14);
                input.splice(at..at, mark.repeat(times).into_bytes());
            }
            _ => {
                let mark = marks[dice.throw(marks.len())];
                input.splice(at..at, mark.bytes());
            }
        }
        input.truncate(LONGEST);
    }
    input
}

fn corpus() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["content", "feeds", "tests/sites", "tests/generators"]
        .iter()
        .map(|name| root.join(name))
        .collect();
    let mut corpus = vec![Vec::new(), b"---\ntitle: A\n---\n\nText.\n".to_vec()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(mut bytes) = std::fs::read(&path) {
                bytes.truncate(LONGEST);
                corpus.push(bytes);
            }
        }
    }
    corpus.sort();
    corpus
}

/// The most memory that this process ever had (proc(5), `VmHWM`).
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let seconds = words.first().and_then(|word| word.parse().ok()).unwrap_or(60);
    let wanted = words.get(1).map(String::as_str);
    let seed = words.get(2).and_then(|word| word.parse().ok()).unwrap_or(20_261_125);
    let corpus = corpus();
    let mut failed = false;
    std::panic::set_hook(Box::new(|_| {}));
    for (name, target, marks) in
        TARGETS.iter().filter(|(name, ..)| wanted.is_none_or(|w| w == *name))
    {
        failed |= !run(name, *target, marks, &corpus, Duration::from_secs(seconds), seed);
    }
    let peak = memory();
    println!("peak memory {} MiB", peak / 1024 / 1024);
    if failed || peak > MOST_MEMORY {
        std::process::exit(1);
    }
}

fn run(
    name: &str,
    target: fn(&[u8]),
    marks: &[&str],
    corpus: &[Vec<u8>],
    time: Duration,
    seed: u64,
) -> bool {
    let end = Instant::now() + time;
    let mut dice = Dice::new(seed);
    let (mut count, mut slowest) = (0_u64, Duration::ZERO);
    while Instant::now() < end {
        let input = mutated(&mut dice, corpus, marks);
        let start = Instant::now();
        let survived = catch_unwind(AssertUnwindSafe(|| target(&input))).is_ok();
        let took = start.elapsed();
        slowest = slowest.max(took);
        count += 1;
        if !survived || took > SLOWEST {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz");
            let path = folder.join(format!("{name}-{seed}-{count}"));
            std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, &input)).unwrap();
            let what = if survived { format!("took {took:?}") } else { "panicked".into() };
            println!("{name}: {what} on {}", path.display());
            return false;
        }
    }
    println!("{name}: {count} inputs, the slowest {slowest:?}");
    true
}
