//! Kill -9 while eight writers report cases, restart, audit, again. It cannot see a missing sync, because what was
//! written stays in the system's memory: that is the power cut's part.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{
    Ground,
    bed::{Bed, Engine},
    early,
    table::Row,
};

const CYCLES: u64 = 100;
const CYCLES_SHORT: u64 = 10;
const CONTROL_CYCLES_MAX: u64 = 50;
/// Acknowledged reports after which the kill comes, least and most.
const FEW: u64 = 1;
const MANY: u64 = 60;
/// Seconds in which a server finds its restarted PostgreSQL.
const RECOVERY_LIMIT: Duration = Duration::from_secs(30);

/// Kills our server.
pub fn server(ground: &Ground, engine: Engine) -> Result<Row> {
    let folder = ground.folder("kill")?;
    let mut bed = Bed::make(ground, "kill -9 server", engine, &folder, false)?;
    bed.start_database(true)?;
    let mut server = bed.serve()?;
    for _ in 0..ground.cycles(CYCLES, CYCLES_SHORT) {
        let writers = bed.write(server.base());
        bed.let_write(&writers, FEW, MANY)?;
        server.kill()?;
        writers.finish()?;
        server = bed.serve()?;
        bed.row.cycles += 1;
        bed.audit(&server)?;
        bed.send_again(&server)?;
    }
    bed.audit(&server)?;
    server.kill()?;
    bed.ask_doctor()?;
    bed.close("")
}

/// Kills PostgreSQL under our running server, which must refuse, stay up and find it again.
pub fn postmaster(ground: &Ground) -> Result<Row> {
    let folder = ground.folder("kill")?;
    let mut bed = Bed::make(ground, "kill -9 postmaster", Engine::Postgres, &folder, false)?;
    bed.start_database(true)?;
    let mut server = bed.serve()?;
    let mut refusals = 0;
    for _ in 0..ground.cycles(CYCLES, CYCLES_SHORT) {
        let writers = bed.write(server.base());
        bed.let_write(&writers, FEW, MANY)?;
        bed.kill_database()?;
        for deed in writers.finish()?.iter().filter(|deed| !deed.answer.is_good()) {
            refusals += 1;
            if !deed.answer.is_clear_refusal() {
                bed.row.wrong.push(format!("no clear refusal: {} {}", deed.answer.status, deed.answer.body));
            }
        }
        bed.start_database(true)?;
        ensure!(server.is_running()?, "the server ended when its PostgreSQL was killed");
        server.wait_until_ready(RECOVERY_LIMIT)?;
        bed.row.cycles += 1;
        bed.audit(&server)?;
        bed.send_again(&server)?;
    }
    bed.audit(&server)?;
    server.kill()?;
    bed.ask_doctor()?;
    bed.close(format!("{refusals} clear refusals, the server stayed up"))
}

/// The same run with a front that acknowledges before the commit. It must lose.
pub fn control(ground: &Ground) -> Result<Row> {
    let folder = ground.folder("kill-control")?;
    let mut bed = Bed::make(ground, "kill -9 server", Engine::Sqlite, &folder, true)?;
    let mut server = bed.serve()?;
    while !bed.has_lost() && bed.row.cycles < CONTROL_CYCLES_MAX {
        let writers = bed.write(&early::front_of(server.base())?);
        bed.let_write(&writers, FEW, MANY)?;
        server.kill()?;
        writers.finish()?;
        server = bed.serve()?;
        bed.row.cycles += 1;
        bed.audit(&server)?;
    }
    bed.close("a front answers 201 before the server has committed")
}
