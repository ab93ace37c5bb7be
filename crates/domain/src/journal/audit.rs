//! Holding the journal's rows against its log, and the log against what was signed: what is wrong, and since when.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tlog::{Checkpoint, Known, Resource, SignedCheckpoint, Source, TILE_WIDTH, Tile, read_bundle};

use super::{
    database::{DatabaseLog, Shown, Whole},
    rule::{commitment_in, leaf},
    store as rows,
    task::{Forgotten, MEMORY_GONE, RETENTION_SECONDS, is_sound, last},
};
use crate::{City, Ctx, Refusal};

/// Findings that are told one by one.
const FINDINGS_MAX: usize = 100;
/// Seconds that an entry may wait for its place.
const WAITING_SECONDS_MAX: i64 = 600;
/// Rows of one look at what waits.
const WAITING_ROWS: i64 = 500;
/// Seconds by which the clocks of witnesses may be behind the city's.
const CLOCKS_SECONDS: i64 = 86_400;

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalAudit {
    /// Entries that have places.
    pub entries: u64,
    pub waiting: u64,
    pub findings: Vec<String>,
    /// Findings beyond those.
    pub more: u64,
    is_damaged: bool,
}

/// Reads the whole log and the whole journal.
pub fn audit(city: &Arc<City>) -> Result<JournalAudit, Refusal> {
    let ctx = Ctx::system(city.clone());
    let store = DatabaseLog::new(city, ctx.now);
    let mut audit = JournalAudit::default();
    let shown = ctx.read(|tx| Ok::<_, Refusal>(Shown::read(tx, &city.log)?))?;
    let mut known = known_checkpoints(&ctx, &shown, &mut audit)?;
    published(&ctx, &store, &shown, &mut known, &mut audit)?;
    // After what was signed and shown: the log may grow meanwhile, and growing is no rolling back.
    let head = head(&ctx, &mut audit)?;
    tree(&ctx, &store, head.as_ref(), &known, &mut audit)?;
    if let Some(head) = head {
        audit.entries = head.checkpoint.size;
        Walk { ctx: &ctx, store: &store, known: &known, audit: &mut audit, forgotten: 0 }
            .run(head.checkpoint.size)?;
    }
    waiting(&ctx, &mut audit)?;
    Ok(audit)
}

impl JournalAudit {
    /// What helps where files of the log are damaged.
    pub fn remedy(&self) -> Option<&'static str> {
        self.is_damaged.then_some(
            "damaged files of the log are made anew of the journal's rows by `olzii repair-log`, if they lead to what was signed",
        )
    }

    fn add(&mut self, finding: String) {
        if self.findings.len() < FINDINGS_MAX { self.findings.push(finding) } else { self.more += 1 }
    }
}

/// What was signed and shown before, and what was signed last.
fn known_checkpoints(ctx: &Ctx, shown: &Shown, audit: &mut JournalAudit) -> Result<Vec<Known>, Refusal> {
    let mut known = shown.known.clone();
    for at in &shown.unsound {
        audit.add(format!("the checkpoint that was kept on {at} is not one that the log signed"));
    }
    match last(ctx) {
        Ok(last) => last.into_iter().for_each(|it| add(&mut known, it)),
        Err(Refusal::Broken(reason)) => audit.add(reason),
        Err(refusal) => return Err(refusal),
    }
    known.sort_by_key(|it| it.checkpoint.size);
    Ok(known)
}

/// One of no known time, unless it is known of a time.
fn add(known: &mut Vec<Known>, checkpoint: Checkpoint) {
    if !known.iter().any(|it| it.checkpoint == checkpoint) {
        known.push(Known { checkpoint, time: None });
        known.sort_by_key(|it| it.checkpoint.size);
    }
}

/// What is shown to everybody is what those stand for whom the policy asks.
fn published(
    ctx: &Ctx,
    store: &DatabaseLog,
    shown: &Shown,
    known: &mut Vec<Known>,
    audit: &mut JournalAudit,
) -> Result<(), Refusal> {
    let log = &ctx.city.log;
    let Some(bytes) = store.get(Resource::Checkpoint)? else {
        if shown.is_own {
            audit.add(
                "the log: the checkpoint that is shown is missing: the next round shows it again".to_owned(),
            );
        }
        return Ok(());
    };
    match log.identity().open(&bytes) {
        Ok(signed) => {
            if let Err(error) = log.policy().judge(&bytes) {
                audit.add(format!("the log: {error}"));
            }
            add(known, signed.checkpoint);
        }
        Err(error) => {
            audit.add(format!("the log: the checkpoint that is shown: {error}; the next round replaces it"));
        }
    }
    Ok(())
}

/// The files of the log up to its head, held against that, against what was shown before and against what was signed
/// last. Where the head cannot be read, up to what is shown.
fn tree(
    ctx: &Ctx,
    store: &DatabaseLog,
    head: Option<&SignedCheckpoint>,
    known: &[Known],
    audit: &mut JournalAudit,
) -> Result<(), Refusal> {
    let log = &ctx.city.log;
    let found = match head {
        Some(head) => {
            let whole = Whole { log: store, head: head.note.to_string() };
            tlog::audit(&whole, log.identity(), known, &[])?
        }
        None if store.get(Resource::Checkpoint)?.is_some() => tlog::audit(store, log.identity(), known, &[])?,
        None => return Ok(()),
    };
    let mut told = HashSet::new();
    for it in &found.findings {
        // Of a file the first: a whole one that is gone bad hides no row.
        let file = it.fault.resource();
        audit.is_damaged |= file.is_some_and(|file| file != Resource::Checkpoint);
        match file.is_none_or(|file| told.insert(file)) {
            true => audit.add(format!("the log: {it}")),
            false => audit.more += 1,
        }
    }
    audit.more += found.more;
    Ok(())
}

/// How far the log may be forgotten: as far as the city says in entries of its own, and no further than checkpoints go
/// that are so old themselves.
fn forgotten(ctx: &Ctx, known: &[Known]) -> Result<u64, Refusal> {
    let said = ctx.read(|tx| Forgotten::read(ctx, tx))?.through;
    let before = ctx.now.plus_seconds(CLOCKS_SECONDS - RETENTION_SECONDS).micros() / 1_000_000;
    let is_old = |it: &&Known| it.time.is_some_and(|at| i64::try_from(at).is_ok_and(|at| at <= before));
    let shown = known.iter().filter(is_old).map(|it| it.checkpoint.size).max().unwrap_or(0);
    Ok(said.min(shown))
}

/// What is signed of the whole, which is all that was ever signed.
fn head(ctx: &Ctx, audit: &mut JournalAudit) -> Result<Option<SignedCheckpoint>, Refusal> {
    let log = &ctx.city.log;
    let mut own = None;
    // The memory first: the log may grow meanwhile.
    let last = last(ctx);
    let (heads, is_any_placed) =
        ctx.read(|tx| Ok::<_, Refusal>((rows::heads(tx)?, rows::is_any_placed(tx)?)))?;
    // The first one may have been signed and shown since the memory was asked.
    let is_gone = matches!(last, Ok(None)) && heads.iter().any(|it| it.published.is_some());
    if is_gone && matches!(super::task::last(ctx), Ok(None)) {
        audit.add(MEMORY_GONE.to_owned());
    }
    for it in heads {
        match log.identity().open(it.head.as_bytes()) {
            Ok(signed) => own = Some(signed),
            Err(error) => audit.add(format!("the head of the log: {error}")),
        }
    }
    let size = own.as_ref().map_or(0, |it| it.checkpoint.size);
    match last {
        Ok(Some(last)) if last.size > size => audit.add(format!(
            "the log was rolled back: its head is of {size} entries, {} were signed for",
            last.size
        )),
        _ => {}
    }
    if own.is_none() && is_any_placed {
        audit.add("entries of the journal have places in a log that is not there".to_owned());
    }
    Ok(own)
}

/// The rows along the log.
struct Walk<'a> {
    ctx: &'a Ctx,
    store: &'a DatabaseLog,
    known: &'a [Known],
    audit: &'a mut JournalAudit,
    /// Entries at the beginning of the log that may have lost what opens them.
    forgotten: u64,
}

impl Walk<'_> {
    fn run(mut self, size: u64) -> Result<(), Refusal> {
        self.forgotten = forgotten(self.ctx, self.known)?;
        for tile in Tile::all(size).take_while(|tile| tile.level == 0) {
            let start = tile.index * TILE_WIDTH as u64;
            let resource = Resource::Entries { index: tile.index, width: tile.width };
            let bytes = self.store.get(resource)?;
            let leaves = bytes.as_deref().and_then(|bytes| read_bundle(bytes, tile.width).ok());
            let Some(leaves) = leaves else {
                self.audit
                    .add(format!("{resource} is missing or not readable: its entries cannot be checked"));
                continue;
            };
            self.bundle(start, &leaves)?;
        }
        self.beyond()
    }

    /// The rows of one bundle.
    fn bundle(&mut self, start: u64, leaves: &[&[u8]]) -> Result<(), Refusal> {
        let end = start + leaves.len() as u64;
        let (from, to) = (signed(start), signed(end));
        // More than there are places means that some are taken twice; as many again are told of.
        let rows_max = 2 * TILE_WIDTH as i64;
        let placed = self.ctx.read(|tx| Ok::<_, Refusal>(rows::placed(tx, from, to, rows_max)?))?;
        let places: HashMap<&[u8], u64> =
            leaves.iter().enumerate().map(|(place, it)| (*it, start + place as u64)).collect();
        let stated =
            self.ctx.read(|tx| Ok::<_, Refusal>(rows::placed_statements(tx, from, to, rows_max)?))?;
        for (entry, place) in stated {
            let index = u64::try_from(place).unwrap_or(u64::MAX);
            if leaves[(index - start) as usize] != entry {
                self.tell(index, "the public statement in the database is not the one that was sealed");
            }
        }
        let mut rows = placed.iter().peekable();
        for (place, leaf) in leaves.iter().enumerate() {
            let index = start + place as u64;
            // The log holds other kinds of entries too, which have no row here.
            let is_journal = commitment_in(leaf).is_some();
            let mut here = Vec::new();
            while let Some(row) = rows.next_if(|it| it.index == Some(signed(index))) {
                here.push(row);
            }
            // Of several the one that was sealed; if none was, the first stands for it.
            let own = here.iter().position(|it| is_sealed_as(it, leaf)).unwrap_or(0);
            for (number, row) in here.iter().enumerate() {
                match number == own {
                    true => self.row(index, leaf, row, &places),
                    false => self.tell(index, &format!("{} was put in beside it", name(row))),
                }
            }
            if here.is_empty() && is_journal {
                self.tell(index, "its row was taken out of the journal");
            }
        }
        Ok(())
    }

    fn row(&mut self, index: u64, sealed: &[u8], row: &rows::Sealed, places: &HashMap<&[u8], u64>) {
        let held = row.commitment.as_deref().map(leaf);
        if held.as_deref() != Some(sealed) {
            let other = held.as_deref().and_then(|it| places.get(it));
            let what = match other {
                Some(other) => {
                    format!("in its place stands {}, which was sealed as entry {other}", name(row))
                }
                None => format!("the commitment of {} was changed", name(row)),
            };
            return self.tell(index, &what);
        }
        match &row.salt {
            // The city may have forgotten more since the audit began.
            None if self.is_forgotten(index) => {}
            None => self.tell(index, &format!("the salt of {} was taken away before its time", name(row))),
            Some(salt) if salt.open(&row.record).leaf() != sealed => {
                self.tell(index, &format!("{} was changed", name(row)));
            }
            // Who has database and log key could seal it; the mark is of the city's key.
            Some(_) if !is_sound(self.ctx, row) => {
                self.tell(
                    index,
                    &format!("{} was not written by this city: its salt does not fit it", name(row)),
                );
            }
            Some(_) => {}
        }
    }

    fn is_forgotten(&mut self, index: u64) -> bool {
        // So many are told that one more look would change nothing.
        if index >= self.forgotten && self.audit.more == 0 {
            self.forgotten = forgotten(self.ctx, self.known).unwrap_or(self.forgotten);
        }
        index < self.forgotten
    }

    fn tell(&mut self, index: u64, what: &str) {
        let covers = self.known.iter().find(|it| it.checkpoint.size > index);
        let since = covers.map_or_else(
            || "; no earlier checkpoint is known to say since when".to_owned(),
            |it| format!(", after {it}"),
        );
        self.audit.add(format!("entry {index} of the journal: {what}{since}"));
    }

    /// Rows that say they have a place that the log does not have.
    fn beyond(&mut self) -> Result<(), Refusal> {
        let identity = self.ctx.city.log.identity();
        // It may have grown: its size is that of the moment at which the rows are read.
        let beyond = |tx: &mut store::Tx<'_>| -> Result<(u64, Vec<rows::Sealed>), Refusal> {
            let sizes = rows::heads(tx)?.into_iter().filter_map(|it| identity.open(it.head.as_bytes()).ok());
            let size = sizes.map(|it| it.checkpoint.size).max().unwrap_or(0);
            let mut found = rows::placed(tx, i64::MIN, 0, FINDINGS_MAX as i64)?;
            found.extend(rows::placed(tx, signed(size), i64::MAX, FINDINGS_MAX as i64)?);
            Ok((size, found))
        };
        let (size, found) = self.ctx.read(beyond)?;
        for row in found {
            let place = row.index.unwrap_or_default();
            self.audit.add(format!(
                "{} was put in: it claims the place {place} in the log, which has {size} entries",
                name(&row)
            ));
        }
        Ok(())
    }
}

fn is_sealed_as(row: &rows::Sealed, sealed: &[u8]) -> bool {
    row.salt.is_some_and(|salt| salt.open(&row.record).leaf() == sealed)
}

fn signed(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

fn name(it: &rows::Sealed) -> String {
    format!("the row {} ({} on {})", it.record.id, it.record.action, it.record.at)
}

/// What has no place yet: written by this city, and not long ago.
fn waiting(ctx: &Ctx, audit: &mut JournalAudit) -> Result<(), Refusal> {
    let mut after = None;
    loop {
        let page = ctx.read(|tx| Ok::<_, Refusal>(rows::waiting(tx, after, WAITING_ROWS)?))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.record.at, last.record.id));
        for it in &page {
            audit.waiting += 1;
            // Before the log begins, entries from before have no commitment.
            let is_from_before = it.commitment.is_none() && audit.entries == 0;
            if !is_from_before && !is_sound(ctx, it) {
                audit.add(format!(
                    "{} was put in or changed before it was sealed: its salt does not fit it",
                    name(it)
                ));
            } else if ctx.now.seconds_since(it.record.at) > WAITING_SECONDS_MAX && audit.entries > 0 {
                audit.add(format!("{} waits for its place in the log: does the server run?", name(it)));
            }
        }
    }
}
