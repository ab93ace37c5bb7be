//! Secret keys of logs and witnesses as files: one line, `PRIVATE+KEY+NAME+ID+BASE64`, as the note tools of Go write
//! it. The name stands in it, so that none is used under another.

use std::{
    fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use anyhow::{Context, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use tlog::{CosignerKey, LogKey, VerifierKey};

use crate::world;

const START: &str = "PRIVATE+KEY+";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Log,
    Witness,
}

impl Kind {
    /// As signed notes number them.
    fn byte(self) -> u8 {
        match self {
            Kind::Log => 0x01,
            Kind::Witness => 0x04,
        }
    }

    fn verifier(self, name: &str, seed: &[u8; 32]) -> anyhow::Result<VerifierKey> {
        Ok(match self {
            Kind::Log => LogKey::new(name, seed)?.verifier().clone(),
            Kind::Witness => CosignerKey::new(name, seed)?.verifier().clone(),
        })
    }
}

/// Name and seed; none if there is no such file.
pub fn read(path: &Path, kind: Kind) -> anyhow::Result<Option<(String, [u8; 32])>> {
    let mode = match fs::metadata(path) {
        Ok(found) => found.permissions().mode(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    if mode & 0o077 != 0 {
        bail!("{} can be read by others (mode {:o}): run chmod 600 on it", path.display(), mode & 0o777);
    }
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let parsed = parse(text.trim_end(), kind);
    parsed.map(Some).with_context(|| {
        format!("{} is not the key that was written there: bring it back from a backup", path.display())
    })
}

fn parse(line: &str, kind: Kind) -> anyhow::Result<(String, [u8; 32])> {
    let mut parts = line.strip_prefix(START).context("no PRIVATE+KEY")?.splitn(3, '+');
    let (Some(name), Some(id), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else {
        bail!("a name, an id and a key are expected");
    };
    let bytes = BASE64_STANDARD.decode(bytes).context("no base64")?;
    let Some((first, seed)) = bytes.split_first() else { bail!("an empty key") };
    if *first != kind.byte() {
        bail!("a key of another kind");
    }
    let seed: [u8; 32] = seed.try_into().context("not 32 bytes")?;
    let verifier = kind.verifier(name, &seed)?;
    if id != format!("{:08x}", verifier.id()) {
        bail!("the id is not that of the key");
    }
    Ok((name.to_owned(), seed))
}

/// Makes a key of chance and writes it, readable by its owner alone; never in the place of another.
pub fn make(path: &Path, kind: Kind, name: &str) -> anyhow::Result<(String, [u8; 32])> {
    let seed = world::random_bytes()?;
    let verifier = kind.verifier(name, &seed).with_context(|| format!("{name:?}"))?;
    let secret = BASE64_STANDARD.encode([&[kind.byte()][..], &seed].concat());
    let line = format!("{START}{name}+{:08x}+{secret}\n", verifier.id());
    make_new(path, line.as_bytes(), 0o600)?;
    Ok((name.to_owned(), seed))
}

/// A file that is there whole or not at all, in place of what stood there.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    write(path, bytes, mode, |draft| fs::rename(draft, path))
}

/// A file that is there whole or not at all, and that was not there before.
pub fn make_new(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    write(path, bytes, mode, |draft| {
        let linked = fs::hard_link(draft, path);
        fs::remove_file(draft)?;
        linked
    })
}

fn write(
    path: &Path,
    bytes: &[u8],
    mode: u32,
    put: impl FnOnce(&Path) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    // Nobody else writes to a draft of this name.
    let chance: [u8; 32] = world::random_bytes()?;
    let chance: String = chance[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!("{name}.{chance}.new"));
    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        put(&draft)?;
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(folder)?.sync_all()
    };
    let written = write();
    if written.is_err() {
        // With a key in it, or one more in each round on a full disk.
        let _ = fs::remove_file(&draft);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_under_its_name_and_a_changed_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.key");
        assert!(read(&path, Kind::Log).unwrap().is_none());
        let made = make(&path, Kind::Log, "city.example/journal").unwrap();
        assert_eq!(read(&path, Kind::Log).unwrap(), Some(made));
        assert!(read(&path, Kind::Witness).is_err(), "one key for two roles");

        assert!(make(&path, Kind::Log, "city.example/journal").is_err(), "no key takes the place of another");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");

        let text = fs::read_to_string(&path).unwrap();
        for changed in
            [text.replace("city", "town"), text.replace("PRIVATE", "PUBLIC"), text[..60].to_owned()]
        {
            replace(&path, changed.as_bytes(), 0o600).unwrap();
            assert!(read(&path, Kind::Log).is_err(), "{changed}");
        }
        replace(&path, text.as_bytes(), 0o644).unwrap();
        let open = read(&path, Kind::Log).unwrap_err().to_string();
        assert!(open.contains("chmod 600"), "{open}");
    }
}
