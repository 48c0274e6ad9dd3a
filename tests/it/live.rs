//! The daemon follows what happens in the folder.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::{Duration, Instant};

use crate::kit::{CONFIG, Site, article};

#[test]
fn edits_arrive() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["A"]);
    site.article("b.md", "B", "2024-01-02");
    daemon.until_titles("/all.json", &["B", "A"]);
    site.article("a.md", "A2", "2024-01-01");
    daemon.until_titles("/all.json", &["B", "A2"]);
    site.remove("b.md");
    daemon.until_titles("/all.json", &["A2"]);
    assert_eq!(daemon.ids("/all.json")[0].1, "tag:test.example,2026:a.md");
}

#[test]
fn new_folders_are_seen_however_deep_and_fast() {
    let site = Site::new();
    site.article("first.md", "First", "2024-01-01");
    let daemon = site.serve();
    let mut expected = BTreeSet::from(["First".to_string()]);
    for n in 0..40 {
        let title = format!("T{n:02}");
        site.article(&format!("x{n}/deep/er/{n}.md"), &title, "2024-01-02");
        expected.insert(title);
    }
    // More entries than a window shows: count what the files on disk say of each category.
    daemon.until("forty new categories", |daemon| {
        (0..40).all(|n| daemon.get(&format!("/category/x{n}/deep/er.json")).status == 200)
    });
    // A folder that was made elsewhere and moved in.
    std::fs::create_dir_all(site.path("made/inner")).unwrap();
    std::fs::write(site.path("made/inner/m.md"), article("Moved in", "2025-01-01")).unwrap();
    std::fs::rename(site.path("made"), site.path("content/made")).unwrap();
    daemon
        .until("the moved folder", |daemon| daemon.get("/category/made/inner.json").status == 200);
}

#[test]
fn half_written_files_do_no_harm() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    let before = daemon.get("/all.json").body;
    // Truncated and not yet written; then front matter without its end; then another article, to
    // know that the first two were looked at.
    site.write("a.md", "");
    site.article("b.md", "B", "2024-01-02");
    daemon.until_titles("/all.json", &["B", "A"]);
    site.write("a.md", "---\ntitle: A\ndate: 2024");
    site.article("c.md", "C", "2024-01-03");
    daemon.until_titles("/all.json", &["C", "B", "A"]);
    site.article("a.md", "A", "2024-01-01");
    site.remove("b.md");
    site.remove("c.md");
    daemon.until("as before", |daemon| {
        // Only the feed's own date has moved, by the removals.
        daemon.ids("/all.json").len() == 1
    });
    let now = daemon.feed("/all.json");
    let before: serde_json::Value = serde_json::from_slice(&before).unwrap();
    assert_eq!(now["items"], before["items"]);
}

#[test]
fn a_half_written_file_that_goes_is_gone() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.article("b.md", "B", "2024-01-02");
    let daemon = site.serve();
    site.write("a.md", "");
    site.article("c.md", "C", "2024-01-03");
    daemon.until_titles("/all.json", &["C", "B", "A"]);
    site.remove("a.md");
    daemon.until_titles("/all.json", &["C", "B"]);
}

/// The whole project is the content: feeds and ledger lie inside it and are no articles.
#[test]
fn feeds_inside_the_content_are_left_alone() {
    let site = Site::with_config(&format!("{CONFIG}\n[content]\ndir = \".\"\n"));
    std::fs::write(site.path("a.md"), article("A", "2024-01-01")).unwrap();
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["A"]);
    std::fs::write(site.path("b.md"), article("B", "2024-01-02")).unwrap();
    daemon.until_titles("/all.json", &["B", "A"]);
    std::fs::write(site.path("c.md"), article("C", "2024-01-03")).unwrap();
    daemon.until_titles("/all.json", &["C", "B", "A"]);
    assert_eq!(daemon.said().matches(" published ").count(), 3, "{}", daemon.said());
}

#[test]
fn a_file_written_slowly_is_taken_when_it_is_closed() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    let mut file = std::fs::File::create(site.path("content/slow.md")).unwrap();
    file.write_all(b"---\ntitle: Slow\ndate: 2024-01-02\n---\n\nfirst half, ").unwrap();
    file.flush().unwrap();
    file.write_all(b"second half\n").unwrap();
    drop(file);
    daemon.until("the whole file", |daemon| {
        daemon.feed("/all.json").to_string().contains("first half, second half")
    });
}

#[test]
fn a_hard_link_and_a_symbolic_one_are_seen() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    std::fs::write(site.path("outside.md"), article("Linked", "2024-01-02")).unwrap();
    let daemon = site.serve();
    // Neither opens nor closes the file.
    std::fs::hard_link(site.path("outside.md"), site.path("content/linked.md")).unwrap();
    daemon.until_titles("/all.json", &["Linked", "A"]);
    site.write("_store/x.md", article("Soft", "2024-01-03"));
    std::os::unix::fs::symlink("_store/x.md", site.path("content/soft.md")).unwrap();
    daemon.until_titles("/all.json", &["Soft", "Linked", "A"]);
}

#[test]
fn the_root_goes_and_comes_back() {
    let site = Site::new();
    for name in ["a", "b"] {
        site.article(&format!("{name}.md"), &name.to_uppercase(), "2024-01-01");
    }
    let daemon = site.serve();
    let before = daemon.ids("/all.json");
    for round in 0..3 {
        std::fs::rename(site.path("content"), site.path("away")).unwrap();
        daemon.until("the alarm", |daemon| {
            daemon.said().matches("the last good edition stays").count() > round
        });
        assert_eq!(daemon.ids("/all.json"), before);
        std::fs::rename(site.path("away"), site.path("content")).unwrap();
        daemon.until("the end of the alarm", |daemon| {
            daemon.said().matches("the alarm is over").count() > round
        });
    }
    assert_eq!(daemon.ids("/all.json"), before);
    // Removed and made anew: another inode, and it is watched all the same.
    std::fs::remove_dir_all(site.path("content")).unwrap();
    std::fs::create_dir(site.path("content")).unwrap();
    for name in ["a", "b", "c"] {
        site.article(&format!("{name}.md"), &name.to_uppercase(), "2024-01-01");
    }
    daemon.until("the third", |daemon| daemon.ids("/all.json").len() == 3);
    assert!(before.iter().all(|entry| daemon.ids("/all.json").contains(entry)));
    site.article("d.md", "D", "2024-01-02");
    daemon.until("the fourth", |daemon| daemon.ids("/all.json").len() == 4);
}

#[test]
fn ten_thousand_files_at_once() {
    let site =
        Site::with_config(&format!("{CONFIG}\n[feeds]\nentries = \"all\"\ntext = \"summary\"\n"));
    site.article("first/a.md", "First", "2024-01-01");
    let daemon = site.serve();
    for n in 0..10_000 {
        site.article(&format!("burst/{}/t{n}.md", n % 100), &format!("T{n}"), "2024-01-02");
    }
    daemon.until("all of them", |daemon| daemon.ids("/all.json").len() == 10_001);
    // The same again as one sweep of changes.
    for n in 0..10_000 {
        site.article(&format!("burst/{}/t{n}.md", n % 100), &format!("U{n}"), "2024-01-02");
    }
    daemon.until("all changed", |daemon| {
        daemon.ids("/all.json").iter().filter(|(title, _)| title.starts_with('U')).count() == 10_000
    });
    let editions = daemon.said().matches("published").count();
    assert!(editions < 2_000, "{editions} editions: bursts are not batched");
}

#[test]
fn an_idle_daemon_does_nothing() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    site.article("b.md", "B", "2024-01-02");
    daemon.until_titles("/all.json", &["B", "A"]);
    // Context switches of the thread that takes turns; its own reads must not wake it.
    let switches = || {
        let mut total = 0;
        let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
        for line in status.lines().filter(|line| line.contains("ctxt_switches")) {
            total += line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap();
        }
        total
    };
    // What follows a new file (the second looks at its folder) is over by then.
    let mut last = switches();
    let start = Instant::now();
    loop {
        std::thread::sleep(Duration::from_millis(700));
        let now = switches();
        if now == last {
            break;
        }
        last = now;
        assert!(start.elapsed() < Duration::from_secs(20), "it never comes to rest");
    }
    assert_eq!(daemon.said().matches(" published ").count(), 2);
}

#[test]
fn entries_come_and_go_at_their_second() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    let at = |seconds: i64| {
        let then = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
        then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    let (comes, goes) = (at(2), at(4));
    let text = format!("---\ntitle: B\npublishDate: {comes}\nexpiryDate: {goes}\n---\nx\n");
    site.write("b.md", text);
    site.article("c.md", "C", "2024-01-02");
    daemon.until_titles("/all.json", &["C", "A"]);
    daemon.until_titles("/all.json", &["B", "C", "A"]);
    assert!(jiff::Timestamp::now() >= comes.parse().unwrap());
    daemon.until_titles("/all.json", &["C", "A"]);
    assert!(jiff::Timestamp::now() >= goes.parse().unwrap());
}

#[test]
fn a_changed_config_is_taken_up() {
    let site = Site::new();
    site.article("a/x.md", "A", "2024-01-01");
    let daemon = site.serve();
    assert_eq!(daemon.feed("/all.json")["title"], "Test");
    let changed = CONFIG.replace("\"Test\"", "\"Changed\"");
    std::fs::write(site.path("config.toml"), &changed).unwrap();
    daemon.until("the new title", |daemon| daemon.feed("/all.json")["title"] == "Changed");
    std::fs::write(site.path("config.toml"), changed.replace("url =", "ulr =")).unwrap();
    daemon.until("the complaint", |daemon| daemon.said().contains("did you mean `url`"));
    assert_eq!(daemon.feed("/all.json")["title"], "Changed");
    let moved = format!(
        "{CONFIG}\n[feeds]\ngone = [\"category/a\"]\nmoved = {{ \"category/old\" = \"all\" }}\n"
    );
    std::fs::write(site.path("config.toml"), moved).unwrap();
    daemon.signal("HUP");
    daemon.until("410", |daemon| daemon.get("/category/a.json").status == 410);
    let redirect = daemon.get("/category/old.atom");
    assert_eq!((redirect.status, redirect.header("location")), (308, Some("/all.atom")));
    assert_eq!(daemon.feed("/all.json")["title"], "Test");
    // Gone: said when it goes, and again to whoever asks for it.
    std::fs::remove_file(site.path("config.toml")).unwrap();
    let complaints =
        |daemon: &crate::kit::Daemon| daemon.said().matches("cannot read the config file").count();
    daemon.until("a complaint", |daemon| complaints(daemon) > 0);
    let before = complaints(&daemon);
    daemon.signal("HUP");
    daemon.until("another complaint", |daemon| complaints(daemon) > before);
    assert_eq!(daemon.feed("/all.json")["title"], "Test");
}

#[test]
fn without_watches_it_looks_from_time_to_time() {
    let site = Site::new();
    site.article("a/b/c/d.md", "A", "2024-01-01");
    let probe = std::process::Command::new("unshare").args(["-Ur", "true"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: no user namespaces here");
        return;
    }
    // Watches for three folders only; then not even one watcher.
    for (limit, said, new) in [
        ("echo 3 > /proc/sys/user/max_inotify_watches", "no inotify watches left", "b"),
        ("echo 0 > /proc/sys/user/max_inotify_instances", "no inotify instances left", "c"),
    ] {
        let script = format!("{limit} && exec {} serve", env!("CARGO_BIN_EXE_syndic"));
        let daemon = crate::kit::Daemon::spawn(
            std::process::Command::new("unshare")
                .args(["-Ur", "sh", "-c", &script])
                .env_remove("STATE_DIRECTORY")
                .current_dir(site.dir.path()),
        );
        assert!(daemon.said().contains(said), "{}", daemon.said());
        site.article(&format!("a/b/c/{new}.md"), new, "2024-01-02");
        daemon.until(new, |daemon| daemon.ids("/all.json").iter().any(|(title, _)| title == new));
        daemon.stop();
    }
}

#[test]
fn a_lost_burst_of_events_is_made_good() {
    // The kernel's queue holds 16,384 events; a stopped reader loses what comes after.
    let site = Site::new();
    site.article("a/a.md", "A", "2024-01-01");
    let daemon = site.serve();
    daemon.signal("STOP");
    for n in 0..9_000 {
        let path = format!("a/{n}.md");
        site.article(&path, &format!("T{n}"), "2023-01-01");
        site.remove(&path);
    }
    for n in 0..5 {
        site.article(&format!("b/{n}.md"), &format!("B{n}"), "2025-01-01");
    }
    daemon.signal("CONT");
    daemon.until("what came after the overflow", |daemon| {
        let response = daemon.get("/category/b.json");
        response.status == 200 && daemon.ids("/category/b.json").len() == 5
    });
    assert_eq!(daemon.ids("/category/a.json").len(), 1);
    assert!(
        daemon.said().contains("file events were lost"),
        "no event was lost: {}",
        daemon.said()
    );
}
