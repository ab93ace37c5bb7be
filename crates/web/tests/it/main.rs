//! The server as people and machines meet it: requests in, answers out, on both engines.
#![allow(clippy::disallowed_methods, reason = "tests run side by side and need names of their own")]

mod api_case;
mod api_dispatch;
mod api_document;
mod api_evaluation;
mod api_live;
mod api_log;
mod api_pass;
mod api_people;
mod api_photo;
mod api_refusal;
mod api_supervision;
mod api_territory;
mod clock;
mod drawing;
mod form;
mod open311;
mod oracle;
mod pages_analysis;
mod pages_campaign;
mod pages_case;
mod pages_checkpoint;
mod pages_form;
mod pages_list;
mod pages_offline;
mod pages_pass;
mod pages_shell;
mod pages_supervision;
mod pages_wall;
mod statistic;
mod support;
