//! Dates as people, programs and pages write them, in many languages. What is ambiguous or
//! impossible is refused: a wrong date re-announces or hides an article, so it is never guessed.

mod calendars;
mod clock;
pub(super) mod months;
mod tokens;
mod zones;

use jiff::fmt::{rfc2822, temporal::Pieces};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, civil};

use clock::take_time;
use tokens::Token::{self, Mark, Number, Word};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFault {
    NotADate,
    /// 3/4/2024, where the language does not say which comes first.
    Ambiguous,
    /// The 31st of February.
    Impossible,
    /// 10:30 XYZ
    UnknownZone,
    /// 1445/05/24, 2565-08-15
    OtherCalendar,
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
            DateFault::OtherCalendar => {
                "counts its years as another calendar does; write it as 2026-08-15"
            }
            DateFault::Impossible => "is a date that does not exist",
        })
    }
}

/// Longer texts are no dates.
const LONGEST: usize = 120;

/// Reads one date. A naive one is in `zone`; one without a time of day is its first moment.
pub fn parse(text: &str, zone: &TimeZone, language: Option<&str>) -> Result<Timestamp, DateFault> {
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return Err(DateFault::NotADate);
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp);
    }
    if let Ok(zoned) = rfc2822::parse(text) {
        return Ok(zoned.timestamp());
    }
    let tokens = tokens::tokens(text);
    let (time, zone_said, tokens) = take_time(&tokens)?;
    let date = find_date(&tokens, language)?;
    let moment = date.to_datetime(time.unwrap_or(civil::Time::midnight()));
    let zone = match (zone_said, time) {
        (Some(offset), _) => offset.to_time_zone(),
        (None, Some(_)) => zones::after_time(text)?.unwrap_or_else(|| zone.clone()),
        (None, None) => zone.clone(),
    };
    zone.to_timestamp(moment).map_err(|_| DateFault::Impossible)
}

/// How far from UTC the zone is that a text names.
pub fn named_offset(text: &str) -> Option<Offset> {
    let text = text.trim();
    match Pieces::parse(text) {
        Ok(pieces) => pieces.to_numeric_offset(),
        Err(_) => match rfc2822::parse(text) {
            Ok(zoned) => Some(zoned.offset()),
            Err(_) => take_time(&tokens::tokens(text)).ok().and_then(|(_, offset, _)| offset),
        },
    }
}

/// When clocks of `zone` show what those of another one showed at the moment `at`.
pub fn on_clocks_of(zone: &TimeZone, other: Offset, at: Timestamp) -> Timestamp {
    zone.to_timestamp(other.to_datetime(at)).unwrap_or(at)
}

/// Reads what a field says: also the seconds of Unix, or its milliseconds, from 2001 on, which a
/// line of text must not be taken for.
pub fn parse_field(
    text: &str,
    zone: &TimeZone,
    language: Option<&str>,
) -> Result<Timestamp, DateFault> {
    let number = text.trim();
    if !matches!(number.len(), 10 | 13) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return parse(text, zone, language);
    }
    let scale = if number.len() == 10 { 1_000 } else { 1 };
    let millis = number.parse::<i64>().map_err(|_| DateFault::NotADate)? * scale;
    Timestamp::from_millisecond(millis).map_err(|_| DateFault::Impossible)
}

/// The language that tells a day from a month.
pub struct Language<'a> {
    /// By the article or its site.
    pub named: Option<String>,
    /// Where none is named: the one that the article is written in.
    pub written: &'a dyn Fn() -> Option<String>,
}

impl Language<'_> {
    /// Reads a date; that of what was written is found out only where it decides.
    pub fn tells<T>(
        &self,
        read: impl Fn(Option<&str>) -> Result<T, DateFault>,
    ) -> Result<T, DateFault> {
        match read(self.named.as_deref()) {
            Err(DateFault::Ambiguous) if self.named.is_none() => read((self.written)().as_deref()),
            told => told,
        }
    }
}

/// The first date in a line that may say more, such as `Published 15 May 2022 | Ann Other`.
pub fn find(text: &str, zone: &TimeZone, language: Option<&str>) -> Option<Timestamp> {
    let marks = ['|', '•', '·', '—', '–', '\n', '/', '(', ')', ';', '»'];
    if !text.chars().any(|c| tokens::digit(c).is_some()) || text.len() > 2_000 {
        return None;
    }
    let parts = text.split(&marks[..6]).chain(text.split(" - ")).chain(text.split(['(', ')', ';']));
    std::iter::once(text).chain(parts).find_map(|part| parse(part, zone, language).ok())
}

/// The two readings of a date that is ambiguous.
#[derive(Clone, Copy, Debug)]
pub struct Either([Timestamp; 2]);

impl Either {
    /// Whether a date is one of them, give or take a day's hours.
    pub fn has(self, date: Timestamp) -> bool {
        self.0.iter().any(|way| date.duration_since(*way).abs() <= SignedDuration::from_hours(30))
    }
}

/// What a text that cannot be told may mean; `None` for other faults.
pub fn either(text: &str, zone: &TimeZone, fault: DateFault) -> Option<Either> {
    let [day_first, month_first] = ["en-GB", "en-US"].map(|way| parse(text, zone, Some(way)));
    (fault == DateFault::Ambiguous).then_some(Either([day_first.ok()?, month_first.ok()?]))
}

/// Whether a block of text is a date and nothing else to speak of.
pub fn is_date_line(text: &str) -> bool {
    // Nearly all blocks are longer, or have no number in them.
    text.chars().nth(80).is_none()
        && text.chars().filter(|c| tokens::digit(*c).is_some()).count() >= 5
        && text.chars().filter(|c| c.is_alphabetic()).count() <= 40
        && text.split_whitespace().count() <= 12
}

fn find_date(tokens: &[Token], language: Option<&str>) -> Result<civil::Date, DateFault> {
    let tokens = with_numbers(tokens, language);
    let mut numbers: Vec<(i64, usize)> = tokens
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
    if words.len() > 14 {
        return Err(DateFault::NotADate);
    }
    // The year may be told twice.
    if let [.., first, second] = numbers[..]
        && numbers.len() == 4
        && (numbers[0] == second || first == second)
    {
        numbers.pop();
    }
    if let Some(date) = persian(&numbers, &words, language) {
        return date;
    }
    let named = named_month(&words, language);
    match (numbers.as_slice(), named) {
        // 20220815
        ([(whole, 8)], None) => date(whole / 10_000, whole / 100 % 100, whole % 100)
            // Any other number of eight digits.
            .map_err(|_| DateFault::NotADate),
        ([(year, 4), (month, 1..=2), (day, 1..=2)], None) => date(*year, *month, *day),
        ([(year, 4), (day, 1..=2)], Some(month)) => date(*year, month, *day),
        ([(day, 1..=2), (year, 4)], Some(month)) => date(*year, month, *day),
        // 3 tháng 11 năm 2024, 3/11/2024
        ([(first, 1..=2), (second, 1..=2), (year, 4)], None) => {
            // Nobody writes dots around a month that comes first.
            let dotted = tokens.iter().filter(|token| **token == Mark('.')).count() >= 2;
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

/// A date of the Persian calendar: by its month's name, else by its language and year.
fn persian(
    numbers: &[(i64, usize)],
    words: &[&str],
    language: Option<&str>,
) -> Option<Result<civil::Date, DateFault>> {
    let is_year = |year: i64| (1300..=1499).contains(&year);
    let (year, month, day) = match (numbers, calendars::persian_month(words)) {
        ([(day, 1..=2), (year, 4)], Some(month)) | ([(year, 4), (day, 1..=2)], Some(month)) => {
            (*year, month, *day)
        }
        ([(year, 4), (month, 1..=2), (day, 1..=2)], None)
        | ([(day, 1..=2), (month, 1..=2), (year, 4)], None)
            if calendars::is_persian(language) =>
        {
            (*year, *month, *day)
        }
        _ => return None,
    };
    is_year(year).then(|| calendars::persian(year, month, day))
}

fn named_month(words: &[&str], language: Option<&str>) -> Option<i64> {
    let mut months: Vec<(&str, i64)> = words
        .iter()
        .filter_map(|word| months::named(word, language).map(|month| (*word, month)))
        .collect();
    months.dedup_by_key(|(_, month)| *month);
    if months.len() > 1 {
        months.retain(|(word, _)| !months::is_weekday_too(word));
    }
    // Of several the first counts: what follows is a sentence.
    months.first().map(|(_, month)| *month)
}

/// Eras, years of other counts, and months that are numbers in words become numbers.
fn with_numbers(tokens: &[Token], language: Option<&str>) -> Vec<Token> {
    let thai = |token: &Token| matches!(token, Word(w) if w.starts_with(|c| ('\u{e00}'..='\u{e7f}').contains(&c)));
    let is_thai =
        tokens.iter().any(thai) || language.is_some_and(|tag| tag.split('-').next() == Some("th"));
    let mut out: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((year, used)) = calendars::year_at(&tokens[at..], is_thai) {
            out.push(Number(year, 4));
            at += used;
            continue;
        }
        if let [Word(month), Word(name), rest @ ..] = &tokens[at..]
            && month == "tháng"
            && let Some((number, used)) = vietnamese_month(name, rest)
        {
            out.extend([tokens[at].clone(), Number(number, 2)]);
            at += 1 + used;
            continue;
        }
        out.push(tokens[at].clone());
        at += 1;
    }
    out
}

/// `tháng tám`, `tháng mười hai`
fn vietnamese_month(name: &str, rest: &[Token]) -> Option<(i64, usize)> {
    const NAMES: [&str; 10] =
        ["giêng", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"];
    let next = rest.first().and_then(|token| match token {
        Word(word) => Some(word.as_str()),
        _ => None,
    });
    match (name, next) {
        ("mười", Some("một")) => Some((11, 2)),
        ("mười", Some("hai")) => Some((12, 2)),
        ("chạp", _) => Some((12, 1)),
        ("một", _) => Some((1, 1)),
        _ => NAMES.iter().position(|known| *known == name).map(|at| (at as i64 + 1, 1)),
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
    calendars::require_gregorian(year)?;
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
        check("2015-03-17 14:00:00 -4", "en", "2015-03-17T18:00:00Z");
        check("2015-03-17 14:00:00-05", "en", "2015-03-17T19:00:00Z");
        check("2024-03-12 10:30", "en", "2024-03-12T03:30:00Z");
        check("2024-03-12T10:30:00.000", "en", "2024-03-12T03:30:00Z");
        check("2024-03-12 10:30:00.000 +0200", "en", "2024-03-12T08:30:00Z");
        check("2024-03-12", "en", "2024-03-11T17:00:00Z");
        check("20240312", "en", "2024-03-11T17:00:00Z");
        check("by Ann ( 10152669 ) writes:", "en", "NotADate");
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
        check("2024-03-12T10:30:00 EST", "en", "2024-03-12T15:30:00Z");
        check("2024-03-12 10:30:15.123 EST", "en", "2024-03-12T15:30:15Z");
        check("March 5, 2024 5 pm EST", "en", "2024-03-05T22:00:00Z");
        check("March 5, 2024, 10:30 a.m., EST", "en", "2024-03-05T15:30:00Z");
        check("10:30, MONDAY 15 AUG 2022", "en", "2022-08-15T03:30:00Z");
        check("3/4/2024", "vi", "2024-04-02T17:00:00Z");
        check("3/4/2024", "en-US", "2024-03-03T17:00:00Z");
    }

    #[test]
    fn reads_dates_of_many_languages() {
        let day = |text: &str, language: &str| check(text, language, "2022-08-14T17:00:00Z");
        check("Thứ Ba, ngày 16 tháng 9 năm 2025", "vi", "2025-09-15T17:00:00Z");
        check("ngày 16 tháng Mười Hai năm 2025", "vi", "2025-12-15T17:00:00Z");
        day("15 de agosto de 2022", "es");
        day("lunes, 15 ago. 2022", "es");
        day("segunda-feira, 15 de agosto de 2022", "pt");
        day("lundi 15 août 2022", "fr");
        day("Montag, 15. August 2022", "de");
        day("lunedì 15 agosto 2022", "it");
        day("poniedziałek, 15 sierpnia 2022 r.", "pl");
        day("15 августа 2022 г.", "ru");
        day("15 серпня 2022 р.", "uk");
        day("15 Ağustos 2022 Pazartesi", "tr");
        day("15 Agustus 2022", "id");
        day("Senin, 15 Agt 2022", "id");
        day("maandag 15 augustus 2022", "nl");
        day("الاثنين 15 أغسطس 2022", "ar");
        day("١٥ أغسطس ٢٠٢٢", "ar");
        day("15 غشت 2022", "ar");
        day("15 اگست 2022", "ur");
        day("15 اوت 2022", "fa");
        day("सोमवार, 15 अगस्त 2022", "hi");
        day("१५ अगस्त २०२२", "hi");
        day("১৫ আগস্ট ২০২২", "bn");
        day("15 ऑगस्ट 2022", "mr");
        day("15 ఆగస్టు 2022", "te");
        day("15 ஆகஸ்ட் 2022", "ta");
        day("วันจันทร์ที่ 15 สิงหาคม พ.ศ. 2565", "th");
        day("15 ส.ค. 2565", "th");
        day("2022年8月15日", "zh");
        day("2022年8月15日（月）", "ja");
        day("令和4年8月15日", "ja");
        day("民國111年8月15日", "zh");
        day("2022년 8월 15일 월요일", "ko");
        day("2022. 8. 15.", "ko");
        day("2022. augusztus 15.", "hu");
        day("15 Αυγούστου 2022", "el");
        day("15. srpna 2022", "cs");
        day("den 15 augusti 2022", "sv");
        day("15 באוגוסט 2022", "he");
        day("15 Agosti 2022", "sw");
        day("20220815", "en");
        day("2565-08-15", "th");
        day("15/08/2565", "th-TH");
        day("۱۴۰۱/۰۵/۲۴", "fa");
        day("24/5/1401", "fa-IR");
        day("دوشنبه ۲۴ مرداد ۱۴۰۱", "fa");
        check("۳۰ اسفند ۱۴۰۳", "fa", "2025-03-19T17:00:00Z");
        check("1 فروردین 1399", "fa", "2020-03-19T17:00:00Z");
        check("1404/12/30", "fa", "Impossible");
    }

    #[test]
    fn reads_times_of_many_languages() {
        let moment = |text: &str, language: &str| check(text, language, "2022-08-15T08:30:00Z");
        moment("15/8/2022, 15:30 (GMT+7)", "vi");
        moment("15/08/2022 3:30 CH", "vi");
        moment("15.08.2022 um 15.30 Uhr", "de");
        moment("Veröffentlicht am 15.08.2022 um 15:30 Uhr", "de");
        moment("15:30 am 15.08.2022", "de");
        moment("Mo, 15.08.2022, 15:30 Uhr", "de");
        check("Sa, 13.08.2022, 15:30 Uhr", "de", "2022-08-13T08:30:00Z");
        check("Sa., 13. August 2022 12:30", "de", "2022-08-13T05:30:00Z");
        check("15 أغسطس 2022م 10:30", "ar", "2022-08-15T03:30:00Z");
        moment("2022.08.15 PM 03:30", "ko");
        moment("15/08/2022 3:30 م", "ar");
        moment("15. elokuuta 2022 klo 15.30", "fi");
        moment("Senin, 15 Agu 2022 15:30 WIB", "id");
        moment("2022年8月15日 下午3:30", "zh");
        moment("2022年8月15日 15時30分", "ja");
        moment("2022년 8월 15일 오후 3시 30분", "ko");
        moment("15 août 2022 à 15h30", "fr");
        moment("15 de agosto de 2022, 3:30 p. m.", "es");
        moment("Aug 15, 2022 3:30 p.m.", "en");
        moment("2022-08-15 14:00 IST", "en");
        moment("Mon Aug 15 2022 15:30:00 GMT+0700 (Indochina Time)", "en");
        moment("1:30 am PDT, Monday, August 15, 2022", "en");
        moment("2022-08-15 08:30:00 2022 +0000", "en");
    }

    #[test]
    fn fields_may_count_seconds() {
        let read = |text: &str| parse_field(text, &TimeZone::UTC, None).map(|at| at.to_string());
        assert_eq!(read("1704190272").as_deref(), Ok("2024-01-02T10:11:12Z"));
        assert_eq!(read("1704190272000").as_deref(), Ok("2024-01-02T10:11:12Z"));
        assert_eq!(read("20240102").as_deref(), Ok("2024-01-02T00:00:00Z"));
        assert_eq!(find("5551234567", &TimeZone::UTC, None), None);
    }

    #[test]
    fn finds_dates_in_lines() {
        let find = |text: &str, language| {
            find(text, &TimeZone::UTC, Some(language)).map(|date| date.to_string())
        };
        let day = Some("2022-08-15T00:00:00Z".to_string());
        assert_eq!(find("By Ann Other | Aug 15, 2022 | 3 comments", "en"), day);
        assert_eq!(find("Published on August 15, 2022 by Ann", "en"), day);
        assert_eq!(find("Ann Other - 15/08/2022 - Cultura", "es"), day);
        assert_eq!(find("3 comments", "en"), None);
    }

    #[test]
    fn refuses_the_rest() {
        check("3/4/2024", "en", "Ambiguous");
        check("31/2/2024", "vi", "Impossible");
        check("2024-13-01", "en", "Impossible");
        check("2026-01-02 15:15 XYZ", "en", "UnknownZone");
        check("1445/05/24", "ar", "OtherCalendar");
        check("2565-08-15", "en", "OtherCalendar");
        check("soon", "en", "NotADate");
        check("2024", "en", "NotADate");
        check("31 listopad 2024", "", "NotADate");
        check("3 listopada 2024", "pl", "2024-11-02T17:00:00Z");
        check("3 listopada 2024", "hr", "2024-10-02T17:00:00Z");
        check("", "en", "NotADate");
    }
}
