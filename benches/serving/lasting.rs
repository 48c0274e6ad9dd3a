//! What lasts longer than a request: idle connections, and a rebuild beside them.

use std::io::{self, Error};
use std::net::SocketAddrV4;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::generator::{Generator, Load, Next, Request, Tally};
use crate::peers::{self, Peer};
use crate::{Plan, Rig, request, site};

const IDLE: usize = 10_000;
/// Descriptors beside the connections' own.
const SPARE: u64 = 512;
const ARTICLES: usize = 10_000;
const ARTICLE_SIZE: usize = 3_000;
const READERS: usize = 64;
/// Between a reader's requests.
const BEAT: Duration = Duration::from_millis(20);
/// The longest that a rebuild may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Servers inherit it.
pub fn raise_descriptor_limit() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?)
}

/// Workload 4.
pub fn memory(rig: &Rig) -> io::Result<()> {
    if getrlimit(Resource::Nofile).current.is_some_and(|limit| limit < IDLE as u64 + SPARE) {
        println!("Memory: skipped, the limit of descriptors is below {IDLE}.\n");
        return Ok(());
    }
    println!("Resident memory with {IDLE} idle connections, each after a 200 with gzip.\n");
    println!("| server | before, MiB | with them, MiB | KiB per connection |");
    println!("|---|---|---|---|");
    for server in &rig.servers {
        let before = server.peer.memory()?;
        let load = Load {
            address: server.peer.address,
            connections: IDLE,
            requests: vec![server.full(false)],
            next: Next::Idle,
        };
        let mut generator = Generator::open(load)?;
        let tally = generator.run(PATIENCE)?;
        if tally.answers != IDLE as u64 {
            return Err(Error::other(format!("{} of {IDLE} answers", tally.answers)));
        }
        std::thread::sleep(Duration::from_millis(300));
        let after = server.peer.memory()?;
        let each = after.saturating_sub(before) as f64 / IDLE as f64;
        let (before, after) = (before as f64 / 1024.0, after as f64 / 1024.0);
        println!("| {} | {before:.1} | {after:.1} | {each:.2} |", server.peer.name);
    }
    println!();
    Ok(())
}

/// Workload 5.
pub fn rebuild(plan: &Plan, dir: &Path) -> io::Result<()> {
    site::write(dir, ARTICLES, ARTICLE_SIZE)?;
    peers::build(dir)?;
    let daemon = peers::syndic(dir)?;
    settle(&daemon)?;
    // Answered with 304 whatever the edition is, so that all answers are of one kind.
    let known = Request { text: request("If-None-Match: *\r\n", false), status: 304 };
    let load = Load {
        address: daemon.address,
        connections: READERS,
        requests: vec![known],
        next: Next::OnBeat(BEAT),
    };
    println!(
        "{READERS} readers, each with a request answered with 304 every {BEAT:?}, for {:?}; all cores \
         are everyone's: the daemon's, the generator's, and of whoever rewrites the articles, so \
         that a part of the delay is the generator's own.\n",
        plan.window
    );
    println!("| daemon with {ARTICLES} articles | req/s | p50 ms | p99 ms | most ms | rebuild |");
    println!("|---|---|---|---|---|---|");
    let open = || {
        let mut generator = Generator::open(load.clone())?;
        generator.run(plan.warm_up).map(|_| generator)
    };
    let idle = open()?.run(plan.window)?;
    print_readers("idle", &idle, "–");
    for edition in 1..=plan.rebuilds {
        let texts: Vec<String> =
            (0..ARTICLES).map(|number| site::article(number, edition, ARTICLE_SIZE)).collect();
        let (busy, progress) = beside_a_rebuild(plan, dir, &daemon, open()?, texts)?;
        print_readers("all articles rewritten", &busy, &progress);
        println!(
            "| difference | – | {:+.2} | {:+.2} | {:+.2} | – |",
            difference(&idle, &busy, 0.5),
            difference(&idle, &busy, 0.99),
            difference(&idle, &busy, 1.0),
        );
        settle(&daemon)?;
    }
    println!();
    Ok(())
}

fn milliseconds(tally: &Tally, share: f64) -> f64 {
    tally.latencies.quantile(share).as_secs_f64() * 1e3
}

fn difference(idle: &Tally, busy: &Tally, share: f64) -> f64 {
    milliseconds(busy, share) - milliseconds(idle, share)
}

fn print_readers(what: &str, tally: &Tally, progress: &str) {
    println!(
        "| {what} | {:.0} | {:.2} | {:.2} | {:.2} | {progress} |",
        tally.answers as f64 / tally.wall.as_secs_f64(),
        milliseconds(tally, 0.5),
        milliseconds(tally, 0.99),
        milliseconds(tally, 1.0),
    );
}

/// The readers' tally from the first article's rewriting on, and how far the rebuild came.
fn beside_a_rebuild(
    plan: &Plan,
    dir: &Path,
    daemon: &Peer,
    mut generator: Generator,
    texts: Vec<String>,
) -> io::Result<(Tally, String)> {
    let cpu = daemon.cpu()?;
    let over = Arc::new(AtomicBool::new(false));
    let watcher = {
        let (address, over) = (daemon.address, over.clone());
        std::thread::spawn(move || editions(address, &over))
    };
    let writer = {
        let dir = dir.to_path_buf();
        std::thread::spawn(move || {
            let start = Instant::now();
            site::write_texts(&dir, &texts).map(|()| start.elapsed())
        })
    };
    let tally = generator.run(plan.window);
    over.store(true, Ordering::Relaxed);
    let written = writer.join().map_err(|_| Error::other("the writer panicked"))??;
    let editions = watcher.join().map_err(|_| Error::other("the watcher panicked"))??;
    let cpu = daemon.cpu()?.saturating_sub(cpu);
    let last = editions.last().map(|last| format!(", the last after {:.1} s", last.as_secs_f64()));
    let progress = format!(
        "written in {:.1} s; {} new editions of all.rss{}; {:.1} s of CPU",
        written.as_secs_f64(),
        editions.len(),
        last.unwrap_or(", it was not done yet".to_string()),
        cpu.as_secs_f64(),
    );
    Ok((tally?, progress))
}

/// When new editions of the feed came, until it is over.
fn editions(address: SocketAddrV4, over: &AtomicBool) -> io::Result<Vec<Duration>> {
    let start = Instant::now();
    let (mut tag, mut times) = (None::<String>, Vec::new());
    while !over.load(Ordering::Relaxed) {
        let known = tag.as_ref().map(|tag| format!("If-None-Match: {tag}\r\n"));
        let answer = peers::get(address, &known.unwrap_or_default())?;
        if answer.status == 200 {
            if tag.is_some() {
                times.push(start.elapsed());
            }
            tag = answer.field("etag").map(String::from);
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    Ok(times)
}

/// Waits until the daemon has nothing left to do.
fn settle(daemon: &Peer) -> io::Result<()> {
    const LOOK: Duration = Duration::from_millis(500);
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        let before = daemon.cpu()?;
        std::thread::sleep(LOOK);
        if daemon.cpu()?.saturating_sub(before) < LOOK / 20 {
            return Ok(());
        }
    }
    Err(Error::other("the daemon does not come to rest"))
}
