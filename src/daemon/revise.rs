//! The verb *revise*: touched feeds and their entries' bodies → rendered documents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rayon::prelude::*;

use super::fetch::{self, Bodies, Files, Recent, Tried, Wanted};
use super::reading::Read;
use super::turn::Printed;
use crate::article::{Body, Conventions, Hash, Problem};
use crate::config::Feeds;
use crate::edition::{Kept, Stamp};
use crate::feed::catalog::{self, Catalog};
use crate::feed::names::Names;
use crate::feed::{By, Entry, Feed, Known, Site, Term};
use crate::format::{self, FORMATS, index, opml, xml};
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
    pub stage: &'a (dyn Fn(&str, &[u8]) -> Kept + Sync),
}

/// Touched feeds with what they were before.
pub struct Touched<'a> {
    pub paths: &'a BTreeSet<String>,
    /// Those that lost an entry.
    pub shortened: &'a BTreeSet<String>,
    pub rows: &'a BTreeMap<String, FeedRow>,
}

#[derive(Default)]
pub struct Proofs {
    pub printed: Vec<Printed>,
    pub rows: Vec<FeedRow>,
    pub problems: Vec<Problem>,
    /// Ids of entries that are left out for now.
    pub unread: BTreeSet<String>,
}

/// Feeds rendered together, so that the bodies of a whole archive are never in memory at once.
const BATCH: usize = 8;

pub fn revise(
    press: &Press,
    touched: &Touched,
    names: &mut Names,
    recent: &mut Recent,
    ledger: &Ledger,
    read: Read,
) -> Result<Proofs, LedgerError> {
    let mut proofs = Proofs::default();
    let sheets = Sheets::default();
    let paths: Vec<&str> = touched.paths.iter().map(String::as_str).collect();
    let (conventions, catalog) = (press.conventions, press.catalog);
    let files = Files { conventions, catalog, read, reader: &fetch::reader(conventions) };
    let mut batches = paths.chunks(BATCH);
    let mut next = Shown::of(batches.next(), press, &|key| recent.get(key), &files, ledger)?;
    next.iter_mut().for_each(|shown| shown.read(&files));
    while let Some(Shown { windows, mut bodies, tried }) = next {
        let (made, problems) = fetch::add(tried, &mut bodies, ledger)?;
        proofs.problems.extend(problems);
        let shown = windows.iter().flat_map(|(_, window)| window);
        let unread = shown.filter(|wanted| !bodies.contains_key(&wanted.key));
        proofs.unread.extend(unread.map(|wanted| wanted.known.id.clone()));
        if paths.len() <= Recent::FEW {
            recent.keep(&bodies);
        }
        let mut terms_of = |(_, window): &(&str, Vec<Wanted>)| -> Vec<Vec<Term>> {
            window.iter().map(|wanted| catalog::terms(&wanted.known.head, names)).collect()
        };
        let terms: Vec<_> = windows.iter().map(&mut terms_of).collect();
        let (names, bodies, recent) = (&*names, &bodies, &*recent);
        let print_all = || -> Vec<(FeedRow, Vec<Printed>)> {
            let printed = windows.par_iter().zip(terms).map(|((path, window), terms)| {
                // An entry whose body cannot be had is left out rather than shown empty: it came into
                // the window by itself while its file was changed or taken away.
                let entries = window.iter().zip(terms).filter_map(|(wanted, terms)| {
                    Some((&wanted.known, terms, &**bodies.get(&wanted.key)?))
                });
                print_feed(&compose(path, entries, press, names, touched), press, &sheets)
            });
            printed.collect()
        };
        // While the others print, and read what comes next, the ledger looks up and keeps: it is one
        // thread's.
        let (mut done, mut upcoming) = (Vec::new(), None);
        let (into, slot, batch) = (&mut done, &mut upcoming, batches.next());
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| *into = print_all());
            let in_memory = |key: &Hash| bodies.get(key).cloned().or_else(|| recent.get(key));
            *slot = Shown::of(batch, press, &in_memory, &files, ledger)?;
            if let Some(shown) = slot {
                scope.spawn(|_| shown.read(&files));
            }
            fetch::keep(&made, ledger)
        })?;
        next = upcoming;
        for (row, printed) in done {
            proofs.rows.push(row);
            proofs.printed.extend(printed);
        }
    }
    Ok(proofs)
}

fn print_feed(feed: &Feed, press: &Press, sheets: &Sheets) -> (FeedRow, Vec<Printed>) {
    let printed = FORMATS.par_iter().filter_map(|format| {
        sheets.with(|sheet| {
            format.render(feed, press.site, sheet);
            print(format.path(feed), sheet, press)
        })
    });
    let updated = feed.updated.timestamp();
    let row = FeedRow { path: feed.path.clone(), id: feed.id.clone(), updated };
    (row, printed.collect())
}

/// What feeds show, with its bodies.
struct Shown<'a> {
    windows: Vec<(&'a str, Vec<Wanted>)>,
    /// Those that are at hand, and what the files of the others gave.
    bodies: Bodies,
    tried: Vec<Tried>,
}

impl<'a> Shown<'a> {
    fn of(
        paths: Option<&[&'a str]>,
        press: &Press,
        in_memory: &dyn Fn(&Hash) -> Option<Arc<Body>>,
        files: &Files,
        ledger: &Ledger,
    ) -> Result<Option<Shown<'a>>, LedgerError> {
        let Some(paths) = paths else { return Ok(None) };
        let window = |path: &&'a str| {
            let size = press.feeds.settings(path).window.size();
            let window = press.catalog.window(path, size).into_iter();
            (*path, window.map(|known| files.want(known)).collect())
        };
        let windows: Vec<(&str, Vec<Wanted>)> = paths.iter().map(window).collect();
        let shown = windows.iter().flat_map(|(_, window)| window);
        let bodies = fetch::at_hand(shown, in_memory, files, ledger)?;
        Ok(Some(Shown { windows, bodies, tried: Vec::new() }))
    }

    /// Reads the bodies that are not at hand.
    fn read(&mut self, files: &Files) {
        let shown = self.windows.iter().flat_map(|(_, window)| window);
        self.tried = files.read(shown, &self.bodies);
    }
}

/// Memory for documents, used again for the next: what is new to a process is slow to write to.
#[derive(Default)]
struct Sheets(Mutex<Vec<Vec<u8>>>);

impl Sheets {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sheet = lock().pop().unwrap_or_default();
        sheet.clear();
        let done = work(&mut sheet);
        lock().push(sheet);
        done
    }
}

/// Leaves out what is byte for byte as it was.
fn print(path: String, bytes: &[u8], press: &Press) -> Option<Printed> {
    let before = press.stamps.get(&path);
    let stamp = Stamp::of(bytes, before, press.now.as_second());
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
    documents.into_iter().filter_map(|(path, bytes)| print(path.into(), &bytes, press)).collect()
}

fn compose<'a>(
    path: &str,
    entries: impl Iterator<Item = (&'a Known, Vec<Term>, &'a Body)>,
    press: &Press,
    names: &Names,
    touched: &Touched,
) -> Feed {
    let settings = press.feeds.settings(path);
    let full = settings.full_text;
    let entry = |(known, terms, body): (&Known, Vec<Term>, &Body)| {
        Entry::new(known, body, &terms, press.site, full)
    };
    let entries: Vec<Entry> = entries.map(entry).collect();
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
