//! Many clients at once, most of them slow: those that ask as they should get what they asked for,
//! and what the others hold is bounded, and given back.

use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::kit::{CONFIG, Daemon, Site, figure, report, skip};

/// What a process holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    kilobytes: u64,
    descriptors: usize,
    threads: usize,
}

fn held(daemon: &Daemon) -> Held {
    let process = format!("/proc/{}", daemon.pid());
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    let count = |folder: &str| std::fs::read_dir(format!("{process}/{folder}")).unwrap().count();
    Held { kilobytes, descriptors: count("fd"), threads: count("task") }
}

/// Descriptors for so many connections at both ends; `false` where they are not to be had.
fn raise_limit(connections: usize) -> bool {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    let enough = getrlimit(Resource::Nofile).current;
    enough.is_none_or(|enough| enough as usize > connections + 512)
}

fn site() -> Site {
    let site = Site::with_config(&format!("{CONFIG}\n[feeds]\nentries = \"all\"\n"));
    // The feed is larger than what sockets take at once.
    let text = (0..4_000).map(|word| format!("word{word} ")).collect::<String>();
    for number in 0..250 {
        let head = format!("---\ntitle: \"T{number}\"\ndate: 2024-01-01\n---\n\n");
        site.write(&format!("{number}.md"), format!("{head}{number} {text}\n"));
    }
    site.write("small/only.md", crate::kit::article("Only", "2024-01-02"));
    site
}

async fn connect(address: &str) -> Option<TcpStream> {
    TcpStream::connect(address).await.ok()
}

/// Cut off, or never let in, a client comes again.
async fn again<F: Future<Output = ()>>(come: impl Fn() -> F) {
    loop {
        come().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Sends a head, or a body, that never ends, a byte each second.
async fn drip(address: String, start: &'static [u8]) {
    let Some(mut stream) = connect(&address).await else { return };
    if stream.write_all(start).await.is_err() {
        return;
    }
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if stream.write_all(b"x").await.is_err() {
            return;
        }
    }
}

/// Asks for much, and takes nothing.
async fn sulk(address: String) {
    let Some(mut stream) = connect(&address).await else { return };
    let small = 4_096_i32;
    // SAFETY: the option is a number of this size.
    unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVBUF,
            (&raw const small).cast(),
            size_of::<i32>() as u32,
        );
    }
    let _ = stream.write_all(b"GET /all.json HTTP/1.1\r\nHost: a\r\n\r\n").await;
    // Looks whether it is cut off.
    while stream.peek(&mut [0]).await.is_ok_and(|length| length > 0) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn idle(address: String) {
    let Some(mut stream) = connect(&address).await else { return };
    let _ = stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut buffer = [0; 1_024];
    while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
}

/// One request as it should be, on a connection of its own; how long it took.
async fn good(address: String) -> Result<Duration, String> {
    let start = Instant::now();
    let ask = async {
        let mut stream = TcpStream::connect(&address).await.map_err(|error| error.to_string())?;
        let request = b"GET /category/small.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.map_err(|error| error.to_string())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.map_err(|error| error.to_string())?;
        let whole = answer.starts_with(b"HTTP/1.1 200") && answer.ends_with(b"}\n");
        whole.then_some(()).ok_or_else(|| String::from_utf8_lossy(&answer).into_owned())
    };
    tokio::time::timeout(crate::kit::DEADLINE, ask).await.map_err(|_| "no answer")??;
    Ok(start.elapsed())
}

/// Good requests, so many in a second, for so many seconds.
async fn good_ones(address: &str, rate: usize, seconds: usize) -> Vec<Duration> {
    let mut beat = tokio::time::interval(Duration::from_micros(1_000_000 / rate as u64));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut asked = JoinSet::new();
    for _ in 0..rate * seconds {
        beat.tick().await;
        asked.spawn(good(address.to_string()));
    }
    let mut times: Vec<Duration> =
        asked.join_all().await.into_iter().map(|time| time.expect("a good request")).collect();
    times.sort();
    times
}

fn part(times: &[Duration], share: f64) -> f64 {
    times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0
}

#[test]
fn slow_clients_harm_nobody() {
    let (heads, reads) = (figure(400, 4_000), figure(200, 2_000));
    let (posts, idles) = (figure(100, 1_000), figure(1_000, 10_000));
    let (rate, seconds) = (figure(100, 500), figure(3, 30));
    if !raise_limit(heads + reads + posts + idles) {
        return skip("so many descriptors are not to be had here");
    }
    let site = site();
    let daemon = site.serve();
    let address = daemon.address.clone();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (times, peak, before) = runtime.block_on(async {
        good(address.clone()).await.unwrap();
        let before = held(&daemon);
        let mut crowd = JoinSet::new();
        for _ in 0..heads {
            let address = address.clone();
            let start = b"GET /all.rss HTTP/1.1\r\nHost: a\r\nX-Slow: ";
            crowd.spawn(again(move || drip(address.clone(), start)));
        }
        for _ in 0..posts {
            let address = address.clone();
            let start = b"POST /all.rss HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";
            crowd.spawn(again(move || drip(address.clone(), start)));
        }
        for _ in 0..reads {
            let address = address.clone();
            crowd.spawn(again(move || sulk(address.clone())));
        }
        for _ in 0..idles {
            let address = address.clone();
            crowd.spawn(again(move || idle(address.clone())));
        }
        // They are there before the good ones come.
        let enough = heads + reads + idles;
        let start = Instant::now();
        while held(&daemon).descriptors < before.descriptors + enough {
            assert!(start.elapsed() < crate::kit::DEADLINE, "{:?}", held(&daemon));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let first = held(&daemon);
        let times = good_ones(&address, rate, seconds).await;
        // Slow heads are cut off after half a minute.
        let last = held(&daemon);
        let peak = Held {
            kilobytes: first.kilobytes.max(last.kilobytes),
            descriptors: first.descriptors.max(last.descriptors),
            threads: first.threads.max(last.threads),
        };
        crowd.shutdown().await;
        (times, peak, before)
    });
    report(&format!(
        "{heads} slow heads, {reads} readers that take nothing, {posts} slow bodies, {idles} idle: \
         {} good requests, {rate} each second, p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms; \
         {before:?}, then {peak:?}",
        times.len(),
        part(&times, 0.5),
        part(&times, 0.99),
        part(&times, 1.0),
    ));
    // Those that read and compress come with the first who needs them, two for each that serves.
    assert!(peak.threads <= before.threads + 8, "{before:?}, {peak:?}");
    let crowd = (heads + reads + posts + idles) as u64;
    assert!(peak.kilobytes < before.kilobytes + 16 * 1_024 + crowd * 64, "{before:?}, {peak:?}");
    daemon.until("all is given back", |daemon| held(daemon).descriptors <= before.descriptors + 2);
}
