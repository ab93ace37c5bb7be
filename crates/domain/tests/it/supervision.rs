//! Supervision (督办): who may order it, who replies by when, and how a case leaves the list.

use std::collections::BTreeSet;

use domain::{
    Ctx, Refusal, Window, case, notice,
    notice::NoticeKind,
    organization::OrganizationKind,
    supervision::{self, Filter, Kind, Lens, New, Order, State, Step},
};
use kernel::{Case as CaseName, Id, Person, Role, Supervision};
use store::{Db, StoreError, both, params};
use uuid::Uuid;

use crate::{
    cast::{Cast, found, plain, to},
    ground::{CITY, COUNTY, TOWNSHIP},
};

/// A case that a body has to handle.
fn dispatched(cast: &Cast) -> Id<CaseName> {
    let id = cast.report(cast.resident, "city-event", "c1-street-lamp").id;
    let send = (cast.dispatcher, "dispatch", to(cast.team.0));
    cast.walk(id, &[(cast.grid_leader, "verify", found("exists")), send]);
    id
}

fn new(ctx: &Ctx, case: Id<CaseName>) -> New {
    New {
        id: ctx.id(),
        case,
        kind: Kind::Leader,
        level: "general".into(),
        requirement: "三日内说明原因".into(),
    }
}

fn order(cast: &Cast, by: Id<Person>, case: Id<CaseName>) -> Order {
    let ctx = cast.as_one(by);
    supervision::order(&ctx, &new(&ctx, case)).unwrap()
}

fn take(cast: &Cast, by: Id<Person>, id: Id<Supervision>, step: Step) -> Result<Order, Refusal> {
    supervision::advance(&cast.as_one(by), id, step, None, "说明")
}

fn told(cast: &Cast, by: Id<Person>, kind: NoticeKind) -> usize {
    let notices = notice::list(&cast.as_one(by), &Window::first(50)).unwrap().items;
    notices.iter().filter(|it| it.kind == kind).count()
}

fn conflict<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> &'static str {
    match outcome {
        Err(Refusal::Conflict(message)) => message.id,
        other => panic!("{other:?}"),
    }
}

/// Each count is as long as the list that it opens.
fn counted(ctx: &Ctx, lens: &Lens) -> [usize; 4] {
    let tally = supervision::tally(ctx, lens).unwrap();
    Filter::ALL.map(|filter| {
        let listed = supervision::list(ctx, lens, filter, &Window::first(50)).unwrap().items;
        assert_eq!(listed.len() as i64, tally.of(filter), "{filter:?}");
        listed.len()
    })
}

both!(a_body_replies_in_writing_and_the_case_leaves_the_list_by_a_decision_alone, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.team;
    let id = dispatched(&cast);
    let it = order(&cast, cast.leader, id);
    assert_eq!((it.organization, it.state, it.office.role), (body, State::Waiting, Role::Leader));
    assert_eq!(it.due.to_string(), "2026-11-25T18:00:00+08:00", "three work days from Friday morning");
    assert_eq!(told(&cast, handler, NoticeKind::SupervisionOrdered), 1);
    assert_eq!(counted(&cast.as_one(handler), &Lens::ToReply), [1, 0, 0, 0]);
    assert_eq!(counted(&cast.as_one(cast.leader), &Lens::Area(None)), [1, 0, 0, 0]);

    assert_eq!(conflict(take(&cast, cast.leader, it.id, Step::Accept)), "conflict-supervision-no-reply");
    for (by, step) in
        [(cast.dispatcher, Step::Reply), (handler, Step::Cancel), (cast.dispatcher, Step::Accept)]
    {
        assert!(matches!(take(&cast, by, it.id, step), Err(Refusal::Denied)), "{step:?}");
    }
    let bare = supervision::advance(&cast.as_one(handler), it.id, Step::Reply, None, "  ");
    assert!(matches!(bare, Err(Refusal::Invalid(_))), "in writing: {bare:?}");
    let reply =
        supervision::advance(&cast.as_one(handler), it.id, Step::Reply, None, "缺配件，周三到货").unwrap();
    assert_eq!((reply.state, reply.reply.as_str()), (State::Replied, "缺配件，周三到货"));
    assert_eq!(told(&cast, cast.leader, NoticeKind::SupervisionReplied), 1);

    // The work goes on and ends; the order stands until somebody decides.
    cast.walk(id, &[(handler, "feed_back", plain()), (cast.dispatcher, "accept", plain())]);
    cast.walk(id, &[(cast.supervisor, "close", plain())]);
    assert_eq!(counted(&cast.as_one(cast.leader), &Lens::Area(None)), [0, 0, 1, 0]);
    cast.ground.clock.pass_seconds(86_400);
    let again = take(&cast, cast.leader, it.id, Step::Refuse).unwrap();
    assert_eq!((again.state, again.refusals, again.reply.as_str()), (State::Waiting, 1, "缺配件，周三到货"));
    assert_eq!(again.due.to_string(), "2026-11-25T18:00:00+08:00", "three work days anew, from Saturday");
    take(&cast, handler, it.id, Step::Reply).unwrap();
    let done = take(&cast, cast.leader, it.id, Step::Accept).unwrap();
    assert_eq!((done.state, done.ended_at), (State::Accepted, Some(cast.ground.now())));
    assert_eq!(told(&cast, handler, NoticeKind::SupervisionEnded), 1);
    assert_eq!(counted(&cast.as_one(cast.leader), &Lens::Area(None)), [0, 0, 0, 1]);
    assert_eq!(conflict(take(&cast, handler, it.id, Step::Reply)), "conflict-supervision-ended");

    let timeline = case::record(&cast.as_one(cast.leader), id).unwrap().events;
    let said: Vec<_> = timeline.iter().filter(|it| it.detail.supervision.is_some()).collect();
    let words: Vec<_> = said.iter().map(|it| it.transition.trim_start_matches("supervision_")).collect();
    assert_eq!(words, ["order", "reply", "refuse", "reply", "accept"]);
    assert!(
        said.iter().all(|it| !it.public && it.organization.is_some()),
        "by office, and not for the reporter"
    );
    let audit = case::audit(&Ctx::system(cast.ground.city.clone())).unwrap();
    assert_eq!((audit.cases, audit.faults), (1, Vec::<String>::new()));
    assert_eq!(cast.ground.count("SELECT COUNT(*) FROM journal WHERE action LIKE 'case.supervision_%'"), 5);
});

both!(a_late_reply_is_told_once_to_those_above_and_a_missed_round_is_made_up, |db: Db| {
    let cast = Cast::new(db);
    let (_, handler) = cast.team;
    let mayor = cast.ground.officer("市督办领导", Role::Leader, CITY);
    let (late, answered) = (dispatched(&cast), dispatched(&cast));
    let it = order(&cast, cast.leader, late);
    let other = order(&cast, cast.leader, answered);
    take(&cast, handler, other.id, Step::Reply).unwrap();
    cast.ground.clock.set("2026-11-25T18:00:00+08:00");
    assert_eq!(supervision::tick(&cast.ground.city).unwrap(), 0, "its last moment is not over");
    // Nobody looked for days.
    cast.ground.clock.set("2026-11-30T09:00:00+08:00");
    assert_eq!(supervision::tick(&cast.ground.city).unwrap(), 1);
    assert_eq!(supervision::tick(&cast.ground.city).unwrap(), 0, "once");
    for who in [handler, cast.leader, mayor] {
        assert_eq!(told(&cast, who, NoticeKind::SupervisionLate), 1);
    }
    assert_eq!(
        told(&cast, cast.commander, NoticeKind::SupervisionLate),
        0,
        "no office above the one that ordered it"
    );
    let events = case::record(&cast.as_one(cast.leader), late).unwrap().events;
    let said = events.last().unwrap();
    assert_eq!((said.transition.as_str(), said.actor, said.detail.told.len()), (supervision::LATE, None, 1));
    assert_eq!(counted(&cast.as_one(cast.leader), &Lens::Area(None)), [1, 1, 1, 0]);
    // A late reply is still a reply, and another time is another deadline.
    take(&cast, handler, it.id, Step::Reply).unwrap();
    take(&cast, cast.leader, it.id, Step::Refuse).unwrap();
    cast.ground.clock.pass_seconds(9 * 86_400);
    assert_eq!(supervision::tick(&cast.ground.city).unwrap(), 1);
});

both!(it_is_ordered_from_above_by_nobody_who_handles_it_and_decided_there_or_higher, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.team;
    let id = dispatched(&cast);
    for stranger in [handler, cast.dispatcher, cast.acceptor, cast.grid_leader] {
        let ctx = cast.as_one(stranger);
        assert!(matches!(supervision::order(&ctx, &new(&ctx, id)), Err(Refusal::Denied)));
    }
    let reporter = cast.as_one(cast.resident);
    assert!(matches!(supervision::order(&reporter, &new(&reporter, id)), Err(Refusal::Denied)));
    let elsewhere = cast.ground.officer("卓资县督办", Role::Leader, "150921");
    let elsewhere = cast.as_one(elsewhere);
    assert!(matches!(supervision::order(&elsewhere, &new(&elsewhere, id)), Err(Refusal::NotFound)));
    // A leader who also works for the body that has it does not supervise it.
    let both = cast.ground.officer("兼职领导", Role::Leader, COUNTY);
    cast.ground.appoint(cast.ground.post(body, Role::Handler, TOWNSHIP), both, None);
    let both = cast.as_one(both);
    assert!(matches!(supervision::order(&both, &new(&both, id)), Err(Refusal::Denied)));

    let near = cast.ground.officer("街道领导", Role::Leader, TOWNSHIP);
    let ctx = cast.as_one(near);
    let early = New { kind: Kind::Overdue, ..new(&ctx, id) };
    assert!(matches!(supervision::order(&ctx, &early), Err(Refusal::Invalid(_))), "its time is not over");
    let listed = New { level: "listed".into(), ..new(&ctx, id) };
    assert!(matches!(supervision::order(&ctx, &listed), Err(Refusal::Invalid(_))), "a county orders that");
    let unknown = New { level: "none".into(), requirement: " ".into(), ..new(&ctx, id) };
    let Err(Refusal::Invalid(faults)) = supervision::order(&ctx, &unknown) else { panic!("accepted") };
    assert_eq!(faults.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["requirement", "level"]);
    let it = supervision::order(&ctx, &new(&ctx, id)).unwrap();
    take(&cast, handler, it.id, Step::Reply).unwrap();
    let beside = cast.ground.officer("街道领导二", Role::Leader, TOWNSHIP);
    assert!(
        matches!(take(&cast, beside, it.id, Step::Accept), Err(Refusal::Denied)),
        "another office of that tier"
    );
    assert_eq!(take(&cast, cast.commander, it.id, Step::Accept).unwrap().state, State::Accepted);
    let it = order(&cast, cast.leader, id);
    assert!(matches!(take(&cast, near, it.id, Step::Cancel), Err(Refusal::Denied)), "from below");
    assert_eq!(take(&cast, cast.leader, it.id, Step::Cancel).unwrap().state, State::Cancelled);
});

both!(an_office_gives_one_order_at_a_time_and_two_at_once_do_not_both_come_true, |db: Db| {
    let cast = Cast::new(db);
    let id = dispatched(&cast);
    let (leader, commander) = (cast.as_one(cast.leader), cast.as_one(cast.commander));
    let done: Vec<_> = std::thread::scope(|scope| {
        let tries: Vec<_> = [&leader, &commander, &leader, &commander, &leader]
            .map(|ctx| (ctx, new(ctx, id)))
            .into_iter()
            .map(|(ctx, new)| scope.spawn(move || supervision::order(ctx, &new)))
            .collect();
        tries.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let offices: BTreeSet<_> = done.iter().flatten().map(|it| it.office.organization).collect();
    assert_eq!((done.iter().flatten().count(), offices.len()), (2, 2), "{done:?}");
    assert!(done.into_iter().filter(Result::is_err).all(|it| conflict(it) == "conflict-supervised"));

    // Two who decide at once: one decision.
    let desk = supervision::desk(&leader, id).unwrap();
    let mine = desk.orders.iter().find(|it| it.order.office.role == Role::Leader).unwrap().order.id;
    take(&cast, cast.team.1, mine, Step::Reply).unwrap();
    let done: Vec<_> = std::thread::scope(|scope| {
        let decide = |step| supervision::advance(&leader, mine, step, None, "意见");
        let tries = [Step::Accept, Step::Cancel, Step::Accept].map(|step| scope.spawn(move || decide(step)));
        tries.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(done.iter().flatten().count(), 1, "{done:?}");
    let events = case::record(&leader, id).unwrap().events;
    let is_end = |word: &str| ["supervision_accept", "supervision_cancel"].contains(&word);
    assert_eq!(events.iter().filter(|it| is_end(&it.transition)).count(), 1);
});

both!(the_same_order_or_step_sent_twice_is_done_once, |db: Db| {
    let cast = Cast::new(db);
    let id = dispatched(&cast);
    let ctx = cast.as_one(cast.leader);
    let new = new(&ctx, id);
    let first = supervision::order(&ctx, &new).unwrap();
    assert_eq!(supervision::order(&ctx, &new).unwrap(), first);
    let other = New { requirement: "别的".into(), ..new };
    assert_eq!(conflict(supervision::order(&ctx, &other)), "conflict-supervision-id");
    let handler = cast.as_one(cast.team.1);
    let request = Some(Uuid::from_u128(7));
    let once = supervision::advance(&handler, first.id, Step::Reply, request, "好").unwrap();
    assert_eq!(supervision::advance(&handler, first.id, Step::Reply, request, "好").unwrap(), once);
    assert_eq!(
        conflict(supervision::advance(&handler, first.id, Step::Reply, None, "好")),
        "conflict-supervision-replied"
    );
    for _ in 0..3 {
        take(&cast, cast.leader, first.id, Step::Refuse).unwrap();
        take(&cast, cast.team.1, first.id, Step::Reply).unwrap();
    }
    assert_eq!(conflict(take(&cast, cast.leader, first.id, Step::Refuse)), "conflict-supervision-refusals");
});

both!(before_a_body_has_it_those_reply_whose_turn_it_is_and_a_closed_case_is_not_put_under_it, |db: Db| {
    let cast = Cast::new(db);
    let id = cast.report(cast.resident, "city-event", "c1-street-lamp").id;
    let it = order(&cast, cast.leader, id);
    assert_eq!(
        told(&cast, cast.grid_leader, NoticeKind::SupervisionOrdered),
        1,
        "the grid has to look at it"
    );
    take(&cast, cast.grid_leader, it.id, Step::Reply).unwrap();
    take(&cast, cast.leader, it.id, Step::Accept).unwrap();
    cast.walk(
        id,
        &[(cast.grid_leader, "verify", found("exists")), (cast.dispatcher, "dispatch", to(cast.team.0))],
    );
    let handler = cast.team.1;
    cast.walk(id, &[(handler, "feed_back", plain()), (cast.dispatcher, "accept", plain())]);
    let checked = order(&cast, cast.leader, id);
    assert_ne!(checked.organization, cast.team.0, "those who check it are asked, not who handled it");
    take(&cast, cast.leader, checked.id, Step::Cancel).unwrap();
    cast.walk(
        id,
        &[(cast.supervisor, "close", plain()), (cast.resident, "rate", crate::cast::rated(5, true))],
    );
    let ctx = cast.as_one(cast.leader);
    assert_eq!(conflict(supervision::order(&ctx, &new(&ctx, id))), "conflict-closed");
    assert!(!supervision::desk(&ctx, id).unwrap().may_order);
});

both!(what_one_may_not_see_of_supervision_does_not_exist, |db: Db| {
    let cast = Cast::new(db);
    let id = dispatched(&cast);
    let it = order(&cast, cast.leader, id);
    let stranger = cast.ground.organization(OrganizationKind::EnforcementTeam, "别的队", COUNTY, None);
    let other = cast.ground.staff("别人");
    cast.ground.appoint(cast.ground.post(stranger, Role::Handler, COUNTY), other, None);
    let other = cast.as_one(other);
    assert!(matches!(supervision::get(&other, it.id), Err(Refusal::NotFound)));
    assert_eq!(counted(&other, &Lens::ToReply), [0; 4]);
    assert!(matches!(supervision::tally(&other, &Lens::Area(None)), Err(Refusal::Denied)));
    let reporter = cast.as_one(cast.resident);
    assert!(matches!(supervision::get(&reporter, it.id), Err(Refusal::Denied)));
    assert!(supervision::desk(&reporter, id).unwrap().orders.is_empty());
    assert!(case::record(&reporter, id).unwrap().events.iter().all(|it| it.detail.supervision.is_none()));
    let everybody = Ctx::anonymous(cast.ground.city.clone());
    let steps = case::published_steps(&everybody, std::iter::once(id)).unwrap();
    assert!(steps.iter().all(|it| !it.transition.starts_with(case::SUPERVISION)), "{steps:?}");
    assert!(matches!(supervision::tally(&everybody, &Lens::ToReply), Err(Refusal::SignIn)));
    assert!(matches!(supervision::get(&everybody, it.id), Err(Refusal::NotFound)));
});

both!(an_order_that_cannot_be_read_keeps_nobody_from_hearing_of_the_next, |db: Db| {
    const UNSOUND: &str = "UPDATE supervision SET kind = 'nowhere' WHERE id = $1";
    let cast = Cast::new(db);
    let orders = [(); 2].map(|()| order(&cast, cast.leader, dispatched(&cast)));
    let city = cast.as_one(cast.leader).city.clone();
    city.db.write::<_, StoreError>(|tx| tx.execute(UNSOUND, params![orders[0].id])).unwrap();
    cast.ground.clock.set("2026-11-25T18:00:01+08:00");
    assert_eq!(supervision::tick(&city).unwrap(), 1);
    assert_eq!(told(&cast, cast.leader, NoticeKind::SupervisionLate), 1);
    assert_eq!(supervision::tick(&city).unwrap(), 0, "once");
});
