//! Front matter fields → a head, by one table of names that generators and authors use.

mod form;
mod terms;
mod visibility;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::declared::PatternPart;
use super::flavour::words::{as_part, below_posts};
use super::flavour::{self, Clocks, Known};
use super::found::naive_zone;
use super::front_matter::FrontMatter;
use super::{Conventions, Head, Problem, Provenance};
use super::{attached, blocks, dates, language, markdown, people};

pub(super) use form::Form;
pub use form::Inherited;
use form::is_no_date;
pub use terms::category_path;
use terms::{categories, list, tags};
use visibility::hidden;

/// Longest title, in characters; what is longer is no title but a mistake.
const MAX_TITLE: usize = 1_000;
/// Most categories, tags or authors of one article.
pub(super) const MAX_LIST: usize = 64;

const PUBLISHED: &[&str] = &[
    "publishdate",
    "date",
    "pubdate",
    "pubdatetime",
    "published",
    "published_at",
    "publishedat",
    "publisheddate",
    "datepublished",
    "date-published",
    "publish_date",
    "created",
    "created_at",
    "createdat",
];
const UPDATED: &[&str] = &[
    "lastmod",
    "moddatetime",
    "modified",
    "updated",
    "updateddate",
    "updatedat",
    "updatedate",
    "updated_at",
    "last_modified_at",
    "last-modified",
    "last_update",
];
const EXPIRES: &[&str] = &["expirydate", "unpublishdate", "expires"];
const ID: &[&str] = &["guid", "id", "uuid", "uid", "feed_id"];
const ALIASES: &[&str] = &["aliases", "redirect_from"];
const LANGUAGE: &[&str] = &["lang", "language", "locale"];
/// What the fields give.
#[derive(Default)]
pub struct Read {
    pub head: Head,
    /// A tag calls it a post.
    pub called_post: bool,
    /// The problem with its date, if it has one that cannot be read.
    pub bad_date: Option<usize>,
}

/// Reads the fields that the author gave, and those that the article inherits. `written` finds out
/// the language of its body.
pub fn read(
    matter: &FrontMatter,
    inherited: &[Inherited],
    path: &str,
    conventions: &Conventions,
    written: &dyn Fn() -> Option<String>,
    from: &mut Provenance,
    problems: &mut Vec<Problem>,
) -> Read {
    let own = ("front matter", matter.fields.as_slice());
    let mut form = Form::new(own, inherited, path, conventions, from, problems);
    let zone = naive_zone(conventions);
    let language = language(&mut form);
    let named = language.clone().or_else(|| conventions.language.clone());
    let order = dates::Language { named, written };
    let summary = form.prose("summary", conventions.flavour.summary);
    let (tags, called_post) = tags(&mut form);
    let declared = &conventions.declared;
    let title = declared.title_field.as_deref().and_then(|own| form.prose("title", &[own]));
    let title = title.or_else(|| form.prose("title", &["title"])).map(shorten).unwrap_or_default();
    let problems_before = form.problems.len();
    let published = declared
        .date_field
        .as_deref()
        .and_then(|own| form.date("published", &[own], &zone, &order));
    let published = published.or_else(|| form.date("published", PUBLISHED, &zone, &order));
    let is_bad = published.is_none() && form.problems.len() > problems_before;
    let bad_date = is_bad.then_some(problems_before);
    let head = Head {
        title: if conventions.flavour.smart_titles {
            markdown::with_smart_punctuation(&markup_taken_off(title))
        } else {
            title
        },
        link: link(&mut form),
        page: None,
        slug: form.word("slug").map(|slug| slug.trim_matches('/').to_string()),
        id: form.text("id", ID),
        aliases: list(form.find(ALIASES).as_deref(), |text| vec![text.to_string()]),
        published,
        updated: form.date("updated", UPDATED, &zone, &order),
        expires: form.date("expires", EXPIRES, &zone, &order),
        hidden: hidden(&form),
        foreign: false,
        furniture: Vec::new(),
        dated: None,
        minor: form.flag("minor").unwrap_or(false),
        authors: people::authors(&mut form),
        categories: categories(&mut form, &tags),
        tags,
        image: attached::image(&mut form),
        enclosures: attached::enclosures(&mut form),
        summary,
        language,
        meaning: [0; 32],
    };
    let dated = dated(&form, head.published, &zone, &order);
    Read { head: Head { dated, ..head }, called_post, bad_date }
}

/// The day of an address, where that is another one than that of the feeds.
fn dated(
    form: &Form,
    published: Option<Timestamp>,
    zone: &TimeZone,
    order: &dates::Language,
) -> Option<Timestamp> {
    let (published, flavour) = (published?, form.conventions.flavour);
    if form.declared().day_of_name {
        let page = flavour::page_path(form.path, flavour);
        let name = page.rsplit('/').next().unwrap_or(page);
        let (day, _) = flavour::dated_name(name)?;
        return form.conventions.timezone.to_timestamp(day.at(0, 0, 0, 0)).ok();
    }
    if !flavour.date_from_change && flavour.clocks == Clocks::Site {
        return None;
    }
    let said = |names: &[&str]| form.each(names).find(|field| !is_no_date(field));
    // Hugo's addresses have the `date`, its feeds the `publishDate`.
    let own = said(&["date"]).filter(|_| flavour.date_from_change);
    let text = own.or_else(|| said(PUBLISHED))?.field.value.as_str()?;
    let at = match own {
        Some(_) => order.tells(|language| dates::parse_field(text, zone, language)).ok()?,
        None => published,
    };
    let clocks = match flavour.clocks {
        Clocks::Site => None,
        Clocks::Own => dates::named_offset(text),
        Clocks::Utc => dates::named_offset(text).map(|_| Offset::UTC),
    };
    let shown = clocks.map_or(at, |clocks| dates::on_clocks_of(zone, clocks, at));
    (shown != published).then_some(shown)
}

/// jekyll-feed shows titles without their markup.
fn markup_taken_off(title: String) -> String {
    if !title.contains(['<', '&']) {
        return title;
    }
    blocks::text_of(&title).filter(|text| !text.is_empty()).unwrap_or(title)
}

/// White space of any kind, line breaks included, becomes single spaces; other control
/// characters mean nothing in one line of text.
pub fn one_line(text: &str) -> String {
    if is_one_line(text) { text.to_string() } else { tidied(text) }
}

fn tidied(text: &str) -> String {
    let is_noise =
        |c: char| (c.is_control() && !c.is_whitespace()) || ('\u{fffe}'..='\u{ffff}').contains(&c);
    let text: std::borrow::Cow<str> =
        if text.contains(is_noise) { text.replace(is_noise, "").into() } else { text.into() };
    // Spaces of a certain width or without a break are meant.
    let is_gap = |c: char| {
        (c.is_whitespace() && (c.is_control() || c == ' ')) || matches!(c, '\u{2028}' | '\u{2029}')
    };
    let words = text.trim().split(is_gap).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a text has neither white space to be tidied nor noise, as nearly all have not: told by
/// its bytes, a C1 control (`C2 80` to `C2 9F`), U+2028 and its neighbours (`E2 80`) and the
/// last characters of the first plane (`EF BF`) by the first of theirs.
fn is_one_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let odd = |byte: u8| byte < 0x20 || byte == 0x7F || matches!(byte, 0xC2 | 0xE2 | 0xEF);
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    let any_odd = bytes.iter().fold(false, |any, byte| any | odd(*byte));
    let any_gap = pairs.fold(false, |any, (one, next)| any | ((*one == b' ') & (*next == b' ')));
    !any_odd && !any_gap && text.trim().len() == text.len()
}

pub(super) fn shorten(title: String) -> String {
    match title.char_indices().nth(MAX_TITLE) {
        Some((at, _)) => format!("{}…", &title[..at]),
        None => title,
    }
}

fn language(form: &mut Form) -> Option<String> {
    let text = form.text("language", LANGUAGE)?;
    let tag = language::tag(&text).or_else(|| language::named(&text));
    if tag.is_none() {
        form.from.unset("language");
        let field = form.find(LANGUAGE)?;
        form.warn(field, format!("`{}: {text}` is no language tag, such as `vi`", field.key));
    }
    tag
}

/// A whole address, a path, or a pattern in the words of a permalink.
fn link(form: &mut Form) -> Option<String> {
    let flavour = form.conventions.flavour;
    let Some(link) = form.text("link", flavour.link) else { return link_of_fields(form) };
    let field = |name: &str| form.find(&[name])?.value.as_str().map(str::to_string);
    let known = Known { declared: form.declared(), field: &field };
    let own = if link == "false" { None } else { (flavour.own_link)(&link, &known) };
    if own.is_none() {
        form.from.unset("link");
        if link != "false"
            && !form.conventions.own_pattern
            && let Some(field) = form.find(flavour.link)
        {
            let message = "its address is computed, which is not done here, and taken to be the \
                           usual one; set `[content] permalink`";
            form.warn(field, message.into());
        }
    }
    own
}

/// Of a site whose pattern of addresses names fields of the article.
fn link_of_fields(form: &mut Form) -> Option<String> {
    let conventions = form.conventions;
    let declared = &conventions.declared;
    let of_fields = declared.permalink_of_fields.as_ref().filter(|_| !conventions.own_pattern)?;
    // What the name of its file gives counts more.
    let flavour = conventions.flavour;
    let below = below_posts(flavour::page_path(form.path, flavour), flavour.posts);
    let names = declared.post_names.as_ref();
    let named = names.map(|names| names.parts(below)).unwrap_or_default();
    let value = |name: &str, usual: &Option<String>| {
        let in_name = named.iter().find(|(word, _)| word.eq_ignore_ascii_case(name));
        let field = form.find(&[name]);
        let said = field.and_then(|said| said.field.value.as_str().map(one_line));
        let said = said.filter(|said| !said.is_empty());
        in_name.map(|(_, part)| part.to_string()).or(said).or_else(|| usual.clone())
    };
    let mut link = String::new();
    for part in &of_fields.parts {
        match part {
            PatternPart::Pattern(text) => link.push_str(text),
            PatternPart::Field(name, usual) => match value(name, usual) {
                // Whatever follows these is of another page.
                Some(value) if of_fields.or_usual => {
                    link.push_str(&as_part(&value).replace('?', "%3F").replace('#', "%23"));
                }
                Some(value) => link.push_str(&as_part(&value)),
                None if of_fields.or_usual => return None,
                None => {
                    let message =
                        format!("its address is made of `{name}`, which it does not have");
                    form.problems.push(Problem::warning(form.path, None, message));
                    return None;
                }
            },
        }
    }
    form.from.set("link", "the site's pattern, filled with fields");
    Some(link)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::article::flavour::{Flavour, Forms};
    use crate::article::front_matter;

    fn read(fields: &str, flavour: &str) -> Head {
        let conventions = Conventions::of(Flavour::named(flavour).unwrap());
        let text = format!("---\n{fields}\n---\n");
        let (matter, _) = front_matter::split(&text, Forms::default()).unwrap();
        let mut problems = Vec::new();
        let from = &mut Provenance::default();
        let read =
            super::read(&matter.unwrap(), &[], "a.md", &conventions, &|| None, from, &mut problems);
        let head = read.head;
        assert_eq!(problems, [], "{fields}");
        head
    }

    fn check<T: PartialEq + std::fmt::Debug>(
        fields: &[&str],
        field: impl Fn(Head) -> T,
        expected: T,
    ) {
        for fields in fields {
            assert_eq!(field(read(fields, "plain")), expected, "{fields}");
        }
    }

    #[test]
    fn what_needs_no_tidying_is_told() {
        let mut untouched = 0;
        for c in (0..=0x10FFFF).filter_map(char::from_u32) {
            for text in [format!("a{c}b"), format!("{c}"), format!("a {c}"), format!("{c} b")] {
                assert_eq!(one_line(&text), tidied(&text), "{c:?}");
                untouched += usize::from(is_one_line(&text));
            }
        }
        assert!(untouched > 4_000_000, "{untouched}");
        for text in ["", "a  b", " a", "a ", "a b"] {
            assert_eq!(one_line(text), tidied(text), "{text:?}");
        }
    }

    #[test]
    fn every_generators_names_for_dates_are_understood() {
        let day: Timestamp = "2024-05-06T00:00:00Z".parse().unwrap();
        let dates = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| format!("{name}: 2024-05-06")).collect()
        };
        for date in dates(&[
            "date",
            "Date",
            "publishDate",
            "pubDate",
            "published",
            "published_at",
            "created",
        ]) {
            check(&[&date], |head| head.published, Some(day));
        }
        for date in dates(&[
            "lastmod",
            "moddatetime",
            "modified",
            "updated",
            "updatedDate",
            "updated_at",
            "last_modified_at",
        ]) {
            check(&[&date], |head| head.updated, Some(day));
        }
        check(&["last_update: {date: 2024-05-06}"], |head| head.updated, Some(day));
        for date in dates(&["expiryDate", "unpublishDate", "expires"]) {
            check(&[&date], |head| head.expires, Some(day));
        }
    }

    #[test]
    fn every_generators_names_for_what_stays_unseen_are_understood() {
        check(
            &[
                "draft: true",
                "published: false",
                "publish: false",
                "private: true",
                "status: draft",
                "status: hidden",
                "unlisted: true",
                "hidden: yes",
                "headless: true",
                "build: {list: never}",
                "_build: {render: never}",
                "eleventyExcludeFromCollections: true",
                "permalink: false",
                "feed: false",
            ],
            |head| head.hidden,
            true,
        );
        check(&["published: true", "draft: false", "title: x"], |head| head.hidden, false);
        // In tables of the author's own such words mean something else.
        let own =
            ["params: {draft: true, url: https://b.example/}", "extra: {path: /i.png, slug: z}"];
        check(&own, |head| (head.hidden, head.link, head.slug), (false, None, None));
    }

    #[test]
    fn every_generators_names_for_what_an_article_is_are_understood() {
        check(
            &["id: x", "guid: x", "uuid: x", "uid: x", "feed_id: x", "params: {id: x}"],
            |head| head.id,
            Some("x".into()),
        );
        check(
            &["url: /x", "permalink: /x", "path: /x", "link: /x", "external_url: /x"],
            |head| head.link,
            Some("/x".into()),
        );
        check(&["aliases: [/x]", "redirect_from: /x"], |head| head.aliases, vec!["/x".into()]);
        check(
            &[
                "summary: x",
                "excerpt: x",
                "description: x",
                "intro: x",
                "abstract: x",
                "subtitle: x",
            ],
            |head| head.summary,
            Some("x".into()),
        );
        check(
            &["category: x", "categories: x", "categories: [x]", "taxonomies: {categories: [x]}"],
            |head| head.categories,
            vec!["x".into()],
        );
        check(
            &[
                "tags: [x, y]",
                "tags: x, y",
                "tag: [x, y]",
                "keywords: x; y",
                "extra: {tags: [x, y]}",
            ],
            |head| head.tags,
            vec!["x".into(), "y".into()],
        );
        check(
            &["author: x", "authors: [x]", "creator: x", "byline: x", "author: {name: x}"],
            |head| head.authors.into_iter().map(|person| person.name).collect::<Vec<_>>(),
            vec!["x".into()],
        );
        check(
            &[
                "image: x",
                "image: {path: x}",
                "images: [x]",
                "cover: x",
                "cover: {image: x}",
                "heroImage: x",
                "thumbnail: x",
                "featured_image: x",
                "banner: x",
            ],
            |head| head.image,
            Some("x".into()),
        );
        check(&["lang: vi", "language: vi", "locale: vi"], |head| head.language, Some("vi".into()));
        check(
            &[
                "enclosure: x.mp3",
                "audio: x.mp3",
                "enclosure: {url: x.mp3}",
                "enclosure: {src: x.mp3, type: audio/mpeg}",
            ],
            |head| head.enclosures[0].media_type.clone(),
            "audio/mpeg".into(),
        );
    }

    #[test]
    fn what_a_list_means_follows_the_flavour() {
        for (fields, flavour, expected) in [
            ("categories: a b", "jekyll", &["a", "b"][..]),
            ("categories: a b", "hugo", &["a b"]),
            ("category: a, b", "plain", &["a, b"]),
            ("categories: [a, b]", "hexo", &["a/b"]),
            ("categories: [[a, b], c]", "hexo", &["a/b", "c"]),
            ("category: A / B", "plain", &["A/B"]),
        ] {
            assert_eq!(read(fields, flavour).categories, expected, "{fields} in {flavour}");
        }
    }
}
