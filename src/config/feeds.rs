//! What `[feeds]` means.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;

use super::file::{ConfigFile, Entries, FeedFile};
use super::{Feeds, Meaning, keys};
use crate::feed::catalog::Plan;
use crate::feed::rules::{Rule, Wanted};
use crate::feed::{By, FeedSettings, Window, names};

/// The limit where the number of entries is left to syndic: some readers refuse larger feeds.
const MAX_BYTES: usize = 1024 * 1024;

impl Meaning<'_> {
    /// `languages`: the site has several.
    pub(super) fn feeds(&mut self, file: &ConfigFile, dir: PathBuf, languages: bool) -> Feeds {
        let feeds = &file.feeds;
        self.one_of(&feeds.text, &["full", "summary"]);
        let window =
            feeds.entries.as_ref().map(|entries| self.window(entries.get_ref(), entries.span()));
        let max_bytes = match (&feeds.max_bytes, &feeds.entries) {
            (Some(bytes), _) => Some(*bytes.get_ref()),
            (None, None) => Some(MAX_BYTES),
            (None, Some(_)) => None,
        };
        let defaults = FeedSettings {
            title: None,
            description: None,
            language: None,
            window: window.unwrap_or(Window::Newest(30)),
            max_bytes,
            full_text: feeds.text.as_ref().is_none_or(|text| text.get_ref() == "full"),
        };
        let rules = self.rules(file);
        let by = self.by(file, languages);
        let mut named = HashMap::new();
        for (path, value) in &feeds.named {
            let (key, _) = keys::spans(self.text, &["feeds", path]);
            let settings = self.named(path, value, key, &defaults);
            named.extend(settings.map(|settings| (path.clone(), settings)));
        }
        for custom in &feeds.custom {
            let name = custom.name.get_ref().clone();
            let value = toml::Value::Table(custom.feed.clone().into_iter().collect());
            let settings = self.settings(&value, custom.name.span(), &defaults);
            named.extend(settings.map(|settings| (name, settings)));
        }
        for (old, new) in &feeds.moved {
            let target = bare(new.get_ref());
            if target == bare(old) || feeds.moved.keys().any(|other| bare(other) == target) {
                self.fault(
                    new.span(),
                    "a feed that has moved itself",
                    "name the feed that is there now",
                );
            }
        }
        let moved = feeds.moved.iter().map(|(old, new)| (bare(old), bare(new.get_ref())));
        Feeds {
            dir,
            plan: Plan { by, rules },
            defaults,
            named,
            gone: feeds.gone.iter().map(|path| bare(path.get_ref())).collect(),
            moved: moved.collect(),
        }
    }

    pub(super) fn window(&mut self, entries: &Entries, span: Range<usize>) -> Window {
        match entries {
            Entries::Count(count @ 1..) => Window::Newest(*count),
            Entries::Word(word) if word == "all" => Window::All,
            _ => {
                self.fault(span, "no number of entries", "write a number from 1, or \"all\"");
                Window::Newest(30)
            }
        }
    }

    pub(super) fn by(&mut self, file: &ConfigFile, languages: bool) -> Vec<By> {
        let Some(by) = &file.feeds.by else {
            return if languages { vec![By::Category, By::Language] } else { vec![By::Category] };
        };
        let mut kinds = Vec::new();
        for word in by {
            match By::named(word.get_ref()) {
                Some(by) => kinds.push(by),
                None => self.fault(
                    word.span(),
                    "feeds are not made by this",
                    "one of: category, tag, author, language",
                ),
            }
        }
        kinds
    }

    pub(super) fn rules(&mut self, file: &ConfigFile) -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        for custom in &file.feeds.custom {
            let name = custom.name.get_ref();
            if names::slugify(name) != *name {
                let help = format!("write it as \"{}\"", names::slugify(name));
                self.fault(custom.name.span(), "not fit for a URL", help);
            }
            let clashes = By::named(name).is_some()
                || matches!(
                    name.as_str(),
                    "all" | "feeds" | "index" | "feed" | "rss" | "atom" | "robots"
                )
                || rules.iter().any(|rule| rule.name == *name);
            if clashes {
                let message = format!("there is a feed named `{name}` already");
                self.fault(custom.name.span(), message, "give this one another name");
            }
            rules.push(Rule {
                name: name.clone(),
                any: self.wanted(&custom.any),
                all: self.wanted(&custom.all),
                none: self.wanted(&custom.none),
            });
        }
        rules
    }

    pub(super) fn wanted(&mut self, list: &[Spanned<String>]) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        for text in list {
            match Wanted::parse(text.get_ref()) {
                Some(want) => wanted.push(want),
                None => self.fault(
                    text.span(),
                    "no rule",
                    "write it as \"category:SLUG\", \"tag:…\", \"author:…\" or \"language:…\"",
                ),
            }
        }
        wanted
    }

    pub(super) fn named(
        &mut self,
        path: &str,
        value: &toml::Value,
        key: Range<usize>,
        defaults: &FeedSettings,
    ) -> Option<FeedSettings> {
        let is_feed = path == "all"
            || path.split_once('/').is_some_and(|(kind, _)| By::named(kind).is_some());
        if !is_feed || !value.is_table() {
            self.faults.push(keys::unknown("feeds", path, key));
            return None;
        }
        self.settings(value, key, defaults)
    }

    pub(super) fn settings(
        &mut self,
        value: &toml::Value,
        at: Range<usize>,
        defaults: &FeedSettings,
    ) -> Option<FeedSettings> {
        let feed: FeedFile = match value.clone().try_into() {
            Ok(feed) => feed,
            Err(error) => {
                let message = error.message().to_string();
                self.fault(at, message, "a feed has: title, description, language, entries, text");
                return None;
            }
        };
        if feed.text.as_deref().is_some_and(|text| !matches!(text, "full" | "summary")) {
            self.fault(at.clone(), "`text` is \"full\" or \"summary\"", "choose one of them");
        }
        let window = feed.entries.as_ref().map(|entries| self.window(entries, at));
        Some(FeedSettings {
            title: feed.title,
            description: feed.description,
            language: feed.language,
            max_bytes: if window.is_some() { None } else { defaults.max_bytes },
            window: window.unwrap_or(defaults.window),
            full_text: feed.text.map_or(defaults.full_text, |text| text == "full"),
        })
    }
}

/// A feed path without slash in front and extension behind.
fn bare(path: &str) -> String {
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".rss").or_else(|| path.strip_suffix(".atom")).unwrap_or(path);
    path.strip_suffix(".json").unwrap_or(path).to_string()
}
