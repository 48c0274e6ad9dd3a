//! Hexo (hexo.io): `source/_posts`, categories in a line are one inside the other.

use super::words::{NamePattern, next_word, translate_words};
use super::{
    Clocks, Flavour, FolderCategory, Forms, Markdown, Notation, PLAIN, PathDate, Unfenced,
};
use crate::article::declared::{
    Declared, FieldPattern, PatternPart, SiteFile, find, flag, joined, text,
};
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
    has_project_files: false,
    forms: Forms { unfenced: Unfenced::Opener, long_fences: true, ..PLAIN.forms },
    path_date: PathDate::Never,
    clocks: Clocks::Utc,
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

/// The words of a pattern, ours, that are no fields of the article.
const HEXOS: &[&str] = &[
    "below_posts",
    "day",
    "filename",
    "hash",
    "hour",
    "i_day",
    "i_month",
    "last_category",
    "minute",
    "month",
    "second",
    "timestamp",
    "title_slug",
    "year",
];

/// A pattern of which some words are fields; `None` where none is.
fn of_fields(pattern: &str, usual: &dyn Fn(&str) -> Option<String>) -> Option<FieldPattern> {
    let (mut parts, mut text, mut rest) = (Vec::new(), String::new(), pattern);
    while let Some((before, word, after)) = next_word(rest) {
        text.push_str(before);
        if word.is_empty() || HEXOS.contains(&word) {
            text.push(':');
            text.push_str(word);
        } else {
            parts.push(PatternPart::Pattern(std::mem::take(&mut text)));
            let name = word.to_lowercase();
            let usual = usual(&name);
            parts.push(PatternPart::Field(name, usual));
        }
        rest = after;
    }
    text.push_str(rest);
    parts.push(PatternPart::Pattern(text));
    (parts.len() > 1).then_some(FieldPattern { parts, or_usual: false })
}

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
        declared.typographer = flag(fields, "marked.smartypants");
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
        let pattern = text(fields, &["permalink"]).map(bare);
        declared.permalink_of_fields = pattern.as_deref().and_then(|pattern| {
            let usual = |name: &str| text(fields, &[&format!("permalink_defaults.{name}")]);
            of_fields(pattern, &usual)
        });
        let pattern = match &declared.permalink_of_fields {
            Some(of_fields) => Some(of_fields.with(|_| ":filename".to_string())),
            None => pattern,
        };
        declared.permalink_of_all(pattern);
        let name = text(fields, &["new_post_name"]).unwrap_or_default();
        declared.dated_names = name.starts_with(":year-:month-:day");
        let name = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        declared.post_names = (!matches!(name, "" | ":title")).then(|| NamePattern::of(name));
    }
    declared
}
