//! One emergency order of the shown county, as the report of 2020 had: passes for compounds, shops and buses, some revoked,
//! some refused, one appeal. And a second order that waits for another body.

use anyhow::{Context, Result, bail};
use domain::{
    Ctx, organization,
    pass::{self, Answer, Bearer, Decision, EvidenceKind, NewAppeal, NewRegime, Statement},
};
use kernel::{Id, Person, Role, Timestamp};

use super::{
    chance::Chance,
    gates,
    play::Player,
    residents::Settled,
    territory::{SHOWN_COMMUNITY, SHOWN_COUNTY},
};

/// Passes at scale 1, as the report counted.
const PASSES: f64 = 40_000.0;
const HOUR_SECONDS: i64 = 3_600;
const PASS_HOURS: i64 = 48;
/// Share of them that their holders ended.
const REVOKED: f64 = 0.01;
/// People of other counties who ask: workers whose body states it, and those of whom nobody states anything.
const WORKERS: usize = 8;
const REFUSED: usize = 4;

/// `scale` as the city was built.
pub fn play(
    player: &Player,
    settled: &Settled,
    seed: u64,
    scale: f64,
    now: Timestamp,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<()> {
    let chance = &mut Chance::new(seed, "passes");
    let hours = |hours: i64| now.plus_seconds(-hours * HOUR_SECONDS);
    let number = order(player, now, 0)?;
    let [_, commander] = offices(player, now)?;
    pass::decide(&player.acting(commander, hours(143))?, number, Decision::Approve, "")?;

    let wanted = ((PASSES * scale) as usize).clamp(1, settled.shown.len().max(2) / 2);
    let stride = settled.shown.len() / wanted;
    let holders: Vec<Id<Person>> =
        settled.shown.iter().skip(1).step_by(stride.max(1)).take(wanted).copied().collect();
    for (done, person) in holders.iter().enumerate() {
        let at = now.plus_seconds(-chance.seconds(HOUR_SECONDS, (PASS_HOURS - 1) * HOUR_SECONDS));
        let ctx = player.acting(*person, at)?;
        let Answer::Given(held) = pass::ask(&ctx, number, *person, None)? else {
            bail!("a resident was refused")
        };
        if chance.happens(REVOKED) {
            let later = at.plus_seconds(HOUR_SECONDS / 2);
            pass::revoke(&player.acting(*person, later)?, number, *person, held.index)?;
        }
        if done % 100 == 0 {
            progress(done as u64, wanted as u64);
        }
    }
    progress(wanted as u64, wanted as u64);
    strangers(player, settled, number, now)?;
    gates::play(player, seed, number, now)?;
    order(player, hours(-141), 141).map(drop)
}

/// The county's leader, and the city's commander.
pub(super) fn offices(player: &Player, at: Timestamp) -> Result<[Id<Person>; 2]> {
    let county = player.territory.shown_community()?.path.clone();
    let county = county.ancestors().find(|it| it.code() == SHOWN_COUNTY).context("the shown county")?;
    let city = player.territory.city.path.clone();
    let holder = |role, path| -> Result<Id<Person>> {
        let found = player.city.db.read(|tx| organization::holders(tx, &[role], path, at, 1))?;
        found.first().copied().context("a post that nobody holds")
    };
    Ok([holder(Role::Leader, &county)?, holder(Role::Commander, &city)?])
}

/// Proposes an order, so many hours before `now` less six days.
fn order(player: &Player, now: Timestamp, later_hours: i64) -> Result<u16> {
    let at = now.plus_seconds(-144 * HOUR_SECONDS);
    let [leader, _] = offices(player, at)?;
    let is_second = later_hours > 0;
    let (title, rule) = match is_second {
        false => ("特别重大疫情应急通行", "resident: lives_in\nworker: works_in"),
        true => ("那达慕大会期间车辆通行", "driver: lives_in and vehicle\nworker: works_in and vehicle"),
    };
    let new = NewRegime {
        area: SHOWN_COUNTY.to_owned(),
        title: title.into(),
        legal_basis: "《中华人民共和国突发事件应对法》".into(),
        order_number: if is_second { "集政发〔2026〕12号" } else { "集政发〔2026〕7号" }.into(),
        purposes: "只用于应急期间进出下列场所，不作他用".into(),
        duties: "只验真伪和期限，不登记、不拍照、不留存".into(),
        start: at,
        end: at.plus_seconds(if is_second { 20 } else { 30 } * 86_400),
        scopes: if is_second { "会场\n停车场" } else { "小区\n商店\n公交" }.into(),
        bearer: if is_second { Bearer::Vehicle } else { Bearer::Name },
        pass_seconds: PASS_HOURS * HOUR_SECONDS,
        holders: if is_second { 2_000 } else { PASSES as i64 },
        rule: rule.into(),
    };
    Ok(pass::propose(&player.acting(leader, at)?, &new)?.number)
}

/// People of other counties: a body states of some that they work for it, and the others read why they get nothing. One of
/// them appeals.
fn strangers(player: &Player, settled: &Settled, number: u16, now: Timestamp) -> Result<()> {
    let at = |hours: i64| now.plus_seconds(-hours * HOUR_SECONDS);
    let community = player.territory.shown_community()?.path.clone();
    let handlers =
        player.city.db.read(|tx| organization::holders(tx, &[Role::Handler], &community, at(40), 20))?;
    let mut stating = None;
    for it in &handlers {
        let ctx = player.acting(*it, at(40))?;
        if let Some((body, _)) = pass::own_bodies(&ctx)?.first() {
            stating = Some((ctx.clone(), *body));
            break;
        }
    }
    let (ctx, body): (Ctx, _) = stating.context("nobody of the shown county states anything")?;
    let mut elsewhere = settled.elsewhere.iter().copied();
    for person in elsewhere.by_ref().take(WORKERS) {
        let works = Statement { kind: EvidenceKind::Works, person, guardian: None, plate: String::new() };
        pass::state(&ctx, number, body, &works)?;
        let Answer::Given(_) = pass::ask(&player.acting(person, at(39))?, number, person, None)? else {
            bail!("a worker was refused")
        };
    }
    let refused: Vec<Id<Person>> = elsewhere.take(REFUSED).collect();
    for person in &refused {
        let Answer::Refused(_) = pass::ask(&player.acting(*person, at(5))?, number, *person, None)? else {
            bail!("somebody from elsewhere was not refused")
        };
    }
    let appealing = *refused.first().context("nobody lives elsewhere")?;
    let words = "我在新体路一家超市上班，单位还没有登记。".to_owned();
    let new = NewAppeal { area: SHOWN_COMMUNITY.to_owned(), words, shares_contact: true };
    pass::appeal(&player.acting(appealing, at(1))?, number, appealing, &new)?;
    Ok(())
}
