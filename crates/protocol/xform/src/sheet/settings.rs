use super::{
    fault::SheetFault,
    table::{Headings, Table},
    workbook::Workbook,
};
use crate::xml::is_name;

const SHEET: &str = "settings";

const HEADINGS: Headings = Headings {
    known: &[
        "title",
        "id_string",
        "version",
        "default_language",
        "instance_name",
        "namespaces",
        "public_key",
        "submission_url",
        "style",
        "auto_send",
        "auto_delete",
        "allow_choice_duplicates",
        "clean_text_values",
        "client_editable",
        "omit_instanceID",
        "instance_xmlns",
        "delimiter",
        "prefix",
        "name",
        "attribute",
        "flat",
    ],
    aliases: &[
        ("form_title", &["title"]),
        ("set_form_title", &["title"]),
        ("form_id", &["id_string"]),
        ("set_form_id", &["id_string"]),
        ("id_string", &["id_string"]),
    ],
};

/// What the sheet `settings` says of the form as a whole.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Of the outermost element.
    pub name: String,
    pub id: String,
    pub title: String,
    pub version: Option<String>,
    pub default_language: String,
    pub instance_name: Option<String>,
    pub namespaces: Vec<(String, String)>,
    pub public_key: Option<String>,
    pub submission_url: Option<String>,
    pub style: Option<String>,
    pub auto_send: Option<String>,
    pub auto_delete: Option<String>,
    pub allows_duplicate_choices: bool,
    pub is_clean: bool,
    pub is_client_editable: bool,
    pub omits_instance_id: bool,
    pub instance_namespace: Option<String>,
    pub prefix: Option<String>,
    pub delimiter: Option<String>,
    pub instance_id: Option<String>,
    /// Groups only arrange: the record knows nothing of them (ODK Tables).
    pub is_flat: bool,
    /// Further attributes of the outermost element.
    pub attributes: Vec<(String, String)>,
}

pub fn yes(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "true()" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "false()" => Some(false),
        _ => None,
    }
}

impl Settings {
    pub fn read(workbook: &Workbook, fallback_id: &str) -> Result<Settings, SheetFault> {
        let table = Table::read(workbook, SHEET, &HEADINGS, false)?.unwrap_or_default();
        let row = table.rows.first();
        let text = |word: &str| row.and_then(|it| table.plain(it, word)).map(str::to_owned);
        let truth = |word: &str, otherwise: bool| text(word).and_then(|it| yes(&it)).unwrap_or(otherwise);
        let id = text("id_string").unwrap_or_else(|| fallback_id.to_owned());
        let name = text("name").unwrap_or_else(|| "data".to_owned());
        let number = row.map_or(0, |it| it.number);
        if !is_name(&name) {
            return Err(SheetFault::new(
                SHEET,
                number,
                "name",
                format!("{name} cannot be the name of the outermost element"),
                "Begin it with a letter, and use letters, digits, - _ and . only; or leave the column empty.",
            ));
        }
        let attributes = row.map(|it| table.group(it, "attribute", "default")).unwrap_or_default();
        let settings = Settings {
            title: text("title").unwrap_or_else(|| id.clone()),
            version: text("version"),
            default_language: text("default_language").unwrap_or_else(|| "default".to_owned()),
            instance_name: text("instance_name"),
            namespaces: namespaces(&text("namespaces").unwrap_or_default()),
            public_key: text("public_key"),
            submission_url: text("submission_url"),
            style: text("style"),
            auto_send: text("auto_send"),
            auto_delete: text("auto_delete"),
            allows_duplicate_choices: truth("allow_choice_duplicates", false),
            is_clean: truth("clean_text_values", true),
            is_client_editable: truth("client_editable", false),
            omits_instance_id: truth("omit_instanceID", false),
            instance_namespace: text("instance_xmlns"),
            prefix: text("prefix"),
            delimiter: text("delimiter"),
            instance_id: text("instance_id"),
            is_flat: text("flat").is_some(),
            attributes: attributes.into_iter().map(|(key, value)| (key, value.first().to_owned())).collect(),
            name,
            id,
        };
        if settings.omits_instance_id && settings.public_key.is_some() {
            return Err(SheetFault::new(
                SHEET,
                number,
                "omit_instanceID",
                "an encrypted form cannot do without instance ids",
                "Empty this cell, or that of public_key.",
            ));
        }
        Ok(settings)
    }
}

/// `prefix="uri"` pairs with spaces between.
fn namespaces(text: &str) -> Vec<(String, String)> {
    let pair = |it: &str| {
        let (prefix, uri) = it.split_once('=')?;
        let clean = !prefix.is_empty() && !uri.contains('=');
        clean.then(|| (prefix.to_owned(), uri.replace(['"', '\''], "")))
    };
    text.split_whitespace().filter_map(pair).collect()
}
