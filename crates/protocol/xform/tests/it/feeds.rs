//! Records read as tables by a client of OData.

use proptest::prelude::*;
use serde_json::{Value, json};
use xform::{
    form::DataType,
    odata::{Feed, Links, Query, Token, metadata, service_document},
    table::{Place, Row, Slot, Table},
};

use crate::{
    records::{Records, SERVICE, clock, pairs},
    support::form,
};

const FAMILY: &str = "
    | survey |
    | | type | name | label |
    | | text | name | Name |
    | | integer | age | Age |
    | | begin_group | children | Children |
    | | begin_repeat | child | Child |
    | | text | name | Name |
    | | integer | age | Age |
    | | begin_group | toys | Toys |
    | | begin_repeat | toy | Toy |
    | | text | name | Name |
    | | end_repeat | | |
    | | end_group | | |
    | | end_repeat | | |
    | | end_group | | |";

fn families() -> Records {
    let child = |name: &str, age: u8, toys: &str| {
        format!("<child><name>{name}</name><age>{age}</age><toys>{toys}</toys></child>")
    };
    let toy = |name: &str| format!("<toy><name>{name}</name></toy>");
    let double = format!(
        "<name>Vick</name><children>{}{}{}</children><meta><instanceID>double</instanceID></meta>",
        child("Alice", 4, ""),
        child("Bob", 6, &(toy("Twilight") + &toy("Pinkie"))),
        child("Chelsea", 9, &(toy("Rainbow") + &toy("Fluttershy"))),
    );
    let none = "<name>Bao</name><age>30</age><meta><instanceID>uuid:none</instanceID></meta>";
    let one = format!(
        "<name>Qi</name><age>abc</age><children>{}</children><meta><instanceID>it's / one</instanceID></meta>",
        child("Dalai", 2, &toy("Horse"))
    );
    Records::new(form(FAMILY), &[&double, none, &one])
}

#[test]
fn a_form_is_a_table_and_each_repeat_one() {
    let records = families();
    let tables: Vec<&Table> = records.tables.tables.iter().map(|it| &*it.table).collect();
    assert_eq!(
        service_document(SERVICE, &tables),
        json!({
            "@odata.context": format!("{SERVICE}/$metadata"),
            "value": [
                { "name": "Submissions", "kind": "EntitySet", "url": "Submissions" },
                { "name": "Submissions.children.child", "kind": "EntitySet", "url": "Submissions.children.child" },
                { "name": "Submissions.children.child.toys.toy", "kind": "EntitySet",
                  "url": "Submissions.children.child.toys.toy" },
            ],
        })
    );
    assert!(tables[2].find("__Submissions-children-child-id").is_some());
}

#[test]
fn a_record_is_a_row_with_every_field_and_links_to_its_repeats() {
    let answer = families().get("Submissions('double')", "").unwrap();
    assert_eq!(
        answer,
        json!({
            "@odata.context": format!("{SERVICE}/$metadata#Submissions"),
            "value": [{
                "__id": "double",
                "__system": {
                    "submissionDate": "2026-11-01T01:00:00.000Z", "updatedAt": null, "submitterId": "5",
                    "submitterName": "哈斯", "attachmentsPresent": 0, "attachmentsExpected": 0, "status": null,
                    "reviewState": null, "deviceId": null, "edits": 0, "formVersion": "1", "deletedAt": null,
                },
                "name": "Vick",
                "age": null,
                "children": { "child@odata.navigationLink": "Submissions('double')/children/child" },
                "meta": { "instanceID": "double" },
            }],
        })
    );
}

/// The ids are those that Central gives to the same record.
#[test]
fn rows_of_repeats_name_themselves_and_the_row_above() {
    let records = families();
    let answer = records.get("Submissions('double')/children/child", "").unwrap();
    let row = |id: &str, name: &str, age: u8, toys: bool| {
        let link = format!("Submissions('double')/children/child('{id}')/toys/toy");
        let toys = if toys { json!({ "toy@odata.navigationLink": link }) } else { json!({}) };
        json!({ "__id": id, "__Submissions-id": "double", "name": name, "age": age, "toys": toys })
    };
    let bob = "b6e93a81a53eed0566e65e472d4a4b9ae383ee6d";
    assert_eq!(
        answer["value"],
        json!([
            row("46ebf42ee83ddec5028c42b2c054402d1e700208", "Alice", 4, false),
            row(bob, "Bob", 6, true),
            row("8954b393f82c1833abb19be08a3d6cb382171f54", "Chelsea", 9, true),
        ])
    );
    let toys = records.get(&format!("Submissions('double')/children/child('{bob}')/toys/toy"), "").unwrap();
    let names: Vec<&Value> = toys["value"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["Twilight", "Pinkie"]);
    assert_eq!(toys["value"][0]["__Submissions-children-child-id"], bob);
    let child = records.get(&format!("Submissions('double')/children/child('{bob}')"), "").unwrap();
    assert_eq!(child["value"].as_array().unwrap().len(), 1, "one row by its own id");
    assert_eq!(records.get("Submissions.children.child.toys.toy", "$count=True").unwrap()["@odata.count"], 5);
}

#[test]
fn a_link_leads_to_its_rows_whatever_the_id_of_the_record() {
    let records = families();
    let row = &records.get("Submissions", "$top=1").unwrap()["value"][0];
    assert_eq!(row["age"], Value::Null, "letters are no number");
    let link = row["children"]["child@odata.navigationLink"].as_str().unwrap();
    assert_eq!(link, "Submissions('it''s%20%2F%20one')/children/child");
    assert_eq!(records.get(link, "").unwrap()["value"][0]["name"], "Dalai");
}

#[test]
fn what_is_expanded_holds_the_rows_below() {
    let answer = families().get("Submissions", "$expand=*&$count=true").unwrap();
    let rows = answer["value"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1]["children"], json!({}), "a record without children");
    let children = rows[2]["children"]["child"].as_array().unwrap();
    assert_eq!(children[1]["toys"]["toy"][1]["name"], "Pinkie");
    assert_eq!(children[1]["__id"], "b6e93a81a53eed0566e65e472d4a4b9ae383ee6d");
    assert_eq!(children[1].get("__Submissions-id"), None);
    assert_eq!(children[0]["toys"], json!({}));
}

#[test]
fn only_what_is_selected_is_given() {
    let records = families();
    let first = |path: &str, query: &str| records.get(path, query).unwrap()["value"][0].clone();
    assert_eq!(first("Submissions", "$select=meta"), json!({ "meta": { "instanceID": "it's / one" } }));
    assert_eq!(
        first("Submissions", "$select=__id, name,__system/edits"),
        json!({ "__id": "it's / one", "name": "Qi", "__system": { "edits": 0 } })
    );
    let link = "Submissions('it''s%20%2F%20one')/children/child";
    let children = json!({ "children": { "child@odata.navigationLink": link } });
    assert_eq!(first("Submissions", "$select=children"), children);
    assert_eq!(first("Submissions", "$select=children/child"), children);
    let child = "Submissions.children.child";
    assert_eq!(
        first(child, "$select=__Submissions-id,age"),
        json!({ "__Submissions-id": "it's / one", "age": 2 })
    );
    assert_eq!(first("Submissions", "$select=*"), first("Submissions", ""));
    let fault = |path: &str, query: &str| records.get(path, query).unwrap_err().code();
    assert_eq!(fault("Submissions", "$select=nobody"), 400.23);
    assert_eq!(fault("Submissions", "$select=children/child/name"), 400.24);
    assert_eq!(fault(child, "$select=__system/edits"), 400.23);
    assert_eq!(fault("Submissions", "$select=name&$expand=*"), 501.11);
}

#[test]
fn pages_follow_each_other_and_count_the_whole() {
    let records = families();
    let answer = records.get("Submissions", "$top=2&$skip=0").unwrap();
    let token = "$skiptoken=01eyJpbnN0YW5jZUlkIjoidXVpZDpub25lIn0%3D";
    let link = format!("{SERVICE}/Submissions?%24top=2&{}", token.replace('$', "%24"));
    assert_eq!(answer["@odata.nextLink"], link, "as Central writes it: {{\"instanceId\":\"uuid:none\"}}");
    for query in
        ["$top=1", "$top=2", "$top=2&$count=true", "$top=1&$orderby=name desc", "$top=1&$orderby=__id"]
    {
        for path in [
            "Submissions",
            "Submissions.children.child",
            "Submissions.children.child.toys.toy",
            "Submissions('double')/children/child",
        ] {
            let whole = query.split_once('&').map_or("", |it| it.1);
            let pages = records.pages(path, query);
            let all = records.get(path, whole).unwrap();
            assert_eq!(json!(pages.concat()), all["value"], "{path} {query}");
            let most: usize = query[5..6].parse().unwrap();
            assert!(pages.iter().all(|it| it.len() <= most));
        }
    }
    let second = records.get("Submissions", "$top=2&$skip=1&$count=true").unwrap();
    assert_eq!(second["@odata.count"], 3);
    assert_eq!(second.get("@odata.nextLink"), None, "nothing is left");
    let first = records.get("Submissions", "$top=1&$count=true").unwrap();
    let (_, next) = first["@odata.nextLink"].as_str().unwrap().split_once("skiptoken=").unwrap();
    let next = next.replace("%3D", "=");
    let on = records.get("Submissions", &format!("$top=1&$count=true&$skip=5&$skiptoken={next}")).unwrap();
    assert_eq!((&on["@odata.count"], &on["value"][0]["name"]), (&json!(3), &json!("Bao")));
    let nothing = records.get("Submissions", "$top=0&$count=true").unwrap();
    assert_eq!((&nothing["@odata.count"], &nothing["value"]), (&json!(3), &json!([])));
    assert_eq!(nothing.get("@odata.nextLink"), None);
}

#[test]
fn a_record_that_comes_in_meanwhile_neither_shifts_nor_repeats_a_page() {
    let content = |index: usize| {
        let grids = format!("<grid><n>{index}1</n></grid><grid><n>{index}2</n></grid>");
        format!("<a>{}</a>{grids}<meta><instanceID>uuid:{index}</instanceID></meta>", index % 2)
    };
    let survey = "| survey |\n| | type | name | label |\n| | integer | a | A |\n| | begin_repeat | grid | G |
        | | integer | n | N |\n| | end_repeat | | |";
    let of = |count: usize| {
        let contents: Vec<String> = (0..count).map(content).collect();
        Records::new(form(survey), &contents.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let ids = |answer: &Value| -> Vec<String> {
        let rows = answer["value"].as_array().unwrap().iter();
        rows.map(|it| it["__id"].as_str().unwrap().to_owned()).collect()
    };
    for path in ["Submissions", "Submissions.grid"] {
        for order in ["", "&$orderby=__id desc", "&$orderby=$root/Submissions/a"] {
            let (mut before, mut given) = (of(3), Vec::new());
            let whole = ids(&before.get(path, order.trim_start_matches('&')).unwrap());
            let mut query = format!("$top=2{order}");
            for count in 4..9 {
                let answer = before.get(path, &query).unwrap();
                given.extend(ids(&answer));
                let Some(link) = answer["@odata.nextLink"].as_str() else { break };
                let (_, token) = link.split_once("skiptoken=").unwrap();
                query = format!(
                    "$top=2{order}&$skiptoken={}",
                    token.replace("%3D", "=").replace("%2B", "+").replace("%2F", "/")
                );
                before = of(count);
            }
            let distinct: std::collections::HashSet<&String> = given.iter().collect();
            assert_eq!(distinct.len(), given.len(), "{path} {order}: none twice");
            assert!(whole.iter().all(|it| given.contains(it)), "{path} {order}: none lost");
        }
    }
}

#[test]
fn a_token_that_leads_nowhere_is_refused() {
    let records = families();
    let fault = |query: &str| records.get("Submissions.children.child", query).unwrap_err().code();
    // {"repeatId":"nonsense"}, {"given":1} with an order, {"repeatId":1}, no base64, no scheme.
    assert_eq!(fault("$skiptoken=01eyJyZXBlYXRJZCI6Im5vbnNlbnNlIn0="), 400.34);
    assert_eq!(fault("$orderby=age&$skiptoken=01eyJnaXZlbiI6MX0="), 501.1);
    assert_eq!(fault("$skiptoken=01eyJyZXBlYXRJZCI6MX0="), 400.35);
    assert_eq!(fault("$skiptoken=01%%"), 400.35);
    assert_eq!(fault("$skiptoken=x"), 400.35);
}

#[test]
fn what_is_asked_wrongly_is_refused_by_number() {
    let records = families();
    let fault = |query: &str| records.get("Submissions", query).unwrap_err();
    assert_eq!(fault("$apply=x").code(), 501.1);
    assert_eq!(fault("$apply=x").status(), 501);
    assert_eq!(fault("$apply=x").details(), Some(json!({ "feature": "$apply" })));
    assert_eq!(json!(fault("$select=name&$expand=*").code()).to_string(), "501.11");
    assert_eq!(fault("$expand=children").code(), 501.6);
    assert_eq!(fault("$top=many").code(), 400.11);
    assert_eq!(fault("$skip=-1").code(), 400.11);
    assert_eq!(fault("$count=maybe").code(), 400.11);
    assert_eq!(fault("$top=1&$top=2").code(), 400.8);
    assert_eq!(fault("$format=xml").code(), 406.1);
    assert_eq!(fault("$orderby=nobody").code(), 501.5);
    assert_eq!(fault("$orderby=age sideways").code(), 501.5);
    assert_eq!(fault(&format!("$orderby={}", ["age"; 11].join(","))).code(), 501.1);
    assert_eq!(fault(&format!("$search={}", "a ".repeat(21))).code(), 501.1);
    assert!(records.get("Submissions", "$format=application/json;odata.metadata=minimal&$top=").is_ok());
    for path in [
        "",
        "Nobody",
        "Submissions/name",
        "Submissions.children",
        "Submissions('x'",
        "Submissions('a'b')",
        "%FF",
    ] {
        assert_eq!(records.get(path, "").unwrap_err().code(), 404.1, "{path}");
    }
}

#[test]
fn a_row_is_found_by_words_and_deleted_ones_only_when_asked_for() {
    let mut records = families();
    let names = |records: &Records, query: &str| -> Vec<String> {
        let answer = records.get("Submissions", query).unwrap();
        let names =
            answer["value"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned());
        names.collect()
    };
    assert_eq!(names(&records, "$search=VICK 哈斯"), ["Vick"]);
    assert!(names(&records, "$search=Vick Bao").is_empty());
    records.system(1).deleted_at = Some("2026-11-20T00:00:00.000Z".to_owned());
    assert_eq!(names(&records, ""), ["Qi", "Vick"]);
    assert_eq!(names(&records, "$filter=__system/deletedAt ne null"), ["Bao"]);
}

#[test]
fn rows_are_ordered_by_any_answer() {
    let records = families();
    let names = |path: &str, query: &str| -> Vec<String> {
        let answer = records.get(path, query).unwrap();
        answer["value"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("Submissions", "$orderby=name"), ["Bao", "Qi", "Vick"]);
    assert_eq!(
        names("Submissions", "$orderby=age"),
        ["Vick", "Qi", "Bao"],
        "no number comes first, the oldest first"
    );
    assert_eq!(names("Submissions", "$orderby=age DESC"), ["Bao", "Qi", "Vick"]);
    assert_eq!(names("Submissions", "$orderby=__system/submitterId asc, name desc"), ["Vick", "Qi", "Bao"]);
    assert_eq!(
        names("Submissions.children.child", "$orderby=$root/Submissions/name desc,age desc"),
        ["Chelsea", "Bob", "Alice", "Dalai"]
    );
}

proptest! {
    /// A token is anybody's writing: it may name what is not there and count what it likes, and is answered or refused.
    #[test]
    fn no_token_breaks_a_page(
        given in prop_oneof![0_u64..9, Just(u64::MAX), Just(u64::MAX - 1), any::<u64>()],
        row in prop::option::of("[0-9a-f]{0,40}"),
        (top, skip) in (0_u64..5, prop_oneof![0_u64..5, any::<u64>()]),
        is_of_repeat in any::<bool>(),
    ) {
        let records = families();
        let mut token = Token::default();
        (token.row, token.given) = (row, given);
        let token = token.encode("instanceId");
        let path = if is_of_repeat { "Submissions.children.child" } else { "Submissions" };
        let query = format!("$count=true&$top={top}&$skip={skip}&$skiptoken={token}");
        if let Ok(answer) = records.get(path, &query) {
            prop_assert!(answer["@odata.count"].as_u64() >= Some(given));
        }
    }
}

/// A table of something else than records.
struct Household([Option<&'static str>; 4]);

impl Row for Household {
    fn text(&self, slot: Slot) -> Option<std::borrow::Cow<'_, str>> {
        let (Slot::Own(slot) | Slot::Root(slot)) = slot;
        self.0[slot].map(Into::into)
    }

    fn record_id(&self) -> std::borrow::Cow<'_, str> {
        self.0[0].unwrap().into()
    }

    fn place(&self) -> Place {
        Place::default()
    }
}

#[test]
fn a_list_of_entities_is_read_the_same_way() {
    let table = Table::flat(
        "Entities",
        "uuid",
        &[
            ("__id", DataType::String),
            ("label", DataType::String),
            ("__system/version", DataType::Int),
            ("state", DataType::String),
        ],
    );
    let rows = [
        Household([Some("a"), Some("Darwin"), Some("1"), Some("NT")]),
        Household([Some("b"), Some("Sydney"), Some("2"), Some("")]),
    ];
    let pairs = pairs("$filter=__system/version ge 1&$top=1&$count=true");
    let query = Query::read(&pairs, &table).unwrap();
    let mut feed = Feed::new(&query, &table, clock());
    for row in &rows {
        feed.offer(row).unwrap();
    }
    let request = format!("{SERVICE}/Entities");
    let answer = feed.finish(&Links { service: SERVICE, request: &request, pairs: &pairs }).unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let row = json!({ "__id": "a", "label": "Darwin", "__system": { "version": 1 }, "state": "NT" });
    assert_eq!(answer["value"], json!([row]));
    assert_eq!(answer["@odata.count"], 2);
    let (_, token) = answer["@odata.nextLink"].as_str().unwrap().split_once("skiptoken=").unwrap();
    let token = Token::decode(&token.replace("%3D", "="), "uuid").unwrap();
    assert_eq!((token.record.as_deref(), token.given), (Some("a"), 1));
    let document = metadata(&[&table], "entity", "households");
    assert!(document.contains(r#"<Property Name="state" Type="Edm.String"/>"#));
    assert!(document.contains(r#"<Property Name="__system" Type="org.opendatakit.entity.metadata"/>"#));
}
