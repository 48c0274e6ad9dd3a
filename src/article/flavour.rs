//! What generators' content folders have in common and where they differ: one row each. A new
//! generator is a new row.

/// Which part of a path names the category of an article that names none itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderCategory {
    /// Every folder above the file.
    Path,
    Top,
    Nearest,
    /// The folders above `_posts`.
    AbovePosts,
    Never,
}

/// Whether a date in a path is the article's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathDate {
    Never,
    /// At the beginning of the file's name, or of a bundle's folder.
    Name,
    /// Anywhere, folders included.
    Anywhere,
}

#[derive(Debug)]
pub struct Flavour {
    pub name: &'static str,
    /// Files and folders beside or above the content that give the generator away; all of one
    /// row's group must be there.
    pub marks: &'static [&'static [&'static str]],
    /// Where it writes its own output: never read.
    pub output: &'static [&'static str],
    /// Underscore folders that hold articles all the same.
    pub underscore: &'static [&'static str],
    /// Folders that hold no articles.
    pub aside: &'static [&'static str],
    /// `index.md` stands for its folder.
    pub bundles: bool,
    pub path_date: PathDate,
    /// Whether a date in the file's name is left out of the slug.
    pub date_in_slug: bool,
    /// Dates that name no zone are in UTC rather than in the site's zone.
    pub naive_utc: bool,
    /// `categories: a b` is two categories.
    pub split_categories: bool,
    /// `categories: [a, b]` is b inside a.
    pub nested_categories: bool,
    pub folder_category: FolderCategory,
    pub permalink: &'static str,
}

const PLAIN: Flavour = Flavour {
    name: "plain",
    marks: &[],
    output: &[],
    underscore: &[],
    aside: &[],
    bundles: true,
    path_date: PathDate::Name,
    date_in_slug: true,
    naive_utc: false,
    split_categories: false,
    nested_categories: false,
    folder_category: FolderCategory::Path,
    permalink: "/:path/",
};

pub static FLAVOURS: [Flavour; 9] = [
    Flavour {
        name: "hugo",
        marks: &[&["hugo.toml"], &["hugo.yaml"], &["hugo.json"], &["config.toml", "archetypes"]],
        output: &["public", "resources"],
        path_date: PathDate::Never,
        folder_category: FolderCategory::Top,
        ..PLAIN
    },
    Flavour {
        name: "jekyll",
        marks: &[&["_config.yml", "_posts"], &["_posts"]],
        output: &["_site"],
        underscore: &["_posts"],
        date_in_slug: false,
        split_categories: true,
        folder_category: FolderCategory::AbovePosts,
        permalink: "/:categories/:year/:month/:day/:title.html",
        ..PLAIN
    },
    Flavour {
        name: "zola",
        marks: &[&["zola.toml"], &["config.toml", "templates"]],
        output: &["public"],
        date_in_slug: false,
        folder_category: FolderCategory::Never,
        ..PLAIN
    },
    Flavour {
        name: "eleventy",
        marks: &[
            &[".eleventy.js"],
            &["eleventy.config.js"],
            &["eleventy.config.mjs"],
            &["eleventy.config.cjs"],
        ],
        output: &["_site"],
        path_date: PathDate::Anywhere,
        date_in_slug: false,
        naive_utc: true,
        folder_category: FolderCategory::Never,
        ..PLAIN
    },
    Flavour {
        name: "pelican",
        marks: &[&["pelicanconf.py"]],
        output: &["output"],
        aside: &["pages"],
        bundles: false,
        folder_category: FolderCategory::Nearest,
        permalink: "/:slug.html",
        ..PLAIN
    },
    Flavour {
        name: "hexo",
        marks: &[&["_config.yml", "source"]],
        output: &["public"],
        underscore: &["_posts"],
        path_date: PathDate::Never,
        nested_categories: true,
        folder_category: FolderCategory::Never,
        permalink: "/:year/:month/:day/:slug/",
        ..PLAIN
    },
    Flavour {
        name: "docusaurus",
        marks: &[&["docusaurus.config.js"], &["docusaurus.config.ts"]],
        output: &["build"],
        date_in_slug: false,
        naive_utc: true,
        folder_category: FolderCategory::Never,
        permalink: "/blog/:year/:month/:day/:slug",
        ..PLAIN
    },
    Flavour {
        name: "astro",
        marks: &[&["astro.config.mjs"], &["astro.config.ts"], &["astro.config.js"]],
        output: &["dist"],
        path_date: PathDate::Never,
        naive_utc: true,
        permalink: "/blog/:slug/",
        ..PLAIN
    },
    PLAIN,
];

/// Names that hold no article in any flavour, without their extension, in lower case.
const NO_ARTICLES: &[&str] =
    &["readme", "license", "licence", "changelog", "contributing", "robots", "humans", "404"];

impl Flavour {
    pub fn named(name: &str) -> Option<&'static Flavour> {
        FLAVOURS.iter().find(|flavour| flavour.name == name)
    }

    pub fn plain() -> &'static Flavour {
        &FLAVOURS[FLAVOURS.len() - 1]
    }

    /// The flavour that a site's files give away; `has` tells whether a name is beside them.
    pub fn detect(has: impl Fn(&str) -> bool) -> &'static Flavour {
        FLAVOURS
            .iter()
            .find(|flavour| flavour.marks.iter().any(|group| group.iter().all(|name| has(name))))
            .unwrap_or(Flavour::plain())
    }

    /// Whether articles may lie in a folder of this name.
    pub fn enters(&self, folder: &str, at_root: bool) -> bool {
        if folder.starts_with('.') || matches!(folder, "node_modules" | "vendor") {
            return false;
        }
        if folder.starts_with('_') {
            return self.underscore.contains(&folder);
        }
        let output = at_root && self.output.contains(&folder);
        !output && !self.aside.contains(&folder)
    }

    /// Pages of the site itself, which are no articles.
    pub fn is_site_page(&self, path: &str) -> bool {
        let (folder, stem) = split_path(path);
        let lower = stem.to_lowercase();
        NO_ARTICLES.contains(&lower.as_str())
            || lower == "_index"
            || (folder.is_empty() && lower == "index")
    }
}

/// Folder and name without extension.
pub fn split_path(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    (folder, name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}

/// The path that an article is known by: a bundle's `index` gives way to its folder.
pub fn page_path<'a>(path: &'a str, flavour: &Flavour) -> &'a str {
    let (folder, stem) = split_path(path);
    if flavour.bundles && stem.eq_ignore_ascii_case("index") && !folder.is_empty() {
        return folder;
    }
    let end = folder.len() + usize::from(!folder.is_empty()) + stem.len();
    &path[..end]
}

/// A date at the beginning of a name, and what follows it.
pub fn dated_name(name: &str) -> Option<(jiff::civil::Date, &str)> {
    let mut parts = name.splitn(3, '-');
    let year: i16 = parts.next().filter(|part| part.len() == 4)?.parse().ok()?;
    let month: i8 = parts.next().filter(|part| part.len() <= 2)?.parse().ok()?;
    let rest = parts.next()?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&digits) {
        return None;
    }
    let date = jiff::civil::Date::new(year, month, rest[..digits].parse().ok()?).ok()?;
    let tail = &rest[digits..];
    match tail.chars().next() {
        None => Some((date, "")),
        Some('-' | '_' | ' ') => Some((date, tail.trim_start_matches(['-', '_', ' ']))),
        Some(_) => None,
    }
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
    }

    #[test]
    fn names_have_dates() {
        let check = |name, expected: Option<(&str, &str)>| {
            let found = dated_name(name).map(|(date, rest)| (date.to_string(), rest));
            assert_eq!(found, expected.map(|(date, rest)| (date.to_string(), rest)), "{name}");
        };
        check("2024-03-12-hello", Some(("2024-03-12", "hello")));
        check("2024-3-2_hello-you", Some(("2024-03-02", "hello-you")));
        check("2024-03-12", Some(("2024-03-12", "")));
        check("2024-13-12-x", None);
        check("24-03-12-x", None);
        check("2024-03-12th", None);
    }

    #[test]
    fn folders_give_flavours_away() {
        let check = |files: &[&str], name| {
            assert_eq!(Flavour::detect(|file| files.contains(&file)).name, name);
        };
        check(&["hugo.toml"], "hugo");
        check(&["_config.yml", "_posts"], "jekyll");
        check(&["_config.yml", "source"], "hexo");
        check(&["config.toml", "content"], "plain");
        check(&["pelicanconf.py"], "pelican");
    }
}
