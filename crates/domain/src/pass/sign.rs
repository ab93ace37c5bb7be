//! The text of a pass, made anew of what is kept: the same each time.

use std::fmt;

use kernel::{Id, Person};
use pass_format::{Hint, Issuer, Mark, Pass};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{
    model::{Bearer, Held, KeyState, Regime, broken, seconds},
    rule::Facts,
    vault::Secret,
};
use crate::{Ctx, Refusal, organization, resident};

/// Stands before the number of a door.
const HOUSEHOLD: char = '户';

/// What a pass says of whoever carries it. It is sealed when the pass is given: what is stated later changes no pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Shown {
    Nothing,
    Name(char),
    Vehicle(char, u16),
    Household(u16),
}

impl Shown {
    /// Of `person`, called `name`.
    pub fn of(
        tx: &mut Tx<'_>,
        regime: &Regime,
        person: Id<Person>,
        name: &str,
        facts: &Facts,
    ) -> Result<Self, Refusal> {
        Ok(match regime.bearer {
            Bearer::Nothing => Self::Nothing,
            Bearer::Name => Self::Name(shown(name.chars().next().unwrap_or('?'))),
            Bearer::Vehicle => {
                let (first, digits) =
                    facts.vehicle.ok_or_else(|| Refusal::conflict("conflict-pass-vehicle"))?;
                Self::Vehicle(shown(first), digits)
            }
            Bearer::Household => {
                let door = resident::address_of(tx, person)?.as_deref().and_then(door_number);
                Self::Household(door.ok_or_else(|| Refusal::conflict("conflict-pass-door"))?)
            }
        })
    }

    pub fn sealed(&self, ctx: &Ctx, secret: &Secret, holder: &[u8], index: i64) -> Result<Vec<u8>, Refusal> {
        let clear = serde_json::to_vec(self).map_err(broken)?;
        Ok(secret.seal(&ctx.city.ids.secret(), &about(holder, index), &clear))
    }

    pub fn unsealed(secret: &Secret, holder: &[u8], index: i64, sealed: &[u8]) -> Result<Self, Refusal> {
        let clear = secret.unseal(&about(holder, index), sealed);
        let shown = clear.and_then(|it| serde_json::from_slice(&it).ok());
        shown.ok_or_else(|| Refusal::Broken("what a pass says was changed in the database".to_owned()))
    }

    fn to_format(&self) -> Result<pass_format::Bearer, Refusal> {
        Ok(match *self {
            Self::Nothing => pass_format::Bearer::Anybody,
            Self::Name(first) => pass_format::Bearer::Name(Hint::new(first).map_err(broken)?),
            Self::Vehicle(first, digits) => {
                pass_format::Bearer::NameAndDigits(Hint::new(first).map_err(broken)?, digits)
            }
            Self::Household(door) => {
                pass_format::Bearer::NameAndDigits(Hint::new(HOUSEHOLD).map_err(broken)?, door)
            }
        })
    }
}

/// The number at the door: the last number in an address, of which a pass shows the last four digits.
fn door_number(address: &str) -> Option<u16> {
    let digit =
        |it: char| it.to_digit(10).or_else(|| ('０'..='９').contains(&it).then(|| it as u32 - '０' as u32));
    let digits = address.chars().rev().skip_while(|it| digit(*it).is_none()).map_while(digit);
    let mut last: Vec<u32> = digits.take(4).collect();
    last.reverse();
    let number = last.iter().fold(0, |number, it| number * 10 + it);
    if last.is_empty() { None } else { u16::try_from(number).ok() }
}

/// What a code has room for: characters of the rarer planes take four bytes, and the mark that print puts for a missing one
/// stands for them.
fn shown(first: char) -> char {
    if Hint::new(first).is_ok() { first } else { '〓' }
}

/// As a checkpoint reads it.
impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Name(first) => write!(out, "{first}*"),
            Self::Vehicle(first, digits) => write!(out, "{first}*{digits:04}"),
            Self::Household(door) => write!(out, "{HOUSEHOLD}*{door:04}"),
        }
    }
}

fn about(holder: &[u8], index: i64) -> Vec<u8> {
    [b"bearer", holder, &index.to_be_bytes()[..]].concat()
}

pub(super) fn sign(
    tx: &mut Tx<'_>,
    regime: &Regime,
    secret: &Secret,
    key: &KeyState,
    held: &Held,
    shown: &Shown,
) -> Result<String, Refusal> {
    let office = organization::name(tx, key.organization)?.unwrap_or_default();
    let pass = Pass {
        not_before: seconds(held.not_before),
        expires: seconds(held.expires),
        mark: Mark::Status {
            index: held.index.unsigned_abs(),
            list: regime.number.to_string().into_boxed_str(),
        },
        regime: regime.number,
        scope: regime.scope(),
        bearer: shown.to_format()?,
    };
    let signing = secret.signing_key(key.number)?;
    let issuer = Issuer::new(signing, key.to_format(regime, &office)?).map_err(broken)?;
    issuer.issue(&pass, &regime.to_format(&office)).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_at_a_door_is_the_last_one_of_its_address() {
        for (address, number) in [
            ("新体路社区民建路37号泰和苑3号楼2单元502室", Some(502)),
            ("三号地村一组15号", Some(15)),
            ("团结路８号院１２０１", Some(1_201)),
            ("12345号", Some(2_345)),
            ("村东头", None),
            ("", None),
        ] {
            assert_eq!(door_number(address), number, "{address}");
        }
    }
}
