//! Which part of a campaign a page shows, and what happened before.

use domain::campaign::{Campaign, Show};
use serde::Deserialize;

use crate::locale::Translator;

/// What a table shows of each area, after what was expected.
pub const COLUMNS: [Show; 8] = [
    Show::Arrived,
    Show::Silent,
    Show::Valid,
    Show::Invalid,
    Show::Late,
    Show::Waiting,
    Show::Returned,
    Show::Accepted,
];
/// Units on one page.
pub const UNIT_ROWS: usize = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct At {
    area: String,
    pub show: String,
    pub cursor: String,
    /// What happened before the page is shown.
    news: String,
    told: i64,
    skipped: i64,
    vacant: i64,
}

impl At {
    pub fn area(&self) -> Option<&str> {
        Some(self.area.trim()).filter(|it| !it.is_empty())
    }

    /// What happened, in words.
    pub fn news(&self, t: &Translator) -> Option<String> {
        match self.news.as_str() {
            "sent" | "ended" => Some(t.say(&format!("campaign-news-{}", self.news))),
            "reminded" => {
                let mut words = vec![t.with("campaign-news-reminded", "number", self.told)];
                if self.skipped > 0 {
                    words.push(t.with("campaign-news-skipped", "number", self.skipped));
                }
                if self.vacant > 0 {
                    words.push(t.with("campaign-news-vacant", "number", self.vacant));
                }
                Some(words.join(&t.say("campaign-news-and")))
            }
            _ => None,
        }
    }
}

pub fn units_address(it: &Campaign, code: &str, show: Show) -> String {
    format!("/campaigns/{}/units?area={code}&show={}", it.id, show.as_str())
}
