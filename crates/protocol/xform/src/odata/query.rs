use super::{
    fault::{Format, QueryFault},
    filter::Filter,
    order::Order,
    select::select,
    token::Token,
};
use crate::table::{Clock, Node, Row, Slot, Table};

/// Words of `$search`.
pub const SEARCH_WORDS_MAX: usize = 20;

const PARAMETERS: [&str; 11] = [
    "$format",
    "$count",
    "$skip",
    "$top",
    "$filter",
    "$wkt",
    "$expand",
    "$select",
    "$skiptoken",
    "$orderby",
    "$search",
];

/// What is asked of a table.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Rows of a page; none for all.
    pub top: Option<u64>,
    /// Rows to leave out first. Without meaning where there is a token.
    pub skip: u64,
    pub count: bool,
    /// Places as WKT instead of GeoJSON.
    pub wkt: bool,
    /// Rows of repeats within the rows that they belong to.
    pub expand: bool,
    pub filter: Option<Filter>,
    pub order: Order,
    pub token: Option<Token>,
    /// In small letters.
    search: Vec<String>,
    selected: Option<Vec<Node>>,
}

impl Query {
    /// Of the decoded parameters of a URL, in any order. What is empty is not said.
    pub fn read(pairs: &[(String, String)], table: &Table) -> Result<Query, QueryFault> {
        check_parameters(pairs, Format::Json)?;
        let of = |name: &str| value_of(pairs, name);
        let mut query = Query {
            top: of("$top").map(|it| number("$top", it)).transpose()?,
            skip: of("$skip").map_or(Ok(0), |it| number("$skip", it))?,
            count: of("$count").map_or(Ok(false), |it| truth("$count", it))?,
            wkt: of("$wkt").map_or(Ok(false), |it| truth("$wkt", it))?,
            expand: of("$expand").is_some(),
            ..Query::default()
        };
        query.filter = of("$filter").map(|it| Filter::parse(it, table)).transpose()?;
        query.order = of("$orderby").map_or(Ok(Order::default()), |it| Order::parse(it, table))?;
        query.selected = of("$select").map_or(Ok(None), |it| select(it, table))?;
        query.token = of("$skiptoken").map(|it| Token::decode(it, table.record_key)).transpose()?;
        query.search = of("$search").map_or(Ok(Vec::new()), words)?;
        let is_other = |it: &Token| it.mark.is_none() != query.order.is_empty();
        if query.token.as_ref().is_some_and(is_other) {
            return Err(QueryFault::Feature("using $orderby and $skiptoken together".to_owned()));
        }
        Ok(query)
    }

    /// Whether deleted records are rows too: only if the filter asks about `__system/deletedAt`.
    pub fn asks_for_deleted(&self) -> bool {
        self.filter.as_ref().is_some_and(Filter::asks_for_deleted)
    }

    /// Whether the filter and the search keep a row.
    pub fn keeps(&self, table: &Table, row: &dyn Row, clock: &Clock) -> Result<bool, QueryFault> {
        if let Some(filter) = &self.filter
            && !filter.keeps(row, clock)?
        {
            return Ok(false);
        }
        Ok(self.search.is_empty() || self.finds(table, row))
    }

    fn finds(&self, table: &Table, row: &dyn Row) -> bool {
        let mut missing: Vec<&str> = self.search.iter().map(String::as_str).collect();
        for slot in (0..table.properties().len()).filter(|it| Some(*it) != table.parent_slot()) {
            if missing.is_empty() {
                break;
            }
            if let Some(text) = row.text(Slot::Own(slot)) {
                let text = text.to_lowercase();
                missing.retain(|it| !text.contains(it));
            }
        }
        missing.is_empty()
    }

    pub(super) fn selected(&self) -> Option<&[Node]> {
        self.selected.as_deref()
    }
}

/// What can be seen of parameters without a table. The service document is JSON, the metadata XML.
pub fn check_parameters(pairs: &[(String, String)], format: Format) -> Result<(), QueryFault> {
    for (index, (name, value)) in pairs.iter().enumerate() {
        if !PARAMETERS.contains(&name.as_str()) {
            return Err(QueryFault::Feature(name.clone()));
        }
        if pairs[..index].iter().any(|it| it.0 == *name) {
            return Err(QueryFault::Twice { name: name.clone(), value: value.clone() });
        }
    }
    if let Some(got) = value_of(pairs, "$format")
        && !format.is(got)
    {
        return Err(QueryFault::Format { allowed: format, got: got.to_owned() });
    }
    match value_of(pairs, "$expand") {
        Some(text) if text != "*" => Err(QueryFault::Expand(text.to_owned())),
        Some(_) if value_of(pairs, "$select").is_some() => Err(QueryFault::SelectWithExpand),
        _ => Ok(()),
    }
}

fn value_of<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|it| it.0 == name)?;
    Some(found.1.as_str()).filter(|it| !it.is_empty())
}

fn number(name: &str, value: &str) -> Result<u64, QueryFault> {
    let fault = || QueryFault::Value {
        name: name.to_owned(),
        value: value.to_owned(),
        expected: "a whole number from 0 on",
    };
    value.parse().map_err(|_| fault())
}

/// As Python writes it too.
fn truth(name: &str, value: &str) -> Result<bool, QueryFault> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(QueryFault::Value {
            name: name.to_owned(),
            value: value.to_owned(),
            expected: "true or false",
        }),
    }
}

fn words(text: &str) -> Result<Vec<String>, QueryFault> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    if words.len() > SEARCH_WORDS_MAX {
        return Err(QueryFault::Feature(format!("$search for more than {SEARCH_WORDS_MAX} words")));
    }
    Ok(words)
}
