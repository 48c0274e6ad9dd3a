//! The verb *read*: files → heads, on all cores.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use rayon::prelude::*;

use super::inherit::Inheritance;
use crate::article::{
    self, Body, Change, Conventions, Edit, Folder, Hash, Links, Outcome, Problem, Reading,
    Signature, Source, faults,
};
use crate::feed::catalog::Catalog;
use crate::feed::packed::Packed;
use crate::feed::{Known, id, settle};

/// How a file's bytes are had: its path in, its bytes and their signature out.
pub type Read<'a> = &'a (dyn Fn(&str) -> io::Result<(Vec<u8>, Signature)> + Sync);

/// A folder in, the paths of the texts that lie in it out.
pub type Texts<'a> = &'a (dyn Fn(&str) -> Vec<String> + Sync);

/// Files of a whole archive that are in hand at once.
pub const SOME: usize = 128;

/// A file as it is now.
pub struct Fresh {
    pub path: String,
    pub signature: Signature,
    pub hash: Hash,
    /// `None` where the bytes are those that were read before.
    pub reading: Option<Reading>,
    /// Of the way in which it was read.
    pub fingerprint: String,
    /// It had problems.
    pub troubled: bool,
    /// As an article, where it is told without the others which one it is; it has the head then.
    pub settled: Option<Box<Settled>>,
}

/// A file as the article that it is.
pub struct Settled {
    pub known: Known,
    pub packed: Packed,
    /// The article was read from this very file before.
    pub same_file: bool,
}

impl Fresh {
    /// It is told with the others after all.
    pub fn unsettle(&mut self, settled: Settled) {
        if let Some(reading) = &mut self.reading {
            reading.outcome = Outcome::Article(Box::new(settled.known.head));
        }
    }

    /// The one article that has its title and the date that its author gave it.
    pub fn titled_as(&self, catalog: &Catalog) -> Option<Known> {
        let Outcome::Article(head) = &self.reading.as_ref()?.outcome else { return None };
        catalog.titled(&head.title, head.published?)
    }

    fn arrival(&self) -> id::Arrival<'_> {
        id::Arrival {
            path: &self.path,
            signature: self.signature,
            hash: self.hash,
            head: None,
            fingerprint: &self.fingerprint,
            troubled: self.troubled,
        }
    }
}

pub enum Heard {
    Fresh(Box<Fresh>),
    /// Being written: looked at again soon.
    Later(String),
    /// What its folder gives cannot be told now.
    Unsure(String),
    /// Gone since it was seen.
    Gone(String),
    Failed(Problem),
}

/// Reads the written files of a look, in the order of their paths. What is to be done with each and
/// with what was known at its path, `finish` does at once.
pub fn heads(
    edits: &[Edit],
    known: &(dyn Fn(&str) -> Option<Known> + Sync),
    inheritance: &Inheritance,
    waits: &(dyn Fn(&str) -> bool + Sync),
    read: Read,
    finish: &(dyn Fn(&mut Fresh, Option<Known>) + Sync),
    progress: &(dyn Fn() + Sync),
) -> Vec<Heard> {
    let base = inheritance.conventions.fingerprint();
    let written: Vec<&Edit> = edits.iter().filter(|edit| edit.change == Change::Written).collect();
    written
        .par_iter()
        .map(|edit| {
            let path = &edit.path;
            if waits(path) {
                return Heard::Unsure(path.clone());
            }
            let heard = match read(path) {
                Ok((bytes, signature)) => {
                    let hash = *blake3::hash(&bytes).as_bytes();
                    let fingerprint = inheritance.fingerprint(path, &base);
                    let before = known(path);
                    let same = before.as_ref().is_some_and(|known| {
                        known.hash == hash
                            && known.good == hash
                            && known.fingerprint == fingerprint
                            && !known.troubled
                    });
                    // Only `explain` asks for the rules; of a whole archive they are not kept.
                    let reading = (!same).then(|| Reading {
                        from: Default::default(),
                        ..inheritance.head(path, &bytes, false)
                    });
                    let troubled = reading.as_ref().is_some_and(|r| !r.problems.is_empty());
                    let path = path.clone();
                    let settled = None;
                    let mut fresh =
                        Fresh { path, signature, hash, reading, fingerprint, troubled, settled };
                    finish(&mut fresh, before);
                    Heard::Fresh(Box::new(fresh))
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::NotFound => Heard::Gone(path.clone()),
                    io::ErrorKind::ResourceBusy => Heard::Later(path.clone()),
                    io::ErrorKind::FileTooLarge => {
                        Heard::Failed(Problem::error(path, None, error.to_string()))
                    }
                    _ => Heard::Failed(Problem::error(
                        path,
                        None,
                        format!("cannot be read: {error}"),
                    )),
                },
            };
            progress();
            heard
        })
        .collect()
}

/// Makes a file of a first look an article under a minted id, unless its author gave it one.
pub fn settle(fresh: &mut Fresh, prefix: &str, now: Timestamp, ground: &settle::Ground) {
    let reading = fresh.reading.as_mut().map(|reading| &mut reading.outcome);
    let Some(Outcome::Article(head)) = reading else { return };
    if head.id.is_some() {
        return;
    }
    let head = std::mem::take(&mut **head);
    let id = id::mint(prefix, &fresh.path, |_| false);
    let known = settle::settle(None, &id, &fresh.arrival(), head, now, ground);
    let packed = Packed::of(&known);
    fresh.settled = Some(Box::new(Settled { known, packed, same_file: false }));
}

/// Makes a file that holds what its path's article was read from that article again. No date of it
/// moves; what asks for more than that is left to be told with the others.
pub fn settle_again(fresh: &mut Fresh, before: Known, now: Timestamp, ground: &settle::Ground) {
    if before.good != fresh.hash || before.hash != fresh.hash || !before.announced {
        return;
    }
    let same_file = before.signature.same_file(&fresh.signature);
    let head = match fresh.reading.as_mut().map(|reading| &mut reading.outcome) {
        None => before.head.clone(),
        Some(Outcome::Article(head)) if head.id == before.head.id => std::mem::take(&mut **head),
        Some(_) => return,
    };
    let known = settle::settle(Some(&before), &before.id, &fresh.arrival(), head, now, ground);
    let packed = Packed::of(&known);
    fresh.settled = Some(Box::new(Settled { known, packed, same_file }));
}

/// One article's fault stays its own.
pub fn head(
    path: &str,
    bytes: &[u8],
    conventions: &Conventions,
    folder: Folder,
    thorough: bool,
) -> Reading {
    let source = Source { path, bytes };
    let read = || article::read_head(source, conventions, folder, thorough);
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Reading {
        outcome: Outcome::Broken,
        problems: vec![Problem::error(path, None, "cannot be read: a fault of syndic's own")],
        from: Default::default(),
    })
}

/// Converts an article's body, if its file still holds what its head was read from.
pub fn body(
    known: &Known,
    conventions: &Conventions,
    links: Links,
    read: Read,
) -> Option<(Body, Vec<Problem>)> {
    let bytes = bytes_of(known, read)?;
    let (mut body, problems) = convert(known, &bytes, links, conventions);
    // Many are in memory at once, and nobody asks to see their text.
    body.text = String::new();
    body.html.shrink_to_fit();
    Some((body, problems))
}

/// What is wrong with an article's body, if its file still holds what its head was read from.
pub fn faults(
    known: &Known,
    conventions: &Conventions,
    links: Links,
    read: Read,
) -> Option<Vec<Problem>> {
    let bytes = bytes_of(known, read)?;
    let source = Source { path: &known.path, bytes: &bytes };
    let look = || faults::of_body(source, &known.head, &known.link, links, conventions);
    let found = catch_unwind(AssertUnwindSafe(look));
    Some(found.unwrap_or_else(|_| vec![own_fault(known)]))
}

fn bytes_of(known: &Known, read: Read) -> Option<Vec<u8>> {
    let (bytes, _) = read(&known.path).ok()?;
    (*blake3::hash(&bytes).as_bytes() == known.good).then_some(bytes)
}

fn own_fault(known: &Known) -> Problem {
    Problem::error(&known.path, None, "its body cannot be read: a fault of syndic's own")
}

pub fn convert(
    known: &Known,
    bytes: &[u8],
    links: Links,
    conventions: &Conventions,
) -> (Body, Vec<Problem>) {
    let source = Source { path: &known.path, bytes };
    let made = catch_unwind(AssertUnwindSafe(|| {
        article::read_body(source, &known.head, &known.link, links, conventions)
    }));
    made.unwrap_or_else(|_| (Body::default(), vec![own_fault(known)]))
}
