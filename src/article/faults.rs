//! What is wrong with a body, told without making it: for `check`, which looks at all of them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::internal::Lead;
use super::internal::pictures::{self, Picture};
use super::problem::line_at;
use super::{Conventions, Head, Links, Opened, Problem, Source};
use super::{internal, markup, open, raw_html, sanitize};

/// Links of one article that lead nowhere and are told, and that are counted.
const MAX_LINKS: usize = 10;
const MAX_COUNTED: usize = 200;
const LEFT_OUT: &str = "pictures are left out whose addresses only the generator knows; those in its \
                        folder of files that stay as they are have one";

/// `link` is the entry's own address; `links` knows all articles.
pub fn of_body(
    source: Source,
    head: &Head,
    link: &str,
    links: Links,
    conventions: &Conventions,
) -> Vec<Problem> {
    let Ok(opened) = open(source, conventions, &mut Vec::new()) else { return Vec::new() };
    let dead = RefCell::new(BTreeSet::new());
    let resolve = |target: &str| {
        let lead = internal::resolve(target, source.path, links, conventions);
        if let Lead::Nowhere { file, .. } = lead {
            let mut dead = dead.borrow_mut();
            if dead.len() < MAX_COUNTED {
                dead.insert(file.to_string());
            }
        }
        lead.address()
    };
    let unknown = RefCell::new(BTreeSet::new());
    let pictures = |target: &str| {
        let found = pictures::find(target, source.path, &resolve, conventions);
        let mut unknown = unknown.borrow_mut();
        if found == Picture::Unknown && unknown.len() < MAX_COUNTED {
            unknown.insert(target.to_string());
        }
        found.address(target)
    };
    let raw = raw_html(&opened, head, source.path, &resolve, &pictures, conventions);
    let mut problems = Vec::new();
    if let Err(message) = sanitize::clean(&raw, link) {
        problems.push(Problem::error(source.path, None, message));
    }
    problems.extend(markup::inclusions(opened.kind, source.path, &opened.text, opened.body_at));
    problems.extend(dead_links(&dead.into_inner(), source.path, &opened));
    problems.extend(unknown_pictures(&unknown.into_inner(), source.path, &opened));
    problems
}

fn unknown_pictures(files: &BTreeSet<String>, path: &str, opened: &Opened) -> Option<Problem> {
    let (line, file) = files.iter().map(|file| (line_of(file, opened), file)).min()?;
    let others = others(files.len(), "");
    let others = if others.is_empty() { others } else { format!(" and {others}") };
    Some(Problem::warning(path, line, format!("{LEFT_OUT} (`{file}`{others})")))
}

/// What is told of pictures in many articles of a site is told once.
pub fn told_once(problems: Vec<Problem>) -> Vec<Problem> {
    let is_picture = |problem: &Problem| problem.message.starts_with(LEFT_OUT);
    let (mut pictures, mut problems): (Vec<Problem>, Vec<Problem>) =
        problems.into_iter().partition(is_picture);
    pictures.sort_by(|a, b| a.path.cmp(&b.path));
    let more = others(pictures.len(), " article");
    problems.extend(pictures.into_iter().next().map(|first| {
        let more = if more.is_empty() { more } else { format!(", and in {more}") };
        Problem { message: first.message + &more, ..first }
    }));
    problems
}

/// How many there are besides one: nothing, `1 other`, `2 others`.
fn others(count: usize, what: &str) -> String {
    match count {
        0 | 1 => String::new(),
        2 => format!("1 other{what}"),
        count => format!("{} other{what}s", count - 1),
    }
}

fn dead_links(files: &BTreeSet<String>, path: &str, opened: &Opened) -> Vec<Problem> {
    let mut found: Vec<(Option<u32>, &str)> =
        files.iter().map(|file| (line_of(file, opened), file.as_str())).collect();
    found.sort();
    let told = found.iter().take(MAX_LINKS).map(|(line, file)| {
        let message = format!(
            "a link leads to `{file}`, which is no article of these feeds: readers cannot follow it"
        );
        Problem::warning(path, *line, message)
    });
    let mut told: Vec<Problem> = told.collect();
    if let Some((line, _)) = found.get(MAX_LINKS) {
        let message = format!("{} more such links from here on", found.len() - MAX_LINKS);
        told.push(Problem::warning(path, *line, message));
    }
    told
}

/// Where an article names a file first.
fn line_of(file: &str, opened: &Opened) -> Option<u32> {
    let body = opened.body();
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let stands_alone = |(at, _): &(usize, &str)| {
        !body[..*at].ends_with(is_name) && !body[at + file.len()..].starts_with(is_name)
    };
    let (at, _) = body.match_indices(file).find(stands_alone)?;
    Some(line_at(opened.text.as_bytes(), opened.body_at + at))
}
