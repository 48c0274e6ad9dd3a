//! Astro (astro.build): collections in `src/content`; its `rss()` shows what has a date.

mod expression;
mod page;
mod program;
mod route;
mod routes;

use super::{
    Flavour, FolderCategory, Markdown, Needs, Notation, PLAIN, PathDate, Programs, Slugify,
};
use crate::article::declared::{Declared, SET_URL, SiteFile, joined, text};
use crate::article::front_matter::{Fault, Field, fields_of};
use crate::article::literals::COMPUTED;

pub const ASTRO: Flavour = Flavour {
    name: "astro",
    marks: &[
        &["astro.config.mjs"],
        &["astro.config.ts"],
        &["astro.config.js"],
        &["astro.config.mts"],
    ],
    extensions: &["md", "markdown", "mdx", "mkd", "mkdn", "mdown"],
    content: "src/content",
    site_files: &[
        "astro.config.mjs",
        "astro.config.ts",
        "astro.config.js",
        "astro.config.mts",
        "src/consts.ts",
        "src/consts.js",
        "src/config.ts",
        "src/config.js",
        "src/config.mjs",
        "src/site.config.ts",
        "src/content.config.ts",
        "src/content.config.js",
        "src/content.config.mjs",
        "src/content.config.mts",
        "src/content/config.ts",
        "src/content/config.js",
        "src/content/config.mjs",
        "src/content/config.mts",
    ],
    programs: Some(Programs {
        folder: page::PAGES,
        extensions: &["astro", "js", "ts", "mjs", "mts"],
        tells,
    }),
    read,
    declare,
    needs: Needs::Date,
    output: &["dist"],
    // Legacy collections leave them out, which is said in so many words then.
    underscore: &["*"],
    path_date: PathDate::Name,
    naive_utc: true,
    folder_category: FolderCategory::Top,
    slugify: Slugify::Astro,
    notation: Notation::Mdx,
    kept_files: Some("public"),
    markdown: Markdown { typographer: true, ..PLAIN.markdown },
    link: &[],
    ..PLAIN
};

/// Whether a page tells where articles are shown, or an endpoint what is in a feed.
fn tells(path: &str) -> bool {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or("");
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let is_feed = words.any(|word| ["rss", "feed", "atom", "xml"].contains(&word));
    let is_endpoint = [".js", ".ts", ".mjs", ".mts"].iter().any(|end| name.ends_with(end));
    (lower.ends_with(".astro") && lower.contains('[')) || (is_endpoint && is_feed)
}

/// Programs as such, configs by their plain values.
fn read(path: &str, text: &str) -> Result<Vec<Field>, Fault> {
    match path {
        _ if path.starts_with(page::PAGES) => program::fields(path, text),
        _ if is_of_content(path) => program::collections(text),
        _ => fields_of(path, text),
    }
}

/// Whether a file defines the collections.
fn is_of_content(path: &str) -> bool {
    path.starts_with("src/content.config.") || path.starts_with("src/content/config.")
}

fn declare(files: &[SiteFile]) -> Declared {
    let mut declared = Declared::default();
    let mut slash = "/";
    for SiteFile { path, fields } in files {
        if path.starts_with(page::PAGES) || is_of_content(path) {
            continue;
        }
        if text(fields, &["trailingslash"]).as_deref() == Some("never") {
            slash = "";
        }
        let host = text(fields, &["site", "site.website", "site.url"]);
        let base = text(fields, &["base"]);
        if base.as_deref() == Some(COMPUTED) {
            declared
                .doubts
                .push(format!("`base` is computed, and left out of addresses; {SET_URL}"));
        }
        let url = joined(host, base.filter(|base| base != COMPUTED));
        declared.url = declared.url.or(url.filter(|url| url.starts_with("http")));
        declared.language = declared.language.or_else(|| text(fields, &["i18n.defaultlocale"]));
        // The starter keeps these two in a file of their own.
        declared.title = declared.title.or_else(|| text(fields, &["site_title", "site.title"]));
        declared.description = declared
            .description
            .or_else(|| text(fields, &["site_description", "site.desc", "site.description"]));
    }
    let base = files.iter().find_map(|file| text(&file.fields, &["base"]));
    let base = base.filter(|base| base != COMPUTED).unwrap_or_default();
    let base = format!("/{}", base.trim_matches('/'));
    routes::settle(files, slash, base.trim_end_matches('/'), &mut declared);
    declared
}
