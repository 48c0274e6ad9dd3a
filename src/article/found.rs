//! What the file itself, its name and its folder give where its author said nothing.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::dates::{self, DateFault};
use super::fields::{category_path, one_line, shorten};
use super::flavour::location::{Location, dated_folders, dated_path};
use super::flavour::words::below_posts;
use super::flavour::{self, FolderCategory, NameTitles, PathDate};
use super::{Conventions, Head, Person, Provenance};

/// How a language was found that nobody names.
pub const DETECTED: &str = "detected";

/// What a file's own text gives.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub title: Option<String>,
    pub title_from: &'static str,
    /// The first paragraph of a text that has no title, and whose name is none either.
    pub opening: Option<String>,
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
    /// Such as that a date is ambiguous, which it quotes.
    pub complaint: Option<String>,
}

impl Found {
    pub fn heading(title: Option<String>) -> Found {
        Found { title, title_from: "first heading", ..Found::default() }
    }

    /// A first paragraph that is a date and nothing else is the article's; so is a second one under
    /// a byline.
    pub fn take_date_line(
        &mut self,
        lines: &[String],
        conventions: &Conventions,
        written: &dyn Fn() -> Option<String>,
    ) {
        let is_date = |line: &&String| dates::is_date_line(line);
        let line = match lines {
            [byline, line] if is_byline(byline) => is_date(&line).then_some(line),
            lines => lines.first().filter(is_date),
        };
        let Some(line) = line else { return };
        let order = dates::Language { named: conventions.language.clone(), written };
        let zone = naive_zone(conventions);
        match order.tells(|language| dates::parse(line, &zone, language)) {
            Ok(date) => (self.published, self.published_from) = (Some(date), "date line"),
            Err(DateFault::NotADate) => {}
            Err(fault) => self.complaint = Some(format!("`{line}` {fault}")),
        }
    }
}

/// A few words that are no sentence and hold no figure.
fn is_byline(line: &str) -> bool {
    line.chars().nth(60).is_none()
        && line.split_whitespace().count() <= 6
        && line.ends_with(char::is_alphanumeric)
        && !line.contains(char::is_numeric)
}

/// Completes a head from the file's text, its name and its folder.
pub fn fill(
    head: &mut Head,
    found: Found,
    location: &Location,
    conventions: &Conventions,
    from: &mut Provenance,
) {
    let title =
        found.title.map(|title| shorten(one_line(&title))).filter(|title| !title.is_empty());
    match title {
        Some(title) if head.title.is_empty() => {
            head.title = title;
            from.set("title", found.title_from);
        }
        Some(title) if title != head.title => from.lose("title", found.title_from, title),
        _ => {}
    }
    let opening = found.opening.map(|text| opening_words(&text)).filter(|text| !text.is_empty());
    if let Some(opening) = opening.filter(|_| head.title.is_empty()) {
        head.title = opening;
        from.set("title", "the text's first words");
    }
    if head.title.is_empty() {
        head.title = title_of(location, conventions);
        from.set("title", "file name");
    }
    let named = date_in_path(location, conventions);
    for (date, rule) in [(found.published, found.published_from), (named, "path")] {
        match date {
            Some(date) if head.published.is_none() => {
                head.published = Some(date);
                from.set("published", rule);
            }
            Some(date) if head.published != Some(date) => {
                from.lose("published", rule, date.to_string());
            }
            _ => {}
        }
    }
    let usual = conventions.declared.default_date.as_deref().filter(|_| head.published.is_none());
    if let Some(usual) = usual {
        let zone = naive_zone(conventions);
        head.published = dates::parse(usual, &zone, None).ok();
        from.set("published", "the site's default date");
    }
    if head.updated.is_none() && found.updated.is_some() {
        head.updated = found.updated;
        from.set("updated", "page: date of change");
    }
    let mut fill_language = vec![
        (location.language.clone(), "file name or folder"),
        (found.language, found.language_from),
        (conventions.language.clone(), "config: language"),
    ];
    // What is detected is for those of whom nothing is said.
    fill_language.sort_by_key(|(_, rule)| *rule == DETECTED);
    for (language, rule) in fill_language {
        match language {
            Some(language) if head.language.is_none() => {
                head.language = Some(language);
                from.set("language", rule);
            }
            Some(language) if head.language.as_ref() != Some(&language) => {
                from.lose("language", rule, language);
            }
            _ => {}
        }
    }
    fill_list(&mut head.authors, found.authors, "authors", found.authors_from, from, |person| {
        person.name.clone()
    });
    fill_list(&mut head.tags, found.tags, "tags", "page", from, String::clone);
    fill_categories(head, found.categories, location, conventions, from);
    if head.image.is_none() && found.image.is_some() {
        head.image = found.image;
        from.set("image", "page");
    }
    if head.summary.is_none() && found.summary.is_some() {
        head.summary = found.summary;
        from.set("summary", "page");
    } else if let Some(summary) = found.summary {
        from.lose("summary", "page", summary);
    }
}

fn fill_list<T>(
    list: &mut Vec<T>,
    found: Vec<T>,
    field: &'static str,
    rule: &str,
    from: &mut Provenance,
    shown: impl Fn(&T) -> String,
) {
    if found.is_empty() {
        return;
    }
    if list.is_empty() {
        *list = found;
        from.set(field, rule);
    } else {
        let shown: Vec<String> = found.iter().map(shown).collect();
        from.lose(field, rule, shown.join(", "));
    }
}

fn fill_categories(
    head: &mut Head,
    found: Vec<String>,
    location: &Location,
    conventions: &Conventions,
    from: &mut Provenance,
) {
    let folder = folder_category(location, conventions);
    match folder {
        // Jekyll's folders are categories besides those that the article names.
        Some(folder) if conventions.flavour.folder_category == FolderCategory::AbovePosts => {
            let folders = folder.split('/').map(str::to_string);
            let named = std::mem::take(&mut head.categories);
            head.categories = folders.collect();
            head.categories.extend(named);
            let mut seen = std::collections::HashSet::new();
            head.categories.retain(|name| seen.insert(name.clone()));
            from.or_set("categories", "folder");
        }
        Some(folder) if head.categories.is_empty() => {
            head.categories = vec![folder];
            from.set("categories", "folder");
        }
        Some(folder) => from.lose("categories", "folder", folder),
        None => {}
    }
    fill_list(&mut head.categories, found, "categories", "page", from, String::clone);
    let named = named_parts(location, conventions);
    let named = named.iter().filter(|(word, _)| *word == "category");
    let named = named.filter_map(|(_, category)| category_path(category)).collect();
    fill_list(&mut head.categories, named, "categories", "file name", from, String::clone);
    let fallback = conventions.declared.default_category.as_deref();
    if let Some(fallback) = fallback.or(conventions.flavour.category_fallback)
        && conventions.flavour.category_fallback.is_some()
        && head.categories.is_empty()
    {
        head.categories = vec![fallback.to_string()];
        from.set("categories", "where nothing else names one");
    }
}

/// The zone of dates that name none.
pub fn naive_zone(conventions: &Conventions) -> TimeZone {
    if conventions.flavour.naive_utc { TimeZone::UTC } else { conventions.timezone.clone() }
}

/// Whether an article's name is only a number, or a date, and no generator makes a title of that.
/// An address that is made of the title has the name instead: it must not change with the text.
pub fn is_nameless(path: &str, conventions: &Conventions) -> bool {
    let flavour = conventions.flavour;
    if conventions.titles_in_links {
        return false;
    }
    let page = flavour::page_path(path, flavour);
    let name = page.rsplit('/').next().unwrap_or(page);
    flavour.name_titles == NameTitles::Sentence && !name.contains(char::is_alphabetic)
}

/// As much of a text as a title holds, in whole words.
fn opening_words(text: &str) -> String {
    const MOST: usize = 60;
    let text = one_line(text);
    let Some((end, _)) = text.char_indices().nth(MOST) else { return text };
    let end = text[..end].rfind(' ').filter(|end| *end > 0).unwrap_or(end);
    let words = text[..end].trim_end_matches(|c: char| !c.is_alphanumeric());
    if words.is_empty() { String::new() } else { format!("{words}…") }
}

/// The file's name as a person would write it: `hoi-nghi_can-bo.md` → `Hoi nghi can bo`.
fn title_of(location: &Location, conventions: &Conventions) -> String {
    let flavour = conventions.flavour;
    let page = location.page(flavour);
    let name = page.rsplit('/').next().unwrap_or(page);
    let dated = match flavour.path_date {
        PathDate::Folders => dated_path(page).map(|dated| dated.name),
        PathDate::Post => flavour::dated_post(name).map(|(_, rest)| rest),
        _ => flavour::dated_name(name).map(|(_, rest)| rest),
    };
    let name = dated.filter(|rest| !rest.is_empty()).unwrap_or(name);
    let words = one_line(&name.replace(['-', '_'], " "));
    let capital = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().into_iter().flat_map(char::to_uppercase);
        first.chain(chars).collect::<String>()
    };
    match flavour.name_titles {
        _ if words.is_empty() => name.to_string(),
        NameTitles::Verbatim => name.to_string(),
        NameTitles::Words => words.split(' ').map(capital).collect::<Vec<_>>().join(" "),
        NameTitles::Sentence => capital(&words),
    }
}

fn date_in_path(location: &Location, conventions: &Conventions) -> Option<Timestamp> {
    // Zola's names may hold a whole moment.
    let page = location.page(conventions.flavour);
    let name = page.rsplit('/').next().unwrap_or(page);
    if let Some((_, rest)) = flavour::dated_name(name)
        && let Ok(moment) = name[..name.len() - rest.len()].trim_end_matches(['-', '_']).parse()
    {
        return Some(moment);
    }
    let named = named_parts(location, conventions);
    let part = |word: &str| named.iter().find(|(own, _)| *own == word)?.1.parse().ok();
    let day = || {
        let month = part("month").or_else(|| part("i_month"))?;
        let day = part("day").or_else(|| part("i_day"))?;
        Date::new(part("year")?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let date = location.date(conventions.flavour, &conventions.declared).or_else(day)?;
    naive_zone(conventions).to_timestamp(date.at(0, 0, 0, 0)).ok()
}

/// What a file's name gives where the site's files have names by a pattern.
fn named_parts<'a>(
    location: &'a Location,
    conventions: &'a Conventions,
) -> Vec<(&'a str, &'a str)> {
    let Some(names) = &conventions.declared.post_names else { return Vec::new() };
    let flavour = conventions.flavour;
    names.parts(below_posts(location.page(flavour), flavour.posts))
}

fn folder_category(location: &Location, conventions: &Conventions) -> Option<String> {
    let flavour = conventions.flavour;
    if conventions.declared.folder_is_category == Some(false) {
        return None;
    }
    let page = location.page(flavour);
    let (folder, _) = page.rsplit_once('/')?;
    match flavour.folder_category {
        FolderCategory::Never => None,
        FolderCategory::Path if flavour.path_date == PathDate::NameOrFolders => {
            category_path(dated_folders(page).map_or(folder, |(_, above)| above))
        }
        FolderCategory::Path => category_path(folder),
        FolderCategory::Top => folder.split('/').next().map(str::to_string),
        FolderCategory::Nearest => folder.rsplit('/').next().map(str::to_string),
        FolderCategory::AbovePosts => {
            let above = folder.split("_posts").next()?.trim_matches('/');
            category_path(above)
        }
    }
}

/// `/2024/03/12/name`: an article whose own address tells its day needs no other date.
/// Or when it changed last, where its generator takes that.
pub fn date_of_link(head: &mut Head, conventions: &Conventions, from: &mut Provenance) {
    if conventions.flavour.date_from_change && head.published.is_none() && head.updated.is_some() {
        head.published = head.updated;
        from.set("published", "its date of change");
    }
    let Some(link) = head.link.as_deref().filter(|_| head.published.is_none()) else { return };
    let Some(dated) = dated_path(link) else { return };
    head.published = naive_zone(conventions).to_timestamp(dated.date.at(0, 0, 0, 0)).ok();
    from.set("published", "its own address");
}
