//! Reading the file, and keys that mean nothing: each is found, with its place and the key that
//! was probably meant.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::fault::Fault;
use super::file::{ConfigFile, KEYS};

/// Reads a config file. All syntax errors come at once, and so do all unknown keys, together with
/// what could be read.
pub fn parse(text: &str) -> (Option<ConfigFile>, Vec<Fault>) {
    let (_, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return (None, errors.iter().map(|error| from_toml(error, "mend the TOML")).collect());
    }
    let mut unknown_keys = Vec::new();
    let deserializer = match toml::Deserializer::parse(text) {
        Ok(deserializer) => deserializer,
        Err(error) => return (None, vec![from_toml(&error, "mend the TOML")]),
    };
    let file: Result<ConfigFile, _> = serde_ignored::deserialize(deserializer, |path| {
        unknown_keys.push(path.to_string());
    });
    let mut faults: Vec<Fault> = unknown_keys
        .iter()
        .map(|path| {
            let parts: Vec<&str> = path.split('.').filter(|part| *part != "?").collect();
            let (key, _) = spans(text, &parts);
            let table: Vec<&str> = parts[..parts.len().saturating_sub(1)]
                .iter()
                .copied()
                .filter(|part| part.parse::<usize>().is_err())
                .collect();
            unknown(&table.join("."), parts.last().unwrap_or(&""), key)
        })
        .collect();
    match file {
        Ok(file) => (Some(file), faults),
        Err(error) => {
            faults.push(from_toml(&error, "see the README for what each key takes"));
            (None, faults)
        }
    }
}

fn from_toml(error: &toml::de::Error, help: &str) -> Fault {
    const TYPES: &[(&str, &str)] = &[
        ("AuthorFile", "a name, or { name, email, url }, is wanted here"),
        ("Entries", "a number, or \"all\", is wanted here"),
        ("Listen", "an address, or a list of them, is wanted here"),
    ];
    let said = error.message();
    let untagged = said.strip_prefix("data did not match any variant of untagged enum ");
    let known = TYPES.iter().find(|(name, _)| untagged == Some(*name));
    let message = known.map_or_else(|| for_people(said), |(_, message)| message.to_string());
    let help = match said {
        "duplicate key" => "it stands further up already; put the two together",
        _ => help,
    };
    Fault { span: error.span(), message, help: Some(help.into()) }
}

/// serde names types as programmers do.
fn for_people(said: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("u32", "a whole number"),
        ("u64", "a whole number"),
        ("usize", "a whole number"),
        ("a sequence", "a list, such as [\"…\", \"…\"]"),
        ("a map", "a table"),
        ("a boolean", "true or false"),
    ];
    let Some((found, wanted)) = said.rsplit_once("expected ") else { return said.to_string() };
    let word = WORDS.iter().find(|(word, _)| *word == wanted.trim_end());
    word.map_or_else(|| said.to_string(), |(_, word)| format!("{found}expected {word}"))
}

/// The word that was probably meant.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let distances = known.iter().map(|known| (strsim::damerau_levenshtein(known, word), *known));
    let near = distances.filter(|(distance, known)| *distance <= 2.max(known.len() / 3));
    near.min().map(|(_, known)| known)
}

/// A key that its table does not have.
pub fn unknown(table: &str, key: &str, span: Range<usize>) -> Fault {
    let known = KEYS.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, keys)| keys);
    let nearest = nearest(key, known);
    let elsewhere = KEYS.iter().find(|(_, keys)| keys.contains(&key));
    let help = match (nearest, elsewhere) {
        _ if matches!(key, "base_url" | "baseURL" | "baseurl") => {
            "this is a generator's config; give syndic's another name and say `--config FILE`"
                .into()
        }
        (Some(known), _) => format!("did you mean `{known}`?"),
        (None, Some((other, _))) if !other.is_empty() => {
            format!("`{key}` belongs into `[{other}]`")
        }
        (None, Some(_)) => format!("`{key}` belongs above the first table"),
        _ => format!("known here: {}", known.join(", ")),
    };
    let place = if table.is_empty() { String::new() } else { format!(" in `[{table}]`") };
    Fault::new(span, format!("unknown key `{key}`{place}"), help)
}

/// Where a key and its value stand.
pub fn spans(text: &str, path: &[&str]) -> (Range<usize>, Range<usize>) {
    let nowhere = (0..0, 0..0);
    let Ok(table) = DeTable::parse(text) else { return nowhere };
    let mut found = nowhere;
    let root = DeValue::Table(table.into_inner());
    let mut value = &root;
    for part in path {
        match value {
            DeValue::Table(table) => {
                let Some((key, next)) = table.iter().find(|(key, _)| key.get_ref() == part) else {
                    return found;
                };
                found = (key.span(), next.span());
                value = next.get_ref();
            }
            DeValue::Array(items) => {
                let Some(next) = part.parse().ok().and_then(|at: usize| items.get(at)) else {
                    return found;
                };
                value = next.get_ref();
            }
            _ => return found,
        }
    }
    found
}
