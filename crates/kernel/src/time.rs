use std::fmt;

use jiff::{civil, tz::Offset};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

/// China keeps one offset and no summer time since 1991, so no time-zone database is needed.
const CITY_OFFSET: Offset = jiff::tz::offset(8);

const DAY_SECONDS: i64 = 86_400;
const MICROS_MAX: i64 = 253_402_128_000_000_000; // 9999-12-30T00:00:00Z
const MICROS_MIN: i64 = -62_135_596_800_000_000; // 0001-01-01T00:00:00Z

impl Timestamp {
    /// Moments outside the years 1 to 9999 are moved to the nearest inside.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(MICROS_MIN, MICROS_MAX))
    }

    pub fn micros(self) -> i64 {
        self.0
    }

    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_micros(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Seconds from `earlier` to this moment; negative if this one is before.
    pub fn seconds_since(self, earlier: Timestamp) -> i64 {
        (self.0 - earlier.0).div_euclid(1_000_000)
    }

    /// Date and time of day on the city's clocks.
    pub fn civil(self) -> civil::DateTime {
        CITY_OFFSET
            .to_datetime(jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// The moment at which the city's clocks show `datetime`.
    pub fn from_civil(datetime: civil::DateTime) -> Self {
        CITY_OFFSET
            .to_timestamp(datetime)
            .map_or(Self(MICROS_MAX), |it| Self::from_micros(it.as_microsecond()))
    }

    /// Days since 1970 on the city's clocks.
    pub fn day(self) -> i64 {
        (self.0.div_euclid(1_000_000) + i64::from(CITY_OFFSET.seconds())).div_euclid(DAY_SECONDS)
    }

    /// The first moment of such a day.
    pub fn of_day(day: i64) -> Self {
        let seconds = day.saturating_mul(DAY_SECONDS).saturating_sub(i64::from(CITY_OFFSET.seconds()));
        Self::from_micros(seconds.saturating_mul(1_000_000))
    }

    /// RFC 3339 in milliseconds at Greenwich, `2026-02-14T02:30:00.000Z`, for clients that compare texts.
    pub fn to_utc(self) -> String {
        let it = jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        it.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
    }

    /// RFC 3339 with a zone, or a plain date, which means its first moment in the city.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Some(Self::from_micros(moment.as_microsecond()));
        }
        let date: civil::Date = (text.len() == 10).then(|| text.parse().ok()).flatten()?;
        Some(Self::from_civil(date.to_datetime(civil::Time::midnight())))
    }
}

/// RFC 3339 in whole seconds at the city's offset, `2026-02-14T10:30:00+08:00`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+08:00",
            it.year(),
            it.month(),
            it.day(),
            it.hour(),
            it.minute(),
            it.second()
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is not a moment")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_back_as_it_was_written() {
        let moment = Timestamp::parse("2026-02-14T10:30:00+08:00").unwrap();
        assert_eq!(moment.to_string(), "2026-02-14T10:30:00+08:00");
        assert_eq!(Timestamp::parse("2026-02-14").unwrap().to_string(), "2026-02-14T00:00:00+08:00");
        assert_eq!(Timestamp::parse("2026-02-14T10:30:00"), None, "a time without a zone is not a moment");
        assert_eq!(Timestamp::from_civil(moment.civil()), moment);
        assert!(Timestamp::from_micros(i64::MAX).to_string().starts_with("9999-12-30"));
    }
}
