//! Figures of the loop by the API and as a table file.

use std::io::Cursor;

use axum::http::Method;
use calamine::Reader as _;
use serde_json::json;
use store::{Db, both};

use crate::support::{Answer, Town, User, jpeg, lamp, pick};

const NOVEMBER: &str = "from=2026-11-01&to=2026-11-30";

both!(a_figure_opens_the_cases_that_it_counts, |db: Db| {
    let town = Town::new(db);
    let reported = town.user("resident").report(&lamp(1));
    let commander = town.user("commander");
    let ask = |path: &str| commander.get(path).of(200);
    let found = ask(&format!("/api/v1/evaluations?area=1509&{NOVEMBER}"));
    assert_eq!((&found["from"], &found["to"]), (&json!("2026-11-01"), &json!("2026-11-30")));
    assert_eq!(found["total"]["figures"]["reported"], 1);
    assert_eq!(
        found["total"]["rates"]["registration"],
        json!({ "numerator": "registered", "denominator": "reported", "percent": 0.0 })
    );
    assert_eq!(found["total"]["rates"]["handling"]["percent"], json!(null), "of nothing there is no share");
    assert_eq!(
        (&found["rows"][0]["key"], &found["rows"][0]["figures"]["reported"]),
        (&json!("150902"), &json!(1))
    );
    let cases = ask(&format!("/api/v1/evaluations/cases?area=1509&{NOVEMBER}&figure=reported"));
    assert_eq!(pick(&cases["items"], "id"), [reported["id"].as_str().unwrap_or_default()]);
    let compared = ask(&format!("/api/v1/evaluations?area=1509&{NOVEMBER}&compare=yes"));
    assert_eq!(
        (&compared["before"]["from"], &compared["before"]["to"]),
        (&json!("2026-10-01"), &json!("2026-10-31"))
    );
    assert_eq!(compared["year_before"]["from"], "2025-11-01");
    assert_eq!(found["before"], json!(null), "only when it is asked for");
    let none = ask(&format!("/api/v1/evaluations/cases?area=1509&{NOVEMBER}&figure=registered"));
    assert_eq!(none["items"], json!([]));
});

both!(a_question_that_is_not_right_is_told_by_field, |db: Db| {
    let town = Town::new(db);
    let commander = town.user("commander");
    for (query, field) in [
        ("area=1509&from=yesterday&to=2026-11-30", "from"),
        ("area=1509&from=2026-11-30&to=2026-11-01", "to"),
        ("area=1509&from=2001-01-01&to=2026-11-01", "to"),
        ("area=1509&from=2026-11-01", "to"),
        ("area=1509&from=2026-11-01&to=2026-11-30&by=person", "by"),
    ] {
        assert_eq!(commander.get(&format!("/api/v1/evaluations?{query}")).fields(422), [field], "{query}");
    }
    let cases = format!("/api/v1/evaluations/cases?area=1509&{NOVEMBER}");
    assert_eq!(commander.get(&format!("{cases}&figure=tea")).fields(422), ["figure"]);
    assert_eq!(commander.get(&format!("{cases}&figure=due&organization=x")).fields(422), ["organization"]);
    assert_eq!(commander.get(&format!("{cases}&figure=due&cursor=x")).fields(422), ["cursor"]);
    assert_eq!(commander.get(&format!("{cases}&figure=due&adjusted=true")).fields(422), ["adjusted"]);
    let compared = format!("/api/v1/evaluations?area=1509&{NOVEMBER}&compare=1");
    assert_eq!(commander.get(&compared).fields(422), ["compare"]);
    commander.get(&format!("/api/v1/evaluations?area=999999&{NOVEMBER}")).of(404);
    town.user("resident").get(&format!("/api/v1/evaluations?area=1509&{NOVEMBER}")).of(403);
    town.anonymous().get(&format!("/api/v1/evaluations?area=1509&{NOVEMBER}")).of(401);
});

both!(the_table_file_says_the_same_to_a_spreadsheet, |db: Db| {
    let town = Town::new(db);
    town.user("resident").report(&lamp(1));
    let file = town.user("commander").get(&format!("/evaluation.csv?area=1509&{NOVEMBER}"));
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").contains("evaluation-1509-2026-11-01-2026-11-30.csv"));
    let text = file.text();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("\u{feff}Code,Name,Reported,"), "{}", lines[0]);
    assert!(lines[1].starts_with("1509,"), "the whole comes first: {}", lines[1]);
    assert!(lines[2].starts_with("150902,集宁区,1,0,"), "{}", lines[2]);
    assert!(lines[2].contains(",2026-11-01,2026-11-30,2026-"), "no row loses its period: {}", lines[2]);

    let file = town.user("commander").get(&format!("/evaluation.xlsx?area=1509&{NOVEMBER}"));
    assert!(file.header("content-type").ends_with("spreadsheetml.sheet"));
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(file.bytes.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let (head, county) = (sheet.rows().next().unwrap(), sheet.rows().nth(2).unwrap());
    let of = |name: &str| &county[head.iter().position(|it| *it == *name).unwrap()];
    assert_eq!(*of("Reported"), calamine::Data::Float(1.0), "a number is a number");
    assert_eq!(*of("Registered"), calamine::Data::Float(0.0));
    assert_eq!(*of("Handled"), calamine::Data::Float(0.0));
    assert_eq!(of("Satisfied").to_string(), "", "of nothing there is no share");
});

both!(the_work_of_posts_is_shown_to_those_above_and_ones_own_to_oneself, |db: Db| {
    let town = Town::new(db);
    let (commander, acceptor) = (town.user("commander"), town.user("acceptor"));
    acceptor.report(&lamp(1));
    let found = commander.get(&format!("/api/v1/evaluations/work?area=1509&{NOVEMBER}&posts=desk")).of(200);
    let office = &found["rows"][0];
    assert_eq!((&office["role"], &office["figures"]["filed"]), (&json!("acceptor"), &json!(1)), "{found}");
    assert_eq!(office["rates"]["on_time_filing"]["percent"], 100.0);
    assert_eq!(office["rates"]["right_dispatch"]["percent"], json!(null));
    let organization = office["organization"].as_str().unwrap_or_default();
    let of = |what: &str| {
        format!("/api/v1/evaluations/work/{what}?organization={organization}&role=acceptor&{NOVEMBER}")
    };
    assert_eq!(acceptor.get(&of("people")).of(200)["rows"][0]["figures"]["filed"], 1);
    town.user("resident").get(&of("people")).of(404);
    town.user("dispatcher").get(&of("people")).of(404);
    let cases = commander.get(&format!("{}&figure=filed", of("cases"))).of(200);
    assert_eq!(cases["items"].as_array().map(Vec::len), Some(1));
    acceptor.get(&format!("/api/v1/evaluations/work?area=1509&{NOVEMBER}&posts=desk")).of(403);
    for (query, field) in [("posts=tea", "posts"), ("posts=desk&from=x", "from")] {
        let path = format!("/api/v1/evaluations/work?area=1509&to=2026-11-30&{query}");
        let path = if query.contains("from") { path } else { format!("{path}&from=2026-11-01") };
        assert_eq!(commander.get(&path).fields(422), [field], "{query}");
    }
    for page in ["post", "collector"] {
        assert_eq!(
            commander.get(&format!("/evaluation?area=1509&{NOVEMBER}&by={page}")).status,
            200,
            "{page}"
        );
    }
});

fn send(user: &User<'_>, path: &str, form: &str) -> Answer {
    user.send_text(Method::POST, path, "application/x-www-form-urlencoded", form.to_owned())
}

/// The form with these words above its button, as it stands on a page.
fn form_to(page: &Answer, action: &str, holds: &str) -> String {
    let page = page.text();
    let forms =
        page.split("<form ").skip(1).map(|it| it.split("</form>").next().unwrap_or_default().to_owned());
    let mut fitting = forms.filter(|it| it.contains(&format!("action=\"{action}\"")) && it.contains(holds));
    fitting.next().unwrap_or_else(|| panic!("no form to {action} with {holds}: {page}"))
}

fn request(form: &str) -> String {
    let value = form.split("name=\"request\" value=\"").nth(1).and_then(|it| it.split('"').next());
    value.expect("a one-time id").to_owned()
}

both!(a_word_on_a_claim_that_is_refused_comes_back_in_its_own_form, |db: Db| {
    let town = Town::new(db);
    let (acceptor, reviewer) = (town.user("acceptor"), town.user("reviewer"));
    let case = town.user("resident").report(&lamp(1))["id"].as_str().unwrap().to_owned();
    town.user("grid_leader").advance(&case, "verify", &json!({ "finding": "exists" }), &[jpeg(64, 48)]);
    let path = format!("/cases/{case}/evaluation");

    // Asking: what lacks is said at its field, and what was typed is kept.
    let bare = send(&acceptor, &path, "kind=exclusion&about=&note=beyond+its+powers");
    assert_eq!(bare.status, 422);
    let form = form_to(&bare, &path, "value=\"exclusion\"");
    assert!(bare.text().contains("href=\"#propose-ground\""), "{}", bare.text());
    assert!(form.contains("id=\"propose-ground-error\"") && form.contains("aria-invalid=\"true\""), "{form}");
    assert!(form.contains(">beyond its powers</textarea>") && form.contains("data-refused"), "{form}");
    let bare = send(&acceptor, &path, "kind=exclusion&about=out-of-power&note=");
    let form = form_to(&bare, &path, "value=\"exclusion\"");
    assert!(
        form.contains("value=\"out-of-power\" selected") && form.contains("propose-note-error"),
        "{form}"
    );

    // Pressed twice it is asked once, and said so.
    let ask = format!("kind=exclusion&about=out-of-power&note=beyond&request={}", request(&form));
    for _ in 0..2 {
        let sent = send(&acceptor, &path, &ask);
        assert_eq!((sent.status.as_u16(), sent.header("location")), (303, format!("{path}?said=1").as_str()));
    }
    assert!(acceptor.get(&format!("{path}?said=1")).text().contains("Your word is on record"));
    let claims = reviewer.get(&format!("/api/v1/cases/{case}/claims")).of(200)["items"].clone();
    assert_eq!(claims.as_array().map(Vec::len), Some(1));

    // Deciding: the reason stands in the form of this claim and nowhere else.
    let rule = format!("{path}/{}", claims[0]["id"].as_str().unwrap());
    let bare = send(&reviewer, &rule, "note=it+is+so");
    assert_eq!((bare.status.as_u16(), bare.text().matches("it is so").count()), (422, 1), "{}", bare.text());
    let form = form_to(&bare, &rule, "it is so");
    assert!(form.contains("-granted-error") && bare.text().contains("href=\"#rule-"), "{form}");
    let chosen = form_to(&send(&reviewer, &rule, "granted=no&note="), &rule, "name=\"granted\"");
    assert!(chosen.contains("value=\"no\" required checked"), "{chosen}");
    let word = format!("granted=yes&note=it+is+so&request={}", request(&form));
    assert_eq!([send(&reviewer, &rule, &word).status, send(&reviewer, &rule, &word).status], [303, 303]);

    // What comes too late is told above the claims, with what was written.
    let late = send(&reviewer, &rule, "granted=no&note=on+second+thoughts");
    assert_eq!(late.status, 409);
    assert!(
        late.text().contains("id=\"kept-note\"") && late.text().contains("on second thoughts"),
        "{}",
        late.text()
    );
    assert!(late.text().contains(&format!("name=\"return_to\" value=\"{path}\"")), "{}", late.text());

    // Taking back.
    let revoke = format!("{rule}/revocation");
    let bare = send(&town.user("commander"), &revoke, "note=+");
    assert_eq!(bare.status, 422);
    assert!(form_to(&bare, &revoke, "revoke-").contains("-note-error"));
});

both!(a_word_by_the_api_is_said_once, |db: Db| {
    let town = Town::new(db);
    let acceptor = town.user("acceptor");
    let case = town.user("resident").report(&lamp(1))["id"].as_str().unwrap().to_owned();
    town.user("grid_leader").advance(&case, "verify", &json!({ "finding": "exists" }), &[jpeg(64, 48)]);
    let path = format!("/api/v1/cases/{case}/claims");
    let ask = |number: u128| {
        let request = uuid::Uuid::from_u128(number);
        let body = json!({ "kind": "exclusion", "about": "out-of-power", "note": "x", "request": request });
        acceptor.post(&path, &body).status.as_u16()
    };
    assert_eq!((ask(1), ask(1), ask(2)), (201, 201, 409));
});
