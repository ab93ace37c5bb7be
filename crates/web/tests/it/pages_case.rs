//! Reporting, following, and the whole loop of a case, with forms alone: no script runs here.

use std::{collections::BTreeSet, io::Cursor};

use axum::http::StatusCode;
use kernel::Role;

use crate::pages_shell::town::{Answer, Browser, Town};

pub const GRID: &str = "150902001001";
pub const LANGUAGES: [&str; 2] = ["zh-Hans", "en"];

fn photo() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, 90]));
    picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Jpeg).expect("a picture");
    bytes
}

/// Every text that the messages' names could be taken for: none may be on a page.
fn message_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let files = [
        "shell",
        "account",
        "area",
        "command",
        "notice",
        "home",
        "case",
        "evaluation",
        "offline",
        "supervision",
    ];
    for file in files {
        let path = format!("{}/locales/en/{file}.ftl", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.split_once(" =")).map(|(name, _)| name.to_owned());
        names.extend(lines.filter(|name| name.contains('-') && !name.contains(' ')));
    }
    names
}

/// The text between tags, where no address or class stands.
fn visible(page: &str) -> String {
    let page = page.split("<script type=\"application/json\"").next().unwrap_or_default();
    page.split('<')
        .skip(1)
        .filter_map(|piece| piece.split_once('>'))
        .map(|(_, text)| text)
        .collect::<Vec<_>>()
        .join("\n")
}

pub fn check_page(answer: &Answer, language: &str, what: &str) {
    let page = &answer.text;
    assert!(page.contains(&format!("<html lang=\"{language}\">")), "{what}: {page}");
    assert_eq!(page.matches("<h1").count(), 1, "{what} has one heading: {page}");
    assert!(page.matches("button--primary").count() <= 1, "{what} has one main thing to do");
    let names = message_names();
    assert!(names.len() > 100);
    let text = visible(page);
    let words: BTreeSet<&str> =
        text.split(|it: char| !(it.is_ascii_alphanumeric() || it == '-' || it == '_')).collect();
    let said: Vec<&&str> = words.iter().filter(|word| names.contains(**word)).collect();
    assert!(said.is_empty(), "{what} shows names of messages: {said:?}");
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|it| it.split('"').next()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{what} uses an id twice: {ids:?}");
}

pub fn get(browser: &mut Browser<'_>, path: &str, language: &str) -> Answer {
    let answer = browser.get(path);
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    check_page(&answer, language, path);
    answer
}

/// The value of a hidden field of the form that goes to `action`.
pub fn hidden(page: &str, action: &str, name: &str) -> String {
    let form = page
        .split(&format!("action=\"{action}\""))
        .nth(1)
        .unwrap_or_else(|| panic!("no form to {action}: {page}"));
    let value = form.split(&format!("name=\"{name}\" value=\"")).nth(1).and_then(|it| it.split('"').next());
    value.unwrap_or_else(|| panic!("{action} has no {name}")).to_owned()
}

/// Where the switch of the language leads, which asks for a page.
pub fn back(answer: &Answer) -> String {
    let field = answer.text.split("name=\"return_to\" value=\"").nth(1);
    field.and_then(|it| it.split('"').next()).expect("the switch").replace("&#38;", "&")
}

fn report<'a>(fields: &'a [(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form =
        vec![("area", GRID), ("class", "c1-street-lamp"), ("description", "路口的灯不亮\n已经三天")];
    form.extend(fields);
    form
}

/// Reports without an account; gives the address at which it is followed.
pub fn reported(town: &Town) -> String {
    let mut browser = town.browser("zh-Hans");
    let page = get(&mut browser, &format!("/report?area={GRID}"), "zh-Hans");
    let id = hidden(&page.text, "/report", "id");
    let sent = browser.upload("/report", &report(&[("id", &id), ("contact_phone", "13800000000")]), &photo());
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    sent.location().trim_end_matches("?new=1").to_owned()
}

#[test]
fn the_place_is_found_level_by_level_or_by_name() {
    let town = Town::plain();
    for language in LANGUAGES {
        let mut browser = town.browser(language);
        let home = get(&mut browser, "/", language);
        assert!(home.text.contains("href=\"/report?within=150902\""));
        assert!(get(&mut browser, "/report", language).text.contains("href=\"/report?within=150902\""));
        assert!(get(&mut browser, "/report?within=150902", language).text.contains("within=150902001"));
        assert!(
            get(&mut browser, "/report?within=150902001&longitude=113.1&latitude=41", language)
                .text
                .contains("&#38;longitude=113.1")
        );
        assert!(
            get(&mut browser, "/report?within=150902001001", language).text.contains("name=\"description\"")
        );
        assert!(
            get(&mut browser, "/report?q=%E4%BA%8C%E7%A4%BE%E5%8C%BA", language)
                .text
                .contains("within=150902001002")
        );
        get(&mut browser, "/report?q=nowhere", language);
        for bad in ["/report?area=999999", "/report?within=zz", "/report?longitude=0&latitude=0"] {
            let answer = browser.get(bad);
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
            check_page(&answer, language, bad);
        }
    }
}

#[test]
fn a_report_that_lacks_something_comes_back_with_what_was_typed() {
    let town = Town::plain();
    let mut browser = town.browser("zh-Hans");
    let sent = browser
        .post("/report", &[("area", GRID), ("place", "解放大街"), ("longitude", "east"), ("latitude", "41")]);
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        sent.text.contains("value=\"解放大街\"") && sent.text.contains("value=\"east\""),
        "{}",
        sent.text
    );
    assert!(sent.text.contains("href=\"#longitude\"") && sent.text.contains("data-refused"));
    let sent = browser.post("/report", &[("area", GRID), ("place", "解放大街"), ("contact_phone", "none")]);
    for field in ["description", "class", "contact_phone"] {
        assert!(
            sent.text.contains(&format!("href=\"#{field}\""))
                && sent.text.contains(&format!("id=\"{field}-error\"")),
            "{field}"
        );
    }
    check_page(&sent, "zh-Hans", "a report with faults");
    assert_eq!(back(&sent), format!("/report?area={GRID}"), "the other language asks for the place no more");
    let sent = browser.upload("/report", &report(&[]), b"not a picture");
    assert!(
        sent.status == StatusCode::UNPROCESSABLE_ENTITY && sent.text.contains("photos-error"),
        "{}",
        sent.text
    );
    let nowhere =
        browser.post("/report", &[("area", "1"), ("class", "c1-street-lamp"), ("description", "灯")]);
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn the_same_report_sent_twice_is_one_case_and_another_under_its_id_is_told() {
    let town = Town::plain();
    let mut browser = town.browser("en");
    let id = hidden(&browser.get(&format!("/report?area={GRID}")).text, "/report", "id");
    let first = browser.upload("/report", &report(&[("id", &id)]), &photo());
    let again = browser.upload("/report", &report(&[("id", &id)]), &photo());
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, first.location()));
    let other = browser.upload("/report", &report(&[("id", &id), ("place", "elsewhere")]), &photo());
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(other.text.contains("elsewhere") && hidden(&other.text, "/report", "id") != id);
    check_page(&other, "en", "a report under a used id");
}

#[test]
fn a_case_walks_the_whole_loop_by_forms_alone() {
    let town = Town::plain();
    let follow = reported(&town);
    let mut resident = town.browser("zh-Hans");
    let page = get(&mut resident, &format!("{follow}?new=1"), "zh-Hans");
    assert!(
        page.text.contains(&format!("http://town.example{follow}")) && page.text.contains("banner--good")
    );
    assert!(page.text.contains(&format!("{follow}/photos/")) && !page.text.contains("13800000000"));
    let picture = page
        .text
        .split("<img src=\"")
        .nth(1)
        .and_then(|it| it.split('"').next())
        .expect("a photo")
        .to_owned();
    let picture = resident.get(&picture);
    assert_eq!(
        (picture.status, picture.headers["content-type"].to_str().unwrap()),
        (StatusCode::OK, "image/jpeg")
    );
    assert_eq!(
        resident.post(&format!("{follow}/notes"), &[("note", "小孩放学要过")]).location(),
        format!("{follow}?noted=1")
    );

    let step = |role: Role, list: &str, transition: &str, fields: &[(&str, &str)]| {
        let mut browser = town.signed_in(role, "en");
        let row = get(&mut browser, list, "en").text;
        let case = row.split("href=\"/cases/").nth(1).and_then(|it| it.split('"').next());
        let case =
            format!("/cases/{}", case.unwrap_or_else(|| panic!("{role:?} sees no case in {list}: {row}")));
        let page = get(&mut browser, &case, "en").text;
        let request = hidden(&page, &format!("{case}/{transition}"), "request");
        let mut form = fields.to_vec();
        form.push(("request", &request));
        let sent = browser.upload(&format!("{case}/{transition}"), &form, &photo());
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{transition}: {}", sent.text);
        assert_eq!(sent.location(), format!("{case}?moved=1"));
        let twice = browser.upload(&format!("{case}/{transition}"), &form, &photo());
        assert_eq!(twice.status, StatusCode::SEE_OTHER, "{transition} sent twice is taken once");
        get(&mut browser, &format!("{case}?moved=1"), "en");
        (case, page)
    };
    let (case, page) =
        step(Role::GridLeader, "/today", "verify", &[("finding", "exists"), ("note", "两盏灯不亮")]);
    assert!(page.contains("action=\"") && page.contains(&format!("{case}/refute")));
    let mut dispatcher = town.signed_in(Role::Dispatcher, "en");
    let unsent = dispatcher.post(&format!("{case}/dispatch"), &[("note", "please look at the cable")]);
    assert_eq!(unsent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unsent.text.contains("href=\"#dispatch-organization\"")
            && unsent.text.contains("please look at the cable")
    );
    check_page(&unsent, "en", "a step with faults");
    assert_eq!(back(&unsent), case);
    let body = unsent
        .text
        .split("<option value=\"")
        .skip(2)
        .find(|it| it.contains("handler的单位"))
        .expect("a body");
    let body = body.split('"').next().unwrap().to_owned();
    step(Role::Dispatcher, "/board", "dispatch", &[("organization", &body)]);
    let (case, page) = step(Role::Handler, "/work", "feed_back", &[("note", "换了线路")]);
    assert!(page.contains("Can be done once more in this case"), "a body may return it once");
    assert!(page.contains(&format!("{case}/return")) && !page.contains(&format!("{case}/dispute")));
    step(Role::Dispatcher, "/board?show=feedback", "accept", &[]);
    step(Role::GridSupervisor, "/today", "close", &[]);

    let page = get(&mut resident, &follow, "zh-Hans");
    assert!(page.text.contains("name=\"rating\"") && page.text.contains("换了线路"));
    assert!(!page.text.contains("巴特尔"), "people appear by their office");
    let unrated = resident.post(&format!("{follow}/rate"), &[("note", "谢谢")]);
    assert!(unrated.status == StatusCode::UNPROCESSABLE_ENTITY && unrated.text.contains("谢谢"));
    check_page(&unrated, "zh-Hans", "a rating with faults");
    assert_eq!(back(&unrated), follow);
    let rated = resident.post(&format!("{follow}/rate"), &[("rating", "5"), ("solved", "yes")]);
    assert_eq!(rated.location(), format!("{follow}?moved=1"));
    let page = get(&mut resident, &follow, "zh-Hans").text;
    assert!(page.contains("loop--closed") && page.contains("要求重新办理"), "{page}");
    // Who is not content has it opened again, with a reason and a photo, and is told until when at the form for it.
    assert!(["还没有解决？", "前要求重新办理", "/reopen\""].map(|it| page.find(it).expect(it)).is_sorted());
    let request = hidden(&page, &format!("{follow}/reopen"), "request");
    let bare = resident.post(&format!("{follow}/reopen"), &[("request", &request)]);
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    check_page(&bare, "zh-Hans", "a reopening without a reason");
    let again = [("request", request.as_str()), ("note", "又灭了")];
    for _ in 0..2 {
        let sent = resident.upload(&format!("{follow}/reopen"), &again, &photo());
        assert_eq!(sent.location(), format!("{follow}?moved=1"), "{}", sent.text);
    }
    let page = get(&mut resident, &follow, "zh-Hans").text;
    assert!(page.contains("首次办结") && page.contains("又灭了") && !page.contains("loop--closed"));
    let mut leader = town.signed_in(Role::Leader, "en");
    let list = get(&mut leader, "/supervise?show=reopened", "en").text;
    assert!(list.contains("href=\"/cases/"), "{list}");
    assert!(get(&mut leader, "/notices", "en").text.contains("has been opened again"));
}

#[test]
fn every_list_opens_for_those_it_is_for_in_both_languages() {
    let town = Town::plain();
    reported(&town);
    let pages = [
        (Role::GridLeader, "/today"),
        (Role::Acceptor, "/today"),
        (Role::Dispatcher, "/board"),
        (Role::Dispatcher, "/board?show=open"),
        (Role::Dispatcher, "/board?q=20261120-NOTTHERE"),
        (Role::Handler, "/work"),
        (Role::Handler, "/work?show=handled"),
        (Role::Handler, "/cases"),
        (Role::Leader, "/supervise"),
        (Role::Leader, "/supervise?show=open"),
        (Role::Leader, "/supervise?show=reopened"),
        (Role::Leader, "/cases?area=150902&reopened=yes"),
        (Role::Leader, "/supervisions"),
        (Role::Leader, "/supervisions?show=ended&area=150902"),
        (Role::Handler, "/supervisions"),
        (Role::Dispatcher, "/supervisions?lens=reply&show=late"),
        (Role::Leader, "/cases?area=150902&status=open&overdue=yes"),
        (Role::Leader, "/cases?area=150902&status=open&stage=collect&class=c1-street-lamp"),
        (Role::Commander, "/cases?area=150902001&status=closed"),
        (Role::Leader, "/evaluation"),
        (Role::Leader, "/evaluation?area=150902&from=2026-01-01&to=2026-12-31&by=organization"),
        (Role::Leader, "/evaluation/cases?area=150902&from=2026-11-01&to=2026-11-30&figure=reported"),
        (Role::Leader, "/evaluation/cases?area=150902&from=2025-11-01&to=2025-11-30&figure=carried"),
        (Role::Leader, "/evaluation?by=post&from=2026-01-01&to=2026-12-31"),
        (Role::Leader, "/evaluation?by=collector&from=2026-01-01&to=2026-12-31"),
        (Role::Dispatcher, "/evaluation"),
        (Role::Auditor, "/evaluation"),
        (Role::Resident, "/cases"),
        (Role::Resident, "/"),
        (Role::Auditor, "/report"),
    ];
    for role in Role::ALL.into_iter().filter(|role| pages.iter().any(|(it, _)| it == role)) {
        let mut browser = town.signed_in(role, "en");
        for language in LANGUAGES {
            browser.post("/language", &[("language", language)]);
            for (_, path) in pages.iter().filter(|(it, _)| *it == role) {
                get(&mut browser, path, language);
            }
            get(&mut browser, "/follow", language);
        }
    }
    for path in ["/today", "/board", "/work", "/supervise", "/cases"] {
        assert_eq!(town.browser("en").get(path).location(), format!("/sign-in?next={path}"));
    }
    let mut resident = town.signed_in(Role::Resident, "en");
    for path in ["/today", "/board", "/work", "/supervise", "/supervisions", "/evaluation"] {
        assert_eq!(resident.get(path).status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(town.signed_in(Role::Dispatcher, "en").get("/").location(), "/board");
}

#[test]
fn a_number_or_a_link_leads_to_the_case_and_nothing_else_does() {
    let town = Town::plain();
    let follow = reported(&town);
    let mut anyone = town.browser("en");
    let page = get(&mut anyone, &follow, "en").text;
    let number = page
        .split("class=\"case-number\">")
        .nth(1)
        .and_then(|it| it.split('<').next())
        .expect("a number")
        .to_owned();
    let token = follow.rsplit('/').next().unwrap();
    for link in [token.to_owned(), format!("https://town.example{follow}?new=1"), format!(" {follow} ")] {
        assert_eq!(anyone.post("/follow", &[("link", &link)]).location(), follow, "{link}");
    }
    for wrong in ["", "/follow/AAAA", &number, &token[1..], "\u{0}", "../../etc"] {
        let answer = anyone.post("/follow", &[("link", wrong)]);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        check_page(&answer, "en", wrong);
    }
    let mut dispatcher = town.signed_in(Role::Dispatcher, "en");
    assert!(dispatcher.post("/follow", &[("link", &number)]).location().starts_with("/cases/"));
    assert!(dispatcher.get(&format!("/board?q={number}")).location().starts_with("/cases/"));
    let mut resident = town.signed_in(Role::Resident, "en");
    assert_eq!(resident.post("/follow", &[("link", &number)]).status, StatusCode::UNPROCESSABLE_ENTITY);
    let case = dispatcher.get(&format!("/board?q={number}")).location().to_owned();
    for path in
        [case.clone(), format!("{case}/photos/{}", case.rsplit('/').next().unwrap()), "/cases/none".into()]
    {
        assert_eq!(resident.get(&path).status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(anyone.get("/follow/AAAA").status, StatusCode::NOT_FOUND);
    assert_eq!(resident.get(&format!("{follow}/nothing")).status, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn the_reporters_contact_is_shown_to_those_who_verify_and_the_look_is_told() {
    let town = Town::plain();
    reported(&town);
    let mut worker = town.signed_in(Role::GridAssistant, "en");
    let list = worker.get("/today").text;
    let case = format!(
        "/cases/{}",
        list.split("href=\"/cases/").nth(1).and_then(|it| it.split('"').next()).expect("a case")
    );
    let page = get(&mut worker, &case, "en").text;
    assert!(page.contains(&format!("action=\"{case}/contact\"")) && !page.contains("13800000000"));
    let shown = worker.post(&format!("{case}/contact"), &[]);
    assert!(shown.status == StatusCode::OK && shown.text.contains("tel:13800000000"), "{}", shown.text);
    check_page(&shown, "en", "a shown contact");
    assert_eq!(back(&shown), case);
    let mut dispatcher = town.signed_in(Role::Dispatcher, "en");
    assert!(!dispatcher.get(&case).text.contains("/contact\""));
    assert_eq!(dispatcher.post(&format!("{case}/contact"), &[]).status, StatusCode::FORBIDDEN);
    assert_eq!(
        worker.post(&format!("{case}/notes"), &[("note", "only for us")]).location(),
        format!("{case}?noted=1")
    );
    assert!(get(&mut dispatcher, &case, "en").text.contains("note--internal"));
    let empty = worker.post(&format!("{case}/notes"), &[("note", " ")]);
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.text.contains("notes-note-error"));
    check_page(&empty, "en", "an empty note");
}

/// The address of the first case in a list.
fn first_case(browser: &mut Browser<'_>, list: &str) -> String {
    let rows = browser.get(list).text;
    let case = rows.split("href=\"/cases/").nth(1).and_then(|it| it.split('"').next());
    format!("/cases/{}", case.unwrap_or_else(|| panic!("no case in {list}: {rows}")))
}

#[test]
fn a_step_that_comes_too_late_is_told_on_the_page_of_the_case_and_what_was_written_is_kept() {
    let town = Town::plain();
    let follow = reported(&town);
    let mut first = town.signed_in(Role::GridLeader, "en");
    let mut second = town.signed_in(Role::GridAssistant, "en");
    let case = first_case(&mut first, "/today");
    let verify = [("finding", "exists"), ("note", "two lamps are out")];
    assert_eq!(first.upload(&format!("{case}/verify"), &verify, &photo()).status, StatusCode::SEE_OTHER);
    let late =
        second.upload(&format!("{case}/verify"), &[("finding", "exists"), ("note", "I saw three")], &photo());
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    check_page(&late, "en", "a step that comes too late");
    assert!(late.text.contains("The case has gone on to another stage"), "{}", late.text);
    assert!(late.text.contains("id=\"kept-note\"") && late.text.contains("I saw three"), "{}", late.text);
    assert!(late.text.contains("two lamps are out"), "the case as it is now");
    assert!(late.text.contains(&format!("action=\"{case}/verify\"")), "for the script that puts it in place");
    assert_eq!(back(&late), case);

    // Without an account it is the same.
    let mut resident = town.browser("zh-Hans");
    let rate = resident.post(&format!("{follow}/rate"), &[("rating", "5"), ("note", "谢谢大家")]);
    assert_eq!(rate.status, StatusCode::CONFLICT, "{}", rate.text);
    check_page(&rate, "zh-Hans", "a rating at the wrong time");
    assert!(rate.text.contains("谢谢大家") && back(&rate) == follow, "{}", rate.text);
    // A script is told in its own words.
    resident.headers.push(("accept", "application/json".into()));
    let told = resident.post(&format!("{follow}/rate"), &[("rating", "5")]);
    assert!(
        told.status == StatusCode::CONFLICT && told.text.contains("\"type\":\"conflict\""),
        "{}",
        told.text
    );
}

#[test]
fn a_form_that_is_refused_for_what_has_happened_stays_as_it_was_filled_in() {
    let town = Town::plain();
    reported(&town);
    let mut acceptor = town.signed_in(Role::Acceptor, "en");
    let report = [("area", GRID), ("class", "c1-manhole-cover"), ("description", "another thing")];
    let other = acceptor.post("/report", &report).location().trim_end_matches("?new=1").to_owned();
    let into = other.trim_start_matches("/cases/").to_owned();
    let mut worker = town.signed_in(Role::GridLeader, "en");
    let case = first_case(&mut worker, "/today");
    let refused = acceptor.post(&format!("{case}/merge"), &[("into", &into), ("reason", "the same lamp")]);
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    check_page(&refused, "en", "a merge that cannot be");
    assert!(refused.text.contains("The two are of different classes"), "{}", refused.text);
    assert_eq!(refused.text.matches("the same lamp").count(), 1, "in its form alone: {}", refused.text);
    assert!(!refused.text.contains("id=\"kept-"), "{}", refused.text);
}
