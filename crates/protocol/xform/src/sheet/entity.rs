//! The sheet `entities`: a submission that makes or changes a person, a place or another thing of a list.

use super::{
    element::{Element, ElementKind, FIRST_LOAD, NEW_REPEAT, SheetAction},
    fault::SheetFault,
    reference::references,
    survey::Survey,
    table::{Headings, Localized, Table},
    workbook::Workbook,
};
use crate::xml::is_name;

const SHEET: &str = "entities";
const VERSION: &str = "2024.1.0";
const VERSION_IN_REPEATS: &str = "2025.1.0";

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
    if let Some(strange) = table
        .columns
        .iter()
        .find(|it| it.words.first().is_some_and(|word| !HEADINGS.known.contains(&word.as_str())))
    {
        let help = format!("Known are list_name, {}.", HEADINGS.known[1..].join(", "));
        let reason = format!("the column {} is not known on this sheet", strange.heading);
        return Err(SheetFault::new(SHEET, 1, &strange.heading, reason, help));
    }
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
    check_saved(survey, &dataset)?;
    let named =
        [&id, &create, &update, &label].into_iter().flatten().flat_map(|it| names(it)).collect::<Vec<_>>();
    let container = container(survey, &named, row.number)?;
    let meta = match container {
        0 => meta,
        // In a repeat each instance makes an entity of its own, in a meta of its own.
        container => put(survey, container, Element::new("meta", ElementKind::Hidden, 0)),
    };
    build(survey, meta, &Declaration { dataset, id, create, update, label });
    survey.entities_version = Some(if container == 0 { VERSION } else { VERSION_IN_REPEATS });
    Ok(())
}

fn names(expression: &str) -> Vec<String> {
    references(expression).iter().map(|it| it.name.to_owned()).collect()
}

/// Where the entity stands: at the root, or in the innermost repeat that what it is made of lies in, and there in the
/// group that all saved questions share.
fn container(survey: &Survey, named: &[String], row: u32) -> Result<usize, SheetFault> {
    let places = |test: &dyn Fn(&Element) -> bool| -> Vec<usize> {
        (1..survey.elements.len()).filter(|it| test(&survey.elements[*it])).collect()
    };
    let saved = places(&|it| it.bind("entities:saveto").is_some());
    let read = places(&|it| it.is_question() && named.contains(&it.name));
    let boundary =
        |it: usize| survey.above(it).find(|it| survey.elements[*it].kind == ElementKind::Repeat).unwrap_or(0);
    let depth = |it: usize| survey.above(it).count();
    let all = || saved.iter().chain(&read).copied();
    let Some(scope) = all().map(boundary).max_by_key(|it| depth(*it)).filter(|it| *it != 0) else {
        return Ok(0);
    };
    let outside = all().find(|it| {
        let of_it = boundary(*it);
        of_it != scope && (saved.contains(it) || of_it != 0 && !survey.above(scope).any(|it| it == of_it))
    });
    if let Some(outside) = outside {
        let reason =
            format!("{} is not in the repeat that the entity is made in", survey.elements[outside].name);
        return Err(SheetFault::new(
            "survey",
            survey.elements[outside].row.max(row),
            "save_to",
            reason,
            "Save questions of one repeat, or of none.",
        ));
    }
    let parents: Vec<usize> = match saved.as_slice() {
        [] => read
            .iter()
            .copied()
            .filter(|it| boundary(*it) == scope)
            .max_by_key(|it| depth(*it))
            .into_iter()
            .collect(),
        saved => saved.to_vec(),
    };
    let Some(first) = parents.first() else { return Ok(scope) };
    let shared =
        survey.above(*first).find(|it| parents.iter().all(|other| survey.above(*other).any(|up| up == *it)));
    Ok(shared.unwrap_or(scope))
}

/// Names of properties: each once, none that an entity has anyway, `LIST#PROPERTY` only for this list.
fn check_saved(survey: &mut Survey, dataset: &str) -> Result<(), SheetFault> {
    let mut seen: Vec<String> = Vec::new();
    for element in &mut survey.elements {
        let Some(saved) = element.bind("entities:saveto").map(str::to_owned) else { continue };
        let fault =
            |reason: String, help: &str| Err(SheetFault::new("survey", element.row, "save_to", reason, help));
        if element.is_section() {
            return fault("a group or repeat cannot be saved".to_owned(), "Save the questions in it.");
        }
        let (list, property) = saved.split_once('#').unwrap_or((dataset, &saved));
        if list != dataset {
            return fault(
                format!("there is no list of entities {list}"),
                "Write a list of the sheet entities.",
            );
        }
        if ["name", "label"].contains(&property.to_lowercase().as_str()) || property.starts_with("__") {
            return fault(format!("the name {property} is taken by the entity itself"), "Choose another.");
        }
        if !is_name(property) {
            let help = "Begin it with a letter, and use letters, digits, - and _ only.";
            return fault(format!("{property} cannot be the name of a property"), help);
        }
        if seen.iter().any(|it| it == property) {
            return fault(format!("two questions are saved as {property}"), "Give each a name of its own.");
        }
        seen.push(property.to_owned());
        let property = property.to_owned();
        element.set_bind("entities:saveto", &property);
    }
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
        let in_repeat = survey.above(entity).any(|it| survey.elements[it].kind == ElementKind::Repeat);
        let events = [FIRST_LOAD, NEW_REPEAT];
        for event in &events[..if in_repeat { 2 } else { 1 }] {
            let value = Some("uuid()".to_owned());
            of_id.actions.push(SheetAction { value, ..SheetAction::new("setvalue", event) });
        }
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
