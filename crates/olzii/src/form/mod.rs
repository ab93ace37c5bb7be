//! `olzii form …`: for those who make forms.

mod check;
mod convert;

#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context, bail};
use clap::Subcommand;
use xform::{
    form::{FORM_BYTES_MAX, Form},
    sheet::{self, Converted, WORKBOOK_BYTES_MAX, Workbook},
};

use crate::file::read;

#[derive(Subcommand)]
pub enum FormCommand {
    /// Make an XForm of a spreadsheet (XLSForm) and print it.
    Convert(convert::ConvertArguments),
    /// List what a form's own rules find wrong in a submission.
    Check(check::CheckArguments),
}

pub fn run(command: FormCommand) -> anyhow::Result<()> {
    match command {
        FormCommand::Convert(arguments) => convert::run(&arguments),
        FormCommand::Check(arguments) => check::run(&arguments),
    }
}

/// The XForm of a spreadsheet. What is wrong in it is printed, each fault in a line.
fn converted(path: &Path) -> anyhow::Result<Converted> {
    let name = path.display();
    let workbook =
        Workbook::read(&read(path, WORKBOOK_BYTES_MAX as u64)?).with_context(|| name.to_string())?;
    let stem = path.file_stem().map_or_else(|| "data".into(), |it| it.to_string_lossy());
    match sheet::convert(&workbook, &stem) {
        Ok(converted) => Ok(converted),
        Err(faults) => {
            for fault in &faults {
                eprintln!("{name}: {fault}");
            }
            bail!("{} to mend before it is a form", faults.len())
        }
    }
}

/// A form from its XML, or from the spreadsheet that it is made of.
fn form(path: &Path) -> anyhow::Result<Form> {
    let is_sheet = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("xlsx"));
    if is_sheet {
        return Ok(converted(path)?.form);
    }
    Form::read(&read(path, FORM_BYTES_MAX as u64)?).with_context(|| path.display().to_string())
}
