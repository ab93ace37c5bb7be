use crate::{
    argument::{Fault, Reason},
    form::Form,
};

/// Characters, not bytes, of a description.
pub const DESCRIPTION_CHARS_MAX: usize = 4_000;
/// Links to media with one request.
pub const MEDIA_MAX: usize = 6;
/// Characters of a link.
const LINK_CHARS_MAX: usize = 500;

/// A new request as it was sent. What identifies a device is not read.
#[derive(Clone, Debug, PartialEq)]
pub struct Filing {
    pub service_code: String,
    pub location: Location,
    pub description: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub media_urls: Vec<String>,
}

/// Where it is: at least one of the three.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Location {
    /// Latitude and longitude in degrees.
    pub point: Option<(f64, f64)>,
    pub address: Option<String>,
    pub address_id: Option<String>,
}

impl Filing {
    /// All faults at once.
    pub fn read(form: &Form) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let given = |name: &str| form.text(name).map(str::to_owned);
        let service_code = given("service_code").unwrap_or_else(|| {
            faults.push(Reason::Missing.of("service_code"));
            String::new()
        });
        let point = point(form, &mut faults);
        let location = Location { point, address: given("address_string"), address_id: given("address_id") };
        let is_nowhere = location == Location::default();
        if is_nowhere && !faults.iter().any(|it| ["lat", "long"].contains(&it.argument.as_str())) {
            faults.push(Reason::Missing.of("lat, long | address_string | address_id"));
        }
        let description = given("description").filter(|text| {
            let fits = text.chars().count() <= DESCRIPTION_CHARS_MAX;
            if !fits {
                faults.push(Reason::TooLong { max: DESCRIPTION_CHARS_MAX }.of("description"));
            }
            fits
        });
        let media_urls = links(form, &mut faults);
        let (first_name, last_name) = (given("first_name"), given("last_name"));
        let phone = given("phone");
        match faults.is_empty() {
            true => {
                Ok(Self { service_code, location, description, first_name, last_name, phone, media_urls })
            }
            false => Err(faults),
        }
    }
}

/// What somebody adds to a request, as it was sent (mySociety's `servicerequestupdates`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateFiling {
    pub service_request_id: String,
    /// The sender's own.
    pub update_id: String,
    pub description: String,
    pub media_urls: Vec<String>,
}

/// Those of mySociety's extension.
const UPDATE_STATUSES: [&str; 15] = [
    "open",
    "closed",
    "fixed",
    "in_progress",
    "planned",
    "action_scheduled",
    "investigating",
    "duplicate",
    "not_councils_responsibility",
    "no_further_action",
    "internal_referral",
    "cancelled",
    "reopen",
    "for_triage",
    "unchanged",
];

impl UpdateFiling {
    /// All faults at once. The status that the sender believes in moves nothing; one that is none is told.
    pub fn read(form: &Form) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut required = |name: &str| {
            let text = form.text(name).unwrap_or_default().to_owned();
            if text.is_empty() {
                faults.push(Reason::Missing.of(name));
            }
            text
        };
        let (service_request_id, update_id) = (required("service_request_id"), required("update_id"));
        let description = required("description");
        let status = form.text("status").unwrap_or_default().to_ascii_lowercase();
        if !status.is_empty() && !UPDATE_STATUSES.contains(&status.as_str()) {
            faults.push(Reason::NotAChoice.of("status"));
        }
        let media_urls = links(form, &mut faults);
        match faults.is_empty() {
            true => Ok(Self { service_request_id, update_id, description, media_urls }),
            false => Err(faults),
        }
    }
}

/// Latitude and longitude, both or neither.
pub(crate) fn point(form: &Form, faults: &mut Vec<Fault>) -> Option<(f64, f64)> {
    let (latitude, longitude) = match (form.text("lat"), form.text("long")) {
        (None, None) => return None,
        (Some(latitude), Some(longitude)) => (latitude, longitude),
        (Some(_), None) => {
            faults.push(Reason::Incomplete.of("long"));
            return None;
        }
        (None, Some(_)) => {
            faults.push(Reason::Incomplete.of("lat"));
            return None;
        }
    };
    let latitude = degrees(latitude, "lat", 90, faults);
    let longitude = degrees(longitude, "long", 180, faults);
    latitude.zip(longitude)
}

pub(crate) fn degrees(text: &str, argument: &str, max: i64, faults: &mut Vec<Fault>) -> Option<f64> {
    match text.trim().parse::<f64>().ok().filter(|it| it.is_finite()) {
        None => faults.push(Reason::NotANumber.of(argument)),
        Some(it) if it.abs() > max as f64 => faults.push(Reason::OutOfRange { min: -max, max }.of(argument)),
        Some(it) => return Some(it),
    }
    None
}

fn links(form: &Form, faults: &mut Vec<Fault>) -> Vec<String> {
    let links: Vec<String> =
        form.all("media_url").map(|it| it.trim().to_owned()).take(MEDIA_MAX + 1).collect();
    if links.len() > MEDIA_MAX {
        faults.push(Reason::TooMany { max: MEDIA_MAX }.of("media_url"));
    }
    let is_link = |it: &&String| {
        (it.starts_with("https://") || it.starts_with("http://"))
            && it.chars().count() <= LINK_CHARS_MAX
            && !it.contains(|it: char| it.is_whitespace() || it.is_control())
    };
    if !links.iter().all(|it| is_link(&it)) {
        faults.push(Reason::NotALink.of("media_url"));
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Filing, Vec<Fault>> {
        Filing::read(&Form::urlencoded(text.as_bytes()).unwrap())
    }

    fn faults(text: &str) -> Vec<String> {
        read(text).unwrap_err().into_iter().map(|it| it.argument).collect()
    }

    #[test]
    fn a_place_is_told_in_one_of_three_ways() {
        assert_eq!(read("service_code=a&lat=41.03&long=113.1").unwrap().location.point, Some((41.03, 113.1)));
        assert!(read("service_code=a&lat=&long=&address_string=x").is_ok());
        assert!(read("service_code=a&address_id=150902001001").is_ok());
        assert_eq!(faults("service_code=a"), ["lat, long | address_string | address_id"]);
        assert_eq!(faults("service_code=a&lat=41"), ["long"]);
        assert_eq!(faults("service_code=a&long=113&address_string=x"), ["lat"]);
        assert_eq!(faults("lat=north&long=181"), ["service_code", "lat", "long"]);
        assert_eq!(faults("service_code=a&lat=NaN&long=inf"), ["lat", "long"]);
    }

    #[test]
    fn a_description_is_measured_in_characters() {
        let text = |count: usize| format!("service_code=a&address_id=1&description={}", "路".repeat(count));
        assert!(read(&text(DESCRIPTION_CHARS_MAX)).is_ok());
        assert_eq!(faults(&text(DESCRIPTION_CHARS_MAX + 1)), ["description"]);
    }

    #[test]
    fn an_update_says_of_what_it_is_and_which_it_is() {
        let read = |text: &str| UpdateFiling::read(&Form::urlencoded(text.as_bytes()).unwrap());
        assert!(read("service_request_id=a&update_id=1&description=x&status=OPEN").is_ok());
        let faults: Vec<_> =
            read("update_id=1&status=OPEN").unwrap_err().into_iter().map(|it| it.argument).collect();
        assert_eq!(faults, ["service_request_id", "description"]);
    }

    #[test]
    fn media_are_links_and_few() {
        let with = |media: &str| format!("service_code=a&address_id=1&{media}");
        assert_eq!(
            read(&with("media_url=https://a.cn/1&media_url=http://a.cn/2")).unwrap().media_urls.len(),
            2
        );
        assert_eq!(faults(&with("media_url=javascript:alert(1)")), ["media_url"]);
        assert_eq!(faults(&with(&"media_url=https://a.cn/1&".repeat(MEDIA_MAX + 1))), ["media_url"]);
    }
}
