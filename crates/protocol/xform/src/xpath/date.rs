use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{Offset, TimeZone},
};

use super::locale::{day_name, month_name};

/// Milliseconds of a day.
pub const DAY_MILLISECONDS: f64 = 86_400_000.0;

/// What `date()`, `today()` and `now()` give: a moment that reads as a date when it is a local midnight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    At(f64),
    /// Of an empty text.
    Blank,
    Invalid,
}

impl Moment {
    pub fn days(self) -> f64 {
        match self {
            Moment::At(milliseconds) => milliseconds / DAY_MILLISECONDS,
            Moment::Blank | Moment::Invalid => f64::NAN,
        }
    }

    pub fn of_days(days: f64) -> Moment {
        if days.is_finite() { Moment::At((days * DAY_MILLISECONDS).round()) } else { Moment::Invalid }
    }

    pub fn local(self, zone: &TimeZone) -> Option<(DateTime, Offset)> {
        let Moment::At(milliseconds) = self else { return None };
        let timestamp = Timestamp::from_millisecond(milliseconds as i64).ok()?;
        let offset = zone.to_offset(timestamp);
        Some((offset.to_datetime(timestamp), offset))
    }

    /// ISO 8601 with the local offset; a date alone when the local time is midnight.
    pub fn text(self, zone: &TimeZone) -> String {
        match (self, self.local(zone)) {
            (Moment::Blank, _) => String::new(),
            (_, None) => "Invalid Date".to_owned(),
            (_, Some((local, offset))) => {
                let date = local.date();
                let day = format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
                let time = local.time();
                if time == Time::midnight() {
                    return day;
                }
                let milliseconds = time.subsec_nanosecond() / 1_000_000;
                format!(
                    "{day}T{:02}:{:02}:{:02}.{milliseconds:03}{}",
                    time.hour(),
                    time.minute(),
                    time.second(),
                    offset_text(offset)
                )
            }
        }
    }
}

fn offset_text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// Whether a text is taken for a date in comparisons and sums: four digits, one or two, one or two.
pub fn looks_like_date(text: &str) -> bool {
    day_part(text).is_some()
}

/// Year, month, day and what follows them.
fn day_part(text: &str) -> Option<(&str, &str, &str, &str)> {
    let bytes = text.as_bytes();
    let digits = |from: usize, most: usize| {
        bytes.iter().skip(from).take(most).take_while(|it| it.is_ascii_digit()).count()
    };
    if digits(0, 4) != 4 || bytes.get(4) != Some(&b'-') {
        return None;
    }
    let month = digits(5, 2);
    if month == 0 || bytes.get(5 + month) != Some(&b'-') {
        return None;
    }
    let day_at = 6 + month;
    let day = digits(day_at, 2);
    if day == 0 || text.contains('\n') {
        return None;
    }
    Some((&text[..4], &text[5..5 + month], &text[day_at..day_at + day], &text[day_at + day..]))
}

/// Days since 1970-01-01 UTC of a text that looks like a date; a date alone begins at local midnight.
pub fn days_of(text: &str, zone: &TimeZone) -> f64 {
    moment_of(text, zone).days()
}

/// The moment of a text that looks like a date.
pub fn moment_of(text: &str, zone: &TimeZone) -> Moment {
    let Some((year, month, day, rest)) = day_part(text) else { return Moment::Invalid };
    let (Ok(year), Ok(month), Ok(day)) = (year.parse(), month.parse(), day.parse()) else {
        return Moment::Invalid;
    };
    let Ok(date) = Date::new(year, month, day) else { return Moment::Invalid };
    match rest.strip_prefix('T') {
        None if rest.is_empty() => at(date.at(0, 0, 0, 0), None, zone),
        None => Moment::Invalid,
        Some(time) => match clock_part(time) {
            Some((time, offset)) => at(date.to_datetime(time), offset, zone),
            None => Moment::Invalid,
        },
    }
}

fn at(local: DateTime, offset: Option<Offset>, zone: &TimeZone) -> Moment {
    let timestamp = match offset {
        Some(offset) => offset.to_timestamp(local).ok(),
        None => zone.to_timestamp(local).ok(),
    };
    timestamp.map_or(Moment::Invalid, |it| Moment::At(it.as_millisecond() as f64))
}

/// `HH:MM`, `HH:MM:SS`, `HH:MM:SS.fff`, and `Z` or an offset behind it.
pub fn clock_part(text: &str) -> Option<(Time, Option<Offset>)> {
    let end = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(end);
    let two =
        |it: &str| (it.len() == 2 && it.bytes().all(|it| it.is_ascii_digit())).then(|| it.parse::<i8>().ok());
    let mut parts = clock.split(':');
    let hour = two(parts.next()?)??;
    let minute = two(parts.next()?)??;
    let (second, nanosecond) = match parts.next() {
        None => (0, 0),
        Some(rest) => {
            let (second, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
            let digits =
                !fraction.is_empty() && fraction.len() <= 9 && fraction.bytes().all(|it| it.is_ascii_digit());
            if !digits {
                return None;
            }
            (two(second)??, format!("{fraction:0<9}").parse().ok()?)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let offset = match zone {
        "" => None,
        "Z" => Some(Offset::UTC),
        signed => {
            let sign = if signed.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = match signed[1..].split_once(':') {
                Some((hours, minutes)) => (two(hours)??, two(minutes)??),
                None => (two(&signed[1..])??, 0),
            };
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
            Some(Offset::from_seconds(sign * seconds).ok()?)
        }
    };
    Some((Time::new(hour, minute, second, nanosecond).ok()?, offset))
}

/// A date as the type `date` has it.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let (year, month, day, rest) = day_part(text)?;
    if month.len() != 2 || day.len() != 2 || !rest.is_empty() {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A date and a time as the type `dateTime` has them; the offset may be absent.
pub(crate) fn parse_date_time(text: &str) -> Option<(DateTime, Option<Offset>)> {
    let (date, time) = text.split_once('T')?;
    let date = parse_date(date)?;
    let (time, offset) = clock_part(time)?;
    Some((date.to_datetime(time), offset))
}

/// The date that it is at a moment in a zone.
pub(crate) fn local_date(now: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(now).date()
}

/// `format-date` and `format-date-time`.
pub fn format(moment: Moment, pattern: &str, zone: &TimeZone, language: &str) -> Result<String, String> {
    let Some((local, _)) = moment.local(zone) else { return Ok(String::new()) };
    let mut out = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let Some(code) = characters.next() else { return Err("a date's format ends with %".to_owned()) };
        match code {
            '%' => out.push('%'),
            'Y' => out.push_str(&format!("{:04}", local.year())),
            'y' => out.push_str(&format!("{:02}", local.year().rem_euclid(100))),
            'm' => out.push_str(&format!("{:02}", local.month())),
            'n' => out.push_str(&local.month().to_string()),
            'b' => out.push_str(&month_name(local.month(), language)),
            'd' => out.push_str(&format!("{:02}", local.day())),
            'e' => out.push_str(&local.day().to_string()),
            'H' => out.push_str(&format!("{:02}", local.hour())),
            'h' => out.push_str(&local.hour().to_string()),
            'M' => out.push_str(&format!("{:02}", local.minute())),
            'S' => out.push_str(&format!("{:02}", local.second())),
            '3' => out.push_str(&format!("{:03}", local.subsec_nanosecond() / 1_000_000)),
            'a' => out.push_str(day_name(local.weekday().to_monday_zero_offset(), language)),
            other => return Err(format!("%{other} is not part of a date's format")),
        }
    }
    Ok(out)
}
