//! Random courses of edits, against a reader that keeps the whole tree after each file.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Ctx, Window,
    area::{self, Filter},
};
use kernel::Timestamp;
use proptest::prelude::*;
use store::{Db, both};

use super::{at, children, codes, import};

/// What a naive reader of the files would keep: the whole tree after each of them.
#[derive(Clone, Debug, Default)]
struct Twin {
    /// By code: a name, a parent, and which area it is.
    now: BTreeMap<String, (String, String, u32)>,
    founded: u32,
    days: Vec<BTreeMap<String, (String, String, u32)>>,
}

#[derive(Clone, Debug)]
enum Edit {
    Found(u8, u8),
    Rename(u8, u8),
    Move(u8, u8),
    Recode(u8, u8),
    End(u8),
    Swap(u8),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => (any::<u8>(), any::<u8>()).prop_map(|(parent, order)| Edit::Found(parent, order)),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(area, name)| Edit::Rename(area, name)),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(area, parent)| Edit::Move(area, parent)),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(area, order)| Edit::Recode(area, order)),
        1 => any::<u8>().prop_map(Edit::End),
        1 => any::<u8>().prop_map(Edit::Swap),
    ]
}

impl Twin {
    fn pick(&self, number: u8, is_fit: impl Fn(&str) -> bool) -> Option<String> {
        let fit: Vec<_> = self.now.keys().filter(|code| is_fit(code)).collect();
        (!fit.is_empty()).then(|| fit[number as usize % fit.len()].clone())
    }

    fn is_free(&self, code: &str) -> bool {
        !self.now.contains_key(code) && self.days.iter().all(|day| !day.contains_key(code))
    }

    /// Whether the area with a code bore another before.
    fn bore(&self, code: &str, before: &str) -> bool {
        let number = self.now[code].2;
        self.days.iter().any(|day| day.get(before).is_some_and(|(.., it)| *it == number))
    }

    fn rename_parent(&mut self, old: &str, new: &str) {
        self.now
            .values_mut()
            .filter(|(_, parent, _)| parent == old)
            .for_each(|(_, parent, _)| *parent = new.to_owned());
    }

    /// The rows of a file that says so, once the twin has done it. None where it cannot be done.
    fn apply(&mut self, edit: &Edit) -> Option<String> {
        let row = |code: &str, (name, parent, _): &(String, String, u32), rest: &str| {
            format!("{code},{name},{parent},{rest}\n")
        };
        let length = |tier: usize| [0, 4, 6, 9, 12][tier];
        match *edit {
            Edit::Found(parent, order) => {
                let parent = self.pick(parent, |code| code.len() < 12)?;
                let code = child_code(&parent, order);
                if !self.is_free(&code) {
                    return None;
                }
                self.founded += 1;
                self.now.insert(code.clone(), (format!("n{}", self.founded), parent, self.founded));
                Some(row(&code, &self.now[&code], ","))
            }
            Edit::Rename(area, name) => {
                let code = self.pick(area, |_| true)?;
                self.now.get_mut(&code)?.0 = format!("r{name}");
                Some(row(&code, &self.now[&code], ","))
            }
            Edit::Move(area, parent) => {
                let code = self.pick(area, |code| code.len() > 4)?;
                let tier = (1..5).find(|tier| length(*tier) == code.len())?;
                let parent = self.pick(parent, |it| it.len() == length(tier - 1))?;
                self.now.get_mut(&code)?.1 = parent;
                Some(row(&code, &self.now[&code], ","))
            }
            Edit::Recode(area, order) => {
                let old = self.pick(area, |code| code.len() > 4)?;
                let new = child_code(&self.now[&old].1, order);
                if !self.is_free(&new) {
                    return None;
                }
                let state = self.now.remove(&old)?;
                self.rename_parent(&old, &new);
                self.now.insert(new.clone(), state);
                Some(row(&new, &self.now[&new], &format!("{old},")))
            }
            Edit::End(area) => {
                let parents: BTreeSet<_> = self.now.values().map(|(_, parent, _)| parent.clone()).collect();
                let code = self.pick(area, |code| code.len() > 4 && !parents.contains(code))?;
                self.now.remove(&code);
                Some(format!("{code},,,,{TODAY}\n"))
            }
            Edit::Swap(area) => {
                let left = self.pick(area, |code| code.len() > 4)?;
                let right =
                    self.pick(area.wrapping_add(1), |code| code.len() == left.len() && code != left)?;
                if self.bore(&left, &right) && self.bore(&right, &left) {
                    return None; // a swap once made is not made back
                }
                let (was_left, was_right) = (self.now.remove(&left)?, self.now.remove(&right)?);
                self.now.insert(left.clone(), was_right);
                self.now.insert(right.clone(), was_left);
                self.rename_parent(&left, "~");
                self.rename_parent(&right, &left);
                self.rename_parent("~", &right);
                Some(
                    row(&left, &self.now[&left], &format!("{right},"))
                        + &row(&right, &self.now[&right], &format!("{left},")),
                )
            }
        }
    }
}

/// Stands for the date of the import in an edit's row.
const TODAY: &str = "TODAY";

fn child_code(parent: &str, order: u8) -> String {
    let order = order % 8 + 1;
    match parent.len() {
        4 => format!("{parent}{order:02}"),
        _ => format!("{parent}{order:03}"),
    }
}

fn follow_the_twin(db: &Db, edits: &[Edit]) {
    let first = at(db, "2020-01-01");
    let mut twin = Twin::default();
    twin.now.insert("1509".into(), ("市".into(), "15".into(), 0));
    import(&first, "code,name,parent\n1509,市,15\n").unwrap();
    twin.days.push(twin.now.clone());
    let start = first.now;
    let moment = |number: usize| start.plus_seconds(number as i64 * 86_400);
    for edit in edits {
        let Some(rows) = twin.clone().apply(edit).and_then(|_| twin.apply(edit)) else { continue };
        let mut ctx = first.clone();
        ctx.now = moment(twin.days.len());
        let file =
            format!("code,name,parent,previous_code,ended\n{rows}").replace(TODAY, &ctx.now.to_string());
        import(&ctx, &file).unwrap_or_else(|error| panic!("{edit:?}\n{file}\n{error}"));
        let again = import(&ctx, &file).unwrap_or_else(|error| panic!("again {edit:?}\n{file}\n{error}"));
        assert_eq!(again.unchanged as usize, file.lines().count() - 1, "{file}");
        twin.days.push(twin.now.clone());
    }
    let mut ids = BTreeMap::new();
    for (number, tree) in twin.days.iter().enumerate() {
        let mut ctx = first.clone();
        ctx.now = moment(twin.days.len());
        compare(&ctx, tree, Some(moment(number)), &mut ids);
    }
    let mut ctx = first;
    ctx.now = moment(twin.days.len());
    compare(&ctx, &twin.now, None, &mut ids);
}

/// The tree as the room shows it, now or at a moment, against the twin's.
fn compare(
    ctx: &Ctx,
    tree: &BTreeMap<String, (String, String, u32)>,
    as_of: Option<Timestamp>,
    ids: &mut BTreeMap<u32, kernel::Id<kernel::Area>>,
) {
    for (code, (name, parent, number)) in tree {
        let area = area::get(ctx, code, as_of).unwrap_or_else(|error| panic!("{code} at {as_of:?}: {error}"));
        assert_eq!(
            (&area.name, *ids.entry(*number).or_insert(area.id)),
            (name, area.id),
            "{code} at {as_of:?}"
        );
        let mut line = vec![code.as_str()];
        let mut above = parent.as_str();
        while let Some((_, next, _)) = tree.get(above) {
            line.insert(0, above);
            above = next;
        }
        assert_eq!(area.path.codes().collect::<Vec<_>>(), line, "{as_of:?}");
        assert_eq!(codes(&area::breadcrumb(ctx, &area, as_of).unwrap()), line);
        let below: Vec<_> =
            tree.iter().filter(|(_, (_, it, _))| it == code).map(|(code, _)| code.clone()).collect();
        assert_eq!(children(ctx, code, as_of), below, "below {code} at {as_of:?}");
        if as_of.is_none() {
            let descendants = tree.keys().filter(|it| {
                let path = area::get(ctx, it, None).unwrap().path;
                path != area.path && path.is_within(&area.path)
            });
            let counted: i64 = area::counts(ctx, &area).unwrap().0.iter().map(|(.., areas)| areas).sum();
            assert_eq!(counted as usize, descendants.count(), "below {code}");
        }
    }
    if as_of.is_none() {
        let (page, total) = area::list(ctx, &Filter::default(), &Window::first(200)).unwrap();
        assert_eq!((page.items.len(), total as usize), (tree.len(), tree.len()));
    }
}

both!(any_course_of_edits_reads_back_as_of_every_day, |db: Db| {
    let cases = if db.engine() == "sqlite" { 24 } else { 6 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(edits in proptest::collection::vec(edit(), 1..24))| {
        let scratch = if db.engine() == "sqlite" { store::testing::Scratch::sqlite() } else { store::testing::Scratch::postgres() };
        follow_the_twin(&scratch.db, &edits);
    });
});
