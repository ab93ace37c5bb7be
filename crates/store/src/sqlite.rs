//! SQLite: one writer at a time, many readers, and one sync for all writers that wait together.
//!
//! A writer runs its closure inside a savepoint of the open transaction on the one writing
//! connection. If others stand in line, it leaves the commit to them and waits; the last in line
//! commits for all. So a commit's sync is shared by as many writes as came while the one before ran,
//! and a write alone costs just its own.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::{Condvar, Mutex};
use rusqlite::{Connection, OpenFlags, types::ToSqlOutput, types::ValueRef};

use crate::{Inner, Row, StoreError, Tx, Value, migrate};

/// Reading connections kept open.
const READERS: usize = 8;
/// Statements that each connection keeps prepared.
const STATEMENTS: usize = 256;
/// Writes that share one sync at most, so that no writer waits long for others.
const GROUP_MAX: usize = 128;
/// Pages of the log after which it is folded back into the database: pages written often are folded once.
const CHECKPOINT_PAGES: i64 = 4_000;
/// Kibibytes of page cache per connection.
const WRITER_CACHE: i64 = 32 * 1024;
const READER_CACHE: i64 = 4 * 1024;

pub struct Sqlite {
    writer: Mutex<Writer>,
    /// Writers that wait for the lock.
    waiting: AtomicUsize,
    readers: Mutex<Vec<Connection>>,
    returned: Condvar,
}

struct Writer {
    connection: Connection,
    /// What becomes of the group that is open or opens next; each of its members holds it too.
    outcome: Outcome,
    /// Writes in the open group; none means that no transaction is open.
    members: usize,
    /// Why no more is written, after an input or output error at a commit.
    broken: Option<String>,
}

/// Empty until the group is committed or abandoned.
type Outcome = Arc<OnceLock<Result<(), Failure>>>;

#[derive(Clone)]
enum Failure {
    Full,
    Unavailable(String),
}

impl Sqlite {
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(folder)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", folder.display())))?;
        let file = folder.join("olzii.db");
        let mut connection =
            connect(&file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, WRITER_CACHE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        migrate(&mut connection)?;
        Self::with(connection, &file, None)
    }

    /// Nothing is made, brought up to date or written.
    pub fn look(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join("olzii.db");
        let connection = connect(&file, OpenFlags::SQLITE_OPEN_READ_ONLY, READER_CACHE)?;
        migrate::must_be_current(connection.query_row(migrate::LAST, [], |row| row.get(0))?)?;
        Self::with(connection, &file, Some("it was opened for looking only".to_owned()))
    }

    fn with(connection: Connection, file: &Path, broken: Option<String>) -> Result<Self, StoreError> {
        let readers = (0..READERS)
            .map(|_| connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY, READER_CACHE))
            .collect::<Result<_, _>>()?;
        let writer = Writer { connection, outcome: Outcome::default(), members: 0, broken };
        Ok(Self {
            writer: Mutex::new(writer),
            waiting: AtomicUsize::new(0),
            readers: Mutex::new(readers),
            returned: Condvar::new(),
        })
    }

    pub fn write<T, E: From<StoreError>>(
        &self,
        work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut writer = self.writer.lock();
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        if let Some(reason) = &writer.broken {
            return Err(StoreError::Unavailable(reason.clone()).into());
        }
        let group = writer.outcome.clone();
        let outcome = writer.run(work);
        // Even one that failed commits for those before it when nobody comes after it.
        let last = self.waiting.load(Ordering::SeqCst) == 0 || writer.members >= GROUP_MAX;
        if group.get().is_none() && writer.members > 0 && last {
            writer.commit();
        }
        // Waited for without the lock: the others need it, and each of them is sure to get here.
        drop(writer);
        let value = match outcome {
            Ok(Ok(value)) => value,
            Ok(Err(error)) => return Err(error),
            Err(panic) => std::panic::resume_unwind(panic),
        };
        match group.wait() {
            Ok(()) => Ok(value),
            Err(Failure::Full) => Err(StoreError::Full.into()),
            Err(Failure::Unavailable(text)) => Err(StoreError::Unavailable(text.clone()).into()),
        }
    }

    pub fn read<T, E: From<StoreError>>(
        &self,
        work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let reader = Borrowed { pool: self, connection: Some(self.borrow()) };
        let connection = reader.connection.as_ref().expect("it is there until the drop");
        run(connection, "BEGIN").map_err(E::from)?;
        let outcome = work(&mut Tx(Inner::Sqlite(connection)));
        run(connection, "ROLLBACK").map_err(E::from)?;
        outcome
    }

    fn borrow(&self) -> Connection {
        let mut readers = self.readers.lock();
        loop {
            match readers.pop() {
                Some(connection) => return connection,
                None => self.returned.wait(&mut readers),
            }
        }
    }

    pub fn check(&self) -> Result<(), StoreError> {
        self.write(&mut |tx: &mut Tx<'_>| {
            tx.execute("UPDATE migration SET name = name WHERE number = 1", &[]).map(drop)
        })
    }

    pub fn verify(&self) -> Result<Vec<String>, StoreError> {
        let writer = self.writer.lock();
        let mut statement = writer.connection.prepare("PRAGMA integrity_check(100)")?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    pub fn analyze(&self) -> Result<(), StoreError> {
        Ok(self
            .writer
            .lock()
            .connection
            .execute_batch("PRAGMA analysis_limit = 1000; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);")?)
    }
}

/// A reading connection that returns to the pool whatever happens to its borrower.
struct Borrowed<'a> {
    pool: &'a Sqlite,
    connection: Option<Connection>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            if !connection.is_autocommit() {
                let _ = run(&connection, "ROLLBACK");
            }
            self.pool.readers.lock().push(connection);
            self.pool.returned.notify_one();
        }
    }
}

impl Writer {
    /// One write in a savepoint of the group's transaction. An error or a panic in `work` undoes just
    /// this write; the group that `work` belongs to may be abandoned here, never committed.
    fn run<T, E: From<StoreError>>(
        &mut self,
        work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> std::thread::Result<Result<T, E>> {
        if self.members == 0
            && let Err(error) = run(&self.connection, "BEGIN IMMEDIATE")
        {
            return Ok(Err(error.into()));
        }
        if let Err(error) = run(&self.connection, "SAVEPOINT member") {
            self.abandon(&error);
            return Ok(Err(error.into()));
        }
        let connection = &self.connection;
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut Tx(Inner::Sqlite(connection)))));
        let done = matches!(outcome, Ok(Ok(_)));
        let closing = match done {
            true => run(&self.connection, "RELEASE member"),
            false => run(&self.connection, "ROLLBACK TO member")
                .and_then(|()| run(&self.connection, "RELEASE member")),
        };
        match closing {
            // SQLite may roll the whole transaction back by itself, on a full disk for one.
            Err(error) => self.abandon(&error),
            Ok(()) if done => self.members += 1,
            Ok(()) if self.members == 0 => self.rollback(),
            Ok(()) => {}
        }
        outcome
    }

    fn commit(&mut self) {
        match run(&self.connection, "COMMIT") {
            Ok(()) => self.decide(Ok(())),
            Err(error) => {
                // A sync that failed once may have lost pages already: it is never tried again.
                if let StoreError::Unavailable(reason) = &error {
                    self.broken = Some(format!("writing stopped until a restart: {reason}"));
                }
                self.abandon(&error);
            }
        }
    }

    /// The open group comes to nothing: its members are told why.
    fn abandon(&mut self, error: &StoreError) {
        tracing::error!(%error, members = self.members, "a group of writes failed");
        self.rollback();
        self.decide(Err(match error {
            StoreError::Full => Failure::Full,
            error => Failure::Unavailable(error.to_string()),
        }));
    }

    fn rollback(&self) {
        if !self.connection.is_autocommit() {
            let _ = run(&self.connection, "ROLLBACK");
        }
    }

    fn decide(&mut self, outcome: Result<(), Failure>) {
        // Empty until here: a group is decided once, under the lock.
        let _ = self.outcome.set(outcome);
        self.outcome = Outcome::default();
        self.members = 0;
    }
}

fn connect(file: &Path, flags: OpenFlags, cache_kib: i64) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    // A plan stays good whatever is bound to it: without this every call compiles its statement again.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let tx = connection.transaction()?;
    tx.execute_batch(&migrate::for_sqlite(&format!("{};", migrate::CREATE)))?;
    let last: i64 = tx.query_row(migrate::LAST, [], |row| row.get(0))?;
    for (number, name, text) in migrate::MIGRATIONS.iter().filter(|(number, ..)| *number > last) {
        tx.execute_batch(&migrate::for_sqlite(text))?;
        tx.execute(migrate::RECORD, rusqlite::params![number, name])?;
    }
    Ok(tx.commit()?)
}

fn run(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    Ok(connection.prepare_cached(sql)?.execute([]).map(drop)?)
}

pub fn execute(connection: &Connection, sql: &'static str, params: &[Value]) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    let changed = statement.raw_execute()?;
    #[cfg(feature = "testing")]
    crate::testing::note_walk(&statement, sql);
    Ok(changed as u64)
}

pub fn query(connection: &Connection, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|index| row.get_ref(index).map(owned)).collect::<Result<_, _>>()?;
        out.push(Row(values));
    }
    drop(rows);
    #[cfg(feature = "testing")]
    crate::testing::note_walk(&statement, sql);
    Ok(out)
}

/// SQLite numbers `$1`-style names by first appearance, so each is looked up by its own number.
fn bind(statement: &mut rusqlite::CachedStatement<'_>, params: &[Value]) -> Result<(), StoreError> {
    for index in 1..=statement.parameter_count() {
        let number = statement.parameter_name(index).and_then(|name| name.get(1..)?.parse::<usize>().ok());
        let value = number.and_then(|number| params.get(number.wrapping_sub(1)));
        let value = value.ok_or_else(|| StoreError::Broken(format!("parameter {index} has no value")))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Uuid(uuid) => ValueRef::Blob(uuid.as_bytes()),
        }))
    }
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}
