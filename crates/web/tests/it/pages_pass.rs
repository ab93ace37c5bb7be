//! Passes by forms alone: ordered, approved, refused, appealed, given, shown, printed, ended; and the file for checkpoints.

use axum::http::{StatusCode, header};
use domain::{Ctx, journal, pass};
use kernel::Role;

use crate::pages_case::{LANGUAGES, check_page, get, hidden};
use crate::pages_shell::town::{Browser, Town};

pub const ORDER: [(&str, &str); 13] = [
    ("area", "150902"),
    ("title", "防汛通行"),
    ("legal_basis", "突发事件应对法"),
    ("order_number", "集政发〔2026〕3号"),
    ("purposes", "让居民通过"),
    ("duties", "只看真假，不登记"),
    ("start", "2026-11-20"),
    ("end", "2026-12-01"),
    ("scopes", "小区\n商店\n公交"),
    ("bearer", "name"),
    ("pass_hours", "48"),
    ("holders", "1000"),
    ("rule", "resident: lives_in\nworker: works_in"),
];

fn ordered(town: &Town) {
    let mut leader = town.signed_in(Role::Leader, "en");
    get(&mut leader, "/passes/propose", "en");
    let answer = leader.post("/passes/propose", &ORDER);
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/passes/1"), "{}", answer.text);
}

fn in_force(town: &Town) {
    ordered(town);
    let mut commander = town.signed_in(Role::Commander, "en");
    let answer = commander.post("/passes/1/decide", &[("decision", "approve")]);
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

/// Gives the resident a home in the register.
fn settle(town: &Town) {
    let ctx = Ctx::system(town.city.clone());
    let moved = ctx.write(|tx| {
        let place = domain::area::place(tx, "150902001001")?.expect("it was imported");
        let premises = domain::resident::Premises {
            county: place.county,
            id: ctx.id(),
            area: place.id,
            area_path: place.path,
            address: "一号楼".into(),
        };
        let household =
            domain::resident::Household { county: place.county, id: ctx.id(), premises: premises.id };
        domain::resident::register_all(tx, &[premises], std::slice::from_ref(&household), &[])?;
        const MOVE_IN: &str = "UPDATE person SET household_id = $1, phone = '13900000001' WHERE id = \
            (SELECT person_id FROM account WHERE login_name = 'resident')";
        Ok(tx.execute(MOVE_IN, store::params![household.id])?)
    });
    assert_eq!(moved.unwrap(), 1);
}

fn person(browser: &mut Browser<'_>) -> String {
    hidden(&get(browser, "/passes/1/mine", "en").text, "/passes/1/ask", "person")
}

#[test]
fn an_order_is_proposed_by_one_body_and_approved_by_another_on_pages() {
    let town = Town::plain();
    let mut leader = town.signed_in(Role::Leader, "en");
    let mut wrong = ORDER.to_vec();
    wrong[7] = ("end", "2027-06-01");
    wrong[12] = ("rule", "resident: is_liked");
    let answer = leader.post("/passes/propose", &wrong);
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    check_page(&answer, "en", "an order that is too long");
    assert!(answer.text.contains("href=\"#end\"") && answer.text.contains("href=\"#rule\""));
    assert!(answer.text.contains("集政发"), "what was written is kept");
    ordered(&town);
    let page = get(&mut leader, "/passes/1", "en").text;
    assert!(!page.contains("/passes/1/decide"), "not by the body that proposed it");
    assert_eq!(leader.post("/passes/1/decide", &[("decision", "approve")]).status, StatusCode::FORBIDDEN);
    assert_eq!(leader.post("/passes/1/decide", &[("decision", "perhaps")]).status, StatusCode::NOT_FOUND);
    let mut nobody = town.browser("en");
    assert_eq!(nobody.get("/passes/propose").status, StatusCode::SEE_OTHER);
    assert_eq!(nobody.post("/passes/1/decide", &[("decision", "approve")]).status, StatusCode::SEE_OTHER);
    assert_eq!(town.signed_in(Role::Resident, "en").get("/passes/propose").status, StatusCode::FORBIDDEN);

    for language in LANGUAGES {
        let mut commander = town.signed_in(Role::Commander, language);
        let page = get(&mut commander, "/passes/1", language).text;
        assert!(page.contains("action=\"/passes/1/decide\""));
        let notices = get(&mut commander, "/notices", language).text;
        assert!(notices.contains("防汛通行") && notices.contains("href=\"/passes/1\""), "{notices}");
    }
    let mut commander = town.signed_in(Role::Commander, "en");
    assert_eq!(commander.post("/passes/1/decide", &[("decision", "approve")]).location(), "/passes/1");
    let again = commander.post("/passes/1/decide", &[("decision", "approve")]);
    assert_eq!(again.status, StatusCode::CONFLICT);
    for language in LANGUAGES {
        for role in [Role::Leader, Role::Commander, Role::Handler, Role::Acceptor, Role::Resident] {
            let mut browser = town.signed_in(role, language);
            get(&mut browser, "/passes", language);
            get(&mut browser, "/passes/1", language);
        }
        let mut nobody = town.browser(language);
        let page = get(&mut nobody, "/passes/1", language).text;
        assert!(page.contains("突发事件应对法") && !page.contains("<form method=\"post\" action=\"/passes"));
        assert_eq!(nobody.get("/passes/2").status, StatusCode::NOT_FOUND);
        assert_eq!(nobody.get("/passes/99999999").status, StatusCode::NOT_FOUND);
    }
    // A rule waits for another body, however few it touches, and is then shown with its number.
    let answer = leader.post("/passes/1/rules", &[("rule", "resident: lives_in 1509")]);
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(
        leader.post("/passes/1/rules/2/decide", &[("decision", "approve")]).status,
        StatusCode::FORBIDDEN
    );
    let answer = commander.post("/passes/1/rules/2/decide", &[("decision", "approve")]);
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = get(&mut leader, "/passes/1", "en").text;
    assert!(page.contains("rule 2") && page.contains("乌兰察布市"), "{page}");
    assert_eq!(leader.post("/passes/1/keys/1/rotate", &[]).status, StatusCode::SEE_OTHER);
    assert_eq!(leader.post("/passes/1/keys/1/polish", &[]).status, StatusCode::NOT_FOUND);
    assert_eq!(leader.post("/passes/1/keys/2/withdraw", &[("reason", "外泄")]).status, StatusCode::SEE_OTHER);
    get(&mut leader, "/passes/1", "en");
}

#[test]
fn a_resident_who_is_refused_reads_why_and_one_who_lives_here_has_a_code_at_one_tap() {
    let town = Town::plain();
    in_force(&town);
    let mut resident = town.signed_in(Role::Resident, "en");
    let me = person(&mut resident);
    let answer = resident.post("/passes/1/ask", &[("person", &me)]);
    assert_eq!(answer.location(), format!("/passes/1/mine?person={me}"));
    for language in LANGUAGES {
        resident.post("/language", &[("language", language)]);
        let page = get(&mut resident, "/passes/1/mine", language).text;
        assert!(page.contains("集宁区") && page.contains("action=\"/passes/1/appeal\""), "{page}");
        assert!(get(&mut resident, "/notices", language).text.contains("href=\"/passes/1/mine\""));
    }
    resident.post("/language", &[("language", "en")]);
    settle(&town);
    let answer = resident.post("/passes/1/ask", &[("person", &me)]);
    let code = answer.location().to_owned();
    assert!(code.starts_with("/passes/1/mine/"), "{code}");
    for language in LANGUAGES {
        resident.post("/language", &[("language", language)]);
        let page = get(&mut resident, &code, language).text;
        assert!(page.contains("<svg viewBox=\"0 0 5"), "a code of some fifty modules: {page}");
        assert!(page.contains(&format!("/passes/1/sheet?person={me}")), "what is printed is this person's");
        let sheet = get(&mut resident, "/passes/1/sheet", language).text;
        assert_eq!(sheet.matches("class=\"pass__code\"").count(), 1);
        assert!(get(&mut resident, "/passes/1/mine", language).text.contains("/passes/1/revoke"));
    }
    // Another's passes are not there, under whatever address.
    let mut other = town.signed_in(Role::Handler, "en");
    assert_eq!(other.get(&code).status, StatusCode::NOT_FOUND);
    assert_eq!(other.get(&format!("/passes/1/mine?person={me}")).status, StatusCode::NOT_FOUND);
    assert_eq!(other.post("/passes/1/ask", &[("person", &me)]).status, StatusCode::NOT_FOUND);
    let index = code.split(['/', '?']).nth(4).unwrap().to_owned();
    let revoke = [("person", me.as_str()), ("index", index.as_str())];
    assert_eq!(other.post("/passes/1/revoke", &revoke).status, StatusCode::NOT_FOUND);

    // The desk finds by name and number exactly, prints, and the person sees that.
    let mut desk = town.signed_in(Role::Acceptor, "en");
    let wrong = desk.post("/passes/1/desk", &[("name", "巴特"), ("phone", "13900000001")]);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    check_page(&wrong, "en", "nobody was found at the desk");
    assert!(
        wrong.text.contains("value=\"巴特\"") && wrong.text.contains("href=\"#desk-name\""),
        "{}",
        wrong.text
    );
    let found = desk.post("/passes/1/desk", &[("name", "巴特尔"), ("phone", "13900000001")]);
    assert_eq!(found.location(), format!("/passes/1/mine?person={me}"));
    get(&mut desk, &format!("/passes/1/sheet?person={me}"), "en");
    resident.post("/language", &[("language", "en")]);
    assert!(get(&mut resident, "/me", "en").text.contains("acceptor的单位"));

    assert_eq!(resident.post("/passes/1/revoke", &revoke).status, StatusCode::SEE_OTHER);
    assert_eq!(resident.get(&code).status, StatusCode::NOT_FOUND);
    assert!(get(&mut resident, "/passes/1/mine", "en").text.contains("ended by the holder"));
    // A mandate by login name, and taken back.
    let answer = resident.post("/passes/1/mandates", &[("login_name", "nobody-here")]);
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("value=\"nobody-here\""), "what was written is kept");
    assert_eq!(
        resident.post("/passes/1/mandates", &[("login_name", "handler")]).status,
        StatusCode::SEE_OTHER
    );
    let mine = get(&mut resident, "/passes/1/mine", "en").text;
    assert!(mine.contains("row__name\">handler<"), "by the name that was said, and no other: {mine}");
    assert!(other.post("/passes/1/ask", &[("person", &me)]).location().starts_with("/passes/1/mine/"));
    let page = get(&mut resident, "/me", "en").text;
    assert!(page.contains("Somebody whom you let act for you"), "an agent acts in no office: {page}");
    assert!(get(&mut resident, "/notices", "en").text.contains("in your name"));
    let page = get(&mut resident, "/passes/1/mine", "en").text;
    let end =
        page.split("action=\"/passes/1/statements/").nth(1).and_then(|it| it.split('"').next()).unwrap();
    assert_eq!(resident.post(&format!("/passes/1/statements/{end}"), &[]).status, StatusCode::SEE_OTHER);
    assert_eq!(other.post("/passes/1/ask", &[("person", &me)]).status, StatusCode::NOT_FOUND);
}

#[test]
fn an_appeal_is_sent_with_a_community_chosen_by_name_and_an_agent_is_shown_where_it_stands() {
    let town = Town::plain();
    in_force(&town);
    let mut resident = town.signed_in(Role::Resident, "en");
    let me = person(&mut resident);
    resident.post("/passes/1/ask", &[("person", &me)]);
    for language in LANGUAGES {
        resident.post("/language", &[("language", language)]);
        let page = get(&mut resident, "/passes/1/mine", language).text;
        assert!(page.contains("<optgroup label=") && page.contains("value=\"150902001001\""), "{page}");
    }
    resident.post("/language", &[("language", "en")]);
    let nowhere = resident.post("/passes/1/appeal", &[("person", &me), ("words", "我在这里上班")]);
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    check_page(&nowhere, "en", "an appeal that says not where");
    assert!(nowhere.text.contains("href=\"#area\"") && nowhere.text.contains("我在这里上班"));
    let form = |words| [("person", me.as_str()), ("words", words), ("area", "150902001001")];
    let case = resident.post("/passes/1/appeal", &form("我在这里上班")).location().to_owned();
    assert!(case.starts_with("/cases/"), "{case}");
    get(&mut resident, &case, "en");
    let other = resident.post("/passes/1/appeal", &form("还有一句"));
    assert_eq!(other.status, StatusCode::CONFLICT);
    check_page(&other, "en", "a second appeal beside the first");
    assert!(
        other.text.contains("href=\"#appeal-title\"") && other.text.contains(&format!("href=\"{case}\""))
    );
    // An agent sends it once more, and is shown where it stands and no way into the case.
    resident.post("/passes/1/mandates", &[("login_name", "handler")]);
    let mut agent = town.signed_in(Role::Handler, "en");
    let mine = format!("/passes/1/mine?person={me}");
    assert_eq!(agent.post("/passes/1/appeal", &form("我在这里上班")).location(), mine);
    let page = get(&mut agent, &mine, "en").text;
    assert!(page.contains("Waiting to be accepted") && !page.contains(&case), "{page}");
    assert_eq!(agent.get(&case).status, StatusCode::NOT_FOUND);
}

#[test]
fn a_body_states_a_fact_of_somebody_it_can_name_and_takes_it_back_with_a_reason() {
    let town = Town::plain();
    in_force(&town);
    settle(&town);
    let mut handler = town.signed_in(Role::Handler, "en");
    let page = get(&mut handler, "/passes/1", "en").text;
    let body = page.split("<option value=\"").nth(1).and_then(|it| it.split('"').next()).unwrap().to_owned();
    let form = |act, reason| {
        [
            ("body", body.as_str()),
            ("kind", "works"),
            ("name", "巴特尔"),
            ("phone", "13900000001"),
            ("act", act),
            ("reason", reason),
        ]
    };
    assert_eq!(handler.post("/passes/1/statements", &form("state", "")).status, StatusCode::SEE_OTHER);
    let refused = handler.post("/passes/1/statements", &form("end", ""));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    check_page(&refused, "en", "a statement taken back without a reason");
    assert!(refused.text.contains("value=\"巴特尔\"") && refused.text.contains("href=\"#reason\""));
    assert_eq!(handler.post("/passes/1/statements", &form("end", "离职")).status, StatusCode::SEE_OTHER);
    let again = handler.post("/passes/1/statements", &form("end", "离职"));
    assert_eq!(again.status, StatusCode::CONFLICT, "there is nothing left to take back");
    // The person reads who stated it, who took it back, and why.
    for language in LANGUAGES {
        let mut resident = town.signed_in(Role::Resident, language);
        let page = get(&mut resident, "/passes/1/mine", language).text;
        assert!(page.contains("离职") && page.contains("handler的单位"), "{page}");
    }
    let mut leader = town.signed_in(Role::Leader, "en");
    assert_eq!(leader.post("/passes/1/statements", &form("state", "")).status, StatusCode::FORBIDDEN);
}

#[test]
fn a_checkpoint_fetches_bundle_and_proof_without_saying_who_it_is() {
    let town = Town::plain();
    let mut checkpoint = town.browser("en");
    checkpoint.cookies.clear();
    assert_eq!(checkpoint.get("/pass/bundle").status, StatusCode::NOT_FOUND, "no order, nothing to check");
    assert_eq!(checkpoint.get("/pass/bundle.tlog-proof").status, StatusCode::NOT_FOUND);
    in_force(&town);
    pass::tick(&town.city).unwrap();
    let bundle = checkpoint.get("/pass/bundle");
    assert_eq!(
        (bundle.status, &bundle.headers[header::CONTENT_TYPE]),
        (StatusCode::OK, &"application/cbor".parse().unwrap())
    );
    // A verifier of others finds the list where its passes say that it is.
    let list = checkpoint.get("/pass/status/1");
    assert_eq!(
        (list.status, &list.headers[header::CONTENT_TYPE]),
        (StatusCode::OK, &"application/statuslist+cwt".parse().unwrap())
    );
    assert_eq!(list.headers[header::ETAG], bundle.headers[header::ETAG]);
    assert_eq!(checkpoint.get("/pass/status/2").status, StatusCode::NOT_FOUND);
    let early = checkpoint.get("/pass/bundle.tlog-proof");
    assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(early.headers[header::RETRY_AFTER], "20");
    journal::seal(&town.city).unwrap();
    let proof = checkpoint.get("/pass/bundle.tlog-proof");
    assert!(proof.status == StatusCode::OK && proof.text.starts_with("c2sp.org/tlog-proof@v1\n"));
    let tag = bundle.headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(proof.headers[header::ETAG], tag.as_str(), "they belong together");
    checkpoint.headers.push(("if-none-match", tag));
    for path in ["/pass/bundle", "/pass/bundle.tlog-proof"] {
        let again = checkpoint.get(path);
        assert_eq!((again.status, again.text.len()), (StatusCode::NOT_MODIFIED, 0));
    }
}

/// Every address of the room, as its router has them. None takes a person and an outcome: a person asks (and is judged by the
/// rule), ends a pass of theirs, appeals; an office decides on orders, rules and keys, and states facts.
const ADDRESSES: [(&str, &str); 21] = [
    ("GET", "/pass/bundle"),
    ("GET", "/pass/status/{number}"),
    ("GET", "/pass/bundle.tlog-proof"),
    ("GET", "/passes"),
    ("GET POST", "/passes/propose"),
    ("GET", "/passes/{number}"),
    ("POST", "/passes/{number}/decide"),
    ("POST", "/passes/{number}/rules"),
    ("POST", "/passes/{number}/rules/{version}/decide"),
    ("POST", "/passes/{number}/keys"),
    ("POST", "/passes/{number}/keys/{key}/{step}"),
    ("POST", "/passes/{number}/statements"),
    ("POST", "/passes/{number}/desk"),
    ("GET", "/passes/{number}/mine"),
    ("GET", "/passes/{number}/mine/{index}"),
    ("GET", "/passes/{number}/sheet"),
    ("POST", "/passes/{number}/ask"),
    ("POST", "/passes/{number}/revoke"),
    ("POST", "/passes/{number}/appeal"),
    ("POST", "/passes/{number}/mandates"),
    ("POST", "/passes/{number}/statements/{evidence}/end"),
];

#[test]
fn no_address_takes_a_person_and_an_outcome() {
    let source = include_str!("../../src/pass/mod.rs");
    let routes: Vec<&str> = source.split(".route(\"").skip(1).filter_map(|it| it.split('"').next()).collect();
    assert_eq!(
        routes,
        ADDRESSES.map(|(_, path)| path),
        "a new address: say here what it takes, and try it below"
    );
    // The API has one, which says of a code what a gate would say, and no other operation of it speaks of passes.
    let document = serde_json::to_value(web::api_document()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        assert!(!path.contains("pass") || path == "/api/v1/passes/verify", "{path}");
        for (method, operation) in operations.as_object().unwrap() {
            let text = operation.to_string();
            assert!(path != "/api/v1/passes/verify" || !text.contains("person"), "{method} {path}: {text}");
            assert!(
                !text.contains("granted") || path.contains("/relief") || path.contains("/claims"),
                "{method} {path}"
            );
        }
    }
}

#[test]
fn whatever_anybody_sends_anywhere_turns_nobody_green_and_nobody_red() {
    let town = Town::plain();
    in_force(&town);
    let ctx = Ctx::system(town.city.clone());
    let person_of = |login: &str| {
        let found = ctx.read(|tx| domain::account::holder(tx, login)).unwrap();
        found.expect("an account").to_string()
    };
    // The resident lives here and has a pass; the handler has none and gets none.
    settle(&town);
    let mut resident = town.signed_in(Role::Resident, "en");
    let (green, red) = (person_of("resident"), person_of("handler"));
    let code = resident.post("/passes/1/ask", &[("person", &green)]).location().to_owned();
    assert!(code.starts_with("/passes/1/mine/"), "{code}");
    let index = code.split(['/', '?']).nth(4).unwrap().to_owned();
    for role in Role::ALL.into_iter().filter(|it| ![Role::Anonymous, Role::Resident].contains(it)) {
        let mut sender = town.signed_in(role, "en");
        for (_, path) in ADDRESSES.iter().filter(|(methods, _)| methods.contains("POST")) {
            // An order, a rule or a key is decided by two bodies, and a fact is stated; these have stories of their own.
            let is_about_orders =
                ["/propose", "/decide", "/rules", "/keys", "/statements"].iter().any(|it| path.contains(it));
            for person in [&green, &red] {
                let path = path
                    .replace("{number}", "1")
                    .replace("{index}", &index)
                    .replace("{key}", "1")
                    .replace("{step}", "set");
                let path = path.replace("{version}", "1").replace("{evidence}", person);
                let form = [
                    ("person", person.as_str()),
                    ("index", index.as_str()),
                    ("status", "granted"),
                    ("outcome", "granted"),
                    ("granted", "true"),
                    ("state", "in_force"),
                    ("words", "请发"),
                    ("name", "巴特尔"),
                    ("phone", "13900000001"),
                    ("login_name", "resident"),
                ];
                // What decides is left out of what concerns orders: without it nothing there is taken.
                let answer = sender.post(&path, if is_about_orders { &form[2..6] } else { &form });
                assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{role:?} {path}");
            }
        }
    }
    assert!(get(&mut resident, &code, "en").text.contains("<svg viewBox"), "still green");
    let mut handler = town.signed_in(Role::Handler, "en");
    let answer = handler.post("/passes/1/ask", &[("person", &red)]);
    assert_eq!(answer.location(), format!("/passes/1/mine?person={red}"), "still red");
    let regime = pass::regime(&ctx, 1).unwrap();
    assert_eq!((regime.rules.len(), regime.keys.len()), (1, 1));
}
