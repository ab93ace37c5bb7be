//! What an office learns of all that was answered together: counts, one question by another, weights, and words that people
//! wrote; and who does not learn it.

use domain::{
    Ctx, Refusal, Window,
    analysis::{self, Answers, By, Figures, Kind, Of, Point, Summary, Weighting, Weights},
    campaign::{self, Asked, Audience, Campaign, DueBy, New},
    form::{self, Expected, Judged, Review, Sent, Terms},
};
use jiff::civil::date;
use kernel::{Id, Role, Tier, limits};
use store::{Db, both};

use crate::ground::{
    COMMUNITY, COUNTY, GRID, Ground, OTHER_COMMUNITY, OTHER_COUNTY, TOWNSHIP, area as area_id,
};

mod export;
mod sight;

const HEAD: &str = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa">
  <h:head><h:title>满意度调查</h:title><model>
    <itext>
      <translation lang="中文 (zh)" default="true()"><text id="q"><value>您满意吗？</value></text><text id="good"><value>满意</value></text><text id="bad"><value>不满意</value></text></translation>
      <translation lang="English (en)"><text id="q"><value>Are you content?</value></text><text id="good"><value>Yes</value></text><text id="bad"><value>No</value></text></translation>
    </itext>"#;
const BINDS: &str = r#"
    <bind nodeset="/data/base/content" type="string" required="true()"/>
    <bind nodeset="/data/base/why" type="string" relevant="/data/base/content = 'bad'"/>
    <bind nodeset="/data/base/age" type="int" constraint=". &gt;= 0 and . &lt; 130"/>
    <bind nodeset="/data/needs" type="string"/>
    <bind nodeset="/data/on" type="date"/>
    <bind nodeset="/data/member/kind" type="string"/>
    <bind nodeset="/data/member/hours" type="decimal"/>"#;
const BODY: &str = r#"</model></h:head><h:body>
  <group ref="/data/base">
    <select1 ref="/data/base/content"><label ref="jr:itext('q')"/>
      <item><label ref="jr:itext('good')"/><value>good</value></item><item><label ref="jr:itext('bad')"/><value>bad</value></item></select1>
    <input ref="/data/base/why"><label>为什么</label></input>
    <input ref="/data/base/age"><label>年龄</label></input></group>
  <select ref="/data/needs"><label>需要什么</label><item><label>供热</label><value>heat</value></item>
    <item><label>道路</label><value>road</value></item><item><label>就医</label><value>doctor</value></item></select>
  <input ref="/data/on"><label>日期</label></input>
  <group ref="/data/member"><label>家人</label><repeat nodeset="/data/member">
    <select1 ref="/data/member/kind"><label>关系</label><item><label>子女</label><value>child</value></item><item><label>老人</label><value>old</value></item></select1>
    <input ref="/data/member/hours"><label>每周陪伴小时</label></input></repeat></group>
</h:body></h:html>"#;

fn survey(version: &str) -> String {
    format!(
        r#"{HEAD}<instance><data id="survey" version="{version}"><base><content/><why/><age/></base><needs/><on/>
    <member jr:template=""><kind/><hours/></member><meta><instanceID/></meta></data></instance>{BINDS}{BODY}"#
    )
}

pub struct County {
    pub ground: Ground,
    pub leader: Ctx,
    clerk: Ctx,
    other_clerk: Ctx,
    neighbour: Ctx,
}

impl County {
    pub fn new(db: Db) -> Self {
        let ground = Ground::new(db);
        let officer = |name: &str, role, code| ground.acting(ground.officer(name, role, code));
        Self {
            leader: officer("县长", Role::Leader, COUNTY),
            clerk: officer("村文书", Role::GridSupervisor, COMMUNITY),
            other_clerk: officer("邻村文书", Role::GridSupervisor, OTHER_COMMUNITY),
            neighbour: officer("邻县县长", Role::Leader, OTHER_COUNTY),
            ground,
        }
    }

    pub fn asking(db: Db) -> Self {
        let county = Self::new(db);
        county.publish(&survey("1"));
        county
    }

    fn publish(&self, xml: &str) {
        let publication = form::Publication {
            area: COUNTY.into(),
            organization: None,
            file_name: "survey.xml".into(),
            bytes: xml.as_bytes().to_vec(),
            files: Vec::new(),
            terms: Terms::default(),
            reason: String::new(),
        };
        form::publish(&self.leader, &publication).expect("a sound form");
    }

    /// Sends what stands between the outermost tags, and says how it was judged.
    pub fn answer(&self, number: u32, content: &str) -> Judged {
        self.answer_of(number, "1", content)
    }

    fn answer_of(&self, number: u32, version: &str, content: &str) -> Judged {
        self.ground.clock.pass_seconds(1);
        let ctx = self.now(&self.clerk);
        let sent = Sent { xml: record(number, version, content).into_bytes(), ..Sent::default() };
        form::submit(&ctx, &sent, Expected::Any).expect("taken").state
    }

    pub fn now(&self, ctx: &Ctx) -> Ctx {
        self.ground.acting(ctx.actor.person.unwrap())
    }

    fn answers(&self) -> Answers {
        analysis::answers(&self.leader, &of("survey", &|_| 0)).expect("readable")
    }

    fn campaign(&self, title: &str) -> Campaign {
        let new = New {
            id: self.ground.id(),
            form_id: "survey".into(),
            is_fixed: false,
            title: title.into(),
            period: String::new(),
            area: COUNTY.into(),
            audience: Audience::Areas { tier: Tier::Community, kind: None },
            starts: None,
            due: date(2026, 11, 27),
            due_by: DueBy::Day,
            grace_days: 7,
        };
        campaign::send(&self.now(&self.leader), &new).expect("sent")
    }

    fn answer_asked(&self, ctx: &Ctx, it: &Campaign, code: &str, number: u32, content: &str) {
        let asked = Asked { campaign: it.id, unit: area_id(code).uuid(), finished_at: None };
        let sent = Sent { xml: record(number, "1", content).into_bytes(), ..Sent::default() };
        form::submit(&self.now(ctx), &sent, Expected::Asked(&asked)).expect("taken");
    }
}

fn record(number: u32, version: &str, content: &str) -> String {
    format!(
        r#"<data id="survey" version="{version}">{content}<meta><instanceID>uuid:{number}</instanceID></meta></data>"#
    )
}

pub fn of<'a>(form_id: &'a str, choose: &'a dyn Fn(&[String]) -> usize) -> Of<'a> {
    Of { form_id, campaign: None, choose }
}

/// Answers to the first group and to what is needed.
fn said(content: &str, age: &str, needs: &str) -> String {
    format!("<base><content>{content}</content><age>{age}</age></base><needs>{needs}</needs><on/>")
}

fn plain(county: &County, answers: &Answers) -> Weights {
    analysis::weights(&county.leader, answers, Weighting::None).unwrap()
}

fn find<'a>(all: &'a [Summary<'a>], path: &str) -> &'a Summary<'a> {
    all.iter().find(|it| it.question.path == path).expect("the question")
}

/// Labels and counts of choices.
fn counted(it: &Summary<'_>) -> Vec<(String, i64)> {
    let Figures::Choices(choices, None) = &it.figures else { panic!("{it:?}") };
    let label = |choice: Option<usize>| it.question.choices[choice.unwrap()].label.clone();
    choices.iter().map(|it| (label(it.choice), it.count)).collect()
}

fn pairs(all: &[(&str, i64)]) -> Vec<(String, i64)> {
    all.iter().map(|(label, count)| ((*label).to_owned(), *count)).collect()
}

fn fault<T>(outcome: Result<T, Refusal>) -> (String, &'static str) {
    match outcome {
        Err(Refusal::Invalid(faults)) => (faults[0].field.clone(), faults[0].message.id),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was not refused"),
    }
}

both!(each_question_is_counted_and_what_does_not_count_is_told, |db: Db| {
    let county = County::asking(db);
    county.answer(1, &said("good", "30", "heat road"));
    county.answer(2, &said("good", "50", ""));
    county.answer(
        3,
        "<base><content>bad</content><why>路灯不亮</why><age/></base><needs>heat</needs><on>2026-09-30</on>",
    );
    county.answer(
        4,
        "<base><content>bad</content><why/><age>70</age></base><needs>doctor</needs><on>2026-11-01</on>",
    );
    assert_eq!(county.answer(5, &said("good", "-1", "heat")), Judged::Invalid);
    county.answer(6, &said("bad", "99", "heat"));
    form::set_review(&county.leader, "survey", "uuid:6", Some(Review::HasIssues)).unwrap();
    form::set_review(&county.leader, "survey", "uuid:1", Some(Review::Approved)).unwrap();

    let answers = county.answers();
    let basis = answers.basis;
    assert_eq!(
        (basis.counted, basis.invalid, basis.returned, basis.unchecked, basis.forgotten),
        (4, 1, 1, 0, 0)
    );
    let weights = plain(&county, &answers);
    let all = answers.summaries(&weights);
    let paths: Vec<&str> = all.iter().map(|it| it.question.name.as_str()).collect();
    assert_eq!(paths, ["content", "why", "age", "needs", "on", "kind", "hours"], "in the order of the form");

    let content = find(&all, "/data/base/content");
    assert_eq!(content.question.label, "您满意吗？");
    assert_eq!(counted(content), pairs(&[("满意", 2), ("不满意", 2)]));
    let needs = find(&all, "/data/needs");
    assert_eq!(counted(needs), pairs(&[("供热", 2), ("道路", 1), ("就医", 1)]));
    assert_eq!((needs.counts.answered, needs.counts.blank, needs.counts.asked()), (3, 1, 4));
    let Figures::Choices(choices, _) = &needs.figures else { panic!() };
    assert_eq!(choices[0].share, Some(2.0 / 3.0), "of those who answered");

    let why = find(&all, "/data/base/why");
    assert_eq!((why.counts.answered, why.counts.blank, why.counts.not_asked), (1, 1, 2));
    let Figures::Texts(texts) = &why.figures else { panic!() };
    assert_eq!((texts[0].text.as_str(), texts[0].instance_id.as_str()), ("路灯不亮", "uuid:3"));

    let age = find(&all, "/data/base/age");
    let Figures::Numbers(Some(numbers)) = &age.figures else { panic!() };
    assert_eq!((numbers.n, numbers.sum, numbers.mean, numbers.median), (3, 150.0, 50.0, 50.0));
    assert_eq!((numbers.min, numbers.max), (30.0, 70.0));
    assert_eq!(numbers.bars.iter().map(|it| it.count).sum::<i64>(), 3);

    let Figures::Periods(months) = &find(&all, "/data/on").figures else { panic!() };
    let months: Vec<_> = months.iter().map(|it| (it.name.as_str(), it.count)).collect();
    assert_eq!(months, [("2026-09", 1), ("2026-10", 0), ("2026-11", 1)]);

    let english = analysis::answers(&county.leader, &of("survey", &|it| it.len() - 1)).unwrap();
    assert_eq!(english.questions[0].label, "Are you content?");
    assert_eq!(english.questions[0].choices[0].label, "Yes");
});

both!(of_a_form_that_nobody_answered_all_counts_are_none, |db: Db| {
    let county = County::asking(db);
    let answers = county.answers();
    let weights = plain(&county, &answers);
    assert_eq!((answers.basis, weights.effective), (analysis::Basis::default(), 0.0));
    let all = answers.summaries(&weights);
    assert_eq!(counted(&all[0]), pairs(&[("满意", 0), ("不满意", 0)]));
    assert!(all.iter().all(|it| it.counts.asked() == 0));
    assert!(matches!(find(&all, "/data/base/age").figures, Figures::Numbers(None)));
    let cross = answers.cross("/data/base/content", By::Question("/data/needs"), &weights).unwrap();
    assert_eq!((cross.total.count, cross.rows.len(), cross.columns.len()), (0, 2, 3));
    assert_eq!(cross.cells[0][0].share(&cross.row_totals[0]), None);
    let by_residents = analysis::weights(&county.leader, &answers, Weighting::Residents).unwrap();
    assert_eq!((by_residents.records, by_residents.effective), (0, 0.0));
});

both!(answers_of_several_versions_are_one_question_unless_it_was_asked_otherwise, |db: Db| {
    let county = County::asking(db);
    county.answer(1, &said("good", "30", "heat"));
    // The second lets a choice go, asks one thing as a text, and one thing more.
    let second = survey("2")
        .replace("<item><label>供热</label><value>heat</value></item>", "")
        .replace("<on/>", "<on/><more/>")
        .replace(
            "<input ref=\"/data/on\">",
            "<input ref=\"/data/more\"><label>还有</label></input><input ref=\"/data/on\">",
        )
        .replace("<select1 ref=\"/data/base/content\">", "<select ref=\"/data/base/content\">")
        .replace("<value>bad</value></item></select1>", "<value>bad</value></item></select>");
    county.publish(&second);
    county.answer_of(
        2,
        "2",
        "<base><content>good bad</content><age/></base><needs>road</needs><on/><more>路</more>",
    );

    let answers = county.answers();
    assert_eq!((answers.basis.counted, answers.basis.versions), (2, 2));
    let weights = plain(&county, &answers);
    let all = answers.summaries(&weights);
    let content: Vec<&Summary<'_>> =
        all.iter().filter(|it| it.question.path == "/data/base/content").collect();
    assert_eq!((content[0].question.kind, content[0].question.is_former), (Kind::Several, false));
    assert_eq!((content[1].question.kind, content[1].question.is_former), (Kind::One, true));
    assert_eq!((content[0].counts.answered, content[1].counts.answered), (1, 1));
    assert_eq!(content[1].question.key, "/data/base/content~one");
    assert_eq!((content[0].counts.other_versions, content[1].counts.other_versions), (1, 1));
    // A choice that is gone is named as its value.
    let needs = find(&all, "/data/needs");
    assert_eq!(counted(needs), pairs(&[("道路", 1), ("就医", 0), ("heat", 1)]));
    assert!(!needs.question.choices[2].is_offered);
    let more = find(&all, "/data/more");
    assert_eq!((more.counts.answered, more.counts.blank, more.counts.other_versions), (1, 0, 1));
});

const FAMILY: &str = "<base><content>good</content><age/></base><needs/><on/>\
    <member><kind>child</kind><hours>2.5</hours></member><member><kind>old</kind><hours/></member><member><kind>child</kind><hours>4</hours></member>";

both!(what_stands_in_a_repeat_is_counted_by_its_instances, |db: Db| {
    let county = County::asking(db);
    county.answer(1, FAMILY);
    county.answer(2, "<base><content>bad</content><age/></base><needs>road</needs><on/><member><kind>old</kind><hours>1</hours></member>");
    let answers = county.answers();
    let weights = plain(&county, &answers);
    let all = answers.summaries(&weights);
    let kind = find(&all, "/data/member/kind");
    assert_eq!(kind.question.repeat.as_deref(), Some("/data/member"));
    assert_eq!(counted(kind), pairs(&[("子女", 2), ("老人", 2)]));
    let hours = find(&all, "/data/member/hours");
    assert_eq!((hours.counts.answered, hours.counts.blank), (3, 1));
    let Figures::Numbers(Some(numbers)) = &hours.figures else { panic!() };
    assert_eq!((numbers.sum, numbers.max), (7.5, 4.0));
    // A question of the record stands beside each instance.
    for (rows, columns) in
        [("/data/member/kind", "/data/base/content"), ("/data/base/content", "/data/member/kind")]
    {
        let cross = answers.cross(rows, By::Question(columns), &weights).unwrap();
        assert!(cross.is_of_repeat && cross.total.count == 4, "{cross:?}");
        assert_eq!(cross.cells[0][0].count, 2, "children of those who are content");
    }
});

both!(one_question_by_another_by_area_and_by_campaign, |db: Db| {
    let county = County::asking(db);
    county.answer(1, &said("good", "30", "heat road"));
    county.answer(2, &said("good", "50", "heat"));
    county.answer(3, &said("bad", "50", "heat"));
    county.answer(4, &said("bad", "50", ""));
    let first = county.campaign("第一次");
    county.answer_asked(&county.clerk, &first, COMMUNITY, 5, &said("bad", "", "road"));

    let answers = county.answers();
    let weights = plain(&county, &answers);
    let cross = answers.cross("/data/base/content", By::Question("/data/needs"), &weights).unwrap();
    let counts: Vec<Vec<i64>> =
        cross.cells.iter().map(|row| row.iter().map(|it| it.count).collect()).collect();
    assert_eq!(counts, [[2, 1, 0], [1, 1, 0]], "empty cells are none");
    assert_eq!((cross.total.count, cross.left_out, cross.overlaps), (4, 1, true));
    assert_eq!(
        cross.row_totals.iter().map(|it| it.count).collect::<Vec<_>>(),
        [2, 2],
        "fewer than their cells together"
    );
    assert_eq!(cross.column_totals.iter().map(|it| it.count).collect::<Vec<_>>(), [3, 2, 0]);
    assert_eq!(cross.cells[0][1].share(&cross.row_totals[0]), Some(0.5));

    let by_area = answers.cross("/data/base/content", By::Area, &weights).unwrap();
    assert_eq!(by_area.columns, [Point::Area(TOWNSHIP.into()), Point::Without]);
    assert_eq!((by_area.cells[1][0].count, by_area.cells[1][1].count, by_area.cells[0][0].count), (1, 2, 0));
    let by_campaign = answers.cross("/data/needs", By::Campaign, &weights).unwrap();
    assert_eq!(by_campaign.columns, [Point::Campaign(first.id), Point::Without]);
    assert_eq!(answers.campaigns, [(first.id, "第一次".to_owned())]);

    let of_campaign = Of { campaign: Some(first.id), ..of("survey", &|_| 0) };
    assert_eq!(analysis::answers(&county.leader, &of_campaign).unwrap().basis.counted, 1);
    let of_none = Of { campaign: Some(Id::from_uuid(uuid::Uuid::nil())), ..of("survey", &|_| 0) };
    assert_eq!(analysis::answers(&county.leader, &of_none).unwrap().basis.counted, 0);

    let refused = |rows: &str, by: By<'_>| fault(answers.cross(rows, by, &weights));
    assert_eq!(refused("/data/base/age", By::Area), ("rows".into(), "fault-analysis-question"));
    assert_eq!(refused("/data/none", By::Area), ("rows".into(), "fault-analysis-question"));
    let same = By::Question("/data/needs");
    assert_eq!(refused("/data/needs", same), ("columns".into(), "fault-analysis-twice"));
});

both!(a_table_that_is_too_large_is_refused_with_what_to_choose, |db: Db| {
    let county = County::new(db);
    let items: String =
        (0..60).map(|it| format!("<item><label>第{it}</label><value>v{it}</value></item>")).collect();
    let select = |name: &str| format!("<select ref=\"/data/{name}\"><label>{name}</label>{items}</select>");
    let xml = format!(
        r#"{HEAD}<instance><data id="survey" version="1"><a/><b/><meta><instanceID/></meta></data></instance>
        <bind nodeset="/data/a" type="string"/><bind nodeset="/data/b" type="string"/></model></h:head><h:body>{}{}</h:body></h:html>"#,
        select("a"),
        select("b")
    );
    county.publish(&xml);
    let many = (0..60).map(|it| format!("v{it}")).collect::<Vec<_>>().join(" ");
    county.answer(1, &format!("<a>{many}</a><b>v1 v2</b>"));
    let answers = county.answers();
    let weights = plain(&county, &answers);
    let cross = answers.cross("/data/a", By::Question("/data/b"), &weights).unwrap();
    assert_eq!((cross.rows.len(), cross.columns.len()), (60, 2), "of many choices those that were chosen");
    county.answer(2, &format!("<a>{many}</a><b>{many}</b>"));
    let answers = county.answers();
    let weights = plain(&county, &answers);
    let refused = fault(answers.cross("/data/a", By::Question("/data/b"), &weights));
    assert_eq!(refused, ("columns".into(), "fault-analysis-cells"));
    const { assert!(60 * 60 > limits::ANALYSIS_CELLS_MAX && 60 * 2 < limits::ANALYSIS_CELLS_MAX) };
});

both!(each_unit_may_count_alike_or_by_those_who_live_there, |db: Db| {
    let county = County::asking(db);
    for number in 0..12 {
        county.ground.resident(&format!("居民{number}"), GRID);
    }
    for number in 0..36 {
        county.ground.resident(&format!("邻居{number}"), OTHER_COMMUNITY);
    }
    let campaigns = ["第一次", "第二次", "第三次"].map(|it| county.campaign(it));
    for (number, it) in (1..).zip(&campaigns) {
        county.answer_asked(&county.clerk, it, COMMUNITY, number, &said("good", "", "heat"));
    }
    county.answer_asked(&county.other_clerk, &campaigns[0], OTHER_COMMUNITY, 9, &said("bad", "", "road"));
    let leader = county.now(&county.leader);
    let xml = record(10, "1", &said("bad", "", ""));
    form::submit(&leader, &Sent { xml: xml.into_bytes(), ..Sent::default() }, Expected::Any).unwrap();

    let answers = county.answers();
    let shares = |weighting| {
        let weights = analysis::weights(&county.leader, &answers, weighting).unwrap();
        let all = answers.summaries(&weights);
        let content = find(&all, "/data/base/content");
        let Figures::Choices(choices, _) = &content.figures else { panic!() };
        let shares: Vec<i64> =
            choices.iter().map(|it| (it.share.unwrap() * 1_000.0).round() as i64).collect();
        let total: f64 = choices.iter().map(|it| it.weighted).sum();
        assert!((total - weights.records as f64).abs() < 1e-9, "weights add up to the answers");
        (shares, weights)
    };
    let (plain, weights) = shares(Weighting::None);
    assert_eq!((plain, weights.records, weights.left_out), (vec![600, 400], 5, 0));
    // Three records of one unit weigh as much as one of the other; what has no unit is left out.
    let (alike, weights) = shares(Weighting::Units);
    assert_eq!((alike, weights.records, weights.left_out, weights.units), (vec![500, 500], 4, 1, 2));
    assert!((weights.effective - 3.0).abs() < 1e-9, "{}", weights.effective);
    let (by_residents, weights) = shares(Weighting::Residents);
    assert!(weights.is_coarse, "a county's leader knows of residents in fives");
    assert_eq!((by_residents, weights.left_out), (vec![222, 778], 1), "10 of 45, 35 of 45");
    let (by_households, _) = shares(Weighting::Households);
    assert_eq!(by_households, [222, 778]);
    let weights = analysis::weights(&county.leader, &answers, Weighting::Units).unwrap();
    let cross = answers.cross("/data/base/content", By::Question("/data/needs"), &weights).unwrap();
    assert!(cross.total.count == 4 && (cross.total.weighted - 4.0).abs() < 1e-9);
    assert!((cross.cells[0][0].weighted - 2.0).abs() < 1e-9 && cross.cells[0][0].count == 3);
});
