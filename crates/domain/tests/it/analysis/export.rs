//! The answers one by one, as they go into a table.

use super::*;

both!(each_record_that_counts_is_handed_over_once_with_its_answers, |db: Db| {
    let county = County::asking(db);
    county.answer(1, FAMILY);
    county.answer(2, &said("good", "-1", ""));
    county.answer(3, &said("bad", "40", "heat road"));
    let mut rows = Vec::new();
    let answers = analysis::export(&county.leader, &of("survey", &|_| 0), &mut |record, all| {
        rows.push((record.instance_id.clone(), all));
        Ok(())
    })
    .unwrap();
    let ids: Vec<&str> = rows.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(ids, ["uuid:3", "uuid:1"]);
    let texts = |row: usize, path: &str| -> Vec<Option<&str>> {
        let question = answers.question(path).unwrap();
        let of_question = rows[row].1.iter().filter(|it| it.question == question);
        of_question.map(|it| it.text.as_deref()).collect()
    };
    assert_eq!(texts(0, "/data/needs"), [Some("heat road")]);
    assert_eq!(texts(0, "/data/base/why"), [None], "it was not asked");
    assert_eq!(texts(1, "/data/member/kind"), [Some("child"), Some("old"), Some("child")]);
    let kind = answers.question("/data/member/kind").unwrap();
    let places: Vec<u32> = rows[1].1.iter().filter(|it| it.question == kind).map(|it| it.row).collect();
    assert!(places.is_sorted() && places.iter().all(|it| *it > 0) && places[0] != places[1]);
    // Whoever takes them may stop it.
    let stopped = analysis::export(&county.leader, &of("survey", &|_| 0), &mut |_, _| Err(Refusal::NotFound));
    assert!(matches!(stopped, Err(Refusal::NotFound)));
});
