//! The ways to stand to the thing that an action is about: the columns of its table.

use kernel::{AreaPath, Id};

use crate::{Action, Actor, AnswerFacts, CaseFacts, Resource, SupervisionFacts, reach::Model};

/// Something to ask about, and the one who asks.
pub type Situation<'a> = (Actor, Thing<'a>);

pub enum Thing<'a> {
    Case(CaseFacts),
    Supervision(SupervisionFacts),
    Answer(AnswerFacts),
    Other(Resource<'a>),
}

pub struct Column<'a> {
    /// The heading that it stands under with its neighbours, if any.
    pub group: &'static str,
    pub word: &'static str,
    pub situation: Box<dyn Fn(Actor) -> Situation<'a> + 'a>,
}

pub fn columns<'a>(model: &'a Model, action: Action<'_>) -> Vec<Column<'a>> {
    let own = |thing: Resource<'a>| Column {
        group: "",
        word: "own",
        situation: Box::new(move |actor| (actor, Thing::Other(thing))),
    };
    match action {
        Action::ProcedureRead | Action::OrganizationList | Action::CaseReadPublic => {
            vec![Column {
                group: "",
                word: "city",
                situation: Box::new(|actor| (actor, Thing::Other(Resource::City))),
            }]
        }
        Action::AreaRead
        | Action::AreaImport
        | Action::ResponsibilityRead
        | Action::ResponsibilityDecide
        | Action::StatisticRead
        | Action::StatisticReadRecords
        | Action::StatisticImport
        | Action::StatisticReport
        | Action::CaseReport { .. }
        | Action::CaseCount
        | Action::WorkCount
        | Action::ApiKeyAdminister
        | Action::FormPublish
        | Action::FormRead
        | Action::FormSubmit
        | Action::FormCount
        | Action::SubmissionRead
        | Action::SubmissionReview
        | Action::AppUserAdminister
        | Action::CheckpointRead
        | Action::CheckpointAdminister
        | Action::PassPropose
        | Action::PassApprove { .. }
        | Action::CampaignSend
        | Action::CampaignRead
        | Action::CampaignRemind
        | Action::CampaignEnd
        | Action::BurdenLimit => places(model, |path| Resource::Area { path }),
        Action::OrganizationAdminister => {
            places(model, |area| Resource::Organization { id: Model::ORGANIZATION, area })
        }
        Action::PassState | Action::PassStateGuardian { .. } => {
            let mut columns =
                places(model, |area| Resource::Organization { id: Model::OTHER_ORGANIZATION, area });
            columns.push(own(Resource::Organization { id: Model::ORGANIZATION, area: &model.other_county }));
            columns
        }
        Action::JournalRead => places(model, |area| Resource::Journal { area }),
        Action::PersonCount { .. }
        | Action::PersonRead { .. }
        | Action::PersonReadReads
        | Action::WithholdingPropose
        | Action::WithholdingDecide { .. } => {
            let mut columns = places(model, |area| Resource::Person { id: Model::OTHER_PERSON, area });
            columns.push(own(Resource::Person { id: Model::PERSON, area: &model.other_county }));
            columns
        }
        Action::AccountAdminister | Action::SessionManage | Action::NoticeRead => {
            let mut columns = places(model, |area| Resource::Account { person: Model::OTHER_PERSON, area });
            columns.push(own(Resource::Account { person: Model::PERSON, area: &model.other_county }));
            columns
        }
        Action::CaseList
        | Action::CaseRead
        | Action::CaseReadPart
        | Action::CaseReadTimeline
        | Action::CaseReadReads
        | Action::CaseNoteInternal
        | Action::CaseAddNote
        | Action::CaseWithhold
        | Action::CaseMerge
        | Action::CaseAdvance(_)
        | Action::CaseDecide(_)
        | Action::CaseAppeal
        | Action::SupervisionOrder => case_columns(model),
        Action::CaseReadReporter => {
            let mut columns = case_columns(model);
            let facts = CaseFacts {
                owner: Some(Model::ORGANIZATION),
                contact_shared: true,
                ..model.case(&model.other_county)
            };
            let situation = Box::new(move |actor| (actor, Thing::Case(facts.clone())));
            columns.push(Column { group: "far, and", word: "shared", situation });
            columns
        }
        Action::SupervisionReply | Action::SupervisionDecide => supervision_columns(model),
        Action::AnswerGive | Action::AnswerChange | Action::AnswerRead | Action::AnswerReview => {
            answer_columns(model)
        }
    }
}

fn around(model: &Model) -> [(&'static str, &AreaPath); 5] {
    [
        ("here", &model.here),
        ("below", &model.below),
        ("above", &model.above),
        ("beside", &model.beside),
        ("county", &model.other_county),
    ]
}

fn places<'a>(model: &'a Model, thing: fn(&'a AreaPath) -> Resource<'a>) -> Vec<Column<'a>> {
    let column = |(word, path): (&'static str, &'a AreaPath)| Column {
        group: "",
        word,
        situation: Box::new(move |actor| (actor, Thing::Other(thing(path)))),
    };
    around(model).map(column).into()
}

fn case_columns(model: &Model) -> Vec<Column<'_>> {
    let located = |(word, path)| Column {
        group: "the case lies",
        word,
        situation: Box::new(move |actor| (actor, Thing::Case(model.case(path)))),
    };
    let changed = |group, word, area, reported: bool, change: fn(&mut CaseFacts)| Column {
        group,
        word,
        situation: Box::new(move |actor| {
            let mut facts = model.case(area);
            facts.reporter = reported.then_some(Model::PERSON);
            change(&mut facts);
            (actor, Thing::Case(facts))
        }),
    };
    let far = |word, change| changed("far, and", word, &model.other_county, false, change);
    let here = |word, change| changed("here, and", word, &model.here, false, change);
    let reported = |word, change| changed("reporter, and", word, &model.other_county, true, change);
    let link = Column {
        group: "far, and",
        word: "link",
        situation: Box::new(|actor| {
            (
                Actor { followed_case: Some(Model::CASE), ..actor },
                Thing::Case(model.case(&model.other_county)),
            )
        }),
    };
    let mut columns: Vec<Column<'_>> = around(model).map(located).into();
    columns.extend([
        far("owner", |facts| facts.owner = Some(Model::ORGANIZATION)),
        far("lead", |facts| facts.lead = Some(Model::ORGANIZATION)),
        far("former", |facts| facts.handling_organizations.push(Model::ORGANIZATION)),
        far("reporter", |facts| facts.reporter = Some(Model::PERSON)),
        link,
        here("verifying", |facts| facts.verifying = true),
        here("reporter", |facts| facts.reporter = Some(Model::PERSON)),
        here("verifier", |facts| facts.verifiers.push(Model::PERSON)),
        here("dispatcher", |facts| facts.dispatchers.push(Model::PERSON)),
        here("closer", |facts| facts.closers.push(Model::PERSON)),
        here("handler", |facts| facts.handlers.push(Model::PERSON)),
        here("colleague", |facts| facts.handling_organizations.push(Model::ORGANIZATION)),
        reported("dispatcher", |facts| facts.dispatchers.push(Model::PERSON)),
        reported("handler", |facts| facts.handlers.push(Model::PERSON)),
    ]);
    columns
}

fn supervision_columns(model: &Model) -> Vec<Column<'_>> {
    let column = |group, word, area, change: fn(&mut SupervisionFacts)| Column {
        group,
        word,
        situation: Box::new(move |actor| {
            let mut facts = model.order(area);
            change(&mut facts);
            (actor, Thing::Supervision(facts))
        }),
    };
    let mut columns: Vec<Column<'_>> =
        around(model).map(|(word, area)| column("it was ordered", word, area, |_| {})).into();
    columns.extend([
        column("here,", "office", &model.here, |facts| facts.ordered_by = Model::ORGANIZATION),
        column("below, and", "body", &model.below, |facts| facts.organization = Model::ORGANIZATION),
        column("below, and", "replier", &model.below, |facts| facts.repliers.push(Model::PERSON)),
        column("far,", "body", &model.other_county, |facts| facts.organization = Model::ORGANIZATION),
    ]);
    columns
}

fn answer_columns(model: &Model) -> Vec<Column<'_>> {
    let column = |group, word, area: &'_ AreaPath, person, authors: &[Id<kernel::Person>]| {
        let facts = AnswerFacts { unit: area.clone(), person, authors: authors.to_vec() };
        Column { group, word, situation: Box::new(move |actor| (actor, Thing::Answer(facts.clone()))) }
    };
    let mut columns: Vec<Column<'_>> = around(model)
        .map(|(word, area)| column("the unit lies", word, area, None, &[Model::OTHER_PERSON]))
        .into();
    columns.extend([
        column("here,", "author", &model.here, None, &[Model::PERSON]),
        column("below,", "author", &model.below, None, &[Model::PERSON]),
        column("below,", "asked", &model.below, Some(Model::PERSON), &[]),
        column("here,", "other", &model.here, Some(Model::OTHER_PERSON), &[]),
    ]);
    columns
}
