//! `olzii procedure …`: for those who write procedures.

mod check;
mod draw;

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum ProcedureCommand {
    /// Tell all that is wrong or odd in procedure files, and what to write instead.
    Check {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Draw a procedure, as a picture for paper or as BPMN 2.0 for other programs.
    Draw(draw::DrawArguments),
}

pub fn run(command: ProcedureCommand) -> anyhow::Result<()> {
    match command {
        ProcedureCommand::Check { files } => check::run(&read(&files)?),
        ProcedureCommand::Draw(arguments) => {
            draw::run(&arguments, &read(std::slice::from_ref(&arguments.file))?)
        }
    }
}

/// Names and texts of the files, as the loader takes them.
fn read(files: &[PathBuf]) -> anyhow::Result<Vec<(String, String)>> {
    let read = |path: &PathBuf| {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).with_context(|| format!("{name} cannot be read"))?;
        Ok((name, text))
    };
    files.iter().map(read).collect()
}
