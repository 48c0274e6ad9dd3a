//! Pelican (getpelican.com): headers without a fence, one category, slugs from titles.

use super::{
    Clocks, Flavour, FolderCategory, Forms, Markdown, Needs, Notation, PLAIN, PathDate, Slugify,
    Unfenced,
};
use crate::article::declared::{Declared, SiteFile, Slugs, find, flag, list, text};
use crate::article::front_matter::Value;
use crate::article::people;

pub const PELICAN: Flavour = Flavour {
    name: "pelican",
    marks: &[&["pelicanconf.py"]],
    extensions: &["rst", "md", "markdown", "mkd", "mdown", "html", "htm"],
    content: "content",
    site_files: &["pelicanconf.py", "publishconf.py"],
    declare,
    output: &["output"],
    aside: &["pages"],
    bundles: false,
    forms: Forms { unfenced: Unfenced::Headers, ..PLAIN.forms },
    needs: Needs::Date,
    page_is_article: true,
    path_date: PathDate::Name,
    clocks: Clocks::Own,
    folder_category: FolderCategory::Nearest,
    category_fallback: Some("misc"),
    permalink: "/:slug_or_title.html",
    slugify: Slugify::Pelican,
    notation: Notation::Pelican,
    markdown: Markdown { definitions: true, kramdown: true, ..PLAIN.markdown },
    link: &["url"],
    ..PLAIN
};

fn declare(files: &[SiteFile]) -> Declared {
    let mut declared = Declared {
        permalink_of_others: Some("/:slug_or_title-:lang.html".into()),
        ..Declared::default()
    };
    for SiteFile { fields, .. } in files {
        // What the publisher's own file says comes after, and counts.
        let or = |own: Option<String>, before: Option<String>| own.or(before);
        declared.title = or(text(fields, &["sitename"]), declared.title);
        let url = text(fields, &["siteurl"]).filter(|url| url.starts_with("http"));
        declared.url = or(url, declared.url);
        declared.description = or(text(fields, &["sitesubtitle"]), declared.description);
        declared.language = or(text(fields, &["default_lang"]), declared.language);
        declared.timezone = or(text(fields, &["timezone"]), declared.timezone);
        let author = text(fields, &["author"]).as_deref().and_then(people::named);
        declared.author = author.or(declared.author);
        let path = text(fields, &["path"]).filter(|path| !path.starts_with(['/', '.']));
        declared.content = or(path, declared.content);
        if text(fields, &["slugify_source"]).as_deref() == Some("basename") {
            declared.slugs = Some(Slugs::FileName);
        }
        if let Some(pattern) = text(fields, &["article_url"]) {
            declared.permalinks.clear();
            declared.permalink_of_all(Some(words_of(&pattern)));
        }
        let others = text(fields, &["article_lang_url"]).map(|pattern| words_of(&pattern));
        declared.permalink_of_others = others.or(declared.permalink_of_others);
        declared.default_category =
            or(text(fields, &["default_category"]), declared.default_category);
        declared.folder_is_category =
            flag(fields, "use_folder_as_category").or(declared.folder_is_category);
        match find(fields, "default_date") {
            Some(Value::Scalar(text)) if text == "fs" => declared.undated = true,
            Some(Value::Scalar(text)) => declared.default_date = Some(text.clone()),
            Some(Value::List(parts)) => {
                let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
                declared.default_date =
                    Some(parts.iter().take(3).copied().collect::<Vec<_>>().join("-"));
            }
            _ => {}
        }
        let content = declared.content.as_deref().unwrap_or(PELICAN.content);
        let content = content.trim_start_matches("./").trim_end_matches('/').to_string();
        let below = |key: &str| -> Vec<String> {
            let folders = list(fields, key).into_iter().filter(|dir| !dir.is_empty());
            folders.map(|dir| format!("{content}/{}/**", dir.trim_matches('/'))).collect()
        };
        declared.exclude.extend(below("article_excludes"));
        declared.exclude.extend(below("page_paths"));
        declared.include.extend(below("article_paths"));
        let names = text(fields, &["filename_metadata"]);
        if let Some(names) = names.filter(|names| names.contains("?P<slug>")) {
            // A date before it is passed over in any case.
            (declared.slugs, declared.dated_names) = (Some(Slugs::FileName), true);
            if names.contains("?P<category>") || names.contains("?P<title>") {
                declared.doubts.push("`FILENAME_METADATA`: only a date and a slug are read".into());
            }
        }
    }
    if declared.slugs == Some(Slugs::FileName) {
        if declared.permalinks.is_empty() {
            declared.permalink_of_all(Some("/:slug_or_file.html".into()));
        }
        for permalink in &mut declared.permalinks {
            permalink.pattern = permalink.pattern.replace(":slug_or_title", ":slug_or_file");
        }
    }
    declared
}

/// `posts/{date:%Y}/{slug}/` → `posts/:year/:slug_or_title/`
fn words_of(pattern: &str) -> String {
    let mut words = String::from("/");
    let mut rest = pattern.trim_start_matches('/');
    while let Some((before, tail)) = rest.split_once('{') {
        words.push_str(before);
        let Some((field, after)) = tail.split_once('}') else { break };
        rest = after;
        words.push_str(&match field.split_once(':').unwrap_or((field, "")) {
            ("date", format) => strftime(format),
            ("slug", _) => ":slug_or_title".into(),
            ("category", _) => ":category_slug".into(),
            ("author", _) => ":author_slug".into(),
            ("lang", _) => ":lang".into(),
            _ => String::new(),
        });
    }
    words + rest
}

fn strftime(format: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("%-m", ":i_month"),
        ("%-d", ":i_day"),
        ("%Y", ":year"),
        ("%y", ":short_year"),
        ("%m", ":month"),
        ("%d", ":day"),
        ("%b", ":short_month"),
        ("%B", ":long_month"),
        ("%j", ":year_day"),
        ("%H", ":hour"),
        ("%M", ":minute"),
        ("%S", ":second"),
    ];
    WORDS.iter().fold(format.to_string(), |text, (code, word)| text.replace(code, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_translated() {
        for (pattern, expected) in [
            ("{slug}.html", "/:slug_or_title.html"),
            ("blog/{date:%Y}/{date:%m}/{slug}/", "/blog/:year/:month/:slug_or_title/"),
            ("{date:%Y/%-m}/{category}/x", "/:year/:i_month/:category_slug/x"),
        ] {
            assert_eq!(words_of(pattern), expected);
        }
    }
}
