//! What the daemon says of itself: `/healthz`, `/readyz`, the watchdog; and a watch that goes silent
//! is found out.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::kit::{CONFIG, DEADLINE, Daemon, Site, skip, syndic};

fn health(daemon: &Daemon) -> (u16, Value) {
    let response = daemon.get("/healthz");
    assert_eq!(response.header("Cache-Control"), Some("no-store"));
    assert_eq!(response.header("Content-Type"), Some("application/json"));
    (response.status, serde_json::from_slice(&response.body).unwrap())
}

#[test]
fn tells_well_from_degraded_and_why() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    let (status, said) = health(&daemon);
    assert_eq!((status, said["status"].as_str()), (200, Some("ok")), "{said}");
    assert_eq!(said["edition"], 1);
    assert_eq!(daemon.get("/readyz").status, 200);
    assert_eq!(daemon.request("HEAD", "/readyz", &[]).status, 200);
    assert_eq!(daemon.request("POST", "/healthz", &[]).status, 405);
    std::fs::rename(site.path("content"), site.path("away")).unwrap();
    site.config(&format!("{CONFIG}\nnonsense"));
    daemon.until("degraded, for two reasons", |daemon| {
        let (status, said) = health(daemon);
        assert_eq!(status, 200);
        let troubles = &said["troubles"];
        said["status"] == "degraded"
            && troubles["content"].is_string()
            && troubles["config"].is_string()
            // Readers may ask: where things lie is not their business.
            && !said.to_string().contains(site.dir.path().to_str().unwrap())
    });
    assert_eq!(daemon.get("/readyz").status, 200, "readers get the last good edition");
    std::fs::rename(site.path("away"), site.path("content")).unwrap();
    site.config(CONFIG);
    daemon.until("well again", |daemon| health(daemon).1["status"] == "ok");
    // A folder in the place of a feed's file.
    std::fs::remove_dir_all(site.path("feeds")).unwrap();
    std::fs::write(site.path("feeds"), "in the way").unwrap();
    site.article("b.md", "B", "2024-01-02");
    daemon.until_titles("/all.json", &["B", "A"]);
    daemon.until("the copy is behind", |daemon| health(daemon).1["troubles"]["feeds"].is_string());
    std::fs::remove_file(site.path("feeds")).unwrap();
    daemon.until("well once more", |daemon| health(daemon).1["status"] == "ok");
    assert_eq!(site.ids("all.json").len(), 2);
}

/// The service manager hears of it all the while, more often than it must; and no more when its
/// thread hangs, which `/healthz` tells in the end too.
#[test]
fn the_watchdog_is_fed_by_what_gets_on() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let socket = UnixDatagram::bind(site.path("notify")).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut command = syndic();
    command.arg("serve").current_dir(site.dir.path());
    command.env("NOTIFY_SOCKET", site.path("notify")).env("WATCHDOG_USEC", "500000");
    let daemon = Daemon::spawn(&mut command);
    let mut words = Vec::new();
    let mut buffer = [0; 4_096];
    while words.iter().filter(|word| *word == "WATCHDOG=1").count() < 5 {
        let length = socket.recv(&mut buffer).expect("a sign of life");
        words.extend(String::from_utf8_lossy(&buffer[..length]).lines().map(String::from));
    }
    assert_eq!(words[0], "READY=1");
    let Some(stopped) = Stopped::main_thread(&daemon) else {
        return skip("a thread of another process cannot be stopped here");
    };
    socket.set_nonblocking(true).unwrap();
    while socket.recv(&mut buffer).is_ok() {}
    socket.set_nonblocking(false).unwrap();
    // Several periods long.
    socket.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    assert!(socket.recv(&mut buffer).is_err(), "a sign of life from a daemon that hangs");
    assert_eq!(daemon.get("/all.json").status, 200, "readers are served all the same");
    drop(stopped);
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket.recv(&mut buffer).expect("it gets on again");
}

/// The thread that takes the turns does nothing while this lives; those that serve readers run on.
struct Stopped(libc::pid_t);

impl Stopped {
    fn main_thread(daemon: &Daemon) -> Option<Stopped> {
        let thread = libc::pid_t::try_from(daemon.pid()).unwrap();
        let none = std::ptr::null_mut::<libc::c_void>();
        // SAFETY: the calls take a thread's number, and no memory of ours but the status.
        unsafe {
            if libc::ptrace(libc::PTRACE_SEIZE, thread, none, none) != 0 {
                return None;
            }
            libc::ptrace(libc::PTRACE_INTERRUPT, thread, none, none);
            let mut status = 0;
            libc::waitpid(thread, &mut status, libc::__WALL);
            libc::WIFSTOPPED(status).then_some(Stopped(thread))
        }
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let none = std::ptr::null_mut::<libc::c_void>();
        // SAFETY: as above.
        unsafe { libc::ptrace(libc::PTRACE_DETACH, self.0, none, none) };
    }
}

/// The queues of a process's watches, as descriptors of our own.
fn queues(pid: u32) -> Option<Vec<OwnedFd>> {
    // SAFETY: both calls take numbers and give back a descriptor of our own, or -1.
    let own = |number: i64| {
        let number = i32::try_from(number).ok().filter(|number| *number >= 0)?;
        Some(unsafe { OwnedFd::from_raw_fd(number) })
    };
    let process = own(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) })?;
    let mut stolen = Vec::new();
    for entry in std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten() {
        let target = std::fs::read_link(entry.path()).unwrap_or_default();
        if target.to_string_lossy().contains("inotify") {
            let number: i32 = entry.file_name().to_string_lossy().parse().ok()?;
            let call =
                unsafe { libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), number, 0) };
            stolen.push(own(call)?);
        }
    }
    Some(stolen)
}

/// All watches are lost without a word: the daemon finds out by itself, and what comes afterwards is
/// seen at once again.
#[test]
fn a_silent_watch_is_made_anew() {
    let settings = "[content]\nrescan = 3600\n";
    let site = Site::with_config(&format!("{CONFIG}{settings}"));
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    let Some(queues) = queues(daemon.pid()) else {
        return skip("descriptors of another process cannot be had here");
    };
    let remove = |queue: &OwnedFd, number| {
        // SAFETY: both are numbers.
        unsafe { libc::inotify_rm_watch(queue.as_raw_fd(), number) == 0 }
    };
    let all = queues.iter().flat_map(|queue| watches(queue).into_iter().map(move |n| (queue, n)));
    assert!(all.filter(|(queue, number)| remove(queue, *number)).count() > 0, "nothing was lost");
    drop(queues);
    site.article("b.md", "B", "2024-01-02");
    // Only a look at everything finds it. The next one is an hour away; another config takes one.
    site.config(&format!("{CONFIG}{settings}[feeds]\nentries = 7\n"));
    daemon.signal(Signal::HUP);
    daemon.until_titles("/all.json", &["B", "A"]);
    daemon.until("the silence is found out", |daemon| {
        daemon.said().contains("the watch is silent; watching anew")
    });
    site.article("c.md", "C", "2024-01-03");
    daemon.until_titles("/all.json", &["C", "B", "A"]);
    site.article("d.md", "D", "2024-01-04");
    daemon.until_titles("/all.json", &["D", "C", "B", "A"]);
    daemon.until("it is well", |daemon| health(daemon).1["status"] == "ok");
}

/// One that works is heard of in time, and left alone.
#[test]
fn a_watch_that_works_is_not_silent() {
    let site = Site::with_config(&format!("{CONFIG}[content]\nrescan = 1\n"));
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    let start = std::time::Instant::now();
    // Longer than it is waited for.
    daemon.until("some beats are over", |daemon| {
        assert_eq!(health(daemon).1["status"], "ok");
        start.elapsed() > Duration::from_secs(8)
    });
    assert!(!daemon.said().contains("silent"), "{}", daemon.said());
}

/// The numbers of a queue's watches.
fn watches(queue: &OwnedFd) -> Vec<i32> {
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", queue.as_raw_fd()));
    let info = info.unwrap_or_default();
    let numbers = info.lines().filter_map(|line| line.strip_prefix("inotify wd:"));
    numbers.filter_map(|rest| i32::from_str_radix(rest.split(' ').next()?, 16).ok()).collect()
}
