//! Nodes of the tree read from its public files alone.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    error::Error,
};

use crate::{
    Hash, Node, Nodes, Resource, Tile,
    tile::{TILE_WIDTH, TileError},
    tree::fold,
};

/// Where the public files of a log are read: a folder, a database, a web site.
pub trait Source {
    type Error: Error;

    /// None if it is not there. A file longer than [`Resource::bytes_max`] may be cut off there.
    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Whether a partial file of an earlier size is a file of its own. Where it is cut from what is now in its place, it
    /// says nothing that could be wrong by itself.
    fn keeps_partial_files(&self) -> bool {
        true
    }
}

impl<S: Source + ?Sized> Source for &S {
    type Error = S::Error;

    fn keeps_partial_files(&self) -> bool {
        (**self).keeps_partial_files()
    }

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, S::Error> {
        (**self).get(resource)
    }
}

/// The nodes of the tree of `size` entries, from its tiles. They are as trustworthy as their source: a proof made of
/// them is checked against the root of a signed checkpoint.
#[derive(Clone, Copy, Debug)]
pub struct Tiles<S> {
    pub source: S,
    pub size: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TilesError<E> {
    #[error("{0} is missing")]
    Missing(Resource),
    #[error("{resource}: {error}")]
    Malformed { resource: Resource, error: TileError },
    #[error("no tile of {size} entries holds node {index} at level {level}")]
    NoSuchNode { level: u8, index: u64, size: u64 },
    #[error("{resource} cannot be read: {error}")]
    Source { resource: Resource, error: E },
}

impl<S: Source> Tiles<S> {
    /// The hashes of `tile`. Where a partial tile has made room for the full one, the first of that.
    pub fn tile(&self, tile: Tile) -> Result<Vec<Hash>, TilesError<S::Error>> {
        let get =
            |resource| self.source.get(resource).map_err(|error| TilesError::Source { resource, error });
        let resource = Resource::Tile(tile);
        let malformed = |resource| move |error| TilesError::Malformed { resource, error };
        if let Some(bytes) = get(resource)? {
            return tile.read(&bytes).map_err(malformed(resource));
        }
        let full = Tile::full(tile.level, tile.index);
        match get(full.into())? {
            Some(bytes) if tile.is_partial() => {
                let mut hashes = full.read(&bytes).map_err(malformed(full.into()))?;
                hashes.truncate(tile.width.into());
                Ok(hashes)
            }
            _ => Err(TilesError::Missing(resource)),
        }
    }

    /// The tile that holds `node`, and where its hashes lie in it.
    fn place(&self, node: Node) -> Result<(Tile, std::ops::Range<usize>), TilesError<S::Error>> {
        let none = TilesError::NoSuchNode { level: node.level, index: node.index, size: self.size };
        // A tile has eight levels of the tree, its own hashes the lowest of them.
        let (level, height) = (node.level / 8, node.level % 8);
        let Some(first) = node.index.checked_shl(height.into()).filter(|it| it >> height == node.index)
        else {
            return Err(none);
        };
        let width = TILE_WIDTH as u64;
        let start = (first % width) as usize;
        let place = start..start + (1 << height);
        match Tile::of(self.size, level, first / width) {
            Some(tile) if place.end <= usize::from(tile.width) => Ok((tile, place)),
            _ => Err(none),
        }
    }
}

impl<S: Source> Nodes for Tiles<S> {
    type Error = TilesError<S::Error>;

    /// Each tile is read once.
    fn nodes(&self, wanted: &[Node]) -> Result<Vec<Hash>, Self::Error> {
        let mut tiles: BTreeMap<Tile, Vec<Hash>> = BTreeMap::new();
        let mut hashes = Vec::with_capacity(wanted.len());
        for node in wanted {
            let (tile, place) = self.place(*node)?;
            let held = match tiles.entry(tile) {
                Entry::Occupied(held) => held.into_mut(),
                Entry::Vacant(free) => free.insert(self.tile(tile)?),
            };
            hashes.extend(fold(&held[place]));
        }
        Ok(hashes)
    }
}
