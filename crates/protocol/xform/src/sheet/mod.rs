//! XLSForm: a spreadsheet with the sheets `survey`, `choices` and `settings` becomes an XForm.
//!
//! The XForm is the one that pyxform makes of the same sheets. What cannot be understood is told with its sheet, row,
//! column and what to do, all of it at once.

mod body;
mod choices;
mod element;
mod entity;
mod fault;
mod kind;
mod list;
mod model;
mod parameter;
mod reference;
mod rows;
mod select;
mod settings;
mod survey;
mod table;
mod text;
mod workbook;

pub use fault::SheetFault;
pub use workbook::{Sheet, SheetRow, WORKBOOK_BYTES_MAX, Workbook, WorkbookFault};

use crate::form::{Form, FormFault};

/// Rows of a sheet.
pub const ROWS_MAX: usize = 100_000;
/// Columns of a sheet.
pub const COLUMNS_MAX: usize = 500;
/// Characters of a cell.
pub const CELL_CHARACTERS_MAX: usize = 32_767;
/// Groups and repeats within each other.
pub const GROUPS_DEPTH_MAX: usize = 40;
/// Faults that are told of one workbook.
pub const FAULTS_MAX: usize = 100;

/// An XForm that was made of a workbook.
#[derive(Debug)]
pub struct Converted {
    pub form: Form,
    /// The same as text.
    pub xml: String,
    /// What works, but is perhaps not meant.
    pub warnings: Vec<SheetFault>,
    /// `itemsets.csv`, if there is a sheet of external choices.
    pub itemsets: Option<String>,
}

/// Makes an XForm of a workbook. `fallback_id` names a form whose settings do not; it is usually the file's name.
pub fn convert(workbook: &Workbook, fallback_id: &str) -> Result<Converted, Vec<SheetFault>> {
    let survey = survey::read(workbook, fallback_id)?;
    let document = model::document(&survey)?;
    let xml = document.to_xml();
    let form = Form::read(xml.as_bytes()).map_err(|refusal| {
        vec![SheetFault::of_workbook(refusal.to_string(), "Take apart what is too large or too deep.")]
    })?;
    let mut warnings = survey.warnings.clone();
    warnings.extend(form.faults().iter().map(|it| located(&survey, it)));
    Ok(Converted { form, xml, warnings, itemsets: choices::itemsets_csv(workbook) })
}

/// A fault of the form's rules with the row that it comes from.
fn located(survey: &survey::Survey, fault: &FormFault) -> SheetFault {
    let found = survey.elements.iter().enumerate().find(|it| survey.path(it.0) == fault.place);
    let column = match fault.rule {
        "calculate" => "calculation",
        "jr:count" => "repeat_count",
        "itemset" => "choice_filter",
        other => other,
    };
    SheetFault {
        sheet: "survey".to_owned(),
        row: found.map(|it| it.1.row).filter(|it| *it > 0),
        column: Some(column.to_owned()),
        reason: fault.reason.clone(),
        help: fault.help.clone(),
    }
}
