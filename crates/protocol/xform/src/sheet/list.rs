//! The lists beside the answers: in files, and of the sheet.

use super::{
    element::{Element, ElementKind},
    fault::SheetFault,
    reference::references,
    select::{FILE_EXTENSIONS, split_file},
    survey::Survey,
};
use crate::xml::{Document, Name, NodeId};

/// The rules whose expressions may ask for a file.
const RULES: [&str; 5] = ["calculate", "constraint", "readonly", "required", "relevant"];

/// A list in a file, and whether a row of its own declares it.
struct FileList {
    name: String,
    uri: String,
    is_declared: bool,
}

/// Lists in files first, the last record, then the lists of the sheet.
pub fn write(survey: &Survey, document: &mut Document, model: NodeId) -> Result<(), SheetFault> {
    let mut seen: Vec<FileList> = Vec::new();
    for id in survey.in_order() {
        for (name, uri) in files(&survey.elements[id]) {
            let is_declared = matches!(survey.elements[id].kind, ElementKind::External(_));
            match seen.iter().find(|it| it.name == name) {
                Some(known) if known.uri == uri && !(is_declared && known.is_declared) => continue,
                Some(_) => {
                    return Err(SheetFault::new(
                        super::survey::SHEET,
                        survey.elements[id].row,
                        "",
                        format!("two files would both be the list {name}"),
                        "Name each file once, and different files differently.",
                    ));
                }
                None => {}
            }
            let node = document.append_element(model, Name::local("instance"));
            document.append_attribute(node, Name::local("id"), &name);
            document.append_attribute(node, Name::local("src"), &uri);
            seen.push(FileList { name, uri, is_declared });
        }
    }
    if survey.elements.iter().any(uses_last_saved) {
        let node = document.append_element(model, Name::local("instance"));
        document.append_attribute(node, Name::local("id"), "__last-saved");
        document.append_attribute(node, Name::local("src"), "jr://instance/last-saved");
    }
    let searched: Vec<&String> =
        survey.elements.iter().filter(|it| it.is_search).filter_map(|it| it.itemset.as_ref()).collect();
    let mixed = survey.elements.iter().find(|it| {
        !it.is_search && it.is_select() && it.itemset.as_ref().is_some_and(|it| searched.contains(&it))
    });
    if let Some(mixed) = mixed {
        let list = mixed.itemset.as_deref().unwrap_or_default();
        let reason = format!("the list {list} is asked by search() elsewhere, and here without");
        let help = "Use search() in all questions with this list, or another list here.";
        return Err(SheetFault::new(super::survey::SHEET, mixed.row, "type", reason, help));
    }
    for list in &survey.lists {
        if seen.iter().any(|it| it.name == list.name) || searched.contains(&&list.name) {
            continue;
        }
        let node = document.append_element(model, Name::local("instance"));
        document.append_attribute(node, Name::local("id"), &list.name);
        let root = document.append_element(node, Name::local("root"));
        let is_translated = list.needs_translation();
        for (index, choice) in list.choices.iter().enumerate() {
            let item = document.append_element(root, Name::local("item"));
            let mut cell = |name: &str, text: &str| {
                let cell = document.append_element(item, Name::local(name));
                document.append_text_node(cell, text);
            };
            if is_translated {
                cell("itextId", &format!("{}-{index}", list.name));
            }
            cell("name", &choice.name);
            if let (false, Some(label)) = (is_translated, &choice.label) {
                cell("label", label.first());
            }
            choice.others.iter().for_each(|(name, text)| cell(name, text));
        }
    }
    Ok(())
}

/// The lists in files that an element asks for: id and address.
fn files(element: &Element) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let of_csv = |name: &str| (name.to_owned(), format!("jr://file-csv/{name}.csv"));
    match element.kind {
        ElementKind::External("csv") => found.push(of_csv(&element.name)),
        ElementKind::External(_) => {
            found.push((element.name.clone(), format!("jr://file/{}.xml", element.name)));
        }
        _ => {}
    }
    let rules = RULES.iter().filter_map(|it| element.bind(it));
    let texts = rules.chain(element.choice_filter.as_deref()).chain(element.default.as_deref());
    for text in texts {
        found.extend(pulled(text).iter().map(|it| of_csv(it)));
    }
    if let Some(list) = &element.itemset
        && FILE_EXTENSIONS.iter().any(|it| list.ends_with(it))
        && element.is_select()
    {
        let (stem, extension) = split_file(list);
        let folder = if extension == ".csv" { "file-csv" } else { "file" };
        found.push((stem.to_owned(), format!("jr://{folder}/{list}")));
    }
    found
}

/// The first arguments of `pulldata(…)` in a text.
fn pulled(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in text.split("pulldata").skip(1) {
        if let Some(arguments) = part.trim_start().strip_prefix('(')
            && let Some((first, _)) = arguments.split_once(',')
        {
            found.push(first.replace(['\'', '"'], "").trim().to_owned());
        }
    }
    found
}

fn uses_last_saved(element: &Element) -> bool {
    let rules = RULES.iter().filter_map(|it| element.bind(it));
    let mut texts = rules.chain(element.choice_filter.as_deref()).chain(element.default.as_deref());
    texts.any(|it| references(it).iter().any(|it| it.is_last_saved))
}
