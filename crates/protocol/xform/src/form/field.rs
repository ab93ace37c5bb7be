use crate::xpath::{Expression, ExpressionFault};

/// A field of one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(u32);

impl FieldId {
    pub(crate) fn new(index: usize) -> Self {
        FieldId(index as u32)
    }

    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Group,
    /// Stands any number of times.
    Repeat,
    /// Holds a value.
    Question,
}

/// A node of the form's instance with all that binds say of it.
#[derive(Clone, Debug)]
pub struct Field {
    /// From the root, without positions: `/data/base/households`.
    pub path: String,
    pub prefix: String,
    pub name: String,
    pub parent: Option<FieldId>,
    pub children: Vec<FieldId>,
    pub kind: FieldKind,
    pub data_type: DataType,
    /// The type as the bind has it, where it has one.
    pub bind_type: Option<String>,
    /// What stands in it when a record begins.
    pub default: String,
    /// Attributes of the node, such as an entity's `dataset`.
    pub attributes: Vec<(String, String)>,
    pub relevant: Option<Rule>,
    pub required: Option<Rule>,
    pub readonly: Option<Rule>,
    pub constraint: Option<Rule>,
    pub calculate: Option<Rule>,
    /// A text, or `jr:itext('…')`.
    pub constraint_message: Option<String>,
    pub required_message: Option<String>,
    pub preload: Option<Preload>,
    /// An action sets it, so that its value cannot be calculated again.
    pub is_set_by_action: bool,
    /// How many instances of a repeat there have to be (`jr:count`).
    pub repeat_count: Option<Rule>,
    /// Attributes of the bind in other namespaces: `olzii:element`, `entities:saveto`, …
    pub bind_attributes: Vec<BindAttribute>,
    /// Whether a control of the body shows it.
    pub is_shown: bool,
}

impl Field {
    /// The value of a bind's attribute in this namespace.
    pub fn bind_attribute(&self, namespace: &str, name: &str) -> Option<&str> {
        let found = self.bind_attributes.iter().find(|it| it.namespace == namespace && it.name == name);
        found.map(|it| it.value.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindAttribute {
    pub namespace: String,
    pub name: String,
    pub value: String,
}

/// `jr:preload` and `jr:preloadParams`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preload {
    pub kind: String,
    pub parameter: String,
}

/// An expression of a form, or why it is none.
#[derive(Clone, Debug)]
pub struct Rule {
    pub text: String,
    pub expression: Result<Expression, ExpressionFault>,
}

impl Rule {
    pub fn new(text: &str) -> Self {
        Rule { text: text.to_owned(), expression: Expression::parse(text) }
    }

    pub(crate) fn is_constant(&self, value: &str) -> bool {
        self.expression.as_ref().is_ok_and(|it| it.constant() == Some(value))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataType {
    #[default]
    String,
    Int,
    Boolean,
    Decimal,
    Date,
    Time,
    DateTime,
    Geopoint,
    Geotrace,
    Geoshape,
    Binary,
    Barcode,
    Intent,
    /// `odk:rank`
    Rank,
}

impl DataType {
    /// Of a bind's `type`; what is not known is a string.
    pub fn parse(text: &str) -> DataType {
        match text.strip_prefix("xsd:").or_else(|| text.strip_prefix("xs:")).unwrap_or(text) {
            "int" | "integer" => DataType::Int,
            "boolean" => DataType::Boolean,
            "decimal" => DataType::Decimal,
            "date" => DataType::Date,
            "time" => DataType::Time,
            "dateTime" => DataType::DateTime,
            "geopoint" => DataType::Geopoint,
            "geotrace" => DataType::Geotrace,
            "geoshape" => DataType::Geoshape,
            "binary" | "base64Binary" => DataType::Binary,
            "barcode" => DataType::Barcode,
            "intent" => DataType::Intent,
            "odk:rank" => DataType::Rank,
            _ => DataType::String,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            DataType::String => "string",
            DataType::Int => "int",
            DataType::Boolean => "boolean",
            DataType::Decimal => "decimal",
            DataType::Date => "date",
            DataType::Time => "time",
            DataType::DateTime => "dateTime",
            DataType::Geopoint => "geopoint",
            DataType::Geotrace => "geotrace",
            DataType::Geoshape => "geoshape",
            DataType::Binary => "binary",
            DataType::Barcode => "barcode",
            DataType::Intent => "intent",
            DataType::Rank => "odk:rank",
        }
    }
}
