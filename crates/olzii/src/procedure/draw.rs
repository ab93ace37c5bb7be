use std::{fs, io::Write, path::PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use domain::case::Procedures;
use web::drawing::{self, Language};

use super::check;

#[derive(Args)]
pub struct DrawArguments {
    pub file: PathBuf,
    #[arg(long, value_enum, default_value = "svg")]
    format: Format,
    /// Of the words in it: zh-Hans or en.
    #[arg(long, value_parser = language, default_value = "zh-Hans")]
    language: Language,
    /// File to write; standard output, if left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Svg,
    Bpmn,
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "the languages are zh-Hans and en".to_owned())
}

pub fn run(arguments: &DrawArguments, files: &[(String, String)]) -> anyhow::Result<()> {
    let procedures = match Procedures::load(files) {
        Ok(procedures) => procedures,
        Err(_) => {
            check::run(files)?;
            bail!("only a sound procedure is drawn");
        }
    };
    let procedure = procedures.iter().next().context("the file holds no procedure")?;
    let drawing = match arguments.format {
        Format::Svg => drawing::svg(procedure, arguments.language)?,
        Format::Bpmn => drawing::bpmn(procedure, arguments.language)?,
    };
    match &arguments.out {
        Some(path) => {
            fs::write(path, drawing).with_context(|| format!("{} cannot be written", path.display()))
        }
        None => Ok(std::io::stdout().write_all(drawing.as_bytes())?),
    }
}
