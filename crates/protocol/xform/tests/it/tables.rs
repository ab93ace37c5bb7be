//! Records as tables: CSV as it was agreed, and what holds for all of them.

use proptest::{collection::vec, prelude::*};
use serde_json::Value;
use xform::{
    form::Form,
    table::{CsvTables, FormTables, SelectValues},
};

use crate::{
    records::{Records, golden},
    support::{form, read},
};

fn csv(records: &Records, csv: &CsvTables, table: usize) -> String {
    let mut out = Vec::new();
    csv.write_header(&mut out, table).unwrap();
    for rows in records.rows().iter().rev() {
        csv.write_rows(&mut out, rows, table).unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn a_villages_report_is_exported_as_it_was_agreed() {
    let form = Form::read(read("village_annual.xml").as_bytes()).unwrap();
    let lines = read("village_annual.submissions.jsonl");
    let sent: Vec<String> = lines
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).unwrap())
        .filter(|it| {
            ["good", "negative_population", "letters_in_an_integer"].iter().any(|name| it["name"] == **name)
        })
        .map(|it| {
            let xml = it["xml"].as_str().unwrap();
            xml[xml.find('>').unwrap() + 1..xml.rfind('<').unwrap()].to_owned()
        })
        .collect();
    let contents: Vec<&str> = sent.iter().map(String::as_str).collect();
    let records = Records::new(form, &contents);
    let tables = CsvTables::new(&records.tables, true, None);
    assert_eq!(tables.file_names("village_annual"), ["village_annual.csv", "village_annual-grid.csv"]);
    let all = [csv(&records, &tables, 0), csv(&records, &tables, 1)];
    golden("village_annual.csv.txt", &all.join("\n"), |a, b| a.trim_end() == b.trim_end());
}

const POSTS: &str = "
    | survey |
    | | type | name | label |
    | | begin_group | base | Base |
    | | text | note | N |
    | | geopoint | place | P |
    | | end_group | | |
    | | select_multiple post | posts | P |
    | | begin_group | home | H |
    | | begin_repeat | person | P |
    | | text | name | N |
    | | begin_repeat | pet | P |
    | | text | name | N |
    | | end_repeat | | |
    | | end_repeat | | |
    | | end_group | | |
    | choices |
    | | list_name | name | label |
    | | post | leader | L |
    | | post | assistant | A |";

fn posts() -> Records {
    let first = "<base><note>=1+1, \"so\"\nnext</note><place>41.03 113.1 1400.5</place></base><posts>leader assistant</posts>
        <home><person><name>-5</name><pet><name>Horse</name></pet><pet><name>Dog</name></pet></person>
        <person><name>B</name><pet><name>Cat</name></pet></person></home>
        <meta><instanceID>uuid:1</instanceID></meta>";
    let second = "<posts>other</posts><meta><instanceID>uuid:2</instanceID></meta>";
    let mut records = Records::new(form(POSTS), &[first, second]);
    records.system(1).review_state = Some("hasIssues".to_owned());
    records.system(1).attachments_expected = 2;
    records
}

#[test]
fn rows_of_repeats_name_their_place_and_the_one_above() {
    let records = posts();
    let tables = CsvTables::new(&records.tables, true, None);
    assert_eq!(
        csv(&records, &tables, 0),
        "SubmissionDate,base-note,base-place-Latitude,base-place-Longitude,base-place-Altitude,base-place-Accuracy,\
         posts,meta-instanceID,KEY,SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,Status,\
         ReviewState,DeviceID,Edits,FormVersion\n\
         2026-11-01T01:00:00.000Z,\"=1+1, \"\"so\"\"\nnext\",41.03,113.1,1400.5,,leader assistant,uuid:1,uuid:1,5,哈斯,\
         0,0,,,,0,1\n\
         2026-11-02T01:00:00.000Z,,,,,,other,uuid:2,uuid:2,6,哈斯,0,2,,hasIssues,,0,1\n"
    );
    assert_eq!(
        csv(&records, &tables, 1),
        "name,PARENT_KEY,KEY\n-5,uuid:1,uuid:1/home/person[1]\nB,uuid:1,uuid:1/home/person[2]\n"
    );
    assert_eq!(
        csv(&records, &tables, 2),
        "name,PARENT_KEY,KEY\n\
         Horse,uuid:1/home/person[1],uuid:1/home/person[1]/pet[1]\n\
         Dog,uuid:1/home/person[1],uuid:1/home/person[1]/pet[2]\n\
         Cat,uuid:1/home/person[2],uuid:1/home/person[2]/pet[1]\n"
    );
}

#[test]
fn files_of_an_archive_have_names_of_their_own() {
    let xml = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
      <h:head><model><instance><data id="f"><a><r><x/></r></a><b><r><x/></r></b><s><x/></s><meta><instanceID/></meta></data>
      </instance></model></h:head><h:body><repeat nodeset="/data/a/r"/><repeat nodeset="/data/b/r"/>
      <repeat nodeset="/data/s"/></h:body></h:html>"#;
    let tables = FormTables::new(&Form::read(xml.as_bytes()).unwrap());
    let csv = CsvTables::new(&tables, true, None);
    assert_eq!(csv.file_names("f/1?"), ["f1.csv", "f1-r~1.csv", "f1-r~2.csv", "f1-s.csv"]);
    let tables: Vec<Vec<u8>> = (0..4).map(|it| format!("table {it}").into_bytes()).collect();
    let archive = csv.archive("f/1?", &tables).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let names: Vec<_> = archive.file_names().map(Result::unwrap).collect();
    assert_eq!(names, csv.file_names("f/1?"));
    let third = std::io::read_to_string(archive.by_name("f1-r~2.csv").unwrap()).unwrap();
    assert_eq!(third, "table 2");
    let long = csv.file_names(&"村".repeat(200));
    assert!(long.iter().all(|it| it.len() <= 255) && long[2].ends_with("村-r~2.csv"));
}

#[test]
fn choices_may_have_columns_of_their_own_and_groups_none() {
    let records = posts();
    let mut values = SelectValues::default();
    records.rows().iter().for_each(|it| values.add(it));
    let tables = CsvTables::new(&records.tables, false, Some(&values));
    let text = csv(&records, &tables, 0);
    let column = |line: &str, from: usize| -> String {
        line.split(',').skip(from).take(4).collect::<Vec<_>>().join(",")
    };
    assert_eq!(column(text.lines().next().unwrap(), 6), "posts,posts/assistant,posts/leader,posts/other");
    assert!(text.starts_with("SubmissionDate,note,place-Latitude,"));
    assert!(text.contains(",leader assistant,1,1,0,uuid:1,"));
    assert_eq!(column(text.lines().last().unwrap(), 6), "other,0,0,1");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// People with pets: as many rows as were sent, each once, and each below the one that it was sent in.
    #[test]
    fn rows_of_repeats_add_up(pets in vec(vec(0_usize..4, 0..5), 1..6)) {
        let contents: Vec<String> = pets.iter().enumerate().map(|(record, persons)| {
            let persons: String = persons.iter().enumerate().map(|(person, count)| {
                let pets: String = (0..*count).map(|it| format!("<pet><name>{record}.{person}.{it}</name></pet>")).collect();
                format!("<person><name>{record}.{person}</name>{pets}</person>")
            }).collect();
            format!("<home>{persons}</home><meta><instanceID>uuid:{record}</instanceID></meta>")
        }).collect();
        let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
        let records = Records::new(form(POSTS), &contents);
        let persons = records.get("Submissions.home.person", "").unwrap();
        let all = records.get("Submissions.home.person.pet", "$count=true").unwrap();
        let sent: usize = pets.iter().flatten().sum();
        prop_assert_eq!(&all["@odata.count"], &Value::from(sent));
        let mut ids = std::collections::HashSet::new();
        for person in persons["value"].as_array().unwrap() {
            let id = person["__id"].as_str().unwrap();
            prop_assert!(ids.insert(id.to_owned()));
            let below = all["value"].as_array().unwrap().iter().filter(|it| it["__Submissions-home-person-id"] == id);
            let below: Vec<&Value> = below.collect();
            let name = format!("{}.", person["name"].as_str().unwrap());
            prop_assert!(below.iter().all(|it| it["name"].as_str().unwrap().starts_with(&name)));
            match person.get("pet@odata.navigationLink") {
                Some(link) => {
                    let linked = records.get(link.as_str().unwrap(), "").unwrap();
                    prop_assert_eq!(linked["value"].as_array().unwrap().len(), below.len());
                }
                None => prop_assert!(below.is_empty()),
            }
            for pet in below {
                prop_assert!(ids.insert(pet["__id"].as_str().unwrap().to_owned()));
            }
        }
        prop_assert_eq!(ids.len(), sent + pets.iter().map(Vec::len).sum::<usize>());
        for query in ["$top=3", "$top=1&$count=true", "$top=2&$orderby=name desc"] {
            let pages = records.pages("Submissions.home.person.pet", query);
            prop_assert_eq!(pages.concat().len(), sent);
        }
        let tables = CsvTables::new(&records.tables, true, None);
        prop_assert_eq!(csv(&records, &tables, 2).lines().count(), sent + 1);
    }
}

const VALUES: &str = "
    | survey |
    | | type | name | label |
    | | integer | whole | W |
    | | decimal | part | P |
    | | dateTime | moment | M |
    | | date | day | D |
    | | text | words | W |";

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|it| it.to_string()),
        (-3_i64..3).prop_map(|it| it.to_string()),
        any::<f64>().prop_map(|it| it.to_string()),
        Just("9223372036854775807".to_owned()),
        Just("9223372036854775808".to_owned()),
        Just("9999-12-31T23:59:59".to_owned()),
        Just("9999-12-31".to_owned()),
        Just("0000-01-01T00:00:00+14:00".to_owned()),
        Just(String::new()),
        (2000_i32..2003, 1..13).prop_map(|(year, month)| format!("{year}-{month:02}-01")),
        (1..13, 0..24).prop_map(|(month, hour)| format!("2026-{month:02}-01T{hour:02}:00:00+08:00")),
        "[a-c]{0,2}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever was sent, rows have one order, and its pages are the whole.
    #[test]
    fn rows_can_be_ordered_by_anything(sent in vec(value(), 1..40), at in 0_usize..5, descends in any::<bool>()) {
        let name = ["whole", "part", "moment", "day", "words"][at];
        let contents: Vec<String> = sent.iter().enumerate().map(|(index, it)| {
            format!("<{name}>{it}</{name}><meta><instanceID>uuid:{index}</instanceID></meta>")
        }).collect();
        let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
        let records = Records::new(form(VALUES), &contents);
        let order = format!("$orderby={name}{}&$select=__id,{name}", if descends { " desc" } else { "" });
        let all = records.get("Submissions", &order).unwrap();
        let rows = all["value"].as_array().unwrap();
        prop_assert_eq!(rows.len(), sent.len());
        if at < 2 {
            let numbers: Vec<f64> = rows.iter().filter_map(|it| it[name].as_f64()).collect();
            let is_ordered = numbers.is_sorted_by(|a, b| if descends { a >= b } else { a <= b });
            prop_assert!(is_ordered, "{:?}", numbers);
        }
        let pages = records.pages("Submissions", &format!("$top=3&{order}"));
        prop_assert_eq!(&Value::from(pages.concat()), &all["value"]);
    }
}

#[test]
fn every_sample_form_has_tables() {
    for entry in std::fs::read_dir(crate::support::folder()).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|it| it == "md") {
            let form = form(&std::fs::read_to_string(&file).unwrap());
            let tables = FormTables::new(&form);
            assert_eq!(tables.fields.len() + 1, form.fields.len(), "{file:?}");
            assert!(tables.tables.iter().all(|it| tables.find(&it.table.name).is_some()));
        }
    }
}
