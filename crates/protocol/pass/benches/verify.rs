//! What checking and issuing a pass cost beside the bare signature, and how large it is, in one run: `cargo bench -p pass`.
//! Short rounds take turns; the figure of each is that of its fastest round, which nothing else disturbed.
//! With `OLZII_PEER_PASSES=FILE` passes that other verifiers can read are measured too, and left in that file.

use std::{
    array, env, fs,
    hint::black_box,
    time::{Duration, Instant},
};

use ed25519_dalek::{Signer as _, SigningKey};
use fast_qr::{ECL, QRBuilder};
use pass::*;
use serde_json::json;

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
const URI: &str = "https://city.example/status/12";
const SEED: [u8; 32] = [7; 32];
/// Passes of one round, and rounds.
const PASSES: u64 = 20;
const ROUNDS: usize = 1_000;

/// Entries of a status list, and how many of them are revoked where its size is told: one of a hundred.
const ENTRIES: u64 = 131_072;
const REVOKED: u64 = ENTRIES / 100;

fn main() {
    println!("| algorithm | bare signature µs | whole check µs | ratio | checks a second |");
    println!("|---|---:|---:|---:|---:|");
    for algorithm in [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Sm2] {
        let desk = Desk::new(algorithm);
        print_checks(algorithm.name(), &desk, &desk.texts);
    }
    let desk = Desk::new(Algorithm::Ed25519);
    if let Some(path) = env::var_os("OLZII_PEER_PASSES") {
        let texts: Vec<String> = desk.texts.iter().map(|text| as_peers_read_it(text)).collect();
        print_checks("Ed25519, as the peers are asked", &desk, &texts);
        let passes = json!({"key": desk.public.to_bytes(), "prefix": PREFIX, "passes": texts});
        fs::write(path, passes.to_string()).expect("a file");
    }
    print_issuing(&desk);
    print_sizes(&desk);
}

/// Who issues and who checks.
struct Desk {
    public: PublicKey,
    issuer: Issuer,
    regime: Regime,
    verifier: Verifier,
    texts: Vec<String>,
}

impl Desk {
    fn new(algorithm: Algorithm) -> Self {
        let secret = SecretKey::new(algorithm, &SEED).expect("a seed that is a key");
        let (public, id) = (secret.public(), KeyId::new(&secret.public().id()).expect("4 bytes"));
        let (bundle, record) = bundle(&secret, id);
        let verifier = Verifier::load(&bundle.to_bytes(), None).expect("a bundle");
        let issuer = Issuer::new(secret, record).expect("its own record");
        let [regime] = bundle.regimes.try_into().expect("one regime");
        let mut desk = Self { public, issuer, regime, verifier, texts: Vec::new() };
        desk.texts = (0..PASSES).map(|number| desk.issue(number)).collect();
        desk
    }

    fn issue(&self, number: u64) -> String {
        self.issuer.issue(&pass(number * 601 % ENTRIES), &self.regime).expect("a pass that is allowed")
    }
}

fn print_checks(name: &str, desk: &Desk, texts: &[String]) {
    let messages: Vec<Vec<u8>> = texts.iter().map(|text| message(text)).collect();
    let signed: Vec<(Vec<u8>, &[u8])> = messages
        .iter()
        .map(|it| Sign1::parse(it).expect("a message"))
        .map(|it| (it.signed_bytes(&[]), it.signature))
        .collect();
    let [bare, whole] = fastest([
        &|| signed.iter().all(|(bytes, signature)| desk.public.verifies(black_box(bytes), signature)),
        &|| texts.iter().all(|it| desk.verifier.check(black_box(it), 0, NOW).is_ok()),
    ]);
    println!("| {name} | {bare:.2} | {whole:.2} | {:.3} | {:.0} |", whole / bare, 1e6 / whole);
}

fn print_issuing(desk: &Desk) {
    let key = SigningKey::from_bytes(&SEED);
    let messages: Vec<Vec<u8>> = desk.texts.iter().map(|text| message(text)).collect();
    let signed: Vec<Vec<u8>> =
        messages.iter().map(|it| Sign1::parse(it).expect("a message").signed_bytes(&[])).collect();
    let [bare, whole] =
        fastest([&|| signed.iter().all(|bytes| key.sign(black_box(bytes)).to_bytes() != [0; 64]), &|| {
            (0..PASSES).all(|number| !desk.issue(black_box(number)).is_empty())
        }]);
    println!("\n| algorithm | bare signing µs | issuing µs | ratio | issued a second |");
    println!("|---|---:|---:|---:|---:|");
    println!("| Ed25519 | {bare:.2} | {whole:.2} | {:.3} | {:.0} |", whole / bare, 1e6 / whole);
}

fn print_sizes(desk: &Desk) {
    let longest = desk.texts.iter().max_by_key(|text| text.len()).expect("passes");
    let modules = QRBuilder::new(longest.as_str()).ecl(ECL::M).build().expect("a code").size;
    println!("\n| what | size |");
    println!("|---|---:|");
    println!(
        "| a pass with a status index, a first character and four digits | {} bytes |",
        message(longest).len()
    );
    println!("| its text | {} characters |", longest.len());
    println!("| its QR code, error correction M | {modules} × {modules} modules |");
    let mut list = StatusList::new(1, ENTRIES).expect("a list");
    // Indices are drawn, so that nothing regular is left to compress; SplitMix64 from a fixed seed.
    let (mut state, mut revoked) = (0_u64, 0);
    while revoked < REVOKED {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let index = (mixed ^ (mixed >> 31)) % ENTRIES;
        revoked += u64::from(list.get(index) == Ok(0));
        list.set(index, 1).expect("an entry of the list");
    }
    println!(
        "| a status list of {ENTRIES} entries, {REVOKED} of them revoked | {} bytes |",
        list.compressed().len()
    );
}

fn message(text: &str) -> Vec<u8> {
    decode_base45(&text.as_bytes()[PREFIX.len()..]).expect("base45")
}

/// The same pass with the older number of Ed25519 (-8 in place of -19), which other libraries know, signed anew.
fn as_peers_read_it(text: &str) -> String {
    let mut bytes = message(text);
    let at = bytes.windows(2).position(|it| it == [0x01, 0x32]).expect("the number of the algorithm") + 1;
    bytes[at] = 0x27;
    let signed = Sign1::parse(&bytes).expect("a message").signed_bytes(&[]);
    let signature = SigningKey::from_bytes(&SEED).sign(&signed).to_bytes();
    let start = bytes.len() - signature.len();
    bytes[start..].copy_from_slice(&signature);
    format!("{PREFIX}{}", encode_base45(&bytes))
}

/// The fastest round of each, in µs a pass.
fn fastest<const N: usize>(rounds: [&dyn Fn() -> bool; N]) -> [f64; N] {
    let mut best = [Duration::MAX; N];
    for _ in 0..ROUNDS {
        best = array::from_fn(|at| best[at].min(timed(rounds[at])));
    }
    best.map(|it| it.as_secs_f64() * 1e6 / PASSES as f64)
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
        status: Some(StatusPlace { uri: URI.to_owned(), entries: ENTRIES }),
    };
    let list = StatusList::new(1, ENTRIES).expect("a list");
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
