//! What is withheld by law from those whose record was read.

pub mod api;
