//! What units report together: by hand, or on one sheet that is looked at first.

use std::{collections::BTreeMap, thread};

use domain::statistic::{CellValue, Meaning, Outcome, Period, Plan, Report};
use rust_xlsxwriter::Workbook;

use super::*;

const YEAR: &str = "2026";

fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

/// The values of a report's cells that are entered, in their order.
fn values(report: &Report, of: &[Option<i64>]) -> Vec<CellValue> {
    let cells = report.cells.iter().filter(|it| it.known.is_none());
    let value = |(cell, value): (&statistic::ReportCell, &Option<i64>)| CellValue {
        element: cell.element.clone(),
        option: cell.option.clone(),
        value: *value,
    };
    cells.zip(of).map(value).collect()
}

fn entered(outcome: Outcome) -> ImportReport {
    match outcome {
        Outcome::Entered(report) => report,
        Outcome::Look(plan) => panic!("{plan:?}"),
    }
}

fn looked(outcome: Outcome) -> Plan {
    match outcome {
        Outcome::Entered(report) => panic!("{report:?}"),
        Outcome::Look(plan) => plan,
    }
}

fn duty(ctx: &Ctx) -> Report {
    statistic::report(ctx, "duty", TOWNSHIP, period("202611")).unwrap()
}

fn enter(ctx: &Ctx, of: &[Option<i64>], reason: &str) -> Result<Outcome, Refusal> {
    let report = duty(ctx);
    let stamp = report.stamp.clone();
    statistic::enter_report(ctx, "duty", (TOWNSHIP, period("202611")), &values(&report, of), (&stamp, reason))
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            match text.parse::<f64>().ok().filter(|_| text.len() < 9) {
                Some(number) => sheet.write_number(row, column, number).unwrap(),
                None => sheet.write_string(row, column, *text).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

both!(a_unit_reports_by_hand_and_every_total_above_it_moves, |db: Db| {
    let ground = Ground::new(db);
    let clerk = ground.acting(ground.officer("镇受理员", Role::Acceptor, TOWNSHIP));
    let report = duty(&clerk);
    let cells: Vec<&str> = report.cells.iter().map(|it| it.element.as_str()).collect();
    assert_eq!(cells, ["TEAMS", "CHECKPOINTS", "VOLUNTEERS"]);
    assert_eq!(report.due.to_string(), "2026-12-05");
    assert_eq!(entered(enter(&clerk, &[Some(3), Some(2), Some(40)], "").unwrap()).added, 3);
    let system = Ctx::system(ground.city.clone());
    let teams = |code| shown_in(&system, code, "TEAMS");
    assert_eq!([TOWNSHIP, COUNTY, CITY].map(teams), ["3", "3", "3"]);
    // The same again is nothing new; an empty field takes back, a corrected one corrects.
    let again = entered(enter(&clerk, &[Some(3), Some(2), Some(40)], "").unwrap());
    assert_eq!((again.added, again.corrected, again.withdrawn), (0, 0, 0));
    let changed = entered(enter(&clerk, &[Some(4), None, Some(40)], "").unwrap());
    assert_eq!((changed.corrected, changed.withdrawn), (1, 1));
    assert_eq!(duty(&clerk).cells.iter().map(|it| it.value).collect::<Vec<_>>(), [Some(4), None, Some(40)]);
    // The period before stands beside.
    ground.clock.pass_seconds(40 * 86_400);
    let next =
        statistic::report(&ground.acting(clerk.person().unwrap().person), "duty", TOWNSHIP, period("202612"));
    assert_eq!(next.unwrap().cells.iter().map(|it| it.before).collect::<Vec<_>>(), [Some(4), None, Some(40)]);
});

/// What is said of an element in an area.
fn shown_in(ctx: &Ctx, code: &str, element: &str) -> String {
    let element = ctx.city.statistic.element(element).unwrap();
    let of = statistic::Indicator::of(element, None, Some(period(YEAR)));
    let pivot = statistic::pivot(
        ctx,
        &statistic::PivotOf {
            area: code,
            element: &of.code,
            rows: statistic::Axis::Elements,
            columns: statistic::Axis::Periods,
            period: Some(period(YEAR)),
            by: Some(statistic::PeriodKind::Year),
        },
        None,
    );
    let found = pivot.unwrap();
    let row = found
        .rows
        .iter()
        .position(|it| matches!(it, statistic::Point::Element(code) if *code == element.code));
    match found.cells[row.unwrap()][0].figure.value {
        State::Value(value) => value.to_decimal(0),
        _ => "none".into(),
    }
}

both!(a_rule_that_does_not_hold_wants_a_word_that_stays_beside_the_values, |db: Db| {
    let ground = Ground::new(db);
    let leader = ground.acting(ground.officer("镇长", Role::Leader, TOWNSHIP));
    let plan = looked(enter(&leader, &[Some(5), Some(1), Some(2)], " ").unwrap());
    assert_eq!(plan.broken.len(), 1);
    assert_eq!((plan.broken[0].rule.as_str(), plan.broken[0].left.to_decimal(0)), ("teams", "2".to_owned()));
    assert!(duty(&leader).cells.iter().all(|it| it.value.is_none()), "nothing was entered");
    // Of what is not reported yet nothing is said.
    entered(enter(&leader, &[Some(5), Some(1), None], "").unwrap());
    entered(enter(&leader, &[Some(5), Some(1), Some(2)], "两支队伍由镇干部组成").unwrap());
    let of = RecordsOf { element: "VOLUNTEERS", area: TOWNSHIP, period: None };
    let records = statistic::records(&leader, &of, &Window::first(9)).unwrap();
    assert_eq!(records.items[0].set_name, "duty");
    let of = statistic::PivotOf {
        area: COUNTY,
        element: "VOLUNTEERS",
        rows: statistic::Axis::Areas,
        columns: statistic::Axis::Periods,
        period: Some(period(YEAR)),
        by: None,
    };
    let sources = statistic::pivot(&leader_of(&ground), &of, None).unwrap().sources;
    assert!(
        sources.iter().any(|it| it.name == "duty" && it.provenance == "两支队伍由镇干部组成"),
        "{sources:?}"
    );
});

fn leader_of(ground: &Ground) -> Ctx {
    ground.acting(ground.officer("旗县长", Role::Leader, COUNTY))
}

both!(what_is_known_from_elsewhere_is_not_asked_again, |db: Db| {
    let ground = Ground::new(db);
    import(&ground, &format!("TEAMS,{TOWNSHIP},2026-11-03,2,,x\nTEAMS,{TOWNSHIP},2026-11-04,1,,y\n"))
        .unwrap();
    let clerk = ground.acting(ground.officer("镇受理员", Role::Acceptor, TOWNSHIP));
    let report = duty(&clerk);
    assert_eq!(report.cells[0].known, Some((3, vec!["events.csv".to_owned()])));
    // The rule counts what is known.
    let sent = values(&report, &[Some(1), Some(2)]);
    let enter = |sent: &[CellValue], seen: &str| {
        statistic::enter_report(&clerk, "duty", (TOWNSHIP, period("202611")), sent, (seen, ""))
    };
    assert_eq!(looked(enter(&sent, &report.stamp).unwrap()).broken[0].right.to_decimal(0), "3");
    // An option of which nothing was said has none.
    import(&ground, &format!("SOCIAL_WORKERS,{COMMUNITY},2026-02-01,4,full_other,z\n")).unwrap();
    let leader = ground.acting(ground.officer("镇长", Role::Leader, TOWNSHIP));
    let report = statistic::report(&leader, "workforce", COMMUNITY, period(YEAR)).unwrap();
    let known: Vec<_> = report.cells.iter().map(|it| it.known.as_ref().map(|it| it.0)).collect();
    assert_eq!(known, [None, Some(0), Some(4), Some(0), Some(0)]);
    // It is corrected where it came from.
    let other = CellValue { element: "TEAMS".into(), option: String::new(), value: Some(9) };
    let duty = duty(&clerk);
    let sent = [&[other], &values(&duty, &[Some(1), Some(9)])[..]].concat();
    let fault = enter(&sent, &duty.stamp).unwrap_err();
    let Refusal::Invalid(faults) = fault else { panic!("{fault:?}") };
    assert_eq!(faults[0].message.id, "fault-statistic-known");
});

both!(what_comes_from_a_file_after_a_report_is_told_and_the_report_can_be_taken_back, |db: Db| {
    let ground = Ground::new(db);
    let clerk = ground.acting(ground.officer("镇受理员", Role::Acceptor, TOWNSHIP));
    entered(enter(&clerk, &[Some(3), Some(1), Some(9)], "").unwrap());
    import(&ground, &format!("TEAMS,{TOWNSHIP},2026-11-03,3,,x\n")).unwrap();
    let system = Ctx::system(ground.city.clone());
    assert_eq!(shown_in(&system, TOWNSHIP, "TEAMS"), "6", "both count");
    let cell = duty(&clerk).cells[0].clone();
    assert_eq!((cell.value, cell.known.as_ref().map(|it| it.0), cell.is_open()), (Some(3), Some(3), true));
    entered(enter_all(&clerk, &[None, Some(1), Some(9)]));
    assert_eq!(shown_in(&system, TOWNSHIP, "TEAMS"), "3");
    assert!(!duty(&clerk).cells[0].is_open());
});

/// As `enter`, with the cells that something is known of besides.
fn enter_all(ctx: &Ctx, of: &[Option<i64>]) -> Outcome {
    let report = duty(ctx);
    let cells = report.cells.iter().filter(|it| it.is_open()).zip(of);
    let sent: Vec<CellValue> = cells
        .map(|(it, value)| CellValue {
            element: it.element.clone(),
            option: it.option.clone(),
            value: *value,
        })
        .collect();
    statistic::enter_report(ctx, "duty", (TOWNSHIP, period("202611")), &sent, (&report.stamp, "")).unwrap()
}

both!(only_who_answers_for_a_unit_reports_for_it, |db: Db| {
    let ground = Ground::new(db);
    for (role, area, may) in [
        (Role::Acceptor, TOWNSHIP, true),
        (Role::Dispatcher, TOWNSHIP, true),
        (Role::Leader, COUNTY, true),
        (Role::Commander, CITY, true),
        (Role::Acceptor, COUNTY, false),
        (Role::Leader, OTHER_COUNTY, false),
        (Role::Leader, COMMUNITY, false),
        (Role::Handler, TOWNSHIP, false),
        (Role::Auditor, COUNTY, false),
    ] {
        let ctx = ground.acting(ground.officer(&format!("{role:?}{area}"), role, area));
        let found = statistic::report(&ctx, "duty", TOWNSHIP, period("202611"));
        assert_eq!(found.is_ok(), may, "{role:?} of {area}");
        if !may {
            assert!(matches!(found, Err(Refusal::Denied)), "{found:?}");
            let sent = [CellValue { element: "TEAMS".into(), option: String::new(), value: Some(9) }];
            let entered =
                statistic::enter_report(&ctx, "duty", (TOWNSHIP, period("202611")), &sent, ("", ""));
            assert!(matches!(entered, Err(Refusal::Denied)), "{entered:?}");
        }
    }
    let leader = leader_of(&ground);
    let asked = |set: &str, area: &str, of: &str| statistic::report(&leader, set, area, period(of));
    assert!(matches!(asked("duty", COMMUNITY, "202611"), Err(Refusal::Invalid(_))), "no township");
    assert!(matches!(asked("duty", TOWNSHIP, "2026"), Err(Refusal::Invalid(_))), "a month is reported");
    assert!(matches!(asked("duty", TOWNSHIP, "209901"), Err(Refusal::Invalid(_))), "it has not begun");
    assert!(matches!(asked("nothing", TOWNSHIP, "202611"), Err(Refusal::NotFound)));
    assert!(matches!(asked("duty", "150999", "202611"), Err(Refusal::NotFound)));
});

both!(of_two_who_enter_at_once_the_second_sees_what_the_first_wrote, |db: Db| {
    let ground = Ground::new(db);
    let clerk = ground.officer("镇受理员", Role::Acceptor, TOWNSHIP);
    let report = duty(&ground.acting(clerk));
    let outcomes: Vec<bool> = thread::scope(|scope| {
        let enter = |number: i64| {
            let (ground, report) = (&ground, &report);
            scope.spawn(move || {
                let sent = values(report, &[Some(number), Some(number), Some(90)]);
                let of = (TOWNSHIP, period("202611"));
                let ctx = ground.acting(clerk);
                let done = statistic::enter_report(&ctx, "duty", of, &sent, (&report.stamp, "")).unwrap();
                matches!(done, Outcome::Entered(_))
            })
        };
        [enter(5), enter(6)].map(|it| it.join().unwrap()).to_vec()
    });
    assert_eq!(outcomes.iter().filter(|it| **it).count(), 1, "{outcomes:?}");
    let [kept, recounted] = kept_and_recounted(&ground);
    assert_eq!(kept, recounted);
});

both!(a_sheet_of_many_units_is_looked_at_before_anything_changes, |db: Db| {
    let ground = Ground::new(db);
    let leader = leader_of(&ground);
    let far = ground.acting(ground.officer("别的旗县长", Role::Leader, OTHER_COUNTY));
    let bytes = workbook(&[
        &["基层队伍统计表"],
        &["单位代码", "党员", "社区工作者 专职、持证", "备注"],
        &[COMMUNITY, "30", "4", ""],
        &[OTHER_COMMUNITY, "x", "", ""],
        &["150999001001", "7", "", ""],
        &["合计", "37", "4", ""],
    ]);
    let none = BTreeMap::new();
    let upload = statistic::upload(&leader, "workforce", (COUNTY, period(YEAR)), &bytes).unwrap();
    assert!(matches!(statistic::look(&far, upload, &none), Err(Refusal::NotFound)), "nobody else's");
    let look = statistic::look(&leader, upload, &none).unwrap();
    let changes: Vec<_> = look
        .plan
        .changes
        .iter()
        .map(|it| (it.area.0.as_str(), it.element.as_str(), it.option.as_str(), it.before, it.after))
        .collect();
    assert_eq!(
        changes,
        [
            (COMMUNITY, "PARTY_MEMBERS", "", None, Some(30)),
            (COMMUNITY, "SOCIAL_WORKERS", "full_certified", None, Some(4)),
        ]
    );
    let left_out: Vec<_> = look.plan.left_out.iter().map(|it| (it.line, it.why.id)).collect();
    assert_eq!(left_out, [(4, "fault-statistic-sheet-value"), (5, "fault-statistic-no-unit")]);
    let system = Ctx::system(ground.city.clone());
    assert_eq!(shown_in(&system, COUNTY, "PARTY_MEMBERS"), "none", "looking changes nothing");
    // Meanwhile somebody enters one of them by hand: what was seen is no longer so.
    let report = statistic::report(&leader, "workforce", COMMUNITY, period(YEAR)).unwrap();
    let sent = values(&report, &[&[Some(29)][..], &[None; 4]].concat());
    let of = (COMMUNITY, period(YEAR));
    entered(statistic::enter_report(&leader, "workforce", of, &sent, (&report.stamp, "")).unwrap());
    let seen = look.plan.stamp;
    let plan = looked(statistic::take(&leader, upload, &none, (&seen, "")).unwrap());
    assert_eq!(plan.changes[0].before, Some(29));
    // With the remark's column taken for nothing else, it is entered once.
    let done = entered(statistic::take(&leader, upload, &none, (&plan.stamp, "")).unwrap());
    assert_eq!((done.added, done.corrected), (1, 1));
    assert_eq!(shown_in(&system, COUNTY, "PARTY_MEMBERS"), "30");
    assert!(matches!(statistic::take(&leader, upload, &none, (&plan.stamp, "")), Err(Refusal::NotFound)));
    // What the columns mean is the reader's to say.
    let upload = statistic::upload(&leader, "workforce", (COUNTY, period(YEAR)), &bytes).unwrap();
    let chosen = [(1, Meaning::Nothing)].into_iter().collect();
    let look = statistic::look(&leader, upload, &chosen).unwrap();
    assert_eq!((look.plan.changes.len(), look.plan.unchanged), (0, 1));
});

both!(a_file_that_is_none_is_refused_and_those_that_wait_are_few_and_go, |db: Db| {
    let ground = Ground::new(db);
    let leader = ground.officer("旗县长", Role::Leader, COUNTY);
    let send =
        |bytes: &[u8]| statistic::upload(&ground.acting(leader), "workforce", (COUNTY, period(YEAR)), bytes);
    for bytes in [&b""[..], b"no zip", &[0xD0, 0xCF, 0x11, 0xE0, 1, 2], &vec![0; 5 * 1024 * 1024]] {
        assert!(matches!(send(bytes), Err(Refusal::Invalid(_))));
    }
    let bytes = workbook(&[&["单位", "党员"], &[COMMUNITY, "3"]]);
    for _ in 0..10 {
        send(&bytes).unwrap();
    }
    assert!(matches!(send(&bytes), Err(Refusal::Conflict(_))));
    ground.clock.pass_seconds(2 * 86_400);
    assert_eq!(statistic::forget(&Ctx::system(ground.city.clone())).unwrap(), 10);
    send(&bytes).unwrap();
});

both!(how_many_have_reported_is_told_tier_by_tier_and_a_correction_makes_nobody_late, |db: Db| {
    let ground = Ground::new(db);
    let leader = ground.officer("旗县长", Role::Leader, COUNTY);
    let clerk = ground.acting(ground.officer("镇受理员", Role::Acceptor, TOWNSHIP));
    let told = || {
        let found = statistic::progress(&ground.acting(leader), "duty", COUNTY, period("202611")).unwrap();
        (
            found.whole.complete,
            found.whole.in_time,
            found.whole.begun,
            found.whole.silent(),
            found.parts.len(),
        )
    };
    let all = told().3;
    assert!(all >= 1);
    entered(enter(&clerk, &[Some(3), None, None], "").unwrap());
    assert_eq!(told(), (0, 0, 1, all - 1, all as usize));
    entered(enter(&clerk, &[Some(3), Some(1), Some(9)], "").unwrap());
    assert_eq!(told(), (1, 1, 0, all - 1, all as usize));
    ground.clock.pass_seconds(60 * 86_400);
    let late = ground.acting(clerk.person().unwrap().person);
    entered(enter(&late, &[Some(3), Some(2), Some(9)], "").unwrap());
    assert_eq!((told().0, told().1), (1, 1), "what was corrected since was in time");
    let auditor = ground.acting(ground.officer("审计", Role::Auditor, COUNTY));
    assert!(statistic::progress(&auditor, "duty", COUNTY, period("202611")).is_ok());
    assert!(matches!(statistic::progress(&late, "duty", COUNTY, period("202611")), Err(Refusal::Denied)));
});
