//! What the author wrote. Bytes of one file go in; a [`Head`], on demand a [`Body`], and
//! [`Problem`]s come out. Nothing here knows of other files, of the clock or of feeds.

pub mod attached;
pub mod blocks;
pub mod charset;
pub mod cost;
pub mod dates;
pub mod fields;
pub mod flavour;
pub mod found;
pub mod front_matter;
pub mod language;
pub mod markdown;
pub mod page;
pub mod people;
pub mod sanitize;
pub mod summary;
pub mod text;

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use flavour::Flavour;

/// Raised when a change of the readers should make every file be read again.
pub const READER_VERSION: u32 = 1;

/// BLAKE3 of some bytes.
pub type Hash = [u8; 32];

/// One file as it was read.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Relative to the content directory, `/` between its parts.
    pub path: &'a str,
    pub bytes: &'a [u8],
}

/// What tells one state of a file from another without reading it. Times are nanoseconds since
/// 1970; 0 where the file system keeps none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Signature {
    pub device: u64,
    pub inode: u64,
    pub born: i64,
    pub size: u64,
    pub modified: i64,
    pub changed: i64,
}

impl Signature {
    /// The same file, whatever it holds and wherever it lies. An inode alone proves nothing, since
    /// file systems reuse them at once: where there is no birth time, nothing is proven.
    pub fn same_file(&self, other: &Signature) -> bool {
        self.inode != 0
            && self.born != 0
            && (self.device, self.inode, self.born) == (other.device, other.inode, other.born)
    }

    pub fn modified(&self) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(self.modified)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// A file that was written or removed since the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Relative to the content directory.
    pub path: String,
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Written(Signature),
    Removed,
}

/// How the files of this site are to be read.
#[derive(Clone, Debug)]
pub struct Conventions {
    pub flavour: &'static Flavour,
    /// For dates that name no zone.
    pub timezone: TimeZone,
    /// For articles that name no language; also decides 3/4 against 4/3.
    pub language: Option<String>,
    /// The wished length of a summary, in characters.
    pub summary_length: usize,
}

impl Conventions {
    /// Changes whenever a file read under it could give another head.
    pub fn fingerprint(&self) -> String {
        format!(
            "{READER_VERSION} {} {} {}",
            self.flavour.name,
            self.timezone.iana_name().unwrap_or("UTC"),
            self.language.as_deref().unwrap_or("-"),
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Markdown,
    Html,
    Text,
}

impl Kind {
    /// The kind that a file's extension promises; `None` for files that are no articles.
    pub fn of(path: &str) -> Option<Kind> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "md" | "markdown" | "mkdown" | "mkdn" | "mkd" | "mdx" => Some(Kind::Markdown),
            "html" | "htm" | "xhtml" => Some(Kind::Html),
            "txt" | "text" => Some(Kind::Text),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A file that comes with the entry, such as a podcast episode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    pub url: String,
    /// Bytes; RSS readers want it, so 0 is written where it is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    pub media_type: String,
}

/// What is kept in memory of every article.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    pub title: String,
    /// The author's own permanent link or path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where the article was found before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Draft, unlisted or withdrawn: known, but in no feed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// The author calls the present change too small to move `updated`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub minor: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Person>,
    /// Each a path of names joined by `/`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enclosures: Vec<Enclosure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// BLAKE3 of title, author's summary, body source and enclosures: what a reader would
    /// notice. The file may change without it.
    pub meaning: Hash,
}

/// What is made only for entries inside some feed's window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Sanitised HTML with absolute URLs only.
    pub html: String,
    /// The same as plain text, paragraphs separated by blank lines.
    pub text: String,
    pub summary: String,
    /// The first image of the body.
    pub image: Option<String>,
    /// The rule that gave the summary.
    pub summary_from: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    Warning,
    Error,
}

/// Something that the author should fix. A value, not an error: the work goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub path: String,
    pub line: Option<u32>,
    pub severity: Severity,
    pub message: String,
}

impl Problem {
    pub fn error(path: &str, line: Option<u32>, message: impl Into<String>) -> Problem {
        Problem { path: path.into(), line, severity: Severity::Error, message: message.into() }
    }

    pub fn warning(path: &str, line: Option<u32>, message: impl Into<String>) -> Problem {
        Problem { path: path.into(), line, severity: Severity::Warning, message: message.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.severity {
            Severity::Warning => "warning: ",
            Severity::Error => "",
        };
        match self.line {
            Some(line) => write!(f, "{}:{line}: {kind}{}", self.path, self.message),
            None => write!(f, "{}: {kind}{}", self.path, self.message),
        }
    }
}

/// Field name → the rule that gave its value, such as `front matter: date`.
pub type Provenance = BTreeMap<&'static str, String>;

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Article(Box<Head>),
    /// Nothing in the file: a truncating save, or a mistake.
    Empty,
    /// Front matter that has no end yet: a half-written file, or a mistake.
    Unclosed,
    /// Not to be read; the problems say why.
    Broken,
    /// A page of the site that is no article, such as a section's own page.
    NoArticle,
}

#[derive(Clone, Debug)]
pub struct Reading {
    pub outcome: Outcome,
    pub problems: Vec<Problem>,
    pub from: Provenance,
}

/// A file taken apart: its text, its front matter, and where its body begins.
struct Opened<'a> {
    kind: Kind,
    text: std::borrow::Cow<'a, str>,
    matter: Option<front_matter::FrontMatter>,
    body_at: usize,
}

impl Opened<'_> {
    fn body(&self) -> &str {
        &self.text[self.body_at..]
    }

    /// A fragment that a generator would put into its own page, or a whole page to be searched.
    fn is_fragment(&self) -> bool {
        self.matter.is_some() && !page::is_document(self.body())
    }
}

fn open<'a>(source: Source<'a>, problems: &mut Vec<Problem>) -> Result<Opened<'a>, Outcome> {
    let path = source.path;
    let Some(kind) = Kind::of(path) else { return Err(Outcome::NoArticle) };
    if source.bytes.iter().all(u8::is_ascii_whitespace) {
        problems.push(Problem::error(path, None, "the file is empty"));
        return Err(Outcome::Empty);
    }
    let decoded = match charset::decode(source.bytes, kind == Kind::Html) {
        Ok(decoded) => decoded,
        Err(message) => {
            problems.push(Problem::error(path, None, message));
            return Err(Outcome::Broken);
        }
    };
    if let Some((line, message)) = decoded.complaint {
        problems.push(Problem::warning(path, Some(line), message));
    }
    let text = decoded.text;
    match front_matter::split(&text) {
        Ok((matter, body_at)) => Ok(Opened { kind, text, matter, body_at }),
        Err(front_matter::Fault::Unclosed) => {
            problems.push(Problem::error(
                path,
                Some(1),
                "the front matter that opens here is never closed",
            ));
            Err(Outcome::Unclosed)
        }
        Err(front_matter::Fault::Syntax { line, message }) => {
            problems.push(Problem::error(path, Some(line), message));
            Err(Outcome::Broken)
        }
    }
}

/// Reads what is kept of every article.
pub fn read_head(source: Source, conventions: &Conventions) -> Reading {
    let mut problems = Vec::new();
    let mut from = Provenance::new();
    let opened = match open(source, &mut problems) {
        Ok(opened) => opened,
        Err(outcome) => return Reading { outcome, problems, from },
    };
    if conventions.flavour.is_site_page(source.path) {
        return Reading { outcome: Outcome::NoArticle, problems, from };
    }
    let mut head = match &opened.matter {
        Some(matter) => fields::head(matter, source.path, conventions, &mut from, &mut problems),
        None => Head::default(),
    };
    let found = match opened.kind {
        // The whole text is parsed for a heading only where the author gave no title.
        Kind::Markdown if head.title.is_empty() => {
            found::Found::heading(markdown::first_heading(opened.body()))
        }
        Kind::Markdown => found::Found::default(),
        Kind::Html if opened.is_fragment() && head.title.is_empty() => {
            found::Found::heading(page::first_heading(opened.body()))
        }
        Kind::Html if opened.is_fragment() => found::Found::default(),
        Kind::Html => page::read(opened.body()).found(conventions),
        Kind::Text if opened.matter.is_some() => found::Found::default(),
        Kind::Text => text::read(opened.body(), conventions).found(),
    };
    found::fill(&mut head, found, source.path, conventions, &mut from, &mut problems);
    head.meaning = meaning(&head, opened.body());
    if opened.kind != Kind::Markdown || opened.matter.is_some() || !opened.body().trim().is_empty()
    {
        return Reading { outcome: Outcome::Article(Box::new(head)), problems, from };
    }
    Reading { outcome: Outcome::Empty, problems, from }
}

/// Makes what only entries in a window need. `link` is the entry's own address, against which
/// relative URLs are resolved.
pub fn read_body(
    source: Source,
    head: &Head,
    link: &str,
    conventions: &Conventions,
) -> (Body, Vec<Problem>) {
    let mut problems = Vec::new();
    let Ok(opened) = open(source, &mut Vec::new()) else {
        return (Body::default(), problems);
    };
    let language = head.language.as_deref().or(conventions.language.as_deref());
    let raw = match opened.kind {
        Kind::Markdown => markdown::to_html(opened.body(), source.path.ends_with(".mdx")),
        Kind::Html if opened.is_fragment() => opened.body().to_string(),
        Kind::Html => page::read(opened.body()).html,
        Kind::Text if opened.matter.is_some() => text::plain_html(opened.body()),
        Kind::Text => text::read(opened.body(), conventions).html(),
    };
    let (before, raw) = summary::split_marker(raw);
    let clean = match sanitize::clean(&raw, link) {
        Ok(clean) => clean,
        Err(message) => {
            problems.push(Problem::error(source.path, None, message));
            sanitize::Clean::default()
        }
    };
    let found = blocks::blocks(&clean.html);
    let html = sanitize::without_title(clean.html, &found, &head.title);
    let marked = before.and_then(|before| sanitize::clean(&before, link).ok());
    let (summary, summary_from) = summary::choose(summary::Sources {
        marked: marked.as_ref().map(|clean| blocks::blocks(&clean.html)),
        author: head.summary.as_deref(),
        blocks: &found,
        title: &head.title,
        language,
        length: conventions.summary_length,
    });
    let text = blocks::plain(&found, &head.title);
    (Body { html, text, summary, image: clean.image, summary_from }, problems)
}

fn meaning(head: &Head, body: &str) -> Hash {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(head.title.as_bytes());
    part(head.summary.as_deref().unwrap_or("").as_bytes());
    part(body.replace("\r\n", "\n").trim().as_bytes());
    for enclosure in &head.enclosures {
        part(enclosure.url.as_bytes());
        part(&enclosure.length.unwrap_or(0).to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}
