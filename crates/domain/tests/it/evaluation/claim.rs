//! What is left out of the evaluation and what is exempted on appeal: who may say so, and what stays visible.

use domain::{
    Ctx, Refusal, Window,
    case::{self, StepInput},
    evaluation::{self, Claims, Fact, Figure, Figures, Grouping, Kind, Turn, Word},
    notice::{self, NoticeKind},
};
use kernel::{Case, Id, Role};
use store::{Db, StoreError, both, params};
use uuid::Uuid;

use super::{behind, leader, listed, period, settle};
use crate::case::{Town, centre};

/// Another acceptor of the supervision centre.
fn second(town: &Town) -> Ctx {
    town.person(16, &[(Role::Acceptor, centre(), "150902")])
}

fn commander(town: &Town) -> Ctx {
    town.person(18, &[(Role::Commander, centre(), "150902")])
}

/// Handled a day late, passed, rated and closed.
fn close_late(town: &Town, id: Id<Case>) {
    town.clock.set("2026-11-26T09:00:00+08:00");
    super::handle(town, id);
    case::advance(&town.dispatcher(), id, "accept", &StepInput::default()).unwrap();
    let checker = town.checker();
    let passed = StepInput { photos: town.photos(&checker), ..StepInput::default() };
    case::advance(&checker, id, "close", &passed).unwrap();
    let rated = StepInput { rating: Some(1), solved: Some(false), ..StepInput::default() };
    case::advance(&town.resident(), id, "rate", &rated).unwrap();
}

/// As they are, and adjusted.
fn november(town: &Town) -> (Figures, Figures) {
    let november = period("2026-11-01", "2026-11-30");
    let total = evaluation::evaluate(&town.acceptor(), "150902", november, Grouping::Area).unwrap().total;
    (total.all, total.adjusted)
}

fn kinds(ctx: &Ctx) -> Vec<NoticeKind> {
    notice::list(ctx, &Window::first(50)).unwrap().items.iter().map(|it| it.kind).collect()
}

fn is_denied(done: Result<Claims, Refusal>) -> bool {
    matches!(done, Err(Refusal::Denied))
}

fn is_conflict(done: Result<Claims, Refusal>, id: &str) -> bool {
    matches!(done, Err(Refusal::Conflict(message)) if message.id == id)
}

both!(a_demand_is_left_out_by_two_of_the_supervision_centre_and_both_figures_are_shown, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    close_late(&town, id);
    town.clock.set("2026-12-01T09:00:00+08:00");
    settle(&town);
    let propose = |ctx: &Ctx| evaluation::propose_exclusion(ctx, id, "out-of-power", "不属供电所职权");
    for other in [town.handler(), town.dispatcher(), town.grid_worker(), leader(&town), town.resident()] {
        assert!(is_denied(propose(&other)), "only the supervision centre asks");
    }
    let acceptor = town.acceptor();
    assert!(matches!(
        evaluation::propose_exclusion(&acceptor, id, "tea", ""),
        Err(Refusal::Invalid(faults)) if faults.len() == 2
    ));
    let claim = propose(&acceptor).unwrap().claims.remove(0);
    assert_eq!((claim.kind, claim.turn()), (Kind::Exclusion, Some(Turn::Last)));
    assert!(is_conflict(propose(&second(&town)), "conflict-exclusion"), "it was asked already");
    assert!(is_conflict(propose(&acceptor), "conflict-exclusion"), "by whoever it was");
    assert_eq!(november(&town).0, november(&town).1, "that it was asked leaves nothing out");

    let grant = |ctx: &Ctx| evaluation::rule(ctx, id, claim.id, true, "职权不符");
    assert!(is_denied(grant(&acceptor)), "who asks does not decide");
    assert!(is_denied(grant(&leader(&town))), "the supervision centre decides");
    let of_the_body =
        town.person(17, &[(Role::Acceptor, centre(), "150902"), (Role::Handler, town.lighting, "150902")]);
    assert!(is_denied(grant(&of_the_body)), "nobody of the body that handled it decides");
    assert!(matches!(grant(&town.resident()), Err(Refusal::NotFound)));
    assert!(evaluation::claims(&second(&town), id).unwrap().may_rule.contains(&claim.id));
    grant(&second(&town)).unwrap();
    assert!(is_conflict(grant(&second(&town)), "conflict-decided"));

    let (all, adjusted) = november(&town);
    assert_eq!((all.due, all.rated, all.excluded), (1, 1, 1), "as it is");
    assert_eq!((adjusted.due, adjusted.rated, adjusted.reported), (0, 0, 0), "without it");
    settle(&town);
    assert_eq!(november(&town), (all, adjusted));
    let resident = town.resident();
    assert_eq!(kinds(&resident).first(), Some(&NoticeKind::CaseExcluded), "the reporter is told");
    let seen = case::record(&resident, id).unwrap().events;
    let told = seen.iter().filter(|it| it.transition == "remark").count();
    assert_eq!(told, 1, "the reporter reads that it is left out, and not who asked for it");
    assert!(evaluation::claims(&resident, id).unwrap().claims.is_empty());

    let revoke = |ctx: &Ctx| evaluation::revoke_exclusion(ctx, id, claim.id, "属于职权范围");
    assert!(is_denied(revoke(&acceptor)), "those above take it back");
    let claims = revoke(&leader(&town)).unwrap();
    assert!(!claims.claims[0].is_in_force() && claims.claims[0].revoked.is_some());
    assert_eq!(november(&town).0, november(&town).1);
    assert_eq!(kinds(&resident).first(), Some(&NoticeKind::CaseCounted));
    assert!(is_conflict(revoke(&commander(&town)), "conflict-not-excluded"));
    assert!(propose(&acceptor).is_ok(), "it may be asked again");
});

both!(an_appeal_passes_two_reviewers_in_turn_and_the_lateness_stays_visible, |db: Db| {
    let town = Town::new(db);
    let (open, id) = (town.dispatched(2), town.dispatched(1));
    close_late(&town, id);
    let handler = town.handler();
    let appeal = |id, fact| evaluation::appeal(&handler, id, fact, "暴雪封路，有气象证明");
    assert!(is_conflict(appeal(open, Fact::Late), "conflict-appeal"), "only after the closing");
    assert!(is_conflict(appeal(id, Fact::Reworked), "conflict-appeal"), "only about what is so");
    assert!(is_denied(evaluation::appeal(&town.acceptor(), id, Fact::Late, "雪")), "only the body");
    assert_eq!(evaluation::claims(&handler, id).unwrap().may_appeal, [Fact::Late]);
    let claim = appeal(id, Fact::Late).unwrap().claims.remove(0);
    assert!(is_conflict(appeal(id, Fact::Late), "conflict-appeal"), "once a case and fact");

    let word = |ctx: &Ctx, granted| evaluation::rule(ctx, id, claim.id, granted, "属实");
    assert!(is_denied(word(&leader(&town), true)), "the supervision centre comes first");
    assert!(is_denied(word(&handler, true)), "nobody judges their own");
    word(&town.acceptor(), true).unwrap();
    assert_eq!(november(&town).1.handled_on_time, 0, "one word is not enough");
    let both_posts = town.person(6, &[(Role::Leader, centre(), "150902")]);
    assert!(is_denied(word(&both_posts, true)), "the same person does not review twice");
    word(&leader(&town), true).unwrap();

    let (all, adjusted) = november(&town);
    assert_eq!((all.handled, all.handled_on_time, all.exempted), (1, 0, 1), "late it was, and stays");
    assert_eq!((adjusted.handled, adjusted.handled_on_time), (1, 1), "the statistic alone is exempted");
    settle(&town);
    assert_eq!(november(&town), (all, adjusted));
    let november = period("2026-11-01", "2026-11-30");
    let opened = |figure, adjusted| {
        let behind = evaluation::Behind { adjusted, ..behind(november, figure) };
        listed(|window| evaluation::cases(&town.acceptor(), &behind, window).unwrap())
    };
    for figure in Figure::ALL {
        assert_eq!(opened(*figure, false), all.get(*figure), "{figure:?}");
        assert_eq!(opened(*figure, true), adjusted.get(*figure), "{figure:?} adjusted");
    }
    let findings: Vec<_> = case::record(&handler, id)
        .unwrap()
        .events
        .iter()
        .filter_map(|it| it.detail.finding.clone())
        .collect();
    assert!(findings.ends_with(&["appeal_asked".into(), "appeal_supported".into(), "appeal_granted".into()]));
});

both!(
    an_appeal_comes_too_late_or_is_refused_by_the_first_reviewer_and_those_above_hear_of_silence,
    |db: Db| {
        let town = Town::new(db);
        let (id, late) = (town.dispatched(1), town.dispatched(2));
        close_late(&town, id);
        close_late(&town, late);
        let handler = town.handler();
        let claim = evaluation::appeal(&handler, id, Fact::Late, "等配件").unwrap().claims.remove(0);
        let system = || Ctx::system(town.city.clone());
        assert_eq!(evaluation::remind(&system()).unwrap(), 0);
        town.clock.set("2026-12-02T09:00:00+08:00");
        assert_eq!(evaluation::remind(&system()).unwrap(), 1, "three work days are over");
        assert_eq!(evaluation::remind(&system()).unwrap(), 0, "told once for each turn");
        let refused = evaluation::rule(&town.acceptor(), id, claim.id, false, "配件有库存").unwrap();
        assert_eq!(refused.claims[0].turn(), None, "refused at the first is refused");
        assert!(is_conflict(
            evaluation::rule(&leader(&town), id, claim.id, true, "同意"),
            "conflict-decided"
        ));
        assert_eq!(november(&town).1.handled_on_time, 0);

        town.clock.set("2026-12-04T09:00:00+08:00");
        assert!(
            is_conflict(evaluation::appeal(&town.handler(), late, Fact::Late, "等配件"), "conflict-appeal"),
            "five work days"
        );
    }
);

both!(a_claim_about_a_case_that_cannot_be_read_keeps_nobody_from_hearing_of_the_next, |db: Db| {
    const UNSOUND: &str = "UPDATE case_file SET source = 'nowhere' WHERE id = $1";
    let town = Town::new(db);
    let ids = [town.dispatched(1), town.dispatched(2)];
    for id in ids {
        close_late(&town, id);
        evaluation::appeal(&town.handler(), id, Fact::Late, Word { request: None, note: "等配件" }).unwrap();
    }
    town.city.db.write::<_, StoreError>(|tx| tx.execute(UNSOUND, params![ids[0]])).unwrap();
    town.clock.set("2026-12-02T09:00:00+08:00");
    assert_eq!(evaluation::remind(&Ctx::system(town.city.clone())).unwrap(), 1);
});

both!(the_same_word_sent_twice_is_said_once, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    close_late(&town, id);
    let (acceptor, other, above) = (town.acceptor(), second(&town), leader(&town));
    let word = |number| Word { request: Some(Uuid::from_u128(number)), note: "不属供电所职权" };
    let said =
        || case::record(&acceptor, id).unwrap().events.iter().filter(|it| it.transition == "remark").count();
    let twice = |say: &dyn Fn() -> Result<Claims, Refusal>| {
        let before = said();
        let (first, again) = (say().unwrap().claims, say().unwrap().claims);
        assert_eq!((first, said()), (again.clone(), before + 1));
        again[0].id
    };
    let claim = twice(&|| evaluation::propose_exclusion(&acceptor, id, "out-of-power", word(1)));
    twice(&|| evaluation::rule(&other, id, claim, true, word(2)));
    twice(&|| evaluation::revoke_exclusion(&above, id, claim, word(3)));
    twice(&|| evaluation::appeal(&town.handler(), id, Fact::Late, word(4)));
    assert!(is_conflict(evaluation::appeal(&town.handler(), id, Fact::Late, word(5)), "conflict-appeal"));
});
