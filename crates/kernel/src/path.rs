use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::limits;

/// Where an area stands in the tree: the codes from the root down, each followed by `/`,
/// as in `1509/150902/150902001/`. A subtree is one range of text, which any index can read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AreaPath(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an area path is codes of ASCII letters and digits, each followed by '/', at most {max} bytes", max = limits::AREA_PATH_BYTES_MAX)]
pub struct PathError;

impl AreaPath {
    /// The path of a root area.
    pub fn root(code: &str) -> Result<Self, PathError> {
        format!("{code}/").parse()
    }

    pub fn child(&self, code: &str) -> Result<Self, PathError> {
        format!("{}{code}/", self.0).parse()
    }

    pub fn parent(&self) -> Option<Self> {
        let end = self.0[..self.0.len() - 1].rfind('/')?;
        Some(Self(self.0[..=end].to_owned()))
    }

    /// From the root down to this area itself.
    pub fn ancestors(&self) -> impl Iterator<Item = AreaPath> + '_ {
        self.0.match_indices('/').map(|(end, _)| Self(self.0[..=end].to_owned()))
    }

    pub fn codes(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split_terminator('/')
    }

    /// The area's own code.
    pub fn code(&self) -> &str {
        self.codes().next_back().unwrap_or_default()
    }

    /// Whether this area is `other` or stands below it.
    pub fn is_within(&self, other: &AreaPath) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Of these, those that stand below no other, in their order.
    pub fn topmost(paths: BTreeSet<Self>) -> Vec<Self> {
        let mut out: Vec<Self> = Vec::new();
        for path in paths {
            if !out.last().is_some_and(|last| path.is_within(last)) {
                out.push(path);
            }
        }
        out
    }

    /// Inclusive lower bound of the subtree's paths.
    pub fn low(&self) -> &str {
        &self.0
    }

    /// Exclusive upper bound of the subtree's paths: `0` is the character after `/`.
    pub fn high(&self) -> String {
        format!("{}0", &self.0[..self.0.len() - 1])
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AreaPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let body = text.strip_suffix('/').ok_or(PathError)?;
        let sound = text.len() <= limits::AREA_PATH_BYTES_MAX
            && body
                .split('/')
                .all(|code| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if sound { Ok(Self(text.to_owned())) } else { Err(PathError) }
    }
}

impl fmt::Display for AreaPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subtree_is_a_range_that_holds_its_descendants_and_nothing_else() {
        let township: AreaPath = "1509/150902/150902001/".parse().unwrap();
        let inside = township.child("150902001003").unwrap();
        let sibling: AreaPath = "1509/150902/1509020010/".parse().unwrap();
        let holds =
            |path: &AreaPath| path.as_str() >= township.low() && path.as_str() < township.high().as_str();
        assert!(holds(&township) && holds(&inside) && inside.is_within(&township));
        assert!(!holds(&sibling) && !sibling.is_within(&township));
        assert!(!holds(&township.parent().unwrap()));
        assert_eq!(inside.ancestors().count(), 4);
        assert_eq!(inside.code(), "150902001003");
    }

    #[test]
    fn what_is_not_a_path_is_refused() {
        for text in ["", "/", "1509", "1509//", "15 09/", "../", &"1/".repeat(200)] {
            assert_eq!(text.parse::<AreaPath>(), Err(PathError), "{text}");
        }
    }
}
