//! The work of posts and people, held equal to what the timelines tell.

use std::collections::BTreeMap;

use domain::{
    Ctx, Refusal, Window, area,
    evaluation::{self, BehindWork, Period, Posts, WorkFigure, WorkFigures, WorkOffice},
    journal, organization,
};
use kernel::Role;
use store::{Db, both};

use super::{
    leader, period,
    play::{PERIODS, history, records},
    recount::{Reader, key},
};
use crate::case::{COMMUNITY, Town, centre, team};

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
