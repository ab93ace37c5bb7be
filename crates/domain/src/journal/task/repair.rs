//! The files of the log are made of the journal's rows and of what was stated: those that are damaged are made of them
//! again, and put in their places only if all of it leads to what was signed.

use std::{collections::HashMap, sync::Arc};

use tlog::{
    Checkpoint, Edge, Fault, Hash, LogIdentity, Resource, SignedCheckpoint, Source, TILE_WIDTH, Tile,
    push_entry, read_bundle, tile_bytes,
};

use super::{last, succession::succession_of};
use crate::{
    City, Ctx, Refusal,
    journal::{
        database::{DatabaseLog, put, raw_tile},
        rule::leaf,
        store as rows,
    },
};

/// Rows of one bundle that are looked at: more than there are places means that some are taken twice.
const ROWS: i64 = 2 * TILE_WIDTH as i64;

/// What a repair came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// Entries that were held against what was signed.
    pub entries: u64,
    /// What was made anew, such as `tile/0/001`.
    pub files: Vec<String>,
}

/// Makes the files of the log anew where they are not what its entries make. Nothing is written unless the whole leads to
/// the head that was signed and, as far as that reaches, to what is remembered of it. `former` is what logs that came before
/// signed last: the entries by which this one succeeds them have no row.
pub fn repair(city: &Arc<City>, former: &[Vec<u8>]) -> Result<Repair, Refusal> {
    let ctx = Ctx::system(city.clone());
    let heads = ctx.read(|tx| Ok(rows::heads(tx)?))?;
    let broken = |reason: String| Err(Refusal::Broken(reason));
    let Some(held) = heads.into_iter().next() else {
        return broken("the database holds no log: bring back a backup".to_owned());
    };
    let Some(log) = city.log.policy().logs().iter().find(|it| it.origin == held.origin) else {
        return broken(format!(
            "the database holds the log {}, which is none that log.policy names",
            held.origin
        ));
    };
    let remembered = if log.origin == city.log.origin() { last(&ctx)? } else { None };
    let head = head(&ctx, log, &held)?;
    let store = DatabaseLog::new(city, ctx.now);
    let size = head.checkpoint.size;
    let former = former.iter().filter_map(|last| {
        city.log.policy().logs().iter().find_map(|log| Some(succession_of(log, &log.open(last).ok()?)))
    });
    let former = former.collect();
    let mut making = Making {
        ctx: &ctx,
        store: &store,
        former,
        edge: Edge::default(),
        differing: None,
        files: Vec::new(),
    };
    making.run(size, remembered.as_ref())?;
    let (computed, stated) = (making.edge.root(), head.checkpoint.root);
    if computed != stated {
        return broken(format!(
            "neither the journal's rows nor what is left of the log lead to what was signed: {}; bring back a backup",
            Fault::Root { size, computed, stated }
        ));
    }
    if let Some(fault) = making.differing {
        return broken(format!(
            "{fault}; nothing is made anew of entries that are not those that were signed for"
        ));
    }
    let (files, text) = (making.files, head.note.to_string());
    let mut told: Vec<String> = files.iter().map(|(resource, _)| resource.to_string()).collect();
    if text != held.head {
        told.push("head".to_owned());
    }
    if !told.is_empty() {
        ctx.write(|tx| {
            // What grew meanwhile would be cut off.
            if !rows::move_head(tx, &held.origin, &held.head, &text)? {
                return Err(Refusal::Unavailable(
                    "a server seals at the same time: stop it first".to_owned(),
                ));
            }
            files.iter().try_for_each(|(resource, bytes)| put(tx, *resource, bytes))?;
            Ok(())
        })?;
    }
    Ok(Repair { entries: size, files: told })
}

/// What was signed of the whole; where the database has it no more, what is remembered of it.
fn head(ctx: &Ctx, log: &LogIdentity, held: &rows::Head) -> Result<SignedCheckpoint, Refusal> {
    let error = match log.open(held.head.as_bytes()) {
        Ok(signed) => return Ok(signed),
        Err(error) => error,
    };
    let unavailable = |error: std::io::Error| Refusal::Unavailable(format!("what was signed last: {error}"));
    let remembered = ctx.city.log.memory.last().map_err(unavailable)?;
    let signed = remembered.and_then(|it| log.open(&it).ok());
    signed.ok_or_else(|| Refusal::Broken(format!("the head of the log: {error}; bring back a backup")))
}

/// The tree as its entries make it.
struct Making<'a> {
    ctx: &'a Ctx,
    store: &'a DatabaseLog,
    /// Entries by which the log may succeed others.
    former: Vec<Vec<u8>>,
    edge: Edge,
    /// What is remembered is of another tree.
    differing: Option<Fault>,
    /// Those that are not in the database as they are here.
    files: Vec<(Resource, Vec<u8>)>,
}

impl Making<'_> {
    fn run(&mut self, size: u64, remembered: Option<&Checkpoint>) -> Result<(), Refusal> {
        for tile in Tile::all(size).take_while(|it| it.level == 0) {
            let mut bundle = Vec::new();
            for leaf in self.leaves(tile)? {
                push_entry(&mut bundle, &leaf);
                let mut full = Vec::new();
                self.edge.push(Hash::of_entry(&leaf), |it| full.push(it));
                for it in full {
                    self.keep(it.tile.into(), tile_bytes(&it.hashes))?;
                }
                self.compare(remembered);
            }
            self.keep(Resource::Entries { index: tile.index, width: tile.width }, bundle)?;
        }
        let partial: Vec<_> =
            self.edge.partial_tiles().map(|(tile, hashes)| (tile, tile_bytes(hashes))).collect();
        partial.into_iter().try_for_each(|(tile, bytes)| self.keep(tile.into(), bytes))
    }

    /// Whether what is remembered is of this tree.
    fn compare(&mut self, remembered: Option<&Checkpoint>) {
        let Some(it) = remembered.filter(|it| it.size == self.edge.size()) else { return };
        let computed = self.edge.root();
        if computed != it.root {
            self.differing = Some(Fault::Rewritten { size: it.size, computed, stated: it.root });
        }
    }

    fn keep(&mut self, resource: Resource, bytes: Vec<u8>) -> Result<(), Refusal> {
        let held = self.ctx.read(|tx| Ok(raw_tile(tx, resource)?))?;
        if held.as_deref() != Some(&bytes[..]) {
            self.files.push((resource, bytes));
        }
        Ok(())
    }

    /// The entries of a tile: of what stands in rows, in statements and in the bundle that which the tile has the hash of,
    /// or the first.
    fn leaves(&self, tile: Tile) -> Result<Vec<Vec<u8>>, Refusal> {
        let start = tile.index * TILE_WIDTH as u64;
        let mut found = self.found(start, tile.width)?;
        let bundle = self.store.get(Resource::Entries { index: tile.index, width: tile.width })?;
        let bundle = bundle.as_deref().and_then(|it| read_bundle(it, tile.width).ok());
        for (index, leaf) in (start..).zip(bundle.unwrap_or_default()) {
            found.entry(index).or_default().push(leaf.to_vec());
        }
        let hashes = self.store.get(tile.into())?.and_then(|it| tile.read(&it).ok()).unwrap_or_default();
        let choose = |place: u64| {
            let leaves = found.remove(&(start + place)).unwrap_or_default();
            let hash = hashes.get(usize::try_from(place).unwrap_or(usize::MAX));
            let own = leaves.iter().chain(&self.former).find(|it| Some(&Hash::of_entry(it)) == hash);
            own.or(leaves.first()).cloned().ok_or_else(|| {
                Refusal::Broken(format!(
                    "of entry {} of the log neither its row nor its place in the files is left: bring back a backup",
                    start + place
                ))
            })
        };
        (0..u64::from(tile.width)).map(choose).collect()
    }

    /// By places, what the database has of the entries in rows and statements.
    fn found(&self, start: u64, width: u16) -> Result<HashMap<u64, Vec<Vec<u8>>>, Refusal> {
        let signed = |index: u64| i64::try_from(index).unwrap_or(i64::MAX);
        let (from, to) = (signed(start), signed(start + u64::from(width)));
        let (placed, stated) = self.ctx.read(|tx| {
            Ok((rows::placed(tx, from, to, ROWS)?, rows::placed_statements(tx, from, to, ROWS)?))
        })?;
        let placed = placed.into_iter().filter_map(|it| Some((it.index?, leaf(it.commitment.as_deref()?))));
        let stated = stated.into_iter().map(|(entry, index)| (index, entry));
        let mut found: HashMap<u64, Vec<Vec<u8>>> = HashMap::new();
        for (index, leaf) in placed.chain(stated) {
            found.entry(u64::try_from(index).unwrap_or(u64::MAX)).or_default().push(leaf);
        }
        Ok(found)
    }
}
