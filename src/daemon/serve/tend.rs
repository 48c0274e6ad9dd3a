//! How the daemon is: what keeps it from being well, for whoever looks after it.

use super::Daemon;
use crate::http::health::Part;

impl Daemon {
    /// Events are not to be relied on.
    pub(super) fn is_blind(&self) -> bool {
        self.told.is_blind() || self.vigil.is_deaf()
    }

    pub(super) fn tell_health(&self) {
        let health = &self.front.health;
        let tell = |part, is_so: bool, trouble| health.tell(part, is_so.then_some(trouble));
        tell(
            Part::Content,
            self.told.is_alarmed(),
            "the content is away or cannot be read: the last good edition stays",
        );
        tell(
            Part::Watch,
            self.is_blind(),
            "file events do not come: changes are found from time to time",
        );
        tell(
            Part::Feeds,
            self.failing || !self.staging,
            "the feeds directory cannot be written: its files are behind",
        );
        tell(
            Part::Ledger,
            self.unrecorded,
            "the ledger cannot be written: the last good edition stays",
        );
        tell(
            Part::Config,
            self.faulty_config,
            "the config or a site file has a fault or is away: the last good one counts",
        );
        tell(
            Part::Held,
            !self.state.held.is_empty(),
            "changes wait for the publisher: `syndic holds` lists them",
        );
    }
}
