//! The config file as it is typed. What it means is decided one level up.

use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

type Text = Option<Spanned<String>>;

#[derive(Debug, Default, Deserialize)]
pub struct ConfigFile {
    pub title: Text,
    pub url: Text,
    pub language: Text,
    pub timezone: Text,
    pub description: Text,
    pub author: Option<Spanned<AuthorFile>>,
    pub rights: Text,
    pub logo: Text,
    #[serde(default)]
    pub content: ContentFile,
    #[serde(default)]
    pub feeds: FeedsFile,
    #[serde(default)]
    pub server: ServerFile,
    #[serde(default)]
    pub ids: IdsFile,
    #[serde(default)]
    pub state: StateFile,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum AuthorFile {
    Name(String),
    Person { name: String, email: Option<String>, url: Option<String> },
}

#[derive(Debug, Default, Deserialize)]
pub struct ContentFile {
    pub dir: Text,
    pub flavour: Text,
    pub permalink: Text,
    #[serde(default)]
    pub include: Vec<Spanned<String>>,
    #[serde(default)]
    pub exclude: Vec<Spanned<String>>,
    /// Seconds between full scans, at least.
    pub rescan: Option<Spanned<u64>>,
    /// Bytes of the largest article.
    pub max_size: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
pub struct FeedsFile {
    pub dir: Text,
    pub entries: Option<Spanned<Entries>>,
    pub text: Text,
    pub by: Option<Vec<Spanned<String>>>,
    pub summary: Text,
    pub summary_length: Option<Spanned<usize>>,
    pub max_bytes: Option<Spanned<usize>>,
    #[serde(default)]
    pub gone: Vec<Spanned<String>>,
    #[serde(default)]
    pub moved: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub custom: Vec<CustomFile>,
    /// `[feeds."category/quan-5"]`
    #[serde(flatten)]
    pub named: BTreeMap<String, toml::Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Entries {
    Count(usize),
    Word(String),
}

#[derive(Debug, Deserialize)]
pub struct CustomFile {
    pub name: Spanned<String>,
    #[serde(default)]
    pub any: Vec<Spanned<String>>,
    #[serde(default)]
    pub all: Vec<Spanned<String>>,
    #[serde(default)]
    pub none: Vec<Spanned<String>>,
    #[serde(flatten)]
    pub feed: BTreeMap<String, toml::Value>,
}

/// What may be said of one feed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedFile {
    pub title: Option<String>,
    pub description: Option<String>,
    pub language: Option<String>,
    pub entries: Option<Entries>,
    pub text: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub struct ServerFile {
    pub listen: Option<Spanned<Listen>>,
    pub url: Text,
    /// Seconds that readers and caches may keep a feed.
    pub max_age: Option<Spanned<u32>>,
    pub cors: Option<bool>,
    #[serde(default)]
    pub trusted_proxies: Vec<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Listen {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
pub struct IdsFile {
    pub prefix: Text,
}

#[derive(Debug, Default, Deserialize)]
pub struct StateFile {
    pub dir: Text,
}

/// Every key that there is, by its table: what an unknown one may have been meant to be.
pub const KEYS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "title",
            "url",
            "language",
            "timezone",
            "description",
            "author",
            "rights",
            "logo",
            "content",
            "feeds",
            "server",
            "ids",
            "state",
        ],
    ),
    ("author", &["name", "email", "url"]),
    ("content", &["dir", "flavour", "permalink", "include", "exclude", "rescan", "max_size"]),
    (
        "feeds",
        &[
            "dir",
            "entries",
            "text",
            "by",
            "summary",
            "summary_length",
            "max_bytes",
            "gone",
            "moved",
            "custom",
        ],
    ),
    (
        "feeds.custom",
        &["name", "any", "all", "none", "title", "description", "language", "entries", "text"],
    ),
    ("feed", &["title", "description", "language", "entries", "text"]),
    ("server", &["listen", "url", "max_age", "cors", "trusted_proxies"]),
    ("ids", &["prefix"]),
    ("state", &["dir"]),
];
