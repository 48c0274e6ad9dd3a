//! A folder in memory, and what is done to it. It knows which article each file is, whatever its
//! name, inode or content: what the daemon has to find out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use syndic::article::Signature;
use syndic::content_dir::{ContentDir, Found, Tick};

use crate::dice::Dice;

/// What its author knows an article as.
pub type Token = usize;

#[derive(Clone)]
pub struct File {
    pub token: Token,
    pub signature: Signature,
    pub text: String,
    pub title: String,
    pub said: String,
    pub dated: bool,
    /// Its writer is not done yet: this many bytes are there.
    pub half: Option<usize>,
}

impl File {
    pub fn bytes(&self) -> &[u8] {
        &self.text.as_bytes()[..self.half.unwrap_or(self.text.len())]
    }
}

pub struct Folder {
    root: PathBuf,
    pub files: BTreeMap<String, File>,
    /// What was deleted, and may be brought back to where it lay.
    gone: BTreeMap<String, File>,
    /// Files that cannot be read for a while.
    pub unreadable: BTreeSet<String>,
    /// Unmounted: an empty folder is in its place.
    pub away: bool,
    /// Milliseconds since the world began.
    pub now: u64,
    pub ticks: Vec<Tick>,
    /// What happened.
    pub log: Vec<String>,
    count: usize,
    freed: Vec<u64>,
    /// Articles of which a copy was made: which of the two is which, nobody could tell once the
    /// first one goes.
    pub copied: HashSet<Token>,
    /// Which article was the first to hold some bytes.
    holders: HashMap<Vec<u8>, Token>,
}

/// The world begins in 2023.
const EPOCH: u64 = 1_700_000_000_000;
/// Milliseconds between two times that the file system tells apart.
const GRAIN: u64 = 4;
/// More are too many for one hold's patience.
const MOST: usize = 14;

impl Folder {
    pub fn new(root: &Path) -> Folder {
        Folder {
            root: root.to_path_buf(),
            files: BTreeMap::new(),
            gone: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            away: false,
            now: 0,
            ticks: Vec::new(),
            log: Vec::new(),
            count: 0,
            freed: Vec::new(),
            copied: HashSet::new(),
            holders: HashMap::new(),
        }
    }

    fn instant(&self) -> i64 {
        ((EPOCH + self.now) / GRAIN * GRAIN * 1_000_000) as i64
    }

    pub fn wall_clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(EPOCH + self.now)
    }

    pub fn timestamp(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond((EPOCH + self.now) as i64).unwrap()
    }

    // ── what the daemon sees ──────────────────────────────────────────────────────────────────

    /// What lies at these places, or all there is.
    pub fn find(&self, places: Option<&BTreeSet<PathBuf>>, content: &ContentDir) -> Found {
        let keys: Vec<String> = match places {
            None => vec![String::new()],
            Some(places) => {
                let inside = places.iter().filter_map(|path| path.strip_prefix(&self.root).ok());
                inside.map(|path| path.to_str().unwrap().to_string()).collect()
            }
        };
        let at = |path: &str| {
            keys.iter().any(|key| {
                key.is_empty()
                    || path == key
                    || path.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('/'))
            })
        };
        let there = self.files.iter().filter(|(path, _)| !self.away && content.reads(path));
        let files = there.filter(|(path, _)| at(path));
        let files = files.map(|(path, file)| (path.clone(), file.signature)).collect();
        Found { at: self.wall_clock(), keys, files, ..Found::default() }
    }

    pub fn read(&self, path: &str) -> io::Result<(Vec<u8>, Signature)> {
        match self.files.get(path) {
            Some(_) if !self.away && self.unreadable.contains(path) => {
                Err(io::ErrorKind::PermissionDenied.into())
            }
            Some(file) if !self.away => Ok((file.bytes().to_vec(), file.signature)),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// What holds the bytes that another held, as two halves of few bytes may, is as good as a copy.
    pub fn note_copies(&mut self) {
        for file in self.files.values() {
            match self.holders.get(file.bytes()) {
                Some(other) if *other == file.token => {}
                Some(other) => self.copied.extend([file.token, *other]),
                None => drop(self.holders.insert(file.bytes().to_vec(), file.token)),
            }
        }
    }

    // ── what is done ──────────────────────────────────────────────────────────────────────────

    fn tell(&mut self, tick: fn(PathBuf) -> Tick, path: &str) {
        let now = self.now;
        let file = self.files.get(path).map(|file| {
            (file.token, file.signature.inode, &file.title, &file.said, file.dated, file.half)
        });
        self.log.push(format!("{now}: {path}: {file:?}"));
        self.ticks.push(tick(self.root.join(path)));
    }

    fn number(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    fn new_file(&mut self, dice: &mut Dice) -> (u64, i64) {
        let number = self.number() as u64;
        // An inode that was freed is given out again, at another time.
        let inode = match self.freed.pop().filter(|_| dice.throw(2) == 0) {
            Some(inode) => inode,
            None => 1_000 + number,
        };
        (inode, self.instant() + number as i64)
    }

    fn stamp(&self, file: &mut File) {
        file.signature.size = file.bytes().len() as u64;
        (file.signature.modified, file.signature.changed) = (self.instant(), self.instant());
    }

    fn write(&mut self, file: &mut File, dice: &mut Dice) {
        file.said = format!("Revision {}.", self.number());
        let date = if file.dated { "date: 2022-03-04\n" } else { "" };
        let body = &file.said;
        // A link to where another article lies now, or will perhaps lie.
        let there = match self.files.keys().nth(dice.throw(self.files.len() * 2 + 1)) {
            Some(path) => path.clone(),
            None => format!("a/n{}.md", self.count + dice.throw(4)),
        };
        let title = &file.title;
        file.text = format!("---\ntitle: \"{title}\"\n{date}---\n\n{body}\n\n[There](/{there}).\n");
        self.stamp(file);
    }

    fn any(&self, dice: &mut Dice) -> Option<String> {
        let whole = self.files.iter().filter(|(_, file)| file.half.is_none());
        let paths: Vec<&String> = whole.map(|(path, _)| path).collect();
        (!paths.is_empty()).then(|| paths[dice.throw(paths.len())].clone())
    }

    /// A path at which nothing ever lay.
    fn fresh_path(&mut self, dice: &mut Dice) -> String {
        let number = self.number();
        let folder = ["", "a/", "b/", "a/deep/", "C/"][dice.throw(5)];
        let name = ["n", "N", "Đời ", "e\u{301}té ", "été "][dice.throw(5)];
        format!("{folder}{name}{number}.md")
    }

    pub fn add(&mut self, dice: &mut Dice) {
        if self.files.len() >= MOST {
            return;
        }
        let path = self.fresh_path(dice);
        let (inode, born) = self.new_file(dice);
        let token = self.number();
        let mut file = File {
            token,
            signature: Signature { device: 1, inode, born, ..Signature::default() },
            text: String::new(),
            title: format!("Title {token}"),
            said: String::new(),
            dated: dice.throw(3) > 0,
            half: None,
        };
        self.write(&mut file, dice);
        if dice.throw(4) == 0 {
            file.half = Some(dice.throw(file.text.len()));
            self.stamp(&mut file);
        }
        let settled = file.half.is_none();
        self.files.insert(path.clone(), file);
        self.tell(Tick::Open, &path);
        if settled {
            self.tell(Tick::Settled, &path);
        }
    }

    /// Its writer is done.
    pub fn complete(&mut self, path: &str) {
        let Some(mut file) = self.files.remove(path) else { return };
        file.half = None;
        self.stamp(&mut file);
        self.files.insert(path.to_string(), file);
        self.tell(Tick::Settled, path);
    }

    pub fn edit(&mut self, path: &str, dice: &mut Dice) {
        let mut file = self.files.remove(path).unwrap();
        if dice.throw(5) == 0 {
            file.title = format!("Title {} again {}", file.token, self.number());
        }
        if dice.throw(2) == 0 {
            // As many editors do: a new file takes the old one's place.
            self.freed.push(file.signature.inode);
            (file.signature.inode, file.signature.born) = self.new_file(dice);
            self.write(&mut file, dice);
            self.files.insert(path.to_string(), file);
            return self.tell(Tick::Settled, path);
        }
        self.write(&mut file, dice);
        if dice.throw(6) == 0 {
            file.half = Some(dice.throw(file.text.len()));
            self.stamp(&mut file);
        }
        let settled = file.half.is_none();
        self.files.insert(path.to_string(), file);
        self.tell(Tick::Open, path);
        if settled {
            self.tell(Tick::Settled, path);
        }
    }

    fn rename(&mut self, from: &str, to: &str) {
        let mut file = self.files.remove(from).unwrap();
        file.signature.changed = self.instant();
        self.files.insert(to.to_string(), file);
        self.tell(Tick::Settled, from);
        self.tell(Tick::Settled, to);
    }

    fn move_folder(&mut self, dice: &mut Dice) {
        let Some(path) = self.any(dice) else { return };
        let Some((folder, _)) = path.split_once('/') else { return };
        let (folder, to) = (folder.to_string(), format!("f{}", self.number()));
        let prefix = format!("{folder}/");
        let inside: Vec<String> =
            self.files.keys().filter(|path| path.starts_with(&prefix)).cloned().collect();
        for path in inside {
            // The files themselves do not change: only their folder has another name.
            let file = self.files.remove(&path).unwrap();
            self.files.insert(format!("{to}/{}", &path[prefix.len()..]), file);
        }
        self.tell(Tick::Settled, &folder);
        self.tell(Tick::Settled, &to);
    }

    pub fn swap(&mut self, one: &str, two: &str) {
        self.rename(one, "between.bak");
        self.rename(two, one);
        self.rename("between.bak", two);
    }

    fn remove(&mut self, path: &str) {
        let file = self.files.remove(path).unwrap();
        self.freed.push(file.signature.inode);
        self.gone.insert(path.to_string(), file);
        self.tell(Tick::Settled, path);
    }

    fn restore(&mut self, dice: &mut Dice) {
        let at = dice.throw(self.gone.len() + 1);
        let Some(path) = self.gone.keys().nth(at).cloned() else { return };
        let mut file = self.gone.remove(&path).unwrap();
        (file.signature.inode, file.signature.born) = self.new_file(dice);
        self.stamp(&mut file);
        self.files.insert(path.clone(), file);
        self.tell(Tick::Settled, &path);
    }

    /// A checkout elsewhere, a copy to another disk and back: each file is another one.
    fn recreate(&mut self, dice: &mut Dice) {
        for path in self.files.keys().cloned().collect::<Vec<_>>() {
            let mut file = self.files.remove(&path).unwrap();
            (file.signature.inode, file.signature.born) = self.new_file(dice);
            self.stamp(&mut file);
            self.files.insert(path.clone(), file);
            self.tell(Tick::Settled, &path);
        }
    }

    fn copy(&mut self, path: &str, dice: &mut Dice) {
        if self.files.len() >= MOST {
            return;
        }
        let to = self.fresh_path(dice);
        let mut file = self.files[path].clone();
        self.copied.insert(file.token);
        file.token = self.number();
        self.copied.insert(file.token);
        (file.signature.inode, file.signature.born) = self.new_file(dice);
        self.stamp(&mut file);
        self.files.insert(to.clone(), file);
        self.tell(Tick::Settled, &to);
    }

    fn touch(&mut self, path: &str) {
        let mut file = self.files.remove(path).unwrap();
        self.stamp(&mut file);
        self.files.insert(path.to_string(), file);
        self.tell(Tick::Settled, path);
    }

    /// Something happens.
    pub fn step(&mut self, dice: &mut Dice) {
        let kind = dice.throw(32);
        if kind < 4 {
            return self.add(dice);
        }
        let Some(path) = self.any(dice) else { return self.add(dice) };
        match kind {
            4..=11 => self.edit(&path, dice),
            12..=15 => {
                let to = self.fresh_path(dice);
                self.rename(&path, &to);
            }
            16..=17 => self.move_folder(dice),
            18..=19 => {
                let other = self.any(dice).unwrap();
                if other != path {
                    self.swap(&path, &other);
                }
            }
            20..=22 if self.files.len() > 5 => self.remove(&path),
            23..=24 => self.restore(dice),
            25 => self.recreate(dice),
            26 => self.copy(&path, dice),
            27 => self.touch(&path),
            28 => {
                self.log.push(format!("{}: cannot be read: {path}", self.now));
                self.unreadable.insert(path);
            }
            29 => {
                self.log.push(format!("{}: all can be read", self.now));
                self.unreadable.clear();
            }
            30 => {
                self.away = !self.away;
                self.log.push(format!("{}: away: {}", self.now, self.away));
            }
            _ => {
                self.log.push("a half is completed".into());
                let half = self.files.iter().find(|(_, file)| file.half.is_some());
                if let Some(path) = half.map(|(path, _)| path.clone()) {
                    self.complete(&path);
                }
            }
        }
    }

    /// Everything comes to its end.
    pub fn settle(&mut self) {
        self.away = false;
        self.unreadable.clear();
        let halves: Vec<String> = self
            .files
            .iter()
            .filter(|(_, file)| file.half.is_some())
            .map(|(path, _)| path.clone())
            .collect();
        for path in halves {
            self.complete(&path);
        }
    }
}
