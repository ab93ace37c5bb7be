//! Records that `@getodk/xforms-engine` judged too, as `cargo xtask forms` has it do
//! (`OLZII_ENGINE_RECORDS`).

use std::collections::BTreeSet;

use serde_json::Value as Json;
use xform::{
    check::{FindingRule, Judgement, Submission},
    form::{Attachments, Form},
};

use crate::support::{read, world};

type Findings = BTreeSet<(String, String)>;

fn judged(form: &Form, xml: &str) -> Judgement {
    Submission::read(xml.as_bytes()).unwrap().judge(form, &Attachments::new(), &world()).unwrap()
}

/// Of the rules that the engine tells of.
fn of_both(judgement: &Judgement) -> Findings {
    let shared = [FindingRule::Constraint, FindingRule::Required];
    let told = judgement.findings.iter().filter(|it| shared.contains(&it.rule));
    told.map(|it| (it.path.clone(), it.rule.as_str().to_owned())).collect()
}

#[test]
#[ignore = "needs what the engine found: `cargo xtask forms`"]
fn the_engine_finds_the_same() {
    let path = std::env::var("OLZII_ENGINE_RECORDS").unwrap();
    let form = Form::read(read("village_annual.xml").as_bytes()).unwrap();
    let mut records = 0;
    let mut violations = 0;
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let record: Json = serde_json::from_str(line).unwrap();
        let text = |it: &Json| it.as_str().unwrap().to_owned();
        let wanted: Findings =
            record["violations"].as_array().unwrap().iter().map(|it| (text(&it[0]), text(&it[1]))).collect();
        let sent = text(&record["xml"]);
        assert_eq!(of_both(&judged(&form, &sent)), wanted, "{sent}");
        // What the engine makes of it has its calculations and nothing that is not asked.
        let kept = text(&record["kept"]);
        let judgement = judged(&form, &kept);
        assert_eq!(of_both(&judgement), wanted, "{kept}");
        // It leaves the sum over a repeat of which there is none empty, which XPath has as 0.
        let own = judgement.findings.iter().filter(|it| {
            !(it.rule == FindingRule::Calculate && it.value.is_empty() && it.expected.starts_with("0 = sum("))
        });
        assert_eq!(own.count(), wanted.len(), "{kept}: {:?}", judgement.findings);
        records += 1;
        violations += wanted.len();
    }
    assert!(records >= 1000 && violations > records, "{records} records, {violations} violations");
    println!("{records} records with {violations} violations are judged alike");
}
