//! The page on which somebody is: to where the language switch and signing in lead back.

use axum::http::{HeaderMap, Method, Uri, header, request::Parts};

use crate::sent::is_local;

/// Path and query of the page from which a request came: its own address if it asks for a page; of a form that was sent
/// the page that has it, which browsers name. It always opens by GET.
pub fn of(parts: &Parts) -> String {
    let own = path_and_query(&parts.uri);
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return own;
    }
    page_of(&referrer(&parts.headers, &parts.uri).unwrap_or(own))
}

fn path_and_query(uri: &Uri) -> String {
    uri.path_and_query().map_or("/", |it| it.as_str()).to_owned()
}

/// The page of this site that a browser names.
fn referrer(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).or_else(|| uri.authority().map(|it| it.as_str()))?;
    let page: Uri = text(header::REFERER)?.parse().ok()?;
    let is_here = page.authority().is_some_and(|it| it.as_str().eq_ignore_ascii_case(host));
    Some(path_and_query(&page)).filter(|it| is_here && is_local(it))
}

/// The page that has the form which is sent to `address`; every other address is that of a page. A form that came back
/// with faults stands under the address to which it was sent.
fn page_of(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts[..] {
        ["cases", id, "evaluation", _, ..] => format!("/cases/{id}/evaluation"),
        ["cases", _, "evaluation"] => address.to_owned(),
        ["cases" | "follow", id, _, ..] => format!("/{}/{id}", parts[0]),
        ["supervisions" | "me" | "notices", _, ..] => format!("/{}", parts[0]),
        ["language" | "sign-out"] => "/".to_owned(),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn here(method: Method, address: &str, referrer: Option<&str>) -> String {
        let request = Request::builder().method(method).uri(address).header(header::HOST, "town.example");
        let request = match referrer {
            Some(referrer) => request.header(header::REFERER, referrer),
            None => request,
        };
        of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_page_is_where_it_says_whoever_led_there() {
        assert_eq!(here(Method::GET, "/cases?area=1509", Some("https://town.example/")), "/cases?area=1509");
    }

    #[test]
    fn a_form_leads_back_to_the_page_that_has_it() {
        let sent = |address, referrer: &str| here(Method::POST, address, Some(referrer));
        assert_eq!(sent("/supervisions/7/reply", "https://town.example/cases/1?moved=1"), "/cases/1?moved=1");
        assert_eq!(sent("/report", "https://town.example/report?area=1509"), "/report?area=1509");
        assert_eq!(
            sent("/cases/1/dispatch", "https://town.example/cases/1/dispatch"),
            "/cases/1",
            "it came back"
        );
        for elsewhere in
            ["https://evil.example/cases/2", "https://town.example//evil.example", "about:blank", ""]
        {
            assert_eq!(sent("/cases/1/dispatch", elsewhere), "/cases/1", "{elsewhere}");
        }
        for (address, page) in [
            ("/cases/1/relief/decision", "/cases/1"),
            ("/cases/1/evaluation", "/cases/1/evaluation"),
            ("/cases/1/evaluation/2/revocation", "/cases/1/evaluation"),
            ("/follow/abc/notes", "/follow/abc"),
            ("/follow", "/follow"),
            ("/me/sessions/1/revoke", "/me"),
            ("/notices/read", "/notices"),
            ("/sign-out", "/"),
        ] {
            assert_eq!(here(Method::POST, address, None), page, "{address}");
        }
    }
}
