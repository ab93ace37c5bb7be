use std::{
    collections::{BTreeSet, HashMap},
    str::FromStr,
};

use cedar_policy::{
    ActionConstraint, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint, Schema, ValidationMode,
    Validator,
};
use kernel::Role;

use crate::{Action, Advance, PolicyError, Relation, policy::Slice};

pub(crate) const SCHEMA: &str = include_str!("../policies/schema.cedarschema");
pub(crate) const POLICIES: [(&str, &str); 10] = [
    ("city.cedar", include_str!("../policies/city.cedar")),
    ("case.cedar", include_str!("../policies/case.cedar")),
    ("advance.cedar", include_str!("../policies/advance.cedar")),
    ("person.cedar", include_str!("../policies/person.cedar")),
    ("supervision.cedar", include_str!("../policies/supervision.cedar")),
    ("evaluation.cedar", include_str!("../policies/evaluation.cedar")),
    ("form.cedar", include_str!("../policies/form.cedar")),
    ("checkpoint.cedar", include_str!("../policies/checkpoint.cedar")),
    ("pass.cedar", include_str!("../policies/pass.cedar")),
    ("campaign.cedar", include_str!("../policies/campaign.cedar")),
];

/// Kinds of which a policy may name one: they are words, not things of the city.
const WORDS: [&str; 6] = ["Action", "Role", "RoleGroup", "Relation", "Party", "Purpose"];

/// Parses and validates, and cuts the policies by action.
pub(crate) fn slices(
    schema: &str,
    files: &[(&str, &str)],
) -> Result<(Schema, HashMap<String, Slice>), PolicyError> {
    let (schema, _) =
        Schema::from_cedarschema_str(schema).map_err(|error| PolicyError::Schema(error.to_string()))?;
    let policies = parse(files)?;
    validate(&schema, &policies)?;
    check_actions(&schema)?;
    let mut slices = HashMap::new();
    for action in schema.actions() {
        let name: &str = action.id().as_ref();
        slices.insert(name.to_owned(), slice(&schema, &policies, action)?);
    }
    Ok((schema, slices))
}

/// All files as one set, each policy under its own `@id`.
fn parse(files: &[(&str, &str)]) -> Result<PolicySet, PolicyError> {
    let mut all = PolicySet::new();
    for (file, text) in files {
        let set = PolicySet::from_str(text)
            .map_err(|error| PolicyError::Syntax { file: (*file).to_owned(), reason: error.to_string() })?;
        for policy in set.policies() {
            let id =
                policy.annotation("id").ok_or_else(|| PolicyError::Unnamed { file: (*file).to_owned() })?;
            all.add(policy.new_id(PolicyId::new(id))).map_err(|_| PolicyError::Duplicate(id.to_owned()))?;
        }
    }
    Ok(all)
}

/// Strictly, and a warning is as bad as an error: it tells of a policy that can never apply.
fn validate(schema: &Schema, policies: &PolicySet) -> Result<(), PolicyError> {
    let result = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    if !result.validation_passed_without_warnings() {
        let errors = result.validation_errors().map(ToString::to_string);
        let warnings = result.validation_warnings().map(ToString::to_string);
        return Err(PolicyError::Invalid(errors.chain(warnings).collect::<Vec<_>>().join("\n")));
    }
    for policy in policies.policies() {
        // Otherwise what a role reaches could not be told from the role alone, and `scope` be wrong.
        let particular =
            policy.entity_literals().into_iter().find(|it| !WORDS.contains(&it.type_name().basename()));
        if let Some(entity) = particular {
            return Err(PolicyError::Particular {
                policy: policy.id().to_string(),
                entity: entity.to_string(),
            });
        }
    }
    Ok(())
}

/// Schema and code know the same actions.
fn check_actions(schema: &Schema) -> Result<(), PolicyError> {
    let advance = Advance::of(&Role::ALL, Relation::Area);
    let known: BTreeSet<String> = Action::all(&advance).iter().map(|it| it.name().to_owned()).collect();
    let stated: BTreeSet<String> =
        schema.actions().map(|it| AsRef::<str>::as_ref(it.id()).to_owned()).collect();
    // A group would be an action of the schema that the code does not know.
    match known.symmetric_difference(&stated).next() {
        Some(name) => Err(PolicyError::Action(name.clone())),
        None => Ok(()),
    }
}

fn slice(schema: &Schema, policies: &PolicySet, action: &EntityUid) -> Result<Slice, PolicyError> {
    let about = |kind: &str| -> Result<Option<PolicySet>, PolicyError> {
        if !schema.principals_for_action(action).into_iter().flatten().any(|it| it.basename() == kind) {
            return Ok(None);
        }
        let chosen =
            policies.policies().filter(|it| concerns_action(it, action) && concerns_kind(it, kind)).cloned();
        PolicySet::from_policies(chosen).map(Some).map_err(|error| PolicyError::Invalid(error.to_string()))
    };
    Ok(Slice {
        action: action.clone(),
        resources: schema
            .resources_for_action(action)
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect(),
        appointment: about("Appointment")?,
        individual: about("Individual")?,
        integration: about("Integration")?,
        app_user: about("AppUser")?,
        system: about("System")?,
    })
}

/// By the policy's head. The schema has no groups of actions, so a name stands for itself alone.
fn concerns_action(policy: &Policy, action: &EntityUid) -> bool {
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(it) => it == *action,
        ActionConstraint::In(them) => them.contains(action),
    }
}

/// By the policy's head; one that names no kind of principal concerns all.
fn concerns_kind(policy: &Policy, kind: &str) -> bool {
    match policy.principal_constraint() {
        PrincipalConstraint::Is(it) | PrincipalConstraint::IsIn(it, _) => it.basename() == kind,
        PrincipalConstraint::Any | PrincipalConstraint::In(_) | PrincipalConstraint::Eq(_) => true,
    }
}
