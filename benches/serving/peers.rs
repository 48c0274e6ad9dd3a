//! The two servers that are held against each other: child processes that serve the same bytes,
//! and what they cost, as the kernel counts it.

use std::fs;
use std::io::{self, BufRead, BufReader, Error, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::generator::content_length;

const START: Duration = Duration::from_secs(60);

/// Where the server runs and where the generator does.
#[derive(Clone)]
pub struct Cores {
    all: CpuSet,
    first: CpuSet,
    second: CpuSet,
}

impl Cores {
    /// `None` where there are less than two.
    pub fn find() -> io::Result<Option<Cores>> {
        let all = sched_getaffinity(None)?;
        let mut allowed = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core));
        let (Some(first), Some(second)) = (allowed.next(), allowed.next()) else { return Ok(None) };
        let only = |core| {
            let mut set = CpuSet::new();
            set.set(core);
            set
        };
        Ok(Some(Cores { all, first: only(first), second: only(second) }))
    }

    /// Runs `spawn` on the first core, which its child inherits, then goes to the second.
    pub fn apart<T>(&self, spawn: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        sched_setaffinity(None, &self.first)?;
        let spawned = spawn();
        sched_setaffinity(None, &self.second)?;
        spawned
    }

    /// Whoever comes, the generator too, runs where the kernel puts it.
    pub fn shared<T>(&self, spawn: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        sched_setaffinity(None, &self.all)?;
        spawn()
    }
}

pub struct Peer {
    pub name: &'static str,
    pub address: SocketAddrV4,
    child: Child,
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Not SIGKILL: nginx's master has workers to end.
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = Pid::from_raw(pid).map(|pid| kill_process(pid, Signal::TERM));
        }
        let _ = self.child.wait();
    }
}

/// What a GET brings.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

pub fn has_nginx() -> bool {
    Command::new("nginx").arg("-v").stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

fn syndic_binary() -> io::Result<std::ffi::OsString> {
    let named = std::env::var_os("SYNDIC");
    named
        .or(option_env!("CARGO_BIN_EXE_syndic").map(Into::into))
        .ok_or_else(|| Error::other("SYNDIC must name the binary"))
}

/// `syndic build`
pub fn build(dir: &Path) -> io::Result<()> {
    let status = Command::new(syndic_binary()?).args(["build", "-qq"]).current_dir(dir).status()?;
    if status.success() { Ok(()) } else { Err(Error::other(format!("syndic build: {status}"))) }
}

/// `syndic serve`
pub fn syndic(dir: &Path) -> io::Result<Peer> {
    let mut child = Command::new(syndic_binary()?)
        .args(["serve", "-qq"])
        .current_dir(dir)
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = child.stderr.take().ok_or_else(|| Error::other("no stderr"))?;
    let unknown = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
    let mut peer = Peer { name: "syndic", address: unknown, child };
    let mut lines = BufReader::new(stderr).lines();
    for line in lines.by_ref() {
        let line = line?;
        if let Some(address) = line.strip_prefix("listening on http://") {
            peer.address = address.trim_end_matches('/').parse().map_err(Error::other)?;
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(peer);
        }
        eprintln!("syndic: {line}");
    }
    Err(Error::other("syndic ended before it listened"))
}

/// nginx serving `dir/www`, as one who knows it would set it up for a few static feeds. `like` is
/// an answer of syndic's: nginx sends the same fields where they are its to choose.
pub fn nginx(dir: &Path, workers: usize, like: &Answer) -> io::Result<Peer> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let config = dir.join("nginx.conf");
    fs::write(&config, nginx_config(address, workers, like))?;
    let child = Command::new("nginx")
        .args(["-e", "stderr", "-p"])
        .arg(dir)
        .arg("-c")
        .arg(&config)
        .stdin(Stdio::null())
        .spawn()?;
    let mut peer = Peer { name: "nginx", address, child };
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(status) = peer.child.try_wait()? {
            return Err(Error::other(format!("nginx: {status}")));
        }
        if start.elapsed() > START {
            return Err(Error::other("nginx does not listen"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(peer)
}

fn nginx_config(address: SocketAddrV4, workers: usize, like: &Answer) -> String {
    let field = |name| like.field(name).unwrap_or_default();
    let (cache, kind) = (field("cache-control"), field("content-type"));
    // Several workers share the connections by their hash; otherwise one takes nearly all.
    let (master, reuse) = if workers > 1 { ("on", "reuseport") } else { ("off", "") };
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("    {what}_temp_path tmp-{what};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process {master};\nworker_processes {workers};\n{user}\n\
         error_log stderr error;\npid nginx.pid;\n\
         events {{ worker_connections 16384; multi_accept on; }}\n\
         http {{\n{temporary}    access_log off;\n    sendfile on;\n    tcp_nopush on;\n    \
         etag on;\n    gzip_static on;\n    gzip_vary on;\n    \
         open_file_cache max=1000 inactive=600s;\n    open_file_cache_valid 600s;\n    \
         keepalive_timeout 120s;\n    keepalive_requests 1000000000;\n    \
         types {{ \"{kind}\" rss; }}\n    add_header Cache-Control \"{cache}\";\n    \
         server {{ listen {address} backlog=4096 {reuse}; root www; }}\n}}\n"
    )
}

/// CPU time that the machine has spent, on whatever, since it started.
pub fn machine_cpu() -> io::Result<Duration> {
    let stat = fs::read_to_string("/proc/stat")?;
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    // user, nice, system, idle, iowait, irq, softirq, steal
    let times = fields.take(8).enumerate().filter(|(at, _)| !matches!(at, 3 | 4));
    Ok(time_of(times.filter_map(|(_, field)| field.parse::<u64>().ok()).sum()))
}

fn time_of(ticks: u64) -> Duration {
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

impl Peer {
    fn pids(&self) -> Vec<u32> {
        let own = self.child.id();
        let children = fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
        let children = children.unwrap_or_default();
        let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        std::iter::once(own).chain(children).collect()
    }

    /// CPU time, of all threads, since it started.
    pub fn cpu(&self) -> io::Result<Duration> {
        let mut ticks = 0;
        for pid in self.pids() {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
            // The name before may hold anything; after it utime and stime are fields 12 and 13.
            let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
            let times = fields.split_whitespace().skip(11).take(2);
            ticks += times.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>();
        }
        Ok(time_of(ticks))
    }

    /// Resident memory in KiB.
    pub fn memory(&self) -> io::Result<u64> {
        let mut sum = 0;
        for pid in self.pids() {
            let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
            let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
            sum += line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0);
        }
        Ok(sum)
    }

    /// `fields`: further lines of the head, each with its end.
    pub fn get(&self, fields: &str) -> io::Result<Answer> {
        get(self.address, fields)
    }
}

pub fn get(address: SocketAddrV4, fields: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(START))?;
    let request = format!(
        "GET /all.rss HTTP/1.1\r\nHost: bench.example\r\n{fields}Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or_else(|| Error::other("an answer without an end of its head"))?;
    let body = bytes.split_off(end + 4);
    let whole = content_length(&bytes).is_none_or(|length| length == body.len());
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    if !whole && status == 200 {
        return Err(Error::other("a body of another length than Content-Length says"));
    }
    Ok(Answer { status, head, body })
}
