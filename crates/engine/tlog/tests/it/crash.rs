//! A log and a witness are cut off after every single thing that they do to a disk, and taken up again.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    num::NonZeroU64,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use tlog::*;

use crate::tools::{ORIGIN, cosigner, entries, identity, key};

/// A disk that loses power: names are sure to be kept once their folder is synced, before that by chance.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// What programs see; None is a folder.
    now: BTreeMap<PathBuf, Option<Vec<u8>>>,
    kept: BTreeMap<PathBuf, Option<Vec<u8>>>,
    done: usize,
    /// The operation in which power is lost.
    cut: Option<usize>,
}

/// What becomes of what was not synced.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Lost,
    Kept,
    /// Each by itself.
    Chance(u64),
}

impl Fate {
    fn keeps(&mut self) -> bool {
        match self {
            Self::Lost => false,
            Self::Kept => true,
            Self::Chance(seed) => {
                *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *seed >> 63 == 1
            }
        }
    }
}

impl Disk {
    fn cut_at(operation: usize) -> Self {
        Self(Arc::new(Mutex::new(State { cut: Some(operation), ..State::default() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Does one thing, or only a part of it at the cut, or nothing after it.
    fn operate(&self, whole: impl FnOnce(&mut State), part: impl FnOnce(&mut State)) -> io::Result<()> {
        let mut state = self.state();
        state.done += 1;
        match state.cut {
            Some(cut) if state.done > cut => {}
            Some(cut) if state.done == cut => part(&mut state),
            _ => {
                whole(&mut state);
                return Ok(());
            }
        }
        Err(io::Error::other("power was lost"))
    }

    /// The disk as it is found when power is back.
    fn after_power_loss(&self, mut fate: Fate) -> Self {
        let state = self.state();
        let names: BTreeSet<&PathBuf> = state.now.keys().chain(state.kept.keys()).collect();
        let mut found = BTreeMap::new();
        for name in names {
            let (now, kept) = (state.now.get(name), state.kept.get(name));
            let entry = if now == kept || !fate.keeps() { kept } else { now };
            let has_folder = name.parent().is_some_and(|it| it == Path::new("/") || found.contains_key(it));
            if let Some(entry) = entry.filter(|_| has_folder) {
                found.insert(name.clone(), entry.clone());
            }
        }
        Self(Arc::new(Mutex::new(State { now: found.clone(), kept: found, done: 0, cut: None })))
    }
}

impl Files for Disk {
    fn read(&self, path: &Path, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
        let file = self.state().now.get(path).cloned().flatten();
        Ok(file.map(|it| it[..it.len().min(bytes_max + 1)].to_vec()))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        assert!(self.state().now.contains_key(path.parent().unwrap()), "{} has no folder", path.display());
        let put = |bytes: &[u8]| {
            let (path, bytes) = (path.to_owned(), bytes.to_vec());
            move |state: &mut State| drop(state.now.insert(path, Some(bytes)))
        };
        self.operate(put(bytes), put(&bytes[..bytes.len() / 2]))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let rename = |state: &mut State| {
            let file = state.now.remove(from).unwrap();
            state.now.insert(to.to_owned(), file);
        };
        // At the cut it may be done or not: done, but not synced, it is kept or lost by fate.
        self.operate(rename, rename)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let create = |state: &mut State| {
            state.now.entry(path.to_owned()).or_insert(None);
        };
        self.operate(create, create)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let sync = |state: &mut State| {
            let is_in = |it: &PathBuf| it.parent() == Some(path);
            state.kept.retain(|it, _| !is_in(it));
            let in_it: Vec<_> = state
                .now
                .iter()
                .filter(|(it, _)| is_in(it))
                .map(|(it, file)| (it.clone(), file.clone()))
                .collect();
            state.kept.extend(in_it);
        };
        self.operate(sync, |_| {})
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        let all = |state: &mut State| state.now.retain(|it, _| !it.starts_with(path));
        let half = |state: &mut State| {
            let mut is_removed = false;
            state.now.retain(|it, _| {
                is_removed = !is_removed;
                !(is_removed && it.starts_with(path) && it != path)
            });
        };
        self.operate(all, half)
    }
}

/// Batches whose sizes fill tiles exactly, by one more, and not.
const BATCHES: [u64; 6] = [1, 3, 252, 1, 300, 40];

/// What was promised before power was lost.
#[derive(Default)]
struct Promised {
    is_created: bool,
    size: u64,
    heads: Vec<Known>,
}

/// Writes until it is cut off; each head that was given out is published or at least remembered by somebody.
fn write(disk: &Disk) -> Promised {
    let mut promised = Promised::default();
    let mut run = || -> Result<(), Box<dyn std::error::Error>> {
        let log = Log::create(DiskStore::on(disk.clone(), "/log")?, key())?;
        promised.is_created = true;
        for count in BATCHES {
            let indices = log.append_all(entries(promised.size..promised.size + count))?;
            assert_eq!(indices.start, promised.size);
            promised.size = indices.end;
            promised.heads.push(Known { checkpoint: log.head().checkpoint, time: None });
            log.publish(&log.head(), Vec::new())?;
        }
        Ok(())
    };
    let _ = run();
    promised
}

/// Takes the log up again: all that was promised is there, and it goes on.
fn take_up(disk: Disk, promised: &Promised, when: &str) {
    let open = || DiskStore::on(disk.clone(), "/log").unwrap();
    let log = match Log::open(open(), key()) {
        Err(OpenError::Missing) if !promised.is_created => Log::create(open(), key()),
        opened => opened,
    };
    let log = log.unwrap_or_else(|error| panic!("{when}: {error}"));
    let size = log.head().checkpoint.size;
    assert!(size >= promised.size, "{when}: {size} entries, {} were promised", promised.size);
    // What had not been promised is there whole or not at all; other entries take its place.
    log.append_all((0..30).map(|it| format!("after {it}").into_bytes()).collect()).unwrap();
    log.publish(&log.head(), Vec::new()).unwrap();
    let audit = audit(log.store(), &identity(), &promised.heads, &[]).unwrap();
    assert_eq!(audit.findings, [], "{when}");
    for index in
        [0, promised.size / 2, promised.size.saturating_sub(1)].into_iter().filter(|it| *it < promised.size)
    {
        let resource = Resource::Entries { index: index / 256, width: 256 };
        let size = log.head().checkpoint.size;
        let tile = Tile::of(size, 0, index / 256).unwrap();
        let resource = if tile.is_partial() {
            Resource::Entries { index: tile.index, width: tile.width }
        } else {
            resource
        };
        let bytes = log.store().get(resource).unwrap().unwrap();
        let entry = read_bundle(&bytes, tile.width).unwrap()[index as usize % 256];
        assert_eq!(entry, format!("entry {index}").as_bytes(), "{when}");
    }
}

#[test]
fn whatever_was_acknowledged_survives_a_loss_of_power_at_any_moment() {
    let whole = Disk::default();
    assert_eq!(write(&whole).size, BATCHES.iter().sum::<u64>());
    let operations = whole.state().done;
    assert!(operations > 100, "{operations}");
    for cut in 1..=operations {
        let disk = Disk::cut_at(cut);
        let promised = write(&disk);
        for fate in [Fate::Lost, Fate::Kept, Fate::Chance(cut as u64), Fate::Chance(!(cut as u64))] {
            take_up(
                disk.after_power_loss(fate),
                &promised,
                &format!("cut at {cut} of {operations}, {fate:?}"),
            );
        }
    }
}

#[test]
fn a_witness_never_goes_back_behind_what_it_cosigned() {
    let log = crate::tools::log(40);
    let tiles = Tiles { source: log.store(), size: 40 };
    let witness = Witness::new(cosigner(), [identity()]);
    let now = NonZeroU64::new(1_800_000_000).unwrap();
    let heads: Vec<_> = (1..=4)
        .map(|it| it * 10)
        .map(|size| {
            let checkpoint = Checkpoint::new(log.origin(), size, root(&tiles, size).unwrap());
            SignedCheckpoint { note: key().sign(&checkpoint), checkpoint }
        })
        .collect();
    // How much was cosigned before the cut.
    let cosign = |disk: &Disk| {
        disk.state().now.insert("/witness".into(), None);
        disk.state().kept.insert("/witness".into(), None);
        let memory = DiskWitness::on(disk.clone(), "/witness");
        let mut old = 0;
        for head in &heads {
            let mut submission = Submission::new(head.clone(), cosigner().verifier().clone(), old);
            let answer = witness.add_checkpoint(&memory, &submission.request(&tiles).unwrap(), now);
            match submission.answer(answer.status, answer.body.as_bytes()) {
                Ok(Answer::Cosigned { .. }) => old = head.checkpoint.size,
                other => {
                    assert_eq!(answer.status, 500, "{other:?}");
                    break;
                }
            }
        }
        old
    };
    let whole = Disk::default();
    assert_eq!(cosign(&whole), 40);
    let operations = whole.state().done;
    assert_eq!(operations, 13, "what an earlier process left is synced, then three for each");
    for cut in 1..=operations {
        let disk = Disk::cut_at(cut);
        let cosigned = cosign(&disk);
        for fate in [Fate::Lost, Fate::Kept, Fate::Chance(cut as u64)] {
            let memory = DiskWitness::on(disk.after_power_loss(fate), "/witness");
            let held = memory.latest(log.origin()).unwrap();
            let size = held.map_or(0, |note| identity().open(&note).unwrap().checkpoint.size);
            assert!(size >= cosigned, "cut at {cut}, {fate:?}: {size} after {cosigned}");
        }
    }
}

#[test]
fn a_witness_answers_nothing_of_what_is_not_on_its_disk() {
    /// A disk that cannot sync for a while.
    #[derive(Clone)]
    struct Failing(Disk, Arc<AtomicBool>);
    impl Files for Failing {
        fn read(&self, path: &Path, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
            self.0.read(path, bytes_max)
        }
        fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
            self.0.write(path, bytes)
        }
        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.0.rename(from, to)
        }
        fn create_folder(&self, path: &Path) -> io::Result<()> {
            self.0.create_folder(path)
        }
        fn sync_folder(&self, path: &Path) -> io::Result<()> {
            match self.1.load(Ordering::SeqCst) {
                true => Err(io::Error::other("input/output error")),
                false => self.0.sync_folder(path),
            }
        }
        fn remove_folder(&self, path: &Path) -> io::Result<()> {
            self.0.remove_folder(path)
        }
    }
    let disk = Failing(Disk::default(), Arc::default());
    disk.0.state().now.insert("/witness".into(), None);
    disk.0.state().kept.insert("/witness".into(), None);
    let memory = DiskWitness::on(disk.clone(), "/witness");
    let witness = Witness::new(cosigner(), [identity()]);
    let now = NonZeroU64::new(1_800_000_000).unwrap();
    let head = crate::tools::log(7).head();
    let ask = |old| {
        let request = AddCheckpoint { old, proof: Vec::new(), checkpoint: head.note.to_string() };
        witness.add_checkpoint(&memory, request.to_string().as_bytes(), now).status
    };
    assert!(memory.latest(ORIGIN).unwrap().is_none());
    disk.1.store(true, Ordering::SeqCst);
    assert_eq!(ask(0), 500);
    // The file stands under its name, and power could still take it away.
    for old in [0, 7] {
        assert_eq!(ask(old), 500, "old {old}");
    }
    assert!(memory.latest(ORIGIN).is_err());
    disk.1.store(false, Ordering::SeqCst);
    assert_eq!(ask(7), 200);
    let found = DiskWitness::on(disk.0.after_power_loss(Fate::Lost), "/witness");
    assert!(found.latest(ORIGIN).unwrap().is_some(), "what was cosigned is there after a loss of power");
}
