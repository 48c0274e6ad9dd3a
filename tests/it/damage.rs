//! Promise 6, its second half: whichever byte of the ledger is another, or wherever it ends, it is
//! opened as it was, or set aside and begun anew with the ids and dates that there were.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use syndic::config::Config;
use syndic::daemon::{self, Built, StartError};

use crate::kit::{Site, article, figure, in_parallel, report};

/// Title → (id, published), in all there is.
type Shown = BTreeMap<String, (String, String)>;

fn shown(feeds: &Path) -> Shown {
    let bytes = std::fs::read(feeds.join("all.json")).unwrap();
    let feed: Value = serde_json::from_slice(&bytes).unwrap();
    let text = |item: &Value, key: &str| item[key].as_str().unwrap().to_string();
    let items = feed["items"].as_array().unwrap().iter();
    items
        .map(|item| (text(item, "title"), (text(item, "id"), text(item, "date_published"))))
        .collect()
}

/// Files that were edited, renamed, removed; dates of the author's, and of the first look.
fn site() -> Site {
    let site = Site::new();
    for name in ["a", "b", "c", "d"] {
        site.write(&format!("{name}.md"), format!("# Title {name}\n\nWithout a date, {name}.\n"));
        site.touch(&format!("{name}.md"), 1_700_000_000);
        site.write(&format!("notes/{name}.md"), article(&format!("Dated {name}"), "2024-02-03"));
    }
    site.build(0);
    site.rename("notes/a.md", "notes/renamed.md");
    site.remove("notes/b.md");
    site.write("a.md", "# Title a\n\nEdited since.\n");
    site.touch("a.md", 1_750_000_000);
    site.build(0);
    site
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in crate::kit::tree(from) {
        std::fs::create_dir_all(to.join(&name).parent().unwrap()).unwrap();
        std::fs::write(to.join(&name), bytes).unwrap();
    }
}

fn build(config: &Config, what: &str) -> Built {
    loop {
        match daemon::build(config, &|_| {}) {
            // Another test was about to start a program, which holds our locks until it has begun.
            Err(StartError::Lock(_)) => std::thread::yield_now(),
            built => return built.unwrap_or_else(|error| panic!("{what}: {error}")),
        }
    }
}

/// Runs on a copy of the site whose ledger is this; returns whether it was set aside.
fn survives(site: &Site, before: &Shown, ledger: &[u8], what: &str) -> bool {
    let other = Site::new();
    copy(&site.path("feeds"), &other.path("feeds"));
    for (name, bytes) in crate::kit::tree(&site.path("content")) {
        other.write(&name, bytes);
        let modified = std::fs::metadata(site.path("content").join(&name)).unwrap().modified();
        let since = modified.unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
        other.touch(&name, since.as_secs());
    }
    std::fs::create_dir(other.path(".syndic")).unwrap();
    std::fs::write(other.path(".syndic/ledger.sqlite"), ledger).unwrap();
    let config = Config::load(&other.path("config.toml"), false).unwrap();
    let built = build(&config, what);
    assert!(built.held.is_empty() && built.alarm.is_none(), "{what}");
    let damaged = std::fs::read_dir(other.path(".syndic")).unwrap().any(|entry| {
        entry.unwrap().file_name().to_string_lossy().starts_with("ledger.sqlite.damaged-")
    });
    let after = shown(&other.path("feeds"));
    assert!(before.keys().eq(after.keys()), "{what}: {after:?}");
    for (title, entry) in before {
        // The one file that was renamed has its id from nowhere but the ledger, and from the feeds.
        assert_eq!(Some(entry), after.get(title), "{what}, set aside: {damaged}");
    }
    if ledger.is_empty() {
        return false;
    }
    // What it begins anew with is whole: the next run finds nothing to do.
    let again = build(&config, what);
    assert_eq!(again.written, 0, "{what}: {:?}", again.problems);
    damaged
}

/// These are not the threads on which a build shares its work.
const HANDS: usize = 4;

#[test]
fn no_byte_of_the_ledger_costs_an_id() {
    let site = site();
    let before = shown(&site.path("feeds"));
    assert_eq!(before.len(), 7);
    let whole = std::fs::read(site.path(".syndic/ledger.sqlite")).unwrap();
    assert!(!survives(&site, &before, &whole, "nothing"));
    let flips = figure(400, 2 * whole.len()).min(whole.len());
    let flip = |number: usize| {
        let at = number * whole.len() / flips;
        let mut bytes = whole.clone();
        bytes[at] ^= if number.is_multiple_of(2) { 0xFF } else { 1 << (number / 2 % 8) };
        survives(&site, &before, &bytes, &format!("byte {at}"))
    };
    let set_aside = in_parallel(HANDS, 0..flips, &flip).into_iter().filter(|aside| *aside).count();
    // Most bytes are those of rows, of tables, or of pages in use.
    assert!(set_aside > 0, "no damage was seen");
    let cuts = figure(60, 2 * whole.len()).min(whole.len());
    let cut = |number: usize| {
        let end = number * whole.len() / cuts;
        survives(&site, &before, &whole[..end], &format!("cut at {end}"))
    };
    let cut_aside = in_parallel(HANDS, 0..cuts, &cut).into_iter().filter(|aside| *aside).count();
    // Of the last page, a body's end may be missed, which is made again from its file.
    let last_page = whole.len() - 4_096;
    let ends = (1..cuts).map(|number| number * whole.len() / cuts);
    let sure = ends.filter(|end| *end <= last_page).count();
    assert!(cut_aside >= sure, "{cut_aside} of {cuts} cuts were seen");
    report(&format!(
        "{flips} flips ({set_aside} set aside) and {cuts} cuts of a ledger of {} bytes",
        whole.len()
    ));
}

/// Every byte but the first page's is zero, in the file that a running daemon works with.
#[test]
fn a_ledger_is_damaged_under_a_running_daemon() {
    use std::os::unix::fs::FileExt;
    let site = site();
    let before = shown(&site.path("feeds"));
    let daemon = site.serve();
    let path = site.path(".syndic/ledger.sqlite");
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    let rest = std::fs::metadata(&path).unwrap().len() - 4_096;
    // A stranger's transaction, of the first page alone: what the daemon has at hand is old.
    let stranger = rusqlite::Connection::open(&path).unwrap();
    stranger.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    file.write_all_at(&vec![0; rest as usize], 4_096).unwrap();
    stranger.execute_batch("PRAGMA application_id = 7").unwrap();
    drop(stranger);
    let mut round = 0;
    daemon.until("the damage is found", |daemon| {
        round += 1;
        site.write("new.md", format!("# New\n\nRound {round}.\n"));
        daemon.said().contains("the ledger is damaged")
    });
    daemon.until("the new article is there", |daemon| {
        daemon.ids("/all.json").iter().any(|(title, _)| title == "New")
    });
    daemon.until("it is well again", |daemon| {
        daemon.get("/healthz").body.starts_with(br#"{"status":"ok""#)
    });
    daemon.stop();
    let mut after = shown(&site.path("feeds"));
    after.remove("New").unwrap();
    assert_eq!(after, before);
    assert!(site.path(".syndic/ledger.sqlite.damaged-1").exists());
    assert!(site.build(0).contains(" 0 files written"));
}
