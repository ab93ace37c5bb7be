use super::{Call, Evaluated, Function as F, Scope, Value, argument};
use crate::xpath::{Moment, date, value::plain_number};

pub fn moment(call: &Call<'_, '_>, function: F) -> Evaluated<Moment> {
    let world = call.scope.world;
    match function {
        F::Now => Ok(Moment::At(world.now.as_millisecond() as f64)),
        F::Today => {
            let day = date::local_date(world.now, &world.zone).to_string();
            Ok(date::moment_of(&day, &world.zone))
        }
        _ => as_moment(call.scope, &call.value(0)?),
    }
}

/// A number is days since 1970-01-01 UTC, and so is a text that is one.
pub fn as_moment(scope: &Scope<'_>, value: &Value) -> Evaluated<Moment> {
    Ok(match value {
        Value::Moment(moment) => *moment,
        Value::Boolean(_) => Moment::Invalid,
        Value::Number(days) => Moment::of_days(*days),
        Value::Text(_) | Value::Nodes(_) => {
            let text = scope.text(value)?;
            let number = plain_number(&text);
            if text.is_empty() {
                Moment::Blank
            } else if !number.is_nan() {
                Moment::of_days(number.trunc())
            } else {
                date::moment_of(&text, &scope.world.zone)
            }
        }
    })
}

pub fn format(call: &Call<'_, '_>) -> Evaluated<String> {
    let world = call.scope.world;
    let moment = as_moment(call.scope, &call.value(0)?)?;
    date::format(moment, &call.text(1)?, &world.zone, &world.language).map_err(argument)
}

pub fn decimal(call: &Call<'_, '_>, function: F) -> Evaluated<f64> {
    let value = call.value(0)?;
    if function == F::DecimalDateTime {
        return match value {
            Value::Number(days) => Ok(days),
            Value::Moment(moment) => Ok(moment.days()),
            other => Ok(date::days_of(&call.scope.text(&other)?, &call.scope.world.zone)),
        };
    }
    if matches!(value, Value::Number(_)) {
        return Ok(f64::NAN);
    }
    decimal_time(call, &call.scope.text(&value)?)
}

/// A time with its offset as a part of the local day.
fn decimal_time(call: &Call<'_, '_>, text: &str) -> Evaluated<f64> {
    let world = call.scope.world;
    let (Some((time, Some(offset))), true) = (date::clock_part(text), text.len() > 8) else {
        return Ok(f64::NAN);
    };
    let today = date::local_date(world.now, &world.zone);
    let Ok(timestamp) = offset.to_timestamp(today.to_datetime(time)) else { return Ok(f64::NAN) };
    let local = world.zone.to_datetime(timestamp).time();
    let seconds =
        f64::from(local.hour()) * 3600.0 + f64::from(local.minute()) * 60.0 + f64::from(local.second());
    Ok(seconds / 86_400.0)
}
