//! `olzii export log`: the public files of the log in a folder, for a mirror or for checking them apart from the server.

use std::{fs, path::Path};

use anyhow::{Context, bail};
use domain::{Refusal, journal};
use tlog::{Note, Resource, Tile};

use super::keys;
use crate::{Place, data};

pub fn run(place: &Place, out: &Path) -> anyhow::Result<()> {
    let city = data::look(place)?;
    let file = |resource: Resource| journal::log_file(&city, &resource.to_string()).map(|(bytes, _)| bytes);
    let checkpoint = match file(Resource::Checkpoint) {
        Ok(checkpoint) => checkpoint,
        Err(Refusal::NotFound) => bail!("no checkpoint was shown yet: run the server for a minute"),
        Err(refusal) => return Err(refusal.into()),
    };
    let note = Note::parse(&checkpoint)?;
    let size = note.text().parse::<tlog::Checkpoint>()?.size;
    let mut files = 1_u64;
    let mut put = |path: &str, bytes: &[u8]| -> anyhow::Result<()> {
        let path = out.join(path);
        let folder = path.parent().unwrap_or(out);
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        files += 1;
        fs::write(&path, bytes).with_context(|| path.display().to_string())
    };
    for tile in Tile::all(size) {
        let mut resources = vec![Resource::Tile(tile)];
        if tile.level == 0 {
            resources.push(Resource::Entries { index: tile.index, width: tile.width });
        }
        for resource in resources {
            let bytes = file(resource).with_context(|| resource.to_string())?;
            put(&resource.to_string(), &bytes)?;
        }
    }
    put(super::verify::POLICY, city.log.policy_text().as_bytes())?;
    // Last, so that a folder with a checkpoint is whole.
    keys::replace(&out.join("checkpoint"), &checkpoint, 0o644)?;
    eprintln!("{size} entries of {} in {files} files", city.log.origin());
    Ok(())
}
