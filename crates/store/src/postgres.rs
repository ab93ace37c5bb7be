//! PostgreSQL: snapshot transactions on a small pool of connections.

use std::collections::HashMap;

use parking_lot::{Condvar, Mutex};
use postgres::{
    Client, NoTls, Statement,
    types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use crate::{Inner, Row, StoreError, Tx, Value, migrate};

/// Connections at once; more callers wait for one.
const CONNECTIONS: usize = 16;

/// One snapshot for the whole transaction; two that change the same row conflict, and one runs again.
/// Rules that span rows rest on keys and on revisions that are compared and set. SERIALIZABLE would guard
/// them once more, but it locks whole index pages, and new rows all go to the same last page.
pub const WRITE: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE";
pub const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

pub struct Postgres {
    config: postgres::Config,
    /// `None` stands for a connection that is not open yet.
    pool: Mutex<Vec<Option<Session>>>,
    returned: Condvar,
    /// Nothing is written.
    only_looks: bool,
}

/// One connection and the statements that it knows.
pub struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Postgres {
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let mut config: postgres::Config = url.parse()?;
        config.application_name("olzii").connect_timeout(std::time::Duration::from_secs(10));
        let mut first = Session::open(&config)?;
        first.migrate()?;
        Ok(Self::with(config, first, false))
    }

    /// Nothing is brought up to date or written.
    pub fn look(url: &str) -> Result<Self, StoreError> {
        let mut config: postgres::Config = url.parse()?;
        config.application_name("olzii").connect_timeout(std::time::Duration::from_secs(10));
        let mut first = Session::open(&config)?;
        migrate::must_be_current(first.client.query_one(migrate::LAST, &[])?.get(0))?;
        Ok(Self::with(config, first, true))
    }

    fn with(config: postgres::Config, first: Session, only_looks: bool) -> Self {
        let mut pool: Vec<_> = (1..CONNECTIONS).map(|_| None).collect();
        pool.push(Some(first));
        Self { config, pool: Mutex::new(pool), returned: Condvar::new(), only_looks }
    }

    pub fn transaction<T, E: From<StoreError>>(
        &self,
        begin: &str,
        work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.only_looks && begin == WRITE {
            return Err(StoreError::Unavailable("it was opened for looking only".into()).into());
        }
        let mut borrowed = self.borrow();
        let session = borrowed.session()?;
        session.client.batch_execute(begin).map_err(StoreError::from)?;
        let outcome = work(&mut Tx(Inner::Postgres(session)));
        match outcome {
            Ok(value) => {
                session.client.batch_execute("COMMIT").map_err(StoreError::from)?;
                borrowed.keep = true;
                Ok(value)
            }
            Err(error) => {
                borrowed.keep = session.client.batch_execute("ROLLBACK").is_ok();
                Err(error)
            }
        }
    }

    fn borrow(&self) -> Borrowed<'_> {
        let mut pool = self.pool.lock();
        loop {
            match pool.pop() {
                Some(session) => return Borrowed { owner: self, session, keep: false },
                None => self.returned.wait(&mut pool),
            }
        }
    }

    pub fn check(&self) -> Result<(), StoreError> {
        self.transaction(WRITE, &mut |tx: &mut Tx<'_>| {
            tx.execute("UPDATE migration SET name = name WHERE number = 1", &[]).map(drop)
        })
    }

    pub fn analyze(&self) -> Result<(), StoreError> {
        Ok(self.borrow().session()?.client.batch_execute("ANALYZE")?)
    }
}

/// A connection on loan. One whose state is in doubt is closed, not returned.
struct Borrowed<'a> {
    owner: &'a Postgres,
    session: Option<Session>,
    keep: bool,
}

impl Borrowed<'_> {
    fn session(&mut self) -> Result<&mut Session, StoreError> {
        if self.session.as_ref().is_none_or(|session| session.client.is_closed()) {
            self.session = Some(Session::open(&self.owner.config)?);
        }
        self.session.as_mut().ok_or_else(|| StoreError::Unavailable("no connection".into()))
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let session = self.session.take().filter(|_| self.keep);
        // Those that work stay on top of the pile.
        let mut pool = self.owner.pool.lock();
        match session {
            Some(session) => pool.push(Some(session)),
            None => pool.insert(0, None),
        }
        self.owner.returned.notify_one();
    }
}

impl Session {
    fn open(config: &postgres::Config) -> Result<Self, StoreError> {
        let mut client = config.connect(NoTls)?;
        // Short statements on known indexes gain nothing from compilation, and pay for it.
        client.batch_execute("SET jit = off; SET synchronous_commit = on")?;
        Ok(Self { client, statements: HashMap::new() })
    }

    fn migrate(&mut self) -> Result<(), StoreError> {
        self.client.batch_execute("BEGIN")?;
        self.client.batch_execute(migrate::CREATE)?;
        self.client.batch_execute("LOCK TABLE migration IN EXCLUSIVE MODE")?;
        let last: i64 = self.client.query_one(migrate::LAST, &[])?.get(0);
        for (number, name, text) in migrate::MIGRATIONS.iter().filter(|(number, ..)| *number > last) {
            self.client.batch_execute(text)?;
            self.client.execute(migrate::RECORD, &[number, name])?;
        }
        Ok(self.client.batch_execute("COMMIT")?)
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    pub fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64, StoreError> {
        let statement = self.prepared(sql)?;
        Ok(self.client.execute(&statement, &references(params))?)
    }

    pub fn query(&mut self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepared(sql)?;
        self.client.query(&statement, &references(params))?.iter().map(owned).collect()
    }
}

fn references(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn owned(row: &postgres::Row) -> Result<Row, StoreError> {
    let value = |index: usize, column: &postgres::Column| -> Result<Value, StoreError> {
        Ok(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.into(),
            Type::INT4 => row.try_get::<_, Option<i32>>(index)?.map(i64::from).into(),
            Type::FLOAT8 => row.try_get::<_, Option<f64>>(index)?.into(),
            Type::BOOL => row.try_get::<_, Option<bool>>(index)?.into(),
            Type::TEXT | Type::VARCHAR => row.try_get::<_, Option<String>>(index)?.into(),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index)?.into(),
            Type::UUID => row.try_get::<_, Option<uuid::Uuid>>(index)?.into(),
            ref other => {
                return Err(StoreError::Broken(format!(
                    "column {index} is of type {other}, which no house rule knows"
                )));
            }
        })
    };
    row.columns()
        .iter()
        .enumerate()
        .map(|(index, column)| value(index, column))
        .collect::<Result<_, _>>()
        .map(Row)
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, kind) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(number), &Type::INT8) => number.to_sql(kind, out),
            (Value::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(kind, out),
            (Value::Int(number), &Type::FLOAT8) => (*number as f64).to_sql(kind, out),
            (Value::Real(number), _) => number.to_sql(kind, out),
            (Value::Bool(truth), &Type::BOOL) => truth.to_sql(kind, out),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR) => text.to_sql(kind, out),
            (Value::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(kind, out),
            (Value::Uuid(uuid), &Type::UUID) => uuid.to_sql(kind, out),
            (value, kind) => Err(format!("{value:?} is no {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
