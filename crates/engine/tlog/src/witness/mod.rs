//! The witness protocol, both sides, over the bytes of requests and answers: C2SP tlog-witness.

mod client;
mod disk;
mod request;
mod server;

pub use client::{Answer, Submission, SubmissionError};
pub use disk::DiskWitness;
pub use request::{AddCheckpoint, PROOF_LINES_MAX, REQUEST_BYTES_MAX, RequestError};
pub use server::{MemoryWitness, Response, Witness, WitnessState, latest_path};
