//! The copy in `feeds/` follows the wire, by a hand of its own: an edit waits for no disk.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::edition::Edition;
use crate::feeds_dir::{FeedsDir, FeedsDirError, Published, Staged};

/// What is told of an edition that was copied, or not.
pub(super) type Copied = Result<Published, FeedsDirError>;

pub(super) struct Copier {
    feeds_dir: Arc<Mutex<FeedsDir>>,
    /// `None` when it is to end.
    editions: Option<Sender<Arc<Edition>>>,
    hand: Option<JoinHandle<()>>,
}

impl Copier {
    pub fn new(feeds_dir: FeedsDir, tell: impl Fn(Copied) + Send + 'static) -> Copier {
        let feeds_dir = Arc::new(Mutex::new(feeds_dir));
        let (editions, next) = channel();
        let dir = feeds_dir.clone();
        let hand = std::thread::spawn(move || copy_all(&dir, &next, tell));
        Copier { feeds_dir, editions: Some(editions), hand: Some(hand) }
    }

    /// Waits while an edition is being copied.
    pub fn feeds_dir(&self) -> MutexGuard<'_, FeedsDir> {
        lock(&self.feeds_dir)
    }

    /// Copies an edition soon. One that is overtaken meanwhile is never copied.
    pub fn copy(&self, edition: Arc<Edition>) {
        if let Some(editions) = &self.editions {
            let _ = editions.send(edition);
        }
    }
}

impl Drop for Copier {
    /// What was begun is done.
    fn drop(&mut self) {
        self.editions = None;
        if let Some(hand) = self.hand.take() {
            let _ = hand.join();
        }
    }
}

fn lock(feeds_dir: &Mutex<FeedsDir>) -> MutexGuard<'_, FeedsDir> {
    feeds_dir.lock().unwrap_or_else(PoisonError::into_inner)
}

fn copy_all(feeds_dir: &Mutex<FeedsDir>, editions: &Receiver<Arc<Edition>>, tell: impl Fn(Copied)) {
    while let Ok(next) = editions.recv() {
        let latest = editions.try_iter().last().unwrap_or(next);
        let copied = copy(&mut lock(feeds_dir), &latest, Staged::default());
        tell(copied);
    }
}

/// Brings the folder to an edition, of which these files are staged.
pub(super) fn copy(feeds_dir: &mut FeedsDir, edition: &Edition, staged: Staged) -> Copied {
    let documents =
        edition.documents.iter().map(|(path, document)| (path.as_str(), &document.hash));
    let at_hand = |path: &str| edition.documents.get(path).and_then(|document| document.identity());
    feeds_dir.publish(edition.number, documents, staged, &at_hand)
}
