//! Hashes of a Merkle tree: RFC 6962, section 2.1.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};

/// Told apart so that no node can pass for an entry, nor an entry for a node.
const LEAF_PREFIX: [u8; 1] = [0];
const NODE_PREFIX: [u8; 1] = [1];

/// SHA-256 of an entry, of a node or of nothing. Written in base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; Hash::BYTES]);

impl Hash {
    pub const BYTES: usize = 32;

    /// The root of the tree without entries: SHA-256 of nothing.
    pub const EMPTY_TREE: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
        0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    pub fn of_entry(entry: &[u8]) -> Self {
        Self(Sha256::new().chain_update(LEAF_PREFIX).chain_update(entry).finalize().into())
    }

    pub fn of_node(left: &Self, right: &Self) -> Self {
        Self(
            Sha256::new()
                .chain_update(NODE_PREFIX)
                .chain_update(left.0)
                .chain_update(right.0)
                .finalize()
                .into(),
        )
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&BASE64_STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a hash: 32 bytes in base64, 44 characters, are expected")]
pub struct HashError;

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        // 32 bytes and room for what the decoder may write beyond: nothing is allocated for a longer text.
        let mut bytes = [0; 36];
        match BASE64_STANDARD.decode_slice(text, &mut bytes) {
            Ok(Self::BYTES) => bytes[..Self::BYTES].try_into().map(Self).map_err(|_| HashError),
            _ => Err(HashError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_tree_is_the_hash_of_nothing() {
        assert_eq!(Hash::EMPTY_TREE, Hash(Sha256::digest([]).into()));
    }

    #[test]
    fn a_hash_reads_back_as_it_was_written_and_in_no_other_way() {
        let text = Hash::EMPTY_TREE.to_string();
        assert_eq!(text.parse(), Ok(Hash::EMPTY_TREE));
        // The last character's two low bits are beyond the hash: only zero is canonical.
        let other = format!("{}V=", &text[..42]);
        assert_ne!(text, other);
        for wrong in [&other, &text[..43], "", &format!("{text}\n"), &format!("{text}{text}")] {
            assert_eq!(wrong.parse::<Hash>(), Err(HashError), "{wrong:?}");
        }
    }
}
