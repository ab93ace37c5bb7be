//! Forms beside what others make of them: spreadsheets by pyxform, expressions by
//! openrosa-xpath-evaluator, records by the engine of ODK's web forms.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{install, run, served_city::ServedCity, workspace};

const PYXFORM_SCRIPT: &str = include_str!("forms_pyxform.py");
const PYODK_SCRIPT: &str = include_str!("forms_pyodk.py");
const ENGINE_SCRIPT: &str = include_str!("forms_engine.mjs");
const XPATH_SCRIPT: &str = include_str!("forms_xpath.mjs");

/// The evaluator whose cases are replayed, and what its tests need to run in a browser.
const XPATH_PACKAGES: [&str; 7] = [
    "openrosa-xpath-evaluator@3.1.0",
    "mocha@11.8.0",
    "chai@4.5.0",
    "lodash@4.18.1",
    "node-forge@1.4.3",
    "esbuild@0.25.12",
    "playwright-core@1.65.1",
];

/// The engine of ODK's web forms, and the document that it wants around it.
const ENGINE_PACKAGES: [&str; 2] = ["@getodk/xforms-engine@0.22.0", "jsdom@26.1.0"];
/// Records that it judges.
const ENGINE_RECORDS: &str = "1000";

/// Converts the sample sheets with pyxform and with ours.
pub fn pyxform(binary: &Path) -> Result<()> {
    let python = install::pyxform()?;
    let script = written("target/forms_pyxform.py", PYXFORM_SCRIPT)?;
    let samples = workspace::root().join("crates/protocol/xform/tests/forms");
    let work = workspace::root().join("target/forms");
    run::aloud(Command::new(python).arg(script).arg(binary).args([samples, work]))
}

/// Publishes forms in a served city, and sends and judges records, with a client of ODK Central.
pub fn pyodk(binary: &Path) -> Result<()> {
    let python = install::pyodk()?;
    let city = ServedCity::start(binary, "pyodk")?;
    let script = written("target/forms_pyodk.py", PYODK_SCRIPT)?;
    let mut client = Command::new(python);
    client
        .arg(script)
        .arg(city.base())
        .args(city.login("leader")?)
        .arg(workspace::root().join("target/pyodk"));
    run::aloud(&mut client).with_context(|| format!("the server's last lines:\n{}", city.log()))
}

/// Records the cases of openrosa-xpath-evaluator in Chromium and replays them.
pub fn xpath() -> Result<()> {
    let folder = workspace::root().join("target/xpath-cases");
    install::node_packages_of(&folder, &XPATH_PACKAGES)?;
    written("target/xpath-cases/record.mjs", XPATH_SCRIPT)?;
    let recording = folder.join("cases.jsonl");
    let mut record = Command::new("node");
    record.current_dir(&folder).args(["record.mjs", "node_modules/openrosa-xpath-evaluator"]);
    run::aloud(record.arg(&recording).arg(install::CHROMIUM_PATH))?;
    compare("suite::", "OLZII_XPATH_CASES", &recording)
}

/// Has the engine of ODK's web forms judge random records, and judges them too.
pub fn engine() -> Result<()> {
    let folder = workspace::root().join("target/xforms-engine");
    install::node_packages_of(&folder, &ENGINE_PACKAGES)?;
    written("target/xforms-engine/judge.mjs", ENGINE_SCRIPT)?;
    let form = workspace::root().join("crates/protocol/xform/tests/forms/village_annual.xml");
    let records = folder.join("records.jsonl");
    let mut judge = Command::new("node");
    judge.current_dir(&folder).arg("judge.mjs").arg(form).arg(&records).arg(ENGINE_RECORDS);
    run::aloud(&mut judge)?;
    compare("engine::", "OLZII_ENGINE_RECORDS", &records)
}

/// Runs the tests of this name with what others answered.
fn compare(tests: &str, variable: &str, answers: &Path) -> Result<()> {
    let mut test = workspace::cargo();
    test.args(["test", "--quiet", "--package", "xform", "--test", "it", tests]);
    test.args(["--", "--ignored", "--nocapture"]);
    run::aloud(test.env(variable, answers))
}

fn written(path: &str, text: &str) -> Result<PathBuf> {
    let path = workspace::root().join(path);
    fs::write(&path, text).with_context(|| path.display().to_string())?;
    Ok(path)
}
