use std::cmp::Ordering;

use form_urlencoded::Serializer;

use super::{
    fault::QueryFault,
    order::Rank,
    query::Query,
    row::{write_row, write_text},
    token::Token,
};
use crate::table::{Clock, Row, Slot, Table};

/// One page of a table: takes rows as they come and writes those that belong to it.
///
/// Rows come newest record first, those of one record in their order. With a token they begin after its record, or in it
/// where the table is that of a repeat. Rows of a query with an order go through a [`Ranking`] first.
pub struct Feed<'a> {
    query: &'a Query,
    table: &'a Table,
    clock: Clock,
    out: Vec<u8>,
    /// Rows that the query keeps.
    passed: u64,
    written: u64,
    /// Whether the page is full and there is a row that is not on it.
    is_cut: bool,
    /// Whether the row of the token was found, or none has to be.
    is_begun: bool,
    /// Names the last row, once the page is full.
    last: Option<Token>,
    is_one_record: bool,
    is_ranked: bool,
}

/// What the addresses in the answer are made of.
#[derive(Clone, Copy, Debug)]
pub struct Links<'a> {
    /// Up to `.svc`.
    pub service: &'a str,
    /// Of the request, without its parameters.
    pub request: &'a str,
    /// The decoded parameters.
    pub pairs: &'a [(String, String)],
}

impl<'a> Feed<'a> {
    pub fn new(query: &'a Query, table: &'a Table, clock: Clock) -> Feed<'a> {
        let row_of_token = query.token.as_ref().and_then(|it| it.row.as_deref());
        Feed {
            query,
            table,
            clock,
            out: b"{\"value\":[".to_vec(),
            passed: 0,
            written: 0,
            is_cut: false,
            is_begun: row_of_token.is_none(),
            last: None,
            is_one_record: false,
            is_ranked: false,
        }
    }

    /// The address names one record, so that a token need not.
    pub fn of_one_record(mut self) -> Self {
        self.is_one_record = true;
        self
    }

    /// Takes the next row; gives whether more rows are wanted.
    pub fn offer(&mut self, row: &dyn Row) -> Result<bool, QueryFault> {
        if self.is_ranked {
            self.write(row);
            return Ok(true);
        }
        if !self.query.order.is_empty() {
            return Err(QueryFault::Feature("$orderby".to_owned()));
        }
        if !self.is_begun {
            // The row that was given last is found even if the query would not keep it any more.
            let token = self.query.token.as_ref().and_then(|it| it.row.as_deref());
            self.is_begun = row.text(Slot::Own(0)).as_deref() == token;
            return Ok(true);
        }
        if !self.query.keeps(self.table, row, &self.clock)? {
            return Ok(true);
        }
        self.passed += 1;
        if self.query.token.is_none() && self.passed <= self.query.skip {
            return Ok(true);
        }
        if self.query.top.is_some_and(|it| self.written >= it) {
            self.is_cut = true;
            return Ok(self.query.count);
        }
        self.write(row);
        Ok(true)
    }

    fn write(&mut self, row: &dyn Row) {
        if self.written > 0 {
            self.out.push(b',');
        }
        write_row(&mut self.out, self.table, row, self.query);
        self.written += 1;
        if self.query.top == Some(self.written) {
            self.last = Some(self.token(row));
        }
    }

    /// What was written so far, to be sent on.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The end of the page, behind what was taken before.
    pub fn finish(mut self, links: &Links<'_>) -> Result<Vec<u8>, QueryFault> {
        if !self.is_begun {
            return Err(QueryFault::TokenRow);
        }
        self.out.extend_from_slice(b"],\"@odata.context\":");
        write_text(&mut self.out, &format!("{}/$metadata#{}", links.service, self.table.name));
        if self.is_cut
            && let Some(token) = &self.last
        {
            self.out.extend_from_slice(b",\"@odata.nextLink\":");
            let link = next_link(links, &token.encode(self.table.record_key));
            write_text(&mut self.out, &link);
        }
        if self.query.count {
            self.out.extend_from_slice(format!(",\"@odata.count\":{}", self.given()).as_bytes());
        }
        self.out.push(b'}');
        Ok(self.out)
    }

    /// Rows that the query keeps, with those of the pages before as the token has them, which may be anybody's writing.
    fn given(&self) -> u64 {
        self.query.token.as_ref().map_or(0, |it| it.given).saturating_add(self.passed)
    }

    fn token(&self, row: &dyn Row) -> Token {
        let is_ordered = !self.query.order.is_empty();
        let is_of_repeat = self.table.is_of_repeat();
        let names_record = !(is_ordered || is_of_repeat && self.is_one_record);
        let names_row = !is_ordered && is_of_repeat;
        Token {
            record: names_record.then(|| row.record_id().into_owned()),
            row: row.text(Slot::Own(0)).filter(|_| names_row).map(|it| it.into_owned()),
            given: if self.query.count && !is_ordered { self.given() } else { 0 },
            mark: is_ordered.then(|| self.query.order.mark(row)),
        }
    }
}

/// The page of a query with an order. All rows are offered once, with a handle each, and need not be kept; then those of
/// the page are read again by their handles, in the order in which these are given.
pub struct Ranking<'a, T> {
    query: &'a Query,
    table: &'a Table,
    clock: Clock,
    kept: Vec<(Rank, T)>,
}

impl<'a, T> Ranking<'a, T> {
    pub fn new(query: &'a Query, table: &'a Table, clock: Clock) -> Ranking<'a, T> {
        Ranking { query, table, clock, kept: Vec::new() }
    }

    pub fn offer(&mut self, row: &dyn Row, handle: T) -> Result<(), QueryFault> {
        if self.query.keeps(self.table, row, &self.clock)? {
            let order = &self.query.order;
            self.kept.push((order.rank(&order.mark(row), &self.clock), handle));
        }
        Ok(())
    }

    /// The handles of the page's rows, and what takes the rows.
    pub fn page(self) -> (Vec<T>, Feed<'a>) {
        let Ranking { query, table, clock, mut kept } = self;
        kept.sort_by(|a, b| query.order.compare(&a.0, &b.0, &clock));
        let mut feed = Feed::new(query, table, clock);
        (feed.is_ranked, feed.is_begun, feed.passed) = (true, true, kept.len() as u64);
        let last =
            query.token.as_ref().and_then(|it| it.mark.as_ref()).map(|it| query.order.rank(it, &clock));
        let start = match &last {
            Some(last) => {
                kept.partition_point(|it| query.order.compare(&it.0, last, &clock) != Ordering::Greater)
            }
            None => usize::try_from(query.skip).unwrap_or(usize::MAX),
        };
        let top = query.top.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
        feed.is_cut = kept.len().saturating_sub(start) > top;
        let handles = kept.into_iter().skip(start).take(top).map(|it| it.1).collect();
        (handles, feed)
    }
}

/// The same request with another token, and nothing to skip.
fn next_link(links: &Links<'_>, token: &str) -> String {
    let kept = links.pairs.iter().filter(|it| it.0 != "$skip" && it.0 != "$skiptoken");
    let mut parameters = Serializer::new(String::new());
    for (name, value) in kept {
        parameters.append_pair(name, value);
    }
    parameters.append_pair("$skiptoken", token);
    format!("{}?{}", links.request, parameters.finish())
}
