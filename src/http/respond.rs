//! What is answered: a function of the request's head, the edition and the routes.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use ipnet::IpNet;
use percent_encoding::percent_decode_str;

use super::conditional::{self, Named, Validators, Verdict};
use super::heads::{self, Heads};
use super::health::Health;
use super::negotiate::{self, Coding};
use super::target;
use crate::edition::{Document, Edition, Fields};
use crate::feed::link::encode_path;
use crate::format::Format;

/// What the config says about serving.
#[derive(Clone, Debug)]
pub struct Routes {
    pub heads: Heads,
    pub cors: bool,
    /// The path of the address under which readers find the feeds, with a slash at both ends: a
    /// proxy may take it off before it asks here, or not.
    pub base: String,
    /// Feed paths without extension.
    pub gone: Vec<String>,
    pub moved: BTreeMap<String, String>,
    pub trusted_proxies: Vec<IpNet>,
}

pub struct Answer {
    pub head: Response<()>,
    pub content: Content,
    /// What the client would rather have had, to be made for the next one.
    pub missed: Option<(Arc<Document>, Coding)>,
}

pub enum Content {
    Nothing,
    Text(&'static str),
    Bytes(Bytes),
    /// To be made before it is sent.
    Document(Arc<Document>, Coding),
}

/// A document's bytes in a coding, where they are at hand.
pub type AtHand<'a> = &'a dyn Fn(&Document, Coding) -> Option<Bytes>;

const ALLOW: &str = "GET, HEAD, OPTIONS";

/// Names under which readers look for a site's feed. They are answered directly, since some
/// readers do not follow redirects while they look.
const PROBED: &[(&str, &str)] = &[
    ("", "index.html"),
    ("feed", "all.rss"),
    ("feed/", "all.rss"),
    ("feeds", "index.html"),
    ("feeds/", "index.html"),
    ("rss", "all.rss"),
    ("rss/", "all.rss"),
    ("feed.xml", "all.rss"),
    ("rss.xml", "all.rss"),
    ("index.xml", "all.rss"),
    ("index.rss", "all.rss"),
    ("feed.rss", "all.rss"),
    ("rss/feed.xml", "all.rss"),
    ("feed/rss", "all.rss"),
    ("atom", "all.atom"),
    ("atom.xml", "all.atom"),
    ("feed.atom", "all.atom"),
    ("index.atom", "all.atom"),
    ("feed/atom", "all.atom"),
    ("feed.json", "all.json"),
    ("index.json", "all.json"),
    ("feed/json", "all.json"),
];

pub fn respond(
    request: &Parts,
    edition: Option<&Edition>,
    health: &Health,
    routes: &Routes,
    at_hand: AtHand,
) -> Answer {
    if let Some(fault) = target::fault(request) {
        let mut answer = text(StatusCode::BAD_REQUEST, fault);
        set(&mut answer, header::CONNECTION, HeaderValue::from_static("close"));
        return answer;
    }
    // No request here has a body; one that comes with one is a mistake or an attack. It is not
    // read, so that nothing can be sent after it.
    if target::has_body(request) {
        let mut answer = match request.method {
            Method::GET | Method::HEAD | Method::OPTIONS => None,
            _ => refuse_method(request),
        }
        .unwrap_or_else(|| text(StatusCode::BAD_REQUEST, "a request for a feed has no body\n"));
        set(&mut answer, header::CONNECTION, HeaderValue::from_static("close"));
        return answer;
    }
    if request.method == Method::OPTIONS {
        let mut answer = empty(StatusCode::NO_CONTENT);
        set(&mut answer, header::ALLOW, HeaderValue::from_static(ALLOW));
        if routes.cors {
            // A page of another site asks first whether it may send validators.
            for (name, value) in [
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
                (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, "If-None-Match, If-Modified-Since"),
                (header::ACCESS_CONTROL_MAX_AGE, "86400"),
            ] {
                set(&mut answer, name, HeaderValue::from_static(value));
            }
        }
        return answer;
    }
    let asked = request.uri.path();
    let decoded = match asked.contains('%') {
        true => percent_decode_str(asked).decode_utf8(),
        false => Ok(asked.into()),
    };
    let Ok(path) = decoded else {
        return text(StatusCode::NOT_FOUND, "no such feed\n");
    };
    let path = path.strip_prefix(routes.base.as_str()).or(path.strip_prefix('/')).unwrap_or(&path);
    if let Some(answer) = fixed(path, request) {
        return answer;
    }
    if let Some(answer) = health_of(path, health, edition) {
        return refuse_method(request).unwrap_or(answer);
    }
    if let Some(answer) = retired(path, request, routes) {
        return answer;
    }
    let Some(edition) = edition else { return busy() };
    let probed = || {
        PROBED
            .iter()
            .find(|(name, _)| *name == path)
            .map(|(_, target)| edition.documents.get(*target))
    };
    let named = edition.documents.get(path);
    if let Some(document) = named.or_else(|| probed().flatten()) {
        if let Some(refused) = refuse_method(request) {
            return refused;
        }
        return send(request, document, named.is_none(), routes, at_hand);
    }
    match path.strip_suffix('/') {
        Some(bare) if edition.documents.contains_key(bare) => redirect(bare, request, routes),
        _ => text(StatusCode::NOT_FOUND, "no such feed; / lists them all\n"),
    }
}

/// There is nothing to be sent for a moment.
pub fn busy() -> Answer {
    let mut answer = text(StatusCode::SERVICE_UNAVAILABLE, "the edition is not ready yet\n");
    set(&mut answer, header::RETRY_AFTER, HeaderValue::from_static("2"));
    answer
}

/// What is always there.
fn fixed(path: &str, request: &Parts) -> Option<Answer> {
    let mut answer = match path {
        "robots.txt" => text(StatusCode::OK, "User-agent: *\nAllow: /\n"),
        "favicon.ico" => empty(StatusCode::NO_CONTENT),
        _ => return None,
    };
    set(&mut answer, header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    Some(refuse_method(request).unwrap_or(answer))
}

/// For whoever looks after the daemon.
fn health_of(path: &str, health: &Health, edition: Option<&Edition>) -> Option<Answer> {
    let edition = edition.map(|edition| edition.number);
    match path {
        "healthz" => {
            let (status, report) = health.report(edition);
            let mut answer = text(status, "");
            answer.content = Content::Bytes(report.into());
            set(&mut answer, header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Some(answer)
        }
        "readyz" => {
            let (status, word) = health.readiness(edition);
            Some(text(status, word))
        }
        _ => None,
    }
}

/// Feeds that the config withdraws (410) or renames (308).
fn retired(path: &str, request: &Parts, routes: &Routes) -> Option<Answer> {
    if routes.moved.is_empty() && routes.gone.is_empty() {
        return None;
    }
    let (feed, format) = Format::of(path)?;
    if let Some(target) = routes.moved.get(feed) {
        return Some(redirect(&format!("{target}.{}", format.extension()), request, routes));
    }
    routes.gone.iter().any(|gone| gone == feed).then(|| {
        refuse_method(request)
            .unwrap_or_else(|| text(StatusCode::GONE, "this feed was withdrawn for good\n"))
    })
}

fn refuse_method(request: &Parts) -> Option<Answer> {
    if matches!(request.method, Method::GET | Method::HEAD) {
        return None;
    }
    let known =
        [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE, Method::CONNECT];
    if !known.contains(&request.method) {
        return Some(text(StatusCode::NOT_IMPLEMENTED, "no such method\n"));
    }
    let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "feeds can be read, nothing else\n");
    set(&mut answer, header::ALLOW, HeaderValue::from_static(ALLOW));
    Some(answer)
}

fn redirect(path: &str, request: &Parts, routes: &Routes) -> Answer {
    if let Some(refused) = refuse_method(request) {
        return refused;
    }
    let mut answer = text(StatusCode::PERMANENT_REDIRECT, "this feed has moved\n");
    let location = format!("{}{}", routes.base, encode_path(path));
    if let Ok(value) = HeaderValue::from_str(&location) {
        set(&mut answer, header::LOCATION, value);
    }
    set(&mut answer, header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    answer
}

/// A document, or the word that the client has it already. Both carry the same caching fields.
fn send(
    request: &Parts,
    document: &Arc<Document>,
    probed: bool,
    routes: &Routes,
    at_hand: AtHand,
) -> Answer {
    document.ask();
    let fields = document.fields();
    let validators = Validators {
        sent: fields.etags(),
        tag: &fields.tag,
        last_modified: document.last_modified,
    };
    let verdict = conditional::evaluate(&request.headers, &validators);
    if verdict == Verdict::Failed {
        return text(StatusCode::PRECONDITION_FAILED, "it has changed since\n");
    }
    let mut answer = empty(StatusCode::OK);
    let etag = if let Verdict::NotModified(named) = verdict {
        *answer.head.status_mut() = StatusCode::NOT_MODIFIED;
        *answer.head.headers_mut() = routes.heads.not_modified();
        named.and_then(|named| tag_that_was_named(named, fields)).unwrap_or_else(|| {
            match (negotiate::codings(&request.headers).first(), document.best_gzip()) {
                (Coding::Gzip, Some(_)) => fields.best_gzip().clone(),
                (coding, _) => fields.etag(coding).clone(),
            }
        })
    } else {
        let wanted = negotiate::codings(&request.headers);
        let mut coding = wanted.first();
        let best_gzip = document.best_gzip();
        let ready = wanted.iter().find_map(|coding| match (coding, best_gzip) {
            (Coding::Gzip, Some(best)) => Some((coding, best.clone(), fields.best_gzip())),
            _ => at_hand(document, coding).map(|bytes| (coding, bytes, fields.etag(coding))),
        });
        // Gzip takes no time worth mentioning; for what does, the next client need not wait.
        let soon = wanted.iter().find(|coding| *coding == Coding::Gzip);
        let first = coding;
        let (etag, content) = match (ready, soon) {
            (Some((ready, bytes, etag)), _) => {
                coding = ready;
                (etag, Content::Bytes(bytes))
            }
            (None, soon) => {
                coding = soon.unwrap_or(first);
                (fields.etag(coding), Content::Document(document.clone(), coding))
            }
        };
        answer.content = content;
        answer.missed = (coding != first).then(|| (document.clone(), first));
        let mut head = routes.heads.document();
        heads::put(&mut head, header::CONTENT_TYPE, HeaderValue::from_static(document.media_type));
        match coding {
            Coding::Identity => drop(head.remove(header::CONTENT_ENCODING)),
            _ => {
                let name = HeaderValue::from_static(coding.name());
                heads::put(&mut head, header::CONTENT_ENCODING, name);
            }
        }
        *answer.head.headers_mut() = head;
        etag.clone()
    };
    let head = answer.head.headers_mut();
    heads::put(head, header::ETAG, etag);
    heads::put(head, header::LAST_MODIFIED, fields.last_modified.clone());
    if document.path.ends_with(".html") {
        // It is for people.
        head.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        head.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
    }
    if probed
        && let Ok(value) =
            HeaderValue::from_str(&format!("{}{}", routes.base, encode_path(&document.path)))
    {
        set(&mut answer, header::CONTENT_LOCATION, value);
    }
    answer
}

/// As it was sent, or with what a proxy added.
fn tag_that_was_named(named: Named, fields: &Fields) -> Option<HeaderValue> {
    match named {
        Named::AsSent(own) => Some(own.clone()),
        Named::Otherwise(tag) => {
            let own = fields.etags().iter().find(|own| is_in_quotes(own, tag)).cloned();
            own.or_else(|| HeaderValue::from_str(&format!("\"{tag}\"")).ok())
        }
    }
}

fn is_in_quotes(value: &HeaderValue, tag: &str) -> bool {
    let inner = value.as_bytes().strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    inner == Some(tag.as_bytes())
}

fn empty(status: StatusCode) -> Answer {
    let mut head = Response::new(());
    *head.status_mut() = status;
    Answer { head, content: Content::Nothing, missed: None }
}

fn text(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = empty(status);
    answer.content = Content::Text(text);
    set(&mut answer, header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    set(&mut answer, header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    set(&mut answer, header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn set(answer: &mut Answer, name: HeaderName, value: HeaderValue) {
    answer.head.headers_mut().insert(name, value);
}

/// Who asks, for the log: behind proxies that the config trusts, whom they name.
pub fn client(request: &Parts, peer: Option<IpAddr>, routes: &Routes) -> Option<IpAddr> {
    let trusted =
        |ip: IpAddr| routes.trusted_proxies.iter().any(|net| net.contains(&ip.to_canonical()));
    let mut client = peer;
    for name in forwarded(&request.headers).into_iter().rev() {
        if !client.is_none_or(trusted) || routes.trusted_proxies.is_empty() {
            break;
        }
        let Ok(ip) = name.parse() else { break };
        client = Some(ip);
    }
    client
}

fn forwarded(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all("x-forwarded-for").iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(str::trim)
        .collect()
}
