//! Comparing a file with the tree: pure, from rows and areas to what is to be written.
//!
//! A row means the area that bears its code, or, with `previous_code`, the one that bore that. Codes in
//! a file are codes after the import. A code need not begin with its parent's: an area that moved may
//! keep its own. The plan is made as a second state of every area (`after`, same numbers as the tree,
//! new ones behind), and what is to be written is the difference.

mod difference;

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::{Area as AreaName, AreaPath, Id, Tier, limits};

use super::{
    fault::{Collector, Position, Reason},
    model::{Area, ImportReport, Kind, Options, Version, kind_of_code},
    source::Record,
    tree::{Tree, county, line_up},
};

/// Rows of one file that hand codes on to one another.
const CHAIN_ROWS_MAX: usize = 1_000;

/// What an import writes.
#[derive(Debug, Default)]
pub struct Plan {
    /// Areas whose codes others take over in the same import: they step aside first.
    pub aside: Vec<Id<AreaName>>,
    /// Earlier states to keep.
    pub versions: Vec<Version>,
    /// New states of areas that are known.
    pub updates: Vec<Area>,
    pub inserts: Vec<Area>,
    /// Subtrees that other tables' paths follow, deepest first: from, to.
    pub rebases: Vec<(AreaPath, AreaPath)>,
    /// By how much the counts below an area change.
    pub counts: HashMap<(Id<AreaName>, Tier, Kind), i64>,
    pub events: Vec<Event>,
    /// The topmost of the paths that change, before and after.
    pub touched: Vec<AreaPath>,
    /// The county of the first row, to record the import under.
    pub first: Option<(Id<AreaName>, Id<AreaName>)>,
    pub report: ImportReport,
}

/// One change of one known area, for the journal.
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    pub area: Id<AreaName>,
    pub county: Id<AreaName>,
    pub action: &'static str,
    pub from: String,
    pub to: String,
}

struct Planner<'a> {
    tree: &'a Tree,
    records: &'a [Record],
    options: Options,
    faults: &'a mut Collector,
    /// The row of each code.
    rows: HashMap<&'a str, usize>,
    /// The area that each row means.
    targets: Vec<Option<usize>>,
    after: Vec<Area>,
    parents: Vec<Option<usize>>,
    /// The row that each area is named by.
    named: Vec<Option<usize>>,
}

/// Compares; faults go to `faults`, and then the plan is not to be carried out. `bore(area, code)` tells
/// whether a known area once bore a code.
pub fn plan(
    tree: &Tree,
    records: &[Record],
    options: Options,
    bore: &HashSet<(Id<AreaName>, String)>,
    new_id: &mut dyn FnMut() -> Id<AreaName>,
    faults: &mut Collector,
) -> Plan {
    let known = tree.areas.len();
    let parents = (0..known).map(|number| tree.parent(number)).collect();
    let mut planner = Planner {
        tree,
        records,
        options,
        faults,
        rows: HashMap::with_capacity(records.len()),
        targets: vec![None; records.len()],
        after: tree.areas.clone(),
        parents,
        named: vec![None; known],
    };
    planner.check_rows();
    planner.find_previous(bore);
    planner.find_others(new_id);
    planner.end_what_is_left_out();
    planner.end_named();
    planner.place();
    planner.check_ends();
    planner.renew_paths();
    planner.difference()
}

impl<'a> Planner<'a> {
    fn check_rows(&mut self) {
        for (row, record) in self.records.iter().enumerate() {
            let at = record.position;
            if Tier::of_code(&record.code).is_none() {
                self.faults.add(at, Reason::CodeLength(record.code.clone()));
            } else if let Some(first) = self.rows.get(record.code.as_str()) {
                let first = self.records[*first].position;
                self.faults.add_duplicate(at, &record.code, first);
            } else {
                self.rows.insert(&record.code, row);
            }
            if let Some(reason) = name_fault(&record.name).filter(|_| !record.ends()) {
                self.faults.add(at, reason);
            }
            if record.previous_code.is_some() && record.ends() {
                self.faults.add(at, Reason::PreviousAndEnd);
            }
        }
    }

    /// Rows in the order of the file whose codes are sound and theirs alone.
    fn sound_rows(&self) -> Vec<usize> {
        let is_sound = |row: &usize| self.rows.get(self.records[*row].code.as_str()) == Some(row);
        (0..self.records.len()).filter(is_sound).collect()
    }

    /// Rows with a previous code mean the area that bears it, unless an earlier import did that already.
    fn find_previous(&mut self, bore: &HashSet<(Id<AreaName>, String)>) {
        for row in self.sound_rows() {
            let record = &self.records[row];
            let Some(previous) = record.previous_code.as_ref().filter(|it| **it != record.code) else {
                continue;
            };
            let done = self.bearer_now(&record.code).filter(|_| self.is_done(row, bore));
            let target = done.or_else(|| self.bearer_now(previous));
            let reason = match target {
                None => Reason::PreviousUnknown(previous.clone()),
                Some(it) if Tier::of_code(&record.code) != Some(self.tree.areas[it].tier) => {
                    Reason::PreviousTier { code: record.code.clone(), previous: previous.clone() }
                }
                Some(it) if self.named[it].is_some() => Reason::PreviousTwice(previous.clone()),
                Some(it) => {
                    self.named[it] = Some(row);
                    self.targets[row] = Some(it);
                    continue;
                }
            };
            self.faults.add(record.position, reason);
        }
    }

    fn bearer_now(&self, code: &str) -> Option<usize> {
        self.tree.of_code(code).filter(|number| self.tree.in_force(*number))
    }

    /// Whether an earlier import did what the row says: who bears its code once bore the previous one. Where
    /// that is in force too, the row that says who bears it must be done as well: of two that change codes
    /// with each other, both are or none. So a swap once made is not made back by naming it again.
    fn is_done(&self, row: usize, bore: &HashSet<(Id<AreaName>, String)>) -> bool {
        let mut at = row;
        for _ in 0..CHAIN_ROWS_MAX {
            let record = &self.records[at];
            let Some(previous) = record.previous_code.as_ref().filter(|it| **it != record.code) else {
                return true;
            };
            let bearer = self.bearer_now(&record.code).map(|number| self.tree.areas[number].id);
            if !bearer.is_some_and(|id| bore.contains(&(id, previous.clone()))) {
                return false;
            }
            match self.rows.get(previous.as_str()).filter(|_| self.bearer_now(previous).is_some()) {
                Some(next) if *next != row => at = *next,
                _ => return true,
            }
        }
        false
    }

    /// The other rows mean the area that bears their code, unless it goes on under another.
    fn find_others(&mut self, new_id: &mut dyn FnMut() -> Id<AreaName>) {
        for row in self.sound_rows() {
            let record = &self.records[row];
            let bears = self.tree.of_code(&record.code);
            if let Some(target) = self.targets[row] {
                // Its code must be free, or become so.
                let taken = bears.is_some_and(|it| it != target && !self.leaves_its_code(it));
                if taken {
                    self.faults.add(record.position, Reason::CodeTaken(record.code.clone()));
                }
                continue;
            }
            if record.previous_code.as_ref().is_some_and(|it| *it != record.code) {
                continue; // at fault already
            }
            match bears.filter(|it| !self.leaves_its_code(*it)) {
                Some(it) => {
                    self.named[it] = Some(row);
                    self.targets[row] = Some(it);
                }
                None if record.ends() => {
                    self.faults.add(record.position, Reason::EndUnknown(record.code.clone()))
                }
                None => self.targets[row] = self.found(row, new_id),
            }
        }
    }

    /// Whether a row gives the area another code.
    fn leaves_its_code(&self, number: usize) -> bool {
        self.named[number].is_some_and(|row| self.records[row].code != self.tree.areas[number].code)
    }

    fn found(&mut self, row: usize, new_id: &mut dyn FnMut() -> Id<AreaName>) -> Option<usize> {
        let record = &self.records[row];
        self.after.push(Area {
            id: new_id(),
            code: record.code.clone(),
            name: record.name.clone(),
            tier: Tier::of_code(&record.code)?,
            kind: kind_of_code(&record.code),
            parent_id: None,
            path: AreaPath::root(&record.code).ok()?,
            valid_from: self.options.date,
            valid_to: None,
            successor: None,
        });
        self.parents.push(None);
        self.named.push(Some(row));
        Some(self.after.len() - 1)
    }

    /// With a complete file, the areas of its tiers below its topmost ones that it does not name end.
    fn end_what_is_left_out(&mut self) {
        if !self.options.complete {
            return;
        }
        let mut tiers = HashSet::new();
        let mut tops = HashSet::new();
        for (record, target) in self.records.iter().zip(&self.targets) {
            let Some(number) = target.filter(|_| !record.ends()) else { continue };
            tiers.insert(self.after[number].tier);
            let parent_is_named = record.parent.as_deref().is_some_and(|it| self.rows.contains_key(it));
            if !parent_is_named && number < self.tree.areas.len() {
                tops.insert(number);
            }
        }
        for (number, area) in self.tree.areas.iter().enumerate() {
            let is_left_out =
                area.valid_to.is_none() && self.named[number].is_none() && tiers.contains(&area.tier);
            if is_left_out && line_up(number, |it| self.tree.parent(it)).any(|it| tops.contains(&it)) {
                self.after[number].valid_to = Some(self.options.date);
            }
        }
    }

    fn end_named(&mut self) {
        for row in 0..self.records.len() {
            let record = &self.records[row];
            let Some(number) = self.targets[row].filter(|_| record.ends()) else { continue };
            if !self.tree.in_force(number) {
                continue; // an earlier import ended it
            }
            let end = record.ended.unwrap_or(self.options.date);
            let from = self.tree.areas[number].valid_from;
            if end > self.options.date {
                self.faults.add(record.position, Reason::EndLate);
            } else if end < from {
                self.faults.add(record.position, Reason::EndEarly(from.to_string()));
            }
            self.after[number].valid_to = Some(end);
        }
        for row in 0..self.records.len() {
            let record = &self.records[row];
            let (Some(number), Some(into)) = (self.targets[row], &record.merged_into) else { continue };
            if !self.tree.in_force(number) {
                continue;
            }
            match self.in_force_after(into) {
                Some(it) if self.after[it].tier == self.after[number].tier => {
                    self.after[number].successor = Some(self.after[it].id);
                }
                Some(_) => self.faults.add(record.position, Reason::SuccessorTier(into.clone())),
                None => self.faults.add(record.position, Reason::SuccessorUnknown(into.clone())),
            }
        }
    }

    /// The area that bears a code after the import.
    fn in_force_after(&self, code: &str) -> Option<usize> {
        if let Some(row) = self.rows.get(code) {
            return self.targets[*row].filter(|_| !self.records[*row].ends());
        }
        let number = self.tree.of_code(code)?;
        (self.after[number].valid_to.is_none() && !self.leaves_its_code(number)).then_some(number)
    }

    /// Gives each named area its code, name and parent.
    fn place(&mut self) {
        for row in 0..self.records.len() {
            let record = &self.records[row];
            let Some(number) = self.targets[row].filter(|_| !record.ends()) else { continue };
            let tier = self.after[number].tier;
            let parent = match self.parent_of(record, tier) {
                Ok(parent) => parent,
                Err(reason) => {
                    self.faults.add(record.position, reason);
                    continue;
                }
            };
            let kind = match (tier, parent) {
                (Tier::Community, _) => kind_of_code(&record.code),
                (Tier::Grid | Tier::Group, _) if number < self.tree.areas.len() => self.after[number].kind,
                (Tier::Grid, Some(community)) => kind_of_code(&self.after[community].code),
                (Tier::Group, Some(grid)) => self.after[grid].kind,
                _ => Kind::Other,
            };
            self.parents[number] = parent;
            let parent_id = parent.map(|it| self.after[it].id);
            let area = &mut self.after[number];
            (area.kind, area.parent_id) = (kind, parent_id);
            area.code.clone_from(&record.code);
            area.name.clone_from(&record.name);
            // One that had ended and is named again is in force again.
            (area.valid_to, area.successor) = (None, None);
        }
    }

    fn parent_of(&self, record: &Record, tier: Tier) -> Result<Option<usize>, Reason> {
        let code = record.code.clone();
        let Some(parent) = &record.parent else {
            let may_be_root = tier <= Tier::City;
            return if may_be_root { Ok(None) } else { Err(Reason::ParentMissing { code, tier }) };
        };
        let wrong = |found| Reason::ParentTier { code: code.clone(), tier, parent: parent.clone(), found };
        match (self.in_force_after(parent), Tier::of_code(parent)) {
            (Some(number), _) if Some(self.after[number].tier) != tier.above() => {
                Err(wrong(self.after[number].tier))
            }
            (Some(number), _) => Ok(Some(number)),
            // A list of one city names its province without having it.
            (None, Some(Tier::Province))
                if tier == Tier::City && !self.rows.contains_key(parent.as_str()) =>
            {
                Ok(None)
            }
            (None, Some(found)) if Some(found) != tier.above() => Err(wrong(found)),
            (None, _)
                if self.rows.contains_key(parent.as_str())
                    || self.tree.of_code(parent).is_some_and(|it| self.tree.in_force(it)) =>
            {
                Err(Reason::ParentEnds(parent.clone()))
            }
            (None, _) => Err(Reason::ParentUnknown(parent.clone())),
        }
    }

    /// What stood below an area that ends must have ended or left by then.
    fn check_ends(&mut self) {
        for number in 0..self.tree.areas.len() {
            let Some(above) = self.tree.parent(number).filter(|_| self.tree.in_force(number)) else {
                continue;
            };
            let Some(end) = self.after[above].valid_to.filter(|_| self.tree.in_force(above)) else {
                continue;
            };
            let stays = self.after[number].valid_to.is_none() && self.parents[number] == Some(above);
            let until = self.after[number].valid_to.unwrap_or(self.options.date);
            if stays || until > end {
                let reason = Reason::EndWithChildren {
                    code: self.tree.areas[above].code.clone(),
                    child: self.tree.areas[number].code.clone(),
                };
                let position = self.position(above).or_else(|| self.position(number));
                self.faults.add(position, reason);
            }
        }
    }

    fn position(&self, number: usize) -> Option<Position> {
        self.named[number].map(|row| self.records[row].position)
    }

    /// Paths follow codes and parents, from the top down.
    fn renew_paths(&mut self) {
        let mut order: Vec<usize> =
            (0..self.after.len()).filter(|it| self.after[*it].valid_to.is_none()).collect();
        order.sort_by_key(|number| self.after[*number].tier);
        for number in order {
            let area = &self.after[number];
            let path = match self.parents[number] {
                None => AreaPath::root(&area.code),
                Some(parent) => self.after[parent].path.child(&area.code),
            };
            match path {
                Ok(path) => self.after[number].path = path,
                Err(_) => {
                    let reason = Reason::PathTooLong(area.code.clone());
                    let position = self.position(number);
                    self.faults.add(position, reason);
                }
            }
        }
    }
}

fn name_fault(name: &str) -> Option<Reason> {
    if name.is_empty() {
        Some(Reason::NameEmpty)
    } else if name.chars().count() > limits::AREA_NAME_CHARS_MAX {
        Some(Reason::NameTooLong)
    } else if name.chars().any(char::is_control) {
        Some(Reason::NameControl)
    } else {
        None
    }
}
