//! A report makes one case, with pictures that say nothing of who took them.

use super::*;

both!(the_same_report_sent_twice_is_one_case_and_another_under_its_id_is_refused, |db: Db| {
    let town = Town::new(db);
    let resident = town.resident();
    assert!(case::report(&resident, lamp(1)).unwrap().1);
    assert!(!case::report(&resident, lamp(1)).unwrap().1);
    let other = Report { description: "别的事".into(), ..lamp(1) };
    assert!(matches!(case::report(&resident, other), Err(Refusal::Conflict(_))));
    assert!(
        matches!(case::report(&town.grid_worker(), lamp(1)), Err(Refusal::Conflict(_))),
        "another sender"
    );
    std::thread::scope(|scope| {
        let made: Vec<_> =
            (0..8).map(|_| scope.spawn(|| case::report(&resident, lamp(2)).unwrap().1)).collect();
        assert_eq!(
            made.into_iter().filter(|_| true).map(|it| it.join().unwrap()).filter(|new| *new).count(),
            1
        );
    });
    let mine = case::list(&resident, &Lens::Mine, &Filter::default(), &Window::first(10)).unwrap();
    assert_eq!(mine.items.len(), 2);
});

both!(an_upload_that_is_no_picture_or_hides_something_is_not_kept_as_it_is, |db: Db| {
    let town = Town::new(db);
    let ctx = town.grid_worker();
    for upload in [
        &b""[..],
        b"<svg onload=alert(1)>",
        b"GIF89a\x01\x00\x01\x00",
        &jpeg(8, 8)[..60],
        &vec![0xff; 11 << 20],
    ] {
        assert_eq!(fields(case::store_photo(&ctx, upload).unwrap_err()), ["photos"]);
    }
    // A picture with a comment that says where it was taken.
    let mut tagged = jpeg(64, 48);
    tagged.splice(2..2, [&[0xff, 0xfe, 0x00, 0x12][..], b"GPS=41.03,113.11"].concat());
    let stored = case::store_photo(&ctx, &tagged).unwrap();
    let report = Report { photos: vec![stored.clone()], ..lamp(1) };
    let id = case::report(&ctx, report).unwrap().0.id;
    let kept = case::photo(&ctx, id, stored.id).unwrap();
    assert!(!kept.windows(4).any(|it| it == b"GPS="));
    let big = case::store_photo(&ctx, &jpeg(4000, 1000)).unwrap();
    assert_eq!((big.width, big.height), (2048, 512));
});

both!(nobody_fills_a_timeline_with_notes_so_that_the_work_stands_still, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let resident = town.resident();
    for number in 0..50 {
        case::add_note(&resident, id, None, &format!("还没修 {number}"), true, &[]).unwrap();
    }
    match case::add_note(&resident, id, None, "还没修", true, &[]) {
        Err(Refusal::Conflict(message)) => assert_eq!(message.id, "conflict-notes"),
        other => panic!("{other:?}"),
    }
    let handler = town.handler();
    case::add_note(&handler, id, None, "明天修", true, &[]).unwrap();
    let done =
        StepInput { note: "换了灯泡".into(), photos: town.photos(&handler), ..StepInput::default() };
    case::advance(&handler, id, "feed_back", &done).unwrap();
});
