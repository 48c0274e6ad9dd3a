//! Astro (astro.build): collections in `src/content`; its `rss()` shows what has a date.

use super::{Flavour, FolderCategory, Markdown, Needs, Notation, PLAIN, PathDate, Slugify};
use crate::article::declared::{Declared, SiteFile, joined, text};

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
    ],
    declare,
    needs: Needs::Date,
    output: &["dist"],
    path_date: PathDate::Never,
    naive_utc: true,
    folder_category: FolderCategory::Top,
    slugify: Slugify::Astro,
    notation: Notation::Mdx,
    markdown: Markdown { typographer: true, ..PLAIN.markdown },
    link: &[],
    ..PLAIN
};

fn declare(files: &[SiteFile]) -> Declared {
    let mut declared = Declared::default();
    for SiteFile { fields, .. } in files {
        let url = joined(text(fields, &["site"]), text(fields, &["base"]));
        declared.url = declared.url.or(url.filter(|url| url.starts_with("http")));
        declared.language = declared.language.or_else(|| text(fields, &["i18n.defaultlocale"]));
        // The starter keeps these two in a file of their own.
        declared.title = declared.title.or_else(|| text(fields, &["site_title", "site.title"]));
        declared.description = declared.description.or_else(|| text(fields, &["site_description"]));
    }
    declared
}
