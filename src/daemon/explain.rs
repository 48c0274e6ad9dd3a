//! How one article is read, and the rules that gave its fields.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::inherit::Inheritance;
use super::state::{ground, prefix};
use super::{StartError, reading, scope};
use crate::article::provenance::Lost;
use crate::article::{self, Outcome, Problem, Provenance, flavour};
use crate::config::Config;
use crate::content_dir::{self, ContentDir, Hint};
use crate::feed::id::{self, Arrival};
use crate::feed::packed::Packed;
use crate::feed::{Entry, Known, link, settle};
use crate::format::rfc3339;
use crate::ledger::Ledger;

/// What a reader of the feeds would see of one article, and why.
#[derive(Serialize)]
pub struct Explained {
    pub path: String,
    pub id: String,
    pub title: String,
    pub link: String,
    pub published: String,
    pub updated: String,
    pub authors: Vec<String>,
    pub categories: Vec<String>,
    pub tags: Vec<String>,
    pub language: Option<String>,
    pub image: Option<String>,
    pub summary: String,
    pub text: String,
    /// Field → the rule that gave its value.
    pub from: BTreeMap<&'static str, String>,
    /// Field → what else was there.
    #[serde(skip)]
    pub lost: BTreeMap<&'static str, Vec<Lost>>,
    /// Addresses of the files that come with it.
    #[serde(skip)]
    pub enclosures: Vec<String>,
    /// Why the article is in no feed, if it is in none.
    #[serde(skip)]
    pub absent: Option<String>,
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// Reads one article as a turn would, and tells the rules that gave its fields.
pub fn explain(config: &Config, path: &Path) -> Result<Explained, StartError> {
    let (root, relative) = locate(config, path)?;
    let (bytes, signature) = content_dir::read(&root, &relative, config.content.max_size)
        .map_err(|source| StartError::Io { path: path.to_path_buf(), source })?;
    let conventions = &config.conventions;
    let max_size = config.content.max_size;
    let read = |path: &str| content_dir::read(&root, path, max_size);
    let mut content = ContentDir::for_one_look(&root, scope(config));
    if article::Kind::of(&relative) == Some(article::Kind::Text) {
        content.scan(&Hint::All, true);
    }
    let texts = |folder: &str| content.texts(folder);
    let mut reading = Inheritance::new(conventions, &read, &texts, &BTreeMap::new())
        .head(&relative, &bytes, true);
    let no_article = |message: &str| StartError::NoArticle {
        path: path.to_path_buf(),
        message: message.to_string(),
    };
    let head = match reading.outcome {
        Outcome::Article(head) => *head,
        Outcome::NoArticle(reason) => return Err(no_article(reason)),
        Outcome::Empty | Outcome::Unclosed | Outcome::Broken => {
            let said: Vec<String> = reading.problems.iter().map(Problem::to_string).collect();
            return Err(no_article(&said.join("; ")));
        }
    };
    let ledger = Ledger::open_read_only(&config.state_dir)?;
    let live = ledger.live()?;
    let before = live.get(&relative).map(Packed::known);
    let before = before.as_ref();
    let prefix = prefix(config, &ledger)?;
    let (id, rule) = match (before, &head.id) {
        (Some(known), _) => (known.id.clone(), "ledger"),
        (None, Some(own)) => (id::own(&prefix, own), "front matter: id"),
        (None, None) => (id::mint(&prefix, &relative, |_| false), "path"),
    };
    let arrival = Arrival {
        path: &relative,
        signature,
        hash: *blake3::hash(&bytes).as_bytes(),
        head: Some(&head),
        fingerprint: "",
        troubled: false,
    };
    let (now, ground) = (Timestamp::now(), ground(config));
    let known = settle::settle(before, &id, &arrival, head.clone(), now, &ground);
    let links = |path: &str| {
        let there = live.get(path)?.known();
        Some(settle::address(path, &there.head, there.published, &ground))
    };
    let (body, problems) = reading::convert(&known, &bytes, &links, conventions);
    reading.problems.extend(problems);
    complete(&mut reading.from, config, &known, &body, rule);
    let entry = Entry::new(&known, &body, &[], &config.site, true);
    Ok(Explained {
        title: entry.title,
        link: entry.link,
        published: rfc3339(&entry.published),
        updated: rfc3339(&entry.updated),
        authors: head.authors.iter().map(|person| person.name.clone()).collect(),
        categories: head.categories.clone(),
        tags: head.tags.clone(),
        language: entry.language,
        image: entry.image,
        enclosures: entry.enclosures.into_iter().map(|file| file.url).collect(),
        summary: entry.summary,
        text: body.text,
        absent: absent(config, &known, &root),
        id: entry.id,
        path: relative,
        from: reading.from.rules().clone(),
        lost: reading.from.all_lost().clone(),
        problems: reading.problems,
    })
}

fn absent(config: &Config, known: &Known, root: &Path) -> Option<String> {
    let now = Timestamp::now();
    let content = ContentDir::new(root, scope(config));
    if !content.reads(&known.path) {
        return Some(
            "its folder is not looked into, or the config or the site's own files leave it out"
                .into(),
        );
    }
    if known.head.hidden {
        return Some("a draft, or otherwise hidden by its author".into());
    }
    if known.published > now {
        return Some("its date is still to come".into());
    }
    known.head.expires.filter(|expires| *expires <= now).map(|_| "it has expired".into())
}

/// The rules that are not the reader's own.
fn complete(
    from: &mut Provenance,
    config: &Config,
    known: &Known,
    body: &article::Body,
    id_rule: &str,
) {
    if known.head.summary.is_none() || body.summary_from != "author" {
        from.or_set("summary", body.summary_from.clone());
        from.set("summary", body.summary_from.clone());
    }
    let conventions = &config.conventions;
    let zone = &config.site.timezone;
    let pattern = link::pattern_of(&link::Place {
        path: &known.path,
        head: &known.head,
        published: known.published,
        conventions,
        pattern: config.content.permalink.as_deref(),
        base: &config.site.url,
    });
    from.or_set("link", format!("permalink: {pattern}"));
    match known.head.published {
        Some(said) if said != known.published => {
            let rule = from.rules().get("published").cloned().unwrap_or_default();
            from.lose("published", &rule, rfc3339(&said.to_zoned_datetime(zone.clone())));
            from.set("published", "ledger: as it was published first");
        }
        None if known.published != known.signature.modified() => {
            from.or_set("published", "ledger: as it was first seen, or taken over by adopt");
        }
        _ => from.or_set("published", "file time when first seen"),
    }
    from.or_set("updated", "last change of its content");
    if conventions.language.is_some() {
        from.or_set("language", "config: language");
    }
    if body.language.is_some() {
        from.or_set("language", article::DETECTED);
    }
    if known.head.image.is_none() && body.image.is_some() {
        from.or_set("image", "first image of the body");
    }
    let kind = article::Kind::of(&known.path).unwrap_or(article::Kind::Text);
    from.or_set("text", format!("{kind:?} body").to_lowercase());
    from.set("id", id_rule);
}

/// The content directory, and a path within it: as typed from here, else from there.
fn locate(config: &Config, path: &Path) -> Result<(PathBuf, String), StartError> {
    let io = |source| StartError::Io { path: path.to_path_buf(), source };
    let dir = &config.content.dir;
    let root =
        dir.canonicalize().map_err(|source| StartError::Content { dir: dir.clone(), source })?;
    let full = match path.canonicalize() {
        Ok(full) if full.starts_with(&root) => full,
        outside => match root.join(path).canonicalize() {
            Ok(full) if full.starts_with(&root) => full,
            _ => {
                outside.map_err(io)?;
                return Err(StartError::NoArticle {
                    path: path.to_path_buf(),
                    message: format!("is not in the content directory {}", root.display()),
                });
            }
        },
    };
    let relative = full.strip_prefix(&root).unwrap_or(&full);
    let text = relative.to_str().ok_or_else(|| StartError::NoArticle {
        path: path.to_path_buf(),
        message: "its path is not UTF-8".into(),
    })?;
    if article::Kind::of(text).is_none() || flavour::split_path(text).1.is_empty() {
        return Err(StartError::NoArticle {
            path: path.to_path_buf(),
            message: article::NO_EXTENSION.into(),
        });
    }
    Ok((root, text.to_string()))
}
