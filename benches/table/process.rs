//! The daemon and other programs as processes, and what the kernel tells of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

pub fn syndic() -> Command {
    Command::new(env!("CARGO_BIN_EXE_syndic"))
}

/// Runs a program to its end and returns its peak memory in KiB.
pub fn run(command: &mut Command) -> Option<u64> {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.expect("the program starts");
    let (pid, ended) = (child.id(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        // The peak stands in /proc as long as the process runs. To look costs it something.
        let watch = scope.spawn(|| {
            let mut peak = None;
            while !ended.load(Relaxed) {
                peak = memory(pid, "VmHWM:").max(peak);
                std::thread::park_timeout(Duration::from_millis(2));
            }
            peak
        });
        let status = child.wait().expect("a child");
        ended.store(true, Relaxed);
        watch.thread().unpark();
        assert!(status.success(), "{command:?}: {status}");
        watch.join().expect("what it saw")
    })
}

pub fn memory(pid: u32, what: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(what))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

pub struct Daemon {
    child: Child,
    pub address: String,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address of this machine that nobody listens at.
pub fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").to_string()
}

impl Daemon {
    /// Also returns when a reader had the feed of everything, which it asked for from the start.
    pub fn start_for_reader(dir: &Path, address: &str) -> (Daemon, Instant) {
        let wanted = address.to_string();
        let reader = std::thread::spawn(move || {
            loop {
                if let Ok(stream) = TcpStream::connect(&wanted)
                    && Client::new(stream).get("/all.rss", "").status == 200
                {
                    return Instant::now();
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let daemon = Daemon::start(dir);
        assert_eq!(daemon.address, address);
        (daemon, reader.join().expect("a reader"))
    }

    /// Returns when it says that it listens: everything was looked at.
    pub fn start(dir: &Path) -> Daemon {
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

    pub fn memory(&self) -> Option<u64> {
        memory(self.child.id(), "VmRSS:")
    }

    /// How often any of its threads was woken.
    pub fn wakes(&self) -> u64 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let tasks = tasks.expect("its threads").flatten();
        let of = |path: std::path::PathBuf| -> Option<u64> {
            let status = std::fs::read_to_string(path.join("status")).ok()?;
            let line = status.lines().find(|line| line.starts_with("voluntary_ctxt"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        tasks.filter_map(|task| of(task.path())).sum()
    }

    pub fn client(&self) -> Client {
        Client::new(TcpStream::connect(&self.address).expect("it listens"))
    }
}

/// A reader that keeps its connection.
pub struct Client {
    stream: TcpStream,
}

pub struct Answer {
    pub status: u16,
    pub etag: String,
    pub coding: String,
    /// With its head.
    pub bytes: usize,
}

impl Client {
    fn new(stream: TcpStream) -> Client {
        stream.set_nodelay(true).expect("a socket");
        Client { stream }
    }

    pub fn get(&mut self, path: &str, fields: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{fields}\r\n");
        self.stream.write_all(request.as_bytes()).expect("it reads");
        let mut bytes = Vec::new();
        let mut buffer = [0; 64 * 1024];
        let mut more = |bytes: &mut Vec<u8>| {
            let count = self.stream.read(&mut buffer).expect("it answers");
            assert!(count > 0, "it answers to the end");
            bytes.extend_from_slice(&buffer[..count]);
        };
        let head = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            more(&mut bytes);
        };
        let text = String::from_utf8_lossy(&bytes[..head]).to_string();
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().to_string()
        };
        let status = text[9..12].parse().expect("a status");
        let length: usize = field("content-length: ").parse().unwrap_or(0);
        let whole = head + if status == 304 { 0 } else { length };
        while bytes.len() < whole {
            more(&mut bytes);
        }
        Answer { status, etag: field("etag: "), coding: field("content-encoding: "), bytes: whole }
    }
}
