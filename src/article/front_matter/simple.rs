//! The YAML that nearly all front matter is: lines of `key: value` with texts, quoted or not, and
//! lists of them. Read in a tenth of the time that a whole parser takes; whatever looks like
//! anything else is left to that one, so that this must only know what it is sure of.

use super::yaml::plain;
use super::{Field, Value};
use crate::article::flavour::Forms;

/// Lines and items beyond which the parser with its limits is asked; likewise bytes.
const MOST: usize = 1_000;
const MOST_BYTES: usize = 64 * 1024;
const LONGEST_KEY: usize = 100;

/// The fields, or `None` where it takes a parser to tell.
pub fn fields(text: &str, first_line: u32, forms: Forms) -> Option<Vec<Field>> {
    if text.len() > MOST_BYTES || !text.ends_with('\n') || !is_plain_text(text) {
        return None;
    }
    let mut fields: Vec<Field> = Vec::with_capacity(16);
    // Whether the last key may have a list under it, and how far the first item stands in.
    let mut list: Option<Option<usize>> = None;
    let mut items = 0;
    for (number, line) in (first_line..).zip(text.lines()) {
        items += 1;
        if items > MOST {
            return None;
        }
        let bare = line.trim_start_matches(' ');
        if bare.trim_end_matches(' ').is_empty() {
            continue;
        }
        let indent = line.len() - bare.len();
        if let Some(item) = bare.strip_prefix("- ") {
            if *list.as_mut()?.get_or_insert(indent) != indent {
                return None;
            }
            let Field { value, .. } = fields.last_mut()?;
            let item = scalar(item, forms)?;
            match value {
                Value::List(items) => items.push(item),
                _ => *value = Value::List(vec![item]),
            }
            continue;
        }
        if indent > 0 || bare.starts_with('#') && list.is_some() {
            return None;
        }
        if bare.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once(':')?;
        if !is_key(key) {
            return None;
        }
        let value = match value.strip_prefix(' ').unwrap_or(value).trim_matches(' ') {
            "" => Value::Null,
            _ if !value.starts_with(' ') => return None,
            flow if flow.starts_with('[') => flow_list(flow, &mut items, forms)?,
            text => scalar(text, forms)?,
        };
        list = (value == Value::Null && line.trim_end_matches(' ').ends_with(':')).then_some(None);
        fields.push(Field { key: key.to_lowercase(), line: number, value });
    }
    Some(fields)
}

/// No control but line ends, and no mark that parsers treat in a way of its own: a byte order
/// mark, non-characters, C1 controls, separators of lines and paragraphs.
fn is_plain_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    let odd = |one: u8, two: u8, three: u8| {
        ((one < 0x20) & (one != b'\n') & !((one == b'\r') & (two == b'\n')))
            | (one == 0x7F)
            | ((one == 0xC2) & (two < 0xA0))
            | ((one == 0xE2) & (two == 0x80) & ((three == 0xA8) | (three == 0xA9)))
            | ((one == 0xEF) & ((two == 0xBB) | (two == 0xBF)))
    };
    let Some(end) = bytes.len().checked_sub(2) else { return false };
    let threes = bytes.iter().zip(&bytes[1..]).zip(&bytes[2..]);
    let any_odd = threes.fold(false, |any, ((a, b), c)| any | odd(*a, *b, *c));
    // The last is a line's end; what takes several bytes began before these two.
    !any_odd && !odd(bytes[end], bytes[end + 1], 0)
}

fn is_key(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    key.len() <= LONGEST_KEY
        && key.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && key.bytes().all(is_part)
        && !key.eq_ignore_ascii_case("null")
}

/// One line's text.
fn scalar(text: &str, forms: Forms) -> Option<Value> {
    let text = text.trim_matches(' ');
    let quote = text.as_bytes().first().filter(|byte| matches!(byte, b'"' | b'\''));
    if let Some(quote) = quote {
        let inner = text[1..].strip_suffix(char::from(*quote))?;
        return is_quotable(inner, *quote).then(|| Value::Scalar(inner.to_string()));
    }
    let has_mark = text.contains(": ") || text.contains(" #") || text.ends_with(':');
    if !begins_plainly(text) || has_mark {
        return None;
    }
    Some(plain(text.into(), forms))
}

fn is_quotable(inner: &str, quote: u8) -> bool {
    !inner.bytes().any(|byte| byte == quote || byte == b'\\')
}

/// With a letter, a figure or the like, which no mark of YAML's begins with.
fn begins_plainly(text: &str) -> bool {
    let first = text.as_bytes().first();
    first.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'('))
        || first.is_some_and(|byte| *byte >= 0x80)
}

/// `[a, "b, c"]`
fn flow_list(text: &str, items: &mut usize, forms: Forms) -> Option<Value> {
    let mut rest = text.strip_prefix('[')?.strip_suffix(']')?.trim_matches(' ');
    let mut list = Vec::new();
    while !rest.is_empty() {
        *items += 1;
        let quote = rest.as_bytes()[0];
        let end = match quote {
            b'"' | b'\'' => 2 + rest[1..].find(char::from(quote))?,
            _ => rest.find(',').unwrap_or(rest.len()),
        };
        let (item, after) = rest.split_at(end);
        let is_marked = |byte: u8| b"[]{}:#&*!|>%@`\"'?".contains(&byte);
        if !matches!(quote, b'"' | b'\'') && item.bytes().any(is_marked) {
            return None;
        }
        list.push(scalar(item, forms)?);
        let after = after.trim_start_matches(' ');
        rest = match after.strip_prefix(',') {
            // A comma at the end is let through by some parsers, and not by others.
            Some(more) => Some(more.trim_start_matches(' ')).filter(|more| !more.is_empty())?,
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(Value::List(list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::front_matter::yaml::yaml_of;
    use crate::dice::Dice;

    fn utc() -> Forms {
        Forms { times_are_utc: true, ..Forms::default() }
    }

    #[test]
    fn usual_front_matter_is_read_at_once() {
        let text = "title: \"Đời sống: một\"\r\n# a comment\r\nDate: 2024-05-06 07:08:09\r\n\r\n\
            categories: [a b, 'c, d', \"e\"]\r\ntags:\r\n  - x\r\n  - 'y: z'\r\n\
            draft: false\r\nlist:\r\n- one\r\nempty: []\r\nslug:\r\n";
        for forms in [Forms::default(), utc()] {
            let read = fields(text, 2, forms).expect("nothing odd in it");
            assert_eq!(Ok(&read), yaml_of(text, 2, forms).as_ref());
            assert_eq!(read.len(), 8);
        }
    }

    /// Whatever is put together of what YAML is made of: where a whole parser is not asked, it
    /// says the same.
    #[test]
    fn a_parser_says_the_same() {
        #[rustfmt::skip]
        const PARTS: &[&str] = &[
            "\n", "\n", "\n", "\r\n", "\r", "\t", " ", " ", "  ", "- ", "-", ": ", ": ", ":", ", ", ",",
            "[", "]", "{", "}", "\"", "\"", "'", "'", "#", " #", "a", "b c", "key", "\nkey: ", "\nk: ",
            "\n  - ", "\n- ", "2024-05-06", "07:08:09", "2024-05-06 07:08:09", "null", "~", "é", "“x”",
            "，", "\u{feff}", "\u{85}", "\u{a0}", "\u{2028}", "\u{fffe}", "|", ">", "&a", "*a", "!t", "%",
            "@", "`", "?", "? ", "<<", "---", "...", "\\", "/", "(", ".", "_", "true", "\n\n", "= ", "==",
            "\n# c\n", "[a, b]", "\"x\"", "'y'", "1.10", "x: y", "x:y", "A.b-c_d", "\u{301}", "\u{7f}",
            "\0", "\u{1f600}",
        ];
        let mut dice = Dice::new(0);
        let mut dice = |sides: usize| dice.throw(sides);
        let (mut simple, mut of_several) = (0, 0);
        for round in 0..400_000 {
            let mut text = String::from(["", "key: ", "k:", "title: \"", "tags:\n"][dice(5)]);
            for _ in 0..dice(9) {
                text.push_str(PARTS[dice(PARTS.len())]);
            }
            text.push('\n');
            let forms = if round % 2 == 0 { Forms::default() } else { utc() };
            if let Some(read) = fields(&text, 2, forms) {
                simple += 1;
                of_several += usize::from(read.len() > 1);
                assert_eq!(Ok(read), yaml_of(&text, 2, forms), "{text:?}");
            }
        }
        assert!(simple > 20_000 && of_several > 2_000, "{simple} {of_several}");
    }
}
