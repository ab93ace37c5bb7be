//! A gate is opened by those who answer for the area, its devices count without an account, and each batch counts once.

mod counts;

use std::thread;

use domain::{
    Ctx, Cursor, Refusal, Window,
    checkpoint::{
        self, BATCHES_MAX, Batch, COUNTS_MAX, Checkpoint, Count, DEVICES_MAX, Device, LOOKS_MAX, Listed, New,
        Taken,
    },
    pass::{self, Bearer, Decision, NewRegime},
};
use kernel::Role;
use store::{Db, both};
use uuid::Uuid;

use crate::ground::{COUNTY, GRID, Ground, OTHER_COUNTY, TOWNSHIP, path};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

struct Gate {
    ground: Ground,
    leader: Ctx,
    other_leader: Ctx,
    auditor: Ctx,
    clerk: Ctx,
    /// Of the order that is in force, for 90 days from now.
    regime: u16,
}

impl Gate {
    fn new(db: Db) -> Self {
        let ground = Ground::new(db);
        let officer = |name: &str, role, code| ground.acting(ground.officer(name, role, code));
        let leader = officer("县长", Role::Leader, COUNTY);
        let commander = officer("指挥部", Role::Commander, COUNTY);
        Self {
            regime: ordered(&leader, &commander, 90),
            leader,
            other_leader: officer("邻县县长", Role::Leader, OTHER_COUNTY),
            auditor: officer("审计员", Role::Auditor, COUNTY),
            clerk: officer("村文书", Role::GridLeader, GRID),
            ground,
        }
    }

    fn wanted(&self) -> New {
        let ends_at = self.ground.now().plus_seconds(7 * DAY);
        let id = self.ground.id();
        New { id, area: TOWNSHIP.into(), name: "北门".into(), regime: self.regime, place: 0, ends_at }
    }

    fn opened(&self) -> (Checkpoint, Device, String) {
        let gate = checkpoint::open(&self.leader, &self.wanted()).unwrap();
        let device = checkpoint::add_device(&self.leader, gate.id).unwrap();
        let token = checkpoint::device_token(&self.ground.city, device.id);
        (gate, device, token)
    }

    /// Whoever holds the phone, now.
    fn guard(&self) -> Ctx {
        Ctx::anonymous(self.ground.city.clone())
    }

    fn at(&self, ctx: &Ctx) -> Ctx {
        Ctx { now: self.ground.now(), ..ctx.clone() }
    }

    fn hour(&self) -> i64 {
        self.ground.now().micros() / 1_000_000 / HOUR
    }

    fn batch(&self, number: u128, counts: &[(i64, &str, i64)]) -> Batch {
        let count = |(hour, outcome, looks): &(i64, &str, i64)| Count {
            hour: self.hour() + hour,
            outcome: (*outcome).into(),
            looks: *looks,
        };
        Batch { id: Uuid::from_u128(number), counts: counts.iter().map(count).collect() }
    }

    fn send(&self, token: &str, number: u128, counts: &[(i64, &str, i64)]) -> Result<Taken, Refusal> {
        checkpoint::take(&self.guard(), token, &self.batch(number, counts))
    }

    /// All that are listed, read in pages of so many.
    fn listed(&self, rows: usize) -> Vec<Listed> {
        let leader = self.at(&self.leader);
        let (mut found, mut window) = (Vec::new(), Window::first(rows));
        loop {
            let page = checkpoint::list(&leader, &[path(COUNTY)], &window).unwrap();
            assert!(page.items.len() <= rows);
            found.extend(page.items);
            match page.next {
                Some(next) => window.after = Some(Cursor::decode(&next.encode()).unwrap()),
                None => return found,
            }
        }
    }

    fn hours(&self, gate: &Checkpoint) -> Vec<(i64, i64, i64, i64)> {
        let found = checkpoint::detail(&self.at(&self.auditor), gate.id).unwrap();
        found.hours.iter().map(|it| (it.hour - self.hour(), it.green, it.red, it.yellow)).collect()
    }
}

/// An order of so many days that is in force, with two kinds of place.
fn ordered(leader: &Ctx, commander: &Ctx, days: i64) -> u16 {
    ordered_in(COUNTY, leader, commander, days)
}

fn ordered_in(area: &str, leader: &Ctx, commander: &Ctx, days: i64) -> u16 {
    let new = NewRegime {
        area: area.into(),
        title: "防汛通行".into(),
        legal_basis: "突发事件应对法".into(),
        order_number: format!("2026-{days}"),
        purposes: "让居民和必需的工人通过".into(),
        duties: "只看凭证真假，不登记".into(),
        start: leader.now,
        end: leader.now.plus_seconds(days * DAY),
        scopes: "小区\n商店".into(),
        bearer: Bearer::Name,
        pass_seconds: 48 * HOUR,
        holders: 1_000,
        rule: "resident: lives_in".into(),
    };
    let proposed = pass::propose(leader, &new).unwrap().number;
    pass::decide(commander, proposed, Decision::Approve, "").unwrap().number
}

fn fault<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> String {
    match outcome {
        Err(Refusal::Invalid(faults)) => faults[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

both!(whoever_does_not_answer_for_the_area_opens_nothing_and_sees_nothing, |db: Db| {
    let it = Gate::new(db);
    let (gate, device, _) = it.opened();
    for ctx in [&it.clerk, &it.other_leader, &it.auditor] {
        assert!(matches!(checkpoint::open(ctx, &it.wanted()), Err(Refusal::Denied)));
    }
    assert!(matches!(checkpoint::open(&it.guard(), &it.wanted()), Err(Refusal::SignIn)));
    for ctx in [&it.clerk, &it.other_leader] {
        assert!(matches!(checkpoint::detail(ctx, gate.id), Err(Refusal::NotFound)));
        assert!(matches!(checkpoint::close(ctx, gate.id), Err(Refusal::NotFound)));
        assert!(matches!(checkpoint::list(ctx, &[path(COUNTY)], &Window::first(9)), Err(Refusal::Denied)));
        assert!(matches!(checkpoint::reasons(ctx, &[path(COUNTY)]), Err(Refusal::Denied)));
    }
    assert!(matches!(checkpoint::end_device(&it.auditor, gate.id, device.number), Err(Refusal::Denied)));
    assert!(matches!(checkpoint::add_device(&it.leader, it.ground.id()), Err(Refusal::NotFound)));
    // An end it has, and not a far one.
    let ends = |days: i64| New { ends_at: it.ground.now().plus_seconds(days * DAY), ..it.wanted() };
    for days in [0, -1, 91] {
        assert_eq!(fault(checkpoint::open(&it.leader, &ends(days))), "ends_at");
    }
    let commander = it.ground.acting(it.ground.officer("值班", Role::Commander, COUNTY));
    let short = New { regime: ordered(&it.leader, &commander, 6), ..it.wanted() };
    assert_eq!(fault(checkpoint::open(&it.leader, &short)), "ends_at", "not beyond its order");
    assert_eq!(fault(checkpoint::open(&it.leader, &New { place: 2, ..it.wanted() })), "kind");
    assert_eq!(fault(checkpoint::open(&it.leader, &New { regime: 77, ..it.wanted() })), "kind");
    assert_eq!(fault(checkpoint::open(&it.leader, &New { name: " ".into(), ..it.wanted() })), "name");
    assert_eq!(fault(checkpoint::open(&it.leader, &New { area: "99".into(), ..it.wanted() })), "area");
    // Sent twice it is one; another under its id is none.
    let wanted = it.wanted();
    let first = checkpoint::open(&it.leader, &wanted).unwrap();
    assert_eq!(checkpoint::open(&it.leader, &wanted).unwrap(), first);
    for other in [
        New { name: "南门".into(), ..wanted.clone() },
        New { place: 1, ..wanted.clone() },
        New { ends_at: wanted.ends_at.plus_seconds(DAY), ..wanted },
    ] {
        assert!(matches!(checkpoint::open(&it.leader, &other), Err(Refusal::Conflict(_))), "{other:?}");
    }
});

both!(a_link_that_is_not_ours_or_was_taken_away_counts_nothing, |db: Db| {
    let it = Gate::new(db);
    let (gate, device, token) = it.opened();
    let mut forged = token.clone().into_bytes();
    forged[40] = if forged[40] == b'A' { b'B' } else { b'A' };
    for wrong in ["", "x", &token[1..], std::str::from_utf8(&forged).unwrap(), &"A".repeat(43)] {
        assert!(matches!(it.send(wrong, 1, &[(0, "accepted", 1)]), Err(Refusal::NotFound)), "{wrong}");
    }
    let elsewhere = checkpoint::device_token(&it.ground.city, it.ground.id());
    assert!(matches!(it.send(&elsewhere, 1, &[]), Err(Refusal::NotFound)), "a device that there is not");
    checkpoint::end_device(&it.leader, gate.id, device.number).unwrap();
    checkpoint::end_device(&it.leader, gate.id, device.number).unwrap();
    assert!(matches!(it.send(&token, 1, &[]), Err(Refusal::NotFound)), "that it is there interests nobody");
    assert!(matches!(it.send(&token, 1, &[(1, "accepted", 1)]), Err(Refusal::NotFound)));
    let next = checkpoint::add_device(&it.leader, gate.id).unwrap();
    assert_eq!(next.number, 2, "a number is not given again");
    assert_eq!(it.hours(&gate), []);
});

both!(what_a_device_counted_before_its_link_was_taken_away_arrives_for_some_days_more, |db: Db| {
    let it = Gate::new(db);
    let (gate, device, token) = it.opened();
    it.ground.clock.pass_seconds(4 * HOUR);
    checkpoint::end_device(&it.at(&it.leader), gate.id, device.number).unwrap();
    let ended = it.at(&it.leader).now;
    it.ground.clock.pass_seconds(3 * HOUR);
    let sent = [(-4, "accepted", 5), (-3, "accepted", 2), (-2, "accepted", 9), (0, "revoked", 1)];
    let taken = it.send(&token, 1, &sent).unwrap();
    assert!(taken.is_new && taken.end == ended, "and the phone learns that it is over for it");
    assert_eq!(it.hours(&gate), [(-3, 2, 0, 0), (-4, 5, 0, 0)], "nothing that was counted after");
    assert!(!it.send(&token, 1, &sent).unwrap().is_new);
    let heard = checkpoint::detail(&it.at(&it.leader), gate.id).unwrap().devices[0].heard_at;
    assert_eq!(heard, None, "a link that was taken away is not there");
    it.ground.clock.pass_seconds(7 * DAY);
    assert!(matches!(it.send(&token, 2, &[(-8 * 24, "accepted", 1)]), Err(Refusal::NotFound)));
});

both!(a_lost_phone_gives_its_place_to_another, |db: Db| {
    let it = Gate::new(db);
    let (gate, _, _) = it.opened();
    for _ in 1..DEVICES_MAX {
        checkpoint::add_device(&it.leader, gate.id).unwrap();
    }
    assert!(matches!(checkpoint::add_device(&it.leader, gate.id), Err(Refusal::Conflict(_))));
    checkpoint::end_device(&it.leader, gate.id, 7).unwrap();
    let next = checkpoint::add_device(&it.leader, gate.id).unwrap().number;
    assert_eq!(next, i64::try_from(DEVICES_MAX).unwrap() + 1);
    assert!(matches!(checkpoint::add_device(&it.leader, gate.id), Err(Refusal::Conflict(_))));
});

both!(of_which_gate_a_revoked_pass_was_held_up_at_nothing_is_left, |db: Db| {
    let it = Gate::new(db);
    let (gate, _, token) = it.opened();
    let other = checkpoint::open(&it.leader, &New { name: "南门".into(), ..it.wanted() }).unwrap();
    let device = checkpoint::add_device(&it.leader, other.id).unwrap();
    let of_other = checkpoint::device_token(&it.ground.city, device.id);
    it.send(&token, 1, &[(0, "accepted", 30), (0, "revoked", 1), (0, "expired", 8), (0, "prefix", 4)])
        .unwrap();
    it.send(&of_other, 2, &[(0, "accepted", 30), (0, "scope", 5), (0, "refused", 1), (0, "unknown-key", 12)])
        .unwrap();
    assert_eq!(it.hours(&gate), [(0, 30, 13, 0)]);
    assert_eq!(it.hours(&other), [(0, 30, 6, 12)]);
    let outcomes = "SELECT COUNT(*) FROM checkpoint_reason WHERE outcome IN ('revoked', 'expired', 'scope')";
    assert_eq!(it.ground.count(outcomes), 0);
    assert_eq!(
        it.ground.count("SELECT COUNT(*) FROM checkpoint_reason"),
        3,
        "a gate is named in none of them"
    );
    let days = checkpoint::reasons(&it.at(&it.auditor), &[path(COUNTY)]).unwrap();
    let reasons: Vec<_> = days[0].reasons.iter().map(|(code, looks)| (code.as_str(), *looks)).collect();
    assert_eq!(days.len(), 1);
    assert_eq!(
        reasons,
        [("prefix", None), ("refused", Some(15)), ("unknown-key", Some(10))],
        "the few are not told"
    );
    let near = it.ground.acting(it.ground.officer("镇长", Role::Leader, TOWNSHIP));
    assert_eq!(checkpoint::reasons(&near, &[path(TOWNSHIP)]).unwrap(), [], "of a county, or not at all");
});

both!(a_list_is_of_all_areas_of_ones_posts, |db: Db| {
    let it = Gate::new(db);
    for (name, area) in [("北门", TOWNSHIP), ("南门", GRID), ("县门", COUNTY)] {
        let new = New { name: name.into(), area: area.into(), ..it.wanted() };
        checkpoint::open(&it.leader, &new).unwrap();
    }
    let mut areas = [path(COUNTY), path(OTHER_COUNTY)];
    areas.sort();
    let mut both = it.at(&it.leader);
    both.actor.appointments.extend(it.other_leader.actor.appointments.clone());
    both.actor
        .appointments
        .extend(it.ground.acting(it.ground.officer("镇长", Role::Leader, TOWNSHIP)).actor.appointments);
    assert_eq!(checkpoint::own_areas(&both), areas, "none of which is in another");
    let commander = it.at(&it.ground.acting(it.ground.officer("值班", Role::Commander, OTHER_COUNTY)));
    let regime = ordered_in(OTHER_COUNTY, &it.at(&it.other_leader), &commander, 30);
    let elsewhere = New { regime, area: OTHER_COUNTY.into(), name: "邻县".into(), ..it.wanted() };
    checkpoint::open(&it.at(&it.other_leader), &elsewhere).unwrap();
    for rows in 1..=4 {
        let (mut names, mut window) = (Vec::new(), Window::first(rows));
        loop {
            let page = checkpoint::list(&both, &areas, &window).unwrap();
            names.extend(page.items.into_iter().map(|it| it.checkpoint.name));
            match page.next {
                Some(next) => window.after = Some(next),
                None => break,
            }
        }
        names.sort();
        let mut all = ["北门", "南门", "县门", "邻县"];
        all.sort_unstable();
        assert_eq!(names, all, "in pages of {rows}");
    }
});

both!(a_list_has_the_silent_first_and_the_ended_last_and_is_the_same_in_any_pages, |db: Db| {
    let it = Gate::new(db);
    let open = |name: &str, area: &str| {
        let new = New { name: name.into(), area: area.into(), ..it.wanted() };
        let gate = checkpoint::open(&it.leader, &new).unwrap();
        let device = checkpoint::add_device(&it.leader, gate.id).unwrap();
        (gate, checkpoint::device_token(&it.ground.city, device.id))
    };
    let gates: Vec<_> = (0..7).map(|it| open(&format!("{it}"), if it < 4 { COUNTY } else { GRID })).collect();
    it.send(&gates[6].1, 1, &[(0, "accepted", 3), (-25, "accepted", 9)]).unwrap();
    it.ground.clock.pass_seconds(3 * HOUR);
    checkpoint::close(&it.at(&it.leader), gates[0].0.id).unwrap();
    for (number, (_, token)) in gates.iter().enumerate().skip(1).filter(|(it, _)| *it != 5) {
        it.send(token, 100 + number as u128, &[]).unwrap();
    }
    checkpoint::end_device(&it.at(&it.leader), gates[3].0.id, 1).unwrap();
    let all = it.listed(50);
    let names: Vec<_> = all.iter().map(|it| it.checkpoint.name.as_str()).collect();
    assert_eq!((names[0], names[6], names.len()), ("5", "0", 7));
    let of = |name: &str| all.iter().find(|it| it.checkpoint.name == name).unwrap();
    let figures = |name: &str| (of(name).devices, of(name).silent, of(name).looks);
    assert_eq!(["5", "0", "3", "6"].map(figures), [(1, 1, 0), (1, 0, 0), (0, 0, 0), (1, 0, 12)]);
    for rows in 1..=7 {
        let again: Vec<_> = it.listed(rows).into_iter().map(|it| it.checkpoint.id).collect();
        assert!(again.iter().eq(all.iter().map(|it| &it.checkpoint.id)), "in pages of {rows}");
    }
});
