//! Links from one article to another, as generators write them: by file rather than by address.

pub mod anywhere;
pub mod pictures;

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Component, Path};

use super::flavour::Notation;
use super::flavour::location::Location;
use super::{Conventions, Kind, Links};
use anywhere::anywhere;

/// What template marks leave where they name another file.
const FILE: &str = "syndic-file:";

/// Such a mark, as it may stand in a link.
pub fn mark(file: &str) -> String {
    let file = file.replace('%', "%25").replace(' ', "%20").replace('(', "%28").replace(')', "%29");
    format!("{FILE}{file}")
}

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
pub enum Lead<'t> {
    /// To an address as any other.
    Address,
    /// To an article, or what else has a place in the site.
    To(String),
    /// To a file that is no article.
    Nowhere { file: &'t str, in_own_form: bool },
}

impl Lead<'_> {
    /// What stands in the place of the link's address, if anything.
    pub fn address(self) -> Option<String> {
        match self {
            Lead::To(link) => Some(link),
            // A link without an address leads nowhere, rather than to a mark of ours.
            Lead::Nowhere { in_own_form: true, .. } => Some(String::new()),
            Lead::Nowhere { in_own_form: false, .. } | Lead::Address => None,
        }
    }
}

/// `path` is that of the article that the link stands in.
pub fn resolve<'t>(
    target: &'t str,
    path: &str,
    links: Links,
    conventions: &Conventions,
) -> Lead<'t> {
    let notation = conventions.flavour.notation;
    if notation == Notation::Pelican
        && let Some((what, value)) = intrasite(target)
    {
        return intrasite_lead(target, what, value, path, links, conventions);
    }
    let Some(file) = named_file(target, notation) else {
        return beside(target, path, links);
    };
    let (named, fragment) = split_fragment(file);
    let decoded = percent_encoding::percent_decode_str(named).decode_utf8();
    let file = decoded.as_deref().unwrap_or(named);
    // A leading slash, or Zola's `@/`, begins at the content folder.
    let candidates = candidates(file, path, conventions);
    let found = candidates.iter().find_map(|file| links(file));
    match found.or_else(|| by_name(file, path, links, conventions)) {
        Some(link) => Lead::To(format!("{link}{fragment}")),
        // Sections are no articles, but have addresses by the same rule.
        None if let Some(section) = section(file, notation) => {
            // Zola's names a file, in whose language it is as a page would be; Hugo's is in the
            // language that it stands in.
            let asked = match notation {
                Notation::Zola => file.trim_start_matches('/').replace("_index", "index"),
                _ => path.to_string(),
            };
            let language = conventions.locate(&asked).and_then(|location| location.prefix);
            let language = language.map_or(String::new(), |language| format!("{language}/"));
            let root = root_path(conventions);
            Lead::To(format!("{root}{language}{section}{fragment}"))
        }
        // Jekyll's files keep their places.
        None if notation == Notation::Liquid && is_no_page(file) => {
            let root = root_path(conventions);
            Lead::To(format!("{root}{}", file.trim_start_matches('/')))
        }
        None => Lead::Nowhere { file: named, in_own_form: true },
    }
}

/// The one article of a name, wherever it lies in the content, or in that of the link's language
/// (Hugo, `pageReverseIndex`; Jekyll, `post_url.rb`).
fn by_name(file: &str, path: &str, links: Links, conventions: &Conventions) -> Option<String> {
    if !has_names(conventions) || file.is_empty() || file.contains('/') {
        return None;
    }
    let location = conventions.locate(path)?;
    let home = home(path, &location);
    let name = Kind::of(file).and_then(|_| file.rsplit_once('.')).map_or(file, |(name, _)| name);
    let tag = location.language.filter(|tag| path.ends_with(&format!(".{tag}.md")));
    let of = |tag: &str| links(&anywhere(&home, &format!("{name}.{tag}")));
    let main = conventions.declared.languages.iter().find(|language| language.main);
    tag.and_then(|tag| of(&tag))
        .or_else(|| links(&anywhere(&home, name)))
        .or_else(|| main.and_then(|language| of(&language.tag)))
}

/// Whether links of the site's may ask for articles by their names alone.
fn has_names(conventions: &Conventions) -> bool {
    matches!(conventions.flavour.notation, Notation::Hugo | Notation::Liquid)
}

/// All that links may ask for the article at a path by.
pub fn ways_to_ask(path: &str, conventions: &Conventions) -> Vec<String> {
    match has_names(conventions) {
        true => anywhere::ways_to_ask(path),
        false => vec![path.to_string()],
    }
}

/// Where the article's content folder begins, or that of its language.
fn home(path: &str, location: &Location) -> String {
    let count = |path: &str| path.split('/').count();
    let above = count(path).saturating_sub(count(&location.path));
    path.split('/').take(above).collect::<Vec<_>>().join("/")
}

/// The path of the section that a link names: `@/blog/_index.md`, `ref "/docs/concepts"`.
fn section(file: &str, notation: Notation) -> Option<String> {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    let of_language = name.strip_prefix("_index.").and_then(|name| name.strip_suffix(".md"));
    let index = match of_language {
        Some(_) if notation == Notation::Zola => Some(folder).map(|folder| format!("{folder}/")),
        _ => file.strip_suffix("_index.md").map(str::to_string),
    };
    let index = index.as_deref();
    let folder = match notation {
        Notation::Hugo => index.or_else(|| Some(file).filter(|file| !file.ends_with(".md")))?,
        Notation::Zola => index?,
        _ => return None,
    };
    if folder.starts_with('.') || !folder.contains('/') {
        return None;
    }
    let folder = folder.trim_matches('/');
    let folder =
        if notation == Notation::Hugo { folder.to_lowercase() } else { folder.to_string() };
    Some(if folder.is_empty() { folder } else { format!("{folder}/") })
}

/// Whether a file is one that a generator hands out as it is.
fn is_no_page(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.contains('.') && Kind::of(name).is_none()
}

/// The file that a link of a generator's own form names.
fn named_file(target: &str, notation: Notation) -> Option<&str> {
    match target.strip_prefix(FILE) {
        None if notation == Notation::Zola => target.strip_prefix("@/").map(|_| &target[1..]),
        named => named,
    }
}

/// The path of the site's root in its addresses.
fn root_path(conventions: &Conventions) -> String {
    format!("/{}/", conventions.site_path.trim_matches('/')).replace("//", "/")
}

// ── Pelican's links within a site ─────────────────────────────────────────────────────────────

/// `{filename}x`, `|static|/y`: what it is, and its value (`contents.py`).
fn intrasite(target: &str) -> Option<(&str, &str)> {
    let (what, value) = match target.strip_prefix('{') {
        Some(rest) => rest.split_once('}')?,
        None => target.strip_prefix('|')?.split_once('|')?,
    };
    let is_known = ["filename", "static", "attach", "index", "author", "category", "tag"];
    is_known.contains(&what).then_some((what, value))
}

fn intrasite_lead<'t>(
    target: &'t str,
    what: &str,
    value: &str,
    path: &str,
    links: Links,
    conventions: &Conventions,
) -> Lead<'t> {
    let (file, fragment) = split_fragment(value);
    if what == "index" {
        return Lead::To(root_path(conventions));
    }
    // It lies beside the article then, wherever that is.
    if what == "attach" && !file.starts_with('/') {
        return Lead::To(file.to_string());
    }
    let is_article = what == "filename" && Kind::of(file).is_some();
    let found = candidates(file, path, conventions).iter().find_map(|file| links(file));
    match found {
        Some(link) if what != "static" => Lead::To(format!("{link}{fragment}")),
        _ if is_article || !matches!(what, "filename" | "static" | "attach") => {
            Lead::Nowhere { file: target, in_own_form: true }
        }
        _ => {
            let location = conventions.locate(path).map(|location| location.path);
            let own = location.as_deref().unwrap_or(path);
            let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
            let folder = if file.starts_with('/') { "" } else { folder };
            match joined(folder, file) {
                Some(file) => Lead::To(format!("{}{file}", root_path(conventions))),
                None => Lead::Nowhere { file: target, in_own_form: true },
            }
        }
    }
}

/// HTML whose attributes lead to where such links do.
pub fn in_attributes<'h>(html: &'h str, resolve: &dyn Fn(&str) -> Option<String>) -> Cow<'h, str> {
    let bytes = html.as_bytes();
    let mut written = String::new();
    let (mut done, mut at) = (0, 0);
    while let Some(open) = memchr::memchr(b'<', &bytes[at..]) {
        at += open + 1;
        if !bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        while let Some(next) = memchr::memchr3(b'>', b'"', b'\'', &bytes[at..]) {
            let start = at + next + 1;
            let quote = bytes[start - 1];
            at = start;
            if quote == b'>' {
                break;
            }
            let end = memchr::memchr(quote, &bytes[start..]).map_or(html.len(), |end| start + end);
            at = (end + 1).min(html.len());
            if !["{", "|", "%7B"].iter().any(|mark| html[start..end].starts_with(mark)) {
                continue;
            }
            let value = percent_encoding::percent_decode_str(&html[start..end]).decode_utf8_lossy();
            if let Some(link) = intrasite(&value).and_then(|_| resolve(&value)) {
                written.push_str(&html[done..start]);
                written.push_str(&link.replace('"', "%22").replace('\'', "%27"));
                done = end;
            }
        }
    }
    if done == 0 {
        return Cow::Borrowed(html);
    }
    Cow::Owned(written + &html[done..])
}

/// `[x](b.md)`: another article beside this one, in any flavour.
fn beside<'t>(target: &'t str, path: &str, links: Links) -> Lead<'t> {
    let (file, fragment) = split_fragment(target);
    let Some(kind) = Kind::of(file).filter(|_| !file.contains(':') && !file.starts_with('/'))
    else {
        return Lead::Address;
    };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let decoded = percent_encoding::percent_decode_str(file).decode_utf8().ok();
    let link = decoded.and_then(|file| links(&joined(folder, &file)?));
    match link {
        Some(link) => Lead::To(format!("{link}{fragment}")),
        // It may be a page of the site's.
        None if !kind.is_markup() => Lead::Address,
        // A host, or someone's mail.
        None if file.ends_with(".org") && !path.ends_with(".org") => Lead::Address,
        None => Lead::Nowhere { file, in_own_form: false },
    }
}

fn split_fragment(target: &str) -> (&str, &str) {
    target.find('#').map_or((target, ""), |at| target.split_at(at))
}

/// Where the named file may lie, relative to the content directory.
fn candidates(file: &str, path: &str, conventions: &Conventions) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let bare = file.trim_start_matches('/');
    let mut places = Vec::new();
    if !file.starts_with('/') {
        places.extend(joined(folder, file));
    }
    let location = conventions.locate(path);
    if let Some(location) = &location {
        places.extend(joined(&home(path, location), bare));
    }
    places.extend(joined("", bare));
    // The content directory may be one folder of the generator's.
    let content = conventions.declared.content.as_deref().unwrap_or(conventions.flavour.content);
    let inside = conventions.root.inside.strip_prefix(content).unwrap_or("").trim_matches('/');
    if let Some(rest) = bare.strip_prefix(inside).and_then(|rest| rest.strip_prefix('/')) {
        places.push(rest.to_string());
    }
    if inside.is_empty() && conventions.root.inside.is_empty() && !content.is_empty() {
        places.push(format!("{content}/{bare}"));
    }
    if let Some(posts) = conventions.flavour.posts {
        places.push(format!("{posts}/{bare}"));
    }
    let mut known = HashSet::new();
    places.retain(|place| known.insert(place.clone()));
    let tag = location.and_then(|location| location.language).unwrap_or_default();
    let (own_file, own_bundle) = (format!(".{tag}.md"), format!("/index.{tag}.md"));
    let mut endings = vec![".md", ".markdown", "/index.md", ".html", ".mdx"];
    if path.ends_with(&own_file) {
        endings.splice(..0, [own_file.as_str(), own_bundle.as_str()]);
    }
    let bases: Vec<String> = places.clone();
    for place in bases.iter().filter(|place| Kind::of(place).is_none()) {
        let place = place.trim_end_matches('/');
        places.extend(endings.iter().map(|ending| format!("{place}{ending}")));
    }
    places
}

/// A path below a folder, with its `..` taken away; `None` where it leads out.
pub fn joined(folder: &str, file: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for component in Path::new(file).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::flavour::Flavour;

    fn check(flavour: &str, path: &str, target: &str, expected: Option<&str>) {
        let conventions = Conventions::of(Flavour::named(flavour).unwrap());
        let links = |path: &str| {
            let known =
                ["blog/a.md", "b.md", "_posts/2024-01-02-c.md", "posts/d/index.md", "notes.txt"];
            known.contains(&path).then(|| format!("https://a.example/{path}"))
        };
        let found = resolve(target, path, &links, &conventions).address();
        let expected = expected.map(|path| {
            let is_file = !path.is_empty() && !path.starts_with('/') && path != "i.png";
            if is_file { format!("https://a.example/{path}") } else { path.to_string() }
        });
        assert_eq!(found, expected, "{flavour} {path} {target}");
    }

    #[test]
    fn links_between_articles_are_resolved() {
        check("plain", "blog/x.md", "a.md#top", Some("blog/a.md#top"));
        check("plain", "blog/x.md", "../b.md", Some("b.md"));
        check("plain", "blog/x.md", "../../../b.md", None);
        check("plain", "blog/x.md", "https://b.example/a.md", None);
        check("plain", "blog/x.md", "no.md", None);
        check("zola", "x.md", "@/blog/a.md", Some("blog/a.md"));
        check("zola", "x.md", "@/no.md#x", Some(""));
        check("zola", "x.md", "@/a/_index.md", Some("/a/"));
        check("zola", "x.md", "@/a/b.c/_index.md", Some("/a/b.c/"));
        check("hugo", "posts/x.md", "syndic-file:/Docs/a", Some("/docs/a/"));
        check("hugo", "posts/x.md", "syndic-file:/docs/a.md", Some(""));
        check("jekyll", "_posts/x.md", "syndic-file:/assets/a.pdf", Some("/assets/a.pdf"));
        check("hugo", "posts/x.md", "syndic-file:docs/a", Some("/docs/a/"));
        check("hugo", "posts/x.md", "syndic-file:../a", Some(""));
        check("hugo", "posts/x.md", "syndic-file:no", Some(""));
        check("pelican", "blog/x.md", "{filename}a.md", Some("blog/a.md"));
        check("pelican", "blog/x.md", "{filename}/b.md#y", Some("b.md#y"));
        check("pelican", "blog/x.md", "|filename|/no.md", Some(""));
        check("pelican", "blog/x.md", "{filename}i.png", Some("/blog/i.png"));
        check("pelican", "blog/x.md", "{static}/i/i.png", Some("/i/i.png"));
        check("pelican", "blog/x.md", "{static}../i.png", Some("/i.png"));
        check("pelican", "blog/x.md", "{attach}i.png", Some("i.png"));
        check("pelican", "blog/x.md", "{index}", Some("/"));
        check("pelican", "blog/x.md", "{tag}sea", Some(""));
        check("pelican", "blog/x.md", "{other}sea", None);
        check("plain", "blog/x.md", "me@a.org", None);
        check("plain", "x.md", "notes.txt#a", Some("notes.txt#a"));
        check("plain", "x.md", "about.html", None);
        check("jekyll", "_posts/x.md", "syndic-file:2024-01-02-c", Some("_posts/2024-01-02-c.md"));
        check("hugo", "posts/x.md", "syndic-file:d", Some("posts/d/index.md"));
    }

    #[test]
    fn a_language_has_a_folder_or_a_suffix() {
        let mut conventions = Conventions::of(Flavour::named("hugo").unwrap());
        let language = |tag: &str, folder: Option<&str>| crate::article::declared::Language {
            tag: tag.into(),
            folder: folder.map(String::from),
            main: tag == "en",
            prefixed: true,
            disabled: false,
        };
        let known =
            ["content/vi/blog/there.md", "content/blog/there.vi.md", "content/blog/there.md"];
        let links = |path: &str| known.contains(&path).then(|| format!("/{path}"));
        let mut check = |languages, path: &str, target: &str, expected: &str| {
            let declared = std::sync::Arc::make_mut(&mut conventions.declared);
            declared.languages = languages;
            declared.content = Some("content".into());
            let found = resolve(target, path, &links, &conventions).address();
            assert_eq!(found.as_deref(), Some(expected), "{path} {target}");
        };
        let folders = || vec![language("en", Some("en")), language("vi", Some("vi"))];
        let (from, to) = ("content/vi/blog/a/index.md", "/content/vi/blog/there.md");
        check(folders(), from, "syndic-file:/blog/there", to);
        let suffixes = || vec![language("en", None), language("vi", None)];
        let to = "/content/blog/there.vi.md";
        check(suffixes(), "content/blog/a.vi.md", "syndic-file:/blog/there", to);
        check(suffixes(), "content/blog/a.md", "syndic-file:there", "/content/blog/there.md");
    }

    #[test]
    fn attributes_may_hold_links_within_the_site() {
        let resolve =
            |target: &str| intrasite(target).map(|(what, value)| format!("[{what} {value}]"));
        for (html, expected) in [
            ("<img src=\"{static}/a.png\" alt='{x}'>", "<img src=\"[static /a.png]\" alt='{x}'>"),
            ("<a href='|filename|b.md'>{static}</a>", "<a href='[filename b.md]'>{static}</a>"),
            ("<img src=\"%7Bstatic%7D/%C3%A9.png\">", "<img src=\"[static /é.png]\">"),
            ("<a href=\"{static}", "<a href=\"[static ]"),
            ("<a href=\"{none}\">", "<a href=\"{none}\">"),
            (
                "a <b> src='{static}/x' <i title=\"{static}y\">",
                "a <b> src='{static}/x' <i title=\"[static y]\">",
            ),
        ] {
            assert_eq!(in_attributes(html, &resolve), expected);
        }
    }
}
