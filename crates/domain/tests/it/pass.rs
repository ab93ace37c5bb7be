//! Passes: two bodies for an order, a rule for an outcome, one file for a checkpoint, and an end that ends.

mod appeals;
mod beside;
mod ending;
mod evidence;
mod helpers;
mod household;
mod orders;

use domain::{
    Ctx, Refusal,
    pass::{
        self, Answer, Bearer, Decision, EvidenceKind, Held, NewAppeal, NewRegime, Outcome, Regime, Said,
        Statement,
    },
};
use kernel::{Id, Organization, Person, Role};
use pass_format::{Pass, Verifier};
use store::Db;

use crate::ground::{COUNTY, GRID, Ground};

/// A county with two bodies that order and decide, an employer, and people.
pub struct Scene {
    pub ground: Ground,
    /// Leads the bureau that orders.
    pub leader: Id<Person>,
    /// Commands the body that has the second word.
    pub commander: Id<Person>,
    pub auditor: Id<Person>,
    pub resident: Id<Person>,
    /// Lives in no grid of the county.
    pub outsider: Id<Person>,
    pub employer: (Id<Organization>, Id<Person>),
}

impl Scene {
    pub fn new(db: Db) -> Self {
        let ground = Ground::new(db);
        let employer =
            ground.organization(domain::organization::OrganizationKind::Firm, "乳业", COUNTY, None);
        let manager = ground.staff("厂长");
        ground.appoint(ground.post(employer, Role::Handler, COUNTY), manager, None);
        Self {
            leader: ground.officer("应急局", Role::Leader, COUNTY),
            commander: ground.officer("指挥部", Role::Commander, COUNTY),
            auditor: ground.officer("审计", Role::Auditor, COUNTY),
            resident: ground.resident("娜仁", GRID),
            outsider: ground.staff("巴图"),
            employer: (employer, manager),
            ground,
        }
    }

    pub fn as_one(&self, person: Id<Person>) -> Ctx {
        self.ground.acting(person)
    }

    pub fn order(&self) -> NewRegime {
        let now = self.ground.now();
        NewRegime {
            area: COUNTY.into(),
            title: "防汛通行".into(),
            legal_basis: "突发事件应对法".into(),
            order_number: "2026-3".into(),
            purposes: "让居民和必需的工人通过".into(),
            duties: "只看凭证真假，不登记".into(),
            start: now,
            end: now.plus_seconds(10 * 86_400),
            scopes: "小区\n商店\n公交".into(),
            bearer: Bearer::Name,
            pass_seconds: 48 * 3_600,
            holders: 1_000,
            rule: "resident: lives_in\nworker: works_in".into(),
        }
    }

    /// A regime that is in force.
    pub fn regime(&self) -> Regime {
        let proposed = pass::propose(&self.as_one(self.leader), &self.order()).unwrap();
        pass::decide(&self.as_one(self.commander), proposed.number, Decision::Approve, "").unwrap()
    }

    pub fn ask(&self, regime: &Regime, by: Id<Person>, person: Id<Person>) -> Result<Answer, Refusal> {
        pass::ask(&self.as_one(by), regime.number, person, None)
    }

    pub fn given(&self, regime: &Regime, person: Id<Person>) -> Held {
        match self.ask(regime, person, person).unwrap() {
            Answer::Given(held) => held,
            Answer::Refused(outcome) => panic!("refused: {outcome:?}"),
        }
    }

    pub fn refused(&self, regime: &Regime, person: Id<Person>) -> Outcome {
        match self.ask(regime, person, person).unwrap() {
            Answer::Refused(outcome) => outcome,
            Answer::Given(held) => panic!("given: {held:?}"),
        }
    }

    pub fn text(&self, regime: &Regime, person: Id<Person>, held: &Held) -> String {
        pass::code_of(&self.as_one(person), regime.number, person, held.index).unwrap().text
    }

    pub fn works(&self, regime: &Regime, person: Id<Person>) {
        let (body, manager) = self.employer;
        pass::state(&self.as_one(manager), regime.number, body, &works(person)).unwrap();
    }

    /// The employer takes back that somebody works there.
    pub fn works_no_more(&self, regime: &Regime, person: Id<Person>, reason: &str) -> Result<(), Refusal> {
        let (body, manager) = self.employer;
        pass::end_evidence(&self.as_one(manager), regime.number, body, &works(person), reason)
    }

    /// Two bodies put another rule in force.
    pub fn change_rule(&self, regime: &Regime, rule: &str) {
        let proposed = pass::propose_rule(&self.as_one(self.leader), regime.number, rule).unwrap();
        let commander = self.as_one(self.commander);
        pass::decide_rule(&commander, regime.number, proposed.version, Decision::Approve).unwrap();
    }

    /// What a checkpoint that just fetched the bundle says.
    pub fn check(&self, text: &str) -> Result<Pass, String> {
        pass::tick(&self.ground.city).unwrap();
        let (bytes, _) = pass::bundle(&Ctx::anonymous(self.ground.city.clone())).unwrap();
        let verifier = Verifier::load(&bytes, None).unwrap();
        let checked = verifier.check(text, 0, self.seconds());
        checked.map(|it| it.pass).map_err(|refusal| refusal.code().to_owned())
    }

    pub fn seconds(&self) -> u64 {
        self.ground.now().micros() as u64 / 1_000_000
    }
}

pub fn works(person: Id<Person>) -> Statement {
    Statement { kind: EvidenceKind::Works, person, guardian: None, plate: String::new() }
}

/// An appeal that shares nothing.
pub fn against(area: &str, words: &str) -> NewAppeal {
    NewAppeal { area: area.into(), words: words.into(), shares_contact: false }
}

/// Somebody with a number of their own.
pub fn said<'a>(name: &'a str, phone: &'a str) -> Said<'a> {
    Said { name, phone, member: "" }
}

pub fn vehicle(person: Id<Person>, plate: &str) -> Statement {
    Statement { kind: EvidenceKind::Vehicle, plate: plate.into(), ..works(person) }
}

pub fn conflict(outcome: Result<impl std::fmt::Debug, Refusal>) -> &'static str {
    match outcome {
        Err(Refusal::Conflict(message)) => message.id,
        other => panic!("a conflict was expected, not {other:?}"),
    }
}
