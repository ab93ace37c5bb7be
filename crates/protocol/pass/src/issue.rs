//! Issuing: a pass that its regime and its key allow, as the text of a QR code.

use crate::{
    PREFIX, base45,
    claims::{Mark, Pass},
    cose,
    key::{KeyRecord, SecretKey},
    regime::Regime,
};

/// Why a pass is not issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    #[error("the pass is of regime {pass}, not of {regime}")]
    OtherRegime { pass: u16, regime: u16 },
    #[error("the pass is valid from {not_before} to {expires}: the regime runs from {start} to {end}")]
    OutsideRegime { not_before: u64, expires: u64, start: u64, end: u64 },
    #[error("the pass is valid for {seconds} s, {seconds_max} s at most are allowed")]
    TooLong { seconds: u64, seconds_max: u64 },
    #[error("the scope {scope:#b} has bits that the regime or the key does not have")]
    Scope { scope: u16 },
    #[error("the key may not sign for this regime, at this time, or for so long")]
    Key,
    #[error("the secret key is not that of the record")]
    OtherKey,
    #[error("the regime's passes have a status: an index below {entries} in its list")]
    Status { entries: u64 },
    #[error("the regime has no status list")]
    NoStatusList,
}

/// A key that signs passes.
#[derive(Debug)]
pub struct Issuer {
    secret: SecretKey,
    record: KeyRecord,
    protected: Vec<u8>,
}

impl Issuer {
    pub fn new(secret: SecretKey, record: KeyRecord) -> Result<Self, IssueError> {
        if secret.public() != record.key {
            return Err(IssueError::OtherKey);
        }
        let protected = cose::protected(record.key.algorithm().number(), record.id.as_bytes(), None);
        Ok(Self { secret, record, protected })
    }

    pub fn record(&self) -> &KeyRecord {
        &self.record
    }

    /// The text of the QR code.
    pub fn issue(&self, pass: &Pass, regime: &Regime) -> Result<String, IssueError> {
        self.check(pass, regime)?;
        let payload = pass.to_claims();
        let signature = self.secret.sign(&cose::signed_bytes(&self.protected, &[], &payload));
        let message = cose::message(&self.protected, &payload, &signature);
        Ok(format!("{PREFIX}{}", base45::encode(&message)))
    }

    fn check(&self, pass: &Pass, regime: &Regime) -> Result<(), IssueError> {
        let (not_before, expires, scope) = (pass.not_before, pass.expires, pass.scope);
        if pass.regime != regime.number {
            return Err(IssueError::OtherRegime { pass: pass.regime, regime: regime.number });
        }
        if not_before < regime.start || expires > regime.end || not_before > expires {
            let (start, end) = (regime.start, regime.end);
            return Err(IssueError::OutsideRegime { not_before, expires, start, end });
        }
        let (seconds, seconds_max) = (expires - not_before, regime.pass_seconds_max);
        if seconds > seconds_max {
            return Err(IssueError::TooLong { seconds, seconds_max });
        }
        let known = ((1_u32 << regime.scopes.len().min(16)) - 1) as u16;
        if scope == 0 || scope & !(known & self.record.scope) != 0 {
            return Err(IssueError::Scope { scope });
        }
        let is_allowed = self.record.regimes.contains(&regime.number)
            && (self.record.issue_from..=self.record.issue_until).contains(&not_before)
            && expires <= self.record.verify_until
            && self.record.withdrawn_at.is_none();
        if !is_allowed {
            return Err(IssueError::Key);
        }
        match (&pass.mark, &regime.status) {
            (Mark::Random(_), None) => Ok(()),
            (Mark::Random(_), Some(place)) => Err(IssueError::Status { entries: place.entries }),
            (Mark::Status { .. }, None) => Err(IssueError::NoStatusList),
            (Mark::Status { index, list }, Some(place)) => {
                let is_in = *index < place.entries && regime.is_list(place, list);
                if is_in { Ok(()) } else { Err(IssueError::Status { entries: place.entries }) }
            }
        }
    }
}
