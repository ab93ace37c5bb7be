//! How often one address may try: sign-ins, anonymous reports, questions to what is published; and how often
//! another system may report by its key. Never a lock on an account, which
//! would let anyone lock anyone out.

use std::{collections::HashMap, net::IpAddr, num::NonZeroU32, time::Duration};

use domain::{Refusal, integration::ApiKey};
use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use kernel::Id;
use parking_lot::Mutex;

/// Sign-ins with one login name from one address: five at once, then one in twelve seconds.
const NAME_BURST: u32 = 5;
const NAME_PER_MINUTE: u32 = 5;
/// Sign-ins from one address, which a whole office may share.
const ADDRESS_BURST: u32 = 60;
const ADDRESS_PER_MINUTE: u32 = 60;
/// Reports and steps without a session from one address, which a whole compound may share.
const REPORT_BURST: u32 = 60;
const REPORT_PER_MINUTE: u32 = 20;
/// Questions from one address to what is published, and reports by key from it.
const OPEN311_BURST: u32 = 300;
const OPEN311_PER_MINUTE: u32 = 300;
const DAY_SECONDS: u64 = 86_400;
/// Addresses remembered before those at rest are forgotten.
const REMEMBERED_MAX: usize = 50_000;

pub struct Guard {
    names: DefaultKeyedRateLimiter<(IpAddr, String)>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    reports: DefaultKeyedRateLimiter<IpAddr>,
    open311: DefaultKeyedRateLimiter<IpAddr>,
    /// A minute's and a day's limit of each key that was used since the start.
    keys: Mutex<HashMap<Id<kernel::ApiKey>, [DefaultDirectRateLimiter; 2]>>,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            names: RateLimiter::keyed(quota(NAME_PER_MINUTE, NAME_BURST)),
            addresses: RateLimiter::keyed(quota(ADDRESS_PER_MINUTE, ADDRESS_BURST)),
            reports: RateLimiter::keyed(quota(REPORT_PER_MINUTE, REPORT_BURST)),
            open311: RateLimiter::keyed(quota(OPEN311_PER_MINUTE, OPEN311_BURST)),
            keys: Mutex::default(),
        }
    }
}

fn quota(per_minute: u32, burst: u32) -> Quota {
    let number = |it| NonZeroU32::new(it).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(number(per_minute)).allow_burst(number(burst))
}

impl Guard {
    /// Before a password is looked at.
    pub fn sign_in(&self, address: IpAddr, login_name: &str) -> Result<(), Refusal> {
        let name: String = login_name.chars().take(64).collect();
        check(&self.addresses, &network(address))?;
        check(&self.names, &(network(address), name))
    }

    /// Before anything is read of a report or step that is sent without a session.
    pub fn report(&self, address: IpAddr) -> Result<(), Refusal> {
        check(&self.reports, &network(address))
    }

    /// Before anything is done by Open311, reading or reporting.
    pub fn open311(&self, address: IpAddr) -> Result<(), Refusal> {
        check(&self.open311, &network(address))
    }

    /// Before another system's report is taken.
    pub fn report_by_key(&self, key: &ApiKey) -> Result<(), Refusal> {
        let number =
            |it: i64| NonZeroU32::new(u32::try_from(it).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN);
        let limiters = || {
            [(60, number(key.per_minute)), (DAY_SECONDS, number(key.per_day))].map(|(seconds, number)| {
                let one = Duration::from_secs(seconds) / number.get();
                let quota = Quota::with_period(one.max(Duration::from_nanos(1)));
                RateLimiter::direct(quota.unwrap_or(Quota::per_minute(number)).allow_burst(number))
            })
        };
        let mut keys = self.keys.lock();
        keys.entry(key.id).or_insert_with(limiters).iter().try_for_each(|it| it.check().map_err(too_many))
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), Refusal> {
    if limiter.len() > REMEMBERED_MAX {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(too_many)
}

fn too_many(not_until: NotUntil<<DefaultClock as Clock>::Instant>) -> Refusal {
    let wait = not_until.wait_time_from(DefaultClock::default().now());
    Refusal::TooMany { retry_after_seconds: wait.as_secs() + 1 }
}

/// One home or office holds a whole /64 of IPv6.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let mut segments = six.segments();
            segments[4..].fill(0);
            IpAddr::from(segments)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_from_one_address_is_slowed_and_the_owner_elsewhere_is_not() {
        let guard = Guard::default();
        let (thief, owner) = (IpAddr::from([203, 0, 113, 7]), IpAddr::from([198, 51, 100, 7]));
        let tries = (0..10_000).filter(|_| guard.sign_in(thief, "leader").is_ok()).count();
        assert!(tries <= NAME_BURST as usize + 1, "{tries}");
        assert!(guard.sign_in(owner, "leader").is_ok());
    }
}
