//! Reliefs that nobody could be given.

use std::collections::BTreeSet;

use kernel::Role;
use policy::{Advance, Relation};

use super::{
    super::{
        fault::FaultList,
        file::{ProcedureFile, StageFile},
        procedure::{Clock, Procedure, ReliefKind, Stage},
    },
    Edge, advice,
};

/// `ownerless`: stages to which a case can come before any body owns it.
pub fn review(
    list: &mut FaultList<'_>,
    file: &StageFile,
    stage: &Stage,
    ownerless: &BTreeSet<&str>,
    edges: &[Edge<'_>],
) {
    let asked_by_owner = stage.reliefs.iter().any(|it| it.ask.relation == Relation::Owner);
    if asked_by_owner && ownerless.contains(stage.id.as_str()) {
        let reason = format!("a case can come to {:?} before any body owns it", stage.id);
        let help = "nobody could ask: let an office of the area ask, relation = \"area\"";
        list.error(file.id.span(), reason, help);
    }
    let sets_due = edges.iter().any(|it| it.it.to == stage.id && it.it.effect.sets_due);
    if let Some(extension) =
        file.extension.as_ref().filter(|_| stage.clock != Some(Clock::Class) && !sets_due)
    {
        let reason = "an extension moves the deadline of the whole, and this stage's time is another";
        let help = "extend a stage with clock = { kind = \"class\" }, or one that a transition with sets_due leads to";
        list.error(extension.span(), reason, help);
    }
}

/// Roles that the policy would never let ask or decide.
pub fn permitted(
    list: &mut FaultList<'_>,
    file: &ProcedureFile,
    procedure: &Procedure,
    takers: &mut dyn FnMut(&Advance) -> Vec<Role>,
) {
    for (written, stage) in file.stage.iter().zip(&procedure.stages) {
        for relief in &stage.reliefs {
            let table = match relief.kind {
                ReliefKind::Pause => &written.pause,
                ReliefKind::Extension => &written.extension,
            };
            let Some(table) = table.as_ref().map(|it| it.get_ref()) else { continue };
            for (names, advance) in [(&table.ask.roles, &relief.ask), (&table.decide.roles, &relief.decide)] {
                let may = takers(advance);
                for (name, role) in names.iter().zip(&advance.roles).filter(|(_, role)| !may.contains(role)) {
                    let reason = format!("the policy never lets {} do this", role.as_str());
                    list.error(name.span(), reason, advice(advance.relation, *role));
                }
            }
        }
    }
}
