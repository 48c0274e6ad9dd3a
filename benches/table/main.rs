//! `cargo bench` prints the whole table: builds, restarts, save to served, requests, memory, with
//! the floors beside them, all measured in one run, in turn. `cargo bench -- 1000 10000 100000`
//! chooses the sizes. Nothing here decides whether a test passes.

mod corpus;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rayon::prelude::*;

const ROUNDS: usize = 3;

fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 10_000] } else { sizes };
    println!("| articles | what | min | median | max | ratio to floor | memory |");
    println!("|---|---|---|---|---|---|---|");
    for size in sizes {
        measure(size);
    }
}

struct Row {
    times: Vec<Duration>,
    memory: Option<u64>,
}

impl Row {
    fn median(&self) -> f64 {
        let mut times = self.times.clone();
        times.sort();
        times[times.len() / 2].as_secs_f64()
    }

    fn print(&self, size: usize, what: &str, floor: Option<&Row>) {
        let seconds = |time: &Duration| shown(time.as_secs_f64());
        let (min, max) = (self.times.iter().min().unwrap(), self.times.iter().max().unwrap());
        let ratio =
            floor.map_or("–".into(), |floor| format!("{:.1}", self.median() / floor.median()));
        let memory = self.memory.map_or("–".into(), |kib| format!("{} MiB", kib / 1024));
        println!(
            "| {size} | {what} | {} | {} | {} | {ratio} | {memory} |",
            seconds(min),
            shown(self.median()),
            seconds(max),
        );
    }
}

fn shown(seconds: f64) -> String {
    match seconds {
        s if s < 0.001 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

fn measure(size: usize) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let content = dir.path().join("content");
    let categories = if size >= 100_000 { 200 } else { 50 };
    corpus::write(&content, size, categories).expect("room for the corpus");
    let config = "title = \"Bench\"\nurl = \"https://bench.example/\"\nlanguage = \"vi\"\n\
                  [server]\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(dir.path().join("config.toml"), config).expect("room for the config");

    let mut rows: Vec<Row> = (0..4).map(|_| Row { times: Vec::new(), memory: None }).collect();
    let take = |row: &mut Row, work: &mut dyn FnMut() -> Option<u64>| {
        let start = Instant::now();
        let memory = work();
        row.times.push(start.elapsed());
        row.memory = row.memory.max(memory);
    };
    for _ in 0..ROUNDS {
        take(&mut rows[0], &mut || read_and_hash(&content));
        let _ = std::fs::remove_dir_all(dir.path().join("feeds"));
        let _ = std::fs::remove_dir_all(dir.path().join(".syndic"));
        take(&mut rows[1], &mut || run(dir.path(), "build"));
        take(&mut rows[2], &mut || stat_walk(&content));
        take(&mut rows[3], &mut || run(dir.path(), "build"));
    }
    rows[0].print(size, "floor: read and hash every file, all cores", None);
    rows[1].print(size, "cold build, all feeds in three formats", Some(&rows[0]));
    rows[2].print(size, "floor: stat walk, one thread", None);
    rows[3].print(size, "build with nothing changed", Some(&rows[2]));
    serve(dir.path(), &content, size);
}

fn read_and_hash(dir: &Path) -> Option<u64> {
    let files = walk(dir);
    let total: u64 = files
        .par_iter()
        .map(|path| {
            let bytes = std::fs::read(path).expect("a readable corpus");
            u64::from(blake3::hash(&bytes).as_bytes()[0])
        })
        .sum();
    assert!(total > 0);
    None
}

fn stat_walk(dir: &Path) -> Option<u64> {
    let total: u64 =
        walk(dir).iter().map(|path| path.symlink_metadata().map_or(0, |m| m.len())).sum();
    assert!(total > 0);
    None
}

fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for folder in std::fs::read_dir(dir).expect("a corpus") {
        for file in std::fs::read_dir(folder.expect("an entry").path()).expect("a folder") {
            files.push(file.expect("an entry").path());
        }
    }
    files
}

fn syndic() -> Command {
    Command::new(env!("CARGO_BIN_EXE_syndic"))
}

/// Runs a command to its end and returns its peak memory in KiB.
fn run(dir: &Path, command: &str) -> Option<u64> {
    let mut child = syndic()
        .args([command, "-qq"])
        .current_dir(dir)
        .stderr(Stdio::null())
        .spawn()
        .expect("syndic starts");
    // The peak stands in /proc as long as the process is not reaped, but no longer.
    let mut peak = None;
    loop {
        peak = peak_memory(child.id()).max(peak);
        if child.try_wait().expect("a child").is_some() {
            return peak;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
}

fn peak_memory(pid: u32) -> Option<u64> {
    memory(pid, "VmHWM:")
}

fn memory(pid: u32, what: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(what))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

struct Daemon {
    child: Child,
    address: String,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(dir: &Path) -> Daemon {
    let mut child = syndic()
        .args(["serve", "-qq"])
        .current_dir(dir)
        .stderr(Stdio::piped())
        .spawn()
        .expect("syndic starts");
    let mut lines = BufReader::new(child.stderr.take().expect("its stderr")).lines();
    let address = loop {
        let line = lines.next().expect("it listens").expect("text");
        if let Some(address) = line.strip_prefix("listening on http://") {
            break address.trim_end_matches('/').to_string();
        }
    };
    std::thread::spawn(move || lines.for_each(drop));
    Daemon { child, address }
}

fn serve(dir: &Path, content: &Path, size: usize) {
    let mut floor = Row { times: Vec::new(), memory: None };
    let mut restart = Row { times: Vec::new(), memory: None };
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        stat_walk(content);
        floor.times.push(begin.elapsed());
        let begin = Instant::now();
        let daemon = start(dir);
        restart.times.push(begin.elapsed());
        restart.memory = restart.memory.max(memory(daemon.child.id(), "VmRSS:"));
    }
    restart.print(size, "restart until serving", Some(&floor));
    let daemon = start(dir);
    let mut saves = Row { times: Vec::new(), memory: None };
    let path = content.join("000/saved.md");
    let mut last = Vec::new();
    for number in 0..60 {
        let text = format!(
            "---\ntitle: Saved {number}\ndate: 2026-01-01\ncategory: \"Chuyên mục 0\"\n---\n\nText {number}.\n"
        );
        let begin = Instant::now();
        std::fs::write(&path, text).expect("room for one more");
        let wanted = format!("Saved {number}");
        loop {
            let body = get(&daemon.address, "/category/chuyen-muc-0.json");
            if String::from_utf8_lossy(&body).contains(&wanted) {
                break;
            }
        }
        saves.times.push(begin.elapsed());
        last.push(begin.elapsed());
    }
    saves.memory = memory(daemon.child.id(), "VmRSS:");
    saves.print(size, "save until served (max of 60)", None);
    requests(&daemon, size, 200, "gzip, keep-alive, 8 connections", "Accept-Encoding: gzip\r\n");
    requests(&daemon, size, 304, "keep-alive, 8 connections", "If-None-Match: *\r\n");
}

fn get(address: &str, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    answer
}

/// A closed loop: each connection asks again as soon as it has its answer.
fn requests(daemon: &Daemon, size: usize, status: u16, what: &str, header: &str) {
    let expected = format!("HTTP/1.1 {status} ");
    let request = format!("GET /all.rss HTTP/1.1\r\nHost: bench\r\n{header}\r\n");
    let time = Duration::from_secs(3);
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (address, request) = (daemon.address.clone(), request.clone());
            let expected = expected.clone();
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(address).expect("it listens");
                let mut buffer = vec![0; 1 << 20];
                let start = Instant::now();
                let mut count = 0_u64;
                while start.elapsed() < time {
                    stream.write_all(request.as_bytes()).expect("it reads");
                    answer(&mut stream, &mut buffer, &expected);
                    count += 1;
                }
                count
            })
        })
        .collect();
    let total: u64 = threads.into_iter().map(|thread| thread.join().expect("a client")).sum();
    let rate = total as f64 / time.as_secs_f64();
    let rss = memory(daemon.child.id(), "VmRSS:").unwrap_or(0) / 1024;
    println!("| {size} | {status}, {what} | – | {rate:.0} requests/s | – | – | {rss} MiB |");
}

/// Reads one answer with a Content-Length, or without a body.
fn answer(stream: &mut TcpStream, buffer: &mut [u8], expected: &str) {
    let mut have = 0;
    loop {
        have += stream.read(&mut buffer[have..]).expect("it answers");
        let head = &buffer[..have];
        let Some(at) = head.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&head[..at]);
        assert!(text.starts_with(expected), "{text}");
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .and_then(|length| length.parse().ok())
            .unwrap_or(0);
        while have < at + 4 + length {
            have += stream.read(&mut buffer[have..]).expect("it answers");
        }
        return;
    }
}
