//! Macros: links, pictures, and what else has a name and brackets.

use quick_xml::escape::escape;

use super::super::markdown::trim_url;
use super::super::markup::{MAX_ADDRESS, Scan};
use super::attributes::AttributeList;
use super::blocks::Walk;
use super::meta::Meta;

/// Bytes of a link or of another macro.
const MAX_MACRO: usize = 4_000;
/// Footnotes: each is written once more at the end.
const MAX_NOTES: usize = 1_000;

const NAMES: &[&str] = &[
    "http",
    "https",
    "ftp",
    "irc",
    "mailto",
    "link",
    "xref",
    "image",
    "icon",
    "kbd",
    "btn",
    "menu",
    "footnote",
    "footnoteref",
    "pass",
    "stem",
    "latexmath",
    "asciimath",
    "anchor",
    "indexterm",
    "indexterm2",
];

/// The macro's name that a text begins with, and its colon.
pub fn name_of(text: &str) -> Option<&'static str> {
    let length = text.bytes().take(12).take_while(u8::is_ascii_alphanumeric).count();
    let name = NAMES.iter().find(|name| **name == &text[..length])?;
    text[length..].starts_with(':').then_some(name)
}

/// What stands in brackets up to the one that closes, which a backslash may keep from it.
fn bracketed(text: &str, nests: bool) -> Option<&str> {
    let inner = text.strip_prefix('[')?;
    let mut depth = 1;
    let mut before = b' ';
    let end = inner.bytes().take(MAX_MACRO).position(|byte| {
        if before != b'\\' {
            depth += i32::from(byte == b'[' && nests) - i32::from(byte == b']');
        }
        before = byte;
        depth == 0
    })?;
    Some(&inner[..end])
}

impl Walk<'_> {
    pub fn inline_macro(&mut self, scan: &mut Scan) -> Option<usize> {
        let rest = scan.rest();
        let name = name_of(rest)?;
        let is_within = scan.before().is_some_and(|c| c.is_alphanumeric() || c == '_');
        if is_within && !matches!(name, "footnote" | "footnoteref" | "pass") {
            return None;
        }
        let after = &rest[name.len() + 1..];
        if matches!(name, "http" | "https" | "ftp" | "irc") {
            return self.address(scan, name);
        }
        let end = after.bytes().take(MAX_ADDRESS).position(|byte| byte == b'[' || byte == b'\n')?;
        // `footnote:[see https://a.example[there]]`
        let nests = name.starts_with("footnote") || after[end..].starts_with("[image:");
        let target = &after[..end];
        let whole = bracketed(&after[end..], nests).or_else(|| bracketed(&after[end..], false));
        let brackets = whole?;
        let fits = !target.starts_with([':', ' ']) && (!target.contains(' ') || name == "menu");
        fits.then(|| self.flush(scan))?;
        let said = brackets.replace("\\]", "]");
        match name {
            "link" => self.link(target, &said),
            "mailto" => {
                let text = said.split(',').next().unwrap_or("");
                let address = format!("mailto:{target}");
                self.anchor(&address, if text.is_empty() { target } else { text });
            }
            "xref" => self.cross(target, Some(said.as_str()).filter(|text| !text.is_empty())),
            "image" => self.image(target, &AttributeList::of(&said)),
            "footnote" | "footnoteref" => self.footnote(name, target, &said),
            "pass" if target.contains(['q', 'm', 'n', 'a']) => {
                let escapes = target.contains(['c', 'n']);
                let raw = std::mem::replace(&mut self.raw, !escapes);
                self.marked(&said);
                self.raw = raw;
            }
            "pass" if target.contains('c') => self.html.push_str(&escape(&said)),
            "pass" => self.html.push_str(&said),
            "kbd" | "btn" => self.html.extend(["<kbd>", &escape(&said), "</kbd>"]),
            "menu" => {
                let items = said.split('>').map(str::trim).filter(|item| !item.is_empty());
                let path: Vec<&str> = std::iter::once(target).chain(items).collect();
                self.html.push_str(&escape(path.join(" › ")));
            }
            "stem" | "latexmath" | "asciimath" => {
                self.html.extend(["<code>", &escape(&said), "</code>"]);
            }
            "indexterm2" => self.marked(&said),
            // Icons, anchors and what stands in an index only.
            _ => {}
        }
        Some(name.len() + 1 + end + brackets.len() + 2)
    }

    /// `https://a.example[text]`, or one that stands in the text as it is.
    fn address(&mut self, scan: &mut Scan, scheme: &str) -> Option<usize> {
        let rest = scan.rest();
        rest[scheme.len()..].starts_with("://").then_some(())?;
        let short = &rest[..rest.floor_char_boundary(MAX_ADDRESS)];
        let is_end = |c: char| c.is_whitespace() || "<>[]\"`".contains(c);
        let end = short.find(is_end).unwrap_or(short.len());
        // A picture that leads somewhere.
        let brackets = bracketed(&rest[end..], rest[end..].starts_with("[image:"));
        if let Some(said) = brackets {
            self.flush(scan);
            self.link(&rest[..end], &said.replace("\\]", "]"));
            return Some(end + said.len() + 2);
        }
        let url = trim_url(&short[..end]).trim_end_matches([';', ')', '\'']);
        (url.len() > scheme.len() + 3).then(|| self.flush(scan))?;
        let is_short = self.attributes.get("hide-uri-scheme").is_some();
        self.anchor(url, if is_short { &url[scheme.len() + 3..] } else { url });
        Some(url.len())
    }

    /// A link with what stands in its brackets: a text, and perhaps attributes.
    fn link(&mut self, target: &str, said: &str) {
        let target =
            target.strip_prefix("++").and_then(|rest| rest.strip_suffix("++")).unwrap_or(target);
        let list = said.contains('=').then(|| AttributeList::of(said));
        let text = match &list {
            Some(list) if !list.named.is_empty() => list.at(0).unwrap_or(""),
            _ => said,
        };
        // A caret asks for a window of its own.
        let text = text.strip_suffix('^').unwrap_or(text);
        let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        match text.is_empty() {
            true => self.anchor(target, target),
            false => self.open_anchor(target, |walk| walk.marked(text)),
        }
    }

    pub fn anchor(&mut self, address: &str, text: &str) {
        self.open_anchor(address, |walk| walk.html.push_str(&escape(text)));
    }

    fn open_anchor(&mut self, address: &str, inside: impl FnOnce(&mut Self)) {
        let resolved = (self.resolve)(address);
        let address = resolved.as_deref().unwrap_or(address);
        self.html.extend(["<a href=\"", &escape(address), "\">"]);
        inside(self);
        self.html.push_str("</a>");
    }

    /// A reference to another place: its own text, else the title of what it leads to.
    pub fn cross(&mut self, target: &str, text: Option<&str>) {
        let is_file = target.split('#').next().is_some_and(|file| file.contains('.'));
        if is_file {
            let path = target.rsplit_once(':').map_or(target, |(_, path)| path);
            let shown = text.map_or_else(|| path.to_string(), str::to_string);
            return self.open_anchor(path, |walk| walk.marked(&shown));
        }
        let id = target.trim_start_matches('#');
        let title = text.map(str::to_string).or_else(|| {
            let title = self.titles.get(id).cloned()?;
            self.attributes.spend(title.len()).then_some(title)
        });
        match title {
            Some(title) => self.inline(&title),
            None => self.html.extend(["[", &escape(id), "]"]),
        }
    }

    fn image(&mut self, target: &str, list: &AttributeList) {
        let folder = self.attributes.get("imagesdir").filter(|_| {
            !target.starts_with(['/', '#'])
                && !target.contains("://")
                && !target.starts_with("data:")
        });
        let address = match folder.filter(|folder| !folder.is_empty()) {
            Some(folder) => format!("{}/{target}", folder.trim_end_matches('/')),
            None => target.to_string(),
        };
        let own = || {
            let name = target.rsplit('/').next().unwrap_or(target);
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            stem.replace(['-', '_'], " ")
        };
        let alt = list.named("alt").or(list.at(0)).map_or_else(own, str::to_string);
        let link = list.named("link").filter(|link| !link.is_empty() && *link != "self");
        if let Some(link) = link {
            self.html.extend(["<a href=\"", &escape(link), "\">"]);
        }
        self.html.extend(["<img src=\"", &escape(&address), "\" alt=\"", &escape(&alt), "\""]);
        let size = |name: &str, at: usize| list.named(name).or(list.at(at)).map(str::to_string);
        for (name, at) in [("width", 1), ("height", 2)] {
            let number = size(name, at).filter(|size| size.bytes().all(|b| b.is_ascii_digit()));
            if let Some(number) = number {
                self.html.extend([" ", name, "=\"", &number, "\""]);
            }
        }
        self.html.push('>');
        self.html.push_str(if link.is_some() { "</a>" } else { "" });
    }

    /// `footnote:[text]`, `footnote:id[text]`, `footnote:id[]`, `footnoteref:[id,text]`
    fn footnote(&mut self, name: &str, target: &str, said: &str) {
        let (id, text) = match (name, said.split_once(',')) {
            ("footnoteref", Some((id, text))) => (id.trim(), text.trim()),
            ("footnoteref", None) => (said, ""),
            _ => (target, said),
        };
        let known = self.note_names.get(id).copied().filter(|_| !id.is_empty());
        let number = known.unwrap_or_else(|| {
            if self.noted.len() < MAX_NOTES {
                self.noted.push(text.to_string());
            }
            if !id.is_empty() {
                self.note_names.insert(id.to_string(), self.noted.len());
            }
            self.noted.len()
        });
        self.html.push_str(&format!("<sup>[{number}]</sup>"));
    }

    /// `image::target[alt]` and the like, alone in a line; `false` for what is a paragraph.
    pub fn block_macro(&mut self, line: &str, meta: &Meta) -> bool {
        let Some((name, rest)) = line.split_once("::") else { return false };
        let Some((target, said)) = rest.strip_suffix(']').and_then(|rest| rest.split_once('['))
        else {
            return false;
        };
        let target = self.attributes.expand(target).into_owned();
        let said = AttributeList::of(&self.attributes.expand(said));
        match name {
            "image" if !target.is_empty() => {
                let (open, close) = match meta.title {
                    Some(_) => ("<figure>\n", "\n</figure>\n"),
                    None => ("<p>", "</p>\n"),
                };
                self.html.push_str(open);
                self.image(&target, &said);
                self.captioned("\n<figcaption>", meta, Some("Figure"), "</figcaption>");
                self.html.push_str(close);
            }
            "video" | "audio" if !target.is_empty() => {
                self.titled(meta, None);
                self.media(&target, said.at(0).unwrap_or(""));
            }
            "toc" => {}
            _ => return false,
        }
        true
    }

    /// A link: no reader runs a player of somebody else's.
    fn media(&mut self, target: &str, host: &str) {
        let page = match host {
            "youtube" => format!("https://www.youtube.com/watch?v={target}"),
            "vimeo" => format!("https://vimeo.com/{target}"),
            _ => target.to_string(),
        };
        self.html.push_str("<p>");
        self.anchor(&page, &page);
        self.html.push_str("</p>\n");
    }
}
