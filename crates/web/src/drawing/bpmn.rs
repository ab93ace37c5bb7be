//! The procedure as BPMN 2.0: a pool with a lane for each party, a user task for each stage, a gateway where a stage
//! has several ways on, a timer at each clock. Each stage has a column of its own, so that nothing lies over anything;
//! flows that do not lead to the next column run above the pool's lanes (back) or below them (on).

mod window;

use std::collections::BTreeMap;

use askama::Template;
use domain::{
    calendar::LimitKind,
    case::{Clock, Procedure, Stage, Transition},
};

use super::{ladder::in_order, words::Words};

/// The language of a flow's condition: the id of the transition that is taken, or of the stage that a case starts at.
const CONDITION_LANGUAGE: &str = "urn:olzii:transition";
/// What stands for the limit of a case's class: an ISO 8601 duration in this variable.
const CLASS_LIMIT: &str = "${environment.variables.class_limit}";

const LANE_HEIGHT: i64 = 190;
const COLUMN_WIDTH: i64 = 290;
const FIRST_COLUMN: i64 = 330;
const TASK: (i64, i64) = (140, 80);
const GATEWAY: i64 = 50;
const EVENT: i64 = 36;
const TRACK: i64 = 26;
/// The pool's own heading and the lanes'.
const HEADING: i64 = 30;
const LEFT: i64 = 60;

#[derive(Template)]
#[template(path = "drawing/bpmn.xml")]
struct BpmnDocument {
    condition_language: &'static str,
    id: String,
    title: String,
    version: String,
    pool: Bounds,
    lanes: Vec<Lane>,
    nodes: Vec<Node>,
    flows: Vec<Flow>,
}

struct Lane {
    id: String,
    name: String,
    bounds: Bounds,
    nodes: Vec<String>,
}

#[derive(Clone, Copy)]
struct Bounds {
    x: i64,
    y: i64,
    width: i64,
    height: i64,
}

impl Bounds {
    fn middle(&self) -> (i64, i64) {
        (self.x + self.width / 2, self.y + self.height / 2)
    }
}

struct Node {
    id: String,
    kind: NodeKind,
    name: String,
    documentation: String,
    bounds: Bounds,
    incoming: Vec<String>,
    outgoing: Vec<String>,
}

enum NodeKind {
    Start,
    Task,
    Gateway {
        default: String,
    },
    Timer {
        task: String,
        interrupts: bool,
        duration: String,
    },
    Escalation,
    /// Waits until a case may no longer be opened again, or is.
    Window,
    /// The window of a closed case is over.
    Until {
        duration: String,
    },
    /// A closed case is opened again.
    Reopening,
    End,
}

struct Flow {
    id: String,
    from: String,
    to: String,
    name: String,
    condition: Option<String>,
    points: Vec<(i64, i64)>,
    label: Bounds,
}

pub fn draw(procedure: &Procedure, words: &Words) -> Result<String, askama::Error> {
    Board::new(procedure, words).document(procedure).render()
}

/// Where things stand while the document grows.
struct Board<'a> {
    words: &'a Words,
    stages: Vec<&'a Stage>,
    lane_names: Vec<String>,
    /// Lane of each stage.
    lane_of: Vec<usize>,
    nodes: Vec<Node>,
    flows: Vec<Flow>,
    /// Flows above and below the lanes so far, and how many come to a node from there.
    above: i64,
    below: i64,
    arrivals: BTreeMap<(String, bool), i64>,
}

impl<'a> Board<'a> {
    fn new(procedure: &'a Procedure, words: &'a Words) -> Self {
        let stages = in_order(procedure);
        let mut lane_names: Vec<String> = Vec::new();
        let mut lane_of: Vec<usize> = Vec::new();
        for stage in &stages {
            let ways = || stage.transitions.iter().filter(|_| stage.end.is_none());
            let lane = match ways().find(|it| !it.is_automatic()).or(ways().next()) {
                Some(first) => {
                    let name = words.list(&words.takers(first));
                    lane_names.iter().position(|it| *it == name).unwrap_or_else(|| {
                        lane_names.push(name);
                        lane_names.len() - 1
                    })
                }
                // An end stands where the first step towards it is taken.
                None => {
                    let leads =
                        |it: &&Stage| it.end.is_none() && it.transitions.iter().any(|it| it.to == stage.id);
                    stages.iter().position(leads).and_then(|at| lane_of.get(at).copied()).unwrap_or(0)
                }
            };
            lane_of.push(lane);
        }
        let mut board = Self {
            words,
            stages,
            lane_names,
            lane_of,
            nodes: Vec::new(),
            flows: Vec::new(),
            above: 0,
            below: 0,
            arrivals: BTreeMap::new(),
        };
        board.starts(procedure);
        (0..board.stages.len()).for_each(|at| board.stage(at));
        (0..board.stages.len()).for_each(|at| board.ways_on(at));
        board
    }

    fn column(at: usize) -> i64 {
        FIRST_COLUMN + COLUMN_WIDTH * at as i64
    }

    fn level(&self, at: usize) -> i64 {
        LANE_HEIGHT * self.lane_of[at] as i64 + LANE_HEIGHT / 2 - 15
    }

    fn node(&mut self, id: impl Into<String>, kind: NodeKind, name: String, bounds: Bounds) -> usize {
        let (documentation, incoming, outgoing) = (String::new(), Vec::new(), Vec::new());
        self.nodes.push(Node { id: id.into(), kind, name, documentation, bounds, incoming, outgoing });
        self.nodes.len() - 1
    }

    /// One start, and a gateway where those who report start at different stages.
    fn starts(&mut self, procedure: &Procedure) {
        let first =
            procedure.starts.first().and_then(|it| self.stages.iter().position(|at| at.id == it.stage));
        let y = self.level(first.unwrap_or(0));
        let bounds = Bounds { x: LEFT + 2 * HEADING + 20, y: y - EVENT / 2, width: EVENT, height: EVENT };
        self.node("start", NodeKind::Start, self.words.t.say("drawing-start"), bounds);
        if procedure.starts.len() > 1 {
            let bounds = Bounds { x: bounds.x + 80, y: y - GATEWAY / 2, width: GATEWAY, height: GATEWAY };
            let default = procedure.starts.last().map(|it| format!("start_{}", it.stage)).unwrap_or_default();
            self.node(
                "start_gateway",
                NodeKind::Gateway { default },
                self.words.t.say("drawing-who-reports"),
                bounds,
            );
        }
    }

    fn start_flows(&mut self, procedure: &Procedure) {
        let has_gateway = procedure.starts.len() > 1;
        if has_gateway {
            self.flow("start_flow", "start", "start_gateway", String::new(), None);
        }
        for it in &procedure.starts {
            let name = self.words.list(&self.words.roles(&it.roles));
            let from = if has_gateway { "start_gateway" } else { "start" };
            let condition = has_gateway.then(|| it.stage.clone());
            self.flow(&format!("start_{}", it.stage), from, &stage_id(&it.stage), name, condition);
        }
    }

    fn stage(&mut self, at: usize) {
        let stage = self.stages[at];
        let (x, y) = (Self::column(at), self.level(at));
        let name = self.words.label(&stage.label);
        if stage.end.is_some() {
            self.end(stage, name, (x, y));
            return;
        }
        let bounds = Bounds { x, y: y - TASK.1 / 2, width: TASK.0, height: TASK.1 };
        let task = self.node(stage_id(&stage.id), NodeKind::Task, name, bounds);
        let mut about = vec![self.words.list(&self.words.actors(stage))];
        about.extend(self.words.clock(stage));
        about.extend(self.words.alarms(stage));
        about.extend(self.words.reliefs(stage));
        self.nodes[task].documentation = about.join("; ");
        if manual(stage).count() > 1 {
            let bounds = Bounds { x: x + TASK.0 + 50, y: y - GATEWAY / 2, width: GATEWAY, height: GATEWAY };
            let default = manual(stage).next().map(|it| flow_id(stage, it)).unwrap_or_default();
            self.node(gateway_id(stage), NodeKind::Gateway { default }, String::new(), bounds);
        }
        self.timers(stage, bounds);
    }

    /// The clock at the task's edge: it takes the case on, or tells those above and lets the work go on.
    fn timers(&mut self, stage: &Stage, task: Bounds) {
        let (Some(name), Some(clock)) = (self.words.clock(stage), stage.clock) else { return };
        let duration = duration(clock);
        let at = |x: i64| Bounds { x, y: task.y + task.height - EVENT / 2, width: EVENT, height: EVENT };
        if stage.transitions.iter().any(|it| it.on_timeout) {
            let timer = NodeKind::Timer { task: stage_id(&stage.id), interrupts: true, duration };
            self.node(format!("timeout_{}", stage.id), timer, name, at(task.x + 8));
        } else if let Some(told) = self.words.told(stage) {
            let timer = NodeKind::Timer { task: stage_id(&stage.id), interrupts: false, duration };
            self.node(format!("late_{}", stage.id), timer, name, at(task.x + task.width - EVENT - 8));
            let bounds = Bounds {
                x: task.x + task.width + 8,
                y: task.y + task.height + 20,
                width: EVENT,
                height: EVENT,
            };
            self.node(format!("told_{}", stage.id), NodeKind::Escalation, told, bounds);
        }
    }

    fn ways_on(&mut self, at: usize) {
        let stage = self.stages[at];
        if stage.end.is_some() {
            self.ways_back(stage);
            return;
        }
        let (task, gateway) = (stage_id(&stage.id), gateway_id(stage));
        let has_gateway = manual(stage).count() > 1;
        if has_gateway {
            self.flow(&format!("to_{gateway}"), &task, &gateway, String::new(), None);
        }
        for it in &stage.transitions {
            let from = match (it.on_timeout, has_gateway) {
                (true, _) => format!("timeout_{}", stage.id),
                (false, true) => gateway.clone(),
                (false, false) => task.clone(),
            };
            let condition = (has_gateway && !it.on_timeout).then(|| it.id.clone());
            let to = self.entry(&it.to);
            self.flow(&flow_id(stage, it), &from, &to, self.words.arrow(stage, it), condition);
        }
        let late = format!("late_{}", stage.id);
        if self.nodes.iter().any(|it| it.id == late) {
            self.flow(&format!("from_{late}"), &late, &format!("told_{}", stage.id), String::new(), None);
        }
    }

    fn bounds_of(&self, id: &str) -> Option<Bounds> {
        self.nodes.iter().find(|it| it.id == id).map(|it| it.bounds)
    }

    fn flow(&mut self, id: &str, from: &str, to: &str, name: String, condition: Option<String>) {
        let (Some(source), Some(target)) = (self.bounds_of(from), self.bounds_of(to)) else { return };
        let (points, label) = self.route(source, target, to);
        for node in &mut self.nodes {
            if node.id == from {
                node.outgoing.push(id.to_owned());
            }
            if node.id == to {
                node.incoming.push(id.to_owned());
            }
        }
        let (id, from, to) = (id.to_owned(), from.to_owned(), to.to_owned());
        self.flows.push(Flow { id, from, to, name, condition, points, label });
    }

    /// Straight to what stands next, else on a track of its own above or below all lanes.
    fn route(&mut self, source: Bounds, target: Bounds, to: &str) -> (Vec<(i64, i64)>, Bounds) {
        let ((sx, sy), (tx, ty)) = (source.middle(), target.middle());
        let label = |x: i64, y: i64, width: i64| Bounds { x, y, width, height: 14 };
        let right = source.x + source.width;
        let gap = target.x - right;
        if to.starts_with("told_") {
            let bottom = source.y + source.height;
            return (vec![(sx, bottom), (sx, ty), (target.x, ty)], label(target.x, ty, 90));
        }
        if (0..=COLUMN_WIDTH - TASK.0).contains(&gap) && source.width != EVENT || gap == 80 - EVENT {
            let bend = target.x - 25;
            let straight = vec![(right, sy), (bend, sy), (bend, ty), (target.x, ty)];
            return (straight, label(right + 4, sy - 30, 90));
        }
        // A timer sits at its task's lower edge: upwards it would cross the task.
        let is_back = tx <= sx && source.width != EVENT;
        let arrival = self.arrivals.entry((to.to_owned(), is_back)).or_default();
        *arrival += 1;
        let enter = tx - 10 + 8 * (*arrival - 1);
        let lanes = LANE_HEIGHT * self.lane_names.len() as i64;
        let (track, leave, arrive) = if is_back {
            self.above += 1;
            (-TRACK * self.above, source.y, target.y)
        } else {
            self.below += 1;
            (lanes + TRACK * self.below, source.y + source.height, target.y + target.height)
        };
        (
            vec![(sx, leave), (sx, track), (enter, track), (enter, arrive)],
            label(sx.min(enter) + 8, track - 16, 260),
        )
    }

    fn document(mut self, procedure: &Procedure) -> BpmnDocument {
        self.start_flows(procedure);
        // The tracks above the lanes have negative places so far.
        let down = TRACK * (self.above + 1) + 60;
        let lanes = LANE_HEIGHT * self.lane_names.len() as i64;
        for node in &mut self.nodes {
            node.bounds.y += down;
        }
        for flow in &mut self.flows {
            flow.points.iter_mut().for_each(|point| point.1 += down);
            flow.label.y += down;
        }
        let (above, below) = (TRACK * (self.above + 1), TRACK * (self.below + 1));
        let width = Self::column(self.stages.len()) - LEFT;
        let pool = Bounds { x: LEFT, y: down - above, width, height: lanes + above + below };
        let lanes = self.lanes(pool, (above, below));
        BpmnDocument {
            condition_language: CONDITION_LANGUAGE,
            id: xml_id(&procedure.id),
            title: self.words.label(&procedure.label),
            version: self.words.version(procedure),
            pool,
            lanes,
            nodes: self.nodes,
            flows: self.flows,
        }
    }

    /// The lanes share the pool; the first and the last have the tracks too.
    fn lanes(&self, pool: Bounds, (above, below): (i64, i64)) -> Vec<Lane> {
        let last = self.lane_names.len().saturating_sub(1);
        let mut lanes = Vec::new();
        let mut y = pool.y;
        for (index, name) in self.lane_names.iter().enumerate() {
            let more = if index == 0 { above } else { 0 } + if index == last { below } else { 0 };
            let bounds =
                Bounds { x: pool.x + HEADING, y, width: pool.width - HEADING, height: LANE_HEIGHT + more };
            y += bounds.height;
            let inside = |node: &&Node| (bounds.y..y).contains(&node.bounds.middle().1);
            let nodes = self.nodes.iter().filter(inside).map(|it| it.id.clone()).collect();
            lanes.push(Lane { id: format!("lane_{index}"), name: name.clone(), bounds, nodes });
        }
        lanes
    }
}

fn manual(stage: &Stage) -> impl Iterator<Item = &Transition> {
    stage.transitions.iter().filter(|it| !it.on_timeout)
}

/// Ids of a procedure may begin with a digit, those of XML may not.
fn xml_id(id: &str) -> String {
    format!("procedure_{id}")
}

fn stage_id(stage: &str) -> String {
    format!("stage_{stage}")
}

fn gateway_id(stage: &Stage) -> String {
    format!("after_{}", stage.id)
}

fn flow_id(stage: &Stage, transition: &Transition) -> String {
    format!("{}.{}", stage_id(&stage.id), transition.id)
}

/// As ISO 8601. Work time is counted on a calendar that BPMN does not know: there the event's name is exact. The
/// limit of a class is a variable of whoever runs the process.
fn duration(clock: Clock) -> String {
    match clock {
        Clock::Class => CLASS_LIMIT.to_owned(),
        Clock::Fixed(limit) => match limit.kind {
            LimitKind::UrgentHours | LimitKind::WorkHours => format!("PT{}H", limit.amount),
            LimitKind::NaturalDays | LimitKind::WorkDays => format!("P{}D", limit.amount),
        },
    }
}
