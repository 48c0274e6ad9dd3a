//! Ids survive what people do to files, while the daemon runs and while it does not.

use std::collections::BTreeSet;
use std::process::Command;

use rustix::process::Signal;

use crate::kit::{CONFIG, Site, article, skip};

type Ids = BTreeSet<(String, String)>;

fn set(ids: Vec<(String, String)>) -> Ids {
    ids.into_iter().collect()
}

fn three() -> Site {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.article("folder/b.md", "B", "2024-01-02");
    site.article("folder/deep/c.md", "C", "2024-01-03");
    site
}

/// Does something to a site while syndic is stopped, and while it runs: no id may change.
fn unchanged_by(what: &str, act: impl Fn(&Site), settled: impl Fn(&Site) -> bool + Copy) {
    let site = three();
    site.build(0);
    let before = set(site.ids("all.json"));
    act(&site);
    site.build(0);
    assert!(settled(&site), "stopped: {what}: {}", site.feed("all.json"));
    assert_eq!(set(site.ids("all.json")), before, "stopped: {what}");

    let site = three();
    let daemon = site.serve();
    assert_eq!(set(daemon.ids("/all.json")), before);
    act(&site);
    daemon.until(what, |_| settled(&site));
    assert_eq!(set(daemon.ids("/all.json")), before, "running: {what}");
    daemon.stop();
    site.build(0);
    assert!(settled(&site), "afterwards: {what}: {}", site.feed("all.json"));
    assert_eq!(set(site.ids("all.json")), before, "afterwards: {what}");
}

fn links(site: &Site) -> String {
    let items = site.feed("all.json")["items"].clone();
    items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| format!("{} ", item["url"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_file_is_renamed() {
    unchanged_by(
        "a.md → z.md",
        |site| site.rename("a.md", "z.md"),
        |site| links(site).contains("/z/"),
    );
}

#[test]
fn a_file_moves_to_another_folder() {
    unchanged_by(
        "a.md → other/place/a.md",
        |site| site.rename("a.md", "other/place/a.md"),
        |site| links(site).contains("/other/place/a/"),
    );
}

#[test]
fn a_folder_is_renamed() {
    unchanged_by(
        "folder → ordner",
        |site| site.rename("folder", "ordner"),
        |site| links(site).matches("/ordner/").count() == 2,
    );
}

#[test]
fn two_files_change_places() {
    unchanged_by(
        "a.md ⇄ folder/b.md",
        |site| {
            site.rename("a.md", "tmp.bak");
            site.rename("folder/b.md", "a.md");
            site.rename("tmp.bak", "folder/b.md");
        },
        |site| {
            let feed = site.feed("all.json");
            let items = feed["items"].as_array().unwrap();
            let of = |title: &str| {
                items.iter().find(|item| item["title"] == title).unwrap()["url"].clone()
            };
            of("A") == "https://test.example/folder/b/" && of("B") == "https://test.example/a/"
        },
    );
}

#[test]
fn a_file_is_renamed_and_edited() {
    // The title stays, so that the entries compare; only the body changes.
    unchanged_by(
        "a.md → z.md, edited",
        |site| {
            site.rename("a.md", "z.md");
            let path = site.path("content/z.md");
            use std::io::Write;
            let mut file = std::fs::File::options().append(true).open(path).unwrap();
            file.write_all(b"\nAnd more.\n").unwrap();
        },
        |site| {
            links(site).contains("/z/") && site.feed("all.json").to_string().contains("And more")
        },
    );
}

#[test]
fn a_file_is_renamed_and_rewritten_in_one_step() {
    // No inode and no content tells that it is the same, but its title and date do.
    unchanged_by(
        "a.md → z.md, rewritten",
        |site| {
            site.remove("a.md");
            site.write("z.md", article("A", "2024-01-01") + "\nRewritten.\n");
        },
        |site| links(site).contains("/z/") && !links(site).contains("/a/"),
    );
}

#[test]
fn a_file_is_replaced_as_editors_do() {
    unchanged_by(
        "a.md saved by way of a temporary file",
        |site| {
            let text = article("A", "2024-01-01") + "\nSaved.\n";
            std::fs::write(site.path("content/.a.md.swp"), text).unwrap();
            site.rename(".a.md.swp", "a.md");
        },
        |site| site.feed("all.json").to_string().contains("Saved"),
    );
}

#[test]
fn a_file_goes_and_comes_back() {
    let site = three();
    site.build(0);
    let before = set(site.ids("all.json"));
    let text = std::fs::read(site.path("content/a.md")).unwrap();
    site.remove("a.md");
    site.build(0);
    assert_eq!(site.ids("all.json").len(), 2);
    site.write("elsewhere/a.md", text);
    site.build(0);
    assert_eq!(set(site.ids("all.json")), before);
}

fn git(site: &Site, args: &[&str]) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@test.example",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(args)
        .current_dir(site.path("content"))
        .output()
        .unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn across_git_checkouts() {
    if Command::new("git").arg("--version").output().is_err() {
        return skip("git is not on this machine");
    }
    let site = three();
    git(&site, &["init", "-q"]);
    git(&site, &["add", "."]);
    git(&site, &["commit", "-qm", "one"]);
    let daemon = site.serve();
    let before = set(daemon.ids("/all.json"));
    git(&site, &["checkout", "-qb", "moved"]);
    git(&site, &["mv", "folder", "ordner"]);
    git(&site, &["mv", "a.md", "ordner/a.md"]);
    git(&site, &["commit", "-qm", "two"]);
    daemon.until("the moved branch", |_| links(&site).matches("/ordner/").count() == 3);
    assert_eq!(set(daemon.ids("/all.json")), before);
    // Checkouts delete and create: no inode survives, only content does.
    for (branch, mark, count) in
        [("main", "/folder/", 2), ("moved", "/ordner/", 3), ("main", "/folder/", 2)]
    {
        git(&site, &["checkout", "-q", branch]);
        daemon.until(branch, |_| links(&site).matches(mark).count() == count);
        assert_eq!(set(daemon.ids("/all.json")), before, "{branch}");
    }
    drop(daemon);
    git(&site, &["checkout", "-q", "moved"]);
    site.build(0);
    assert_eq!(set(site.ids("all.json")), before);
}

#[test]
fn an_id_of_ones_own() {
    let site = Site::new();
    site.write("a.md", "---\ntitle: A\ndate: 2024-01-01\nid: urn:x:1\n---\nx\n");
    site.write("b.md", "---\ntitle: B\ndate: 2024-01-02\nguid: my thing\n---\nx\n");
    site.write("c.md", "---\ntitle: C\ndate: 2024-01-03\nid: urn:x:1\n---\nx\n");
    let said = site.build(1);
    let ids = site.ids("all.json");
    assert_eq!(ids[2].1, "urn:x:1");
    assert_eq!(ids[1].1, "tag:test.example,2026:id:my%20thing");
    assert_eq!(ids[0].1, "tag:test.example,2026:c.md");
    assert!(said.contains("the id `urn:x:1` is another article's"), "{said}");
    // Too late: what was published stays.
    site.write("c.md", "---\ntitle: C\ndate: 2024-01-03\nid: urn:x:9\n---\nx\n");
    let said = site.build(0);
    assert_eq!(site.ids("all.json")[0].1, "tag:test.example,2026:c.md");
    assert!(said.contains("came too late"), "{said}");
}

#[test]
fn a_path_that_is_used_again_is_another_article() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.build(0);
    site.rename("a.md", "b.md");
    site.article("a.md", "New", "2024-01-02");
    site.build(0);
    let expected = [
        ("New".to_string(), "tag:test.example,2026:a.md;2".to_string()),
        ("A".to_string(), "tag:test.example,2026:a.md".to_string()),
    ];
    assert_eq!(site.ids("all.json"), expected);
}

#[test]
fn an_alias_tells_where_it_was() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.article("keep.md", "Keep", "2024-01-01");
    site.build(0);
    site.remove("a.md");
    site.build(0);
    site.write(
        "z.md",
        "---\ntitle: Quite new\ndate: 2024-01-01\naliases: [/a/]\n---\nOther words.\n",
    );
    site.build(0);
    let ids = site.ids("all.json");
    let of = |title: &str| ids.iter().find(|(t, _)| t == title).unwrap().1.clone();
    assert_eq!(of("Quite new"), "tag:test.example,2026:a.md");
}

#[test]
fn ids_do_not_follow_the_sites_address() {
    let site = three();
    site.build(0);
    let before = set(site.ids("all.json"));
    let moved = CONFIG.replace("https://test.example/", "https://new.example/blog/");
    site.config(&moved);
    site.build(0);
    assert_eq!(set(site.ids("all.json")), before);
    assert!(links(&site).contains("https://new.example/blog/a/"));
}

#[test]
fn a_lost_ledger_costs_no_id() {
    let site = three();
    site.build(0);
    site.rename("a.md", "z.md");
    site.build(0);
    let before = set(site.ids("all.json"));
    std::fs::remove_dir_all(site.path(".syndic")).unwrap();
    site.build(0);
    // Taken over from the feeds that were published before, the renamed one too.
    assert_eq!(set(site.ids("all.json")), before);
    std::fs::remove_dir_all(site.path(".syndic")).unwrap();
    std::fs::remove_dir_all(site.path("feeds")).unwrap();
    site.build(0);
    let fresh = set(site.ids("all.json"));
    let same = fresh.intersection(&before).count();
    assert_eq!(same, 2, "those that were never renamed");
}

#[test]
fn most_articles_do_not_vanish_without_a_word() {
    let site = Site::new();
    for n in 0..40 {
        site.article(&format!("{n:02}.md"), &format!("T{n:02}"), "2024-01-01");
    }
    site.build(0);
    let before = set(site.ids("all.json"));
    for n in 0..30 {
        site.remove(&format!("{n:02}.md"));
    }
    let said = site.build(3);
    assert!(said.contains("vanished"), "{said}");
    assert_eq!(set(site.ids("all.json")), before);
    let held = site.run(&["holds"]);
    assert_eq!(String::from_utf8_lossy(&held.stdout).lines().count(), 30);
    site.accept(&[]);
    site.build(0);
    assert_eq!(site.ids("all.json").len(), 10);

    let site = Site::new();
    for n in 0..40 {
        site.article(&format!("{n:02}.md"), &format!("T{n:02}"), "2024-01-01");
    }
    let daemon = site.serve();
    let before = set(daemon.ids("/all.json"));
    for n in 0..30 {
        site.remove(&format!("{n:02}.md"));
    }
    daemon.until("the hold", |daemon| daemon.said().contains("held"));
    assert_eq!(set(daemon.ids("/all.json")), before);
    // Back again, as a bad deploy is undone.
    for n in 0..30 {
        site.article(&format!("{n:02}.md"), &format!("T{n:02}"), "2024-01-01");
    }
    daemon
        .until("the release", |_| String::from_utf8_lossy(&site.run(&["holds"]).stdout).is_empty());
    assert_eq!(set(daemon.ids("/all.json")), before);
    for n in 0..30 {
        site.remove(&format!("{n:02}.md"));
    }
    daemon.until("the second hold", |_| !site.run(&["holds"]).stdout.is_empty());
    site.accept(&[]);
    daemon.until("ten articles", |daemon| daemon.ids("/all.json").len() == 10);
}

#[test]
fn a_site_is_not_replaced_without_a_word() {
    let forty = |folder: &str| {
        (0..40)
            .map(|n| (format!("{folder}/{n:02}.md"), format!("{folder} {n:02}")))
            .collect::<Vec<_>>()
    };
    let replace = |site: &Site| {
        std::fs::remove_dir_all(site.path("content/old")).unwrap();
        forty("new").iter().for_each(|(path, title)| site.article(path, title, "2023-01-01"));
    };
    let old = || {
        let site = Site::with_config(&format!("{CONFIG}\n[feeds]\nentries = \"all\"\n"));
        forty("old").iter().for_each(|(path, title)| site.article(path, title, "2024-01-01"));
        site
    };
    let site = old();
    site.build(0);
    let before = set(site.ids("all.json"));
    replace(&site);
    let said = site.build(3);
    assert!(said.contains("vanished"), "{said}");
    assert!(set(site.ids("all.json")).is_superset(&before));
    site.accept(&[]);
    site.build(0);
    assert!(set(site.ids("all.json")).is_disjoint(&before));

    let site = old();
    let daemon = site.serve();
    let before = set(daemon.ids("/all.json"));
    replace(&site);
    daemon.until("the hold", |daemon| daemon.said().contains("held"));
    daemon.until("the new ones", |daemon| daemon.ids("/all.json").len() == 80);
    assert!(set(daemon.ids("/all.json")).is_superset(&before));
}

/// Eight articles come a second time, with other words under the old titles and dates.
fn double(site: &Site) {
    for n in 0..8 {
        let text = article(&format!("T{n}"), "2024-01-01") + "Rewritten.\n";
        site.write(&format!("new/{n}-new.md"), text);
    }
}

#[test]
fn a_flood_is_held() {
    let eight = || {
        let site = Site::new();
        for n in 0..8 {
            site.article(&format!("{n}.md"), &format!("T{n}"), "2024-01-01");
        }
        site
    };
    let site = eight();
    site.build(0);
    let before = set(site.ids("all.json"));
    double(&site);
    let said = site.build(3);
    assert!(said.contains("many new entries look like known ones"), "{said}");
    assert_eq!(set(site.ids("all.json")), before);
    site.build(3);
    assert_eq!(set(site.ids("all.json")), before, "held over a second build");
    site.accept(&[]);
    site.build(0);
    let after = set(site.ids("all.json"));
    assert!(after.len() == 16 && after.is_superset(&before));

    let site = eight();
    let daemon = site.serve();
    // While it cannot look, as in one checkout; what is not suspicious flows all the same.
    daemon.signal(Signal::STOP);
    double(&site);
    site.article("fine.md", "Fine", "2024-07-01");
    daemon.signal(Signal::CONT);
    daemon.until("the other one", |daemon| daemon.ids("/all.json")[0].0 == "Fine");
    daemon.until("the hold", |daemon| {
        daemon.said().contains("many new entries look like known ones")
    });
    let ids = set(daemon.ids("/all.json"));
    assert!(ids.len() == 9 && ids.is_superset(&before));
    site.accept(&[]);
    daemon.until("the accepted ones", |daemon| set(daemon.ids("/all.json")).len() == 17);
}

#[test]
fn held_dates_are_let_through_or_taken_back() {
    let site = Site::new();
    for n in 0..8 {
        site.article(&format!("{n}.md"), &format!("T{n}"), "2024-01-01");
    }
    site.build(0);
    let before = site.feed("all.json")["items"].clone();
    let dates = |date: &str| {
        for n in 0..8 {
            site.write(&format!("{n}.md"), article(&format!("T{n}"), date));
        }
    };
    dates("2024-06-01");
    let said = site.build(3);
    assert!(said.contains("many entries have another date"), "{said}");
    assert_eq!(site.feed("all.json")["items"], before);
    dates("2024-01-01");
    site.build(0);
    assert_eq!(site.feed("all.json")["items"], before);
    dates("2024-06-01");
    site.build(3);
    site.accept(&["3.md"]);
    site.build(3);
    let moved = |site: &Site| {
        site.feed("all.json").to_string().matches("\"date_published\":\"2024-06-01").count()
    };
    assert_eq!(moved(&site), 1);
    site.accept(&[]);
    site.build(0);
    assert_eq!(moved(&site), 8);
}

/// As `mv` to another disk, or a deployment does: first the copy, then the deletion.
#[test]
fn a_copy_whose_original_goes_is_the_same_article() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.write("undated.md", "# Undated\n\nSince whenever.\n");
    let daemon = site.serve();
    let before: std::collections::BTreeMap<_, _> = daemon.ids("/all.json").into_iter().collect();
    for (from, to) in [("a.md", "moved/a.md"), ("undated.md", "moved/undated.md")] {
        site.write(to, std::fs::read(site.path("content").join(from)).unwrap());
    }
    // Something that comes after it is seen, so the copies were.
    site.article("b.md", "B", "2024-01-02");
    daemon.until("the next one", |daemon| daemon.ids("/all.json").len() == 3);
    for from in ["a.md", "undated.md"] {
        site.remove(from);
    }
    daemon.until("the new address", |daemon| {
        let feed = daemon.feed("/all.json");
        feed["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["url"].as_str().unwrap().contains("/moved/"))
            .count()
            == 2
    });
    let after = daemon.ids("/all.json");
    assert_eq!(after.len(), 3);
    for (title, id) in after.into_iter().filter(|(title, _)| title != "B") {
        assert_eq!(before[&title], id, "{title}");
    }
    // A copy that stays is an article of its own, a moment later.
    site.write("twin.md", std::fs::read(site.path("content/b.md")).unwrap());
    daemon.until("the twin", |daemon| daemon.ids("/all.json").len() == 4);
}

/// As an editor's "save as" does, or a sync that deletes last.
#[test]
fn a_new_place_with_an_edit_before_the_old_one_goes_is_the_same_article() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    let before = daemon.ids("/all.json");
    let edited = article("A", "2024-01-01") + "\n\nEdited.\n";
    site.write("moved/a.md", &edited);
    // Something that comes after it is seen, so it was.
    site.article("b.md", "B", "2024-01-02");
    daemon.until("the next one", |daemon| daemon.ids("/all.json").len() == 2);
    site.remove("a.md");
    daemon.until("the new address", |daemon| {
        daemon.feed("/all.json")["items"][1]["url"].as_str().unwrap().contains("/moved/")
    });
    assert_eq!(daemon.ids("/all.json")[1..], before);
    // One that stays under the words of another is an article of its own, a moment later.
    site.write("twin.md", edited.replace("Edited", "A twin"));
    daemon.until("the twin", |daemon| daemon.ids("/all.json").len() == 3);
}
