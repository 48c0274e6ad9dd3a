//! What an author should fix, with its place.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    Warning,
    Error,
}

/// Something that the author should fix. A value, not an error: the work goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub path: String,
    pub line: Option<u32>,
    pub severity: Severity,
    pub message: String,
}

impl Problem {
    pub fn error(path: &str, line: Option<u32>, message: impl Into<String>) -> Problem {
        Problem { path: path.into(), line, severity: Severity::Error, message: message.into() }
    }

    pub fn warning(path: &str, line: Option<u32>, message: impl Into<String>) -> Problem {
        Problem { path: path.into(), line, severity: Severity::Warning, message: message.into() }
    }
}

/// The line that a place of a text is in, from one on.
pub fn line_at(text: &[u8], at: usize) -> u32 {
    1 + memchr::memchr_iter(b'\n', &text[..at]).count() as u32
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.severity {
            Severity::Warning => "warning: ",
            Severity::Error => "",
        };
        match self.line {
            Some(line) => write!(f, "{}:{line}: {kind}{}", self.path, self.message),
            None => write!(f, "{}: {kind}{}", self.path, self.message),
        }
    }
}
