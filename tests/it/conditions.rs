//! Promise 11: conditional requests are right. Every method with every precondition, range and
//! coding, held against a small model that is written from RFC 9110 and knows nothing of ours.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::kit::{Daemon, Site, report};

const OLDER: &str = "Mon, 01 Jan 2001 00:00:00 GMT";
const LATER: &str = "Fri, 01 Jan 2100 00:00:00 GMT";

/// What a client says, and what it means.
#[derive(Clone)]
struct Field<M> {
    lines: Vec<String>,
    means: M,
}

fn said<M>(means: M, name: &str, values: &[&str]) -> Field<M> {
    let lines = values.iter().map(|value| format!("{name}: {value}\r\n"));
    Field { lines: lines.collect(), means }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Tags {
    Absent,
    /// `*`
    Any,
    /// The present one, perhaps with others.
    Current,
    /// The present one, as a weak one.
    Weak,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Date {
    /// Not there, or no HTTP-date: to be ignored (13.1.3, 13.1.4).
    None,
    Before,
    /// The present one, or a later one.
    Since,
}

#[derive(Clone, Debug)]
struct Request {
    method: &'static str,
    lines: String,
    none_match: Tags,
    modified: Date,
    match_: Tags,
    unmodified: Date,
    coding: &'static str,
}

/// The status of RFC 9110, 13.2.2; unsafe methods are not offered at all (9.1, 15.5.6, 15.6.2).
fn status(request: &Request) -> u16 {
    match request.method {
        "GET" | "HEAD" => {}
        "OPTIONS" => return 204,
        "BREW" => return 501,
        _ => return 405,
    }
    match request.match_ {
        // If-Match compares strongly (13.1.1).
        Tags::Weak | Tags::Other => return 412,
        Tags::Any | Tags::Current => {}
        Tags::Absent if request.unmodified == Date::Before => return 412,
        Tags::Absent => {}
    }
    match request.none_match {
        Tags::Any | Tags::Current | Tags::Weak => 304,
        // If-Modified-Since counts only without it (13.1.3).
        Tags::Other => 200,
        Tags::Absent if request.modified == Date::Since => 304,
        Tags::Absent => 200,
    }
}

fn requests(hash: &str, modified: &str) -> Vec<Request> {
    let (plain, gzip) = (format!("\"{hash}\""), format!("\"{hash}-gzip\""));
    let brotli = format!("\"{hash}-br\"");
    let weak = format!("W/{gzip}");
    let list = format!("\"a,b\" , W/\"c\",{brotli}, \"d\"");
    let (obsolete, plain_date) = obsolete(modified);
    let none_match = [
        said(Tags::Absent, "", &[]),
        said(Tags::Any, "If-None-Match", &["*"]),
        said(Tags::Current, "If-None-Match", &[&plain]),
        said(Tags::Current, "If-None-Match", &[&gzip]),
        said(Tags::Current, "if-none-match", &[&list]),
        said(Tags::Current, "If-None-Match", &["\"x\"", &plain]),
        said(Tags::Weak, "If-None-Match", &[&weak]),
        said(Tags::Other, "If-None-Match", &["\"x\""]),
        said(Tags::Other, "If-None-Match", &[&format!("\"{hash}0\"")]),
        said(Tags::Other, "If-None-Match", &[""]),
    ];
    let dates = |name: &str| {
        [
            said(Date::None, "", &[]),
            said(Date::Since, name, &[modified]),
            said(Date::Since, name, &[&obsolete]),
            said(Date::Since, name, &[&plain_date]),
            said(Date::Since, name, &[LATER]),
            said(Date::Before, name, &[OLDER]),
            said(Date::None, name, &["yesterday"]),
            said(Date::None, name, &["Fri, 32 Jan 2100 00:00:00 GMT"]),
        ]
    };
    let match_ = [
        said(Tags::Absent, "", &[]),
        said(Tags::Any, "If-Match", &["*"]),
        said(Tags::Current, "If-Match", &[&brotli]),
        said(Tags::Weak, "If-Match", &[&weak]),
        said(Tags::Other, "If-Match", &["\"x\", \"y\""]),
    ];
    let unmodified = dates("If-Unmodified-Since");
    let unmodified = [0, 1, 5].map(|at| unmodified[at].clone());
    // No ranges are offered: the field is ignored (14.2).
    let range = [said((), "", &[]), said((), "Range", &["bytes=0-9"])];
    let coding = [
        said("", "", &[]),
        said("gzip", "Accept-Encoding", &["gzip"]),
        said("br", "Accept-Encoding", &["gzip;q=0, br"]),
        said("gzip", "Accept-Encoding", &["br;q=0.0", "x-gzip;q=0.5, identity;q=0"]),
        // Nothing is left: the feed is sent all the same.
        said("", "Accept-Encoding", &["identity;q=0, *;q=0"]),
    ];
    let mut all = Vec::new();
    for method in ["GET", "HEAD", "OPTIONS", "POST", "DELETE", "BREW"] {
        let few = !matches!(method, "GET" | "HEAD");
        for none_match in &none_match {
            for modified in dates("If-Modified-Since").iter().skip(if few { 7 } else { 0 }) {
                for match_ in &match_ {
                    for unmodified in &unmodified {
                        for range in &range {
                            for coding in coding.iter().skip(if few { 3 } else { 0 }) {
                                let lines = [
                                    none_match.lines.concat(),
                                    modified.lines.concat(),
                                    match_.lines.concat(),
                                    unmodified.lines.concat(),
                                    range.lines.concat(),
                                    coding.lines.concat(),
                                ];
                                all.push(Request {
                                    method,
                                    lines: lines.concat(),
                                    none_match: none_match.means,
                                    modified: modified.means,
                                    match_: match_.means,
                                    unmodified: unmodified.means,
                                    coding: coding.means,
                                });
                            }
                        }
                    }
                }
            }
        }
    }
    all
}

/// A date in the two forms that must still be understood (5.6.7).
fn obsolete(date: &str) -> (String, String) {
    let parts: Vec<&str> = date.split([' ', ',']).filter(|part| !part.is_empty()).collect();
    let [weekday, day, month, year, time, _] = parts[..] else { panic!("{date}") };
    let long = match weekday {
        "Tue" => "Tuesday",
        "Wed" => "Wednesday",
        "Thu" => "Thursday",
        "Sat" => "Saturday",
        short => &format!("{short}day"),
    };
    let bare = day.trim_start_matches('0');
    (
        format!("{long}, {day}-{month}-{} {time} GMT", &year[2..]),
        format!("{weekday} {month} {bare:>2} {time} {year}"),
    )
}

struct Answer {
    status: u16,
    fields: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// One connection that is kept.
struct Line {
    stream: BufReader<TcpStream>,
}

impl Line {
    fn ask(&mut self, request: &Request) -> Answer {
        let text =
            format!("{} /all.atom HTTP/1.1\r\nHost: test\r\n{}\r\n", request.method, request.lines);
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "closed after {text}");
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_string()),
            }
        }
        let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
        let mut fields = BTreeMap::new();
        for line in &lines[1..] {
            let (name, value) = line.split_once(": ").unwrap();
            assert!(fields.insert(name.to_string(), value.to_string()).is_none(), "{lines:?}");
        }
        let length = match (request.method, status) {
            ("HEAD", _) | (_, 204 | 304) => 0,
            _ => fields["content-length"].parse().unwrap(),
        };
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        Answer { status, fields, body }
    }
}

struct Known<'a> {
    hash: &'a str,
    modified: &'a str,
    bytes: &'a [u8],
}

/// What differs from the model.
fn difference(request: &Request, answer: &Answer, known: &Known) -> Option<String> {
    let field = |name: &str| answer.fields.get(name).map(String::as_str);
    let expected = status(request);
    if answer.status != expected {
        return Some(format!("{} instead of {expected}", answer.status));
    }
    let wrong = |what: &str| Some(format!("{what}: {:?}", answer.fields));
    if matches!(expected, 204 | 405) && field("allow") != Some("GET, HEAD, OPTIONS") {
        return wrong("Allow");
    }
    if !matches!(expected, 200 | 304) {
        return (field("etag").is_some() || field("content-encoding").is_some())
            .then(|| format!("of no representation: {:?}", answer.fields));
    }
    // What a 304 must have is what the 200 would have had (15.4.5).
    for (name, value) in [("last-modified", known.modified), ("vary", "Accept-Encoding")] {
        if field(name) != Some(value) {
            return wrong(name);
        }
    }
    let Some(tag) = field("etag").and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')) else {
        return wrong("no strong ETag");
    };
    if !tag.starts_with(known.hash) {
        return wrong("ETag");
    }
    let coding = field("content-encoding").unwrap_or("");
    if expected == 304 {
        let named = request.lines.contains(&format!("\"{tag}\""));
        let bare = [known.hash.len()].map(|at| &tag[at..])[0].trim_end_matches('9');
        let own = bare
            == if request.coding.is_empty() { "".into() } else { format!("-{}", request.coding) };
        if !(named || own) || field("content-type").is_some() || !coding.is_empty() {
            return wrong("a 304 of its own");
        }
        return None;
    }
    if coding != request.coding {
        return wrong("Content-Encoding");
    }
    // The tag of one coding is never that of another (8.8.3.3).
    let suffix = tag[known.hash.len()..].trim_end_matches('9').trim_start_matches('-');
    if suffix != coding {
        return wrong("the ETag of another coding");
    }
    if request.method == "HEAD" {
        return field("content-length").is_none().then(|| "no Content-Length".into());
    }
    (decoded(coding, &answer.body) != known.bytes).then(|| "other bytes".into())
}

fn decoded(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match coding {
        "gzip" => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap()),
        "br" => drop(brotli::Decompressor::new(bytes, 4_096).read_to_end(&mut plain).unwrap()),
        _ => plain.extend_from_slice(bytes),
    }
    plain
}

fn ask_all(daemon: &Daemon, requests: &[Request], known: &Known) -> Vec<String> {
    const THREADS: usize = 4;
    std::thread::scope(|scope| {
        let hand = |first: usize| {
            scope.spawn(move || {
                let mut line = Line { stream: BufReader::new(daemon.connect()) };
                let mine = requests.iter().skip(first).step_by(THREADS);
                mine.filter_map(|request| {
                    let answer = line.ask(request);
                    difference(request, &answer, known).map(|what| format!("{what}\n{request:?}"))
                })
                .collect::<Vec<_>>()
            })
        };
        let hands: Vec<_> = (0..THREADS).map(hand).collect();
        hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
    })
}

#[test]
fn the_full_product() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.article("b.md", "B", "2024-01-02");
    let daemon = site.serve();
    let fresh = daemon.get("/all.atom");
    let hash = fresh.header("etag").unwrap().trim_matches('"').to_string();
    let modified = fresh.header("last-modified").unwrap().to_string();
    let known = Known { hash: &hash, modified: &modified, bytes: &fresh.body };
    let requests = requests(&hash, &modified);
    let differences = ask_all(&daemon, &requests, &known);
    let shown = differences.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} of {}:\n{shown}", differences.len(), requests.len());
    let count = |status: u16| requests.iter().filter(|one| self::status(one) == status).count();
    let counts = [200, 304, 412, 204, 405, 501].map(|status| (status, count(status)));
    assert!(requests.len() > 20_000 && counts.iter().all(|(_, count)| *count > 0));
    report(&format!("{} requests, by status {counts:?}, 0 differences", requests.len()));
}
