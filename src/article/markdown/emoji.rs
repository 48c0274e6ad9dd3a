//! `:tada:`, as GitHub names its signs.

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::may_hold_url;

/// Signs in all text but code and addresses, if they are `wanted`.
pub fn with_signs<'t>(
    events: impl Iterator<Item = Event<'t>>,
    wanted: bool,
) -> impl Iterator<Item = Event<'t>> {
    let mut in_code = false;
    events.map(move |event| {
        match &event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::InlineHtml(tag) if tag.starts_with("<code") => in_code = true,
            Event::InlineHtml(tag) if tag.starts_with("</code") => in_code = false,
            _ => {}
        }
        match event {
            Event::Text(text) if wanted && !in_code && !may_hold_url(&text) => {
                Event::Text(signed(text))
            }
            event => event,
        }
    })
}

/// The text with signs in the place of the names that there are.
fn signed(text: CowStr<'_>) -> CowStr<'_> {
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
            assert_eq!(&*signed(text.into()), expected, "{text}");
        }
    }
}
