//! What the generator's own files were at the last run. They decide about every address, title and
//! date: one that is gone or broken since then may be so for a moment only, as in the middle of a
//! checkout, and must not cost every reader all entries anew.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::StartError;
use crate::article::Problem;
use crate::config::Config;
use crate::ledger::{Ledger, LedgerError};

/// Its key in the ledger.
pub const KEY: &str = "site";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    flavour: String,
    /// Tells one state of the files from another.
    digest: String,
    files: Vec<PathBuf>,
    /// Those of them that could not be read.
    faults: Vec<String>,
}

impl Memory {
    fn of(config: &Config) -> Memory {
        let conventions = &config.conventions;
        Memory {
            flavour: conventions.flavour.name.to_string(),
            digest: conventions.declared.digest.clone(),
            files: config.sources.files.clone(),
            faults: config.sources.problems.iter().map(|problem| problem.path.clone()).collect(),
        }
    }
}

/// As the ledger keeps it.
pub fn remember(config: &Config) -> String {
    serde_json::to_string(&Memory::of(config)).unwrap_or_default()
}

/// Refuses to begin where a site file is gone or broken since the last run.
pub fn require(config: &Config, ledger: &Ledger) -> Result<(), StartError> {
    match what_is_lost(config, ledger)? {
        None => Ok(()),
        Some(message) => Err(StartError::Site { message }),
    }
}

pub fn what_is_lost(config: &Config, ledger: &Ledger) -> Result<Option<String>, LedgerError> {
    let Some(before) = ledger.meta(KEY)? else { return Ok(None) };
    let before: Memory = serde_json::from_str(&before).unwrap_or_default();
    let now = Memory::of(config);
    if (&now.flavour, &now.digest) == (&before.flavour, &before.digest) {
        return Ok(None);
    }
    let is_new = |problem: &&Problem| !before.faults.contains(&problem.path);
    if let Some(fault) = config.sources.problems.iter().find(is_new) {
        return Ok(Some(format!("{fault}; it was read at the last run")));
    }
    // A file of another name may have come in its place, and the whole site may have moved.
    let is_new = |file: &PathBuf| !before.files.contains(file);
    if now.flavour == before.flavour && now.files.iter().any(is_new) {
        return Ok(None);
    }
    let gone = before.files.iter().find(|file| !file.exists());
    Ok(gone.map(|file| format!("{}: was read at the last run, and is gone", file.display())))
}
