//! The daemon shows that it gets on: to the service manager, which starts one anew that hangs, and
//! to whoever asks for `/healthz`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::daemon::outside;
use crate::http::Front;

/// A turn that gets no further for this long is stuck.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two signs of life.
const LEAST: u64 = 1_000;

pub(super) struct Pulse {
    front: Arc<Front>,
    /// Within which the service manager wants to hear of it, if it does.
    period: Option<Duration>,
    start: Instant,
    /// Of the last sign: milliseconds since the start.
    last: AtomicU64,
}

impl Pulse {
    pub fn new(front: Arc<Front>) -> Pulse {
        let period = outside::watchdog_period();
        Pulse { front, period, start: Instant::now(), last: AtomicU64::new(0) }
    }

    /// A file was read, a turn was taken: it got on.
    pub fn beat(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = self.last.load(Relaxed);
        if now < last.saturating_add(LEAST)
            || self.last.compare_exchange(last, now, Relaxed, Relaxed).is_err()
        {
            return;
        }
        self.front.health.expect_within(PATIENCE);
        if self.period.is_some() {
            outside::feed_watchdog();
        }
    }

    /// It has nothing to do for a while: how much of it it may rest.
    pub fn rest(&self, wait: Duration) -> Duration {
        let wait = self.period.map_or(wait, |period| wait.min(period / 2));
        self.front.health.expect_within(wait.saturating_add(PATIENCE));
        wait
    }
}
