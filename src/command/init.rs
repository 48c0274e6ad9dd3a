//! `syndic init`: look at a folder, say what it is, write a config file for it.

use std::path::{Path, PathBuf};

use super::{Exit, counted, say};
use crate::article::declared::Declared;
use crate::article::flavour::Flavour;
use crate::article::language;
use crate::article::{Kind, Person};
use crate::config;
use crate::daemon::EXAMPLE_URL;
use crate::feed::link;

#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error("{} is there already, and syndic does not write over it; if it is a generator's, choose another name: `syndic --config syndic.toml init`", path.display())]
    Exists { path: PathBuf },
    #[error("{} would be taken for the site's own config, in place of {theirs}; choose another name: `syndic --config syndic.toml init`", path.display())]
    Taken { path: PathBuf, theirs: &'static str },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

pub fn run(dir: &Path, config: &Path) -> Result<Exit, InitError> {
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |source| InitError::Io { path, source }
    };
    let metadata = std::fs::metadata(dir).map_err(io(dir))?;
    if !metadata.is_dir() {
        return Err(io(dir)(std::io::ErrorKind::NotADirectory.into()));
    }
    let path = dir.join(config);
    if path.exists() {
        return Err(InitError::Exists { path });
    }
    let (flavour, declared) = config::look_at(dir, dir);
    if let Some(theirs) = in_place_of(dir, &path, flavour) {
        return Err(InitError::Taken { path, theirs });
    }
    let usual = match declared.content.as_deref().unwrap_or(flavour.content) {
        "" if flavour.name == "plain" => "content",
        "" => ".",
        usual => usual,
    };
    let content = if dir.join(usual).is_dir() { usual } else { "." };
    let articles = count(&dir.join(content), 0);
    let full = dir.canonicalize().map_err(io(dir))?;
    let name =
        full.file_name().map_or("My site".into(), |name| name.to_string_lossy().into_owned());
    let text = template(&name, content, flavour, &declared);
    std::fs::write(&path, text).map_err(io(&path))?;
    say(format!(
        "{}: {} site, {} that may be articles",
        dir.display(),
        flavour.name,
        counted(articles, "file")
    ));
    let has_url = declared.url.as_deref().and_then(config::public_address).is_some();
    let next = match (declared.title.is_some(), has_url) {
        (true, true) => "what it says was taken from the site's own files",
        (true, false) => "set `url` in it",
        (false, true) => "set `title` in it",
        (false, false) => "set `title` and `url` in it",
    };
    say(format!("wrote {}; {next}, then run `syndic check`", path.display()));
    Ok(Exit::Done)
}

/// The site's own file that a generator would no longer read: of one name it takes one extension.
fn in_place_of(dir: &Path, path: &Path, flavour: &Flavour) -> Option<&'static str> {
    let theirs = flavour.site_files;
    let is_theirs = theirs.iter().any(|file| dir.join(file) == path);
    let is_same = |file: &&&str| {
        Path::new(**file).file_stem() == path.file_stem() && dir.join(**file).exists()
    };
    theirs.iter().find(is_same).filter(|_| is_theirs).copied()
}

fn count(dir: &Path, depth: usize) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries
        .flatten()
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < 32 && !name.starts_with('.') => {
                    count(&entry.path(), depth + 1)
                }
                Ok(kind) if kind.is_file() => usize::from(Kind::of(&name).is_some()),
                _ => 0,
            }
        })
        .sum()
}

/// The pattern of all articles, where one is enough for them.
fn pattern_of_all(declared: &Declared) -> Option<&str> {
    let [only] = declared.permalinks.as_slice() else { return None };
    let fits = only.section.is_none()
        && declared.languages.iter().all(|language| language.main)
        && link::unknown_words(&only.pattern).is_empty();
    fits.then_some(only.pattern.as_str())
}

fn template(name: &str, content: &str, flavour: &Flavour, declared: &Declared) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_string()).to_string();
    let title = quoted(declared.title.as_deref().unwrap_or(name));
    // What the config would refuse is not written into it.
    let url = declared.url.as_deref().and_then(config::public_address);
    let url = quoted(url.as_deref().unwrap_or(EXAMPLE_URL));
    let content = quoted(content);
    // What the site's own files say is written out, the rest is shown as it could be.
    let line = |key: &str, said: Option<&str>, example: &str, comment: &str| match said {
        Some(said) => format!("{key} = {}{comment}", quoted(said)),
        None => format!("# {key} = {}{comment}", quoted(example)),
    };
    let language = declared.language.as_deref().and_then(language::tag);
    let language = line("language", language.as_deref(), "en", "");
    let timezone = declared.timezone.as_deref();
    let timezone = line(
        "timezone",
        timezone.filter(|name| jiff::tz::TimeZoneDatabase::bundled().get(name).is_ok()),
        "Europe/Berlin",
        "                # for dates that name none; UTC when left out",
    );
    let description =
        line("description", declared.description.as_deref(), "What the site is about", "");
    let author = match &declared.author {
        Some(Person { name, email, url }) if email.is_some() || url.is_some() => {
            let more = |key: &str, said: &Option<String>| {
                said.as_ref().map_or(String::new(), |said| format!(", {key} = {}", quoted(said)))
            };
            let (email, url) = (more("email", email), more("url", url));
            format!("author = {{ name = {}{email}{url} }}", quoted(name))
        }
        author => {
            line("author", author.as_ref().map(|person| person.name.as_str()), "Who writes it", "")
        }
    };
    // Where the site's pages tell it, it goes where they go.
    let pattern = pattern_of_all(declared);
    let permalink = line(
        "permalink",
        pattern.filter(|_| flavour.programs.is_none()),
        pattern.unwrap_or(flavour.permalink),
        "        # where an article is read, below url",
    );
    let flavour = flavour.name;
    format!(
        r#"# What syndic publishes, and where. Everything but title and url has a default.
title    = {title}
url      = {url}       # where the articles are read
{language}
{timezone}
{description}
{author}

[ids]
# Fixed for good: entries keep their ids even if the site moves to another address.
# Set it once, before the first publication.
# prefix = "tag:www.example.org,2026:"

[content]
dir = {content}
# flavour = "{flavour}"                        # found by itself when left out
{permalink}
# include = ["blog/**"]
# exclude = ["drafts/**"]

[feeds]
dir = "feeds"
# entries = 30                              # newest entries per feed, or "all"
# text = "full"                             # or "summary"
# summary = "lead"                          # or "extract", or "auto"
# by = ["category"]                         # also "tag", "author", "language"

# [[feeds.custom]]                          # a feed by rule
# name = "city-desk"
# any  = ["category:city", "tag:local"]
# none = ["tag:sponsored"]

[server]
listen = "127.0.0.1:8080"
# url = "https://feeds.example.org/"        # where readers find the feeds
# max_age = 300                             # seconds that readers may keep a feed
"#
    )
}
