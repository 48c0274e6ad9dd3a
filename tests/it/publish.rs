//! `feeds/` and the ledger, over restarts and accidents.

use std::os::unix::fs::MetadataExt;

use rustix::process::Signal;

use crate::kit::{CONFIG, Daemon, Site, finish, said, skip, tree};

fn site() -> Site {
    let site = Site::new();
    site.article("a/x.md", "A", "2024-01-01");
    site.article("b/y.md", "B", "2024-01-02");
    site
}

#[test]
fn only_what_changed_is_written() {
    let site = site();
    site.build(0);
    let inodes = |site: &Site| {
        tree(&site.path("feeds"))
            .into_keys()
            .map(|path| {
                let inode = std::fs::metadata(site.path("feeds").join(&path)).unwrap().ino();
                (path, inode)
            })
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let before = inodes(&site);
    site.article("b/y.md", "B2", "2024-01-02");
    site.build(0);
    let after = inodes(&site);
    for (path, inode) in &before {
        let touched =
            path.starts_with("all.") || path.starts_with("category/b.") || path == ".syndic.json";
        assert_eq!(after[path] != *inode, touched, "{path}");
    }
}

#[test]
fn strangers_files_stay_and_a_crashs_are_swept() {
    let site = site();
    site.build(0);
    for path in [
        "feeds/mine.txt",
        "feeds/category/theirs.rss",
        "feeds/.syndic-tmp-x1",
        "feeds/category/.syndic-tmp-y2",
    ] {
        std::fs::write(site.path(path), "x").unwrap();
    }
    site.build(0);
    assert!(site.path("feeds/mine.txt").exists());
    assert!(site.path("feeds/category/theirs.rss").exists());
    assert!(!site.path("feeds/.syndic-tmp-x1").exists());
    assert!(!site.path("feeds/category/.syndic-tmp-y2").exists());
}

#[test]
fn a_ledger_of_a_later_version_is_left_alone() {
    let site = site();
    site.build(0);
    let ledger = site.path(".syndic/ledger.sqlite");
    let later = "PRAGMA user_version = 99; DELETE FROM meta WHERE key = 'schema'";
    rusqlite::Connection::open(&ledger).unwrap().execute_batch(later).unwrap();
    for command in [&["build"][..], &["serve"], &["holds"], &["explain", "a/x.md"]] {
        let output = site.run(command);
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        assert!(said(&output).contains("made by a newer syndic"), "{}", said(&output));
    }
}

#[test]
fn a_ledger_of_an_earlier_version_waits_for_its_daemon() {
    let site = site();
    site.build(0);
    let ledger = site.path(".syndic/ledger.sqlite");
    rusqlite::Connection::open(&ledger).unwrap().pragma_update(None, "user_version", 2).unwrap();
    for command in [&["holds"][..], &["explain", "a/x.md"]] {
        let output = site.run(command);
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        assert!(said(&output).contains("made by an older syndic"), "{}", said(&output));
    }
}

#[test]
fn damaged_files_are_made_good() {
    let site = site();
    site.build(0);
    let before = tree(&site.path("feeds"));
    std::fs::remove_file(site.path("feeds/all.rss")).unwrap();
    std::fs::write(site.path("feeds/category/a.atom"), "rubbish").unwrap();
    site.build(0);
    assert!(tree(&site.path("feeds")) == before);
    std::fs::remove_file(site.path("feeds/all.rss")).unwrap();
    let daemon = site.serve();
    daemon.until("the file", |_| site.path("feeds/all.rss").exists());
    assert_eq!(daemon.get("/all.rss").body, before["all.rss"]);
    drop(daemon);
    assert!(tree(&site.path("feeds")) == before);
}

#[test]
fn feeds_no_longer_wanted_go() {
    let site = Site::with_config(&format!("{CONFIG}\n[feeds]\nby = [\"category\", \"tag\"]\n"));
    site.write("a.md", "---\ntitle: A\ndate: 2024-01-01\ntags: [x]\n---\nx\n");
    site.build(0);
    assert!(site.path("feeds/tag/x.rss").exists());
    site.config(CONFIG);
    site.build(0);
    assert!(!site.path("feeds/tag/x.rss").exists());
    assert!(!std::fs::read_to_string(site.path("feeds/feeds.opml")).unwrap().contains("tag/x"));
}

#[test]
fn validators_outlive_a_restart() {
    let site = site();
    let daemon = site.serve();
    let validators = |response: crate::kit::Response| {
        let header = |name| response.header(name).unwrap().to_string();
        (header("etag"), header("last-modified"))
    };
    let before = validators(daemon.get("/all.rss"));
    daemon.stop();
    let daemon = site.serve();
    assert_eq!(validators(daemon.get("/all.rss")), before);
    assert!(!daemon.said().contains("published"), "nothing changed: {}", daemon.said());
    daemon.signal(Signal::KILL);
    drop(daemon);
    let daemon = site.serve();
    assert_eq!(validators(daemon.get("/all.rss")), before);
}

#[test]
fn last_modified_moves_with_every_change() {
    let site = site();
    let daemon = site.serve();
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..5 {
        let title = format!("N{n}");
        site.article("b/y.md", &title, "2024-01-02");
        daemon.until_titles("/all.json", &[&title, "A"]);
        seen.insert(daemon.get("/all.json").header("last-modified").unwrap().to_string());
    }
    assert_eq!(seen.len(), 5, "two changes share a second: {seen:?}");
}

#[test]
fn a_second_daemon_is_refused() {
    let site = site();
    let daemon = site.serve();
    for command in ["serve", "build"] {
        let output = site.run(&[command]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(75), "{said}");
        assert!(said.contains(&format!("process {}", daemon.pid())), "{said}");
    }
    // Another state directory does not help: the feeds are taken too.
    let other = Site::with_config(&format!("{CONFIG}\n[feeds]\ndir = {:?}\n", site.path("feeds")));
    other.article("z.md", "Z", "2024-01-01");
    let output = other.run(&["build"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(75), "{said}");
    assert!(said.contains(&format!("process {}", daemon.pid())), "{said}");
    // Looking is allowed.
    assert_eq!(site.run(&["check"]).status.code(), Some(0));
    assert_eq!(site.explain("a/x.md")["title"], "A");
    daemon.signal(Signal::KILL);
    drop(daemon);
    site.build(0);
}

#[test]
fn a_read_only_feeds_directory_is_outlived() {
    let site = site();
    let Some(mut serve) = site.unprivileged() else { return };
    let Some(mut build) = site.unprivileged() else { return };
    let daemon = Daemon::spawn(serve.arg("serve"));
    let on_disk = || crate::kit::titles(&site.feed("all.json"));
    let mode = |mode: u32| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(site.path("feeds"), mode).unwrap();
    };
    mode(0o555);
    site.article("c.md", "C", "2024-01-03");
    daemon.until_titles("/all.json", &["C", "B", "A"]);
    daemon.until("the complaint", |daemon| daemon.said().contains("feeds directory"));
    assert_eq!(on_disk(), ["B", "A"]);
    mode(0o755);
    daemon.until("the copy", |_| on_disk() == ["C", "B", "A"]);
    daemon.stop();
    // A build says so and changes nothing; the next one makes it good.
    mode(0o555);
    site.article("d.md", "D", "2024-01-04");
    let output = finish(build.arg("build"));
    let complaint = said(&output);
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains("feeds directory") && complaint.contains("denied"), "{complaint}");
    assert_eq!(on_disk(), ["C", "B", "A"]);
    mode(0o755);
    assert_eq!(finish(&mut build).status.code(), Some(0));
    assert_eq!(on_disk(), ["D", "C", "B", "A"]);
}

struct Disk(std::path::PathBuf);

impl Disk {
    /// A small file system of its own; `None` where that needs a right that we lack.
    fn mount(dir: std::path::PathBuf) -> Option<Disk> {
        std::fs::create_dir(&dir).unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=600k", "tmpfs"])
            .arg(&dir)
            .output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            skip("needs root");
            return None;
        }
        Some(Disk(dir))
    }

    fn fill(&self) {
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        let full = std::io::Write::write_all(&mut filler, &vec![1; 1024 * 1024]);
        assert!(full.is_err(), "the disk is not full");
    }

    fn free(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

/// More than what a full disk may still find room for.
fn long(title: &str, date: &str) -> String {
    let body = "Long words fill the feeds. ".repeat(1_500);
    format!("---\ntitle: {title}\ndate: {date}\n---\n{body}\n")
}

#[test]
fn a_full_disk_under_the_feeds_is_outlived() {
    let site = site();
    let Some(disk) = Disk::mount(site.path("disk")) else { return };
    let config = format!("{CONFIG}\n[feeds]\ndir = {:?}\n", disk.0.join("feeds"));
    site.config(&config);
    let daemon = site.serve();
    disk.fill();
    site.write("c.md", long("C", "2024-01-03"));
    daemon.until_titles("/all.json", &["C", "B", "A"]);
    daemon.until("the complaint", |daemon| daemon.said().contains("No space left"));
    let on_disk = || {
        let bytes = std::fs::read(disk.0.join("feeds/all.json")).unwrap();
        crate::kit::titles(&serde_json::from_slice(&bytes).expect("a whole file"))
    };
    assert_eq!(on_disk(), ["B", "A"]);
    disk.free();
    daemon.until("the copy", |_| on_disk() == ["C", "B", "A"]);
}

#[test]
fn a_full_disk_under_the_ledger_is_outlived() {
    let site = site();
    let Some(disk) = Disk::mount(site.path("disk")) else { return };
    let config = format!("{CONFIG}\n[state]\ndir = {:?}\n", disk.0.join("state"));
    site.config(&config);
    let daemon = site.serve();
    let before = daemon.ids("/all.json");
    disk.fill();
    site.write("c.md", long("C", "2024-01-03"));
    daemon.until("the complaint", |daemon| daemon.said().contains("the last edition stays"));
    // What is not remembered does not count: readers keep what they have.
    assert_eq!(daemon.ids("/all.json"), before);
    disk.free();
    daemon.until_titles("/all.json", &["C", "B", "A"]);
    site.article("d.md", "D", "2024-01-04");
    daemon.until_titles("/all.json", &["D", "C", "B", "A"]);
}
