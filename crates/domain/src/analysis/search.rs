//! Open answers in which words occur. Records are read one after another, so that there is no index to keep.

use kernel::Timestamp;

use super::{
    column::Basis,
    model::{Kind, Question},
    query::{Of, Reading},
    term::{Piece, Terms},
};
use crate::{Ctx, Cursor, Faults, Message, Refusal, Window, form, text};

/// Records that are looked through for one page.
const READ_MAX: usize = 5_000;

/// A page of open answers.
#[derive(Clone, Debug)]
pub struct Found {
    pub question: Question,
    pub hits: Vec<Hit>,
    /// Where to look on. There may be no more behind it, where much was looked through.
    pub next: Option<Cursor>,
    /// Records that were looked through for this page and count.
    pub read: i64,
}

/// An open answer in which all words occur.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The first instance id of its record.
    pub instance_id: String,
    pub at: Timestamp,
    /// The path of the unit that it answers for.
    pub unit: Option<kernel::AreaPath>,
    pub pieces: Vec<Piece>,
}

/// The answers to the question with this key in which all words of `words` occur, latest first. The words are put as one types
/// them; without any all answers are found. A record of which one answer stands on a page stands there with all.
pub fn search(ctx: &Ctx, of: &Of<'_>, key: &str, words: &str, window: &Window) -> Result<Found, Refusal> {
    let mut faults = Faults::default();
    let words = text::line(&mut faults, "text", words);
    faults.check()?;
    let (terms, mut reading) = (Terms::new(&words), Reading::new(ctx, of)?);
    let after: Option<String> = window.after.as_ref().map(|it| it.part(0)).transpose()?;
    let (mut hits, mut next, mut seen) = (Vec::new(), None, 0);
    let (mut basis, mut last) = (Basis::default(), None);
    let from = after.as_deref().map(|it| (it, false));
    form::each_answered(ctx, of.form_id, None, from, &mut |answered| {
        if hits.len() >= window.limit || seen >= READ_MAX {
            next = last.clone();
            return Ok(false);
        }
        let record = &answered.record;
        last = Some(Cursor::new([record.instance_id.clone()]));
        seen += 1;
        if !reading.is_meant(record) || !basis.takes(&answered) {
            return Ok(true);
        }
        for answer in reading.read(&answered)? {
            let text = answer.text.as_deref().map(str::trim).filter(|it| !it.is_empty());
            let question = &reading.asked.questions[answer.question];
            if question.key != key || question.kind != Kind::Text {
                continue;
            }
            if let Some(pieces) = text.and_then(|it| terms.find(it)) {
                let unit = record.unit.as_ref().map(|it| it.path.clone());
                let (instance_id, at) = (record.instance_id.clone(), record.created_at);
                hits.push(Hit { instance_id, at, unit, pieces });
            }
        }
        Ok(true)
    })?;
    let question = reading.asked.questions.into_iter().find(|it| it.key == key && it.kind == Kind::Text);
    let question =
        question.ok_or_else(|| Refusal::invalid("question", Message::new("fault-analysis-open-question")))?;
    Ok(Found { question, hits, next, read: basis.counted })
}
