//! Moving in: articles take over the ids and dates under which another program published them, so
//! that nobody sees an old one as new.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::begin::last_run;
use super::requests::Accepted;
use super::state::{State, prefix};
use super::{StartError, identify, rehearse, requests, require_content, scope};
use crate::config::Config;
use crate::content_dir::{ContentDir, Hint};
use crate::feed::Known;
use crate::feed::adopt::{self, Former, Match};
use crate::feed::id::{self, Adopted};
use crate::feed::packed::Packed;
use crate::feeds_dir::FeedsDir;
use crate::format::read::Published;
use crate::ledger::{Decisions, Ledger, LedgerError};

/// An article that takes over an entry's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub path: String,
    pub entry: Published,
    /// What told that they are the same.
    pub rule: String,
}

/// What became of the entries.
#[derive(Debug, Default)]
pub struct Plan {
    pub taken: Vec<Taken>,
    /// Entries without an article, and why.
    pub unmatched: Vec<(Published, String)>,
    /// Articles without an entry: readers will see them as new.
    pub new: Vec<String>,
    articles: Vec<Known>,
}

/// Matches entries to the articles that there are; nothing is changed.
pub fn plan(config: &Config, mut entries: Vec<Published>) -> Result<Plan, StartError> {
    let now = Timestamp::now();
    for entry in &mut entries {
        // What was published is not of the future, whatever its feed says.
        entry.published = entry.published.map(|date| date.min(now));
        entry.updated = entry.updated.map(|date| date.min(now));
    }
    let articles = articles(config)?;
    let listed: Vec<&Known> = articles.iter().collect();
    let formers: Vec<Former> = entries
        .iter()
        .map(|entry| Former {
            id: &entry.id,
            link: entry.link.as_deref(),
            title: &entry.title,
            published: entry.published,
        })
        .collect();
    let matches = adopt::matches(&formers, &listed);
    let mut plan = Plan::default();
    let mut ids: HashSet<String> = HashSet::new();
    let mut matched: HashSet<usize> = HashSet::new();
    for (entry, found) in entries.into_iter().zip(matches) {
        match found {
            Match::Is(at, rule) if ids.insert(entry.id.clone()) => {
                matched.insert(at);
                let path = articles[at].path.clone();
                plan.taken.push(Taken { path, entry, rule: rule.to_string() });
            }
            Match::Is(..) => {
                plan.unmatched.push((entry, "its id is an earlier entry's too".into()));
            }
            Match::None(reason) => plan.unmatched.push((entry, reason)),
        }
    }
    let rest = articles.iter().enumerate().filter(|(at, _)| !matched.contains(at));
    plan.new = rest.map(|(_, known)| known.path.clone()).collect();
    plan.articles = articles;
    Ok(plan)
}

/// The articles as they are read now, under the ids that the ledger has for them.
fn articles(config: &Config) -> Result<Vec<Known>, StartError> {
    let ledger = Ledger::open_read_only(&config.state_dir)?;
    require_content(config, &ledger)?;
    let mut memory = Ledger::in_memory()?;
    let last = last_run(&ledger, &FeedsDir::open_read_only(&config.feeds.dir)?)?;
    let (mut state, _) = State::load(config, &memory, last, Timestamp::now())?;
    state.keep_only(&HashSet::new());
    let mut content = ContentDir::for_one_look(&config.content.dir, scope(config));
    let look = content.scan(&Hint::All, true);
    rehearse(config, &mut state, &mut memory, &content, look, true)?;
    let known = ledger.live()?;
    let mut articles: Vec<Known> = state.catalog.articles().collect();
    for article in &mut articles {
        if let Some(before) = known.get(&article.path) {
            *article = Known { link: std::mem::take(&mut article.link), ..before.known() };
        }
    }
    articles.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(articles)
}

impl Plan {
    /// Writes the ids and dates to the ledger. What was published under other ids since is
    /// published again under these.
    pub fn carry_out(&self, config: &Config, ledger: &mut Ledger) -> Result<(), LedgerError> {
        let prefix = prefix(config, ledger)?;
        let fresh = ledger.is_empty()?;
        let Changes { mut decisions, .. } = take_over(&self.taken, ledger, &self.articles)?;
        if fresh {
            // Those that nobody knew keep the ids that they were just given.
            decisions.articles.extend(self.rest().iter().map(Packed::of));
        }
        decisions.meta.push(("prefix", prefix));
        ledger.commit(&decisions)
    }
}

impl Plan {
    /// Articles that are in none of the feeds. Many without a date are older than what the feeds
    /// show, and are dated before it: their files' times would show them as new.
    fn rest(&self) -> Vec<Known> {
        let taken: HashSet<&str> = self.taken.iter().map(|taken| taken.path.as_str()).collect();
        let rest = self.articles.iter().filter(|known| !taken.contains(known.path.as_str()));
        let mut rest: Vec<Known> = rest.cloned().collect();
        let oldest = self.taken.iter().filter_map(|taken| taken.entry.published).min();
        if let Some(oldest) = oldest {
            identify::date_strangers(oldest, rest.iter_mut());
        }
        rest
    }
}

/// What was left to be taken over.
pub struct Left {
    pub taken: usize,
    /// For articles that are still to be found.
    pub to_come: Vec<Adopted>,
    /// To be forgotten once those were looked for.
    pub requests: Accepted,
}

/// Carries out what was left for whoever holds the ledger.
pub fn take_up(config: &Config, ledger: &mut Ledger) -> Result<Left, LedgerError> {
    let (taken, requests) = requests::take_adoptions(&config.state_dir);
    let mut left = Left { taken: taken.len(), to_come: Vec::new(), requests };
    if !taken.is_empty() {
        let Changes { decisions, to_come } = take_over(&taken, ledger, &[])?;
        ledger.commit(&decisions)?;
        let prefix = prefix(config, ledger)?;
        left.to_come = to_come
            .into_iter()
            .map(|Taken { path, entry, .. }| Adopted {
                // Under the id that it would be given.
                link: id::mint(&prefix, path, |_| false),
                id: entry.id.clone(),
                published: entry.published,
                updated: entry.updated.or(entry.published),
            })
            .collect();
    }
    Ok(left)
}

struct Changes<'a> {
    decisions: Decisions,
    /// What is of articles that neither the ledger nor the look knows.
    to_come: Vec<&'a Taken>,
}

/// What must be written so that these articles have these ids; `articles` are as they were read.
fn take_over<'a>(
    taken: &'a [Taken],
    ledger: &Ledger,
    articles: &[Known],
) -> Result<Changes<'a>, LedgerError> {
    let mut decisions = Decisions::default();
    let mut to_come = Vec::new();
    let articles: HashMap<&str, &Known> =
        articles.iter().map(|known| (known.path.as_str(), known)).collect();
    let known = ledger.live()?;
    for one in taken {
        let Taken { path, entry, .. } = one;
        let live = known.get(path).map(Packed::known);
        let read = articles.get(path.as_str()).copied().cloned();
        let Some(known) = live.clone().or(read) else {
            to_come.push(one);
            continue;
        };
        let dated = known.head.published.is_some();
        let published = entry.published.filter(|_| !dated).unwrap_or(known.published);
        let updated = match known.head.updated {
            Some(own) => own,
            None => entry.updated.or(entry.published).unwrap_or(known.updated).max(published),
        };
        let holder = ledger.of_id(&entry.id)?;
        if holder.is_some_and(|holder| !holder.gone && holder.path != *path) {
            continue;
        }
        if let Some(live) = live.filter(|live| live.id != entry.id) {
            decisions.renamed.push(live.id);
        }
        let known = Known { id: entry.id.clone(), published, updated, ..known };
        decisions.articles.push(Packed::of(&known));
    }
    if !decisions.articles.is_empty() {
        // Every feed is to be made anew.
        decisions.meta.push(("printed_as", String::new()));
    }
    Ok(Changes { decisions, to_come })
}
