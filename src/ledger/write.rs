//! What a turn decided, as rows.

use rusqlite::{Connection, params};

use super::Decisions;
use crate::feed::Known;
use crate::feed::packed::Packed;

/// An article has one row: among those whose files are there, or among the gone.
pub fn live(connection: &Connection, articles: &[Packed]) -> rusqlite::Result<()> {
    let mut keep = connection.prepare_cached(
        "INSERT OR REPLACE INTO articles VALUES (?1, ?2, row_sum('articles', ?1, ?2))",
    )?;
    let mut forget = connection.prepare_cached("DELETE FROM gone WHERE id = ?1")?;
    let any_gone = connection.prepare_cached("SELECT 1 FROM gone LIMIT 1")?.exists([])?;
    for packed in articles {
        keep.execute(params![packed.id(), packed.bytes()])?;
        if any_gone {
            forget.execute([packed.id()])?;
        }
    }
    Ok(())
}

pub fn gone(connection: &Connection, articles: &[Known]) -> rusqlite::Result<()> {
    let mut keep = connection.prepare_cached(
        "INSERT OR REPLACE INTO gone (id, path, hash, inode, link, known, sum) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, row_sum('gone', ?1, ?2, ?3, ?4, ?5, ?6))",
    )?;
    let mut forget = connection.prepare_cached("DELETE FROM articles WHERE id = ?1")?;
    for known in articles {
        let (hash, inode) = (&known.hash[..], known.signature.inode as i64);
        let packed = Packed::of(known);
        keep.execute(params![known.id, known.path, hash, inode, known.link, packed.bytes()])?;
        forget.execute([&known.id])?;
    }
    Ok(())
}

pub fn all(transaction: &Connection, decisions: &Decisions) -> rusqlite::Result<()> {
    for id in &decisions.renamed {
        transaction.prepare_cached("DELETE FROM articles WHERE id = ?1")?.execute([id])?;
        transaction.prepare_cached("DELETE FROM gone WHERE id = ?1")?.execute([id])?;
    }
    live(transaction, &decisions.articles)?;
    gone(transaction, &decisions.gone)?;
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> rusqlite::Result<()> {
        transaction.prepare_cached(sql)?.execute(params).map(drop)
    };
    for name in &decisions.names {
        run(
            "INSERT OR REPLACE INTO names (kind, parent, slug, name, sum) \
             VALUES (?1, ?2, ?3, ?4, row_sum('names', ?1, ?2, ?3, ?4))",
            &[&name.by.word(), &name.parent, &name.slug, &name.name],
        )?;
    }
    for feed in &decisions.feeds {
        run(
            "INSERT OR REPLACE INTO feeds (path, id, updated, sum) \
             VALUES (?1, ?2, ?3, row_sum('feeds', ?1, ?2, ?3))",
            &[&feed.path, &feed.id, &feed.updated.to_string()],
        )?;
    }
    for (path, stamp) in &decisions.documents {
        run(
            "INSERT OR REPLACE INTO documents (path, hash, last_modified, sum) \
             VALUES (?1, ?2, ?3, row_sum('documents', ?1, ?2, ?3))",
            &[path, &&stamp.hash[..], &stamp.last_modified],
        )?;
    }
    for path in &decisions.withdrawn {
        run("DELETE FROM documents WHERE path = ?1", &[path])?;
    }
    for held in &decisions.held {
        run(
            "INSERT OR IGNORE INTO held (path, reason, since, sum) \
             VALUES (?1, ?2, ?3, row_sum('held', ?1, ?2, ?3))",
            &[&held.path, &held.reason, &held.since.to_string()],
        )?;
    }
    for path in &decisions.released {
        run("DELETE FROM held WHERE path = ?1", &[path])?;
    }
    for (key, value) in &decisions.meta {
        run(
            "INSERT OR REPLACE INTO meta (key, value, sum) \
             VALUES (?1, ?2, row_sum('meta', ?1, ?2))",
            &[key, value],
        )?;
    }
    Ok(())
}
