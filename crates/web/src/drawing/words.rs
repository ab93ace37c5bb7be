//! The words in drawings.

use std::sync::Arc;

use domain::{
    calendar::{Limit, WHOLE},
    case::{Clock, Label, Procedure, Relief, Stage, Transition, words},
};
use kernel::Role;
use policy::Relation;

use crate::locale::{Language, Locales, Translator};

pub struct Words {
    pub t: Translator,
}

impl Words {
    pub fn new(language: Language) -> Self {
        Self { t: Translator::new(Arc::new(Locales::load()), language) }
    }

    /// Words of the procedure file, without what XML cannot hold.
    pub fn label(&self, label: &Label) -> String {
        words(label, self.t.language.tag()).chars().filter(|it| !it.is_control()).collect()
    }

    pub fn list(&self, words: &[String]) -> String {
        words.join(&self.t.say("list-comma"))
    }

    /// Roles, each once, those of the grid together when all are there.
    pub fn roles(&self, roles: &[Role]) -> Vec<String> {
        let grid = Role::GRID.iter().all(|it| roles.contains(it));
        let mut names: Vec<String> = Vec::new();
        for role in roles {
            let name = match role {
                role if grid && role.is_grid() => self.t.say("drawing-grid-workers"),
                role => self.t.say(&format!("role-{}", role.as_str())),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Who takes a transition.
    pub fn takers(&self, transition: &Transition) -> Vec<String> {
        match transition.advance.relation {
            Relation::Area | Relation::Owner => self.roles(&transition.advance.roles),
            Relation::Reporter => vec![self.t.say("drawing-reporter")],
            Relation::System if transition.by_list => vec![self.t.say("drawing-list")],
            Relation::System => vec![self.t.say("drawing-clock")],
        }
    }

    /// All who act in a stage, clock and list left out.
    pub fn actors(&self, stage: &Stage) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for name in stage.transitions.iter().filter(|it| !it.is_automatic()).flat_map(|it| self.takers(it)) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        all
    }

    pub fn clock(&self, stage: &Stage) -> Option<String> {
        Some(match stage.clock? {
            Clock::Class => self.t.say("drawing-limit-class"),
            Clock::Fixed(limit) => self.limit(limit),
        })
    }

    pub fn limit(&self, limit: Limit) -> String {
        self.t.with(&format!("drawing-limit-{}", limit.kind.as_str()), "amount", limit.amount)
    }

    /// Who is told when the stage is over its time.
    pub fn told(&self, stage: &Stage) -> Option<String> {
        self.told_at(stage, WHOLE)
    }

    /// Who is told when, a line for each part of the stage's time.
    pub fn alarms(&self, stage: &Stage) -> Vec<String> {
        stage.levels().into_iter().filter_map(|level| self.told_at(stage, level)).collect()
    }

    /// What a stage may be given on request, a line for each.
    pub fn reliefs(&self, stage: &Stage) -> Vec<String> {
        let line = |it: &Relief| {
            let (ask, decide) =
                (self.list(&self.roles(&it.ask.roles)), self.list(&self.roles(&it.decide.roles)));
            self.t.with2(&format!("drawing-{}", it.kind.as_str()), ("ask", &ask), ("decide", &decide))
        };
        stage.reliefs.iter().map(line).collect()
    }

    fn told_at(&self, stage: &Stage, level: i64) -> Option<String> {
        let roles: Vec<Role> =
            stage.alarms.iter().filter(|it| it.percent == level).flat_map(|it| it.roles.clone()).collect();
        let names = self.list(&self.roles(&roles));
        (!roles.is_empty()).then(|| match level {
            WHOLE => self.t.with("drawing-told", "roles", names),
            level => self.t.with2("drawing-told-at", ("percent", level), ("roles", names)),
        })
    }

    /// What stands at a transition's arrow: its label, who takes it where a stage has several parties, its limit.
    pub fn arrow(&self, stage: &Stage, transition: &Transition) -> String {
        let mut parts = vec![self.label(&transition.label)];
        let is_told = stage.end.is_none() && self.takers(transition) == self.actors(stage);
        if !transition.on_timeout && !is_told {
            parts.push(self.list(&self.takers(transition)));
        }
        parts.extend(transition.within.map(|limit| self.t.with("drawing-within", "time", self.limit(limit))));
        parts.extend(transition.at_most.map(|most| self.t.with("drawing-at-most", "most", most)));
        parts.extend(transition.in_all.map(|most| self.t.with("drawing-in-all", "most", most)));
        parts.join(" · ")
    }

    pub fn version(&self, procedure: &Procedure) -> String {
        self.t.with("drawing-version", "version", procedure.version)
    }
}

/// About how wide a text is, in units of its size: Chinese fills a square, other letters less.
pub fn width(text: &str) -> f64 {
    let of = |it: char| match it {
        '\u{2e80}'.. => 1.0,
        'A'..='Z' | 'm' | 'w' | '%' => 0.74,
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | ' ' | ',' | '.' | ':' | '·' | '(' | ')' => 0.36,
        _ => 0.58,
    };
    text.chars().map(of).sum()
}

/// The words in lines no wider than `most`, in units of the text's size; a single word may be wider.
pub fn lines(words: &[String], comma: &str, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if width(line) + width(comma) + width(word) <= most => {
                line.push_str(comma);
                line.push_str(word);
            }
            Some(line) => {
                line.push_str(comma.trim_end());
                lines.push(word.clone());
            }
            None => lines.push(word.clone()),
        }
    }
    lines
}
