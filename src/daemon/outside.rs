//! What lies outside the two directories: sockets, signals, limits, the service manager.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::Duration;

use ::http::HeaderValue;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};

use super::StartError;
use super::serve::Wake;
use crate::config::{Address, Config};
use crate::http::heads::Heads;
use crate::http::listener::{Bound, Idle, Listener};
use crate::http::respond::Routes;
use crate::http::{self, Front};

/// Threads that serve sockets: each can answer some ten thousand polls a second.
const WORKERS: usize = 4;

pub(super) fn runtime() -> Result<Runtime, StartError> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    // Compressing takes a core: more threads at it would only be in each other's way.
    let runtime = builder.enable_all().max_blocking_threads(2).build();
    runtime.map_err(|source| StartError::Io { path: "tokio".into(), source })
}

/// A thread for each core, each with connections of its own: a connection waits for no more than
/// the others of its thread. The room is one, since nobody shares them out evenly.
pub(super) fn start_servers(
    first: Runtime,
    listeners: Vec<Idle>,
    front: &Arc<Front>,
    stopped: &watch::Receiver<bool>,
    wake: &Sender<Wake>,
) -> Result<Vec<JoinHandle<()>>, StartError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS);
    let (limits, room) = (http::Limits::default(), Arc::new(Semaphore::new(connection_cap())));
    first.spawn(signals(wake.clone()));
    let mut runtimes = vec![first];
    for _ in 1..cores {
        runtimes.push(runtime()?);
    }
    let io = |source| StartError::Io { path: "a listening socket".into(), source };
    let start = |runtime: Runtime| {
        let twins = listeners.iter().map(Idle::twin).collect::<Result<Vec<_>, _>>();
        let guard = runtime.enter();
        let listeners = twins.and_then(|twins| twins.into_iter().map(Idle::listen).collect());
        drop(guard);
        let (listeners, front) = (listeners.map_err(io)?, front.clone());
        let serving = http::serve(listeners, front.clone(), limits, room.clone(), stopped.clone());
        let ending = Ending { stopped: stopped.clone(), front, wake: wake.clone() };
        Ok(std::thread::spawn(move || {
            let _ending = ending;
            runtime.block_on(serving);
        }))
    };
    runtimes.into_iter().map(start).collect()
}

pub(super) async fn bind(config: &Config) -> Result<(Vec<Idle>, Vec<Bound>), StartError> {
    let (mut listeners, mut places) = (Vec::new(), Vec::new());
    for address in &config.server.listen {
        let bound = match address {
            Address::Tcp(address) => Listener::tcp(address).await,
            Address::Unix(path) => Listener::unix(path),
        };
        let idle = bound.and_then(|(listener, at)| Ok((listener.idle()?, at)));
        let (listener, at) =
            idle.map_err(|source| StartError::Listen { address: address.to_string(), source })?;
        listeners.push(listener);
        places.push(at);
    }
    Ok((listeners, places))
}

pub(super) fn routes(config: &Config) -> Routes {
    let max_age = HeaderValue::from_str(&format!("public, max-age={}", config.server.max_age))
        .expect("a number is visible ASCII");
    Routes {
        heads: Heads::new(&max_age, config.server.cors),
        cors: config.server.cors,
        base: url::Url::parse(&config.site.feeds_url)
            .map_or("/".into(), |url| url.path().to_string()),
        gone: config.feeds.gone.clone(),
        moved: config.feeds.moved.clone(),
        trusted_proxies: config.server.trusted_proxies.clone(),
    }
}

async fn signals(wake: Sender<Wake>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::hangup()),
    ) else {
        return;
    };
    loop {
        let woken = tokio::select! {
            _ = terminate.recv() => Wake::Stop,
            _ = interrupt.recv() => Wake::Stop,
            _ = hangup.recv() => Wake::Reload,
        };
        if wake.send(woken).is_err() {
            return;
        }
    }
}

pub(super) fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // With the old limit fewer readers are served at once, no more than that.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

pub(super) fn connection_cap() -> usize {
    use rustix::process::{Resource, getrlimit};
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(65_536);
    usize::try_from(limit).unwrap_or(65_536).saturating_sub(256).clamp(64, 1_000_000)
}

/// systemd, where it started us, waits for this before it calls the service started.
pub(super) fn tell_systemd(ready: bool) {
    #[cfg(target_os = "linux")]
    {
        use sd_notify::NotifyState::{Ready, Stopping};
        let _ = sd_notify::notify(&[if ready { Ready } else { Stopping }]);
    }
}

/// `WatchdogSec` of the service, if it has one.
pub(super) fn watchdog_period() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    return sd_notify::watchdog_enabled();
    #[cfg(not(target_os = "linux"))]
    None
}

pub(super) fn feed_watchdog() {
    #[cfg(target_os = "linux")]
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
}

/// A server that ends before it is told to takes the daemon with it.
struct Ending {
    stopped: watch::Receiver<bool>,
    front: Arc<Front>,
    wake: Sender<Wake>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        if !*self.stopped.borrow() {
            self.front.health.lose();
            let _ = self.wake.send(Wake::ServerEnded);
        }
    }
}
