//! `cargo xtask layers`: the arrows inside a floor, which Cargo cannot see, and no user-facing string in code.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::{
    finding::{self, Finding},
    rust_source::{self, Reference, Source},
    sql_text, template, workspace,
};

/// The files of a room that only the room itself may name.
const PRIVATE_MODULES: [&str; 6] = ["model", "rule", "action", "query", "store", "task"];
const HTTP_CRATES: [&str; 7] = ["axum", "http", "hyper", "tower", "tower_http", "reqwest", "ureq"];
const ENGINE_CRATES: [&str; 4] = ["rusqlite", "postgres", "tokio_postgres", "sqlx"];
const ASYNC_CRATES: [&str; 4] = ["tokio", "tokio_stream", "futures", "async_std"];
const INPUT_OUTPUT: [&str; 4] = ["fs", "net", "process", "env"];

pub fn run() -> Result<()> {
    let crates = workspace::folder("crates")?;
    let mut files = Vec::new();
    for path in workspace::files(&crates, &["node_modules", "target", "dist"])? {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if matches!(extension, Some("rs" | "html")) || path.ends_with("Cargo.toml") {
            files.push(workspace::read(&path)?);
        }
    }
    let tests = rust_source::test_files(&files);
    files.retain(|(file, _)| !tests.iter().any(|test| file.starts_with(test.as_str())));
    let rooms = rooms(files.iter().map(|(file, _)| file.as_str()));
    let findings = files.iter().flat_map(|(file, text)| check(&rooms, file, text)).collect();
    finding::report(findings, &format!("layers: {} files, {} rooms", files.len(), rooms.len()))
}

/// The folders of crates/domain/src with a mod.rs.
fn rooms<'a>(files: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let room = |file: &str| {
        let name = file.strip_prefix("crates/domain/src/")?.strip_suffix("/mod.rs")?;
        (!name.contains('/')).then(|| name.to_owned())
    };
    files.filter_map(room).collect()
}

/// Every broken rule in one file, whose path is relative to the root.
fn check(rooms: &BTreeSet<String>, file: &str, text: &str) -> Vec<Finding> {
    let Some(place) = Place::of(file) else { return Vec::new() };
    if file.ends_with(".html") {
        return if place.floor == "web" { template::check(file, text) } else { Vec::new() };
    }
    if file.ends_with("Cargo.toml") {
        return check_manifest(&place, text);
    }
    if place.is_test {
        return Vec::new();
    }
    match rust_source::read(text) {
        Ok(source) => Checker { place, rooms, source: &source, findings: Vec::new() }.run(),
        Err((line, error)) => vec![Finding::new(file, line, "no-rust", error)],
    }
}

/// True for the files of a room that hold its SQL: store.rs, and those in store/ where one file would be too long.
pub fn is_room_store(file: &str) -> bool {
    let parts: Vec<&str> = file.strip_prefix("crates/domain/src/").unwrap_or_default().split('/').collect();
    matches!(parts[..], [_, "store.rs"] | [_, "store", _, ..])
}

/// True for the files of an engine that keep what it makes.
fn is_engine_store(file: &str) -> bool {
    let parts: Vec<&str> = file.strip_prefix("crates/engine/").unwrap_or_default().split('/').collect();
    matches!(parts[..], [_, "src", "store", _] | [_, "src", .., "disk.rs"])
}

/// Where a file stands.
struct Place<'a> {
    file: &'a str,
    /// The crate's folder, for instance `domain`.
    floor: &'a str,
    room: Option<&'a str>,
    /// The file's name, for instance `store.rs`.
    name: &'a str,
    is_test: bool,
}

impl<'a> Place<'a> {
    fn of(file: &'a str) -> Option<Self> {
        let parts: Vec<&str> = file.strip_prefix("crates/")?.split('/').collect();
        let room = match parts[..] {
            [_, "src", room, _, ..] => Some(room),
            _ => None,
        };
        let name = *parts.last()?;
        let is_bench = matches!(parts[..], [_, "benches", ..] | ["engine" | "protocol", _, "benches", ..]);
        let is_test = parts.contains(&"tests") || name == "tests.rs" || is_bench;
        Some(Self { file, floor: parts[0], room, name, is_test })
    }
}

struct Checker<'a> {
    place: Place<'a>,
    rooms: &'a BTreeSet<String>,
    source: &'a Source,
    findings: Vec<Finding>,
}

impl Checker<'_> {
    fn run(mut self) -> Vec<Finding> {
        match self.place.floor {
            "kernel" => self.pure("kernel", "kernel-input-output"),
            "protocol" => self.pure("protocol", "protocol-input-output"),
            "engine" => self.engine(),
            "policy" => self.policy(),
            "store" => self.synchronous("store"),
            "domain" => self.domain(),
            "web" => self.web(),
            _ => {}
        }
        self.user_facing_texts();
        self.findings
    }

    /// Kernel and wire formats: what is said depends on nothing but what is given.
    fn pure(&mut self, floor: &str, rule: &'static str) {
        self.apart(floor, rule);
        self.no_input_output(floor, rule);
    }

    /// Libraries that stand alone: only their stores, which a database can take the place of, touch files.
    fn engine(&mut self) {
        self.apart("engine", "engine-input-output");
        if !is_engine_store(self.place.file) {
            self.no_input_output("engine outside of its store/ and disk.rs", "engine-input-output");
        }
    }

    fn apart(&mut self, floor: &str, rule: &'static str) {
        self.synchronous(floor);
        self.no_sql(&format!("{floor} has no SQL: it belongs to a room's store.rs"));
        self.no_crate(rule, &HTTP_CRATES, &format!("{floor} knows no HTTP"));
        self.no_crate(rule, &ENGINE_CRATES, &format!("{floor} knows no database"));
    }

    fn no_input_output(&mut self, floor: &str, rule: &'static str) {
        let advice = format!("{floor} does no input or output: take the value as a parameter");
        self.no_reference(rule, &advice, |parts| {
            matches!(parts, [first, second, ..] if ["std", "tokio"].contains(&first.as_str())
                && INPUT_OUTPUT.contains(&second.as_str()))
        });
    }

    fn policy(&mut self) {
        self.synchronous("policy");
        self.no_sql(
            "policy has no SQL: scope() returns path ranges, the room's store.rs puts them into a query",
        );
        self.no_crate(
            "policy-http",
            &HTTP_CRATES,
            "policy knows no HTTP: web turns its answer into a status",
        );
        self.no_crate(
            "policy-store",
            &ENGINE_CRATES,
            "policy knows no database: take what it needs as a parameter",
        );
        self.no_crate(
            "policy-store",
            &["store"],
            "policy does not use store: take what it needs as a parameter",
        );
    }

    fn domain(&mut self) {
        self.synchronous("domain");
        self.no_crate("domain-http", &HTTP_CRATES, "domain knows no HTTP: move it to the room's twin in web");
        self.no_crate(
            "engine-outside-store",
            &ENGINE_CRATES,
            "only the crate store names a database engine: use store::Tx",
        );
        if !is_room_store(self.place.file) {
            self.no_sql(
                "SQL stands in the room's store.rs (or store/) only: move it there and call a function",
            );
        }
        let Some(room) = self.place.room else { return self.other_rooms() };
        if ["page.rs", "api.rs", "view.rs"].contains(&self.place.name) {
            self.found(
                1,
                "room-shape",
                format!("move it to crates/web/src/{room}/: domain has no pages and no API"),
            );
        }
        if self.place.name == "mod.rs" {
            for line in &self.source.open_module_lines {
                let advice = "mod.rs is the room's only public face: make the module private and re-export what others need";
                self.findings.push(Finding::new(self.place.file, *line, "open-module", advice));
            }
        }
        self.other_rooms();
    }

    fn web(&mut self) {
        self.no_sql("web has no SQL: call a function of the room in domain");
        self.no_crate(
            "web-store",
            &["store"],
            "web does not name the crate store: call a function of the room in domain",
        );
        self.no_crate(
            "web-store",
            &ENGINE_CRATES,
            "web names no database engine: call a function of the room in domain",
        );
        self.other_rooms();
    }

    /// Another room's files are named neither as `crate::room::store` nor, from web, as `domain::room::store`.
    fn other_rooms(&mut self) {
        let own = self.place.room.filter(|_| self.place.floor == "domain");
        let from = if self.place.floor == "domain" { "crate" } else { "domain" };
        let mut found = Vec::new();
        for Reference { parts, line } in &self.source.references {
            let mut parts: &[String] = parts;
            let rooted = parts[0] == from || parts[0] == "super";
            while let [first, rest @ ..] = parts
                && (first == from || first == "super")
            {
                parts = rest;
            }
            if let [room, module, ..] = parts
                && rooted
                && own != Some(room.as_str())
                && self.rooms.contains(room)
                && PRIVATE_MODULES.contains(&module.as_str())
            {
                let advice =
                    format!("{room}::{module} is private to its room: use what {room}/mod.rs re-exports");
                found.push((*line, advice));
            }
        }
        for (line, advice) in found {
            self.found(line, "private-module", advice);
        }
    }

    fn synchronous(&mut self, floor: &str) {
        let advice = format!("{floor} is synchronous: web calls it on a blocking thread");
        for line in &self.source.async_lines {
            self.findings.push(Finding::new(self.place.file, *line, "async-below-web", advice.clone()));
        }
        self.no_crate("async-below-web", &ASYNC_CRATES, &advice);
    }

    fn no_sql(&mut self, advice: &str) {
        let lines =
            self.source.texts.iter().filter(|text| sql_text::is_sql(&text.value)).map(|text| text.line);
        let file = self.place.file;
        self.findings.extend(lines.map(|line| Finding::new(file, line, "sql-outside-store", advice)));
    }

    fn no_crate(&mut self, rule: &'static str, names: &[&str], advice: &str) {
        self.no_reference(rule, advice, |parts| names.contains(&parts[0].as_str()));
    }

    fn no_reference(&mut self, rule: &'static str, advice: &str, is_banned: impl Fn(&[String]) -> bool) {
        let file = self.place.file;
        let banned = self.source.references.iter().filter(|reference| is_banned(&reference.parts));
        let findings = banned.map(|reference| {
            Finding::new(file, reference.line, rule, format!("`{}`: {advice}", reference.parts.join("::")))
        });
        self.findings.extend(findings);
    }

    /// Invented names of the demo city are data, and the words of golden tables are what a test compares; everything
    /// else that people read stands in the locale files.
    fn user_facing_texts(&mut self) {
        let file = self.place.file;
        if file.starts_with("crates/olzii/src/demo/")
            || file.contains("locale")
            || self.place.name == "golden.rs"
        {
            return;
        }
        let texts = self.source.texts.iter().filter(|text| template::has_cjk(&text.value));
        let advice = "a Chinese text for people belongs to the locale files (data to a data file)";
        self.findings.extend(texts.map(|text| Finding::new(file, text.line, "text-outside-locales", advice)));
    }

    fn found(&mut self, line: usize, rule: &'static str, advice: String) {
        self.findings.push(Finding::new(self.place.file, line, rule, advice));
    }
}

/// The dependencies that skip a floor. Those of tests are free.
fn check_manifest(place: &Place<'_>, text: &str) -> Vec<Finding> {
    let banned: Vec<&str> = match place.floor {
        "kernel" | "policy" => {
            [&HTTP_CRATES[..], &ENGINE_CRATES, &ASYNC_CRATES, &["store", "domain", "web"]].concat()
        }
        // Publishable alone: no crate of ours.
        "protocol" | "engine" => {
            let own = &["kernel", "store", "policy", "domain", "web"];
            [&HTTP_CRATES[..], &ENGINE_CRATES, &ASYNC_CRATES, own].concat()
        }
        "store" => [&HTTP_CRATES[..], &["policy", "domain", "web"]].concat(),
        "domain" => [&HTTP_CRATES[..], &ENGINE_CRATES, &ASYNC_CRATES, &["web"]].concat(),
        "web" => [&ENGINE_CRATES[..], &["store"]].concat(),
        _ => return Vec::new(),
    };
    let mut section = "";
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            section = line;
        }
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default().replace('-', "_");
        if section == "[dependencies]" && banned.contains(&name.as_str()) {
            let advice = format!(
                "{} does not depend on {name}: arrows between floors go downward, without a skip",
                place.floor
            );
            findings.push(Finding::new(place.file, index + 1, "manifest", advice));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules that `text` breaks at `file`, in a city with the rooms area and case.
    fn broken(file: &str, text: &str) -> Vec<(&'static str, usize)> {
        let rooms = rooms(["crates/domain/src/area/mod.rs", "crates/domain/src/case/mod.rs"].into_iter());
        check(&rooms, file, text).into_iter().map(|finding| (finding.rule, finding.line)).collect()
    }

    #[test]
    fn sql_stands_only_in_store_files_of_domain_and_in_the_store_crate() {
        let text = "\nconst LIST: &str = \"SELECT id FROM area\";";
        for file in [
            "crates/domain/src/area/query.rs",
            "crates/domain/src/context.rs",
            "crates/web/src/area/page.rs",
            "crates/policy/src/lib.rs",
            "crates/kernel/src/lib.rs",
        ] {
            assert_eq!(broken(file, text), [("sql-outside-store", 2)], "{file}");
        }
        for file in
            ["crates/domain/src/area/store.rs", "crates/store/src/migrate.rs", "crates/web/tests/it/main.rs"]
        {
            assert_eq!(broken(file, text), [], "{file}");
        }
    }

    #[test]
    fn a_wire_format_stands_alone() {
        let text = "fn read() { let _ = std::fs::read(\"x\"); }\nuse axum::Router;\nasync fn ask() {}";
        let rules = broken("crates/protocol/open311/src/form.rs", text);
        let rules: Vec<_> = rules.into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(rules, ["async-below-web", "protocol-input-output", "protocol-input-output"]);
        assert_eq!(broken("crates/protocol/open311/tests/it/main.rs", text), []);
        let manifest = "[dependencies]\nkernel.workspace = true\ncsv.workspace = true\n[dev-dependencies]\nkernel = \"1\"\n";
        assert_eq!(broken("crates/protocol/open311/Cargo.toml", manifest), [("manifest", 2)]);
    }

    #[test]
    fn an_engine_touches_files_in_its_store_only() {
        let text = "use std::fs::File;\nuse rusqlite::Row;";
        let rule = "engine-input-output";
        assert_eq!(broken("crates/engine/tlog/src/tree/edge.rs", text), [(rule, 2), (rule, 1)]);
        for file in ["crates/engine/tlog/src/store/files.rs", "crates/engine/tlog/src/witness/disk.rs"] {
            assert_eq!(broken(file, text), [(rule, 2)], "{file}");
        }
        assert_eq!(broken("crates/engine/tlog/benches/log.rs", text), []);
        let manifest = "[dependencies]\nsha2.workspace = true\nstore.workspace = true\n";
        assert_eq!(broken("crates/engine/tlog/Cargo.toml", manifest), [("manifest", 3)]);
    }

    #[test]
    fn a_room_is_entered_by_its_public_face_only() {
        let rule = "private-module";
        let action = "crates/domain/src/case/action.rs";
        assert_eq!(broken(action, "use crate::area::{Tree, store::load};"), [(rule, 1)]);
        assert_eq!(broken(action, "fn f() {\n super::super::area::model::g() }"), [(rule, 2)]);
        assert_eq!(
            broken(action, "use crate::{area::Tree, case::model::Case}; use super::{model, store};"),
            []
        );
        assert_eq!(broken("crates/domain/src/context.rs", "use crate::area::store;"), [(rule, 1)]);
        assert_eq!(broken("crates/web/src/case/page.rs", "use domain::case::model::Case;"), [(rule, 1)]);
        assert_eq!(
            broken("crates/web/src/case/page.rs", "use domain::case::Case; use super::model::View;"),
            []
        );
        assert_eq!(
            broken("crates/domain/src/area/mod.rs", "mod model;\npub mod store;"),
            [("open-module", 2)]
        );
        assert_eq!(broken("crates/domain/src/case/page.rs", ""), [("room-shape", 1)]);
    }

    #[test]
    fn each_floor_names_only_what_lies_below_it() {
        assert_eq!(broken("crates/web/src/case/api.rs", "use store::Tx;"), [("web-store", 1)]);
        assert_eq!(broken("crates/web/src/lib.rs", "fn f() { store.len(); crate::store::x() }"), []);
        assert_eq!(broken("crates/policy/src/lib.rs", "use axum::http::StatusCode;"), [("policy-http", 1)]);
        assert_eq!(broken("crates/policy/src/lib.rs", "fn f(db: &store::Db) {}"), [("policy-store", 1)]);
        assert_eq!(broken("crates/domain/src/case/action.rs", "use axum::Json;"), [("domain-http", 1)]);
        assert_eq!(
            broken("crates/domain/src/case/store.rs", "use rusqlite::Row;"),
            [("engine-outside-store", 1)]
        );
        assert_eq!(broken("crates/domain/src/case/action.rs", "async fn f() {}"), [("async-below-web", 1)]);
        assert_eq!(broken("crates/store/src/lib.rs", "fn f() { tokio::spawn(g) }"), [("async-below-web", 1)]);
        assert_eq!(broken("crates/web/src/lib.rs", "async fn f() { tokio::spawn(g) }"), []);
        assert_eq!(
            broken("crates/kernel/src/id.rs", "use std::{fmt, fs::File};"),
            [("kernel-input-output", 1)]
        );
        assert_eq!(
            broken("crates/kernel/src/id.rs", "fn f() { std::net::TcpStream::connect(a) }"),
            [("kernel-input-output", 1)]
        );
        let manifest = "[dependencies]\nkernel.workspace = true\nstore = { path = \"../store\" }\n[dev-dependencies]\nstore = \"1\"";
        assert_eq!(broken("crates/web/Cargo.toml", manifest), [("manifest", 3)]);
    }

    #[test]
    fn chinese_stands_in_locales_tests_comments_and_the_demo_only() {
        let text = "// 街道\n/// 网格\nfn f() -> &'static str { \"街道\" }\n#[cfg(test)]\nmod tests { const A: &str = \"社区\"; }";
        let rule = "text-outside-locales";
        assert_eq!(broken("crates/domain/src/case/model.rs", text), [(rule, 3)]);
        assert_eq!(broken("crates/olzii/src/main.rs", text), [(rule, 3)]);
        for file in
            ["crates/olzii/src/demo/names.rs", "crates/web/src/locale.rs", "crates/domain/tests/it/case.rs"]
        {
            assert_eq!(broken(file, text), [], "{file}");
        }
        assert_eq!(broken("crates/web/templates/case/sheet.html", "<p>Report</p>"), [(rule, 1)]);
    }

    #[test]
    fn a_file_that_is_no_rust_is_a_finding() {
        assert_eq!(broken("crates/web/src/lib.rs", "fn f() {\n\"open"), [("no-rust", 2)]);
    }
}
