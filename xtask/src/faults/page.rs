//! docs/evidence/faults.md: method, machine, table.

use std::fs;

use anyhow::Result;

use super::table::{self, Row};
use crate::workspace;

const METHOD: &str = "\
# Faults: what survives

Written by `cargo xtask faults --write`; the short form of the same run is part of `cargo xtask test`.

Promise: a write that was answered with 2xx is there afterwards, nothing is there that was not sent, and nothing is
there twice, whatever happens to the process or the machine.

Method, common to all: eight writers report cases over HTTP to the demo city. Each makes the id of its report, appends
it to a list of attempts before it sends, and to a list of acknowledgements after the 2xx; both lists lie outside the
faulted disk. After recovery the server lists every case of the reporter: acknowledged ⊆ present ⊆ attempted, none
twice, the words as sent, nothing from before the run gone. What was never answered is sent again with the same id and
must end as one case. `olzii doctor` (with `PRAGMA integrity_check`, timelines and photos) finds nothing.

- **kill -9**: after a random number of acknowledgements (1 to 60) the server, or PostgreSQL with all its processes, is
  killed. Control: a front that answers 201 before the server has committed.
- **power cut**: the data lies on ext4 on a loop device; `EXT4_IOC_SHUTDOWN` without log flush drops every byte that
  was not synced, then the server is killed, the file system mounted anew (journal replay). The survivors are the base
  of the next cut. An answer counts if it came before the cut began: the cut takes some milliseconds here, and a sync
  in flight across it can return 0 with its bytes gone (a bare program on Linux 6.18: 34 of 73 that returned after the
  cut began, 0 of those that returned before). A write sent after the cut and acknowledged is a fault. Control: the same binary with the syncs of the write-ahead log answered and not done (strace), and
  PostgreSQL with `fsync=off`.
- **fsync fails**: strace makes the Nth fsync or fdatasync of a thread fail with EIO, once, and from N on. After the
  first refused write none may be acknowledged and `/ready` says no within 1 s. Then the power is cut, so that what was
  acknowledged rests only on syncs that succeeded.
- **full disk**: the disk is filled to the last byte under the writers. Refusals are 507 or 503 with a problem body,
  reads go on, and when there is room again writes are taken without a restart. The run counts only if it met ENOSPC.

A control has to lose; one that does not fails the run.
";

pub fn write(rows: &[Row], seed: u64) -> Result<()> {
    let path = workspace::root().join("docs/evidence/faults.md");
    fs::create_dir_all(path.parent().expect("it lies in a folder"))?;
    let text = format!("{METHOD}\nMachine: {}\n\nSeed {seed}.\n\n{}", machine(), table::markdown(rows));
    fs::write(&path, text)?;
    println!("written to {}", path.display());
    Ok(())
}

/// Processor, cores, memory and kernel.
fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: String, key: &str| -> String {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_once(':').map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let processor = value(read("/proc/cpuinfo"), "model name");
    let memory = value(read("/proc/meminfo"), "MemTotal");
    format!(
        "{processor}, {cores} cores, {memory} of memory, Linux {}",
        read("/proc/sys/kernel/osrelease").trim()
    )
}
