//! The only crate that names a database engine: SQLite in one file, or PostgreSQL.
//!
//! The guarantee: when [`Db::write`] returns `Ok`, what its closure wrote is on stable storage; when
//! it returns `Err`, nothing of it is seen, with one exception: after a failed sync or a lost connection
//! at the commit itself, a restart may find the whole write done. Client-made ids tell. A closure may be
//! run more than once and must have no effect but on the transaction. One SQL text serves both engines.

mod error;
mod migrate;
mod postgres;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
mod value;

use std::{path::PathBuf, sync::Arc, time::Duration};

use kernel::limits;

pub use error::{Retry, StoreError};
pub use value::{FromValue, Row, Value};

/// Where the rows are.
#[derive(Clone, Debug)]
pub enum Location {
    /// The folder that holds `olzii.db`.
    Folder(PathBuf),
    /// `postgres://user@host/database`
    Postgres(String),
}

/// A database. Cloning shares it.
#[derive(Clone)]
pub struct Db(Arc<Engine>);

enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// A transaction in progress.
pub struct Tx<'a>(Inner<'a>);

enum Inner<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a mut postgres::Session),
}

impl Db {
    /// Opens the database and brings its tables up to date.
    pub fn open(location: &Location) -> Result<Self, StoreError> {
        let engine = match location {
            Location::Folder(folder) => Engine::Sqlite(sqlite::Sqlite::open(folder)?),
            Location::Postgres(url) => Engine::Postgres(postgres::Postgres::open(url)?),
        };
        Ok(Self(Arc::new(engine)))
    }

    /// Opens a database that is there and of this program's version. Nothing is made or written, whatever is asked.
    pub fn look(location: &Location) -> Result<Self, StoreError> {
        let engine = match location {
            Location::Folder(folder) => Engine::Sqlite(sqlite::Sqlite::look(folder)?),
            Location::Postgres(url) => Engine::Postgres(postgres::Postgres::look(url)?),
        };
        Ok(Self(Arc::new(engine)))
    }

    /// Runs `work` in one transaction and returns once it is durable. Run again from the start, on
    /// fresh rows, when another writer got in between.
    pub fn write<T, E: From<StoreError> + Retry>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        for attempt in 1.. {
            let outcome = match &*self.0 {
                Engine::Sqlite(sqlite) => sqlite.write(&mut work),
                Engine::Postgres(postgres) => postgres.transaction(postgres::WRITE, &mut work),
            };
            match outcome {
                Err(error) if error.retry() && attempt < limits::WRITE_ATTEMPTS_MAX => back_off(attempt),
                outcome => return outcome,
            }
        }
        unreachable!("the loop returns at its last attempt")
    }

    /// Runs `work` on one unchanging view of the rows.
    pub fn read<T, E: From<StoreError>>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        match &*self.0 {
            Engine::Sqlite(sqlite) => sqlite.read(&mut work),
            Engine::Postgres(postgres) => postgres.transaction(postgres::READ, &mut work),
        }
    }

    /// Whether the database takes writes right now; the reason if not.
    pub fn check(&self) -> Result<(), StoreError> {
        match &*self.0 {
            Engine::Sqlite(sqlite) => sqlite.check(),
            Engine::Postgres(postgres) => postgres.check(),
        }
    }

    /// Reads every page or table for damage; slow. Returns what is wrong.
    pub fn verify(&self) -> Result<Vec<String>, StoreError> {
        match &*self.0 {
            Engine::Sqlite(sqlite) => sqlite.verify(),
            Engine::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Lets the engine learn how its rows are spread, after a large import.
    pub fn analyze(&self) -> Result<(), StoreError> {
        match &*self.0 {
            Engine::Sqlite(sqlite) => sqlite.analyze(),
            Engine::Postgres(postgres) => postgres.analyze(),
        }
    }

    pub fn engine(&self) -> &'static str {
        match &*self.0 {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }
}

impl Tx<'_> {
    /// Rows changed.
    pub fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64, StoreError> {
        #[cfg(feature = "testing")]
        testing::note_work(0);
        match &mut self.0 {
            Inner::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Inner::Postgres(session) => session.execute(sql, params),
        }
    }

    pub fn query(&mut self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let rows = match &mut self.0 {
            Inner::Sqlite(connection) => sqlite::query(connection, sql, params),
            Inner::Postgres(session) => session.query(sql, params),
        }?;
        #[cfg(feature = "testing")]
        testing::note_work(rows.len());
        Ok(rows)
    }

    /// The first row, if there is one.
    pub fn first(&mut self, sql: &'static str, params: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// A number that the statement counts.
    pub fn count(&mut self, sql: &'static str, params: &[Value]) -> Result<i64, StoreError> {
        self.first(sql, params)?.map_or(Ok(0), |row| row.get(0))
    }

    /// Like [`Tx::execute`], for a row that another writer may have changed: none changed is a
    /// conflict, after which [`Db::write`] starts over.
    pub fn compare_and_set(&mut self, sql: &'static str, params: &[Value]) -> Result<(), StoreError> {
        match self.execute(sql, params)? {
            0 => Err(StoreError::Conflict),
            _ => Ok(()),
        }
    }
}

/// Waits a little longer after each attempt; the thread's own address spreads the herd.
fn back_off(attempt: u32) {
    let spread = (&raw const attempt as usize >> 4) as u64 % 7;
    std::thread::sleep(Duration::from_micros((500 + spread * 100) << attempt.min(7)));
}
