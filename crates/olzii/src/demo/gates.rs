//! Gates of the demo's order: a community's own, a shop's and a bus stop's, and what their devices counted in the last days.
//! Under `--live` they go on counting. Nobody who passed is made up: a gate knows of nobody.

use anyhow::{Context, Result};
use domain::{
    Window,
    checkpoint::{self, Batch, Checkpoint, Count, New},
};
use kernel::Timestamp;
use uuid::Uuid;

use super::{chance::Chance, passes::offices, play::Player, territory::SHOWN_COUNTY};

/// Where they stand, with the kind of place of the order.
const GATES: [(&str, u8); 6] =
    [("北门", 0), ("南门", 0), ("社区超市", 1), ("3路公交站", 2), ("东门", 0), ("农贸市场", 1)];
/// Days for which they stand, from two days ago on.
const DAYS: i64 = 14;
const HOUR_SECONDS: i64 = 3_600;
const HISTORY_HOURS: i64 = 48;
/// What a look comes to, with how often among all.
const OUTCOMES: [(&str, f64); 8] = [
    ("accepted", 0.93),
    ("expired", 0.025),
    ("scope", 0.015),
    ("prefix", 0.012),
    ("unknown-key", 0.005),
    ("revoked", 0.006),
    ("other-regime", 0.004),
    ("bundle-expired", 0.003),
];
/// Looks in an hour of the day, at the busiest.
const LOOKS: f64 = 60.0;
/// Looks in a turn of the played day.
const LIVE_LOOKS: (i64, i64) = (1, 5);

/// The gates of the order of this number, one of which has a device that is silent.
pub fn play(player: &Player, seed: u64, number: u16, now: Timestamp) -> Result<()> {
    let chance = &mut Chance::new(seed, "gates");
    let opened = now.plus_seconds(-HISTORY_HOURS * HOUR_SECONDS);
    let [leader, _] = offices(player, opened)?;
    let ctx = player.acting(leader, opened)?;
    let communities = &player.territory.communities;
    let of_county = communities.iter().filter(|it| it.path.codes().any(|code| code == SHOWN_COUNTY));
    for (index, ((name, place), community)) in GATES.into_iter().zip(of_county).enumerate() {
        let new = New {
            id: ctx.id(),
            area: community.code.clone(),
            name: format!("{}{name}", community.short),
            regime: number,
            place,
            ends_at: opened.plus_seconds(DAYS * 24 * HOUR_SECONDS),
        };
        let gate = checkpoint::open(&ctx, &new)?;
        let device = checkpoint::add_device(&ctx, gate.id)?;
        let token = checkpoint::device_token(&player.city, device.id);
        let is_silent = index + 1 == GATES.len();
        let last = if is_silent { HISTORY_HOURS - 5 } else { HISTORY_HOURS };
        for hour in 0..=last {
            let at = opened.plus_seconds(hour * HOUR_SECONDS);
            let looks = (LOOKS * busy(at) * chance.between(0.6, 1.2)) as i64;
            send(player, chance, &token, at, looks)?;
        }
    }
    Ok(())
}

/// How busy a gate is at that time of the day.
fn busy(at: Timestamp) -> f64 {
    match at.civil().hour() {
        7 | 8 | 17 | 18 => 1.0,
        9..=16 | 19 | 20 => 0.5,
        6 | 21 | 22 => 0.25,
        _ => 0.02,
    }
}

/// What one device counted in the hour of `at`.
fn send(player: &Player, chance: &mut Chance, token: &str, at: Timestamp, looks: i64) -> Result<()> {
    let mut counts: Vec<Count> = Vec::new();
    let hour = at.micros().div_euclid(HOUR_SECONDS * 1_000_000);
    for _ in 0..looks {
        let mut left = chance.fraction();
        let drawn = OUTCOMES.iter().find(|(_, share)| {
            left -= share;
            left < 0.0
        });
        let outcome = drawn.map_or("accepted", |(outcome, _)| outcome);
        match counts.iter_mut().find(|it| it.outcome == outcome) {
            Some(count) => count.looks += 1,
            None => counts.push(Count { hour, outcome: outcome.to_owned(), looks: 1 }),
        }
    }
    let mut id = [0; 16];
    chance.bytes(&mut id);
    let batch = Batch { id: Uuid::from_bytes(id), counts };
    checkpoint::take(&player.nobody(at), token, &batch)?;
    Ok(())
}

/// A few more looks at one of the gates, if there is one; whether there was.
pub fn look(player: &Player, chance: &mut Chance, now: Timestamp) -> Result<bool> {
    let [leader, _] = offices(player, now)?;
    let ctx = player.acting(leader, now)?;
    let page = checkpoint::list(&ctx, &checkpoint::own_areas(&ctx), &Window::first(GATES.len()))?;
    // What is silent stays silent, so that the office sees one that is.
    let open = |it: &&checkpoint::Listed| it.checkpoint.is_open(now) && it.silent == 0;
    let gates: Vec<&Checkpoint> = page.items.iter().filter(open).map(|it| &it.checkpoint).collect();
    if gates.is_empty() {
        return Ok(false);
    }
    let gate = *chance.pick(&gates);
    let device = checkpoint::detail(&ctx, gate.id)?.devices.into_iter().find(|it| it.ended_at.is_none());
    let device = device.context("a gate without a device")?;
    let token = checkpoint::device_token(&player.city, device.id);
    // A phone sends an hour when it is over; here something has to move before one's eyes.
    let looks = chance.seconds(LIVE_LOOKS.0, LIVE_LOOKS.1);
    send(player, chance, &token, now, looks)?;
    Ok(true)
}
