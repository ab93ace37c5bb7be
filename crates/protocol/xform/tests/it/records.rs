//! Records as a server has them, and what a client of OData gets.

use jiff::{Timestamp, tz::Offset};
use serde_json::Value;
use xform::{
    check::Submission,
    form::Form,
    odata::{Address, Clock, Feed, Links, Query, QueryFault, Ranking},
    table::{FormRow, FormTables, RecordRows, System},
};

use crate::support::{NOW, folder};

pub const SERVICE: &str = "https://example.org/v1/projects/1/forms/f.svc";

pub fn clock() -> Clock {
    Clock { now: Timestamp::from_microsecond(NOW).unwrap(), offset: Offset::constant(8) }
}

pub fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |it: &str| it.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned()));
    query.split('&').filter_map(pair).collect()
}

/// Records as a server has them, the oldest first.
pub struct Records {
    pub form: Form,
    pub tables: FormTables,
    sent: Vec<(Submission, System)>,
}

impl Records {
    pub fn new(form: Form, contents: &[&str]) -> Records {
        let sent = contents.iter().enumerate().map(|(index, content)| {
            let xml = format!("<data id=\"{}\">{content}</data>", form.id);
            let system = System {
                submission_date: format!("2026-11-{:02}T01:00:00.000Z", index + 1),
                submitter_id: Some((5 + index % 2).to_string()),
                submitter_name: Some("哈斯".to_owned()),
                form_version: "1".to_owned(),
                ..System::default()
            };
            (Submission::read(xml.as_bytes()).unwrap(), system)
        });
        let sent = sent.collect();
        Records { tables: FormTables::new(&form), form, sent }
    }

    pub fn system(&mut self, index: usize) -> &mut System {
        &mut self.sent[index].1
    }

    pub fn rows(&self) -> Vec<RecordRows<'_>> {
        let rows = self.sent.iter().enumerate().rev().map(|(number, (sent, system))| {
            let id = sent.instance_id.as_str();
            RecordRows::new(&self.tables, &self.form, sent, id, number as u128, system.clone()).unwrap()
        });
        rows.collect()
    }

    /// What a server does: it goes on where the token says, and gives all rows where there is an order.
    pub fn get(&self, path: &str, query: &str) -> Result<Value, QueryFault> {
        let address = Address::read(path)?;
        let number = address.table(&self.tables)?;
        let (table, pairs) = (self.tables.table(number), pairs(query));
        let query = Query::read(&pairs, table)?;
        let records = self.rows();
        let start = query.token.as_ref().and_then(|it| it.record.as_ref()).map(|record| {
            let found = records.iter().position(|it| it.instance_id == *record).unwrap();
            if table.is_of_repeat() { found } else { found + 1 }
        });
        let records = records[start.unwrap_or(0)..].iter().filter(|it| {
            (query.asks_for_deleted() || it.system.deleted_at.is_none())
                && address.record.as_ref().is_none_or(|id| *id == it.instance_id)
        });
        let rows = records.flat_map(|it| it.rows(number)).filter(|it| address.names(it));
        let (rows, mut feed): (Vec<FormRow<'_>>, _) = if query.order.is_empty() {
            (rows.collect(), Feed::new(&query, table, clock()))
        } else {
            let mut ranking = Ranking::new(&query, table, clock());
            for row in rows {
                ranking.offer(&row, row)?;
            }
            ranking.page()
        };
        if address.record.is_some() {
            feed = feed.of_one_record();
        }
        for row in rows {
            if !feed.offer(&row)? {
                break;
            }
        }
        let request = format!("{SERVICE}/{path}");
        let answer = feed.finish(&Links { service: SERVICE, request: &request, pairs: &pairs })?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    /// Follows the links from page to page; gives the rows of each.
    pub fn pages(&self, path: &str, query: &str) -> Vec<Vec<Value>> {
        let (mut pages, mut next) = (Vec::new(), query.to_owned());
        loop {
            let answer = self.get(path, &next).unwrap();
            pages.push(answer["value"].as_array().unwrap().clone());
            assert!(pages.len() < 100, "pages without an end");
            let Some(link) = answer.get("@odata.nextLink") else { return pages };
            let (_, query) = link.as_str().unwrap().split_once('?').unwrap();
            let decoded = form_urlencoded::parse(query.as_bytes());
            next = decoded.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        }
    }
}

pub fn same_json(a: &str, b: &str) -> bool {
    serde_json::from_str::<Value>(a).unwrap() == serde_json::from_str::<Value>(b).unwrap()
}

/// Compares with a file of `tests/golden`; with `OLZII_UPDATE_GOLDEN` set, writes it.
pub fn golden(name: &str, found: &str, same: fn(&str, &str) -> bool) {
    let file = folder().with_file_name("golden").join(name);
    if std::env::var_os("OLZII_UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, format!("{}\n", found.trim_end())).unwrap();
    }
    let agreed = std::fs::read_to_string(&file).unwrap();
    assert!(same(&agreed, found), "{name} is not\n{found}");
}
