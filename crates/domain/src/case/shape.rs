//! Which keys the tables of a procedure file have. Told before anything else is read, all at once.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::fault::{FaultList, instead};

/// A kind of table.
pub struct Shape {
    what: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    /// Keys whose value is a table, or a list of tables; `*` stands for any key.
    tables: &'static [(&'static str, &'static Shape)],
    /// The least that such a table says.
    example: &'static str,
}

pub const PROCEDURE: Shape = Shape {
    what: "a procedure",
    required: &["id", "version", "label", "start", "stage"],
    optional: &["classes", "published", "support", "grounds"],
    tables: &[("start", &START), ("stage", &STAGE), ("grounds", &GROUNDS)],
    example: "id = \"city-event\"\nversion = 1\nlabel = { zh-Hans = \"…\", en = \"City event\" }",
};
const START: Shape = Shape {
    what: "a start",
    required: &["roles", "stage"],
    optional: &[],
    tables: &[],
    example: "[[start]]\nroles = [\"resident\"]\nstage = \"collect\"",
};
const STAGE: Shape = Shape {
    what: "a stage",
    required: &["id", "step", "label", "waiting"],
    optional: &["end", "clock", "escalate", "alarm", "pause", "extension", "transition"],
    tables: &[
        ("clock", &CLOCK),
        ("alarm", &ALARM),
        ("pause", &PAUSE),
        ("extension", &EXTENSION),
        ("transition", &TRANSITION),
    ],
    example: "[[stage]]\nid = \"check\"\nstep = 6\nlabel = { zh-Hans = \"…\", en = \"Check\" }\n\
              waiting = { zh-Hans = \"…\", en = \"Waiting for its check\" }",
};
const CLOCK: Shape = Shape {
    what: "a clock",
    required: &["kind"],
    optional: &["amount"],
    tables: &[],
    example: "clock = { kind = \"work_hours\", amount = 8 }",
};
const ALARM: Shape = Shape {
    what: "an alarm",
    required: &["at", "roles"],
    optional: &["relation"],
    tables: &[],
    example: "[[stage.alarm]]\nat = 0.8\nroles = [\"handler\"]\nrelation = \"owner\"",
};
const PAUSE: Shape = Shape {
    what: "a pause",
    required: &["ground", "days", "ask", "decide"],
    optional: &[],
    tables: &[("ask", &TAKER), ("decide", &TAKER)],
    example: "[stage.pause]\nground = \"pause\"\ndays = 90\nask = { roles = [\"handler\"], relation = \"owner\" }\n\
              decide = { roles = [\"dispatcher\"], relation = \"area\" }",
};
const EXTENSION: Shape = Shape {
    what: "an extension",
    required: &["ground", "at_most", "ask", "decide"],
    optional: &[],
    tables: &[("ask", &TAKER), ("decide", &TAKER)],
    example: "[stage.extension]\nground = \"extension\"\nat_most = 2\nask = { roles = [\"handler\"], relation = \"owner\" }\n\
              decide = { roles = [\"leader\"], relation = \"area\" }",
};
const TAKER: Shape = Shape {
    what: "who asks or decides",
    required: &["roles", "relation"],
    optional: &[],
    tables: &[],
    example: "{ roles = [\"dispatcher\"], relation = \"area\" }",
};
const TRANSITION: Shape = Shape {
    what: "a transition",
    required: &["id", "label", "to", "relation"],
    optional: &[
        "roles",
        "except",
        "part",
        "closes",
        "checks",
        "evaluates",
        "above_sender",
        "registers",
        "returns",
        "reworks",
        "reopens",
        "binds",
        "sets_due",
        "despite_support",
        "on_timeout",
        "dispatch_by_list",
        "at_most",
        "in_all",
        "within",
        "then",
        "asks",
    ],
    tables: &[("asks", &ASKS), ("within", &CLOCK)],
    example: "[[stage.transition]]\nid = \"close\"\nlabel = { zh-Hans = \"…\", en = \"Close\" }\nto = \"closed\"\n\
              roles = [\"acceptor\"]\nrelation = \"area\"",
};
const ASKS: Shape = Shape {
    what: "what a transition asks for",
    required: &[],
    optional: &["note", "photos", "organization", "supporting", "class", "ground", "findings", "rating"],
    tables: &[],
    example: "asks = { note = \"required\", photos = 1 }",
};
const GROUNDS: Shape = Shape {
    what: "the lists of grounds",
    required: &[],
    optional: &[],
    tables: &[("*", &GROUND)],
    example: "",
};
const GROUND: Shape = Shape {
    what: "a ground",
    required: &["id", "label"],
    optional: &["means"],
    tables: &[],
    example: "[[grounds.return]]\nid = \"not-our-duty\"\nlabel = { zh-Hans = \"…\", en = \"Not our duty\" }",
};

impl Shape {
    fn table(&self, key: &str) -> Option<&'static Shape> {
        self.tables.iter().find(|(name, _)| *name == key || *name == "*").map(|(_, shape)| *shape)
    }

    /// Tells keys that are unknown and keys that are missing: true when none is missing.
    pub fn hold(&self, list: &mut FaultList<'_>, table: &DeTable<'_>, span: Range<usize>) -> bool {
        let known = [self.required, self.optional].concat();
        let mut is_whole = true;
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if let Some(shape) = self.table(name) {
                is_whole &= shape.hold_all(list, value);
            } else if !known.contains(&name) {
                let reason = format!("{} has no key `{name}`", self.what);
                list.error(key.span(), reason, instead(name, &known));
            }
        }
        for key in self.required.iter().filter(|key| !table.contains_key(**key)) {
            let help = format!("the least that it says is\n{}", self.example);
            list.error(span.clone(), format!("{} has a `{key}`, and this one has none", self.what), help);
            is_whole = false;
        }
        is_whole
    }

    fn hold_all(&self, list: &mut FaultList<'_>, value: &Spanned<DeValue<'_>>) -> bool {
        match value.get_ref() {
            DeValue::Table(table) => self.hold(list, table, value.span()),
            DeValue::Array(values) => values.iter().filter(|it| !self.hold_all(list, it)).count() == 0,
            _ => true,
        }
    }
}
