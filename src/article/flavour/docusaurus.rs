//! Docusaurus (docusaurus.io): `blog/YEAR-MONTH-DAY-name.mdx`, people in `authors.yml`.

use super::{Flavour, FolderCategory, Markdown, NameTitles, Notation, PLAIN, PathDate};
use crate::article::declared::{Declared, Place, SiteFile, find, flag, joined, people, text};
use crate::article::front_matter::{Field, Value};

pub const DOCUSAURUS: Flavour = Flavour {
    name: "docusaurus",
    marks: &[
        &["docusaurus.config.js"],
        &["docusaurus.config.ts"],
        &["docusaurus.config.mjs"],
        &["docusaurus.config.cjs"],
    ],
    extensions: &["md", "mdx"],
    content: "blog",
    site_files: &[
        "docusaurus.config.js",
        "docusaurus.config.ts",
        "docusaurus.config.mjs",
        "docusaurus.config.cjs",
        "blog/authors.yml",
        "blog/authors.yaml",
        "blog/authors.json",
        "blog/tags.yml",
        "blog/tags.yaml",
    ],
    declare,
    output: &["build"],
    path_date: PathDate::Folders,
    date_in_slug: false,
    naive_utc: true,
    folder_category: FolderCategory::Never,
    permalink: "/blog/:dated_path",
    notation: Notation::Mdx,
    kept_files: Some("static"),
    md_is_mdx: true,
    name_titles: NameTitles::Verbatim,
    hides_underscored: true,
    first_heading_is_title: true,
    markdown: Markdown { heading_ids: true, emoji: true, ..PLAIN.markdown },
    link: &[],
    ..PLAIN
};

fn declare(files: &[SiteFile]) -> Declared {
    let mut declared = Declared::default();
    for SiteFile { path, fields } in files {
        if path.rsplit('/').next().is_some_and(|name| name.starts_with("authors.")) {
            declared.people.extend(people(fields));
            continue;
        }
        if path.rsplit('/').next().is_some_and(|name| name.starts_with("tags.")) {
            let label = |field: &Field| {
                Some((field.key.clone(), field.value.get("label")?.as_str()?.to_string()))
            };
            declared.labels.extend(fields.iter().filter_map(label));
            continue;
        }
        declared.title = text(fields, &["title"]);
        declared.url = joined(text(fields, &["url"]), text(fields, &["baseurl"]));
        declared.description = text(fields, &["tagline"]);
        declared.emoji = flag(fields, "markdown.emoji");
        declared.language = text(fields, &["i18n.defaultlocale"]);
        let slash = if flag(fields, "trailingslash") == Some(true) { "/" } else { "" };
        let blogs = blogs(fields);
        let mut places = blogs.into_iter().map(|blog| {
            let option = |name: &str| blog.get(name)?.as_str().map(trimmed);
            let route = option("routebasepath").unwrap_or_else(|| "blog".to_string());
            let route = if route.is_empty() { String::new() } else { format!("/{route}") };
            let content = option("path").unwrap_or_else(|| "blog".to_string());
            Place { content, permalink: format!("{route}/:dated_path{slash}") }
        });
        let usual = || Place {
            content: "blog".to_string(),
            permalink: format!("/blog/:dated_path{slash}"),
        };
        let first = places.next().unwrap_or_else(usual);
        declared.content = Some(first.content);
        declared.permalink_of_all(Some(first.permalink));
        declared.other_places = places.collect();
    }
    declared
}

fn trimmed(path: &str) -> String {
    path.trim_start_matches("./").trim_matches('/').to_string()
}

/// The options of its blogs: that of the classic preset, and those of plugins.
fn blogs(fields: &[Field]) -> Vec<&Value> {
    let mut blogs = Vec::new();
    for place in ["presets", "plugins"] {
        find(fields, place).into_iter().for_each(|value| options(value, &mut blogs));
    }
    blogs
}

fn options<'a>(value: &'a Value, blogs: &mut Vec<&'a Value>) {
    match value {
        Value::List(items) => {
            let name = items.first().and_then(Value::as_str).unwrap_or("");
            match items.get(1) {
                Some(own) if name.ends_with("plugin-content-blog") => blogs.push(own),
                _ => items.iter().for_each(|item| options(item, blogs)),
            }
        }
        Value::Map(_) => {
            blogs.extend(value.get("blog").filter(|blog| matches!(blog, Value::Map(_))));
        }
        _ => {}
    }
}
