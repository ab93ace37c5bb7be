use super::{
    fault::SheetFault,
    table::{Headings, Localized, Table},
    workbook::Workbook,
};
use crate::xml::is_name;

pub const SHEET: &str = "choices";

pub const HEADINGS: Headings = Headings {
    known: &["name", "label", "media", "sms_option", "list name"],
    aliases: &[
        ("caption", &["label"]),
        ("list_name", &["list name"]),
        ("value", &["name"]),
        ("image", &["media", "image"]),
        ("big-image", &["media", "big-image"]),
        ("audio", &["media", "audio"]),
        ("video", &["media", "video"]),
    ],
};

/// A list of choices.
#[derive(Clone, Debug)]
pub struct List {
    pub name: String,
    pub choices: Vec<SheetChoice>,
}

#[derive(Clone, Debug)]
pub struct SheetChoice {
    pub name: String,
    pub label: Option<Localized>,
    pub media: Vec<(String, Localized)>,
    /// Other columns, which filters ask for.
    pub others: Vec<(String, String)>,
}

impl List {
    /// Whether the labels have to be texts of the translations.
    pub fn needs_translation(&self) -> bool {
        self.choices.iter().any(|it| {
            !it.media.is_empty()
                || match &it.label {
                    Some(Localized::ByLanguage(_)) => true,
                    Some(Localized::Plain(text)) => super::reference::has_reference(text),
                    None => false,
                }
        })
    }
}

pub struct Lists {
    pub lists: Vec<List>,
    pub warnings: Vec<SheetFault>,
    pub faults: Vec<SheetFault>,
}

pub fn read(
    workbook: &Workbook,
    sheet: &str,
    default_language: &str,
    allows_duplicates: bool,
) -> Result<Lists, SheetFault> {
    let mut found = Lists { lists: Vec::new(), warnings: Vec::new(), faults: Vec::new() };
    let Some(table) = Table::read(workbook, sheet, &HEADINGS, false)? else { return Ok(found) };
    if !table.rows.is_empty() && !table.has("name") {
        return Err(SheetFault::new(
            sheet,
            1,
            "name",
            "the column name is missing",
            "Add it: it holds what is stored.",
        ));
    }
    for column in &table.columns {
        let word = column.words.first().map_or("", String::as_str);
        if word != "list name" && word.contains(' ') {
            found.warnings.push(SheetFault::new(
                sheet,
                1,
                &column.heading,
                "a heading with a space in it is ignored",
                "Write _ in place of the space if filters shall use the column.",
            ));
        }
    }
    for row in &table.rows {
        let Some(list) = table.plain(row, "list name") else { continue };
        let Some(name) = table.plain(row, "name") else {
            found.faults.push(SheetFault::new(
                sheet,
                row.number,
                "name",
                format!("a choice of the list {list} has no name"),
                "Write what is stored when it is chosen.",
            ));
            continue;
        };
        let label = table.localized(row, "label", default_language);
        if label.is_none() && sheet == SHEET {
            found.warnings.push(SheetFault::new(
                sheet,
                row.number,
                "label",
                format!("the choice {name} has no label"),
                "Write what people read.",
            ));
        }
        let choice = SheetChoice {
            name: name.to_owned(),
            label,
            media: table.group(row, "media", default_language),
            others: others(&table, row),
        };
        let place = match found.lists.iter().position(|it| it.name == list) {
            Some(place) => place,
            None => {
                found.lists.push(List { name: list.to_owned(), choices: Vec::new() });
                found.lists.len() - 1
            }
        };
        let choices = &mut found.lists[place].choices;
        if !allows_duplicates && choices.iter().any(|it| it.name == choice.name) {
            found.faults.push(SheetFault::new(
                sheet,
                row.number,
                "name",
                format!("the list {list} has {name} twice"),
                "Give each choice a name of its own, or set allow_choice_duplicates to yes on the sheet settings.",
            ));
        }
        choices.push(choice);
    }
    Ok(found)
}

fn others(table: &Table, row: &super::table::Row) -> Vec<(String, String)> {
    const OWN: [&str; 5] = ["list name", "name", "label", "media", "sms_option"];
    row.cells
        .iter()
        .filter_map(|(index, text)| match table.columns[*index].words.as_slice() {
            [only] if !OWN.contains(&only.as_str()) && is_name(only) => Some((only.clone(), text.clone())),
            _ => None,
        })
        .collect()
}

/// The sheet of external choices as the file that comes with the form.
pub fn itemsets_csv(workbook: &Workbook) -> Option<String> {
    let sheet = workbook.sheet("external_choices")?;
    let heading = sheet.rows.iter().find(|it| it.number == 1)?;
    let columns: Vec<usize> =
        (0..heading.cells.len()).filter(|it| !heading.cells[*it].trim().is_empty()).collect();
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    for row in &sheet.rows {
        let cell = |it: &usize| row.cells.get(*it).map_or("", |it| it.trim());
        writer.write_record(columns.iter().map(cell)).ok()?;
    }
    String::from_utf8(writer.into_inner().ok()?).ok()
}
