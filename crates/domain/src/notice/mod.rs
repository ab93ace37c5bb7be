//! Telling people and offices, in the app, in the transaction of what they are told of.
//!
//! Work that waits is told to the nearest offices that can do it, once each, however many hold them:
//! who comes into an office later is told too, and nobody is left out.

mod action;
mod model;
mod query;
mod store;

pub use action::{announce, announce_of_regime, enqueue, forget, forget_of_regime, read_all};
pub use model::{Notice, NoticeKind, Position, Recipient, UNREAD_MAX};
pub use query::{is_seen, list, unread};
