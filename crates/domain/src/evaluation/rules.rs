//! What a city decides about its evaluation, as data: grounds for leaving a case out, and the times of an appeal.

use serde::Deserialize;

use crate::{
    calendar::{Limit, LimitKind},
    case::{Ground, Label},
};

/// Read from `evaluation.toml`.
#[derive(Debug)]
pub struct Rules {
    /// For which a case may be left out.
    pub grounds: Vec<Ground>,
    /// How long after its closing a body may appeal.
    pub appeal: Limit,
    /// How long each reviewer has.
    pub review: Limit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    ground: Vec<GroundFile>,
    appeal: LimitFile,
    review: LimitFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroundFile {
    id: String,
    label: Label,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitFile {
    kind: String,
    amount: i64,
}

impl Rules {
    /// Reads the TOML of `data/evaluation.toml`. The error says what is wrong.
    pub fn load(text: &str) -> Result<Self, String> {
        let file: RulesFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let limit = |name: &str, it: &LimitFile| {
            let limit = LimitKind::parse(&it.kind).and_then(|kind| Limit::new(kind, it.amount));
            limit.ok_or_else(|| {
                format!(
                    "{name} is a kind such as \"work_days\" with an amount of 1 or more, not {:?} {}",
                    it.kind, it.amount
                )
            })
        };
        if file.ground.is_empty() {
            return Err("there is no [[ground]]: without one no case could be left out".into());
        }
        for (index, ground) in file.ground.iter().enumerate() {
            let is_word = !ground.id.is_empty()
                && ground.id.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
            if !is_word || file.ground[..index].iter().any(|it| it.id == ground.id) {
                return Err(format!("the ground {:?} needs an id of its own, of a-z, 0-9 and -", ground.id));
            }
        }
        let ground = |it: GroundFile| Ground { id: it.id, label: it.label, means: None };
        Ok(Self {
            appeal: limit("appeal", &file.appeal)?,
            review: limit("review", &file.review)?,
            grounds: file.ground.into_iter().map(ground).collect(),
        })
    }

    pub fn ground(&self, id: &str) -> Option<&Ground> {
        self.grounds.iter().find(|it| it.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../../data/evaluation.toml");

    #[test]
    fn the_rules_that_ship_are_sound_and_others_are_told_what_is_wrong() {
        assert!(Rules::load(FILE).unwrap().ground("out-of-power").is_some());
        for (from, to, reason) in [
            ("out-of-power", "unreasonable", "id of its own"),
            ("\"work_days\"", "\"weeks\"", "appeal is a kind"),
            ("amount = 5", "amount = 0", "appeal is a kind"),
            ("[appeal]", "[apeal]", "apeal"),
        ] {
            let text = FILE.replacen(from, to, 1);
            assert_ne!(text, FILE);
            let told = Rules::load(&text).unwrap_err();
            assert!(told.contains(reason), "{told}");
        }
    }
}
