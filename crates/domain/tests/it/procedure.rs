//! Procedure files: the shipped one is sound, and a fault in one is told with file, line and reason.

use domain::case::{Catalogue, ProcedureFault, Procedures, Severity};
use kernel::{AreaPath, Id, Role};
use policy::{Action, Actor, Appointment, CaseFacts, Policy, Resource, golden};
use uuid::Uuid;

use crate::support;

const SHIPPED: &str = include_str!("../../../../procedures/city-event.toml");

/// What the file lacks and what is odd in it, each as it is told, errors first letter E.
fn told(text: &str) -> Vec<String> {
    let files = [("event.toml".to_owned(), text.to_owned())];
    let (_, faults) = Procedures::check(&files, &Policy::new().unwrap()).unwrap();
    let word = |it: &ProcedureFault| if it.severity == Severity::Error { "E" } else { "W" };
    faults.iter().map(|it| format!("{} {it}", word(it))).collect()
}

fn faults(text: &str) -> Vec<String> {
    let loaded = Procedures::load(&[("event.toml".to_owned(), text.to_owned())]);
    loaded.map(|_| Vec::new()).unwrap_or_else(|faults| faults.iter().map(ToString::to_string).collect())
}

/// Line of the first place where `needle` stands.
fn line(needle: &str) -> usize {
    SHIPPED[..SHIPPED.find(needle).unwrap()].lines().count().max(1)
}

#[test]
fn a_fault_is_told_with_file_line_and_reason() {
    assert_eq!(faults(SHIPPED), Vec::<String>::new());
    let cases = [
        ("to = \"dispatch\"", "to = \"nowhere\"", "there is no stage \"nowhere\""),
        ("relation = \"owner\"\n  part", "relation = \"friend\"\n  part", "relation says how"),
        ("roles = [\"dispatcher\"]", "roles = [\"dispacher\"]", "did you mean \"dispatcher\"?"),
        ("asks = { ground = \"void\"", "asks = { ground = \"why\"", "there is no list [[grounds.why]]"),
        (
            "kind = \"urgent_hours\", amount = 24",
            "kind = \"urgent_hour\", amount = 24",
            "did you mean \"urgent_hours\"?",
        ),
        ("kind = \"urgent_hours\", amount = 24", "kind = \"urgent_hours\"", "a clock has an amount"),
        ("step = 4", "step = 9", "one of the seven steps"),
        ("note = \"required\"", "note = \"maybe\"", "say \"optional\" or \"required\""),
        ("zh-Hans = \"信息收集\", en = \"Collect\"", "zh-Hans = \"\"", "words in zh-Hans and en"),
        ("part = \"verifier\"", "part = \"friend\"", "is no part in a case"),
        ("version = 1", "version = 1\nnonsense = 2", "has no key `nonsense`"),
        ("except = [\"reporter\"]", "excepts = [\"reporter\"]", "did you mean \"except\"?"),
        ("step = 4", "", "a stage has a `step`"),
        ("step = 4", "step = \"4\"", "invalid type"),
        ("step = 4", "step = ", "the file is TOML"),
        ("at_most = 2", "at_most = 0", "at_most is 1 to 20"),
        ("then = \"dispute\"", "then = \"disputes\"", "did you mean \"dispute\"?"),
        ("id = \"refute\"", "id = \"verify\"", "two transitions of this stage"),
        ("id = \"not-our-area\"", "id = \"not-our-duty\"", "two grounds of this list"),
        ("id = \"verify\"", "id = \"overdue\"", "stand in a timeline for what is no transition"),
        ("end = \"closed\"", "end = \"gone\"", "end is \"closed\" or \"void\""),
        ("at = 0.8", "at = 0.805", "a part of the stage's time, 0.01 to 10"),
        ("at = 0.8", "at = 80", "a part of the stage's time, 0.01 to 10"),
        ("at = 0.8", "at = \"half\"", "invalid type"),
        ("at = 2.0", "at = 1.0", "another alarm of this stage comes at the same time"),
        (
            "  at = 2.0\n  roles = [\"commander\"]",
            "  at = 2.0\n  roles = [\"resident\"]",
            "an alarm goes to posts",
        ),
        ("  at = 2.0\n  roles = [\"commander\"]", "  at = 2.0\n  roles = []", "nobody is told by this alarm"),
        ("  at = 2.0\n  roles = [\"commander\"]", "  at = 2.0", "an alarm has a `roles`"),
        (
            "  roles = [\"handler\"]\n  relation = \"owner\"\n\n  [[stage.alarm]]",
            "  roles = [\"leader\"]\n  relation = \"owner\"\n\n  [[stage.alarm]]",
            "its handlers are told",
        ),
        (
            "  relation = \"owner\"\n\n  [[stage.alarm]]",
            "  relation = \"reporter\"\n\n  [[stage.alarm]]",
            "write one of: area, owner",
        ),
        (
            "end = \"closed\"",
            "end = \"closed\"\nalarm = [{ at = 0.5, roles = [\"leader\"] }]",
            "an end has no alarms",
        ),
    ];
    for (from, to, reason) in cases {
        let told = faults(&SHIPPED.replacen(from, to, 1));
        let found = told.iter().any(|it| it.starts_with("event.toml:") && it.contains(reason));
        assert!(found, "{to}: {told:?}");
    }
    let told = faults(&SHIPPED.replacen("relation = \"owner\"\n  part", "relation = \"friend\"\n  part", 1));
    assert!(
        told[0].starts_with(&format!("event.toml:{}:", line("relation = \"owner\"\n  part"))),
        "{told:?}"
    );
}

#[test]
fn a_stage_that_leads_nowhere_or_is_never_reached_is_found() {
    let unreached = SHIPPED.replacen("to = \"register\"", "to = \"dispatch\"", 1).replacen(
        "roles = [\"grid_leader\", \"grid_assistant\", \"grid_supervisor\", \"grid_hygienist\"]\nstage = \"register\"",
        "roles = [\"grid_leader\"]\nstage = \"dispatch\"",
        1,
    );
    assert!(
        faults(&unreached).iter().any(|it| it.contains("no case can come to stage \"register\"")),
        "{:?}",
        faults(&unreached)
    );
    let endless = SHIPPED.replace("to = \"closed\"", "to = \"check\"");
    assert!(faults(&endless).iter().any(|it| it.contains("no case can come to stage \"closed\"")));
    assert!(!faults("").is_empty());
    assert!(!faults(&"x".repeat(300_000)).is_empty());
}

const WINDOW: &str = "  within = { kind = \"natural_days\", amount = 7 }\n";

const IN_ALL: &str = "  at_most = 1\n  in_all = 2 # by whichever bodies: the third who will not have it is ruled on\n  \
    then = \"dispute\"\n";

/// Faults that no line shows by itself, and oddities: what is changed, and what is then told.
#[test]
fn what_only_the_whole_shows_is_told_with_what_to_do() {
    assert_eq!(told(SHIPPED), Vec::<String>::new());
    let cases = [
        ("  at_most = 2\n", "", "E", "register -> collect (ask_again by acceptor)"),
        ("  at_most = 2\n", "", "E", "at_most = 2"),
        ("clock = { kind = \"class\" }\n", "", "E", "this stage has no clock"),
        ("  part = \"dispatcher\"\n", "", "E", "nobody becomes its dispatcher"),
        ("  roles = [\"leader\"]\n", "", "E", "nobody may take this transition"),
        ("  to = \"feedback\"", "  to = \"closed\"", "E", "the body that handles would end the case"),
        (
            "  on_timeout = true",
            "  on_timeout = true\n  asks = { note = \"required\" }",
            "E",
            "nothing to bring",
        ),
        ("  on_timeout = true", "  on_timeout = true\n  at_most = 1", "E", "wait its turn"),
        (
            "roles = [\"acceptor\"]\nstage = \"dispatch\"",
            "roles = [\"acceptor\"]\nstage = \"handle\"",
            "E",
            "owns it",
        ),
        ("roles = [\"leader\"]", "roles = [\"leader\", \"auditor\"]", "E", "never lets auditor take"),
        (IN_ALL, "", "W", "may return the case for ever"),
        ("  in_all = 2 #", "  in_all = 0 #", "E", "in_all is 1 to 20"),
        ("  in_all = 2 #", "  #", "W", "body after body may take \"return\""),
        ("  at_most = 1\n  in_all", "  in_all", "E", "each body may take a few times"),
        ("  then = \"dispute\"\n", "", "E", "nobody decides whose the case is"),
        ("  binds = true\n", "", "E", "nobody decides whose the case is"),
        (&IN_ALL["  at_most = 1\n".len()..], "", "W", "after the last return nobody decides"),
        (
            "  at = 2.0\n  roles = [\"commander\"]",
            "  at = 2.0\n  roles = [\"handler\"]\n  relation = \"owner\"",
            "E",
            "before any body owns it",
        ),
        (
            "amount = 7 }\n",
            "amount = 7 }\n  [[stage.alarm]]\n  at = 1.5\n  roles = [\"leader\"]\n",
            "W",
            "after the stage has been left",
        ),
        ("escalate = [\"commander\"]\n", "", "W", "nobody is told when stage \"adjudicate\""),
        ("\"natural_days\", amount = 7", "\"natural_days\", amount = 700", "W", "more than a year"),
        (", en = \"Collect\"", "", "W", "words in en, and this one has none"),
        ("ground = \"void\", ", "", "W", "no transition asks for a ground of \"void\""),
        ("closes = true\n  checks = true", "closes = true", "W", "closed without a check"),
        (", \"handler\", \"dispatcher\"]", "]", "W", "does not say that it is for others to do"),
        (WINDOW, "", "E", "opened again without a window"),
        (&format!("{WINDOW}  at_most = 2\n"), WINDOW, "E", "opened again without a limit"),
        (&format!("  reopens = true\n{WINDOW}"), "", "E", "an end has no transitions but those that open"),
        (&format!("  reopens = true\n{WINDOW}"), WINDOW, "E", "`within` is the window"),
        (
            &format!("{WINDOW}  at_most = 2\n  asks = {{ note = \"required\" }}\n"),
            &format!("{WINDOW}  at_most = 2\n"),
            "E",
            "says why in writing",
        ),
        (
            &format!("relation = \"reporter\"\n  reopens = true\n{WINDOW}"),
            &format!("relation = \"owner\"\n  reopens = true\n{WINDOW}"),
            "E",
            "whoever handled a case does not open it again",
        ),
        (WINDOW, "  within = { kind = \"class\" }\n", "E", "a window has a length of its own"),
    ];
    for (from, to, severity, reason) in cases {
        assert!(SHIPPED.contains(from), "{from}");
        let mut found = told(&SHIPPED.replacen(from, to, 1));
        let matches = found.iter().any(|it| it.starts_with(severity) && it.contains(reason));
        found.retain(|it| it.starts_with('E'));
        assert!(matches, "{from} -> {to}: {found:?}");
        assert!(severity == "E" || found.is_empty(), "only odd: {found:?}");
    }
    let back = SHIPPED
        .replace("to = \"dispatch\"\n  roles = [\"anonymous\"", "to = \"check\"\n  roles = [\"anonymous\"");
    assert!(told(&back).iter().any(|it| it.contains("is worked on again")), "{:?}", told(&back));
    let unfiled = SHIPPED.replacen("id = \"ask_again\"", "id = \"ask_again\"\n  reopens = true", 1);
    assert!(told(&unfiled).iter().any(|it| it.contains("only what was closed")), "{:?}", told(&unfiled));
    let unruled = SHIPPED.replacen("  binds = true\n", "", 1);
    assert!(
        told(&unruled).iter().any(|it| it.starts_with('W') && it.contains("dispute by handler")),
        "{unruled}"
    );
    let stuck = SHIPPED.replacen("  id = \"feed_back\"", "  id = \"feed_back\"\n  at_most = 3", 1);
    assert!(
        told(&stuck).iter().any(|it| it.contains("nothing may be left to do here")),
        "{:?}",
        told(&stuck)
    );
}

#[test]
fn every_procedure_that_ships_is_sound_and_has_classes_of_its_own() {
    let policy = Policy::new().unwrap();
    let files = support::SHIPPED.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let (procedures, faults) = Procedures::check(&files, &policy).unwrap();
    assert_eq!(faults, []);
    let classes = Catalogue::load(include_str!("../../../../data/classes.toml")).unwrap();
    assert_eq!(procedures.class_faults(&classes), Vec::<String>::new());
    for (class, procedure) in [
        ("c1-street-lamp", "city-event"),
        ("p1-lift", "compound-repair"),
        ("e2-fire-exit", "safety-hazard"),
        ("e9-other", "public-request"),
        ("no-such-class", "city-event"),
    ] {
        assert_eq!(procedures.of_class(&classes, class), procedure, "{class}");
    }
    let twice =
        files.map(|(name, text)| (name, text.replace("classes = [\"p1\"]", "classes = [\"e9\", \"x7\"]")));
    let told = Procedures::load(&twice).unwrap().class_faults(&classes);
    assert!(told.len() == 2 && told.iter().any(|it| it.contains("no class \"x7\"")), "{told:?}");
}

/// Whatever a procedure says, no step that closes, checks or rates is open to who handled or dispatched.
#[test]
fn the_two_laws_hold_in_every_procedure_that_ships() {
    let (policy, procedures) = (Policy::new().unwrap(), support::procedures());
    let me = Id::from_uuid(Uuid::from_u128(1));
    let (mine, here): (Id<_>, AreaPath) =
        (Id::from_uuid(Uuid::from_u128(2)), "1509/150902/".parse().unwrap());
    let facts = CaseFacts {
        id: Id::from_uuid(Uuid::from_u128(3)),
        area: here.clone(),
        owner: None,
        lead: None,
        reporter: None,
        verifying: false,
        contact_shared: false,
        handling_organizations: Vec::new(),
        handlers: Vec::new(),
        dispatchers: Vec::new(),
        verifiers: Vec::new(),
        closers: Vec::new(),
        sent_from: None,
    };
    let mut judged = 0;
    for (_, transition) in procedures.iter().flat_map(|it| it.moves()) {
        let advance = &transition.advance;
        for role in advance.roles.iter().filter(|it| !matches!(it, Role::Anonymous | Role::Resident)) {
            let post = Appointment { role: *role, organization: mine, area: here.clone() };
            let actor = Actor::signed_in(me, vec![post]);
            let may =
                |facts: &CaseFacts| policy.may(&actor, Action::CaseAdvance(advance), Resource::Case(facts));
            let handler = CaseFacts { handlers: vec![me], ..facts.clone() };
            let dispatcher = CaseFacts { dispatchers: vec![me], ..facts.clone() };
            if advance.closes || advance.checks {
                judged += 1;
                assert!(may(&facts) && !may(&handler) && !may(&dispatcher), "{} by {role:?}", transition.id);
            }
            if advance.evaluates {
                assert!(!may(&handler) && !may(&dispatcher), "{} by {role:?}", transition.id);
            }
        }
    }
    assert!(judged > 30, "{judged}");
}

#[test]
fn all_faults_of_a_file_are_told_in_the_order_of_its_lines() {
    let broken = SHIPPED
        .replacen("step = 4", "stepp = 4", 1)
        .replacen("except = [\"reporter\"]", "excepts = [\"reporter\"]", 1)
        .replacen("part = \"handler\"", "role = \"handler\"", 1);
    let files = [("event.toml".to_owned(), broken)];
    let (_, faults) = Procedures::check(&files, &Policy::new().unwrap()).unwrap();
    let reasons: Vec<&str> = faults.iter().map(|it| it.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "a transition has no key `excepts`",
            "a stage has a `step`, and this one has none",
            "a stage has no key `stepp`",
            "a transition has no key `role`"
        ]
    );
    assert!(faults.windows(2).all(|pair| pair[0].line <= pair[1].line));
    let twice = [("a.toml".to_owned(), SHIPPED.to_owned()), ("b.toml".to_owned(), SHIPPED.to_owned())];
    let (_, faults) = Procedures::check(&twice, &Policy::new().unwrap()).unwrap();
    assert!(faults.len() == 1 && faults[0].reason.contains("another file"), "{faults:?}");
}

/// Each transition of the shipped procedures, by role and relation, for people to read.
#[test]
fn the_table_of_who_may_take_which_step_is_as_it_was_agreed() {
    let policy = Policy::new().unwrap();
    let procedures = support::procedures();
    let mut moves = Vec::new();
    for procedure in procedures.iter() {
        for (stage, transition) in procedure.moves() {
            let title = format!("{} · {} → {} ({})", procedure.id, stage.id, transition.to, transition.id);
            moves.push((title, Action::CaseAdvance(&transition.advance)));
        }
    }
    let table = format!("{}\n{}", golden::LEGEND, golden::tables(&policy, &moves).unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/who-may-take-which-step.txt");
    if std::env::var_os("OLZII_UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
        std::fs::write(path, &table).unwrap();
    }
    let agreed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(agreed == table, "the table has changed: see git diff after `cargo xtask golden`\n{table}");
}
