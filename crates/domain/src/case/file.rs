//! A procedure file as it is written: its tables, and where each word stands in it.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::procedure::{Label, Meaning};

#[derive(Deserialize)]
pub struct ProcedureFile {
    pub id: Spanned<String>,
    pub version: i64,
    pub label: Spanned<Label>,
    #[serde(default)]
    pub classes: Vec<String>,
    #[serde(default)]
    pub published: bool,
    #[serde(default)]
    pub support: bool,
    pub start: Vec<StartFile>,
    pub stage: Vec<StageFile>,
    #[serde(default)]
    pub grounds: BTreeMap<Spanned<String>, Vec<GroundFile>>,
}

#[derive(Deserialize)]
pub struct StartFile {
    pub roles: Vec<Spanned<String>>,
    pub stage: Spanned<String>,
}

#[derive(Deserialize)]
pub struct GroundFile {
    pub id: Spanned<String>,
    pub label: Spanned<Label>,
    pub means: Option<Meaning>,
}

#[derive(Deserialize)]
pub struct StageFile {
    pub id: Spanned<String>,
    pub step: Spanned<i64>,
    pub label: Spanned<Label>,
    pub waiting: Spanned<Label>,
    pub end: Option<Spanned<String>>,
    pub clock: Option<Spanned<ClockFile>>,
    #[serde(default)]
    pub escalate: Vec<Spanned<String>>,
    #[serde(default)]
    pub alarm: Vec<AlarmFile>,
    pub pause: Option<Spanned<ReliefFile>>,
    pub extension: Option<Spanned<ReliefFile>>,
    #[serde(default)]
    pub transition: Vec<TransitionFile>,
}

#[derive(Deserialize)]
pub struct ClockFile {
    pub kind: Spanned<String>,
    pub amount: Option<i64>,
}

#[derive(Deserialize)]
pub struct AlarmFile {
    pub at: Spanned<f64>,
    pub roles: Vec<Spanned<String>>,
    pub relation: Option<Spanned<String>>,
}

#[derive(Deserialize)]
pub struct ReliefFile {
    pub ground: Spanned<String>,
    pub days: Option<Spanned<i64>>,
    pub at_most: Option<Spanned<i64>>,
    pub ask: TakerFile,
    pub decide: TakerFile,
}

#[derive(Deserialize)]
pub struct TakerFile {
    pub roles: Vec<Spanned<String>>,
    pub relation: Spanned<String>,
}

#[derive(Deserialize)]
pub struct TransitionFile {
    pub id: Spanned<String>,
    pub label: Spanned<Label>,
    pub to: Spanned<String>,
    #[serde(default)]
    pub roles: Vec<Spanned<String>>,
    pub relation: Spanned<String>,
    #[serde(default)]
    pub except: Vec<Spanned<String>>,
    pub part: Option<Spanned<String>>,
    #[serde(default)]
    pub closes: bool,
    #[serde(default)]
    pub checks: bool,
    #[serde(default)]
    pub evaluates: bool,
    #[serde(default)]
    pub above_sender: bool,
    #[serde(default)]
    pub registers: bool,
    #[serde(default)]
    pub returns: bool,
    #[serde(default)]
    pub reworks: bool,
    #[serde(default)]
    pub reopens: bool,
    #[serde(default)]
    pub binds: bool,
    #[serde(default)]
    pub sets_due: bool,
    #[serde(default)]
    pub despite_support: bool,
    #[serde(default)]
    pub on_timeout: bool,
    #[serde(default)]
    pub dispatch_by_list: bool,
    pub at_most: Option<Spanned<i64>>,
    pub in_all: Option<Spanned<i64>>,
    pub within: Option<Spanned<ClockFile>>,
    pub then: Option<Spanned<String>>,
    #[serde(default)]
    pub asks: AsksFile,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AsksFile {
    pub note: Option<Spanned<String>>,
    pub photos: Option<Spanned<usize>>,
    pub organization: bool,
    pub supporting: Option<Spanned<String>>,
    pub class: Option<Spanned<String>>,
    pub ground: Option<Spanned<String>>,
    pub findings: Vec<Spanned<String>>,
    pub rating: bool,
}
