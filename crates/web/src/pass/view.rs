//! What templates see of passes.

use axum::http::StatusCode;
use domain::{
    Ctx, Refusal,
    pass::{Clause, Group, Held, Outcome, Published, Regime, Rule, State},
};
use fast_qr::{
    ECL, Mode, QRBuilder,
    convert::{Builder, svg::SvgBuilder},
};

use crate::{case::view::AreaNames, locale::Translator};

/// A form that was refused, shown again with what was written in it.
#[derive(Clone, Default)]
pub struct Refused {
    /// The form.
    pub form: &'static str,
    /// What is wrong: an anchor on the page, and the words.
    pub faults: Vec<(String, String)>,
    status: StatusCode,
}

impl Refused {
    /// Of a refusal that whoever sent the form can mend; any other is told on a page of its own.
    pub fn new(t: &Translator, form: &'static str, refusal: Refusal) -> Result<Self, Refusal> {
        let anchor = |field: &str| match (form, field) {
            ("desk", _) => "desk-name".to_owned(),
            (_, "guardian") => "guardian_name".to_owned(),
            (_, field) => field.to_owned(),
        };
        match refusal {
            Refusal::Invalid(faults) => {
                let faults = faults.iter().map(|it| (anchor(&it.field), t.message(&it.message)));
                Ok(Self { form, faults: faults.collect(), status: StatusCode::UNPROCESSABLE_ENTITY })
            }
            Refusal::Conflict(message) => {
                // The form itself may be gone by now; the case of an appeal stands on the page.
                let anchor = if message.id == "conflict-pass-appealed" { "appeal-title" } else { "main" };
                let faults = vec![(anchor.to_owned(), t.message(&message))];
                Ok(Self { form, faults, status: StatusCode::CONFLICT })
            }
            refusal => Err(refusal),
        }
    }

    /// What the page is answered with.
    pub fn status(&self) -> StatusCode {
        if self.faults.is_empty() { StatusCode::OK } else { self.status }
    }

    pub fn is(&self, form: &str) -> bool {
        self.form == form
    }
}

/// Classes of holder that have words of their own; others are shown as the rule writes them.
const CLASSES: [&str; 3] = ["resident", "worker", "driver"];
/// White around a code, in modules, as its standard has it.
const QUIET_MODULES: usize = 4;

/// A class of holder with what has to hold, in words.
pub struct Words {
    pub class: String,
    pub clauses: Vec<String>,
}

/// Names of the areas of an order and of all that its rules name.
pub fn area_names(ctx: &Ctx, published: &Published) -> Result<AreaNames, Refusal> {
    let rules: Vec<Rule> = published.rules.iter().filter_map(|it| Rule::parse(&it.text).ok()).collect();
    let named = rules.iter().flat_map(Rule::areas);
    AreaNames::of_codes(ctx, published.regime.path.codes().chain(named))
}

pub fn rule_words(t: &Translator, names: &AreaNames, regime: &Regime, text: &str) -> Vec<Words> {
    let rule = Rule::parse(text).unwrap_or(Rule { groups: Vec::new() });
    groups(t, names, regime, &rule.groups)
}

pub fn groups(t: &Translator, names: &AreaNames, regime: &Regime, groups: &[Group]) -> Vec<Words> {
    let words = |group: &Group| Words {
        class: class(t, &group.class),
        clauses: group.clauses.iter().map(|it| clause(t, names, regime, it)).collect(),
    };
    groups.iter().map(words).collect()
}

fn class(t: &Translator, class: &str) -> String {
    match CLASSES.contains(&class) {
        true => t.say(&format!("pass-class-{class}")),
        false => class.to_owned(),
    }
}

fn clause(t: &Translator, names: &AreaNames, regime: &Regime, it: &Clause) -> String {
    let area = match &it.area {
        Some(code) => names.name(code).unwrap_or(code).to_owned(),
        None => names.line(&regime.path),
    };
    t.with(&format!("pass-fact-{}", it.fact.as_str()), "area", area)
}

/// Where an order stands, as its readers see it.
pub fn state(ctx: &Ctx, t: &Translator, regime: &Regime) -> (String, bool) {
    let word = match regime.state {
        State::InForce if ctx.now >= regime.end => "over",
        State::InForce if ctx.now < regime.start => "to-begin",
        state => state.as_str(),
    };
    (t.say(&format!("pass-state-{word}")), regime.is_open(ctx.now))
}

/// A pass on its holder's page.
pub struct PassRow {
    pub index: i64,
    pub from: String,
    pub until: String,
    pub office: String,
    pub is_valid: bool,
    pub state: String,
}

pub fn pass_row(ctx: &Ctx, t: &Translator, published: &Published, it: &Held) -> PassRow {
    let key = published.keys.iter().find(|key| key.number == it.key_number);
    let state = match &it.revoked {
        Some((_, reason)) => t.say(&format!("pass-revoked-{reason}")),
        None if it.is_key_withdrawn => t.say("pass-key-gone"),
        None => t.say("pass-valid"),
    };
    PassRow {
        index: it.index,
        from: t.moment(it.not_before, ctx.now),
        until: t.moment(it.expires, ctx.now),
        office: key.map_or("", |key| published.office(key.organization)).to_owned(),
        is_valid: it.is_valid(ctx.now),
        state,
    }
}

/// The latest outcome on its page.
pub struct OutcomeView {
    pub is_granted: bool,
    pub said: String,
    pub failed: Vec<Words>,
}

pub fn outcome(ctx: &Ctx, t: &Translator, names: &AreaNames, regime: &Regime, it: &Outcome) -> OutcomeView {
    let id = if it.is_granted { "pass-granted" } else { "pass-refused" };
    OutcomeView {
        is_granted: it.is_granted,
        said: t.with2(id, ("version", it.rule_version), ("time", t.moment(it.at, ctx.now))),
        failed: groups(t, names, regime, &it.failed),
    }
}

/// The code of a pass as SVG without a size: black on white on every screen, sized by its page.
pub fn svg(text: &str) -> Result<String, Refusal> {
    let code = QRBuilder::new(text).mode(Mode::Alphanumeric).ecl(ECL::M).build();
    let code = code.map_err(|error| Refusal::Broken(format!("a pass does not fit a code: {error:?}")))?;
    Ok(SvgBuilder::default().margin(QUIET_MODULES).to_str(&code))
}
