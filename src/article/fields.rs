//! Front matter fields → a head, by one table of names that generators and authors use; then
//! what the file itself and its path give where the author said nothing.

use jiff::{Timestamp, tz::TimeZone};

use super::flavour::{self, FolderCategory, PathDate};
use super::front_matter::{Field, FrontMatter, Value};
use super::{Conventions, Enclosure, Head, Person, Problem, Provenance, dates};

/// Longest title, in characters; what is longer is no title but a mistake.
const MAX_TITLE: usize = 1_000;
/// Most categories, tags or authors of one article.
const MAX_LIST: usize = 64;

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
];
const EXPIRES: &[&str] = &["expirydate", "unpublishdate", "expires"];
const ID: &[&str] = &["guid", "id", "uuid", "uid", "feed_id"];
/// Without `canonical`: it tells where a text appeared first, which may be another site.
const LINK: &[&str] = &["url", "permalink", "path", "link", "external_url"];
const ALIASES: &[&str] = &["aliases", "redirect_from"];
const SUMMARY: &[&str] = &["summary", "excerpt", "description", "intro", "abstract", "subtitle"];
const CATEGORIES: &[&str] = &["categories", "category"];
const TAGS: &[&str] = &["tags", "tag", "keywords"];
const AUTHORS: &[&str] = &["authors", "author", "creator", "byline"];
const IMAGE: &[&str] =
    &["image", "images", "cover", "heroimage", "thumbnail", "featured_image", "banner"];
const LANGUAGE: &[&str] = &["lang", "language", "locale"];
const ENCLOSURE: &[&str] = &["enclosure", "enclosures", "audio", "video"];
/// Where generators let authors put fields of their own.
const NESTS: &[&str] = &["params", "extra", "taxonomies"];

/// What a file's own text gives.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub title: Option<String>,
    pub title_from: &'static str,
    pub published: Option<Timestamp>,
    pub published_from: &'static str,
    pub updated: Option<Timestamp>,
    pub authors: Vec<Person>,
    pub authors_from: &'static str,
    pub categories: Vec<String>,
    pub tags: Vec<String>,
    pub language: Option<String>,
    pub language_from: &'static str,
    pub image: Option<String>,
    pub summary: Option<String>,
    /// Line and complaint, such as a date that is ambiguous.
    pub complaint: Option<String>,
}

impl Found {
    pub fn heading(title: Option<String>) -> Found {
        Found { title, title_from: "first heading", ..Found::default() }
    }
}

/// One file's fields, with where to write down what became of them.
struct Form<'a> {
    matter: &'a FrontMatter,
    path: &'a str,
    from: &'a mut Provenance,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Form<'a> {
    /// The first of `names` that is there, at the top or in a nest.
    fn find(&self, names: &[&str]) -> Option<&'a Field> {
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

    fn note(&mut self, what: &'static str, field: &Field) {
        self.from.insert(what, format!("front matter: {}", field.key));
    }

    fn text(&mut self, what: &'static str, names: &[&str]) -> Option<String> {
        let field = self.find(names)?;
        let text = match &field.value {
            Value::Scalar(text) => one_line(text),
            Value::List(items) => items.first().and_then(Value::as_str).map(one_line)?,
            _ => return None,
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
        let text = field.value.as_str()?;
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
    let language = form.text("language", LANGUAGE).and_then(|text| language_tag(&text));
    let order = language.as_deref().or(conventions.language.as_deref());
    let summary = form.text("summary", SUMMARY);
    Head {
        title: form.text("title", &["title"]).map(shorten).unwrap_or_default(),
        link: link(&mut form),
        slug: form.word("slug").map(|slug| slug.trim_matches('/').to_string()),
        id: form.text("id", ID),
        aliases: list(form.find(ALIASES), |text| vec![text.to_string()]),
        published: form.date("published", PUBLISHED, &zone, order),
        updated: updated(&mut form, &zone, order),
        expires: form.date("expires", EXPIRES, &zone, order),
        hidden: hidden(&form),
        minor: form.flag("minor").unwrap_or(false),
        authors: authors(&mut form),
        categories: categories(&mut form, conventions),
        tags: tags(&mut form, conventions),
        image: image(&mut form),
        enclosures: enclosures(&mut form),
        summary,
        language,
        meaning: [0; 32],
    }
}

/// Completes a head from the file's text, its name and its folder.
pub fn fill(
    head: &mut Head,
    found: Found,
    path: &str,
    conventions: &Conventions,
    from: &mut Provenance,
    problems: &mut Vec<Problem>,
) {
    if let Some(complaint) = found.complaint {
        problems.push(Problem::warning(path, None, complaint));
    }
    if head.title.is_empty()
        && let Some(title) = found.title.filter(|title| !title.trim().is_empty())
    {
        head.title = shorten(one_line(&title));
        from.insert("title", found.title_from.into());
    }
    if head.title.is_empty() {
        head.title = title_of(path, conventions);
        from.insert("title", "file name".into());
    }
    if head.published.is_none() {
        if let Some(date) = found.published {
            head.published = Some(date);
            from.insert("published", found.published_from.into());
        } else if let Some(date) = date_in_path(path, conventions) {
            head.published = Some(date);
            from.insert("published", "file name".into());
        }
    }
    head.updated = head.updated.or(found.updated);
    if head.authors.is_empty() && !found.authors.is_empty() {
        head.authors = found.authors;
        from.insert("authors", found.authors_from.into());
    }
    if head.language.is_none() && found.language.is_some() {
        head.language = found.language;
        from.insert("language", found.language_from.into());
    }
    if head.language.is_none() && conventions.language.is_some() {
        head.language = conventions.language.clone();
        from.insert("language", "config: language".into());
    }
    if head.categories.is_empty() {
        if let Some(category) = folder_category(path, conventions) {
            head.categories = vec![category];
            from.insert("categories", "folder".into());
        } else if !found.categories.is_empty() {
            head.categories = found.categories;
            from.insert("categories", "page".into());
        }
    }
    if head.tags.is_empty() && !found.tags.is_empty() {
        head.tags = found.tags;
        from.insert("tags", "page".into());
    }
    if head.image.is_none() && found.image.is_some() {
        head.image = found.image;
        from.insert("image", "page".into());
    }
    if head.summary.is_none() && found.summary.is_some() {
        head.summary = found.summary;
        from.insert("summary", "page".into());
    }
}

pub fn naive_zone(conventions: &Conventions) -> TimeZone {
    if conventions.flavour.naive_utc { TimeZone::UTC } else { conventions.timezone.clone() }
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

fn shorten(title: String) -> String {
    match title.char_indices().nth(MAX_TITLE) {
        Some((at, _)) => format!("{}…", &title[..at]),
        None => title,
    }
}

/// `vi`, `en-US`; whatever else people write is dropped.
pub fn language_tag(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let tag = tag.split('.').next().unwrap_or("");
    let fits = (2..=35).contains(&tag.len())
        && tag.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
        && tag.split('-').next().is_some_and(|part| (2..=3).contains(&part.len()));
    fits.then(|| tag.to_string())
}

fn link(form: &mut Form) -> Option<String> {
    let link = form.text("link", LINK)?;
    if link == "false" {
        form.from.remove("link");
        return None;
    }
    Some(link)
}

fn updated(form: &mut Form, zone: &TimeZone, order: Option<&str>) -> Option<Timestamp> {
    let direct = form.date("updated", UPDATED, zone, order);
    direct.or_else(|| {
        let nested = form.find(&["last_update"])?;
        let date = nested.value.get("date")?.as_str()?;
        dates::parse(date, zone, order).ok()
    })
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
            text.split([',', ';']).map(str::to_string).collect()
        }
    });
    if !tags.is_empty() {
        form.note("tags", field);
    }
    tags
}

fn authors(form: &mut Form) -> Vec<Person> {
    let Some(field) = form.find(AUTHORS) else { return Vec::new() };
    let people: Vec<Person> = match &field.value {
        Value::Scalar(text) if field.key == "authors" => {
            let mark = if text.contains(';') { ';' } else { ',' };
            text.split(mark).filter_map(person_named).collect()
        }
        Value::Scalar(text) => person_named(text).into_iter().collect(),
        Value::List(items) => items.iter().filter_map(person).take(MAX_LIST).collect(),
        map => person(map).into_iter().collect(),
    };
    if !people.is_empty() {
        form.note("authors", field);
    }
    people
}

fn person(value: &Value) -> Option<Person> {
    if let Value::Scalar(text) = value {
        return person_named(text);
    }
    let text = |keys: &[&str]| {
        keys.iter().find_map(|key| value.get(key)).and_then(Value::as_str).map(one_line)
    };
    Some(Person {
        name: text(&["name", "title"])?,
        email: text(&["email", "mail"]),
        url: text(&["url", "uri", "link", "homepage"]),
    })
}

/// `Mai Khuê` or `Mai Khuê <mai@example.org>`.
pub fn person_named(text: &str) -> Option<Person> {
    let text = one_line(text);
    let (name, email) = match text.split_once('<') {
        Some((name, rest)) if rest.contains('@') => {
            (name.trim().to_string(), Some(rest.trim_end_matches('>').trim().to_string()))
        }
        _ => (text, None),
    };
    (!name.is_empty()).then_some(Person { name, email, url: None })
}

fn image(form: &mut Form) -> Option<String> {
    let field = form.find(IMAGE)?;
    let value = match &field.value {
        Value::List(items) => items.first()?,
        value => value,
    };
    let url = ["path", "url", "src", "image"]
        .iter()
        .find_map(|key| value.get(key))
        .unwrap_or(value)
        .as_str()?
        .to_string();
    form.note("image", field);
    Some(url)
}

fn enclosures(form: &mut Form) -> Vec<Enclosure> {
    let Some(field) = form.find(ENCLOSURE) else { return Vec::new() };
    let items = match &field.value {
        Value::List(items) => items.iter().filter_map(enclosure).take(MAX_LIST).collect(),
        one => enclosure(one).into_iter().collect::<Vec<_>>(),
    };
    if items.is_empty() {
        let message = format!("`{}` names no audio, video or other file", field.key);
        form.problems.push(Problem::warning(form.path, Some(field.line), message));
    } else {
        form.note("enclosures", field);
    }
    items
}

fn enclosure(value: &Value) -> Option<Enclosure> {
    if let Some(text) = value.as_str() {
        // WordPress writes url, length and type in one field.
        let mut words = text.split_whitespace();
        let url = words.next()?.to_string();
        let length = words.next().and_then(|word| word.parse().ok());
        let media_type = words.next().map(str::to_string);
        return Some(Enclosure {
            media_type: media_type.or_else(|| media_type_of(&url))?,
            url,
            length,
        });
    }
    let text = |keys: &[&str]| keys.iter().find_map(|key| value.get(key)).and_then(Value::as_str);
    let url = text(&["url", "src", "href", "file"])?.to_string();
    Some(Enclosure {
        media_type: text(&["type", "mime", "media_type"])
            .map(str::to_string)
            .or_else(|| media_type_of(&url))?,
        length: text(&["length", "size", "bytes"]).and_then(|text| text.parse().ok()),
        url,
    })
}

fn media_type_of(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (_, extension) = path.rsplit_once('.')?;
    let media_type = match extension.to_ascii_lowercase().as_str() {
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" => "audio/ogg",
        "opus" => "audio/opus",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        "pdf" => "application/pdf",
        "epub" => "application/epub+zip",
        _ => return None,
    };
    Some(media_type.to_string())
}

/// The file's name as a person would write it: `hoi-nghi_can-bo.md` → `Hoi nghi can bo`.
fn title_of(path: &str, conventions: &Conventions) -> String {
    let page = flavour::page_path(path, conventions.flavour);
    let name = page.rsplit('/').next().unwrap_or(page);
    let name = flavour::dated_name(name)
        .map(|(_, rest)| rest)
        .filter(|rest| !rest.is_empty())
        .unwrap_or(name);
    let words = one_line(&name.replace(['-', '_'], " "));
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => name.to_string(),
    }
}

fn date_in_path(path: &str, conventions: &Conventions) -> Option<Timestamp> {
    let page = flavour::page_path(path, conventions.flavour);
    let date = match conventions.flavour.path_date {
        PathDate::Never => None,
        PathDate::Name => flavour::dated_name(page.rsplit('/').next()?).map(|(date, _)| date),
        PathDate::Anywhere => {
            page.split('/').find_map(|part| flavour::dated_name(part).map(|(date, _)| date))
        }
    }?;
    naive_zone(conventions).to_timestamp(date.at(0, 0, 0, 0)).ok()
}

fn folder_category(path: &str, conventions: &Conventions) -> Option<String> {
    let flavour = conventions.flavour;
    let page = flavour::page_path(path, flavour);
    let (folder, _) = page.rsplit_once('/')?;
    match flavour.folder_category {
        FolderCategory::Never => None,
        FolderCategory::Path => category_path(folder),
        FolderCategory::Top => folder.split('/').next().map(str::to_string),
        FolderCategory::Nearest => folder.rsplit('/').next().map(str::to_string),
        FolderCategory::AbovePosts => {
            let above = folder.split("_posts").next()?.trim_matches('/');
            category_path(above)
        }
    }
}
