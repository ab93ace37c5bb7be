use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
};

use super::{
    fault::{FormFault, Severity},
    field::{Field, FieldId, Rule},
};
use crate::xpath::{Path, PathStep};

/// Steps that finding out the dependencies of one form may take.
const STEPS_MAX: usize = 50_000_000;
/// Names of a round that are told.
const ROUND_NAMES_MAX: usize = 8;

/// Fields so that each comes after what its relevance and calculation read, and the faults that stand against it.
pub fn order(fields: &[Field]) -> (Vec<FieldId>, Vec<FormFault>) {
    let mut finder = Finder { fields, steps: 0 };
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); fields.len()];
    let mut waits = vec![0_usize; fields.len()];
    let mut faults = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let mut needs: BTreeSet<usize> = field.parent.iter().map(|it| it.index()).collect();
        for rule in [&field.relevant, &field.calculate, &field.repeat_count].into_iter().flatten() {
            needs.extend(finder.reads(index, rule));
        }
        // A calculation may read its own value before, and a rule in a repeat the instances before.
        needs.remove(&index);
        waits[index] = needs.len();
        needs.into_iter().for_each(|it| after[it].push(index));
    }
    if finder.steps >= STEPS_MAX {
        faults.push(error(
            &fields[0].path,
            "the rules refer to too many fields at once",
            "Write shorter paths.",
        ));
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..fields.len()).filter(|it| waits[*it] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(fields.len());
    while let Some(Reverse(index)) = ready.pop() {
        order.push(FieldId::new(index));
        for next in &after[index] {
            waits[*next] -= 1;
            if waits[*next] == 0 {
                ready.push(Reverse(*next));
            }
        }
    }
    let rest: Vec<usize> = (0..fields.len()).filter(|it| waits[*it] > 0).collect();
    if let Some(first) = rest.first() {
        let round = round(*first, &after, &waits);
        let names: Vec<&str> =
            round.iter().take(ROUND_NAMES_MAX).map(|it| fields[*it].path.as_str()).collect();
        faults.push(error(
            &fields[round[0]].path,
            &format!("its relevance or calculation depends on itself: {}", names.join(" → ")),
            "Take one of these references out, so that the calculation has an end.",
        ));
        order.extend(rest.into_iter().map(FieldId::new));
    }
    (order, faults)
}

fn error(place: &str, reason: &str, help: &str) -> FormFault {
    FormFault {
        severity: Severity::Error,
        place: place.to_owned(),
        rule: "cycle",
        reason: reason.to_owned(),
        help: help.to_owned(),
    }
}

/// One round among the fields that wait for each other: backwards over what a field waits for until one comes again.
fn round(first: usize, after: &[Vec<usize>], waits: &[usize]) -> Vec<usize> {
    let mut before: Vec<Option<usize>> = vec![None; waits.len()];
    for (index, nexts) in after.iter().enumerate().filter(|it| waits[it.0] > 0) {
        nexts.iter().for_each(|it| before[*it] = Some(index));
    }
    let mut seen = vec![usize::MAX; waits.len()];
    let mut walk = Vec::new();
    let mut at = first;
    while seen[at] == usize::MAX {
        seen[at] = walk.len();
        walk.push(at);
        match before[at] {
            Some(next) => at = next,
            None => return walk,
        }
    }
    walk.drain(..seen[at]);
    walk.reverse();
    walk
}

struct Finder<'a> {
    fields: &'a [Field],
    steps: usize,
}

impl Finder<'_> {
    fn reads(&mut self, context: usize, rule: &Rule) -> Vec<usize> {
        let Ok(expression) = &rule.expression else { return Vec::new() };
        let mut found = Vec::new();
        for path in expression.paths() {
            found.extend(self.resolve(context, &path));
        }
        found
    }

    /// The fields that a path may lead to.
    fn resolve(&mut self, context: usize, path: &Path) -> Vec<usize> {
        // None stands for the document above the root.
        let mut at: BTreeSet<Option<usize>> =
            BTreeSet::from([if path.absolute { None } else { Some(context) }]);
        for step in &path.steps {
            let mut next = BTreeSet::new();
            for node in at {
                self.steps += 1;
                if self.steps >= STEPS_MAX {
                    return Vec::new();
                }
                match step {
                    PathStep::Child(_, local) if local.is_empty() => {}
                    PathStep::Child(prefix, local) => next.extend(self.children(node, prefix, local)),
                    PathStep::Parent => {
                        next.extend(node.map(|it| self.fields[it].parent.map(FieldId::index)))
                    }
                    PathStep::Below => {
                        next.extend((0..self.fields.len()).filter(|it| self.lies_in(*it, node)).map(Some));
                    }
                    PathStep::Anything => next.extend((0..self.fields.len()).map(Some)),
                }
            }
            at = next;
        }
        at.into_iter().flatten().collect()
    }

    fn children(&mut self, node: Option<usize>, prefix: &str, local: &str) -> Vec<Option<usize>> {
        let fields = self.fields;
        let fits = |it: &usize| {
            let field = &fields[*it];
            local == "*" && (prefix.is_empty() || field.prefix == prefix)
                || field.name == local && field.prefix == prefix
        };
        match node {
            None => [0].into_iter().filter(fits).map(Some).collect(),
            Some(node) => {
                self.steps += fields[node].children.len();
                fields[node].children.iter().map(|it| it.index()).filter(fits).map(Some).collect()
            }
        }
    }

    fn lies_in(&mut self, field: usize, node: Option<usize>) -> bool {
        let Some(node) = node else { return true };
        let mut at = Some(field);
        while let Some(it) = at {
            self.steps += 1;
            if it == node {
                return true;
            }
            at = self.fields[it].parent.map(FieldId::index);
        }
        false
    }
}
