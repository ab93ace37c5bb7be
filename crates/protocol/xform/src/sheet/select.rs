//! Questions with choices, and those with parameters of their own.

use super::{
    choices::{List, SheetChoice},
    element::{Element, ElementKind},
    fault::SheetFault,
    parameter::{self, Parameters, check, check_among, check_number, get},
    reference::{has_reference, is_reference},
    settings::yes,
    survey::{SHEET, Survey},
    table::Localized,
};

/// `select_one LIST or_other`.
#[derive(Debug)]
pub struct Select<'a> {
    /// The kind's first name.
    pub kind: &'static str,
    pub list: &'a str,
    pub or_other: bool,
    /// The choices are in a file that the type names.
    pub is_from_file: bool,
    /// The choices are on the sheet `external_choices`.
    pub is_external: bool,
}

const ONE: &str = "select one";
const MULTIPLE: &str = "select all that apply";
const EXTERNAL: &str = "select one external";

/// Longer spellings first.
const SPELLINGS: [(&str, &str); 15] = [
    ("add select multiple prompt using", MULTIPLE),
    ("add select one prompt using", ONE),
    ("select all that apply from", MULTIPLE),
    ("select all that apply", MULTIPLE),
    ("select_multiple_from_file", MULTIPLE),
    ("select multiple from file", MULTIPLE),
    ("select_one_from_file", ONE),
    ("select one from file", ONE),
    ("select_one_external", EXTERNAL),
    ("select_multiple", MULTIPLE),
    ("select one from", ONE),
    ("select_one", ONE),
    ("select one", ONE),
    ("select1", ONE),
    ("rank", "rank"),
];

pub const FILE_EXTENSIONS: [&str; 3] = [".xml", ".csv", ".geojson"];

pub fn parse(type_name: &str) -> Option<Select<'_>> {
    let (spelling, kind) = SPELLINGS
        .into_iter()
        .find(|it| type_name.strip_prefix(it.0).is_some_and(|rest| rest.starts_with(' ')))?;
    let rest = &type_name[spelling.len() + 1..];
    let (list, other) = rest.split_once(' ').unwrap_or((rest, ""));
    let or_other = match other {
        "" => false,
        "or specify other" | "or_other" | "or other" => true,
        _ => return None,
    };
    let is_from_file = spelling.contains("from_file") || spelling.contains("from file");
    (!list.is_empty()).then_some(Select { kind, list, or_other, is_from_file, is_external: kind == EXTERNAL })
}

/// The name without the extension, and the extension with its point if it is one of a list.
pub fn split_file(list: &str) -> (&str, &str) {
    for extension in FILE_EXTENSIONS {
        if let Some(stem) = list.strip_suffix(extension) {
            return (stem, &list[stem.len()..]);
        }
    }
    (list, "")
}

pub fn check_list(
    survey: &mut Survey,
    select: &Select<'_>,
    has_filter: bool,
    row: u32,
) -> Result<(), SheetFault> {
    let fault = |reason: String, help: &str| Err(SheetFault::new(SHEET, row, "type", reason, help));
    let list = select.list;
    let extension = split_file(list).1;
    if select.is_external {
        if !survey.external_lists.iter().any(|it| it.name == list) {
            return fault(format!("the sheet external_choices has no list {list}"), "Add its choices there.");
        }
        return Ok(());
    }
    if select.is_from_file && extension.is_empty() {
        return fault(
            format!("{list} is no list in a file"),
            "Name a file that ends in .csv, .xml or .geojson.",
        );
    }
    if !extension.is_empty() || has_reference(list) {
        return Ok(());
    }
    let Some(found) = survey.lists.iter().find(|it| it.name == list) else {
        let near = survey
            .lists
            .iter()
            .map(|it| (strsim::jaro_winkler(&it.name, list), &it.name))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|it| it.0 > 0.8);
        let help = match near {
            Some((_, near)) => format!("Is {near} meant?"),
            None => "Add its choices there, with list_name, name and label.".to_owned(),
        };
        return fault(format!("the sheet choices has no list {list}"), &help);
    };
    let spaced = found.choices.iter().find(|it| it.name.contains(' '));
    if let (MULTIPLE, Some(spaced)) = (select.kind, spaced) {
        return fault(
            format!("the choice {} of {list} has a space in its name", spaced.name),
            "Write _ in its place: answers of several choices have spaces between.",
        );
    }
    if select.or_other && has_filter {
        return fault(
            "a question with or_other cannot have a choice_filter".to_owned(),
            "Leave one of them out.",
        );
    }
    Ok(())
}

pub fn check_parameters(parameters: &Parameters, select: &Select<'_>, row: u32) -> Result<(), SheetFault> {
    let allowed: &[&str] =
        if select.is_from_file { &["randomize", "seed", "value", "label"] } else { &["randomize", "seed"] };
    check(parameters, allowed, row)?;
    check_among(parameters, "randomize", &["true", "false"], row)?;
    match (get(parameters, "randomize"), get(parameters, "seed")) {
        (None, Some(_)) => Err(parameter::fault(
            row,
            "a seed does nothing without randomize",
            "Write randomize=true seed=….",
        )),
        (_, Some(seed)) if !is_reference(seed) && seed.parse::<f64>().is_err() => Err(parameter::fault(
            row,
            format!("the seed {seed} is no number"),
            "Write a number or ${question}.",
        )),
        _ => Ok(()),
    }
}

/// The choice `other`, if the list does not have it.
pub fn add_other(lists: &mut [List], name: &str) {
    let Some(list) = lists.iter_mut().find(|it| it.name == name) else { return };
    if list.choices.iter().any(|it| it.name == "other") {
        return;
    }
    let mut languages: Vec<String> = Vec::new();
    for choice in &list.choices {
        if let Some(Localized::ByLanguage(texts)) = &choice.label {
            for (language, _) in texts {
                if !languages.contains(language) {
                    languages.push(language.clone());
                }
            }
        }
    }
    let other = || "Other".to_owned();
    let label = if languages.is_empty() {
        Localized::Plain(other())
    } else {
        Localized::ByLanguage(languages.into_iter().map(|it| (it, other())).collect())
    };
    let choice =
        SheetChoice { name: "other".to_owned(), label: Some(label), media: Vec::new(), others: Vec::new() };
    list.choices.push(choice);
}

/// What a kind makes of its parameters.
pub fn of_kind(element: &mut Element, type_name: &str, lists: &[List]) -> Result<(), SheetFault> {
    let row = element.row;
    let parameters = element.parameters.clone();
    match type_name {
        "range" => range(element, lists)?,
        "text" => {
            check(&parameters, &["rows"], row)?;
            if check_number(&parameters, "rows", row)?.is_some() {
                element.set_control("rows", get(&parameters, "rows").unwrap_or_default());
            }
        }
        "photo" => {
            check(&parameters, &["max-pixels", "app"], row)?;
            if check_number(&parameters, "max-pixels", row)?.is_some() {
                element.set_bind("orx:max-pixels", get(&parameters, "max-pixels").unwrap_or_default());
            }
            if let (Some(app), None | Some("annotate")) =
                (get(&parameters, "app"), element.control("appearance"))
            {
                element.set_control("intent", app);
            }
            if let Some(default) = &element.default
                && !default.contains("jr://images/")
            {
                element.default = Some(format!("jr://images/{default}"));
            }
        }
        "audio" | "background-audio" => {
            check(&parameters, &["quality"], row)?;
            let qualities: &[&str] = if type_name == "audio" {
                &["voice-only", "low", "normal", "external"]
            } else {
                &["voice-only", "low", "normal"]
            };
            check_among(&parameters, "quality", qualities, row)?;
            if let Some(quality) = get(&parameters, "quality") {
                if type_name == "audio" {
                    element.set_bind("odk:quality", quality);
                } else if let Some(action) = element.actions.last_mut() {
                    action.quality = Some(quality.to_owned());
                }
            }
        }
        "geopoint" | "geotrace" | "geoshape" => geometry(element, type_name)?,
        _ => {}
    }
    Ok(())
}

fn geometry(element: &mut Element, type_name: &str) -> Result<(), SheetFault> {
    let row = element.row;
    let parameters = element.parameters.clone();
    if type_name == "geopoint" {
        let allowed = ["allow-mock-accuracy", "capture-accuracy", "warning-accuracy", "reference-geometry"];
        check(&parameters, &allowed, row)?;
        let accuracies = [
            ("capture-accuracy", "accuracyThreshold"),
            ("warning-accuracy", "unacceptableAccuracyThreshold"),
        ];
        for (key, attribute) in accuracies {
            if check_number(&parameters, key, row)?.is_some() {
                element.set_control(attribute, get(&parameters, key).unwrap_or_default());
            }
        }
    } else {
        check(&parameters, &["allow-mock-accuracy", "incremental", "reference-geometry"], row)?;
        if let Some(value) = get(&parameters, "incremental") {
            if yes(value) != Some(true) {
                return Err(parameter::fault(row, "incremental can only be true", "Leave it out otherwise."));
            }
            element.set_control("incremental", "true");
        }
    }
    check_among(&parameters, "allow-mock-accuracy", &["true", "false"], row)?;
    if let Some(value) = get(&parameters, "allow-mock-accuracy") {
        element.set_bind("odk:allow-mock-accuracy", value);
    }
    if let Some(value) = get(&parameters, "reference-geometry") {
        element.itemset = Some(value.to_owned());
    }
    Ok(())
}

fn range(element: &mut Element, lists: &[List]) -> Result<(), SheetFault> {
    let row = element.row;
    let allowed = ["start", "end", "step", "tick_interval", "placeholder", "tick_labelset"];
    check(&element.parameters, &allowed, row)?;
    for (key, default) in [("start", "1"), ("end", "10"), ("step", "1")] {
        if get(&element.parameters, key).is_none() {
            element.parameters.push((key.to_owned(), default.to_owned()));
        }
    }
    let parameters = element.parameters.clone();
    let number = |key: &str| check_number(&parameters, key, row);
    let (start, end, step) =
        (number("start")?.unwrap_or(1.0), number("end")?.unwrap_or(10.0), number("step")?.unwrap_or(1.0));
    let (interval, placeholder) = (number("tick_interval")?, number("placeholder")?);
    let fault = |reason: &str, help: &str| Err(parameter::fault(row, reason, help));
    let width = (end - start).abs();
    let divides = |number: f64, by: f64| ((number / by) - (number / by).round()).abs() < 1e-9;
    if step == 0.0 || interval == Some(0.0) {
        return fault("step and tick_interval cannot be 0", "Write how far apart two values are.");
    }
    if step > width || interval.is_some_and(|it| it > width) {
        return fault("step and tick_interval are greater than the whole range", "Write a smaller number.");
    }
    if interval.is_some_and(|it| !divides(it, step)) {
        return fault("tick_interval is no multiple of step", "Write step, or twice or three times that.");
    }
    if placeholder.is_some_and(|it| !divides(it - start, step) || it < start.min(end) || it > start.max(end))
    {
        return fault("placeholder is no value of the range", "Write one that start, end and step allow.");
    }
    let mut is_whole = true;
    for (key, value) in parameters.iter().filter(|it| it.0 != "tick_labelset") {
        is_whole &= value.parse::<f64>().is_ok_and(|it| it.fract() == 0.0);
        let attribute = match key.as_str() {
            "tick_interval" => "odk:tick-interval",
            "placeholder" => "odk:placeholder",
            other => other,
        };
        element.set_control(attribute, value);
    }
    if !is_whole {
        element.set_bind("type", "decimal");
    }
    if let Some(list) = get(&parameters, "tick_labelset") {
        if !lists.iter().any(|it| it.name == list) {
            return fault("the list of tick_labelset is not on the sheet choices", "Add it there.");
        }
        element.itemset = Some(list.to_owned());
    }
    Ok(())
}

/// A loop over a list is a group for each of its choices, with the choice's name and label put in.
pub fn expand_loops(survey: &mut Survey) -> Result<(), SheetFault> {
    // Later ones first, so that a loop in a loop is expanded before it is copied.
    for index in (1..survey.elements.len()).rev() {
        let element = &survey.elements[index];
        if element.kind != ElementKind::Group || element.itemset.is_none() {
            continue;
        }
        let list = element.itemset.clone().unwrap_or_default();
        let choices =
            survey.lists.iter().find(|it| it.name == list).map(|it| it.choices.clone()).unwrap_or_default();
        let templates = std::mem::take(&mut survey.elements[index].children);
        survey.elements[index].itemset = None;
        for choice in choices.iter().filter(|it| it.name != "none") {
            let mut group = Element::new(&choice.name, ElementKind::Group, survey.elements[index].row);
            group.label = choice.label.clone();
            group.parent = Some(index);
            let id = push(survey, group)?;
            survey.elements[index].children.push(id);
            for template in &templates {
                copy_for(survey, *template, id, choice)?;
            }
        }
        templates.into_iter().for_each(|it| forget(survey, it));
    }
    Ok(())
}

/// What stood for several is nothing that could be named.
fn forget(survey: &mut Survey, element: usize) {
    survey.elements[element].name.clear();
    survey.elements[element].kind = ElementKind::Hidden;
    for child in std::mem::take(&mut survey.elements[element].children) {
        forget(survey, child);
    }
}

/// Elements that loops may make of a survey.
const ELEMENTS_MAX: usize = 50_000;

fn push(survey: &mut Survey, element: Element) -> Result<usize, SheetFault> {
    if survey.elements.len() == ELEMENTS_MAX {
        let reason = format!("loops make more than {ELEMENTS_MAX} questions");
        return Err(SheetFault::new(SHEET, element.row, "type", reason, "Shorten the list of the loop."));
    }
    survey.elements.push(element);
    Ok(survey.elements.len() - 1)
}

fn copy_for(
    survey: &mut Survey,
    template: usize,
    parent: usize,
    choice: &SheetChoice,
) -> Result<(), SheetFault> {
    let mut copy = survey.elements[template].clone();
    let label_in = |language: Option<&str>| -> String {
        match &choice.label {
            None => choice.name.clone(),
            Some(Localized::Plain(text)) => text.clone(),
            Some(Localized::ByLanguage(texts)) => {
                let own = language.and_then(|it| texts.iter().find(|text| text.0 == it));
                own.or_else(|| texts.first()).map(|it| it.1.clone()).unwrap_or_default()
            }
        }
    };
    let put = |text: &str, language: Option<&str>| {
        text.replace("%(name)s", &choice.name).replace("%(label)s", &label_in(language))
    };
    for text in [&mut copy.label, &mut copy.hint].into_iter().flatten() {
        match text {
            Localized::Plain(text) => *text = put(text, None),
            Localized::ByLanguage(texts) => {
                texts.iter_mut().for_each(|(language, text)| *text = put(text, Some(language)))
            }
        }
    }
    copy.name = put(&copy.name, None);
    for (_, value) in &mut copy.bind {
        value.each(|it| put(it, None));
    }
    copy.parent = Some(parent);
    let children = std::mem::take(&mut copy.children);
    let id = push(survey, copy)?;
    survey.elements[parent].children.push(id);
    // As deep as groups may be.
    for child in children {
        copy_for(survey, child, id, choice)?;
    }
    Ok(())
}
