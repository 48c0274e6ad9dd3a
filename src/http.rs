//! The small HTTP endpoint. It reads the current edition and knows nothing of how it came about;
//! whoever calls [`serve`] binds the listeners and decides what ends it.

pub mod codings;
pub mod conditional;
pub mod heads;
pub mod health;
pub mod listener;
mod lull;
pub mod negotiate;
pub mod respond;
mod stall;
mod target;
mod turned_away;

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use crate::edition::{Coding, Document, Edition};
use crate::pace;
use codings::Codings;
use health::Health;
use listener::Listener;
use lull::Lull;
use respond::{Answer, Content, Routes};
use stall::Stall;

/// How long connections may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A connection that says nothing is not kept.
    pub first_byte: Duration,
    /// A request's head must be there this long after its first byte; also how long a connection
    /// may stay idle between requests.
    pub headers: Duration,
    /// What is under way when the daemon is told to stop has this long to end.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            first_byte: Duration::from_secs(10),
            headers: Duration::from_secs(30),
            grace: Duration::from_secs(10),
        }
    }
}

/// What the daemon shows to readers: the only thing that it and HTTP share.
pub struct Front {
    pub edition: ArcSwapOption<Edition>,
    pub routes: ArcSwap<Routes>,
    pub health: Health,
    codings: Arc<Codings>,
    bytes_of: BytesOf,
    /// Something is made that nobody waits for.
    making: AtomicBool,
}

/// The identity bytes of a document that is not at hand; `None` where they are not to be had now.
/// The flag says that they were looked for in vain for a while: whoever makes them should know.
pub type BytesOf = Box<dyn Fn(&Document, bool) -> Option<Vec<u8>> + Send + Sync>;

/// So long the daemon may be at its first turn before it is taken for dead.
const PATIENCE: Duration = Duration::from_secs(600);

/// A file may have been replaced a moment before the edition that it belongs to is shown: so often,
/// and so long apart, it is looked for again before a reader is told to come back.
const TRIES: usize = 40;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

impl Front {
    /// Without an edition: readers are asked to come again.
    pub fn new(routes: Routes, bytes_of: BytesOf) -> Front {
        Front {
            edition: ArcSwapOption::empty(),
            routes: ArcSwap::from_pointee(routes),
            health: Health::new(PATIENCE),
            codings: Arc::default(),
            bytes_of,
            making: AtomicBool::new(false),
        }
    }
}

/// Serves until `shutdown` turns true, then lets what is under way end. Connections beyond the
/// `room`, which several may share, are told to come again rather than exhaust descriptors.
pub async fn serve(
    listeners: Vec<Listener>,
    front: Arc<Front>,
    limits: Limits,
    room: Arc<Semaphore>,
    shutdown: watch::Receiver<bool>,
) {
    let graceful = Arc::new(GracefulShutdown::new());
    let accepting: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let (front, room) = (front.clone(), room.clone());
            let (graceful, shutdown) = (graceful.clone(), shutdown.clone());
            tokio::spawn(accept(listener, front, room, limits, graceful, shutdown))
        })
        .collect();
    for task in accepting {
        let _ = task.await;
    }
    if let Some(graceful) = Arc::into_inner(graceful) {
        let _ = tokio::time::timeout(limits.grace, graceful.shutdown()).await;
    }
}

async fn accept(
    listener: Listener,
    front: Arc<Front>,
    room: Arc<Semaphore>,
    limits: Limits,
    graceful: Arc<GracefulShutdown>,
    mut shutdown: watch::Receiver<bool>,
) {
    let doorstep = Arc::new(Semaphore::new(turned_away::MOST));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = shutdown.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Ok(permit) = room.clone().try_acquire_owned() else {
                    if let Ok(place) = doorstep.clone().try_acquire_owned() {
                        tokio::spawn(turned_away::turn_away(stream, place));
                    }
                    continue;
                };
                let (front, watcher) = (front.clone(), graceful.watcher());
                let mut stop = shutdown.clone();
                tokio::spawn(async move {
                    let _permit = permit;
                    tokio::select! {
                        first = tokio::time::timeout(limits.first_byte, stream.readable()) => {
                            if !matches!(first, Ok(Ok(()))) {
                                return;
                            }
                        }
                        _ = stop.wait_for(|stop| *stop) => return,
                    }
                    let lull = Arc::new(Lull::new());
                    let stream = Stall::new(stream, lull.clone());
                    let at_it = lull.clone();
                    let service = service_fn(move |request| answer(request, &front, peer, &at_it));
                    let connection = http1::Builder::new()
                        .header_read_timeout(None)
                        .max_buf_size(16 * 1024)
                        .serve_connection(TokioIo::new(stream), service);
                    // A reader that went away, or that sent nonsense, is no event of ours.
                    let mut connection = pin!(watcher.watch(connection));
                    let mut wait = pin!(tokio::time::sleep(limits.headers));
                    loop {
                        tokio::select! {
                            biased;
                            _ = &mut connection => return,
                            () = &mut wait => match lull.left(limits.headers) {
                                Some(left) => wait.as_mut().reset(Instant::now() + left),
                                None => return,
                            }
                        }
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

type Response = http::Response<Full<Bytes>>;

/// An answer that is there, as nearly all are, or one whose bytes are to be had first: only that
/// one takes room of its own.
enum Answering {
    Now(Option<Response>),
    Soon(Pin<Box<dyn Future<Output = Response> + Send>>),
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Answering::Now(response) => Poll::Ready(Ok(response.take().unwrap_or_default())),
            Answering::Soon(response) => response.as_mut().poll(context).map(Ok),
        }
    }
}

fn answer(
    request: Request<Incoming>,
    front: &Arc<Front>,
    peer: Option<IpAddr>,
    lull: &Arc<Lull>,
) -> Answering {
    lull.asked();
    let (head, _) = request.into_parts();
    let answer = respond(&head, front);
    match at_once(&answer.content) {
        Some(bytes) => {
            let response = answer.head.map(|()| Full::new(bytes));
            log(&head, &response, front, peer);
            lull.sending();
            Answering::Now(Some(response))
        }
        None => {
            let (front, lull) = (front.clone(), lull.clone());
            Answering::Soon(Box::pin(async move {
                let response = fetched(&head, answer, &front).await;
                log(&head, &response, &front, peer);
                lull.sending();
                response
            }))
        }
    }
}

/// By the edition that there is now.
fn respond(head: &Parts, front: &Arc<Front>) -> Answer {
    let edition = front.edition.load();
    let at_hand = |document: &Document, coding| front.codings.at_hand(document, coding);
    let (edition, routes) = (edition.as_deref(), front.routes.load());
    let mut answer = respond::respond(head, edition, &front.health, &routes, &at_hand);
    if let Some((document, coding)) = answer.missed.take() {
        make_for_others(front, document, coding);
    }
    answer
}

/// The bytes of an answer, where they need not be made first.
fn at_once(content: &Content) -> Option<Bytes> {
    match content {
        Content::Nothing => Some(Bytes::new()),
        Content::Text(text) => Some(Bytes::from_static(text.as_bytes())),
        Content::Bytes(bytes) => Some(bytes.clone()),
        Content::Document(..) => None,
    }
}

/// An answer whose bytes were not there.
async fn fetched(head: &Parts, first: Answer, front: &Arc<Front>) -> Response {
    let mut answer = first;
    for left in (0..TRIES).rev() {
        match filled(answer, front, left == TRIES / 2).await {
            Some(response) => return response,
            // The document's file is the next edition's already, or damaged and being made again.
            None => tokio::time::sleep(BETWEEN_TRIES).await,
        }
        answer = respond(head, front);
    }
    let busy = respond::busy();
    let bytes = at_once(&busy.content).unwrap_or_default();
    busy.head.map(|()| Full::new(bytes))
}

fn log(head: &Parts, response: &Response, front: &Front, peer: Option<IpAddr>) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let text = |name| {
        let value = head.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        value.unwrap_or("-").chars().take(200).collect::<String>()
    };
    let client = respond::client(head, peer, &front.routes.load());
    tracing::info!(
        client = client.map(|ip| ip.to_string()).unwrap_or_else(|| "-".into()),
        method = %head.method,
        path = head.uri.path().chars().take(200).collect::<String>(),
        status = response.status().as_u16(),
        agent = text(header::USER_AGENT),
        "request"
    );
}

/// Makes what a client would rather have had, one document at a time: it may take a tenth of a
/// second, and nobody waits for it.
fn make_for_others(front: &Arc<Front>, document: Arc<Document>, coding: Coding) {
    if front.making.swap(true, Relaxed) {
        return;
    }
    let maker = front.clone();
    // Of its own, since a thread that gives way once does so for ever.
    let spawned = std::thread::Builder::new().spawn(move || {
        pace::give_way();
        // A fault of a compressor's is no reason never to make anything again.
        let bytes_of = |document: &Document| (maker.bytes_of)(document, false);
        let make = || maker.codings.make(&document, coding, &bytes_of);
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(make));
        maker.making.store(false, Relaxed);
    });
    if spawned.is_err() {
        front.making.store(false, Relaxed);
    }
}

/// Puts the bytes to an answer; `None` where they are not to be had.
async fn filled(answer: Answer, front: &Arc<Front>, tell: bool) -> Option<Response> {
    let Answer { head, content, .. } = answer;
    let bytes = match content {
        Content::Document(document, coding) => {
            let (front, codings) = (front.clone(), front.codings.clone());
            // Reading and compressing is not for the threads that serve sockets.
            let bytes_of = move |document: &Document| (front.bytes_of)(document, tell);
            let make = move || codings.make(&document, coding, &bytes_of);
            tokio::task::spawn_blocking(make).await.ok().flatten()?
        }
        content => at_once(&content)?,
    };
    Some(head.map(|()| Full::new(bytes)))
}
