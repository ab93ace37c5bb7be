//! What makes the site an app on a phone: its manifest, its service worker, and the page of what was not sent yet.
//!
//! What a person does without network is kept by the browser (`web-ui/src/outbox`) and sent later as the form that
//! it is, under the same one-time id: the server knows a report or step that it has already.

mod page;

pub use page::routes;
