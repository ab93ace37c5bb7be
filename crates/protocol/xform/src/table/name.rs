use std::collections::HashMap;

/// A name as an identifier of OData: an underscore before a first character that is no letter, and one for each run of
/// characters that are neither letters nor digits.
pub fn identifier(name: &str) -> String {
    let mut cleaned = String::with_capacity(name.len() + 1);
    let mut in_run = false;
    if !name.starts_with(|it: char| it.is_alphabetic() || it == '_') {
        cleaned.push('_');
    }
    for character in name.chars() {
        let is_kept = character.is_alphanumeric() || character == '_';
        if is_kept {
            cleaned.push(character);
        } else if !in_run {
            cleaned.push('_');
        }
        in_run = !is_kept;
    }
    cleaned
}

/// Names beside each other, none of them twice.
#[derive(Default)]
pub struct Names {
    /// How often each was asked for.
    taken: HashMap<String, usize>,
}

impl Names {
    pub fn with(taken: &[&str]) -> Self {
        Names { taken: taken.iter().map(|it| ((*it).to_owned(), 1)).collect() }
    }

    /// The name as an identifier, with a number behind it where it is taken.
    pub fn add(&mut self, name: &str) -> String {
        let wanted = identifier(name);
        let mut count = self.taken.get(&wanted).copied().unwrap_or(0);
        let mut given = wanted.clone();
        while self.taken.contains_key(&given) {
            count += 1;
            given = format!("{wanted}_{count}");
        }
        self.taken.insert(wanted, count.max(1));
        self.taken.entry(given.clone()).or_insert(1);
        given
    }
}
