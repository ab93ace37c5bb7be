//! Alarms that would reach nobody.

use policy::Relation;

use super::super::{fault::FaultList, file::StageFile, procedure::Stage};

/// `ownerless`: a case can come to the stage before any body owns it.
pub fn review(list: &mut FaultList<'_>, file: &StageFile, stage: &Stage, ownerless: bool) {
    let owners = stage.alarms.iter().any(|it| it.relation == Relation::Owner);
    if owners && ownerless {
        let reason = format!("a case can come to {:?} before any body owns it", stage.id);
        let help = "nobody would be told: leave out relation = \"owner\", or lead there by a transition with asks = { organization = true }";
        list.error(file.id.span(), reason, help);
    }
    if stage.timeout().is_some()
        && let Some(late) = file.alarm.iter().find(|it| *it.at.get_ref() > 1.0)
    {
        let help =
            "the clock takes the case on when its time is over: tell whom it concerns before, at = 0.8";
        list.warn(late.at.span(), "this alarm comes after the stage has been left", help);
    }
}
