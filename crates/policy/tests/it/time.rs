use std::time::{Duration, Instant};

use kernel::Role;
use policy::{Action, Actor, Advance, Appointment, CaseFacts, Party, Relation, Resource};

use crate::world::{id, path, policy};

/// Prints what an answer costs; run with `--no-capture` to see it. The limit is wide, for a debug
/// build on a loaded machine, and catches an answer that parses or validates anew.
#[test]
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn an_answer_takes_microseconds() {
    let area = path("1509/150902/150902001/150902001003/15090200100301/");
    let post = |role| Appointment { role, organization: id(7), area: path("1509/150902/") };
    let worker = Actor::signed_in(id(1), vec![post(Role::GridLeader), post(Role::Acceptor)]);
    let case = CaseFacts {
        owner: Some(id(8)),
        reporter: Some(id(2)),
        handling_organizations: vec![id(8)],
        handlers: vec![id(3)],
        dispatchers: vec![id(4)],
        ..CaseFacts::new(id(9), area.clone())
    };
    let close = Advance {
        roles: vec![Role::GridSupervisor, Role::Acceptor],
        relation: Relation::Area,
        except: vec![Party::Reporter, Party::Handler, Party::Dispatcher],
        closes: true,
        checks: true,
        evaluates: false,
    };
    let questions: [(&str, &dyn Fn()); 4] = [
        ("area_read", &|| assert!(policy().may(&worker, Action::AreaRead, Resource::Area { path: &area }))),
        ("case_read", &|| assert!(policy().may(&worker, Action::CaseRead, Resource::Case(&case)))),
        ("case_advance", &|| {
            assert!(policy().may(&worker, Action::CaseAdvance(&close), Resource::Case(&case)))
        }),
        ("scope", &|| assert!(!policy().scope(&worker, Action::CaseRead).is_empty())),
    ];
    for (name, ask) in questions {
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..500 {
            let start = Instant::now();
            ask();
            times.push(start.elapsed());
        }
        times.sort();
        println!("{name}: median {:?}, p99 {:?}", times[250], times[495]);
        assert!(times[250] < Duration::from_millis(5), "{name} takes {:?}", times[250]);
    }
    let start = Instant::now();
    policy::Policy::new().unwrap();
    println!("Policy::new: {:?}", start.elapsed());
}
