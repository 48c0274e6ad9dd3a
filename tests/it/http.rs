//! What a reader sees on the wire.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use syndic::edition::{Document, Edition, Kept, Stamp};
use syndic::http::heads::Heads;
use syndic::http::{Front, Limits, listener::Listener, respond::Routes, serve};

use crate::kit::{CONFIG, DEADLINE, Daemon, Response, Site, connect, rest, skip};

fn site() -> Site {
    let site = Site::new();
    site.article("a b/x.md", "A", "2024-01-01");
    site.article("y.md", "B", "2024-01-02");
    site
}

#[test]
fn a_feed_has_all_its_headers() {
    let daemon = site().serve();
    for (path, media_type) in [
        ("/all.rss", "application/rss+xml; charset=utf-8"),
        ("/all.atom", "application/atom+xml; charset=utf-8"),
        ("/all.json", "application/feed+json; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/", "text/html; charset=utf-8"),
    ] {
        let response = daemon.get(path);
        assert_eq!(response.status, 200, "{path}");
        assert_eq!(response.header("content-type"), Some(media_type));
        assert_eq!(response.header("cache-control"), Some("public, max-age=300"));
        assert_eq!(response.header("vary"), Some("Accept-Encoding"));
        assert_eq!(response.header("content-length"), Some(&*response.body.len().to_string()));
        for name in ["etag", "last-modified", "date"] {
            assert!(response.header(name).is_some(), "{path}: {name}");
        }
        let cors = response.header("access-control-allow-origin");
        assert_eq!(cors, (path != "/").then_some("*"), "{path}");
    }
}

#[test]
fn head_is_get_without_a_body() {
    let daemon = site().serve();
    let without_date = |head: &str| {
        head.lines().filter(|line| !line.starts_with("date:")).collect::<Vec<_>>().join("\n")
    };
    for path in ["/all.rss", "/nothing", "/feed", "/"] {
        let (get, head) = (daemon.get(path), daemon.request("HEAD", path, &[]));
        assert_eq!(without_date(&get.head), without_date(&head.head), "{path}");
        assert!(head.body.is_empty());
    }
}

#[test]
fn conditional_requests() {
    let daemon = site().serve();
    let fresh = daemon.get("/all.atom");
    let etag = fresh.header("etag").unwrap().to_string();
    let modified = fresh.header("last-modified").unwrap().to_string();
    let hash = etag.trim_matches('"').to_string();
    let gzip = format!("\"{hash}-gzip\"");
    let weak = format!("W/{gzip}");
    let listed = format!("\"other\", {gzip}");
    let (old, later) = ("Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT");
    let inm = "If-None-Match";
    let ims = "If-Modified-Since";
    type Row<'a> = (&'a [(&'a str, &'a str)], u16, Option<&'a str>);
    let table: &[Row] = &[
        (&[], 200, Some(&etag)),
        (&[(inm, &etag)], 304, Some(&etag)),
        (&[(inm, &gzip)], 304, Some(&gzip)),
        (&[(inm, &weak)], 304, Some(&gzip)),
        (&[(inm, &listed)], 304, Some(&gzip)),
        (&[(inm, "*")], 304, Some(&etag)),
        (&[(inm, "\"other\"")], 200, Some(&etag)),
        (&[(inm, "\"other\""), (ims, later)], 200, Some(&etag)),
        (&[(inm, &etag), (ims, old)], 304, Some(&etag)),
        (&[(ims, &modified)], 304, Some(&etag)),
        (&[(ims, later)], 304, Some(&etag)),
        (&[(ims, old)], 200, Some(&etag)),
        (&[(ims, "yesterday")], 200, Some(&etag)),
        (&[("If-Match", "\"other\"")], 412, None),
        (&[("If-Match", &gzip)], 200, Some(&etag)),
        (&[("If-Unmodified-Since", old)], 412, None),
        (&[("Range", "bytes=0-10")], 200, Some(&etag)),
        (&[(inm, &gzip), ("Accept-Encoding", "br")], 304, Some(&gzip)),
        (&[("Accept-Encoding", "gzip")], 200, Some(&gzip)),
    ];
    for (headers, status, tag) in table {
        for method in ["GET", "HEAD"] {
            let response = daemon.request(method, "/all.atom", headers);
            assert_eq!(response.status, *status, "{method} {headers:?}\n{}", response.head);
            assert_eq!(response.header("etag"), *tag, "{method} {headers:?}");
            if response.status == 304 {
                assert!(response.body.is_empty());
                for name in ["cache-control", "vary", "last-modified"] {
                    assert_eq!(response.header(name), fresh.header(name), "{name}");
                }
                for name in ["content-type", "content-encoding"] {
                    assert_eq!(response.header(name), None, "{headers:?}");
                }
            }
        }
    }
}

#[test]
fn each_coding_holds_the_same_bytes() {
    let site = site();
    // Long enough to be compressed beside the sockets' threads.
    site.write(
        "long.md",
        format!("---\ntitle: L\ndate: 2023-01-01\n---\n{}", "Some words. ".repeat(9_000)),
    );
    let daemon = site.serve();
    let plain = daemon.get("/all.rss");
    assert_eq!(plain.header("content-encoding"), None);
    assert!(plain.body.len() > 50_000);
    let mut tags = std::collections::BTreeSet::from([plain.header("etag").unwrap().to_string()]);
    for coding in ["gzip", "br", "zstd"] {
        for _ in 0..2 {
            let response = daemon.request("GET", "/all.rss", &[("Accept-Encoding", coding)]);
            assert_eq!(response.header("content-encoding"), Some(coding));
            tags.insert(response.header("etag").unwrap().to_string());
            let mut bytes = Vec::new();
            match coding {
                "gzip" => {
                    flate2::read::GzDecoder::new(&response.body[..])
                        .read_to_end(&mut bytes)
                        .unwrap();
                }
                "br" => {
                    brotli::Decompressor::new(&response.body[..], 4096)
                        .read_to_end(&mut bytes)
                        .unwrap();
                }
                _ => bytes = zstd::decode_all(&response.body[..]).unwrap(),
            }
            assert!(bytes == plain.body, "{coding}");
        }
    }
    assert_eq!(tags.len(), 4, "one validator for each coding");
}

#[test]
fn names_that_readers_probe_answer_directly() {
    let daemon = site().serve();
    for (name, target) in [
        ("/feed", "/all.rss"),
        ("/feed/", "/all.rss"),
        ("/rss", "/all.rss"),
        ("/rss/", "/all.rss"),
        ("/feed.xml", "/all.rss"),
        ("/rss.xml", "/all.rss"),
        ("/index.xml", "/all.rss"),
        ("/index.rss", "/all.rss"),
        ("/rss/feed.xml", "/all.rss"),
        ("/atom.xml", "/all.atom"),
        ("/feed.atom", "/all.atom"),
        ("/feed.json", "/all.json"),
    ] {
        let response = daemon.get(name);
        assert_eq!(response.status, 200, "{name}");
        assert_eq!(response.header("content-location"), Some(target));
        assert_eq!(response.body, daemon.get(target).body, "{name}");
    }
    assert_eq!(daemon.get("/robots.txt").status, 200);
    assert_eq!(daemon.get("/favicon.ico").status, 204);
}

#[test]
fn addresses() {
    let daemon = site().serve();
    let same = daemon.get("/category/a-b.json");
    assert_eq!(same.status, 200);
    assert_eq!(daemon.get("/category/a-b.json?_=123&utm_source=x").body, same.body);
    assert_eq!(daemon.get("/category/a%2Db.json").body, same.body);
    let slash = daemon.get("/all.rss/");
    assert_eq!((slash.status, slash.header("location")), (308, Some("/all.rss")));
    for path in [
        "/nothing",
        "/../etc/passwd",
        "/%2e%2e/config.toml",
        "/category/",
        "/a%00b",
        "/%ff",
        "/ALL.RSS",
        "/.syndic.json",
    ] {
        let response = daemon.get(path);
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn addresses_below_a_path_of_the_proxy() {
    let config = CONFIG.replace("[server]", "[feeds]\nmoved = { \"category/old\" = \"all\" }\n[server]\nurl = \"https://f.example/feeds/\"");
    let site = Site::with_config(&config);
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    let moved = daemon.get("/category/old.rss");
    assert_eq!((moved.status, moved.header("location")), (308, Some("/feeds/all.rss")));
    assert_eq!(daemon.get("/feed").header("content-location"), Some("/feeds/all.rss"));
    // Whether the proxy takes its path off or not.
    assert_eq!(daemon.get("/feeds/all.rss").body, daemon.get("/all.rss").body);
}

#[test]
fn pages_of_other_sites_may_send_validators() {
    let daemon = site().serve();
    let answer = daemon.request(
        "OPTIONS",
        "/all.json",
        &[("Origin", "https://x.example"), ("Access-Control-Request-Headers", "if-none-match")],
    );
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(answer.header("access-control-allow-headers").unwrap().contains("If-None-Match"));
}

#[test]
fn methods() {
    let daemon = site().serve();
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let response = daemon.request(method, "/all.rss", &[("Content-Length", "0")]);
        assert_eq!(
            (response.status, response.header("allow")),
            (405, Some("GET, HEAD, OPTIONS")),
            "{method}"
        );
    }
    assert_eq!(daemon.request("BREW", "/all.rss", &[]).status, 501);
    let options = daemon.request("OPTIONS", "/all.rss", &[]);
    assert_eq!((options.status, options.header("allow")), (204, Some("GET, HEAD, OPTIONS")));
}

#[test]
fn nonsense_is_refused() {
    let daemon = site().serve();
    for request in [
        &b"GET /all.rss HTTP/1.1\r\nConnection: close\r\n\r\n"[..],
        b"GET /all.rss HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    ] {
        assert_eq!(Response::parse(&daemon.raw(request)).status, 400, "{request:?}");
    }
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(500));
    assert_eq!(Response::parse(&daemon.raw(many.as_bytes())).status, 431);
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(100_000));
    let answer = daemon.raw(long.as_bytes());
    // It may be reset while the rest of it is still on its way.
    assert!(answer.is_empty() || Response::parse(&answer).status == 431);
    assert_eq!(daemon.get("/all.rss").status, 200, "it still serves");
}

#[test]
fn one_connection_serves_many_requests() {
    let daemon = site().serve();
    let mut stream = daemon.connect();
    let request = b"GET /all.json HTTP/1.1\r\nHost: a\r\n\r\n";
    stream.write_all(&request.repeat(3)).unwrap();
    stream.write_all(b"GET /all.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(String::from_utf8_lossy(&rest(stream)).matches("HTTP/1.1 200 OK").count(), 4);
}

#[test]
fn a_unix_socket_serves_too() {
    let site = Site::with_config(
        &CONFIG.replace("\"127.0.0.1:0\"", "[\"127.0.0.1:0\", \"unix:feeds.sock\"]"),
    );
    site.article("a.md", "A", "2024-01-01");
    let daemon = site.serve();
    let mut stream = std::os::unix::net::UnixStream::connect(site.path("feeds.sock")).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(b"GET /all.rss HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(Response::parse(&rest(stream)).body, daemon.get("/all.rss").body);
    daemon.signal(Signal::KILL);
    drop(daemon);
    // The socket that a killed daemon left behind is no hindrance.
    site.serve().stop();
}

#[test]
fn it_stops_gracefully() {
    for signal in [Signal::TERM, Signal::INT] {
        let site = site();
        let mut daemon = site.serve();
        // An idle connection, a silent one, and once one with half a request, which has the time
        // of grace to send the rest.
        let mut idle = daemon.connect();
        idle.write_all(b"GET /all.rss HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut first = [0; 15];
        idle.read_exact(&mut first).unwrap();
        let silent = daemon.connect();
        let mut half = daemon.connect();
        if signal == Signal::INT {
            half.write_all(b"GET /all.rss HTTP/1.1\r\nHos").unwrap();
        }
        daemon.signal(signal);
        assert_eq!(daemon.wait(), 0, "{signal:?}");
        assert!(rest(silent).is_empty() && rest(half).is_empty());
        rest(idle);
    }
}

#[test]
fn systemd_is_told_when_it_is_ready() {
    let site = site();
    let socket = std::os::unix::net::UnixDatagram::bind(site.path("notify")).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let daemon = Daemon::spawn(
        crate::kit::syndic()
            .arg("serve")
            .env("NOTIFY_SOCKET", site.path("notify"))
            .current_dir(site.dir.path()),
    );
    let mut bytes = [0; 64];
    let length = socket.recv(&mut bytes).unwrap();
    assert_eq!(bytes[..length].trim_ascii(), b"READY=1");
    assert_eq!(daemon.get("/all.rss").status, 200);
    daemon.stop();
    let length = socket.recv(&mut bytes).unwrap();
    assert_eq!(bytes[..length].trim_ascii(), b"STOPPING=1");
}

/// The server alone, with limits that a test can wait for.
struct Server {
    address: String,
    stop: tokio::sync::watch::Sender<bool>,
    serving: tokio::task::JoinHandle<()>,
    runtime: tokio::runtime::Runtime,
}

const SHORT: Duration = Duration::from_millis(300);

impl Server {
    fn start(limits: Limits, room: usize, edition: Option<Edition>) -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (listener, bound) = runtime.block_on(Listener::tcp("127.0.0.1:0")).unwrap();
        let address = bound.to_string();
        let address = address.trim_start_matches("http://").trim_end_matches('/').to_string();
        let routes = Routes {
            heads: Heads::new(&http::HeaderValue::from_static("public, max-age=300"), true),
            cors: true,
            base: "/".into(),
            gone: Vec::new(),
            moved: BTreeMap::new(),
            trusted_proxies: Vec::new(),
        };
        let front = Front::new(routes, Box::new(|_, _| None));
        front.edition.store(edition.map(Arc::new));
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let room = Arc::new(tokio::sync::Semaphore::new(room));
        let serving = runtime.spawn(serve(vec![listener], Arc::new(front), limits, room, stopped));
        Server { address, stop, serving, runtime }
    }

    fn stop(self) {
        let _ = self.stop.send(true);
        self.runtime.block_on(self.serving).unwrap();
        assert!(std::net::TcpStream::connect(&self.address).is_err());
    }
}

const GET: &[u8] = b"GET /all.rss HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

#[test]
fn silent_connections_end_by_themselves() {
    let limits = Limits { first_byte: SHORT, headers: SHORT, grace: SHORT };
    let server = Server::start(limits, 8, None);
    assert!(rest(connect(&server.address)).is_empty());
    let mut half = connect(&server.address);
    half.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n").unwrap();
    rest(half);
    // No edition yet: come again, and keep nothing.
    let mut early = connect(&server.address);
    early.write_all(GET).unwrap();
    let answer = Response::parse(&rest(early));
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    server.stop();
}

#[test]
fn more_connections_than_there_is_room_for_are_told_to_come_again() {
    let limits = Limits { first_byte: DEADLINE, headers: DEADLINE, grace: SHORT };
    let server = Server::start(limits, 2, None);
    let full: Vec<_> = (0..2).map(|_| connect(&server.address)).collect();
    for _ in 0..50 {
        let mut third = connect(&server.address);
        third.write_all(GET).unwrap();
        let answer = Response::parse(&rest(third));
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
        assert_eq!(answer.header("connection"), Some("close"));
    }
    // More at once than are told so: the others are closed, none is kept.
    let crowd: Vec<_> = (0..200).map(|_| connect(&server.address)).collect();
    for stream in crowd {
        let answer = rest(stream);
        assert!(answer.is_empty() || Response::parse(&answer).status == 503);
    }
    drop(full);
    // Room again, as soon as the server saw that they went.
    let start = std::time::Instant::now();
    loop {
        let mut fourth = connect(&server.address);
        fourth.write_all(GET).unwrap();
        // Until the crowd was told, it may be closed like the rest of it.
        let answer = rest(fourth);
        if !answer.is_empty() && Response::parse(&answer).header("retry-after") == Some("2") {
            break;
        }
        assert!(start.elapsed() < DEADLINE, "no room again");
    }
    server.stop();
}

/// Threads that each had a share of the room turned readers away while others had room.
#[test]
fn all_room_is_there_for_whoever_comes() {
    let site = site();
    // 256 descriptors are for other things, 64 for readers.
    let script = format!("ulimit -n 320 && exec {} serve", env!("CARGO_BIN_EXE_syndic"));
    let mut command = std::process::Command::new("sh");
    let daemon = Daemon::spawn(command.args(["-c", &script]).current_dir(site.dir.path()));
    let mut kept = Vec::new();
    for number in 0..60 {
        let mut stream = daemon.connect();
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 200", "reader {number}");
        kept.push(stream);
    }
}

/// A crowd that comes at once waits in the kernel, and not for its second attempt.
#[test]
fn a_crowd_is_let_in_before_it_is_served() {
    let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap_or_default();
    if most.trim().parse::<usize>().is_ok_and(|most| most < 1_000) {
        return skip("the system lets fewer wait");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_listener, bound) = runtime.block_on(Listener::tcp("127.0.0.1:0")).unwrap();
    let syndic::http::listener::Bound::Tcp(address) = bound else { panic!("{bound}") };
    let wait = Duration::from_secs(10);
    // Nobody accepts them.
    let connect = |_| std::net::TcpStream::connect_timeout(&address, wait);
    let crowd: std::io::Result<Vec<_>> = (0..500).map(connect).collect();
    assert!(crowd.is_ok(), "{crowd:?}");
}

#[test]
fn an_answer_under_way_is_sent_to_its_end() {
    // More than the sockets hold: half of it is not sent yet when the word to stop comes.
    let bytes = vec![b'x'; 32 * 1024 * 1024];
    let document =
        Document::new("all.rss", Stamp::of(&bytes, None, 1), Kept::Plain(bytes.clone().into()));
    let edition = Edition::default().revise(1, vec![document], &[]);
    let limits = Limits { first_byte: DEADLINE, headers: DEADLINE, grace: DEADLINE };
    let server = Server::start(limits, 8, Some(edition));
    let mut reader = connect(&server.address);
    reader.write_all(GET).unwrap();
    let mut answer = vec![0; 64];
    reader.read_exact(&mut answer).unwrap();
    server.stop.send(true).unwrap();
    while std::net::TcpStream::connect(&server.address).is_ok() {
        std::thread::sleep(Duration::from_millis(10));
    }
    answer.extend(rest(reader));
    let answer = Response::parse(&answer);
    assert_eq!(answer.header("content-length"), Some(&*bytes.len().to_string()));
    assert!(answer.body == bytes);
    server.stop();
}

#[test]
fn events_are_written_as_json_where_machines_read() {
    let site = site();
    let daemon = Daemon::start(site.dir.path(), &["--log", "json"]);
    daemon.get("/all.rss");
    daemon.until("an access line", |daemon| daemon.said().contains("\"status\":200"));
    for line in daemon.said().lines().filter(|line| line.starts_with('{')) {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(event["timestamp"].is_string(), "{line}");
    }
}
