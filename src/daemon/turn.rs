//! One turn: look, read, remember, fetch, revise. All mutable state is here, owned by one thread;
//! a turn is a function of it, of what was seen, of the time, and of a way to read files.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use jiff::Timestamp;

use super::identify::{self, Identified, Scene};
use super::inherit::Inheritance;
use super::manner::Manner;
use super::reading::{Fresh, Heard};
use super::revise::{self, Press, Proofs, Touched};
use super::site_memory;
use super::state::{State, ground};
use crate::article::{Edit, Outcome, Problem, internal};
use crate::config::Config;
use crate::content_dir::Look;
use crate::edition::{Kept, Stamp};
use crate::feed::catalog::Moves;
use crate::feed::packed::Packed;
use crate::feed::{By, Known};
use crate::format::Format;
use crate::ledger::{Decisions, Held, Ledger, LedgerError, SALVAGED};

/// Between looks at an article whose folder's file cannot be read.
const UNSURE: Duration = Duration::from_secs(5);

/// Between looks at a file that is being written, or was while it was read.
pub(super) const SOON: Duration = Duration::from_millis(300);

/// A document that was made now.
pub struct Printed {
    pub path: String,
    pub stamp: Stamp,
    /// What is at hand of its bytes.
    pub kept: Kept,
}

/// What a turn came to.
#[derive(Default)]
pub struct Turned {
    pub number: u64,
    pub changed: Vec<Printed>,
    pub withdrawn: Vec<String>,
    pub problems: Vec<Problem>,
    pub read: usize,
    /// Paths that were read without a problem.
    pub fine: Vec<String>,
    /// Paths to look at again, and when.
    pub again: Vec<(String, Duration)>,
    pub newly_held: Vec<Held>,
}

/// One turn under way: how it is taken, and what it has come to so far.
pub(super) struct Course<'a> {
    pub config: &'a Config,
    pub manner: &'a Manner<'a>,
    /// Everything was looked at.
    pub whole: bool,
    /// Feeds to be printed, and those of them that lost an entry; besides those of `moves`.
    pub touched: BTreeSet<String>,
    pub shortened: BTreeSet<String>,
    pub moves: Moves,
    /// Paths whose article is read elsewhere than before, or that have another one or none.
    pub relinked: BTreeSet<String>,
    pub decisions: Decisions,
    /// Some of the articles were written to the ledger already.
    pub kept: bool,
    pub turned: Turned,
}

impl Course<'_> {
    /// How many entries a feed shows.
    pub fn window(&self, feed: &str) -> usize {
        windows(self.config)(feed)
    }

    pub fn release(&mut self, held: Option<Held>) {
        self.decisions.released.extend(held.map(|held| held.path));
    }
}

/// How many entries a feed shows.
pub(super) fn windows(config: &Config) -> impl Fn(&str) -> usize + '_ {
    |feed| config.feeds.settings(feed).window.size()
}

impl State {
    /// Takes one turn. What it returns counts when this returns; after an error the state must be
    /// loaded anew.
    pub fn turn(
        &mut self,
        config: &Config,
        ledger: &mut Ledger,
        look: Look,
        manner: &Manner,
    ) -> Result<Turned, LedgerError> {
        let mut course = Course {
            config,
            manner,
            whole: look.whole,
            touched: BTreeSet::new(),
            relinked: BTreeSet::new(),
            shortened: std::mem::take(&mut self.ended),
            moves: Moves::default(),
            decisions: Decisions::default(),
            kept: false,
            turned: Turned { problems: look.problems, ..Turned::default() },
        };
        if look.alarm.is_some() && !self.adopted.is_empty() {
            // The ledger is lost and so is some of the content: what an earlier run left in the
            // feeds is the best there is, and stays until everything can be looked at.
            let edits = look.edits.into_iter();
            course.turned.again.extend(edits.map(|edit| (edit.path, Duration::from_secs(5))));
            course.turned.number = self.number;
            return Ok(course.turned);
        }
        self.miss_removed(&look.edits, &mut course);
        let folder_files = self.await_folder_files(look.folder_files, &mut course);
        let awaited = std::mem::take(&mut self.awaited);
        let inheritance =
            Inheritance::new(&config.conventions, manner.read, manner.texts, &awaited);
        let mut edits = look.edits;
        edits.extend(self.heirs(&folder_files, &edits, &inheritance, manner));
        for path in &folder_files {
            course.turned.problems.extend(inheritance.problems_at(path));
        }
        ledger.begin()?;
        self.read_and_file(edits, &inheritance, ledger, &mut course)?;
        self.awaited = awaited;
        if look.alarm.is_none() {
            if look.whole {
                self.release_settled(&mut course);
            }
            self.retire_missing(&mut course);
            self.retire_displaced(&mut course);
        }
        self.file_due(&mut course);
        self.fetch_edited(ledger, &mut course)?;
        self.print(ledger, &mut course)?;
        self.record(ledger, &mut course)?;
        Ok(course.turned)
    }

    // ── read ──────────────────────────────────────────────────────────────────────────────────

    fn read_and_file(
        &mut self,
        edits: Vec<Edit>,
        inheritance: &Inheritance,
        ledger: &mut Ledger,
        course: &mut Course,
    ) -> Result<(), LedgerError> {
        if self.fresh && self.catalog.is_empty() && self.adopted.is_empty() {
            return self.file_first(edits, inheritance, ledger, course);
        }
        let (mut files, met_twice) = self.read_anew(&edits, inheritance, ledger, course)?;
        self.let_copies_wait(&mut files, course);
        let mut identified = self.identify(ledger, &files, course)?;
        if self.waits_for_more(&identified, &files, met_twice, course) {
            return Ok(());
        }
        course.turned.problems.append(&mut identified.problems);
        self.hold_flood(&mut identified, course);
        self.file(identified, course);
        Ok(())
    }

    /// Takes to heart what was found in files; returns those that are articles.
    pub(super) fn listen(&mut self, heard: Vec<Heard>, course: &mut Course) -> Vec<Fresh> {
        let mut files = Vec::new();
        for heard in heard {
            match heard {
                Heard::Fresh(mut fresh) => {
                    course.turned.read += 1;
                    let fine = !fresh.troubled && !self.fresh;
                    course.turned.fine.extend(fine.then(|| fresh.path.clone()));
                    self.missing.remove(&fresh.path);
                    self.hear(&mut fresh, course);
                    let ignored = matches!(
                        fresh.reading.as_ref().map(|reading| &reading.outcome),
                        Some(Outcome::NoArticle(_))
                    );
                    if !ignored {
                        files.push(*fresh);
                    } else if self.catalog.id_at(&fresh.path).is_some() {
                        self.missing.insert(fresh.path.clone(), Timestamp::UNIX_EPOCH);
                    }
                }
                Heard::Later(path) => {
                    course.turned.again.push((path, SOON));
                }
                Heard::Unsure(path) => course.turned.again.push((path, UNSURE)),
                Heard::Gone(path) => {
                    // Should it come back as it was seen, it is still to be read.
                    course.turned.again.push((path.clone(), course.manner.patience));
                    self.miss(&path, course);
                }
                Heard::Failed(problem) => {
                    course.turned.again.push((problem.path.clone(), Duration::from_secs(10)));
                    course.turned.problems.push(problem);
                }
            }
        }
        files
    }

    /// Passes on a file's problems, those of a half-written one only at the second look.
    fn hear(&mut self, fresh: &mut Fresh, course: &mut Course) {
        let Some(reading) = &mut fresh.reading else { return };
        let wait = match reading.outcome {
            Outcome::Empty => Duration::from_secs(10),
            Outcome::Unclosed => Duration::from_secs(60),
            _ => Duration::ZERO,
        };
        let problems = std::mem::take(&mut reading.problems);
        let wait_for = !wait.is_zero() && !course.manner.patience.is_zero();
        if wait_for && self.suspects.insert(fresh.path.clone()) {
            course.turned.again.push((fresh.path.clone(), wait));
            return;
        }
        if !wait_for {
            self.suspects.remove(&fresh.path);
        }
        course.turned.problems.extend(problems);
    }

    // ── remember ──────────────────────────────────────────────────────────────────────────────

    pub(super) fn identify(
        &self,
        ledger: &Ledger,
        files: &[Fresh],
        course: &Course,
    ) -> Result<Identified, LedgerError> {
        if files.is_empty() {
            return Ok(Identified::default());
        }
        let vacated: BTreeSet<String> = self.away().collect();
        let manner = course.manner;
        let scene = Scene {
            ledger,
            catalog: &self.catalog,
            vacated: &vacated,
            displaced: &self.displaced,
            still_lies: &|known| manner.still_lies(known),
            adopted: &self.adopted,
            to_come: &self.to_come,
            prefix: &self.prefix,
            ground: ground(course.config),
            now: manner.now,
        };
        identify::identify(files, &scene)
    }

    pub(super) fn file(&mut self, identified: Identified, course: &mut Course) {
        self.give_names(identified.articles.iter());
        let ids: HashSet<&str> =
            identified.articles.iter().map(|known| known.id.as_str()).collect();
        // An article whose place another one took over has none of its own for now.
        let displaced: Vec<String> = identified
            .articles
            .iter()
            .filter_map(|known| self.catalog.id_at(&known.path))
            .filter(|holder| !ids.contains(holder))
            .map(String::from)
            .collect();
        let now = course.manner.now;
        self.displaced.extend(displaced.into_iter().map(|id| (id, now)));
        for known in identified.articles {
            let packed = Packed::of(&known);
            self.take_in(&known, packed, course);
        }
    }

    pub(super) fn take_in(&mut self, known: &Known, packed: Packed, course: &mut Course) {
        self.displaced.remove(&known.id);
        // It came from a path that is missing: it moved, and is missed no more. Where another
        // one had taken that path over, it is that one which may be missing there.
        let before = self.catalog.get(&known.id);
        let stays = before
            .as_ref()
            .is_some_and(|before| (&before.path, &before.link) == (&known.path, &known.link));
        if !stays && !self.fresh {
            course.relinked.extend(before.as_ref().map(|before| before.path.clone()));
            course.relinked.insert(known.path.clone());
        }
        if let Some(before) = before
            && before.path != known.path
            && self.catalog.id_at(&before.path) == Some(&known.id)
        {
            self.missing.remove(&before.path);
            course.release(self.take_held_away(&before.path));
        }
        course.release(self.held.remove(&known.path));
        self.shelve(known, packed.clone(), course);
        course.decisions.articles.push(packed);
    }

    /// Names are given in byte order, so that a fresh ledger gives the same on any machine.
    pub(super) fn give_names<'a>(&mut self, articles: impl Iterator<Item = &'a Known>) {
        let mut said: BTreeSet<(By, &str)> = BTreeSet::new();
        for known in articles {
            said.extend(known.head.names());
        }
        for (by, name) in said {
            self.names.terms(by, name);
        }
    }

    fn shelve(&mut self, known: &Known, packed: Packed, course: &mut Course) {
        let window = windows(course.config);
        let (names, moves) = (&mut self.names, &mut course.moves);
        self.catalog.file(known, packed, names, course.manner.now, &window, moves);
    }

    /// Files again what comes or goes by itself at this time.
    fn file_due(&mut self, course: &mut Course) {
        for known in self.catalog.take_due(course.manner.now) {
            self.shelve(&known, Packed::of(&known), course);
        }
    }

    // ── fetch, revise ─────────────────────────────────────────────────────────────────────────

    fn print(&mut self, ledger: &Ledger, course: &mut Course) -> Result<(), LedgerError> {
        let config = course.config;
        self.follow_links(ledger, course)?;
        let feed_of = |number: &u32| self.catalog.feed_of(*number).to_string();
        course.touched.extend(course.moves.touched.iter().map(feed_of));
        course.shortened.extend(course.moves.left.iter().map(feed_of));
        let paths = self.feeds_to_print(course);
        let press = Press {
            site: &config.site,
            feeds: &config.feeds,
            conventions: &config.conventions,
            catalog: &self.catalog,
            prefix: &self.prefix,
            stamps: &self.stamps,
            lost: &self.lost,
            now: course.manner.now,
            stage: course.manner.stage,
        };
        let touched = Touched { paths: &paths, shortened: &course.shortened, rows: &self.rows };
        let read = course.manner.read;
        let Proofs { mut printed, rows, problems, unread } =
            revise::revise(&press, &touched, &mut self.names, &mut self.recent, ledger, read)?;
        let decisions = &mut course.decisions;
        decisions.names = self.names.take_new();
        let new_feed = rows.iter().any(|row| !self.rows.contains_key(&row.path));
        if new_feed || self.stale_lists || !decisions.names.is_empty() {
            printed.extend(revise::lists(&press, &self.names));
            self.stale_lists = false;
        }
        decisions.withdrawn = self.documents_to_withdraw(config);
        decisions.feeds =
            rows.into_iter().filter(|row| self.rows.get(&row.path) != Some(row)).collect();
        decisions.documents =
            printed.iter().map(|document| (document.path.clone(), document.stamp)).collect();
        course.turned.withdrawn = decisions.withdrawn.clone();
        course.turned.problems.extend(problems);
        course.turned.changed = printed;
        self.read_again(&unread, course);
        Ok(())
    }

    /// Articles that link to one which is read elsewhere now say so.
    fn follow_links(&self, ledger: &Ledger, course: &mut Course) -> Result<(), LedgerError> {
        if self.fresh {
            return Ok(());
        }
        for path in std::mem::take(&mut course.relinked) {
            for asked in internal::ways_to_ask(&path, &course.config.conventions) {
                for id in ledger.asking(&asked)? {
                    course.touched.extend(self.catalog.stands_in(&id).map(String::from));
                }
            }
        }
        Ok(())
    }

    /// The feeds that may be other than they were.
    fn feeds_to_print(&mut self, course: &Course) -> BTreeSet<String> {
        let mut paths = std::mem::take(&mut self.stale);
        let renamed = self.names.take_renamed();
        let feeds = self.catalog.feeds();
        paths.extend(
            feeds.filter(|path| renamed || !self.rows.contains_key(*path)).map(String::from),
        );
        paths.extend(course.touched.iter().chain(&course.shortened).cloned());
        paths.retain(|path| !course.config.feeds.is_retired(path));
        paths
    }

    /// Documents of feeds that are no more.
    fn documents_to_withdraw(&self, config: &Config) -> Vec<String> {
        let is_gone = |path: &&String| {
            Format::of(path).is_some_and(|(feed, _)| {
                !self.catalog.has_feed(feed) || config.feeds.is_retired(feed)
            })
        };
        self.stamps.keys().filter(is_gone).cloned().collect()
    }

    /// Makes the turn count.
    fn record(&mut self, ledger: &mut Ledger, course: &mut Course) -> Result<(), LedgerError> {
        let Course { decisions, turned, manner, kept, .. } = course;
        let make_ready = manner.make_ready;
        let differs = |document: &Printed| self.stamps.get(&document.path) != Some(&document.stamp);
        let changes = turned.changed.iter().any(differs) || !turned.withdrawn.is_empty();
        let decided = !decisions.is_empty() || changes || *kept;
        if self.fresh {
            let known = self.stamps.iter().map(|(path, stamp)| (path.clone(), *stamp));
            decisions.documents.splice(0..0, known);
        }
        let number = self.number + u64::from(changes);
        let mut meta = vec![
            ("edition", number.to_string()),
            ("prefix", self.prefix.clone()),
            ("printed_as", self.printed_as.clone()),
            (site_memory::KEY, self.site.clone()),
        ];
        meta.extend(decided.then(|| ("as_of", manner.now.to_string())));
        // What a damaged ledger lost is made up for, as far as it can be.
        meta.extend(self.is_salvaged().then(|| (SALVAGED, "no".into())));
        meta.retain(|(key, value)| self.remembered.get(*key) != Some(value));
        decisions.meta = meta;
        let (committed, ()) =
            rayon::join(|| ledger.commit(decisions), || make_ready(&mut turned.changed));
        committed?;
        self.number = number;
        turned.number = number;
        self.adopted.clear();
        self.to_come.clear();
        self.lost.clear();
        self.fresh = false;
        for (key, value) in decisions.meta.drain(..) {
            self.remembered.insert(key.to_string(), value);
        }
        self.stamps.extend(decisions.documents.drain(..));
        for path in &turned.withdrawn {
            self.stamps.remove(path);
        }
        for row in decisions.feeds.drain(..) {
            self.rows.insert(row.path.clone(), row);
        }
        Ok(())
    }
}
