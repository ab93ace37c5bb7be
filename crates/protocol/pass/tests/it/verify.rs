use pass::*;

use crate::tools::*;

/// The text of a pass that was changed after it was made, signed by the true key.
fn signed(change: impl FnOnce(&mut Pass)) -> String {
    let mut pass = pass();
    change(&mut pass);
    signed_with(1, &pass)
}

fn with(change: impl FnOnce(&mut Bundle)) -> Verifier {
    let mut bundle = bundle();
    change(&mut bundle);
    verifier(&bundle)
}

#[test]
fn a_class_goes_by_its_bit_by_the_name_that_the_regime_has_for_it_or_is_not_asked_for() {
    let verifier = verifier(&bundle());
    let text = signed_with(1, &pass());
    let code =
        |class: Class<'_>| verifier.check(&text, class, NOW).map_or_else(|it| it.code(), |_| "accepted");
    assert_eq!([Class::Any, Class::Bit(2), Class::Named("bus")].map(code), ["accepted"; 3]);
    let others =
        [Class::Bit(1), Class::Bit(255), Class::Named("shop"), Class::Named("clinic"), Class::Named("")];
    assert_eq!(others.map(code), ["scope"; 5]);
}

#[test]
fn a_pass_opens_the_classes_of_its_scope_and_says_whose_it_is() {
    let text = issuer(1).issue(&pass(), &regime()).unwrap();
    let verifier = verifier(&bundle());
    let codes: Vec<_> = (0..20).map(|class| code(&verifier, &text, class, NOW)).collect();
    assert_eq!(codes[..4], ["accepted", "scope", "accepted", "scope"]);
    assert!(codes[4..].iter().all(|it| *it == "scope"));
    let accepted = verifier.check(&text, 0, NOW).unwrap();
    assert_eq!(accepted.pass, pass());
    assert_eq!((accepted.key.office.as_str(), accepted.regime.number), ("Xinhua street office", 12));
}

#[test]
fn a_gate_of_one_order_opens_to_no_pass_of_another_and_names_whose_it_is() {
    let verifier = verifier(&bundle());
    let other = signed(|it| (it.regime, it.mark) = (13, Mark::Random([5; 8])));
    for class in [Class::Bit(0), Class::Any] {
        let at = |regime| Gate { regime: Some(regime), class };
        assert_eq!(code(&verifier, &other, at(13), NOW), "accepted");
        let refusal = verifier.check(&other, at(12), NOW).unwrap_err();
        assert_eq!((refusal.code(), refusal.is_cannot_tell()), ("other-regime", false));
        assert!(refusal.to_string().contains(&regime_without_list().title), "{refusal}");
    }
    assert_eq!(code(&verifier, &other, 0, NOW), "accepted", "where no order is asked for");
}

#[test]
fn each_thing_that_can_be_wrong_has_its_code() {
    let good = signed(|_| {});
    let plain = verifier(&bundle());
    let check = |text: &str| code(&plain, text, 0, NOW);
    assert_eq!(check(&good), "accepted");
    assert_eq!(check(&good[4..]), "prefix");
    assert_eq!(check(&good.to_lowercase()), "prefix");
    assert_eq!(check(&format!("{good}{}", "A".repeat(TEXT_BYTES_MAX))), "prefix");
    assert_eq!(check(&format!("{}a", &good[..good.len() - 1])), "base45");
    let longer = [decode_base45(&good.as_bytes()[4..]).unwrap(), vec![0]].concat();
    assert_eq!(check(&format!("OZ1:{}", encode_base45(&longer))), "cbor");
    assert_eq!(check("OZ1:"), "cbor");
    assert_eq!(check(&signed_with(2, &pass())), "unknown-key");
    assert_eq!(check(&signed(|it| it.regime = 14)), "key-scope");
    assert_eq!(check(&signed(|it| it.scope = 0b1001)), "key-scope");
    assert_eq!(check(&signed(|it| it.not_before = NOW - 2 * HOUR)), "key-scope");
    assert_eq!(check(&signed(|it| it.not_before = NOW + CLOCK_SECONDS)), "accepted");
    assert_eq!(check(&signed(|it| it.not_before = NOW + CLOCK_SECONDS + 1)), "not-yet");
    let until = |expires| signed(|it| (it.not_before, it.expires) = (NOW - HOUR, expires));
    assert_eq!(check(&until(NOW - CLOCK_SECONDS)), "accepted");
    assert_eq!(check(&until(NOW - CLOCK_SECONDS - 1)), "expired");
    assert_eq!(check(&signed(|it| it.expires = NOW + 49 * HOUR)), "too-long");
    assert_eq!(check(&signed(|it| it.mark = Mark::Random([1; 8]))), "status-unknown");
    assert_eq!(check(&signed(|it| it.mark = Mark::Status { index: 1, list: "13".into() })), "status-unknown");
    assert_eq!(
        check(&signed(|it| it.mark = Mark::Status { index: ENTRIES, list: "12".into() })),
        "status-unknown"
    );
    assert_eq!(check(&signed(|it| it.mark = Mark::Status { index: 1, list: URI.into() })), "accepted");
    let in_13 = signed(|it| (it.regime, it.mark) = (13, Mark::Random([1; 8])));
    assert_eq!(check(&in_13), "accepted");
    assert_eq!(check(&signed(|it| it.regime = 13)), "status-unknown");

    assert_eq!(
        Verifier::load(&Bundle { regimes: vec![], ..bundle() }.to_bytes(), None).unwrap_err().to_string(),
        "list 0 of the bundle: the list is of “https://city.example/status/12”, not of “a regime of the bundle”"
    );
}

#[test]
fn a_regime_opens_nothing_before_its_start_after_its_end_or_where_it_is_not_known() {
    let text = signed(|_| {});
    let at = |change: &dyn Fn(&mut Regime)| code(&with(|it| change(&mut it.regimes[0])), &text, 0, NOW);
    assert_eq!(at(&|it| it.start = NOW + 1), "regime-closed");
    assert_eq!(at(&|it| it.end = NOW - 1), "regime-closed");
    assert_eq!(at(&|it| it.end = NOW + 23 * HOUR), "too-long");
    let unknown = with(|it| {
        it.regimes.remove(0);
        it.lists.clear();
    });
    assert_eq!(code(&unknown, &text, 0, NOW), "unknown-regime");
    assert!(unknown.check(&text, 0, NOW).unwrap_err().is_cannot_tell());
}

#[test]
fn a_key_signs_in_its_time_and_what_it_signed_ends_with_it() {
    let text = signed(|_| {});
    let at = |change: &dyn Fn(&mut KeyRecord)| code(&with(|it| change(&mut it.keys[0])), &text, 0, NOW);
    assert_eq!(at(&|it| it.issue_from = NOW + 1), "key-scope");
    assert_eq!(at(&|it| it.issue_until = NOW - 1), "key-scope");
    assert_eq!(at(&|it| it.verify_until = NOW - 1), "key-scope");
    assert_eq!(at(&|it| it.verify_until = NOW + 23 * HOUR), "too-long");
    assert_eq!(at(&|it| it.withdrawn_at = Some(NOW)), "key-withdrawn");
    assert_eq!(at(&|it| it.withdrawn_at = Some(NOW + 1)), "accepted");
}

#[test]
fn a_new_key_is_known_before_it_signs_and_the_old_one_verifies_until_its_last_pass_ends() {
    let mut next = record(&secret(2));
    next.issue_from = NOW + 50 * HOUR;
    let verifier = with(|it| {
        it.keys[0].issue_until = NOW + 50 * HOUR;
        it.keys.push(next);
    });
    let by_old = signed_with(1, &pass());
    let by_new = signed_with(2, &Pass { not_before: NOW + 50 * HOUR, expires: NOW + 60 * HOUR, ..pass() });
    assert_eq!(code(&verifier, &by_old, 0, NOW + 20 * HOUR), "accepted");
    assert_eq!(code(&verifier, &signed_with(2, &pass()), 0, NOW), "key-scope");
    // The list is over by then, and that is what is said: not that the pass is bad.
    assert_eq!(code(&verifier, &by_new, 0, NOW + 51 * HOUR), "status-unknown");
    assert!(verifier.check(&by_new, 0, NOW + 51 * HOUR).unwrap_err().is_cannot_tell());
}

#[test]
fn two_keys_with_one_id_are_both_tried() {
    let mut twin = record(&secret(2));
    twin.id = record(&secret(1)).id;
    twin.office = "Twin".to_owned();
    let verifier = with(|it| it.keys.insert(0, twin.clone()));
    assert_eq!(verifier.check(&signed(|_| {}), 0, NOW).unwrap().key.office, "Xinhua street office");
    assert_eq!(verifier.check(&signed_by(secret(2), twin.id, &pass()), 0, NOW).unwrap().key.office, "Twin");
    let forged = signed_by(secret(3), twin.id, &pass());
    assert_eq!(code(&verifier, &forged, 0, NOW), "signature");
    // A key of another algorithm under the same id.
    let curve = SecretKey::new(Algorithm::Es256, &[5; 32]).unwrap();
    let by_curve = signed_by(curve, twin.id, &pass());
    assert_eq!(code(&verifier, &by_curve, 0, NOW), "algorithm");
}

#[test]
fn a_revoked_pass_is_refused_and_only_that_one() {
    let verifier = with(|it| it.lists = vec![token(&[70_001])]);
    assert_eq!(verifier.check(&signed(|_| {}), 0, NOW), Err(Refusal::Revoked(1)));
    let next = signed(|it| it.mark = Mark::Status { index: 70_002, list: "12".into() });
    assert_eq!(code(&verifier, &next, 0, NOW), "accepted");
    assert_eq!(code(&with(|it| it.lists.clear()), &next, 0, NOW), "status-unknown");
}

#[test]
fn what_a_checkpoint_knows_ends_and_is_replaced_by_newer_alone() {
    let held = verifier(&bundle());
    let text = signed(|it| it.expires = NOW + 48 * HOUR);
    assert_eq!((held.number(), held.expires()), (1, NOW + 72 * HOUR));
    assert_eq!(code(&held, &text, 0, NOW + 72 * HOUR + 1), "bundle-expired");
    let load = |number| Verifier::load(&Bundle { number, ..bundle() }.to_bytes(), Some(&held));
    assert_eq!(load(1).unwrap_err(), LoadError::NotNewer { held: 1, given: 1 });
    assert_eq!(load(2).unwrap().number(), 2);
}

#[test]
fn a_bundle_with_something_wrong_in_it_is_not_taken_up() {
    let load = |bundle: Bundle| {
        Verifier::load(&bundle.to_bytes(), None).map(|it| it.number()).unwrap_err().to_string()
    };
    let twice = Bundle { regimes: vec![regime(), regime()], ..bundle() };
    assert_eq!(load(twice), "regime 12 stands in the bundle twice");
    let twice = Bundle { lists: vec![token(&[]), token(&[1])], ..bundle() };
    assert_eq!(load(twice), "regime 12 has two lists in the bundle");
    let mut stranger = bundle();
    stranger.keys[1].regimes = vec![13];
    assert!(load(stranger).starts_with("list 0 of the bundle: no key with the id "));
    let mut changed = token(&[]);
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(
        load(Bundle { lists: vec![changed], ..bundle() }),
        "list 0 of the bundle: the signature is not by this key, or the message was changed"
    );
    let mut shorter = bundle();
    shorter.regimes[0].status.as_mut().unwrap().entries = ENTRIES - 8;
    assert!(load(shorter).ends_with("the list is not zlib data of exactly 131064 entries"));
    let bytes = bundle().to_bytes();
    assert!(Bundle::parse(&bytes[..bytes.len() - 1]).is_err());
    assert_eq!(Bundle::parse(&[&bytes[..], &[0]].concat()), Err(CborError::Trailing(1)));
    assert!(Bundle::parse(&vec![0; BUNDLE_BYTES_MAX + 1]).is_err());
}

#[test]
fn a_log_vouches_for_a_bundle_by_its_hash() {
    let entry = log_entry(b"abc");
    assert!(entry.starts_with(b"olzii/bundle/v1\n\x58\x20\xba\x78\x16\xbf"));
    assert_eq!(entry.len(), 16 + 34);
}

#[test]
fn every_changed_character_is_refused() {
    let text = signed(|_| {});
    let verifier = verifier(&bundle());
    for place in 0..text.len() {
        for other in ['0', '7', 'Z', ':', ' '] {
            let mut changed = text.clone();
            changed.replace_range(place..place + 1, &other.to_string());
            if changed != text {
                assert_ne!(code(&verifier, &changed, 0, NOW), "accepted", "{other} at {place}");
            }
        }
        assert_ne!(code(&verifier, &text[..place], 0, NOW), "accepted");
    }
}

/// The message of a pass, in which one piece of bytes is put in the place of another.
fn rewritten(from: &[u8], to: &[u8]) -> String {
    let bytes = decode_base45(&signed(|_| {}).as_bytes()[4..]).unwrap();
    let place = bytes.windows(from.len()).position(|it| it == from).unwrap();
    format!("OZ1:{}", encode_base45(&[&bytes[..place], to, &bytes[place + from.len()..]].concat()))
}

#[test]
fn a_second_form_of_the_same_pass_is_refused() {
    let verifier = verifier(&bundle());
    let check = |from: &[u8], to: &[u8]| code(&verifier, &rewritten(from, to), 0, NOW);
    assert_eq!(check(&[0xd2], &[0xd2]), "accepted");
    for (from, to, what) in [
        (&[0xd2, 0x84][..], &[0x84][..], "no tag"),
        (&[0xd2], &[0xd8, 18], "a long tag"),
        (&[0xd2], &[0xd8, 61, 0xd2], "the tag of a CWT"),
        (&[0xd2, 0x84], &[0xd2, 0x98, 4], "a long length"),
        (&[0x58, 0x40], &[0x59, 0, 0x40], "a long length of the signature"),
    ] {
        assert_eq!(check(from, to), "cbor", "{what}");
    }
    // Something unprotected: it is not signed, so everything else would hold.
    let bytes = decode_base45(&signed(|_| {}).as_bytes()[4..]).unwrap();
    let place = 2 + 1 + bytes[2] as usize - 0x40;
    assert_eq!(bytes[place], 0xa0);
    for (unprotected, expected) in
        [(&[0xa1, 0x04, 0x41, 1][..], "header"), (&[0xa1, 0x18, 99, 1], "header"), (&[0xb8, 0], "cbor")]
    {
        let changed = [&bytes[..place], unprotected, &bytes[place + 1..]].concat();
        assert_eq!(code(&verifier, &format!("OZ1:{}", encode_base45(&changed)), 0, NOW), expected);
    }
}
