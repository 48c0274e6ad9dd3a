//! A watch that went silent is found out, and made anew: by a canary that lies under the same
//! watch, and by changes of the content that no event told.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::content_dir::{self, Look, Watch};

/// An event that takes longer does not come.
const HEARING: Duration = Duration::from_secs(5);

pub(super) struct Vigil {
    /// In a folder of its own: what else is done in the state directory is no event of the watch.
    canary: PathBuf,
    /// It lies under the watch.
    laid: bool,
    /// When it was touched, and not heard of since.
    touched: Option<Instant>,
    /// Changes came without events.
    deaf: bool,
}

impl Vigil {
    pub fn new(state_dir: &Path) -> Vigil {
        let canary = state_dir.join("watch").join("canary");
        // As events name it.
        let canary = std::path::absolute(&canary).unwrap_or(canary);
        Vigil { canary, laid: false, touched: None, deaf: false }
    }

    /// Lays the canary under a watch. Where it cannot lie, the watch is taken at its word.
    pub fn lay_under(&mut self, watch: &mut Watch) {
        (self.laid, self.touched) = (false, None);
        let Some(folder) = self.canary.parent() else { return };
        let _ = std::fs::create_dir_all(folder);
        let _ = OpenOptions::new().write(true).create(true).truncate(false).open(&self.canary);
        if let Ok(metadata) = std::fs::metadata(folder) {
            self.laid = watch.pin(folder, content_dir::identity(&metadata));
        }
    }

    /// To be heard of soon. Opened to be written and closed: an event, without a byte written.
    pub fn touch(&mut self) {
        if self.laid && OpenOptions::new().write(true).open(&self.canary).is_ok() {
            self.touched.get_or_insert(Instant::now());
        }
    }

    /// Takes an event to heart; `true` if it was the canary's.
    pub fn hears(&mut self, path: Option<&Path>) -> bool {
        let Some(path) = path else { return false };
        let own = path == self.canary || Some(path) == self.canary.parent();
        if own {
            self.touched = None;
        } else if std::mem::take(&mut self.deaf) {
            tracing::info!("file events come again");
        }
        own
    }

    /// When the silence is too long.
    pub fn due(&self) -> Option<Instant> {
        self.touched.map(|at| at + HEARING)
    }

    /// Whether the silence was too long; tells it once.
    pub fn is_silent(&mut self) -> bool {
        let silent = self.due().is_some_and(|due| due <= Instant::now());
        if silent {
            self.touched = None;
        }
        silent
    }

    /// After a look at everything for which there was no reason but that it was time: whether it
    /// found what should have been told.
    pub fn is_surprised(&mut self, look: &Look) -> bool {
        let Some(path) = look.untold.as_ref().filter(|_| !self.deaf) else { return false };
        tracing::warn!(path, "it changed and no event told; looking more often until one comes");
        self.deaf = true;
        true
    }

    pub fn is_deaf(&self) -> bool {
        self.deaf
    }
}
