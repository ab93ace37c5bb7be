//! The levels of supervision that a city knows. Data, with a version.

use std::collections::BTreeSet;

use kernel::Tier;
use serde::Deserialize;

use crate::{
    calendar::{Limit, LimitKind},
    case::Label,
};

#[derive(Debug)]
pub struct Levels {
    pub version: i64,
    /// The mildest first.
    pub levels: Vec<Level>,
}

#[derive(Debug)]
pub struct Level {
    pub id: String,
    pub label: Label,
    /// Time to reply, from the order on.
    pub within: Limit,
    /// The lowest tier whose offices may order it.
    pub tier: Tier,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelsFile {
    version: i64,
    level: Vec<LevelFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelFile {
    id: String,
    label: Label,
    within: LimitFile,
    tier: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitFile {
    kind: String,
    amount: i64,
}

impl Levels {
    /// Reads the TOML of `data/supervision.toml`. A level that cannot be read is refused, never guessed.
    pub fn load(text: &str) -> Result<Self, String> {
        let file: LevelsFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut seen = BTreeSet::new();
        let mut level = |it: LevelFile| {
            let within =
                LimitKind::parse(&it.within.kind).and_then(|kind| Limit::new(kind, it.within.amount));
            let within = within.ok_or_else(|| format!("level {}: its time to reply is no limit", it.id))?;
            let tier = tier(&it.tier).ok_or_else(|| {
                format!("level {}: there is no tier {:?}; write city, county or township", it.id, it.tier)
            })?;
            if !seen.insert(it.id.clone()) {
                return Err(format!("level {} stands there twice", it.id));
            }
            Ok(Level { id: it.id, label: it.label, within, tier })
        };
        let levels = file.level.into_iter().map(&mut level).collect::<Result<Vec<_>, String>>()?;
        if levels.is_empty() {
            return Err("there is no level: add a [[level]]".into());
        }
        Ok(Self { version: file.version, levels })
    }

    pub fn get(&self, id: &str) -> Option<&Level> {
        self.levels.iter().find(|it| it.id == id)
    }
}

fn tier(word: &str) -> Option<Tier> {
    match word {
        "city" => Some(Tier::City),
        "county" => Some(Tier::County),
        "township" => Some(Tier::Township),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_levels_are_sound_and_a_bad_one_is_refused() {
        let text = include_str!("../../../../data/supervision.toml");
        let levels = Levels::load(text).unwrap();
        assert_eq!(levels.get("general").unwrap().tier, Tier::Township);
        assert_eq!(levels.get("listed").unwrap().tier, Tier::County);
        for (from, to, told) in [
            ("kind = \"work_days\"", "kind = \"soon\"", "level general"),
            ("tier = \"township\"", "tier = \"village\"", "no tier \"village\""),
            ("id = \"key\"", "id = \"general\"", "twice"),
        ] {
            let fault = Levels::load(&text.replacen(from, to, 1)).unwrap_err();
            assert!(fault.contains(told), "{fault}");
        }
        assert!(Levels::load("version = 1\nlevel = []").is_err());
    }
}
