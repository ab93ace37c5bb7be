//! What the rooms promise, each story on both engines.

mod account;
mod area;
mod calendar;
mod campaign;
mod case;
mod cast;
mod checkpoint;
mod evaluation;
mod form;
mod ground;
mod joint;
mod merge;
mod notice;
mod organization;
mod pass;
mod photo;
mod procedure;
mod reopening;
mod resident;
mod responsibility;
mod seal;
mod shipped;
mod statistic;
mod supervision;
mod support;
mod wall;
