//! In what generators differ: the choices that a row of [`Flavour`](super::Flavour) makes.

use super::PLAIN;
use crate::article::declared::Declared;

/// Which part of a path names the category of an article that names none itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderCategory {
    /// Every folder above the file.
    Path,
    Top,
    Nearest,
    /// The folders above `_posts`, besides those that the article names.
    AbovePosts,
    Never,
}

/// Whether a date in a path is the article's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathDate {
    Never,
    /// At the beginning of the file's name, or of a bundle's folder.
    Name,
    /// Likewise, or else a year, a month and a day that lie one in another: `2024/03/12`.
    NameOrFolders,
    /// At the beginning of the file's name, and a file without one is no article.
    Post,
    /// Anywhere, folders included.
    Anywhere,
    /// Anywhere, and its parts may be folders.
    Folders,
}

/// On which clocks the day in an address is read, where a date names a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocks {
    Site,
    /// Those of the zone that it names.
    Own,
    /// Those of UTC, as if they were the site's.
    Utc,
}

/// What a file must have to be in the generator's feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    Date,
    /// A date, or a tag that calls it a post.
    DateOrTag,
}

/// How a file's name becomes a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameTitles {
    /// `hoi-nghi` → `Hoi nghi`
    Sentence,
    /// `hoi-nghi` → `Hoi Nghi`
    Words,
    Verbatim,
}

/// Front matter without its fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfenced {
    /// `Title: …` lines up to the first blank one, where they name fields that everybody knows.
    KnownHeaders,
    /// Such lines, whatever they name.
    Headers,
    /// Fields that only end with a fence.
    Opener,
}

/// Of front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms {
    pub unfenced: Unfenced,
    /// YAML's own moments without a zone are in UTC.
    pub times_are_utc: bool,
    /// Blank lines may stand before it.
    pub after_blank_lines: bool,
    /// Whatever begins with three dashes is a fence.
    pub long_fences: bool,
    /// Org's keywords are taken as they stand, and of its timestamps the day.
    pub plain_keywords: bool,
}

impl Default for Forms {
    fn default() -> Forms {
        PLAIN.forms
    }
}

/// Template marks within a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    None,
    /// `{% tag %}` and `{{ value }}`
    Liquid,
    /// The same, but not in code.
    Hexo,
    /// `{{< shortcode >}}` and `{{% shortcode %}}`
    Hugo,
    /// `{{ shortcode() }}` and `{% shortcode() %}…{% end %}`
    Zola,
    /// `<Component/>`, `{expression}`, `import` and `export`
    Mdx,
    /// `{filename}path` in links
    Pelican,
}

/// What an address may be made of besides the words that all have.
pub struct Known<'a> {
    pub declared: &'a Declared,
    /// The text of one of the article's fields.
    pub field: &'a dyn Fn(&str) -> Option<String>,
}

/// What the generator's Markdown knows beyond GitHub's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Markdown {
    /// Straight quotes become curly.
    pub typographer: bool,
    /// `# Heading {#id}`
    pub heading_ids: bool,
    /// Definition lists.
    pub definitions: bool,
    /// kramdown's `{: .class}`, and what else it shares with Python's Markdown.
    pub kramdown: bool,
    /// `:tada:` is a sign, where the site does not say otherwise.
    pub emoji: bool,
    /// What stands four spaces in is code.
    pub indented_code: bool,
}

/// Programs of a site's that tell of the addresses of its articles.
#[derive(Debug)]
pub struct Programs {
    /// Where they lie, below the site's root; texts among them may be articles themselves.
    pub folder: &'static str,
    pub extensions: &'static [&'static str],
    /// Whether a program tells of any, by its path below the site's root.
    pub tells: fn(&str) -> bool,
}
