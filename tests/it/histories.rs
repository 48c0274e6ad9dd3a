//! Random histories under a running daemon: whatever is done to files, every article keeps its id,
//! stands in the feed once and at its present address, and a build afterwards finds nothing to do.

use std::collections::{BTreeMap, BTreeSet};

use crate::kit::{CONFIG, Daemon, Site, article};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

struct History {
    site: Site,
    dice: Dice,
    /// Title → path.
    live: BTreeMap<String, String>,
    /// Title → what its body says last.
    said: BTreeMap<String, String>,
    count: usize,
}

impl History {
    fn save(&mut self, title: &str, path: &str) {
        let said = format!("Revision {}.", self.dice.throw(1_000_000));
        // A link to where another article lies now, lay once, or will perhaps lie.
        let number = 1 + self.dice.throw(self.count + 3);
        let there = match self.live.values().nth(self.dice.throw(self.live.len() * 2 + 1)) {
            Some(path) => path.clone(),
            None => format!("a/f{number}.md"),
        };
        let link = format!("See [it](../{there}#part).\n");
        let text = article(title, "2024-01-01") + &said + "\n\n" + &link;
        self.said.insert(title.to_string(), said);
        if self.dice.throw(2) == 0 {
            self.site.write(path, text);
        } else {
            // As editors do: a new file takes the old one's place.
            self.site.write(".saving", text);
            self.site.rename(".saving", path);
        }
    }

    fn add(&mut self) {
        self.count += 1;
        let path = format!("{}/f{}.md", ["a", "b", "c"][self.dice.throw(3)], self.count);
        let title = format!("T{}", self.count);
        self.save(&title, &path);
        self.live.insert(title, path);
    }

    fn any(&mut self) -> String {
        let at = self.dice.throw(self.live.len());
        self.live.keys().nth(at).unwrap().clone()
    }

    fn is_shown_by(&self, daemon: &Daemon) -> bool {
        let feed = daemon.feed("/all.json");
        let items = feed["items"].as_array().unwrap();
        let text = |item: &serde_json::Value, key: &str| item[key].as_str().unwrap().to_string();
        let now: BTreeMap<String, (String, String)> = items
            .iter()
            .map(|item| (text(item, "title"), (text(item, "url"), text(item, "content_html"))))
            .collect();
        let link = |path: &str| format!("https://test.example/{}/", path.trim_end_matches(".md"));
        items.len() == self.live.len()
            && self.live.iter().all(|(title, path)| {
                now.get(title).is_some_and(|(url, html)| {
                    *url == link(path) && html.contains(&self.said[title])
                })
            })
    }

    fn step(&mut self) {
        let title = self.any();
        let path = self.live[&title].clone();
        self.count += 1;
        match self.dice.throw(7) {
            0 => self.add(),
            1 | 2 => self.save(&title, &path),
            3 => {
                let to = format!("{}/m{}.md", ["a", "d"][self.dice.throw(2)], self.count);
                self.site.rename(&path, &to);
                self.live.insert(title, to);
            }
            4 => {
                let folder = path.split('/').next().unwrap().to_string();
                let to = format!("folder{}", self.count);
                self.site.rename(&folder, &to);
                for path in self.live.values_mut() {
                    if let Some(rest) = path.strip_prefix(&format!("{folder}/")) {
                        *path = format!("{to}/{rest}");
                    }
                }
            }
            5 if self.live.len() > 6 => {
                self.site.remove(&path);
                self.live.remove(&title);
            }
            _ => {
                let other = self.any();
                if other != title {
                    let there = self.live[&other].clone();
                    self.site.rename(&path, "between.bak");
                    self.site.rename(&there, &path);
                    self.site.rename("between.bak", &there);
                    self.live.insert(title, there);
                    self.live.insert(other, path);
                }
            }
        }
    }
}

fn check(seed: u64) {
    let site = Site::with_config(&format!("{CONFIG}\n[feeds]\nentries = \"all\"\n"));
    let mut history =
        History { site, dice: Dice(seed), live: BTreeMap::new(), said: BTreeMap::new(), count: 0 };
    for _ in 0..12 {
        history.add();
    }
    let daemon = history.site.serve();
    let before: BTreeMap<String, String> = daemon.ids("/all.json").into_iter().collect();
    for step in 0..12 {
        history.step();
        // Some states are seen, and others are not or by chance.
        if history.dice.throw(4) == 0 {
            daemon.until(&format!("step {step} of history {seed}"), |d| history.is_shown_by(d));
        }
    }
    daemon.until(&format!("the end of history {seed}"), |daemon| history.is_shown_by(daemon));
    for (title, id) in daemon.ids("/all.json") {
        if let Some(first) = before.get(&title) {
            assert_eq!(*first, id, "history {seed}: {title}");
        }
    }
    // Links between articles lead where a build from nothing has them, under way too.
    let fresh = Site::with_config(&format!("{CONFIG}\n[feeds]\nentries = \"all\"\n"));
    for path in history.live.values() {
        fresh.write(path, std::fs::read(history.site.path(&format!("content/{path}"))).unwrap());
    }
    fresh.build(0);
    // In feeds that hold the one article and not the other too.
    let folders = history.live.values().map(|path| path.split('/').next().unwrap());
    let feeds: BTreeSet<String> = folders.map(|folder| format!("category/{folder}.json")).collect();
    for feed in feeds.iter().map(String::as_str).chain(["all.json"]) {
        let fresh = bodies(&fresh.feed(feed));
        daemon.until(&format!("the links of history {seed} in {feed}"), |daemon| {
            bodies(&daemon.feed(&format!("/{feed}"))) == fresh
        });
    }
    daemon.stop();
    let said = history.site.build(0);
    assert!(said.contains(" 0 files written"), "history {seed}: {said}");
}

fn bodies(feed: &serde_json::Value) -> BTreeMap<String, String> {
    let text = |item: &serde_json::Value, key: &str| item[key].as_str().unwrap().to_string();
    let items = feed["items"].as_array().unwrap().iter();
    items.map(|item| (text(item, "title"), text(item, "content_html"))).collect()
}

#[test]
fn of_any_kind_change_no_id() {
    for seed in 1..=12 {
        check(seed);
    }
}
