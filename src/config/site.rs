//! The generator's site that the content is part of: where its root is, and what its own files say.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::article::declared::{Declared, Place, SET_PERMALINK, SiteFile, list};
use crate::article::flavour::location::Root;
use crate::article::flavour::{Flavour, Forms};
use crate::article::front_matter::{self, Fault};
use crate::article::literals::COMPUTED;
use crate::article::{Problem, charset, summary};
use crate::feed::link;

/// A site's own file that is larger is none.
const MAX_BYTES: u64 = 1024 * 1024;
/// Files of a config folder that are read.
const MAX_FILES: usize = 100;
/// Layouts and programs that are looked at, and folders of them.
const MAX_LAYOUTS: usize = 1_000;
const MAX_FOLDERS: usize = 100;
/// Folders above the content that are looked into for a generator's marks.
const LEVELS: usize = 4;

/// A generator's site.
#[derive(Debug)]
pub struct Found {
    pub flavour: &'static Flavour,
    pub root: Root,
    pub declared: Arc<Declared>,
    pub sources: Sources,
}

/// What a generator's site was read from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Where its root is, if the content is part of a site.
    pub root: Option<PathBuf>,
    /// Its own files that something was taken from.
    pub files: Vec<PathBuf>,
    /// Its layouts that give fields, and the folders that they were looked for in.
    layouts: Vec<PathBuf>,
    layout_folders: Vec<PathBuf>,
    /// The folders that its programs were looked for in.
    program_folders: Vec<PathBuf>,
    has_texts_among_programs: bool,
    /// What is wrong with them.
    pub problems: Vec<Problem>,
    /// What they say that cannot be followed.
    pub doubts: Vec<Problem>,
}

impl Sources {
    /// The names that its files have or may have, below its root; `/*` stands for all files of a
    /// folder.
    pub fn names(&self, flavour: &Flavour, declared: &Declared) -> Vec<String> {
        let mut names: Vec<String> =
            flavour.site_files.iter().map(|name| name.to_string()).collect();
        names.extend(flavour.ignore_file.map(|name| declared.below_content(name)));
        let folder = declared.layout_folder.iter().filter(|folder| !folder.is_empty());
        names.extend(folder.map(|folder| format!("{}/*", declared.below_content(folder))));
        let root = self.root.as_deref().unwrap_or(Path::new(""));
        let found = self.layout_folders.iter().filter_map(|path| path.strip_prefix(root).ok());
        names.extend(found.map(|folder| format!("{}/*", folder.display())));
        // The first text among its programs makes a difference, none that follows does.
        let texts = if self.has_texts_among_programs { &[] } else { flavour.extensions };
        let own = flavour.programs.as_ref().map_or(&[] as &[&str], |own| own.extensions);
        let kinds: Vec<&&str> = own.iter().chain(texts).collect();
        let programs = self.program_folders.iter().filter_map(|path| path.strip_prefix(root).ok());
        names.extend(programs.flat_map(|folder| {
            kinds.iter().map(move |kind| format!("{}/*.{kind}", folder.display()))
        }));
        names.sort();
        names.dedup();
        names
    }

    /// One of them that is away; not a layout in whose place another one has come.
    pub fn away(&self, next: &Sources) -> Option<&Path> {
        let has_come = next.layouts.iter().any(|layout| !self.layouts.contains(layout));
        let layouts = self.layouts.iter().filter(|_| !has_come);
        self.files.iter().chain(layouts).find(|file| !file.exists()).map(PathBuf::as_path)
    }
}

/// Looks beside the config, then in the content directory, then above it. `config` is no file of
/// the site's, whatever it is called; `named` is the flavour that the publisher names, if any.
pub fn find(base: &Path, config: &Path, content: &Path, named: Option<&'static Flavour>) -> Found {
    let content = std::path::absolute(content).unwrap_or_else(|_| content.to_path_buf());
    let content = without_dots(&content.canonicalize().unwrap_or(content));
    let base = std::path::absolute(base).unwrap_or_else(|_| base.to_path_buf());
    let base = without_dots(&base.canonicalize().unwrap_or(base));
    let above = content.ancestors().skip(1).take(LEVELS).map(Path::to_path_buf);
    // Beside the config, if the content is there too.
    let places = std::iter::once(content.clone()).chain(above);
    let mut places: Vec<PathBuf> = places.collect();
    if let Some(at) = places.iter().position(|place| *place == base) {
        let base = places.remove(at);
        places.insert(0, base);
    }
    let is_there = |place: &Path, mark: &str| match mark.split_once(':') {
        Some((name, word)) => begins_a_line(&place.join(name), word),
        None => place.join(mark).exists(),
    };
    // Other tools have these too.
    let is_own = |file: &str| file != ".gitignore";
    let marked = places.iter().find_map(|place| {
        let has = |name: &str| is_there(place, name);
        match named {
            Some(flavour) => (flavour.is_marked(has)
                || flavour.site_files.iter().any(|file| is_own(file) && is_there(place, file)))
            .then(|| (flavour, place.clone())),
            None => Flavour::detect(has).map(|flavour| (flavour, place.clone())),
        }
    });
    let (flavour, root) = match (marked, named) {
        (Some((flavour, root)), _) => (flavour, Some(root)),
        (None, Some(flavour)) => (flavour, None),
        (None, None) => (Flavour::plain(), None),
    };
    let mut found = Found {
        flavour,
        root: Root { inside: inside(root.as_deref(), &content, flavour) },
        declared: Arc::default(),
        sources: Sources { root: root.clone(), ..Sources::default() },
    };
    if let Some(root) = root {
        found.read(&root, config.canonicalize().ok().as_deref());
    }
    found
}

/// Whether some line of a file begins with a word, in any case.
fn begins_a_line(path: &Path, word: &str) -> bool {
    let fits = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() <= MAX_BYTES);
    let text = if fits { std::fs::read_to_string(path).unwrap_or_default() } else { String::new() };
    text.lines().any(|line| line.trim_start().to_ascii_lowercase().starts_with(word))
}

/// The content directory as the site's root has it.
fn inside(root: Option<&Path>, content: &Path, flavour: &Flavour) -> String {
    if let Some(inside) = root.and_then(|root| content.strip_prefix(root).ok()) {
        return inside.to_string_lossy().into_owned();
    }
    // Without a root, its own name tells whether it is the folder of posts.
    let name = content.file_name().map(|name| name.to_string_lossy().into_owned());
    match name {
        Some(name) if flavour.posts == Some(name.as_str()) && flavour.content.is_empty() => name,
        Some(name) if flavour.posts == Some(name.as_str()) => format!("{}/{name}", flavour.content),
        _ => flavour.content.to_string(),
    }
}

fn without_dots(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// Words of its permalinks that nothing is known of.
fn unknown_words(declared: &Declared) -> impl Iterator<Item = String> {
    let patterns = declared.permalinks.iter().map(|permalink| permalink.pattern.as_str());
    let patterns = patterns.chain(declared.permalink_of_others.as_deref());
    let words: BTreeSet<&str> = patterns.flat_map(link::unknown_words).collect();
    let words: Vec<String> = words.into_iter().map(String::from).collect();
    words
        .into_iter()
        .map(|word| format!("`:{word}` in its permalinks means nothing here; {SET_PERMALINK}"))
}

/// A file, or all files of a folder: `config/_default/*`.
fn named(root: &Path, name: &str) -> Vec<String> {
    let Some(folder) = name.strip_suffix("/*") else { return vec![name.to_string()] };
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return Vec::new() };
    let is_config = |name: &String| {
        [".toml", ".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending))
    };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(is_config).take(MAX_FILES).collect();
    names.sort();
    names.into_iter().map(|name| format!("{folder}/{name}")).collect()
}

/// The folders below a folder, itself among them, and the files in them that are wanted; in order,
/// so that the same count wherever there are too many.
fn all_in(folder: &Path, wanted: impl Fn(&str) -> bool) -> (Vec<PathBuf>, Vec<String>) {
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    let mut to_come = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, before)) = to_come.pop() {
        if folders.len() >= MAX_FOLDERS || files.len() >= MAX_LAYOUTS {
            break;
        }
        let mut entries: Vec<_> =
            std::fs::read_dir(&folder).into_iter().flatten().flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        folders.push(folder);
        for entry in entries {
            let own = entry.file_name().to_string_lossy().into_owned();
            let name = format!("{before}{own}");
            let is_template = !own.starts_with('.') && own != "node_modules";
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && is_template => {
                    to_come.push((entry.path(), format!("{name}/")));
                }
                Ok(kind) if kind.is_file() && wanted(&name) => files.push(name),
                _ => {}
            }
        }
    }
    files.truncate(MAX_LAYOUTS);
    (folders, files)
}

impl Found {
    /// Files that give fields to the folders above the content directory, the uppermost first.
    fn folder_files_above(&self) -> Vec<String> {
        let inside = self.root.inside.as_str();
        let begins = self.flavour.content;
        let ends = inside.match_indices('/').map(|(at, _)| &inside[..at]);
        ends.filter(|folder| folder.starts_with(begins))
            .flat_map(|folder| {
                let names = self.flavour.folder_files_in(folder);
                names.map(move |name| format!("{folder}/{name}"))
            })
            .collect()
    }

    /// Of several folders of articles the one that the publisher names is meant. Where a program
    /// decides which one holds them, it is that too, or the one above it where the generator's other
    /// files lie, or what nearly all call so.
    fn settle_content(&self, root: &Path, declared: &mut Declared) {
        let inside = self.root.inside.as_str();
        let named = declared.other_places.iter().find(|place| place.content == inside);
        if let Some(Place { content, permalink }) = named.cloned() {
            declared.content = Some(content);
            declared.permalinks.clear();
            declared.permalink_of_all(Some(permalink));
        }
        if declared.content.as_deref() != Some(COMPUTED) {
            return;
        }
        let ends = inside.match_indices('/').map(|(at, _)| at).chain([inside.len()]);
        let mut above = ends.map(|end| &inside[..end]).filter(|folder| !folder.is_empty());
        let has_templates = |folder: &&str| {
            let is_there = |name: &str| root.join(folder).join(name).is_dir();
            *folder == "src" || is_there("_includes") || is_there("_data")
        };
        let content = match above.find(has_templates) {
            Some(folder) => folder,
            None if inside.is_empty() && root.join("src").is_dir() => "src",
            None => inside,
        };
        if content != inside || inside.is_empty() {
            let taken = if content.is_empty() { "the site's root" } else { content };
            declared.doubts.push(format!(
                "`input` is computed, and taken to be `{taken}`; let `[content] dir` name that folder"
            ));
        }
        declared.content = Some(content.to_string()).filter(|content| !content.is_empty());
    }

    /// Patterns that stand in a file of the content folder's.
    fn read_ignored(&self, root: &Path, declared: &mut Declared, digest: &mut blake3::Hasher) {
        let Some(name) = self.flavour.ignore_file else { return };
        let path = declared.below_content(name);
        // The root's own is a site file.
        if path == name {
            return;
        }
        let Ok(text) = std::fs::read_to_string(root.join(&path)) else { return };
        digest.update(text.as_bytes());
        let fields = front_matter::fields_of(name, &text).unwrap_or_default();
        let patterns = list(&fields, "lines");
        let patterns: Vec<String> =
            patterns.iter().map(|pattern| declared.below_content(pattern)).collect();
        declared.ignored.extend(patterns);
    }

    /// Of layouts only the fields are looked at: what else they hold makes no article another.
    fn read_layouts(&mut self, root: &Path, declared: &mut Declared, digest: &mut blake3::Hasher) {
        let own = declared.template_folders.iter().filter(|folder| !folder.is_empty());
        let templates: Vec<String> = own.map(|folder| declared.below_content(folder)).collect();
        declared.ignored.extend(templates);
        let Some(folder) = declared.layout_folder.clone().filter(|folder| !folder.is_empty())
        else {
            return;
        };
        let folder = declared.below_content(&folder);
        let (folders, files) = all_in(&root.join(&folder), |_| true);
        self.sources.layout_folders = folders;
        for name in files {
            let path = root.join(&folder).join(&name);
            let fits = std::fs::metadata(&path).is_ok_and(|data| data.len() <= MAX_BYTES);
            let text = if fits { std::fs::read_to_string(&path).ok() } else { None };
            let Some(text) = text.filter(|text| text.starts_with("---")) else { continue };
            let (matter, end) = match front_matter::split(&text, Forms::default()) {
                Ok((Some(matter), end)) => (matter, end),
                Ok((None, _)) => continue,
                Err(fault) => {
                    self.pass_over(&path.display().to_string(), fault);
                    continue;
                }
            };
            digest.update(name.as_bytes());
            digest.update(&text.as_bytes()[..end]);
            self.sources.layouts.push(path);
            declared.layouts.add(&name, format!("{folder}/{name}"), matter.fields);
        }
    }

    fn pass_over(&mut self, shown: &str, fault: Fault) {
        let (line, message) = match fault {
            Fault::Syntax { line, message } => (line, message.replace(" in the front matter", "")),
            Fault::Unclosed => (1, "what opens here is never closed".to_string()),
        };
        let message = format!("{message}; the file is passed over");
        self.sources.problems.push(Problem::warning(shown, Some(line), message));
    }

    /// The site's programs that tell of addresses, and their folder itself if texts lie among them.
    fn programs(&mut self, root: &Path) -> (Vec<String>, Option<SiteFile>) {
        let Some(programs) = &self.flavour.programs else { return (Vec::new(), None) };
        let has_texts = Cell::new(false);
        let tells = |name: &str| {
            has_texts.set(has_texts.get() || self.flavour.takes(name));
            (programs.tells)(&format!("{}{name}", programs.folder))
        };
        let (folders, files) = all_in(&root.join(programs.folder), tells);
        self.sources.program_folders = folders;
        self.sources.has_texts_among_programs = has_texts.get();
        let of_texts = SiteFile { path: programs.folder.to_string(), fields: Vec::new() };
        let names = files.into_iter().map(|name| format!("{}{name}", programs.folder)).collect();
        (names, Some(of_texts).filter(|_| has_texts.get()))
    }

    fn read(&mut self, root: &Path, config: Option<&Path>) {
        let (mut read, mut texts) = (Vec::new(), Vec::new());
        let mut digest = blake3::Hasher::new();
        let site_files = self.flavour.site_files.iter().flat_map(|name| named(root, name));
        let above = self.folder_files_above();
        let (programs, folder_of_texts) = self.programs(root);
        digest.update(&[u8::from(folder_of_texts.is_some())]);
        for name in site_files.chain(programs.iter().cloned()).chain(above.iter().cloned()) {
            let path = root.join(&name);
            let Ok(metadata) = std::fs::metadata(&path) else { continue };
            if config.is_some() && path.canonicalize().ok().as_deref() == config {
                continue;
            }
            // Nothing is lost with a list of what is left out, nor with one program of many.
            if !name.ends_with("ignore") && !programs.contains(&name) {
                self.sources.files.push(path.clone());
            }
            let shown = path.display().to_string();
            if metadata.len() > MAX_BYTES {
                let message = format!("larger than {MAX_BYTES} bytes; it is not read");
                self.sources.problems.push(Problem::warning(&shown, None, message));
                continue;
            }
            let text = std::fs::read(&path).ok().and_then(|bytes| {
                charset::decode(&bytes, false).ok().map(|decoded| decoded.text.into_owned())
            });
            let Some(text) = text else {
                self.sources.problems.push(Problem::warning(
                    &shown,
                    None,
                    "cannot be read as text",
                ));
                continue;
            };
            digest.update(name.as_bytes());
            digest.update(text.as_bytes());
            let fields = (self.flavour.read)(&name, &text);
            texts.push((shown.clone(), text));
            match fields {
                Ok(fields) => read.push(SiteFile { path: name, fields }),
                Err(fault) => self.pass_over(&shown, fault),
            }
        }
        let (above, read): (Vec<SiteFile>, Vec<SiteFile>) =
            read.into_iter().partition(|file| above.contains(&file.path));
        let read: Vec<SiteFile> = read.into_iter().chain(folder_of_texts).collect();
        let mut declared = (self.flavour.declare)(&read);
        declared.defaults.extend(above.iter().flat_map(|file| (self.flavour.inherit)(file)));
        self.settle_content(root, &mut declared);
        self.read_ignored(root, &mut declared, &mut digest);
        self.read_layouts(root, &mut declared, &mut digest);
        let digest = digest.finalize().to_hex()[..12].to_string();
        for doubt in declared.doubts.iter().cloned().chain(unknown_words(&declared)) {
            // What it begins with, in marks, stands in one of the files.
            let word = doubt.split('`').nth(1).unwrap_or_default();
            let said = texts.iter().find_map(|(shown, text)| {
                let at = text.lines().position(|line| line.contains(word))?;
                Some((shown.as_str(), u32::try_from(at + 1).ok()))
            });
            let first = || texts.first().map(|(shown, _)| (shown.as_str(), None));
            let (shown, line) = said.or_else(first).unwrap_or_default();
            self.sources.doubts.push(Problem::warning(shown, line, doubt));
        }
        // Some sites put links into the words about themselves.
        let plain = |text: Option<String>| text.map(|text| summary::plain(&text));
        self.declared = Arc::new(Declared {
            digest,
            title: plain(declared.title),
            description: plain(declared.description),
            ..declared
        });
    }
}
