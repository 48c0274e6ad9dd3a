//! Random histories under a running daemon: whatever is done to files, every article keeps its id,
//! stands in the feed once and at its present address, and a build afterwards finds nothing to do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dice::Dice;
use crate::kit::{CONFIG, Daemon, Site, article, figure, in_parallel, report, skip};
use crate::power::Disk;

struct History {
    site: Site,
    dice: Dice,
    /// Title → path.
    live: BTreeMap<String, String>,
    /// Title → what its body says last.
    said: BTreeMap<String, String>,
    count: usize,
    /// What git has: the articles, and what they said.
    committed: Option<(BTreeMap<String, String>, BTreeMap<String, String>)>,
}

/// What the content lies on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ground {
    Here,
    Tmpfs,
    Ext4,
    Overlay,
}

/// Unmounts, whatever happens.
enum Mounted {
    Nothing,
    Disk(#[expect(dead_code)] Disk),
    Overlay(PathBuf),
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Mounted::Overlay(place) = self {
            let _ = Command::new("umount").arg("-l").arg(place).output();
        }
    }
}

impl Ground {
    /// A site whose content lies on it; `None` where that cannot be had.
    fn site(self, config: &str) -> Option<(Site, Mounted)> {
        let site = match self {
            Ground::Tmpfs if !Path::new("/dev/shm").is_dir() => return None,
            Ground::Tmpfs => {
                let site = Site { dir: tempfile::tempdir_in("/dev/shm").unwrap() };
                site.config(config);
                std::fs::create_dir(site.path("content")).unwrap();
                site
            }
            _ => Site::with_config(config),
        };
        let content = site.path("content");
        let mounted = match self {
            Ground::Ext4 => Mounted::Disk(Disk::mounted(&content)?),
            Ground::Overlay => {
                let parts = ["lower", "upper", "work"].map(|part| site.path(part));
                parts.iter().for_each(|part| std::fs::create_dir(part).unwrap());
                // Of a layer that the daemon cannot see change.
                std::fs::write(parts[0].join("readme.bin"), "below").unwrap();
                let [lower, upper, work] = parts.map(|part| part.display().to_string());
                let options = format!("lowerdir={lower},upperdir={upper},workdir={work}");
                let mount = Command::new("mount")
                    .args(["-t", "overlay", "overlay", "-o", &options])
                    .arg(&content)
                    .output();
                if !mount.is_ok_and(|output| output.status.success()) {
                    skip("needs root: an overlay cannot be mounted here");
                    return None;
                }
                Mounted::Overlay(content)
            }
            _ => Mounted::Nothing,
        };
        Some((site, mounted))
    }
}

impl History {
    fn git(&self, args: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@a.example"])
            .args(args)
            .current_dir(self.site.path("content"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {said}");
    }

    /// All is committed, or all goes back to what was.
    fn check_out(&mut self) {
        match self.committed.take() {
            Some((live, said)) => {
                // As git does when it changes branches: what goes, then what comes.
                self.git(&["clean", "-qfd"]);
                self.git(&["reset", "-q", "--hard"]);
                (self.live, self.said) = (live, said);
            }
            None => {
                if !self.site.path("content/.git").exists() {
                    self.git(&["init", "-q"]);
                }
                self.git(&["add", "-A"]);
                self.git(&["commit", "-q", "--allow-empty", "-m", "all"]);
                self.committed = Some((self.live.clone(), self.said.clone()));
            }
        }
    }

    /// Moves a file as some programs do: under a second name first, or behind a link.
    fn link(&mut self, title: &str, path: &str) {
        let content = self.site.path("content");
        if content.join(path).is_symlink() {
            return;
        }
        self.count += 1;
        if self.dice.throw(2) == 0 {
            let to = format!("a/l{}.md", self.count);
            std::fs::create_dir_all(content.join("a")).unwrap();
            std::fs::hard_link(content.join(path), content.join(&to)).unwrap();
            self.site.remove(path);
            self.live.insert(title.to_string(), to);
        } else {
            let behind = format!("store{}.bin", self.count);
            self.site.rename(path, &behind);
            std::os::unix::fs::symlink(content.join(&behind), content.join(path)).unwrap();
        }
    }

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
        let is_link = self.site.path("content").join(path).is_symlink();
        if self.dice.throw(2) == 0 && !is_link {
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
        match self.dice.throw(10) {
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
            7 => self.check_out(),
            8 => self.link(&title, &path),
            5 if self.live.len() > 6 => {
                self.site.remove(&path);
                self.live.remove(&title);
            }
            _ => {
                let other = self.any();
                if other != title {
                    // Put back by rewriting, one after the other, they cannot be told apart.
                    self.committed = None;
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

fn check(seed: u64) -> Option<Ground> {
    let config = format!("{CONFIG}\n[feeds]\nentries = \"all\"\n");
    let grounds = [Ground::Here, Ground::Tmpfs, Ground::Ext4, Ground::Overlay];
    let ground = grounds[seed as usize % grounds.len()];
    let (site, mounted) = ground.site(&config)?;
    let (live, said) = (BTreeMap::new(), BTreeMap::new());
    let mut history =
        History { site, dice: Dice::new(seed), live, said, count: 0, committed: None };
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
        // Behind a link, too, it is what is read.
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
    let verified = history.site.run(&["verify"]);
    let printed = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success(), "history {seed}: {printed}");
    drop(mounted);
    Some(ground)
}

fn bodies(feed: &serde_json::Value) -> BTreeMap<String, String> {
    let text = |item: &serde_json::Value, key: &str| item[key].as_str().unwrap().to_string();
    let items = feed["items"].as_array().unwrap().iter();
    items.map(|item| (text(item, "title"), text(item, "content_html"))).collect()
}

#[test]
fn of_any_kind_change_no_id() {
    const ALL: usize = 500;
    let histories = figure(24, ALL);
    // Beyond all of them, they come again: what a look meets is by chance. One alone, too.
    let only: Option<u64> = std::env::var("SYNDIC_HISTORY").ok().map(|seed| seed.parse().unwrap());
    let mut done = BTreeMap::<String, usize>::new();
    let seed = |number: usize| only.unwrap_or((1 + number % ALL) as u64);
    for ground in in_parallel(4, 0..histories, &|number| check(seed(number))).into_iter().flatten()
    {
        *done.entry(format!("{ground:?}")).or_default() += 1;
    }
    report(&format!("histories: {done:?}"));
    assert!(done.values().sum::<usize>() >= histories / 4);
}
