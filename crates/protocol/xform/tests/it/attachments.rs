//! Lists that come as files.

use xform::{
    check::State,
    form::{AttachmentFault, Attachments},
};

use crate::support::{form, found, judge_with, pairs};

const SURVEY: &str = "| survey |
    | | type | name | label | calculation | parameters |
    | | select_one_from_file towns.csv | town | Town | | value=code label=title |
    | | select_one_from_file wells.geojson | well | Well | | |
    | | select_one_from_file herds.xml | herd | Herd | | |
    | | calculate | price | | pulldata('prices', 'price', 'item', 'wool') | |";

const RECORD: &str = "<town>150981</town><well>w2</well><herd>h1</herd><price>21.5</price>";

fn filled() -> (xform::form::Form, Attachments) {
    let form = form(SURVEY);
    let mut attachments = Attachments::new();
    let files: [(&str, &[u8]); 4] = [
        ("towns.csv", b"\xef\xbb\xbfcode,title\n150981,\"Fengzhen, city\"\n150921,Zhuozi\n"),
        ("prices.csv", b"item;price\nwool;21.5\nmilk;4\n"),
        (
            "wells.geojson",
            br#"{"type":"FeatureCollection","features":[
              {"type":"Feature","id":"w1","geometry":{"type":"Point","coordinates":[113.1,41.0]},"properties":{"title":"One"}},
              {"type":"Feature","geometry":null,"properties":{"id":"w2","title":"Two"}}]}"#,
        ),
        ("herds.xml", b"<root><item><name>h1</name><label>First</label></item></root>"),
    ];
    for (name, bytes) in files {
        assert!(attachments.add(&form, name, bytes).unwrap(), "{name}");
    }
    (form, attachments)
}

#[test]
fn choices_and_values_come_from_csv_xml_and_geojson() {
    let (form, attachments) = filled();
    assert_eq!(found(&judge_with(&form, &attachments, RECORD)), []);
    let wrong = "<town>1</town><well>w3</well><herd>h2</herd><price>4</price>";
    assert_eq!(
        found(&judge_with(&form, &attachments, wrong)),
        pairs(&[
            ("/data/town", "choice"),
            ("/data/well", "choice"),
            ("/data/herd", "choice"),
            ("/data/price", "calculate")
        ])
    );
}

#[test]
fn without_its_file_a_rule_is_unchecked_and_not_passed() {
    let form = form(SURVEY);
    let judgement = judge_with(&form, &Attachments::new(), RECORD);
    assert_eq!(judgement.state(), State::Unchecked);
    assert_eq!(judgement.findings.len(), 4);
    assert!(
        judgement.findings[0].expected.contains("the list towns is not there"),
        "{}",
        judgement.findings[0]
    );
}

#[test]
fn a_file_that_is_no_list_says_why() {
    let form = form(SURVEY);
    let mut attachments = Attachments::new();
    assert!(!attachments.add(&form, "photo.jpg", b"\xff\xd8").unwrap(), "it belongs to no list");
    let mut refused = |name: &str, bytes: &[u8]| attachments.add(&form, name, bytes).unwrap_err();
    assert_eq!(refused("towns.csv", b"\xff\xfe\x61\x00"), AttachmentFault::Encoding);
    assert_eq!(refused("towns.csv", b""), AttachmentFault::Header);
    assert!(matches!(refused("wells.geojson", b"[]"), AttachmentFault::GeoJson(_)));
    assert!(matches!(refused("wells.geojson", "[".repeat(10_000).as_bytes()), AttachmentFault::GeoJson(_)));
    assert!(matches!(
        refused("herds.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        AttachmentFault::Xml(_)
    ));
}
