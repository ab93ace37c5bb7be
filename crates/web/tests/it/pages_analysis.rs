//! The analysis of a form as an office meets it: on a page, as files and as JSON; and nobody else.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use domain::{
    Ctx,
    form::{self, Terms},
};
use serde_json::{Value, json};
use store::{Db, both, testing::Scratch};

use crate::support::{Town, User};

const HOSTILE: &str = "&lt;script&gt;alert(1)&lt;/script&gt;";
const FORM: &str = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
  <h:head><h:title>HOSTILE</h:title><model>
    <instance><data id="survey" version="1"><content/><why/><age/><needs/><member><kind/><hours/></member><meta><instanceID/></meta></data></instance>
    <bind nodeset="/data/content" type="string" required="true()"/>
    <bind nodeset="/data/why" type="string" relevant="/data/content = 'bad'"/>
    <bind nodeset="/data/age" type="int" constraint=". &gt;= 0"/>
    <bind nodeset="/data/needs" type="string"/><bind nodeset="/data/member/kind" type="string"/><bind nodeset="/data/member/hours" type="decimal"/>
  </model></h:head>
  <h:body>
    <select1 ref="/data/content"><label>=HOSTILE</label><item><label>=1+1</label><value>good</value></item><item><label>不满意</label><value>bad</value></item></select1>
    <input ref="/data/why"><label>为什么</label></input><input ref="/data/age"><label>年龄</label></input>
    <select ref="/data/needs"><label>需要</label><item><label>供热</label><value>heat</value></item><item><label>道路</label><value>road</value></item></select>
    <group ref="/data/member"><label>家人</label><repeat nodeset="/data/member"><select1 ref="/data/member/kind"><label>关系</label>
    <item><label>子女</label><value>child</value></item><item><label>老人</label><value>old</value></item></select1><input ref="/data/member/hours"><label>小时</label></input></repeat></group>
  </h:body></h:html>"#;
const AT: &str = "/forms/survey/analysis";
const API: &str = "/api/v1/forms/survey/analysis";

fn asked(town: &Town) -> User<'_> {
    let publication = form::Publication {
        area: "1509".into(),
        organization: None,
        file_name: "survey.xml".into(),
        bytes: FORM.replace("HOSTILE", HOSTILE).into_bytes(),
        files: Vec::new(),
        terms: Terms::default(),
        reason: String::new(),
    };
    form::publish(&Ctx::system(town.city().clone()), &publication).expect("a sound form");
    town.user("commander")
}

fn answer(user: &User<'_>, number: u32, content: &str) {
    user.town.clock.pass_seconds(1);
    let xml = format!(
        r#"<data id="survey" version="1">{content}<meta><instanceID>uuid:{number}</instanceID></meta></data>"#
    );
    let path = "/v1/projects/1509/forms/survey/submissions";
    let sent = user.send_text(axum::http::Method::POST, path, "application/xml", xml);
    assert_eq!(sent.status, 200, "{}", sent.text());
}

/// Three that count, one that does not.
fn answered(town: &Town) -> User<'_> {
    let office = asked(town);
    let clerk = town.user("grid_leader");
    answer(
        &clerk,
        1,
        "<content>good</content><age>30</age><needs>heat road</needs><member><kind>child</kind><hours>2.5</hours></member><member><kind>old</kind><hours/></member>",
    );
    answer(
        &clerk,
        2,
        "<content>bad</content><why>=ＷＩＦＩ &lt;img src=x&gt; 不稳</why><age>50</age><needs>heat</needs>",
    );
    answer(&clerk, 3, "<content>bad</content><why>路灯不亮</why><age/><needs/>");
    answer(&clerk, 4, "<content>good</content><age>-1</age><needs>road</needs>");
    office
}

both!(an_office_reads_what_was_answered_together_and_crosses_two_questions, |db: Db| {
    let town = Town::new(db);
    let office = answered(&town);
    let records = office.get("/forms/survey/records").text();
    assert!(records.contains(&format!("href=\"{AT}\"")), "{records}");
    let page = office.get(AT).text();
    assert!(
        !page.contains("<script>alert") && page.contains("&#60;script&#62;alert(1)"),
        "hostile words are words"
    );
    assert!(page.contains("<dt>Records counted</dt><dd>3 ") && page.contains("1 to mend"), "{page}");
    assert!(page.contains("2 · 66.7%") && page.contains("1 · 33.3%"), "{page}");
    assert!(
        page.contains("1 not asked, after other answers") && page.contains("Counted by entries"),
        "{page}"
    );
    assert!(page.contains("<dt>Median</dt><dd>40</dd>"), "{page}");
    assert!(page.contains("href=\"/forms/survey/records/uuid%3A3\">路灯不亮</a>"), "{page}");
    assert!(!page.contains("<table"), "nothing is crossed yet");

    let crossed = office.get(&format!("{AT}?rows=%2Fdata%2Fcontent&columns=%2Fdata%2Fneeds")).text();
    assert!(
        crossed.contains("<table") && crossed.contains("→ 100.0%") && crossed.contains("↓ 50.0%"),
        "{crossed}"
    );
    assert!(
        crossed.contains("Several choices may stand in one answer")
            && crossed.contains("1 answered only one")
    );
    let by_area = office.get(&format!("{AT}?rows=%2Fdata%2Fcontent&columns=area")).text();
    assert!(by_area.contains("No division, or without a campaign"), "{by_area}");

    let weighted = office.get(&format!("{AT}?weights=units")).text();
    assert!(
        weighted.contains("3 records are left out") && weighted.contains("counts of records are not"),
        "{weighted}"
    );
    let twice = office.get(&format!("{AT}?rows=%2Fdata%2Fneeds&columns=%2Fdata%2Fneeds"));
    assert_eq!(twice.status, 422);
    assert!(
        twice.text().contains("href=\"#columns\"") && twice.text().contains("2 · 66.7%"),
        "the rest stands there"
    );
    assert_eq!(office.get(&format!("{AT}?weights=gold")).status, 422);
    assert_eq!(office.get(&format!("{AT}?campaign=x")).status, 422);
});

both!(words_are_found_in_open_answers_whatever_their_width, |db: Db| {
    let town = Town::new(db);
    let office = answered(&town);
    let at = format!("{AT}/answers?question=%2Fdata%2Fwhy");
    let page = office.get(&at).text();
    assert!(
        page.contains("路灯不亮") && page.contains("&#60;img src=x&#62;") && !page.contains("<img src=x"),
        "{page}"
    );
    let page = office.get(&format!("{at}&text=wifi")).text();
    assert!(page.contains("<mark>ＷＩＦＩ</mark>") && !page.contains("路灯不亮"), "{page}");
    assert!(page.contains("href=\"/forms/survey/records/uuid%3A2\""), "{page}");
    let none = office.get(&format!("{at}&text=%E6%B2%A1%E6%9C%89")).text();
    assert!(none.contains("No answer has these words"), "{none}");
    assert_eq!(office.get(&format!("{AT}/answers?question=%2Fdata%2Fage")).status, 422);

    let found = office.get(&format!("{API}/answers?question=%2Fdata%2Fwhy&limit=1")).of(200);
    assert_eq!(
        (&found["items"][0]["record"], &found["items"][0]["parts"][0]["hit"]),
        (&json!("uuid:3"), &json!(false))
    );
    let next = found["next"].as_str().expect("there is one more");
    let rest = office.get(&format!("{API}/answers?question=%2Fdata%2Fwhy&limit=1&cursor={next}")).of(200);
    assert_eq!(rest["items"][0]["record"], "uuid:2");
    assert_eq!(office.get(&format!("{API}/answers?question=none")).fields(422), ["question"]);
});

both!(answers_and_codebook_are_taken_along_and_no_cell_is_a_formula, |db: Db| {
    let town = Town::new(db);
    let office = answered(&town);
    let workbook = office.get(&format!("{AT}.xlsx"));
    assert!(workbook.header("content-type").contains("spreadsheetml"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(workbook.bytes)).expect("a workbook");
    let names = book.sheet_names();
    assert_eq!(names, ["Answers", "Codes", "Answers 1 member", "Codes 1 member", "Codebook"]);
    let mut texts = |sheet: &str| -> Vec<Vec<String>> {
        let range = book.worksheet_range(sheet).expect("a sheet");
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
    };
    let (words, codes) = (texts("Answers"), texts("Codes"));
    assert_eq!((words.len(), codes.len()), (4, 4), "a head and three records");
    assert_eq!(words[3][0], "uuid:1");
    assert_eq!(
        (words[3][4].as_str(), codes[3][4].as_str()),
        ("=1+1", "good"),
        "a text, and not what it would come to"
    );
    assert_eq!((words[3][7].as_str(), codes[3][7].as_str()), ("供热, 道路", "heat road"));
    assert_eq!(texts("Answers 1 member").len(), 3);
    assert!(!format!("{words:?}").contains("grid_leader"), "who sent them does not stand there");
    for sheet in names {
        let formulas = book.worksheet_formula(&sheet).expect("a sheet");
        assert!(formulas.is_empty(), "{sheet}");
    }

    let csv = office.get(&format!("{AT}/answers.csv")).text();
    assert!(csv.starts_with('\u{feff}') && csv.contains(",'=1+1,") && csv.contains("'=ＷＩＦＩ"), "{csv}");
    assert!(csv.contains("\u{27}=<script>") && !csv.contains(",=") && !csv.contains("\n="), "{csv}");
    assert!(csv.contains(",30,") && !csv.contains("uuid:4"));
    let repeat = office.get(&format!("{AT}/answers.csv?values=codes&repeat=%2Fdata%2Fmember")).text();
    assert_eq!(repeat.lines().count(), 3, "{repeat}");
    assert!(repeat.contains(",child,2.5"), "{repeat}");
    assert_eq!(office.get(&format!("{AT}/answers.csv?repeat=none")).status, 404);
});

/// What a person should read when it changes: how each question, rule and code is written down.
#[test]
fn a_codebook_is_as_it_was_agreed() {
    let scratch = Scratch::sqlite();
    let town = Town::new(scratch.db.clone());
    let office = answered(&town);
    let text = office.get(&format!("{AT}/codebook.csv")).text();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/codebook.csv");
    if std::env::var_os("OLZII_UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
        std::fs::write(path, &text).unwrap();
    }
    let agreed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(agreed == text, "the codebook has changed: see git diff after `cargo xtask golden`\n{text}");
}

both!(programs_get_the_same_as_json, |db: Db| {
    let town = Town::new(db);
    let office = answered(&town);
    let found = office.get(&format!("{API}?rows=%2Fdata%2Fcontent&columns=%2Fdata%2Fneeds")).of(200);
    assert_eq!(
        (&found["counted"], &found["invalid"], &found["weights"]["by"]),
        (&json!(3), &json!(1), &json!("none"))
    );
    let questions = found["questions"].as_array().unwrap();
    let of = |key: &str| questions.iter().find(|it| it["key"] == key).unwrap().clone();
    let content = of("/data/content");
    assert_eq!((&content["kind"], &content["choices"][1]["count"]), (&json!("one"), &json!(2)));
    assert_eq!(content["choices"][0]["share"], json!(0.333333));
    assert_eq!(of("/data/age")["numbers"]["mean"], json!(40.0));
    assert_eq!(of("/data/member/kind")["repeat"], "/data/member");
    assert_eq!(
        found["cross"]["cells"][0],
        json!([{"count": 1, "weighted": 1.0}, {"count": 1, "weighted": 1.0}])
    );
    assert_eq!(found["cross"]["total"]["count"], json!(2));
    assert_eq!(office.get(&format!("{API}?rows=%2Fdata%2Fcontent")).fields(422), ["columns"]);
    assert_eq!(office.get(&format!("{API}?weights=gold")).fields(422), ["weights"]);
    assert_eq!(office.get(&format!("{API}?campaign=gold")).fields(422), ["campaign"]);
    let none: Value = office.get(&format!("{API}?campaign=00000000-0000-0000-0000-000000000001")).of(200);
    assert_eq!(none["counted"], json!(0));
});

both!(to_everybody_else_there_is_no_such_analysis, |db: Db| {
    let town = Town::new(db);
    answered(&town);
    let paths = [
        AT.to_owned(),
        format!("{AT}/answers?question=%2Fdata%2Fwhy"),
        format!("{AT}.xlsx"),
        format!("{AT}/answers.csv"),
        format!("{AT}/codebook.csv"),
        API.to_owned(),
        format!("{API}/answers?question=%2Fdata%2Fwhy"),
    ];
    for name in ["grid_leader", "leader", "neighbour", "resident"] {
        for path in &paths {
            assert_eq!(town.user(name).get(path).status, 404, "{name} {path}");
        }
    }
    assert_eq!(town.anonymous().get(AT).status, 303, "they are led to the page for signing in");
    assert_eq!(town.anonymous().get(API).status, 401);
    assert_eq!(town.user("commander").get(&AT.replace("survey", "none")).status, 404);
});

both!(of_a_form_without_records_the_page_says_so, |db: Db| {
    let town = Town::new(db);
    let office = asked(&town);
    let page = office.get(&format!("{AT}?rows=%2Fdata%2Fcontent&columns=%2Fdata%2Fneeds")).text();
    assert!(
        page.contains("<dt>Records counted</dt><dd>0</dd>")
            && page.contains("<dt>Not counted</dt><dd>none</dd>"),
        "{page}"
    );
    let csv = office.get(&format!("{AT}/answers.csv")).text();
    assert_eq!(csv.lines().count(), 1, "{csv}");
    assert!(office.get(&format!("{AT}.xlsx")).bytes.starts_with(b"PK"));
});
