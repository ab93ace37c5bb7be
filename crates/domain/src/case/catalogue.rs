//! What a case can be about: two levels, with the limit for handling. Data, with a version.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::procedure::Label;
use crate::calendar::{Limit, LimitKind};

#[derive(Debug)]
pub struct Catalogue {
    pub version: i64,
    pub classes: Vec<MajorClass>,
}

#[derive(Debug)]
pub struct MajorClass {
    pub code: String,
    pub label: Label,
    pub minors: Vec<MinorClass>,
}

#[derive(Debug)]
pub struct MinorClass {
    pub code: String,
    pub label: Label,
    pub limit: Limit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    version: i64,
    class: Vec<MajorFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MajorFile {
    code: String,
    label: Label,
    minor: Vec<MinorFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MinorFile {
    code: String,
    label: Label,
    limit: LimitFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitFile {
    kind: String,
    amount: i64,
}

impl Catalogue {
    /// Reads the TOML of `data/classes.toml`. A limit that cannot be read is refused, never guessed.
    pub fn load(text: &str) -> Result<Self, String> {
        let file: CatalogueFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut seen = BTreeSet::new();
        let mut minor = |it: MinorFile| {
            let limit = LimitKind::parse(&it.limit.kind).and_then(|kind| Limit::new(kind, it.limit.amount));
            let limit = limit.ok_or_else(|| format!("class {}: its limit is not one", it.code))?;
            if !seen.insert(it.code.clone()) {
                return Err(format!("class {} stands there twice", it.code));
            }
            Ok(MinorClass { code: it.code, label: it.label, limit })
        };
        let mut major = |it: MajorFile| {
            let minors = it.minor.into_iter().map(&mut minor).collect::<Result<_, String>>()?;
            Ok::<_, String>(MajorClass { code: it.code, label: it.label, minors })
        };
        let classes = file.class.into_iter().map(&mut major).collect::<Result<_, _>>()?;
        Ok(Self { version: file.version, classes })
    }

    pub fn major_of(&self, minor: &str) -> Option<&MajorClass> {
        self.classes.iter().find(|major| major.minors.iter().any(|it| it.code == minor))
    }

    pub fn get(&self, code: &str) -> Option<&MinorClass> {
        self.classes.iter().flat_map(|major| &major.minors).find(|minor| minor.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_catalogue_is_sound_and_a_bad_limit_is_refused() {
        let text = include_str!("../../../../data/classes.toml");
        let catalogue = Catalogue::load(text).unwrap();
        assert_eq!(
            catalogue.get("c1-street-lamp").unwrap().limit,
            Limit::new(LimitKind::WorkDays, 3).unwrap()
        );
        let fault = Catalogue::load(&text.replacen("\"work_days\"", "\"soon\"", 1)).unwrap_err();
        assert!(fault.contains("c1-street-lamp"), "{fault}");
    }
}
