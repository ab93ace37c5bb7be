//! The figures as a table for other programs: CSV, and XLSX with numbers as numbers.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    Ctx, Refusal, area,
    evaluation::{self, Counted, Evaluation, Figure, OfficeWork, Period, Posts, RATES, Rate, WorkFigure},
};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::view::{figure_label, office_name, rate_label, work_label, work_rates};
use crate::shell::Shell;

/// Width of a column of names in a sheet, in characters.
const NAME_WIDTH: f64 = 28.0;

/// One cell.
pub enum Cell {
    Text(String),
    Count(i64),
    /// Digits with or without a point.
    Decimal(String),
    /// In tenths of a percent; none of nothing.
    Share(Option<i64>),
}

/// A head and rows as long as it.
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<Cell>>,
    name: String,
    /// The message that names its sheet.
    title: &'static str,
}

impl Table {
    /// Of another room; `name` is that of the file.
    pub fn plain(title: &'static str, head: Vec<String>, rows: Vec<Vec<Cell>>, name: String) -> Self {
        Self { head, rows, name, title }
    }

    /// The whole first, then its parts: each figure as it is, then the rates, then what decisions make of these.
    pub fn of_cases(ctx: &Ctx, shell: &Shell, area: &area::Area, period: Period, found: &Evaluation) -> Self {
        let mut head = vec![shell.t.say("evaluation-key"), shell.t.say("evaluation-name")];
        head.extend(Figure::ALL.iter().map(|figure| figure_label(shell, *figure)));
        head.extend(RATES.iter().map(|rate| rate_label(shell, rate.name)));
        let adjusted = |rate: &Rate<Figure>| {
            shell.t.with("evaluation-adjusted-rate", "rate", rate_label(shell, rate.name).as_str())
        };
        head.extend(RATES.iter().map(adjusted));
        let whole = (area.code.as_str(), area.name.as_str(), &found.total);
        let parts = found.rows.iter().map(|row| (row.key.as_str(), row.name.as_str(), &row.counted));
        let row = |(key, name, counted): (&str, &str, &Counted)| {
            let mut row = vec![Cell::Text(key.to_owned()), Cell::Text(name.to_owned())];
            row.extend(Figure::ALL.iter().map(|figure| Cell::Count(counted.all.get(*figure))));
            row.extend(RATES.iter().map(|rate| Cell::Share(rate.permille(|it| counted.all.get(it)))));
            row.extend(RATES.iter().map(|rate| Cell::Share(rate.permille(|it| counted.adjusted.get(it)))));
            row
        };
        let rows = std::iter::once(whole).chain(parts).map(row).collect();
        Self { head, rows, name: name(area, period), title: "evaluation-title" }.dated(ctx, shell, period)
    }

    /// The work of offices.
    pub fn of_work(
        ctx: &Ctx,
        shell: &Shell,
        area: &area::Area,
        period: Period,
        (posts, offices): (Posts, &[OfficeWork]),
    ) -> Self {
        let mut head = vec![shell.t.say("evaluation-key"), shell.t.say("evaluation-name")];
        head.extend(WorkFigure::ALL.iter().map(|figure| work_label(shell, *figure)));
        head.extend(work_rates(posts).iter().map(|rate| rate_label(shell, rate.name)));
        let row = |it: &evaluation::OfficeWork| {
            let name = office_name(shell, &it.name, it.office);
            let mut row = vec![Cell::Text(it.office.organization.to_string()), Cell::Text(name)];
            row.extend(WorkFigure::ALL.iter().map(|figure| Cell::Count(it.figures.get(*figure))));
            let share = |rate: &Rate<WorkFigure>| Cell::Share(rate.permille(|figure| it.figures.get(figure)));
            row.extend(work_rates(posts).iter().map(share));
            row
        };
        let rows = offices.iter().map(row).collect();
        Self { head, rows, name: name(area, period), title: "evaluation-title" }.dated(ctx, shell, period)
    }

    /// With the period and the moment of counting in each row, so that no row loses them.
    fn dated(mut self, ctx: &Ctx, shell: &Shell, period: Period) -> Self {
        let heads = ["evaluation-from", "evaluation-to", "evaluation-as-of"];
        self.head.extend(heads.map(|it| shell.t.say(it)));
        for row in &mut self.rows {
            let moments = [period.first.to_string(), period.last.to_string(), ctx.now.to_string()];
            row.extend(moments.map(Cell::Text));
        }
        self
    }

    pub fn csv(&self) -> Result<Response, Refusal> {
        // Spreadsheets take a file for UTF-8 by this mark alone.
        let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        let text = |cell: &Cell| match cell {
            Cell::Text(text) => inert(text),
            Cell::Count(count) => count.to_string(),
            Cell::Decimal(digits) => digits.clone(),
            Cell::Share(permille) => permille.map_or_else(String::new, super::view::percent),
        };
        let lines = self.rows.iter().map(|row| row.iter().map(text).collect());
        let written =
            std::iter::once(self.head.clone()).chain(lines).try_for_each(|it| writer.write_record(it));
        written.map_err(|error| broken(&error))?;
        let bytes = writer.into_inner().map_err(|error| broken(&error))?;
        Ok(self.file("text/csv; charset=utf-8", "csv", bytes))
    }

    pub fn xlsx(&self, shell: &Shell) -> Result<Response, Refusal> {
        let bytes = self.sheet(shell).map_err(|error| broken(&error))?;
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        Ok(self.file(kind, "xlsx", bytes))
    }

    fn sheet(&self, shell: &Shell) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(shell.t.say(self.title))?;
        let (bold, share) = (Format::new().set_bold(), Format::new().set_num_format("0.0%"));
        for (column, head) in (0..).zip(&self.head) {
            sheet.write_string_with_format(0, column, head, &bold)?;
        }
        for (row, cells) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, text)?,
                    Cell::Count(count) => sheet.write_number(row, column, *count as f64)?,
                    Cell::Decimal(digits) => match digits.parse::<f64>() {
                        Ok(number) => sheet.write_number(row, column, number)?,
                        Err(_) => sheet.write_string(row, column, digits)?,
                    },
                    Cell::Share(Some(permille)) => {
                        sheet.write_number_with_format(row, column, *permille as f64 / 1_000.0, &share)?
                    }
                    Cell::Share(None) => sheet,
                };
            }
        }
        sheet.set_column_width(1, NAME_WIDTH)?;
        sheet.set_freeze_panes(1, 2)?;
        book.save_to_buffer()
    }

    fn file(&self, kind: &'static str, ending: &str, bytes: Vec<u8>) -> Response {
        let disposition = format!("attachment; filename=\"{}.{ending}\"", self.name);
        ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
            .into_response()
    }
}

fn name(area: &area::Area, period: Period) -> String {
    format!("evaluation-{}-{}-{}", area.code, period.first, period.last)
}

fn broken(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Broken(format!("a table was not written: {error}"))
}

/// A text that no spreadsheet takes for a formula.
pub fn inert(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
