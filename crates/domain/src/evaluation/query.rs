pub mod figures;
pub mod work;
