use serde_json::{Value, json};

/// Why a query is not answered, by the numbers that ODK Central gives.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryFault {
    /// A parameter, or parameters together.
    #[error("The requested feature {0} is not supported by this server.")]
    Feature(String),
    #[error(
        "The given OData expand expression is not supported by this server: \"{0}\". Only \"$expand=*\" is supported."
    )]
    Expand(String),
    #[error("This server doesn't support $select query parameter with $expand.")]
    SelectWithExpand,
    /// `at` counts characters from 0.
    #[error("The OData filter expression you provided could not be parsed: {reason} at {at}")]
    Syntax { at: usize, reason: String },
    #[error(
        "The given OData filter expression uses features not supported by this server: {reason} at {at} (\"{text}\")"
    )]
    Expression { at: usize, text: String, reason: String },
    #[error("The given OData filter expression references fields not supported by this server: {text}{}", placed(*.at))]
    Field { at: Option<usize>, text: String },
    #[error("Could not find a property named '{0}'")]
    Property(String),
    #[error(
        "The given OData select property '{0}' uses features not supported by this server. It belongs to a repeat: ask for the repeat's own table."
    )]
    SelectInRepeat(String),
    #[error("Invalid $skiptoken")]
    Token,
    #[error("Record associated with the provided $skiptoken not found.")]
    TokenRow,
    #[error("Requested format not acceptable; this resource allows: {}.", .allowed.join())]
    Format { allowed: Format, got: String },
    #[error("Invalid input data type: expected ({name}) to be ({expected}), and not \"{value}\"")]
    Value { name: String, value: String, expected: &'static str },
    #[error("Unexpected {name} value {value}; it is given twice")]
    Twice { name: String, value: String },
    #[error("Could not find the resource you were looking for.")]
    Address,
}

/// What a resource can be had as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Xml,
}

impl Format {
    fn names(self) -> [&'static str; 2] {
        match self {
            Format::Json => ["application/json", "json"],
            Format::Xml => ["application/xml", "atom"],
        }
    }

    /// Whether a media type, or a list of them, or `$format`, means this one.
    pub fn is(self, text: &str) -> bool {
        text.split(',').any(|it| {
            let name = it.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match self {
                Format::Json => ["json", "application/json"].contains(&name.as_str()),
                Format::Xml => {
                    ["xml", "atom", "application/xml", "application/atom+xml", "application/atomsvc+xml"]
                        .contains(&name.as_str())
                }
            }
        })
    }

    fn join(self) -> String {
        self.names().join(",")
    }
}

impl QueryFault {
    /// Central's number: the status before the point, the kind behind it.
    pub fn code(&self) -> f64 {
        match self {
            QueryFault::Feature(_) => 501.1,
            QueryFault::Expand(_) => 501.6,
            QueryFault::SelectWithExpand => 501.11,
            QueryFault::Syntax { .. } => 400.18,
            QueryFault::Expression { .. } => 501.4,
            QueryFault::Field { .. } => 501.5,
            QueryFault::Property(_) => 400.23,
            QueryFault::SelectInRepeat(_) => 400.24,
            QueryFault::Token => 400.35,
            QueryFault::TokenRow => 400.34,
            QueryFault::Format { .. } => 406.1,
            QueryFault::Value { .. } => 400.11,
            QueryFault::Twice { .. } => 400.8,
            QueryFault::Address => 404.1,
        }
    }

    pub fn status(&self) -> u16 {
        self.code() as u16
    }

    /// Central's `details`; none where it gives none.
    pub fn details(&self) -> Option<Value> {
        Some(match self {
            QueryFault::Feature(feature) => json!({ "feature": feature }),
            QueryFault::Expand(text) => json!({ "text": text }),
            QueryFault::Syntax { at, reason } => json!({ "reason": format!("{reason} at {at}") }),
            QueryFault::Expression { at, text, reason } => json!({ "at": at, "type": reason, "text": text }),
            QueryFault::Field { at, text } => json!({ "at": at, "text": text }),
            QueryFault::Property(property) | QueryFault::SelectInRepeat(property) => {
                json!({ "property": property })
            }
            QueryFault::Format { allowed, got } => json!({ "allowed": allowed.names(), "got": got }),
            QueryFault::Value { name, value, expected } => {
                json!({ "field": name, "value": value, "expected": expected })
            }
            QueryFault::Twice { name, value } => {
                json!({ "field": name, "value": value, "reason": "it is given twice" })
            }
            QueryFault::SelectWithExpand | QueryFault::Token | QueryFault::TokenRow | QueryFault::Address => {
                return None;
            }
        })
    }
}

fn placed(at: Option<usize>) -> String {
    at.map_or(String::new(), |it| format!(" at {it}"))
}
