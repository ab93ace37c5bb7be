//! Reports that stand alone: no script, no other file, printable.

use std::{collections::BTreeMap, fmt::Write};

use gridplan::{
    Figures, GridFigures, GridKind, Map, Plan, Reason,
    audit::{Ailment, ShapeAudit, Unit},
    plane::{Frame, Node, Polygon},
};

/// Pixels of the map's longer side.
const MAP_PIXELS: f64 = 900.0;
/// Rows of a table of findings.
const ROWS_MAX: usize = 2_000;
/// Bars of the chart of deviations: their width as a part of the target, and how many on each side.
const BAR: f64 = 0.02;
const BARS_PER_SIDE: i64 = 10;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}\
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d5dae0}\
td.n{text-align:right;font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto}h2{margin-top:2rem}";

pub fn of_plan(map: &Map, plan: &Plan, names: &[String], outlines: &[Vec<Polygon>]) -> String {
    let figures = Figures::of(map, plan);
    let each = GridFigures::of(map, plan);
    let mut body = String::new();
    let mut row = |name: &str, value: String| {
        let _ = write!(body, "<tr><th>{name}</th><td class=n>{value}</td></tr>");
    };
    row("Grids", format!("{} ({} special)", figures.grids, figures.special));
    row("Empty grids, stray parts", format!("{}, {}", figures.empty, figures.stray_parts));
    row("In the band", format!("{:.1} %", 100.0 * figures.in_band));
    row("Worst deviation", format!("{:.1} %", 100.0 * figures.deviation_worst));
    row("Boundary between grids", format!("{:.1} km", figures.boundary / 1000.0));
    row("Boundary on no street", format!("{:.1} %", 100.0 * figures.off_street));
    row("Barriers inside grids", format!("{:.1} km", figures.crossings / 1000.0));
    row("Mean roundness (Polsby–Popper)", format!("{:.3}", figures.polsby_popper_mean));
    row("Mean and longest radius", format!("{:.0} m, {:.0} m", figures.radius_mean, figures.radius_worst));
    let mut text = format!("<h1>Grid plan</h1><table>{body}</table>");
    if !plan.complete {
        text.push_str("<p><strong>The search was cut short: this is the best so far.</strong></p>");
    }
    let ordinary = |grid: &usize| plan.grids[*grid].kind == GridKind::Ordinary;
    let colour = |grid: usize| shade(each[grid].deviation, plan.grids[grid].kind);
    let _ = write!(
        text,
        "<h2>Map</h2><p>Blue holds fewer than the target, red more, grey is a special grid.</p>{}",
        drawn(outlines, names, colour)
    );
    let deviations: Vec<f64> = (0..each.len()).filter(ordinary).map(|grid| each[grid].deviation).collect();
    let _ = write!(text, "<h2>Deviations</h2>{}", chart(&deviations));
    text.push_str("<h2>Out of the band</h2>");
    let out = plan.out_of_band();
    if out.is_empty() {
        text.push_str("<p>None.</p>");
    } else {
        text.push_str("<table><tr><th>Grid</th><th>Households</th><th>Why</th></tr>");
        for out in out {
            let _ = write!(
                text,
                "<tr><td>{}</td><td class=n>{}</td><td>{}</td></tr>",
                escaped(&names[out.grid]),
                out.households,
                reason(out.reason)
            );
        }
        text.push_str("</table>");
    }
    page("Grid plan", &text)
}

pub fn of_audit(audit: &ShapeAudit, frame: Frame, names: &[String], outlines: &[Vec<Polygon>]) -> String {
    let mut text = String::from("<h1>Grid audit</h1><table><tr><th>What</th><th>How often</th></tr>");
    for (ailment, count) in counts(audit) {
        let _ = write!(text, "<tr><td>{ailment}</td><td class=n>{count}</td></tr>");
    }
    text.push_str("</table>");
    let ill: Vec<usize> = audit.findings.iter().flat_map(|finding| finding.grids.iter().copied()).collect();
    let colour = |grid: usize| if ill.contains(&grid) { "#f0a58f".to_owned() } else { "#e8edf2".to_owned() };
    let _ = write!(
        text,
        "<h2>Map</h2><p>Grids with a finding are red; repairs are applied.</p>{}",
        drawn(outlines, names, colour)
    );
    text.push_str("<h2>Findings</h2><table><tr><th>What</th><th>Size</th><th>Grids</th><th>Longitude, latitude</th><th>Repair</th></tr>");
    for finding in audit.findings.iter().take(ROWS_MAX) {
        let grids: Vec<String> = finding.grids.iter().take(8).map(|grid| escaped(&names[*grid])).collect();
        let [longitude, latitude] = degrees(frame, finding.place);
        let _ = write!(
            text,
            "<tr><td>{}</td><td class=n>{}</td><td>{}</td><td class=n>{longitude:.6}, {latitude:.6}</td><td>{}</td></tr>",
            named(finding.ailment),
            sized(finding.size, finding.ailment.unit()),
            grids.join(", "),
            match (finding.ailment, finding.repair.is_empty()) {
                (Ailment::MismatchedEdge, _) => "corners put in",
                (_, false) => "given to one grid",
                (_, true) => "none proposed",
            }
        );
    }
    text.push_str("</table>");
    if audit.findings.len() > ROWS_MAX {
        let _ = write!(text, "<p>The first {ROWS_MAX} of {}.</p>", audit.findings.len());
    }
    page("Grid audit", &text)
}

/// How often each ailment was found.
pub fn counts(audit: &ShapeAudit) -> Vec<(&'static str, usize)> {
    let mut counts: BTreeMap<Ailment, usize> = BTreeMap::new();
    for finding in &audit.findings {
        *counts.entry(finding.ailment).or_default() += 1;
    }
    counts.into_iter().map(|(ailment, count)| (named(ailment), count)).collect()
}

pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Special => "one block alone is above the band",
        Reason::Frozen => "it was not to be touched",
        Reason::Total => "its community's total cannot be divided into grids in the band",
        Reason::Atom => "it has a block that fits no grid in the band (proven)",
        Reason::Proven => "no division of its community keeps the band (proven)",
        Reason::NotFound => "the search found none in the band (not proven)",
    }
}

fn named(ailment: Ailment) -> &'static str {
    match ailment {
        Ailment::SliverGap => "sliver in no grid",
        Ailment::Gap => "ground in no grid",
        Ailment::Hole => "hole, perhaps somebody else's ground",
        Ailment::SliverOverlap => "sliver in two grids",
        Ailment::Overlap => "ground in two grids",
        Ailment::MismatchedEdge => "corner that the neighbour lacks",
        Ailment::Stray => "part away from the rest of its grid",
        Ailment::CornerContact => "part that meets its grid in a corner only",
        Ailment::Enclave => "grid wholly inside another",
        Ailment::OutsideCommunity => "ground outside its community",
        Ailment::InNoGrid => "block in no grid",
        Ailment::Empty => "grid in which nobody lives",
        Ailment::Imbalance => "households beyond the band",
        Ailment::OffStreet => "border on no street",
        Ailment::TooWide => "too wide",
        Ailment::BarrierInside => "barrier inside",
    }
}

fn sized(size: f64, unit: Unit) -> String {
    match unit {
        Unit::SquareMetres => format!("{size:.2} m²"),
        Unit::Metres => format!("{size:.0} m"),
        Unit::Households => format!("{size:.0} households"),
        Unit::Places => format!("{size:.0} places"),
    }
}

fn degrees(frame: Frame, place: [f64; 2]) -> [f64; 2] {
    let node = Node {
        x: frame.origin.x + (place[0] / frame.metres[0]).round() as i64,
        y: frame.origin.y + (place[1] / frame.metres[1]).round() as i64,
    };
    Frame::degrees(node)
}

fn shade(deviation: f64, kind: GridKind) -> String {
    if kind != GridKind::Ordinary {
        return "#b9bfc6".to_owned();
    }
    let part = (deviation.abs() / 0.2).min(1.0);
    let fade = (240.0 - 110.0 * part) as u8;
    if deviation < 0.0 { format!("rgb({fade},{fade},240)") } else { format!("rgb(240,{fade},{fade})") }
}

/// The outlines as a picture, north up. Nothing where there are none.
fn drawn(outlines: &[Vec<Polygon>], names: &[String], colour: impl Fn(usize) -> String) -> String {
    let nodes = || outlines.iter().flatten().flat_map(|polygon| &polygon.outer);
    let span = |axis: fn(&Node) -> i64| Some((nodes().map(axis).min()?, nodes().map(axis).max()?));
    let (Some((west, east)), Some((south, north))) = (span(|node| node.x), span(|node| node.y)) else {
        return String::new();
    };
    let narrow = ((south + north) as f64 / 2e7).to_radians().cos();
    let (wide, high) = ((east - west) as f64 * narrow, (north - south) as f64);
    let scale = MAP_PIXELS / wide.max(high).max(1.0);
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {:.0} {:.0}' role='img' aria-label='Map of the grids'>",
        wide * scale,
        high * scale
    );
    for (grid, outline) in outlines.iter().enumerate() {
        let _ = write!(
            svg,
            "<path fill-rule='evenodd' stroke='#3a4149' stroke-width='.7' fill='{}' d='",
            colour(grid)
        );
        for ring in
            outline.iter().flat_map(|polygon: &Polygon| std::iter::once(&polygon.outer).chain(&polygon.holes))
        {
            for (index, node) in ring.iter().enumerate() {
                let step = if index == 0 { 'M' } else { 'L' };
                let x = (node.x - west) as f64 * narrow * scale;
                let y = (north - node.y) as f64 * scale;
                let _ = write!(svg, "{step}{x:.1} {y:.1}");
            }
            svg.push('Z');
        }
        let _ = write!(svg, "'><title>{}</title></path>", escaped(&names[grid]));
    }
    svg + "</svg>"
}

/// How many grids deviate by how much; the ends hold all beyond them.
fn chart(deviations: &[f64]) -> String {
    let mut bars = vec![0_usize; 2 * BARS_PER_SIDE as usize];
    for deviation in deviations {
        let bar = ((deviation / BAR).floor() as i64).clamp(-BARS_PER_SIDE, BARS_PER_SIDE - 1);
        bars[(bar + BARS_PER_SIDE) as usize] += 1;
    }
    let most = bars.iter().copied().max().unwrap_or(0).max(1) as f64;
    let mut svg = String::from(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 840 220' role='img' aria-label='Grids by deviation'>",
    );
    for (index, count) in bars.iter().enumerate() {
        let high = 160.0 * *count as f64 / most;
        let x = 10.0 + 41.0 * index as f64;
        let low = (index as i64 - BARS_PER_SIDE) as f64 * BAR * 100.0;
        let _ = write!(
            svg,
            "<rect x='{x:.0}' y='{:.1}' width='37' height='{high:.1}' fill='#4b7bb5'/>\
             <text x='{:.0}' y='{:.1}' font-size='12' text-anchor='middle'>{count}</text>\
             <text x='{x:.0}' y='215' font-size='12'>{low:.0} %</text>",
            195.0 - high,
            x + 18.0,
            190.0 - high,
        );
    }
    svg + "</svg>"
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'>\
         <title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
        .replace('"', "&quot;")
}
