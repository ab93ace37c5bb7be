//! Expressions of indicators: sums, differences, products and quotients of numbers and of `#{ELEMENT}` or
//! `#{ELEMENT.option}`, as DHIS2 writes them. Values are exact fractions; pure.

use std::cmp::Ordering;

/// An exact fraction; the denominator is above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

/// So deep an expression may nest.
const DEPTH_MAX: usize = 32;
/// So long it may be, in bytes.
const BYTES_MAX: usize = 4_000;

impl Ratio {
    pub fn whole(number: i64) -> Self {
        Self { numerator: number.into(), denominator: 1 }
    }

    /// None for a denominator of zero, and for what no fraction of this size can hold.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let (mut one, mut other) = (numerator.checked_abs()?, denominator.checked_abs()?);
        while other != 0 {
            (one, other) = (other, one % other);
        }
        let sign = if denominator < 0 { -1 } else { 1 };
        let divisor = one.max(1);
        Some(Self {
            numerator: (numerator / divisor).checked_mul(sign)?,
            denominator: (denominator / divisor).checked_abs()?,
        })
    }

    /// Digits with at most one point, as `0.556`.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
        let sound = !whole.is_empty() && is_digits(whole) && is_digits(part) && text.len() <= 20;
        if !sound || (part.is_empty() && text.contains('.')) {
            return None;
        }
        Self::new(format!("{whole}{part}").parse().ok()?, 10_i128.checked_pow(part.len() as u32)?)
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::new(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { numerator: other.numerator.checked_neg()?, ..other })
    }

    pub fn times(self, other: Self) -> Option<Self> {
        Self::new(
            self.numerator.checked_mul(other.numerator)?,
            self.denominator.checked_mul(other.denominator)?,
        )
    }

    pub fn by(self, other: Self) -> Option<Self> {
        self.times(Self::new(other.denominator, other.numerator)?)
    }

    pub fn is_whole(&self) -> bool {
        self.denominator == 1
    }

    /// With so many digits behind the point, halves away from zero.
    pub fn to_decimal(self, decimals: u32) -> String {
        let scale = 10_i128.pow(decimals.min(9));
        let Some(scaled) = self.numerator.checked_abs().and_then(|it| it.checked_mul(scale)) else {
            return format!("{:e}", self.numerator as f64 / self.denominator as f64);
        };
        let (quotient, rest) = (scaled / self.denominator, scaled % self.denominator);
        let rounded = if rest >= self.denominator - rest { quotient + 1 } else { quotient };
        let sign = if self.numerator < 0 && rounded != 0 { "-" } else { "" };
        match decimals {
            0 => format!("{sign}{rounded}"),
            _ => format!("{sign}{}.{:0width$}", rounded / scale, rounded % scale, width = decimals as usize),
        }
    }

    pub fn compare(self, other: Self) -> Ordering {
        match self.minus(other) {
            Some(difference) => difference.numerator.cmp(&0),
            None => (self.numerator as f64 / self.denominator as f64)
                .total_cmp(&(other.numerator as f64 / other.denominator as f64)),
        }
    }
}

/// What an indicator counts by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    Number(Ratio),
    Element {
        code: String,
        /// Of its disaggregation; the whole where it is none.
        option: Option<String>,
    },
    Pair(Box<Expression>, Operator, Box<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Plus,
    Minus,
    Times,
    By,
}

impl Expression {
    /// The error says at which character, and what is wanted there.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > BYTES_MAX {
            return Err(format!("it is longer than {BYTES_MAX} bytes: make two indicators of it"));
        }
        let mut parser = Parser { text, at: 0 };
        let found = parser.sum(0)?;
        parser.blank();
        match parser.rest().is_empty() {
            true => Ok(found),
            false => Err(parser.wanted("+, -, *, / or the end")),
        }
    }

    /// None where something is divided by zero or is not known.
    pub fn value(&self, known: &impl Fn(&str, Option<&str>) -> Option<Ratio>) -> Option<Ratio> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Element { code, option } => known(code, option.as_deref()),
            Self::Pair(left, operator, right) => {
                let (left, right) = (left.value(known)?, right.value(known)?);
                match operator {
                    Operator::Plus => left.plus(right),
                    Operator::Minus => left.minus(right),
                    Operator::Times => left.times(right),
                    Operator::By => left.by(right),
                }
            }
        }
    }

    /// Code and option of every element in it, in its order.
    pub fn elements(&self) -> Vec<(&str, Option<&str>)> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Element { code, option } => vec![(code, option.as_deref())],
            Self::Pair(left, _, right) => [left.elements(), right.elements()].concat(),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blank(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn wanted(&self, what: &str) -> String {
        let place = self.text[..self.at].chars().count() + 1;
        match self.rest().chars().next() {
            Some(found) => format!("at character {place}, {what} is wanted, not {found:?}"),
            None => format!("at its end, {what} is wanted"),
        }
    }

    /// The first of these characters that stands next, behind blanks.
    fn take(&mut self, of: &[(char, Operator)]) -> Option<Operator> {
        self.blank();
        let found = of.iter().find(|(sign, _)| self.rest().starts_with(*sign))?;
        self.at += 1;
        Some(found.1)
    }

    fn sum(&mut self, depth: usize) -> Result<Expression, String> {
        let mut left = self.product(depth)?;
        while let Some(operator) = self.take(&[('+', Operator::Plus), ('-', Operator::Minus)]) {
            left = Expression::Pair(Box::new(left), operator, Box::new(self.product(depth)?));
        }
        Ok(left)
    }

    fn product(&mut self, depth: usize) -> Result<Expression, String> {
        let mut left = self.atom(depth)?;
        while let Some(operator) = self.take(&[('*', Operator::Times), ('/', Operator::By)]) {
            left = Expression::Pair(Box::new(left), operator, Box::new(self.atom(depth)?));
        }
        Ok(left)
    }

    fn atom(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > DEPTH_MAX {
            return Err(format!("it nests deeper than {DEPTH_MAX} brackets"));
        }
        self.blank();
        let rest = self.rest();
        if rest.starts_with('(') {
            self.at += 1;
            let inner = self.sum(depth + 1)?;
            self.blank();
            if !self.rest().starts_with(')') {
                return Err(self.wanted("a closing bracket"));
            }
            self.at += 1;
            return Ok(inner);
        }
        if let Some(name) = rest.strip_prefix("#{") {
            let Some(end) = name.find('}') else { return Err(self.wanted("an element as #{CODE}")) };
            let (code, option) = match name[..end].split_once('.') {
                Some((code, option)) => (code, Some(option.trim().to_owned())),
                None => (&name[..end], None),
            };
            let code = code.trim().to_owned();
            self.at += 2 + end + 1;
            return Ok(Expression::Element { code, option });
        }
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
        match Ratio::parse(&rest[..end]) {
            Some(number) => {
                self.at += end;
                Ok(Expression::Number(number))
            }
            None => Err(self.wanted("a number, a bracket or an element as #{CODE}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(text: &str) -> Option<String> {
        let known = |code: &str, option: Option<&str>| match (code, option) {
            ("A", None) => Some(Ratio::whole(3_813)),
            ("B", None) => Some(Ratio::whole(7_194)),
            ("A", Some("x")) => Some(Ratio::whole(0)),
            _ => None,
        };
        Expression::parse(text).unwrap().value(&known).map(|it| it.to_decimal(3))
    }

    #[test]
    fn expressions_are_counted_exactly() {
        for (text, expected) in [
            ("1 + 2 * 3", Some("7.000")),
            ("(1 + 2) * 3", Some("9.000")),
            ("1 - 2 - 3", Some("-4.000")),
            ("#{A} / #{B}", Some("0.530")),
            ("#{A}/#{A.x}", None),
            ("#{C}", None),
            ("0.1 + 0.2", Some("0.300")),
            ("2/3", Some("0.667")),
            ("0 - 1/2000", Some("-0.001")),
        ] {
            assert_eq!(value(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_with_its_place() {
        for (text, told) in [
            ("", "at its end, a number"),
            ("1 +", "at its end"),
            ("1 2", "at character 3"),
            ("(1", "at its end, a closing bracket"),
            ("#{A", "at character 1, an element"),
            ("旗 + 1", "at character 1"),
            ("1..2", "at character 1"),
        ] {
            let fault = Expression::parse(text).unwrap_err();
            assert!(fault.contains(told), "{text}: {fault}");
        }
        assert!(Expression::parse(&"(".repeat(100_000)).is_err());
        assert!(Expression::parse(&"(".repeat(1_000)).unwrap_err().contains("deeper"));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in ".{0,60}") {
            let _ = Expression::parse(&text).map(|it| it.value(&|_, _| Some(Ratio::whole(i64::MAX))));
        }
    }
}
