//! Evaluation (综合评价): how the loop ran, counted from the cases themselves at the moment of asking.
//!
//! A case belongs to the one period in which its handling was due, whenever it was reported, and to the one in which
//! its check was due. What is handled, passed or rated after the period's end does not count in it, nor what is not
//! due yet; a later rework takes a handling back, since work that failed its check was never done on time. Cases that
//! were due before and still open at the period's start stand beside, as carried over. Each figure opens its cases.
//!
//! Every count stands twice: as it is, and adjusted, without what a decision leaves out and with what a granted appeal
//! exempts. Work of posts is counted in the period in which it was done. There is no score and no rank of a person.
//!
//! What cases count for is entered in pages, one for a county and a day (`ledger`), in transactions of their own some
//! seconds after a case moved (`task`); until then the case counts by itself (`sum`). A figure is exact at every moment.

mod action;
mod claim;
mod count;
mod figure;
mod ledger;
mod model;
mod query;
mod rules;
mod store;
mod sum;
mod task;

pub use action::{Claims, Word, appeal, claims, propose_exclusion, recount, remind, revoke_exclusion, rule};
pub use claim::{Claim, Fact, Kind, Ruling, Said, Turn};
pub use figure::{COLLECTOR_RATES, Figure, Figures, POST_RATES, RATES, Rate, WorkFigure, WorkFigures};
pub use model::{Comparison, Counted, Evaluation, Grouping, Period, Row};
pub use query::{
    figures::{Behind, cases, compare, count, evaluate, may_evaluate, may_open, may_see_posts},
    work::{BehindWork, OfficeWork, PersonWork, Posts, WorkOffice, of_offices, of_people, work_cases},
};
pub use rules::Rules;
pub use task::{audit, settle};
