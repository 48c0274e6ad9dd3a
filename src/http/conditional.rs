//! Preconditions, in the order of RFC 9110, 13.2.2: If-Match, If-Unmodified-Since, If-None-Match,
//! If-Modified-Since. Ranges are not offered, so If-Range does not arise.

use http::{HeaderMap, HeaderName, HeaderValue, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// Send the document.
    Send,
    /// 304, with the validator that the client named, if it named one.
    NotModified(Option<Named<'a>>),
    /// 412
    Failed,
}

/// How a client names the validator that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// As it was sent, and nothing else.
    AsSent(&'a HeaderValue),
    /// Among others, or with what a proxy added: without quotes.
    Otherwise(&'a str),
}

/// Of a document's present version.
pub struct Validators<'a> {
    /// Its entity tags, as they are sent.
    pub sent: &'a [HeaderValue],
    /// The part that all its entity tags begin with; what follows names the coding.
    pub tag: &'a str,
    /// Unix seconds.
    pub last_modified: i64,
}

/// Decides about a GET or HEAD of something that exists.
pub fn evaluate<'a>(headers: &'a HeaderMap, validators: &Validators<'a>) -> Verdict<'a> {
    if headers.contains_key(header::IF_MATCH) {
        if !matches_strongly(headers, validators) {
            return Verdict::Failed;
        }
    } else if let Some(date) = date(headers, header::IF_UNMODIFIED_SINCE)
        && validators.last_modified > date
    {
        return Verdict::Failed;
    }
    if headers.contains_key(header::IF_NONE_MATCH) {
        return none_match(headers, validators);
    }
    match date(headers, header::IF_MODIFIED_SINCE) {
        Some(date) if validators.last_modified <= date => Verdict::NotModified(None),
        _ => Verdict::Send,
    }
}

struct Listed<'a> {
    opaque: &'a str,
    weak: bool,
}

impl Listed<'_> {
    /// Proxies add suffixes of their own (`-gzip`, `;gzip`) to what we sent.
    fn is_current(&self, tag: &str) -> bool {
        self.opaque
            .strip_prefix(tag)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    }
}

fn matches_strongly(headers: &HeaderMap, validators: &Validators) -> bool {
    let is_strong = |tag: Listed| !tag.weak && tag.is_current(validators.tag);
    is_any(headers, header::IF_MATCH) || tags(headers, header::IF_MATCH).any(is_strong)
}

fn none_match<'a>(headers: &'a HeaderMap, validators: &Validators<'a>) -> Verdict<'a> {
    let mut lines = headers.get_all(header::IF_NONE_MATCH).iter();
    if let (Some(one), None) = (lines.next(), lines.next())
        && let Some(own) = validators.sent.iter().find(|own| *own == one)
    {
        return Verdict::NotModified(Some(Named::AsSent(own)));
    }
    match tags(headers, header::IF_NONE_MATCH).find(|tag| tag.is_current(validators.tag)) {
        Some(tag) => Verdict::NotModified(Some(Named::Otherwise(tag.opaque))),
        None if is_any(headers, header::IF_NONE_MATCH) => Verdict::NotModified(None),
        None => Verdict::Send,
    }
}

fn lines(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
}

/// `*`, alone
fn is_any(headers: &HeaderMap, name: HeaderName) -> bool {
    let mut lines = lines(headers, name);
    matches!((lines.next(), lines.next()), (Some(one), None) if one.trim() == "*")
}

/// The tags of all lines of a field: `"a", W/"b"`; also the unquoted ones that some clients send.
fn tags(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = Listed<'_>> {
    lines(headers, name).flat_map(Tags)
}

struct Tags<'a>(&'a str);

impl<'a> Iterator for Tags<'a> {
    type Item = Listed<'a>;

    fn next(&mut self) -> Option<Listed<'a>> {
        loop {
            let mut rest = self.0.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return None;
            }
            let weak = rest.starts_with("W/") || rest.starts_with("w/");
            if weak {
                rest = &rest[2..];
            }
            let (opaque, after) = match rest.strip_prefix('"') {
                Some(inner) => inner.split_once('"').unwrap_or((inner, "")),
                None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
            };
            self.0 = after;
            if opaque.trim() != "*" {
                return Some(Listed { opaque: opaque.trim(), weak });
            }
        }
    }
}

/// A single valid HTTP-date, as Unix seconds; anything else is as if it were not there.
fn date(headers: &HeaderMap, name: HeaderName) -> Option<i64> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let date = httpdate::parse_http_date(value.to_str().ok()?.trim()).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLIER: &str = "Tue, 14 Nov 2023 22:13:19 GMT";
    const EXACT: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
    const LATER: &str = "Tue, 14 Nov 2023 22:13:21 GMT";

    fn check(fields: &[(HeaderName, &str)], expected: Verdict<'_>) {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, value.parse().unwrap());
        }
        let sent = [HeaderValue::from_static("\"abc123-gzip\"")];
        let validators = Validators { sent: &sent, tag: "abc123", last_modified: 1_700_000_000 };
        assert_eq!(evaluate(&headers, &validators), expected, "{fields:?}");
    }

    fn same(tag: &str) -> Verdict<'_> {
        Verdict::NotModified(Some(Named::Otherwise(tag.trim_matches('"'))))
    }

    #[test]
    fn if_none_match() {
        let inm = header::IF_NONE_MATCH;
        check(&[], Verdict::Send);
        check(&[(inm.clone(), "\"abc123\"")], same("\"abc123\""));
        let sent = HeaderValue::from_static("\"abc123-gzip\"");
        let as_sent = Verdict::NotModified(Some(Named::AsSent(&sent)));
        check(&[(inm.clone(), "\"abc123-gzip\"")], as_sent);
        check(&[(inm.clone(), " \"abc123-gzip\"")], same("\"abc123-gzip\""));
        check(&[(inm.clone(), "W/\"abc123-br\"")], same("\"abc123-br\""));
        check(&[(inm.clone(), "\"abc123-gzip-gzip\"")], same("\"abc123-gzip-gzip\""));
        check(&[(inm.clone(), "\"abc123;gzip\"")], same("\"abc123;gzip\""));
        check(&[(inm.clone(), "abc123-gzip")], same("\"abc123-gzip\""));
        check(&[(inm.clone(), "\"x\", \"abc123-br\"")], same("\"abc123-br\""));
        check(&[(inm.clone(), "\"a,b\" , \"abc123\"")], same("\"abc123\""));
        check(&[(inm.clone(), "\"x\""), (inm.clone(), "\"abc123\"")], same("\"abc123\""));
        check(&[(inm.clone(), "\"abc1234\"")], Verdict::Send);
        check(&[(inm.clone(), "\"xabc123\"")], Verdict::Send);
        check(&[(inm.clone(), "*")], Verdict::NotModified(None));
        check(&[(inm.clone(), "*, \"x\"")], Verdict::Send);
        check(&[(inm.clone(), "\"abc123")], same("\"abc123\""));
        check(&[(inm, "")], Verdict::Send);
    }

    #[test]
    fn if_modified_since() {
        let ims = header::IF_MODIFIED_SINCE;
        check(&[(ims.clone(), EARLIER)], Verdict::Send);
        check(&[(ims.clone(), EXACT)], Verdict::NotModified(None));
        check(&[(ims.clone(), LATER)], Verdict::NotModified(None));
        check(&[(ims.clone(), "nonsense")], Verdict::Send);
        check(&[(ims.clone(), LATER), (ims.clone(), LATER)], Verdict::Send);
        // If-None-Match takes precedence
        check(&[(ims.clone(), LATER), (header::IF_NONE_MATCH, "\"x\"")], Verdict::Send);
        check(&[(ims, EARLIER), (header::IF_NONE_MATCH, "\"abc123\"")], same("\"abc123\""));
    }

    #[test]
    fn if_match() {
        let im = header::IF_MATCH;
        check(&[(im.clone(), "\"abc123-br\"")], Verdict::Send);
        check(&[(im.clone(), "*")], Verdict::Send);
        check(&[(im.clone(), "W/\"abc123\"")], Verdict::Failed);
        check(&[(im.clone(), "\"x\"")], Verdict::Failed);
        check(
            &[(im.clone(), "\"abc123\""), (header::IF_NONE_MATCH, "\"abc123\"")],
            same("\"abc123\""),
        );
        check(&[(header::IF_UNMODIFIED_SINCE, EARLIER)], Verdict::Failed);
        check(&[(header::IF_UNMODIFIED_SINCE, EXACT)], Verdict::Send);
        check(&[(header::IF_UNMODIFIED_SINCE, EARLIER), (im, "*")], Verdict::Send);
    }
}
