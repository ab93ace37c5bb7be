//! What holds of every pass, whatever is in it.

use pass::*;
use proptest::{collection::vec, option, prelude::*};

use crate::tools::*;

prop_compose! {
    fn any_pass()(
        not_before: u64, expires: u64, regime: u16, scope: u16,
        random: [u8; 8], status in option::of((any::<u64>(), "[ -~]{0,40}")),
        hint in option::of("[A-Za-z\u{4e00}-\u{9fff}]"), digits in option::of(0_u16..10_000),
    ) -> Pass {
        let mark = match status {
            None => Mark::Random(random),
            Some((index, list)) => Mark::Status { index, list: list.into() },
        };
        let hint = hint.and_then(|it| Hint::new(it.chars().next()?).ok());
        let bearer = match (hint, digits) {
            (None, _) => Bearer::Anybody,
            (Some(hint), None) => Bearer::Name(hint),
            (Some(hint), Some(digits)) => Bearer::NameAndDigits(hint, digits),
        };
        Pass { not_before, expires, mark, regime, scope, bearer }
    }
}

prop_compose! {
    /// One that may well be accepted.
    fn likely_pass()(
        start in -3..3_i64, hours in 0_u64..60, index in 0_u64..100, scope in 1_u16..16, regime in 12_u16..14,
    ) -> Pass {
        let not_before = NOW.saturating_add_signed(start * HOUR as i64);
        let mark = if regime == 12 { Mark::Status { index, list: "12".into() } } else { Mark::Random([3; 8]) };
        Pass { not_before, expires: not_before + hours * HOUR, mark, regime, scope, bearer: Bearer::Anybody }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(pass in any_pass()) {
        let bytes = pass.to_claims();
        prop_assert_eq!(Pass::from_claims(&bytes).unwrap(), pass);
    }

    #[test]
    fn base45_is_what_another_library_says(bytes in vec(any::<u8>(), 0..300), text in "[0-9A-Z $%*+./:-]{0,40}") {
        prop_assert_eq!(encode_base45(&bytes), base45::encode(&bytes));
        prop_assert_eq!(decode_base45(encode_base45(&bytes).as_bytes()).unwrap(), bytes);
        // One text for one message; the other library also takes some that stand for more than a byte.
        if let Ok(bytes) = decode_base45(text.as_bytes()) {
            prop_assert_eq!(Some(bytes.clone()), base45::decode(&text).ok());
            prop_assert_eq!(encode_base45(&bytes), text);
        }
    }

    #[test]
    fn a_list_holds_what_was_set_last_and_nothing_else(bits in prop::sample::select(vec![1_u8, 2, 4, 8]), sets in vec((0_u64..64, any::<u8>()), 0..40)) {
        let mut list = StatusList::new(bits, 64).unwrap();
        let mut plain = [0_u8; 64];
        for (index, status) in sets {
            let fits = u32::from(status) < 1 << bits;
            prop_assert_eq!(list.set(index, status).is_ok(), fits);
            if fits {
                plain[index as usize] = status;
            }
        }
        let read = StatusList::decompress(bits, 64, &list.compressed()).unwrap();
        for (index, status) in plain.into_iter().enumerate() {
            prop_assert_eq!(read.get(index as u64), Ok(status));
        }
    }

    /// Whatever is issued is accepted at its first moment by whoever has the bundle, for each class of its scope.
    #[test]
    fn what_is_issued_is_accepted(pass in likely_pass()) {
        let regimes = [regime(), regime_without_list()];
        let regime = &regimes[usize::from(pass.regime - 12)];
        if let Ok(text) = issuer(1).issue(&pass, regime) {
            let verifier = verifier(&bundle());
            for class in 0..16 {
                let expected = if pass.scope >> class & 1 == 1 { "accepted" } else { "scope" };
                prop_assert_eq!(code(&verifier, &text, class, pass.not_before.max(NOW - HOUR)), expected);
            }
        }
    }

    /// Taking away never lets anything in: a revocation, a narrower key, a shorter regime, a withdrawal, a later hour.
    #[test]
    fn less_trust_accepts_no_more(pass in likely_pass(), at in 0_u64..60, how in 0..7_u8) {
        let text = signed_with(1, &pass);
        let now = NOW + at * HOUR;
        let mut less = bundle();
        match how {
            0 => less.lists = vec![token(&(0..50).collect::<Vec<_>>())],
            1 => less.keys[0].scope = 0b0001,
            2 => less.keys[0].regimes = vec![12],
            3 => less.regimes[0].end = NOW + 20 * HOUR,
            4 => less.keys[0].withdrawn_at = Some(NOW + 5 * HOUR),
            5 => less.keys[0].issue_until = NOW,
            _ => less.expires = NOW + 10 * HOUR,
        }
        let (more, less) = (verifier(&bundle()), verifier(&less));
        for class in 0..4 {
            if code(&less, &text, class, now) == "accepted" {
                prop_assert_eq!(code(&more, &text, class, now), "accepted");
            }
        }
    }

    /// A key that did not sign changes nothing but whether a refusal says the key is unknown.
    #[test]
    fn further_keys_let_nothing_in_and_keep_nothing_out(pass in likely_pass(), at in 0_u64..60) {
        let text = signed_with(1, &pass);
        let mut wider = bundle();
        wider.keys.extend([2, 3].map(|it| record(&secret(it))));
        let now = NOW + at * HOUR;
        let (plain, wider) = (verifier(&bundle()), verifier(&wider));
        for class in 0..4 {
            prop_assert_eq!(code(&wider, &text, class, now), code(&plain, &text, class, now));
        }
    }

    /// In its own time, before and after are all there is: no gap.
    #[test]
    fn a_pass_is_accepted_in_one_span(pass in likely_pass()) {
        let text = signed_with(1, &pass);
        let verifier = verifier(&bundle());
        let accepted: Vec<bool> =
            (0..90).map(|at| code(&verifier, &text, 0, NOW - 5 * HOUR + at * HOUR) == "accepted").collect();
        let changes = accepted.windows(2).filter(|it| it[0] != it[1]).count();
        prop_assert!(changes <= 2, "{:?}", accepted);
    }
}
