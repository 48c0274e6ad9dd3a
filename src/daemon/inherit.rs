//! What articles have from other files of their folders: Hugo's `cascade`, Eleventy's directory
//! data, and of bare texts what they have in common.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;

use super::reading::{self, Read, Texts};
use crate::article::declared::{Defaults, SiteFile};
use crate::article::flavour::Flavour;
use crate::article::front_matter::{self, Fault, Field, Value};
use crate::article::text::furniture::{Furniture, Marks};
use crate::article::{self, Conventions, Kind, Problem, Reading, Source, charset};

/// Bytes of the fields of one folder file that its articles have: as much as front matter may hold.
const MAX_FIELDS: usize = 64 * 1024;

/// Of one turn: every such file is read once.
pub struct Inheritance<'a> {
    pub conventions: &'a Conventions,
    read: Read<'a>,
    texts: Texts<'a>,
    /// Folder files that are away for a moment, perhaps: what they said stands.
    awaited: &'a BTreeMap<String, Timestamp>,
    by_folder: Mutex<HashMap<String, Arc<Folder>>>,
    /// Of folders that hold bare texts.
    in_common: Mutex<HashMap<String, Arc<OnceLock<InCommon>>>>,
}

/// What the texts of a folder have in common.
#[derive(Default)]
struct InCommon {
    sample: Vec<String>,
    furniture: Furniture,
    mark: String,
}

/// What all articles of a folder have.
#[derive(Default)]
struct Folder {
    /// Nearest first.
    defaults: Vec<Defaults>,
    /// Tells one state of it from another; empty where there is nothing.
    mark: String,
    problems: Vec<Problem>,
    /// One of its files, or of those above, cannot be read now: what it said stands.
    unsure: bool,
}

impl<'a> Inheritance<'a> {
    pub fn new(
        conventions: &'a Conventions,
        read: Read<'a>,
        texts: Texts<'a>,
        awaited: &'a BTreeMap<String, Timestamp>,
    ) -> Inheritance<'a> {
        let (by_folder, in_common) = Default::default();
        Inheritance { conventions, read, texts, awaited, by_folder, in_common }
    }

    /// Reads an article's head with what its folder gives.
    pub fn head(&self, path: &str, bytes: &[u8], thorough: bool) -> Reading {
        let (folder, common) = (self.of(path), self.common_to(path));
        let nothing = Furniture::default();
        let furniture = common.get().map_or(&nothing, |common| &common.furniture);
        let folder = article::Folder { defaults: &folder.defaults, furniture };
        reading::head(path, bytes, self.conventions, folder, thorough)
    }

    fn flavour(&self) -> &'static Flavour {
        self.conventions.flavour
    }

    /// What an article at this path has from its folder and those above.
    fn of(&self, path: &str) -> Arc<Folder> {
        if self.flavour().folder_files.is_empty() {
            return Arc::default();
        }
        self.of_folder(folder_of(path))
    }

    fn of_folder(&self, folder: &str) -> Arc<Folder> {
        let known = |folder: &str| {
            self.by_folder.lock().unwrap_or_else(PoisonError::into_inner).get(folder).cloned()
        };
        if let Some(known) = known(folder) {
            return known;
        }
        let above = match folder.rsplit_once('/') {
            Some((above, _)) => self.of_folder(above),
            None if !folder.is_empty() => self.of_folder(""),
            None => Arc::default(),
        };
        let own = self.read_folder(folder);
        let mut mark = own.mark;
        mark.push_str(&above.mark);
        let made = Arc::new(Folder {
            defaults: own.defaults.into_iter().chain(above.defaults.iter().cloned()).collect(),
            mark,
            problems: own.problems,
            unsure: own.unsure || above.unsure,
        });
        let mut by_folder = self.by_folder.lock().unwrap_or_else(PoisonError::into_inner);
        by_folder.insert(folder.to_string(), made.clone());
        made
    }

    fn read_folder(&self, folder: &str) -> Folder {
        let mut made = Folder::default();
        for name in self.conventions.folder_files_in(folder) {
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let bytes = match (self.read)(&path) {
                Ok((bytes, _)) => bytes,
                Err(error) => {
                    let is_gone = error.kind() == std::io::ErrorKind::NotFound;
                    made.unsure |= !is_gone || self.awaited.contains_key(&path);
                    continue;
                }
            };
            made.mark.push_str(&blake3::hash(&bytes).to_hex()[..8]);
            let Ok(decoded) = charset::decode(&bytes, false) else { continue };
            match front_matter::fields_of(&path, &decoded.text) {
                Ok(mut fields) => {
                    if decoded.text.len() > MAX_FIELDS {
                        drop_largest(&mut fields);
                    }
                    let file = SiteFile { path, fields };
                    made.defaults.extend((self.flavour().inherit)(&file).into_iter().rev());
                }
                Err(fault) => {
                    made.unsure = true;
                    made.problems.push(problem(&path, fault));
                }
            }
        }
        made
    }

    /// What is wrong with the folder file at a path.
    pub fn problems_at(&self, path: &str) -> Vec<Problem> {
        let folder = self.of(path);
        folder.problems.iter().filter(|problem| problem.path == path).cloned().collect()
    }

    /// Whether a file that gives fields to this path cannot be read now.
    pub fn is_unsure(&self, path: &str) -> bool {
        self.of(path).unsure
    }

    /// Of the way in which a file is read.
    pub fn fingerprint(&self, path: &str, base: &str) -> String {
        let (folder, common) = (self.of(path), self.common_to(path));
        let common = common.get().map_or("", |common| &common.mark);
        if folder.mark.is_empty() && common.is_empty() {
            return base.to_string();
        }
        format!("{base}|{}{common}", folder.mark)
    }

    // ── What texts have in common ─────────────────────────────────────────────────────────────

    /// The texts of a folder that tell what all of them have in common.
    pub fn sample(&self, folder: &str) -> Vec<String> {
        self.common_in(folder).get().map(|common| common.sample.clone()).unwrap_or_default()
    }

    fn common_to(&self, path: &str) -> Arc<OnceLock<InCommon>> {
        if Kind::of(path) != Some(Kind::Text) {
            return Arc::default();
        }
        self.common_in(folder_of(path))
    }

    fn common_in(&self, folder: &str) -> Arc<OnceLock<InCommon>> {
        let mut in_common = self.in_common.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = in_common.entry(folder.to_string()).or_default().clone();
        drop(in_common);
        cell.get_or_init(|| self.compare_texts(folder));
        cell
    }

    fn compare_texts(&self, folder: &str) -> InCommon {
        let sample = Furniture::sample((self.texts)(folder));
        let texts = sample.iter().filter_map(|path| {
            let (bytes, _) = (self.read)(path).ok()?;
            Some(Marks::of(Source { path, bytes: &bytes }, self.conventions))
        });
        let furniture = Furniture::of(texts);
        let mark = if furniture.is_empty() { String::new() } else { furniture.digest() };
        InCommon { sample, furniture, mark }
    }
}

/// Leaves out what is data that the site's templates show rather than fields of articles: the
/// largest values, until the others are no more than front matter holds.
fn drop_largest(fields: &mut Vec<Field>) {
    let sizes: Vec<usize> = fields.iter().map(|field| size_of(&field.value)).collect();
    let mut by_size: Vec<usize> = (0..fields.len()).collect();
    by_size.sort_by_key(|at| sizes[*at]);
    let mut all = 0;
    let kept = by_size.iter().take_while(|at| {
        all += sizes[**at];
        all <= MAX_FIELDS
    });
    let kept: HashSet<usize> = kept.copied().collect();
    let mut at = 0..;
    fields.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
}

fn size_of(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Scalar(text) => text.len(),
        Value::List(items) => items.iter().map(size_of).sum::<usize>() + items.len(),
        Value::Map(fields) => {
            fields.iter().map(|field| field.key.len() + size_of(&field.value)).sum()
        }
    }
}

/// The folder of a path; the root is empty.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a fingerprint is of these conventions, whatever the folder gave.
pub fn is_of(fingerprint: &str, base: &str) -> bool {
    fingerprint.split_once('|').map_or(fingerprint, |(before, _)| before) == base
}

pub fn problem(path: &str, fault: Fault) -> Problem {
    match fault {
        Fault::Unclosed => Problem::warning(path, Some(1), "what opens here is never closed"),
        Fault::Syntax { line, message } => {
            let message = match path.ends_with(".json") {
                true => message.replace(" in the front matter", ""),
                false => message,
            };
            let message = format!("{message}; what changes below it waits until it can be read");
            Problem::warning(path, Some(line), message)
        }
    }
}
