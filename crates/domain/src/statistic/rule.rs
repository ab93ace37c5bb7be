//! Which counts of persons are shown to everybody; pure.
//!
//! What is shown of an element in a year is whole nodes of the tree, with all their options. Below a shown node the
//! children are shown but for some; those left together make one remainder, which anybody can have by subtraction. All
//! that follows from what is shown is made of such remainders, which share no person. So it is enough that each of them,
//! in each option, is nothing or not small.

/// Fewer persons than this, and more than none, are a small cell.
pub const SMALL: i64 = 10;

/// Whether none of the cells, one an option, is small.
pub fn is_safe(cells: &[i64]) -> bool {
    cells.iter().all(|it| *it == 0 || *it >= SMALL)
}

/// Which children of a shown node are shown; the cells of all have the same options in the same order. `parent` is safe.
pub fn shown(parent: &[i64], children: &[Vec<i64>]) -> Vec<bool> {
    let mut shown: Vec<bool> = children.iter().map(|it| is_safe(it)).collect();
    let mut rest: Vec<i64> = parent.to_vec();
    for (_, cells) in shown.iter().zip(children).filter(|(is_shown, _)| **is_shown) {
        rest.iter_mut().zip(cells).for_each(|(rest, cell)| *rest -= cell);
    }
    let total = |index: usize| children[index].iter().sum::<i64>();
    let mut by_size: Vec<usize> = (0..children.len()).filter(|it| shown[*it] && total(*it) > 0).collect();
    by_size.sort_by_key(|index| total(*index));
    for index in by_size {
        if is_safe(&rest) {
            break;
        }
        shown[index] = false;
        rest.iter_mut().zip(&children[index]).for_each(|(rest, cell)| *rest += cell);
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_small_cell_takes_its_smallest_neighbour_along() {
        let children = vec![vec![3], vec![40], vec![12], vec![0]];
        assert_eq!(shown(&[55], &children), [false, true, false, true]);
        assert_eq!(shown(&[60], &[vec![20], vec![40]]), [true, true]);
        // Two that are small together are not small, and may stand alone.
        assert_eq!(shown(&[46], &[vec![3], vec![7], vec![36]]), [false, false, true]);
        // What stands at the parent itself is a part like any other.
        assert_eq!(shown(&[42], &[vec![40], vec![2]]), [false, false]);
        // A part that is small in one option only is small.
        assert_eq!(shown(&[100, 50], &[vec![60, 1], vec![40, 49]]), [false, false]);
    }

    fn families() -> impl Strategy<Value = Vec<Vec<i64>>> {
        let cell = prop_oneof![Just(0_i64), 1_i64..12, 10_i64..400];
        (1_usize..4).prop_flat_map(move |options| {
            prop::collection::vec(prop::collection::vec(cell.clone(), options), 1..9)
        })
    }

    proptest! {
        /// Whoever subtracts what is shown from the whole is left with nothing small, in any option.
        #[test]
        fn subtraction_gives_no_small_cell(children in families()) {
            let options = children[0].len();
            let parent: Vec<i64> = (0..options).map(|it| children.iter().map(|cells| cells[it]).sum()).collect();
            prop_assume!(is_safe(&parent));
            let shown = shown(&parent, &children);
            let mut rest = parent;
            for (is_shown, cells) in shown.iter().zip(&children) {
                if *is_shown {
                    prop_assert!(is_safe(cells));
                    rest.iter_mut().zip(cells).for_each(|(rest, cell)| *rest -= cell);
                }
            }
            prop_assert!(is_safe(&rest), "{rest:?}");
        }
    }
}
