//! What a log says of those that it succeeds, held against its own tree and against what is remembered of them.

use std::collections::BTreeMap;

use domain::journal;
use parking_lot::Mutex;
use tlog::{
    Checkpoint, Fault, Known, Note, Policy, ProveError, Resource, Source, TILE_WIDTH, Tiles, TilesError,
    read_bundle,
};

use super::Report;

/// A source in which successions are noticed as its entries go by.
pub struct Watched<'a, S> {
    source: &'a S,
    found: Mutex<BTreeMap<u64, Note>>,
}

/// The last checkpoints of former logs by the places at which the log goes on behind them.
pub struct Successions(Vec<Former>);

struct Former {
    index: u64,
    note: Note,
    checkpoint: Checkpoint,
}

impl<'a, S> Watched<'a, S> {
    pub fn new(source: &'a S) -> Self {
        Self { source, found: Mutex::default() }
    }

    pub fn successions(self) -> Successions {
        let former = |(index, note): (u64, Note)| {
            let checkpoint = note.text().parse().ok()?;
            Some(Former { index, note, checkpoint })
        };
        Successions(self.found.into_inner().into_iter().filter_map(former).collect())
    }
}

impl<S: Source> Source for Watched<'_, S> {
    type Error = S::Error;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, S::Error> {
        let found = self.source.get(resource)?;
        if let (Resource::Entries { index, width }, Some(bytes)) = (resource, &found)
            && let Ok(entries) = read_bundle(bytes, width)
        {
            for (place, entry) in (index.saturating_mul(TILE_WIDTH as u64)..).zip(entries) {
                if let Some(former) = journal::succession_note(entry) {
                    self.found.lock().insert(place, former);
                }
            }
        }
        Ok(found)
    }

    fn keeps_partial_files(&self) -> bool {
        self.source.keeps_partial_files()
    }
}

/// Whether the tree begins with what a checkpoint says; a finding if not. What cannot be read has its finding already.
fn is_begun_by<S: Source>(
    tiles: &Tiles<S>,
    it: &Checkpoint,
    by: &str,
    report: &mut Report,
) -> anyhow::Result<bool>
where
    S::Error: Send + Sync + 'static,
{
    let (size, stated) = (it.size, it.root);
    match tlog::root(tiles, size) {
        Ok(computed) if computed == stated => return Ok(true),
        Ok(computed) => {
            report.faults.push(format!("{}; by {by}", Fault::Rewritten { size, computed, stated }))
        }
        Err(ProveError::Nodes(TilesError::Source { error, .. })) => return Err(error.into()),
        Err(error) => {
            report.faults.push(format!("the tree of {size} entries cannot be held against {by}: {error}"));
        }
    }
    Ok(false)
}

impl Successions {
    /// What each former log signed last is what this one goes on behind, as far as it is left.
    pub fn check<S: Source>(
        &self,
        tiles: &Tiles<S>,
        policy: &Policy,
        report: &mut Report,
    ) -> anyhow::Result<()>
    where
        S::Error: Send + Sync + 'static,
    {
        for Former { index, note, checkpoint } in &self.0 {
            let Checkpoint { origin, size, root, .. } = checkpoint;
            match policy.logs().iter().find(|it| it.origin == *origin) {
                Some(log) => {
                    if let Err(error) = log.open(note.to_string().as_bytes()) {
                        report
                            .faults
                            .push(format!("entry {index} names what {origin} is said to have signed last: {error}"));
                    }
                }
                None => report.lines.push(format!(
                    "note  the policy names no key of {origin}: whether it signed what entry {index} says of it was not checked"
                )),
            }
            let by = format!("what {origin} signed last, in entry {index}");
            let is_left = *size > *index || is_begun_by(tiles, checkpoint, &by, report)?;
            let lost = match is_left {
                true => format!("{} of them were lost", size.saturating_sub(*index)),
                false => "others stand in their place".to_owned(),
            };
            report.lines.push(format!(
                "note  entry {index} says that this log succeeds {origin}, which was signed for {size} entries (root {root}): {lost}"
            ));
        }
        Ok(())
    }

    /// Holds what is remembered of former logs against what this one says of them, and against its tree. Of `chain`, each
    /// was found to begin with the one before it when it was remembered: the largest stands for the others.
    pub fn compare<S: Source>(
        &self,
        tiles: &Tiles<S>,
        remembered: impl Iterator<Item = Known>,
        is_chain: bool,
        report: &mut Report,
    ) -> anyhow::Result<()>
    where
        S::Error: Send + Sync + 'static,
    {
        let mut by_origin: BTreeMap<String, Vec<Known>> = BTreeMap::new();
        for it in remembered {
            by_origin.entry(it.checkpoint.origin.clone()).or_default().push(it);
        }
        for (origin, mut all) in by_origin {
            all.sort_by_key(|it| std::cmp::Reverse(it.checkpoint.size));
            let said = self.0.iter().rfind(|it| it.checkpoint.origin == origin);
            // A log that is not named was given up for one from before it: all go on behind the first.
            let left = said.or(self.0.first()).map_or(0, |it| it.index);
            let mut is_lost_told = false;
            for it in all {
                let size = it.checkpoint.size;
                if let Some(fault) = said.and_then(|said| contradiction(said, &it)) {
                    report.faults.push(fault);
                } else if size <= left {
                    let is_good = is_begun_by(tiles, &it.checkpoint, &format!("{it} of {origin}"), report)?;
                    if is_good && is_chain {
                        break;
                    }
                } else if said.is_none() {
                    report.faults.push(format!(
                        "{it} of {origin} is known, and no entry says what became of that log after its entry {left}"
                    ));
                } else if !is_lost_told {
                    is_lost_told = true;
                    let lost = size - left;
                    report.lines.push(format!(
                        "note  of {it} of {origin}, the last {lost} entries were lost, as the log says"
                    ));
                }
            }
        }
        Ok(())
    }
}

/// A log is said to have ended with less than is known of it, or with something else.
fn contradiction(said: &Former, known: &Known) -> Option<String> {
    let Former { index, checkpoint, .. } = said;
    let is_other = known.checkpoint.size == checkpoint.size && known.checkpoint.root != checkpoint.root;
    (known.checkpoint.size > checkpoint.size || is_other).then(|| {
        format!(
            "entry {index} says that {} was signed for {} entries (root {}) at last; that is contradicted by {known}, with the \
             root {}",
            checkpoint.origin, checkpoint.size, checkpoint.root, known.checkpoint.root
        )
    })
}
