//! How people and machines reach the city: pages, APIs, templates, locales, static files. No SQL.
//!
//! A handler reads what was sent and decides nothing: it calls one action or query of the twin room in
//! `domain`, on a thread that may wait for the disk, and shows what came of it.

mod app;
mod asset;
mod gateway;
mod guard;
mod health;
mod here;
mod live;
mod locale;
mod memory;
mod pace;
mod problem;
mod request;
mod security;
mod sent;
mod shell;
mod supervision;
mod table;
mod visitor;
mod withholding;

pub mod account;
pub mod analysis;
pub mod area;
pub mod burden;
pub mod calendar;
pub mod campaign;
pub mod case;
pub mod checkpoint;
pub mod command;
pub mod drawing;
pub mod evaluation;
pub mod form;
pub mod home;
pub mod journal;
pub mod notice;
pub mod offline;
pub mod open311;
pub mod organization;
pub mod pass;
pub mod resident;
pub mod responsibility;
pub mod statistic;

pub use app::{App, Settings, api_document, router};
pub use gateway::{AddressHeader, Gateways};
