//! `cargo xtask fuzz`: libFuzzer on the readers of what strangers send, from seeds that the repository has.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{run, workspace};

/// Targets, and the files whose texts (of JSON) or contents they begin with.
const TARGETS: [(&str, &[&str]); 7] = [
    ("log", &["data/vectors/tlog-proof.json", "data/vectors/tessera-log.json"]),
    ("pass", &["data/vectors/pass.json"]),
    ("bundle", &[]),
    ("certificate", &["data/vectors/hcert.json"]),
    ("form", &["crates/protocol/xform/tests/forms/village_annual.xml", "data/demo/winter-supply.xml"]),
    ("expression", &[]),
    ("workbook", &[]),
];
/// Shorter texts of a file are names and numbers.
const SEED_CHARS_MIN: usize = 20;
/// One input may take so long and so much, or it is a finding.
const INPUT_SECONDS_MAX: u32 = 10;
const MEMORY_MB_MAX: u32 = 2_048;
const INPUT_BYTES_MAX: u32 = 16_384;

#[derive(clap::Args)]
pub struct Options {
    /// Only these targets
    targets: Vec<String>,
    /// Seconds for each
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

pub fn run(options: Options) -> Result<()> {
    let folder = workspace::folder("fuzz")?;
    let has_fuzz = run::succeeds(Command::new("cargo").args(["+nightly", "fuzz", "--version"]));
    ensure!(
        has_fuzz,
        "this needs a nightly toolchain (rustup) and cargo-fuzz (cargo install --locked cargo-fuzz)"
    );
    for (target, seeds) in TARGETS {
        if !options.targets.is_empty() && !options.targets.iter().any(|it| it == target) {
            continue;
        }
        let corpus = folder.join("corpus").join(target);
        fs::create_dir_all(&corpus).with_context(|| corpus.display().to_string())?;
        for (number, seed) in seeds.iter().enumerate() {
            sow(&workspace::root().join(seed), &corpus, number)?;
        }
        println!("\n{target}, {} s", options.seconds);
        let mut command = Command::new("cargo");
        command.current_dir(&folder).args(["+nightly", "fuzz", "run", target, "--"]).args([
            format!("-max_total_time={}", options.seconds),
            format!("-timeout={INPUT_SECONDS_MAX}"),
            format!("-rss_limit_mb={MEMORY_MB_MAX}"),
            format!("-max_len={INPUT_BYTES_MAX}"),
        ]);
        run::aloud(&mut command)?;
    }
    Ok(())
}

/// The texts of a JSON file, or the whole of another one, as files of a corpus.
fn sow(seed: &Path, corpus: &Path, number: usize) -> Result<()> {
    let bytes = fs::read(seed).with_context(|| seed.display().to_string())?;
    let mut found = Vec::new();
    match seed.extension().is_some_and(|it| it == "json") {
        true => texts(&serde_json::from_slice(&bytes)?, &mut found),
        false => found.push(String::from_utf8(bytes)?),
    }
    for (index, text) in found.iter().enumerate() {
        fs::write(corpus.join(format!("seed-{number}-{index}")), text)?;
    }
    Ok(())
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.chars().count() >= SEED_CHARS_MIN => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|it| texts(it, found)),
        Value::Object(items) => items.values().for_each(|it| texts(it, found)),
        _ => {}
    }
}
