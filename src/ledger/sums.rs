//! Each row carries a sum of what it holds: one that a disk, or a hand, changed is not believed.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;

pub type Sum = [u8; 8];

/// The tables whose rows have sums, with their columns; the primary key comes first.
pub const TABLES: &[(&str, &str)] = &[
    ("meta", "key, value"),
    ("names", "kind, parent, slug, name"),
    ("feeds", "path, id, updated"),
    ("documents", "path, hash, last_modified"),
    ("held", "path, reason, since"),
    ("articles", "id, known"),
    ("gone", "id, path, hash, inode, link, known"),
    ("bodies", "key, good, body"),
];

/// Of a table's name and the values of a row.
pub fn sum<'a>(values: impl Iterator<Item = ValueRef<'a>>) -> Sum {
    let mut hasher = blake3::Hasher::new();
    let mut take = |kind: u8, bytes: &[u8]| {
        hasher.update(&[kind]);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for value in values {
        match value {
            ValueRef::Null => take(0, &[]),
            ValueRef::Integer(number) => take(1, &number.to_le_bytes()),
            ValueRef::Real(number) => take(2, &number.to_bits().to_le_bytes()),
            ValueRef::Text(text) => take(3, text),
            ValueRef::Blob(bytes) => take(4, bytes),
        }
    }
    let mut sum = [0; 8];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    sum
}

/// Makes `row_sum(table, value, …)` known to SQL.
pub fn teach(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("row_sum", -1, flags, |context| {
        Ok(sum((0..context.len()).map(|at| context.get_raw(at))).to_vec())
    })
}

/// Gives sums to rows that have none.
pub fn add_all(connection: &Connection) -> rusqlite::Result<()> {
    for (table, columns) in TABLES {
        connection
            .execute_batch(&format!("UPDATE {table} SET sum = row_sum('{table}', {columns})"))?;
    }
    Ok(())
}

/// Tables whose size goes with the archive, and whose rows are looked at only where all are.
/// Bodies are not: each is looked at when it is asked for, and is made again from its file.
pub const LARGE: &[&str] = &["articles", "gone"];
/// The same, where the articles are read anyway, which looks at their rows.
pub const LARGE_BUT_LIVE: &[&str] = &["gone"];

/// The small table that holds a row with a wrong sum, if one does.
pub fn wrong_in_small(connection: &Connection) -> rusqlite::Result<Option<&'static str>> {
    wrong(connection, |table| !LARGE.contains(&table) && table != "bodies")
}

/// A table of those that are meant that holds a row with a wrong sum, if one does.
pub fn wrong(
    connection: &Connection,
    is_meant: impl Fn(&str) -> bool,
) -> rusqlite::Result<Option<&'static str>> {
    for (table, columns) in TABLES.iter().filter(|(table, _)| is_meant(table)) {
        let sql =
            format!("SELECT 1 FROM {table} WHERE sum IS NOT row_sum('{table}', {columns}) LIMIT 1");
        if connection.prepare(&sql)?.exists([])? {
            return Ok(Some(table));
        }
    }
    Ok(None)
}
