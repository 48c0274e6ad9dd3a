//! After the ledger failed: what it holds is what counts.

use jiff::Timestamp;

use super::super::begin::load;
use super::{Daemon, RETRY, State};
use crate::content_dir::ContentDir;
use crate::edition::Stamp;
use crate::ledger::{Ledger, LedgerError};

impl Daemon {
    /// What was in memory may be ahead of the ledger: begin again from there.
    pub(super) fn recover(&mut self, error: &LedgerError) {
        self.unrecorded = true;
        self.damaged |= error.is_damage();
        self.tell_health();
        self.ledger.abandon();
        let mut loaded = self.mend_ledger().and_then(|()| self.load_anew());
        if loaded.as_ref().is_err_and(LedgerError::is_damage) {
            self.damaged = true;
            loaded = self.mend_ledger().and_then(|()| self.load_anew());
        }
        match loaded {
            Ok((state, content)) => self.replace(state, content),
            Err(error) => tracing::error!(%error, "the ledger cannot be read"),
        }
        std::thread::sleep(RETRY);
        self.pending.everything();
    }

    /// Opens a damaged ledger anew, which sets it aside and keeps what is whole.
    pub(super) fn mend_ledger(&mut self) -> Result<(), LedgerError> {
        if self.damaged {
            // It must be closed first; nothing is asked of the one that stands in.
            self.ledger = Ledger::in_memory()?;
            self.ledger = Ledger::open(&self.config.state_dir)?;
            self.damaged = false;
        }
        Ok(())
    }

    /// What the ledger knows now; the documents are as they were.
    pub(super) fn load_anew(&self) -> Result<(State, ContentDir), LedgerError> {
        let is_there = |(path, stamp): &(&String, &Stamp)| {
            let shown = self.edition.documents.get(*path);
            shown.is_some_and(|document| document.hash == stamp.hash)
                && !self.state.lost.contains(*path)
        };
        let stamps = self.state.stamps.iter().filter(is_there);
        let intact = stamps.map(|(path, _)| path.clone()).collect();
        load(&self.config, &self.ledger, &self.copier.feeds_dir(), &intact, Timestamp::now())
    }

    pub(super) fn replace(&mut self, state: State, mut content: ContentDir) {
        content.watch(self.content.take_watch());
        (self.state, self.content) = (state, content);
    }
}
