//! Disks that can be broken: an ext4 on a file whose power can be cut, and a small disk in memory. They are mounted
//! in a mount namespace of our own, so that nothing stays behind however this run ends.

use std::{
    env, fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::{install, run};

/// Set in the process that has the namespace.
const INSIDE: &str = "OLZII_FAULTS_NAMESPACE";
const UNMOUNT_TRIES: usize = 40;
const UNMOUNT_PAUSE: Duration = Duration::from_millis(100);

/// What a disk is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file in the work folder, formatted as ext4, mounted through a loop device.
    Ext4,
    Memory,
}

/// A mounted disk. Dropping it unmounts it and removes its file.
pub struct Disk {
    kind: Kind,
    image: PathBuf,
    folder: PathBuf,
    mounted: bool,
}

/// Starts this program again inside a mount namespace of its own and becomes it. Returns where it already is inside;
/// an error where the machine does not allow it.
pub fn enter_namespace() -> Result<()> {
    if env::var_os(INSIDE).is_some() {
        return Ok(());
    }
    ensure!(install::is_root(), "mounting disks needs root");
    let unshare = ["--mount", "--propagation", "private"];
    ensure!(
        run::succeeds(Command::new("unshare").args(unshare).args(["mount", "-t", "tmpfs", "none", "/mnt"])),
        "this machine lets us have no mount namespace (`unshare --mount` and a mount in it)"
    );
    let mut again = Command::new("unshare");
    again.args(unshare).arg(env::current_exe()?).args(env::args_os().skip(1)).env(INSIDE, "1");
    Err(anyhow::Error::new(again.exec()).context("cannot start unshare"))
}

impl Disk {
    /// Makes the disk `name` of `mebibytes` and mounts it on `work`/`name`.
    pub fn make(kind: Kind, work: &Path, name: &str, mebibytes: u64) -> Result<Self> {
        let (image, folder) = (work.join(format!("{name}.img")), work.join(name));
        fs::create_dir_all(&folder)?;
        let mut disk = Self { kind, image, folder, mounted: false };
        match kind {
            Kind::Ext4 => {
                fs::File::create(&disk.image)?.set_len(mebibytes << 20)?;
                let mut format = Command::new("mkfs.ext4");
                run::output(format.args(["-q", "-F", "-m", "0", "-E", "nodiscard"]).arg(&disk.image))?;
                disk.mount()?;
            }
            Kind::Memory => {
                let size = format!("size={mebibytes}m");
                run::output(
                    Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(&disk.folder),
                )?;
                disk.mounted = true;
            }
        }
        Ok(disk)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn mount(&mut self) -> Result<()> {
        run::output(Command::new("mount").args(["-o", "loop"]).arg(&self.image).arg(&self.folder))?;
        self.mounted = true;
        Ok(())
    }

    /// Everything written so far is safe.
    pub fn sync(&self) -> Result<()> {
        run::output(Command::new("sync").arg("--file-system").arg(&self.folder)).map(drop)
    }

    /// Cuts the power: every byte that was not synced is gone, and whatever still reads or writes gets an I/O error.
    pub fn cut_power(&self) -> Result<()> {
        ensure!(self.kind == Kind::Ext4, "only an ext4 disk has a power switch");
        let folder = fs::File::open(&self.folder)?;
        shut_down(&folder).with_context(|| format!("cannot cut the power of {}", self.folder.display()))
    }

    /// Mounts the disk anew, as after a power cut: the journal of the file system is replayed. Nothing may use it.
    pub fn power_up(&mut self) -> Result<()> {
        self.unmount()?;
        self.mount()
    }

    fn unmount(&mut self) -> Result<()> {
        let mut outcome = Ok(());
        for _ in 0..UNMOUNT_TRIES {
            outcome = run::output(Command::new("umount").arg(&self.folder)).map(drop);
            if outcome.is_ok() {
                self.mounted = false;
                return Ok(());
            }
            // The kernel closes the files of a killed process a moment after it is gone.
            thread::sleep(UNMOUNT_PAUSE);
        }
        outcome
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted && self.unmount().is_err() {
            let lazily =
                Command::new("umount").arg("--lazy").arg(&self.folder).stderr(Stdio::null()).status();
            eprintln!("{} was busy and is unmounted lazily: {lazily:?}", self.folder.display());
        }
        if self.kind == Kind::Ext4 {
            let _ = fs::remove_file(&self.image);
        }
    }
}

/// `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: stop at once, without writing the journal out.
#[allow(unsafe_code, reason = "a power cut is this one ioctl, which no library wraps")]
fn shut_down(folder: &fs::File) -> rustix::io::Result<()> {
    const SHUTDOWN: rustix::ioctl::Opcode = rustix::ioctl::opcode::read::<u32>(b'X', 125);
    const WITHOUT_LOG_FLUSH: u32 = 2;
    // SAFETY: linux/fs/ext4/ext4.h defines the opcode as _IOR('X', 125, __u32); the kernel reads one u32, which
    // `Setter` keeps alive during the call, and changes no memory of ours.
    unsafe {
        let request = rustix::ioctl::Setter::<SHUTDOWN, u32>::new(WITHOUT_LOG_FLUSH);
        rustix::ioctl::ioctl(folder, request)
    }
}
