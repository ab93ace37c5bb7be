//! What everybody is shown of counts of persons, and what those who answer for an area see.

use std::collections::BTreeMap;

use domain::{
    Ctx, Refusal, Window,
    statistic::{self, Breakdown, Figure, RecordsOf, SMALL, State, breakdown, figure},
};
use kernel::Role;
use store::{Db, both, params};

use super::{LEAVES, import, shown, text};
use crate::ground::{
    CITY, COMMUNITY, COUNTY, GRID, Ground, OTHER_COMMUNITY, OTHER_COUNTY, OTHER_GRID, OTHER_TOWNSHIP,
    TOWNSHIP,
};

/// Figures of an area and its parts as numbers; a hidden one is none.
fn numbers(found: &Breakdown) -> (i64, BTreeMap<String, Option<i64>>) {
    let number = |it: &Figure| match it.value {
        State::Value(value) => Some(value.to_decimal(0).parse().unwrap()),
        State::None => Some(0),
        State::Hidden => None,
    };
    let mut parts: BTreeMap<String, Option<i64>> =
        found.parts.iter().map(|it| (it.code.clone(), number(&it.figure))).collect();
    if let Some(own) = &found.own {
        parts.insert("own".into(), number(own));
    }
    (number(&found.total).unwrap(), parts)
}

both!(small_counts_of_persons_are_for_those_who_answer_for_the_area, |db: Db| {
    let ground = Ground::new(db);
    let rows = format!(
        "VOLUNTEERS,{GRID},2020-02-01,3,,a\nVOLUNTEERS,{OTHER_GRID},2020-02-01,40,,b\nVOLUNTEERS,{COMMUNITY},2020-03-01,2,,c\n\
         VOLUNTEERS,{OTHER_COMMUNITY},2020-02-01,70,,d\nVOLUNTEERS,{OTHER_COUNTY},2020-02-01,55,,e\nTEAMS,{GRID},2020-02-01,1,,f\n"
    );
    import(&ground, &rows).unwrap();
    let public = Ctx::anonymous(ground.city.clone());
    let (whole, counties) = numbers(&breakdown(&public, CITY, "volunteers", None).unwrap());
    assert_eq!((whole, counties[COUNTY], counties[OTHER_COUNTY]), (170, Some(115), Some(55)));
    let (whole, parts) = numbers(&breakdown(&public, COMMUNITY, "volunteers", None).unwrap());
    // 3 and 2 together are small too, so that the 40 beside them stand for nothing either.
    assert_eq!((whole, parts[GRID], parts[OTHER_GRID], parts["own"]), (45, None, None, None));
    assert_eq!(shown(&public, GRID, "volunteers"), "hidden", "asked for by itself");
    assert_eq!(shown(&public, GRID, "teams"), "1", "teams are no persons");
    let hidden = figure(&public, GRID, "volunteers", None).unwrap();
    assert_eq!(hidden.records, 0, "nor how many records there are");

    let leader = ground.acting(ground.officer("乡镇长", Role::Leader, TOWNSHIP));
    let (_, parts) = numbers(&breakdown(&leader, COMMUNITY, "volunteers", None).unwrap());
    assert_eq!((parts[GRID], parts[OTHER_GRID], parts["own"]), (Some(3), Some(40), Some(2)));
    let elsewhere = ground.acting(ground.officer("外县长", Role::Leader, OTHER_COUNTY));
    assert_eq!(shown(&elsewhere, GRID, "volunteers"), "hidden");

    let of = RecordsOf { element: "VOLUNTEERS", area: COMMUNITY, period: None };
    assert_eq!(statistic::records(&leader, &of, &Window::first(9)).unwrap().items.len(), 3);
    for ctx in [&public, &elsewhere] {
        let refused = statistic::records(ctx, &of, &Window::first(9));
        assert!(matches!(refused, Err(Refusal::SignIn | Refusal::Denied)), "{refused:?}");
        // Two moments that follow each other would tell of one person.
        assert!(figure(ctx, COMMUNITY, "volunteers", Some(ground.now())).is_err());
    }
});

both!(counts_of_persons_are_in_fives_for_everybody_and_exact_for_those_above, |db: Db| {
    let ground = Ground::new(db);
    let rows = format!(
        "VOLUNTEERS,{COMMUNITY},2020-02-01,43,,a\nVOLUNTEERS,{OTHER_COMMUNITY},2020-02-01,72,,b\nTEAMS,{GRID},2020-02-01,3,,c\n"
    );
    import(&ground, &rows).unwrap();
    let public = Ctx::anonymous(ground.city.clone());
    let leader = ground.acting(ground.officer("乡镇长", Role::Leader, TOWNSHIP));
    let both = |ctx: &Ctx| [COMMUNITY, TOWNSHIP].map(|code| shown(ctx, code, "volunteers"));
    assert_eq!(both(&public), ["45", "115"]);
    assert_eq!(both(&leader), ["43", "115"]);
    let found = [&public, &leader].map(|ctx| figure(ctx, COMMUNITY, "volunteers", None).unwrap());
    assert_eq!(found.map(|it| it.is_coarse), [true, false]);
    let teams = figure(&public, GRID, "teams", None).unwrap();
    assert_eq!((text(&teams).as_str(), teams.is_coarse), ("3", false), "teams are no persons");
});

both!(that_a_count_is_hidden_does_not_say_that_there_is_anybody, |db: Db| {
    let ground = Ground::new(db);
    const BELOW: &str = "UPDATE area SET parent_id = $2 WHERE id = $1";
    let pairs = [(COUNTY, CITY), (OTHER_COUNTY, CITY), (TOWNSHIP, COUNTY), (OTHER_TOWNSHIP, COUNTY)];
    ground
        .city
        .db
        .write(|tx| {
            let id = crate::ground::area;
            pairs.iter().try_for_each(|(it, above)| tx.execute(BELOW, params![id(it), id(above)]).map(drop))
        })
        .unwrap();
    let rows = format!("VOLUNTEERS,{TOWNSHIP},2020-02-01,4,,a\nVOLUNTEERS,{COUNTY},2020-02-01,60,,b\n");
    import(&ground, &rows).unwrap();
    let public = Ctx::anonymous(ground.city.clone());
    let (whole, parts) = numbers(&breakdown(&public, COUNTY, "volunteers", None).unwrap());
    assert_eq!((whole, parts[TOWNSHIP], parts["own"]), (65, None, None));
    // Nobody reported of it; beside one that is hidden that is not said.
    assert_eq!(parts[OTHER_TOWNSHIP], None);
    assert_eq!(shown(&public, OTHER_TOWNSHIP, "volunteers"), "hidden");
    assert_eq!(shown(&public, OTHER_COUNTY, "volunteers"), "none", "its neighbour is shown, and so is it");
    let (_, parts) = numbers(&breakdown(&public, CITY, "volunteers", None).unwrap());
    assert_eq!((parts[COUNTY], parts[OTHER_COUNTY]), (Some(65), Some(0)));
});

both!(an_option_that_is_no_longer_defined_hides_its_small_counts_too, |db: Db| {
    let ground = Ground::new(db);
    let rows = format!(
        "RESERVE_SIGNUPS,{COUNTY},2020-05-01,50,under_35,a\nRESERVE_SIGNUPS,{COUNTY},2020-05-01,4,from_35,old-a\n\
         RESERVE_SIGNUPS,{OTHER_COUNTY},2020-05-01,40,under_35,b\nRESERVE_SIGNUPS,{OTHER_COUNTY},2020-05-01,20,from_35,old-b\n"
    );
    import(&ground, &rows).unwrap();
    let retire = "UPDATE statistic_record SET option_code = 'retired' WHERE reference IN ('old-a', 'old-b')";
    ground.city.db.write(|tx| tx.execute(retire, &[]).map(drop)).unwrap();
    let system = Ctx::system(ground.city.clone());
    system.write(statistic::recount).unwrap();
    let public = Ctx::anonymous(ground.city.clone());
    assert_eq!(shown(&public, CITY, "reserve_signups"), "115", "what was counted counts");
    assert_eq!([COUNTY, OTHER_COUNTY].map(|it| shown(&public, it, "reserve_signups")), ["hidden", "hidden"]);
    assert_eq!(shown(&system, COUNTY, "reserve_signups"), "54");
});

both!(nobody_gets_a_small_count_by_subtraction, |db: Db| {
    let ground = Ground::new(db);
    let public = Ctx::anonymous(ground.city.clone());
    let mut state = 7_u64;
    for round in 0..25 {
        let mut rows = String::new();
        for (at, leaf) in LEAVES.iter().enumerate() {
            for option in ["under_35", "from_35"] {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let value = [0, 3, 9, 10, 25, 70][(state >> 40) as usize % 6];
                rows.push_str(&format!("RESERVE_SIGNUPS,{leaf},2020-05-01,{value},{option},{at}{option}\n"));
            }
        }
        import(&ground, &rows).unwrap();
        let system = Ctx::system(ground.city.clone());
        for indicator in ["reserve_signups", "reserve_under_35"] {
            for code in [CITY, COUNTY, TOWNSHIP, COMMUNITY] {
                let found = breakdown(&public, code, indicator, None).unwrap();
                if found.total.value == State::Hidden {
                    let all_hidden = found.parts.iter().all(|it| it.figure.value == State::Hidden);
                    assert!(all_hidden, "round {round}: below what is hidden nothing is shown");
                    continue;
                }
                // As if nothing were rounded, so that no rounding is leaned on.
                let (_, seen) = numbers(&found);
                let (whole, parts) = numbers(&breakdown(&system, code, indicator, None).unwrap());
                let open: Vec<i64> = parts
                    .iter()
                    .filter(|(key, _)| seen.get(*key).is_none_or(Option::is_some))
                    .filter_map(|it| *it.1)
                    .collect();
                let rest = whole - open.iter().sum::<i64>();
                assert!(
                    rest == 0 || rest >= SMALL,
                    "round {round}, {indicator} of {code}: {rest} are left of {parts:?}"
                );
                assert!(open.iter().all(|it| *it == 0 || *it >= SMALL), "round {round}: {open:?}");
            }
        }
    }
});
