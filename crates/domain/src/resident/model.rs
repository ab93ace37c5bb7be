use kernel::{
    Area, AreaPath, Household as HouseholdName, Id, Person as PersonName, Premises as PremisesName,
};

/// A dwelling, in the grid that serves it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Premises {
    pub county: Id<Area>,
    pub id: Id<PremisesName>,
    pub area: Id<Area>,
    pub area_path: AreaPath,
    pub address: String,
}

/// People who live together in one dwelling.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Household {
    pub county: Id<Area>,
    pub id: Id<HouseholdName>,
    pub premises: Id<PremisesName>,
}

/// A natural person: a resident, a member of staff (who may have no household here), or both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    pub county: Id<Area>,
    pub id: Id<PersonName>,
    pub name: String,
    pub phone: Option<String>,
    pub household: Option<Id<HouseholdName>>,
}

/// What is kept of a person, as it is shown to somebody with a purpose, or to the person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonRecord {
    pub id: Id<PersonName>,
    pub county: Id<Area>,
    pub name: String,
    pub phone: Option<String>,
    pub address: Option<String>,
    /// The grid of the household; without one, the county.
    pub area: Id<Area>,
    pub area_path: AreaPath,
}

/// Somebody who was found by what they say of themselves, and where they live.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    pub person: Id<PersonName>,
    pub county: Id<Area>,
    pub path: AreaPath,
}

/// How many live in an area. `None` is more than none and too few to be published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counts {
    pub households: Option<i64>,
    pub residents: Option<i64>,
    /// Rounded to fives, with small numbers left out.
    pub coarse: bool,
}

/// Numbers below this one could show who is meant.
pub const PUBLISHED_MIN: i64 = 10;
const PUBLISHED_STEP: i64 = 5;

impl Counts {
    pub fn exact(households: i64, residents: i64) -> Self {
        Self { households: Some(households), residents: Some(residents), coarse: false }
    }

    /// As anybody may see them.
    pub fn published(households: i64, residents: i64) -> Self {
        Self { households: coarse(households), residents: coarse(residents), coarse: true }
    }
}

/// A number as it is published: in fives, and none where it could show who is meant.
pub fn coarse(number: i64) -> Option<i64> {
    match number {
        0 => Some(0),
        1..PUBLISHED_MIN => None,
        _ => Some((number + PUBLISHED_STEP / 2) / PUBLISHED_STEP * PUBLISHED_STEP),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_hide_small_cells_and_are_rounded() {
        let numbers = [0, 1, 9, 10, 12, 13, 1_711_002].map(coarse);
        assert_eq!(numbers, [Some(0), None, None, Some(10), Some(10), Some(15), Some(1_711_000)]);
    }
}
