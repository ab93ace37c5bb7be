//! How an entry is committed to, so that it can be proven later and guessed by nobody.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use kernel::{Area, Id, JournalEntry, Organization, Person};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tlog::{Checkpoint, Note};
use uuid::Uuid;

use super::model::Record;

/// The first line of the log's entries of this kind; the commitment follows.
const ENTRY_TYPE: &str = "olzii/journal/v1";
const SUCCESSION_TYPE: &str = "olzii/succession/v1";
/// Told apart so that no hash of one purpose can pass for another.
const MARK_PURPOSE: &[u8] = b"olzii/journal-mark/v1\n";
const OPENING_PURPOSE: &[u8] = b"olzii/journal-opening/v1\n";
const ACTOR_PURPOSE: &[u8] = b"olzii/journal-actor/v1\n";
const STATEMENT_PURPOSE: &[u8] = b"olzii/log-statement/v1\n";
const COMMITMENT_PURPOSE: &[u8] = b"olzii/journal-entry/v1\n";
/// Bytes of chance in a salt; a mark of as many follows.
const CHANCE_BYTES: usize = 16;

pub type Commitment = [u8; 32];

/// Kept beside its entry until that is forgotten. Half of it is chance, half a mark of the city's key over the chance
/// and the entry: who can write in the database alone makes no entry that the log takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 2 * CHANCE_BYTES]);

/// An entry with what opens the commitment to it. Whoever acted is in it as a hash that it does not open: a person is
/// shown by which office their record was read, not by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Canonical JSON.
    pub entry: String,
    opening: [u8; 32],
}

impl Salt {
    pub fn new(key: &[u8; 32], chance: &[u8; 32], record: &Record) -> Self {
        let mut salt = [0; 2 * CHANCE_BYTES];
        salt[..CHANCE_BYTES].copy_from_slice(&chance[..CHANCE_BYTES]);
        let mark = mark(key, &salt[..CHANCE_BYTES], record);
        salt[CHANCE_BYTES..].copy_from_slice(&mark);
        Self(salt)
    }

    pub fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether a city with this key wrote the entry.
    pub fn is_of(&self, key: &[u8; 32], record: &Record) -> bool {
        let (chance, held) = self.0.split_at(CHANCE_BYTES);
        bool::from(mark(key, chance, record).ct_eq(held))
    }

    pub fn open(&self, record: &Record) -> Opened {
        let hash = |purpose: &[u8], more: &[u8]| -> [u8; 32] {
            Sha256::new().chain_update(purpose).chain_update(self.0).chain_update(more).finalize().into()
        };
        let actor = record.actor.map(|it| BASE64_STANDARD.encode(hash(ACTOR_PURPOSE, it.uuid().as_bytes())));
        Opened { entry: canonical(record, actor), opening: hash(OPENING_PURPOSE, &[]) }
    }
}

fn mark(key: &[u8; 32], chance: &[u8], record: &Record) -> [u8; CHANCE_BYTES] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is taken");
    mac.update(MARK_PURPOSE);
    mac.update(chance);
    mac.update(canonical(record, record.actor.map(|it| it.to_string())).as_bytes());
    let mut mark = [0; CHANCE_BYTES];
    mark.copy_from_slice(&mac.finalize().into_bytes()[..CHANCE_BYTES]);
    mark
}

/// Fields in the order of their names.
#[derive(Serialize)]
struct Canonical<'a> {
    action: &'a str,
    actor: Option<String>,
    /// Microseconds since 1970.
    at: i64,
    county: Id<Area>,
    detail: &'a RawValue,
    id: Id<JournalEntry>,
    organization: Option<Id<Organization>>,
    person: Option<Id<Person>>,
    purpose: &'a str,
    role: &'a str,
    subject: Uuid,
    subject_kind: &'a str,
}

fn canonical(record: &Record, actor: Option<String>) -> String {
    // What is no JSON alone is nothing that was written here: it stands as a text, which no entry's detail is.
    let as_text = || serde_json::value::to_raw_value(&record.detail).unwrap_or_default();
    // White space around it would be cut off, and two details would be one.
    let json = RawValue::from_string(record.detail.clone()).ok().filter(|it| it.get() == record.detail);
    let detail = json.unwrap_or_else(as_text);
    let canonical = Canonical {
        action: &record.action,
        actor,
        at: record.at.micros(),
        county: record.county,
        detail: &detail,
        id: record.id,
        organization: record.organization,
        person: record.person,
        purpose: &record.purpose,
        role: &record.role,
        subject: record.subject,
        subject_kind: &record.subject_kind,
    };
    serde_json::to_string(&canonical).unwrap_or_default()
}

/// What stands in the log for a commitment.
pub fn leaf(commitment: &[u8]) -> Vec<u8> {
    [ENTRY_TYPE.as_bytes(), b"\n", commitment].concat()
}

/// The commitment in an entry of the log; none in one of another kind.
pub fn commitment_in(leaf: &[u8]) -> Option<&[u8]> {
    leaf.strip_prefix(ENTRY_TYPE.as_bytes())?.strip_prefix(b"\n").filter(|it| it.len() == 32)
}

/// The mark of the city's key that stands beside a public statement.
pub fn statement_mark(key: &[u8; 32], id: Uuid, entry: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is taken");
    mac.update(STATEMENT_PURPOSE);
    mac.update(id.as_bytes());
    mac.update(entry);
    mac.finalize().into_bytes().into()
}

/// Whether a city with this key stated it.
pub fn is_own_statement(key: &[u8; 32], id: Uuid, entry: &[u8], mark: &[u8]) -> bool {
    bool::from(statement_mark(key, id, entry).ct_eq(mark)) && !is_of_journal(entry)
}

/// Nothing public may pass for an entry of the journal or for a log's beginning.
fn is_of_journal(entry: &[u8]) -> bool {
    [ENTRY_TYPE, SUCCESSION_TYPE].iter().any(|it| entry.starts_with(it.as_bytes()))
}

/// What stands in a log that succeeds another: the last checkpoint of that, as a note.
pub fn succession_leaf(checkpoint: &str) -> Vec<u8> {
    [SUCCESSION_TYPE, "\n", checkpoint].concat().into_bytes()
}

/// The last checkpoint of the former log in an entry of its successor; none in one of another kind.
pub fn succession_in(leaf: &[u8]) -> Option<Checkpoint> {
    succession_note(leaf)?.text().parse().ok()
}

/// The same with its signatures, which nobody has looked at.
pub fn succession_note(leaf: &[u8]) -> Option<Note> {
    Note::parse(leaf.strip_prefix(SUCCESSION_TYPE.as_bytes())?.strip_prefix(b"\n")?).ok()
}

/// The extra data of a proof file: all that is needed beside the log to check it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extra<'a> {
    #[serde(borrow)]
    entry: &'a RawValue,
    opening: String,
    r#type: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtraError {
    #[error("the proof has no extra data: the entry itself is missing")]
    Missing,
    #[error("the proof's extra data is not a journal entry with its opening")]
    Shape,
    #[error("the proof's entry is not of the type {ENTRY_TYPE}")]
    Type,
    #[error("the opening of the proof's entry is not 32 bytes in base64")]
    Opening,
}

impl Opened {
    pub fn commitment(&self) -> Commitment {
        Sha256::new()
            .chain_update(COMMITMENT_PURPOSE)
            .chain_update(self.opening)
            .chain_update(&self.entry)
            .finalize()
            .into()
    }

    /// The entry of the log.
    pub fn leaf(&self) -> Vec<u8> {
        leaf(&self.commitment())
    }

    pub fn to_extra(&self) -> Vec<u8> {
        let opening = BASE64_STANDARD.encode(self.opening);
        serde_json::from_str(&self.entry)
            .and_then(|entry| serde_json::to_vec(&Extra { entry, opening, r#type: ENTRY_TYPE }))
            .unwrap_or_default()
    }

    pub fn from_extra(extra: Option<&[u8]>) -> Result<Self, ExtraError> {
        let bytes = extra.ok_or(ExtraError::Missing)?;
        let extra: Extra<'_> = serde_json::from_slice(bytes).map_err(|_| ExtraError::Shape)?;
        if extra.r#type != ENTRY_TYPE {
            return Err(ExtraError::Type);
        }
        let opening = BASE64_STANDARD.decode(&extra.opening).ok().and_then(|it| it.try_into().ok());
        Ok(Self { entry: extra.entry.get().to_owned(), opening: opening.ok_or(ExtraError::Opening)? })
    }
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const KEY: [u8; 32] = [1; 32];

    fn record() -> Record {
        let id = |number| Uuid::from_u128(number);
        Record {
            county: Id::from_uuid(id(1)),
            id: Id::from_uuid(id(2)),
            at: Timestamp::from_micros(1_790_000_000_000_000),
            action: "person.read".into(),
            actor: Some(Id::from_uuid(id(3))),
            role: "grid_leader".into(),
            organization: Some(Id::from_uuid(id(4))),
            subject_kind: "person".into(),
            subject: id(5),
            person: Some(Id::from_uuid(id(5))),
            purpose: "visit".into(),
            detail: "{}".into(),
        }
    }

    #[test]
    fn the_form_of_an_entry_stands() {
        // A change of this text makes every proof that was handed out worthless.
        assert_eq!(
            canonical(&record(), Some("x".into())),
            "{\"action\":\"person.read\",\"actor\":\"x\",\"at\":1790000000000000,\
             \"county\":\"00000000-0000-0000-0000-000000000001\",\"detail\":{},\
             \"id\":\"00000000-0000-0000-0000-000000000002\",\"organization\":\"00000000-0000-0000-0000-000000000004\",\
             \"person\":\"00000000-0000-0000-0000-000000000005\",\"purpose\":\"visit\",\"role\":\"grid_leader\",\
             \"subject\":\"00000000-0000-0000-0000-000000000005\",\"subject_kind\":\"person\"}"
        );
        let leaf = Salt::new(&KEY, &[7; 32], &record()).open(&record()).leaf();
        assert_eq!((leaf.len(), commitment_in(&leaf).map(<[u8]>::len)), (49, Some(32)));
        assert_eq!(tlog::Hash::of_entry(&leaf).to_string(), "u0lcaylEmdFpvLeipoJ9UCeJ5FokZOmTI2O/In7QZvY=");
    }

    #[test]
    fn every_field_is_committed_to_and_marked() {
        let whole = record();
        let salt = Salt::new(&KEY, &[7; 32], &whole);
        let other = || Uuid::from_u128(99);
        let changes: [fn(&mut Record, Uuid); 13] = [
            |it, id| it.county = Id::from_uuid(id),
            |it, id| it.id = Id::from_uuid(id),
            |it, _| it.at = it.at.plus_seconds(1),
            |it, _| it.action.push('s'),
            |it, id| it.actor = Some(Id::from_uuid(id)),
            |it, _| it.actor = None,
            |it, _| it.role = "handler".into(),
            |it, _| it.organization = None,
            |it, _| it.subject_kind = "case".into(),
            |it, id| it.subject = id,
            |it, _| it.person = None,
            |it, _| it.purpose.clear(),
            |it, _| it.detail = "{\"a\":\"b\"}".into(),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut changed = whole.clone();
            change(&mut changed, other());
            assert_ne!(salt.open(&changed).leaf(), salt.open(&whole).leaf(), "change {number}");
            assert!(!salt.is_of(&KEY, &changed), "change {number}");
        }
        assert!(salt.is_of(&KEY, &whole));
        assert!(!salt.is_of(&[2; 32], &whole), "who has the database has not the key");
        let again = Salt::new(&KEY, &[8; 32], &whole);
        assert_ne!(
            again.open(&whole).leaf(),
            salt.open(&whole).leaf(),
            "the same entry twice looks like two"
        );
    }

    #[test]
    fn what_is_handed_out_names_nobody_who_acted() {
        let salt = Salt::new(&KEY, &[7; 32], &record());
        let extra = String::from_utf8(salt.open(&record()).to_extra()).unwrap();
        assert!(!extra.contains(&record().actor.unwrap().to_string()), "{extra}");
        assert!(!extra.contains(&BASE64_STANDARD.encode(salt.bytes())), "the salt would tell who by trying");
    }

    #[test]
    fn what_is_no_opened_entry_says_why() {
        let good = Salt::new(&KEY, &[7; 32], &record()).open(&record()).to_extra();
        let good = String::from_utf8(good).unwrap();
        let read = |text: &str| Opened::from_extra(Some(text.as_bytes())).unwrap_err();
        assert_eq!(Opened::from_extra(None).unwrap_err(), ExtraError::Missing);
        for text in ["", "{}", "[]", &good[1..], &good.replace("\"entry\"", "\"entries\"")] {
            assert_eq!(read(text), ExtraError::Shape, "{text}");
        }
        assert_eq!(read(&good.replace("journal/v1", "journal/v2")), ExtraError::Type);
        assert_eq!(read(&good.replace("\"opening\":\"", "\"opening\":\"A")), ExtraError::Opening);
    }

    #[test]
    fn a_browser_computes_what_stands_in_the_log_as_it_is_computed_here() {
        // The same text and hash as in web-ui/src/pass/reading.test.ts.
        let extra = "{\"entry\":{\"action\":\"person.read\",\"at\":1790000000000000,\"detail\":{\"a\":\"b\"},\
            \"id\":\"00000000-0000-0000-0000-000000000002\",\"purpose\":\"visit\"},\
            \"opening\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\",\"type\":\"olzii/journal/v1\"}";
        let opened = Opened::from_extra(Some(extra.as_bytes())).unwrap();
        assert_eq!(opened.to_extra(), extra.as_bytes());
        let hash = tlog::Hash::of_entry(&opened.leaf()).to_string();
        assert_eq!(hash, "G0JqHGvrPCRXypSo8EiLjj2ec9jfPsX56lC8OMqb5po=");
    }

    #[test]
    fn white_space_around_a_detail_is_sealed_too() {
        let salt = Salt::new(&KEY, &[7; 32], &record());
        for detail in [" {}", "{} ", "{}\n", "\t{}"] {
            let changed = Record { detail: detail.to_owned(), ..record() };
            assert_ne!(salt.open(&changed).leaf(), salt.open(&record()).leaf(), "{detail:?}");
        }
    }

    proptest! {
        #[test]
        fn an_opened_entry_reads_back_whatever_its_words(action in "\\PC{0,40}", detail in "\\PC{0,40}") {
            let detail = serde_json::to_string(&std::collections::BTreeMap::from([("a", detail)])).unwrap();
            let record = Record { action, detail, ..record() };
            let opened = Salt::new(&KEY, &[7; 32], &record).open(&record);
            prop_assert_eq!(Opened::from_extra(Some(&opened.to_extra())).unwrap(), opened);
        }

        #[test]
        fn no_detail_passes_for_other_fields(detail in "[{}:,\" a-z]{0,30}") {
            let forged = Record { detail: detail.clone(), ..record() };
            if detail != "{}" {
                let salt = Salt::new(&KEY, &[7; 32], &record());
                prop_assert_ne!(salt.open(&forged).leaf(), salt.open(&record()).leaf());
            }
        }
    }
}
