//! `cargo bench --bench serving` holds the daemon's serving against nginx's: the same bytes, one
//! core for each server, the load from a closed-loop epoll generator on another core, in turn.
//! `cargo bench --bench serving -- 1 4 --quick` runs some of the workloads, in short rounds:
//!
//! 1. If-None-Match, answered with 304, keep-alive
//! 2. 200 with gzip, keep-alive
//! 3. readers as they come: nine 304 to one 200, a connection each
//! 4. memory of idle connections
//! 5. what readers feel while 10,000 articles are rebuilt
//! 6. one core and two
//!
//! Nothing here decides whether a test passes.

mod compare;
#[path = "../table/dice.rs"]
mod dice;
mod generator;
mod histogram;
mod lasting;
mod peers;
mod site;

use std::io::{self, Error};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use generator::Request;
use peers::{Cores, Peer};

/// What the command line asks for.
pub struct Plan {
    workloads: Vec<u32>,
    pub rounds: usize,
    pub round: Duration,
    pub warm_up: Duration,
    /// For what is measured once and needs time: a rebuild, the idle daemon beside it.
    pub window: Duration,
    pub rebuilds: u64,
}

impl Plan {
    fn from_args() -> Result<Plan, String> {
        let ms = Duration::from_millis;
        let (mut workloads, mut quick) = (Vec::new(), false);
        for arg in std::env::args().skip(1) {
            match arg.as_str() {
                // cargo bench says so to every benchmark.
                "--bench" => {}
                "--quick" => quick = true,
                arg => match arg.parse() {
                    Ok(number @ 1..=6) => workloads.push(number),
                    _ => return Err(format!("{arg}: workloads are 1 to 6; or --quick")),
                },
            }
        }
        let plan = if quick {
            Plan {
                workloads,
                rounds: 3,
                round: ms(500),
                warm_up: ms(100),
                window: ms(4000),
                rebuilds: 1,
            }
        } else {
            Plan {
                workloads,
                rounds: 5,
                round: ms(1500),
                warm_up: ms(300),
                window: ms(4000),
                rebuilds: 3,
            }
        };
        Ok(plan)
    }

    fn wants(&self, workload: u32) -> bool {
        self.workloads.is_empty() || self.workloads.contains(&workload)
    }
}

/// Both servers on the same bytes, nginx first, checked against each other.
pub struct Rig {
    pub servers: [Server; 2],
    /// Bytes of the feed, plain and with gzip.
    pub sizes: (usize, usize),
}

pub struct Server {
    pub peer: Peer,
    /// Of the feed with gzip.
    pub tag: String,
    /// Bytes of the heads of a 304 and of a 200.
    pub heads: (usize, usize),
}

const GZIP: &str = "Accept-Encoding: gzip\r\n";

impl Rig {
    pub fn start(dir: &Path, workers: usize) -> io::Result<Rig> {
        let syndic = peers::syndic(dir)?;
        let (plain, packed) = (syndic.get("")?, syndic.get(GZIP)?);
        let www = dir.join("www");
        std::fs::create_dir_all(&www)?;
        std::fs::copy(dir.join("feeds/all.rss"), www.join("all.rss"))?;
        std::fs::write(www.join("all.rss.gz"), &packed.body)?;
        let nginx = peers::nginx(dir, workers, &plain)?;
        if nginx.get("")?.body != plain.body || nginx.get(GZIP)?.body != packed.body {
            return Err(Error::other("the servers serve different bytes"));
        }
        let sizes = (plain.body.len(), packed.body.len());
        Ok(Rig { servers: [Server::check(nginx)?, Server::check(syndic)?], sizes })
    }
}

impl Server {
    /// It answers 200 with gzip, and 304 to its own tag.
    fn check(peer: Peer) -> io::Result<Server> {
        let fault = |what: &str| Error::other(format!("{}: {what}", peer.name));
        let full = peer.get(GZIP)?;
        if full.status != 200 || full.field("content-encoding") != Some("gzip") {
            return Err(fault("no 200 with gzip"));
        }
        let tag = full.field("etag").ok_or_else(|| fault("no ETag"))?.to_string();
        let known = peer.get(&format!("{GZIP}If-None-Match: {tag}\r\n"))?;
        if known.status != 304 || !known.body.is_empty() {
            return Err(fault("no 304 to its own ETag"));
        }
        let heads = (known.head.len(), full.head.len());
        Ok(Server { peer, tag, heads })
    }

    /// A reader's first request.
    pub fn full(&self, close: bool) -> Request {
        Request { text: request(GZIP, close), status: 200 }
    }

    /// A reader that has the feed already.
    pub fn known(&self, close: bool) -> Request {
        let fields = format!("{GZIP}If-None-Match: {}\r\n", self.tag);
        Request { text: request(&fields, close), status: 304 }
    }
}

/// What a feed reader sends.
pub fn request(fields: &str, close: bool) -> String {
    let close = if close { "Connection: close\r\n" } else { "" };
    format!(
        "GET /all.rss HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: bench-reader/1.0\r\n\
         Accept: application/rss+xml, */*\r\n{fields}{close}\r\n"
    )
}

fn main() -> ExitCode {
    let done = Plan::from_args().map_err(Error::other).and_then(|plan| run(&plan));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("serving: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(plan: &Plan) -> io::Result<()> {
    let Some(cores) = Cores::find()? else {
        println!("skipped: a server and a generator need a core each");
        return Ok(());
    };
    if !peers::has_nginx() {
        println!("skipped: nginx is not installed");
        return Ok(());
    }
    lasting::raise_descriptor_limit()?;
    let dir = tempfile::tempdir()?;
    let small = dir.path().join("small");
    site::write(&small, 40, 260)?;
    peers::build(&small)?;
    println!("Load: closed-loop epoll generator, benches/serving.\n");
    if [1, 2, 3, 6].into_iter().any(|workload| plan.wants(workload)) {
        let rig = cores.apart(|| Rig::start(&small, 1))?;
        describe(&rig);
        compare::against_nginx(plan, &rig)?;
        if plan.wants(6) {
            let one = compare::both_kinds(plan, &rig)?;
            drop(rig);
            let rig = cores.shared(|| Rig::start(&small, 2))?;
            let two = compare::both_kinds(plan, &rig)?;
            compare::print_scaling(&one, &two);
        }
    }
    if plan.wants(4) {
        let rig = cores.apart(|| Rig::start(&small, 1))?;
        lasting::memory(&rig)?;
    }
    if plan.wants(5) {
        cores.shared(|| lasting::rebuild(plan, &dir.path().join("large")))?;
    }
    Ok(())
}

fn describe(rig: &Rig) {
    println!("all.rss: {} bytes, {} with gzip, the same from both.", rig.sizes.0, rig.sizes.1);
    for server in &rig.servers {
        let (known, full) = server.heads;
        println!("Heads of {}: {known} bytes with 304, {full} with 200.", server.peer.name);
    }
    println!();
}
