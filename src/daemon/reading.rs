//! The verb *read*: files → heads, on all cores.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use rayon::prelude::*;

use super::inherit::Inheritance;
use crate::article::{
    self, Body, Change, Conventions, Edit, Folder, Hash, Links, Outcome, Problem, Reading,
    Signature, Source,
};
use crate::feed::packed::Packed;
use crate::feed::{Known, id, settle};

/// How a file's bytes are had: its path in, its bytes and their signature out.
pub type Read<'a> = &'a (dyn Fn(&str) -> io::Result<(Vec<u8>, Signature)> + Sync);

/// A folder in, the paths of the texts that lie in it out.
pub type Texts<'a> = &'a (dyn Fn(&str) -> Vec<String> + Sync);

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
    /// As an article, where it can be nothing but a new one; it has the head then.
    pub first: Option<Box<(Known, Packed)>>,
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

/// Reads the written files of a look, in the order of their paths. What is to be done with each,
/// `finish` does at once.
pub fn heads(
    edits: &[Edit],
    known: &(dyn Fn(&str) -> Option<Known> + Sync),
    inheritance: &Inheritance,
    waits: &(dyn Fn(&str) -> bool + Sync),
    read: Read,
    finish: &(dyn Fn(&mut Fresh) + Sync),
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
                    let same = known(path).is_some_and(|known| {
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
                    let first = None;
                    let mut fresh =
                        Fresh { path, signature, hash, reading, fingerprint, troubled, first };
                    finish(&mut fresh);
                    Heard::Fresh(Box::new(fresh))
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::NotFound => Heard::Gone(path.clone()),
                    io::ErrorKind::ResourceBusy => Heard::Later(path.clone()),
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
    let arrival = id::Arrival {
        path: &fresh.path,
        signature: fresh.signature,
        hash: fresh.hash,
        head: None,
        fingerprint: &fresh.fingerprint,
        troubled: fresh.troubled,
    };
    let id = id::mint(prefix, &fresh.path, |_| false);
    let known = settle::settle(None, &id, &arrival, head, now, ground);
    let packed = Packed::of(&known);
    fresh.first = Some(Box::new((known, packed)));
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
    let (bytes, _) = read(&known.path).ok()?;
    let same = *blake3::hash(&bytes).as_bytes() == known.good;
    let (mut body, problems) = same.then(|| convert(known, &bytes, links, conventions))?;
    // Many are in memory at once, and nobody asks to see their text.
    body.text = String::new();
    body.html.shrink_to_fit();
    Some((body, problems))
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
    made.unwrap_or_else(|_| {
        let problem =
            Problem::error(&known.path, None, "its body cannot be read: a fault of syndic's own");
        (Body::default(), vec![problem])
    })
}
