//! Links from one article to another, as generators write them: by file rather than by address.

use std::path::{Component, Path};

use super::flavour::Notation;
use super::{Conventions, Kind, Links};

/// What template marks leave where they name another file.
pub const FILE: &str = "syndic-file:";

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
pub enum Lead<'t> {
    /// To an address as any other.
    Address,
    Article(String),
    /// To a file that is no article.
    Nowhere {
        file: &'t str,
        in_own_form: bool,
    },
}

impl Lead<'_> {
    /// What stands in the place of the link's address, if anything.
    pub fn address(self) -> Option<String> {
        match self {
            Lead::Article(link) => Some(link),
            // Rather to the article itself than to a mark of ours.
            Lead::Nowhere { in_own_form: true, .. } => Some(String::new()),
            Lead::Nowhere { in_own_form: false, .. } | Lead::Address => None,
        }
    }
}

/// `path` is that of the article that the link stands in.
pub fn resolve<'t>(
    target: &'t str,
    path: &str,
    links: Links,
    conventions: &Conventions,
) -> Lead<'t> {
    let named = named_file(target, conventions.flavour.notation);
    let Some(file) = named else {
        return beside(target, path, links);
    };
    let (file, fragment) = split_fragment(file);
    // A leading slash, or Zola's `@/`, begins at the content folder.
    let candidates = candidates(file, path, conventions);
    match candidates.iter().find_map(|file| links(file)) {
        Some(link) => Lead::Article(format!("{link}{fragment}")),
        None => Lead::Nowhere { file, in_own_form: true },
    }
}

/// The file that a link of a generator's own form names.
fn named_file(target: &str, notation: Notation) -> Option<&str> {
    if let Some(file) = target.strip_prefix(FILE) {
        return Some(file);
    }
    match notation {
        Notation::Zola => target.strip_prefix("@/").map(|_| &target[1..]),
        Notation::Pelican => {
            ["{filename}", "|filename|"].iter().find_map(|mark| target.strip_prefix(mark))
        }
        _ => None,
    }
}

/// `[x](b.md)`: another article beside this one, in any flavour.
fn beside<'t>(target: &'t str, path: &str, links: Links) -> Lead<'t> {
    let (file, fragment) = split_fragment(target);
    if file.contains(':') || file.starts_with('/') || !Kind::of(file).is_some_and(Kind::is_markup) {
        return Lead::Address;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let decoded = percent_encoding::percent_decode_str(file).decode_utf8().ok();
    let link = decoded.and_then(|file| links(&joined(folder, &file)?));
    match link {
        Some(link) => Lead::Article(format!("{link}{fragment}")),
        None => Lead::Nowhere { file, in_own_form: false },
    }
}

fn split_fragment(target: &str) -> (&str, &str) {
    target.find('#').map_or((target, ""), |at| target.split_at(at))
}

/// Where the named file may lie, relative to the content directory.
fn candidates(file: &str, path: &str, conventions: &Conventions) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let bare = file.trim_start_matches('/');
    let mut places = Vec::new();
    if !file.starts_with('/') {
        places.extend(joined(folder, file));
    }
    places.extend(joined("", bare));
    // The content directory may be one folder of the generator's.
    let content = conventions.declared.content.as_deref().unwrap_or(conventions.flavour.content);
    let inside = conventions.root.inside.strip_prefix(content).unwrap_or("").trim_matches('/');
    if let Some(rest) = bare.strip_prefix(inside).and_then(|rest| rest.strip_prefix('/')) {
        places.push(rest.to_string());
    }
    if inside.is_empty() && conventions.root.inside.is_empty() && !content.is_empty() {
        places.push(format!("{content}/{bare}"));
    }
    if let Some(posts) = conventions.flavour.posts {
        places.push(format!("{posts}/{bare}"));
    }
    let bases: Vec<String> = places.clone();
    for place in bases {
        if Kind::of(&place).is_none() {
            for ending in [".md", ".markdown", "/index.md", ".html", ".mdx"] {
                places.push(format!("{}{ending}", place.trim_end_matches('/')));
            }
        }
    }
    places
}

/// A path below a folder, with its `..` taken away; `None` where it leads out.
fn joined(folder: &str, file: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for component in Path::new(file).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::flavour::Flavour;

    fn check(flavour: &str, path: &str, target: &str, expected: Option<&str>) {
        let conventions = Conventions::of(Flavour::named(flavour).unwrap());
        let links = |path: &str| {
            let known = ["blog/a.md", "b.md", "_posts/2024-01-02-c.md", "posts/d/index.md"];
            known.contains(&path).then(|| format!("https://a.example/{path}"))
        };
        let found = resolve(target, path, &links, &conventions).address();
        let expected = expected.map(|path| {
            if path.is_empty() { String::new() } else { format!("https://a.example/{path}") }
        });
        assert_eq!(found, expected, "{flavour} {path} {target}");
    }

    #[test]
    fn links_between_articles_are_resolved() {
        check("plain", "blog/x.md", "a.md#top", Some("blog/a.md#top"));
        check("plain", "blog/x.md", "../b.md", Some("b.md"));
        check("plain", "blog/x.md", "../../../b.md", None);
        check("plain", "blog/x.md", "https://b.example/a.md", None);
        check("plain", "blog/x.md", "no.md", None);
        check("zola", "x.md", "@/blog/a.md", Some("blog/a.md"));
        check("zola", "x.md", "@/no.md", Some(""));
        check("pelican", "blog/x.md", "{filename}a.md", Some("blog/a.md"));
        check("pelican", "blog/x.md", "{filename}/b.md", Some("b.md"));
        check("jekyll", "_posts/x.md", "syndic-file:2024-01-02-c", Some("_posts/2024-01-02-c.md"));
        check("hugo", "posts/x.md", "syndic-file:d", Some("posts/d/index.md"));
    }
}
