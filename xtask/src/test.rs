//! `cargo xtask test`: installs what is missing and runs everything, in order, stopping at the first failure.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    forms, install, layers, open311, postgres,
    run::{self, Tally},
    schemathesis, setup, sql, workspace,
};

/// What is left out.
#[derive(clap::Args)]
pub struct Options {
    /// Leave out what needs a browser, a served city or a fault: browser tests, schemathesis, Open311
    /// clients, pyodk, forms beside pyxform and openrosa-xpath-evaluator, faults
    #[arg(long)]
    fast: bool,
    /// Begin at the step whose name starts so: what stood before it has passed already
    #[arg(long, value_name = "STEP")]
    from: Option<String>,
    /// Schemathesis: examples an operation
    #[arg(long, default_value_t = 25)]
    examples: u32,
}

/// A whole `npm test` on two slow cores takes about ten minutes; what takes three times as long hangs.
const NPM_SECONDS_MAX: u64 = 30 * 60;

type Work<'a> = Box<dyn FnOnce() -> Result<(Tally, Result<()>)> + 'a>;

struct Step<'a> {
    name: &'static str,
    work: Work<'a>,
}

pub fn run(options: Options) -> Result<()> {
    let started = Instant::now();
    let mut packages = vec![install::POSTGRESQL];
    if !options.fast {
        packages.extend([install::CHROMIUM, install::CHINESE_FONTS, install::PYTHON_VENV]);
    }
    install::debian_packages(&packages)?;
    setup::web_ui()?;

    let mut steps = steps(&options);
    if let Some(name) = &options.from {
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        let first = names.iter().position(|it| it.starts_with(name.as_str()));
        let first = first.with_context(|| format!("no step {name:?}; there are: {}", names.join(", ")))?;
        steps.drain(..first);
    }
    let count = steps.len();
    let mut total = Tally::default();
    let mut failure = None;
    for (index, step) in steps.into_iter().enumerate() {
        println!("\n[{}/{count}] {}", index + 1, step.name);
        let step_started = Instant::now();
        // A step counts the tests it reports, or itself when it reports none.
        let (tally, outcome) = (step.work)().unwrap_or_else(|error| (Tally::default(), Err(error)));
        let seconds = step_started.elapsed().as_secs_f64();
        total.passed += if tally == Tally::default() { u64::from(outcome.is_ok()) } else { tally.passed };
        total.failed += if outcome.is_err() { tally.failed.max(1) } else { tally.failed };
        println!("[{}/{count}] {}: {}, {seconds:.1} s", index + 1, step.name, verdict(&outcome));
        if let Err(error) = outcome {
            failure = Some(error.context(step.name));
            break;
        }
    }
    if let Some(error) = &failure {
        println!("\nstopped: {error:#}");
    }
    println!("\n{:.0} s in all", started.elapsed().as_secs_f64());
    println!("{} passed, {} failed", total.passed, total.failed);
    match failure {
        Some(_) => std::process::exit(1),
        None => Ok(()),
    }
}

fn steps(options: &Options) -> Vec<Step<'static>> {
    let mut steps = vec![
        cargo("formatting", &["fmt", "--all", "--check"]),
        cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]),
        check("layers", layers::run),
        check("SQL rules", sql::run),
        Step { name: "unit, store and HTTP tests", work: Box::new(rust_tests) },
        cargo(
            "examples in documentation",
            &["test", "--quiet", "--doc", "--package", "tlog", "--package", "pass", "--package", "xform"],
        ),
    ];
    if run::succeeds(workspace::cargo().args(["deny", "--version"])) {
        steps.push(cargo("licences and sources", &["deny", "check"]));
    }
    if has_script("web-ui", "check") {
        steps.push(check("web-ui types", || {
            run::aloud(setup::npm(&workspace::folder("web-ui")?).args(["run", "--silent", "check"]))
        }));
    }
    if has_script("web-ui", "test") {
        steps.push(Step { name: "web-ui tests", work: Box::new(|| npm_test("web-ui")) });
    }
    if !options.fast {
        let examples = options.examples;
        steps.push(Step { name: "browser tests", work: Box::new(|| npm_test("e2e")) });
        steps.push(check("schemathesis", move || {
            let binary = built_binary()?;
            schemathesis::run(&binary, examples)
        }));
        steps.push(check("Open311 clients", || open311::run(&built_binary()?)));
        steps.push(check("forms of pyodk", || forms::pyodk(&built_binary()?)));
        steps.push(check("forms by pyxform", || forms::pyxform(&built_binary()?)));
        steps.push(check("cases of openrosa-xpath-evaluator", forms::xpath));
        steps.push(check("records judged by xforms-engine", forms::engine));
        steps.push(cargo("faults, short form", &["xtask", "faults", "--short"]));
    }
    steps
}

/// All comparisons of forms with what others make of them.
pub fn forms() -> Result<()> {
    install::debian_packages(&[install::CHROMIUM, install::PYTHON_VENV])?;
    forms::pyodk(&built_binary()?)?;
    forms::pyxform(&built_binary()?)?;
    forms::xpath()?;
    forms::engine()
}

fn cargo(name: &'static str, arguments: &'static [&'static str]) -> Step<'static> {
    let work = move || Ok((Tally::default(), run::aloud(workspace::cargo().args(arguments))));
    Step { name, work: Box::new(work) }
}

fn check(name: &'static str, work: impl FnOnce() -> Result<()> + 'static) -> Step<'static> {
    Step { name, work: Box::new(move || Ok((Tally::default(), work()))) }
}

/// All tests of the workspace, the store's on both engines.
fn rust_tests() -> Result<(Tally, Result<()>)> {
    let nextest = install::nextest();
    let cluster = postgres::start(&postgres::Options::default())?;
    let mut command = workspace::cargo();
    if nextest {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast", "--status-level", "slow"]);
    } else {
        command.args(["test", "--workspace", "--no-fail-fast"]);
    }
    run::counted(command.env(postgres::VARIABLE, cluster.url()), Duration::from_secs(40 * 60))
}

/// `npm test` of web-ui or e2e. The browser tests find the binary in OLZII_BIN and Chromium in CHROMIUM.
fn npm_test(name: &str) -> Result<(Tally, Result<()>)> {
    setup::node_packages(name)?;
    let folder = workspace::folder(name)?;
    ensure!(has_script(name, "test"), "{name}/package.json has no script \"test\"");
    let binary = built_binary()?;
    let mut command: Command = setup::npm(&folder);
    command.arg("test").env("OLZII_BIN", binary).env("CHROMIUM", install::CHROMIUM_PATH);
    run::counted(&mut command, Duration::from_secs(NPM_SECONDS_MAX))
}

fn built_binary() -> Result<std::path::PathBuf> {
    run::aloud(workspace::cargo().args(["build", "--quiet", "--package", "olzii"]))?;
    let binary = workspace::root().join("target/debug/olzii");
    ensure!(binary.is_file(), "cargo built no {}", binary.display());
    Ok(binary)
}

fn has_script(folder: &str, script: &str) -> bool {
    let read = || -> Result<bool> {
        let text = fs::read_to_string(workspace::root().join(folder).join("package.json"))
            .context("no package.json")?;
        let package: serde_json::Value = serde_json::from_str(&text)?;
        Ok(package["scripts"][script].is_string())
    };
    read().unwrap_or(false)
}

fn verdict(outcome: &Result<()>) -> &'static str {
    if outcome.is_ok() { "passed" } else { "FAILED" }
}
