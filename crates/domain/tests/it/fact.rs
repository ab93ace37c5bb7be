//! What a village has said once it is not asked again: its answer is a fact, a figure, and stands in the next form.

use domain::{
    Ctx,
    campaign::{self, Audience, Begun, Campaign, DueBy, New},
    form::{self, Judged, PublishError, Terms},
};
use jiff::civil::date;
use kernel::{Role, Tier};
use store::{Db, both};
use xform::check::fill::Changes;

use crate::ground::{COMMUNITY, COUNTY, Ground, OTHER_COMMUNITY, area};

/// Records in force, as every total is made of them.
const FAIRS: &str = "SELECT COALESCE(CAST(SUM(value) AS BIGINT), 0) FROM statistic_record \
    WHERE element = 'JOB_FAIRS' AND replaced_at IS NULL AND value IS NOT NULL";
const FAIRS_TOTAL: &str = "SELECT COALESCE(CAST(SUM(value) AS BIGINT), 0) FROM statistic_total \
    WHERE element = 'JOB_FAIRS' AND area_path = '1509/150902/'";
const DUES: &str = "SELECT COALESCE(CAST(SUM(value) AS BIGINT), 0) FROM statistic_record \
    WHERE element = 'DUES_GRANTED' AND replaced_at IS NULL AND value IS NOT NULL";

pub fn xml(id: &str, title: &str, binds: &str) -> Vec<u8> {
    format!(
        r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:olzii="urn:olzii:xforms">
  <h:head><h:title>{title}</h:title><model>
    <instance><data id="{id}" version="1"><fairs/><dues/><meta><instanceID/></meta></data></instance>
    {binds}
  </model></h:head>
  <h:body><input ref="/data/fairs"><label>招聘会</label></input><input ref="/data/dues"><label>党费</label></input></h:body></h:html>"#
    )
    .into_bytes()
}

pub const BOUND: &str = r#"<bind nodeset="/data/fairs" type="int" constraint=". &lt; 100" olzii:element="JOB_FAIRS"/>
    <bind nodeset="/data/dues" type="decimal" olzii:element="DUES_GRANTED"/>"#;

pub struct County {
    pub ground: Ground,
    pub leader: Ctx,
    pub clerk: Ctx,
    pub other_clerk: Ctx,
}

impl County {
    pub fn new(db: Db) -> Self {
        let ground = Ground::new(db);
        let officer = |name: &str, role, code| ground.acting(ground.officer(name, role, code));
        let leader = officer("县长", Role::Leader, COUNTY);
        let clerk = officer("村文书", Role::GridSupervisor, COMMUNITY);
        let other_clerk = officer("邻村文书", Role::GridSupervisor, OTHER_COMMUNITY);
        Self { ground, leader, clerk, other_clerk }
    }

    /// With a reason that would do for any question.
    pub fn publish(&self, bytes: Vec<u8>) -> Result<form::Published, PublishError> {
        self.publish_because(bytes, "年终核对")
    }

    fn publish_because(&self, bytes: Vec<u8>, reason: &str) -> Result<form::Published, PublishError> {
        let (area, file_name) = (COUNTY.into(), "form.xml".into());
        let (organization, files, terms) = (None, Vec::new(), Terms::default());
        let reason = reason.to_owned();
        let new = form::Publication { area, organization, file_name, bytes, files, terms, reason };
        form::publish(&self.leader, &new)
    }

    pub fn send(&self, form_id: &str) -> Campaign {
        self.ask(form_id, date(2026, 11, 27)).unwrap()
    }

    pub fn ask(&self, form_id: &str, due: jiff::civil::Date) -> Result<Campaign, domain::Refusal> {
        let new = New {
            id: self.ground.id(),
            form_id: form_id.into(),
            is_fixed: false,
            title: "村情".into(),
            period: String::new(),
            area: COUNTY.into(),
            audience: Audience::Areas { tier: Tier::Community, kind: None },
            starts: None,
            due,
            due_by: DueBy::Day,
            grace_days: 7,
        };
        campaign::send(&self.ground.acting(self.leader.actor.person.unwrap()), &new)
    }

    pub fn now(&self, ctx: &Ctx) -> Ctx {
        self.ground.acting(ctx.actor.person.unwrap())
    }

    /// What stands in the form when it is begun.
    pub fn begun(&self, ctx: &Ctx, it: &Campaign, code: &str) -> form::Filled {
        let ctx = self.now(ctx);
        let Begun::Draft(id) = campaign::begin(&ctx, it.id, area(code).uuid()).unwrap() else {
            panic!("it has answered")
        };
        form::open_draft(&ctx, id, "").unwrap()
    }

    /// Changes what is given, and sends.
    pub fn answer(&self, ctx: &Ctx, it: &Campaign, code: &str, answers: &[(&str, &str)]) -> form::Receipt {
        let draft = self.begun(ctx, it, code).draft;
        self.finish(ctx, &draft, answers)
    }

    pub fn finish(&self, ctx: &Ctx, draft: &form::Draft, answers: &[(&str, &str)]) -> form::Receipt {
        let ctx = self.now(ctx);
        let answers = answers.iter().map(|(name, value)| (format!("/data/{name}"), (*value).to_owned()));
        let changes = Changes { answers: answers.collect(), ..Changes::default() };
        form::save(&ctx, draft.id, draft.revision, "", &changes, &[]).unwrap();
        form::send(&ctx, draft.id, None).unwrap()
    }

    fn mend(
        &self,
        ctx: &Ctx,
        form_id: &str,
        receipt: &form::Receipt,
        answers: &[(&str, &str)],
    ) -> form::Receipt {
        let acting = self.now(ctx);
        let own = form::own(&acting).unwrap();
        let instance = own.iter().find(|it| it.form_id == form_id).unwrap().instance_id.clone();
        let id = form::mend(&acting, form_id, &instance).unwrap();
        let draft = form::open_draft(&acting, id, "").unwrap().draft;
        let mended = self.finish(ctx, &draft, answers);
        assert_eq!(mended.submission, receipt.submission);
        mended
    }

    fn figures(&self) -> (i64, i64) {
        let (records, total) = (self.ground.count(FAIRS), self.ground.count(FAIRS_TOTAL));
        assert_eq!(records, total, "totals are right at every moment");
        (records, self.ground.count(DUES))
    }
}

both!(what_a_village_said_stands_in_the_next_form_and_is_counted_once, |db: Db| {
    let county = County::new(db);
    county.publish(xml("first", "就业表", BOUND)).unwrap();
    county.publish(xml("second", "年终表", BOUND)).unwrap();
    let first = county.send("first");
    assert!(county.begun(&county.clerk, &first, COMMUNITY).known.is_empty());
    county.answer(&county.clerk, &first, COMMUNITY, &[("fairs", "3"), ("dues", "19.90")]);
    assert_eq!(county.figures(), (3, 1_990));
    county.answer(&county.other_clerk, &first, OTHER_COMMUNITY, &[("fairs", "4")]);
    assert_eq!(county.figures(), (7, 1_990));

    // Another form asks for the same: it is there, with where it is from.
    county.ground.clock.pass_seconds(3_600);
    let second = county.send("second");
    let filled = county.begun(&county.clerk, &second, COMMUNITY);
    let known: Vec<_> =
        filled.known.iter().map(|it| (it.path.as_str(), it.value.as_str(), it.source.as_str())).collect();
    assert_eq!(known, [("/data/fairs", "3", "就业表"), ("/data/dues", "19.90", "就业表")]);
    assert!(filled.draft.xml.contains("<fairs>3</fairs>"), "{}", filled.draft.xml);
    county.answer(&county.clerk, &second, COMMUNITY, &[]);
    assert_eq!(county.figures(), (7, 1_990), "said twice, counted once");
    let other = county.answer(&county.other_clerk, &second, OTHER_COMMUNITY, &[("fairs", "5")]);
    assert_eq!(county.figures(), (8, 1_990), "the later word corrects the earlier");
    assert_eq!(other.state, Judged::Valid);
});

both!(a_record_takes_back_what_it_said_and_nothing_of_another, |db: Db| {
    let county = County::new(db);
    county.publish(xml("first", "就业表", BOUND)).unwrap();
    county.publish(xml("second", "年终表", BOUND)).unwrap();
    let (first, second) = (county.send("first"), county.send("second"));
    let said = county.answer(&county.clerk, &first, COMMUNITY, &[("fairs", "3"), ("dues", "5")]);
    let mended = county.mend(&county.clerk, "first", &said, &[("fairs", "300")]);
    assert_eq!(mended.state, Judged::Invalid);
    assert_eq!(county.figures(), (0, 0), "what is invalid enters no total");
    county.mend(&county.clerk, "first", &said, &[("fairs", "6"), ("dues", "")]);
    assert_eq!(county.figures(), (6, 0));
    // The other form has the last word; the first one's mending takes nothing of that back.
    county.answer(&county.clerk, &second, COMMUNITY, &[("fairs", "9")]);
    county.mend(&county.clerk, "first", &said, &[("fairs", "")]);
    assert_eq!(county.figures(), (9, 0));
});

both!(a_form_that_asks_for_what_cannot_be_asked_is_not_published, |db: Db| {
    let county = County::new(db);
    let bind = |element: &str, kind: &str| {
        format!(r#"<bind nodeset="/data/fairs" type="{kind}" olzii:element="{element}"/>"#)
    };
    for (element, kind, reason) in [
        ("GRIDS.urban", "int", "counted from the city's own tables"),
        ("JOB_FAIRS", "string", "this question asks for none"),
        ("JOB_FAIRS", "decimal", "this question asks for none"),
    ] {
        let refused = county.publish(xml("wrong", "错表", &bind(element, kind))).unwrap_err().to_string();
        assert!(refused.contains(reason) && refused.contains("/data/fairs"), "{element}: {refused}");
    }
    let twice = format!(
        "{}{}",
        bind("JOB_FAIRS", "int"),
        r#"<bind nodeset="/data/dues" type="int" olzii:element="JOB_FAIRS"/>"#
    );
    let refused = county.publish(xml("wrong", "错表", &twice)).unwrap_err().to_string();
    assert!(refused.contains("asked twice in this form"), "{refused}");
    // A form of elsewhere works, and its publisher is told that the answer is no fact. One that is taken apart needs a part.
    for element in ["HOUSEHOLDS", "GRIDS"] {
        let published = county.publish(xml(element, "外来表", &bind(element, "int"))).unwrap();
        let told: Vec<_> = published.warnings.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|it| it.contains("there is no data element")), "{told:?}");
    }
});

both!(a_form_that_asks_again_is_published_with_a_reason_or_waits, |db: Db| {
    let county = County::new(db);
    county.publish_because(xml("first", "就业表", BOUND), "").unwrap();
    // Nothing is known yet, and the first form asks already.
    let again = |refused: Result<form::Published, PublishError>| match refused.unwrap_err() {
        PublishError::AskedAgain { form_id, again } => (form_id, again),
        other => panic!("{other}"),
    };
    let (form_id, told) = again(county.publish_because(xml("second", "年终表", BOUND), " "));
    assert_eq!((form_id.as_str(), told.len()), ("second", 2));
    assert_eq!((told[0].question.as_str(), told[0].element.as_str()), ("招聘会", "JOB_FAIRS"));
    assert!(told[0].known.is_none());
    assert_eq!(told[0].others.iter().map(|it| it.form_id.as_str()).collect::<Vec<_>>(), ["first"]);
    let open = |ctx: &Ctx| form::open(ctx).unwrap().into_iter().map(|it| it.form.form_id).collect::<Vec<_>>();
    assert_eq!(open(&county.leader), ["first"], "it waits as a draft");

    let first = county.send("first");
    county.answer(&county.clerk, &first, COMMUNITY, &[("fairs", "3")]);
    county.ground.clock.pass_seconds(86_400);
    county.answer(&county.other_clerk, &first, OTHER_COMMUNITY, &[("fairs", "4")]);
    let leader = county.now(&county.leader);
    let (_, waiting) = form::gate(&leader, "second").unwrap();
    let waiting = waiting.expect("a draft waits");
    let known = waiting[0].known.expect("two villages have said it");
    assert_eq!((known.units, known.last.seconds_since(known.first)), (2, 86_400));
    assert!(waiting[1].known.is_none(), "nobody has said the other");
    // Who may not publish the form sees nothing of it.
    assert!(form::gate(&county.now(&county.clerk), "second").is_err());

    assert!(matches!(form::publish_draft(&leader, "second", None, ""), Err(PublishError::AskedAgain { .. })));
    form::publish_draft(&leader, "second", None, "年终要签字确认").unwrap();
    let (bindings, draft) = form::gate(&leader, "second").unwrap();
    assert!(draft.is_none());
    let reasons: Vec<_> = bindings.iter().map(|it| (it.element.as_str(), it.reason.as_str())).collect();
    assert_eq!(reasons, [("DUES_GRANTED", "年终要签字确认"), ("JOB_FAIRS", "年终要签字确认")]);
    const REASONS: &str =
        "SELECT COUNT(*) FROM journal WHERE action = 'form.publish' AND detail LIKE '%年终要签字确认%'";
    assert_eq!(county.ground.count(REASONS), 1);
});

both!(a_form_is_not_held_up_by_itself_nor_by_one_that_is_over_or_elsewhere, |db: Db| {
    let county = County::new(db);
    let publish = |bytes: Vec<u8>| county.publish_because(bytes, "");
    publish(xml("first", "就业表", BOUND)).unwrap();
    let first = county.send("first");
    county.answer(&county.clerk, &first, COMMUNITY, &[("fairs", "3")]);
    let next = xml("first", "就业表", BOUND);
    let next = String::from_utf8(next).unwrap().replace("version=\"1\"", "version=\"2\"").into_bytes();
    let since = |ctx: &Ctx| form::gate(ctx, "first").unwrap().0[0].since;
    let before = since(&county.now(&county.leader));
    county.ground.clock.pass_seconds(10 * 86_400);
    let organization = None;
    let leader = county.now(&county.leader);
    let new = form::Publication {
        area: COUNTY.into(),
        organization,
        file_name: "form.xml".into(),
        bytes: next,
        files: Vec::new(),
        terms: Terms::default(),
        reason: String::new(),
    };
    form::publish(&leader, &new).unwrap();
    assert_eq!(since(&leader), before, "it has asked since its first version");
    // Once it is closed nobody is asked twice, but what was said is known.
    campaign::end(&leader, first.id, campaign::End::Close, "").unwrap();
    form::set_state(&leader, "first", form::FormState::Closed).unwrap();
    let second = form::Publication { bytes: xml("second", "年终表", BOUND), ..new };
    let Err(PublishError::AskedAgain { again, .. }) = form::publish(&leader, &second) else {
        panic!("the fairs are known")
    };
    let told: Vec<_> = again.iter().map(|it| (it.element.as_str(), it.others.len())).collect();
    assert_eq!(told, [("JOB_FAIRS", 0)]);
});

both!(what_a_form_says_after_a_report_by_hand_corrects_it_and_nothing_counts_twice, |db: Db| {
    use domain::statistic::{self, CellValue, Outcome, Period};
    const MEMBERS: &str = "SELECT COALESCE(CAST(SUM(value) AS BIGINT), 0) FROM statistic_record \
        WHERE element = 'PARTY_MEMBERS' AND replaced_at IS NULL AND value IS NOT NULL";
    let county = County::new(db);
    let year = Period::parse("2026").unwrap();
    let report = || statistic::report(&county.now(&county.leader), "workforce", COMMUNITY, year).unwrap();
    let cells = report().cells;
    let sent: Vec<CellValue> = cells
        .iter()
        .map(|it| CellValue {
            element: it.element.clone(),
            option: it.option.clone(),
            value: (it.element == "PARTY_MEMBERS").then_some(30),
        })
        .collect();
    let stamp = report().stamp;
    let done = statistic::enter_report(&county.leader, "workforce", (COMMUNITY, year), &sent, (&stamp, ""));
    assert!(matches!(done.unwrap(), Outcome::Entered(_)));
    let members = || county.ground.city.db.read(|tx| tx.count(MEMBERS, &[])).unwrap();
    assert_eq!(members(), 30);
    let binds = r#"<bind nodeset="/data/fairs" type="int" olzii:element="PARTY_MEMBERS"/>"#;
    county.publish(xml("members", "党员", binds)).unwrap();
    let campaign = county.send("members");
    county.answer(&county.clerk, &campaign, COMMUNITY, &[("fairs", "32")]);
    assert_eq!(members(), 32);
    let cell = report().cells[0].clone();
    assert_eq!((cell.value, cell.known), (None, Some((32, vec!["党员".to_owned()]))), "it is asked no more");
});
