//! Images that nobody is to see: they only count who reads. What hosts serve them is not asked, since
//! no list of those would ever be complete; an image that is as large as others is left to the reader.

/// What marks an image as hidden until it is left out.
pub const MARK: &str = "hidden";

/// Whether a `style` makes an image invisible, or no larger than a pixel.
pub fn is_hidden(style: &str) -> bool {
    style.split(';').filter_map(|declaration| declaration.split_once(':')).any(|(name, value)| {
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_ascii_lowercase());
        let value = value.trim_end_matches("!important").trim_end();
        match name.as_str() {
            "display" => value == "none",
            "visibility" => matches!(value, "hidden" | "collapse"),
            "opacity" => value.parse::<f32>().is_ok_and(|value| value <= 0.0),
            "width" | "height" | "max-width" | "max-height" => is_tiny(value),
            _ => false,
        }
    })
}

/// At most one pixel.
fn is_tiny(length: &str) -> bool {
    let length = length.trim();
    let end = length.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(length.len());
    let (number, unit) = length.split_at(end);
    matches!(unit.trim(), "" | "px") && number.parse::<f32>().is_ok_and(|number| number <= 1.0)
}

/// Leaves such images out of sanitised HTML, whose attributes are always quoted.
pub fn left_out(html: String) -> String {
    if !html.contains("<img") {
        return html;
    }
    let mut kept = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        let tag = &from[..end_of_tag(from)];
        kept.push_str(before);
        if !(tag.starts_with("<img") && is_pixel(tag)) {
            kept.push_str(tag);
        }
        rest = &from[tag.len()..];
    }
    kept.push_str(rest);
    kept
}

/// A `>` within quotes ends nothing.
fn end_of_tag(from: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in from.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    from.len()
}

fn is_pixel(tag: &str) -> bool {
    // Names are before, values between the quotes.
    let mut parts = tag.split('"');
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        match name.rsplit(' ').next().unwrap_or("") {
            "width=" | "height=" if is_tiny(value) => return true,
            "style=" | "hidden=" => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_ones() {
        for style in ["display:none", "WIDTH : 1px", "border:0;height:0 !important", "opacity:0"] {
            assert!(is_hidden(style), "{style}");
        }
        for style in ["", "display:block", "width:10px", "max-width:100%", "height:1em", "color"] {
            assert!(!is_hidden(style), "{style}");
        }
    }

    #[test]
    fn only_pixels_go() {
        let same = |html: &str| assert_eq!(left_out(html.into()), html);
        same("<p>a &lt;img width=\"1\"&gt;</p>");
        same("<a title=\"<img width=1> > b\">c</a><img src=\"x\" width=\"640\" height=\"2\">");
        same("<img src=\"x\" width=\"1%\" alt=\"width=\">");
        for image in [
            "width=\"1\"",
            "height=\"0\"",
            "width=\" 1px\"",
            "style=\"hidden\"",
            "hidden=\"hidden\"",
        ] {
            assert_eq!(left_out(format!("a<img src=\"x\" {image}>b")), "ab", "{image}");
        }
    }
}
