//! `:tada:`, as GitHub names its signs.

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

/// Likewise, but what is in links stays.
pub fn beside_links(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut in_link = false;
    let with_signs = |event| {
        in_link |= matches!(event, Event::Start(Tag::Link { .. }));
        in_link &= !matches!(event, Event::End(TagEnd::Link));
        match event {
            Event::Text(text) if !in_link => Event::Text(with_signs(text)),
            event => event,
        }
    };
    events.into_iter().map(with_signs).collect()
}

/// The text with signs in the place of the names that there are.
pub fn with_signs(text: CowStr<'_>) -> CowStr<'_> {
    let mut signs = String::new();
    let (mut done, mut from) = (0, 0);
    while let Some(colon) = text[from..].find(':').map(|at| from + at) {
        let rest = &text[colon + 1..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let sign = match rest[end..].starts_with(':') {
            true => emojis::get_by_shortcode(&rest[..end]),
            false => None,
        };
        from = colon + 1 + end;
        if let Some(sign) = sign {
            signs.push_str(&text[done..colon]);
            signs.push_str(sign.as_str());
            from += 1;
            done = from;
        }
    }
    match done {
        0 => text,
        _ => CowStr::from(signs + &text[done..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_signs() {
        for (text, expected) in [
            ("a :tada: b", "a 🎉 b"),
            (":+1::house_with_garden:", "👍🏡"),
            ("at 10:30:45, ::: and :no such:", "at 10:30:45, ::: and :no such:"),
            (":é:rocket:", ":é🚀"),
            (":tada", ":tada"),
            (":", ":"),
            ("std::rocket::x", "std:🚀:x"),
        ] {
            assert_eq!(&*with_signs(text.into()), expected, "{text}");
        }
    }
}
