//! `syndic adopt`: take over ids and dates from feeds that another program published.

use std::collections::HashSet;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Exit, counted, say};
use crate::config::Config;
use crate::daemon::{self, StartError, adopt};
use crate::format::read::{self, Published, ReadError};

/// Larger feeds are none.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{feed}: {source}")]
    Io { feed: String, source: std::io::Error },
    #[error("{feed}: {source}")]
    Feed { feed: String, source: ReadError },
    #[error("{feed}: {message}\n(fetch it yourself: `curl -L {feed} | syndic adopt -`)")]
    Fetch { feed: String, message: String },
    #[error("{feed}: larger than {MAX_BYTES} bytes")]
    Large { feed: String },
}

pub fn run(config: &Config, feeds: &[String], dry_run: bool) -> Result<Exit, AdoptError> {
    daemon::require_same_state(config)?;
    let mut entries: Vec<Published> = Vec::new();
    let mut known: HashSet<(String, Option<String>)> = HashSet::new();
    for feed in feeds {
        let bytes = bytes_of(feed)?;
        let more = read::entries(&bytes)
            .map_err(|source| AdoptError::Feed { feed: feed.clone(), source })?;
        // Feeds of one site overlap: an entry is adopted once.
        let more = more.into_iter();
        entries.extend(more.filter(|entry| known.insert((entry.id.clone(), entry.link.clone()))));
    }
    let plan = adopt::plan(config, entries)?;
    for taken in &plan.taken {
        say(format!("{}: takes over {}, by {}", taken.path, taken.entry.id, taken.rule));
    }
    for (entry, reason) in &plan.unmatched {
        let link = entry.link.as_deref().unwrap_or("");
        say(format!("not found: {} {link} ({}): {reason}", entry.id, entry.title));
    }
    for path in &plan.new {
        say(format!("{path}: in none of the feeds; readers will see it as new, if it is recent"));
    }
    let done = match dry_run {
        true => "would be taken over",
        false => daemon::carry_out(config, &plan)?,
    };
    eprintln!(
        "{} {done}, {} without an article, {} without an entry",
        counted(plan.taken.len(), "id"),
        plan.unmatched.len(),
        counted(plan.new.len(), "article"),
    );
    Ok(if plan.unmatched.is_empty() { Exit::Done } else { Exit::Problems })
}

fn bytes_of(feed: &str) -> Result<Vec<u8>, AdoptError> {
    let io = |source| AdoptError::Io { feed: feed.to_string(), source };
    let mut bytes = Vec::new();
    if feed == "-" {
        std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    } else if feed.starts_with("http://") || feed.starts_with("https://") {
        bytes = fetch(feed)?;
    } else {
        let file = std::fs::File::open(PathBuf::from(feed)).map_err(io)?;
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(AdoptError::Large { feed: feed.to_string() });
    }
    Ok(bytes)
}

/// Moving in happens once in a site's life: curl, which every server has, fetches the feed, rather
/// than TLS of our own in a daemon that never calls anybody.
fn fetch(feed: &str) -> Result<Vec<u8>, AdoptError> {
    let failed = |message: String| AdoptError::Fetch { feed: feed.to_string(), message };
    let limit = MAX_BYTES.to_string();
    let output = Command::new("curl")
        .args(["-fsSL", "--compressed", "--proto", "=http,https", "--max-redirs", "5"])
        .args(["--max-time", "120", "--max-filesize", &limit, "--", feed])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(format!("curl cannot be run: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(said.trim().to_string()));
    }
    Ok(output.stdout)
}
