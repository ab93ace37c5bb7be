//! Fills a city with cases by copying the real ones of its demo: same areas, bodies, people, timelines, journal and
//! notices, under new ids and at moments of the past year. Written straight into the tables: a million through the
//! server would take a day of waiting and show nothing more.

use anyhow::{Context, Result, ensure};
use uuid::{NoContext, Timestamp, Uuid};

use super::rows::Rows;
use crate::run;

/// Copies made in one transaction.
const BATCH: usize = 20_000;
/// One copy in so many is of an open case.
const OPEN_EACH: usize = 50;
const DAY: i64 = 86_400_000_000;
/// The cases are spread over so many days, which with the longest of them is within every retention.
const DAYS: i64 = 300;
/// What stands in `stage_due` where no clock runs.
const NEVER: i64 = i64::MAX;

/// A table, the column by which its rows belong to a case, and a condition on them.
const TABLES: [(&str, &str, &str); 6] = [
    ("case_file", "id", "TRUE"),
    ("case_event", "case_id", "TRUE"),
    ("case_photo", "case_id", "TRUE"),
    ("case_handling", "case_id", "TRUE"),
    ("journal", "subject_id", "subject_kind = 'case'"),
    ("notice", "case_id", "TRUE"),
];

/// A real case to copy.
struct Model {
    id: Uuid,
    reported_at: i64,
}

/// Brings the number of cases up to `total`. The server must not run.
pub fn fill(rows: &mut Rows, total: usize) -> Result<()> {
    let there = rows.number("SELECT COUNT(*) FROM case_file")? as usize;
    ensure!(there <= total, "there are {there} cases already, more than {total}");
    if there == total {
        return Ok(());
    }
    let closed = models(rows, "<>")?;
    let open = models(rows, "=")?;
    ensure!(!closed.is_empty() && !open.is_empty(), "the demo has no closed or no open cases to copy");
    prepare(rows)?;
    let statements: Vec<String> = TABLES.iter().map(|table| copy(rows, table)).collect::<Result<_>>()?;
    // Nothing of a copy lies in the future, however long its model took.
    let longest = rows.number("SELECT MAX(updated_at - reported_at) FROM case_file")?;
    let newest = rows.number("SELECT MAX(reported_at) FROM case_file")? - longest - DAY;
    let bar = run::spinner(&format!("filling up to {total} cases"));
    let count = total - there;
    for start in (0..count).step_by(BATCH) {
        // Oldest first, evenly spread.
        let moment = |number: usize| newest - DAYS * DAY + DAYS * DAY / count as i64 * number as i64;
        let batch = (start..count.min(start + BATCH)).map(|number| match number % OPEN_EACH {
            0 => (&open[number / OPEN_EACH % open.len()], moment(number)),
            _ => (&closed[number % closed.len()], moment(number)),
        });
        write_batch(rows, batch.collect(), &statements)?;
        bar.set_message(format!("filling up to {total} cases: {}", there + start));
    }
    bar.finish_and_clear();
    finish(rows)?;
    let there = rows.number("SELECT COUNT(*) FROM case_file")? as usize;
    ensure!(there == total, "{there} cases are there instead of {total}");
    Ok(())
}

fn models(rows: &mut Rows, comparison: &str) -> Result<Vec<Model>> {
    let from = format!("case_file WHERE status {comparison} 'open' ORDER BY id");
    let ids = rows.ids("id", &from)?;
    let moments = rows.texts(&format!("SELECT CAST(reported_at AS TEXT) FROM {from}"))?;
    ids.into_iter().zip(moments).map(|(id, at)| Ok(Model { id, reported_at: at.parse()? })).collect()
}

/// Copies of the rows to copy, so that what is written is not read again, and the table that says what becomes what.
fn prepare(rows: &mut Rows) -> Result<()> {
    if matches!(rows, Rows::Sqlite(_)) {
        rows.run("PRAGMA cache_size = -400000; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;")?;
    } else {
        rows.run("SET synchronous_commit = off; SET jit = off")?;
    }
    let kind = if matches!(rows, Rows::Sqlite(_)) { "BLOB" } else { "UUID" };
    rows.run(&format!("CREATE TEMP TABLE made (model {kind}, copy {kind}, number TEXT, shift BIGINT)"))?;
    for (table, column, condition) in TABLES {
        rows.run(&format!(
            "CREATE TEMP TABLE model_{table} AS SELECT * FROM {table} WHERE {condition}; \
             CREATE INDEX model_{table}_case ON model_{table} ({column});"
        ))?;
    }
    if matches!(rows, Rows::Postgres(_)) {
        rows.run("ANALYZE")?;
    }
    Ok(())
}

/// `INSERT … SELECT` for one table: ids and moments are new, all else is as in the model.
fn copy(rows: &mut Rows, (table, column, _): &(&str, &str, &str)) -> Result<String> {
    let columns = rows.columns(table)?;
    // New in each row, and in the order of its case: the first 48 bits of a version 7 id are its moment.
    let fresh = match rows {
        Rows::Sqlite(_) => "substr(made.copy, 1, 6) || randomblob(10)",
        Rows::Postgres(_) => {
            "CAST(substr(CAST(made.copy AS TEXT), 1, 14) || substr(CAST(gen_random_uuid() AS TEXT), 15) AS UUID)"
        }
    };
    let fresh =
        if matches!(rows, Rows::Sqlite(_)) { format!("CAST({fresh} AS BLOB)") } else { fresh.to_owned() };
    let expression = |name: &String| match name.as_str() {
        name if name == *column => "made.copy".to_owned(),
        "id" | "request_id" => fresh.clone(),
        "number" => "made.number".to_owned(),
        // Nobody is told of them: a million alarms at once are another measurement.
        "next_alarm" => "NULL".to_owned(),
        // The server enters them in the pages of the evaluation.
        "counted" | "counted_revision" => "NULL".to_owned(),
        // A copy is no entry that anybody wrote: it stays out of the log.
        "log_index" => "COALESCE(model.log_index, 0)".to_owned(),
        "at" | "reported_at" | "registered_at" | "stage_since" | "stage_due" | "next_due" | "due"
        | "closed_at" | "updated_at" | "handled_at" | "passed_at" | "due_since" | "paused_at"
        | "paused_until" | "resumed_at" | "close_due" | "contact_due" | "contacted_at" | "excluded_at"
        | "undone_at" | "due_told" | "returned_at" | "reworked_at" => {
            format!("CASE WHEN model.{name} = {NEVER} THEN model.{name} ELSE model.{name} + made.shift END")
        }
        name => format!("model.{name}"),
    };
    let expressions: Vec<String> = columns.iter().map(expression).collect();
    Ok(format!(
        "INSERT INTO {table} ({}) SELECT {} FROM made JOIN model_{table} model ON model.{column} = made.model",
        columns.join(", "),
        expressions.join(", ")
    ))
}

fn write_batch(rows: &mut Rows, batch: Vec<(&Model, i64)>, statements: &[String]) -> Result<()> {
    let made = batch.into_iter().map(|(model, at)| {
        let copy = Uuid::new_v7(Timestamp::from_unix(
            NoContext,
            (at / 1_000_000) as u64,
            (at % 1_000_000 * 1_000) as u32,
        ));
        // As unique as real ones, which are made of the id too.
        let number = format!("COPY-{:010X}", copy.as_u128() & 0xff_ffff_ffff);
        (model.id, copy, number, at - model.reported_at)
    });
    rows.run("BEGIN; DELETE FROM made")?;
    match rows {
        Rows::Sqlite(connection) => {
            let mut statement = connection.prepare_cached("INSERT INTO made VALUES ($1, $2, $3, $4)")?;
            for (model, copy, number, shift) in made {
                statement.execute((model.as_bytes(), copy.as_bytes(), number, shift))?;
            }
        }
        Rows::Postgres(client) => {
            use std::io::Write;
            let mut writer = client.copy_in("COPY made FROM STDIN")?;
            for (model, copy, number, shift) in made {
                writeln!(writer, "{model}\t{copy}\t{number}\t{shift}")?;
            }
            writer.finish()?;
        }
    }
    for statement in statements {
        rows.run(statement).context("copying cases")?;
    }
    rows.run("COMMIT")
}

/// As a server leaves its tables that has run for long: nothing waits in the log. SQLite's statistics stay those of
/// the demo; PostgreSQL would have renewed its own by itself.
fn finish(rows: &mut Rows) -> Result<()> {
    match rows {
        Rows::Sqlite(connection) => {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(())
        }
        Rows::Postgres(client) => {
            // Each by itself: several at once would be one transaction, in which none of them may run.
            client.batch_execute("VACUUM ANALYZE")?;
            Ok(client.batch_execute("CHECKPOINT")?)
        }
    }
}
