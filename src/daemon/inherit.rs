//! What articles have from files in their folders: Hugo's `cascade`, Eleventy's directory data.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::reading::Read;
use crate::article::declared::{Defaults, SiteFile};
use crate::article::flavour::Flavour;
use crate::article::front_matter::{self, Fault};
use crate::article::{Conventions, Problem, charset};

/// Of one turn: every such file is read once.
pub struct Inheritance<'a> {
    conventions: &'a Conventions,
    read: Read<'a>,
    by_folder: Mutex<HashMap<String, Arc<Folder>>>,
}

/// What all articles of a folder have.
#[derive(Default)]
pub struct Folder {
    /// Nearest first.
    pub defaults: Vec<Defaults>,
    /// Tells one state of it from another; empty where there is nothing.
    mark: String,
    problems: Vec<Problem>,
}

impl<'a> Inheritance<'a> {
    pub fn new(conventions: &'a Conventions, read: Read<'a>) -> Inheritance<'a> {
        Inheritance { conventions, read, by_folder: Mutex::default() }
    }

    fn flavour(&self) -> &'static Flavour {
        self.conventions.flavour
    }

    /// What an article at this path has from its folder and those above.
    pub fn of(&self, path: &str) -> Arc<Folder> {
        if self.flavour().folder_files.is_empty() {
            return Arc::default();
        }
        self.of_folder(path.rsplit_once('/').map_or("", |(folder, _)| folder))
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
        });
        let mut by_folder = self.by_folder.lock().unwrap_or_else(PoisonError::into_inner);
        by_folder.insert(folder.to_string(), made.clone());
        made
    }

    fn read_folder(&self, folder: &str) -> Folder {
        let mut made = Folder::default();
        for name in self.flavour().folder_files_in(folder) {
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let Ok((bytes, _)) = (self.read)(&path) else { continue };
            made.mark.push_str(&blake3::hash(&bytes).to_hex()[..8]);
            let Ok(decoded) = charset::decode(&bytes, false) else { continue };
            match front_matter::fields_of(&path, &decoded.text) {
                Ok(fields) => {
                    let file = SiteFile { path, fields };
                    made.defaults.extend((self.flavour().inherit)(&file).into_iter().rev());
                }
                Err(fault) => made.problems.push(problem(&path, fault)),
            }
        }
        made
    }

    /// What is wrong with the folder file at a path.
    pub fn problems_at(&self, path: &str) -> Vec<Problem> {
        let folder = self.of(path);
        folder.problems.iter().filter(|problem| problem.path == path).cloned().collect()
    }

    /// Of the way in which a file is read.
    pub fn fingerprint(&self, path: &str, base: &str) -> String {
        let folder = self.of(path);
        if folder.mark.is_empty() { base.to_string() } else { format!("{base}|{}", folder.mark) }
    }
}

/// Whether a fingerprint is of these conventions, whatever the folder gave.
pub fn is_of(fingerprint: &str, base: &str) -> bool {
    fingerprint.split_once('|').map_or(fingerprint, |(before, _)| before) == base
}

pub fn problem(path: &str, fault: Fault) -> Problem {
    match fault {
        Fault::Unclosed => Problem::warning(path, Some(1), "what opens here is never closed"),
        Fault::Syntax { line, message } => Problem::warning(path, Some(line), message),
    }
}
