//! Memory for photos that were sent and are not stored yet: bounded over all requests, and by who sends.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use domain::Refusal;
use kernel::limits;
use parking_lot::Mutex;

use crate::guard::network;

pub const MEGABYTE: usize = 1024 * 1024;
/// Megabytes held at once, over all requests; more are told to come back.
const ALL_MEGABYTES_MAX: usize = 128;
/// Megabytes of them for one home or office: the photos of one step as large as they may be, and never the whole.
const NETWORK_MEGABYTES_MAX: usize = 64;
/// Seconds after which there is likely to be room.
const BUSY_SECONDS: u64 = 5;

const _: () = assert!(
    NETWORK_MEGABYTES_MAX * MEGABYTE >= limits::PHOTOS_PER_STEP_MAX * limits::PHOTO_BYTES_MAX
        && NETWORK_MEGABYTES_MAX < ALL_MEGABYTES_MAX
);

#[derive(Default)]
pub struct PhotoMemory(Mutex<Held>);

#[derive(Default)]
struct Held {
    all: usize,
    by_network: BTreeMap<IpAddr, usize>,
}

/// What one request holds of it, until it is dropped.
pub struct Share {
    memory: Arc<PhotoMemory>,
    network: IpAddr,
    megabytes: usize,
    bytes: usize,
}

impl PhotoMemory {
    /// A share for a request from there, which holds nothing yet.
    pub fn share(self: &Arc<Self>, address: IpAddr) -> Share {
        Share { memory: self.clone(), network: network(address), megabytes: 0, bytes: 0 }
    }
}

impl Share {
    /// Holds so many bytes more: a megabyte is taken whenever one is begun, by all parts of a request together.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.bytes += bytes;
        while self.megabytes * MEGABYTE < self.bytes {
            self.grow()?;
        }
        Ok(())
    }

    /// Takes one megabyte more.
    fn grow(&mut self) -> Result<(), Refusal> {
        let mut held = self.memory.0.lock();
        let of_network = held.by_network.get(&self.network).copied().unwrap_or_default();
        if held.all >= ALL_MEGABYTES_MAX || of_network >= NETWORK_MEGABYTES_MAX {
            return Err(Refusal::TooMany { retry_after_seconds: BUSY_SECONDS });
        }
        held.all += 1;
        held.by_network.insert(self.network, of_network + 1);
        self.megabytes += 1;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.memory.0.lock();
        held.all -= self.megabytes;
        let left = held.by_network.get(&self.network).map_or(0, |it| it - self.megabytes);
        match left {
            0 => held.by_network.remove(&self.network),
            left => held.by_network.insert(self.network, left),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(share: &mut Share) -> usize {
        (0..1_000).take_while(|_| share.grow().is_ok()).count()
    }

    #[test]
    fn small_parts_share_a_megabyte() {
        let memory = Arc::new(PhotoMemory::default());
        let mut share = memory.share(IpAddr::from([203, 0, 113, 7]));
        for _ in 0..1_000 {
            share.hold(1_000).unwrap();
        }
        assert_eq!(memory.0.lock().all, 1);
        share.hold(2 * MEGABYTE).unwrap();
        assert_eq!(memory.0.lock().all, 3);
        assert!(share.hold(NETWORK_MEGABYTES_MAX * MEGABYTE).is_err());
    }

    #[test]
    fn one_network_leaves_room_for_others_and_gives_back_what_it_held() {
        let memory = Arc::new(PhotoMemory::default());
        let here = IpAddr::from([203, 0, 113, 7]);
        let (mut first, mut second) = (memory.share(here), memory.share(here));
        assert_eq!((fill(&mut first), fill(&mut second)), (NETWORK_MEGABYTES_MAX, 0));
        let mut elsewhere = memory.share(IpAddr::from([198, 51, 100, 7]));
        assert_eq!(fill(&mut elsewhere), NETWORK_MEGABYTES_MAX);
        assert_eq!(fill(&mut memory.share(IpAddr::from([192, 0, 2, 7]))), 0, "all of it is held");
        drop(first);
        assert_eq!(fill(&mut second), NETWORK_MEGABYTES_MAX);
        drop((second, elsewhere));
        let held = memory.0.lock();
        assert_eq!((held.all, held.by_network.len()), (0, 0), "nothing is remembered of who sent");
    }
}
