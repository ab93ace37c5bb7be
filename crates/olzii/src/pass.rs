//! `olzii pass verify`: judges passes from standard input, one a line, and says what each comes to as JSON.

use std::{
    fs,
    io::{self, BufRead, Read, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, bail};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clap::{Args, Subcommand};
use domain::Clock as _;
use pass_format::{
    BUNDLE_BYTES_MAX, Class, Gate, TEXT_BYTES_MAX, Verifier,
    hcert::{self, Certificate, Signer},
};
use serde_json::{Value, json};

use crate::world::MachineClock;

/// Bytes of a file of certificates: more than any list of signers has.
const CERTIFICATES_BYTES_MAX: u64 = 16 * 1024 * 1024;
const REFUSED: u8 = 1;
const NOT_CHECKED: u8 = 2;

#[derive(Subcommand)]
pub enum PassCommand {
    /// Judge passes, one base45 text a line, and print one JSON a line. Ends with 0 if all are accepted, 1 if not, 2 if
    /// they could not be judged.
    Verify(VerifyArguments),
}

#[derive(Args, Clone, Debug)]
pub struct VerifyArguments {
    /// The bundle of a city, as `/pass/bundle` serves it; with --hcert certificates of signers, in PEM or one in base64 a
    /// line.
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// The lines are EU certificates (`HC1:`).
    #[arg(long)]
    hcert: bool,
    /// The class of checkpoint: its bit, or the name that the regime has for it. Without it any will do.
    #[arg(long, value_name = "BIT_OR_NAME", conflicts_with = "hcert")]
    scope: Option<String>,
    /// The number of the regime whose checkpoint it is: passes of another do not open it. Without it any will do.
    #[arg(long, value_name = "NUMBER", conflicts_with = "hcert")]
    regime: Option<u16>,
    /// Judge as of this moment, in seconds since 1970, in place of now.
    #[arg(long, value_name = "SECONDS")]
    at: Option<u32>,
}

pub fn run(command: PassCommand) -> ExitCode {
    let PassCommand::Verify(arguments) = command;
    match verify(&arguments, &mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(Some(true)) => ExitCode::SUCCESS,
        Ok(Some(false)) => REFUSED.into(),
        Ok(None) => {
            eprintln!("error: no code was given: one base45 text a line is read from standard input");
            NOT_CHECKED.into()
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            NOT_CHECKED.into()
        }
    }
}

/// Whether all lines were accepted; none if there was no line.
fn verify(
    arguments: &VerifyArguments,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> anyhow::Result<Option<bool>> {
    let judge = Judge::load(arguments)?;
    let mut all = true;
    let mut number = 0_u64;
    while let Some(line) = next_line(input, judge.line_bytes_max())? {
        number += 1;
        let mut answer = judge.answer(&line);
        all &= answer["answer"] == "green";
        answer["line"] = number.into();
        writeln!(out, "{answer}")?;
    }
    out.flush()?;
    Ok((number > 0).then_some(all))
}

/// A line without its end, cut off a byte beyond the limit: what is longer is refused as that, and never held.
fn next_line(input: &mut dyn BufRead, bytes_max: usize) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let limit = bytes_max as u64 + 2;
    if input.take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') && line.len() as u64 == limit {
        skip_line(input)?;
    }
    let text = String::from_utf8_lossy(&line);
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let (used, is_end) = match input.fill_buf()? {
            [] => return Ok(()),
            bytes => match bytes.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (bytes.len(), false),
            },
        };
        input.consume(used);
        if is_end {
            return Ok(());
        }
    }
}

enum Judge {
    Passes { verifier: Box<Verifier>, scope: Option<String>, regime: Option<u16>, now: u64 },
    Certificates { signers: Vec<Signer>, now: i64 },
}

impl Judge {
    fn load(arguments: &VerifyArguments) -> anyhow::Result<Self> {
        let now = arguments.at.map_or_else(|| MachineClock.now().micros() / 1_000_000, i64::from);
        let shown = arguments.keys.display();
        let most = if arguments.hcert { CERTIFICATES_BYTES_MAX } else { BUNDLE_BYTES_MAX as u64 };
        let file = fs::File::open(&arguments.keys).with_context(|| format!("cannot read {shown}"))?;
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {shown}"))?;
        if bytes.len() as u64 > most {
            bail!("{shown} is larger than {most} bytes: it cannot be a file of keys");
        }
        if arguments.hcert {
            let text = String::from_utf8(bytes).with_context(|| format!("{shown} is no text"))?;
            let signers = signers(&text).with_context(|| shown.to_string())?;
            return Ok(Self::Certificates { signers, now });
        }
        let verifier =
            Verifier::load(&bytes, None).with_context(|| format!("{shown} is no bundle of a city"))?;
        let now = u64::try_from(now).unwrap_or(0);
        let (verifier, scope) = (Box::new(verifier), arguments.scope.clone());
        Ok(Self::Passes { verifier, scope, regime: arguments.regime, now })
    }

    fn line_bytes_max(&self) -> usize {
        match self {
            Self::Passes { .. } => TEXT_BYTES_MAX,
            Self::Certificates { .. } => hcert::TEXT_BYTES_MAX,
        }
    }

    fn answer(&self, text: &str) -> Value {
        match self {
            Self::Passes { verifier, scope, regime, now } => {
                let class = match scope.as_deref() {
                    None => Class::Any,
                    Some(scope) => scope.parse().map_or(Class::Named(scope), Class::Bit),
                };
                of_pass(verifier, Gate { regime: *regime, class }, *now, text)
            }
            Self::Certificates { signers, now } => of_certificate(signers, *now, text),
        }
    }
}

fn of_pass(verifier: &Verifier, gate: Gate<'_>, now: u64, text: &str) -> Value {
    match verifier.check(text, gate, now) {
        Ok(it) => json!({
            "answer": "green",
            "code": "accepted",
            "regime": it.pass.regime,
            "order": it.regime.title,
            "office": it.key.office,
            "expires": it.pass.expires,
        }),
        Err(refusal) => json!({
            "answer": if refusal.is_cannot_tell() { "yellow" } else { "red" },
            "code": refusal.code(),
            "reason": refusal.to_string(),
        }),
    }
}

/// What it is about, by whom and until when: of its bearer nothing is printed.
fn of_certificate(signers: &[Signer], now: i64, text: &str) -> Value {
    let judged = Certificate::parse(text).and_then(|it| it.verify(signers, now).map(|_| it.clone()));
    match judged {
        Ok(it) => json!({
            "answer": "green",
            "code": "accepted",
            "kind": it.kind().map(|kind| format!("{kind:?}").to_lowercase()),
            "issuer": it.issuer,
            "expires": it.expires,
        }),
        Err(error) => json!({ "answer": "red", "code": "refused", "reason": error.to_string() }),
    }
}

/// Certificates in PEM, or each in base64 on a line of its own.
fn signers(text: &str) -> anyhow::Result<Vec<Signer>> {
    let mut found = Vec::new();
    let mut block: Option<String> = None;
    let mut add = |number: usize, base64: &str| -> anyhow::Result<()> {
        let der = BASE64_STANDARD.decode(base64).with_context(|| format!("line {number} is no base64"))?;
        let signer =
            Signer::from_der(&der).with_context(|| format!("the certificate before line {number}"))?;
        found.push(signer);
        Ok(())
    };
    for (index, line) in text.lines().map(str::trim).enumerate() {
        match (&mut block, line) {
            (None, line) if line.starts_with("-----BEGIN") => block = Some(String::new()),
            (Some(base64), line) if line.starts_with("-----END") => {
                add(index + 1, base64)?;
                block = None;
            }
            (Some(base64), line) => base64.push_str(line),
            (None, "") => {}
            (None, line) => add(index + 1, line)?,
        }
    }
    if block.is_some() || found.is_empty() {
        bail!("no certificate, or one without its end: PEM or base64 is expected");
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const PASSES: &str = include_str!("../../../data/vectors/pass.json");
    const CERTIFICATES: &str = include_str!("../../../data/vectors/hcert.json");

    fn arguments(keys: PathBuf, at: u32, hcert: bool, scope: Option<&str>) -> VerifyArguments {
        VerifyArguments { keys, hcert, scope: scope.map(str::to_owned), regime: None, at: Some(at) }
    }

    fn run(arguments: &VerifyArguments, input: &[u8]) -> (bool, Vec<Value>) {
        let mut out = Vec::new();
        let all = verify(arguments, &mut &*input, &mut out).unwrap().expect("a line was given");
        let lines = String::from_utf8(out).unwrap();
        (all, lines.lines().map(|it| serde_json::from_str(it).unwrap()).collect())
    }

    fn file(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
        let path = folder.path().join("keys");
        fs::write(&path, bytes).unwrap();
        path
    }

    #[test]
    fn a_scanner_that_read_nothing_opens_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let vectors: Value = serde_json::from_str(PASSES).unwrap();
        let keys = file(&folder, &BASE64_STANDARD.decode(vectors["bundle"].as_str().unwrap()).unwrap());
        let answer = verify(&arguments(keys, 0, false, None), &mut &b""[..], &mut Vec::new());
        assert_eq!(answer.unwrap(), None);
    }

    #[test]
    fn each_line_is_answered_as_the_vectors_have_it() {
        let folder = tempfile::tempdir().unwrap();
        let vectors: Value = serde_json::from_str(PASSES).unwrap();
        let keys = file(&folder, &BASE64_STANDARD.decode(vectors["bundle"].as_str().unwrap()).unwrap());
        let mut count = 0;
        for case in vectors["cases"].as_array().unwrap() {
            let (text, now) = (case["text"].as_str().unwrap(), case["now"].as_u64().unwrap());
            let class = case["class"].to_string();
            let regime = case["regime"].as_u64().map(|it| u16::try_from(it).unwrap());
            let arguments = VerifyArguments {
                regime,
                ..arguments(keys.clone(), u32::try_from(now).unwrap(), false, Some(&class))
            };
            let (all, lines) = run(&arguments, format!("{text}\n").as_bytes());
            assert_eq!(lines[0]["code"], case["code"], "{}", case["name"]);
            assert_eq!(all, case["code"] == "accepted");
            assert_eq!(lines[0]["answer"] == "yellow", case["cannot_tell"].as_bool().unwrap());
            count += 1;
        }
        assert!(count > 40);
    }

    #[test]
    fn lines_are_bounded_and_one_that_is_too_long_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let vectors: Value = serde_json::from_str(PASSES).unwrap();
        let keys = file(&folder, &BASE64_STANDARD.decode(vectors["bundle"].as_str().unwrap()).unwrap());
        let good = vectors["cases"][0]["text"].as_str().unwrap();
        let named = arguments(keys.clone(), 1_800_000_000, false, Some("compound"));
        let input = format!("{good}\r\n{good}{}\n\n{good}\nx\u{e9}\n{good}", "0".repeat(3_000_000));
        let (all, lines) = run(&named, input.as_bytes());
        let codes: Vec<_> = lines.iter().map(|it| it["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["accepted", "prefix", "prefix", "accepted", "prefix", "accepted"]);
        assert_eq!((all, lines[5]["line"].as_u64()), (false, Some(6)));
        let shop = arguments(keys, 1_800_000_000, false, Some("shop"));
        assert_eq!(run(&shop, good.as_bytes()).1[0]["code"], "scope");
        let elsewhere = VerifyArguments { regime: Some(13), ..named };
        let told = &run(&elsewhere, good.as_bytes()).1[0];
        assert_eq!(told["code"], "other-regime");
        assert!(told["reason"].as_str().unwrap().contains("Flood, old town"), "{told}");
    }

    #[test]
    fn keys_that_are_none_are_told_and_nothing_is_judged() {
        let folder = tempfile::tempdir().unwrap();
        let told = |arguments: &VerifyArguments| {
            let error = verify(arguments, &mut &b"x"[..], &mut Vec::new()).unwrap_err();
            format!("{error:#}")
        };
        let keys = file(&folder, b"nothing");
        assert!(told(&arguments(keys.clone(), 0, false, None)).contains("is no bundle of a city"));
        assert!(told(&arguments(keys, 0, true, None)).contains("line 1 is no base64"));
        assert!(told(&arguments(file(&folder, b"\n"), 0, true, None)).contains("no certificate"));
        assert!(told(&arguments(folder.path().join("absent"), 0, false, None)).contains("cannot read"));
    }

    #[test]
    fn certificates_of_the_eu_are_judged_by_the_signers_given() {
        let folder = tempfile::tempdir().unwrap();
        let vectors: Value = serde_json::from_str(CERTIFICATES).unwrap();
        let readable = |der: &&Value| {
            let der = BASE64_STANDARD.decode(der.as_str().unwrap()).unwrap();
            Signer::from_der(&der).is_ok()
        };
        let certificates = vectors["certificates"].as_object().unwrap().values().filter(readable);
        let pem = |(index, der): (usize, &Value)| match index % 2 {
            0 => format!("{}\n", der.as_str().unwrap()),
            _ => {
                format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", der.as_str().unwrap())
            }
        };
        let keys: String = certificates.enumerate().map(pem).collect();
        let keys = file(&folder, keys.as_bytes());
        let of =
            |name: &str| vectors["cases"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap();
        let text = of("DE/1")["text"].as_str().unwrap();
        // Within its time, and years after.
        let (all, lines) = run(&arguments(keys.clone(), 1_622_570_400, true, None), text.as_bytes());
        assert!(all && lines[0]["kind"] == "vaccination", "{lines:?}");
        let (all, lines) = run(&arguments(keys, 1_900_000_000, true, None), text.as_bytes());
        assert!(!all && lines[0]["reason"].as_str().unwrap().contains("ended"), "{lines:?}");
    }
}
