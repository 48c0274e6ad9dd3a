//! Commands and flags.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

/// Point it at a folder of articles; it keeps their feeds true.
#[derive(Debug, Parser)]
#[command(name = "syndic", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The config file
    #[arg(short, long, global = true, value_name = "FILE", default_value = "config.toml", value_hint = ValueHint::FilePath)]
    pub config: PathBuf,

    /// How events are written to standard error: as text or json
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub log: LogFormat,

    /// Say less (-q: warnings, -qq: errors only)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub quiet: u8,

    /// Say more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Watch, publish and serve (also with no command)
    Serve,
    /// Publish once
    Build,
    /// Read everything and print what authors should fix, as FILE:LINE: what
    Check,
    /// Read and print everything again, and hold it against the ledger and the feeds
    Verify,
    /// Tell how an article is read: each field, its value and the rule that gave it
    Explain {
        /// The article, relative to here or to the content directory
        #[arg(value_hint = ValueHint::FilePath)]
        path: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Look at a folder and write a commented config.toml for it
    Init {
        #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
    },
    /// List changes that are held back
    Holds,
    /// Let held changes through: all, or those of the given paths
    Accept { paths: Vec<String> },
    /// Take over ids and dates from feeds that another program published
    Adopt {
        /// Files or addresses of RSS, Atom or JSON feeds; `-` is standard input
        #[arg(required = true, value_hint = ValueHint::AnyPath)]
        feeds: Vec<String>,
        /// Print what would be taken over, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Print completions for a shell
    Completions { shell: Shell },
    /// Print the manual page
    #[command(hide = true)]
    Man,
}
