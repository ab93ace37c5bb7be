//! Progress on standard error, for what takes over two seconds.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that follows `(done, total)`.
pub struct Progress(ProgressBar);

impl Progress {
    pub fn new(label: &str) -> Self {
        let bar = ProgressBar::new(0).with_message(label.to_owned());
        if let Ok(style) =
            ProgressStyle::with_template("{msg:28} {wide_bar} {human_pos}/{human_len} {elapsed}")
        {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub fn set(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }

    /// Starts over under another name.
    pub fn stage(&self, label: &str) {
        self.0.set_message(label.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
