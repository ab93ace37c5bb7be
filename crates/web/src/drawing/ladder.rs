//! The drawing for paper: a ladder. Stages stand under each other; what leads on leaves on the right, what leads back
//! on the left. Each arrow has a row of its own at its stage, where its words stand, and a track of its own beyond all
//! words: no text can lie over another, nor a line over a text.

use std::collections::BTreeMap;

use askama::Template;
use domain::case::{End, Procedure, Stage, Transition};

use super::words::{Words, lines, width};

const BOX_WIDTH_MIN: f64 = 280.0;
/// Before the words in a box, and after them.
const INDENT: f64 = 48.0;
const PADDING: f64 = 16.0;
const TITLE_SIZE: f64 = 16.0;
const TEXT_SIZE: f64 = 12.0;
/// Height of the row of an arrow, and of a line in a box.
const ROW: f64 = 28.0;
const LINE: f64 = 18.0;
/// Between two boxes, where the words of the straight arrow stand.
const GAP: f64 = 44.0;
const TRACK: f64 = 16.0;
const MARGIN: f64 = 28.0;
const HEAD: f64 = 84.0;
const FOOT: f64 = 44.0;
const END_HEIGHT: f64 = 46.0;

#[derive(Template)]
#[template(path = "drawing/ladder.svg")]
struct LadderPicture {
    language: &'static str,
    width: f64,
    height: f64,
    title: String,
    version: String,
    left: f64,
    boxes: Vec<StageBox>,
    arrows: Vec<Arrow>,
    legend: Vec<(f64, &'static str, String)>,
    legend_y: f64,
}

struct StageBox {
    /// `stage`, `closed` or `void`
    kind: &'static str,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    step: i64,
    title: String,
    /// Baseline and words of the lines under the title.
    lines: Vec<(f64, String)>,
    /// Baseline and words of the clock, and of who is told.
    clock: Vec<(f64, String)>,
}

struct Arrow {
    kind: &'static str,
    /// Data of its path.
    path: String,
    /// Data of its head; a line that joins another has none.
    head: String,
    label: Option<Caption>,
    /// Where a case comes in: the middle of its dot.
    dot: Option<(f64, f64)>,
}

struct Caption {
    x: f64,
    y: f64,
    anchor: &'static str,
    words: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Left,
    Right,
}

/// One arrow that goes round on a side.
struct Leap {
    from: usize,
    to: usize,
    side: Side,
    kind: &'static str,
    words: String,
}

/// Arrows of one kind that come to one stage share a track and a head.
type Bundle = (Side, usize, &'static str);

struct Ladder<'a> {
    words: &'a Words,
    stages: Vec<&'a Stage>,
    starts: Vec<(usize, String)>,
    /// Words of the straight arrow from each stage to the next.
    straight: Vec<Option<(&'static str, String)>>,
    leaps: Vec<Leap>,
}

pub fn draw(procedure: &Procedure, words: &Words) -> Result<String, askama::Error> {
    Ladder::new(procedure, words).picture(procedure).render()
}

/// In the order of the steps, ends last, the good one first.
pub fn in_order(procedure: &Procedure) -> Vec<&Stage> {
    let mut stages: Vec<&Stage> = procedure.stages.iter().collect();
    stages.sort_by_key(|stage| (stage.end == Some(End::Void), stage.end.is_some(), stage.step));
    stages
}

fn kind(transition: &Transition) -> &'static str {
    match transition.effect {
        _ if transition.on_timeout => "timeout",
        effect if effect.reworks => "reworks",
        effect if effect.reopens => "reopens",
        effect if effect.returns => "returns",
        _ => "forward",
    }
}

impl<'a> Ladder<'a> {
    fn new(procedure: &'a Procedure, words: &'a Words) -> Self {
        let stages = in_order(procedure);
        let place = |id: &str| stages.iter().position(|stage| stage.id == id);
        let starts = procedure.starts.iter();
        let starts = starts.filter_map(|it| Some((place(&it.stage)?, words.list(&words.roles(&it.roles)))));
        let (mut straight, mut leaps) = (Vec::new(), Vec::new());
        for (from, stage) in stages.iter().enumerate() {
            let mut down = None;
            for it in &stage.transitions {
                let Some(to) = place(&it.to) else { continue };
                let (kind, text) = (kind(it), words.arrow(stage, it));
                if to == from + 1 && kind == "forward" && down.is_none() {
                    down = Some((kind, text));
                } else {
                    let side = if to <= from { Side::Left } else { Side::Right };
                    leaps.push(Leap { from, to, side, kind, words: text });
                }
            }
            straight.push(down);
        }
        Self { words, starts: starts.collect(), straight, leaps, stages }
    }

    fn bundles(&self, to: usize, side: Side) -> Vec<Bundle> {
        let mut found: Vec<Bundle> = self
            .leaps
            .iter()
            .filter(|it| it.to == to && it.side == side)
            .map(|it| (side, to, it.kind))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn rows(&self, stage: usize, side: Side) -> usize {
        let leaving = self.leaps.iter().filter(|it| it.from == stage && it.side == side).count();
        let starting = self.starts.iter().filter(|(at, _)| *at == stage && side == Side::Left).count();
        self.bundles(stage, side).len() + leaving + starting
    }

    /// Wide enough for each stage's title, clock and who is told.
    fn box_width(&self) -> f64 {
        let of = |stage: &&Stage| {
            let title = width(&self.words.label(&stage.label)) * TITLE_SIZE;
            let clock = self.words.clock(stage).into_iter().chain(self.words.alarms(stage));
            let clock = clock.chain(self.words.reliefs(stage));
            clock.map(|it| width(&it) * TEXT_SIZE).fold(title, f64::max) + INDENT + PADDING
        };
        self.stages.iter().map(of).fold(BOX_WIDTH_MIN, f64::max)
    }

    fn picture(&self, procedure: &Procedure) -> LadderPicture {
        let reach = |side: Side| {
            let leaping = self.leaps.iter().filter(|it| it.side == side).map(|it| it.words.as_str());
            let starting = self.starts.iter().filter(|_| side == Side::Left).map(|(_, words)| words.as_str());
            let widest = leaping.chain(starting).map(|it| width(it) * TEXT_SIZE).fold(60.0, f64::max);
            widest + 26.0
        };
        let tracks = self.tracks();
        let most =
            |side: Side| tracks.iter().filter(|(it, _)| it.0 == side).map(|(_, track)| track + 1).max();
        let beyond = |side: Side| reach(side) + most(side).map_or(0.0, |most| (most as f64 + 0.5) * TRACK);
        let left = MARGIN + beyond(Side::Left);
        let box_width = self.box_width();
        let boxes = self.boxes(left, box_width);
        let bottom = boxes.last().map_or(HEAD, |it| it.y + it.height);
        let arrows =
            self.arrows(&boxes, &tracks, [left - reach(Side::Left), left + box_width + reach(Side::Right)]);
        let legend = self.legend();
        let legend_width = legend.last().map_or(0.0, |(x, _, words)| x + 34.0 + width(words) * TEXT_SIZE);
        let title = self.words.label(&procedure.label);
        LadderPicture {
            language: self.words.t.language.tag(),
            width: (left + box_width + beyond(Side::Right)).max(legend_width) + MARGIN,
            height: bottom + FOOT + MARGIN,
            version: format!("{} · {}", procedure.id, self.words.version(procedure)),
            title,
            left: MARGIN,
            boxes,
            arrows,
            legend,
            legend_y: bottom + FOOT,
        }
    }

    fn boxes(&self, x: f64, box_width: f64) -> Vec<StageBox> {
        let mut y = HEAD;
        let mut boxes = Vec::new();
        for (index, stage) in self.stages.iter().enumerate() {
            let comma = self.words.t.say("list-comma");
            // Who opens an end again stands at the arrow: nobody has to act there.
            let actors = if stage.end.is_some() { Vec::new() } else { self.words.actors(stage) };
            let actors = lines(&actors, &comma, (box_width - INDENT - PADDING) / TEXT_SIZE);
            let mut clock: Vec<String> = self.words.clock(stage).into_iter().collect();
            clock.extend(self.words.alarms(stage));
            clock.extend(self.words.reliefs(stage));
            let base = y + 27.0;
            let at = |line: usize| base + LINE * (line as f64 + 1.0) + 2.0;
            let content = 44.0 + LINE * (actors.len() + clock.len()) as f64;
            let rows = self.rows(index, Side::Left).max(self.rows(index, Side::Right)) as f64;
            let (kind, content) = match stage.end {
                Some(End::Closed) => ("closed", END_HEIGHT),
                Some(End::Void) => ("void", END_HEIGHT),
                None => ("stage", content),
            };
            let height = content.max(ROW * rows + 12.0);
            let told = (actors.len()..).map(at);
            boxes.push(StageBox {
                kind,
                x,
                y,
                width: box_width,
                height,
                step: stage.step,
                title: self.words.label(&stage.label),
                clock: told.zip(clock).collect(),
                lines: (0..).map(at).zip(actors).collect(),
            });
            y += height + GAP;
        }
        boxes
    }

    /// The track of each bundle: short ones inside, none of them over another.
    fn tracks(&self) -> BTreeMap<Bundle, usize> {
        let mut spans: BTreeMap<Bundle, (usize, usize)> = BTreeMap::new();
        for it in &self.leaps {
            let span = spans.entry((it.side, it.to, it.kind)).or_insert((it.to, it.to));
            *span = (span.0.min(it.from), span.1.max(it.from));
        }
        let mut order: Vec<_> = spans.into_iter().collect();
        order.sort_by_key(|(bundle, (first, last))| (last - first, *bundle));
        let mut taken: Vec<(Side, usize, (usize, usize))> = Vec::new();
        let mut tracks = BTreeMap::new();
        for (bundle, span) in order {
            let is_free = |track: &usize| {
                taken.iter().all(|(side, at, other)| {
                    *side != bundle.0 || at != track || other.1 < span.0 || span.1 < other.0
                })
            };
            let track = (0..).find(is_free).unwrap_or(0);
            taken.push((bundle.0, track, span));
            tracks.insert(bundle, track);
        }
        tracks
    }

    /// `edges` is where the words end, left and right of the boxes.
    fn arrows(&self, boxes: &[StageBox], tracks: &BTreeMap<Bundle, usize>, edges: [f64; 2]) -> Vec<Arrow> {
        let mut arrows = self.straight_arrows(boxes);
        // The middle of each row, from the top: what comes in, what starts, what leaves.
        let row = |stage: usize, side: Side, row: usize| {
            let it = &boxes[stage];
            let rows = self.rows(stage, side) as f64;
            it.y + (it.height - rows * ROW) / 2.0 + ROW * (row as f64 + 0.5) + 4.0
        };
        let side_of = |side: Side| match side {
            Side::Left => (boxes.first().map_or(0.0, |it| it.x), -1.0, edges[0], "end"),
            Side::Right => (boxes.first().map_or(0.0, |it| it.x + it.width), 1.0, edges[1], "start"),
        };
        for (index, (stage, words)) in self.starts.iter().enumerate() {
            let before = self.starts[..index].iter().filter(|(at, _)| at == stage).count();
            let y = row(*stage, Side::Left, self.bundles(*stage, Side::Left).len() + before);
            let (x, _, edge, _) = side_of(Side::Left);
            let from = edge + 4.0;
            arrows.push(Arrow {
                kind: "start",
                path: format!("M{from:.1} {y:.1}H{:.1}", x - 7.0),
                head: head(x, y, 1.0),
                label: Some(Caption { x: x - 12.0, y: y - 5.0, anchor: "end", words: words.clone() }),
                dot: Some((from, y)),
            });
        }
        for (index, it) in self.leaps.iter().enumerate() {
            let (x, away, edge, anchor) = side_of(it.side);
            let bundle = (it.side, it.to, it.kind);
            let track = edge + away * TRACK * (tracks.get(&bundle).copied().unwrap_or(0) as f64 + 0.5);
            let earlier = |other: &&Leap| other.from == it.from && other.side == it.side;
            let starting =
                self.starts.iter().filter(|(at, _)| *at == it.from && it.side == Side::Left).count();
            let leaving = self.leaps[..index].iter().filter(earlier).count();
            let from = row(it.from, it.side, self.bundles(it.from, it.side).len() + starting + leaving);
            let port = self.bundles(it.to, it.side).iter().position(|it| *it == bundle).unwrap_or(0);
            let to = row(it.to, it.side, port);
            arrows.push(Arrow {
                kind: it.kind,
                path: format!("M{x:.1} {from:.1}H{track:.1}V{to:.1}H{:.1}", x + away * 7.0),
                head: head(x, to, -away),
                label: Some(Caption { x: x + away * 12.0, y: from - 5.0, anchor, words: it.words.clone() }),
                dot: None,
            });
        }
        arrows
    }

    fn straight_arrows(&self, boxes: &[StageBox]) -> Vec<Arrow> {
        let pairs = boxes.iter().zip(boxes.iter().skip(1)).zip(&self.straight);
        let arrow =
            |((above, below), straight): ((&StageBox, &StageBox), &Option<(&'static str, String)>)| {
                let (kind, words) = straight.as_ref()?;
                let (x, from, to) = (above.x + above.width / 2.0, above.y + above.height, below.y);
                Some(Arrow {
                    kind,
                    path: format!("M{x:.1} {from:.1}V{:.1}", to - 7.0),
                    head: format!("M{x:.1} {to:.1}l-5 -9h10z"),
                    label: Some(Caption {
                        x: x + 12.0,
                        y: from + GAP / 2.0 + 4.0,
                        anchor: "start",
                        words: words.clone(),
                    }),
                    dot: None,
                })
            };
        pairs.filter_map(arrow).collect()
    }

    fn legend(&self) -> Vec<(f64, &'static str, String)> {
        let mut x = MARGIN;
        let mut legend = Vec::new();
        for kind in ["forward", "returns", "reworks", "reopens", "timeout"] {
            let there = self.leaps.iter().any(|it| it.kind == kind) || kind == "forward";
            if there {
                let words = self.words.t.say(&format!("drawing-{kind}"));
                let next = x + 44.0 + width(&words) * TEXT_SIZE + 22.0;
                legend.push((x, kind, words));
                x = next;
            }
        }
        legend
    }
}

/// The head of an arrow whose point is at the edge of a box; it looks along `direction`.
fn head(x: f64, y: f64, direction: f64) -> String {
    format!("M{x:.1} {y:.1}l{:.1} -5v10z", -9.0 * direction)
}
