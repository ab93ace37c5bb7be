//! Forms filled in and published on pages, without a script.

use axum::http::Method;
use store::{Db, both};

use crate::{
    form::{MULTIPART, parts, published, village},
    support::{Town, User},
};

/// A page's hidden fields and what somebody types, sent as a browser does.
pub fn fill(user: &User<'_>, address: &str, typed: &[(&str, &str)]) -> String {
    let page = user.get(address).text();
    let hidden = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
        rest.split('"').next().unwrap().to_owned()
    };
    let fields =
        [("page", hidden("page")), ("revision", hidden("revision")), ("language", hidden("language"))];
    let mut body = String::new();
    let all = fields.iter().map(|(name, value)| (*name, value.as_str())).chain(typed.iter().copied());
    for (name, value) in all {
        body.push_str(&format!(
            "--xyz\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str("--xyz--\r\n");
    let answer = user.send_text(Method::POST, address.split('?').next().unwrap(), MULTIPART, body);
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text());
    answer.header("location").to_owned()
}

both!(a_form_is_filled_in_on_pages_without_a_script, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let clerk = town.user("grid_leader");
    let list = clerk.get("/forms").text();
    assert!(list.contains("村情表") && list.contains("/forms/village/begin"));
    let draft =
        clerk.send_text(Method::POST, "/forms/village/begin", "application/x-www-form-urlencoded", "");
    let draft = draft.header("location").to_owned();
    let wrong = fill(&clerk, &draft, &[("/data/households", "-5"), ("go", "next")]);
    assert!(wrong.contains("page=0") && wrong.contains("checked=1"), "{wrong}");
    let page = clerk.get(&wrong).text();
    assert!(page.contains("value=\"-5\"") && page.contains("aria-invalid"));
    let check = fill(&clerk, &wrong, &[("/data/households", "120"), ("go", "next")]);
    assert!(check.contains("page=1"), "{check}");
    assert!(clerk.get(&check).text().contains("120"));
    // Nobody else has this draft.
    assert_eq!(commander.get(&draft).status, 404);
    let sent =
        clerk.send_text(Method::POST, &format!("{draft}/send"), "application/x-www-form-urlencoded", "");
    assert_eq!(sent.header("location"), "/forms?sent=valid");
    assert_eq!(clerk.get(&draft).status, 404);
    let records = commander.get("/forms/village/records").text();
    assert!(records.contains("某grid_leader") && records.contains("<dt>Valid</dt><dd>1</dd>"), "{records}");
    assert_eq!(town.user("neighbour").get("/forms/village/records").status, 404);
});

both!(an_office_publishes_a_form_and_is_told_what_is_wrong_with_it, |db: Db| {
    let town = Town::new(db);
    let commander = town.user("commander");
    let send = |text: &str| {
        let mut body = parts(&[("form", "village.xml", text)]);
        body.truncate(body.len() - "--xyz--\r\n".len());
        body.extend(
            b"--xyz\r\ncontent-disposition: form-data; name=\"answer_days\"\r\n\r\n365\r\n--xyz--\r\n",
        );
        commander.send_text(Method::POST, "/forms/office", MULTIPART, body)
    };
    let broken = send(&village("village", "1").replace(". &gt;= 0", ". &gt;= nothing("));
    assert_eq!(broken.status.as_u16(), 422);
    assert!(broken.text().contains("/data/households"), "{}", broken.text());
    assert_eq!(send("not a form").status, 422);
    let published = send(&village("village", "1"));
    assert_eq!((published.status.as_u16(), published.header("location")), (303, "/forms/village/records"));
    assert!(commander.get("/forms/office").text().contains("村情表"));
    assert_eq!(town.user("handler").get("/forms/office").status, 403);
    assert_eq!(town.anonymous().get("/forms").status, 303);
});

both!(an_office_that_asks_again_reads_what_is_known_and_says_why, |db: Db| {
    let town = Town::new(db);
    let commander = town.user("commander");
    let bound = |id: &str, title: &str| {
        let text = village(id, "1").replace("村情表", title);
        let text = text.replace("<h:html ", "<h:html xmlns:olzii=\"urn:olzii:xforms\" ");
        text.replace("type=\"int\" required", "type=\"int\" olzii:element=\"JOB_FAIRS\" required")
    };
    let send = |text: &str| {
        let mut body = parts(&[("form", "form.xml", text)]);
        body.truncate(body.len() - "--xyz--\r\n".len());
        body.extend(
            b"--xyz\r\ncontent-disposition: form-data; name=\"answer_days\"\r\n\r\n365\r\n--xyz--\r\n",
        );
        commander.send_text(Method::POST, "/forms/office", MULTIPART, body)
    };
    assert_eq!(send(&bound("first", "就业表")).header("location"), "/forms/first/records");
    let waits = send(&bound("second", "年终表"));
    assert_eq!(waits.header("location"), "/forms/second/records#gate");
    let page = commander.get("/forms/second/records").text();
    assert!(page.contains("“就业表” has asked it since 2026-11-20"), "{page}");
    let publish = |reason: &str| {
        let body = format!("reason={reason}");
        commander.send_text(Method::POST, "/forms/second/publish", "application/x-www-form-urlencoded", body)
    };
    let refused = publish("");
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Say why"), "{}", refused.text());
    assert_eq!(publish("for+the+annual+report").header("location"), "/forms/second/records");
    let page = commander.get("/forms/second/records").text();
    assert!(page.contains("for the annual report") && !page.contains("id=\"gate\""), "{page}");

    // A program is told the same in its own way.
    let create = "/v1/projects/1509/forms?ignoreWarnings=true&publish=true";
    let text = bound("third", "三表");
    let told = commander.send_text(Method::POST, create, "application/xml", text);
    let told = told.of(409);
    assert_eq!(told["code"], 409.16);
    assert!(told["message"].as_str().unwrap().contains("就业表"), "{told}");
    let publish = "/v1/projects/1509/forms/third/draft/publish?reason=audit";
    commander.send_text(Method::POST, publish, "text/plain", "").of(200);
    assert_eq!(town.user("handler").get("/forms/second/records").status, 404);
});
