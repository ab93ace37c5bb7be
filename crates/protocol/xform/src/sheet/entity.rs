//! The sheet `entities`: a submission that makes or changes a person, a place or another thing of a list.

use super::{
    element::{Element, ElementKind, FIRST_LOAD, SheetAction},
    fault::SheetFault,
    survey::Survey,
    table::{Headings, Localized, Table},
    workbook::Workbook,
};
use crate::xml::is_name;

const SHEET: &str = "entities";
const VERSION: &str = "2024.1.0";

const HEADINGS: Headings = Headings {
    known: &["dataset", "entity_id", "create_if", "update_if", "label"],
    aliases: &[("list_name", &["dataset"])],
};

pub fn add(survey: &mut Survey, workbook: &Workbook, meta: usize, language: &str) -> Result<(), SheetFault> {
    let table = Table::read(workbook, SHEET, &HEADINGS, false)?.unwrap_or_default();
    let saved = survey.elements.iter().find(|it| it.bind("entities:saveto").is_some());
    let Some(row) = table.rows.first() else {
        return match saved {
            None => Ok(()),
            Some(element) => Err(SheetFault::new(
                "survey",
                element.row,
                "save_to",
                "there is no list of entities to save to",
                "Add a sheet entities with list_name and label.",
            )),
        };
    };
    let fault = |column: &str, reason: &str, help: &str| {
        Err(SheetFault::new(SHEET, row.number, column, reason, help))
    };
    if let Some(second) = table.rows.get(1) {
        return Err(SheetFault::new(
            SHEET,
            second.number,
            "list_name",
            "a form saves to one list of entities here",
            "Make a form of its own for the second list.",
        ));
    }
    let in_repeat = saved.is_some_and(|it| {
        let above = std::iter::successors(it.parent, |it| survey.elements[*it].parent);
        above.into_iter().any(|it| survey.elements[it].kind == ElementKind::Repeat)
    });
    if in_repeat {
        let row = saved.map_or(0, |it| it.row);
        let reason = "entities cannot be saved from a repeat here";
        return Err(SheetFault::new(
            "survey",
            row,
            "save_to",
            reason,
            "Move the question out of the repeat.",
        ));
    }
    let text = |word: &str| table.localized(row, word, language).map(|it| it.first().to_owned());
    let Some(dataset) = text("dataset") else {
        return fault("list_name", "the list has no name", "Write one, such as households.");
    };
    if !is_name(&dataset) || dataset.starts_with("__") || dataset.contains('.') {
        let help = "Begin it with a letter, and use letters, digits, - and _ only.";
        return fault("list_name", &format!("{dataset} cannot be the name of a list"), help);
    }
    let (id, create, update, label) =
        (text("entity_id"), text("create_if"), text("update_if"), text("label"));
    match (&id, &create, &update, &label) {
        (None, _, Some(_), _) => {
            return fault("entity_id", "an update needs the entity's id", "Write ${question}.");
        }
        (Some(_), Some(_), None, _) => {
            return fault(
                "update_if",
                "create_if beside entity_id needs update_if too",
                "Write when to update.",
            );
        }
        (None, _, _, None) => {
            return fault("label", "a new entity needs a label", "Write ${question} or concat(…).");
        }
        _ => {}
    }
    build(survey, meta, &Declaration { dataset, id, create, update, label });
    survey.entities_version = Some(VERSION);
    Ok(())
}

struct Declaration {
    dataset: String,
    id: Option<String>,
    create: Option<String>,
    update: Option<String>,
    label: Option<String>,
}

fn build(survey: &mut Survey, meta: usize, declaration: &Declaration) {
    let entity = put(survey, meta, Element::new("entity", ElementKind::Hidden, 0));
    attribute(survey, entity, "dataset", &declaration.dataset, None);
    if declaration.id.is_none() || declaration.create.is_some() {
        attribute(survey, entity, "create", "1", declaration.create.as_deref());
    }
    if let Some(id) = &declaration.id {
        attribute(survey, entity, "update", "1", declaration.update.as_deref());
        let item = format!("instance('{}')/root/item[name={id}]", declaration.dataset);
        for (name, node) in
            [("baseVersion", "__version"), ("trunkVersion", "__trunkVersion"), ("branchId", "__branchId")]
        {
            attribute(survey, entity, name, "", Some(&format!("{item}/{node}")));
        }
    }
    let mut of_id = Element::new("id", ElementKind::Attribute, 0);
    bind_readonly(&mut of_id, declaration.id.as_deref());
    if declaration.id.is_none() {
        let value = Some("uuid()".to_owned());
        of_id.actions.push(SheetAction { value, ..SheetAction::new("setvalue", FIRST_LOAD) });
    }
    put(survey, entity, of_id);
    if let Some(label) = &declaration.label {
        let mut of_label = Element::new("label", ElementKind::Hidden, 0);
        bind_readonly(&mut of_label, Some(label));
        put(survey, entity, of_label);
    }
}

fn attribute(survey: &mut Survey, entity: usize, name: &str, value: &str, calculate: Option<&str>) {
    let mut element = Element::new(name, ElementKind::Attribute, 0);
    element.default = Some(value.to_owned());
    if calculate.is_some() {
        bind_readonly(&mut element, calculate);
    }
    put(survey, entity, element);
}

fn bind_readonly(element: &mut Element, calculate: Option<&str>) {
    if let Some(calculate) = calculate {
        element.bind.push(("calculate".to_owned(), Localized::Plain(calculate.to_owned())));
    }
    element.set_bind("readonly", "true()");
    element.set_bind("type", "string");
}

fn put(survey: &mut Survey, parent: usize, mut element: Element) -> usize {
    element.parent = Some(parent);
    let id = survey.elements.len();
    survey.elements.push(element);
    survey.elements[parent].children.push(id);
    id
}
