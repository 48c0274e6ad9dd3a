//! `syndic explain`: how an article is read, each field with the rule that gave it.

use std::path::Path;

use super::{Exit, say};
use crate::config::Config;
use crate::daemon::{StartError, explain::explain};

pub fn run(config: &Config, path: &Path, json: bool) -> Result<Exit, StartError> {
    let explained = explain(config, path)?;
    if json {
        for problem in &explained.problems {
            eprintln!("{problem}");
        }
        say(serde_json::to_string_pretty(&explained).unwrap_or_default());
        return Ok(Exit::Done);
    }
    let line = |field: &'static str, value: &str| {
        let value = if value.is_empty() { "–" } else { value };
        say(format!("{field:<11} {value}"));
        if let Some(rule) = explained.from.get(field) {
            say(format!("{:<11} └ {rule}", ""));
        }
        for lost in explained.lost.get(field).into_iter().flatten() {
            say(format!("{:<11}   not {} ({})", "", shortened(&lost.value), lost.rule));
        }
    };
    line("path", &explained.path);
    line("title", &explained.title);
    line("id", &explained.id);
    line("link", &explained.link);
    line("published", &explained.published);
    line("updated", &explained.updated);
    line("authors", &explained.authors.join(", "));
    line("categories", &explained.categories.join(", "));
    line("tags", &explained.tags.join(", "));
    line("language", explained.language.as_deref().unwrap_or(""));
    line("image", explained.image.as_deref().unwrap_or(""));
    line("enclosures", &explained.enclosures.join(", "));
    line("summary", &explained.summary);
    line("text", &size(&explained.text));
    for problem in &explained.problems {
        say(format!("problem     {problem}"));
    }
    if let Some(reason) = &explained.absent {
        say(format!("(in no feed: {reason})"));
    }
    let day = explained.published.get(..10).unwrap_or("");
    let authors = explained.authors.join(", ");
    let byline = [day, &authors].into_iter().filter(|part| !part.is_empty());
    say("\n── as a reader shows it ──────────────────────────────────────────────────\n");
    say(&explained.title);
    say(format!("{}\n{}", byline.collect::<Vec<_>>().join(" · "), explained.link));
    say(format!("\n{}", explained.text));
    Ok(Exit::Done)
}

fn size(text: &str) -> String {
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    match text.split("\n\n").filter(|text| !text.is_empty()).count() {
        0 => String::new(),
        blocks => {
            let characters = counted(text.chars().count(), "character");
            format!("{characters} in {}, below", counted(blocks, "paragraph"))
        }
    }
}

/// As much of a value as fits into its line.
fn shortened(value: &str) -> String {
    const MOST: usize = 70;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_string(),
    }
}
