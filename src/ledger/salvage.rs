//! A damaged ledger is set aside, and begun anew with every row that is as it was written.

use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::sums::{self, TABLES};
use super::{Ledger, LedgerError, Result, damage, sqlite};

/// Its meta key: rows may have been lost, until a whole turn was recorded.
pub const KEY: &str = "salvaged";

/// Where the parts of a ledger lie that is being begun anew.
struct Places {
    ledger: PathBuf,
    /// Complete, and to take the ledger's place.
    next: PathBuf,
    /// Being written.
    partial: PathBuf,
    /// The damaged one as a copy: reading it changes it.
    copy: PathBuf,
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(ending);
    name.into()
}

impl Places {
    fn of(ledger: &Path) -> Places {
        Places {
            ledger: ledger.to_path_buf(),
            next: beside(ledger, ".next"),
            partial: beside(ledger, ".partial"),
            copy: beside(ledger, ".copy"),
        }
    }

    fn io(&self) -> impl Fn(std::io::Error) -> LedgerError {
        let path = self.ledger.clone();
        move |source| LedgerError::Aside { path: path.clone(), source }
    }

    /// What an interrupted attempt left.
    fn sweep(&self) {
        for path in [&self.partial, &self.copy] {
            for ending in ["", "-wal", "-shm", "-journal"] {
                let _ = std::fs::remove_file(beside(path, ending));
            }
        }
    }

    /// Moves the damaged ledger aside and the new one into its place. The log goes first: left
    /// behind, it would be played into the new one.
    fn swap(&self) -> Result<PathBuf> {
        let aside = (1_u32..)
            .map(|number| beside(&self.ledger, &format!(".damaged-{number}")))
            .find(|aside| !aside.exists())
            .unwrap_or_else(|| beside(&self.ledger, ".damaged"));
        for ending in ["-wal", "-journal", ""] {
            match std::fs::rename(beside(&self.ledger, ending), beside(&aside, ending)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(self.io()(error));
                }
                _ => {}
            }
        }
        let _ = std::fs::remove_file(beside(&self.ledger, "-shm"));
        std::fs::rename(&self.next, &self.ledger).map_err(self.io())?;
        if let Some(folder) = self.ledger.parent() {
            std::fs::File::open(folder).and_then(|dir| dir.sync_all()).map_err(self.io())?;
        }
        Ok(aside)
    }
}

/// Ends what an earlier run began: its new ledger is complete.
pub fn finish(path: &Path) -> Result<()> {
    let places = Places::of(path);
    places.sweep();
    if places.next.exists() { places.swap().map(drop) } else { Ok(()) }
}

/// Begins a damaged ledger anew; tells how many rows were kept, and where the damaged one lies.
pub fn begin_anew(path: &Path) -> Result<(usize, PathBuf)> {
    let places = Places::of(path);
    places.sweep();
    let _ = std::fs::remove_file(&places.next);
    for ending in ["", "-wal"] {
        let from = beside(path, ending);
        if from.exists() {
            std::fs::copy(&from, beside(&places.copy, ending)).map_err(places.io())?;
        }
    }
    let logged = beside(&places.copy, "-wal").exists();
    damage::mend_header(&places.copy, logged).map_err(places.io())?;
    let connection = Connection::open(&places.partial).map_err(sqlite(&places.partial))?;
    let next = Ledger::prepare(connection, places.partial.clone())?;
    let mut kept = 0;
    let damaged = Connection::open(&places.copy).and_then(|damaged| {
        sums::teach(&damaged)?;
        Ok(damaged)
    });
    next.ask(|next| next.execute_batch("BEGIN"))?;
    if let Ok(damaged) = damaged {
        for (table, columns) in TABLES {
            kept += keep(&damaged, &next.connection, table, columns)
                .map_err(sqlite(&places.partial))?;
        }
        keep_asked(&damaged, &next.connection).map_err(sqlite(&places.partial))?;
    }
    next.ask(|next| {
        let say = "INSERT OR REPLACE INTO meta VALUES (?1, ?2, row_sum('meta', ?1, ?2))";
        next.execute(say, [KEY, "yes"])?;
        // Every feed is to be made anew.
        next.execute(say, ["printed_as", ""])?;
        next.execute_batch("COMMIT")
    })?;
    next.connection.close().map_err(|(_, error)| sqlite(&places.partial)(error))?;
    std::fs::File::open(&places.partial).and_then(|file| file.sync_all()).map_err(places.io())?;
    std::fs::rename(&places.partial, &places.next).map_err(places.io())?;
    let aside = places.swap()?;
    places.sweep();
    Ok((kept, aside))
}

/// Copies the rows whose sums are right: from the front up to where the table cannot be read, and
/// from its end likewise.
fn keep(
    damaged: &Connection,
    next: &Connection,
    table: &str,
    columns: &str,
) -> rusqlite::Result<usize> {
    let key = columns.split(',').next().unwrap_or(columns);
    let key = if table == "names" { "kind, parent, slug" } else { key };
    let count = columns.split(',').count();
    let places: Vec<String> = (1..=count).map(|at| format!("?{at}")).collect();
    let places = places.join(", ");
    let insert = format!(
        "INSERT OR IGNORE INTO {table} ({columns}, sum) \
         VALUES ({places}, row_sum('{table}', {places}))"
    );
    let mut insert = next.prepare(&insert)?;
    let backwards = key.split(", ").map(|key| format!("{key} DESC")).collect::<Vec<_>>();
    let mut kept = 0;
    for order in [key, &backwards.join(", ")] {
        let sql = format!(
            "SELECT {columns} FROM {table} WHERE sum = row_sum('{table}', {columns}) \
             ORDER BY {order}"
        );
        // What cannot be read any further is where it ends.
        let Ok(mut rows) = damaged.prepare(&sql) else { return Ok(kept) };
        let Ok(mut rows) = rows.query([]) else { return Ok(kept) };
        let mut whole = false;
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    let values: rusqlite::Result<Vec<Value>> =
                        (0..count).map(|at| row.get(at)).collect();
                    let Ok(values) = values else { continue };
                    kept += insert.execute(params_from_iter(values))?;
                }
                Ok(None) => {
                    whole = true;
                    break;
                }
                Err(_) => break,
            }
        }
        if whole {
            break;
        }
    }
    Ok(kept)
}

/// Who asks for which file: a wrong row does no harm.
fn keep_asked(damaged: &Connection, next: &Connection) -> rusqlite::Result<()> {
    let Ok(mut rows) = damaged.prepare("SELECT path, id FROM asked") else { return Ok(()) };
    let Ok(mut rows) = rows.query([]) else { return Ok(()) };
    while let Ok(Some(row)) = rows.next() {
        if let (Ok(path), Ok(id)) = (row.get::<_, String>(0), row.get::<_, String>(1)) {
            next.execute("INSERT OR IGNORE INTO asked (path, id) VALUES (?1, ?2)", [path, id])?;
        }
    }
    Ok(())
}
