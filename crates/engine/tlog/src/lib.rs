#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod audit;
mod hash;
mod note;
mod policy;
mod proof_file;
mod store;
mod tile;
mod tiles;
mod tree;
mod witness;

pub use audit::{Audit, FINDINGS_MAX, Fault, Finding, Known, Since, audit};
pub use hash::{Hash, HashError};
pub use note::{
    Checkpoint, CheckpointError, CosignerKey, KeyError, KeyKind, LogIdentity, LogKey, NOTE_BYTES_MAX,
    NameError, Note, NoteError, SIGNATURES_MAX, Signature, SignedCheckpoint, TextError, Verified,
    VerifierKey,
};
pub use policy::{
    Accepted, Cosignature, JudgeError, POLICY_BYTES_MAX, POLICY_NAMES_MAX, Policy, PolicyError,
};
pub use proof_file::{EXTRA_BYTES_MAX, PROOF_BYTES_MAX, ProofFile, ProofFileError};
pub use store::{
    AppendError, BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, CommitError, DiskError, DiskStore, Failure, Files,
    FolderSource, Log, MemoryStore, OpenError, OsFiles, PublishError, Store,
};
pub use tile::{
    BundleError, ENTRY_BYTES_MAX, PathError, Resource, SIZE_MAX, TILE_WIDTH, Tile, TileError, push_entry,
    read_bundle, tile_bytes,
};
pub use tiles::{Source, Tiles, TilesError};
pub use tree::{
    Edge, FullTile, Node, Nodes, ProveError, VerifyError, consistency_proof, inclusion_proof, range_hash,
    root, subtree_consistency_proof, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};
pub use witness::{
    AddCheckpoint, Answer, DiskWitness, MemoryWitness, PROOF_LINES_MAX, REQUEST_BYTES_MAX, RequestError,
    Response, Submission, SubmissionError, Witness, WitnessState, latest_path,
};
