//! Images that nobody is to see: all that they do is tell somebody who reads. They are known by
//! what the markup says of their size and sight, never by their host: a list of those would be old
//! tomorrow, and what is shown may come from them too.

use std::borrow::Cow;

use super::blocks::end_of_tag;

/// What the gate leaves where markup hides something, until `without` has seen it.
const HIDDEN: &str = " hidden=\"\"";
const UNSEEN: &str = " style=\"unseen\"";
const SIZES: [&str; 2] = [" width=\"0\"", " height=\"0\""];

/// Off the page, in pixels: no picture is shifted so far.
const FAR: f32 = 1_000.0;

/// What the gate makes of an attribute: a mark where it hides its element, else what it was, or
/// nothing where it has no place in a feed.
pub fn marked<'a>(element: &str, attribute: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let is_image = element == "img";
    match attribute {
        "hidden" => Some(Cow::Borrowed("")),
        "style" if is_hidden(value) || (is_image && is_tiny(value)) => Some("unseen".into()),
        "style" => None,
        "width" | "height" if is_image && number(value.trim()).is_some_and(|size| size <= 1.0) => {
            Some("0".into())
        }
        _ => Some(Cow::Borrowed(value)),
    }
}

/// Takes the marked images out of what the gate has written, those in marked elements too, and the
/// marks with them.
pub fn without(html: String) -> String {
    let marks = [HIDDEN, UNSEEN, SIZES[0], SIZES[1]];
    if !marks.iter().any(|mark| html.contains(mark)) {
        return html;
    }
    let mut kept = String::with_capacity(html.len());
    // How many elements are open from a hidden one on.
    let mut inside = 0_usize;
    let mut rest = html.as_str();
    while let Some((text, tag)) = rest.split_once('<') {
        kept.push_str(text);
        let (tag, after) = tag.split_at((end_of_tag(tag) + 1).min(tag.len()));
        rest = after;
        let name = tag.split([' ', '>']).next().unwrap_or("");
        let is_marked = tag.contains(HIDDEN) || tag.contains(UNSEEN);
        let is_void = matches!(name, "img" | "br" | "hr" | "wbr" | "col" | "source");
        if name == "img" && (inside > 0 || marks.iter().any(|mark| tag.contains(mark))) {
            continue;
        }
        if name.starts_with('/') {
            inside = inside.saturating_sub(1);
        } else if !is_void && (inside > 0 || is_marked) {
            inside += 1;
        }
        kept.push('<');
        match is_marked {
            true => kept.push_str(&tag.replace(HIDDEN, "").replace(UNSEEN, "")),
            false => kept.push_str(tag),
        }
    }
    kept.push_str(rest);
    kept
}

/// Whether an element of this style is not seen, nor what stands in it. Without `opacity`: pictures
/// that fade in begin with none.
fn is_hidden(style: &str) -> bool {
    declarations(style).any(|(property, value)| match property.as_str() {
        "display" => value == "none",
        "visibility" => value == "hidden" || value == "collapse",
        "clip" => value.starts_with("rect(0"),
        "transform" => value.contains("scale(0)"),
        "left" | "right" | "top" | "bottom" | "margin-left" | "margin-top" => {
            number(&value).is_some_and(|at| at <= -FAR)
        }
        _ => false,
    })
}

/// Whether an image of this style has no more than a pixel. A box around one may well: its padding
/// is what gives room.
fn is_tiny(style: &str) -> bool {
    declarations(style).any(|(property, value)| {
        let is_size = matches!(&*property, "width" | "height" | "max-width" | "max-height");
        let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || "+-.".contains(c));
        let Some(size) = number(&value).filter(|_| is_size) else { return false };
        size <= 0.0 || (size <= 1.0 && unit == "px")
    })
}

fn declarations(style: &str) -> impl Iterator<Item = (String, String)> {
    style.split(';').filter_map(|declaration| {
        let (property, value) = declaration.split_once(':')?;
        let value = value.to_ascii_lowercase();
        let value = value.split('!').next().unwrap_or("").trim().to_string();
        Some((property.trim().to_ascii_lowercase(), value))
    })
}

/// The number that a text begins with.
fn number(text: &str) -> Option<f32> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !"+-.".contains(c)).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::article::sanitize::clean;

    #[test]
    fn what_nobody_sees_is_no_image() {
        let cleaned = |html: &str| clean(html, "https://a.example/").unwrap().html;
        for attributes in [
            "width=1 height=1",
            "width=' 1 '",
            "height=0px",
            "width=1.0 height=.5",
            "width=-1",
            "hidden",
            "style='display : NONE !important'",
            "style='color:red;visibility:hidden'",
            "style=width:1px",
            "style='max-height:0'",
            "style='position:absolute; left:-9999px'",
        ] {
            let html = cleaned(&format!("<p>a<img src=i.png alt=\"x>\" {attributes}>b<br></p>"));
            assert_eq!(html, "<p>ab<br></p>", "{attributes}");
        }
        for attributes in [
            "width=\"600\" height=\"400\"",
            "width=\"100%\"",
            "height=\"auto\"",
            "width=\"10\"",
            "alt=\"width=1 style=&quot;display:none&quot;\"",
        ] {
            let html = cleaned(&format!("<img {attributes} src=i.png>"));
            let expected = format!("<img {attributes} src=\"https://a.example/i.png\">");
            assert_eq!(html, expected);
        }
        for style in
            ["width:100%", "opacity:0", "max-width:1em", "display:block", "margin-top:-9px"]
        {
            let html = cleaned(&format!("<img style='{style}' src=i.png>"));
            assert_eq!(html, "<img src=\"https://a.example/i.png\">");
        }
    }

    #[test]
    fn what_stands_in_something_hidden_is_not_seen() {
        let cleaned = |html: &str| clean(html, "https://a.example/").unwrap().html;
        let html = cleaned(
            "<div hidden><p lang=en>a<img src=i.png><br>b</p><img src=i.png></div>\
             <div style='padding-top:56%;height:0' title=' hidden=\"\"'><img src=j.png></div>",
        );
        assert_eq!(
            html,
            "<div><p lang=\"en\">a<br>b</p></div><div title=\" hidden=&quot;&quot;\">\
             <img src=\"https://a.example/j.png\"></div>"
        );
        assert_eq!(cleaned("a hidden=\"\" style=\"unseen\""), "a hidden=\"\" style=\"unseen\"");
    }
}
