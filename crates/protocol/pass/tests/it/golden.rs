//! The vectors that every other verifier of `OZ1:` must judge as this one does.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use pass::*;
use serde_json::{Value, json};

use crate::tools::*;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../data/vectors/pass.json");

/// What a checkpoint knows: two offices with keys of two algorithms, three regimes, a list with two revoked.
fn known() -> Bundle {
    let curve = record(&curve());
    let withdrawn =
        KeyRecord { withdrawn_at: Some(NOW + HOUR), office: "Withdrawn".to_owned(), ..record(&secret(3)) };
    let over = Regime { number: 14, end: NOW + 2 * HOUR, status: None, ..regime() };
    let mut bundle = bundle();
    bundle.keys.extend([curve, withdrawn]);
    // 15 is a regime of which no bundle here tells.
    bundle.keys.iter_mut().for_each(|it| it.regimes.extend([14, 15]));
    bundle.regimes.push(over);
    bundle.lists = vec![token(&[70_002, 131_071])];
    bundle
}

fn curve() -> SecretKey {
    SecretKey::new(Algorithm::Es256, &[4; 32]).unwrap()
}

struct Case {
    name: &'static str,
    text: String,
    /// The regime of the gate; none of one that only asks whether a pass is good.
    regime: Option<u16>,
    class: u8,
    now: u64,
    code: &'static str,
}

impl Case {
    fn gate(&self) -> Gate<'_> {
        Gate { regime: self.regime, class: self.class.into() }
    }
}

fn bytes_of(text: &str) -> Vec<u8> {
    decode_base45(&text.as_bytes()[PREFIX.len()..]).unwrap()
}

fn text_of(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", encode_base45(bytes))
}

/// The message of a good pass, changed.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = bytes_of(&signed_with(1, &pass()));
    change(&mut bytes);
    text_of(&bytes)
}

/// A good pass under a protected header of so many labels, with these before and behind its own two.
fn labelled(count: u8, before: &[u8], behind: &[u8]) -> String {
    changed(|it| {
        let header = [&[0xa0 + count][..], before, &it[4..12], behind].concat();
        let length = u8::try_from(header.len()).unwrap();
        let head = if length < 24 { vec![0x40 + length] } else { vec![0x58, length] };
        it.splice(2..12, head.into_iter().chain(header));
    })
}

/// Label 99 with a number in so many arrays.
fn nested(arrays: usize) -> Vec<u8> {
    [vec![0x18, 99], vec![0x81; arrays], vec![0]].concat()
}

fn cases() -> Vec<Case> {
    let case = |name, code, text: String| Case { name, text, regime: Some(12), class: 0, now: NOW, code };
    let signed = |change: &dyn Fn(&mut Pass)| {
        let mut pass = pass();
        change(&mut pass);
        signed_with(1, &pass)
    };
    let marked = |index| Mark::Status { index, list: "12".into() };
    let in_regime = |number| move |it: &mut Pass| (it.regime, it.mark) = (number, Mark::Random([5; 8]));
    let good = || signed(&|_| {});
    let by_curve = signed_by(curve(), record(&curve()).id, &pass());
    let at = |name, code, now, text| Case { now, ..case(name, code, text) };
    vec![
        case("good, Ed25519", "accepted", good()),
        case("good, ES256", "accepted", by_curve),
        case(
            "good, the list by its whole URI",
            "accepted",
            signed(&|it| it.mark = Mark::Status { index: 9, list: URI.into() }),
        ),
        Case {
            regime: Some(13),
            ..case("good, a regime without a list", "accepted", signed(&in_regime(13)))
        },
        Case {
            regime: None,
            ..case("good, where no order is asked for", "accepted", signed(&in_regime(13)))
        },
        case("good, for anybody", "accepted", signed(&|it| it.bearer = Bearer::Anybody)),
        case(
            "good, a hint alone",
            "accepted",
            signed(&|it| it.bearer = Bearer::Name(Hint::new('A').unwrap())),
        ),
        Case { class: 2, ..case("good, the other class of its scope", "accepted", good()) },
        Case {
            regime: Some(13),
            ..at(
                "good, at its last moment",
                "accepted",
                NOW + 24 * HOUR + CLOCK_SECONDS,
                signed(&in_regime(13)),
            )
        },
        at("good, at its first moment", "accepted", NOW - CLOCK_SECONDS, good()),
        case("no prefix", "prefix", good()[4..].to_owned()),
        case("another prefix", "prefix", good().replace("OZ1:", "HC1:")),
        case("too long a text", "prefix", format!("{}{}", good(), "0".repeat(TEXT_BYTES_MAX))),
        case("nothing after the prefix", "cbor", PREFIX.to_owned()),
        case(
            "a small letter",
            "base45",
            good().replacen(|it: char| it.is_ascii_uppercase() && it != 'O' && it != 'Z', "a", 1),
        ),
        case("a group beyond two bytes", "base45", "OZ1:GGW".to_owned()),
        case("a last character alone", "base45", "OZ1:BB8A".to_owned()),
        case("a byte too many", "cbor", changed(|it| it.push(0))),
        case("a byte too few", "cbor", changed(|it| it.truncate(it.len() - 1))),
        case("without tag 18", "cbor", changed(|it| drop(it.drain(..1)))),
        case("tag 18 in two bytes", "cbor", changed(|it| drop(it.splice(..1, [0xd8, 18])))),
        case("within tag 61", "cbor", changed(|it| drop(it.splice(..0, [0xd8, 61])))),
        case("a length in more bytes than it needs", "cbor", changed(|it| drop(it.splice(1..2, [0x98, 4])))),
        case("something unprotected", "header", changed(|it| drop(it.splice(12..13, [0xa1, 4, 0x41, 1])))),
        case("an algorithm that is not known", "header", changed(|it| it[5] = 0x30)),
        case("a label that is not known", "header", labelled(3, &[], &[0x18, 99, 1])),
        case("a label that is a text", "header", labelled(3, &[], &[0x61, b'a', 1])),
        case("a label with a value as deep as is read", "header", labelled(3, &[], &nested(5))),
        case("a label with a value that is deeper", "cbor", labelled(3, &[], &nested(6))),
        case("a label with half a float", "cbor", labelled(3, &[], &[0x18, 99, 0xf9, 0, 0])),
        case("a label with a truth", "cbor", labelled(3, &[], &[0x18, 99, 0xf5])),
        case("a label twice", "cbor", labelled(4, &[], &[0x18, 99, 1, 0x18, 99, 1])),
        case("a label that is not known, out of order", "cbor", labelled(3, &[0x18, 99, 1], &[])),
        case("a label in more bytes than it needs", "cbor", labelled(3, &[], &[0x18, 5, 1])),
        case("a label beyond 63 bits", "cbor", labelled(3, &[], &[&[0x1b][..], &[0xff; 8], &[1]].concat())),
        case("nothing protected", "header", changed(|it| drop(it.splice(2..12, [0x40])))),
        case("no label protected", "header", changed(|it| drop(it.splice(2..12, [0x41, 0xa0])))),
        case("another key's signature", "unknown-key", signed_with(2, &pass())),
        case("the id of another key", "signature", signed_by(secret(2), record(&secret(1)).id, &pass())),
        case(
            "another algorithm under the id",
            "algorithm",
            signed_by(curve(), record(&secret(1)).id, &pass()),
        ),
        case("a changed signature", "signature", changed(|it| *it.last_mut().unwrap() ^= 1)),
        case("a changed claim", "signature", changed(|it| it[20] ^= 1)),
        at("a key before it is withdrawn", "accepted", NOW, signed_with(3, &pass())),
        at("a key that is withdrawn", "key-withdrawn", NOW + HOUR, signed_with(3, &pass())),
        case("a regime that the key is not for", "key-scope", signed(&in_regime(99))),
        case("a scope that the key does not have", "key-scope", signed(&|it| it.scope = 0b1001)),
        case("issued before the key was good", "key-scope", signed(&|it| it.not_before = NOW - 2 * HOUR)),
        at("not yet", "not-yet", NOW - CLOCK_SECONDS - 1, good()),
        at("over", "expired", NOW + 24 * HOUR + CLOCK_SECONDS + 1, good()),
        case("a regime that is not known here", "unknown-regime", signed(&in_regime(15))),
        at("a regime that is over", "regime-closed", NOW + 3 * HOUR, signed(&in_regime(14))),
        case("longer than its regime", "too-long", signed(&in_regime(14))),
        case("longer than a pass may be", "too-long", signed(&|it| it.expires = NOW + 49 * HOUR)),
        case("good at the gate of another order", "other-regime", signed(&in_regime(13))),
        Case {
            regime: Some(99),
            ..case("at the gate of an order that is not known here", "other-regime", good())
        },
        Case { class: 1, ..case("another class of checkpoint", "scope", good()) },
        Case { class: 16, ..case("a class beyond all scopes", "scope", good()) },
        case("revoked", "revoked", signed(&|it| it.mark = marked(70_002))),
        case("revoked, the last of the list", "revoked", signed(&|it| it.mark = marked(131_071))),
        case("beyond the list", "status-unknown", signed(&|it| it.mark = marked(131_072))),
        case(
            "another regime's list",
            "status-unknown",
            signed(&|it| it.mark = Mark::Status { index: 1, list: "13".into() }),
        ),
        case(
            "without the status that its regime has",
            "status-unknown",
            signed(&|it| it.mark = Mark::Random([5; 8])),
        ),
        at(
            "after the list is over",
            "status-unknown",
            NOW + 24 * HOUR + 1,
            signed(&|it| it.expires = NOW + 30 * HOUR),
        ),
        at("after all that is known is over", "bundle-expired", NOW + 72 * HOUR + 1, good()),
    ]
}

/// How the bytes of a good pass may be changed: from where, how many go, what comes in their place.
fn changes(bytes: &[u8]) -> Vec<(usize, usize, Vec<u8>)> {
    let mut changes = Vec::new();
    // All but the end of the signature, of which one byte is like the other.
    for place in 0..bytes.len() - 48 {
        changes.extend([0x01, 0x04, 0x20, 0x80, 0xff].map(|mask| (place, 1, vec![bytes[place] ^ mask])));
        changes.extend([(place, 1, vec![]), (place, 0, vec![0]), (place, 0, vec![0x18])]);
        changes.push((place, bytes.len() - place, vec![]));
    }
    changes
}

/// A good pass and what becomes of it, by code.
fn changed_passes(verifier: &Verifier) -> Value {
    let text = signed_with(1, &pass());
    let whole = bytes_of(&text);
    let mut codes: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (start, removed, put) in changes(&whole) {
        let mut bytes = whole.clone();
        bytes.splice(start..start + removed, put.iter().copied());
        codes.entry(code(verifier, &text_of(&bytes), 0, NOW)).or_default().push(json!([start, removed, put]));
    }
    assert!(!codes.contains_key("accepted"), "{codes:?}");
    json!({"codes": codes, "now": NOW, "text": text})
}

/// Bundles with the number of the one that is held, and what comes of taking them up.
fn bundles() -> Vec<Value> {
    let small = || Bundle { lists: vec![], regimes: vec![regime_without_list()], ..bundle() };
    let with_list = |token: Vec<u8>| Bundle { lists: vec![token], regimes: vec![regime()], ..bundle() };
    let list = StatusList::new(1, 64).unwrap();
    let signed =
        |secret: &SecretKey, uri: &str| sign_list(secret, record(secret).id, uri, &list, NOW, NOW + HOUR);
    let named = |name: &str, bytes: Vec<u8>, held: Option<u64>, code: &str| {
        let before = held.map(|number| verifier(&Bundle { number, ..small() }));
        let taken = Verifier::load(&bytes, before.as_ref()).map_or_else(|error| error.code(), |_| "accepted");
        assert_eq!(taken, code, "{name}");
        json!({"bundle": BASE64_STANDARD.encode(&bytes), "code": code, "held": held, "name": name})
    };
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = small().to_bytes();
        change(&mut bytes);
        bytes
    };
    let twice = Bundle { lists: vec![token(&[]), token(&[])], regimes: vec![regime()], ..bundle() };
    vec![
        named("good", small().to_bytes(), None, "accepted"),
        named("good, after another", Bundle { number: 8, ..small() }.to_bytes(), Some(7), "accepted"),
        named("the same number", small().to_bytes(), Some(1), "bundle-not-newer"),
        named("an earlier number", small().to_bytes(), Some(2), "bundle-not-newer"),
        named("nothing", vec![], None, "bundle-cbor"),
        named("a byte too many", changed(&|it| it.push(0)), None, "bundle-cbor"),
        named("a byte too few", changed(&|it| it.truncate(it.len() - 1)), None, "bundle-cbor"),
        named(
            "a number in more bytes than it needs",
            changed(&|it| drop(it.splice(1..2, [0x18, 1]))),
            None,
            "bundle-cbor",
        ),
        named(
            "a key of small order",
            changed(&|it| {
                let key = secret(1).public().to_bytes();
                let start = it.windows(32).position(|window| window == key).unwrap();
                it[start..start + 32].fill(0);
            }),
            None,
            "bundle-cbor",
        ),
        named(
            "a regime that ends before it starts",
            Bundle { regimes: vec![Regime { end: NOW - 2 * HOUR, ..regime_without_list() }], ..small() }
                .to_bytes(),
            None,
            "bundle-cbor",
        ),
        named(
            "a regime twice",
            Bundle { regimes: vec![regime_without_list(), regime_without_list()], ..small() }.to_bytes(),
            None,
            "bundle-regime-twice",
        ),
        named("a list twice", twice.to_bytes(), None, "bundle-list-twice"),
        named(
            "a list of another size",
            with_list(signed(&list_secret(), URI)).to_bytes(),
            None,
            "bundle-list",
        ),
        named("a list of no regime", with_list(signed(&list_secret(), "x")).to_bytes(), None, "bundle-list"),
        named(
            "a list by a key that is not known",
            with_list(signed(&secret(9), URI)).to_bytes(),
            None,
            "bundle-list",
        ),
        named("a list that is none", with_list(vec![0xf6]).to_bytes(), None, "bundle-list"),
    ]
}

#[test]
fn every_verifier_judges_these_passes_as_it_was_agreed() {
    let bundle = known().to_bytes();
    let verifier = Verifier::load(&bundle, None).unwrap();
    let mut lines = Vec::new();
    for it in cases() {
        assert_eq!(code(&verifier, &it.text, it.gate(), it.now), it.code, "{}", it.name);
        // In the order of the alphabet: serde_json sorts, or keeps the order, by what else is in the build.
        let cannot_tell = verifier.check(&it.text, it.gate(), it.now).is_err_and(|it| it.is_cannot_tell());
        lines.push(
            json!({"cannot_tell": cannot_tell, "class": it.class, "code": it.code, "name": it.name, "now": it.now, "regime": it.regime, "text": it.text})
                .to_string(),
        );
    }
    let codes: BTreeSet<_> = cases().iter().map(|it| it.code).collect();
    let all: BTreeSet<_> = Refusal::CODES.into_iter().chain(["accepted"]).collect();
    assert_eq!(codes, all, "a case for each code");
    let of_bundles: Vec<_> = bundles().iter().map(Value::to_string).collect();
    let file = format!(
        "{{\n\"bundle\": {},\n\"log_entry\": {},\n\"cases\": [\n{}\n],\n\"bundles\": [\n{}\n],\n\"changed\": {}\n}}\n",
        Value::from(BASE64_STANDARD.encode(&bundle)),
        Value::from(BASE64_STANDARD.encode(log_entry(&bundle))),
        lines.join(",\n"),
        of_bundles.join(",\n"),
        changed_passes(&verifier)
    );
    if env::var_os("OLZII_UPDATE_GOLDEN").is_some() {
        fs::write(FILE, &file).unwrap();
    }
    let agreed = fs::read_to_string(FILE).unwrap();
    assert!(
        agreed == file,
        "data/vectors/pass.json is not what is made here: read `git diff` after `cargo xtask golden`"
    );
}
