//! The cases around one: what it was merged into, what supports it, what lies nearby.

use domain::{Ctx, Message, Refusal, case, organization};
use kernel::{Case as CaseName, Id};

use super::{
    typed::Typed,
    upload::Upload,
    view::{Choice, title},
};
use crate::shell::{FormFaults, Shell};

/// Another case in a line.
pub struct Line {
    pub number: String,
    /// None where the viewer is told where it stands and no more.
    pub address: Option<String>,
    /// The body that has it.
    pub body: String,
    pub stage: String,
    pub is_open: bool,
}

#[derive(Default)]
pub struct RelatedView {
    pub main: Option<Line>,
    /// What the other case waits for, and where everybody may see that.
    pub main_waiting: String,
    pub main_published: Option<String>,
    pub merged: Vec<Line>,
    pub parent: Option<Line>,
    pub children: Vec<Line>,
}

impl RelatedView {
    pub fn new(ctx: &Ctx, shell: &Shell, record: &case::Record) -> Result<Self, Refusal> {
        let related = &record.related;
        let all = [&related.main, &related.parent].into_iter().flatten();
        let bodies: Vec<_> =
            all.chain(&related.merged).chain(&related.children).filter_map(|it| it.owner).collect();
        let names = ctx.read(|tx| organization::names(tx, &bodies))?;
        let stage_of = |it: &case::Brief| ctx.city.procedures.get(&it.procedure)?.stage(&it.stage);
        let line = |it: &case::Brief| Line {
            number: it.number.clone(),
            address: it.may_read.then(|| format!("/cases/{}", it.id)),
            body: it.owner.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
            stage: stage_of(it).map_or(String::new(), |it| case::words(&it.label, shell.language()).into()),
            is_open: it.status == case::Status::Open,
        };
        let main = related.main.as_ref();
        let published =
            |it: &case::Brief| ctx.city.procedures.get(&it.procedure).is_some_and(|it| it.published);
        Ok(Self {
            main_waiting: main
                .and_then(stage_of)
                .map_or(String::new(), |it| case::words(&it.waiting, shell.language()).into()),
            main_published: main.filter(|it| published(it)).map(|it| format!("/published/{}", it.id)),
            main: main.map(line),
            // Where it stood when it was merged is nothing that it waits for.
            merged: related.merged.iter().map(|it| Line { stage: String::new(), ..line(it) }).collect(),
            parent: related.parent.as_ref().map(line),
            children: related.children.iter().map(line).collect(),
        })
    }
}

/// What the form is known by, when it comes back; it begins the ids of its fields.
pub const MERGE: &str = "merge";

/// The form that merges a case into another, or undoes that.
pub struct MergeForm {
    pub action: String,
    pub request: String,
    /// It undoes a merge.
    pub parts: bool,
    /// Those nearby: number, distance and what was said.
    pub nearby: Vec<Choice>,
    /// Number or address of another one, as typed.
    pub other: String,
    pub reason: String,
    pub faults: FormFaults,
}

impl MergeForm {
    pub fn new(ctx: &Ctx, base: &str, record: &case::Record, typed: Option<&Typed>) -> Option<Self> {
        if !record.may_merge && !record.may_unmerge {
            return None;
        }
        let typed = typed.filter(|it| it.form == MERGE);
        let field = |name: &str| typed.and_then(|it| it.fields.get(name)).cloned().unwrap_or_default();
        let choice = |it: &case::Nearby| {
            let value = it.case.id.to_string();
            let metres = it.metres.round();
            let label = format!("{} · {metres} m · {}", it.case.number, title(&it.case.description));
            Choice { is_chosen: field("into") == value, value, label }
        };
        Some(Self {
            action: format!("{base}/{}", if record.may_unmerge { "unmerge" } else { "merge" }),
            request: ctx.id::<()>().to_string(),
            parts: record.may_unmerge,
            nearby: record.related.nearby.iter().map(choice).collect(),
            other: field("other"),
            reason: field("reason"),
            faults: typed.map(|it| it.faults.clone()).unwrap_or_default(),
        })
    }
}

/// Takes what the form sent: one of those nearby, or a number.
pub fn merge(ctx: &Ctx, id: Id<CaseName>, what: &str, upload: &Upload) -> Result<case::Record, Refusal> {
    let (request, reason) = (upload.text("request").parse().ok(), upload.text("reason"));
    if what == "unmerge" {
        return case::unmerge(ctx, id, request, reason);
    }
    case::merge(ctx, id, other(ctx, upload)?, request, reason)
}

fn other(ctx: &Ctx, upload: &Upload) -> Result<Id<CaseName>, Refusal> {
    let number = upload.text("other").trim();
    if number.is_empty() {
        let chosen = upload.text("into").parse();
        return chosen.map_err(|_| Refusal::invalid("into", Message::new("fault-merge-choose")));
    }
    let found = case::find_by_number(ctx, number)?;
    found.first().map(|it| it.id).ok_or_else(|| Refusal::invalid("into", Message::new("fault-merge-unknown")))
}
