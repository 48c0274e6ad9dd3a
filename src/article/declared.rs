//! What a site's own config says, as far as its feeds are concerned: each generator's files, read
//! into one shape. Used only where the publisher says nothing else.

use std::collections::BTreeMap;

use globset::{Glob, GlobBuilder, GlobMatcher};

use super::fields::one_line;
use super::flavour::globs::pattern_below;
use super::flavour::words::NamePattern;
use super::front_matter::{Field, Value};
use super::layouts::Layouts;
use super::{Person, people};

/// What ends a doubt about addresses that a pattern of the publisher's own dispels.
pub const SET_PERMALINK: &str = "set `[content] permalink`";
/// Likewise, about the site's address.
pub const SET_URL: &str = "set `url`";

/// One of the site's own files, such as `_config.yml`.
#[derive(Clone, Debug)]
pub struct SiteFile {
    /// Relative to the site's root.
    pub path: String,
    pub fields: Vec<Field>,
}

/// What all of a site's own files say together.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    pub title: Option<String>,
    pub url: Option<String>,
    pub description: Option<String>,
    pub language: Option<String>,
    pub timezone: Option<String>,
    pub author: Option<Person>,
    /// Where the content lies, below the site's root; [`COMPUTED`] where only the generator knows.
    ///
    /// [`COMPUTED`]: super::literals::COMPUTED
    pub content: Option<String>,
    /// Other folders of articles that it has, each with its addresses.
    pub other_places: Vec<Place>,
    /// Patterns of addresses, for articles of one section or for all; the first that fits counts.
    pub permalinks: Vec<Permalink>,
    /// The pattern of articles that have the fields which it names, and what these are where one has
    /// none; then `permalinks` do without.
    pub permalink_of_fields: Option<FieldPattern>,
    /// The pattern for articles in another language than the site's.
    pub permalink_of_others: Option<String>,
    /// The site's own people, by the key that articles name them by, in lower case.
    pub people: BTreeMap<String, Person>,
    /// What tags are called, by their keys in lower case.
    pub labels: BTreeMap<String, String>,
    /// The fields of the site's own that hold an article's title and its date.
    pub title_field: Option<String>,
    pub date_field: Option<String>,
    /// Fields that articles have without saying so.
    pub defaults: Vec<Defaults>,
    /// The folder of layouts, below the content, where they give fields to their articles.
    pub layout_folder: Option<String>,
    /// Folders below the content that hold nothing but what articles are put into.
    pub template_folders: Vec<String>,
    pub layouts: Layouts,
    /// The site's own filters: what they make of a date, in words of ours, where that is plain.
    pub filters: BTreeMap<String, Option<String>>,
    /// Whether `:tada:` is a sign, where the site says so.
    pub emoji: Option<bool>,
    /// Whether straight quotes become curly, where the site says so.
    pub typographer: Option<bool>,
    /// Whether what stands four spaces in is code, where the site tells.
    pub indented_code: Option<bool>,
    /// Whether its Markdown has definition lists, where the site says so.
    pub definitions: Option<bool>,
    /// What ends an excerpt, where the site has a mark of its own.
    pub excerpt_end: Option<String>,
    pub languages: Vec<Language>,
    /// Where folders stand in for others, if some do in part only; the first that has a file counts.
    pub mounts: Vec<Mount>,
    /// How files below the folder of posts are named, where that decides about addresses.
    pub post_names: Option<NamePattern>,
    /// A date in a file's name is the article's, though it is not by the flavour's rule.
    pub dated_names: bool,
    /// A date in a file's name is that of its address, whatever date the article has.
    pub day_of_name: bool,
    /// How file names become part of an address, where the site chose another way than usual.
    pub slugs: Option<Slugs>,
    /// Globs of files that are left out.
    pub exclude: Vec<String>,
    /// Likewise, but their asterisks do not cross slashes.
    pub ignored: Vec<String>,
    /// Globs of files that are articles, where not all are.
    pub include: Vec<String>,
    /// The category of articles that are in none.
    pub default_category: Option<String>,
    /// What stands for a category in an address, by its name.
    pub category_slugs: BTreeMap<String, String>,
    /// Whether a folder is a category, where the site says so.
    pub folder_is_category: Option<bool>,
    /// An article without a date is one all the same.
    pub undated: bool,
    /// The date of articles that have none.
    pub default_date: Option<String>,
    /// What it says that cannot be followed.
    pub doubts: Vec<String>,
    /// Tells one state of the site's own files from another.
    pub digest: String,
}

/// A folder that stands in the place of another (Hugo, `module.mounts`).
#[derive(Clone, Debug)]
pub struct Mount {
    /// Below the site's root.
    pub source: String,
    /// Below the content folder.
    pub target: String,
    pub taken: Vec<GlobMatcher>,
    pub left_out: Vec<GlobMatcher>,
}

impl Mount {
    /// Where a file of the site stands, if it is one of these.
    pub fn place(&self, site_path: &str) -> Option<String> {
        let rest = match site_path.strip_prefix(&self.source)? {
            rest if self.source.is_empty() => rest,
            rest => rest.strip_prefix('/')?,
        };
        let ends = rest.match_indices('/').map(|(at, _)| at).chain([rest.len()]);
        let is_out =
            ends.into_iter().any(|end| self.left_out.iter().any(|g| g.is_match(&rest[..end])));
        let is_in = self.taken.is_empty() || self.taken.iter().any(|g| g.is_match(rest));
        let slash = if self.target.is_empty() { "" } else { "/" };
        (is_in && !is_out).then(|| format!("{}{slash}{rest}", self.target))
    }
}

/// A folder of articles, below the site's root, and the pattern of their addresses.
#[derive(Clone, Debug)]
pub struct Place {
    pub content: String,
    pub permalink: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permalink {
    /// The top folder; `None` for all.
    pub section: Option<String>,
    pub pattern: String,
}

/// A pattern with words that are fields of the article (Hexo), part by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPattern {
    pub parts: Vec<PatternPart>,
    /// An article that lacks one of the fields has the usual address, and nothing is wrong.
    pub or_usual: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternPart {
    /// As in any other pattern.
    Pattern(String),
    /// A field's name, and its value where an article has none.
    Field(String, Option<String>),
}

impl FieldPattern {
    /// With something else for each field.
    pub fn with(&self, field: impl Fn(&str) -> String) -> String {
        let part = |part: &PatternPart| match part {
            PatternPart::Pattern(text) => text.clone(),
            PatternPart::Field(name, _) => field(name),
        };
        self.parts.iter().map(part).collect()
    }
}

#[derive(Clone, Debug)]
pub struct Defaults {
    /// The file that says so.
    pub origin: String,
    pub scope: Scope,
    /// Only of articles in this one.
    pub language: Option<String>,
    pub fields: Vec<Field>,
}

/// Which articles defaults are for.
#[derive(Clone, Debug)]
pub enum Scope {
    Everything,
    /// Those at or below a path, relative to the site's root.
    Below(String),
    /// Those that a pattern covers, or whose folder it does.
    Glob(GlobMatcher),
    /// Those that a pattern covers, with their extension or without.
    Pages(GlobMatcher),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    pub tag: String,
    /// The folder that its articles lie in, where they have one of their own.
    pub folder: Option<String>,
    /// The site's first language: its articles are in the main feed.
    pub main: bool,
    /// Its articles' addresses begin with the tag.
    pub prefixed: bool,
    /// The site leaves it out.
    pub disabled: bool,
}

/// How file names become part of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slugs {
    /// As they are.
    Verbatim,
    /// From the file's name rather than from the title.
    FileName,
}

impl Scope {
    pub fn of(path: &str) -> Scope {
        let path = path.trim_matches('/');
        if path.is_empty() {
            return Scope::Everything;
        }
        match Glob::new(path) {
            Ok(glob) if path.contains(['*', '?', '[']) => Scope::Glob(glob.compile_matcher()),
            _ => Scope::Below(path.to_string()),
        }
    }

    /// Of a pattern for pages; `None` where it is none.
    pub fn pages(pattern: &str) -> Option<Scope> {
        let glob = GlobBuilder::new(pattern).literal_separator(true).build().ok()?;
        Some(Scope::Pages(glob.compile_matcher()))
    }

    /// More for a narrower one.
    pub fn narrowness(&self) -> usize {
        match self {
            Scope::Everything => 0,
            Scope::Below(folder) => folder.len(),
            Scope::Glob(glob) | Scope::Pages(glob) => glob.glob().glob().len(),
        }
    }

    /// `path` is relative to the site's root.
    pub fn covers(&self, path: &str) -> bool {
        match self {
            Scope::Everything => true,
            Scope::Below(folder) => path
                .strip_prefix(folder.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            Scope::Pages(glob) => {
                let bare = path.rsplit_once('.').map_or(path, |(bare, _)| bare);
                let page = bare.strip_suffix("/index").unwrap_or(bare);
                glob.is_match(path) || glob.is_match(page)
            }
            // A pattern that fits a folder covers what is in it.
            Scope::Glob(glob) => std::iter::successors(Some(path), |path| {
                path.rsplit_once('/').map(|(folder, _)| folder)
            })
            .any(|path| glob.is_match(path)),
        }
    }
}

impl Declared {
    /// The pattern for an article in a section.
    pub fn permalink(&self, section: &str) -> Option<&str> {
        let fits = |permalink: &&Permalink| {
            permalink.section.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(section))
        };
        self.permalinks.iter().find(fits).map(|permalink| permalink.pattern.as_str())
    }

    /// A folder of the content's, below the site's root.
    pub fn below_content(&self, folder: &str) -> String {
        pattern_below(self.content.as_deref().unwrap_or(""), folder)
    }

    /// One of the site's people, by the key or the name that an article gives.
    pub fn person(&self, key: &str) -> Option<&Person> {
        self.people.get(&key.to_lowercase())
    }

    pub fn permalink_of_all(&mut self, pattern: Option<String>) {
        self.permalinks.extend(pattern.map(|pattern| Permalink { section: None, pattern }));
    }
}

/// A value by its path of keys, such as `author.name`.
pub fn find<'a>(fields: &'a [Field], path: &str) -> Option<&'a Value> {
    let mut keys = path.split('.');
    let first = keys.next()?;
    let field = fields.iter().rev().find(|field| field.key == first)?;
    keys.try_fold(&field.value, |value, key| value.get(key))
}

/// The text at the first of some paths that has one.
pub fn text(fields: &[Field], paths: &[&str]) -> Option<String> {
    paths
        .iter()
        .filter_map(|path| find(fields, path)?.as_str())
        .map(one_line)
        .find(|text| !text.is_empty())
}

/// A person: a name, a table, or the first of a list.
pub fn person(fields: &[Field], path: &str) -> Option<Person> {
    match find(fields, path)? {
        Value::List(people) => people::person(people.first()?),
        one => people::person(one),
    }
}

/// A table of people by their keys, as in `_data/authors.yml`.
pub fn people(fields: &[Field]) -> BTreeMap<String, Person> {
    let mut people = BTreeMap::new();
    for field in fields {
        if let Some(person) = people::person(&field.value) {
            people.insert(field.key.clone(), person);
        }
    }
    people
}

/// Texts of a list, or the one text.
pub fn list(fields: &[Field], path: &str) -> Vec<String> {
    match find(fields, path) {
        Some(Value::List(items)) => items.iter().filter_map(Value::as_str).map(one_line).collect(),
        Some(one) => one.as_str().map(one_line).into_iter().collect(),
        None => Vec::new(),
    }
}

pub fn flag(fields: &[Field], path: &str) -> Option<bool> {
    find(fields, path)?.as_bool()
}

/// An address from its two halves: `https://a.example` and `/blog`.
pub fn joined(host: Option<String>, below: Option<String>) -> Option<String> {
    let below = below.unwrap_or_default();
    let below = below.trim_matches('/');
    let host = host?;
    let host = host.trim_end_matches('/');
    Some(if below.is_empty() { format!("{host}/") } else { format!("{host}/{below}/") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_cover_what_lies_below() {
        for (scope, path, covered) in [
            ("", "a.md", true),
            ("_posts", "_posts/a.md", true),
            ("_posts", "_postscript/a.md", false),
            ("section/*/special", "section/x/special/a.md", true),
            ("section/*/special", "section/x/plain/a.md", false),
        ] {
            assert_eq!(Scope::of(scope).covers(path), covered, "{scope} {path}");
        }
    }

    #[test]
    fn patterns_may_be_of_pages() {
        for (pattern, path, covered) in [
            ("content/{a,a/**}", "content/a/b/c.md", true),
            ("content/a", "content/a/b.md", false),
            ("content/a/*", "content/a/b/c.md", false),
            ("content/a/b", "content/a/b/index.md", true),
        ] {
            assert_eq!(Scope::pages(pattern).unwrap().covers(path), covered, "{pattern} {path}");
        }
    }

    #[test]
    fn addresses_are_joined() {
        let join = |host: &str, below: &str| joined(Some(host.into()), Some(below.into())).unwrap();
        assert_eq!(join("https://a.example", ""), "https://a.example/");
        assert_eq!(join("https://a.example/", "/blog/"), "https://a.example/blog/");
    }
}
