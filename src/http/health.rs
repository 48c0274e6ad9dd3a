//! How the daemon is, for whoever looks after it: `/healthz` tells well from degraded from dead,
//! and why; `/readyz` tells whether readers get anything. Both are words without paths or names,
//! since readers can ask them too.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use serde::Serialize;

/// What may be in trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Config,
    Content,
    /// The folder of feeds: the copy on the disk.
    Feeds,
    Held,
    Ledger,
    Watch,
}

/// Held by the daemon, which tells, and by the servers, which answer.
pub struct Health {
    known: Mutex<Known>,
}

struct Known {
    troubles: BTreeMap<Part, &'static str>,
    /// The daemon is to be heard of again by then.
    expected: Instant,
    /// A thread that must not end has ended.
    lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    /// The last good edition is served, and something keeps a newer one, or its copy, back.
    Degraded,
    /// No newer edition can come: the daemon wants to be started again.
    Dead,
}

#[derive(Serialize)]
struct Said {
    status: Status,
    /// `null` before there is one.
    edition: Option<u64>,
    troubles: BTreeMap<Part, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl Health {
    /// Of a daemon that is to be heard of within this time.
    pub fn new(patience: Duration) -> Health {
        let expected = Instant::now() + patience;
        Health { known: Mutex::new(Known { troubles: BTreeMap::new(), expected, lost: false }) }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of trouble, or that it is over.
    pub fn tell(&self, part: Part, trouble: Option<&'static str>) {
        let mut known = self.known();
        match trouble {
            Some(trouble) => drop(known.troubles.insert(part, trouble)),
            None => drop(known.troubles.remove(&part)),
        }
    }

    /// The daemon got on, and does so again within this time.
    pub fn expect_within(&self, patience: Duration) {
        self.known().expected = Instant::now() + patience;
    }

    /// A thread that must not end has ended.
    pub fn lose(&self) {
        self.known().lost = true;
    }

    pub fn status(&self) -> (Status, Option<&'static str>) {
        let known = self.known();
        if known.lost {
            return (Status::Dead, Some("a thread that serves readers has ended"));
        }
        if known.expected < Instant::now() {
            return (Status::Dead, Some("the daemon does not get on with its turn"));
        }
        let status = if known.troubles.is_empty() { Status::Ok } else { Status::Degraded };
        (status, None)
    }

    /// What `/healthz` says.
    pub fn report(&self, edition: Option<u64>) -> (StatusCode, String) {
        let (status, reason) = self.status();
        let said = Said { status, edition, troubles: self.known().troubles.clone(), reason };
        let code = match status {
            Status::Ok | Status::Degraded => StatusCode::OK,
            Status::Dead => StatusCode::SERVICE_UNAVAILABLE,
        };
        (code, serde_json::to_string(&said).unwrap_or_default() + "\n")
    }

    /// What `/readyz` says: degraded, too, is good enough for readers.
    pub fn readiness(&self, edition: Option<u64>) -> (StatusCode, &'static str) {
        match (self.status(), edition) {
            ((Status::Dead, _), _) => (StatusCode::SERVICE_UNAVAILABLE, "dead\n"),
            (_, None) => (StatusCode::SERVICE_UNAVAILABLE, "no edition yet\n"),
            _ => (StatusCode::OK, "ready\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_degraded_dead() {
        let health = Health::new(Duration::from_secs(60));
        let said = |health: &Health, edition| {
            let (code, text) = health.report(edition);
            let (ready, _) = health.readiness(edition);
            (code.as_u16(), text.trim_end().to_string(), ready.as_u16())
        };
        let ok = r#"{"status":"ok","edition":null,"troubles":{}}"#;
        assert_eq!(said(&health, None), (200, ok.into(), 503));
        health.tell(Part::Content, Some("away"));
        health.tell(Part::Feeds, Some("behind"));
        health.tell(Part::Feeds, None);
        let degraded = r#"{"status":"degraded","edition":7,"troubles":{"content":"away"}}"#;
        assert_eq!(said(&health, Some(7)), (200, degraded.into(), 200));
        health.expect_within(Duration::ZERO);
        let (code, text, ready) = said(&health, Some(7));
        assert_eq!((code, ready), (503, 503));
        assert!(text.contains(r#""status":"dead""#) && text.contains("reason"), "{text}");
        // It was slow, not dead.
        health.expect_within(Duration::from_secs(60));
        assert_eq!(said(&health, Some(7)), (200, degraded.into(), 200));
        health.lose();
        assert_eq!(said(&health, Some(7)).0, 503);
    }
}
