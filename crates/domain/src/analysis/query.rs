//! Reading the records of a form for an analysis. Who may, and that it is on record, is said by `form::each_answered`.

use std::{borrow::Cow, collections::HashMap};

use kernel::{Campaign, Id, limits};
use xform::{check::Submission, xpath::World};

use super::{
    column::{Answers, Basis, Builder},
    model::Weighting,
    question::{Asked, Place, Version},
    weight::Weights,
};
use crate::{
    Ctx, Message, Refusal, campaign,
    form::{self, Answered, Judged, Record, Review},
    resident,
};

/// Which records are analysed.
#[derive(Clone, Copy)]
pub struct Of<'a> {
    pub form_id: &'a str,
    /// Those that this campaign asked for; all of the form without it.
    pub campaign: Option<Id<Campaign>>,
    /// Which of the form's languages it is told in.
    pub choose: &'a dyn Fn(&[String]) -> usize,
}

/// An answer as it is read.
#[derive(Clone, Debug)]
pub struct Answer {
    /// By its number in [`Answers::questions`].
    pub question: usize,
    /// The instance of its repeat, by a number that ascends in the record; 0 of the record itself.
    pub row: u32,
    /// None where it did not come.
    pub text: Option<String>,
    pub(super) is_always_asked: bool,
}

/// What is done with each record that counts and its answers.
pub type Work<'a> = dyn FnMut(&Record, Vec<Answer>) -> Result<(), Refusal> + 'a;

/// What the records of a form say together.
pub fn answers(ctx: &Ctx, of: &Of<'_>) -> Result<Answers, Refusal> {
    export(ctx, of, &mut |_, _| Ok(()))
}

/// The same, handing each record that counts with its answers to `work`, latest first.
pub fn export(ctx: &Ctx, of: &Of<'_>, work: &mut Work<'_>) -> Result<Answers, Refusal> {
    let (reading, basis) = (Reading::new(ctx, of)?, Basis::default());
    let mut all = Gathering { reading, builder: Builder::new(), basis, seen: 0, campaigns: Vec::new() };
    form::each_answered(ctx, of.form_id, None, None, &mut |answered| {
        all.take(&answered, work)?;
        Ok(true)
    })?;
    all.finish(ctx, of)
}

/// What was gathered so far.
struct Gathering<'a> {
    reading: Reading<'a>,
    builder: Builder,
    basis: Basis,
    /// Records that were looked at.
    seen: usize,
    /// A unit of each campaign that was met.
    campaigns: Vec<form::Unit>,
}

impl Gathering<'_> {
    fn take(&mut self, answered: &Answered, work: &mut Work<'_>) -> Result<(), Refusal> {
        self.seen += 1;
        if self.seen > limits::ANALYSIS_READ_MAX {
            return Err(too_many("fault-analysis-read", limits::ANALYSIS_READ_MAX));
        }
        let record = &answered.record;
        if let Some(unit) = &record.unit
            && !self.campaigns.iter().any(|it| it.campaign == unit.campaign)
        {
            self.campaigns.push(unit.clone());
        }
        if !self.reading.is_meant(record) || !self.basis.takes(answered) {
            return Ok(());
        }
        if self.builder.len() >= limits::ANALYSIS_RECORDS_MAX {
            return Err(too_many("fault-analysis-records", limits::ANALYSIS_RECORDS_MAX));
        }
        let number = self.builder.record(record.unit.as_ref());
        let all = self.reading.read(answered)?;
        for answer in &all {
            self.builder.answer(&mut self.reading.asked, (number, &record.instance_id), answer);
        }
        if self.builder.held > limits::ANALYSIS_ANSWERS_MAX {
            return Err(too_many("fault-analysis-answers", limits::ANALYSIS_ANSWERS_MAX));
        }
        work(record, all)
    }

    fn finish(mut self, ctx: &Ctx, of: &Of<'_>) -> Result<Answers, Refusal> {
        self.basis.versions = self.reading.used;
        let mut answers = self.builder.finish(self.reading.asked, self.basis);
        let area = form::get(ctx, of.form_id)?.form.area_path;
        answers.below = Some(area.codes().count());
        for unit in &self.campaigns {
            if let Some(it) = campaign::record_line(ctx, unit)? {
                answers.campaigns.push((it.id, it.title));
            }
        }
        Ok(answers)
    }
}

fn too_many(message: &'static str, most: usize) -> Refusal {
    Refusal::invalid("campaign", Message::new(message).with("most", most))
}

impl Basis {
    /// Whether a record counts, which is noted either way.
    pub(super) fn takes(&mut self, it: &Answered) -> bool {
        let record = &it.record;
        let (place, counts) = match (record.current.state, record.review, &it.xml) {
            (Judged::Invalid, ..) => (&mut self.invalid, false),
            (Judged::Unchecked, ..) => (&mut self.unchecked, false),
            (_, Some(Review::HasIssues | Review::Rejected), _) => (&mut self.returned, false),
            (.., None) => (&mut self.forgotten, false),
            _ => (&mut self.counted, true),
        };
        *place += 1;
        if counts {
            let at = record.created_at;
            self.first = Some(self.first.map_or(at, |it| it.min(at)));
            self.last = Some(self.last.map_or(at, |it| it.max(at)));
        }
        counts
    }
}

/// The versions of a form, read as records of them are met.
pub(super) struct Reading<'a> {
    ctx: &'a Ctx,
    of: Of<'a>,
    pub asked: Asked,
    versions: HashMap<String, Version>,
    /// Versions of which there are records.
    used: usize,
    world: World,
}

impl<'a> Reading<'a> {
    pub fn new(ctx: &'a Ctx, of: &Of<'a>) -> Result<Self, Refusal> {
        let world = World::in_china(ctx.now.micros());
        let world = world.ok_or_else(|| Refusal::Broken("the clock is out of range".into()))?;
        let (asked, versions) = (Asked::default(), HashMap::new());
        let mut reading = Self { ctx, of: *of, asked, versions, used: 0, world };
        // Questions stand in the order of what is handed out, whatever was sent first.
        let listed = form::get(ctx, of.form_id)?;
        if listed.form.version.is_some() {
            reading.version(&listed.version.version)?;
        }
        Ok(reading)
    }

    /// Whether it is one of those that are asked for.
    pub fn is_meant(&self, record: &Record) -> bool {
        let own = record.unit.as_ref().map(|it| it.campaign);
        self.of.campaign.is_none() || self.of.campaign == own
    }

    fn version(&mut self, name: &str) -> Result<(), Refusal> {
        if self.versions.contains_key(name) {
            return Ok(());
        }
        if self.versions.len() >= limits::ANALYSIS_VERSIONS_MAX {
            return Err(too_many("fault-analysis-versions", limits::ANALYSIS_VERSIONS_MAX));
        }
        let prepared = form::prepared_version(self.ctx, self.of.form_id, name)?;
        let languages: Vec<String> =
            prepared.form.translations.languages.iter().map(|it| it.name.clone()).collect();
        let chosen = languages.get((self.of.choose)(&languages)).cloned().unwrap_or_default();
        let world = World { language: chosen, ..self.world.clone() };
        let version = self.asked.add(prepared, &world);
        self.versions.insert(name.to_owned(), version);
        Ok(())
    }

    /// The answers of a record, in the order of its version.
    pub fn read(&mut self, answered: &Answered) -> Result<Vec<Answer>, Refusal> {
        let Some(xml) = &answered.xml else { return Ok(Vec::new()) };
        let name = &answered.record.current.form_version;
        self.version(name)?;
        let version = self.versions.get_mut(name).ok_or(Refusal::NotFound)?;
        if !version.is_used {
            version.is_used = true;
            self.used += 1;
        }
        let broken = |fault: xform::check::Refusal| Refusal::Broken(fault.to_string());
        let sent = Submission::read(xml).map_err(broken)?;
        let mut all = Vec::new();
        let read = sent.each_leaf(&version.prepared.form, &mut |leaf| {
            if let Some(Place { question, is_always_asked }) = version.place(leaf.field) {
                let text = leaf.text.map(Cow::into_owned);
                all.push(Answer { question, row: leaf.row, text, is_always_asked });
            }
        });
        read.map_err(broken)?;
        Ok(all)
    }
}

/// How much each record counts.
pub fn weights(ctx: &Ctx, answers: &Answers, weighting: Weighting) -> Result<Weights, Refusal> {
    let records = &answers.records;
    match weighting {
        Weighting::None => Ok(Weights::none(records.len())),
        Weighting::Units => {
            let groups: Vec<Option<u32>> = records.iter().map(|it| it.unit).collect();
            Ok(Weights::of(weighting, &groups, &vec![Some(1.0); answers.units.len()]))
        }
        Weighting::Residents | Weighting::Households => {
            if answers.areas.len() > limits::ANALYSIS_AREAS_MAX {
                let fault = Message::new("fault-analysis-areas").with("most", limits::ANALYSIS_AREAS_MAX);
                return Err(Refusal::invalid("weights", fault));
            }
            let (mut targets, mut is_coarse) = (Vec::with_capacity(answers.areas.len()), false);
            for area in &answers.areas {
                let counts = resident::counts(ctx, area)?;
                is_coarse |= counts.coarse;
                let number =
                    if weighting == Weighting::Residents { counts.residents } else { counts.households };
                targets.push(number.map(|it| it as f64));
            }
            let groups: Vec<Option<u32>> = records.iter().map(|it| it.area).collect();
            Ok(Weights { is_coarse, ..Weights::of(weighting, &groups, &targets) })
        }
    }
}
