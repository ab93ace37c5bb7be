//! What the page of one area shows.

use askama::Template;
use domain::{
    Ctx, Refusal, Window,
    area::{self, Area, Kind, Version},
    case, organization, resident,
};
use kernel::{Area as AreaName, Id, Tier, Timestamp};
use policy::{Action, Resource};

use crate::{locale::Translator, shell::Shell};

/// Organizations of the area itself that are shown.
const ORGANIZATIONS: usize = 30;

#[derive(Template)]
#[template(path = "area/area.html")]
pub struct AreaPage {
    shell: Shell,
    area: Area,
    kind: String,
    /// When the area came into being.
    since: Timestamp,
    /// The areas above, root first.
    above: Vec<Area>,
    /// None where the actor may not see them, and for the past.
    cases: Option<case::Count>,
    tiers: Vec<TierCount>,
    households: Option<resident::Counts>,
    children: Vec<Child>,
    /// Cursor of the next children.
    next: Option<String>,
    bodies: Vec<Body>,
    /// All bodies in the area and below; none where the actor may not see them.
    bodies_total: Option<i64>,
    history: Vec<State>,
    /// What stands in the date field.
    as_of: String,
    /// The page shows the past.
    past: Option<Timestamp>,
    /// What became of an area that is no more.
    ending: Option<Ending>,
    fault: Option<String>,
}

/// How many areas of a tier stand below.
struct TierCount {
    tier: Tier,
    label: String,
    number: i64,
    /// How many are urban and how many rural, where that is known.
    kinds: Option<(i64, i64)>,
}

struct Child {
    area: Area,
    kind: String,
    below: Option<String>,
    cases: Option<case::Count>,
}

struct Body {
    name: String,
    kind: String,
    to: Option<Timestamp>,
    /// Roles and how many hold them, for those who administer the body.
    posts: Vec<(String, i64)>,
}

/// One row of the history.
struct State {
    version: Version,
    parent: Option<String>,
}

struct Ending {
    at: Timestamp,
    /// Code and name of what goes on in its place.
    successor: Option<(String, String)>,
}

/// What an area is called as a kind of thing.
pub fn kind_word(t: &Translator, tier: Tier, kind: Kind) -> String {
    match (tier, kind) {
        (Tier::Community, Kind::Urban | Kind::Rural) => t.say(&format!("area-kind-{}", kind.as_str())),
        (Tier::Grid, Kind::Urban | Kind::Rural) => t.say(&format!("grid-kind-{}", kind.as_str())),
        (tier, _) => t.say(&format!("tier-{}", tier.as_str())),
    }
}

impl AreaPage {
    /// An area in force.
    pub fn now(ctx: &Ctx, shell: Shell, area: Area, window: &Window) -> Result<Self, Refusal> {
        let counts = area::counts(ctx, &area)?;
        let (mut of_children, mut cases) = (Vec::new(), None);
        if ctx.may(Action::CaseCount, Resource::Area { path: &area.path }) {
            let counts = case::counts(ctx, &area.code)?;
            (cases, of_children) = (Some(counts.total()), counts.areas);
        }
        let tiers = tier_counts(&shell.t, &counts);
        // Above the townships the count of residents is too slow for every page.
        let households = match area.tier.number() >= Tier::Township.number() {
            true => Some(resident::counts(ctx, &area.path)?),
            false => None,
        };
        let (bodies, bodies_total) = bodies(ctx, &shell.t, &area)?;
        let page = Self::of(ctx, shell, area, None, window)?;
        let mut children = page.children;
        for child in &mut children {
            child.below = right_below(&page.shell.t, &area::counts(ctx, &child.area)?);
            child.cases = of_children.iter().find(|it| it.code == child.area.code).map(|it| it.count);
        }
        Ok(Self { cases, tiers, households, children, bodies, bodies_total, ..page })
    }

    /// The area that bore `code` at a moment, as it was then.
    pub fn then(
        ctx: &Ctx,
        shell: Shell,
        code: &str,
        at: Timestamp,
        window: &Window,
    ) -> Result<Self, Refusal> {
        let area = area::get(ctx, code, Some(at))?;
        Self::of(ctx, shell, area, Some(at), window)
    }

    /// An area that is no more, on its last day.
    pub fn ended(ctx: &Ctx, shell: Shell, code: &str, window: &Window) -> Result<Self, Refusal> {
        let history = area::history(ctx, code)?;
        let last =
            history.iter().rfind(|it| it.code == code && it.valid_to.is_some()).ok_or(Refusal::NotFound)?;
        let at = last.valid_to.ok_or(Refusal::NotFound)?;
        // The same area under another code, or the one that took it in.
        let goes_on =
            history.iter().find(|it| it.area == last.area && it.valid_to.is_none()).map(|it| it.area);
        let successor = match goes_on.or(last.successor) {
            Some(id) => ctx.read(|tx| area::place_by_id(tx, id))?.map(|it| (it.code, it.name)),
            None => None,
        };
        let page = Self::then(ctx, shell, code, at.plus_seconds(-1), window)?;
        Ok(Self { ending: Some(Ending { at, successor }), ..page })
    }

    /// The page with what somebody typed that is no date.
    pub fn with_bad_date(self, typed: &str) -> Self {
        let fault = Some(self.shell.t.say("as-of-fault"));
        Self { fault, as_of: typed.chars().take(32).collect(), ..self }
    }

    /// What is the same now and for any date.
    fn of(
        ctx: &Ctx,
        shell: Shell,
        area: Area,
        past: Option<Timestamp>,
        window: &Window,
    ) -> Result<Self, Refusal> {
        let versions = area::history(ctx, &area.code)?;
        let own = versions.iter().filter(|it| it.area == area.id);
        let since = own.map(|it| it.valid_from).min().unwrap_or(area.valid_from);
        let mut above = area::breadcrumb(ctx, &area, past)?;
        above.pop();
        let children = area::children(ctx, &area.code, past, window)?;
        let child = |area: Area| Child {
            kind: kind_word(&shell.t, area.tier, area.kind),
            area,
            below: None,
            cases: None,
        };
        Ok(Self {
            kind: kind_word(&shell.t, area.tier, area.kind),
            since,
            above,
            cases: None,
            tiers: Vec::new(),
            households: None,
            children: children.items.into_iter().map(child).collect(),
            next: children.next.map(|it| it.encode()),
            bodies: Vec::new(),
            bodies_total: None,
            history: states(ctx, versions)?,
            as_of: past.map(day).unwrap_or_default(),
            past,
            ending: None,
            fault: None,
            area,
            shell,
        })
    }

    /// Address of the next page of children.
    fn next_address(&self) -> Option<String> {
        let cursor = self.next.as_ref()?;
        let as_of = self.past.map(|at| format!("as_of={}&", day(at))).unwrap_or_default();
        Some(format!("/areas/{}?{as_of}cursor={cursor}#below", self.area.code))
    }
}

/// A day as date fields write it.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

fn tier_counts(t: &Translator, counts: &area::Counts) -> Vec<TierCount> {
    let count = |tier: &Tier| {
        let kinds = (counts.kind(*tier, Kind::Urban), counts.kind(*tier, Kind::Rural));
        TierCount {
            tier: *tier,
            label: t.say(&format!("areas-{}", tier.as_str())),
            number: counts.tier(*tier),
            kinds: (kinds.0 > 0 && kinds.1 > 0).then_some(kinds),
        }
    };
    Tier::ALL.iter().map(count).filter(|it| it.number > 0).collect()
}

/// How many areas stand right below, in words.
fn right_below(t: &Translator, counts: &area::Counts) -> Option<String> {
    let tier = Tier::ALL.into_iter().find(|tier| counts.tier(*tier) > 0)?;
    Some(t.with(&format!("below-{}", tier.as_str()), "count", counts.tier(tier)))
}

/// The bodies that work for the area as a whole, and how many there are in it at all.
fn bodies(ctx: &Ctx, t: &Translator, area: &Area) -> Result<(Vec<Body>, Option<i64>), Refusal> {
    if !ctx.may(Action::OrganizationList, Resource::City) {
        return Ok((Vec::new(), None));
    }
    let filter = organization::Filter { area: Some(area.path.clone()), ..Default::default() };
    // In the order of paths, those of the area itself come first.
    let (page, total) = organization::list(ctx, &filter, &Window::first(ORGANIZATIONS))?;
    let here = page.items.into_iter().take_while(|it| it.area_path == area.path);
    let bodies = here.map(|it| body(ctx, t, it)).collect::<Result<_, _>>()?;
    Ok((bodies, Some(total)))
}

fn body(ctx: &Ctx, t: &Translator, it: organization::Organization) -> Result<Body, Refusal> {
    let mut posts: Vec<(String, i64)> = Vec::new();
    if ctx.may(Action::OrganizationAdminister, Resource::Organization { id: it.id, area: &it.area_path }) {
        for held in organization::posts(ctx, it.id)?.iter().filter(|post| post.appointment.is_some()) {
            let role = t.say(&format!("role-{}", held.post.role.as_str()));
            match posts.iter_mut().find(|(name, _)| *name == role) {
                Some((_, number)) => *number += 1,
                None => posts.push((role, 1)),
            }
        }
    }
    Ok(Body {
        kind: t.say(&format!("organization-kind-{}", it.kind.as_str())),
        name: it.name,
        to: it.to,
        posts,
    })
}

/// Latest first; where each state hung in the tree is told by name.
fn states(ctx: &Ctx, versions: Vec<Version>) -> Result<Vec<State>, Refusal> {
    let mut known: Vec<(Id<AreaName>, Option<String>)> = Vec::new();
    ctx.read(|tx| {
        for id in versions.iter().filter_map(|it| it.parent_id) {
            if !known.iter().any(|(it, _)| *it == id) {
                known.push((id, area::place_by_id(tx, id)?.map(|it| it.name)));
            }
        }
        Ok(())
    })?;
    let name = |id: Id<AreaName>| known.iter().find(|(it, _)| *it == id).and_then(|(_, name)| name.clone());
    Ok(versions
        .into_iter()
        .rev()
        .map(|version| State { parent: version.parent_id.and_then(name), version })
        .collect())
}
