//! Records that `@getodk/xforms-engine` judged too, as `cargo xtask test` had it do. Without them
//! (`OLZII_ENGINE_RECORDS`) there is nothing to compare.

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
fn the_engine_finds_the_same() {
    let Ok(path) = std::env::var("OLZII_ENGINE_RECORDS") else { return };
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
        assert_eq!(judgement.findings.len(), wanted.len(), "{kept}: {:?}", judgement.findings);
        records += 1;
        violations += wanted.len();
    }
    assert!(records >= 1000 && violations > records, "{records} records, {violations} violations");
    println!("{records} records with {violations} violations are judged alike");
}
