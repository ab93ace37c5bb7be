//! Lists and the counts that lead to them.

use std::{cmp::Reverse, collections::BTreeSet};

use kernel::Timestamp;
use store::{StoreError, params};

use super::*;

const OTHER_COMMUNITY: &str = "150902001002";
const OTHER_COUNTY: &str = "150921";
const FAR_COMMUNITY: &str = "150921100001";

impl Town {
    fn path(&self, code: &str) -> AreaPath {
        let ctx = Ctx::system(self.city.clone());
        ctx.read(|tx| area::place(tx, code)).unwrap().unwrap().path
    }

    /// Somebody who holds these roles anywhere.
    fn officer(&self, number: u128, posts: &[(Role, Id<Organization>, &str)]) -> Ctx {
        let post = |(role, organization, code): &(Role, Id<Organization>, &str)| Appointment {
            role: *role,
            organization: *organization,
            area: self.path(code),
        };
        let ctx = self.person(number, &[]);
        let actor = Actor::signed_in(ctx.actor.person.unwrap(), posts.iter().map(post).collect());
        Ctx { actor, ..ctx }
    }

    /// A case at `code` that stands with a body, reported by `reporter` or by a resident.
    fn given(&self, number: u128, code: &str, body: Id<Organization>, reporter: Option<&Ctx>) -> Id<Case> {
        let id = self.reported(number, code, reporter);
        let grid = self.officer(1_002, &[(Role::GridLeader, team(), code)]);
        // What a grid worker reported is registered, without another look.
        if case::record(&grid, id).unwrap().case.stage == "collect" {
            let photos = self.photos(&grid);
            let seen = StepInput { finding: Some("exists".into()), photos, ..StepInput::default() };
            case::advance(&grid, id, "verify", &seen).unwrap();
        } else {
            let acceptor = self.officer(1_006, &[(Role::Acceptor, centre(), "1509")]);
            case::advance(&acceptor, id, "register", &StepInput::default()).unwrap();
        }
        let dispatcher = self.officer(1_004, &[(Role::Dispatcher, centre(), "1509")]);
        let send = StepInput { organization: Some(body), ..StepInput::default() };
        case::advance(&dispatcher, id, "dispatch", &send).unwrap();
        id
    }

    fn reported(&self, number: u128, code: &str, reporter: Option<&Ctx>) -> Id<Case> {
        let report = Report { area: code.into(), ..lamp(number) };
        case::report(reporter.unwrap_or(&self.resident()), report).unwrap().0.id
    }

    fn returned(&self, id: Id<Case>, body: Id<Organization>) {
        let handler = self.officer(1_005, &[(Role::Handler, body, "150902")]);
        let back = StepInput {
            note: "不归我们".into(),
            ground: Some("not-our-duty".into()),
            ..StepInput::default()
        };
        case::advance(&handler, id, "return", &back).unwrap();
    }

    /// Ends a handled case, at the moment on the clock.
    fn rated(&self, id: Id<Case>) {
        let checker = self.checker();
        let passed = StepInput { photos: self.photos(&checker), ..StepInput::default() };
        case::advance(&checker, id, "close", &passed).unwrap();
        let five = StepInput { rating: Some(5), solved: Some(true), ..StepInput::default() };
        case::advance(&self.resident(), id, "rate", &five).unwrap();
    }

    /// Copies of a closed case, each closed a minute before the one before.
    fn copied(&self, model: Id<Case>, copies: u128) {
        const COPY: &str = "INSERT INTO case_file (county_id, id, number, request_hash, procedure_id, \
            procedure_version, class, stage, status, source, area_id, area_path, place, description, owner_id, \
            reported_at, stage_since, stage_due, next_due, escalated, closed_at, updated_at, returns, reworks, revision) \
            SELECT county_id, $1, number, request_hash, procedure_id, procedure_version, class, stage, status, source, \
            area_id, area_path, place, description, owner_id, reported_at, stage_since, stage_due, next_due, escalated, \
            closed_at - $2, updated_at, returns, reworks, revision FROM case_file WHERE id = $3";
        let copy = |tx: &mut store::Tx<'_>| {
            (1..=copies).try_for_each(|copy| {
                let id = Uuid::from_u128(0x9_0000 + copy);
                tx.execute(COPY, params![id, copy as i64 * 60_000_000, model]).map(drop)
            })
        };
        self.city.db.write::<_, StoreError>(copy).unwrap();
    }
}

/// The whole list, turned page by page.
fn whole(ctx: &Ctx, lens: &Lens, filter: &Filter, limit: usize) -> Vec<case::Case> {
    let mut window = Window::first(limit);
    let mut seen = Vec::new();
    loop {
        let page = case::list(ctx, lens, filter, &window).unwrap();
        seen.extend(page.items);
        match page.next {
            Some(next) => window.after = Some(next),
            None => return seen,
        }
    }
}

fn ended(status: Status) -> Filter {
    Filter { status: Some(status), ..Filter::default() }
}

/// Every list that a tally counts.
fn counted(town: &Town) -> Vec<Filter> {
    let stages = town.city.procedures.iter().flat_map(|it| &it.stages);
    let mut filters: Vec<Filter> =
        stages.map(|stage| Filter { stage: Some(stage.id.clone()), ..open() }).collect();
    filters.extend([open(), Filter { overdue: true, ..open() }, Filter { returned: true, ..open() }]);
    filters
}

both!(a_count_is_the_length_of_its_list_through_every_lens_also_where_views_overlap, |db: Db| {
    let town = Town::new(db);
    let (lighting, waterworks) = (town.lighting, town.waterworks);
    // Serves a community; works for a body whose cases lie there and elsewhere; and reports here and there.
    let serve =
        || town.officer(70, &[(Role::GridLeader, team(), COMMUNITY), (Role::Handler, lighting, "150902")]);
    let overlapping = serve();
    for (number, code) in [(1, COMMUNITY), (2, COMMUNITY), (3, OTHER_COMMUNITY), (4, FAR_COMMUNITY)] {
        town.reported(number, code, None);
        town.reported(number + 10, code, Some(&overlapping));
    }
    for (number, code) in [(21, COMMUNITY), (22, OTHER_COMMUNITY), (23, OTHER_COMMUNITY)] {
        town.given(number, code, lighting, None);
        town.given(number + 10, code, lighting, Some(&overlapping));
        let id = town.given(number + 20, code, waterworks, Some(&overlapping));
        town.returned(id, waterworks);
    }
    town.clock.set("2026-11-23T12:00:00+08:00");
    for number in [61, 62] {
        town.given(number, COMMUNITY, waterworks, None);
    }
    let people = [
        town.resident(),
        town.grid_worker(),
        town.dispatcher(),
        town.handler(),
        serve(),
        town.officer(71, &[(Role::GridLeader, team(), COMMUNITY), (Role::Acceptor, centre(), OTHER_COUNTY)]),
        town.officer(72, &[(Role::Dispatcher, centre(), "150902001"), (Role::GridLeader, team(), COMMUNITY)]),
        town.officer(73, &[(Role::Handler, lighting, "150902"), (Role::Handler, waterworks, "150902")]),
        town.officer(74, &[(Role::Leader, centre(), "1509"), (Role::Handler, lighting, "150902")]),
    ];
    let areas = ["1509", "150902", "150902001", COMMUNITY, OTHER_COMMUNITY, OTHER_COUNTY, FAR_COMMUNITY];
    let mut lenses = vec![Lens::Everything, Lens::Mine];
    lenses.extend(areas.map(|code| Lens::Subtree(town.path(code))));
    lenses.extend([lighting, waterworks].map(Lens::Organization));
    let (mut lists, mut cases) = (0, 0);
    for (person, lens) in people.iter().flat_map(|person| lenses.iter().map(move |lens| (person, lens))) {
        let Ok(tally) = case::tally(person, lens) else {
            let list = case::list(person, lens, &open(), &Window::first(1));
            assert!(matches!(list, Err(Refusal::NotFound)), "{lens:?} is listed, but not counted");
            continue;
        };
        for filter in counted(&town) {
            let list = whole(person, lens, &filter, 3);
            let who = person.actor.person;
            assert_eq!(tally.of(&filter), Some(list.len() as i64), "{who:?} {lens:?} {filter:?}");
            (lists, cases) = (lists + 1, cases + list.len());
        }
    }
    assert!(lists > 300 && cases > 600, "{lists} lists of {cases} cases");
    // The one who serves a community and a body sees by each what the other does not hold.
    let tally = case::tally(&people[4], &Lens::Everything).unwrap();
    let parts = [Lens::Subtree(town.community.clone()), Lens::Organization(lighting), Lens::Mine];
    let apart: i64 = parts.iter().map(|lens| case::tally(&people[4], lens).unwrap().open).sum();
    assert!(tally.open < apart && tally.overdue > 0 && tally.returned > 0, "{tally:?}");
    let other = [Filter::default(), ended(Status::Closed), Filter { class: Some("x".into()), ..open() }];
    assert!(other.iter().all(|filter| tally.of(filter).is_none()));
});

both!(a_case_without_a_clock_is_listed_last_and_counted, |db: Db| {
    let town = Town::new(db);
    let (first, second) = (town.reported(1, COMMUNITY, None), town.reported(2, COMMUNITY, None));
    const STOP: &str = "UPDATE case_file SET stage_due = $1, next_due = $1, due = NULL WHERE id = $2";
    let stop = |tx: &mut store::Tx<'_>| tx.execute(STOP, params![i64::MAX, first]);
    town.city.db.write::<_, StoreError>(stop).unwrap();
    let lens = Lens::Subtree(town.community.clone());
    let acceptor = town.acceptor();
    let listed = whole(&acceptor, &lens, &open(), 1);
    assert_eq!(listed.iter().map(|it| it.id).collect::<Vec<_>>(), [second, first]);
    assert_eq!(case::tally(&acceptor, &lens).unwrap().open, 2);
});

both!(what_ended_is_listed_by_when_it_did_through_every_lens, |db: Db| {
    let town = Town::new(db);
    let ids: Vec<Id<Case>> = (1..=5).map(|number| town.handled(number)).collect();
    // Reported in one order, closed in another; two at the same moment.
    for index in [2, 0, 4, 1] {
        town.clock.pass_seconds(3_600);
        town.rated(ids[index]);
    }
    town.rated(ids[3]);
    let refuted = town.reported(6, COMMUNITY, None);
    let absent = StepInput {
        finding: Some("absent".into()),
        note: "没有".into(),
        photos: town.photos(&town.grid_worker()),
        ..StepInput::default()
    };
    case::advance(&town.grid_worker(), refuted, "refute", &absent).unwrap();
    let void =
        StepInput { ground: Some("does-not-exist".into()), note: "没有".into(), ..StepInput::default() };
    case::advance(&town.acceptor(), refuted, "void", &void).unwrap();
    let lenses = [
        (town.acceptor(), Lens::Everything),
        (town.acceptor(), Lens::Subtree(town.community.clone())),
        (town.handler(), Lens::Organization(town.lighting)),
        (town.resident(), Lens::Mine),
        (town.person(1, &[(Role::GridSupervisor, team(), COMMUNITY)]), Lens::Everything),
    ];
    let (latest, earlier) = (ids[1].max(ids[3]), ids[1].min(ids[3]));
    for (person, lens) in &lenses {
        let listed = whole(person, lens, &ended(Status::Closed), 2);
        let listed: Vec<_> = listed.iter().map(|it| it.id).collect();
        assert_eq!(listed, [latest, earlier, ids[4], ids[0], ids[2]], "{lens:?}");
        let voided = whole(person, lens, &ended(Status::Void), 2);
        let given = matches!(lens, Lens::Organization(_));
        assert_eq!(voided.len(), if given { 0 } else { 1 }, "{lens:?}");
    }
    let open_ones = Filter { closed_since: Some(Timestamp::from_micros(0)), ..open() };
    let refused = case::list(&town.acceptor(), &Lens::Everything, &open_ones, &Window::first(5));
    assert_eq!(fields(refused.unwrap_err()), ["status"]);
});

both!(a_large_area_lists_what_ended_in_the_same_order_as_a_small_one, |db: Db| {
    let town = Town::new(db);
    let model = town.handled(1);
    town.rated(model);
    town.copied(model, 1_200);
    town.reported(2, COMMUNITY, None);
    let acceptor = town.acceptor();
    let lens = Lens::Subtree(town.community.clone());
    let listed = whole(&acceptor, &lens, &ended(Status::Closed), 190);
    assert_eq!(listed.len(), 1_201);
    let keys: Vec<_> = listed.iter().map(|it| Reverse((it.closed_at, it.id))).collect();
    assert!(keys.is_sorted() && listed[0].id == model);
    // Elsewhere there is nothing, however much there is beside it.
    let beside = Lens::Subtree(town.path(OTHER_COMMUNITY));
    assert!(whole(&acceptor, &beside, &ended(Status::Closed), 5).is_empty());
    for rare in [
        Filter { class: Some("no-such-class".into()), ..ended(Status::Closed) },
        Filter { closed_since: Some(acceptor.now.plus_seconds(1)), ..ended(Status::Closed) },
        ended(Status::Void),
    ] {
        assert!(whole(&acceptor, &lens, &rare, 5).is_empty(), "{rare:?}");
    }
    let since = listed[700].closed_at;
    let recent = whole(&acceptor, &lens, &Filter { closed_since: since, ..ended(Status::Closed) }, 190);
    assert_eq!(recent.len(), 701, "the one that was closed at that very moment too");
});

both!(the_closed_of_a_month_are_those_that_their_count_leads_to, |db: Db| {
    let town = Town::new(db);
    let closings = [
        "2026-11-20T23:59:59+08:00",
        "2026-11-21T00:00:00+08:00",
        "2026-12-01T09:00:00+08:00",
        "2026-12-20T09:00:00+08:00",
    ];
    let ids: Vec<Id<Case>> = (1..=4).map(|number| town.handled(number)).collect();
    for (id, moment) in ids.iter().zip(closings) {
        town.clock.set(moment);
        town.rated(*id);
    }
    // One whose area below the county is no more.
    let stray = town.reported(9, COMMUNITY, None);
    const MOVE: &str = "UPDATE case_file SET area_path = $1 WHERE id = $2";
    let county = town.path("150902");
    let lift = |tx: &mut store::Tx<'_>| tx.execute(MOVE, params![&county, stray]);
    town.city.db.write::<_, StoreError>(lift).unwrap();
    town.clock.set("2026-12-20T18:30:00+08:00");
    let leader = town.officer(80, &[(Role::Leader, centre(), "1509")]);
    let counts = case::counts(&leader, "150902").unwrap();
    assert_eq!(counts.closed_since.to_string(), "2026-11-21T00:00:00+08:00", "thirty days, today among them");
    let closed = Filter { closed_since: Some(counts.closed_since), ..ended(Status::Closed) };
    for code in ["1509", "150902", "150902001", COMMUNITY, OTHER_COMMUNITY, OTHER_COUNTY] {
        let counts = case::counts(&leader, code).unwrap();
        let lens = Lens::Subtree(town.path(code));
        assert_eq!(counts.closed, whole(&leader, &lens, &closed, 2).len() as i64, "{code}");
        assert_eq!(counts.open, case::tally(&leader, &lens).unwrap(), "{code}");
        for area in &counts.areas {
            let lens = Lens::Subtree(town.path(&area.code));
            let open = case::tally(&leader, &lens).unwrap();
            let listed = whole(&leader, &lens, &closed, 2).len() as i64;
            assert_eq!(
                (area.count.open, area.count.overdue, area.count.closed),
                (open.open, open.overdue, listed)
            );
        }
    }
    assert_eq!((counts.total().open, counts.total().closed), (1, 3));
    let below: BTreeSet<_> = counts.areas.iter().map(|it| (it.count.open, it.count.closed)).collect();
    assert_eq!(below, [(0, 3)].into(), "it lies in none of the areas below");
    // Who sees a part of an area is shown the counts of that part.
    let part = town.officer(81, &[(Role::Leader, centre(), COMMUNITY)]);
    let shown = case::list_counts(&part, &town.path("1509")).unwrap();
    assert_eq!((shown.total().open, shown.total().closed, shown.areas[0].count.closed), (0, 3, 3));
    assert!(matches!(case::counts(&part, "1509"), Err(Refusal::Denied)));
    let nobody = town.person(82, &[]);
    assert!(matches!(case::list_counts(&nobody, &town.path("1509")), Err(Refusal::NotFound)));
});

both!(pages_of_a_list_follow_each_other_without_gap_or_repeat, |db: Db| {
    let town = Town::new(db);
    for number in 0..7 {
        town.clock.pass_seconds(60);
        case::report(&town.resident(), lamp(number)).unwrap();
    }
    for filter in [open(), Filter::default()] {
        let mut window = Window::first(3);
        let mut seen = Vec::new();
        loop {
            let page = case::list(&town.acceptor(), &Lens::Everything, &filter, &window).unwrap();
            seen.extend(page.items.iter().map(|it| it.id));
            match page.next {
                Some(next) => window.after = Some(next),
                None => break,
            }
        }
        let distinct: std::collections::BTreeSet<_> = seen.iter().copied().collect();
        assert_eq!((seen.len(), distinct.len()), (7, 7), "{filter:?}");
    }
});
