//! Zola (getzola.org): `content/SECTION/…`, only pages with a date are in feeds.

use super::{Flavour, FolderCategory, Forms, Markdown, Needs, Notation, PLAIN, PathDate, Slugify};
use crate::article::declared::{
    Declared, Language, SiteFile, Slugs, find, flag, list, person, text,
};
use crate::article::front_matter::Value;

pub const ZOLA: Flavour = Flavour {
    name: "zola",
    marks: &[&["zola.toml"], &["config.toml:base_url"]],
    extensions: &["md"],
    content: "content",
    site_files: &["config.toml", "zola.toml", HOME],
    declare,
    underscore: &["*"],
    output: &["public"],
    needs: Needs::Date,
    forms: Forms { after_blank_lines: true, ..PLAIN.forms },
    path_date: PathDate::Name,
    date_in_slug: false,
    naive_utc: true,
    folder_category: FolderCategory::Never,
    slugify: Slugify::Zola,
    notation: Notation::Zola,
    markdown: Markdown { heading_ids: true, ..PLAIN.markdown },
    link: &["path"],
    own_link: |path, _| Some(format!("/{}/", path.trim_matches('/'))),
    ..PLAIN
};

/// The site's first page may say what its config does not.
const HOME: &str = "content/_index.md";

fn declare(files: &[SiteFile]) -> Declared {
    let mut declared = Declared::default();
    for SiteFile { path, fields } in files {
        if path == HOME {
            declared.title = declared.title.or_else(|| text(fields, &["title"]));
            declared.description = declared.description.or_else(|| text(fields, &["description"]));
            continue;
        }
        let default = text(fields, &["default_language"]).unwrap_or_else(|| "en".into());
        declared.title = text(fields, &["title"]);
        declared.url = text(fields, &["base_url"]);
        declared.description = text(fields, &["description"]);
        declared.author = person(fields, "author");
        declared.emoji = flag(fields, "markdown.render_emoji");
        declared.typographer = flag(fields, "markdown.smart_punctuation");
        declared.definitions = flag(fields, "markdown.definition_list");
        declared.language = Some(default);
        if let Some(Value::Map(languages)) = find(fields, "languages") {
            declared.languages = languages
                .iter()
                .map(|field| Language {
                    tag: field.key.clone(),
                    folder: None,
                    main: false,
                    prefixed: true,
                    disabled: false,
                })
                .collect();
        }
        let strategy = text(fields, &["slugify.paths", "slugify"]);
        declared.slugs = strategy
            .is_some_and(|strategy| matches!(strategy.as_str(), "off" | "safe" | "false"))
            .then_some(Slugs::Verbatim);
        // Its patterns are of whole paths, from the root of the disk.
        for pattern in list(fields, "ignored_content") {
            if !pattern.starts_with('*') {
                continue;
            }
            let below = pattern.trim_start_matches('*');
            let at_top = below.strip_prefix('/').map(|name| format!("{}/{name}", ZOLA.content));
            declared.exclude.extend(at_top);
            declared.exclude.push(pattern);
        }
        if flag(fields, "slugify.paths_keep_dates") == Some(true) {
            declared.permalink_of_all(Some("/:folder/:slug_or_dated/".into()));
        }
    }
    declared
}
