//! The folder of articles. `scan` tells what differs from what was seen last, and is the truth;
//! `watch` only tells when to look.

mod bundle;
mod file;
mod links;
mod mounts;
mod pending;
mod walk;
mod watch;

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::hash::{Hash, Hasher};
use std::io;
use std::iter::Peekable;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use globset::GlobSet;
use jiff::Timestamp;

use crate::article::flavour::Flavour;
use crate::article::{Change, Conventions, Edit, Kind, Problem, Signature};

use bundle::Bundles;
pub use file::{Identity, identity, read, signature};
use links::Links;
pub use mounts::watch_mounts;
pub use pending::Pending;
pub use walk::Found;
pub use watch::{Tick, Watch};

/// What changed longer ago than this should have been told by an event.
const UNTOLD: Duration = Duration::from_secs(10);

/// Which files are looked at.
#[derive(Clone, Debug)]
pub struct Scope {
    pub conventions: Conventions,
    /// Empty: everything.
    pub include: GlobSet,
    pub exclude: GlobSet,
    /// Directories that are never entered, such as the feeds' own.
    pub apart: Vec<PathBuf>,
    /// Bytes of the largest article.
    pub max_size: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    All,
    /// Absolute paths of files and folders.
    Paths(BTreeSet<PathBuf>),
}

/// What was seen of a file, in short: enough to tell that it is another now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen(u64);

impl Seen {
    /// Of a file that is to be looked at whatever it is.
    pub const NEVER: Seen = Seen(0);

    pub fn of(signature: &Signature) -> Seen {
        // Made anew by each run, so that the hash need not be the same for ever.
        let mut hasher = std::hash::DefaultHasher::new();
        signature.hash(&mut hasher);
        Seen(hasher.finish().max(1))
    }
}

/// What a scan found.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub edits: Vec<Edit>,
    /// Files that give fields to the articles of their folder, written or removed.
    pub folder_files: Vec<String>,
    pub problems: Vec<Problem>,
    /// Why files that are missing must not be taken for removed: the last good state stands.
    pub alarm: Option<String>,
    /// It was a look at everything.
    pub whole: bool,
    /// Why not all folders are watched.
    pub blind: Option<String>,
    /// Something that changed a while ago.
    pub untold: Option<String>,
}

pub struct ContentDir {
    configured: PathBuf,
    root: PathBuf,
    scope: Scope,
    bundles: Bundles,
    seen: BTreeMap<Box<str>, Seen>,
    /// Articles were published from here before, whatever `seen` says.
    expected: bool,
    /// The last look raised an alarm: until one does not, a look is at everything.
    alarmed: bool,
    /// Of the root, once it was seen.
    identity: Option<Identity>,
    watch: Option<Watch>,
    links: Links,
    /// What was found ahead of the next scan.
    ahead: Option<Found>,
    /// Nothing was seen before, and no later look asks what is seen now.
    is_for_one_look: bool,
}

impl ContentDir {
    /// Of which nothing was seen yet.
    pub fn new(root: &Path, scope: Scope) -> ContentDir {
        let configured = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
        let root = configured.canonicalize().unwrap_or_else(|_| configured.clone());
        ContentDir {
            configured,
            root,
            bundles: Bundles::of(&scope.conventions),
            scope,
            seen: BTreeMap::new(),
            expected: false,
            alarmed: false,
            identity: None,
            watch: None,
            links: Links::default(),
            ahead: None,
            is_for_one_look: false,
        }
    }

    /// Of which nothing was seen before, and which is looked at once: what differs at a later look
    /// would not be told.
    pub fn for_one_look(root: &Path, scope: Scope) -> ContentDir {
        ContentDir { is_for_one_look: true, ..ContentDir::new(root, scope) }
    }

    /// Folders are watched from the next look on.
    pub fn watch(&mut self, watch: Option<Watch>) {
        self.watch = watch;
    }

    pub fn is_watched(&self) -> bool {
        self.watch.is_some()
    }

    pub fn take_watch(&mut self) -> Option<Watch> {
        self.watch.take()
    }

    /// As the config names it: perhaps a link, which may be switched to another folder.
    pub fn configured(&self) -> &Path {
        &self.configured
    }

    /// Follows the config's name to where it leads now.
    pub fn follow_root(&mut self) {
        if let Ok(root) = self.configured.canonicalize()
            && root != self.root
        {
            self.root = root;
            self.identity = None;
        }
    }

    /// Whether another folder than the one last looked at is in the root's place, or none.
    pub fn is_replaced(&self) -> bool {
        let there = std::fs::metadata(&self.root).ok().map(|metadata| identity(&metadata));
        self.identity.is_some() && there != self.identity
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Looks at a path again at the next scan, whatever its signature says.
    pub fn forget(&mut self, path: &str) {
        if let Some(seen) = self.seen.get_mut(path) {
            *seen = Seen::NEVER;
        }
    }

    /// Whether an event at this path can have to do with an article.
    pub fn concerns(&self, path: &Path) -> bool {
        let Ok(relative) = path.strip_prefix(&self.root) else { return false };
        let Some(key) = relative.to_str() else { return true };
        if self.is_apart(path) || !self.may_enter(key) {
            return false;
        }
        let name = key.rsplit('/').next().unwrap_or(key);
        let prefix = format!("{key}/");
        Kind::of(name).is_some()
            || self.scope.conventions.is_folder_file(key)
            || !name.contains('.')
            || path.is_dir()
            || self.seen_from(&prefix).next().is_some_and(|path| path.starts_with(&*prefix))
    }

    /// The symbolic links that an event at this path is about too: they lead through it.
    pub fn links_through<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a Path> {
        self.links.through(path)
    }

    fn flavour(&self) -> &'static Flavour {
        self.scope.conventions.flavour
    }

    /// Whether articles may lie in a folder of this name, here or at the content's root.
    fn enters(&self, name: &str, at_root: bool) -> bool {
        // What a generator writes lies beside its content, not in it.
        let at_root = at_root && self.scope.conventions.root.inside.is_empty();
        self.flavour().enters(name, at_root)
    }

    fn is_apart(&self, path: &Path) -> bool {
        self.scope.apart.iter().any(|apart| path.starts_with(apart))
    }

    /// `trusted`: the publisher says that an empty or missing folder is meant.
    pub fn scan(&mut self, hint: &Hint, trusted: bool) -> Look {
        let ahead = self.ahead.take().filter(|_| *hint == Hint::All);
        if *hint == Hint::All && ahead.is_none() {
            self.follow_root();
        }
        let identity = match std::fs::metadata(&self.root) {
            Ok(metadata) if metadata.is_dir() => identity(&metadata),
            Err(error) if trusted && error.kind() == io::ErrorKind::NotFound => (0, 0, 0),
            Ok(_) => {
                self.alarmed = true;
                return alarm(format!("{} is no directory", self.root.display()));
            }
            Err(error) => {
                self.alarmed = true;
                return alarm(format!(
                    "the content directory {} is gone: {error}",
                    self.root.display()
                ));
            }
        };
        let replaced = self.identity.is_some_and(|before| before != identity);
        let all = replaced || *hint == Hint::All || self.identity.is_none() || self.alarmed;
        self.identity = Some(identity);
        let places: Vec<PathBuf> = match hint {
            Hint::Paths(paths) if !all => {
                let inside = paths.iter().filter(|path| path.starts_with(&self.root));
                inside.map(|path| self.bundles.place(path, &self.root)).collect()
            }
            _ => vec![self.root.clone()],
        };
        let found = ahead.filter(|_| all).unwrap_or_else(|| self.look_at_all(&places));
        let blind = self.watch.as_mut().and_then(|watch| {
            if all {
                watch.keep(&found.folders);
            }
            watch.take_blind()
        });
        Look { blind, ..self.see(found, all, trusted) }
    }

    /// What is missing may be missing with all the rest: one path's own word is not enough.
    pub fn is_alarmed(&self) -> bool {
        self.alarmed
    }

    /// What differs, in what was found, from what was seen last; `all` if it is all there is.
    pub fn see(&mut self, found: Found, all: bool, trusted: bool) -> Look {
        let mut missing = self.missing(&found.keys, &found.files);
        let alarm = if all
            && !trusted
            && found.files.is_empty()
            && (self.expected || !self.seen.is_empty())
        {
            Some(format!("{} is empty", self.root.display()))
        } else if found.failed {
            Some("not everything could be looked at".into())
        } else {
            None
        };
        self.alarmed = alarm.is_some();
        // What is there but not to be read is not removed: it stays as it was.
        missing.retain(|path| !found.problems.iter().any(|problem| problem.path == *path));
        let (edits, untold) = self.compare(found.files, found.at, missing, alarm.is_some());
        let (folder_files, edits): (Vec<Edit>, Vec<Edit>) =
            edits.into_iter().partition(|edit| self.scope.conventions.is_folder_file(&edit.path));
        let folder_files = folder_files.into_iter().map(|edit| edit.path).collect();
        let problems = found.problems;
        Look { edits, folder_files, problems, alarm, whole: all, blind: None, untold }
    }

    /// Looks at everything before it is known what an earlier run saw: the next scan of all has
    /// what is seen now.
    pub fn look_ahead(&mut self) {
        self.follow_root();
        let root = self.root.clone();
        self.ahead = Some(self.look_at_all(&[root]));
    }

    /// What an earlier run saw, and whether articles were published from here before.
    pub fn recall(&mut self, seen: Vec<(Box<str>, Seen)>, expected: bool) {
        self.seen = seen.into_iter().collect();
        self.expected = expected;
    }

    /// What was seen at or below some places and is not among the files found, which are sorted.
    fn missing(&self, keys: &[String], files: &[(String, Signature)]) -> BTreeSet<String> {
        let from = |path: &str| files.partition_point(|(found, _)| found.as_str() < path);
        let mut missing = BTreeSet::new();
        for key in keys {
            let prefix = if key.is_empty() { String::new() } else { format!("{key}/") };
            let below = self.seen_from(&prefix).take_while(|path| path.starts_with(&*prefix));
            let own = self.seen.get_key_value(key.as_str()).map(|(path, _)| &**path);
            if let Some(own) = own
                && files.get(from(own)).is_none_or(|(found, _)| found != own)
            {
                missing.insert(own.to_string());
            }
            // Both are in order.
            let mut found = files[from(&prefix)..].iter().map(|(path, _)| path.as_str()).peekable();
            for path in below {
                while found.next_if(|found| *found < path).is_some() {}
                if found.peek() != Some(&path) {
                    missing.insert(path.to_string());
                }
            }
        }
        missing
    }

    /// Whether a file at this path, relative to the root, is read as an article.
    pub fn reads(&self, key: &str) -> bool {
        self.may_enter(key) && !self.is_apart(&self.root.join(key)) && self.takes(key)
    }

    /// Whether a file in a folder that is entered is read as an article.
    fn takes(&self, key: &str) -> bool {
        let name = key.rsplit('/').next().unwrap_or(key);
        Kind::of(name).is_some()
            && !is_temporary(name)
            && self.is_in_scope(key)
            && self.scope.conventions.locate(key).is_some()
    }

    /// Whether the config leaves a file in.
    fn is_in_scope(&self, key: &str) -> bool {
        !self.scope.exclude.is_match(key)
            && (self.scope.include.is_empty() || self.scope.include.is_match(key))
    }

    /// The texts that lie in a folder, as last seen.
    pub fn texts(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.seen_from(&prefix)
            .map_while(|path| path.strip_prefix(&*prefix).map(|name| (path, name)))
            .filter(|(path, name)| !name.contains('/') && Kind::of(path) == Some(Kind::Text))
            .map(|(path, _)| path.to_string())
            .collect()
    }

    /// The paths that were seen, from a prefix on.
    fn seen_from(&self, prefix: &str) -> impl Iterator<Item = &str> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        self.seen.range::<str, _>(from).map(|(path, _)| &**path)
    }

    /// Whether a file in a folder that is entered gives fields to its articles.
    fn is_folder_file(&self, key: &str) -> bool {
        let name = key.rsplit('/').next().unwrap_or(key);
        self.scope.conventions.is_folder_file(key) && !is_temporary(name)
    }

    /// Every folder on the way must be one that articles may lie in.
    fn may_enter(&self, key: &str) -> bool {
        let Some((folder, _)) = key.rsplit_once('/') else { return true };
        let mut at_root = true;
        folder.split('/').all(|part| {
            let enters = self.enters(part, at_root);
            at_root = false;
            enters
        })
    }

    /// What differs, and something that changed a while ago.
    fn compare(
        &mut self,
        files: Vec<(String, Signature)>,
        at: SystemTime,
        missing: BTreeSet<String>,
        alarmed: bool,
    ) -> (Vec<Edit>, Option<String>) {
        let now = Timestamp::try_from(at).unwrap_or_default();
        let (mut edits, mut new, mut untold) = (Vec::new(), Vec::new(), None);
        if self.seen.is_empty() {
            // In their order, at once.
            self.seen = files.iter().map(|(path, _)| (path.as_str().into(), Seen::NEVER)).collect();
        }
        let mut before = Before::of(&mut self.seen, files.len());
        for (path, signature) in files {
            let seen = Seen::of(&signature);
            let last = before.find(&path);
            if last.as_deref() == Some(&seen) {
                continue;
            }
            let age = now.as_nanosecond() - i128::from(signature.changed);
            if last.as_deref() != Some(&Seen::NEVER) && age > UNTOLD.as_nanos() as i128 {
                untold.get_or_insert_with(|| path.clone());
            }
            let kept = if signature.is_racy(now) { Seen::NEVER } else { seen };
            match last {
                Some(last) => *last = kept,
                None => new.push((path.as_str().into(), kept)),
            }
            edits.push(Edit { path, change: Change::Written });
        }
        self.seen.extend(new);
        if !alarmed {
            for path in missing {
                self.seen.remove(path.as_str());
                edits.push(Edit { path, change: Change::Removed });
            }
        }
        edits.sort_by(|a, b| a.path.cmp(&b.path));
        (edits, untold)
    }
}

/// What was seen of files that are asked for in the order of their paths.
enum Before<'a> {
    /// Of nearly all that there is, both are gone through.
    InOrder(Peekable<btree_map::IterMut<'a, Box<str>, Seen>>),
    Each(&'a mut BTreeMap<Box<str>, Seen>),
}

impl Before<'_> {
    fn of(seen: &mut BTreeMap<Box<str>, Seen>, asked: usize) -> Before<'_> {
        match asked > seen.len() / 16 {
            true => Before::InOrder(seen.iter_mut().peekable()),
            false => Before::Each(seen),
        }
    }

    fn find(&mut self, path: &str) -> Option<&mut Seen> {
        match self {
            Before::InOrder(all) => {
                while all.next_if(|(before, _)| ***before < *path).is_some() {}
                all.next_if(|(same, _)| ***same == *path).map(|(_, seen)| seen)
            }
            Before::Each(seen) => seen.get_mut(path),
        }
    }
}

fn alarm(reason: String) -> Look {
    Look { alarm: Some(reason), whole: true, ..Look::default() }
}

/// Names that editors and tools use while they write.
fn is_temporary(name: &str) -> bool {
    name.starts_with('.') || name.starts_with('#') || name.ends_with('~') || name.starts_with("~$")
}
