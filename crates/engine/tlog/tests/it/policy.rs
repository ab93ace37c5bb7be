use std::num::NonZeroU64;

use tlog::*;

use crate::tools::{key, log};

const NOW: NonZeroU64 = NonZeroU64::new(1_800_000_000).unwrap();

fn cosigner(number: u8) -> CosignerKey {
    CosignerKey::new(&format!("witness.example/{number}"), &[100 + number; 32]).unwrap()
}

fn line(name: &str, number: u8) -> String {
    format!("witness {name} {}\n", cosigner(number).verifier())
}

/// A checkpoint with the cosignatures of these.
fn cosigned(witnesses: &[u8]) -> Vec<u8> {
    let mut note = log(3).head().note;
    for number in witnesses {
        let cosignature = cosigner(*number).cosign(&note, NOW);
        note.add(cosignature);
    }
    note.to_string().into_bytes()
}

fn counties_and_outside() -> Policy {
    let mut text = format!("# who must stand for it\nlog {} https://city.example/log/\n", key().verifier());
    for number in 1..=5 {
        text += &line(&format!("county-{number}"), number);
    }
    text += "group counties 3 county-1 county-2\tcounty-3 county-4 county-5\n";
    text += &(line("university", 6) + &line("newspaper", 7));
    text += "group outside any university newspaper\n\n  group both all counties outside\nquorum both\n";
    text.parse().unwrap()
}

#[test]
fn a_quorum_needs_enough_of_each_group() {
    let policy = counties_and_outside();
    let accepted = policy.judge(&cosigned(&[1, 3, 5, 7])).unwrap();
    let names: Vec<_> = accepted.cosignatures.iter().map(|it| (it.witness.as_str(), it.time)).collect();
    assert_eq!(
        names,
        [("county-1", NOW.get()), ("county-3", NOW.get()), ("county-5", NOW.get()), ("newspaper", NOW.get())]
    );
    for lacking in [&[1, 3, 5][..], &[1, 3, 6, 7], &[], &[6, 7]] {
        assert!(matches!(policy.judge(&cosigned(lacking)), Err(JudgeError::NoQuorum { .. })), "{lacking:?}");
    }
    let error = policy.judge(&cosigned(&[1, 9])).unwrap_err().to_string();
    assert!(error.ends_with("it has those of: county-1"), "{error}");
    assert_eq!(policy.witnesses().count(), 7);
}

#[test]
fn a_forged_cosignature_condemns_the_checkpoint_though_others_are_enough() {
    let text = String::from_utf8(cosigned(&[1, 2, 3, 4, 6])).unwrap();
    let line = text.lines().find(|it| it.contains("witness.example/4")).unwrap();
    let mut bad = line.to_owned();
    bad.replace_range(
        bad.len() - 9..bad.len() - 8,
        if line.as_bytes()[line.len() - 9] == b'A' { "B" } else { "A" },
    );
    let error = counties_and_outside().judge(text.replace(line, &bad).as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("the note's signature by witness.example/4"), "{error}");
}

#[test]
fn a_log_may_have_several_keys_and_a_policy_no_witness() {
    let next = LogKey::new(key().origin(), &[5; 32]).unwrap();
    let policy: Policy =
        format!("log {}\nlog {}\nquorum none\n", key().verifier(), next.verifier()).parse().unwrap();
    assert_eq!((policy.logs().len(), policy.logs()[0].keys.len()), (1, 2));
    assert!(policy.judge(next.sign(&log(3).head().checkpoint).to_string().as_bytes()).is_ok());
    let stranger = LogKey::new("other.example/log", &[5; 32]).unwrap();
    let note = stranger.sign(&Checkpoint::new("other.example/log", 0, Hash::EMPTY_TREE));
    let error = policy.judge(note.to_string().as_bytes()).unwrap_err().to_string();
    assert_eq!(error, "the log “other.example/log” is not one that the policy trusts");
}

/// The log's own key as that of a witness.
fn same_key() -> String {
    format!("witness own {}\n", CosignerKey::new("witness.example/own", &[1; 32]).unwrap().verifier())
}

#[test]
fn a_policy_that_is_not_one_says_which_line() {
    let a = line("a", 1);
    let b = line("b", 2);
    let log_line = format!("log {}\n", key().verifier());
    let cases = [
        (format!("{a}quorum b\n"), 2, "not defined"),
        (format!("{a}quorum a\nquorum a\n"), 3, "one quorum"),
        (format!("{a}{b}group g 3 a b\n"), 3, "1 to as many"),
        (format!("{a}{b}group g 0 a b\n"), 3, "1 to as many"),
        (format!("{a}{b}group g 01 a b\n"), 3, "1 to as many"),
        (format!("{a}group g all\n"), 2, "expected"),
        (format!("{a}group g all a a\n"), 2, "one group"),
        (format!("{a}{b}group g all a\ngroup h all a b\n"), 4, "one group"),
        (format!("{a}group g all g\n"), 2, "not defined"),
        (format!("{a}{a}"), 2, "twice"),
        (a.clone() + &line("a", 2), 2, "defined twice"),
        (line("none", 1), 1, "none"),
        (format!("{log_line}{log_line}"), 2, "twice"),
        (format!("witness a {}\n", key().verifier()), 1, "cosignatures"),
        (format!("{log_line}{}", same_key()), 2, "a key of its own"),
        (format!("{}{log_line}", same_key()), 2, "a key of its own"),
        ("log x+y+z\n".to_owned(), 1, "not readable"),
        ("quorum none\r\n".to_owned(), 1, "control"),
        ("trust everybody\n".to_owned(), 1, "expected"),
    ];
    for (text, line, reason) in cases {
        let error = text.parse::<Policy>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("line {line} ")) && error.contains(reason), "{text:?}: {error}");
    }
    assert_eq!("".parse::<Policy>(), Err(PolicyError::NoQuorum));
    assert_eq!("#".repeat(POLICY_BYTES_MAX + 1).parse::<Policy>(), Err(PolicyError::TooLarge));
}

#[test]
fn a_policy_holds_32_of_each_and_more() {
    let mut text = String::new();
    for number in 0..40 {
        text += &format!("log {}\n", LogKey::new(&format!("log{number}"), &[number; 32]).unwrap().verifier());
        text += &line(&format!("w{number}"), number + 100);
        text += &format!("group g{number} all w{number}\n");
    }
    assert!(format!("{text}quorum g39\n").parse::<Policy>().is_ok());
}

#[test]
fn a_witness_is_asked_where_its_line_says() {
    let (here, elsewhere) = (line("here", 1), line("elsewhere", 2));
    let at = elsewhere.replace('\n', " http://witness.example/asked\n");
    let policy: Policy = format!("log {}\n{here}{at}quorum none\n", key().verifier()).parse().unwrap();
    assert_eq!(policy.address("elsewhere"), Some("http://witness.example/asked"));
    assert_eq!([policy.address("here"), policy.address("nowhere")], [None, None]);
}
