//! Statistics (统计): what the city counts, and the figures made of it.
//!
//! A *data element* is a kind of fact that is counted, a *record* one entry of it: an area, a period, a disaggregation
//! option and a value, with where it comes from. An *indicator* is an expression over elements. All are data
//! (`statistic.toml`), checked when the city starts.
//!
//! Totals up the tree are kept in the transaction that brings a record in: the difference is posted to the area and each
//! one above it, so that a figure of any tier is read and not added up. A record is corrected or withdrawn by a further
//! revision; the earlier ones stay, and a figure can be had as it was known at any moment.
//!
//! A *data set* is what units of a tier report together, by hand or on a sheet (`data_set`); what is already known from
//! elsewhere stands in it and is not asked again.
//!
//! Who may not see records of persons is shown counts in fives, no small cell, and none that could be had by subtraction
//! (`rule`).

mod action;
mod data_set;
mod definition;
mod expression;
mod fault;
mod model;
mod period;
mod pivot;
mod query;
mod rule;
mod sight;
mod source;
mod store;
mod task;

pub use action::{Entry, Origin, enter, import, recount};
pub use data_set::{
    AllReports, Arrivals, Broken, CellValue, Change, Column, LeftOut, Look, Meaning, Outcome, Plan, Progress,
    ProgressPart, Report, ReportCell, all_reports, due, enter_report, forget, look, may_report, progress,
    reference, report, reports, take, upload,
};
pub use definition::{
    Comparison, Counted, DataSet, Definitions, Disaggregation, Element, Group, Indicator, Named, OverAreas,
    OverTime, ValidationRule, ValueType,
};
pub use expression::{Expression, Ratio};
pub use fault::{ImportError, ImportFault, ImportFaults, Reason};
pub use model::{Completeness, Figure, ImportReport, Record, Source, State};
pub use period::{Period, PeriodKind};
pub use pivot::{Axis, CELLS_MAX, PERIODS_MAX, Pivot, PivotCell, PivotOf, Point, pivot};
pub use query::{
    Breakdown, Overview, Part, RecordsOf, breakdown, figure, figures, may_read_records, records,
};
pub use rule::{SMALL, is_safe, shown};
pub use source::{COLUMNS, number};
pub use task::count;
