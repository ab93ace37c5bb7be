//! Telling people, in the app, in the transaction of what they are told of.

mod action;
mod model;
mod query;
mod store;

pub use action::{enqueue, forget, read_all};
pub use model::{Notice, NoticeKind};
pub use query::{list, unread};
