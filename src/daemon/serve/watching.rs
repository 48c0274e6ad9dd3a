//! What wakes the daemon when something changes: the content, its name, the config, requests.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use super::vigil::Vigil;
use super::{Daemon, Wake, requests};
use crate::content_dir::{self, Tick, Watch};

impl Daemon {
    /// Watches the content, and what decides about it: its name, the config, requests.
    pub(super) fn watch(&mut self) {
        match watch_content(&self.wake, &mut self.vigil) {
            Ok(watch) => self.content.watch(Some(watch)),
            Err(reason) => self.told.blind(&reason),
        }
        self.watch_around();
    }

    /// The watch is silent: it is made anew, and what it may have missed is looked for.
    pub(super) fn watch_anew(&mut self) {
        tracing::warn!("the watch is silent; watching anew");
        self.content.watch(None);
        self.watch();
        self.pending.everything();
    }

    pub(super) fn watch_around(&mut self) {
        let root = self.content.configured().to_path_buf();
        let config_path = self.config.path.canonicalize().unwrap_or(self.config.path.clone());
        let requests = requests::folder(&self.config.state_dir);
        let _ = std::fs::create_dir_all(&requests);
        let folder_of = |path: &Path| path.parent().map(Path::to_path_buf).unwrap_or_default();
        self.watches.clear();
        self.watch_folder(&folder_of(&root), only(root), || Wake::Tick(Tick::Everything));
        self.watch_folder(&folder_of(&config_path), only(config_path), || Wake::Config);
        self.site_folders.clear();
        self.watch_site();
        self.watch_folder(&requests, |_| true, || Wake::Requests);
    }

    /// Watches some names in a folder. Without it the slow beat does.
    pub(super) fn watch_folder(
        &mut self,
        folder: &Path,
        concerns: impl Fn(&Path) -> bool + Send + 'static,
        wake: fn() -> Wake,
    ) {
        let tell = self.wake.clone();
        let watch = Watch::new(move |tick| {
            if tick.path().is_none_or(&concerns) {
                let _ = tell.send(wake());
            }
        });
        if let (Ok(mut watch), Ok(metadata)) = (watch, std::fs::metadata(folder)) {
            watch.add(folder, content_dir::identity(&metadata));
            self.watches.push(watch);
        }
    }
}

pub(super) fn watch_content(wake: &Sender<Wake>, vigil: &mut Vigil) -> Result<Watch, String> {
    let wake = wake.clone();
    let mut watch = Watch::new(move |tick| drop(wake.send(Wake::Tick(tick))))?;
    vigil.lay_under(&mut watch);
    Ok(watch)
}

fn only(name: PathBuf) -> impl Fn(&Path) -> bool {
    move |path| path == name
}
