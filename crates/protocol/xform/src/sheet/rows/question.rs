use super::{Reader, TableList, Taken};
use crate::sheet::{
    element::{Element, ElementKind, FIRST_LOAD, LOAD, NEW_REPEAT, SheetAction},
    fault::SheetFault,
    kind,
    reference::references,
    select,
    survey::SHEET,
    table::{Localized, Row},
};

impl Reader<'_> {
    pub(super) fn question(&mut self, row: &Row, type_name: &str) -> Taken {
        if let "csv-external" | "xml-external" = type_name {
            let extension = if type_name.starts_with("csv") { "csv" } else { "xml" };
            let element = self.element(row, type_name, ElementKind::External(extension))?;
            self.add(element);
            return Ok(());
        }
        if let Some(select) = select::parse(type_name) {
            return self.select(row, &select);
        }
        let osm_list = type_name.strip_prefix("osm ").map(str::trim);
        let kind = kind::find(if osm_list.is_some() { "osm" } else { type_name });
        let Some(kind) = kind else {
            let help = match kind::nearest(type_name) {
                Some(near) => format!("Is {near} meant?"),
                None => "Write a kind such as text, integer, date or select_one LIST.".to_owned(),
            };
            return Err(self.fault(row, "type", format!("there is no kind of question {type_name}"), help));
        };
        let mut element = self.element(row, type_name, ElementKind::Question(kind))?;
        if type_name == "calculate" && element.bind("calculate").is_none() && !element.is_default_dynamic {
            let help = "Write into the column calculation what shall be calculated.";
            return Err(self.fault(row, "calculation", "a calculate has no calculation", help));
        }
        element.triggers = self.triggers(row)?;
        self.default_actions(&mut element);
        if let Some(list) = osm_list
            && let Some(tags) = self.tags.iter().find(|it| it.name == list)
        {
            element.tags = tags.choices.iter().map(|it| (it.name.clone(), it.label.clone())).collect();
        }
        element.parameters = self.parameters(row)?;
        select::of_kind(&mut element, type_name, &self.survey.lists)?;
        if type_name == "background-geopoint" {
            if element.triggers.is_empty() {
                let help = "Write ${question} of the question whose answer starts it.";
                return Err(self.fault(row, "trigger", "a background-geopoint needs a trigger", help));
            }
            if element.bind("calculate").is_some() {
                let reason = "a background-geopoint calculates nothing";
                return Err(self.fault(row, "calculation", reason, "Empty this cell."));
            }
        }
        let is_hidden = kind.control.is_empty()
            || kind.control == "action"
            || (element.bind("calculate").is_some() || !element.triggers.is_empty())
                && element.label.is_none()
                && element.hint.is_none();
        if !is_hidden && element.control("appearance") == Some("label") && element.label.is_none() {
            element.label = Some(Localized::Plain(" ".to_owned()));
        }
        let has_words = element.label.is_some()
            || !element.media.is_empty()
            || element.hint.is_some()
            || !kind.hint.is_empty();
        if !is_hidden && !has_words {
            let reason = format!("the question {} has no label", element.name);
            return Err(self.fault(row, "label", reason, "Write what people read, or a hint."));
        }
        self.add(element);
        Ok(())
    }

    /// What sets a default that has to be calculated, and what records by itself.
    pub(super) fn default_actions(&mut self, element: &mut Element) {
        if element.is_default_dynamic {
            element.actions.push(SheetAction::new("setvalue", FIRST_LOAD));
            if self.open.iter().any(|it| it.word == "repeat") {
                element.actions.push(SheetAction::new("setvalue", NEW_REPEAT));
            }
        }
        if let ElementKind::Question(kind) = element.kind {
            match kind.names.first() {
                Some(&"start-geopoint") => {
                    element.actions.push(SheetAction::new("odk:setgeopoint", FIRST_LOAD))
                }
                Some(&"background-audio") => element.actions.push(SheetAction::new("odk:recordaudio", LOAD)),
                _ => {}
            }
        }
    }

    pub(super) fn triggers(&self, row: &Row) -> Result<Vec<String>, SheetFault> {
        let Some(text) = self.table.plain(row, "trigger") else { return Ok(Vec::new()) };
        let names = text.split(',').map(|part| match references(part.trim()).as_slice() {
            [only] => Some(only.name.to_owned()),
            _ => None,
        });
        names.collect::<Option<Vec<_>>>().ok_or_else(|| {
            let reason = format!("{text} names no question");
            self.fault(row, "trigger", reason, "Write ${question}; several with a comma between.")
        })
    }

    pub(super) fn check_triggers(&mut self) {
        let elements = &self.survey.elements;
        for element in elements {
            for trigger in &element.triggers {
                let is_question = |it: &Element| it.name == *trigger && !it.is_section();
                if !elements.iter().any(is_question) {
                    self.faults.push(SheetFault::new(
                        SHEET,
                        element.row,
                        "trigger",
                        format!("there is no question {trigger}"),
                        "Write the name of a question of this sheet.",
                    ));
                }
            }
        }
    }

    pub(super) fn select(&mut self, row: &Row, select: &select::Select<'_>) -> Taken {
        let kind = kind::find(select.kind).unwrap_or(&kind::KINDS[0]);
        let mut element = self.element(row, select.kind, ElementKind::Question(kind))?;
        element.triggers = self.triggers(row)?;
        element.parameters = self.parameters(row)?;
        self.default_actions(&mut element);
        let has_filter = element.choice_filter.is_some();
        select::check_list(&mut self.survey, select, has_filter, row.number)?;
        select::check_parameters(&element.parameters, select, row.number)?;
        if select.is_external {
            element.query = Some(select.list.to_owned());
        }
        element.itemset = Some(select.list.to_owned());
        let appearance = element.control("appearance").unwrap_or_default();
        element.is_search = appearance.split_once("search(").is_some_and(|it| it.1.contains(')'));
        self.table_list(row, select, &mut element)?;
        if element.control("appearance") == Some("label") && element.label.is_none() {
            element.label = Some(Localized::Plain(" ".to_owned()));
        }
        let is_calculated = element.bind("calculate").is_some() || !element.triggers.is_empty();
        if element.label.is_none() && element.media.is_empty() && element.hint.is_none() && !is_calculated {
            let reason = format!("the question {} has no label", element.name);
            return Err(self.fault(row, "label", reason, "Write what people read, or a hint."));
        }
        let name = element.name.clone();
        self.add(element);
        if select.or_other {
            select::add_other(&mut self.survey.lists, select.list);
            let text = kind::find("text").unwrap_or(&kind::KINDS[0]);
            let mut other = Element::new(&format!("{name}_other"), ElementKind::Question(text), row.number);
            other.label = Some(Localized::Plain("Specify other.".to_owned()));
            other.set_bind("relevant", &format!("selected(../{name}, 'other')"));
            self.add(other);
        }
        Ok(())
    }

    /// In a table the first select brings a row of labels before it.
    pub(super) fn table_list(
        &mut self,
        row: &Row,
        select: &select::Select<'_>,
        element: &mut Element,
    ) -> Taken {
        let known = match &self.table_list {
            TableList::None => return Ok(()),
            TableList::Of(list) => Some(list.clone()),
            TableList::Begun => None,
        };
        match known {
            Some(list) if list != select.list => {
                let reason =
                    format!("all selects of a table-list have one list, and {} is not {list}", select.list);
                return Err(self.fault(row, "type", reason, "Move the question out of the group."));
            }
            Some(_) => {}
            None => {
                if element.choice_filter.is_some() {
                    let reason = "a table-list cannot have a choice_filter";
                    return Err(self.fault(
                        row,
                        "choice_filter",
                        reason,
                        "Empty this cell, or leave table-list out.",
                    ));
                }
                self.table_list = TableList::Of(select.list.to_owned());
                let name = format!("reserved_name_for_field_list_labels_{}", row.number);
                let mut labels = Element::new(&name, element.kind, row.number);
                labels.set_control("appearance", "label");
                labels.label = Some(Localized::Plain(" ".to_owned()));
                labels.itemset = Some(select.list.to_owned());
                self.add(labels);
            }
        }
        element.set_control("appearance", "list-nolabel");
        Ok(())
    }
}
