//! Promises 2 and 3: whatever happens to the folder, and whatever is told of it, every article
//! keeps its id, and the feeds are those of a full rebuild with the same ledger. The folder is in
//! memory and so is the ledger; what reads, remembers and prints is what the daemon runs.

mod folder;
mod moments;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::Value;
use syndic::article::Conventions;
use syndic::config::Config;
use syndic::content_dir::{ContentDir, Hint, Look, Pending, Scope, Seen, Tick};
use syndic::daemon::manner::Manner;
use syndic::daemon::state::{LastRun, State};
use syndic::edition::Kept;
use syndic::feed::Known;
use syndic::ledger::Ledger;

use crate::dice::Dice;
use crate::kit::{CONFIG, Site, figure, in_parallel, report};
use folder::{Folder, Token};

const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Default)]
struct Counts {
    steps: usize,
    turns: usize,
    dropped: usize,
    overflows: usize,
    restarts: usize,
    ids: usize,
    /// Nothing told for sure that the article is the same, once.
    ambiguous: usize,
    /// There was another with the same words.
    copies: usize,
}

struct World<'a> {
    name: String,
    config: &'a Config,
    dice: Dice,
    folder: Folder,
    ledger: Ledger,
    state: State,
    content: ContentDir,
    pending: Pending,
    began: Instant,
    was_away: bool,
    next_beat: u64,
    /// The bytes of each document, as readers have them.
    shown: BTreeMap<String, Vec<u8>>,
    ids: HashMap<Token, String>,
    owners: HashMap<String, (Token, String)>,
    /// Articles of which nobody could tell, from what is there, that they are still the same.
    unsure: HashSet<Token>,
    counts: Counts,
    accepts: bool,
    /// Files are written on after their heads were read.
    interrupted: bool,
}

fn scope(conventions: &Conventions) -> Scope {
    Scope {
        conventions: conventions.clone(),
        include: Default::default(),
        exclude: Default::default(),
        apart: Vec::new(),
        max_size: 1_000_000,
    }
}

/// What led to a failure.
impl Drop for World<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("── {} ──\n{}", self.name, self.folder.log.join("\n"));
        }
    }
}

impl<'a> World<'a> {
    fn new(name: String, config: &'a Config, seed: u64) -> World<'a> {
        let ledger = Ledger::in_memory().unwrap();
        let content = ContentDir::new(&config.content.dir, scope(&config.conventions));
        let folder = Folder::new(content.root());
        let now = folder.timestamp();
        let (state, _) = State::load(config, &ledger, LastRun::default(), now).unwrap();
        World {
            name,
            config,
            dice: Dice::new(seed),
            folder,
            ledger,
            state,
            content,
            pending: Pending::default(),
            began: Instant::now(),
            was_away: false,
            next_beat: 0,
            shown: BTreeMap::new(),
            ids: HashMap::new(),
            owners: HashMap::new(),
            unsure: HashSet::new(),
            counts: Counts::default(),
            accepts: false,
            interrupted: false,
        }
    }

    fn instant(&self) -> Instant {
        self.began + Duration::from_millis(self.folder.now)
    }

    /// What is told of what happened: not all of it, some twice, in another order, or only that
    /// too much happened.
    fn tell(&mut self) {
        let mut ticks = std::mem::take(&mut self.folder.ticks);
        let now = self.instant();
        if self.dice.throw(25) == 0 {
            self.counts.overflows += 1;
            ticks = vec![Tick::Lost];
        }
        if self.dice.throw(3) == 0 {
            let at = self.dice.throw(ticks.len() + 1);
            ticks.rotate_left(at);
        }
        for tick in ticks {
            match self.dice.throw(12) {
                0 => {
                    self.folder.log.push(format!("  lost: {tick:?}"));
                    self.counts.dropped += 1;
                }
                1 => {
                    self.pending.hear(tick.clone(), &self.content, now);
                    self.pending.hear(tick, &self.content, now);
                }
                _ => self.pending.hear(tick, &self.content, now),
            }
        }
    }

    /// Takes the turns that are due.
    fn go_on(&mut self) {
        let now = self.instant();
        let hint = match self.pending.take(now) {
            Some(Hint::All) => Some(Hint::All),
            _ if self.next_beat <= self.folder.now => Some(Hint::All),
            other => other,
        };
        if let Some(hint) = hint {
            self.turn(&hint);
        }
    }

    fn turn(&mut self, hint: &Hint) {
        self.counts.turns += 1;
        self.note_unsure();
        let replaced = self.folder.away != self.was_away;
        self.was_away = self.folder.away;
        let places = match hint {
            Hint::Paths(paths) if !replaced && !self.content.is_alarmed() => Some(paths),
            _ => {
                self.next_beat = self.folder.now + 20_000 + self.dice.throw(60_000) as u64;
                None
            }
        };
        let look = self.look(places);
        // While it is at it, the folder changes on.
        if self.dice.throw(4) == 0 {
            self.folder.now += self.dice.throw(60) as u64;
            self.counts.steps += 1;
            self.folder.step(&mut self.dice);
            self.note_unsure();
        }
        self.interrupted = self.dice.throw(6) == 0;
        self.take(look, PATIENCE);
        self.interrupted = false;
        self.tell();
    }

    fn restart(&mut self) {
        self.counts.restarts += 1;
        self.folder.log.push("  restart".into());
        let mut intact: HashSet<String> = self.shown.keys().cloned().collect();
        if self.dice.throw(3) == 0 {
            // The feeds' folder lost a file meanwhile.
            let at = self.dice.throw(intact.len().max(1));
            let lost = self.shown.keys().nth(at).cloned();
            lost.inspect(|path| assert!(intact.remove(path)));
        }
        let (last, now) = (LastRun::default(), self.folder.timestamp());
        let (mut state, seen) = State::load(self.config, &self.ledger, last, now).unwrap();
        state.keep_only(&intact);
        self.state = state;
        self.content = ContentDir::new(&self.config.content.dir, scope(&self.config.conventions));
        self.content.recall(seen, false);
        self.pending = Pending::default();
        self.folder.ticks.clear();
        self.turn(&Hint::All);
    }

    // ── who is who ────────────────────────────────────────────────────────────────────────────

    /// Of an article that lies elsewhere, in another file, with another content, and under another
    /// title, after it was gone, or without a date, nothing tells that it is the same; nor while it,
    /// or what took its place, cannot be read.
    fn note_unsure(&mut self) {
        self.folder.note_copies();
        let mut unsure = Vec::new();
        for (path, file) in &self.folder.files {
            let known = self.ids.get(&file.token).and_then(|id| self.of_id(id));
            let Some(known) = known else { continue };
            // Not where another one took its place meanwhile.
            let holder = self.state.catalog.id_at(path);
            let same_place = known.path == *path && holder.is_none_or(|id| *id == known.id);
            let same_file = known.signature.same_file(&file.signature);
            let same_content = known.hash == *blake3::hash(file.bytes()).as_bytes();
            let same_words = file.dated && known.head.title == file.title && file.half.is_none();
            let readable = |path: &str| !self.folder.unreadable.contains(path);
            let told = readable(path) && readable(&known.path);
            // Where another article is known to lie, content alone tells of a copy.
            let free = holder.is_none();
            // What lies half written in its place may be its next edit, which says no title yet.
            let in_place = self.folder.files.get(&known.path);
            let in_place = in_place.filter(|in_place| in_place.token != file.token);
            let half_edited = in_place.is_some_and(|in_place| in_place.half.is_some());
            let by_words = same_words && !half_edited && !known.gone && (free || !same_content);
            if !same_place && !(told && (same_file || free && same_content || by_words)) {
                unsure.push(file.token);
            }
            // Of two that lay at one place a later run takes the one that changed last for the last
            // one there: two changes within a tick tell nothing, nor does a folder's move.
            let rival = self.state.catalog.at_path(&known.path);
            let changed = known.signature.changed;
            if let Some(rival) = rival.filter(|rival| rival.signature.changed <= changed)
                && rival.id != known.id
            {
                unsure.push(file.token);
                unsure.extend(self.owners.get(&rival.id).map(|(token, _)| *token));
            }
            // Of one that the daemon has yet to hear of, in the place of a known one, it is told no
            // more than of an edit.
            let usurper = self.folder.files.get(&known.path).map(|usurper| usurper.token);
            if usurper.is_some_and(|usurper| !self.ids.contains_key(&usurper)) {
                unsure.extend(usurper);
                unsure.push(file.token);
            }
        }
        self.unsure.extend(unsure);
    }

    fn of_id(&self, id: &str) -> Option<Known> {
        self.state.catalog.get(id).or_else(|| self.ledger.of_id(id).unwrap())
    }

    /// Of the files that the daemon has seen as they are now.
    fn check_ids(&mut self) {
        let unsure_before = self.unsure.clone();
        for (path, file) in &self.folder.files {
            let Some(known) = self.state.catalog.at_path(path) else { continue };
            // One that was racy is remembered without its size.
            if (syndic::article::Signature { size: file.signature.size, ..known.signature })
                != file.signature
                || known.hash != *blake3::hash(file.bytes()).as_bytes()
            {
                continue;
            }
            self.counts.ids += 1;
            let free = self.folder.copied.contains(&file.token);
            let unsure = self.unsure.contains(&file.token);
            self.counts.ambiguous += usize::from(unsure && !free);
            self.counts.copies += usize::from(free);
            let before = self.ids.insert(file.token, known.id.clone());
            if before.as_ref().is_none_or(|before| *before == known.id) || unsure || free {
                if unsure || free {
                    self.owners.remove(&known.id);
                }
            } else {
                panic!("{}: {path} was {before:?} and is {}", self.name, known.id);
            }
            let owner = self.owners.insert(known.id.clone(), (file.token, path.clone()));
            if let Some((owner, place)) = owner.filter(|(owner, _)| *owner != file.token) {
                // Another file where one was last seen that is no more: nobody can tell it from an
                // edit, if neither the going nor the coming was seen.
                let is_there = self.folder.files.values().any(|file| file.token == owner);
                let excused = unsure_before.contains(&owner)
                    || self.folder.copied.contains(&owner)
                    || !is_there && place == *path;
                assert!(
                    excused,
                    "{}: {} was article {owner} and is {}",
                    self.name, known.id, file.token
                );
            }
        }
    }

    // ── the end ───────────────────────────────────────────────────────────────────────────────

    /// Until nothing more is to be done.
    fn settle(&mut self) {
        self.folder.settle();
        self.tell();
        self.pending.everything();
        for _ in 0..400 {
            self.folder.now += 250;
            self.go_on_quietly();
            if self.pending.due().is_none() {
                break;
            }
        }
        // What vanished while nearly all was away, and is gone for good: the publisher says so.
        self.accepts = !self.state.held.is_empty();
        for path in self.state.held.keys() {
            self.content.forget(path);
        }
        self.pending.everything();
        self.go_on_quietly();
        self.accepts = false;
    }

    /// Nothing else happens meanwhile.
    fn go_on_quietly(&mut self) {
        let (now, beat) = (self.instant(), self.next_beat);
        self.next_beat = u64::MAX;
        if let Some(hint) = self.pending.take(now) {
            let dice = std::mem::replace(&mut self.dice, Dice::new(0));
            self.quiet_turn(&hint);
            self.dice = dice;
        }
        self.next_beat = beat;
    }

    fn quiet_turn(&mut self, hint: &Hint) {
        self.note_unsure();
        let places = match hint {
            Hint::Paths(paths) if !self.content.is_alarmed() => Some(paths),
            _ => None,
        };
        let look = self.look(places);
        self.take(look, PATIENCE);
    }

    fn look(&mut self, places: Option<&BTreeSet<PathBuf>>) -> Look {
        let found = self.folder.find(places, &self.content);
        let look = self.content.see(found, places.is_none(), false);
        let said = format!("  look at {}: {:?}", places.map_or(0, BTreeSet::len), look.edits);
        self.folder.log.push(said);
        look
    }

    /// Takes a turn; returns the number of the edition that it came to.
    fn take(&mut self, look: Look, patience: Duration) -> u64 {
        let stage = Mutex::new(BTreeMap::new());
        let met = Mutex::new(HashSet::new());
        let manner = Manner {
            now: self.folder.timestamp(),
            read: &|path| {
                let is_first = met.lock().unwrap().insert(path.to_string());
                let (mut bytes, signature) = self.folder.read(path)?;
                if self.interrupted && !is_first {
                    bytes.extend(b"More.");
                }
                Ok((bytes, signature))
            },
            texts: &|folder| self.content.texts(folder),
            progress: &|| {},
            stage: &|path, bytes| {
                stage.lock().unwrap().insert(path.to_string(), bytes.to_vec());
                Kept::Elsewhere
            },
            make_ready: &|_| {},
            patience,
            blind: false,
            forgets: false,
            accepted: &|_| self.accepts,
        };
        let turned = self.state.turn(self.config, &mut self.ledger, look, &manner).unwrap();
        let mut made = stage.into_inner().unwrap();
        for printed in &turned.changed {
            self.shown.insert(printed.path.clone(), made.remove(&printed.path).unwrap());
        }
        for path in &turned.withdrawn {
            self.shown.remove(path);
        }
        for (path, after) in &turned.again {
            self.content.forget(path);
            self.pending.later(self.content.root().join(path), self.instant() + *after);
        }
        self.folder.log.extend(turned.newly_held.iter().map(|held| format!("  held: {held:?}")));
        self.check_ids();
        // What this turn decided may have taken from others what told of them.
        self.note_unsure();
        turned.number
    }

    /// Each article stands in the feed once, with what its author wrote last.
    fn check_feed(&self) {
        assert!(self.state.held.is_empty(), "{}: {:?}", self.name, self.state.held);
        let feed: Value = match self.shown.get("all.json") {
            Some(bytes) => serde_json::from_slice(bytes).unwrap(),
            None => serde_json::json!({ "items": [] }),
        };
        let items = feed["items"].as_array().unwrap();
        let shown: Vec<&str> = items.iter().map(|item| item["title"].as_str().unwrap()).collect();
        let there: Vec<_> = self.folder.files.iter().map(|(path, f)| (path, &f.title)).collect();
        assert_eq!(items.len(), there.len(), "{}: {shown:#?} {there:#?}", self.name);
        for (path, file) in &self.folder.files {
            let stands = items.iter().filter(|item| {
                let text = |key: &str| item[key].as_str().unwrap();
                text("title") == file.title
                    && text("content_html").contains(&file.said)
                    && Some(text("id")) == self.state.catalog.id_at(path)
            });
            assert_eq!(stands.count(), 1, "{}: {path}, {}", self.name, file.title);
        }
    }

    /// Everything is read and printed again, with the ledger that there is.
    fn check_rebuild(&mut self) {
        let before = std::mem::take(&mut self.shown);
        let number = self.state.number;
        let now = self.folder.timestamp();
        self.ledger.sweep_bodies(&HashMap::new()).unwrap();
        let (mut state, seen) =
            State::load(self.config, &self.ledger, LastRun::default(), now).unwrap();
        state.keep_only(&HashSet::new());
        self.state = state;
        let anew = seen.into_iter().map(|(path, _)| (path, Seen::NEVER)).collect();
        self.content = ContentDir::new(&self.config.content.dir, scope(&self.config.conventions));
        self.content.recall(anew, false);
        let look = self.look(None);
        let after = self.take(look, Duration::ZERO);
        for (path, bytes) in &before {
            let rebuilt = self.shown.get(path).map(|bytes| String::from_utf8_lossy(bytes));
            let was = String::from_utf8_lossy(bytes);
            assert_eq!(Some(was), rebuilt, "{}: {path}", self.name);
        }
        assert!(before.keys().eq(self.shown.keys()), "{}", self.name);
        assert_eq!(number, after, "{}: another edition for nothing", self.name);
    }
}

fn live(config: &Config, seed: u64) -> Counts {
    let mut world = World::new(format!("world {seed}"), config, seed);
    for _ in 0..3 + world.dice.throw(6) {
        world.folder.add(&mut world.dice);
    }
    world.turn(&Hint::All);
    for _ in 0..8 + world.dice.throw(20) {
        world.counts.steps += 1;
        world.folder.step(&mut world.dice);
        world.tell();
        // A moment, a while, or half a minute.
        let wait = [3, 20, 150, 700, 3_000, 30_000][world.dice.throw(6)];
        world.folder.now += 1 + world.dice.throw(wait) as u64;
        match world.dice.throw(14) {
            0 => world.restart(),
            _ => world.go_on(),
        }
    }
    world.settle();
    world.check_feed();
    world.check_rebuild();
    world.check_feed();
    std::mem::take(&mut world.counts)
}

thread_local! {
    /// Worlds share nothing: what one does in parallel need not wake the threads of another.
    static ALONE: ThreadPool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
}

#[test]
fn any_history_ends_in_the_feeds_of_a_rebuild() {
    // A language that is declared need not be found out, at each turn of a million worlds.
    let config = format!("language = \"en\"\n{CONFIG}\n[feeds]\nentries = \"all\"\n");
    let site = Site::with_config(&config);
    let config = Config::load(&site.path("config.toml"), false).unwrap();
    let config = &in_folder(config, &site.path("content"));
    let worlds = figure(2_000, 1_000_000);
    let first: u64 = std::env::var("SYNDIC_WORLD").map_or(0, |seed| seed.parse().unwrap());
    let lives = in_parallel(4, 0..worlds, &|number| {
        ALONE.with(|pool| pool.install(|| live(config, first + number as u64)))
    });
    let sum = |count: fn(&Counts) -> usize| lives.iter().map(count).sum::<usize>();
    let (steps, turns) = (sum(|life| life.steps), sum(|life| life.turns));
    let (dropped, overflows) = (sum(|life| life.dropped), sum(|life| life.overflows));
    let (restarts, ids) = (sum(|life| life.restarts), sum(|life| life.ids));
    let (ambiguous, copies) = (sum(|life| life.ambiguous), sum(|life| life.copies));
    report(&format!(
        "{worlds} worlds, {steps} changes, {turns} turns, {dropped} events lost, {overflows} \
         overflows, {restarts} restarts; {ids} times an id was looked at, {ambiguous} times one that \
         was ambiguous once, {copies} times a copy's or its original's"
    ));
    assert!(dropped > worlds && overflows > worlds / 10 && restarts > worlds / 10);
    assert!(ambiguous * 8 < ids, "too much is excused");
}

fn in_folder(mut config: Config, dir: &Path) -> Config {
    config.content.dir = dir.to_path_buf();
    config
}
