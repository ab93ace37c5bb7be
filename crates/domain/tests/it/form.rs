//! Forms are published and answered: each record judged by its own version, once however often it is sent, and read by
//! those alone who asked.

use std::thread;

use domain::{
    Ctx, Refusal, Window,
    form::{
        self, Definition, Expected, Judged, NamedBytes, PublishError, Receipt, Rejection, Review, Sender,
        Sent, Terms,
    },
};
use kernel::Role;
use store::{Db, both};
use xform::check::fill::Changes;

use crate::ground::{CITY, COMMUNITY, COUNTY, GRID, Ground, OTHER_COUNTY};

/// Households of a village, with a picture of its board.
fn wells(version: &str, kind: &str) -> Vec<u8> {
    format!(
        r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
  <h:head><h:title>村情表</h:title><model>
    <instance><data id="village" version="{version}"><households/><board/><meta><instanceID/><instanceName/></meta></data></instance>
    <bind nodeset="/data/households" type="{kind}" required="true()" constraint=". &gt;= 0"/>
    <bind nodeset="/data/board" type="binary"/>
  </model></h:head>
  <h:body><input ref="/data/households"><label>户数</label></input>
  <upload ref="/data/board" mediatype="image/*"><label>村务公开栏</label></upload></h:body></h:html>"#
    )
    .into_bytes()
}

struct Village {
    ground: Ground,
    leader: Ctx,
    other_leader: Ctx,
    clerk: Ctx,
    neighbour: Ctx,
}

impl Village {
    fn new(db: Db) -> Self {
        let ground = Ground::new(db);
        let officer = |name: &str, role, code| ground.acting(ground.officer(name, role, code));
        Self {
            leader: officer("县长", Role::Leader, COUNTY),
            other_leader: officer("邻县县长", Role::Leader, OTHER_COUNTY),
            clerk: officer("村文书", Role::GridLeader, GRID),
            neighbour: officer("邻村文书", Role::GridLeader, COMMUNITY),
            ground,
        }
    }

    fn published(db: Db) -> Self {
        let village = Self::new(db);
        village.publish("1", "int").unwrap();
        village
    }

    fn publish(&self, version: &str, kind: &str) -> Result<form::Published, PublishError> {
        form::publish(&self.leader, &publication(version, kind))
    }

    fn count(&self) -> (i64, i64, i64) {
        let counts = form::counts(&self.leader, "village").unwrap();
        (counts.valid, counts.invalid, counts.unchecked)
    }
}

fn publication(version: &str, kind: &str) -> form::Publication {
    form::Publication {
        area: COUNTY.into(),
        organization: None,
        file_name: "village.xml".into(),
        bytes: wells(version, kind),
        files: Vec::new(),
        terms: Terms::default(),
        reason: String::new(),
    }
}

fn record(version: &str, households: &str, meta: &str, board: &str) -> Sent {
    let xml = format!(
        r#"<data id="village" version="{version}"><households>{households}</households><board>{board}</board><meta>{meta}</meta></data>"#
    );
    Sent { xml: xml.into_bytes(), ..Sent::default() }
}

fn first(number: u32, households: &str) -> Sent {
    record("1", households, &format!("<instanceID>uuid:{number}</instanceID>"), "")
}

fn edit(number: u32, of: u32, households: &str) -> Sent {
    let meta = format!("<instanceID>uuid:{number}</instanceID><deprecatedID>uuid:{of}</deprecatedID>");
    record("1", households, &meta, "")
}

fn with_board(sent: Sent, bytes: &[u8]) -> Sent {
    Sent { files: vec![NamedBytes { name: "board.jpg".into(), bytes: bytes.to_vec() }], ..sent }
}

fn submit(ctx: &Ctx, sent: &Sent) -> Result<Receipt, Rejection> {
    form::submit(ctx, sent, Expected::Any)
}

both!(what_breaks_a_rule_is_kept_as_invalid_and_counts_apart, |db: Db| {
    let village = Village::published(db);
    let good = submit(&village.clerk, &first(1, "120")).unwrap();
    assert_eq!((good.state, good.is_new), (Judged::Valid, true));
    let bad = submit(&village.clerk, &first(2, "-5")).unwrap();
    let finding = &bad.findings[0];
    assert_eq!((bad.state, finding.path.as_str()), (Judged::Invalid, "/data/households"));
    assert_eq!((finding.rule.as_str(), finding.value.as_str()), ("constraint", "-5"));
    assert_eq!(village.count(), (1, 1, 0));
    // Its sender mends it, and it counts as it is now.
    submit(&village.clerk, &edit(3, 2, "5")).unwrap();
    assert_eq!(village.count(), (2, 0, 0));
    assert!(matches!(submit(&village.clerk, &edit(4, 2, "6")), Err(Rejection::Superseded)));
    assert!(matches!(submit(&village.clerk, &edit(5, 99, "6")), Err(Rejection::NoBase)));
});

both!(a_form_may_refuse_what_breaks_its_rules, |db: Db| {
    let village = Village::new(db);
    let terms = Terms { refuses_invalid: true, ..Terms::default() };
    form::publish(&village.leader, &form::Publication { terms, ..publication("1", "int") }).unwrap();
    match submit(&village.clerk, &first(1, "abc")) {
        Err(Rejection::Breaks(findings)) => assert_eq!(findings[0].rule, "type"),
        other => panic!("{other:?}"),
    }
    assert_eq!(village.count(), (0, 0, 0));
});

both!(a_record_that_is_sent_often_is_there_once, |db: Db| {
    let village = Village::published(db);
    let sent = first(1, "120");
    let receipts: Vec<Receipt> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..12).map(|_| scope.spawn(|| submit(&village.clerk, &sent).expect("taken again"))).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(receipts.iter().filter(|it| it.is_new).count(), 1);
    assert!(receipts.iter().all(|it| it.submission == receipts[0].submission));
    assert_eq!(village.count(), (1, 0, 0));
    assert!(matches!(submit(&village.clerk, &first(1, "121")), Err(Rejection::OtherContent)));
    let expected = Expected::New { form_id: "village" };
    assert!(matches!(form::submit(&village.clerk, &sent, expected), Err(Rejection::Exists)));
    // Whoever holds the very same record is told that it is there, and cannot change it.
    assert!(!submit(&village.neighbour, &sent).unwrap().is_new);
    assert!(matches!(submit(&village.neighbour, &edit(2, 1, "1")), Err(Rejection::OfAnother)));
    submit(&village.leader, &edit(3, 1, "119")).unwrap();
});

both!(files_come_in_pieces_and_are_carried_into_an_edit, |db: Db| {
    let village = Village::published(db);
    let sent = record("1", "120", "<instanceID>uuid:1</instanceID>", "board.jpg");
    assert_eq!(submit(&village.clerk, &sent).unwrap().missing, ["board.jpg"]);
    let receipt = submit(&village.clerk, &with_board(sent.clone(), b"picture")).unwrap();
    assert_eq!((receipt.missing.len(), receipt.is_new), (0, false));
    submit(&village.clerk, &with_board(sent.clone(), b"picture")).unwrap();
    let other = submit(&village.clerk, &with_board(sent, b"another"));
    assert!(matches!(other, Err(Rejection::OtherFile(name)) if name == "board.jpg"));
    let meta = "<instanceID>uuid:2</instanceID><deprecatedID>uuid:1</deprecatedID>";
    submit(&village.clerk, &record("1", "121", meta, "board.jpg")).unwrap();
    let bytes = form::record_file(&village.leader, "village", "uuid:1", "board.jpg").unwrap();
    assert_eq!(bytes, b"picture");
    let file = NamedBytes { name: "other.jpg".into(), bytes: vec![1] };
    let unnamed = form::add_record_file(&village.clerk, "village", "uuid:1", &file);
    assert!(matches!(unnamed, Err(Rejection::Refusal(Refusal::NotFound))));
});

both!(a_version_is_for_good_and_a_question_keeps_its_type, |db: Db| {
    let village = Village::published(db);
    assert!(!village.publish("1", "int").unwrap().is_new);
    assert!(matches!(village.publish("1", "string"), Err(PublishError::Refusal(Refusal::Conflict(_)))));
    match village.publish("2", "decimal") {
        Err(PublishError::Types(faults)) => {
            assert_eq!(faults[0].question.as_deref(), Some("/data/households"))
        }
        other => panic!("{other:?}"),
    }
    assert!(village.publish("2", "int").unwrap().is_new);
    // Records of the version before are taken and judged by it.
    assert_eq!(submit(&village.clerk, &first(1, "")).unwrap().state, Judged::Invalid);
    let unknown = record("3", "1", "<instanceID>uuid:9</instanceID>", "");
    assert!(matches!(submit(&village.clerk, &unknown), Err(Rejection::NoVersion(version)) if version == "3"));
    form::set_state(&village.leader, "village", form::FormState::Closed).unwrap();
    assert!(matches!(submit(&village.clerk, &first(2, "1")), Err(Rejection::Closed)));
    submit(&village.clerk, &first(1, "")).unwrap();
});

both!(a_draft_is_seen_by_those_who_may_publish_and_takes_no_records, |db: Db| {
    let village = Village::new(db);
    let definition = Definition::read(&wells("1", "int"), "village").unwrap();
    form::create(&village.leader, COUNTY, &definition, Terms::default()).unwrap();
    let again = form::create(&village.leader, COUNTY, &definition, Terms::default());
    assert!(matches!(again, Err(Refusal::Conflict(message)) if message.id == "conflict-form-exists"));
    assert!(matches!(form::get(&village.clerk, "village"), Err(Refusal::NotFound)));
    assert!(form::all(&village.clerk).unwrap().is_empty() && form::open(&village.leader).unwrap().is_empty());
    assert!(matches!(submit(&village.clerk, &first(1, "1")), Err(Rejection::NoVersion(_))));
    let denied = form::publish_draft(&village.other_leader, "village", None, "");
    assert!(matches!(denied, Err(PublishError::Refusal(Refusal::Denied))));
    form::publish_draft(&village.leader, "village", Some("2026-a"), "").unwrap();
    let (_, version, xml) = form::text(&village.clerk, "village").unwrap();
    assert!(version.version == "2026-a" && String::from_utf8(xml).unwrap().contains(r#"version="2026-a""#));
    // The published text becomes the next draft, and cannot go out under the same version again.
    form::set_draft(&village.leader, "village", None).unwrap();
    let same = form::publish_draft(&village.leader, "village", None, "");
    let id = |error| match error {
        Err(PublishError::Refusal(Refusal::Conflict(message))) => message.id,
        other => panic!("{other:?}"),
    };
    assert_eq!(id(same), "conflict-form-version");
    form::publish_draft(&village.leader, "village", Some("2026-b"), "").unwrap();
    let versions = form::versions(&village.clerk, "village").unwrap().1;
    assert_eq!(versions.iter().map(|it| it.version.as_str()).collect::<Vec<_>>(), ["2026-b", "2026-a"]);
});

both!(a_phone_reaches_the_forms_that_it_was_given, |db: Db| {
    let village = Village::published(db);
    let (token, phone) = form::issue(&village.leader, COUNTY, "玫瑰营村的手机").unwrap();
    let ctx = form::resolve(&village.ground.city, &token).unwrap();
    assert!(form::open(&ctx).unwrap().is_empty());
    assert!(matches!(submit(&ctx, &first(1, "1")), Err(Rejection::NoForm)));
    assert!(matches!(
        form::assign(&village.other_leader, COUNTY, "village", phone.number),
        Err(Refusal::Denied)
    ));
    form::assign(&village.leader, COUNTY, "village", phone.number).unwrap();
    form::assign(&village.leader, COUNTY, "village", phone.number).unwrap();
    assert_eq!(form::open(&ctx).unwrap().len(), 1);
    submit(&ctx, &first(1, "1")).unwrap();
    submit(&ctx, &edit(2, 1, "2")).unwrap();
    let record = form::record(&village.leader, "village", "uuid:1").unwrap();
    assert_eq!((record.sender, record.review), (Sender::AppUser(phone.id), Some(Review::Edited)));
    assert_eq!(
        form::sender_names(&village.leader, "village", &[record.sender]).unwrap()[0].as_deref(),
        Some("玫瑰营村的手机")
    );
    assert!(matches!(form::record(&ctx, "village", "uuid:1"), Err(Refusal::NotFound)));
    form::revoke(&village.leader, COUNTY, phone.number).unwrap();
    assert!(matches!(form::resolve(&village.ground.city, &token), Err(Refusal::Denied)));
    assert!(matches!(form::resolve(&village.ground.city, "no token"), Err(Refusal::SignIn)));
});

both!(who_asked_reads_what_was_answered_and_nobody_else, |db: Db| {
    let village = Village::published(db);
    for number in 1..=5 {
        village.ground.clock.pass_seconds(60);
        let ctx = village.ground.acting(village.clerk.actor.person.unwrap());
        submit(&ctx, &first(number, "10")).unwrap();
    }
    let leader = village.ground.acting(village.leader.actor.person.unwrap());
    let read = |ctx: &Ctx, only, from, enough: usize| -> Result<Vec<String>, Refusal> {
        let mut ids = Vec::new();
        form::each_answered(ctx, "village", only, from, &mut |it| {
            assert!(it.xml.is_some());
            ids.push(it.record.instance_id);
            Ok(ids.len() < enough)
        })?;
        Ok(ids)
    };
    assert_eq!(read(&leader, None, None, 3).unwrap(), ["uuid:5", "uuid:4", "uuid:3"]);
    assert_eq!(read(&leader, None, Some(("uuid:3", false)), 9).unwrap(), ["uuid:2", "uuid:1"]);
    assert_eq!(read(&leader, None, Some(("uuid:3", true)), 9).unwrap(), ["uuid:3", "uuid:2", "uuid:1"]);
    assert_eq!(read(&leader, Some("uuid:4"), None, 9).unwrap(), ["uuid:4"]);
    let page = form::records(&leader, "village", &Window::first(3)).unwrap();
    let rest = form::records(&leader, "village", &Window { limit: 3, after: page.next }).unwrap();
    assert_eq!((page.items.len(), rest.items.len(), rest.next.is_none()), (3, 2, true));
    for other in [&village.clerk, &village.other_leader] {
        assert!(matches!(read(other, None, None, 3), Err(Refusal::NotFound)));
        assert!(matches!(form::record_xml(other, "village", "uuid:1"), Err(Refusal::NotFound)));
        let review = form::set_review(other, "village", "uuid:1", Some(Review::Approved));
        assert!(matches!(review, Err(Refusal::NotFound)));
    }
    form::set_review(&leader, "village", "uuid:1", Some(Review::HasIssues)).unwrap();
    form::add_comment(&leader, "village", "uuid:1", "户数与上年相差太大").unwrap();
    assert_eq!(form::comments(&leader, "village", "uuid:1").unwrap()[0].body, "户数与上年相差太大");
    assert!(matches!(form::add_comment(&leader, "village", "uuid:1", " "), Err(Refusal::Invalid(_))));
});

both!(what_was_answered_is_forgotten_when_its_time_is_over_and_stays_counted, |db: Db| {
    let village = Village::new(db);
    let terms = Terms { answer_days: 30, ..Terms::default() };
    form::publish(&village.leader, &form::Publication { terms, ..publication("1", "int") }).unwrap();
    let sent = record("1", "120", "<instanceID>uuid:1</instanceID>", "board.jpg");
    submit(&village.clerk, &with_board(sent.clone(), b"picture")).unwrap();
    let system = || Ctx::system(village.ground.city.clone());
    village.ground.clock.pass_seconds(30 * 86_400 - 1);
    assert_eq!(form::forget(&system()).unwrap(), 0);
    village.ground.clock.pass_seconds(1);
    assert_eq!(form::forget(&system()).unwrap(), 2);
    assert_eq!(form::forget(&system()).unwrap(), 0);
    assert!(matches!(form::record_xml(&village.leader, "village", "uuid:1"), Err(Refusal::NotFound)));
    assert!(matches!(
        form::record_file(&village.leader, "village", "uuid:1", "board.jpg"),
        Err(Refusal::NotFound)
    ));
    assert_eq!(village.count(), (1, 0, 0));
    // A retry that comes late is still known, and brings nothing back.
    assert!(!submit(&village.clerk, &with_board(sent, b"picture")).unwrap().is_new);
    assert!(matches!(form::record_xml(&village.leader, "village", "uuid:1"), Err(Refusal::NotFound)));
});

both!(a_form_is_asked_by_those_who_answer_for_the_area, |db: Db| {
    let village = Village::new(db);
    for ctx in [&village.clerk, &village.other_leader] {
        let refused = form::publish(ctx, &publication("1", "int"));
        assert!(matches!(refused, Err(PublishError::Refusal(Refusal::Denied))));
    }
    let city = form::Publication { area: CITY.into(), ..publication("1", "int") };
    assert!(matches!(form::publish(&village.leader, &city), Err(PublishError::Refusal(Refusal::Denied))));
    for days in [0, -1, 1_000_000] {
        let terms = Terms { answer_days: days, ..Terms::default() };
        let refused = form::publish(&village.leader, &form::Publication { terms, ..publication("1", "int") });
        assert!(matches!(refused, Err(PublishError::Faults(_))), "{days}");
    }
    assert!(matches!(
        submit(&Ctx::anonymous(village.ground.city.clone()), &first(1, "1")),
        Err(Rejection::Refusal(Refusal::SignIn))
    ));
});

/// What somebody types into the page that asks for it.
fn typed(path: &str, value: &str) -> Changes {
    Changes { answers: [(path.to_owned(), value.to_owned())].into(), ..Changes::default() }
}

both!(a_record_is_filled_in_page_by_page_and_sent_once, |db: Db| {
    let village = Village::published(db);
    let clerk = &village.clerk;
    assert_eq!(form::asked(clerk).unwrap().len(), 1);
    assert!(form::asked(&village.other_leader).unwrap().is_empty(), "another county asks nothing here");
    let id = form::begin(clerk, "village").unwrap();
    let first = form::save(clerk, id, 0, "", &typed("/data/households", "-3"), &[]).unwrap();
    assert_eq!(first.filling.findings[0].path, "/data/households");
    // A page that was left open elsewhere overwrites nothing.
    let late = form::save(clerk, id, 0, "", &typed("/data/households", "9"), &[]);
    assert!(matches!(late, Err(Refusal::Conflict(message)) if message.id == "conflict-draft"));
    let board = NamedBytes { name: "board-1.jpg".into(), bytes: b"picture".to_vec() };
    let mut changes = typed("/data/households", "120");
    changes.answers.insert("/data/board".into(), "board-1.jpg".into());
    form::save(clerk, id, 1, "", &changes, &[board]).unwrap();
    for other in [&village.neighbour, &village.leader] {
        assert!(matches!(form::open_draft(other, id, ""), Err(Refusal::NotFound)), "a draft is its author's");
    }
    let receipt = form::send(clerk, id, None).unwrap();
    assert_eq!((receipt.state, receipt.missing.len()), (Judged::Valid, 0));
    assert!(matches!(form::send(clerk, id, None), Err(Rejection::Refusal(Refusal::NotFound))));
    // Whoever has lost the answer is told again; nobody else is told anything.
    assert_eq!(form::sent(clerk, id).unwrap(), Some(Judged::Valid));
    assert_eq!(form::sent(&village.neighbour, id).unwrap(), None);
    assert!(form::drafts(clerk).unwrap().is_empty());
    assert_eq!(village.count(), (1, 0, 0));
});

both!(what_is_given_back_is_mended_by_its_author, |db: Db| {
    let village = Village::published(db);
    submit(
        &village.clerk,
        &with_board(record("1", "120", "<instanceID>uuid:1</instanceID>", "board.jpg"), b"picture"),
    )
    .unwrap();
    let silent = form::judge(&village.leader, "village", ("uuid:1", 1), Review::HasIssues, " ");
    assert!(matches!(silent, Err(Refusal::Invalid(_))), "without grounds nothing is given back");
    form::judge(&village.leader, "village", ("uuid:1", 1), Review::HasIssues, "与上年相差太大").unwrap();
    let own = form::own(&village.clerk).unwrap();
    assert_eq!((own[0].review, own[0].comment.as_deref()), (Some(Review::HasIssues), Some("与上年相差太大")));
    let told = domain::notice::list(&village.clerk, &Window::first(9)).unwrap().items;
    assert_eq!(
        (told[0].kind, told[0].detail.as_str()),
        (domain::notice::NoticeKind::RecordReturned, "村情表")
    );
    assert!(matches!(form::mend(&village.neighbour, "village", "uuid:1"), Err(Refusal::NotFound)));
    let id = form::mend(&village.clerk, "village", "uuid:1").unwrap();
    assert_eq!(form::open_draft(&village.clerk, id, "").unwrap().draft.replaces.as_deref(), Some("uuid:1"));
    form::save(&village.clerk, id, 0, "", &typed("/data/households", "118"), &[]).unwrap();
    form::send(&village.clerk, id, None).unwrap();
    let record = form::record(&village.leader, "village", "uuid:1").unwrap();
    assert_eq!((record.review, record.current.number), (Some(Review::Edited), 2));
    let unread = form::judge(&village.leader, "village", ("uuid:1", 1), Review::Approved, "");
    assert!(matches!(unread, Err(Refusal::Conflict(message)) if message.id == "conflict-record-edited"));
    assert_eq!(form::record_file(&village.leader, "village", "uuid:1", "board.jpg").unwrap(), b"picture");
    let (filling, findings) = form::reading(&village.leader, "village", "uuid:1", &|_| 0).unwrap();
    assert!(findings.is_empty() && filling.record().contains("<households>118</households>"));
});

both!(a_draft_that_nobody_goes_on_with_is_forgotten, |db: Db| {
    let village = Village::published(db);
    let id = form::begin(&village.clerk, "village").unwrap();
    village.ground.clock.pass_seconds(90 * 86_400);
    assert_eq!(form::forget(&Ctx::system(village.ground.city.clone())).unwrap(), 1);
    assert!(matches!(form::open_draft(&village.clerk, id, ""), Err(Refusal::NotFound)));
    form::set_state(&village.leader, "village", form::FormState::Closing).unwrap();
    let closing = form::begin(&village.clerk, "village");
    assert!(matches!(closing, Err(Refusal::Conflict(message)) if message.id == "conflict-form-closed"));
    for number in 0.. {
        form::set_state(&village.leader, "village", form::FormState::Open).unwrap();
        if let Err(refusal) = form::begin(&village.clerk, "village") {
            assert!(matches!(refusal, Refusal::Conflict(message) if message.id == "conflict-drafts"));
            assert_eq!(number, 100);
            break;
        }
    }
});
