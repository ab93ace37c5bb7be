use crate::band::Band;

/// Sums up to this are counted out one by one; above it the households beyond the band bound themselves.
const SUM_MAX: u64 = 200_000;

/// An old grid that may change, as it stands today.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The households of each of its atoms.
    pub atoms: Vec<u64>,
}

/// At least so many households change their grid in any plan of one connected piece that has `grids` grids, keeps the
/// old ones' identity and lies in the band. `newcomers` live in no grid yet and count in none.
///
/// Proof. An old grid with W households that stays must lose whole atoms with at least W − high households: the
/// smallest sum of its atoms that reaches so many, by counting out all sums. One that closes loses all W. So with `c`
/// closed the losses are at least those of all grids, and for the `c` cheapest the rest of W besides. One that stays
/// must gain low − W, a new one `low`, and only newcomers come for nothing. Who leaves a grid and who comes into one
/// are the same households, so the larger of both sums is a bound.
pub(crate) fn moved_least(band: Band, old: &[Standing], grids: usize, newcomers: u64) -> u64 {
    let total = |grid: &Standing| grid.atoms.iter().sum::<u64>();
    let losses: Vec<u64> =
        old.iter().map(|grid| least_sum(&grid.atoms, total(grid).saturating_sub(band.high))).collect();
    let mut rest: Vec<u64> = old.iter().zip(&losses).map(|(grid, loss)| total(grid) - loss).collect();
    rest.sort_unstable();
    let closed = old.len().saturating_sub(grids);
    let lost = losses.iter().sum::<u64>() + rest[..closed].iter().sum::<u64>();
    let opened = grids.saturating_sub(old.len()) as u64;
    let mut needs: Vec<u64> = old.iter().map(|grid| band.low.saturating_sub(total(grid))).collect();
    // Which grids close is not known: those that need most cost nothing then.
    needs.sort_unstable();
    needs.truncate(old.len() - closed);
    let gained = (needs.iter().sum::<u64>() + opened * band.low).saturating_sub(newcomers);
    lost.max(gained)
}

/// The smallest sum of some of the `atoms` that is at least `wanted`.
fn least_sum(atoms: &[u64], wanted: u64) -> u64 {
    let total: u64 = atoms.iter().sum();
    if wanted == 0 || total > SUM_MAX {
        return wanted;
    }
    let mut reached = vec![false; total as usize + 1];
    reached[0] = true;
    let mut highest = 0;
    for atom in atoms.iter().map(|atom| *atom as usize).filter(|atom| *atom > 0) {
        for sum in (0..=highest).rev() {
            if reached[sum] {
                reached[sum + atom] = true;
            }
        }
        highest += atom;
    }
    (wanted..=total).find(|sum| reached[*sum as usize]).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(old: &[&[u64]], grids: usize, newcomers: u64) -> u64 {
        let old: Vec<Standing> = old.iter().map(|atoms| Standing { atoms: atoms.to_vec() }).collect();
        moved_least(Band::new(300.0, 0.1), &old, grids, newcomers)
    }

    #[test]
    fn what_is_in_the_band_need_not_move() {
        assert_eq!(bound(&[&[300], &[100, 200]], 2, 0), 0);
    }

    #[test]
    fn a_surplus_leaves_in_whole_atoms() {
        assert_eq!(bound(&[&[200, 90, 60], &[280]], 2, 0), 60, "20 are too many, the smallest atom has 60");
        assert_eq!(bound(&[&[340], &[280]], 2, 0), 340, "one atom moves or none");
    }

    #[test]
    fn newcomers_fill_a_grid_for_nothing() {
        assert_eq!(bound(&[&[100, 100], &[300]], 2, 0), 70);
        assert_eq!(bound(&[&[100, 100], &[300]], 2, 50), 20);
    }

    #[test]
    fn a_new_grid_takes_its_households_from_others_and_a_closed_one_gives_all() {
        assert_eq!(bound(&[&[200, 90, 60, 10], &[280]], 3, 0), 270);
        assert_eq!(
            bound(&[&[100], &[150], &[290]], 2, 0),
            120,
            "170 into the others would be the gain, 100 the loss"
        );
    }
}
