use std::{collections::BTreeSet, path::PathBuf};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use gridplan::{
    Demand, Effort, Fabric, Figures, GroundRules, Holding, LoadRule, Map, Old, Plan, Proof, Remark, Weights,
    plane::Frame,
};

use super::{
    read::{self, Properties},
    report,
    voice::Voice,
    watch::Patience,
    write,
};

/// Cut communities into grids.
#[derive(Args, Debug)]
pub struct PlanArguments {
    /// Blocks: polygons as GeoJSON (plain or .gz), GeoPackage (FILE.gpkg|layername=NAME where it has several layers) or
    /// FlatGeobuf.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["streets", "nodes"])]
    blocks: Option<PathBuf>,
    /// Streets and barriers, cut into blocks: lines as GeoJSON, GeoPackage, FlatGeobuf or OpenStreetMap's PBF.
    #[arg(long, value_name = "FILE", conflicts_with = "nodes")]
    streets: Option<PathBuf>,
    /// Where households live, with --streets or, where no streets are known, with --communities alone: points or buildings
    /// in one of these formats; of OpenStreetMap's PBF the buildings with the tag that --weight names.
    #[arg(long, visible_alias = "buildings", value_name = "FILE", conflicts_with_all = ["blocks", "nodes"])]
    points: Option<PathBuf>,
    /// Communities, with --streets or --points: polygons as GeoJSON, GeoPackage or FlatGeobuf.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["blocks", "nodes"])]
    communities: Option<PathBuf>,
    /// A bare graph: CSV `id,…,population`.
    #[arg(long, value_name = "FILE", requires = "edges")]
    nodes: Option<PathBuf>,
    /// Its edges: CSV `a,b`.
    #[arg(long, value_name = "FILE", requires = "nodes")]
    edges: Option<PathBuf>,
    /// The plan in force, CSV `block_id,grid_id`: plan anew from it.
    #[arg(long, value_name = "FILE")]
    old: Option<PathBuf>,
    /// Grids of the plan in force that stay as they are.
    #[arg(long, value_name = "GRID", requires = "old", value_delimiter = ',')]
    freeze: Vec<String>,
    /// Households in a grid.
    #[arg(long, default_value_t = 300.0)]
    target: f64,
    /// 0.1 is ±10 %.
    #[arg(long, default_value_t = 0.1)]
    tolerance: f64,
    /// A fixed number of grids, across communities; the target is then the mean.
    #[arg(long, value_name = "NUMBER")]
    grids: Option<u32>,
    #[arg(long, value_enum, default_value_t = Objective::Balanced)]
    objective: Objective,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; all cores without it. The plan is the same.
    #[arg(long, value_name = "NUMBER")]
    threads: Option<usize>,
    /// End the search after so many seconds, with the best so far.
    #[arg(long)]
    seconds: Option<u64>,
    /// The property that is a block's id, or a community's name.
    #[arg(long, value_name = "NAME", default_value = "block_id")]
    id_property: String,
    /// The property that counts households.
    #[arg(long, value_name = "NAME", default_value = "households")]
    weight: String,
    /// The property that names a block's community.
    #[arg(long, value_name = "NAME", default_value = "community")]
    community_property: String,
    /// CSV `block_id,grid_id`.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The grids as GeoJSON.
    #[arg(long, value_name = "FILE")]
    shapes: Option<PathBuf>,
    /// A report with map and figures, as HTML.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Objective {
    /// Balance, boundary on streets, compactness.
    Balanced,
    /// The fewest borders between grids.
    CutEdges,
}

pub fn run(arguments: &PlanArguments, mut voice: Voice<'_>) -> anyhow::Result<()> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = arguments.threads {
        pool = pool.num_threads(threads);
    }
    pool.build()?.install(|| planned(arguments, &mut voice))
}

fn planned(arguments: &PlanArguments, voice: &mut Voice<'_>) -> anyhow::Result<()> {
    let (map, fabric) = ground(arguments, voice)?;
    let demand = demand(arguments, &map);
    let (plan, names) = match &arguments.old {
        Some(_) => replanned(arguments, &map, &demand, voice)?,
        None => {
            let watch = Patience::new("Planning", arguments.seconds);
            let plan = gridplan::plan(&map, &demand, &watch)?;
            let names = (1..=plan.grids.len()).map(|number| number.to_string()).collect();
            (plan, names)
        }
    };
    tell(&map, &plan, &names, voice);
    write::assignment(&arguments.out, &map, &plan, &names)?;
    let outlines = fabric.map(|fabric| fabric.outlines(&plan.grid_of, plan.grids.len()));
    if let Some(path) = &arguments.shapes {
        let outlines = outlines.as_deref().context("a bare graph has no shapes")?;
        write::shapes(path, &map, &plan, &names, outlines)?;
    }
    if let Some(path) = &arguments.report {
        write::text(path, &report::of_plan(&map, &plan, &names, outlines.as_deref().unwrap_or_default()))?;
    }
    Ok(())
}

fn ground(arguments: &PlanArguments, voice: &mut Voice<'_>) -> anyhow::Result<(Map, Option<Fabric>)> {
    if let Some(nodes) = &arguments.nodes {
        return Ok((read::graph(nodes, read::required(arguments.edges.as_ref(), "edges")?)?, None));
    }
    if let Some(path) = &arguments.blocks {
        let properties = Properties {
            id: arguments.id_property.clone(),
            households: arguments.weight.clone(),
            community: arguments.community_property.clone(),
        };
        let blocks = read::blocks(path, &properties, voice)?;
        let frame = read::frame(blocks.iter().flat_map(|block| block.rings.iter().flatten()))?;
        let (fabric, claims) = Fabric::of_blocks(&blocks, frame)?;
        for claim in &claims {
            let ids: Vec<&str> = claim.blocks.iter().map(|block| blocks[*block].id.as_str()).collect();
            voice.aside(format_args!(
                "blocks {} overlap by {:.2} m²: the first has it",
                ids.join(" and "),
                claim.area
            ));
        }
        for (block, at) in fabric.self_crossings() {
            let [longitude, latitude] = Frame::degrees(at);
            voice.aside(format_args!(
                "block {} crosses or touches itself at {longitude}, {latitude}: what its outline encloses is taken",
                blocks[block].id
            ));
        }
        let holding =
            |block: gridplan::Block| Holding { id: block.id, community: block.community, loads: block.loads };
        let map = fabric.map(blocks.into_iter().map(holding).collect())?;
        return Ok((map, Some(fabric)));
    }
    let is_told =
        arguments.streets.is_some() || (arguments.points.is_some() && arguments.communities.is_some());
    ensure!(
        is_told,
        "say what is to be cut: --blocks FILE, --streets FILE, --points FILE --communities FILE, or --nodes FILE --edges FILE"
    );
    cut(arguments, voice)
}

/// Households in a block, of those in a grid, above which it is split between its doors: along streets few blocks are; where
/// none are known the ground is nothing but doors, and so fine that grids can be put together from it.
const SPLIT_ABOVE: [f64; 2] = [1.0 / 2.0, 1.0 / 12.0];

fn cut(arguments: &PlanArguments, voice: &mut Voice<'_>) -> anyhow::Result<(Map, Option<Fabric>)> {
    let streets = match &arguments.streets {
        Some(path) => read::streets(path, voice)?,
        None => Vec::new(),
    };
    let doors = match &arguments.points {
        Some(path) => read::doors(path, &arguments.weight, voice)?,
        None => Vec::new(),
    };
    let communities = match &arguments.communities {
        Some(path) => read::communities(path, &arguments.id_property, voice)?,
        None => Vec::new(),
    };
    let corners = communities.iter().flat_map(|it| it.rings.iter().flatten());
    let frame = read::frame(streets.iter().flat_map(|street| &street.nodes).chain(corners))?;
    let part = SPLIT_ABOVE[usize::from(arguments.streets.is_none())];
    let rules = GroundRules { split_above: (arguments.target * part) as u64, ..GroundRules::default() };
    let ground = gridplan::cut(&streets, &communities, &doors, frame, rules)?;
    voice.aside(format_args!(
        "{} faces, {} welded, {} split between buildings: {} blocks",
        ground.faces,
        ground.welded,
        ground.split,
        ground.holdings.len()
    ));
    if !ground.unplaced.is_empty() {
        voice.aside(format_args!(
            "{} of {} doors lie in no community and are left out",
            ground.unplaced.len(),
            doors.len()
        ));
    }
    for claim in &ground.claims {
        let [longitude, latitude] = Frame::degrees(claim.place);
        voice.aside(format_args!(
            "communities overlap by {:.2} m² at {longitude}, {latitude}: the first has it",
            claim.area
        ));
    }
    Ok((ground.fabric.map(ground.holdings)?, Some(ground.fabric)))
}

fn demand(arguments: &PlanArguments, map: &Map) -> Demand {
    let communities: BTreeSet<&str> = map.atoms().iter().map(|atom| atom.community.as_str()).collect();
    let weights = match arguments.objective {
        Objective::Balanced => Weights::default(),
        Objective::CutEdges => Weights {
            off_street: 0.0,
            compactness: 0.0,
            roundness: 0.0,
            crossings: 0.0,
            radius: 0.0,
            ..Weights::default()
        },
    };
    Demand {
        loads: vec![LoadRule { target: Some(arguments.target), tolerance: arguments.tolerance, weight: 1.0 }],
        grids: arguments.grids,
        nested: arguments.grids.is_none() && communities.len() > 1,
        weights,
        seed: arguments.seed,
        effort: match arguments.objective {
            Objective::Balanced => Effort::within_patience(map.atoms().len()),
            // A bare graph is small, and its few parts are easily caught in a poor shape.
            Objective::CutEdges => Effort { starts: 64, trials_per_atom: 10_000, ..Effort::default() },
        },
        ..Demand::default()
    }
}

/// The usual option; all of them are told.
fn replanned(
    arguments: &PlanArguments,
    map: &Map,
    demand: &Demand,
    voice: &mut Voice<'_>,
) -> anyhow::Result<(Plan, Vec<String>)> {
    let assignment = read::assignment(read::required(arguments.old.as_ref(), "old")?)?;
    let known: BTreeSet<&str> = map.atoms().iter().map(|atom| atom.id.as_str()).collect();
    let gone = assignment.keys().filter(|block| !known.contains(block.as_str())).count();
    if gone > 0 {
        voice.aside(format_args!("{gone} blocks of the old plan are not there any more"));
    }
    let ids: Vec<&String> = assignment.values().collect::<BTreeSet<_>>().into_iter().collect();
    let number = |id: &String| ids.binary_search(&id).ok();
    let grid_of = map.atoms().iter().map(|atom| assignment.get(&atom.id).and_then(number)).collect();
    let mut old = Old { grid_of, ..Old::default() };
    for id in &arguments.freeze {
        old.frozen.insert(number(id).with_context(|| format!("the old plan has no grid `{id}`"))?);
    }
    let replan = gridplan::replan(map, demand, &old, &Patience::new("Planning anew", arguments.seconds))?;
    voice.say(format_args!(
        "at least {} households move in any plan that keeps the band (certified)",
        replan.moved_least
    ));
    voice.say(format_args!("moved\tbeyond\tworst"));
    for option in &replan.options {
        voice.say(format_args!("{}\t{}\t{:.3}", option.moved, option.beyond, option.deviation_worst));
    }
    let best = replan.usual().context("there is no plan")?;
    let names = best.goes_on.iter().enumerate();
    let names =
        names.map(|(grid, old)| old.map_or(format!("new-{}", grid + 1), |old| ids[old].clone())).collect();
    Ok((best.plan.clone(), names))
}

fn tell(map: &Map, plan: &Plan, names: &[String], voice: &mut Voice<'_>) {
    let figures = Figures::of(map, plan);
    voice.say(format_args!(
        "{} grids ({} special), {} empty, {} stray parts, {:.1} % in the band, worst deviation {:.3}",
        figures.grids,
        figures.special,
        figures.empty,
        figures.stray_parts,
        100.0 * figures.in_band,
        figures.deviation_worst
    ));
    voice.say(format_args!(
        "boundary {:.1} km in {} borders, {:.1} % of it on no street, roundness {:.3}, mean radius {:.0} m",
        figures.boundary / 1000.0,
        figures.cut,
        100.0 * figures.off_street,
        figures.polsby_popper_mean,
        figures.radius_mean
    ));
    for out in plan.out_of_band() {
        voice.say(format_args!(
            "grid {} has {} households: {}",
            names[out.grid],
            out.households,
            report::reason(out.reason)
        ));
    }
    for community in &plan.communities {
        for piece in &community.pieces {
            let gap = piece
                .distance_gap
                .map(|gap| format!(", distances at most {:.1} % above the shortest", 100.0 * gap.part()));
            let proof = match piece.proof {
                Proof::Best => ", proven best",
                Proof::NoneInBand => ", proven to have no division in the band",
                Proof::Open => "",
            };
            voice.say(format_args!(
                "{}: {} households, {} grids{proof}{}",
                community.name,
                piece.households,
                piece.grids,
                gap.unwrap_or_default()
            ));
        }
        for remark in &community.remarks {
            voice.say(format_args!("{}: {}", community.name, remarked(map, remark)));
        }
    }
    if !plan.complete {
        voice.say(format_args!("cut short: this is the best so far"));
    }
}

fn remarked(map: &Map, remark: &Remark) -> String {
    let id = |atom: &usize| map.atoms()[*atom].id.as_str();
    match remark {
        Remark::AboveBand { atom, households } => {
            format!("block {} has {households} households: a special grid", id(atom))
        }
        Remark::CutOff { atoms, households } => {
            format!(
                "{} blocks with {households} households are cut off by a special grid and join it",
                atoms.len()
            )
        }
        Remark::Island { households, from, to, .. } => {
            format!(
                "an island with {households} households at block {} belongs to the grid of block {}",
                id(from),
                id(to)
            )
        }
        Remark::NeverInBand { atom, nearest } => {
            format!(
                "block {} fits no grid in the band; the nearest has {nearest} households (all were looked at)",
                id(atom)
            )
        }
    }
}
