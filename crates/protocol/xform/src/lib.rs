#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod check;
pub mod form;
pub mod openrosa;
pub mod sheet;
pub mod xml;
pub mod xpath;
