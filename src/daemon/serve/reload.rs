//! The config changed, or the generator's own files did, which count as the config does.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Daemon, Wake};
use crate::article::{Conventions, Problem};
use crate::config::Config;
use crate::content_dir;
use crate::daemon::outside::routes;
use crate::ledger::LedgerError;

/// The generator's own files decide about every address: one must be away this long.
const SITE_PATIENCE: Duration = Duration::from_secs(10);

impl Daemon {
    /// Whether what the generator's own files said stands for now: one of them has a fault that it
    /// had not, or is away, as in the middle of a checkout.
    fn site_is_unsure(&mut self, next: &Config) -> bool {
        let known = &self.config.sources.problems;
        let is_new = |problem: &&Problem| !known.iter().any(|known| known.path == problem.path);
        if let Some(fault) = next.sources.problems.iter().find(is_new) {
            tracing::error!("a site file has a fault, what it said stays in force: {fault}");
            return true;
        }
        let Some(away) = self.config.sources.away(&next.sources) else { return false };
        let now = Instant::now();
        if self.site_away.is_none() {
            let (file, wait) = (away.display(), SITE_PATIENCE.as_secs());
            tracing::warn!("a site file is away: {file}; what it said stays in force for {wait} s");
        }
        let since = *self.site_away.get_or_insert(now);
        if now.duration_since(since) >= SITE_PATIENCE {
            return false;
        }
        self.reload = Some(since + SITE_PATIENCE);
        true
    }

    /// The generator's own files count as the config does, also those that are still to come.
    pub(super) fn watch_site(&mut self) {
        let Some(root) = self.config.sources.root.clone() else { return };
        let Conventions { flavour, declared, .. } = &self.config.conventions;
        let names = Arc::new(self.config.sources.names(flavour, declared));
        // Folders that are watched already concern others from now on.
        self.site_names.store(names.clone());
        let folders = names.iter().flat_map(|name| {
            let inside = root.join(name);
            let folders = inside.ancestors().skip(1).map(Path::to_path_buf);
            folders.take_while(|folder| folder.starts_with(&root)).collect::<Vec<_>>()
        });
        for folder in folders {
            let Ok(metadata) = std::fs::metadata(&folder) else { continue };
            let identity = content_dir::identity(&metadata);
            // One that was made anew is another folder.
            if self.site_folders.insert(folder.clone(), identity) == Some(identity) {
                continue;
            }
            let (root, names) = (root.clone(), self.site_names.clone());
            // One of them, or a folder on the way to one.
            let concerns = move |path: &Path| {
                names.load().iter().any(|name| {
                    let any = name.split_once('*').is_some_and(|(folder, ending)| {
                        let is_there = path.parent() == Some(&root.join(folder));
                        let fits = path.to_str().is_some_and(|path| path.ends_with(ending));
                        // A folder that comes holds others of them.
                        is_there && (fits || path.extension().is_none())
                    });
                    any || root.join(name).starts_with(path)
                })
            };
            self.watch_folder(&folder, concerns, || Wake::Config);
        }
    }

    pub(super) fn reload_config(&mut self) -> Result<(), LedgerError> {
        self.watch_site();
        let text = std::fs::read_to_string(&self.config.path).ok();
        let same = text.is_some() && text == self.config_text;
        self.config_text = text;
        let mut next = match Config::load(&self.config.path, false) {
            Ok(next) if same && next.site() == self.config.site() => {
                self.site_away = None;
                self.faulty_config = false;
                return Ok(());
            }
            Ok(next) if same && self.site_is_unsure(&next) => {
                self.faulty_config = true;
                return Ok(());
            }
            Ok(next) => next,
            Err(error) => {
                tracing::error!("the config has a fault, the old one stays in force:\n{error}");
                self.faulty_config = true;
                return Ok(());
            }
        };
        self.site_away = None;
        self.faulty_config = false;
        let fixed = (&next.server.listen, &next.feeds.dir, &next.state_dir)
            == (&self.config.server.listen, &self.config.feeds.dir, &self.config.state_dir);
        if !fixed {
            tracing::warn!(
                "listen, the feeds directory and the state directory change at the next start"
            );
            next.server.listen = self.config.server.listen.clone();
            next.feeds.dir = self.config.feeds.dir.clone();
            next.state_dir = self.config.state_dir.clone();
        }
        if !fixed && !next.server.url_given {
            next.site.feeds_url = self.config.site.feeds_url.clone();
        }
        let moved = next.content.dir != self.config.content.dir
            || next.sources.root != self.config.sources.root;
        self.config = next;
        self.watch_site();
        let loaded = self.load_anew()?;
        self.replace(loaded.0, loaded.1);
        if moved {
            self.watch();
        }
        let scanned = self.scan_all();
        self.front.routes.store(Arc::new(routes(&self.config)));
        scanned?;
        tracing::info!("the changed {} is in force", if same { "site's own" } else { "config" });
        Ok(())
    }
}
