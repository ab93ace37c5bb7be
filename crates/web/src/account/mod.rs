//! Accounts, sessions, and what is one's own.

pub mod api;
mod me;
mod page;

pub use page::routes;
