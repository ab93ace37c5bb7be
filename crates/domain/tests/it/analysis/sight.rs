//! Words in open answers, and who is shown an analysis at all.

use super::*;

both!(open_answers_are_found_by_all_words_page_by_page, |db: Db| {
    let county = County::asking(db);
    let why = |text: &str| format!("<base><content>bad</content><why>{text}</why><age/></base><needs/><on/>");
    county.answer(1, &why("村口路灯不亮三个月"));
    county.answer(2, &why("ＷＩＦＩ信号差，路灯也不亮"));
    county.answer(3, &why("供水不稳"));
    county.answer(4, &why("路灯太暗"));
    county.answer(5, &said("good", "-5", "")); // invalid
    let search = |words: &str, after| {
        let window = Window { limit: 1, after };
        analysis::search(&county.leader, &of("survey", &|_| 0), "/data/base/why", words, &window)
    };
    let ids = |words: &str| {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = search(words, after).unwrap();
            ids.extend(page.hits.iter().map(|it| it.instance_id.clone()));
            match page.next {
                Some(next) => after = Some(next),
                None => return ids,
            }
        }
    };
    assert_eq!(ids("路灯 不亮"), ["uuid:2", "uuid:1"]);
    assert_eq!(ids("wifi"), ["uuid:2"], "half-width and small letters find full-width capitals");
    assert_eq!(ids("路灯　ｗｉｆｉ"), ["uuid:2"], "and the other way round, with a full-width space");
    assert_eq!(ids(""), ["uuid:4", "uuid:3", "uuid:2", "uuid:1"]);
    assert!(ids("没有").is_empty());
    let hit = &search("路灯", None).unwrap().hits[0];
    let marked: Vec<(&str, bool)> = hit.pieces.iter().map(|it| (it.text.as_str(), it.is_hit)).collect();
    assert_eq!(marked, [("路灯", true), ("太暗", false)]);
    let of_survey = of("survey", &|_| 0);
    let none = analysis::search(&county.leader, &of_survey, "/data/needs", "", &Window::first(5));
    assert_eq!(fault(none), ("question".into(), "fault-analysis-open-question"));
    assert_eq!(fault(search(&"长".repeat(500), None)), ("text".into(), "fault-too-long"));
    let bad = domain::Cursor::new(["uuid:99".to_owned()]);
    assert!(matches!(search("", Some(bad)), Err(Refusal::NotFound)));
});

const READS: &str = "SELECT COUNT(*) FROM journal WHERE action = 'submission.read'";

both!(who_may_not_read_the_records_does_not_learn_that_there_is_an_analysis, |db: Db| {
    let county = County::asking(db);
    county.answer(1, &said("good", "30", "heat"));
    let before = county.ground.count(READS);
    for ctx in [&county.clerk, &county.neighbour] {
        assert!(matches!(analysis::answers(ctx, &of("survey", &|_| 0)), Err(Refusal::NotFound)));
        let found = analysis::search(ctx, &of("survey", &|_| 0), "/data/base/why", "", &Window::first(5));
        assert!(matches!(found, Err(Refusal::NotFound)));
    }
    let anybody = Ctx::anonymous(county.ground.city.clone());
    assert!(matches!(analysis::answers(&anybody, &of("survey", &|_| 0)), Err(Refusal::SignIn)));
    assert!(matches!(analysis::answers(&anybody, &of("none", &|_| 0)), Err(Refusal::SignIn)));
    assert!(matches!(analysis::answers(&county.leader, &of("none", &|_| 0)), Err(Refusal::NotFound)));
    assert_eq!(county.ground.count(READS), before);
    county.answers();
    assert_eq!(county.ground.count(READS), before + 1, "that it was read is on record");
});

both!(what_is_forgotten_is_told_and_counts_no_more, |db: Db| {
    let county = County::asking(db);
    county.answer(1, &said("good", "30", "heat"));
    county.ground.clock.pass_seconds(limits::ANSWER_DAYS_DEFAULT * 86_400);
    form::forget(&Ctx::system(county.ground.city.clone())).unwrap();
    let basis = county.answers().basis;
    assert_eq!((basis.counted, basis.forgotten), (0, 1));
});
