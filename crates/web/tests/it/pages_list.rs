//! Numbers on pages and the lists that they lead to.

use axum::http::StatusCode;
use kernel::{Id, Role, Timestamp};
use store::{StoreError, Tx, params};
use uuid::Uuid;

use crate::pages_shell::town::{Browser, Town};

const COPY: &str = "INSERT INTO case_file (county_id, id, number, request_hash, procedure_id, procedure_version, \
    class, stage, status, source, area_id, area_path, place, description, owner_id, reported_at, stage_since, stage_due, \
    next_due, escalated, closed_at, updated_at, returns, reworks, revision) SELECT county_id, $1, number, request_hash, \
    procedure_id, procedure_version, class, $3, $4, source, area_id, area_path, place, description, owner_id, \
    reported_at, stage_since, stage_due, next_due, escalated, $5, updated_at, $6, reworks, revision FROM case_file WHERE id = $2";

/// A town with one case, and copies of it.
struct Copies {
    town: Town,
    model: Id<kernel::Case>,
    made: std::cell::Cell<u128>,
}

impl Copies {
    fn new() -> Self {
        let town = Town::plain();
        let mut browser = town.signed_in(Role::Resident, "en");
        let form = [
            ("id", "00000000-0000-0000-0000-00000000aaaa"),
            ("area", "150902001001"),
            ("class", "c1-street-lamp"),
            ("description", "路口的灯不亮"),
        ];
        assert_eq!(browser.post("/report", &form).status, StatusCode::SEE_OTHER);
        Self { town, model: Id::from_uuid(Uuid::from_u128(0xaaaa)), made: std::cell::Cell::new(0) }
    }

    fn make(&self, copies: u128, stage: &str, closed_at: Option<&str>, returns: i64) {
        let status = if closed_at.is_some() { "closed" } else { "open" };
        let closed_at = closed_at.map(|text| Timestamp::parse(text).expect("a moment"));
        let first = self.made.get();
        self.made.set(first + copies);
        let copy = |tx: &mut Tx<'_>| {
            (first..first + copies).try_for_each(|copy| {
                let id = Uuid::from_u128(0xbb_0000 + copy);
                tx.execute(COPY, params![id, self.model, stage, status, closed_at, returns]).map(drop)
            })
        };
        self.town.city.db.write::<_, StoreError>(copy).expect("copies");
    }
}

/// The number and the address of the link whose words are `label`.
fn link(page: &str, label: &str) -> (String, String) {
    let links = page.split("<a ").skip(1).filter_map(|it| it.split("</a>").next());
    let texts = |link: &str| -> Vec<String> {
        let texts = link.split('<').filter_map(|it| it.split_once('>').or(Some(("", it))));
        texts.map(|(_, text)| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
    };
    let found = links.map(|it| (texts(it.split_once('>').unwrap_or_default().1), it));
    let mut found = found.filter(|(texts, _)| texts.iter().any(|text| text == label));
    let (texts, link) = found.next().unwrap_or_else(|| panic!("no link {label:?}: {page}"));
    let address = link.split("href=\"").nth(1).and_then(|it| it.split('"').next()).unwrap_or_default();
    let number = texts.into_iter().find(|text| text.starts_with(|it: char| it.is_ascii_digit()));
    (number.unwrap_or_default(), address.replace("&#38;", "&").replace("&amp;", "&"))
}

fn get(browser: &mut Browser<'_>, path: &str) -> String {
    let answer = browser.get(path);
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.text
}

/// The length of the list that starts at `path`, turned to its end.
fn length(browser: &mut Browser<'_>, path: &str) -> usize {
    let (mut path, mut rows) = (path.to_owned(), 0);
    loop {
        let page = get(browser, &path);
        rows += page.matches("href=\"/cases/").count();
        match page.contains("rel=\"next\"") {
            true => path = link(&page, "Next page").1,
            false => return rows,
        }
    }
}

/// Each label's link shows the number, and leads to a list of that length.
fn check_numbers(browser: &mut Browser<'_>, page: &str, numbers: &[(&str, usize)]) {
    for (label, expected) in numbers {
        let (number, address) = link(page, label);
        assert_eq!(number.split(' ').next(), Some(expected.to_string().as_str()), "{label}");
        assert_eq!(length(browser, &address), *expected, "{label} {address}");
    }
}

#[test]
fn every_number_on_a_desk_is_the_length_of_the_list_that_it_opens() {
    let copies = Copies::new();
    copies.make(131, "dispatch", None, 0);
    copies.make(3, "dispatch", None, 1);
    copies.make(2, "feedback", None, 0);
    copies.make(105, "collect", None, 0);
    copies.make(34, "closed", Some("2026-11-01T09:00:00+08:00"), 0);
    let town = &copies.town;
    let mut dispatcher = town.signed_in(Role::Dispatcher, "en");
    let mut leader = town.signed_in(Role::Leader, "en");
    let mut commander = town.signed_in(Role::Commander, "en");
    let mut worker = town.signed_in(Role::GridLeader, "en");
    let board = get(&mut dispatcher, "/board");
    let desk = get(&mut leader, "/supervise");
    let command = get(&mut commander, "/command");
    let today = get(&mut worker, "/today");
    assert!(![&board, &desk, &command, &today].iter().any(|page| page.contains("99+")));
    check_numbers(
        &mut dispatcher,
        &board,
        &[("Dispatch", 134), ("Returned", 3), ("Open", 242), ("open", 242)],
    );
    check_numbers(
        &mut leader,
        &desk,
        &[("Returned", 3), ("Overdue", 0), ("closed in 30 days", 34), ("242 open", 242)],
    );
    check_numbers(&mut commander, &command, &[("open", 242), ("overdue", 0), ("closed in 30 days", 34)]);
    let (_, all) = link(&today, "Show all");
    assert!(today.contains(">106</span>") && all.contains("stage=collect"), "{today}");
    assert_eq!(length(&mut worker, &all), 106);
}

#[test]
fn the_day_since_which_cases_closed_is_a_condition_that_can_be_dropped() {
    let copies = Copies::new();
    copies.make(2, "closed", Some("2026-10-21T23:59:59+08:00"), 0);
    copies.make(3, "closed", Some("2026-10-22T00:00:00+08:00"), 0);
    copies.make(4, "closed", Some("2026-11-19T10:00:00+08:00"), 0);
    let mut leader = copies.town.signed_in(Role::Leader, "en");
    let (number, address) = link(&get(&mut leader, "/supervise"), "closed in 30 days");
    assert_eq!(
        (number.as_str(), address.as_str()),
        ("7", "/cases?area=150902&status=closed&closed_since=2026-10-22")
    );
    assert_eq!(length(&mut leader, &address), 7);
    let page = get(&mut leader, &address);
    let (_, without) = link(&page, "Closed since 22 Oct");
    assert_eq!(without, "/cases?area=150902&status=closed");
    assert_eq!(length(&mut leader, &without), 9);
    // The day stays while other conditions come and go, and goes with the status.
    assert_eq!(link(&page, "Closed").1, address);
    assert_eq!(link(&page, "Open").1, "/cases?area=150902&status=open");
    let implied = get(&mut leader, "/cases?area=150902&closed_since=2026-10-22&class=c1-street-lamp");
    assert_eq!(
        link(&implied, "Closed since 22 Oct").1,
        "/cases?area=150902&status=closed&class=c1-street-lamp"
    );
    for no_day in ["", "yesterday", "2026-02-30", "2026-10-22T00:00:00Z"] {
        assert_eq!(length(&mut leader, &format!("/cases?area=150902&closed_since={no_day}")), 10, "{no_day}");
    }
    assert_eq!(length(&mut leader, "/cases?area=150902&overdue=yes&closed_since=2026-10-22"), 0);
}
