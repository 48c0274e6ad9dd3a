//! The tables, and how an older ledger becomes a present one.

use rusqlite::{Connection, Row};

use super::sums;
use crate::article::{Body, Signature};
use crate::feed::Known;
use crate::feed::packed::Packed;

/// One step for each version; a step is never changed once it was released.
const STEPS: &[&str] = &["
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE articles (
        id TEXT PRIMARY KEY,
        path TEXT NOT NULL,
        device INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        born INTEGER NOT NULL,
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        changed INTEGER NOT NULL,
        hash BLOB NOT NULL,
        good BLOB NOT NULL,
        fingerprint TEXT NOT NULL,
        head TEXT NOT NULL,
        link TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        published TEXT NOT NULL,
        published_said TEXT,
        updated TEXT NOT NULL,
        announced INTEGER NOT NULL,
        troubled INTEGER NOT NULL,
        gone INTEGER NOT NULL
    );
    CREATE INDEX articles_path ON articles (path);
    CREATE INDEX articles_hash ON articles (hash);
    CREATE INDEX articles_inode ON articles (inode);
    CREATE INDEX articles_link ON articles (link) WHERE gone = 1;
    CREATE TABLE names (
        kind TEXT NOT NULL, parent TEXT NOT NULL, slug TEXT NOT NULL, name TEXT NOT NULL,
        PRIMARY KEY (kind, parent, slug)
    ) WITHOUT ROWID;
    CREATE TABLE feeds (path TEXT PRIMARY KEY, id TEXT NOT NULL, updated TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE documents (
        path TEXT PRIMARY KEY, hash BLOB NOT NULL, last_modified INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE bodies (key BLOB PRIMARY KEY, good BLOB NOT NULL, body TEXT NOT NULL);
    CREATE INDEX bodies_good ON bodies (good);
    CREATE TABLE held (path TEXT PRIMARY KEY, reason TEXT NOT NULL, since TEXT NOT NULL) WITHOUT ROWID;
", "
    CREATE TABLE asked (path TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (path, id)) WITHOUT ROWID;
    CREATE INDEX asked_id ON asked (id);
", "
    ALTER TABLE articles RENAME TO articles_2;
    DROP INDEX articles_path;
    DROP INDEX articles_hash;
    DROP INDEX articles_inode;
    DROP INDEX articles_link;
    CREATE TABLE articles (id TEXT PRIMARY KEY, known BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE gone (
        id TEXT PRIMARY KEY,
        path TEXT NOT NULL,
        hash BLOB NOT NULL,
        inode INTEGER NOT NULL,
        link TEXT NOT NULL,
        known BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX gone_path ON gone (path);
    CREATE INDEX gone_hash ON gone (hash);
    CREATE INDEX gone_inode ON gone (inode);
    CREATE INDEX gone_link ON gone (link);
", "
    ALTER TABLE meta ADD COLUMN sum BLOB;
    ALTER TABLE names ADD COLUMN sum BLOB;
    ALTER TABLE feeds ADD COLUMN sum BLOB;
    ALTER TABLE documents ADD COLUMN sum BLOB;
    ALTER TABLE held ADD COLUMN sum BLOB;
    ALTER TABLE articles ADD COLUMN sum BLOB;
    ALTER TABLE gone ADD COLUMN sum BLOB;
    ALTER TABLE bodies ADD COLUMN sum BLOB;
"];

/// What the steps lead to, by kind and name as SQLite keeps it: a new ledger is made at once, and an
/// old one looked at without making another beside it.
const PRESENT: &[(&str, Option<&str>)] = &[
    ("asked_id", Some("CREATE INDEX asked_id ON asked (id)")),
    ("bodies_good", Some("CREATE INDEX bodies_good ON bodies (good)")),
    ("gone_hash", Some("CREATE INDEX gone_hash ON gone (hash)")),
    ("gone_inode", Some("CREATE INDEX gone_inode ON gone (inode)")),
    ("gone_link", Some("CREATE INDEX gone_link ON gone (link)")),
    ("gone_path", Some("CREATE INDEX gone_path ON gone (path)")),
    ("sqlite_autoindex_bodies_1", None),
    (
        "articles",
        Some(
            "CREATE TABLE articles (id TEXT PRIMARY KEY, known BLOB NOT NULL, sum BLOB) \
              WITHOUT ROWID",
        ),
    ),
    (
        "asked",
        Some(
            "CREATE TABLE asked (path TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (path, id)) \
              WITHOUT ROWID",
        ),
    ),
    (
        "bodies",
        Some(
            "CREATE TABLE bodies (key BLOB PRIMARY KEY, good BLOB NOT NULL, \
              body TEXT NOT NULL, sum BLOB)",
        ),
    ),
    (
        "documents",
        Some(
            "CREATE TABLE documents (
        path TEXT PRIMARY KEY, hash BLOB NOT NULL, last_modified INTEGER NOT NULL
    , sum BLOB) WITHOUT ROWID",
        ),
    ),
    (
        "feeds",
        Some(
            "CREATE TABLE feeds (path TEXT PRIMARY KEY, id TEXT NOT NULL, updated TEXT NOT NULL, \
              sum BLOB) WITHOUT ROWID",
        ),
    ),
    (
        "gone",
        Some(
            "CREATE TABLE gone (
        id TEXT PRIMARY KEY,
        path TEXT NOT NULL,
        hash BLOB NOT NULL,
        inode INTEGER NOT NULL,
        link TEXT NOT NULL,
        known BLOB NOT NULL
    , sum BLOB) WITHOUT ROWID",
        ),
    ),
    (
        "held",
        Some(
            "CREATE TABLE held (path TEXT PRIMARY KEY, reason TEXT NOT NULL, since TEXT NOT NULL, \
              sum BLOB) WITHOUT ROWID",
        ),
    ),
    (
        "meta",
        Some(
            "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, sum BLOB) \
              WITHOUT ROWID",
        ),
    ),
    (
        "names",
        Some(
            "CREATE TABLE names (
        kind TEXT NOT NULL, parent TEXT NOT NULL, slug TEXT NOT NULL, name TEXT NOT NULL, sum BLOB,
        PRIMARY KEY (kind, parent, slug)
    ) WITHOUT ROWID",
        ),
    ),
];

/// What a step cannot say in SQL, by the version that it leads to.
fn convert(connection: &Connection, version: i64) -> rusqlite::Result<()> {
    match version {
        3 => convert_3(connection),
        4 => sums::add_all(connection),
        _ => Ok(()),
    }
}

fn convert_3(connection: &Connection) -> rusqlite::Result<()> {
    let mut live = connection.prepare("INSERT OR REPLACE INTO articles VALUES (?1, ?2)")?;
    let mut gone =
        connection.prepare("INSERT OR REPLACE INTO gone VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut articles = connection.prepare("SELECT * FROM articles_2")?;
    let mut rows = articles.query([])?;
    while let Some(row) = rows.next()? {
        let known = known_2(row)?;
        match known.gone {
            false => live.execute((&known.id, Packed::of(&known).bytes()))?,
            true => gone.execute((
                &known.id,
                &known.path,
                &known.hash[..],
                known.signature.inode as i64,
                &known.link,
                Packed::of(&known).bytes(),
            ))?,
        };
    }
    let mut bodies = connection.prepare("SELECT rowid, body FROM bodies")?;
    let mut update = connection.prepare("UPDATE bodies SET body = ?2 WHERE rowid = ?1")?;
    let mut rows = bodies.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        // One that cannot be read is made again from its file.
        match serde_json::from_str::<Body>(&row.get::<_, String>(1)?) {
            Ok(body) => {
                update.execute((number, postcard::to_allocvec(&body).unwrap_or_default()))?
            }
            Err(_) => connection.execute("DELETE FROM bodies WHERE rowid = ?1", [number])?,
        };
    }
    connection.execute_batch("DROP TABLE articles_2")
}

/// A row of the second version, whose head was JSON.
fn known_2(row: &Row) -> rusqlite::Result<Known> {
    let text = |name: &str| row.get::<_, String>(name);
    let number = |name: &str| row.get::<_, i64>(name);
    Ok(Known {
        id: text("id")?,
        path: text("path")?,
        signature: Signature {
            device: number("device")? as u64,
            inode: number("inode")? as u64,
            born: number("born")?,
            size: number("size")? as u64,
            modified: number("modified")?,
            changed: number("changed")?,
        },
        hash: row.get("hash")?,
        good: row.get("good")?,
        fingerprint: text("fingerprint")?,
        head: serde_json::from_str(&text("head")?).unwrap_or_default(),
        link: text("link")?,
        first_seen: text("first_seen")?.parse().unwrap_or_default(),
        published: text("published")?.parse().unwrap_or_default(),
        published_said: row
            .get::<_, Option<String>>("published_said")?
            .and_then(|said| said.parse().ok()),
        updated: text("updated")?.parse().unwrap_or_default(),
        announced: row.get("announced")?,
        troubled: row.get("troubled")?,
        gone: row.get("gone")?,
    })
}

/// The version is kept in a row with a sum, too: one that a later syndic wrote is another there.
const VERSION_KEY: &str = "schema";

/// Whether that row says that the ledger is of this version.
pub fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM meta WHERE key = ?1 AND value = ?2 \
        AND sum = row_sum('meta', key, value)";
    connection.prepare(sql)?.exists((VERSION_KEY, VERSION.to_string()))
}

/// What the tables are, as SQLite keeps it.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let sql = "SELECT name, sql FROM sqlite_master ORDER BY type, name";
    connection.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Whether the tables are those of this version.
pub fn is_present(connection: &Connection) -> rusqlite::Result<bool> {
    let tables = tables(connection)?;
    Ok(tables.iter().map(|(name, sql)| (name.as_str(), sql.as_deref())).eq(PRESENT.iter().copied()))
}

pub const VERSION: i64 = STEPS.len() as i64;

pub fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

pub fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let found = version(connection)?;
    if found == VERSION {
        return Ok(());
    }
    if found == 0 && tables(connection)?.is_empty() {
        return make(connection);
    }
    // At once: a disk is waited for at each commit.
    let transaction = connection.transaction()?;
    for (number, step) in (1..).zip(STEPS).skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
        convert(&transaction, number)?;
        say_version(&transaction, number)?;
    }
    transaction.commit()
}

/// Makes a new ledger. No disk is waited for: nothing is in it, and what will be is seen through
/// with the tables.
fn make(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA synchronous = OFF")?;
    let transaction = connection.transaction()?;
    // Tables come before their indexes.
    for sql in PRESENT.iter().rev().filter_map(|(_, sql)| *sql) {
        transaction.execute_batch(sql)?;
    }
    say_version(&transaction, VERSION)?;
    transaction.commit()?;
    connection.execute_batch("PRAGMA synchronous = FULL")
}

fn say_version(connection: &Connection, version: i64) -> rusqlite::Result<()> {
    // Older ones had no sums.
    if version >= 4 {
        let say = "INSERT OR REPLACE INTO meta VALUES (?1, ?2, row_sum('meta', ?1, ?2))";
        connection.execute(say, (VERSION_KEY, version.to_string()))?;
    }
    connection.execute_batch(&format!("PRAGMA user_version = {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrates_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        sums::teach(&connection).unwrap();
        assert_eq!(version(&connection).unwrap(), 0);
        migrate(&mut connection).unwrap();
        connection.execute("INSERT INTO meta VALUES ('a', 'b', NULL)", []).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), VERSION);
        let kept: i64 =
            connection.query_row("SELECT count(*) FROM meta", [], |r| r.get(0)).unwrap();
        assert_eq!(kept, 2, "the row, and the version");
    }

    #[test]
    fn a_new_ledger_is_as_one_that_all_steps_were_taken_with() {
        let mut new = Connection::open_in_memory().unwrap();
        let mut old = Connection::open_in_memory().unwrap();
        for connection in [&new, &old] {
            sums::teach(connection).unwrap();
        }
        old.execute_batch(STEPS[0]).unwrap();
        old.execute_batch("PRAGMA user_version = 1").unwrap();
        for connection in [&mut new, &mut old] {
            migrate(connection).unwrap();
            assert_eq!(version(connection).unwrap(), VERSION);
            assert!(is_ours(connection).unwrap());
        }
        assert_eq!(tables(&new).unwrap(), tables(&old).unwrap());
        assert!(is_present(&new).unwrap());
    }

    #[test]
    fn articles_of_the_second_version_are_kept() {
        let mut connection = Connection::open_in_memory().unwrap();
        sums::teach(&connection).unwrap();
        connection.execute_batch(STEPS[0]).unwrap();
        connection.execute_batch(STEPS[1]).unwrap();
        connection.execute_batch("PRAGMA user_version = 2").unwrap();
        let head = r#"{"title":"T","published":"2026-01-02T00:00:00Z","meaning":[MEANING]}"#;
        let head = head.replace("MEANING", &["7"; 32].join(","));
        for (id, gone) in [("here", 0), ("away", 1)] {
            let row = "INSERT INTO articles VALUES (?1, 'a.md', 1, 2, 3, 4, 5, 6, ?2, ?2, 'f', ?3, \
                'https://a.example/', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', \
                '2026-01-02T00:00:00Z', '2026-01-03T00:00:00.5Z', 1, 0, ?4)";
            connection.execute(row, (id, [9_u8; 32], &head, gone)).unwrap();
        }
        let body = r#"{"html":"h","text":"t","summary":"s","image":null,"summary_from":"lead"}"#;
        let row = "INSERT INTO bodies (key, good, body) VALUES (?1, ?1, ?2)";
        connection.execute(row, ([9_u8; 32], body)).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(sums::wrong_in_small(&connection).unwrap(), None);
        assert_eq!(sums::wrong(&connection, |_| true).unwrap(), None);
        assert!(is_present(&connection).unwrap());
        let ledger = super::super::Ledger {
            connection,
            path: ":memory:".into(),
            unlogged: false,
            unsynced: None,
        };
        let here = ledger.of_id("here").unwrap().unwrap();
        assert_eq!(
            (here.head.title.as_str(), here.head.meaning, here.hash),
            ("T", [7; 32], [9; 32])
        );
        assert_eq!(here.published, here.head.published.unwrap());
        assert_eq!(ledger.live().unwrap().len(), 1);
        let away = &ledger.gone_from("a.md").unwrap()[0];
        assert_eq!((away.id.as_str(), away.gone), ("away", true));
        assert_eq!(ledger.gone_with_content(&[9; 32]).unwrap().len(), 1);
        assert_eq!(ledger.body(&[9; 32]).unwrap().unwrap().html, "h");
    }
}
