use super::{fault::SheetFault, survey::SHEET};

/// `key=value` pairs of the column `parameters`.
pub type Parameters = Vec<(String, String)>;

/// Pairs with spaces, commas or semicolons between. Keys are in lower case, and values but for names of columns.
pub fn parse(text: &str, row: u32) -> Result<Parameters, SheetFault> {
    // A space around the equals sign belongs to it.
    let mut joined = String::new();
    for part in text.split('=') {
        if !joined.is_empty() {
            joined.push('=');
        }
        joined.push_str(part.trim_matches([' ', '\t', '\n', '\r']));
    }
    let mut found: Parameters = Vec::new();
    for pair in joined.split([' ', ',', ';', '\t', '\n', '\r']).filter(|it| !it.is_empty()) {
        let parts: Vec<&str> = pair.split('=').collect();
        let [key, value] = parts.as_slice() else { return Err(malformed(row, pair)) };
        if key.is_empty() || value.is_empty() {
            return Err(malformed(row, pair));
        }
        let key = key.to_lowercase();
        let value = if ["label", "value"].contains(&key.as_str()) {
            (*value).to_owned()
        } else {
            value.to_lowercase()
        };
        found.retain(|it| it.0 != key);
        found.push((key, value));
    }
    Ok(found)
}

fn malformed(row: u32, pair: &str) -> SheetFault {
    fault(row, format!("{pair} is no parameter"), "Write key=value, with a space between two: start=1 end=5.")
}

pub fn fault(row: u32, reason: impl Into<String>, help: impl Into<String>) -> SheetFault {
    SheetFault::new(SHEET, row, "parameters", reason, help)
}

pub fn get<'a>(parameters: &'a Parameters, key: &str) -> Option<&'a str> {
    parameters.iter().find(|it| it.0 == key).map(|it| it.1.as_str())
}

/// Refuses keys that the kind of question does not know.
pub fn check(parameters: &Parameters, allowed: &[&str], row: u32) -> Result<(), SheetFault> {
    match parameters.iter().find(|it| !allowed.contains(&it.0.as_str())) {
        None => Ok(()),
        Some((key, _)) => Err(fault(
            row,
            format!("the parameter {key} is not known for this kind of question"),
            format!("Known are: {}.", allowed.join(", ")),
        )),
    }
}

pub fn check_among(parameters: &Parameters, key: &str, allowed: &[&str], row: u32) -> Result<(), SheetFault> {
    match get(parameters, key) {
        Some(value) if !allowed.contains(&value) => Err(fault(
            row,
            format!("the parameter {key} cannot be {value}"),
            format!("Write one of: {}.", allowed.join(", ")),
        )),
        _ => Ok(()),
    }
}

pub fn check_number(parameters: &Parameters, key: &str, row: u32) -> Result<Option<f64>, SheetFault> {
    let Some(value) = get(parameters, key) else { return Ok(None) };
    match value.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(number)),
        _ => Err(fault(row, format!("the parameter {key} is {value}, not a number"), "Write a number.")),
    }
}
