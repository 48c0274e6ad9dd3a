//! All that changes, owned by the one thread that takes turns.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::turn::windows;
use super::{fetch, inherit, site_memory};
use crate::article::Hash;
use crate::config::{self, Config};
use crate::content_dir::Seen;
use crate::edition::Stamp;
use crate::feed::catalog::{Catalog, Moves, Refill};
use crate::feed::id::Adopted;
use crate::feed::names::Names;
use crate::feed::packed::Packed;
use crate::feed::settle::{self, Ground};
use crate::feed::{By, Known};
use crate::format::Format;
use crate::ledger::{FeedRow, Held, Ledger, LedgerError, SALVAGED};

pub struct State {
    pub catalog: Catalog,
    pub stamps: BTreeMap<String, Stamp>,
    pub number: u64,
    /// Paths that are missing, since when.
    pub missing: BTreeMap<String, Timestamp>,
    /// Articles whose path another one took over, by id, since when: while files change places
    /// one of them is without a path for a moment.
    pub(super) displaced: BTreeMap<String, Timestamp>,
    /// Folder files that are missing, since when.
    pub(super) awaited: BTreeMap<String, Timestamp>,
    pub held: BTreeMap<String, Held>,
    pub(super) names: Names,
    pub(super) rows: BTreeMap<String, FeedRow>,
    pub(super) prefix: String,
    /// The settings that shape documents, in short.
    pub(super) printed_as: String,
    /// What the generator's own files are.
    pub(super) site: String,
    /// What the ledger knows of the whole: edition, prefix, settings, time of the last turn.
    pub(super) remembered: BTreeMap<String, String>,
    /// Feeds to be rendered whatever happens to their articles.
    pub(super) stale: BTreeSet<String>,
    pub(super) stale_lists: bool,
    /// Documents whose files are damaged: to be made good with the bytes that they had.
    pub(super) lost: BTreeSet<String>,
    /// Feeds that lost an entry while nobody looked.
    pub(super) ended: BTreeSet<String>,
    /// Nothing was ever remembered.
    pub(super) fresh: bool,
    /// Entries of a run whose ledger is lost.
    pub(super) adopted: Vec<Adopted>,
    /// Ids that articles take over as soon as they are found.
    pub(super) to_come: Vec<Adopted>,
    /// What articles have from their folders is still to be held against what they had.
    pub(super) heirs_unchecked: bool,
    /// Bodies that were shown of late.
    pub(super) recent: fetch::Recent,
    /// New files that may be the new place of an article that still lies elsewhere, and since when
    /// they wait.
    pub(super) copies: BTreeMap<String, Timestamp>,
    /// Files that took a known one's place under another title, and since when they wait.
    pub(super) usurpers: BTreeMap<String, Timestamp>,
    /// Files that looked half-written: reported only if they still do at the next look.
    pub(super) suspects: HashSet<String>,
}

/// What an earlier run saw of the files, by path.
pub type SeenFiles = Vec<(Box<str>, Seen)>;

/// What the start of a run finds in `feeds/`.
#[derive(Default)]
pub struct LastRun {
    /// What a run whose ledger is lost had published.
    pub edition: u64,
    pub adopted: Vec<Adopted>,
    pub stamps: BTreeMap<String, Stamp>,
}

impl State {
    /// Takes up what the ledger knows. Returns also what an earlier run saw of the files, as far
    /// as it need not be read again. The documents are taken to be there: `keep_only` says which.
    pub fn load(
        config: &Config,
        ledger: &Ledger,
        last: LastRun,
        now: Timestamp,
    ) -> Result<(State, SeenFiles), LedgerError> {
        let prefix = prefix(config, ledger)?;
        let feeds = &config.feeds;
        let wanted = |path: &str| {
            !feeds.is_retired(path)
                && path.split_once('/').is_none_or(|(kind, _)| {
                    By::named(kind).is_some_and(|by| feeds.plan.by.contains(&by))
                })
                && (path.contains('/')
                    || path == "all"
                    || feeds.plan.rules.iter().any(|rule| rule.name == path))
        };
        let rows: BTreeMap<String, FeedRow> =
            ledger.feeds()?.into_iter().map(|row| (row.path.clone(), row)).collect();
        // A feed that was published once stays, even if its ledger is lost.
        let printed = last.stamps.keys().filter_map(|path| path.strip_suffix(".atom"));
        let kept = rows.keys().map(String::as_str).chain(printed);
        let kept: BTreeSet<String> = kept.filter(|path| wanted(path)).map(String::from).collect();
        let fresh = ledger.is_empty()?;
        let wanting = fresh || ledger.is_salvaged()?;
        let remembered = ledger.all_meta()?;
        let mut state = State {
            catalog: Catalog::new(feeds.plan.clone(), kept),
            stamps: ledger.documents()?.into_iter().collect(),
            number: remembered.get("edition").and_then(|n| n.parse().ok()).unwrap_or(0),
            missing: BTreeMap::new(),
            displaced: BTreeMap::new(),
            awaited: BTreeMap::new(),
            held: ledger.held()?.into_iter().map(|held| (held.path.clone(), held)).collect(),
            names: Names::restore(ledger.names()?),
            rows,
            prefix,
            printed_as: printed_as_of(config),
            site: site_memory::remember(config),
            remembered,
            stale: BTreeSet::new(),
            stale_lists: false,
            lost: BTreeSet::new(),
            ended: BTreeSet::new(),
            fresh,
            adopted: if wanting { last.adopted } else { Vec::new() },
            to_come: Vec::new(),
            recent: fetch::Recent::default(),
            copies: BTreeMap::new(),
            usurpers: BTreeMap::new(),
            suspects: HashSet::new(),
            heirs_unchecked: !config.conventions.flavour.folder_files.is_empty(),
        };
        if wanting {
            state.number = state.number.max(last.edition);
            for (path, stamp) in last.stamps {
                state.stamps.entry(path).or_insert(stamp);
            }
        }
        let as_of = state.remembered.get("as_of");
        let then = as_of.and_then(|at| at.parse().ok()).unwrap_or(now);
        let seen = state.restore(config, ledger, then, now)?;
        if state.remembered.get("printed_as") != Some(&state.printed_as) {
            state.stale = state.catalog.feeds().map(String::from).collect();
            state.stale_lists = true;
        }
        Ok((state, seen))
    }

    /// Files what the ledger knows.
    fn restore(
        &mut self,
        config: &Config,
        ledger: &Ledger,
        then: Timestamp,
        now: Timestamp,
    ) -> Result<SeenFiles, LedgerError> {
        let ground = ground(config);
        let fingerprint = config.conventions.fingerprint();
        // Addresses follow from settings that are part of how documents are printed.
        let moved = self.remembered.get("printed_as") != Some(&self.printed_as);
        let (mut seen, mut comers) = (Vec::new(), Vec::new());
        let names = &mut self.names;
        let mut refill = Refill::new(&mut self.catalog);
        ledger.each_live(|some| {
            for (mut packed, mut known) in some {
                if moved {
                    known.link =
                        settle::address(&known.path, &known.head, known.published, &ground);
                    packed = Packed::of(&known);
                }
                refill.take(&known, packed, names, now);
                // Entries whose hour came, or ended, while nobody was there to see it.
                let (was_public, is_public) = (known.is_public(then), known.is_public(now));
                if was_public != is_public {
                    comers.push((known.head.clone(), was_public));
                }
                seen.push((known.path.as_str().into(), to_be_seen(&known, &fingerprint)));
            }
        })?;
        let displaced = refill.end().into_iter();
        self.displaced.extend(displaced.map(|id| (id, Timestamp::UNIX_EPOCH)));
        for (head, was_public) in comers {
            let feeds = self.catalog.feeds_for(&head, &mut self.names);
            self.stale.extend(feeds.iter().cloned());
            if was_public {
                self.ended.extend(feeds);
            }
        }
        Ok(seen)
    }

    /// Gives names anew to what was filed some files at a time: of names that share a slug the
    /// first in the order of bytes has it, wherever it was met first.
    pub(super) fn name_anew(&mut self, config: &Config, now: Timestamp) -> Moves {
        let feeds = &config.feeds;
        let printed = self.stamps.keys().filter_map(|path| path.strip_suffix(".atom"));
        let printed = printed.filter(|path| !feeds.is_retired(path)).map(String::from);
        let catalog = Catalog::new(feeds.plan.clone(), printed);
        let former = std::mem::replace(&mut self.catalog, catalog);
        let mut said: BTreeSet<(By, String)> = BTreeSet::new();
        for known in former.articles() {
            said.extend(known.head.names().map(|(by, name)| (by, name.to_string())));
        }
        self.names = Names::default();
        for (by, name) in &said {
            self.names.terms(*by, name);
        }
        let mut moves = Moves::default();
        let window = windows(config);
        for known in former.articles() {
            let (names, packed) = (&mut self.names, Packed::of(&known));
            self.catalog.file(&known, packed, names, now, &window, &mut moves);
        }
        moves
    }

    /// Of the documents that there were, only these are as the last run left them.
    pub fn keep_only(&mut self, intact: &HashSet<String>) {
        let is_lost = |path: &&String| !intact.contains(*path);
        let lost: Vec<String> = self.stamps.keys().filter(is_lost).cloned().collect();
        self.lose(lost);
    }

    /// The bytes of these documents are lost: they are to be printed again.
    pub fn lose(&mut self, paths: impl IntoIterator<Item = String>) {
        for path in paths {
            match Format::of(&path) {
                Some((feed, _)) if self.catalog.has_feed(feed) => {
                    self.stale.insert(feed.to_string());
                }
                Some(_) => {}
                None => self.stale_lists = true,
            }
            self.lost.insert(path);
        }
    }

    /// Nothing was ever remembered.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// The ledger lost rows, and no turn was recorded since.
    pub(super) fn is_salvaged(&self) -> bool {
        self.remembered.get(SALVAGED).is_some_and(|said| said == "yes")
    }

    pub fn next_due(&self) -> Option<Timestamp> {
        self.catalog.next_due()
    }

    /// The bodies that some window shows: what the ledger must keep.
    pub fn bodies_in_use(&self, config: &Config) -> HashMap<Hash, Hash> {
        let reader = fetch::reader(&config.conventions);
        let mut keys = HashMap::new();
        for feed in self.catalog.feeds() {
            let size = config.feeds.settings(feed).window.size();
            let window = self.catalog.window(feed, size);
            keys.extend(window.iter().map(|known| (known.body_key(&reader), known.good)));
        }
        keys
    }

    /// Names of feeds that had to be told apart by a number, with their slugs.
    pub fn numbered_names(&self, config: &Config) -> Vec<(String, String)> {
        let published = self.names.numbered().filter(|(by, ..)| config.feeds.plan.by.contains(by));
        published.map(|(_, name, slug)| (name.to_string(), slug.to_string())).collect()
    }
}

/// What an earlier run saw of a file that need not be read again.
fn to_be_seen(known: &Known, fingerprint: &str) -> Seen {
    let good = inherit::is_of(&known.fingerprint, fingerprint) && !known.troubled;
    if good { Seen::of(&known.signature) } else { Seen::NEVER }
}

pub(super) fn ground(config: &Config) -> Ground<'_> {
    Ground {
        conventions: &config.conventions,
        permalink: config.content.permalink.as_deref(),
        base: &config.site.url,
    }
}

/// Of ids: as pinned at the first publication, else as the config has it.
pub(super) fn prefix(config: &Config, ledger: &Ledger) -> Result<String, LedgerError> {
    let pinned = ledger.meta("prefix")?.or_else(|| config.id_prefix.clone());
    Ok(pinned.unwrap_or_else(|| config::default_prefix(&config.site.url)))
}

/// Changes whenever the same articles could make other feeds.
fn printed_as_of(config: &Config) -> String {
    let feeds = &config.feeds;
    let mut named: Vec<_> = feeds.named.iter().collect();
    named.sort_by_key(|(path, _)| *path);
    let said = format!(
        "1 {:?} {:?} {} {:?} {:?} {named:?} {:?} {:?}",
        config.site,
        config.content.permalink,
        fetch::reader(&config.conventions),
        feeds.plan,
        feeds.defaults,
        feeds.gone,
        feeds.moved,
    );
    blake3::hash(said.as_bytes()).to_hex().to_string()
}
