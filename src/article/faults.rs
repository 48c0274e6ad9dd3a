//! What is wrong with a body, told without making it: for `check`, which looks at all of them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::internal::Lead;
use super::{Conventions, Head, Links, Opened, Problem, Source};
use super::{internal, markup, open, raw_html, sanitize};

/// Links of one article that lead nowhere and are told, and that are counted.
const MAX_LINKS: usize = 10;
const MAX_COUNTED: usize = 200;

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
    let raw = raw_html(&opened, head, source.path, &resolve, conventions);
    let mut problems = Vec::new();
    if let Err(message) = sanitize::clean(&raw, link) {
        problems.push(Problem::error(source.path, None, message));
    }
    problems.extend(markup::inclusions(opened.kind, source.path, &opened.text, opened.body_at));
    problems.extend(dead_links(&dead.into_inner(), source.path, &opened));
    problems
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
    let at = opened.body_at + at;
    Some(opened.text[..at].matches('\n').count() as u32 + 1)
}
