//! What the file itself, its name and its folder give where its author said nothing.

use jiff::{Timestamp, tz::TimeZone};

use super::fields::{category_path, one_line, shorten};
use super::flavour::{self, FolderCategory, PathDate};
use super::{Conventions, Head, Person, Problem, Provenance};

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

/// The zone of dates that name none.
pub fn naive_zone(conventions: &Conventions) -> TimeZone {
    if conventions.flavour.naive_utc { TimeZone::UTC } else { conventions.timezone.clone() }
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
