//! Which content coding a client gets (RFC 9110, 12.5.3).

use http::{HeaderMap, header};

pub use crate::edition::Coding;

/// The coding with the highest weight; of equal ones the smallest for feeds. Where none is
/// acceptable the plain bytes are sent rather than an error: a reader with a wrong header still
/// wants its feed.
pub fn coding(headers: &HeaderMap) -> Coding {
    // By coding, then what is said of `*`.
    let mut weights: [Option<u16>; 4] = [None; 4];
    let mut any = None;
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        for item in value.to_str().unwrap_or("").split(',') {
            let (name, weight) = weighted(item);
            let said = match name {
                name if name.eq_ignore_ascii_case("gzip") => &mut weights[Coding::Gzip as usize],
                name if name.eq_ignore_ascii_case("br") => &mut weights[Coding::Brotli as usize],
                name if name.eq_ignore_ascii_case("zstd") => &mut weights[Coding::Zstd as usize],
                name if name.eq_ignore_ascii_case("x-gzip") => &mut weights[Coding::Gzip as usize],
                name if name.eq_ignore_ascii_case("identity") => &mut weights[0],
                "*" => &mut any,
                _ => continue,
            };
            *said = said.or(weight);
        }
    }
    let weight_of = |coding: Coding| match coding {
        // Always acceptable unless excluded; as a last resort when only implied.
        Coding::Identity => weights[0].unwrap_or(0),
        coding => weights[coding as usize].or(any).unwrap_or(0),
    };
    let offers = [Coding::Brotli, Coding::Zstd, Coding::Gzip, Coding::Identity];
    let best = offers.iter().map(|coding| weight_of(*coding)).max().unwrap_or(0);
    if best == 0 {
        return Coding::Identity;
    }
    *offers.iter().find(|coding| weight_of(**coding) == best).unwrap_or(&Coding::Identity)
}

/// A coding's name and weight; no weight where it is none.
fn weighted(item: &str) -> (&str, Option<u16>) {
    let mut parts = item.split(';');
    let name = parts.next().unwrap_or("").trim();
    let q = parts.find_map(|part| {
        let part = part.trim();
        part.strip_prefix("q=").or(part.strip_prefix("Q="))
    });
    (name, q.map_or(Some(1000), weight))
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
