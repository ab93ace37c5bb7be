//! The whole tree in memory, for comparing it with a file.

use std::collections::HashMap;

use kernel::{Area as AreaName, Id, Tier};

use super::model::Area;

/// Every area with its code, ended ones too, by its number.
#[derive(Debug, Default)]
pub struct Tree {
    pub areas: Vec<Area>,
    by_code: HashMap<String, usize>,
    by_id: HashMap<Id<AreaName>, usize>,
}

impl Tree {
    pub fn new(areas: Vec<Area>) -> Self {
        let by_code = areas.iter().enumerate().map(|(number, area)| (area.code.clone(), number)).collect();
        let by_id = areas.iter().enumerate().map(|(number, area)| (area.id, number)).collect();
        Self { areas, by_code, by_id }
    }

    /// In force or ended.
    pub fn of_code(&self, code: &str) -> Option<usize> {
        self.by_code.get(code).copied()
    }

    pub fn of_id(&self, id: Id<AreaName>) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    pub fn parent(&self, number: usize) -> Option<usize> {
        self.areas[number].parent_id.and_then(|id| self.of_id(id))
    }

    pub fn in_force(&self, number: usize) -> bool {
        self.areas[number].valid_to.is_none()
    }
}

/// An area's number and those above it, itself first.
pub fn line_up(number: usize, parent: impl Fn(usize) -> Option<usize>) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(number), move |number| parent(*number))
}

/// The county among an area and those above it; the area itself where it stands above counties.
pub fn county(areas: &[Area], number: usize, parent: impl Fn(usize) -> Option<usize>) -> Id<AreaName> {
    let county = line_up(number, parent).find(|it| areas[*it].tier == Tier::County);
    areas[county.unwrap_or(number)].id
}
