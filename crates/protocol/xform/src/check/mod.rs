//! Submissions: read within limits, and judged by the rules of their form.

mod finding;
mod judge;
mod layout;
mod leaf;
mod lexical;
mod lookup;
mod offer;
mod record;
mod submission;

pub use finding::{Finding, Judgement, Rule as FindingRule, State};
pub use judge::fill;
pub(crate) use layout::{Layout, Spot, own_text};
pub use leaf::Leaf;
pub(crate) use lexical::is_decimal;
pub use offer::choices;
pub use record::{Answer, RECORD_NODES_MAX};
pub use submission::{INSTANCE_ID_CHARACTERS_MAX, Refusal, SUBMISSION_BYTES_MAX, Submission};

/// Findings that are told of one submission.
pub const FINDINGS_MAX: usize = 500;
/// Steps that all rules of one submission may take together.
pub const JUDGE_STEPS_MAX: u64 = 20_000_000;
