//! What a transparency log publishes about passes: a type line and deterministic CBOR, of which nothing is about a person
//! or a single pass.

use minicbor::{Encoder, encode::Write};
use sha2::{Digest as _, Sha256};

use crate::{
    cbor::{self, Written},
    key::{KeyId, KeyRecord},
    regime::Regime,
};

/// One public entry.
#[derive(Clone, Debug)]
pub enum Statement<'a> {
    Regime(&'a Order<'a>),
    /// The rule by which one regime's passes are given.
    Rule {
        regime: u16,
        version: u64,
        text: &'a str,
        /// People whose outcome it changed when it was decided; none where they are too few to be published.
        affected: Option<u64>,
        offices: &'a [&'a str],
    },
    /// A key that begins, or is withdrawn with a reason.
    Key {
        record: &'a KeyRecord,
        reason: Option<&'a str>,
    },
    /// The token of a status list, by its digest.
    StatusList {
        regime: u16,
        token: &'a [u8],
    },
    /// A bundle, by its digest.
    Bundle(&'a [u8]),
    /// What an office issued, and what was revoked of it, in a day (`2026-11-20`); none where it is too little to be published.
    Counts {
        regime: u16,
        office: &'a str,
        day: &'a str,
        issued: Option<u64>,
        revoked: Option<u64>,
    },
    /// A regime is over: its keys are destroyed, and what was kept of people is deleted.
    Deletion {
        regime: u16,
        ended_at: u64,
        deleted_at: u64,
        keys: &'a [KeyId],
        /// What was deleted, and how much of it; none where it is too little to be published.
        counts: &'a [(&'a str, Option<u64>)],
    },
}

/// A regime as it was ordered and approved.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    pub regime: &'a Regime,
    /// Code of the area in which it holds.
    pub area: &'a str,
    pub purposes: &'a str,
    /// What a checkpoint may do.
    pub duties: &'a str,
    /// What a pass says of its bearer.
    pub bearer: &'a str,
    pub rule: &'a str,
    /// The office that ordered it, and the one that approved.
    pub offices: [&'a str; 2],
    pub approved_at: u64,
}

impl Statement<'_> {
    /// The type line of the entry, without its end.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Regime(_) => "olzii/regime/v1",
            Self::Rule { .. } => "olzii/pass-rule/v1",
            Self::Key { .. } => "olzii/key/v1",
            Self::StatusList { .. } => "olzii/status-list/v1",
            Self::Bundle(_) => "olzii/bundle/v1",
            Self::Counts { .. } => "olzii/pass-counts/v1",
            Self::Deletion { .. } => "olzii/deletion/v1",
        }
    }

    /// The entry of the log.
    pub fn to_entry(&self) -> Vec<u8> {
        let body = cbor::written(1024, |writer| self.write(writer));
        [self.kind().as_bytes(), b"\n", &body].concat()
    }

    fn write<W: Write>(&self, writer: &mut Encoder<W>) -> Written<W> {
        match self {
            Self::Regime(order) => order.write(writer)?,
            Self::Rule { regime, version, text, affected, offices } => {
                writer.array(5)?.u16(*regime)?.u64(*version)?.str(text)?;
                count(writer, *affected)?;
                texts(writer, offices)?;
            }
            Self::Key { record, reason } => {
                writer.array(2)?;
                record.write(writer)?;
                match reason {
                    None => writer.null()?,
                    Some(reason) => writer.str(reason)?,
                };
            }
            Self::StatusList { regime, token } => {
                writer.array(2)?.u16(*regime)?.bytes(&Sha256::digest(token))?;
            }
            Self::Bundle(bytes) => {
                writer.bytes(&Sha256::digest(bytes))?;
            }
            Self::Counts { regime, office, day, issued, revoked } => {
                writer.array(5)?.u16(*regime)?.str(office)?.str(day)?;
                count(writer, *issued)?;
                count(writer, *revoked)?;
            }
            Self::Deletion { regime, ended_at, deleted_at, keys, counts } => {
                writer.array(5)?.u16(*regime)?.u64(*ended_at)?.u64(*deleted_at)?;
                writer.array(keys.len() as u64)?;
                for key in *keys {
                    writer.bytes(key.as_bytes())?;
                }
                writer.array(counts.len() as u64)?;
                for (what, number) in *counts {
                    writer.array(2)?.str(what)?;
                    count(writer, *number)?;
                }
            }
        }
        Ok(())
    }
}

impl Order<'_> {
    fn write<W: Write>(&self, writer: &mut Encoder<W>) -> Written<W> {
        writer.array(8)?;
        self.regime.write(writer)?;
        writer.str(self.area)?.str(self.purposes)?.str(self.duties)?.str(self.bearer)?.str(self.rule)?;
        texts(writer, &self.offices)?;
        writer.u64(self.approved_at)?;
        Ok(())
    }
}

fn count<W: Write>(writer: &mut Encoder<W>, number: Option<u64>) -> Written<W> {
    match number {
        None => writer.null()?,
        Some(number) => writer.u64(number)?,
    };
    Ok(())
}

fn texts<W: Write>(writer: &mut Encoder<W>, texts: &[&str]) -> Written<W> {
    writer.array(texts.len() as u64)?;
    for text in texts {
        writer.str(text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_stands_in_the_log_as_checkpoints_look_for_it() {
        let entry = Statement::Bundle(b"bytes").to_entry();
        assert_eq!(entry, crate::log_entry(b"bytes"));
        assert!(entry.starts_with(b"olzii/bundle/v1\n\x58\x20"));
    }

    #[test]
    fn the_form_of_an_entry_stands() {
        let id = KeyId::new(&[1, 2, 3, 4]).unwrap();
        let counts = [("pass_issue", Some(300))];
        let deletion =
            Statement::Deletion { regime: 12, ended_at: 5, deleted_at: 6, keys: &[id], counts: &counts };
        let expected =
            b"olzii/deletion/v1\n\x85\x0c\x05\x06\x81\x44\x01\x02\x03\x04\x81\x82\x6apass_issue\x19\x01\x2c";
        assert_eq!(deletion.to_entry(), expected);
        let rule =
            |affected| Statement::Rule { regime: 1, version: 2, text: "x", affected, offices: &["a", "b"] };
        assert_eq!(rule(Some(21)).to_entry(), b"olzii/pass-rule/v1\n\x85\x01\x02\x61x\x15\x82\x61a\x61b");
        // Too few to be published is not none.
        assert_eq!(rule(None).to_entry(), b"olzii/pass-rule/v1\n\x85\x01\x02\x61x\xf6\x82\x61a\x61b");
        let day = Statement::Counts { regime: 1, office: "a", day: "d", issued: Some(10), revoked: None };
        assert_eq!(day.to_entry(), b"olzii/pass-counts/v1\n\x85\x01\x61a\x61d\x0a\xf6");
    }
}
