//! A fact and what is shown of it; pure.

use kernel::{Area, AreaPath, Form, Id, Submission, Timestamp};

/// What a unit said last of one element and period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub county: Id<Area>,
    pub area: Id<Area>,
    pub element: String,
    /// Empty for an element without a disaggregation.
    pub option: String,
    /// In the words of periods, such as `2026` or `202611`.
    pub period: String,
    /// In hundredths where the element is of money.
    pub value: i64,
    pub form: Id<Form>,
    /// The record that said it.
    pub submission: Id<Submission>,
    pub answered_at: Timestamp,
    pub revision: i64,
}

/// What is known of a question before it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Of the question.
    pub path: String,
    /// As an answer is written.
    pub value: String,
    /// Title of the form by which it was said.
    pub source: String,
    pub answered_at: Timestamp,
}

/// A question that need not be asked: somebody knows the answer, or asks for it already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedAgain {
    /// What the form calls it, in its own language.
    pub question: String,
    pub element: String,
    /// Empty for an element without a disaggregation.
    pub option: String,
    /// Of units in the form's area, by other forms.
    pub known: Option<KnownOf>,
    /// Open forms that ask for it.
    pub others: Vec<OtherForm>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownOf {
    pub units: i64,
    pub first: Timestamp,
    pub last: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherForm {
    pub form_id: String,
    pub title: String,
    pub path: AreaPath,
    pub since: Timestamp,
}

/// A question of a published form and the element that it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What the form calls it, in its own language.
    pub question: String,
    pub element: String,
    /// Empty for an element without a disaggregation.
    pub option: String,
    pub since: Timestamp,
    /// Why it is asked though it was known or asked already; empty of others.
    pub reason: String,
}
