//! Records filled in page by page: what is asked follows from what was answered, and what is sent is valid.

use std::collections::BTreeMap;

use proptest::prelude::*;
use xform::{
    check::{
        FindingRule, State, Submission,
        fill::{Changes, Filling, INSTANCES_MAX, Identity, Page, Part, Question},
    },
    form::{Attachments, Form},
    xpath::World,
};

const AS_NEW: Identity<'static> = Identity { instance_id: "uuid:1", replaces: None };

const FARM: &str = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms"><h:head><h:title>Farm</h:title><model>
  <itext><translation lang="中文 (zh)" default="true()">
    <text id="keeps"><value>养不养牲畜？</value></text><text id="many"><value>共<output value="/data/total"/>头</value></text>
  </translation><translation lang="English (en)"><text id="keeps"><value>Do you keep animals?</value></text></translation></itext>
  <instance><data id="farm" version="3"><start/><keeps/><animals><kind/><other/></animals><pen><heads/></pen><note/><field_count>0</field_count>
    <field><area/></field><total/><orx:meta><orx:instanceID/></orx:meta></data></instance>
  <instance id="kinds"><root><item><name>cow</name><label>牛</label></item><item><name>other</name><label>其他</label></item></root></instance>
  <bind nodeset="/data/start" type="dateTime" jr:preload="timestamp" jr:preloadParams="start"/>
  <bind nodeset="/data/keeps" type="string" required="true()"/>
  <bind nodeset="/data/animals" relevant="/data/keeps = 'yes'"/>
  <bind nodeset="/data/animals/kind" required="true()"/>
  <bind nodeset="/data/animals/other" relevant="/data/animals/kind = 'other'" required="true()"/>
  <bind nodeset="/data/pen" relevant="/data/keeps = 'yes'"/>
  <bind nodeset="/data/pen/heads" type="int" constraint=". &gt;= 0" jr:constraintMsg="不能是负数"/>
  <bind nodeset="/data/note" readonly="true()"/>
  <bind nodeset="/data/field_count" type="int" constraint=". &lt; 9"/>
  <bind nodeset="/data/field/area" type="decimal"/>
  <bind nodeset="/data/total" type="int" calculate="sum(/data/pen/heads)"/>
  </model></h:head><h:body>
  <select1 ref="/data/keeps"><label ref="jr:itext('keeps')"/><item><label>Yes</label><value>yes</value></item><item><label>No</label><value>no</value></item></select1>
  <group ref="/data/animals"><label>牲畜</label><select1 ref="/data/animals/kind"><label>哪一种？</label>
    <itemset nodeset="instance('kinds')/root/item"><value ref="name"/><label ref="label"/></itemset></select1>
    <input ref="/data/animals/other"><label>是什么？</label></input></group>
  <group ref="/data/pen"><label>圈</label><repeat nodeset="/data/pen"><input ref="/data/pen/heads"><label>头数</label></input></repeat></group>
  <input ref="/data/note"><label ref="jr:itext('many')"/></input>
  <input ref="/data/field_count"><label>几块地？</label></input>
  <group ref="/data/field"><label>地块</label><repeat nodeset="/data/field" jr:count="/data/field_count"><input ref="/data/field/area"><label>亩数</label></input></repeat></group>
  </h:body></h:html>"#;

/// Plots are counted by an answer that stands in a group which is asked or not, and a rule cannot be told.
const PLOTS: &str = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Plots</h:title><model>
  <instance><data id="plots" version="a&#10;b&#9;c"><has/><farm><count/><plot><area/></plot></farm><code/><meta><instanceID/></meta></data></instance>
  <bind nodeset="/data/has" type="string"/>
  <bind nodeset="/data/farm" relevant="/data/has = 'yes'"/>
  <bind nodeset="/data/farm/count" type="int"/>
  <bind nodeset="/data/farm/plot/area" type="decimal"/>
  <bind nodeset="/data/code" type="string" required="pulldata('villages', 'must', 'name', /data/has) = 'yes'"/>
  </model></h:head><h:body>
  <input ref="/data/has"><label>Any?</label></input>
  <group ref="/data/farm"><label>Farm</label><input ref="/data/farm/count"><label>How many?</label></input>
    <group ref="/data/farm/plot"><label>Plot</label><repeat nodeset="/data/farm/plot" jr:count="/data/farm/count"><input ref="/data/farm/plot/area"><label>Area</label></input></repeat></group></group>
  <input ref="/data/code"><label>Code</label></input>
  </h:body></h:html>"#;

struct Clerk {
    form: Form,
    world: World,
    xml: String,
    filling: Filling,
}

impl Clerk {
    fn new() -> Self {
        Self::of(FARM)
    }

    fn of(form: &str) -> Self {
        let form = Form::read(form.as_bytes()).unwrap();
        assert!(form.faults().is_empty(), "{:?}", form.faults());
        let world = World::in_china(1_795_000_000_000_000).unwrap();
        let filling = Filling::begin(&form, &Attachments::new(), &world, AS_NEW).unwrap();
        Self { xml: filling.xml().to_owned(), form, world, filling }
    }

    fn change(&mut self, changes: &Changes) {
        let none = Attachments::new();
        self.filling = Filling::change(&self.form, &none, &self.world, AS_NEW, &self.xml, changes).unwrap();
        self.xml = self.filling.xml().to_owned();
    }

    fn answer(&mut self, answers: &[(&str, &str)]) {
        let pairs = answers.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned()));
        self.change(&Changes { answers: pairs.collect(), ..Changes::default() });
    }

    fn add(&mut self, path: &str) {
        self.change(&Changes { added: vec![path.to_owned()], ..Changes::default() });
    }

    fn remove(&mut self, path: &str) {
        self.change(&Changes { removed: vec![path.to_owned()], ..Changes::default() });
    }

    fn questions(&self) -> Vec<&Question> {
        questions(&self.filling.pages)
    }

    fn asked(&self) -> Vec<&str> {
        self.questions().into_iter().map(|it| it.path.as_str()).collect()
    }

    fn question(&self, path: &str) -> &Question {
        self.questions().into_iter().find(|it| it.path == path).expect(path)
    }

    fn wrong(&self) -> Vec<(&str, FindingRule)> {
        self.filling.findings.iter().map(|it| (it.path.as_str(), it.rule)).collect()
    }

    fn state(&self) -> State {
        let record = Submission::read(self.filling.record().as_bytes()).unwrap();
        record.judge(&self.form, &Attachments::new(), &self.world).unwrap().state()
    }
}

fn questions(pages: &[Page]) -> Vec<&Question> {
    let parts = pages.iter().flat_map(|it| &it.parts);
    parts.filter_map(|it| if let Part::Question(question) = it { Some(&**question) } else { None }).collect()
}

#[test]
fn what_is_asked_follows_from_what_was_answered() {
    let mut clerk = Clerk::new();
    assert_eq!(clerk.asked(), ["/data/keeps", "/data/note", "/data/field_count"]);
    assert_eq!(clerk.wrong(), [("/data/keeps", FindingRule::Required)]);
    clerk.answer(&[("/data/keeps", "yes")]);
    assert_eq!(clerk.asked()[1..3], ["/data/animals/kind", "/data/pen[1]/heads"]);
    let kind = clerk.question("/data/animals/kind");
    assert_eq!(kind.choices, [("cow".to_owned(), "牛".to_owned()), ("other".to_owned(), "其他".to_owned())]);
    assert!(kind.is_required);
    clerk.answer(&[("/data/animals/kind", "other")]);
    assert_eq!(clerk.wrong(), [("/data/animals/other", FindingRule::Required)]);
    clerk.answer(&[("/data/animals/other", "羊驼"), ("/data/pen[1]/heads", "-1")]);
    assert_eq!(clerk.wrong(), [("/data/pen[1]/heads", FindingRule::Constraint)]);
    assert_eq!(clerk.filling.findings[0].message.as_deref(), Some("不能是负数"));
    clerk.answer(&[("/data/pen[1]/heads", "4")]);
    assert_eq!((clerk.wrong().len(), clerk.state()), (0, State::Valid));
}

#[test]
fn an_answer_to_what_is_not_asked_any_more_is_kept_and_not_sent() {
    let mut clerk = Clerk::new();
    clerk.answer(&[("/data/keeps", "yes"), ("/data/pen[1]/heads", "7")]);
    clerk.answer(&[("/data/keeps", "no")]);
    assert!(clerk.filling.xml().contains("<heads>7</heads>") && !clerk.filling.record().contains("heads"));
    assert_eq!(clerk.state(), State::Valid);
    clerk.answer(&[("/data/keeps", "yes")]);
    assert_eq!(clerk.question("/data/pen[1]/heads").value, "7");
}

#[test]
fn instances_are_added_and_taken_out_and_sums_follow() {
    let mut clerk = Clerk::new();
    clerk.answer(&[("/data/keeps", "yes"), ("/data/animals/kind", "cow"), ("/data/pen[1]/heads", "4")]);
    clerk.add("/data/pen");
    clerk.answer(&[("/data/pen[2]/heads", "9")]);
    assert_eq!(clerk.question("/data/note").label, "共13头");
    assert!(clerk.filling.record().contains("<total>13</total>"));
    clerk.remove("/data/pen[1]");
    assert_eq!(
        (clerk.question("/data/pen[1]/heads").value.as_str(), clerk.question("/data/note").label.as_str()),
        ("9", "共9头")
    );
    clerk.remove("/data/pen[1]");
    let repeat = |clerk: &Clerk| {
        let parts = clerk.filling.pages.iter().flat_map(|it| &it.parts);
        parts
            .filter_map(|it| {
                if let Part::Repeat(it) = it {
                    Some((it.path.clone(), it.instances, it.is_free))
                } else {
                    None
                }
            })
            .next()
    };
    assert_eq!(repeat(&clerk), Some(("/data/pen".to_owned(), 0, true)));
    clerk.add("/data/pen");
    assert_eq!(clerk.question("/data/pen[1]/heads").value, "");
}

#[test]
fn a_form_may_count_the_instances_itself() {
    let mut clerk = Clerk::new();
    clerk.answer(&[("/data/keeps", "no"), ("/data/field_count", "3")]);
    assert_eq!(clerk.asked()[3..], ["/data/field[1]/area", "/data/field[2]/area", "/data/field[3]/area"]);
    clerk.answer(&[("/data/field[1]/area", "2.5"), ("/data/field_count", "1")]);
    assert_eq!((clerk.asked().len(), clerk.state()), (4, State::Valid));
    // However many somebody asks for, they are bounded, and the rule is told.
    clerk.answer(&[("/data/field_count", "4000000000")]);
    assert!(clerk.asked().len() < 600);
    assert!(clerk.wrong().iter().any(|it| it.0 == "/data/field_count"));
}

#[test]
fn instances_that_the_form_counts_outlast_a_while_in_which_they_are_not_asked() {
    let mut clerk = Clerk::of(PLOTS);
    clerk.answer(&[("/data/has", "yes")]);
    clerk.answer(&[("/data/farm/count", "3")]);
    clerk.answer(&[("/data/farm/plot[3]/area", "2.5")]);
    clerk.answer(&[("/data/has", "no")]);
    assert_eq!(clerk.asked(), ["/data/has", "/data/code"]);
    assert!(!clerk.filling.record().contains("area"));
    clerk.answer(&[("/data/has", "yes")]);
    assert_eq!(clerk.question("/data/farm/plot[3]/area").value, "2.5");
}

#[test]
fn what_a_rule_cannot_tell_is_told_once_and_white_space_of_a_form_stays() {
    let mut clerk = Clerk::of(PLOTS);
    clerk.answer(&[("/data/has", "yes")]);
    assert_eq!(clerk.wrong(), [("/data/code", FindingRule::Unchecked)]);
    let record = Submission::read(clerk.filling.record().as_bytes()).unwrap();
    assert_eq!(record.version, "a\nb\tc");
}

#[test]
fn nobody_adds_more_instances_than_can_be_filled_in() {
    let mut clerk = Clerk::new();
    clerk.answer(&[("/data/keeps", "yes")]);
    let added = vec!["/data/pen".to_owned(); 2 * INSTANCES_MAX];
    clerk.change(&Changes { added, ..Changes::default() });
    clerk.add("/data/pen");
    assert_eq!(clerk.asked().iter().filter(|it| it.ends_with("/heads")).count(), INSTANCES_MAX);
}

#[test]
fn it_is_asked_in_the_language_of_the_person() {
    let mut clerk = Clerk::new();
    assert_eq!(clerk.question("/data/keeps").label, "养不养牲畜？");
    clerk.world.language = "English (en)".into();
    clerk.answer(&[]);
    assert_eq!(clerk.question("/data/keeps").label, "Do you keep animals?");
    assert_eq!(
        clerk.question("/data/note").label,
        "共0头",
        "what is not translated is said in the form's own"
    );
}

#[test]
fn what_the_form_fills_in_is_there_and_an_edit_names_what_it_replaces() {
    let clerk = Clerk::new();
    assert!(clerk.filling.record().contains("<start>2026-11-1"), "{}", clerk.filling.record());
    let edit = Identity { instance_id: "uuid:2 & more", replaces: Some("uuid:1") };
    let none = Attachments::new();
    let filling =
        Filling::change(&clerk.form, &none, &clerk.world, edit, &clerk.xml, &Changes::default()).unwrap();
    let record = Submission::read(filling.record().as_bytes()).unwrap();
    assert_eq!(
        (record.instance_id.as_str(), record.deprecated_id.as_deref()),
        ("uuid:2 & more", Some("uuid:1"))
    );
    assert_eq!((record.form_id.as_str(), record.version.as_str()), ("farm", "3"));
}

proptest! {
    /// Whatever is answered, in whatever order: what is sent is valid exactly if nothing was told to be wrong.
    #[test]
    fn what_is_told_while_filling_in_is_what_is_judged(
        rounds in prop::collection::vec((0_usize..8, "(yes|no|cow|other|[0-9]{1,2}|-[0-9]|[a-z<&\"羊]{0,3})"), 0..24),
    ) {
        const PATHS: [&str; 6] = [
            "/data/keeps", "/data/animals/kind", "/data/animals/other", "/data/pen[1]/heads", "/data/pen[2]/heads", "/data/field_count",
        ];
        let mut clerk = Clerk::new();
        for (what, value) in rounds {
            match what {
                6 => clerk.add("/data/pen"),
                7 => clerk.remove("/data/pen[1]"),
                what => {
                    let answers = BTreeMap::from([(PATHS[what].to_owned(), value)]);
                    clerk.change(&Changes { answers, ..Changes::default() });
                }
            }
        }
        prop_assert_eq!(clerk.wrong().is_empty(), clerk.state() == State::Valid, "{:?}\n{}", clerk.wrong(), clerk.filling.record());
    }
}
