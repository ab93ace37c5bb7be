//! Reads what relief a stage may be given on request.

use std::collections::BTreeMap;

use policy::{Advance, Party, Relation};
use toml::Spanned;

use super::{
    super::{
        fault::instead,
        file::{ReliefFile, StageFile, TakerFile},
        procedure::{Ground, Relief, ReliefKind},
    },
    Reader,
};

/// Days that a pause may last, and extensions that a case may be granted, whatever a procedure says.
const PAUSE_DAYS_MAX: i64 = 365;
const EXTENSIONS_MAX: i64 = 2;

impl Reader<'_> {
    pub(super) fn reliefs(
        &mut self,
        file: &StageFile,
        grounds: &BTreeMap<String, Vec<Ground>>,
    ) -> Vec<Relief> {
        let written = [(ReliefKind::Pause, &file.pause), (ReliefKind::Extension, &file.extension)];
        let mut reliefs = Vec::new();
        for (kind, relief) in written {
            let Some(relief) = relief else { continue };
            if file.end.is_some() {
                let help = "nothing is waited for there: take it out";
                self.list.error(relief.span(), format!("an end has no {}", kind.as_str()), help);
            }
            reliefs.push(self.relief(kind, relief.get_ref(), grounds));
        }
        reliefs
    }

    fn relief(
        &mut self,
        kind: ReliefKind,
        file: &ReliefFile,
        grounds: &BTreeMap<String, Vec<Ground>>,
    ) -> Relief {
        let list = &file.ground;
        if !grounds.contains_key(list.get_ref()) {
            let known: Vec<&str> = grounds.keys().map(String::as_str).collect();
            let reason = format!("there is no list [[grounds.{}]]", list.get_ref());
            self.list.error(list.span(), reason, instead(list.get_ref(), &known));
        }
        let most = match kind {
            ReliefKind::Pause => {
                self.within(file.days.as_ref(), PAUSE_DAYS_MAX, "a pause lasts 1 to", "days")
            }
            ReliefKind::Extension => {
                self.within(file.at_most.as_ref(), EXTENSIONS_MAX, "a case is granted 1 to", "extensions")
            }
        };
        let ask = self.taker(&file.ask, Vec::new());
        let decide = self.taker(&file.decide, vec![Party::Handler]);
        if !matches!(ask.relation, Relation::Owner | Relation::Area) {
            let help = "relation = \"owner\" for the body that has the case";
            self.list.error(file.ask.relation.span(), "only posts ask for more time", help);
        }
        if decide.relation != Relation::Area {
            let help =
                "whoever asks never decides: decide = { roles = [\"dispatcher\"], relation = \"area\" }";
            self.list.error(file.decide.relation.span(), "an office above the case decides", help);
        }
        Relief { kind, ground: list.get_ref().clone(), most, ask, decide }
    }

    fn within(&mut self, number: Option<&Spanned<i64>>, max: i64, what: &str, unit: &str) -> i64 {
        let Some(number) = number else { return 1 };
        if !(1..=max).contains(number.get_ref()) {
            let help = "time that can be moved without end is no deadline";
            self.list.error(number.span(), format!("{what} {max} {unit}"), help);
        }
        *number.get_ref()
    }

    fn taker(&mut self, file: &TakerFile, except: Vec<Party>) -> Advance {
        if file.roles.is_empty() {
            self.list.error(
                file.relation.span(),
                "nobody may do this",
                "name posts: roles = [\"dispatcher\"]",
            );
        }
        let (roles, relation) = (self.roles(&file.roles), self.relation(&file.relation));
        let (closes, checks, evaluates, above_sender) = (false, false, false, false);
        Advance { roles, relation, except, closes, checks, evaluates, above_sender }
    }
}
