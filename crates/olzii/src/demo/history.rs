//! The cases of the past weeks, moved through the loop by a clock that is set before each step.

use std::{
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use anyhow::{Context, Result};
use domain::case::{Case, Status};
use kernel::Timestamp;

use super::{
    chance::Chance,
    ids::SeededIds,
    place_in_list,
    play::{By, Player},
    residents::Heads,
    territory::SHOWN_COMMUNITY,
};

const DAY: i64 = 86_400;
/// Share of cases in the county of the shown community, so that its lists look like lists.
const SHOWN_SHARE: f64 = 0.35;
/// Share of steps at which a case is forgotten, and will be overdue.
const STUCK: f64 = 0.025;
/// Share of closed cases that are opened again, of those with whom somebody is not wholly content.
const REOPENED: f64 = 0.12;
/// The stages at which a case of the shown community waits for one of the named logins.
const WAITING: [&str; 7] = ["collect", "register", "dispatch", "handle", "feedback", "check", "evaluate"];
/// Transitions on the way to them.
const STRAIGHT: [(&str, &str); 5] = [
    ("collect", "verify"),
    ("register", "register"),
    ("handle", "feed_back"),
    ("feedback", "accept"),
    ("check", "close"),
];

/// A lamp goes by the list to the body that mends it; two bodies share the snow, so that a dispatcher has to decide.
const CLEAR: &str = "c1-street-lamp";
const SHARED: &str = "c2-snow-ice";

/// A case of the shown community that went a longer way: who reported it, so many days ago, the steps that were
/// taken, and what came then.
struct Shown {
    is_ordered: bool,
    days_ago: i64,
    steps: &'static [&'static str],
    then: Then,
}

enum Then {
    Nothing,
    /// It is supervised; by these shares the order is replied to, and that is accepted.
    Supervised([f64; 2]),
    /// Somebody else reported it too, and the two are one.
    Doubled,
    /// Two bodies have it to do.
    SentJointly,
    /// No body will have it, until it is ruled on.
    PassedAround,
}

const TO_BODY: [&str; 2] = ["verify", "dispatch"];
const TO_CLOSED: [&str; 6] = ["verify", "dispatch", "feed_back", "accept", "close", "rate"];
const SHOWN: [Shown; 9] = [
    Shown {
        is_ordered: true,
        days_ago: 3,
        steps: &["assign_task", "report_back", "confirm", "conclude"],
        then: Then::Nothing,
    },
    Shown { is_ordered: true, days_ago: 0, steps: &["assign_task"], then: Then::Nothing },
    Shown { is_ordered: false, days_ago: 12, steps: &TO_BODY, then: Then::Supervised([0.0, 0.0]) },
    Shown { is_ordered: false, days_ago: 14, steps: &TO_BODY, then: Then::Supervised([1.0, 0.0]) },
    Shown {
        is_ordered: false,
        days_ago: 6,
        steps: &["verify", "dispatch", "feed_back", "accept", "close", "rate", "reopen", "dispatch"],
        then: Then::Nothing,
    },
    Shown { is_ordered: false, days_ago: 4, steps: &TO_CLOSED, then: Then::Nothing },
    Shown { is_ordered: false, days_ago: 1, steps: &["verify"], then: Then::Doubled },
    Shown { is_ordered: false, days_ago: 1, steps: &["verify"], then: Then::SentJointly },
    Shown { is_ordered: false, days_ago: 1, steps: &TO_BODY, then: Then::PassedAround },
];

/// Cases played at once. Most of a step's time goes into waiting for the disk, which writers that come
/// together do together.
const LANES: usize = 8;

/// Plays `count` cases that were reported before `now`, and one that waits at each stage in the shown
/// community. Each has chance and ids of its own, so the order in which they are played does not matter.
pub fn play(
    player: &Player,
    seed: u64,
    heads: &Heads,
    count: usize,
    now: Timestamp,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<()> {
    let total = count + WAITING.len() + SHOWN.len();
    let play_one = |number: usize| {
        let player = &mut player.with_chance(Chance::of(seed, "cases", number));
        SeededIds::in_lane(seed, number, || {
            match (WAITING.get(number), number.checked_sub(WAITING.len()).and_then(|it| SHOWN.get(it))) {
                (Some(stage), _) => waiting(player, heads, stage, now),
                (None, Some(shown)) => shown_case(player, heads, shown, now),
                (None, None) => past(player, heads, now),
            }
        })
    };
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (done, played) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..LANES {
            let (done, next, failed, play_one) = (done.clone(), &next, &failed, &play_one);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= total
                        || failed.load(Ordering::SeqCst)
                        || done.send(play_one(number)).is_err()
                    {
                        return;
                    }
                }
            });
        }
        drop(done);
        for (number, outcome) in played.iter().enumerate() {
            if outcome.is_err() {
                failed.store(true, Ordering::SeqCst);
            }
            outcome?;
            progress(number as u64 + 1, total as u64);
        }
        Ok(())
    })
}

fn past(player: &mut Player, heads: &Heads, now: Timestamp) -> Result<()> {
    let spot = spot(player);
    let head = heads.get(&player.territory.communities[spot.0].grids[spot.1].code);
    let by = match (player.chance.fraction(), head) {
        (..0.4, Some(head)) => By::Resident(*head),
        (..0.6, _) => By::Anonymous,
        (..0.83, _) => By::GridWorker,
        (..0.97, _) => By::Desk,
        _ => By::Leader,
    };
    let age = if player.chance.happens(0.3) { 2 * DAY } else { 40 * DAY };
    let ago = player.chance.seconds(1_800, age);
    let mut at = waking(player, now.plus_seconds(-ago)).min(now.plus_seconds(-600));
    let mut case = player.report(at, spot, by, None)?;
    while goes_on(player, &case) && !player.chance.happens(STUCK) {
        let Some(transition) = following(player, &case) else { break };
        at = moment(player, &case, &transition, at);
        if at >= now {
            break;
        }
        match player.step(&case, &transition, at)? {
            Some(moved) => case = moved,
            None => break,
        }
    }
    supervise(player, &case, now)
}

/// What is open does, and now and then what was closed: somebody is not content.
fn goes_on(player: &mut Player, case: &Case) -> bool {
    match case.status {
        Status::Open => true,
        Status::Closed => case.rating.is_none_or(|rating| rating <= 4) && player.chance.happens(REOPENED),
        Status::Void => false,
    }
}

/// Half of what is late for long is put under supervision.
fn supervise(player: &mut Player, case: &Case, now: Timestamp) -> Result<()> {
    let late = case.stage_due.filter(|_| case.status == Status::Open);
    let Some(due) = late.filter(|due| *due < now.plus_seconds(-DAY)) else { return Ok(()) };
    if !player.chance.happens(0.5) {
        return Ok(());
    }
    let hours = player.chance.seconds(3_600, DAY);
    let at = waking(player, due.plus_seconds(hours)).max(case.updated_at.plus_seconds(60));
    if at < now { player.supervise(case, at, now, [0.6, 0.4]) } else { Ok(()) }
}

/// What comes next: somebody's choice, or the clock's where nobody rates.
fn following(player: &mut Player, case: &Case) -> Option<String> {
    match case.stage == "evaluate" && player.chance.happens(0.4) {
        true => Some("lapse".to_owned()),
        false => player.next(case),
    }
}

/// When it comes: somewhere in the stage's time and when people are awake; at its end if it is the clock's.
fn moment(player: &mut Player, case: &Case, transition: &str, at: Timestamp) -> Timestamp {
    // An end has no time of its own: who is not content says so within a day or two.
    let due = case.stage_due.unwrap_or(at.plus_seconds(2 * DAY)).max(at.plus_seconds(3_600));
    if transition == "lapse" {
        return due.plus_seconds(1);
    }
    let length = due.seconds_since(at);
    let after = player.chance.seconds(length / 20, length * 19 / 20).max(120);
    waking(player, at.plus_seconds(after))
}

/// The same moment, or the next morning when it is in the night.
fn waking(player: &mut Player, at: Timestamp) -> Timestamp {
    let hours_to_morning = match at.civil().hour() {
        hour @ 22.. => i64::from(32 - hour),
        hour @ ..7 => i64::from(8 - hour),
        _ => return at,
    };
    at.plus_seconds(hours_to_morning * 3_600 + player.chance.seconds(0, 1_800))
}

fn spot(player: &mut Player) -> (usize, usize) {
    let shown = player.chance.happens(SHOWN_SHARE);
    let county = &SHOWN_COMMUNITY[..6];
    let fitting: Vec<usize> = (0..player.territory.communities.len())
        .filter(|index| !shown || player.territory.communities[*index].code.starts_with(county))
        .collect();
    let community = *player.chance.pick(&fitting);
    (community, player.chance.below(player.territory.communities[community].grids.len()))
}

/// A case of the shown community, reported by its resident, which reached `stage` today and waits there.
fn waiting(player: &mut Player, heads: &Heads, stage: &str, now: Timestamp) -> Result<()> {
    let community = place_in_list(&player.territory)?;
    let grid = &player.territory.communities[community].grids[0].code;
    let resident = *heads.get(grid).context("nobody lives in the first grid of the shown community")?;
    // A grid worker's report waits to be registered; a resident's is verified instead.
    let by = if stage == "register" { By::GridWorker } else { By::Resident(resident) };
    let mut at = now.plus_seconds(-player.chance.seconds(3_600, 5_400));
    let mut case =
        player.report(at, (community, 0), by, Some(if stage == "dispatch" { SHARED } else { CLEAR }))?;
    while case.stage != stage {
        let (_, transition) =
            STRAIGHT.iter().find(|(from, _)| *from == case.stage).context("it is on the way")?;
        at = at.plus_seconds(player.chance.seconds(120, 480));
        let moved = player.step(&case, transition, at)?;
        case = moved.with_context(|| format!("nobody may {transition} in the shown community"))?;
    }
    Ok(())
}

/// A case of the shown community with more of a story.
fn shown_case(player: &mut Player, heads: &Heads, shown: &Shown, now: Timestamp) -> Result<()> {
    let community = place_in_list(&player.territory)?;
    let grid = &player.territory.communities[community].grids[0].code;
    let resident = *heads.get(grid).context("nobody lives in the first grid of the shown community")?;
    let (by, class) = match (shown.is_ordered, &shown.then) {
        (true, _) => (By::Leader, SHARED),
        // The list names two bodies, so that a dispatcher decides.
        (false, Then::SentJointly) => (By::Resident(resident), SHARED),
        (false, _) => (By::Resident(resident), "c1-manhole-cover"),
    };
    let ago = shown.days_ago * DAY + player.chance.seconds(7_200, 10_800);
    let mut at = now.plus_seconds(-ago);
    let mut case = player.report(at, (community, 0), by, Some(class))?;
    for transition in shown.steps {
        at = at.plus_seconds(player.chance.seconds(600, 1_200));
        // The list of responsibilities may have sent it already.
        if *transition == "dispatch" && case.stage == "handle" {
            continue;
        }
        let moved = player.step(&case, transition, at)?;
        case = moved.with_context(|| format!("nobody may {transition} in the shown community"))?;
    }
    let due = case.stage_due.unwrap_or(at).max(at);
    match shown.then {
        Then::Nothing => Ok(()),
        Then::Supervised(shares) => player.supervise(&case, due.plus_seconds(7_200), now, shares),
        Then::Doubled => player.double(&case, at.plus_seconds(900)),
        Then::SentJointly => player.send_jointly(&case, at.plus_seconds(900)).map(drop),
        Then::PassedAround => player.pass_around(&case, at.plus_seconds(900)),
    }
}
