//! Promise 4: a content directory that vanishes, or cannot be read, empties no feed.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::kit::{Daemon, Site, figure, report, skip};

const ARTICLES: usize = 30;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Loss {
    RenamedAway,
    /// The folder stays, everything in it goes.
    Emptied,
    /// Most of it goes.
    Decimated,
    AFile,
    RecreatedEmpty,
    Unmounted,
    Unreadable,
}

impl Loss {
    fn inflict(self, site: &Site) {
        let (content, away) = (site.path("content"), site.path("away"));
        let mut all = names();
        match self {
            Loss::RenamedAway => std::fs::rename(content, away).unwrap(),
            Loss::Emptied | Loss::Decimated => {
                std::fs::create_dir(&away).unwrap();
                if self == Loss::Decimated {
                    all.truncate(ARTICLES - 3);
                }
                for name in all {
                    std::fs::rename(content.join(&name), away.join(&name)).unwrap();
                }
            }
            Loss::AFile => {
                std::fs::rename(&content, away).unwrap();
                std::fs::write(content, "no folder").unwrap();
            }
            Loss::RecreatedEmpty => {
                std::fs::rename(&content, away).unwrap();
                std::fs::create_dir(content).unwrap();
            }
            Loss::Unmounted => run("umount", &[&content]),
            Loss::Unreadable => set_mode(&content, 0o000),
        }
    }

    fn mend(self, site: &Site) {
        let (content, away) = (site.path("content"), site.path("away"));
        match self {
            Loss::RenamedAway => std::fs::rename(away, content).unwrap(),
            Loss::Emptied | Loss::Decimated => {
                for entry in std::fs::read_dir(&away).unwrap() {
                    let entry = entry.unwrap();
                    std::fs::rename(entry.path(), content.join(entry.file_name())).unwrap();
                }
                std::fs::remove_dir(away).unwrap();
            }
            Loss::AFile => {
                std::fs::remove_file(&content).unwrap();
                std::fs::rename(away, content).unwrap();
            }
            Loss::RecreatedEmpty => {
                std::fs::remove_dir(&content).unwrap();
                std::fs::rename(away, content).unwrap();
            }
            Loss::Unmounted => run("mount", &[&site.path("image"), &content]),
            Loss::Unreadable => set_mode(&content, 0o755),
        }
    }
}

fn names() -> Vec<String> {
    (0..ARTICLES).map(|number| format!("n{number}.md")).collect()
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn run(program: &str, args: &[&Path]) {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What was mounted is unmounted, whatever happens.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

fn write_all(site: &Site) {
    for (number, name) in names().iter().enumerate() {
        // Some dates are the author's, others are those of the first look.
        let text = match number % 2 {
            0 => crate::kit::article(&format!("T{number}"), "2024-01-01"),
            _ => format!("# T{number}\n\nWithout a date.\n"),
        };
        site.write(name, text);
    }
}

/// A disk of its own in the place of the content, where that can be had.
fn mounted(site: &Site) -> Option<Mounted> {
    let image = site.path("image");
    std::fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
    let made = Command::new("mkfs.ext4").arg("-q").arg(&image).output();
    if !made.is_ok_and(|output| output.status.success()) {
        skip("no ext4 can be made here");
        return None;
    }
    let content = site.path("content");
    let mount = Command::new("mount").args([&image, &content]).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        skip("needs root: a disk cannot be mounted here");
        return None;
    }
    Some(Mounted(content))
}

fn cycles(loss: Loss, count: usize) -> usize {
    let site = Site::with_config(&format!("{}\n[feeds]\nentries = \"all\"\n", crate::kit::CONFIG));
    let _mounted = match loss {
        Loss::Unmounted => match mounted(&site) {
            None => return 0,
            mounted => mounted,
        },
        _ => None,
    };
    write_all(&site);
    let daemon = match loss {
        Loss::Unreadable => {
            let Some(mut command) = site.unprivileged() else { return 0 };
            Daemon::spawn(command.arg("serve"))
        }
        _ => site.serve(),
    };
    let entries = |daemon: &Daemon| {
        let items = daemon.feed("/all.json")["items"].clone();
        let mut items: Vec<Value> = items.as_array().unwrap().clone();
        items.sort_by_key(|item| item["id"].to_string());
        items
    };
    let before = entries(&daemon);
    assert_eq!(before.len(), ARTICLES);
    let trouble = |daemon: &Daemon| {
        assert_eq!(entries(daemon), before, "{loss:?}: the last good edition stays");
        let health: Value = serde_json::from_slice(&daemon.get("/healthz").body).unwrap();
        let troubles = &health["troubles"];
        troubles["content"].is_string() || troubles["held"].is_string()
    };
    for _ in 0..count {
        loss.inflict(&site);
        daemon.until(&format!("{loss:?} is told"), |daemon| trouble(daemon));
        assert_eq!(site.ids("all.json").len(), ARTICLES, "the folder stays as it is, too");
        loss.mend(&site);
        daemon.until(&format!("{loss:?} is over"), |daemon| !trouble(daemon));
    }
    assert!(daemon.said().contains(" ERROR "), "{loss:?}: no alarm");
    assert_eq!(entries(&daemon), before, "{loss:?}: nothing looks new");
    // Meant, for once.
    if !matches!(loss, Loss::Unmounted | Loss::Unreadable | Loss::AFile) {
        loss.inflict(&site);
        daemon.until(&format!("{loss:?} is told"), |daemon| trouble(daemon));
        site.accept(&[]);
        let left = if loss == Loss::Decimated { 3 } else { 0 };
        daemon.until(&format!("{loss:?} is accepted"), |daemon| entries(daemon).len() == left);
        loss.mend(&site);
        // All of them come back as those that they were.
        daemon.until("all are back", |daemon| entries(daemon).len() == ARTICLES);
        let keys = |items: &[Value]| {
            let key = |item: &Value| (item["id"].clone(), item["date_published"].clone());
            items.iter().map(key).collect::<Vec<_>>()
        };
        assert_eq!(keys(&entries(&daemon)), keys(&before), "{loss:?}");
    }
    daemon.stop();
    count
}

#[test]
fn a_vanished_source_empties_no_feed() {
    let losses = [
        Loss::RenamedAway,
        Loss::Emptied,
        Loss::Decimated,
        Loss::AFile,
        Loss::RecreatedEmpty,
        Loss::Unmounted,
        Loss::Unreadable,
    ];
    let count = figure(3, 30);
    let done: usize = std::thread::scope(|scope| {
        let hands = losses.map(|loss| scope.spawn(move || cycles(loss, count)));
        hands.into_iter().map(|hand| hand.join().unwrap()).sum()
    });
    report(&format!("{done} times {losses:?}"));
    assert!(done >= 4 * count);
}
