use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Ailment, Finding};
use crate::{
    demand::Demand,
    figures::{Figures, GridFigures},
    map::{Faults, Map, Refusal},
    plan::{GridKind, OutOfBand, Plan},
    planner,
    replan::{Old, replan},
    watch::Watch,
};

/// Metres of a border on no street, or of barrier inside a grid, that are let pass.
const STRETCH_MIN: f64 = 20.0;

/// An atom goes into another grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reassignment {
    pub atom: usize,
    /// A grid of the audited plan, or one beyond them where new ones are needed.
    pub to: usize,
}

pub type AtomFinding = Finding<Reassignment>;

/// What is wrong with a plan on atoms. All repairs together give `repaired`.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanAudit {
    /// By ailment, the largest first.
    pub findings: Vec<AtomFinding>,
    /// The grid of each atom when all repairs are applied.
    pub repaired: Vec<usize>,
    /// What stays out of the band then, and why. The grids are those of `repaired`.
    pub out_of_band: Vec<OutOfBand>,
}

/// Judges the grids of atoms and proposes the fewest moves that put right what can be put right. In `grid_of` an atom
/// may be in no grid.
pub fn audit_plan(
    map: &Map,
    demand: &Demand,
    grid_of: &[Option<usize>],
    watch: &dyn Watch,
) -> Result<PlanAudit, Refusal> {
    let mut faults = Faults::default();
    if grid_of.len() != map.atoms().len() {
        faults.add("plan", format!("has {} atoms, the map {}", grid_of.len(), map.atoms().len()));
    }
    faults.result()?;
    let mut audit = Audit { map, demand, members: members(grid_of), findings: Vec::new() };
    audit.in_no_grid(grid_of);
    audit.parts();
    audit.nesting();
    audit.loads(grid_of);
    audit.borders(grid_of);
    let old = Old { grid_of: grid_of.to_vec(), frozen: BTreeSet::new() };
    let replan = replan(map, demand, &old, watch)?;
    let mut findings = audit.findings;
    let (mut repaired, mut out_of_band) = (Vec::new(), Vec::new());
    if let Some(option) = replan.usual() {
        let numbers = numbers(&option.goes_on, grid_of);
        repaired = option.plan.grid_of.iter().map(|grid| numbers[*grid]).collect();
        out_of_band = option.plan.out_of_band();
        for out in &mut out_of_band {
            out.grid = numbers[out.grid];
        }
        share_out(map, grid_of, &repaired, &mut findings);
    }
    findings.sort_by(|one, other| one.ailment.cmp(&other.ailment).then(other.size.total_cmp(&one.size)));
    Ok(PlanAudit { findings, repaired, out_of_band })
}

/// New grids get the numbers after the old ones.
fn numbers(goes_on: &[Option<usize>], grid_of: &[Option<usize>]) -> Vec<usize> {
    let mut next = grid_of.iter().flatten().max().map_or(0, |last| last + 1);
    let mut number = |grid: &Option<usize>| {
        grid.unwrap_or_else(|| {
            next += 1;
            next - 1
        })
    };
    goes_on.iter().map(&mut number).collect()
}

/// Each move is the repair of a finding about the grid that the atom leaves or comes into; steps between such grids
/// belong to the last one.
fn share_out(map: &Map, before: &[Option<usize>], after: &[usize], findings: &mut [AtomFinding]) {
    let can_move = |finding: &AtomFinding| {
        !matches!(finding.ailment, Ailment::OffStreet | Ailment::TooWide | Ailment::BarrierInside)
    };
    for atom in (0..map.atoms().len()).filter(|atom| before[*atom] != Some(after[*atom])) {
        let concerns = |finding: &&mut AtomFinding| {
            can_move(finding)
                && match before[atom] {
                    None => finding.ailment == Ailment::InNoGrid && finding.place == map.atoms()[atom].place,
                    Some(from) => finding.grids.contains(&from) || finding.grids.contains(&after[atom]),
                }
        };
        let step = Reassignment { atom, to: after[atom] };
        if let Some(finding) = findings.iter_mut().find(concerns) {
            finding.repair.push(step);
        } else if let Some(finding) = findings.iter_mut().rev().find(|finding| can_move(finding)) {
            finding.repair.push(step);
        }
    }
}

fn members(grid_of: &[Option<usize>]) -> BTreeMap<usize, Vec<usize>> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (atom, grid) in grid_of.iter().enumerate() {
        if let Some(grid) = grid {
            members.entry(*grid).or_default().push(atom);
        }
    }
    members
}

struct Audit<'a> {
    map: &'a Map,
    demand: &'a Demand,
    members: BTreeMap<usize, Vec<usize>>,
    findings: Vec<AtomFinding>,
}

impl Audit<'_> {
    fn found(&mut self, ailment: Ailment, grids: Vec<usize>, place: [f64; 2], size: f64) {
        self.findings.push(Finding { ailment, grids, place, size, repair: Vec::new() });
    }

    fn in_no_grid(&mut self, grid_of: &[Option<usize>]) {
        for atom in (0..grid_of.len()).filter(|atom| grid_of[*atom].is_none()) {
            let households = f64::from(self.map.households(atom));
            self.found(Ailment::InNoGrid, Vec::new(), self.map.atoms()[atom].place, households);
        }
    }

    fn parts(&mut self) {
        for (grid, atoms) in self.members.clone() {
            let parts = self.map.parts(&atoms);
            let weight = |part: &Vec<usize>| (planner::total(self.map, part), part.len());
            let heaviest = parts.iter().map(weight).max();
            let mut kept = false;
            for part in &parts {
                if !kept && Some(weight(part)) == heaviest {
                    kept = true;
                    continue;
                }
                let area = part.iter().map(|atom| self.map.atoms()[*atom].area).sum();
                self.found(Ailment::Stray, vec![grid], self.map.atoms()[part[0]].place, area);
            }
            if parts.len() == 1
                && let Some(around) = self.only_neighbour(&atoms)
            {
                let area = atoms.iter().map(|atom| self.map.atoms()[*atom].area).sum();
                self.found(Ailment::Enclave, vec![grid, around], self.map.atoms()[atoms[0]].place, area);
            }
        }
    }

    /// The grid that lies all around, if one does.
    fn only_neighbour(&self, atoms: &[usize]) -> Option<usize> {
        let of: BTreeMap<usize, usize> =
            self.members.iter().flat_map(|(grid, atoms)| atoms.iter().map(|atom| (*atom, *grid))).collect();
        let own = of.get(&atoms[0]);
        let mut around = BTreeSet::new();
        for atom in atoms {
            if self.map.atoms()[*atom].outer_border > 0.0 {
                return None;
            }
            let neighbours = self.map.sides(*atom).iter().map(|side| of.get(&side.neighbour));
            around.extend(neighbours.filter(|grid| *grid != own));
        }
        match around.len() {
            1 => around.pop_first().flatten().copied(),
            _ => None,
        }
    }

    fn nesting(&mut self) {
        if !self.demand.nested {
            return;
        }
        for (grid, atoms) in self.members.clone() {
            let mut shares: BTreeMap<&str, (u64, f64, usize)> = BTreeMap::new();
            for atom in &atoms {
                let share = shares.entry(&self.map.atoms()[*atom].community).or_insert((0, 0.0, *atom));
                share.0 += u64::from(self.map.households(*atom));
                share.1 += self.map.atoms()[*atom].area;
            }
            let most = shares.iter().max_by_key(|(_, share)| share.0).map(|(name, _)| *name);
            let strange: Vec<(f64, usize)> = shares
                .iter()
                .filter(|(name, _)| Some(**name) != most)
                .map(|(_, share)| (share.1, share.2))
                .collect();
            for (area, atom) in strange {
                self.found(Ailment::OutsideCommunity, vec![grid], self.map.atoms()[atom].place, area);
            }
        }
    }

    fn loads(&mut self, grid_of: &[Option<usize>]) {
        let plan = as_plan(self.map, self.demand, grid_of);
        let numbers: Vec<usize> = self.members.keys().copied().collect();
        for (index, figures) in GridFigures::of(self.map, &plan).iter().enumerate().take(numbers.len()) {
            let band = plan.communities[plan.grids[index].community].band;
            let grids = vec![numbers[index]];
            let alone =
                plan.grids[index].atoms.iter().any(|atom| u64::from(self.map.households(*atom)) > band.high);
            if figures.households == 0 {
                self.found(Ailment::Empty, grids, figures.centre, 0.0);
            } else if band.beyond(figures.households) > 0 && !alone {
                self.found(Ailment::Imbalance, grids, figures.centre, band.beyond(figures.households) as f64);
            }
            let grids = vec![numbers[index]];
            if self.demand.radius_max.is_some_and(|radius| figures.radius > radius) {
                self.found(Ailment::TooWide, grids.clone(), figures.centre, figures.radius);
            }
            if figures.crossings > STRETCH_MIN {
                self.found(Ailment::BarrierInside, grids, figures.centre, figures.crossings);
            }
        }
    }

    fn borders(&mut self, grid_of: &[Option<usize>]) {
        let mut stretches: BTreeMap<[usize; 2], (f64, usize)> = BTreeMap::new();
        for border in self.map.borders() {
            if let [Some(one), Some(other)] = border.atoms.map(|atom| grid_of[atom])
                && one != other
            {
                let stretch =
                    stretches.entry([one.min(other), one.max(other)]).or_insert((0.0, border.atoms[0]));
                stretch.0 += border.length * (1.0 - border.street);
            }
        }
        for (grids, (length, atom)) in stretches.into_iter().filter(|(_, stretch)| stretch.0 > STRETCH_MIN) {
            self.found(Ailment::OffStreet, grids.to_vec(), self.map.atoms()[atom].place, length);
        }
    }
}

/// The judged grids as a plan, in the order of their numbers; atoms in none are one more grid at the end.
fn as_plan(map: &Map, demand: &Demand, grid_of: &[Option<usize>]) -> Plan {
    let numbers: BTreeSet<usize> = grid_of.iter().flatten().copied().collect();
    let index: BTreeMap<usize, usize> =
        numbers.iter().enumerate().map(|(index, grid)| (*grid, index)).collect();
    let place = |grid: &Option<usize>| grid.map_or(numbers.len(), |grid| index[&grid]);
    let communities = planner::communities(map, demand).into_iter().map(|(name, atoms)| crate::Community {
        name: name.to_owned(),
        households: planner::total(map, &atoms),
        band: planner::band(map, demand, &atoms),
        pieces: Vec::new(),
        remarks: Vec::new(),
    });
    let kinds = vec![GridKind::Ordinary; numbers.len() + usize::from(grid_of.contains(&None))];
    Plan::new(map, grid_of.iter().map(place).collect(), &kinds, communities.collect(), true)
}

impl PlanAudit {
    /// The figures of the plan as it was, without the atoms that were in no grid.
    pub fn figures(map: &Map, demand: &Demand, grid_of: &[Option<usize>]) -> Figures {
        Figures::of(map, &as_plan(map, demand, grid_of))
    }
}
