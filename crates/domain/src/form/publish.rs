//! Publishing a form in one go: all that is wrong is told at once, and nothing is changed. One that asks again for what is
//! known, without a reason, waits as a draft.

use kernel::limits;
use store::Tx;

use super::{
    definition::{Definition, ITEMSETS, md5},
    draft,
    fault::{PublishError, PublishFault},
    model::{Form, FormVersion, NamedBytes, Publication, Published},
    rule, store as rows,
};
use crate::{Ctx, Message, Refusal, area};

/// Publishes a form, or a new version of one, or brings more files to a version that is there. The same again changes
/// nothing; another text under a version that is there is refused.
pub fn publish(ctx: &Ctx, new: &Publication) -> Result<Published, PublishError> {
    let stem = new.file_name.rsplit_once('.').map_or(new.file_name.as_str(), |(stem, _)| stem);
    let definition = Definition::read(&new.bytes, stem)?;
    let mut faults = check(&definition, new);
    let (wrong, unsure) = rule::wrong_elements(&definition.form, &ctx.city.statistic);
    faults.extend(wrong);
    if !faults.is_empty() {
        return Err(PublishError::Faults(faults));
    }
    let (form, version, is_new) = ctx.write(|tx| run(tx, ctx, new, &definition))??;
    let present = ctx.read(|tx| Ok::<_, Refusal>(rows::files(tx, version.id)?))?;
    let mut missing = definition.expected_files();
    missing.retain(|it| !present.iter().any(|file| file.name == *it));
    let mut warnings = definition.warnings;
    warnings.extend(unsure);
    Ok(Published { form, version, is_new, warnings, missing })
}

fn check(definition: &Definition, new: &Publication) -> Vec<PublishFault> {
    let mut faults = Vec::new();
    if new.files.len() > limits::FORM_FILES_MAX {
        let reason = format!("more than {} files came with the form", limits::FORM_FILES_MAX);
        return vec![PublishFault::new(reason, "Leave some out.")];
    }
    if !(1..=limits::ANSWER_DAYS_MAX).contains(&new.terms.answer_days) {
        let reason = format!("answers would be kept for {} days", new.terms.answer_days);
        let help = format!("Say a number from 1 to {}.", limits::ANSWER_DAYS_MAX);
        faults.push(PublishFault::new(reason, help));
    }
    for (index, file) in new.files.iter().enumerate() {
        if new.files[..index].iter().any(|it| it.name == file.name) {
            faults.push(PublishFault::new(format!("{} came twice", file.name), "Send it once."));
        } else if let Some(fault) = definition.fault_of_file(&file.name, &file.bytes) {
            faults.push(fault);
        }
    }
    faults
}

type Outcome = Result<(Form, FormVersion, bool), PublishError>;

fn run(tx: &mut Tx<'_>, ctx: &Ctx, new: &Publication, definition: &Definition) -> Result<Outcome, Refusal> {
    let place = area::place(tx, &new.area)?;
    let place = place.ok_or_else(|| Refusal::invalid("area", Message::new("fault-area")))?;
    draft::must_publish(ctx, &place.path)?;
    let (form, version) = match rows::by_form_id(tx, definition.form_id())? {
        None => draft::insert(tx, ctx, &place, definition, new.organization, new.terms)?,
        Some(form) if form.area != place.id => return Err(Refusal::conflict("conflict-form-elsewhere")),
        Some(form) => match rows::version(tx, form.id, definition.version())? {
            Some(version) => {
                let is_same = rows::text(tx, version.id)?.is_some_and(|(xml, _)| xml == definition.xml);
                if !is_same {
                    return Err(Refusal::conflict("conflict-form-version"));
                }
                let version = add_files(tx, ctx, &form, version, definition, &new.files)?;
                return Ok(Ok((form, version, false)));
            }
            None => {
                if let Err(error) = draft::keeps_types(tx, ctx, &form, definition)? {
                    return Ok(Err(error));
                }
                let carried = form.version;
                let terms = (new.terms.refuses_invalid, new.terms.answer_days);
                let form = Form { refuses_invalid: terms.0, answer_days: terms.1, ..form };
                draft::replace(tx, ctx, form, definition, carried)?
            }
        },
    };
    for file in &new.files {
        draft::put_file(tx, version.id, &file.name, &file.bytes)?;
    }
    let published = draft::hand_out(tx, ctx, form, version.id, (definition, &new.reason))?;
    Ok(published.map(|(form, version)| (form, version, true)))
}

/// More files for a version that is there; one of another content under a name that it has is refused.
fn add_files(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: &Form,
    version: FormVersion,
    definition: &Definition,
    sent: &[NamedBytes],
) -> Result<FormVersion, Refusal> {
    let known = rows::files(tx, version.id)?;
    let of_lists = definition.itemsets.iter().map(|bytes| (ITEMSETS, bytes.as_slice()));
    let of_lists = of_lists.filter(|(name, _)| !sent.iter().any(|it| it.name == *name));
    let all = sent.iter().map(|it| (it.name.as_str(), it.bytes.as_slice())).chain(of_lists);
    let mut files = version.files;
    for (name, bytes) in all {
        match known.iter().find(|it| it.name == name) {
            Some(it) if it.md5 == Some(md5(bytes)) => {}
            Some(_) => return Err(Refusal::conflict("conflict-form-file")),
            None => {
                draft::put_file(tx, version.id, name, bytes)?;
                files += 1;
            }
        }
    }
    let changed = FormVersion { files, ..version };
    if files > known.len() as i64 {
        rows::set_files(tx, changed.id, files)?;
        draft::record(tx, ctx, "form.add_files", form, &changed)?;
    }
    Ok(changed)
}
