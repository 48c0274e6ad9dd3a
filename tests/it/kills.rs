//! Promise 1: `kill -9` at random moments, again and again, while readers poll without pause.

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::dice::Dice;
use crate::kit::{CONFIG, DEADLINE, Daemon, Site, figure, report, syndic, tree};
use crate::readers::{Entries, FEEDS, ask_over, entries};

/// Articles that are always there, wherever they lie.
const STAYING: usize = 5;

/// Two readers of one site, of which every deed is a step.
struct Readers<'a> {
    site: &'a Site,
    /// The last step that was done to the content.
    done: AtomicUsize,
    /// The last step that each reader saw in each feed.
    seen: Mutex<BTreeMap<(&'static str, &'static str), usize>>,
    /// By title, under which id each article was first seen.
    ids: Mutex<Entries>,
    polls: AtomicUsize,
    stop: AtomicBool,
}

impl Readers<'_> {
    /// A feed is whole, and no older than what was there before. Tells its step.
    fn take(&self, reader: &'static str, path: &'static str, bytes: &[u8]) -> usize {
        let found = entries(path, bytes);
        let mut step = None;
        let mut staying = 0;
        for (title, id) in found {
            let article = match title.strip_prefix("Step ") {
                Some(number) => {
                    step = number.parse::<usize>().ok();
                    "Step".to_string()
                }
                None => {
                    staying += 1;
                    title
                }
            };
            let mut ids = self.ids.lock().unwrap();
            let first = ids.entry(article.clone()).or_insert_with(|| id.clone());
            assert_eq!(*first, id, "{reader} {path}: another id of {article}");
        }
        assert_eq!(staying, STAYING, "{reader} {path}: {}", String::from_utf8_lossy(bytes));
        let step = step.unwrap_or_else(|| panic!("{reader} {path} lacks the step"));
        let mut seen = self.seen.lock().unwrap();
        let last = seen.entry((reader, path)).or_default();
        assert!(*last <= step, "{reader} {path}: {step} after {last}");
        *last = step;
        assert!(step <= self.done.load(SeqCst));
        self.polls.fetch_add(1, SeqCst);
        step
    }

    fn ask(&self, reader: &'static str, path: &'static str) -> Option<usize> {
        let stream = UnixStream::connect(self.site.path("socket")).ok()?;
        stream.set_read_timeout(Some(DEADLINE)).ok()?;
        let answer = ask_over(stream, path)?;
        // Until it knows what it has: come again.
        (answer.status != 503).then(|| {
            assert_eq!(answer.status, 200, "{path}");
            self.take(reader, path, &answer.body)
        })
    }

    fn look(&self, reader: &'static str, path: &'static str) -> usize {
        let bytes = std::fs::read(self.site.path("feeds").join(path)).unwrap();
        self.take(reader, path, &bytes)
    }

    fn poll_until_told(&self, poll: impl Fn(&'static str) -> Option<usize>) {
        while !self.stop.load(SeqCst) {
            for path in FEEDS {
                if poll(path).is_none() {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }

    fn has_all(&self) -> bool {
        let done = self.done.load(SeqCst);
        let has = |path| {
            self.ask("wire, then", path) == Some(done) && self.look("folder, then", path) == done
        };
        FEEDS.into_iter().all(has) && edition_of_feeds(self.site) == edition_of_ledger(self.site)
    }
}

fn edition_of_feeds(site: &Site) -> Option<u64> {
    site.feed(".syndic.json")["edition"].as_u64()
}

/// From a copy: whoever opens what a crash left sets it right.
fn edition_of_ledger(site: &Site) -> Option<u64> {
    let copy = tempfile::tempdir().unwrap();
    for file in ["ledger.sqlite", "ledger.sqlite-wal"] {
        let _ = std::fs::copy(site.path(".syndic").join(file), copy.path().join(file));
    }
    let ledger = rusqlite::Connection::open(copy.path().join("ledger.sqlite")).ok()?;
    let sql = "SELECT value FROM meta WHERE key = 'edition'";
    ledger.query_row(sql, [], |row| row.get::<_, String>(0)).ok()?.parse().ok()
}

/// Whether a kill fell where something was recorded and is not in place, or lies beside its place.
/// Before anything mends them, every file in its place is whole.
fn is_within_publish(site: &Site) -> bool {
    let files = tree(&site.path("feeds"));
    let (beside, in_place): (Vec<_>, Vec<_>) =
        files.iter().partition(|(path, _)| path.contains(".syndic-tmp-"));
    for (path, bytes) in in_place {
        let text = std::str::from_utf8(bytes).unwrap_or_else(|e| panic!("{path}: {e}"));
        match path.rsplit('.').next() {
            Some("json") => {
                let whole = serde_json::from_str::<Value>(text);
                drop(whole.unwrap_or_else(|e| panic!("{path}: {e}")));
            }
            Some("rss" | "atom" | "opml") => {
                let whole = roxmltree::Document::parse(text);
                drop(whole.unwrap_or_else(|e| panic!("{path}: {e}")));
            }
            _ => {}
        }
    }
    !beside.is_empty() || edition_of_feeds(site) != edition_of_ledger(site)
}

/// One step: the article that tells it is written, and sometimes another one moves.
fn take_step(readers: &Readers, dice: &mut Dice, places: &mut [String]) {
    let step = readers.done.fetch_add(1, SeqCst) + 1;
    if dice.throw(4) == 0 {
        let at = dice.throw(places.len());
        let to = format!("moved/{step}.md");
        readers.site.rename(&places[at], &to);
        places[at] = to;
    }
    // As an editor does that loses nothing.
    let text = crate::kit::article(&format!("Step {step}"), "2024-02-01");
    std::fs::write(readers.site.path("step.tmp"), text).unwrap();
    std::fs::rename(readers.site.path("step.tmp"), readers.site.path("content/step.md")).unwrap();
}

/// Killed as it comes up.
fn kill_start(dir: &Path, after: Duration) {
    let mut command = syndic();
    command.arg("serve").current_dir(dir).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[derive(Debug, Default)]
struct Kills {
    starting: usize,
    serving: usize,
    /// Of all of them.
    within: usize,
}

/// At a moment of the dice's choice, within what a start or a publish takes.
fn kill(readers: &Readers, dice: &mut Dice, count: usize) -> Kills {
    let site = readers.site;
    let mut places: Vec<String> = (0..STAYING).map(|at| format!("{at}.md")).collect();
    let mut kills = Kills::default();
    let (mut starts, mut publishes) = (Duration::from_millis(50), Duration::from_millis(50));
    let some_of = |dice: &mut Dice, all: Duration| all.mul_f64(dice.throw(1_300) as f64 / 1_000.0);
    while kills.starting + kills.serving < count {
        if dice.throw(4) == 0 {
            take_step(readers, dice, &mut places);
            kill_start(site.dir.path(), some_of(dice, starts));
            kills.starting += 1;
            kills.within += usize::from(is_within_publish(site));
        }
        let start = Instant::now();
        let daemon = site.serve();
        starts = start.elapsed();
        if (kills.starting + kills.serving).is_multiple_of(16) {
            // Everything that was done is there, and the next step is there in this time.
            daemon.until("all that was done", |_| readers.has_all());
            take_step(readers, dice, &mut places);
            let start = Instant::now();
            daemon.until("the step", |_| readers.has_all());
            publishes = start.elapsed();
        }
        take_step(readers, dice, &mut places);
        std::thread::sleep(some_of(dice, publishes));
        daemon.signal(Signal::KILL);
        drop(daemon);
        kills.serving += 1;
        kills.within += usize::from(is_within_publish(site));
    }
    let daemon: Daemon = site.serve();
    daemon.until("all that was done", |_| readers.has_all());
    daemon.stop();
    kills
}

#[test]
fn kills_at_random_tear_nothing() {
    let config = CONFIG.replace("\"127.0.0.1:0\"", "[\"127.0.0.1:0\", \"unix:socket\"]");
    let site = Site::with_config(&config);
    for at in 0..STAYING {
        site.article(&format!("{at}.md"), &format!("Staying {at}"), "2024-01-01");
    }
    site.article("step.md", "Step 0", "2024-02-01");
    site.build(0);
    let readers = Readers {
        site: &site,
        done: AtomicUsize::new(0),
        seen: Mutex::default(),
        ids: Mutex::default(),
        polls: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
    };
    let count = figure(100, 5_000);
    let kills = std::thread::scope(|scope| {
        scope.spawn(|| readers.poll_until_told(|path| readers.ask("wire", path)));
        scope.spawn(|| readers.poll_until_told(|path| Some(readers.look("folder", path))));
        let kills = scope.spawn(|| kill(&readers, &mut Dice::new(count as u64), count)).join();
        readers.stop.store(true, SeqCst);
        kills.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    report(&format!("{kills:?}, {} feeds read", readers.polls.load(SeqCst)));
    assert!(kills.within * 20 >= count, "hardly any fell within a publish: {kills:?}");
    let feed: Value = site.feed("all.json");
    assert_eq!(feed["items"].as_array().unwrap().len(), STAYING + 1);
    let left = tree(&site.path("feeds"));
    assert!(!left.keys().any(|path| path.contains("tmp")), "{:?}", left.keys());
    let verified = site.run(&["verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
