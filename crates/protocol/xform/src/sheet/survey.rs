use super::{
    choices::{self, List},
    element::{Element, ElementKind},
    fault::SheetFault,
    rows::Reader,
    settings::Settings,
    table::{Headings, Table},
    workbook::Workbook,
};

pub const SHEET: &str = "survey";

const HEADINGS: Headings = Headings {
    known: &[
        "type",
        "name",
        "label",
        "hint",
        "guidance_hint",
        "default",
        "choice_filter",
        "parameters",
        "trigger",
        "bind",
        "control",
        "instance",
        "media",
        "query",
        "itemset",
        "intent",
        "disabled",
    ],
    aliases: &[
        ("compact_tag", &["instance", "odk:tag"]),
        ("read_only", &["bind", "readonly"]),
        ("readonly", &["bind", "readonly"]),
        ("relevant", &["bind", "relevant"]),
        ("relevance", &["bind", "relevant"]),
        ("required", &["bind", "required"]),
        ("constraint", &["bind", "constraint"]),
        ("constraining_message", &["bind", "jr:constraintMsg"]),
        ("constraint_message", &["bind", "jr:constraintMsg"]),
        ("calculation", &["bind", "calculate"]),
        ("calculate", &["bind", "calculate"]),
        ("requiredmsg", &["bind", "jr:requiredMsg"]),
        ("required_message", &["bind", "jr:requiredMsg"]),
        ("noapperrorstring", &["bind", "jr:noAppErrorString"]),
        ("no_app_error_string", &["bind", "jr:noAppErrorString"]),
        ("save_to", &["bind", "entities:saveto"]),
        ("caption", &["label"]),
        ("command", &["type"]),
        ("tag", &["name"]),
        ("value", &["name"]),
        ("appearance", &["control", "appearance"]),
        ("count", &["control", "jr:count"]),
        ("repeat_count", &["control", "jr:count"]),
        ("jr:count", &["control", "jr:count"]),
        ("autoplay", &["control", "autoplay"]),
        ("rows", &["control", "rows"]),
        ("body", &["control"]),
        ("image", &["media", "image"]),
        ("big-image", &["media", "big-image"]),
        ("audio", &["media", "audio"]),
        ("video", &["media", "video"]),
    ],
};

/// A workbook that was understood.
#[derive(Debug)]
pub struct Survey {
    pub settings: Settings,
    /// The first is the form's root.
    pub elements: Vec<Element>,
    pub lists: Vec<List>,
    pub external_lists: Vec<List>,
    pub entities_version: Option<&'static str>,
    pub warnings: Vec<SheetFault>,
}

pub fn read(workbook: &Workbook, fallback_id: &str) -> Result<Survey, Vec<SheetFault>> {
    let one = |fault| vec![fault];
    let settings = Settings::read(workbook, fallback_id).map_err(one)?;
    let mut table = Table::read(workbook, SHEET, &HEADINGS, settings.is_clean).map_err(one)?;
    if table.is_none()
        && let [only] = workbook.sheets.as_slice()
    {
        // A workbook of a single sheet may call it what it likes.
        let renamed =
            Workbook { sheets: vec![super::Sheet { name: SHEET.to_owned(), rows: only.rows.clone() }] };
        table = Table::read(&renamed, SHEET, &HEADINGS, settings.is_clean).map_err(one)?;
    }
    let Some(table) = table else {
        let names: Vec<&str> = workbook.sheets.iter().map(|it| it.name.as_str()).collect();
        let reason = format!("there is no sheet survey, only {}", names.join(", "));
        return Err(one(SheetFault::of_workbook(
            reason,
            "Give the sheet with the questions the name survey.",
        )));
    };
    if !table.has("type") {
        return Err(one(SheetFault::new(
            SHEET,
            1,
            "type",
            "the column type is missing",
            "Write type, name and label into the first row.",
        )));
    }
    let language = settings.default_language.clone();
    let duplicates = settings.allows_duplicate_choices;
    let lists = choices::read(workbook, choices::SHEET, &language, duplicates).map_err(one)?;
    let external = choices::read(workbook, "external_choices", &language, true).map_err(one)?;
    let tags = choices::read(workbook, "osm", &language, true).map_err(one)?;
    let survey = Survey {
        elements: vec![Element::new(&settings.name, ElementKind::Survey, 0)],
        settings,
        lists: lists.lists,
        external_lists: external.lists,
        entities_version: None,
        warnings: lists.warnings,
    };
    Reader::new(&table, language, survey, tags.lists, lists.faults).read(workbook)
}
