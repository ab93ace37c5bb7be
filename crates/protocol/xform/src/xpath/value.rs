use jiff::tz::TimeZone;

use super::{
    date::{Moment, days_of, looks_like_date},
    evaluate::NodeRef,
};

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// In document order, but for what `randomize()` gives.
    Nodes(Vec<NodeRef>),
    Text(String),
    Number(f64),
    Boolean(bool),
    Moment(Moment),
}

/// A number as XPath writes it: whole ones without a point, never with an exponent.
pub(crate) fn number_text(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else if number == 0.0 {
        "0".to_owned()
    } else {
        format!("{number}")
    }
}

/// The number that a text means: a decimal, or the days of a date; NaN for all else.
pub fn text_number(text: &str, zone: &TimeZone) -> f64 {
    let text = text.trim();
    if looks_like_date(text) {
        return days_of(text, zone);
    }
    plain_number(text)
}

pub fn plain_number(text: &str) -> f64 {
    let good = |it: u8| it.is_ascii_digit() || matches!(it, b'.' | b'-' | b'+' | b'e' | b'E');
    if text == "Infinity" || text == "-Infinity" {
        return if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if text.is_empty() || !text.bytes().all(good) {
        return f64::NAN;
    }
    text.parse().unwrap_or(f64::NAN)
}
