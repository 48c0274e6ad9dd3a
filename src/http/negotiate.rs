//! Which content coding a client gets (RFC 9110, 12.5.3).

use http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Coding {
    Identity,
    Gzip,
    Zstd,
    Brotli,
}

impl Coding {
    /// As in `Content-Encoding`; also the suffix of its validators.
    pub fn name(self) -> &'static str {
        match self {
            Coding::Identity => "identity",
            Coding::Gzip => "gzip",
            Coding::Zstd => "zstd",
            Coding::Brotli => "br",
        }
    }
}

/// The coding with the highest weight; of equal ones the smallest for feeds. Where none is
/// acceptable the plain bytes are sent rather than an error: a reader with a wrong header still
/// wants its feed.
pub fn coding(headers: &HeaderMap) -> Coding {
    let mut listed: Vec<(String, u16)> = Vec::new();
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        for item in value.to_str().unwrap_or("").split(',') {
            let mut parts = item.split(';');
            let name = parts.next().unwrap_or("").trim().to_ascii_lowercase();
            if name.is_empty() {
                continue;
            }
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q=").or(part.trim().strip_prefix("Q=")))
                .map_or(Some(1000), weight);
            listed.extend(weight.map(|weight| (name, weight)));
        }
    }
    let weight_of = |names: &[&str]| {
        let named = listed.iter().find(|(name, _)| names.contains(&name.as_str()));
        named.or_else(|| listed.iter().find(|(name, _)| name == "*")).map(|(_, weight)| *weight)
    };
    let offers = [
        (Coding::Brotli, weight_of(&["br"]).unwrap_or(0)),
        (Coding::Zstd, weight_of(&["zstd"]).unwrap_or(0)),
        (Coding::Gzip, weight_of(&["gzip", "x-gzip"]).unwrap_or(0)),
        // Always acceptable unless excluded; as a last resort when only implied.
        (
            Coding::Identity,
            listed.iter().find(|(name, _)| name == "identity").map_or(0, |(_, w)| *w),
        ),
    ];
    let best = offers.iter().map(|(_, weight)| *weight).max().unwrap_or(0);
    if best == 0 {
        return Coding::Identity;
    }
    offers
        .iter()
        .find(|(_, weight)| *weight == best)
        .map_or(Coding::Identity, |(coding, _)| *coding)
}

/// A qvalue in thousandths; `None` if it is none.
fn weight(text: &str) -> Option<u16> {
    let value: f32 = text.trim().parse().ok()?;
    (0.0..=1.0).contains(&value).then_some((value * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expected: Coding) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
        assert_eq!(coding(&headers), expected, "{value}");
    }

    #[test]
    fn codings() {
        assert_eq!(coding(&HeaderMap::new()), Coding::Identity);
        check("", Coding::Identity);
        check("gzip", Coding::Gzip);
        check("x-gzip", Coding::Gzip);
        check("gzip, deflate, br, zstd", Coding::Brotli);
        check("gzip, zstd", Coding::Zstd);
        check("gzip;q=1.0, br;q=0.5", Coding::Gzip);
        check("gzip;q=0", Coding::Identity);
        check("gzip;q=0, br", Coding::Brotli);
        check("identity", Coding::Identity);
        check("identity;q=1, gzip;q=0.5", Coding::Identity);
        check("*", Coding::Brotli);
        check("*;q=0", Coding::Identity);
        check("br;q=0, *", Coding::Zstd);
        check("identity;q=0, *;q=0", Coding::Identity);
        check("deflate", Coding::Identity);
        check("gzip;q=nonsense, br;q=0.1", Coding::Brotli);
    }
}
