//! XForms read into a model.

use xform::form::{Choices, FieldKind, Form, FormRefusal, Item, Severity};

use crate::support::{form, workbook};

fn with_model(model: &str, body: &str) -> String {
    format!(
        "<h:html xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\" \
         xmlns:jr=\"http://openrosa.org/javarosa\" xmlns:orx=\"http://openrosa.org/xforms\" \
         xmlns:entities=\"http://www.opendatakit.org/xforms/entities\">\
         <h:head><h:title>T</h:title>{model}</h:head><h:body>{body}</h:body></h:html>"
    )
}

fn of_binds(instance: &str, binds: &str) -> Form {
    let model = format!("<model><instance><data id=\"f\">{instance}</data></instance>{binds}</model>");
    Form::read(with_model(&model, "").as_bytes()).unwrap()
}

#[test]
fn a_form_tells_its_fields_controls_and_files() {
    let form = form(
        "| survey |
         | | type | name | label | image | choice_filter |
         | | begin repeat | person | People | | |
         | | text | called | Name | face.png | |
         | | select_one_from_file towns.csv | town | Town | | district = ${called} |
         | | end repeat | | | | |
         | | csv-external | prices | | | |",
    );
    assert_eq!(form.expected_files(), ["face.png", "prices.csv", "towns.csv"]);
    let person = form.field(form.field_at("/data/person").unwrap());
    assert_eq!(person.kind, FieldKind::Repeat);
    let Item::Group(group) = &form.body[0] else { panic!("a repeat stands in a group") };
    let Item::Repeat(repeat) = &group.items[0] else { panic!("the repeat") };
    let Item::Control(town) = &repeat.items[1] else { panic!("the town") };
    let Choices::Itemset(itemset) = &town.choices else { panic!("choices from a file") };
    assert_eq!(itemset.nodeset.text, "instance('towns')/root/item[district =  current()/../called ]");
}

#[test]
fn a_round_of_calculations_is_named() {
    let form = of_binds(
        "<a/><b/><c/><d/>",
        "<bind nodeset=\"/data/a\" calculate=\"/data/b + 1\"/><bind nodeset=\"/data/b\" relevant=\"../c = 2\"/>\
         <bind nodeset=\"/data/c\" calculate=\"../a\"/><bind nodeset=\"/data/d\" calculate=\"../a\"/>",
    );
    let fault = &form.faults()[0];
    assert_eq!((fault.severity, fault.rule), (Severity::Error, "cycle"));
    for name in ["/data/a", "/data/b", "/data/c"] {
        assert!(fault.reason.contains(name), "{}", fault.reason);
    }
    assert!(!fault.reason.contains("/data/d"), "it only reads the round");
}

#[test]
fn a_value_may_depend_on_what_it_was_and_on_instances_before() {
    let form = of_binds(
        "<n/><g><v/><t/></g>",
        "<bind nodeset=\"/data/n\" calculate=\"if(. = '', 1, .)\"/>\
         <bind nodeset=\"/data/g/t\" calculate=\"../v + /data/g[position() = 1]/t\"/>",
    );
    assert!(form.faults().is_empty(), "{:?}", form.faults());
}

#[test]
fn wrong_rules_are_told_with_their_place_and_loose_patterns_are_doubted() {
    let form = of_binds(
        "<a/><b/>",
        "<bind nodeset=\"/data/a\" constraint=\". &gt;\"/><bind nodeset=\"/data/b\" constraint=\"regex(., '[0-9]+')\"/>\
         <bind nodeset=\"/data/c\" type=\"int\"/>",
    );
    let told: Vec<_> = form.faults().iter().map(|it| (it.severity, it.place.as_str(), it.rule)).collect();
    assert_eq!(
        told,
        [
            (Severity::Error, "/data/c", "bind"),
            (Severity::Error, "/data/a", "constraint"),
            (Severity::Warning, "/data/b", "constraint")
        ]
    );
}

#[test]
fn what_is_no_form_is_refused() {
    let refused = |xml: &str| Form::read(xml.as_bytes()).unwrap_err();
    assert_eq!(refused("<html/>"), FormRefusal::Missing("head"));
    assert_eq!(refused(&with_model("<model/>", "")), FormRefusal::Missing("instance"));
    let nameless = with_model("<model><instance><data/></instance></model>", "");
    assert_eq!(refused(&nameless), FormRefusal::Missing("id"));
    let newer = "<model entities:entities-version=\"2031.1.0\"><instance><data id=\"a\"/></instance></model>";
    assert!(matches!(refused(&with_model(newer, "")), FormRefusal::EntitiesVersion(_)));
    assert!(matches!(refused("<a><b></a>"), FormRefusal::Xml(_)));
}

#[test]
fn a_form_in_a_bad_expression_converts_and_is_not_published() {
    let sheet = workbook(
        "| survey |
         | | type | name | label | calculation |
         | | text | a | A | |
         | | calculate | b | | ${a} + * 2 |",
    );
    let converted = xform::sheet::convert(&sheet, "f").unwrap();
    assert!(converted.form.faults().iter().any(|it| it.severity == Severity::Error));
    let warning = converted.warnings.iter().find(|it| it.row == Some(3)).unwrap();
    assert_eq!((warning.sheet.as_str(), warning.column.as_deref()), ("survey", Some("calculation")));
}
