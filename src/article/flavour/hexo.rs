//! Hexo (hexo.io): `source/_posts`, categories in a line are one inside the other.

use super::{
    Clocks, Flavour, FolderCategory, Forms, Markdown, Notation, PLAIN, PathDate, Unfenced, slugify,
    translate_words,
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

/// The next word of a pattern: what stands before it, the word, and what comes after.
fn next_word(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, tail) = pattern.split_once(':')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (word, after) = tail.split_at(tail.find(|c| !is_part(c)).unwrap_or(tail.len()));
    Some((before, word, after))
}

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
    (parts.len() > 1).then_some(FieldPattern { parts })
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
        declared.post_names = (!matches!(name, "" | ":title")).then(|| name.to_string());
    }
    declared
}

// ── Names of posts ────────────────────────────────────────────────────────────────────────────

/// Ways in which a name may fit a pattern that are tried; no more words of one are followed.
const MAX_TRIES: usize = 1_000;

/// What the name of a post gives, by a pattern such as `:category/:year/:title`; `path` is below
/// the folder of posts, without extension (Hexo, `new_post_name`).
pub fn parsed_name<'a>(pattern: &'a str, path: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let (mut found, mut tries) = (Vec::new(), MAX_TRIES);
    fits(pattern, path, &mut found, &mut tries).then_some(found)
}

/// The path of a post below the folder of posts; the whole path where it lies in none.
pub fn below_posts<'a>(page: &'a str, posts: Option<&str>) -> &'a str {
    let Some(posts) = posts else { return page };
    let below = page.split_once(posts).and_then(|(_, below)| below.strip_prefix('/'));
    below.unwrap_or(page)
}

/// The part of an address that a post's name gives.
pub fn title_of_name(pattern: &str, path: &str) -> String {
    let parsed = parsed_name(pattern, path);
    let title = parsed.iter().flatten().find(|(word, _)| *word == "title");
    title.map_or_else(|| slugify::hexo(path), |(_, title)| title.to_string())
}

/// Each word takes as little as it can.
fn fits<'a>(
    pattern: &'a str,
    path: &'a str,
    found: &mut Vec<(&'a str, &'a str)>,
    tries: &mut usize,
) -> bool {
    let Some(left) = tries.checked_sub(1) else { return false };
    *tries = left;
    let Some((before, word, after)) = next_word(pattern) else { return pattern == path };
    let Some(path) = path.strip_prefix(before) else { return false };
    let digits = match word {
        "year" => Some(4..=4),
        "month" | "day" => Some(2..=2),
        "i_month" | "i_day" => Some(1..=2),
        _ => None,
    };
    let ends = path.char_indices().map(|(at, c)| at + c.len_utf8());
    for end in ends {
        let (taken, rest) = path.split_at(end);
        if let Some(digits) = &digits {
            if end > *digits.end() || !taken.bytes().all(|b| b.is_ascii_digit()) {
                return false;
            }
            if !digits.contains(&end) {
                continue;
            }
        }
        found.push((word, taken));
        if fits(after, rest, found, tries) {
            return true;
        }
        found.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_posts_are_taken_apart() {
        let check = |pattern: &str, path: &str, title: &str| {
            assert_eq!(title_of_name(pattern, path), title, "{pattern} {path}");
        };
        check(":title", "a/b", "a/b");
        check(":category/:year/:title", "c/2022/x", "x");
        check(":category/:year/:title", "c/d/2022/x/y", "x/y");
        check(":category/:year/:title", "c/x y", "c-x-y");
        check(":year-:month-:day-:title", "2022-01-02-x-y", "x-y");
        check(":year-:month-:day-:title", "2022-1-2-x", "2022-1-2-x");
        check(":i_month.:title", "1.é", "é");
        check(":lang/:title", "vi/x", "x");
        assert_eq!(parsed_name(":lang/:title", "vi/x").unwrap()[0], ("lang", "vi"));
        let many = ":a:b:c:d:e:f:title/";
        assert_eq!(parsed_name(many, &"x".repeat(4_000)), None);
        assert_eq!(parsed_name(&":a".repeat(4_000), &"x".repeat(4_000)), None);
    }
}
