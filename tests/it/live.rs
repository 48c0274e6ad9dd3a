//! The daemon follows what happens in the folder.

use std::io::Write;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::kit::{CONFIG, DEADLINE, Daemon, Site, article, skip, titles};

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
    for n in 0..40 {
        site.article(&format!("x{n}/deep/er/{n}.md"), &format!("T{n:02}"), "2024-01-02");
    }
    // More entries than a window shows: each category is asked for its own.
    for n in 0..40 {
        daemon.until_titles(&format!("/category/x{n}/deep/er.json"), &[&format!("T{n:02}")]);
    }
    // A folder that was made elsewhere and moved in.
    std::fs::create_dir_all(site.path("made/inner")).unwrap();
    std::fs::write(site.path("made/inner/m.md"), article("Moved in", "2025-01-01")).unwrap();
    std::fs::rename(site.path("made"), site.path("content/made")).unwrap();
    daemon.until_titles("/category/made/inner.json", &["Moved in"]);
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

/// Nothing is said of a file that is empty for a moment; of one that stays so it is, once.
#[test]
fn a_file_that_stays_empty_is_told_once() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    site.write("a.md", "");
    site.article("b.md", "B", "2024-01-02");
    daemon.until_titles("/all.json", &["B", "A"]);
    assert!(!daemon.said().contains("the file is empty"), "{}", daemon.said());
    daemon.until("the complaint", |daemon| daemon.said().contains("the file is empty"));
    site.article("c.md", "C", "2024-01-03");
    daemon.until_titles("/all.json", &["C", "B", "A"]);
    assert_eq!(daemon.said().matches("the file is empty").count(), 1);
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
    // Were its own files an event to it, there would be editions between these.
    let published = |daemon: &Daemon| daemon.said().matches(" published ").count();
    daemon.until("three editions", |daemon| published(daemon) >= 3);
    std::fs::write(site.path("d.md"), article("D", "2024-01-04")).unwrap();
    daemon.until_titles("/all.json", &["D", "C", "B", "A"]);
    daemon.until("the fourth", |daemon| published(daemon) >= 4);
    assert_eq!(published(&daemon), 4, "{}", daemon.said());
}

#[test]
fn a_file_written_slowly_is_taken_when_it_is_closed() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    let mut file = std::fs::File::create(site.path("content/slow.md")).unwrap();
    file.write_all(b"---\ntitle: Slow\ndate: 2024-01-02\n").unwrap();
    // Another one comes and goes through while the first is open.
    site.article("b.md", "B", "2024-01-03");
    daemon.until_titles("/all.json", &["B", "A"]);
    file.write_all(b"---\n\nfirst half, second half\n").unwrap();
    drop(file);
    daemon.until_titles("/all.json", &["B", "Slow", "A"]);
    assert!(daemon.feed("/all.json").to_string().contains("first half, second half"));
    assert!(!daemon.said().contains("never closed"), "{}", daemon.said());
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

/// What lies behind a link changes, where no walk goes: no slow beat is needed to see it.
#[test]
fn an_edit_behind_a_symbolic_link_is_seen() {
    let site = Site::with_config(&format!("{CONFIG}\n[content]\nrescan = 86400\n"));
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, site.path("content").join(name)).unwrap();
    };
    site.write("..1/a.md", article("A", "2024-01-01"));
    site.write("..1/b.md", article("B", "2024-01-02"));
    link("..1", "..data");
    link("..data/a.md", "a.md");
    link("..data/b.md", "b.md");
    site.write("_store/c.md", article("C", "2024-01-03"));
    link("_store/c.md", "c.md");
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["C", "B", "A"]);
    let before = daemon.ids("/all.json");
    site.write("_store/c.md", article("C again", "2024-01-03"));
    daemon.until_titles("/all.json", &["C again", "B", "A"]);
    site.write("..1/a.md", article("A again", "2024-01-01"));
    daemon.until_titles("/all.json", &["C again", "B", "A again"]);
    // As Kubernetes mounts a ConfigMap: one rename changes them all.
    site.write("..2/a.md", article("A anew", "2024-01-01"));
    site.write("..2/b.md", article("B anew", "2024-01-02"));
    link("..2", "..next");
    site.rename("..next", "..data");
    std::fs::remove_dir_all(site.path("content/..1")).unwrap();
    daemon.until_titles("/all.json", &["C again", "B anew", "A anew"]);
    site.write("..2/b.md", article("B at last", "2024-01-02"));
    daemon.until_titles("/all.json", &["C again", "B at last", "A anew"]);
    // The folder that the file lies in changes its place with another.
    site.write("_other/c.md", article("C elsewhere", "2024-01-03"));
    site.rename("_store", "_former");
    site.rename("_other", "_store");
    daemon.until_titles("/all.json", &["C elsewhere", "B at last", "A anew"]);
    // One that led nowhere, until now.
    link("..data/d.md", "d.md");
    site.write("..2/d.md", article("D", "2024-01-04"));
    daemon.until_titles("/all.json", &["D", "C elsewhere", "B at last", "A anew"]);
    let ids = |entries: &[(String, String)]| -> std::collections::BTreeSet<String> {
        entries.iter().map(|(_, id)| id.clone()).collect()
    };
    assert!(ids(&daemon.ids("/all.json")).is_superset(&ids(&before)));
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
    // Context switches of all its threads; its own reads must not wake it.
    let switches = || {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", daemon.pid())).unwrap();
        let mut total = 0;
        for task in tasks {
            let status = std::fs::read_to_string(task.unwrap().path().join("status")).unwrap();
            for line in status.lines().filter(|line| line.contains("ctxt_switches")) {
                total += line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap();
            }
        }
        total
    };
    // Three seconds without a single one, once what follows a new file (the second looks at its
    // folder) is over.
    let mut last = switches();
    let start = Instant::now();
    loop {
        std::thread::sleep(Duration::from_secs(3));
        let now = switches();
        if now == last {
            break;
        }
        last = now;
        assert!(start.elapsed() < DEADLINE, "it never comes to rest");
    }
    assert_eq!(daemon.said().matches(" published ").count(), 2);
}

#[test]
fn entries_come_and_go_at_their_second() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let then = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(4);
    let then: jiff::Timestamp = then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().parse().unwrap();
    site.write("b.md", format!("---\ntitle: Comes\ndate: {then}\n---\nx\n"));
    site.write("c.md", format!("---\ntitle: Goes\ndate: 2024-01-02\nexpires: {then}\n---\nx\n"));
    let daemon = site.serve();
    daemon.until("its second", |daemon| {
        let titles = titles(&daemon.feed("/all.json"));
        if titles == ["Goes", "A"] {
            return false;
        }
        assert!(jiff::Timestamp::now() >= then, "{titles:?}");
        titles == ["Comes", "A"]
    });
}

#[test]
fn a_changed_config_is_taken_up() {
    let site = Site::new();
    site.article("a/x.md", "A", "2024-01-01");
    let daemon = site.serve();
    assert_eq!(daemon.feed("/all.json")["title"], "Test");
    let changed = CONFIG.replace("\"Test\"", "\"Changed\"");
    site.config(&changed);
    daemon.until("the new title", |daemon| daemon.feed("/all.json")["title"] == "Changed");
    site.config(&changed.replace("url =", "ulr ="));
    daemon.until("the complaint", |daemon| daemon.said().contains("did you mean `url`"));
    assert_eq!(daemon.feed("/all.json")["title"], "Changed");
    let moved = format!(
        "{CONFIG}\n[feeds]\ngone = [\"category/a\"]\nmoved = {{ \"category/old\" = \"all\" }}\n"
    );
    site.config(&moved);
    daemon.signal(Signal::HUP);
    daemon.until("410", |daemon| daemon.get("/category/a.json").status == 410);
    let redirect = daemon.get("/category/old.atom");
    assert_eq!((redirect.status, redirect.header("location")), (308, Some("/all.atom")));
    assert_eq!(daemon.feed("/all.json")["title"], "Test");
    // Gone: said when it goes, and again to whoever asks for it.
    std::fs::remove_file(site.path("config.toml")).unwrap();
    let complaints = |daemon: &Daemon| daemon.said().matches("cannot read the config file").count();
    daemon.until("a complaint", |daemon| complaints(daemon) > 0);
    let before = complaints(&daemon);
    daemon.signal(Signal::HUP);
    daemon.until("another complaint", |daemon| complaints(daemon) > before);
    assert_eq!(daemon.feed("/all.json")["title"], "Test");
}

/// A daemon that gets no more than so many of the kernel's watches or watchers.
fn serve_with_few(site: &Site, limit: &str, most: usize) -> Option<Daemon> {
    let probe = std::process::Command::new("unshare").args(["-Ur", "true"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        skip("no user namespaces here");
        return None;
    }
    let program = env!("CARGO_BIN_EXE_syndic");
    let script = format!("echo {most} > /proc/sys/user/{limit} && exec {program} serve");
    Some(Daemon::spawn(
        std::process::Command::new("unshare")
            .args(["-Ur", "sh", "-c", &script])
            .env_remove("STATE_DIRECTORY")
            .current_dir(site.dir.path()),
    ))
}

#[test]
fn without_watches_it_looks_from_time_to_time() {
    let site = Site::new();
    site.article("a/b/c/a.md", "A", "2024-01-01");
    // Watches for three folders only; for none; then not even one watcher.
    for (limit, most, said, new) in [
        ("max_inotify_watches", 3, "no inotify watches left", "b"),
        ("max_inotify_watches", 0, "no inotify watches left", "d"),
        ("max_inotify_instances", 0, "no inotify instances left", "c"),
    ] {
        let Some(daemon) = serve_with_few(&site, limit, most) else { return };
        assert!(daemon.said().contains(said), "{}", daemon.said());
        site.article(&format!("a/b/c/{new}.md"), new, "2024-01-02");
        daemon.until(new, |daemon| daemon.ids("/all.json").iter().any(|(title, _)| title == new));
        // What cannot be watched is not waited for either.
        assert!(!daemon.said().contains("silent"), "{}", daemon.said());
        daemon.stop();
    }
}

#[test]
fn what_is_moved_to_where_nothing_is_watched_stays() {
    let site = Site::new();
    site.article("a/b/c/d.md", "A", "2024-01-01");
    site.article("a/moves.md", "Moves", "2024-01-01");
    // For the state directory, the content, and the first folder in it.
    let Some(daemon) = serve_with_few(&site, "max_inotify_watches", 3) else { return };
    assert!(daemon.said().contains("no inotify watches left"), "{}", daemon.said());
    site.rename("a/moves.md", "a/b/c/moves.md");
    daemon.until("its new address", |daemon| {
        let feed = daemon.feed("/all.json");
        let items = feed["items"].as_array().unwrap();
        let moves = items.iter().find(|item| item["title"] == "Moves");
        let url = moves.expect("it left the feed")["url"].as_str().unwrap();
        url.ends_with("/a/b/c/moves/")
    });
    // What goes is missed in time all the same.
    site.remove("a/b/c/moves.md");
    daemon.until("it is gone", |daemon| daemon.ids("/all.json").len() == 1);
}

#[test]
fn a_lost_burst_of_events_is_made_good() {
    // A stopped reader loses what comes after the kernel's queue is full.
    let queue = std::fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let queue: usize = queue.trim().parse().unwrap();
    if queue > 100_000 {
        return skip("the kernel's queue is too long to be filled");
    }
    let site = Site::new();
    site.article("a/a.md", "A", "2024-01-01");
    let daemon = site.serve();
    daemon.signal(Signal::STOP);
    for n in 0..queue / 2 + 1_000 {
        let path = format!("a/{n}.md");
        site.article(&path, &format!("T{n}"), "2023-01-01");
        site.remove(&path);
    }
    for n in 0..5 {
        site.article(&format!("b/{n}.md"), &format!("B{n}"), "2025-01-01");
    }
    daemon.signal(Signal::CONT);
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

/// A link to another article's file leads where that article is read now, in whatever order the
/// two came, moved and went; as a build from nothing has it.
#[test]
fn links_between_articles_follow() {
    let site = Site::new();
    site.write(
        "first.md",
        "---\ntitle: First\ndate: 2024-01-02\n---\n\nSee [it](notes/second.md#x).\n",
    );
    let html = |feed: &Value| {
        let items = feed["items"].as_array().unwrap();
        let first = items.iter().find(|item| item["title"] == "First");
        first.map_or(String::new(), |first| first["content_html"].to_string())
    };
    let leads = |link: &str, daemon: &Daemon| html(&daemon.feed("/all.json")).contains(link);
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["First"]);
    assert!(leads("/notes/second.md#x", &daemon), "{}", html(&daemon.feed("/all.json")));
    site.article("notes/second.md", "Second", "2024-01-03");
    daemon.until("the link to the new one", |daemon| leads("/notes/second/#x", daemon));
    let moved =
        "---\ntitle: Second\ndate: 2024-01-03\nlink: https://elsewhere.example/2\n---\n\nB.\n";
    site.write("notes/second.md", moved);
    daemon.until("its other address", |daemon| leads("https://elsewhere.example/2#x", daemon));
    daemon.stop();
    site.article("notes/second.md", "Second", "2024-01-03");
    let daemon = site.serve();
    daemon.until("what changed meanwhile", |daemon| leads("/notes/second/#x", daemon));
    site.remove("notes/second.md");
    daemon.until("its end", |daemon| leads("/notes/second.md#x", daemon));
    daemon.stop();
}
