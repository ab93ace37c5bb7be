//! A city's tables, reached past the server: for what to ask about, for filling, and for a bare commit.

use std::path::Path;

use anyhow::{Context, Result};
use uuid::Uuid;

/// One connection to either engine.
pub enum Rows {
    Sqlite(rusqlite::Connection),
    Postgres(::postgres::Client),
}

impl Rows {
    pub fn sqlite(file: &Path) -> Result<Self> {
        let connection = rusqlite::Connection::open(file).with_context(|| file.display().to_string())?;
        connection.busy_timeout(std::time::Duration::from_secs(30))?;
        Ok(Self::Sqlite(connection))
    }

    pub fn postgres(url: &str) -> Result<Self> {
        Ok(Self::Postgres(::postgres::Client::connect(url, ::postgres::NoTls)?))
    }

    /// Several statements without parameters.
    pub fn run(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.execute_batch(sql).context(sql.to_owned()),
            Self::Postgres(client) => client.batch_execute(sql).context(sql.to_owned()),
        }
    }

    /// The first column of all rows, which is text that is never null.
    pub fn texts(&mut self, sql: &str) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare(sql).context(sql.to_owned())?;
                Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
            }
            Self::Postgres(client) => {
                let rows = client.query(sql, &[]).context(sql.to_owned())?;
                Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
            }
        }
    }

    /// The first column of the first row.
    pub fn number(&mut self, sql: &str) -> Result<i64> {
        match self {
            Self::Sqlite(connection) => {
                connection.query_row(sql, [], |row| row.get(0)).context(sql.to_owned())
            }
            Self::Postgres(client) => {
                client.query_one(sql, &[]).context(sql.to_owned())?.try_get(0).map_err(Into::into)
            }
        }
    }

    /// The ids in the first column of all rows of `select … from`, with `column` its name.
    pub fn ids(&mut self, column: &str, from: &str) -> Result<Vec<Uuid>> {
        let expression = match self {
            Self::Sqlite(_) => format!("hex({column})"),
            Self::Postgres(_) => format!("CAST({column} AS TEXT)"),
        };
        let texts = self.texts(&format!("SELECT {expression} FROM {from}"))?;
        Ok(texts.iter().map(|text| Uuid::parse_str(text)).collect::<Result<_, _>>()?)
    }

    /// The names of a table's columns.
    pub fn columns(&mut self, table: &str) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(_) => self.texts(&format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")),
            Self::Postgres(_) => self.texts(&format!(
                "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_name = '{table}' \
                 AND table_schema = 'public' ORDER BY ordinal_position"
            )),
        }
    }

    /// The engine's name and version.
    pub fn version(&mut self) -> Result<String> {
        let (name, sql) = match self {
            Self::Sqlite(_) => ("SQLite", "SELECT sqlite_version()"),
            Self::Postgres(_) => ("PostgreSQL", "SELECT current_setting('server_version')"),
        };
        Ok(format!("{name} {}", self.texts(sql)?.join("")))
    }
}
