//! OData 4.0 over tables: what a client may ask, and the documents that it gets.
//!
//! A server reads a [`Query`] from the decoded parameters of a URL, offers rows to a [`Feed`], and sends what it wrote:
//!
//! ```
//! use xform::{check::Submission, form::Form, odata::{Clock, Feed, Links, Query}, table::{FormTables, RecordRows, System}};
//!
//! # let form = Form::read(br#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
//! #   <h:head><model><instance><data id="wells"><depth/><meta><instanceID/></meta></data></instance>
//! #   <bind nodeset="/data/depth" type="int"/></model></h:head><h:body/></h:html>"#)?;
//! # let sent = Submission::read(b"<data id='wells'><depth>12</depth><meta><instanceID>uuid:1</instanceID></meta></data>")?;
//! # let clock = Clock { now: jiff::Timestamp::UNIX_EPOCH, offset: jiff::tz::Offset::UTC };
//! # let (service, request) = ("https://example.org/v1/projects/1/forms/wells.svc", "https://example.org/v1/projects/1/forms/wells.svc/Submissions");
//! let tables = FormTables::new(&form);
//! let table = tables.find("Submissions").ok_or("no such table")?;
//! let pairs = vec![("$filter".to_owned(), "depth gt 10".to_owned())];
//! let query = Query::read(&pairs, tables.table(table))?;
//! let mut feed = Feed::new(&query, tables.table(table), clock);
//! let record = RecordRows::new(&tables, &form, &sent, "uuid:1", 1, System::default())?;
//! for row in record.rows(table) {
//!     feed.offer(&row)?;
//! }
//! let answer = feed.finish(&Links { service, request, pairs: &pairs })?;
//! # assert!(String::from_utf8(answer)?.contains(r#""depth":12"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Where the query has an order, all rows go through a [`Ranking`] first, which keeps what is compared of them and a handle of
//! the server's; the rows of the page are then read again by their handles and offered to its feed. Where it has a token
//! without an order, the server begins after the token's record, or in it where the table is that of a repeat. `$filter`
//! alone serves an export too: [`Query::keeps`].
//!
//! The shapes are ODK Central's. Chosen otherwise:
//!
//! - **`$filter` and `$orderby` reach every property**, where Central has `__id` and `__system/*`.
//! - **A page that was ordered goes on**: its `nextLink` works, where Central answers 501.1 to its own.
//! - **What is asked wrongly is refused**: `$top=many`, `$count=maybe`, a parameter given twice. Central takes the first
//!   two for nothing said.
//! - **`$search` works in every table**; every word has to be somewhere in the row's texts, in any case of letters.
//! - **The metadata says what is so**: rows can be filtered and sorted, and the state of a review is a text.
//! - **`$skiptoken`** is Central's where it says enough (`instanceId`, or `repeatId` below one record). In the whole table
//!   of a repeat it also names the record, so that a server goes on there and does not read all again.

mod address;
mod document;
mod fault;
mod feed;
mod filter;
mod order;
mod query;
mod row;
mod select;
mod token;

pub use address::Address;
pub use document::{metadata, service_document};
pub use fault::{Format, QueryFault};
pub use feed::{Feed, Links, Ranking};
pub use filter::{
    Expression, FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_NODES_MAX, FILTER_STEPS_MAX, Filter, Function,
    Operator,
};
pub use order::{ORDER_CHARACTERS_MAX, ORDER_PROPERTIES_MAX, Order};
pub use query::{Query, SEARCH_WORDS_MAX, check_parameters};
pub use token::{TOKEN_BYTES_MAX, Token};

pub use crate::table::Clock;
