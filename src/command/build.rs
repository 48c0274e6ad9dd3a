//! `syndic build`: publish once.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Exit, counted, on_terminal};
use crate::article::Severity;
use crate::config::Config;
use crate::daemon::{self, Built, Progress, StartError};

pub fn run(config: &Config, quiet: bool) -> Result<Exit, StartError> {
    let start = Instant::now();
    let bar = bar();
    let built = daemon::build(config, &|progress| match progress {
        Progress::Found(files) => bar.set_length(files as u64),
        Progress::Read => bar.inc(1),
    })?;
    bar.finish_and_clear();
    for problem in &built.problems {
        eprintln!("{problem}");
    }
    for held in &built.held {
        eprintln!("held: {}: {}", held.path, held.reason);
    }
    if let Some(alarm) = &built.alarm {
        eprintln!("held: {alarm}; the feeds stay as they are (`syndic accept` if it is meant)");
    }
    if !quiet {
        eprintln!("{}", summary(&built, start.elapsed()));
    }
    let errors = built.problems.iter().any(|problem| problem.severity == Severity::Error);
    Ok(match (built.held.is_empty() && built.alarm.is_none(), errors) {
        (false, _) => Exit::Held,
        (true, true) => Exit::Problems,
        (true, false) => Exit::Done,
    })
}

fn summary(built: &Built, time: Duration) -> String {
    format!(
        "{}, {} written, {} unchanged, {}, {}",
        counted(built.articles, "article"),
        counted(built.written, "file"),
        built.unchanged,
        counted(built.problems.len(), "problem"),
        shown(time),
    )
}

/// Shown on a terminal only, and only if reading takes long enough to be worth one.
fn bar() -> ProgressBar {
    if !on_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{spinner} {bar:40} {pos}/{len} files read, {elapsed}");
    let bar = ProgressBar::new(0);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn shown(time: Duration) -> String {
    match time.as_millis() {
        ms @ 0..10_000 => format!("{ms} ms"),
        ms => format!("{:.1} s", ms as f64 / 1000.0),
    }
}
