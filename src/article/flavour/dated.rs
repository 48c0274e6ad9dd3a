//! Dates at the beginning of names.

use jiff::{Span, civil::Date};

/// A date at the beginning of a name, and what follows it.
pub fn dated_name(name: &str) -> Option<(Date, &str)> {
    let (date, rest) = dated(name, 4, false)?;
    Some((date?, rest))
}

/// Likewise, in Jekyll's way: the year may have two digits, and a hyphen follows (`document.rb`,
/// `DATE_FILENAME_MATCHER`). The day need not exist.
pub fn dated_post(name: &str) -> Option<(Option<Date>, &str)> {
    let (date, rest) = dated(name, 2, true)?;
    name[..name.len() - rest.len()].ends_with('-').then_some((date, rest))
}

/// As Ruby reads a year of two digits.
fn in_century(year: i16) -> i16 {
    if year >= 69 { 1900 + year } else { 2000 + year }
}

/// `rolls`: a day that a month has not is one of the next month, as for Ruby's `Time`.
fn dated(name: &str, digits_of_year: usize, rolls: bool) -> Option<(Option<Date>, &str)> {
    let mut parts = name.splitn(3, '-');
    let year = parts.next().filter(|part| (digits_of_year..=4).contains(&part.len()))?;
    let year: i16 =
        if year.len() == 2 { in_century(year.parse().ok()?) } else { year.parse().ok()? };
    let month: i8 = parts.next().filter(|part| part.len() <= 2)?.parse().ok()?;
    let rest = parts.next()?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&digits) {
        return None;
    }
    let day: i8 = rest[..digits].parse().ok()?;
    let date = match Date::new(year, month, day) {
        Err(_) if rolls && (29..=31).contains(&day) => {
            let first = Date::new(year, month, 1).ok();
            first.and_then(|first| first.checked_add(Span::new().days(i64::from(day) - 1)).ok())
        }
        date => date.ok(),
    };
    let tail = &rest[digits..];
    match tail.chars().next() {
        None => Some((date, "")),
        Some('-' | '_' | ' ') => Some((date, tail.trim_start_matches(['-', '_', ' ']))),
        // Zola's names may hold a whole moment: `2024-03-12T10:30:00Z-name`.
        Some('T') => {
            let at = tail.find(['_', '-'])?;
            let clock = tail[1..at].trim_end_matches('Z');
            let is_part = |b: u8| b.is_ascii_digit() || matches!(b, b':' | b'+' | b'.');
            let is_clock = clock.len() >= 5 && clock.bytes().all(is_part);
            is_clock.then(|| (date, tail[at..].trim_start_matches(['-', '_', ' '])))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_dates() {
        let check = |name, expected: Option<(&str, &str)>| {
            let found = dated_name(name).map(|(date, rest)| (date.to_string(), rest));
            assert_eq!(found, expected.map(|(date, rest)| (date.to_string(), rest)), "{name}");
        };
        check("2024-03-12-hello", Some(("2024-03-12", "hello")));
        check("2024-3-2_hello-you", Some(("2024-03-02", "hello-you")));
        check("2024-03-12", Some(("2024-03-12", "")));
        check("2024-13-12-x", None);
        check("24-03-12-x", None);
        check("2024-03-12th", None);
    }

    #[test]
    fn a_post_may_name_a_day_that_its_month_has_not() {
        let day = |name| dated_post(name)?.0.map(|date| date.to_string());
        assert_eq!(day("2011-02-29-x").as_deref(), Some("2011-03-01"));
        assert_eq!(day("2011-04-31-x").as_deref(), Some("2011-05-01"));
        assert_eq!(day("2011-04-32-x"), None);
        assert_eq!(dated_post("2011-27-11-x"), Some((None, "x")));
        assert_eq!(dated_name("2011-04-31-x"), None);
    }
}
