//! Eleventy (11ty.dev): any text may be a page; tags are its collections; data of folders.

use super::globs::pattern_below;
use super::words::as_part;
use super::{Flavour, FolderCategory, Known, Markdown, Needs, Notation, PLAIN, PathDate, slugify};
use crate::article::declared::{Declared, SiteFile, list, person, text};
use crate::article::front_matter::{Field, Value};

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
        ".eleventyignore",
        ".gitignore",
        PACKAGE,
    ],
    declare,
    folder_files: &["{folder}.json", "{folder}.11tydata.json", "{folder}.11tydata.js"],
    needs: Needs::DateOrTag,
    permalink: "/:folder/:name/",
    ignore_file: Some(".eleventyignore"),
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
    markdown: Markdown { indented_code: false, ..PLAIN.markdown },
    slugify: slugify::Slugify::Eleventy,
    link: &["permalink"],
    own_link,
    ..PLAIN
};

/// Tells the generator's version.
const PACKAGE: &str = "package.json";

/// There is no file for this by rule, but by habit one of the data files tells it.
fn declare(files: &[SiteFile]) -> Declared {
    let mut declared = Declared::default();
    let mut obeys_git = true;
    for SiteFile { path, fields } in files {
        if path.contains("eleventy.config") || path.ends_with(".eleventy.js") {
            config(fields, &mut declared);
            obeys_git = called(fields, "setusegitignore").all(|(arg, _)| arg != "false");
            continue;
        }
        if path == PACKAGE {
            let package = ["dependencies.@11ty/eleventy", "devdependencies.@11ty/eleventy"];
            let version = text(fields, &package).unwrap_or_default();
            let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
            let major = digits.split('.').next().and_then(|major| major.parse::<u32>().ok());
            // Until its second version (11ty.dev/docs/languages/markdown).
            declared.indented_code = major.map(|major| major < 2);
            continue;
        }
        if path == ".eleventyignore" || path == ".gitignore" {
            let is_obeyed = obeys_git || path != ".gitignore";
            let lines = if is_obeyed { list(fields, "lines") } else { Vec::new() };
            declared.ignored.extend(lines.iter().map(|line| pattern_below("", line)));
            continue;
        }
        let or = |own: Option<String>, paths: &[&str]| own.or_else(|| text(fields, paths));
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

/// The program that is its config.
fn config(fields: &[Field], declared: &mut Declared) {
    let folder = |path: &str, method: &str| {
        let said = called(fields, method).map(|(arg, _)| arg.to_string()).next();
        said.or_else(|| text(fields, &[path])).map(|folder| below("", &folder))
    };
    declared.content = folder("dir.input", "setinputdirectory").filter(|dir| !dir.is_empty());
    let includes = folder("dir.includes", "setincludesdirectory");
    let includes = includes.unwrap_or_else(|| "_includes".to_string());
    declared.template_folders.push(includes.clone());
    // Where they have a folder of their own, no other is looked into.
    let layouts = folder("dir.layouts", "setlayoutsdirectory");
    declared.template_folders.extend(layouts.clone());
    declared.layout_folder = Some(layouts.unwrap_or(includes));
    for (name, more) in called(fields, "addlayoutalias") {
        if let Some(path) = more.first() {
            declared.layouts.name(name.to_string(), path.to_string());
        }
    }
    declared
        .ignored
        .extend(called(fields, "ignores.add").map(|(pattern, _)| pattern_below("", pattern)));
    for method in ["addfilter", "addliquidfilter", "addnunjucksfilter"] {
        for (name, texts) in called(fields, method) {
            let mut formats = texts.iter().filter_map(|text| date_words(text));
            let words = formats.next().filter(|_| formats.next().is_none());
            declared.filters.insert(name.to_string(), words);
        }
    }
}

/// The calls of a method: the first text of each, and the others.
fn called<'a>(
    fields: &'a [Field],
    method: &'a str,
) -> impl Iterator<Item = (&'a str, Vec<&'a str>)> {
    let is_of = move |field: &&Field| field.key.strip_suffix("()") == Some(method);
    fields.iter().filter(is_of).filter_map(|field| {
        let Value::List(args) = &field.value else { return None };
        let mut texts = args.iter().filter_map(Value::as_str);
        Some((texts.next()?, texts.collect()))
    })
}

fn below(folder: &str, path: &str) -> String {
    pattern_below(folder, path.trim_matches('/'))
}

// ── Addresses ─────────────────────────────────────────────────────────────────────────────────

/// `/posts/{{ page.fileSlug }}/` in our words; `None` where it is more of a program than that.
fn own_link(link: &str, known: &Known) -> Option<String> {
    let mut words = String::new();
    let mut rest = link;
    while let Some((before, tail)) = rest.split_once("{{") {
        words.push_str(before);
        let (expression, after) = tail.split_once("}}")?;
        let parts: Vec<&str> =
            expression.trim_matches(['-', ' ']).split('|').map(str::trim).collect();
        let field = |name: &str| (known.field)(&name.to_lowercase());
        let slug = match parts.as_slice() {
            [name, filter @ ("slugify" | "slugifyUrl" | "slug")] => {
                field(name).map(|text| slug_of(&text, filter, known))
            }
            _ => None,
        };
        words.push_str(&match parts.as_slice() {
            _ if let Some(slug) = slug => as_part(&slug?),
            ["page.fileSlug" | "page.fileslug"] => ":filename".to_string(),
            ["page.fileSlug", "slugify" | "slugifyUrl" | "slug"] => ":filename".to_string(),
            ["page.filePathStem"] => ":folder/:filename".to_string(),
            ["slug" | "data.slug"] => ":slug".to_string(),
            ["title" | "data.title", "slugify" | "slug" | "slugifyUrl"] => {
                ":title_slug".to_string()
            }
            ["page.date" | "date", filter] => filtered_date(filter, known)?,
            [name] if is_name(name) => as_part(&field(name)?),
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

/// What a filter makes of a text. One of the site's own is nearly always npm's slugify without marks.
fn slug_of(text: &str, filter: &str, known: &Known) -> Option<String> {
    match filter {
        own if known.declared.filters.contains_key(own) => slugify::strict(text),
        "slug" => slugify::npm(text),
        _ => slugify::eleventy(text),
    }
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// `date: '%Y/%m'`, `date("yyyy/MM")`, or a filter of the site's own that is as plain.
fn filtered_date(filter: &str, known: &Known) -> Option<String> {
    match filter.split_once([':', '(']) {
        Some((_, format)) => date_words(format.trim_matches([' ', '\'', '"', ')'])),
        None => known.declared.filters.get(filter).cloned().flatten(),
    }
}

/// A format of dates, strftime's (Liquid) or that of Luxon and its kin, in our words.
fn date_words(format: &str) -> Option<String> {
    let mut words = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let is_separator = matches!(first, '/' | '-' | '.');
        let length = match first {
            '%' => rest[1..].find(|c: char| c != '-')? + 2,
            _ => rest.len() - rest.trim_start_matches(first).len(),
        };
        let (token, after) = rest.split_at_checked(length)?;
        words.push_str(match token {
            "%Y" | "yyyy" | "YYYY" => ":year",
            "%y" | "yy" | "YY" => ":short_year",
            "%m" | "MM" | "LL" => ":month",
            "%-m" | "M" | "L" => ":i_month",
            "%d" | "dd" | "DD" => ":day",
            "%-d" | "d" | "D" => ":i_day",
            separators if is_separator => separators,
            _ => return None,
        });
        rest = after;
    }
    words.contains(':').then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::literals;

    #[test]
    fn addresses_are_translated() {
        let mut declared = Declared::default();
        let program = "c.addFilter('made', d => DateTime.fromJSDate(d, { zone: 'utc' })\
                       .toFormat('yyyy/LL')); c.addFilter('two', d => f(d, 'yyyy') + f(d, 'MM')); \
                       c.addFilter('slugify', mine);";
        config(&literals::javascript(program).unwrap(), &mut declared);
        let field = |name: &str| match name {
            "lang" => Some("vi".to_string()),
            "version" => Some("Version 2.0: “new”".to_string()),
            _ => None,
        };
        let known = Known { declared: &declared, field: &field };
        for (link, expected) in [
            ("/a/", Some("/a/")),
            ("/posts/{{ page.fileSlug }}/index.html", Some("/posts/:filename/")),
            ("blog/{{ title | slugify }}/", Some("blog/:title_slug/")),
            ("/{{ version | slug }}/", Some("/version-2.0%3A-%22new%22/")),
            ("/{{ version | slugify }}/", Some("/version-20-new/")),
            ("/{{ lang }}/{{- page.fileSlug -}}/", Some("/vi/:filename/")),
            ("/{{ page.date | date: '%Y/%m/%-d' }}/", Some("/:year/:month/:i_day/")),
            ("/{{ date | date(\"yyyy-MM-dd\") }}/", Some("/:year-:month-:day/")),
            ("/{{ page.date | made }}/x/", Some("/:year/:month/x/")),
            ("/{{ page.date | two }}/x/", None),
            ("/{{ page.date | other }}/x/", None),
            ("/{{ x | y }}/", None),
            ("/{{ x }}/", None),
        ] {
            assert_eq!(own_link(link, &known).as_deref(), expected, "{link}");
        }
    }

    #[test]
    fn formats_of_dates_are_told_from_other_words() {
        for format in ["utc", "en", "", "yyyy_MM", "%", "%é", "LLLL", "/", "d MMM"] {
            assert_eq!(date_words(format), None, "{format}");
        }
    }

    #[test]
    fn its_config_is_read() {
        let program = "export default function(c) {\n c.setInputDirectory('./content/');\n\
                       c.ignores.add('./drafts/**'); c.addLayoutAlias('post', 'layouts/post.njk');\n\
                       return { dir: { layouts: '_layouts' } } };";
        let file = |path: &str, fields| SiteFile { path: path.into(), fields };
        let lines =
            |text: &str| crate::article::front_matter::fields_of(".gitignore", text).unwrap();
        let declared = declare(&[
            file("eleventy.config.js", literals::javascript(program).unwrap()),
            file(".eleventyignore", lines("# c\n/old/\n\n**/_*.md\n")),
            file(".gitignore", lines("tmp\n")),
        ]);
        assert_eq!(declared.content.as_deref(), Some("content"));
        assert_eq!(declared.layout_folder.as_deref(), Some("_layouts"));
        assert_eq!(declared.template_folders, ["_includes", "_layouts"]);
        assert_eq!(declared.ignored, ["drafts/**", "old", "**/_*.md", "tmp"]);
        let computed = "const c = require('./c'); module.exports = { dir: { input: c.src } };";
        let declared = declare(&[file(".eleventy.js", literals::javascript(computed).unwrap())]);
        assert_eq!(declared.content.as_deref(), Some(literals::COMPUTED));
    }
}
