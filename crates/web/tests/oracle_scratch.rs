#[path = "it/oracle/mod.rs"]
mod oracle;
