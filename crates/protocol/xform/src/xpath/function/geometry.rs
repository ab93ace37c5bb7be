use super::{Call, Evaluated, Function as F, Value};

/// Metres, at the equator, as the reference engines have it.
const EARTH_RADIUS: f64 = 6_378_100.0;

/// Latitude and longitude in radians.
type Point = (f64, f64);

pub fn measured(call: &Call<'_, '_>, function: F) -> Evaluated<f64> {
    let texts = match (call.arguments.len(), call.value(0)?) {
        (1, Value::Nodes(nodes)) if nodes.len() > 1 => {
            nodes.into_iter().map(|it| call.scope.node_text(it)).collect::<Evaluated<Vec<_>>>()?
        }
        (1, single) => call.scope.text(&single)?.split(';').map(str::to_owned).collect(),
        _ => call.texts(0)?,
    };
    let Some(points) = texts.iter().map(|it| point(it)).collect::<Option<Vec<_>>>() else {
        return Ok(f64::NAN);
    };
    call.scope.budget.spend(points.len() as u64)?;
    let measured = if function == F::Area { area(&points) } else { distance(&points) };
    Ok(((measured * 100.0).round() / 100.0).abs())
}

fn point(text: &str) -> Option<Point> {
    let numbers: Vec<&str> = text.trim().split(' ').collect();
    let read = |index: usize| numbers.get(index).map(|it| it.parse::<f64>());
    let latitude = read(0)?.ok().filter(|it| (-90.0..=90.0).contains(it))?;
    let longitude = read(1)?.ok().filter(|it| (-180.0..=180.0).contains(it))?;
    let altitude = read(2).is_none_or(|it| it.is_ok());
    let accuracy = read(3).is_none_or(|it| it.is_ok_and(|it| it >= 0.0));
    (altitude && accuracy).then(|| (latitude.to_radians(), longitude.to_radians()))
}

/// On the sphere, from point to point.
fn distance(points: &[Point]) -> f64 {
    let between = |pair: &[Point]| {
        let ((one, east), (other, west)) = (pair[0], pair[1]);
        let cosine = one.sin() * other.sin() + one.cos() * other.cos() * (east - west).cos();
        // Rounding may put it a little above 1 for a point and itself.
        cosine.clamp(-1.0, 1.0).acos() * EARTH_RADIUS
    };
    points.windows(2).map(between).sum()
}

fn area(points: &[Point]) -> f64 {
    if points.len() < 3 {
        return 0.0;
    }
    let next = points.iter().cycle().skip(1);
    let part = |(one, other): (&Point, &Point)| (other.1 - one.1) * (2.0 + one.0.sin() + other.0.sin());
    let sum: f64 = points.iter().zip(next).map(part).sum();
    sum * EARTH_RADIUS * EARTH_RADIUS / 2.0
}
