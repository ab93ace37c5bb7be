//! The rows of the survey, one after the other.

use super::{
    FAULTS_MAX,
    choices::List,
    element::{Element, ElementKind},
    fault::SheetFault,
    parameter::{self, Parameters},
    reference::is_dynamic,
    settings::yes,
    survey::{SHEET, Survey},
    table::{Row, Table},
    workbook::Workbook,
};
use crate::xml::is_name;

mod meta;
mod question;
mod section;

/// A group or repeat that has begun.
struct Open {
    element: usize,
    row: u32,
    word: &'static str,
}

/// Whether questions stand in a table whose first row names their common list.
enum TableList {
    None,
    Begun,
    Of(String),
}

pub struct Reader<'a> {
    table: &'a Table,
    language: String,
    open: Vec<Open>,
    table_list: TableList,
    tags: Vec<List>,
    faults: Vec<SheetFault>,
    survey: Survey,
}

type Taken = Result<(), SheetFault>;

impl<'a> Reader<'a> {
    pub fn new(
        table: &'a Table,
        language: String,
        survey: Survey,
        tags: Vec<List>,
        faults: Vec<SheetFault>,
    ) -> Self {
        let open = vec![Open { element: 0, row: 0, word: "" }];
        Reader { table, language, open, table_list: TableList::None, tags, faults, survey }
    }

    pub fn read(mut self, workbook: &Workbook) -> Result<Survey, Vec<SheetFault>> {
        self.rows();
        self.finish(workbook)
    }

    fn rows(&mut self) {
        for row in &self.table.rows {
            if self.faults.len() >= FAULTS_MAX {
                return;
            }
            if let Err(fault) = self.row(row) {
                self.faults.push(fault);
            }
        }
    }

    fn finish(mut self, workbook: &Workbook) -> Result<Survey, Vec<SheetFault>> {
        if let [_, .., last] = self.open.as_slice() {
            let name = self.survey.elements[last.element].name.clone();
            self.faults.push(SheetFault::new(
                SHEET,
                last.row,
                "type",
                format!("the {} {name} has no end", last.word),
                format!("Add a row end_{} behind its last question.", last.word),
            ));
        }
        self.check_triggers();
        if self.faults.is_empty()
            && let Err(fault) = self.add_meta(workbook)
        {
            self.faults.push(fault);
        }
        if self.faults.is_empty() { Ok(self.survey) } else { Err(self.faults) }
    }

    fn fault(
        &self,
        row: &Row,
        column: &str,
        reason: impl Into<String>,
        help: impl Into<String>,
    ) -> SheetFault {
        let heading = self.table.heading(row, column);
        SheetFault::new(SHEET, row.number, &heading, reason, help)
    }

    fn row(&mut self, row: &Row) -> Taken {
        if self.table.plain(row, "disabled").and_then(yes) == Some(true) {
            return Ok(());
        }
        let Some(type_name) = self.table.plain(row, "type") else {
            let has_words = self.table.plain(row, "name").is_some()
                || self.table.localized(row, "label", &self.language).is_some();
            return if has_words {
                Err(self.fault(
                    row,
                    "type",
                    "a question has no type",
                    "Write what kind it is, such as text or integer.",
                ))
            } else {
                // A row with neither is a remark.
                Ok(())
            };
        };
        let type_name = alias(type_name).to_owned();
        if let Some(rest) = type_name.strip_prefix("end").filter(|it| it.starts_with([' ', '_']))
            && let Some((word, "")) = section_word(&rest[1..])
        {
            return self.end(row, word);
        }
        if let Some(rest) = type_name.strip_prefix("begin").filter(|it| it.starts_with([' ', '_']))
            && let Some((word, list)) = section_word(&rest[1..])
        {
            let element = self.element(row, &type_name, section_kind(word))?;
            return self.begin(row, word, list, element);
        }
        if ["audit", "form_title", "set_form_title", "form_id", "set_form_id"].contains(&type_name.as_str()) {
            return self.special(row, &type_name);
        }
        self.question(row, &type_name)
    }

    fn parameters(&self, row: &Row) -> Result<Parameters, SheetFault> {
        parameter::parse(self.table.plain(row, "parameters").unwrap_or_default(), row.number)
    }

    /// The element of a row, after its name was checked.
    fn element(&mut self, row: &Row, type_name: &str, kind: ElementKind) -> Result<Element, SheetFault> {
        let name = match self.table.plain(row, "name") {
            Some(name) => name.to_owned(),
            None if type_name == "note" => format!("generated_note_name_{}", row.number),
            None => {
                let reason = format!("this {type_name} has no name");
                return Err(self.fault(
                    row,
                    "name",
                    reason,
                    "Write a short name without spaces, such as age.",
                ));
            }
        };
        let (prefix, local) = name.split_once(':').unwrap_or(("a", &name));
        if !is_name(prefix) || !is_name(local) {
            return Err(self.fault(
                row,
                "name",
                format!("{name} cannot be a name"),
                "Begin it with a letter or _, and use letters, digits, - _ and . only.",
            ));
        }
        if name == "meta" {
            return Err(self.fault(
                row,
                "name",
                "the name meta is taken by the form itself",
                "Choose another.",
            ));
        }
        let parent = self.open.last().map_or(0, |it| it.element);
        let elements = &self.survey.elements;
        let siblings = elements[parent].children.iter().map(|it| &elements[*it]);
        for sibling in siblings {
            if sibling.name == name {
                return Err(self.fault(
                    row,
                    "name",
                    format!("{name} stands already in row {}", sibling.row),
                    "Give each question of a group a name of its own.",
                ));
            }
        }
        let element = self.element_named(row, type_name, &name, kind);
        let has_media = |kind: &str| element.media.iter().any(|it| it.0 == kind);
        if has_media("big-image") && !has_media("image") {
            return Err(self.fault(
                row,
                "big-image",
                "a big-image needs an image too",
                "Fill in the column image.",
            ));
        }
        Ok(element)
    }

    fn element_named(&self, row: &Row, type_name: &str, name: &str, kind: ElementKind) -> Element {
        let table = self.table;
        let language = &self.language;
        let mut element = Element::new(name, kind, row.number);
        element.label = table.localized(row, "label", language);
        element.hint = table.localized(row, "hint", language);
        element.guidance = table.localized(row, "guidance_hint", language);
        element.media = table.group(row, "media", language);
        element.bind = table.group(row, "bind", language);
        let flat = |word: &str| -> Vec<(String, String)> {
            let group = table.group(row, word, language);
            group.into_iter().map(|(key, value)| (key, value.first().to_owned())).collect()
        };
        element.control = flat("control");
        element.instance = flat("instance");
        element.default = table.plain(row, "default").map(str::to_owned);
        element.choice_filter = table.plain(row, "choice_filter").map(str::to_owned);
        if let Some(intent) = table.plain(row, "intent") {
            element.set_control("intent", intent);
        }
        if let Some(default) = &element.default {
            element.is_default_dynamic = is_dynamic(default, type_name);
        }
        element
    }

    fn add(&mut self, mut element: Element) -> usize {
        let parent = self.open.last().map_or(0, |it| it.element);
        element.parent = Some(parent);
        let id = self.survey.elements.len();
        self.survey.elements.push(element);
        self.survey.elements[parent].children.push(id);
        id
    }
}

/// The present name of a kind that has had others.
fn alias(type_name: &str) -> &str {
    match type_name {
        "imei" => "deviceid",
        "image" | "add image prompt" | "add photo prompt" => "photo",
        "add audio prompt" => "audio",
        "add video prompt" => "video",
        "add file prompt" => "file",
        other => other,
    }
}

/// The kind of section behind `begin` or `end`, and the list behind that.
fn section_word(text: &str) -> Option<(&'static str, &str)> {
    const WORDS: [(&str, &str); 5] = [
        ("looped group", "repeat"),
        ("lgroup", "repeat"),
        ("repeat", "repeat"),
        ("group", "group"),
        ("loop", "loop"),
    ];
    let (word, kind) = WORDS.into_iter().find(|it| text.starts_with(it.0))?;
    let rest = &text[word.len()..];
    if rest.is_empty() {
        return Some((kind, ""));
    }
    let list = rest.strip_prefix(" over ").or_else(|| rest.strip_prefix(' '))?;
    (!list.contains(' ')).then_some((kind, list))
}

fn section_kind(word: &str) -> ElementKind {
    if word == "repeat" { ElementKind::Repeat } else { ElementKind::Group }
}
