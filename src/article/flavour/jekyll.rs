//! Jekyll (jekyllrb.com): `_posts/YEAR-MONTH-DAY-title.md` anywhere, `defaults` by scope.

use super::words::translate_words;
use super::{
    Flavour, FolderCategory, Forms, Markdown, NameTitles, Notation, PLAIN, PathDate, Slugify,
};
use crate::article::declared::{
    Declared, Defaults, Scope, SiteFile, find, joined, list, people, person, text,
};
use crate::article::front_matter::Value;

pub const JEKYLL: Flavour = Flavour {
    name: "jekyll",
    // A site of several languages may have no `_posts` but those in its folders.
    marks: &[
        &["_posts"],
        &["_config.yml", "_layouts"],
        &["_config.yml", "_includes"],
        &["_config.yml", "Gemfile"],
        &["_config.yaml", "_layouts"],
    ],
    site_files: &[
        "_config.yml",
        "_config.yaml",
        "_config.toml",
        "_data/authors.yml",
        "_data/authors.yaml",
        "_data/authors.json",
        "CNAME",
    ],
    declare,
    output: &["_site"],
    underscore: &["_posts"],
    posts: Some("_posts"),
    forms: Forms { times_are_utc: true, ..PLAIN.forms },
    summary: &["description", "excerpt", "summary"],
    path_date: PathDate::Post,
    date_in_slug: false,
    split_categories: true,
    folder_category: FolderCategory::AbovePosts,
    permalink: "/:categories/:year/:month/:day/:title.html",
    slugify: Slugify::Jekyll,
    notation: Notation::Liquid,
    markdown: Markdown {
        typographer: true,
        heading_ids: true,
        definitions: true,
        kramdown: true,
        emoji: false,
        indented_code: true,
    },
    heading_titles: false,
    name_titles: NameTitles::Words,
    smart_titles: true,
    excerpt_end: Some("\n\n"),
    link: &["permalink"],
    own_link: |link, _| Some(style(link)),
    ..PLAIN
};

const WORDS: &[(&str, &str)] = &[("slug", "slug_low"), ("name", "file_low")];

fn declare(files: &[SiteFile]) -> Declared {
    let mut declared = Declared::default();
    let (mut below, mut domain) = (None, None);
    for file in files {
        let fields = &file.fields;
        if file.path == "CNAME" {
            domain = text(fields, &["cname"]);
            continue;
        }
        if file.path.starts_with("_data/") {
            declared.people.extend(people(fields));
            continue;
        }
        let collection = text(fields, &["collections.posts.permalink"]);
        let permalink = collection.or_else(|| text(fields, &["permalink"]));
        let mut scoped = Vec::new();
        if let Some(Value::List(defaults)) = find(fields, "defaults") {
            scoped.extend(defaults.iter().filter_map(|one| scope(one, &file.path)));
        }
        declared.title = text(fields, &["title", "name"]);
        below = text(fields, &["baseurl"]);
        declared.url = joined(text(fields, &["url"]), below.clone());
        declared.description = text(fields, &["description", "tagline"]);
        declared.language = text(fields, &["lang", "locale"]);
        declared.timezone = text(fields, &["timezone"]);
        declared.author = person(fields, "author");
        declared.content = text(fields, &["collections_dir", "source"]).filter(|dir| dir != ".");
        declared.permalink_of_all(permalink.map(|pattern| style(&pattern)));
        declared.defaults = scoped;
        // An empty mark is one too: it switches excerpts off.
        declared.excerpt_end = match find(fields, "excerpt_separator") {
            Some(Value::Scalar(mark)) => Some(mark.clone()),
            _ => None,
        };
        // What begins with one is left out too (`entry_filter.rb`, `glob_include?`).
        declared.exclude = list(fields, "exclude");
        let plain = declared.exclude.iter().filter(|pattern| !pattern.contains(['*', '?', '[']));
        let begins: Vec<String> = plain.map(|path| format!("{path}*")).collect();
        declared.exclude.extend(begins);
    }
    // GitHub Pages, where most of these sites are, gives the address that the config leaves out.
    let at_domain = || joined(domain.map(|domain| format!("https://{domain}")), below);
    declared.url = declared.url.take().or_else(at_domain);
    declared
}

/// A style's name, or a pattern in Jekyll's words.
pub fn style(pattern: &str) -> String {
    match pattern {
        "date" => JEKYLL.permalink.into(),
        "pretty" => "/:categories/:year/:month/:day/:title/".into(),
        "ordinal" => "/:categories/:year/:year_day/:title.html".into(),
        "weekdate" => "/:categories/:year/W:week/:short_day/:title.html".into(),
        "none" => "/:categories/:title.html".into(),
        pattern => translate_words(pattern, WORDS),
    }
}

fn scope(value: &Value, origin: &str) -> Option<Defaults> {
    let scope = value.get("scope")?;
    let kind = scope.get("type").and_then(Value::as_str).unwrap_or("posts");
    let Some(Value::Map(fields)) = value.get("values") else { return None };
    (kind == "posts" || kind == "post").then(|| Defaults {
        origin: origin.to_string(),
        scope: Scope::of(scope.get("path").and_then(Value::as_str).unwrap_or("")),
        language: None,
        fields: fields.clone(),
    })
}
