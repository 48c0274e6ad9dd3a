//! How a ledger is opened: checked, mended if it is damaged, and brought to this version.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{Ledger, LedgerError, Result, damage, salvage, schema, sqlite, sums};

fn place(dir: &Path) -> PathBuf {
    dir.join("ledger.sqlite")
}

impl Ledger {
    /// Opens the ledger in a state directory, or makes one. A damaged one is set aside, and begun
    /// anew with what is whole of it.
    pub fn open(dir: &Path) -> Result<Ledger> {
        let ledger = Ledger::open_unchecked(dir)?;
        match Ledger::check(dir, sums::LARGE) {
            Ok(()) => Ok(ledger),
            Err(LedgerError::Damaged { what, .. }) => {
                drop(ledger);
                Ledger::mend(dir, &what)
            }
            Err(error) => Err(error),
        }
    }

    /// The same, but for the rows of the articles: `check_beside` and `each_live` are still to look
    /// at them.
    pub fn open_unchecked(dir: &Path) -> Result<Ledger> {
        std::fs::create_dir_all(dir)
            .map_err(|source| LedgerError::Directory { path: dir.to_path_buf(), source })?;
        let path = place(dir);
        salvage::finish(&path)?;
        match Ledger::open_whole(&path) {
            Err(LedgerError::Damaged { what, .. }) => Ledger::mend(dir, &what),
            opened => opened,
        }
    }

    /// Whether all is as it was written but what `each_live` looks at; over a connection of its own,
    /// so that this can be read meanwhile.
    pub fn check_beside(dir: &Path) -> Result<()> {
        Ledger::check(dir, sums::LARGE_BUT_LIVE)
    }

    fn check(dir: &Path, tables: &[&str]) -> Result<()> {
        let path = place(dir);
        let ledger = Ledger::open_read_only(dir)?;
        match ledger.ask(|connection| damage::in_rows(connection, tables))? {
            Some(what) => Err(LedgerError::Damaged { path, what }),
            None => Ok(()),
        }
    }

    /// Sets a damaged ledger aside, which nobody has open, and begins it anew.
    pub fn mend(dir: &Path, what: &str) -> Result<Ledger> {
        let path = place(dir);
        let (kept, aside) = salvage::begin_anew(&path)?;
        tracing::error!(
            what,
            rows = kept,
            set_aside = %aside.display(),
            "the ledger is damaged; begun anew with the rows that are whole, and with what the \
             feeds directory tells"
        );
        Ledger::open_whole(&path)
    }

    fn open_whole(path: &Path) -> Result<Ledger> {
        let damaged = |what: String| LedgerError::Damaged { path: path.to_path_buf(), what };
        if let Some(what) = damage::in_header(path) {
            return Err(damaged(what.into()));
        }
        let connection = Connection::open(path).map_err(sqlite(path))?;
        sums::teach(&connection).map_err(sqlite(path))?;
        if let Some(what) = damage::in_tables(&connection).map_err(sqlite(path))? {
            return Err(damaged(what));
        }
        Ledger::prepare(connection, path.to_path_buf())
    }

    /// For commands that look beside a running daemon; an empty one where there is none yet.
    pub fn open_read_only(dir: &Path) -> Result<Ledger> {
        let path = place(dir);
        if !path.exists() {
            return Ledger::in_memory();
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(sqlite(&path))?;
        sums::teach(&connection).map_err(sqlite(&path))?;
        let ledger =
            Ledger { connection, path, unlogged: false, unsynced: None }.of_this_version()?;
        match ledger.ask(schema::version)? {
            found if found < schema::VERSION => Err(LedgerError::Older { path: ledger.path }),
            _ => Ok(ledger),
        }
    }

    /// A copy of a state directory's ledger as it is now, in another folder; `None` where there is
    /// none yet.
    pub fn copy(dir: &Path, into: &Path) -> Result<Option<Ledger>> {
        let path = place(dir);
        if !path.exists() {
            return Ok(None);
        }
        if let Some(what) = damage::in_header(&path) {
            return Err(LedgerError::Damaged { path, what: what.into() });
        }
        let ledger = Ledger::open_read_only(dir)?;
        let found = match ledger.ask(damage::in_tables)? {
            None => ledger.ask(|connection| damage::in_rows(connection, sums::LARGE))?,
            found => found,
        };
        if let Some(what) = found {
            return Err(LedgerError::Damaged { path, what });
        }
        let copy = place(into);
        ledger.ask(|connection| {
            connection.execute("VACUUM INTO ?1", [copy.to_string_lossy().as_ref()]).map(drop)
        })?;
        Ledger::open_whole(&copy).map(Some)
    }

    pub fn in_memory() -> Result<Ledger> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(sqlite(&path))?;
        Ledger::prepare(connection, path)
    }

    pub(super) fn prepare(connection: Connection, path: PathBuf) -> Result<Ledger> {
        let unsynced = path.parent().filter(|dir| dir.is_dir()).map(Path::to_path_buf);
        let mut ledger = Ledger { connection, path, unlogged: true, unsynced };
        ledger.run(|connection| {
            sums::teach(connection)?;
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -512;")
        })?;
        let mut ledger = ledger.of_this_version()?;
        ledger.run(schema::migrate)?;
        if !ledger.is_empty()? {
            ledger.begin_log()?;
        }
        Ok(ledger)
    }

    /// Itself, unless its tables are those of a later version.
    fn of_this_version(self) -> Result<Ledger> {
        let found = self.ask(schema::version)?;
        if found > schema::VERSION {
            return Err(LedgerError::Newer { path: self.path, found, known: schema::VERSION });
        }
        Ok(self)
    }
}
