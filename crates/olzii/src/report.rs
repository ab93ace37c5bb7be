//! `olzii report city-2020`: the figures that a report of 2020 printed, counted anew from the city's records.

use std::{fs, io, path::Path};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use domain::{
    City, Ctx, area,
    statistic::{self, Counted, Figure, Indicator, Ratio, State},
};
use serde::Deserialize;

use crate::{Place, data};

/// What the report printed; `data/report/README.md` says where it is from.
const PRINTED: &str = include_str!("../../../data/report/figures.csv");

#[derive(Subcommand)]
pub enum ReportCommand {
    /// The 41 figures of a report of 2020 about its network, beside those of this city's records. Fails where one differs.
    #[command(name = "city-2020")]
    City2020(ReportArguments),
}

#[derive(Args)]
pub struct ReportArguments {
    #[command(flatten)]
    place: Place,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    #[default]
    Text,
    Csv,
}

/// One figure as it was printed.
#[derive(Debug, Deserialize)]
pub struct Printed {
    pub id: String,
    pub zh: String,
    pub en: String,
    pub value: String,
    pub relation: Relation,
}

/// How a computed value has to stand to the printed one.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// To as many digits as were printed.
    Exact,
    AtLeast,
    AtMost,
}

/// One printed figure beside the computed one.
#[derive(Debug)]
pub struct Compared {
    pub printed: Printed,
    /// None where nothing could be computed.
    pub computed: Option<String>,
    /// What is wanted where a demo city holds a share of the residents alone.
    pub wanted: Option<String>,
    pub agrees: bool,
}

pub fn run(command: ReportCommand) -> anyhow::Result<()> {
    let ReportCommand::City2020(arguments) = command;
    let city = data::open(&arguments.place)?;
    // The city's own tables are counted at this moment; all else is in the records.
    statistic::count(&city)?;
    let compared = compare(&city, scale(&arguments.place.data)?)?;
    match arguments.format {
        Format::Text => write_text(&compared, &mut io::stdout().lock())?,
        Format::Csv => write_csv(&compared, io::stdout().lock())?,
    }
    let differ: Vec<&str> =
        compared.iter().filter(|it| !it.agrees).map(|it| it.printed.id.as_str()).collect();
    if !differ.is_empty() {
        bail!(
            "{} of {} figures disagree with the report: {}",
            differ.len(),
            compared.len(),
            differ.join(", ")
        );
    }
    Ok(())
}

/// The share of the residents that a demo city was made with; all of them in any other city.
fn scale(folder: &Path) -> anyhow::Result<f64> {
    #[derive(Deserialize)]
    struct Made {
        scale: f64,
    }
    let marker = folder.join("demo.json");
    match fs::read_to_string(&marker) {
        Ok(text) => {
            let made: Made = serde_json::from_str(&text).with_context(|| marker.display().to_string())?;
            Ok(made.scale)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(1.0),
        Err(error) => Err(error).with_context(|| marker.display().to_string()),
    }
}

/// Every printed figure beside the indicator of its name.
pub fn compare(city: &std::sync::Arc<City>, scale: f64) -> anyhow::Result<Vec<Compared>> {
    let ctx = Ctx::system(city.clone());
    let root = ctx.read(area::city)?.context("there is no city yet: run olzii import areas first")?;
    let figures = statistic::figures(&ctx, &root.code, None)?.figures;
    let mut compared = Vec::new();
    for row in csv::Reader::from_reader(PRINTED.as_bytes()).deserialize() {
        let printed: Printed = row.context("data/report/figures.csv")?;
        let indicator = city.statistic.indicator(&printed.id);
        let indicator =
            indicator.with_context(|| format!("statistic.toml has no indicator {}", printed.id))?;
        let figure =
            figures.iter().find(|it| it.code == printed.id).context("each indicator has a figure")?;
        compared.push(one(city, printed, (indicator, figure), scale)?);
    }
    Ok(compared)
}

fn one(
    city: &City,
    printed: Printed,
    (indicator, figure): (&Indicator, &Figure),
    scale: f64,
) -> anyhow::Result<Compared> {
    let of_residents = indicator
        .elements()
        .iter()
        .any(|(code, _)| city.statistic.element(code).and_then(|it| it.counted) == Some(Counted::Residents));
    let number = |text: &str| Ratio::parse(text).with_context(|| format!("{} printed {text:?}", printed.id));
    let wanted = match of_residents && scale < 1.0 {
        true => {
            let whole: f64 = printed.value.parse().with_context(|| format!("{} is no number", printed.id))?;
            Some(((whole * scale).round() as i64).max(1).to_string())
        }
        false => None,
    };
    let against = wanted.clone().unwrap_or_else(|| printed.value.clone());
    let decimals = against.split_once('.').map_or(0, |(_, part)| part.len() as u32);
    let (computed, agrees) = match figure.value {
        State::Value(value) => {
            let agrees = match printed.relation {
                Relation::Exact => value.to_decimal(decimals) == against,
                Relation::AtLeast => value.compare(number(&against)?).is_ge(),
                Relation::AtMost => value.compare(number(&against)?).is_le(),
            };
            (Some(value.to_decimal(indicator.decimals.max(decimals))), agrees)
        }
        State::None | State::Hidden => (None, false),
    };
    Ok(Compared { printed, computed, wanted, agrees })
}

impl Compared {
    fn computed(&self) -> &str {
        self.computed.as_deref().unwrap_or("-")
    }

    fn relation(&self) -> &'static str {
        match self.printed.relation {
            Relation::Exact => "=",
            Relation::AtLeast => ">=",
            Relation::AtMost => "<=",
        }
    }

    fn verdict(&self) -> &'static str {
        if self.agrees { "agrees" } else { "DIFFERS" }
    }
}

fn write_text(compared: &[Compared], out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{:<31} {:>12}    {:>12}           what it is", "figure", "computed", "printed")?;
    for it in compared {
        let Printed { id, zh, en, value, .. } = &it.printed;
        let (computed, relation, verdict) = (it.computed(), it.relation(), it.verdict());
        write!(out, "{id:<31} {computed:>12} {relation:<2} {value:>12}  {verdict:<7}  {zh} {en}")?;
        match &it.wanted {
            Some(wanted) => {
                writeln!(out, "; this demo city holds a share of the residents, {wanted} of {value}")?
            }
            None => writeln!(out)?,
        }
    }
    let agree = compared.iter().filter(|it| it.agrees).count();
    writeln!(out, "{agree} of {} figures agree", compared.len())
}

fn write_csv(compared: &[Compared], out: impl io::Write) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "figure",
        "zh",
        "en",
        "computed",
        "relation",
        "printed",
        "wanted_of_this_demo",
        "agrees",
    ])?;
    for it in compared {
        let Printed { id, zh, en, value, .. } = &it.printed;
        let wanted = it.wanted.as_deref().unwrap_or_default();
        let agrees = if it.agrees { "yes" } else { "no" };
        let row = [id, zh, en, it.computed(), it.relation(), value, wanted, agrees];
        csv.write_record(row)?;
    }
    Ok(csv.flush()?)
}
