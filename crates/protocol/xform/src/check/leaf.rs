//! The answers of a record in one pass, without a copy of it and without any rule: it was judged when it came.

use std::borrow::Cow;

use super::{
    layout::own_text,
    submission::{Refusal, Submission},
};
use crate::form::{FieldId, FieldKind, Form};

/// A question as it stands in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf<'a> {
    pub field: FieldId,
    /// The instance of the nearest repeat around it, by a number that ascends in the record; 0 is the record itself.
    pub row: u32,
    /// None where it did not come: what is not relevant is not in a record.
    pub text: Option<Cow<'a, str>>,
}

impl Submission {
    /// Hands each question of the form to `work`, in the order of the form, once for each instance of the repeat that it is in.
    pub fn each_leaf(&self, form: &Form, work: &mut dyn FnMut(Leaf<'_>)) -> Result<(), Refusal> {
        let layout = self.layout(form)?;
        let mut rows: Vec<u32> = Vec::with_capacity(layout.spots.len());
        for (index, spot) in layout.spots.iter().enumerate() {
            let kind = form.field(spot.field).kind;
            // What is around a field stands before it.
            let row = match spot.parent {
                _ if kind == FieldKind::Repeat => index as u32,
                Some(parent) => rows[parent],
                None => 0,
            };
            rows.push(row);
            if kind == FieldKind::Question {
                let text = spot.source.map(|it| own_text(&self.document, it));
                work(Leaf { field: spot.field, row, text });
            }
        }
        Ok(())
    }
}
