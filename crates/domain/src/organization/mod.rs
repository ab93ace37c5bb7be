//! Bodies that work in an area, the posts in them, and who holds a post from when to when.
//!
//! Whatever a person may do beyond a resident's rights comes from an appointment that is in force to a
//! post of an organization that is in force; both end by themselves at their `to`, without a task that
//! would have to run. A temporary organization (临时党组织) is founded with its end.
//!
//! Organizations, posts and appointments are only ever added and ended, never deleted.

mod action;
mod model;
mod query;
mod store;

pub use action::{
    appoint, appoint_all, create_post, create_posts, end_appointment, end_organization, found, found_all,
};
pub use model::{
    Appointment, Filter, NewOrganization, Organization, OrganizationKind, Post, PostInForce, Reached, Vacancy,
};
pub use query::{
    Seat, appointments_of, can_handle, for_dispatch, get, handlers_of, handling_named, handling_offices,
    holders, kind, list, name, names, nearest_offices, nearest_offices_but, offices_at, offices_of,
    offices_of_body, posts, reached_around, reached_in, seats,
};
