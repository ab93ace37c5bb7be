use super::ground::Ground;

/// A partition of a ground into grids, all with atoms and connected, and the sums that make a trial cheap.
#[derive(Clone, Debug)]
pub(crate) struct State<'a> {
    pub ground: &'a Ground,
    pub grid: Vec<u32>,
    pub grids: Vec<Sums>,
    /// Of each grid, one for each rule.
    loads: Vec<i64>,
    /// What each grid costs by the measure, without its borders and its radius.
    standing: Vec<f64>,
    measure: Measure,
    members: Vec<Vec<u32>>,
    /// Where each atom stands among its grid's members.
    slot: Vec<u32>,
    /// Borders between two grids, and where each border stands among them.
    cut: Vec<u32>,
    cut_slot: Vec<u32>,
    /// False while the state is made, for atoms that are still to come.
    entered: Vec<bool>,
    /// Of the search for a way round an atom.
    seen: Vec<u32>,
    round: u32,
    queue: Vec<u32>,
}

/// Sums of mass, mass · place, mass · place² and area, and the length of the border around.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    mass: f64,
    first: [f64; 2],
    second: f64,
    area: f64,
    around: f64,
}

/// How strict the cost is at a moment of the walk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    /// Times the balance.
    pub balance: f64,
    /// Times what lies outside the band, besides.
    pub strict: f64,
}

impl Measure {
    /// What a finished plan is measured by: no shape is worth a household outside the band.
    pub const FINAL: Self = Self { balance: 1.0, strict: 20.0 };
    /// What plans are compared by that are still to be searched for the band.
    pub const SHAPED: Self = Self { balance: 1.0, strict: 1.0 };

    /// The band of households is kept at any price, that of another load as far as it can be had.
    #[inline]
    fn strict_for(self, load: usize) -> f64 {
        if load == 0 { self.strict } else { 1.0 }
    }
}

const UNCUT: u32 = u32::MAX;

impl<'a> State<'a> {
    pub fn new(ground: &'a Ground, grid: Vec<u32>, count: usize) -> Self {
        let rules = ground.rules.len();
        let mut state = Self {
            ground,
            grids: vec![Sums::default(); count],
            loads: vec![0; count * rules],
            standing: Vec::new(),
            measure: Measure::FINAL,
            members: vec![Vec::new(); count],
            slot: vec![0; grid.len()],
            cut: Vec::new(),
            cut_slot: vec![UNCUT; ground.ends.len()],
            entered: vec![false; grid.len()],
            seen: vec![0; grid.len()],
            round: 0,
            queue: Vec::new(),
            grid,
        };
        for atom in 0..state.grid.len() as u32 {
            state.enter(atom, state.grid[atom as usize]);
        }
        for border in 0..ground.ends.len() {
            let [one, other] = ground.ends[border];
            if state.grid[one as usize] != state.grid[other as usize] {
                state.cut_slot[border] = state.cut.len() as u32;
                state.cut.push(border as u32);
            }
        }
        state.measure_by(Measure::FINAL);
        state
    }

    /// What trials are measured by from now on.
    pub fn measure_by(&mut self, measure: Measure) {
        self.measure = measure;
        let nothing = vec![0; self.ground.rules.len()];
        self.standing = (0..self.count() as u32)
            .map(|grid| self.worth(grid, &nothing, 0, self.grids[grid as usize]))
            .collect();
    }

    /// What a grid would cost with these sums, and with the loads of an atom more, less or neither.
    #[inline]
    fn worth(&self, grid: u32, loads: &[i64], sign: i64, sums: Sums) -> f64 {
        let ground = self.ground;
        let first = grid as usize * ground.rules.len();
        let mut cost = 0.0;
        for (index, rule) in ground.rules.iter().enumerate() {
            cost +=
                rule.cost(self.loads[first + index] + sign * loads[index], self.measure.strict_for(index));
        }
        cost *= self.measure.balance;
        if ground.compactness > 0.0 {
            cost += ground.compactness * sums.inertia();
        }
        if ground.roundness > 0.0 {
            cost += ground.roundness * sums.unround();
        }
        cost
    }

    pub fn count(&self) -> usize {
        self.grids.len()
    }

    pub fn cut(&self) -> &[u32] {
        &self.cut
    }

    pub fn members(&self, grid: u32) -> &[u32] {
        &self.members[grid as usize]
    }

    pub fn households(&self, grid: u32) -> i64 {
        self.loads[grid as usize * self.ground.rules.len()]
    }

    /// The whole cost of one grid without its borders.
    pub fn grid_cost(&self, grid: u32) -> f64 {
        let radius =
            self.ground.radius.map_or(0.0, |_| self.radius_cost(grid, None, self.grids[grid as usize]));
        self.standing[grid as usize] + radius
    }

    pub fn cost(&self) -> f64 {
        let grids: f64 = (0..self.count() as u32).map(|grid| self.grid_cost(grid)).sum();
        let away: f64 =
            self.grid.iter().enumerate().map(|(atom, grid)| self.ground.away(atom as u32, *grid)).sum();
        let mut cut = 0.0;
        for atom in 0..self.grid.len() as u32 {
            for side in self.ground.near(atom) {
                if side.atom > atom && self.grid[side.atom as usize] != self.grid[atom as usize] {
                    cut += side.cost;
                }
            }
        }
        grids + away + cut
    }

    /// What the cost would change by, if `atom` went over to grid `to`; and its borders' part of that.
    #[inline]
    pub fn change(&self, atom: u32, to: u32) -> (f64, f64) {
        let ground = self.ground;
        let from = self.grid[atom as usize];
        let mut change = ground.away(atom, to) - ground.away(atom, from);
        let (mut with_from, mut with_to) = (0.0, 0.0);
        for side in ground.near(atom) {
            let grid = self.grid[side.atom as usize];
            if grid == from {
                change += side.cost;
                with_from += side.length;
            } else if grid == to {
                change -= side.cost;
                with_to += side.length;
            }
        }
        let borders = change;
        let (mass, place) = (ground.mass[atom as usize], ground.place[atom as usize]);
        let (area, around) = (ground.area[atom as usize], ground.around[atom as usize]);
        let [source, sink] = [from, to].map(|grid| self.grids[grid as usize]);
        let less = source.with(-mass, place, -area, 2.0 * with_from - around);
        let more = sink.with(mass, place, area, around - 2.0 * with_to);
        let loads = ground.loads(atom);
        change += self.worth(from, loads, -1, less) - self.standing[from as usize];
        change += self.worth(to, loads, 1, more) - self.standing[to as usize];
        if ground.radius.is_some() {
            change +=
                self.radius_cost(from, Some((atom, false)), less) - self.radius_cost(from, None, source);
            change += self.radius_cost(to, Some((atom, true)), more) - self.radius_cost(to, None, sink);
        }
        (change, borders)
    }

    /// By how much the farthest inhabited atom passes the radius, with one atom fewer or more.
    fn radius_cost(&self, grid: u32, but: Option<(u32, bool)>, sums: Sums) -> f64 {
        let Some((weight, allowed)) = self.ground.radius else { return 0.0 };
        let centre = sums.centre();
        let far = |atom: u32| {
            let place = self.ground.place[atom as usize];
            (place[0] - centre[0]).powi(2) + (place[1] - centre[1]).powi(2)
        };
        let mut farthest = 0.0_f64;
        let (leaves, enters) = match but {
            Some((atom, false)) => (Some(atom), None),
            Some((atom, true)) => (None, Some(atom)),
            None => (None, None),
        };
        for atom in self.members[grid as usize].iter().copied().chain(enters) {
            if Some(atom) != leaves && self.ground.households(atom) > 0 {
                farthest = farthest.max(far(atom));
            }
        }
        weight * (farthest.sqrt() / allowed - 1.0).max(0.0)
    }

    pub fn shift(&mut self, atom: u32, to: u32) {
        let from = self.grid[atom as usize];
        self.leave(atom);
        self.enter(atom, to);
        let ground = self.ground;
        let loads = ground.loads(atom);
        for grid in [from, to] {
            self.standing[grid as usize] = self.worth(grid, loads, 0, self.grids[grid as usize]);
        }
        for side in ground.near(atom) {
            let is_cut = self.grid[side.atom as usize] != to;
            let slot = self.cut_slot[side.border as usize];
            if is_cut && slot == UNCUT {
                self.cut_slot[side.border as usize] = self.cut.len() as u32;
                self.cut.push(side.border);
            } else if !is_cut && slot != UNCUT {
                self.cut.swap_remove(slot as usize);
                if let Some(moved) = self.cut.get(slot as usize) {
                    self.cut_slot[*moved as usize] = slot;
                }
                self.cut_slot[side.border as usize] = UNCUT;
            }
        }
    }

    /// True when the rest of its grid stays connected and is not empty without `atom`.
    pub fn may_leave(&mut self, atom: u32) -> bool {
        let ground = self.ground;
        let grid = self.grid[atom as usize];
        let own = |state: &Self, other: u32| state.grid[other as usize] == grid;
        let Some(first) = ground.near(atom).iter().map(|side| side.atom).find(|other| own(self, *other))
        else {
            return false;
        };
        let mut missing = ground.near(atom).iter().filter(|side| own(self, side.atom)).count() - 1;
        if missing == 0 {
            return true;
        }
        self.round += 1;
        let (target, round) = (self.round * 2 - 1, self.round * 2);
        for side in ground.near(atom) {
            if own(self, side.atom) {
                self.seen[side.atom as usize] = target;
            }
        }
        self.seen[atom as usize] = round;
        self.seen[first as usize] = round;
        self.queue.clear();
        self.queue.push(first);
        let mut next = 0;
        while let Some(&at) = self.queue.get(next) {
            next += 1;
            for side in ground.near(at) {
                let seen = self.seen[side.atom as usize];
                if seen == round || !own(self, side.atom) {
                    continue;
                }
                if seen == target {
                    missing -= 1;
                    if missing == 0 {
                        return true;
                    }
                }
                self.seen[side.atom as usize] = round;
                self.queue.push(side.atom);
            }
        }
        false
    }

    fn enter(&mut self, atom: u32, grid: u32) {
        self.add(atom, grid, 1);
        self.entered[atom as usize] = true;
        self.grid[atom as usize] = grid;
        self.slot[atom as usize] = self.members[grid as usize].len() as u32;
        self.members[grid as usize].push(atom);
    }

    fn leave(&mut self, atom: u32) {
        let grid = self.grid[atom as usize];
        self.add(atom, grid, -1);
        let slot = self.slot[atom as usize];
        let members = &mut self.members[grid as usize];
        members.swap_remove(slot as usize);
        if let Some(moved) = members.get(slot as usize) {
            self.slot[*moved as usize] = slot;
        }
    }

    fn add(&mut self, atom: u32, grid: u32, sign: i64) {
        let mut shared = 0.0;
        if self.ground.roundness > 0.0 {
            for side in self.ground.near(atom) {
                if self.entered[side.atom as usize] && self.grid[side.atom as usize] == grid {
                    shared += side.length;
                }
            }
        }
        let rules = self.ground.rules.len();
        for (index, load) in self.ground.loads(atom).iter().enumerate() {
            self.loads[grid as usize * rules + index] += sign * load;
        }
        let (mass, place) = (self.ground.mass[atom as usize], self.ground.place[atom as usize]);
        let (area, around) = (self.ground.area[atom as usize], self.ground.around[atom as usize]);
        let sign = sign as f64;
        let sums = &mut self.grids[grid as usize];
        *sums = sums.with(sign * mass, place, sign * area, sign * (around - 2.0 * shared));
    }
}

impl Sums {
    #[inline]
    fn with(self, mass: f64, place: [f64; 2], area: f64, around: f64) -> Self {
        Self {
            mass: self.mass + mass,
            first: [self.first[0] + mass * place[0], self.first[1] + mass * place[1]],
            second: self.second + mass * (place[0] * place[0] + place[1] * place[1]),
            area: self.area + area,
            around: self.around + around,
        }
    }

    #[inline]
    fn inertia(self) -> f64 {
        if self.mass < 1e-9 {
            return 0.0;
        }
        let [x, y] = self.first;
        (self.second - (x * x + y * y) / self.mass).max(0.0)
    }

    /// What is missing to a circle: 1 − 4π · area / perimeter².
    #[inline]
    fn unround(self) -> f64 {
        if self.around < 1e-9 {
            return 0.0;
        }
        1.0 - 4.0 * std::f64::consts::PI * self.area / (self.around * self.around)
    }

    pub fn centre(self) -> [f64; 2] {
        if self.mass < 1e-9 { [0.0; 2] } else { self.first.map(|sum| sum / self.mass) }
    }
}

#[cfg(test)]
mod tests;
