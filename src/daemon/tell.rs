//! What a running daemon has told already: each thing once, until it changes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::turn::Turned;
use crate::article::{Problem, Severity};
use crate::content_dir::Look;

/// Between looks where no events come.
pub(super) const BLIND: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Told {
    /// By path.
    problems: BTreeMap<String, Vec<String>>,
    alarm: Option<String>,
    blind: bool,
}

impl Told {
    /// Nothing is taken for removed at present.
    pub fn is_alarmed(&self) -> bool {
        self.alarm.is_some()
    }

    /// Not all of the content can be watched.
    pub fn is_blind(&self) -> bool {
        self.blind
    }

    pub fn blind(&mut self, reason: &str) {
        if !std::mem::replace(&mut self.blind, true) {
            tracing::warn!(
                reason,
                seconds = BLIND.as_secs(),
                "cannot watch all of the content directory; looking from time to time instead"
            );
        }
    }

    pub fn look(&mut self, look: &Look, watched: bool) {
        match &look.blind {
            Some(reason) => self.blind(reason),
            None if look.whole && watched => self.blind = false,
            None => {}
        }
        if look.alarm == self.alarm || (look.alarm.is_none() && !look.whole) {
            return;
        }
        match &look.alarm {
            Some(alarm) => tracing::error!(
                %alarm,
                "the last good edition stays until the content is back, or `syndic accept` says \
                 that it was meant"
            ),
            None => tracing::info!("the alarm is over"),
        }
        self.alarm = look.alarm.clone();
    }

    pub fn turned(&mut self, turned: &Turned) {
        for path in &turned.fine {
            self.problems.remove(path);
        }
        self.problems(&turned.problems);
        if let Some(first) = turned.newly_held.first() {
            tracing::error!(
                count = turned.newly_held.len(),
                first = first.path,
                reason = first.reason,
                "held; `syndic holds` lists them, `syndic accept` lets them through"
            );
        }
    }

    pub fn problems(&mut self, problems: &[Problem]) {
        let mut by_path: BTreeMap<&str, Vec<&Problem>> = BTreeMap::new();
        for problem in problems {
            by_path.entry(&problem.path).or_default().push(problem);
        }
        for (path, problems) in by_path {
            let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
            if self.problems.get(path) == Some(&messages) {
                continue;
            }
            for Problem { path, line, severity, message } in problems {
                match severity {
                    Severity::Error => tracing::error!(path, line, "{message}"),
                    Severity::Warning => tracing::warn!(path, line, "{message}"),
                }
            }
            self.problems.insert(path.to_string(), messages);
        }
    }
}
