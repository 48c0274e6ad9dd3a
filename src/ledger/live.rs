//! Reading what is known of a whole archive: one thread reads rows, another unpacks them, a third
//! is shown what they hold.

use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::sums::{self, Sum};
use super::{Ledger, LedgerError, Result, damage};
use crate::feed::Known;
use crate::feed::packed::Packed;

/// Rows that go from hand to hand together.
const SOME: usize = 512;
/// Such heaps that may wait for the next hand.
const WAITING: usize = 2;

/// Rows of `articles`, one after the other.
#[derive(Default)]
struct Rows {
    bytes: Vec<u8>,
    /// Where each one's id ends, where what is known ends, and its sum.
    ends: Vec<(usize, usize, Option<Sum>)>,
}

impl Rows {
    fn add(&mut self, row: &Row) -> rusqlite::Result<()> {
        // Of another kind than was written, a value has not the sum that was written either.
        self.bytes.extend_from_slice(row.get_ref(0)?.as_bytes().unwrap_or_default());
        let id = self.bytes.len();
        self.bytes.extend_from_slice(row.get_ref(1)?.as_blob().unwrap_or_default());
        let sum = row.get_ref(2)?.as_blob().ok().and_then(|sum| sum.try_into().ok());
        self.ends.push((id, self.bytes.len(), sum));
        Ok(())
    }

    /// What they hold, and whether all is as it was written.
    fn unpack(&self) -> (Vec<(Packed, Known)>, bool) {
        let (mut start, mut sound) = (0, true);
        let mut unpacked = Vec::with_capacity(self.ends.len());
        for (id_end, end, sum) in &self.ends {
            let (id, known) = (&self.bytes[start..*id_end], &self.bytes[*id_end..*end]);
            start = *end;
            let values = [ValueRef::Text(b"articles"), ValueRef::Text(id), ValueRef::Blob(known)];
            let is_sound = *sum == Some(sums::sum(values.into_iter()));
            sound &= is_sound;
            unpacked.extend(Packed::from_bytes(known).filter(|_| is_sound));
        }
        (unpacked, sound)
    }
}

impl Ledger {
    /// Shows the articles whose files are there, in the order of their ids, some at a time. A row
    /// that is not as it was written is damage; the others are shown.
    pub fn each_live(&self, mut show: impl FnMut(Vec<(Packed, Known)>) + Send) -> Result<()> {
        let sound = std::thread::scope(|scope| {
            let (tell, read) = sync_channel::<Rows>(WAITING);
            let (pass, unpacked) = sync_channel(WAITING);
            scope.spawn(move || {
                for rows in read {
                    if pass.send(rows.unpack()).is_err() {
                        return;
                    }
                }
            });
            let shower = scope.spawn(move || {
                let mut all_sound = true;
                for (some, sound) in unpacked {
                    all_sound &= sound;
                    show(some);
                }
                all_sound
            });
            // They end with this end of the way.
            let done = self.ask(|connection| {
                each_heap(connection, |rows| {
                    let _ = tell.send(rows);
                })
            });
            drop(tell);
            let sound = shower.join().unwrap_or_else(|panic| resume_unwind(panic));
            done.map(|()| sound)
        })?;
        match sound {
            true => Ok(()),
            false => {
                let what = damage::row_of("articles");
                Err(LedgerError::Damaged { path: self.path.clone(), what })
            }
        }
    }
}

fn each_heap(connection: &Connection, mut take: impl FnMut(Rows)) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("SELECT id, known, sum FROM articles")?;
    let mut rows = statement.query([])?;
    let mut some = Rows::default();
    while let Some(row) = rows.next()? {
        some.add(row)?;
        if some.ends.len() == SOME {
            take(std::mem::take(&mut some));
        }
    }
    take(some);
    Ok(())
}
