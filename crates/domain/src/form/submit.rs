//! Taking a record: judged by its own form first, then kept whole or not at all.

use std::sync::Arc;

use kernel::{Id, Submission as SubmissionName, limits};
use policy::{Action, AnswerFacts, Resource};
use sha2::{Digest, Sha256};
use store::Tx;
use xform::{
    check::{Answer, State, Submission},
    xpath::World,
};

use super::{
    app_user,
    attach::{put, record_files},
    fault::Rejection,
    library::Prepared,
    model::{Finding, Form, FormVersion, Judged, NamedBytes, Receipt, RecordFile, Sender, Sent, Unit},
    record, rule, store as rows,
};
use crate::{
    Ctx, Refusal, area, burden, campaign, fact,
    journal::{self, Entry, SubjectKind},
};

/// What a request says besides the record itself.
#[derive(Clone, Copy, Debug)]
pub enum Expected<'a> {
    /// Nothing: the record tells whether it is new, an edit or sent again.
    Any,
    /// A form of the area with this code.
    In { area: &'a str },
    /// A record of this form that was never sent.
    New { form_id: &'a str },
    /// An edit of the record that this first instance id names.
    EditOf { form_id: &'a str, instance_id: &'a str },
    /// What a campaign asks of a unit.
    Asked(&'a campaign::Asked),
}

impl Expected<'_> {
    fn check(self, record: &Submission) -> Result<(), Rejection> {
        let form_id = match self {
            Expected::Any | Expected::In { .. } | Expected::Asked(_) => return Ok(()),
            Expected::New { form_id } | Expected::EditOf { form_id, .. } => form_id,
        };
        if record.form_id != form_id {
            return Err(Rejection::OtherForm { found: record.form_id.clone(), wanted: form_id.to_owned() });
        }
        match (self, &record.deprecated_id) {
            (Expected::EditOf { .. }, None) => Err(Rejection::NoEdit),
            _ => Ok(()),
        }
    }
}

/// Takes a record, an edit of one, or more files of one that is there. What was taken before is taken again with the
/// same receipt, unless a new record was expected. It is on disk when this returns.
pub fn submit(ctx: &Ctx, sent: &Sent, expected: Expected<'_>) -> Result<Receipt, Rejection> {
    let record = Submission::read(&sent.xml)?;
    expected.check(&record)?;
    let sha256: [u8; 32] = Sha256::digest(&sent.xml).into();
    let found = ctx.read(|tx| find(tx, ctx, &record, expected))??;
    let draft = match found.version {
        Some(version) => Some(Draft::judge(ctx, &found.form, version, &record)?),
        None => None,
    };
    let arrival = Arrival { ctx, record: &record, sha256, sent, expected, draft };
    ctx.write(|tx| arrival.keep(tx, &found.form.form_id))?
}

/// The form of a record, and its version unless the record is there already.
struct Found {
    form: Form,
    version: Option<FormVersion>,
}

fn find(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    record: &Submission,
    expected: Expected<'_>,
) -> Result<Result<Found, Rejection>, Refusal> {
    app_user::must_be_known(ctx)?;
    let Some(form) = rows::by_form_id(tx, &record.form_id)? else { return Ok(Err(Rejection::NoForm)) };
    ctx.must(Action::FormSubmit, Resource::Area { path: &form.area_path })?;
    let is_elsewhere = matches!(expected, Expected::In { area } if form.area_path.code() != area);
    if is_elsewhere || !app_user::reaches(tx, ctx, &form)? {
        return Ok(Err(Rejection::NoForm));
    }
    if rows::by_instance(tx, form.county, form.id, &record.instance_id)?.is_some() {
        return Ok(Ok(Found { form, version: None }));
    }
    if !form.state.takes_records() {
        return Ok(Err(Rejection::Closed));
    }
    match rows::version(tx, form.id, &record.version)? {
        Some(version) => Ok(Ok(Found { form, version: Some(version) })),
        None => Ok(Err(Rejection::NoVersion(record.version.clone()))),
    }
}

fn other_content(record: &Submission) -> Rejection {
    if record.deprecated_id.is_some() { Rejection::Taken } else { Rejection::OtherContent }
}

/// A record as its form judges it.
struct Draft {
    version: FormVersion,
    prepared: Arc<Prepared>,
    state: Judged,
    findings: Vec<Finding>,
    answers: Vec<Answer>,
    /// Names of the files that belong to it.
    files: Vec<String>,
}

impl Draft {
    fn judge(ctx: &Ctx, form: &Form, version: FormVersion, record: &Submission) -> Result<Self, Rejection> {
        let prepared = ctx.read(|tx| ctx.city.forms.get(tx, &version))?;
        let world = World::in_china(ctx.now.micros())
            .ok_or_else(|| Refusal::Broken("the clock is out of range".into()))?;
        let judgement = record.judge(&prepared.form, &prepared.attachments, &world)?;
        let state = match judgement.state() {
            State::Valid => Judged::Valid,
            State::Invalid => Judged::Invalid,
            State::Unchecked => Judged::Unchecked,
        };
        let findings: Vec<Finding> = judgement.findings.into_iter().map(finding).collect();
        if form.refuses_invalid && state == Judged::Invalid {
            return Err(Rejection::Breaks(findings));
        }
        let files = record.files(&prepared.form)?;
        if files.len() > limits::FORM_FILES_MAX {
            return Err(Rejection::TooManyFiles(files.len()));
        }
        // It was read when it was judged.
        let answers = record.answers(&prepared.form)?;
        Ok(Self { version, prepared, state, findings, answers, files })
    }
}

fn finding(it: xform::check::Finding) -> Finding {
    let rule = it.rule.as_str().to_owned();
    Finding { path: it.path, rule, value: it.value, expected: it.expected, message: it.message }
}

/// All that one request brought.
struct Arrival<'a> {
    ctx: &'a Ctx,
    record: &'a Submission,
    sha256: [u8; 32],
    sent: &'a Sent,
    expected: Expected<'a>,
    /// None where the record was there when it was looked for.
    draft: Option<Draft>,
}

impl Arrival<'_> {
    /// Everything is looked at before anything is written, so that a rejection leaves nothing behind.
    fn keep(&self, tx: &mut Tx<'_>, form_id: &str) -> Result<Result<Receipt, Rejection>, Refusal> {
        // Another may have closed the form or sent the same meanwhile.
        let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
        if let Some(known) = rows::by_instance(tx, form.county, form.id, &self.record.instance_id)? {
            if matches!(self.expected, Expected::New { .. }) {
                return Ok(Err(Rejection::Exists));
            }
            if known.sha256 != self.sha256 {
                return Ok(Err(other_content(self.record)));
            }
            return self.add_files(tx, &form, known);
        }
        let Some(draft) = &self.draft else { return Err(Refusal::Again) };
        if !form.state.takes_records() {
            return Ok(Err(Rejection::Closed));
        }
        let base = match &self.record.deprecated_id {
            None => None,
            Some(replaced) => match self.base(tx, &form, replaced)? {
                Ok(base) => Some(base),
                Err(rejection) => return Ok(Err(rejection)),
            },
        };
        match self.unit(tx, &form, draft, base.as_ref())? {
            Ok((unit, asked)) => {
                let receipt = self.add(tx, &form, draft, base, unit.as_ref())?;
                let again = self.know(tx, &form, draft, receipt.submission)?;
                self.spend(tx, &form, draft, (receipt.submission, again))?;
                Ok(Ok(Receipt { asked, ..receipt }))
            }
            Err(rejection) => Ok(Err(rejection)),
        }
    }

    /// What it cost the unit, or else the post that sent it. Residents and programs have no ledger.
    fn spend(
        &self,
        tx: &mut Tx<'_>,
        form: &Form,
        draft: &Draft,
        (submission, again): (Id<SubmissionName>, i64),
    ) -> Result<(), Refusal> {
        let (post, path) = match rows::unit(tx, form.county, submission)? {
            Some((unit, ..)) => {
                let facts = facts(tx, form.county, submission, &unit)?;
                let may = |alone: &Ctx| alone.may(Action::AnswerGive, Resource::Answer(&facts));
                (self.ctx.in_the_post_that(may), Some(unit.path))
            }
            None => {
                let may =
                    |alone: &Ctx| alone.may(Action::FormSubmit, Resource::Area { path: &form.area_path });
                (self.ctx.in_the_post_that(may), None)
            }
        };
        let post = post.actor.appointments.first();
        let Some(path) = path.or_else(|| post.map(|it| it.area.clone())) else { return Ok(()) };
        let Some(place) = area::place(tx, path.code())? else { return Ok(()) };
        let definition = &draft.prepared.form;
        let spent = burden::Spent {
            county: form.county,
            submission,
            form: form.id,
            area: place.id,
            post: post.map(|it| (it.organization, it.role)),
            questions: rule::questions(definition, &draft.answers),
            again,
            seconds: self.sent.seconds.or_else(|| rule::seconds(definition, &draft.answers)),
        };
        burden::spend(tx, self.ctx, &spent)
    }

    /// What a unit's record says of bound questions is known from now on.
    fn know(
        &self,
        tx: &mut Tx<'_>,
        form: &Form,
        draft: &Draft,
        submission: Id<SubmissionName>,
    ) -> Result<i64, Refusal> {
        let Some((unit, ..)) = rows::unit(tx, form.county, submission)? else { return Ok(0) };
        let definition = &draft.prepared.form;
        let answers = (draft.state == Judged::Valid).then_some(draft.answers.as_slice());
        fact::answered(tx, self.ctx, &fact::Answered { form, definition, unit: &unit, submission, answers })
    }

    /// For which unit it answers, and what its sender is told of that; an edit answers for that of its record.
    fn unit(
        &self,
        tx: &mut Tx<'_>,
        form: &Form,
        draft: &Draft,
        base: Option<&rows::Known>,
    ) -> Result<Result<campaign::Bound, Rejection>, Refusal> {
        if let Some(base) = base {
            let Some(known) = rows::unit(tx, form.county, base.submission)? else {
                return Ok(Ok((None, None)));
            };
            let told = campaign::told(tx, &known.0)?;
            return Ok(campaign::check_edit(tx, self.ctx, &known)?.map(|()| (None, told)));
        }
        let asked = if let Expected::Asked(asked) = self.expected { Some(asked) } else { None };
        campaign::bind(tx, self.ctx, form, draft.version.id, asked)
    }

    /// The version that an edit replaces, if it is the current one.
    fn base(
        &self,
        tx: &mut Tx<'_>,
        form: &Form,
        replaced: &str,
    ) -> Result<Result<rows::Known, Rejection>, Refusal> {
        let Some(base) = rows::by_instance(tx, form.county, form.id, replaced)? else {
            return Ok(Err(Rejection::NoBase));
        };
        if !self.may_change(tx, form, base.submission)? {
            return Ok(Err(Rejection::OfAnother));
        }
        if let Expected::EditOf { instance_id, .. } = self.expected {
            let named = rows::by_instance(tx, form.county, form.id, instance_id)?;
            if named.is_none_or(|it| it.submission != base.submission) {
                return Ok(Err(Rejection::NoBase));
            }
        }
        let is_current = rows::number(tx, form.county, base.submission)? == Some(base.number);
        let may_grow = base.number <= limits::SUBMISSION_EDITS_MAX;
        if is_current && may_grow { Ok(Ok(base)) } else { Ok(Err(Rejection::Superseded)) }
    }

    fn may_change(&self, tx: &mut Tx<'_>, form: &Form, id: Id<SubmissionName>) -> Result<bool, Refusal> {
        may_change(tx, self.ctx, form, id)
    }

    fn add(
        &self,
        tx: &mut Tx<'_>,
        form: &Form,
        draft: &Draft,
        base: Option<rows::Known>,
        unit: Option<&Unit>,
    ) -> Result<Receipt, Refusal> {
        let ctx = self.ctx;
        let new = rows::NewVersion {
            county: form.county,
            submission: base.as_ref().map_or_else(|| ctx.id(), |it| it.submission),
            number: base.as_ref().map_or(1, |it| it.number + 1),
            form: form.id,
            version: draft.version.id,
            instance_id: &self.record.instance_id,
            instance_name: self.record.instance_name.as_deref(),
            sha256: &self.sha256,
            xml: &self.sent.xml,
            state: draft.state,
            findings: &draft.findings,
            at: ctx.now,
            by: ctx.actor.person,
            app_user: ctx.actor.app_user,
            forget_at: record::forget_at(ctx, form),
            unit,
        };
        match &base {
            None => rows::insert_submission(tx, &new)?,
            Some(_) => rows::move_submission(tx, &new)?,
        }
        rows::insert_submission_version(tx, &new)?;
        let mut missing = Vec::new();
        let at = (form.county, new.submission, new.number);
        for name in &draft.files {
            if let Some(file) = self.file(name) {
                rows::expect_file(tx, at, name, new.forget_at)?;
                put(tx, at, file, ctx)?;
                continue;
            }
            let before = base.as_ref().map(|it| (form.county, it.submission, it.number));
            let carried =
                before.map_or(Ok(0), |before| rows::carry_record_file(tx, before, name, new.forget_at))?;
            if carried == 0 {
                rows::expect_file(tx, at, name, new.forget_at)?;
            }
        }
        for RecordFile { name, sha256 } in rows::version_files(tx, at)? {
            if sha256.is_none() {
                missing.push(name);
            }
        }
        let action = if base.is_some() { "submission.edit" } else { "submission.create" };
        let entry = Entry::new(form.county, action, SubjectKind::Submission, new.submission.uuid())
            .with("form", form.id)
            .with("number", new.number)
            .with("state", draft.state.as_str());
        let entry = match unit {
            Some(unit) => entry.with("campaign", unit.campaign).with("unit", unit.id),
            None => entry,
        };
        journal::record(tx, ctx, &entry)?;
        let (state, findings) = (draft.state, draft.findings.clone());
        let (submission, number) = (new.submission, new.number);
        Ok(Receipt { submission, number, state, findings, missing, is_new: true, asked: None })
    }

    /// Files of a record that is there. One that came before must be the same.
    fn add_files(
        &self,
        tx: &mut Tx<'_>,
        form: &Form,
        known: rows::Known,
    ) -> Result<Result<Receipt, Rejection>, Refusal> {
        let at = (form.county, known.submission, known.number);
        let (mut arrived, mut missing) = (Vec::new(), Vec::new());
        for RecordFile { name, sha256 } in rows::version_files(tx, at)? {
            match (self.file(&name), sha256) {
                (Some(file), None) => arrived.push(file),
                (Some(file), Some(sha256)) if Sha256::digest(&file.bytes)[..] != sha256[..] => {
                    return Ok(Err(Rejection::OtherFile(name)));
                }
                (None, None) => missing.push(name),
                _ => {}
            }
        }
        // The same bytes again are the same record, whoever has them; to add to it is its sender's.
        if !arrived.is_empty() && !self.may_change(tx, form, known.submission)? {
            return Ok(Err(Rejection::OfAnother));
        }
        for file in &arrived {
            put(tx, at, file, self.ctx)?;
        }
        if !arrived.is_empty() {
            record_files(tx, self.ctx, form, at, arrived.len())?;
        }
        let (state, findings) = (known.state, known.findings);
        let asked = match rows::unit(tx, form.county, known.submission)? {
            Some((unit, ..)) => campaign::told(tx, &unit)?,
            None => None,
        };
        let receipt = Receipt {
            submission: known.submission,
            number: known.number,
            state,
            findings,
            missing,
            is_new: false,
            asked,
        };
        Ok(Ok(receipt))
    }

    fn file(&self, name: &str) -> Option<&NamedBytes> {
        self.sent.files.iter().find(|it| it.name == name)
    }
}

/// Its sender may, and whoever reviews. Of what a campaign asked for it is the unit's: whoever answers for it now may, and the
/// offices above.
pub(super) fn may_change(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: &Form,
    id: Id<SubmissionName>,
) -> Result<bool, Refusal> {
    if let Some((unit, ..)) = rows::unit(tx, form.county, id)? {
        let facts = facts(tx, form.county, id, &unit)?;
        return Ok(ctx.actor.system || ctx.may(Action::AnswerChange, Resource::Answer(&facts)));
    }
    let is_own = match rows::sender(tx, form.county, id)? {
        Some(Sender::Person(person)) => ctx.actor.person == Some(person),
        Some(Sender::AppUser(app_user)) => ctx.actor.app_user == Some(app_user),
        Some(Sender::System) | None => ctx.actor.system,
    };
    Ok(is_own || ctx.may(Action::SubmissionReview, Resource::Area { path: &form.area_path }))
}

/// What decides who may do what with a record that a campaign asked for.
pub(super) fn facts(
    tx: &mut Tx<'_>,
    county: Id<kernel::Area>,
    id: Id<SubmissionName>,
    unit: &Unit,
) -> Result<AnswerFacts, Refusal> {
    let authors = rows::authors(tx, county, id)?;
    Ok(AnswerFacts { authors, ..campaign::facts(tx, unit)? })
}
