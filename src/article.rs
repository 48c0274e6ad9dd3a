//! What the author wrote. Bytes of one file go in; a [`Head`], on demand a [`Body`], and
//! [`Problem`]s come out. Nothing here knows of other files, of the clock or of feeds.

pub mod asciidoc;
pub mod attached;
pub mod blocks;
pub mod charset;
mod conventions;
pub mod cost;
pub mod dates;
pub mod declared;
pub mod embeds;
pub mod faults;
pub mod fields;
pub mod flavour;
pub mod found;
pub mod front_matter;
mod head;
pub mod instant;
pub mod internal;
mod kind;
pub mod language;
mod layouts;
pub mod literals;
pub mod markdown;
mod markup;
pub mod org;
pub mod page;
pub mod people;
mod problem;
pub mod provenance;
pub mod rst;
pub mod sanitize;
mod signature;
pub mod summary;
pub mod templates;
pub mod text;
mod unseen;
mod verbatim;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

pub use conventions::Conventions;
use declared::Defaults;
use flavour::location::Location;
use flavour::{Flavour, Markdown, Needs, Notation};
pub use found::DETECTED;
use front_matter::Field;
pub use head::{Body, Enclosure, Head, Person};
use internal::pictures;
pub use kind::{Kind, unread_kind};
pub use problem::{Problem, Severity};
pub use provenance::Provenance;
pub use signature::Signature;
use text::furniture::Furniture;
use xxhash_rust::xxh3::Xxh3;

/// Raised when a change of the readers should make every file be read again.
pub const READER_VERSION: u32 = 15;

/// Why a file of another kind is none.
pub const NO_EXTENSION: &str = "no article's extension (.md, .rst, .org, .adoc, .html, .txt)";

/// Of some bytes: BLAKE3, where nothing else is said.
pub type Hash = [u8; 32];

/// One file as it was read.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Relative to the content directory, `/` between its parts.
    pub path: &'a str,
    pub bytes: &'a [u8],
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
    Written,
    Removed,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Article(Box<Head>),
    /// Nothing in the file: a truncating save, or a mistake.
    Empty,
    /// Front matter that has no end yet: a half-written file, or a mistake.
    Unclosed,
    /// Not to be read; the problems say why.
    Broken,
    /// A page of the site that is no article, and why.
    NoArticle(&'static str),
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

fn open<'a>(
    source: Source<'a>,
    conventions: &Conventions,
    problems: &mut Vec<Problem>,
) -> Result<Opened<'a>, Outcome> {
    let path = source.path;
    let Some(kind) = Kind::of(path) else {
        return Err(Outcome::NoArticle(NO_EXTENSION));
    };
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
    let split = match kind {
        Kind::Rst => rst::open(&text, conventions.flavour.forms),
        Kind::Org => org::open(&text, conventions.flavour.forms),
        Kind::AsciiDoc => asciidoc::open(&text, conventions.flavour.forms),
        _ => front_matter::split(&text, conventions.flavour.forms),
    };
    match split {
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

/// What an article's folder says of it.
#[derive(Clone, Copy, Debug)]
pub struct Folder<'a> {
    /// From files in it and above, nearest first.
    pub defaults: &'a [Defaults],
    /// What its bare texts have in common.
    pub furniture: &'a Furniture,
}

/// Reads what is kept of every article; `thorough` also looks for what is there besides and lost.
pub fn read_head(
    source: Source,
    conventions: &Conventions,
    folder: Folder,
    thorough: bool,
) -> Reading {
    let mut problems = Vec::new();
    let mut from = Provenance::kept(thorough);
    let Some(location) = conventions.locate(source.path) else {
        let outcome = Outcome::NoArticle("the site's conventions have no articles at this path");
        return Reading { outcome, problems, from };
    };
    let opened = match open(source, conventions, &mut problems) {
        Ok(opened) => opened,
        Err(outcome) => return Reading { outcome, problems, from },
    };
    let mut inherited = conventions.inherited(folder.defaults, &location);
    let layouts = &conventions.declared.layouts;
    if !layouts.is_empty() {
        let own = opened.matter.as_ref().map_or(&[][..], |matter| &matter.fields);
        inherited.extend(layouts.given(own, &inherited));
    }
    let mut read = match &opened.matter {
        None if inherited.is_empty() && conventions.declared.permalink_of_fields.is_none() => {
            fields::Read::default()
        }
        matter => fields::read(
            matter.as_ref().unwrap_or(&front_matter::FrontMatter::default()),
            &inherited,
            source.path,
            conventions,
            &|| language::detect_in(opened.body()),
            &mut from,
            &mut problems,
        ),
    };
    let head = &mut read.head;
    if opened.kind == Kind::Text && opened.matter.is_none() {
        head.furniture = text::furniture(opened.body(), folder.furniture);
        if !head.furniture.is_empty() {
            from.set("text", without(head.furniture.len()));
        }
    }
    let found = find(&opened, head, source.path, conventions, thorough);
    if let Some(complaint) = &found.complaint {
        let line = line_of(complaint, &opened.text);
        problems.push(Problem::warning(source.path, line, complaint.clone()));
    }
    found::fill(head, found, &location, conventions, &mut from);
    found::date_of_link(head, conventions, &mut from);
    head.foreign = location.foreign;
    head.page = location.renamed(source.path, &inherited, conventions);
    if let Some(reason) = not_in_feed(head, &location, read.called_post, conventions) {
        // A date that cannot be read is not none.
        let outcome = match read.bad_date.filter(|_| !head.hidden) {
            Some(at) => {
                problems[at].message +=
                    "; until it is mended, its entry stays as it was, or out of the feeds";
                Outcome::Broken
            }
            None => Outcome::NoArticle(reason),
        };
        return Reading { outcome, problems, from };
    }
    head.meaning = meaning(head, opened.body());
    let is_blank =
        opened.kind.is_markup() && opened.matter.is_none() && opened.body().trim().is_empty();
    let outcome = if is_blank { Outcome::Empty } else { Outcome::Article(Box::new(read.head)) };
    Reading { outcome, problems, from }
}

/// Where the words that a complaint quotes first stand.
fn line_of(complaint: &str, text: &str) -> Option<u32> {
    let at = text.find(complaint.split('`').nth(1)?)?;
    Some(problem::line_at(text.as_bytes(), at))
}

/// What the text itself gives, as far as the fields left it open.
fn find(
    opened: &Opened,
    head: &Head,
    path: &str,
    conventions: &Conventions,
    thorough: bool,
) -> found::Found {
    // The whole text is parsed for a heading only where the author gave no title.
    let flavour = conventions.flavour;
    let wants_title = flavour.heading_titles && (thorough || head.title.is_empty());
    let mut found = match opened.kind {
        Kind::Markdown if wants_title => {
            let body =
                templates::render(opened.body(), notation(path, flavour), &conventions.declared);
            let mut found =
                found::Found::heading(markdown::first_heading(&body, conventions.markdown()));
            let lines = || markdown::opening_lines(&body, conventions.markdown());
            if found.title.is_none() && found::is_nameless(path, conventions) {
                found.opening = lines().into_iter().next();
            }
            if flavour.date_lines && opened.matter.is_none() {
                let written = || language::detect_in(opened.body());
                found.take_date_line(&lines(), conventions, &written);
            }
            found
        }
        Kind::Rst if wants_title => found::Found::heading(rst::first_heading(opened.body())),
        Kind::Org if wants_title => found::Found::heading(org::first_heading(opened.body())),
        Kind::AsciiDoc if wants_title => {
            found::Found::heading(asciidoc::first_heading(opened.body()))
        }
        Kind::Html if opened.is_fragment() && wants_title => {
            found::Found::heading(page::first_heading(opened.body()))
        }
        Kind::Html if !opened.is_fragment() => {
            page::read(opened.body(), conventions).found(conventions)
        }
        Kind::Text if opened.matter.is_none() => {
            text::read(opened.body(), &head.furniture, conventions).found()
        }
        _ => found::Found::default(),
    };
    // Where no more depends on it, only what a feed shows tells its language, with its body: most of
    // an archive is in none.
    let is_declared = head.language.is_some() || conventions.language.is_some();
    let asked = if is_declared { thorough } else { conventions.by_language };
    if found.language.is_none() && asked {
        found.language = language::detect_in(opened.body());
        found.language_from = found::DETECTED;
    }
    found
}

fn without(blocks: usize) -> String {
    let blocks = if blocks == 1 { "1 block".into() } else { format!("{blocks} blocks") };
    format!("text body without {blocks} that other texts of its folder have too")
}

/// Why a generator's own feed would leave a file out, if it would.
fn not_in_feed(
    head: &Head,
    location: &Location,
    called_post: bool,
    conventions: &Conventions,
) -> Option<&'static str> {
    let flavour = conventions.flavour;
    let page = location.page(flavour);
    let name = page.rsplit('/').next().unwrap_or(page);
    if flavour.path_date == flavour::PathDate::Post {
        match flavour::dated_post(name) {
            None => return Some("its name does not begin with a date: no post in this flavour"),
            Some((None, _)) if head.published.is_none() => {
                return Some("the day in its name does not exist, and it says no other");
            }
            Some(_) => {}
        }
    }
    match flavour.needs {
        Needs::Date if head.published.is_none() && !conventions.declared.undated => {
            Some("it has no date: feeds of this flavour show dated pages only")
        }
        Needs::DateOrTag if head.published.is_none() && !called_post => {
            Some("it has neither a date nor a tag that calls it a post")
        }
        _ => None,
    }
}

/// Where links between articles lead: a path relative to the content directory → an address.
pub type Links<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Beyond so many files that a body's links may name, a change of one is not followed.
const MAX_ASKED: usize = 1_000;

/// Makes what only entries in a window need. `link` is the entry's own address, against which
/// relative URLs are resolved.
pub fn read_body(
    source: Source,
    head: &Head,
    link: &str,
    links: Links,
    conventions: &Conventions,
) -> (Body, Vec<Problem>) {
    let mut problems = Vec::new();
    let Ok(opened) = open(source, conventions, &mut Vec::new()) else {
        return (Body::default(), problems);
    };
    let named = head.language.as_deref().or(conventions.language.as_deref());
    let told = if named.is_none() { language::detect_in(opened.body()) } else { None };
    let language = named.or(told.as_deref());
    let asked = RefCell::new(BTreeMap::new());
    let links = |path: &str| {
        let link = links(path);
        let mut asked = asked.borrow_mut();
        if asked.len() < MAX_ASKED {
            asked.insert(path.to_string(), link.clone());
        }
        link
    };
    problems.extend(markup::inclusions(opened.kind, source.path, &opened.text, opened.body_at));
    let resolve =
        |target: &str| internal::resolve(target, source.path, &links, conventions).address();
    let pictures =
        |target: &str| pictures::find(target, source.path, &resolve, conventions).address(target);
    let raw = raw_html(&opened, head, source.path, &resolve, &pictures, conventions);
    let shown = match embeds::as_readers_show(&raw) {
        Cow::Borrowed(_) => None,
        Cow::Owned(shown) => Some(shown),
    };
    let (before, raw) = summary::split_marker(shown.unwrap_or(raw));
    let clean = match sanitize::clean(&raw, link) {
        Ok(clean) => clean,
        Err(message) => {
            problems.push(Problem::error(source.path, None, message));
            sanitize::Clean::default()
        }
    };
    let found = blocks::blocks(&clean.html);
    let html = sanitize::without_title(clean.html, &found, &head.title);
    let blocks_of = |html: String| {
        let clean = sanitize::clean(&html, link).ok();
        clean.map(|clean| blocks::blocks(&clean.html))
    };
    let (summary, summary_from) = summary::choose(summary::Sources {
        marked: before.and_then(blocks_of),
        excerpt: excerpt(&opened, source.path, conventions).and_then(blocks_of),
        author: head.summary.as_deref(),
        blocks: &found,
        title: &head.title,
        language,
        wish: conventions.summary,
    });
    let text = blocks::plain(&found, &head.title);
    let image = clean.image;
    let asked = asked.into_inner();
    (Body { html, text, summary, language: told, image, summary_from, asked }, problems)
}

/// The body's HTML, not sanitised.
fn raw_html(
    opened: &Opened,
    head: &Head,
    path: &str,
    resolve: markdown::Resolve,
    pictures: markdown::Pictures,
    conventions: &Conventions,
) -> String {
    let flavour = conventions.flavour;
    let rendered =
        || templates::render(opened.body(), notation(path, flavour), &conventions.declared);
    let html = match opened.kind {
        Kind::Markdown => {
            let html =
                markdown::to_html(&rendered(), dialect(path, conventions), resolve, pictures);
            let heading = html.find("</h1>").filter(|_| html.trim_start().starts_with("<h1"));
            match heading.filter(|_| flavour.first_heading_is_title) {
                Some(at) => html[at + 5..].to_string(),
                None => html,
            }
        }
        Kind::Rst => rst::to_html(&rendered(), &opened.text, resolve),
        Kind::Org => org::to_html(&rendered(), &opened.text, resolve),
        Kind::AsciiDoc => asciidoc::to_html(&rendered(), &opened.text[..opened.body_at], resolve),
        Kind::Html if opened.is_fragment() => rendered().into_owned(),
        Kind::Html => page::article(opened.body(), conventions),
        Kind::Text if opened.matter.is_some() => text::plain_html(opened.body()),
        Kind::Text => text::read(opened.body(), &head.furniture, conventions).html(),
    };
    match flavour.notation {
        Notation::Pelican => internal::in_attributes(&html, resolve).into_owned(),
        _ => html,
    }
}

/// `.mdx` is MDX in any flavour; Docusaurus takes `.md` for it too, Astro does not.
fn notation(path: &str, flavour: &Flavour) -> Notation {
    match flavour.notation {
        _ if path.ends_with(".mdx") => Notation::Mdx,
        Notation::Mdx if !flavour.md_is_mdx => Notation::None,
        notation => notation,
    }
}

/// In MDX, what is in an element is written further in.
fn dialect(path: &str, conventions: &Conventions) -> Markdown {
    let usual = conventions.markdown();
    let is_mdx = notation(path, conventions.flavour) == Notation::Mdx;
    Markdown { indented_code: usual.indented_code && !is_mdx, ..usual }
}

/// What stands before the mark that ends the excerpt, where the generator makes one of every
/// article.
fn excerpt(opened: &Opened, path: &str, conventions: &Conventions) -> Option<String> {
    let flavour = conventions.flavour;
    let usual = flavour.excerpt_end.filter(|_| opened.kind == Kind::Markdown)?;
    let said = |fields: &[Field]| {
        let field = fields.iter().find(|field| field.key == "excerpt_separator")?;
        field.value.as_str().map(str::to_string)
    };
    let own = opened.matter.as_ref().and_then(|matter| said(&matter.fields));
    let own = own.or_else(|| {
        let location = conventions.locate(path)?;
        let inherited = conventions.inherited(&[], &location);
        inherited.iter().find_map(|inherited| said(&inherited.fields))
    });
    let end = own.as_deref().or(conventions.declared.excerpt_end.as_deref()).unwrap_or(usual);
    let body = opened.body().trim_start();
    let (before, after) = body.split_once(end).filter(|_| !end.is_empty())?;
    // References that are defined further down (Jekyll, `excerpt.rb`).
    let is_definition =
        |line: &&str| line.starts_with('[') && line.contains("]: ") && !line.contains('{');
    let definitions = after.lines().filter(is_definition);
    let whole = std::iter::once(before).chain(definitions).collect::<Vec<_>>().join("\n\n");
    let text = templates::render(&whole, flavour.notation, &conventions.declared);
    Some(markdown::to_html(&text, dialect(path, conventions), &|_| None, &|_| None))
}

/// Every file is hashed for its identity already, where nobody must be able to forge it. Here an
/// author could but keep a date of his own from moving, and a quick hash will do: of the room for
/// a long one it fills the half.
fn meaning(head: &Head, body: &str) -> Hash {
    let mut hasher = Xxh3::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(head.title.as_bytes());
    part(head.summary.as_deref().unwrap_or("").as_bytes());
    match memchr::memchr(b'\r', body.as_bytes()).is_some() {
        true => part(body.replace("\r\n", "\n").trim().as_bytes()),
        false => part(body.trim().as_bytes()),
    }
    for enclosure in &head.enclosures {
        part(enclosure.url.as_bytes());
        part(&enclosure.length.unwrap_or(0).to_le_bytes());
    }
    let mut meaning = [0; 32];
    meaning[..16].copy_from_slice(&hasher.digest128().to_le_bytes());
    meaning
}
