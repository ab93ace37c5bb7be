use pass::*;

use crate::tools::*;

#[test]
fn passes_have_the_sizes_that_were_planned_for_qr_codes() {
    let hint = Hint::new('\u{738b}').unwrap();
    let bearer = Pass { regime: 13, mark: Mark::Random([0x55; 8]), bearer: Bearer::Anybody, ..pass() };
    let short =
        Pass { mark: Mark::Status { index: 70_001, list: "12".into() }, bearer: Bearer::Anybody, ..pass() };
    let named = Pass { bearer: Bearer::NameAndDigits(hint, 4321), ..short.clone() };
    let size = |pass: &Pass| {
        let text = signed_with(1, pass);
        (decode_base45(&text.as_bytes()[4..]).unwrap().len(), text.len())
    };
    assert_eq!(size(&bearer), (112, 172));
    // 221 characters fit a QR code of version 8 with error correction M.
    assert!(
        size(&short).1 < size(&named).1 && size(&named).1 <= 221,
        "{:?} {:?}",
        size(&short),
        size(&named)
    );
}

#[test]
fn a_pass_is_not_issued_beyond_its_regime_or_its_key() {
    let issue = |change: &dyn Fn(&mut Pass)| {
        let mut pass = pass();
        change(&mut pass);
        issuer(1).issue(&pass, &regime()).map(drop)
    };
    assert_eq!(issue(&|_| {}), Ok(()));
    assert_eq!(issue(&|it| it.regime = 13), Err(IssueError::OtherRegime { pass: 13, regime: 12 }));
    for change in [
        &(|it: &mut Pass| it.not_before = NOW - HOUR - 1) as &dyn Fn(&mut Pass),
        &|it| it.expires = NOW + 241 * HOUR,
        &|it| it.expires = NOW - 1,
    ] {
        assert!(matches!(issue(change), Err(IssueError::OutsideRegime { .. })));
    }
    assert!(matches!(issue(&|it| it.expires = NOW + 48 * HOUR + 1), Err(IssueError::TooLong { .. })));
    for scope in [0, 0b1000, 0b1_0000, u16::MAX] {
        assert_eq!(issue(&|it| it.scope = scope), Err(IssueError::Scope { scope }));
    }
    let late = |it: &mut Pass| (it.not_before, it.expires) = (NOW + 101 * HOUR, NOW + 102 * HOUR);
    assert_eq!(issue(&late), Err(IssueError::Key));
    assert_eq!(issue(&|it| it.mark = Mark::Random([0; 8])), Err(IssueError::Status { entries: ENTRIES }));
    for mark in [(ENTRIES, "12"), (1, "13"), (1, "")] {
        let refused = issue(&|it| it.mark = Mark::Status { index: mark.0, list: mark.1.into() });
        assert_eq!(refused, Err(IssueError::Status { entries: ENTRIES }), "{mark:?}");
    }
    let marked = Pass { regime: 13, ..pass() };
    assert_eq!(issuer(1).issue(&marked, &regime_without_list()), Err(IssueError::NoStatusList));
}

#[test]
fn a_withdrawn_key_a_strangers_key_and_another_regimes_key_sign_nothing() {
    let issue = |change: &dyn Fn(&mut KeyRecord)| {
        let mut record = record(&secret(1));
        change(&mut record);
        Issuer::new(secret(1), record)?.issue(&pass(), &regime()).map(drop)
    };
    assert_eq!(issue(&|it| it.withdrawn_at = Some(NOW + HOUR)), Err(IssueError::Key));
    assert_eq!(issue(&|it| it.regimes = vec![13]), Err(IssueError::Key));
    assert_eq!(issue(&|it| it.verify_until = NOW + HOUR), Err(IssueError::Key));
    assert_eq!(issue(&|it| it.key = secret(2).public()), Err(IssueError::OtherKey));
}

#[test]
fn every_algorithm_that_is_built_issues_and_verifies() {
    for (algorithm, number) in [(Algorithm::Ed25519, 3), (Algorithm::Es256, 4), (Algorithm::Sm2, 5)] {
        let secret = SecretKey::new(algorithm, &[number; 32]).unwrap();
        let record = record(&secret);
        let verifier = verifier(&Bundle {
            keys: vec![record.clone(), crate::tools::record(&list_secret())],
            ..bundle()
        });
        let text = Issuer::new(secret, record).unwrap().issue(&pass(), &regime()).unwrap();
        assert_eq!(verifier.check(&text, 0, NOW).unwrap().key.key.algorithm(), algorithm);
        let mut bytes = decode_base45(&text.as_bytes()[4..]).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        assert_eq!(code(&verifier, &format!("OZ1:{}", encode_base45(&bytes)), 0, NOW), "signature");
    }
    assert_eq!(SecretKey::new(Algorithm::Ps256, &[1; 32]).unwrap_err(), KeyError::NotBuilt(Algorithm::Ps256));
    assert_eq!(SecretKey::new(Algorithm::Es256, &[0xff; 32]).unwrap_err(), KeyError::Bytes(Algorithm::Es256));
}

#[test]
fn a_hint_is_one_visible_character() {
    assert_eq!(Hint::new('\u{738b}').unwrap().as_str(), "\u{738b}*");
    assert_eq!(Hint::new('A').unwrap().as_str(), "A*");
    for wrong in [' ', '\n', '\u{3000}', '\u{1f600}'] {
        assert_eq!(Hint::new(wrong), Err(HintError));
    }
}

#[test]
fn claims_that_are_not_ours_are_refused_by_what_is_wrong() {
    let good = pass().to_claims();
    assert_eq!(Pass::from_claims(&good), Ok(pass()));
    let refused = |bytes: &[u8]| Pass::from_claims(bytes).unwrap_err().to_string();
    let replaced = |from: &[u8], to: &[u8]| {
        let place = good.windows(from.len()).position(|it| it == from).unwrap();
        [&good[..place], to, &good[place + from.len()..]].concat()
    };
    let claims = "the CBOR is not as it should be: a pass has the claims 4, 5, -65537 and one of 7 and 65535, each of them once";
    assert_eq!(refused(&replaced(&[0x05, 0x1a], &[0x08, 0x1a])), claims, "an unknown claim");
    assert_eq!(refused(&replaced(&[0x05, 0x1a], &[0x04, 0x1a])), claims, "one twice");
    assert_eq!(refused(&[0xa0]), claims);
    assert_eq!(refused(&[0xbf, 0xff]), claims, "of no stated length");
    let later = "the CBOR is not deterministic: written anew it has other bytes";
    let (expires, not_before) = (&good[1..7], &good[7..13]);
    let swapped = [&good[..1], not_before, expires, &good[13..]].concat();
    assert_eq!(refused(&swapped), later);
    assert_eq!(refused(&replaced(&[0x05, 0x1a], &[0x18, 0x05, 0x1a])), later);
    assert!(refused(&replaced(&[0x84, 0x0c], &[0x85, 0x0c])).contains("-65537"));
    assert!(refused(&replaced("\u{738b}*".as_bytes(), b"ABC*")).contains("hint"));
    assert!(
        refused(&replaced(&[0x19, 0x10, 0xe1], &[0x19, 0x27, 0x10])).contains("-65537"),
        "10,000 is no four digits"
    );
    assert!(refused(&[&good[..], &[0]].concat()).contains("1 bytes too many"));
    assert!(refused(&vec![0; CLAIMS_BYTES_MAX + 1]).contains("short"));
}

/// The example of GB/T 32918.5-2017, appendix A.2.
#[test]
fn the_standards_sm2_signature_verifies() {
    let bytes = |text: &str| crate::status::unhex(&serde_json::Value::from(text.replace(' ', "")));
    let point = bytes(
        "04 09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020 \
         CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13",
    );
    let signature = bytes(
        "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3 \
         B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA",
    );
    let key = PublicKey::new(Algorithm::Sm2, &point).unwrap();
    assert!(key.verifies(b"message digest", &signature));
    assert!(!key.verifies(b"message digesT", &signature));
}
