//! An end that may be left again: a gateway that waits until the window is over, or the case is opened again.

use domain::{
    calendar::Limit,
    case::{Clock, Stage, Transition},
};

use super::{Board, Bounds, EVENT, GATEWAY, NodeKind, duration, flow_id, stage_id};

impl Board<'_> {
    /// An end; before one at which a case may be opened again stands the window for it.
    pub(super) fn end(&mut self, stage: &Stage, name: String, (x, y): (i64, i64)) {
        let event = |x: i64, y: i64| Bounds { x, y: y - EVENT / 2, width: EVENT, height: EVENT };
        let Some(limit) = window(stage) else {
            self.node(stage_id(&stage.id), NodeKind::End, name, event(x, y));
            return;
        };
        let gateway = Bounds { x, y: y - GATEWAY / 2, width: GATEWAY, height: GATEWAY };
        self.node(window_id(stage), NodeKind::Window, self.words.t.say("drawing-window"), gateway);
        let until = NodeKind::Until { duration: duration(Clock::Fixed(limit)) };
        self.node(until_id(stage), until, self.words.limit(limit), event(x + 80, y - 46));
        // Each a little further down and to the right, so that no flow crosses another event.
        for (index, it) in (0..).zip(&stage.transitions) {
            let (words, place) = (self.words.arrow(stage, it), event(x + 80 + 24 * index, y + 46 * index));
            self.node(reopening_id(stage, it), NodeKind::Reopening, words, place);
        }
        self.node(stage_id(&stage.id), NodeKind::End, name, event(x + 160, y));
    }

    /// What waits in the window of an end, and where it leads.
    pub(super) fn ways_back(&mut self, stage: &Stage) {
        let (window, until) = (window_id(stage), until_id(stage));
        self.flow(&format!("to_{until}"), &window, &until, String::new(), None);
        self.flow(&format!("from_{until}"), &until, &stage_id(&stage.id), String::new(), None);
        for it in &stage.transitions {
            let back = reopening_id(stage, it);
            self.flow(&format!("to_{back}"), &window, &back, String::new(), None);
            self.flow(&flow_id(stage, it), &back, &stage_id(&it.to), String::new(), None);
        }
    }

    /// Where a case comes to a stage.
    pub(super) fn entry(&self, stage: &str) -> String {
        let found = self.stages.iter().find(|it| it.id == stage && it.end.is_some());
        found.filter(|it| window(it).is_some()).map_or_else(|| stage_id(stage), |stage| window_id(stage))
    }
}

/// How long an end may be left again.
fn window(stage: &Stage) -> Option<Limit> {
    stage.transitions.iter().filter(|it| it.effect.reopens).find_map(|it| it.within)
}

fn window_id(stage: &Stage) -> String {
    format!("window_{}", stage.id)
}

fn until_id(stage: &Stage) -> String {
    format!("until_{}", stage.id)
}

fn reopening_id(stage: &Stage, transition: &Transition) -> String {
    format!("reopening_{}.{}", stage.id, transition.id)
}
