//! Promise 8: memory, descriptors and time are bounded under any client; what is no request, or
//! two in one, is refused.

mod crowd;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::kit::{DEADLINE, Daemon, Response, Site, report};

pub fn site() -> Site {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.article("b.md", "B", "2024-01-02");
    site
}

/// A request, or several, as bytes, and what they are to be answered with.
struct Vector {
    name: String,
    bytes: Vec<u8>,
    /// One for each request that is among them: `served`, `refused` or `any`.
    answers: Vec<String>,
    why: String,
}

fn vectors() -> Vec<Vector> {
    let lines = include_str!("../vectors/requests.jsonl").lines();
    lines
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| row[key].as_str().unwrap().to_string();
            let mut latin = text("bytes");
            if let Some(repeat) = row.get("repeat") {
                let (what, at) = (repeat["what"].as_str().unwrap(), repeat["at"].as_str().unwrap());
                let times = repeat["times"].as_u64().unwrap() as usize;
                latin = latin.replacen(at, &what.repeat(times), 1);
            }
            let answers = match row.get("answers").and_then(Value::as_array) {
                Some(answers) => answers.iter().map(|a| a.as_str().unwrap().into()).collect(),
                None => vec![text("expect")],
            };
            let bytes = latin.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
            let why = row.get("why").and_then(Value::as_str).unwrap_or("a right one").to_string();
            Vector { name: text("name"), bytes, answers, why }
        })
        .collect()
}

/// The responses that some bytes hold, the last one perhaps not yet whole.
fn statuses(mut bytes: &[u8], bodies: bool) -> Option<Vec<u16>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let response = Response::parse(&bytes[..end + 4]);
        bytes = &bytes[end + 4..];
        let length = response.header("content-length").map_or(0, |text| text.parse().unwrap());
        // The answer to a HEAD, before that to a GET.
        let headless = !bodies && (bytes.is_empty() || bytes.starts_with(b"HTTP/1."));
        let empty = matches!(response.status, 100..200 | 204 | 304) || headless;
        if !empty {
            bytes = bytes.get(length..)?;
        }
        found.push(response.status);
    }
    Some(found)
}

/// Sends it all and reads until the connection ends; says that no more comes when as many answers
/// have come as there are to be, or when none comes.
fn talk(daemon: &Daemon, vector: &Vector) -> Vec<u16> {
    let mut stream = daemon.connect();
    stream.set_read_timeout(Some(Duration::from_millis(1_500))).unwrap();
    let bodies = !vector.bytes.starts_with(b"HEAD ");
    // A server may close a connection that it refuses while bytes are under way.
    let _ = stream.write_all(&vector.bytes);
    let (mut answer, mut buffer) = (Vec::new(), [0; 16_384]);
    let mut ended = false;
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => {
                assert!(!ended, "{}: the connection does not end: {error}", vector.name);
                ended = true;
                let _ = stream.shutdown(Shutdown::Write);
                stream.set_read_timeout(Some(DEADLINE)).unwrap();
            }
        }
        let all = statuses(&answer, bodies).is_some_and(|all| all.len() >= vector.answers.len());
        if all && !ended {
            ended = true;
            let _ = stream.shutdown(Shutdown::Write);
            stream.set_read_timeout(Some(DEADLINE)).unwrap();
        }
    }
    let statuses = statuses(&answer, bodies);
    statuses.unwrap_or_else(|| panic!("{}: cut short: {answer:?}", vector.name))
}

/// What is wrong with the answers, if something is.
fn fault(vector: &Vector, statuses: &[u16]) -> Option<String> {
    let said = format!("{}: {statuses:?}, {:?} ({})", vector.name, vector.answers, vector.why);
    if statuses.len() > vector.answers.len() {
        return Some(format!("more answers than requests: {said}"));
    }
    for (at, expected) in vector.answers.iter().enumerate() {
        let status = statuses.get(at);
        let is_refused = status.is_none_or(|status| (400..600).contains(status));
        // `served`: understood, whatever the answer to it is.
        let is_none =
            status.is_none_or(|status| matches!(status, 400 | 408 | 411..415 | 431 | 505));
        match expected.as_str() {
            "served" if is_none && *status.unwrap_or(&0) != 412 => {
                return Some(format!("refused: {said}"));
            }
            "refused" if !is_refused => return Some(format!("served: {said}")),
            _ => {}
        }
    }
    None
}

#[test]
fn a_thousand_odd_requests() {
    let site = site();
    let daemon = site.serve();
    let vectors = vectors();
    const THREADS: usize = 16;
    let faults: Vec<String> = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..THREADS)
            .map(|hand| {
                let (daemon, vectors) = (&daemon, &vectors);
                scope.spawn(move || {
                    let mine = vectors.iter().skip(hand).step_by(THREADS);
                    mine.filter_map(|vector| fault(vector, &talk(daemon, vector)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
    assert_eq!(daemon.get("/all.rss").status, 200);
    report(&format!("{} odd requests", vectors.len()));
    assert!(!daemon.said().contains("panicked"), "{}", daemon.said());
}

/// What comes in two pieces is answered as what comes at once, wherever it is cut.
#[test]
fn cut_at_every_byte() {
    let site = site();
    let daemon = site.serve();
    let tag = daemon.get("/all.atom").header("etag").unwrap().to_string();
    let filler = "x".repeat(300);
    let mut cuts = 0;
    for request in [
        format!("GET /all.atom HTTP/1.1\r\nHost: test\r\nIf-None-Match: {tag}\r\nConnection: close\r\n\r\n"),
        format!("HEAD /all.rss HTTP/1.1\r\nHost: test\r\nX-Filler: {filler}\r\nConnection: close\r\n\r\n"),
        "OPTIONS /all.json HTTP/1.1\r\nHost: test\r\nOrigin: https://a.example\r\nConnection: close\r\n\r\n".into(),
        "GET /all.rss HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n".into(),
    ] {
        let without_date = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let lines = text.lines().filter(|line| !line.starts_with("date:"));
            lines.map(String::from).collect::<Vec<_>>()
        };
        let whole = without_date(&daemon.raw(request.as_bytes()));
        for at in 1..request.len() {
            let mut stream: TcpStream = daemon.connect();
            stream.set_nodelay(true).unwrap();
            stream.write_all(&request.as_bytes()[..at]).unwrap();
            // One that is refused for what has come may be closed before the rest comes.
            let _ = stream.write_all(&request.as_bytes()[at..]);
            let answer = crate::kit::rest(stream);
            assert_eq!(without_date(&answer), whole, "cut at {at}: {request:?}");
            cuts += 1;
        }
    }
    report(&format!("{cuts} cuts"));
}
