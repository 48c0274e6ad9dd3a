//! The copy in `feeds/` follows the wire, by a hand of its own: an edit waits for no disk.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::edition::Edition;
use crate::feeds_dir::{FeedsDir, FeedsDirError, Published, Staged};
use crate::pace;

/// What is told of an edition that was copied, or not.
pub(super) type Copied = Result<Published, FeedsDirError>;

enum Order {
    Copy(Arc<Edition>),
    /// Say when all before this is done.
    Answer(Sender<()>),
}

pub(super) struct Copier {
    feeds_dir: Arc<Mutex<FeedsDir>>,
    /// `None` when it is to end.
    orders: Option<Sender<Order>>,
    hand: Option<JoinHandle<()>>,
}

impl Copier {
    pub fn new(feeds_dir: FeedsDir, tell: impl Fn(Copied) + Send + 'static) -> Copier {
        let feeds_dir = Arc::new(Mutex::new(feeds_dir));
        let (orders, next) = channel();
        let dir = feeds_dir.clone();
        let hand = std::thread::spawn(move || {
            pace::give_way();
            copy_all(&dir, &next, tell);
        });
        Copier { feeds_dir, orders: Some(orders), hand: Some(hand) }
    }

    /// Waits while an edition is being copied.
    pub fn feeds_dir(&self) -> MutexGuard<'_, FeedsDir> {
        lock(&self.feeds_dir)
    }

    /// Copies an edition soon. One that is overtaken meanwhile is never copied.
    pub fn copy(&self, edition: Arc<Edition>) {
        if let Some(orders) = &self.orders {
            let _ = orders.send(Order::Copy(edition));
        }
    }

    /// Waits until what was to be copied is, or has failed.
    pub fn wait(&self) {
        let (answer, done) = channel();
        if let Some(orders) = &self.orders {
            let _ = orders.send(Order::Answer(answer));
            let _ = done.recv();
        }
    }
}

impl Drop for Copier {
    /// What was begun is done.
    fn drop(&mut self) {
        self.orders = None;
        if let Some(hand) = self.hand.take() {
            let _ = hand.join();
        }
    }
}

fn lock(feeds_dir: &Mutex<FeedsDir>) -> MutexGuard<'_, FeedsDir> {
    feeds_dir.lock().unwrap_or_else(PoisonError::into_inner)
}

fn copy_all(feeds_dir: &Mutex<FeedsDir>, orders: &Receiver<Order>, tell: impl Fn(Copied)) {
    let mut next = None;
    while let Some(first) = next.take().or_else(|| orders.recv().ok()) {
        let (mut latest, mut answers) = (None, Vec::new());
        for order in std::iter::once(first).chain(orders.try_iter()) {
            match order {
                Order::Copy(edition) => latest = Some(edition),
                Order::Answer(answer) => answers.push(answer),
            }
        }
        if let Some(edition) = latest {
            let copied = copy(&mut lock(feeds_dir), &edition, Staged::default());
            tell(copied);
            for answer in answers.drain(..) {
                let _ = answer.send(());
            }
            // What readers ask for is made smaller while nothing else is to be done.
            for document in edition.documents.values().filter(|document| document.can_improve()) {
                match orders.try_recv() {
                    Err(TryRecvError::Empty) => document.improve(),
                    Err(TryRecvError::Disconnected) => return,
                    Ok(order) => {
                        next = Some(order);
                        break;
                    }
                }
            }
        }
        for answer in answers {
            let _ = answer.send(());
        }
    }
}

/// Brings the folder to an edition, of which these files are staged.
pub(super) fn copy(feeds_dir: &mut FeedsDir, edition: &Edition, staged: Staged) -> Copied {
    let documents =
        edition.documents.iter().map(|(path, document)| (path.as_str(), &document.hash));
    let at_hand = |path: &str| edition.documents.get(path).and_then(|document| document.identity());
    feeds_dir.publish(edition.number, documents, staged, &at_hand)
}
