//! Month names of many languages, in the form that dates use.

/// A word of three letters or more that begins exactly one month's names counts for it.
#[rustfmt::skip]
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "janvier", "enero", "janeiro", "gennaio", "januari", "stycznia",
        "styczeń", "января", "январь", "січня", "ledna", "leden", "ocak", "ianuarie", "január",
        "ιανουαρίου", "tammikuuta"],
    &["february", "februar", "février", "fevrier", "febrero", "fevereiro", "febbraio",
        "februari", "lutego", "luty", "февраля", "февраль", "лютого", "února", "únor", "şubat",
        "februarie", "február", "φεβρουαρίου", "helmikuuta"],
    &["march", "märz", "maerz", "mars", "marzo", "março", "maart", "maret", "marca", "marzec",
        "марта", "март", "березня", "března", "březen", "mart", "martie", "március", "μαρτίου",
        "maaliskuuta"],
    &["april", "avril", "abril", "aprile", "kwietnia", "kwiecień", "апреля", "апрель", "квітня",
        "dubna", "duben", "nisan", "aprilie", "április", "απριλίου", "huhtikuuta"],
    &["may", "mai", "mayo", "maio", "maggio", "mei", "maja", "maj", "мая", "май", "травня",
        "května", "květen", "mayıs", "május", "μαΐου", "toukokuuta"],
    &["june", "juni", "juin", "junio", "junho", "giugno", "czerwca", "czerwiec", "июня", "июнь",
        "червня", "června", "červen", "haziran", "iunie", "június", "ιουνίου", "kesäkuuta"],
    &["july", "juli", "juillet", "julio", "julho", "luglio", "lipca", "lipiec", "июля", "июль",
        "липня", "července", "červenec", "temmuz", "iulie", "július", "ιουλίου", "heinäkuuta"],
    &["august", "août", "aout", "agosto", "augustus", "augusti", "agustus", "sierpnia",
        "sierpień", "августа", "август", "серпня", "srpna", "srpen", "ağustos", "augusztus",
        "αυγούστου", "elokuuta"],
    &["september", "sept", "septembre", "septiembre", "setembro", "settembre", "września",
        "wrzesień", "сентября", "сентябрь", "вересня", "září", "eylül", "septembrie",
        "szeptember", "σεπτεμβρίου", "syyskuuta"],
    &["october", "oktober", "octobre", "octubre", "outubro", "ottobre", "października",
        "październik", "октября", "октябрь", "жовтня", "října", "říjen", "ekim", "octombrie",
        "október", "οκτωβρίου", "lokakuuta"],
    &["november", "novembre", "noviembre", "novembro", "listopada", "listopad", "ноября",
        "ноябрь", "листопада", "kasım", "noiembrie", "νοεμβρίου", "marraskuuta"],
    &["december", "dezember", "décembre", "decembre", "diciembre", "dezembro", "dicembre",
        "desember", "grudnia", "grudzień", "декабря", "декабрь", "грудня", "prosince",
        "prosinec", "aralık", "decembrie", "δεκεμβρίου", "joulukuuta"],
];

/// The month that a word in lower case names, from 1.
pub fn named(word: &str) -> Option<i64> {
    if let Some(at) = MONTHS.iter().position(|names| names.contains(&word)) {
        return Some(at as i64 + 1);
    }
    if word.chars().count() < 3 {
        return None;
    }
    let mut begun =
        (1..).zip(MONTHS).filter(|(_, names)| names.iter().any(|n| n.starts_with(word)));
    let (month, _) = begun.next()?;
    begun.next().is_none().then_some(month)
}
