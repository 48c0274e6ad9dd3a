//! The fields that answers with a document have in common, made once: an answer begins with a copy.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What is put in where each answer has its own.
const OPEN: HeaderValue = HeaderValue::from_static("");

#[derive(Clone, Debug)]
pub struct Heads {
    document: HeaderMap,
    not_modified: HeaderMap,
}

impl Heads {
    /// `cache_control`: how long readers may keep what they got; `cors`: pages of other sites may
    /// read the feeds.
    pub fn new(cache_control: &HeaderValue, cors: bool) -> Heads {
        let word = HeaderValue::from_static;
        let own = [
            (header::CONTENT_TYPE, OPEN),
            (header::X_CONTENT_TYPE_OPTIONS, word("nosniff")),
            (header::ACCEPT_RANGES, word("none")),
            (header::CONTENT_ENCODING, OPEN),
        ];
        // As a 200 would have them (RFC 9110, 15.4.5).
        let both = [
            (header::ETAG, OPEN),
            (header::LAST_MODIFIED, OPEN),
            (header::CACHE_CONTROL, cache_control.clone()),
            (header::VARY, word("Accept-Encoding")),
        ];
        let open = [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, word("*")),
            (header::ACCESS_CONTROL_EXPOSE_HEADERS, word("ETag, Last-Modified")),
        ];
        let both = || both.iter().chain(open.iter().filter(|_| cors)).cloned();
        Heads { document: own.into_iter().chain(both()).collect(), not_modified: both().collect() }
    }

    /// Of an answer with a document's bytes: type, coding, tag and date are still to be put in.
    pub fn document(&self) -> HeaderMap {
        self.document.clone()
    }

    /// Of a 304: tag and date are still to be put in.
    pub fn not_modified(&self) -> HeaderMap {
        self.not_modified.clone()
    }
}

/// Puts an answer's own into a field that stands open.
pub fn put(head: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    let field = head.get_mut(name);
    debug_assert!(field.is_some(), "a field that stands open");
    if let Some(field) = field {
        *field = value;
    }
}
