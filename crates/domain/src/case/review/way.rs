//! Which stages lead to which: none stands alone, and no round goes on for ever.

use std::collections::BTreeSet;

use super::{
    super::{fault::FaultList, file::ProcedureFile, procedure::Procedure},
    Edge,
};

/// Each stage can be reached, and from each an end can be reached.
pub(super) fn connected(
    list: &mut FaultList<'_>,
    file: &ProcedureFile,
    procedure: &Procedure,
    edges: &[Edge<'_>],
) {
    let reached = reach(procedure.starts.iter().map(|it| it.stage.as_str()), |at| ahead(edges, at, |_| true));
    let ends = procedure.stages.iter().filter(|it| it.end.is_some()).map(|it| it.id.as_str());
    let behind = |at: &str| edges.iter().filter(|it| it.it.to == at).map(|it| it.from.id.as_str()).collect();
    let ending = reach(ends, behind);
    for stage in &file.stage {
        let id = stage.id.get_ref().as_str();
        if !reached.contains(id) {
            let help = "lead a transition or a [[start]] to it, or take the stage out";
            list.error(stage.id.span(), format!("no case can come to stage {id:?}"), help);
        }
        if !ending.contains(id) {
            let help = "every case has to be closed some day: lead a transition on towards an end";
            list.error(stage.id.span(), format!("no end can be reached from stage {id:?}"), help);
        }
    }
}

/// The stages that a case can come to before any body owns it.
pub(super) fn ownerless<'a>(procedure: &'a Procedure, edges: &[Edge<'a>]) -> BTreeSet<&'a str> {
    reach(procedure.starts.iter().map(|it| it.stage.as_str()), |at| ahead(edges, at, |edge| !edge.it.gives()))
}

/// A loop has a limit, or counts as rework, which is shown and has a quality to reach; and returns have an end.
pub(super) fn loops(list: &mut FaultList<'_>, edges: &[Edge<'_>]) {
    let free = |it: &Edge<'_>| {
        let effect = it.it.effect;
        it.it.at_most.is_none() && !effect.reworks && !effect.returns && !effect.reopens
    };
    let mut told = BTreeSet::new();
    for edge in edges.iter().filter(|it| free(it)) {
        let Some(way) = way(edges, &edge.it.to, &edge.from.id, free) else { continue };
        let round: Vec<&Edge<'_>> = std::iter::once(edge).chain(way).collect();
        if round.iter().any(|it| told.contains(it.from.id.as_str())) {
            continue;
        }
        told.extend(round.iter().map(|it| it.from.id.as_str()));
        let back = round.iter().max_by_key(|it| it.file.id.span().start).unwrap_or(&edge);
        let reason = format!("{} can go round for ever", walk(&round));
        let help = format!("let {:?} be taken a few times only: at_most = 2", back.it.id);
        list.error(back.file.id.span(), reason, help);
    }
    let settled = |it: &Edge<'_>| !it.it.effect.binds;
    for edge in edges.iter().filter(|it| it.it.effect.returns && it.it.at_most.is_none()) {
        if let Some(way) = way(edges, &edge.it.to, &edge.from.id, settled) {
            let round: Vec<&Edge<'_>> = std::iter::once(edge).chain(way).collect();
            let reason = format!("{} may return the case for ever", walk(&round));
            let help = "bodies play it to and fro: at_most = 1, and a step by which somebody above rules: binds = true";
            list.warn(edge.file.id.span(), reason, help);
        }
    }
}

/// The stages of a round and who takes each step.
fn walk(round: &[&Edge<'_>]) -> String {
    let step = |it: &&Edge<'_>| {
        let roles: Vec<_> = it.it.advance.roles.iter().map(|role| role.as_str()).collect();
        let who = if roles.is_empty() { "the clock".to_owned() } else { roles.join(", ") };
        format!("{} -> {} ({} by {who})", it.from.id, it.it.to, it.it.id)
    };
    round.iter().map(step).collect::<Vec<_>>().join(", ")
}

/// The stages that the transitions from `at` lead to, of those that `counts`.
pub(super) fn ahead<'a>(edges: &[Edge<'a>], at: &str, counts: impl Fn(&Edge<'a>) -> bool) -> Vec<&'a str> {
    edges.iter().filter(|it| it.from.id == at && counts(it)).map(|it| it.it.to.as_str()).collect()
}

/// Everything that `next` leads to from `seeds`, the seeds included.
pub(super) fn reach<'a>(
    seeds: impl Iterator<Item = &'a str>,
    next: impl Fn(&str) -> Vec<&'a str>,
) -> BTreeSet<&'a str> {
    let mut open: Vec<&str> = seeds.collect();
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        if seen.insert(at) {
            open.extend(next(at));
        }
    }
    seen
}

/// A shortest way between two stages by transitions that `counts`; nothing at all where they are one.
fn way<'e, 'a>(
    edges: &'e [Edge<'a>],
    from: &str,
    to: &str,
    counts: impl Fn(&Edge<'a>) -> bool,
) -> Option<Vec<&'e Edge<'a>>> {
    let mut ways: Vec<(&str, Vec<&Edge<'_>>)> = vec![(from, Vec::new())];
    let mut seen = BTreeSet::from([from]);
    let mut next = 0;
    while let Some((at, way)) = ways.get(next).cloned() {
        if at == to {
            return Some(way);
        }
        for edge in edges.iter().filter(|it| it.from.id == at && counts(it)) {
            if seen.insert(edge.it.to.as_str()) {
                ways.push((edge.it.to.as_str(), [&way[..], &[edge]].concat()));
            }
        }
        next += 1;
    }
    None
}
