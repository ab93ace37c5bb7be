use std::{fmt, io::Write};

/// Whom a command talks to: its answer goes to one, remarks about the input to the other.
pub struct Voice<'a> {
    answer: &'a mut (dyn Write + Send),
    aside: &'a mut (dyn Write + Send),
}

impl<'a> Voice<'a> {
    pub fn new(answer: &'a mut (dyn Write + Send), aside: &'a mut (dyn Write + Send)) -> Self {
        Self { answer, aside }
    }

    /// Whoever closed the other end does not want to hear it: that is no failure.
    pub fn say(&mut self, line: fmt::Arguments<'_>) {
        drop(writeln!(self.answer, "{line}"));
    }

    pub fn aside(&mut self, line: fmt::Arguments<'_>) {
        drop(writeln!(self.aside, "{line}"));
    }
}
