//! What the city holds against what was tried and what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::{
    client::{Client, Report},
    ledger::Ledger,
};

/// Ids that are not as promised: acknowledged ⊆ present ⊆ attempted, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Acknowledged or there before, and gone.
    pub lost: BTreeSet<String>,
    /// There, and never sent; or there with other words than were sent.
    pub invented: BTreeSet<String>,
    /// There more than once.
    pub twice: BTreeSet<String>,
}

impl Findings {
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    pub fn add(&mut self, other: Self) {
        self.lost.extend(other.lost);
        self.invented.extend(other.invented);
        self.twice.extend(other.twice);
    }

    /// A few ids of each kind, for the person who has to look.
    pub fn examples(&self) -> String {
        let some = |ids: &BTreeSet<String>| ids.iter().take(3).cloned().collect::<Vec<_>>().join(" ");
        format!(
            "lost: {}; invented: {}; twice: {}",
            some(&self.lost),
            some(&self.invented),
            some(&self.twice)
        )
    }
}

/// Places by case id, as the server lists them to the one who reported them all.
pub type Cases = BTreeMap<String, Vec<String>>;

/// Asks the server for every case of the caller. `before` are those from before the run.
pub fn audit(client: &Client, ledger: &Ledger, before: &Cases) -> Result<Findings> {
    Ok(compare(&client.cases()?, before, &ledger.attempted()?, &ledger.acknowledged()?))
}

fn compare(
    present: &Cases,
    before: &Cases,
    attempted: &BTreeSet<String>,
    acknowledged: &BTreeSet<String>,
) -> Findings {
    let mut findings = Findings::default();
    let owed = acknowledged.iter().chain(before.keys());
    findings.lost.extend(owed.filter(|id| !present.contains_key(*id)).cloned());
    let mut seen = BTreeSet::new();
    for (id, places) in present {
        let as_sent = match before.get(id) {
            Some(known) => known.first() == places.first(),
            None => attempted.contains(id) && places.first() == Some(&Report::new(id.clone()).place),
        };
        if !as_sent {
            findings.invented.insert(id.clone());
        }
        // The place names the attempt: two cases with one place are one attempt taken twice.
        let again = !before.contains_key(id) && !places.first().is_none_or(|place| seen.insert(place));
        if places.len() > 1 || again {
            findings.twice.insert(id.clone());
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(ids: &[&str]) -> Cases {
        ids.iter().map(|id| ((*id).to_owned(), vec![Report::new((*id).to_owned()).place])).collect()
    }

    fn ids(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn what_is_owed_and_what_was_asked_is_clean_also_when_an_answer_got_lost() {
        let present = cases(&["old", "a", "b", "unanswered"]);
        let findings =
            compare(&present, &cases(&["old"]), &ids(&["a", "b", "unanswered", "c"]), &ids(&["a", "b"]));
        assert!(findings.is_clean(), "{findings:?}");
    }

    #[test]
    fn each_kind_of_wrong_is_found() {
        let mut present = cases(&["a", "b", "stranger"]);
        present.get_mut("a").unwrap().push("lamp post a".into());
        present.get_mut("b").unwrap()[0] = "half a sent".into();
        let findings = compare(&present, &cases(&["old"]), &ids(&["a", "b", "c"]), &ids(&["a", "c"]));
        assert_eq!(findings.lost, ids(&["c", "old"]));
        assert_eq!(findings.invented, ids(&["b", "stranger"]));
        assert_eq!(findings.twice, ids(&["a"]));

        let mut present = cases(&["a", "b"]);
        present.get_mut("b").unwrap()[0] = "lamp post a".into();
        assert_eq!(compare(&present, &Cases::new(), &ids(&["a", "b"]), &ids(&[])).twice, ids(&["b"]));
    }
}
