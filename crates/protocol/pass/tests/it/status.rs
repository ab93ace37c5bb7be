use pass::*;
use serde_json::Value;

use crate::tools::{NOW, URI, list_secret, record, secret, token};

const VECTORS: &str = include_str!("../../../../../data/vectors/token-status-list.json");

fn vectors() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

pub fn unhex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len()).step_by(2).map(|it| u8::from_str_radix(&text[it..it + 2], 16).unwrap()).collect()
}

/// An uncompressed point out of the coordinates of a JWK.
pub fn point(key: &Value) -> Vec<u8> {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let coordinate = |name: &str| match &key[format!("{name}_hex")] {
        Value::Null => BASE64_URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap(),
        hex => unhex(hex),
    };
    [vec![4], coordinate("x"), coordinate("y")].concat()
}

#[test]
fn all_6_lists_of_the_draft_are_read_entry_by_entry() {
    let vectors = vectors();
    let lists = vectors["lists"].as_array().unwrap();
    assert_eq!(lists.len(), 6);
    for case in lists {
        let bytes = unhex(&case["cbor_hex"]);
        let entries = case["entries"].as_u64().unwrap();
        let (bits, compressed) = read_compressed_list(&bytes).unwrap();
        assert_eq!(u64::from(bits), case["bits"].as_u64().unwrap());
        let list = StatusList::decompress(bits, entries, compressed).unwrap();
        let non_zero = case["non_zero"].as_object().unwrap();
        for index in 0..entries {
            let expected = non_zero.get(&index.to_string()).map_or(0, |it| it.as_u64().unwrap());
            assert_eq!(u64::from(list.get(index).unwrap()), expected, "{} at {index}", case["name"]);
        }
        // Set one by one it is the same list, and one that is compressed here is read as well.
        let mut made = StatusList::new(bits, entries).unwrap();
        for (index, status) in non_zero {
            made.set(index.parse().unwrap(), status.as_u64().unwrap() as u8).unwrap();
        }
        assert_eq!(made, list);
        assert_eq!(StatusList::decompress(bits, entries, &made.compressed()).unwrap(), list);
        for wrong in [entries - 8, entries + 8] {
            assert_eq!(
                StatusList::decompress(bits, wrong, compressed),
                Err(StatusError::Compressed { entries: wrong })
            );
        }
    }
}

#[test]
fn the_drafts_signed_tokens_are_verified_below_our_profile() {
    let vectors = vectors();
    let key = PublicKey::new(Algorithm::Es256, &point(&vectors["public_key"])).unwrap();
    let token = |name: &str| {
        let tokens = vectors["tokens"].as_array().unwrap();
        tokens.iter().find(|it| it["name"] == name).unwrap().clone()
    };
    let case = token("status_list_cwt");
    let bytes = unhex(&case["cose_sign1_hex"]);
    let message = Sign1::parse(&bytes).unwrap();
    message.verify(&key, &[]).unwrap();
    assert_eq!(message.protected.content_type, case["typ"].as_str());
    let said = StatusToken::from_claims(message.payload).unwrap();
    assert_eq!(Some(said.subject), case["sub"].as_str());
    assert_eq!(
        (Some(said.issued_at), said.expires, said.seconds_to_live),
        (case["iat"].as_u64(), case["exp"].as_u64(), case["ttl"].as_u64())
    );
    assert_eq!(said.list(said.subject, 16).unwrap().get(0), Ok(1));
    // It carries its key's id unprotected: not a token of ours.
    assert_eq!(StatusToken::open(&bytes, &[record(&secret(1))], 12), Err(StatusError::Profile));

    let bytes = unhex(&token("referenced_token_cwt")["cose_sign1_hex"]);
    let message = Sign1::parse(&bytes).unwrap();
    message.verify(&key, &[]).unwrap();
    assert!(Pass::from_claims(message.payload).is_err(), "it has claims that a pass has not");
    // `status_list_jwt` is left out: lists come as CWT alone.
    assert_eq!(vectors["tokens"].as_array().unwrap().len(), 3);
}

#[test]
fn a_token_of_ours_is_opened_by_the_keys_of_its_regime_alone() {
    let bytes = token(&[5]);
    let mut record = record(&list_secret());
    let opened = StatusToken::open(&bytes, std::slice::from_ref(&record), 12).unwrap();
    assert_eq!((opened.subject, opened.issued_at), (URI, NOW));
    let list = opened.list(URI, crate::tools::ENTRIES).unwrap();
    assert_eq!((list.get(5), list.get(6)), (Ok(1), Ok(0)));
    assert!(matches!(opened.list("other", crate::tools::ENTRIES), Err(StatusError::Subject { .. })));
    assert!(matches!(
        StatusToken::open(&bytes, std::slice::from_ref(&record), 99),
        Err(StatusError::NoKey(_))
    ));
    let mut changed = bytes.clone();
    let place = changed.len() - 70;
    changed[place] ^= 1;
    assert_eq!(
        StatusToken::open(&changed, std::slice::from_ref(&record), 12),
        Err(StatusError::Cose(CoseError::Signature))
    );
    let withdrawn = KeyRecord { withdrawn_at: Some(NOW + 9), ..record.clone() };
    assert!(matches!(StatusToken::open(&bytes, &[withdrawn], 12), Err(StatusError::NoKey(_))));
    record.key = secret(2).public();
    assert_eq!(StatusToken::open(&bytes, &[record], 12), Err(StatusError::Cose(CoseError::Signature)));
}

#[test]
fn a_list_has_whole_bytes_and_statuses_that_fit() {
    assert!(matches!(StatusList::new(3, 8), Err(StatusError::Bits(3))));
    assert!(matches!(StatusList::new(1, 7), Err(StatusError::Entries(7))));
    assert!(matches!(StatusList::new(1, ENTRIES_MAX + 8), Err(StatusError::Entries(_))));
    assert!(matches!(StatusList::new(8, u64::MAX), Err(StatusError::Entries(_))));
    let mut list = StatusList::new(2, 8).unwrap();
    assert_eq!(list.set(7, 4), Err(StatusError::Status { status: 4, bits: 2 }));
    assert_eq!(list.set(8, 1), Err(StatusError::NoSuchEntry { index: 8, entries: 8 }));
    assert_eq!(list.get(u64::MAX), Err(StatusError::NoSuchEntry { index: u64::MAX, entries: 8 }));
}

#[test]
fn one_revoked_in_a_hundred_makes_a_list_of_less_than_two_kilobytes() {
    let mut list = StatusList::new(1, 131_072).unwrap();
    let mut index = 1_u64;
    for _ in 0..1_311 {
        index = (index * 48_271) % 2_147_483_647;
        list.set(index % 131_072, 1).unwrap();
    }
    let bytes = list.compressed().len();
    assert!((1_500..2_048).contains(&bytes), "{bytes}");
}

#[test]
fn data_that_would_grow_is_cut_off_at_the_announced_size() {
    // 4 MiB of zeros in 4 kB.
    let large = StatusList::new(8, ENTRIES_MAX).unwrap().compressed();
    assert!(large.len() < 8_000);
    assert_eq!(StatusList::decompress(1, 131_072, &large), Err(StatusError::Compressed { entries: 131_072 }));
    assert_eq!(
        StatusList::decompress(1, 131_072, b"no zlib"),
        Err(StatusError::Compressed { entries: 131_072 })
    );
    let mut broken = StatusList::new(1, 64).unwrap().compressed();
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(
        StatusList::decompress(1, 64, &broken),
        Err(StatusError::Compressed { entries: 64 }),
        "its checksum"
    );
    let mut followed = StatusList::new(1, 64).unwrap().compressed();
    followed.push(0);
    assert_eq!(
        StatusList::decompress(1, 64, &followed),
        Err(StatusError::Compressed { entries: 64 }),
        "nothing follows it"
    );
}
