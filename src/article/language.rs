//! Languages: the tags that people write, and the language of a text that names none.

use whatlang::Lang;

/// `vi`, `en-US`; whatever else people write is dropped.
pub fn tag(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let tag = tag.split('.').next().unwrap_or("");
    let fits = (2..=35).contains(&tag.len())
        && tag.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
        && tag.split('-').next().is_some_and(|part| (2..=3).contains(&part.len()));
    fits.then(|| tag.to_string())
}

/// The language of the prose in a Markdown or HTML body.
pub fn detect_in(body: &str) -> Option<String> {
    let mut prose = String::new();
    let mut in_code = false;
    for line in body.lines() {
        let bare = line.trim();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            in_code = !in_code;
        }
        // Lines of code, tables and marks say nothing of the language.
        let is_mark = bare.starts_with(['`', '~', '|', '{', ':', '<']) && !bare.starts_with("<p");
        if in_code || is_mark || line.starts_with("    ") {
            continue;
        }
        let words = bare
            .split_whitespace()
            .filter(|word| !word.contains(['/', '\\', '`', '{', '}', '=', '_', '@', '<', '>']));
        for word in words {
            prose.push_str(word);
            prose.push(' ');
        }
        if prose.len() > ENOUGH {
            break;
        }
    }
    detect(&prose)
}

/// Bytes of prose that are enough to tell a language.
const ENOUGH: usize = 2_000;

/// The language of a text, where it can be told with confidence.
pub fn detect(text: &str) -> Option<String> {
    let enough = text.char_indices().nth(ENOUGH).map_or(text, |(end, _)| &text[..end]);
    let info = whatlang::detect(enough).filter(whatlang::Info::is_reliable)?;
    tag_of(info.lang())
}

/// By its name, in English or its own: `English`, `Tiếng Việt`.
pub fn named(text: &str) -> Option<String> {
    let name = text.trim().to_lowercase();
    let is_it = |lang: &&Lang| {
        [lang.eng_name(), lang.name()].iter().any(|other| other.to_lowercase() == name)
    };
    Lang::all().iter().find(is_it).and_then(|lang| tag_of(*lang))
}

fn tag_of(lang: Lang) -> Option<String> {
    let tag = match lang {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        _ => return None,
    };
    Some(tag.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known() {
        for (name, tag) in [
            ("English", Some("en")),
            (" tiếng việt ", Some("vi")),
            ("Deutsch", Some("de")),
            ("Klingon", None),
        ] {
            assert_eq!(named(name).as_deref(), tag, "{name}");
        }
    }
}
