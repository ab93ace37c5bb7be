//! What stands beside the questions: the audit, and the group `meta`.

use super::{Reader, Taken};
use crate::sheet::{
    element::{Element, ElementKind},
    entity, kind,
    parameter::{self, check, check_among, check_number, get},
    select,
    table::{Localized, Row},
    workbook::Workbook,
};

impl Reader<'_> {
    /// Rows that say something of the form as a whole.
    pub(super) fn special(&mut self, row: &Row, type_name: &str) -> Taken {
        let name = self.table.plain(row, "name").map(str::to_owned);
        match type_name {
            "form_title" | "set_form_title" => self.survey.settings.title = name.unwrap_or_default(),
            "form_id" | "set_form_id" => self.survey.settings.id = name.unwrap_or_default(),
            _ => {
                if name.is_some_and(|it| it != "audit") {
                    return Err(self.fault(
                        row,
                        "name",
                        "an audit is always called audit",
                        "Empty this cell.",
                    ));
                }
                let mut element = self.element_named(row, "audit", "audit", ElementKind::Hidden);
                element.kind = ElementKind::Question(kind::find("audit").unwrap_or(&kind::KINDS[0]));
                self.audit(row, &mut element)?;
                // It goes into meta, which is made at the end.
                self.survey.elements.push(element);
            }
        }
        Ok(())
    }

    pub(super) fn audit(&mut self, row: &Row, element: &mut Element) -> Taken {
        let parameters = self.parameters(row)?;
        let number = row.number;
        const LOCATION: [&str; 3] = ["location-priority", "location-min-interval", "location-max-age"];
        let all: Vec<&str> =
            LOCATION.into_iter().chain(["track-changes", "track-changes-reasons", "identify-user"]).collect();
        check(&parameters, &all, number)?;
        check_among(&parameters, "track-changes", &["true", "false"], number)?;
        check_among(&parameters, "track-changes-reasons", &["on-form-edit"], number)?;
        check_among(&parameters, "identify-user", &["true", "false"], number)?;
        let priorities = ["no-power", "low-power", "balanced", "high-accuracy"];
        check_among(&parameters, LOCATION[0], &priorities, number)?;
        let given = LOCATION.iter().filter(|it| get(&parameters, it).is_some()).count();
        if given != 0 && given != LOCATION.len() {
            return Err(parameter::fault(
                number,
                "a location in the audit needs all of its three parameters",
                format!("Write {}.", LOCATION.join(", ")),
            ));
        }
        let least = check_number(&parameters, LOCATION[1], number)?;
        let most = check_number(&parameters, LOCATION[2], number)?;
        if least.zip(most).is_some_and(|(least, most)| least < 0.0 || most < least) {
            return Err(parameter::fault(
                number,
                "location-max-age is less than location-min-interval",
                "Write seconds, the greater one for location-max-age.",
            ));
        }
        for (key, value) in parameters {
            element.set_bind(&format!("odk:{key}"), &value);
        }
        Ok(())
    }

    /// The group `meta` at the end: what identifies a record, and what is said of it.
    pub(super) fn add_meta(&mut self, workbook: &Workbook) -> Taken {
        self.open.truncate(1);
        if self.survey.settings.is_flat {
            self.flatten();
        }
        select::expand_loops(&mut self.survey)?;
        let audits: Vec<usize> =
            (1..self.survey.elements.len()).filter(|it| self.survey.elements[*it].parent.is_none()).collect();
        let meta = self.add(Element::new("meta", ElementKind::Hidden, 0));
        let put = |reader: &mut Self, mut element: Element| {
            element.parent = Some(meta);
            let id = reader.survey.elements.len();
            reader.survey.elements.push(element);
            reader.survey.elements[meta].children.push(id);
        };
        for audit in audits {
            self.survey.elements[audit].parent = Some(meta);
            self.survey.elements[meta].children.push(audit);
        }
        entity::add(&mut self.survey, workbook, meta, &self.language)?;
        let calculate = kind::find("calculate").unwrap_or(&kind::KINDS[0]);
        if !self.survey.settings.omits_instance_id {
            let mut id = Element::new("instanceID", ElementKind::Question(calculate), 0);
            let preload = self.survey.settings.instance_id.clone().unwrap_or_else(|| "uid".to_owned());
            id.set_bind("readonly", "true()");
            id.set_bind("jr:preload", &preload);
            put(self, id);
        }
        if let Some(expression) = self.survey.settings.instance_name.clone() {
            let mut name = Element::new("instanceName", ElementKind::Question(calculate), 0);
            name.set_bind("calculate", &expression);
            put(self, name);
        }
        if self.survey.elements[meta].children.is_empty() {
            self.survey.elements[0].children.pop();
        }
        Ok(())
    }

    /// In a flat form each question carries the relevance of the groups around it, which are not in the record.
    pub(super) fn flatten(&mut self) {
        for index in self.survey.in_order() {
            let above = self.survey.elements[index].parent.unwrap_or(0);
            let outer = match self.survey.elements[above].is_flat {
                true => self.survey.elements[above].bind("relevant").map(str::to_owned),
                false => None,
            };
            let element = &mut self.survey.elements[index];
            element.is_flat = element.kind == ElementKind::Group;
            if let Some(outer) = outer {
                let own = element.bind("relevant").map(|it| format!(" and ({it})")).unwrap_or_default();
                element.bind.retain(|it| it.0 != "relevant");
                element.bind.push(("relevant".to_owned(), Localized::Plain(format!("{outer}{own}"))));
            }
        }
    }
}
