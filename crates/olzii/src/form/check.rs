use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use domain::Clock;
use kernel::Timestamp;
use xform::{
    check::{SUBMISSION_BYTES_MAX, State, Submission},
    form::{ATTACHMENT_BYTES_MAX, Attachments, Form},
    xpath::World,
};

use crate::{file::read, world::MachineClock};

#[derive(Args)]
pub struct CheckArguments {
    /// An XForm (.xml), or the spreadsheet (.xlsx) that it is made of.
    #[arg(value_name = "FORM")]
    form: PathBuf,
    /// A submission as XML.
    #[arg(value_name = "SUBMISSION")]
    submission: PathBuf,
    /// Folder with the form's own files, such as lists; the form's folder, if left out.
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    /// The moment that now() and today() are, in RFC 3339; the present, if left out.
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
}

pub fn run(arguments: &CheckArguments) -> anyhow::Result<()> {
    let form = super::form(&arguments.form)?;
    for fault in form.faults() {
        eprintln!("{}: {fault}", arguments.form.display());
    }
    let attachments = attachments(arguments, &form)?;
    let name = arguments.submission.display();
    let bytes = read(&arguments.submission, SUBMISSION_BYTES_MAX as u64)?;
    let submission = Submission::read(&bytes).with_context(|| name.to_string())?;
    if submission.version != form.version {
        eprintln!("{name}: version {:?} of the form, checked by {:?}", submission.version, form.version);
    }
    let judgement =
        submission.judge(&form, &attachments, &world(arguments)?).with_context(|| name.to_string())?;
    for finding in &judgement.findings {
        println!("{finding}");
    }
    if judgement.is_cut {
        println!("… and more");
    }
    match judgement.state() {
        State::Valid => {
            println!("{name}: valid");
            Ok(())
        }
        State::Invalid => bail!("{name} breaks rules of its form"),
        State::Unchecked => bail!("{name} cannot be checked in full"),
    }
}

fn attachments(arguments: &CheckArguments, form: &Form) -> anyhow::Result<Attachments> {
    let beside = arguments.form.parent().map(PathBuf::from).unwrap_or_default();
    let folder = arguments.files.as_ref().unwrap_or(&beside);
    let mut attachments = Attachments::new();
    for file in form.expected_files() {
        // A form names its files and no others; one that is not there leaves its rules unchecked.
        let path = folder.join(&file);
        if Path::new(&file).file_name() == Some(file.as_ref()) && path.exists() {
            let bytes = read(&path, ATTACHMENT_BYTES_MAX as u64)?;
            attachments.add(form, &file, &bytes).with_context(|| file.clone())?;
        }
    }
    Ok(attachments)
}

fn world(arguments: &CheckArguments) -> anyhow::Result<World> {
    let now = match &arguments.now {
        Some(text) => Timestamp::parse(text).ok_or_else(|| anyhow!("{text} is no time in RFC 3339"))?,
        None => MachineClock.now(),
    };
    World::in_china(now.micros()).context("the time is out of range")
}
