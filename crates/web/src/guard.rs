//! How often one address may try: sign-ins and anonymous reports. Never a lock on an account, which
//! would let anyone lock anyone out.

use std::{net::IpAddr, num::NonZeroU32};

use domain::Refusal;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

/// Sign-ins with one login name from one address: five at once, then one in twelve seconds.
const NAME_BURST: u32 = 5;
const NAME_PER_MINUTE: u32 = 5;
/// Sign-ins from one address, which a whole office may share.
const ADDRESS_BURST: u32 = 60;
const ADDRESS_PER_MINUTE: u32 = 60;
/// Anonymous reports from one address, which a whole compound may share.
const REPORT_BURST: u32 = 60;
const REPORT_PER_MINUTE: u32 = 20;
/// Addresses remembered before those at rest are forgotten.
const REMEMBERED_MAX: usize = 50_000;

pub struct Guard {
    names: DefaultKeyedRateLimiter<(IpAddr, String)>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    reports: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            names: RateLimiter::keyed(quota(NAME_PER_MINUTE, NAME_BURST)),
            addresses: RateLimiter::keyed(quota(ADDRESS_PER_MINUTE, ADDRESS_BURST)),
            reports: RateLimiter::keyed(quota(REPORT_PER_MINUTE, REPORT_BURST)),
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

    /// Before an anonymous report is taken.
    pub fn report(&self, address: IpAddr) -> Result<(), Refusal> {
        check(&self.reports, &network(address))
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), Refusal> {
    if limiter.len() > REMEMBERED_MAX {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        Refusal::TooMany { retry_after_seconds: wait.as_secs() + 1 }
    })
}

/// One home or office holds a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
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
