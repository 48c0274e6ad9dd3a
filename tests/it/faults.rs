//! Promises 1 and 7: no reader sees a torn feed, and the daemon outlives every call that fails.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::kit::{DEADLINE, Daemon, Site, figure, in_parallel, report, skip, syndic};
use crate::readers::{Entries, FEEDS, ask, entries};
use crate::supervisor::{Call, Policy, Supervisor, Verdict, is_available, supervise};

/// What somebody does to the content.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    First,
    Edit,
    Add,
    Rename,
    Remove,
}

impl Deed {
    fn prepare(self) -> Site {
        let site = Site::new();
        for name in ["a", "b", "c"] {
            site.article(&format!("{name}.md"), &name.to_uppercase(), "2024-01-01");
        }
        site.article("x/d.md", "D", "2024-01-02");
        if self != Deed::First {
            site.build(0);
        }
        site
    }

    fn do_to(self, site: &Site) {
        match self {
            Deed::First => {}
            Deed::Edit => site.article("b.md", "B again", "2024-01-01"),
            Deed::Add => site.article("x/e.md", "E", "2024-01-03"),
            Deed::Rename => site.rename("x/d.md", "y/d.md"),
            Deed::Remove => site.remove("c.md"),
        }
    }

    /// The titles of all.json before and after, and of `category/y.json` after.
    fn titles(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Deed::First => (&[], &["A", "B", "C", "D"]),
            Deed::Edit => (&["A", "B", "C", "D"], &["A", "B again", "C", "D"]),
            Deed::Add => (&["A", "B", "C", "D"], &["A", "B", "C", "D", "E"]),
            Deed::Rename => (&["A", "B", "C", "D"], &["A", "B", "C", "D"]),
            Deed::Remove => (&["A", "B", "C", "D"], &["A", "B", "D"]),
        }
    }
}

/// A reader that polls without pause, over the wire and from the folder.
struct Reader<'a> {
    site: &'a Site,
    deed: Deed,
    address: Mutex<String>,
    polls: AtomicUsize,
    /// Which feeds it has seen as they are afterwards: there is no way back.
    later: Mutex<[bool; 6]>,
    stop: AtomicBool,
}

impl Reader<'_> {
    fn take(&self, at: usize, path: &str, bytes: &[u8]) {
        let found = entries(path, bytes);
        let (before, after) = self.deed.titles();
        let is = |titles: &[&str]| found.keys().map(String::as_str).eq(titles.iter().copied());
        let mut later = self.later.lock().unwrap();
        if is(after) && before != after {
            later[at] = true;
        }
        assert!(is(after) || is(before) && !later[at], "{:?}: {path}: {found:?}", self.deed);
        self.polls.fetch_add(1, SeqCst);
    }

    fn poll(&self) {
        for (at, path) in FEEDS.into_iter().enumerate() {
            let address = self.address.lock().unwrap().clone();
            // A daemon that was killed answers nobody, or cuts its answer short: no feed.
            if let Some(answer) = ask(&address, path)
                && answer.status == 200
            {
                self.take(at, path, &answer.body);
            }
            if let Ok(bytes) = std::fs::read(self.site.path("feeds").join(path)) {
                self.take(at + 3, path, &bytes);
            }
        }
    }
}

fn is_later(site: &Site, deed: Deed, daemon: &Daemon) -> bool {
    let (_, after) = deed.titles();
    let is = |bytes: &[u8], path: &str| entries(path, bytes).keys().eq(after.iter());
    FEEDS.into_iter().all(|path| {
        let answer = ask(&daemon.address, path);
        answer.is_some_and(|answer| answer.status == 200 && is(&answer.body, path))
            && std::fs::read(site.path("feeds").join(path)).is_ok_and(|bytes| is(&bytes, path))
    }) && is_copied(site, deed)
}

/// The manifest comes last.
fn is_copied(site: &Site, deed: Deed) -> bool {
    let manifest = std::fs::read(site.path("feeds/.syndic.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    // Where all.json tells no difference, the feed that only one of the states has.
    manifest["edition"].as_u64() >= Some(if deed == Deed::First { 1 } else { 2 })
        && (deed != Deed::Rename || site.path("feeds/category/y.json").exists())
}

/// A daemon under supervision that has come up; its calls count from now on.
fn start(site: &Site, policy: Policy) -> (Daemon, Supervisor) {
    let mut command = syndic();
    command.arg("serve").current_dir(site.dir.path());
    let mut waiting = Some(policy);
    let mut supervisor = None;
    let daemon = Daemon::spawn_with(supervise(&mut command), |pid| {
        supervisor = waiting.take().map(|policy| Supervisor::of(pid, site.dir.path(), policy));
    });
    (daemon, supervisor.unwrap())
}

/// Kills it at its n-th call while a deed is published, and starts it again. Returns the call, or
/// `None` if there are fewer.
fn kill_at(deed: Deed, number: usize, polls: &AtomicUsize) -> Option<Call> {
    let site = deed.prepare();
    let kill: Policy = Box::new(move |call| match call.number == number {
        true => Verdict::Kill,
        false => Verdict::GoOn,
    });
    let reader = Reader {
        site: &site,
        deed,
        address: Mutex::new("127.0.0.1:1".into()),
        polls: AtomicUsize::new(0),
        later: Mutex::default(),
        stop: AtomicBool::new(false),
    };
    let before: Entries = match deed {
        Deed::First => Entries::new(),
        _ => site.ids("all.json").into_iter().collect(),
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !reader.stop.load(SeqCst) {
                reader.poll();
            }
        });
        let end = scope.spawn(|| {
            let killed = first_life(&site, deed, kill, &reader);
            let daemon = site.serve();
            *reader.address.lock().unwrap() = daemon.address.clone();
            let what = format!("{deed:?}, killed at call {number}, {killed:?}");
            daemon.until(&what, |daemon| is_later(&site, deed, daemon));
            for (title, id) in daemon.ids("/all.json") {
                let same = before.get(&title).is_none_or(|before| *before == id);
                assert!(same, "{deed:?}, call {number}: {title} was {before:?}");
            }
            daemon.stop();
            let left = crate::kit::tree(&site.path("feeds"));
            let left: Vec<_> = left.keys().filter(|path| path.contains("tmp")).collect();
            assert!(left.is_empty(), "{deed:?}, call {number}: {left:?}");
            killed
        });
        let killed = end.join();
        reader.stop.store(true, SeqCst);
        polls.fetch_add(reader.polls.load(SeqCst), SeqCst);
        killed.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn first_life(site: &Site, deed: Deed, policy: Policy, reader: &Reader) -> Option<Call> {
    if deed == Deed::First {
        // It is killed before it listens.
        let mut command = syndic();
        command.arg("serve").current_dir(site.dir.path());
        let mut child =
            supervise(&mut command).stderr(std::process::Stdio::null()).spawn().unwrap();
        let supervisor = Supervisor::of(child.id(), site.dir.path(), policy);
        supervisor.arm();
        let start = Instant::now();
        loop {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            // The manifest comes last.
            if site.path("feeds/.syndic.json").exists() {
                let _ = child.kill();
                let _ = child.wait();
                break;
            }
            assert!(start.elapsed() < DEADLINE);
            std::thread::sleep(Duration::from_millis(2));
        }
        return supervisor.done().pop().map(|(call, _)| call);
    }
    let (mut daemon, supervisor) = start(site, policy);
    *reader.address.lock().unwrap() = daemon.address.clone();
    supervisor.arm();
    deed.do_to(site);
    let start = Instant::now();
    loop {
        if let Some((call, _)) = supervisor.done().pop() {
            daemon.wait();
            return Some(call);
        }
        if is_later(site, deed, &daemon) {
            // All its calls are made: the copy is there, to the manifest.
            let settled = supervisor.count();
            std::thread::sleep(Duration::from_millis(300));
            if supervisor.count() == settled && supervisor.done().is_empty() {
                // Its end has calls of its own.
                daemon.signal(Signal::TERM);
                daemon.wait();
                return supervisor.done().pop().map(|(call, _)| call);
            }
        }
        assert!(start.elapsed() < DEADLINE, "{}", daemon.said());
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn place(call: &Call) -> &'static str {
    let path = call.path.to_string_lossy();
    let is_in = |folder: &&str| path.contains(&format!("/{folder}"));
    ["feeds", ".syndic", "content"].into_iter().find(is_in).unwrap_or("elsewhere")
}

#[test]
fn a_kill_at_every_call_tears_nothing() {
    if !is_available() {
        return skip("calls cannot be supervised here");
    }
    let polls = AtomicUsize::new(0);
    let kills = Mutex::new(BTreeMap::<(String, String), usize>::new());
    let deeds = [Deed::Add, Deed::Edit, Deed::Rename, Deed::Remove, Deed::First];
    // Every call, or every third one; each deed goes on until it was done without being killed.
    let step = if figure(0, 1_000) >= 1_000 { 1 } else { 3 };
    let jobs: Vec<(Deed, usize)> =
        deeds.iter().flat_map(|deed| (1..=step).map(|first| (*deed, first))).collect();
    let jobs: Vec<_> = jobs.into_iter().filter(|(_, first)| step == 1 || *first == 1).collect();
    in_parallel(6, 0..jobs.len(), &|job| {
        let (deed, first) = jobs[job];
        for number in (first..).step_by(step) {
            let Some(call) = kill_at(deed, number, &polls) else { break };
            let what = format!("{} {}", call.name, place(&call));
            *kills.lock().unwrap().entry((format!("{deed:?}"), what)).or_default() += 1;
        }
    });
    let kills = kills.into_inner().unwrap();
    let total: usize = kills.values().sum();
    report(&format!(
        "{total} kills within publishes, {} feeds read: {kills:?}",
        polls.load(SeqCst)
    ));
    for deed in deeds {
        let count = kills.iter().filter(|((name, _), _)| *name == format!("{deed:?}")).count();
        assert!(count >= 3, "{deed:?} was hardly ever killed: {kills:?}");
    }
}

/// A call that fails, once or as long as it is tried.
#[derive(Clone, Copy, Debug)]
struct Fault {
    deed: Deed,
    /// From which call on.
    number: usize,
    errno: i32,
    once: bool,
}

/// What can be wrong with a disk, a folder, a process.
const ERRNOS: &[i32] = &[
    libc::ENOSPC,
    libc::EIO,
    libc::EDQUOT,
    libc::EROFS,
    libc::EACCES,
    libc::EMFILE,
    libc::ENFILE,
    libc::ENOMEM,
];

/// What became of a fault that happened.
struct Outlived {
    /// The first call that failed.
    call: Call,
    /// Something was said of it.
    told: bool,
}

/// `None` if there are fewer calls.
fn outlive(fault: Fault, polls: &AtomicUsize) -> Option<Outlived> {
    let site = fault.deed.prepare();
    let over = std::sync::Arc::new(AtomicBool::new(false));
    let policy: Policy = {
        let over = over.clone();
        Box::new(move |call| {
            let meant =
                if fault.once { call.number == fault.number } else { call.number >= fault.number };
            match meant && !over.load(SeqCst) {
                true => Verdict::Fail(fault.errno),
                false => Verdict::GoOn,
            }
        })
    };
    let reader = Reader {
        site: &site,
        deed: fault.deed,
        address: Mutex::new("127.0.0.1:1".into()),
        polls: AtomicUsize::new(0),
        later: Mutex::default(),
        stop: AtomicBool::new(false),
    };
    let (daemon, supervisor) = start(&site, policy);
    *reader.address.lock().unwrap() = daemon.address.clone();
    supervisor.arm();
    fault.deed.do_to(&site);
    let start = Instant::now();
    let mut settled = (0, Instant::now());
    loop {
        // The last edition, or the next, whole; by the same process.
        reader.poll();
        let done = supervisor.done().len();
        // A disk is full for a while: several attempts fail, unless what failed is never asked again.
        let enough = if fault.once { 1 } else { 3 };
        let now = (supervisor.count(), Instant::now());
        if now.0 != settled.0 {
            settled = now;
        }
        if done >= enough || done > 0 && settled.1.elapsed() > Duration::from_secs(3) {
            break;
        }
        if done == 0
            && is_later(&site, fault.deed, &daemon)
            && settled.1.elapsed() > Duration::from_millis(500)
        {
            daemon.stop();
            return None;
        }
        assert!(start.elapsed() < DEADLINE, "{fault:?}\n{}", daemon.said());
        // Room for the others, of which many wait at once.
        std::thread::sleep(Duration::from_millis(5));
    }
    over.store(true, SeqCst);
    let what = format!("{fault:?}, {:?}", supervisor.done());
    daemon.until(&format!("what was done, after {what}"), |daemon| {
        reader.poll();
        is_later(&site, fault.deed, daemon)
    });
    daemon.until(&format!("all is well after {what}"), |daemon| {
        daemon.get("/healthz").body.starts_with(br#"{"status":"ok""#)
    });
    polls.fetch_add(reader.polls.load(SeqCst), SeqCst);
    let said = daemon.stop();
    let (call, _) = supervisor.done().swap_remove(0);
    drop(supervisor);
    let verified = site.run(&["verify"]);
    assert!(verified.status.success(), "{what}: {}", String::from_utf8_lossy(&verified.stdout));
    Some(Outlived { call, told: said.contains(" ERROR ") || said.contains(" WARN ") })
}

#[test]
fn a_call_that_fails_is_outlived() {
    if !is_available() {
        return skip("calls cannot be supervised here");
    }
    let mut faults = Vec::new();
    for deed in [Deed::Add, Deed::Edit, Deed::Rename, Deed::Remove] {
        for number in 1..=90 {
            for (at, errno) in ERRNOS.iter().enumerate() {
                for once in [true, false] {
                    // A few of them, spread, and what comes first; or all.
                    let few =
                        (number * 7 + at * 13 + usize::from(once) * 5 + deed as usize * 3) % 61;
                    if few < figure(1, 61) || number == 1 && at == 0 {
                        faults.push(Fault { deed, number, errno: *errno, once });
                    }
                }
            }
        }
    }
    let polls = AtomicUsize::new(0);
    // Most of the time, each waits until the daemon tries again; other tests run beside a few.
    let outlived = in_parallel(figure(4, 16), 0..faults.len(), &|job| {
        (faults[job], outlive(faults[job], &polls))
    });
    let (mut failed, mut quiet) = (0, BTreeMap::<String, usize>::new());
    for (fault, outlived) in &outlived {
        let Some(Outlived { call, told }) = outlived else { continue };
        failed += 1;
        if !told {
            let often = if fault.once { "once" } else { "for a while" };
            let what = format!("{} {} {often}", call.name, place(call));
            *quiet.entry(what).or_default() += 1;
        }
    }
    let silent: usize = quiet.values().sum();
    report(&format!(
        "{failed} faults in calls ({silent} of them without harm, and without a word: {quiet:?}), \
         {} beyond the last call, {} feeds read",
        outlived.len() - failed,
        polls.load(SeqCst)
    ));
    assert!(failed > 20);
    assert!(silent * 2 < failed, "too much is kept quiet");
}

/// SQLite ignores whether the folder of its log could be synced; syndic does not. What failed is
/// said, and nothing is shown before it has succeeded.
#[test]
fn a_folder_that_cannot_be_synced_is_told() {
    if !is_available() {
        return skip("calls cannot be supervised here");
    }
    let site = Deed::First.prepare();
    let failing = std::sync::Arc::new(AtomicBool::new(true));
    let policy: Policy = {
        let failing = failing.clone();
        Box::new(move |call| {
            let meant = call.name == "fsync" && call.path.ends_with(".syndic");
            if meant && failing.load(SeqCst) { Verdict::Fail(libc::EIO) } else { Verdict::GoOn }
        })
    };
    // The first edition is written to its place; only then is there a log.
    let (daemon, supervisor) = start(&site, policy);
    supervisor.arm();
    Deed::Edit.do_to(&site);
    daemon.until("a second attempt", |daemon| {
        let said = daemon.said();
        said.matches("cannot sync the state directory").count() >= 2
    });
    assert!(supervisor.done().len() >= 2, "{}", daemon.said());
    let (before, after) = Deed::Edit.titles();
    let are = |daemon: &Daemon, wanted: &[&str]| {
        let found: BTreeMap<_, _> = daemon.ids("/all.json").into_iter().collect();
        found.keys().eq(wanted)
    };
    assert!(are(&daemon, before), "{:?}", daemon.ids("/all.json"));
    assert!(daemon.get("/healthz").body.starts_with(br#"{"status":"degraded""#));
    failing.store(false, SeqCst);
    daemon.until("the edit", |daemon| are(daemon, after));
    daemon.until("health", |daemon| daemon.get("/healthz").body.starts_with(br#"{"status":"ok""#));
    daemon.stop();
}
