//! Figures of numbers: mean, quartiles, and bars with round edges; pure.

/// Bars that are aimed at.
const BARS: f64 = 8.0;
const BARS_MAX: usize = 24;

/// What numbers come to. Sum and mean are weighted where records are.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    pub n: i64,
    pub sum: f64,
    pub mean: f64,
    pub lower_quartile: f64,
    pub median: f64,
    pub upper_quartile: f64,
    pub min: f64,
    pub max: f64,
    /// None where the numbers lie too far apart for any.
    pub bars: Vec<Bar>,
}

/// Numbers from `from` on and below `to`; the last bar holds `to` too.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub from: f64,
    pub to: f64,
    pub count: i64,
    pub weighted: f64,
}

impl Numbers {
    /// Of numbers with their weights; none of none.
    pub(super) fn of(mut all: Vec<(f64, f64)>, is_whole: bool) -> Option<Numbers> {
        all.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (min, max) = (all.first()?.0, all.last()?.0);
        let whole: f64 = all.iter().map(|it| it.1).sum();
        let sum: f64 = all.iter().map(|(number, weight)| number * weight).sum();
        let [lower_quartile, median, upper_quartile] =
            [0.25, 0.5, 0.75].map(|part| quantile(&all, whole, part));
        let bars = bars(&all, is_whole);
        let n = all.len() as i64;
        Some(Numbers { n, sum, mean: sum / whole, lower_quartile, median, upper_quartile, min, max, bars })
    }
}

/// The least number up to which a part of all weight lies; between two of them, where it ends right there, their middle.
fn quantile(sorted: &[(f64, f64)], whole: f64, part: f64) -> f64 {
    let (wanted, slack) = (whole * part, whole * 1e-9);
    let mut passed = 0.0;
    for (index, (number, weight)) in sorted.iter().enumerate() {
        passed += weight;
        if (passed - wanted).abs() <= slack {
            return sorted.get(index + 1).map_or(*number, |next| number / 2.0 + next.0 / 2.0);
        }
        if passed > wanted {
            return *number;
        }
    }
    sorted.last().map_or(0.0, |it| it.0)
}

fn bars(sorted: &[(f64, f64)], is_whole: bool) -> Vec<Bar> {
    let (Some((min, _)), Some((max, _))) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let width = width(max - min, is_whole);
    let first = (min / width).floor();
    let count = (max / width).floor() - first + 1.0;
    if !(count.is_finite() && first.is_finite() && count >= 1.0 && count <= BARS_MAX as f64) {
        return Vec::new();
    }
    // Edges are multiples of the width, so that no error adds up along them.
    let edge = |step: usize| rounded((first + step as f64) * width);
    let mut bars: Vec<Bar> = (0..count as usize)
        .map(|it| Bar { from: edge(it), to: edge(it + 1), count: 0, weighted: 0.0 })
        .collect();
    let last = bars.len() - 1;
    for (number, weight) in sorted {
        let step = ((number / width).floor() - first).max(0.0) as usize;
        let bar = &mut bars[step.min(last)];
        bar.count += 1;
        bar.weighted += weight;
    }
    bars
}

/// 1, 2 or 5 times a power of ten, at least 1 for whole numbers.
fn width(span: f64, is_whole: bool) -> f64 {
    let raw = span / BARS;
    if raw <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powi(raw.log10().floor() as i32);
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|it| raw <= it * power * (1.0 + 1e-9)).unwrap_or(10.0);
    let width = step * power;
    if is_whole { width.max(1.0) } else { width }
}

/// Without the dust of binary fractions: `0.3`, not `0.30000000000000004`.
pub fn rounded(number: f64) -> f64 {
    if number.abs() >= 1e9 { number } else { (number * 1e6).round() / 1e6 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[f64], is_whole: bool) -> Numbers {
        Numbers::of(numbers.iter().map(|it| (*it, 1.0)).collect(), is_whole).unwrap()
    }

    #[test]
    fn quartiles_and_mean_are_those_of_a_textbook() {
        let it = of(&[7.0, 1.0, 3.0, 5.0], true);
        assert_eq!((it.n, it.sum, it.mean, it.min, it.max), (4, 16.0, 4.0, 1.0, 7.0));
        assert_eq!((it.lower_quartile, it.median, it.upper_quartile), (2.0, 4.0, 6.0));
        assert_eq!(of(&[1.0, 2.0, 10.0], true).median, 2.0);
        assert_eq!(Numbers::of(Vec::new(), true), None);
    }

    #[test]
    fn a_weight_of_three_is_three_answers() {
        let weighted = Numbers::of(vec![(1.0, 3.0), (9.0, 1.0)], true).unwrap();
        let plain = of(&[1.0, 1.0, 1.0, 9.0], true);
        assert_eq!((weighted.mean, weighted.median), (plain.mean, plain.median));
        assert_eq!(weighted.upper_quartile, plain.upper_quartile);
    }

    #[test]
    fn bars_have_round_edges_and_hold_every_number_once() {
        let it = of(&[3.0, 18.0, 47.0, 95.0, 100.0], true);
        let edges: Vec<f64> = it.bars.iter().map(|bar| bar.from).collect();
        assert_eq!(edges, [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(it.bars.iter().map(|bar| bar.count).collect::<Vec<_>>(), [2, 0, 1, 0, 1, 1]);
        let fine = of(&[0.1, 0.2, 0.3], false);
        assert_eq!(fine.bars.iter().map(|bar| bar.count).sum::<i64>(), 3);
        assert!(fine.bars.iter().all(|bar| bar.from.to_string().len() <= 5), "{:?}", fine.bars);
        assert_eq!(of(&[4.0, 4.0], true).bars, [Bar { from: 4.0, to: 5.0, count: 2, weighted: 2.0 }]);
        assert_eq!(of(&[-1.0, 1.0], true).bars.len(), 3);
    }

    #[test]
    fn numbers_that_lie_too_far_apart_have_no_bars_and_do_no_harm() {
        for numbers in [[-1e308, 1e308], [0.0, 1e-320], [1e300, 1e300]] {
            let it = of(&numbers, false);
            assert!(it.bars.iter().all(|bar| bar.count <= 2), "{it:?}");
        }
    }
}
