use std::{fs, io::Write, path::PathBuf};

use anyhow::Context;
use clap::Args;

#[derive(Args)]
pub struct ConvertArguments {
    /// An .xlsx file with the sheets survey, choices and settings.
    #[arg(value_name = "FILE.xlsx")]
    file: PathBuf,
    /// File to write; standard output, if left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// File for the external choices, if the spreadsheet has any.
    #[arg(long, value_name = "FILE")]
    itemsets: Option<PathBuf>,
}

pub fn run(arguments: &ConvertArguments) -> anyhow::Result<()> {
    let converted = super::converted(&arguments.file)?;
    for warning in &converted.warnings {
        eprintln!("{}: {warning}", arguments.file.display());
    }
    let write = |path: &PathBuf, text: &str| {
        fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
    };
    if let (Some(path), Some(itemsets)) = (&arguments.itemsets, &converted.itemsets) {
        write(path, itemsets)?;
    }
    match &arguments.out {
        Some(path) => write(path, &converted.xml),
        None => Ok(writeln!(std::io::stdout(), "{}", converted.xml)?),
    }
}
