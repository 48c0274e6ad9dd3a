//! `config.toml`: as typed and as meant ([`Config`]). Everything but the site's
//! title and address has a default. All faults are found at once.

mod fault;
mod feeds;
mod file;
mod keys;
mod scope;
mod server;
mod site;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobSet;
use ipnet::IpNet;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use toml::Spanned;
use url::Url;

use crate::article::declared::{Declared, SET_PERMALINK, SET_URL};
use crate::article::flavour::{FLAVOURS, Flavour};
use crate::article::summary::{Choice, Wish};
use crate::article::{Conventions, Person, Problem, fields, language, people};
use crate::feed::{By, FeedSettings, Site, catalog::Plan, link};
use fault::Fault;
use file::{AuthorFile, ConfigFile};
use site::{Found, Sources};

/// Words of permalinks, those of each generator's own aside.
#[rustfmt::skip]
const PERMALINK_WORDS: &[&str] = &[
    "slug", "title", "name", "filename", "path", "folder", "category", "section", "year", "month",
    "day", "lang", "id",
];

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the config file {}: {source}\n(`syndic init` writes one; `--config FILE` names another)", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{shown}")]
    Faults { shown: String },
}

/// What the publisher means.
#[derive(Clone, Debug)]
pub struct Config {
    pub path: PathBuf,
    pub site: Site,
    pub conventions: Conventions,
    pub content: Content,
    pub feeds: Feeds,
    pub server: Server,
    /// Of ids, where the publisher names one; the ledger pins it at the first publication.
    pub id_prefix: Option<String>,
    pub state_dir: PathBuf,
    /// Of the generator's site that the content is part of.
    pub sources: Sources,
}

#[derive(Clone, Debug)]
pub struct Content {
    pub dir: PathBuf,
    /// The publisher's own pattern of addresses.
    pub permalink: Option<String>,
    /// Empty: everything.
    pub include: GlobSet,
    pub exclude: GlobSet,
    pub rescan: std::time::Duration,
    pub max_size: u64,
}

#[derive(Clone, Debug)]
pub struct Feeds {
    pub dir: PathBuf,
    pub plan: Plan,
    pub defaults: FeedSettings,
    /// By feed path.
    pub named: HashMap<String, FeedSettings>,
    /// Feed paths, without extension, that are withdrawn for good.
    pub gone: Vec<String>,
    /// Old feed path → new one.
    pub moved: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Tcp(String),
    Unix(PathBuf),
}

#[derive(Clone, Debug)]
pub struct Server {
    pub listen: Vec<Address>,
    /// Seconds.
    pub max_age: u32,
    pub cors: bool,
    /// Whether the address of the feeds is the publisher's own choice.
    pub url_given: bool,
    pub trusted_proxies: Vec<IpNet>,
}

impl Feeds {
    /// Withdrawn for good, or answered under another name.
    pub fn is_retired(&self, path: &str) -> bool {
        self.gone.iter().any(|gone| gone == path) || self.moved.contains_key(path)
    }

    pub fn settings(&self, path: &str) -> &FeedSettings {
        self.named.get(path).unwrap_or(&self.defaults)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Tcp(address) => f.write_str(address),
            Address::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Config {
    pub fn load(path: &Path, colour: bool) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_path_buf(), source })?;
        Config::of(path, &text, colour)
    }

    /// What a file of that path would say, if the text were in it.
    pub fn of(path: &Path, text: &str, colour: bool) -> Result<Config, ConfigError> {
        let base = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let base = base.unwrap_or(Path::new("."));
        Config::parse(path, base, text).map_err(|faults| ConfigError::Faults {
            shown: fault::show(path, text, &faults, colour),
        })
    }

    /// Tells one state of the generator's site from another.
    pub fn site(&self) -> (String, &[PathBuf], &[Problem]) {
        (self.conventions.fingerprint(), &self.sources.files, &self.sources.problems)
    }

    fn parse(path: &Path, base: &Path, text: &str) -> Result<Config, Vec<Fault>> {
        let (file, faults) = keys::parse(text);
        let Some(file) = file else { return Err(faults) };
        let mut meaning = Meaning { faults, base: base.to_path_buf(), text };
        let config = meaning.config(path, file);
        if meaning.faults.is_empty() { Ok(config) } else { Err(meaning.faults) }
    }
}

/// Turns what is typed into what is meant, and gathers what makes no sense.
struct Meaning<'a> {
    faults: Vec<Fault>,
    base: PathBuf,
    text: &'a str,
}

impl Meaning<'_> {
    fn fault(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.faults.push(Fault::new(span, message, help));
    }

    fn config(&mut self, path: &Path, file: ConfigFile) -> Config {
        let content_dir = self.dir(&file.content.dir, "content");
        let state_dir = match (&file.state.dir, std::env::var_os("STATE_DIRECTORY")) {
            (None, Some(dir)) => PathBuf::from(dir),
            (dir, _) => self.dir(dir, ".syndic"),
        };
        let feeds_dir = self.dir(&file.feeds.dir, "feeds");
        for (name, dir) in [("feeds", &feeds_dir), ("state", &state_dir)] {
            let holds_content = plain(&content_dir).starts_with(plain(dir));
            if holds_content && *dir != content_dir && name == "feeds" {
                let span = file.feeds.dir.as_ref().map_or(0..0, Spanned::span);
                self.fault(
                    span,
                    "the content directory lies in the feeds directory",
                    "let `[feeds] dir` name a directory of its own",
                );
            }
            if *dir == content_dir {
                let span = file.content.dir.as_ref().map_or(0..0, Spanned::span);
                self.fault(
                    span,
                    format!("the content and the {name} directory are the same"),
                    format!("let `[{name}] dir` name another directory"),
                );
            }
        }
        let named = self.flavour(&file);
        let Found { flavour, root, declared, mut sources } =
            site::find(&self.base, path, &content_dir, named);
        let permalink = self.permalink(&file);
        let timezone = self.timezone(&file, &declared);
        let language = self
            .language(&file.language)
            .or_else(|| declared.language.as_deref().and_then(language::tag));
        let listen = self.listen(&file);
        let site = self.site(&file, &declared, &listen, timezone.clone(), language.clone());
        for (is_set, advice) in
            [(permalink.is_some(), SET_PERMALINK), (file.url.is_some(), SET_URL)]
        {
            sources.doubts.retain(|doubt| !is_set || !doubt.message.ends_with(advice));
        }
        // What is missing may stand in a file of the site's that cannot be read.
        if !self.faults.is_empty() {
            let faults = sources.problems.iter();
            self.faults.extend(faults.map(|fault| Fault::missing(fault.to_string(), "mend it")));
        }
        let summary = self.summary(&file);
        let exclude = self.excluded(&file, &declared, &root, &mut sources.doubts);
        let include = self.included(&file, &declared, &root);
        let languages = declared.languages.iter().any(|language| !language.main);
        let patterns = declared.permalinks.iter().map(|permalink| permalink.pattern.as_str());
        let patterns = patterns.chain(permalink.as_deref()).chain([flavour.permalink]);
        let patterns: Vec<&str> = patterns.collect();
        let titles_in_links = patterns.iter().any(|pattern| link::has_title(pattern));
        let feeds = self.feeds(&file, feeds_dir, languages);
        let by_language = feeds.plan.asks_for(By::Language)
            || patterns.iter().any(|pattern| link::has_language(pattern));
        Config {
            path: path.to_path_buf(),
            conventions: Conventions {
                flavour,
                root,
                declared,
                timezone,
                language,
                by_language,
                summary,
                own_pattern: permalink.is_some(),
                titles_in_links,
                site_path: Url::parse(&site.url).map_or("/".into(), |url| url.path().into()),
            },
            content: Content {
                dir: content_dir,
                permalink,
                include,
                exclude,
                rescan: std::time::Duration::from_secs(
                    file.content.rescan.as_ref().map_or(300, |n| (*n.get_ref()).max(1)),
                ),
                max_size: file.content.max_size.as_ref().map_or(1024 * 1024, |n| *n.get_ref()),
            },
            feeds,
            server: Server {
                listen,
                max_age: max_age(&file),
                cors: file.server.cors.unwrap_or(true),
                url_given: file.server.url.is_some(),
                trusted_proxies: self.proxies(&file),
            },
            id_prefix: self.prefix(&file),
            state_dir,
            site,
            sources,
        }
    }

    fn dir(&self, given: &Option<Spanned<String>>, default: &str) -> PathBuf {
        self.base.join(given.as_ref().map_or(default, |dir| dir.get_ref()))
    }

    fn summary(&mut self, file: &ConfigFile) -> Wish {
        let length = file.feeds.summary_length.as_ref().map_or(300, |n| *n.get_ref());
        if let Some(length) = &file.feeds.summary_length
            && !(40..=5_000).contains(length.get_ref())
        {
            self.fault(length.span(), "a summary has 40 to 5,000 characters", "300 is usual");
        }
        self.one_of(&file.feeds.summary, &["lead", "extract", "auto"]);
        let choice = match file.feeds.summary.as_ref().map(|text| text.get_ref().as_str()) {
            Some("auto") => Choice::Auto,
            Some("extract") => Choice::Extract,
            _ => Choice::Lead,
        };
        Wish { length, choice }
    }

    fn site(
        &mut self,
        file: &ConfigFile,
        declared: &Declared,
        listen: &[Address],
        timezone: TimeZone,
        language: Option<String>,
    ) -> Site {
        let title = match (&file.title, &declared.title) {
            (None, Some(title)) => title.clone(),
            _ => self.required("title", &file.title, "title = \"My site\""),
        };
        let url = match (&file.url, declared.url.as_deref().and_then(public_address)) {
            (Some(url), _) => self.url(url),
            (None, Some(url)) => url,
            (None, None) => self.required("url", &file.url, "url = \"https://www.example.org/\""),
        };
        let feeds_url = match &file.server.url {
            Some(url) => self.url(url),
            None => self.default_feeds_url(file, listen),
        };
        let plain =
            |text: &Option<Spanned<String>>| text.as_ref().map(|t| fields::one_line(t.get_ref()));
        Site {
            description: plain(&file.description)
                .or_else(|| declared.description.clone())
                .unwrap_or_else(|| title.clone()),
            title,
            feeds_url,
            language,
            timezone,
            author: match file.author.as_ref().map(Spanned::get_ref) {
                None => declared.author.clone(),
                Some(AuthorFile::Name(name)) => people::named(name),
                Some(AuthorFile::Person { name, email, url: page }) => Some(Person {
                    name: fields::one_line(name),
                    email: email.as_deref().map(fields::one_line),
                    url: page.as_deref().and_then(|page| link::absolute(page, &url)),
                }),
            },
            rights: plain(&file.rights),
            logo: file.logo.as_ref().map(|logo| self.logo(logo, &url)),
            url,
            ttl: max_age(file).div_ceil(60).max(1),
        }
    }

    fn required(&mut self, key: &str, value: &Option<Spanned<String>>, example: &str) -> String {
        match value {
            Some(text) if !text.get_ref().trim().is_empty() => fields::one_line(text.get_ref()),
            Some(text) => {
                self.fault(text.span(), format!("`{key}` is empty"), format!("write {example}"));
                String::new()
            }
            None => {
                self.faults.push(Fault::missing(
                    format!("`{key}` is missing"),
                    format!("write {example} above the first table"),
                ));
                String::new()
            }
        }
    }

    /// An http(s) address, with a slash at its end.
    fn url(&mut self, text: &Spanned<String>) -> String {
        address(text.get_ref()).unwrap_or_else(|| {
            self.fault(
                text.span(),
                "no address of a site",
                "write it whole: \"https://www.example.org/\"",
            );
            "http://localhost/".into()
        })
    }

    fn logo(&mut self, logo: &Spanned<String>, base: &str) -> String {
        link::absolute(logo.get_ref(), base).unwrap_or_else(|| {
            self.fault(logo.span(), "no address of an image", "write it whole: \"https://…\"");
            String::new()
        })
    }

    fn default_feeds_url(&mut self, file: &ConfigFile, listen: &[Address]) -> String {
        if let Some(Address::Tcp(address)) = listen.first()
            && let Some((host, port)) = address.rsplit_once(':')
            && (host == "localhost"
                || host
                    .trim_matches(['[', ']'])
                    .parse()
                    .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()))
        {
            return format!("http://localhost:{port}/");
        }
        let span = file.server.listen.as_ref().map(Spanned::span);
        self.faults.push(Fault {
            span,
            message: "where readers find the feeds is not known".into(),
            help: Some("set `[server] url = \"https://feeds.example.org/\"`".into()),
        });
        "http://localhost/".into()
    }

    fn timezone(&mut self, file: &ConfigFile, declared: &Declared) -> TimeZone {
        let Some(name) = &file.timezone else {
            let name = declared.timezone.as_deref().unwrap_or("UTC");
            return TimeZoneDatabase::bundled().get(name).unwrap_or(TimeZone::UTC);
        };
        TimeZoneDatabase::bundled().get(name.get_ref()).unwrap_or_else(|_| {
            self.fault(
                name.span(),
                "no time zone of this name",
                "write it as in the IANA database: \"Europe/Berlin\", \"Asia/Ho_Chi_Minh\", \"UTC\"",
            );
            TimeZone::UTC
        })
    }

    fn language(&mut self, text: &Option<Spanned<String>>) -> Option<String> {
        let text = text.as_ref()?;
        let tag = language::tag(text.get_ref());
        if tag.is_none() {
            self.fault(text.span(), "no language tag", "write it as \"vi\" or \"en-GB\"");
        }
        tag
    }

    fn flavour(&mut self, file: &ConfigFile) -> Option<&'static Flavour> {
        let name = file.content.flavour.as_ref()?;
        let flavour = Flavour::named(name.get_ref());
        if flavour.is_none() {
            let known: Vec<&str> = FLAVOURS.iter().map(|flavour| flavour.name).collect();
            let help = format!("one of: {}", known.join(", "));
            self.fault(name.span(), "no flavour of this name", help);
        }
        flavour
    }

    fn permalink(&mut self, file: &ConfigFile) -> Option<String> {
        let pattern = file.content.permalink.as_ref()?;
        if let Some(word) = link::unknown_words(pattern.get_ref()).first() {
            let help = match keys::nearest(word, PERMALINK_WORDS) {
                Some(meant) => format!("did you mean `:{meant}`?"),
                None => format!("use :{}", PERMALINK_WORDS.join(", :")),
            };
            self.fault(pattern.span(), format!("`:{word}` means nothing in a permalink"), help);
        }
        Some(pattern.get_ref().clone())
    }

    fn one_of(&mut self, text: &Option<Spanned<String>>, words: &[&str]) {
        if let Some(text) = text
            && !words.contains(&text.get_ref().as_str())
        {
            self.fault(text.span(), "no such choice", format!("one of: {}", words.join(", ")));
        }
    }
}

/// A path without `.`: as it is written, for what is not there yet cannot be looked up.
fn plain(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    absolute.components().collect()
}

/// Seconds that readers and caches may keep a feed.
fn max_age(file: &ConfigFile) -> u32 {
    file.server.max_age.as_ref().map_or(300, |seconds| *seconds.get_ref())
}

/// The prefix of ids where the config names none: fixed, so that it is the same on every machine.
pub fn default_prefix(site_url: &str) -> String {
    let host = Url::parse(site_url).ok().and_then(|url| url.host_str().map(str::to_lowercase));
    format!("tag:{},2026:", host.as_deref().unwrap_or("localhost"))
}

/// An http(s) address of a site, with a slash at its end.
pub fn address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let fits = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none();
    fits.then(|| format!("{}/", url.as_str().trim_end_matches('/')))
}

/// The same, where it leads to more than the machine that it is opened on: a site's own config may
/// have one to try it out with.
pub fn public_address(text: &str) -> Option<String> {
    let is_own = |address: &String| {
        let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_string));
        host.is_some_and(|host| matches!(&*host, "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]"))
    };
    address(text).filter(|address| !is_own(address))
}

/// The site that a folder belongs to: its flavour, and what its own files say.
pub fn look_at(dir: &Path, content: &Path) -> (&'static Flavour, Arc<Declared>) {
    let found = site::find(dir, Path::new(""), content, None);
    (found.flavour, found.declared)
}
