use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use pass::{
    CoseError, Sign1, decode_base45,
    hcert::{Certificate, HcertError, INFLATED_BYTES_MAX, Kind, Signer, TEXT_BYTES_MAX, Value as Cbor},
};
use serde_json::Value;

const VECTORS: &str = include_str!("../../../../../data/vectors/hcert.json");

/// Faults of the cases themselves, known where they come from: a key on P-384 under a message that says ES256, and a
/// JSON that is not that of its CBOR.
const BAD_UPSTREAM: [(&str, &str); 5] = [
    ("ES/401", "verify"),
    ("ES/402", "verify"),
    ("ES/403", "verify"),
    ("FR/test_pcr_ok", "decode"),
    ("FR/test_pcr_ok", "validjson"),
];

struct Case<'v> {
    value: &'v Value,
    certificates: &'v Value,
}

impl Case<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.value[name].as_str()
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.text(name).map(|it| BASE64_STANDARD.decode(it).unwrap())
    }

    fn signer(&self) -> Option<Signer> {
        let der = self.certificates[self.text("certificate").unwrap()].as_str().unwrap();
        Signer::from_der(&BASE64_STANDARD.decode(der).unwrap()).ok()
    }

    fn now(&self) -> i64 {
        let clock = self.text("clock").unwrap();
        // A few name no zone.
        let with_zone = clock.parse().or_else(|_| format!("{clock}Z").parse::<jiff::Timestamp>());
        with_zone.unwrap_or_else(|error| panic!("{clock}: {error}")).as_second()
    }

    /// The message as it stands, or out of the text where there is none.
    fn message(&self) -> Result<Certificate, HcertError> {
        match self.bytes("cose") {
            Some(message) => Certificate::from_message(message),
            None => Certificate::parse(self.text("text").unwrap()),
        }
    }

    fn base45(&self) -> &str {
        self.text("base45").unwrap_or_else(|| &self.text("text").unwrap()[4..])
    }

    /// Whether what the name of the check asks succeeds.
    fn succeeds(&self, check: &str) -> bool {
        let text = self.text("text").unwrap();
        match check {
            "unprefix" => text.strip_prefix("HC1:").is_some_and(|it| it == self.base45()),
            "b45decode" => decode_base45(self.base45().as_bytes())
                .is_ok_and(|it| self.bytes("compressed").is_none_or(|compressed| compressed == it)),
            "compression" => {
                let compressed =
                    self.bytes("compressed").or_else(|| decode_base45(self.base45().as_bytes()).ok());
                let text = compressed.map(|it| format!("HC1:{}", pass::encode_base45(&it)));
                let read = text.and_then(|it| Certificate::parse(&it).ok());
                read.is_some_and(|it| self.bytes("cose").is_none_or(|message| message == it.message))
            }
            "decode" => self.json(),
            "verify" => self
                .message()
                .is_ok_and(|it| self.signer().is_some_and(|signer| it.signer(&[signer]).is_ok())),
            "expirationcheck" => self.message().is_ok_and(|it| {
                it.issued_at.is_some_and(|at| at <= self.now())
                    && it.expires.is_some_and(|at| at >= self.now())
            }),
            "keyusage" => {
                self.message().is_ok_and(|it| self.signer().is_some_and(|signer| signer.may_sign(it.kind())))
            }
            "validjson" => {
                let content =
                    Certificate::parse(text).ok().map(|it| serde_json::to_value(&it.content).unwrap());
                content.is_some_and(|it| same(&it, &self.value["json"]))
            }
            other => panic!("{other}"),
        }
    }

    fn json(&self) -> bool {
        let claims = match self.bytes("cbor") {
            Some(claims) => claims,
            None => {
                self.bytes("cose").map(|it| Sign1::parse(&it).unwrap().payload.to_vec()).unwrap_or_default()
            }
        };
        // Some give the claims, some the certificate in them.
        let Ok(value) = Cbor::parse(&claims) else { return false };
        let content = value.at(-260).and_then(|it| it.at(1)).unwrap_or(&value);
        same(&serde_json::to_value(content).unwrap(), &self.value["json"])
    }
}

/// Numbers as they compare: 1.0 is 1.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, it)| other.get(name).is_some_and(|other| same(it, other)))
        }
        (one, other) => one == other,
    }
}

#[test]
fn all_478_certificates_of_the_eu_are_judged_as_they_say() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 478);
    let mut count: BTreeMap<(&str, bool), u32> = BTreeMap::new();
    let mut wrong = Vec::new();
    for value in cases {
        let case = Case { value, certificates: &vectors["certificates"] };
        let name = case.text("name").unwrap();
        for (check, expected) in value["expected"].as_object().unwrap() {
            let check = check.as_str();
            let expected = expected.as_bool().unwrap() && !BAD_UPSTREAM.contains(&(name, check));
            *count.entry((check, expected)).or_default() += 1;
            if case.succeeds(check) != expected {
                wrong.push(format!("{name}: {check} should be {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    let expected = [
        (("b45decode", false), 1),
        (("b45decode", true), 434),
        (("compression", false), 2),
        (("compression", true), 405),
        (("decode", false), 2),
        (("decode", true), 443),
        (("expirationcheck", false), 2),
        (("expirationcheck", true), 404),
        (("keyusage", false), 78),
        (("keyusage", true), 278),
        (("unprefix", false), 3),
        (("unprefix", true), 442),
        (("validjson", false), 1),
        (("validjson", true), 427),
        (("verify", false), 7),
        (("verify", true), 445),
    ];
    assert_eq!(count, BTreeMap::from(expected));
}

fn case(name: &str) -> (Certificate, Signer, i64) {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let value = vectors["cases"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap();
    let case = Case { value, certificates: &vectors["certificates"] };
    (Certificate::parse(case.text("text").unwrap()).unwrap(), case.signer().unwrap(), case.now())
}

#[test]
fn a_certificate_is_good_in_its_time_under_its_signer_for_what_it_may_sign() {
    let (certificate, signer, now) = case("DE/1");
    let signers = [signer];
    assert_eq!(certificate.kind(), Some(Kind::Vaccination));
    assert!(certificate.verify(&signers, now).is_ok());
    assert_eq!(certificate.issuer.as_deref(), Some("DE"));
    let (issued_at, expires) = (certificate.issued_at.unwrap(), certificate.expires.unwrap());
    assert!(matches!(certificate.verify(&signers, issued_at - 1), Err(HcertError::NotYet { .. })));
    assert!(matches!(certificate.verify(&signers, expires + 1), Err(HcertError::Expired { .. })));
    assert!(matches!(certificate.verify(&[], now), Err(HcertError::UnknownKey(_))));
    let tests_only = Signer { usages: vec![Kind::Test], ..signers[0].clone() };
    assert_eq!(certificate.verify(&[tests_only], now), Err(HcertError::Usage(Some(Kind::Vaccination))));
    let mut forged = certificate.clone();
    *forged.message.last_mut().unwrap() ^= 1;
    assert_eq!(forged.verify(&signers, now), Err(HcertError::Cose(CoseError::Signature)));
}

#[test]
fn a_text_that_would_grow_without_end_is_cut_off() {
    let zeros = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 100 * INFLATED_BYTES_MAX], 9);
    let text = format!("HC1:{}", pass::encode_base45(&zeros[..]));
    assert!(text.len() > TEXT_BYTES_MAX);
    assert_eq!(Certificate::parse(&text), Err(HcertError::TooLarge(text.len())));
    let zeros = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 5 * INFLATED_BYTES_MAX], 9);
    let text = format!("HC1:{}", pass::encode_base45(&zeros[..]));
    assert!(text.len() < TEXT_BYTES_MAX);
    assert_eq!(Certificate::parse(&text), Err(HcertError::Compressed));
}

#[test]
fn what_is_nested_without_end_is_cut_off() {
    assert!(Cbor::parse(&[&[0x81; 15][..], &[0]].concat()).is_ok());
    for opening in [0x81, 0x9f, 0xbf, 0xc1, 0xd2] {
        assert!(Cbor::parse(&vec![opening; 100_000]).is_err());
    }
    // A length of 2^64 - 1 that is only claimed.
    for claimed in [0x9b, 0xbb, 0x5b, 0x7b] {
        assert!(Cbor::parse(&[&[claimed][..], &[0xff; 8]].concat()).is_err());
    }
    assert!(Cbor::parse(&[0xa2, 1, 2, 1, 3]).unwrap_err().to_string().contains("twice"));
}
