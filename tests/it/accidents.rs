//! Accidents that happen to folders, each found by somebody who tried.

use crate::kit::{CONFIG, Site, article, said, titles, tree};

fn numbered(count: usize, folder: &str) -> Site {
    let site = Site::new();
    for n in 0..count {
        site.article(&format!("{folder}{n:02}.md"), &format!("T{n:02}"), "2024-01-01");
    }
    site
}

#[test]
fn renaming_dated_files_is_held_and_empties_nothing() {
    let site = Site::new();
    for n in 0..6 {
        site.write(&format!("2024-01-0{}-p{n}.md", n + 1), format!("Text of number {n}.\n"));
    }
    site.build(0);
    let before = site.ids("all.json");
    for n in 0..6 {
        site.rename(&format!("2024-01-0{}-p{n}.md", n + 1), &format!("2024-02-0{}-p{n}.md", n + 1));
    }
    site.build(3);
    assert_eq!(site.ids("all.json"), before);
    site.accept(&[]);
    site.build(0);
    let ids = |pairs: Vec<(String, String)>| {
        pairs.into_iter().map(|(_, id)| id).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(ids(site.ids("all.json")), ids(before));
    assert!(site.feed("all.json").to_string().contains("\"date_published\":\"2024-02-01"));
}

#[test]
fn held_articles_that_come_back_elsewhere_are_the_same() {
    let site = numbered(25, "posts/");
    site.article("stays.md", "Stays", "2024-01-02");
    site.build(0);
    let before: std::collections::BTreeSet<_> = site.ids("all.json").into_iter().collect();
    std::fs::rename(site.path("content/posts"), site.path("away")).unwrap();
    site.build(3);
    std::fs::rename(site.path("away"), site.path("content/blog")).unwrap();
    site.build(0);
    assert_eq!(site.ids("all.json").into_iter().collect::<std::collections::BTreeSet<_>>(), before);
    assert!(site.run(&["holds"]).stdout.is_empty());
}

#[test]
fn a_hold_ends_when_the_files_are_back_unseen() {
    let site = numbered(25, "posts/");
    site.article("stays.md", "Stays", "2024-01-02");
    site.build(0);
    std::fs::rename(site.path("content/posts"), site.path("away")).unwrap();
    site.build(3);
    std::fs::rename(site.path("away"), site.path("content/posts")).unwrap();
    site.build(0);
    site.build(0);
    assert_eq!(site.ids("all.json").len(), 26);
}

#[test]
fn the_last_articles_do_not_go_without_a_word() {
    let site = numbered(4, "");
    let daemon = site.serve();
    for n in 0..4 {
        site.remove(&format!("{n:02}.md"));
    }
    daemon.until("the hold", |daemon| daemon.said().contains("held"));
    assert_eq!(daemon.ids("/all.json").len(), 4);
    site.accept(&[]);
    daemon.until("none", |daemon| daemon.ids("/all.json").is_empty());
}

#[test]
fn a_lost_ledger_and_an_empty_folder_empty_nothing() {
    let site = numbered(3, "a/");
    site.build(0);
    let before = tree(&site.path("feeds"));
    std::fs::remove_dir_all(site.path(".syndic")).unwrap();
    std::fs::remove_dir_all(site.path("content/a")).unwrap();
    site.build(3);
    assert!(tree(&site.path("feeds")) == before);
    std::fs::remove_dir_all(site.path(".syndic")).unwrap();
    let daemon = site.serve();
    assert_eq!(daemon.ids("/all.json").len(), 3);
}

#[test]
fn a_lost_ledger_announces_no_old_article_without_a_date() {
    let site = Site::new();
    let undated = |n: usize| format!("---\ntitle: T{n:02}\n---\nText {n}.\n");
    for n in 0..40 {
        site.write(&format!("{n:02}.md"), undated(n));
        site.touch(&format!("{n:02}.md"), 1_600_000_000 + n as u64);
    }
    site.build(0);
    let before = site.feed("all.json")["items"].clone();
    // A fresh clone: every file is from now.
    std::fs::remove_dir_all(site.path(".syndic")).unwrap();
    for n in 0..40 {
        site.write(&format!("{n:02}.md"), undated(n));
    }
    let said = site.build(0);
    assert!(said.contains("articles name no date and the ledger is lost"), "{said}");
    assert_eq!(site.feed("all.json")["items"], before);
}

#[test]
fn retired_feeds_are_offered_no_more() {
    let site = Site::with_config(&format!("{CONFIG}\n[feeds]\ngone = [\"category/a\"]\n"));
    site.article("a/x.md", "X", "2024-01-01");
    site.article("b/y.md", "Y", "2024-01-01");
    site.build(0);
    for list in ["feeds.opml", "index.html"] {
        let text = std::fs::read_to_string(site.path("feeds").join(list)).unwrap();
        assert!(text.contains("category/b") && !text.contains("category/a"), "{list}");
    }
}

#[test]
fn words_to_another_state_directory_are_refused() {
    let site = numbered(3, "");
    let daemon = crate::kit::Daemon::spawn(
        crate::kit::syndic()
            .arg("serve")
            .env("STATE_DIRECTORY", site.path("elsewhere"))
            .current_dir(site.dir.path()),
    );
    for command in ["holds", "accept"] {
        let output = site.run(&[command]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("another state directory"), "{said}");
    }
    daemon.stop();
    assert_eq!(site.run(&["accept", "nonsense.md"]).status.code(), Some(2));
    // An alarm holds everything, and `holds` says so.
    site.build(0);
    std::fs::rename(site.path("content"), site.path("away")).unwrap();
    let output = site.run(&["holds"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("is gone"));
}

#[test]
fn hard_wrapped_text_is_paragraphs() {
    let site = Site::new();
    let line = "words that an editor broke into lines of one length, as people did in mail";
    site.write("a.txt", format!("A title of its own\n==================\n\n{line}\n{line}\n{line}\nand an end.\n\n{line}\n{line}\nand another end.\n"));
    let read = site.explain("a.txt");
    assert_eq!(read["title"], "A title of its own");
    assert_eq!(read["text"].as_str().unwrap().split("\n\n").count(), 2, "{read:#}");
}

#[test]
fn an_empty_category_outlives_the_ledger() {
    let site = numbered(2, "a/");
    site.article("b/x.md", "X", "2024-01-01");
    site.build(0);
    site.remove("b/x.md");
    site.build(0);
    std::fs::remove_dir_all(site.path(".syndic")).unwrap();
    site.build(0);
    assert!(titles(&site.feed("category/b.json")).is_empty());
}

#[test]
fn an_authors_id_outlives_rename_and_edit_in_one() {
    let with_id = |title: &str, body: &str| {
        format!("---\ntitle: {title}\ndate: 2024-01-01\nid: urn:x:1\n---\n{body}\n")
    };
    let site = Site::new();
    site.article("other.md", "Other", "2024-01-02");
    site.write("x.md", with_id("X", "one"));
    site.build(0);
    site.remove("x.md");
    site.write("y.md", with_id("Y", "two"));
    site.build(0);
    assert_eq!(site.ids("all.json")[1], ("Y".into(), "urn:x:1".into()));
    // Gone; then a copy and the original come at once: the original is recognised.
    site.remove("y.md");
    site.build(0);
    site.write("a.md", with_id("A", "three"));
    site.write("y.md", with_id("Y", "two"));
    site.build(1);
    let ids: std::collections::BTreeSet<_> = site.ids("all.json").into_iter().collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
    assert!(ids.contains(&("Y".into(), "urn:x:1".into())), "{ids:?}");
}

#[test]
fn folders_that_are_not_read_stay_unread_when_they_come() {
    let site = numbered(1, "");
    let daemon = site.serve();
    for folder in ["node_modules/x", ".git/y", "vendor/z", "_drafts"] {
        site.article(&format!("{folder}/guide.md"), "Guide", "2024-06-01");
    }
    site.article("last.md", "Last", "2024-02-01");
    daemon.until_titles("/all.json", &["Last", "T00"]);
    // The second looks at new folders are over after this.
    site.article("later/x.md", "Later", "2024-03-01");
    daemon.until_titles("/all.json", &["Later", "Last", "T00"]);
    daemon.stop();
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["Later", "Last", "T00"]);
}

#[test]
fn a_broken_article_keeps_its_body_over_a_changed_config() {
    let site = numbered(2, "");
    site.build(0);
    let before = site.feed("all.json")["items"].clone();
    site.write("00.md", "---\ntitle: [\n---\nx\n");
    site.config(&format!("{CONFIG}\n[feeds]\nsummary_length = 200\n"));
    site.build(1);
    assert_eq!(site.feed("all.json")["items"], before);
    // And its problem is told again, until it is mended.
    let said = site.build(1);
    assert!(said.contains("00.md"), "{said}");
    site.article("00.md", "T00", "2024-01-01");
    site.build(0);
}

#[test]
fn another_time_zone_moves_no_published_date() {
    let site = numbered(8, "");
    site.build(0);
    let at = |site: &Site| {
        let feed = site.feed("all.json");
        feed["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                item["date_published"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap()
            })
            .collect::<Vec<_>>()
    };
    let before = at(&site);
    site.config(&CONFIG.replace("Asia/Ho_Chi_Minh", "Europe/Berlin"));
    site.build(0);
    assert_eq!(at(&site), before);
    site.article("new.md", "New", "2024-02-01");
    site.build(0);
    assert_eq!(at(&site)[0], "2024-02-01T00:00:00+01:00".parse().unwrap());
}

#[test]
fn an_undated_draft_is_dated_when_it_is_published() {
    let site = numbered(1, "");
    site.write("draft.md", "---\ntitle: Draft\ndraft: true\n---\nx\n");
    site.touch("draft.md", 1_500_000_000);
    site.build(0);
    site.write("draft.md", "---\ntitle: Draft\n---\nx\n");
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["Draft", "T00"]);
}

#[test]
fn files_of_others_in_the_feeds_directory_stay() {
    let site = numbered(1, "");
    std::fs::create_dir(site.path("feeds")).unwrap();
    std::fs::write(site.path("feeds/index.html"), "my home page").unwrap();
    let said = site.build(1);
    assert!(said.contains("index.html: not written by syndic"), "{said}");
    assert_eq!(std::fs::read_to_string(site.path("feeds/index.html")).unwrap(), "my home page");
    assert!(site.path("feeds/all.rss").exists());
    std::fs::remove_file(site.path("feeds/index.html")).unwrap();
    site.build(0);
    assert!(site.path("feeds/index.html").exists());
}

#[test]
fn feeds_of_an_earlier_config_are_no_articles() {
    let config =
        |feeds: &str| format!("{CONFIG}\n[content]\ndir = \".\"\n[feeds]\ndir = \"{feeds}\"\n");
    let site = Site::with_config(&config("feeds"));
    site.article("a.md", "A", "2024-01-01");
    site.build(0);
    site.config(&config("public"));
    site.build(0);
    let made = std::fs::read(site.path("public/all.json")).unwrap();
    assert_eq!(titles(&serde_json::from_slice(&made).unwrap()), ["A"]);
}

#[test]
fn aliases_may_be_written_in_any_script() {
    let site = numbered(1, "");
    site.article("cũ.md", "Old", "2024-01-01");
    site.build(0);
    site.remove("cũ.md");
    site.build(0);
    site.write("mới.md", "---\ntitle: New\ndate: 2024-01-01\naliases: [/cũ/]\n---\nquite new\n");
    site.build(0);
    assert!(
        site.ids("all.json").contains(&("New".into(), "tag:test.example,2026:c%C5%A9.md".into()))
    );
}

#[test]
fn odd_comments_and_blank_fields() {
    let site = Site::new();
    site.write("a.md", "---\ntitle: A\npublishDate: ''\ndate: 2020-02-02\nsummary: ''\ndescription: Said.\n---\nIntro.\n\n<!-->\n\nText.\n");
    site.write(
        "b.md",
        "---\ntitle: B\npublished: true\ncreated: 2020-02-01\n---\n<svg>\n</svg> x\n",
    );
    site.build(0);
    let feed = site.feed("all.json");
    assert_eq!(feed["items"][0]["date_published"], "2020-02-02T00:00:00+07:00");
    assert_eq!(feed["items"][0]["summary"], "Said.");
    assert!(feed["items"][0]["content_html"].as_str().unwrap().contains("Intro."));
    assert_eq!(feed["items"][1]["date_published"], "2020-02-01T00:00:00+07:00");
}

#[test]
fn an_article_that_leaves_a_category_moves_its_date() {
    let site = numbered(1, "x/");
    site.article("x/stays.md", "Stays", "2024-01-02");
    site.build(0);
    let updated = |site: &Site| {
        let atom = std::fs::read_to_string(site.path("feeds/category/x.atom")).unwrap();
        let at = atom.find("<updated>").unwrap();
        atom[at + 9..at + 34].parse::<jiff::Timestamp>().unwrap()
    };
    let before = updated(&site);
    site.rename("x/00.md", "y/00.md");
    site.build(0);
    assert!(updated(&site) > before);
}

#[test]
fn a_root_that_is_a_link_may_be_switched() {
    let site = Site::new();
    std::fs::remove_dir(site.path("content")).unwrap();
    for (folder, title) in [("rel1", "One"), ("rel2", "Two")] {
        std::fs::create_dir(site.path(folder)).unwrap();
        std::fs::write(site.path(folder).join("a.md"), article(title, "2024-01-01")).unwrap();
    }
    std::os::unix::fs::symlink("rel1", site.path("content")).unwrap();
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["One"]);
    std::os::unix::fs::symlink("rel2", site.path("next")).unwrap();
    std::fs::rename(site.path("next"), site.path("content")).unwrap();
    daemon.until_titles("/all.json", &["Two"]);
    std::fs::write(site.path("rel2/a.md"), article("Three", "2024-01-01")).unwrap();
    daemon.until_titles("/all.json", &["Three"]);
}

#[test]
fn a_root_that_is_missing_at_the_start_is_taken_up() {
    let site = numbered(2, "");
    site.build(0);
    std::fs::rename(site.path("content"), site.path("away")).unwrap();
    let daemon = site.serve();
    assert_eq!(daemon.ids("/all.json").len(), 2);
    std::fs::rename(site.path("away"), site.path("content")).unwrap();
    site.article("new.md", "New", "2024-02-01");
    daemon.until_titles("/all.json", &["New", "T00", "T01"]);
    site.article("newer.md", "Newer", "2024-02-02");
    daemon.until_titles("/all.json", &["Newer", "New", "T00", "T01"]);
}
