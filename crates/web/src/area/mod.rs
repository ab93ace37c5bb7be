//! The tree of areas.

pub mod api;
mod choice;
mod page;
mod view;

pub use choice::{CommunityGroup, around_posts, communities_of};
pub use page::routes;
