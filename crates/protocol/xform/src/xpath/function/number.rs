use super::{Call, Evaluated, Function as F, Value, argument};

pub fn single(function: F, number: f64) -> f64 {
    match function {
        F::Int => number.trunc(),
        F::Abs => number.abs(),
        F::Floor => number.floor(),
        F::Ceiling => number.ceil(),
        F::Log => number.ln(),
        F::Log10 => number.log10(),
        F::Sqrt => number.sqrt(),
        F::Exp => number.exp(),
        F::Exp10 => 10_f64.powf(number),
        F::Sin => number.sin(),
        F::Cos => number.cos(),
        F::Tan => number.tan(),
        F::Asin => number.asin(),
        F::Acos => number.acos(),
        F::Atan => number.atan(),
        _ => f64::NAN,
    }
}

pub fn several(call: &Call<'_, '_>, function: F) -> Evaluated<f64> {
    Ok(match function {
        F::Min => extreme(&call.numbers(0)?, f64::min),
        F::Max => extreme(&call.numbers(0)?, f64::max),
        F::Sum => {
            call.nodes(0, "sum")?;
            // Backwards, as the web's engine adds up: sums of decimals depend on it.
            call.numbers(0)?.iter().rev().fold(0.0, |sum, it| sum + it)
        }
        F::Random => (call.scope.chance() >> 11) as f64 / (1_u64 << 53) as f64,
        F::Round => round(call)?,
        F::Pow => call.number(0)?.powf(call.number(1)?),
        F::Atan2 => call.number(0)?.atan2(call.number(1)?),
        F::Pi => std::f64::consts::PI,
        _ => f64::NAN,
    })
}

/// NaN of nothing, and where one is NaN.
fn extreme(numbers: &[f64], better: fn(f64, f64) -> f64) -> f64 {
    if numbers.iter().any(|it| it.is_nan()) {
        return f64::NAN;
    }
    numbers.iter().copied().reduce(better).unwrap_or(f64::NAN)
}

/// Halves go away from zero; a negative second argument rounds to tens, hundreds, …
fn round(call: &Call<'_, '_>) -> Evaluated<f64> {
    let number = call.number(0)?;
    let digits = if call.has(1) { call.number(1)?.trunc() } else { 0.0 };
    if digits == 0.0 || digits.is_nan() {
        return Ok(number.round());
    }
    let scale = 10_f64.powf(digits.abs());
    Ok(if digits > 0.0 { (number * scale).round() / scale } else { (number / scale).round() * scale })
}

pub fn checklist(call: &Call<'_, '_>) -> Evaluated<bool> {
    let (least, most) = (call.number(0)?, call.number(1)?);
    let yes = booleans(call, 2, 1)?.into_iter().filter(|it| *it).count() as f64;
    Ok((least < 0.0 || yes >= least) && (most < 0.0 || yes <= most))
}

pub fn weighted_checklist(call: &Call<'_, '_>) -> Evaluated<bool> {
    let (least, most) = (call.number(0)?, call.number(1)?);
    if call.arguments.len() % 2 == 1 {
        return Err(argument("weighted-checklist() needs a weight behind each condition"));
    }
    let conditions = booleans(call, 2, 2)?;
    let mut weights = Vec::new();
    for index in (3..call.arguments.len()).step_by(2) {
        let one = Call { arguments: &call.arguments[index..=index], ..*call };
        weights.extend(one.numbers(0)?);
    }
    let weigh = |(yes, weight): (&bool, &f64)| if *yes && !weight.is_nan() { *weight } else { 0.0 };
    let sum: f64 = conditions.iter().zip(&weights).map(weigh).sum();
    Ok((least < 0.0 || sum >= least) && (most < 0.0 || sum <= most))
}

/// Of each `step`th argument from `first` on; of a node whether it has an answer.
fn booleans(call: &Call<'_, '_>, first: usize, step: usize) -> Evaluated<Vec<bool>> {
    let mut found = Vec::new();
    for index in (first..call.arguments.len()).step_by(step) {
        match call.value(index)? {
            Value::Nodes(nodes) => {
                for node in nodes {
                    found.push(!call.scope.node_text(node)?.trim().is_empty());
                }
            }
            single => found.push(call.scope.boolean(&single)?),
        }
    }
    Ok(found)
}
