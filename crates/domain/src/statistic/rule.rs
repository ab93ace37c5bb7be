//! Which counts of persons are shown to everybody; pure.
//!
//! What is shown of an element in a year is whole nodes of the tree, with all their options. Below a shown node either
//! all children are shown, or some are not: then no empty one is shown either, so that "not shown" does not say that there
//! is anybody. Those left together make one remainder, which anybody can have by subtraction. All that follows from what is
//! shown is made of such remainders, which share no person. So it is enough that each of them, in each option, is nothing
//! or not small.
//!
//! Whoever answers for one of the children knows it, and can take it away from the remainder. So more are hidden, until
//! that leaves nothing small either. Where an area has too few parts for this, the limit stands: who answers for one part
//! can work out the other.

pub use crate::resident::PUBLISHED_MIN as SMALL;

/// Whether none of the cells, one an option, is small.
pub fn is_safe(cells: &[i64]) -> bool {
    cells.iter().all(|it| is_safe_cell(*it))
}

fn is_safe_cell(cell: i64) -> bool {
    cell == 0 || cell >= SMALL
}

/// Which children of a shown node are shown; the cells of all have the same options in the same order. `parent` is safe.
pub fn shown(parent: &[i64], children: &[Vec<i64>]) -> Vec<bool> {
    let mut shown: Vec<bool> = children.iter().map(|it| is_safe(it)).collect();
    if shown.iter().all(|it| *it) {
        return shown;
    }
    let total = |index: usize| children[index].iter().sum::<i64>();
    let mut rest: Vec<i64> = parent.to_vec();
    for (index, is_shown) in shown.iter_mut().enumerate() {
        *is_shown &= total(index) > 0;
        if *is_shown {
            rest.iter_mut().zip(&children[index]).for_each(|(rest, cell)| *rest -= cell);
        }
    }
    let mut by_size: Vec<usize> = (0..children.len()).filter(|it| shown[*it]).collect();
    by_size.sort_by_key(|index| total(*index));
    for index in by_size {
        if holds(&rest, &shown, children) {
            break;
        }
        shown[index] = false;
        rest.iter_mut().zip(&children[index]).for_each(|(rest, cell)| *rest += cell);
    }
    shown
}

/// Whether what is left together has no small cell, also for whoever knows one part of it.
fn holds(rest: &[i64], shown: &[bool], children: &[Vec<i64>]) -> bool {
    let mut hidden = children.iter().zip(shown).filter(|(_, is_shown)| !**is_shown);
    is_safe(rest)
        && hidden.all(|(cells, _)| rest.iter().zip(cells).all(|(rest, cell)| is_safe_cell(rest - cell)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_small_cell_takes_its_smallest_neighbours_along() {
        // 12 alone would do for the public; who answers for it would know the 3.
        let children = vec![vec![3], vec![40], vec![12], vec![90]];
        assert_eq!(shown(&[145], &children), [false, false, false, true]);
        assert_eq!(shown(&[60], &[vec![20], vec![40]]), [true, true]);
        assert_eq!(shown(&[60], &[vec![20], vec![40], vec![0]]), [true, true, true]);
        // What is small together is hidden, and so is what is nothing.
        let children = vec![vec![6], vec![7], vec![8], vec![0], vec![36]];
        assert_eq!(shown(&[57], &children), [false, false, false, false, true]);
        // What stands at the parent itself is a part like any other.
        assert_eq!(shown(&[42], &[vec![40], vec![2]]), [false, false]);
        // A part that is small in one option only is small.
        assert_eq!(shown(&[100, 50], &[vec![60, 1], vec![40, 49]]), [false, false]);
    }

    /// Twelve parts of one person each: who knew that none of them is empty would know each.
    #[test]
    fn that_a_part_is_not_shown_does_not_say_that_it_has_anybody() {
        let mut children = vec![vec![1]; 12];
        children.push(vec![0]);
        children.push(vec![50]);
        let shown = shown(&[62], &children);
        assert!(!shown[12] && shown[13], "{shown:?}");
    }

    type Cells = Vec<i64>;

    fn sum(all: &[Cells], options: usize) -> Cells {
        (0..options).map(|it| all.iter().map(|cells| cells[it]).sum()).collect()
    }

    /// The parts of each child of one area.
    fn trees() -> impl Strategy<Value = (usize, Vec<Vec<Cells>>)> {
        let cell = prop_oneof![Just(0_i64), 1_i64..12, 10_i64..400];
        (1_usize..4).prop_flat_map(move |options| {
            let cells = prop::collection::vec(cell.clone(), options);
            let tree = prop::collection::vec(prop::collection::vec(cells, 1..7), 1..7);
            (Just(options), tree)
        })
    }

    /// What an attacker knows of a sum and its parts: the least and the most that each can be.
    struct Bounds {
        whole: (i64, i64),
        parts: Vec<(i64, i64)>,
    }

    const MANY: i64 = 1_000_000;

    fn seen(cell: i64, is_shown: bool) -> (i64, i64) {
        if is_shown { (cell, cell) } else { (0, MANY) }
    }

    impl Bounds {
        /// Narrows each by the others, until nothing changes.
        fn solve(&mut self) {
            loop {
                let (low, high) = self.parts.iter().fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
                let mut is_new = false;
                let mut narrow = |it: &mut (i64, i64), least: i64, most: i64| {
                    let next = (it.0.max(least), it.1.min(most));
                    is_new |= next != *it;
                    *it = next;
                };
                narrow(&mut self.whole, low, high);
                let whole = self.whole;
                for part in &mut self.parts {
                    let (least, most) = (whole.0 - (high - part.1), whole.1 - (low - part.0));
                    narrow(part, least, most);
                }
                if !is_new {
                    return;
                }
            }
        }
    }

    proptest! {
        /// Whoever solves all sums of what is shown knows of no small cell more than that it may be none and may be many.
        #[test]
        fn an_attacker_who_solves_by_sums_learns_no_small_cell((options, tree) in trees()) {
            let children: Vec<Cells> = tree.iter().map(|it| sum(it, options)).collect();
            let root = sum(&children, options);
            prop_assume!(is_safe(&root));
            let shown_children = shown(&root, &children);
            let below: Vec<Vec<bool>> = tree.iter().zip(&children).zip(&shown_children).map(|((parts, child), is_shown)| {
                if *is_shown { shown(child, parts) } else { vec![false; parts.len()] }
            }).collect();
            for (is_shown, cells) in shown_children.iter().zip(&children).chain(below.iter().flatten().zip(tree.iter().flatten())) {
                prop_assert!(!is_shown || is_safe(cells), "{cells:?} is shown");
            }
            let families = std::iter::once((&children, &shown_children)).chain(tree.iter().zip(&below));
            for (cells, shown) in families.clone() {
                let is_empty_shown = cells.iter().zip(shown).any(|(it, is_shown)| *is_shown && it.iter().all(|it| *it == 0));
                prop_assert!(!is_empty_shown || shown.iter().all(|it| *it), "an empty part is shown beside a hidden one");
            }
            for option in 0..options {
                let bounds = |whole: (i64, i64), cells: &[Cells], shown: &[bool]| {
                    let parts = cells.iter().zip(shown).map(|(it, is_shown)| seen(it[option], *is_shown));
                    Bounds { whole, parts: parts.collect() }
                };
                let mut top = bounds(seen(root[option], true), &children, &shown_children);
                let mut low: Vec<Bounds> = tree.iter().zip(&below).zip(&top.parts)
                    .map(|((parts, shown), whole)| bounds(*whole, parts, shown)).collect();
                // Once down and up and down again: what is known of a child narrows its parts, and the other way round.
                for _ in 0..3 {
                    top.solve();
                    for (family, part) in low.iter_mut().zip(&mut top.parts) {
                        family.whole = *part;
                        family.solve();
                        *part = family.whole;
                    }
                }
                let known = children.iter().zip(&top.parts)
                    .chain(tree.iter().flatten().zip(low.iter().flat_map(|it| &it.parts)));
                for (cells, (least, most)) in known {
                    let cell = cells[option];
                    prop_assert!(is_safe_cell(cell) || (*least == 0 && *most >= SMALL), "{cell} lies in {least} to {most}");
                }
            }
        }

        /// Who answers for one part learns no other part of the same area, unless it has no further parts to hide.
        #[test]
        fn who_knows_one_part_learns_no_small_neighbour((options, tree) in trees()) {
            let parts = &tree[0];
            let parent = sum(parts, options);
            prop_assume!(is_safe(&parent));
            let shown = shown(&parent, parts);
            let hidden: Vec<Cells> = parts.iter().zip(&shown).filter(|(_, is_shown)| !**is_shown).map(|(it, _)| it.clone()).collect();
            prop_assume!(shown.iter().any(|it| *it));
            let rest = sum(&hidden, options);
            for own in &hidden {
                let left: Cells = rest.iter().zip(own).map(|(rest, cell)| rest - cell).collect();
                prop_assert!(is_safe(&left), "{left:?} is left for who knows {own:?}");
            }
        }
    }
}
