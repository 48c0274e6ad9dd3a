//! Which content coding a client gets (RFC 9110, 12.5.3).

use http::{HeaderMap, header};

pub use crate::edition::Coding;

/// The codings that a client takes, the one that it wants most first; of equal ones the smallest
/// for feeds. Where none is acceptable the plain bytes are sent rather than an error: a reader
/// with a wrong header still wants its feed.
pub fn codings(headers: &HeaderMap) -> Wanted {
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
    let mut offers = [Coding::Brotli, Coding::Zstd, Coding::Gzip, Coding::Identity];
    offers.sort_by_key(|coding| std::cmp::Reverse(weight_of(*coding)));
    let count = offers.iter().filter(|coding| weight_of(**coding) > 0).count();
    Wanted { offers, count }
}

/// Codings that a client takes, in the order of its wishes.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    offers: [Coding; 4],
    count: usize,
}

impl Wanted {
    pub fn first(&self) -> Coding {
        if self.count == 0 { Coding::Identity } else { self.offers[0] }
    }

    pub fn iter(&self) -> impl Iterator<Item = Coding> {
        self.offers[..self.count].iter().copied()
    }
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
        assert_eq!(codings(&headers).first(), expected, "{value}");
    }

    #[test]
    fn the_most_wanted_comes_first() {
        assert_eq!(codings(&HeaderMap::new()).first(), Coding::Identity);
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
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, "gzip;q=0.5, br, identity;q=0.1".parse().unwrap());
        let all: Vec<Coding> = codings(&headers).iter().collect();
        assert_eq!(all, [Coding::Brotli, Coding::Gzip, Coding::Identity]);
    }
}
