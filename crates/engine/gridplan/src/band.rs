/// What a grid may hold of households, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    pub target: f64,
    pub low: u64,
    pub high: u64,
}

/// Whether a total can be divided into grids in the band, by its number alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Division {
    /// Into any number of grids between these, ends included.
    Possible { fewest: u64, most: u64 },
    /// Of `grids` the highest hold fewer than the total, of one more the lowest hold more: the total lies between
    /// `below` and `above`, which are the nearest that can be divided. `below` is `None` where none is smaller.
    Impossible { grids: u64, below: Option<u64>, above: u64 },
}

impl Band {
    /// Rounding keeps every number that is within the tolerance, and no other; a hair of the float's error is forgiven.
    pub fn new(target: f64, tolerance: f64) -> Self {
        let hair = 1e-9 * target;
        let low = (target * (1.0 - tolerance) - hair).ceil().max(0.0) as u64;
        let high = (target * (1.0 + tolerance) + hair).floor() as u64;
        Self { target, low, high }
    }

    pub fn holds(&self, households: u64) -> bool {
        (self.low..=self.high).contains(&households)
    }

    pub fn deviation(&self, households: u64) -> f64 {
        households as f64 / self.target - 1.0
    }

    /// Households beyond the band, on either side.
    pub fn beyond(&self, households: u64) -> u64 {
        households.saturating_sub(self.high) + self.low.saturating_sub(households)
    }

    /// `k` grids in the band hold from `k·low` to `k·high`, and every number between. So the total can be divided if
    /// and only if some `k` has `k·low ≤ total ≤ k·high`; the proof of the contrary is the gap between two such spans.
    pub fn division(&self, total: u64) -> Division {
        let fewest = total.div_ceil(self.high.max(1)).max(1);
        let most = total.checked_div(self.low).unwrap_or(total).max(1);
        if fewest * self.low <= total && fewest <= most {
            return Division::Possible { fewest, most };
        }
        let grids = fewest - 1;
        let below = (grids > 0).then(|| grids * self.high);
        Division::Impossible { grids, below, above: fewest * self.low }
    }

    /// The number of grids with the mean nearest to the target, in the band where that is possible.
    pub fn count(&self, total: u64) -> u64 {
        let nearest = ((total as f64 / self.target).round() as u64).max(1);
        let off = |grids: u64| (total as f64 / grids as f64 / self.target - 1.0).abs();
        let around = nearest.saturating_sub(1).max(1)..=nearest + 1;
        let best = around.min_by(|one, other| off(*one).total_cmp(&off(*other))).unwrap_or(nearest);
        match self.division(total) {
            Division::Possible { fewest, most } => best.clamp(fewest, most),
            Division::Impossible { .. } => best,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_totals_of_the_reference_cannot_be_divided_and_all_others_can() {
        let band = Band::new(300.0, 0.1);
        assert_eq!((band.low, band.high), (270, 330));
        for total in 1..3_000_u64 {
            let impossible = [1..=269, 331..=539, 661..=809, 991..=1_079, 1_321..=1_349];
            let possible =
                !impossible.iter().any(|span: &std::ops::RangeInclusive<u64>| span.contains(&total));
            let by_search = (1..20).any(|grids| grids * 270 <= total && total <= grids * 330);
            assert_eq!(possible, by_search, "{total}");
            assert_eq!(matches!(band.division(total), Division::Possible { .. }), by_search, "{total}");
            if by_search {
                let grids = band.count(total);
                assert!(grids * 270 <= total && total <= grids * 330, "{total} in {grids}");
            }
        }
    }

    #[test]
    fn an_impossible_total_names_its_nearest_neighbours() {
        let band = Band::new(300.0, 0.1);
        assert_eq!(band.division(400), Division::Impossible { grids: 1, below: Some(330), above: 540 });
        assert_eq!(band.division(100), Division::Impossible { grids: 0, below: None, above: 270 });
    }

    #[test]
    fn a_tight_band_of_people_keeps_its_published_ends() {
        let band = Band::new(1_567_582.0 / 2.0, 0.005);
        assert_eq!((band.low, band.high), (779_873, 787_709));
    }
}
