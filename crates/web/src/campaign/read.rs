//! What an office asks, as texts, from a page or a program.

use domain::{
    Faults, Message, Refusal,
    campaign::{Audience, DueBy, New},
};
use jiff::civil;
use kernel::{Campaign as CampaignName, Id, limits};

/// A campaign as it was sent.
pub struct Wanted {
    /// None for what is no id.
    pub id: Option<Id<CampaignName>>,
    pub form: String,
    pub is_fixed: bool,
    pub title: String,
    pub period: String,
    pub area: String,
    pub audience: String,
    /// None for now.
    pub starts: Option<String>,
    pub due: String,
    /// None for midnight.
    pub due_by: Option<String>,
    /// None for what is no number.
    pub grace_days: Option<i64>,
}

impl Wanted {
    /// All that cannot be read is told at once.
    pub fn read(self) -> Result<New, Refusal> {
        let mut faults = Faults::default();
        let audience = Audience::parse(&self.audience);
        let due_by = self.due_by.as_deref().map_or(Some(DueBy::Day), DueBy::parse);
        for (field, is_known) in [("audience", audience.is_some()), ("due_by", due_by.is_some())] {
            if !is_known {
                faults.add(field, Message::new("fault-choice"));
            }
        }
        let due = date(&mut faults, "due", &self.due);
        let starts = self.starts.and_then(|it| date(&mut faults, "starts", &it));
        if self.grace_days.is_none() {
            let message = Message::new("fault-range").with("min", 0);
            faults.add("grace_days", message.with("max", limits::CAMPAIGN_GRACE_DAYS_MAX));
        }
        faults.check()?;
        let whole = audience.zip(due).zip(due_by).zip(self.grace_days);
        let (((audience, due), due_by), grace_days) = whole.ok_or(Refusal::NotFound)?;
        Ok(New {
            id: self.id.ok_or(Refusal::NotFound)?,
            form_id: self.form,
            is_fixed: self.is_fixed,
            title: self.title,
            period: self.period,
            area: self.area,
            audience,
            starts,
            due,
            due_by,
            grace_days,
        })
    }
}

fn date(faults: &mut Faults, field: &str, text: &str) -> Option<civil::Date> {
    let date = text.trim().parse().ok();
    if date.is_none() {
        faults.add(field, Message::new("fault-date"));
    }
    date
}
