//! `syndic explain`: how an article is read, each field with the rule that gave it.

use std::path::Path;

use super::{Exit, say};
use crate::config::Config;
use crate::daemon::{StartError, explain::explain};

pub fn run(config: &Config, path: &Path, json: bool) -> Result<Exit, StartError> {
    let explained = explain(config, path)?;
    for problem in &explained.problems {
        eprintln!("{problem}");
    }
    if json {
        say(serde_json::to_string_pretty(&explained).unwrap_or_default());
        return Ok(Exit::Done);
    }
    let from = |field: &str| explained.from.get(field).cloned().unwrap_or_default();
    let line = |field: &str, value: &str| {
        let value = if value.is_empty() { "–" } else { value };
        say(format!("{field:<11} {value}"));
        let rule = from(field);
        if !rule.is_empty() {
            say(format!("{:<11} └ {rule}", ""));
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
    if let Some(reason) = &explained.absent {
        say(format!("(in no feed: {reason})"));
    }
    say(format!("\n{}", explained.text));
    Ok(Exit::Done)
}
