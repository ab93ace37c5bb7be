//! A full disk: writes are refused and say why, reads go on, the process stays up, and when there is room again it
//! writes again by itself.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
    time::Duration,
};

use anyhow::{Result, bail, ensure};

use super::{
    Ground,
    bed::{Bed, Engine},
    disk::{Disk, Kind},
    server::Server,
    table::Row,
};

const ROUNDS: u64 = 20;
const ROUNDS_SHORT: u64 = 3;
/// Mebibytes beside the base city, and for the photos and rows of each round: what is full has to be so by the filler.
const ROOM: u64 = 16;
const ROOM_OF_ROUND: u64 = 8;
const PATIENCE: Duration = Duration::from_secs(60);
const RECOVERY_LIMIT: Duration = Duration::from_secs(10);
/// Reports that must be taken before the disk is filled and after there is room again.
const FEW: u64 = 20;
const MANY: u64 = 100;

pub fn fill(ground: &Ground, kind: Kind) -> Result<Row> {
    let rounds = ground.cycles(ROUNDS, ROUNDS_SHORT);
    let room = ROOM + ROOM_OF_ROUND * rounds;
    let size = super::size_of(&ground.base(Engine::Sqlite)?.folder)? / (1 << 20) + room;
    let disk = Disk::make(kind, &ground.work, "full", size)?;
    let fault = if kind == Kind::Memory { "full disk, tmpfs" } else { "full disk, ext4" };
    let mut bed = Bed::make(ground, fault, Engine::Sqlite, disk.folder(), false)?;
    let mut server = bed.serve()?;
    let mut met = Met::default();
    for _ in 0..rounds {
        round(&mut bed, &mut server, disk.folder(), &mut met)?;
        bed.row.cycles += 1;
    }
    server.kill()?;
    let server = bed.serve()?;
    bed.audit(&server)?;
    bed.send_again(&server)?;
    bed.audit(&server)?;
    server.kill()?;
    bed.ask_doctor()?;
    if met.full == 0 {
        bed.row.wrong.push("no write was answered with 507: the server never met the full disk".into());
    }
    bed.close(format!("{} × 507, {} × 503, {} reads good meanwhile", met.full, met.unavailable, met.reads))
}

/// What was met: writes refused by their status, and reads on the full disk.
#[derive(Default)]
struct Met {
    full: usize,
    unavailable: usize,
    reads: usize,
}

fn round(bed: &mut Bed<'_>, server: &mut Server, disk: &Path, met: &mut Met) -> Result<()> {
    let writers = bed.write(server.base());
    bed.let_write(&writers, FEW, MANY)?;
    let filler = disk.join("filler");
    fill_up(&filler)?;
    // The log of the database has room of its own; the writers go on until that is used up too.
    let refused = writers.wait_for_refusal(PATIENCE);
    ensure!(refused.is_some(), "no write was refused on the full disk within {PATIENCE:?}");
    met.reads += read(bed, server)?;
    for deed in writers.finish()?.iter().filter(|deed| !deed.answer.is_good()) {
        match deed.answer.status {
            507 => met.full += 1,
            _ => met.unavailable += 1,
        }
        if !deed.answer.is_clear_refusal() {
            bed.row.wrong.push(format!("no clear refusal: {} {}", deed.answer.status, deed.answer.body));
        }
    }
    ensure!(server.is_running()?, "the server ended on a full disk");
    met.reads += read(bed, server)?;

    fs::remove_file(&filler)?;
    server.wait_until_ready(RECOVERY_LIMIT)?;
    let writers = bed.write(server.base());
    bed.let_write(&writers, FEW, MANY)?;
    let refusals = writers.stop()?.iter().filter(|deed| !deed.answer.is_good()).count();
    if refusals > 0 {
        bed.row.wrong.push(format!("{refusals} writes were refused when there was room again"));
    }
    bed.audit(server).map(drop)
}

/// Reads what a resident reads, and whether the process lives.
fn read(bed: &Bed<'_>, server: &Server) -> Result<usize> {
    let client = server.client(&bed.target("").token);
    let paths = ["/healthz", "/api/v1/cases?mine=true&limit=200", "/api/v1/areas?tier=community"];
    for path in paths {
        let answer = client.get(path)?;
        ensure!(
            answer.status == 200,
            "GET {path} on a full disk answered {}: {}",
            answer.status,
            answer.body
        );
    }
    Ok(paths.len())
}

/// Writes zeros until not one byte more fits.
fn fill_up(path: &Path) -> Result<()> {
    let mut file = fs::File::create(path)?;
    for size in [1 << 20, 4_096, 1] {
        let block = vec![0_u8; size];
        loop {
            match file.write_all(&block).and_then(|()| file.sync_data()) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => bail!("cannot fill the disk: {error}"),
            }
        }
    }
    Ok(())
}
