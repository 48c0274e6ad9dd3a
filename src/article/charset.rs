//! Bytes → text. UTF-8 first, since it almost always is and is the fastest to check; then the
//! byte order mark, the page's own declaration, and a guess, which is always reported.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use icu_normalizer::ComposingNormalizerBorrowed;

use super::problem::line_at;

pub struct Decoded<'a> {
    /// In NFC, with no byte order mark.
    pub text: Cow<'a, str>,
    /// Line and what was odd about it.
    pub complaint: Option<(u32, String)>,
}

/// Decodes a file; the error says what it is instead of text.
pub fn decode(bytes: &[u8], declares: bool) -> Result<Decoded<'_>, String> {
    if let Some((encoding, skip)) = Encoding::for_bom(bytes)
        && encoding != UTF_8
    {
        return Ok(Decoded { text: read(decode_as(encoding, &bytes[skip..])), complaint: None });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let error = match simdutf8::compat::from_utf8(bytes) {
        Ok(text) if memchr::memchr(0, bytes).is_none() => {
            return Ok(Decoded { text: read(Cow::Borrowed(text)), complaint: None });
        }
        Ok(_) => None,
        Err(error) => Some(error),
    };
    if let Some(encoding) = utf16_without_mark(bytes) {
        return Ok(Decoded { text: read(decode_as(encoding, bytes)), complaint: None });
    }
    if let Some(zero) = bytes.iter().position(|byte| *byte == 0) {
        let zeros = bytes.iter().filter(|byte| **byte == 0).count();
        // A few of them in a text are a fault of the program that wrote it.
        if let (Ok(text), true) = (std::str::from_utf8(bytes), zeros * 1_000 < bytes.len()) {
            let line = line_at(bytes, zero);
            let message = "there are zero bytes in it; they are left out".to_string();
            let text = read(Cow::Owned(text.replace('\0', "")));
            return Ok(Decoded { text, complaint: Some((line, message)) });
        }
        return Err(format!(
            "a binary file: there is a zero byte at {zero}, so this is no article in spite of its name"
        ));
    }
    let at = error.map_or(0, |error| error.valid_up_to());
    let line = line_at(bytes, at);
    if declares && let Some(encoding) = declared(bytes) {
        return Ok(Decoded { text: read(decode_as(encoding, bytes)), complaint: None });
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Allow);
    let message = format!(
        "not UTF-8 (byte {at} is 0x{:02X}); read as {}, save the file as UTF-8 to be sure",
        bytes[at],
        encoding.name(),
    );
    Ok(Decoded { text: read(decode_as(encoding, bytes)), complaint: Some((line, message)) })
}

/// Composed, and with line ends that everything else knows: a lone CR is an old Macintosh's.
fn read(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\n') || !text.contains('\r') {
        return compose(text);
    }
    Cow::Owned(compose(text).replace('\r', "\n"))
}

/// Canonical composition (NFC), so that a decomposed Vietnamese name equals a composed one.
pub fn compose(text: Cow<'_, str>) -> Cow<'_, str> {
    const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
    if is_composed_latin(&text) || NFC.is_normalized(&text) {
        return text;
    }
    Cow::Owned(NFC.normalize(&text).into_owned())
}

/// Latin letters of any kind and usual punctuation, none of which composes with anything: most
/// texts of the West and of Vietnam, told at a glance.
fn is_composed_latin(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(end) = bytes.len().checked_sub(2) else { return text.is_ascii() };
    // U+0000 to U+02FF, U+1E00 to U+1EFF, U+2010 to U+203F; without a branch, for many bytes at once.
    let odd = |first: u8, second: u8, third: u8| {
        ((first >= 0xCC) & (first != 0xE1) & (first != 0xE2))
            | ((first == 0xE1) & !(0xB8..=0xBB).contains(&second))
            | ((first == 0xE2) & ((second != 0x80) | (third < 0x90)))
    };
    let threes = bytes.iter().zip(&bytes[1..]).zip(&bytes[2..]);
    let any_odd = threes.fold(false, |any, ((a, b), c)| any | odd(*a, *b, *c));
    // What takes three bytes cannot begin in the last two.
    !any_odd && bytes[end..].iter().all(|byte| *byte < 0xCC)
}

fn decode_as<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Cow<'a, str> {
    encoding.decode_without_bom_handling(bytes).0
}

/// Plain Latin text in UTF-16 has a zero in every other byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(512) & !1];
    if head.len() < 8 {
        return None;
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    if odd * 10 > half * 7 && even * 20 < half {
        Some(UTF_16LE)
    } else if even * 10 > half * 7 && odd * 20 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// `<meta charset>` or the older `http-equiv` form, or an XML declaration (HTML, 13.2.3.2). A
/// script's or a style's `charset` is not the page's.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    // A parser takes a late one too (13.2.3.5).
    const HEAD: usize = 8 * 1024;
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).to_ascii_lowercase();
    let named = |tag: &str, key: &str| {
        let tag = &tag[..tag.find('>').unwrap_or(tag.len())];
        let value = tag[tag.find(key)? + key.len()..].trim_start().strip_prefix('=')?;
        let name = value.trim_start_matches(['"', '\'', ' ']);
        let is_in_name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
        let name: String = name.chars().take_while(is_in_name).collect();
        Encoding::for_label(name.as_bytes())
    };
    let xml = || head.trim_start().strip_prefix("<?xml").and_then(|tag| named(tag, "encoding"));
    head.split("<meta").skip(1).find_map(|tag| named(tag, "charset")).or_else(xml)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes, true).unwrap().text, expected);
    }

    #[test]
    fn decodes() {
        check("Quận 5".as_bytes(), "Quận 5");
        check("\u{feff}a".as_bytes(), "a");
        check("Qua\u{0302}\u{0323}n".as_bytes(), "Quận");
        check(b"\xFF\xFEh\0i\0", "hi");
        check(b"<meta charset=iso-8859-2>\xB1", "<meta charset=iso-8859-2>ą");
        check(
            b"<script charset=utf-8></script><meta content='text/html; charset = gb2312'>\xD6\xD0",
            "<script charset=utf-8></script><meta content='text/html; charset = gb2312'>中",
        );
        check(
            b"<?xml version=\"1.0\" encoding=\"iso-8859-2\"?>\xB1",
            "<?xml version=\"1.0\" encoding=\"iso-8859-2\"?>ą",
        );
        check(b"one\rtwo\r", "one\ntwo\n");
        // windows-1258 writes Vietnamese tones as marks of their own.
        check(
            b"<meta charset=windows-1258>Ti\xEA\xECng Vi\xEA\xF2t",
            "<meta charset=windows-1258>Tiếng Việt",
        );
        check(b"p\0l\0a\0i\0n\0 \0", "plain ");
    }

    #[test]
    fn composed_latin_is_normalized() {
        const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
        let mut count = 0;
        for c in (0..=0x10FFFF).filter_map(char::from_u32) {
            // After a letter that composes, and before a mark, too.
            let text = format!("e{c}");
            if is_composed_latin(&text) {
                assert!(NFC.is_normalized(&text), "{c:?}");
                count += 1;
            }
        }
        assert_eq!(count, 0x300 + 0x100 + 0x30);
        assert!(!is_composed_latin("e\u{301}"));
    }

    #[test]
    fn tells_binary_from_text() {
        assert!(decode(b"\x7fELF\0\0\x01\x02\xff", false).is_err());
        let odd = decode(b"one\ncaf\xe9 au lait, d\xe9j\xe0 vu", false).unwrap();
        assert_eq!(odd.text, "one\ncafé au lait, déjà vu");
        assert_eq!(odd.complaint.unwrap().0, 2);
    }
}
