//! Moving in: articles take over the ids under which another program published them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::kit::{Site, article, said, shared};

/// A former feed in each format.
fn former(format: &str, entries: &[Value]) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or("").to_string();
    match format {
        "json" => json!({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items":
            entries.iter().map(|entry| json!({
                "id": entry["id"], "url": entry["link"], "title": entry["title"],
                "date_published": entry["published"],
            })).collect::<Vec<_>>()
        })
        .to_string(),
        "atom" => {
            let each = entries.iter().map(|entry| {
                format!(
                    "<entry><title>{}</title><id>{}</id><link href='{}'/>\
                     <published>{date}</published><updated>{date}</updated></entry>",
                    escape(&text(entry, "title")),
                    escape(&text(entry, "id")),
                    escape(&text(entry, "link")),
                    date = text(entry, "published"),
                )
            });
            format!(
                "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><id>f</id>\
                 <updated>2024-01-01T00:00:00Z</updated>{}</feed>",
                each.collect::<String>()
            )
        }
        _ => {
            let each = entries.iter().map(|entry| {
                format!(
                    "<item><title>{}</title><link>{}</link><guid>{}</guid></item>",
                    escape(&text(entry, "title")),
                    escape(&text(entry, "link")),
                    escape(&text(entry, "id")),
                )
            });
            format!(
                "<rss version='2.0'><channel><title>t</title><link>l</link>\
                 <description>d</description>{}</channel></rss>",
                each.collect::<String>()
            )
        }
    }
}

fn ids_by_link(feed: &Value) -> BTreeMap<String, String> {
    let text = |item: &Value, key: &str| item[key].as_str().unwrap().to_string();
    feed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (text(item, "url"), text(item, "id")))
        .collect()
}

#[test]
fn entries_of_real_sites_keep_their_ids() {
    for (name, dir, more) in [
        ("jekyll", "", ""),
        ("twir", "content", ""),
        ("nodejs", "content", "title = \"N\"\nurl = \"https://nodejs.org/\"\n"),
    ] {
        let Some(sample) = shared(&format!("sites/{name}")) else { return };
        let lines = std::fs::read_to_string(sample.join("entries.jsonl")).unwrap();
        let mut entries: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        // The site moved since: to another scheme and host, and its addresses lost their slash.
        for (at, entry) in entries.iter_mut().enumerate() {
            let link = entry["link"].as_str().unwrap().to_string();
            let moved = match at % 3 {
                0 => link.replace("https://", "http://www."),
                1 => format!("{}/", link.trim_end_matches('/')),
                _ => format!(
                    "https://old.example/{}",
                    link.splitn(4, '/').nth(3).unwrap().trim_end_matches('/')
                ),
            };
            entry["former"] = link.into();
            entry["link"] = moved.into();
        }
        let format = match name {
            "jekyll" => "atom",
            "twir" => "json",
            _ => "rss",
        };
        let config = format!(
            "{more}[content]\ndir = {:?}\n{}[feeds]\nentries = \"all\"\n",
            sample.join(dir),
            if name == "nodejs" { "permalink = \"/en/blog/:category/:slug\"\n" } else { "" },
        );
        let site = Site::with_config(&config);
        std::fs::write(site.path("former.xml"), former(format, &entries)).unwrap();
        let dry = site.run(&["adopt", "--dry-run", "former.xml"]);
        assert!(!site.path(".syndic/ledger.sqlite").exists(), "a dry run changes nothing");
        let output = site.run(&["adopt", "former.xml"]);
        assert_eq!(dry.stdout, output.stdout);
        site.run(&["build"]);
        let have = ids_by_link(&site.feed("all.json"));
        let wrong: Vec<_> = entries
            .iter()
            .filter(|entry| {
                // Entries that share an id cannot all keep it.
                let link = entry["former"].as_str().unwrap();
                have.get(link).is_some_and(|id| *id != entry["id"].as_str().unwrap())
            })
            .collect();
        assert!(
            wrong.is_empty(),
            "{name}: {} of {}: {:#?}",
            wrong.len(),
            entries.len(),
            wrong.first()
        );
        let kept: BTreeSet<&str> =
            entries.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        let kept = have.values().filter(|id| kept.contains(id.as_str())).count();
        assert_eq!(kept, have.len(), "{name}: {}", said(&output));
    }
}

#[test]
fn a_site_that_was_built_before_takes_over_too() {
    let site = Site::new();
    site.write("a.md", article("A thing", "2024-01-02"));
    site.write("undated.md", "---\ntitle: An undated thing\n---\n\nIts body.\n");
    site.write("new.md", article("Another thing", "2024-03-02"));
    site.build(0);
    let entries = [
        json!({"id": "old-1", "title": "A thing", "link": "https://x.example/nowhere", "published": "2024-01-02T00:00:00Z"}),
        json!({"id": "old-2", "title": "An undated thing", "link": "https://x.example/undated", "published": "2020-05-06T00:00:00Z"}),
        json!({"id": "old-3", "title": "Gone", "link": "https://x.example/gone", "published": "2020-05-06T00:00:00Z"}),
    ];
    std::fs::write(site.path("former.json"), former("json", &entries)).unwrap();
    let before = site.ids("all.json");
    let dry = site.run(&["adopt", "--dry-run", "former.json"]);
    site.build(0);
    assert_eq!(site.ids("all.json"), before, "a dry run changes nothing");
    let output = site.run(&["adopt", "former.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert_eq!(dry.stdout, output.stdout);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("a.md: takes over old-1, by its title and date"), "{told}");
    assert!(told.contains("undated.md: takes over old-2, by its path"), "{told}");
    assert!(told.contains("not found: old-3") && told.contains("new.md: in none"), "{told}");
    site.build(0);
    let ids: BTreeMap<String, String> = site.ids("all.json").into_iter().collect();
    assert_eq!(ids["A thing"], "old-1");
    assert_eq!(ids["An undated thing"], "old-2");
    assert!(ids["Another thing"].starts_with("tag:"), "{ids:?}");
    let feed = site.feed("all.json");
    let item = feed["items"].as_array().unwrap().iter().find(|item| item["id"] == "old-2").unwrap();
    assert!(item["date_published"].as_str().unwrap().starts_with("2020-05-06"), "{item}");
}

#[test]
fn a_running_daemon_takes_over_at_once() {
    let site = Site::new();
    site.write("a.md", article("A thing", "2024-01-02"));
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["A thing"]);
    let entries = [
        json!({"id": "old-1", "title": "A thing", "link": "https://x.example/a", "published": "2024-01-02T00:00:00Z"}),
    ];
    std::fs::write(site.path("former.json"), former("json", &entries)).unwrap();
    let output = site.run(&["adopt", "former.json"]);
    assert!(output.status.success(), "{}", said(&output));
    daemon.until("the old id", |daemon| daemon.ids("/all.json")[0].1 == "old-1");
}

#[test]
fn what_is_no_feed_is_told() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-02");
    std::fs::write(site.path("page.html"), "<html>no feed").unwrap();
    for (feed, reason) in [("page.html", "no feed"), ("none.xml", "No such file")] {
        let output = site.run(&["adopt", feed]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(reason), "{}", said(&output));
    }
}

/// A former feed of one entry, and a folder of undated articles that a copy gave today's times.
#[test]
fn articles_that_the_former_feed_shows_no_more_are_older() {
    let site = Site::new();
    let entries = [
        json!({"id": "old-1", "title": "Shown", "link": "https://x.example/shown?utm_source=feed",
            "published": "2020-05-06T00:00:00Z"}),
    ];
    std::fs::write(site.path("former.json"), former("json", &entries)).unwrap();
    site.write("shown.md", "# Shown\n\nIts body.\n");
    for n in 0..8 {
        site.write(&format!("older-{n}.md"), format!("# Older {n}\n\nIts body.\n"));
    }
    assert_eq!(site.run(&["adopt", "former.json"]).status.code(), Some(0));
    site.build(0);
    let feed = site.feed("all.json");
    let items = feed["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["id"]), (9, &json!("old-1")), "{feed}");
    for item in &items[1..] {
        assert_eq!(item["date_published"], "2020-05-06T06:59:59+07:00", "{item}");
    }
}

#[test]
fn with_a_lost_ledger_what_was_published_keeps_its_id() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-02");
    site.article("b.md", "B", "2024-01-03");
    site.build(0);
    site.rename("a.md", "moved.md");
    site.build(0);
    let before: BTreeMap<String, String> = site.ids("all.json").into_iter().collect();
    std::fs::remove_dir_all(site.path(".syndic")).unwrap();
    let entries = [json!({"id": "old-b", "title": "B", "link": "https://x.example/b",
        "published": "2024-01-03T00:00:00Z"})];
    std::fs::write(site.path("former.json"), former("atom", &entries)).unwrap();
    assert!(site.run(&["adopt", "former.json"]).status.success());
    site.build(0);
    let after: BTreeMap<String, String> = site.ids("all.json").into_iter().collect();
    assert_eq!((&after["A"], after["B"].as_str()), (&before["A"], "old-b"));
}

/// What a daemon that was killed did not take up any more.
#[test]
fn a_build_takes_over_what_was_left() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-02");
    site.build(0);
    site.write("b.md", "# B\n\nIts body.\n");
    let request = json!([
        {"path": "a.md", "rule": "its id", "entry": {"id": "old-a", "link": null, "title": "A",
            "published": null, "updated": null}},
        {"path": "b.md", "rule": "its id", "entry": {"id": "old-b", "link": null, "title": "B",
            "published": "2021-02-03T04:05:06Z", "updated": null}},
    ]);
    let requests = site.path(".syndic/requests");
    std::fs::create_dir_all(&requests).unwrap();
    std::fs::write(requests.join("adopt-1-1"), request.to_string()).unwrap();
    std::fs::write(requests.join("adopt-1-2"), "[]").unwrap();
    site.build(0);
    let ids: BTreeMap<String, String> = site.ids("all.json").into_iter().collect();
    assert_eq!((ids["A"].as_str(), ids["B"].as_str()), ("old-a", "old-b"));
    let dated =
        site.feed("all.json")["items"].as_array().unwrap().iter().any(|item| {
            item["date_published"] == "2021-02-03T11:05:06+07:00" && item["id"] == "old-b"
        });
    assert!(dated, "the former date of an article that no build had seen");
    assert_eq!(std::fs::read_dir(requests).unwrap().count(), 0);
}
