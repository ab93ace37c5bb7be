//! The lists that the demo invents from, and the names, addresses and telephones made of them.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::chance::Chance;

/// `data/demo/names.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameFile {
    surnames: String,
    given: String,
    mongolian: Vec<String>,
    streets: Vec<String>,
    compounds: Vec<String>,
    village_first: Vec<String>,
    village_second: Vec<String>,
    firms: Vec<String>,
    sites: Vec<String>,
    words: Vec<String>,
}

/// `data/demo/departments.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DepartmentFile {
    department: Vec<Department>,
}

/// A body that each county has, and what it handles.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub name: String,
    pub kind: String,
    pub classes: Vec<String>,
}

/// `data/demo/stories.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoryFile {
    story: Vec<Story>,
    notes: HashMap<String, Vec<String>>,
    supervision: HashMap<String, Vec<String>>,
}

/// What people report about one class.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    pub class: String,
    pub scene: super::picture::Scene,
    pub places: Vec<String>,
    pub texts: Vec<String>,
}

pub struct Words {
    surnames: Vec<char>,
    given: Vec<char>,
    mongolian: Vec<String>,
    pub streets: Vec<String>,
    pub compounds: Vec<String>,
    village_first: Vec<String>,
    village_second: Vec<String>,
    pub firms: Vec<String>,
    pub sites: Vec<String>,
    words: Vec<String>,
    pub departments: Vec<Department>,
    pub stories: Vec<Story>,
    notes: HashMap<String, Vec<String>>,
    supervision: HashMap<String, Vec<String>>,
}

impl Words {
    pub fn read() -> Result<Self> {
        let names: NameFile = toml::from_str(include_str!("../../../../data/demo/names.toml"))
            .context("data/demo/names.toml")?;
        let departments: DepartmentFile =
            toml::from_str(include_str!("../../../../data/demo/departments.toml"))
                .context("data/demo/departments.toml")?;
        let stories: StoryFile = toml::from_str(include_str!("../../../../data/demo/stories.toml"))
            .context("data/demo/stories.toml")?;
        Ok(Self {
            surnames: names.surnames.chars().collect(),
            given: names.given.chars().collect(),
            mongolian: names.mongolian,
            streets: names.streets,
            compounds: names.compounds,
            village_first: names.village_first,
            village_second: names.village_second,
            firms: names.firms,
            sites: names.sites,
            words: names.words,
            departments: departments.department,
            stories: stories.story,
            notes: stories.notes,
            supervision: stories.supervision,
        })
    }

    pub fn surname(&self, chance: &mut Chance) -> char {
        *chance.pick_common(&self.surnames)
    }

    /// A name of a family of this surname: one or two characters follow it.
    pub fn name(&self, surname: char, chance: &mut Chance) -> String {
        let mut name = String::from(surname);
        for _ in 0..1 + usize::from(chance.happens(0.7)) {
            name.push(*chance.pick(&self.given));
        }
        name
    }

    /// A Mongolian name, which has no surname.
    pub fn mongolian_name(&self, chance: &mut Chance) -> String {
        chance.pick(&self.mongolian).clone()
    }

    pub fn any_name(&self, chance: &mut Chance) -> String {
        if chance.happens(0.06) {
            return self.mongolian_name(chance);
        }
        let surname = self.surname(chance);
        self.name(surname, chance)
    }

    /// The `index`th of the names of natural villages, each different up to their number.
    pub fn village(&self, index: usize) -> String {
        let count = self.village_first.len() * self.village_second.len();
        let index = index % count;
        format!(
            "{}{}",
            self.village_first[index % self.village_first.len()],
            self.village_second[index / self.village_first.len()]
        )
    }

    pub fn villages(&self) -> usize {
        self.village_first.len() * self.village_second.len()
    }

    /// Three words and four digits.
    pub fn password(&self, seed: u64) -> String {
        let chance = &mut Chance::new(seed, "password");
        let words: Vec<&str> = (0..3).map(|_| chance.pick(&self.words).as_str()).collect();
        format!("{}-{}", words.join("-"), 1_000 + chance.below(9_000))
    }

    pub fn note(&self, transition: &str, chance: &mut Chance) -> String {
        self.notes.get(transition).map(|notes| chance.pick(notes).clone()).unwrap_or_default()
    }

    /// What is written in an order of supervision and about it.
    pub fn of_supervision(&self, word: &str, chance: &mut Chance) -> String {
        self.supervision.get(word).map(|texts| chance.pick(texts).clone()).unwrap_or_default()
    }

    /// The name of the body of each class.
    pub fn department_of_class(&self) -> BTreeMap<&str, &str> {
        let classes =
            self.departments.iter().flat_map(|it| it.classes.iter().map(move |class| (class, &it.name)));
        classes.map(|(class, name)| (class.as_str(), name.as_str())).collect()
    }
}

/// A number that nobody has: the area code and a subscriber's number that begins with 0, the trunk
/// prefix, with which the national numbering plan lets none begin.
pub fn phone(chance: &mut Chance) -> String {
    format!("04740{:06}", chance.below(1_000_000))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_class_has_one_body_and_a_story_and_every_step_its_words() {
        let words = Words::read().unwrap();
        let classes = domain::case::Catalogue::load(include_str!("../../../../data/classes.toml")).unwrap();
        let classes: BTreeSet<_> =
            classes.classes.iter().flat_map(|it| &it.minors).map(|it| it.code.as_str()).collect();
        let handled: Vec<_> =
            words.departments.iter().flat_map(|it| &it.classes).map(String::as_str).collect();
        assert_eq!(handled.len(), classes.len(), "no class has two bodies");
        assert_eq!(handled.into_iter().collect::<BTreeSet<_>>(), classes);
        assert_eq!(words.stories.iter().map(|it| it.class.as_str()).collect::<BTreeSet<_>>(), classes);
        let procedures: Vec<&str> = crate::data::PROCEDURES.iter().map(|(_, text)| *text).collect();
        for transition in words.notes.keys() {
            let is_one = procedures.iter().any(|it| it.contains(&format!("id = \"{transition}\"")));
            assert!(is_one || transition == domain::case::MERGE, "{transition} is no transition");
        }
    }

    #[test]
    fn a_telephone_of_the_demo_reaches_nobody() {
        let chance = &mut Chance::new(1, "telephones");
        assert!((0..1_000).map(|_| phone(chance)).all(|it| it.len() == 11 && it.starts_with("04740")));
    }
}
