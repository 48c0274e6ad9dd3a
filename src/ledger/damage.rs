//! Whether a ledger is as syndic left it.

use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::{schema, sums};

/// A file of SQLite's begins with this many bytes of its own.
const HEADER: usize = 100;

/// Whether an error says that the file is damaged, rather than that it cannot be read or written.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Whether an error met while nothing but damage was to be expected says that there is some.
fn is_likely(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        // The sort that a wrong statement gives: there is none, but the tables may be.
        Some(ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::ConstraintViolation) => true,
        Some(_) => is_damage(error),
        None => true,
    }
}

/// What the first bytes hold in each ledger, by their places: what SQLite would take as it is
/// there, and do other than we mean. ("The Database Header", sqlite.org/fileformat2.html)
const FIXED: &[(usize, &[u8])] = &[
    (0, b"SQLite format 3\0\x10\0"),
    (20, &[0, 64, 32, 32]),
    (44, &[0, 0, 0, 4]),
    (52, &[0; 4]),
    (56, &[0, 0, 0, 1]),
    (64, &[0; 4]),
];
/// Who reads and who writes: 1 without a log, 2 with one.
const LOGGED: usize = 18;

/// What is wrong with a ledger's first bytes, if something is.
pub fn in_header(path: &Path) -> Option<&'static str> {
    let mut header = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(HEADER as u64).read_to_end(&mut header).ok()?;
    if header.is_empty() {
        return None;
    }
    if header.len() < HEADER {
        return Some("it is cut short");
    }
    let sound = FIXED.iter().all(|(at, bytes)| header[*at..].starts_with(bytes))
        && matches!(header[LOGGED..LOGGED + 2], [1, 1] | [2, 2]);
    (!sound).then_some("its first bytes are not those that were written")
}

/// Puts the first bytes of a ledger right, as far as they are always the same.
pub fn mend_header(path: &Path, logged: bool) -> std::io::Result<()> {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::options().write(true).open(path)?;
    for (at, bytes) in FIXED {
        file.write_all_at(bytes, *at as u64)?;
    }
    file.write_all_at(if logged { &[2, 2] } else { &[1, 1] }, LOGGED as u64)
}

/// What is wrong with the tables of an open ledger, or with a row of a small one.
pub fn in_tables(connection: &Connection) -> Result<Option<String>, rusqlite::Error> {
    likely(look_at_tables(connection))
}

/// What is wrong with any page or row of these tables: as slow as reading them all.
pub fn in_rows(
    connection: &Connection,
    tables: &[&str],
) -> Result<Option<String>, rusqlite::Error> {
    likely(look_at_rows(connection, tables))
}

fn likely(
    found: Result<Option<String>, rusqlite::Error>,
) -> Result<Option<String>, rusqlite::Error> {
    match found {
        Err(error) if is_likely(&error) => Ok(Some(error.to_string())),
        found => found,
    }
}

pub fn row_of(table: &str) -> String {
    format!("a row of `{table}` is not the one that was written")
}

fn look_at_tables(connection: &Connection) -> Result<Option<String>, rusqlite::Error> {
    let found = schema::version(connection)?;
    let ours = schema::is_present(connection)?;
    if found == schema::VERSION && !ours {
        return Ok(Some("its tables are not those that were made".into()));
    }
    if found != schema::VERSION {
        let damaged = ours && schema::is_ours(connection)?;
        return Ok(damaged.then(|| "its version is not the one that was written".into()));
    }
    Ok(sums::wrong_in_small(connection)?.map(row_of))
}

fn look_at_rows(
    connection: &Connection,
    tables: &[&str],
) -> Result<Option<String>, rusqlite::Error> {
    let said: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if said != "ok" {
        return Ok(Some(said));
    }
    Ok(sums::wrong(connection, |table| tables.contains(&table))?.map(row_of))
}
