//! What is decided about an article for good: when it was published, when it last changed, and
//! where it is read.

use jiff::Timestamp;

use super::id::Arrival;
use super::{Known, link};
use crate::article::{Conventions, Head};

/// What the site says about all its articles.
pub struct Ground<'a> {
    pub conventions: &'a Conventions,
    /// The publisher's own pattern of addresses.
    pub permalink: Option<&'a str>,
    /// The site's address, ending with a slash.
    pub base: &'a str,
}

/// An article that was known before, or a new one under `id`; `head` is what was read.
pub fn settle(
    before: Option<&Known>,
    id: &str,
    arrival: &Arrival,
    head: Head,
    now: Timestamp,
    ground: &Ground,
) -> Known {
    let (published, updated, first_seen) = match before {
        // The same bytes, read otherwise: an upgrade or another config moves no date.
        Some(before)
            if before.good == arrival.hash && before.path == arrival.path && before.announced =>
        {
            (before.published, before.updated, before.first_seen)
        }
        Some(before) if is_published_now(before, &head) => {
            let seen = arrival.signature.modified().min(now);
            (seen, head.updated.unwrap_or(seen), before.first_seen)
        }
        Some(before) => {
            let updated = updated(before, &head, arrival.signature.modified(), now);
            (published(before, &head), updated, before.first_seen)
        }
        None => {
            // A file's time says when an undated article appeared, unless it lies in the future.
            let seen = arrival.signature.modified().min(now);
            let published = head.published.unwrap_or(seen);
            (published, head.updated.unwrap_or(published), now)
        }
    };
    Known {
        id: id.to_string(),
        path: arrival.path.to_string(),
        signature: arrival.signature.to_remember(now),
        hash: arrival.hash,
        good: arrival.hash,
        fingerprint: arrival.fingerprint.to_string(),
        link: address(arrival.path, &head, published, ground),
        first_seen,
        published,
        published_said: head.published,
        updated,
        announced: before.is_some_and(|before| before.announced) || !head.hidden,
        troubled: arrival.troubled,
        gone: false,
        head,
    }
}

pub fn address(path: &str, head: &Head, published: Timestamp, ground: &Ground) -> String {
    link::link(&link::Place {
        path,
        head,
        published,
        conventions: ground.conventions,
        pattern: ground.permalink,
        base: ground.base,
    })
}

/// An undated draft becomes an article: its date is that of this change.
fn is_published_now(before: &Known, head: &Head) -> bool {
    !before.announced && !head.hidden && head.published.is_none() && before.published_said.is_none()
}

/// Stays where it was, unless the author moved it.
fn published(before: &Known, head: &Head) -> Timestamp {
    match head.published {
        Some(said) if before.published_said != Some(said) => said,
        _ => before.published,
    }
}

/// The author's own; else it moves when the article says something else than before, to the time
/// of that change.
fn updated(before: &Known, head: &Head, modified: Timestamp, now: Timestamp) -> Timestamp {
    if let Some(said) = head.updated {
        return said;
    }
    if head.meaning == before.head.meaning || head.minor {
        return before.updated;
    }
    modified.clamp(before.updated, now.max(before.updated))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Signature;
    use crate::article::flavour::Flavour;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn arrival_at<'a>(head: &'a Head, modified: &str) -> Arrival<'a> {
        let modified = at(modified).as_nanosecond() as i64;
        Arrival {
            path: "a.md",
            signature: Signature { modified, ..Signature::default() },
            hash: [head.meaning[0] + u8::from(head.published.is_some()) * 100; 32],
            head: Some(head),
            fingerprint: "",
            troubled: false,
        }
    }

    /// (said, meaning, minor, file time) in turn → published and updated at the end.
    fn check(states: &[(Option<&str>, u8, bool, &str)], published: &str, updated: &str) {
        let ground = Ground {
            conventions: &Conventions::of(Flavour::plain()),
            permalink: None,
            base: "https://a.example/",
        };
        let mut known: Option<Known> = None;
        for (said, meaning, minor, modified) in states {
            let head = Head {
                published: said.map(at),
                meaning: [*meaning; 32],
                minor: *minor,
                ..Head::default()
            };
            let now = at("2026-06-01T00:00:00Z");
            let arrival = arrival_at(&head, modified);
            known = Some(settle(known.as_ref(), "id", &arrival, head.clone(), now, &ground));
        }
        let known = known.unwrap();
        assert_eq!((known.published, known.updated), (at(published), at(updated)), "{states:?}");
    }

    #[test]
    fn dates_are_settled() {
        let (said, later) = ("2024-01-01T00:00:00Z", "2024-02-02T00:00:00Z");
        let (file, edit) = ("2025-01-01T00:00:00Z", "2025-03-03T00:00:00Z");
        check(&[(Some(said), 1, false, file)], said, said);
        check(&[(None, 1, false, file)], file, file);
        check(
            &[(None, 1, false, "2027-01-01T00:00:00Z")],
            "2026-06-01T00:00:00Z",
            "2026-06-01T00:00:00Z",
        );
        check(&[(Some(said), 1, false, file), (Some(said), 1, false, edit)], said, said);
        check(&[(Some(said), 1, false, file), (Some(said), 2, false, edit)], said, edit);
        check(&[(Some(said), 1, false, file), (Some(said), 2, true, edit)], said, said);
        check(&[(Some(said), 1, false, file), (Some(later), 3, true, edit)], later, said);
        check(&[(None, 1, false, file), (None, 2, false, edit)], file, edit);
        // A date taken away later leaves the published one as it is.
        check(&[(Some(said), 1, false, file), (None, 1, false, edit)], said, said);
    }
}
