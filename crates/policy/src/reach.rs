//! What each role reaches, found by asking the policies about model cases, people and areas.
//! Sound because no policy names a particular thing (`load` sees to that): what holds for the model
//! holds for all that stand in the same relation.

use std::collections::HashMap;

use cedar_policy::Schema;
use kernel::{AreaPath, Id, Role};
use uuid::Uuid;

use crate::{
    Action, Actor, Advance, AnswerFacts, Appointment, CaseFacts, Party, Policy, PolicyError, Purpose,
    Relation, Resource, SupervisionFacts,
    policy::{ListKey, list_key},
};

/// What an appointment in a role opens to a list, beside what the plain person may see.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    /// Everything in the appointment's area.
    pub(crate) subtree: bool,
    /// What its organization owns or handled.
    pub(crate) organization: bool,
    /// The person's own.
    pub(crate) person: bool,
    /// The case whose secret link they hold.
    pub(crate) case: bool,
}

/// One actor of each role in the middle of a small tree, and the things around them.
pub(crate) struct Model {
    pub(crate) here: AreaPath,
    pub(crate) below: AreaPath,
    pub(crate) above: AreaPath,
    pub(crate) beside: AreaPath,
    pub(crate) other_county: AreaPath,
}

impl Model {
    pub(crate) const PERSON: Id<kernel::Person> = Id::from_uuid(Uuid::from_u128(1));
    pub(crate) const OTHER_PERSON: Id<kernel::Person> = Id::from_uuid(Uuid::from_u128(2));
    pub(crate) const ORGANIZATION: Id<kernel::Organization> = Id::from_uuid(Uuid::from_u128(3));
    pub(crate) const OTHER_ORGANIZATION: Id<kernel::Organization> = Id::from_uuid(Uuid::from_u128(8));
    pub(crate) const CASE: Id<kernel::Case> = Id::from_uuid(Uuid::from_u128(4));

    pub(crate) fn new() -> Result<Self, PolicyError> {
        let path =
            |text: &str| text.parse::<AreaPath>().map_err(|error| PolicyError::Entities(error.to_string()));
        Ok(Self {
            here: path("1509/150902/150902001/")?,
            below: path("1509/150902/150902001/150902001003/")?,
            above: path("1509/150902/")?,
            beside: path("1509/150902/150902002/")?,
            other_county: path("1509/150921/150921101/")?,
        })
    }

    pub(crate) fn actor(&self, role: Role) -> Actor {
        let post = Appointment { role, organization: Self::ORGANIZATION, area: self.here.clone() };
        match role {
            Role::Anonymous => Actor::anonymous(),
            Role::Resident => Actor::signed_in(Self::PERSON, vec![]),
            _ => Actor::signed_in(Self::PERSON, vec![post]),
        }
    }

    /// A case at `area` in which the actor has no part.
    pub(crate) fn case(&self, area: &AreaPath) -> CaseFacts {
        CaseFacts::new(Self::CASE, area.clone())
    }

    /// An order of another office at `area` to another body.
    pub(crate) fn order(&self, area: &AreaPath) -> SupervisionFacts {
        let (ordered_by, organization) =
            (Id::from_uuid(Uuid::from_u128(6)), Id::from_uuid(Uuid::from_u128(7)));
        SupervisionFacts { area: area.clone(), ordered_by, organization, repliers: Vec::new() }
    }

    fn elsewhere(&self) -> [&AreaPath; 3] {
        [&self.above, &self.beside, &self.other_county]
    }
}

pub(crate) fn derive(policy: &Policy) -> Result<HashMap<ListKey, [Reach; Role::ALL.len()]>, PolicyError> {
    let purposes = Purpose::ALL.map(|it| Action::PersonRead { purpose: Some(it) });
    let others = [
        Action::CaseList,
        Action::CaseRead,
        Action::CaseReadTimeline,
        Action::CaseCount,
        Action::JournalRead,
        Action::PersonRead { purpose: None },
    ];
    let model = Model::new()?;
    let mut reaches = HashMap::new();
    for action in others.into_iter().chain(purposes) {
        let mut each = [Reach::default(); Role::ALL.len()];
        for role in Role::ALL {
            each[role as usize] = Probe { policy, model: &model, action, role }.reach()?;
        }
        reaches.extend(list_key(action).map(|key| (key, each)));
    }
    Ok(reaches)
}

struct Probe<'a> {
    policy: &'a Policy,
    model: &'a Model,
    action: Action<'a>,
    role: Role,
}

impl Probe<'_> {
    fn reach(&self) -> Result<Reach, PolicyError> {
        match self.action {
            Action::PersonRead { .. } => self.of_persons(),
            Action::CaseCount => self.of_areas(|path| Resource::Area { path }),
            Action::JournalRead => self.of_areas(|area| Resource::Journal { area }),
            _ => self.of_cases(),
        }
    }

    fn of_areas<'a>(&'a self, thing: impl Fn(&'a AreaPath) -> Resource<'a>) -> Result<Reach, PolicyError> {
        let actor = self.model.actor(self.role);
        let asks = |area| self.ask(&actor, thing(area));
        for area in self.model.elsewhere() {
            self.refuse(asks(area)?, "it reaches beyond the area of the post")?;
        }
        let subtree = self.agree(
            asks(&self.model.here)?,
            asks(&self.model.below)?,
            "an area and what is below it differ",
        )?;
        Ok(Reach { subtree, ..Reach::default() })
    }

    fn of_persons(&self) -> Result<Reach, PolicyError> {
        let reach = self.of_areas(|area| Resource::Person { id: Model::OTHER_PERSON, area })?;
        let own = Resource::Person { id: Model::PERSON, area: &self.model.other_county };
        Ok(Reach { person: self.ask(&self.model.actor(self.role), own)?, ..reach })
    }

    fn of_cases(&self) -> Result<Reach, PolicyError> {
        let model = self.model;
        let actor = model.actor(self.role);
        let far = || model.case(&model.other_county);
        let asks = |facts: CaseFacts| self.ask(&actor, Resource::Case(&facts));

        let parts = CaseFacts {
            verifying: true,
            handlers: vec![Model::PERSON],
            dispatchers: vec![Model::PERSON],
            verifiers: vec![Model::PERSON],
            closers: vec![Model::PERSON],
            ..far()
        };
        self.refuse(asks(parts.clone())?, "the part that a person had in the case opens it")?;
        for area in model.elsewhere() {
            self.refuse(asks(model.case(area))?, "it reaches beyond the area of the post")?;
        }

        let inside = (asks(model.case(&model.here))?, asks(model.case(&model.below))?);
        let owned = asks(CaseFacts { owner: Some(Model::ORGANIZATION), ..far() })?;
        let handled = asks(CaseFacts { handling_organizations: vec![Model::ORGANIZATION], ..far() })?;
        let reported = CaseFacts { reporter: Some(Model::PERSON), ..far() };
        let follower = Actor { followed_case: Some(Model::CASE), ..actor.clone() };
        let reach = Reach {
            subtree: self.agree(inside.0, inside.1, "an area and what is below it differ")?,
            organization: self.agree(owned, handled, "owning it now and having handled it differ")?,
            person: asks(reported)?,
            case: self.ask(&follower, Resource::Case(&far()))?,
        };
        // All at once: a forbid that takes away one of the grants would show here.
        let all = CaseFacts {
            area: model.here.clone(),
            owner: Some(Model::ORGANIZATION),
            reporter: Some(Model::PERSON),
            handling_organizations: vec![Model::ORGANIZATION],
            ..parts
        };
        let any = reach.subtree || reach.organization || reach.person || reach.case;
        self.agree(
            self.ask(&follower, Resource::Case(&all))?,
            any,
            "one relation takes away what another gives",
        )?;
        Ok(reach)
    }

    fn ask(&self, actor: &Actor, resource: Resource<'_>) -> Result<bool, PolicyError> {
        self.policy.decide(actor, self.action, resource, None)
    }

    fn refuse(&self, allowed: bool, reason: &'static str) -> Result<(), PolicyError> {
        self.agree(allowed, false, reason).map(|_| ())
    }

    fn agree(&self, one: bool, other: bool, reason: &'static str) -> Result<bool, PolicyError> {
        if one == other {
            return Ok(one);
        }
        Err(PolicyError::Scope { action: self.action.name(), role: self.role.as_str(), reason })
    }
}

/// See `Policy::takers`.
pub(crate) fn takers(policy: &Policy, advance: &Advance) -> Result<Vec<Role>, PolicyError> {
    let model = Model::new()?;
    let case = match advance.relation {
        Relation::Area => model.case(&model.below),
        Relation::Owner => CaseFacts { owner: Some(Model::ORGANIZATION), ..model.case(&model.other_county) },
        Relation::Reporter | Relation::System => model.case(&model.other_county),
    };
    let may = |role: &Role| {
        // By the secret link, which also those have who reported without an account.
        let followed_case = (advance.relation == Relation::Reporter).then_some(Model::CASE);
        let actor = Actor { followed_case, ..model.actor(*role) };
        // Alone: what the others on the transition's list may does not make this one able.
        let alone = Advance { roles: vec![*role], ..advance.clone() };
        policy.may(&actor, Action::CaseAdvance(&alone), Resource::Case(&case))
    };
    Ok(advance.roles.iter().copied().filter(may).collect())
}

/// Sends every word the code knows, in every kind of entity, through the schema once, so that
/// questions asked later need no validation.
pub(crate) fn check_vocabulary(policy: &Policy, schema: &Schema) -> Result<(), PolicyError> {
    let model = Model::new()?;
    let case = CaseFacts {
        owner: Some(Model::ORGANIZATION),
        lead: Some(Model::ORGANIZATION),
        reporter: Some(Model::PERSON),
        handling_organizations: vec![Model::ORGANIZATION],
        handlers: vec![Model::PERSON],
        dispatchers: vec![Model::PERSON],
        verifiers: vec![Model::PERSON],
        closers: vec![Model::PERSON],
        sent_from: Some(model.below.clone()),
        ..model.case(&model.below)
    };
    let order = SupervisionFacts { repliers: vec![Model::PERSON], ..model.order(&model.below) };
    let answer =
        AnswerFacts { unit: model.below.clone(), person: Some(Model::PERSON), authors: vec![Model::PERSON] };
    let resources = [
        Resource::City,
        Resource::Area { path: &model.below },
        Resource::Organization { id: Model::ORGANIZATION, area: &model.below },
        Resource::Case(&case),
        Resource::Supervision(&order),
        Resource::Answer(&answer),
        Resource::Person { id: Model::PERSON, area: &model.below },
        Resource::Account { person: Model::PERSON, area: &model.below },
        Resource::Journal { area: &model.below },
    ];
    let advances = Relation::ALL.map(|relation| Advance {
        roles: Role::ALL.to_vec(),
        relation,
        except: Party::ALL.to_vec(),
        closes: true,
        checks: true,
        evaluates: true,
        above_sender: true,
    });
    let transitions = advances.iter().map(Action::CaseAdvance);
    let reads = Purpose::ALL.map(|it| Action::PersonRead { purpose: Some(it) });
    let posts = Role::ALL.map(|role| Appointment {
        role,
        organization: Model::ORGANIZATION,
        area: model.here.clone(),
    });
    let everybody =
        Actor { followed_case: Some(Model::CASE), ..Actor::signed_in(Model::PERSON, posts.to_vec()) };
    let key = Actor::integration(Id::from_uuid(Uuid::from_u128(5)), Id::from_uuid(Uuid::from_u128(5)));
    let integration = Actor { followed_case: Some(Model::CASE), ..key };
    for action in Action::all(&advances[0]).into_iter().chain(transitions).chain(reads) {
        for actor in [&Actor::system(), &integration, &Actor::anonymous(), &everybody] {
            for resource in resources {
                policy.decide(actor, action, resource, Some(schema))?;
            }
        }
    }
    Ok(())
}
