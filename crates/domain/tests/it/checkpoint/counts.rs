//! What gates count arrives once, within its bounds, and goes again.

use super::*;

both!(a_guard_without_an_account_counts_and_the_office_sees_it_by_hour, |db: Db| {
    let it = Gate::new(db);
    let (gate, device, token) = it.opened();
    assert_eq!((device.number, gate.regime, gate.place), (1, it.regime, 0));
    let taken = it.send(&token, 1, &[(0, "accepted", 40), (0, "expired", 2), (0, "clock", 1)]).unwrap();
    assert!(taken.is_new && taken.checkpoint.id == gate.id);
    it.ground.clock.pass_seconds(HOUR);
    it.send(&token, 2, &[(0, "accepted", 1), (-1, "revoked", 1), (0, "no-list", 2), (0, "status-unsure", 1)])
        .unwrap();
    assert_eq!(it.hours(&gate), [(0, 1, 0, 3), (-1, 40, 3, 1)]);
    let listed = checkpoint::list(&it.at(&it.leader), &[path(COUNTY)], &Window::first(9)).unwrap().items;
    assert_eq!((listed.len(), listed[0].looks, listed[0].devices, listed[0].silent), (1, 48, 1, 0));
    // The same again, as when its answer was lost, and with other counts under the same id.
    assert!(!it.send(&token, 1, &[(0, "accepted", 40)]).unwrap().is_new);
    assert_eq!(it.hours(&gate), [(0, 1, 0, 3), (-1, 40, 3, 1)]);
});

both!(a_batch_that_is_sent_48_times_at_once_counts_once, |db: Db| {
    let it = Gate::new(db);
    let (gate, _, token) = it.opened();
    let new: Vec<bool> = thread::scope(|scope| {
        let threads: Vec<_> = (0..48)
            .map(|number| {
                let (it, token) = (&it, &token);
                // Half of them one batch, and each of the others its own into the same hour.
                let id = if number < 24 { 1 } else { number + 100 };
                scope.spawn(move || it.send(token, id, &[(0, "accepted", 3)]).unwrap().is_new)
            })
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(new.iter().filter(|it| **it).count(), 25);
    assert_eq!(it.hours(&gate), [(0, 75, 0, 0)]);
});

both!(what_a_gate_counted_still_arrives_after_its_end_and_one_late_look_loses_no_other, |db: Db| {
    let it = Gate::new(db);
    let (gate, _, token) = it.opened();
    it.ground.clock.pass_seconds(3 * HOUR);
    checkpoint::close(&it.at(&it.leader), gate.id).unwrap();
    let closed = it.hour();
    it.ground.clock.pass_seconds(5 * HOUR);
    let last = closed - it.hour();
    // A day of looks in one batch, the last of them by a phone that had not heard of the end.
    let taken =
        it.send(&token, 2, &[(last - 1, "accepted", 4), (0, "accepted", 1), (1, "revoked", 1)]).unwrap();
    assert!(taken.checkpoint.closed_at.is_some(), "the device learns that it is closed");
    assert_eq!(it.hours(&gate), [(last, 1, 1, 0), (last - 1, 4, 0, 0)]);
    assert!(matches!(checkpoint::add_device(&it.at(&it.leader), gate.id), Err(Refusal::Conflict(_))));
    it.ground.clock.pass_seconds(8 * DAY);
    assert!(matches!(it.send(&token, 3, &[]), Err(Refusal::NotFound)));
});

both!(counts_stay_within_their_bounds, |db: Db| {
    let it = Gate::new(db);
    let (gate, _, token) = it.opened();
    for (counts, field) in [
        (&[(0, "accepted", 0)][..], "looks"),
        (&[(0, "accepted", -1)], "looks"),
        (&[(0, "accepted", LOOKS_MAX + 1)], "looks"),
        (&[(0, "accepted", LOOKS_MAX), (0, "revoked", 1)], "looks"),
        (&[(0, "王小明", 1)], "outcome"),
        (&[(0, "", 1)], "outcome"),
        (&[(0, "accepted", 1), (0, "accepted", 1)], "outcome"),
    ] {
        assert_eq!(fault(it.send(&token, 1, counts)), field, "{counts:?}");
    }
    let many = vec![(0, "accepted", 1); COUNTS_MAX + 1];
    assert_eq!(fault(it.send(&token, 1, &many)), "counts");
    assert_eq!(it.hours(&gate), []);
});

both!(a_link_that_is_out_of_hand_is_told_to_wait_and_what_it_sent_before_stands, |db: Db| {
    let it = Gate::new(db);
    let (gate, _, token) = it.opened();
    let other = checkpoint::add_device(&it.leader, gate.id).unwrap();
    let other = checkpoint::device_token(&it.ground.city, other.id);
    let max = u128::try_from(BATCHES_MAX).unwrap();
    for number in 1..=max {
        assert!(it.send(&token, number, &[(0, "accepted", 1)]).unwrap().is_new);
    }
    let one_more = || it.send(&token, max + 1, &[(0, "accepted", 1)]);
    assert!(matches!(one_more(), Err(Refusal::TooMany { retry_after_seconds: 600 })));
    assert!(!it.send(&token, 1, &[(0, "accepted", 1)]).unwrap().is_new, "what it sent stands");
    it.send(&token, max + 1, &[]).unwrap();
    it.send(&other, 1, &[(0, "accepted", 1)]).unwrap();
    assert_eq!(it.hours(&gate), [(0, BATCHES_MAX + 1, 0, 0)]);
    it.ground.clock.pass_seconds(HOUR);
    assert!(one_more().unwrap().is_new, "refused, it was not remembered as counted");
});

both!(a_batch_whose_answer_was_lost_counts_once_however_late_it_comes_again, |db: Db| {
    let it = Gate::new(db);
    let ends_at = it.ground.now().plus_seconds(90 * DAY);
    let gate = checkpoint::open(&it.leader, &New { ends_at, ..it.wanted() }).unwrap();
    let device = checkpoint::add_device(&it.leader, gate.id).unwrap();
    let token = checkpoint::device_token(&it.ground.city, device.id);
    let sent = it.batch(1, &[(0, "accepted", 5)]);
    for day in 0..96 {
        let taken = checkpoint::take(&it.guard(), &token, &sent).unwrap();
        assert_eq!(taken.is_new, day == 0, "day {day}");
        it.ground.clock.pass_seconds(DAY);
        checkpoint::forget(&Ctx::system(it.ground.city.clone())).unwrap();
    }
    it.ground.clock.pass_seconds(DAY);
    let late = checkpoint::take(&it.guard(), &token, &sent);
    assert!(late.is_ok_and(|it| !it.is_new), "to the last hour");
    it.ground.clock.pass_seconds(2 * DAY);
    assert!(matches!(checkpoint::take(&it.guard(), &token, &sent), Err(Refusal::NotFound)));
    let forgotten = checkpoint::forget(&Ctx::system(it.ground.city.clone())).unwrap();
    assert_eq!(forgotten, 2, "then it is forgotten, and what was counted by it");
});

both!(a_device_whose_clock_is_wrong_loses_no_look, |db: Db| {
    let it = Gate::new(db);
    let (gate, _, token) = it.opened();
    it.ground.clock.pass_seconds(5 * HOUR);
    let wrong =
        [(73, "accepted", 2), (-9, "accepted", 3), (-it.hour(), "revoked", 1), (i64::MAX / 2, "accepted", 4)];
    it.send(&token, 1, &wrong).unwrap();
    assert_eq!(it.hours(&gate), [(0, 6, 0, 0), (-5, 3, 1, 0)], "the nearest hours that can be");
});

both!(a_silent_device_is_seen_and_what_a_gate_counted_is_forgotten_after_its_end, |db: Db| {
    let it = Gate::new(db);
    let (gate, _, token) = it.opened();
    it.send(&token, 1, &[(0, "accepted", 2), (0, "expired", 1)]).unwrap();
    let silent = |it: &Gate| it.listed(9)[0].silent;
    assert_eq!(silent(&it), 0);
    it.ground.clock.pass_seconds(3 * HOUR);
    assert_eq!(silent(&it), 1);
    it.send(&token, 2, &[]).unwrap();
    assert_eq!(silent(&it), 0, "that it is there is enough");
    let system = Ctx::system(it.ground.city.clone());
    assert_eq!(checkpoint::forget(&system).unwrap(), 0);
    let rows = || {
        it.ground.count("SELECT COUNT(*) FROM checkpoint_count")
            + it.ground.count("SELECT COUNT(*) FROM checkpoint_reason")
    };
    it.ground.clock.pass_seconds(14 * DAY);
    assert_eq!(checkpoint::forget(&Ctx::system(it.ground.city.clone())).unwrap(), 0);
    assert_eq!(rows(), 3, "as long as anything is taken");
    it.ground.clock.pass_seconds(DAY);
    let forgotten = checkpoint::forget(&Ctx::system(it.ground.city.clone())).unwrap();
    assert_eq!((forgotten, rows()), (4, 0), "the batch, two colours of an hour, a reason of the day");
    assert_eq!(it.hours(&gate), []);
});
