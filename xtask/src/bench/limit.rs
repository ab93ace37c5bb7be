//! What the machine can do at most: one small row, committed durably, by one connection, again and again.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::rows::Rows;

const REPEATS: usize = 3;
const LENGTH: Duration = Duration::from_secs(2);
/// About what a journal entry takes.
const TEXT: &str =
    "case.dispatch 2026-11-22 one row as small as the smallest that a step of a case leaves behind";

/// Commits a second: the median of three runs.
pub fn commits_per_second(mut rows: Rows) -> Result<f64> {
    if matches!(rows, Rows::Sqlite(_)) {
        rows.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    }
    rows.run("DROP TABLE IF EXISTS bare; CREATE TABLE bare (number BIGINT NOT NULL PRIMARY KEY, words TEXT NOT NULL)")?;
    let mut rates = Vec::new();
    for repeat in 0..REPEATS {
        rates.push(insert(&mut rows, repeat as i64 * 1_000_000_000)?);
    }
    rows.run("DROP TABLE bare")?;
    rates.sort_by(f64::total_cmp);
    Ok(rates[REPEATS / 2])
}

fn insert(rows: &mut Rows, first: i64) -> Result<f64> {
    const SQL: &str = "INSERT INTO bare (number, words) VALUES ($1, $2)";
    let started = Instant::now();
    let mut done = 0_i64;
    match rows {
        Rows::Sqlite(connection) => {
            let mut statement = connection.prepare(SQL)?;
            while started.elapsed() < LENGTH {
                statement.execute((first + done, TEXT))?;
                done += 1;
            }
        }
        Rows::Postgres(client) => {
            let statement = client.prepare(SQL)?;
            while started.elapsed() < LENGTH {
                client.execute(&statement, &[&(first + done), &TEXT])?;
                done += 1;
            }
        }
    }
    Ok(done as f64 / started.elapsed().as_secs_f64())
}
