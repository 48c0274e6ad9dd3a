//! Front matter fields → a head, by one table of names that generators and authors use.

use jiff::{Timestamp, tz::TimeZone};

use super::attached;
use super::found::naive_zone;
use super::front_matter::{Field, FrontMatter, Value};
use super::{Conventions, Head, Problem, Provenance, dates, language, people};

/// Longest title, in characters; what is longer is no title but a mistake.
const MAX_TITLE: usize = 1_000;
/// Most categories, tags or authors of one article.
pub(super) const MAX_LIST: usize = 64;

const PUBLISHED: &[&str] =
    &["publishdate", "date", "pubdate", "published", "published_at", "created", "created_at"];
const UPDATED: &[&str] = &[
    "lastmod",
    "modified",
    "updated",
    "updateddate",
    "updated_at",
    "last_modified_at",
    "last-modified",
    "last_update",
];
const EXPIRES: &[&str] = &["expirydate", "unpublishdate", "expires"];
const ID: &[&str] = &["guid", "id", "uuid", "uid", "feed_id"];
/// Without `canonical`: it tells where a text appeared first, which may be another site.
const LINK: &[&str] = &["url", "permalink", "path", "link", "external_url"];
const ALIASES: &[&str] = &["aliases", "redirect_from"];
const SUMMARY: &[&str] = &["summary", "excerpt", "description", "intro", "abstract", "subtitle"];
const CATEGORIES: &[&str] = &["categories", "category"];
const TAGS: &[&str] = &["tags", "tag", "keywords"];
const LANGUAGE: &[&str] = &["lang", "language", "locale"];
/// Where generators let authors put fields of their own.
const NESTS: &[&str] = &["params", "extra", "taxonomies"];

/// One file's fields, with where to write down what became of them.
pub(super) struct Form<'a> {
    matter: &'a FrontMatter,
    path: &'a str,
    from: &'a mut Provenance,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Form<'a> {
    /// The first of `names` that is there, at the top or in a nest.
    pub(super) fn find(&self, names: &[&str]) -> Option<&'a Field> {
        let nests = self.matter.fields.iter().filter(|field| NESTS.contains(&field.key.as_str()));
        let groups =
            std::iter::once(&self.matter.fields).chain(nests.filter_map(
                |nest| match &nest.value {
                    Value::Map(fields) => Some(fields),
                    _ => None,
                },
            ));
        groups.into_iter().find_map(|fields| {
            names.iter().find_map(|name| {
                fields.iter().rev().find(|field| field.key == *name && says(&field.value))
            })
        })
    }

    pub(super) fn warn(&mut self, field: &Field, message: String) {
        self.problems.push(Problem::warning(self.path, Some(field.line), message));
    }

    pub(super) fn note(&mut self, what: &'static str, field: &Field) {
        self.from.insert(what, format!("front matter: {}", field.key));
    }

    fn text(&mut self, what: &'static str, names: &[&str]) -> Option<String> {
        let field = self.find(names)?;
        let text = match &field.value {
            Value::Scalar(text) => one_line(text),
            Value::List(items) => items.first().and_then(Value::as_str).map(one_line)?,
            _ => {
                self.warn(field, format!("`{}` is no text", field.key));
                return None;
            }
        };
        if text.is_empty() {
            return None;
        }
        self.note(what, field);
        Some(text)
    }

    fn date(
        &mut self,
        what: &'static str,
        names: &[&str],
        zone: &TimeZone,
        language: Option<&str>,
    ) -> Option<Timestamp> {
        // `published: true` is no date, but tells whether the article is to be seen.
        let is_flag = |field: &&Field| {
            let text = field.value.as_str().unwrap_or("");
            field.value.as_bool().is_some() && text.parse::<i64>().is_err()
        };
        let field =
            names.iter().filter_map(|name| self.find(&[name])).find(|field| !is_flag(field))?;
        let value = match (field.key.as_str(), &field.value) {
            // Docusaurus' `last_update: { date: …, author: … }`
            ("last_update", Value::Map(_)) => field.value.get("date")?,
            (_, value) => value,
        };
        let text = value.as_str().unwrap_or("");
        match dates::parse(text, zone, language) {
            Ok(timestamp) => {
                self.note(what, field);
                Some(timestamp)
            }
            Err(fault) => {
                let shown: String = text.chars().take(60).collect();
                let message = format!("`{}: {shown}` {fault}", field.key);
                self.problems.push(Problem::error(self.path, Some(field.line), message));
                None
            }
        }
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.find(&[name])?.value.as_bool()
    }

    fn word(&self, name: &str) -> Option<&'a str> {
        self.find(&[name])?.value.as_str()
    }
}

/// A field that was left blank says nothing.
fn says(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Scalar(text) => !text.trim().is_empty(),
        _ => true,
    }
}

/// Reads the fields that the author gave.
pub fn head(
    matter: &FrontMatter,
    path: &str,
    conventions: &Conventions,
    from: &mut Provenance,
    problems: &mut Vec<Problem>,
) -> Head {
    let mut form = Form { matter, path, from, problems };
    let zone = naive_zone(conventions);
    let language = language(&mut form);
    let order = language.as_deref().or(conventions.language.as_deref());
    let summary = form.text("summary", SUMMARY);
    Head {
        title: form.text("title", &["title"]).map(shorten).unwrap_or_default(),
        link: link(&mut form),
        slug: form.word("slug").map(|slug| slug.trim_matches('/').to_string()),
        id: form.text("id", ID),
        aliases: list(form.find(ALIASES), |text| vec![text.to_string()]),
        published: form.date("published", PUBLISHED, &zone, order),
        updated: form.date("updated", UPDATED, &zone, order),
        expires: form.date("expires", EXPIRES, &zone, order),
        hidden: hidden(&form),
        minor: form.flag("minor").unwrap_or(false),
        authors: people::authors(&mut form),
        categories: categories(&mut form, conventions),
        tags: tags(&mut form, conventions),
        image: attached::image(&mut form),
        enclosures: attached::enclosures(&mut form),
        summary,
        language,
        meaning: [0; 32],
    }
}

/// White space of any kind, line breaks included, becomes single spaces; other control
/// characters mean nothing in one line of text.
pub fn one_line(text: &str) -> String {
    let is_noise =
        |c: char| (c.is_control() && !c.is_whitespace()) || ('\u{fffe}'..='\u{ffff}').contains(&c);
    let text: std::borrow::Cow<str> =
        if text.contains(is_noise) { text.replace(is_noise, "").into() } else { text.into() };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn shorten(title: String) -> String {
    match title.char_indices().nth(MAX_TITLE) {
        Some((at, _)) => format!("{}…", &title[..at]),
        None => title,
    }
}

fn language(form: &mut Form) -> Option<String> {
    let text = form.text("language", LANGUAGE)?;
    let tag = language::tag(&text);
    if tag.is_none() {
        form.from.remove("language");
        let field = form.find(LANGUAGE)?;
        form.warn(field, format!("`{}: {text}` is no language tag, such as `vi`", field.key));
    }
    tag
}

fn link(form: &mut Form) -> Option<String> {
    let link = form.text("link", LINK)?;
    if link == "false" {
        form.from.remove("link");
        return None;
    }
    Some(link)
}

fn hidden(form: &Form) -> bool {
    let said = |name: &str, value: bool| form.flag(name) == Some(value);
    let status = form.word("status").is_some_and(|status| {
        matches!(status.to_ascii_lowercase().as_str(), "draft" | "hidden" | "skip" | "private")
    });
    let build = form.find(&["build", "_build"]).is_some_and(|field| {
        let is = |key: &str, words: &[&str]| {
            field.value.get(key).and_then(Value::as_str).is_some_and(|v| words.contains(&v))
        };
        is("list", &["never", "local", "false"]) || is("render", &["never", "false"])
    });
    said("draft", true)
        || said("published", false)
        || said("publish", false)
        || said("private", true)
        || said("unlisted", true)
        || said("hidden", true)
        || said("headless", true)
        || said("feed", false)
        || said("permalink", false)
        || said("eleventyexcludefromcollections", true)
        || status
        || build
}

/// A list, or one text that `split` takes apart.
fn list(field: Option<&Field>, split: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let texts = match field.map(|field| &field.value) {
        Some(Value::Scalar(text)) => split(text),
        Some(Value::List(items)) => items.iter().filter_map(name_of).collect(),
        Some(map @ Value::Map(_)) => name_of(map).into_iter().collect(),
        _ => Vec::new(),
    };
    let mut list: Vec<String> = Vec::new();
    for text in texts {
        let text = one_line(&text);
        if !text.is_empty() && !list.contains(&text) && list.len() < MAX_LIST {
            list.push(text);
        }
    }
    list
}

fn name_of(value: &Value) -> Option<String> {
    ["name", "label", "title"]
        .iter()
        .find_map(|key| value.get(key))
        .unwrap_or(value)
        .as_str()
        .map(str::to_string)
}

fn categories(form: &mut Form, conventions: &Conventions) -> Vec<String> {
    let Some(field) = form.find(CATEGORIES) else { return Vec::new() };
    let flavour = conventions.flavour;
    let nested = |items: &[Value]| items.iter().filter_map(name_of).collect::<Vec<_>>().join("/");
    let names = match &field.value {
        Value::List(items) if flavour.nested_categories => {
            if items.iter().any(|item| matches!(item, Value::List(_))) {
                let each = items.iter().map(|item| match item {
                    Value::List(items) => nested(items),
                    one => name_of(one).unwrap_or_default(),
                });
                each.collect()
            } else {
                vec![nested(items)]
            }
        }
        _ => list(Some(field), |text| {
            if field.key == "category" {
                vec![text.to_string()]
            } else if flavour.split_categories {
                text.split_whitespace().map(str::to_string).collect()
            } else {
                text.split(',').map(str::to_string).collect()
            }
        }),
    };
    let names: Vec<String> = names.iter().filter_map(|name| category_path(name)).collect();
    if !names.is_empty() {
        form.note("categories", field);
    }
    names
}

/// `Thể thao / Bóng đá` → `Thể thao/Bóng đá`: a slash puts one category inside another.
pub fn category_path(name: &str) -> Option<String> {
    let parts: Vec<String> =
        name.split('/').map(one_line).filter(|part| !part.is_empty()).take(8).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn tags(form: &mut Form, conventions: &Conventions) -> Vec<String> {
    let Some(field) = form.find(TAGS) else { return Vec::new() };
    let tags = list(Some(field), |text| {
        if conventions.flavour.split_categories && !text.contains(',') {
            text.split_whitespace().map(str::to_string).collect()
        } else {
            text.split([',', ';', '、', '，', '；']).map(str::to_string).collect()
        }
    });
    if !tags.is_empty() {
        form.note("tags", field);
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{flavour::Flavour, front_matter};

    fn read(fields: &str, flavour: &str) -> Head {
        let conventions = Conventions {
            flavour: Flavour::named(flavour).unwrap(),
            timezone: TimeZone::UTC,
            language: None,
            summary_length: 300,
        };
        let (matter, _) = front_matter::split(&format!("---\n{fields}\n---\n")).unwrap();
        let mut problems = Vec::new();
        let from = &mut Provenance::new();
        let head = head(&matter.unwrap(), "a.md", &conventions, from, &mut problems);
        assert_eq!(problems, [], "{fields}");
        head
    }

    fn check<T: PartialEq + std::fmt::Debug>(
        fields: &[&str],
        field: impl Fn(Head) -> T,
        expected: T,
    ) {
        for fields in fields {
            assert_eq!(field(read(fields, "plain")), expected, "{fields}");
        }
    }

    #[test]
    fn every_generators_names_for_dates_are_understood() {
        let day: Timestamp = "2024-05-06T00:00:00Z".parse().unwrap();
        let dates = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| format!("{name}: 2024-05-06")).collect()
        };
        for date in dates(&[
            "date",
            "Date",
            "publishDate",
            "pubDate",
            "published",
            "published_at",
            "created",
        ]) {
            check(&[&date], |head| head.published, Some(day));
        }
        for date in dates(&[
            "lastmod",
            "modified",
            "updated",
            "updatedDate",
            "updated_at",
            "last_modified_at",
        ]) {
            check(&[&date], |head| head.updated, Some(day));
        }
        check(&["last_update: {date: 2024-05-06}"], |head| head.updated, Some(day));
        for date in dates(&["expiryDate", "unpublishDate", "expires"]) {
            check(&[&date], |head| head.expires, Some(day));
        }
    }

    #[test]
    fn every_generators_names_for_what_stays_unseen_are_understood() {
        check(
            &[
                "draft: true",
                "published: false",
                "publish: false",
                "private: true",
                "status: draft",
                "status: hidden",
                "unlisted: true",
                "hidden: yes",
                "headless: true",
                "build: {list: never}",
                "_build: {render: never}",
                "eleventyExcludeFromCollections: true",
                "permalink: false",
                "feed: false",
            ],
            |head| head.hidden,
            true,
        );
        check(&["published: true", "draft: false", "title: x"], |head| head.hidden, false);
    }

    #[test]
    fn every_generators_names_for_what_an_article_is_are_understood() {
        check(
            &["id: x", "guid: x", "uuid: x", "uid: x", "feed_id: x", "params: {id: x}"],
            |head| head.id,
            Some("x".into()),
        );
        check(
            &["url: /x", "permalink: /x", "path: /x", "link: /x", "external_url: /x"],
            |head| head.link,
            Some("/x".into()),
        );
        check(&["aliases: [/x]", "redirect_from: /x"], |head| head.aliases, vec!["/x".into()]);
        check(
            &[
                "summary: x",
                "excerpt: x",
                "description: x",
                "intro: x",
                "abstract: x",
                "subtitle: x",
            ],
            |head| head.summary,
            Some("x".into()),
        );
        check(
            &["category: x", "categories: x", "categories: [x]", "taxonomies: {categories: [x]}"],
            |head| head.categories,
            vec!["x".into()],
        );
        check(
            &[
                "tags: [x, y]",
                "tags: x, y",
                "tag: [x, y]",
                "keywords: x; y",
                "extra: {tags: [x, y]}",
            ],
            |head| head.tags,
            vec!["x".into(), "y".into()],
        );
        check(
            &["author: x", "authors: [x]", "creator: x", "byline: x", "author: {name: x}"],
            |head| head.authors.into_iter().map(|person| person.name).collect::<Vec<_>>(),
            vec!["x".into()],
        );
        check(
            &[
                "image: x",
                "image: {path: x}",
                "images: [x]",
                "cover: x",
                "cover: {image: x}",
                "heroImage: x",
                "thumbnail: x",
                "featured_image: x",
                "banner: x",
            ],
            |head| head.image,
            Some("x".into()),
        );
        check(&["lang: vi", "language: vi", "locale: vi"], |head| head.language, Some("vi".into()));
        check(
            &[
                "enclosure: x.mp3",
                "audio: x.mp3",
                "enclosure: {url: x.mp3}",
                "enclosure: {src: x.mp3, type: audio/mpeg}",
            ],
            |head| head.enclosures[0].media_type.clone(),
            "audio/mpeg".into(),
        );
    }

    #[test]
    fn what_a_list_means_follows_the_flavour() {
        for (fields, flavour, expected) in [
            ("categories: a b", "jekyll", &["a", "b"][..]),
            ("categories: a b", "hugo", &["a b"]),
            ("category: a, b", "plain", &["a, b"]),
            ("categories: [a, b]", "hexo", &["a/b"]),
            ("categories: [[a, b], c]", "hexo", &["a/b", "c"]),
            ("category: A / B", "plain", &["A/B"]),
        ] {
            assert_eq!(read(fields, flavour).categories, expected, "{fields} in {flavour}");
        }
    }
}
