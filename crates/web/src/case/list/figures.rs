//! The numbers on a list's page: each is the length of the list that it opens.

use domain::{
    Ctx, Refusal,
    case::{self, Lens},
};

use super::{AreaRow, Desk, Door};
use crate::shell::Shell;

/// The numbers on a list's page, all of one count.
pub struct Figures {
    pub tally: case::Tally,
    pub doors: Vec<Door>,
    pub areas: Vec<AreaRow>,
}

impl Figures {
    pub fn of(ctx: &Ctx, shell: &Shell, desk: &Desk) -> Result<Self, Refusal> {
        let Lens::Subtree(path) = &desk.lens else {
            return Ok(Self { tally: case::tally(ctx, &desk.lens)?, doors: Vec::new(), areas: Vec::new() });
        };
        let counts = case::list_counts(ctx, path)?;
        let row = |it: &case::AreaCount| AreaRow {
            code: it.code.clone(),
            name: it.name.clone(),
            open: shell.t.number(it.count.open),
            overdue: it.count.overdue,
        };
        let busy = counts.areas.iter().filter(|it| it.count.open > 0);
        let areas = if desk.path == "/supervise" { busy.map(row).collect() } else { Vec::new() };
        Ok(Self { doors: doors(shell, path.code(), &counts).into(), areas, tally: counts.open })
    }
}

fn doors(shell: &Shell, code: &str, counts: &case::Counts) -> [Door; 3] {
    let total = counts.total();
    let door = |kind, number, label, conditions: &str| Door {
        kind,
        number: shell.t.number(number),
        label,
        address: format!("/cases?area={code}&{conditions}"),
    };
    let bad = if total.overdue > 0 { "bad" } else { "" };
    let closed_since = format!("status=closed&closed_since={}", counts.closed_since.civil().date());
    [
        door("", total.open, shell.t.say("door-open"), "status=open"),
        door(bad, total.overdue, shell.t.say("door-overdue"), "status=open&overdue=yes"),
        door("", total.closed, shell.t.with("door-closed", "days", case::CLOSED_DAYS), &closed_since),
    ]
}
