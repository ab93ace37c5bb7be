//! The OpenAPI document and what holds for every route: methods, headers, words.

use std::collections::BTreeSet;

use axum::{body::Body, http::Method};
use serde_json::Value;
use store::testing::Scratch;
use web::Settings;

use crate::support::Town;

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

fn operations(document: &Value) -> Vec<(String, BTreeSet<String>)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .map(|(path, item)| {
            (path.clone(), item.as_object().unwrap().keys().map(|it| it.to_uppercase()).collect())
        })
        .collect()
}

fn example(path: &str) -> String {
    path.replace("{id}", "00000000-0000-0000-0000-000000000001")
        .replace("{photo}", "00000000-0000-0000-0000-000000000002")
        .replace("{entry}", "00000000-0000-0000-0000-000000000003")
        .replace("{code}", "1509")
        .replace("{transition}", "verify")
}

#[test]
fn the_document_has_what_the_router_answers_and_nothing_else() {
    let scratch = Scratch::sqlite();
    let town = Town::new(scratch.db.clone());
    let document = town.anonymous().get("/api/v1/openapi.json").of(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document, serde_json::to_value(web::api_document()).unwrap());
    let operations = operations(&document);
    assert!(operations.len() > 20, "{operations:?}");
    for (path, documented) in &operations {
        let mut answered = BTreeSet::new();
        for method in METHODS {
            let request = town.user("acceptor").request(method.clone(), &example(path));
            // Streams have no end: only the head of each answer is read.
            let answer = town.run(town.open(request.body(Body::empty()).unwrap()));
            if answer.status().as_u16() == 405 {
                let allow = answer.headers()["allow"].to_str().unwrap().to_owned();
                assert!(documented.iter().all(|it| allow.contains(it.as_str())), "{path} allows {allow}");
            } else {
                answered.insert(method.to_string());
            }
        }
        assert_eq!(&answered, documented, "{path}");
    }
}

#[test]
fn every_refusal_is_documented_as_problem_details() {
    let document = serde_json::to_value(web::api_document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{method} {path} {status}");
            }
            assert!(responses.contains_key("401") && responses.contains_key("422"), "{method} {path}");
            assert!(
                operation["summary"].is_string() || operation["description"].is_string(),
                "{method} {path}"
            );
        }
    }
    assert!(document["components"]["schemas"]["Problem"].is_object());
}

#[test]
fn head_is_get_without_a_body_and_options_tells_the_methods() {
    let scratch = Scratch::sqlite();
    let town = Town::new(scratch.db.clone());
    let send =
        |method, path: &str| town.send(town.anonymous().request(method, path).body(Body::empty()).unwrap());
    let head = send(Method::HEAD, "/api/v1/areas/1509");
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    for method in [Method::OPTIONS, Method::TRACE] {
        let answer = send(method, "/api/v1/sessions");
        assert!(answer.header("allow").contains("POST") && answer.header("allow").contains("GET"));
        assert_eq!(answer.of(405)["type"], "method");
    }
}

#[test]
fn every_answer_carries_what_guards_it() {
    let scratch = Scratch::sqlite();
    let town = Town::with(scratch.db.clone(), Settings { secure: true, ..Settings::default() });
    let document = town.anonymous().get("/api/v1/openapi.json").of(200);
    let mut paths: Vec<String> = operations(&document).iter().map(|(path, _)| example(path)).collect();
    paths.extend(
        [
            "/",
            "/sign-in",
            "/report",
            "/follow",
            "/areas",
            "/areas/1509",
            "/today",
            "/board",
            "/command",
            "/me",
            "/log",
            "/log/checkpoint",
            "/log/policy",
            "/healthz",
        ]
        .map(str::to_owned),
    );
    paths.extend(
        ["/ready", "/metrics", "/nothing", "/api/v1/nothing", "/static/0/nothing.js"].map(str::to_owned),
    );
    for path in paths {
        for method in [Method::GET, Method::POST, Method::PUT] {
            let request = town.anonymous().request(method.clone(), &path).body(Body::empty()).unwrap();
            let answer = town.run(town.open(request));
            let header =
                |name: &str| answer.headers().get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
            let place = format!("{method} {path} ({})", answer.status());
            assert!(answer.status().as_u16() < 500, "{place}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{place}");
            assert_eq!(header("x-frame-options"), "DENY", "{place}");
            assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{place}");
            assert!(!header("content-security-policy").contains("unsafe"), "{place}");
            assert_ne!(header("referrer-policy"), "", "{place}");
            assert_eq!(header("strict-transport-security"), "max-age=31536000; includeSubDomains", "{place}");
            assert_ne!(header("cache-control"), "", "{place}");
            assert_eq!(header("access-control-allow-origin"), "", "{place}");
        }
    }
}

#[test]
fn a_problem_is_told_in_the_language_asked_for() {
    let scratch = Scratch::sqlite();
    let town = Town::new(scratch.db.clone());
    let title = |language: &str| {
        let request =
            axum::http::Request::builder().uri("/api/v1/areas?limit=0").header("accept-language", language);
        town.send(request.body(Body::empty()).unwrap()).of(422)["errors"][0]["message"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(title("en-GB"), "Give a number from 1 to 200");
    assert!(!title("zh-CN").is_ascii());
}

/// Of two shapes with one name the document would keep either.
#[test]
fn no_two_shapes_of_the_api_have_one_name() {
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut names: Vec<String> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            for shape in source.split("ToSchema").skip(1) {
                let Some((_, rest)) = shape.split_once("struct ").filter(|(before, _)| !before.contains(';'))
                else {
                    continue;
                };
                names.push(rest.chars().take_while(|it| it.is_alphanumeric()).collect());
            }
        }
    }
    names.sort();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert!(names.len() > 50 && twice.is_empty(), "{twice:?} of {} shapes", names.len());
}
