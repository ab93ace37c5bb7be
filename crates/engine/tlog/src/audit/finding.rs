use std::fmt;

use crate::{Checkpoint, CheckpointError, Hash, Resource};

/// A checkpoint that somebody remembers: from an earlier look, a witness, a proof that was handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub checkpoint: Checkpoint,
    /// When it was seen or cosigned, in seconds since 1970.
    pub time: Option<u64>,
}

impl fmt::Display for Known {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the checkpoint of {} entries", self.checkpoint.size)?;
        let time = self.time.and_then(|it| jiff::Timestamp::from_second(i64::try_from(it).ok()?).ok());
        time.map_or(Ok(()), |time| write!(out, " of {time}"))
    }
}

/// Something in a log that is not as its checkpoints say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub fault: Fault,
    pub since: Since,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{0} is missing")]
    Missing(Resource),
    #[error("{resource} is not readable: {reason}")]
    Malformed { resource: Resource, reason: String },
    #[error("checkpoint: {0}")]
    Checkpoint(CheckpointError),
    #[error("entry {index} in {resource} was changed: its hash is {given}, the signed tree has {committed}")]
    Entry { index: u64, resource: Resource, given: Hash, committed: Hash },
    #[error("{resource} was changed: its hash {place} is {given}, the signed tree has {committed}")]
    Tile { resource: Resource, place: u64, given: Hash, committed: Hash },
    #[error("{resource} of an earlier size was changed: {now} does not begin with it")]
    Partial { resource: Resource, now: Resource },
    #[error(
        "entry {index} and its tile contradict each other ({given} and {tile}), and neither leads to the signed root"
    )]
    Contradiction { index: u64, given: Hash, tile: Hash },
    #[error(
        "the root of the {size} entries is {computed}, the checkpoint says {stated}: checkpoint and entries are not of one log"
    )]
    Root { size: u64, computed: Hash, stated: Hash },
    #[error(
        "entries that were signed for were changed: the tree of {size} entries now has the root {computed}, it had {stated}"
    )]
    Rewritten { size: u64, computed: Hash, stated: Hash },
    #[error("the log was rolled back: its checkpoint is of {size} entries, it once had {known}")]
    RolledBack { size: u64, known: u64 },
}

impl Fault {
    /// The file that is at fault.
    pub fn resource(&self) -> Option<Resource> {
        match self {
            Self::Missing(resource)
            | Self::Malformed { resource, .. }
            | Self::Entry { resource, .. }
            | Self::Tile { resource, .. }
            | Self::Partial { resource, .. } => Some(*resource),
            Self::Checkpoint(_) | Self::RolledBack { .. } => Some(Resource::Checkpoint),
            Self::Contradiction { .. } | Self::Root { .. } | Self::Rewritten { .. } => None,
        }
    }
}

/// Between what a fault must have come about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// The last that is known to be free of it.
    pub after: Option<Known>,
    /// The first that is known to show it.
    pub by: Option<Known>,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}; ", self.fault)?;
        match (&self.since.after, &self.since.by) {
            (Some(after), Some(by)) => write!(out, "after {after}, by {by}"),
            (Some(after), None) => write!(out, "after {after}"),
            (None, Some(by)) => write!(out, "by {by}; no earlier one is known"),
            (None, None) => write!(out, "no earlier checkpoint is known to say since when"),
        }
    }
}
