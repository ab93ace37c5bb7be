//! Withholding (暂缓告知): where a law says so, a person is not told yet that a body reads their record.
//!
//! Everybody sees who read their record and why. That a law may delay this for a while is not left to the one who reads:
//! its body names the law, an auditor of another body decides, and the decision ends by itself within 90 days. Until
//! then the person sees how many entries are withheld and the day on which they are shown; then the entries, the two
//! bodies and the law. A further decision withholds what is read later, never what was read before.

mod action;
mod model;
mod query;
mod store;

pub use action::{New, Step, advance, forget, propose, tick};
pub use model::{DAYS_MAX, State, Withholding};
pub use query::{Ended, Withheld, get, list, of_person};
