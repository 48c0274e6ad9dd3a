//! What must outlive a crash, in one SQLite file: ids, dates, heads, the bodies in use, and the
//! stamp of every document. Losing it changes the id of no article that was never renamed.

mod damage;
mod live;
mod open;
mod salvage;
mod schema;
mod sums;
mod write;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::article::{Body, Hash};
use crate::edition::Stamp;
use crate::feed::names::Name;
use crate::feed::packed::Packed;
use crate::feed::{By, Known};

pub use salvage::KEY as SALVAGED;

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("ledger {}: {source}", path.display())]
    Sqlite { path: PathBuf, source: rusqlite::Error },
    #[error("ledger {}: made by a newer syndic (schema {found}, this one knows {known}); use that one, or another state directory", path.display())]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("ledger {}: made by an older syndic; start the daemon, or build once, with this one first", path.display())]
    Older { path: PathBuf },
    #[error("ledger {}: damaged: {what}; start the daemon, or build once, and it is mended", path.display())]
    Damaged { path: PathBuf, what: String },
    #[error("ledger {}: damaged, and cannot be set aside: {source}", path.display())]
    Aside { path: PathBuf, source: std::io::Error },
    #[error("cannot make the state directory {}: {source}", path.display())]
    Directory { path: PathBuf, source: std::io::Error },
    #[error("cannot sync the state directory {}: {source}", path.display())]
    Unsynced { path: PathBuf, source: std::io::Error },
}

pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    /// Nothing was ever committed: what comes first, a whole archive perhaps, is written once, to
    /// its place; only then is there a log to write ahead.
    unlogged: bool,
    /// The folder in which the log's name may not last yet. SQLite syncs it, and does not say when
    /// that fails.
    unsynced: Option<PathBuf>,
}

/// What is remembered of a feed itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRow {
    pub path: String,
    pub id: String,
    pub updated: Timestamp,
}

/// A change that is set aside until the publisher lets it through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub path: String,
    pub reason: String,
    pub since: Timestamp,
}

/// Everything that one turn decided; goes in as a whole or not at all.
#[derive(Debug, Default)]
pub struct Decisions {
    /// Whose files are there.
    pub articles: Vec<Packed>,
    /// Whose files are gone; should they come back, so do their ids and dates.
    pub gone: Vec<Known>,
    /// Ids that are given up for others, before the articles are written.
    pub renamed: Vec<String>,
    pub names: Vec<Name>,
    pub feeds: Vec<FeedRow>,
    pub documents: Vec<(String, Stamp)>,
    pub withdrawn: Vec<String>,
    pub held: Vec<Held>,
    pub released: Vec<String>,
    pub meta: Vec<(&'static str, String)>,
}

impl LedgerError {
    /// The ledger is to be opened anew, which mends it.
    pub fn is_damage(&self) -> bool {
        matches!(self, LedgerError::Damaged { .. })
    }
}

impl Decisions {
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
            && self.gone.is_empty()
            && self.renamed.is_empty()
            && self.names.is_empty()
            && self.feeds.is_empty()
            && self.documents.is_empty()
            && self.withdrawn.is_empty()
            && self.held.is_empty()
            && self.released.is_empty()
            && self.meta.is_empty()
    }
}

type Result<T> = std::result::Result<T, LedgerError>;

fn sqlite(path: &Path) -> impl FnOnce(rusqlite::Error) -> LedgerError {
    let path = path.to_path_buf();
    move |source| match damage::is_damage(&source) {
        true => LedgerError::Damaged { path, what: source.to_string() },
        false => LedgerError::Sqlite { path, source },
    }
}

impl Ledger {
    /// Rows may have been lost, and no whole turn was recorded since.
    pub fn is_salvaged(&self) -> Result<bool> {
        Ok(self.meta(salvage::KEY)?.is_some_and(|said| said == "yes"))
    }

    fn run<T>(&mut self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&mut self.connection).map_err(sqlite(&self.path))
    }

    fn ask<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.connection).map_err(sqlite(&self.path))
    }

    // ── what was decided before ───────────────────────────────────────────────────────────────

    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        self.ask(|connection| {
            connection
                .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
                .query_row([key], |row| row.get(0))
                .optional()
        })
    }

    pub fn all_meta(&self) -> Result<BTreeMap<String, String>> {
        self.ask(|connection| {
            let mut statement = connection.prepare("SELECT key, value FROM meta")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
    }

    /// By path: the articles whose files are there.
    pub fn live(&self) -> Result<HashMap<String, Packed>> {
        let mut live = HashMap::new();
        self.each_live(|some| {
            live.extend(some.into_iter().map(|(packed, known)| (known.path, packed)));
        })?;
        Ok(live)
    }

    /// Articles whose files are gone, that lived at a path.
    pub fn gone_from(&self, path: &str) -> Result<Vec<Known>> {
        self.gone("path = ?1 ORDER BY id", [path])
    }

    /// Gone articles that held some bytes; of very many only the first.
    pub fn gone_with_content(&self, hash: &Hash) -> Result<Vec<Known>> {
        self.gone("hash = ?1 ORDER BY path LIMIT 64", [&hash[..]])
    }

    /// Gone articles that were read at an address.
    pub fn gone_at(&self, link: &str) -> Result<Vec<Known>> {
        self.gone("link = ?1 ORDER BY id", [link])
    }

    /// Gone articles whose file this may be, under another name.
    pub fn gone_with_inode(&self, inode: u64) -> Result<Vec<Known>> {
        self.gone("inode = ?1 ORDER BY id", [inode as i64])
    }

    pub fn of_id(&self, id: &str) -> Result<Option<Known>> {
        let live = self.known("SELECT known FROM articles WHERE id = ?1", [id])?.pop();
        live.map_or_else(|| Ok(self.gone("id = ?1", [id])?.pop()), |live| Ok(Some(live)))
    }

    pub fn is_empty(&self) -> Result<bool> {
        self.ask(|connection| {
            let any = "SELECT 1 FROM articles UNION ALL SELECT 1 FROM gone LIMIT 1";
            connection.prepare(any)?.exists([]).map(|any| !any)
        })
    }

    /// Whether an article ever left.
    pub fn has_gone(&self) -> Result<bool> {
        self.ask(|connection| connection.prepare_cached("SELECT 1 FROM gone LIMIT 1")?.exists([]))
    }

    fn gone<P: rusqlite::Params>(&self, condition: &str, params: P) -> Result<Vec<Known>> {
        self.known(&format!("SELECT known FROM gone WHERE {condition}"), params)
    }

    /// What cannot be unpacked is as good as lost: its file is read as a new one.
    fn known<P: rusqlite::Params>(&self, sql: &str, params: P) -> Result<Vec<Known>> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(params)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let bytes = row.get_ref(0)?.as_blob().unwrap_or_default();
                found.extend(Packed::from_bytes(bytes).map(|(_, known)| known));
            }
            Ok(found)
        })
    }

    pub fn names(&self) -> Result<Vec<Name>> {
        self.ask(|connection| {
            let mut statement = connection.prepare(
                "SELECT kind, parent, slug, name FROM names ORDER BY kind, parent, slug",
            )?;
            let rows = statement.query_map([], |row| {
                let kind: String = row.get(0)?;
                Ok(By::named(&kind).map(|by| (by, row.get(1), row.get(2), row.get(3))))
            })?;
            let mut names = Vec::new();
            for row in rows {
                if let Some((by, parent, slug, name)) = row? {
                    names.push(Name { by, parent: parent?, slug: slug?, name: name? });
                }
            }
            Ok(names)
        })
    }

    pub fn feeds(&self) -> Result<Vec<FeedRow>> {
        self.ask(|connection| {
            let mut statement =
                connection.prepare("SELECT path, id, updated FROM feeds ORDER BY path")?;
            let rows = statement.query_map([], |row| {
                Ok(FeedRow { path: row.get(0)?, id: row.get(1)?, updated: time(row, 2)? })
            })?;
            rows.collect()
        })
    }

    pub fn documents(&self) -> Result<Vec<(String, Stamp)>> {
        self.ask(|connection| {
            let mut statement = connection
                .prepare("SELECT path, hash, last_modified FROM documents ORDER BY path")?;
            let rows = statement.query_map([], |row| {
                Ok((row.get(0)?, Stamp { hash: row.get(1)?, last_modified: row.get(2)? }))
            })?;
            rows.collect()
        })
    }

    pub fn held(&self) -> Result<Vec<Held>> {
        self.ask(|connection| {
            let mut statement =
                connection.prepare("SELECT path, reason, since FROM held ORDER BY path")?;
            let rows = statement.query_map([], |row| {
                Ok(Held { path: row.get(0)?, reason: row.get(1)?, since: time(row, 2)? })
            })?;
            rows.collect()
        })
    }

    pub fn body(&self, key: &Hash) -> Result<Option<Body>> {
        self.one_body("key = ?1", key)
    }

    /// The body that was made last from these bytes, under whatever settings.
    pub fn last_body(&self, good: &Hash) -> Result<Option<Body>> {
        self.one_body("good = ?1 ORDER BY rowid DESC", good)
    }

    /// A body that is not as it was written is made again from its file.
    fn one_body(&self, which: &str, hash: &Hash) -> Result<Option<Body>> {
        let sql = format!(
            "SELECT body FROM bodies \
             WHERE sum = row_sum('bodies', key, good, body) AND {which}"
        );
        self.ask(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let body = statement.query_row([&hash[..]], |row| {
                Ok(postcard::from_bytes(row.get_ref(0)?.as_blob().unwrap_or_default()).ok())
            });
            Ok(body.optional()?.flatten())
        })
    }

    /// The articles whose bodies asked where this file's article is read.
    pub fn asking(&self, path: &str) -> Result<Vec<String>> {
        self.ask(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT id FROM asked WHERE path = ?1")?;
            statement.query_map([path], |row| row.get(0))?.collect()
        })
    }

    // ── what is decided now ───────────────────────────────────────────────────────────────────

    /// Begins what is read and written as a whole, up to `commit`; what was begun before and came
    /// to no end never happened.
    pub fn begin(&mut self) -> Result<()> {
        self.run(|connection| {
            if !connection.is_autocommit() {
                connection.execute_batch("ROLLBACK")?;
            }
            connection.execute_batch("BEGIN")
        })
    }

    /// Writes articles ahead of the commit that makes them count.
    pub fn keep(&mut self, articles: &[Packed]) -> Result<()> {
        self.ask(|connection| write::live(connection, articles))
    }

    /// Writes a body that was made now from the bytes `good` of the article `id`, ahead of the
    /// commit.
    pub fn keep_body(&self, key: &Hash, good: &Hash, id: &str, body: &Body) -> Result<()> {
        self.ask(|connection| {
            let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> rusqlite::Result<()> {
                connection.prepare_cached(sql)?.execute(params).map(drop)
            };
            run("DELETE FROM asked WHERE id = ?1", &[&id])?;
            for path in body.asked.keys() {
                run("INSERT OR IGNORE INTO asked (path, id) VALUES (?1, ?2)", &[path, &id])?;
            }
            let packed = postcard::to_allocvec(body).unwrap_or_default();
            run(
                "INSERT OR REPLACE INTO bodies (key, good, body, sum) \
                 VALUES (?1, ?2, ?3, row_sum('bodies', ?1, ?2, ?3))",
                &[&&key[..], &&good[..], &packed],
            )
        })
    }

    /// Makes decisions count: durable when this returns.
    pub fn commit(&mut self, decisions: &Decisions) -> Result<()> {
        if self.connection.is_autocommit() && decisions.is_empty() {
            return Ok(());
        }
        self.name_log()
            .and_then(|()| {
                self.run(|connection| {
                    if connection.is_autocommit() {
                        connection.execute_batch("BEGIN")?;
                    }
                    write::all(connection, decisions)?;
                    connection.execute_batch("COMMIT")
                })
            })
            .inspect_err(|_| self.abandon())?;
        // What was committed counts; without a log, the next commit is slower and no worse.
        let _ = self.begin_log();
        Ok(())
    }

    fn begin_log(&mut self) -> Result<()> {
        if self.unlogged {
            self.run(|connection| connection.execute_batch("PRAGMA journal_mode = WAL"))?;
            self.unlogged = false;
        }
        Ok(())
    }

    /// What is written to a log whose name a power cut takes is lost.
    fn name_log(&mut self) -> Result<()> {
        if let Some(dir) = self.unsynced.as_ref().filter(|_| !self.unlogged) {
            std::fs::File::open(dir)
                .and_then(|folder| folder.sync_all())
                .map_err(|source| LedgerError::Unsynced { path: dir.clone(), source })?;
            self.unsynced = None;
        }
        Ok(())
    }

    /// Forgets what was begun.
    pub fn abandon(&self) {
        if !self.connection.is_autocommit() {
            // Where even this fails, the next `begin` tries again.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// Forgets the bodies that no window shows any more. `keep` is every body in use, by key, with
    /// the bytes that it is made from; where the body itself is not there, an older one of the
    /// same bytes stays, since its file may be unreadable by now.
    pub fn sweep_bodies(&mut self, keep: &HashMap<Hash, Hash>) -> Result<()> {
        self.run(|connection| {
            let transaction = connection.transaction()?;
            let stored: Vec<(Hash, Hash)> = transaction
                .prepare("SELECT key, good FROM bodies")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let present: HashSet<Hash> = stored.iter().map(|(key, _)| *key).collect();
            let wanting: HashSet<&Hash> = keep
                .iter()
                .filter(|(key, _)| !present.contains(*key))
                .map(|(_, good)| good)
                .collect();
            for (key, good) in &stored {
                if !keep.contains_key(key) && !wanting.contains(good) {
                    transaction.execute("DELETE FROM bodies WHERE key = ?1", [&key[..]])?;
                }
            }
            transaction
                .execute("DELETE FROM asked WHERE id NOT IN (SELECT id FROM articles)", [])?;
            transaction.commit()
        })
    }
}

fn time(row: &Row, at: usize) -> rusqlite::Result<Timestamp> {
    let text: String = row.get(at)?;
    text.parse().map_err(|error: jiff::Error| {
        rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, error.into())
    })
}
