//! Which texts are values of which type.

use jiff::civil::Time;

use crate::{
    form::DataType,
    xpath::{parse_date, parse_date_time},
};

/// What a value of the type looks like, if this text is none.
pub fn misfit(data_type: DataType, value: &str) -> Option<&'static str> {
    let (fits, wanted) = match data_type {
        DataType::String | DataType::Barcode | DataType::Intent | DataType::Rank => return None,
        DataType::Int => (is_int(value), "a whole number between -2147483648 and 2147483647"),
        DataType::Decimal => (is_decimal(value), "a number"),
        DataType::Boolean => (["true", "false", "1", "0"].contains(&value), "true or false"),
        DataType::Date => (parse_date(value).is_some(), "a date such as 2026-11-20"),
        DataType::Time => (is_time(value), "a time such as 08:30:00.000+08:00"),
        DataType::DateTime => {
            (parse_date_time(value).is_some(), "a date and time such as 2026-11-20T08:30:00.000+08:00")
        }
        DataType::Geopoint => (point(value).is_some(), "a place: latitude, longitude, altitude, accuracy"),
        DataType::Geotrace => {
            (points(value).is_some_and(|it| it.len() >= 2), "two places or more, with ; between")
        }
        DataType::Geoshape => {
            let closed = |it: Vec<(f64, f64)>| it.len() >= 4 && it.first() == it.last();
            (points(value).is_some_and(closed), "three places or more, the first one again at the end")
        }
        DataType::Binary => (is_file_name(value), "the name of a file"),
    };
    (!fits).then_some(wanted)
}

fn is_int(value: &str) -> bool {
    value.parse::<i32>().is_ok()
}

pub fn is_decimal(value: &str) -> bool {
    value.bytes().all(|it| it.is_ascii_digit() || b"+-.eE".contains(&it))
        && value.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_time(value: &str) -> bool {
    let clock = format!("2000-01-01T{value}");
    parse_date_time(&clock).is_some() || value.len() == 8 && value.parse::<Time>().is_ok()
}

/// Latitude and longitude.
fn point(value: &str) -> Option<(f64, f64)> {
    let numbers: Vec<f64> = value
        .split_ascii_whitespace()
        .map(|it| is_decimal(it).then(|| it.parse().ok()).flatten())
        .collect::<Option<_>>()?;
    let good = (2..=4).contains(&numbers.len())
        && (-90.0..=90.0).contains(&numbers[0])
        && (-180.0..=180.0).contains(&numbers[1]);
    good.then(|| (numbers[0], numbers[1]))
}

fn points(value: &str) -> Option<Vec<(f64, f64)>> {
    value.trim().trim_end_matches(';').split(';').map(point).collect()
}

fn is_file_name(value: &str) -> bool {
    !value.contains(['/', '\\', '\0']) && value != "." && value != ".."
}
