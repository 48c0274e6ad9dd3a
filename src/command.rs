//! What each command does. A command prints for people; what it works with is elsewhere.

pub mod adopt;
pub mod build;
pub mod check;
pub mod explain;
pub mod holds;
pub mod init;
pub mod verify;

use std::io::{IsTerminal, Write};

/// How a command ended, as its exit code tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done,
    /// There are problems.
    Problems,
    /// Changes are held back.
    Held,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Problems => 1,
            Exit::Held => 3,
        }
    }
}

/// Prints a line to standard output; a reader that went away is no fault.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// `1 article`, `2 articles`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Prints bytes as they are, likewise.
pub fn print(bytes: &[u8]) -> Exit {
    let _ = std::io::stdout().write_all(bytes);
    Exit::Done
}

pub fn on_terminal() -> bool {
    std::io::stderr().is_terminal()
}
