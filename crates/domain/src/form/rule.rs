//! What a form must not ask, and what a new version must not change; pure.

use xform::{
    check::Answer,
    form::{FieldKind, Form},
};

use super::fault::PublishFault;
use crate::{fact, statistic::Definitions};

/// The one moment at which a position may be taken by itself: a person is there and begins.
const FIRST_LOAD: &str = "odk-instance-first-load";

/// Questions that watch people: no form of this city asks them.
pub fn forbidden(form: &Form) -> Vec<PublishFault> {
    let mut faults = Vec::new();
    for action in &form.actions {
        if action.kind.ends_with("recordaudio") {
            let reason = "sound would be recorded without anybody noticing";
            faults.push(PublishFault::at(&action.target, reason, "Ask for it by a question of type audio."));
        }
        let in_background = action.events.iter().any(|it| it != FIRST_LOAD);
        if action.kind.ends_with("setgeopoint") && in_background {
            let reason = "a position would be taken whenever an answer changes";
            faults.push(PublishFault::at(
                &action.target,
                reason,
                "Ask for it by a question of type geopoint.",
            ));
        }
    }
    for field in &form.fields {
        if field.name == "audit" && field.bind_attributes.iter().any(|it| it.name.starts_with("location-")) {
            let reason = "the way of whoever fills it in would be recorded";
            faults.push(PublishFault::at(
                &field.path,
                reason,
                "Take the location out of the audit's parameters.",
            ));
        }
    }
    faults
}

/// What is wrong in bindings to data elements: what cannot be, and what is perhaps not meant.
pub fn wrong_elements(form: &Form, definitions: &Definitions) -> (Vec<PublishFault>, Vec<PublishFault>) {
    let (warnings, faults): (Vec<_>, Vec<_>) =
        fact::faults(form, definitions).into_iter().partition(|it| it.is_warning);
    let told = |it: fact::Fault| PublishFault::at(&it.path, it.reason, it.help);
    (faults.into_iter().map(told).collect(), warnings.into_iter().map(told).collect())
}

/// How many questions a form shows.
pub fn shown(form: &Form) -> i64 {
    form.fields.iter().filter(|it| it.is_shown && it.kind == FieldKind::Question).count() as i64
}

/// How many questions a record answers or leaves empty that its form shows.
pub fn questions(form: &Form, answers: &[Answer]) -> i64 {
    let is_asked = |it: &&Answer| {
        let field = form.field(it.field);
        field.is_shown && field.kind == FieldKind::Question
    };
    answers.iter().filter(is_asked).count() as i64
}

/// Seconds from the begin to the end that the record itself tells, if its form asks for both.
pub fn seconds(form: &Form, answers: &[Answer]) -> Option<i64> {
    let moment = |parameter: &str| {
        let is_it = |it: &&Answer| {
            let preload = form.field(it.field).preload.as_ref();
            preload.is_some_and(|it| it.kind == "timestamp" && it.parameter == parameter)
        };
        answers.iter().find(is_it)?.value.parse::<jiff::Timestamp>().ok()
    };
    Some(moment("end")?.as_second() - moment("start")?.as_second())
}

/// A question keeps its type from version to version, or its answers could not be read together.
pub fn changed_types(before: &Form, after: &Form) -> Vec<PublishFault> {
    let mut faults = Vec::new();
    for field in after.fields.iter().filter(|it| it.kind == FieldKind::Question) {
        let Some(old) = before.field_at(&field.path).map(|it| before.field(it)) else { continue };
        if old.kind == FieldKind::Question && old.data_type != field.data_type {
            let (was, is) = (old.data_type.as_str(), field.data_type.as_str());
            let reason = format!("its type was {was} in the version before and is {is} now");
            faults.push(PublishFault::at(
                &field.path,
                reason,
                "Give a question of another type another name.",
            ));
        }
    }
    faults
}

/// Whether a file can be called so everywhere: one name, and no path.
pub fn is_file_name(name: &str) -> bool {
    let bad = |it: char| it.is_control() || matches!(it, '/' | '\\');
    !name.is_empty()
        && name != "."
        && name != ".."
        && !name.contains(bad)
        && name.chars().count() <= kernel::limits::FORM_FILE_NAME_CHARS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(bind: &str, action: &str) -> Form {
        let xml = format!(
            r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
            xmlns:odk="http://www.opendatakit.org/xforms"><h:head><h:title>t</h:title><model>
            <instance><data id="t" version="1"><a/><b/><meta><instanceID/><audit/></meta></data></instance>
            {bind}{action}</model></h:head><h:body><input ref="/data/a"><label>a</label></input></h:body></h:html>"#
        );
        Form::read(xml.as_bytes()).unwrap()
    }

    #[test]
    fn what_watches_people_is_not_asked() {
        let fault = |bind: &str, action: &str| forbidden(&form(bind, action)).len();
        assert_eq!(fault("", r#"<odk:setgeopoint event="odk-instance-first-load" ref="/data/b"/>"#), 0);
        assert_eq!(fault("", r#"<odk:setgeopoint event="xforms-value-changed" ref="/data/b"/>"#), 1);
        assert_eq!(fault("", r#"<odk:recordaudio event="odk-instance-load" ref="/data/b"/>"#), 1);
        assert_eq!(fault(r#"<bind nodeset="/data/meta/audit" type="binary"/>"#, ""), 0);
        let audit = r#"<bind nodeset="/data/meta/audit" type="binary" odk:location-priority="balanced"/>"#;
        assert_eq!(fault(audit, ""), 1);
    }

    #[test]
    fn a_question_keeps_its_type() {
        let before = form(r#"<bind nodeset="/data/a" type="int"/>"#, "");
        assert_eq!(changed_types(&before, &form(r#"<bind nodeset="/data/a" type="int"/>"#, "")), []);
        let faults = changed_types(&before, &form(r#"<bind nodeset="/data/a" type="decimal"/>"#, ""));
        assert_eq!(faults[0].question.as_deref(), Some("/data/a"));
    }

    #[test]
    fn a_file_is_named_without_a_path() {
        assert!(is_file_name("村组.csv") && is_file_name("..a"));
        for name in ["", ".", "..", "a/b", "a\\b", "a\nb", &"x".repeat(300)] {
            assert!(!is_file_name(name), "{name}");
        }
    }
}
