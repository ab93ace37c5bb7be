//! What is asked of an analysis, and the addresses that ask it.

use domain::{
    Message, Refusal,
    analysis::{By, Of, Weighting},
};
use kernel::{Campaign, Id};
use serde::Deserialize;

use crate::{
    form::{asked::encoded, fill},
    locale::Language,
};

/// What stands in the columns in place of a question, whose key begins with `/`.
pub const AREA: &str = "area";
pub const CAMPAIGN: &str = "campaign";

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct AnalysisQuery {
    pub campaign: String,
    pub weights: String,
    pub rows: String,
    pub columns: String,
}

/// The same, read.
pub struct Question {
    pub campaign: Option<Id<Campaign>>,
    pub weighting: Weighting,
    /// A question by its key, and what it is looked at by; none where nothing is crossed.
    pub cross: Option<(String, String)>,
}

impl Question {
    pub fn read(query: &AnalysisQuery) -> Result<Self, Refusal> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|it| !it.is_empty());
        let cross = match (given(&query.rows), given(&query.columns)) {
            (Some(rows), Some(columns)) => Some((rows, columns)),
            _ => None,
        };
        Ok(Self { campaign: campaign_of(&query.campaign)?, weighting: weighting_of(&query.weights)?, cross })
    }
}

pub fn weighting_of(text: &str) -> Result<Weighting, Refusal> {
    match text.trim() {
        "" => Ok(Weighting::None),
        word => {
            Weighting::parse(word).ok_or_else(|| Refusal::invalid("weights", Message::new("fault-choice")))
        }
    }
}

pub fn campaign_of(text: &str) -> Result<Option<Id<Campaign>>, Refusal> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let id = text.parse().map_err(|_| Refusal::invalid("campaign", Message::new("fault-choice")));
            id.map(Some)
        }
    }
}

/// By what a question is looked at.
pub fn by(word: &str) -> By<'_> {
    match word {
        AREA => By::Area,
        CAMPAIGN => By::Campaign,
        key => By::Question(key),
    }
}

/// Picks the reader's own language among those of a form.
pub fn chooser(own: Language) -> impl Fn(&[String]) -> usize {
    move |languages| fill::own_of(languages, own)
}

pub fn of<'a>(
    form_id: &'a str,
    campaign: Option<Id<Campaign>>,
    choose: &'a dyn Fn(&[String]) -> usize,
) -> Of<'a> {
    Of { form_id, campaign, choose }
}

/// Where the analysis of a form is, or of what one campaign asked.
pub fn address(form_id: &str, campaign: Option<Id<Campaign>>) -> String {
    format!("{}{}", below(form_id, ""), query(campaign))
}

/// Below the analysis of a form, or a file of it.
pub fn below(form_id: &str, rest: &str) -> String {
    format!("/forms/{}/analysis{rest}", encoded(form_id))
}

pub fn query(campaign: Option<Id<Campaign>>) -> String {
    campaign.map(|it| format!("?campaign={it}")).unwrap_or_default()
}

/// Where the open answers to a question are.
pub fn answers_address(form_id: &str, campaign: Option<Id<Campaign>>, key: &str) -> String {
    let rest = campaign.map(|it| format!("&campaign={it}")).unwrap_or_default();
    format!("{}?question={}{rest}", below(form_id, "/answers"), encoded(key))
}
