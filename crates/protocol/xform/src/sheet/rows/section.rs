use super::{Open, Reader, TableList, Taken};
use crate::sheet::{
    GROUPS_DEPTH_MAX,
    element::{Element, ElementKind},
    kind,
    reference::is_reference,
    table::Row,
};

impl Reader<'_> {
    pub(super) fn end(&mut self, row: &Row, word: &'static str) -> Taken {
        match self.open.as_slice() {
            [_, .., last] if last.word == word => {
                self.open.pop();
                self.table_list = TableList::None;
                Ok(())
            }
            [_, .., last] => {
                let (begun, number) = (last.word, last.row);
                let reason = format!("this ends a {word}, and what began in row {number} is a {begun}");
                Err(self.fault(
                    row,
                    "type",
                    reason,
                    format!("Write end_{begun} here, or add it before this row."),
                ))
            }
            _ => {
                let reason = format!("this ends a {word} that never began");
                Err(self.fault(
                    row,
                    "type",
                    reason,
                    format!("Add a row begin_{word} before, or delete this one."),
                ))
            }
        }
    }

    pub(super) fn begin(&mut self, row: &Row, word: &'static str, list: &str, mut element: Element) -> Taken {
        if self.open.len() > GROUPS_DEPTH_MAX {
            let reason = format!("groups and repeats stand more than {GROUPS_DEPTH_MAX} deep in each other");
            return Err(self.fault(row, "type", reason, "Take some of them apart."));
        }
        if word == "repeat" {
            let name = &element.name;
            let known = self.survey.elements.iter();
            let mut known =
                known.filter(|it| it.kind == ElementKind::Repeat || it.kind == ElementKind::Survey);
            if known.any(|it| it.name == *name) {
                let reason = format!("another repeat, or the form itself, is called {name}");
                return Err(self.fault(row, "name", reason, "Give each repeat a name of its own."));
            }
        }
        if word == "loop" {
            if !self.survey.lists.iter().any(|it| it.name == list) {
                let reason = if list.is_empty() {
                    "a loop needs a list".to_owned()
                } else {
                    format!("the sheet choices has no list {list}")
                };
                return Err(self.fault(
                    row,
                    "type",
                    reason,
                    "Write begin loop over LIST with a list of that sheet.",
                ));
            }
            element.itemset = Some(list.to_owned());
        }
        if word == "repeat"
            && let Some(count) = element.control("jr:count").map(str::to_owned)
            && !is_reference(&count)
        {
            let name = format!("{}_count", element.name);
            let calculate = kind::find("calculate").unwrap_or(&kind::KINDS[0]);
            let mut counter = Element::new(&name, ElementKind::Question(calculate), row.number);
            counter.set_bind("readonly", "true()");
            counter.set_bind("calculate", &count);
            self.add(counter);
            element.set_control("jr:count", &format!("${{{name}}}"));
        }
        let appearance = element.control("appearance").unwrap_or_default().to_owned();
        let mut label_row = None;
        if appearance.split_whitespace().any(|it| it == "table-list") {
            self.table_list = TableList::Begun;
            let others = appearance.split_whitespace().filter(|it| *it != "table-list");
            let others: Vec<&str> = std::iter::once("field-list").chain(others).collect();
            element.set_control("appearance", &others.join(" "));
            if element.label.is_some() || element.hint.is_some() {
                let name = format!("generated_table_list_label_{}", row.number);
                let note = kind::find("note").unwrap_or(&kind::KINDS[0]);
                let mut label = Element::new(&name, ElementKind::Question(note), row.number);
                label.label = element.label.take();
                label.hint = element.hint.take();
                label_row = Some(label);
            }
        }
        let id = self.add(element);
        self.open.push(Open { element: id, row: row.number, word });
        if let Some(label) = label_row {
            self.add(label);
        }
        Ok(())
    }
}
