use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Fault, Finding, Known, Since};
use crate::{
    Edge, FullTile, Hash, LogIdentity, Resource, SignedCheckpoint, Source, Tile,
    tile::{TILE_WIDTH, read_bundle},
};

/// Findings that are told one by one.
pub const FINDINGS_MAX: usize = 100;

/// What an audit came to. The log is as it should be if there are no findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// None if it is not one of the log's.
    pub signed: Option<SignedCheckpoint>,
    pub findings: Vec<Finding>,
    /// Findings beyond [`FINDINGS_MAX`].
    pub more: u64,
}

/// Reads every public file of a log and holds the entries against the tiles, both against the signed checkpoint, and
/// that against the checkpoints that are known. Of partial files of earlier sizes those of known checkpoints are looked
/// at, and those in `listed`, where files can be listed. Cosignatures are for a [`crate::Policy`] to judge. An error is
/// that of a source that cannot be read.
pub fn audit<S: Source>(
    source: &S,
    log: &LogIdentity,
    known: &[Known],
    listed: &[Resource],
) -> Result<Audit, S::Error> {
    let mut known: Vec<Known> =
        known.iter().filter(|it| it.checkpoint.origin == log.origin).cloned().collect();
    known.sort_by_key(|it| it.checkpoint.size);
    let mut findings = Findings::default();
    let last = || Since { after: known.last().cloned(), by: None };
    let signed = match source.get(Resource::Checkpoint)? {
        None => {
            findings.add(Fault::Missing(Resource::Checkpoint), last());
            None
        }
        Some(bytes) => match log.open(&bytes) {
            Ok(signed) => Some(signed),
            Err(error) => {
                findings.add(Fault::Checkpoint(error), last());
                None
            }
        },
    };
    if let Some(signed) = &signed {
        let mut walk = Walk::new(source, signed.checkpoint.size, &known);
        if walk.run(&mut findings)? {
            walk.judge(signed.checkpoint.root, &mut findings);
            let known = if source.keeps_partial_files() { &known[..] } else { &[] };
            earlier(source, signed.checkpoint.size, known, listed, &mut findings)?;
        }
    }
    Ok(Audit { signed, findings: findings.list, more: findings.more })
}

/// Partial files of earlier sizes: each is what the file in its place now begins with.
fn earlier<S: Source>(
    source: &S,
    size: u64,
    known: &[Known],
    listed: &[Resource],
    findings: &mut Findings,
) -> Result<(), S::Error> {
    let of_known = known.iter().flat_map(|it| Resource::partial_of(it.checkpoint.size));
    let all: BTreeSet<Resource> = listed.iter().copied().chain(of_known).collect();
    let of_now: BTreeSet<Resource> = Resource::partial_of(size).collect();
    for resource in all {
        let is_earlier =
            resource != resource.full() && !of_now.contains(&resource) && resource.is_within(size);
        let (Some(now), true) = (resource.of(size), is_earlier) else { continue };
        if findings.list.iter().any(|it| it.fault.resource() == Some(now)) {
            // What is wrong itself says nothing of others.
            continue;
        }
        let (Some(part), Some(whole)) = (source.get(resource)?, source.get(now)?) else { continue };
        let is_whole = match resource {
            Resource::Entries { width, .. } => read_bundle(&part, width).is_ok(),
            other => part.len() == other.bytes_max(),
        };
        if !is_whole || !whole.starts_with(&part) {
            let covers = known.iter().find(|it| resource.is_within(it.checkpoint.size));
            findings.add(Fault::Partial { resource, now }, Since { after: covers.cloned(), by: None });
        }
    }
    Ok(())
}

#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    more: u64,
}

impl Findings {
    fn add(&mut self, fault: Fault, since: Since) {
        if self.list.len() < FINDINGS_MAX { self.list.push(Finding { fault, since }) } else { self.more += 1 }
    }
}

/// The tree twice: as the entries make it, and as the tiles at level 0 say.
struct Walk<'a, S> {
    source: &'a S,
    size: u64,
    known: &'a [Known],
    by_entries: Tree<'a>,
    by_tiles: Tree<'a>,
    /// Where the two differ: the hash of the entry and that in the tile.
    differences: BTreeMap<u64, (Hash, Hash)>,
    differences_more: u64,
}

/// A tree as it grows, held against the higher tiles and the known roots.
struct Tree<'a> {
    edge: Edge,
    /// Known checkpoints that are still ahead.
    ahead: &'a [Known],
    agreeing: Option<&'a Known>,
    differing: Option<(&'a Known, Hash)>,
    /// Higher tiles that are not as this tree has them: place, hash in the file, hash in the tree.
    tiles: Vec<(Resource, u64, Hash, Hash)>,
}

impl<'a> Tree<'a> {
    fn new(known: &'a [Known]) -> Self {
        let mut tree =
            Self { edge: Edge::default(), ahead: known, agreeing: None, differing: None, tiles: Vec::new() };
        tree.look_back();
        tree
    }

    fn push(&mut self, hash: Hash, full: &mut Vec<FullTile>) {
        self.edge.push(hash, |it| full.push(it));
        self.look_back();
    }

    /// Holds the root against those that were known at this size.
    fn look_back(&mut self) {
        while let Some((known, ahead)) = self.ahead.split_first()
            && known.checkpoint.size == self.edge.size()
        {
            let root = self.edge.root();
            if root != known.checkpoint.root {
                self.differing.get_or_insert((known, root));
            } else if self.differing.is_none() {
                self.agreeing = Some(known);
            }
            self.ahead = ahead;
        }
    }

    fn compare(&mut self, tile: Tile, hashes: &[Hash], file: &[Hash]) {
        let different = hashes.iter().zip(file).position(|(hash, given)| hash != given);
        if let Some(place) = different
            && self.tiles.len() < FINDINGS_MAX
        {
            self.tiles.push((tile.into(), place as u64, file[place], hashes[place]));
        }
    }
}

impl<'a, S: Source> Walk<'a, S> {
    fn new(source: &'a S, size: u64, known: &'a [Known]) -> Self {
        let (by_entries, by_tiles) = (Tree::new(known), Tree::new(known));
        Self { source, size, known, by_entries, by_tiles, differences: BTreeMap::new(), differences_more: 0 }
    }

    /// The first known checkpoint that covers the entry.
    fn since(&self, index: u64) -> Since {
        Since { after: self.known.iter().find(|it| it.checkpoint.size > index).cloned(), by: None }
    }

    /// A file of which the first `width` parts are wanted: the full one where the partial one has made room.
    fn get(&self, resource: Resource) -> Result<Option<(Resource, Vec<u8>)>, S::Error> {
        if let Some(bytes) = self.source.get(resource)? {
            return Ok(Some((resource, bytes)));
        }
        let full = resource.full();
        if full == resource { Ok(None) } else { Ok(self.source.get(full)?.map(|bytes| (full, bytes))) }
    }

    /// The hashes in a tile file; none, and a finding, if it cannot be used.
    fn tile(&self, tile: Tile, findings: &mut Findings) -> Result<Option<Vec<Hash>>, S::Error> {
        let since =
            |walk: &Self| walk.since(tile.index.saturating_mul(TILE_WIDTH as u64) << (8 * tile.level));
        let Some((resource, bytes)) = self.get(tile.into())? else {
            findings.add(Fault::Missing(tile.into()), since(self));
            return Ok(None);
        };
        let as_read = if resource == tile.into() { tile } else { Tile::full(tile.level, tile.index) };
        match as_read.read(&bytes) {
            Ok(mut hashes) => {
                hashes.truncate(tile.width.into());
                Ok(Some(hashes))
            }
            Err(error) => {
                findings.add(Fault::Malformed { resource, reason: error.to_string() }, since(self));
                Ok(None)
            }
        }
    }

    /// The hashes of the entries in a bundle; none, and a finding, if it cannot be used.
    fn bundle(&self, tile: Tile, findings: &mut Findings) -> Result<Option<Vec<Hash>>, S::Error> {
        let since = |walk: &Self| walk.since(tile.index * TILE_WIDTH as u64);
        let resource = Resource::Entries { index: tile.index, width: tile.width };
        let Some((resource, bytes)) = self.get(resource)? else {
            findings.add(Fault::Missing(resource), since(self));
            return Ok(None);
        };
        let width = if resource == resource.full() { TILE_WIDTH as u16 } else { tile.width };
        match read_bundle(&bytes, width) {
            Ok(entries) => {
                let wanted = entries.into_iter().take(tile.width.into());
                Ok(Some(wanted.map(Hash::of_entry).collect()))
            }
            Err(error) => {
                findings.add(Fault::Malformed { resource, reason: error.to_string() }, since(self));
                Ok(None)
            }
        }
    }

    /// Reads all files; false if neither the entries nor the tile of some range could be read.
    fn run(&mut self, findings: &mut Findings) -> Result<bool, S::Error> {
        if let Some(beyond) = self.known.last().filter(|it| it.checkpoint.size > self.size) {
            let after = self.known.iter().rfind(|it| it.checkpoint.size <= self.size);
            let since = Since { after: after.cloned(), by: Some(beyond.clone()) };
            findings.add(Fault::RolledBack { size: self.size, known: beyond.checkpoint.size }, since);
        }
        for tile in Tile::all(self.size).take_while(|tile| tile.level == 0) {
            let (entries, hashes) = (self.bundle(tile, findings)?, self.tile(tile, findings)?);
            // What cannot be read is not counted against the other: it has its finding.
            let (entries, hashes) = match (entries, hashes) {
                (None, None) => return Ok(false),
                (Some(one), None) | (None, Some(one)) => (one.clone(), one),
                (Some(entries), Some(hashes)) => (entries, hashes),
            };
            self.grow(tile, &entries, &hashes, findings)?;
        }
        let partial = |tree: &Tree<'_>| -> Vec<FullTile> {
            let tiles = tree.edge.partial_tiles().filter(|(tile, _)| tile.level > 0);
            tiles.map(|(tile, hashes)| FullTile { tile, hashes: hashes.to_vec() }).collect()
        };
        let (by_entries, by_tiles) = (partial(&self.by_entries), partial(&self.by_tiles));
        self.compare(&by_entries, &by_tiles, findings)?;
        Ok(true)
    }

    fn grow(
        &mut self,
        tile: Tile,
        entries: &[Hash],
        hashes: &[Hash],
        findings: &mut Findings,
    ) -> Result<(), S::Error> {
        let (mut by_entries, mut by_tiles) = (Vec::new(), Vec::new());
        for (place, (entry, hash)) in entries.iter().zip(hashes).enumerate() {
            self.by_entries.push(*entry, &mut by_entries);
            self.by_tiles.push(*hash, &mut by_tiles);
            if entry != hash && self.differences.len() < FINDINGS_MAX {
                self.differences.insert(tile.index * TILE_WIDTH as u64 + place as u64, (*entry, *hash));
            } else if entry != hash {
                self.differences_more += 1;
            }
        }
        let above = |full: &mut Vec<FullTile>| full.retain(|it| it.tile.level > 0);
        above(&mut by_entries);
        above(&mut by_tiles);
        self.compare(&by_entries, &by_tiles, findings)
    }

    /// Holds the files of higher tiles against both trees, which have the same tiles.
    fn compare(
        &mut self,
        by_entries: &[FullTile],
        by_tiles: &[FullTile],
        findings: &mut Findings,
    ) -> Result<(), S::Error> {
        for (one, other) in by_entries.iter().zip(by_tiles) {
            if let Some(file) = self.tile(one.tile, findings)? {
                self.by_entries.compare(one.tile, &one.hashes, &file);
                self.by_tiles.compare(other.tile, &other.hashes, &file);
            }
        }
        Ok(())
    }

    /// Says which of entries, tiles and checkpoint was changed: where two agree, the third.
    fn judge(self, stated: Hash, findings: &mut Findings) {
        let size = self.size;
        let (entries_root, tiles_root) = (self.by_entries.edge.root(), self.by_tiles.edge.root());
        let are_entries_good = entries_root == stated;
        let are_tiles_good = tiles_root == stated;
        for (index, (given, tile)) in &self.differences {
            let (index, since) = (*index, self.since(*index));
            let width = TILE_WIDTH as u64;
            let fault = match Tile::of(size, 0, index / width) {
                Some(Tile { index: of, width, .. }) if are_tiles_good => {
                    let resource = Resource::Entries { index: of, width };
                    Fault::Entry { index, resource, given: *given, committed: *tile }
                }
                Some(resource) if are_entries_good => Fault::Tile {
                    resource: resource.into(),
                    place: index % width,
                    given: *tile,
                    committed: *given,
                },
                _ => Fault::Contradiction { index, given: *given, tile: *tile },
            };
            findings.add(fault, since);
        }
        findings.more += self.differences_more;
        // Where neither leads to the root, the tiles are what more files vouch for.
        let tree = if are_entries_good { &self.by_entries } else { &self.by_tiles };
        for (resource, place, given, committed) in &tree.tiles {
            let fault =
                Fault::Tile { resource: *resource, place: *place, given: *given, committed: *committed };
            findings.add(fault, Since { after: tree.agreeing.cloned(), by: None });
        }
        let by = tree.differing.map(|(known, _)| known.clone());
        let since = Since { after: tree.agreeing.cloned(), by };
        if !are_entries_good && !are_tiles_good {
            findings.add(Fault::Root { size, computed: tree.edge.root(), stated }, since.clone());
        }
        if let Some((known, computed)) = tree.differing {
            let (size, stated) = (known.checkpoint.size, known.checkpoint.root);
            findings.add(Fault::Rewritten { size, computed, stated }, since);
        }
    }
}
