//! Eleventy (11ty.dev): any text may be a page; tags are its collections; data of folders.

use super::{Flavour, FolderCategory, Needs, Notation, PLAIN, PathDate};
use crate::article::declared::{Declared, SiteFile, person, text};

pub const ELEVENTY: Flavour = Flavour {
    name: "eleventy",
    marks: &[
        &[".eleventy.js"],
        &["eleventy.config.js"],
        &["eleventy.config.mjs"],
        &["eleventy.config.cjs"],
        &["eleventy.config.ts"],
    ],
    extensions: &["md", "html", "htm", "markdown", "mdx"],
    site_files: &[
        ".eleventy.js",
        "eleventy.config.js",
        "eleventy.config.mjs",
        "eleventy.config.cjs",
        "eleventy.config.ts",
        "_data/metadata.json",
        "_data/site.json",
        "_data/meta.json",
        "src/_data/metadata.json",
        "src/_data/site.json",
        "src/_data/meta.json",
        "content/_data/metadata.json",
        "_data/metadata.js",
        "_data/site.js",
        "_data/meta.js",
        "src/_data/metadata.js",
        "src/_data/site.js",
        "src/_data/meta.js",
        "content/_data/metadata.js",
        "content/_data/site.js",
    ],
    declare,
    folder_files: &["{folder}.json", "{folder}.11tydata.json", "{folder}.11tydata.js"],
    needs: Needs::DateOrTag,
    permalink: "/:folder/:name/",
    output: &["_site"],
    // Many a site was Jekyll's before.
    underscore: &["_posts"],
    path_date: PathDate::Anywhere,
    date_in_slug: false,
    named_indexes: true,
    naive_utc: true,
    tags_are_categories: true,
    folder_category: FolderCategory::Never,
    notation: Notation::Liquid,
    link: &["permalink"],
    own_link,
    ..PLAIN
};

/// There is no file for this by rule, but by habit one of the data files tells it.
fn declare(files: &[SiteFile]) -> Declared {
    let mut declared = Declared::default();
    for SiteFile { path, fields } in files {
        let or = |own: Option<String>, paths: &[&str]| own.or_else(|| text(fields, paths));
        if path.contains("eleventy") {
            declared.content = text(fields, &["dir.input"]).filter(|dir| dir != ".");
            continue;
        }
        declared.title = or(declared.title, &["title", "name", "sitename", "sitetitle"]);
        declared.url = or(declared.url, &["url", "siteurl", "domain", "baseurl"])
            .filter(|url| url.starts_with("http://") || url.starts_with("https://"));
        declared.description =
            or(declared.description, &["description", "sitedescription", "subtitle"]);
        declared.language = or(declared.language, &["language", "lang"]);
        declared.author = declared.author.or_else(|| person(fields, "author"));
    }
    declared
}

/// `/posts/{{ page.fileSlug }}/` in our words; `None` where it is more of a program than that.
fn own_link(link: &str) -> Option<String> {
    let mut words = String::new();
    let mut rest = link;
    while let Some((before, tail)) = rest.split_once("{{") {
        words.push_str(before);
        let (expression, after) = tail.split_once("}}")?;
        let parts: Vec<&str> =
            expression.trim_matches(['-', ' ']).split('|').map(str::trim).collect();
        words.push_str(match parts.as_slice() {
            ["page.fileSlug" | "page.fileslug"] => ":filename",
            ["page.fileSlug", "slugify" | "slug" | "slugifyUrl"] => ":filename",
            ["page.filePathStem"] => ":folder/:filename",
            ["slug" | "data.slug"] => ":slug",
            ["title" | "data.title", "slugify" | "slug" | "slugifyUrl"] => ":title_slug",
            _ => return None,
        });
        rest = after;
    }
    let whole = words + rest;
    if whole.contains("{%") || whole.contains("${") {
        return None;
    }
    Some(whole.strip_suffix("index.html").unwrap_or(&whole).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_translated() {
        for (link, expected) in [
            ("/a/", Some("/a/")),
            ("/posts/{{ page.fileSlug }}/index.html", Some("/posts/:filename/")),
            ("blog/{{ title | slugify }}/", Some("blog/:title_slug/")),
            ("/{{ x | y }}/", None),
        ] {
            assert_eq!(own_link(link).as_deref(), expected);
        }
    }
}
