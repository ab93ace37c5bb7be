//! What the whole offline check of a pass costs beside its bare signature, in one run: `cargo bench -p pass`.
//! Short rounds of both take turns; the figure of each is that of its fastest round, which nothing else disturbed.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use pass::*;

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
const URI: &str = "https://city.example/status/12";
/// Passes of one round, and rounds.
const PASSES: usize = 20;
const ROUNDS: usize = 1_000;

fn main() {
    println!("| algorithm | bare signature µs | whole check µs | ratio | checks a second |");
    println!("|---|---:|---:|---:|---:|");
    for algorithm in [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Sm2] {
        measure(algorithm);
    }
}

fn measure(algorithm: Algorithm) {
    let secret = SecretKey::new(algorithm, &[7; 32]).expect("a seed that is a key");
    let (public, id) = (secret.public(), KeyId::new(&secret.public().id()).expect("4 bytes"));
    let (bundle, record) = bundle(&secret, id);
    let issuer = Issuer::new(secret, record).expect("its own record");
    let issue = |index| issuer.issue(&pass(index), &bundle.regimes[0]).expect("a pass that is allowed");
    let texts: Vec<String> = (0..PASSES as u64).map(|it| issue(it * 601 % 131_072)).collect();
    let messages: Vec<Vec<u8>> =
        texts.iter().map(|it| decode_base45(&it.as_bytes()[4..]).expect("base45")).collect();
    let signed: Vec<(Vec<u8>, &[u8])> = messages
        .iter()
        .map(|it| Sign1::parse(it).expect("a message"))
        .map(|it| (it.signed_bytes(&[]), it.signature))
        .collect();
    let verifier = Verifier::load(&bundle.to_bytes(), None).expect("a bundle");

    let (mut bare, mut whole) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        bare = bare.min(timed(|| {
            signed.iter().all(|(bytes, signature)| public.verifies(black_box(bytes), signature))
        }));
        whole = whole.min(timed(|| texts.iter().all(|it| verifier.check(black_box(it), 0, NOW).is_ok())));
    }
    let micros = |it: Duration| it.as_secs_f64() * 1e6 / PASSES as f64;
    println!(
        "| {} | {:.2} | {:.2} | {:.3} | {:.0} |",
        algorithm.name(),
        micros(bare),
        micros(whole),
        whole.as_secs_f64() / bare.as_secs_f64(),
        1e6 / micros(whole)
    );
}

/// How long a round takes; every check of it must succeed.
fn timed(round: impl FnOnce() -> bool) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    let start = Instant::now();
    assert!(black_box(round()), "a check failed");
    start.elapsed()
}

fn pass(index: u64) -> Pass {
    Pass {
        not_before: NOW,
        expires: NOW + DAY,
        mark: Mark::Status { index, list: "12".into() },
        regime: 12,
        scope: 0b1,
        bearer: Bearer::NameAndDigits(Hint::new('\u{738b}').expect("a character"), 4321),
    }
}

fn bundle(secret: &SecretKey, id: KeyId) -> (Bundle, KeyRecord) {
    let record = KeyRecord {
        id,
        key: secret.public(),
        office: "Street office".to_owned(),
        regimes: vec![12],
        scope: 0b1,
        issue_from: NOW,
        issue_until: NOW + DAY,
        verify_until: NOW + 2 * DAY,
        withdrawn_at: None,
    };
    let text = || "A text".to_owned();
    let regime = Regime {
        number: 12,
        title: text(),
        legal_basis: text(),
        order_number: text(),
        office: text(),
        start: NOW,
        end: NOW + 2 * DAY,
        scopes: vec![text()],
        pass_seconds_max: DAY,
        status: Some(StatusPlace { uri: URI.to_owned(), entries: 131_072 }),
    };
    let list = StatusList::new(1, 131_072).expect("a list");
    let lists = vec![sign_list(secret, id, URI, &list, NOW, NOW + DAY)];
    let bundle = Bundle {
        number: 1,
        issued_at: NOW,
        expires: NOW + 3 * DAY,
        keys: vec![record.clone()],
        regimes: vec![regime],
        lists,
    };
    (bundle, record)
}
