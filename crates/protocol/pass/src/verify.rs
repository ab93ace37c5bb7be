//! Checking a pass at a gate, without a network: no input, no output, and the time is given.

use std::collections::BTreeMap;

use crate::{
    PREFIX, TEXT_BYTES_MAX,
    base45::{self, Base45Error},
    bundle::Bundle,
    cbor::{self, CborError},
    claims::{Mark, Pass},
    cose::{self, CoseError, Sign1, Tags},
    key::{Algorithm, KeyRecord},
    regime::{Regime, SCOPES_MAX},
    status::{StatusError, StatusList, StatusToken},
};

/// How far two clocks may be apart, in seconds.
pub const CLOCK_SECONDS: u64 = 120;

/// Why a pass does not open the gate. Each has a code that other verifiers share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("what this checkpoint knows ended at {expires}: it must be renewed")]
    BundleExpired { expires: u64 },
    #[error("the text is not that of a pass: {PREFIX} and at most {TEXT_BYTES_MAX} characters")]
    Prefix,
    #[error("the text is damaged: {0}")]
    Base45(Base45Error),
    #[error("the pass is not readable: {0}")]
    Cbor(CborError),
    #[error("the header of the pass is not that of ours: algorithm and key's id protected, nothing else")]
    Header,
    #[error("the pass is signed by a key that is not known here")]
    UnknownKey,
    #[error("the pass names another algorithm than its key has")]
    Algorithm,
    #[error("the pass is forged or damaged: its signature is not its key's")]
    Signature,
    #[error("the key of {office} may not sign such a pass")]
    KeyScope { office: String },
    #[error("the key of {office} was withdrawn at {withdrawn_at}")]
    KeyWithdrawn { office: String, withdrawn_at: u64 },
    #[error("the pass is valid from {not_before}")]
    NotYet { not_before: u64 },
    #[error("the pass ended at {expires}")]
    Expired { expires: u64 },
    #[error("the pass is of the regime {0}, which is not known here")]
    UnknownRegime(u16),
    #[error("the regime {number} runs from {start} to {end}")]
    RegimeClosed { number: u16, start: u64, end: u64 },
    #[error("the pass is valid for longer than its regime or its key allows")]
    TooLong,
    #[error("the pass is of the order {order} (regime {number}), and this checkpoint is of another")]
    OtherRegime { number: u16, order: String },
    #[error("the pass does not open this class of checkpoint")]
    Scope,
    #[error("the status of the pass cannot be told: {0}")]
    StatusUnknown(StatusReason),
    #[error("the pass was revoked (status {0})")]
    Revoked(u8),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusReason {
    #[error("it has none, and those of its regime have one")]
    Missing,
    #[error("its regime has no list of that name")]
    OtherList,
    #[error("the list of its regime is not here, or is over")]
    NoList,
    #[error("its index is beyond the list")]
    Index,
}

impl Refusal {
    /// Every code, in the order of the checks.
    pub const CODES: [&str; 19] = [
        "bundle-expired",
        "prefix",
        "base45",
        "cbor",
        "header",
        "unknown-key",
        "algorithm",
        "signature",
        "key-scope",
        "key-withdrawn",
        "not-yet",
        "expired",
        "unknown-regime",
        "regime-closed",
        "too-long",
        "other-regime",
        "scope",
        "status-unknown",
        "revoked",
    ];

    /// The same in every verifier.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BundleExpired { .. } => "bundle-expired",
            Self::Prefix => "prefix",
            Self::Base45(_) => "base45",
            Self::Cbor(_) => "cbor",
            Self::Header => "header",
            Self::UnknownKey => "unknown-key",
            Self::Algorithm => "algorithm",
            Self::Signature => "signature",
            Self::KeyScope { .. } => "key-scope",
            Self::KeyWithdrawn { .. } => "key-withdrawn",
            Self::NotYet { .. } => "not-yet",
            Self::Expired { .. } => "expired",
            Self::UnknownRegime(_) => "unknown-regime",
            Self::RegimeClosed { .. } => "regime-closed",
            Self::TooLong => "too-long",
            Self::OtherRegime { .. } => "other-regime",
            Self::Scope => "scope",
            Self::StatusUnknown(_) => "status-unknown",
            Self::Revoked(_) => "revoked",
        }
    }

    /// True where it says nothing against the pass: what the checkpoint knows is not enough.
    pub fn is_cannot_tell(&self) -> bool {
        matches!(
            self,
            Self::BundleExpired { .. }
                | Self::UnknownKey
                | Self::UnknownRegime(_)
                | Self::StatusUnknown(StatusReason::NoList)
        )
    }
}

/// Which class of checkpoint a pass is shown at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class<'a> {
    /// None is asked for.
    Any,
    /// A bit of the regime's scope.
    Bit(u8),
    /// By the name that the regime has for it.
    Named(&'a str),
}

impl From<u8> for Class<'_> {
    fn from(bit: u8) -> Self {
        Self::Bit(bit)
    }
}

impl Class<'_> {
    fn is_opened(self, scope: u16, regime: &Regime) -> bool {
        let bit = match self {
            Self::Any => return true,
            Self::Bit(bit) => usize::from(bit),
            Self::Named(name) => match regime.scopes.iter().position(|it| it == name) {
                Some(bit) => bit,
                None => return false,
            },
        };
        bit < SCOPES_MAX && scope >> bit & 1 == 1
    }
}

/// Where a pass is shown: a checkpoint of one regime, or, without one, anywhere that only asks whether it is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate<'a> {
    /// A bit of a scope means something else in each regime: a gate of one opens to no pass of another.
    pub regime: Option<u16>,
    pub class: Class<'a>,
}

impl<'a> From<Class<'a>> for Gate<'a> {
    fn from(class: Class<'a>) -> Self {
        Self { regime: None, class }
    }
}

impl From<u8> for Gate<'_> {
    fn from(bit: u8) -> Self {
        Class::Bit(bit).into()
    }
}

/// A pass that is accepted, and whose key signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted<'v> {
    pub pass: Pass,
    pub key: &'v KeyRecord,
    pub regime: &'v Regime,
}

/// Why a bundle is not taken up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Bundle(#[from] CborError),
    #[error("the bundle {given} is not after {held}, which is held")]
    NotNewer { held: u64, given: u64 },
    #[error("regime {0} stands in the bundle twice")]
    TwoRegimes(u16),
    #[error("regime {0} has two lists in the bundle")]
    TwoLists(u16),
    #[error("list {place} of the bundle: {error}")]
    List { place: usize, error: StatusError },
}

impl LoadError {
    /// The same in every verifier.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Bundle(_) => "bundle-cbor",
            Self::NotNewer { .. } => "bundle-not-newer",
            Self::TwoRegimes(_) => "bundle-regime-twice",
            Self::TwoLists(_) => "bundle-list-twice",
            Self::List { .. } => "bundle-list",
        }
    }
}

/// What a checkpoint knows.
#[derive(Debug)]
pub struct Verifier {
    number: u64,
    issued_at: u64,
    expires: u64,
    keys: Vec<KeyRecord>,
    regimes: BTreeMap<u16, Regime>,
    lists: BTreeMap<u16, Held>,
}

#[derive(Debug)]
struct Held {
    list: StatusList,
    expires: Option<u64>,
}

impl Verifier {
    /// Takes up a bundle whose proof was checked, in place of the one that is held.
    pub fn load(bytes: &[u8], held: Option<&Self>) -> Result<Self, LoadError> {
        let mut bundle = Bundle::parse(bytes)?;
        if let Some(held) = held.filter(|it| it.number >= bundle.number) {
            return Err(LoadError::NotNewer { held: held.number, given: bundle.number });
        }
        let mut regimes = BTreeMap::new();
        for regime in std::mem::take(&mut bundle.regimes) {
            let number = regime.number;
            if regimes.insert(number, regime).is_some() {
                return Err(LoadError::TwoRegimes(number));
            }
        }
        let mut lists = BTreeMap::new();
        for (place, token) in bundle.lists.iter().enumerate() {
            let taken = list(token, &bundle.keys, &regimes);
            let (number, held) = taken.map_err(|error| LoadError::List { place, error })?;
            if lists.insert(number, held).is_some() {
                return Err(LoadError::TwoLists(number));
            }
        }
        let Bundle { number, issued_at, expires, keys, .. } = bundle;
        Ok(Self { number, issued_at, expires, keys, regimes, lists })
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    /// When what is known here ends.
    pub fn expires(&self) -> u64 {
        self.expires
    }

    /// Of when it is.
    pub fn issued_at(&self) -> u64 {
        self.issued_at
    }

    pub fn regimes(&self) -> impl Iterator<Item = &Regime> {
        self.regimes.values()
    }

    /// Whether the text of a QR code opens `gate` at `now`, in seconds since 1970. The checks are in the order that other
    /// verifiers have too, so that all give the same code.
    pub fn check<'c>(
        &self,
        text: &str,
        gate: impl Into<Gate<'c>>,
        now: u64,
    ) -> Result<Accepted<'_>, Refusal> {
        let gate = gate.into();
        if now > self.expires {
            return Err(Refusal::BundleExpired { expires: self.expires });
        }
        let body =
            text.strip_prefix(PREFIX).filter(|_| text.len() <= TEXT_BYTES_MAX).ok_or(Refusal::Prefix)?;
        let bytes = base45::decode(body.as_bytes()).map_err(Refusal::Base45)?;
        let (message, pass) = read(&bytes)?;
        let key = self.signer(&message)?;
        key_allows(key, &pass, now)?;
        if now.saturating_add(CLOCK_SECONDS) < pass.not_before {
            return Err(Refusal::NotYet { not_before: pass.not_before });
        }
        if now > pass.expires.saturating_add(CLOCK_SECONDS) {
            return Err(Refusal::Expired { expires: pass.expires });
        }
        let regime = self.regimes.get(&pass.regime).ok_or(Refusal::UnknownRegime(pass.regime))?;
        if now < regime.start || now > regime.end {
            let (start, end) = (regime.start, regime.end);
            return Err(Refusal::RegimeClosed { number: regime.number, start, end });
        }
        let seconds = pass.expires.saturating_sub(pass.not_before);
        if pass.expires > regime.end || pass.expires > key.verify_until || seconds > regime.pass_seconds_max {
            return Err(Refusal::TooLong);
        }
        if gate.regime.is_some_and(|it| it != regime.number) {
            return Err(Refusal::OtherRegime { number: regime.number, order: regime.title.clone() });
        }
        if !gate.class.is_opened(pass.scope, regime) {
            return Err(Refusal::Scope);
        }
        self.status(&pass, regime, now)?;
        Ok(Accepted { pass, key, regime })
    }

    /// The record of the key that signed. Several may have the same id: each is tried.
    fn signer(&self, message: &Sign1<'_>) -> Result<&KeyRecord, Refusal> {
        let mut refusal = Refusal::UnknownKey;
        let with_id = |it: &&KeyRecord| Some(it.id.as_bytes()) == message.protected.key_id;
        for record in self.keys.iter().filter(with_id) {
            match message.verify(&record.key, &[]) {
                Ok(()) => return Ok(record),
                Err(CoseError::Signature) => refusal = Refusal::Signature,
                Err(_) if refusal == Refusal::UnknownKey => refusal = Refusal::Algorithm,
                Err(_) => {}
            }
        }
        Err(refusal)
    }

    fn status(&self, pass: &Pass, regime: &Regime, now: u64) -> Result<(), Refusal> {
        let unknown = |reason| Err(Refusal::StatusUnknown(reason));
        let (index, name) = match (&pass.mark, &regime.status) {
            (Mark::Random(_), None) => return Ok(()),
            (Mark::Random(_), Some(_)) => return unknown(StatusReason::Missing),
            (Mark::Status { index, list }, _) => (*index, list),
        };
        if !regime.status.as_ref().is_some_and(|place| regime.is_list(place, name)) {
            return unknown(StatusReason::OtherList);
        }
        let held = self.lists.get(&regime.number);
        let Some(held) = held.filter(|it| it.expires.is_none_or(|expires| now <= expires)) else {
            return unknown(StatusReason::NoList);
        };
        match held.list.get(index) {
            Ok(0) => Ok(()),
            Ok(status) => Err(Refusal::Revoked(status)),
            Err(_) => unknown(StatusReason::Index),
        }
    }
}

/// The message and what it says, each in the one form that it is written in.
fn read(bytes: &[u8]) -> Result<(Sign1<'_>, Pass), Refusal> {
    let message = Sign1::parse(bytes).map_err(|error| match error {
        CoseError::Cbor(error) => Refusal::Cbor(error),
        other => Refusal::Cbor(CborError::Shape(other.to_string())),
    })?;
    let pass = Pass::from_claims(message.payload).map_err(Refusal::Cbor)?;
    // In its one form, or it is none: every second form of tag, lengths, order and numbers, and what no header of ours holds.
    let protected = message.protected_bytes;
    let is_deterministic = message.tags == Tags::Sign1
        && cbor::is_deterministic(bytes)
        && (protected.is_empty() || cbor::is_deterministic(protected));
    if !is_deterministic {
        return Err(Refusal::Cbor(CborError::NotDeterministic));
    }
    let (Some(algorithm), Some(key_id)) = (message.protected.algorithm, message.protected.key_id) else {
        return Err(Refusal::Header);
    };
    let is_ours = message.protected.others == 0
        && message.protected.content_type.is_none()
        && message.unprotected == cose::Header::default()
        && crate::key::KEY_ID_BYTES.contains(&key_id.len())
        && Algorithm::of(algorithm).is_some_and(|it| it != Algorithm::Ps256);
    if is_ours { Ok((message, pass)) } else { Err(Refusal::Header) }
}

fn key_allows(key: &KeyRecord, pass: &Pass, now: u64) -> Result<(), Refusal> {
    let office = || key.office.clone();
    if let Some(withdrawn_at) = key.withdrawn_at.filter(|it| now >= *it) {
        return Err(Refusal::KeyWithdrawn { office: office(), withdrawn_at });
    }
    let is_allowed = key.regimes.contains(&pass.regime)
        && pass.scope & !key.scope == 0
        && (key.issue_from..=key.issue_until).contains(&pass.not_before)
        && now <= key.verify_until;
    if is_allowed { Ok(()) } else { Err(Refusal::KeyScope { office: office() }) }
}

/// The list in a token, and the regime whose it is.
fn list(
    token: &[u8],
    keys: &[KeyRecord],
    regimes: &BTreeMap<u16, Regime>,
) -> Result<(u16, Held), StatusError> {
    // Whose it is, it says itself; that it may say so, the signature shows.
    let message = Sign1::parse(token)?;
    let subject = StatusToken::from_claims(message.payload)?.subject;
    let of_regime = regimes.values().find_map(|regime| {
        regime.status.as_ref().filter(|place| place.uri == subject).map(|place| (regime.number, place))
    });
    let Some((number, place)) = of_regime else {
        return Err(StatusError::Subject {
            expected: "a regime of the bundle".to_owned(),
            given: subject.to_owned(),
        });
    };
    let token = StatusToken::open(token, keys, number)?;
    // One bit is all that is announced; more would be eight times the room.
    if token.bits != 1 {
        return Err(StatusError::Bits(token.bits.into()));
    }
    let list = token.list(&place.uri, place.entries)?;
    Ok((number, Held { list, expires: token.expires }))
}
