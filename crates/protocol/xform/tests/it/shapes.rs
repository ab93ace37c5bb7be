//! What rows and their descriptions look like: names, places, and the golden files of the sample forms.

use serde_json::{Value, json};
use xform::{
    form::{DataType, Form},
    odata::metadata,
    table::{FormTables, Table},
};

use crate::{
    records::{Records, golden, same_json},
    support::{canonical, form, read},
};

#[test]
fn names_that_odata_cannot_have_are_cleaned_and_stay_apart() {
    let xml = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:x="u">
      <h:head><model><instance><data id="n"><q1.8-test><户数/><人口/></q1.8-test><q1_8_test/><x:a-b/><a.b/><a_b_2/>
      <__id/><meta><instanceID/><entity dataset="e"/></meta></data></instance>
      <bind nodeset="/data/q1.8-test/户数" type="int"/></model></h:head>
      <h:body><group ref="/data/q1.8-test"><repeat nodeset="/data/q1.8-test"/></group></h:body></h:html>"#;
    let form = Form::read(xml.as_bytes()).unwrap();
    let content = "<q1.8-test><户数>3</户数></q1.8-test><q1_8_test>t</q1_8_test><a-b>1</a-b><a.b>2</a.b><a_b_2>3</a_b_2><__id>4</__id>\
        <meta><instanceID>u</instanceID><entity/></meta>";
    let records = Records::new(form, &[content]);
    let row = &records.get("Submissions", "$filter=a_b eq '1'").unwrap()["value"][0];
    assert_eq!((&row["a_b"], &row["a_b_2"], &row["a_b_2_2"]), (&json!("1"), &json!("2"), &json!("3")));
    assert_eq!((&row["__id"], &row["__id_2"], &row["q1_8_test_2"]), (&json!("u"), &json!("4"), &json!("t")));
    assert_eq!(row["meta"]["entity"], json!({}));
    let below = &records.get("Submissions.q1_8_test", "$filter=户数 gt 2").unwrap()["value"][0];
    assert_eq!((&below["户数"], &below["人口"]), (&json!(3), &Value::Null));
    let fields = records.tables.fields_json(true);
    let field = |path: &str, name: &str, kind: &str| json!({ "path": path, "name": name, "type": kind, "binary": null, "selectMultiple": null });
    assert_eq!(fields[0], field("/q1_8_test", "q1_8_test", "repeat"));
    assert_eq!(fields[1], field("/q1_8_test/户数", "户数", "int"));
    assert_eq!(fields[2], field("/q1_8_test/人口", "人口", "unknown"));
    assert_eq!(records.tables.fields_json(false)[4], field("/a-b", "a-b", "unknown"));
    assert_eq!(fields[10], field("/meta/entity", "entity", "structure"));
}

#[test]
fn places_are_geojson_or_wkt() {
    let form = form(
        "| survey |
         | | type | name | label |
         | | geopoint | place | P |
         | | geopoint | bare | P |
         | | geopoint | broken | P |
         | | geotrace | line | L |
         | | geoshape | shape | S |
         | | decimal | part | D |
         | | dateTime | moment | M |",
    );
    let content = "<place>41.03 113.1 1400.5 8</place><bare>11.38 -11.38</bare><broken>100</broken>
        <line>1.1 2.2 3.3 4.4;5.5 6.6 7.7 0;</line><shape>1 2; 3 4; 5 6; 1 2</shape><part>2.50</part>
        <moment>2026-11-20T08:00:00.000+08</moment><meta><instanceID>u</instanceID></meta>";
    let records = Records::new(form, &[content]);
    let row = &records.get("Submissions", "").unwrap()["value"][0];
    let point =
        json!({ "type": "Point", "coordinates": [113.1, 41.03, 1400.5], "properties": { "accuracy": 8 } });
    assert_eq!(row["place"], point);
    assert_eq!(row["bare"], json!({ "type": "Point", "coordinates": [-11.38, 11.38] }));
    assert_eq!(row["broken"], Value::Null);
    assert_eq!(
        row["line"],
        json!({ "type": "LineString", "coordinates": [[2.2, 1.1, 3.3], [6.6, 5.5, 7.7]],
                "properties": { "accuracies": [4.4, null] } })
    );
    assert_eq!(row["shape"], json!({ "type": "Polygon", "coordinates": [[[2, 1], [4, 3], [6, 5], [2, 1]]] }));
    assert_eq!(row["part"], 2.5);
    assert_eq!(row["moment"], "2026-11-20T08:00:00.000+08:00");
    let row = &records.get("Submissions", "$wkt=True").unwrap()["value"][0];
    assert_eq!(row["place"], "POINT (113.1 41.03 1400.5)");
    assert_eq!(row["line"], "LINESTRING (2.2 1.1 3.3,6.6 5.5 7.7)");
    assert_eq!(row["shape"], "POLYGON ((2 1,4 3,6 5,2 1))");
}

/// Golden files, read by eye once: what the sample forms' tables are.
#[test]
fn every_sample_form_has_its_tables_as_it_was_agreed() {
    for name in ["village_annual", "kinds"] {
        let form = form(&read(&format!("{name}.md")));
        let tables = FormTables::new(&form);
        let all: Vec<&Table> = tables.tables.iter().map(|it| &*it.table).collect();
        let document = metadata(&all, "submission", &form.id);
        assert!(document.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<edmx:Edmx"));
        golden(&format!("{name}.metadata.xml"), &document, |a, b| canonical(a) == canonical(b));
        let fields = serde_json::to_string_pretty(&tables.fields_json(true)).unwrap();
        golden(&format!("{name}.fields.json"), &fields, same_json);
    }
}

#[test]
fn a_villages_report_reads_as_it_was_agreed() {
    let form = Form::read(read("village_annual.xml").as_bytes()).unwrap();
    let lines = read("village_annual.submissions.jsonl");
    let line: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let xml = line["xml"].as_str().unwrap();
    let content = &xml[xml.find('>').unwrap() + 1..xml.rfind('<').unwrap()];
    let answer = Records::new(form, &[content]).get("Submissions", "$expand=*&$count=true").unwrap();
    golden("village_annual.rows.json", &serde_json::to_string_pretty(&answer).unwrap(), same_json);
}

#[test]
fn every_kind_of_answer_reads_as_it_was_agreed() {
    let form = form(&read("kinds.md"));
    let answer = |field: &xform::form::Field| match field.data_type {
        DataType::Int => "12",
        DataType::Decimal => "0.50",
        DataType::Boolean => "true",
        DataType::Date => "2026-11-20",
        DataType::Time => "08:30:00.000+08:00",
        DataType::DateTime => "2026-11-20T08:30:00.000+08",
        DataType::Geopoint => "41.03 113.1 1400 8.5",
        DataType::Geotrace => "41.03 113.1 0 0;41.04 113.2 0 0",
        DataType::Geoshape => "41 113 0 3;41 114 0 3;42 113 0 3;41 113 0 3",
        DataType::Binary => "1700000000000.jpg",
        _ => "a \"b\" <c>",
    };
    let questions = form
        .fields
        .iter()
        .filter(|it| it.children.is_empty() && it.name != "instanceID" && !it.path.contains("/meta/"));
    let sent: String =
        questions.map(|it| format!("<{0}>{1}</{0}>", it.name, xform::xml::escape_text(answer(it)))).collect();
    let content = format!("{sent}<meta><instanceID>uuid:kinds</instanceID></meta>");
    let records = Records::new(form, &[&content]);
    for (name, query) in [("kinds.rows.json", ""), ("kinds.wkt.json", "$wkt=true&$select=place,line,shape")] {
        let found = records.get("Submissions", query).unwrap();
        golden(name, &serde_json::to_string_pretty(&found).unwrap(), same_json);
    }
}
