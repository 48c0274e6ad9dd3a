//! Time zones as people and pages name them.

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use super::{DateFault, months};

/// Abbreviations that mean one zone wherever dates are written with them, with their offsets in
/// minutes (RFC 5322, 4.3, and common use).
const ABBREVIATED: &[(&str, i32)] = &[
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("ET", -300),
    ("PT", -480),
    ("BRT", -180),
    ("ART", -180),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("MEZ", 60),
    ("CEST", 120),
    ("MESZ", 120),
    ("SAST", 120),
    ("CAT", 120),
    ("WAT", 60),
    ("EET", 120),
    ("EEST", 180),
    ("EAT", 180),
    ("MSK", 180),
    ("МСК", 180),
    ("TRT", 180),
    ("PKT", 300),
    ("IST", 330),
    ("NPT", 345),
    ("WIB", 420),
    ("ICT", 420),
    ("WITA", 480),
    ("HKT", 480),
    ("SGT", 480),
    ("MYT", 480),
    ("PHT", 480),
    ("AWST", 480),
    ("WIT", 540),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
];

/// Zones whose name stays while the clocks change.
const CHANGING: &[(&str, &str)] = &[
    ("ET", "America/New_York"),
    ("PT", "America/Los_Angeles"),
    ("CET", "Europe/Paris"),
    ("MEZ", "Europe/Berlin"),
    ("EET", "Europe/Athens"),
    ("WET", "Europe/Lisbon"),
];

/// What a word right after the time of day says of its zone.
enum Said {
    Zone(TimeZone),
    /// It is written like the name of a zone, and none that is known.
    Unknown,
    Nothing,
}

fn said(name: &str) -> Said {
    if matches!(name, "GMT" | "UTC" | "Z") {
        return Said::Zone(TimeZone::UTC);
    }
    let named = |name: &str| TimeZoneDatabase::bundled().get(name).ok();
    if let Some((_, place)) = CHANGING.iter().find(|(known, _)| *known == name)
        && let Some(zone) = named(place)
    {
        return Said::Zone(zone);
    }
    if let Some((_, minutes)) = ABBREVIATED.iter().find(|(known, _)| *known == name)
        && let Ok(offset) = Offset::from_seconds(minutes * 60)
    {
        return Said::Zone(offset.to_time_zone());
    }
    let letters = |part: &str| part.len() >= 3 && part.bytes().all(|b| b.is_ascii_alphabetic());
    let abbreviated =
        name.len() <= 5 && letters(name) && name.bytes().all(|b| b.is_ascii_uppercase());
    let place = name.split_once('/').is_some_and(|(area, _)| letters(area));
    if !(abbreviated || place) {
        return Said::Nothing;
    }
    named(name).map_or(Said::Unknown, Said::Zone)
}

/// The zone that is named right after the time of day. What is written like a name of a zone and
/// is none must not be passed over.
pub fn after_time(text: &str) -> Result<Option<TimeZone>, DateFault> {
    let is_half = |word: &str| {
        let bare = word.replace(['.', ','], "").to_uppercase();
        matches!(bare.as_str(), "AM" | "PM" | "UHR" | "A" | "P" | "M" | "SA" | "CH")
    };
    let is_digit = |c: char| c.is_ascii_digit();
    let is_clock = |word: &str| {
        // In 2024-03-12T10:30:00 the time comes after the date.
        let time = word.rsplit(['T', 't']).next().unwrap_or(word);
        let digits = time.chars().filter(|c| is_digit(*c)).count();
        time.contains([':', '.']) && (3..=15).contains(&digits) && time.starts_with(is_digit)
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_time = |at: &usize| {
        let next_is_half = words.get(at + 1).is_some_and(|next| is_half(next));
        let is_hour = words[*at].len() <= 2 && words[*at].chars().all(is_digit);
        is_clock(words[*at]) || (is_hour && next_is_half)
    };
    let Some(time) = (0..words.len()).find(is_time) else { return Ok(None) };
    let after = words[time + 1..].iter().find(|word| !is_half(word));
    let name = after.map_or("", |word| word.trim_matches(['(', ')', ',', ';', '|']));
    // A weekday or month may follow too.
    if months::named(&name.to_lowercase(), None).is_some() {
        return Ok(None);
    }
    let is_set_apart = words[time].ends_with([',', ')']);
    match said(name) {
        Said::Zone(zone) => Ok(Some(zone)),
        Said::Unknown if is_word(name) || is_set_apart => Ok(None),
        Said::Unknown => Err(DateFault::UnknownZone),
        Said::Nothing => Ok(None),
    }
}

/// Weekdays in capitals look like zones.
fn is_word(name: &str) -> bool {
    const WEEKDAYS: [&str; 14] = [
        "MON", "TUE", "TUES", "WED", "THU", "THUR", "THURS", "FRI", "SAT", "SUN", "BY", "ON", "AT",
        "EN",
    ];
    WEEKDAYS.contains(&name)
}
