//! Docusaurus (docusaurus.io): `blog/YEAR-MONTH-DAY-name.mdx`, people in `authors.yml`.

use super::{Flavour, FolderCategory, Markdown, NameTitles, Notation, PLAIN, PathDate};
use crate::article::declared::{Declared, SiteFile, find, flag, joined, people, text};
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
    md_is_mdx: true,
    name_titles: NameTitles::Verbatim,
    hides_underscored: true,
    markdown: Markdown { heading_ids: true, ..PLAIN.markdown },
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
        declared.language = text(fields, &["i18n.defaultlocale"]);
        let option = |name: &str| blog(fields)?.get(name)?.as_str().map(trimmed);
        declared.content = option("path");
        let slash = if flag(fields, "trailingslash") == Some(true) { "/" } else { "" };
        let route = option("routebasepath");
        let route = route.or_else(|| (!slash.is_empty()).then(|| "blog".to_string()));
        declared.permalink_of_all(route.map(|route| match route.as_str() {
            "" => format!("/:dated_path{slash}"),
            route => format!("/{route}/:dated_path{slash}"),
        }));
    }
    declared
}

fn trimmed(path: &str) -> String {
    path.trim_start_matches("./").trim_matches('/').to_string()
}

/// The blog's options in the classic preset, or in a plugin's.
fn blog(fields: &[Field]) -> Option<&Value> {
    ["presets", "plugins"].iter().find_map(|place| options(find(fields, place)?))
}

fn options(value: &Value) -> Option<&Value> {
    match value {
        Value::List(items) => {
            let is_blog = items
                .first()
                .and_then(Value::as_str)
                .is_some_and(|name| name.ends_with("plugin-content-blog"));
            let own = items.get(1).filter(|_| is_blog);
            own.or_else(|| items.iter().find_map(options))
        }
        Value::Map(_) => value.get("blog").filter(|blog| matches!(blog, Value::Map(_))),
        _ => None,
    }
}
