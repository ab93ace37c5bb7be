//! Stories of forms and of what is sent for them.

mod attachments;
mod bombs;
mod engine;
mod expressions;
mod feeds;
mod fill;
mod filters;
mod forms;
mod judging;
mod laws;
mod records;
mod shapes;
mod sheets;
mod suite;
mod support;
mod tables;
mod village;
