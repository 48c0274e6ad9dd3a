//! The table: times with their spread, held against a floor that was measured in the same run.

use std::time::Duration;

#[derive(Default)]
pub struct Row {
    pub times: Vec<Duration>,
    /// KiB, the most that was seen.
    pub memory: Option<u64>,
}

impl Row {
    fn quantile(&self, of: f64) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times[((times.len() - 1) as f64 * of).round() as usize]
    }

    pub fn median(&self) -> f64 {
        self.quantile(0.5).as_secs_f64()
    }

    pub fn add(&mut self, time: Duration, memory: Option<u64>) {
        self.times.push(time);
        self.memory = self.memory.max(memory);
    }

    /// Min, median and max.
    pub fn print(&self, size: usize, what: &str, floor: Option<&Row>) {
        let (min, max) = (self.quantile(0.0), self.quantile(1.0));
        let times = format!("{} | {} | {}", shown(min), shown(self.quantile(0.5)), shown(max));
        self.line(size, what, &times, floor);
    }

    /// Median, 99th percentile and max, of many.
    pub fn print_many(&self, size: usize, what: &str, floor: Option<&Row>) {
        let of = |quantile| shown(self.quantile(quantile));
        let times = format!("{} | p50 {}, p99 {} | {}", of(0.0), of(0.5), of(0.99), of(1.0));
        self.line(size, what, &times, floor);
    }

    fn line(&self, size: usize, what: &str, times: &str, floor: Option<&Row>) {
        let ratio =
            floor.map_or("–".into(), |floor| format!("{:.1}", self.median() / floor.median()));
        let memory = self.memory.map_or("–".into(), |kib| format!("{} MiB", kib / 1024));
        println!("| {size} | {what} | {times} | {ratio} | {memory} |");
    }
}

pub fn head() {
    println!("| articles | what | min | median | max | ratio to floor | memory |");
    println!("|---|---|---|---|---|---|---|");
}

/// A row that is no time.
pub fn said(size: usize, what: &str, value: &str) {
    println!("| {size} | {what} | – | {value} | – | – | – |");
}

pub fn shown(time: Duration) -> String {
    match time.as_secs_f64() {
        s if s < 0.001 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}
