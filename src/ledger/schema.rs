//! The tables, and how an older ledger becomes a present one.

use rusqlite::Connection;

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
"];

pub const VERSION: i64 = STEPS.len() as i64;

pub fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

pub fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let found = version(connection)?;
    for (number, step) in (1..).zip(STEPS).skip(usize::try_from(found).unwrap_or(0)) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.execute_batch(&format!("PRAGMA user_version = {number}"))?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrates_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(version(&connection).unwrap(), 0);
        migrate(&mut connection).unwrap();
        connection.execute("INSERT INTO meta VALUES ('a', 'b')", []).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), VERSION);
        let kept: i64 =
            connection.query_row("SELECT count(*) FROM meta", [], |r| r.get(0)).unwrap();
        assert_eq!(kept, 1);
    }
}
