//! A village's yearly report: the sheet, the XForm that pyxform makes of it, and twenty submissions.

use serde_json::Value;
use xform::{
    check::{Refusal, State, Submission},
    form::{Attachments, Form},
    sheet::{Workbook, convert},
    xml::XmlReason,
};

use crate::support::{canonical, found, read, spreadsheet, world};

fn form() -> Form {
    Form::read(read("village_annual.xml").as_bytes()).unwrap()
}

fn submissions() -> Vec<Value> {
    read("village_annual.submissions.jsonl").lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[test]
fn a_spreadsheet_becomes_the_form_that_pyxform_makes() {
    let bytes = spreadsheet(&read("village_annual.md"));
    let converted = convert(&Workbook::read(&bytes).unwrap(), "village_annual").unwrap();
    assert_eq!(canonical(&converted.xml), canonical(&read("village_annual.xml")));
    assert!(converted.form.faults().is_empty(), "{:?}", converted.form.faults());
}

#[test]
fn its_form_is_read_and_written_without_a_loss() {
    let form = form();
    assert_eq!(form.id, "village_annual");
    assert_eq!(form.version, "2026112201");
    assert_eq!(form.translations.languages.len(), 3);
    let households = form.field(form.field_at("/data/base/households").unwrap());
    assert_eq!(households.bind_attribute("urn:olzii:xforms", "element"), Some("HOUSEHOLDS"));
    assert_eq!(canonical(&form.to_xml()), canonical(&read("village_annual.xml")));
    let next = form.with_version("2027");
    assert_eq!(Form::read(next.to_xml().as_bytes()).unwrap().version, "2027");
}

#[test]
fn every_submission_is_judged_as_the_reference_has_it() {
    let form = form();
    let attachments = Attachments::new();
    let mut judged = 0;
    for line in submissions() {
        let name = line["name"].as_str().unwrap();
        let Some(state) = line["state"].as_str() else { continue };
        let submission = Submission::read(line["xml"].as_str().unwrap().as_bytes()).unwrap();
        let judgement = submission.judge(&form, &attachments, &world()).unwrap();
        let found = found(&judgement);
        for wanted in line["must_find"].as_array().unwrap() {
            let (path, rule) = (wanted[0].as_str().unwrap(), wanted[1].as_str().unwrap());
            assert!(
                found.iter().any(|it| it.0 == path && it.1 == rule),
                "{name}: {path} {rule} not in {found:?}"
            );
        }
        let wanted = if state == "valid" { State::Valid } else { State::Invalid };
        assert_eq!(judgement.state(), wanted, "{name}: {found:?}");
        judged += 1;
    }
    assert_eq!(judged, 15, "the file was read");
}

#[test]
fn what_is_refused_says_why() {
    for line in submissions() {
        let name = line["name"].as_str().unwrap();
        let read = Submission::read(line["xml"].as_str().unwrap().as_bytes());
        match name {
            "no_instance_id" => assert_eq!(read.unwrap_err(), Refusal::InstanceId),
            "unclosed_xml" => assert!(matches!(read.unwrap_err(), Refusal::Xml(_))),
            "entity_bomb" => match read.unwrap_err() {
                Refusal::Xml(fault) => assert_eq!(fault.reason, XmlReason::DocumentType),
                other => panic!("{other}"),
            },
            "unknown_version" => assert_ne!(read.unwrap().version, form().version),
            "unknown_form" => {
                let outcome = read.unwrap().judge(&form(), &Attachments::new(), &world());
                assert!(matches!(outcome, Err(Refusal::OtherForm { .. })));
            }
            _ => {}
        }
    }
}

#[test]
fn a_finding_repeats_the_forms_own_words() {
    let form = form();
    let line = submissions().into_iter().find(|it| it["name"] == "negative_population").unwrap();
    let submission = Submission::read(line["xml"].as_str().unwrap().as_bytes()).unwrap();
    let mut world = world();
    world.language = "English (en)".to_owned();
    let judgement = submission.judge(&form, &Attachments::new(), &world).unwrap();
    let population = judgement.findings.iter().find(|it| it.path == "/data/base/population").unwrap();
    assert_eq!(population.value, "-5");
    assert_eq!(population.message.as_deref(), Some("Population cannot be below the number of households"));
}
