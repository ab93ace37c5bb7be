//! What whoever asked says of a record.

use kernel::limits;
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{Comment, Form, Record, Review, Sender},
    record::{find, forget_at},
    store as rows,
};
use crate::{
    Ctx, Faults, Message, Refusal,
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
        if record.review == review {
            return Ok(record);
        }
        rows::review(tx, &record, review, ctx.now)?;
        if let (Some(Review::HasIssues | Review::Rejected), Sender::Person(author)) = (review, record.sender)
        {
            let recipient = Recipient::Person(author);
            notice::announce(tx, ctx, record.county, recipient, NoticeKind::RecordReturned, &form.title)?;
        }
        let entry =
            entry("submission.review", &form, &record).with("review", review.map_or("", Review::as_str));
        journal::record(tx, ctx, &entry)?;
        Ok(Record { review, updated_at: ctx.now, ..record })
    })
}

/// Accepts a record, or gives it back to its sender, who reads why.
pub fn judge(
    ctx: &Ctx,
    form_id: &str,
    instance_id: &str,
    review: Review,
    grounds: &str,
) -> Result<Record, Refusal> {
    if grounds.trim().is_empty() && review != Review::Approved {
        return Err(Refusal::invalid("body", Message::new("fault-grounds")));
    }
    if !grounds.trim().is_empty() {
        add_comment(ctx, form_id, instance_id, grounds)?;
    }
    set_review(ctx, form_id, instance_id, Some(review))
}

/// Adds to what was said of a record. It is kept as long as the answer itself could be that comes now.
pub fn add_comment(ctx: &Ctx, form_id: &str, instance_id: &str, body: &str) -> Result<Comment, Refusal> {
    let mut faults = Faults::default();
    let body = text::lines(&mut faults, "body", body);
    let body = text::required(&mut faults, "body", body);
    faults.check()?;
    ctx.write(|tx| {
        let (form, record) = reviewed(tx, ctx, form_id, instance_id)?;
        if rows::comments(tx, &record, limits::SUBMISSION_COMMENTS_MAX)?.len() as i64
            >= limits::SUBMISSION_COMMENTS_MAX
        {
            return Err(Refusal::conflict("conflict-submission-comments"));
        }
        let comment = Comment { body: body.clone(), at: ctx.now, by: ctx.actor.person };
        let id = ctx.city.ids.next(ctx.now);
        rows::insert_comment(tx, &record, id, &comment, forget_at(ctx, &form))?;
        journal::record(tx, ctx, &entry("submission.comment", &form, &record))?;
        Ok(comment)
    })
}

fn reviewed(tx: &mut Tx<'_>, ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<(Form, Record), Refusal> {
    let (form, record) = find(tx, ctx, form_id, instance_id)?;
    if !ctx.actor.system {
        ctx.must(Action::SubmissionReview, Resource::Area { path: &form.area_path })?;
    }
    Ok((form, record))
}

fn entry(action: &str, form: &Form, record: &Record) -> Entry {
    Entry::new(record.county, action, SubjectKind::Submission, record.id.uuid())
        .with("form_id", &form.form_id)
}
