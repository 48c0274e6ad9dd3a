//! What generators' content folders have in common and where they differ: one row each, in a file
//! of its own. A new generator is a new row.

mod astro;
mod dated;
mod docusaurus;
mod eleventy;
pub mod globs;
mod hexo;
mod hugo;
pub mod jekyll;
pub mod location;
mod pelican;
pub mod slugify;
mod ways;
pub mod words;
mod zola;

use super::declared::{Declared, Defaults, Scope, SiteFile};
use super::front_matter::{Fault, Field, fields_of};
pub use dated::{dated_name, dated_post};
use slugify::Slugify;
pub use ways::{
    Clocks, FolderCategory, Forms, Known, Markdown, NameTitles, Needs, Notation, PathDate,
    Programs, Unfenced,
};

#[derive(Debug)]
pub struct Flavour {
    pub name: &'static str,
    /// Files and folders beside or above the content that give the generator away; all of one
    /// row's group must be there.
    pub marks: &'static [&'static [&'static str]],
    /// Extensions of the files that it takes for content; empty: of all articles.
    pub extensions: &'static [&'static str],
    /// Where its content lies, below the site's root.
    pub content: &'static str,
    /// The site's own files, below its root; what a later one says counts more.
    pub site_files: &'static [&'static str],
    /// Programs beside them that are looked into.
    pub programs: Option<Programs>,
    /// Reads one of these files, by its path below the root.
    pub read: fn(&str, &str) -> Result<Vec<Field>, Fault>,
    pub declare: fn(&[SiteFile]) -> Declared,
    /// Files that give fields to all articles of their folder and below; `{language}` stands for
    /// each of the site's, `{folder}` for the folder's name.
    pub folder_files: &'static [&'static str],
    /// The fields that such a file gives.
    pub inherit: fn(&SiteFile) -> Vec<Defaults>,
    /// The name of a file in its content folder that lists what it leaves out.
    pub ignore_file: Option<&'static str>,
    /// Where it writes its own output: never read.
    pub output: &'static [&'static str],
    /// Underscore folders that hold articles all the same; `*`: any.
    pub underscore: &'static [&'static str],
    /// Folders that hold no articles.
    pub aside: &'static [&'static str],
    /// Only what lies below a folder of this name is an article.
    pub posts: Option<&'static str>,
    pub needs: Needs,
    pub forms: Forms,
    /// `index.md` stands for its folder.
    pub bundles: bool,
    /// A whole HTML page is the article itself, with nothing around it.
    pub page_is_article: bool,
    /// Where there is an `index.md`, the other files of its folder and below belong to it.
    pub leaf_bundles: bool,
    pub path_date: PathDate,
    /// An article that only tells when it changed was published then; and its address has its
    /// `date`, whatever else tells when it was published.
    pub date_from_change: bool,
    /// On which clocks the day in an address is read.
    pub clocks: Clocks,
    /// Whether a date in the file's name is left in the slug.
    pub date_in_slug: bool,
    /// Dates that name no zone are in UTC rather than in the site's zone.
    pub naive_utc: bool,
    /// `categories: a b` is two categories.
    pub split_categories: bool,
    /// `categories: [a, b]` is b inside a.
    pub nested_categories: bool,
    pub tags_are_categories: bool,
    pub folder_category: FolderCategory,
    /// Of articles that no rule gives one.
    pub category_fallback: Option<&'static str>,
    pub permalink: &'static str,
    /// The fields that hold an author's summary, what counts most first.
    pub summary: &'static [&'static str],
    /// The fields that hold an article's own address.
    pub link: &'static [&'static str],
    /// Puts such an address into our words; `None` where nothing can be made of it.
    pub own_link: fn(&str, &Known) -> Option<String>,
    pub slugify: Slugify,
    pub notation: Notation,
    /// The folder whose files keep their places, where pictures that an article names by file are
    /// handed out under names that nobody else can tell.
    pub kept_files: Option<&'static str>,
    /// `.md` files are MDX too.
    pub md_is_mdx: bool,
    pub markdown: Markdown,
    /// A heading of the first level at the beginning is the title, or another one of it, and shown
    /// as that only.
    pub first_heading_is_title: bool,
    /// An article without a title has that of its first heading.
    pub heading_titles: bool,
    /// The first paragraph of Markdown without front matter may be its date.
    pub date_lines: bool,
    pub name_titles: NameTitles,
    /// Files whose names begin with an underscore are no articles.
    pub hides_underscored: bool,
    /// A file called as its folder is that folder's index.
    pub named_indexes: bool,
    /// READMEs and their like are no articles.
    pub has_project_files: bool,
    /// Straight quotes in titles become curly, as in the generator's own feed.
    pub smart_titles: bool,
    /// What ends the excerpt, where the generator makes one of every article.
    pub excerpt_end: Option<&'static str>,
}

const PLAIN: Flavour = Flavour {
    name: "plain",
    marks: &[],
    extensions: &[],
    content: "",
    site_files: &[],
    programs: None,
    read: fields_of,
    declare: |_| Declared::default(),
    folder_files: &[],
    inherit: |file| {
        let fields = file.fields.clone();
        let scope = Scope::Everything;
        vec![Defaults { origin: file.path.clone(), scope, language: None, fields }]
    },
    ignore_file: None,
    output: &[],
    underscore: &[],
    aside: &[],
    posts: None,
    needs: Needs::Nothing,
    forms: Forms {
        unfenced: Unfenced::KnownHeaders,
        times_are_utc: false,
        after_blank_lines: false,
        long_fences: false,
        plain_keywords: false,
    },
    bundles: true,
    page_is_article: false,
    leaf_bundles: false,
    path_date: PathDate::NameOrFolders,
    date_from_change: false,
    clocks: Clocks::Site,
    date_in_slug: true,
    naive_utc: false,
    split_categories: false,
    nested_categories: false,
    tags_are_categories: false,
    folder_category: FolderCategory::Path,
    category_fallback: None,
    permalink: "/:path/",
    summary: &["summary", "excerpt", "description", "intro", "abstract", "subtitle"],
    // Without `canonical`: it tells where a text appeared first, which may be another site.
    link: &["url", "permalink", "path", "link", "external_url"],
    own_link: |link, _| Some(link.to_string()),
    slugify: Slugify::Verbatim,
    notation: Notation::None,
    kept_files: None,
    md_is_mdx: false,
    first_heading_is_title: false,
    markdown: Markdown {
        typographer: false,
        heading_ids: false,
        definitions: false,
        kramdown: false,
        emoji: false,
        indented_code: true,
    },
    heading_titles: true,
    date_lines: false,
    name_titles: NameTitles::Sentence,
    hides_underscored: false,
    named_indexes: false,
    has_project_files: true,
    smart_titles: false,
    excerpt_end: None,
};

pub static FLAVOURS: [Flavour; 9] = [
    hugo::HUGO,
    zola::ZOLA,
    eleventy::ELEVENTY,
    pelican::PELICAN,
    docusaurus::DOCUSAURUS,
    astro::ASTRO,
    // What gives these away is less than a config of their own name: folders that those who left
    // them kept.
    jekyll::JEKYLL,
    hexo::HEXO,
    Flavour { date_lines: true, ..PLAIN },
];

/// Names of files that stand in any folder and are no articles, without extension, in lower case.
const NO_ARTICLES: &[&str] =
    &["readme", "license", "licence", "changelog", "contributing", "robots", "humans", "404"];

/// Files that tools look for by their names, in lower case.
const FOR_MACHINES: &[&str] = &[
    "ads.txt",
    "app-ads.txt",
    "cmakelists.txt",
    "llms-full.txt",
    "llms.txt",
    "requirements.txt",
    "security.txt",
];

/// A page that proves to a search engine whose the site is: `google10557abd64ae58d5.html`.
fn is_proof(name: &str) -> bool {
    ["google", "yandex_", "pinterest-"].iter().any(|owner| {
        let code = name.strip_prefix(owner).and_then(|code| code.strip_suffix(".html"));
        code.is_some_and(|code| code.len() >= 5 && code.bytes().all(|b| b.is_ascii_hexdigit()))
    })
}

impl Flavour {
    pub fn named(name: &str) -> Option<&'static Flavour> {
        FLAVOURS.iter().find(|flavour| flavour.name == name)
    }

    pub fn plain() -> &'static Flavour {
        &FLAVOURS[FLAVOURS.len() - 1]
    }

    /// The flavour that a site's files give away; `has` tells whether a name is beside them, and of
    /// `name:word` whether a line of it begins with that word, in any case.
    pub fn detect(has: impl Fn(&str) -> bool) -> Option<&'static Flavour> {
        FLAVOURS.iter().find(|flavour| flavour.is_marked(&has))
    }

    pub fn is_marked(&self, has: impl Fn(&str) -> bool) -> bool {
        self.marks.iter().any(|group| group.iter().all(|name| has(name)))
    }

    /// Whether articles may lie in a folder of this name.
    pub fn enters(&self, folder: &str, at_root: bool) -> bool {
        let is_of_packages = folder == "node_modules" || (at_root && folder == "vendor");
        if folder.starts_with('.') || is_of_packages {
            return false;
        }
        if folder.starts_with('_') {
            return self.underscore.contains(&folder) || self.underscore.contains(&"*");
        }
        let output = at_root && self.output.contains(&folder);
        !output && !self.aside.contains(&folder)
    }

    /// Pages of the site itself, which are no articles.
    pub fn is_site_page(&self, path: &str) -> bool {
        let (folder, stem) = split_path(path);
        let name = path.rsplit('/').next().unwrap_or(path);
        let lower = stem.to_lowercase();
        (self.has_project_files && NO_ARTICLES.contains(&lower.as_str()))
            || lower == "_index"
            || lower.starts_with("_index.")
            || (self.hides_underscored && lower.starts_with('_'))
            || (folder.is_empty() && lower == "index")
            || FOR_MACHINES.iter().any(|known| known.eq_ignore_ascii_case(name))
            || is_proof(name)
    }

    /// Whether it takes a file of this name for content.
    pub fn takes(&self, path: &str) -> bool {
        let extension = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
        self.extensions.is_empty() || self.extensions.contains(&extension.as_str())
    }

    /// The names of files in a folder that give fields to the articles in it and below.
    pub fn folder_files_in<'a>(
        &'static self,
        folder: &'a str,
    ) -> impl Iterator<Item = String> + use<'a> {
        let name = folder.rsplit('/').next().unwrap_or(folder);
        let own = self.folder_files.iter().filter(|file| !file.contains(LANGUAGE));
        own.map(move |file| file.replace("{folder}", name))
    }

    /// Likewise, of such files as each language has.
    pub fn folder_files_of(&'static self, language: &str) -> impl Iterator<Item = String> {
        let own = self.folder_files.iter().filter(|file| file.contains(LANGUAGE));
        own.map(move |file| file.replace(LANGUAGE, language))
    }
}

/// In the name of a file, a language of the site.
const LANGUAGE: &str = "{language}";

/// Folder and name without extension.
pub fn split_path(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    (folder, name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}

/// The path that an article is known by: a bundle's `index` gives way to its folder.
pub fn page_path<'a>(path: &'a str, flavour: &Flavour) -> &'a str {
    let (folder, stem) = split_path(path);
    let is_index = stem.eq_ignore_ascii_case("index")
        || (flavour.named_indexes && folder.rsplit('/').next() == Some(stem));
    if flavour.bundles && is_index && !folder.is_empty() {
        return folder;
    }
    let end = folder.len() + usize::from(!folder.is_empty()) + stem.len();
    &path[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_paths() {
        let plain = Flavour::plain();
        for (path, expected) in [
            ("a.md", "a"),
            ("x/a.b.md", "x/a.b"),
            ("x/index.md", "x"),
            ("index.md", "index"),
            ("x/y", "x/y"),
        ] {
            assert_eq!(page_path(path, plain), expected);
        }
        let eleventy = Flavour::named("eleventy").unwrap();
        for (path, expected) in [("x/y/y.md", "x/y"), ("y.md", "y"), ("x/xy.md", "x/xy")] {
            assert_eq!(page_path(path, eleventy), expected);
        }
        assert_eq!(page_path("x/x.md", plain), "x/x");
    }

    #[test]
    fn what_is_for_machines_is_no_article() {
        let check = |path: &str, expected: bool| {
            assert_eq!(Flavour::plain().is_site_page(path), expected, "{path}");
        };
        for path in ["a/Requirements.txt", "llms.txt", "x/google10557abd64ae58d5.html"] {
            check(path, true);
        }
        for path in ["a/requirements.md", "my-llms.txt", "google.html", "google-maps.html"] {
            check(path, false);
        }
    }

    #[test]
    fn folders_give_flavours_away() {
        let check = |files: &[&str], name| {
            let found = Flavour::detect(|file| files.contains(&file));
            assert_eq!(found.map_or("plain", |flavour| flavour.name), name);
        };
        check(&["hugo.toml"], "hugo");
        check(&["_config.yml", "_posts"], "jekyll");
        check(&["_config.yml", "_layouts", "en"], "jekyll");
        check(&["eleventy.config.js", "_posts"], "eleventy");
        check(&["_config.yml", "source"], "hexo");
        check(&["_config.yml"], "plain");
        check(&["config.toml", "content"], "plain");
        check(&["pelicanconf.py"], "pelican");
    }
}
