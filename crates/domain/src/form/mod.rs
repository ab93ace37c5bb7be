//! Forms (表单): what an office asks, and the records that were sent for it.
//!
//! A form is published as a spreadsheet (XLSForm) or as an XForm. Each of its texts is a version that never changes, and
//! every version takes records as long as the form does. A record is judged by the rules of its own version: one that
//! breaks them is kept and counts as invalid, or is refused where the form says so. A record is known by the instance id
//! that its client made: the same bytes again are the same record, other bytes under it are refused. An edit is a version
//! of the record with an instance id of its own, which names the one that it replaces; nothing is ever overwritten.
//!
//! Files of forms and records stand in the database, in the transaction of what they belong to: of a record that was not
//! acknowledged none is left behind, and a backup has all of them.

mod action;
mod app_user;
mod attach;
mod definition;
mod draft;
mod fault;
mod filling;
mod library;
mod model;
mod publish;
mod query;
mod record;
mod review;
mod rule;
mod store;
mod submit;
mod task;

pub use action::{hold, set_state};
pub use app_user::{AppUser, assign, is_token, issue, list as app_users, number, resolve, revoke};
pub use attach::add_record_file;
pub use definition::Definition;
pub use draft::{add_draft_file, create, publish_draft, set_draft};
pub use fault::{PublishError, PublishFault, Rejection};
pub use filling::{
    Filled, asked, begin, begin_asked, discard, draft_languages, drafts, mend, open_draft, own, save, send,
    sent,
};
pub use library::{Library, Prepared};
pub use model::{
    Comment, Counts, Draft, Finding, Form, FormFile, FormState, FormVersion, Judged, Listed, NamedBytes, Own,
    Publication, Published, Receipt, Record, RecordFile, RecordVersion, Review, Sender, Sent, Terms, Unit,
};
pub use publish::publish;
pub use query::{
    all, areas, counts, draft, file, files, gate, get, may_list_records, named_files, named_files_of_draft,
    open, prepared, publishing_area, questions_of, takes_records, text, versions,
};
pub use record::{
    Answered, answered_again, comments, each_answered, history, is_seen, prepared_version, reading, received,
    record, record_file, record_files, records, sender_names, versions as record_versions, xml as record_xml,
};
pub use review::{add_comment, judge, may_mend, may_review, set_review};
pub use submit::{Expected, submit};
pub use task::forget;
