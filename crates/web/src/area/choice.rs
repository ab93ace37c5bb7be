//! Areas that are offered where a form asks for the code of one.

use std::collections::BTreeMap;

use domain::{Ctx, Refusal, Window, area};
use kernel::{AreaPath, Tier, limits};

/// Levels below a post's own area.
const LEVELS: usize = 2;
/// Communities in one list: more than any county has.
const COMMUNITIES_MAX: usize = 600;

/// The areas of the actor's posts and what lies up to two levels below them, by code: another one can be typed.
pub fn around_posts(ctx: &Ctx) -> Result<Vec<(String, String)>, Refusal> {
    let window = Window::first(limits::PAGE_ROWS_MAX);
    let mut found = BTreeMap::new();
    let mut level: Vec<String> = ctx.actor.appointments.iter().map(|it| it.area.code().to_owned()).collect();
    level.sort();
    level.dedup();
    for code in &level {
        found.insert(code.clone(), area::get(ctx, code, None)?.name);
    }
    for _ in 0..LEVELS {
        let mut next = Vec::new();
        for code in level {
            for child in area::children(ctx, &code, None, &window)?.items {
                next.push(child.code.clone());
                found.insert(child.code, child.name);
            }
        }
        level = next;
    }
    Ok(found.into_iter().collect())
}

/// Communities of one township, or of another unit that they lie in.
pub struct CommunityGroup {
    pub name: String,
    /// Code and name.
    pub communities: Vec<(String, String)>,
}

/// The communities of a county or less, to choose from by name. None of a wider area: nobody reads a list of thousands.
pub fn communities_of(ctx: &Ctx, path: &AreaPath) -> Result<Vec<CommunityGroup>, Refusal> {
    let top = area::get(ctx, path.code(), None)?;
    if top.tier < Tier::County {
        return Ok(Vec::new());
    }
    if top.tier >= Tier::Community {
        return Ok(vec![CommunityGroup { name: top.name.clone(), communities: vec![(top.code, top.name)] }]);
    }
    let window = Window::first(limits::PAGE_ROWS_MAX);
    let (mut groups, mut open, mut count) = (Vec::new(), vec![(top.code, top.name)], 0);
    while let Some((code, name)) = open.pop() {
        let below = area::children(ctx, &code, None, &window)?.items;
        let (communities, wider): (Vec<_>, Vec<_>) =
            below.into_iter().partition(|it| it.tier >= Tier::Community);
        // By code: what is put in last is taken first.
        open.extend(wider.into_iter().rev().map(|it| (it.code, it.name)));
        count += communities.len();
        if count > COMMUNITIES_MAX {
            return Ok(Vec::new());
        }
        if !communities.is_empty() {
            let communities = communities.into_iter().map(|it| (it.code, it.name)).collect();
            groups.push(CommunityGroup { name, communities });
        }
    }
    Ok(groups)
}
