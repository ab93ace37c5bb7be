//! Asking for a pause or more time on the page of a case, deciding it, and ending a pause.

use axum::response::Response;
use domain::{
    Ctx, Refusal,
    case::{self, Procedure, Record, ReliefKind, Stage},
};
use kernel::{Case, Id};

use super::{record::answer, typed::Typed, upload::Upload, view::Choice};
use crate::{
    locale::Translator,
    sent::PagePath,
    shell::{FormFaults, Shell},
    visitor::Visitor,
};

/// What a page shows of reliefs: what can be asked for, and what waits for its decision.
#[derive(Default)]
pub struct Reliefs {
    pub asks: Vec<AskForm>,
    /// What was asked for, in words, with the ground and what was said.
    pub asked: Option<(String, String)>,
    /// Who has to decide on it.
    pub waits: String,
    pub decide: Option<DecideForm>,
    pub end: Option<EndForm>,
}

/// By which a pause ends before its day.
pub struct EndForm {
    pub action: String,
    pub request: String,
    pub note: String,
    pub fault: Option<String>,
    pub is_open: bool,
}

/// What the forms are known by, when they come back; it begins the ids of their fields. One that asks is known by its kind.
const END: &str = "end";
const DECISION: &str = "decision";

pub struct AskForm {
    /// Begins the ids of its fields, and is sent as the kind.
    pub id: &'static str,
    pub action: String,
    pub request: String,
    pub label: String,
    pub hint: String,
    pub grounds: Vec<Choice>,
    pub until: Option<UntilField>,
    pub note: String,
    pub faults: FormFaults,
    pub is_open: bool,
}

/// A day, from the first to the last that may be chosen.
pub struct UntilField {
    pub value: String,
    pub min: String,
    pub max: String,
}

pub struct DecideForm {
    pub action: String,
    pub request: String,
    pub note: String,
    pub choices: Vec<Choice>,
    pub faults: FormFaults,
}

impl Reliefs {
    pub fn new(ctx: &Ctx, shell: &Shell, record: &Record, typed: Option<&Typed>) -> Self {
        let case = &record.case;
        let Some(procedure) = ctx.city.procedures.get(&case.procedure) else { return Self::default() };
        let Some(stage) = procedure.stage(&case.stage) else { return Self::default() };
        let base = format!("/cases/{}/relief", case.id);
        let ask = |kind: &ReliefKind| ask_form(ctx, shell, procedure, stage, *kind, &base, typed);
        Self {
            asks: record.reliefs.iter().filter_map(ask).collect(),
            asked: record.asked.as_ref().map(|it| asked_words(ctx, shell, procedure, stage, it)),
            waits: record.asked.as_ref().map(|it| waits_words(&shell.t, stage, it)).unwrap_or_default(),
            decide: record.may_decide.then(|| decide_form(ctx, &shell.t, &base, typed)),
            end: record.may_end_pause.then(|| EndForm {
                action: format!("{base}/end"),
                request: ctx.id::<()>().to_string(),
                note: field(typed, END, "note"),
                fault: faults(typed, END).of("note").map(str::to_owned),
                is_open: typed.is_some_and(|it| it.form == END),
            }),
        }
    }

    /// Whether a form is on the page.
    pub fn offers(&self, form: &str) -> bool {
        match form {
            END => self.end.is_some(),
            DECISION => self.decide.is_some(),
            kind => self.asks.iter().any(|it| it.id == kind),
        }
    }
}

fn field(typed: Option<&Typed>, form: &str, name: &str) -> String {
    let typed = typed.filter(|it| it.form == form);
    typed.and_then(|it| it.fields.get(name)).cloned().unwrap_or_default()
}

fn faults(typed: Option<&Typed>, form: &str) -> FormFaults {
    typed.filter(|it| it.form == form).map(|it| it.faults.clone()).unwrap_or_default()
}

fn ask_form(
    ctx: &Ctx,
    shell: &Shell,
    procedure: &Procedure,
    stage: &Stage,
    kind: ReliefKind,
    base: &str,
    typed: Option<&Typed>,
) -> Option<AskForm> {
    let relief = stage.relief(kind)?;
    let id = kind.as_str();
    let t = &shell.t;
    let chosen = field(typed, id, "ground");
    let ground = |it: &case::Ground| Choice {
        value: it.id.clone(),
        label: case::words(&it.label, shell.language()).to_owned(),
        is_chosen: it.id == chosen,
    };
    let day = |days: i64| ctx.now.plus_seconds(days * 86_400).civil().date().to_string();
    Some(AskForm {
        id,
        action: base.to_owned(),
        request: ctx.id::<()>().to_string(),
        label: t.say(&format!("relief-ask-{id}")),
        hint: t.with(&format!("relief-ask-{id}-hint"), "max", relief.most),
        grounds: procedure.grounds.get(&relief.ground)?.iter().map(ground).collect(),
        until: (kind == ReliefKind::Pause).then(|| UntilField {
            value: field(typed, id, "until"),
            min: day(1),
            max: day(relief.most),
        }),
        note: field(typed, id, "note"),
        faults: faults(typed, id),
        is_open: typed.is_some_and(|it| it.form == id),
    })
}

fn decide_form(ctx: &Ctx, t: &Translator, base: &str, typed: Option<&Typed>) -> DecideForm {
    let chosen = field(typed, DECISION, "decision");
    let choice = |value: &str| Choice {
        value: value.to_owned(),
        label: t.say(&format!("relief-{value}")),
        is_chosen: chosen == value,
    };
    DecideForm {
        action: format!("{base}/decision"),
        request: ctx.id::<()>().to_string(),
        note: field(typed, DECISION, "note"),
        choices: ["grant", "refuse"].map(choice).into(),
        faults: faults(typed, DECISION),
    }
}

/// What is asked for, and why.
fn asked_words(
    ctx: &Ctx,
    shell: &Shell,
    procedure: &Procedure,
    stage: &Stage,
    it: &case::Asked,
) -> (String, String) {
    let t = &shell.t;
    let what = match it.until {
        Some(until) => t.with("relief-asked-pause", "date", t.date(until, ctx.now)),
        None => t.say("relief-asked-extension"),
    };
    let list = stage.relief(it.kind).map(|relief| relief.ground.as_str());
    let ground = list.and_then(|list| procedure.ground(list, &it.ground));
    let ground = ground.map_or("", |it| case::words(&it.label, shell.language()));
    (what, t.with2("event-with", ("what", ground), ("more", it.note.as_str())))
}

fn waits_words(t: &Translator, stage: &Stage, it: &case::Asked) -> String {
    let roles = stage.relief(it.kind).map_or(&[][..], |relief| &relief.decide.roles);
    let roles: Vec<_> = roles.iter().map(|role| t.say(&format!("role-{}", role.as_str()))).collect();
    t.with("relief-waits", "roles", roles.join(&t.say("list-comma")))
}

/// Asks for a pause or for more time.
pub async fn ask(visitor: Visitor, PagePath(id): PagePath<Id<Case>>, upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| {
            let kind = ReliefKind::parse(upload.text("kind")).ok_or(Refusal::NotFound)?;
            let request = case::ReliefRequest {
                request: upload.text("request").parse().ok(),
                kind,
                ground: upload.text("ground").to_owned(),
                until: upload.text("until").parse().ok(),
                note: upload.text("note").to_owned(),
            };
            let asked = case::ask_relief(ctx, id, &request);
            answer(ctx, shell, id, (kind.as_str(), upload.into_fields()), asked, "moved=1")
        })
        .await
}

/// Grants or refuses what was asked for.
pub async fn decide(visitor: Visitor, PagePath(id): PagePath<Id<Case>>, upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| {
            let granted = match upload.text("decision") {
                "grant" => Ok(true),
                "refuse" => Ok(false),
                _ => Err(Refusal::invalid("decision", domain::Message::new("fault-choice"))),
            };
            let decided = granted.and_then(|granted| {
                let decision = case::ReliefDecision {
                    request: upload.text("request").parse().ok(),
                    granted,
                    note: upload.text("note").to_owned(),
                };
                case::decide_relief(ctx, id, &decision)
            });
            answer(ctx, shell, id, (DECISION, upload.into_fields()), decided, "moved=1")
        })
        .await
}

/// Ends a pause before its day.
pub async fn end(visitor: Visitor, PagePath(id): PagePath<Id<Case>>, upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| {
            let ended = case::end_pause(ctx, id, upload.text("request").parse().ok(), upload.text("note"));
            answer(ctx, shell, id, (END, upload.into_fields()), ended, "moved=1")
        })
        .await
}
