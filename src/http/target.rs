//! What a request must say of whom and what it asks, before anything is looked up (RFC 9112, 3.2).

use http::request::Parts;
use http::{HeaderValue, Method, Uri, Version, header};

/// Why a request is to be refused, if it is.
pub fn fault(request: &Parts) -> Option<&'static str> {
    let mut hosts = request.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Some("exactly one Host field is needed\n"),
        (None, None) if request.version == Version::HTTP_11 => {
            return Some("exactly one Host field is needed\n");
        }
        (Some(host), None) if !is_host_field(host) => {
            return Some("the Host field names no host\n");
        }
        _ => {}
    }
    (!is_target(&request.uri, &request.method)).then_some("the request's target is none\n")
}

fn is_host_field(value: &HeaderValue) -> bool {
    // Without a host where the target's scheme has none.
    value.is_empty() || value.to_str().is_ok_and(is_host_and_port)
}

/// `uri-host [ ":" port ]` (RFC 9110, 7.2; RFC 3986, 3.2.2 and 3.2.3).
fn is_host_and_port(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if is_address(address) => ("in brackets", port),
            _ => return false,
        },
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let is_port = port.strip_prefix(':').is_none_or(|digits| {
        digits.is_empty()
            || digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
    });
    let is_port = is_port && (port.is_empty() || port.starts_with(':'));
    is_port && !host.is_empty() && (host == "in brackets" || is_name(host))
}

fn is_address(text: &str) -> bool {
    let future = text.strip_prefix(['v', 'V']).and_then(|rest| rest.split_once('.'));
    text.parse::<std::net::Ipv6Addr>().is_ok()
        || future.is_some_and(|(version, rest)| {
            let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_rest = |byte: u8| is_unreserved(byte) || byte == b':';
            !version.is_empty() && is_hex(version) && !rest.is_empty() && rest.bytes().all(is_rest)
        })
}

/// Unreserved characters and the delimiters that a name may have (RFC 3986, 2.2 and 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'$' | b'&'..=b'.' | b';' | b'=' | b'_' | b'~')
}

/// A registered name or an address of four numbers, percent-encoded where it must be.
fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'%' => {
                let digits = bytes.get(at + 1..at + 3);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return false;
                }
                at += 3;
            }
            byte if is_unreserved(byte) => at += 1,
            _ => return false,
        }
    }
    true
}

/// Origin, absolute or asterisk form; the authority form is CONNECT's alone.
fn is_target(uri: &Uri, method: &Method) -> bool {
    let ascii = uri.path().is_ascii() && uri.query().is_none_or(str::is_ascii);
    match (uri.scheme(), uri.authority()) {
        (None, Some(_)) => *method == Method::CONNECT,
        (_, Some(authority)) => ascii && is_host_and_port(authority.as_str()),
        _ => ascii,
    }
}

/// Whether a body comes with a request, or is said to come.
pub fn has_body(request: &Parts) -> bool {
    let length = request.headers.get(header::CONTENT_LENGTH);
    let is_zero = |length: &HeaderValue| {
        let bytes = length.as_bytes();
        !bytes.is_empty() && bytes.iter().all(|byte| *byte == b'0')
    };
    request.headers.contains_key(header::TRANSFER_ENCODING)
        || length.is_some_and(|length| !is_zero(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for host in [
            "a.example",
            "a.example:80",
            "a:",
            "127.0.0.1:8080",
            "[::1]",
            "[::1]:80",
            "a%20b",
            "[v1.x:y]",
        ] {
            assert!(is_host_and_port(host), "{host}");
        }
        for host in [
            "", ":80", "a b", "a:b", "a:65536", "a:80:80", "[::1", "[::g]", "[::1]80", "a%2",
            "u@a", "a/b", "a\\b", "é", "[v.x]",
        ] {
            assert!(!is_host_and_port(host), "{host}");
        }
    }
}
