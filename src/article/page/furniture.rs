//! What stands around an article, and within it, without being part of it: bylines, captions,
//! share buttons, links to other articles, invitations to subscribe.

use dom_query::{Document, NodeRef};

use crate::article::dates;
use crate::article::summary::width;
use crate::article::text::ends_sentence;
use crate::article::unseen;

/// Words in class names and ids that mark what is no part of an article, in any language's pages:
/// they are the vocabulary of templates.
const MARKS: &[&str] = &[
    "ad",
    "ads",
    "advert",
    "advertisement",
    "advertising",
    "sponsor",
    "sponsored",
    "promo",
    "promotion",
    "byline",
    "authorbio",
    "bio",
    "breadcrumb",
    "breadcrumbs",
    "caption",
    "credit",
    "credits",
    "comment",
    "comments",
    "disqus",
    "cookie",
    "cookies",
    "consent",
    "gdpr",
    "dateline",
    "timestamp",
    "donate",
    "footer",
    "newsletter",
    "signup",
    "subscribe",
    "subscription",
    "paywall",
    "related",
    "recommended",
    "recommendation",
    "recommendations",
    "readmore",
    "recirc",
    "recirculation",
    "share",
    "sharing",
    "sharebar",
    "social",
    "addthis",
    "sharedaddy",
    "sidebar",
    "tags",
    "taglist",
    "taboola",
    "outbrain",
    "teaser",
    "toolbar",
    "trending",
    "popular",
    "widget",
    "popup",
    "modal",
    "copyright",
    "imagecredit",
    "figcaption",
    "mostread",
    "morefrom",
    "print",
    "jp-relatedposts",
    "pagination",
    "pager",
    "postmeta",
    "entrymeta",
    "metadata",
    "navigation",
    "nav",
    "menu",
    "skip",
    "visuallyhidden",
    "hidden",
    "noprint",
    "player",
    "rating",
    "ratings",
    // The same in the languages whose sites name their boxes so.
    "anzeige",
    "werbung",
    "kommentare",
    "leserkommentare",
    "schlagworte",
    "lesezeit",
    "boletin",
    "comentarios",
    "comentario",
    "publicidad",
    "relacionados",
    "relacionadas",
    "publicidade",
    "commentaires",
    "commentaire",
    "publicite",
    "commenti",
    "correlati",
    "pubblicita",
    "reactions",
    "reacties",
    "kommentarer",
];

/// The words of an element's class names and id, in lower case: `postMeta-top` has `post`, `meta`,
/// `postmeta` and `top`.
pub fn names_of(node: &NodeRef) -> impl Iterator<Item = String> + use<> {
    let said = [node.class(), node.id_attr()];
    let mut names = Vec::new();
    for name in said.iter().flatten().flat_map(|text| text.split_whitespace()) {
        if name.len() > 80 {
            continue;
        }
        let parts: Vec<String> = name
            .split(|c: char| !c.is_alphanumeric())
            .flat_map(humps)
            .map(|part| part.to_lowercase())
            .collect();
        names.extend(parts.windows(2).map(|pair| pair.concat()));
        names.extend(parts);
    }
    names.into_iter()
}

/// `postMeta` → `post`, `Meta`
fn humps(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut small = false;
    for (at, c) in name.char_indices() {
        if c.is_uppercase() && small {
            parts.push(&name[start..at]);
            start = at;
        }
        small = c.is_lowercase();
    }
    parts.push(&name[start..]);
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// How much text all paragraphs of a page have.
pub fn paragraphs_width(document: &Document) -> usize {
    document.select("p").nodes().iter().map(width_of).sum()
}

/// How much text the paragraphs of an element have, but for their links.
pub fn prose_width(node: &NodeRef) -> usize {
    let paragraphs =
        node.descendants_it().filter(|inner| inner.node_name().is_some_and(|name| &*name == "p"));
    paragraphs.map(|node| width_of(&node).saturating_sub(link_width(&node))).sum()
}

/// Whether what was found lies within a part of the page: its widest paragraph does.
pub fn holds(part: &Document, found: &Document) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let widest = leaves(found).into_iter().max_by_key(width_of);
    widest.is_some_and(|leaf| words(&part.text()).contains(&words(&leaf.text())))
}

pub fn text_width(document: &Document) -> usize {
    document.select("body").nodes().iter().map(width_of).sum()
}

fn width_of(node: &NodeRef) -> usize {
    node.text().split_whitespace().map(|word| word.chars().count() + 1).sum()
}

/// Takes out of a whole page what its template marks as furniture, unless it holds much of the
/// page's text: some sites name their article's own box so.
pub fn strip(document: &Document) {
    let all = paragraphs_width(document);
    drop_asking(document, all);
    document
        .select(
            "iframe, object, embed, script, style, noscript, template, button, select, input, \
             textarea, [hidden], [aria-hidden=true], dialog, svg, menu",
        )
        .remove();
    let marked = document.select("body [class], body [id], aside, footer, nav");
    for node in marked.nodes() {
        let name = node.node_name();
        let name = name.as_deref().unwrap_or("");
        if matches!(name, "body" | "html" | "main" | "article" | "h1") {
            continue;
        }
        let is_marked = matches!(name, "aside" | "footer" | "nav")
            || names_of(node).any(|name| MARKS.contains(&name.as_str()));
        if is_marked && width_of(node) * 4 <= all.max(400) && !is_within_a_sentence(node, name) {
            node.remove_from_parent();
        }
    }
}

/// Takes out what its style hides.
pub fn drop_hidden(document: &Document) {
    for node in document.select("[style]").nodes() {
        let style = node.attr("style").unwrap_or_default();
        if unseen::marked("div", "style", &style).is_some() {
            node.remove_from_parent();
        }
    }
}

/// Takes out images whose style hides them: Readability takes the styles away.
pub fn drop_unseen(document: &Document) {
    for image in document.select("img[style]").nodes() {
        let style = image.attr("style").unwrap_or_default();
        if unseen::marked("img", "style", &style).is_some() {
            image.remove_from_parent();
        }
    }
}

/// Takes out small boxes that ask for something to be written in: a newsletter's, a search.
fn drop_asking(document: &Document, all: usize) {
    let controls = document.select("input:not([type=hidden]), textarea, select");
    for control in controls.nodes().iter().take(200) {
        let is_box = |node: &NodeRef| {
            ["div", "section", "form", "aside", "td"].iter().any(|name| is_named(node, name))
        };
        let around = control.ancestors_it(Some(6)).find(|node| is_box(node) && width_of(node) > 0);
        if let Some(around) = around.filter(|node| width_of(node) <= (all / 4).min(400)) {
            around.remove_from_parent();
        }
    }
}

/// A word of a paragraph, rather than a box of its own.
fn is_within_a_sentence(node: &NodeRef, name: &str) -> bool {
    let inline = matches!(
        name,
        "a" | "span"
            | "b"
            | "strong"
            | "i"
            | "em"
            | "mark"
            | "abbr"
            | "time"
            | "font"
            | "u"
            | "small"
            | "sup"
            | "sub"
            | "q"
            | "cite"
    );
    inline && node.parent().is_some_and(|parent| width_of(&parent) > 2 * width_of(node))
}

/// Takes out of an extracted article what its shape alone gives away.
pub fn tidy(document: &Document) {
    drop_links(document);
    drop_repeated(document);
    drop_ends(document);
}

const BLOCKS: &str = "p, li, h1, h2, h3, h4, h5, h6, blockquote, td, figcaption, pre, dt, dd, div";

/// Elements that hold text of their own rather than other blocks.
pub fn leaves<'a>(document: &'a Document) -> Vec<NodeRef<'a>> {
    let all = document.select(BLOCKS);
    let is_leaf = |node: &&NodeRef| {
        !node.text().trim().is_empty()
            && !node.descendants_it().any(|inner| {
                let name = inner.node_name();
                name.is_some_and(|name| is_block(&name))
            })
    };
    all.nodes().iter().filter(is_leaf).cloned().collect()
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "li"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "blockquote"
            | "td"
            | "figcaption"
            | "pre"
            | "dt"
            | "dd"
            | "div"
            | "ul"
            | "ol"
            | "table"
            | "figure"
            | "section"
    )
}

fn link_width(node: &NodeRef) -> usize {
    let links = node.descendants_it().filter(|inner| {
        inner.node_name().is_some_and(|name| &*name == "a") && inner.has_attr("href")
    });
    links.map(|link| width_of(&link)).sum()
}

/// `Read more: another article`: a line that is a link, or little else.
fn drop_links(document: &Document) {
    for node in leaves(document) {
        let name = node.node_name();
        let name = name.as_deref().unwrap_or("");
        if !matches!(name, "p" | "div" | "h2" | "h3" | "h4" | "h5" | "h6") {
            continue;
        }
        let (all, links) = (width_of(&node), link_width(&node));
        let text = node.text();
        let sentence = ends_sentence(text.trim()) && links * 10 < all * 9;
        if links * 10 >= all * 6 && all <= 250 && !sentence {
            node.remove_from_parent();
        }
    }
}

/// Short lines that stand several times, captions of a gallery and calls to share; and of a
/// paragraph that does, all but the first. Cells and code repeat what they mean to.
fn drop_repeated(document: &Document) {
    let leaves = leaves(document);
    let mut counts = std::collections::HashMap::new();
    for node in &leaves {
        *counts.entry(node.text().trim().to_string()).or_insert(0_usize) += 1;
    }
    let mut kept = std::collections::HashSet::new();
    for node in leaves {
        let text = node.text().trim().to_string();
        let is_repeated = counts.get(&text).is_some_and(|count| *count > 1);
        if !is_repeated || text.chars().count() <= 3 || repeats_on_purpose(&node) {
            continue;
        }
        if width(&text) < PARAGRAPH || !kept.insert(text) {
            node.remove_from_parent();
        }
    }
}

/// Whether it is a cell, code or a definition, or stands in one.
fn repeats_on_purpose(node: &NodeRef) -> bool {
    let mut around = Some(*node);
    std::iter::from_fn(|| {
        let node = around.take()?;
        around = node.parent();
        Some(node)
    })
    .take(4)
    .any(|node| ["td", "th", "pre", "dd"].iter().any(|name| is_named(&node, name)))
}

/// No line of furniture is as wide.
const PARAGRAPH: usize = 120;

/// What stands before the first sentence and after the last, but for headings among it.
fn drop_ends(document: &Document) {
    let leaves = leaves(document);
    let texts: Vec<String> = leaves
        .iter()
        .map(|node| node.text().split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let is_prose = |at: &usize| {
        let text = &texts[*at];
        let heading = matches!(
            &*leaves[*at].node_name().unwrap_or_default(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "figcaption"
        );
        !heading
            && !dates::is_date_line(text)
            && ((ends_sentence(text) && width(text) >= 40) || width(text) >= 120)
    };
    let prose: Vec<usize> = (0..leaves.len()).filter(is_prose).collect();
    let (Some(first), Some(last)) = (prose.first(), prose.last()) else { return };
    for at in 0..*first {
        let is_list =
            leaves[at].node_name().is_some_and(|name| matches!(&*name, "pre" | "li" | "td"));
        let short = width(&texts[at]) < 120;
        if short && !is_list && !(ends_sentence(&texts[at]) && width(&texts[at]) >= 25) {
            leaves[at].remove_from_parent();
        }
    }
    for at in last + 1..leaves.len() {
        let is_list = is_named(&leaves[at], "pre") || is_named(&leaves[at], "td");
        // A list may end an article, but not one of links.
        let is_item = is_named(&leaves[at], "li")
            && link_width(&leaves[at]) * 2 < width_of(&leaves[at])
            && at - last <= 40;
        let is_sentence = ends_sentence(&texts[at]) && width(&texts[at]) >= 12;
        if !is_list && !is_item && !is_sentence {
            leaves[at].remove_from_parent();
        }
    }
}

fn is_named(node: &NodeRef, name: &str) -> bool {
    node.node_name().is_some_and(|own| &*own == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(html: &str) -> String {
        let document = Document::from(html);
        strip(&document);
        tidy(&document);
        document.select_single("body").text().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn furniture_goes_by_its_name_and_its_shape() {
        let prose = "A sentence that is long enough to be one of the article's own, and ends. ";
        let html = format!(
            "<body><div class='postMeta'>By Ann</div><p>12 May 2024</p><p>{prose}</p>\
             <p>See more: <a href='/x'>Another article about it</a></p><p>{prose}Again.</p>\
             <div class=share-bar>Share</div><p>Ann Other</p></body>"
        );
        assert_eq!(left(&html), format!("{prose}{prose}Again."));
    }

    #[test]
    fn a_paragraph_that_stands_twice_stands_once() {
        let prose = "A sentence that is long enough to be one of the article's own, and it ends. ";
        let twice = prose.repeat(2);
        let html = format!(
            "<body><p>{twice}</p><p>Share this</p><p>{twice}</p><p>Share this</p>\
             <table><tr><td>10.5<td><p>10.5</p></table><p>{prose}End.</p></body>"
        );
        assert_eq!(left(&html), format!("{twice}10.510.5{prose}End."));
    }

    #[test]
    fn what_is_hidden_goes_with_what_is_in_it() {
        let document = Document::from("<div style='display: none'><p>a</p></div><p>b</p>");
        drop_hidden(&document);
        assert_eq!(&*document.text(), "b");
        let found = Document::from("<p>b</p>");
        assert!(holds(&document, &found) && !holds(&found, &Document::from("<p>c</p>")));
    }

    #[test]
    fn names_are_taken_apart() {
        let document = Document::from("<p class='postMeta top-bar' id=x_Y>");
        let node = document.select_single("p");
        let names: Vec<String> = names_of(&node.nodes()[0]).collect();
        for name in ["post", "meta", "postmeta", "top", "topbar", "x", "xy"] {
            assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
        }
    }
}
