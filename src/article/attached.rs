//! What comes with an article besides its text: an image, a podcast episode, a film.

use super::Enclosure;
use super::fields::{Form, MAX_LIST};
use super::front_matter::Value;
use super::internal::pictures::{self, Picture};

const IMAGE: &[&str] =
    &["image", "images", "cover", "heroimage", "thumbnail", "featured_image", "banner"];
const ENCLOSURE: &[&str] = &["enclosure", "enclosures", "audio", "video"];

pub(super) fn image(form: &mut Form) -> Option<String> {
    let field = form.find(IMAGE)?;
    let value = match &field.value {
        Value::List(items) => items.first()?,
        value => value,
    };
    let url = ["path", "url", "src", "image"]
        .iter()
        .find_map(|key| value.get(key))
        .unwrap_or(value)
        .as_str()?
        .to_string();
    let found = pictures::of_field(&url, form.path, form.conventions);
    if found == Picture::Unknown {
        let rule = format!("{}; only the generator knows its address", field.rule());
        form.from.lose("image", rule, url);
        return None;
    }
    let url = found.address(&url);
    form.note("image", field);
    url
}

pub(super) fn enclosures(form: &mut Form) -> Vec<Enclosure> {
    let Some(field) = form.find(ENCLOSURE) else { return Vec::new() };
    let items = match &field.value {
        Value::List(items) => items.iter().filter_map(enclosure).take(MAX_LIST).collect(),
        one => enclosure(one).into_iter().collect::<Vec<_>>(),
    };
    if items.is_empty() {
        let message = format!("`{}` names no audio, video or other file", field.key);
        form.warn(field, message);
    } else {
        form.note("enclosures", field);
    }
    items
}

fn enclosure(value: &Value) -> Option<Enclosure> {
    if let Some(text) = value.as_str() {
        // WordPress writes url, length and type in one field.
        let mut words = text.split_whitespace();
        let url = words.next()?.to_string();
        let length = words.next().and_then(|word| word.parse().ok());
        let media_type = words.next().map(str::to_string);
        return Some(Enclosure {
            media_type: media_type.or_else(|| media_type_of(&url))?,
            url,
            length,
        });
    }
    let text = |keys: &[&str]| keys.iter().find_map(|key| value.get(key)).and_then(Value::as_str);
    let url = text(&["url", "src", "href", "file"])?.to_string();
    Some(Enclosure {
        media_type: text(&["type", "mime", "media_type"])
            .map(str::to_string)
            .or_else(|| media_type_of(&url))?,
        length: text(&["length", "size", "bytes"]).and_then(|text| text.parse().ok()),
        url,
    })
}

fn media_type_of(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (_, extension) = path.rsplit_once('.')?;
    let media_type = match extension.to_ascii_lowercase().as_str() {
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" => "audio/ogg",
        "opus" => "audio/opus",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        "pdf" => "application/pdf",
        "epub" => "application/epub+zip",
        _ => return None,
    };
    Some(media_type.to_string())
}
