//! How the files of a site are to be read: its generator's way, and what the site says of itself.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::declared::{Declared, Defaults};
use super::fields::Inherited;
use super::flavour::location::{Location, Root};
use super::flavour::{Flavour, Markdown};
use super::{READER_VERSION, summary};

/// How the files of this site are to be read.
#[derive(Clone, Debug)]
pub struct Conventions {
    pub flavour: &'static Flavour,
    /// Where the content directory lies in the generator's site.
    pub root: Root,
    /// What the site's own files say.
    pub declared: Arc<Declared>,
    /// For dates that name no zone.
    pub timezone: TimeZone,
    /// For articles that name no language; also decides 3/4 against 4/3.
    pub language: Option<String>,
    /// Feeds or addresses are made by language: a head tells its article's, if nobody names it.
    pub by_language: bool,
    pub summary: summary::Wish,
    /// The publisher names the pattern of addresses.
    pub own_pattern: bool,
    /// Addresses are made of titles.
    pub titles_in_links: bool,
    /// The path of the site's address.
    pub site_path: String,
}

impl Conventions {
    /// A flavour's, where nothing else is said.
    pub fn of(flavour: &'static Flavour) -> Conventions {
        Conventions {
            flavour,
            root: Root::default(),
            declared: Arc::default(),
            timezone: TimeZone::UTC,
            language: None,
            by_language: false,
            summary: summary::Wish::default(),
            own_pattern: false,
            titles_in_links: false,
            site_path: "/".to_string(),
        }
    }

    pub fn markdown(&self) -> Markdown {
        let usual = self.flavour.markdown;
        let declared = &self.declared;
        Markdown {
            emoji: declared.emoji.unwrap_or(usual.emoji),
            typographer: declared.typographer.unwrap_or(usual.typographer),
            indented_code: declared.indented_code.unwrap_or(usual.indented_code),
            definitions: declared.definitions.unwrap_or(usual.definitions),
            ..usual
        }
    }

    /// Changes whenever a file read under it could give another head.
    pub fn fingerprint(&self) -> String {
        let said = format!(
            "{READER_VERSION} {} {} {} {} {} {} {}",
            self.flavour.name,
            self.timezone.iana_name().unwrap_or("UTC"),
            self.language.as_deref().unwrap_or("-"),
            self.root.inside,
            self.declared.digest,
            self.titles_in_links,
            self.by_language,
        );
        // Every head carries it.
        blake3::hash(said.as_bytes()).to_hex()[..16].to_string()
    }

    /// The names of files that give fields to the articles of a folder of the content directory.
    pub fn folder_files_in<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = String> + use<'a> {
        let folder = if folder.is_empty() { &self.root.inside } else { folder };
        let languages = self.declared.languages.iter();
        let of_languages = languages
            .flat_map(|language| self.flavour.folder_files_of(&language.tag).collect::<Vec<_>>());
        self.flavour.folder_files_in(folder).chain(of_languages)
    }

    /// Whether a file gives fields to the articles of its folder.
    pub fn is_folder_file(&self, path: &str) -> bool {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.folder_files_in(folder).any(|own| own == name)
    }

    /// Where a file lies in its generator's eyes; `None` where it would not look for articles.
    pub fn locate(&self, path: &str) -> Option<Location> {
        let location = self.root.locate(path, self.flavour, &self.declared)?;
        let takes = self.flavour.takes(path) && !self.flavour.is_site_page(&location.path);
        takes.then_some(location)
    }

    /// Fields that an article has from its folder, nearest first, and from the whole site.
    pub fn inherited(&self, folder: &[Defaults], location: &Location) -> Vec<Inherited> {
        let main = self.declared.languages.iter().find(|language| language.main);
        let tag = location.language.as_deref().or(main.map(|language| language.tag.as_str()));
        let covers = |defaults: &&Defaults| {
            let speaks = |own: &String| tag.is_some_and(|tag| own.eq_ignore_ascii_case(tag));
            // Hugo's paths name no folder of a language.
            let is_covered = || {
                let plain = format!("{}/{}", self.flavour.content, location.path);
                location.language.is_some() && defaults.scope.covers(&plain)
            };
            (defaults.scope.covers(&location.site_path) || is_covered())
                && defaults.language.as_ref().is_none_or(speaks)
        };
        // Of the site's, what is said of a narrower scope counts more, or what is said later.
        let mut site: Vec<&Defaults> = self.declared.defaults.iter().filter(covers).collect();
        site.sort_by_key(|defaults| defaults.scope.narrowness());
        let folder = folder.iter().filter(covers);
        let inherit = |defaults: &Defaults| Inherited {
            origin: defaults.origin.clone(),
            fields: defaults.fields.clone(),
        };
        folder.chain(site.into_iter().rev()).map(inherit).collect()
    }
}
