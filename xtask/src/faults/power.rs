//! The power cut: an ext4 on a loop device forgets every byte that was not synced, under a server at work.

use std::time::Duration;

use anyhow::Result;

use super::{
    Ground,
    bed::{Bed, Engine},
    disk::{Disk, Kind},
    sync,
    table::Row,
};

const CUTS_SQLITE: u64 = 200;
const CUTS_SQLITE_SHORT: u64 = 5;
const CUTS_POSTGRES: u64 = 50;
const CUTS_POSTGRES_SHORT: u64 = 3;
const CONTROL_CUTS_MAX: u64 = 50;
const FEW: u64 = 5;
const MANY: u64 = 150;
/// Mebibytes; the file is sparse.
const DISK_SIZE: u64 = 2_048;
/// What the server may still do, and must not acknowledge, between the cut and its end.
const AFTERMATH: Duration = Duration::from_millis(300);

/// Cuts the power of a city whose engine syncs, or, for the control, of one whose syncs are only said to be done.
pub fn cut(ground: &Ground, engine: Engine, control: bool) -> Result<Row> {
    let mut disk = Disk::make(Kind::Ext4, &ground.work, "power", DISK_SIZE)?;
    let mut bed = Bed::make(ground, "power cut", engine, disk.folder(), control)?;
    disk.sync()?;
    let cuts = match (control, engine) {
        (true, _) => CONTROL_CUTS_MAX,
        (false, Engine::Sqlite) => ground.cycles(CUTS_SQLITE, CUTS_SQLITE_SHORT),
        (false, Engine::Postgres) => ground.cycles(CUTS_POSTGRES, CUTS_POSTGRES_SHORT),
    };
    while bed.row.cycles < cuts && !(control && (bed.has_lost() || bed.row.lost > 0)) {
        one(&mut bed, &mut disk, control)?;
        bed.row.cycles += 1;
    }
    let note = match (control, engine) {
        (false, _) => "",
        (true, Engine::Sqlite) => "syncs of the write-ahead log answered without being done",
        (true, Engine::Postgres) => "fsync=off",
    };
    bed.close(note)
}

fn one(bed: &mut Bed<'_>, disk: &mut Disk, control: bool) -> Result<()> {
    bed.start_database(!control)?;
    let server = match control && bed.row.engine == Engine::Sqlite.name() {
        true => bed.serve_through(&sync::pretend(&bed.place.data.join("olzii.db-wal")))?,
        false => bed.serve()?,
    };
    let writers = bed.write(server.base());
    bed.let_write(&writers, FEW, MANY)?;
    let t0 = std::time::Instant::now();
    disk.cut_power()?;
    let t1 = std::time::Instant::now();
    writers.wait_for_refusal(AFTERMATH);
    server.kill()?;
    bed.kill_database()?;
    let deeds = writers.finish()?;
    for d in deeds.iter().filter(|d| d.answer.is_good() && d.answered > t0) {
        println!("ACROSS {} sent {:?} before t0, sent after t1 {}, answered {:?} after t0 (cut took {:?})", d.id, t0.saturating_duration_since(d.sent), d.sent > t1, d.answered - t0, t1 - t0);
    }
    disk.power_up()?;

    let recovered = recover(bed, control);
    match recovered {
        // A control may well have lost so much that nothing starts.
        Err(error) if control => {
            bed.row.lost += 1;
            bed.row.wrong.push(format!("{error:#}"));
            bed.kill_database()
        }
        recovered => recovered,
    }
}

/// Starts on what survived, audits, and leaves it at rest as the base of the next cut.
fn recover(bed: &mut Bed<'_>, control: bool) -> Result<()> {
    bed.start_database(true)?;
    let server = bed.serve()?;
    let clean = bed.audit(&server)?;
    if clean && !control {
        bed.send_again(&server)?;
    }
    server.kill()?;
    if !control {
        bed.ask_doctor()?;
    }
    bed.kill_database()
}
