//! What a turn made goes to the readers, and into the feeds' folder.

use std::sync::Arc;
use std::time::Instant;

use super::{Daemon, RETRY};
use crate::article::Problem;
use crate::daemon::IN_THE_WAY;
use crate::daemon::copier::{self, Copied};
use crate::daemon::turn::{Printed, Turned};
use crate::edition::{Document, Edition, Kept};
use crate::feeds_dir::{FeedsDirError, Staged};

/// Bytes that an edition may have at hand before those of older documents are let go: they are in
/// the feeds' folder too.
pub(super) const AT_HAND: usize = 32 * 1024 * 1024;

impl Daemon {
    /// The wire first, at once; then the copy. Many documents together are on the disk already,
    /// and only there: their files come first.
    pub(super) fn publish(&mut self, turned: Turned, staged: Option<Staged>) {
        self.withdrawn.extend(turned.withdrawn.iter().cloned());
        let complete = self.front.edition.load().is_some();
        if turned.changed.is_empty() && self.withdrawn.is_empty() && complete {
            if self.copied != turned.number {
                self.copy();
            }
            return;
        }
        let edition = self.revised(&turned);
        let by_hand = staged.is_none();
        if let Some(staged) = staged {
            // What is still to be copied is older than this.
            self.copier.wait();
            let copied = copier::copy(&mut self.copier.feeds_dir(), &edition, staged);
            if let Err(error) = &copied {
                return self.lose(&turned, error);
            }
            self.heed_copied(copied);
        }
        self.withdrawn.clear();
        self.edition = Arc::new(edition);
        self.front.edition.store(Some(self.edition.clone()));
        tracing::info!(
            edition = turned.number,
            changed = turned.changed.len(),
            read = turned.read,
            articles = self.state.catalog.len(),
            "published"
        );
        if by_hand {
            self.copy();
        }
    }

    fn revised(&self, turned: &Turned) -> Edition {
        let of =
            |Printed { path, stamp, kept }: &Printed| Document::new(path, *stamp, kept.clone());
        let documents: Vec<Document> = turned.changed.iter().map(of).collect();
        let stamps = &self.state.stamps;
        let gone = self.withdrawn.iter().filter(|path| !stamps.contains_key(*path));
        let gone: Vec<String> = gone.cloned().collect();
        let edition = self.edition.revise(turned.number, documents, &gone);
        match edition.at_hand() > AT_HAND
            && self.behind.is_none()
            && self.copied + 1 == turned.number
        {
            true => edition.with_only_at_hand(turned.changed.iter().map(|one| one.path.as_str())),
            false => edition,
        }
    }

    /// What was put aside is lost: it is made again, and kept at hand this time.
    pub(super) fn lose(&mut self, turned: &Turned, error: &FeedsDirError) {
        tracing::error!(%error, "the last edition stays; trying again");
        self.withdrawn.extend(turned.withdrawn.iter().cloned());
        self.state.lose(turned.changed.iter().map(|printed| printed.path.clone()));
        self.staging = false;
        self.pending.everything();
    }

    /// A reader's thread found a file that is not the document that it should be; perhaps only
    /// one that was replaced meanwhile.
    pub(super) fn mend(&mut self, path: String) {
        if self.state.lost.contains(&path) {
            return;
        }
        let Some(document) = self.edition.documents.get(&path) else { return };
        let dir = &self.config.feeds.dir;
        let as_it_should_be = !matches!(document.kept, Kept::Elsewhere)
            || crate::feeds_dir::read_document(dir, &path, &document.hash).is_some();
        if !as_it_should_be {
            tracing::warn!(path, "the feeds directory is damaged; making the document again");
            self.copier.feeds_dir().forget(&path);
            self.state.lose([path]);
            self.pending.everything();
        }
    }

    /// Somebody removed files of ours: those at hand are written again, the others made again.
    pub(super) fn restore_files(&mut self) {
        let missing = self.copier.feeds_dir().missing();
        let at_hand = |path: &String| {
            self.edition
                .documents
                .get(path)
                .is_some_and(|document| !matches!(document.kept, Kept::Elsewhere))
        };
        let lost: Vec<String> = missing.into_iter().filter(|path| !at_hand(path)).collect();
        if lost.is_empty() {
            return self.copy();
        }
        self.state.lose(lost);
        self.pending.everything();
    }

    pub(super) fn copy(&mut self) {
        self.behind = None;
        self.copier.copy(self.edition.clone());
    }

    pub(super) fn heed_copied(&mut self, copied: Copied) {
        match copied {
            Ok(published) => {
                self.copied = self.copied.max(published.edition);
                self.staging = true;
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the feeds directory is up to date again");
                }
                let dir = &self.config.feeds.dir;
                let in_the_way = published.in_the_way.iter().map(|path| {
                    Problem::error(&dir.join(path).display().to_string(), None, IN_THE_WAY)
                });
                self.told.problems(&in_the_way.collect::<Vec<_>>());
            }
            Err(error) => {
                tracing::error!(%error, "readers have the new edition, the feeds directory has not; trying again");
                self.behind = Some(Instant::now() + RETRY);
                self.failing = true;
            }
        }
    }
}
