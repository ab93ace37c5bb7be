use super::range::fold;
use crate::{Hash, Tile, tile::TILE_WIDTH};

/// The right edge of a tree: the hashes of its partial tiles. All that is needed to add entries and know the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// Of each level the hashes since its last full tile, up to 255.
    levels: Vec<Vec<Hash>>,
    size: u64,
}

/// A tile that became full, with its hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullTile {
    pub tile: Tile,
    pub hashes: Vec<Hash>,
}

impl Edge {
    /// The edge of a tree whose partial tiles are kept: `partial` is given each of them (`Tile::partial_of`).
    pub fn load<E>(size: u64, mut partial: impl FnMut(Tile) -> Result<Vec<Hash>, E>) -> Result<Self, E> {
        let mut levels = Vec::new();
        for level in 0..Tile::levels(size) {
            levels.push(match Tile::partial_of(size, level) {
                Some(tile) => partial(tile)?,
                None => Vec::new(),
            });
        }
        Ok(Self { levels, size })
    }

    /// Entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn root(&self) -> Hash {
        let mut tail = None;
        for hashes in &self.levels {
            tail = match tail {
                None => fold(hashes),
                Some(tail) => fold(&[hashes.as_slice(), &[tail]].concat()),
            };
        }
        tail.unwrap_or(Hash::EMPTY_TREE)
    }

    /// Adds an entry by its hash; the tiles that it fills go to `full`, lowest first.
    pub fn push(&mut self, entry: Hash, mut full: impl FnMut(FullTile)) {
        let mut hash = entry;
        self.size += 1;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::with_capacity(TILE_WIDTH));
            }
            let hashes = &mut self.levels[level];
            hashes.push(hash);
            let Some(root) = (hashes.len() == TILE_WIDTH).then(|| fold(hashes)).flatten() else { return };
            let index = (self.size >> (8 * (level + 1))) - 1;
            let hashes = std::mem::take(hashes);
            full(FullTile { tile: Tile::full(level as u8, index), hashes });
            hash = root;
        }
    }

    /// The partial tiles with their hashes, lowest first.
    pub fn partial_tiles(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        let filled = self.levels.iter().enumerate().filter(|(_, hashes)| !hashes.is_empty());
        filled.filter_map(|(level, hashes)| {
            Some((Tile::partial_of(self.size, level as u8)?, hashes.as_slice()))
        })
    }
}
