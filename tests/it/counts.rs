//! What things cost, counted and not timed: counts do not depend on the machine's mood. Each bound
//! is about twice what was counted when it was set.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use mimalloc::MiMalloc;
use syndic::article::flavour::Flavour;
use syndic::article::text::furniture::Furniture;
use syndic::article::{Conventions, Folder, Outcome, Source, read_body, read_head};

use crate::kit::{Daemon, Site, skip};

struct Counting;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

fn note(size: usize) {
    let _ = ALLOCATED.try_with(|count| count.set(count.get() + size));
}

// SAFETY: all is done by the program's allocator; that it was done is counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        unsafe { MiMalloc.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { MiMalloc.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static GLOBAL: Counting = Counting;

fn allocated(work: impl FnOnce()) -> usize {
    let before = ALLOCATED.get();
    work();
    ALLOCATED.get() - before
}

#[track_caller]
fn check(what: &str, count: u64, most: u64) {
    println!("{what}: {count}");
    assert!(count > 0, "{what}: nothing was counted");
    assert!(count <= most, "{what}: {count}, more than {most}");
}

fn article(number: usize) -> String {
    let paragraph = "A sentence of some words, *stressed* and [linked](../other/). ".repeat(8);
    format!(
        "---\ntitle: \"Article {number}\"\ndate: 2026-01-{:02}\ncategories: [News, City]\n\
         author: Somebody\nlang: en\n---\n\n{}",
        1 + number % 28,
        format!("{paragraph}\n\n## Heading\n\n").repeat(6),
    )
}

#[test]
fn bytes_allocated_for_an_article() {
    let text = article(1);
    let source = Source { path: "a.md", bytes: text.as_bytes() };
    let conventions = Conventions::of(Flavour::plain());
    let furniture = Furniture::default();
    let folder = Folder { defaults: &[], furniture: &furniture };
    let read = || match read_head(source, &conventions, folder, false).outcome {
        Outcome::Article(head) => head,
        other => panic!("{other:?}"),
    };
    // What is made once for a thread is made now.
    let head = read();
    let link = "https://a.example/a/";
    read_body(source, &head, link, &|_| None, &conventions);
    check("bytes for a head", allocated(|| drop(read())) as u64, 8_000);
    let body = || drop(read_body(source, &head, link, &|_| None, &conventions));
    check("bytes for a body", allocated(body) as u64, 440_000);
}

fn site(articles: usize) -> Site {
    let site = Site::new();
    for number in 0..articles {
        site.write(&format!("a{number}.md"), article(number));
    }
    site
}

/// Under another program that watches it; `None` where that is not installed.
fn watched(site: &Site, program: &str, arguments: &[&str]) -> Option<Daemon> {
    let version = Command::new(program).arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        skip(&format!("{program} is not installed"));
        return None;
    }
    let mut command = Command::new(program);
    command.args(arguments).arg(env!("CARGO_BIN_EXE_syndic")).args(["serve", "-qq"]);
    command.env_remove("STATE_DIRECTORY").env_remove("NOTIFY_SOCKET");
    Some(Daemon::spawn(command.current_dir(site.dir.path())))
}

/// Instructions that a daemon executed up to its end, which answered so many polls with 304.
fn instructions(requests: usize) -> Option<u64> {
    let site = site(3);
    let counts = site.path("counts");
    let out = format!("--callgrind-out-file={}", counts.display());
    let daemon = watched(&site, "valgrind", &["--tool=callgrind", &out])?;
    let mut stream = daemon.connect();
    let request =
        "GET /all.rss HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\nAccept-Encoding: gzip\r\n\r\n";
    for _ in 0..requests {
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let mut byte = [0; 512];
        while !answer.ends_with(b"\r\n\r\n") {
            let count = stream.read(&mut byte).unwrap();
            answer.extend_from_slice(&byte[..count]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 304"), "{}", String::from_utf8_lossy(&answer));
    }
    daemon.stop();
    let text = std::fs::read_to_string(counts).unwrap();
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ")).unwrap();
    Some(total.trim().parse().unwrap())
}

#[test]
fn instructions_for_a_poll() {
    let (few, many) = (200, 1_200);
    let Some(base) = instructions(few) else { return };
    let Some(total) = instructions(many) else { return };
    check("instructions for a poll", total.saturating_sub(base) / (many - few) as u64, 110_000);
}

/// The most memory that a command was seen to have, in KiB.
fn peak(site: &Site, command: &str) -> u64 {
    let mut run = Command::new(env!("CARGO_BIN_EXE_syndic"));
    let mut child = run.args([command, "-qq"]).current_dir(site.dir.path()).spawn().unwrap();
    let mut peak = 0;
    loop {
        // What the kernel tells of one that has ended counts what its parent had, too.
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let seen = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(seen.unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command}: {status}");
            return peak;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// It reads every body, and keeps none.
#[test]
fn memory_for_a_check() {
    let site = Site::new();
    let body = "A sentence of some words, *stressed* and [linked](../other/).\n\n".repeat(4_000);
    for number in 0..60 {
        site.write(&format!("a{number}.md"), format!("---\ndate: 2026-01-01\n---\n\n{body}"));
    }
    check("KiB for a check of 15 MB", peak(&site, "check"), 80 * 1024);
}

/// What holds what it held is filed some files at a time: an archive that was checked out again, or
/// is read by a later version, is not in memory with all that was read.
#[test]
fn memory_for_an_archive_read_anew() {
    const ARTICLES: usize = 8_000;
    let site = Site::new();
    let said = "A sentence of some words about the harbour. ".repeat(90);
    let write = || {
        for number in 0..ARTICLES {
            let text =
                format!("---\ndate: 2026-01-01\ndescription: {said}\n---\n\nText {number}.\n");
            let _ = std::fs::remove_file(site.path(&format!("content/a{number}.md")));
            site.write(&format!("a{number}.md"), text);
        }
    };
    write();
    check("KiB for 32 MB of heads", peak(&site, "build"), 110 * 1024);
    let ids = site.ids("all.json");
    write();
    // All of them in memory, as they once were, came to 179 MiB.
    check("KiB for the same ones anew", peak(&site, "build"), 145 * 1024);
    assert_eq!(site.ids("all.json"), ids);
}

#[test]
fn system_calls_for_an_edit() {
    const EDITS: usize = 10;
    let site = site(40);
    // Not beside the config, whose folder is watched.
    let elsewhere = tempfile::tempdir().unwrap();
    let log = elsewhere.path().join("calls");
    let path = log.display().to_string();
    let Some(daemon) = watched(&site, "strace", &["-D", "-f", "-qq", "-o", &path]) else { return };
    let edit = |number: usize| {
        let title = format!("Edit {number}");
        site.write("edited.md", format!("---\ntitle: {title}\ndate: 2026-02-01\n---\n\nText.\n"));
        // On the disk, where looking costs the daemon nothing.
        daemon.until("the copy", |_| site.ids("all.json").iter().any(|(is, _)| *is == title));
    };
    (0..3).for_each(edit);
    let calls = || std::fs::read_to_string(&log).unwrap().lines().count();
    let before = calls();
    (3..3 + EDITS).for_each(edit);
    check("system calls for an edit", ((calls() - before) / EDITS) as u64, 700);
    daemon.stop();
}

/// Of how many files or folders a first build asks the state.
fn states_asked(site: &Site) -> Option<u64> {
    let elsewhere = tempfile::tempdir().unwrap();
    let log = elsewhere.path().join("calls");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=%%stat", "-o"]).arg(&log);
    command.arg(env!("CARGO_BIN_EXE_syndic")).args(["build", "-qq"]).current_dir(site.dir.path());
    match command.env_remove("STATE_DIRECTORY").status() {
        Err(_) => {
            skip("strace is not installed");
            return None;
        }
        Ok(status) => assert!(status.success(), "{status}"),
    }
    let calls = std::fs::read_to_string(&log).unwrap();
    Some(calls.lines().filter(|call| !call.contains("resumed>")).count() as u64)
}

/// Before and after it is read, and not by the walk; of what is no article, nothing.
#[test]
fn states_asked_for_an_article() {
    let few = site(40);
    let many = site(140);
    for number in 0..1_000 {
        many.write(&format!("picture{number}.png"), "no article");
    }
    let (Some(few), Some(many)) = (states_asked(&few), states_asked(&many)) else { return };
    check("states asked for 100 articles and 1,000 pictures", many.saturating_sub(few), 210);
}

#[test]
fn an_edit_writes_its_own_feeds_and_no_other() {
    let site = Site::new();
    for number in 0..60 {
        let text = format!(
            "---\ntitle: Article {number}\ndate: 2026-01-{:02}\ncategory: C{}\n---\n\nText.\n",
            1 + number % 28,
            number % 20
        );
        site.write(&format!("a{number}.md"), text);
    }
    let daemon = site.serve();
    let files = || -> BTreeMap<String, u64> {
        let folders = [site.path("feeds"), site.path("feeds/category")];
        let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
        let files = entries.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_file());
        files.map(|e| (e.path().display().to_string(), e.metadata().unwrap().ino())).collect()
    };
    let before = files();
    assert_eq!(before.len(), 21 * 3 + 3, "a file for each format of each feed");
    site.write("a3.md", "---\ntitle: Other\ndate: 2026-01-04\ncategory: C3\n---\n\nOther.\n");
    let is_changed = |name: &str| {
        let feed = site.feed(name).to_string();
        feed.contains("Other") && site.feed(".syndic.json")["edition"] == 2
    };
    daemon.until("the copy", |_| is_changed("category/c3.json"));
    let after = files();
    let written: Vec<&str> = after
        .iter()
        .filter(|(path, inode)| before.get(*path) != Some(*inode))
        .map(|(path, _)| path.rsplit("feeds/").next().unwrap())
        .collect();
    // Its entry is too old for the window of the feed of everything.
    let own = ["category/c3.atom", "category/c3.json", "category/c3.rss"];
    assert_eq!(written, [&[".syndic.json"], &own[..]].concat());
}
