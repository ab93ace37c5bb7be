use kernel::{Area, AreaPath, Checkpoint as CheckpointName, CheckpointDevice, Id, Organization, Timestamp};
use pass_format::Refusal as PassRefusal;
use uuid::Uuid;

/// Days that a checkpoint may stand: as long as a regime at most.
pub const DAYS_MAX: i64 = 90;
/// Devices of a checkpoint at once.
pub const DEVICES_MAX: usize = 50;
/// Devices of a checkpoint in all its time, those with them whose links were taken away.
pub const DEVICES_EVER_MAX: usize = 1_000;
/// Lines of a batch: two weeks of one device, of every outcome in some hour.
pub const COUNTS_MAX: usize = 1_000;
/// Batches in an hour of the clock by one device: it sends one an hour, and some more when it comes back to a network.
pub const BATCHES_MAX: i64 = 120;
/// Looks in an hour by one device: five a second.
pub const LOOKS_MAX: i64 = 18_000;
/// Days after which an hour is counted as the earliest that can be.
pub const HOUR_DAYS_MAX: i64 = 35;
/// Days after its end, or after that of a device, during which what was counted until then is still taken. Then everything
/// that was counted is forgotten.
pub const LATE_DAYS: i64 = 7;
/// A device that is not heard of for so long while its checkpoint stands is silent.
pub const SILENT_SECONDS: i64 = 2 * 3600;
pub(super) const HOUR_SECONDS: i64 = 3600;
pub(super) const DAY_HOURS: i64 = 24;

/// The outcome of a look at a pass that opens.
pub const ACCEPTED: &str = "accepted";
/// That of a look at a genuine pass that does not open here and now.
pub const REFUSED: &str = "refused";

/// A gate for the passes of one regime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub id: Id<CheckpointName>,
    pub county: Id<Area>,
    pub area: Id<Area>,
    pub path: AreaPath,
    /// Of the place: “North gate”.
    pub name: String,
    /// Number of the regime.
    pub regime: u16,
    /// The kind of place: a bit of the regime's scope.
    pub place: u8,
    pub organization: Option<Id<Organization>>,
    pub opened_at: Timestamp,
    pub ends_at: Timestamp,
    /// When an office closed it before its end.
    pub closed_at: Option<Timestamp>,
}

impl Checkpoint {
    /// When it stopped, or will.
    pub fn end(&self) -> Timestamp {
        self.closed_at.map_or(self.ends_at, |closed| closed.min(self.ends_at))
    }

    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.end()
    }
}

/// A checkpoint as an office asks for it.
#[derive(Clone, Debug)]
pub struct New {
    /// Made by the client: the same one again makes no second checkpoint.
    pub id: Id<CheckpointName>,
    /// Code of the area where it stands.
    pub area: String,
    pub name: String,
    pub regime: u16,
    pub place: u8,
    pub ends_at: Timestamp,
}

/// A phone or scanner of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub id: Id<CheckpointDevice>,
    pub county: Id<Area>,
    pub checkpoint: Id<CheckpointName>,
    /// From 1, as it stands on the office's page.
    pub number: i64,
    pub added_at: Timestamp,
    /// When it sent something last.
    pub heard_at: Option<Timestamp>,
    /// When its link was taken away.
    pub ended_at: Option<Timestamp>,
}

impl Device {
    /// Whether it should have been heard of; `checkpoint` is its own.
    pub fn is_silent(&self, checkpoint: &Checkpoint, now: Timestamp) -> bool {
        let since = self.heard_at.unwrap_or(self.added_at);
        self.ended_at.is_none() && checkpoint.is_open(now) && now.seconds_since(since) > SILENT_SECONDS
    }
}

/// What a device sends: counts under an id of its own making.
#[derive(Clone, Debug)]
pub struct Batch {
    pub id: Uuid,
    pub counts: Vec<Count>,
}

/// Looks of one outcome in an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Hours since 1970.
    pub hour: i64,
    pub outcome: String,
    pub looks: i64,
}

/// The looks of an hour by their colour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    pub hour: i64,
    pub green: i64,
    pub red: i64,
    pub yellow: i64,
}

/// Why looks of a day came to no green, over all gates of whole counties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970, by the city's clock.
    pub day: i64,
    /// How many of each outcome, in fives; none where they are too few to be told.
    pub reasons: Vec<(String, Option<i64>)>,
}

/// A checkpoint in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub checkpoint: Checkpoint,
    pub devices: i64,
    pub silent: i64,
    /// Looks in the last 24 hours.
    pub looks: i64,
}

/// What the one at the gate saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    Green,
    Red,
    /// It said nothing against the pass: what the device knew was not enough.
    Yellow,
}

impl Tone {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Red => "red",
            Self::Yellow => "yellow",
        }
    }
}

/// What is taken for an outcome that a device names: an accepted pass, the code of a refusal, or what was wrong with the
/// device. The one code that is now red, now yellow has two names here; codes that say something of one pass have one, so
/// that whoever knows whose pass was revoked today learns at no gate where its holder stood.
pub fn outcome(text: &str) -> Option<&'static str> {
    if text == REFUSED || OF_A_PASS.contains(&text) {
        return Some(REFUSED);
    }
    [ACCEPTED].iter().chain(&OF_DEVICE).chain(&PassRefusal::CODES).find(|it| **it == text).copied()
}

/// The list of the pass's regime was not there, or was over; the device's clock was wrong; it had no list at all.
const OF_DEVICE: [&str; 3] = ["status-unsure", "clock", "no-list"];
/// Codes of passes that an office did sign.
const OF_A_PASS: [&str; 10] = [
    "key-scope",
    "key-withdrawn",
    "not-yet",
    "expired",
    "regime-closed",
    "too-long",
    "other-regime",
    "scope",
    "status-unknown",
    "revoked",
];

pub fn tone(outcome: &str) -> Tone {
    match outcome {
        ACCEPTED => Tone::Green,
        "bundle-expired" | "unknown-key" | "unknown-regime" => Tone::Yellow,
        other if OF_DEVICE.contains(&other) => Tone::Yellow,
        _ => Tone::Red,
    }
}
