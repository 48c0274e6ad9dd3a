//! Hexo (hexo.io): `source/_posts`, categories in a line are one inside the other.

use super::{
    Flavour, FolderCategory, Forms, Markdown, Notation, PLAIN, PathDate, Unfenced, translate_words,
};
use crate::article::declared::{Declared, SiteFile, find, flag, joined, text};
use crate::article::front_matter::{Field, Value};
use crate::article::people;

pub const HEXO: Flavour = Flavour {
    name: "hexo",
    marks: &[
        &["_config.yml", "source"],
        &["_config.yml", "scaffolds"],
        &["_config.yml:source_dir:"],
    ],
    content: "source",
    site_files: &["_config.yml"],
    declare,
    output: &["public"],
    underscore: &["_posts"],
    posts: Some("_posts"),
    bundles: false,
    hides_underscored: true,
    forms: Forms { unfenced: Unfenced::Opener, long_fences: true, ..PLAIN.forms },
    path_date: PathDate::Never,
    nested_categories: true,
    folder_category: FolderCategory::Never,
    permalink: "/:year/:month/:day/:below_posts/",
    notation: Notation::Hexo,
    markdown: Markdown { typographer: true, ..PLAIN.markdown },
    link: &["permalink"],
    ..PLAIN
};

const WORDS: &[(&str, &str)] = &[
    ("title", "below_posts"),
    ("name", "filename"),
    ("post_title", "title_slug"),
    ("category", "last_category"),
    ("slug", "below_posts"),
];

fn declare(files: &[SiteFile]) -> Declared {
    let mut declared = Declared::default();
    for SiteFile { fields, .. } in files {
        declared.title = text(fields, &["title"]);
        let url = text(fields, &["url"]);
        let root = text(fields, &["root"]).filter(|root| {
            url.as_deref()
                .is_none_or(|url| !url.trim_end_matches('/').ends_with(root.trim_matches('/')))
        });
        declared.url = joined(url, root);
        declared.description = text(fields, &["description", "subtitle"]);
        declared.language = text(fields, &["language"]);
        declared.timezone = text(fields, &["timezone"]);
        declared.author = text(fields, &["author"]).as_deref().and_then(people::named);
        declared.content = text(fields, &["source_dir"]);
        declared.default_category = text(fields, &["default_category"]);
        if let Some(Value::Map(slugs)) = find(fields, "category_map") {
            let slug = |field: &Field| Some((field.key.clone(), field.value.as_str()?.to_string()));
            declared.category_slugs = slugs.iter().filter_map(slug).collect();
        }
        let bare = |pattern: String| {
            let mut pattern =
                format!("/{}", translate_words(pattern.trim_start_matches('/'), WORDS));
            if flag(fields, "pretty_urls.trailing_index") == Some(false)
                && let Some(short) = pattern.strip_suffix("index.html")
            {
                pattern = short.to_string();
            }
            if flag(fields, "pretty_urls.trailing_html") == Some(false)
                && let Some(short) = pattern.strip_suffix(".html")
            {
                pattern = short.to_string();
            }
            pattern
        };
        declared.permalink_of_all(text(fields, &["permalink"]).map(bare));
        let name = text(fields, &["new_post_name"]).unwrap_or_default();
        declared.dated_names = name.starts_with(":year-:month-:day");
    }
    declared
}
