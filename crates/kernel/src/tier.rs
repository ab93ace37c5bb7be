use serde::Serialize;

/// The tiers of the tree. Province stands above the city only in nationwide lists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    Province = 0,
    City = 1,
    County = 2,
    Township = 3,
    Community = 4,
    Grid = 5,
    Group = 6,
}

impl Tier {
    pub const ALL: [Tier; 7] =
        [Tier::Province, Tier::City, Tier::County, Tier::Township, Tier::Community, Tier::Grid, Tier::Group];

    /// The tier that a statistical division code of this length stands for; a grid's code is its
    /// community's with two or three digits of order.
    pub fn of_code(code: &str) -> Option<Tier> {
        if !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(match code.len() {
            2 => Tier::Province,
            4 => Tier::City,
            6 => Tier::County,
            9 => Tier::Township,
            12 => Tier::Community,
            14 | 15 => Tier::Grid,
            17 | 18 => Tier::Group,
            _ => return None,
        })
    }

    pub fn number(self) -> i64 {
        self as i64
    }

    pub fn from_number(number: i64) -> Option<Tier> {
        Self::ALL.into_iter().find(|tier| tier.number() == number)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Province => "province",
            Tier::City => "city",
            Tier::County => "county",
            Tier::Township => "township",
            Tier::Community => "community",
            Tier::Grid => "grid",
            Tier::Group => "group",
        }
    }

    pub fn parse(text: &str) -> Option<Tier> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == text)
    }

    /// The tier right above.
    pub fn above(self) -> Option<Tier> {
        Self::from_number(self.number() - 1)
    }
}
