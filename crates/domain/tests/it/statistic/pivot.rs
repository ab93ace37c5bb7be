//! Tables by areas, periods, options and elements.

use domain::{
    Ctx, Refusal,
    statistic::{Axis, Period, PeriodKind, Pivot, PivotOf, Point, State, pivot},
};
use kernel::Role;
use store::{Db, both};

use super::{import, text};
use crate::ground::{
    CITY, COMMUNITY, COUNTY, GRID, Ground, OTHER_COMMUNITY, OTHER_COUNTY, OTHER_GRID, TOWNSHIP,
};

const OF: PivotOf<'_> = PivotOf {
    area: CITY,
    element: "TEAMS",
    rows: Axis::Areas,
    columns: Axis::Periods,
    period: None,
    by: None,
};

fn name(point: &Point) -> String {
    match point {
        Point::Whole => "whole".into(),
        Point::All => "all".into(),
        Point::Own => "own".into(),
        Point::Area { path, .. } => path.code().to_owned(),
        Point::Period(period) => period.to_string(),
        Point::Option(code) | Point::Element(code) => code.clone(),
    }
}

/// One line a row: its name, and its cells.
fn lines(found: &Pivot) -> Vec<String> {
    let head = found.columns.iter().map(name).collect::<Vec<_>>().join(" ");
    let row = |(point, cells): (&Point, &Vec<_>)| {
        let cells: Vec<String> =
            cells.iter().map(|it: &domain::statistic::PivotCell| text(&it.figure)).collect();
        format!("{}: {}", name(point), cells.join(" "))
    };
    std::iter::once(head).chain(found.rows.iter().zip(&found.cells).map(row)).collect()
}

fn period(text: &str) -> Option<Period> {
    Period::parse(text)
}

both!(a_table_adds_up_by_areas_and_by_periods, |db: Db| {
    let ground = Ground::new(db);
    let rows = format!(
        "TEAMS,{COMMUNITY},2020-02-01,3,,a\nTEAMS,{GRID},2020-03-09,2,,b\nTEAMS,{OTHER_COUNTY},2020-02-11,7,,c\n"
    );
    import(&ground, &rows).unwrap();
    let public = Ctx::anonymous(ground.city.clone());
    let of = |of: &PivotOf<'_>| lines(&pivot(&public, of, None).unwrap());
    let found = of(&OF);
    assert_eq!(found[..2], ["202002 202003", "whole: 10 2"]);
    assert!(
        found.contains(&format!("{COUNTY}: 3 2")) && found.contains(&format!("{OTHER_COUNTY}: 7 none")),
        "{found:?}"
    );
    assert!(!found.iter().any(|it| it.starts_with("own")), "nobody reported of the city itself: {found:?}");

    let turned = of(&PivotOf { rows: Axis::Periods, columns: Axis::Areas, ..OF });
    assert!(turned[0].starts_with("whole ") && turned[1].starts_with("202002: 10 "), "{turned:?}");
    let quarters = of(&PivotOf { by: Some(PeriodKind::Quarter), period: period("2020"), ..OF });
    assert_eq!(quarters[..2], ["2020Q1 2020Q2 2020Q3 2020Q4", "whole: 12 none none none"]);
    let below = of(&PivotOf { area: COMMUNITY, ..OF });
    assert_eq!(below[..2], ["202002 202003", "whole: 3 2"]);
    assert!(below.contains(&format!("{GRID}: none 2")), "{below:?}");
    assert_eq!(below.last().unwrap(), "own: 3 none", "{below:?}");

    // All elements beside each other; of a city nothing else was reported.
    let all = of(&PivotOf { rows: Axis::Elements, columns: Axis::Periods, by: Some(PeriodKind::Year), ..OF });
    assert!(all[0].ends_with("2020") && all.contains(&"TEAMS: 12".to_owned()), "{all:?}");
});

both!(categories_stand_beside_all_of_them_and_whatever_changed_meanwhile_is_known, |db: Db| {
    let ground = Ground::new(db);
    let rows =
        format!("DONATIONS,{COUNTY},2020-02-01,100.50,cash,a\nDONATIONS,{COUNTY},2020-02-01,20,kind,b\n");
    import(&ground, &rows).unwrap();
    let leader = ground.acting(ground.officer("旗县长", Role::Leader, COUNTY));
    let of = PivotOf { area: COUNTY, element: "DONATIONS", columns: Axis::Options, ..OF };
    let found = pivot(&leader, &of, None).unwrap();
    assert_eq!(found.columns[0], Point::All);
    let at = |option: &str| found.columns.iter().position(|it| name(it) == option).unwrap();
    let whole = &found.cells[0];
    assert_eq!(["all", "cash", "kind"].map(|it| text(&whole[at(it)].figure)), ["120.50", "100.50", "20"]);
    assert_eq!(found.sources.len(), 1);

    let before = ground.now();
    ground.clock.pass_seconds(3_600);
    import(&ground, &format!("DONATIONS,{COUNTY},2020-02-01,90,cash,a\n")).unwrap();
    let now = pivot(&leader, &of, None).unwrap();
    let then = pivot(&leader, &of, Some(before)).unwrap();
    assert_eq!([&now, &then].map(|it| text(&it.cells[0][0].figure)), ["110", "120.50"]);
    let public = Ctx::anonymous(ground.city.clone());
    assert!(pivot(&public, &of, Some(before)).is_err());
});

both!(small_counts_of_persons_stand_in_no_table_of_everybody, |db: Db| {
    let ground = Ground::new(db);
    let rows = format!(
        "VOLUNTEERS,{GRID},2020-02-01,3,,a\nVOLUNTEERS,{OTHER_GRID},2020-02-01,40,,b\nVOLUNTEERS,{OTHER_COMMUNITY},2020-02-01,70,,d\n\
         VOLUNTEERS,{OTHER_COUNTY},2021-05-01,4,,e\n"
    );
    import(&ground, &rows).unwrap();
    let public = Ctx::anonymous(ground.city.clone());
    let leader = ground.acting(ground.officer("乡镇长", Role::Leader, TOWNSHIP));
    let by_year = PivotOf { element: "VOLUNTEERS", by: Some(PeriodKind::Year), ..OF };
    let found = lines(&pivot(&public, &by_year, None).unwrap());
    assert_eq!(found[..2], ["2020 2021", "whole: 115 hidden"], "{found:?}");
    // All years together, less the one that is shown, would be the four.
    let together = PivotOf { columns: Axis::Options, ..by_year };
    let found = lines(&pivot(&public, &together, None).unwrap());
    assert_eq!(found[1], "whole: hidden", "{found:?}");
    let by_month = PivotOf { by: None, period: period("2020"), ..by_year };
    let found = pivot(&public, &by_month, None).unwrap();
    assert_eq!(found.columns.len(), 12, "months in which nobody was there, too");
    let states: Vec<_> = found.cells[0].iter().map(|it| it.figure.value).collect();
    assert!(states.iter().all(|it| matches!(it, State::Hidden)), "{states:?}");
    let grids = PivotOf { area: COMMUNITY, ..by_year };
    let (seen, exact) = (pivot(&public, &grids, None).unwrap(), pivot(&leader, &grids, None).unwrap());
    assert!(lines(&seen).contains(&format!("{GRID}: hidden hidden")), "{:?}", lines(&seen));
    assert!(lines(&exact).contains(&format!("{GRID}: 3 none")), "{:?}", lines(&exact));
});

both!(what_cannot_be_a_table_is_refused_with_what_to_do, |db: Db| {
    let ground = Ground::new(db);
    let public = Ctx::anonymous(ground.city.clone());
    let field = |of: PivotOf<'_>| match pivot(&public, &of, None) {
        Err(Refusal::Invalid(faults)) => faults[0].field.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(field(PivotOf { rows: Axis::Periods, ..OF }), "columns");
    assert_eq!(field(PivotOf { rows: Axis::Elements, columns: Axis::Options, ..OF }), "columns");
    assert_eq!(field(PivotOf { element: "NO_SUCH", ..OF }), "element");
    assert_eq!(field(PivotOf { by: Some(PeriodKind::Day), ..OF }), "by", "teams are reported by the month");
    assert_eq!(field(PivotOf { by: Some(PeriodKind::Year), period: period("202001"), ..OF }), "by");
    assert_eq!(field(PivotOf { period: period("20200101"), ..OF }), "by");
    assert_eq!(field(PivotOf { period: period("20200101"), columns: Axis::Options, ..OF }), "period");
    assert!(matches!(pivot(&public, &PivotOf { area: "999999", ..OF }, None), Err(Refusal::NotFound)));
    // Nothing has come yet: no periods, no columns.
    assert!(pivot(&public, &OF, None).unwrap().columns.is_empty());
});
