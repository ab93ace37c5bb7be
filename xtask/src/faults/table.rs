//! The figures of each run, as they are printed and written down.

use std::time::Duration;

/// The figures of one fault on one engine.
#[derive(Clone, Debug)]
pub struct Row {
    pub fault: &'static str,
    pub engine: &'static str,
    /// A positive control: it must lose.
    pub control: bool,
    pub cycles: u64,
    pub attempted: usize,
    /// At the first try.
    pub acknowledged: usize,
    /// Without an answer at first, and sent again with the same id.
    pub sent_again: usize,
    pub lost: usize,
    pub invented: usize,
    pub twice: usize,
    /// What doctor found, and what else was not as it should be.
    pub wrong: Vec<String>,
    pub took: Duration,
    /// What else is worth knowing, such as how often the fault was met.
    pub note: String,
}

impl Row {
    /// Nothing lost, invented, twice or wrong; a control must have lost.
    pub fn is_good(&self) -> bool {
        match self.control {
            true => self.lost > 0,
            false => self.lost + self.invented + self.twice == 0 && self.wrong.is_empty(),
        }
    }

    fn verdict(&self) -> &'static str {
        match (self.control, self.is_good()) {
            (false, true) => "good",
            (true, true) => "loses, as it must",
            (true, false) => "BLIND: it must lose",
            (false, false) => "BAD",
        }
    }
}

const HEAD: [&str; 12] = [
    "fault",
    "engine",
    "cycles",
    "attempted",
    "acknowledged",
    "sent again",
    "lost",
    "invented",
    "twice",
    "seconds",
    "verdict",
    "note",
];

/// A Markdown table with aligned columns.
pub fn markdown(rows: &[Row]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let cell = |(text, width): (&String, &usize)| format!("{text:<width$}");
        text += &format!("| {} |\n", line.iter().zip(&widths).map(cell).collect::<Vec<_>>().join(" | "));
        if number == 0 {
            text +=
                &format!("|{}\n", widths.iter().map(|width| "-".repeat(width + 2) + "|").collect::<String>());
        }
    }
    text
}

fn cells(row: &Row) -> [String; HEAD.len()] {
    let fault = if row.control { format!("{} (control)", row.fault) } else { row.fault.to_owned() };
    [
        fault,
        row.engine.to_owned(),
        row.cycles.to_string(),
        row.attempted.to_string(),
        row.acknowledged.to_string(),
        row.sent_again.to_string(),
        row.lost.to_string(),
        row.invented.to_string(),
        row.twice.to_string(),
        format!("{:.1}", row.took.as_secs_f64()),
        row.verdict().to_owned(),
        row.note.clone(),
    ]
}
