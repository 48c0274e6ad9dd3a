//! `check`: everything is read anew, bodies too, beside a running daemon or without one. A turn in
//! memory finds what a build would find; nothing is published, and nothing kept.

use jiff::Timestamp;

use super::state::{LastRun, State};
use super::{
    StartError, fetch, located, of_config, rehearse, require_content, scope, site_memory, sort,
};
use crate::article::Problem;
use crate::config::Config;
use crate::content_dir::{self, ContentDir, Hint};
use crate::feed::Window;
use crate::ledger::Ledger;

pub struct Checked {
    pub articles: usize,
    pub problems: Vec<Problem>,
}

pub fn check(config: &Config) -> Result<Checked, StartError> {
    let Survey { state, content, mut problems } = survey(config)?;
    let read = |path: &str| content_dir::read(content.root(), path, config.content.max_size);
    problems.extend(fetch::problems(&state.catalog, &config.conventions, &read));
    let mut problems = located(config, problems);
    problems.extend(of_config(config, &state));
    let last = Ledger::open_read_only(&config.state_dir)?;
    if let Some(message) = site_memory::what_is_lost(config, &last)? {
        problems.push(Problem::error(&config.path.display().to_string(), None, message));
    }
    sort(&mut problems);
    Ok(Checked { articles: state.catalog.len(), problems })
}

/// All articles, read up to the catalog.
pub struct Survey {
    state: State,
    content: ContentDir,
    problems: Vec<Problem>,
}

impl Survey {
    pub fn articles(&self) -> usize {
        self.state.catalog.len()
    }
}

/// Reads every article's head. The feeds that it goes to stay empty.
pub fn survey(config: &Config) -> Result<Survey, StartError> {
    let mut ledger = Ledger::in_memory()?;
    require_content(config, &ledger)?;
    let mut unprinted = config.clone();
    unprinted.feeds.defaults.window = Window::Newest(0);
    unprinted.feeds.named.clear();
    let now = Timestamp::now();
    let (mut state, _) = State::load(&unprinted, &ledger, LastRun::default(), now)?;
    let mut content = ContentDir::for_one_look(&config.content.dir, scope(config));
    let look = content.scan(&Hint::All, true);
    let turned = rehearse(&unprinted, &mut state, &mut ledger, &content, look, true)?;
    Ok(Survey { state, content, problems: turned.problems })
}
