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
        (false, _) => format!("{} answers came while the power went and do not count", bed.late()),
        (true, Engine::Sqlite) => "syncs of the write-ahead log answered without being done".to_owned(),
        (true, Engine::Postgres) => "fsync=off".to_owned(),
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
    let gone = bed.cut_power(disk)?;
    writers.wait_for_refusal(AFTERMATH);
    server.kill()?;
    bed.kill_database()?;
    let bold = writers.finish()?.iter().filter(|deed| deed.answer.is_good() && deed.sent > gone).count();
    if bold > 0 && !control {
        bed.row.wrong.push(format!("{bold} writes were sent and acknowledged after the cut"));
    }
    disk.power_up()?;
    bed.power_is_back();

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
