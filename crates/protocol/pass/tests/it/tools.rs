//! What several stories need.

use pass::*;

pub const NOW: u64 = 1_800_000_000;
pub const HOUR: u64 = 3600;
pub const URI: &str = "https://city.example/status/12";
pub const ENTRIES: u64 = ENTRIES_MIN_TO_HIDE;

pub fn secret(number: u8) -> SecretKey {
    SecretKey::new(Algorithm::Ed25519, &[number; 32]).unwrap()
}

pub fn record(secret: &SecretKey) -> KeyRecord {
    KeyRecord {
        id: KeyId::new(&secret.public().id()).unwrap(),
        key: secret.public(),
        office: "Xinhua street office".to_owned(),
        regimes: vec![12, 13],
        scope: 0b0111,
        issue_from: NOW - HOUR,
        issue_until: NOW + 100 * HOUR,
        verify_until: NOW + 240 * HOUR,
        withdrawn_at: None,
    }
}

pub fn issuer(number: u8) -> Issuer {
    let record = record(&secret(number));
    Issuer::new(secret(number), record).unwrap()
}

/// The text of any pass, signed with this key under an order that allows everything: not that of the bundle.
pub fn signed_by(secret: SecretKey, id: KeyId, pass: &Pass) -> String {
    let anything = KeyRecord {
        id,
        regimes: vec![pass.regime],
        scope: u16::MAX,
        issue_from: 0,
        issue_until: u64::MAX,
        verify_until: u64::MAX,
        ..record(&secret)
    };
    let status = match &pass.mark {
        Mark::Random(_) => None,
        Mark::Status { list, .. } => Some(StatusPlace { uri: list.to_string(), entries: u64::MAX }),
    };
    let scopes = vec![String::new(); SCOPES_MAX];
    let (start, end, pass_seconds_max) = (0, u64::MAX, u64::MAX);
    let regime = Regime { number: pass.regime, start, end, scopes, pass_seconds_max, status, ..regime() };
    Issuer::new(secret, anything).unwrap().issue(pass, &regime).unwrap()
}

/// The same with the key of a number.
pub fn signed_with(number: u8, pass: &Pass) -> String {
    let secret = secret(number);
    let id = record(&secret).id;
    signed_by(secret, id, pass)
}

/// Number 12, with a status list.
pub fn regime() -> Regime {
    Regime {
        number: 12,
        title: "Flood, old town".to_owned(),
        legal_basis: "Emergency Response Law, article 49".to_owned(),
        order_number: "2027-3".to_owned(),
        office: "Emergency bureau".to_owned(),
        start: NOW - HOUR,
        end: NOW + 240 * HOUR,
        scopes: ["compound", "shop", "bus", "clinic"].map(str::to_owned).to_vec(),
        pass_seconds_max: 48 * HOUR,
        status: Some(StatusPlace { uri: URI.to_owned(), entries: ENTRIES }),
    }
}

/// Number 13, without one.
pub fn regime_without_list() -> Regime {
    Regime { number: 13, title: "Without a list".to_owned(), status: None, ..regime() }
}

pub fn pass() -> Pass {
    Pass {
        not_before: NOW,
        expires: NOW + 24 * HOUR,
        mark: Mark::Status { index: 70_001, list: "12".into() },
        regime: 12,
        scope: 0b0101,
        bearer: Bearer::NameAndDigits(Hint::new('\u{738b}').unwrap(), 4321),
    }
}

/// What signs the status lists.
pub fn list_secret() -> SecretKey {
    secret(6)
}

/// A list in which these are revoked.
pub fn token(revoked: &[u64]) -> Vec<u8> {
    let mut list = StatusList::new(1, ENTRIES).unwrap();
    revoked.iter().for_each(|index| list.set(*index, 1).unwrap());
    sign_list(&list_secret(), record(&list_secret()).id, URI, &list, NOW, NOW + 24 * HOUR)
}

pub fn bundle() -> Bundle {
    Bundle {
        number: 1,
        issued_at: NOW,
        expires: NOW + 72 * HOUR,
        keys: vec![record(&secret(1)), record(&list_secret())],
        regimes: vec![regime(), regime_without_list()],
        lists: vec![token(&[])],
    }
}

pub fn verifier(bundle: &Bundle) -> Verifier {
    Verifier::load(&bundle.to_bytes(), None).unwrap()
}

/// The code of the refusal, or `accepted`.
pub fn code<'c>(verifier: &Verifier, text: &str, gate: impl Into<Gate<'c>>, now: u64) -> &'static str {
    verifier.check(text, gate, now).map_or_else(|refusal| refusal.code(), |_| "accepted")
}
