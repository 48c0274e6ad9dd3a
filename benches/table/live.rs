//! A running daemon: from a save to the wire, a checkout, an idle hour in short, bytes on the wire.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::builds::walk;
use crate::process::{Client, Daemon};
use crate::rows::{Row, said, shown};

const SAVES: usize = 200;
/// A reader that asks as fast as it can would take the core that makes its answer.
const PAUSE: Duration = Duration::from_micros(200);
const IDLE: Duration = Duration::from_secs(10);
const CHECKOUT: usize = 10_000;

pub fn measure(dir: &Path, content: &Path, size: usize) {
    let daemon = Daemon::start(dir);
    idle(&daemon, size);
    save(&daemon, content, size, &[0]);
    save(&daemon, content, size, &[1, 2, 3]);
    let memory = daemon.memory().unwrap_or(0) / 1024;
    said(size, "memory after that", &format!("{memory} MiB"));
    if size >= CHECKOUT {
        checkout(&daemon, content, size);
    }
}

fn idle(daemon: &Daemon, size: usize) {
    // What the start left to be tidied up.
    std::thread::sleep(Duration::from_secs(2));
    let before = daemon.wakes();
    std::thread::sleep(IDLE);
    let wakes = daemon.wakes() - before;
    let memory = daemon.memory().unwrap_or(0) / 1024;
    said(size, "idle for ten seconds", &format!("{wakes} wake-ups, {memory} MiB"));
}

/// An article is written anew, again and again, in some categories; a reader asks for the last.
fn save(daemon: &Daemon, content: &Path, size: usize, categories: &[usize]) {
    let names: Vec<String> = categories.iter().map(|n| format!("\"Chuyên mục {n}\"")).collect();
    let last = categories.last().expect("a category");
    let feed = format!("/category/chuyen-muc-{last}.json");
    let path = content.join(format!("000/saved-in-{}.md", categories.len()));
    let mut client = daemon.client();
    let mut etag = client.get(&feed, "Accept-Encoding: gzip\r\n").etag;
    let mut row = Row::default();
    for number in 0..SAVES {
        let text = format!(
            "---\ntitle: Saved {number}\ndate: 2026-01-01\ncategories: [{}]\n---\n\nText {number}.\n",
            names.join(", ")
        );
        let begin = Instant::now();
        std::fs::write(&path, text).expect("room for one more");
        etag = changed(&mut client, &feed, &etag);
        row.add(begin.elapsed(), None);
    }
    let what = format!("save until served, {} of its categories", categories.len());
    row.print_many(size, &what, None);
}

/// Waits until a feed is another than it was.
fn changed(client: &mut Client, feed: &str, etag: &str) -> String {
    let fields = format!("Accept-Encoding: gzip\r\nIf-None-Match: {etag}\r\n");
    loop {
        let answer = client.get(feed, &fields);
        if answer.status == 200 {
            return answer.etag;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Ten thousand files change at once; a reader sees how often its feed does.
fn checkout(daemon: &Daemon, content: &Path, size: usize) {
    let mut files = walk(content);
    files.sort();
    files.truncate(CHECKOUT);
    let texts: Vec<Vec<u8>> =
        files.iter().map(|path| std::fs::read(path).expect("a corpus")).collect();
    let mut client = daemon.client();
    let mut etag = client.get("/all.json", "Accept-Encoding: gzip\r\n").etag;
    let writing = Instant::now();
    for (path, text) in files.iter().zip(&texts) {
        std::fs::write(path, [text, &b"\nChanged.\n"[..]].concat()).expect("room");
    }
    let written = Instant::now();
    let (mut editions, mut last) = (0, written);
    while last.elapsed() < Duration::from_secs(3) {
        let fields = format!("Accept-Encoding: gzip\r\nIf-None-Match: {etag}\r\n");
        let answer = client.get("/all.json", &fields);
        if answer.status == 200 {
            (etag, editions, last) = (answer.etag, editions + 1, Instant::now());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    for (path, text) in files.iter().zip(&texts) {
        std::fs::write(path, text).expect("room");
    }
    let value = format!(
        "written in {}, served {} later, in {editions} editions",
        shown(written - writing),
        shown(last - written)
    );
    said(size, "10,000 files changed at once", &value);
}

/// A day of edits and polls: what goes over the wire for each poll, by coding.
pub fn bytes_per_poll(dir: &Path, content: &Path, size: usize) {
    const EDITS: usize = 24;
    /// Every half hour; the other poll finds nothing new.
    const POLLS: usize = 48;
    let daemon = Daemon::start(dir);
    let feed = "/category/chuyen-muc-0.rss";
    let path = content.join("000/edited.md");
    let codings = ["", "gzip", "zstd, gzip", "br, gzip"];
    let mut clients: Vec<Client> = codings.iter().map(|_| daemon.client()).collect();
    let mut totals = vec![0; codings.len()];
    let mut etag = clients[1].get(feed, "Accept-Encoding: gzip\r\n").etag;
    for number in 0..EDITS {
        let text = format!(
            "---\ntitle: Edit {number}\ndate: 2026-01-01\ncategory: \"Chuyên mục 0\"\n---\n\nText {number}.\n"
        );
        std::fs::write(&path, text).expect("room for one more");
        etag = changed(&mut clients[1], feed, &etag);
        for (at, coding) in codings.iter().enumerate() {
            let fields = format!("Accept-Encoding: {coding}\r\n");
            // What takes longer to make is there some polls later.
            let mut answer = clients[at].get(feed, &fields);
            let begin = Instant::now();
            while !coding.starts_with(&answer.coding) && begin.elapsed() < Duration::from_secs(5) {
                std::thread::sleep(Duration::from_millis(20));
                answer = clients[at].get(feed, &fields);
            }
            let unchanged = clients[at].get(feed, &format!("{fields}If-None-Match: {etag}\r\n"));
            totals[at] += answer.bytes + unchanged.bytes;
        }
    }
    for (coding, total) in ["plain", "gzip", "zstd", "br"].iter().zip(totals) {
        said(size, &format!("bytes per poll, {coding}"), &(total / POLLS).to_string());
    }
}
