//! What the tests share: a site in a temporary directory, the daemon as a process, and a client
//! that says exactly what it is told to.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// How long a test waits for what must happen; a busy machine may need a while.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// Says that a test was not done; past the test runner, which keeps what passing tests print.
pub fn skip(why: &str) {
    let name = std::thread::current().name().unwrap_or("a test").to_string();
    let _ = writeln!(std::io::stderr(), "skipped: {name}: {why}");
}

/// How often a test does what it does again and again: what every change can wait for, or, with
/// `SYNDIC_PROMISES=full`, what the README promises; with a number, that share of it.
pub fn figure(quick: usize, full: usize) -> usize {
    match std::env::var("SYNDIC_PROMISES").as_deref() {
        Ok("full") => full,
        Ok(share) => {
            let share: f64 = share.parse().expect("`full` or a share of it");
            quick.max((full as f64 * share) as usize)
        }
        Err(_) => quick,
    }
}

/// Prints what was measured, likewise past the test runner.
pub fn report(what: &str) {
    let name = std::thread::current().name().unwrap_or("a test").to_string();
    let _ = writeln!(std::io::stderr(), "measured: {name}: {what}");
}

/// Does these jobs on so many threads, more than there are cores where most of a job is waiting.
/// One that fails stops no other, so that a long run finds all that fail.
pub fn in_parallel<T: Send>(
    hands: usize,
    jobs: Range<usize>,
    job: &(dyn Fn(usize) -> T + Sync),
) -> Vec<T> {
    let next = AtomicUsize::new(jobs.start);
    let take = || Some(next.fetch_add(1, SeqCst)).filter(|number| jobs.contains(number));
    let attempt = |number| catch_unwind(AssertUnwindSafe(|| job(number)));
    let done: Vec<_> = std::thread::scope(|scope| {
        let hand = || std::iter::from_fn(take).map(attempt).collect::<Vec<_>>();
        let hands: Vec<_> = (0..hands).map(|_| scope.spawn(hand)).collect();
        hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
    });
    let (done, failed): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    assert!(failed.is_empty(), "{} of {} fail, as said above", failed.len(), jobs.len());
    done.into_iter().filter_map(Result::ok).collect()
}

/// What a program said on standard error.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a program to its end; one that hangs is a failure, not a wait.
pub fn finish(command: &mut Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = child.spawn().unwrap();
    let pid = Pid::from_raw(child.id() as i32).unwrap();
    let (done, end) = channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    match end.recv_timeout(DEADLINE) {
        Ok(output) => output.unwrap(),
        Err(_) => {
            let _ = kill_process(pid, Signal::KILL);
            panic!("{command:?} does not end");
        }
    }
}

pub fn syndic() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syndic"));
    command.env_remove("STATE_DIRECTORY").env_remove("NOTIFY_SOCKET");
    command
}

pub struct Site {
    pub dir: tempfile::TempDir,
}

pub const CONFIG: &str = r#"
title = "Test"
url = "https://test.example/"
timezone = "Asia/Ho_Chi_Minh"
[server]
listen = "127.0.0.1:0"
"#;

impl Site {
    pub fn new() -> Site {
        Site::with_config(CONFIG)
    }

    pub fn with_config(config: &str) -> Site {
        let site = Site { dir: tempfile::tempdir().unwrap() };
        std::fs::write(site.path("config.toml"), config).unwrap();
        std::fs::create_dir(site.path("content")).unwrap();
        site
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Writes a file below `content/`.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path("content").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Another config, from now on.
    pub fn config(&self, text: &str) {
        std::fs::write(self.path("config.toml"), text).unwrap();
    }

    /// A file below `content/` gets another time of change.
    pub fn touch(&self, path: &str, seconds: u64) {
        let file = std::fs::File::options().write(true).open(self.path("content").join(path));
        let at = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
        file.unwrap().set_modified(at).unwrap();
    }

    pub fn article(&self, path: &str, title: &str, date: &str) {
        self.write(path, article(title, date));
    }

    pub fn rename(&self, from: &str, to: &str) {
        let content = self.path("content");
        std::fs::create_dir_all(content.join(to).parent().unwrap()).unwrap();
        std::fs::rename(content.join(from), content.join(to)).unwrap();
    }

    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.path("content").join(path)).unwrap();
    }

    pub fn run(&self, args: &[&str]) -> Output {
        finish(syndic().args(args).current_dir(self.dir.path()))
    }

    /// Lets held changes through.
    pub fn accept(&self, paths: &[&str]) {
        let output = self.run(&[&["accept"], paths].concat());
        assert!(output.status.success(), "{}", said(&output));
    }

    /// A command whose user may be kept out by a file's mode: root goes everywhere, so it becomes
    /// somebody else. `None` where that cannot be done.
    pub fn unprivileged(&self) -> Option<Command> {
        use std::os::unix::fs::PermissionsExt;
        use std::os::unix::process::CommandExt;
        if !rustix::process::geteuid().is_root() {
            let mut command = syndic();
            command.current_dir(self.dir.path());
            return Some(command);
        }
        const NOBODY: u32 = 65_534;
        let owner = format!("{NOBODY}:{NOBODY}");
        let chown = Command::new("chown").args(["-R", &owner]).arg(self.dir.path()).status();
        if !chown.is_ok_and(|status| status.success()) {
            skip("files cannot be given to somebody else here");
            return None;
        }
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.dir.path(), open.clone()).unwrap();
        let program = self.path("syndic");
        if !program.exists() {
            std::fs::copy(env!("CARGO_BIN_EXE_syndic"), &program).unwrap();
            std::fs::set_permissions(&program, open).unwrap();
        }
        let mut command = Command::new(program);
        command.env_remove("STATE_DIRECTORY").env_remove("NOTIFY_SOCKET");
        command.current_dir(self.dir.path()).uid(NOBODY).gid(NOBODY);
        Some(command)
    }

    /// Builds, and expects the exit code.
    pub fn build(&self, code: i32) -> String {
        let output = self.run(&["build"]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }

    pub fn feed(&self, path: &str) -> Value {
        let bytes = std::fs::read(self.path("feeds").join(path)).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// (title, id) of the entries of a feed on disk.
    pub fn ids(&self, path: &str) -> Vec<(String, String)> {
        ids(&self.feed(path))
    }

    pub fn serve(&self) -> Daemon {
        Daemon::start(self.dir.path(), &[])
    }

    pub fn explain(&self, path: &str) -> Value {
        let output = self.run(&["explain", "--json", path]);
        assert!(output.status.success(), "{}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

pub fn article(title: &str, date: &str) -> String {
    format!("---\ntitle: \"{title}\"\ndate: {date}\n---\n\nThe body of the article {title}.\n")
}

pub fn ids(feed: &Value) -> Vec<(String, String)> {
    let text = |item: &Value, key: &str| item[key].as_str().unwrap().to_string();
    feed["items"].as_array().unwrap().iter().map(|i| (text(i, "title"), text(i, "id"))).collect()
}

pub fn item(feed: &serde_json::Value, title: &str) -> serde_json::Value {
    let items = feed["items"].as_array().unwrap();
    items.iter().find(|item| item["title"] == title).unwrap_or_else(|| panic!("{feed:#}")).clone()
}

pub fn titles(feed: &Value) -> Vec<String> {
    ids(feed).into_iter().map(|(title, _)| title).collect()
}

/// Runs until it is dropped; shows what it said when a test fails.
pub struct Daemon {
    child: Child,
    pub address: String,
    said: Arc<Mutex<String>>,
    listening: Option<JoinHandle<()>>,
}

impl Daemon {
    pub fn start(dir: &Path, args: &[&str]) -> Daemon {
        Daemon::spawn(syndic().arg("serve").args(args).current_dir(dir))
    }

    pub fn spawn(command: &mut Command) -> Daemon {
        Daemon::spawn_with(command, |_| ())
    }

    /// Something is to be done with the process before it can come up.
    pub fn spawn_with(command: &mut Command, started: impl FnOnce(u32)) -> Daemon {
        let mut child = loop {
            match command.stderr(Stdio::piped()).spawn() {
                // A copy of the program (`unprivileged`) is still open in what another test forked
                // and has not begun yet.
                Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                    std::thread::yield_now();
                }
                child => break child.unwrap(),
            }
        };
        started(child.id());
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = Arc::new(Mutex::new(String::new()));
        let (tell, address) = channel();
        let all = said.clone();
        let listening = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *all.lock().unwrap() += &format!("{line}\n");
                if let Some(found) = line.strip_prefix("listening on http://") {
                    let _ = tell.send(found.trim_end_matches('/').to_string());
                }
            }
        });
        let listening = Some(listening);
        let mut daemon = Daemon { child, address: String::new(), said, listening };
        match address.recv_timeout(DEADLINE) {
            Ok(address) => daemon.address = address,
            Err(RecvTimeoutError::Timeout) => panic!("it never listened"),
            Err(RecvTimeoutError::Disconnected) => {
                panic!("it ended before it listened: {:?}", daemon.child.wait())
            }
        }
        daemon
    }

    /// A connection that does not wait for ever.
    pub fn connect(&self) -> TcpStream {
        connect(&self.address)
    }

    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn get(&self, path: &str) -> Response {
        self.request("GET", path, &[])
    }

    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        Response::parse(&self.raw(format!("{text}\r\n").as_bytes()))
    }

    /// Sends bytes as they are, and returns what comes until the connection ends.
    pub fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // A server may close a connection that it refuses while bytes are under way.
        if let Err(error) = stream.write_all(bytes) {
            assert!(is_closed(&error), "{error}");
        }
        rest(stream)
    }

    pub fn feed(&self, path: &str) -> Value {
        let response = self.get(path);
        assert_eq!(response.status, 200, "{path}");
        serde_json::from_slice(&response.body).unwrap()
    }

    pub fn ids(&self, path: &str) -> Vec<(String, String)> {
        ids(&self.feed(path))
    }

    /// Polls, as a client would, until it sees what it waits for.
    pub fn until(&self, what: &str, mut seen: impl FnMut(&Daemon) -> bool) {
        let start = Instant::now();
        while !seen(self) {
            let said = self.said();
            assert!(start.elapsed() < DEADLINE, "never came: {what}\n{said}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn until_titles(&self, path: &str, expected: &[&str]) {
        let mut last = Vec::new();
        self.until(&format!("{expected:?} in {path}"), |daemon| {
            let response = daemon.get(path);
            if response.status != 200 {
                return false;
            }
            last = titles(&serde_json::from_slice(&response.body).unwrap());
            last == expected
        });
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.pid() as i32).unwrap(), signal).unwrap();
    }

    /// Waits for it to end by itself.
    pub fn wait(&mut self) -> i32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(start.elapsed() < DEADLINE, "did not end:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it; returns all that it ever said.
    pub fn stop(mut self) -> String {
        self.signal(Signal::TERM);
        assert_eq!(self.wait(), 0);
        if let Some(listening) = self.listening.take() {
            listening.join().unwrap();
        }
        self.said()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("── the daemon said ──\n{}", self.said());
        }
    }
}

pub fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// What comes until the connection ends; that it ends is asserted.
pub fn rest(mut stream: impl Read) -> Vec<u8> {
    let mut rest = Vec::new();
    if let Err(error) = stream.read_to_end(&mut rest) {
        assert!(is_closed(&error), "{error}");
    }
    rest
}

fn is_closed(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Response {
    pub fn parse(bytes: &[u8]) -> Response {
        let at = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let at = at.unwrap_or_else(|| panic!("no HTTP: {:?}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..at].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Response { status, head, body: bytes[at + 4..].to_vec() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A folder that lies beside the repository on some machines.
pub fn shared(path: &str) -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared").join(path);
    if !place.exists() {
        skip(&format!("{path} is not on this machine"));
        return None;
    }
    Some(place)
}

/// All files below a folder, with their bytes.
pub fn tree(dir: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let key = path.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
                files.insert(key, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}
