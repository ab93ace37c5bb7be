use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;
use gridplan::audit::{Drawn, ShapeAudit, audit_shapes};

use super::{read, report, voice::Voice, write};

/// Judge grids that somebody drew.
#[derive(Args, Debug)]
pub struct AuditArguments {
    /// Grids: polygons as GeoJSON (plain or .gz), GeoPackage (FILE.gpkg|layername=NAME where it has several layers) or
    /// FlatGeobuf.
    #[arg(long, value_name = "FILE")]
    grids: PathBuf,
    /// Communities in which the grids have to lie, in one of these formats.
    #[arg(long, value_name = "FILE")]
    communities: Option<PathBuf>,
    /// The property that is an id.
    #[arg(long, value_name = "NAME", default_value = "block_id")]
    id_property: String,
    /// The report, as HTML.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The grids with every proposed repair applied, as GeoJSON.
    #[arg(long, value_name = "FILE")]
    repaired: Option<PathBuf>,
}

pub fn run(arguments: &AuditArguments, mut voice: Voice<'_>) -> anyhow::Result<()> {
    let grids = read::grids(&arguments.grids, &arguments.id_property, &mut voice)?;
    let communities: Vec<Drawn> = match &arguments.communities {
        Some(path) => read::grids(path, &arguments.id_property, &mut voice)?,
        None => Vec::new(),
    };
    let frame = read::frame(grids.iter().flat_map(|grid| grid.rings.iter().flatten()))?;
    let audit: ShapeAudit = audit_shapes(&grids, &communities, frame)?;
    let groups: Vec<usize> = (0..grids.len()).collect();
    let outlines = audit.repaired.outlines(&groups, grids.len());
    let names: Vec<String> = grids.iter().map(|grid| grid.id.clone()).collect();
    voice.say(format_args!("{} grids, {} findings", grids.len(), audit.findings.len()));
    for (ailment, count) in report::counts(&audit) {
        voice.say(format_args!("{count} × {ailment}"));
    }
    write::text(&arguments.out, &report::of_audit(&audit, frame, &names, &outlines))?;
    if let Some(path) = &arguments.repaired {
        let shapes: BTreeMap<String, _> = names.into_iter().zip(outlines).collect();
        write::outlines(path, &shapes)?;
    }
    Ok(())
}
