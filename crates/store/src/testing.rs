//! A fresh database for one test, on either engine.

use std::{cell::Cell, path::PathBuf};

use uuid::Uuid;

use crate::{Db, Location};

/// Runs a test once on each engine: `both!(name, |db| { … })`.
#[macro_export]
macro_rules! both {
    ($(#[$attribute:meta])* $name:ident, $test:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$attribute])*
            #[test]
            fn sqlite() {
                let scratch = $crate::testing::Scratch::sqlite();
                ($test)(scratch.db.clone());
            }

            $(#[$attribute])*
            #[test]
            fn postgres() {
                let scratch = $crate::testing::Scratch::postgres();
                ($test)(scratch.db.clone());
            }
        }
    };
}

thread_local! {
    static LONGEST_WALK: Cell<(i32, &'static str)> = const { Cell::new((0, "")) };
    static WORK: Cell<Work> = const { Cell::new(Work { statements: 0, rows: 0 }) };
}

/// What a thread asked of its databases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    pub statements: u64,
    /// Rows that were read.
    pub rows: u64,
}

/// What this thread asked since the last call.
pub fn work() -> Work {
    WORK.take()
}

pub(crate) fn note_work(rows: usize) {
    let Work { statements, rows: before } = WORK.get();
    WORK.set(Work { statements: statements + 1, rows: before + rows as u64 });
}

/// Rows that SQLite stepped over without an index to lead it, in the statement of this thread that had most of them
/// since the last call, and its text: what has thousands is slow in a city and looks fast in a small test.
pub fn longest_walk() -> (i32, &'static str) {
    LONGEST_WALK.take()
}

pub(crate) fn note_walk(statement: &rusqlite::Statement<'_>, text: &'static str) {
    let steps = statement.reset_status(rusqlite::StatementStatus::FullscanStep);
    if steps > LONGEST_WALK.get().0 {
        LONGEST_WALK.set((steps, text));
    }
}

/// A database that goes when it is dropped.
pub struct Scratch {
    pub db: Db,
    pub location: Location,
    remains: Remains,
}

enum Remains {
    Folder(PathBuf),
    Database { server: String, name: String },
}

impl Scratch {
    pub fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("olzii-test-{}", unique()));
        let location = Location::Folder(folder.clone());
        Self {
            db: Db::open(&location).expect("a new folder opens"),
            location,
            remains: Remains::Folder(folder),
        }
    }

    /// On the server of `OLZII_TEST_POSTGRES`, which `cargo xtask test` starts.
    pub fn postgres() -> Self {
        let server = std::env::var("OLZII_TEST_POSTGRES")
            .expect("OLZII_TEST_POSTGRES names a PostgreSQL server; `cargo xtask test` starts one");
        let name = format!("olzii_test_{}", unique());
        statement(&server, &format!("CREATE DATABASE {name}"));
        let mut url: Vec<_> = server.split('/').collect();
        url.pop();
        let location = Location::Postgres(format!("{}/{name}", url.join("/")));
        Self {
            db: Db::open(&location).expect("a new database opens"),
            location,
            remains: Remains::Database { server, name },
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        match &self.remains {
            Remains::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Remains::Database { server, name } => {
                statement(server, &format!("DROP DATABASE {name} WITH (FORCE)"))
            }
        }
    }
}

fn statement(server: &str, sql: &str) {
    let mut client = postgres::Client::connect(server, postgres::NoTls).expect("the test server answers");
    client.batch_execute(sql).expect("the test server creates and drops databases");
}

#[allow(clippy::disallowed_methods, reason = "tests run side by side and need names of their own")]
fn unique() -> String {
    Uuid::new_v4().simple().to_string()
}
