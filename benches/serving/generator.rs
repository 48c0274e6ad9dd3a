//! The closed-loop epoll generator, made for this benchmark: one thread, non-blocking sockets, one
//! request under way per connection, the next one when its answer is complete. It reads an answer's
//! status and Content-Length and drops the body in the kernel (`MSG_TRUNC`), so that it costs less
//! than any server does and the server is what is measured; its own share of its core is reported,
//! so that one sees where this does not hold. Being a closed loop, it waits where the server is
//! slow: its latencies are those of this many readers, not those of an open crowd.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::{self, Error};
use std::net::SocketAddrV4;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use rustix::net::{connect, recv, send, socket_with};
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::histogram::Histogram;

/// Room for an answer's head.
const HEAD: usize = 1024;
/// Bytes of a body that are dropped at once.
const DROP: usize = 256 * 1024;
/// Without any event for this long, something is lost.
const SILENCE: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub struct Request {
    pub text: String,
    /// The status of the answer; any other ends the run.
    pub status: u16,
}

/// What a connection does after an answer.
#[derive(Clone, Copy, PartialEq)]
pub enum Next {
    AtOnce,
    /// At its next beat, of which each connection has its own: a pause after each answer would
    /// bring them into step by and by, so that they would wait for each other.
    OnBeat(Duration),
    /// It stays open and says nothing more.
    Idle,
    /// It is read to its end and closed, and another one takes its place.
    Anew,
}

#[derive(Clone)]
pub struct Load {
    pub address: SocketAddrV4,
    pub connections: usize,
    /// Asked in turn.
    pub requests: Vec<Request>,
    pub next: Next,
}

/// What one run saw.
#[derive(Clone, Default)]
pub struct Tally {
    pub answers: u64,
    pub statuses: BTreeMap<u16, u64>,
    /// From the request, or from the connect where each request has its own connection, to the
    /// answer's last byte, or to the connection's end.
    pub latencies: Histogram,
    pub wall: Duration,
    /// CPU time of the generator itself.
    pub own: Duration,
}

struct Connection {
    socket: Option<OwnedFd>,
    /// Which request is under way; `None` between two.
    asked: Option<(usize, Instant)>,
    /// When it was due.
    beat: Instant,
    /// The request could not be written at once.
    unsent: bool,
    head: [u8; HEAD],
    have: usize,
    /// Bytes of the body that are to come, once the head is read.
    body: Option<usize>,
}

pub struct Generator {
    load: Load,
    epoll: OwnedFd,
    connections: Vec<Connection>,
    /// Connections that are to ask, the earliest first.
    due: BinaryHeap<Reverse<(Instant, usize)>>,
    under_way: usize,
    sent: usize,
    scratch: Vec<u8>,
    tally: Tally,
}

impl Generator {
    /// Opens all connections, but those of which each request has its own.
    pub fn open(load: Load) -> io::Result<Generator> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut connections = Vec::with_capacity(load.connections);
        for index in 0..load.connections {
            let mut connection = Connection::closed();
            if load.next != Next::Anew {
                connection.connect(load.address, SocketFlags::empty())?;
                connection.register(&epoll, index)?;
                // A burst of thousands must not overflow the server's queue.
                if index % 64 == 63 {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            connections.push(connection);
        }
        let (now, count) = (Instant::now(), load.connections.max(1) as u32);
        let step = if let Next::OnBeat(beat) = load.next { beat / count } else { Duration::ZERO };
        let first = |index| Reverse((now + step * index as u32, index));
        let due = (0..load.connections).map(first).collect();
        let scratch = vec![0; DROP];
        let tally = Tally::default();
        Ok(Generator { load, epoll, connections, due, under_way: 0, sent: 0, scratch, tally })
    }

    /// Goes on for `time`. Requests that are under way at its end stay so, for the next run; idle
    /// connections end it when all have their answer.
    pub fn run(&mut self, time: Duration) -> io::Result<Tally> {
        self.tally = Tally::default();
        let (start, own) = (Instant::now(), own_cpu());
        let end = start + time;
        let mut events: Vec<Event> = Vec::with_capacity(256);
        loop {
            let now = Instant::now();
            let idle = self.load.next == Next::Idle && self.under_way == 0 && self.due.is_empty();
            if now >= end || idle {
                break;
            }
            while let Some(&Reverse((at, index))) = self.due.peek()
                && at <= now
            {
                self.due.pop();
                self.connections[index].beat = at;
                self.ask(index)?;
            }
            let until = self.due.peek().map_or(end, |Reverse((at, _))| end.min(*at));
            let wait = until.saturating_duration_since(Instant::now());
            self.wait(&mut events, wait.min(SILENCE))?;
            if events.is_empty() && wait >= SILENCE {
                return Err(Error::other(format!("no answer for {SILENCE:?}")));
            }
            for event in events.drain(..) {
                self.proceed(event.data.u64() as usize)?;
            }
        }
        self.tally.wall = start.elapsed();
        self.tally.own = own_cpu().saturating_sub(own);
        Ok(std::mem::take(&mut self.tally))
    }

    fn wait(&self, events: &mut Vec<Event>, time: Duration) -> io::Result<()> {
        let timeout =
            Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) };
        match epoll::wait(&self.epoll, spare_capacity(events), Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn ask(&mut self, index: usize) -> io::Result<()> {
        let which = self.sent % self.load.requests.len();
        self.sent += 1;
        self.under_way += 1;
        let connection = &mut self.connections[index];
        connection.asked = Some((which, Instant::now()));
        connection.unsent = true;
        if self.load.next != Next::Anew {
            return connection.send(&self.load.requests[which]);
        }
        connection.connect(self.load.address, SocketFlags::NONBLOCK)?;
        connection.send(&self.load.requests[which])?;
        connection.register(&self.epoll, index)
    }

    /// A connection can go on: reads what is there, and asks again if that completes an answer.
    fn proceed(&mut self, index: usize) -> io::Result<()> {
        let connection = &mut self.connections[index];
        let Some((which, start)) = connection.asked else {
            return Err(Error::other("the server closed a connection between two requests"));
        };
        let request = &self.load.requests[which];
        if connection.unsent {
            connection.send(request)?;
        }
        let anew = self.load.next == Next::Anew;
        if !connection.read(request, anew, &mut self.scratch)? {
            return Ok(());
        }
        let now = Instant::now();
        self.tally.answers += 1;
        *self.tally.statuses.entry(request.status).or_default() += 1;
        self.tally.latencies.add(now - start);
        self.under_way -= 1;
        connection.rest();
        match self.load.next {
            Next::AtOnce => self.ask(index),
            Next::Anew => {
                connection.socket = None;
                self.ask(index)
            }
            Next::OnBeat(beat) => {
                let missed = (now - connection.beat).as_nanos() / beat.as_nanos().max(1);
                let next = connection.beat + beat * (missed as u32 + 1);
                self.due.push(Reverse((next, index)));
                Ok(())
            }
            Next::Idle => Ok(()),
        }
    }
}

impl Connection {
    fn closed() -> Connection {
        Connection {
            socket: None,
            asked: None,
            beat: Instant::now(),
            unsent: false,
            head: [0; HEAD],
            have: 0,
            body: None,
        }
    }

    fn rest(&mut self) {
        (self.asked, self.have, self.body) = (None, 0, None);
    }

    /// With `NONBLOCK`, it may be under way still when this returns.
    fn connect(&mut self, address: SocketAddrV4, flags: SocketFlags) -> io::Result<()> {
        let flags = flags | SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        match connect(&socket, &address) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        if !flags.contains(SocketFlags::NONBLOCK) {
            rustix::io::ioctl_fionbio(&socket, true)?;
        }
        self.socket = Some(socket);
        Ok(())
    }

    /// Edges: whoever is told reads until there is no more, and pays for no second look.
    fn register(&self, epoll: &OwnedFd, index: usize) -> io::Result<()> {
        let socket = self.socket.as_ref().ok_or_else(|| Error::other("no connection"))?;
        let interest = if self.unsent { EventFlags::IN | EventFlags::OUT } else { EventFlags::IN };
        let index = EventData::new_u64(index as u64);
        Ok(epoll::add(epoll, socket, index, interest | EventFlags::ET)?)
    }

    /// Over loopback a connection is there by now as a rule; where not, its event sends.
    fn send(&mut self, request: &Request) -> io::Result<()> {
        let text = request.text.as_bytes();
        let socket = self.socket.as_ref().ok_or_else(|| Error::other("no connection"))?;
        match send(socket, text, SendFlags::NOSIGNAL) {
            Ok(sent) if sent == text.len() => self.unsent = false,
            Ok(_) => return Err(Error::other("a request was written by half")),
            Err(Errno::AGAIN | Errno::NOTCONN) => self.unsent = true,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Reads what is there; whether the answer, and with `to_end` the connection, is complete.
    fn read(&mut self, request: &Request, to_end: bool, scratch: &mut [u8]) -> io::Result<bool> {
        let socket = self.socket.as_ref().ok_or_else(|| Error::other("no connection"))?;
        loop {
            let got = match self.body {
                Some(0) if !to_end => return Ok(true),
                None => recv(socket, &mut self.head[self.have..], RecvFlags::empty()),
                Some(0) => recv(socket, &mut scratch[..1], RecvFlags::empty()),
                Some(left) => {
                    let room = left.min(DROP);
                    recv(socket, &mut scratch[..room], RecvFlags::TRUNC)
                }
            };
            let got = match got {
                Ok((_, got)) => got,
                Err(Errno::AGAIN) => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            match self.body {
                Some(0) if got == 0 => return Ok(true),
                Some(0) => return Err(Error::other("more bytes than Content-Length says")),
                _ if got == 0 => return Err(Error::other("the server closed amid an answer")),
                Some(left) => self.body = Some(left - got),
                None => {
                    self.have += got;
                    self.body = body_left(&self.head[..self.have], request.status)?;
                    if self.body.is_none() && self.have == HEAD {
                        return Err(Error::other("a head longer than any feed's"));
                    }
                }
            }
        }
    }
}

/// Once the head is complete: how much of the body is still to come.
fn body_left(text: &[u8], expected: u16) -> io::Result<Option<usize>> {
    // Nothing follows a 304.
    let end = if expected == 304 && text.ends_with(b"\r\n\r\n") {
        text.len()
    } else {
        match text.windows(4).position(|window| window == b"\r\n\r\n") {
            Some(at) => at + 4,
            None => return Ok(None),
        }
    };
    let head = &text[..end];
    let status = head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
    if !head.starts_with(b"HTTP/1.1 ") || status.and_then(|s| s.parse().ok()) != Some(expected) {
        let head = String::from_utf8_lossy(head);
        return Err(Error::other(format!("expected {expected}, but the answer is:\n{head}")));
    }
    let length = if expected == 304 { 0 } else { content_length(head).unwrap_or(0) };
    match length.checked_sub(text.len() - end) {
        Some(left) => Ok(Some(left)),
        None => Err(Error::other("more bytes than Content-Length says")),
    }
}

pub fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = lines
        .find(|line| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)))?;
    std::str::from_utf8(&line[NAME.len()..]).ok()?.trim().parse().ok()
}

fn own_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
