use cedar_policy::{Context, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use kernel::{AreaPath, Case, Id, Organization, Person, Role};

use crate::{
    Action, Actor, Advance, AnswerFacts, CaseFacts, Party, PolicyError, Purpose, Relation, Resource,
    SupervisionFacts,
};

/// Our types in Cedar's words. Names are parsed once; an entity is built for each question.
pub(crate) struct Vocabulary {
    area: EntityTypeName,
    organization: EntityTypeName,
    person: EntityTypeName,
    account: EntityTypeName,
    journal: EntityTypeName,
    case: EntityTypeName,
    supervision: EntityTypeName,
    answer: EntityTypeName,
    appointment: EntityTypeName,
    individual: EntityTypeName,
    roles: Vec<EntityUid>,
    relations: Vec<EntityUid>,
    parties: Vec<EntityUid>,
    purposes: Vec<EntityUid>,
    grid_worker: EntityUid,
    integration: EntityUid,
    app_user: EntityUid,
    system: EntityUid,
    city: EntityUid,
}

type Attributes = Vec<(String, RestrictedExpression)>;

impl Vocabulary {
    pub(crate) fn new() -> Result<Self, PolicyError> {
        let words = |kind: &str, names: &[&str]| -> Result<Vec<EntityUid>, PolicyError> {
            let kind = type_name(kind)?;
            Ok(names.iter().map(|name| named(&kind, name)).collect())
        };
        Ok(Self {
            area: type_name("Area")?,
            organization: type_name("Organization")?,
            person: type_name("Person")?,
            account: type_name("Account")?,
            journal: type_name("Journal")?,
            case: type_name("Case")?,
            supervision: type_name("Supervision")?,
            answer: type_name("Answer")?,
            appointment: type_name("Appointment")?,
            individual: type_name("Individual")?,
            roles: words("Role", &Role::ALL.map(Role::as_str))?,
            relations: words("Relation", &Relation::ALL.map(Relation::as_str))?,
            parties: words("Party", &Party::ALL.map(Party::as_str))?,
            purposes: words("Purpose", &Purpose::ALL.map(Purpose::as_str))?,
            grid_worker: named(&type_name("RoleGroup")?, "grid_worker"),
            integration: named(&type_name("Integration")?, "integration"),
            app_user: named(&type_name("AppUser")?, "app_user"),
            system: named(&type_name("System")?, "clock"),
            city: named(&type_name("City")?, "city"),
        })
    }

    /// The actor as a plain person: resident or nobody known.
    pub(crate) fn individual(&self, actor: &Actor) -> Result<Entity, PolicyError> {
        let mut attributes = vec![
            ("role".to_owned(), self.role(actor.plain_role())),
            ("organizations".to_owned(), self.organizations_of(actor)),
        ];
        attributes.extend(actor.person.map(|it| ("person".to_owned(), one(self.person(it)))));
        attributes.extend(self.followed(actor));
        entity(named(&self.individual, "individual"), attributes, None)
    }

    /// The actor in each of their posts; without a person there are none.
    pub(crate) fn appointments(&self, actor: &Actor) -> Result<Vec<Entity>, PolicyError> {
        let Some(person) = actor.person else { return Ok(Vec::new()) };
        let build = |(index, appointment): (usize, &crate::Appointment)| {
            let mut attributes = vec![
                ("role".to_owned(), self.role(appointment.role)),
                ("organization".to_owned(), one(self.organization(appointment.organization))),
                ("area".to_owned(), one(named(&self.area, appointment.area.as_str()))),
                ("person".to_owned(), one(self.person(person))),
                ("organizations".to_owned(), self.organizations_of(actor)),
            ];
            attributes.extend(self.followed(actor));
            let groups = appointment.role.is_grid().then(|| self.grid_worker.clone());
            entity(named(&self.appointment, &index.to_string()), attributes, groups)
        };
        actor.posts().enumerate().map(build).collect()
    }

    pub(crate) fn integration(&self, actor: &Actor) -> Result<Entity, PolicyError> {
        entity(self.integration.clone(), self.followed(actor).into_iter().collect(), None)
    }

    pub(crate) fn app_user(&self) -> Entity {
        Entity::with_uid(self.app_user.clone())
    }

    pub(crate) fn system(&self) -> Entity {
        Entity::with_uid(self.system.clone())
    }

    pub(crate) fn resource(&self, resource: Resource<'_>) -> Result<Entity, PolicyError> {
        match resource {
            Resource::City => Ok(Entity::with_uid(self.city.clone())),
            Resource::Area { path } => {
                // The last one is the area itself, which is not its own parent.
                let above = self.ancestors(path).take(path.codes().count() - 1);
                entity(named(&self.area, path.as_str()), vec![], above)
            }
            Resource::Organization { id, area } => {
                entity(self.organization(id), vec![], self.ancestors(area))
            }
            Resource::Person { id, area } => entity(self.person(id), vec![], self.ancestors(area)),
            Resource::Journal { area } => entity(named(&self.journal, "entry"), vec![], self.ancestors(area)),
            Resource::Account { person, area } => {
                let attributes = vec![("person".to_owned(), one(self.person(person)))];
                entity(named(&self.account, "account"), attributes, self.ancestors(area))
            }
            Resource::Case(facts) => self.case_entity(facts),
            Resource::Supervision(facts) => self.supervision_entity(facts),
            Resource::Answer(facts) => self.answer_entity(facts),
        }
    }

    fn case_entity(&self, facts: &CaseFacts) -> Result<Entity, PolicyError> {
        let people = |ids: &[Id<Person>]| set(ids.iter().map(|it| self.person(*it)));
        let mut attributes = vec![
            ("verifying".to_owned(), RestrictedExpression::new_bool(facts.verifying)),
            ("contact_shared".to_owned(), RestrictedExpression::new_bool(facts.contact_shared)),
            (
                "handling_organizations".to_owned(),
                set(facts.handling_organizations.iter().map(|it| self.organization(*it))),
            ),
            ("handlers".to_owned(), people(&facts.handlers)),
            ("dispatchers".to_owned(), people(&facts.dispatchers)),
            ("verifiers".to_owned(), people(&facts.verifiers)),
            ("closers".to_owned(), people(&facts.closers)),
        ];
        attributes.extend(facts.sender().map(|it| {
            let above = self.ancestors(it).take(it.codes().count() - 1);
            ("above_sender".to_owned(), set(above))
        }));
        attributes.extend(facts.owner.map(|it| ("owner".to_owned(), one(self.organization(it)))));
        attributes.extend(facts.lead.map(|it| ("lead".to_owned(), one(self.organization(it)))));
        attributes.extend(facts.reporter.map(|it| ("reporter".to_owned(), one(self.person(it)))));
        entity(self.case(facts.id), attributes, self.ancestors(&facts.area))
    }

    fn supervision_entity(&self, facts: &SupervisionFacts) -> Result<Entity, PolicyError> {
        let attributes = vec![
            ("area".to_owned(), one(named(&self.area, facts.area.as_str()))),
            ("ordered_by".to_owned(), one(self.organization(facts.ordered_by))),
            ("organization".to_owned(), one(self.organization(facts.organization))),
            ("repliers".to_owned(), set(facts.repliers.iter().map(|it| self.person(*it)))),
        ];
        entity(named(&self.supervision, "order"), attributes, self.ancestors(&facts.area))
    }

    fn answer_entity(&self, facts: &AnswerFacts) -> Result<Entity, PolicyError> {
        let mut attributes = vec![
            ("unit".to_owned(), one(named(&self.area, facts.unit.as_str()))),
            ("authors".to_owned(), set(facts.authors.iter().map(|it| self.person(*it)))),
        ];
        attributes.extend(facts.person.map(|it| ("person".to_owned(), one(self.person(it)))));
        entity(named(&self.answer, "answer"), attributes, self.ancestors(&facts.unit))
    }

    pub(crate) fn context(&self, action: Action<'_>) -> Result<Context, PolicyError> {
        let pairs: Attributes = match action {
            Action::CaseReport { roles } => vec![("roles".to_owned(), self.roles(roles))],
            Action::CaseAdvance(advance) => self.advance(advance),
            Action::CaseDecide(decide) => vec![
                ("roles".to_owned(), self.roles(decide.roles)),
                ("others".to_owned(), set(decide.others.iter().map(|it| self.person(*it)))),
            ],
            Action::PassApprove { proposed_by } | Action::WithholdingDecide { proposed_by } => {
                vec![("proposed_by".to_owned(), one(self.organization(proposed_by)))]
            }
            Action::PassStateGuardian { by_committee } => {
                vec![("by_committee".to_owned(), RestrictedExpression::new_bool(by_committee))]
            }
            Action::PersonCount { role } => vec![("role".to_owned(), one(self.roles[role as usize].clone()))],
            Action::PersonRead { purpose: Some(purpose) } => {
                vec![("purpose".to_owned(), one(self.purposes[purpose as usize].clone()))]
            }
            _ => return Ok(Context::empty()),
        };
        Context::from_pairs(pairs).map_err(PolicyError::misfit)
    }

    fn advance(&self, advance: &Advance) -> Attributes {
        let except = set(advance.except.iter().map(|it| self.parties[*it as usize].clone()));
        vec![
            ("roles".to_owned(), self.roles(&advance.roles)),
            ("relation".to_owned(), one(self.relations[advance.relation as usize].clone())),
            ("except".to_owned(), except),
            ("closes".to_owned(), RestrictedExpression::new_bool(advance.closes)),
            ("checks".to_owned(), RestrictedExpression::new_bool(advance.checks)),
            ("evaluates".to_owned(), RestrictedExpression::new_bool(advance.evaluates)),
            ("above_sender".to_owned(), RestrictedExpression::new_bool(advance.above_sender)),
        ]
    }

    /// From the root down to the area itself. They are given as direct parents, so that no area entity
    /// is needed.
    fn ancestors<'a>(&'a self, path: &'a AreaPath) -> impl Iterator<Item = EntityUid> + 'a {
        let text = path.as_str();
        text.match_indices('/').map(|(end, _)| named(&self.area, &text[..=end]))
    }

    fn role(&self, role: Role) -> RestrictedExpression {
        one(self.roles[role as usize].clone())
    }

    fn roles(&self, roles: &[Role]) -> RestrictedExpression {
        set(roles.iter().map(|it| self.roles[*it as usize].clone()))
    }

    fn organizations_of(&self, actor: &Actor) -> RestrictedExpression {
        set(actor.appointments.iter().map(|it| self.organization(it.organization)))
    }

    fn followed(&self, actor: &Actor) -> Option<(String, RestrictedExpression)> {
        actor.followed_case.map(|it| ("followed".to_owned(), one(self.case(it))))
    }

    fn organization(&self, id: Id<Organization>) -> EntityUid {
        identified(&self.organization, id)
    }

    fn person(&self, id: Id<Person>) -> EntityUid {
        identified(&self.person, id)
    }

    fn case(&self, id: Id<Case>) -> EntityUid {
        identified(&self.case, id)
    }
}

fn type_name(name: &str) -> Result<EntityTypeName, PolicyError> {
    name.parse().map_err(|error| PolicyError::Entities(format!("{name}: {error}")))
}

fn named(kind: &EntityTypeName, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(name))
}

fn identified<K>(kind: &EntityTypeName, id: Id<K>) -> EntityUid {
    named(kind, id.uuid().hyphenated().encode_lower(&mut [0; 36]))
}

fn one(uid: EntityUid) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(uid)
}

fn set(uids: impl Iterator<Item = EntityUid>) -> RestrictedExpression {
    RestrictedExpression::new_set(uids.map(one))
}

fn entity(
    uid: EntityUid,
    attributes: Attributes,
    parents: impl IntoIterator<Item = EntityUid>,
) -> Result<Entity, PolicyError> {
    Entity::new_with_tags(uid, attributes, parents, []).map_err(PolicyError::misfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_each_list_is_that_of_its_type() {
        // `roles[role as usize]` and its like stand on it.
        assert!(Role::ALL.iter().enumerate().all(|(index, it)| *it as usize == index));
        assert!(Relation::ALL.iter().enumerate().all(|(index, it)| *it as usize == index));
        assert!(Party::ALL.iter().enumerate().all(|(index, it)| *it as usize == index));
        assert!(Purpose::ALL.iter().enumerate().all(|(index, it)| *it as usize == index));
    }
}
