#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod check;
pub mod form;
pub mod odata;
pub mod openrosa;
pub mod sheet;
pub mod table;
pub mod xml;
pub mod xpath;
