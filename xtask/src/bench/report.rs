//! What was measured, as text for people: printed as it comes, and kept in docs/evidence/performance.md.

use std::{fmt::Write as _, fs};

use anyhow::{Context, Result};

use super::{
    load::{Run, quantile_ms},
    machine,
};
use crate::workspace;

const PAGE: &str = "docs/evidence/performance.md";
/// Written by hand below the figures of a section, and kept when these are renewed.
const BY_HAND: &str = "### Why";

const HEAD: &str = "\
# Performance

Written by `cargo xtask bench … --write`, which builds the release binary, makes a demo city, serves it over
loopback and measures it; a section is renewed by its own measurement, and what stands under “Why” is by hand.

How it is measured:

- Server and load generator share the machine named in each section. The generator is one thread a client with a
  kept-alive HTTP/1.1 connection; how many cores it took stands beside those of the server.
- Every answer must be 2xx, and each case that is read back must be the one that was written, at the stage it
  should be at; anything else ends the run. A write is answered after it is on stable storage: SQLite in WAL mode
  with synchronous FULL, PostgreSQL as installed, with fsync and synchronous_commit on.
- A run warms up for 2 s and counts for the time named. Each is made as often as named; the figures are those of the
  run with the median rate, the lowest and highest rate stand in brackets.
- “Clients” is a closed loop: so many at once, each waits for its answer, none pauses. “Arrivals” is an open loop:
  Poisson arrivals at a fixed rate, sent whatever comes back, each time counted from the planned moment, so that a
  stall shows in all that waited for it. A run is void when the generator itself was late by over 10 ms at its p99.
- Rates stand beside the physical limit taken on the same disk in the same run: one connection that inserts one small
  row a commit and waits for the disk each time. Writers that wait together share a sync, which is how a rate of
  durable writes can pass that of bare commits.
";

/// One measurement's part of the page.
pub struct Section {
    title: &'static str,
    body: String,
}

impl Section {
    /// `engines` are names with versions.
    pub fn new(title: &'static str, engines: &[String]) -> Result<Self> {
        let mut section = Self { title, body: String::new() };
        section.line(&format!(
            "Measured {} at {}. {}; {}.",
            machine::today()?,
            machine::commit()?,
            machine::describe()?,
            engines.join(", ")
        ));
        Ok(section)
    }

    /// A paragraph.
    pub fn line(&mut self, text: &str) {
        println!("{text}\n");
        let _ = writeln!(self.body, "{text}\n");
    }

    /// A table whose cells after the first are figures.
    pub fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let mut text = format!("| {} |\n|---|{}\n", head.join(" | "), "---:|".repeat(head.len() - 1));
        for row in rows {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        println!("{text}");
        let _ = writeln!(self.body, "{text}");
    }

    /// Says what was aimed at and whether it was reached; `least` means that more is better.
    pub fn aim(&mut self, what: &str, figure: f64, aim: f64, unit: &str, least: bool) {
        let reached = if least { figure >= aim } else { figure <= aim };
        let word = if least { "at least" } else { "at most" };
        let verdict = match reached {
            true => "reached".to_owned(),
            false if least => format!("**missed: {:.0} % of it**", figure / aim * 100.0),
            false => format!("**missed: {:.1} times as much**", figure / aim),
        };
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        self.line(&format!(
            "Aim: {what} {word} {}{unit}; measured {}: {verdict}.",
            figure_text(aim),
            figure_text(figure)
        ));
    }
}

/// A figure with as many decimals as it deserves.
pub fn figure_text(figure: f64) -> String {
    match figure.abs() {
        100.0.. => {
            let digits = format!("{figure:.0}");
            let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
            let groups: Vec<&str> = digits
                .as_bytes()
                .rchunks(3)
                .rev()
                .map(|it| std::str::from_utf8(it).unwrap_or_default())
                .collect();
            format!("{sign}{}", groups.join(","))
        }
        size if size >= 10.0 => format!("{figure:.1}"),
        _ if figure.fract() == 0.0 => format!("{figure:.0}"),
        _ => format!("{figure:.2}"),
    }
}

pub fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}

/// Rate with its spread, p50, p99, and what it took: the cells for [`RUN_HEAD`].
pub fn run_cells((run, low, high): &(Run, f64, f64)) -> Vec<String> {
    vec![
        format!("{} ({}–{})", figure_text(run.rate), figure_text(*low), figure_text(*high)),
        figure_text(quantile_ms(&run.whole, 0.5)),
        figure_text(quantile_ms(&run.whole, 0.99)),
        format!("{:.2} / {:.2} / {:.2}", run.server_cores, run.generator_cores, run.machine_cores),
        figure_text(run.server_cores / run.rate * 1_000.0),
        megabytes(run.resident),
    ]
}

pub const RUN_HEAD: [&str; 6] = [
    "per second",
    "p50 ms",
    "p99 ms",
    "cores: server / generator / all",
    "server's core ms each",
    "server's memory",
];

/// Puts the sections into the page in the place of their forerunners; what was written by hand stays.
pub fn write(sections: &[Section]) -> Result<()> {
    let path = workspace::root().join(PAGE);
    let old = fs::read_to_string(&path).unwrap_or_default();
    let mut page = pieces(&old);
    for section in sections {
        let by_hand = page
            .iter()
            .find(|(title, _)| title == section.title)
            .and_then(|(_, body)| body.find(BY_HAND).map(|at| body[at..].to_owned()));
        let body = format!("{}{}", section.body, by_hand.unwrap_or_default());
        match page.iter_mut().find(|(title, _)| title == section.title) {
            Some((_, old)) => *old = body,
            None => page.push((section.title.to_owned(), body)),
        }
    }
    let mut text = HEAD.to_owned();
    for (title, body) in page {
        let _ = write!(text, "\n## {title}\n\n{}\n", body.trim());
    }
    fs::create_dir_all(path.parent().context("it lies in a folder")?)?;
    fs::write(&path, text).with_context(|| path.display().to_string())?;
    println!("written to {PAGE}");
    Ok(())
}

/// Title and text of each `## ` section.
fn pieces(page: &str) -> Vec<(String, String)> {
    let mut pieces: Vec<(String, String)> = Vec::new();
    for line in page.lines() {
        match (line.strip_prefix("## "), pieces.last_mut()) {
            (Some(title), _) => pieces.push((title.to_owned(), String::new())),
            (None, Some((_, body))) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_falls_into_its_sections_and_figures_read_well() {
        let page = "# P\nintro\n## Areas\nold\n### Why\nbecause\n## Start\nx\n";
        let found = pieces(page);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].0, "Areas");
        assert!(found[0].1.contains("### Why\nbecause"), "a smaller heading stays inside");
        assert_eq!(figure_text(1_234_567.8), "1,234,568");
        assert_eq!(figure_text(999.6), "1,000");
        assert_eq!(figure_text(12.345), "12.3");
        assert_eq!(figure_text(0.126), "0.13");
        assert_eq!(figure_text(0.0), "0");
    }
}
