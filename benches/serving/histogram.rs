//! Latencies in buckets: what a request adds to them is one increment, whatever the number of
//! requests, so that keeping them does not slow the generator down.

use std::time::Duration;

/// Buckets between a power of two and the next: a quantile is off by 3 % at most.
const STEPS: u64 = 32;
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// The last bucket holds whatever takes longer than some minutes.
const BUCKETS: usize = 35 * STEPS as usize;

#[derive(Clone)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { buckets: vec![0; BUCKETS], count: 0 }
    }
}

impl Histogram {
    pub fn add(&mut self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.buckets[bucket(nanoseconds).min(BUCKETS - 1)] += 1;
        self.count += 1;
    }

    pub fn merge(&mut self, other: &Histogram) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
    }

    /// The time that a share of all requests did not exceed.
    pub fn quantile(&self, share: f64) -> Duration {
        let rank = (self.count as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        let reached = self.buckets.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        Duration::from_nanos(reached.map_or(0, ceiling))
    }
}

/// Small values have a bucket each; above, each power of two has `STEPS`.
fn bucket(value: u64) -> usize {
    if value < STEPS {
        return value as usize;
    }
    let power = value.ilog2() - STEP_BITS;
    (u64::from(power) * STEPS + (value >> power)) as usize
}

/// The largest value of a bucket.
fn ceiling(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < STEPS {
        return bucket;
    }
    let power = bucket / STEPS - 1;
    ((bucket - power * STEPS + 1) << power) - 1
}
