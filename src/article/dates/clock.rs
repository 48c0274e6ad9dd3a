//! Times of day and offsets from UTC, among the tokens of a date.

use jiff::civil;
use jiff::tz::Offset;

use super::DateFault;
use super::tokens::Token::{self, Mark, Number, Word};

type Timed = (Option<civil::Time>, Option<Offset>, Vec<Token>);

/// Takes a time of day and a zone out of the tokens.
pub fn take_time(tokens: &[Token]) -> Result<Timed, DateFault> {
    let mut rest = Vec::new();
    let (mut time, mut offset) = (None, None);
    let mut at = 0;
    while at < tokens.len() {
        let (before, here) = tokens.split_at(at);
        if time.is_none()
            && let Some((found, used)) = clock_at(before, here)?
        {
            time = Some(found);
            at += used;
            continue;
        }
        let hours = hours_at(before, here);
        let found = if hours.is_some() { hours } else { offset_at(here, time.is_some())? };
        if let Some((found, used)) = found {
            offset = Some(found);
            at += used;
            continue;
        }
        rest.push(tokens[at].clone());
        at += 1;
    }
    Ok((time, offset, rest))
}

/// `14:00:00 -4`, at the end (YAML 1.1, `timestamp`); without seconds it would be a span.
fn hours_at(before: &[Token], here: &[Token]) -> Option<(Offset, usize)> {
    let [.., Mark(':'), Number(_, 2), Mark(':'), Number(_, 2)] = before else { return None };
    let [sign @ Mark('+' | '-'), Number(hours @ 0..=14, 1..=2)] = here else { return None };
    Some((zone(sign, *hours, 0).ok()?, 2))
}

/// A time of day, and how many tokens it takes.
fn clock_at(before: &[Token], here: &[Token]) -> Result<Option<(civil::Time, usize)>, DateFault> {
    // 下午3:30, PM 3:30: a word for the half of the day right before it.
    let (afternoon, skipped) = match half_at(here) {
        Some((is_afternoon, used)) if stands_before(&here[0]) => (Some(is_afternoon), used),
        _ => (None, 0),
    };
    let here = &here[skipped..];
    let [Number(hour, 1..=2), sign, rest @ ..] = here else { return Ok(None) };
    let hour_word = matches!(sign, Word(word) if is_hour_word(word));
    let dotted = *sign == Mark('.') && is_announced(before, here);
    let (minute, mut used) = match (sign, rest) {
        (Mark(':'), [Number(minute, 2), ..]) => (*minute, 3),
        (_, [Number(minute, 1..=2), ..]) if hour_word => (*minute, 3),
        (_, [Number(minute, 2), ..]) if dotted => (*minute, 3),
        // 10 h, 10時, 5 pm
        (Word(word), _)
            if matches!(word.as_str(), "am" | "pm" | "a" | "p")
                && *hour <= 12
                && is_half_of_day(&here[1..]) =>
        {
            (0, 1)
        }
        (Word(word), _)
            if matches!(word.as_str(), "h" | "uhr" | "時" | "时" | "點" | "点" | "시") =>
        {
            (0, 2)
        }
        _ => return Ok(None),
    };
    let minute_word = |token: Option<&Token>| matches!(token, Some(Word(word)) if matches!(word.as_str(), "分" | "분" | "min" | "phút" | "m"));
    if minute_word(here.get(used)) {
        used += 1;
    }
    let mut second = 0;
    if let [Mark(':' | '.'), Number(s, 2), ..] = here[used..]
        && used == 3
    {
        second = s;
        used += 2;
        if let [Mark('.' | ','), Number(_, 1..=9), ..] = here[used..] {
            used += 2;
        }
    }
    let mut hour = *hour;
    let after = half_at(&here[used..]).filter(|_| is_half_of_day(&here[used..]));
    used += after.map_or(0, |(_, more)| more);
    // What is past noon by the clock needs no such word.
    if let Some(is_afternoon) = after.map(|(is_afternoon, _)| is_afternoon).or(afternoon)
        && hour <= 12
    {
        hour = hour % 12 + if is_afternoon { 12 } else { 0 };
    }
    if let Some(Word(word)) = here.get(used)
        && matches!(word.as_str(), "h" | "uhr" | "น" | "น." | "hrs" | "uur" | "óra" | "hod")
    {
        used += 1;
    }
    Ok(Some((clock(hour, minute, second)?, skipped + used)))
}

fn is_hour_word(word: &str) -> bool {
    matches!(word, "h" | "時" | "时" | "點" | "点" | "시" | "giờ" | "g" | "ч")
}

/// Whether a time written with a dot is announced as one: `kl. 10.30`, `10.30 Uhr`.
fn is_announced(before: &[Token], here: &[Token]) -> bool {
    let words = |token: Option<&Token>, words: &[&str]| matches!(token, Some(Word(word)) if words.contains(&word.as_str()));
    let last = before.iter().rev().find(|token| **token != Mark('.') && **token != Mark(','));
    // A year stands before it, and no fourth part of a date can.
    let after_year = matches!(last, Some(Number(1900..=2999, 4)))
        && before.iter().filter(|token| matches!(token, Number(..))).count() >= 2;
    words(last, &["kl", "klo", "ore", "ora", "alle", "jam", "pukul", "um", "o", "saat", "às", "at"])
        || words(here.get(3), &["uhr", "น", "wib", "wita", "wit", "h", "uur"])
        || after_year
}

/// Whether such a word can stand before the time that it belongs to; others there are something
/// else, as `Sa` is a Saturday.
fn stands_before(word: &Token) -> bool {
    matches!(word, Word(word) if matches!(
        word.as_str(),
        "上" | "下" | "午" | "早" | "晚" | "오" | "am" | "pm"
    ))
}

/// Whether a word after a time says which half of the day it is in: `10:30 am 15.08.2022` does not.
fn is_half_of_day(here: &[Token]) -> bool {
    let is_german = matches!(here, [Word(am), Number(..), Mark('.'), ..] if am == "am");
    half_at(here).is_some_and(|(_, used)| {
        // That of the time which follows, as in `05 PM 03:30`.
        !matches!(here[used..], [Number(_, 1..=2), Mark(':'), ..])
    }) && !is_german
}

/// A word for the half of the day: whether it is the second one, and its tokens.
fn half_at(here: &[Token]) -> Option<(bool, usize)> {
    let Some(Word(first)) = here.first() else { return None };
    let is = |words: &[&str]| words.contains(&first.as_str());
    if is(&["am", "πμ", "sa", "sáng", "ص", "صباحا", "पूर्वाह्न", "öö"])
    {
        return Some((false, 1));
    }
    if is(&["pm", "μμ", "ch", "chiều", "tối", "م", "مساء", "अपराह्न", "ös"])
    {
        return Some((true, 1));
    }
    match here {
        // a.m., p. m.
        [Word(half), Mark('.'), Word(m), Mark('.'), ..] if matches!(m.as_str(), "m" | "μ") => {
            Some((matches!(half.as_str(), "p" | "μ"), 4))
        }
        [Word(half), Mark('.'), Word(m), ..] if m == "m" && matches!(half.as_str(), "a" | "p") => {
            Some((half == "p", 3))
        }
        [Word(one), Word(two), ..] => match (one.as_str(), two.as_str()) {
            ("上", "午") | ("午", "前") | ("오", "전") | ("早", "上") => Some((false, 2)),
            ("下", "午") | ("午", "後") | ("오", "후") | ("晚", "上") => Some((true, 2)),
            _ => None,
        },
        _ => None,
    }
}

/// An offset from UTC, and its tokens.
fn offset_at(here: &[Token], timed: bool) -> Result<Option<(Offset, usize)>, DateFault> {
    Ok(match here {
        [Word(name), sign @ Mark('+' | '-' | '−'), Number(hours, digits), rest @ ..]
            if matches!(name.as_str(), "gmt" | "utc") =>
        {
            match rest {
                [Mark(':'), Number(minutes, 2), ..] => Some((zone(sign, *hours, *minutes)?, 5)),
                _ if *digits == 4 => Some((zone(sign, hours / 100, hours % 100)?, 3)),
                _ => Some((zone(sign, *hours, 0)?, 3)),
            }
        }
        [Word(name), ..] if matches!(name.as_str(), "gmt" | "utc" | "z") => Some((Offset::UTC, 1)),
        [sign @ Mark('+' | '-' | '−'), Number(both, 4), ..] if timed => {
            Some((zone(sign, both / 100, both % 100)?, 2))
        }
        [sign @ Mark('+' | '-' | '−'), Number(hours, 2), Mark(':'), Number(minutes, 2), ..]
            if timed =>
        {
            Some((zone(sign, *hours, *minutes)?, 4))
        }
        [sign @ Mark('+'), Number(hours, 2), ..] if timed => Some((zone(sign, *hours, 0)?, 2)),
        _ => None,
    })
}

fn clock(hour: i64, minute: i64, second: i64) -> Result<civil::Time, DateFault> {
    let part = |n: i64| i8::try_from(n).map_err(|_| DateFault::Impossible);
    civil::Time::new(part(hour)?, part(minute)?, part(second)?, 0)
        .map_err(|_| DateFault::Impossible)
}

fn zone(sign: &Token, hours: i64, minutes: i64) -> Result<Offset, DateFault> {
    let seconds = hours.saturating_mul(3600).saturating_add(minutes.saturating_mul(60));
    let seconds = if *sign == Mark('+') { seconds } else { -seconds };
    i32::try_from(seconds)
        .ok()
        .and_then(|seconds| Offset::from_seconds(seconds).ok())
        .ok_or(DateFault::Impossible)
}
