//! Hugo (gohugo.io): `content/SECTION/…`, bundles, `permalinks` by section.

use globset::Glob;

use super::globs::{glob_of, glob_of_files, unbraced};
use super::location::{SECTION_SLUG, UGLY, is_below};
use super::words::translate_words;
use super::{Clocks, Flavour, FolderCategory, Forms, Markdown, Notation, PLAIN, PathDate, Slugify};
use crate::article::declared::{
    Declared, Defaults, Language, Mount, Permalink, Scope, SiteFile, find, flag, list, person, text,
};
use crate::article::front_matter::{Field, Value};

pub const HUGO: Flavour = Flavour {
    name: "hugo",
    marks: &[
        &["hugo.toml"],
        &["hugo.yaml"],
        &["hugo.yml"],
        &["hugo.json"],
        &["config.toml:baseurl"],
        &["config.yaml:baseurl"],
        &["config.yml:baseurl"],
        &["config.json:\"baseurl\""],
        &["config/_default"],
    ],
    extensions: &["md", "markdown", "html", "htm", "mdown", "rst", "org", "adoc", "asciidoc"],
    content: "content",
    site_files: &[
        "config.toml",
        "config.yaml",
        "config.yml",
        "config.json",
        "hugo.toml",
        "hugo.yaml",
        "hugo.yml",
        "hugo.json",
        "config/_default/*",
    ],
    declare,
    folder_files: &[
        "_index.md",
        "_index.html",
        "_index.org",
        "_index.adoc",
        "_index.{language}.md",
    ],
    inherit: |file| {
        let mut defaults = Vec::new();
        cascade(find(&file.fields, "cascade"), &file.path, &mut defaults);
        if let Some(slug) = text(&file.fields, &["slug"]) {
            let field = Field { key: SECTION_SLUG.into(), line: 1, value: Value::Scalar(slug) };
            defaults.push(Defaults {
                origin: file.path.clone(),
                scope: Scope::Everything,
                language: None,
                fields: vec![field],
            });
        }
        // What `_index.de.md` says is said of German pages.
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        if let [_, language, _] = name.split('.').collect::<Vec<_>>()[..] {
            for own in defaults.iter_mut().filter(|own| own.language.is_none()) {
                own.language = Some(language.to_string());
            }
        }
        defaults
    },
    forms: Forms {
        after_blank_lines: true,
        long_fences: true,
        plain_keywords: true,
        ..PLAIN.forms
    },
    leaf_bundles: true,
    has_project_files: false,
    date_from_change: true,
    clocks: Clocks::Own,
    underscore: &["*"],
    output: &["public", "resources"],
    path_date: PathDate::Never,
    folder_category: FolderCategory::Top,
    slugify: Slugify::Hugo,
    notation: Notation::Hugo,
    markdown: Markdown {
        typographer: true,
        heading_ids: true,
        definitions: true,
        ..PLAIN.markdown
    },
    link: &["url"],
    own_link: |link, _| Some(closed(translate_words(link, WORDS))),
    ..PLAIN
};

/// An address ends with a slash, unless its last part has an extension.
fn closed(link: String) -> String {
    let last = link.rsplit('/').next().unwrap_or("");
    if last.is_empty() || last.contains('.') { link } else { link + "/" }
}

/// Hugo's words that mean something else here.
const WORDS: &[(&str, &str)] = &[
    ("title", "title_slug"),
    ("slug", "slug_or_title"),
    ("slugorfilename", "slug_or_file"),
    ("slugorcontentbasename", "slug_or_file"),
    ("contentbasename", "filename"),
    ("sectionslugs", "sections"),
    ("sectionslug", "section"),
    ("monthname", "long_month"),
    ("weekdayname", "long_day"),
    ("weekday", "week_day"),
    ("yearday", "year_day"),
];

fn declare(files: &[SiteFile]) -> Declared {
    let mut declared = Declared::default();
    let fields: Vec<Field> = files.iter().flat_map(rooted).collect();
    let fields = &merged(fields);
    let default = text(fields, &["defaultcontentlanguage"]).unwrap_or_else(|| "en".into());
    let of_language =
        |key: &str| text(fields, &[&format!("languages.{}.{key}", default.to_lowercase())]);
    declared.title = of_language("title").or_else(|| text(fields, &["title"]));
    let base = of_language("baseurl").or_else(|| text(fields, &["baseurl"]));
    declared.url = base.filter(|url| url.starts_with("http://") || url.starts_with("https://"));
    declared.description = of_language("params.description")
        .or_else(|| text(fields, &["params.description", "description"]));
    declared.language = of_language("locale")
        .or_else(|| of_language("languagecode"))
        .or_else(|| text(fields, &["locale", "languagecode", "defaultcontentlanguage"]));
    declared.timezone = text(fields, &["timezone"]);
    declared.emoji = flag(fields, "enableemoji");
    let typographer = "markup.goldmark.extensions.typographer";
    declared.typographer = flag(fields, typographer)
        .or_else(|| flag(fields, &format!("{typographer}.disable")).map(|is_off| !is_off));
    declared.definitions = flag(fields, "markup.goldmark.extensions.definitionlist");
    let said = text(fields, &["contentdir"]);
    declared.content = said.map(|_| content_root(fields)).or_else(|| {
        let mounts = content_mounts(fields);
        let [(source, tags)] = mounts.as_slice() else { return None };
        tags.is_empty().then(|| source.trim_matches('/').to_string())
    });
    let author = ["params.author", "author", "params.authors"];
    declared.author = author.iter().find_map(|path| person(fields, path));
    declared.permalinks = permalinks(fields);
    ugly_urls(fields, &mut declared.permalinks);
    declared.languages = languages(fields, &default);
    declared.mounts = mounts(fields, &declared.languages);
    for (at, mount) in declared.mounts.iter().enumerate() {
        let before = &declared.mounts[..at];
        let is_whole = |mount: &Mount| mount.taken.is_empty() && mount.left_out.is_empty();
        let again = |other: &&Mount| other.source == mount.source && is_whole(other);
        if before.iter().any(|other| again(&other)) {
            declared.doubts.push(format!(
                "`{}` is mounted at several places; it is an article in one only",
                mount.source
            ));
        }
    }
    for ignored in list(fields, "ignorefiles") {
        match glob_of(&ignored) {
            Some(glob) => declared.exclude.push(glob),
            None => declared.doubts.push(format!(
                "`{ignored}` in `ignoreFiles` is not followed; set `[content] exclude`"
            )),
        }
    }
    declared.dated_names = list(fields, "frontmatter.date").iter().any(|rule| rule == ":filename");
    for file in files {
        for field in rooted(file).iter().filter(|field| field.key == "cascade") {
            cascade(Some(&field.value), &file.path, &mut declared.defaults);
        }
    }
    declared
}

/// Files below `config/_default` are named after the table that they hold: `params.toml`,
/// `languages.en.toml`.
fn rooted(file: &SiteFile) -> Vec<Field> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let mut tables: Vec<&str> = name.split('.').collect();
    tables.pop();
    if !file.path.starts_with("config/") || matches!(tables.as_slice(), ["hugo" | "config", ..]) {
        return file.fields.clone();
    }
    let mut fields = file.fields.clone();
    for table in tables.into_iter().rev() {
        fields = vec![Field { key: table.to_lowercase(), line: 1, value: Value::Map(fields) }];
    }
    fields
}

/// Tables of one name become one; of two values the later one counts.
fn merged(fields: Vec<Field>) -> Vec<Field> {
    let mut merged: Vec<Field> = Vec::new();
    for field in fields {
        let known = merged.iter_mut().find(|known| known.key == field.key);
        match (known, field.value) {
            (Some(Field { value: Value::Map(known), .. }), Value::Map(more)) => {
                let all = std::mem::take(known).into_iter().chain(more).collect();
                *known = self::merged(all);
            }
            (_, value) => merged.push(Field { value, ..field }),
        }
    }
    merged
}

/// `/post/name/` becomes `/post/name.html`, for all sections or for some.
fn ugly_urls(fields: &[Field], permalinks: &mut Vec<Permalink>) {
    let sections: Vec<Option<String>> = match find(fields, "uglyurls") {
        Some(Value::Map(sections)) => {
            let on = sections.iter().filter(|field| field.value.as_bool() == Some(true));
            on.map(|field| Some(field.key.clone())).collect()
        }
        Some(value) if value.as_bool() == Some(true) => vec![None],
        _ => return,
    };
    for section in sections {
        let fits = |permalink: &&mut Permalink| section.is_none() || permalink.section == section;
        for permalink in permalinks.iter_mut().filter(fits) {
            if let Some(bare) = permalink.pattern.strip_suffix('/') {
                permalink.pattern = format!("{bare}.html");
            }
        }
        permalinks.push(Permalink { section, pattern: UGLY.into() });
    }
}

/// `permalinks.posts`, `permalinks.page.posts`, or a list with targets.
fn permalinks(fields: &[Field]) -> Vec<Permalink> {
    let mut permalinks = Vec::new();
    let by_section = match find(fields, "permalinks.page") {
        Some(page @ Value::Map(_)) => Some(page),
        _ => find(fields, "permalinks"),
    };
    let mut add = |section: Option<&str>, pattern: &str| {
        permalinks.push(Permalink {
            section: section.map(|section| match section.trim_matches('/') {
                // Pages that lie in no section.
                "" => String::new(),
                section => section.split('/').next().unwrap_or(section).to_string(),
            }),
            pattern: translate_words(pattern, WORDS),
        });
    };
    match by_section {
        Some(Value::Map(sections)) => {
            for field in sections {
                if let Some(pattern) = field.value.as_str() {
                    add(Some(&field.key), pattern);
                }
            }
        }
        Some(Value::List(targets)) => {
            for target in targets {
                let path = target.get("target").and_then(|target| target.get("path"));
                let path = path.and_then(Value::as_str).filter(|path| *path != "**");
                if let Some(pattern) = target.get("pattern").and_then(Value::as_str) {
                    add(path.map(|path| path.trim_end_matches("/**")), pattern);
                }
            }
        }
        _ => {}
    }
    permalinks
}

fn content_dir(fields: &[Field]) -> String {
    let said = text(fields, &["contentdir"]);
    said.map_or("content".into(), |dir| dir.trim_matches('/').to_string())
}

/// The folder of all languages, where some have theirs beside that of the site: `content` for
/// `content/en` and `content/es`.
fn content_root(fields: &[Field]) -> String {
    let own = content_dir(fields);
    let Some(Value::Map(tables)) = find(fields, "languages") else { return own };
    let others = tables.iter().filter_map(|field| field.value.get("contentdir")?.as_str());
    let mut root = own.as_str();
    for other in others.map(|dir| dir.trim_matches('/')) {
        while !is_below(other, root) {
            root = root.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
    if root.is_empty() { own } else { root.to_string() }
}

/// Languages have a suffix in file names, a content folder of their own, or one that is mounted.
fn languages(fields: &[Field], default: &str) -> Vec<Language> {
    let in_subdir = flag(fields, "defaultcontentlanguageinsubdir").unwrap_or(false);
    let (own, content) = (content_dir(fields), content_root(fields));
    let below = |dir: &str| {
        let dir = dir.trim_matches('/');
        let inside = dir.strip_prefix(&content).unwrap_or(dir).trim_matches('/');
        Some(inside.to_string()).filter(|inside| !inside.is_empty())
    };
    let left_out = list(fields, "disablelanguages");
    let disabled = |tag: &str| {
        left_out.iter().any(|other| other.eq_ignore_ascii_case(tag))
            || flag(fields, &format!("languages.{}.disabled", tag.to_lowercase())) == Some(true)
    };
    let language = |tag: &str, folder: Option<String>| Language {
        tag: tag.to_string(),
        disabled: disabled(tag),
        folder,
        main: tag.eq_ignore_ascii_case(default),
        prefixed: in_subdir || !tag.eq_ignore_ascii_case(default),
    };
    let mut languages = Vec::new();
    if let Some(Value::Map(tables)) = find(fields, "languages") {
        for field in tables.iter().filter(|field| matches!(field.value, Value::Map(_))) {
            let folder = field.value.get("contentdir").and_then(Value::as_str).unwrap_or(&own);
            let folder = below(folder);
            languages.push(language(&field.key, folder));
        }
    }
    if in_subdir && languages.is_empty() {
        languages.push(language(&default.to_lowercase(), None));
    }
    for (source, tags) in content_mounts(fields) {
        for tag in tags {
            let is_its = |known: &&mut Language| known.tag.eq_ignore_ascii_case(&tag);
            match languages.iter_mut().find(is_its) {
                Some(known) if known.folder.is_none() => known.folder = below(source),
                _ => languages.push(language(&tag, below(source))),
            }
        }
    }
    languages
}

/// Folders that are mounted as content, each with the languages that it is for, if it is for some.
fn content_mounts(fields: &[Field]) -> Vec<(&str, Vec<String>)> {
    let Some(Value::List(mounts)) = find(fields, "module.mounts") else { return Vec::new() };
    let mounted = mounts.iter().filter_map(|mount| {
        let said = |key: &str| mount.get(key).and_then(Value::as_str);
        let source = said("source").filter(|_| said("target") == Some("content"))?;
        let of_sites = || mount.get("sites")?.get("matrix")?.get("languages");
        let tags = texts(mount.get("lang").or_else(of_sites));
        Some((source, tags.into_iter().map(String::from).collect()))
    });
    mounted.collect()
}

/// Mounts of which some take a part of their files only, or lead to a part of the content. Where
/// languages have theirs, they are read as such.
fn mounts(fields: &[Field], languages: &[Language]) -> Vec<Mount> {
    let Some(Value::List(said)) = find(fields, "module.mounts") else { return Vec::new() };
    let mount = |mount: &Value| {
        let text = |key: &str| mount.get(key).and_then(Value::as_str);
        let target = text("target")?.trim_matches('/').strip_prefix("content")?;
        let mut made = Mount {
            source: text("source")?.trim_start_matches("./").trim_matches('/').to_string(),
            target: target.trim_matches('/').to_string(),
            taken: Vec::new(),
            left_out: Vec::new(),
        };
        for key in ["files", "includefiles", "excludefiles"] {
            for pattern in texts(mount.get(key)) {
                let (bare, out) = match pattern.strip_prefix('!') {
                    Some(bare) => (bare.trim_start(), true),
                    None => (pattern, key == "excludefiles"),
                };
                let glob = glob_of_files(bare.trim_start_matches('/'))?;
                if out { made.left_out.push(glob) } else { made.taken.push(glob) }
            }
        }
        Some(made)
    };
    let mounts: Vec<Mount> = said.iter().filter_map(mount).collect();
    let in_part = |mount: &Mount| {
        !(mount.target.is_empty() && mount.taken.is_empty() && mount.left_out.is_empty())
    };
    let by_language = languages.iter().any(|language| language.folder.is_some());
    if by_language || !mounts.iter().any(in_part) { Vec::new() } else { mounts }
}

fn pages(path: &str) -> Option<Scope> {
    Scope::pages(&format!("content/{}", path.trim_start_matches('/')))
}

/// A text, or several.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::List(values)) => values.iter().filter_map(Value::as_str).collect(),
        one => one.and_then(Value::as_str).into_iter().collect(),
    }
}

/// A table of fields, or a list of tables with targets.
fn cascade(value: Option<&Value>, origin: &str, defaults: &mut Vec<Defaults>) {
    let tables: Vec<&Value> = match value {
        Some(Value::List(tables)) => tables.iter().collect(),
        Some(table) => vec![table],
        None => return,
    };
    for table in tables {
        let Value::Map(fields) = table else { continue };
        let target = table.get("target").or(table.get("_target"));
        let said = |key: &str| target.and_then(|target| target.get(key)).and_then(Value::as_str);
        // Of other kinds than pages, such as sections, and of other builds nothing is read.
        let is_ours = |key: &str, own: &str| {
            let fits =
                |pattern: &str| Glob::new(pattern).is_ok_and(|g| g.compile_matcher().is_match(own));
            said(key).is_none_or(fits)
        };
        if !is_ours("kind", "page") || !is_ours("environment", "production") {
            continue;
        }
        let scopes: Vec<Scope> = match said("path") {
            Some(path) => unbraced(path).iter().filter_map(|path| pages(path)).collect(),
            None => vec![Scope::Everything],
        };
        defaults.extend(scopes.into_iter().map(|scope| Defaults {
            origin: origin.to_string(),
            scope,
            language: said("lang").map(str::to_string),
            fields: fields.clone(),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Known;
    use super::*;

    #[test]
    fn addresses_end_with_a_slash() {
        for (said, expected) in [
            ("/post/name", "/post/name/"),
            ("post/name/", "post/name/"),
            ("/post/name.html", "/post/name.html"),
            ("/post/v1.2", "/post/v1.2"),
        ] {
            let known = Known { declared: &Declared::default(), field: &|_| None };
            assert_eq!((HUGO.own_link)(said, &known).as_deref(), Some(expected));
        }
    }
}
