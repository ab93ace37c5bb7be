//! Areas that are offered where a form asks for the code of one.

use std::collections::BTreeMap;

use domain::{Ctx, Refusal, Window, area};
use kernel::limits;

/// Levels below a post's own area.
const LEVELS: usize = 2;

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
