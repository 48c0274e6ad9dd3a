//! Dates as people, programs and pages write them. What is ambiguous or impossible is refused:
//! a wrong date re-announces or hides an article, so it is never guessed.

mod months;

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, civil, fmt::rfc2822};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFault {
    NotADate,
    /// 3/4/2024, where the language does not say which comes first.
    Ambiguous,
    /// The 31st of February.
    Impossible,
    /// 10:30 XYZ
    UnknownZone,
}

impl std::fmt::Display for DateFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DateFault::NotADate => {
                "is no date; write it as year-month-day, as in 2026-08-15 or 2026-08-15T10:30:00+07:00"
            }
            DateFault::Ambiguous => {
                "may be day/month or month/day; write it as year-month-day, as in 2026-08-15"
            }
            DateFault::UnknownZone => {
                "names a time zone that is not known; write its offset, as in +07:00"
            }
            DateFault::Impossible => "is a date that does not exist",
        })
    }
}

/// Reads one date. A naive one is in `zone`; one without a time of day is its first moment.
pub fn parse(text: &str, zone: &TimeZone, language: Option<&str>) -> Result<Timestamp, DateFault> {
    let text = text.trim();
    if text.len() > 120 {
        return Err(DateFault::NotADate);
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp);
    }
    if let Ok(zoned) = rfc2822::parse(text) {
        return Ok(zoned.timestamp());
    }
    let tokens = tokens(text);
    let (time, zone_said, tokens) = take_time(&tokens)?;
    let date = find_date(&tokens, language)?;
    let moment = date.to_datetime(time.unwrap_or(civil::Time::midnight()));
    let zone = match zone_said {
        Some(offset) => offset.to_time_zone(),
        None => named_zone(text)?.unwrap_or_else(|| zone.clone()),
    };
    zone.to_timestamp(moment).map_err(|_| DateFault::Impossible)
}

/// The zone that is named right after the time of day: by RFC 5322, 4.3, else by the IANA
/// database. What is written like a name of a zone and is none must not be passed over.
fn named_zone(text: &str) -> Result<Option<TimeZone>, DateFault> {
    const NORTH_AMERICAN: [(&str, i8); 8] = [
        ("EST", -5),
        ("EDT", -4),
        ("CST", -6),
        ("CDT", -5),
        ("MST", -7),
        ("MDT", -6),
        ("PST", -8),
        ("PDT", -7),
    ];
    let mut words = text.split_whitespace();
    if words.find(|word| word.contains(':')).is_none_or(|time| time.ends_with([',', ')'])) {
        return Ok(None);
    }
    let name = words.find(|word| !matches!(*word, "AM" | "PM")).unwrap_or("");
    let name = name.trim_matches(['(', ')', ',']);
    if let Some((_, hours)) = NORTH_AMERICAN.iter().find(|(known, _)| *known == name) {
        return Ok(Some(Offset::constant(*hours).to_time_zone()));
    }
    let letters = |part: &str| part.len() >= 3 && part.bytes().all(|b| b.is_ascii_alphabetic());
    let abbreviated =
        name.len() <= 5 && letters(name) && name.bytes().all(|b| b.is_ascii_uppercase());
    let place = name.split_once('/').is_some_and(|(area, _)| letters(area));
    let is_other = matches!(name, "GMT" | "UTC") || months::named(&name.to_lowercase()).is_some();
    if is_other || !(abbreviated || place) {
        return Ok(None);
    }
    TimeZoneDatabase::bundled().get(name).map(Some).map_err(|_| DateFault::UnknownZone)
}

/// Whether a block of text is a date and nothing else to speak of.
pub fn is_date_line(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 5
        && letters <= 40
        && text.chars().count() <= 80
        && text.split_whitespace().count() <= 12
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// Its value and how many digits it was written with.
    Number(i64, usize),
    Word(String),
    Mark(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() {
            let mut digits = String::from(c);
            while let Some(d) = chars.next_if(char::is_ascii_digit) {
                digits.push(d);
            }
            tokens.push(Token::Number(digits.parse().unwrap_or(-1), digits.len()));
        } else if is_ideograph(c) {
            tokens.push(Token::Word(c.to_string()));
        } else if c.is_alphabetic() {
            let mut word = String::from(c);
            while let Some(l) = chars.next_if(|l| l.is_alphabetic() && !is_ideograph(*l)) {
                word.push(l);
            }
            tokens.push(Token::Word(word.to_lowercase()));
        } else if !c.is_whitespace() {
            tokens.push(Token::Mark(c));
        }
    }
    tokens
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

type Timed = (Option<civil::Time>, Option<Offset>, Vec<Token>);

/// Takes a time of day and a zone out of the tokens.
fn take_time(tokens: &[Token]) -> Result<Timed, DateFault> {
    use Token::{Mark, Number, Word};
    let mut rest = Vec::new();
    let (mut time, mut offset) = (None, None);
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            [Number(hour, _), sign, Number(minute, 2), ..]
                if time.is_none() && is_clock_mark(sign) =>
            {
                at += 3;
                let mut second = None;
                if let [Mark(':'), Number(s, 2), ..] = tokens[at..] {
                    second = Some(s);
                    at += 2;
                }
                if let [Mark('.' | ','), Number(_, _), ..] = &tokens[at..]
                    && second.is_some()
                {
                    at += 2;
                }
                let mut hour = *hour;
                if let Some(Word(half)) = tokens.get(at)
                    && matches!(half.as_str(), "am" | "pm" | "a" | "p")
                {
                    hour = hour % 12 + if half.starts_with('p') { 12 } else { 0 };
                    at += 1;
                }
                time = Some(clock(hour, *minute, second.unwrap_or(0))?);
                if let Some(Word(hours)) = tokens.get(at)
                    && matches!(hours.as_str(), "h" | "uhr")
                {
                    at += 1;
                }
            }
            [Word(name), sign @ Mark('+' | '-'), Number(hours, _), ..]
                if matches!(name.as_str(), "gmt" | "utc") =>
            {
                let minutes = match tokens[at + 3..] {
                    [Mark(':'), Number(minutes, 2), ..] => {
                        at += 2;
                        minutes
                    }
                    _ => 0,
                };
                offset = Some(zone(sign, *hours, minutes)?);
                at += 3;
            }
            [Word(name), ..] if matches!(name.as_str(), "gmt" | "utc" | "z") => {
                offset = Some(Offset::UTC);
                at += 1;
            }
            [sign @ Mark('+' | '-'), Number(both, 4), ..] if time.is_some() => {
                offset = Some(zone(sign, both / 100, both % 100)?);
                at += 2;
            }
            [sign @ Mark('+' | '-'), Number(hours, 2), Mark(':'), Number(minutes, 2), ..]
                if time.is_some() =>
            {
                offset = Some(zone(sign, *hours, *minutes)?);
                at += 4;
            }
            _ => {
                rest.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    Ok((time, offset, rest))
}

fn is_clock_mark(token: &Token) -> bool {
    match token {
        Token::Mark(':') => true,
        Token::Word(word) => matches!(word.as_str(), "h" | "時" | "时" | "點" | "点"),
        _ => false,
    }
}

fn clock(hour: i64, minute: i64, second: i64) -> Result<civil::Time, DateFault> {
    let part = |n: i64| i8::try_from(n).map_err(|_| DateFault::Impossible);
    civil::Time::new(part(hour)?, part(minute)?, part(second)?, 0)
        .map_err(|_| DateFault::Impossible)
}

fn zone(sign: &Token, hours: i64, minutes: i64) -> Result<Offset, DateFault> {
    let seconds = hours.saturating_mul(3600).saturating_add(minutes.saturating_mul(60));
    let seconds = if *sign == Token::Mark('-') { -seconds } else { seconds };
    i32::try_from(seconds)
        .ok()
        .and_then(|seconds| Offset::from_seconds(seconds).ok())
        .ok_or(DateFault::Impossible)
}

fn find_date(tokens: &[Token], language: Option<&str>) -> Result<civil::Date, DateFault> {
    use Token::{Number, Word};
    let numbers: Vec<(i64, usize)> = tokens
        .iter()
        .filter_map(|token| match token {
            Number(value, digits) => Some((*value, *digits)),
            _ => None,
        })
        .collect();
    let words: Vec<&str> = tokens
        .iter()
        .filter_map(|token| match token {
            Word(word) => Some(word.as_str()),
            _ => None,
        })
        .collect();
    if words.len() > 12 {
        return Err(DateFault::NotADate);
    }
    let named = words.iter().find_map(|word| months::named(word));
    match (numbers.as_slice(), named) {
        ([(year, 4), (month, 1..=2), (day, 1..=2)], None) => date(*year, *month, *day),
        ([(year, 4), (day, 1..=2)], Some(month)) => date(*year, month, *day),
        ([(day, 1..=2), (year, 4)], Some(month)) => date(*year, month, *day),
        // 3 tháng 11 năm 2024, 3/11/2024
        ([(first, 1..=2), (second, 1..=2), (year, 4)], None) => {
            // Nobody writes dots around a month that comes first.
            let dotted = tokens.iter().filter(|token| **token == Token::Mark('.')).count() >= 2;
            if dotted || words.iter().any(|word| matches!(*word, "tháng" | "月" | "월")) {
                return date(*year, *second, *first);
            }
            match order(*first, *second, language)? {
                Order::DayFirst => date(*year, *second, *first),
                Order::MonthFirst => date(*year, *first, *second),
            }
        }
        _ => Err(DateFault::NotADate),
    }
}

enum Order {
    DayFirst,
    MonthFirst,
}

fn order(first: i64, second: i64, language: Option<&str>) -> Result<Order, DateFault> {
    if first == second || first > 12 {
        return Ok(Order::DayFirst);
    }
    if second > 12 {
        return Ok(Order::MonthFirst);
    }
    let language = language.unwrap_or("").to_ascii_lowercase();
    match language.as_str() {
        "" | "en" => Err(DateFault::Ambiguous),
        "en-us" | "en-ph" => Ok(Order::MonthFirst),
        _ => Ok(Order::DayFirst),
    }
}

fn date(year: i64, month: i64, day: i64) -> Result<civil::Date, DateFault> {
    let year = i16::try_from(year).map_err(|_| DateFault::Impossible)?;
    let part = |n: i64| i8::try_from(n).map_err(|_| DateFault::Impossible);
    civil::Date::new(year, part(month)?, part(day)?).map_err(|_| DateFault::Impossible)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, language: &str, expected: &str) {
        let zone = jiff::tz::TimeZoneDatabase::bundled().get("Asia/Ho_Chi_Minh").unwrap();
        let read = match parse(text, &zone, Some(language)) {
            Ok(timestamp) => timestamp.to_string(),
            Err(fault) => format!("{fault:?}"),
        };
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn reads_dates() {
        check("2024-03-12T10:30:00Z", "en", "2024-03-12T10:30:00Z");
        check("2024-03-12 10:30:00 +0200", "en", "2024-03-12T08:30:00Z");
        check("2024-03-12 10:30", "en", "2024-03-12T03:30:00Z");
        check("2024-03-12T10:30:00.000", "en", "2024-03-12T03:30:00Z");
        check("2024-03-12 10:30:00.000 +0200", "en", "2024-03-12T08:30:00Z");
        check("2024-03-12", "en", "2024-03-11T17:00:00Z");
        check("2013/7/13 20:46:25", "en", "2013-07-13T13:46:25Z");
        check("Mon, 15 Aug 2022 10:30:00 +0700", "en", "2022-08-15T03:30:00Z");
        check("Chủ nhật, ngày 3 tháng 11 năm 2024", "vi", "2024-11-02T17:00:00Z");
        check("Thứ ba, 12/3/2024, 10:30 (GMT+7)", "vi", "2024-03-12T03:30:00Z");
        check("15 août 2022 à 10h30", "fr", "2022-08-15T03:30:00Z");
        check("2022年8月15日", "ja", "2022-08-14T17:00:00Z");
        check("August 15, 2022 3:05 PM UTC", "en", "2022-08-15T15:05:00Z");
        check("15. Sept. 2022", "de", "2022-09-14T17:00:00Z");
        check("05.11.2026", "en", "2026-11-04T17:00:00Z");
        check("2026-01-02 15:15 EST", "en", "2026-01-02T20:15:00Z");
        check("2026-07-02 15:15 CET", "en", "2026-07-02T13:15:00Z");
        check("2026-01-02 15:15 Asia/Tokyo", "en", "2026-01-02T06:15:00Z");
        check("10:30, MON 15 AUG 2022", "en", "2022-08-15T03:30:00Z");
        check("2026-01-02 03:15 PM (PST)", "en", "2026-01-02T23:15:00Z");
        check("15 сентября 2022", "ru", "2022-09-14T17:00:00Z");
        check("3/4/2024", "vi", "2024-04-02T17:00:00Z");
        check("3/4/2024", "en-US", "2024-03-03T17:00:00Z");
    }

    #[test]
    fn refuses_the_rest() {
        check("3/4/2024", "en", "Ambiguous");
        check("31/2/2024", "vi", "Impossible");
        check("2024-13-01", "en", "Impossible");
        check("2026-01-02 15:15 XYZ", "en", "UnknownZone");
        check("soon", "en", "NotADate");
        check("2024", "en", "NotADate");
        check("", "en", "NotADate");
    }
}
