//! Reads when who is told of a stage's time.

use kernel::Role;
use policy::Relation;
use toml::Spanned;

use super::{
    super::{
        fault::instead,
        file::{AlarmFile, StageFile},
        procedure::Alarm,
    },
    Reader,
};
use crate::calendar::WHOLE;

/// Hundredths of a stage's time at which somebody can be told.
const PERCENT_MIN: i64 = 1;
const PERCENT_MAX: i64 = 1_000;
/// Alarms of one stage, `escalate` included.
const ALARMS_MAX: usize = 10;

impl Reader<'_> {
    /// In the order of their parts. `escalate` is the short form of the one at the end.
    pub(super) fn alarms(&mut self, file: &StageFile) -> Vec<Alarm> {
        let mut alarms: Vec<Alarm> = Vec::new();
        if !file.escalate.is_empty() {
            let relation = Relation::Area;
            alarms.push(Alarm { percent: WHOLE, roles: self.told(&file.escalate, relation), relation });
        }
        for it in &file.alarm {
            let Some(alarm) = self.alarm(it) else { continue };
            if alarms.iter().any(|other| (other.percent, other.relation) == (alarm.percent, alarm.relation)) {
                let help = "name all who are told then in one: roles = [\"leader\", \"commander\"] (escalate is the alarm at 1.0)";
                self.list.error(it.at.span(), "another alarm of this stage comes at the same time", help);
            }
            alarms.push(alarm);
        }
        if alarms.len() > ALARMS_MAX {
            let reason = format!("a stage has at most {ALARMS_MAX} alarms");
            self.list.error(
                file.id.span(),
                reason,
                "who is told all the time stops listening: keep those that matter",
            );
        }
        if let (true, Some(it)) = (file.end.is_some(), file.alarm.first()) {
            let help = "nothing is waited for there: take its alarms out";
            self.list.error(it.at.span(), "an end has no alarms", help);
        }
        alarms.sort_by_key(|it| it.percent);
        alarms
    }

    fn alarm(&mut self, file: &AlarmFile) -> Option<Alarm> {
        let relation = match file.relation.as_ref().map(|it| it.get_ref().as_str()) {
            None | Some("area") => Relation::Area,
            Some("owner") => Relation::Owner,
            Some(other) => {
                let help = instead(other, &["area", "owner"]);
                let at = file.relation.as_ref().map_or(0..0, Spanned::span);
                self.list.error(
                    at,
                    "an alarm goes to offices above the case, or to the body that has it",
                    help,
                );
                Relation::Area
            }
        };
        if file.roles.is_empty() {
            let help = "name posts: roles = [\"leader\"]";
            self.list.error(file.at.span(), "nobody is told by this alarm", help);
        }
        let roles = self.told(&file.roles, relation);
        self.percent(&file.at).map(|percent| Alarm { percent, roles, relation })
    }

    fn percent(&mut self, at: &Spanned<f64>) -> Option<i64> {
        let hundredths = at.get_ref() * WHOLE as f64;
        let percent = hundredths.round();
        let is_whole = (hundredths - percent).abs() < 1e-6;
        if !is_whole || !(PERCENT_MIN as f64..=PERCENT_MAX as f64).contains(&percent) {
            let reason =
                format!("an alarm comes at a part of the stage's time, 0.01 to {}", PERCENT_MAX / WHOLE);
            let help = "0.5 when half of it has run, 1.0 at its end, 2.0 when it is over for as long again; in whole hundredths";
            self.list.error(at.span(), reason, help);
            return None;
        }
        Some(percent as i64)
    }

    /// Only posts are told, and of the body that has the case its handlers.
    fn told(&mut self, names: &[Spanned<String>], relation: Relation) -> Vec<Role> {
        for name in names {
            let (reason, help) = match (Role::parse(name.get_ref()), relation) {
                (Some(Role::Anonymous | Role::Resident), _) => (
                    "an alarm goes to posts",
                    "the reporter reads in the timeline how long it takes: name a post, such as \"leader\"",
                ),
                (Some(role), Relation::Owner) if role != Role::Handler => (
                    "of the body that has the case its handlers are told",
                    "roles = [\"handler\"], or relation = \"area\" for the offices above the case",
                ),
                _ => continue,
            };
            self.list.error(name.span(), reason, help);
        }
        self.roles(names)
    }
}
