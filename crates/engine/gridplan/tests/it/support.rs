//! Small towns made by hand.

use std::sync::atomic::{AtomicU64, Ordering};

use gridplan::{Atom, Border, Demand, Effort, Map, Plan, Watch, plan};

/// Square blocks of 100 metres in rows of `width`.
pub fn board(width: usize, households: &[u32]) -> Map {
    board_of(width, households, |_| "a".to_owned())
}

pub fn board_of(width: usize, households: &[u32], community: impl Fn(usize) -> String) -> Map {
    let height = households.len() / width;
    let edge =
        |index: usize, last: usize| f64::from(u8::from(index == 0) + u8::from(index + 1 == last)) * 100.0;
    let atoms = (0..width * height).map(|atom| {
        let (column, row) = (atom % width, atom / width);
        Atom {
            id: format!("{atom}"),
            community: community(atom),
            loads: vec![households[atom]],
            place: [column as f64 * 100.0, row as f64 * 100.0],
            area: 10_000.0,
            outer_border: edge(column, width) + edge(row, height),
        }
    });
    Map::new(atoms.collect(), borders(width, height)).expect("a board")
}

pub fn borders(width: usize, height: usize) -> Vec<Border> {
    let border = |one, other| Border { atoms: [one, other], length: 100.0, street: 1.0, barrier: 0.0 };
    let mut borders = Vec::new();
    for atom in 0..width * height {
        if atom % width + 1 < width {
            borders.push(border(atom, atom + 1));
        }
        if atom / width + 1 < height {
            borders.push(border(atom, atom + width));
        }
    }
    borders
}

/// A search short enough for a test that runs often.
pub fn short() -> Demand {
    Demand {
        effort: Effort { starts: 2, trials_per_atom: 1_000, rounds: 8, prove: false },
        ..Demand::default()
    }
}

pub fn on_threads(count: usize, map: &Map, demand: &Demand) -> Plan {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("threads");
    pool.install(|| plan(map, demand, &())).expect("a plan")
}

/// Cancels when it has been asked so many times, and remembers what it heard.
pub struct Impatient {
    pub patience: u64,
    pub asked: AtomicU64,
    pub heard: AtomicU64,
}

impl Impatient {
    pub fn new(patience: u64) -> Self {
        Self { patience, asked: AtomicU64::new(0), heard: AtomicU64::new(0) }
    }
}

impl Watch for Impatient {
    fn progress(&self, done: u64, total: u64) {
        assert!(done <= total);
        self.heard.fetch_max(done, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.patience
    }
}
