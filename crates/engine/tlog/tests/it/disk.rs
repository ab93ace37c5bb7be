//! A log in a real folder.

use std::{
    collections::BTreeSet,
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tlog::*;

use crate::tools::{cosigner, entries, identity, key};

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    let relative = |it: &std::path::PathBuf| it.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    let mut found: Vec<_> = found.iter().map(relative).collect();
    found.sort();
    found
}

#[test]
fn a_folder_holds_what_is_served_and_partial_files_go_when_full_ones_come() {
    let folder = tempfile::tempdir().unwrap();
    {
        let log = Log::create(DiskStore::open(folder.path()).unwrap(), key()).unwrap();
        log.append_all(entries(0..3)).unwrap();
        log.append_all(entries(3..5)).unwrap();
        log.publish(&log.head(), Vec::new()).unwrap();
        let state = [".state/head", ".state/lock"];
        let public = [
            "checkpoint",
            "tile/0/000.p/3",
            "tile/0/000.p/5",
            "tile/entries/000.p/3",
            "tile/entries/000.p/5",
        ];
        assert_eq!(files(folder.path()), [&state[..], &public].concat());
    }
    let log = Log::open(DiskStore::open(folder.path()).unwrap(), key()).unwrap();
    log.append_all(entries(5..260)).unwrap();
    log.publish(&log.head(), Vec::new()).unwrap();
    let expected = [
        ".state/head",
        ".state/lock",
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/4",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/4",
    ];
    assert_eq!(files(folder.path()), expected);
    assert_eq!(audit(log.store(), &identity(), &[], &[]).unwrap().findings, []);
    // Whoever reads beside the writer sees the same, and what it is.
    let beside = FolderSource::new(folder.path());
    let listed = beside.list().unwrap();
    assert_eq!(
        listed.iter().map(Resource::to_string).collect::<BTreeSet<_>>(),
        files(folder.path()).into_iter().skip(2).collect()
    );
    assert_eq!(audit(&beside, &identity(), &[], &listed).unwrap().findings, []);
    // A proof of the earlier size still can be made.
    let tiles = Tiles { source: log.store(), size: 5 };
    assert_eq!(root(&tiles, 5).unwrap(), crate::tools::Plain::new(5).root(0..5));
}

#[test]
fn a_folder_has_one_writer_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = DiskStore::open(folder.path()).unwrap();
    assert!(matches!(DiskStore::open(folder.path()), Err(DiskError::Locked(_))));
    drop(first);
    DiskStore::open(folder.path()).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let first = DiskWitness::open(folder.path()).unwrap();
    assert!(matches!(DiskWitness::open(folder.path()), Err(DiskError::Locked(_))));
    drop(first);
    let witness = Witness::new(cosigner(), [identity()]);
    let memory = DiskWitness::open(folder.path()).unwrap();
    let head = crate::tools::log(1).head();
    let request = format!("old 0\n\n{}", head.note);
    let answer = witness.add_checkpoint(&memory, request.as_bytes(), std::num::NonZeroU64::MIN);
    assert_eq!(answer.status, 200, "{answer:?}");
    drop(memory);
    assert!(DiskWitness::open(folder.path()).unwrap().latest(crate::tools::ORIGIN).unwrap().is_some());
}

#[test]
fn what_no_head_speaks_of_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::create(DiskStore::open(folder.path()).unwrap(), key()).unwrap();
    log.append_all(entries(0..3)).unwrap();
    let beyond = Resource::Entries { index: 0, width: 4 };
    fs::write(folder.path().join(beyond.to_string()), b"left over").unwrap();
    assert_eq!(log.store().get(beyond).unwrap(), None);
    log.append_all(entries(3..4)).unwrap();
    assert_eq!(read_bundle(&log.store().get(beyond).unwrap().unwrap(), 4).unwrap()[3], b"entry 3");
}

/// The machine's files, and a process that dies at some operation: nothing that was done is undone.
#[derive(Clone)]
struct Dying {
    done: Arc<AtomicUsize>,
    last: usize,
}

impl Dying {
    fn at(last: usize) -> Self {
        Self { done: Arc::default(), last }
    }

    fn step(&self) -> io::Result<()> {
        let is_alive = self.done.fetch_add(1, Ordering::SeqCst) < self.last;
        if is_alive { Ok(()) } else { Err(io::Error::other("killed")) }
    }
}

impl Files for Dying {
    fn read(&self, path: &Path, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
        OsFiles.read(path, bytes_max)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let died = self.step();
        let part = if died.is_err() { &bytes[..bytes.len() / 2] } else { bytes };
        fs::write(path, part)?;
        died
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step().and_then(|()| OsFiles.rename(from, to))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| OsFiles.create_folder(path))
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        self.step()
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| OsFiles.remove_folder(path))
    }
}

#[test]
fn a_process_that_dies_at_any_write_leaves_a_log_that_goes_on() {
    let mut last = 0;
    loop {
        let folder = tempfile::tempdir().unwrap();
        let write = |files: Dying| -> Result<u64, (u64, String)> {
            let failed = |size| move |error: &dyn std::fmt::Display| (size, error.to_string());
            let store = DiskStore::on(files, folder.path()).map_err(|it| failed(0)(&it))?;
            let log = Log::create(store, key()).map_err(|it| failed(0)(&it))?;
            let mut size = 0;
            for count in [2, 255, 1] {
                log.append_all(entries(size..size + count)).map_err(|it| failed(size)(&it))?;
                size += count;
                log.publish(&log.head(), Vec::new()).map_err(|it| failed(size)(&it))?;
            }
            Ok(size)
        };
        let written = write(Dying::at(last));
        let promised = written.as_ref().map_or_else(|(size, _)| *size, |size| *size);
        let log = match Log::open(DiskStore::open(folder.path()).unwrap(), key()) {
            Err(OpenError::Missing) => {
                drop(fs::remove_file(folder.path().join(".state/lock")));
                Log::create(DiskStore::open(folder.path()).unwrap(), key())
            }
            opened => opened,
        };
        let log = log.unwrap_or_else(|error| panic!("after {last} steps: {error}"));
        assert!(log.head().checkpoint.size >= promised, "after {last} steps");
        log.append(b"after").unwrap();
        log.publish(&log.head(), Vec::new()).unwrap();
        assert_eq!(audit(log.store(), &identity(), &[], &[]).unwrap().findings, [], "after {last} steps");
        match written {
            Ok(_) => break,
            Err((_, reason)) => assert!(reason.contains("killed"), "{reason}"),
        }
        last += 1;
    }
    assert!(last > 40, "{last}");
}

#[test]
fn after_a_write_that_failed_a_log_is_not_written_until_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let files = Dying::at(40);
    let log = Log::create(DiskStore::on(files, folder.path()).unwrap(), key()).unwrap();
    let first = (0..).map_while(|it| log.append(format!("{it}").as_bytes()).ok()).count() as u64;
    let error = log.append(b"again").unwrap_err().to_string();
    assert!(
        error.starts_with("nothing more is appended until the log is opened again")
            && error.ends_with("killed"),
        "{error}"
    );
    drop(log);
    let log = Log::open(DiskStore::open(folder.path()).unwrap(), key()).unwrap();
    assert!(log.append(b"again").unwrap() >= first);
}
