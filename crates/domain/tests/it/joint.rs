//! Joint handling: one body leads, others support it, each by a case of its own.

use domain::{
    Ctx, Refusal, Window,
    case::{self, Source, Status, StepInput},
    notice::{self, NoticeKind},
};
use kernel::{Case, Id, Role};
use store::{Db, both};

use crate::case::{Town, centre, lamp};

/// A case that lighting leads and the waterworks support, as its dispatcher sees it.
fn joint(town: &Town, number: u128) -> (case::Record, Id<Case>) {
    let id = case::report(&town.acceptor(), lamp(number)).unwrap().0.id;
    let send = StepInput {
        organization: Some(town.lighting),
        supporting: vec![town.waterworks],
        note: "先断水".into(),
        ..StepInput::default()
    };
    let record = case::advance(&town.dispatcher(), id, "dispatch", &send).unwrap();
    let child = record.related.children[0].id;
    (record, child)
}

fn supporter(town: &Town) -> Ctx {
    town.person(55, &[(Role::Handler, town.waterworks, "150902")])
}

fn done(town: &Town, ctx: &Ctx) -> StepInput {
    StepInput { note: "已办".into(), photos: town.photos(ctx), ..StepInput::default() }
}

fn conflict(outcome: Result<case::Record, Refusal>) -> &'static str {
    match outcome {
        Err(Refusal::Conflict(message)) => message.id,
        other => panic!("{other:?}"),
    }
}

both!(a_supporting_body_has_a_case_of_its_own_with_its_own_clock_and_nobody_who_reported_it, |db: Db| {
    let town = Town::new(db);
    let (record, child) = joint(&town, 1);
    let lead = record.case;
    assert_eq!(record.events.last().unwrap().detail.supporting, [town.waterworks]);
    let part = case::record(&supporter(&town), child).unwrap();
    let case = &part.case;
    assert_eq!((case.parent, case.owner, case.source), (Some(lead.id), Some(town.waterworks), Source::Joint));
    assert_eq!((case.procedure.as_str(), case.stage.as_str()), ("support-task", "handle"));
    assert_eq!((case.reporter, &case.contact), (None, &case::Contact::default()));
    assert!(case.stage_due.is_some() && case.due.is_some() && case.path == lead.path);
    let steps: Vec<_> = part.events.iter().map(|it| it.transition.as_str()).collect();
    assert_eq!(steps, ["report", "assign"]);
    assert_eq!(part.events[1].note, "先断水");
    assert_eq!(part.transitions, ["feed_back", "return"]);
    let told = notice::list(&supporter(&town), &Window::first(9)).unwrap().items;
    assert_eq!(
        told.iter().map(|it| (it.case, it.kind)).collect::<Vec<_>>(),
        [(Some(child), NoticeKind::CaseWaiting)]
    );

    // Each sees what is theirs: the lead its parts, a part not the whole.
    let seen = case::record(&town.handler(), lead.id).unwrap().related.children;
    assert_eq!(seen.iter().map(|it| (it.id, it.owner)).collect::<Vec<_>>(), [(child, Some(town.waterworks))]);
    assert_eq!((seen[0].stage.as_str(), seen[0].may_read), ("handle", false), "where it stands, and no more");
    assert!(matches!(case::record(&town.handler(), child), Err(Refusal::NotFound)));
    assert!(matches!(case::record(&supporter(&town), lead.id), Err(Refusal::NotFound)));
    assert!(case::record(&supporter(&town), child).unwrap().related.parent.is_none());
    assert_eq!(case::record(&town.dispatcher(), child).unwrap().related.parent.unwrap().id, lead.id);
    let stranger = town.person(66, &[]);
    assert!(matches!(case::record(&stranger, child), Err(Refusal::NotFound)));
});

both!(the_whole_is_not_reported_done_while_a_part_is_open_unless_by_the_step_that_says_why, |db: Db| {
    let town = Town::new(db);
    let (record, child) = joint(&town, 1);
    let (id, handler, supporter) = (record.case.id, town.handler(), supporter(&town));
    assert_eq!(case::record(&handler, id).unwrap().transitions, ["feed_back_alone", "return"]);
    assert_eq!(
        conflict(case::advance(&handler, id, "feed_back", &done(&town, &handler))),
        "conflict-support-open"
    );
    let bare = case::advance(&handler, id, "feed_back_alone", &done(&town, &handler));
    assert!(matches!(bare, Err(Refusal::Invalid(_))), "a ground is needed: {bare:?}");

    case::advance(&supporter, child, "feed_back", &done(&town, &supporter)).unwrap();
    let dispatcher =
        town.person(4, &[(Role::Dispatcher, centre(), "150902"), (Role::Acceptor, centre(), "150902")]);
    let refused = case::advance(&dispatcher, child, "close", &done(&town, &dispatcher));
    assert!(
        matches!(refused, Err(Refusal::Denied)),
        "who dispatched the whole checks no part of it: {refused:?}"
    );
    let checker = town.checker();
    let closed = case::advance(&checker, child, "close", &done(&town, &checker)).unwrap().case;
    assert_eq!(closed.status, Status::Closed);
    assert_eq!(case::record(&handler, id).unwrap().transitions, ["feed_back", "return"]);
    let ground = StepInput { ground: Some("will-follow".into()), ..done(&town, &handler) };
    assert_eq!(conflict(case::advance(&handler, id, "feed_back_alone", &ground)), "conflict-no-support-open");
    case::advance(&handler, id, "feed_back", &done(&town, &handler)).unwrap();

    let (record, _) = joint(&town, 2);
    let taken = case::advance(&handler, record.case.id, "feed_back_alone", &ground).unwrap().case;
    assert_eq!(taken.stage, "feedback");
});

both!(who_handled_a_part_judges_neither_it_nor_the_whole, |db: Db| {
    let town = Town::new(db);
    let (record, child) = joint(&town, 1);
    let id = record.case.id;
    let posts = [(Role::Handler, town.waterworks, "150902"), (Role::Acceptor, centre(), "150902")];
    let supporter = town.person(55, &posts);
    case::advance(&supporter, child, "feed_back", &done(&town, &supporter)).unwrap();
    let checker = town.checker();
    case::advance(&checker, child, "close", &done(&town, &checker)).unwrap();
    let handler = town.handler();
    case::advance(&handler, id, "feed_back", &done(&town, &handler)).unwrap();
    case::advance(&town.dispatcher(), id, "accept", &StepInput::default()).unwrap();
    let refused = case::advance(&supporter, id, "close", &done(&town, &supporter));
    assert!(matches!(refused, Err(Refusal::Denied)), "{refused:?}");
    assert!(!case::record(&supporter, id).unwrap().may_read_contact, "nor is the reporter theirs to know");
    case::advance(&checker, id, "close", &done(&town, &checker)).unwrap();
});

both!(a_part_is_given_back_once_and_what_the_dispatcher_then_decides_binds, |db: Db| {
    let town = Town::new(db);
    let (record, child) = joint(&town, 1);
    let supporter = supporter(&town);
    let back =
        StepInput { note: "不归".into(), ground: Some("not-our-duty".into()), ..StepInput::default() };
    assert_eq!(case::advance(&supporter, child, "return", &back).unwrap().case.stage, "returned");
    let to =
        StepInput { organization: Some(town.waterworks), note: "就归你".into(), ..StepInput::default() };
    case::advance(&town.dispatcher(), child, "redirect", &to).unwrap();
    assert_eq!(case::record(&supporter, child).unwrap().transitions, ["feed_back"], "it binds");
    let leader = town.person(71, &[(Role::Leader, centre(), "150902")]);
    let part = case::record(&leader, child).unwrap();
    assert!(part.ruling.is_none(), "whose the part is says nothing of whose the whole is by law");
    let (other, part) = joint(&town, 2);
    case::advance(&supporter, part, "return", &back).unwrap();
    let release =
        StepInput { ground: Some("lead-does-it".into()), note: "自办".into(), ..StepInput::default() };
    assert_eq!(
        case::advance(&town.dispatcher(), part, "release", &release).unwrap().case.status,
        Status::Void
    );
    let handler = town.handler();
    assert_eq!(case::record(&handler, other.case.id).unwrap().transitions, ["feed_back", "return"]);
    assert_ne!(record.case.id, other.case.id);
});

both!(supporting_bodies_are_named_within_bounds_and_their_cases_are_made_by_dispatching_alone, |db: Db| {
    let town = Town::new(db);
    let id = case::report(&town.acceptor(), lamp(1)).unwrap().0.id;
    let dispatcher = town.dispatcher();
    let send = |supporting: Vec<_>| {
        let input = StepInput { organization: Some(town.lighting), supporting, ..StepInput::default() };
        case::advance(&dispatcher, id, "dispatch", &input)
    };
    let nobody = Id::from_uuid(uuid::Uuid::from_u128(9));
    for (bodies, why) in [
        (vec![town.lighting], "fault-supporting-lead"),
        (vec![town.waterworks, town.waterworks], "fault-supporting-twice"),
        (vec![nobody], "fault-choice"),
        (vec![town.waterworks; 6], "fault-supporting-many"),
    ] {
        match send(bodies) {
            Err(Refusal::Invalid(faults)) => {
                assert_eq!((faults[0].field.as_str(), faults[0].message.id), ("supporting", why));
            }
            other => panic!("{why}: {other:?}"),
        }
    }
    assert_eq!(case::record(&dispatcher, id).unwrap().case.stage, "dispatch", "nothing was half done");
    let made = case::Report { procedure: "support-task".into(), ..lamp(7) };
    assert!(matches!(case::report(&dispatcher, made), Err(Refusal::Invalid(_))));
    // A step that does not ask for supporting bodies takes none.
    let (record, _) = joint(&town, 2);
    let handler = town.handler();
    let ground = StepInput {
        ground: Some("will-follow".into()),
        supporting: vec![town.waterworks],
        ..done(&town, &handler)
    };
    case::advance(&handler, record.case.id, "feed_back_alone", &ground).unwrap();
    let seen = case::record(&dispatcher, record.case.id).unwrap();
    assert_eq!(seen.related.children.len(), 1);
});
