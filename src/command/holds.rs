//! `syndic holds` and `syndic accept`: changes that wait for the publisher's word.

use super::{Exit, counted, say};
use crate::config::Config;
use crate::daemon::{self, StartError, requests};
use crate::ledger::Ledger;

pub fn list(config: &Config) -> Result<Exit, StartError> {
    daemon::require_same_state(config)?;
    let ledger = Ledger::open_read_only(&config.state_dir)?;
    let held = ledger.held()?;
    for held in &held {
        say(format!("{}: {} (since {})", held.path, held.reason, held.since));
    }
    let alarm = daemon::alarm(config, &ledger)?;
    if let Some(alarm) = &alarm {
        say(format!("everything: {alarm}"));
    }
    Ok(if held.is_empty() && alarm.is_none() { Exit::Done } else { Exit::Held })
}

/// Leaves the request where a running daemon, or the next build, takes it up. A path may be a
/// folder's, and may be typed from here or from the content directory.
pub fn accept(config: &Config, paths: &[String]) -> Result<Exit, StartError> {
    daemon::require_same_state(config)?;
    let ledger = Ledger::open_read_only(&config.state_dir)?;
    let held = ledger.held()?;
    let dir = config.content.dir.display().to_string();
    let dir = dir.trim_start_matches("./").trim_end_matches('/');
    let mut accepted = Vec::new();
    for typed in paths {
        let path = typed.trim_start_matches("./").trim_end_matches('/');
        let path = path.strip_prefix(dir).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path);
        let folder = format!("{path}/");
        let before = accepted.len();
        let is_meant = |held: &&str| *held == path || held.starts_with(&folder);
        accepted
            .extend(held.iter().map(|held| held.path.as_str()).filter(is_meant).map(String::from));
        if accepted.len() == before {
            return Err(StartError::NoArticle {
                path: typed.into(),
                message: "nothing is held there; `syndic holds` lists what is".into(),
            });
        }
    }
    requests::leave(&config.state_dir, &accepted)?;
    let what =
        if paths.is_empty() { "everything".into() } else { counted(accepted.len(), "change") };
    say(format!("{what} accepted: a running daemon lets it through now, else the next build does"));
    Ok(Exit::Done)
}
