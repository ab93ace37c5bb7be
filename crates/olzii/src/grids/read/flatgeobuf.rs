//! FlatGeobuf, feature by feature.

use std::{fs::File, io::BufReader, path::Path};

use anyhow::{Context, ensure};
use flatgeobuf::{FallibleStreamingIterator, FgbFeature, FgbReader};
use geozero::{ColumnValue, FeatureProperties, PropertyProcessor};
use serde_json::{Map as Object, Value, json};

use super::{feature::Feature, must_be_degrees, shape};

pub fn features(path: &Path, mut each: impl FnMut(anyhow::Result<Feature>)) -> anyhow::Result<()> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("{name} cannot be opened"))?;
    let reader = FgbReader::open(BufReader::new(file));
    let reader = reader.with_context(|| format!("{name} is no FlatGeobuf"))?;
    if let Some(system) = reader.header().crs() {
        must_be_degrees(path, i64::from(system.code()), system.name().unwrap_or_default())?;
    }
    let mut found = reader.select_all_seq().with_context(|| format!("{name} has no features"))?;
    let mut number = 0;
    loop {
        let next = found.next().with_context(|| format!("{name} ends within feature {}", number + 1));
        let Some(source) = next? else { return Ok(()) };
        number += 1;
        each(feature(number, source).with_context(|| format!("feature {number}")));
    }
}

fn feature(number: usize, source: &FgbFeature) -> anyhow::Result<Feature> {
    ensure!(source.geometry().is_some(), "it has no geometry");
    let mut properties = Properties(Object::new());
    source.process_properties(&mut properties).context("its properties cannot be read")?;
    let geometry = shape::geometry(source)?;
    Ok(Feature { number, place: format!("feature {number}"), properties: properties.0, geometry })
}

struct Properties(Object<String, Value>);

impl PropertyProcessor for Properties {
    fn property(&mut self, _: usize, name: &str, value: &ColumnValue<'_>) -> geozero::error::Result<bool> {
        let value = match value {
            ColumnValue::Byte(it) => json!(it),
            ColumnValue::UByte(it) => json!(it),
            ColumnValue::Bool(it) => json!(it),
            ColumnValue::Short(it) => json!(it),
            ColumnValue::UShort(it) => json!(it),
            ColumnValue::Int(it) => json!(it),
            ColumnValue::UInt(it) => json!(it),
            ColumnValue::Long(it) => json!(it),
            ColumnValue::ULong(it) => json!(it),
            ColumnValue::Float(it) => json!(it),
            ColumnValue::Double(it) => json!(it),
            ColumnValue::String(it) | ColumnValue::Json(it) | ColumnValue::DateTime(it) => json!(it),
            ColumnValue::Binary(_) => return Ok(false),
        };
        self.0.insert(name.to_owned(), value);
        Ok(false)
    }
}
