//! Figures of the loop, held equal to what the timelines tell.

mod claim;
mod recount;

use std::collections::BTreeMap;

use domain::{
    Ctx, Refusal, Window, area,
    case::{self, Record, StepInput},
    evaluation::{
        self, Behind, BehindWork, Counted, Figure, Figures, Grouping, Period, Posts, WorkFigure, WorkFigures,
        WorkOffice,
    },
    journal, organization,
};
use kernel::{Case, Id, Organization, Role};
use store::{Db, StoreError, both, params};

use self::recount::{Reader, key};
use crate::case::{COMMUNITY, Town, centre, lamp, team};

fn leader(town: &Town) -> Ctx {
    town.person(8, &[(Role::Leader, centre(), "150902")])
}

fn period(from: &str, to: &str) -> Period {
    Period::parse(from, to).unwrap()
}

fn figures(town: &Town, period: Period) -> Figures {
    evaluation::evaluate(&town.acceptor(), "150902", period, Grouping::Area).unwrap().total.all
}

fn handle(town: &Town, id: Id<Case>) {
    let handler = town.handler();
    let done = StepInput { note: "已修好".into(), photos: town.photos(&handler), ..StepInput::default() };
    case::advance(&handler, id, "feed_back", &done).unwrap();
}

/// Enters all that waits, though it changed a moment ago.
fn settle(town: &Town) {
    town.clock.pass_seconds(11);
    while evaluation::settle(&town.city).unwrap() {}
    assert_eq!(evaluation::audit(&Ctx::system(town.city.clone())).unwrap(), [""; 0]);
}

// The lamp's three work days from Friday the 20th end on Wednesday the 25th at 18:00.
both!(a_case_counts_in_the_period_of_its_deadline_alone, |db: Db| {
    let town = Town::new(db);
    let ids: Vec<_> = (1..=3).map(|number| town.dispatched(number)).collect();
    let november = period("2026-11-01", "2026-11-30");
    let december = period("2026-12-01", "2026-12-31");
    assert_eq!(figures(&town, november.before()), Figures::default());

    town.clock.set("2026-11-25T17:59:00+08:00");
    handle(&town, ids[0]);
    assert_eq!(figures(&town, november).due, 0, "what is not due yet counts nowhere, even if it is done");
    town.clock.set("2026-11-26T09:00:00+08:00");
    handle(&town, ids[1]);
    town.clock.set("2026-12-02T09:00:00+08:00");
    let before = figures(&town, november);
    assert_eq!((before.reported, before.registered, before.due), (3, 3, 3));
    assert_eq!((before.handled, before.handled_on_time, before.unhandled), (2, 1, 1));
    let carried = Figures { carried: 1, carried_open: 1, ..Figures::default() };
    assert_eq!(figures(&town, december), carried);

    settle(&town);
    handle(&town, ids[2]);
    assert_eq!(figures(&town, november), before, "what is done in December does not mend November");
    let handled = Figures { carried: 1, carried_handled: 1, ..Figures::default() };
    assert_eq!(figures(&town, december), handled);

    // A rework takes the first handling back, on time as it was.
    settle(&town);
    let again = StepInput { note: "还在闪".into(), ..StepInput::default() };
    case::advance(&town.dispatcher(), ids[0], "rework", &again).unwrap();
    let after = figures(&town, november);
    assert_eq!((after.handled, after.handled_on_time, after.unhandled), (1, 0, 2));
    settle(&town);
    assert_eq!(figures(&town, november), after, "what is entered in pages is what was counted");
});

fn send(town: &Town, id: Id<Case>, body: Id<Organization>) {
    let send = StepInput { organization: Some(body), ..StepInput::default() };
    case::advance(&town.dispatcher(), id, "dispatch", &send).unwrap();
}

both!(a_case_that_others_support_weighs_one_in_its_area_and_each_part_is_its_bodys_work, |db: Db| {
    let town = Town::new(db);
    let id = case::report(&town.acceptor(), lamp(1)).unwrap().0.id;
    let others: Vec<_> = (1..=4).map(|number| found_body(&town, number)).collect();
    let send =
        StepInput { organization: Some(town.lighting), supporting: others.clone(), ..StepInput::default() };
    let parts = case::advance(&town.dispatcher(), id, "dispatch", &send).unwrap().related.children;
    let worker = handler_of(&town, others[0]);
    let done = StepInput { note: "已断电".into(), photos: town.photos(&worker), ..StepInput::default() };
    let part = parts.iter().find(|it| it.owner == Some(others[0])).unwrap().id;
    case::advance(&worker, part, "feed_back", &done).unwrap();

    town.clock.set("2026-12-01T09:00:00+08:00");
    let november = period("2026-11-01", "2026-11-30");
    for is_settled in [false, true] {
        let it = figures(&town, november);
        let sent = (it.reported, it.due, it.dispatched, it.due_to_close);
        assert_eq!((sent, it.handled), ((1, 1, 1, 1), 0), "settled: {is_settled}");
        let theirs = body_figures(&town, november, others[0]);
        assert_eq!((theirs.due, theirs.handled, theirs.dispatched), (1, 1, 1));
        assert_eq!(body_figures(&town, november, others[1]).unhandled, 1);
        compare_lists(&town, november, it);
        let december = figures(&town, period("2026-12-01", "2026-12-31"));
        assert_eq!((december.carried, december.carried_open), (1, 1));
        compare_lists(&town, period("2026-12-01", "2026-12-31"), december);
        settle(&town);
    }
    let day = case::Between { from: november.start(), until: november.end() };
    let received = case::watched(&town.acceptor(), "150902", case::Watched::Received(day), &Window::first(9));
    assert_eq!(received.unwrap().items.len(), 1, "the wall counts a report once, too");
});

fn found_body(town: &Town, number: i64) -> Id<Organization> {
    let ctx = Ctx::system(town.city.clone());
    let place = ctx.read(|tx| area::place(tx, "150902")).unwrap().unwrap();
    crate::case::found(&ctx, &format!("协办单位{number}"), Role::Handler, &place)
}

fn handler_of(town: &Town, body: Id<Organization>) -> Ctx {
    town.person(5, &[(Role::Handler, body, "150902")])
}

fn body_figures(town: &Town, period: Period, body: Id<Organization>) -> Figures {
    let rows = evaluation::evaluate(&town.acceptor(), "150902", period, Grouping::Organization).unwrap().rows;
    let key = body.to_string();
    rows.iter().find(|row| row.key == key).map(|row| row.counted.all).unwrap_or_default()
}

both!(a_return_is_counted_for_the_body_that_made_it_and_not_for_the_one_that_did_the_work, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let ground = Some("not-our-duty".into());
    let back = StepInput { note: "不归我们管".into(), ground, ..StepInput::default() };
    case::advance(&town.handler(), id, "return", &back).unwrap();
    send(&town, id, town.waterworks);
    let worker = handler_of(&town, town.waterworks);
    let done =
        || StepInput { note: "已修好".into(), photos: town.photos(&worker), ..StepInput::default() };
    case::advance(&worker, id, "feed_back", &done()).unwrap();
    let again = StepInput { note: "还在闪".into(), ..StepInput::default() };
    case::advance(&town.dispatcher(), id, "rework", &again).unwrap();
    case::advance(&worker, id, "feed_back", &done()).unwrap();
    case::advance(&town.dispatcher(), id, "accept", &StepInput::default()).unwrap();
    let checker = town.checker();
    let passed = StepInput { photos: town.photos(&checker), ..StepInput::default() };
    case::advance(&checker, id, "close", &passed).unwrap();
    let rated = StepInput { rating: Some(5), solved: Some(true), ..StepInput::default() };
    case::advance(&town.resident(), id, "rate", &rated).unwrap();

    town.clock.set("2026-11-26T09:00:00+08:00");
    let november = period("2026-11-01", "2026-11-30");
    for is_settled in [false, true] {
        let gave_back = Figures { dispatched: 1, returned: 1, ..Figures::default() };
        assert_eq!(body_figures(&town, november, town.lighting), gave_back, "settled: {is_settled}");
        let worked = body_figures(&town, november, town.waterworks);
        assert_eq!((worked.dispatched, worked.dispatched_right, worked.returned), (1, 1, 0));
        assert_eq!((worked.due, worked.handled, worked.reworked), (1, 1, 1));
        let whole =
            evaluation::evaluate(&town.acceptor(), "150902", november, Grouping::Organization).unwrap();
        assert_eq!((whole.total.all.dispatched, whole.total.all.returned, whole.total.all.due), (1, 1, 1));
        compare_lists(&town, november, whole.total.all);
        settle(&town);
    }
    let claims = evaluation::claims(&worker, id).unwrap();
    assert_eq!(claims.may_appeal, [evaluation::Fact::Reworked], "nobody appeals what another did");
});

both!(only_those_who_may_count_are_shown_figures_and_only_those_who_may_read_their_cases, |db: Db| {
    let town = Town::new(db);
    town.dispatched(1);
    town.clock.set("2026-12-01T09:00:00+08:00");
    let november = period("2026-11-01", "2026-11-30");
    let ask = |ctx: &Ctx, code: &str| evaluation::evaluate(ctx, code, november, Grouping::Organization);
    assert!(matches!(ask(&town.resident(), "150902"), Err(Refusal::Denied)));
    assert!(matches!(ask(&Ctx::anonymous(town.city.clone()), "150902"), Err(Refusal::SignIn)));
    assert!(matches!(ask(&town.acceptor(), "150921"), Err(Refusal::Denied)), "another county");
    assert!(matches!(ask(&town.acceptor(), "999999"), Err(Refusal::NotFound)));
    let bodies = ask(&town.acceptor(), "150902").unwrap().rows;
    assert_eq!(bodies.len(), 1);
    assert_eq!((bodies[0].name.as_str(), bodies[0].counted.all.due), ("集宁区照明所", 1));

    let auditor = town.person(9, &[(Role::Auditor, centre(), "150902")]);
    let open = |ctx: &Ctx| {
        evaluation::cases(ctx, &behind(november, Figure::Due), &Window::first(10)).map(|it| it.items.len())
    };
    assert_eq!(open(&town.acceptor()).unwrap(), 1);
    assert!(!ask(&auditor, "150902").unwrap().opens);
    assert!(matches!(open(&auditor), Err(Refusal::Denied)), "an auditor counts and does not read");
});

fn behind(period: Period, figure: Figure) -> Behind<'static> {
    Behind { area: "150902", period, figure, organization: None, adjusted: false }
}

/// Chance that is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Takes some step that the case's stage offers. A closed case is mostly left alone.
fn step(town: &Town, id: Id<Case>, dice: &mut Dice) {
    let now = case::record(&Ctx::system(town.city.clone()), id).unwrap().case;
    if now.merged_into.is_some() {
        return;
    }
    let note = || StepInput { note: "说明".into(), ..StepInput::default() };
    let worker = if dice.below(2) == 0 {
        town.grid_worker()
    } else {
        town.person(12, &[(Role::GridAssistant, team(), COMMUNITY)])
    };
    let handler = match now.owner {
        Some(owner) => town.person(5, &[(Role::Handler, owner, "150902")]),
        None => town.handler(),
    };
    // Nobody checks again, or calls again, what they closed before it was opened again.
    let checker = town.person(30 + now.reopens as u128, &[(Role::GridSupervisor, team(), COMMUNITY)]);
    let caller = town.person(60 + now.reopens as u128, &[(Role::Acceptor, centre(), "150902")]);
    let reporter = if now.source == case::Source::Public { town.resident() } else { town.grid_worker() };
    let (acceptor, dispatcher) = (town.acceptor(), town.dispatcher());
    let photos = |ctx: &Ctx, input: StepInput| StepInput { photos: town.photos(ctx), ..input };
    let found = |what: &str| StepInput { finding: Some(what.into()), ..note() };
    let rating = StepInput {
        rating: Some(1 + dice.below(5) as i64),
        solved: Some(dice.below(2) == 0),
        ..StepInput::default()
    };
    let sent_back = StepInput { ground: Some("not-our-duty".into()), ..note() };
    let is_request = now.procedure == "public-request";
    let (ctx, transition, input) = match now.stage.as_str() {
        "collect" if dice.below(4) == 0 => (worker, "refute", found("absent")),
        "collect" => (worker.clone(), "verify", photos(&worker, found("exists"))),
        "register" if dice.below(4) == 0 => {
            (acceptor, "void", StepInput { ground: Some("does-not-exist".into()), ..note() })
        }
        "register" => (acceptor, "register", StepInput::default()),
        "accept" => (acceptor, "accept_request", StepInput::default()),
        "dispatch" => {
            let body = if dice.below(3) == 0 { town.waterworks } else { town.lighting };
            (dispatcher, "dispatch", StepInput { organization: Some(body), ..StepInput::default() })
        }
        "contact" | "handle"
            if dice.below(4) == 0 && (now.stage == "contact") == is_request && may_return(&handler, id) =>
        {
            (handler, "return", sent_back)
        }
        "contact" => (handler, "contact", found(if dice.below(3) == 0 { "unreached" } else { "reached" })),
        "handle" if is_request => (handler, "reply", note()),
        "handle" => (handler.clone(), "feed_back", photos(&handler, note())),
        "feedback" if dice.below(5) == 0 => (dispatcher, "rework", note()),
        "feedback" => (dispatcher, "accept", StepInput::default()),
        "review" => (dispatcher, "accept_reply", StepInput::default()),
        "check" if dice.below(4) == 0 => (checker.clone(), "fail", photos(&checker, note())),
        "check" => (checker.clone(), "close", photos(&checker, StepInput::default())),
        "call_back" if now.reworks == 0 && dice.below(4) == 0 => (caller, "redo", note()),
        "call_back" if dice.below(4) == 0 => (caller, "unanswered", found("unreached")),
        "call_back" => (caller, "call_back", rating),
        "evaluate" | "closed" if dice.below(3) == 0 && now.reopens < 2 && is_recent(town, &now) => {
            (reporter, "reopen", note())
        }
        "evaluate" => (reporter, "rate", rating),
        _ => return,
    };
    case::advance(&ctx, id, transition, &input).unwrap();
}

/// Whether the body may still give it back; after a ruling, or once it did, it may not.
fn may_return(handler: &Ctx, id: Id<Case>) -> bool {
    case::record(handler, id).unwrap().transitions.iter().any(|it| it == "return")
}

/// Every eighth report is found to be a second one of the last before it that is open.
fn merge_some(town: &Town, ids: &[Id<Case>]) {
    let all = Ctx::system(town.city.clone());
    let Some((last, before)) = ids.split_last().filter(|_| ids.len().is_multiple_of(8)) else { return };
    let of = |id: &Id<Case>| case::record(&all, *id).unwrap().case;
    let second = of(last);
    let is_like = |it: &case::Case| {
        it.status == case::Status::Open && it.handled_at.is_none() && it.class == second.class
    };
    if let Some(main) = before.iter().rev().map(of).find(is_like) {
        case::merge(&town.acceptor(), *last, main.id, None, "同一件事").unwrap();
    }
}

/// Whether it may still be opened again.
fn is_recent(town: &Town, case: &case::Case) -> bool {
    town.city.clock.now().seconds_since(case.stage_since) < 7 * 86_400
}

/// Some ninety days of cases that come and move; after each move `look` is called.
pub fn history(town: &Town, mut look: impl FnMut(usize, &[Id<Case>])) {
    let (mut dice, mut ids) = (Dice(20_261_126), Vec::new());
    for turn in 0..448 {
        town.clock.pass_seconds(600 + dice.below(12 * 3_600) as i64);
        if ids.is_empty() || dice.below(6) == 0 {
            let class =
                ["c1-street-lamp", "c1-water-supply", "c2-road-surface", "e9-other"][dice.below(4) as usize];
            let procedure = if class == "e9-other" { "public-request" } else { "city-event" };
            let report = case::Report { class: class.into(), procedure: procedure.into(), ..lamp(turn + 1) };
            let by = if dice.below(3) == 0 { town.grid_worker() } else { town.resident() };
            ids.push(case::report(&by, report).unwrap().0.id);
            merge_some(town, &ids);
        } else {
            // Of two moves one is of the latest case, so that some come to their ends in time.
            let latest = dice.below(2) == 0;
            let index = if latest { ids.len() - 1 } else { dice.below(ids.len() as u64) as usize };
            step(town, ids[index], &mut dice);
        }
        // Some are entered in pages at once, others after many moves.
        if dice.below(9) == 0 {
            settle(town);
        }
        look(turn as usize, &ids);
    }
}

fn records(town: &Town, ids: &[Id<Case>]) -> Vec<Record> {
    let all = Ctx::system(town.city.clone());
    ids.iter().map(|id| case::record(&all, *id).unwrap()).collect()
}

const PERIODS: [(&str, &str); 6] = [
    ("2026-11-20", "2026-11-30"),
    ("2026-12-01", "2026-12-31"),
    ("2026-12-10", "2026-12-10"),
    ("2027-01-01", "2027-01-31"),
    ("2027-02-01", "2027-02-28"),
    ("2026-01-01", "2027-12-31"),
];

both!(every_figure_is_what_the_timelines_tell_and_opens_as_many_cases, |db: Db| {
    let town = Town::new(db);
    let mut seen = Figures::default();
    history(&town, |turn, ids| {
        if turn % 64 != 63 {
            return;
        }
        let records = records(&town, ids);
        for (from, to) in PERIODS {
            let it = period(from, to);
            let total = compare_figures(&town, &records, it);
            if turn == 447 {
                seen += total.all;
                compare_lists(&town, it, total.all);
            }
        }
    });
    let missing = |figure: &&Figure| seen.get(**figure) == 0;
    let missing: Vec<_> = Figure::ALL.iter().filter(missing).map(|it| it.as_str()).collect();
    assert_eq!(missing, ["excluded", "exempted"], "the story has some of each but of decisions: {seen:?}");
});

/// Holds the figures of areas and of bodies to the timelines; returns the whole.
fn compare_figures(town: &Town, records: &[Record], period: Period) -> Counted {
    let ctx = town.acceptor();
    let reader = Reader { calendar: &town.city.calendars.of_file(), period, now: ctx.now };
    let by_area = evaluation::evaluate(&ctx, "150902001", period, Grouping::Area).unwrap();
    assert_eq!(by_area.total.all, reader.figures(records.iter()), "{period:?} at {}", ctx.now);
    assert_eq!(by_area.total.adjusted, by_area.total.all, "nothing was decided");
    assert_eq!(by_area.rows.len(), 2);
    assert_eq!(by_area.rows[0].key, COMMUNITY);
    assert_eq!(by_area.rows[0].counted, by_area.total);
    assert_eq!(by_area.rows[1].counted, Counted::default());

    let by_body = evaluation::evaluate(&ctx, "150902", period, Grouping::Organization).unwrap();
    assert_eq!(by_body.total, by_area.total);
    for row in &by_body.rows {
        let owner: Option<Id<Organization>> = row.key.parse().ok();
        let theirs = reader.figures_of(records.iter(), owner);
        assert_eq!(row.counted.all, theirs, "{} {period:?}", row.name);
    }
    by_area.total
}

/// Holds each figure to the length of the list that it opens.
fn compare_lists(town: &Town, period: Period, total: Figures) {
    let ctx = town.acceptor();
    let by_body = evaluation::evaluate(&ctx, "150902", period, Grouping::Organization).unwrap();
    for figure in Figure::ALL {
        let behind = behind(period, *figure);
        let opened = |behind: &Behind<'_>| listed(|window| evaluation::cases(&ctx, behind, window).unwrap());
        assert_eq!(opened(&behind), total.get(*figure), "{figure:?} {period:?}");
        for row in by_body.rows.iter().filter(|row| !row.key.is_empty()) {
            let organization = row.key.parse().ok();
            let theirs = opened(&Behind { organization, ..behind });
            assert_eq!(theirs, row.counted.all.get(*figure), "{figure:?} {period:?}");
        }
    }
}

/// How many cases a list has, page by page, each once.
fn listed(mut page: impl FnMut(&Window) -> domain::Page<case::Case>) -> i64 {
    let (mut found, mut window) = (Vec::new(), Window::first(7));
    loop {
        let page = page(&window);
        found.extend(page.items.iter().map(|case| case.id));
        match page.next {
            Some(cursor) => window.after = Some(cursor),
            None => break,
        }
    }
    let count = found.len() as i64;
    found.sort();
    found.dedup();
    assert_eq!(found.len() as i64, count, "no case stands twice");
    count
}

/// The bodies of the story, which are but ids elsewhere.
fn found_bodies(town: &Town) {
    let ctx = Ctx::system(town.city.clone());
    let body = |id, name: &str, kind, code: &str| {
        let place = ctx.read(|tx| area::place(tx, code)).unwrap().unwrap();
        let (area, area_path, from) = (place.id, place.path, ctx.now);
        let role = if id == team() { Role::GridLeader } else { Role::Acceptor };
        let post =
            organization::Post { id: ctx.id(), organization: id, role, area, area_path: area_path.clone() };
        (organization::Organization { id, kind, name: name.into(), area, area_path, from, to: None }, post)
    };
    use organization::OrganizationKind as Kind;
    let bodies = [
        body(centre(), "集宁区监督中心", Kind::SupervisionCentre, "150902"),
        body(team(), "泰昌社区网格队", Kind::GridTeam, COMMUNITY),
    ];
    ctx.write(|tx| {
        organization::found_all(tx, &bodies.clone().map(|it| it.0))?;
        organization::create_posts(tx, &bodies.clone().map(|it| it.1))
    })
    .unwrap();
}

both!(the_work_of_each_post_is_what_the_timelines_tell_and_opens_its_cases, |db: Db| {
    let town = Town::new(db);
    found_bodies(&town);
    let mut ids = Vec::new();
    history(&town, |_, all| ids = all.to_vec());
    let records = records(&town, &ids);
    let mut seen = WorkFigures::default();
    for (from, to) in PERIODS {
        let (it, ctx) = (period(from, to), leader(&town));
        let reader = Reader { calendar: &town.city.calendars.of_file(), period: it, now: ctx.now };
        let mut counted: BTreeMap<String, WorkFigures> = BTreeMap::new();
        for posts in [Posts::Desk, Posts::Grid] {
            for office in evaluation::of_offices(&ctx, "150902", it, posts).unwrap() {
                seen += office.figures;
                let whose = office.office;
                compare_work_lists(&ctx, it, whose, office.figures);
                let waiting = |figures: WorkFigures| WorkFigures {
                    verify_received: figures.verified,
                    check_received: figures.checked,
                    ..figures
                };
                counted.insert(key((whose.organization, whose.role, None)), waiting(office.figures));
                for person in evaluation::of_people(&ctx, whose, it).unwrap_or_default() {
                    let whose = (whose.organization, whose.role, Some(person.person));
                    counted.insert(key(whose), person.figures);
                }
            }
        }
        counted.retain(|_, figures| *figures != WorkFigures::default());
        assert_eq!(counted, reader.work(records.iter()), "{from} to {to}");
    }
    let missing: Vec<_> = WorkFigure::ALL.iter().filter(|it| seen.get(**it) == 0).collect();
    assert!(missing.is_empty(), "the story has some of each: {missing:?}");
    assert!(seen.verify_received > seen.verified, "some wait to be verified");
});

/// Holds each figure of an office to the steps that it opens.
fn compare_work_lists(ctx: &Ctx, period: Period, office: WorkOffice, figures: WorkFigures) {
    for figure in WorkFigure::ALL {
        let behind = BehindWork { office, person: None, period, figure: *figure };
        let page = evaluation::work_cases(ctx, &behind, &Window::first(200)).unwrap();
        assert_eq!(page.items.len() as i64, figures.get(*figure), "{figure:?} {office:?} {period:?}");
    }
}

both!(what_a_person_did_is_shown_to_them_and_to_those_above_and_that_it_was_seen_to_them, |db: Db| {
    let town = Town::new(db);
    found_bodies(&town);
    town.dispatched(1);
    let november = period("2026-11-01", "2026-11-30");
    let sent = WorkOffice { organization: centre(), role: Some(Role::Dispatcher) };
    let people = |ctx: &Ctx| evaluation::of_people(ctx, sent, november).map(|it| it.len());
    let dispatcher = town.dispatcher();
    assert_eq!(people(&dispatcher).unwrap(), 1, "one's own");
    let colleague = town.person(14, &[(Role::Dispatcher, centre(), "150902001")]);
    for other in [colleague, town.acceptor(), town.grid_worker(), town.resident()] {
        assert!(matches!(people(&other), Err(Refusal::NotFound)), "a colleague's does not exist");
    }
    let auditor = town.person(9, &[(Role::Auditor, centre(), "150902")]);
    assert!(matches!(people(&auditor), Err(Refusal::NotFound)), "the auditor sees offices, not people");
    assert_eq!(evaluation::of_offices(&auditor, "150902", november, Posts::Desk).unwrap().len(), 1);
    assert!(matches!(
        evaluation::of_offices(&dispatcher, "150902", november, Posts::Desk),
        Err(Refusal::Denied)
    ));
    let readings = || {
        journal::readings(&dispatcher, dispatcher.person().unwrap().person, &Window::first(9))
            .unwrap()
            .items
            .len()
    };
    assert_eq!(readings(), 0, "one's own figures are nobody else's reading");
    assert_eq!(people(&leader(&town)).unwrap(), 1);
    assert_eq!(readings(), 1);

    let of_person = BehindWork {
        office: sent,
        person: Some(dispatcher.person().unwrap().person),
        period: november,
        figure: WorkFigure::Dispatched,
    };
    let open =
        |ctx: &Ctx| evaluation::work_cases(ctx, &of_person, &Window::first(10)).map(|it| it.items.len());
    assert_eq!(open(&leader(&town)).unwrap(), 1);
    assert!(matches!(open(&town.acceptor()), Err(Refusal::NotFound)));
});

both!(an_area_that_ended_keeps_its_row_and_a_moved_case_counts_where_it_lies, |db: Db| {
    let town = Town::new(db);
    town.dispatched(1);
    settle(&town);
    town.clock.set("2026-12-01T09:00:00+08:00");
    let system = Ctx::system(town.city.clone());
    let change = "code,name,parent,previous_code,merged_into,ended\n\
        150902001001,,,,150902001002,2026-12-01\n";
    let options = area::Options { complete: false, date: system.now };
    let source = area::Source { name: "test", bytes: change.as_bytes() };
    area::import(&system, source, options, &mut |_, _| {}).unwrap();
    let rows = evaluation::evaluate(
        &town.acceptor(),
        "150902001",
        period("2026-11-01", "2026-11-30"),
        Grouping::Area,
    )
    .unwrap()
    .rows;
    let of =
        |code: &str| rows.iter().find(|row| row.key == code).map(|row| (row.in_force, row.counted.all.due));
    assert_eq!(of("150902001002"), Some((true, 0)));
    assert_eq!(of(COMMUNITY), Some((false, 1)));
    assert_eq!(rows.last().map(|row| row.name.as_str()), Some("泰昌社区"));
});

both!(a_period_is_set_beside_the_one_before_and_the_same_days_of_the_year_before, |db: Db| {
    let town = Town::new(db);
    town.dispatched(1);
    town.clock.set("2027-11-30T09:00:00+08:00");
    let compared =
        evaluation::compare(&town.acceptor(), "150902", period("2027-11-01", "2027-11-30")).unwrap();
    assert_eq!(compared.before.0, period("2027-10-01", "2027-10-31"));
    assert_eq!(compared.year_before.0, period("2026-11-01", "2026-11-30"));
    assert_eq!((compared.before.1.all.reported, compared.year_before.1.all.reported), (0, 1));
    assert_eq!(compared.before.1.all.carried, 1);
    let outside = evaluation::compare(&town.resident(), "150902", period("2027-11-01", "2027-11-30"));
    assert!(matches!(outside, Err(Refusal::Denied)));
});

both!(a_case_that_cannot_be_entered_holds_up_none_of_those_behind_it, |db: Db| {
    const BREAK: &str = "UPDATE case_file SET counted = $2, counted_revision = NULL WHERE id = $1";
    const ENTERED: &str = "SELECT COUNT(*) FROM case_file WHERE counted_revision IS NOT NULL";
    let town = Town::new(db);
    let ids: Vec<_> = (1..=5).map(|number| town.dispatched(number)).collect();
    settle(&town);
    for id in &ids[..2] {
        town.city.db.write::<_, StoreError>(|tx| tx.execute(BREAK, params![*id, vec![9_u8]])).unwrap();
    }
    ids[1..].iter().for_each(|id| handle(&town, *id));
    town.clock.pass_seconds(11);
    while evaluation::settle(&town.city).unwrap() {}
    let entered = town.city.db.read::<_, StoreError>(|tx| tx.count(ENTERED, params![])).unwrap();
    assert_eq!(entered, 3, "all but the two that are unsound");
});
