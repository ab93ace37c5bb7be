//! A form of the city that some grids have answered, well and not so well.

use anyhow::{Context, Result};
use domain::{
    Ctx,
    form::{self, Expected, Publication, Sent, Terms},
    organization,
};
use kernel::{Role, Timestamp};
use policy::Actor;

use super::{chance::Chance, play::Player};

const FORM: &[u8] = include_bytes!("../../../../data/demo/grid-annual.xml");
const FILE: &str = "grid-annual.xml";
/// Grids of the shown county that have answered.
const ANSWERS: usize = 60;
/// Of them so many slipped.
const SLIPPED: f64 = 0.12;

/// Publishes the form and has grid workers of the shown county answer it in the days before `now`.
pub fn play(player: &Player, seed: u64, now: Timestamp) -> Result<()> {
    let chance = &mut Chance::new(seed, "forms");
    let days = |days: f64| now.plus_seconds((-days * 86_400.0) as i64);
    let system = Ctx { actor: Actor::system(), ..player.nobody(days(20.0)) };
    let county = player.territory.shown_community()?.path.clone();
    let county = county.ancestors().find(|it| it.code().len() == 6).context("a county")?;
    let publication = Publication {
        area: county.code().to_owned(),
        organization: None,
        file_name: FILE.into(),
        bytes: FORM.to_vec(),
        files: Vec::new(),
        terms: Terms::default(),
        reason: String::new(),
    };
    form::publish(&system, &publication).context("the demo's form is not sound")?;
    // The named grid worker finds it unanswered.
    let shown = player.territory.shown_community()?.grids.first().context("a grid")?.code.clone();
    let grids: Vec<_> = player.territory.grids().map(|(_, grid)| grid).collect();
    let grids = grids.into_iter().filter(|it| it.path.is_within(&county) && it.code != shown).take(ANSWERS);
    for (number, grid) in grids.enumerate() {
        let at = days(18.0 - number as f64 * 17.0 / ANSWERS as f64);
        let workers =
            player.city.db.read(|tx| organization::holders(tx, &[Role::GridLeader], &grid.path, at, 1))?;
        let Some(worker) = workers.first() else { continue };
        let ctx = player.acting(*worker, at)?;
        let xml = answer(&ctx, &grid.code, chance);
        let seconds = Some(180 + 7 * number as i64 % 300);
        let sent = Sent { xml: xml.into_bytes(), seconds, ..Sent::default() };
        form::submit(&ctx, &sent, Expected::Any)
            .map_err(|rejection| anyhow::anyhow!("grid {}: {rejection}", grid.code))?;
    }
    Ok(())
}

fn answer(ctx: &Ctx, code: &str, chance: &mut Chance) -> String {
    let households = 180 + chance.below(240) as i64;
    let people = households * (18 + chance.below(12) as i64) / 10;
    let is_slip = chance.happens(SLIPPED);
    let shown_people = if is_slip { households - 7 } else { people };
    let has_group = chance.happens(0.7);
    let members =
        if has_group { format!("<members>{}</members>", 3 + chance.below(25)) } else { String::new() };
    let shops: String = (0..chance.below(4))
        .map(|_| {
            format!(
                "<shop><kind>{}</kind><staff>{}</staff></shop>",
                chance.pick(&["food", "retail"]),
                1 + chance.below(9)
            )
        })
        .collect();
    let per = (shown_people as f64 / households as f64 * 10.0).round() / 10.0;
    let (branch, day) = (if has_group { "yes" } else { "no" }, ctx.now.to_string());
    format!(
        "<data id=\"grid_annual\" version=\"2026\"><start>{day}</start><base><code>{code}</code><households>{households}</households>\
         <people>{shown_people}</people><branch>{branch}</branch>{members}<per_household>{per}</per_household>\
         <posts>leader assistant</posts></base>{shops}<end><on>{}</on></end>\
         <meta><instanceID>uuid:{}</instanceID><instanceName>{code}</instanceName></meta></data>",
        &day[..10],
        ctx.id::<()>().uuid(),
    )
}
