//! The verbs *fetch* and *revise*: touched feeds → their entries' bodies → rendered documents.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use rayon::prelude::*;

use super::reading::{self, Read};
use super::turn::Printed;
use crate::article::{Body, Conventions, Hash, Problem};
use crate::config::Feeds;
use crate::edition::{Kept, Stamp};
use crate::feed::catalog::{self, Catalog};
use crate::feed::names::Names;
use crate::feed::{By, Entry, Feed, Known, Site, Term};
use crate::format::{self, FORMATS, Format, index, opml, xml};
use crate::ledger::{FeedRow, Ledger, LedgerError};

/// What feeds are made from.
pub struct Press<'a> {
    pub site: &'a Site,
    pub feeds: &'a Feeds,
    pub conventions: &'a Conventions,
    pub catalog: &'a Catalog,
    pub prefix: &'a str,
    /// Of the documents as they were.
    pub stamps: &'a BTreeMap<String, Stamp>,
    /// Documents to be printed though they are as they were.
    pub lost: &'a BTreeSet<String>,
    pub now: Timestamp,
    pub stage: &'a (dyn Fn(&str, Vec<u8>) -> Kept + Sync),
}

/// Touched feeds with what they were before.
pub struct Touched<'a> {
    pub paths: &'a BTreeSet<String>,
    /// Those that lost an entry.
    pub shortened: &'a BTreeSet<String>,
    pub rows: &'a BTreeMap<String, FeedRow>,
}

/// Bodies that were shown of late: the next edit shows most of them again.
#[derive(Default)]
pub struct Recent {
    bodies: HashMap<Hash, Arc<Body>>,
    size: usize,
}

impl Recent {
    const MOST: usize = 8 * 1024 * 1024;
    /// Feeds whose bodies are kept; of an archive, none is shown again soon.
    const FEEDS: usize = 8;

    /// Forgets those that the ledger keeps no more.
    pub fn keep_only(&mut self, in_use: &HashMap<Hash, Hash>) {
        self.bodies.retain(|key, _| in_use.contains_key(key));
    }

    fn keep(&mut self, bodies: &HashMap<Hash, Arc<Body>>) {
        for (key, body) in bodies {
            if self.bodies.insert(*key, body.clone()).is_none() {
                self.size += body.html.len() + body.summary.len() + 200;
            }
        }
        if self.size > Recent::MOST {
            *self = Recent::default();
        }
    }
}

#[derive(Default)]
pub struct Proofs {
    pub printed: Vec<Printed>,
    pub rows: Vec<FeedRow>,
    pub problems: Vec<Problem>,
}

/// Feeds rendered together, so that the bodies of a whole archive are never in memory at once.
const BATCH: usize = 16;

pub fn revise(
    press: &Press,
    touched: &Touched,
    names: &mut Names,
    recent: &mut Recent,
    ledger: &Ledger,
    read: Read,
) -> Result<Proofs, LedgerError> {
    let mut proofs = Proofs::default();
    let paths: Vec<&String> = touched.paths.iter().collect();
    for batch in paths.chunks(BATCH) {
        let windows: Vec<(&str, Vec<Known>)> = batch
            .iter()
            .map(|path| {
                let size = press.feeds.settings(path).window.size();
                (path.as_str(), press.catalog.window(path, size))
            })
            .collect();
        let bodies = fetch(&windows, press, recent, ledger, read, &mut proofs)?;
        if paths.len() <= Recent::FEEDS {
            recent.keep(&bodies);
        }
        let mut terms_of = |window: &[Known]| -> Vec<Vec<Term>> {
            window.iter().map(|known| catalog::terms(&known.head, names)).collect()
        };
        let terms: Vec<Vec<Vec<Term>>> =
            windows.iter().map(|(_, window)| terms_of(window)).collect();
        let names = &*names;
        let feeds: Vec<Feed> = windows
            .par_iter()
            .zip(terms)
            .map(|((path, window), terms)| {
                compose(path, window.iter().zip(terms), &bodies, press, names, touched)
            })
            .collect();
        proofs.rows.extend(feeds.iter().map(|feed| FeedRow {
            path: feed.path.clone(),
            id: feed.id.clone(),
            updated: feed.updated.timestamp(),
        }));
        let sheets: Vec<(&Feed, Format)> =
            feeds.iter().flat_map(|feed| FORMATS.map(|format| (feed, format))).collect();
        let printed = sheets.par_iter().filter_map(|(feed, format)| {
            print(format.path(feed), format.render(feed, press.site), press)
        });
        proofs.printed.extend(printed.collect::<Vec<_>>());
    }
    Ok(proofs)
}

/// Leaves out what is byte for byte as it was.
fn print(path: String, bytes: Vec<u8>, press: &Press) -> Option<Printed> {
    let before = press.stamps.get(&path);
    let stamp = Stamp::of(&bytes, before, press.now.as_second());
    if before == Some(&stamp) && !press.lost.contains(&path) {
        return None;
    }
    let kept = (press.stage)(&path, bytes);
    Some(Printed { path, stamp, kept })
}

/// The list of all feeds, for OPML and for people.
pub fn lists(press: &Press, names: &Names) -> Vec<Printed> {
    let outlines: Vec<opml::Outline> = press
        .catalog
        .feeds()
        .filter(|path| !press.feeds.is_retired(path))
        .map(|path| opml::Outline {
            path: path.to_string(),
            title: title(path, press, names),
            language: language(path, press),
        })
        .collect();
    let documents = [
        (format::OPML, opml::render(&outlines, press.site)),
        (format::INDEX, index::render(&outlines, press.site)),
    ];
    documents.into_iter().filter_map(|(path, bytes)| print(path.into(), bytes, press)).collect()
}

/// The bodies of some windows: from the ledger, else from their files.
fn fetch(
    windows: &[(&str, Vec<Known>)],
    press: &Press,
    recent: &Recent,
    ledger: &Ledger,
    read: Read,
    proofs: &mut Proofs,
) -> Result<HashMap<Hash, Arc<Body>>, LedgerError> {
    let reader = reader(press.conventions);
    let links = |path: &str| press.catalog.at_path(path).map(|known| known.link);
    let mut bodies = HashMap::new();
    let mut wanted: BTreeMap<Hash, &Known> = BTreeMap::new();
    for known in windows.iter().flat_map(|(_, window)| window) {
        let key = known.body_key(&reader);
        if bodies.contains_key(&key) || wanted.contains_key(&key) {
            continue;
        }
        let kept = match recent.bodies.get(&key) {
            Some(body) => Some(body.clone()),
            None => ledger.body(&key)?.map(Arc::new),
        };
        if let Some(body) = kept.filter(|body| body.leads_as(&links)) {
            bodies.insert(key, body);
        } else {
            wanted.insert(key, known);
        }
    }
    let read_now: Vec<_> = wanted
        .par_iter()
        .map(|(key, known)| {
            let body = reading::body(known, press.conventions, &links, read);
            (*key, *known, body)
        })
        .collect();
    for (key, known, body) in read_now {
        if let Some((body, problems)) = body {
            proofs.problems.extend(problems);
            ledger.keep_body(&key, &known.good, &known.id, &body)?;
            bodies.insert(key, Arc::new(body));
        } else if let Some(last) = ledger.last_body(&known.good)? {
            // Broken or away: as it was last, if under other settings.
            bodies.insert(key, Arc::new(last));
        }
    }
    Ok(bodies)
}

/// What besides the file and the link shapes a body.
pub fn reader(conventions: &Conventions) -> String {
    format!("{} {:?}", conventions.fingerprint(), conventions.summary)
}

fn compose<'a>(
    path: &str,
    entries: impl Iterator<Item = (&'a Known, Vec<Term>)>,
    bodies: &HashMap<Hash, Arc<Body>>,
    press: &Press,
    names: &Names,
    touched: &Touched,
) -> Feed {
    let settings = press.feeds.settings(path);
    let reader = reader(press.conventions);
    // An entry whose body cannot be had is left out rather than shown empty: its file is changing
    // at this moment, and the next turn has it.
    let entries: Vec<Entry> = entries
        .filter_map(|(known, terms)| {
            let body = bodies.get(&known.body_key(&reader))?;
            Some(Entry::new(known, body, &terms, press.site, settings.full_text))
        })
        .collect();
    let row = touched.rows.get(path);
    let newest = entries.iter().map(|entry| entry.updated.timestamp()).max();
    let removal = touched.shortened.contains(path).then_some(press.now);
    let updated = [row.map(|row| row.updated), newest, removal].into_iter().flatten().max();
    let title = title(path, press, names);
    let mut feed = Feed {
        id: row.map_or_else(|| format!("{}feed:{}", press.prefix, path), |row| row.id.clone()),
        path: path.to_string(),
        description: settings.description.clone().unwrap_or_else(|| {
            if path == "all" { press.site.description.clone() } else { title.clone() }
        }),
        title,
        language: language(path, press),
        updated: updated.unwrap_or_default().to_zoned_datetime(press.site.timezone.clone()),
        entries,
    };
    if let Some(max_bytes) = settings.max_bytes {
        feed.cut_to(max_bytes);
    }
    xml::clean(&mut feed);
    feed
}

fn title(path: &str, press: &Press, names: &Names) -> String {
    let settings = press.feeds.settings(path);
    if let Some(title) = &settings.title {
        return title.clone();
    }
    let shown = path.split_once('/').and_then(|(kind, rest)| names.shown(By::named(kind)?, rest));
    match shown {
        Some(name) => format!("{name} – {}", press.site.title),
        None if path == "all" => press.site.title.clone(),
        None => format!("{path} – {}", press.site.title),
    }
}

fn language(path: &str, press: &Press) -> Option<String> {
    press.feeds.settings(path).language.clone().or_else(|| press.site.language.clone())
}
