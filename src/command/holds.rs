//! `syndic holds` and `syndic accept`: changes that wait for the publisher's word.

use super::{Exit, say};
use crate::config::Config;
use crate::daemon::{StartError, requests};
use crate::ledger::Ledger;

pub fn list(config: &Config) -> Result<Exit, StartError> {
    let ledger = Ledger::open_read_only(&config.state_dir)?;
    let held = ledger.held()?;
    for held in &held {
        say(format!("{}: {} (since {})", held.path, held.reason, held.since));
    }
    Ok(if held.is_empty() { Exit::Done } else { Exit::Held })
}

/// Leaves the request where a running daemon, or the next build, takes it up.
pub fn accept(config: &Config, paths: &[String]) -> Result<Exit, StartError> {
    requests::leave(&config.state_dir, paths)?;
    Ok(Exit::Done)
}
