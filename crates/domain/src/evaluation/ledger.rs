//! Pages: what the cases of a county count for on a day, packed so that a month is added up in milliseconds.
//!
//! A page is a bag of entries. Two cases whose facts are the same have the same entry, and either may be taken away for
//! the other. Its digests put together what differs in nothing that a whole county's whole day is asked for.

use std::collections::HashMap;

use kernel::{AreaPath, Id, Organization};
use uuid::Uuid;

/// The day of what has not happened.
pub const NEVER: i32 = i32::MAX;

/// One thing that a case counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// When it counts: the moment of the report or of a deadline, in microseconds.
    pub at: i64,
    /// The day on which what was due was done, in days since 1970 on the city's clocks, or `NEVER`.
    pub done: i32,
    pub family: Family,
    pub marks: Marks,
}

/// What an entry tells of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// At its report: done when filed.
    Report,
    /// At the deadline of the handling: done when handled.
    Handling,
    /// At the same: done when rated.
    Rating,
    /// At the deadline of the check: done when passed.
    Closing,
    /// When its requester was to be contacted: done when reached.
    Contact,
    /// At the deadline of the handling: done when the work on it had ended for the first time.
    Ending,
    /// At the same: done when it was opened again for the first time.
    Reopening,
    /// At the same, of each body that the case was given to.
    Given,
}

impl Family {
    const ALL: [Family; 8] = [
        Family::Report,
        Family::Handling,
        Family::Rating,
        Family::Closing,
        Family::Contact,
        Family::Ending,
        Family::Reopening,
        Family::Given,
    ];
}

/// What is so of a case beside, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marks(pub u16);

impl Marks {
    pub const IN_TIME: Marks = Marks(1);
    pub const DISPATCHED: Marks = Marks(1 << 1);
    pub const RETURNED: Marks = Marks(1 << 2);
    pub const REWORKED: Marks = Marks(1 << 3);
    pub const SOLVED: Marks = Marks(1 << 4);
    pub const SATISFIED: Marks = Marks(1 << 5);
    /// A decision leaves it out.
    pub const EXCLUDED: Marks = Marks(1 << 6);
    /// A granted appeal exempts the lateness, the return, the rework.
    pub const EXEMPT_LATE: Marks = Marks(1 << 7);
    pub const EXEMPT_RETURN: Marks = Marks(1 << 8);
    pub const EXEMPT_REWORK: Marks = Marks(1 << 9);
    /// It ended without being handled.
    pub const ENDED: Marks = Marks(1 << 10);
    /// It was found to be a second report.
    pub const REPEATED: Marks = Marks(1 << 11);
    /// The work of the body that has it was sent back.
    pub const OWN_REWORK: Marks = Marks(1 << 12);
    /// It is a part of another.
    pub const PART: Marks = Marks(1 << 13);

    pub fn has(self, mark: Marks) -> bool {
        self.0 & mark.0 != 0
    }

    pub fn with(self, mark: Marks, applies: bool) -> Self {
        if applies { Marks(self.0 | mark.0) } else { self }
    }

    pub fn and(self, other: Marks) -> Self {
        Marks(self.0 | other.0)
    }

    pub fn without(self, mark: Marks) -> Self {
        Marks(self.0 & !mark.0)
    }
}

/// Entries with the areas and bodies that they belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub areas: Vec<AreaPath>,
    pub bodies: Vec<Option<Id<Organization>>>,
    /// Each with its places in `areas` and `bodies`.
    pub entries: Vec<(Entry, u16, u16)>,
}

/// Bytes of an entry: moment, day, family, marks, area, body.
const ENTRY_BYTES: usize = 8 + 4 + 1 + 2 + 2 + 2;

impl Page {
    /// Puts an entry in. None when the page has more areas or bodies than it can number.
    pub fn add(&mut self, entry: Entry, area: &AreaPath, body: Option<Id<Organization>>) -> Option<()> {
        let place = (entry, number(&mut self.areas, area)?, number(&mut self.bodies, &body)?);
        self.entries.push(place);
        Some(())
    }

    /// Takes one such entry out. None when there is none.
    pub fn remove(&mut self, entry: Entry, area: &AreaPath, body: Option<Id<Organization>>) -> Option<()> {
        let area = self.areas.iter().position(|it| it == area)? as u16;
        let body = self.bodies.iter().position(|it| *it == body)? as u16;
        let place = self.entries.iter().position(|it| *it == (entry, area, body))?;
        self.entries.swap_remove(place);
        Some(())
    }

    /// Each entry with its area and body.
    pub fn items(&self) -> impl Iterator<Item = (&Entry, &AreaPath, Option<Id<Organization>>)> {
        self.entries.iter().map(|(entry, area, body)| {
            (entry, &self.areas[usize::from(*area)], self.bodies[usize::from(*body)])
        })
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(4 + self.areas.len() * 40 + self.entries.len() * ENTRY_BYTES);
        bytes.extend((self.areas.len() as u16).to_le_bytes());
        for area in &self.areas {
            // A path has at most 255 bytes.
            bytes.push(area.as_str().len() as u8);
            bytes.extend(area.as_str().as_bytes());
        }
        bytes.extend((self.bodies.len() as u16).to_le_bytes());
        for body in &self.bodies {
            bytes.extend(body.map_or(Uuid::nil(), Id::uuid).as_bytes());
        }
        for (entry, area, body) in &self.entries {
            bytes.extend(entry.at.to_le_bytes());
            bytes.extend(entry.done.to_le_bytes());
            bytes.push(entry.family as u8);
            bytes.extend(entry.marks.0.to_le_bytes());
            bytes.extend(area.to_le_bytes());
            bytes.extend(body.to_le_bytes());
        }
        bytes
    }

    /// What `encode` wrote. None when the bytes are no page.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let mut page = Page::default();
        for _ in 0..u16::from_le_bytes(take(bytes)?) {
            let [length] = take(bytes)?;
            let (text, rest) = bytes.split_at_checked(usize::from(length))?;
            page.areas.push(std::str::from_utf8(text).ok()?.parse().ok()?);
            *bytes = rest;
        }
        for _ in 0..u16::from_le_bytes(take(bytes)?) {
            let body = Uuid::from_bytes(take(bytes)?);
            page.bodies.push((!body.is_nil()).then(|| Id::from_uuid(body)));
        }
        let entries = bytes.chunks_exact(ENTRY_BYTES);
        if !entries.remainder().is_empty() {
            return None;
        }
        page.entries = entries.map(entry).collect::<Option<_>>()?;
        let numbered = |(_, area, body): &(Entry, u16, u16)| {
            usize::from(*area) < page.areas.len() && usize::from(*body) < page.bodies.len()
        };
        page.entries.iter().all(numbered).then_some(page)
    }
}

/// How closely figures tell entries apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    /// Each by itself, with its moment and area.
    Each,
    /// By body, in the whole county and day.
    Bodies,
    /// The whole county and day.
    Whole,
}

/// A page of which equal entries stand once, as of the whole county and at any moment of the day, with how many they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    pub page: Page,
    /// As many as there are entries.
    pub counts: Vec<u32>,
}

impl Digest {
    /// The digest of `page`, which is `county`'s.
    pub fn new(page: &Page, county: &AreaPath, keeps_bodies: bool) -> Self {
        let bodies = if keeps_bodies { page.bodies.clone() } else { vec![None] };
        let mut it = Self {
            page: Page { areas: vec![county.clone()], bodies, entries: Vec::new() },
            counts: Vec::new(),
        };
        let mut places = HashMap::new();
        for (entry, _, body) in &page.entries {
            let body = if keeps_bodies { *body } else { 0 };
            let place = *places.entry((entry.done, entry.family, entry.marks, body)).or_insert_with(|| {
                it.page.entries.push((*entry, 0, body));
                it.counts.push(0);
                it.counts.len() - 1
            });
            it.counts[place] += 1;
        }
        it
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(4 + 4 * self.counts.len());
        bytes.extend((self.counts.len() as u32).to_le_bytes());
        bytes.extend(self.counts.iter().flat_map(|it| it.to_le_bytes()));
        bytes.extend(self.page.encode());
        bytes
    }

    /// What `encode` wrote. None when the bytes are no digest.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let length = usize::try_from(u32::from_le_bytes(take(&mut bytes)?)).ok()?;
        let (counts, page) = bytes.split_at_checked(length.checked_mul(4)?)?;
        let counts = counts.as_chunks().0.iter().map(|it| u32::from_le_bytes(*it)).collect();
        let page = Page::decode(page)?;
        (page.entries.len() == length).then_some(Self { page, counts })
    }
}

fn entry(mut bytes: &[u8]) -> Option<(Entry, u16, u16)> {
    let bytes = &mut bytes;
    let (at, done) = (i64::from_le_bytes(take(bytes)?), i32::from_le_bytes(take(bytes)?));
    let [family] = take(bytes)?;
    let family = *Family::ALL.get(usize::from(family))?;
    let marks = Marks(u16::from_le_bytes(take(bytes)?));
    let (area, body) = (u16::from_le_bytes(take(bytes)?), u16::from_le_bytes(take(bytes)?));
    Some((Entry { at, done, family, marks }, area, body))
}

fn take<const LENGTH: usize>(bytes: &mut &[u8]) -> Option<[u8; LENGTH]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

fn number<T: PartialEq + Clone>(known: &mut Vec<T>, item: &T) -> Option<u16> {
    let place = known.iter().position(|it| it == item).unwrap_or_else(|| {
        known.push(item.clone());
        known.len() - 1
    });
    u16::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_entry() -> impl Strategy<Value = (Entry, u8, u8)> {
        let family = proptest::sample::select(&Family::ALL[..]);
        (any::<i64>(), any::<i32>(), family, any::<u16>(), 0..4_u8, 0..3_u8).prop_map(
            |(at, done, family, marks, area, body)| {
                (Entry { at, done, family, marks: Marks(marks) }, area, body)
            },
        )
    }

    fn area(number: u8) -> AreaPath {
        format!("1509/15090{number}/").parse().unwrap()
    }

    fn body(number: u8) -> Option<Id<Organization>> {
        (number > 0).then(|| Id::from_uuid(Uuid::from_u128(u128::from(number))))
    }

    fn page(all: &[(Entry, u8, u8)]) -> Page {
        let mut page = Page::default();
        for (entry, at, of) in all {
            page.add(*entry, &area(*at), body(*of)).unwrap();
        }
        page
    }

    proptest! {
        #[test]
        fn a_digest_reads_back_and_counts_each_entry_once(
            all in proptest::collection::vec(any_entry(), 0..40), twice in any::<bool>(), keeps_bodies in any::<bool>(),
        ) {
            let all = if twice { [all.clone(), all].concat() } else { all };
            let digest = Digest::new(&page(&all), &area(0), keeps_bodies);
            prop_assert_eq!(Digest::decode(&digest.encode()), Some(digest.clone()));
            prop_assert_eq!(digest.counts.iter().sum::<u32>() as usize, all.len());
            prop_assert!(!twice || digest.counts.iter().all(|it| it % 2 == 0));
        }

        #[test]
        fn a_page_reads_back_and_gives_out_what_was_put_in(all in proptest::collection::vec(any_entry(), 0..40)) {
            let page = page(&all);
            let mut read = Page::decode(&page.encode()).unwrap();
            prop_assert_eq!(&read, &page);
            for (entry, at, of) in all.iter().rev() {
                read.remove(*entry, &area(*at), body(*of)).unwrap();
            }
            prop_assert!(read.entries.is_empty());
        }

        #[test]
        fn what_is_no_page_is_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(page) = Page::decode(&bytes) {
                prop_assert_eq!(Page::decode(&page.encode()), Some(page));
            }
            if let Some(digest) = Digest::decode(&bytes) {
                prop_assert_eq!(Digest::decode(&digest.encode()), Some(digest));
            }
        }
    }

    #[test]
    fn what_was_never_put_in_is_not_taken_out() {
        let entry = Entry { at: 1, done: NEVER, family: Family::Report, marks: Marks::default() };
        let mut page = Page::default();
        page.add(entry, &area(1), None).unwrap();
        assert_eq!(page.remove(Entry { done: 2, ..entry }, &area(1), None), None);
        assert_eq!(page.remove(entry, &area(2), None), None);
        assert_eq!(page.remove(entry, &area(1), body(1)), None);
        assert_eq!(Page::decode(&page.encode()[..10]), None);
    }
}
