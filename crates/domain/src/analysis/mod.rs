//! Analysis (问卷分析): what the records of a form say together. Counts of each question, one question by another, figures
//! weighted by unit, open answers that are searched, and the answers as tables with a codebook.
//!
//! Nothing of it is stored. Each time the records are read one after another by [`form::each_answered`], which asks the
//! policies, writes the reading into the journal first, and looks like an absent form to everybody else. Rules are not
//! evaluated again: a record counts if its form found it valid, it was not given back, and what it says is still kept. How
//! many do not count, and why, stands beside every figure.
//!
//! Questions of several versions of a form are one question where path and kind are the same. Answers within a repeat are
//! counted by its instances. All is bounded (`limits::ANALYSIS_*`); what is too much is refused with what to choose instead.
//!
//! [`form::each_answered`]: crate::form::each_answered

mod column;
mod cross;
mod model;
mod number;
mod query;
mod question;
mod search;
mod summary;
mod term;
mod weight;

pub use column::{Answers, Basis, Sample};
pub use cross::{By, Cross, CrossCell, Point};
pub use model::{Choice, Kind, Question, Weighting};
pub use number::{Bar, Numbers, rounded};
pub use query::{Answer, Of, answers, export, weights};
pub use search::{Found, Hit, search};
pub use summary::{ChoiceCount, Counts, Figures, Period, Summary};
pub use term::{Piece, Terms};
pub use weight::Weights;
