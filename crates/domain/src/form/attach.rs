//! Files of a record that is there.

use kernel::limits;
use policy::{Action, Resource};
use sha2::{Digest, Sha256};
use store::Tx;

use super::{
    app_user,
    fault::Rejection,
    model::{Form, NamedBytes},
    store as rows,
    submit::may_change,
};
use crate::{
    Ctx, Refusal,
    journal::{self, Entry, SubjectKind},
};

/// Adds one file that the current version of a record names. The same again changes nothing.
pub fn add_record_file(
    ctx: &Ctx,
    form_id: &str,
    instance_id: &str,
    file: &NamedBytes,
) -> Result<(), Rejection> {
    if file.bytes.len() > limits::FORM_FILE_BYTES_MAX {
        return Err(Rejection::FileTooLarge(file.name.clone()));
    }
    let sha256 = Sha256::digest(&file.bytes);
    ctx.write(|tx| {
        let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
        ctx.must(Action::FormSubmit, Resource::Area { path: &form.area_path })?;
        let known = rows::by_instance(tx, form.county, form.id, instance_id)?.ok_or(Refusal::NotFound)?;
        if !app_user::reaches(tx, ctx, &form)? || !may_change(tx, ctx, &form, known.submission)? {
            return Err(Refusal::NotFound);
        }
        let number = rows::number(tx, form.county, known.submission)?.ok_or(Refusal::NotFound)?;
        let at = (form.county, known.submission, number);
        let named = rows::version_files(tx, at)?.into_iter().find(|it| it.name == file.name);
        match named.ok_or(Refusal::NotFound)?.sha256 {
            Some(before) if before[..] == sha256[..] => Ok(Ok(())),
            Some(_) => Ok(Err(Rejection::OtherFile(file.name.clone()))),
            None => {
                put(tx, at, file, ctx)?;
                record_files(tx, ctx, &form, at, 1)?;
                Ok(Ok(()))
            }
        }
    })?
}

pub(super) fn record_files(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: &Form,
    at: rows::Place,
    files: usize,
) -> Result<(), Refusal> {
    let entry = Entry::new(at.0, "submission.add_files", SubjectKind::Submission, at.1.uuid())
        .with("form", form.id)
        .with("number", at.2)
        .with("files", files);
    journal::record(tx, ctx, &entry)
}

pub(super) fn put(tx: &mut Tx<'_>, at: rows::Place, file: &NamedBytes, ctx: &Ctx) -> Result<(), Refusal> {
    let sha256 = Sha256::digest(&file.bytes);
    Ok(rows::put_record_file(tx, at, &file.name, (&sha256, &file.bytes), ctx.now)?)
}
