//! `syndic verify`: whether content, ledger and feeds agree.

use super::{Exit, counted, say};
use crate::config::Config;
use crate::daemon::{self, StartError, verify};

pub fn run(config: &Config) -> Result<Exit, StartError> {
    daemon::require_same_state(config)?;
    let verified = verify::verify(config)?;
    for verify::Drift { place, what } in &verified.drifts {
        say(format!("{place}: {what}"));
    }
    eprintln!(
        "{}, {}: {}",
        counted(verified.articles, "article"),
        counted(verified.documents, "document"),
        match verified.drifts.len() {
            0 => "all as they should be".into(),
            count => counted(count, "difference"),
        }
    );
    Ok(if verified.drifts.is_empty() { Exit::Done } else { Exit::Problems })
}
