//! Where a file lies in its generator's eyes, wherever the content directory is: a site's root, its
//! content folder, or one section of it.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::{Flavour, PathDate, dated_name, dated_post, page_path};
use crate::article::Conventions;
use crate::article::dates::months;
use crate::article::declared::{Declared, Language, Permalink};
use crate::article::fields::Inherited;

/// The key of what a section is called in the addresses of its pages; no author can write it.
pub const SECTION_SLUG: &str = "section slug";

/// The pattern of addresses that end with `.html` where they would end with a slash.
pub const UGLY: &str = "/:path.html";

/// Where the content directory lies below the site's root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Root {
    /// The content directory, relative to the site's root; empty if it is the root.
    pub inside: String,
}

impl Root {
    /// Patterns of the site's root as patterns of the content directory.
    pub fn inside_of(&self, patterns: &[String]) -> Vec<String> {
        if self.inside.is_empty() {
            return patterns.to_vec();
        }
        let below = |pattern: &String| {
            // One that begins anywhere does so here too.
            let below = match pattern.starts_with('*') {
                true => pattern,
                false => pattern.strip_prefix(&self.inside)?.strip_prefix('/')?,
            };
            Some(below.to_string())
        };
        patterns.iter().filter_map(below).collect()
    }
}

/// A file's place in the generator's content folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Relative to the generator's content folder, without a language in name or folder.
    pub path: String,
    /// Relative to the site's root.
    pub site_path: String,
    /// The language of its name or folder.
    pub language: Option<String>,
    /// It is another one than the site's.
    pub foreign: bool,
    /// What its address begins with: the tag of its language, or of the site's.
    pub prefix: Option<String>,
}

impl Root {
    /// `None` where the generator would not look for articles.
    pub fn locate(&self, path: &str, flavour: &Flavour, declared: &Declared) -> Option<Location> {
        let content = declared.content.as_deref().unwrap_or(flavour.content).trim_matches('/');
        let site_path = if self.inside.is_empty() {
            path.to_string()
        } else {
            format!("{}/{path}", self.inside)
        };
        let mounted = declared.mounts.iter().find_map(|mount| mount.place(&site_path));
        let (own, elsewhere) = match site_path.strip_prefix(content) {
            // Folders from outside may stand in it, and its own be left out.
            _ if !declared.mounts.is_empty() && is_below(&site_path, &self.inside) => {
                (mounted.as_deref()?, false)
            }
            Some(rest) if content.is_empty() => (rest, false),
            Some(rest) if rest.starts_with('/') => (&rest[1..], false),
            // A folder that lies elsewhere was meant by the publisher.
            _ if !is_below(content, &self.inside) => (path, true),
            _ => return None,
        };
        if flavour
            .posts
            .is_some_and(|posts| !own.split('/').rev().skip(1).any(|part| part == posts))
        {
            return None;
        }
        let mut location = Location {
            path: own.to_string(),
            site_path,
            language: None,
            foreign: false,
            prefix: None,
        };
        let known = location.take_language(declared);
        if known.is_none() {
            let main = declared.languages.iter().find(|language| language.main);
            let prefix = main.filter(|main| main.prefixed && main.folder.is_none());
            location.prefix = prefix.map(|main| main.tag.clone());
        }
        let folders: Vec<&str> =
            declared.languages.iter().filter_map(|language| language.folder.as_deref()).collect();
        // Where each language has a folder, what lies beside them is none's; unless the publisher
        // named such a folder.
        let each_has_one = !folders.is_empty() && folders.len() == declared.languages.len();
        let are_below = || {
            let whole = |folder: &&str| is_below(&format!("{content}/{folder}"), &self.inside);
            !elsewhere && folders.iter().any(whole)
        };
        match known {
            Some(language) if language.disabled => None,
            None if each_has_one && are_below() => None,
            _ => Some(location),
        }
    }
}

/// Whether a folder is another one or lies in it.
pub(super) fn is_below(folder: &str, above: &str) -> bool {
    above.is_empty()
        || folder.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Location {
    /// `name.vi.md`, or a folder of the language's own; the name counts more.
    fn take_language<'a>(&mut self, declared: &'a Declared) -> Option<&'a Language> {
        let in_folder = declared.languages.iter().find(|language| {
            language.folder.as_deref().is_some_and(|folder| {
                !folder.is_empty()
                    && self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
            })
        });
        if let Some(language) = in_folder {
            let folder = language.folder.as_deref().map_or(0, str::len);
            self.path.replace_range(..=folder, "");
            self.set_language(language);
        }
        let named = self.path.rsplit_once('.').and_then(|(rest, extension)| {
            let (stem, suffix) = rest.rsplit_once('.')?;
            let of_suffix = |language: &&Language| language.tag.eq_ignore_ascii_case(suffix);
            let language = declared.languages.iter().find(of_suffix)?;
            let is_name = !stem.is_empty() && !stem.ends_with('/');
            is_name.then(|| (format!("{stem}.{extension}"), language))
        });
        let Some((path, language)) = named else { return in_folder };
        self.set_language(language);
        self.path = path;
        Some(language)
    }

    fn set_language(&mut self, language: &Language) {
        self.language = Some(language.tag.clone());
        self.prefix = language.prefixed.then(|| language.tag.clone());
        self.foreign = !language.main;
    }

    /// Without extension; a bundle's `index` gives way to its folder.
    pub fn page<'a>(&'a self, flavour: &Flavour) -> &'a str {
        page_path(&self.path, flavour)
    }

    /// The page's path where sections have names of their own in addresses.
    pub fn renamed(
        &self,
        path: &str,
        inherited: &[Inherited],
        conventions: &Conventions,
    ) -> Option<String> {
        if inherited.is_empty() {
            return None;
        }
        let count = |path: &str| path.split('/').count();
        // Folders of the content directory that are none of the page's: those of a language.
        let above = count(path).checked_sub(count(&self.path))?;
        let slugs = inherited.iter().filter_map(|of| {
            let field = of.fields.iter().find(|field| field.key == SECTION_SLUG)?;
            let (folder, name) = of.origin.rsplit_once('/')?;
            // `_index.md` is of the folder's language, or of the site's.
            let is_bare = name.split('.').count() == 2;
            let speaks = !is_bare || !self.foreign || above > 0;
            speaks.then_some((folder, field.value.as_str()?))
        });
        let mut slugs = slugs.peekable();
        slugs.peek()?;
        let page = self.page(conventions.flavour);
        let top = page.split('/').next().filter(|top| top.len() < page.len()).unwrap_or("");
        let has_pattern = |permalink: &Permalink| {
            let is_own = permalink.pattern != UGLY;
            is_own
                && permalink
                    .section
                    .as_deref()
                    .is_none_or(|section| section.eq_ignore_ascii_case(top))
        };
        if conventions.own_pattern || conventions.declared.permalinks.iter().any(has_pattern) {
            return None;
        }
        let mut parts: Vec<&str> = page.split('/').collect();
        for (folder, slug) in slugs {
            let at = count(folder).checked_sub(above + 1)?;
            *parts.get_mut(at)? = slug;
        }
        Some(parts.join("/"))
    }

    /// The date that the path gives.
    pub fn date(&self, flavour: &Flavour, declared: &Declared) -> Option<Date> {
        let page = self.page(flavour);
        let name = page.rsplit('/').next().unwrap_or(page);
        match flavour.path_date {
            PathDate::Never if declared.dated_names => dated_name(name).map(|(date, _)| date),
            PathDate::Never => None,
            PathDate::Name => dated_name(name).map(|(date, _)| date),
            PathDate::NameOrFolders => {
                let of_name = dated_name(name).map(|(date, _)| date);
                of_name.or_else(|| dated_folders(page).map(|(date, _)| date))
            }
            PathDate::Post => dated_post(name).and_then(|(date, _)| date),
            PathDate::Anywhere => date_within(&self.site_path),
            PathDate::Folders => dated_path(page).map(|dated| dated.date),
        }
    }
}

/// The last year, month and day that lie one in another, and what stands before them; the month may
/// have a name, as in the addresses that Django makes: `blog/2025/jan/9/name`.
pub fn dated_folders(page: &str) -> Option<(Date, &str)> {
    let parts: Vec<&str> = page.split('/').collect();
    let number = |part: &str, digits: RangeInclusive<usize>| -> Option<i16> {
        let fits = digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|_| fits)
    };
    (0..parts.len().saturating_sub(2)).rev().find_map(|at| {
        let before: usize = parts[..at].iter().map(|part| part.len() + 1).sum();
        let parts = &parts[at..at + 3];
        let year = number(parts[0], 4..=4).filter(|year| *year >= 1900)?;
        let named = || months::named(&parts[1].to_lowercase(), Some("en"));
        let month = number(parts[1], 1..=2).map(i64::from).or_else(named)?;
        let day = number(parts[2], 1..=2)?;
        let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        Some((date, page[..before].trim_end_matches('/')))
    })
}

/// The first `YEAR-MONTH-DAY` of a path.
fn date_within(path: &str) -> Option<Date> {
    path.match_indices('-').find_map(|(at, _)| {
        let text = path.get(at.checked_sub(4)?..at + 6)?;
        text.is_ascii().then(|| text.parse().ok())?
    })
}

/// A path with a date in it: `2021/08/26/name`, `2021-08-26-name`, `folder/2021-08-26/name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<'a> {
    pub date: Date,
    /// As it was written, with slashes.
    pub written: String,
    /// What stands before it, with its slash.
    pub folder: &'a str,
    pub name: &'a str,
}

pub fn dated_path(page: &str) -> Option<Dated<'_>> {
    let bytes = page.as_bytes();
    let number = |from: usize, most: usize| {
        let digits = bytes[from..].iter().take(most).take_while(|b| b.is_ascii_digit()).count();
        (digits > 0).then_some(from + digits)
    };
    let mark = |at: usize| bytes.get(at).copied().filter(|b| matches!(b, b'-' | b'/'));
    // The last one counts: what stands before it is a folder.
    (0..bytes.len()).rev().find_map(|start| {
        if start > 0 && bytes[start - 1].is_ascii_digit() {
            return None;
        }
        let year = number(start, 4).filter(|end| end - start == 4)?;
        mark(year)?;
        let month = number(year + 1, 2)?;
        mark(month)?;
        let day = number(month + 1, 2)?;
        let part = |from: usize, to: usize| page[from..to].parse::<i16>().ok();
        let date = Date::new(
            part(start, year)?,
            i8::try_from(part(year + 1, month)?).ok()?,
            i8::try_from(part(month + 1, day)?).ok()?,
        )
        .ok()?;
        let rest = &page[day..];
        Some(Dated {
            date,
            written: page[start..day].replace('-', "/"),
            folder: &page[..start],
            name: rest.strip_prefix(['-', '/']).unwrap_or(rest),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_may_be_dates() {
        let check = |page: &str, expected: Option<(&str, &str)>| {
            let found = dated_folders(page).map(|(date, above)| (date.to_string(), above));
            assert_eq!(found, expected.map(|(date, above)| (date.to_string(), above)), "{page}");
        };
        check("blog/2025/jan/9/a", Some(("2025-01-09", "blog")));
        check("2024/03/12/a/b", Some(("2024-03-12", "")));
        check("x/y/2024/3/12", Some(("2024-03-12", "x/y")));
        check("1999/1/2/2024/03/12/a", Some(("2024-03-12", "1999/1/2")));
        for page in ["2024/13/12/a", "2024/02/30/a", "2024/03/a", "24/03/12/a", "1024/03/12/a", ""]
        {
            check(page, None);
        }
    }

    fn check(flavour: &str, inside: &str, path: &str, expected: Option<(&str, Option<&str>)>) {
        let language = |tag: &str, folder: Option<&str>| Language {
            tag: tag.into(),
            folder: folder.map(String::from),
            main: false,
            prefixed: true,
            disabled: tag == "de",
        };
        let declared = Declared {
            languages: match path.starts_with("each/") {
                false => vec![
                    language("vi", None),
                    language("fr", Some("french")),
                    language("de", Some("german")),
                ],
                true => vec![language("vi", Some("each/vi"))],
            },
            ..Declared::default()
        };
        let root = Root { inside: inside.into() };
        let found = root.locate(path, Flavour::named(flavour).unwrap(), &declared);
        let found = found.as_ref().map(|found| (found.path.as_str(), found.language.as_deref()));
        assert_eq!(found, expected, "{flavour} {inside} {path}");
    }

    #[test]
    fn files_are_located() {
        check("hugo", "", "content/posts/a.md", Some(("posts/a.md", None)));
        check("hugo", "", "layouts/a.html", None);
        check("hugo", "content", "posts/a.vi.md", Some(("posts/a.md", Some("vi"))));
        check("hugo", "content/posts", "a.b.md", Some(("posts/a.b.md", None)));
        check("hugo", "content", "french/a.md", Some(("a.md", Some("fr"))));
        check("hugo", "content", "german/a.md", None);
        check("hugo", "content", "posts/a.de.md", None);
        check("hugo", "content", "each/vi/a.md", Some(("a.md", Some("vi"))));
        check("hugo", "content", "each/of-none/a.md", None);
        check("hugo", "content/of-none", "each/a.md", Some(("of-none/each/a.md", None)));
        check("hugo", "elsewhere", "a.md", Some(("a.md", None)));
        check("jekyll", "", "es/_posts/2024-01-02-a.md", Some(("es/_posts/2024-01-02-a.md", None)));
        check("jekyll", "", "about.md", None);
        check("jekyll", "_posts", "2024-01-02-a.md", Some(("_posts/2024-01-02-a.md", None)));
        check("plain", "", "x/a.md", Some(("x/a.md", None)));
    }

    #[test]
    fn paths_have_dates() {
        let check = |page: &str, expected: Option<(&str, &str, &str)>| {
            let found = dated_path(page);
            let found = found.as_ref().map(|d| (d.written.as_str(), d.folder, d.name));
            assert_eq!(found, expected, "{page}");
        };
        check("2021-08-26-welcome", Some(("2021/08/26", "", "welcome")));
        check("2021/8/26/welcome", Some(("2021/8/26", "", "welcome")));
        check("x/2021-08-26/welcome", Some(("2021/08/26", "x/", "welcome")));
        check("2021-13-26-no", None);
        check("é-2021", None);
        assert_eq!(date_within("a/2021-08-26/x"), Some(Date::constant(2021, 8, 26)));
        assert_eq!(date_within("á2021-08-2"), None);
    }
}
