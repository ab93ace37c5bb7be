pub mod claim;
pub mod ledger;
pub mod list;
pub mod work;
