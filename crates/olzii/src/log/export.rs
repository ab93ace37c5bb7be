//! `olzii export log`: the public files of the log in a folder, for a mirror or for checking them apart from the server.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

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
    let (mut files, mut folders) = (1_u64, BTreeSet::new());
    let mut put = |path: &str, bytes: &[u8]| -> anyhow::Result<()> {
        let path = out.join(path);
        let folder = path.parent().unwrap_or(out);
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let made = folder.ancestors().take_while(|it| it.starts_with(out));
        folders.extend(made.map(Path::to_owned));
        files += 1;
        keys::replace(&path, bytes, 0o644)
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
    // Last, so that a folder with a checkpoint is whole, also after a loss of power: the names of folders are synced too.
    let above = out.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for folder in folders.iter().map(PathBuf::as_path).chain([above]) {
        fs::File::open(folder).and_then(|it| it.sync_all()).with_context(|| folder.display().to_string())?;
    }
    keys::replace(&out.join("checkpoint"), &checkpoint, 0o644)?;
    eprintln!("{size} entries of {} in {files} files", city.log.origin());
    Ok(())
}
