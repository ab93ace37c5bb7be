//! The cases that ship with openrosa-xpath-evaluator, as `cargo xtask forms` records them in a browser
//! (`OLZII_XPATH_CASES`).

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value as Json;
use xform::{
    xml::{Document, NodeId, NodeKind},
    xpath::{Budget, Expression, Focus, InstanceAnswer, Lookup, Names, NodeRef, Scope, Value, World},
};

use crate::support::LIMITS;

/// What stands in an expression that is answered otherwise here, and why.
const OTHERWISE: [(&str, &str); 7] = [
    ("random()", "chance"),
    ("uuid(", "chance"),
    ("namespace::", "the axis is there; the browser has none"),
    ("explode", "an unknown function is told when a form is read, not when it is reached"),
    ("fn(/explode)", "an unknown function is told when a form is read, not when it is reached"),
    ("substring()", "a wrong number of arguments is told when a form is read, not when it is reached"),
    ("GMT-0700 (Mountain Standard Time)", "dates are written as ODK writes them"),
];

struct NoLists;

impl Lookup for NoLists {
    fn instance(&self, _: &str) -> InstanceAnswer {
        InstanceAnswer::Unknown
    }

    fn translated(&self, _: &str, _: &str) -> Option<String> {
        None
    }

    fn choice_label(&self, _: &Scope<'_>, _: &str, _: &str) -> Result<String, xform::xpath::EvaluationFault> {
        Ok(String::new())
    }
}

#[test]
#[ignore = "needs the recorded cases: `cargo xtask forms`"]
fn recorded_cases_are_answered_alike() {
    let path = std::env::var("OLZII_XPATH_CASES").unwrap();
    let recording = std::fs::read_to_string(&path).unwrap();
    let (mut cases, mut otherwise, mut failures) = (0, 0, Vec::new());
    for line in recording.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        cases += 1;
        if let Err(reason) = replay(&case) {
            let expression = case["expression"].as_str().unwrap_or_default();
            if OTHERWISE.iter().any(|it| expression.contains(it.0)) {
                otherwise += 1;
            } else {
                failures
                    .push(format!("{}: {expression}: {reason}", case["test"].as_str().unwrap_or_default()));
            }
        }
    }
    assert!(cases > 1000, "the recording holds {cases} cases");
    assert!(otherwise < 100, "{otherwise} cases are answered otherwise");
    for failure in &failures {
        eprintln!("{failure}");
    }
    println!("{cases} recorded cases: {otherwise} answered otherwise on purpose, {} wrongly", failures.len());
    assert!(failures.is_empty(), "{} of {cases} cases differ", failures.len());
}

fn replay(case: &Json) -> Result<(), String> {
    let document = Document::read(case["document"].as_str().unwrap().as_bytes(), &LIMITS)
        .map_err(|it| it.to_string())?;
    let context = place(&document, case["context"].as_str().unwrap()).ok_or("no such context")?;
    let declared = case["namespaces"].as_object().into_iter().flatten();
    let declared =
        declared.map(|(prefix, uri)| (prefix.clone(), uri.as_str().unwrap_or_default().to_owned()));
    let names = Names::Declared(declared.collect());
    let now = Timestamp::from_millisecond(case["now"].as_i64().unwrap()).unwrap();
    let zone = TimeZone::fixed(jiff::tz::offset(-7));
    let world = World { now, zone, seed: 7, language: "en".to_owned() };
    let budget = Budget::new(10_000_000);
    let documents = [&document];
    let scope = Scope::new(&documents, &world, &budget, Some(&NoLists), &names);
    let wanted = &case["answer"];
    let outcome =
        Expression::parse(case["expression"].as_str().unwrap()).map_err(|it| it.to_string()).and_then(|it| {
            let focus = Focus::at(NodeRef { document: 0, node: context });
            scope.evaluate(&it, &focus).map_err(|it| it.to_string())
        });
    if wanted["error"].as_bool() == Some(true) {
        return match outcome {
            Err(_) => Ok(()),
            Ok(value) => Err(format!("gives {value:?} where an error is wanted")),
        };
    }
    let value = outcome?;
    let text = |it: Result<String, _>| it.map_err(|it: xform::xpath::EvaluationFault| it.to_string());
    if let Some(boolean) = wanted["boolean"].as_bool() {
        let found = scope.boolean(&value).map_err(|it| it.to_string())?;
        return same(&found, &boolean);
    }
    if let Some(number) = wanted["number"].as_str() {
        let found = scope.number(&value).map_err(|it| it.to_string())?;
        let number: f64 = number.parse().unwrap_or(f64::NAN);
        let near = (found - number).abs() <= 1e-12 * number.abs().max(1.0);
        return if found.is_nan() && number.is_nan() || found == number || near {
            Ok(())
        } else {
            same(&found, &number)
        };
    }
    if let Some(wanted) = wanted["string"].as_str() {
        return same(&text(scope.text(&value))?, &wanted.to_owned());
    }
    let Value::Nodes(nodes) = value else { return Err(format!("gives {value:?} where nodes are wanted")) };
    let wanted: Vec<&str> =
        wanted["nodes"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let wanted: Option<Vec<NodeId>> = wanted.into_iter().map(|it| place(&document, it)).collect();
    let mut found: Vec<NodeId> = nodes.iter().map(|it| it.node).collect();
    let mut wanted = wanted.ok_or("no such node")?;
    found.sort();
    wanted.sort();
    // Of a text in several pieces the browser has a node for each.
    wanted.dedup();
    same(&found, &wanted)
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, wanted: &T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("gives {found:?}, wanted {wanted:?}")) }
}

/// A node by the numbers of children on the way to it, and an attribute's name behind `@`.
fn place(document: &Document, path: &str) -> Option<NodeId> {
    let mut at = NodeId::DOCUMENT;
    for step in path.split('/').filter(|it| !it.is_empty()) {
        at = match step.strip_prefix('@') {
            Some(name) => {
                let (prefix, local) = name.split_once(':').unwrap_or(("", name));
                document.attributes(at).find(|it| match document.kind(*it) {
                    NodeKind::Namespace if prefix == "xmlns" => document.local(*it) == local,
                    NodeKind::Namespace => name == "xmlns" && document.local(*it).is_empty(),
                    _ => document.local(*it) == local && document.name(*it).prefix == prefix,
                })?
            }
            None => document.children(at).nth(step.parse().ok()?)?,
        };
    }
    Some(at)
}
