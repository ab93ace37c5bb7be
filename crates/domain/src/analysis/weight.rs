//! How much each record counts; pure.

use super::model::Weighting;

/// How much each record counts. Together they weigh as many as there are, so that weighted totals read like counts.
#[derive(Clone, Debug)]
pub struct Weights {
    pub weighting: Weighting,
    /// By record; 0 of those that are left out.
    pub(super) of: Vec<f64>,
    /// Records that count.
    pub records: i64,
    /// Those without a unit, or of one for which nothing is known to weigh by.
    pub left_out: i64,
    /// Units by which it is weighted.
    pub units: i64,
    /// As many answers of equal weight would say as much: (Σw)² / Σw² (Kish 1965).
    pub effective: f64,
    /// What it is weighted by is known in fives alone to whoever asks.
    pub is_coarse: bool,
}

impl Weights {
    /// Each record once.
    pub(super) fn none(records: usize) -> Self {
        Self {
            weighting: Weighting::None,
            of: vec![1.0; records],
            records: records as i64,
            left_out: 0,
            units: 0,
            effective: records as f64,
            is_coarse: false,
        }
    }

    /// `groups` says of each record which unit it answers for, `targets` how much a unit is to weigh beside others: a record
    /// weighs its unit's share of all, by the records that the unit has.
    pub(super) fn of(weighting: Weighting, groups: &[Option<u32>], targets: &[Option<f64>]) -> Self {
        let target = |group: &Option<u32>| group.and_then(|it| targets[it as usize]).filter(|it| *it > 0.0);
        let mut sizes = vec![0_u32; targets.len()];
        for group in groups.iter().filter(|it| target(it).is_some()).flatten() {
            sizes[*group as usize] += 1;
        }
        let counted: i64 = sizes.iter().map(|it| i64::from(*it)).sum();
        let met = sizes.iter().zip(targets).filter(|(size, _)| **size > 0);
        let whole: f64 = met.filter_map(|(_, target)| *target).sum();
        let weight = |group: &Option<u32>| match (target(group), group) {
            (Some(target), Some(group)) => {
                counted as f64 * (target / whole) / f64::from(sizes[*group as usize])
            }
            _ => 0.0,
        };
        let of: Vec<f64> = groups.iter().map(weight).collect();
        let squares: f64 = of.iter().map(|it| it * it).sum();
        let total: f64 = of.iter().sum();
        Self {
            weighting,
            records: counted,
            left_out: groups.len() as i64 - counted,
            units: sizes.iter().filter(|it| **it > 0).count() as i64,
            effective: if squares > 0.0 { total * total / squares } else { 0.0 },
            is_coarse: false,
            of,
        }
    }

    pub(super) fn at(&self, record: u32) -> f64 {
        self.of[record as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn total_of(weights: &Weights, groups: &[Option<u32>], group: u32) -> f64 {
        let of = groups.iter().zip(&weights.of).filter(|(it, _)| **it == Some(group));
        of.map(|(_, weight)| weight).sum()
    }

    proptest! {
        #[test]
        fn weights_add_up_to_the_answers_and_equal_units_weigh_the_same(
            groups in prop::collection::vec(prop::option::of(0_u32..6), 0..200),
            targets in prop::collection::vec(prop::option::of(0_u32..5_000), 6),
        ) {
            let targets: Vec<Option<f64>> = targets.into_iter().map(|it| it.map(f64::from)).collect();
            for (weighting, targets) in [(Weighting::Residents, targets), (Weighting::Units, vec![Some(1.0); 6])] {
                let weights = Weights::of(weighting, &groups, &targets);
                let total: f64 = weights.of.iter().sum();
                prop_assert!((total - weights.records as f64).abs() < 1e-6, "{total}");
                prop_assert_eq!(weights.records + weights.left_out, groups.len() as i64);
                prop_assert!(weights.effective <= weights.records as f64 + 1e-6);
                for (one, other) in [(0, 1), (2, 5)] {
                    let is_met = |it: u32| groups.contains(&Some(it)) && targets[it as usize].is_some_and(|it| it > 0.0);
                    if is_met(one) && is_met(other) {
                        let ratio = total_of(&weights, &groups, one) / total_of(&weights, &groups, other);
                        let wanted = targets[one as usize].unwrap() / targets[other as usize].unwrap();
                        prop_assert!((ratio / wanted - 1.0).abs() < 1e-9, "{ratio} {wanted}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_unit_with_many_records_counts_as_much_as_one_with_one() {
        let groups = [Some(0), Some(0), Some(0), Some(1), None];
        let weights = Weights::of(Weighting::Units, &groups, &[Some(1.0), Some(1.0)]);
        assert_eq!(weights.of, [2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 2.0, 0.0]);
        assert_eq!((weights.records, weights.left_out, weights.units), (4, 1, 2));
        assert!((weights.effective - 3.0).abs() < 1e-9, "{}", weights.effective);
    }
}
