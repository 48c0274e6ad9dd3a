use std::process::ExitCode;

use mimalloc::MiMalloc;

use clap::{CommandFactory, Parser};
use syndic::cli::{Cli, Command, Common, LogFormat};
use syndic::command::{self, Exit};
use syndic::config::Config;
use syndic::daemon::{self, StartError};

// Articles are taken apart on some threads and filed by another: the C library's allocator makes
// them wait for each other's arenas.
#[global_allocator]
static GLOBAL: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(&cli.common);
    match run(cli) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            eprintln!("{error}");
            let locked = error.downcast_ref::<StartError>().is_some_and(|error| {
                matches!(error, StartError::Lock(syndic::lock::LockError::Held { .. }))
            });
            ExitCode::from(if locked { 75 } else { 2 })
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<Exit> {
    let path = &cli.common.config;
    let load = || Config::load(path, command::on_terminal());
    Ok(match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => daemon::serve(load()?).map(|()| Exit::Done)?,
        Command::Build => command::build::run(&load()?, cli.common.quiet > 0)?,
        Command::Check => command::check::run(&load()?)?,
        Command::Verify => command::verify::run(&load()?)?,
        Command::Explain { path, json } => command::explain::run(&load()?, &path, json)?,
        Command::Init { dir } => command::init::run(&dir, path)?,
        Command::Holds => command::holds::list(&load()?)?,
        Command::Accept { paths } => command::holds::accept(&load()?, &paths)?,
        Command::Adopt { feeds, dry_run } => command::adopt::run(&load()?, &feeds, dry_run)?,
        Command::Completions { shell } => {
            let mut command = Cli::command();
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "syndic", &mut script);
            command::print(&script)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            command::print(&page)
        }
    })
}

/// Events go to standard error: for people on a terminal, for machines as JSON.
fn log(common: &Common) {
    use tracing_subscriber::filter::LevelFilter;
    let level = match i16::from(common.verbose) - i16::from(common.quiet) {
        ..=-2 => LevelFilter::ERROR,
        -1 => LevelFilter::WARN,
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        2.. => LevelFilter::TRACE,
    };
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(command::on_terminal());
    match common.log {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}
