//! Passes (通行凭证) that do not track: an order with an end, rules that decide, and a code that a checkpoint reads offline.
//!
//! - **No order, no pass.** A regime has a legal basis, a body that ordered it, another that approved, and an end of at most
//!   90 days after its start. To go on is a new order with a new number, which two bodies decide again. At its end nothing is
//!   issued, its secret is destroyed and with it every key, what was kept of people is deleted, and a certificate of that
//!   stands in the public log.
//! - **Rules decide, not people.** Who asks for a pass is judged by the rule in force over what is stated of them, at that
//!   moment. Nothing takes a person and an outcome: an outcome is what a rule came to, it is only ever added, and no pass is
//!   given by it. A body can state a fact in its own name or take that back, at most for some people a day; a change of the
//!   rule is decided by two bodies. A refusal says which clauses did not hold.
//! - **A regime's secret stands in no database.** Keys of offices, the marks that stand for people and what seals evidence
//!   are derived from it ([`KeyFolder`]): who has the database alone can sign nothing and read nobody, and when the secret
//!   is gone an old backup is as silent as the new database.
//! - **Nothing leads from a person to a place.** What a checkpoint needs is one file ([`bundle()`]); it asks nothing.

mod action;
mod appeal;
mod bundle;
mod change;
mod desk;
mod evidence;
mod helper;
mod issue;
mod judge;
mod key;
mod model;
mod query;
mod rule;
mod sign;
mod standing;
mod store;
mod task;
mod vault;

pub use action::{decide, propose};
pub use appeal::{Appealed, NewAppeal, appeal, appeals};
pub use bundle::publish;
pub use change::{decide_rule, propose_rule};
pub use desk::{Said, find_at_desk, named};
pub use evidence::{Stated, Statement, end_evidence, own_bodies, state, stated};
pub use helper::{end_own, give_mandate, mandates};
pub use issue::{Answer, Code, Overview, ask, code_of, held, holders, overview, revoke};
pub use key::{add_key, decide_withdrawal, rotate_key, withdraw_key};
pub use model::{
    Bearer, Decision, DutyOffice, EvidenceKind, Held, Holder, KeyState, NewRegime, Outcome, PASS_SECONDS,
    PLACES_MAX, REGIME_DAYS_MAX, Regime, RuleState, RuleVersion, State, TOUCHED_MAX, VALID_MAX,
};
pub(crate) use query::in_force;
pub use query::{PROOF_SECONDS, Published, bundle, bundle_digest, bundle_proof, list, regime, status_token};
pub use rule::{Clause, Fact, Group, Rule};
pub use task::tick;
pub use vault::KeyFolder;
