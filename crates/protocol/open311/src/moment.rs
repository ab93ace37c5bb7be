use std::{fmt, str::FromStr};

use jiff::{Timestamp, tz::Offset};

/// A moment as the wire has it: W3C's subset of ISO 8601, with a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub micros: i64,
    /// Minutes east of Greenwich in which it is written.
    pub offset_minutes: i32,
}

/// Longest text that is a moment: nine digits of a second and a zone.
const BYTES_MAX: usize = 35;

/// Not a date and a time of day with a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMoment;

impl FromStr for Moment {
    type Err = NotAMoment;

    /// `2026-11-20T09:30:00+08:00` or `…Z`, with or without seconds and their fraction.
    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        if text.len() > BYTES_MAX || !text.is_ascii() || text.as_bytes().get(10) != Some(&b'T') {
            return Err(NotAMoment);
        }
        // A plus sign that was not percent-encoded reads as a space in a query string.
        let text = text.replace(' ', "+");
        if !text.bytes().all(|it| it.is_ascii_digit() || b"TZ:.+-".contains(&it)) {
            return Err(NotAMoment);
        }
        let at: Timestamp = text.parse().map_err(|_| NotAMoment)?;
        Ok(Self { micros: at.as_microsecond(), offset_minutes: offset(&text[11..])? })
    }
}

fn offset(time: &str) -> Result<i32, NotAMoment> {
    let Some(at) = time.find(['+', '-']) else { return Ok(0) };
    let sign = if time.as_bytes()[at] == b'-' { -1 } else { 1 };
    let digits: String = time[at + 1..].chars().filter(char::is_ascii_digit).collect();
    let number = |range| digits.get(range).and_then(|it: &str| it.parse::<i32>().ok()).ok_or(NotAMoment);
    let minutes = if digits.len() > 2 { number(2..4)? } else { 0 };
    Ok(sign * (number(0..2)? * 60 + minutes))
}

/// In whole seconds: `2026-11-20T09:30:00+08:00`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = Offset::from_seconds(self.offset_minutes * 60).unwrap_or(Offset::UTC);
        let at = Timestamp::from_microsecond(self.micros).unwrap_or(Timestamp::UNIX_EPOCH);
        let it = offset.to_datetime(at);
        let minutes = offset.seconds() / 60;
        let (sign, hours, minutes) =
            (if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60);
        write!(f, "{:04}-{:02}-{:02}T{:02}:", it.year(), it.month(), it.day(), it.hour())?;
        write!(f, "{:02}:{:02}{sign}{hours:02}:{minutes:02}", it.minute(), it.second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_needs_a_zone_and_is_written_in_it() {
        let read = |text: &str| text.parse::<Moment>().map(|it| it.to_string());
        assert_eq!(read("2026-11-20T09:30:00+08:00").unwrap(), "2026-11-20T09:30:00+08:00");
        assert_eq!(read("2026-11-20T09:30:00.123456Z").unwrap(), "2026-11-20T09:30:00+00:00");
        assert_eq!(read("2026-11-20T09:30:00 08:00").unwrap(), "2026-11-20T09:30:00+08:00");
        assert_eq!(read("2026-11-20T09:30-03:30").unwrap(), "2026-11-20T09:30:00-03:30");
        for text in [
            "",
            "2026-11-20",
            "2026-11-20T09:30:00",
            "2026-13-20T09:30:00Z",
            "2026-11-20 09:30:00Z",
            "2026-11-20T09:30:00+08:00[Asia/Shanghai]",
            "yesterday",
            "２０２６-11-20T09:30:00Z",
        ] {
            assert_eq!(read(text), Err(NotAMoment), "{text}");
        }
    }
}
