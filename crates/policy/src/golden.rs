//! Who may what, as text that a mayor can read: for each action a table with a line for each set of
//! roles that fare alike and a column for each way to stand to the thing. `domain` prints the
//! transitions of its procedures in the same form.

mod columns;

use std::fmt::Write;

use kernel::{Id, Role};

use crate::{Action, Actor, Advance, Decide, Policy, PolicyError, Purpose, Relation, Resource, reach::Model};
use columns::{Column, Thing, columns};

/// What the words over the columns mean.
pub const LEGEND: &str = "\
Everybody who has a post may also do what a resident may. The columns say how they stand to the thing:

  here      in the area of their post         owner     it belongs to their organization now
  below     in an area below it               lead      it supports a case of their organization
  above     in the area above it              former    their organization handled it before
                                              shared    it belongs to their organization now, and whoever
                                                        reported it lets that know who they are
                                              reporter  they reported it
  beside    in the next area of the same      link      they hold its secret link; another system:
            county                                      it reported it
  county    in another county                 own       it is their own

  far, and       the case lies in another county, and ...
  here, and      the case lies in the area of their post, and ... it is being verified before filing, or
                 they had that part in it; colleague: their organization handled it; closer: they closed it
                 before it was opened again
  office         their organization ordered it; body: their organization has to reply; replier: they replied
  reporter, and  they reported it, and had that part in it too
  the unit lies  the unit that a campaign asks; asked: they are asked themselves; author: they wrote or changed it
";

/// The table of every action, with the rules that hold over all procedures.
pub fn who_may_what(policy: &Policy) -> Result<String, PolicyError> {
    let invariants = invariants();
    let starts: [(&str, &[Role]); 3] = [
        ("start a case at a stage that is open to the public", &[Role::Anonymous, Role::Resident]),
        ("start a case at a stage that is open to grid workers", &Role::GRID),
        ("start a case at a stage that is open to acceptors", &[Role::Acceptor]),
    ];
    let mut rows: Vec<(String, Action<'_>)> = Vec::new();
    for action in Action::all(&invariants[0].1) {
        match action {
            Action::CaseReport { .. } => rows.extend(
                starts.iter().map(|(words, roles)| ((*words).to_owned(), Action::CaseReport { roles })),
            ),
            Action::CaseAdvance(_) => {
                rows.extend(
                    invariants.iter().map(|(words, it)| ((*words).to_owned(), Action::CaseAdvance(it))),
                );
            }
            Action::CaseDecide(_) => {
                rows.extend(DECIDERS.map(|(words, decide)| (words.to_owned(), Action::CaseDecide(decide))))
            }
            Action::PersonCount { .. } => rows.extend([Role::Acceptor, Role::Leader].map(|role| {
                let words = format!("see what a person did as {}", role.as_str());
                (words, Action::PersonCount { role })
            })),
            Action::PassApprove { .. } => {
                rows.push((words(action).to_owned(), action));
                let own = Action::PassApprove { proposed_by: Model::ORGANIZATION };
                rows.push(("have the second word on what one's own body proposed".to_owned(), own));
            }
            Action::WithholdingDecide { .. } => {
                rows.push((words(action).to_owned(), action));
                let own = Action::WithholdingDecide { proposed_by: Model::ORGANIZATION };
                rows.push(("decide on what one's own body wants withheld".to_owned(), own));
            }
            Action::PassStateGuardian { .. } => {
                rows.push((words(action).to_owned(), action));
                let other = Action::PassStateGuardian { by_committee: false };
                rows.push(("state who looks after whom in another body's name".to_owned(), other));
            }
            Action::PersonRead { .. } => {
                rows.push(("read a person's record, saying no purpose".to_owned(), action));
                rows.extend(Purpose::ALL.map(|purpose| {
                    let words = format!("read a person's record, purpose: {}", purpose.as_str());
                    (words, Action::PersonRead { purpose: Some(purpose) })
                }));
            }
            _ => rows.push((words(action).to_owned(), action)),
        }
    }
    Ok(format!("WHO MAY WHAT\n\n{LEGEND}\n{}", tables(policy, &rows)?))
}

/// The tables of some actions, each under its title; neighbours that fare alike share one.
pub fn tables(policy: &Policy, rows: &[(String, Action<'_>)]) -> Result<String, PolicyError> {
    let model = Model::new()?;
    let mut text = String::new();
    let mut last = String::new();
    for (title, action) in rows {
        let body = table(policy, &model, *action);
        if body != last {
            text.push_str(&last);
            if !last.is_empty() {
                text.push('\n');
            }
        }
        last = body;
        let _ = writeln!(text, "{:<24}{title}", action.name());
    }
    text.push_str(&last);
    Ok(text)
}

fn words(action: Action<'_>) -> &'static str {
    match action {
        Action::AreaRead => "read the tree of areas",
        Action::AreaImport => "import areas",
        Action::ProcedureRead => "read the procedures",
        Action::OrganizationList => "read the list of organizations",
        Action::OrganizationAdminister => "create, change and end an organization",
        Action::ResponsibilityRead => "read which body has to do with what",
        Action::ResponsibilityDecide => "change the list of which body has to do with what",
        Action::CaseReport { .. } => "start a case",
        Action::CaseCount => "see figures about the cases of an area",
        Action::WorkCount => "see figures about the work of the offices of an area",
        Action::CaseDecide(_) => "say a word on what a case counts for",
        Action::CaseAppeal => "appeal about what a case counts for",
        Action::PersonCount { .. } => "see what a person did in a post",
        Action::CaseList => "see a case in a list",
        Action::CaseRead => "read a case",
        Action::CaseReadPart => "see where a case stands that supports one's own",
        Action::CaseReadTimeline => "read what was done in a case and when, without its content",
        Action::CaseReadReporter => "read who reported a case",
        Action::CaseReadPublic => "read what the city publishes about its cases",
        Action::CaseReadReads => "read who read how to reach the reporter of a case",
        Action::CaseNoteInternal => "read and write notes that the reporter does not see",
        Action::CaseAddNote => "add a note that the reporter sees",
        Action::CaseWithhold => "take a report's words out of what is published",
        Action::CaseMerge => "merge a case into another, and undo that",
        Action::CaseAdvance(_) => "take a step of a procedure",
        Action::SupervisionOrder => "order a body to reply about a case",
        Action::SupervisionReply => "reply to an order of supervision",
        Action::SupervisionDecide => "accept a reply, ask for another, or cancel the order",
        Action::PersonRead { .. } => "read a person's record",
        Action::PersonReadReads => "read who read a person's record",
        Action::WithholdingPropose => "ask that a person is not shown yet who reads their record",
        Action::WithholdingDecide { .. } => "decide on what another body wants withheld",
        Action::AccountAdminister => "create and lock accounts, give and end posts",
        Action::ApiKeyAdminister => "give and take keys by which other systems report",
        Action::FormPublish => "publish a form of an area, and close it",
        Action::FormRead => "read a form",
        Action::FormSubmit => "send a record for a form",
        Action::FormCount => "see how many records of a form there are",
        Action::SubmissionRead => "read what records of a form say",
        Action::SubmissionReview => "judge records of a form, and edit what others sent",
        Action::AppUserAdminister => "give and take tokens by which phones send records",
        Action::CheckpointRead => "see the checkpoints of an area, and how many looks came to what",
        Action::CheckpointAdminister => "open and close a checkpoint, give and take links of its devices",
        Action::PassPropose => "order a regime of passes, its rule and its keys",
        Action::PassApprove { .. } => "have the second word on what another body proposed about passes",
        Action::PassState => "state evidence for passes in a body's name",
        Action::PassStateGuardian { .. } => "state who looks after whom in a community committee's name",
        Action::CampaignSend => "send a form to units or people of an area",
        Action::CampaignRead => "see who has answered a campaign in an area",
        Action::CampaignRemind => "remind those who are silent in an area",
        Action::CampaignEnd => "close or withdraw a campaign of an area",
        Action::BurdenLimit => "limit what units of an area may be asked in a month",
        Action::AnswerGive => "answer a campaign for a unit, or as the person who is asked",
        Action::AnswerChange => "change what a unit answered",
        Action::AnswerRead => "read what a unit answered",
        Action::AnswerReview => "accept what a unit answered, or give it back",
        Action::StatisticRead => "read figures of an area, without small counts of persons",
        Action::StatisticReadRecords => "read the records that figures of an area are made of",
        Action::StatisticImport => "bring in records that figures of an area are made of",
        Action::StatisticReport => "report what an area counts for a data set",
        Action::SessionManage => "list and end the sessions of an account",
        Action::NoticeRead => "read the notices to a person",
        Action::JournalRead => "read the journal",
    }
}

/// Who is asked for a word on a claim.
const DECIDERS: [(&str, &Decide<'static>); 2] = [
    (
        "say a word on what a case counts for, asked of acceptors",
        &Decide { roles: &[Role::Acceptor], others: &[] },
    ),
    (
        "say a word on what a case counts for, asked of those above",
        &Decide { roles: &[Role::Leader, Role::Commander], others: &[] },
    ),
];

/// Steps open to every role there is: what is refused here, no procedure can allow.
fn invariants() -> [(&'static str, Advance); 7] {
    let open = |relation| Advance::of(&Role::ALL, relation);
    [
        ("an ordinary step that a procedure opens to all posts of the area", open(Relation::Area)),
        ("an ordinary step that a procedure opens to all posts of the owner", open(Relation::Owner)),
        ("an ordinary step that a procedure opens to the reporter", open(Relation::Reporter)),
        ("a step that a procedure leaves to the clock", open(Relation::System)),
        (
            "a step that closes the case, opened to all posts of the area",
            Advance { closes: true, ..open(Relation::Area) },
        ),
        (
            "a step that passes or fails a check, opened to all posts of the area",
            Advance { checks: true, ..open(Relation::Area) },
        ),
        (
            "a step that rates the result, opened to the reporter",
            Advance { evaluates: true, ..open(Relation::Reporter) },
        ),
    ]
}

fn table(policy: &Policy, model: &Model, action: Action<'_>) -> String {
    let columns = columns(model, action);
    let line = |actor: Actor| -> Vec<bool> {
        let asks = |column: &Column<'_>| match (column.situation)(actor.clone()) {
            (actor, Thing::Case(facts)) => policy.may(&actor, action, Resource::Case(&facts)),
            (actor, Thing::Supervision(facts)) => policy.may(&actor, action, Resource::Supervision(&facts)),
            (actor, Thing::Answer(facts)) => policy.may(&actor, action, Resource::Answer(&facts)),
            (actor, Thing::Other(resource)) => policy.may(&actor, action, resource),
        };
        columns.iter().map(asks).collect()
    };
    let mut lines: Vec<(Vec<bool>, Vec<&str>)> = Vec::new();
    let clock = matches!(action, Action::CaseAdvance(_)).then(|| ("the clock 系统", line(Actor::system())));
    let roles = Role::ALL.map(|role| (title(role), line(model.actor(role))));
    let reports = matches!(action, Action::CaseReport { .. } | Action::CaseReadPublic | Action::CaseAddNote);
    let key = Id::from_uuid(uuid::Uuid::from_u128(5));
    let integration =
        reports.then(|| ("another system by its key 接入方", line(Actor::integration(key, key))));
    let sends = matches!(action, Action::FormRead | Action::FormSubmit);
    let app_user = sends.then(|| {
        ("a phone by its token 填报设备", line(Actor::app_user(Id::from_uuid(uuid::Uuid::from_u128(8)))))
    });
    for (name, cells) in roles.into_iter().chain(clock).chain(integration).chain(app_user) {
        match lines.iter_mut().find(|(other, _)| *other == cells) {
            Some((_, names)) => names.push(name),
            None => lines.push((cells, vec![name])),
        }
    }
    let mut text = headings(&columns);
    for (cells, names) in lines {
        let cells =
            columns.iter().zip(cells).map(|(column, yes)| (width(column), if yes { "yes" } else { "-" }));
        let _ = writeln!(text, "{}  {}", aligned(cells), together(&names));
    }
    text
}

/// The names in a row, with one word for what is always meant together.
fn together(names: &[&str]) -> String {
    let has = |roles: &[Role]| roles.iter().all(|it| names.contains(&title(*it)));
    let grid = Role::GRID.map(title);
    if has(&Role::ALL) {
        return "everybody".to_owned();
    }
    let mut words: Vec<&str> = Vec::new();
    for name in names {
        match grid.iter().position(|it| it == name).filter(|_| has(&Role::GRID)) {
            Some(0) => words.push("grid workers 网格员"),
            Some(_) => {}
            None => words.push(name),
        }
    }
    words.join(", ")
}

/// Two lines: the groups, if there are any, and the columns.
fn headings(columns: &[Column<'_>]) -> String {
    let words = aligned(columns.iter().map(|column| (width(column), column.word)));
    let mut groups = "  ".to_owned();
    for chunk in columns.chunk_by(|one, next| one.group == next.group) {
        let _ = write!(groups, "{:<width$}", chunk[0].group, width = chunk.iter().map(width).sum());
    }
    let lines = [groups.trim_end(), words.trim_end()];
    lines.into_iter().filter(|it| !it.is_empty()).map(|it| format!("{it}\n")).collect()
}

fn aligned<'a>(cells: impl Iterator<Item = (usize, &'a str)>) -> String {
    cells.fold("  ".to_owned(), |mut text, (width, cell)| {
        let _ = write!(text, "{cell:<width$}");
        text
    })
}

fn width(column: &Column<'_>) -> usize {
    column.word.len().max(3) + 1
}

/// The role's name in English and Chinese.
fn title(role: Role) -> &'static str {
    match role {
        Role::Anonymous => "anonymous 未登录",
        Role::Resident => "resident 居民",
        Role::GridLeader => "grid leader 网格长",
        Role::GridAssistant => "grid assistant 协管员",
        Role::GridSupervisor => "grid supervisor 监督员",
        Role::GridHygienist => "grid hygienist 卫生员",
        Role::Acceptor => "acceptor 受理员",
        Role::Dispatcher => "dispatcher 派遣员",
        Role::Handler => "handler 处置员",
        Role::Leader => "leader 督办领导",
        Role::Commander => "commander 指挥长",
        Role::Auditor => "auditor 审计员",
        Role::Administrator => "administrator 系统管理员",
    }
}
