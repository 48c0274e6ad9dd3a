//! The house stays as it was designed: who may import whom, and how large things may grow.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Module → the modules it may import. Pure ones know nothing of the shell; shell modules know
/// nothing of each other; only the wiring knows everything.
const IMPORTS: &[(&str, &[&str])] = &[
    ("article", &[]),
    ("feed", &["article"]),
    ("format", &["article", "feed"]),
    ("edition", &["article", "feed", "format"]),
    ("content_dir", &["article", "feed", "edition"]),
    ("ledger", &["article", "feed", "format", "edition"]),
    ("feeds_dir", &["article", "feed", "format", "edition"]),
    ("http", &["article", "feed", "format", "edition", "pace"]),
    ("lock", &[]),
    ("pace", &[]),
    ("config", &["article", "feed"]),
    ("cli", &[]),
];
/// These know everything.
const WIRING: &[&str] = &["daemon", "command", "main", "lib"];
/// What must not be reached for in a pure module.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::time::SystemTime",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "ZonedDateTime::now",
    "tokio::",
    "tracing::",
    "rusqlite::",
    "notify::",
];
const PURE: &[&str] = &["article", "feed", "format", "edition"];
const NO_NAMES: &[&str] =
    &["utils", "util", "common", "helpers", "types", "error", "prelude", "mod", "misc"];
const MAX_FILE: usize = 600;
const MAX_FUNCTION: usize = 100;

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    files
}

/// The part of a file before its unit tests.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

fn module(path: &Path) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let relative = path.strip_prefix(src).unwrap();
    let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_string()
}

#[test]
fn imports_run_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = IMPORTS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = module(&path);
        if WIRING.contains(&own.as_str()) {
            continue;
        }
        let Some(allowed) = allowed.get(own.as_str()) else {
            wrong.push(format!("{}: module `{own}` is not in the table", path.display()));
            continue;
        };
        for rest in product(&text).split("crate::").skip(1) {
            let other: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            // `use crate::{a, b}` would hide what is imported.
            if other != own && !allowed.contains(&other.as_str()) {
                wrong.push(format!("{}: `{own}` may not import `{other}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_modules_touch_nothing() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !PURE.contains(&module(&path).as_str()) {
            continue;
        }
        for impure in IMPURE.iter().filter(|impure| product(&text).contains(**impure)) {
            wrong.push(format!("{}: {impure}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_grows_too_large() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        if lines > MAX_FILE {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if NO_NAMES.contains(&stem.as_str()) {
            wrong.push(format!("{}: says nothing of what is in it", path.display()));
        }
        let mut open: Option<(usize, usize, String)> = None;
        for (at, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let bare = line.trim_start();
            let bare = ["pub ", "pub(crate) ", "pub(super) ", "async ", "const "]
                .into_iter()
                .fold(bare, |bare, word| bare.strip_prefix(word).unwrap_or(bare));
            if bare.starts_with("fn ") && open.is_none() && !line.trim_end().ends_with(';') {
                open = Some((at, indent, bare.to_string()));
            }
            if let Some((start, at_indent, name)) = &open
                && indent == *at_indent
                && line.trim_start().starts_with('}')
            {
                if at - start > MAX_FUNCTION {
                    wrong.push(format!("{}: {} lines: {name}", path.display(), at - start));
                }
                open = None;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The real sample was read to learn its shape; no rule may know its words.
#[test]
fn no_phrase_of_the_sample_stands_in_the_source() {
    let Some(sample) = crate::kit::shared("samples/thanhuytphcm-quan-5.txt") else { return };
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let phrases = |words: &[String]| -> BTreeSet<String> {
        words.windows(3).map(|three| three.join(" ")).collect()
    };
    let mut known = phrases(&words(&std::fs::read_to_string(sample).unwrap()));
    assert!(known.len() > 500, "{}", known.len());
    // The signature is a line of its own, and of two words.
    known.insert("mai khuê".into());
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for line in text.lines() {
            let words = words(line);
            let pairs = words.windows(2).map(|two| two.join(" "));
            let found = phrases(&words).into_iter().chain(pairs).find(|said| known.contains(said));
            wrong.extend(found.map(|said| format!("{}: {said}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The words of one format stay in its file.
#[test]
fn format_words_stay_in_their_formats() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if path.ends_with("format/rss.rs") {
            continue;
        }
        for word in ["pubDate", "isPermaLink", "content:encoded"] {
            if product(&text).contains(word) {
                wrong.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
