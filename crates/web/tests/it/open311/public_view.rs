//! What everybody is shown of a case along its way, and what nobody is.

use axum::http::Method;
use store::{Db, both};

use super::{LAMP, STEPS, V2, filed, photos, read, step};
use crate::support::{Town, pick};

/// Everything that can be read about the city's cases without a key.
fn everything(town: &Town, case: &str) -> String {
    let paths = [
        "requests.json?extensions=true".to_owned(),
        "requests.xml?extensions=true".to_owned(),
        format!("requests/{case}.json?extensions=true"),
        format!("requests/{case}.xml"),
        format!("tokens/{case}.xml"),
        "servicerequestupdates.xml".to_owned(),
        "servicerequestupdates.json".to_owned(),
        "requests.csv".to_owned(),
        "requests.geojsonl".to_owned(),
    ];
    paths.map(|path| town.anonymous().get(&format!("{V2}/{path}")).text()).join("\n")
}

const SECRETS: [&str; 6] =
    ["CANARY-NOTE", "CANARY-NAME", "13987654321", "canary@a.cn", "CANARY-DEVICE", "301"];

both!(no_person_is_named_and_no_words_are_shown_before_somebody_has_looked, |db: Db| {
    let town = Town::new(db);
    let form = "service_code=c1-street-lamp&lat=41.031234&long=113.114321&address_id=150902001001001\
        &address_string=CANARY-PLACE3%E5%8F%B7%E6%A5%BC2%E5%8D%95%E5%85%83301%E5%AE%A4&description=CANARY-WORDS13987654321%E6%89%BE301%E5%AE%A4\
        &first_name=CANARY-NAME&last_name=Li&phone=13987654321&email=canary@a.cn&device_id=CANARY-DEVICE&account_id=CANARY-NAME";
    let case = filed(&town, form);
    let before = everything(&town, &case);
    assert!(before.matches(&case).count() > 5, "the control: the case is in all of it");
    for secret in SECRETS.into_iter().chain(["CANARY-WORDS", "CANARY-PLACE", "113.114321"]) {
        assert!(!before.contains(secret), "{secret} in {before}");
    }
    for taken in STEPS {
        step(&town, &case, taken);
        let after = everything(&town, &case);
        assert!(after.contains("CANARY-WORDS") && after.contains("CANARY-PLACE3"), "filed, and not shown");
        for secret in SECRETS.into_iter().chain(["113.114321", "某handler", "某grid_leader"]) {
            assert!(!after.contains(secret), "{secret} in {after}");
        }
    }
    // What is hidden is there: the acceptor reads it.
    let contact =
        town.user("acceptor").post(&format!("/api/v1/cases/{case}/contact"), &serde_json::json!({}));
    assert!(contact.text().contains("13987654321"), "{}", contact.text());
});

both!(everybody_is_shown_the_same, |db: Db| {
    let town = Town::new(db);
    let case = filed(&town, LAMP);
    step(&town, &case, STEPS[0]);
    let paths =
        ["requests.json?extensions=true", "servicerequestupdates.xml", "requests.csv", "services.json"];
    for path in paths {
        let path = format!("{V2}/{path}");
        let shown = town.anonymous().get(&path);
        assert_eq!(shown.status.as_u16(), 200);
        for name in town.people.keys() {
            assert_eq!(town.user(name).get(&path).bytes, shown.bytes, "{name} at {path}");
        }
    }
});

both!(a_case_is_fixed_only_when_a_check_has_passed, |db: Db| {
    let town = Town::new(db);
    let case = filed(&town, LAMP);
    let stands = || {
        let it = read(&town, &format!("requests/{case}.json?extensions=true"))[0].clone();
        let text = |it: &serde_json::Value| it.as_str().unwrap_or_default().to_owned();
        (text(&it["status"]), text(&it["extended_attributes"]["status"]))
    };
    let told = |status: &str, finer: &str| (status.to_owned(), finer.to_owned());
    assert_eq!(stands(), told("open", "investigating"));
    let expected = [
        ("open", "open"),
        ("open", "action_scheduled"),
        ("open", "in_progress"),
        ("open", "in_progress"),
        ("closed", "fixed"),
    ];
    for (taken, (status, finer)) in STEPS.into_iter().zip(expected) {
        town.clock.pass_seconds(60);
        step(&town, &case, taken);
        assert_eq!(stands(), told(status, finer), "after {taken:?}");
    }
    assert_eq!(pick(&read(&town, "requests.json?status=closed"), "service_request_id"), [case.as_str()]);
    assert_eq!(pick(&read(&town, "requests.json?status=open"), "service_request_id"), [""; 0]);

    let shown = read(&town, &format!("requests/{case}.json?extensions=true"))[0].clone();
    assert_eq!(shown["agency_responsible"], "集宁区照明所");
    assert_eq!(shown["expected_datetime"], "2026-11-25T18:00:00+08:00");
    assert_eq!(
        pick(&shown["notes"], "description"),
        [
            "Reported",
            "Verify and register",
            "Dispatch: 集宁区照明所",
            "Report it handled",
            "Accept the feedback",
            "Check passed: close"
        ]
    );
    let updates = read(&town, "servicerequestupdates.json");
    assert_eq!(pick(&updates, "status"), ["open", "action_scheduled", "in_progress", "in_progress", "fixed"]);
    assert_eq!(updates[4]["update_id"], format!("{case}-6"));
    let window = "start_date=2026-11-20T09:02:00%2B08:00&end_date=2026-11-20T09:03:00%2B08:00";
    let some = read(&town, &format!("servicerequestupdates.json?{window}"));
    assert_eq!(pick(&some, "status"), ["action_scheduled", "in_progress"]);
});

both!(what_was_never_filed_is_closed_without_having_been_fixed_and_says_why, |db: Db| {
    let town = Town::new(db);
    for (ground, told, finer) in [
        ("does-not-exist", "Void: Nothing found on site", "no_further_action"),
        ("no-public-matter", "Void: Not a public matter", "not_councils_responsibility"),
        ("reported-before", "Void: Reported before", "duplicate"),
    ] {
        let case = filed(&town, LAMP);
        let refute = serde_json::json!({ "finding": "absent", "note": "CANARY-NOTE" });
        town.user("grid_leader").advance(&case, "refute", &refute, &[]);
        let void = serde_json::json!({ "ground": ground, "note": "CANARY-NOTE" });
        town.user("acceptor").advance(&case, "void", &void, &[]);
        for path in [format!("requests/{case}.json?"), format!("requests.json?service_request_id={case}&")] {
            let shown = read(&town, &format!("{path}extensions=true"))[0].clone();
            assert_eq!(
                (&shown["status"], &shown["description"]),
                (&"closed".into(), &serde_json::Value::Null)
            );
            let further = &shown["extended_attributes"];
            assert_eq!(
                (&further["status"], &further["duplicate"]),
                (&finer.into(), &(finer == "duplicate").into())
            );
            assert_eq!(shown["status_notes"], told);
            assert_eq!(pick(&shown["notes"], "description")[2], told);
            assert_eq!(pick(&shown["notes"], "type")[2], finer);
        }
        assert!(!everything(&town, &case).contains("CANARY-NOTE"));
        assert_eq!(pick(&read(&town, "requests.json?status=open"), "service_request_id"), [""; 0]);
    }
    let updates = pick(&read(&town, "servicerequestupdates.json"), "status");
    assert!(updates.contains(&"not_councils_responsibility".to_owned()), "{updates:?}");
});

both!(a_second_report_names_the_request_that_is_handled_instead, |db: Db| {
    let town = Town::new(db);
    let (first, second) = (filed(&town, LAMP), filed(&town, LAMP));
    let merge = serde_json::json!({ "into": first, "reason": "CANARY-NOTE" });
    town.user("acceptor").post(&format!("/api/v1/cases/{second}/merge"), &merge).of(200);
    let shown = |id: &str| read(&town, &format!("requests/{id}.json?extensions=true"))[0].clone();
    let of_second = &shown(&second)["extended_attributes"];
    assert_eq!((&of_second["status"], &of_second["duplicate"]), (&"duplicate".into(), &true.into()));
    assert_eq!(of_second["parent_service_request_id"], first.as_str());
    let of_first = &shown(&first)["extended_attributes"];
    assert_eq!((&of_first["duplicate"], of_first.get("parent_service_request_id")), (&false.into(), None));
});

both!(what_is_opened_again_says_so_until_it_is_sent_on, |db: Db| {
    let town = Town::new(db);
    let resident = town.user("resident");
    let case = resident.report(&crate::support::lamp(1))["id"].as_str().unwrap().to_owned();
    STEPS.into_iter().for_each(|taken| step(&town, &case, taken));
    let again = serde_json::json!({ "note": "CANARY-NOTE" });
    resident.advance(&case, "reopen", &again, &[]);
    let stands = || {
        let it = read(&town, &format!("requests/{case}.json?extensions=true"))[0].clone();
        assert_eq!(it["status"], "open");
        it["extended_attributes"]["status"].clone()
    };
    assert_eq!(stands(), "reopen");
    assert_eq!(pick(&read(&town, "servicerequestupdates.json"), "status").last().unwrap(), "reopen");
    step(&town, &case, STEPS[1]);
    assert_ne!(stands(), "reopen");
});

both!(work_that_is_given_back_is_not_closed, |db: Db| {
    let town = Town::new(db);
    let case = filed(&town, LAMP);
    step(&town, &case, STEPS[0]);
    step(&town, &case, STEPS[1]);
    let back = serde_json::json!({ "ground": "not-our-duty", "note": "CANARY-NOTE" });
    town.user("handler").advance(&case, "return", &back, &[]);
    let shown = read(&town, &format!("requests/{case}.json?extensions=true"))[0].clone();
    assert_eq!(shown["extended_attributes"]["status"], "internal_referral");
    assert_eq!(pick(&shown["notes"], "description")[3], "Return: Not our duty");
    for taken in &STEPS[1..4] {
        step(&town, &case, *taken);
    }
    let fail = serde_json::json!({ "note": "CANARY-NOTE" });
    town.user("grid_supervisor").advance(&case, "fail", &fail, &photos());
    let shown = read(&town, &format!("requests/{case}.json?extensions=true"))[0].clone();
    assert_eq!(
        (&shown["status"], &shown["extended_attributes"]["status"]),
        (&"open".into(), &"in_progress".into())
    );
});

both!(what_tells_of_a_person_is_taken_out_for_good_by_who_registers_or_reported, |db: Db| {
    let town = Town::new(db);
    let form =
        format!("{LAMP}&address_string=CANARY-PLACE").replace("description=", "description=CANARY-NAME");
    let case = filed(&town, &form);
    let withhold = |user: &str| {
        town.user(user).post(&format!("/api/v1/cases/{case}/withholding"), &serde_json::json!({}))
    };
    assert_eq!(withhold("dispatcher").status.as_u16(), 403);
    step(&town, &case, STEPS[0]);
    assert!(everything(&town, &case).contains("CANARY-NAME"), "the control: it is published");
    assert_eq!(withhold("grid_leader").status.as_u16(), 403, "who has verified it looks at it no longer");
    town.clock.pass_seconds(60);
    let record = withhold("acceptor").of(200);
    assert_eq!(record["events"][2]["transition"], "withheld");
    let changed = read(&town, "requests.json?updated_after=2026-11-20T09:00:30%2B08:00");
    town.clock.pass_seconds(60);
    assert_eq!(
        (changed, withhold("acceptor").of(200)["revision"].clone()),
        (serde_json::json!([]), 3.into())
    );
    let shown = everything(&town, &case);
    assert!(shown.matches(&case).count() > 5 && !shown.contains("CANARY"), "{shown}");
    let request = read(&town, "requests.json?updated_after=2026-11-20T09:00:30%2B08:00")[0].clone();
    assert_eq!(
        (&request["lat"], &request["address_id"]),
        (&serde_json::Value::Null, &"150902001001001".into())
    );
    assert_eq!(request["service_request_id"], case.as_str(), "who keeps a copy is told that it changed");
    step(&town, &case, STEPS[1]);
    assert!(!everything(&town, &case).contains("CANARY"), "no later step shows it again");
    let seen = town.user("handler").get(&format!("/api/v1/cases/{case}")).of(200);
    assert!(seen["description"].as_str().unwrap().contains("CANARY-NAME"), "who works on it reads it");
});

both!(a_reporter_without_an_account_takes_their_words_out_by_their_link, |db: Db| {
    let town = Town::new(db);
    let reported = town.anonymous().report(&crate::support::lamp(1));
    let case = reported["id"].as_str().unwrap().to_owned();
    let page = format!("/follow/{}", reported["follow_token"].as_str().unwrap());
    assert!(town.anonymous().get(&page).text().contains(&format!("{page}/withhold")));
    let press = |path: &str| {
        let kind = "application/x-www-form-urlencoded";
        town.anonymous().send_text(Method::POST, &format!("{path}/withhold"), kind, "").status.as_u16()
    };
    assert_eq!(press(&page), 303);
    assert!(!town.anonymous().get(&page).text().contains(&format!("{page}/withhold")), "once is enough");
    step(&town, &case, STEPS[0]);
    let request = read(&town, &format!("requests/{case}.json"))[0].clone();
    assert_eq!(request["description"], serde_json::Value::Null);
    assert_eq!(press(&format!("/cases/{case}")), 404, "without the link");
});

both!(a_rating_does_not_move_the_time_at_which_it_was_done, |db: Db| {
    let town = Town::new(db);
    let reported = town.user("resident").report(&crate::support::lamp(1));
    let case = reported["id"].as_str().unwrap().to_owned();
    for taken in STEPS {
        town.clock.pass_seconds(60);
        step(&town, &case, taken);
    }
    let updated = || read(&town, &format!("requests/{case}.json"))[0]["updated_datetime"].clone();
    assert_eq!(updated(), "2026-11-20T09:05:00+08:00");
    town.clock.pass_seconds(3_600);
    town.user("resident").advance(&case, "rate", &serde_json::json!({ "rating": 5, "solved": true }), &[]);
    assert_eq!(updated(), "2026-11-20T09:05:00+08:00");
});
