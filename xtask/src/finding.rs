//! One broken rule at one place.

use std::fmt;

use anyhow::{Result, bail};

/// `file:line: [rule] what is wrong and what to do`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub file: String,
    pub line: usize,
    pub rule: &'static str,
    pub advice: String,
}

impl Finding {
    pub fn new(file: &str, line: usize, rule: &'static str, advice: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, rule, advice: advice.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: [{}] {}", self.file, self.line, self.rule, self.advice)
    }
}

/// Prints the findings; an error when there are any. `what` names what was looked at.
pub fn report(mut findings: Vec<Finding>, what: &str) -> Result<()> {
    findings.sort();
    findings.dedup();
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("{what}: no rule broken"),
        1 => bail!("{what}: 1 rule broken"),
        count => bail!("{what}: {count} rules broken"),
    }
    Ok(())
}
