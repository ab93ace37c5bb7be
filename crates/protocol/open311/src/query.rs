use crate::{
    argument::{Fault, Reason},
    filing::{degrees, point},
    form::Form,
    model::Status,
    moment::Moment,
};

/// Seconds that a question about requests may span.
pub const SPAN_SECONDS_MAX: i64 = SPAN_DAYS_MAX * 86_400;
const SPAN_DAYS_MAX: i64 = 90;
/// Requests in one answer.
pub const ROWS_MAX: usize = 1_000;
/// Requests in one answer with all that happened to them.
pub const EXTENDED_ROWS_MAX: usize = 200;
/// Ids in one question.
pub const IDS_MAX: usize = 1_000;
/// Requests in a page when a page is asked for without a size.
const PAGE_ROWS_DEFAULT: usize = 50;
/// Codes in one question.
const CODES_MAX: usize = 200;
const PAGE_MAX: i64 = 1_000_000;
const RADIUS_METRES_MAX: i64 = 50_000;
const METRES_PER_DEGREE: f64 = 111_320.0;

/// Which requests are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestQuery {
    /// These alone, whatever else is asked.
    pub ids: Option<Vec<String>>,
    pub service_codes: Vec<String>,
    pub status: Option<Status>,
    pub window: Window,
    pub page: Option<Page>,
    pub extensions: bool,
    pub within: Option<Box>,
}

/// A span of time in microseconds since 1970, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// When they were made.
    Requested { from: i64, to: i64 },
    /// When they last changed: after, and up to.
    Updated { after: i64, to: i64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: usize,
    pub rows: usize,
}

/// A box in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Box {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

impl Box {
    /// The box of `metres` around a point.
    fn around((latitude, longitude): (f64, f64), metres: f64) -> Self {
        let high = metres / METRES_PER_DEGREE;
        let wide = high / latitude.to_radians().cos().max(0.01);
        Self {
            west: longitude - wide,
            south: latitude - high,
            east: longitude + wide,
            north: latitude + high,
        }
    }

    pub fn contains(&self, latitude: f64, longitude: f64) -> bool {
        (self.west..=self.east).contains(&longitude) && (self.south..=self.north).contains(&latitude)
    }
}

/// Which updates are asked for, in microseconds since 1970, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdateQuery {
    pub from: i64,
    pub to: i64,
}

impl RequestQuery {
    /// All faults at once. `now` in microseconds since 1970. Ids override every other argument, also a faulty one.
    pub fn read(form: &Form, now: i64) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let extensions = form.text("extensions").is_some_and(|it| ["true", "v1", "1"].contains(&it));
        let most = if extensions { EXTENDED_ROWS_MAX } else { IDS_MAX };
        if let Some(ids) = list(form, "service_request_id", most, &mut faults) {
            let query = Self { ids: Some(ids), extensions, ..Self::latest(now) };
            return if faults.is_empty() { Ok(query) } else { Err(faults) };
        }
        let query = Self {
            ids: None,
            service_codes: list(form, "service_code", CODES_MAX, &mut faults).unwrap_or_default(),
            status: status(form, &mut faults),
            window: window(form, now, &mut faults),
            page: page(form, &mut faults),
            extensions,
            within: within(form, &mut faults),
        };
        if faults.is_empty() { Ok(query) } else { Err(faults) }
    }

    /// Those of the last 90 days.
    fn latest(now: i64) -> Self {
        let from = now.saturating_sub(SPAN_SECONDS_MAX * 1_000_000);
        Self {
            ids: None,
            service_codes: Vec::new(),
            status: None,
            window: Window::Requested { from, to: now },
            page: None,
            extensions: false,
            within: None,
        }
    }
}

impl UpdateQuery {
    /// Both ends or none; without them the last 90 days.
    pub fn read(form: &Form, now: i64) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let (from, to) = (moment(form, "start_date", &mut faults), moment(form, "end_date", &mut faults));
        let (from, to) = span(from, to, now, ["start_date", "end_date"], &mut faults);
        if faults.is_empty() { Ok(Self { from, to }) } else { Err(faults) }
    }
}

fn list(form: &Form, name: &str, max: usize, faults: &mut Vec<Fault>) -> Option<Vec<String>> {
    let parts = form.list(name)?;
    if parts.len() > max {
        faults.push(Reason::TooMany { max }.of(name));
    }
    Some(parts.into_iter().take(max).map(str::to_owned).collect())
}

/// One status, or none where both are asked for.
fn status(form: &Form, faults: &mut Vec<Fault>) -> Option<Status> {
    let mut asked = Vec::new();
    for part in form.list("status")? {
        match Status::parse(&part.to_ascii_lowercase()) {
            Some(status) => asked.push(status),
            None => faults.push(Reason::NotAChoice.of("status")),
        }
    }
    let first = asked.first().copied()?;
    asked.iter().all(|it| *it == first).then_some(first)
}

fn window(form: &Form, now: i64, faults: &mut Vec<Fault>) -> Window {
    let after = moment(form, "updated_after", faults);
    let before = moment(form, "updated_before", faults);
    if after.is_some() || before.is_some() {
        let (after, to) = span(after, before, now, ["updated_after", "updated_before"], faults);
        return Window::Updated { after, to };
    }
    let (from, to) = (moment(form, "start_date", faults), moment(form, "end_date", faults));
    let (from, to) = span(from, to, now, ["start_date", "end_date"], faults);
    Window::Requested { from, to }
}

/// One end alone opens a window of 90 days; none means the last 90 days.
fn span(
    from: Option<i64>,
    to: Option<i64>,
    now: i64,
    [first, last]: [&str; 2],
    faults: &mut Vec<Fault>,
) -> (i64, i64) {
    let longest = SPAN_SECONDS_MAX * 1_000_000;
    match (from, to) {
        (None, None) => (now.saturating_sub(longest), now),
        (Some(from), None) => (from, from.saturating_add(longest)),
        (None, Some(to)) => (to.saturating_sub(longest), to),
        (Some(from), Some(to)) => {
            if to < from {
                faults.push(Reason::Backwards.of(last));
            }
            if to.saturating_sub(from) > longest {
                faults.push(Reason::SpanTooLong { days: SPAN_DAYS_MAX }.of(first));
            }
            (from, to)
        }
    }
}

fn moment(form: &Form, name: &str, faults: &mut Vec<Fault>) -> Option<i64> {
    match form.text(name)?.parse::<Moment>() {
        Ok(moment) => Some(moment.micros),
        Err(_) => {
            faults.push(Reason::NotAMoment.of(name));
            None
        }
    }
}

fn page(form: &Form, faults: &mut Vec<Fault>) -> Option<Page> {
    let mut number = |name: &str, max: i64| {
        let text = form.text(name)?;
        match text.parse::<i64>() {
            Err(_) => faults.push(Reason::NotANumber.of(name)),
            Ok(it) if !(1..=max).contains(&it) => faults.push(Reason::OutOfRange { min: 1, max }.of(name)),
            Ok(it) => return Some(it as usize),
        }
        None
    };
    match (number("page", PAGE_MAX), number("page_size", ROWS_MAX as i64)) {
        (None, None) => None,
        (page, rows) => Some(Page { number: page.unwrap_or(1), rows: rows.unwrap_or(PAGE_ROWS_DEFAULT) }),
    }
}

/// `lat`, `long` and `radius` in metres, or `bbox` as west, south, east and north.
fn within(form: &Form, faults: &mut Vec<Fault>) -> Option<Box> {
    if let Some(parts) = form.list("bbox") {
        let [west, south, east, north] = parts[..] else {
            faults.push(Reason::NotANumber.of("bbox"));
            return None;
        };
        let mut read = |text, max| degrees(text, "bbox", max, faults);
        let (west, south) = (read(west, 180), read(south, 90));
        let (east, north) = (read(east, 180), read(north, 90));
        return Some(Box { west: west?, south: south?, east: east?, north: north? });
    }
    let metres = form.text("radius")?;
    let max = RADIUS_METRES_MAX;
    let metres = match metres.parse::<f64>().ok().filter(|it| it.is_finite()) {
        None => Err(Reason::NotANumber),
        Some(it) if !(1.0..=max as f64).contains(&it) => Err(Reason::OutOfRange { min: 1, max }),
        Some(it) => Ok(it),
    };
    let point = point(form, faults);
    if point.is_none() && faults.is_empty() {
        faults.push(Reason::Missing.of("lat, long"));
    }
    match metres {
        Ok(metres) => Some(Box::around(point?, metres)),
        Err(reason) => {
            faults.push(reason.of("radius"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000_000;

    fn read(text: &str) -> Result<RequestQuery, Vec<Fault>> {
        RequestQuery::read(&Form::urlencoded(text.as_bytes()).unwrap(), NOW)
    }

    fn faults(text: &str) -> Vec<(String, Reason)> {
        read(text).unwrap_err().into_iter().map(|it| (it.argument, it.reason)).collect()
    }

    #[test]
    fn a_window_is_ninety_days_unless_a_shorter_one_is_asked_for() {
        let longest = SPAN_SECONDS_MAX * 1_000_000;
        let requested = |from, to| Window::Requested { from, to };
        assert_eq!(read("").unwrap().window, requested(NOW - longest, NOW));
        let at = "2026-11-20T00:00:00Z".parse::<Moment>().unwrap().micros;
        assert_eq!(read("start_date=2026-11-20T00:00:00Z").unwrap().window, requested(at, at + longest));
        assert_eq!(read("end_date=2026-11-20T08:00:00+08:00").unwrap().window, requested(at - longest, at));
        let updated = read("updated_after=2026-11-20T00:00:00Z").unwrap().window;
        assert_eq!(updated, Window::Updated { after: at, to: at + longest });
        let too_long = "start_date=2026-01-01T00:00:00Z&end_date=2026-04-02T00:00:00Z";
        assert_eq!(faults(too_long), [("start_date".into(), Reason::SpanTooLong { days: 90 })]);
        assert!(read("start_date=2026-01-01T00:00:00Z&end_date=2026-04-01T00:00:00Z").is_ok());
        assert_eq!(faults("start_date=2026-01-01"), [("start_date".into(), Reason::NotAMoment)]);
        let backwards = "start_date=2026-01-02T00:00:00Z&end_date=2026-01-01T00:00:00Z";
        assert_eq!(faults(backwards), [("end_date".into(), Reason::Backwards)]);
    }

    #[test]
    fn lists_pages_and_places_are_bounded() {
        let query = read("status=open,closed&service_code=x&page=2&extensions=true").unwrap();
        assert_eq!((query.status, query.extensions), (None, true));
        assert_eq!(query.page, Some(Page { number: 2, rows: PAGE_ROWS_DEFAULT }));
        assert_eq!(read("status=Closed").unwrap().status, Some(Status::Closed));
        assert_eq!(faults("status=fixed"), [("status".into(), Reason::NotAChoice)]);
        assert_eq!(faults("page=0"), [("page".into(), Reason::OutOfRange { min: 1, max: PAGE_MAX })]);
        assert_eq!(
            faults("page_size=1001"),
            [("page_size".into(), Reason::OutOfRange { min: 1, max: 1_000 })]
        );
        assert_eq!(faults("radius=100"), [("lat, long".into(), Reason::Missing)]);
        assert_eq!(faults("bbox=1,2,3"), [("bbox".into(), Reason::NotANumber)]);
        let near = read("lat=41&long=113&radius=1000").unwrap().within.unwrap();
        assert!(
            near.contains(41.008, 113.011) && !near.contains(41.01, 113.0) && !near.contains(41.0, 113.013)
        );
        let ids = format!("service_request_id={}", "a,".repeat(IDS_MAX + 1));
        assert_eq!(faults(&ids), [("service_request_id".into(), Reason::TooMany { max: IDS_MAX })]);
        let extended = format!("{}&extensions=true", "service_request_id=".to_owned() + &"a,".repeat(201));
        assert_eq!(
            faults(&extended),
            [("service_request_id".into(), Reason::TooMany { max: EXTENDED_ROWS_MAX })]
        );
    }

    #[test]
    fn ids_override_every_other_argument() {
        let alone = read("service_request_id=a,b").unwrap();
        assert_eq!(alone.ids, Some(vec!["a".into(), "b".into()]));
        let others =
            "start_date=2020-01-01T00:00:00Z&end_date=2026-01-01T00:00:00Z&status=fixed&page=0&bbox=1";
        assert_eq!(read(&format!("service_request_id=a,b&service_code=x&{others}")).unwrap(), alone);
        assert_eq!(faults(others).len(), 4, "which are faults without ids");
    }
}
