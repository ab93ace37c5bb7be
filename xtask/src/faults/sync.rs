//! The Nth fsync fails, once or from then on, and after that the power is cut: what was acknowledged then rests only
//! on syncs that succeeded. strace counts for each thread, so N is reached by the first thread that gets there.

use std::{fs, path::Path, time::Duration};

use anyhow::Result;

use super::{
    Ground,
    bed::{Bed, Engine},
    disk::{Disk, Kind},
    table::Row,
    writers::Deed,
};

/// Every sync up to here fails in a run of its own, and of those up to `LAST` each `STRIDE`th: a run takes some
/// seconds, and the machine is given that one thing to do.
const EACH_UP_TO: u64 = 20;
const LAST: u64 = 200;
const STRIDE: u64 = 20;
const SHORT: [u64; 6] = [1, 2, 3, 5, 9, 17];
const DISK_SIZE: u64 = 2_048;
/// How long the writers try to reach the Nth sync.
const PATIENCE: Duration = Duration::from_secs(20);
/// In which `/ready` must say no after the first refused write.
const READY_LIMIT: Duration = Duration::from_secs(1);

/// strace before a command: `spoiled` says what becomes of which fsync.
fn strace(spoiled: &str, only: Option<&Path>, log: &Path) -> Vec<String> {
    let mut words: Vec<String> =
        ["strace", "-D", "-f", "-qq", "-Z", "-e", "signal=none", "-e", "trace=fsync,fdatasync"]
            .map(str::to_owned)
            .to_vec();
    words.extend(["-e".to_owned(), format!("inject=fsync,fdatasync:{spoiled}")]);
    words.extend(["-o".to_owned(), log.display().to_string()]);
    if let Some(path) = only {
        words.extend(["-P".to_owned(), path.display().to_string()]);
    }
    words
}

/// Syncs of `path` are answered as done and not done: a disk that lies, and the control of the power cut.
pub fn pretend(path: &Path) -> Vec<String> {
    strace("retval=0", Some(path), Path::new("/dev/null"))
}

pub fn fail(ground: &Ground) -> Result<Row> {
    let mut disk = Disk::make(Kind::Ext4, &ground.work, "sync", DISK_SIZE)?;
    // A photo whose sync fails refuses its own report alone, which is right; here a refusal is to mean the database.
    let mut bed = Bed::make(ground, "fsync fails", Engine::Sqlite, disk.folder(), false)?.without_photos();
    disk.sync()?;
    let numbers = match ground.short {
        true => SHORT.to_vec(),
        false => {
            let last = ground.cycles(LAST, LAST);
            (1..=last).filter(|number| *number <= EACH_UP_TO || number % STRIDE == 0).collect()
        }
    };
    let mut met = Met::default();
    for number in numbers {
        for onward in ["", "+"] {
            let label = format!("{number}{onward}");
            one(ground, &mut bed, &mut disk, &label, &mut met)?;
            bed.row.cycles += 1;
        }
    }
    if met.failed == 0 || met.refused == 0 {
        bed.row.wrong.push("no sync failed in any run: the fault was never met".into());
    }
    let Met { failed, refused, at_start } = met;
    bed.close(format!(
        "a sync failed in {failed} runs, {refused} then refused writes, {at_start} did not start"
    ))
}

/// In how many runs what was met.
#[derive(Default)]
struct Met {
    failed: u64,
    refused: u64,
    at_start: u64,
}

fn one(ground: &Ground, bed: &mut Bed<'_>, disk: &mut Disk, label: &str, met: &mut Met) -> Result<()> {
    let log = ground.work.join("strace.log");
    let _ = fs::remove_file(&log);
    match bed.serve_through(&strace(&format!("error=EIO:when={label}"), None, &log)) {
        // Not to start is a good answer to a disk that fails at the start.
        Err(_) => met.at_start += 1,
        Ok(server) => {
            let writers = bed.write(server.base());
            let refused = writers.wait_for_refusal(PATIENCE);
            if refused.is_some() {
                let client = server.client("");
                let late = loop {
                    let ready = client.is_ready();
                    if !ready || refused.is_some_and(|moment| moment.elapsed() > READY_LIMIT) {
                        break ready;
                    }
                };
                if late {
                    bed.row
                        .wrong
                        .push(format!("N = {label}: /ready says yes {READY_LIMIT:?} after a refused write"));
                }
                met.refused += 1;
            }
            let deeds = writers.stop()?;
            judge(bed, label, &deeds);
            disk.cut_power()?;
            server.kill()?;
        }
    }
    met.failed += u64::from(fs::read_to_string(&log).unwrap_or_default().contains("(INJECTED)"));
    disk.power_up()?;
    let server = bed.serve()?;
    bed.audit(&server)?;
    bed.send_again(&server)?;
    server.kill()?;
    bed.ask_doctor()
}

/// After the first refusal came, no write that was sent later may be acknowledged.
fn judge(bed: &mut Bed<'_>, label: &str, deeds: &[Deed]) {
    let refusals = deeds.iter().filter(|deed| !deed.answer.is_good());
    let Some(first) = refusals.clone().map(|deed| deed.answered).min() else { return };
    let bold = deeds.iter().filter(|deed| deed.answer.is_good() && deed.sent > first).count();
    if bold > 0 {
        bed.row.wrong.push(format!("N = {label}: {bold} writes were acknowledged after one was refused"));
    }
    for deed in refusals.filter(|deed| !deed.answer.is_clear_refusal()) {
        bed.row
            .wrong
            .push(format!("N = {label}: no clear refusal: {} {}", deed.answer.status, deed.answer.body));
    }
}
