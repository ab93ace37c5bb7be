//! Where the public files of a log lie and what is in them: C2SP tlog-tiles.

use std::{fmt, str::FromStr};

use crate::Hash;

/// Hashes of a full tile, and entries of a full bundle.
pub const TILE_WIDTH: usize = 256;
/// Bytes of an entry: its length is written in 16 bits.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;
/// Entries of a log: so many that numbers and their sums stay clear of the end of 64 bits.
pub const SIZE_MAX: u64 = i64::MAX as u64;
/// The highest level that a path can name.
const LEVEL_MAX: u8 = 63;
/// Levels whose hashes cover less than 2^64 entries each.
const LEVELS: u8 = 8;
const CHECKPOINT_BYTES_MAX: usize = crate::note::NOTE_BYTES_MAX;

/// Hashes side by side: hash `i` of tile `index` at `level` is the root over the 256^`level` entries from
/// (`index` × 256 + `i`) × 256^`level` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    pub level: u8,
    pub index: u64,
    /// 1 to 256; below 256 the tile is partial.
    pub width: u16,
}

impl Tile {
    pub const fn full(level: u8, index: u64) -> Self {
        Self { level, index, width: TILE_WIDTH as u16 }
    }

    pub fn is_partial(&self) -> bool {
        usize::from(self.width) < TILE_WIDTH
    }

    /// Levels that have a tile in a tree of `size` entries.
    pub fn levels(size: u64) -> u8 {
        (0..LEVELS).take_while(|level| size >> (8 * level) > 0).count() as u8
    }

    /// The last tile at `level` of a tree of `size` entries, if it is partial.
    pub fn partial_of(size: u64, level: u8) -> Option<Self> {
        let hashes = hashes_at(size, level);
        let width = (hashes % TILE_WIDTH as u64) as u16;
        (width > 0).then_some(Self { level, index: hashes / TILE_WIDTH as u64, width })
    }

    /// The tile `index` at `level`, as wide as a tree of `size` entries has it.
    pub fn of(size: u64, level: u8, index: u64) -> Option<Self> {
        let full = hashes_at(size, level) / TILE_WIDTH as u64;
        if index < full {
            return Some(Self::full(level, index));
        }
        Self::partial_of(size, level).filter(|it| it.index == index)
    }

    /// All tiles of a tree of `size` entries, level by level.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        (0..Self::levels(size)).flat_map(move |level| {
            (0..hashes_at(size, level).div_ceil(TILE_WIDTH as u64))
                .filter_map(move |index| Self::of(size, level, index))
        })
    }

    /// The hashes in the bytes of a tile.
    pub fn read(&self, bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
        let expected = usize::from(self.width) * Hash::BYTES;
        if bytes.len() != expected {
            return Err(TileError { expected, given: bytes.len() });
        }
        let (hashes, _) = bytes.as_chunks::<{ Hash::BYTES }>();
        Ok(hashes.iter().copied().map(Hash).collect())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tile has {given} bytes instead of {expected}")]
pub struct TileError {
    pub expected: usize,
    pub given: usize,
}

/// Complete subtrees of 256^`level` entries in a tree of `size`.
fn hashes_at(size: u64, level: u8) -> u64 {
    if level < LEVELS { size >> (8 * level) } else { 0 }
}

/// The bytes of a tile.
pub fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The bytes of an entry bundle. An entry beyond [`ENTRY_BYTES_MAX`] has no place in one.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) {
    debug_assert!(entry.len() <= ENTRY_BYTES_MAX);
    bundle.extend_from_slice(&(entry.len() as u16).to_be_bytes());
    bundle.extend_from_slice(entry);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    #[error("the bundle ends within its entry {entry}")]
    CutOff { entry: usize },
    #[error("the bundle has {given} bytes after its {entries} entries")]
    Trailing { entries: usize, given: usize },
}

/// The entries in the bytes of a bundle of `width` entries.
pub fn read_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    let width = usize::from(width).min(TILE_WIDTH);
    let mut entries = Vec::with_capacity(width);
    let mut rest = bytes;
    for entry in 0..width {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(BundleError::CutOff { entry })?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (text, after) = after.split_at_checked(length).ok_or(BundleError::CutOff { entry })?;
        entries.push(text);
        rest = after;
    }
    match rest.len() {
        0 => Ok(entries),
        given => Err(BundleError::Trailing { entries: width, given }),
    }
}

/// A public file of a log. Its text is the path below the log's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// The only one that changes.
    Checkpoint,
    Tile(Tile),
    /// The entries whose hashes are in the tile of the same index and width at level 0.
    Entries {
        index: u64,
        width: u16,
    },
}

impl Resource {
    /// Whether a log of `size` entries has it. A partial one belongs to each size that has so many at least.
    pub fn is_within(&self, size: u64) -> bool {
        let (level, index, width) = match *self {
            Self::Checkpoint => return true,
            Self::Tile(Tile { level, index, width }) => (level, index, width),
            Self::Entries { index, width } => (0, index, width),
        };
        let hashes = index.checked_mul(TILE_WIDTH as u64).and_then(|it| it.checked_add(width.into()));
        width > 0 && hashes.is_some_and(|hashes| hashes <= hashes_at(size, level))
    }

    /// The partial ones of a log of `size` entries.
    pub fn partial_of(size: u64) -> impl Iterator<Item = Self> {
        let tiles = (0..Tile::levels(size)).filter_map(move |level| Tile::partial_of(size, level));
        let entries = Tile::partial_of(size, 0).map(|it| Self::Entries { index: it.index, width: it.width });
        tiles.map(Self::Tile).chain(entries)
    }

    /// The file that has its place in a log of `size` entries: the same, a wider one, or none.
    pub fn of(self, size: u64) -> Option<Self> {
        match self {
            Self::Checkpoint => Some(self),
            Self::Tile(tile) => Tile::of(size, tile.level, tile.index).map(Self::Tile),
            Self::Entries { index, .. } => {
                let tile = Tile::of(size, 0, index)?;
                Some(Self::Entries { index, width: tile.width })
            }
        }
    }

    /// The full one that takes the place of a partial one.
    pub fn full(self) -> Self {
        match self {
            Self::Checkpoint => self,
            Self::Tile(tile) => Self::Tile(Tile::full(tile.level, tile.index)),
            Self::Entries { index, .. } => Self::Entries { index, width: TILE_WIDTH as u16 },
        }
    }

    /// What a reader need not read beyond.
    pub fn bytes_max(&self) -> usize {
        match self {
            Self::Checkpoint => CHECKPOINT_BYTES_MAX,
            Self::Tile(tile) => usize::from(tile.width) * Hash::BYTES,
            Self::Entries { width, .. } => usize::from(*width) * (2 + ENTRY_BYTES_MAX),
        }
    }
}

impl From<Tile> for Resource {
    fn from(tile: Tile) -> Self {
        Self::Tile(tile)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, width) = match self {
            Self::Checkpoint => return out.write_str("checkpoint"),
            Self::Tile(tile) => {
                write!(out, "tile/{}/", tile.level)?;
                (tile.index, tile.width)
            }
            Self::Entries { index, width } => {
                out.write_str("tile/entries/")?;
                (*index, *width)
            }
        };
        // Three digits a folder, so that no folder holds more than a thousand: x001/x234/067.
        let groups = (1..7).take_while(|group| index >= 1000_u64.pow(*group)).count() as u32;
        for group in (1..=groups).rev() {
            write!(out, "x{:03}/", index / 1000_u64.pow(group) % 1000)?;
        }
        write!(out, "{:03}", index % 1000)?;
        if usize::from(width) < TILE_WIDTH { write!(out, ".p/{width}") } else { Ok(()) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no file of a log lies at this path: checkpoint, tile/LEVEL/N and tile/entries/N are expected, N as x001/x234/067 and, if partial, with .p/WIDTH"
)]
pub struct PathError;

impl FromStr for Resource {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        if path == "checkpoint" {
            return Ok(Self::Checkpoint);
        }
        let (level, rest) =
            path.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(PathError)?;
        let (digits, width) = match rest.split_once(".p/") {
            Some((digits, width)) => (digits, width.parse().map_err(|_| PathError)?),
            None => (rest, TILE_WIDTH as u16),
        };
        let mut index = 0_u64;
        for group in digits.split('/') {
            let group = group.trim_start_matches('x').parse::<u16>().map_err(|_| PathError)?;
            index = index.checked_mul(1000).and_then(|it| it.checked_add(group.into())).ok_or(PathError)?;
        }
        let resource = match level {
            "entries" => Self::Entries { index, width },
            level => {
                let level = level.parse().ok().filter(|it| *it <= LEVEL_MAX).ok_or(PathError)?;
                Self::Tile(Tile { level, index, width })
            }
        };
        // One path for one file: what is written otherwise (zeros, signs, a width of 256) is none.
        let is_canonical = width > 0 && resource.to_string() == path;
        is_canonical.then_some(resource).ok_or(PathError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_example_of_70_000_entries_has_these_tiles() {
        let widths = |level| {
            let tiles: Vec<_> = Tile::all(70_000).filter(|it| it.level == level).collect();
            let full = tiles.iter().filter(|it| !it.is_partial()).count();
            (full, tiles.iter().find(|it| it.is_partial()).map(|it| it.width))
        };
        assert_eq!([0, 1, 2, 3].map(widths), [(273, Some(112)), (1, Some(17)), (0, Some(1)), (0, None)]);
        assert_eq!(
            Tile::all(256).collect::<Vec<_>>(),
            [Tile::full(0, 0), Tile { level: 1, index: 0, width: 1 }]
        );
        assert_eq!(Tile::all(0).count(), 0);
    }

    #[test]
    fn a_path_names_one_file_and_each_file_has_one_path() {
        let tile = |level, index, width| Resource::Tile(Tile { level, index, width });
        for (path, resource) in [
            ("checkpoint", Resource::Checkpoint),
            ("tile/0/000", tile(0, 0, 256)),
            ("tile/63/999.p/1", tile(63, 999, 1)),
            ("tile/1/x001/x234/067.p/255", tile(1, 1_234_067, 255)),
            ("tile/entries/x001/000", Resource::Entries { index: 1000, width: 256 }),
            ("tile/0/x018/x446/x744/x073/x709/x551/615", tile(0, u64::MAX, 256)),
        ] {
            assert_eq!(resource.to_string(), path);
            assert_eq!(path.parse(), Ok(resource), "{path}");
        }
        for path in [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/0000",
            "tile/00/000",
            "tile/+1/000",
            "tile/64/000",
            "tile/0/x000/000",
            "tile/0/x001/x000",
            "tile/0/001/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/xx01/000",
            "tile/0/-01",
            "tile/entries/000/",
            "tile/entries/000.p/1/2",
            "/checkpoint",
            "checkpoint/",
            "tile/0/../000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
        ] {
            assert_eq!(path.parse::<Resource>(), Err(PathError), "{path}");
        }
    }

    #[test]
    fn a_partial_file_belongs_to_every_size_that_has_so_many() {
        let entries = Resource::Entries { index: 1, width: 5 };
        assert_eq!([260, 261, 512, 600].map(|size| entries.is_within(size)), [false, true, true, true]);
        let above = Resource::Tile(Tile { level: 1, index: 0, width: 2 });
        assert_eq!([511, 512].map(|size| above.is_within(size)), [false, true]);
        assert!(!Resource::Tile(Tile::full(63, 0)).is_within(SIZE_MAX));
        assert!(!Resource::Tile(Tile::full(0, u64::MAX)).is_within(SIZE_MAX));
    }

    #[test]
    fn a_bundle_is_read_to_its_end_and_no_further() {
        let mut bundle = Vec::new();
        push_entry(&mut bundle, b"one");
        push_entry(&mut bundle, b"");
        assert_eq!(read_bundle(&bundle, 2).unwrap(), [&b"one"[..], b""]);
        assert_eq!(read_bundle(&bundle, 3), Err(BundleError::CutOff { entry: 2 }));
        assert_eq!(read_bundle(&bundle, 1), Err(BundleError::Trailing { entries: 1, given: 2 }));
        assert_eq!(read_bundle(&bundle[..4], 2), Err(BundleError::CutOff { entry: 0 }));
    }
}
