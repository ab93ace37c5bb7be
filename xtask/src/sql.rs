//! `cargo xtask sql`: every SQL text against the house rules that let one text serve both engines, and keep the
//! way open to a cluster (ARCHITECTURE.md, "Two engines, one SQL text").

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{
    finding::{self, Finding},
    layers, rust_source,
    sql_schema::Schema,
    sql_text, sql_words, workspace,
};

pub const REGISTER: &str = "crates/store/privacy.toml";

/// What privacy.toml says that matters here: which tables there are, how they are spread, and their columns.
#[derive(Debug, Deserialize)]
pub struct Register {
    pub table: BTreeMap<String, RegisteredTable>,
}

#[derive(Debug, Deserialize)]
pub struct RegisteredTable {
    pub distribution: Distribution,
    #[serde(default)]
    pub columns: Vec<String>,
    #[serde(default)]
    pub personal: BTreeMap<String, toml::Value>,
}

/// How a table lies in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Whole on every node.
    Reference,
    /// Divided by county_id, which comes first in its key.
    County,
}

pub fn run() -> Result<()> {
    let store = workspace::folder("crates/store")?;
    let (_, register) = workspace::read(&store.join("privacy.toml"))?;
    let register: Register =
        toml::from_str(&register).with_context(|| format!("{REGISTER} is not readable"))?;
    let mut migrations = Vec::new();
    for path in workspace::files(&store.join("migrations"), &[])? {
        migrations.push(workspace::read(&path)?);
    }
    let mut sources = Vec::new();
    let domain = workspace::folder("crates/domain/src")?;
    for path in workspace::files(&domain, &[])?.into_iter().chain(workspace::files(&store.join("src"), &[])?)
    {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let (file, text) = workspace::read(&path)?;
            if file.starts_with("crates/store/src/") || layers::is_room_store(&file) {
                sources.push((file, text));
            }
        }
    }
    let tests = rust_source::test_files(&sources);
    sources.retain(|(file, _)| !tests.iter().any(|test| file.starts_with(test.as_str())));
    let (findings, texts) = check(&register, &migrations, &sources);
    finding::report(findings, &format!("SQL: {} migrations, {texts} texts", migrations.len()))
}

/// The broken rules in `(file, text)` pairs, and how many SQL texts the Rust sources hold.
fn check(
    register: &Register,
    migrations: &[(String, String)],
    sources: &[(String, String)],
) -> (Vec<Finding>, usize) {
    let mut findings = Vec::new();
    let mut schema = Schema::default();
    for (file, text) in migrations {
        let pieces = sql_text::pieces(text, 1);
        findings.extend(sql_words::check(file, &pieces));
        findings.extend(schema.apply(file, &pieces, Some(register)));
    }
    findings.extend(schema.check_register(register));
    let mut count = 0;
    for (file, text) in sources {
        let source = match rust_source::read(text) {
            Ok(source) => source,
            Err((line, error)) => {
                findings.push(Finding::new(file, line, "no-rust", error));
                continue;
            }
        };
        for text in source.texts.iter().filter(|text| sql_text::is_sql(&text.value)) {
            count += 1;
            let pieces = sql_text::pieces(&text.value, text.line);
            findings.extend(sql_words::check(file, &pieces));
            // A table made by code is the store's own book-keeping: only its types are checked.
            findings.extend(Schema::default().apply(file, &pieces, None));
        }
    }
    (findings, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTER_TEXT: &str = r#"
        [table.area]
        distribution = "reference"
        columns = ["id", "code"]
        [table.person]
        distribution = "county"
        columns = ["county_id", "id"]
        [table.person.personal]
        name = { purpose = "to address the person", retention = "permanent" }
    "#;
    const AREA: &str = "CREATE TABLE area (id UUID PRIMARY KEY, code TEXT COLLATE \"C\" NOT NULL);
        CREATE UNIQUE INDEX area_code ON area (code);\n";
    const PERSON: &str =
        "CREATE TABLE person (county_id UUID, id UUID, name TEXT, PRIMARY KEY (county_id, id));\n";

    fn rules(migration: &str, source: &str) -> Vec<&'static str> {
        let register = toml::from_str(REGISTER_TEXT).unwrap();
        let migrations = [("0001.sql".to_owned(), migration.to_owned())];
        let sources = [("store.rs".to_owned(), source.to_owned())];
        check(&register, &migrations, &sources).0.into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn the_house_subset_is_clean() {
        let source = r#"
            // SELECT NOW() in a comment is no SQL text
            const LIST: &str = "SELECT CAST(COALESCE(SUM(x), 0) AS BIGINT) FROM area WHERE path >= $1 AND path < $2
                AND code <> 'LIKE' ORDER BY code COLLATE \"C\" LIMIT $3";
            const ADD: &str = "INSERT INTO person (county_id, id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id";
            #[cfg(test)] mod tests { const FREE: &str = "SELECT NOW()"; }
        "#;
        assert_eq!(rules(&[AREA, PERSON].concat(), source), [""; 0]);
    }

    #[test]
    fn a_broken_text_in_a_migration_and_in_code_is_found_at_its_line() {
        let register = toml::from_str(REGISTER_TEXT).unwrap();
        let migrations =
            [("0001.sql".to_owned(), [AREA, PERSON, "DELETE FROM area WHERE code LIKE 'x';"].concat())];
        let sources = [("store.rs".to_owned(), "\n\nconst A: &str = \"SELECT NOW()\";".to_owned())];
        let (findings, count) = check(&register, &migrations, &sources);
        let places: Vec<_> =
            findings.iter().map(|finding| (finding.file.as_str(), finding.line, finding.rule)).collect();
        assert_eq!(places, [("0001.sql", 4, "pattern"), ("store.rs", 3, "clock")]);
        assert_eq!(count, 1);
    }

    #[test]
    fn tables_and_register_must_agree() {
        let without_name = PERSON.replace("name TEXT, ", "");
        assert_eq!(rules(&[AREA, &without_name].concat(), ""), ["register"], "an entry without a column");
        let with_phone = PERSON.replace("name TEXT", "name TEXT, phone TEXT");
        assert_eq!(rules(&[AREA, &with_phone].concat(), ""), ["register"], "a column without an entry");
        let with_case = "CREATE TABLE case_file (county_id UUID PRIMARY KEY);";
        assert_eq!(rules(&[AREA, PERSON, with_case].concat(), ""), ["register"], "a table without an entry");
        assert_eq!(rules(AREA, ""), ["register"], "an entry without a table");
        let added =
            "ALTER TABLE person ADD COLUMN phone TEXT; ALTER TABLE person RENAME COLUMN phone TO telephone;";
        let dropped = "ALTER TABLE person DROP COLUMN telephone;";
        assert_eq!(rules(&[AREA, PERSON, added].concat(), ""), ["register"]);
        assert_eq!(rules(&[AREA, PERSON, added, dropped].concat(), ""), [""; 0]);
    }

    #[test]
    fn keys_begin_with_the_county_and_ordered_text_is_in_byte_order() {
        let person = |from: &str, to: &str| rules(&[AREA, &PERSON.replace(from, to)].concat(), "");
        assert_eq!(person("(county_id, id)", "(id, county_id)"), ["county-first"]);
        assert_eq!(person(", PRIMARY KEY (county_id, id)", ""), ["county-first"]);
        assert_eq!(person("id UUID, name", "id UUID UNIQUE, name"), ["county-first"]);
        assert_eq!(person("PRIMARY KEY (county_id, id)", "PRIMARY KEY (county_id, name)"), ["collation"]);
        let index = "CREATE INDEX person_name ON person (county_id, name);";
        assert_eq!(rules(&[AREA, PERSON, index].concat(), ""), ["collation"]);
        let unique = "CREATE UNIQUE INDEX person_id ON person (id);";
        assert_eq!(rules(&[AREA, PERSON, unique].concat(), ""), ["county-first"]);
    }

    #[test]
    fn columns_have_the_types_that_both_engines_share() {
        for kind in ["INTEGER", "TIMESTAMP", "JSONB", "VARCHAR(20)", "REAL", "DOUBLE", ""] {
            assert_eq!(
                rules(&[AREA, &PERSON.replace("name TEXT", &format!("name {kind}"))].concat(), ""),
                ["type"],
                "{kind}"
            );
        }
        for kind in ["BIGINT", "BOOLEAN NOT NULL", "BYTEA", "DOUBLE PRECISION", "UUID"] {
            assert_eq!(
                rules(&[AREA, &PERSON.replace("name TEXT", &format!("name {kind}"))].concat(), ""),
                [""; 0],
                "{kind}"
            );
        }
        let code =
            "const CREATE: &str = \"CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY)\";";
        assert_eq!(rules(&[AREA, PERSON].concat(), code), ["type"]);
    }
}
