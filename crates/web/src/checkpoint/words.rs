//! Words of the pages that look at passes.

use std::collections::BTreeMap;

use pass_format::Refusal;
use serde_json::{Value, json};

use crate::{
    app::Shared,
    locale::{LANGUAGES, Translator},
};

/// What scripts say; `{x}` in them is filled in by the browser. The message is `gate-` and the key.
const KEYS: &[&str] = &[
    "title",
    "begin",
    "torch",
    "hand",
    "sound",
    "sync",
    "language",
    "typed",
    "typed-hint",
    "check",
    "ready",
    "no-link",
    "joining",
    "place-number",
    "list-age",
    "list-over",
    "list-none",
    "list-none-there",
    "list-from",
    "list-refused",
    "list-unreadable",
    "all-sent",
    "unsent",
    "unsent-hour",
    "kept",
    "kept-loosely",
    "kept-not",
    "alarm-unbound",
    "alarm-ended",
    "alarm-gone",
    "alarm-log",
    "alarm-refused",
    "alarm-next",
    "alarm-next-gone",
    "alarm-losing",
    "alarm-uncounted",
    "alarm-unreadable",
    "ask-other",
    "ask-anew",
    "yes",
    "no",
    "camera-none",
    "camera-insecure",
    "camera-denied",
    "camera-busy",
    "camera-lost",
    "no-code",
    "gate-green",
    "gate-red",
    "gate-yellow",
    "of-order",
    "opens",
    "and",
    "open-green",
    "open-red",
    "open-yellow",
    "time-accepted",
    "time-expired",
    "time-not-yet",
    "todo-open",
    "todo-unbound",
    "todo-compare",
    "todo-red",
    "todo-no-pass",
    "todo-damaged",
    "todo-signature",
    "todo-scope",
    "todo-other-regime",
    "todo-bundle-expired",
    "todo-unknown-key",
    "todo-unknown-regime",
    "todo-status-unsure",
    "todo-ended",
    "todo-clock",
    "todo-no-list",
    "todo-joining",
    "todo-fault",
    "stores-nothing",
];

/// What a look comes to beyond the codes of a refusal.
const OTHERS: [&str; 7] = ["accepted", "status-unsure", "ended", "clock", "no-list", "joining", "fault"];

/// Of all languages, so that a guard changes it without a network; safe inside a script element.
pub fn all(app: &Shared) -> String {
    let words = |t: &Translator| -> BTreeMap<String, String> {
        let keys = KEYS.iter().map(|key| ((*key).to_owned(), t.say(&format!("gate-{key}"))));
        let reasons = Refusal::CODES.iter().chain(&OTHERS);
        keys.chain(reasons.map(|code| (format!("reason-{code}"), t.say(&format!("pass-{code}"))))).collect()
    };
    let all: serde_json::Map<String, Value> = LANGUAGES
        .into_iter()
        .map(|it| (it.tag().to_owned(), json!(words(&Translator::new(app.locales.clone(), it)))))
        .collect();
    Value::from(all).to_string().replace('<', "\\u003c")
}
