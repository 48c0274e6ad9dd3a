//! Articles with addresses of one form, and that form in words of ours.

use super::super::words::as_part;
use super::expression::UNKNOWN;
use crate::article::declared::{Declared, FieldPattern, PatternPart, Permalink, SET_PERMALINK};

/// Articles with addresses of one form.
pub struct Route<'a> {
    pub collection: Option<&'a str>,
    pub folder: String,
    /// Globs of its files, below the site's root, where not all are meant.
    pub include: Vec<String>,
    /// Globs of files that are left out.
    pub exclude: Vec<String>,
    /// With holes; `None` where only the program knows.
    pub address: Option<String>,
    pub place: Place,
}

pub fn is_known(address: &str) -> bool {
    !address.contains(UNKNOWN) && !address.contains("{{ guess }}")
}

impl Route<'_> {
    /// Of files that are in no collection.
    pub fn of_files(folder: String, address: Option<String>, place: Place) -> Self {
        let (include, exclude) = (Vec::new(), Vec::new());
        Route { collection: None, folder, include, exclude, address, place }
    }

    /// `below` is its folder below that of all articles.
    pub fn declare(&self, below: &str, is_alone: bool, declared: &mut Declared) {
        let section = Some(below).filter(|below| !below.is_empty());
        let place = if section.is_some() { Place::Section } else { self.place };
        // One folder below the common one has a pattern of its own, what lies deeper has not.
        let address = self.address.as_deref().filter(|_| !below.contains('/'));
        let parts = address.and_then(|address| in_words(address, self.collection, place));
        let is_sure = |address: &str| {
            let has = |hole: &str| address.contains(hole);
            // Whether the entry's own name begins with its language cannot be told then.
            let is_doubled = has("{{ language }}") && has("{{ id }}");
            is_known(address) && (!is_doubled || is_of_language(self.collection, place))
        };
        // Of one collection among others, fields are not followed.
        let has_fields = |parts: &Vec<PatternPart>| {
            !is_alone && parts.iter().any(|part| matches!(part, PatternPart::Field(..)))
        };
        if !address.is_some_and(is_sure) || parts.as_ref().is_none_or(has_fields) {
            let name = self.collection.map_or("articles".into(), |name| format!("`{name}`"));
            declared.doubts.push(format!(
                "addresses of {name} are made by a program, and are guessed; {SET_PERMALINK}"
            ));
        }
        let Some(parts) = parts else { return };
        let of_fields = parts.iter().any(|part| matches!(part, PatternPart::Field(..)));
        let pattern = FieldPattern { parts, or_usual: true };
        let usual = match address {
            Some(address) if address.contains(" or title }}") => ":title_slug",
            _ if place == Place::Section => ":id_below",
            _ => ":id",
        };
        let usual = pattern.with(|_| usual.to_string());
        declared.permalinks.push(Permalink { section: section.map(String::from), pattern: usual });
        if of_fields && is_alone {
            declared.permalink_of_fields = Some(pattern);
        }
        declared.day_of_name |= address.is_some_and(|address| address.contains("{{ year }}"));
    }
}

/// Where the files of some articles lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the content folder, each at its id.
    Whole,
    /// In a folder of it that is no part of their ids.
    Section,
    /// Somewhere: only their names count.
    Anywhere,
}

/// Whether a collection is that of one language, as its name tells: `en`, `pt-br`.
fn is_of_language(collection: Option<&str>, place: Place) -> bool {
    let name = collection.unwrap_or("").split('-').next().unwrap_or("");
    place == Place::Section && name.len() == 2
}

/// An address with its holes filled; `None` where that cannot be.
pub fn in_words(address: &str, collection: Option<&str>, place: Place) -> Option<Vec<PatternPart>> {
    let mut parts = Vec::new();
    let mut words = String::new();
    let mut rest = address;
    while let Some((before, after)) = rest.split_once("{{ ") {
        let (hole, after) = after.split_once(" }}")?;
        words.push_str(&literal(before));
        match (hole, place) {
            ("id", Place::Whole) => words.push_str(":id"),
            ("id" | "guess", Place::Section) => words.push_str(":id_below"),
            ("id", Place::Anywhere) => words.push_str(":slug_or_dated"),
            ("below", Place::Whole) => words.push_str(":id_below"),
            ("path", Place::Whole) => words.push_str(":entry_path"),
            ("title", _) => words.push_str(":title_slug"),
            ("guess", Place::Whole) => words.push_str(":undated_path"),
            ("name" | "guess", _) => words.push_str(":slug_or_undated"),
            ("page", _) => words.push_str(":folder/:name"),
            ("year", _) => words.push_str(":year"),
            ("month", _) => words.push_str(":month"),
            ("day", _) => words.push_str(":day"),
            ("collection", _) => words.push_str(&as_part(collection?)),
            // Its folder, where that is no part of what names the entry.
            ("language", _)
                if is_of_language(collection, place) || address.contains("{{ below }}") =>
            {
                words.push_str(":section");
            }
            ("language", _) => words.push_str(":lang"),
            ("site", _) if words.trim_matches('/').is_empty() => words.clear(),
            (field, _) => {
                let name = field.strip_prefix("field ")?;
                let name = name.split(' ').next().unwrap_or(name);
                parts.push(PatternPart::Pattern(std::mem::take(&mut words)));
                parts.push(PatternPart::Field(name.to_string(), None));
            }
        }
        rest = after;
    }
    words.push_str(&literal(rest));
    parts.push(PatternPart::Pattern(words));
    Some(parts)
}

/// A text of an address that holds no word.
fn literal(text: &str) -> String {
    text.replace(':', "%3A")
}
