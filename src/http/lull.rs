//! How long a connection waits for a request. hyper would tell, but for a timer that it sets anew
//! for each request; here one looks, now and then, at what was written down.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

/// What a connection is at.
pub struct Lull {
    start: Instant,
    /// Since when it waits for a request, in milliseconds from the start; or one of the two below.
    since: AtomicU64,
}

const ANSWERING: u64 = u64::MAX;
const SENDING: u64 = u64::MAX - 1;

impl Lull {
    pub fn new() -> Lull {
        Lull { start: Instant::now(), since: AtomicU64::new(0) }
    }

    /// A request is there, and an answer to be made.
    pub fn asked(&self) {
        self.since.store(ANSWERING, Relaxed);
    }

    /// The answer is there, or a part of it still to be taken.
    pub fn sending(&self) {
        self.since.store(SENDING, Relaxed);
    }

    /// All that was to be sent is. While an answer is still being made that is nothing.
    pub fn flushed(&self) {
        if self.since.load(Relaxed) == SENDING {
            self.since.store(self.start.elapsed().as_millis() as u64, Relaxed);
        }
    }

    /// What is left of a limit to waiting; `None` where it is over.
    pub fn left(&self, limit: Duration) -> Option<Duration> {
        match self.since.load(Relaxed) {
            ANSWERING | SENDING => Some(limit),
            since => (Duration::from_millis(since) + limit)
                .checked_sub(self.start.elapsed())
                .filter(|left| !left.is_zero()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_waiting_counts() {
        let (lull, limit) = (Lull::new(), Duration::from_secs(30));
        let wait = |seconds| tokio::time::sleep(Duration::from_secs(seconds));
        wait(20).await;
        assert_eq!(lull.left(limit), Some(Duration::from_secs(10)));
        // Bytes that are no request yet change nothing.
        lull.flushed();
        assert_eq!(lull.left(limit), Some(Duration::from_secs(10)));
        lull.asked();
        wait(100).await;
        lull.flushed();
        assert_eq!(lull.left(limit), Some(limit));
        lull.sending();
        wait(100).await;
        assert_eq!(lull.left(limit), Some(limit));
        lull.flushed();
        wait(29).await;
        assert_eq!(lull.left(limit), Some(Duration::from_secs(1)));
        wait(1).await;
        assert_eq!(lull.left(limit), None);
    }
}
