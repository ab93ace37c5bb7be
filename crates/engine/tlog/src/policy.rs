//! Whose word is enough: which logs, which witnesses and how many of them. C2SP tlog-policy.

use std::{collections::BTreeMap, str::FromStr};

use crate::{Checkpoint, CheckpointError, KeyKind, LogIdentity, Note, SignedCheckpoint, VerifierKey};

/// Bytes of a policy.
pub const POLICY_BYTES_MAX: usize = 64 * 1024;
/// Logs, and witnesses and groups together.
pub const POLICY_NAMES_MAX: usize = 256;

/// Who is trusted with a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<LogIdentity>,
    /// Witnesses and groups in the order of their lines: members stand before their group.
    definitions: Vec<Definition>,
    /// None: the log's own signature is enough.
    quorum: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Definition {
    Witness { name: String, key: Box<VerifierKey>, address: Option<String> },
    Group { needed: usize, members: Vec<usize> },
}

/// A checkpoint for which the policy's quorum stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub signed: SignedCheckpoint,
    pub cosignatures: Vec<Cosignature>,
}

/// That a witness of a policy cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// As the policy calls the witness.
    pub witness: String,
    /// Seconds since 1970.
    pub time: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("the policy is longer than {POLICY_BYTES_MAX} bytes")]
    TooLarge,
    #[error("line {line} of the policy: {reason}")]
    Line { line: usize, reason: &'static str },
    #[error("the policy has no line “quorum”")]
    NoQuorum,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    #[error("the log “{origin}” is not one that the policy trusts")]
    UnknownLog { origin: String },
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error("the checkpoint of {size} entries lacks the cosignatures that the policy asks for; it has those of: {}", if .present.is_empty() { "nobody".to_owned() } else { .present.join(", ") })]
    NoQuorum { size: u64, present: Vec<String> },
}

impl Policy {
    pub fn logs(&self) -> &[LogIdentity] {
        &self.logs
    }

    /// Whether a witness's word is asked for beside the log's own.
    pub fn has_quorum(&self) -> bool {
        self.quorum.is_some()
    }

    /// The witnesses with their names, in the order of the policy.
    pub fn witnesses(&self) -> impl Iterator<Item = (&str, &VerifierKey)> {
        self.definitions.iter().filter_map(|it| match it {
            Definition::Witness { name, key, .. } => Some((name.as_str(), key.as_ref())),
            Definition::Group { .. } => None,
        })
    }

    /// Where the policy says that a witness is asked; none if its line says nothing of it.
    pub fn address(&self, witness: &str) -> Option<&str> {
        self.definitions.iter().find_map(|it| match it {
            Definition::Witness { name, address, .. } if name == witness => address.as_deref(),
            _ => None,
        })
    }

    /// Reads a checkpoint and says who stands for it; an error if they are not enough.
    pub fn judge(&self, checkpoint: &[u8]) -> Result<Accepted, JudgeError> {
        let note = Note::parse(checkpoint).map_err(CheckpointError::Note)?;
        let origin = note.text().parse::<Checkpoint>().map_err(CheckpointError::Text)?.origin;
        let log = self.logs.iter().find(|it| it.origin == origin).ok_or(JudgeError::UnknownLog { origin })?;
        let signed = log.accept(note)?;
        let mut cosignatures = Vec::new();
        let mut stands = vec![false; self.definitions.len()];
        for (index, definition) in self.definitions.iter().enumerate() {
            stands[index] = match definition {
                Definition::Witness { name, key, .. } => {
                    let verified = signed.note.verify([key.as_ref()]).map_err(CheckpointError::Note)?;
                    let time = verified.first().and_then(|it| it.time);
                    cosignatures.extend(time.map(|time| Cosignature { witness: name.clone(), time }));
                    time.is_some()
                }
                Definition::Group { needed, members } => {
                    members.iter().filter(|member| stands[**member]).count() >= *needed
                }
            };
        }
        match self.quorum.is_none_or(|quorum| stands[quorum]) {
            true => Ok(Accepted { signed, cosignatures }),
            false => {
                let present = cosignatures.into_iter().map(|it| it.witness).collect();
                Err(JudgeError::NoQuorum { size: signed.checkpoint.size, present })
            }
        }
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        if text.len() > POLICY_BYTES_MAX {
            return Err(PolicyError::TooLarge);
        }
        let mut reader = Reader::default();
        for (index, line) in text.split('\n').enumerate() {
            reader.line(line).map_err(|reason| PolicyError::Line { line: index + 1, reason })?;
        }
        let quorum = reader.quorum.ok_or(PolicyError::NoQuorum)?;
        Ok(Self { logs: reader.logs, definitions: reader.definitions, quorum })
    }
}

#[derive(Default)]
struct Reader<'a> {
    logs: Vec<LogIdentity>,
    definitions: Vec<Definition>,
    /// Where each name is defined, and whether it is a member of a group.
    names: BTreeMap<&'a str, (usize, bool)>,
    quorum: Option<Option<usize>>,
}

/// Who signs as the log would stand for themself as its witness.
const TWO_ROLES: &str = "the same key is that of a log and of a witness: each has a key of its own";

impl<'a> Reader<'a> {
    fn witnesses(&self) -> impl Iterator<Item = &VerifierKey> {
        self.definitions.iter().filter_map(|it| match it {
            Definition::Witness { key, .. } => Some(key.as_ref()),
            Definition::Group { .. } => None,
        })
    }

    fn line(&mut self, line: &'a str) -> Result<(), &'static str> {
        if line.contains(|it: char| it.is_ascii_control() && it != '\t') {
            return Err("a control character");
        }
        let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        match words[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] | ["log", key, _] => self.log(key),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, address] => self.witness(name, key, Some(address)),
            ["group", name, needed, ref members @ ..] if !members.is_empty() => {
                self.group(name, needed, members)
            }
            ["quorum", name] => self.set_quorum(name),
            _ => Err(
                "expected: log VKEY [URL], witness NAME VKEY [URL], group NAME all|any|K MEMBER…, or quorum NAME",
            ),
        }
    }

    fn log(&mut self, key: &str) -> Result<(), &'static str> {
        let key: VerifierKey = key.parse().map_err(|_| "the log's verifier key is not readable")?;
        let mut keys = self.logs.iter().flat_map(|log| &log.keys);
        if keys.any(|it| it.is_same_key(&key)) {
            return Err("this log's key is given twice");
        }
        if self.witnesses().any(|it| it.is_same_key(&key)) {
            return Err(TWO_ROLES);
        }
        if self.logs.len() == POLICY_NAMES_MAX {
            return Err("too many logs");
        }
        match self.logs.iter_mut().find(|log| log.origin == key.name()) {
            Some(log) => log.keys.push(key),
            None => self.logs.push(LogIdentity::of(key)),
        }
        Ok(())
    }

    fn witness(&mut self, name: &'a str, key: &str, address: Option<&str>) -> Result<(), &'static str> {
        let key: VerifierKey = key.parse().map_err(|_| "the witness's verifier key is not readable")?;
        if key.kind() != KeyKind::Cosignature {
            return Err("a witness has a key for cosignatures (type 0x04)");
        }
        if self.witnesses().any(|it| it.is_same_key(&key)) {
            return Err("this witness's key is given twice");
        }
        if self.logs.iter().flat_map(|log| &log.keys).any(|it| it.is_same_key(&key)) {
            return Err(TWO_ROLES);
        }
        let address = address.map(str::to_owned);
        self.define(name, Definition::Witness { name: name.to_owned(), key: Box::new(key), address })
    }

    fn group(&mut self, name: &'a str, needed: &str, members: &[&'a str]) -> Result<(), &'static str> {
        let needed = match needed {
            "all" => members.len(),
            "any" => 1,
            number => {
                let count = number.parse().ok().filter(|it: &usize| it.to_string() == number);
                count
                    .filter(|it| (1..=members.len()).contains(it))
                    .ok_or("a group needs all, any, or 1 to as many as it has")?
            }
        };
        let mut indices = Vec::new();
        for member in members {
            let (index, is_member) =
                self.names.get_mut(member).ok_or("a member is not defined on a line above")?;
            if std::mem::replace(is_member, true) {
                return Err("a name is a member of one group at most, and once");
            }
            indices.push(*index);
        }
        self.define(name, Definition::Group { needed, members: indices })
    }

    fn define(&mut self, name: &'a str, definition: Definition) -> Result<(), &'static str> {
        if name == "none" {
            return Err("“none” is not a name that can be given");
        }
        if self.definitions.len() == POLICY_NAMES_MAX {
            return Err("too many witnesses and groups");
        }
        if self.names.insert(name, (self.definitions.len(), false)).is_some() {
            return Err("this name is defined twice");
        }
        self.definitions.push(definition);
        Ok(())
    }

    fn set_quorum(&mut self, name: &str) -> Result<(), &'static str> {
        let quorum = match name {
            "none" => None,
            name => Some(self.names.get(name).ok_or("the quorum is not defined on a line above")?.0),
        };
        match self.quorum.replace(quorum) {
            None => Ok(()),
            Some(_) => Err("a policy has one quorum"),
        }
    }
}
