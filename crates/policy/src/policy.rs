use std::collections::HashMap;

use cedar_policy::{Authorizer, Decision, Entities, Entity, EntityUid, PolicySet, Request, Schema};
use kernel::Role;

use crate::{
    Action, Actor, Advance, PolicyError, Purpose, Resource, Scope, load,
    memory::{Memory, Question},
    reach::{self, Reach},
    vocabulary::Vocabulary,
};

/// The policies, parsed and checked once. The same question is put to Cedar only once.
pub struct Policy {
    authorizer: Authorizer,
    vocabulary: Vocabulary,
    slices: HashMap<String, Slice>,
    /// What each role reaches, in the order of `Role::ALL`, for each action that lists are made of.
    reaches: HashMap<ListKey, [Reach; Role::ALL.len()]>,
    memory: Memory,
}

pub(crate) type ListKey = (&'static str, Option<Purpose>);

/// The part of schema and policies that can matter for one action: the kinds of resource, and for
/// each kind of principal, if it may ask at all, the policies about it. Cedar evaluates every policy
/// it is given.
pub(crate) struct Slice {
    pub(crate) action: EntityUid,
    pub(crate) resources: Vec<String>,
    pub(crate) appointment: Option<PolicySet>,
    pub(crate) individual: Option<PolicySet>,
    pub(crate) integration: Option<PolicySet>,
    pub(crate) app_user: Option<PolicySet>,
    pub(crate) system: Option<PolicySet>,
}

impl Policy {
    /// Parses the built-in policies and validates them strictly against their schema.
    /// About 0.2 s in a debug build, so it is done once at start.
    pub fn new() -> Result<Self, PolicyError> {
        Self::from_text(load::SCHEMA, &load::POLICIES)
    }

    /// The same from other texts: (file name, text) of each file.
    pub fn from_text(schema: &str, policies: &[(&str, &str)]) -> Result<Self, PolicyError> {
        let (schema, slices) = load::slices(schema, policies)?;
        let mut policy = Self {
            authorizer: Authorizer::new(),
            vocabulary: Vocabulary::new()?,
            slices,
            reaches: HashMap::new(),
            memory: Memory::default(),
        };
        reach::check_vocabulary(&policy, &schema)?;
        policy.reaches = reach::derive(&policy)?;
        Ok(policy)
    }

    /// Whether the actor may do this to that. An action that does not fit the kind of resource is refused.
    pub fn may(&self, actor: &Actor, action: Action<'_>, resource: Resource<'_>) -> bool {
        let question = Question::new(actor, action, resource);
        if let Some(answer) = self.memory.get(&question) {
            return answer;
        }
        let answer = self.decide(actor, action, resource, None).unwrap_or(false);
        self.memory.put(question, answer);
        answer
    }

    /// Forgets what was answered, so that Cedar is asked again.
    pub fn forget(&self) {
        self.memory.clear();
    }

    /// What the actor may do the action to, as a query can say it. For `CaseList`, `CaseRead`,
    /// `CaseReadTimeline`, `CaseCount`, `PersonRead` and `JournalRead`; empty for any other action.
    pub fn scope(&self, actor: &Actor, action: Action<'_>) -> Scope {
        let Some(key) = list_key(action) else { return Scope::default() };
        let has_lists = !actor.system && !actor.is_machine();
        let Some(reaches) = self.reaches.get(&key).filter(|_| has_lists) else { return Scope::default() };
        let plain = reaches[actor.plain_role() as usize];
        let reach = |role: Role| reaches[role as usize];
        Scope::new(
            actor.posts().filter(|it| reach(it.role).subtree).map(|it| it.area.clone()).collect(),
            actor.posts().filter(|it| reach(it.role).organization).map(|it| it.organization).collect(),
            actor.person.filter(|_| plain.person),
            actor.followed_case.filter(|_| plain.case),
        )
    }

    /// Those of the transition's roles that can ever take it, in the best case. A procedure that names
    /// others is at fault: it promises what the policies forbid.
    pub fn takers(&self, advance: &Advance) -> Result<Vec<Role>, PolicyError> {
        reach::takers(self, advance)
    }

    /// With a schema, entities and request are validated too, which costs ten times as much.
    pub(crate) fn decide(
        &self,
        actor: &Actor,
        action: Action<'_>,
        resource: Resource<'_>,
        schema: Option<&Schema>,
    ) -> Result<bool, PolicyError> {
        let Some(slice) = self.slices.get(action.name()) else { return Ok(false) };
        if !slice.resources.iter().any(|it| it == resource.kind()) {
            return Ok(false);
        }
        let mut entities = Vec::new();
        let mut asked: Vec<(EntityUid, &PolicySet)> = Vec::new();
        let mut ask = |entity: Entity, policies| {
            asked.push((entity.uid(), policies));
            entities.push(entity);
        };
        if actor.system {
            slice.system.iter().for_each(|policies| ask(self.vocabulary.system(), policies));
        } else if actor.integration.is_some() {
            if let Some(policies) = &slice.integration {
                ask(self.vocabulary.integration(actor)?, policies);
            }
        } else if actor.app_user.is_some() {
            slice.app_user.iter().for_each(|policies| ask(self.vocabulary.app_user(), policies));
        } else {
            // Posts first: whoever has one mostly asks because of it.
            if let Some(policies) = &slice.appointment {
                self.vocabulary.appointments(actor)?.into_iter().for_each(|entity| ask(entity, policies));
            }
            if let Some(policies) = &slice.individual {
                ask(self.vocabulary.individual(actor)?, policies);
            }
        }
        let resource = self.vocabulary.resource(resource)?;
        let resource_uid = resource.uid();
        entities.push(resource);
        let entities = Entities::from_entities(entities, schema).map_err(PolicyError::misfit)?;
        let context = self.vocabulary.context(action)?;
        for (principal, policies) in asked {
            let request =
                Request::new(principal, slice.action.clone(), resource_uid.clone(), context.clone(), schema)
                    .map_err(PolicyError::misfit)?;
            let response = self.authorizer.is_authorized(&request, policies, &entities);
            // Cedar passes over a policy that fails; a forbid passed over would be a permit.
            if let Some(error) = response.diagnostics().errors().next() {
                return Err(PolicyError::misfit(error));
            }
            if response.decision() == Decision::Allow {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The key of an action that lists are made of.
pub(crate) fn list_key(action: Action<'_>) -> Option<ListKey> {
    match action {
        Action::CaseList
        | Action::CaseRead
        | Action::CaseReadTimeline
        | Action::CaseCount
        | Action::JournalRead => Some((action.name(), None)),
        Action::PersonRead { purpose } => Some((action.name(), purpose)),
        _ => None,
    }
}
