//! One turn: look, read, remember, fetch, revise. All mutable state is here, owned by one thread;
//! a turn is a function of it, of what was seen, of the time, and of a way to read files.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::identify::{self, Identified, Scene};
use super::reading::{self, Fresh, Heard, Read};
use super::revise::{self, Press, Proofs, Touched};
use super::state::{State, ground, printed_as_of};
use crate::article::{Change, Outcome, Problem};
use crate::config::Config;
use crate::content_dir::Look;
use crate::edition::{Rendered, Stamp};
use crate::feed::{By, Known};
use crate::ledger::{Decisions, Held, Ledger, LedgerError};

/// How a turn is to be taken.
pub struct Manner<'a> {
    pub now: Timestamp,
    pub read: Read<'a>,
    pub progress: &'a (dyn Fn() + Sync),
    /// How long a file must be missing before its article is taken out.
    pub patience: Duration,
    /// Held changes that are let through: all, or those of some paths.
    pub accepted: &'a dyn Fn(&str) -> bool,
}

impl Manner<'_> {
    /// Whether there is a file at a path; one that cannot be read is there.
    pub fn is_there(&self, path: &str) -> bool {
        !(self.read)(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    }

    /// Whether an article's file, or one with its content, is at its path.
    pub fn still_lies(&self, known: &Known) -> bool {
        match (self.read)(&known.path) {
            Ok((bytes, signature)) => {
                signature.same_file(&known.signature)
                    || *blake3::hash(&bytes).as_bytes() == known.hash
            }
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        }
    }
}

/// What a turn came to.
#[derive(Default)]
pub struct Turned {
    pub number: u64,
    pub changed: Vec<(Rendered, Stamp)>,
    pub withdrawn: Vec<String>,
    pub problems: Vec<Problem>,
    pub read: usize,
    /// Paths that were read without a problem.
    pub fine: Vec<String>,
    /// Paths to look at again, and when.
    pub again: Vec<(String, Duration)>,
    pub newly_held: Vec<Held>,
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
        let mut turned = Turned { problems: look.problems, ..Turned::default() };
        if look.alarm.is_some() && !self.adopted.is_empty() {
            // The ledger is lost and so is some of the content: what an earlier run left in the
            // feeds is the best there is, and stays until everything can be looked at.
            let edits = look.edits.into_iter();
            turned.again.extend(edits.map(|edit| (edit.path, Duration::from_secs(5))));
            turned.number = self.number;
            return Ok(turned);
        }
        let mut decisions = Decisions::default();
        let now = manner.now;
        for edit in look.edits.iter().filter(|edit| edit.change == Change::Removed) {
            if self.catalog.at_path(&edit.path).is_none() {
                // What was held is no more.
                decisions.released.extend(self.held.remove(&edit.path).map(|held| held.path));
            }
            self.miss(&edit.path, manner, &mut turned);
        }
        let files = self.read(config, &look.edits, manner, &mut turned);
        let mut identified = self.identify(config, ledger, &files, manner)?;
        turned.problems.extend(identified.problems.iter().cloned());
        let mut touched = HashSet::new();
        let mut shortened: HashSet<String> = std::mem::take(&mut self.ended).into_iter().collect();
        let window = |feed: &str| config.feeds.settings(feed).window.size();
        self.hold_flood(&mut identified, window("all"), manner, &mut decisions, &mut turned);
        self.file(identified, now, &window, &mut touched, &mut shortened, &mut decisions);
        if look.alarm.is_none() {
            if look.whole {
                self.release_settled(manner, &mut decisions);
            }
            let gone = self.take_missing(manner, &mut decisions, &mut turned);
            for path in gone {
                self.retire(&path, &window, &mut shortened, &mut decisions);
            }
            self.retire_displaced(manner, &window, &mut shortened, &mut decisions, &mut turned);
        }
        for known in self.catalog.take_due(now) {
            let ends = known.head.expires.is_some_and(|expires| expires <= now);
            let mut moved = HashSet::new();
            self.catalog.file(known, &mut self.names, now, &window, &mut moved);
            if ends {
                shortened.extend(moved.iter().cloned());
            }
            touched.extend(moved);
        }
        touched.extend(shortened.iter().cloned());
        self.print(config, ledger, touched, &shortened, manner, &mut decisions, &mut turned)?;
        self.record(config, ledger, decisions, now, &mut turned)?;
        Ok(turned)
    }

    // ── read ──────────────────────────────────────────────────────────────────────────────────

    fn read(
        &mut self,
        config: &Config,
        edits: &[crate::article::Edit],
        manner: &Manner,
        turned: &mut Turned,
    ) -> Vec<Fresh> {
        let catalog = &self.catalog;
        let heard = reading::heads(
            edits,
            &|path| catalog.at_path(path),
            &config.conventions,
            manner.read,
            manner.progress,
        );
        let mut files = Vec::new();
        for heard in heard {
            match heard {
                Heard::Fresh(mut fresh) => {
                    turned.read += 1;
                    turned.fine.extend((!fresh.troubled).then(|| fresh.path.clone()));
                    self.missing.remove(&fresh.path);
                    self.hear(&mut fresh, manner, turned);
                    let ignored = matches!(
                        fresh.reading.as_ref().map(|reading| &reading.outcome),
                        Some(Outcome::NoArticle)
                    );
                    if !ignored {
                        files.push(*fresh);
                    } else if self.catalog.at_path(&fresh.path).is_some() {
                        self.missing.insert(fresh.path.clone(), Timestamp::UNIX_EPOCH);
                    }
                }
                Heard::Later(path) => turned.again.push((path, Duration::from_millis(300))),
                Heard::Gone(path) => self.miss(&path, manner, turned),
                Heard::Failed(problem) => {
                    turned.again.push((problem.path.clone(), Duration::from_secs(10)));
                    turned.problems.push(problem);
                }
            }
        }
        files
    }

    /// A file is not there; its article goes if it still is not after a while.
    fn miss(&mut self, path: &str, manner: &Manner, turned: &mut Turned) {
        if self.catalog.at_path(path).is_none() || self.held.contains_key(path) {
            return;
        }
        self.missing.entry(path.to_string()).or_insert(manner.now);
        if !manner.patience.is_zero() {
            turned.again.push((path.to_string(), manner.patience));
        }
    }

    /// Passes on a file's problems, those of a half-written one only at the second look.
    fn hear(&mut self, fresh: &mut Fresh, manner: &Manner, turned: &mut Turned) {
        let Some(reading) = &mut fresh.reading else { return };
        let wait = match reading.outcome {
            Outcome::Empty => Duration::from_secs(10),
            Outcome::Unclosed => Duration::from_secs(60),
            _ => Duration::ZERO,
        };
        let problems = std::mem::take(&mut reading.problems);
        let wait_for = !wait.is_zero() && !manner.patience.is_zero();
        if wait_for && self.suspects.insert(fresh.path.clone()) {
            turned.again.push((fresh.path.clone(), wait));
            return;
        }
        if !wait_for {
            self.suspects.remove(&fresh.path);
        }
        turned.problems.extend(problems);
    }

    // ── remember ──────────────────────────────────────────────────────────────────────────────

    fn identify(
        &self,
        config: &Config,
        ledger: &Ledger,
        files: &[Fresh],
        manner: &Manner,
    ) -> Result<Identified, LedgerError> {
        if files.is_empty() {
            return Ok(Identified::default());
        }
        let vacated: BTreeSet<String> =
            self.missing.keys().cloned().chain(self.held_away()).collect();
        identify::identify(
            files,
            &Scene {
                ledger,
                catalog: &self.catalog,
                vacated: &vacated,
                displaced: &self.displaced,
                still_lies: &|known| manner.still_lies(known),
                adopted: &self.adopted,
                prefix: &self.prefix,
                fingerprint: &config.conventions.fingerprint(),
                ground: ground(config),
                now: manner.now,
            },
        )
    }

    fn file(
        &mut self,
        identified: Identified,
        now: Timestamp,
        window: &dyn Fn(&str) -> usize,
        touched: &mut HashSet<String>,
        shortened: &mut HashSet<String>,
        decisions: &mut Decisions,
    ) {
        // Names are given in byte order, so that a fresh ledger gives the same on any machine.
        let mut said: BTreeSet<(By, &String)> = BTreeSet::new();
        for known in &identified.articles {
            let head = &known.head;
            said.extend(head.categories.iter().map(|name| (By::Category, name)));
            said.extend(head.tags.iter().map(|name| (By::Tag, name)));
            said.extend(head.authors.iter().map(|person| (By::Author, &person.name)));
            said.extend(head.language.iter().map(|name| (By::Language, name)));
        }
        for (by, name) in said {
            self.names.terms(by, name);
        }
        let ids: HashSet<&str> =
            identified.articles.iter().map(|known| known.id.as_str()).collect();
        // An article whose place another one took over is gone.
        let displaced: Vec<String> = identified
            .articles
            .iter()
            .filter_map(|known| self.catalog.at_path(&known.path))
            .filter(|holder| !ids.contains(holder.id.as_str()))
            .map(|holder| holder.id.clone())
            .collect();
        self.displaced.extend(displaced.into_iter().map(|id| (id, now)));
        for known in identified.articles {
            self.displaced.remove(&known.id);
            // It came from a path that is missing: it moved, and is missed no more.
            if let Some(before) = self.catalog.get(&known.id)
                && before.path != known.path
            {
                self.missing.remove(&before.path);
                decisions.released.extend(self.held.remove(&before.path).map(|held| held.path));
            }
            if self.held.remove(&known.path).is_some() {
                decisions.released.push(known.path.clone());
            }
            let stood: BTreeSet<String> = self.catalog.stands_in(&known.id).cloned().collect();
            let mut moved = HashSet::new();
            self.catalog.file(known.clone(), &mut self.names, now, window, &mut moved);
            let stands: BTreeSet<String> = self.catalog.stands_in(&known.id).cloned().collect();
            let left = stood.difference(&stands).filter(|feed| moved.contains(*feed));
            shortened.extend(left.cloned());
            touched.extend(moved);
            decisions.articles.push(known);
        }
    }

    /// Articles that found no other place for a while are gone.
    fn retire_displaced(
        &mut self,
        manner: &Manner,
        window: &dyn Fn(&str) -> usize,
        shortened: &mut HashSet<String>,
        decisions: &mut Decisions,
        turned: &mut Turned,
    ) {
        let patience = SignedDuration::try_from(manner.patience).unwrap_or_default();
        let displaced = std::mem::take(&mut self.displaced);
        for (id, since) in displaced {
            if manner.now.duration_since(since) < patience {
                if since == manner.now {
                    let path = self.catalog.get(&id).map(|known| known.path.clone());
                    turned.again.extend(path.map(|path| (path, manner.patience)));
                }
                self.displaced.insert(id, since);
            } else if let Some(known) = self.catalog.remove(&id, window, shortened) {
                decisions.articles.push(Known { gone: true, ..known });
            }
        }
    }

    fn retire(
        &mut self,
        path: &str,
        window: &dyn Fn(&str) -> usize,
        shortened: &mut HashSet<String>,
        decisions: &mut Decisions,
    ) {
        let Some(id) = self.catalog.at_path(path).map(|known| known.id.clone()) else { return };
        if let Some(known) = self.catalog.remove(&id, window, shortened) {
            decisions.articles.push(Known { gone: true, ..known });
        }
    }

    // ── fetch, revise ─────────────────────────────────────────────────────────────────────────

    #[allow(clippy::too_many_arguments)]
    fn print(
        &mut self,
        config: &Config,
        ledger: &Ledger,
        touched: HashSet<String>,
        shortened: &HashSet<String>,
        manner: &Manner,
        decisions: &mut Decisions,
        turned: &mut Turned,
    ) -> Result<(), LedgerError> {
        let gone = |path: &str| config.feeds.is_retired(path);
        let mut paths: BTreeSet<String> = std::mem::take(&mut self.stale);
        if self.names.take_renamed() {
            paths.extend(self.catalog.feeds().map(|(path, _)| path.to_string()));
        }
        paths.extend(touched);
        paths.extend(
            self.catalog
                .feeds()
                .filter(|(path, _)| !self.rows.contains_key(*path))
                .map(|(path, _)| path.to_string()),
        );
        paths.retain(|path| !gone(path));
        let press = Press {
            site: &config.site,
            feeds: &config.feeds,
            conventions: &config.conventions,
            catalog: &self.catalog,
            prefix: &self.prefix,
            now: manner.now,
        };
        let shortened: BTreeSet<String> = shortened.iter().cloned().collect();
        let touched =
            Touched { paths: &paths, shortened: &shortened, rows: &self.rows, lost: &self.lost };
        let Proofs { mut rendered, rows, bodies, problems } =
            revise::revise(&press, &touched, &mut self.names, &self.stamps, ledger, manner.read)?;
        decisions.names = self.names.take_new();
        let new_feed = rows.iter().any(|row| !self.rows.contains_key(&row.path));
        if new_feed || self.stale_lists || !decisions.names.is_empty() {
            rendered.extend(revise::lists(&press, &self.names, &self.stamps, &self.lost));
            self.stale_lists = false;
        }
        let listed: HashSet<&str> = self.catalog.feeds().map(|(path, _)| path).collect();
        turned.withdrawn = self
            .stamps
            .keys()
            .filter(|path| {
                let feed = path.rsplit_once('.').map_or(path.as_str(), |(feed, _)| feed);
                !matches!(path.as_str(), "feeds.opml" | "index.html")
                    && (!listed.contains(feed) || gone(feed))
            })
            .cloned()
            .collect();
        decisions.feeds =
            rows.into_iter().filter(|row| self.rows.get(&row.path) != Some(row)).collect();
        decisions.bodies = bodies;
        decisions.documents =
            rendered.iter().map(|(document, stamp)| (document.path.clone(), *stamp)).collect();
        decisions.withdrawn = turned.withdrawn.clone();
        turned.problems.extend(problems);
        turned.changed = rendered;
        Ok(())
    }

    /// Makes the turn count.
    fn record(
        &mut self,
        config: &Config,
        ledger: &mut Ledger,
        mut decisions: Decisions,
        now: Timestamp,
        turned: &mut Turned,
    ) -> Result<(), LedgerError> {
        let differs =
            |(document, stamp): &(Rendered, Stamp)| self.stamps.get(&document.path) != Some(stamp);
        let changes = turned.changed.iter().any(differs) || !turned.withdrawn.is_empty();
        if !decisions.is_empty() || changes {
            decisions.meta.push(("as_of", now.to_string()));
        }
        if self.fresh {
            let kept = self.stamps.iter().map(|(path, stamp)| (path.clone(), *stamp));
            decisions.documents.splice(0..0, kept);
        }
        let number = if changes { self.number + 1 } else { self.number };
        let printed_as = printed_as_of(config);
        for (key, value) in [
            ("edition", number.to_string()),
            ("prefix", self.prefix.clone()),
            ("printed_as", printed_as),
        ] {
            if ledger.meta(key)?.as_deref() != Some(value.as_str()) {
                decisions.meta.push((key, value));
            }
        }
        ledger.commit(&decisions)?;
        self.number = number;
        turned.number = number;
        self.adopted.clear();
        self.lost.clear();
        self.fresh = false;
        for (path, stamp) in decisions.documents {
            self.stamps.insert(path, stamp);
        }
        for path in &turned.withdrawn {
            self.stamps.remove(path);
        }
        for row in decisions.feeds {
            self.rows.insert(row.path.clone(), row);
        }
        Ok(())
    }
}
