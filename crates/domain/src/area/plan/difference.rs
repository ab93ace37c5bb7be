//! What differs between the tree and its state after the import.

use super::*;

impl Planner<'_> {
    pub(super) fn difference(mut self) -> Plan {
        let mut plan = Plan::default();
        let mut touched = BTreeSet::new();
        for number in 0..self.tree.areas.len() {
            if self.tree.areas[number] != self.after[number] {
                self.change(number, &mut plan, &mut touched);
            }
        }
        let known = self.tree.areas.len();
        for number in known..self.after.len() {
            self.check_date(number, self.parents[number]);
            self.count(number, 1, &mut plan);
            touched.insert(self.after[number].path.clone());
        }
        self.step_aside(&mut plan);
        plan.report.added += (self.after.len() - known) as u64;
        plan.report.unchanged = self.unchanged();
        plan.touched = AreaPath::topmost(touched);
        plan.first = self
            .targets
            .iter()
            .flatten()
            .next()
            .map(|number| (self.after[*number].id, county(&self.after, *number, |it| self.parents[it])));
        plan.rebases.sort_by_key(|(from, _)| std::cmp::Reverse(from.as_str().len()));
        plan.inserts = self.after.split_off(known);
        // Neighbours in the tree become neighbours in the table.
        plan.inserts.sort_unstable_by(|left, right| left.path.cmp(&right.path));
        plan
    }

    /// One known area whose state is another now.
    fn change(&mut self, number: usize, plan: &mut Plan, touched: &mut BTreeSet<AreaPath>) {
        let (old, date) = (&self.tree.areas[number], self.options.date);
        touched.insert(old.path.clone());
        touched.insert(self.after[number].path.clone());
        if let (None, Some(_)) = (old.valid_to, self.after[number].valid_to) {
            self.record_end(number, plan);
            self.count_old(number, plan);
            plan.updates.push(self.after[number].clone());
            return;
        }
        self.check_date(number, Some(number));
        self.check_date(number, self.parents[number]);
        let until = old.valid_to.unwrap_or(date);
        if old.valid_from < until {
            plan.versions.push(Version { valid_to: Some(until), ..Version::from(old) });
        }
        self.after[number].valid_from = date;
        match old.valid_to {
            Some(_) => plan.report.added += 1,
            None => {
                self.count_old(number, plan);
                self.record_changes(number, plan);
                self.rebase(number, plan);
            }
        }
        self.count(number, 1, plan);
        plan.updates.push(self.after[number].clone());
    }

    /// The import must not be dated before what it changes, or stands on, began.
    fn check_date(&mut self, number: usize, on: Option<usize>) {
        let Some(on) = on.filter(|it| *it < self.tree.areas.len()) else { return };
        let old = &self.tree.areas[on];
        let changed = old.valid_to.unwrap_or(old.valid_from).max(old.valid_from);
        if changed > self.options.date {
            let reason = Reason::DateEarly { code: old.code.clone(), changed: changed.to_string() };
            let position = self.position(number);
            self.faults.add(position, reason);
        }
    }

    fn record_changes(&self, number: usize, plan: &mut Plan) {
        let (old, new) = (&self.tree.areas[number], &self.after[number]);
        let above = |parent: Option<usize>, areas: &[Area]| {
            parent.map_or_else(String::new, |it| areas[it].code.clone())
        };
        if old.name != new.name {
            plan.report.renamed += 1;
            plan.events.push(self.event(number, "area.rename", old.name.clone(), new.name.clone()));
        }
        if old.parent_id != new.parent_id {
            plan.report.moved += 1;
            let from = above(self.tree.parent(number), &self.tree.areas);
            plan.events.push(self.event(number, "area.move", from, above(self.parents[number], &self.after)));
        }
        if old.code != new.code {
            plan.report.recoded += 1;
            plan.events.push(self.event(number, "area.recode", old.code.clone(), new.code.clone()));
        }
    }

    fn record_end(&self, number: usize, plan: &mut Plan) {
        let new = &self.after[number];
        match new.successor {
            Some(_) => {
                plan.report.merged += 1;
                let into = self.named[number]
                    .and_then(|row| self.records[row].merged_into.clone())
                    .unwrap_or_default();
                plan.events.push(self.event(number, "area.merge", new.code.clone(), into));
            }
            None => {
                plan.report.ended += 1;
                plan.events.push(self.event(number, "area.end", new.code.clone(), String::new()));
            }
        }
    }

    fn event(&self, number: usize, action: &'static str, from: String, to: String) -> Event {
        let county = county(&self.after, number, |it| self.parents[it]);
        Event { area: self.after[number].id, county, action, from, to }
    }

    /// A subtree's own rows in other tables follow once, at the area where its path departs.
    fn rebase(&self, number: usize, plan: &mut Plan) {
        let (old, new) = (&self.tree.areas[number], &self.after[number]);
        let follows = self.tree.parent(number).is_some_and(|above| {
            self.after[above].valid_to.is_none()
                && self.after[above].path.child(&old.code).as_ref() == Ok(&new.path)
        });
        if old.path != new.path && !follows {
            plan.rebases.push((old.path.clone(), new.path.clone()));
        }
    }

    /// One more or one less below everything above an area.
    fn count(&self, number: usize, by: i64, plan: &mut Plan) {
        let area = &self.after[number];
        for above in line_up(number, |it| self.parents[it]).skip(1) {
            *plan.counts.entry((self.after[above].id, area.tier, area.kind)).or_default() += by;
        }
    }

    fn count_old(&self, number: usize, plan: &mut Plan) {
        let area = &self.tree.areas[number];
        for above in line_up(number, |it| self.tree.parent(it)).skip(1) {
            *plan.counts.entry((self.tree.areas[above].id, area.tier, area.kind)).or_default() -= 1;
        }
    }

    /// An area whose old code becomes another's must give it up before that one is written.
    fn step_aside(&self, plan: &mut Plan) {
        for (number, area) in self.tree.areas.iter().enumerate() {
            let wanted = self.rows.get(area.code.as_str()).and_then(|row| self.targets[*row]);
            if wanted.is_some_and(|it| it != number) {
                plan.aside.push(area.id);
            }
        }
    }

    /// Rows that say what is known already.
    fn unchanged(&self) -> u64 {
        let is_same = |number: &usize| self.tree.areas.get(*number) == Some(&self.after[*number]);
        self.targets.iter().flatten().filter(|number| is_same(number)).count() as u64
    }
}
