//! What whoever asked says of a record.

use kernel::limits;
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{Comment, Form, Record, Review, Sender},
    record::{find, forget_at},
    store as rows, submit,
};
use crate::{
    Ctx, Faults, Message, Refusal, campaign,
    journal::{self, Entry, SubjectKind},
    notice::{self, NoticeKind, Recipient},
    text,
};

/// Says what was found of a record, or takes it back.
pub fn set_review(
    ctx: &Ctx,
    form_id: &str,
    instance_id: &str,
    review: Option<Review>,
) -> Result<Record, Refusal> {
    ctx.write(|tx| {
        let (form, record) = reviewed(tx, ctx, form_id, instance_id)?;
        decide(tx, ctx, &form, record, review)
    })
}

/// Accepts the version `number` of a record, or gives it back to its sender, who reads why. One that was edited since it was
/// read is not judged.
pub fn judge(
    ctx: &Ctx,
    form_id: &str,
    (instance_id, number): (&str, i64),
    review: Review,
    grounds: &str,
) -> Result<Record, Refusal> {
    let has_grounds = !grounds.trim().is_empty();
    if !has_grounds && review != Review::Approved {
        return Err(Refusal::invalid("body", Message::new("fault-grounds")));
    }
    let grounds = if has_grounds { Some(words(grounds)?) } else { None };
    ctx.write(|tx| {
        let (form, record) = reviewed(tx, ctx, form_id, instance_id)?;
        if record.current.number != number {
            return Err(Refusal::conflict("conflict-record-edited"));
        }
        if let Some(grounds) = &grounds {
            say(tx, ctx, &form, &record, grounds)?;
        }
        decide(tx, ctx, &form, record, Some(review))
    })
}

fn decide(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: &Form,
    record: Record,
    review: Option<Review>,
) -> Result<Record, Refusal> {
    if record.review == review {
        return Ok(record);
    }
    rows::review(tx, &record, review, ctx.now)?;
    if let Some(Review::HasIssues | Review::Rejected) = review {
        tell_returned(tx, ctx, form, &record)?;
    }
    let entry = entry("submission.review", form, &record)
        .with("number", record.current.number)
        .with("review", review.map_or("", Review::as_str));
    journal::record(tx, ctx, &entry)?;
    Ok(Record { review, updated_at: ctx.now, ..record })
}

/// Tells whoever mends it: what a campaign asked for is the unit's, and else, or where nobody is in office, it is its sender's.
fn tell_returned(tx: &mut Tx<'_>, ctx: &Ctx, form: &Form, record: &Record) -> Result<(), Refusal> {
    if let Some(unit) = &record.unit
        && campaign::tell_returned(tx, ctx, unit, &form.title)?
    {
        return Ok(());
    }
    let Sender::Person(author) = record.sender else { return Ok(()) };
    let recipient = Recipient::Person(author);
    notice::announce(tx, ctx, record.county, recipient, NoticeKind::RecordReturned, &form.title).map(drop)
}

/// Adds to what was said of a record.
pub fn add_comment(ctx: &Ctx, form_id: &str, instance_id: &str, body: &str) -> Result<Comment, Refusal> {
    let body = words(body)?;
    ctx.write(|tx| {
        let (form, record) = reviewed(tx, ctx, form_id, instance_id)?;
        say(tx, ctx, &form, &record, &body)
    })
}

fn words(body: &str) -> Result<String, Refusal> {
    let mut faults = Faults::default();
    let body = text::lines(&mut faults, "body", body);
    let body = text::required(&mut faults, "body", body);
    faults.check()?;
    Ok(body)
}

/// It is kept as long as an answer that comes now.
fn say(tx: &mut Tx<'_>, ctx: &Ctx, form: &Form, record: &Record, body: &str) -> Result<Comment, Refusal> {
    let max = limits::SUBMISSION_COMMENTS_MAX;
    if rows::comments(tx, record, max)?.len() as i64 >= max {
        return Err(Refusal::conflict("conflict-submission-comments"));
    }
    let comment = Comment { body: body.to_owned(), at: ctx.now, by: ctx.actor.person };
    rows::insert_comment(tx, record, ctx.city.ids.next(ctx.now), &comment, forget_at(ctx, form))?;
    journal::record(tx, ctx, &entry("submission.comment", form, record))?;
    Ok(comment)
}

fn reviewed(tx: &mut Tx<'_>, ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<(Form, Record), Refusal> {
    let (form, record) = find(tx, ctx, form_id, instance_id)?;
    if is_reviewer(tx, ctx, &form, &record)? { Ok((form, record)) } else { Err(Refusal::Denied) }
}

/// Who asked reviews a record; what a campaign asked for the tiers above the unit do, and none of its authors.
fn is_reviewer(tx: &mut Tx<'_>, ctx: &Ctx, form: &Form, record: &Record) -> Result<bool, Refusal> {
    if ctx.actor.system {
        return Ok(true);
    }
    let Some(unit) = &record.unit else {
        return Ok(ctx.may(Action::SubmissionReview, Resource::Area { path: &form.area_path }));
    };
    let facts = submit::facts(tx, record.county, record.id, unit)?;
    Ok(ctx.may(Action::AnswerReview, Resource::Answer(&facts)))
}

/// Whether a record is the actor's to mend, and can be now: who reviews it may change it too, and gives it back instead.
pub fn may_mend(ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<bool, Refusal> {
    ctx.read(|tx| {
        let (form, record) = find(tx, ctx, form_id, instance_id)?;
        let is_theirs =
            submit::may_change(tx, ctx, &form, record.id)? && !is_reviewer(tx, ctx, &form, &record)?;
        if !is_theirs {
            return Ok(false);
        }
        match rows::unit(tx, record.county, record.id)? {
            Some(known) => Ok(campaign::check_edit(tx, ctx, &known)?.is_ok()),
            None => Ok(true),
        }
    })
}

/// Whether the actor may accept a record or give it back.
pub fn may_review(ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<bool, Refusal> {
    ctx.read(|tx| {
        let (form, record) = find(tx, ctx, form_id, instance_id)?;
        is_reviewer(tx, ctx, &form, &record)
    })
}

fn entry(action: &str, form: &Form, record: &Record) -> Entry {
    Entry::new(record.county, action, SubjectKind::Submission, record.id.uuid())
        .with("form_id", &form.form_id)
}
