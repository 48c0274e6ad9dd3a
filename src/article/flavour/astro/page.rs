//! A page that shows articles, or an endpoint that makes a feed of them.

use super::expression::UNKNOWN;
use crate::article::declared::{find, text};
use crate::article::front_matter::{Field, Value};

/// Where pages lie.
pub const PAGES: &str = "src/pages/";
/// Parts of an address that lists of articles have, rather than articles.
#[rustfmt::skip]
const OF_LISTS: &[&str] = &[
    "author", "authors", "categories", "category", "collection", "page", "series", "tag", "tags",
    "topic", "topics", "type",
];
/// Parts that are known by their names.
const OF_DATES: &[&str] = &["year", "month", "day"];
const OF_LANGUAGES: &[&str] = &["lang", "language", "locale"];

/// A page, or an endpoint that makes a feed.
pub struct Program<'a> {
    pub path: &'a str,
    pub fields: &'a [Field],
}

impl<'a> Program<'a> {
    pub fn list(&self, key: &str) -> Vec<&'a str> {
        match find(self.fields, key) {
            Some(Value::List(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    pub fn makes_feed(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or("").to_lowercase();
        !name.ends_with(".astro") && !name.contains("sitemap")
    }

    fn own_path(&self) -> Option<&'a str> {
        let own = self.path.strip_prefix(PAGES)?.strip_suffix(".astro")?;
        Some(own.strip_suffix("/index").unwrap_or(own))
    }

    /// The names of the parts of its address that it makes.
    fn parts(&self) -> Vec<&'a str> {
        let own = self.own_path().unwrap_or("");
        let part = |part: &'a str| part.split_once(']').map(|(name, _)| name);
        own.split('[').skip(1).filter_map(part).map(|name| name.trim_start_matches('.')).collect()
    }

    /// By year and month.
    fn is_dated(&self) -> bool {
        let parts = self.parts();
        parts.contains(&"year") && parts.contains(&"month")
    }

    /// Its own address, with what it makes the parts in brackets of; `None` where it has none.
    pub fn address(&self, slash: &str) -> Option<String> {
        let params = find(self.fields, "params");
        let mut address = String::from("/");
        let mut rest = self.own_path()?;
        while let Some((before, after)) = rest.split_once('[') {
            let (name, after) = after.split_once(']')?;
            let name = name.trim_start_matches('.');
            let said = params.and_then(|params| params.get(name)).and_then(Value::as_str);
            let value = match said {
                _ if OF_DATES.contains(&name) => format!("{{{{ {name} }}}}"),
                // The id of something else.
                Some("{{ id }}") if OF_LISTS.contains(&name) => UNKNOWN.to_string(),
                // What stands behind a date has none itself.
                Some("{{ guess }}" | "{{ id }}" | UNKNOWN) | None if self.is_dated() => {
                    "{{ name }}".to_string()
                }
                Some(UNKNOWN) | None if OF_LANGUAGES.contains(&name) => {
                    "{{ language }}".to_string()
                }
                said => said.unwrap_or(UNKNOWN).to_string(),
            };
            address.push_str(&format!("{before}{value}"));
            rest = after;
        }
        Some(format!("{address}{rest}{slash}"))
    }

    /// Whether each of its pages shows one article.
    pub fn shows_entries(&self) -> bool {
        let parts = self.parts();
        let is_of_list = |part: &&str| OF_LISTS.contains(part) || part.ends_with("Page");
        let is_known = |part: &&str| OF_DATES.contains(part) || OF_LANGUAGES.contains(part);
        let last = parts.iter().rfind(|part| !is_known(part));
        last.is_some_and(|last| !is_of_list(last)) && !self.is_in_list()
    }

    /// Whether its folder is one of lists.
    fn is_in_list(&self) -> bool {
        let (folder, _) = self.own_path().and_then(|own| own.split_once('[')).unwrap_or_default();
        let folder = folder.trim_end_matches('/').rsplit('/').next().unwrap_or("");
        OF_LISTS.contains(&folder)
    }

    /// The folder that it lies in before the first part that it makes, if there is one, and not one
    /// of lists.
    pub fn folder(&self) -> Option<&'a str> {
        let (folder, _) = self.own_path()?.split_once('[')?;
        Some(folder.trim_end_matches('/')).filter(|folder| !folder.is_empty() && !self.is_in_list())
    }

    /// As Astro's `rss` writes an address, if it is that which writes it: below the site's address.
    pub fn canonical(&self, address: &str, base: &str) -> String {
        let address = address.split('?').next().unwrap_or("");
        let is_whole =
            ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme));
        let address = match is_whole {
            Some(address) => address.find('/').map_or("", |at| &address[at..]),
            None => address,
        };
        let is_rooted = address.starts_with(['/', '{']);
        let address = if is_rooted { address.to_string() } else { format!("/{address}") };
        let below = address.strip_prefix(base).filter(|below| below.starts_with('/'));
        let address = below.unwrap_or(&address);
        let address = address.strip_suffix("/index.html").unwrap_or(address);
        let last = address.rsplit([' ', '/']).next().unwrap_or("");
        match text(self.fields, &["canonical"]).as_deref() {
            Some("true") if !address.ends_with('/') && !last.contains('.') => format!("{address}/"),
            Some("false") => address.trim_end_matches('/').to_string(),
            _ => address.to_string(),
        }
    }
}

pub fn names_entry(address: &str) -> bool {
    let holes = ["{{ id }}", "{{ below }}", "{{ path }}", "{{ title }}", "{{ field "];
    holes.iter().any(|hole| address.contains(hole))
}
