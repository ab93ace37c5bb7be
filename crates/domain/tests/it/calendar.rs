//! Years entered by area: who is heard, what is refused, and what moves when a year comes late.

use std::sync::Arc;

use domain::{
    City, Ctx, Refusal, Window,
    calendar::{self, ImportError, Imported},
    case, evaluation,
    notice::{self, NoticeKind},
    supervision,
};
use kernel::Role;
use store::{Db, both};

use crate::{
    case::{Town, centre, found},
    support,
};

const YEAR_2027: &str = "first,last,kind,name,periods\n2027-01-01,2027-01-03,holiday,元旦,\n\
    2027-01-09,,workday,元旦,\n";
const SUMMER: &str = "开始日期,结束日期,类型,名称,时段\n2026-05-01,2026-09-30,作息,夏季,08:30-12:00 14:30-18:00\n\
    2026-07-11,2026-07-15,休,那达慕,\n";
const FEED: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//feed//\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270104\r\nSUMMARY:元旦（休）\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20270109\r\nDTEND;VALUE=DATE:20270110\r\nSUMMARY:元旦（班）\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:3\r\nDTSTART;VALUE=DATE:20261001\r\nDTEND;VALUE=DATE:20261008\r\nSUMMARY:国庆节（休）\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

fn system(city: &Arc<City>) -> Ctx {
    Ctx::system(city.clone())
}

fn enter(ctx: &Ctx, code: &str, year: i16, text: &str) -> Result<Imported, Vec<String>> {
    calendar::enter(ctx, code, year, "test", text.as_bytes()).map_err(|error| match error {
        ImportError::Faults(faults) => faults.iter().map(ToString::to_string).collect(),
        ImportError::Refusal(refusal) => panic!("{refusal:?}"),
    })
}

/// Workdays in a year, and the first and last work period of a day.
fn work(ctx: &Ctx, code: &str, year: i16, day: &str) -> (usize, bool, String) {
    let year = calendar::year(ctx, code, year).unwrap();
    let date = day.parse().unwrap();
    let day = year.days.iter().find(|it| it.date == date).unwrap();
    let hours = year.hours.iter().find(|it| it.hours.first <= date && date <= it.hours.last).unwrap();
    let periods: Vec<_> = hours.hours.periods.iter().map(ToString::to_string).collect();
    (year.days.iter().filter(|it| it.is_workday).count(), day.is_workday, periods.join(" "))
}

both!(of_each_day_the_nearest_area_is_heard, |db: Db| {
    let town = Town::new(db);
    let ctx = system(&town.city);
    let usual = "08:00-12:00 14:00-18:00";
    assert_eq!(work(&ctx, "150902001", 2026, "2026-07-13"), (248, true, usual.into()));
    let imported = enter(&ctx, "150902", 2026, SUMMER).unwrap();
    assert_eq!(imported, Imported { holidays: 5, hours: 1, ..Imported::default() });
    let summer = "08:30-12:00 14:30-18:00";
    // Three of the five days of the fair would have been workdays; the city's own holidays still hold.
    assert_eq!(work(&ctx, "150902001", 2026, "2026-07-13"), (245, false, summer.into()));
    assert!(!work(&ctx, "150902001", 2026, "2026-10-01").1);
    assert_eq!(work(&ctx, "150902001", 2026, "2026-10-12"), (245, true, usual.into()));
    assert_eq!(work(&ctx, "150921", 2026, "2026-07-13"), (248, true, usual.into()), "another county");
    assert_eq!(work(&ctx, "1509", 2026, "2026-07-13").0, 248);
    // Entered again, the year is what the new file says.
    enter(&ctx, "150902", 2026, "first,kind\n2026-07-13,workday\n").unwrap();
    assert_eq!(work(&ctx, "150902001", 2026, "2026-07-13"), (248, true, usual.into()));
});

both!(a_case_is_due_by_the_calendar_of_its_own_area, |db: Db| {
    let town = Town::new(db);
    enter(
        &system(&town.city),
        "150902",
        2026,
        "first,last,kind,periods\n2026-11-01,2026-11-30,hours,10:00-16:00\n",
    )
    .unwrap();
    let id = town.dispatched(1);
    let case = case::record(&town.acceptor(), id).unwrap().case;
    assert_eq!(case.stage_due.unwrap().to_string(), "2026-11-25T16:00:00+08:00", "three work days");
});

both!(a_running_city_works_by_what_another_process_has_entered, |db: Db| {
    let town = Town::new(db.clone());
    let (running, other) = (system(&town.city), system(&support::city(db, &town.clock)));
    assert!(!calendar::year(&running, "1509", 2027).unwrap().is_known);
    let imported = enter(&other, "1509", 2027, FEED).unwrap();
    assert_eq!(imported, Imported { holidays: 3, workdays: 1, skipped: 1, ..Imported::default() });
    assert!(calendar::year(&running, "1509", 2027).unwrap().is_known);
    assert_eq!(work(&running, "150902", 2027, "2027-01-09"), work(&other, "150902", 2027, "2027-01-09"));
    assert!(!calendar::year(&running, "1509", 2028).unwrap().is_known);
});

both!(a_file_with_a_fault_is_refused_with_its_lines_and_changes_nothing, |db: Db| {
    let town = Town::new(db);
    let ctx = system(&town.city);
    enter(&ctx, "1509", 2027, YEAR_2027).unwrap();
    let head = "first,last,kind,name,periods\n";
    let cases = [
        ("2027-02-30,,holiday,春节,\n", "line 2: `2027-02-30` is not a day"),
        ("2027-02-05,2027-02-01,holiday,春节,\n", "line 2: it ends before it begins"),
        ("2026-02-05,,holiday,春节,\n", "line 2: `2026-02-05` does not lie in the year 2027"),
        ("2027-02-05,,feast,春节,\n", "line 2: `feast` is no kind of day"),
        (
            "2027-02-05,,休,春节,\n2027-02-04,2027-02-06,休,春节,\n",
            "line 3: 2027-02-05 stands in the file already, on line 2",
        ),
        ("2027-05-01,2027-09-30,hours,,12:00-08:00\n", "line 2: work periods are one or more in order"),
        ("2027-05-01,2027-09-30,hours,,\n", "line 2: work periods"),
        ("2027-05-01,,holiday,,08:00-12:00\n", "line 2: only hours have work periods"),
        (
            "2027-05-01,2027-05-31,hours,,09:00-12:00\n2027-05-31,,hours,,08:00-12:00\n",
            "line 3: these hours lie over those of line 2",
        ),
        ("2027-05-01,,holiday\n", "line 2: the row has 3 columns, and the header 5"),
        ("2027-01-01,2027-12-31,holiday,全年,\n", "by this file nobody would work on any day of 2027"),
        ("", "nothing in the file is of the year 2027"),
    ];
    for (rows, reason) in cases {
        let told = enter(&ctx, "1509", 2027, &format!("{head}{rows}")).unwrap_err();
        assert!(told.iter().any(|it| it.starts_with(reason)), "{rows}: {told:?}");
    }
    for (text, reason) in [
        ("day,kind\n", "line 1: the header has the column `day`"),
        ("", "line 1: the header has no column `first`"),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270101T080000Z\nSUMMARY:元旦休\nEND:VEVENT\nEND:VCALENDAR\n",
            "line 2: the event has no DTSTART that is a whole day",
        ),
        (
            "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270214\nSUMMARY:情人节\nEND:VEVENT\nEND:VCALENDAR\n",
            "line 3: `情人节` says neither",
        ),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270101\nRRULE:FREQ=YEARLY\nSUMMARY:元旦休\nEND:VEVENT\nEND:VCALENDAR\n",
            "line 2: the event comes again",
        ),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "line 1: not an iCalendar file"),
        (&"BEGIN:VCALENDAR\n".repeat(50_000), "line 9: not an iCalendar file"),
    ] {
        let told = enter(&ctx, "1509", 2027, text).unwrap_err();
        assert!(told.iter().any(|it| it.starts_with(reason)), "{:.40}: {told:?}", text);
    }
    let latin = calendar::enter(&ctx, "1509", 2027, "test", b"first,kind\n\xd0\xdd");
    assert!(
        matches!(latin, Err(ImportError::Faults(faults)) if faults[0].to_string().contains("from byte 11 on"))
    );
    assert!(work(&ctx, "1509", 2027, "2027-01-09").1, "what was there is there");
    let nowhere = calendar::enter(&ctx, "15", 2027, "test", YEAR_2027.as_bytes());
    assert!(matches!(nowhere, Err(ImportError::Refusal(Refusal::Invalid(_)))));
});

// As Apple's feed has it: marks of its own, and festivals on which nobody is off.
both!(a_feed_that_marks_its_days_is_read_by_its_marks, |db: Db| {
    let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270214\nSUMMARY:情人节\nEND:VEVENT\n\
        BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270206\nX-APPLE-SPECIAL-DAY:WORK-HOLIDAY\nSUMMARY:春节\nEND:VEVENT\n\
        BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270130\nX-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY\nSUMMARY:春节\nEND:VEVENT\n\
        END:VCALENDAR\n";
    let town = Town::new(db);
    let imported = enter(&system(&town.city), "1509", 2027, text).unwrap();
    assert_eq!((imported.holidays, imported.workdays), (1, 1));
});

both!(a_deadline_in_a_year_that_is_not_entered_is_provisional_and_counted_again_when_it_is, |db: Db| {
    let town = Town::new(db);
    town.clock.set("2026-12-30T09:00:00+08:00");
    let (id, early) = (town.dispatched(1), town.handled(2));
    let record = |id| case::record(&town.acceptor(), id).unwrap();
    let before = record(id);
    assert_eq!(before.unknown_year, Some(2027));
    assert_eq!(before.case.stage_due.unwrap().to_string(), "2027-01-04T18:00:00+08:00");
    enter(&system(&town.city), "1509", 2027, YEAR_2027).unwrap();
    assert_eq!(case::recount(&town.city).unwrap(), 2, "the other's whole is due then too");
    let after = record(id);
    assert_eq!(after.unknown_year, None);
    assert_eq!(after.case.stage_due.unwrap().to_string(), "2027-01-05T18:00:00+08:00");
    assert_eq!(after.case.due, after.case.stage_due);
    let event = after.events.last().unwrap();
    let moved = event.detail.moved.unwrap();
    assert_eq!((event.transition.as_str(), moved.year), ("recounted", Some(2027)));
    let told = moved.stage.map(|(from, to)| (from.to_string(), to.to_string()));
    assert_eq!(told, Some(("2027-01-04T18:00:00+08:00".into(), "2027-01-05T18:00:00+08:00".into())));
    let other = record(early);
    assert_eq!(other.case.stage_due.unwrap().to_string(), "2026-12-31T09:00:00+08:00", "before the year");
    assert_eq!(other.events.last().unwrap().detail.moved.unwrap().stage, None);

    assert_eq!(case::recount(&town.city).unwrap(), 0, "once");
    town.clock.set("2027-01-05T09:48:01+08:00");
    case::tick(&town.city).unwrap();
    assert_eq!(record(id).events.last().unwrap().transition, "alarm", "eight tenths: it is not over");
    // What is late stays late, whatever is entered afterwards.
    town.clock.set("2027-01-05T18:00:01+08:00");
    enter(&system(&town.city), "150902", 2027, "first,kind\n2027-01-05,holiday\n").unwrap();
    assert_eq!(case::recount(&town.city).unwrap(), 0);
    let audit = case::audit(&system(&town.city)).unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());
});

// Filed on Monday the 28th the lamp's three work days end with the year, and its check's eight hours in the next.
both!(a_closing_and_the_words_that_are_due_in_a_new_year_move_with_its_calendar, |db: Db| {
    let town = Town::new(db);
    town.clock.set("2026-12-28T09:00:00+08:00");
    let id = town.dispatched(1);
    let leader = || town.person(8, &[(Role::Leader, centre(), "150902")]);
    let record = || case::record(&leader(), id).unwrap();
    let before = record().case;
    let dues = |it: &case::Case| (it.stage_due.unwrap().to_string(), it.close_due.unwrap().to_string());
    assert_eq!(dues(&before), ("2026-12-31T18:00:00+08:00".into(), "2027-01-01T18:00:00+08:00".into()));
    town.clock.set("2026-12-30T09:00:00+08:00");
    let new = supervision::New {
        id: leader().id(),
        case: id,
        kind: supervision::Kind::Leader,
        level: "general".into(),
        requirement: "说明原因".into(),
    };
    let order = supervision::order(&leader(), &new).unwrap();
    let claims = evaluation::propose_exclusion(&town.acceptor(), id, "out-of-power", "属铁路管理").unwrap();
    let both = [order.due, claims.claims[0].due].map(|it| it.to_string());
    assert_eq!(both, ["2027-01-04T18:00:00+08:00"; 2], "Monday to Friday, as far as is known");

    enter(&system(&town.city), "1509", 2027, YEAR_2027).unwrap();
    assert_eq!(supervision::recount(&town.city).unwrap(), 1);
    assert_eq!(evaluation::recount(&town.city).unwrap(), 1);
    assert_eq!(case::recount(&town.city).unwrap(), 1);
    let after = record();
    assert_eq!(dues(&after.case), ("2026-12-31T18:00:00+08:00".into(), "2027-01-04T18:00:00+08:00".into()));
    let moved = after.events.last().unwrap().detail.moved.unwrap();
    assert_eq!((moved.stage, moved.whole, moved.check.is_some()), (None, None, true));
    let (order, claim) =
        (supervision::get(&leader(), order.id).unwrap().0.order, evaluation::claims(&leader(), id).unwrap());
    let both = [order.due, claim.claims[0].due].map(|it| it.to_string());
    assert_eq!(both, ["2027-01-05T18:00:00+08:00"; 2]);
    let words: Vec<_> = after.events.iter().filter(|it| it.detail.moved.is_some()).collect();
    assert_eq!(words.len(), 3, "each is said in the timeline");
    let again = [supervision::recount, evaluation::recount, case::recount];
    assert!(again.iter().all(|recount| recount(&town.city).unwrap() == 0), "once");

    // Passed on the Monday it is closed on time, which the days without the holiday would have denied.
    town.clock.set("2026-12-31T09:00:00+08:00");
    let handler = town.handler();
    let done = |ctx: &Ctx| case::StepInput {
        note: "已修好".into(),
        photos: town.photos(ctx),
        ..case::StepInput::default()
    };
    case::advance(&handler, id, "feed_back", &done(&handler)).unwrap();
    case::advance(&town.dispatcher(), id, "accept", &case::StepInput::default()).unwrap();
    town.clock.set("2027-01-04T10:00:00+08:00");
    let checker = town.checker();
    case::advance(&checker, id, "close", &done(&checker)).unwrap();
    town.clock.set("2027-01-05T09:00:00+08:00");
    let january = evaluation::Period::parse("2027-01-01", "2027-01-31").unwrap();
    let grouping = evaluation::Grouping::Area;
    let it = evaluation::evaluate(&town.acceptor(), "150902", january, grouping).unwrap().total.all;
    assert_eq!((it.due_to_close, it.closed_on_time), (1, 1));
});

both!(a_year_is_known_by_what_the_city_entered_and_not_by_a_holiday_of_one_township, |db: Db| {
    let town = Town::new(db);
    town.clock.set("2026-12-30T09:00:00+08:00");
    let id = town.dispatched(1);
    let ctx = system(&town.city);
    enter(&ctx, "150902001", 2027, "first,kind\n2027-07-11,holiday\n").unwrap();
    let unknown = || case::record(&town.acceptor(), id).unwrap().unknown_year;
    assert!(!calendar::year(&ctx, "150902001", 2027).unwrap().is_known);
    assert!(!work(&ctx, "150902001", 2027, "2027-07-11").1, "its own day holds all the same");
    assert_eq!(unknown(), Some(2027), "the deadline is provisional still");
    assert_eq!(calendar::missing(&ctx).unwrap(), Some(2027));
    enter(&ctx, "1509", 2027, YEAR_2027).unwrap();
    assert!(calendar::year(&ctx, "150902001", 2027).unwrap().is_known);
    assert_eq!((unknown(), calendar::missing(&ctx).unwrap()), (None, None));
});

both!(a_year_that_is_missing_is_told_to_the_offices_weeks_before_and_once_a_week, |db: Db| {
    let town = Town::new(db);
    town.clock.set("2026-11-01T09:00:00+08:00");
    let ctx = system(&town.city);
    let county = ctx.read(|tx| domain::area::place(tx, "150902")).unwrap().unwrap();
    let body = found(&ctx, "集宁区指挥中心", Role::Dispatcher, &county);
    let told = || {
        let dispatcher = town.person(4, &[(Role::Dispatcher, body, "150902")]);
        let notices = notice::list(&dispatcher, &Window::first(9)).unwrap().items;
        notices.iter().filter(|it| it.kind == NoticeKind::CalendarMissing).count()
    };
    let warn = |at: &str| {
        town.clock.set(at);
        calendar::warn(&system(&town.city)).unwrap()
    };
    assert_eq!(warn("2026-11-16T09:00:00+08:00"), None, "more than 45 days before");
    assert_eq!(warn("2026-11-18T09:00:00+08:00"), Some(2027));
    assert_eq!((warn("2026-11-24T09:00:00+08:00"), told()), (None, 1));
    assert_eq!((warn("2026-11-25T09:00:01+08:00"), told()), (Some(2027), 2));
    enter(&ctx, "1509", 2027, YEAR_2027).unwrap();
    assert_eq!((warn("2026-12-25T09:00:00+08:00"), told()), (None, 2));
});
