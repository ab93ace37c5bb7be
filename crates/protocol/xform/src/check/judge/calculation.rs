use super::{Entry, Field, Judge, Kind, kept, replace};
use crate::{
    form::{DataType, Rule},
    xpath::{Expression, Moment, Uses, Value, World, moment_of},
};

/// How far apart two numbers may be, in parts of the greater one, and still be the same calculation.
const NUMBER_TOLERANCE: f64 = 1e-9;
/// The same for areas and distances, which the clients compute by different formulas.
const GEOMETRY_TOLERANCE: f64 = 0.01;

impl Judge<'_> {
    /// Calculates a value again, tells where another was sent, and goes on with what the form calculates.
    pub(super) fn calculate(&mut self, field: &Field, rule: &Rule, index: usize, entry: &Entry) {
        let sent = self.record.value(entry).to_owned();
        let expression = match &rule.expression {
            Ok(expression) => expression,
            Err(fault) => return self.unchecked(index, "calculate", &sent, &fault.to_string()),
        };
        let uses = expression.uses();
        // What depended on the moment, on chance or on what was there before cannot be calculated again.
        if uses.clock || uses.chance || uses.past || field.is_set_by_action || field.preload.is_some() {
            return;
        }
        let mut languages = vec![self.world.language.clone()];
        if uses.language {
            languages.extend(self.form.translations.languages.iter().map(|it| it.name.clone()));
            languages.push("en".to_owned());
        }
        let mut calculated = None;
        for language in languages {
            match self.calculated(index, expression, field.data_type, language) {
                Err(reason) => return self.unchecked(index, "calculate", &sent, &reason),
                Ok((text, is_number)) => {
                    if self.is_same(&text, &sent, is_number, uses) {
                        return;
                    }
                    calculated.get_or_insert(text);
                }
            }
        }
        let calculated = calculated.unwrap_or_default();
        self.find(index, Kind::Calculate, &sent, &format!("{calculated} = {}", rule.text.trim()), None);
        replace(&mut self.record.document, entry.text, &calculated);
    }

    pub(super) fn calculated(
        &self,
        index: usize,
        expression: &Expression,
        data_type: DataType,
        language: String,
    ) -> Result<(String, bool), String> {
        let world = World { language, ..self.world.clone() };
        let outcome = self.evaluate(index, expression, &world, |scope, value| {
            let is_number = matches!(value, Value::Number(_));
            Ok((kept(scope, &value, data_type)?, is_number))
        });
        outcome.map_err(|it| it.to_string())
    }

    fn is_same(&self, calculated: &str, sent: &str, is_number: bool, uses: Uses) -> bool {
        if calculated == sent || calculated.trim() == sent.trim() {
            return true;
        }
        // ODK Collect may write truth as a number.
        if let ("true", "1") | ("false", "0") = (calculated, sent) {
            return true;
        }
        if let (true, Ok(one), Ok(other)) = (is_number, calculated.parse::<f64>(), sent.parse::<f64>()) {
            let tolerance = if uses.geometry { GEOMETRY_TOLERANCE } else { NUMBER_TOLERANCE };
            return (one - other).abs() <= tolerance * one.abs().max(other.abs()).max(1.0);
        }
        let zone = &self.world.zone;
        match (moment_of(calculated, zone), moment_of(sent, zone)) {
            (Moment::At(one), Moment::At(other)) => one == other,
            // Browsers leave what is no number empty.
            _ => is_number && calculated == "NaN" && sent.is_empty(),
        }
    }
}
