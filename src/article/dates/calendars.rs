//! Years that are not counted as in the Gregorian calendar.

use jiff::ToSpan;
use jiff::civil;

use super::tokens::Token::{self, Number, Word};
use super::{DateFault, date};

/// Months of the Persian year, which begins with spring.
#[rustfmt::skip]
const PERSIAN: [&[&str]; 12] = [
    &["فروردین"], &["اردیبهشت"], &["خرداد"], &["تیر"], &["مرداد", "امرداد"], &["شهریور"],
    &["مهر"], &["آبان", "ابان"], &["آذر", "اذر"], &["دی"], &["بهمن"], &["اسفند"],
];

/// A year of an era or of the Buddhist count, as the Gregorian one; and its tokens.
pub fn year_at(here: &[Token], is_thai: bool) -> Option<(i64, usize)> {
    match here {
        [Word(a), Word(b), Number(year, 1..=3), ..] => match (a.as_str(), b.as_str()) {
            ("令", "和") => Some((2018 + year, 3)),
            ("平", "成") => Some((1988 + year, 3)),
            ("昭", "和") => Some((1925 + year, 3)),
            ("民", "國" | "国") => Some((1911 + year, 3)),
            _ => None,
        },
        // The Buddhist count is 543 years ahead.
        [Number(year @ 2400..=2700, 4), ..] if is_thai => Some((year - 543, 1)),
        _ => None,
    }
}

/// The month of the Persian calendar that is named, if one is.
pub fn persian_month(words: &[&str]) -> Option<i64> {
    let named = |word: &&str| (1..).zip(PERSIAN).find(|(_, names)| names.contains(word));
    words.iter().find_map(named).map(|(month, _)| month)
}

pub fn is_persian(language: Option<&str>) -> bool {
    let main = language.and_then(|tag| tag.split('-').next());
    matches!(main, Some("fa" | "ps" | "ckb"))
}

/// A day of the Persian (solar Hijri) calendar. Its leap years are those of a cycle of 33, which
/// holds for the years from 1178 to 1633 (Borkowski 1996).
pub fn persian(year: i64, month: i64, day: i64) -> Result<civil::Date, DateFault> {
    const ANCHOR: i64 = 1403;
    let is_leap = |year: i64| (25 * year + 11) % 33 < 8;
    let length = match month {
        1..=6 => 31,
        7..=11 => 30,
        12 if is_leap(year) => 30,
        12 => 29,
        _ => return Err(DateFault::Impossible),
    };
    if !(1200..=1600).contains(&year) || !(1..=length).contains(&day) {
        return Err(DateFault::Impossible);
    }
    let days = |year: i64| if is_leap(year) { 366 } else { 365 };
    let between: i64 = if year < ANCHOR {
        -(year..ANCHOR).map(days).sum::<i64>()
    } else {
        (ANCHOR..year).map(days).sum()
    };
    let before = (month - 1) * 31 - (month - 7).max(0);
    // The first of Farvardin 1403.
    let anchor = date(2024, 3, 20)?;
    anchor.checked_add((between + before + day - 1).days()).map_err(|_| DateFault::Impossible)
}

/// Years that nobody publishes in, and that other calendars count now.
pub fn require_gregorian(year: i64) -> Result<(), DateFault> {
    match year {
        1300..=1499 | 2400..=2700 => Err(DateFault::OtherCalendar),
        _ => Ok(()),
    }
}
