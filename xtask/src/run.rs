//! Running other programs: quietly behind a spinner, or aloud while counting the tests they report.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};

/// A spinner with the time passed; invisible where standard error is no terminal.
pub fn spinner(message: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(message.to_owned());
    bar.set_style(ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is fixed"));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Runs `command` behind a spinner. Its output is shown only when it fails.
pub fn quietly(message: &str, command: &mut Command) -> Result<()> {
    let bar = spinner(message);
    if bar.is_hidden() {
        eprintln!("{message}");
    }
    let output = command.stdin(Stdio::null()).output();
    bar.finish_and_clear();
    let output = output.with_context(|| format!("{message}: cannot start {}", name(command)))?;
    if !output.status.success() {
        std::io::stderr().write_all(&output.stdout)?;
        std::io::stderr().write_all(&output.stderr)?;
        bail!("{message}: {} ended with {}", line(command), output.status);
    }
    Ok(())
}

/// True when the program starts and succeeds; its output is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// What a program prints, without the space around it; an error with what it complained of when it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let answer = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {name}"))?;
    let complaint = String::from_utf8_lossy(&answer.stderr);
    ensure!(answer.status.success(), "{name}: {}: {}", answer.status, complaint.trim());
    Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

/// Runs `command` with our own standard streams.
pub fn aloud(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", name(command)))?;
    ensure!(status.success(), "{} ended with {status}", line(command));
    Ok(())
}

/// Tests that passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

/// Runs `command`, hands its output on and counts the tests its closing lines report.
/// Ends it after `limit`. The tally counts also when the run fails: the second value says how.
pub fn counted(command: &mut Command, limit: Duration) -> Result<(Tally, Result<()>)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", name(command)))?;
    let readers = [
        thread::spawn({
            let stream = child.stdout.take().expect("piped above");
            move || pass_on(stream, std::io::stdout())
        }),
        thread::spawn({
            let stream = child.stderr.take().expect("piped above");
            move || pass_on(stream, std::io::stderr())
        }),
    ];
    let started = Instant::now();
    let ended = Arc::new(AtomicBool::new(false));
    let guard = end_after(child.id(), limit, Arc::clone(&ended));
    let status = child.wait()?;
    ended.store(true, Ordering::Relaxed);
    guard.thread().unpark();
    let mut tally = Tally::default();
    for reader in readers {
        let part = reader.join().expect("a reader does not panic");
        tally.passed += part.passed;
        tally.failed += part.failed;
    }
    let outcome = if started.elapsed() >= limit {
        Err(anyhow::anyhow!("{} was ended after {} s", line(command), limit.as_secs()))
    } else if status.success() {
        Ok(())
    } else {
        Err(anyhow::anyhow!("{} ended with {status}", line(command)))
    };
    Ok((tally, outcome))
}

/// Sends TERM to `process` once `limit` has passed and it has not `ended`.
fn end_after(process: u32, limit: Duration, ended: Arc<AtomicBool>) -> thread::JoinHandle<()> {
    let deadline = Instant::now() + limit;
    thread::spawn(move || {
        while !ended.load(Ordering::Relaxed) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                succeeds(Command::new("kill").args(["-TERM", &process.to_string()]));
                return;
            }
            thread::park_timeout(left);
        }
    })
}

fn pass_on(stream: impl Read, mut out: impl Write) -> Tally {
    let mut tally = Tally::default();
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
        let _ = out.write_all(&bytes).and_then(|()| out.flush());
        let part = tally_of(&String::from_utf8_lossy(&bytes));
        tally.passed += part.passed;
        tally.failed += part.failed;
        bytes.clear();
    }
    tally
}

/// Reads the closing lines of cargo nextest (`Summary [1.2s] 3 tests run: 2 passed, 1 failed`), cargo test
/// (`test result: ok. 3 passed; 0 failed`) and node's runner (`# pass 3` or `ℹ pass 3`, and `fail`).
fn tally_of(line: &str) -> Tally {
    let plain = without_colour(line);
    let words: Vec<&str> =
        plain.split_whitespace().map(|word| word.trim_end_matches([',', ';', '.'])).collect();
    let mut tally = Tally::default();
    if words.first() == Some(&"Summary") || plain.trim_start().starts_with("test result:") {
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<u64>() else { continue };
            match pair[1] {
                "passed" => tally.passed += count,
                "failed" => tally.failed += count,
                _ => {}
            }
        }
    } else if let ["#" | "ℹ", kind @ ("pass" | "fail"), count] = words[..] {
        let count = count.parse().unwrap_or(0);
        if kind == "pass" { tally.passed = count } else { tally.failed = count }
    }
    tally
}

fn without_colour(line: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for character in line.chars() {
        match character {
            '\u{1b}' => inside = true,
            'm' if inside => inside = false,
            _ if !inside => plain.push(character),
            _ => {}
        }
    }
    plain
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn line(command: &Command) -> String {
    let parts = std::iter::once(command.get_program()).chain(command.get_args());
    parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_three_runners_are_counted_and_nothing_else() {
        let nextest =
            "\u{1b}[32m     Summary\u{1b}[0m [   1.2s] 7 tests run: 5 passed (1 slow), 2 failed, 3 skipped";
        assert_eq!(tally_of(nextest), Tally { passed: 5, failed: 2 });
        let cargo = "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(tally_of(cargo), Tally { passed: 4, failed: 1 });
        assert_eq!(tally_of("# pass 12"), Tally { passed: 12, failed: 0 });
        assert_eq!(tally_of("ℹ fail 3"), Tally { passed: 0, failed: 3 });
        assert_eq!(tally_of("3 passed the gate, 4 failed"), Tally::default());
    }

    #[test]
    fn a_program_past_its_limit_is_ended_and_says_so() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo '# pass 2'; exec tail -f /dev/null"]);
        let (tally, outcome) = counted(&mut command, Duration::from_millis(300)).unwrap();
        assert_eq!(tally.passed, 2);
        assert!(outcome.unwrap_err().to_string().contains("was ended after"));
    }

    #[test]
    fn a_failing_program_is_an_error_with_its_command_line() {
        let error = quietly("trying", Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(error.to_string().contains("sh -c exit 3"), "{error}");
    }
}
