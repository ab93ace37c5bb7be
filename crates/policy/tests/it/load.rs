use policy::{Policy, PolicyError};

const SCHEMA: &str = include_str!("../../policies/schema.cedarschema");

pub fn texts() -> [(&'static str, &'static str); 5] {
    [
        ("city.cedar", include_str!("../../policies/city.cedar")),
        ("case.cedar", include_str!("../../policies/case.cedar")),
        ("advance.cedar", include_str!("../../policies/advance.cedar")),
        ("person.cedar", include_str!("../../policies/person.cedar")),
        ("form.cedar", include_str!("../../policies/form.cedar")),
    ]
}

/// The policies with one file's text replaced.
pub fn with(index: usize, text: &str) -> Result<Policy, PolicyError> {
    let mut files = texts().map(|(file, text)| (file, text.to_owned()));
    files[index].1 = text.to_owned();
    Policy::from_text(SCHEMA, &files.each_ref().map(|(file, text)| (*file, text.as_str())))
}

/// The text without the policy of that id.
pub fn without(text: &str, id: &str) -> String {
    let start = text.find(&format!("@id(\"{id}\")")).unwrap();
    let end = start + text[start..].find(";\n").unwrap() + 2;
    format!("{}{}", &text[..start], &text[end..])
}

fn with_more(text: &str) -> PolicyError {
    let changed = format!("{}\n{text}", texts()[1].1);
    with(1, &changed).err().expect("such policies must not load")
}

#[test]
fn a_faulty_policy_file_is_refused_with_its_fault() {
    let unknown = with_more(r#"@id("x") permit (principal, action == Action::"case_burn", resource);"#);
    assert!(matches!(&unknown, PolicyError::Invalid(it) if it.contains("case_burn")), "{unknown}");
    let role = with_more(
        r#"@id("x") permit (principal is Appointment, action == Action::"case_read", resource) when { principal.role == Role::"mayor" };"#,
    );
    assert!(matches!(&role, PolicyError::Invalid(it) if it.contains("mayor")), "{role}");
    let attribute = with_more(
        r#"@id("x") permit (principal, action == Action::"case_read", resource) when { resource.secret };"#,
    );
    assert!(matches!(&attribute, PolicyError::Invalid(it) if it.contains("secret")), "{attribute}");
    let syntax = with_more(r#"@id("x") permit (principal, action"#);
    assert!(matches!(&syntax, PolicyError::Syntax { file, .. } if file == "case.cedar"), "{syntax}");
    let unnamed = with_more(r#"permit (principal, action == Action::"case_read", resource);"#);
    assert!(matches!(unnamed, PolicyError::Unnamed { .. }), "{unnamed}");
    let twice = with_more(
        r#"@id("case_read.reporter") permit (principal, action == Action::"case_read", resource);"#,
    );
    assert!(matches!(twice, PolicyError::Duplicate(_)), "{twice}");
    let one_place = with_more(
        r#"@id("x") permit (principal, action == Action::"case_read", resource) when { resource in Area::"1509/" };"#,
    );
    assert!(matches!(one_place, PolicyError::Particular { .. }), "{one_place}");
}

#[test]
fn a_policy_that_no_list_could_follow_is_refused() {
    for (policy, reason) in [
        (r#"permit (principal, action == Action::"case_read", resource)"#, "part that a person had"),
        (
            r#"permit (principal, action == Action::"case_read", resource) when { principal has person && resource.handlers.contains(principal.person) }"#,
            "part that a person had",
        ),
        (
            r#"permit (principal is Appointment, action == Action::"case_list", resource) when { resource has owner && resource.owner == principal.organization && principal.role == Role::"leader" }"#,
            "handled",
        ),
        (
            r#"forbid (principal, action == Action::"case_read", resource) when { principal has person && resource.dispatchers.contains(principal.person) }"#,
            "takes away",
        ),
    ] {
        let error = with_more(&format!("@id(\"x\") {policy};"));
        assert!(matches!(error, PolicyError::Scope { reason: it, .. } if it.contains(reason)), "{error}");
    }
}

#[test]
fn schema_and_code_know_the_same_actions() {
    let more =
        format!("{SCHEMA}\naction case_burn appliesTo {{ principal: [Individual], resource: [Case] }};");
    let error = Policy::from_text(&more, &texts()).err().unwrap();
    assert!(matches!(&error, PolicyError::Action(it) if it == "case_burn"), "{error}");
}

#[test]
fn a_role_that_the_schema_lacks_is_found_at_the_start() {
    let error = Policy::from_text(&SCHEMA.replace(r#", "resident""#, ""), &texts()).err().unwrap();
    assert!(matches!(&error, PolicyError::Entities(it) if it.contains("resident")), "{error}");
}
