use kernel::{AreaPath, Id, Person, limits};
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{AccountRow, SessionRow},
    rule, store as rows,
};
use crate::{Ctx, Faults, Refusal, organization, resident};

/// The devices on which the actor's account is signed in, latest first.
pub fn sessions(ctx: &Ctx) -> Result<Vec<SessionRow>, Refusal> {
    let me = ctx.person()?;
    let idle = ctx.now.plus_seconds(-limits::SESSION_IDLE_SECONDS);
    ctx.read(|tx| {
        own(tx, ctx)?;
        Ok(rows::sessions(tx, me.account, me.session, idle, ctx.now)?)
    })
}

/// The account of a login name, for an administrator of all places where its holder works, or lives.
pub fn find(ctx: &Ctx, login_name: &str) -> Result<AccountRow, Refusal> {
    ctx.person()?;
    let mut faults = Faults::default();
    rule::check_login_name(&mut faults, "login_name", login_name);
    faults.check()?;
    ctx.read(|tx| {
        let found = rows::row_by_login_name(tx, login_name)?;
        administered(tx, ctx, found)
    })
}

/// The account, if the actor administers it. A person with several posts is administered by whoever
/// administers the areas of all of them: else a township could disable a member of the city's staff.
pub(super) fn administered(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    account: Option<AccountRow>,
) -> Result<AccountRow, Refusal> {
    let account = account.ok_or(Refusal::NotFound)?;
    let posts = organization::appointments_of(tx, account.person, ctx.now)?;
    let mut areas: Vec<AreaPath> = posts.into_iter().map(|(_, _, area)| area).collect();
    if areas.is_empty() {
        let home = resident::home_of(tx, account.person)?;
        areas.push(home.map_or_else(|| account.county_path.clone(), |(_, path)| path));
    }
    for area in &areas {
        ctx.must_see(Action::AccountAdminister, Resource::Account { person: account.person, area })?;
    }
    Ok(account)
}

/// The actor's own account, if the policies let them manage its sessions.
pub(super) fn own(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<AccountRow, Refusal> {
    let account = rows::row(tx, ctx.person()?.account)?.ok_or(Refusal::SignIn)?;
    ctx.must(
        Action::SessionManage,
        Resource::Account { person: account.person, area: &account.county_path },
    )?;
    Ok(account)
}

/// Whose login name it is, of an account that is in use; inside another room's transaction, which shows nobody a record.
pub fn holder(tx: &mut Tx<'_>, login_name: &str) -> Result<Option<Id<Person>>, Refusal> {
    let mut faults = Faults::default();
    rule::check_login_name(&mut faults, "login_name", login_name);
    faults.check()?;
    let found = rows::row_by_login_name(tx, login_name)?;
    Ok(found.filter(|it| it.disabled_at.is_none()).map(|it| it.person))
}
