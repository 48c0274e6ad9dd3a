//! `syndic check`: read everything, bodies too, and print what authors should fix.

use super::{Exit, counted, say};
use crate::article::Severity;
use crate::config::Config;
use crate::daemon::{StartError, check};

pub fn run(config: &Config) -> Result<Exit, StartError> {
    let checked = check::check(config)?;
    for problem in &checked.problems {
        say(problem);
    }
    let count = |severity| checked.problems.iter().filter(|p| p.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    eprintln!(
        "{} ({} flavour), {}, {}",
        counted(checked.articles, "article"),
        config.conventions.flavour.name,
        counted(errors, "error"),
        counted(warnings, "warning"),
    );
    Ok(if errors > 0 { Exit::Problems } else { Exit::Done })
}
